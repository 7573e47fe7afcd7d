"""I1 to I8 of the rules over what dunning said, read from its topics alone."""

import json
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from services.runtime.log import Record

FIRINGS = ("PaymentEscalated", "ContractEndRequested", "ContractPauseRequested")


def violations(said: Iterable[Record], inputs: Iterable[Record]) -> list[str]:
    """Return what does not hold, a line each; nothing where all does."""
    places = {each.place for each in inputs}
    contracts = defaultdict(list)
    for record in said:
        extensions = dict(record.event.extensions)
        if "sequence" in extensions:
            contracts[record.event.subject].append((int(extensions["sequence"]), record))
    found = []
    for contract, lines in sorted(contracts.items()):
        lines.sort(key=lambda pair: pair[0])
        if [number for number, _ in lines] != list(range(1, len(lines) + 1)):
            found.append(f"{contract}: sequence has a hole or a repeat")
        found += [f"{contract}: {line}" for line in _of_one([r for _, r in lines], places)]
    return found


def _of_one(records: list[Record], places: set[str]) -> Iterable[str]:
    ledger = Ledger()
    runs = Runs()
    ids = set()
    for record in records:
        event = record.event
        if event.id in ids:
            yield f"I3: {event.type} {event.id} twice"
        ids.add(event.id)
        if dict(event.extensions)["causedby"] not in places:
            yield f"I8: {event.type} {event.id} has no cause in the log"
        data = json.loads(event.data)
        yield from ledger.hear(event.type, data)
        yield from runs.hear(event.type, data)


class Ledger:
    """I1: the entries add up to the balance; I2: nothing is open below 0 or above its amount."""

    def __init__(self):
        self.balance = Decimal(0)
        self.amounts, self.open = {}, defaultdict(Decimal)

    def hear(self, type_, data):
        if type_ != "EntryPosted":
            return
        money = Decimal(data["money"]["amount"])
        self.balance += money
        if self.balance != Decimal(data["balance"]["amount"]):
            yield f"I1: entry {data['number']} says {data['balance']}, entries say {self.balance}"
        assigned = defaultdict(Decimal)
        for each in data.get("assigned", ()):
            assigned[each["receivable_id"]] += Decimal(each["amount"]["amount"])
        if data["kind"] == "receivable":
            name = data["about"]["invoice_id"]
            self.amounts[name] = self.open[name] = money
        for name, part in assigned.items():
            self.open[name] -= part
            if name in self.amounts and not 0 <= self.open[name] <= self.amounts[name]:
                yield f"I2: {name} is open with {self.open[name]} of {self.amounts[name]}"


class Runs:
    """I3 to I6: steps fire once, not too early, under one policy, and only a reset ends a run."""

    def __init__(self):
        self.process, self.policy, self.fired = None, None, set()

    def hear(self, type_, data):
        process = data.get("payment_escalation_process_id")
        if type_ == "EscalationStarted":
            if self.process is not None:
                yield f"I6: {process} starts while {self.process} runs"
            self.process, self.policy = process, data["policy"]
        elif type_ == "PaymentEscalationReset":
            self.process = None
        elif type_ == "StepDecided":
            yield from self._decided(process, data)
        elif type_ in FIRINGS:
            step = (process, data["receivable_id"], data["reopening"], data["step"])
            if (type_, *step) in self.fired:
                yield f"I3: {type_} of {step} twice"
            self.fired.add((type_, *step))

    def _decided(self, process, data):
        if process is not None and process == self.process and data["policy"] != self.policy:
            yield f"I4: the run began under {self.policy}, the step says {data['policy']}"
        if data["outcome"] == "fired" and data.get("step"):
            age = data["age_days"] - data.get("delay_days", 0)
            if age < data["step"]["days_overdue"]:
                yield f"I5: a step of {data['step']['days_overdue']} days fired after {age}"
