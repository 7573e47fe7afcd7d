"""One contract that uses something, told messages and days: what usage says, and when."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from schemas.charges import UsageCharged, UsageCorrected
from schemas.context import Context
from schemas.days import DayBegan
from schemas.orders import BillInterim
from schemas.usage import (
    Origin,
    Reference,
    UsageRecorded,
    UsageReplaced,
    UsageRetracted,
)
from services.usage import archive
from services.usage.archive import Piece
from services.usage.model import Contract
from services.usage.processor import process
from services.usage.standing import Standing, question, standing
from tests.support.events import registered, terms

C1 = {"contract_id": "C1"}
BERLIN = ZoneInfo("Europe/Berlin")
_STATE, _PIECE = TypeAdapter(Contract), TypeAdapter[Any](Piece)


def at(text: str) -> datetime:
    """Return an instant of 2026 in Berlin, said ``01-31 23:59:59``."""
    return datetime.fromisoformat(f"2026-{text.replace(' ', 'T')}").replace(tzinfo=BERLIN)


def _origin(usage: Any, name: str, said_at: datetime | None = None) -> Any:
    usage._origin = Origin("/meters", name, said_at or usage.occurred_at)
    return usage


def use(name: str, when: str | datetime, quantity: str, meter: str = "seconds", **more: Any) -> Any:
    """Return usage of *quantity*; *more* are properties, but for backfill_id and said_at."""
    instant = at(when) if isinstance(when, str) else when
    said = {k: more.pop(k) for k in ("backfill_id",) if k in more}
    said_at = more.pop("said_at", None)
    recorded = UsageRecorded(
        **C1, meter=meter, quantity=quantity, occurred_at=instant, properties=more, **said
    )
    return _origin(recorded, name, said_at)


def take_back(name: str) -> UsageRetracted:
    """Return the retraction of the usage of that name."""
    return UsageRetracted(**C1, retracts=Reference(source="/meters", id=name))


def instead(of: str, name: str, when: str, quantity: str, meter: str = "seconds") -> UsageReplaced:
    """Return usage that replaces what was recorded as *of*."""
    retracts = Reference(source="/meters", id=of)
    replaced = UsageReplaced(
        **C1, meter=meter, quantity=quantity, occurred_at=at(when), retracts=retracts
    )
    return _origin(replaced, name)


class MeterRoom:
    """Keeps what was said, with its day; states and pieces go through JSON, as in the books."""

    def __init__(self, *published: Any, day: date = date(2026, 1, 1)) -> None:
        self.contract, self.filed = Contract(contract_id="C1"), {}
        self.said, self.day = [], day
        self.terms = terms(*published).including(DayBegan(legal_entity_id="acme", day=day))

    def hear(self, *messages: Any) -> "MeterRoom":
        for message in messages:
            self.hear_at_once(message)
        return self

    def hear_at_once(self, *messages: Any) -> "MeterRoom":
        """Hear all before the state goes through JSON, as one commit of many records does."""
        for message in messages:
            state, said = process(self._recalled(message), message, Context(self.terms))
            self.contract = state
            self.said += [(self.day, each) for each in said]
        state, pieces = archive.file_away(self.contract)
        self.contract = _STATE.validate_json(_STATE.dump_json(state))
        assert self.contract == state
        for name, piece in pieces.items():
            self.filed[name] = _PIECE.validate_json(_PIECE.dump_json(piece))
            assert self.filed[name] == piece
        return self

    def _recalled(self, message: Any) -> Contract:
        state, asked = self.contract, frozenset()
        while wanted := archive.wanted(state, message) - asked:
            found = {name: self.filed[name] for name in sorted(wanted) if name in self.filed}
            state, asked = archive.recall(state, found), asked | wanted
        return state

    def register(self, **more: Any) -> "MeterRoom":
        return self.hear(registered(**{"plan_id": "basic"} | more))

    def publish(self, *messages: Any) -> "MeterRoom":
        for message in messages:
            self.terms = self.terms.including(message)
        return self

    def until(self, month: int, day: int) -> "MeterRoom":
        """Begin every day through that of 2026; only woken days reach the contract."""
        while self.day < date(2026, month, day):
            self.day += timedelta(days=1)
            began = DayBegan(legal_entity_id="acme", day=self.day)
            self.terms = self.terms.including(began)
            if self.contract.wake_on is not None and self.contract.wake_on <= self.day:
                self.hear(began)
        return self

    def bill_now(self) -> "MeterRoom":
        return self.hear(BillInterim(**C1))

    def standing(self) -> Standing:
        """Return how usage stands, rated without effect."""
        return standing(self._recalled(question(self.contract)), self.terms)

    def all_of(self, name: str) -> list[Any]:
        return [each for _, each in self.said if type(each).__name__ == name]

    def net(self) -> int:
        """Return all that was charged, in cents."""
        return sum(
            e.net.minor for _, e in self.said if isinstance(e, UsageCharged | UsageCorrected)
        )

    def story(self) -> list[str]:
        """Return each charge in a line: day, component, days, quantity and net."""
        return [
            f"{day:%m-%d} {_short(each)}"
            for day, each in self.said
            if isinstance(each, UsageCharged | UsageCorrected)
        ]


def _short(each: UsageCharged | UsageCorrected) -> str:
    mark = "~" if isinstance(each, UsageCorrected) else "+" if each.late else ""
    group = "/".join((each.group or {}).values())
    name = f"{mark}{each.component_id}{':' + group if group else ''}"
    days = f"[{each.period.from_:%m-%d},{each.period.until:%m-%d})"
    return f"{name}{days} {each.quantity}={each.net.amount}"
