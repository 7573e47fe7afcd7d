"""What each entry of a ledger means for revenue and for tax."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from schemas.invoices import CreditNoteIssued
from schemas.receivables import EntryPosted
from schemas.values import ReceivableId
from services.bookkeeping.breakdown import (
    OUTSIDE,
    Part,
    Parts,
    Supply,
    breakdown,
    by_lines,
    gross_of,
    negated,
    plain,
)
from services.bookkeeping.facts import Disagrees, Incomplete
from services.bookkeeping.journal import JournalEntry, Ledger
from services.bookkeeping.takings import Takings
from services.bookkeeping.trade import NOBODY, Trade
from services.bookkeeping.write_offs import Claim


@dataclass(frozen=True, slots=True)
class Loss:
    """What was given up of a receivable; negative where it is demanded or paid after all."""

    receivable_id: ReceivableId
    parts: Parts
    trade: Trade = NOBODY


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """An entry, what it supplied (negative where it was credited), and what was lost by it."""

    ledger: Ledger
    entry: JournalEntry
    supplies: Parts = ()
    losses: tuple[Loss, ...] = ()
    # What of invoices it made paid (§ 20 UStG).
    paid: Parts = ()
    # Who sold to whom, as the document says it.
    trade: Trade = NOBODY
    # A credit note is off invoices that are named, and not off anything at all.
    is_of_invoices: bool = True
    # The numbers of the invoices that it names.
    numbers: Mapping[str, str] = field(default_factory=dict)

    @property
    def money(self) -> int:
        """By how much more is owed, in the minor unit."""
        return self.entry.posted.money.minor


def booked(ledger: Ledger) -> Iterator[Booked]:
    """Yield all entries of *ledger*; raise Disagrees where a document is not what was booked."""
    walk = _Walk(ledger)
    for entry in ledger.entries:
        yield walk.take(entry)


@dataclass(slots=True)
class _Walk:
    """Goes along a ledger; what was billed, credited and given up so far decides what is next."""

    ledger: Ledger
    claims: dict[ReceivableId, Claim] = field(default_factory=dict)
    notes: dict[str, tuple[dict[ReceivableId, Parts], Parts]] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    takings: Takings = field(default_factory=Takings)
    # By receivable, or by credit note.
    trades: dict[str, Trade] = field(default_factory=dict)

    def take(self, entry: JournalEntry) -> Booked:
        posted = entry.posted
        # Damages that a chargeback takes back are less than nothing, and owe nothing.
        if posted.kind in ("receivable", "fee") and not posted.owed and posted.money.minor >= 0:
            raise Incomplete(f"{_where(posted)}: an earlier version wrote it without what is owed")
        supplies = self._supplies(entry)
        for owed in posted.owed:
            billed = supplies if owed.kind == "invoice" else _outside(owed.amount.minor)
            is_supply = owed.kind == "invoice"
            self.claims[owed.receivable_id] = Claim(billed=billed, is_supply=is_supply)
            self.trades[owed.receivable_id] = entry.trade
            if owed.number is not None:
                self.numbers[owed.receivable_id] = owed.number
        losses = self._losses(posted)
        lost = sum(gross_of(each.parts) for each in losses)
        named = {each.receivable_id for each in posted.assigned}
        named |= {each.receivable_id for each in losses}
        named |= {posted.about.invoice_id} if posted.about.invoice_id else set()
        found = Booked(
            ledger=self.ledger,
            entry=entry,
            supplies=supplies,
            losses=losses,
            paid=self._paid(entry, losses),
            is_of_invoices=self._is_of_invoices(posted),
            trade=self._trade(entry),
            numbers={name: self.numbers[name] for name in named & self.numbers.keys()},
        )
        expected = gross_of(supplies) if supplies else -lost if losses else found.money
        if expected != found.money:
            raise Disagrees(f"{_where(posted)}: its parts come to {expected}, not {found.money}")
        return found

    def _paid(self, entry: JournalEntry, losses: tuple[Loss, ...]) -> Parts:
        posted = entry.posted
        shares, _ = self.notes.get(posted.about.credit_note_id or "", ({}, ()))
        touched = {*shares, *(each.receivable_id for each in losses)}
        if posted.kind == "discount" and posted.about.invoice_id:
            touched.add(posted.about.invoice_id)
        return self.takings.take(posted, self.claims, touched=touched)

    def _is_of_invoices(self, posted: EntryPosted) -> bool:
        shares, _ = self.notes.get(posted.about.credit_note_id or "", ({}, ()))
        return any(name in self.claims for name in shares)

    def _trade(self, entry: JournalEntry) -> Trade:
        """Return the trade of the document, or of the credit note that is cancelled."""
        if entry.posted.kind == "discount":
            return self.trades.get(entry.posted.about.invoice_id or "", NOBODY)
        name = entry.posted.about.credit_note_id
        if name is None or entry.document is None:
            return self.trades.get(name, NOBODY) if name else entry.trade
        return self.trades.setdefault(name, entry.trade)

    def _supplies(self, entry: JournalEntry) -> Parts:
        posted, bill = entry.posted, entry.document
        if posted.kind == "discount":
            return self._deduct(posted)
        if posted.kind not in ("receivable", "credit"):
            return ()
        if bill is not None:
            parts = breakdown(bill, default_rates=self.ledger.entity.rates)
            parts = _placed(parts, entry.trade)
            if not isinstance(bill, CreditNoteIssued):
                return parts
            shares = _by_invoice(bill, parts, entry.trade)
            self.notes[bill.credit_note_id] = shares, parts
            for of, share in shares.items():
                self._credit(of, share)
            return negated(parts)
        if posted.about.credit_note_id is None:
            # A fee is taken back: it was no supply.
            return ()
        if posted.about.credit_note_id not in self.notes:
            name = posted.about.credit_note_id
            raise Incomplete(f"{_where(posted)}: credit note {name} is not on invoices")
        shares, parts = self.notes[posted.about.credit_note_id]
        if not posted.money.minor and (posted.assigned or gross_of(parts)):
            # It pays something else now, and is the correction that it was (R-84b).
            return ()
        for of, share in shares.items():
            self._credit(of, negated(share))
        return parts

    def _deduct(self, posted: EntryPosted) -> Parts:
        """Return what of a discount is of which supply: as it says, else as of a loss (R-84a)."""
        name = posted.about.invoice_id
        if name is None or name not in self.claims:
            raise Incomplete(f"{_where(posted)}: the invoice of the discount is not booked")
        said = tuple(
            Part(Supply(each.category, plain(each.rate)), -each.net.minor, -each.tax.minor)
            for each in posted.vat
        )
        said = _placed(said, self.trades.get(name, NOBODY))
        self.claims[name], parts = self.claims[name].deduct(-posted.money.minor, said)
        return negated(parts)

    def _credit(self, invoice_id: ReceivableId, parts: Parts) -> None:
        if invoice_id in self.claims:
            self.claims[invoice_id] = self.claims[invoice_id].credit(parts)

    def _losses(self, posted: EntryPosted) -> tuple[Loss, ...]:
        match posted.kind:
            case "write_off":
                amounts = {each.receivable_id: each.amount.minor for each in posted.assigned}
                return tuple(self._give_up(name, amount) for name, amount in amounts.items())
            case "write_off_reversal":
                return tuple(self._revive(name, part) for name, part in self._again(posted).items())
            case _:
                return ()

    def _again(self, posted: EntryPosted) -> dict[ReceivableId, int]:
        """Return what is demanded again of which receivable.

        Where credit pays some of it at once, the entry says only what is left: then it is all
        that was given up, for only a clerk's order demands without money that is to pay it.
        """
        said = {each.receivable_id: -each.amount.minor for each in posted.assigned}
        if sum(said.values()) == posted.money.minor:
            return said
        lost = ((name, gross_of(claim.given_up)) for name, claim in self.claims.items())
        return {name: part for name, part in lost if part}

    def _give_up(self, name: ReceivableId, amount: int) -> Loss:
        self.claims[name], parts = self.claims[name].give_up(amount)
        return Loss(name, parts, self.trades.get(name, NOBODY))

    def _revive(self, name: ReceivableId, amount: int) -> Loss:
        self.claims[name], parts = self.claims[name].revive(amount)
        return Loss(name, negated(parts), self.trades.get(name, NOBODY))


def _placed(parts: Parts, trade: Trade) -> Parts:
    """Return *parts* with the country whose VAT they bear, where that is the buyer's (R-109a)."""
    rates = {plain(rate) for rate in trade.oss_rates}
    return tuple(
        replace(each, supply=each.supply._replace(country=trade.oss_country))
        if each.supply.category == "S" and each.supply.rate in rates
        else each
        for each in parts
    )


def _by_invoice(note: CreditNoteIssued, parts: Parts, trade: Trade) -> dict[ReceivableId, Parts]:
    """Return what of *parts* is off which invoice: by its lines, its tax as the note says (U-27).

    What a note of several invoices says of each is a sum; by rate it is divided as its nets are.
    """
    if note.invoice_id is not None:
        return {note.invoice_id: parts}
    found = {}
    for each in note.credited:
        lines = [line for line in note.lines if line.invoice_id == each.invoice_id]
        found[each.invoice_id] = _placed(by_lines(lines, each.tax.minor), trade)
    return found


def _outside(amount: int) -> Parts:
    return (Part(OUTSIDE, amount, 0),)


def _where(posted: EntryPosted) -> str:
    return f"contract {posted.contract_id}, entry {posted.number}"
