"""Whatever happens to a contract: it ends with what the plan says for the time served."""

from datetime import date, timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st

from schemas.contracts import (
    ContractChanged,
    ContractEnded,
    ContractPaused,
    ContractResumed,
    TerminationRevoked,
)
from schemas.escalations import ContractPauseRequested
from schemas.message import Refused
from schemas.orders import (
    AddItem,
    BillInterim,
    CancelCreditNote,
    CorrectInvoice,
    GrantDiscount,
    GrantFreePeriod,
    IssueCreditNote,
    IssueInvoice,
    VoidInvoice,
)
from services.invoicing import audit
from tests.support.events import eur
from tests.support.ledger import Book
from tests.support.office import Office
from tests.support.properties import up_to
from tests.support.tariffs import flat, plan, seats

C1 = {"contract_id": "C1"}
STARTS = st.sampled_from([date(2026, 1, 1), date(2026, 1, 31), date(2028, 2, 29)])
BASIC = plan(
    flat("base", "29.99"),
    flat("after", "9.95", bill="in_arrears"),
    flat("year", "100.00", billing_period="P1Y", optional=True),
    seats("7.77"),
    one_time=(flat("setup", "49.00"),),
)
WEEKS = plan(flat("base", "13.37"), seats("3.33"), plan_id="weeks", billing_period="P2W")
KINDS = ("seats", "plan", "plan", "option", "pause", "resume", "end", "annul", "revoke", "trial",
         "off", "on", "days", "days", "days", "late", "request")  # fmt: skip
ORDERS = (
    *("discount", "free", "item", "invoice", "goodwill", "correct", "interim", "void", "cancel"),
)


def actions(kinds):
    what = st.tuples(st.sampled_from(kinds), st.integers(-40, 40), st.integers(0, 9))
    return st.lists(what, max_size=14)


def message_of(office, kind, days, count):  # noqa: C901 - one case an action
    start = office.contract.agreed.starts_on
    day = max(office.day + timedelta(days=days), start)
    match kind:
        case "seats":
            said = {"effective_on": day, "quantities": {"seats": str(count)}}
            return ContractChanged(**C1, **said)
        case "option":
            said = {"effective_on": day, "quantities": {"year": str(count % 2)}}
            return ContractChanged(**C1, **said) if count < 2 else None
        case "plan":
            name = "weeks" if count % 2 else "basic"
            return ContractChanged(**C1, effective_on=day, plan_id=name)
        case "pause":
            return ContractPaused(**C1, paused_from=day, cause="customer")
        case "request":
            step = {"receivable_id": "R", "reopening": 0, "step": count}
            said = {"payment_escalation_process_id": "P", "paused_from": day, "credit": True}
            return ContractPauseRequested(**C1, **step, **said)
        case "resume":
            return ContractResumed(**C1, resumed_on=day)
        case "end":
            # Now and then a contract that ends, or has ended, is to go on for long.
            later = timedelta(days=400 if count > 4 else 0)
            return ContractEnded(**C1, ends_on=day + later)
        case "annul" if count == 0:
            return ContractEnded(**C1, ends_on=start)
        case "revoke":
            return TerminationRevoked(**C1)
        case "trial":
            return ContractChanged(**C1, trial_until=day)
        case "off" | "on":
            return ContractChanged(**C1, switches={"billing": kind == "on"})
    return None


def order_of(office, kind, days, count):  # noqa: C901 - one case an order
    """Return what a clerk orders, about an invoice that was issued; None where there is none."""
    day = max(office.day + timedelta(days=days), office.contract.agreed.starts_on)
    kept = {*office.filed, *(each.invoice_id for each in office.contract.invoices)}
    issued = [each for each in office.invoices() if each.invoice_id in kept]
    about = issued[count % len(issued)].invoice_id if issued else None
    items = ({"name": "Item", "net": eur(f"{count}.50"), "vat_rate": "19"},)
    base = ({"name": "Base", "net": eur(f"{count}.50"), "component_id": "base"},)
    match kind:
        case "discount":
            said = {"from_on": day if count % 2 else None, "periods": count or None}
            if count % 3:
                return GrantDiscount(**C1, percent=f"{count * 7}", **said)
            return GrantDiscount(**C1, amount=eur(f"{count + 1}.11"), **said)
        case "free":
            return GrantFreePeriod(**C1, periods=1 + count % 2)
        case "item":
            return AddItem(**C1, name="Item", net=eur(f"{days}.00"))
        case "invoice":
            return IssueInvoice(**C1, items=(*items, *base))
        case "goodwill" if about:
            return IssueCreditNote(**C1, invoice_id=about, items=base if count % 2 else items)
        case "correct" if about:
            return CorrectInvoice(**C1, invoice_id=about, items=base if count % 2 else ())
        case "void" if about:
            return VoidInvoice(**C1, invoice_id=about)
        case "cancel" if office.credits():
            note = office.credits()[count % len(office.credits())]
            return CancelCreditNote(**C1, credit_note_id=note.credit_note_id)
        case "interim":
            return BillInterim(**C1, what="all")
    return None


def live(actions, start=date(2026, 1, 1)):
    """Return the office after *actions*, brought to a day on which all is billed."""
    office = Office(BASIC, WEEKS, day=start).register(starts_on=start, quantities={"seats": "2"})
    for kind, days, count in actions:
        if kind in ("days", "late"):
            office.until(office.day + timedelta(days=abs(days)), late=kind == "late")
            continue
        message = message_of(office, kind, days, count) or order_of(office, kind, days, count)
        try:
            office.hear(*([message] if message else []))
        except Refused:
            continue
    office.hear(ContractChanged(**C1, switches={"billing": True}))
    return office.until(office.day + timedelta(days=1))


@settings(max_examples=up_to(150), deadline=None)
@given(actions(KINDS), STARTS)
def test_what_is_billed_is_what_the_timeline_says(lived, start):
    office = live(lived, start)

    book = Book(office)
    assert list(audit.faults([message for _, message in office.said])) == []
    assert book.wrong_days() == ([], [])
    assert book.wrong_sums() == []
    assert book.wrong_taxes() == []


@settings(max_examples=up_to(150), deadline=None)
@given(actions((*KINDS, *ORDERS)), STARTS)
# A credit of 2.79 tax and an item of 0.29 are taken back together: 2.50, not 19 % of 13.20.
@example(
    [("seats", 0, 0), ("discount", 0, 7), ("correct", 0, 1), ("request", 0, 0)], date(2026, 1, 1)
)
def test_whatever_clerks_order_no_day_is_billed_twice_and_all_documents_add_up(lived, start):
    office = live(lived, start)

    assert list(audit.faults([message for _, message in office.said])) == []
    assert Book(office).wrong_days() == ([], [])


LENGTHS = ("P1M", "P3M", "P1Y", "P2W", "P10D")


@settings(max_examples=up_to(60), deadline=None)
@given(
    st.sampled_from(LENGTHS),
    st.sampled_from(LENGTHS),
    st.dates(date(2026, 1, 1), date(2026, 3, 31)),
    st.integers(0, 60),
    st.integers(1, 31),
)
def test_an_outage_changes_no_period_no_line_and_no_amount(first, second, start, before, outage):
    """Only when a document is issued, and so when it is due, is different."""
    rhythms = plan(
        flat("base", "29.99", billing_period=first),
        flat("after", "9.95", billing_period=second, bill="in_arrears"),
    )
    last = start + timedelta(days=200)
    on_time = Office(rhythms, day=start).register(starts_on=start).until(last)
    late = Office(rhythms, day=start).register(starts_on=start)
    late.until(start + timedelta(days=before))
    late.until(late.day + timedelta(days=outage), late=True).until(last)

    assert [_content(each) for each in late.invoices()] == [
        _content(each) for each in on_time.invoices()
    ]


def _content(invoice):
    return invoice.invoice_id, invoice.number, invoice.period, invoice.lines, invoice.gross


@settings(max_examples=up_to(60), deadline=None)
@given(st.lists(st.integers(2, 31), max_size=8), st.sampled_from(["29.99", "0.05", "100.00"]))
def test_what_was_credited_and_is_served_after_all_costs_the_price_to_the_cent(days, price):
    office = Office(plan(flat("base", price))).register()

    office.hear(*(ContractEnded(**C1, ends_on=date(2026, 1, day)) for day in days))
    office.hear(ContractEnded(**C1, ends_on=date(2026, 2, 1)))

    billed = sum(each.net.minor for each in office.invoices())
    assert billed - sum(each.net.minor for each in office.credits()) == eur(price).minor


@settings(max_examples=up_to(60), deadline=None)
@given(st.lists(st.integers(2, 31), max_size=8), st.sampled_from(["29.99", "0.05", "100.00"]))
def test_what_is_annulled_gives_back_net_and_tax_to_the_cent(days, price):
    mixed = plan(flat("base", price), flat("book", "7.77", vat_rate="7"))
    office = Office(mixed).register()

    for day in (*sorted(days, reverse=True), 1):
        office.hear(ContractEnded(**C1, ends_on=date(2026, 1, day)))

    [invoice] = office.invoices()
    taxes = [sum(v.tax.minor for n in office.credits() for v in n.vat if v.rate == rate)
             for rate in ("7", "19")]  # fmt: skip
    assert sum(each.net.minor for each in office.credits()) == invoice.net.minor
    assert taxes == [each.tax.minor for each in invoice.vat]
