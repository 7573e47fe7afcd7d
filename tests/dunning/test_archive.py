"""What is settled leaves the account and comes back by name, and nobody can tell."""

from datetime import date

from hypothesis import given, settings
from pydantic import TypeAdapter

from schemas.chargebacks import ChargebackReversed
from schemas.message import NotYet, Refused
from services.dunning.archive import Piece, file_away, recall, wanted
from tests.dunning.test_invariants import begin
from tests.support.desk import Desk
from tests.support.events import charged_back, invoice, paid, policy, registered, terms, webhook
from tests.support.life import ACTIONS, Inbox, message_for
from tests.support.properties import up_to

MARCH_1 = date(2026, 3, 1)
PIECE = TypeAdapter(Piece)


class Filing(Desk):
    """A desk that files away after every message, and recalls before it."""

    def __init__(self, terms):
        super().__init__(terms)
        self.filed, self.asked = {}, []

    def hear(self, *messages):
        for message in messages:
            self.recall_for(message)
            super().hear(message)
            self.account, pieces = file_away(self.account)
            self.filed |= {name: PIECE.dump_json(piece) for name, piece in pieces.items()}
        return self

    def recall_for(self, message):
        asked = set()
        while names := wanted(self.account, message) - asked:
            asked |= names
            known = {n: PIECE.validate_json(self.filed[n]) for n in names if n in self.filed}
            self.account = recall(self.account, known)
        self.asked.append(asked)

    def whole(self):
        """Return the account with everything in it."""
        return recall(
            self.account, {n: PIECE.validate_json(text) for n, text in self.filed.items()}
        )


def names(account):
    items = [each.receivable_id for each in account.items]
    return items + [each.receipt_id for each in account.receipts]


def desk():
    given = Filing(terms(policy(webhook(5)))).hear(registered())
    return given.hear(invoice("A", "50.00", MARCH_1), paid("p", "50.00", date(2026, 2, 27)))


def test_what_is_settled_leaves_the_account():
    given = desk()

    assert names(given.account) == []
    assert set(given.filed) == {"item/A", "number/R-A", "payment/p"}


def test_r16_a_settled_invoice_that_is_named_by_its_printed_number_is_known():
    given = desk().hear(invoice("B", "30.00", MARCH_1), paid("q", "30.00", MARCH_1, "R-A"))

    assert given.asked[-1] == {"item/R-A", "number/R-A"}
    assert (names(given.account), given.account.balance) == ([], 0)


def test_a_chargeback_recalls_its_payment_and_the_payment_its_receivables():
    given = desk().hear(charged_back("b", "p", "50.00", date(2026, 3, 11)))

    assert given.asked[-1] == {"payment/p", "item/A"}
    assert (names(given.account), given.account.balance) == (["A"], 5000)


def test_a_reversal_recalls_the_chargeback_and_what_it_had_reopened():
    given = desk().hear(
        charged_back("b", "p", "50.00", date(2026, 3, 11)), paid("q", "50.00", date(2026, 3, 12))
    )
    assert names(given.account) == []

    given.hear(ChargebackReversed(contract_id="C1", chargeback_id="b", booked_on=date(2026, 4, 1)))

    assert given.asked[-1] == {"chargeback/b", "payment/p", "item/A"}
    assert given.account.balance == -5000


def test_a_payment_for_a_settled_invoice_is_not_kept_for_it():
    given = desk().hear(invoice("B", "30.00", MARCH_1), paid("q", "30.00", MARCH_1, "A"))

    assert given.account.balance == 0
    assert given.account.receipts == ()


def test_credit_and_what_is_open_stay():
    given = desk().hear(invoice("B", "50.00", MARCH_1), paid("q", "70.00", MARCH_1))
    given.hear(invoice("C", "30.00", date(2026, 4, 1)))

    assert names(given.account) == ["C"]
    given.hear(paid("r", "15.00", date(2026, 4, 2)))
    assert names(given.account) == ["r"]


def test_what_the_running_run_has_decided_about_stays():
    given = desk().hear(invoice("B", "50.00", MARCH_1), invoice("C", "1.00", date(2026, 5, 1)))
    given.until(date(2026, 3, 10))

    given.hear(paid("q", "50.00", date(2026, 3, 10), "B"))

    assert names(given.account) == ["B", "C"]
    given.hear(paid("r", "1.00", date(2026, 3, 10)))
    assert names(given.account) == []


def test_a_year_of_paid_invoices_leaves_nothing_in_the_account():
    given = desk()
    for month in range(1, 13):
        day = date(2026, month, 1)
        given.hear(invoice(f"I{month}", "50.00", day), paid(f"P{month}", "50.00", day))

    assert names(given.account) == []
    assert len(given.filed) == 39


@settings(max_examples=up_to(100), deadline=None)
@given(ACTIONS)
def test_nobody_can_tell_whether_anything_was_filed_away(actions):
    plain, filing = begin(), begin(Filing)
    inbox = Inbox()
    for number, (kind, cents, pick) in enumerate(actions):
        if kind == "days":
            last = date.fromordinal(plain.day.toordinal() + pick)
            plain.until(last)
            filing.until(last)
        message = message_for(plain.account, plain.day, number, (kind, cents, pick))
        if message is not None and inbox.is_new(message):
            refusals = [refusal(each, message) for each in (plain, filing)]
            assert refusals[0] == refusals[1]
        assert filing.said == plain.said
        assert filing.account.wake_on == plain.account.wake_on

    assert filing.whole() == plain.account


def refusal(desk, message):
    try:
        desk.hear(message)
    except (Refused, NotYet) as why:
        return str(why)
    return None
