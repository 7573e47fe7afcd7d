"""What breaks a reader, and what does not: both sides of each edge, on small schemas."""

import pytest

from schemas.publish.compatibility import breaks

TEXT = {"type": "string"}
NUMBER = {"type": "integer"}
NULL = {"type": "null"}


def fields(required=(), **properties):
    return {"type": "object", "properties": properties, "required": list(required)}


def one_of(*options):
    return {"anyOf": list(options)}


COMPATIBLE = {
    "nothing changed": (fields(["a"], a=TEXT), fields(["a"], a=TEXT)),
    "an optional field was added": (fields(a=TEXT), fields(a=TEXT, b=NUMBER)),
    "a required field became optional": (fields(["a"], a=TEXT), fields(a=TEXT)),
    "a field may be null now": (fields(a=TEXT), fields(a=one_of(TEXT, NULL))),
    "an alternative was added": (one_of(TEXT, NULL), one_of(NULL, NUMBER, TEXT)),
    "a value was added": ({"enum": ["a", "b"]}, {"enum": ["a", "b", "c"]}),
    "the only value became one of two": ({"const": "a"}, {"enum": ["b", "a"]}),
    "a list of values became any text": ({"enum": ["a"], "type": "string"}, TEXT),
    "an integer became a number": (NUMBER, {"type": "number"}),
    "a minimum fell": ({"type": "integer", "minimum": 2}, {"type": "integer", "minimum": 1}),
    "a maximum rose": ({"type": "integer", "maximum": 2}, {"type": "integer", "maximum": 3}),
    "a pattern fell away": ({"type": "string", "pattern": "^a"}, TEXT),
    "a description changed": ({"type": "string", "description": "x"}, TEXT),
    "a default changed": ({"type": "string", "default": "x"}, {"type": "string", "default": "y"}),
    "a map takes more": (
        {"type": "object", "additionalProperties": NUMBER},
        {"type": "object", "additionalProperties": {"type": "number"}},
    ),
    "a definition was renamed": (
        {"$defs": {"A": TEXT}, **fields(a={"$ref": "#/$defs/A"})},
        {"$defs": {"B": TEXT}, **fields(a={"$ref": "#/$defs/B"})},
    ),
}

BREAKING = {
    "M.b: the field was removed": (fields(a=TEXT, b=TEXT), fields(a=TEXT)),
    "M.c: a required field was added": (fields(a=TEXT), fields(["c"], a=TEXT, c=TEXT)),
    "M.a: a required field was added": (fields(a=TEXT), fields(["a"], a=TEXT)),
    "M.a: the type was narrowed, it does not take string": (fields(a=TEXT), fields(a=NUMBER)),
    "M.n: the type was narrowed, it does not take null": (
        fields(n=one_of(TEXT, NULL)),
        fields(n=TEXT),
    ),
    "M.i: the type was narrowed, it does not take number": (
        fields(i={"type": "number"}),
        fields(i=NUMBER),
    ),
    "M: the value 'b' was removed": ({"enum": ["a", "b"]}, {"enum": ["a", "c"]}),
    "M.v: the value 'b' was removed": (
        fields(v=one_of({"enum": ["a", "b"]}, NULL)),
        fields(v=one_of({"enum": ["a"]}, NULL)),
    ),
    "M.t: the type was narrowed, maxLength is 4": (
        fields(t=one_of({"type": "string", "maxLength": 5}, NULL)),
        fields(t=one_of(NULL, {"type": "string", "maxLength": 4})),
    ),
    "M: the type was narrowed, only certain values are left": (
        TEXT,
        {"enum": ["a"], "type": "string"},
    ),
    "M: the type was narrowed, minimum is 1": (NUMBER, {"type": "integer", "minimum": 1}),
    "M: the type was narrowed, minimum is 3": (
        {"type": "integer", "minimum": 2},
        {"type": "integer", "minimum": 3},
    ),
    "M: the type was narrowed, maxLength is 4": (
        {"type": "string", "maxLength": 5},
        {"type": "string", "maxLength": 4},
    ),
    "M: the type was narrowed, pattern is '^b'": (
        {"type": "string", "pattern": "^a"},
        {"type": "string", "pattern": "^b"},
    ),
    "M.list[].x: the field was removed": (
        fields(list={"type": "array", "items": fields(x=TEXT)}),
        fields(list={"type": "array", "items": fields()}),
    ),
    "M{}: the type was narrowed, it does not take string": (
        {"type": "object", "additionalProperties": TEXT},
        {"type": "object", "additionalProperties": NUMBER},
    ),
    "M{}: the type was narrowed, nothing is taken there any more": (
        {"type": "object"},
        {"type": "object", "additionalProperties": False},
    ),
    "M.a.x: the field was removed": (
        {"$defs": {"A": fields(x=TEXT)}, **fields(a={"$ref": "#/$defs/A"})},
        {"$defs": {"A": fields(y=TEXT)}, **fields(a={"$ref": "#/$defs/A"})},
    ),
}


@pytest.mark.parametrize("change", COMPATIBLE)
def test_this_breaks_nobody(change):
    old, new = COMPATIBLE[change]

    assert breaks("M", old, new) == []


@pytest.mark.parametrize("sentence", BREAKING)
def test_this_breaks_a_reader(sentence):
    old, new = BREAKING[sentence]

    assert breaks("M", old, new) == [sentence]
