"""A letter that clears itself: what the code on it asks for is paid, and nothing is left (R-110).

Dunning makes each reminder, the page is set, a camera reads the code on its picture, and what it
read comes in as a transfer.
"""

from datetime import date, timedelta
from random import Random

import pytest

from schemas.payments import PaymentReceived
from schemas.values import Money
from services.notifications.rendering import samples
from services.notifications.rendering.rendered import render
from services.notifications.rendering.sources import letters
from services.notifications.rendering.texts import built_in
from tests.notifications.rendering import pages
from tests.support.desk import Desk
from tests.support.events import customer, eur, invoice, paid, policy, registered, reminder, terms

FIRST_DUE = date(2026, 2, 2)
LANGUAGES = ("de", "en", "fr")


def reminded(chance):
    """Return a desk of one to six invoices, some paid in part, after one of three letters."""
    level = chance.choice([1, 2, 3])
    way = chance.choice(["email", "letter"])
    steps = [
        reminder(days, dispatch=way, fee=eur(chance.choice(["0.01", "2.50", "7.00"])))
        for days in (7, 21, 49)[:level]
    ]
    switches = ("interest", "lump_sum", "damages_first", "fees_block_reset")
    wanted = {each: chance.choice([True, False]) for each in switches}
    kind = chance.choice(["business", "consumer"])
    given = Desk(terms(policy(*steps, **wanted)))
    given.hear(registered(customer=customer(kind=kind), due_date_is_agreed=True))
    for number in range(chance.randint(1, 6)):
        cents = chance.choice([chance.randint(1_000, 9_999), chance.randint(10_000, 5_000_000)])
        due_on = FIRST_DUE + timedelta(days=number * chance.choice([0, 1, 12, 31]))
        given.hear(invoice(f"I{number}", amount_of(cents), due_on))
        if chance.random() < 0.3:
            part = amount_of(chance.randint(1, cents // 2))
            given.hear(paid(f"part-{number}", part, date(2026, 1, 20), f"I{number}"))
    for _ in range(200):
        if len(given.all_of("ReminderCreated")) == level:
            break
        given.until(given.day + timedelta(days=1))
    return given


def amount_of(cents):
    return f"{cents // 100}.{cents % 100:02}"


def scanned(press, letter, language):
    """Return amount and reference of the transfer that the code of the page asks for."""
    drawn = letters.reminder(letter, parties=samples.parties_of(language))
    [code] = pages.codes(render(drawn, press=press, texts=built_in(language)).pdf)
    lines = code.splitlines()
    return Money(amount=lines[7].removeprefix("EUR"), currency="EUR"), lines[9]


def clears(press, number):
    """Pay a letter by its code; return whether something else was open of the contract."""
    chance = Random(f"letter {number}")
    given = reminded(chance)
    letter = given.all_of("ReminderCreated")[-1]
    money, reference = scanned(press, letter, LANGUAGES[number % 3])
    assert (money, reference) == (letter.demanded, letter.payment_reference)
    given.until(given.day + timedelta(days=chance.randint(0, 6)))
    resets = len(given.days_of("PaymentEscalationReset"))

    given.hear(
        PaymentReceived(
            contract_id="C1",
            payment_id="scanned",
            money=money,
            received_on=given.day,
            reference=chance.choice([reference, f"MUSTER {reference} DANKE"]),
        )
    )

    listed = {each.receivable_id for each in letter.items}
    open_ = {item.receivable_id: item.open for item in given.account.items if item.open}
    assert not listed & open_.keys(), number
    assert given.account.balance == sum(open_.values()), (number, "nothing is left as credit")
    if not open_:
        assert len(given.days_of("PaymentEscalationReset")) == resets + 1, number
    return bool(open_)


def test_a_letter_that_is_paid_by_its_code_leaves_neither_debt_nor_credit(press):
    assert [clears(press, number) for number in range(12)].count(False) >= 3


@pytest.mark.long
def test_of_200_letters_each_clears_itself(press):
    others = [clears(press, number) for number in range(200)]

    # Both kinds are among them: the contract owes nothing else, or what the letter did not list.
    assert min(others.count(True), others.count(False)) >= 40
