"""Reminders, notices and statements as they are shown."""

from collections.abc import Iterator, Sequence
from typing import Any

from services.notifications.rendering.display import blocks
from services.notifications.rendering.display.blocks import Block, Cell, field, row
from services.notifications.rendering.display.frame import (
    Style,
    Wording,
    customer_fields,
    frame,
    wording,
)
from services.notifications.rendering.display.payments import payment
from services.notifications.rendering.documents.letters import (
    LeftOut,
    Notice,
    OpenItem,
    Reminder,
    Statement,
)
from services.notifications.rendering.documents.parties import Head
from services.notifications.rendering.page.characters import jointed
from services.notifications.rendering.texts import Texts, reminder_kind


def reminder(said: Reminder, *, texts: Texts, style: Style) -> dict[str, Any]:
    """Return what a reminder shows; what is not due yet stands beneath the signature's text."""
    kind = reminder_kind(said.template, said.level, known=texts.by_kind)
    words = _wording(said.head, kind, texts, said.demanded, said.pay_until)
    enclosed = ", ".join(said.enclosed)
    body = [
        _items(said.items, said.items_left_out, words),
        blocks.totals(_demanded(said, words)),
        *payment(said.payment, words),
        *blocks.text(words.says("closing")),
        *blocks.text(words.label("enclosed", numbers=enclosed) if enclosed else ""),
    ]
    shown = frame(said.head, words, style=style, info=_reminder_info(said, words), body=body)
    shown["blocks"] += _further(said, words)
    return shown


def notice(said: Notice, *, texts: Texts, style: Style) -> dict[str, Any]:
    """Return what a notice before the due date shows, or thanks."""
    due_on = said.items[0].due_on if said.items else None
    words = _wording(said.head, said.kind, texts, said.amount, due_on)
    items = [_items(said.items, None, words, aged=False)] if said.items else []
    body = [*items, *payment(said.payment, words), *blocks.text(words.says("closing"))]
    info = [_day(said.head, words), *customer_fields(said.head.recipient, said.head, words)]
    return frame(said.head, words, style=style, info=info, body=body)


def statement(said: Statement, *, texts: Texts, style: Style) -> dict[str, Any]:
    """Return what a statement of account shows: movements, the balance, and its age."""
    words = _wording(said.head, "statement", texts, said.closing, None)
    closing = words.label("closing", date=words.formats.day(said.head.issued_on))
    body = [
        _movements(said, words),
        blocks.totals([row(closing, words.formats.money(said.closing), strong=True)]),
        *_aging(said, words),
        *blocks.text(words.says("closing")),
    ]
    info = [_day(said.head, words), *customer_fields(said.head.recipient, said.head, words)]
    return frame(said.head, words, style=style, info=info, body=body)


def _wording(head: Head, kind: str, texts: Texts, amount: int, due_on: Any) -> Wording:
    bare = wording(head, kind=kind, texts=texts)
    due = bare.formats.day(due_on) if due_on else ""
    return wording(head, kind=kind, texts=texts, amount=bare.formats.money(amount), due=due)


def _day(head: Head, words: Wording) -> dict[str, Any]:
    return field(words.label("date"), words.formats.day(head.issued_on), strong=True)


def _reminder_info(said: Reminder, words: Wording) -> list[dict[str, Any]]:
    due = (
        [field(words.label("pay_until"), words.formats.day(said.pay_until), strong=True)]
        if (said.pay_until)
        else []
    )
    return [
        _day(said.head, words),
        *due,
        *customer_fields(said.head.recipient, said.head, words),
        field(words.label("as_of"), words.label("as_of_entry", entry=str(said.as_of))),
    ]


def _items(
    items: Sequence[OpenItem], left_out: LeftOut | None, words: Wording, *, aged: bool = True
) -> Block:
    label, currency = words.label, words.formats.currency
    columns = [
        (label("document"), "rest", "left"),
        (label("issued_on"), "auto", "left"),
        (label("due"), "auto", "left"),
        *([(label("days"), "auto", "right")] if aged else []),
        (f"{label('original_amount')} {currency}", "auto", "right"),
        (f"{label('open')} {currency}", "auto", "right"),
    ]
    rows = (_item(each, words, aged=aged) for each in items)
    return blocks.table(columns, rows, left_out=_left_out(left_out, words))


def _item(item: OpenItem, words: Wording, *, aged: bool) -> list[Cell]:
    formats = words.formats
    name = None if item.kind == "invoice" else words.label(f"{item.kind}_item")
    number = jointed(item.number) if item.number else ""
    return [
        " ".join(each for each in (name, number) if each) or "–",  # noqa: RUF001
        formats.day(item.issued_on),
        formats.day(item.due_on),
        *([str(item.days_overdue)] if aged else []),
        formats.amount(item.original),
        formats.amount(item.open),
    ]


def _left_out(left_out: LeftOut | None, words: Wording) -> str:
    if left_out is None:
        return ""
    amount = words.formats.money(left_out.open)
    return words.label("left_out", count=str(left_out.count), amount=amount)


def _demanded(said: Reminder, words: Wording) -> Iterator[dict[str, Any]]:
    """Yield the items' sum, each damage, what is set off, and what is demanded."""
    money, label = words.formats.money, words.label
    yield row(label("overdue_total"), money(said.owed))
    for key, amount in (
        ("fee", said.fee),
        ("interest", said.interest),
        ("lump_sum", said.lump_sum),
        ("credit", -said.credit),
    ):
        if amount:
            yield row(label(key), money(amount))
    due = words.values["due"]
    total = label("demanded", due=due) if due else label("demanded_now")
    yield row(total, money(said.demanded), strong=True)


def _further(said: Reminder, words: Wording) -> list[Block]:
    if not said.further and not said.further_left_out:
        return []
    heading = blocks.heading(words.label("further"), hint=words.label("further_hint"))
    return [heading, _items(said.further, said.further_left_out, words, aged=False)]


def _movements(said: Statement, words: Wording) -> Block:
    label, currency = words.label, words.formats.currency
    columns = [
        (label("booked_on"), "auto", "left"),
        (label("movement"), "rest", "left"),
        (label("debit_side"), "auto", "right"),
        (label("credit_side"), "auto", "right"),
        (f"{label('balance')} {currency}", "auto", "right"),
    ]
    return blocks.table(columns, _movement_rows(said, words))


def _movement_rows(said: Statement, words: Wording) -> Iterator[list[Cell]]:
    amount, kinds = words.formats.amount, words.texts.by_kind["movements"]
    balance = said.opening
    yield ["", words.label("opening"), "", "", amount(balance)]
    for each in said.movements:
        balance += each.amount
        name = kinds.get(each.kind, each.kind)
        yield [
            words.formats.day(each.booked_on),
            f"{name} {jointed(each.document)}" if each.document else name,
            amount(each.amount) if each.amount > 0 else "",
            amount(-each.amount) if each.amount < 0 else "",
            amount(balance),
        ]


def _aging(said: Statement, words: Wording) -> list[Block]:
    if not said.aging:
        return []
    columns = [(each, "rest", "right") for each in _ages(said, words)]
    amounts = [words.formats.money(amount) for _, amount in said.aging]
    return [blocks.heading(words.label("aging")), blocks.table(columns, [amounts])]


def _ages(said: Statement, words: Wording) -> Iterator[str]:
    """Yield how old the items of each sum are: up to the day before the next."""
    ages = [age for age, _ in said.aging]
    for age, after in zip(ages, [*ages[1:], None], strict=True):
        if age is None:
            yield words.label("not_due")
        else:
            days = f"{age}–{after - 1}" if after else f"{age}+"  # noqa: RUF001
            yield words.label("aged", days=days)
