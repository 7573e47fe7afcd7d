"""The headers of records on Kafka, as schemas: of events, of dead letters, and of redrives."""

from collections.abc import Mapping
from typing import Any


def _headers(required: Mapping[str, str], optional: Mapping[str, str]) -> dict[str, Any]:
    texts = {**required, **optional}
    return {
        "type": "object",
        "required": list(required),
        "properties": {
            name: {"type": "string", "description": text} for name, text in texts.items()
        },
    }


CLOUD_EVENT = _headers(
    {
        "ce_id": "The producer's id, the same on every retry.",
        "ce_source": "Who says it.",
        "ce_type": "The name of the message.",
        "ce_time": "When it was said: RFC 3339 with offset.",
        "ce_subject": "The contract_id; for terms id@version; for a day the legal_entity_id. "
        "It is also the key.",
        "ce_specversion": "1.0",
    },
    {
        "content-type": "application/json; what we say has it.",
        "ce_sequence": "Counts what a service says of a contract, from 1 on.",
        "ce_causationid": "Source and id of the event that led to it, with a blank between them.",
        "ce_causedby": "topic/partition/offset of the record that led to it.",
        "ce_traceparent": "Of the trace that led to it, where its cause had one (W3C).",
        "ce_tracestate": "Beside ce_traceparent, where its cause had one (W3C).",
    },
)
DEAD_LETTER = _headers(
    {
        "dl-topic": "The topic on which it came.",
        "dl-partition": "The partition on which it came.",
        "dl-offset": "The offset at which it stands there.",
        "dl-reason": "Why it could not be used: a code.",
        "dl-detail": "Why, in words, without personal data; at most 1,000 characters.",
    },
    {"dl-cut": "The record was longer than a topic takes, and ends early."},
)
REDRIVE = _headers({"dl-redriven": "topic/partition/offset of the dead letter."}, {})
ORDER_RECORD = _headers(
    {
        "number": "Of the record, counted on its partition; an empty value has that of the last.",
        "until": "The last output that the same Kafka transaction publishes.",
    },
    {},
)
SNAPSHOT = _headers(
    {},
    {
        "snapshot": "The id of the snapshot of which the value is a piece.",
        "piece": "The number of the piece, from 0 on.",
        "cover": "The id of the snapshot that is whole with it; the value says what is in it.",
    },
)
