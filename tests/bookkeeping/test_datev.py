"""Booking batches as DATEV reads them."""

from dataclasses import replace
from datetime import date

import pytest

from schemas.addresses import Buyer, Customer, Seller
from schemas.contracts import CustomerChanged
from schemas.credited import CreditedInvoice
from schemas.instructions import ReverseWriteOff, WriteOff
from schemas.invoices import Line
from services.bookkeeping import datev
from services.bookkeeping.chart import parse
from tests.bookkeeping.test_books import C1, FEB, FULL, JAN, MAR, REDUCED, bill, desk, made, note
from tests.support.bookkeeper import SKR03, SKR04
from tests.support.events import ACME, charged_back, customer, eur, paid

NOVEMBER = date(2025, 11, 3)


def batches(told, chart=SKR03, **more):
    found = made(told, chart=chart, **more)
    return list(datev.batches(filter(datev.takes, found.postings), chart))


def rows(told, chart=SKR03):
    """The bookings: amount, side, accounts, key, date, voucher and text."""
    wanted = (0, 1, 6, 7, 8, 9, 10, 13)
    lines = [line for each in batches(told, chart) for line in bookings(each)]
    return [tuple(line.split(";")[at].strip('"') for at in wanted) for line in lines]


def bookings(batch):
    return batch.content.decode("cp1252").split("\r\n")[2:-1]


def test_the_first_line_says_whose_books_they_are_and_of_which_month():
    (batch,) = batches(desk(bill("A", FULL)))

    assert batch.name == "EXTF_Buchungsstapel_acme_2026-01.csv"
    assert batch.content.split(b"\r\n")[0].decode("cp1252") == (
        '"EXTF";700;21;"Buchungsstapel";13;20260101100000000;;"RE";"duestream";"";1001;1;20260101;'
        '4;20260101;20260131;"duestream 2026-01";"";1;0;0;"EUR";;"";;;"03";;;"";""'
    )


def test_every_line_has_its_fields_and_ends_as_windows_does():
    (batch,) = batches(desk(bill("A", FULL)))
    _, headings, booking, end = batch.content.decode("cp1252").split("\r\n")

    assert (len(headings.split(";")), len(booking.split(";")), end) == (125, 125, "")
    assert headings.startswith("Umsatz (ohne Soll/Haben-Kz);Soll/Haben-Kennzeichen;WKZ Umsatz;")
    assert headings.split(";")[113] == "Festschreibung"
    assert headings.endswith(";EU-Steuersatz (Ursprung);Abw. Skontokonto")
    assert booking.startswith(
        '119,00;"S";"EUR";;;;1410;8400;"";0101;"R-A";;;"Rechnung C1";;;;;;;"Vertrag";"C1";'
        '"Beleg";"R-A";'
    )


def test_an_automatic_account_gets_the_gross_and_a_loss_that_comes_back_a_key():
    told = desk(
        bill("A", FULL, REDUCED),
        note("G", ("S", "19", "10.00", "1.90"), invoice_id="A"),
        WriteOff(**C1, on=MAR),
        ReverseWriteOff(**C1, on=MAR),
    )

    assert rows(told) == [
        ("119,00", "S", "1410", "8400", "", "0101", "R-A", "Rechnung C1"),
        ("107,00", "S", "1410", "8300", "", "0101", "R-A", "Rechnung C1"),
        ("11,90", "H", "1410", "8400", "", "0102", "G", "Gutschrift C1"),
        ("107,10", "H", "1410", "2406", "", "0103", "R-A", "Ausbuchung C1"),
        ("107,00", "H", "1410", "2401", "", "0103", "R-A", "Ausbuchung C1"),
        ("107,10", "S", "1410", "2732", "3", "0103", "R-A", "Ausbuchung zurückgenommen C1"),
        ("107,00", "S", "1410", "2732", "2", "0103", "R-A", "Ausbuchung zurückgenommen C1"),
    ]


def test_tax_that_the_account_would_not_make_goes_by_itself():
    told = desk(bill("A", ("S", "19", "100.00", "19.02")))

    assert rows(told) == [
        ("100,00", "S", "1410", "8400", "40", "0101", "R-A", "Rechnung C1"),
        ("19,02", "S", "1410", "1776", "", "0101", "R-A", "Rechnung C1"),
    ]


def test_tax_of_a_rate_without_a_line_goes_by_itself():
    told = desk(bill("A", ("S", "16", "100.00", "16.00")))

    assert rows(told, SKR04) == [
        ("100,00", "S", "1210", "4200", "", "0101", "R-A", "Rechnung C1"),
        ("16,00", "S", "1210", "3800", "", "0101", "R-A", "Rechnung C1"),
    ]


def test_a_payment_names_each_invoice_that_it_pays_and_itself_for_the_rest():
    told = desk(
        bill("A", FULL),
        bill("B", REDUCED, issued_on=FEB, due_on=MAR),
        paid("p-1", "230.00", MAR),
        charged_back("b", "p-1", "230.00", MAR, fee=eur("3.00")),
    )

    assert rows(told)[2:] == [
        ("119,00", "H", "1410", "1360", "", "0103", "R-A", "Zahlung C1"),
        ("107,00", "H", "1410", "1360", "", "0103", "R-B", "Zahlung C1"),
        ("4,00", "H", "1410", "1360", "", "0103", "p-1", "Zahlung C1"),
        ("119,00", "S", "1410", "1360", "", "0103", "R-A", "Rückbelastung C1"),
        ("107,00", "S", "1410", "1360", "", "0103", "R-B", "Rückbelastung C1"),
        ("4,00", "S", "1410", "1360", "", "0103", "b", "Rückbelastung C1"),
        ("3,00", "S", "1410", "2705", "", "0103", "b", "Gebühr C1"),
    ]


def test_reverse_charge_carries_the_vat_id_of_the_customer():
    told = desk(
        bill("A", ("AE", "0", "100.00", "0.00")),
        customer=customer(kind="business", vat_id="ATU12345678"),
    )
    (batch,) = batches(told)
    fields = bookings(batch)[0].split(";")

    assert (fields[7], fields[39]) == ("8336", '"ATU12345678"')


def test_text_from_outside_breaks_no_line_and_no_code_page():
    told = desk(bill("A", FULL).model_copy(update={"number": 'Ä"7;Ω\u2028' + "9" * 40}))
    (batch,) = batches(told)
    (line,) = bookings(batch)

    assert f';"{"9" * 36}";' in line
    assert line.count("\u2028") == 0
    assert f'"Beleg";"Ä""7;? {"9" * 40}";' in line


@pytest.mark.parametrize(
    ("begins_in", "month", "begins"),
    [
        (1, JAN, "20260101"),
        (7, JAN, "20250701"),
        (7, NOVEMBER, "20250701"),
        (11, NOVEMBER, "20251101"),
    ],
)
def test_a_month_belongs_to_the_business_year_that_it_is_in(begins_in, month, begins):
    told = SKR03.datev.model_copy(update={"year_begins_in": begins_in})
    chart = SKR03.model_copy(update={"datev": told})
    (batch,) = batches(desk(bill("A", FULL, issued_on=month)), chart)

    assert batch.content.split(b";")[12].decode() == begins


def test_each_month_has_a_batch_of_its_own_and_names_of_entities_are_no_paths():
    told = desk(bill("A", FULL), paid("p", "119.00", MAR))
    found = made(told)
    entity = found.entries[0].ledger.entity
    named = entity.published.model_copy(update={"legal_entity_id": "../a b"})
    postings = [in_ledger(each, entity=replace(entity, published=named)) for each in found.postings]

    assert [(each.name, each.bookings) for each in datev.batches(postings, SKR03)] == [
        ("EXTF_Buchungsstapel_..%2Fa%20b_2026-01.csv", 1),
        ("EXTF_Buchungsstapel_..%2Fa%20b_2026-03.csv", 1),
    ]


def test_what_is_not_in_euro_or_not_german_is_not_for_datev():
    found = made(desk(bill("A", FULL)))
    (posting,) = found.postings
    ledger = posting.booked.ledger

    assert datev.takes(posting)
    assert not datev.takes(in_ledger(posting, currency="CHF"))
    abroad = ledger.entity.published.model_copy(update={"country": "AT"})
    assert not datev.takes(in_ledger(posting, entity=replace(ledger.entity, published=abroad)))


def in_ledger(posting, **changes):
    ledger = replace(posting.booked.ledger, **changes)
    return replace(posting, booked=replace(posting.booked, ledger=ledger))


def test_accounts_of_another_length_are_told_in_the_first_line():
    text = (
        'name = "ours"\nreceivables = "14100"\nmoney = "13600"\ndamages = "27050"\n[otherwise]\n'
        'revenue = "82000"\ntax = "17700"\nloss = "24000"\nrecovered = "27320"\n'
    )
    (batch,) = batches(desk(bill("A", FULL)), parse(text))

    assert batch.content.split(b";")[13] == b"5"


def vat_ids(told):
    """Return the VAT id of each line of each batch."""
    found = batches(told, as_of=date(2027, 12, 31))
    return [line.split(";")[39] for batch in found for line in bookings(batch)]


def changed(vat_id):
    return CustomerChanged(**C1, customer=customer(kind="business", vat_id=vat_id))


def test_r105_the_vat_id_is_that_of_the_document_whatever_it_is_today():
    seller = Seller(name="Acme GmbH", address=ACME.address, country="DE")
    buyer = {"customer_id": "K1", "kind": "business", "name": "Erika", "language": "de"}
    sold_to = Buyer(**buyer, address=ACME.address, vat_id="ATU13585627")
    sold = bill("A", ("AE", "0", "100.00", "0.00"))
    told = desk(
        sold.model_copy(update={"seller": seller, "customer": sold_to}),
        customer=customer(kind="business", vat_id="ATU12345678"),
    )

    told.hear(changed("FR40303265045"), WriteOff(**C1, on=date(2027, 1, 1)))

    # The invoice, and the loss of it.
    assert vat_ids(told) == ['"ATU13585627"', '"ATU13585627"']


def test_r105_a_document_from_outside_has_the_vat_id_that_was_known_then():
    told = desk(customer=customer(kind="business", vat_id="ATU12345678"))
    told.hear(bill("A", ("AE", "0", "100.00", "0.00"))).until(date(2026, 2, 2))

    told.hear(changed("FR40303265045"), bill("B", ("AE", "0", "50.00", "0.00")))

    assert vat_ids(told) == ['"ATU12345678"', '"FR40303265045"']


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("NL 0044.95.445.B01", "NL004495445B01"),
        ("FR 40 303 265 045", "FR40303265045"),
        ("atu 1234-5678", "ATU12345678"),
        ("CHE-107.787.577", "CHE107787577"),
    ],
)
def test_r105_a_vat_id_is_read_without_what_people_write_between(written, read):
    assert Customer(**customer(vat_id=written)).vat_id == read


def test_u27_a_note_of_several_invoices_is_taken_off_each_as_it_says():
    told = desk(bill("A", FULL), bill("B", FULL))
    lines = tuple(
        Line(line_id=name, name="Base", net=eur("50.00"), vat_rate="19", vat_category="S",
             invoice_id=name) for name in "AB"
    )  # fmt: skip
    half = {"net": eur("50.00"), "tax": eur("9.50"), "gross": eur("59.50")}
    credited = tuple(CreditedInvoice(invoice_id=name, **half) for name in "AB")
    both = note("G", ("S", "19", "100.00", "19.00"), credited=credited)

    told.hear(both.model_copy(update={"lines": lines}), WriteOff(**C1, on=date(2027, 1, 1)))

    # What is left of each is lost, with its own tax.
    found = made(told, as_of=date(2027, 12, 31))
    losses = [each for posting in found.postings for each in posting.booked.losses]
    assert [(e.receivable_id, p.net, p.tax) for e in losses for p in e.parts] == [
        ("A", 5000, 950),
        ("B", 5000, 950),
    ]


def test_r84a_a_discount_for_early_payment_is_a_line_with_its_tax_and_falls_with_the_payment():
    early = ({"percent": "2", "days": 20},)
    told = desk(
        bill("A", FULL, REDUCED, early_payment=early),
        paid("p", "221.48", JAN, "A"),
        charged_back("c", "p", "1.00", FEB),
    )

    assert rows(told)[2:] == [
        ("221,48", "H", "1410", "1360", "", "0101", "R-A", "Zahlung C1"),
        ("2,38", "H", "1410", "8736", "", "0101", "R-A", "Skonto C1"),
        ("2,14", "H", "1410", "8731", "", "0101", "R-A", "Skonto C1"),
        ("1,00", "S", "1410", "1360", "", "0102", "R-A", "Rückbelastung C1"),
        ("2,38", "S", "1410", "8736", "", "0102", "R-A", "Skonto zurückgenommen C1"),
        ("2,14", "S", "1410", "8731", "", "0102", "R-A", "Skonto zurückgenommen C1"),
    ]
    found = made(told).revenue.values()
    assert [(each.net, each.tax) for each in found] == [
        (10000 - 200, 1900 - 38),
        (10000 - 200, 700 - 14),
        (200, 38),
        (200, 14),
    ]


def test_a_chart_without_accounts_for_discounts_books_them_as_less_revenue():
    early = ({"percent": "2", "days": 20},)
    told = desk(bill("A", FULL, early_payment=early), paid("p", "116.62", JAN, "A"))
    plain = SKR03.model_copy(
        update={"supply": tuple(s.model_copy(update={"discount": None}) for s in SKR03.supply)}
    )

    assert rows(told, plain)[2] == ("2,38", "H", "1410", "8400", "", "0101", "R-A", "Skonto C1")
