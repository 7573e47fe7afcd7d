"""A legal entity's own texts and letterhead: tried before they count, and on record."""

import asyncio
import base64
import json
from datetime import date

import pytest

from schemas.message import Refused
from schemas.templates import Layout, TemplatesPublished
from services.notifications import app
from services.notifications.rendering.templates import admit
from services.registry import WORKERS
from services.runtime.embedded.embedded import Embedded
from tests.notifications.rendering.test_logo import DRAWING
from tests.notifications.test_app import NOON, WORLD, Acts
from tests.support.correspondent import PostRoom, our_credit_note, our_invoice, reminded
from tests.support.events import customer, line

LOGO = base64.b64encode(DRAWING).decode()
UNCLOSED = base64.b64encode(DRAWING.replace(b"<path", b"<g><path")).decode()


def template(kind="reminder_1", *, version=1, language="de", entity="acme", **texts):
    return TemplatesPublished(
        legal_entity_id=entity, version=version, language=language, kind=kind, texts=texts
    )


def letterhead(version=1, **layout):
    return TemplatesPublished(
        legal_entity_id="acme",
        version=version,
        language="de",
        kind="letterhead",
        layout=Layout(**layout),
    )


def drafted(message, *published, **who):
    room = PostRoom(customer=customer(email="a@example.org", **who))
    for each in published:
        room.terms = room.terms.including(each)
    draft = room.open().hear(message).drafts[-1]
    return [(each.kind, each.version) for each in draft.templates]


@pytest.mark.parametrize(
    ("message", "published", "used"),
    [
        (our_invoice("R1"), [template("invoice", title="Beleg")], [("invoice", 1)]),
        (our_invoice("R1"), [template("reminder_1", title="x")], []),
        (our_invoice("R1"), [template("invoice", language="en", title="Bill")], []),
        (our_invoice("R1"), [template("invoice", entity="other", title="Beleg")], []),
        (
            our_invoice("R1"),
            [letterhead(3, claim="Seit 1899"), template("invoice", title="Beleg", version=2)],
            [("letterhead", 3), ("invoice", 2)],
        ),
        # Of two versions the one that was said last.
        (
            our_invoice("R1"),
            [template("invoice", title="a", version=2), template("invoice", title="b", version=1)],
            [("invoice", 1)],
        ),
        (reminded("D1", "R1"), [template("reminder_1", title="x")], [("reminder_1", 1)]),
        (reminded("D1", "R1", level=2), [template("reminder_1", title="x")], []),
        (reminded("D1", "R1", level=9), [template("reminder_3", title="x")], [("reminder_3", 1)]),
        (reminded("D1", "R1", template="vip"), [template("vip", title="x")], [("vip", 1)]),
        # A step that names a template which nobody published has the texts of its level.
        (
            reminded("D1", "R1", template="vip"),
            [template("reminder_1", title="x")],
            [("reminder_1", 1)],
        ),
        # Neither a letterhead nor the words of another document are those of a reminder.
        (
            reminded("D1", "R1", template="letterhead"),
            [letterhead(claim="x"), template("reminder_1", title="x")],
            [("letterhead", 1), ("reminder_1", 1)],
        ),
        (reminded("D1", "R1", template="invoice"), [template("invoice", title="x")], []),
        # One that is built in counts by its name, published or not.
        (reminded("D1", "R1", template="reminder_3"), [template("reminder_1", title="x")], []),
    ],
)
def test_a_document_is_drafted_with_what_its_seller_has_published_for_it(message, published, used):
    assert drafted(message, *published) == used


@pytest.mark.parametrize(("amount", "kind"), [("100.00", "cancellation"), ("40.00", "credit_note")])
def test_a_credit_note_of_all_has_the_texts_of_a_cancellation(amount, kind):
    both = template("credit_note", title="x"), template("cancellation", title="y")
    room = PostRoom()
    for each in both:
        room.terms = room.terms.including(each)
    room.open().hear(our_invoice("R1"), our_credit_note("G1", amount, invoice_id="R1"))

    assert [each.kind for each in room.drafts[-1].templates] == [kind]


@pytest.mark.parametrize(
    "said",
    [
        {"kind": "letterhead"},
        {"kind": "letterhead", "layout": {}, "texts": {"title": "x"}},
        {"kind": "invoice"},
        {"kind": "invoice", "texts": {"title": "x"}, "layout": {}},
        {"kind": "letterhead", "layout": {"logo": "a" * 40_001}},
        {"kind": "letterhead", "layout": {"accent": "red"}},
        {"kind": "invoice", "texts": {"title": "x" * 2001}},
        {"kind": "invoice", "texts": {f"t{n}": "x" for n in range(21)}},
    ],
)
def test_a_letterhead_has_a_layout_and_every_other_kind_has_texts(said):
    with pytest.raises(ValueError):
        TemplatesPublished.model_validate_json(
            json.dumps({"legal_entity_id": "acme", "version": 1, "language": "de"} | said)
        )


@pytest.mark.parametrize(
    ("published", "why"),
    [
        (template("invoice", title="{iban}"), "invoice.title: {iban} is not known here"),
        (template("units", H87="Stück"), "units: these words cannot be changed"),
        (letterhead(logo=base64.b64encode(b"GIF89a").decode()), "letterhead.logo: neither SVG"),
        (letterhead(logo="QQQ"), "letterhead.logo: not in base64"),
        # Luma 0.299 * 245 + 0.587 * 222 + 0.114 * 179 = 223: too light; #808080 has 128.
        (letterhead(accent="#f5deb3"), "letterhead.accent: #f5deb3 cannot be read"),
        (letterhead(logo=UNCLOSED), "letterhead: the sample does not render"),
    ],
)
def test_one_that_does_not_render_is_refused(published, why):
    with pytest.raises(Refused) as refused:
        admit(published)

    assert (refused.value.code, refused.value.detail[: len(why)]) == ("invalid", why)


@pytest.mark.parametrize(
    "published",
    [
        letterhead(logo=LOGO, accent="#808080", claim="Seit 1899", web="www.acme.example"),
        template("statement", title="Ihr Konto", closing="#panic() {seller}"),
        template("before_due", title="\u202ebald", introduction="{amount}" * 250),
    ],
)
def test_what_is_text_and_picture_is_taken(published):
    assert admit(published) is None


def test_one_that_does_not_render_is_dead_lettered_and_the_version_before_stays(tmp_path):
    """Three versions are said on the 3rd, the 4th and the 5th; the second is none."""
    good = line(template(title="Erste Bitte"), "2026-01-03T09:00:00+01:00", name="v1")
    wrong = line(template(title="{iban}", version=2), "2026-01-04T09:00:00+01:00", name="v2")
    other = line(letterhead(claim="Seit 1899"), "2026-01-05T09:00:00+01:00", name="v3")
    embedded = Embedded([*WORKERS.values(), Acts().worker()], tmp_path, partitions=2)

    asyncio.run(embedded.run([*WORLD, good, wrong, other], until=date(2026, 1, 30)))
    embedded.write()

    [draft] = map(json.loads, (tmp_path / "documents.jsonl").read_text().splitlines())
    used = [(each["kind"], each["version"]) for each in draft["data"]["templates"]]
    dead = (tmp_path / "notifications.dead-letters.jsonl").read_text().splitlines()
    assert used == [("letterhead", 1), ("reminder_1", 1)]
    # Each partition of days has it.
    assert [json.loads(each)["headers"]["dl-reason"] for each in dead] == ["invalid", "invalid"]
    assert not (tmp_path / "dunning.dead-letters.jsonl").exists()


def test_a_version_is_said_once(tmp_path):
    embedded = Embedded([*WORKERS.values(), app.worker], tmp_path)
    same = [
        line(template(title=title), NOON, name=f"v-{n}")
        for n, title in enumerate(("Bitte", "Bitte", "Bitte!"))
    ]

    summary = asyncio.run(embedded.run([*WORLD, *same], until=date(2026, 1, 30)))

    assert summary.dead_letters == 1  # the clock's: said before with other content
