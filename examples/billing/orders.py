"""What clerks order: discounts, free time, items, invoices, credit notes, corrections."""

from examples.billing.taxes import ZURICH, firm
from examples.billing.telling import billed, pays
from examples.book import Contract

# As the desk read it on the topic invoices; a derived id is the same in every run.
WRONG_INVOICE = "3b52974a-f369-55e8-8470-98b57d5573e5"


@billed(
    "B-401", "A fifth off for two months", "fibre",
    look="February and March at 24.00, the discount on a line of its own",
)  # fmt: skip
def percent(c: Contract) -> None:
    c.instruct("GrantDiscount", "2026-01-20", percent="20", periods=2, from_on="2026-02-01")
    pays(c, ("01-12", "35.70"), ("02-10", "28.56"), ("03-10", "28.56"), ("04-10", "35.70"))


@billed("B-402", "Five euros off from now on", "fibre", look="25.00 from 1 February on")
def amount(c: Contract) -> None:
    c.instruct(
        "GrantDiscount", "2026-01-20", amount=c.money("5.00"), component_id="access",
        from_on="2026-02-01",
    )  # fmt: skip
    pays(c, ("01-12", "35.70"), ("02-10", "29.75"), ("03-10", "29.75"), ("04-10", "29.75"))


@billed("B-403", "A month for nothing", "fibre", look="no invoice on 1 February")
def free_month(c: Contract) -> None:
    c.instruct("GrantFreePeriod", "2026-01-20", periods=1)
    pays(c, ("01-12", "35.70"), ("03-10", "35.70"), ("04-10", "35.70"))


@billed(
    "B-404", "A visit that goes on the next invoice", "fibre", look="75.00 net on 1 February"
)  # fmt: skip
def item(c: Contract) -> None:
    c.instruct("AddItem", "2026-01-20", name="Visit of an engineer", net=c.money("45.00"))
    pays(c, ("01-12", "35.70"), ("02-10", "89.25"), ("03-10", "35.70"), ("04-10", "35.70"))


CABLES = {"name": "Cable", "unit_price": "19.90"}


@billed("B-405", "An invoice by hand", "fibre", look="three cables on 10 February, 71.04")
def by_hand(c: Contract) -> None:
    c.instruct("IssueInvoice", "2026-02-10", items=[CABLES | {"quantity": "3"}])
    pays(
        c, ("01-12", "35.70"), ("02-09", "35.70"), ("02-18", "71.04"), ("03-10", "35.70"),
        ("04-10", "35.70"),
    )  # fmt: skip


@billed(
    "B-406", "A credit note by hand", "fibre",
    look="10.00 net for an outage on 10 February; less to be paid",
)  # fmt: skip
def goodwill(c: Contract) -> None:
    items = [{"name": "Outage on 3 February", "net": c.money("10.00")}]
    c.instruct("IssueCreditNote", "2026-02-10", items=items)
    pays(c, ("01-12", "35.70"), ("02-12", "23.80"), ("03-10", "35.70"), ("04-10", "35.70"))


@billed(
    "B-407", "An invoice that was wrong", "fibre",
    look="12 February: cancelled as a whole, and made anew with two cables",
)  # fmt: skip
def corrected(c: Contract) -> None:
    c.instruct("IssueInvoice", "2026-02-10", items=[CABLES | {"quantity": "3"}])
    c.instruct(
        "CorrectInvoice", "2026-02-12", invoice_id=WRONG_INVOICE,
        items=[CABLES | {"quantity": "2"}],
    )  # fmt: skip
    pays(
        c, ("01-12", "35.70"), ("02-09", "35.70"), ("02-18", "47.36"), ("03-10", "35.70"),
        ("04-10", "35.70"),
    )  # fmt: skip


@billed("B-408", "Installed once", "fibre-setup", look="49.00 more on the first invoice")
def setup(c: Contract) -> None:
    pays(c, ("01-12", "94.01"), ("02-10", "35.70"), ("03-10", "35.70"), ("04-10", "35.70"))


@billed(
    "B-409", "Prices by quantity", "counted",
    look="501 of each: 42.05 by steps, 25.05 all at one price, 25.00 in packs of 100",
    on="2026-04-01", quantities={"mails": "501", "texts": "501", "faxes": "501"},
)  # fmt: skip
def by_quantity(c: Contract) -> None:
    pays(c, ("04-10", "109.60"))


@billed(
    "B-410", "An allowance and a charge on a whole invoice", "fibre",
    look="a router for 100.00, less 10.00, and 5.00 for its delivery: 95.00 net",
)  # fmt: skip
def allowance(c: Contract) -> None:
    c.instruct(
        "IssueInvoice", "2026-02-10", items=[{"name": "Router", "net": c.money("100.00")}],
        allowances=[{"name": "Loyalty", "net": c.money("10.00"), "vat_rate": "19"}],
        charges=[{"name": "Delivery", "net": c.money("5.00"), "vat_rate": "19"}],
    )  # fmt: skip
    pays(
        c, ("01-12", "35.70"), ("02-09", "35.70"), ("02-18", "113.05"), ("03-10", "35.70"),
        ("04-10", "35.70"),
    )  # fmt: skip


@billed(
    "B-411", "Francs, to be paid in steps of five centimes", "franc",
    look="receivables: 59.95 of an invoice over 59.97", on="2026-03-01", currency="CHF",
    person=firm("Kanzlei am See AG", ZURICH, "de", "not_taxable"),
)  # fmt: skip
def cash(c: Contract) -> None:
    c.instruct(
        "IssueInvoice", "2026-03-10", payable_rounding=c.money("-0.02"),
        items=[{"name": "Cable", "quantity": "3", "unit_price": "19.99"}],
    )  # fmt: skip
    pays(c, ("03-09", "30.00"), ("03-18", "59.95"), ("04-10", "30.00"))
