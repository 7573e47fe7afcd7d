"""The story of a contract in a language: the same sentences, written as that language writes."""

import json
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from string import Formatter

import pytest

from schemas.chargebacks import ChargebackReceived
from schemas.contracts import ContractChanged, ContractEnded, InstrumentRegistered
from schemas.decisions import StepDecided
from schemas.instructions import DeferReceivable, HoldEscalation
from schemas.orders import GrantDiscount, GrantFreePeriod, IssueInvoice
from schemas.receivables import EntryPosted, ReceivableSettled
from schemas.values import Money
from services.cli import words
from services.cli.words import tell
from services.cli.words.language import ENGLISH, language
from services.cli.words.names import Names
from tests.support.console import duestream
from tests.support.events import ACME, eur, invoice, line, paid, policy, registered, reminder

GERMAN = language("de")
NAMES = Names({"A": "Rechnung R-A"}, {}, GERMAN)
C = {"contract_id": "C"}
ITEMS = (
    {"name": "Beratung", "net": {"amount": "1200.00", "currency": "EUR"}},
    {"name": "Stunden", "quantity": "2.5", "unit_price": "80"},
)


def fields(sentence):
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def test_every_sentence_stands_in_both_languages():
    assert set(GERMAN.sentences) == set(ENGLISH.sentences)


@pytest.mark.parametrize("key", sorted(ENGLISH.sentences))
def test_a_sentence_says_the_same_things_in_both_languages(key):
    assert fields(GERMAN.sentences[key]) == fields(ENGLISH.sentences[key])


def test_every_sentence_that_the_words_ask_for_is_there():
    sources = [*Path(words.__file__).parent.glob("*.py")]
    cli = Path(words.__file__).parents[1]
    sources += [cli / "commands" / "explain.py"]
    sources += [cli / "views" / f"{name}.py" for name in ("running", "fates", "recomputed")]
    asked = {
        key
        for path in sources
        for key in re.findall(r'"([a-z]+\.[a-z_]+)"', path.read_text(encoding="utf-8"))
    }

    assert len(asked) > 100
    assert asked - set(ENGLISH.sentences) == set()


@pytest.mark.parametrize(
    ("value", "english", "german"),
    [
        (eur("0.00"), "0.00 EUR", "0,00 EUR"),
        (eur("-1234567.05"), "-1,234,567.05 EUR", "-1.234.567,05 EUR"),
        (Money(amount="999999999999999", currency="JPY"),
         "999,999,999,999,999 JPY", "999.999.999.999.999 JPY"),
        (Money(amount="1000.005", currency="KWD"), "1,000.005 KWD", "1.000,005 KWD"),
        (Decimal("12.50"), "12.5", "12,5"),
        (Decimal("0.000000000001"), "0.000000000001", "0,000000000001"),
        (1200, "1,200", "1.200"),
        (date(2026, 3, 1), "2026-03-01", "01.03.2026"),
        (datetime(2026, 3, 1, 9, 5, tzinfo=UTC),
         "2026-03-01 09:05+00:00", "01.03.2026 09:05+00:00"),
        ("R-{1}", "R-{1}", "R-{1}"),
    ],
)  # fmt: skip
def test_a_value_is_written_as_its_language_does(value, english, german):
    assert (ENGLISH.written(value), GERMAN.written(value)) == (english, german)


DECIDED = StepDecided(
    **C,
    decided_on=date(2026, 2, 20),
    outcome="guarded",
    rule="R-31a",
    step={"number": 2, "days_overdue": 35, "action": "pause_contract"},
    anchor="A",
    age_days=40,
    delay_days=5,
    policy={"policy_id": "standard", "version": 1, "hash": "0" * 64},
    facts={
        "open": "1200.00 EUR",
        "due_on": "2026-01-10",
        "overdue": "1250.00 EUR",
        "balance": "1250.00 EUR",
        "min_notice_days": "14",
        "notice_ends": "2026-02-27",
    },
)


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        (paid("p", "1020.00", date(2026, 2, 10), "A"),
         "Zahlung p über 1.020,00 EUR am 10.02.2026 eingegangen, bestimmt für Rechnung R-A."),
        (ChargebackReceived(**C, chargeback_id="b", payment_id="p", money=eur("30.00"),
                            booked_on=date(2026, 2, 18), kind="sepa_return", reason_code="AM04",
                            fee=eur("3.00")),
         "Rücklastschrift b (AM04): 30,00 EUR aus Zahlung p am 18.02.2026 zurückgegangen; "
         "die Bank verlangt 3,00 EUR."),
        (EntryPosted(**C, entry_id="e", number=2, about={"payment_id": "p"}, kind="payment",
                     money=eur("-20.00"), booked_on=date(2026, 2, 10), balance=eur("30.00"),
                     assigned=({"receivable_id": "A", "amount": eur("20.00")},)),
         "Gebucht: Zahlung -20,00 EUR, 20,00 EUR auf Rechnung R-A. Saldo 30,00 EUR."),
        (ReceivableSettled(**C, receivable_id="A", reopening=0, by="write_off",
                           written_off=eur("30.00")),
         "Von Rechnung R-A ist nichts mehr offen: 30,00 EUR davon sind ausgebucht, "
         "nicht bezahlt."),
        (HoldEscalation(**C, until=date(2026, 7, 1), reason="Zusage am Telefon"),
         "Die Sachbearbeitung hält das Mahnen bis einschließlich 30.06.2026 an "
         "(Zusage am Telefon)."),
        (DeferReceivable(**C, invoice_id="A", until=date(2026, 6, 30)),
         "Die Sachbearbeitung stundet Rechnung R-A bis einschließlich 30.06.2026."),
        (IssueInvoice(**C, items=ITEMS),
         "Die Sachbearbeitung stellt eine Rechnung über Beratung (1.200,00 EUR netto) und "
         "Stunden (2,5 zu 80 netto) aus."),
        (GrantDiscount(**C, percent="7.5", component_id="base", periods=1),
         "Die Sachbearbeitung gewährt einen Nachlass von 7,5 % auf base für einen "
         "Abrechnungszeitraum."),
        (GrantFreePeriod(**C, periods=2),
         "Die Sachbearbeitung schenkt dem Kunden 2 Abrechnungszeiträume."),
        (ContractEnded(**C, ends_on=date(2026, 7, 1), cause="customer"),
         "Der Vertrag endet mit Ablauf des 30.06.2026, durch den Kunden."),
        (ContractChanged(**C, effective_on=date(2026, 3, 1), payment_terms_days=7,
                         switches={"billing": False}),
         "Der Vertrag ändert sich ab dem 01.03.2026: Zahlung binnen 7 Tagen und "
         "Abrechnung aus."),
        (InstrumentRegistered(**C, instrument_id="k", kind="card", expires="2027-03"),
         "Neue Zahlungsdaten: Karte k, gültig bis Ende 03/2027."),
        (DECIDED,
         "Die Pause des Vertrags nach 35 Tagen wartet, bis die Frist des Kunden um ist: "
         "Rechnung R-A, offen mit 1.200,00 EUR, ist 40 Tage überfällig, gezählt ab dem "
         "11.01.2026 (ursprünglich fällig am 10.01.2026), abzüglich 5 Tagen, in denen ein "
         "Schreiben nicht versandt war; insgesamt sind 1.250,00 EUR überfällig; die Frist "
         "(14 Tage) läuft bis einschließlich 26.02.2026. R-31a: Wer am letzten Tag zahlt, den "
         "ein Schreiben nennt, hat rechtzeitig gezahlt (Mahnverfahren standard, Version 1)."),
    ],
    ids=lambda each: type(each).__name__,
)  # fmt: skip
def test_a_message_is_told_in_german(message, sentence):
    assert tell(message, NAMES) == sentence


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    """Return a run in which an invoice is reminded of and something in CHF comes."""
    folder = tmp_path_factory.mktemp("german")
    events = [
        line(ACME, "2026-02-01T00:00:00+01:00", name="1"),
        line(policy(reminder(14)), "2026-02-01T00:00:00+01:00", name="2"),
        line(registered(), "2026-02-01T10:00:00+01:00", name="3"),
        line(invoice("A", "50.00", date(2026, 2, 2)), "2026-02-01T10:00:00+01:00", name="4"),
        line(paid("x", "1.00", date(2026, 2, 16)), "2026-02-16T10:00:00+01:00", name="5").replace(
            b"EUR", b"CHF"
        ),
    ]
    (folder / "events.jsonl").write_bytes(b"\n".join(events))
    duestream("run", folder / "events.jsonl", "--until", "2026-02-20", "--out", folder / "out")
    return folder / "out"


PAGE = """\
C1, Tage in Europe/Berlin

16.02.2026 Mo
   ? Die Mahnung nach 14 Tagen wird ausgelöst: Rechnung R-A, offen mit 50,00
     EUR, ist 14 Tage überfällig, gezählt ab dem 02.02.2026. R-01: Die älteste
     offene Forderung bestimmt das Alter (Mahnverfahren standard, Version 1).
   = Mahnung Stufe 1 fordert 50,00 EUR bis einschließlich 02.03.2026: Rechnung
     R-A 50,00 EUR.
   = Der Mahnlauf ist ausgeschöpft: Keine Stufe ist übrig, 50,00 EUR sind offen;
     das letzte Schreiben ging am 16.02.2026 hinaus.
 > Zahlung x über 1,00 CHF am 16.02.2026 eingegangen. Nicht verwendet, falsche
   Währung: the contract is in EUR.

> eingegangen   ? entschieden, mit Grund   = veranlasst
"""


def test_a_page_in_german_is_german_but_for_what_services_wrote(out):
    asked = ("explain", "C1", "--out", out, "--on", "2026-02-16", "--language", "de")

    assert duestream(*asked, columns=80).stdout == PAGE


def test_json_has_the_sentences_in_the_language_that_is_asked_for(out):
    asked = ("explain", "C1", "--out", out, "--on", "2026-02-16", "--json")

    said = json.loads(duestream(*asked, "--language", "de").stdout)

    assert said[1]["sentence"].startswith("Mahnung Stufe 1 fordert 50,00 EUR")


def test_the_language_is_english_whatever_the_machine_speaks(out):
    asked = ("explain", "C1", "--out", out)
    german_machine = {"LANG": "de_DE.UTF-8", "LC_ALL": "de_DE.UTF-8", "LANGUAGE": "de"}

    assert duestream(*asked, **german_machine).stdout == duestream(*asked).stdout
    assert "Reminder level 1 demands 50.00 EUR" in duestream(*asked, **german_machine).stdout


def test_a_language_that_is_not_there_is_refused_with_those_that_are(out):
    result = duestream("explain", "C1", "--out", out, "--language", "fr")

    assert result.exit_code == 1
    assert "'fr' is not one of 'en', 'de'" in result.stderr
