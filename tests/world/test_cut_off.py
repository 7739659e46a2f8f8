"""A device that is cut off knows it, vouches for nobody, and draws its screen for whoever watches the run."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

from sim.core.device import Draw, Effect, Linked, Moment, Stimulus
from sim.world.network.faults import CUT_OFF_AFTER_MS
from tests.stages import HOME, KINDS, Asker, Theatre

WATCHED = HOME.replace("devices:", "devices:\n  slate: {kind: slate}")


@dataclass(frozen=True)
class Slate(Asker):
    """Remembers whether it has its connection, and draws that."""

    kind: ClassVar[str] = "slate"
    reads: ClassVar = ("lamp",)

    links: tuple[bool, ...] = ()

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Note what is heard of the connection."""
        match stimulus:
            case Linked(up=up):
                return replace(self, links=(*self.links, up)), (Draw(),)
            case _:
                return super().step(at, stimulus)

    def drawn(self, at: Moment) -> Mapping[str, Any]:
        """Draw who is there."""
        return {"slate": {"links": list(self.links), "lamp": at.beliefs.is_online("lamp")}}


def theatre() -> Theatre:
    """Return a stage with a slate on it."""
    return Theatre(WATCHED, kinds={**KINDS, "slate": Slate})


def links(stage: Theatre) -> tuple[bool, ...]:
    """Return what the slate has heard of its connection."""
    slate = stage.node("slate").device
    assert isinstance(slate, Slate)
    return slate.links


def test_a_device_notices_that_it_is_cut_off_when_the_broker_gives_it_up() -> None:
    """Not before, for nobody knew; and again when it is back, when it believes what it hears anew."""
    stage = theatre()
    assert stage.node("slate").beliefs.is_online("lamp")

    stage.stage.partition("slate", CUT_OFF_AFTER_MS + 10_000)
    stage.advance(CUT_OFF_AFTER_MS - 1)
    assert links(stage) == ()
    stage.advance(1)
    assert links(stage) == (False,)
    assert not stage.node("slate").beliefs.is_online("lamp")

    stage.advance(10_000)
    assert links(stage) == (False, True)
    assert stage.node("slate").beliefs.is_online("lamp")


def test_a_short_cut_is_not_noticed() -> None:
    """What was sent meanwhile comes late, and that is all."""
    stage = theatre()

    stage.stage.partition("slate", CUT_OFF_AFTER_MS - 1)
    stage.advance(CUT_OFF_AFTER_MS + 10_000)

    assert links(stage) == ()


def test_a_device_without_power_notices_nothing() -> None:
    """It starts anew when it has power again."""
    stage = theatre()

    stage.stage.partition("slate", None)
    stage.stage.crash("slate", None, None)
    stage.advance(CUT_OFF_AFTER_MS + 10_000)

    assert links(stage) == ()


def test_what_is_drawn_is_recorded_and_sent_to_nobody() -> None:
    """With the beliefs of that moment."""
    stage = theatre()
    before = len(stage.records("message"))

    stage.stage.partition("slate", None)
    stage.advance(CUT_OFF_AFTER_MS)

    (record,) = stage.records("screen")
    assert record["device"] == "slate"
    assert record["displays"] == {"slate": {"links": [False], "lamp": False}}
    assert [one["device"] for one in stage.records("message")[before:]] == []


def test_a_device_without_a_screen_draws_nothing() -> None:
    """Most have none."""
    stage = theatre()

    assert stage.node("lamp").device.drawn(stage.node("lamp")._moment()) == {}
