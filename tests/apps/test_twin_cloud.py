"""What a cloud can do to the twins of a household, and clocks that are wrong."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Self

from sim.apps.twins.intents import Intent, sealed
from sim.apps.twins.messages import Outcome
from sim.core.device import (
    Answer,
    Learned,
    Moment,
)
from sim.services.cloud import Cloud
from sim.trust.envelope import seal
from tests.apps.twins import EVERYBODY, House, Reply, home, identity, status
from tests.apps.twins import Order as SentOrder

# --- what a cloud can do -----------------------------------------------------------------------------------


def test_a_cloud_that_finds_everything_too_old_is_seldom_asked() -> None:
    """However much it has to tell of others: an hour costs a few questions, and none in the same instant."""
    house = home("cloud", "phone")
    asked: list[int] = []

    def too_old(order: SentOrder) -> None:
        asked.append(house.now_ms)
        assert len(asked) < 100, "a storm"
        house.post.append(Reply("cloud", order.sender, order.ticket, Answer("expired", "it came too late")))

    house._obey = too_old  # type: ignore[method-assign]
    house.wish("phone", "lin", language="zh")
    for _ in range(3_600):
        house.settle_now()
        house._step("phone", Learned("cloud"))
        house.settle_now()
        house.wait(1_000)
    assert 10 <= len(asked) < 30


def _answer_of_the_cloud(house: House, **data: Any) -> None:
    """Let the next answer to the television be another one."""
    at = next(
        position
        for position, letter in enumerate(house.post)
        if isinstance(letter, Reply) and letter.to == "tv" and "desired" in letter.answer.data
    )
    letter = house.post[at]
    assert isinstance(letter, Reply)
    house.post[at] = replace(letter, answer=replace(letter.answer, data={**letter.answer.data, **data}))


def _asked_once() -> House:
    """Return a house in which the television has asked, and was answered, and has not heard it yet."""
    house = home()
    house.wish("phone", "lin", device="tv", volume_percent=55.0)
    while not any(isinstance(one, Reply) and one.to == "tv" for one in house.post):
        house.deliver()
    return house


def test_a_cloud_that_makes_up_intents_is_not_believed() -> None:
    """Without the signature of the phone no wish is Lin's."""
    house = _asked_once()
    forged = Intent(
        id="phone-wish-9",
        device="phone",
        person="lin",
        scope="tv",
        setting="volume_percent",
        value=100.0,
        ms=house.now_ms,
        count=0,
    )
    _answer_of_the_cloud(
        house, desired=[sealed(identity("cloud"), forged), {}, seal(identity("phone"), "intent", b"")]
    )

    house.settle()

    assert 100.0 not in [command.value for command in house.applied["tv"]]


def test_a_wish_for_another_device_is_not_carried_out_here() -> None:
    """A cloud cannot turn a wish for the speaker into one for the television."""
    house = _asked_once()
    meant = Intent(
        id="phone-wish-9",
        device="phone",
        person="lin",
        scope="speaker",
        setting="volume_percent",
        value=100.0,
        ms=house.now_ms,
        count=0,
    )
    _answer_of_the_cloud(house, desired=[sealed(identity("phone"), meant)])

    house.settle()

    assert 100.0 not in [command.value for command in house.applied["tv"]]


def test_an_answer_that_is_none_is_asked_for_again() -> None:
    """A device does not guess what the cloud meant."""
    house = _asked_once()
    _answer_of_the_cloud(house, version="many")

    house.settle()

    assert house.twin("tv").values["volume_percent"] == 55.0


def test_an_answer_that_leaves_wishes_out_is_asked_for_again() -> None:
    """What the cloud does not speak of, it does not have."""
    house = home()
    ticket = house.wish("phone", "lin", device="tv", volume_percent=55.0)
    while not any(isinstance(one, Reply) and one.to == "phone" for one in house.post):
        house.deliver()
    reply = house.post.pop()
    assert isinstance(reply, Reply)
    house.post.append(
        replace(reply, answer=replace(reply.answer, data={**reply.answer.data, "outcomes": {}}))
    )

    house.settle()

    assert status(house, ticket) == ("done", "")


def test_a_cloud_that_lost_its_memory_is_told_again() -> None:
    """It answers whoever knows more than it does with everything it has."""
    house = home()
    house.wish("phone", "lin", device="tv", volume_percent=55.0)
    house.settle()
    cloud = house.cloud
    house.crash("cloud")
    house.devices["cloud"] = replace(cloud, twins={}, everywhere={})
    house.now_ms += 1_000
    house.heal_everything()
    house.wish("mei_phone", "mei", device="tv", volume_percent=10.0)
    house.settle()

    assert house.twin("tv").values["volume_percent"] == 10.0
    assert house.twin("tv").version == house.cloud.twins["tv"].version


# --- clocks ------------------------------------------------------------------------------------------------


def test_a_clock_that_is_ahead_does_not_win_for_ever() -> None:
    """Lin's phone is an hour ahead; what Mei wishes later holds."""
    house = home()
    house.ahead_ms = {"phone": 3_600_000}
    lins = house.wish("phone", "lin", device="tv", volume_percent=90.0)
    house.settle()
    house.now_ms += 5_000
    house.wish("mei_phone", "mei", device="tv", volume_percent=10.0)
    house.settle()

    assert status(house, lins) == ("done", "")
    assert house.twin("phone").ahead_ms == 3_600_000
    assert [command.value for command in house.applied["tv"]] == [90.0, 10.0]


def test_a_clock_that_is_behind_does_not_lose_for_ever() -> None:
    """It learns what time it is before it hands on what was wished."""
    house = House(EVERYBODY, ahead_ms={"phone": -7_200_000})
    house.settle()
    house.wish("mei_phone", "mei", device="tv", volume_percent=10.0)
    house.settle()
    house.now_ms += 5_000
    house.wish("phone", "lin", device="tv", volume_percent=90.0)
    house.settle()

    assert house.twin("tv").values["volume_percent"] == 90.0


def test_a_wish_of_a_wrong_clock_holds_here_and_yields_to_a_newer_one() -> None:
    """What a device wished for itself by a wrong clock is stamped anew as well."""
    house = home()
    house.ahead_ms = {"tv": 3_600_000}
    house.cut_off("tv")
    house.wish("tv", "lin", device="tv", volume_percent=90.0)
    house.now_ms += 10_000
    house.wish("phone", "lin", device="tv", volume_percent=10.0)
    house.settle()
    house.heal_everything()

    assert [command.value for command in house.applied["tv"]] == [90.0, 10.0]


def test_a_device_looks_at_the_time_again_when_the_cloud_does_not_believe_it() -> None:
    """The clock of the cloud is put back: the phone learns of it by being refused, and goes on by it."""
    house = home()
    house.ahead_ms = {"cloud": -3_600_000}
    ticket = house.wish("phone", "lin", device="tv", volume_percent=90.0)
    house.settle()

    assert status(house, ticket) == ("done", "")
    assert house.twin("phone").ahead_ms == 3_600_000


class BelievesNobody(Cloud):
    """A cloud that calls every stamp one of the future."""

    def _with(self, at: Moment, intent: Intent, envelope: Mapping[str, Any]) -> tuple[Self, Outcome]:
        assert intent.ms <= at.now_ms, "it is not of the future"
        assert envelope
        return self, Outcome(became="ahead")


def test_a_cloud_that_believes_nobody_is_not_asked_without_end() -> None:
    """After the second time a device waits before it asks again."""
    house = House(EVERYBODY, cloud_kind=BelievesNobody)
    house.settle_now()
    asked = house.twin("phone").asked
    house.wish("phone", "lin", device="tv", volume_percent=90.0)
    house.settle_now()

    assert house.twin("phone").asked - asked < 8
    assert len(house.twin("phone").drafts) == 1
