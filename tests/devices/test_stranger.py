"""The stranger: tries everything, and is enrolled nowhere."""

import pytest
from pydantic import ValidationError

from sim.core.asking import RequestAction
from sim.core.device import Booted, PublishRaw, Request
from sim.devices.stranger import Publish, Stranger
from tests.senses import FakeSenses, acted, moment


def new() -> Stranger:
    """Return a stranger."""
    return Stranger.new("mallory", Stranger.Config(), {})


def test_stranger_is_not_trusted() -> None:
    """A household enrols no key of a stranger."""
    assert not Stranger.trusted


def test_stranger_asks_like_anybody() -> None:
    """What a stranger asks goes on the link; refusing it is the rules' business."""
    _, effects = new().step(moment(FakeSenses()), acted(RequestAction(car="su7", name="steer"), by=None))

    assert effects == (Request("t1", "su7", "steer"),)


def test_stranger_publishes_any_text_anywhere() -> None:
    """Forged messages are bytes on a topic, retained or not."""
    act = Publish(topic="carhome/wang/su7/state/doors", text="é", retain=True)

    _, effects = new().step(moment(FakeSenses()), acted(act))

    assert effects == (PublishRaw("t1", "carhome/wang/su7/state/doors", "é".encode(), retain=True),)


@pytest.mark.parametrize("topic", ["carhome/#", "carhome/+/su7/online", "#", "+", "a+b", "a#", ""])
def test_stranger_publishes_on_topics_only_and_not_on_filters(topic: str) -> None:
    """A wildcard is for subscribing: a broker closes the connection of whoever publishes on one."""
    with pytest.raises(ValidationError, match="topic"):
        Publish(topic=topic)


def test_stranger_ignores_what_does_not_concern_it() -> None:
    """A start changes nothing."""
    assert new().step(moment(FakeSenses()), Booted()) == (new(), ())
