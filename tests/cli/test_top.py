"""What workers and clock say on their ports, at a terminal of 80 columns and as JSON."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from services.cli.views.top import _span
from tests.support.console import duestream
from tests.support.servers import free_port

WORKER = """\
# HELP duestream_build_info The version that runs
# TYPE duestream_build_info gauge
duestream_build_info{service="dunning",version="0.1.0"} 1.0
# TYPE duestream_partitions_owned gauge
duestream_partitions_owned{service="dunning"} 6.0
# TYPE duestream_partitions_stopped gauge
duestream_partitions_stopped{service="dunning"} 1.0
# TYPE duestream_lag gauge
duestream_lag{service="dunning",topic="payments"} 1200.0
duestream_lag{service="dunning",topic="invoices"} 34.0
# TYPE duestream_lag_seconds gauge
duestream_lag_seconds{service="dunning",topic="payments"} 130.7
duestream_lag_seconds{service="dunning",topic="invoices"} 2.0
# TYPE duestream_oldest_day_held_timestamp_seconds gauge
duestream_oldest_day_held_timestamp_seconds{service="dunning"} 1.769900400e+09
# TYPE duestream_outbox_rows_waiting gauge
duestream_outbox_rows_waiting{service="dunning"} 7.0
# TYPE duestream_open_minor gauge
duestream_open_minor{service="dunning",currency="EUR"} 123456.0
duestream_open_minor{service="dunning",currency="JPY"} 700.0
# TYPE duestream_credit_minor gauge
duestream_credit_minor{service="dunning",currency="EUR"} 10.0
# TYPE duestream_overdue_minor gauge
duestream_overdue_minor{service="dunning",currency="EUR"} 5000.0
# TYPE duestream_runs gauge
duestream_runs{service="dunning",level="1"} 12.0
duestream_runs{service="dunning",level="0"} 3.0
# TYPE duestream_dead_letters_total counter
duestream_dead_letters_total{reason="conflict",service="dunning"} 2.0
duestream_dead_letters_total{reason="currency",service="dunning"} 1.0
"""
CLOCK = """\
# TYPE duestream_build_info gauge
duestream_build_info{service="clock",version="0.1.0"} 1.0
# TYPE duestream_clock_unsaid gauge
duestream_clock_unsaid{service="clock"} 3.0
# TYPE duestream_waits gauge
duestream_waits{service="clock"} 1.0
# TYPE duestream_dead_letters_open gauge
duestream_dead_letters_open{service="dunning",reason="invalid"} 4.0
duestream_dead_letters_open{service="usage",reason="conflict"} 0.0
# TYPE duestream_dead_letters_oldest_timestamp_seconds gauge
duestream_dead_letters_oldest_timestamp_seconds{service="dunning",reason="invalid"} 1.7699004e+09
duestream_dead_letters_oldest_timestamp_seconds{service="usage",reason="conflict"} 0.0
"""


@contextmanager
def answering(text):
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


def test_a_line_a_process_fits_80_columns_and_says_what_wants_somebody():
    with answering(WORKER) as worker, answering(CLOCK) as clock:
        done = duestream("top", worker, clock, columns=80, NO_COLOR="1")

    lines = [each.split() for each in done.stdout.splitlines()]
    assert done.exit_code == 0
    assert max(len(each) for each in done.stdout.splitlines()) <= 80
    assert lines[1] == [
        "clock",
        "-",
        "3",
        "-",
        "-",
        "-",
        "-",
        str(clock),
        *["1", "servers", "away"],
    ]
    assert lines[2] == [
        *("dunning", "6", "1,234", "2m", "7", "3", "01-31", "23:00", str(worker), "1", "stopped")
    ]
    assert "\x1b" not in done.stdout


def test_below_stands_what_the_money_and_the_dead_letters_of_all_processes_add_up_to():
    with answering(WORKER) as worker, answering(WORKER) as other, answering(CLOCK) as clock:
        done = duestream("top", worker, other, clock, columns=80, NO_COLOR="1")

    assert done.stdout.splitlines()[-4:] == [
        "EUR: open 2469.12, credit 0.20, overdue 100.00",
        "JPY: open 1400, credit 0, overdue 0",
        "runs by level of their highest letter: 0: 6, 1: 24",
        "dead letters of dunning, invalid: 4, the oldest of 2026-01-31 23:00 UTC",
    ]


def test_json_has_every_figure_and_null_for_what_a_process_does_not_have():
    with answering(WORKER) as worker, answering(CLOCK) as clock:
        done = duestream("top", worker, clock, "--json")
    dunning, ticking = json.loads(done.stdout)

    assert dunning == {
        "address": f"127.0.0.1:{worker}",
        "service": "dunning",
        "version": "0.1.0",
        "partitions": 6,
        "stopped": 1,
        "recovering": None,
        "behind": 1234,
        "behind_s": 130,
        "outbox_rows": 7,
        "outbox_s": None,
        "dead_letters": 3,
        "waits": None,
        "memory_bytes": None,
        "day_not_done_since": "2026-01-31T23:00:00+00:00",
        "dead_letters_by_reason": {"conflict": 2, "currency": 1},
        "money_minor": {
            "EUR": {"open": 123456, "credit": 10, "overdue": 5000},
            "JPY": {"open": 700},
        },
        "runs_by_level": {"0": 3, "1": 12},
        "dead_letters_open": [],
    }
    assert ticking["dead_letters_open"] == [
        {
            "service": "dunning",
            "reason": "invalid",
            "number": 4,
            "since": "2026-01-31T23:00:00+00:00",
        }
    ]
    assert (ticking["behind"], ticking["waits"], ticking["dead_letters"]) == (3, 1, None)


def test_one_that_does_not_answer_is_said_beside_the_others_and_the_exit_code_is_1():
    nobody = free_port()
    with answering(WORKER) as worker:
        done = duestream("top", worker, nobody, "--json")
    there, away = json.loads(done.stdout)

    assert (done.exit_code, there["service"]) == (1, "dunning")
    assert away == {"address": f"127.0.0.1:{nobody}", "error": "Connection refused"}


def test_another_server_on_that_port_is_told_from_ours():
    with answering("# TYPE up gauge\nup 1\n") as other:
        done = duestream("top", other, "--json")

    assert json.loads(done.stdout)[0]["error"] == "what answers there is not duestream"


@pytest.mark.parametrize("place", ["dunning", "host:", "host:0", "65536", ":"])
def test_a_place_without_a_port_is_refused(place):
    done = duestream("top", place)

    assert done.exit_code == 1
    assert f"{place} has no port" in done.stderr


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        *((None, "-"), (0, "0s"), (119, "119s"), (120, "2m"), (7199, "119m"), (7200, "2h")),
        *((172799, "47h"), (172800, "2d")),
    ],
)
def test_a_span_is_written_in_the_largest_unit_that_is_filled_twice(seconds, text):
    assert _span(seconds) == text
