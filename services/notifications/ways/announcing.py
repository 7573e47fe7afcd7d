"""Events that endpoints hear of, numbered by endpoint and contract, so that a gap shows.

| event | is posted |
|-------|-----------|
| of a type that an endpoint of the legal entity asks for | to that endpoint, once |
| about the posting itself | never: it would never end |
| whose text would be too long | thin, also where the endpoint asks for all of it |
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from schemas.deliveries import (
    Delivery,
    DeliveryIntended,
    Dispatched,
    DispatchFailed,
    EndpointDisabled,
    EventPosting,
    Posted,
)
from schemas.drafts import HandedOver, NotHandedOver
from schemas.endpoints import EndpointPublished
from schemas.escalations import (
    CollectionRequested,
    ContractEndRequested,
    ContractPauseRequested,
    ContractResumeRequested,
    EscalationExhausted,
    EscalationStarted,
    InstalmentsLapsed,
    PaymentEscalated,
    PromiseBroken,
    PromiseKept,
)
from schemas.frozen import replace
from schemas.invoices import (
    ContractEndFixed,
    CreditNoteCancelled,
    DiscountGranted,
    FreePeriodGranted,
    InvoiceCorrected,
    PeriodEnding,
    PlanChosen,
)
from schemas.message import ContractMessage, Message
from schemas.prepaid import PrepaidApplied
from schemas.receivables import ReceivableReopened, ReceivableSettled
from schemas.terms import Terms
from schemas.values import DeliveryId, derived_id
from services.notifications.model import Correspondence, Hook, OpenPosting, Outcome

# Endpoints beyond so many, of all legal entities, share a lane with another.
LANES = 8
# What is under way stands in the row of its contract, for days where an endpoint is away.
_LONGEST_BODY = 64_000
# Of these nothing else here takes notice.
MerelyTold = (
    CreditNoteCancelled
    | ContractEndFixed
    | InvoiceCorrected
    | DiscountGranted
    | FreePeriodGranted
    | PlanChosen
    | PeriodEnding
    | EscalationStarted
    | PaymentEscalated
    | EscalationExhausted
    | ContractEndRequested
    | ContractPauseRequested
    | ContractResumeRequested
    | CollectionRequested
    | PromiseKept
    | PromiseBroken
    | InstalmentsLapsed
    | ReceivableSettled
    | ReceivableReopened
    | PrepaidApplied
)


def announce(correspondence: Correspondence, events: Iterable[Message], terms: Terms) -> Outcome:
    """Intend that *events*, heard or said just now, are posted to whoever asks for them."""
    said: list[ContractMessage] = []
    endpoints = [*_endpoints(correspondence, terms)] if terms.endpoints else []
    for event in events if endpoints else ():
        for lane, endpoint in endpoints:
            if type(event).__name__ not in endpoint.types or _is_of_a_posting(event):
                continue
            assert isinstance(event, ContractMessage), "what can be asked for is of a contract"
            correspondence, intended = _intend(
                correspondence, event, endpoint, lane=lane, terms=terms
            )
            said.append(intended)
    return correspondence, tuple(said)


def posted(correspondence: Correspondence, outcome: HandedOver, terms: Terms) -> Outcome:
    """Say that an endpoint has taken an event."""
    correspondence, open_ = _settled(correspondence, outcome.effect_id)
    today = terms.today(correspondence.entity_id)
    done = Dispatched(**_about(correspondence, open_), dispatched_on=today, sent_at=outcome.sent_at)
    return correspondence, (done,)


def not_posted(correspondence: Correspondence, outcome: NotHandedOver) -> Outcome:
    """Say that an event did not reach its endpoint; and, once, that no event does any more."""
    correspondence, open_ = _settled(correspondence, outcome.effect_id)
    failed = DispatchFailed(**_about(correspondence, open_), reason=outcome.reason)
    hook = correspondence.hooks[open_.event.endpoint_id]
    if outcome.disabled_at in (None, hook.disabled_at):
        return correspondence, (failed,)
    disabled = EndpointDisabled(
        contract_id=correspondence.contract_id,
        endpoint_id=open_.event.endpoint_id,
        disabled_at=outcome.disabled_at,
        reason=outcome.reason,
    )
    hook = replace(hook, disabled_at=outcome.disabled_at)
    hooks = {**correspondence.hooks, open_.event.endpoint_id: hook}
    return replace(correspondence, hooks=hooks), (failed, disabled)


def _endpoints(
    correspondence: Correspondence, terms: Terms
) -> Iterator[tuple[int, EndpointPublished]]:
    """Yield all endpoints of the legal entity, each with its lane, which is the same for ever.

    It is by its place among those of all: entities with one each are not all in the first.
    """
    for place, each in enumerate(terms.endpoints.values()):
        if each.legal_entity_id == correspondence.entity_id:
            yield place % LANES, each


def _is_of_a_posting(event: Message) -> bool:
    return isinstance(event, Delivery) and event.channel == "webhook"


def _intend(
    correspondence: Correspondence,
    event: ContractMessage,
    endpoint: EndpointPublished,
    *,
    lane: int,
    terms: Terms,
) -> tuple[Correspondence, DeliveryIntended]:
    hook = correspondence.hooks.get(endpoint.endpoint_id, Hook())
    hook = replace(hook, told=hook.told + 1)
    type_ = type(event).__name__
    what = Posted(endpoint_id=endpoint.endpoint_id, sequence=hook.told, type=type_)
    delivery_id = derived_id("delivery", "webhook", correspondence.contract_id, *_name(what))
    open_ = OpenPosting(delivery_id=DeliveryId(delivery_id), event=what)
    today = terms.today(correspondence.entity_id)
    about = {"type": type_, "sequence": hook.told, "day": today.isoformat()}
    intended = DeliveryIntended(
        **_about(correspondence, open_),
        intended_on=today,
        posting=EventPosting(
            url=endpoint.url,
            secret_ref=endpoint.secret_ref,
            body=_body(about, event, payload=endpoint.payload),
            lane=lane,
        ),
    )
    return replace(
        correspondence,
        hooks={**correspondence.hooks, endpoint.endpoint_id: hook},
        postings={**correspondence.postings, intended.derived_id(): open_},
    ), intended


def _name(what: Posted) -> tuple[str, int]:
    return what.endpoint_id, what.sequence


def _body(about: dict[str, Any], event: ContractMessage, *, payload: str) -> str:
    """Return what is posted; it is the same on each attempt."""
    full = _json({**about, "payload": "full", "data": _data(event)}) if payload == "full" else None
    if full is not None and len(full) <= _LONGEST_BODY:
        return full
    thin = event.model_dump(mode="json", include={"contract_id", *event.identity})
    return _json({**about, "payload": "thin", "data": thin})


def _data(event: ContractMessage) -> dict[str, Any]:
    return event.model_dump(mode="json", exclude_none=True, by_alias=True)


def _json(said: dict[str, Any]) -> str:
    return json.dumps(said, ensure_ascii=True, separators=(",", ":"))


def _about(correspondence: Correspondence, open_: OpenPosting) -> dict[str, Any]:
    return {
        "contract_id": correspondence.contract_id,
        "delivery_id": open_.delivery_id,
        "channel": "webhook",
        "event": open_.event,
    }


def _settled(correspondence: Correspondence, effect_id: str) -> tuple[Correspondence, OpenPosting]:
    postings = {**correspondence.postings}
    open_ = postings.pop(effect_id)
    return replace(correspondence, postings=postings), open_
