"""What clerks instruct invoicing and usage to do, and what usage charges, as sentences."""

from collections.abc import Sequence

from schemas.charges import PeriodClosed, UsageCharged, UsageCorrected
from schemas.invoices import Period
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
    Item,
    VoidInvoice,
)
from services.cli.words.names import Names, because, last_before, listed, money, span, until
from services.cli.words.telling import tell


@tell.register
def _item(message: AddItem, names: Names) -> str:
    return f"A clerk puts {_line(message)} on the next invoice{because(message)}."


@tell.register
def _invoice(message: IssueInvoice, names: Names) -> str:
    return f"A clerk writes an invoice over {_lines(message.items)}{because(message)}."


@tell.register
def _credit_note(message: IssueCreditNote, names: Names) -> str:
    about = f" for {names.receivable(message.invoice_id)}" if message.invoice_id else ""
    return f"A clerk writes a credit note{about} over {_lines(message.items)}{because(message)}."


@tell.register
def _correct(message: CorrectInvoice, names: Names) -> str:
    which = names.receivable(message.invoice_id)
    by = f" by one over {_lines(message.items)}" if message.items else " by nothing"
    return f"A clerk replaces {which}{by}{because(message)}."


@tell.register
def _void(message: VoidInvoice, names: Names) -> str:
    return f"A clerk declares {names.receivable(message.invoice_id)} void{because(message)}."


@tell.register
def _cancel(message: CancelCreditNote, names: Names) -> str:
    return f"A clerk cancels credit note {message.credit_note_id}{because(message)}."


@tell.register
def _discount(message: GrantDiscount, names: Names) -> str:
    what = money(message.amount) if message.amount else f"{message.percent} %"
    of = f" of {message.component_id}" if message.component_id else ""
    how_long = f" for {_periods(message.periods)}" if message.periods else " until further notice"
    since = f" from {message.from_on}" if message.from_on else ""
    return f"A clerk grants a discount of {what}{of}{how_long}{since}{because(message)}."


@tell.register
def _free(message: GrantFreePeriod, names: Names) -> str:
    return f"A clerk gives {_periods(message.periods)} for free{because(message)}."


@tell.register
def _prepaid(message: GrantPrepaid, names: Names) -> str:
    ends = message.expires_on
    usable = f", to be used {until(last_before(ends))}" if ends else ""
    return f"A clerk gives prepaid credit of {money(message.money)}{usable}{because(message)}."


@tell.register
def _interim(message: BillInterim, names: Names) -> str:
    what = "usage" if message.what == "usage" else "everything"
    return f"A clerk has {what} billed now{because(message)}."


@tell.register
def _charged(message: UsageCharged, names: Names) -> str:
    late = ", which came late" if message.late else ""
    return (
        f"{message.quantity} of {message.component_id} used {_during(message.period)} "
        f"cost {money(message.net)}{late}."
    )


@tell.register
def _corrected(message: UsageCorrected, names: Names) -> str:
    return (
        f"What {message.component_id} used {_during(message.period)} costs is corrected by "
        f"{money(message.net)} ({message.charge_id})."
    )


@tell.register
def _closed(message: PeriodClosed, names: Names) -> str:
    return f"All that was used {_during(message.period)} is charged."


def _lines(items: Sequence[Item]) -> str:
    return listed(_line(each) for each in items)


def _line(item: Item) -> str:
    if item.net is not None:
        return f"{item.name} ({money(item.net)} net)"
    return f"{item.name} ({item.quantity} at {item.unit_price} net)"


def _periods(count: int) -> str:
    return "one period" if count == 1 else f"{count} periods"


def _during(period: Period) -> str:
    return f"for {span(period.from_, period.until)}"
