"""What a worker says of itself, asked as a supervisor and a scraper would."""

import asyncio
import dataclasses
import shutil
import subprocess

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from services.dunning.app import worker as dunning
from services.runtime.figures import Figure, Figures
from services.runtime.kafka.health import Health
from services.runtime.kafka.intake import Intake
from services.runtime.kafka.retry import Patience
from services.runtime.settings import Settings
from tests.support.events import registered
from tests.support.harness import opened
from tests.support.servers import free_port
from tests.support.tally import WORKER, Log


class Publisher:
    waiting = 7
    age_s = 1.5


async def ends(partitions):
    return {("contracts", p): 5 for p in partitions}


async def asked(
    tmp_path, path, prepare=lambda engine, patience: None, *, undecided=None, worker=WORKER
):
    log = Log().say("contracts", registered(), registered())
    engine, patience = await opened(tmp_path, log, worker=worker), Patience()
    await engine.take(log.phases[0])
    prepare(engine, patience)
    port = free_port()
    intake = Intake(engine, Publisher(), owner="one", most=10, patience=patience)
    now = asyncio.get_running_loop().time()
    found = (undecided or {}).items()
    intake.undecided = {place: (offset, now - age_s) for place, (offset, age_s) in found}
    health = Health(Settings(port=port), intake, Publisher(), ends=ends)
    await health.start()
    try:
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"http://127.0.0.1:{port}{path}") as answer,
        ):
            return answer.status, await answer.text()
    finally:
        await health.stop()
        await engine.store.close()


def exposed(tmp_path):
    """Return what a worker tells a scraper, with what dunning counts."""
    owes = {Figure(name, "EUR"): 1 for name in dunning.sums.told}
    sums = Figures(version=1, told=dunning.sums.told, adds=lambda _: owes)
    worker = dataclasses.replace(WORKER, sums=sums)
    return asyncio.run(asked(tmp_path, "/metrics", worker=worker))[1]


def not_joined(engine, _):
    engine.has_claimed = False


def spare(engine, _):
    engine._epochs.clear()


def stopped(engine, _):
    engine.stopped[0] = "payments/0/0: AssertionError()"


def waits(_, patience):
    patience.complain("store", OSError("away"))


def test_a_worker_that_owns_something_and_waits_for_nothing_is_ready(tmp_path):
    status, text = asyncio.run(asked(tmp_path, "/readyz"))
    assert status == 200
    assert text == (
        '{"ready": true, "partitions": [0], "stopped": {}, "waiting_for": {}, "recovering": {}, '
        '"days_wait_for": [], "open_transactions": {}}'
    )


@pytest.mark.parametrize(
    ("prepare", "said"),
    [
        (not_joined, '"partitions": [0]'),
        (stopped, '"stopped": {"0": "payments/0/0: AssertionError()"}'),
        (waits, '"waiting_for": {"store": "OSError: away"}'),
    ],
)
def test_a_worker_that_cannot_do_all_its_work_says_why_and_lives(tmp_path, prepare, said):
    status, text = asyncio.run(asked(tmp_path, "/readyz", prepare))
    assert (status, said in text) == (503, True)


def test_a_spare_worker_is_ready_for_its_partitions(tmp_path):
    status, text = asyncio.run(asked(tmp_path, "/readyz", spare))
    assert (status, '"partitions": []' in text) == (200, True)


def test_a_transaction_that_holds_days_is_named_when_it_is_open_for_long(tmp_path):
    undecided = {("payments", 0): (17, 12.2), ("contracts", 0): (3, 4.0)}
    status, text = asyncio.run(asked(tmp_path, "/readyz", undecided=undecided))

    said = '"open_transactions": {"payments/0": "open since 12 s, from offset 17 on"}'
    assert (status, said in text) == (200, True)


def test_to_live_is_to_answer(tmp_path):
    assert asyncio.run(asked(tmp_path, "/livez", stopped)) == (200, '{"live": true}')


def test_the_figures_are_what_was_done(tmp_path):
    def count(engine, _):
        engine.counts["dead letters: invalid"] += 2
        engine.counts["stepped over: undecodable"] += 1  # as a projection counts

    status, text = asyncio.run(asked(tmp_path, "/metrics", count))
    assert status == 200
    lines = text.splitlines()
    for figure in (
        'duestream_applied_total{service="tally"} 1.0',
        'duestream_duplicates_total{service="tally"} 1.0',
        'duestream_transactions_total{service="tally"} 1.0',
        'duestream_dead_letters_total{reason="invalid",service="tally"} 2.0',
        'duestream_stepped_over_total{reason="undecodable",service="tally"} 1.0',
        'duestream_partitions_owned{service="tally"} 1.0',
        'duestream_partitions_stopped{service="tally"} 0.0',
        'duestream_day_barriers_held{service="tally"} 0.0',
        'duestream_outbox_rows_waiting{service="tally"} 7.0',
        'duestream_contracts_cached{service="tally"} 1.0',
        'duestream_oldest_day_held_timestamp_seconds{service="tally"} 0.0',
        'duestream_build_info{service="tally",version="0.1.0"} 1.0',
    ):
        assert figure in lines
    assert any(line.startswith("process_resident_memory_bytes ") for line in lines)


def test_each_figure_is_what_a_scraper_reads_and_has_its_words(tmp_path):
    _, text = asyncio.run(asked(tmp_path, "/metrics"))
    families = list(text_string_to_metric_families(text))

    assert len(families) > 20
    assert [each.name for each in families if len(each.documentation.split()) < 2] == []
    if shutil.which("promtool"):
        done = subprocess.run(
            ["promtool", "check", "metrics"],
            input=text,
            text=True,
            capture_output=True,
            check=False,
        )
        assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_what_a_service_counts_of_its_words_and_its_terms_is_among_the_figures(tmp_path):
    def declare(engine, _):
        engine.worker = dataclasses.replace(engine.worker, gauges=lambda terms: {"entities": 3})
        engine.counts["said: letter_without_interest"] += 2

    _, text = asyncio.run(asked(tmp_path, "/metrics", declare))

    for figure in (
        'duestream_said_total{service="tally",what="letter_without_interest"} 2.0',
        'duestream_entities{service="tally"} 3.0',
    ):
        assert figure in text.splitlines()


def test_what_the_states_of_all_contracts_add_up_to_is_among_the_figures(tmp_path):
    adds = Figures(
        version=1,
        told={"facts": ("What came for contracts", "kind")},
        adds=lambda tally: {Figure("facts", "registered"): 1 if tally.entity else 0},
    )
    worker = dataclasses.replace(WORKER, sums=adds)

    _, text = asyncio.run(asked(tmp_path, "/metrics", worker=worker))

    assert 'duestream_facts{kind="registered",service="tally"} 1.0' in text.splitlines()


def test_figures_are_read_while_nothing_changes_them(tmp_path):
    seen = []

    def watch(engine, _):
        class Watched(dict):
            def items(self):
                seen.append(asyncio.get_running_loop())
                return super().items()

            def __missing__(self, key):
                return 0

        engine.counts = Watched()

    status, _ = asyncio.run(asked(tmp_path, "/metrics", watch))
    assert (status, len(seen)) == (200, 1)


def test_without_a_port_nothing_is_opened(tmp_path):
    async def scenario():
        engine = await opened(tmp_path, Log())
        intake = Intake(engine, Publisher(), owner="one", most=10, patience=Patience())
        health = Health(Settings(), intake, Publisher(), ends=ends)
        await health.start()
        runner = health._port._runner
        await health.stop()
        await engine.store.close()
        return runner

    assert asyncio.run(scenario()) is None


def test_the_figures_say_lag_and_how_long_the_outbox_waits(tmp_path):
    _, text = asyncio.run(asked(tmp_path, "/metrics"))

    assert 'duestream_lag{service="tally",topic="contracts"} 3.0' in text
    assert 'duestream_outbox_age_seconds{service="tally"} 1.5' in text
    assert 'duestream_batch_seconds_count{service="tally"} 0.0' in text
