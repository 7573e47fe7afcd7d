"""A batch meets a real SFTP server."""

import asyncio
import logging

import asyncssh
import pytest

from services.notifications.channels.letter.batches import Batch
from services.notifications.channels.letter.handover import LetterServer, carry
from services.notifications.channels.outcome import Later, Refused, Sent, Unknown
from services.notifications.channels.secret import Secret
from tests.notifications.channels.sftp import Printer, sftp_server

FILES = {"00001_M-1.pdf": b"%PDF" * 10_000, "manifest.json": b"{1}\n", "z.pdf": b"last by name"}
BATCH = Batch("2026-11-22-1", FILES, {})


@pytest.fixture
def root(tmp_path):
    """What the printer has: a folder in which batches arrive."""
    (tmp_path / "root/in").mkdir(parents=True)
    return tmp_path / "root"


def carried(printer, folder, *, batch=BATCH, password=None, **options):
    async def run():
        async with sftp_server(printer, folder, **options) as (ours, served):
            key = Secret(ours.export_private_key())
            door = {"password": password} if password else {"key": key}
            return await carry(batch, server=served(door))

    return asyncio.run(run())


def arrived(root):
    return {
        each.name: {file.name: file.read_bytes() for file in each.iterdir()}
        for each in (root / "in").iterdir()
    }


def test_a_batch_arrives_whole_with_its_manifest_last(root, tmp_path):
    printer = Printer(root)

    assert carried(printer, tmp_path) == Sent("2026-11-22-1")
    assert arrived(root) == {"2026-11-22-1": FILES}
    assert printer.acts == ["mkdir", "open", "open", "manifest", "rename"]


def test_the_same_batch_again_is_the_same(root, tmp_path):
    carried(Printer(root), tmp_path)
    again = Printer(root)

    assert carried(again, tmp_path) == Sent("2026-11-22-1")
    assert again.acts == ["manifest"]


def test_another_batch_of_the_same_id_is_refused_and_changes_nothing(root, tmp_path):
    carried(Printer(root), tmp_path)
    other = Batch("2026-11-22-1", {**FILES, "manifest.json": b"{2}\n"}, {})

    assert carried(Printer(root), tmp_path, batch=other) == Refused("batch_conflict")
    assert arrived(root) == {"2026-11-22-1": FILES}


@pytest.mark.parametrize(
    ("fails", "outcome"),
    [
        ({"cuts_before": "mkdir"}, Later("letter_server_unreachable")),
        ({"cuts_after": "mkdir"}, Later("letter_server_unreachable")),
        ({"cuts_after": "open"}, Later("letter_server_unreachable")),
        ({"cuts_before": "manifest"}, Later("letter_server_unreachable")),
        ({"cuts_after": "manifest"}, Later("letter_server_unreachable")),
        ({"cuts_before": "rename"}, Unknown("letter_server_silent")),
        ({"refuses": "mkdir"}, Later("letter_server_refuses_us")),
        ({"refuses": "manifest"}, Later("letter_server_refuses_us")),
        ({"refuses": "rename"}, Later("letter_server_refuses_us")),
    ],
)
def test_what_fails_before_it_is_moved_leaves_no_batch_and_the_next_attempt_puts_it_there(
    fails, outcome, root, tmp_path
):
    assert carried(Printer(root, **fails), tmp_path) == outcome
    assert "2026-11-22-1" not in arrived(root)

    assert carried(Printer(root), tmp_path) == Sent("2026-11-22-1")
    assert arrived(root) == {"2026-11-22-1": FILES}


def test_where_nobody_heard_that_it_was_moved_it_is_unknown_though_it_is_there(root, tmp_path):
    assert carried(Printer(root, cuts_after="rename"), tmp_path) == Unknown("letter_server_silent")
    assert arrived(root) == {"2026-11-22-1": FILES}


@pytest.mark.parametrize(
    ("act", "outcome"),
    [
        ("mkdir", Later("letter_server_unreachable")),
        ("rename", Unknown("letter_server_silent")),
    ],
)
def test_an_answer_that_cannot_be_read_is_none(act, outcome, root, tmp_path):
    assert carried(Printer(root, garbles=act), tmp_path) == outcome


def test_where_the_known_hosts_cannot_be_read_nothing_arrived(root, tmp_path):
    async def run():
        async with sftp_server(Printer(root), tmp_path) as (ours, served):
            (tmp_path / "known_hosts").write_text("nonsense\n")
            return await carry(BATCH, server=served({"key": Secret(ours.export_private_key())}))

    assert asyncio.run(run()) == Later("letter_server_unreachable")


@pytest.mark.parametrize(
    ("act", "outcome"),
    [
        ("mkdir", Later("letter_server_unreachable")),
        ("rename", Unknown("letter_server_silent")),
    ],
)
def test_a_server_that_is_slow_is_waited_for_no_longer_than_allowed(act, outcome, root, tmp_path):
    assert carried(Printer(root, slow=act), tmp_path, timeout_s=2) == outcome


def test_a_password_opens_the_door_where_there_is_no_key(root, tmp_path):
    assert carried(Printer(root), tmp_path, password=Secret(b"right")) == Sent("2026-11-22-1")


def test_a_wrong_password_is_about_us_and_is_told_nowhere(root, tmp_path, caplog):
    caplog.set_level(logging.DEBUG)

    found = carried(Printer(root), tmp_path, password=Secret(b"tweety-4711"))

    assert found == Later("letter_server_refuses_us")
    assert caplog.records
    assert [each for each in caplog.records if "tweety" in each.getMessage()] == []


def test_a_server_with_another_key_is_given_nothing(root, tmp_path):
    printer = Printer(root)
    other = asyncssh.generate_private_key("ssh-ed25519")

    assert carried(printer, tmp_path, trusted=other) == Later("letter_server_refuses_us")
    assert printer.acts == []


def test_where_nobody_listens_nothing_arrived(tmp_path):
    (tmp_path / "known_hosts").write_text("")
    server = LetterServer(
        hostname="127.0.0.1",
        port=1,
        username="u",
        known_hosts=tmp_path / "known_hosts",
        folder="/in",
        password=Secret(b"x"),
    )

    assert asyncio.run(carry(BATCH, server=server)) == Later("letter_server_unreachable")


def test_what_is_no_key_is_about_us_and_is_told_nowhere(tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    server = LetterServer(
        hostname="127.0.0.1",
        username="u",
        known_hosts=tmp_path / "known_hosts",
        folder="/in",
        key=Secret(b"tweety-4711"),
    )

    found = asyncio.run(carry(BATCH, server=server))

    assert found == Later("letter_server_refuses_us")
    assert [each for each in caplog.records if "tweety" in each.getMessage()] == []


def test_a_batch_without_a_letter_is_not_carried(tmp_path):
    with pytest.raises(ValueError, match="without a letter"):
        asyncio.run(carry(Batch("b-1", {}, {}), server=None))


@pytest.mark.parametrize("door", [{}, {"key": Secret(b"x"), "password": Secret(b"x")}])
def test_a_server_is_given_a_key_or_a_password(door, tmp_path):
    with pytest.raises(ValueError, match="a key or a password"):
        LetterServer(hostname="h", username="u", known_hosts=tmp_path, folder="/in", **door)
