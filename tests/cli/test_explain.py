"""What a clerk reads about a contract."""

import json
from datetime import date

import pytest

from schemas.charges import PeriodClosed, UsageCharged, UsageCorrected
from schemas.contracts import ContractChanged, ContractEnded
from schemas.deliveries import DispatchFailed
from schemas.invoices import InvoiceIssued
from schemas.message import ContractMessage
from schemas.orders import (
    AddItem,
    BillInterim,
    CancelCreditNote,
    CorrectInvoice,
    GrantDiscount,
    GrantFreePeriod,
    GrantPrepaid,
    IssueCreditNote,
    IssueInvoice,
    VoidInvoice,
)
from schemas.publish import jsonschema
from schemas.values import Money
from services.cli.words import tell
from services.cli.words.language import ENGLISH
from services.cli.words.names import Names, spaced
from tests.support.console import duestream
from tests.support.events import (
    ACME,
    charged_back,
    eur,
    invoice,
    line,
    paid,
    policy,
    registered,
    reminder,
    webhook,
)


def at(day, hour=10):
    return f"{day}T{hour:02d}:00:00+01:00"


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    """A month: late, reminded, paid in part, a wrong currency, and a return before its payment."""
    folder = tmp_path_factory.mktemp("explain")
    events = [
        line(ACME, at("2026-02-01", 0), name="1"),
        line(policy(webhook(5), reminder(14)), at("2026-02-01", 0), name="2"),
        line(registered(), at("2026-02-01"), name="3"),
        line(invoice("A", "50.00", date(2026, 2, 2)), at("2026-02-01"), name="4"),
        line(paid("p", "20.00", date(2026, 2, 10)), at("2026-02-10"), name="5"),
        line(paid("x", "1.00", date(2026, 2, 11)), at("2026-02-11"), name="6").replace(
            b"EUR", b"CHF"
        ),
        line(charged_back("b", "q", "30.00", date(2026, 2, 18)), at("2026-02-18"), name="7"),
        line(paid("q", "30.00", date(2026, 2, 17)), at("2026-02-19"), name="8"),
    ]
    path = folder / "events.jsonl"
    path.write_bytes(b"\n".join(events))
    duestream("run", path, "--until", "2026-03-05", "--out", folder / "out")
    return folder / "out"


def told(out, *more):
    result = duestream("explain", "C1", "--out", out, "--json", *more)
    return [(each["on"], each["sentence"]) for each in json.loads(result.stdout)]


def test_the_story_of_a_day_tells_the_decision_and_what_was_said(out):
    assert told(out, "--on", "2026-02-16") == [
        (
            "2026-02-16",
            "The reminder at 14 days fires: invoice R-A with 30.00 EUR open is 14 days overdue "
            "since 2026-02-02. R-01: the oldest open receivable sets the age "
            "(policy standard version 1).",
        ),
        (
            "2026-02-16",
            "Reminder level 1 demands 30.00 EUR until and including 2026-03-02: "
            "invoice R-A 30.00 EUR.",
        ),
        (
            "2026-02-16",
            "Escalation exhausted: no step is left, 30.00 EUR is owed; "
            "the last letter left on 2026-02-16.",
        ),
    ]


def test_a_cause_comes_before_its_effects_and_money_has_its_balance(out):
    assert told(out, "--on", "2026-02-10") == [
        ("2026-02-10", "Payment p of 20.00 EUR received on 2026-02-10."),
        (
            "2026-02-10",
            "Booked: payment -20.00 EUR, 20.00 EUR on invoice R-A. Balance 30.00 EUR.",
        ),
    ]


def test_what_waited_is_told_when_it_came_and_booked_when_it_counted(out):
    assert [s for _, s in told(out, "--on", "2026-02-18")] == [
        "Returned debit b: 30.00 EUR of payment q went back on 2026-02-18."
    ]
    assert [s for _, s in told(out, "--on", "2026-02-19")][:5] == [
        "Payment q of 30.00 EUR received on 2026-02-17.",
        "Booked: payment -30.00 EUR, 30.00 EUR on invoice R-A. Balance 0.00 EUR.",
        "Invoice R-A is settled.",
        "Escalation reset: nothing is owed any more.",
        "Booked: chargeback 30.00 EUR, 30.00 EUR taken back from invoice R-A. Balance 30.00 EUR.",
    ]


def test_what_was_dead_lettered_is_told_with_its_reason(out):
    result = duestream("explain", "C1", "--out", out, "--on", "2026-02-11")

    assert "Payment x of 1.00 CHF received on 2026-02-11. Dead-lettered, currency" in result.stdout


def test_what_could_not_be_read_and_who_never_registered_have_a_story_too(tmp_path):
    odd = line(paid("p", "5.00", date(2026, 2, 3)), at("2026-02-03")).replace(b"C1", b"C9")
    (tmp_path / "events.jsonl").write_bytes(odd.replace(b"5.00", b"5.005"))
    duestream("run", tmp_path / "events.jsonl", "--until", "2026-02-05", "--out", tmp_path)

    page = duestream("explain", "C9", "--out", tmp_path).stdout

    assert "> Payment received, which could not be read. Dead-lettered, invalid: money" in page


def test_a_day_without_news_says_when_the_last_were(out):
    result = duestream("explain", "C1", "--out", out, "--on", "2026-02-14")

    assert "Nothing was said about it on 2026-02-14; the last time before was 2026-02-11" in (
        result.stdout
    )


def test_a_page_for_a_person_has_a_line_for_each_day_and_a_legend(out):
    page = duestream("explain", "C1", "--out", out).stdout

    assert page.startswith("C1, days in Europe/Berlin\n\n2026-02-01 Sun\n")
    assert "> came in   ? decided, and why   = answered" in page


def test_an_unknown_contract_exits_with_1_and_names_near_ones(out):
    result = duestream("explain", "C2", "--out", out)

    assert result.exit_code == 1
    assert "no contract C2 among 1" in result.stderr
    assert "ask for another, such as C1" in result.stderr


def test_a_folder_without_a_run_says_how_to_make_one(tmp_path):
    result = duestream("explain", "C1", "--out", tmp_path)

    assert result.exit_code == 1
    assert "make a run first: duestream run EVENTS --until DATE" in result.stderr


@pytest.mark.parametrize(
    ("amount", "written"),
    [("0.00", "0.00 EUR"), ("999.99", "999.99 EUR"), ("1000.00", "1,000.00 EUR"),
     ("-1234567.05", "-1,234,567.05 EUR")],
)  # fmt: skip
def test_money_is_written_as_people_read_it(amount, written):
    assert ENGLISH.written(Money(amount=amount, currency="EUR")) == written


def test_the_name_of_a_message_becomes_words():
    assert spaced("PaymentEscalationReset") == "Payment escalation reset"


def test_a_message_without_words_of_its_own_is_told_field_by_field():
    told = tell.dispatch(object)(charged_back("b", "p", "5.00", date(2026, 2, 3)), None)

    assert told == (
        "Chargeback received: chargeback id b, payment id p, money 5.00 EUR, "
        "booked on 2026-02-03, kind sepa_return."
    )


def test_every_message_of_a_contract_has_words_of_its_own():
    messages = (m for m in jsonschema.messages().values() if issubclass(m, ContractMessage))

    assert [m.__name__ for m in messages if tell.dispatch(m) is tell.dispatch(object)] == []


OF_MARCH = {"from": date(2026, 3, 1), "until": date(2026, 4, 1)}
OF_APRIL = {"from": date(2026, 4, 1), "until": date(2026, 5, 1)}
SUPPORT = {"name": "Support", "net": {"amount": "1200.00", "currency": "EUR"}}
HOURS = {"name": "Hours", "quantity": "3", "unit_price": "80"}
USED = {"component_id": "calls", "period": OF_MARCH, "charge_id": "u-1"}


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        (AddItem(contract_id="C", **SUPPORT, reason="agreed by phone"),
         "A clerk puts Support (1,200.00 EUR net) on the next invoice (agreed by phone)."),
        (IssueInvoice(contract_id="C", items=(SUPPORT, HOURS)),
         "A clerk writes an invoice over Support (1,200.00 EUR net) and Hours (3 at 80 net)."),
        (IssueCreditNote(contract_id="C", invoice_id="i-1", items=(HOURS,)),
         "A clerk writes a credit note for invoice i-1 over Hours (3 at 80 net)."),
        (CorrectInvoice(contract_id="C", invoice_id="i-1"),
         "A clerk replaces invoice i-1 by nothing."),
        (VoidInvoice(contract_id="C", invoice_id="i-1", reason="never ordered"),
         "A clerk declares invoice i-1 void (never ordered)."),
        (CancelCreditNote(contract_id="C", credit_note_id="g-1"),
         "A clerk cancels credit note g-1."),
        (GrantDiscount(contract_id="C", percent="10", component_id="base", periods=3),
         "A clerk grants a discount of 10 % of base for 3 periods."),
        (GrantDiscount(contract_id="C", amount=SUPPORT["net"], from_on=date(2026, 3, 1)),
         "A clerk grants a discount of 1,200.00 EUR until further notice from 2026-03-01."),
        (GrantFreePeriod(contract_id="C", periods=1),
         "A clerk gives one period for free."),
        (GrantPrepaid(contract_id="C", grant_id="g", money=SUPPORT["net"]),
         "A clerk gives prepaid credit of 1,200.00 EUR."),
        (BillInterim(contract_id="C"), "A clerk has usage billed now."),
        (UsageCharged(contract_id="C", **USED, quantity="12.5", net=SUPPORT["net"]),
         "12.5 of calls used from 2026-03-01 until and including 2026-03-31 cost 1,200.00 EUR."),
        (UsageCorrected(contract_id="C", **USED, correction_id="k", net=SUPPORT["net"]),
         "What calls used from 2026-03-01 until and including 2026-03-31 costs is corrected by "
         "1,200.00 EUR (u-1)."),
        (PeriodClosed(contract_id="C", period=OF_MARCH),
         "All that was used from 2026-03-01 until and including 2026-03-31 is charged."),
    ],
)  # fmt: skip
def test_what_invoicing_and_usage_are_told_has_its_sentence(message, sentence):
    assert tell(message, Names({}, {})) == sentence


def test_a_document_says_what_it_holds_and_what_of_it_is_to_be_paid():
    line = {"line_id": "1", "vat_rate": "19", "vat_category": "S"}
    first = {"name": "Router", "net": eur("100.00"), "period": OF_MARCH}
    later = {"name": "Hours", "net": eur("0.02"), "period": OF_APRIL}
    beside = {"vat_rate": "19", "vat_category": "S"}
    issued = InvoiceIssued(
        contract_id="C",
        invoice_id="i",
        number="R-1",
        customer_id="K",
        issued_on=date(2026, 3, 1),
        due_on=date(2026, 3, 16),
        period=OF_MARCH,
        lines=(line | first, line | later),
        allowances=({"name": "Loyalty", "net": eur("10.00"), **beside},),
        charges=({"name": "Delivery", "net": eur("5.00"), **beside},),
        vat=({"rate": "19", "category": "S", "net": eur("95.02"), "tax": eur("18.05")},),
        net=eur("95.02"),
        tax=eur("18.05"),
        gross=eur("113.07"),
        payable_rounding=eur("-0.02"),
    )

    assert tell(issued, Names({}, {})) == (
        "Invoice R-1 over 113.07 EUR, from 2026-03-01 until and including 2026-03-31, "
        "due 2026-03-16: "
        "Router 100.00, Hours 0.02 from 2026-04-01 until and including 2026-04-30, "
        "Loyalty -10.00, Delivery 5.00 "
        "and 19 % VAT 18.05; to be paid 113.05 EUR."
    )


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"quantities": {"seat": "3", "tv": "0"}, "effective_on": date(2026, 3, 1)},
         "The contract changes from 2026-03-01: 3 of seat and 0 of tv."),
        ({"switches": {"billing": False}}, "The contract changes: billing off."),
        ({"payment_terms_days": 7}, "The contract changes: payment within 7 days."),
        ({"trial_until": date(2026, 3, 1)},
         "The contract changes: trial until and including 2026-02-28."),
        ({"billed_until": date(2026, 3, 1)},
         "The contract changes: billed until and including 2026-02-28."),
        ({"ends_on": date(2026, 3, 1)},
         "The contract changes: it ends at the end of 2026-02-28."),
        ({"plan_id": "pro", "plan_version": 2, "when": "next_allowed"},
         "The contract changes, when term and notice allow it: now plan pro version 2."),
    ],
)  # fmt: skip
def test_a_change_of_a_contract_says_what_is_different(changed, sentence):
    assert tell(ContractChanged(contract_id="C", **changed), Names({}, {})) == sentence


@pytest.mark.parametrize(
    ("when", "sentence"),
    [
        ("on_date", "The contract ends at the end of 2026-03-09, by the customer."),
        ("next_allowed",
         "The contract ends not before the end of 2026-03-09, when term and notice allow it, "
         "by the customer."),
        ("after_current_period",
         "The contract ends not before the end of 2026-03-09, after the period that is billed, "
         "by the customer."),
    ],
)  # fmt: skip
def test_an_end_that_depends_on_the_calendar_says_on_what(when, sentence):
    ended = ContractEnded(contract_id="C", ends_on=date(2026, 3, 10), when=when, cause="customer")

    assert tell(ended, Names({}, {})) == sentence


@pytest.mark.parametrize(
    ("fallback", "then"),
    [("letter", "it goes by letter"), (None, "it is not sent at all")],
)
def test_a_delivery_that_failed_says_what_becomes_of_the_reminder(fallback, then):
    failed = DispatchFailed(
        contract_id="C1",
        delivery_id="d",
        dunning_id="r",
        channel="email",
        reason="no_address",
        fallback=fallback,
    )
    names = Names({}, {"r": "reminder level 1 of 2026-02-16"})

    assert tell(failed, names) == (
        f"Reminder level 1 of 2026-02-16 cannot be sent by e-mail (no address); {then}."
    )
