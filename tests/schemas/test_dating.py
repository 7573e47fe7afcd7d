"""What has happened is not dated in the future (R-58)."""

from datetime import date, timedelta

import pytest

from schemas import dating, topics
from schemas.chargebacks import ChargebackReversed, DisputeClosed, DisputeOpened
from schemas.contracts import InstrumentRegistered
from schemas.days import DayBegan
from schemas.deliveries import DeliveryReturned, Dispatched
from schemas.envelope import Event
from schemas.instructions import DispatchReminder, ReverseWriteOff, WriteOff
from schemas.invoices import CreditNoteCancelled
from schemas.message import Refused
from schemas.payments import PaymentFailed, PaymentPending, RefundMade
from tests.support.events import charged_back, credit_note, eur, invoice, paid, terms

C1 = {"contract_id": "C1"}
TODAY = date(2026, 3, 10)
MONEY = {"money": eur("5.00")}
HAPPENED = [
    lambda day: paid("p", "5.00", day),
    lambda day: PaymentPending(**C1, **MONEY, payment_id="p", method="sepa", initiated_on=day),
    lambda day: PaymentFailed(**C1, payment_id="p", failed_on=day),
    lambda day: RefundMade(**C1, **MONEY, refund_id="r", made_on=day),
    lambda day: charged_back("b", "p", "5.00", day),
    lambda day: ChargebackReversed(**C1, chargeback_id="b", booked_on=day),
    lambda day: DisputeOpened(**C1, chargeback_id="b", on=day),
    lambda day: DisputeClosed(**C1, chargeback_id="b", on=day),
    lambda day: credit_note("G", "5.00", day),
    lambda day: CreditNoteCancelled(**C1, credit_note_id="G", cancelled_on=day),
    lambda day: DispatchReminder(**C1, dunning_id="d", dispatched_on=day),
    lambda day: Dispatched(**C1, delivery_id="D", channel="email", dispatched_on=day),
    lambda day: DeliveryReturned(**C1, delivery_id="D", returned_on=day, reason="unknown"),
    lambda day: WriteOff(**C1, on=day),
    lambda day: ReverseWriteOff(**C1, on=day),
    lambda day: InstrumentRegistered(**C1, instrument_id="i", kind="card", last_used_on=day),
]


def check(message, *, said_at="2026-03-10T12:00:00+01:00", begun=TODAY, entity="acme"):
    known = terms().including(DayBegan(legal_entity_id="acme", day=begun))
    event = Event(id="1", source="/s", type="T", time=said_at, subject="C1", data=b"{}")
    dating.check(message, event, known, entity=entity)


@pytest.mark.parametrize("says", HAPPENED)
def test_a_day_more_is_let_pass_and_two_are_invalid(says):
    check(says(TODAY - timedelta(days=400)))
    check(says(TODAY + timedelta(days=1)))

    with pytest.raises(Refused, match=r"^invalid: \w+: lies in the future$"):
        check(says(TODAY + timedelta(days=2)))


def test_every_message_that_says_what_happened_is_tried_here():
    tried = {type(says(TODAY)) for says in HAPPENED}
    dated = {each for topic in topics.CATALOGUE for each in topic.messages if each.happened}

    assert tried == dated
    assert [each for each in dated if not set(each.happened) <= set(each.model_fields)] == []


@pytest.mark.parametrize(
    ("said_at", "begun", "last"),
    [
        ("2026-03-10T12:00:00+01:00", date(2026, 3, 10), date(2026, 3, 11)),
        ("2026-03-12T12:00:00+01:00", date(2026, 3, 10), date(2026, 3, 13)),  # a day is late
        ("2026-03-08T12:00:00+01:00", date(2026, 3, 10), date(2026, 3, 11)),  # it is late itself
        ("2026-03-10T22:59:59+00:00", date(2026, 3, 9), date(2026, 3, 11)),
        ("2026-03-10T23:00:00+00:00", date(2026, 3, 9), date(2026, 3, 12)),  # midnight in Berlin
    ],
)
def test_the_later_counts_of_the_day_that_has_begun_and_that_on_which_it_was_said(
    said_at, begun, last
):
    check(paid("p", "5.00", last), said_at=said_at, begun=begun)

    with pytest.raises(Refused, match="received_on"):
        check(paid("p", "5.00", last + timedelta(days=1)), said_at=said_at, begun=begun)


def test_an_invoice_may_be_dated_ahead_and_due_whenever():
    check(invoice("A", "5.00", date(2027, 1, 1), issued_on=date(2026, 4, 1)))


def test_what_is_sent_now_has_no_day_of_its_own():
    check(DispatchReminder(**C1, dunning_id="d", by_us=True))


def test_where_the_legal_entity_is_not_known_yet_it_is_looked_at_later():
    check(paid("p", "5.00", date(2027, 1, 1)), entity=None)
    check(paid("p", "5.00", date(2027, 1, 1)), entity="another")
