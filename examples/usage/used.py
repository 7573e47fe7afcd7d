"""Calls, texts and data of contracts: each shows what becomes of usage."""

from datetime import date, datetime, time

from examples.billing.telling import billed, end, pays
from examples.book import Contract
from examples.usage.tariffs import RUF

LINE = ("01-12", "11.90")


def used(
    c: Contract, meter: str, quantity: str, when: str, *, said_on: str = "", **properties: str
) -> dict:
    """Let a meter say what was used at an instant of 2026, ``01-05 12:00``, at once or later."""
    day, clock = when.split()
    at = datetime.combine(date.fromisoformat(f"2026-{day}"), time.fromisoformat(clock), RUF.zone)
    said = {"meter": meter, "quantity": quantity, "occurred_at": at.isoformat()}
    more = {"backfill_id": properties.pop("backfill_id")} if "backfill_id" in properties else {}
    said |= more | ({"properties": properties} if properties else {})
    day = f"2026-{said_on or day}"
    return c.say("UsageRecorded", day, source="/meters", at="23:00" if said_on else clock, **said)


def named(event: dict) -> dict:
    """Return how a retraction names *event*."""
    return {"source": event["source"], "id": event["id"]}


@billed("U-101", "Calls by sixty and ten seconds, with a fee", "phone", entity=RUF,
        look="2 February: 0.68 for four calls, rounded once (U-50)")  # fmt: skip
def calls(c: Contract) -> None:
    for day, seconds in enumerate(("1", "60", "61", "125"), start=5):
        used(c, "seconds", seconds, f"01-0{day} 12:00", kind="domestic")
    pays(c, LINE, ("02-10", "12.71"), ("03-10", "11.90"), ("04-10", "11.90"))


@billed("U-102", "Calls abroad, priced by the longest prefix", "phone", entity=RUF,
        look="2 March: 5.50 for three calls; a fourth has no price, and is told")  # fmt: skip
def abroad(c: Contract) -> None:
    for day, number in enumerate(("49301", "431", "436641", "1212"), start=5):
        used(c, "seconds", "120", f"02-0{day} 12:00", kind="abroad", to=number)
    pays(c, LINE, ("02-10", "11.90"), ("03-10", "18.45"), ("04-10", "11.90"))


@billed("U-103", "A call is cut where the cheap hours begin", "evening", entity=RUF,
        look="2 February: 2.50 for twenty minutes around 20:00; 2 April: the night of the "
             "change of clocks (U-52)")  # fmt: skip
def evening(c: Contract) -> None:
    used(c, "seconds", "1200", "01-14 19:50")
    used(c, "seconds", "3600", "03-29 01:30")
    pays(c, LINE, ("02-10", "14.88"), ("03-10", "11.90"), ("04-10", "15.47"))


@billed("U-104", "Data by tiers, some of it late", "phone", entity=RUF,
        look="2 March: 1.00 more of January, at the tier it had reached (U-31)")  # fmt: skip
def late(c: Contract) -> None:
    used(c, "megabytes", "1500", "01-20 18:00")
    used(c, "megabytes", "500", "01-21 18:00", said_on="02-10")
    pays(c, LINE, ("02-10", "24.99"), ("03-10", "13.09"), ("04-10", "11.90"))


@billed("U-105", "Usage taken back, and replaced", "phone", entity=RUF,
        look="2 February: 1.35 for 25 texts, of which ten are free (U-33)")  # fmt: skip
def corrected(c: Contract) -> None:
    first = used(c, "texts", "30", "01-05 12:00")
    second = used(c, "texts", "20", "01-06 12:00")
    c.say("UsageRetracted", "2026-01-10", source="/meters", retracts=named(second))
    c.say("UsageReplaced", "2026-01-11", source="/meters", retracts=named(first), meter="texts",
          quantity="25", occurred_at=first["data"]["occurred_at"])  # fmt: skip
    pays(c, LINE, ("02-10", "13.51"), ("03-10", "11.90"), ("04-10", "11.90"))


@billed("U-106", "Ten days of usage brought in again, as a set", "phone", entity=RUF,
        look="2 March: 2.70 more of January, at once when the set is closed (U-59)")  # fmt: skip
def backfilled(c: Contract) -> None:
    used(c, "texts", "30", "01-05 12:00")
    used(c, "texts", "20", "01-15 12:00")
    said = {"source": "/meters", "backfill_id": "U-106-B1"}
    c.say("UsageBackfillOpened", "2026-02-10", at="08:00", meter="texts", **said, replaces=True,
          **{"from": "2026-01-10", "until": "2026-01-20"})  # fmt: skip
    used(c, "texts", "50", "01-15 12:00", said_on="02-10", backfill_id="U-106-B1")
    c.say("UsageBackfillClosed", "2026-02-11", at="08:00", **said)
    pays(c, LINE, ("02-10", "16.18"), ("03-10", "15.11"), ("04-10", "11.90"))


@billed("U-107", "Usage billed at once, because it reaches 50.00", "phone-50", entity=RUF,
        look="12 January: 53.10; 2 February: the 9.00 that came behind it (U-17)")  # fmt: skip
def threshold(c: Contract) -> None:
    used(c, "texts", "600", "01-12 12:00")
    used(c, "texts", "100", "01-20 12:00")
    pays(c, LINE, ("01-20", "63.19"), ("02-10", "22.61"), ("03-10", "11.90"), ("04-10", "11.90"))


@billed("U-108", "Every model of a price", "models", entity=RUF,
        look="2 February: eight lines, 184.24 in all; the two seats go on")  # fmt: skip
def models(c: Contract) -> None:
    used(c, "seats", "2", "01-01 09:00")
    used(c, "units", "501", "01-05 12:00")
    used(c, "kw", "12", "01-05 12:00")
    used(c, "sales", "1", "01-06 12:00", total="100.00")
    used(c, "extras", "1", "01-07 12:00", price="12.34")
    pays(c, ("02-10", "219.25"), ("03-10", "73.78"), ("04-10", "73.78"))


@billed("U-109", "A prepaid balance is used up", "phone", entity=RUF,
        look="low after 4.05 of 5.00; 2 March: 0.85 that it did not reach for (U-16)")  # fmt: skip
def prepaid(c: Contract) -> None:
    c.instruct("GrantPrepaid", "2026-01-02", grant_id="U-109-5", money=c.money("5.00"),
               low_at=c.money("1.00"))  # fmt: skip
    used(c, "texts", "55", "01-15 12:00")
    used(c, "texts", "30", "02-15 12:00")
    pays(c, LINE, ("02-10", "11.90"), ("03-10", "12.91"), ("04-10", "11.90"))


@billed("U-110", "From the meter to the invoice, the letter and the reset", "phone", entity=RUF,
        look="reminded on 29 January; all paid on 5 February, January's calls, too")  # fmt: skip
def reminded(c: Contract) -> None:
    for day, seconds in enumerate(("1", "60", "61", "125"), start=5):
        used(c, "seconds", seconds, f"01-0{day} 12:00", kind="domestic")
    pays(c, ("02-05", "24.61"), ("03-10", "11.90"), ("04-10", "11.90"))


@billed("U-111", "Ended within a month: what was used until then", "phone", entity=RUF,
        look="21 January: the last invoice, a day after the end (R-61)")  # fmt: skip
def ended(c: Contract) -> None:
    for day, seconds in enumerate(("1", "60", "61", "125"), start=5):
        used(c, "seconds", seconds, f"01-0{day} 12:00", kind="domestic")
    end(c, "2026-01-18", "2026-01-20")
    used(c, "seconds", "600", "01-20 00:00", kind="domestic")
    pays(c, LINE)
