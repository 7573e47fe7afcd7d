"""Damages that are claimed though no letter was paid as it demanded: by order, or at a reset."""

from collections.abc import Iterable

from schemas.escalations import PaymentEscalationReset
from schemas.frozen import replace
from schemas.instructions import ClaimDamages
from schemas.message import ContractMessage, Refused
from schemas.receivables import About
from schemas.terms import Terms
from schemas.values import ReceivableId, derived_id
from services.dunning.damages import damages
from services.dunning.escalation import resets, rules
from services.dunning.ledger import ledger, paid_damages
from services.dunning.ledger.claims import meant
from services.dunning.ledger.entries import LedgerEntry
from services.dunning.model import Account, Outcome, Reminder, Run
from services.dunning.open_items import Assignment, Damage, OpenItem


def claim(account: Account, told: ClaimDamages, terms: Terms) -> Outcome:
    """Post the damages of the named invoices, else of all that are open (R-84c).

    Raise Refused where nothing has arisen that is not booked.
    """
    wanted = meant(account, told.invoices)
    kinds = {"interest": told.interest, "lump_sum": told.lump_sum}
    account, said = _post(account, wanted, kinds, terms, _letters(account))
    if not said:
        what = ", ".join(item.receivable_id for item in wanted[:5])
        raise Refused("conflict", f"nothing has arisen that is not booked: {what or 'no invoice'}")
    return resets.after_entry((account, said), "balance_cleared")


def at_reset(before: Account, after: Outcome, terms: Terms) -> Outcome:
    """Post what a run leaves behind whose debt is paid, where its policy says so (R-84c).

    It is due on the day that has begun, so that no run starts on that day. Who paid what the last
    letter demanded owes nothing beyond it.
    """
    account, said = after
    run = before.run
    resets_ = (each for each in said if isinstance(each, PaymentEscalationReset))
    if run is None or not any(each.reason == "balance_cleared" for each in resets_):
        return after
    policy = rules.snapshot(run.policy, terms)
    if policy.claim_damages != "at_reset" or _paid_as_demanded(paid_damages.letter(account)):
        return after
    kinds = {"interest": policy.interest, "lump_sum": policy.lump_sum}
    letters = [*run.reminders, *_letters(account)]
    about = _about(run) | {item.receivable_id for item in before.open_items}
    items = [item for item in account.items if item.receivable_id in about]
    account, posted = _post(account, items, kinds, terms, letters)
    return account, (*said, *posted)


def _about(run: Run) -> set[ReceivableId]:
    """Return what the steps and letters of *run* were about: none of that is filed away."""
    listed = {name for each in run.reminders for name, _ in each.items}
    return listed | {each.anchor[0] for each in run.decisions}


def _paid_as_demanded(letter: Reminder | None) -> bool:
    """Say whether all damages are booked that *letter* demanded to be booked when paid (R-110)."""
    if letter is None or letter.damages:
        return False
    booked_by_itself = letter.fee if letter.charged_on else 0
    return letter.demanded - booked_by_itself > sum(open_ for _, open_ in letter.items)


def _letters(account: Account) -> list[Reminder]:
    last = paid_damages.letter(account)
    return [*(account.run.reminders if account.run else ()), *([last] if last else [])]


def _post(
    account: Account,
    items: Iterable[OpenItem],
    kinds: dict[str, bool],
    terms: Terms,
    letters: Iterable[Reminder],
) -> Outcome:
    """Post each damage as an item of its own; costs that were paid are off the lump sum (R-93a)."""
    today = terms.today(account.registered.legal_entity_id)
    said: list[ContractMessage] = []
    costs = _costs(letters)
    for item in [each for each in items if each.kind == "invoice"]:
        for damage in damages.arisen(account, item, on=today, terms=terms):
            if kinds[damage.kind] and damage.amount:
                off = min(costs, damage.amount) if damage.kind == "lump_sum" else 0
                costs -= off
                account, posted = _claim(account, damage, off, terms)
                said += posted
    return account, tuple(said)


def _costs(letters: Iterable[Reminder]) -> int:
    """Return what was booked of the fees of *letters*, each once (§ 288 (5) sentence 3 BGB)."""
    sent = {each.dunning_id: each for each in letters if each.counts and each.dispatched_on}
    unpaid = (d.amount for each in sent.values() for d in each.damages if d.kind == "fee")
    return sum(each.fee for each in sent.values()) - sum(unpaid)


def _claim(account: Account, damage: Damage, off: int, terms: Terms) -> Outcome:
    """Post one *damage* less what is *off* it; its debt and its letters know that it is booked."""
    assert damage.kind != "fee" and damage.receivable_id, "it is what one invoice costs"
    name, today = damage.receivable_id, terms.today(account.registered.legal_entity_id)
    all_of_it = (Assignment(receivable_id=name, amount=damage.amount),)
    account = paid_damages.claimed(account, damage)
    account = paid_damages.noted(account, damage.kind, all_of_it)
    amount = damage.amount - off
    if not amount:
        return account, ()
    kind, number = damage.kind, account.entries + 1
    item_id = derived_id("claimed", account.contract_id, name, kind, str(number))
    item = replace(
        OpenItem.due_at_once(item_id, kind=kind, amount=amount, on=today, entry=number),
        caused_by=(Assignment(receivable_id=name, amount=amount),),
    )
    entry = LedgerEntry(
        kind=kind,
        name=("claimed", name, str(number)),
        about=About(invoice_id=name),
        booked_on=today,
    )
    return ledger.post_item(account, item, entry)
