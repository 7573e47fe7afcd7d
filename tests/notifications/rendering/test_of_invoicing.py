"""What invoicing says becomes e-invoices: every tax category, prorated and credited lines."""

from dataclasses import replace
from datetime import date

import pytest

from schemas.addresses import Customer
from schemas.contracts import ContractEnded
from services.notifications.rendering.documents.vouchers import Reference
from services.notifications.rendering.einvoice.checks import faults
from services.notifications.rendering.einvoice.rule_sets import known
from services.notifications.rendering.sample_messages import ENTITY, PARTICULARS
from services.notifications.rendering.sources import vouchers
from services.notifications.rendering.sources.parties import Wishes, parties
from tests.notifications.rendering.cases import WISHES
from tests.support.events import customer
from tests.support.office import Office
from tests.support.tariffs import flat, plan, seats

ABROAD = {"name": "Dupont SA", "postal_code": "75001", "city": "Paris", "country": "FR"}
FAR = {"name": "Sakura", "postal_code": "100-0005", "city": "Tokyo", "country": "JP"}
REVERSED = {"kind": "business", "vat_id": "FR40303265045", "tax": "reverse_charge"}


def of(entity, buyer):
    wishes = Wishes(buyer_reference="04011000-12345-34", endpoint=WISHES.endpoint)
    owner = Customer.model_validate(buyer)
    return parties(entity, owner, particulars=PARTICULARS, wishes=wishes)


def wrong(voucher):
    """Return what any rule set of the day finds wrong."""
    held = [each for each in known() if each.holds_on(voucher.head.issued_on)]
    assert len(held) == 4
    return [fault for rules in held for fault in faults(voucher, rules)]


@pytest.mark.parametrize(
    ("category", "component", "buyer", "entity"),
    [
        ("S", {}, {}, {}),
        ("Z", {"vat_rate": "0"}, {}, {}),
        ("E", {"exemption": "§ 4 Nr. 21 UStG"}, {}, {}),
        ("E", {}, {}, {"small_business": True}),
        ("AE", {}, {"address": ABROAD} | REVERSED, {}),
        ("K", {"supply": "goods"}, {"address": ABROAD} | REVERSED, {}),
        ("G", {"supply": "goods"}, {"address": FAR, "tax": "not_taxable"}, {}),
        ("O", {}, {"address": FAR, "tax": "not_taxable"}, {}),
    ],
)
def test_each_tax_category_that_invoicing_makes_becomes_an_e_invoice(
    category, component, buyer, entity
):
    said = ENTITY.model_copy(update={"legal_entity_id": "acme", **entity})
    owner = customer(**buyer)
    office = Office(said, plan(flat("base", "29.90", **component))).register(customer=owner)

    [invoice] = office.invoices()
    drawn = vouchers.invoice(invoice, parties=of(said, owner))

    assert {tax.category for tax in drawn.taxes} == {category}
    assert wrong(drawn) == []


def test_prorated_and_credited_lines_are_expressible():
    said = ENTITY.model_copy(update={"legal_entity_id": "acme"})
    charges = plan(flat("base", "29.90"), seats("4.55"))
    office = Office(said, charges, day=date(2026, 1, 15)).register(
        starts_on=date(2026, 1, 15), billing_anchor_on=date(2026, 2, 1), quantities={"seats": "7"}
    )
    office.until(date(2026, 2, 10)).hear(ContractEnded(contract_id="C1", ends_on=date(2026, 2, 10)))
    who = of(said, customer())
    drawn = [vouchers.invoice(each, parties=who) for each in office.invoices()]
    original = Reference(drawn[0].number, drawn[0].head.issued_on)
    drawn += [
        vouchers.credit_note(each, parties=who, corrects=original) for each in office.credits()
    ]

    assert len(drawn) >= 3 and drawn[-1].kind == "credit_note"
    assert [wrong(each) for each in drawn] == [[]] * len(drawn)


def test_what_invoicing_never_says_is_refused():
    said = ENTITY.model_copy(update={"legal_entity_id": "acme"})
    [invoice] = Office(said, plan(flat("base", "29.90"))).register().invoices()
    drawn = vouchers.invoice(invoice, parties=of(said, customer()))

    assert wrong(replace(drawn, tax=drawn.tax + 1)) != []
