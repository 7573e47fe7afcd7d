"""The rules that decisions name, in words for somebody who has never seen a rule number."""

RULES = {
    "R-01": "the oldest open receivable sets the age",
    "R-13": "a payment on its way keeps all steps back for a while",
    "R-15": "nothing is owed, so nothing is escalated",
    "R-31": "what could not fire on its day fires on the first day on which it can",
    "R-31a": "who pays on the last day that a letter names has paid in time",
    "R-31b": "less counts for the step than it needs; what stands behind it goes on",
    "R-32": "an ended contract cannot be ended again",
    "R-33": "while the escalation is switched off nothing fires, but the days go on",
    "R-34": "a day that the clock said late fires nothing",
    "R-40": "less is overdue than the threshold of the policy, so no run starts",
    "R-57": "letters keep their distance, whatever they are about",
    "R-64": "a contract that its operator or customer paused is not escalated",
    "R-78": "a dispute is decided first",
    "R-93": "interest is never guessed, so the base rate must be loaded first",
    "R-98": "a clerk may promise not to remind for a while",
    "R-115": "who promised to pay is given the days for it",
}
# What a rule says depends on what came of it.
BY_OUTCOME = {
    ("R-31", "superseded"): "of letters that are reached together only the highest is sent",
    ("R-31", "guarded"): "no contract is paused or ended without notice",
    ("R-57", "superseded"): "no invoice is reminded of at a lower level than before",
    ("R-64", "no_op"): "a paused contract cannot be paused again",
}


def rule(name: str, outcome: str) -> str:
    """Return *name* with what it says about an *outcome*, where the rulebook has it."""
    said = BY_OUTCOME.get((name, outcome)) or RULES.get(name)
    return f"{name}: {said}" if said else name
