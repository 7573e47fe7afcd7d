"""The servers that other tests rely on: real, killed without loss, gone at the end."""

import asyncio
import os
import shutil
import socket
import subprocess
import sys

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from deploy.kafka import broker
from tests.support.absent import do_without, summary
from tests.support.servers import free_port, is_free, until

# A broker and a database


async def make_topic(address, name):
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    await admin.start()
    await admin.create_topics([NewTopic(name, 1, 1)])
    await admin.close()


async def send(address, topic, values):
    async with AIOKafkaProducer(bootstrap_servers=address, acks="all") as producer:
        for value in values:
            await producer.send_and_wait(topic, value)


async def read(address, topic, count):
    async with AIOKafkaConsumer(bootstrap_servers=address) as consumer:
        consumer.assign([TopicPartition(topic, 0)])
        await consumer.seek_to_beginning()
        async with asyncio.timeout(30):
            return [(await consumer.getone()).value for _ in range(count)]


async def ask(url, *statements):
    """Carry out statements, each in a transaction of its own; return the rows of the last."""
    engine = create_async_engine(url)
    rows = []
    for statement in statements:
        async with engine.begin() as connection:
            result = await connection.execute(text(statement))
            rows = [tuple(row) for row in result] if result.returns_rows else []
    await engine.dispose()
    return rows


def test_a_record_that_was_acknowledged_survives_a_kill_of_the_broker(kafka):
    asyncio.run(make_topic(kafka.address, "payments"))
    asyncio.run(send(kafka.address, "payments", [b"1", b"2", b"3"]))

    kafka.kill()
    assert not broker.answers(kafka.port)
    kafka.restart()
    asyncio.run(send(kafka.address, "payments", [b"4"]))

    assert asyncio.run(read(kafka.address, "payments", 4)) == [b"1", b"2", b"3", b"4"]


def test_a_broker_that_was_stopped_starts_again_on_its_data(kafka):
    asyncio.run(make_topic(kafka.address, "invoices"))
    asyncio.run(send(kafka.address, "invoices", [b"1"]))

    kafka.restart()

    assert asyncio.run(read(kafka.address, "invoices", 1)) == [b"1"]


OPEN_TRANSACTION = """
    begin;
    insert into books values (8);
    select count(*) from generate_series(1, 3000) a, generate_series(1, 10000) b
"""
AT_WORK = """
    select 1 from pg_stat_activity
    where state = 'active' and query like '%generate_series%' and pid <> pg_backend_pid()
"""


def test_only_what_was_committed_survives_a_kill_of_postgresql(postgres):
    url = postgres.database("kill")
    asyncio.run(ask(url, "create table books (n int)", "insert into books values (7)"))
    # A session in the middle of its work lives on after the kill, and keeps the data from the next.
    psql = [postgres.binaries / "psql", "-h", postgres.home, "-U", "duestream", "kill", "-c"]
    session = subprocess.Popen([*psql, OPEN_TRANSACTION], stdout=subprocess.DEVNULL)
    until(lambda: asyncio.run(ask(url, AT_WORK)) == [(1,)], "the session is at work")

    postgres.kill()
    assert not postgres.answers()
    postgres.restart()

    session.wait()
    assert asyncio.run(ask(url, "select n from books")) == [(7,)]


def test_postgresql_writes_through_to_the_disk(postgres):
    url = postgres.database("settings")

    assert asyncio.run(ask(url, "show fsync")) == [("on",)]
    assert asyncio.run(ask(url, "show synchronous_commit")) == [("on",)]


def test_a_database_made_again_is_empty(postgres):
    asyncio.run(ask(postgres.database("again"), "create table books (n int)"))

    url = postgres.database("again")

    assert asyncio.run(ask(url, "select 1 from pg_tables where tablename = 'books'")) == []


FAILS = """
from tests.support.servers import Postgres
server = Postgres()
server.start()
print(server.process.pid, server.home, flush=True)
raise SystemExit("as a broken test run does")
"""


def test_a_server_does_not_outlive_a_run_that_breaks_off(postgres):
    fails = [sys.executable, "-c", FAILS]
    ran = subprocess.run(fails, capture_output=True, text=True, cwd=broker.HOME.parent)
    pid, home = ran.stdout.split()

    assert ran.returncode == 1
    assert not os.path.exists(home)
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid), 0)


def test_a_port_that_is_taken_is_not_free_and_none_is_given_twice():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert not is_free(taken.getsockname()[1])

    assert free_port() != free_port()


# What make kafka relies on


def test_an_open_port_that_says_nothing_is_no_broker():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert not broker.answers(silent.getsockname()[1])


def test_the_lock_is_held_until_the_process_that_inherited_it_is_gone(tmp_path):
    held = broker.lock(tmp_path)
    waits = [sys.executable, "-c", "input()"]
    process = subprocess.Popen(waits, stdin=subprocess.PIPE, pass_fds=[held])
    os.close(held)

    assert broker.lock(tmp_path) is None
    process.kill()
    process.wait()
    process.stdin.close()
    assert broker.lock(tmp_path) is not None


def test_jars_of_another_version_do_not_count(tmp_path):
    assert not broker.has_jars(tmp_path)
    (tmp_path / "pom.xml").write_text("<project>another version</project>")
    assert not broker.has_jars(tmp_path)
    shutil.copy(broker.POM, tmp_path)
    assert broker.has_jars(tmp_path)


FETCHES = """#!/bin/sh
for each; do case $each in -DoutputDirectory=*) folder=${each#*=};; esac; done
sleep 0.5
mkdir "$folder"
echo fetched >> "$COUNT"
"""


def test_jars_are_fetched_once_where_several_ask_at_once(tmp_path):
    for name, does in (("mvn", FETCHES), ("java", "#!/bin/sh\necho 'version \"17\"' >&2\n")):
        (tmp_path / name).write_text(does)
        (tmp_path / name).chmod(0o755)
    asks = (
        "import pathlib, sys; from deploy.kafka.broker import *; fetch(pathlib.Path(sys.argv[1]))"
    )
    path = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "COUNT": str(tmp_path / "count")}
    all_three = [
        subprocess.Popen([sys.executable, "-c", asks, tmp_path / "libs"], env=path)
        for _ in range(3)
    ]

    assert [each.wait() for each in all_three] == [0, 0, 0]
    assert (tmp_path / "count").read_text() == "fetched\n"
    assert broker.has_jars(tmp_path / "libs")


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ('openjdk version "17.0.15" 2025-04-15', 17),
        ('java version "1.8.0_202"', 1),
        ('openjdk version "21" 2023-09-19', 21),
        ("Unable to locate a Java Runtime.", 0),
    ],
)
def test_the_version_of_java_is_read_from_what_it_says(said, version):
    assert broker.java_version(said) == version


JAVA = "Java 17 or newer (apt-get install default-jre-headless)"
MAVEN = "Maven (apt-get install maven)"


@pytest.mark.parametrize(
    ("java", "jars", "maven", "advice"),
    [
        (17, False, True, None),
        (17, True, False, None),
        (16, False, True, f"install {JAVA}"),
        (17, False, False, f"install {MAVEN}"),
        (0, True, False, f"install {JAVA}"),
        (0, False, False, f"install {JAVA} and {MAVEN}"),
    ],
)
def test_what_is_missing_for_the_jars_is_named(java, jars, maven, advice):
    assert broker.advice(java=java, jars=jars, maven=maven) == advice


# Where a server is missing


def test_on_a_desk_a_test_without_its_server_is_skipped():
    with pytest.raises(pytest.skip.Exception, match="NOT TESTED with kafka: install Maven"):
        do_without("kafka", lack="install Maven", ci=False)


def test_where_changes_are_checked_a_test_without_its_server_fails():
    with pytest.raises(pytest.fail.Exception, match="NOT TESTED with kafka: install Maven"):
        do_without("kafka", lack="install Maven", ci=True)


def test_one_line_says_what_was_not_tested_and_why():
    reasons = [
        "Skipped: NOT TESTED with kafka: install Maven",
        "Skipped: NOT TESTED with kafka: install Maven",
        "Skipped: NOT TESTED with postgres: install it",
        "Skipped: only on Tuesdays",
    ]

    assert summary(reasons) == (
        "NOT TESTED with kafka: install Maven (2 skipped); "
        "NOT TESTED with postgres: install it (1 skipped)"
    )
    assert summary(["Skipped: only on Tuesdays"]) is None
