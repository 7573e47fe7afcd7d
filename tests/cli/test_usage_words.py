"""Usage, and what became of it, told to a clerk in whole sentences."""

import pytest

from schemas.charges import (
    PrepaidDrawn,
    PrepaidExpired,
    PrepaidLow,
    UsageAlert,
    UsageCharged,
    UsageCorrected,
    UsageUnpriced,
)
from schemas.usage import UsageBackfillClosed, UsageBackfillOpened, UsageBackfillReverted
from services.cli.words import tell
from services.cli.words.names import Names
from tests.support.events import eur
from tests.support.metering import C1, instead, take_back, use

JANUARY = {"from_": "2026-01-01", "until": "2026-02-01"}
NAMES = Names({}, {})


def said(kind, **fields):
    return kind.model_validate(C1 | fields, strict=False)


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        (
            use("a", "01-05 12:00", "61", kind="abroad", to="431"),
            "61 of meter seconds at 2026-01-05 12:00+01:00 (kind abroad, to 431) was recorded.",
        ),
        (
            use("a", "01-05 12:00", "61", backfill_id="b"),
            "61 of meter seconds at 2026-01-05 12:00+01:00 was recorded, as part of backfill b.",
        ),
        (take_back("a"), "Usage a of /meters is taken back."),
        (
            instead("a", "b", "01-05 12:00", "60"),
            "Usage a of /meters is replaced: 60 of meter seconds at 2026-01-05 12:00+01:00 was "
            "recorded.",
        ),
        (
            said(UsageBackfillOpened, backfill_id="b", meter="m", replaces=True, **JANUARY),
            "Backfill b brings in m from 2026-01-01 until and including 2026-01-31, instead "
            "of what was recorded; nothing of it counts before it is closed.",
        ),
        (
            said(UsageBackfillClosed, backfill_id="b"),
            "Backfill b is complete, and counts from now on.",
        ),
        (
            said(UsageBackfillReverted, backfill_id="b"),
            "Backfill b is dropped: nothing of it counts.",
        ),
        (
            said(UsageUnpriced, meter="m", period=JANUARY, events=2, quantity="120"),
            "120 of meter m in 2 events from 2026-01-01 until and including 2026-01-31 has no "
            "price: no component of the plan counts it.",
        ),
        (
            said(UsageAlert, component_id="calls", reached="101", period=JANUARY,
                 mark={"component_id": "calls", "quantity": "100"}),
            "Calls has come to 101: 100 is told.",
        ),
        (
            said(UsageAlert, reached="15.9", period=JANUARY, mark={"net": eur("15.00")}),
            "All that was used has come to 15.9 EUR: 15.00 EUR is told.",
        ),
        (
            said(PrepaidLow, grant_id="g", low_at=eur("2.00"), left=eur("1.50")),
            "Prepaid balance g is low: 1.50 EUR is left, 2.00 EUR is told.",
        ),
        (
            said(PrepaidExpired, grant_id="g", expired=eur("7.00"), expired_on="2026-01-20"),
            "Prepaid balance g could be used until and including 2026-01-19: 7.00 EUR is lost.",
        ),
        (
            said(PrepaidDrawn, grant_id="g", charge_id="c", drawn=eur("3.00"), left=eur("7.00")),
            "Prepaid balance g paid 3.00 EUR of a charge; 7.00 EUR is left.",
        ),
        (
            said(PrepaidDrawn, grant_id="g", charge_id="c", drawn=eur("-1.00"), left=eur("8.00")),
            "Prepaid balance g gets 1.00 EUR back; 8.00 EUR is left.",
        ),
    ],
    ids=lambda each: type(each).__name__,
)  # fmt: skip
def test_a_message_of_usage_is_told_in_a_sentence(message, sentence):
    assert tell(message, NAMES) == sentence


EUR = {"currency": "EUR"}
CHARGE = {"charge_id": "1", "component_id": "data", "period": JANUARY}


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        (
            said(UsageCharged, **CHARGE, quantity="1500", net={"amount": "11.00"} | EUR, tiers=[
                {"quantity": "1000", "net_unrounded": "10", "net": {"amount": "10.00"} | EUR},
                {"quantity": "500", "net_unrounded": "1", "net": {"amount": "1.00"} | EUR},
            ]),
            "1,500 of data used from 2026-01-01 until and including 2026-01-31 cost 11.00 EUR "
            "(1,000 for 10.00 EUR and 500 for 1.00 EUR).",
        ),
        (
            said(UsageCharged, **CHARGE, quantity="5", net={"amount": "0.00"} | EUR,
                 group={"sim": "7"}, late=True,
                 prepaid=[{"grant_id": "g", "money": {"amount": "4.05"} | EUR}]),
            "5 of data (sim 7) used from 2026-01-01 until and including 2026-01-31 cost 0.00 EUR, "
            "beside 4.05 EUR prepaid, which came late.",
        ),
        (
            said(UsageCharged, **CHARGE, quantity="5", net={"amount": "20.00"} | EUR,
                 bounds={"amount": "6.00"} | EUR),
            "5 of data used from 2026-01-01 until and including 2026-01-31 cost 20.00 EUR, of "
            "which its minimum or maximum makes 6.00 EUR.",
        ),
        (
            said(UsageCorrected, **CHARGE, correction_id="2", net={"amount": "1.00"} | EUR,
                 group={"sim": "7"}),
            "What data (sim 7) used from 2026-01-01 until and including 2026-01-31 costs is "
            "corrected by 1.00 EUR (1).",
        ),
    ],
)  # fmt: skip
def test_a_charge_is_told_with_what_makes_it(message, sentence):
    assert tell(message, NAMES) == sentence
