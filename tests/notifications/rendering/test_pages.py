"""Pages: what a person reads on them, in three languages, and that nothing leaves its place."""

import hashlib
import io
import json
import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pikepdf
import pytest
from stdnum import iban, iso11649

from schemas.invoices import LinePeriod
from schemas.payment_reference import payment_reference
from schemas.values import Money
from services.notifications.rendering import samples
from services.notifications.rendering.documents.letters import LeftOut, OpenItem
from services.notifications.rendering.documents.vouchers import Voucher
from services.notifications.rendering.einvoice.hybrid import UnexpectedMetadata, declare
from services.notifications.rendering.einvoice.rule_sets import rule_set
from services.notifications.rendering.page.typesetting import AddressDoesNotFit
from services.notifications.rendering.rendered import render
from services.notifications.rendering.sample_messages import (
    CONTRACT,
    customer,
    invoice,
    money,
    reminder,
)
from services.notifications.rendering.sources import letters, vouchers
from services.notifications.rendering.texts import built_in
from tests.notifications.rendering import pages
from tests.notifications.rendering.cases import HOSTILE, MARKUP, TODAY, case, line, who
from tests.notifications.rendering.cases import invoice as case_of

LANGUAGES = ("de", "en", "fr")


def printed(document, press, language="de", format=None):
    return render(document, press=press, texts=built_in(language), format=format).pdf


def letter(level, press, language="de", **changes):
    drawn = letters.reminder(reminder(level, **changes), parties=samples.parties_of(language))
    return printed(drawn, press, language)


@pytest.mark.parametrize(
    ("language", "told"),
    [
        (
            "de",
            [
                "Rechnung R-2026-1105",
                "Fällig am 07.12.2026",
                "01.10.2026 – 31.10.2026",  # noqa: RUF001
                "Umsatzsteuer 19 % auf 48,25 € 9,17 €",
                "Gesamtbetrag 137,64 €",
                "1.234.567 0,0012 je 100",
                "Bitte überweisen Sie 137,64 € bis zum 07.12.2026.",
                "DE02 1203 0000 0000 2020 51",
                "Seite 1 von 1",
            ],
        ),
        (
            "en",
            [
                "Invoice R-2026-1105",
                "Due on 7 Dec 2026",
                "VAT 19 % on €48.25 €9.17",
                "Total amount €137.64",
                "1,234,567 0.0012 per 100",
                "Please transfer €137.64 by 7 Dec 2026.",
                "Page 1 of 1",
            ],
        ),
        (
            "fr",
            [
                "Facture R-2026-1105",
                "Échéance 07/12/2026",
                "TVA 19 % sur 48,25 € 9,17 €",
                "Total TTC 137,64 €",
                "1 234 567 0,0012 pour 100",
                "Merci de virer 137,64 € au plus tard le 07/12/2026.",
                "Page 1 sur 1",
            ],
        ),
    ],
)
def test_an_invoice_says_the_same_in_each_language(press, language, told):
    drawn = vouchers.invoice(invoice(), parties=samples.parties_of(language))

    text = pages.text(printed(drawn, press, language))

    for each in told:
        assert each in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sample_is_set_on_one_or_two_pages_in_each_language(press, language):
    for name, document in samples.samples(language):
        pdf = printed(document, press, language)
        title = built_in(language).by_kind[name]["title"]
        assert title in pages.text(pdf)
        assert len(pages.texts(pdf)) <= 2


@pytest.mark.parametrize("name", ["surcharges_prepaid", "francs", "yen", "debit"])
def test_the_page_says_what_the_e_invoice_says(press, name):
    said = {
        "surcharges_prepaid": ["R-2026-0003", "06.12.2026", "1.179,54 €", "1.079,54 €"],
        "francs": ["R-2026-0014", "06.12.2026", "59,42 CHF", "59,40 CHF", "9,98 €"],
        "yen": ["R-2026-0015", "06.12.2026", "39.835 ¥"],
        "debit": ["R-2026-0013", "06.12.2026", "139,60 €", "MREF-4711", "DE98ZZZ09999999999"],
    }[name]

    text = pages.text(printed(case(name), press, format="zugferd"))

    for each in said:
        assert each in text


def test_a_reminder_adds_up_and_its_further_items_are_apart(press):
    text = pages.text(letter(3, press))

    for each in (
        "Letzte Mahnung",
        "R-2026-0811 03.08.2026 17.08.2026 98 1.190,00 690,00",
        "Gebühr 20.09.2026",
        "Überfälliger Betrag 931,00 €",
        "Mahngebühr 2,50 €",
        "Verzugszinsen 23,17 €",
        "Verzugspauschale 40,00 €",
        "Zu zahlen bis 07.12.2026 996,67 €",
        "Buchung Nr. 17",
    ):
        assert each in text
    assert "Umsatzsteuer" not in text
    assert text.index("996,67 €") < text.index("Weitere offene Rechnungen") < text.index("137,64")


@pytest.mark.parametrize("level", [1, 2, 3])
def test_the_code_on_a_page_is_read_as_the_transfer_it_asks_for(press, level):
    [code] = pages.codes(letter(level, press))

    lines = code.splitlines()
    reference = payment_reference(CONTRACT, f"D-{level}")
    assert lines == [
        *("BCD", "002", "1", "SCT", "BYLADEM1001", "Nordlicht Datendienste GmbH"),
        "DE02120300000000202051",
        {1: "EUR931.00", 2: "EUR996.67", 3: "EUR996.67"}[level],
        "",
        reference,
    ]
    assert iban.is_valid(lines[6]) and iso11649.is_valid(lines[9])


def test_a_camera_reads_of_many_letters_what_they_demand(press):
    chance = Random(7)
    for number in range(8):
        cents = chance.choice([chance.randrange(1, 1000), chance.randrange(1000, 10**9)])
        asked = Money.of(cents, "EUR")
        items = (reminder(1).items[0].model_copy(update={"open": asked}),)
        letter_ = reminder(1, dunning_id=f"D/{number}", items=items, demanded=asked)
        pdf = printed(letters.reminder(letter_, parties=samples.parties_of("de")), press)

        [code] = pages.codes(pdf)

        assert code.splitlines()[7] == f"EUR{asked.amount}"
        assert code.splitlines()[9] == payment_reference(CONTRACT, f"D/{number}")


@pytest.mark.parametrize("name", ["francs", "yen", "debit", "card", "fully_prepaid", "credit_note"])
def test_there_is_no_code_where_none_can_pay(press, name):
    assert pages.codes(printed(case(name), press)) == []


def test_a_long_list_repeats_its_header_and_keeps_its_totals_together(press):
    texts = pages.texts(printed(case("rounding_200"), press))

    lined = [each for each in texts if "Position " in each]
    assert len(lined) >= 4
    assert all("Pos. Leistung Menge Einzelpreis USt. Netto EUR" in each for each in lined)
    [total] = [each for each in texts if "Gesamtbetrag" in each]
    assert "Summe der Positionen" in total and "Umsatzsteuer 19 %" in total
    assert [f"Seite {at} von {len(texts)}" in each for at, each in enumerate(texts, 1)] == [
        True
    ] * len(texts)


def many(number):
    day = date(2024, 1, 1)
    return tuple(
        OpenItem(
            kind="invoice",
            number=f"R-2024-{at:05}",
            issued_on=day + timedelta(days=at),
            due_on=day + timedelta(days=at + 14),
            original=10_000 + at,
            open=10_000 + at,
            days_overdue=600,
        )
        for at in range(number)
    )


def test_a_reminder_of_300_items_says_how_many_it_leaves_out(press):
    drawn = letters.reminder(reminder(1), parties=samples.parties_of("de"))
    # 300 items of 100.00 to 102.99 and what is left out; 0.56 is set off.
    owed = 3_044_850 + 123_456
    demanded = {"demanded": owed - 56, "payment": None}
    long = replace(drawn, items=many(300), items_left_out=LeftOut(12, 123_456), **demanded)

    text = pages.text(printed(long, press))

    assert "R-2024-00299" in text
    assert "sowie 12 weitere Posten: 1.234,56 €" in text
    assert "Überfälliger Betrag 31.683,06 € Abzüglich Guthaben -0,56 €" in text
    assert "Zu zahlen bis 07.12.2026 31.682,50 €" in text


def test_a_reminder_demands_no_more_than_it_lists():
    with pytest.raises(AssertionError, match="no more than it lists"):
        letters.reminder(reminder(1, demanded=money("931.01")), parties=samples.parties_of("de"))


def test_a_line_says_its_days_where_they_are_others_than_those_of_all(press):
    november = LinePeriod(from_=date(2026, 11, 1), until=date(2026, 11, 11))
    lines = [line("A", "1", "1", "1.00"), line("B", "1", "1", "1.00", period=november)]

    text = pages.text(printed(case_of("R-1", *lines), press))

    assert "Leistungszeitraum 01.10.2026 – 10.11.2026" in text  # noqa: RUF001
    assert "A 01.10.2026 – 31.10.2026 1 1,00" in text  # noqa: RUF001
    assert "B 01.11.2026 – 10.11.2026 1 1,00" in text  # noqa: RUF001


def buyer(**address):
    base = customer("de")
    return base.model_copy(update={"address": base.address.model_copy(update=address)})


def drawn(**address):
    return vouchers.invoice(invoice(), parties=who(buyer(**address)))


def in_window(pdf):
    """Return the words of the 85 x 45 mm window, and of the two millimetres around it."""
    return [
        word
        for word in pages.words(pdf)
        if word.right > 18 and word.left < 107 and word.bottom > 43 and word.top < 92
    ]


@pytest.mark.parametrize(
    "address",
    [
        {},
        {"company": None, "name": "Li"},
        {
            "company": "Arbeitsgemeinschaft Donaudampfschifffahrtsgesellschaft Hafenlogistik "
            "Süddeutschland und Österreich GmbH & Co. KGaA i. Gr.",
            "name": "Zentrale Kreditorenbuchhaltung, Rechnungseingang Ebene 4, Postfach-Service",
            "street": "Gebäude C, Aufgang 3, bei Schmidt-Rottenegger, Große Bäckergasse 7",
            "country": "AT",
        },
    ],
)
def test_an_address_stands_within_its_window_and_nothing_else_does(press, address):
    found = in_window(printed(drawn(**address), press))

    assert all(word.left >= 20 and word.right <= 105 for word in found)
    assert all(word.top >= 45 and word.bottom <= 90 for word in found)
    recipient = [word for word in found if word.top > 62]
    assert recipient and min(word.left for word in recipient) >= 24.9


def test_the_return_line_has_its_descenders(press):
    # "Speicherstraße 12, Hamburg" stands on a line at 60.6 mm, and was cut off there.
    assert pages.is_printed(letter(1, press), left=25, top=60.75, right=100, bottom=61.4)
    assert not pages.is_printed(letter(1, press), left=25, top=61.6, right=100, bottom=67.5)


def test_an_address_that_does_not_fit_is_an_error_and_no_letter(press):
    with pytest.raises(AddressDoesNotFit):
        printed(drawn(company="WWWW " * 39, name="MMMM " * 39, street="Große Straße " * 15), press)


@pytest.mark.parametrize(
    "name", [HOSTILE, "x" * 200, "שלום עולם GmbH", "شركة الاختبار", "株式会社"]
)
def test_any_name_is_set_and_stays_within_the_margins(press, name):
    said = invoice(notes=("x" * 2000, "y " * 900, name))
    evil = vouchers.invoice(said, parties=who(buyer(company=name.replace("\x07", ""))))

    pdf = printed(evil, press)

    for page in range(len(pages.texts(pdf))):
        for word in pages.words(pdf, page):
            assert word.left >= 24 and word.right <= 191, word


def test_markup_and_code_in_a_text_are_printed_as_they_stand(press):
    text = pages.text(printed(case("hostile"), press))

    assert MARKUP in text
    assert "#panic() *bold* $x$ @ref <label> \\u{0}" in text


def test_a_copy_says_so(press):
    original = case("s19_7")
    copy = replace(original, head=replace(original.head, is_copy=True))

    assert "Rechnung R-2026-0001 (Kopie)" in pages.text(printed(copy, press))


def test_a_reminder_says_which_invoices_it_encloses(press):
    drawn = letters.reminder(
        reminder(1), parties=samples.parties_of("de"), enclosed=["R-2026-0811", "R-2026-0902"]
    )

    assert "Anlage: Kopie von R-2026-0811, R-2026-0902" in pages.text(printed(drawn, press))


def test_a_hybrid_has_one_attachment_and_says_which(press):
    made = render(case("s19_7"), press=press, texts=built_in("de"), format="zugferd")

    with pikepdf.open(io.BytesIO(made.pdf)) as opened:
        [file] = opened.Root.AF
        said = opened.Root.Metadata.read_bytes().decode()
        assert str(file.AFRelationship) == "/Alternative"
        assert str(file.UF) == "factur-x.xml"
        assert file.EF.F.read_bytes() == made.xml
        assert opened.Root.OutputIntents
    assert "<fx:DocumentFileName>factur-x.xml<" in said
    assert "<fx:ConformanceLevel>EN 16931<" in said
    assert "<pdfuaid:part>1<" in said and "<pdfaid:conformance>A<" in said
    assert b"urn:cen.eu:en16931:2017<" in made.xml


def test_a_file_that_is_written_otherwise_is_not_declared_on_a_guess():
    with pytest.raises(UnexpectedMetadata):
        declare(b"%PDF-1.7\n%%EOF\n", rules=rule_set("zugferd", on=TODAY))


AGAIN = """
import hashlib, json
from services.notifications.rendering import samples
from services.notifications.rendering.documents.vouchers import Voucher
from services.notifications.rendering.page import typesetting
from services.notifications.rendering.rendered import render
from services.notifications.rendering.texts import built_in

press, told = typesetting.press(), []
for _, document in samples.samples("de"):
    format = "zugferd" if isinstance(document, Voucher) else None
    made = render(document, press=press, texts=built_in("de"), format=format)
    told.append(hashlib.sha256(made.pdf + (made.xml or b"")).hexdigest())
print(json.dumps(told))
"""


def test_another_process_makes_the_same_bytes(press):
    command = [sys.executable, "-c", AGAIN]
    environment = {"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "LC_ALL": "C"}
    told = subprocess.run(command, capture_output=True, check=True, env=environment, text=True)

    own = []
    # In the other order, so that what a press has printed before counts for nothing.
    for _, document in reversed([*samples.samples("de")]):
        format = "zugferd" if isinstance(document, Voucher) else None
        made = render(document, press=press, texts=built_in("de"), format=format)
        own.insert(0, hashlib.sha256(made.pdf + (made.xml or b"")).hexdigest())
    assert own == json.loads(told.stdout)
