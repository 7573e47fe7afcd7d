"""Charts of accounts: ours, and those that are none."""

import pytest

from services.bookkeeping.breakdown import Supply
from services.bookkeeping.chart import NoChart, parse
from tests.support.bookkeeper import SKR03, SKR04


@pytest.mark.parametrize(
    ("category", "rate", "revenue", "tax"),
    [
        ("S", "19", "8400", "1776"),
        ("S", "7", "8300", "1771"),
        ("S", "16", "8200", "1770"),
        ("AE", "0", "8336", "1770"),
        ("K", "0", "8125", "1770"),
        ("", "", "8200", "1770"),
    ],
)
def test_a_supply_goes_to_its_accounts(category, rate, revenue, tax):
    accounts = SKR03.accounts(Supply(category, rate))

    assert (accounts.revenue, accounts.tax) == (revenue, tax)


@pytest.mark.parametrize("chart", [SKR03, SKR04])
def test_every_account_of_ours_has_a_name(chart):
    rows = (chart.otherwise, *chart.supply)
    used = {chart.receivables, chart.money, chart.damages, chart.interest}
    used |= {a for row in rows for a in (row.revenue, row.tax, row.loss, row.recovered)}
    used |= {row.discount or row.revenue for row in rows}

    assert used == set(chart.names)


LEAST = (
    'name = "x"\nreceivables = "1410"\nmoney = "1360"\ndamages = "2705"\n[otherwise]\n'
    'revenue = "8200"\ntax = "1770"\nloss = "2400"\nrecovered = "2732"\n'
)


def test_the_least_is_enough():
    assert parse(LEAST).accounts(Supply("S", "19")).revenue == "8200"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("not toml", "Expected '=' after a key"),
        (LEAST.replace('money = "1360"\n', ""), "money: Field required"),
        (LEAST.replace('"2705"', '"27050"'), "accounts must be of one length"),
        (LEAST.replace('"2705"', '"tax"'), "damages: String should match pattern"),
        (LEAST.replace("[otherwise]", 'more = "1"\n[otherwise]'), "more: Extra inputs"),
        (LEAST + "[datev]\nclient = 100000\n", r"datev\.client: Input should be less"),
    ],
)
def test_what_is_no_chart_says_what_is_wrong(text, why):
    with pytest.raises(NoChart, match=why):
        parse(text)
