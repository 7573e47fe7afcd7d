"""Copies of what was sent, and another try of what could not be made (R-124)."""

from schemas.frozen import replace
from schemas.instructions import ResendDocument
from schemas.message import NotYet, Refused
from schemas.terms import Terms
from services.notifications.model import KINDS, Correspondence, Mailing, Outcome, key_of
from services.notifications.ways import choice, drafting, sending
from services.notifications.ways.choice import Route


def resend(correspondence: Correspondence, asked: ResendDocument, terms: Terms) -> Outcome:
    """Send the same bytes again, marked as a copy; what was never made is drafted again."""
    mailing = _find(correspondence, asked.document_id)
    if mailing.is_on_its_way:
        raise Refused("conflict", "it is on its way")
    if not mailing.was_sent and (mailing.stage == "held" or not correspondence.stands(mailing)):
        raise Refused("conflict", "it was not sent, and is not to be sent")
    mailing = replace(mailing, round=mailing.round + 1)
    if mailing.stage == "unmade":
        return drafting.draft(correspondence, mailing, terms)
    route = _route(correspondence, mailing, asked)
    return sending.send(correspondence, mailing, route, terms=terms)


def _route(correspondence: Correspondence, mailing: Mailing, asked: ResendDocument) -> Route:
    wished = choice.wished(correspondence, replace(mailing, step_says=None))
    if asked.to is not None or asked.channel is not None:
        wished = Route(asked.channel or "email", "clerk", to=asked.to)
    return replace(wished, is_copy=mailing.was_sent)


def _find(correspondence: Correspondence, document_id: str) -> Mailing:
    held = (correspondence.mailings.get(key_of(kind, document_id)) for kind in KINDS)
    found = next((each for each in held if each is not None), None)
    if found is None:
        raise NotYet("document")
    return found
