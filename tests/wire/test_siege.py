"""The siege notices what it must: a message that gets through, and a device that is cut off."""

import pytest

from tests.wire.homes import SOUNDER
from tests.wire.private import private_broker
from tests.wire.raw import DELIVERED, SUCCESS, Hello, Wire
from tests.wire.siege import besieged_plan, under, undisturbed, withstands

pytestmark = [pytest.mark.network, pytest.mark.mosquitto]


def assert_taken(wire: Wire, topic: str) -> None:
    """Publish, and see that the broker takes it."""
    assert wire.publish(topic, b"{}") in DELIVERED


def assert_let_in(wire: Wire, hello: Hello) -> None:
    """Connect, and see that the broker allows it."""
    welcome = wire.connect(hello)
    assert welcome is not None
    assert welcome.code == SUCCESS


def test_story_without_an_attack_goes_as_in_memory() -> None:
    """Over a real broker the story has the records that it has in memory."""
    with private_broker(besieged_plan()) as broker:
        withstands(broker, lambda: None)


def test_message_that_gets_through_is_noticed() -> None:
    """A forged command that the broker passes on ends the story with an error that names it."""
    with private_broker(besieged_plan()) as broker, broker.wire(SOUNDER) as sounder:
        result = under(broker, lambda: assert_taken(sounder, "carhome/wang/su7/cmd/phone/unlock"))

        assert result.verdict == "error"
        assert "carhome/wang/su7/cmd/phone/unlock" in result.note
        assert result.records != undisturbed().records


def test_device_that_is_pushed_off_the_broker_is_noticed() -> None:
    """A stolen account that takes the place of the phone ends the story with an error that names it."""
    with private_broker(besieged_plan()) as broker, broker.dial() as thief:
        result = under(broker, lambda: assert_let_in(thief, broker.hello("phone")))

        assert result.verdict == "error"
        assert "phone" in result.note
