"""``duestream topics strimzi``: topics and users, for an operator of Kafka on Kubernetes."""

from typing import Annotated

import typer

from services.cli.plumbing.cluster import read_settings
from services.cli.views import access as view
from services.registry import DECLARED
from services.runtime.ops.access import CLOCK, Right, rights_of, rights_of_clock


def strimzi(
    cluster: Annotated[str, typer.Option(help="The name of the Kafka resource")],
) -> None:
    """Write KafkaTopic and KafkaUser resources for the Strimzi operator, with least rights.

    Example: duestream topics strimzi --cluster main > kafka.yaml

    Settings say how many partitions and replicas there are, and which prefix. The users are those
    of the services and the clock; producers from outside are yours to name.
    """
    settings = read_settings()
    text = view.strimzi(
        rights(),
        cluster=cluster,
        prefix=settings.topic_prefix,
        partitions=settings.partitions,
        replicas=settings.replication,
    )
    typer.echo(text, nl=False)


def rights() -> dict[str, tuple[Right, ...]]:
    """Return the rights of each process that runs for ever, by its name."""
    return {name: rights_of(each) for name, each in DECLARED.items()} | {CLOCK: rights_of_clock()}


def page() -> str:
    """Return the page of all rights."""
    return view.page(rights())
