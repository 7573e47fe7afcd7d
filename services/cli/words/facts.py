"""The facts of a decision in the words of a clerk; what goes without saying is not said."""

from collections.abc import Callable, Iterator, Mapping

from schemas.decisions import Fact, StepDecided
from services.cli.words.names import days, money_text

BY = {
    "the switch": "the escalation is switched off",
    "an instruction": "a clerk holds the escalation",
    "the letter before it": "it is too early after the letter before it",
}
FOR_GOOD = "until it is lifted"
NOT_SENT = "when the reminders before it are dispatched"
# Told with the age, with another fact, or by the outcome itself.
SILENT = ("due_on", "ages_from", "open", "held_through", "notice_ends", "superseded_by")


def facts(message: StepDecided) -> list[str]:
    """Return what beside the age was known when it was decided; an unknown fact by its name."""
    known = message.facts
    said: list[str] = []
    for name, fact in known.items():
        if name in SILENT:
            continue
        phrase = PHRASES.get(name)
        said += phrase(known) if phrase else [f"{name.replace('_', ' ')} {_plain(fact)}"]
    return said


def _overdue(known: Mapping[str, Fact]) -> Iterator[str]:
    if known["overdue"] != known.get("open"):
        yield f"{money_text(known['overdue'])} is overdue in all"


def _balance(known: Mapping[str, Fact]) -> Iterator[str]:
    if known["balance"] != known.get("overdue"):
        yield f"the balance is {money_text(known['balance'])}"


def _held(known: Mapping[str, Fact]) -> Iterator[str]:
    by, through = str(known["held_by"]), str(known.get("held_through", FOR_GOOD))
    until = "" if through == FOR_GOOD else f", through {through}"
    yield f"{_held_by(by)}{until}"


def _held_by(by: str) -> str:
    what, _, name = by.rpartition(" ")
    match what:
        case "payment":
            return f"payment {name} is on its way"
        case "the promise":
            return f"the customer promised to pay ({name})"
        case "the dispute of":
            return f"chargeback {name} is disputed"
        case "a pause by":
            return f"the {name} paused the contract"
        case _:
            return BY.get(by, f"held by {by}")


def _notice(known: Mapping[str, Fact]) -> Iterator[str]:
    count, ends = days(int(known["min_notice_days"])), str(known.get("notice_ends", NOT_SENT))
    when = "begin when the letter has left" if ends == NOT_SENT else f"end before {ends}"
    yield f"the {count} of notice {when}"


def _between(known: Mapping[str, Fact]) -> Iterator[str]:
    yield f"letters are {days(int(known['days_between_letters']))} apart"


def _threshold(known: Mapping[str, Fact]) -> Iterator[str]:
    yield f"the threshold is {money_text(known['threshold'])}"


def _disputed(known: Mapping[str, Fact]) -> Iterator[str]:
    yield f"{money_text(known['disputed'])} is disputed"


def _undisputed(_: Mapping[str, Fact]) -> Iterator[str]:
    yield "only what nobody disputes counts for the step"


def _minimum(known: Mapping[str, Fact]) -> Iterator[str]:
    yield f"the minimum of the step is {money_text(known['minimum'])}"


def _ends(known: Mapping[str, Fact]) -> Iterator[str]:
    yield f"the contract ends on {known['ends_on']}"


def _asked(known: Mapping[str, Fact]) -> Iterator[str]:
    if known["end_requested"]:
        yield "the end of the contract is asked for"


def _paused(known: Mapping[str, Fact]) -> Iterator[str]:
    if known["paused"]:
        yield "the contract is paused"


def _plain(fact: Fact) -> str:
    if isinstance(fact, bool):
        return "yes" if fact else "no"
    return str(fact)


PHRASES: dict[str, Callable[[Mapping[str, Fact]], Iterator[str]]] = {
    "overdue": _overdue,
    "balance": _balance,
    "held_by": _held,
    "min_notice_days": _notice,
    "days_between_letters": _between,
    "threshold": _threshold,
    "minimum": _minimum,
    "disputed": _disputed,
    "undisputed_only": _undisputed,
    "ends_on": _ends,
    "end_requested": _asked,
    "paused": _paused,
}
