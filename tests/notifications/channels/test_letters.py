"""A letter is looked at before it is printed; a batch is whole or not there."""

import json
from dataclasses import replace
from hashlib import sha256

import pypdfium2
import pypdfium2.raw as pdfium
import pytest
import typst

from services.notifications.channels.letter.batches import (
    BatchConflict,
    Letter,
    gather,
    hand_over,
    is_there,
)
from services.notifications.channels.letter.pages import Look, look
from services.notifications.channels.letter.profiles import DIN_5008_B, Zone
from services.notifications.channels.outcome import Refused, Sent
from services.notifications.rendering.page.characters import FONTS
from services.notifications.rendering.page.typesetting import typeset
from services.notifications.rendering.rendered import render, show
from services.notifications.rendering.samples import samples
from services.notifications.rendering.texts import built_in

ADDRESS = ("Müller & Söhne GmbH", "Große Gasse 7", "30159 Hannover")
WRITTEN = "#place(dx: 25mm, dy: 69mm)[" + " \\ ".join(ADDRESS) + "]"


def page(text, *, paper='paper: "a4"', more=""):
    """Return a PDF with *text* placed on its first page."""
    source = (
        f'#set page({paper}, margin: 0mm)\n#set text(font: "Noto Sans", size: 10pt)\n{text}{more}'
    )
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[str(FONTS)])
    return typst.compile(source.encode(), font_paths=fonts)


def faults(pdf, *, address=ADDRESS, profile=DIN_5008_B, registered=False):
    return look(pdf, address=address, profile=profile, registered=registered).faults


@pytest.mark.parametrize("language", ["de", "en", "fr"])
def test_each_of_our_letters_can_be_printed(press, language):
    for name, document in samples(language):
        texts = built_in(language)
        pdf = render(document, press=press, texts=texts).pdf
        address = tuple(show(document, texts=texts)["address"])

        for registered in (False, True):
            found = look(pdf, address=address, profile=DIN_5008_B, registered=registered)
            assert (name, registered, found.faults) == (name, registered, ())
            assert 1 <= found.pages <= 2


def written_to(press, lines):
    """Return a letter of ours to an address of so many lines, and the address."""
    texts = built_in("de")
    document = dict(samples("de"))["thanks"]
    shown = {**show(document, texts=texts), "address": [f"Ägidius Zeile, {n}" for n in lines]}
    return typeset(shown, press=press), tuple(shown["address"])


@pytest.mark.parametrize(
    ("lines", "size", "can_be_registered"),
    [
        (1, 10, True),
        (4, 10, True),
        # Smaller types, in the zone from 68 to 85.5 mm of which the machine reads.
        (5, 8.5, True),
        # Too many for that zone at 8 points: all of 62.7 to 90 mm, in 10 points again.
        (6, 10, False),
        (7, 9, False),
        (10, 6.5, False),
    ],
)
def test_an_address_stands_where_registered_letters_are_read_when_it_fits_there(
    press, lines, size, can_be_registered
):
    pdf, address = written_to(press, range(lines))

    assert faults(pdf, address=address) == ()
    narrow = faults(pdf, address=address, registered=True)
    assert narrow == (() if can_be_registered else ("address_not_in_zone",))
    assert size_of(pdf, "Ägidius") == size


def size_of(pdf, word):
    """Return the size of the type in which *word* stands first, in points."""
    layer = pypdfium2.PdfDocument(pdf)[0].get_textpage()
    at, _ = layer.search(word).get_next()
    return round(pdfium.FPDFText_GetFontSize(layer, at), 1)


def test_a_letter_with_its_address_in_the_window_can_be_printed():
    assert look(page(WRITTEN), address=ADDRESS, profile=DIN_5008_B, registered=True) == Look(1, ())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ("another_address",)),
        (WRITTEN.replace("Gasse 7", "Gasse 8"), ("another_address",)),
        (WRITTEN + "#place(dx: 60mm, dy: 80mm)[x]", ("another_address",)),
        # The return line is above, and is nobody's address.
        (WRITTEN + "#place(dx: 25mm, dy: 55mm)[Nordlicht, Hannover]", ()),
        (WRITTEN.replace("25mm", "22mm"), ("address_not_in_zone",)),
        (
            WRITTEN.replace("69mm", "80mm"),
            ("window_not_quiet", "address_not_in_zone"),
        ),
        # The first line is longer than the 17 mm to the end of what is looked at.
        (
            WRITTEN.replace("25mm", "90mm"),
            ("window_not_quiet", "address_not_in_zone", "another_address"),
        ),
        # Two millimetres around the window are quiet: 43 and 107 mm.
        (WRITTEN + "#place(dx: 107.5mm, dy: 70mm)[x]", ()),
        (
            WRITTEN + "#place(dx: 106mm, dy: 70mm)[x]",
            ("window_not_quiet", "address_not_in_zone", "another_address"),
        ),
        (WRITTEN + "#place(dx: 25mm, dy: 40mm)[x]", ()),
        (WRITTEN + "#place(dx: 25mm, dy: 42mm)[x]", ("window_not_quiet",)),
        # Five millimetres at each edge are clear.
        (WRITTEN + "#place(dx: 5mm, dy: 150mm)[x]", ()),
        (WRITTEN + "#place(dx: 4mm, dy: 150mm)[x]", ("margin_not_clear",)),
        (WRITTEN + "#place(dx: 204mm, dy: 150mm)[x]", ("margin_not_clear",)),
        (WRITTEN + "#place(dx: 50mm, dy: 2mm)[x]", ("margin_not_clear",)),
        (WRITTEN + "#place(dx: 50mm, dy: 291mm)[x]", ("margin_not_clear",)),
        (WRITTEN + "#pagebreak()#place(dx: 2mm, dy: 100mm)[x]", ("margin_not_clear",)),
        # Only the first page is seen through the window.
        (WRITTEN + "#pagebreak()#place(dx: 30mm, dy: 70mm)[x]", ()),
    ],
)
def test_what_is_wrong_with_a_page_is_said(text, found):
    assert faults(page(text)) == found


def test_a_picture_behind_the_window_is_seen():
    picture = (
        "#place(dx: 60mm, dy: 80mm, image(bytes((0, 255)), width: 5mm, height: 5mm, format: "
        '(encoding: "luma8", width: 2, height: 1)))'
    )

    assert faults(page(WRITTEN + picture)) == ("picture_in_window",)
    assert faults(page(WRITTEN + picture.replace("80mm", "180mm"))) == ()


def test_a_drawing_behind_the_window_is_seen():
    drawing = (
        """#place(dx: 60mm, dy: 80mm, image(bytes("<svg xmlns='http://www.w3.org/2000/svg' """
        """width='9' height='9'><circle cx='4' cy='4' r='4'/></svg>"), width: 5mm))"""
    )

    assert faults(page(WRITTEN + drawing)) == ("picture_in_window",)
    assert faults(page(WRITTEN + drawing.replace("80mm", "180mm"))) == ()
    assert faults(page(WRITTEN + drawing.replace("60mm", "2mm").replace("80mm", "180mm"))) == (
        "margin_not_clear",
    )


def test_a_mark_for_folding_may_stand_at_the_edge_and_a_line_not_in_the_window():
    mark = "#place(dx: 4mm, dy: 105mm, line(length: 4mm, stroke: 0.3pt))"

    assert faults(page(WRITTEN + mark)) == ()
    moved = mark.replace("4mm, dy: 105mm", "90mm, dy: 85mm")
    assert faults(page(WRITTEN + moved)) == ("picture_in_window",)


@pytest.mark.parametrize(
    ("paper", "found"),
    [
        ('paper: "a4", flipped: true', ("not_a4", "window_not_quiet")),
        ('paper: "us-letter"', ("not_a4",)),
        ("width: 210mm, height: 297mm", ()),
    ],
)
def test_a_letter_is_of_A4_upright(paper, found):
    assert faults(page(WRITTEN, paper=paper))[:1] == found[:1]


def test_a_letter_of_ten_pages_is_the_longest():
    assert faults(page(WRITTEN + "#pagebreak() x" * 0)) == ()
    ten = WRITTEN + "#pagebreak()#place(dx: 30mm, dy: 100mm)[x]" * 9

    assert faults(page(ten)) == ()
    assert faults(page(ten + "#pagebreak()#place(dx: 30mm, dy: 100mm)[x]")) == ("too_many_pages",)


def test_a_registered_letter_has_a_narrower_zone():
    high = page(WRITTEN.replace("69mm", "64mm"))

    assert faults(high) == ()
    assert faults(high, registered=True) == ("address_not_in_zone",)


def test_who_sends_no_registered_letters_is_given_none():
    profile = replace(DIN_5008_B, registered=None)

    assert faults(page(WRITTEN), profile=profile) == ()
    assert faults(page(WRITTEN), profile=profile, registered=True) == ("not_sent_registered",)


def test_an_invoice_with_its_XML_within_is_not_for_the_printer(press):
    document = next(each for name, each in samples("de") if name == "invoice")
    texts = built_in("de")
    pdf = render(document, press=press, texts=texts, format="zugferd").pdf

    assert faults(pdf, address=tuple(show(document, texts=texts)["address"])) == ("has_attachment",)


@pytest.mark.parametrize("pdf", [b"", b"%PDF-1.7", b"hello" * 100])
def test_what_is_no_PDF_is_unreadable(pdf):
    assert look(pdf, address=ADDRESS, profile=DIN_5008_B, registered=False) == Look(
        0, ("unreadable",)
    )


def test_edges_of_a_zone_belong_to_it():
    zone = Zone(10, 10, 20, 20)

    assert zone.holds(Zone(10, 10, 20, 20))
    assert not zone.holds(Zone(9, 10, 20, 20)) and not zone.holds(Zone(10, 10, 20, 21))
    assert not zone.meets(Zone(20, 10, 30, 20)) and zone.meets(Zone(19, 10, 30, 20))


GOOD, ASTRAY = page(WRITTEN), page("#place(dx: 25mm, dy: 69mm)[somebody else]")


def a_letter(number, *, pdf=GOOD, **changes):
    said = {"document": f"M-{number}", "pdf": pdf, "address": ADDRESS, "country": "DE"}
    return Letter(**{"delivery_id": f"d-{number}", **said, **changes})


def gathered(*letters, batch_id="2026-11-22-1"):
    return gather(batch_id, letters, profile=DIN_5008_B)


def test_a_batch_holds_its_letters_in_order_and_says_what_they_are():
    batch = gathered(a_letter(1), a_letter(2, registered=True, country="AT"))

    assert [*batch.files] == ["00001_M-1.pdf", "00002_M-2.pdf", "manifest.json"]
    assert batch.outcomes == {"d-1": Sent("00001_M-1.pdf"), "d-2": Sent("00002_M-2.pdf")}
    same = {"sha256": sha256(GOOD).hexdigest(), "pages": 1, "sheets": 1}
    assert json.loads(batch.files["manifest.json"]) == {
        "batch_id": "2026-11-22-1",
        "profile": "din-5008-b",
        "duplex": True,
        "colour": False,
        "count": 2,
        "letters": [
            {
                "file": "00001_M-1.pdf",
                "delivery_id": "d-1",
                "country": "DE",
                "registered": False,
                **same,
            },
            {
                "file": "00002_M-2.pdf",
                "delivery_id": "d-2",
                "country": "AT",
                "registered": True,
                **same,
            },
        ],
    }


def test_the_manifest_names_no_person():
    said = gathered(a_letter(1)).files["manifest.json"].decode()

    assert "ller" not in said and "Gasse" not in said and "Hannover" not in said


def test_a_letter_that_would_go_astray_is_left_out_and_the_others_go():
    batch = gathered(a_letter(1, pdf=ASTRAY), a_letter(2))

    assert [*batch.files] == ["00001_M-2.pdf", "manifest.json"]
    assert batch.outcomes == {
        "d-1": Refused("letter_not_printable", "another_address"),
        "d-2": Sent("00001_M-2.pdf"),
    }


@pytest.mark.parametrize(
    ("pages", "duplex", "sheets"), [(1, True, 1), (2, True, 1), (3, True, 2), (3, False, 3)]
)
def test_so_many_pages_stand_on_so_many_sheets(pages, duplex, sheets):
    assert replace(DIN_5008_B, duplex=duplex).sheets(pages) == sheets


def test_a_batch_in_its_folder_is_whole(tmp_path):
    batch = gathered(a_letter(1))

    assert hand_over(batch, folder=tmp_path)

    (place,) = tmp_path.iterdir()
    assert place.name == "2026-11-22-1"
    assert {each.name: each.read_bytes() for each in place.iterdir()} == batch.files


def test_the_same_batch_twice_is_one(tmp_path):
    assert hand_over(gathered(a_letter(1)), folder=tmp_path)
    assert not hand_over(gathered(a_letter(1)), folder=tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["2026-11-22-1"]


def test_another_batch_of_the_same_id_is_refused_and_changes_nothing(tmp_path):
    hand_over(gathered(a_letter(1)), folder=tmp_path)

    with pytest.raises(BatchConflict):
        hand_over(gathered(a_letter(2)), folder=tmp_path)

    assert (tmp_path / "2026-11-22-1/00001_M-1.pdf").exists()
    assert is_there(gathered(a_letter(1)), folder=tmp_path)


def test_what_a_crash_left_half_is_written_anew(tmp_path):
    half = tmp_path / ".2026-11-22-1.part"
    half.mkdir()
    (half / "00001_M-1.pdf").write_bytes(b"half")
    (half / "00009_M-9.pdf").write_bytes(b"of another attempt")
    batch = gathered(a_letter(1))

    assert not is_there(batch, folder=tmp_path)
    assert hand_over(batch, folder=tmp_path)

    assert {each.name for each in (tmp_path / "2026-11-22-1").iterdir()} == {*batch.files}
    assert not half.exists()


@pytest.mark.parametrize("at", range(4))
def test_whatever_fails_amid_leaves_no_batch_behind(tmp_path, at):
    class Failing(dict):
        """Files of which one cannot be read."""

        def items(self):
            for number, item in enumerate(super().items()):
                if number == at:
                    raise OSError("no space left")
                yield item

    batch = gathered(a_letter(1), a_letter(2), a_letter(3))

    with pytest.raises(OSError, match="no space left"):
        hand_over(replace(batch, files=Failing(batch.files)), folder=tmp_path)

    assert [each.name for each in tmp_path.iterdir()] == [".2026-11-22-1.part"]
    assert hand_over(batch, folder=tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["2026-11-22-1"]


def test_a_batch_without_a_letter_is_none(tmp_path):
    assert not hand_over(gathered(a_letter(1, pdf=ASTRAY)), folder=tmp_path)
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize("batch_id", ["", "../x", "a/b", ".hidden", "a b", "a\n", "x" * 101])
def test_a_batch_is_named_by_a_plain_name(batch_id):
    with pytest.raises(ValueError, match="a batch is named"):
        gathered(a_letter(1), batch_id=batch_id)


@pytest.mark.parametrize("document", ["../x", "a b", "ä", "x" * 95, "a\x00"])
def test_a_letter_is_named_by_a_plain_name(document):
    with pytest.raises(ValueError, match="a letter's file name"):
        gathered(a_letter(1, document=document))


def test_one_delivery_is_no_two_letters():
    with pytest.raises(ValueError, match="a delivery is one letter"):
        gathered(a_letter(1), a_letter(1))


def test_two_letters_under_one_name_are_refused():
    profile = replace(DIN_5008_B, file_name="letter.pdf")

    with pytest.raises(ValueError, match="have two names"):
        gather("b-1", [a_letter(1), a_letter(2)], profile=profile)
