"""Invoices that are void, and credit notes that are cancelled: what was billed is kept right."""

from datetime import date

import pytest

from schemas.contracts import ContractEnded
from schemas.message import NotYet, Refused
from schemas.orders import CancelCreditNote, GrantDiscount, IssueCreditNote, VoidInvoice
from services.invoicing import audit
from tests.support.events import eur
from tests.support.office import Office
from tests.support.tariffs import flat, plan

C1 = {"contract_id": "C1"}


def on(month, day):
    return date(2026, month, day)


def void(office, number=0):
    return office.hear(VoidInvoice(**C1, invoice_id=office.invoices()[number].invoice_id))


def cancel(office, number=0):
    return office.hear(
        CancelCreditNote(**C1, credit_note_id=office.credits()[number].credit_note_id)
    )


def gift(office, net="5.00"):
    items = ({"name": "Sorry", "net": eur(net), "component_id": "base"},)
    return office.hear(
        IssueCreditNote(**C1, invoice_id=office.invoices()[0].invoice_id, items=items)
    )


def faults(office):
    return list(audit.faults([message for _, message in office.said]))


def test_r84b_a_void_invoice_is_given_back_and_its_time_is_not_billed_again():
    office = void(Office(plan()).register().until(on(1, 10))).until(on(2, 1))

    assert office.story() == [
        "01-01 R-1 35.70 base[01-01,02-01)=30.00",
        "01-10 G-1 35.70 base=30.00",
        "02-01 R-2 35.70 base[02-01,03-01)=30.00",
    ]
    [note] = office.credits()
    assert (note.cause, note.invoice_id) == ("void", office.invoices()[0].invoice_id)
    assert faults(office) == []


def test_r84b_what_was_given_back_of_a_void_invoice_is_not_given_back_at_an_end():
    office = void(gift(Office(plan()).register().until(on(1, 10))))

    office.hear(ContractEnded(**C1, ends_on=on(1, 16)))

    assert [each.net.amount for each in office.credits()] == ["5.00", "25.00"]


def test_r84b_a_discount_goes_with_its_invoice():
    office = Office(plan()).register(starts_on=on(1, 5))
    office.hear(GrantDiscount(**C1, percent="10")).until(on(1, 5))

    void(office)

    assert [each.gross.amount for each in office.invoices()] == ["32.13"]
    assert [each.gross.amount for each in office.credits()] == ["32.13"]


def test_r84b_an_invoice_is_void_once():
    office = void(Office(plan()).register())

    with pytest.raises(Refused, match="conflict: nothing is left"):
        void(office)


def test_r84b_an_old_invoice_can_be_void():
    office = Office(plan()).register().until(on(6, 10))
    assert len(office.filed) > 3

    void(office)

    assert office.credits()[0].gross.amount == "35.70"
    assert faults(office) == []


def test_r84b_what_a_cancelled_credit_note_took_off_is_owed_and_can_be_credited_again():
    office = gift(Office(plan()).register().until(on(1, 10)))

    cancel(office)
    gift(office, "30.00")

    [cancelled] = office.all_of("CreditNoteCancelled")
    assert (cancelled.credit_note_id, cancelled.cancelled_on) == (
        office.credits()[0].credit_note_id,
        on(1, 10),
    )
    assert [(each.net.amount, each.tax.amount) for each in office.credits()] == [
        ("5.00", "0.95"),
        ("30.00", "5.70"),
    ]


def test_r84b_a_credit_note_over_days_that_are_not_served_is_made_anew_when_it_is_cancelled():
    office = Office(plan(flat("base", "31.00"))).register().until(on(1, 10))
    office.hear(ContractEnded(**C1, ends_on=on(1, 11)))

    cancel(office)

    assert office.story()[1:] == [
        "01-10 G-1 24.99 base[01-11,02-01)=21.00",
        "01-10 G-2 24.99 base[01-11,02-01)=21.00",
    ]


def test_r84b_days_that_were_billed_again_since_then_cannot_be_owed_twice():
    office = Office(plan(flat("base", "31.00"))).register().until(on(1, 10))
    office.hear(ContractEnded(**C1, ends_on=on(1, 11)), ContractEnded(**C1, ends_on=on(1, 21)))

    with pytest.raises(Refused, match="conflict: what was credited was billed again"):
        cancel(office)


def test_r84b_a_credit_note_of_several_invoices_is_cancelled_for_all():
    office = Office(plan()).register().until(on(4, 10))
    office.hear(ContractEnded(**C1, ends_on=on(2, 1)))
    [note] = office.credits()
    assert [each.gross.amount for each in note.credited] == ["35.70", "35.70", "35.70"]

    cancel(office)

    # Nothing of it is served, so that all of it is credited again.
    assert [each.gross.amount for each in office.credits()] == ["107.10", "107.10"]
    assert len(office.invoices()) == 4


def test_r84b_a_credit_note_is_cancelled_once_and_only_if_it_is_there():
    office = cancel(gift(Office(plan()).register()))

    with pytest.raises(Refused, match="conflict: the credit note was cancelled before"):
        cancel(office)
    with pytest.raises(NotYet, match="credit note"):
        office.hear(CancelCreditNote(**C1, credit_note_id="other"))


def test_r84b_a_credit_note_of_no_invoice_can_be_cancelled():
    office = Office(plan()).register()
    office.hear(IssueCreditNote(**C1, items=({"name": "Sorry", "net": eur("5.00")},)))

    cancel(office)

    assert len(office.all_of("CreditNoteCancelled")) == 1
