"""What a contract owes by its timeline, day by day and slowly: to hold invoicing against."""

from datetime import timedelta
from fractions import Fraction
from functools import lru_cache

from services.invoicing.billed import Invoice
from services.tariffs.periods import enclosing

DAY = timedelta(days=1)
# No period is longer than a year: whatever begins by today has ended by then.
LONGEST = timedelta(days=400)


def days_of(first, last):
    return [first + timedelta(days=n) for n in range((last - first).days)]


class Book:
    """Compares the lines that stand at the end with what each day of the timeline costs."""

    def __init__(self, office):
        self.today, self.terms = office.day, office.terms
        self.contract, agreed = office.contract, office.contract.agreed
        self.agreed = agreed
        held = {each.invoice_id: each for each in office.contract.invoices}
        kept = (office.filed | held).values()
        self.invoices = [each for each in kept if isinstance(each, Invoice)]
        last = max([self.today, *self._stands_until()]) + LONGEST
        self.life = days_of(agreed.starts_on, min(agreed.ends_on or last, last))
        self.ends_on = agreed.ends_on
        self.trial = agreed.trial_until or agreed.starts_on
        self.changes = sorted(self.contract.changes, key=lambda each: each.from_on)
        self.on = lru_cache(None)(self._on)

    def _stands_until(self):
        lines = [line for invoice in self.invoices for line in invoice.lines if line.time]
        return [stretch.until for line in lines for stretch in line.time.standing]

    def billed(self):
        """Return slot and day of all that stands, each with its price; no day stands twice."""
        found = {}
        for invoice in self.invoices:
            for line in invoice.lines:
                if line.time and line.kind != "discount":
                    for stretch in line.time.standing:
                        for day in days_of(*stretch):
                            assert (line.time.slot, day) not in found, "billed twice"
                            found[line.time.slot, day] = _exact(line.time.price.split()[2])
        return found

    def wrong_days(self):
        """Return what is due and not billed, or stands and must not."""
        billed, due, may = self.billed(), self.due(), self.booked(self.may_stand)
        missing = {key for key, price in due.items() if billed.get(key) != price}
        too_much = {key for key, price in billed.items() if may.get(key) != price}
        return sorted(missing), sorted(too_much)

    def may_stand(self, day, of_plan=True):
        credited = [p for p in self.contract.pauses if p.credits]
        return day >= self.trial and not any(_rests(p, day) for p in credited)

    def is_charged(self, day, of_plan=True):
        rests = any(_rests(p, day) for p in self.contract.pauses)
        return day >= self.trial and not rests and not (of_plan and self.is_free(day))

    def is_free(self, day):
        return any(day in each.stretch for each in self.contract.free)

    def booked(self, counts):
        """Return slot and day of all that is booked on days that count, with its price."""
        found, before, fee = {}, None, None
        for day in self.life:
            plan, quantities = self.on(day)
            if plan.plan_id != before:
                fee = plan
            before = plan.plan_id
            if fee is plan or (fee and fee.plan_id == plan.plan_id):
                found |= self._fees(fee, day, counts)
                fee = None if day >= self.trial else fee
            for charge in plan.recurring:
                usual = "0" if charge.optional else "1"
                quantity = _exact(quantities.get(charge.component_id, usual))
                own = charge.billing_period in (None, plan.billing_period)
                if counts(day, own) and quantity:
                    found[charge.component_id, day] = _price(charge, quantity)
        return found

    def _fees(self, plan, day, counts):
        if day < self.trial or not counts(day):
            return {}
        named = {f"{plan.plan_id}\x1f{c.component_id}": _price(c, 1) for c in plan.one_time}
        return {(slot, day): price for slot, price in named.items()}

    def due(self):
        """Return what of all that is charged was to be billed by today."""
        charged, found = self.booked(self.is_charged), {}
        for slot in sorted({slot for slot, _ in charged}):
            days = [day for day in self.life if (slot, day) in charged]
            for piece in _pieces(days, charged, slot, lambda day, slot=slot: self.whole(slot, day)):
                if self.bills_on(slot, piece) <= self.today:
                    found |= {(slot, day): charged[slot, day] for day in piece}
        return found

    def bills_on(self, slot, piece):
        if slot != "after":
            return piece[0]
        until = self.whole(slot, piece[0])[1]
        return self.ends_on if self.ends_on and self.ends_on <= until else until

    def whole(self, slot, day):
        if "\x1f" in slot:
            return day, day + DAY
        plan, _ = self.on(day)
        charge = next(c for c in plan.recurring if c.component_id == slot)
        return enclosing(self.agreed.anchor_on, charge.billing_period or plan.billing_period, day)

    def _on(self, day):
        plan, quantities = None, {}
        for each in self.changes:
            if each.from_on <= day:
                plan, quantities = each.plan or plan, quantities | each.quantities
        return self.terms.plans[plan], quantities

    def wrong_sums(self):
        """Return the periods that do not cost what their days cost; each credit may be off."""
        wrong, groups = [], {}
        for invoice in self.invoices:
            for line in invoice.lines:
                if line.time:
                    groups.setdefault(line.time.group, []).append(line)
        for (slot, price, whole), lines in sorted(groups.items()):
            days = sum(each.days for line in lines for each in line.time.standing)
            exact = Fraction(price.split()[2]) * days / (whole.until - whole.from_on).days
            credits = sum(len(line.time.credited) for line in lines)
            off = abs(sum(line.net - line.credited.amount for line in lines) - exact)
            if off > Fraction(1 + credits, 2) or (days == 0 and off):
                wrong.append((slot, price, whole, float(off)))
        return wrong

    def wrong_taxes(self):
        """Return the invoices whose net is wholly credited and whose tax is not."""
        return [
            invoice.invoice_id
            for invoice in self.invoices
            for each in invoice.vat
            if each.net == each.credited_net and each.tax != each.credited_tax
        ]


def _rests(pause, day):
    return pause.since <= day and (pause.until is None or day < pause.until)


def _price(charge, quantity):
    return _costs(charge.unit_price, quantity if charge.model == "per_unit" else 1)


@lru_cache(1_000)
def _costs(unit_price, quantity):
    return _exact(unit_price) * quantity * 100


# Each day of years asks for the same few prices, and to read a fraction takes long.
_exact = lru_cache(1_000)(Fraction)


def _pieces(days, charged, slot, whole):
    """Yield runs of days that adjoin, at one price, in one billing period."""
    run = []
    for day in days:
        adjoins = run and run[-1] + DAY == day and charged[slot, run[-1]] == charged[slot, day]
        if run and not (adjoins and whole(run[-1]) == whole(day)):
            yield run
            run = []
        run.append(day)
    if run:
        yield run
