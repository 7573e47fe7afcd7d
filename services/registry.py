"""The services that there are: the one list, in the order in which a day passes through them."""

from typing import Any

from services.dunning import app as dunning
from services.invoicing import app as invoicing
from services.runtime.worker import Worker

WORKERS: dict[str, Worker[Any]] = {each.name: each for each in (invoicing.worker, dunning.worker)}
