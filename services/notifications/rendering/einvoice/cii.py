"""A voucher in the syntax of UN/CEFACT (Cross Industry Invoice D16B or D22B), in its order."""

from services.notifications.rendering.documents.parties import Party, Seller
from services.notifications.rendering.documents.vouchers import Line, Voucher
from services.notifications.rendering.einvoice import facts
from services.notifications.rendering.einvoice.cii_settlement import (
    category,
    day,
    period,
    settlement,
)
from services.notifications.rendering.einvoice.elements import each, leaf, node, root
from services.notifications.rendering.einvoice.facts import amount, number
from services.notifications.rendering.einvoice.rule_sets import RuleSet

_URN = "urn:un:unece:uncefact:data:standard:"
_NAMESPACES = {
    "xmlns:rsm": f"{_URN}CrossIndustryInvoice:100",
    "xmlns:ram": f"{_URN}ReusableAggregateBusinessInformationEntity:100",
    "xmlns:qdt": f"{_URN}QualifiedDataType:100",
    "xmlns:udt": f"{_URN}UnqualifiedDataType:100",
}


def write(said: Voucher, rules: RuleSet) -> bytes:
    """Return *said* as XML by *rules*."""
    return root(
        "rsm:CrossIndustryInvoice",
        _NAMESPACES,
        _context(rules),
        _document(said),
        node(
            "rsm:SupplyChainTradeTransaction",
            each(_line(at, line, said) for at, line in enumerate(said.lines, 1)),
            _agreement(said),
            _delivery(said),
            settlement(said),
        ),
    )


def _context(rules: RuleSet) -> str:
    process = leaf("ram:ID", rules.process)
    guideline = leaf("ram:ID", rules.customization)
    return node(
        "rsm:ExchangedDocumentContext",
        node("ram:BusinessProcessSpecifiedDocumentContextParameter", process),
        node("ram:GuidelineSpecifiedDocumentContextParameter", guideline),
    )


def _document(said: Voucher) -> str:
    return node(
        "rsm:ExchangedDocument",
        leaf("ram:ID", said.number),
        leaf("ram:TypeCode", facts.TYPE_CODES[said.kind]),
        day("ram:IssueDateTime", said.head.issued_on),
        each(node("ram:IncludedNote", leaf("ram:Content", note)) for note in said.notes),
    )


def _line(at: int, line: Line, said: Voucher) -> str:
    return node(
        "ram:IncludedSupplyChainTradeLineItem",
        node("ram:AssociatedDocumentLineDocument", leaf("ram:LineID", str(at))),
        node(
            "ram:SpecifiedTradeProduct",
            leaf("ram:Name", line.name, longest=200),
            leaf("ram:Description", facts.description(line)),
        ),
        node(
            "ram:SpecifiedLineTradeAgreement",
            node(
                "ram:NetPriceProductTradePrice",
                leaf("ram:ChargeAmount", number(line.price)),
                leaf("ram:BasisQuantity", _base(line), unitCode=line.unit),
            ),
        ),
        node(
            "ram:SpecifiedLineTradeDelivery",
            leaf("ram:BilledQuantity", number(line.quantity), unitCode=line.unit),
        ),
        node(
            "ram:SpecifiedLineTradeSettlement",
            category("ram:ApplicableTradeTax", line.category, facts.rate(line.category, line.rate)),
            period(line.days),
            node(
                "ram:SpecifiedTradeSettlementLineMonetarySummation",
                leaf("ram:LineTotalAmount", amount(line.net, said.head.currency)),
            ),
        ),
    )


def _base(line: Line) -> str | None:
    return number(line.base) if line.base != 1 else None


def _agreement(said: Voucher) -> str:
    recipient, named = said.head.recipient, not facts.is_outside_vat(said)
    return node(
        "ram:ApplicableHeaderTradeAgreement",
        leaf("ram:BuyerReference", recipient.buyer_reference),
        _seller(said.head.seller, named=named),
        node("ram:BuyerTradeParty", _buyer(recipient.party, named=named)),
        _referenced("ram:BuyerOrderReferencedDocument", recipient.purchase_order),
        _referenced("ram:ContractReferencedDocument", said.head.contract_id),
    )


def _referenced(name: str, document: str | None) -> str:
    return node(name, leaf("ram:IssuerAssignedID", document))


def _seller(seller: Seller, *, named: bool) -> str:
    party, register, contact = seller.party, seller.register, seller.contact
    vat_id = party.vat_id if named else None
    # A seller is known by one of these at least (BR-CO-26).
    own_id = None if vat_id or register else seller.legal_entity_id
    return node(
        "ram:SellerTradeParty",
        leaf("ram:ID", own_id),
        leaf("ram:Name", party.name),
        leaf("ram:Description", facts.legal_information(seller)),
        node(
            "ram:SpecifiedLegalOrganization", leaf("ram:ID", register.number if register else None)
        ),
        node(
            "ram:DefinedTradeContact",
            leaf("ram:PersonName", contact.name),
            node("ram:TelephoneUniversalCommunication", leaf("ram:CompleteNumber", contact.phone)),
            node("ram:EmailURIUniversalCommunication", leaf("ram:URIID", contact.email)),
        )
        if contact
        else "",
        _address(party),
        _endpoint(party),
        node("ram:SpecifiedTaxRegistration", leaf("ram:ID", seller.tax_number, schemeID="FC")),
        node("ram:SpecifiedTaxRegistration", leaf("ram:ID", vat_id, schemeID="VA")),
    )


def _buyer(party: Party, *, named: bool) -> str:
    vat_id = party.vat_id if named else None
    return each(
        (
            leaf("ram:Name", party.name),
            node("ram:DefinedTradeContact", leaf("ram:PersonName", party.attention)),
            _address(party),
            _endpoint(party),
            node("ram:SpecifiedTaxRegistration", leaf("ram:ID", vat_id, schemeID="VA")),
        )
    )


def _address(party: Party) -> str:
    return node(
        "ram:PostalTradeAddress",
        leaf("ram:PostcodeCode", party.postal_code),
        leaf("ram:LineOne", party.street),
        leaf("ram:CityName", party.city),
        leaf("ram:CountryID", party.country),
    )


def _endpoint(party: Party) -> str:
    where = party.endpoint
    if where is None:
        return ""
    uri = leaf("ram:URIID", where.address, schemeID=where.scheme)
    return node("ram:URIUniversalCommunication", uri)


def _delivery(said: Voucher) -> str:
    where = said.head.recipient.deliver_to if facts.needs_delivery(said) else None
    return node(
        "ram:ApplicableHeaderTradeDelivery",
        node("ram:ShipToTradeParty", leaf("ram:Name", where.name), _address(where))
        if where
        else "",
        node(
            "ram:ActualDeliverySupplyChainEvent",
            day("ram:OccurrenceDateTime", said.supplied_on),
        ),
    )
