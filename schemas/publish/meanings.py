"""What each field of a message means, in one line."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path


def meaning(shape: str, field: str) -> str:
    """Return what *field* means in *shape*; raises KeyError where nobody said it."""
    return _meanings().get(shape, {}).get(field) or _meanings()["every"][field]


@cache
def _meanings() -> Mapping[str, Mapping[str, str]]:
    path = Path(__file__).parent / "meanings.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))
