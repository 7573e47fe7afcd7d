"""However usage is charged, corrected and billed in parts: they add up to the whole (U-63)."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.message import Refused
from schemas.orders import BillInterim, GrantDiscount, GrantPrepaid, IssueCreditNote, VoidInvoice
from services.invoicing.audit import faults
from tests.support.events import eur
from tests.support.metering import C1, MeterRoom, take_back, use
from tests.support.meters import TIERS, metered, published
from tests.support.office import Office
from tests.support.properties import up_to

BASE, FEBRUARY, END = 500, 1200, date(2026, 3, 10)
LEAST, MOST = 1200, 2000


def plan(late_usage="next_invoice", at_least=None, **more):
    tiered = {"model": "graduated", "tiers": TIERS, "group_by": ["sim"], "maximum": "8.00 EUR"}
    least = {"minimum": at_least} if at_least else {}
    said = {"minimum": "12.00 EUR", "maximum": "20.00 EUR", "bill": "in_arrears"}
    base = metered("base", model="flat", unit_price="5.00")
    charges = [
        metered("calls", meter="m", **tiered),
        metered("data", meter="m", unit_price="0.05", filters={"sim": ["A"]}, **least),
    ]
    return published(*charges, recurring=[base], late_usage=late_usage, **said | more)


class Desk:
    """Usage and invoicing in step: what usage says is heard before the day begins at invoicing."""

    def __init__(self, *plans):
        self.meters, self.office = MeterRoom(*plans).register(), Office(*plans).register()
        self.heard = self.given = 0

    def use(self, *messages):
        self.meters.hear(*messages)
        said = [each for _, each in self.meters.said]
        self.office.hear(*(each for each in said[self.heard :] if _is_billed(each)))
        self.heard = len(said)

    def bill_now(self):
        self.use(BillInterim(**C1))
        self.office.hear(BillInterim(**C1))

    def give(self):
        """Credit half a euro of calls, of the last invoice that has as much of them."""
        for invoice in reversed(self.office.invoices()):
            item = {"name": "Gift", "component_id": "calls", "net": eur("0.50")}
            try:
                self.office.hear(
                    IssueCreditNote(**C1, invoice_id=invoice.invoice_id, items=(item,))
                )
            except Refused:
                continue
            self.given += 50
            return

    def void(self):
        """Declare the last invoice void: a gift of all that is left of it (R-84b)."""
        invoices, before = self.office.invoices(), self.billed
        if invoices:
            try:
                self.office.hear(VoidInvoice(**C1, invoice_id=invoices[-1].invoice_id))
            except Refused:
                return
            # Where more was given than it came to, to cost nothing is to bill the rest.
            self.given += before - self.billed

    def until(self, day):
        while self.office.day < day:
            coming = self.office.day + timedelta(days=1)
            self.meters.until(coming.month, coming.day)
            self.use()
            self.office.until(coming)

    @property
    def billed(self):
        """Return what all documents come to, net, in cents."""
        billed = sum(each.net.minor for each in self.office.invoices())
        return billed - sum(each.net.minor for each in self.office.credits())

    @property
    def drawn(self):
        return sum(each.drawn.minor for each in self.meters.all_of("PrepaidDrawn"))


def _is_billed(message):
    return type(message).__name__ in ("UsageCharged", "UsageCorrected", "PeriodClosed")


def bounded(net):
    return max(LEAST, min(MOST, net))


def discounted(whole):
    """Return a tenth of both periods: of each base by itself, of the rest of January rounded."""
    rest = whole - BASE - FEBRUARY
    return 50 + (rest + 5) // 10 + 120


def rated(some, at_least):
    """Return what all of January's usage costs, had it been known in time."""
    room = MeterRoom(plan(at_least=at_least)).register().hear(*some).until(2, 25)
    return room.net()


def recorded(some):
    return [
        use(f"e{n}", f"01-{day:02} 12:00", str(quantity), "m", sim=sim)
        for n, (day, quantity, sim) in enumerate(some)
    ]


EVENTS = st.lists(
    st.tuples(st.integers(1, 31), st.integers(0, 120), st.sampled_from("AB")), max_size=8
)
ACTS = ("use", "use", "use", "take_back", "bill", "give", "void", "day", "week")


@settings(max_examples=up_to(60), deadline=None)
@given(
    some=EVENTS,
    acts=st.lists(st.sampled_from(ACTS), max_size=16),
    late_usage=st.sampled_from(["next_invoice", "credit_rebill"]),
    bounds=st.tuples(st.sampled_from([None, "4.00 EUR"]), st.sampled_from([None, "3.00 EUR"])),
    credit=st.tuples(st.sampled_from([None, "3.00", "30.00"]), st.sampled_from([None, "10"])),
    order=st.randoms(use_true_random=False),
)
def test_u63_all_documents_of_a_period_come_to_what_the_whole_of_it_costs(
    some, acts, late_usage, bounds, credit, order
):
    (threshold, at_least), (prepaid, percent) = bounds, credit
    desk = Desk(plan(late_usage, at_least, **({"threshold": threshold} if threshold else {})))
    if prepaid:
        desk.use(GrantPrepaid(**C1, grant_id="g", money=eur(prepaid)))
    if percent:
        desk.office.hear(GrantDiscount(**C1, percent=percent, from_on=date(2026, 1, 1)))
    coming, counted = recorded(some), []
    order.shuffle(coming)
    for act in acts:
        if act == "use" and coming:
            counted.append(coming.pop())
            desk.use(counted[-1])
        if act == "take_back" and counted:
            desk.use(take_back(counted.pop().origin.id))
        if act in ("bill", "give", "void"):
            {"bill": desk.bill_now, "give": desk.give, "void": desk.void}[act]()
        if act in ("day", "week") and desk.office.day < date(2026, 2, 20):
            desk.until(desk.office.day + timedelta(days=1 if act == "day" else 9))
    desk.use(*coming)
    desk.until(END)

    whole = bounded(BASE + rated([*counted, *coming], at_least)) + FEBRUARY
    if percent:
        whole -= discounted(whole)
    assert desk.billed == whole - desk.drawn - desk.given
    assert list(faults(each for _, each in desk.office.said)) == []


def test_u63_a_void_invoice_is_a_gift_and_what_comes_late_is_billed_beside_it():
    desk = Desk(plan())
    # 5.00 of the base, 6.00 of calls and 3.00 of data.
    desk.use(use("a", "01-05 12:00", "60", "m", sim="A"))
    desk.until(date(2026, 2, 5))
    assert desk.billed == 1400

    desk.void()
    assert (desk.billed, desk.given) == (0, 1400)

    # 2.00 more of calls, which are at their maximum then, and 1.00 of data; 12.00 of February.
    desk.use(use("b", "01-06 12:00", "20", "m", sim="A"))
    desk.until(END)
    assert desk.billed == 300 + 1200
