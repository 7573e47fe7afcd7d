"""The e-invoices that every validator has to accept, by name."""

from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from schemas.addresses import Address, Customer
from schemas.invoices import CreditNoteIssued, InvoiceIssued, Line, Surcharge, Vat
from schemas.values import Money
from services.notifications.rendering.documents.parties import Endpoint
from services.notifications.rendering.documents.payments import EarlyPayment
from services.notifications.rendering.documents.vouchers import AccountingTax, Reference
from services.notifications.rendering.sample_messages import (
    CONTRACT,
    ENTITY,
    OCTOBER,
    PARTICULARS,
    customer,
)
from services.notifications.rendering.sources import vouchers
from services.notifications.rendering.sources.parties import Wishes, parties

TODAY = date(2026, 11, 22)
EXEMPTIONS = {
    "AE": ("Steuerschuldnerschaft des Leistungsempfängers", "VATEX-EU-AE"),
    "K": ("Steuerfreie innergemeinschaftliche Lieferung", "VATEX-EU-IC"),
    "G": ("Steuerfreie Ausfuhrlieferung", "VATEX-EU-G"),
    "O": ("Nicht der Umsatzsteuer unterliegend", "VATEX-EU-O"),
    "E": ("Steuerfrei nach § 4 Nr. 21 UStG", None),
}
JAPAN = Customer(
    customer_id="10043",
    kind="business",
    name="Sakura Trading K.K.",
    language="en",
    address=Address(
        name="Sakura Trading K.K.",
        street="1-2-3 Marunouchi",
        postal_code="100-0005",
        city="Tokyo",
        country="JP",
    ),
)
FINLAND = Customer(
    customer_id="10044",
    kind="consumer",
    name="Aino Järvinen",
    language="en",
    address=Address(
        name="Aino Järvinen",
        street="Mannerheimintie 5",
        postal_code="00100",
        city="Helsinki",
        country="FI",
    ),
)
WISHES = Wishes(
    buyer_reference="04011000-12345-34",
    endpoint=Endpoint(scheme="0204", address="04011000-12345-34"),
)
MANDATE = vouchers.Instrument("MREF-4711", "DE02120300000000202051")


def line(name, quantity, price, net, *, category="S", rate="19", **more):
    """Say a line, in the currency it is given with its net."""
    amount, _, currency = net.partition(" ")
    more = {"period": OCTOBER} | more
    return Line(
        line_id=name[:200],
        name=name,
        quantity=quantity,
        unit_price=price,
        net=Money(amount=amount, currency=currency or "EUR"),
        vat_rate=rate,
        vat_category=category,
        **more,
    )


def taxed(lines, allowances=(), charges=()):
    """Add up what a document says, as its sender did."""
    currency, sums = lines[0].net.currency, {}
    for sign, parts in ((1, lines), (-1, allowances), (1, charges)):
        for each in parts:
            key = each.vat_category, each.vat_rate
            sums[key] = sums.get(key, 0) + sign * each.net.minor
    vat = []
    for (category, rate), net in sorted(sums.items()):
        tax = (net * Decimal(rate) / 100).quantize(Decimal(1), ROUND_HALF_UP)
        why, code = EXEMPTIONS.get(category, (None, None))
        vat.append(
            Vat(
                rate=rate,
                category=category,
                net=Money.of(net, currency),
                tax=Money.of(int(tax), currency),
                exemption=why,
                exemption_code=code,
            )
        )
    net, tax = (sum(getattr(each, name).minor for each in vat) for name in ("net", "tax"))
    return {
        "lines": tuple(lines),
        "allowances": tuple(allowances),
        "charges": tuple(charges),
        "vat": tuple(vat),
        "net": Money.of(net, currency),
        "tax": Money.of(tax, currency),
        "gross": Money.of(net + tax, currency),
    }


def who(buyer=None, **changes):
    """Return seller and recipient; *changes* are of the legal entity."""
    entity = ENTITY.model_copy(update=changes)
    return parties(entity, buyer or customer("de"), particulars=PARTICULARS, wishes=WISHES)


def said(number, *lines, allowances=(), charges=(), **more):
    """Say an invoice over *lines*."""
    return InvoiceIssued(
        invoice_id=number,
        contract_id=CONTRACT,
        customer_id="10042",
        number=number,
        issued_on=TODAY,
        due_on=date(2026, 12, 6),
        **{"payment_method": "on_account"} | taxed(lines, allowances, charges) | more,
    )


def invoice(number, *lines, of=None, **more):
    """Return the voucher of an invoice over *lines*; what is not of the message is its maker's."""
    makers = {key: more.pop(key) for key in [*more] if key in _MAKERS}
    return vouchers.invoice(said(number, *lines, **more), parties=of or who(), **makers)


_MAKERS = ("instrument", "corrects", "early_payments")


def credit(number, *lines, of=None, **makers):
    """Return the voucher of a credit note over *lines*."""
    message = CreditNoteIssued(
        credit_note_id=number,
        contract_id=CONTRACT,
        number=number,
        issued_on=TODAY,
        cause="order",
        **taxed(lines),
    )
    original = Reference("R-2026-0001", date(2026, 1, 2))
    return vouchers.credit_note(message, parties=of or who(), corrects=original, **makers)


def usual(category="S", rate=None):
    """Return two lines, of one category where it is not the standard one."""
    rates = ("19", "7") if category == "S" else ("0", "0")
    return (
        line("Grundgebühr", "1", "49.90", "49.90", category=category, rate=rate or rates[0]),
        line("Fachbuch", "3", "24.99", "74.97", category=category, rate=rate or rates[1]),
    )


def eur(amount):
    return Money(amount=amount, currency="EUR")


def surcharge(name, net, rate="19"):
    return Surcharge(name=name, net=eur(net), vat_rate=rate, vat_category="S")


MARKUP = '<script>alert(1)</script> & #eval("1") ]]> &amp; ${jndi:x}'
HOSTILE = f"{MARKUP} \x07\u202e\U0001f389 שלום \ue000"


def hostile():
    name = HOSTILE.replace("\x07", "")[:200]
    evil = customer("de").model_copy(
        update={"address": customer("de").address.model_copy(update={"company": name})}
    )
    lines = (
        line("]]> &amp; ${jndi:x} " + "x" * 180, "1", "1", "1.00", note="ä" * 2000),
        line("#panic() *bold* $x$ @ref <label> \\u{0}", "1", "1", "1.00", note="Zeile 1\nZeile 2"),
    )
    return invoice("R-2026-0017", *lines, of=who(evil), notes=(HOSTILE,))


def cases():
    """Yield the name and the voucher of each case."""
    french, rolls = customer("fr"), range(1, 201)
    yield "s19_7", invoice("R-2026-0001", *usual())
    yield (
        "with_z",
        invoice(
            "R-2026-0002",
            *usual(),
            line("Photovoltaik, § 12 Abs. 3 UStG", "2", "180", "360.00", category="Z", rate="0"),
        ),
    )
    yield (
        "surcharges_prepaid",
        _prepaid(
            invoice(
                "R-2026-0003",
                *usual(),
                line("Beratung", "7.5", "117.333", "880.00", unit="h"),
                allowances=[surcharge("Treuerabatt", "10.00"), surcharge("Rabatt", "1.11", "7")],
                charges=[surcharge("Versand", "4.90")],
            ),
            10_000,
        ),
    )
    yield (
        "usage_subcent",
        invoice(
            "R-2026-0004",
            line("API-Aufrufe", "1234567", "0.000012", "14.81"),
            line("Speicher", "98765.4321", "0.00037", "36.54", unit="GB"),
            line("SMS", "3", "0.0749", "0.22"),
            line("Token", "987654321012", "0.0000000125", "12345.68"),
            line("Anteilig", "17", None, "6.46", unit="Tage"),
        ),
    )
    yield "rounding_200", invoice("R-2026-0005", *(_roll(at) for at in rolls))
    yield "reverse_charge", invoice("R-2026-0006", *usual("AE"), of=who(french))
    yield "intra_community", invoice("R-2026-0007", *usual("K"), of=who(french))
    yield "export", invoice("R-2026-0008", *usual("G"), of=who(JAPAN))
    yield "exempt", invoice("R-2026-0009", *usual("E"))
    yield "small_business", invoice("R-2026-0010", *usual("E"), of=who(vat_id=None))
    yield "outside_scope", invoice("R-2026-0011", *usual("O"))
    yield "credit_note", credit("G-2026-0001", line("Erstattung", "1", "90.41", "90.41"))
    yield "cancellation", credit("G-2026-0002", *usual(), whole=True)
    yield (
        "corrected",
        invoice("R-2026-0001-K1", *usual(), corrects=Reference("R-2026-0001", date(2026, 11, 1))),
    )
    yield (
        "negative_line",
        invoice("R-2026-0012", *usual(), line("Gutschrift Vormonat", "1", "-20.00", "-20.00")),
    )
    yield (
        "debit",
        invoice("R-2026-0013", *usual(), payment_method="direct_debit", instrument=MANDATE),
    )
    yield (
        "card",
        invoice(
            "R-2026-0020",
            *usual(),
            payment_method="card",
            instrument=vouchers.Instrument(account="1234"),
        ),
    )
    yield (
        "francs",
        replace(
            invoice(
                "R-2026-0014",
                line("Grundgebühr", "1", "49.93", "49.93 CHF"),
                payable_rounding=Money(amount="-0.02", currency="CHF"),
            ),
            accounting_tax=AccountingTax(998, "EUR"),
        ),
    )
    yield (
        "yen",
        invoice(
            "R-2026-0015",
            line("Beratung", "3", "12500", "37500 JPY", category="G", rate="0"),
            line("Nutzung", "7", "333.5", "2335 JPY", category="G", rate="0"),
            of=who(JAPAN),
        ),
    )
    yield "hostile", hostile()
    yield "zero", invoice("R-2026-0018", line("Gratis", "1", "0", "0.00"))
    yield (
        "fully_prepaid",
        _prepaid(invoice("R-2026-0019", line("Grundgebühr", "1", "49.90", "49.90")), 5938),
    )
    yield (
        "early_payment",
        invoice("R-2026-0021", *usual(), early_payments=[EarlyPayment(Decimal(2), 14)]),
    )
    yield (
        "one_stop_shop",
        invoice(
            "R-2026-0023",
            line("Grundgebühr", "1", "49.90", "49.90", rate="25.5"),
            line("Fachbuch", "3", "24.99", "74.97", rate="14"),
            of=who(FINLAND),
        ),
    )
    yield "no_period", invoice("R-2026-0022", line("Gerät", "1", "99.00", "99.00", period=None))


def _roll(at):
    net = (at * Decimal("0.3335")).quantize(Decimal("0.01"), ROUND_HALF_UP)
    rate = "19" if at % 2 else "7"
    return line(f"Position {at}", str(at), "0.3335", str(net), rate=rate)


def _prepaid(voucher, minor):
    left = voucher.payable - minor
    payment = replace(voucher.payment, amount=left) if left else None
    return replace(voucher, prepaid=minor, payment=payment)


def case(name):
    return dict(cases())[name]
