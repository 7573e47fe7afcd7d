"""What is settled is filed away, and comes back for what names it or reaches back."""

from datetime import date, timedelta

import pytest
from pydantic import TypeAdapter

from schemas.contracts import ContractChanged, ContractEnded, ContractPaused, ContractResumed
from schemas.orders import CorrectInvoice, GrantDiscount
from services.invoicing import archive
from services.invoicing.billed import Invoice
from services.invoicing.messages.reach import reach
from services.invoicing.model import Contract
from tests.support.events import customer
from tests.support.office import Office
from tests.support.tariffs import flat, plan

C1 = {"contract_id": "C1"}


def on(month, day, year=2026):
    return date(year, month, day)


def changed(**more):
    return ContractChanged(**C1, **more)


def test_a_contract_does_not_grow_with_its_age():
    size = TypeAdapter(Contract)
    office = Office(plan()).register().until(on(6, 1))
    young = len(size.dump_json(office.contract))

    office.until(on(6, 1, 2031))

    assert len(office.invoices()) == 66
    assert len(size.dump_json(office.contract)) <= young + 20


@pytest.mark.parametrize(
    ("message", "wanted"),
    [
        (changed(payment_terms_days=30), 0),
        (changed(quantities={"base": "0"}, effective_on=on(6, 1)), 0),
        (changed(quantities={"base": "0"}, effective_on=on(5, 31)), 1),
        (changed(quantities={"base": "0"}, effective_on=on(4, 1)), 2),
        (ContractEnded(**C1, ends_on=on(3, 31)), 3),
        (ContractEnded(**C1, ends_on=on(1, 1)), 5),
        (ContractPaused(**C1, paused_from=on(2, 28)), 4),
        (ContractResumed(**C1, resumed_on=on(2, 28)), 4),
        (GrantDiscount(**C1, percent="10", from_on=on(5, 2)), 1),
    ],
)
def test_a_message_brings_back_as_much_as_it_reaches(message, wanted):
    contract, office = _settled()

    asked, back = frozenset(), contract
    while names := archive.wanted(back, message) - asked:
        back, asked = archive.recall(back, {n: office.filed[n] for n in names}), asked | names

    assert len(back.invoices) == len(contract.invoices) + wanted
    assert [each.ordinal for each in back.invoices] == list(range(7 - len(back.invoices), 7))


def test_an_invoice_that_is_named_comes_back_alone():
    contract, office = _settled()
    first = office.invoices()[0].invoice_id

    names = archive.wanted(contract, CorrectInvoice(**C1, invoice_id=first))

    assert names == {first}


def test_what_reaches_back_again_finds_what_was_filed_again():
    office = Office(plan(), plan(flat("base", "50.00"), plan_id="big")).register().until(on(6, 10))
    office.hear(changed(plan_id="big", effective_on=on(4, 16)))

    office.until(on(8, 10)).hear(ContractEnded(**C1, ends_on=on(1, 1)))

    billed = sum(each.gross.minor for each in office.invoices())
    assert billed == sum(each.gross.minor for each in office.credits())
    assert len(office.invoices()) == 9


def test_state_and_pieces_survive_the_books():
    contract, office = _settled()

    for kind, value in ((Contract, contract), (Invoice, office.filed.popitem()[1])):
        adapter = TypeAdapter(kind)
        assert adapter.validate_json(adapter.dump_json(value)) == value


def test_a_contract_that_is_not_registered_has_nothing_to_reach_back_to():
    assert reach(Contract(contract_id="C1"), ContractEnded(**C1, ends_on=on(1, 1))) == date.max


def test_what_comes_later_reaches_back_on_its_day():
    contract, office = _settled()
    later = changed(effective_on=on(6, 20), trial_until=on(1, 10), customer=customer())
    office.hear(later)
    began = office.day + timedelta(days=10)

    office.until(began)

    assert [each.gross.amount for each in office.credits()] == ["10.36"]
    assert contract.settled_until == on(6, 1)


def _settled():
    office = Office(plan()).register().until(on(6, 10))
    return office.contract, office
