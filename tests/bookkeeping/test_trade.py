"""Who sold to whom decides on accounts: as the document says, else as was known then (R-109)."""

from datetime import date

import pytest

from schemas.addresses import Buyer, Seller
from schemas.instructions import WriteOff
from services.bookkeeping.books import books
from services.bookkeeping.checks import check
from tests.support.bookkeeper import SKR03, Bookkeeper, taxed
from tests.support.events import ACME, customer, invoice, policy, registered, terms, webhook

JAN, FEB = date(2026, 1, 1), date(2026, 2, 1)
ADDRESS = {"name": "Jo", "postal_code": "1010", "city": "Wien", "country": "AT"}
IN_VIENNA = {"address": ADDRESS}
KEPT = ACME.model_dump(include={"name", "address", "country"})


def sold(*parts, said=None, **document):
    """Return the accounts of an invoice's revenue, and of its loss after all is written off."""
    told = Bookkeeper(terms(policy(webhook(5))))
    bill = taxed(invoice("A", "1.00", FEB, issued_on=JAN), *parts)
    told.hear(registered(ends_on=FEB, customer=said or customer()))
    told.hear(bill.model_copy(update=document))
    told.until(date(2026, 6, 30)).hear(WriteOff(contract_id="C1", on=date(2026, 6, 30)))
    found = books(told.facts, SKR03, as_of=date(2026, 12, 31))
    check(found)
    return [contra.account for each in found.postings for contra in each.contras]


def buyer(country):
    said = {"customer_id": "K-1", "kind": "business", "name": "Jo", "language": "de"}
    return Buyer(**said, address=ADDRESS | {"country": country})


@pytest.mark.parametrize(
    ("country", "accounts"),
    [("AT", ["8339", "2400"]), ("CH", ["8338", "2400"]), ("DE", ["8338", "2400"])],
)
def test_what_is_not_taxable_goes_by_the_buyer_of_the_document(country, accounts):
    assert sold(("O", "0", "100.00", "0.00"), customer=buyer(country)) == accounts


def test_a_document_that_names_no_buyer_has_the_customer_of_the_contract():
    in_vienna = customer(kind="business", **IN_VIENNA)

    assert sold(("O", "0", "100.00", "0.00"), said=in_vienna) == ["8339", "2400"]


def test_a_seller_who_was_a_small_business_at_the_issue_has_revenue_of_its_own():
    small = Seller(**KEPT, small_business=True)

    assert sold(("E", "0", "100.00", "0.00"), seller=small) == ["8195", "2400"]
    assert sold(("E", "0", "100.00", "0.00"), seller=Seller(**KEPT)) == ["8100", "2400"]


def test_what_is_lost_within_the_eu_is_told_from_other_losses():
    assert sold(("K", "0", "100.00", "0.00"), customer=buyer("AT")) == ["8125", "2402"]


def test_the_vat_of_another_country_is_no_german_revenue():
    # 21 % of 100.00 in the Netherlands.
    assert sold(("S", "21", "100.00", "21.00"), customer=buyer("NL")) == ["8331", "2400"]
