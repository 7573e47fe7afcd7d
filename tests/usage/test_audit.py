"""What usage says of a contract is audited: each fault in a sentence."""

import pytest

from schemas.charges import (
    PeriodClosed,
    PrepaidDrawn,
    PrepaidExpired,
    UsageCharged,
    UsageCorrected,
)
from services.usage.audit import faults
from tests.support.events import eur
from tests.support.metering import C1

JANUARY = {"from_": "2026-01-01", "until": "2026-02-01"}


def said(kind, **fields):
    return kind.model_validate(C1 | fields, strict=False)


def charge(name="a", net="5.00", **more):
    return said(UsageCharged, charge_id=name, component_id="c", period=JANUARY, quantity="1",
                net=eur(net), **more)  # fmt: skip


def tier(net):
    return {"quantity": "1", "net_unrounded": "1", "net": eur(net)}


CLOSED = said(PeriodClosed, period=JANUARY)
CORRECTED = said(
    UsageCorrected, correction_id="k", charge_id="a", component_id="c", period=JANUARY,
    net=eur("1.00"),
)  # fmt: skip


def whole(net, *tiers):
    said_anew = {"quantity": "1", "net": eur(net), "tiers": [tier(each) for each in tiers]}
    return said(
        UsageCorrected, correction_id="k", charge_id="a", component_id="c", period=JANUARY,
        net=eur("1.00"), rebill=True, whole=said_anew,
    )  # fmt: skip


def drawn(amount, left):
    return said(PrepaidDrawn, grant_id="g", charge_id="a", drawn=eur(amount), left=eur(left))


@pytest.mark.parametrize(
    ("messages", "fault"),
    [
        ([charge(), CLOSED, CORRECTED, charge("b", late=True)], None),
        ([CLOSED, CLOSED], "U-30: 2026-01-01/2026-02-01 is closed twice"),
        ([charge(), charge()], "U-34: a is charged twice"),
        ([CLOSED, charge()], "U-31: a should say whether it is late"),
        ([charge(late=True)], "U-31: a should say whether it is late"),
        ([CORRECTED], "U-31: k corrects what was not charged"),
        ([charge(tiers=[tier("2.00"), tier("3.00")])], None),
        ([charge(tiers=[tier("2.00"), tier("2.99")])], "U-62: the tiers of a do not make it up"),
        ([charge(), CLOSED, whole("5.00", "2.00", "3.00")], None),
        (
            [charge(), CLOSED, whole("5.00", "2.00", "2.99")],
            "U-62: the tiers of a do not make it up",
        ),
        ([charge(net="6.00", tiers=[tier("5.00")], bounds=eur("1.00"))], None),
        ([drawn("3.00", "7.00"), drawn("-1.00", "8.00")], None),
        ([drawn("3.00", "7.00"), drawn("1.00", "7.00")], "U-16: g pays 100 of 700 and has 700"),
        (
            [drawn("3.00", "7.00"), said(PrepaidExpired, grant_id="g", expired=eur("6.00"),
                                         expired_on="2026-01-20")],
            "U-16: g loses 600 of 700",
        ),
    ],
)  # fmt: skip
def test_what_does_not_hold_is_told(messages, fault):
    assert list(faults(messages)) == ([fault] if fault else [])
