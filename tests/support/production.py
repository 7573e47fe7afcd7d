"""Publishes the traffic of a storm in parts; a part that was cut off is sent again, whole."""

import subprocess
import threading
from datetime import date, timedelta
from pathlib import Path

from services.runtime.settings import Settings
from tests.support import workers
from tests.support.traffic import BEGIN, traffic


class Production(threading.Thread):
    """Publishes *parts* of so many contracts and days, the next one when it may."""

    def __init__(self, told: Settings, folder: Path, *, contracts: int, days: int, seed: int):
        super().__init__(daemon=True)
        self._told, self._log = told, folder / "publish.log"
        self._contracts, self._days, self._seed = contracts, days, seed
        self._may = threading.Semaphore(0)
        self._parts: list[tuple[date, Path]] = []
        self._process: subprocess.Popen[bytes] | None = None
        self.last = BEGIN + timedelta(days - 1)
        self.events = self.released = self.repeated = 0
        self._closed = False

    def divide(self, parts: int) -> "Production":
        """Write the traffic into so many files, or as many as there are days."""
        length = -(-self._days // parts)
        plans = "invoicing" in self._told.services
        events = list(traffic(self._contracts, self._days, self._seed, plans=plans))
        self.events = len(events)
        for start in range(0, self._days, length):
            last = min(BEGIN + timedelta(start + length - 1), self.last)
            file = self._log.with_name(f"{last}.jsonl")
            first = BEGIN + timedelta(start)
            file.write_bytes(b"\n".join(said for day, said in events if first <= day <= last))
            self._parts.append((last, file))
        return self

    @property
    def parts(self) -> int:
        return len(self._parts)

    def release(self, number: int) -> None:
        """Let the first *number* parts be published."""
        while self.released < min(number, self.parts):
            self._may.release()
            self.released += 1

    def run(self) -> None:
        for last, file in self._parts:
            self._may.acquire()
            while not self._closed and self._publish(file, last) != 0:
                self.repeated += 1

    def _publish(self, file: Path, last: date) -> int:
        self._process = workers.begin(self._told, "publish", file, "--until", last, log=self._log)
        return self._process.wait()

    def kill(self) -> None:
        """Kill what publishes, in the middle of whatever it says."""
        if self._process is not None:
            self._process.kill()

    def close(self) -> None:
        """Publish nothing any more."""
        self._closed = True
        self.release(self.parts)
        self.kill()
