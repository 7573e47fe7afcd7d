"""A declaration that forgets a message is refused when it is made."""

from dataclasses import replace

import pytest

from schemas.contracts import ContractChanged, ContractPaused, ContractRegistered
from schemas.invoices import InvoiceIssued
from services.registry import DECLARED, PROJECTIONS, WORKERS, beside, in_order
from tests.support.receipts import PROJECTION
from tests.support.tally import WORKER


def test_a_message_that_is_neither_handled_nor_skipped_is_an_error():
    with pytest.raises(TypeError, match="tally: ContractPaused: neither handled nor skipped"):
        replace(WORKER, skips=WORKER.skips - {ContractPaused})


def test_a_message_that_is_handled_and_skipped_is_an_error():
    with pytest.raises(TypeError, match="tally: ContractRegistered: handled and skipped"):
        replace(WORKER, skips=WORKER.skips | {ContractRegistered})


def test_a_message_of_no_topic_that_is_read_is_an_error():
    with pytest.raises(TypeError, match="tally: InvoiceIssued: of no topic that it reads"):
        replace(WORKER, handles=WORKER.handles | {InvoiceIssued})


def test_whatever_a_service_handles_is_named_once():
    assert ContractChanged in WORKERS["dunning"].handles
    assert list(WORKERS) == ["usage", "invoicing", "dunning"]


@pytest.mark.parametrize(
    ("deployed", "before"),
    [(("usage", "invoicing", "dunning"), ("invoicing",)), (("usage", "dunning"), ()), ((), ())],
)
def test_a_day_waits_for_the_services_that_are_deployed_and_whose_days_are_read(deployed, before):
    assert WORKERS["dunning"].waits_for(deployed) == before


def test_a_service_that_does_not_wait_for_the_one_before_it_has_no_place_behind_it():
    with pytest.raises(TypeError, match=r"usage: it does not read dunning\.days"):
        in_order(WORKERS["dunning"], WORKERS["usage"])


def test_a_projection_has_a_name_of_its_own():
    assert beside(WORKERS, PROJECTION) == {"receipts": PROJECTION}
    for named in ((PROJECTION, PROJECTION), (replace(PROJECTION, name="dunning"),)):
        with pytest.raises(TypeError, match=f"{named[0].name}: two have this name"):
            beside(WORKERS, *named)
    assert list(DECLARED) == ["usage", "invoicing", "dunning", "notifications", *PROJECTIONS]
