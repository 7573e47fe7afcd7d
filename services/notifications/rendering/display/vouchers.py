"""Invoices and credit notes as they are shown."""

from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
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
from services.notifications.rendering.display.payments import payment, sentence
from services.notifications.rendering.documents.payments import EarlyPayment, Transfer
from services.notifications.rendering.documents.units import PIECE
from services.notifications.rendering.documents.vouchers import Count, Days, Line, Voucher
from services.notifications.rendering.page.characters import jointed
from services.notifications.rendering.texts import Texts

_CREDITS = ("credit_note", "cancellation")


def voucher(said: Voucher, *, texts: Texts, style: Style) -> dict[str, Any]:
    """Return what a voucher shows."""
    words = wording(said.head, kind=said.kind, texts=texts, number=said.number, amount="")
    amount = words.formats.money(said.payable)
    words = wording(said.head, kind=said.kind, texts=texts, number=said.number, amount=amount)
    body = [
        _lines(said, words),
        blocks.totals(_totals(said, words)),
        *payment(said.payment, words),
        *blocks.text(*_conditions(said, words), *said.notes, words.says("closing")),
    ]
    return frame(said.head, words, style=style, info=_info(said, words), body=body)


def _info(said: Voucher, words: Wording) -> list[dict[str, Any]]:
    label, recipient, formats = words.label, said.head.recipient, words.formats
    number = "credit_number" if said.kind in _CREDITS else "number"
    fields = [
        field(label(number), jointed(said.number), strong=True),
        field(label("date"), formats.day(said.head.issued_on)),
        _supply(said, words),
        *_due(said, words),
        *_original(said, words),
        *customer_fields(recipient, said.head, words),
    ]
    for key, value in (
        ("vat_id", recipient.party.vat_id),
        ("order", recipient.purchase_order),
        ("buyer_reference", recipient.buyer_reference),
    ):
        fields += [field(label(key), jointed(value))] if value else []
    return fields


def _supply(said: Voucher, words: Wording) -> dict[str, Any]:
    if said.days is None:
        return field(words.label("supplied_on"), words.formats.day(said.supplied_on))
    return field(words.label("period"), _between(said.days, words))


def _due(said: Voucher, words: Wording) -> list[dict[str, Any]]:
    if said.payment is None or said.payment.due_on is None:
        return []
    key = "due" if isinstance(said.payment, Transfer) else "collected_on"
    return [field(words.label(key), words.formats.day(said.payment.due_on), strong=True)]


def _original(said: Voucher, words: Wording) -> list[dict[str, Any]]:
    if said.corrects is None:
        return []
    day = words.formats.day(said.corrects.issued_on)
    told = words.label("original_of", number=jointed(said.corrects.number), date=day)
    return [field(words.label("original"), told)]


def _lines(said: Voucher, words: Wording) -> Block:
    label = words.label
    columns = [
        (label("position"), "auto", "left"),
        (label("item"), "rest", "left"),
        (label("quantity"), "auto", "right"),
        (label("price"), "auto", "right"),
        (label("vat"), "auto", "right"),
        (f"{label('net')} {said.head.currency}", "auto", "right"),
    ]
    rows = (_line(at, each, said, words) for at, each in enumerate(said.lines, 1))
    return blocks.table(columns, rows)


def _line(at: int, line: Line, said: Voucher, words: Wording) -> list[Cell]:
    formats = words.formats
    price = formats.price(line.price)
    if line.base != 1:
        price = words.label("per", price=price, base=formats.number(line.base))
    return [
        str(at),
        blocks.cell(line.name, *_told(line, said, words)),
        _quantity(line.quantity, line.unit, line.unit_name, words),
        price,
        f"{formats.number(line.rate)}\u00a0%",
        formats.amount(line.net),
    ]


def _told(line: Line, said: Voucher, words: Wording) -> list[str]:
    """Return what is told of a line beneath its name; its days where they are not those of all."""
    days = line.days if line.days != said.days else None
    return [
        _counted(line.counted, words) if line.counted else "",
        _between(days, words) if days else "",
        words.label("of_document", number=line.of_document) if line.of_document else "",
        line.note or "",
    ]


def _counted(count: Count, words: Wording) -> str:
    quantity = _quantity(count.quantity, count.unit, count.unit_name, words)
    if count.price is None:
        return words.label("counted", quantity=quantity)
    price = words.formats.price(count.price)
    return words.label("counted_at", quantity=quantity, price=price)


def _quantity(quantity: Decimal, unit: str, name: str | None, words: Wording) -> str:
    units = words.texts.by_kind["units"]
    called = name or units.get(unit, units[PIECE])
    return "\u00a0".join(each for each in (words.formats.number(quantity), called) if each)


def _between(days: Days, words: Wording) -> str:
    first, last = words.formats.day(days.from_on), words.formats.day(days.last_on)
    return first if first == last else f"{first} – {last}"  # noqa: RUF001


def _totals(said: Voucher, words: Wording) -> list[dict[str, Any]]:
    label, money = words.label, words.formats.money
    rows = [row(label("lines_total"), money(sum(each.net for each in said.lines)))]
    rows += [row(each.name, money(-each.net)) for each in said.allowances]
    rows += [row(each.name, money(each.net)) for each in said.charges]
    if said.allowances or said.charges:
        rows.append(row(label("net_total"), money(said.net)))
    rows += _taxes(said, words)
    total = "credit_total" if said.kind in _CREDITS else "gross_total"
    rows.append(row(label(total), money(said.gross), strong=True))
    if said.prepaid:
        rows.append(row(label("prepaid"), money(-said.prepaid)))
    if said.rounding:
        rows.append(row(label("rounding"), money(said.rounding)))
    if said.prepaid or said.rounding:
        rows.append(row(label("payable"), money(said.payable), strong=True))
    return rows


def _taxes(said: Voucher, words: Wording) -> list[dict[str, Any]]:
    rows = []
    for each in said.taxes:
        if each.rate:
            rate, net = words.formats.number(each.rate), words.formats.money(each.net)
            taxed = words.label("tax", rate=rate, net=net)
            rows.append(row(taxed, words.formats.money(each.tax)))
        elif len(said.taxes) > 1:
            untaxed = words.label("untaxed", net=words.formats.money(each.net))
            rows.append(row(untaxed, words.formats.money(0)))
    if foreign := said.accounting_tax:
        formats = type(words.formats)(words.formats.language, foreign.currency)
        told = words.label("accounting_tax", currency=foreign.currency)
        rows.append(row(told, formats.money(foreign.amount)))
    return rows


def _conditions(said: Voucher, words: Wording) -> list[str]:
    if said.payment is None:
        nothing = words.texts.of("payments", "nothing", {})
        return [] if said.kind in _CREDITS or said.payable else [nothing]
    early = [_early(each, said, words) for each in said.early_payments]
    return early + ([sentence("says_default", said.payment, words)] if said.says_default else [])


def discounted(said: Voucher, early: EarlyPayment) -> int:
    """Return how much less is to be paid early, rounded half up to the minor unit."""
    share = Decimal(said.payable) * early.percent / 100
    return int(share.quantize(Decimal(1), ROUND_HALF_UP))


def _early(early: EarlyPayment, said: Voucher, words: Wording) -> str:
    discount = discounted(said, early)
    return words.label(
        "early_payment",
        days=str(early.days),
        due=words.formats.day(said.head.issued_on + timedelta(days=early.days)),
        percent=words.formats.number(early.percent),
        discount=words.formats.money(discount),
        amount=words.formats.money(said.payable - discount),
    )
