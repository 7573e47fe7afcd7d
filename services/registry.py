"""The services and projections that there are: the one list, in the order of a day."""

from collections.abc import Collection
from itertools import pairwise
from typing import Any

from services.dunning import app as dunning
from services.invoicing import app as invoicing
from services.notifications import app as notifications
from services.runtime.projection import Projection
from services.runtime.worker import Worker
from services.usage import app as usage


def in_order(*workers: Worker[Any]) -> dict[str, Worker[Any]]:
    """Return *workers* by name; raise TypeError where one does not wait for the one before it.

    The clock begins a day when the last service is through with the one before: so each must hear
    on which day the service before it is.
    """
    for before, each in pairwise(workers):
        if not each.waits_for([before.name]):
            raise TypeError(f"{each.name}: it does not read {before.announces.name}")
    return {each.name: each for each in workers}


# What a run of files passes through, and what is deployed where nothing else is said.
WORKERS = in_order(usage.worker, invoicing.worker, dunning.worker)
# And those that reach the world; as they are declared here, none of their acts ever ends.
EVERY = {**WORKERS, **in_order(dunning.worker, notifications.worker)}


def beside(workers: Collection[str], *projections: Projection) -> dict[str, Projection]:
    """Return *projections* by name; raise TypeError where two, or a service, have the same.

    A name is that of a database, of a group on Kafka, and of what is started.
    """
    names = [*workers, *(each.name for each in projections)]
    for name in names:
        if names.count(name) > 1:
            raise TypeError(f"{name}: two have this name")
    return {each.name: each for each in projections}


# What is read of all that the services say; the first comes with the console.
PROJECTIONS = beside(EVERY)
# Whatever runs as a process of its own on Kafka.
DECLARED: dict[str, Worker[Any] | Projection] = {**EVERY, **PROJECTIONS}
