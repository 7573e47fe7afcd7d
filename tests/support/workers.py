"""Workers as processes of their own, to be killed; and what they left in Kafka and in the books."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

from schemas.topics import CATALOGUE
from services.registry import WORKERS
from services.runtime.embedded.replay import replay
from services.runtime.kafka.reader import reading
from services.runtime.settings import Settings
from services.runtime.store.database import Database
from services.runtime.store.store import Store
from services.runtime.stream.record import Output, Record
from services.runtime.stream.wire import pack
from tests.support import doomed
from tests.support.servers import Kafka, free_port, until

ROOT = Path(__file__).parents[2]
COMMAND = Path(sys.executable).parent / "duestream"
SAID = ("receivables", "reminders", "escalations", "decisions", "dunning.days")
DEADLINE_S = 120


def settings(kafka: Kafka, folder: Path, **more: object) -> Settings:
    """Return settings of dunning alone, unless *more* says else."""
    said = {"services": ("dunning",)} | more
    return Settings(kafka=kafka.address, state_dir=folder / "state", **said)


def environment(told: Settings, **more: object) -> dict[str, str]:
    values = {
        "kafka": told.kafka,
        "state_dir": told.state_dir,
        "partitions": told.partitions,
        "topic_prefix": told.topic_prefix,
        "services": ",".join(told.services),
        "session_timeout_s": 6,
        "log_format": "json",
        **({"database": told.database} if told.database else {}),
        **_secured(told),
        **more,
    }
    ours = {f"DUESTREAM_{name.upper()}": str(value) for name, value in values.items()}
    return {k: v for k, v in os.environ.items() if not k.startswith("DUESTREAM_")} | ours


def _secured(told: Settings) -> dict[str, object]:
    """Return what *told* says of a connection that is not plain."""
    if told.security_protocol == "PLAINTEXT":
        return {}
    files = {n: each for n in ("ca", "cert", "key") if (each := getattr(told, f"ssl_{n}_file"))}
    said: dict[str, object] = {f"ssl_{name}_file": each for name, each in files.items()}
    said["security_protocol"] = told.security_protocol
    if told.sasl_password:
        said |= {"sasl_username": told.sasl_username, "sasl_mechanism": told.sasl_mechanism}
        said["sasl_password"] = told.sasl_password.get_secret_value()
    return said


def run(told: Settings, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [COMMAND, *map(str, arguments)],
        env=environment(told),
        capture_output=True,
        text=True,
        timeout=DEADLINE_S * 3,
        check=False,
    )


class WorkerProcess:
    """One replica of a service; started again it is the same member of its group."""

    def __init__(
        self,
        told: Settings,
        name: str,
        folder: Path,
        *,
        service: str = "dunning",
        static: bool = True,
        **more: object,
    ) -> None:
        self.told, self.name, self.service, self.more = told, name, service, more
        self.log = folder / f"{service}-{name}.log"
        self.port = 0
        self._static = static
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> "WorkerProcess":
        self.port = free_port()
        member = {"instance_id": self.name} if self._static else {}
        more = {"port": self.port, **member, **self.more}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command(),
                env=environment(self.told, **more),
                cwd=ROOT,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return self

    def command(self) -> list[object]:
        return [COMMAND, "worker", self.service]

    def is_ready(self) -> bool:
        assert self.process is not None, "started before"
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.name} ended: {self.log.read_text()[-3000:]}")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as got:
                return bool(got.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def await_ready(self) -> "WorkerProcess":
        until(self.is_ready, f"{self.name} is ready", DEADLINE_S)
        return self

    def partitions(self) -> set[int]:
        """Return what it owns, by its own words; nothing where it does not answer."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as got:
                return set(json.load(got)["partitions"])
        except OSError:
            return set()

    def exited(self) -> int | None:
        """Return how it ended; None while it runs."""
        assert self.process is not None, "started before"
        return self.process.poll()

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        return self._end(signal.SIGTERM)

    def close(self) -> None:
        """End it, however long it was asked to and did not."""
        if self.process is not None:
            try:
                self.stop()
            except subprocess.TimeoutExpired:
                self.kill()

    def _end(self, by: signal.Signals) -> int:
        assert self.process is not None, "started before"
        if self.process.poll() is None:
            self.process.send_signal(by)
        return self.process.wait(60)


class DoomedProcess(WorkerProcess):
    """A replica that can be told at which point to kill itself."""

    @property
    def _doom(self) -> Path:
        return self.log.with_suffix(".doom")

    def command(self) -> list[object]:
        return [sys.executable, "-m", doomed.__name__, self.service, self._doom]

    def doom(self, point: str) -> None:
        """Let it die at *point*, now or when it has been started again."""
        told = self._doom.with_suffix(".told")
        told.write_text(point)
        told.rename(self._doom)

    def spare(self) -> None:
        """Forget a doom that was not fulfilled."""
        self._doom.unlink(missing_ok=True)

    def met(self) -> str | None:
        """Return the point at which it died, once; None where it died of something else."""
        fulfilled = doomed.fulfilled(self._doom)
        if not fulfilled.exists():
            return None
        point = fulfilled.read_text()
        fulfilled.unlink()
        return point


def read(told: Settings, *topics: str) -> list[Record]:
    """Return all that is committed on *topics* now."""

    async def all_of_it() -> list[Record]:
        async with reading(told, topics) as reader:
            return await reader.rest()

    return asyncio.run(all_of_it())


def by_contract(records: list[Record]) -> dict[str, list[tuple[object, ...]]]:
    """What was said of each contract in the order of sequence, without ``causedby``."""
    said: dict[str, list[tuple[object, ...]]] = {}
    for record in records:
        event = record.event
        extensions = {name: text for name, text in event.extensions if name != "causedby"}
        if "sequence" in extensions:
            line = (int(extensions["sequence"]), record.topic, event.id, event.type, event.time)
            said.setdefault(event.subject, []).append(
                (*line, event.data, extensions["causationid"])
            )
    return {contract: sorted(lines) for contract, lines in said.items()}


def by_place(records: list[Record]) -> dict[tuple[str, int], list[tuple[object, ...]]]:
    """What stands on each partition of each topic, byte for byte, in its order."""
    places: dict[tuple[str, int], list[tuple[object, ...]]] = {}
    for record in records:
        assert record.raw is not None, "read from Kafka"
        raw = record.raw.key, record.raw.value, record.raw.headers
        places.setdefault((record.topic, record.partition), []).append(raw)
    return places


def replayed(
    told: Settings, service: str = "dunning"
) -> dict[tuple[str, int], list[tuple[object, ...]]]:
    """What *service* says again to the same inputs in the recorded order, as by_place has it."""
    inputs = [topic.name for topic in CATALOGUE if topic in WORKERS[service].reads]
    places: dict[tuple[str, int], list[tuple[object, ...]]] = {}
    for said in asyncio.run(_replay(told, service, read(told, *inputs))):
        packed = pack(said.content)
        place = said.topic, said.partition
        places.setdefault(place, []).append((packed.key, packed.value, packed.headers))
    return places


async def _replay(told: Settings, service: str, records: list[Record]) -> list[Output]:
    store = Store(Database(told.database_url(service), service))
    orders = {p: await store.recorded_order(p) for p in range(told.partitions)}
    await store.close()
    return await replay(WORKERS[service], records, orders, partitions=told.partitions)


def begin(told: Settings, *arguments: object, log: Path) -> subprocess.Popen[bytes]:
    """Start a command in the background."""
    with log.open("wb") as out:
        return subprocess.Popen(
            [COMMAND, *map(str, arguments)], env=environment(told), stdout=out, stderr=out
        )


def until_some(told: Settings, topic: str, running: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until something stands on *topic*, while a command still runs."""

    def some() -> bool:
        assert running.poll() is None, f"the command ended before: {log.read_text()}"
        return bool(read(told, topic))

    until(some, f"something stands on {topic}", DEADLINE_S)
