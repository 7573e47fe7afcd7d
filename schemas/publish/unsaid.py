"""What the reader knows and a JSON Schema cannot say: all in which the two may differ."""

# By the kind of pydantic's error, where the schema takes what the reader refuses.
ONLY_THE_READER_REFUSES = {
    "value_error": "what holds between fields, and of amounts: their sign where one is meant, the "
    "decimals of their currency, sums that must be equal, an end before its begin, a list in "
    "order, a time zone or a place that nobody knows",
    "int_type": "`1.0` for the whole number 1: JSON Schema knows no difference between the two",
}
# Of these the schema knows as much as the reader: to be told so is a defect of the schema.
SAID_BY_BOTH = (
    "a date is written YYYY-MM-DD",
    "an instant is written as RFC 3339",
    "is no currency of ISO 4217",
)
ONLY_THE_READER_TAKES = {
    "null": "`null` for what may be left out, as if it were left out",
    "python": "`from_` for `from`: the names that fields have in the code",
}


_PAGE = """\
## What the JSON Schemas cannot say

A property test holds schemas and reader against each other, with a validator of others that
asserts formats and reads patterns as ECMA-262 has them. The reader alone refuses:

{refused}
- what has more than 100,000 values, or is nested too deeply.

The reader alone takes:

{taken}

Fields that are not known are ignored by both.
"""


def page() -> str:
    """Return the list as a part of the page of all messages."""
    refused = "\n".join(f"- {text};" for text in ONLY_THE_READER_REFUSES.values())
    taken = "\n".join(f"- {text}." for text in ONLY_THE_READER_TAKES.values())
    return _PAGE.format(refused=refused, taken=taken)
