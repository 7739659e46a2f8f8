"""Somebody in the line: what is overheard on a stage, and what may be said on the connection of others."""

from dataclasses import replace
from typing import Any

from sim.core.device import Act, Acted, Overheard, PublishRaw
from tests.stages import HOME, KINDS, Asker, Press, Theatre


class Forward(Act):
    """Put bytes on somebody else's connection."""

    topic: str
    through: str


class Listener(Asker):
    """Somebody who sits in the line: hears what others send, and sends on their connections."""

    kind = "listener"
    trusted = False
    overhears = True
    acts = (Press, Forward)

    def step(self, at: Any, stimulus: Any) -> Any:
        """Note who sent what; forward."""
        match stimulus:
            case Overheard(device=device, topic=topic):
                return replace(self, heard=(*self.heard, f"{device} {topic}")), ()
            case Acted(act=Forward(topic=topic, through=through), ticket=ticket):
                return self, (PublishRaw(ticket, topic, b"forged", through=through),)
            case _:
                return super().step(at, stimulus)


LISTENERS = HOME.replace(
    "  mallory: {kind: stranger}", "  mallory: {kind: listener}\n  eve: {kind: listener}"
)


def line(**options: Any) -> Theatre:
    """Return a stage with two who listen in."""
    return Theatre(LISTENERS, kinds={**KINDS, "listener": Listener}, **options)


def overheard(theatre: Theatre, listener: str = "mallory") -> list[str]:
    """Return what somebody has heard that others sent."""
    device = theatre.node(listener).device
    assert isinstance(device, Listener)
    return list(device.heard)


COMMAND = "carhome/home/lamp/cmd/button/do"


def test_listener_overhears_what_others_send_and_not_itself() -> None:
    """Before it arrives, with who sent it; two listeners hear each other."""
    theatre = line()
    before = len(overheard(theatre))

    theatre.press("tell")
    theatre.use("mallory", Press(lamp="lamp"))

    new = overheard(theatre)[before:]
    assert new[0] == f"button {COMMAND}"
    assert "lamp carhome/home/lamp/event/told" in new
    assert not any(one.startswith("mallory ") for one in new)
    assert "mallory carhome/home/lamp/cmd/mallory/do" in overheard(theatre, "eve")


def test_listener_overhears_nothing_while_it_is_down() -> None:
    """And nothing later of what it missed."""
    theatre = line()
    theatre.stage.crash("mallory", None, 1_000)

    theatre.press("tell")
    assert not any("/cmd/" in one for one in overheard(theatre))
    theatre.advance(1_000)

    assert not any("/cmd/" in one for one in overheard(theatre))
    assert any("/cmd/" in one for one in overheard(theatre, "eve"))


def test_listener_overhears_nothing_that_the_broker_refused() -> None:
    """What was not allowed never passed by."""
    theatre = line()

    theatre.use("mallory", Forward(topic="carhome/home/lamp/online", through="mallory"))

    assert theatre.records("refused", device="mallory")
    assert not any(one.startswith("mallory carhome/home/lamp/online") for one in overheard(theatre, "eve"))


def test_message_on_anothers_connection_is_anothers_to_the_broker() -> None:
    """It travels with that account's permissions, and is refused by the signature instead."""
    theatre = line()

    theatre.use("mallory", Forward(topic=COMMAND, through="button"))

    (message,) = [record for record in theatre.published("/cmd/") if record["topic"] == COMMAND]
    assert message["device"] == "button"
    (record,) = theatre.records("decision")
    assert (record["sender"], record["decision"]["code"]) == ("button", "DECODING")
    assert theatre.lamp().did == ()


def test_message_on_anothers_connection_gains_no_permissions_of_its_own() -> None:
    """What the button may not write, nobody can write through it; only the button is told."""
    theatre = line()

    ticket = theatre.use("mallory", Forward(topic="carhome/home/lamp/online", through="button"))

    assert [record["device"] for record in theatre.records("refused")] == ["button"]
    assert theatre.status(ticket) == "started"
    assert theatre.heard() == ()


class Tap(Listener):
    """A device that subscribes to everything."""

    kind = "tap"
    overhears = False
    eavesdrops = True


def tapped(*, permissions: bool) -> Theatre:
    """Return a stage with a tap, beside a broker with or without permissions."""
    household = HOME.replace("kind: stranger", "kind: tap")
    return Theatre(household, kinds={**KINDS, "tap": Tap}, permissions=permissions)


def test_tap_is_given_what_it_may_read_only() -> None:
    """With permissions that is nothing but the answers to itself."""
    theatre = tapped(permissions=True)

    theatre.press("tell")
    theatre.use("mallory", Press(lamp="lamp"))

    assert overheard(theatre) == ["denied"]


def test_tap_reads_everything_of_a_broker_without_permissions() -> None:
    """Each message with who really sent it, and what answers its own commands as ever."""
    theatre = tapped(permissions=False)

    theatre.press("tell")
    theatre.use("mallory", Press(lamp="lamp"))

    heard = overheard(theatre)
    assert f"button {COMMAND}" in heard
    assert any(one.startswith("lamp carhome/home/lamp/reply/button/") for one in heard)
    assert "lamp carhome/home/lamp/event/told" in heard
    assert "mallory carhome/home/lamp/cmd/mallory/do" in heard
    assert "denied" in heard
