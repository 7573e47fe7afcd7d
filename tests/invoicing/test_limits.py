"""Amounts of sixteen digits: refused with the amount, never issued for others to refuse."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from schemas.charges import UsageCharged
from schemas.contracts import ContractChanged
from schemas.invoices import CreditNoteIssued, InvoiceIssued
from schemas.message import Refused
from schemas.orders import AddItem, IssueInvoice
from tests.support.events import eur
from tests.support.office import Office
from tests.support.properties import up_to
from tests.support.tariffs import flat, plan, seats

C1 = {"contract_id": "C1"}
DEAR = plan(flat("base", "30.00"), seats("999999999999"))


def test_an_invoice_of_fifteen_digits_is_issued():
    """840,336,134,453,781.50 and 19 percent of it are one cent less than ten to the fifteenth."""
    office = Office(plan()).register()

    office.hear(IssueInvoice(**C1, items=({"name": "Much", "net": eur("840336134453781.50")},)))

    assert office.invoices()[-1].gross.amount == "999999999999999.99"


@pytest.mark.parametrize("net", ["840336134453781.51", "999999999999999.99"])
def test_an_invoice_of_sixteen_digits_is_refused_with_its_amount(net):
    order = IssueInvoice(**C1, items=({"name": "Much", "net": eur(net)},))

    with pytest.raises(Refused, match=r"excess: an amount of 1[0-9]{15}\.[0-9]{2} EUR has more"):
        Office(plan()).register().hear(order)


def test_a_quantity_that_is_to_cost_too_much_is_refused_when_it_is_said():
    office = Office(DEAR).register()

    with pytest.raises(Refused, match=r"excess: amounts of 999999998999000000031\.00 EUR"):
        office.hear(ContractChanged(**C1, quantities={"seats": "999999999"}, effective_on=None))
    office.until(date(2026, 2, 1))
    assert len(office.invoices()) == 2


@pytest.mark.parametrize("last", ["item", "usage"])
def test_items_that_come_to_too_much_are_refused_one_by_one(last):
    office = Office(plan()).register()
    office.hear(AddItem(**C1, name="Much", net=eur("400000000000000.00")))
    period = {"from_": date(2026, 1, 1), "until": date(2026, 2, 1)}
    used = {"charge_id": "u", "component_id": "calls", "period": period, "quantity": "1"}
    net = eur("100000000000000.00")
    message = AddItem(**C1, name="More", net=net)
    if last == "usage":
        message = UsageCharged(**C1, **used, net=net)

    with pytest.raises(Refused, match=r"excess: amounts of 500000000000000\.00 EUR come"):
        office.hear(message)


AMOUNTS = st.integers(1, 10**17 - 1).map(lambda n: f"{n // 100}.{n % 100:02}")


@settings(max_examples=up_to(100), deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["item", "invoice", "seats"]), AMOUNTS), max_size=6))
def test_no_reader_refuses_what_invoicing_says(orders):
    office = Office(DEAR).register()
    for kind, amount in orders:
        item = {"name": "Much", "net": eur(amount)}
        whole = amount.partition(".")[0]
        try:
            if kind == "item":
                office.hear(AddItem(**C1, **item))
            elif kind == "invoice":
                office.hear(IssueInvoice(**C1, items=(item,)))
            else:
                office.hear(ContractChanged(**C1, quantities={"seats": whole}))
        except Refused as refused:
            assert refused.code == "excess"
    office.until(date(2026, 3, 2))

    for _, said in office.said:
        if isinstance(said, InvoiceIssued | CreditNoteIssued):
            adapter = TypeAdapter(type(said))
            assert adapter.validate_json(adapter.dump_json(said)) == said
