"""What the validators of others say: of cases and samples nothing, of spoilt ones what is wrong.

Checked with Mustang 2.24.0, veraPDF 1.28.2, CEN 1.3.16, XRechnung 3.0.2 (Schematron 2.5.0; 2.6.0
could not be had) and Peppol BIS Billing 3 of May 2026.
"""

import io
from dataclasses import replace

import pikepdf
import pytest

from services.notifications.rendering import samples
from services.notifications.rendering.display.frame import Style
from services.notifications.rendering.documents.vouchers import Voucher
from services.notifications.rendering.einvoice import cii, ubl
from services.notifications.rendering.einvoice.rule_sets import rule_set
from services.notifications.rendering.page.logo import logo
from services.notifications.rendering.rendered import render
from services.notifications.rendering.texts import built_in
from tests.notifications.rendering.cases import TODAY, case, cases
from tests.notifications.rendering.test_logo import DRAWING, png

pytestmark = pytest.mark.long
FORMATS = ("zugferd", "xrechnung_cii", "xrechnung_ubl", "peppol_bis")


@pytest.fixture(scope="module")
def written(press, tmp_path_factory):
    """All cases in all formats and all samples in all languages, as files."""
    folder = tmp_path_factory.mktemp("written")
    for name, voucher in cases():
        for format in FORMATS:
            made = render(voucher, press=press, texts=built_in("de"), format=format)
            (folder / f"{name}.{format}.xml").write_bytes(made.xml)
            if format == "zugferd":
                (folder / f"{name}.pdf").write_bytes(made.pdf)
    for language in ("de", "en", "fr"):
        for at, (name, document) in enumerate(samples.samples(language)):
            format = "zugferd" if isinstance(document, Voucher) else None
            made = render(document, press=press, texts=built_in(language), format=format)
            suffix = "hybrid" if format else "letter"
            (folder / f"{language}_{at}_{name}_{suffix}.pdf").write_bytes(made.pdf)
    for name, picture in (("png", png()), ("svg", DRAWING)):
        thanks = dict(samples.samples("de"))["thanks"]
        style = Style(logo=logo(picture), claim="Daten", web="www.nordlicht.example")
        made = render(thanks, press=press, texts=built_in("de"), style=style)
        (folder / f"logo_{name}_letter.pdf").write_bytes(made.pdf)
    return folder


def test_every_case_and_sample_is_pdf_a_3a_and_pdf_ua_1(validators, written):
    files = sorted(written.glob("*.pdf"))

    for flavour in ("3a", "ua1"):
        assert validators.verapdf(flavour, *files) == {each.name: "" for each in files}


def test_mustang_finds_nothing_wrong_in_hybrids_and_xml(validators, written):
    files = [each for each in sorted(written.glob("*.pdf")) if "_letter" not in each.name]
    files += [each for format in FORMATS[1:3] for each in sorted(written.glob(f"*.{format}.xml"))]

    assert validators.mustang(*files) == {each.name: "" for each in files}


def test_the_rules_of_cen_xrechnung_and_peppol_find_nothing_wrong(validators, written):
    files = sorted(written.glob("*.xml"))

    assert len(files) == 4 * len([*cases()])
    assert validators.schematron(*files) == {each.name: "" for each in files}


def test_spoilt_e_invoices_are_found_by_the_rules(validators, tmp_path):
    right = case("s19_7")
    nobody = replace(right.head.recipient, buyer_reference=None)
    spoilt = {
        "total": (replace(right, gross=right.gross + 1), "BR-CO-15"),
        "category": (replace(right, taxes=(replace(right.taxes[0], category="X"),)), "BR-CL-1"),
        "no_reference": (replace(right, head=replace(right.head, recipient=nobody)), "BR-DE-15"),
    }
    for name, (voucher, _) in spoilt.items():
        for format, write in (("xrechnung_cii", cii.write), ("xrechnung_ubl", ubl.write)):
            xml = write(voucher, rule_set(format, on=TODAY))
            (tmp_path / f"{name}.{format}.xml").write_bytes(xml)
    no_buyer = cii.write(right, rule_set("zugferd", on=TODAY)).decode()
    start = no_buyer.index("<ram:BuyerTradeParty>")
    end = no_buyer.index("</ram:BuyerTradeParty>") + len("</ram:BuyerTradeParty>")
    (tmp_path / "no_buyer.zugferd.xml").write_text(no_buyer[:start] + no_buyer[end:])

    found = validators.schematron(*sorted(tmp_path.glob("*.xml")))

    assert len(found) == 7
    for name, text in found.items():
        wanted = {"no_buyer": "BR-07"} | {key: rule for key, (_, rule) in spoilt.items()}
        assert wanted[name.split(".")[0]] in text


def without_font(pdf):
    for page in pdf.pages:
        for font in page.Resources.Font.values():
            for inner in font.DescendantFonts:
                del inner.FontDescriptor.FontFile2


def without_relation(pdf):
    del pdf.Root.AF


def without_level(pdf):
    said = pdf.Root.Metadata.read_bytes().decode()
    start, end = said.rindex("<rdf:Description"), said.rindex("</rdf:RDF>")
    pdf.Root.Metadata.write((said[:start] + said[end:]).encode())


def test_spoilt_pdfs_are_found(validators, press, tmp_path):
    made = render(case("s19_7"), press=press, texts=built_in("de"), format="zugferd")
    for spoil in (without_font, without_relation, without_level):
        with pikepdf.open(io.BytesIO(made.pdf)) as opened:
            spoil(opened)
            opened.save(tmp_path / f"{spoil.__name__}.pdf")
    files = sorted(tmp_path.glob("*.pdf"))

    found = validators.mustang(*files)

    assert len(found) == 3 and all(found.values())
