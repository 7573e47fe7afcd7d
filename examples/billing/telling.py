"""How the stories of billing are told: a contract on a plan, and its customer paying."""

from collections.abc import Callable
from typing import Any

from examples.billing.companies import ISAR
from examples.book import Contract, Entity
from examples.stories import story


def billed(
    contract_id: str, shows: str, plan: str, *, look: str, on: str = "2026-01-01", **about: Any
) -> Callable[[Callable[[Contract], None]], Callable[[Contract], None]]:
    """Add the decorated story, of a contract on *plan* that is registered *on* a day.

    It starts on that day, and belongs to Isar, unless *about* says otherwise; that names the
    ``entity`` and the ``person`` who is the customer, all else of it goes into the contract.
    """
    entity: Entity = about.pop("entity", ISAR)
    person = about.pop("person", {})
    return story(
        contract_id,
        shows,
        look=look,
        entity=entity,
        registered_on=on,
        kind=person.get("kind", "consumer"),
        person=person,
        currency=about.pop("currency", entity.currency),
        more={"starts_on": on, "plan_id": plan, **about},
    )


def pays(c: Contract, *payments: tuple[str, str]) -> None:
    """Let the customer pay: each an amount and its day in 2026, as ``("01-12", "35.70")``."""
    for number, (day, amount) in enumerate(payments, start=1):
        c.pay(number, amount, f"2026-{day}")


def pays_monthly(c: Contract, amount: str, *months: int) -> None:
    """Let the customer pay the same *amount* on the tenth of some *months*, of all four if none."""
    pays(c, *((f"{month:02d}-10", amount) for month in months or (1, 2, 3, 4)))


def change(c: Contract, said_on: str, **what: object) -> None:
    """Let the shop change the contract."""
    c.say("ContractChanged", said_on, source="/crm", **what)


def end(c: Contract, said_on: str, ends_on: str, **more: object) -> None:
    """Let the customer end the contract."""
    more = {"cause": "customer", **more}
    c.say("ContractEnded", said_on, source="/crm", ends_on=ends_on, **more)


def use(c: Contract, number: int, said_on: str, net: str, *, of: tuple[str, str]) -> str:
    """Let the meters report what the use *of* a period costs, and return the charge's id."""
    name = f"{c.contract_id}-U{number}"
    c.say(
        "UsageCharged",
        said_on,
        source="/meters",
        charge_id=name,
        component_id="data",
        period={"from": of[0], "until": of[1]},
        # A gigabyte is a cent.
        quantity=str(int(net.replace(".", ""))),
        net=c.money(net),
    )
    return name
