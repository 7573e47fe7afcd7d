"""DATEV booking batches: EXTF, header version 700, category 21, Buchungsstapel version 13.

As DATEV's developer portal describes the format (formats "Header" and "Buchungsstapel", 2024): a
line of 31 fields that says whose books they are, a line of 125 headings, a line a booking;
semicolons, texts in quotation marks, Windows-1252, CR LF, decimal comma, amounts without sign.
A batch is of one month, as is recommended, for a Belegdatum has no year; it holds at most 99,999
bookings. Accounts that post the tax by themselves get the gross; where that would not make our
tax to the cent they get the net, with key 40, which keeps them from it, and the tax goes by itself.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple
from urllib.parse import quote

from schemas.values import Money
from services.bookkeeping.breakdown import tax_in
from services.bookkeeping.chart import Chart
from services.bookkeeping.postings import Contra, Posting

CURRENCY = "EUR"
COUNTRY = "DE"
MOST = 99_999
NO_AUTOMATIC = "40"
_FIELDS = 125

_HEADINGS = (
    "Umsatz (ohne Soll/Haben-Kz)", "Soll/Haben-Kennzeichen", "WKZ Umsatz", "Kurs", "Basis-Umsatz",
    "WKZ Basis-Umsatz", "Konto", "Gegenkonto (ohne BU-Schlüssel)", "BU-Schlüssel", "Belegdatum",
    "Belegfeld 1", "Belegfeld 2", "Skonto", "Buchungstext", "Postensperre",
    "Diverse Adressnummer", "Geschäftspartnerbank", "Sachverhalt", "Zinssperre", "Beleglink",
    *(f"Beleginfo - {what} {n}" for n in range(1, 9) for what in ("Art", "Inhalt")),
    "KOST1 - Kostenstelle", "KOST2 - Kostenstelle", "Kost-Menge", "EU-Land u. UStID (Bestimmung)",
    "EU-Steuersatz (Bestimmung)", "Abw. Versteuerungsart", "Sachverhalt L+L",
    "Funktionsergänzung L+L", "BU 49 Hauptfunktionstyp", "BU 49 Hauptfunktionsnummer",
    "BU 49 Funktionsergänzung",
    *(f"Zusatzinformation{gap} {what} {n}" for n in range(1, 21)
      for gap, what in ((" -", "Art"), ("-", "Inhalt"))),
    "Stück", "Gewicht", "Zahlweise", "Forderungsart", "Veranlagungsjahr",
    "Zugeordnete Fälligkeit", "Skontotyp", "Auftragsnummer", "Buchungstyp",
    "USt-Schlüssel (Anzahlungen)", "EU-Land (Anzahlungen)", "Sachverhalt L+L (Anzahlungen)",
    "EU-Steuersatz (Anzahlungen)", "Erlöskonto (Anzahlungen)", "Herkunft-Kz", "Buchungs GUID",
    "KOST-Datum", "SEPA-Mandatsreferenz", "Skontosperre", "Gesellschaftername",
    "Beteiligtennummer", "Identifikationsnummer", "Zeichnernummer", "Postensperre bis",
    "Bezeichnung SoBil-Sachverhalt", "Kennzeichen SoBil-Buchung", "Festschreibung",
    "Leistungsdatum", "Datum Zuord. Steuerperiode", "Fälligkeit", "Generalumkehr (GU)",
    "Steuersatz", "Land", "Abrechnungsreferenz", "BVV-Position", "EU-Land u. UStID (Ursprung)",
    "EU-Steuersatz (Ursprung)", "Abw. Skontokonto",
)  # fmt: skip
# What Belegfeld 1 may hold.
_NO_VOUCHER = re.compile(r"[^A-Za-z0-9$&%*+/-]")


class Batch(NamedTuple):
    """A file for DATEV."""

    name: str
    content: bytes
    bookings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """A line of a batch: an account against the receivables account, positive where more is owed.

    ``tax`` is what the account makes of it by itself, 0 where it makes none.
    """

    posting: Posting
    contra: Contra
    account: str
    amount: int
    key: str = ""


def takes(posting: Posting) -> bool:
    """Say whether DATEV takes it: of a German entity, and in its currency.

    An amount in another one would need the rate of exchange, which no message says (U-43).
    """
    ledger = posting.booked.ledger
    return ledger.entity.published.country == COUNTRY and ledger.currency == CURRENCY


def bookings(posting: Posting) -> Iterator[Booking]:
    """Yield the lines that make *posting*."""
    for contra in posting.contras:
        splits = contra.automatic or contra.key != ""
        gross = contra.net + contra.tax
        if not contra.tax or (splits and tax_in(gross, contra.rate) == contra.tax):
            key = contra.key if contra.tax else ""
            yield Booking(
                posting=posting, contra=contra, account=contra.account, amount=gross, key=key
            )
            continue
        key = NO_AUTOMATIC if contra.automatic else ""
        for account, amount, with_key in (
            (contra.account, contra.net, key),
            (contra.tax_account, contra.tax, ""),
        ):
            if amount:
                yield Booking(
                    posting=posting, contra=contra, account=account, amount=amount, key=with_key
                )


def batches(postings: Iterable[Posting], chart: Chart) -> Iterator[Batch]:
    """Yield the batches of each legal entity and month; *postings* that DATEV takes."""
    months: dict[tuple[str, str], list[Posting]] = {}
    for each in postings:
        key = each.booked.ledger.legal_entity_id, f"{each.on:%Y-%m}"
        months.setdefault(key, []).append(each)
    for (entity, month), of_month in sorted(months.items()):
        lines = [line for each in of_month for line in bookings(each)]
        for number, start in enumerate(range(0, len(lines), MOST), start=1):
            part = lines[start : start + MOST]
            more = f"_{number}" if number > 1 else ""
            name = f"EXTF_Buchungsstapel_{quote(entity, safe='')}_{month}{more}.csv"
            yield Batch(name, _content(part, chart), len(part))


def _content(lines: Sequence[Booking], chart: Chart) -> bytes:
    rows = [_header(lines, chart), ";".join(_HEADINGS), *map(_row, lines)]
    # What the code page does not have is replaced; names and numbers of it are not lost, for the
    # journal of postings has them.
    return "".join(f"{row}\r\n" for row in rows).encode("cp1252", errors="replace")


def _header(lines: Sequence[Booking], chart: Chart) -> str:
    first = lines[0].posting.on.replace(day=1)
    last = _last_of(f"{first:%Y-%m}")
    entity = lines[0].posting.booked.ledger.entity
    made_at = max(each.posting.booked.entry.known_at for each in lines).astimezone(entity.zone)
    told = chart.datev
    fields = (
        _text("EXTF"), "700", "21", _text("Buchungsstapel"), "13", _stamp(made_at), "",
        _text("RE"), _text("duestream"), _text(""), str(told.consultant), str(told.client),
        f"{_year_of(first, told.year_begins_in):%Y%m%d}", str(chart.account_length),
        f"{first:%Y%m%d}", f"{last:%Y%m%d}", _text(f"duestream {first:%Y-%m}"), _text(""), "1",
        "0", "0", _text(CURRENCY), "", _text(""), "", "", _text(told.chart), "", "", _text(""),
        _text(""),
    )  # fmt: skip
    return ";".join(fields)


def _last_of(month: str) -> date:
    """Return the last day of *month*, such as ``2026-05``."""
    first = date.fromisoformat(f"{month}-01")
    return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _stamp(at: datetime) -> str:
    """Return when the last of it became known: the same books are the same bytes, whenever made."""
    return f"{at:%Y%m%d%H%M%S}{at.microsecond // 1000:03}"


def _year_of(day: date, begins_in: int) -> date:
    """Return the first day of the business year that *day* is in."""
    return date(day.year if day.month >= begins_in else day.year - 1, begins_in, 1)


def _row(line: Booking) -> str:
    fields = [""] * _FIELDS
    posted = line.posting.booked.entry.posted
    fields[0] = Money.of(abs(line.amount), CURRENCY).amount.replace(".", ",")
    fields[1] = _text("S" if line.amount > 0 else "H")
    fields[2] = _text(CURRENCY)
    fields[6], fields[7] = line.posting.receivables, line.account
    fields[8] = _text(line.key)
    fields[9] = f"{line.posting.on:%d%m}"
    # The end of a long number tells it from others.
    fields[10] = _text(_NO_VOUCHER.sub("-", line.contra.document)[-36:])
    fields[13] = _text(line.posting.text[:60])
    fields[20:24] = map(_text, ("Vertrag", posted.contract_id, "Beleg", line.contra.document))
    if line.posting.posted_on is not None:
        # A batch takes no voucher of a month before its own.
        fields[24:26] = map(_text, ("Belegdatum", f"{line.posting.booked.entry.on:%d.%m.%Y}"))
    if line.contra.supply and line.contra.supply.category in ("AE", "K"):
        # Without it the recapitulative statement cannot be made (§ 18a UStG).
        fields[39] = _text(line.contra.vat_id or "")
    fields[113] = "0"
    if line.contra.taxed_in not in ("", f"{line.posting.on:%Y-%m}"):
        # Service and tax period: a return by the day of the voucher would be a month late.
        fields[114] = fields[115] = f"{_last_of(line.contra.taxed_in):%d%m%Y}"
    return ";".join(fields)


def _text(content: str) -> str:
    """Quote *content*; a control character would break the line."""
    cleaned = "".join(each if each.isprintable() else " " for each in content)
    return '"' + cleaned.replace('"', '""') + '"'
