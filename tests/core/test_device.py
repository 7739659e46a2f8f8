"""The protocol of devices: names come from classes, and defaults are the careful ones."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, Self

import pytest
from pydantic import ValidationError

from sim.core.beliefs import Beliefs
from sim.core.device import (
    FINAL,
    Act,
    Answer,
    Arguments,
    Asked,
    Circumstances,
    Command,
    Device,
    Effect,
    Facet,
    Moment,
    PersonOrNobody,
    Physical,
    Presence,
    Provision,
    Refers,
    Request,
    ShowCode,
    Status,
    Stimulus,
    reference_of,
)
from sim.core.dues import Due
from sim.core.roads import ChargingPoint
from sim.core.surroundings import Aboard, RoadAhead, View
from sim.core.units import WRITTEN_BY_A_PERSON, Celsius


class OpenAllWindows(Command, group="NearAccess", near=True, ttl_ms=5_000):
    """A command with everything."""

    target_c: Celsius = 20.0
    why: str | None = None


class Stay(Command, group=("A", "B"), tier="anytime"):
    """A command in two groups."""


class ViewFromAbove(Act):
    """An act named after its class."""

    camera: Annotated[str, Refers("device", "camera")]
    until_c: Celsius = 0.0
    person: PersonOrNobody = None


class Look(Act, verb="glance"):
    """An act with a verb of its own."""


class DoorState(Facet, when_offline="last"):
    """A facet."""

    locked: bool


@dataclass(frozen=True)
class Stone(Device):
    """A device that leaves everything to its base."""

    kind = "stone"

    @classmethod
    def new(cls, name: str, config: Any, given: Mapping[str, Any]) -> Self:  # noqa: ARG003  # the protocol
        """Return it."""
        return cls(name)

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:  # noqa: ARG002  # the protocol
        """Do nothing."""
        return self, ()


@dataclass
class Blind:
    """Sensors that only know who is there."""

    who: str | None = "lin"
    facts: dict[str, Any] = field(default_factory=dict)

    def own(self, field: str) -> Any:
        """Return a fact."""
        return self.facts.get(field)

    def distance_m(self, other: str) -> float | None:
        """Return nothing: `other` is out of reach."""
        return self.facts.get(other)

    def ranged_m(self, session: bytes) -> tuple[float | None, ...]:
        """Return three rounds that nobody answers."""
        return (self.facts.get(session.hex()),) * 3

    def code(self, other: str) -> object | None:
        """Return nothing: no screen is in sight."""
        return self.facts.get(other)

    def room_c(self) -> float | None:
        """Return nothing."""
        return None

    def room_pm25_ug_per_m3(self) -> float | None:
        """Return nothing."""
        return None

    def load_w(self) -> float:
        """Return nothing."""
        return 0.0

    def closed_roads(self) -> tuple[str, ...]:
        """No road."""
        return ()

    def slow_roads_kmh(self) -> Mapping[str, float]:
        """No road."""
        return {}

    def road_ahead(self) -> RoadAhead:
        """Return nothing: it is no car."""
        return RoadAhead()

    def charging_point(self) -> ChargingPoint | None:
        """Return nothing: no cable is plugged in."""
        return None

    def dues(self) -> tuple[Due, ...]:
        """Return nothing: nobody demands anything."""
        return ()

    def location(self) -> tuple[float, float]:
        """Return the origin."""
        return (0.0, 0.0)

    def outdoor_c(self) -> float:
        """Return a temperature."""
        return 10.0

    def view(self) -> View | None:
        """Return nothing."""
        return None

    def person(self) -> str | None:
        """Return who is there."""
        return self.who

    def dock_driver(self) -> str | None:
        """Nobody."""
        return None

    def aboard(self) -> Aboard:
        """In no car."""
        return Aboard()

    def at_wheel(self) -> bool:
        """Nobody drives."""
        return False

    def local_time(self) -> str:
        """Return a time."""
        return "2026-01-12 17:40:00"


def test_command_is_called_like_its_class_in_snake_case() -> None:
    """Class arguments become what the rules are told."""
    assert OpenAllWindows.action == "open_all_windows"
    assert (OpenAllWindows.groups, OpenAllWindows.near, OpenAllWindows.ttl_ms) == (
        ("NearAccess",),
        True,
        5_000,
    )


def test_command_is_for_parked_cars_unless_it_says_otherwise() -> None:
    """The careful tier is the default."""
    assert OpenAllWindows.tier == "parked"
    assert (Stay.tier, Stay.groups, Stay.near) == ("anytime", ("A", "B"), False)


def test_act_is_called_like_its_class_or_its_verb() -> None:
    """A verb that is given wins."""
    assert (ViewFromAbove.verb, Look.verb) == ("view_from_above", "glance")


def test_facet_is_called_like_its_class_and_strict() -> None:
    """What a device reports is exactly what its facet says."""
    assert (DoorState.facet, DoorState.when_offline) == ("door_state", "last")
    with pytest.raises(ValidationError):
        DoorState.model_validate({"locked": 1})


def test_argument_is_written_without_its_unit_and_refers_to_what_it_names() -> None:
    """A scenario says `until: 20 °C` and may name a person or `none`."""
    written = {"camera": "cam", "until": "20 °C", "person": "none"}

    act = ViewFromAbove.model_validate(written, context=WRITTEN_BY_A_PERSON)

    assert act == ViewFromAbove(camera="cam", until_c=20.0, person=None)
    assert ViewFromAbove(camera="cam", person="lin").person == "lin"


@pytest.mark.parametrize(
    ("argument", "refers"),
    [
        ("camera", Refers("device", "camera")),
        ("person", Refers("person")),
        ("until", None),
        ("until_c", None),
        ("nothing", None),
    ],
)
def test_reference_of_an_argument_is_found_by_either_name(argument: str, refers: Refers | None) -> None:
    """Loaders ask what an argument names."""
    assert reference_of(ViewFromAbove, argument) == refers


def test_argument_that_is_not_known_is_refused() -> None:
    """Nothing is skipped."""
    with pytest.raises(ValidationError, match="Extra inputs"):
        Arguments.model_validate({"x": 1})


def test_request_of_a_command_has_its_arguments_and_its_time_to_live() -> None:
    """What is None is not on the wire."""
    request = Request.of(OpenAllWindows(), ticket="t", target="su7", by="lin")

    assert request == Request("t", "su7", "open_all_windows", {"target_c": 20.0}, "lin", 5_000)


@pytest.mark.parametrize("status", ["accepted", "waking", "forwarded", "done", "denied", "expired", "failed"])
def test_answer_is_final_when_nothing_can_follow(status: Status) -> None:
    """Four ends, three ways there."""
    assert Answer(status).final is (status in {"done", "denied", "expired", "failed"})
    assert Answer(status).final is (status in FINAL)


def test_device_that_says_nothing_of_itself_has_the_careful_defaults() -> None:
    """No state to set, no report, nobody worn, and whoever has it in hand is its user."""
    stone = Stone.new("stone", None, {})
    at = Moment(0, Blind(), Beliefs())
    asked = Asked("x", None, "phone", None, Presence())

    assert (stone.settable(), stone.report()) == ({}, ())
    assert stone.circumstances(at, asked) == Circumstances(moving=False, code=None)
    assert stone.presence(at) == Presence(worn=None)
    assert stone.user(at) == "lin"


def test_device_without_keys_keeps_nothing_and_takes_note_of_nothing() -> None:
    """Secrets, commands that are considered and restarts pass by a kind that says nothing of them."""
    stone = Stone.new("stone", None, {})
    asked = Asked("x", None, "phone", None, Presence())

    assert stone.provisioned(Provision(b"\7" * 32, 1, 0)) is stone
    assert stone.considered(Moment(0, Blind(), Beliefs()), asked) is stone
    assert stone.kept() == {}
    assert not any((Stone.holds_keys, Stone.opens_to_keys, Stone.overhears, Stone.eavesdrops))


def test_provision_and_code_do_not_print_their_secrets() -> None:
    """What a device is given in the factory, and what a screen shows, are in no log."""
    printed = repr(Provision(b"\7" * 32, 1, 0)) + repr(ShowCode(b"\7" * 32))

    assert "\\x07" not in printed


def test_thing_without_motors_is_the_same_without_power() -> None:
    """What does not move stays as it is when its power goes."""
    stone = Physical()

    assert stone.without_power() is stone


def test_thing_nobody_can_carry_is_held_by_nobody() -> None:
    """Only a kind that says how can be carried."""
    assert Physical().holder() is None
    literal: Literal[False] = False
    assert Physical.portable is literal
    with pytest.raises(NotImplementedError):
        Physical().held_by("lin")
