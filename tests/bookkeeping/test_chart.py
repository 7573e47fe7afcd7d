"""Charts of accounts: ours, and those that are none."""

import pytest

from services.bookkeeping.breakdown import Supply
from services.bookkeeping.chart import NoChart, parse
from services.bookkeeping.trade import Trade, place_of
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


HOME, EU, THIRD = Trade(place="home"), Trade(place="eu"), Trade(place="third")


@pytest.mark.parametrize(
    ("supply", "trade", "skr03", "skr04"),
    [
        # A small business and a supply that the law exempts are both category E.
        (("E", "0"), Trade(place="home", small_business=True), "8195", "4185"),
        (("E", "0"), HOME, "8100", "4100"),
        (("O", "0"), EU, "8339", "4339"),
        (("O", "0"), THIRD, "8338", "4338"),
        (("O", "0"), Trade(), "8338", "4338"),
        (("Z", "0"), HOME, "8290", "4290"),
        # German rates stay German wherever the buyer is; any other one in the EU is that country's.
        (("S", "19"), EU, "8400", "4400"),
        (("S", "21"), EU, "8331", "4331"),
        (("S", "16"), HOME, "8200", "4200"),
        (("S", "21"), THIRD, "8200", "4200"),
    ],
)
def test_r109_revenue_depends_on_who_sells_and_where_the_buyer_is(supply, trade, skr03, skr04):
    revenues = [chart.accounts(Supply(*supply), trade).revenue for chart in (SKR03, SKR04)]

    assert revenues == [skr03, skr04]


def test_r109_what_is_lost_of_supplies_within_the_eu_has_an_account_of_its_own():
    losses = [chart.accounts(Supply("K", "0"), EU).loss for chart in (SKR03, SKR04)]

    assert losses == ["2402", "6932"]


@pytest.mark.parametrize(
    ("buyer", "place"),
    [("DE", "home"), ("AT", "eu"), ("GR", "eu"), ("CH", "third"), ("GB", "third")],
)
def test_the_place_of_a_buyer_is_seen_from_the_seller(buyer, place):
    assert place_of(buyer, seller="DE") == place


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
