"""A voucher in the syntax of OASIS (UBL 2.1), in its order; what credits is another document."""

from services.notifications.rendering.documents.parties import Party, Seller
from services.notifications.rendering.documents.payments import Card, Debit, Transfer
from services.notifications.rendering.documents.vouchers import Days, Line, Voucher
from services.notifications.rendering.einvoice import facts
from services.notifications.rendering.einvoice.elements import each, leaf, node, root
from services.notifications.rendering.einvoice.facts import amount, number
from services.notifications.rendering.einvoice.rule_sets import RuleSet
from services.notifications.rendering.einvoice.ubl_totals import (
    surcharges,
    tax_category,
    taxes,
    totals,
)

_URN = "urn:oasis:names:specification:ubl:schema:xsd:"


def write(said: Voucher, rules: RuleSet) -> bytes:
    """Return *said* as XML by *rules*."""
    credits = facts.credits(said)
    name = "CreditNote" if credits else "Invoice"
    namespaces = {
        "xmlns": f"{_URN}{name}-2",
        "xmlns:cac": f"{_URN}CommonAggregateComponents-2",
        "xmlns:cbc": f"{_URN}CommonBasicComponents-2",
    }
    return root(
        name,
        namespaces,
        _head(said, rules, credits=credits),
        _references(said),
        node("cac:AccountingSupplierParty", _supplier(said)),
        node("cac:AccountingCustomerParty", _customer(said)),
        _delivery(said),
        _means(said),
        node("cac:PaymentTerms", leaf("cbc:Note", facts.terms(said))),
        surcharges(said),
        taxes(said),
        totals(said),
        each(_line(at, line, said) for at, line in enumerate(said.lines, 1)),
    )


def _head(said: Voucher, rules: RuleSet, *, credits: bool) -> str:
    payment, foreign = said.payment, said.accounting_tax
    due = payment.due_on.isoformat() if payment and payment.due_on and not credits else None
    code = leaf(f"cbc:{'CreditNote' if credits else 'Invoice'}TypeCode", _type_code(said))
    return each(
        (
            leaf("cbc:CustomizationID", rules.customization),
            leaf("cbc:ProfileID", rules.process),
            leaf("cbc:ID", said.number),
            leaf("cbc:IssueDate", said.head.issued_on.isoformat()),
            leaf("cbc:DueDate", due),
            code,
            # Peppol allows one note, where seller and buyer are not both German.
            leaf("cbc:Note", "\n".join(said.notes), longest=5000),
            leaf("cbc:DocumentCurrencyCode", said.head.currency),
            leaf("cbc:TaxCurrencyCode", foreign.currency if foreign else None),
            leaf("cbc:BuyerReference", said.head.recipient.buyer_reference),
        )
    )


def _type_code(said: Voucher) -> str:
    return facts.TYPE_CODES[said.kind]


def _references(said: Voucher) -> str:
    original = said.corrects
    referred = (
        leaf("cbc:ID", original.number) + leaf("cbc:IssueDate", original.issued_on.isoformat())
        if original
        else ""
    )
    return each(
        (
            _period(said.days),
            node("cac:OrderReference", leaf("cbc:ID", said.head.recipient.purchase_order)),
            node("cac:BillingReference", node("cac:InvoiceDocumentReference", referred)),
            node("cac:ContractDocumentReference", leaf("cbc:ID", said.head.contract_id)),
        )
    )


def _supplier(said: Voucher) -> str:
    seller, named = said.head.seller, not facts.is_outside_vat(said)
    party, contact = seller.party, seller.contact
    creditor = said.payment.creditor_id if isinstance(said.payment, Debit) else None
    return node(
        "cac:Party",
        _endpoint(party),
        node("cac:PartyIdentification", leaf("cbc:ID", _own_id(seller, named=named))),
        node("cac:PartyIdentification", leaf("cbc:ID", creditor, schemeID="SEPA")),
        node("cac:PartyName", leaf("cbc:Name", party.name)),
        _address("cac:PostalAddress", party),
        _tax_scheme(party.vat_id if named else None, "VAT"),
        _tax_scheme(seller.tax_number, "FC"),
        _legal(seller),
        node(
            "cac:Contact",
            leaf("cbc:Name", contact.name),
            leaf("cbc:Telephone", contact.phone),
            leaf("cbc:ElectronicMail", contact.email),
        )
        if contact
        else "",
    )


def _own_id(seller: Seller, *, named: bool) -> str | None:
    """Return our id of the seller where nothing else identifies it (BR-CO-26)."""
    known = (named and seller.party.vat_id) or seller.register
    return None if known else seller.legal_entity_id


def _legal(seller: Seller) -> str:
    register = seller.register
    return node(
        "cac:PartyLegalEntity",
        leaf("cbc:RegistrationName", seller.party.name),
        leaf("cbc:CompanyID", register.number if register else None),
        leaf("cbc:CompanyLegalForm", facts.legal_information(seller)),
    )


def _customer(said: Voucher) -> str:
    party = said.head.recipient.party
    vat_id = None if facts.is_outside_vat(said) else party.vat_id
    return node(
        "cac:Party",
        _endpoint(party),
        node("cac:PartyName", leaf("cbc:Name", party.name)),
        _address("cac:PostalAddress", party),
        _tax_scheme(vat_id, "VAT"),
        node("cac:PartyLegalEntity", leaf("cbc:RegistrationName", party.name)),
        node("cac:Contact", leaf("cbc:Name", party.attention)),
    )


def _endpoint(party: Party) -> str:
    where = party.endpoint
    return leaf("cbc:EndpointID", where.address, schemeID=where.scheme) if where else ""


def _address(name: str, party: Party) -> str:
    return node(
        name,
        leaf("cbc:StreetName", party.street),
        leaf("cbc:CityName", party.city),
        leaf("cbc:PostalZone", party.postal_code),
        node("cac:Country", leaf("cbc:IdentificationCode", party.country)),
    )


def _tax_scheme(company_id: str | None, scheme: str) -> str:
    if company_id is None:
        return ""
    known = leaf("cbc:CompanyID", company_id)
    return node("cac:PartyTaxScheme", known, node("cac:TaxScheme", leaf("cbc:ID", scheme)))


def _delivery(said: Voucher) -> str:
    where = said.head.recipient.deliver_to if facts.needs_delivery(said) else None
    return node(
        "cac:Delivery",
        leaf("cbc:ActualDeliveryDate", said.supplied_on.isoformat()),
        node("cac:DeliveryLocation", _address("cac:Address", where)) if where else "",
        node("cac:DeliveryParty", node("cac:PartyName", leaf("cbc:Name", where.name)))
        if where
        else "",
    )


def _means(said: Voucher) -> str:
    payment = said.payment
    return node(
        "cac:PaymentMeans",
        leaf("cbc:PaymentMeansCode", facts.means(said)),
        leaf("cbc:PaymentID", payment.reference if payment else None),
        _account(payment) if payment else "",
    )


def _account(payment: Transfer | Debit | Card) -> str:
    match payment:
        case Transfer():
            branch = node("cac:FinancialInstitutionBranch", leaf("cbc:ID", payment.bic))
            named = leaf("cbc:ID", payment.iban) + leaf("cbc:Name", payment.payee, longest=70)
            return node("cac:PayeeFinancialAccount", named, branch)
        case Debit():
            payer = node("cac:PayerFinancialAccount", leaf("cbc:ID", payment.account))
            return node("cac:PaymentMandate", leaf("cbc:ID", payment.mandate_reference), payer)
        case Card():
            if payment.account is None:
                return ""
            account = leaf("cbc:PrimaryAccountNumberID", payment.account)
            return node("cac:CardAccount", account, leaf("cbc:NetworkID", "NA"))


def _line(at: int, line: Line, said: Voucher) -> str:
    credits, currency = facts.credits(said), said.head.currency
    base = number(line.base) if line.base != 1 else None
    kind = "CreditNote" if credits else "Invoice"
    quantity = f"cbc:{'Credited' if credits else 'Invoiced'}Quantity"
    return node(
        f"cac:{kind}Line",
        leaf("cbc:ID", str(at)),
        leaf(quantity, number(line.quantity), unitCode=line.unit),
        leaf("cbc:LineExtensionAmount", amount(line.net, currency), currencyID=currency),
        _period(line.days),
        node(
            "cac:Item",
            leaf("cbc:Description", facts.description(line)),
            leaf("cbc:Name", line.name, longest=200),
            tax_category("cac:ClassifiedTaxCategory", line.category, line.rate),
        ),
        node(
            "cac:Price",
            leaf("cbc:PriceAmount", number(line.price), currencyID=currency),
            leaf("cbc:BaseQuantity", base, unitCode=line.unit),
        ),
    )


def _period(days: Days | None) -> str:
    if days is None:
        return ""
    return node(
        "cac:InvoicePeriod",
        leaf("cbc:StartDate", days.from_on.isoformat()),
        leaf("cbc:EndDate", days.last_on.isoformat()),
    )
