"""Devices made of parts: what is asked reaches the part that declares it, everything else reaches all."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

from sim.core import device as core
from sim.core.device import (
    IN_HOMES,
    Act,
    Acted,
    Answer,
    Answered,
    Asked,
    Booted,
    Command,
    Commanded,
    Effect,
    Emit,
    Facet,
    Learned,
    Moment,
    Presence,
    Provision,
    Settle,
    Stimulus,
)
from sim.core.parts import Assembled, Part
from tests.senses import FakeSenses, moment


class Ring(Command, group="Bell", tier="anytime"):
    """Ring the bell."""


class Count(Command, group="Bell", tier="anytime"):
    """Count one on."""


class Push(Act):
    """Push the button of the bell."""


class Rung(Facet):
    """How often it rang."""

    rings: int


class Counted(Facet):
    """How far it has counted."""

    number: int


@dataclass(frozen=True)
class Bell(Part):
    """A bell that everything makes ring."""

    commands: ClassVar = (Ring,)
    acts: ClassVar = (Push,)
    facets: ClassVar = (Rung,)
    events: ClassVar = ("rung",)
    reads: ClassVar = ("car",)
    asks: ClassVar = ("car", "phone")

    rings: int = 0
    seed: bytes = b""

    @classmethod
    def settable(cls) -> Mapping[str, Any]:
        """A scenario may say how often it rang."""
        return {"rings": int}

    @classmethod
    def new(cls, device: str, config: Any, given: Mapping[str, Any]) -> Self:
        """Return the bell."""
        del device, config
        return cls(given.get("rings", 0))

    def provisioned(self, provision: Provision) -> Self:
        """Take the seed."""
        return replace(self, seed=provision.seed)

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Ring."""
        del at, stimulus
        return replace(self, rings=self.rings + 1), (Emit("rung"),)

    def report(self) -> tuple[Facet, ...]:
        """Say how often it rang."""
        return (Rung(rings=self.rings),)

    def told(self, at: Moment, asked: Asked) -> Mapping[str, Any]:
        """Tell whether it is loud."""
        del at, asked
        return {"loud": True}

    def kept(self) -> Mapping[str, Any]:
        """Keep the number."""
        return {"rings": self.rings}


@dataclass(frozen=True)
class Counter(Part):
    """Something that counts when it is told to."""

    commands: ClassVar = (Count,)
    facets: ClassVar = (Counted,)
    asks: ClassVar = ("phone",)

    number: int = 0

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Count."""
        del at
        match stimulus:
            case Commanded(ticket=ticket):
                return replace(self, number=self.number + 1), (Settle(ticket, Answer("done")),)
            case _:
                return self, ()

    def report(self) -> tuple[Facet, ...]:
        """Say the number."""
        return (Counted(number=self.number),)


@dataclass(frozen=True)
class Toy(Assembled):
    """A toy made of both."""

    @dataclass(frozen=True, slots=True)
    class Circumstances(core.Circumstances):
        """What the rules are told."""

        loud: bool | None = None

    kind: ClassVar[str] = "toy"
    made_of: ClassVar[Mapping[str, type[Part]]] = {"bell": Bell, "counter": Counter, "empty": Part}


NEW = Toy.new("toy", Toy.Config(), {"rings": 2})
NOW = moment(FakeSenses())


def numbers(toy: Toy) -> tuple[int, int]:
    """Return how often it rang, and how far it counted."""
    rung, counted = toy.report()
    assert isinstance(rung, Rung)
    assert isinstance(counted, Counted)
    return rung.rings, counted.number


def commanded(command: Command) -> Commanded:
    """Return a permitted command."""
    return Commanded(command, "t", "phone", "lin", NOW.now_ms + 1_000)


def test_device_declares_what_its_parts_declare_each_once() -> None:
    """The lists of the parts come one after the other."""
    assert Toy.commands == (Ring, Count)
    assert Toy.acts == (Push,)
    assert Toy.facets == (Rung, Counted)
    assert Toy.events == ("rung",)
    assert (Toy.reads, Toy.asks) == (("car",), ("car", "phone"))
    assert Toy.settable() == {"rings": int}


def test_command_reaches_the_part_that_has_it() -> None:
    """Counting does not ring the bell."""
    counted, effects = NEW.step(NOW, commanded(Count()))
    rung, emitted = NEW.step(NOW, commanded(Ring()))

    assert (numbers(counted), effects) == ((2, 1), (Settle("t", Answer("done")),))
    assert (numbers(rung), emitted) == ((3, 0), (Emit("rung"),))


def test_act_reaches_the_part_that_has_it() -> None:
    """Only the bell has a button."""
    pushed, _ = NEW.step(NOW, Acted(Push(), "t", "lin"))

    assert numbers(pushed) == (3, 0)


def test_whatever_else_happens_reaches_every_part() -> None:
    """A start rings the bell, and is nothing to the counter."""
    started, effects = NEW.step(NOW, Booted())

    assert (numbers(started), effects) == ((3, 0), (Emit("rung"),))


def test_report_of_another_device_reaches_the_parts_that_heed_its_kind() -> None:
    """The bell hears what cars say; that somebody came, or told something for the first time, is for all."""
    heeding = Toy.parts_heeding("car", in_home=False)
    heard, effects = NEW.step(NOW, Learned("su7", heeding))
    greeted, _ = NEW.step(NOW, Learned("lamp"))

    assert (heeding, Toy.parts_heeding("lamp", in_home=True)) == (("bell",), ())
    assert (numbers(heard), effects) == ((3, 0), (Emit("rung"),))
    assert NEW.step(NOW, Learned("lamp", ())) == (NEW, ())
    assert numbers(greeted) == (3, 0)


def test_part_that_listens_to_homes_heeds_whatever_is_installed_in_one() -> None:
    """A kind that is written tomorrow is heeded as well; its own word `heeds` comes before what it reads."""

    @dataclass(frozen=True)
    class Ear(Part):
        reads: ClassVar = ("car", IN_HOMES)
        heeds: ClassVar = (IN_HOMES,)

    @dataclass(frozen=True)
    class Listener(Assembled):
        kind: ClassVar[str] = "listener"
        made_of: ClassVar[Mapping[str, type[Part]]] = {"ear": Ear, "counter": Counter}

    assert Listener.parts_heeding("lamp", in_home=True) == ("ear",)
    assert Listener.parts_heeding("lamp", in_home=False) == ()
    assert Listener.parts_heeding("car", in_home=False) == ()
    assert Listener.heeds == (IN_HOMES,)


def test_part_is_asked_once_what_it_says() -> None:
    """Its successor that is the same says the very same, so that a node need not compare it."""
    started, _ = NEW.step(NOW, commanded(Count()))

    assert started.report()[0] is NEW.report()[0] is NEW.report()[0]
    assert started.report()[1] is not NEW.report()[1]


def test_device_that_nothing_changed_is_the_same_one() -> None:
    """A node asks for reports only when the device is another one than before."""

    @dataclass(frozen=True)
    class Still(Assembled):
        kind: ClassVar[str] = "still"
        made_of: ClassVar[Mapping[str, type[Part]]] = {"counter": Counter}

    still = Still.new("still", Still.Config(), {})

    assert still.step(NOW, Booted())[0] is still


def test_rules_are_told_what_the_asked_part_knows() -> None:
    """The bell tells that it is loud; about counting nobody tells anything."""

    def told(action: str) -> core.Circumstances:
        return NEW.circumstances(NOW, Asked(action, None, "phone", "lin", Presence()))

    assert told("ring") == Toy.Circumstances(loud=True)
    assert told("count") == Toy.Circumstances()


def test_parts_get_the_secrets_and_keep_what_they_keep() -> None:
    """A restart gives a part what it kept."""
    toy = NEW.provisioned(Provision(b"s" * 32, 1, 0))

    bell = toy.parts["bell"]
    assert isinstance(bell, Bell)
    assert bell.seed == b"s" * 32
    assert toy.kept() == {"rings": 2}
    assert numbers(Toy.new("toy", Toy.Config(), toy.kept())) == (2, 0)


@dataclass(frozen=True)
class Diary(Part):
    """Writes down how acts end that others settle."""

    follows_acts: ClassVar[bool] = True

    ends: tuple[str, ...] = ()

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:  # noqa: ARG002  # the protocol
        """Write, and say so."""
        if not isinstance(stimulus, Answered):
            return self, ()
        end = f"{stimulus.ticket} {stimulus.target} {stimulus.answer.status}"
        return replace(self, ends=(*self.ends, end)), (Emit("written"),)


@dataclass(frozen=True)
class House(Assembled):
    """A bell and a diary."""

    kind: ClassVar[str] = "house"
    made_of: ClassVar = {"bell": Bell, "diary": Diary, "silent": Part}


def test_a_part_can_follow_how_acts_end_that_others_settle() -> None:
    """It comes after all others, in the same step; what has not ended yet is not told."""
    house = House.new("house", None, {})
    after, effects = house.followed(
        moment(FakeSenses()), (Settle("t1", Answer("done")), Emit("rung"), Settle("t2", Answer("accepted")))
    )

    assert after.parts == {**house.parts, "diary": Diary(("t1 house done",))}
    assert effects == (Emit("written"),)
    assert house.followed(moment(FakeSenses()), (Emit("rung"),)) == (house, ())
