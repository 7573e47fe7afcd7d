"""No message that names a document, or a day on which something counts, is forgotten."""

import pytest

from schemas.values import CreditNoteId, ReceivableId
from services.invoicing.app import worker
from services.invoicing.messages.reach import names
from services.invoicing.model import Contract
from tests.support.naming import days_of, ids_of, marked

KINDS = sorted(worker.handles, key=lambda each: each.__name__)
# Dunning says for which debt it asks; nothing is looked up for it here.
NOT_LOOKED_UP = {
    ("ContractEndRequested", "receivable_id"),
    ("ContractPauseRequested", "receivable_id"),
}
# From which days on what was billed is looked at again (reach.py), and which change nothing before.
REACH_BACK = {
    "ContractChanged": {
        "billed_until",
        "effective_on",
        "ends_on",
        "starts_on",
        "trial_until",
    },
    "ContractEndRequested": {"ends_on"},
    "ContractEnded": {"ends_on"},
    "ContractPauseRequested": {"paused_from"},
    "ContractPaused": {"paused_from"},
    "ContractResumeRequested": {"resumed_on"},
    "ContractResumed": {"resumed_on"},
    "DayBegan": {"day"},
    "GrantDiscount": {"from_on"},
}
CHANGE_NOTHING_BEFORE = {
    # Periods that were billed stay; the next one begins with the new anchor.
    "ContractChanged": {"billing_anchor_on"},
    # Nothing was billed before.
    "ContractRegistered": {
        "billed_until",
        "billing_anchor_on",
        "ends_on",
        "starts_on",
        "trial_until",
    },
    # A balance pays what is issued from then on, whatever days that is for.
    "GrantPrepaid": {"expires_on"},
    # It only says until when an invoice waited.
    "PeriodClosed": {"closed_on"},
}


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_document_a_message_names_is_looked_up_unless_it_says_why_not(kind):
    asked = set(names(Contract(contract_id="C1"), marked(kind)))

    fields = set(ids_of(kind, (CreditNoteId, ReceivableId)))
    excepted = {field for name, field in NOT_LOOKED_UP if name == kind.__name__}
    assert (fields - asked, fields & asked) == (excepted, fields - excepted)


@pytest.mark.parametrize("kind", KINDS)
def test_of_each_day_of_a_message_it_is_said_whether_it_reaches_back(kind):
    name = kind.__name__
    said = REACH_BACK.get(name, set()), CHANGE_NOTHING_BEFORE.get(name, set())

    assert days_of(kind) == said[0] | said[1]
    assert said[0].isdisjoint(said[1])
