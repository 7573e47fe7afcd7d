"""What happens to the contracts of a world: for the small tally, and for dunning."""

from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from schemas.contracts import ContractChanged, CustomerChanged
from schemas.envelope import Event
from services.dunning import app as dunning
from services.invoicing import app as invoicing
from services.runtime.worker import Worker
from tests.support import tally
from tests.support.events import (
    ACME,
    charged_back,
    customer,
    line,
    paid,
    policy,
    registered,
    reversed_,
    webhook,
)
from tests.support.traffic import BEGIN, traffic

LISBON = ACME.model_copy(update={"legal_entity_id": "lisboa", "time_zone": "Europe/Lisbon"})


class Service(NamedTuple):
    """A worker of a world; *gated* where a service upstream is deployed."""

    worker: Worker[Any]
    gated: bool = False


class Story(NamedTuple):
    """The services of a world, the last day of its calendars, and what the outside says."""

    services: tuple[Service, ...]
    last: date
    events: list[Event]
    # Where its services act upon the world: what there is of the world.
    office: Any = None
    # Where there is a projection of its topics: what looks after it, and reads it.
    library: Any = None


def small(random):
    """The tally, with or without an archive: few contracts, few days, much that waits."""
    worker = random.choice((tally.WORKER, tally.FILING))
    days = random.randint(2, 5)
    said = list(_few(random, days))
    return Story((Service(worker),), _last(days), _events(said, _last(days)))


def large(random):
    """Dunning, with all that it reads."""
    return _traffic(random, (Service(dunning.worker),))


def chain(random):
    """Invoicing, and dunning behind it."""
    return _traffic(random, (Service(invoicing.worker), Service(dunning.worker, gated=True)))


def _traffic(random, services):
    days, contracts = random.randint(2, 6), random.randint(1, 3)
    seed, plans = random.randrange(1_000_000), len(services) > 1
    said = [each for _, each in traffic(contracts, days, seed, plans=plans)]
    return Story(services, _last(days), _events(said, _last(days)))


def _few(random, days):
    """Yield lines; some facts come before what they refer to, some again or with other content."""
    yield line(ACME, _at(BEGIN, 0), name="acme")
    if random.random() < 0.5:
        yield line(LISBON, _at(BEGIN, 0), name="lisboa")
    for version in range(1, random.randint(1, 3)):
        day = BEGIN + timedelta(random.randrange(days))
        name = f"policy-{version}"
        yield line(policy(webhook(3), version=version), _at(day, 7 * version), name=name)
    for number in range(random.randint(2, 6)):
        for at, (minute, message) in enumerate(_life(random, days)):
            told = message.model_copy(update={"contract_id": f"T-{number}"})
            day = BEGIN + timedelta(minute // 1440)
            yield line(told, _at(day, minute % 1440), name=f"{number}-{at}")


def _life(random, days):
    entity = random.choice(("acme", "acme", "lisboa"))
    told = [(random.randrange(1440), registered(legal_entity_id=entity))]
    for number in range(random.randint(1, 7)):
        minute = random.randrange(days * 1440)
        told.append((minute, _fact(random, f"{number % 4}", BEGIN + timedelta(minute // 1440))))
    return told


def _fact(random, name, day):
    match random.randrange(8):
        case 0 | 1 | 2:
            return paid(f"p{name}", random.choice(("1.00", "1.00", "2.00", "13.00")), day)
        case 3 | 4:
            return charged_back(f"c{name}", f"p{random.randrange(4)}", "1.00", day)
        case 5:
            return reversed_(f"c{name}", day)
        case 6:
            return ContractChanged(contract_id="C1", payment_terms_days=random.randrange(30))
    return CustomerChanged(contract_id="C1", customer=customer(name=f"Erika {name}"))


def _last(days):
    return BEGIN + timedelta(days - 1)


def _at(day, minute):
    return datetime.combine(day, time(minute // 60, minute % 60)).isoformat() + "+01:00"


def _events(lines, last):
    """Return the events of *lines* in the order of their time, none behind the *last* day."""
    end = datetime.fromisoformat(_at(last + timedelta(1), 0))
    events = (Event.from_line(each) for each in lines)
    return sorted((each for each in events if each.instant < end), key=lambda each: each.instant)
