"""What clerks instruct invoicing and usage to do, as sentences."""

from collections.abc import Sequence
from decimal import Decimal

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
from services.cli.words.language import Language, last_before
from services.cli.words.names import Names, because
from services.cli.words.telling import tell


@tell.register
def _item(message: AddItem, names: Names) -> str:
    says, reason = names.language, because(message, names)
    return says.say("order.item", item=_line(message, says), reason=reason)


@tell.register
def _invoice(message: IssueInvoice, names: Names) -> str:
    says, reason = names.language, because(message, names)
    return says.say("order.invoice", items=_lines(message.items, says), reason=reason)


@tell.register
def _credit_note(message: IssueCreditNote, names: Names) -> str:
    says = names.language
    which = names.receivable(message.invoice_id) if message.invoice_id else ""
    return says.say(
        "order.credit_note",
        about=says.part("order.about", which=which),
        items=_lines(message.items, says),
        reason=because(message, names),
    )


@tell.register
def _correct(message: CorrectInvoice, names: Names) -> str:
    says, which = names.language, names.receivable(message.invoice_id)
    reason = because(message, names)
    if not message.items:
        return says.say("order.correct_nothing", which=which, reason=reason)
    return says.say("order.correct", which=which, items=_lines(message.items, says), reason=reason)


@tell.register
def _void(message: VoidInvoice, names: Names) -> str:
    which, reason = names.receivable(message.invoice_id), because(message, names)
    return names.language.say("order.void", which=which, reason=reason)


@tell.register
def _cancel(message: CancelCreditNote, names: Names) -> str:
    reason = because(message, names)
    return names.language.say("order.cancel", id=message.credit_note_id, reason=reason)


@tell.register
def _discount(message: GrantDiscount, names: Names) -> str:
    says = names.language
    how_long = says.say("order.for_good")
    if message.periods:
        how_long = says.say("order.for_periods", periods=_periods(message.periods, says))
    return says.say(
        "order.discount",
        what=says.discount(message.amount, message.percent),
        of=says.part("order.of", component=message.component_id),
        how_long=how_long,
        since=says.part("order.since", on=message.from_on),
        reason=because(message, names),
    )


@tell.register
def _free(message: GrantFreePeriod, names: Names) -> str:
    says, reason = names.language, because(message, names)
    return says.say("order.free", periods=_periods(message.periods, says), reason=reason)


@tell.register
def _prepaid(message: GrantPrepaid, names: Names) -> str:
    says, ends = names.language, message.expires_on
    until = says.until(last_before(ends)) if ends else ""
    usable, reason = says.part("order.usable", until=until), because(message, names)
    return says.say("order.prepaid", money=message.money, usable=usable, reason=reason)


@tell.register
def _interim(message: BillInterim, names: Names) -> str:
    key = "order.interim_usage" if message.what == "usage" else "order.interim_all"
    return names.language.say(key, reason=because(message, names))


def _lines(items: Sequence[Item], says: Language) -> str:
    return says.listed(_line(each, says) for each in items)


def _line(item: Item, says: Language) -> str:
    if item.net is not None:
        return says.say("order.line_net", name=item.name, net=item.net)
    return says.say(
        "order.line_price",
        name=item.name,
        quantity=Decimal(item.quantity or 0),
        price=Decimal(item.unit_price or 0),
    )


def _periods(count: int, says: Language) -> str:
    return says.say("plain.period" if count == 1 else "plain.periods", count=count)
