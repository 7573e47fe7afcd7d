"""Aging: what is open by how long it has been due."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from schemas.values import ContractId, LegalEntityId
from services.bookkeeping.open_items import OpenItem

# In order: the name of a bucket, and the most days that are in it.
BUCKETS = (("not_due", 0), ("1-30", 30), ("31-60", 60), ("61-90", 90))
OLDEST = ">90"
# What pays nothing yet has no age.
CREDIT = "credit"
NAMES = (*(name for name, _ in BUCKETS), OLDEST, CREDIT)

AgingKey = tuple[LegalEntityId, str, ContractId]


def bucket(item: OpenItem) -> str:
    """Return where *item* belongs; on its due date nothing is overdue yet (R-03)."""
    if item.kind == "credit":
        return CREDIT
    return next((name for name, most in BUCKETS if item.age <= most), OLDEST)


def aging(items: Iterable[OpenItem]) -> Mapping[AgingKey, Mapping[str, int]]:
    """Return what is open in each bucket, by legal entity, currency and contract."""
    found: dict[AgingKey, dict[str, int]] = defaultdict(lambda: dict.fromkeys(NAMES, 0))
    for item in items:
        if item.open:
            key = item.legal_entity_id, item.currency, item.contract_id
            found[key][bucket(item)] += item.open
    return dict(sorted(found.items()))
