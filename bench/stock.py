"""What somebody would write with Faust alone: an agent and a table, the same ``process``."""

from typing import Any

import faust
from faust import Worker as FaustWorker
from pydantic import TypeAdapter

from bench import gauge
from bench.traffic import name_of, registered, terms
from schemas.context import Context
from schemas.message import Message, NotYet, Refused
from services.runtime.settings import Settings
from services.runtime.stream.codec import shapes_of
from services.runtime.worker import Worker


class Agent:
    """Keeps a state per contract in a table, at least once; where it *dedupes*, event ids too."""

    def __init__(
        self, worker: Worker[Any], app: faust.App, partitions: int, *, dedupes: bool
    ) -> None:
        self._worker, self._app, self._dedupes = worker, app, dedupes
        self._partitions = partitions
        self._shapes = shapes_of(worker.reads)
        kept: Any = worker.keeps
        self._state: TypeAdapter[Any] = TypeAdapter(tuple[kept, list[str]])
        self._topics = {
            each: self._topic(topic.name) for topic in worker.writes for each in topic.messages
        }
        raw: dict[str, Any] = {"key_type": bytes, "value_type": bytes}
        self._table = app.Table(f"{worker.name}-states", partitions=partitions, **raw)
        self._context = Context(terms())
        self.done = 0

    def _topic(self, *names: str) -> Any:
        raw: dict[str, Any] = {"key_serializer": "raw", "value_serializer": "raw"}
        kinds: dict[str, Any] = {"key_type": bytes, "value_type": bytes}
        return self._app.topic(*names, partitions=self._partitions, **raw, **kinds)

    def source(self) -> Any:
        """Return what it reads; it is told of terms and contracts before."""
        names = [each.name for each in self._worker.reads]
        return self._topic(*(name for name in names if name not in ("days", "contracts")))

    def register(self, contracts: int) -> None:
        """Know *contracts* from the start, without a word to the changelog."""
        store: Any = self._table.data
        for number in range(contracts):
            known = registered(name_of(number))
            before = self._worker.keeps(contract_id=known.contract_id)
            state, _ = self._worker.process(before, known, self._context)
            store.data[name_of(number).encode()] = self._state.dump_json((state, []))

    async def work(self, stream: Any) -> None:
        """Apply each event of *stream*."""
        async for event in stream.events():
            headers = event.headers
            shape = self._shapes[event.message.topic, headers["ce_type"].decode()]
            message = shape.model_validate_json(event.value)
            await self._apply(event.key, headers["ce_id"].decode(), message)
            self.done += 1

    async def _apply(self, key: bytes, name: str, message: Message) -> None:
        state, seen = self._state.validate_json(self._table[key])
        if self._dedupes and name in seen:
            return
        try:
            state, said = self._worker.process(state, message, self._context)
        except (NotYet, Refused):
            return
        known = [*seen, name] if self._dedupes else []
        self._table[key] = self._state.dump_json((state, known))
        for each in said:
            value = each.model_dump_json(exclude_none=True).encode()
            await self._topics[type(each)].send(key=key, value=value)

    def look(self) -> dict[str, Any] | None:
        """Return what to tell of it, once it has begun."""
        return {"done": self.done, "idle": True} if self.done else None


def run(worker: Worker[Any], settings: Settings, *, contracts: int, dedupes: bool) -> None:
    """Run the agent until the process is ended."""
    app = faust.App(
        worker.name,
        broker=f"kafka://{settings.kafka}",
        store="memory://",
        web_enabled=False,
        topic_disable_leader=True,
        topic_replication_factor=1,
        topic_partitions=settings.partitions,
        consumer_auto_offset_reset="earliest",
        stream_recovery_delay=0.0,
        broker_max_poll_records=2_000,
        datadir=settings.state_dir / worker.name,
    )
    agent = Agent(worker, app, settings.partitions, dedupes=dedupes)
    app.agent(agent.source())(agent.work)
    agent.register(contracts)
    gauge.tell(agent.look)
    process = FaustWorker(app, loglevel="error", redirect_stdouts=False, quiet=True)
    process.spinner = None  # it writes to pipes as to a terminal
    process.execute_from_commandline()
