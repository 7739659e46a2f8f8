"""What every kind of device has in common: it is found, it is pure, and nothing drives the car."""

import contextlib
import copy
import pkgutil
from functools import cache, partial
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

import sim.devices
from sim.core.beliefs import Beliefs
from sim.core.device import (
    Act,
    Acted,
    Actuate,
    Answer,
    Answered,
    Booted,
    Command,
    Commanded,
    Crashed,
    Crossed,
    Device,
    Learned,
    Linked,
    Overheard,
    Polled,
    Provision,
    Sensed,
    Status,
    Stimulus,
    TimerFired,
)
from sim.core.surroundings import View
from sim.devices.car.commands import REMOTE_DRIVING
from sim.trust.derivation import digital_key, seed_for_scenario
from sim.trust.digital_key import PairingCode
from sim.world.kinds import kinds
from tests.senses import START_MS, FakeSenses, beside, heard, moment, silence

KINDS = kinds()
WHERE = {"home": "home", "room": "living_room", "car": "su7"}
"""What a device's entry says of its place, for those kinds that need one."""
MOTION = {"speed_kmh", "gear", "driver", "steering"}
"""What no motor may move (row M34)."""


def new(kind: str) -> Device:
    """Return a device of a kind, from the factory: a car that a phone opens, a phone that opens a car."""
    config = KINDS[kind].Config
    place: dict[str, Any] = {name: WHERE[name] for name in WHERE if name in config.model_fields}
    if KINDS[kind].holds_keys:
        place["owner"] = "lin"
    device = KINDS[kind].new("thing", config(**place), {})
    other = "phone" if KINDS[kind].opens_to_keys else "su7"
    secret = seed_for_scenario(1, "home", other)
    keys = {other: digital_key(other, secret).key.public_key().public_bytes_raw()}
    seed = seed_for_scenario(1, "home", "thing")
    return device.provisioned(Provision(seed, 1, START_MS, (other,), frozenset({other}), keys))


def test_kinds_are_found_by_their_files() -> None:
    """Every module of the folder brings kinds, in the order of their names."""
    modules = {module.name for module in pkgutil.iter_modules(sim.devices.__path__)}
    found = [kind.__module__.split(".")[1:3] for kind in KINDS.values()]

    assert {"camera", "car", "climate", "dashboard", "phone", "stranger", "watch"} <= set(KINDS)
    assert {module for room, module in found if room == "devices"} == modules
    assert {room for room, _ in found} <= {"devices", "services"}
    assert list(KINDS) == sorted(KINDS)
    assert all(kind.kind == name for name, kind in KINDS.items())


@pytest.mark.parametrize("kind", KINDS)
def test_kinds_declare_verbs_and_facets_once(kind: str) -> None:
    """No two acts, commands or facets of a kind are called the same."""
    declared = KINDS[kind]

    for names in (
        [act.verb for act in declared.acts],
        [command.action for command in declared.commands],
        [facet.facet for facet in declared.facets],
    ):
        assert len(names) == len(set(names))


COMMANDS = [command for kind in KINDS.values() for command in kind.commands]
ACTS = [act for kind in KINDS.values() for act in kind.acts]
NAMES = st.sampled_from(["su7", "camera", "heater", "phone", "thing", "nobody"])
TICKETS = st.sampled_from(["t1", "t2", "t1-picture"])
TIMERS = st.sampled_from(
    [
        *("wake", "sleep", "telemetry", "location", "report", "look"),
        *("bolt", "boot", "windows", "starter", "pairing"),
        *("bolt motor", "boot motor", "windows motor", "starter motor"),
        *("obey", "shutter", "dwell su7 500 60000"),
        *("screen", "theme", "film buffer"),
    ]
)
PEOPLE = st.sampled_from(["lin", "mei", None])
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "camera": NAMES,
    "car": NAMES,
    "device": NAMES,
    "person": st.sampled_from(["lin", "mei"]),
    "display": st.sampled_from(["driver", "passenger"]),
    "granted": st.booleans(),
    "goods": st.sampled_from([{"milk": 1}, {"milk": 2, "rice": 20}]),
    "position_percent": st.sampled_from([0.0, 50.0, None]),
    "mode": st.sampled_from(["off", "heat", "cool", None]),
    "target_c": st.sampled_from([16.0, 21.5, 30.0, None]),
    "expires_in_ms": st.integers(0, 60_000),
    "name": st.sampled_from([one.action for one in REMOTE_DRIVING]),
    "topic": st.just("carhome/wang/su7/cmd/mallory/steer"),
    "text": st.text(max_size=20),
    "retain": st.booleans(),
    "order": st.sampled_from(["toll:gate:su7:1", "toll:gate:su7:2"]),
    "merchant": st.sampled_from(["gate", "mall"]),
    "currency": st.sampled_from(["CNY", "EUR"]),
    "discount": st.just("winter"),
}


@cache
def built(model: type[Command] | type[Act]) -> st.SearchStrategy[Any]:
    """Return instances of a command or act; fields that no table knows keep their defaults, or fit."""
    values = {name: values_of(name, field) for name, field in model.model_fields.items()}
    known = {name: strategy for name, strategy in values.items() if strategy is not None}
    return st.fixed_dictionaries(known).map(partial(made, model)).filter(lambda one: one is not None)


def made(model: type[Command] | type[Act], values: dict[str, Any]) -> Command | Act | None:
    """Return a command or act of values that go together, or None."""
    with contextlib.suppress(ValidationError):
        return model(**values)
    return None


def values_of(name: str, field: FieldInfo) -> st.SearchStrategy[Any] | None:
    """Return values for a field: one of its words, what the table says, or whatever fits if it needs one."""
    options = (field.annotation, *get_args(field.annotation))
    words = [word for one in options if get_origin(one) is Literal for word in get_args(one)]
    if words:
        return st.sampled_from([*words, None] if NoneType in options else words)
    if name in VALUES:
        return VALUES[name].filter(partial(fits, adapter_of(field)))
    return st.just(fitting(field)) if field.is_required() else None


def adapter_of(field: FieldInfo) -> TypeAdapter[Any]:
    """Return what tells whether a value fits a field."""
    hint: Any = Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation
    return TypeAdapter(hint)


def fits(adapter: TypeAdapter[Any], value: object) -> bool:
    """Say whether a value fits a field; names in the table may mean something else in another kind."""
    with contextlib.suppress(ValidationError):
        adapter.validate_python(value)
        return True
    return False


def fitting(field: FieldInfo) -> object:
    """Return some value for a field of a kind that was written after this test."""
    adapter = adapter_of(field)
    values: tuple[object, ...] = (50.0, 1, "lin", "on", True, [], {}, [{}], ["lin"])
    for value in values:
        with contextlib.suppress(ValidationError):
            return adapter.validate_python(value)
    pytest.fail(f"no value is known here for {field!r}; add its name to VALUES")


EVERY_COMMAND = st.sampled_from(COMMANDS).flatmap(built)
ANSWERS = st.builds(
    Answer,
    st.sampled_from(get_args(Status)),
    data=st.fixed_dictionaries(
        {},
        optional={
            "jpeg_base64": st.sampled_from(["/9j/", "", "é", 5]),
            "taken": st.sampled_from(["now", 5]),
            "camera": NAMES,
        },
    ),
)
STIMULI: st.SearchStrategy[Stimulus] = st.one_of(
    st.just(Booted()),
    st.just(Sensed()),
    st.builds(Crossed, st.just("edge")),
    st.builds(Crashed, st.sampled_from(["body", "cockpit"]), st.booleans()),
    st.builds(TimerFired, TIMERS),
    st.builds(Learned, NAMES),
    st.builds(Linked, st.booleans()),
    st.builds(Polled, NAMES, st.sampled_from(["unlock", "start", "steer"])),
    st.builds(Overheard, NAMES, st.just("carhome/wang/su7/cmd/phone/unlock"), st.binary(max_size=20)),
    st.builds(Answered, TICKETS, NAMES, ANSWERS),
    st.builds(Acted, st.sampled_from(ACTS).flatmap(built), TICKETS, PEOPLE),
    st.builds(
        Commanded, EVERY_COMMAND, TICKETS, NAMES, PEOPLE, st.integers(START_MS - 1_000, START_MS + 60_000)
    ),
)
SENSES = st.builds(
    FakeSenses,
    st.fixed_dictionaries(
        {},
        optional={
            "locked": st.booleans(),
            "boot": st.sampled_from(["open", "closed"]),
            "windows": st.sampled_from(["open", "closed"]),
            "gear": st.sampled_from("PRND"),
            "speed_kmh": st.sampled_from([0.0, 62.0]),
            "battery_percent": st.floats(0, 100),
            "heat_w": st.sampled_from([0.0, 2_500.0]),
            "on_wrist": st.booleans(),
            "wearer": PEOPLE,
            "carrier": PEOPLE,
            "drive_ready": st.booleans(),
            "lit_percent": st.sampled_from([0.0, 100.0]),
            "power": st.sampled_from(["on", "off"]),
            "shutter": st.sampled_from(["open", "closed"]),
            "level": st.integers(0, 3),
            "filter_serial": st.integers(1, 2),
        },
    ),
    distances_m=st.dictionaries(NAMES, st.floats(0, 100), max_size=2),
    ranging=st.sampled_from([silence, beside]),
    codes=st.sampled_from([{}, {"su7": PairingCode("su7", b"\1" * 32, b"\2" * 16)}]),
    room=st.sampled_from([None, 12.0, 21.3, 28.0]),
    outdoor=st.floats(-25, 45),
    seen=st.sampled_from([None, View("living_room", lamp_on=True, daylight=0.0, people=())]),
    holder=PEOPLE,
)
BELIEFS = st.sampled_from(
    [Beliefs(), heard("su7", "motion", moving=False), heard("su7", "motion", moving=True)]
)


@pytest.mark.parametrize("kind", KINDS)
@given(happenings=st.lists(st.tuples(STIMULI, SENSES, BELIEFS), max_size=12))
def test_kinds_never_drive_whatever_happens(
    kind: str, happenings: list[tuple[Stimulus, FakeSenses, Beliefs]]
) -> None:
    """No sequence of stimuli, even commands past every rule, makes a device move what belongs to a driver.

    On the way: no device changes its former self, and every report fits its declaration and comes back
    from its wire form unchanged.
    """
    device = new(kind)
    for at_ms, (stimulus, senses, beliefs) in enumerate(happenings):
        before = copy.copy(device)
        device_after, effects = device.step(moment(senses, at_ms * 1_000, beliefs), stimulus)

        for effect in effects:
            if isinstance(effect, Actuate):
                assert MOTION.isdisjoint(effect.changes)
                assert set(effect.changes) <= set(KINDS[kind].Physical.__dataclass_fields__)
        assert device == before
        assert device.step(moment(senses, at_ms * 1_000, beliefs), stimulus) == (device_after, effects)
        device = device_after
        for report in device.report():
            assert type(report) in KINDS[kind].facets
            assert TypeAdapter(type(report)).validate_python(report.model_dump(), strict=True) == report
        assert device.report() == device.report()


@pytest.mark.parametrize("kind", KINDS)
def test_kinds_refuse_to_be_carried_unless_portable(kind: str) -> None:
    """Only what a person can carry can be held."""
    physical = KINDS[kind].Physical()

    if physical.portable:
        assert physical.held_by("lin").holder() == "lin"
    else:
        with pytest.raises(NotImplementedError):
            physical.held_by("lin")
