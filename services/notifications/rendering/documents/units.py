"""Units of quantities: what plans call them, and their codes of UN/ECE 20 and 21 (BT-130)."""

from collections.abc import Mapping

PIECE = "C62"
_NAMES: Mapping[str, str] = {
    "HUR": "h hour hours std stunde stunden heure heures",
    "MIN": "min minute minutes minuten",
    "SEC": "s sec second seconds sek sekunde sekunden seconde secondes",
    "DAY": "d day days tag tage jour jours",
    "WEE": "week weeks woche wochen semaine semaines",
    "MON": "month months monat monate mois",
    "ANN": "year years jahr jahre an ans",
    "AD": "b byte bytes octet octets",
    "2P": "kb kilobyte ko",
    "4L": "mb megabyte mo",
    "E34": "gb gigabyte go",
    "E35": "tb terabyte to",
    "KWH": "kwh",
    "KMT": "km",
    "MTR": "m",
    "KGM": "kg",
    "LTR": "l",
    "LS": "flat pauschal forfait",
    "H87": "piece pieces stk stück pcs",
}
_CODES = {name: code for code, names in _NAMES.items() for name in names.split()}


def unit_of(name: str | None) -> tuple[str, str | None]:
    """Return the code of a unit and, where the code does not say it, its name.

    A code stands for itself; a name that nobody knows is counted in pieces and told in words.
    """
    if name is None:
        return PIECE, None
    if name in _NAMES or name == PIECE:
        return name, None
    code = _CODES.get(name.strip(". ").lower())
    return (code, None) if code else (PIECE, name)
