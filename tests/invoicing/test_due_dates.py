"""When an invoice is due, both sides of each edge."""

from datetime import date

import pytest

from services.invoicing.rules.due_dates import collection_day, due
from tests.support.events import ACME

BAVARIA = ACME.model_copy(update={"subdivision": "BY"})
BERLIN = ACME.model_copy(update={"subdivision": "BE"})


def day(text):
    return date.fromisoformat(text)


def dates(issued_on, entity=ACME, *, method="on_account", own=None):
    found = due(day(issued_on), payment_method=method, own_term_days=own, entity=entity)
    return found.on.isoformat(), found.printed_on.isoformat()


@pytest.mark.parametrize(
    ("issued_on", "due_on", "printed"),
    [
        ("2025-05-02", "2025-05-16", "2025-05-16"),  # Friday
        ("2025-05-03", "2025-05-19", "2025-05-17"),  # Saturday to Monday
        ("2025-05-04", "2025-05-19", "2025-05-18"),
        ("2025-05-05", "2025-05-19", "2025-05-19"),
        ("2025-04-03", "2025-04-17", "2025-04-17"),  # Maundy Thursday
        ("2025-04-04", "2025-04-22", "2025-04-18"),  # Good Friday to the Tuesday after Easter
        ("2025-12-11", "2025-12-29", "2025-12-25"),  # Christmas and a weekend
        ("2025-12-18", "2026-01-02", "2026-01-01"),
        ("2024-02-15", "2024-02-29", "2024-02-29"),
    ],
)
def test_r91_the_last_day_moves_to_the_next_working_day_and_the_nominal_one_is_printed(
    issued_on, due_on, printed
):
    assert dates(issued_on) == (due_on, printed)


@pytest.mark.parametrize(
    ("entity", "due_on"), [(BAVARIA, "2025-06-20"), (BERLIN, "2025-06-19"), (ACME, "2025-06-19")]
)
def test_r91_holidays_are_those_of_the_legal_entitys_state(entity, due_on):
    # 19 June 2025 is Corpus Christi, a holiday in Bavaria.
    assert dates("2025-06-05", entity) == (due_on, "2025-06-19")


@pytest.mark.parametrize(
    ("own", "due_on"),
    [
        (None, "2025-05-16"),
        (30, "2025-06-02"),  # Sunday 1 June
        (31, "2025-06-02"),
        (10, "2025-05-12"),
        (0, "2025-05-02"),
    ],
)
def test_r98_a_term_of_its_own_overrides_the_general_one(own, due_on):
    assert dates("2025-05-02", own=own)[0] == due_on


@pytest.mark.parametrize("own", [None, 30])
def test_r98_other_ways_of_payment_have_no_individual_term(own):
    assert dates("2025-05-02", method="direct_debit", own=own) == ("2025-05-16", "2025-05-16")
    assert dates("2025-05-02", method="card", own=own) == ("2025-05-02", "2025-05-02")


def test_r91_what_a_card_pays_at_once_is_not_overdue_on_a_weekend():
    assert dates("2025-05-03", method="card") == ("2025-05-05", "2025-05-03")


@pytest.mark.parametrize(
    ("issued_on", "notice", "collected_on"),
    [
        ("2025-05-02", None, "2025-05-16"),  # 14 days unless agreed shorter
        ("2025-05-03", None, "2025-05-19"),
        ("2025-05-02", 5, "2025-05-07"),
        ("2025-05-02", 1, "2025-05-05"),
        ("2025-05-02", 0, "2025-05-02"),
        ("2025-04-17", 1, "2025-04-22"),  # Good Friday, weekend, Easter Monday
        ("2025-04-30", 1, "2025-05-02"),  # 1 May
        ("2025-12-25", 1, "2025-12-29"),  # 26 December is no TARGET day
        ("2025-10-02", 1, "2025-10-06"),  # 3 October: TARGET settles, Germany rests
    ],
)
def test_r99_a_debit_is_due_when_it_is_collected_after_its_whole_announcement(
    issued_on, notice, collected_on
):
    entity = ACME.model_copy(update={"pre_notification_days": notice})

    assert collection_day(day(issued_on), entity) == day(collected_on)
    assert dates(issued_on, entity, method="direct_debit") == (collected_on, collected_on)
