"""What is said of a contract is held against the rules; each fault is found in a true story."""

from datetime import date

import pytest

from schemas.contracts import ContractChanged, ContractEnded
from schemas.orders import IssueCreditNote
from services.invoicing import audit
from tests.support.events import eur
from tests.support.office import Office
from tests.support.tariffs import flat, plan

C1 = {"contract_id": "C1"}


def on(month, day):
    return date(2026, month, day)


@pytest.fixture(scope="module")
def said():
    """Three invoices and two credit notes."""
    office = Office(plan()).register().until(on(2, 10)).hear(ContractEnded(**C1, ends_on=on(2, 20)))
    office.hear(ContractEnded(**C1, ends_on=on(2, 15))).until(on(2, 12))
    office.hear(ContractEnded(**C1, ends_on=on(2, 20)))
    assert office.story() == [
        "01-01 R-1 35.70 base[01-01,02-01)=30.00",
        "02-01 R-2 35.70 base[02-01,03-01)=30.00",
        "02-10 G-1 11.47 base[02-20,03-01)=9.64",
        "02-10 G-2 6.38 base[02-15,02-20)=5.36",
        "02-12 R-3 6.38 base[02-15,02-20)=5.36",
    ]
    return tuple(message for _, message in office.said)


def faults(messages):
    return list(audit.faults(messages))


def changed(message, **more):
    return message.model_copy(update=more)


def with_line(message, **more):
    return changed(message, lines=(message.lines[0].model_copy(update=more),))


def test_a_true_story_has_no_fault(said):
    assert faults(said) == []


def test_u34_a_period_that_is_billed_twice(said):
    again = changed(said[1], invoice_id="again", number="R-9")

    assert faults([*said[:2], again]) == ["U-34: R-9: base 2026-02-01/2026-03-01 is billed twice"]


def test_u34_a_day_that_is_billed_twice_by_another_document(said):
    period = said[1].lines[0].period.model_copy(update={"from_": on(1, 31)})

    assert faults([said[0], with_line(said[1], period=period)]) == [
        "U-34: R-2: base 2026-01-31/2026-03-01 is billed twice"
    ]


def test_u23_what_is_credited_and_was_not_billed(said):
    assert faults([said[0], said[2]]) == [
        "U-23: G-1: base 2026-02-20/2026-03-01 is credited and was not billed",
        "U-23: G-1 leaves -964 of 0 of a line of " + said[2].invoice_id,
    ]


def test_u23_more_is_credited_than_was_billed(said):
    more = eur("40.00")
    note = with_line(said[2], net=more)

    assert "U-23: G-1 leaves -1000 of 3000 of a line of " + said[1].invoice_id in faults(
        [*said[:2], note]
    )


def test_u23_a_tax_that_is_left_when_nothing_else_is(said):
    whole = said[2].model_copy(
        update={"vat": (said[1].vat[0].model_copy(update={"tax": eur("5.69")}),)}
    )

    assert "U-23: G-1 leaves a tax of 1 on nothing of " + said[1].invoice_id in faults(
        [*said[:2], whole]
    )


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ({"net": eur("30.01")}, "BR-CO-10"),
        ({"tax": eur("5.71")}, "BR-CO-14"),
        ({"gross": eur("35.71")}, "BR-CO-15"),
    ],
)
def test_r104_a_document_that_does_not_add_up(said, more, fault):
    found = faults([changed(said[0], **more)])

    assert any(each.startswith(f"R-1: {fault}") for each in found)


def test_r100_a_number_that_is_there_twice(said):
    again = changed(said[1], number="R-1")

    assert faults([said[0], again]) == ["R-100: InvoiceIssued R-1 is there twice"]


def test_days_may_go_without_a_word_where_an_amount_of_no_days_was_credited():
    office = Office(plan(), plan(flat("base", "50.00"), plan_id="big")).register()
    item = {"name": "Sorry", "net": eur("30.00")}
    name = office.invoices()[0].invoice_id
    office.hear(IssueCreditNote(**C1, invoice_id=name, items=(item,)))

    office.until(on(1, 16)).hear(ContractChanged(**C1, plan_id="big"))

    # Nothing is left to be credited of the days from the 16th on.
    assert [each.split(" ", 1)[1] for each in office.story()[1:]] == [
        "G-1 35.70 None=30.00",
        "R-2 30.71 base[01-16,02-01)=25.81",
    ]
    assert faults(message for _, message in office.said) == []


def test_what_is_worth_no_unit_may_be_billed_again():
    cheap, dear = plan(flat("base", "0.10")), plan(flat("base", "50.00"), plan_id="big")
    office = (
        Office(cheap, dear).register().until(on(1, 31)).hear(ContractChanged(**C1, plan_id="big"))
    )

    assert [each.split(" ", 1)[1] for each in office.story()] == [
        "R-1 0.12 base[01-01,02-01)=0.10",
        "R-2 1.92 base[01-31,02-01)=1.61",
    ]
    assert faults(message for _, message in office.said) == []
