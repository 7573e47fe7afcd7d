"""The rules that decisions name, in words for somebody who has never seen a rule number."""

from services.cli.words.language import Language


def rule(name: str, outcome: str, language: Language) -> str:
    """Return *name* with what it says about an *outcome*, where the rulebook has it."""
    known = language.sentences
    said = known.get(f"rule.{name}_{outcome}") or known.get(f"rule.{name}")
    return language.say("rule.numbered", number=name, said=said) if said else name
