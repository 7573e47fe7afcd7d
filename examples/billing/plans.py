"""The price plans of the three companies."""

from datetime import datetime

from examples.billing.companies import BRISA, ISAR, MORGEN
from examples.book import Book, Entity

ACCESS = {"component_id": "access", "name": "Fibre 100", "model": "flat", "unit_price": "30.00"}
TV = {
    "component_id": "tv",
    "name": "Television",
    "model": "flat",
    "unit_price": "10.00",
    "optional": True,
}
SPORT = TV | {"component_id": "sport", "name": "Sports", "unit_price": "12.00", "notice": "P1M"}
FASTER = ACCESS | {"name": "Fibre 500", "unit_price": "60.00"}
TERM = {"minimum_term": "P3M", "notice": "P1M"}
# Rated elsewhere: a component without a meter is charged by whoever says UsageCharged.
DATA = {
    "component_id": "data",
    "name": "Data",
    "model": "per_unit",
    "unit_price": "0.01",
}
SMALL = ACCESS | {"name": "Fibre 50", "unit_price": "10.00"}
# What 501 units cost under three models: 42.05, 25.05 and 25.00.
TIERS = [
    {"up_to": "100", "unit_price": "0.10"},
    {"up_to": "500", "unit_price": "0.08"},
    {"unit_price": "0.05"},
]
COUNTED = [
    {"component_id": "mails", "name": "Mails, by steps", "model": "graduated", "tiers": TIERS},
    {"component_id": "texts", "name": "Texts, all at one", "model": "volume", "tiers": TIERS},
    {
        "component_id": "faxes",
        "name": "Faxes, in packs",
        "model": "package",
        "unit_price": "5.00",
        "package_size": "100",
        "free_units": "10",
    },
]


def publish(book: Book) -> None:
    """Say all plans, each on its day."""
    _monthly(book, "fibre", [ACCESS, TV])
    _monthly(book, "fibre", [ACCESS | {"unit_price": "33.00"}, TV], version=2, on="2026-02-15")
    _monthly(book, "fibre-sport", [ACCESS, SPORT])
    _monthly(book, "fibre-later", [ACCESS], bill="in_arrears")
    _monthly(book, "fibre-500", [FASTER], notice="P1M")
    _monthly(book, "fibre-bound", [ACCESS], **TERM)
    _monthly(book, "fibre-30-days", [ACCESS], proration="fixed_30")
    _monthly(book, "fibre-quarter", [_flat("access", "Fibre 100", "90.00")], billing_period="P3M")
    _monthly(book, "fibre-year", [_flat("access", "Fibre 100", "365.00")], billing_period="P1Y")
    _monthly(book, "hotspot", [_flat("hotspot", "Hotspot", "7.00")], billing_period="P1W")
    setup = _flat("setup", "Installation", "49.00")
    _monthly(book, "fibre-setup", [ACCESS], one_time=[setup])
    support = _flat("support", "Support", "15.00") | {"bill": "in_arrears"}
    _monthly(book, "desk", [_flat("access", "Desk", "20.00"), support])
    domain = _flat("domain", "Domain", "24.00") | {"billing_period": "P3M"}
    _monthly(book, "site", [_flat("site", "Web site", "10.00"), domain])
    seat = {"component_id": "seat", "name": "Seat", "model": "per_unit", "unit_price": "10.00"}
    _monthly(book, "office", [seat])
    _monthly(book, "counted", COUNTED)
    _monthly(book, "metered", [SMALL], metered=[DATA], billing_delay_hours=24)
    _monthly(
        book, "metered-50", [SMALL], metered=[DATA], billing_delay_hours=24,
        threshold={"amount": "50.00", "currency": "EUR"},
    )  # fmt: skip
    _monthly(
        book, "metered-25", [SMALL], metered=[DATA], billing_delay_hours=24,
        minimum={"amount": "25.00", "currency": "EUR"},
    )  # fmt: skip
    _taxes(book)
    _monthly(book, "nuvem", [_flat("server", "Server", "100.00")], entity=BRISA, bill="in_arrears")
    _monthly(
        book, "nuvem-quarter", [_flat("server", "Server", "300.00")], entity=BRISA,
        billing_period="P3M",
    )  # fmt: skip
    _monthly(book, "yoga", [_flat("yoga", "Yoga", "25.00")], entity=MORGEN)


def _taxes(book: Book) -> None:
    third = {"model": "per_unit", "unit_price": "10.004"}
    _monthly(
        book,
        "three-lines",
        [{"component_id": f"line-{n}", "name": f"Line {n}", **third} for n in (1, 2, 3)],
    )
    exempt = {"exemption": "Steuerfrei nach § 4 Nr. 10 UStG"}
    _monthly(
        book,
        "three-rates",
        [
            _flat("magazine", "Magazine", "10.00") | {"vat_rate": "7", "supply": "goods"},
            _flat("access", "Fibre 50", "20.00"),
            _flat("insurance", "Insurance", "5.00") | exempt,
        ],
    )
    _monthly(book, "parts", [_flat("parts", "Spare parts", "50.00") | {"supply": "goods"}])
    _monthly(book, "franc", [ACCESS], currency="CHF")
    _monthly(book, "yen", [_flat("server", "Server", "3000")], currency="JPY")
    call = {"component_id": "line", "name": "Line", "model": "per_unit", "unit_price": "1.2345"}
    _monthly(book, "dinar", [call], currency="KWD")


def _flat(component_id: str, name: str, price: str) -> dict:
    return {"component_id": component_id, "name": name, "model": "flat", "unit_price": price}


def _monthly(
    book: Book,
    plan_id: str,
    recurring: list[dict],
    *,
    version: int = 1,
    on: str = "2026-01-01",
    entity: Entity = ISAR,
    **more: object,
) -> None:
    """Publish a plan that is billed a month in advance, unless *more* says otherwise."""
    usual = {"currency": "EUR", "billing_period": "P1M", "bill": "in_advance"}
    data = {
        "plan_id": plan_id,
        "version": version,
        "legal_entity_id": entity.entity_id,
        **usual,
        "recurring": recurring,
        **more,
    }
    at = datetime.fromisoformat(f"{on}T00:00").replace(tzinfo=entity.zone)
    subject = f"{plan_id}@{version}"
    book.say("PlanPublished", at, source="/policies", subject=subject, data=data)
