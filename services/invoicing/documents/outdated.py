"""Invoices whose rates of VAT are not those of the law any more (U-24).

A new rate holds for what is completed under it. Where it becomes law after a period was billed
ahead, the invoice has the old one, and nothing corrects it by itself: that is for a person.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from schemas.terms import LegalEntityPublished
from schemas.values import ContractId, Money, derived_id
from services.invoicing.billed import BilledLine, Invoice
from services.invoicing.documents.parties import parties
from services.invoicing.model import Agreement, Contract
from services.invoicing.rules.tax import percent, rate_of
from services.invoicing.rules.totals import Taxed, totals
from services.tariffs.rounding import step_of

_A_DAY = timedelta(days=1)


class Rate(NamedTuple):
    """What is left of an invoice at a rate in percent, and the rate that the law says."""

    billed: str
    by_law: str
    net: Money


class Outdated(NamedTuple):
    """An invoice with other rates than the law's, and the tax of what is left of it by both."""

    contract_id: ContractId
    invoice_id: str
    issued_on: date
    rates: tuple[Rate, ...]
    tax: Money
    tax_by_law: Money

    @property
    def order_id(self) -> str:
        """The id of the order to correct it: the same until the law changes once more."""
        rates = (f"{each.billed}>{each.by_law}" for each in self.rates)
        return derived_id("tax-change", self.contract_id, self.invoice_id, *rates)


def outdated(
    contract: Contract, invoices: Sequence[Invoice], entity: LegalEntityPublished
) -> Iterator[Outdated]:
    """Yield which of *invoices* of *contract* have a rate that is not the law's, by *entity*.

    Only rates are compared, of lines that have one: who has moved, or is taxed otherwise by now,
    was billed rightly when it was billed.
    """
    for invoice in invoices:
        if invoice.said_as == "invoice" and _is_of_the_same(contract.agreement, invoice, entity):
            yield from _compared(contract, invoice, entity)


def _is_of_the_same(agreed: Agreement, invoice: Invoice, entity: LegalEntityPublished) -> bool:
    then, now = invoice.parties, parties(agreed.customer, entity)
    if then is None:
        return True
    return (then.buyer.kind, then.buyer.tax, then.buyer.address.country) == (
        now.buyer.kind,
        now.buyer.tax,
        now.buyer.address.country,
    )


def _compared(
    contract: Contract, invoice: Invoice, entity: LegalEntityPublished
) -> Iterator[Outdated]:
    agreed, currency = contract.agreement, contract.agreement.currency
    left = [line for line in invoice.lines if line.left and line.category in ("S", "Z")]
    rates = {line.line_id: _by_law(line, agreed, invoice, entity) for line in left}
    nets = defaultdict[tuple[str, str], int](int)
    for line in left:
        if line.rate != rates[line.line_id]:
            nets[line.rate, rates[line.line_id]] += line.left
    if not nets:
        return
    step = step_of(currency, entity.currency_decimals)
    by_law = totals([Taxed(e.left, "S", rates[e.line_id]) for e in left], step=step)
    tax = sum(each.tax - each.credited_tax for each in invoice.vat)
    yield Outdated(
        contract_id=contract.contract_id,
        invoice_id=invoice.invoice_id,
        issued_on=invoice.issued_on,
        rates=tuple(Rate(*pair, Money.of(net, currency)) for pair, net in sorted(nets.items())),
        tax=Money.of(tax, currency),
        tax_by_law=Money.of(by_law.tax, currency),
    )


def _by_law(
    line: BilledLine, agreed: Agreement, invoice: Invoice, entity: LegalEntityPublished
) -> str:
    """Return the rate of the last day of what *line* is for."""
    on = line.supplied_on or invoice.issued_on
    if line.period is not None and line.period.days:
        on = line.period.until - _A_DAY
    if line.time is not None and line.period is not None:
        on = line.time.completed_on or on
    return percent(rate_of(line.supply.vat_rate, customer=agreed.customer, entity=entity, on=on))
