"""Which VAT a supply bears, row by row."""

import json
from datetime import date

import pytest
from pydantic import ValidationError

from schemas.addresses import Customer, VatIdCheck
from schemas.oss import EU
from schemas.terms import LegalEntityPublished
from services.invoicing.rules.tax import Supply, percent, rate_on, treatment, vat_country
from tests.support.events import ACME, customer

DAY = date(2026, 3, 31)
PARIS = {"name": "Durand SARL", "postal_code": "75001", "city": "Paris", "country": "FR"}
ZURICH = {"name": "Huber AG", "postal_code": "8001", "city": "Zürich", "country": "CH"}
FRENCH = {
    "kind": "business",
    "language": "fr",
    "address": PARIS,
    "vat_id": "FR40303265045",
    "tax": "reverse_charge",
}


def taxed(fields, *, supply=None, entity=ACME, on=DAY):
    who = Customer.model_validate(customer() | fields)
    return treatment(supply or Supply(), customer=who, entity=entity, on=on)


def test_a_domestic_consumer_pays_the_sellers_rate():
    found = taxed({})

    assert (found.category, found.rate) == ("S", "19")
    assert (found.exemption, found.exemption_code, found.wording, found.note) == (
        None,
        None,
        (),
        None,
    )


@pytest.mark.parametrize(
    ("rate", "category", "expected"),
    [("7", "S", "7"), ("7.0", "S", "7"), ("0", "Z", "0"), ("0.00", "Z", "0"), ("20", "S", "20")],
)
def test_a_component_may_have_a_rate_of_its_own(rate, category, expected):
    found = taxed({}, supply=Supply(vat_rate=rate))

    assert (found.category, found.rate) == (category, expected)
    assert found.exemption is None


# What counts elsewhere; the others have a rate, as a seller must say one of each.
THERE = {"AT": {"2016-01-01": "20"}, "RO": {"2017-01-01": "19", "2025-08-01": "21"}}
OTHERS = {code: {"2020-01-01": "22"} for code in sorted(EU - {"AT", "RO", "DE"})}


def by_oss(rates=None, **more):
    said = {"from_on": "2025-07-01", "rates": OTHERS | (THERE if rates is None else rates)}
    return LegalEntityPublished.model_validate_json(
        json.dumps(ACME.model_dump(mode="json") | {"oss": said} | more)
    )


def living_in(country):
    return {"address": PARIS | {"country": country}}


@pytest.mark.parametrize(
    ("country", "on", "rate"),
    [
        ("AT", date(2025, 6, 30), "19"),
        ("AT", date(2025, 7, 1), "20"),
        ("RO", date(2025, 7, 31), "19"),
        ("RO", date(2025, 8, 1), "21"),
        ("DE", date(2025, 8, 1), "19"),
        ("CH", date(2025, 8, 1), "19"),
    ],
)
def test_r109a_a_consumer_elsewhere_in_the_eu_pays_the_rate_of_the_country(country, on, rate):
    found = taxed(living_in(country), entity=by_oss(), on=on)

    assert (found.category, found.rate, found.note) == ("S", rate, None)


def test_r109a_a_reduced_rate_of_the_seller_is_none_of_another_country():
    reduced = Supply(vat_rate="7")

    assert taxed(living_in("AT"), supply=reduced, entity=by_oss()).rate == "20"
    assert taxed(living_in("AT"), supply=reduced).rate == "7"


def test_r109a_businesses_and_small_sellers_are_taxed_as_before():
    business = living_in("AT") | {"kind": "business"}

    assert taxed(business, entity=by_oss()).rate == "19"
    assert taxed(living_in("AT"), entity=by_oss(small_business=True)).category == "E"


@pytest.mark.parametrize(
    ("rates", "why"),
    [
        ({"AT": {"2016-01-01": "20"}}, "no rate of VAT from 2025-07-01 on: RO"),
        (THERE | {"AT": {"2025-07-02": "20"}}, "no rate of VAT from 2025-07-01 on: AT"),
        (THERE | {"CH": {"2016-01-01": "8.1"}}, "not of the EU: CH"),
    ],
)
def test_r109a_whoever_says_it_says_the_rate_of_every_country(rates, why):
    with pytest.raises(ValidationError, match=why):
        by_oss(rates)


@pytest.mark.parametrize(
    ("on", "rate"),
    [
        ("2020-06-30", "19"),
        ("2020-07-01", "16"),
        ("2020-12-31", "16"),
        ("2021-01-01", "19"),
        ("2029-12-31", "19"),
        ("2030-01-01", "20.5"),
    ],
)
def test_a_new_rate_holds_for_what_is_completed_under_it(on, rate):
    rates = {
        date(2021, 1, 1): "19",
        date(2020, 7, 1): "16",
        date(2030, 1, 1): "20.5",
    }
    entity = ACME.model_copy(update={"vat_rates": rates})

    assert rate_on(entity, date.fromisoformat(on)) == rate
    assert taxed({}, entity=entity, on=date.fromisoformat(on)).rate == rate


@pytest.mark.parametrize(
    ("text", "short"), [("19", "19"), ("19.0", "19"), ("20", "20"), ("0.0", "0"), ("5.50", "5.5")]
)
def test_a_rate_has_one_form(text, short):
    assert percent(text) == short


def test_r102_reverse_charge_says_so_in_the_customers_language_and_in_german():
    found = taxed(FRENCH)

    assert (found.category, found.rate, found.exemption_code) == ("AE", "0", "VATEX-EU-AE")
    assert found.exemption == "Autoliquidation"
    assert found.wording == ("Autoliquidation", "Steuerschuldnerschaft des Leistungsempfängers")
    assert found.note is None


def test_r102_what_is_said_in_german_is_said_once():
    assert taxed(FRENCH | {"language": "de"}).wording == (
        "Steuerschuldnerschaft des Leistungsempfängers",
    )


def test_a_seller_elsewhere_says_it_in_its_own_language():
    lisbon = ACME.model_copy(update={"country": "PT", "language": "en"})

    assert taxed(FRENCH, entity=lisbon).wording == ("Autoliquidation", "Reverse charge")


@pytest.mark.parametrize(
    ("fields", "note"),
    [
        ({"kind": "consumer"}, "Avec TVA : l'autoliquidation est réservée aux entreprises"),
        ({"vat_id": None}, "Avec TVA : aucun numéro de TVA n'est connu"),
        ({"vat_id": "FR40303265046"}, "Avec TVA : la forme du numéro de TVA n'est pas valable"),
        ({"vat_id": "40303265045"}, "Avec TVA : la forme du numéro de TVA n'est pas valable"),
        (
            {"vat_id": "CHE-107.787.577"},
            "Avec TVA : la forme du numéro de TVA n'est pas valable",
        ),
        (
            {"vat_id": "DE136695976"},
            "Avec TVA : le numéro de TVA n'est pas celui d'un autre pays de l'UE",
        ),
        (
            {"vat_id": "XI432525179"},
            "Avec TVA : le numéro de TVA n'est pas celui d'un autre pays de l'UE",
        ),
    ],
)
def test_r102_without_a_precondition_vat_is_charged_and_the_line_says_why(fields, note):
    found = taxed(FRENCH | fields)

    assert (found.category, found.rate, found.note) == ("S", "19", note)
    assert (found.exemption, found.wording) == (None, ())


@pytest.mark.parametrize(
    ("language", "note"),
    [
        ("de", "Mit Umsatzsteuer: Eine USt-IdNr. ist nicht bekannt"),
        ("en", "With VAT: no VAT id is known"),
    ],
)
def test_r102_the_line_says_it_in_the_customers_language(language, note):
    assert taxed(FRENCH | {"vat_id": None, "language": language}).note == note


@pytest.mark.parametrize(
    ("answer", "category"), [("valid", "AE"), ("unconfirmed", "AE"), ("invalid", "S"), (None, "AE")]
)
def test_r102_only_an_id_that_was_found_invalid_is_charged(answer, category):
    check = answer and VatIdCheck(answer=answer, answer_id="W-1", checked_on=DAY)

    assert taxed(FRENCH | {"vat_id_check": check}).category == category


def test_r102_a_seller_outside_the_eu_has_no_reverse_charge_of_the_eu():
    assert taxed(FRENCH, entity=ACME.model_copy(update={"country": "CH"})).category == "S"


@pytest.mark.parametrize(
    ("vat_id", "category"), [("FR40303265045", "K"), ("XI432525179", "K"), ("DE136695976", "S")]
)
def test_goods_to_a_business_of_another_eu_country_are_an_intra_community_supply(vat_id, category):
    found = taxed(FRENCH | {"vat_id": vat_id}, supply=Supply("goods"))

    assert found.category == category


def test_an_intra_community_supply_says_so():
    found = taxed(FRENCH, supply=Supply("goods"))

    assert (found.rate, found.exemption_code) == ("0", "VATEX-EU-IC")
    assert found.wording == (
        "Livraison intracommunautaire exonérée",
        "Steuerfreie innergemeinschaftliche Lieferung",
    )


@pytest.mark.parametrize(
    ("address", "kind", "category", "code", "said"),
    [
        (ZURICH, "goods", "G", "VATEX-EU-G", "Steuerfreie Ausfuhrlieferung"),
        (ZURICH, "services", "O", "VATEX-EU-O", "Nicht der Umsatzsteuer unterliegend"),
        (PARIS, "goods", "O", "VATEX-EU-O", "Nicht der Umsatzsteuer unterliegend"),
        (PARIS, "services", "O", "VATEX-EU-O", "Nicht der Umsatzsteuer unterliegend"),
    ],
)
def test_who_is_not_taxable_gets_an_export_or_what_is_not_subject_to_vat(
    address, kind, category, code, said
):
    fields = {"tax": "not_taxable", "address": address, "language": "de"}
    found = taxed(fields, supply=Supply(kind))

    assert (found.category, found.rate, found.exemption_code) == (category, "0", code)
    assert (found.exemption, found.wording) == (said, (said,))


def test_an_export_is_none_for_who_is_taxed_as_usual():
    assert taxed({"address": ZURICH}, supply=Supply("goods")).category == "S"


@pytest.mark.parametrize("fields", [{}, FRENCH, {"tax": "not_taxable"}])
def test_a_small_business_charges_nobody_and_comes_first(fields):
    small = ACME.model_copy(update={"small_business": True})
    found = taxed(fields | {"language": "en"}, supply=Supply(vat_rate="7"), entity=small)

    assert (found.category, found.rate, found.exemption_code) == ("E", "0", None)
    assert found.wording == (
        "Exempt from VAT: small business (§ 19 UStG)",
        "Steuerfrei: Kleinunternehmer (§ 19 UStG)",
    )


def test_a_small_business_elsewhere_names_no_german_law():
    small = ACME.model_copy(update={"small_business": True, "country": "PT", "language": "en"})

    assert taxed({"language": "en"}, entity=small).wording == ("Exempt from VAT: small business",)


def test_a_component_that_is_exempt_by_law_says_why():
    insurance = Supply(exemption="Steuerfrei nach § 4 Nr. 10 UStG")
    found = taxed({}, supply=insurance)

    assert (found.category, found.rate) == ("E", "0")
    assert found.exemption == "Steuerfrei nach § 4 Nr. 10 UStG"
    assert found.wording == ("Steuerfrei nach § 4 Nr. 10 UStG",)
    assert taxed(FRENCH, supply=insurance).category == "AE"


@pytest.mark.parametrize(
    ("vat_id", "country"),
    [
        ("DE136695976", "DE"),
        ("DE 136 695 976", "DE"),
        ("de136695976", "DE"),
        ("DE136695977", None),  # a wrong check digit
        ("ATU13585627", "AT"),
        ("AT13585627", None),
        ("EL094259216", "GR"),
        ("XI432525179", "XI"),
        ("GB980780684", None),
        ("EU826010755", None),  # an id of the one-stop shop is no business's id
        ("NL004495445B01", "NL"),
        ("XX123", None),
        ("", None),
        ("?", None),
    ],
)
def test_r102_a_vat_id_has_the_form_and_the_check_digits_of_its_country(vat_id, country):
    assert vat_country(vat_id) == country
