"""On which document a charge stands: the line that names it, not one of the same days."""

from datetime import UTC, date, datetime

import pytest

from schemas.charges import UsageCharged
from schemas.invoices import InvoiceIssued, Line, LinePeriod
from services.usage.billed import Stated, document_of
from tests.support.events import eur
from tests.support.metering import C1

JANUARY = LinePeriod.model_validate({"from": "2026-01-01", "until": "2026-02-01"})
NOON = datetime(2026, 2, 2, 12, tzinfo=UTC)


def invoice(number, **line):
    return InvoiceIssued(
        **C1,
        number=number,
        invoice_id=number,
        issued_on=date(2026, 2, 2),
        due_on=date(2026, 2, 16),
        customer_id="K1",
        net=eur("5.00"),
        tax=eur("0.00"),
        gross=eur("5.00"),
        lines=(
            Line(
                line_id="1",
                name="Calls",
                component_id="calls",
                net=eur("5.00"),
                vat_rate="0",
                vat_category="E",
                period=JANUARY,
                **line,
            ),
        ),
    )


@pytest.mark.parametrize(
    ("of_the_first", "number"),
    [
        ({"charge_id": "other"}, "R2"),
        ({"charge_id": "mine"}, "R1"),
        # Said before lines named their charges, or by others.
        ({}, "R1"),
        # It takes back what an older invoice billed.
        ({"refers_to": "1"}, "R2"),
    ],
)
def test_u60_a_charge_stands_on_the_first_document_that_names_it(of_the_first, number):
    charge = UsageCharged(
        **C1,
        charge_id="mine",
        component_id="calls",
        period=JANUARY,
        quantity="50",
        net=eur("5.00"),
    )
    issued = [invoice("R1", **of_the_first), invoice("R2", charge_id="mine")]

    found = document_of(Stated(NOON, charge), [Stated(NOON, each) for each in issued])

    assert found == number
