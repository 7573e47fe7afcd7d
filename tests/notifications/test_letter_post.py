"""Letters into a folder or to a server: whole and once, looked at through their window."""

import asyncio
import json
from datetime import date
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from schemas.drafts import HandedOver
from schemas.outcomes import PutOff
from services.notifications.channels.secret import Secret
from services.notifications.making.storage import Storage
from services.notifications.posting.letters import LetterPost, LetterUnknown, into_folder, to_server
from services.notifications.rendering.rendered import render, show
from services.notifications.rendering.samples import samples
from services.notifications.rendering.texts import built_in
from tests.notifications.channels.sftp import Printer, sftp_server
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
    return LetterPost(Storage(tmp_path / "documents"), into=into_folder(tmp_path / "letters"))


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
    letters = LetterPost(Storage(tmp_path / "documents"), into=into_folder(tmp_path / "away"))

    with pytest.raises(PutOff):
        asyncio.run(letters.post(told(tmp_path, document), "act-1"))

    (tmp_path / "away").mkdir()
    outcome = asyncio.run(letters.post(told(tmp_path, document), "act-1"))
    assert outcome == HandedOver(contract_id="C1", effect_id="act-1")


@pytest.mark.parametrize("spoil", [Path.unlink, lambda file: file.write_bytes(b"other")])
def test_a_letter_waits_until_its_document_is_restored_and_it_is_told(
    letters, tmp_path, document, spoil
):
    said = told(tmp_path, document)
    spoil(tmp_path / "documents" / f"{said.document.hash}.pdf")

    with capture_logs() as logged, pytest.raises(PutOff):
        asyncio.run(letters.post(said, "act-1"))
    assert [(each["event"], each["hash"], each["act"]) for each in logged] == [
        ("document.unreadable", said.document.hash, "act-1")
    ]

    told(tmp_path, document)
    assert isinstance(asyncio.run(letters.post(said, "act-1")), HandedOver)


def carried(tmp_path, document, *troubles):
    """Post one letter to a printer's server, an attempt for each of its *troubles*."""
    root = tmp_path / "root"
    (root / "in").mkdir(parents=True)
    told_, came = told(tmp_path, document), []

    async def run():
        for trouble in troubles:
            async with sftp_server(Printer(root, **trouble), tmp_path) as (ours, served):
                server = served({"key": Secret(ours.export_private_key())})
                storage = Storage(tmp_path / "documents")
                post = LetterPost(storage, into=to_server(server)).post(told_, "act-1")
                [outcome] = await asyncio.gather(post, return_exceptions=True)
                came.append(type(outcome))

    asyncio.run(run())
    return came, sorted(each.name for each in (root / "in").iterdir())


def test_a_letter_arrives_on_the_printers_server_as_its_batch(tmp_path, document):
    assert carried(tmp_path, document, {}) == ([HandedOver], [DELIVERY])


@pytest.mark.parametrize("act", ["mkdir", "open", "manifest"])
def test_a_letter_that_is_cut_on_its_way_is_put_off_and_arrives_once(tmp_path, document, act):
    came = carried(tmp_path, document, {"cuts_before": act}, {"cuts_after": act}, {})

    assert came == ([PutOff, PutOff, HandedOver], [DELIVERY])


@pytest.mark.parametrize("trouble", ["cuts_before", "cuts_after"])
def test_a_letter_of_which_nobody_heard_whether_it_was_moved_is_unknown(
    tmp_path, document, trouble
):
    came, _ = carried(tmp_path, document, {trouble: "rename"})

    assert came == [LetterUnknown]
