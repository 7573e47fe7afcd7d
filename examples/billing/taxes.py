"""Tax and money: who owes the VAT, at which rate, and how amounts are rounded."""

from examples.billing.companies import BRISA, MORGEN
from examples.billing.telling import billed, pays, pays_monthly
from examples.book import Contract

PARIS = {"street": "Rue du Canal 1", "postal_code": "75010", "city": "Paris", "country": "FR"}
UTRECHT = {"street": "Gracht 1", "postal_code": "3511 AB", "city": "Utrecht", "country": "NL"}
ZURICH = {"street": "Seestrasse 1", "postal_code": "8002", "city": "Zürich", "country": "CH"}
TOKYO = {"street": "Ginza 1", "postal_code": "104-0061", "city": "Tokyo", "country": "JP"}
KUWAIT = {"street": "Gulf Road 1", "postal_code": "13001", "city": "Kuwait", "country": "KW"}


def firm(name: str, place: dict, language: str, tax: str, **more: object) -> dict:
    """Return a business as a customer."""
    return {
        "kind": "business", "name": name, "language": language,
        "address": {"name": name, **place}, "tax": tax, **more,
    }  # fmt: skip


@billed(
    "B-601", "Reverse charge: a firm in another country of the EU", "fibre",
    look="30.00 without VAT, category AE, said in French and in German",
    person=firm("Atelier du Canal SARL", PARIS, "fr", "reverse_charge", vat_id="FR40303265045"),
)  # fmt: skip
def reverse_charge(c: Contract) -> None:
    pays_monthly(c, "30.00")


@billed(
    "B-602", "Reverse charge asked for with a VAT id that cannot be", "fibre",
    look="35.70 with VAT, and the line says why",
    person=firm("Atelier du Pont SARL", PARIS, "fr", "reverse_charge", vat_id="FR00303265045"),
)  # fmt: skip
def no_reverse_charge(c: Contract) -> None:
    pays_monthly(c, "35.70")


@billed(
    "B-603", "Goods into another country of the EU", "parts", look="category K",
    person=firm("Fietsen BV", UTRECHT, "en", "reverse_charge", vat_id="NL004495445B01"),
)  # fmt: skip
def goods_in_the_eu(c: Contract) -> None:
    pays_monthly(c, "50.00")


@billed(
    "B-604", "Goods out of the EU", "parts", look="category G",
    person=firm("Uhren am See AG", ZURICH, "de", "not_taxable"),
)  # fmt: skip
def export(c: Contract) -> None:
    pays_monthly(c, "50.00")


@billed(
    "B-605", "A service out of the EU", "fibre", look="category O: not taxable here",
    person=firm("Kanzlei am See AG", ZURICH, "de", "not_taxable"),
)  # fmt: skip
def not_taxable(c: Contract) -> None:
    pays_monthly(c, "30.00")


@billed(
    "B-606", "A seller that is a small business", "yoga",
    look="25.00 without VAT, § 19 UStG", entity=MORGEN,
)  # fmt: skip
def small_business(c: Contract) -> None:
    pays_monthly(c, "25.00")


@billed(
    "B-607", "7 %, 19 % and exempt on one invoice", "three-rates",
    look="three lines of VAT: 0.70, 3.80, 0.00",
)  # fmt: skip
def three_rates(c: Contract) -> None:
    pays_monthly(c, "39.50")


@billed(
    "B-608", "Lines are rounded, then added up", "three-lines",
    look="three times 10.004 are 30.00, not 30.01 (R-104)", on="2026-03-01",
)  # fmt: skip
def three_lines(c: Contract) -> None:
    pays_monthly(c, "35.70", 3, 4)


@billed(
    "B-609", "The rate of VAT changes within a period", "nuvem",
    look="23 % on 15 February, 24 % on 15 March, for its last day was in March",
    on="2026-01-15", entity=BRISA,
)  # fmt: skip
def new_rate(c: Contract) -> None:
    pays(c, ("02-24", "123.00"), ("03-24", "124.00"), ("04-24", "124.00"))


@billed(
    "B-610", "The rate of VAT will change within a period billed in advance", "nuvem-quarter",
    look="24 % on 15 January, for the period ends in April", on="2026-01-15", entity=BRISA,
)  # fmt: skip
def coming_rate(c: Contract) -> None:
    pays(c, ("01-26", "372.00"), ("04-24", "372.00"))


@billed(
    "B-611", "Yen have no decimals", "yen",
    look="12 of 31 days of 3000 are 1161", on="2026-01-20", billing_anchor_on="2026-02-01",
    currency="JPY", person=firm("Ginza Tokei KK", TOKYO, "en", "not_taxable"),
)  # fmt: skip
def yen(c: Contract) -> None:
    pays(c, ("01-28", "1161"), ("02-10", "3000"), ("03-10", "3000"), ("04-10", "3000"))


@billed(
    "B-612", "Dinars have three", "dinar", look="3 times 1.2345 are 3.704",
    currency="KWD", quantities={"line": "3"},
    person=firm("Gulf Pearl WLL", KUWAIT, "en", "not_taxable"),
)  # fmt: skip
def dinars(c: Contract) -> None:
    pays_monthly(c, "3.704")


@billed(
    "B-613", "A contract to try things out", "fibre",
    look="numbers of a range of its own: no gap in the real ones", test=True,
)  # fmt: skip
def only_a_test(c: Contract) -> None:
    pays_monthly(c, "35.70")
