"""Double entry: every entry of the ledger, and every document with its tax, as postings."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from services.bookkeeping.booked import Booked, Loss
from services.bookkeeping.breakdown import Part, Supply
from services.bookkeeping.chart import Accounts, Chart
from services.bookkeeping.tax_months import tax_pieces

# What a reader in the accounts department calls each kind of entry.
_WORDS = {
    "receivable": "Rechnung",
    "credit": "Gutschrift",
    "payment": "Zahlung",
    "refund": "Erstattung",
    "chargeback": "Rückbelastung",
    "chargeback_reversal": "Rückbelastung zurückgenommen",
    "fee": "Gebühr",
    "interest": "Verzugszinsen",
    "lump_sum": "Verzugspauschale",
    "discount": "Skonto",
    "write_off": "Ausbuchung",
    "write_off_reversal": "Ausbuchung zurückgenommen",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Contra:
    """An account that a posting of the receivables account stands against, with its tax.

    Amounts in the minor unit, positive where more is owed by them. *document* is the number of
    the invoice, or the id of what has none.
    """

    document: str
    account: str
    net: int
    tax: int = 0
    tax_account: str = ""
    supply: Supply | None = None
    automatic: bool = False
    key: str = ""
    # Of who bought, by the document that it is about.
    vat_id: str | None = None
    # The month in which its tax arises, 2026-05; nothing where that is the one of the posting.
    taxed_in: str = ""

    @property
    def rate(self) -> str:
        """Its rate of VAT in percent; none where no document says one."""
        return (self.supply.rate if self.supply else "") or "0"


@dataclass(frozen=True, slots=True)
class PostingLine:
    """A line of the journal: debit is positive, credit negative, in the minor unit."""

    account: str
    document: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """An entry in the accounts: its contras against the receivables account."""

    booked: Booked
    receivables: str
    contras: tuple[Contra, ...]
    # The first open day, where its own is closed.
    posted_on: date | None = None

    @property
    def on(self) -> date:
        """The day on which it stands."""
        return self.posted_on or self.booked.entry.on

    @property
    def text(self) -> str:
        """What it is, with the contract."""
        posted = self.booked.entry.posted
        word = _WORDS[posted.kind]
        if posted.kind in ("fee", "interest", "lump_sum") and posted.money.minor < 0:
            word = f"{word} zurückgenommen"
        if posted.kind == "discount" and posted.money.minor > 0:
            word = f"{word} zurückgenommen"
        if posted.kind == "credit" and self.booked.entry.document is None:
            word = "Gutschrift zurückgenommen" if self.booked.supplies else "Gebühr erlassen"
        return f"{word} {posted.contract_id}"

    def lines(self) -> Iterator[PostingLine]:
        """Yield its lines: what they come to is nothing."""
        for each in self.contras:
            for account, amount in (
                (self.receivables, each.net + each.tax),
                (each.account, -each.net),
                (each.tax_account, -each.tax),
            ):
                if amount:
                    yield PostingLine(account, each.document, amount)


def posting(booked: Booked, chart: Chart) -> Posting | None:
    """Return what *booked* posts by *chart*; None where no money moves, only assignments do."""
    contras = tuple(each for each in _contras(booked, chart) if each.net or each.tax)
    if not contras:
        return None
    return Posting(booked=booked, receivables=chart.receivables, contras=contras)


def _contras(booked: Booked, chart: Chart) -> Iterator[Contra]:
    posted, names = booked.entry.posted, _Names(booked)
    if posted.kind == "discount":
        for part in booked.supplies:
            yield _deducted(part, chart.accounts(part.supply, booked.trade), booked, names)
    elif booked.supplies:
        number = names.of_document()
        for piece in tax_pieces(booked):
            accounts = chart.accounts(piece.part.supply, booked.trade)
            found = _supplied(piece.part, accounts, number, booked.trade.vat_id)
            yield replace(found, taxed_in=piece.month)
    elif posted.kind in ("write_off", "write_off_reversal"):
        for loss in booked.losses:
            yield from _lost(loss, chart, names.of(loss.receivable_id))
    elif posted.kind in ("fee", "lump_sum", "interest", "credit"):
        account = chart.of_interest if posted.kind == "interest" else chart.damages
        yield Contra(document=names.of_document(), account=account, net=booked.money)
    elif posted.kind != "receivable":
        yield from _moved(booked, chart, names)


def _supplied(part: Part, accounts: Accounts, number: str, vat_id: str | None) -> Contra:
    return Contra(
        document=number,
        account=accounts.revenue,
        net=part.net,
        tax=part.tax,
        tax_account=accounts.tax,
        supply=part.supply,
        automatic=accounts.automatic,
        vat_id=vat_id,
    )


def _deducted(part: Part, accounts: Accounts, booked: Booked, names: "_Names") -> Contra:
    """Return what of a discount is of one supply: less consideration, and less tax on it."""
    number = names.of(booked.entry.posted.about.invoice_id or "")
    found = _supplied(part, accounts, number, booked.trade.vat_id)
    return replace(found, account=accounts.of_discount)


def _lost(loss: Loss, chart: Chart, number: str) -> Iterator[Contra]:
    """Yield a loss with its tax; what comes after all is no loss taken back but an income."""
    for part in loss.parts:
        accounts = chart.accounts(part.supply, loss.trade)
        is_back = part.gross < 0
        yield Contra(
            document=number,
            account=accounts.recovered if is_back else accounts.loss,
            net=-part.net,
            tax=-part.tax,
            tax_account=accounts.tax,
            supply=part.supply,
            automatic=accounts.automatic and not is_back,
            key=accounts.key if is_back else "",
            vat_id=loss.trade.vat_id,
        )


def _moved(booked: Booked, chart: Chart, names: "_Names") -> Iterator[Contra]:
    """Yield money by what it pays, or pays no more; the rest of it is credit."""
    rest = booked.money
    if not rest:
        return
    for each in booked.entry.posted.assigned:
        yield Contra(
            document=names.of(each.receivable_id), account=chart.money, net=-each.amount.minor
        )
        rest += each.amount.minor
    yield Contra(document=names.of_document(), account=chart.money, net=rest)


class _Names:
    """What things are called on a voucher."""

    def __init__(self, booked: Booked) -> None:
        self._entry, self._numbers = booked.entry, booked.numbers

    def of(self, receivable_id: str) -> str:
        """Return the number of an invoice, the id of what has none."""
        return self._numbers.get(receivable_id) or receivable_id

    def of_document(self) -> str:
        """Return the number of the document, else the id of what the entry is about."""
        if self._entry.document is not None:
            return self._entry.document.number
        about = self._entry.posted.about
        ids = (about.refund_id, about.chargeback_id, about.payment_id, about.credit_note_id)
        named = self.of(about.invoice_id) if about.invoice_id else self._entry.posted.entry_id
        return next((each for each in ids if each), named)
