"""A webhook meets a real server, and no address that it should not."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest

from services.notifications.channels.outcome import Later, Refused, Sent, Unknown
from services.notifications.channels.secret import Secret
from services.notifications.channels.webhook.egress import Egress
from services.notifications.channels.webhook.endpoints import Endpoint, EndpointRefused
from services.notifications.channels.webhook.sending import Poster, judge
from services.notifications.channels.webhook.signatures import KeyRefused, headers
from tests.notifications.channels.https import Names, Receiver, https_server
from tests.notifications.channels.ssrf import INNER, OUTER, RESOLVED, WRITTEN

KEY = Secret(b"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
OLD = Secret(b"whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD")
AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
LOOPBACK = Egress(opened=(ip_network("127.0.0.1/32"),))


def posted(receiver, folder, *, names=None, egress=LOOPBACK, trusts=True, **changes):
    """Post one event to *receiver* and return the outcome."""

    async def run():
        async with https_server(receiver, folder) as port:
            endpoint = Endpoint(
                url=f"https://hooks.example:{port}/hook",
                keys=(KEY,),
                timeout_s=5,
            )
            root = folder / "ca.pem" if trusts else None
            poster = Poster(egress, resolver=names or Names(["127.0.0.1"]), ca_file=root)
            return await poster.send(
                b'{"a":1}', message_id="d-1", at=AT, endpoint=replace(endpoint, **changes)
            )

    return asyncio.run(run())


def test_a_signature_is_as_the_standard_has_it():
    at = datetime.fromtimestamp(1614265330, UTC)

    found = headers(
        b'{"test": 2432232314}', message_id="msg_p5jXN8AQM9LWM0D4loKWxJek", at=at, keys=(KEY,)
    )

    assert found == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_while_a_key_is_replaced_both_sign():
    both = headers(b"{}", message_id="d-1", at=AT, keys=(KEY, OLD))["webhook-signature"]
    one, other = (
        headers(b"{}", message_id="d-1", at=AT, keys=(key,))["webhook-signature"]
        for key in (KEY, OLD)
    )

    assert both == f"{one} {other}"
    assert one != other


@pytest.mark.parametrize(
    "key", [b"whsec_", b"whsec_AAAA", b"not base64!", b"whsec_" + b"A" * 88, b"whsec_\xff"]
)
def test_what_is_no_key_signs_nothing_and_is_not_shown(key):
    with pytest.raises(KeyRefused) as refused:
        headers(b"{}", message_id="d-1", at=AT, keys=(Secret(key),))

    assert key.decode(errors="replace") not in str(refused.value)


def test_without_a_key_nothing_is_signed():
    with pytest.raises(KeyRefused):
        headers(b"{}", message_id="d-1", at=AT, keys=())


@pytest.mark.parametrize("message_id", ["", "a.b", "a\r\nX: y", "ä", "a b", "x" * 101])
def test_an_id_that_would_move_a_border_is_refused(message_id):
    with pytest.raises(ValueError, match="the id of a webhook"):
        headers(b"{}", message_id=message_id, at=AT, keys=(KEY,))


def test_an_event_arrives_signed(tmp_path):
    receiver = Receiver()

    assert posted(receiver, tmp_path) == Sent("200")
    ((path, said, body),) = receiver.came
    assert (path, body) == ("/hook", b'{"a":1}')
    signed = headers(b'{"a":1}', message_id="d-1", at=AT, keys=(KEY,))
    assert {name: said[name] for name in signed} == signed
    assert said["Content-Type"] == "application/json"
    assert said["User-Agent"] == "duestream"


@pytest.mark.parametrize(
    ("receiver", "outcome"),
    [
        (Receiver(status=204, body=b""), Sent("204")),
        (Receiver(status=299), Sent("299")),
        (Receiver(status=400), Later("endpoint_refuses", "400")),
        (Receiver(status=401), Later("endpoint_refuses", "401")),
        (Receiver(status=404), Later("endpoint_refuses", "404")),
        (Receiver(status=410), Refused("endpoint_gone", "410", closes_address=True)),
        (Receiver(status=500), Later("endpoint_refuses", "500")),
        (
            Receiver(status=503, headers={"Retry-After": "120"}),
            Later("endpoint_refuses", "503", timedelta(seconds=120)),
        ),
        (Receiver(cuts=True), Unknown("endpoint_silent")),
        (Receiver(raw=b"nonsense\r\n\r\n"), Unknown("endpoint_silent")),
        (
            Receiver(raw=b"HTTP/1.1 200 OK\r\nX: " + b"x" * 9000 + b"\r\n\r\n"),
            Unknown("endpoint_silent"),
        ),
    ],
)
def test_what_an_endpoint_answers_decides(receiver, outcome, tmp_path):
    assert posted(receiver, tmp_path) == outcome
    assert len(receiver.came) == 1


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308, 399])
def test_a_redirect_is_not_followed(status, tmp_path):
    receiver = Receiver(status=status, headers={"Location": "/elsewhere"})

    assert posted(receiver, tmp_path) == Later("endpoint_redirects", str(status))
    assert [path for path, _, _ in receiver.came] == ["/hook"]


def test_of_an_answer_without_an_end_nothing_is_read(tmp_path):
    receiver = Receiver(
        raw=b"HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n" + b"x" * 9999
    )

    assert posted(receiver, tmp_path) == Sent("200")


def test_an_endpoint_that_is_slow_is_waited_for_no_longer_than_allowed(tmp_path):
    assert posted(Receiver(sleeps_s=3), tmp_path, timeout_s=1) == Unknown("endpoint_silent")


def test_a_certificate_of_another_authority_is_told_nothing(tmp_path):
    receiver = Receiver()

    assert posted(receiver, tmp_path, trusts=False) == Later("endpoint_unreachable")
    assert receiver.came == []


def test_a_certificate_for_another_name_is_told_nothing(tmp_path):
    receiver = Receiver()

    async def run():
        async with https_server(receiver, tmp_path, name="other.example") as port:
            endpoint = Endpoint(url=f"https://hooks.example:{port}/", keys=(KEY,))
            poster = Poster(LOOPBACK, resolver=Names(["127.0.0.1"]), ca_file=tmp_path / "ca.pem")
            return await poster.send(b"{}", message_id="d-1", at=AT, endpoint=endpoint)

    assert asyncio.run(run()) == Later("endpoint_unreachable")
    assert receiver.came == []


def test_without_permission_loopback_is_not_connected_to(tmp_path):
    receiver = Receiver()

    assert posted(receiver, tmp_path, egress=Egress()) == Later("address_not_allowed")
    assert receiver.came == []


def test_a_name_that_leads_elsewhere_the_second_time_is_looked_at_each_time(tmp_path):
    receiver, names = Receiver(), Names(["127.0.0.1"], ["127.0.0.2"])

    async def run():
        async with https_server(receiver, tmp_path) as port:
            endpoint = Endpoint(url=f"https://hooks.example:{port}/", keys=(KEY,))
            poster = Poster(LOOPBACK, resolver=names, ca_file=tmp_path / "ca.pem")
            return [
                await poster.send(b"{}", message_id="d-1", at=AT, endpoint=endpoint)
                for _ in range(2)
            ]

    assert asyncio.run(run()) == [Sent("200"), Later("address_not_allowed")]
    # Once for each attempt: what was looked at is what was connected to.
    assert names.asked == ["hooks.example", "hooks.example"]


def test_of_several_addresses_only_one_that_is_permitted_is_connected_to(tmp_path):
    receiver = Receiver()
    names = Names(["10.0.0.1", "169.254.169.254", "127.0.0.1"])

    assert posted(receiver, tmp_path, names=names) == Sent("200")
    assert len(receiver.came) == 1


def test_there_are_300_addresses_and_more():
    assert len({*RESOLVED, *WRITTEN}) >= 300


@pytest.mark.parametrize("address", RESOLVED)
def test_an_inner_address_is_not_permitted(address):
    assert not Egress().permits(address)


def test_a_name_that_leads_to_an_inner_address_is_not_connected_to():
    async def run():
        endpoint = Endpoint(url="https://hooks.example/", keys=(KEY,), timeout_s=5)
        poster = Poster(Egress(), resolver=Names(*([each] for each in RESOLVED)))
        return [
            (each, await poster.send(b"{}", message_id="d-1", at=AT, endpoint=endpoint))
            for each in RESOLVED
        ]

    found = asyncio.run(run())

    assert [each for each in found if each[1] != Later("address_not_allowed")] == []


@pytest.mark.parametrize("host", WRITTEN)
def test_an_address_in_an_unusual_form_is_no_endpoint(host):
    with pytest.raises(EndpointRefused):
        Endpoint(url=f"https://{host}/", keys=(KEY,))


LONGEST = "a" * 63


@pytest.mark.parametrize("host", ["a..b", ".a", "a..", ".", f"{LONGEST}a.example"])
def test_a_host_that_no_resolver_can_be_asked_for_is_no_endpoint(host):
    with pytest.raises(EndpointRefused):
        Endpoint(url=f"https://{host}/x", keys=(KEY,))


@pytest.mark.parametrize(
    "host", ["a.b", "a.b.", "a", f"{LONGEST}.example", "xn--bcher-kva.example"]
)
def test_a_host_that_a_resolver_can_be_asked_for_may_be_an_endpoint(host):
    assert Endpoint(url=f"https://{host}/x", keys=(KEY,)).url == f"https://{host}/x"


class Unasked(Names):
    """A resolver that can put no question."""

    async def resolve(self, host, port=0, family=0):
        raise UnicodeError("label empty or too long")


def test_a_host_that_cannot_be_asked_for_is_not_reached(tmp_path):
    found = posted(Receiver(), tmp_path, names=Unasked([]))

    assert found == Later("endpoint_unreachable")


@pytest.mark.parametrize("host", [*INNER, "[::1]", "[fd00:ec2::254]", "[::ffff:127.0.0.1]"])
def test_an_inner_address_in_its_usual_form_is_not_connected_to(host):
    endpoint = Endpoint(url=f"https://{host}/", keys=(KEY,), timeout_s=5)
    poster = Poster(Egress(), resolver=Names(["127.0.0.1"]))

    found = asyncio.run(poster.send(b"{}", message_id="d-1", at=AT, endpoint=endpoint))

    assert found == Later("address_not_allowed")


@pytest.mark.parametrize("address", OUTER)
def test_an_address_of_the_world_is_permitted(address):
    assert Egress().permits(address)


@pytest.mark.parametrize("address", ["", "hooks.example", "127.1", "0x7f000001", "fe80::1%eth0"])
def test_what_is_no_address_is_not_permitted(address):
    assert not Egress().permits(address)


def test_what_an_operator_opened_is_permitted_and_nothing_beside_it():
    egress = Egress(opened=(ip_network("10.1.0.0/16"), ip_network("fd00::/64")))

    assert (
        egress.permits("10.1.0.0") and egress.permits("10.1.255.255") and egress.permits("fd00::1")
    )
    assert not egress.permits("10.0.255.255") and not egress.permits("10.2.0.0")
    assert not egress.permits("fd00:0:0:1::1") and not egress.permits("::ffff:10.1.0.1")


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example/",
        "ftp://hooks.example/",
        "file:///etc/passwd",
        "gopher://hooks.example/",
        "hooks.example",
        "//hooks.example/",
        "https://",
        "https:///path",
        "https://user@hooks.example/",
        "https://user:password@hooks.example/",
        "https://hooks.example@127.0.0.1/",
        "https://127.0.0.1#@hooks.example/",
        "https://hooks.example/#fragment",
        "https://hooks.example\\@127.0.0.1/",
        "https://hooks.example/ x",
        "https://hooks.example/\r\nHost: x",
        "https://hooks.example/\t",
        "https://\uff11\uff12\uff17.0.0.1/",
        "https://127\u30020.0.1/",
        "https://h\u00f6oks.example/",
        "https://hooks.example:99999/",
        "https://[::1/",
        "https://[::1]x/",
        "HTTPS://hooks.example/",
        "https://hooks.example/" + "x" * 2000,
        "",
    ],
)
def test_a_url_that_two_readers_might_read_in_two_ways_is_no_endpoint(url):
    with pytest.raises(EndpointRefused):
        Endpoint(url=url, keys=(KEY,))


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example",
        "https://hooks.example:8443/a/b?c=d&e=%20",
        "https://xn--hks-tna.example/",
        "https://8.8.8.8/",
        "https://[2600::1]/",
        "https://7.hooks.example/~a_b",
    ],
)
def test_a_plain_url_is_an_endpoint(url):
    assert Endpoint(url=url, keys=(KEY,)).url == url


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        ("0", timedelta(0)),
        ("86400", timedelta(days=1)),
        ("86401", timedelta(days=1)),
        ("9" * 5000, timedelta(days=1)),
        ("-1", None),
        ("1.5", None),
        ("\u0661", None),
        ("soon", None),
        ("Sun, 22 Nov 2026 09:01:00 GMT", timedelta(minutes=1)),
        ("Sun, 22 Nov 2026 08:59:00 GMT", timedelta(0)),
        ("Sun, 29 Nov 2026 09:00:00 GMT", timedelta(days=1)),
        (None, None),
    ],
)
def test_an_endpoint_may_ask_for_a_wait_of_a_day_at_the_most(said, wait):
    assert judge(429, said, at=AT) == Later("endpoint_refuses", "429", wait)
    assert judge(503, said, at=AT) == Later("endpoint_refuses", "503", wait)
    assert judge(500, said, at=AT) == Later("endpoint_refuses", "500", None)
