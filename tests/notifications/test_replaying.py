"""Events are posted again to a real server: in order, under their ids, to where it is now."""

import asyncio
from datetime import UTC, datetime
from ipaddress import ip_network

import pytest

from schemas.deliveries import DeliveryIntended
from services.notifications.channels.secret import Secret, SecretMissing
from services.notifications.channels.webhook.egress import Egress
from services.notifications.channels.webhook.endpoints import EndpointRefused
from services.notifications.channels.webhook.sending import Poster
from services.notifications.posting.keys import keys_in
from services.notifications.posting.replaying import post_again
from tests.notifications.test_announcing import endpoint
from tests.support.hooks import Shop

KEY = b"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OLD = b"whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
AT = datetime(2026, 2, 1, 9, tzinfo=UTC)
HERE = Egress(opened=(ip_network("127.0.0.1/32"),))


def intended(number):
    return DeliveryIntended(
        contract_id="C1",
        delivery_id=f"d-{number}",
        channel="webhook",
        event={"endpoint_id": "shop", "sequence": number, "type": "InvoiceIssued"},
        posting={
            "url": "https://gone.example/",
            "secret_ref": "file:gone",
            "body": f'{{"type":"InvoiceIssued","sequence":{number}}}',
            "lane": 0,
        },
    )


async def several(*numbers):
    for number in numbers:
        yield intended(number)


def replay(shop, folder, *numbers, **more):
    (folder / "shop").write_bytes(KEY)
    return asyncio.run(
        post_again(
            several(*numbers),
            endpoint(**{"url": shop.url} | more),
            poster=Poster(HERE, ca_file=shop.ca_file),
            keys=keys_in(folder, {}),
            now=lambda: AT,
        )
    )


def test_all_are_posted_in_order_to_where_the_endpoint_is_now(tmp_path):
    with Shop(tmp_path) as shop:
        done = replay(shop, tmp_path, 1, 2, 3)

    assert (done.taken, done.refused, done.reason) == (3, None, None)
    assert shop.ids() == ["d-1", "d-2", "d-3"]


def test_the_first_that_is_not_taken_ends_it_so_that_none_is_overtaken(tmp_path):
    with Shop(tmp_path, 200, 500) as shop:
        done = replay(shop, tmp_path, 1, 2, 3)

    assert (done.taken, done.refused.sequence, done.reason) == (1, 2, "endpoint_refuses")
    assert shop.ids() == ["d-1", "d-2"]


def test_without_a_key_nothing_is_posted(tmp_path):
    with Shop(tmp_path) as shop:
        done = replay(shop, tmp_path, 1, secret_ref="file:other")

    assert (done.taken, done.reason, shop.came) == (0, "endpoint_without_key", [])


def test_a_url_that_leads_nowhere_is_said_to_whoever_asks(tmp_path):
    with Shop(tmp_path) as shop, pytest.raises(EndpointRefused):
        replay(shop, tmp_path, 1, url="https://127.1/")


def test_a_file_may_hold_two_keys_while_one_is_replaced(tmp_path):
    (tmp_path / "shop").write_bytes(KEY + b"\n" + OLD + b"\n")

    found = keys_in(tmp_path, {})("file:shop")

    assert [each.reveal() for each in found] == [KEY, OLD]


def test_of_the_environment_only_what_is_called_a_key_is_one(tmp_path):
    keys = keys_in(tmp_path, {"WEBHOOK_KEY_SHOP": KEY.decode(), "DUESTREAM_SMTP_PASSWORD": "x"})

    assert [each.reveal() for each in keys("env:WEBHOOK_KEY_SHOP")] == [KEY]
    for other in ("env:DUESTREAM_SMTP_PASSWORD", "env:WEBHOOK_KEY_OTHER", "file:shop"):
        with pytest.raises(SecretMissing):
            keys(other)
    assert isinstance(keys("env:WEBHOOK_KEY_SHOP")[0], Secret)
