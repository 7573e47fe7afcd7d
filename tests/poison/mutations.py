"""A seeded mutator of records: what it leaves is wrong, absurd, or by luck still good."""

import json
from collections.abc import Callable
from random import Random

from tests.poison.records import CONTRACTS, PERSON, Sent, home

# Of the rare and costly ones, one in so many.
_RARELY = 400
_DATES = ("1900-01-01", "2999-12-31", "0001-01-01", "9999-12-31", "2026-02-30", "2026-02-03T00:00")
_AMOUNTS = (
    "999999999999999.99",
    "-999999999999999.99",
    "-0.00",
    "0.00",
    "0.001",
    "1e5",
    "\u0661.\u0660\u0660",
)
_ODD = (
    None,
    True,
    False,
    0,
    -1,
    2**31,
    2**63,
    10**400,
    0.1,
    [],
    {},
    "",
    [[]],
    {"a": {"b": [None]}},
)
_TEXTS = (
    *("\x00", "a\x00b", "\ud800", "\udfff\ud800", "\u202egnp.exe", "\x1b[2J", "\ufeff", " ", "💶"),
    *(PERSON, PERSON * 25, "x" * 200, "x" * 201, "💶" * 200, "x" * 2_000, "x" * 100_000),
    *("../../etc/passwd", "'; DROP TABLE state; --", "{{7*7}}", "NaN", "Infinity", "null"),
)
_TOKENS = (b"NaN", b"-Infinity", b"1e999", b"-0", b"9" * 5_000, b"01", b'"\\ud800"', b'"\\u0000"')
_TIMES = (
    *("", "now", PERSON, "2026-02-03", "2026-02-03T10:00:00", "0001-01-01T00:00:00Z"),
    *("9999-12-31T23:59:59Z", "1969-12-31T23:59:59Z", "9000-12-31T23:59:59-23:59"),
    *(
        "2026-02-30T10:00:00Z",
        "2026-02-03T10:00:00+99:00",
        "2026-W05-2T10:00:00Z",
        "\u0661\u0669\u0667\u0660-01-01",
    ),
)
_TYPES = ("PaymentReceived", "ContractRegistered", "DayBegan", "DayDone", "EntryPosted", PERSON, "")
_BYTES = (b"", b"\xff", b"\x00", b"S-00001\x00", b"\xed\xa0\x80", b"x" * 600, PERSON.encode())
_STAMPS = (None, -1, 0, 1, -(2**40), 2**62, 253_402_300_800_000)


def mutate(sent: Sent, random: Random, *, topics: list[str], partitions: int) -> Sent:
    """Return *sent* after one to three changes; *topics* are those it may go astray to."""
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        change = random.choice(_CHANGES)
        if change is _astray:
            sent = _astray(sent, random, topics, partitions)
        else:
            sent = sent._replace(packed=change(sent.packed, random))
    if random.randrange(_RARELY) == 0:
        sent = sent._replace(packed=random.choice(_COSTLY)(sent.packed, random))
    return sent


def _astray(sent, random, topics, partitions):
    match random.randrange(3):
        case 0:
            return sent._replace(topic=random.choice(topics))
        case 1:
            return sent._replace(partition=random.randrange(partitions))
    contract_id = f"S-{random.randrange(CONTRACTS + 20):05}"
    key = contract_id.encode()
    return sent._replace(
        partition=home(contract_id, partitions), packed=sent.packed._replace(key=key)
    )


def _flipped(packed, random):
    value = bytearray(packed.value or b"")
    for _ in range(random.randrange(1, 4)):
        if value:
            value[random.randrange(len(value))] = random.randrange(256)
    return packed._replace(value=bytes(value))


def _cut(packed, random):
    value = packed.value or b""
    return packed._replace(value=value[: random.randrange(len(value) + 1)])


def _spliced(packed, random):
    value, some = packed.value or b"", random.choice((*_TOKENS, *_BYTES, b",", b"}", b'"', b"[{"))
    at = random.randrange(len(value) + 1)
    return packed._replace(value=value[:at] + some + value[at + random.randrange(4) :])


def _in_another_encoding(packed, random):
    text = (packed.value or b"").decode(errors="replace")
    encoded = random.choice(("utf-16", "utf-8-sig", "utf-32-le", "utf-7", "cp500"))
    return packed._replace(value=text.encode(encoded, errors="replace"))


def _replaced(packed, random):
    values = (None, b"", b"null", b"[]", b"{}", b'""', b"0", b"NaN", b"\xff\xfe", b"{}{}", b" ")
    return packed._replace(value=random.choice(values))


def _said_twice(packed, random):
    """Say each name of the outermost object twice, the second time with another value."""
    value = packed.value or b""
    if not value.startswith(b"{") or value == b"{}":
        return packed
    others = _changed(packed, random).value
    return packed._replace(value=value[:-1] + b"," + others.removeprefix(b"{"))


def _changed(packed, random):
    """Change one value somewhere in the data, or drop, rename or add one."""
    try:
        data = json.loads(packed.value or b"")
        places = list(_places(data))
    except (ValueError, RecursionError):
        return packed
    if not places:
        return packed
    parent, at = random.choice(places)
    _change_one(parent, at, random)
    return packed._replace(value=json.dumps(data).encode())


def _places(data):
    if isinstance(data, dict | list):
        pairs = data.items() if isinstance(data, dict) else enumerate(data)
        for at, value in pairs:
            yield data, at
            yield from _places(value)


def _change_one(parent, at, random):
    value = parent[at]
    match random.randrange(8):
        case 0:
            del parent[at]
        case 1 if isinstance(parent, dict):
            parent[random.choice((PERSON, "constructor", "", "\x00", at + " "))] = parent.pop(at)
        case 2:
            parent[at] = [value] * random.randrange(1, 3)
        case 3:
            parent[at] = random.choice(_ODD)
        case 4:
            parent[at] = random.choice(_TEXTS)
        case _:
            parent[at] = _like(value, random)


def _like(value, random):
    """Return an absurd value of the same kind as *value*."""
    if isinstance(value, str):
        if value[:4].isdigit() and value[4:5] == "-":
            return random.choice(_DATES)
        if value[-3:-2] == ".":
            return random.choice(_AMOUNTS)
        return random.choice(
            (*_TEXTS, value + " ", value.swapcase(), f"S-{random.randrange(9):05}")
        )
    if isinstance(value, int):
        return random.choice((0, 1, -1, 365, 2**31 - 1, 2**31, 10**30))
    return value * random.randrange(3) if isinstance(value, list) else {}


def _headers(packed, random):
    """Drop, repeat, empty or spoil one header, or add some."""
    headers = list(packed.headers)
    at = random.randrange(len(headers)) if headers else 0
    name = headers[at][0] if headers else "ce_id"
    match random.randrange(8):
        case 0:
            del headers[at : at + 1]
        case 1:
            headers[at : at + 1] = [(name, None)]
        case 2:
            headers[at : at + 1] = [(name, random.choice(_BYTES))]
        case 3:
            headers.append((name, random.choice((*_BYTES, b"again"))))
        case 4:
            headers.append((random.choice(("dl-offset", "dl-redriven", "dl-cut")), b"9"))
        case 5:
            headers += [(f"trace-{n}", b"\xfe" * 9) for n in range(random.choice((1, 3, 300)))]
        case 6:
            headers.append((random.choice(("", "\x00", "💶", PERSON)), None))
        case _:
            random.shuffle(headers)
    return packed._replace(headers=tuple(headers))


def _attribute(packed, random):
    name = random.choice(("id", "source", "type", "time", "time", "subject", "specversion"))
    absurd = {"time": _TIMES, "type": _TYPES, "specversion": ("0.3", "1.0 ", "")}
    text = random.choice(absurd.get(name, (*_TEXTS, f"S-{random.randrange(CONTRACTS):05}")))
    value = text.encode(errors="surrogatepass")
    headers = [(n, value if n == f"ce_{name}" else old) for n, old in packed.headers]
    return packed._replace(headers=tuple(headers))


def _key(packed, random):
    return packed._replace(key=random.choice((None, *_BYTES, b"S-00001", packed.key)))


def _stamp(packed, random):
    return packed._replace(timestamp=random.choice(_STAMPS))


def _deep(packed, random):
    depth = random.choice((50, 300, 1_000, 100_000))
    opened, closed = random.choice(((b"[", b"]"), (b'{"a":', b"}")))
    nested = opened * depth + b"1" + closed * depth
    return packed._replace(value=(packed.value or b"{")[:-1] + b',"x":' + nested + b"}")


def _long(packed, random):
    some = random.choice(
        (b"[" + b"1," * 10**6 + b"1]", b'"' + b"x" * 2_000_000 + b'"', b" " * 10**6)
    )
    name = random.choice((b'"x":', b'"designated":', b'"lines":'))
    return packed._replace(value=(packed.value or b"{")[:-1] + b"," + name + some + b"}")


def _long_header(packed, random):
    return packed._replace(headers=(*packed.headers, ("trace", b"x" * 1_500_000)))


_CHANGES: tuple[Callable, ...] = (
    *(_flipped, _cut, _spliced, _in_another_encoding, _replaced, _said_twice),
    *(_changed,) * 12,  # that gets furthest
    *(_headers, _headers, _attribute, _attribute, _key, _stamp, _astray),
)
_COSTLY = (_deep, _deep, _long, _long_header)
