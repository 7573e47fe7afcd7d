"""The services that there are: the one list, in the order in which a day passes through them."""

from typing import Any

from services.dunning import app as dunning
from services.invoicing import app as invoicing
from services.runtime.worker import Worker
from services.usage import app as usage

WORKERS: dict[str, Worker[Any]] = {
    each.name: each for each in (usage.worker, invoicing.worker, dunning.worker)
}
