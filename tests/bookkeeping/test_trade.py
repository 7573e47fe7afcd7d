"""Who sold to whom decides on accounts: as the document says, else as was known then (R-109)."""

import dataclasses
import json
from datetime import date

import pytest

from schemas.addresses import Buyer, Seller
from schemas.instructions import WriteOff
from schemas.oss import EU
from schemas.terms import LegalEntityPublished
from services.bookkeeping.books import books
from services.bookkeeping.checks import check
from services.bookkeeping.tables import tables
from tests.support.bookkeeper import SKR03, Bookkeeper, taxed
from tests.support.events import (
    ACME,
    credit_note,
    customer,
    invoice,
    policy,
    registered,
    terms,
    webhook,
)

JAN, FEB, APRIL = date(2026, 1, 1), date(2026, 2, 1), date(2026, 4, 1)
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


def by_oss(facts, **rates):
    """Return *facts* of a seller whose consumers pay what their country takes, from 2026 on."""
    there = {code: {"2020-01-01": "22"} for code in sorted(EU - {"DE"})} | rates
    oss = {"from_on": "2026-01-01", "rates": there}
    said = LegalEntityPublished.model_validate_json(
        json.dumps(ACME.model_dump(mode="json") | {"oss": oss})
    )
    return [
        dataclasses.replace(each, message=said)
        if isinstance(each.message, LegalEntityPublished)
        else each
        for each in facts
    ]


def test_r109a_what_consumers_elsewhere_pay_has_accounts_and_a_table_of_its_own():
    vienna = buyer("AT").model_copy(update={"kind": "consumer"})
    cyprus = buyer("CY").model_copy(update={"kind": "consumer"})
    told = Bookkeeper(terms(policy(webhook(5)))).hear(registered(ends_on=FEB))
    # What was served before and is taxed at home, and what is taxed there.
    parts = ("S", "19", "50.00", "9.50"), ("S", "20", "100.00", "20.00")
    for name, who, some in (("A", vienna, parts), ("B", cyprus, [("S", "19", "10.00", "1.90")])):
        bill = taxed(invoice(name, "1.00", FEB, issued_on=JAN), *some)
        told.hear(bill.model_copy(update={"customer": who}))
    told.hear(taxed(credit_note("G", "1.00", APRIL, invoice_id="A"), ("S", "20", "25.00", "5.00"))
              .model_copy(update={"customer": vienna}))  # fmt: skip
    facts = by_oss(told.facts, AT={"2016-01-01": "20"}, CY={"2014-01-13": "19"})
    found = books(facts, SKR03, as_of=date(2026, 12, 31))
    check(found)

    [oss] = [each for each in tables(found, SKR03) if each.name == "oss.csv"]
    assert [row[1:] for row in oss.rows] == [
        ("2026-Q1", "AT", "20", "100.00", "20.00", "EUR"),
        ("2026-Q1", "CY", "19", "10.00", "1.90", "EUR"),
        ("2026-Q2", "AT", "20", "-25.00", "-5.00", "EUR"),
    ]
    assert [
        (contra.document, contra.account, contra.tax_account, contra.net, contra.tax)
        for each in found.postings
        for contra in each.contras
    ] == [
        ("R-A", "8400", "1776", 5000, 950),
        ("R-A", "8331", "1768", 10000, 2000),
        ("R-B", "8331", "1768", 1000, 190),
        ("G", "8331", "1768", -2500, -500),
    ]


def test_r109a_who_does_not_say_it_has_no_such_row():
    bill = taxed(invoice("A", "1.00", FEB, issued_on=JAN), ("S", "20", "100.00", "20.00"))
    told = Bookkeeper(terms(policy(webhook(5)))).hear(registered(customer=customer(**IN_VIENNA)))
    found = books(told.hear(bill).facts, SKR03, as_of=date(2026, 12, 31))

    [oss] = [each for each in tables(found, SKR03) if each.name == "oss.csv"]
    assert oss.rows == []
