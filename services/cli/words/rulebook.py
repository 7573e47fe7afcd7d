"""The rules that decisions name, in words for somebody who has never seen a rule number."""

RULES = {
    "R-01": "the oldest open receivable sets the age",
    "R-13": "a payment on its way, or a clerk, keeps all steps back for a while",
    "R-31": "of letters reached together only the highest is sent, "
    "and no contract is paused or ended without notice",
    "R-32": "an ended contract cannot be ended again",
    "R-33": "while the escalation is switched off nothing fires, but the days go on",
    "R-34": "a day that the clock said late fires nothing",
    "R-40": "less is overdue than the threshold of the policy, so no run starts",
    "R-64": "a contract that its operator or customer paused is not escalated",
    "R-78": "a dispute is decided first",
}


def rule(name: str) -> str:
    """Return *name* with what it says, where the rulebook has it."""
    return f"{name}: {RULES[name]}" if name in RULES else name
