"""A secret comes from a file or the environment, and goes nowhere but where it is used."""

import asyncio
import copy
import json
import logging
import pickle
import traceback
from dataclasses import asdict
from datetime import UTC, datetime
from ipaddress import ip_network

import pytest
from pydantic import TypeAdapter

from services.notifications.channels.mail.mailboxes import mailbox
from services.notifications.channels.mail.message import compose
from services.notifications.channels.mail.return_path import ReturnPath
from services.notifications.channels.mail.sending import Mailer, MailServer
from services.notifications.channels.outcome import Outcome
from services.notifications.channels.secret import Secret, SecretMissing, find
from services.notifications.channels.webhook.egress import Egress
from services.notifications.channels.webhook.endpoints import Endpoint
from services.notifications.channels.webhook.sending import Poster
from services.notifications.channels.webhook.signatures import KeyRefused
from tests.notifications.channels.https import Names, Receiver, https_server
from tests.notifications.channels.mails import DELIVERY, a_mail
from tests.notifications.channels.smtp import Post, mail_server

CANARY = "tweety-4711-tweety-4711-tweety"
# As base64 it is a key for webhooks; as it stands it is none.
KEY = "whsec_dHdlZXR5LTQ3MTEtdHdlZXR5LTQ3MTEtdHdlZXR5"
AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def found(reference, folder, environment=None):
    return find(reference, folder=folder, environment=environment or {}, prefix="SECRET_")


@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
def test_a_secret_is_read_from_a_file_without_the_end_of_its_line(tmp_path, ending):
    (tmp_path / "smtp").write_bytes(f" {CANARY} {ending}".encode())

    assert found("file:smtp", tmp_path).reveal() == f" {CANARY} ".encode()


def test_a_secret_is_read_from_the_environment(tmp_path):
    assert found("env:SECRET_SMTP", tmp_path, {"SECRET_SMTP": CANARY}).reveal() == CANARY.encode()


@pytest.mark.parametrize(
    "reference",
    [
        "file:absent",
        "file:empty",
        "file:folder",
        "file:../other",
        "file:/etc/passwd",
        "file:.hidden",
        "file:a/b",
        "file:",
        "env:DATABASE",
        "env:SECRET_ABSENT",
        "env:SECRET_EMPTY",
        "env:",
        "other:smtp",
        "",
    ],
)
def test_where_no_secret_is_or_may_be_the_reference_is_told(tmp_path, reference):
    (tmp_path.parent / "other").write_text("x")
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "folder").mkdir()

    with pytest.raises(SecretMissing):
        found(reference, tmp_path, {"DATABASE": CANARY, "SECRET_EMPTY": ""})


@pytest.mark.parametrize("reference", [CANARY, f"{CANARY}:x", f"file:/{CANARY}", KEY])
def test_a_secret_in_the_place_of_its_name_is_not_told(tmp_path, reference):
    with pytest.raises(SecretMissing) as missing:
        found(reference, tmp_path)

    assert reference not in str(missing.value) and CANARY not in str(missing.value)


def test_nothing_shows_a_secret():
    secret = Secret(CANARY.encode())
    path = ReturnPath(local="bounce", domain="nordlicht.example", keys=(secret,))
    server = MailServer(hostname="mx.example", port=587, username="u", password=secret)
    endpoint = Endpoint(url="https://hooks.example/", keys=(secret,))

    shown = [repr(each) + str(each) for each in (secret, path, server, endpoint, [secret])]
    shown += [f"{secret!r:>40} {secret}", path.of(DELIVERY)]
    assert [each for each in shown if CANARY in each] == []


@pytest.mark.parametrize("write_down", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_secret_is_not_written_down(write_down):
    with pytest.raises(TypeError, match=r"^a secret is not written down$"):
        write_down(Secret(b"x"))


def test_a_secret_is_no_JSON():
    with pytest.raises(TypeError):
        json.dumps({"secret": Secret(CANARY.encode())})


def told(act, caplog):
    """Do *act* with everything logged that can be; return all words that were said of it."""
    caplog.set_level(logging.DEBUG)
    try:
        outcome = asyncio.run(act(), debug=True)
        said = [
            repr(outcome),
            TypeAdapter(Outcome).dump_json(outcome).decode(),
            str(asdict(outcome)),
        ]
    except (KeyRefused, ValueError) as error:
        said = ["".join(traceback.format_exception(error))]
    said += [f"{record.getMessage()} {record.__dict__}" for record in caplog.records]
    return "\n".join(said)


@pytest.mark.parametrize(
    "post",
    [
        Post(),
        Post(sender=f"550 {CANARY}"),
        Post(recipient=f"550 5.1.1 {CANARY}"),
        Post(text=f"554 {CANARY}"),
        Post(drops="text"),
        Post(slow="text"),
    ],
)
@pytest.mark.parametrize("password", [b"right", CANARY.encode()])
def test_a_password_and_a_servers_words_are_in_no_outcome_error_or_log(
    post, password, caplog, tmp_path
):
    async def act():
        secret = Secret(password)
        async with mail_server(post, folder=tmp_path, password=secret, timeout_s=1) as server:
            return await Mailer(server).send(
                compose(a_mail()),
                to=mailbox("eingang@mueller.example"),
                return_path="b@nordlicht.example",
            )

    # What the test's own server logs is not ours to keep quiet.
    logging.getLogger("mail.log").disabled = True

    words = told(act, caplog)

    assert CANARY not in words and "mueller.example" not in words


@pytest.mark.parametrize(
    "receiver",
    [
        Receiver(),
        Receiver(status=500, body=CANARY.encode()),
        Receiver(status=302, headers={"Location": f"https://a.example/{CANARY}"}),
        Receiver(cuts=True),
        Receiver(raw=CANARY.encode()),
    ],
)
@pytest.mark.parametrize("key", [KEY, CANARY])
def test_a_key_and_an_endpoints_words_are_in_no_outcome_error_or_log(
    receiver, key, caplog, tmp_path
):
    async def act():
        async with https_server(receiver, tmp_path) as port:
            poster = Poster(
                Egress(opened=(ip_network("127.0.0.1/32"),)),
                resolver=Names(["127.0.0.1"]),
                ca_file=tmp_path / "ca.pem",
            )
            endpoint = Endpoint(
                url=f"https://hooks.example:{port}/{CANARY}", keys=(Secret(key.encode()),)
            )
            return await poster.send(b"{}", message_id="d-1", at=AT, endpoint=endpoint)

    logging.getLogger("aiohttp.access").disabled = True

    words = told(act, caplog)

    assert CANARY not in words and KEY not in words
