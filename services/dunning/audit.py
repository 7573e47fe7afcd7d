"""What must hold over all that dunning said of a contract: I1 to I6 of the rules."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from schemas.decisions import StepDecided
from schemas.escalations import (
    ContractEndRequested,
    ContractPauseRequested,
    EscalationStarted,
    PaymentEscalated,
    PaymentEscalationReset,
    PolicyStamp,
)
from schemas.message import ContractMessage
from schemas.receivables import EntryPosted
from schemas.values import ReceivableId


def faults(said: Iterable[ContractMessage]) -> Iterator[str]:
    """Yield what does not hold, a line each; *said* is of one contract, in its order."""
    ledger, runs = _Ledger(), _Runs()
    for message in said:
        yield from ledger.hear(message)
        yield from runs.hear(message)


class _Ledger:
    """I1: entries add up to the balance. I2: nothing is open below 0 or above its amount."""

    def __init__(self) -> None:
        self._balance = self._entries = 0
        self._amounts: dict[ReceivableId, int] = {}
        self._open: dict[ReceivableId, int] = defaultdict(int)

    def hear(self, message: ContractMessage) -> Iterator[str]:
        if not isinstance(message, EntryPosted):
            return
        self._entries += 1
        self._balance += message.money.minor
        if message.number != self._entries:
            yield f"I1: entry {message.number} is the contract's entry {self._entries}"
        if message.balance.minor != self._balance:
            yield (
                f"I1: entry {message.number} says a balance of {message.balance.minor}, "
                f"the entries add up to {self._balance}"
            )
        name = message.about.invoice_id
        if message.kind == "receivable" and name is not None:
            self._amounts[name] = self._open[name] = message.money.minor
        yield from self._assign(message)

    def _assign(self, entry: EntryPosted) -> Iterator[str]:
        # An entry may move money from one receivable to another: only its sum counts.
        for part in entry.assigned:
            self._open[part.receivable_id] -= part.amount.minor
        for name in sorted({part.receivable_id for part in entry.assigned} & self._amounts.keys()):
            if not 0 <= self._open[name] <= self._amounts[name]:
                yield f"I2: {name} is open with {self._open[name]} of {self._amounts[name]}"


class _Runs:
    """I3 to I6: a step fires once, not too early, under one policy; only a reset ends a run."""

    def __init__(self) -> None:
        self._process: str | None = None
        self._policy: PolicyStamp | None = None
        self._fired: set[tuple[object, ...]] = set()

    def hear(self, message: ContractMessage) -> Iterator[str]:
        match message:
            case EscalationStarted():
                if self._process is not None:
                    name = message.payment_escalation_process_id
                    yield f"I6: {name} starts while {self._process} runs"
                self._process = message.payment_escalation_process_id
                self._policy = message.policy
            case PaymentEscalationReset():
                self._process = None
            case StepDecided():
                yield from self._decided(message)
            case PaymentEscalated() | ContractEndRequested() | ContractPauseRequested():
                fired = (type(message).__name__, *message.business_key())
                if fired in self._fired:
                    yield f"I3: {' '.join(fired)} fires twice"
                self._fired.add(fired)

    def _decided(self, decided: StepDecided) -> Iterator[str]:
        process = decided.payment_escalation_process_id
        if process is not None and process == self._process and decided.policy != self._policy:
            yield f"I4: {process} began under another policy than its step of {decided.decided_on}"
        if decided.outcome != "fired" or decided.step is None or decided.age_days is None:
            return
        age = decided.age_days - (decided.delay_days or 0)
        if age < decided.step.days_overdue:
            yield f"I5: a step of {decided.step.days_overdue} days fired after {age}"
