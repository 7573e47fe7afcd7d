"""The services that there are: the one list, in the order in which a day passes through them."""

from itertools import pairwise
from typing import Any

from services.dunning import app as dunning
from services.invoicing import app as invoicing
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


WORKERS = in_order(usage.worker, invoicing.worker, dunning.worker)
