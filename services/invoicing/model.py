"""What invoicing keeps of a contract."""

from dataclasses import dataclass, field
from datetime import date

from schemas.addresses import Customer
from schemas.contracts import Cause, ContractChanged, PaymentMethod
from schemas.early_payment import EarlyPayments
from schemas.ends import Ends
from schemas.frozen import replace
from schemas.message import ContractMessage
from schemas.values import ContractId, LegalEntityId, PlanId, ProcessId
from services.invoicing.billed import Filed, Invoice
from services.invoicing.given_back import CreditNote
from services.invoicing.granted import Grant
from services.invoicing.rules.tax import Supply
from services.tariffs.periods import Period

# The end of what has no end.
FOREVER = date.max


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """What was agreed, as it stands; what is dated of it stands in the contract's changes."""

    legal_entity_id: LegalEntityId
    currency: str
    customer: Customer
    payment_method: PaymentMethod
    payment_terms_days: int | None = None
    # Else the legal entity's.
    early_payment: EarlyPayments | None = None
    starts_on: date
    ends: Ends = field(default_factory=Ends)
    # From where all billing periods are counted (U-21).
    anchor_on: date
    # Others have billed what was before.
    billed_until: date | None = None
    trial_until: date | None = None
    billing: bool = True
    threshold_billing: bool = True
    test: bool = False
    attributes: dict[str, str]

    @property
    def ends_on(self) -> date | None:
        """The day on which it ends, exclusive: the earlier of what was agreed and asked for."""
        return self.ends.on

    @property
    def life(self) -> Period:
        """All days of the contract; none where it was annulled from the start."""
        until = FOREVER if self.ends_on is None else self.ends_on
        return Period(self.starts_on, max(self.starts_on, until))


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is different from ``from_on``: the plan, in a pinned version, or some quantities."""

    from_on: date
    plan: tuple[PlanId, int] | None = None
    quantities: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """The contract rests, and is not billed for it; what was billed only ``credits`` gives back."""

    since: date
    until: date | None = None
    by: Cause
    credits: bool = False

    @property
    def stretch(self) -> Period:
        return Period(self.since, FOREVER if self.until is None else self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Discount:
    """Percent, or an amount a billing period, off a component, for a stretch of time.

    Without one, off all that has the plan's own rhythm (U-28).
    """

    number: int
    name: str
    percent: str | None = None
    amount: int = 0
    component_id: str | None = None
    stretch: Period

    def __post_init__(self) -> None:
        assert (self.percent is None) == bool(self.amount), "either percent or amount"


@dataclass(frozen=True, slots=True, kw_only=True)
class Free:
    """Days for which a component costs nothing, or all that have the plan's own rhythm (U-28)."""

    component_id: str | None = None
    stretch: Period


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOut:
    """Until when each component is served of a contract that ends after what is billed (U-28).

    Nothing that is not named is begun; ``base`` is the end of what has the plan's own rhythm.
    """

    said_on: date
    base: date
    components: dict[str, date]

    def until(self, component_id: str) -> date:
        """Return the day on which a component ends, exclusive."""
        return self.components.get(component_id, self.said_on)

    def sooner(self, other: "RunOut | None") -> "RunOut":
        """Return until when each component is served that both let run out."""
        if other is None:
            return self
        names = self.components.keys() | other.components.keys()
        return RunOut(
            said_on=min(self.said_on, other.said_on),
            base=min(self.base, other.base),
            components={each: min(self.until(each), other.until(each)) for each in sorted(names)},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingItem:
    """A line to come: on the document of ``due_on``, or on the next one whatever it is for."""

    component_id: str | None = None
    name: str
    net: int
    quantity: str | None = None
    unit: str | None = None
    unit_price: str | None = None
    # For how many units the price is, where not for one.
    price_base: str | None = None
    supply: Supply
    period: Period | None = None
    due_on: date | None = None
    # When it is billed by itself, if no document has taken it by then.
    waits_until: date | None = None
    # Rated usage: what a threshold counts (U-17).
    is_usage: bool = False
    # Until when the billing period reaches that it is of.
    whole_until: date | None = None
    # The charge of usage that it is of.
    charge_id: str | None = None
    # The prepaid balance that pays so much of the usage: no minimum or maximum counts it (U-53).
    grant_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebill:
    """A charge that is corrected: from a day on its invoice is cancelled and made anew (U-31)."""

    on: date
    charge_id: str
    # What it costs more or less, and all of it as it is now, where that is known.
    difference: tuple[PendingItem, ...]
    whole: tuple[PendingItem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """A contract's timeline, and what was billed of it."""

    contract_id: ContractId
    agreed: Agreement | None = None
    # In the order in which they were said.
    changes: tuple[Change, ...] = ()
    coming: tuple[ContractChanged, ...] = ()
    pauses: tuple[Pause, ...] = ()
    discounts: tuple[Discount, ...] = ()
    free: tuple[Free, ...] = ()
    # How it ends, where others, or we, want it to end after what is billed.
    agreed_run_out: RunOut | None = None
    asked_run_outs: dict[ProcessId, RunOut] = field(default_factory=dict)
    items: tuple[PendingItem, ...] = ()
    rebills: tuple[Rebill, ...] = ()
    # Prepaid balances that apply gross, in the order in which they were granted (U-61).
    grants: tuple[Grant, ...] = ()
    # In the order in which they were issued; settled ones are filed away.
    invoices: tuple[Invoice, ...] = ()
    filed: Filed | None = None
    # Issued, or brought back, by the message at hand; all others are filed away.
    notes: tuple[CreditNote, ...] = ()
    # Until when all usage is known (U-30).
    closed_until: date | None = None
    # The last end of a period that was told before it.
    ending_told: date | None = None
    # For how many wishes of the outside the day of an end was found.
    wishes: int = 0
    # How many documents billed something so far.
    billed: int = 0
    # All days before it are billed as they should be: nothing looks at them again, unless a
    # message reaches back behind it.
    settled_until: date = date.min
    # How often something was said that may change what is billed: part of a document's name.
    revision: int = 0
    # The day on which that was last said: all that is due by then is due for one cause (U-27).
    told_on: date | None = None
    wake_on: date | None = None

    def __post_init__(self) -> None:
        names = [each.invoice_id for each in self.invoices]
        assert len(names) == len(set(names)), "U-34: a document is issued once"

    @property
    def agreement(self) -> Agreement:
        """What was agreed; what gets here has it, for all else waits for the registration."""
        assert self.agreed is not None, "only a registered contract gets here"
        return self.agreed

    @property
    def run_out(self) -> RunOut | None:
        """Until when each component is served, by the earlier of what was agreed and asked for."""
        found = self.agreed_run_out
        for each in self.asked_run_outs.values():
            found = each.sooner(found)
        return found

    @property
    def has_plan(self) -> bool:
        """Whether it is ours to invoice."""
        return any(each.plan is not None for each in self.changes)

    @property
    def was_billed(self) -> bool:
        return self.billed > 0

    @property
    def billed_until(self) -> date | None:
        """Until when is billed, by us or before us; what was credited does not count."""
        days = [s.until for i in self.invoices for _, t in i.times for s in t.standing]
        days += [self.filed.until] if self.filed else []
        if self.agreement.billed_until is not None:
            days.append(self.agreement.billed_until)
        return max(days, default=None)

    def billed_of(self, component_id: str | None, duration: str) -> date | None:
        """Return until when a component is billed, or without one what has this rhythm."""
        times = [t for i in self.invoices for line, t in i.times if line.kind == "recurring"]
        some = [t for t in times if component_id == t.slot
                or (component_id is None and t.duration == duration)]  # fmt: skip
        return max((s.until for t in some for s in t.standing), default=None)

    def invoice(self, invoice_id: str) -> Invoice | None:
        """Return the invoice of that name, unless it is filed away."""
        return next((each for each in self.invoices if each.invoice_id == invoice_id), None)

    def note(self, credit_note_id: str) -> CreditNote | None:
        """Return the credit note of that name, unless it is filed away."""
        return next((n for n in self.notes if n.credit_note_id == credit_note_id), None)

    def with_note(self, note: CreditNote) -> "Contract":
        """Return the contract with *note*, in the place of what has its name."""
        others = (each for each in self.notes if each.credit_note_id != note.credit_note_id)
        return replace(self, notes=(*others, note))

    def with_invoice(self, invoice: Invoice) -> "Contract":
        """Return the contract with *invoice* in its place."""
        name = invoice.invoice_id
        invoices = tuple(invoice if i.invoice_id == name else i for i in self.invoices)
        return replace(self, invoices=invoices)


Outcome = tuple[Contract, tuple[ContractMessage, ...]]
