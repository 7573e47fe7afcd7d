#!/usr/bin/env python3
"""One real Apache Kafka on loopback, by Docker or by its jars: ``broker.py start`` and ``stop``.

Needs nothing but Python's standard library, so that it runs before anything is installed.
"""

import argparse
import fcntl
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
HOME = HERE.parents[1] / ".kafka"
POM = HERE / "pom.xml"
COMPOSE = ["docker", "compose", "-f", str(HERE.parent / "compose.yaml")]
COPY_JARS = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
JAVA_NEEDED = 17
# Where duestream looks by default.
PORT = 19092

# Any will do for a cluster of one; a fixed one saves a start of Java.
CLUSTER = "ZHVlc3RyZWFtLWJyb2tlcg"

# A broker that was killed is taken for its own double, and refused, until the session of its last
# life is over: 3 s instead of 9 s, as there is no other broker to take its place.
PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs={data}
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
"""

# For Java that lives briefly: what is compiled in full pays only after minutes.
BRIEF = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")


class Failed(Exception):
    """What went wrong, and what to do about it."""


class Missing(Failed):
    """This machine lacks something; says what to install."""


# What the machine has


def java_version(said: str) -> int:
    """Read the major version from what ``java -version`` says; 0 where it says none."""
    found = re.search(r'version "(\d+)', said)
    return int(found[1]) if found else 0


def advice(*, java: int, jars: bool, maven: bool) -> str | None:
    """Say what to install before the jars can run, or None."""
    lacking = []
    if java < JAVA_NEEDED:
        lacking.append(f"Java {JAVA_NEEDED} or newer (apt-get install default-jre-headless)")
    if not jars and not maven:
        lacking.append("Maven (apt-get install maven)")
    return f"install {' and '.join(lacking)}" if lacking else None


def java() -> int:
    if not shutil.which("java"):
        return 0
    return java_version(subprocess.run(["java", "-version"], capture_output=True, text=True).stderr)


def succeeds(*command: str) -> bool:
    return subprocess.run(command, capture_output=True).returncode == 0


def docker_answers() -> bool:
    """Tell whether an engine runs, not just its client, and knows compose."""
    has_client = shutil.which("docker") is not None
    return has_client and succeeds("docker", "info") and succeeds("docker", "compose", "version")


# The jars


def has_jars(libs: Path) -> bool:
    """Only jars of this very pom count: a new version of Kafka is fetched anew."""
    stamp = libs / POM.name
    return stamp.exists() and stamp.read_bytes() == POM.read_bytes()


def fetch(libs: Path = HOME / "libs") -> Path:
    """Have the jars in ``libs``: whole or not at all, and once where several ask for them."""
    jars = has_jars(libs)
    if lacking := advice(java=java(), jars=jars, maven=bool(shutil.which("mvn"))):
        raise Missing(lacking)
    if not jars:
        libs.parent.mkdir(parents=True, exist_ok=True)
        with libs.with_name("fetching").open("w") as lock:
            # Let go of by the system, too, when this process dies.
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not has_jars(libs):
                _fetch_now(libs)
    return libs


def _fetch_now(libs: Path) -> None:
    print(f"Fetching Kafka's jars by Maven into {libs} (54 MB, once)", file=sys.stderr)
    fresh = libs.with_name(f"libs.{os.getpid()}")
    maven = ["mvn", "-q", "-B", "-Dstyle.color=never", "-f", str(POM), COPY_JARS]
    if subprocess.call([*maven, f"-DoutputDirectory={fresh}"], stdout=sys.stderr):
        raise Missing("Maven could not fetch Kafka's jars: see what it said, try again online")
    shutil.copy(POM, fresh)
    shutil.rmtree(libs, ignore_errors=True)
    fresh.rename(libs)


# The broker


def answers(port: int) -> bool:
    """Ask for ApiVersions (request 18, version 0): an open port alone proves nothing."""
    request = struct.pack(">hhih", 18, 0, 7, -1)
    try:
        with socket.create_connection(("127.0.0.1", port), 1) as connection:
            connection.sendall(struct.pack(">i", len(request)) + request)
            return connection.recv(8, socket.MSG_WAITALL)[4:] == struct.pack(">i", 7)
    except OSError:
        return False


def format_once(
    home: Path, libs: Path, *, port: int, controller: int, words: Sequence[str] = ()
) -> None:
    """Write the settings, and prepare the data folder where there is none yet.

    ``words`` are for Kafka's own tool: ``--add-scram`` makes users.
    """
    settings, data = home / "server.properties", home / "data"
    settings.write_text(PROPERTIES.format(port=port, controller=controller, data=data))
    if (data / "meta.properties").exists():
        return
    tool = ["java", *BRIEF, "-cp", f"{libs}/*", "kafka.tools.StorageTool"]
    command = [*tool, "format", "--standalone", "-t", CLUSTER, "-c", str(settings), *words]
    made = subprocess.run(command, capture_output=True, text=True)
    if made.returncode:
        raise Failed(f"the data folder {data} could not be formatted: {made.stdout}{made.stderr}")


def launch(
    home: Path, libs: Path, *, held: int, flags: Sequence[str] = ()
) -> subprocess.Popen[bytes]:
    """Start the broker in a session of its own; it holds the lock ``held`` as long as it lives.

    ``flags`` are for Java, behind its own.
    """
    heap = ["-Xms512m", "-Xmx1G", "-XX:+UseSerialGC"]
    command = [
        "java",
        *heap,
        *flags,
        "-cp",
        f"{libs}/*",
        "kafka.Kafka",
        str(home / "server.properties"),
    ]
    with (home / "log").open("ab") as log:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=[held],
            start_new_session=True,
        )


def until_it_answers(
    process: subprocess.Popen[bytes], *, port: int, log: Path, timeout_s: int = 60
) -> None:
    deadline = time.monotonic() + timeout_s
    while not answers(port):
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            last = "\n".join(log.read_text(errors="replace").splitlines()[-20:])
            raise Failed(f"Kafka did not start on port {port}; the end of {log}:\n{last}")
        time.sleep(0.05)


# Start and stop, for a person


def lock(home: Path) -> int | None:
    """Take the pid file; None while a broker holds it.

    The broker inherits the lock and so holds it until it is gone, however it ends: a pid that
    has been given to another process meanwhile is never taken for it.
    """
    held = os.open(home / "pid", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(held)
        return None
    return held


def say(what: str, port: str, *, log: str) -> None:
    print(f"{what} at 127.0.0.1:{port}; its log: {log}; stop it with: make kafka-stop")
    if port != str(PORT):
        print(f"duestream looks elsewhere until told: export DUESTREAM_KAFKA=127.0.0.1:{port}")


def start_jars(port: int) -> None:
    HOME.mkdir(exist_ok=True)
    held = lock(HOME)
    if held is None:
        say("Kafka runs already", (HOME / "port").read_text(), log=str(HOME / "log"))
        return
    if answers(port):
        raise Failed(f"another Kafka answers at port {port}; try: make kafka KAFKA_PORT=29092")
    libs = fetch()
    format_once(HOME, libs, port=port, controller=port + 1)
    process = launch(HOME, libs, held=held)
    (HOME / "port").write_text(str(port))
    (HOME / "pid").write_text(str(process.pid))
    until_it_answers(process, port=port, log=HOME / "log")
    say("Kafka 4.1.1 answers", str(port), log=str(HOME / "log"))


def stop_jars(timeout_s: int = 30) -> bool:
    """Stop the broker by its pid; False where none runs."""
    HOME.mkdir(exist_ok=True)
    if lock(HOME) is not None:
        return False
    pid = int((HOME / "pid").read_text())
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + timeout_s
    while lock(HOME) is None:
        if time.monotonic() > deadline:
            raise Failed(f"Kafka (pid {pid}) did not stop in {timeout_s} s; try: kill -9 {pid}")
        time.sleep(0.05)
    print("Kafka is stopped; its data is kept")
    return True


def start_docker(port: int) -> None:
    environment = os.environ | {"KAFKA_PORT": str(port)}
    subprocess.run([*COMPOSE, "up", "-d", "--wait", "kafka"], env=environment, check=True)
    say("Kafka 4.1.1 answers", str(port), log=f"by {' '.join(COMPOSE)} logs kafka")


def start(port: int, by: str) -> None:
    if by == "docker" or (by == "auto" and docker_answers()):
        start_docker(port)
    else:
        start_jars(port)


def stop() -> None:
    if stop_jars():
        return
    if docker_answers():
        subprocess.run([*COMPOSE, "stop", "kafka"], check=True)
    else:
        print("no Kafka of ours runs")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("what", choices=["start", "stop"])
    asked.add_argument("--port", type=int, default=PORT, help="the controller takes the next one")
    asked.add_argument("--by", choices=["auto", "docker", "jars"], default="auto")
    given = asked.parse_args()
    try:
        if given.what == "start":
            start(given.port, given.by)
        else:
            stop()
    except (Failed, subprocess.CalledProcessError) as problem:
        sys.exit(f"\n*** {problem}\n")


if __name__ == "__main__":
    main()
