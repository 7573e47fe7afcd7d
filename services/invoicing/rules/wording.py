"""What a document says about VAT that is not charged, or is, in the languages of customers."""

from collections.abc import Mapping
from typing import Literal

Language = Literal["de", "en", "fr"]
Texts = Mapping[Language, str]

# By category, and of small businesses (§ 14 (4) no. 8, § 14a (5) UStG, § 34a UStDV; Art. 226 of
# Directive 2006/112/EC).
WORDINGS: Mapping[str, Texts] = {
    "AE": {
        "de": "Steuerschuldnerschaft des Leistungsempfängers",
        "en": "Reverse charge",
        "fr": "Autoliquidation",
    },
    "K": {
        "de": "Steuerfreie innergemeinschaftliche Lieferung",
        "en": "Exempt intra-Community supply",
        "fr": "Livraison intracommunautaire exonérée",
    },
    "G": {
        "de": "Steuerfreie Ausfuhrlieferung",
        "en": "Exempt export outside the EU",
        "fr": "Exportation hors de l'UE exonérée",
    },
    "O": {
        "de": "Nicht der Umsatzsteuer unterliegend",
        "en": "Not subject to VAT",
        "fr": "Hors du champ d'application de la TVA",
    },
    "small_business": {
        "de": "Steuerfrei: Kleinunternehmer",
        "en": "Exempt from VAT: small business",
        "fr": "Exonéré de TVA : petite entreprise",
    },
}

# What was counted, where quantity and price of a line cannot say it (U-62).
QUANTITY: Texts = {"de": "Menge: {told}", "en": "Quantity: {told}", "fr": "Quantité : {told}"}

# Why a line bears VAT though reverse charge was asked for.
REFUSALS: Mapping[str, Texts] = {
    "consumer": {
        "de": "Mit Umsatzsteuer: Reverse Charge gilt nur für Unternehmen",
        "en": "With VAT: reverse charge is for businesses only",
        "fr": "Avec TVA : l'autoliquidation est réservée aux entreprises",
    },
    "no_id": {
        "de": "Mit Umsatzsteuer: Eine USt-IdNr. ist nicht bekannt",
        "en": "With VAT: no VAT id is known",
        "fr": "Avec TVA : aucun numéro de TVA n'est connu",
    },
    "malformed": {
        "de": "Mit Umsatzsteuer: Die USt-IdNr. hat keine gültige Form",
        "en": "With VAT: the VAT id is not well-formed",
        "fr": "Avec TVA : la forme du numéro de TVA n'est pas valable",
    },
    "not_elsewhere": {
        "de": "Mit Umsatzsteuer: Die USt-IdNr. ist nicht die eines anderen EU-Landes",
        "en": "With VAT: the VAT id is not of another EU country",
        "fr": "Avec TVA : le numéro de TVA n'est pas celui d'un autre pays de l'UE",
    },
    "invalid": {
        "de": "Mit Umsatzsteuer: Die USt-IdNr. wurde geprüft und ist ungültig",
        "en": "With VAT: the VAT id was checked and is invalid",
        "fr": "Avec TVA : le numéro de TVA a été vérifié et n'est pas valable",
    },
}
