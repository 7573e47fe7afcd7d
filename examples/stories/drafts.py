"""Drafts that a clerk finds in reminders.jsonl and sends."""

from examples.book import Contract

# Ids are derived from facts, so every run has the same: (contract, attempt) to dunning_id.
DRAFTS = {
    ("C-405", 1): "c5105c55-393b-55c5-af2d-660f54991fcc",
    ("C-510", 1): "d6136553-918c-5b73-ad98-32203b2ddb6a",
    ("C-601", 1): "efa237b2-d4f9-59f3-88e4-a349b6ee25bd",
    ("C-602", 2): "731684f5-c65a-5181-8cd6-e32d22830bac",
    ("C-603", 1): "1f8ca762-8c2d-5ac5-acdd-ddc95f8f6dcd",
    ("C-604", 1): "0ad515f5-7e9c-59d1-997a-0c9d1bebf067",
}


def sent(c: Contract, on: str, *, attempt: int = 1, **more: object) -> None:
    """Say that the last reminder of the first run left on the day *on*."""
    name = DRAFTS[c.contract_id, attempt]
    c.instruct("DispatchReminder", on, dunning_id=name, dispatched_on=on, **more)
