"""Documents as they are made and stored: which bytes, under which name, and what is refused."""

import asyncio
import hashlib
from datetime import date

import pytest

from schemas.addresses import Address, Buyer, Contact, EInvoice
from schemas.addresses import Seller as SaidSeller
from schemas.drafts import CorrectedDocument, DocumentDrafted, DocumentMade
from services.notifications.making.act import Maker
from services.notifications.making.storage import Storage, Unreadable
from services.notifications.rendering.sample_messages import (
    CONTRACT,
    ENTITY,
    credit,
    customer,
    invoice,
    notice,
    reminder,
)
from tests.notifications.rendering import pages


@pytest.fixture
def storage(tmp_path):
    return Storage(tmp_path / "documents")


@pytest.fixture
def make(storage, press):
    maker = Maker(storage, press=press)

    def made(**more):
        return asyncio.run(maker.make(draft(**more), "act-1"))

    return made


def draft(**more):
    said = {"kind": "invoice", "document_id": "R1", "attempt": 1}
    said |= {"customer": customer("de"), "legal_entity": ENTITY}
    if not {"invoice", "credit_note", "reminder", "notice"} & more.keys():
        said["invoice"] = invoice()
    return DocumentDrafted(contract_id=CONTRACT, **said | more)


def text(storage, made):
    return pages.text(storage.get(made.hash, suffix="pdf"))


def test_a_document_is_stored_under_the_sha_256_of_its_bytes(make, storage):
    made = make()

    content = storage.path(made.hash, suffix="pdf").read_bytes()
    assert (content[:5], hashlib.sha256(content).hexdigest()) == (b"%PDF-", made.hash)
    assert (made.effect_id, made.rule_set, made.xml_hash) == ("act-1", "zugferd 2.3", None)


def test_made_again_it_is_the_same_file(make, storage, tmp_path):
    assert make() == make()
    assert len([*(tmp_path / "documents").iterdir()]) == 1


def test_seller_and_buyer_are_those_of_the_issue(make, storage):
    address = Address(
        name="Alt", street="Altweg 1", postal_code="20095", city="Hamburg", country="DE"
    )
    seller = SaidSeller(
        name="Nordlicht Alt GmbH", address=address, country="DE", vat_id="DE136695976"
    )
    home = address.model_copy(update={"name": "Erika Vormals", "city": "Altona"})
    buyer = Buyer(
        customer_id="K1", kind="consumer", name="Erika Vormals", language="en", address=home
    )

    said = text(storage, make(invoice=invoice(seller=seller, customer=buyer)))

    assert ("Nordlicht Alt GmbH" in said, "Altona" in said, "Invoice" in said) == (True,) * 3


def test_a_credit_note_of_all_is_called_a_cancellation_and_names_its_invoice(make, storage):
    of = CorrectedDocument(number="R-2026-1003", issued_on=date(2026, 10, 5), whole=True)

    said = text(storage, make(kind="credit_note", credit_note=credit(), corrects=of))

    assert ("Stornorechnung" in said, "R-2026-1003" in said) == (True, True)


def test_a_reminder_says_which_invoices_come_with_it_and_is_no_e_invoice(make, storage):
    made = make(kind="reminder", reminder=reminder(1), enclosed=("R-2026-1003",))

    assert made.rule_set is None
    assert "R-2026-1003" in text(storage, made)


def test_who_asks_for_xrechnung_gets_a_file_of_its_own(make, storage):
    asked = EInvoice(format="xrechnung_cii", buyer_reference="04011000-12345-34")
    wants = customer("de").model_copy(update={"einvoice": asked})
    contact = Contact(name="Service", phone="+49 40 1234567", email="s@nordlicht.example")
    seller = ENTITY.model_copy(update={"contact": contact})

    made = make(customer=wants, legal_entity=seller)

    assert made.xml_hash is not None, made
    assert b"04011000-12345-34" in storage.get(made.xml_hash, suffix="xml")


def test_who_asks_for_what_cannot_be_is_told_so_and_who_does_not_gets_the_page(make):
    no_name = invoice(vat=())

    asked = customer("de").model_copy(update={"einvoice": EInvoice(format="zugferd")})
    refused, plain = make(invoice=no_name, customer=asked), make(invoice=no_name)

    assert refused.reason.startswith("not_expressible: ")
    assert isinstance(plain, DocumentMade) and plain.rule_set is None


def test_an_address_that_does_not_fit_its_window_is_not_made(make, tmp_path):
    long = "Abteilung für außerordentlich lange Bezeichnungen " * 4
    home = customer("de").address.model_copy(
        update={"company": long[:199], "name": long[:190], "street": long[:180]}
    )
    made = make(customer=customer("de").model_copy(update={"address": home}))

    assert made.reason == "address_does_not_fit"
    assert not (tmp_path / "documents").exists()


def test_a_file_that_was_damaged_is_not_given_out(storage):
    hash_ = storage.put(b"as it was", suffix="pdf")
    storage.path(hash_, suffix="pdf").write_bytes(b"as it is")

    with pytest.raises(Unreadable, match="its bytes are others than its name says"):
        storage.get(hash_, suffix="pdf")


def test_a_file_that_was_damaged_is_mended_when_it_is_put_again(storage):
    hash_ = storage.put(b"as it was", suffix="pdf")
    storage.path(hash_, suffix="pdf").write_bytes(b"as it is")

    assert storage.get(storage.put(b"as it was", suffix="pdf"), suffix="pdf") == b"as it was"


@pytest.mark.parametrize(
    ("kind", "said", "asks"),
    [
        ("before_due", {}, "Bitte überweisen Sie"),
        ("before_due", {"collected_by": "direct_debit"}, "buchen wir"),
        ("thanks", {}, None),
    ],
)
def test_a_notice_asks_for_what_will_be_due_and_thanks_ask_for_nothing(
    make, storage, kind, said, asks
):
    text_ = text(storage, make(kind=kind, notice=notice(kind, **said)))

    assert ("137,64" in text_, "238,00" in text_) == (kind == "before_due", kind == "thanks")
    assert ("IBAN" in text_.partition("Freundliche")[0]) == (asks == "Bitte überweisen Sie")
