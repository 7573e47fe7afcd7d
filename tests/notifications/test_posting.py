"""Mails and letters as files, and a whole run that leaves them."""

import asyncio
import email
import email.policy
import json
from datetime import date

import pytest

from schemas.deliveries import DeliveryIntended
from services.notifications.embedded import leaving_in
from services.notifications.making.storage import Storage
from services.notifications.posting.folder import FolderPost
from services.registry import WORKERS
from services.runtime.embedded.embedded import Embedded
from tests.notifications.rendering import pages
from tests.support.events import ACME, customer, invoice, line, policy, registered, reminder

MAIL = "erika@example.org"


@pytest.fixture
def storage(tmp_path):
    return Storage(tmp_path / "documents")


@pytest.fixture
def post(tmp_path, storage):
    return FolderPost(tmp_path, storage)


def intended(storage, **more):
    document = {"kind": "invoice", "id": "i-1", "number": "RE-1", **_stored(storage, b"%PDF-1")}
    said = {
        "contract_id": "C1",
        "delivery_id": "d-1",
        "channel": "email",
        "document": document,
        "intended_on": date(2026, 2, 1),
        "recipient": {"name": "Erika Muster", "email": MAIL},
        "sender": {"name": "Acme GmbH", "email": "billing@acme.example"},
        "language": "en",
    }
    return DeliveryIntended(**said | more)


def _stored(storage, content):
    return {"hash": storage.put(content, suffix="pdf")}


def mailed(post, tmp_path, said):
    asyncio.run(post.mail(said, "act-1"))
    [file] = (tmp_path / "mail").iterdir()
    return email.message_from_bytes(file.read_bytes(), policy=email.policy.default)


def test_a_mail_brings_its_document_under_its_number(post, storage, tmp_path):
    message = mailed(post, tmp_path, intended(storage))

    assert (message["To"], message["From"]) == (
        "Erika Muster <erika@example.org>",
        "Acme GmbH <billing@acme.example>",
    )
    assert message["Subject"] == "Invoice RE-1 from Acme GmbH"
    [file] = message.iter_attachments()
    assert (file.get_filename(), file.get_content()) == ("RE-1.pdf", b"%PDF-1")


def test_the_same_delivery_is_the_same_file_and_message_id_and_another_is_another(
    post, storage, tmp_path
):
    first = mailed(post, tmp_path, intended(storage))
    again = mailed(post, tmp_path, intended(storage))
    assert first["Message-ID"] == again["Message-ID"]

    asyncio.run(post.mail(intended(storage, delivery_id="d-2"), "act-2"))
    one, two = sorted((tmp_path / "mail").iterdir())
    assert [one.name, two.name] == ["2026-02-01-d-1.eml", "2026-02-01-d-2.eml"]
    assert one.read_bytes() != two.read_bytes()


@pytest.mark.parametrize(
    ("more", "subject"),
    [
        ({"is_copy": True}, "Copy: Invoice RE-1 from Acme GmbH"),
        ({"language": "de"}, "Rechnung RE-1 von Acme GmbH"),
        ({"language": "fr", "is_copy": True}, "Copie : Facture RE-1 de Acme GmbH"),
    ],
)
def test_the_subject_says_what_it_is_in_the_language_of_the_customer(
    post, storage, tmp_path, more, subject
):
    assert mailed(post, tmp_path, intended(storage, **more))["Subject"] == subject


def test_an_invoice_that_is_enclosed_comes_along_and_the_mail_says_so(post, storage, tmp_path):
    other = {"kind": "invoice", "id": "i-0", "number": "RE-0", **_stored(storage, b"%PDF-0")}

    message = mailed(post, tmp_path, intended(storage, enclosed=(other,)))

    assert [each.get_filename() for each in message.iter_attachments()] == ["RE-1.pdf", "RE-0.pdf"]
    assert "A copy of invoice RE-0 is enclosed." in message.get_body(("plain",)).get_content()


@pytest.mark.parametrize(
    ("to", "reason", "closes"),
    [
        ({"name": "Erika", "email": "a,b@example.org"}, "address_refused", True),
        ({"name": "Erika =?utf-8?q?x?=", "email": MAIL}, "header_refused", False),
    ],
)
def test_what_no_mail_may_hold_is_refused_and_a_bad_name_closes_no_address(
    post, storage, tmp_path, to, reason, closes
):
    outcome = asyncio.run(post.mail(intended(storage, recipient=to), "act-1"))

    assert (outcome.reason, outcome.closes) == (reason, closes)
    assert not (tmp_path / "mail").exists()


def test_a_seller_without_a_mailbox_writes_from_one_that_does_not_exist(post, storage, tmp_path):
    message = mailed(post, tmp_path, intended(storage, sender={"name": "Acme GmbH"}))

    assert message["From"] == "documents@duestream.invalid"


def test_a_letter_is_its_document_and_what_is_enclosed_stands_behind_it(post, storage, tmp_path):
    other = {"kind": "invoice", "id": "i-0", "number": "RE-0", **_stored(storage, b"%PDF-0")}

    asyncio.run(post.post(intended(storage, channel="letter", enclosed=(other,)), "act-1"))

    left = {each.name: each.read_bytes() for each in (tmp_path / "letters").iterdir()}
    assert left == {"2026-02-01-d-1.pdf": b"%PDF-1", "2026-02-01-d-1-1.pdf": b"%PDF-0"}


def test_a_run_leaves_documents_mails_and_letters_that_its_messages_name(tmp_path):
    world = [
        line(ACME, "2026-01-02T08:00:00+01:00"),
        line(policy(reminder(14), reminder(21, dispatch="letter")), "2026-01-02T08:01:00+01:00"),
        line(registered(customer=customer(email=MAIL)), "2026-01-02T09:00:00+01:00"),
        line(invoice("A", "100.00", date(2026, 1, 16)), "2026-01-02T10:00:00+01:00"),
    ]
    embedded = Embedded([*WORKERS.values(), leaving_in(tmp_path)], tmp_path)
    asyncio.run(embedded.run(world, until=date(2026, 2, 10)))
    embedded.write()

    said = [json.loads(e) for e in (tmp_path / "deliveries.jsonl").read_text().splitlines()]
    sent = [each["data"] for each in said if each["type"] == "Dispatched"]
    assert [(each["channel"], each["dispatched_on"]) for each in sent] == [
        ("email", "2026-01-30"),
        ("letter", "2026-02-06"),
    ]
    mail, letter = (each["delivery_id"] for each in sent)
    assert [e.name for e in (tmp_path / "mail").iterdir()] == [f"2026-01-30-{mail}.eml"]
    [file] = (tmp_path / "letters").iterdir()
    assert file.name == f"2026-02-06-{letter}.pdf"
    stored = tmp_path / "documents" / f"{sent[1]['document']['hash']}.pdf"
    assert file.read_bytes() == stored.read_bytes()
    assert "100,00" in pages.text(file.read_bytes())


def test_an_event_is_left_as_it_would_be_posted(post, storage, tmp_path):
    said = intended(
        storage,
        channel="webhook",
        event={"endpoint_id": "shop", "sequence": 1, "type": "InvoiceIssued"},
        posting={
            "url": "https://shop.example/",
            "secret_ref": "file:shop",
            "body": '{"type":"InvoiceIssued"}',
            "lane": 0,
        },
    )

    assert type(asyncio.run(post.hook(said, "act-1"))).__name__ == "HandedOver"

    [file] = (tmp_path / "webhooks").iterdir()
    assert (file.name, file.read_text()) == ("2026-02-01-d-1.json", '{"type":"InvoiceIssued"}')
