"""The facts of a decision in the words of a clerk; what goes without saying is not said."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date

from schemas.decisions import FactValue, StepDecided
from services.cli.words.language import Language, last_before

FOR_GOOD = "until it is lifted"
NOT_SENT = "when the reminders before it are dispatched"
# Told with the age, with another fact, or by the outcome itself.
SILENT = ("due_on", "ages_from", "open", "held_through", "notice_ends", "superseded_by")

Known = Mapping[str, FactValue]


def facts(message: StepDecided, says: Language) -> list[str]:
    """Return what beside the age was known when it was decided; an unknown fact by its name."""
    known = message.facts
    said: list[str] = []
    for name, fact in known.items():
        if name in SILENT:
            continue
        phrase = PHRASES.get(name)
        said += phrase(known, says) if phrase else [_other(name, fact, says)]
    return said


def _overdue(known: Known, says: Language) -> Iterator[str]:
    if known["overdue"] != known.get("open"):
        yield _of_money("overdue", known, says)


def _balance(known: Known, says: Language) -> Iterator[str]:
    if known["balance"] != known.get("overdue"):
        yield _of_money("balance", known, says)


def _credit(known: Known, says: Language) -> Iterator[str]:
    yield _of_money("credit", known, says)


def _held(known: Known, says: Language) -> Iterator[str]:
    by, through = str(known["held_by"]), str(known.get("held_through", FOR_GOOD))
    until = "" if through == FOR_GOOD else says.until(date.fromisoformat(through))
    how_long = says.part("fact.held_until", until=until)
    yield says.say("fact.held", by=_held_by(by, says), until=how_long)


def _held_by(by: str, says: Language) -> str:
    what, _, name = by.rpartition(" ")
    match what:
        case "payment":
            return says.say("fact.payment", id=name)
        case "the promise":
            return says.say("fact.promise", id=name)
        case "the dispute of":
            return says.say("fact.dispute", id=name)
        case "a pause by":
            return says.say("fact.paused_by", who=says.word("who", name))
        case _:
            known = says.sentences.get(f"held_by.{by}")
            return known or says.say("held_by.other", by=by)


def _notice(known: Known, says: Language) -> Iterator[str]:
    days = says.days(int(known["min_notice_days"]))
    ends = str(known.get("notice_ends", NOT_SENT))
    if ends == NOT_SENT:
        yield says.say("fact.notice_open", days=days)
    else:
        yield says.say("fact.notice", days=days, until=says.until(_last(ends)))


def _between(known: Known, says: Language) -> Iterator[str]:
    yield says.say("fact.between", days=says.days(int(known["days_between_letters"])))


def _threshold(known: Known, says: Language) -> Iterator[str]:
    yield _of_money("threshold", known, says)


def _disputed(known: Known, says: Language) -> Iterator[str]:
    yield _of_money("disputed", known, says)


def _undisputed(_: Known, says: Language) -> Iterator[str]:
    yield says.say("fact.undisputed_only")


def _minimum(known: Known, says: Language) -> Iterator[str]:
    yield _of_money("minimum", known, says)


def _ends(known: Known, says: Language) -> Iterator[str]:
    yield says.say("fact.ends", last=_last(known["ends_on"]))


def _asked(known: Known, says: Language) -> Iterator[str]:
    if known["end_requested"]:
        yield says.say("fact.asked")


def _revoked(_: Known, says: Language) -> Iterator[str]:
    yield says.say("fact.revoked")


def _paused(known: Known, says: Language) -> Iterator[str]:
    if known["paused"]:
        yield says.say("fact.paused")


def _of_money(name: str, known: Known, says: Language) -> str:
    return says.say(f"fact.{name}", **{name: says.money_text(known[name])})


def _last(day: FactValue) -> date:
    return last_before(date.fromisoformat(str(day)))


def _other(name: str, fact: FactValue, says: Language) -> str:
    value = str(fact)
    if isinstance(fact, bool):
        value = says.say("plain.yes" if fact else "plain.no")
    return says.say("fact.other", name=name.replace("_", " "), value=value)


PHRASES: dict[str, Callable[[Known, Language], Iterator[str]]] = {
    "overdue": _overdue,
    "balance": _balance,
    "credit": _credit,
    "held_by": _held,
    "min_notice_days": _notice,
    "days_between_letters": _between,
    "threshold": _threshold,
    "minimum": _minimum,
    "disputed": _disputed,
    "undisputed_only": _undisputed,
    "ends_on": _ends,
    "end_requested": _asked,
    "end_revoked": _revoked,
    "paused": _paused,
}
