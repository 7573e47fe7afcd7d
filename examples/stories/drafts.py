"""Drafts that a clerk finds in reminders.jsonl and sends."""

from examples.book import Contract

# Ids are derived from facts, so every run has the same: (contract, attempt) to dunning_id.
DRAFTS: dict[tuple[str, int], str] = {}


def sent(c: Contract, on: str, *, attempt: int = 1, **more: object) -> None:
    """Say that the last reminder of the first run left on the day *on*."""
    name = DRAFTS.get((c.contract_id, attempt), "?")
    c.instruct("DispatchReminder", on, dunning_id=name, dispatched_on=on, **more)
