"""Why a broker cannot be reached, by servers that are wrong each in its own way."""

import asyncio
import shutil
import ssl
import subprocess

import pytest
from aiokafka.errors import (
    AuthenticationFailedError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)

from services.runtime.kafka.diagnosis import _words, why_unreachable
from services.runtime.kafka.topics import admin
from services.runtime.settings import Settings
from tests.support.servers import free_port

SASL = {"security_protocol": "SASL_SSL", "sasl_username": "anna", "sasl_password": "geheim"}


def why(**told):
    found = asyncio.run(why_unreachable(Settings(allow_plaintext=True, **told)))
    assert "geheim" not in str(found)
    return found.what, found.do


def test_where_nothing_listens_it_is_started_or_named():
    assert why(kafka=f"127.0.0.1:{free_port()}") == (
        "no broker answers: nothing listens there",
        "start it (make kafka), or say where it is with DUESTREAM_KAFKA",
    )


def test_a_name_that_no_machine_has_is_said():
    assert why(kafka="nobody.invalid:9092")[0] == "nobody.invalid:9092: no machine has this name"


@pytest.mark.parametrize("kafka", ["localhost", "localhost:ninety"])
def test_a_server_without_a_port_is_named(kafka):
    assert why(kafka=kafka) == (f"{kafka} names no port", "say host:port in DUESTREAM_KAFKA")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate that nobody trusts, and its key."""
    if not shutil.which("openssl"):
        pytest.skip("openssl is not here")
    folder = tmp_path_factory.mktemp("tls")
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=broker"]
    files = ["-keyout", folder / "key.pem", "-out", folder / "cert.pem", "-days", "2"]
    subprocess.run([*made, *files], check=True, capture_output=True)
    return folder


def beside(server_side, ask):
    """Return what *ask* says of a server that hangs up after the first bytes."""

    async def hang_up(reader, writer):
        await reader.read(100)
        writer.close()

    async def scenario():
        server = await asyncio.start_server(hang_up, "127.0.0.1", 0, ssl=server_side)
        async with server:
            port = server.sockets[0].getsockname()[1]
            return await ask(port)

    return asyncio.run(scenario())


def test_a_certificate_that_nobody_vouches_for_is_named(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")

    async def ask(port):
        told = Settings(kafka=f"localhost:{port}", security_protocol="SSL")
        found = await why_unreachable(told)
        return found.what.replace(str(port), "PORT"), found.do

    what, do = beside(context, ask)
    assert what.startswith("the certificate of localhost:PORT is refused: self")
    assert do.startswith("set DUESTREAM_SSL_CA_FILE")


@pytest.mark.parametrize(
    ("protocol", "words"),
    [
        ("PLAINTEXT", "localhost:PORT takes connections, and does not answer to PLAINTEXT"),
        ("SSL", "localhost:PORT takes connections, and does not answer to SSL"),
    ],
)
def test_a_port_for_something_else_is_said(protocol, words):
    async def ask(port):
        told = Settings(kafka=f"localhost:{port}", security_protocol=protocol)
        return (await why_unreachable(told)).what.replace(str(port), "PORT")

    assert beside(None, ask) == words


@pytest.mark.parametrize("error", [AuthenticationFailedError, SaslAuthenticationFailed])
def test_a_wrong_password_and_a_mechanism_that_is_not_there_are_named(error):
    told = Settings(kafka="k:1", **SASL)

    assert _words(error("no"), "k:1", told) == (
        "the broker refuses user name or password of anna by SCRAM-SHA-512",
        "look at DUESTREAM_SASL_USERNAME, _PASSWORD and _MECHANISM",
    )
    assert _words(UnsupportedSaslMechanismError("no"), "k:1", told)[0] == (
        "the broker does not know SCRAM-SHA-512"
    )


def test_whoever_opens_a_client_is_told_why_it_cannot_be():
    async def scenario():
        async with admin(Settings(kafka=f"127.0.0.1:{free_port()}")):
            pass

    with pytest.raises(Exception, match="nothing listens there"):
        asyncio.run(scenario())
