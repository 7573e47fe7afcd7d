"""Real servers for tests: a Kafka and a PostgreSQL of one's own, to be killed and started again."""

import atexit
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from deploy.kafka import broker
from deploy.kafka.broker import Failed, Missing

# On machines that are shared a broker may take a minute to start.
DEADLINE_S = 180


def until(done: Callable[[], bool], what: str, timeout_s: int = DEADLINE_S) -> None:
    """Poll until ``done``; Failed says that ``what`` did not happen in time."""
    deadline = time.monotonic() + timeout_s
    while not done():
        if time.monotonic() > deadline:
            raise Failed(f"{what}: not within {timeout_s} s")
        time.sleep(0.02)


# Below the ports that the system deals out: while a broker is down, a client that tries to reach
# it could be dealt its very port and connect to itself.
# Each of the processes that pytest runs side by side has a range of its own, and never leaves it.
_BESIDE = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 4
PORTS = itertools.count(20_000 + _BESIDE * 2_500 + os.getpid() * 10 % 1_500)


def is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def free_port() -> int:
    """Return a port that nobody listens on, never the same twice."""
    return next(port for port in PORTS if is_free(port))


class Server:
    """A process with a folder of its own; both are gone when the tests end, however they end.

    It runs in a session of its own: ctrl-C reaches the tests only, which then stop it in order.
    """

    ends_by: ClassVar[signal.Signals] = signal.SIGTERM

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="duestream-"))
        self.log = self.home / "log"
        self.process: subprocess.Popen[bytes] | None = None
        atexit.register(self.close)

    def launch(self, held: int) -> subprocess.Popen[bytes]:
        """Start the process; it inherits ``held``, so that the lock lasts as long as it."""
        raise NotImplementedError

    def answers(self) -> bool:
        raise NotImplementedError

    def start(self) -> None:
        """Start it, and come back when it answers."""
        held: list[int] = []
        until(lambda: self._hold(held), f"{self.home} is left by its last process")
        try:
            self.process = self.launch(held[0])
        finally:
            os.close(held[0])
        until(self._is_ready, f"{type(self).__name__} answers")

    def _hold(self, held: list[int]) -> bool:
        lock = broker.lock(self.home)
        held.extend([] if lock is None else [lock])
        return lock is not None

    def _is_ready(self) -> bool:
        if self.process is None or self.process.poll() is not None:
            raise Failed(f"{type(self).__name__} ended: {self.log.read_text()[-2000:]}")
        return self.answers()

    def _end(self, by: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(by)
            self.process.wait(DEADLINE_S)

    def stop(self) -> None:
        """End it in order."""
        self._end(self.ends_by)

    def kill(self) -> None:
        """End it as a crash does: at once, by its pid."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """Start it again on the data it left, after a stop in order if it still runs."""
        self.stop()
        self.start()

    def close(self) -> None:
        """End it for good, and remove what it kept."""
        atexit.unregister(self.close)
        self.kill()
        shutil.rmtree(self.home, ignore_errors=True)


# Of two lines for a setting the last counts.
MORE_PROPERTIES = """
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller},BEHIND://127.0.0.1:{behind}
advertised.listeners=PLAINTEXT://127.0.0.1:{port},BEHIND://127.0.0.1:{front}
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,BEHIND:PLAINTEXT
"""


class Kafka(Server):
    """One broker on a free port of loopback; Missing where Java or the jars cannot be had.

    At ``behind`` it listens, too, and tells clients to come to ``front``: there a test may put
    something between. Clients follow what a broker advertises, not where they found it.
    A ``brief`` one starts at half the cost; what measures, or runs for long, asks for another.
    """

    # For the tool that prepares its data folder.
    words: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *, brief: bool = True) -> None:
        self.flags = broker.BRIEF if brief else ()
        self.libs = broker.fetch()
        super().__init__()
        self.port, self.behind, self.front, controller = (free_port() for _ in range(4))
        self.address = f"127.0.0.1:{self.port}"
        ports = {"port": self.port, "controller": controller}
        broker.format_once(self.home, self.libs, **ports, words=self.words)
        places = {"port": self.port, "behind": self.behind, "front": self.front}
        with (self.home / "server.properties").open("a") as settings:
            settings.write(MORE_PROPERTIES.format(controller=controller, **places))

    def launch(self, held: int) -> subprocess.Popen[bytes]:
        return broker.launch(self.home, self.libs, held=held, flags=self.flags)

    def answers(self) -> bool:
        return broker.answers(self.port)


def server_binaries(which: Callable[[str], str | None] = shutil.which) -> Path:
    """Find the folder of initdb and postgres: by PATH, else where Debian keeps them."""
    found = which("initdb")
    if found:
        return Path(found).resolve().parent
    versions = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max(versions, key=lambda path: int(path.parts[4]), default=None)
    if newest is None:
        raise Missing("install PostgreSQL's server (apt-get install postgresql)")
    return newest.parent


def unprivileged() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root: whom to be instead; None where we are not root."""
    if os.geteuid() != 0:
        return None
    names = {each.pw_name: each for each in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


SOCKET = ".s.PGSQL.5432"


class Postgres(Server):
    """A cluster of its own, reached by a socket in its folder; fsync on. Missing if not there."""

    # Fast: ends the sessions that are open. SIGTERM would wait for them.
    ends_by = signal.SIGINT

    def __init__(self) -> None:
        self.binaries = server_binaries()
        super().__init__()
        self.user = unprivileged()
        if self.user is not None:
            os.chown(self.home, self.user.pw_uid, self.user.pw_gid)
        self._run("initdb", "-A", "trust", "-U", "duestream", "-E", "UTF8", "--no-locale", "-N")

    def _popen(self, name: str, *args: str, held: tuple[int, ...] = ()) -> subprocess.Popen[bytes]:
        user = self.user
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [str(self.binaries / name), *args],
                cwd=self.home,
                env=os.environ | {"PGDATA": str(self.home / "data"), "PGHOST": str(self.home)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=held,
                start_new_session=True,
                user=user and user.pw_uid,
                group=user and user.pw_gid,
                extra_groups=user and [],
            )

    def _run(self, name: str, *args: str) -> None:
        if self._popen(name, *args).wait(DEADLINE_S):
            raise Failed(f"{name} failed: {self.log.read_text()[-2000:]}")

    def launch(self, held: int) -> subprocess.Popen[bytes]:
        settings = ("fsync=on", "listen_addresses=", f"unix_socket_directories={self.home}")
        options = [each for setting in settings for each in ("-c", setting)]
        return self._popen("postgres", *options, held=(held,))

    def answers(self) -> bool:
        return self._popen("pg_isready", "-q", "-U", "duestream").wait(DEADLINE_S) == 0

    def database(self, name: str, *, on: str = "pg_default", template: str = "template0") -> str:
        """Make a database, in place of one of that name; return its SQLAlchemy url.

        It begins as a copy of *template*, where nobody may be connected: by default empty.
        """
        self._run("dropdb", "-U", "duestream", "--if-exists", "--force", name)
        self._run("createdb", "-U", "duestream", "--tablespace", on, "-T", template, name)
        return f"postgresql+asyncpg://duestream@/{name}?host={self.home}"

    def tablespace(self, name: str, folder: Path) -> str:
        """Keep what is made on *name* in *folder*, which it gets for itself."""
        if self.user is not None:
            os.chown(folder, self.user.pw_uid, self.user.pw_gid)
        self._run(
            "psql",
            "-U",
            "duestream",
            "-c",
            f"create tablespace {name} location '{folder}'",
            "postgres",
        )
        return name

    @property
    def socket(self) -> Path:
        """Where it listens."""
        return self.home / SOCKET
