"""Letters into a folder: whole and once, looked at through their window."""

import asyncio
import json
from datetime import date

import pytest

from schemas.drafts import HandedOver
from schemas.outcomes import PutOff
from services.notifications.making.storage import Storage
from services.notifications.posting.letters import LetterPost
from services.notifications.rendering.rendered import render, show
from services.notifications.rendering.samples import samples
from services.notifications.rendering.texts import built_in
from tests.notifications.test_posting import intended

DELIVERY = "0b0e4c4c-5f4e-5b7a-9d3c-0123456789ab"


@pytest.fixture(scope="module")
def document(press):
    """A sample with its e-invoice within, and whom it is for."""
    document = next(each for _, each in samples("de"))
    texts = built_in("de")
    pdf = render(document, press=press, texts=texts, format="zugferd").pdf
    return pdf, document.head.recipient.party, show(document, texts=texts)["address"]


@pytest.fixture
def letters(tmp_path):
    (tmp_path / "letters").mkdir()
    return LetterPost(Storage(tmp_path / "documents"), folder=tmp_path / "letters")


def told(tmp_path, document, **changes):
    pdf, party, _ = document
    storage = Storage(tmp_path / "documents")
    address = {
        "name": party.attention or party.name,
        "company": party.name if party.attention else None,
        "street": party.street,
        "postal_code": party.postal_code,
        "city": party.city,
        "country": party.country,
    }
    return intended(
        storage,
        delivery_id=DELIVERY,
        channel="letter",
        intended_on=date(2026, 2, 1),
        document={
            "kind": "invoice",
            "id": "i-1",
            "number": "RE-2026/1",
            "hash": storage.put(pdf, suffix="pdf"),
        },
        recipient={"name": party.name, "address": address | changes},
    )


def test_a_letter_is_a_batch_of_its_delivery_without_the_file_within(letters, tmp_path, document):
    outcome = asyncio.run(letters.post(told(tmp_path, document), "act-1"))

    assert outcome == HandedOver(contract_id="C1", effect_id="act-1")
    batch = tmp_path / "letters" / DELIVERY
    assert sorted(each.name for each in batch.iterdir()) == ["00001_RE20261.pdf", "manifest.json"]
    [entry] = json.loads((batch / "manifest.json").read_text())["letters"]
    assert (entry["delivery_id"], entry["country"]) == (DELIVERY, document[1].country)


def test_a_letter_that_would_reach_somebody_else_is_refused(letters, tmp_path, document):
    outcome = asyncio.run(letters.post(told(tmp_path, document, city="Anderswo"), "act-1"))

    assert outcome.reason == "letter_not_printable: another_address"
    assert [*(tmp_path / "letters").iterdir()] == []


def test_where_the_folder_is_away_a_letter_is_put_off_and_nobody_is_asked(tmp_path, document):
    letters = LetterPost(Storage(tmp_path / "documents"), folder=tmp_path / "away")

    with pytest.raises(PutOff):
        asyncio.run(letters.post(told(tmp_path, document), "act-1"))

    (tmp_path / "away").mkdir()
    outcome = asyncio.run(letters.post(told(tmp_path, document), "act-1"))
    assert outcome == HandedOver(contract_id="C1", effect_id="act-1")


def test_where_its_document_cannot_be_read_a_letter_is_put_off(letters, tmp_path, document):
    said = told(tmp_path, document)
    for each in (tmp_path / "documents").iterdir():
        each.rename(tmp_path / "elsewhere.pdf")

    with pytest.raises(PutOff):
        asyncio.run(letters.post(said, "act-1"))
