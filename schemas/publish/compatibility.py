"""Whether a changed message still takes all that was said before, and still has all its fields."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Schema = dict[str, Any]

_AT_LEAST = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_AT_MOST = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_SHAPES = ("pattern", "format", "multipleOf", "uniqueItems")
WHAT_TO_DO = (
    "Messages grow by optional fields only: take the change back, or leave this message as it is "
    "and give the changed one a new name."
)


@dataclass(frozen=True, slots=True)
class _Pair:
    """The same place in the old and the new schema, with the roots that ``$ref`` leads back to."""

    path: str
    old: Schema
    new: Schema
    old_root: Schema
    new_root: Schema

    def at(self, name: str, old: Schema, new: Schema) -> "_Pair":
        path = f"{self.path}{name}"
        old, new = _resolved(old, self.old_root), _resolved(new, self.new_root)
        return _Pair(path, old, new, self.old_root, self.new_root)


def breaks(name: str, old: Schema, new: Schema) -> list[str]:
    """Return a sentence for each way in which *new* breaks who knows *old*; none is compatible."""
    return list(_compare(_Pair("", old, new, old, new).at(name, old, new)))


def _compare(pair: _Pair) -> Iterator[str]:
    if "anyOf" in pair.old or "anyOf" in pair.new:
        yield from _alternatives(pair)
        return
    if lost := _types(pair.old) - _types(pair.new):
        yield f"{pair.path}: the type was narrowed, it does not take {' or '.join(sorted(lost))}"
        return
    yield from _values(pair)
    yield from _limits(pair)
    yield from _fields(pair)
    yield from _inside(pair)


def _alternatives(pair: _Pair) -> Iterator[str]:
    """Each alternative of the old must fit into one of the new."""
    for option in pair.old.get("anyOf", [pair.old]):
        tries = [pair.at("", option, each) for each in pair.new.get("anyOf", [pair.new])]
        # What is of the same type tells best what is wrong.
        alike = [each for each in tries if _types(each.old) & _types(each.new)]
        yield from min((list(_compare(each)) for each in alike or tries), key=len)


def _types(schema: Schema) -> set[str]:
    """Return the types that *schema* takes; what takes a number takes an integer."""
    if "type" not in schema:
        return {"array", "boolean", "integer", "null", "number", "object", "string"}
    said = schema["type"]
    types = {said} if isinstance(said, str) else set(said)
    return types | ({"integer"} if "number" in types else set())


def _values(pair: _Pair) -> Iterator[str]:
    before, now = _enum(pair.old), _enum(pair.new)
    if now is None:
        return
    if before is None:
        yield f"{pair.path}: the type was narrowed, only certain values are left"
        return
    for gone in [value for value in before if value not in now]:
        yield f"{pair.path}: the value {gone!r} was removed"


def _enum(schema: Schema) -> list[Any] | None:
    return [schema["const"]] if "const" in schema else schema.get("enum")


def _limits(pair: _Pair) -> Iterator[str]:
    old, new = pair.old, pair.new
    tighter = [k for k in _AT_LEAST if k in new and (k not in old or new[k] > old[k])]
    tighter += [k for k in _AT_MOST if k in new and (k not in old or new[k] < old[k])]
    # Whether one pattern takes all that another one takes cannot be decided here.
    tighter += [k for k in _SHAPES if k in new and new[k] != old.get(k)]
    for key in tighter:
        yield f"{pair.path}: the type was narrowed, {key} is {new[key]!r}"


def _fields(pair: _Pair) -> Iterator[str]:
    before, now = pair.old.get("properties", {}), pair.new.get("properties", {})
    for name in sorted(before.keys() - now.keys()):
        yield f"{pair.path}.{name}: the field was removed"
    for name in sorted(set(pair.new.get("required", ())) - set(pair.old.get("required", ()))):
        yield f"{pair.path}.{name}: a required field was added"
    for name in [name for name in before if name in now]:
        yield from _compare(pair.at(f".{name}", before[name], now[name]))


def _inside(pair: _Pair) -> Iterator[str]:
    """Compare the elements of a list, and the values and names of a map."""
    places = (("items", "[]"), ("additionalProperties", "{}"), ("propertyNames", "{name}"))
    for key, sign in places:
        old, new = pair.old.get(key, True), pair.new.get(key, True)
        if new is False and old is not False:
            yield f"{pair.path}{sign}: the type was narrowed, nothing is taken there any more"
        elif isinstance(new, dict) and old is not False:
            yield from _compare(pair.at(sign, old if isinstance(old, dict) else {}, new))


def _resolved(schema: Schema, root: Schema) -> Schema:
    """Follow ``$ref`` into the definitions of *root*; what stands beside it counts, too."""
    while "$ref" in schema:
        target: Schema = root
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        schema = target | {key: value for key, value in schema.items() if key != "$ref"}
    return schema
