"""How a contract's usage stands: on the screen, and as JSON."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from schemas.values import Money
from services.cli.views.plain import plain
from services.cli.words.language import Language, last_before
from services.usage.model import Backfill
from services.usage.rating.lines import RatedLine, text
from services.usage.rating.marks import Mark
from services.usage.standing import Balance, RunningPeriod, Standing


def as_json(found: Standing) -> dict[str, Any]:
    """Return *found* as plain values; money as on the wire, days of a period half-open."""
    currency = found.currency
    return {
        "contract_id": found.contract_id,
        "today": found.today.isoformat(),
        "periods": [_period(each, currency) for each in found.periods],
        "unbilled": _money(found.unbilled, currency),
        "threshold": None if found.threshold is None else _money(found.threshold, currency),
        "prepaid": [_balance(each, currency) for each in found.balances],
        "backfills": [
            {
                "backfill_id": each.backfill_id,
                "meter": each.meter,
                "from": each.stretch.from_on.isoformat(),
                "until": each.stretch.until.isoformat(),
                "replaces": each.replaces,
            }
            for each in found.backfills
        ],
        "rated_again": [
            {"from": each.from_on.isoformat(), "until": each.until.isoformat()}
            for each in found.rated_again
        ],
        "held": [
            {"from": each.from_on.isoformat(), "until": each.until.isoformat()}
            for each in found.held
        ],
    }


def _period(each: RunningPeriod, currency: str) -> dict[str, Any]:
    return {
        "from": each.period.from_on.isoformat(),
        "until": each.period.until.isoformat(),
        "closes_on": each.closes_on.isoformat(),
        "lines": [_line(line, currency) for line in each.lines],
        "net": _money(each.net, currency),
        "unbilled": _money(each.unbilled, currency),
        "marks": [_mark(mark) for mark in each.marks],
        "unpriced": [
            {"meter": one.meter, "events": one.events, "quantity": one.quantity}
            for one in each.unpriced
        ],
    }


def _line(line: RatedLine, currency: str) -> dict[str, Any]:
    fields = {
        "component_id": line.component_id,
        "group": line.group,
        "quantity": text(line.quantity),
        "unit": line.unit,
        "net": _money(line.net, currency),
        "bounds": _money(line.bounds, currency) if line.bounds else None,
        "tiers": [each.model_dump(mode="json", exclude_none=True) for each in line.tiers] or None,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _mark(mark: Mark) -> dict[str, Any]:
    said = mark.alert.model_dump(mode="json", exclude_none=True)
    return said | {"reached": text(mark.reached, places=24), "is_reached": mark.is_reached}


def _balance(each: Balance, currency: str) -> dict[str, Any]:
    grant = each.grant
    fields = {
        "grant_id": grant.grant_id,
        "money": _money(grant.money, currency),
        "left": _money(grant.left, currency),
        "left_then": _money(each.left_then, currency),
        "low_at": None if grant.low_at is None else _money(grant.low_at, currency),
        "expires_on": grant.expires_on.isoformat() if grant.expires_on else None,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _money(minor: int, currency: str) -> dict[str, str]:
    return Money.of(minor, currency).model_dump()


@dataclass(frozen=True, slots=True)
class RunningView:
    """Prints how usage stands, for a person, in a language."""

    found: Standing
    says: Language

    def show(self, console: Console) -> None:
        """Print it."""
        found, say = self.found, self.says.say
        heading = say("standing.heading", contract=found.contract_id, today=found.today)
        console.print(Text(plain(heading), style="bold"))
        for each in found.periods:
            console.print()
            span = self.says.span(*each.period)
            title = say("standing.period", span=span, closes=each.closes_on)
            console.print(Text(title, style="bold"))
            self._show_period(each, console)
        console.print()
        for line in self._summary():
            console.print(Text(plain(line)), soft_wrap=True)
        console.print(Text(say("standing.note"), style="dim"), soft_wrap=True)

    def _show_period(self, each: RunningPeriod, console: Console) -> None:
        lines = [line for line in each.lines if line.quantity or line.net]
        if lines:
            console.print(self._table(lines, each))
        else:
            console.print(self.says.say("standing.nothing"))
        for line in self._below(each):
            console.print(Text(plain(line)), soft_wrap=True)

    def _table(self, lines: list[RatedLine], period: RunningPeriod) -> Table:
        table = Table(box=None, pad_edge=False, header_style="bold")
        table.add_column(self.says.say("standing.what"))
        table.add_column(self.says.say("standing.used"), justify="right")
        table.add_column(
            self.says.say("standing.net", currency=self.found.currency), justify="right"
        )
        for line in lines:
            group = ", ".join(f"{name} {value}" for name, value in (line.group or {}).items())
            name = f"{line.component_id} ({group})" if group else line.component_id
            quantity = self._number(text(line.quantity))
            used = f"{quantity} {line.unit}" if line.unit else quantity
            table.add_row(Text(plain(name)), Text(plain(used)), self._amount(line.net))
            for tier in line.tiers:
                what = self._tier(tier.up_to, tier.unit_price)
                net = self._amount(tier.net.minor) if tier.net else ""
                table.add_row(Text(f"  {what}"), self._number(tier.quantity), net, style="dim")
        sums = (self.says.say("standing.sum"), "", self._amount(period.net))
        table.add_row(*sums, style="bold")
        return table

    def _tier(self, up_to: str | None, unit_price: str | None) -> str:
        say = self.says.say
        bound = say("standing.up_to", up_to=Decimal(up_to)) if up_to else say("standing.beyond")
        # A bucket has a price of its own, and none for each unit.
        price = Decimal(unit_price or 0) or None
        return bound + self.says.part("standing.each", price=price)

    def _below(self, each: RunningPeriod) -> Iterator[str]:
        """Yield what stands below the lines of a period."""
        if each.unbilled != each.net:
            yield self._said("standing.billed", net=each.net - each.unbilled)
        for one in each.unpriced:
            yield self.says.say(
                "standing.unpriced",
                quantity=Decimal(one.quantity),
                meter=one.meter,
                events=one.events,
            )
        for mark in each.marks:
            key = "standing.reached" if mark.is_reached else "standing.mark"
            yield self.says.say(key, what=self._of(mark), **self._distance(mark))

    def _of(self, mark: Mark) -> str:
        return mark.alert.component_id or self.says.say("standing.all")

    def _distance(self, mark: Mark) -> dict[str, Money | Decimal]:
        if mark.alert.net is not None:
            reached = Money(amount=text(mark.reached, places=4), currency=mark.alert.net.currency)
            return {"reached": reached, "mark": mark.alert.net}
        return {"reached": Decimal(text(mark.reached)), "mark": Decimal(mark.alert.quantity or 0)}

    def _summary(self) -> Iterator[str]:
        """Yield what stands of the contract as a whole."""
        found = self.found
        yield self._said("standing.unbilled", net=found.unbilled)
        if found.threshold is not None:
            yield self._said("standing.threshold", net=found.threshold)
        for each in found.balances:
            yield self._prepaid(each)
        yield from map(self._open_set, found.backfills)
        for period in found.rated_again:
            yield self.says.say("standing.again", span=self.says.span(*period))
        for period in found.held:
            yield self.says.say("standing.held", span=self.says.span(*period))

    def _prepaid(self, each: Balance) -> str:
        grant, currency = each.grant, self.found.currency
        ends = last_before(grant.expires_on) if grant.expires_on else None
        return self.says.say(
            "standing.prepaid",
            grant=grant.grant_id,
            money=Money.of(grant.money, currency),
            left=Money.of(grant.left, currency),
            then=Money.of(each.left_then, currency),
            until=self.says.part("standing.holds", until=self.says.until(ends) if ends else None),
        )

    def _open_set(self, each: Backfill) -> str:
        span = self.says.span(*each.stretch)
        return self.says.say(
            "standing.backfill", backfill=each.backfill_id, meter=each.meter, span=span
        )

    def _said(self, key: str, *, net: int) -> str:
        return self.says.say(key, net=Money.of(net, self.found.currency))

    def _number(self, number: str) -> str:
        return self.says.written(Decimal(number))

    def _amount(self, minor: int) -> str:
        return self.says.amount(Money.of(minor, self.found.currency).amount)
