"""The words of documents: built in for three languages as data, and as a legal entity wants them.

A text may name what it needs in braces, such as ``{amount}``; nothing else in it means anything.
"""

import json
import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Self

from services.notifications.rendering.documents.parties import Language

LONGEST = 2000
# What the text of each kind of document may name.
_HEAD = ("name", "date", "number", "contract", "customer", "seller")
PLACEHOLDERS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("invoice", "credit_note", "cancellation", "correction"), (*_HEAD, "amount")),
    **dict.fromkeys(("reminder_1", "reminder_2", "reminder_3"), (*_HEAD, "amount", "due")),
    **dict.fromkeys(("before_due", "thanks"), (*_HEAD, "amount", "due")),
    "statement": (*_HEAD, "amount"),
}
REMINDERS = ("reminder_1", "reminder_2", "reminder_3")
_PLACEHOLDER = re.compile(r"\{([a-z_]*)\}")
_FAULTY = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class Texts:
    """All texts of a language, by kind of document and key; ``version`` is that of the template."""

    language: Language
    by_kind: Mapping[str, Mapping[str, str]]
    version: int | None = None

    def label(self, key: str, **values: str) -> str:
        """Return what stands at a table, a sum or a field."""
        return filled(self.by_kind["labels"][key], values)

    def of(self, kind: str, key: str, values: Mapping[str, str]) -> str:
        """Return the text of a kind of document; what it cannot name it leaves as it stands."""
        return filled(self.by_kind[kind][key], values)

    def saying(self, kind: str, texts: Mapping[str, str], *, version: int | None = None) -> Self:
        """Return these texts with those that a legal entity has for a *kind* in their place.

        A kind of a reminder that is its own, named by a step's template, has all texts of its own
        and takes what it does not say from the last reminder.
        """
        base = self.by_kind.get(kind, self.by_kind["reminder_3"])
        by_kind = {**self.by_kind, kind: {**base, **texts}}
        return replace(self, by_kind=by_kind, version=version or self.version)


def reminder_kind(template: str | None, level: int, *, known: Container[str]) -> str:
    """Return which texts a reminder has: those of its step's template, else of its level.

    A template that nobody *known* has is none, and neither are the words of other documents.
    """
    built = built_in("en").by_kind.keys() - {*REMINDERS}
    if template is not None and template in known and template not in built:
        return template
    return REMINDERS[min(max(level, 1), len(REMINDERS)) - 1]


def filled(text: str, values: Mapping[str, str]) -> str:
    """Return *text* with *values* in place of what it names."""
    if "{" not in text:
        return text
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)


@cache
def built_in(language: Language) -> Texts:
    """Return the texts that come with the product."""
    source = Path(__file__).parent / f"{language}.json"
    return Texts(language, json.loads(source.read_text(encoding="utf-8")))


def faults(kind: str, texts: Mapping[str, str]) -> Iterator[str]:
    """Say what is wrong with *texts* for a *kind* of document, before anything is rendered."""
    known = built_in("en").by_kind.get(kind) or built_in("en").by_kind["reminder_3"]
    allowed = PLACEHOLDERS.get(kind, PLACEHOLDERS["reminder_3"])
    for key, text in texts.items():
        if key not in known:
            yield f"{kind}.{key}: there is no such text, but {', '.join(known)}"
            continue
        if len(text) > LONGEST:
            yield f"{kind}.{key}: {len(text)} characters, {LONGEST} at most"
        if _FAULTY.search(text):
            yield f"{kind}.{key}: a control character"
        for name in sorted(set(_PLACEHOLDER.findall(text)) - set(allowed)):
            yield f"{kind}.{key}: {{{name}}} is not known here, but {', '.join(allowed)}"
