"""The envelope sender of a delivery: only what we wrote is ours."""

import pytest

from services.notifications.channels.mail.mailboxes import mailbox
from services.notifications.channels.mail.return_path import ReturnPath
from services.notifications.channels.secret import Secret
from tests.notifications.channels.mails import DELIVERY

PATH = ReturnPath(local="bounce", domain="nordlicht.example", keys=(Secret(b"k1"),))


def test_a_delivery_comes_back_to_an_address_of_its_own():
    address = PATH.of(DELIVERY)

    assert address.startswith("bounce+6f1c0a527d8e5b439a610c2f4e8d7b19")
    assert address.endswith("@nordlicht.example")
    assert mailbox(address).address == address
    assert PATH.delivery(address) == DELIVERY
    assert PATH.delivery(f" {address.upper()} ") == DELIVERY


@pytest.mark.parametrize(
    "change",
    [
        lambda address: address.replace("6f1c", "6f1d"),
        lambda address: address.replace("@nordlicht.example", "@nordlicht.example.evil.example"),
        lambda address: address.replace("bounce+", "other+"),
        lambda address: address.replace("bounce+", "bounce"),
        lambda address: address.replace("@", "0@"),
        lambda address: address[:20] + "@nordlicht.example",
        lambda address: "bounce+6f1c0a527d8e5b439a610c2f4e8d7b19@nordlicht.example",
        lambda address: "bounce@nordlicht.example",
        lambda address: "",
        lambda address: "bounce+ä@nordlicht.example",
    ],
)
def test_an_address_that_was_changed_or_guessed_is_not_ours(change):
    assert PATH.delivery(change(PATH.of(DELIVERY))) is None


def test_a_key_that_was_replaced_still_reads_what_is_under_way():
    renewed = ReturnPath(
        local="bounce", domain="nordlicht.example", keys=(Secret(b"k2"), Secret(b"k1"))
    )
    without = ReturnPath(local="bounce", domain="nordlicht.example", keys=(Secret(b"k2"),))

    assert renewed.of(DELIVERY) != PATH.of(DELIVERY)
    assert renewed.delivery(PATH.of(DELIVERY)) == DELIVERY
    assert without.delivery(PATH.of(DELIVERY)) is None


@pytest.mark.parametrize("delivery_id", ["d-1", "", DELIVERY.upper(), DELIVERY + "0", "a b"])
def test_a_delivery_without_a_uuid_has_no_address(delivery_id):
    with pytest.raises(ValueError, match="is a UUID"):
        PATH.of(delivery_id)
