"""Durable writes on a stage: they take time, come one after another, and are there after a crash."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import pytest

from sim.core import device as core
from sim.core.device import Act, Acted, Answer, Effect, Moment, Persist, Persisted, Settle, Stimulus
from sim.core.parts import Assembled, Part
from sim.core.storage import Storage
from sim.world.storages import ACK_MS
from tests.stages import HOME, KINDS, Theatre

WRITE_MS = 10
HOUSEHOLD = HOME.replace("{kind: button,", "{kind: clerk,")


class Sheet:
    """A list of words; a word of one letter is refused."""

    def __init__(self, device: str, config: core.Config) -> None:
        self.words = [f"sheet of {device}, who belongs to {config.owner}"]

    def write_ms(self, write: str) -> int:  # noqa: ARG002  # the protocol's
        """Return the same for every word."""
        return WRITE_MS

    def write(self, write: str) -> str:
        """Add a word."""
        if len(write) == 1:
            return "refused"
        self.words.append(write)
        return f"written {write}"

    def snapshot(self) -> tuple[str, ...]:
        """Return all words."""
        return tuple(self.words)


class Note(Act):
    """Have words written, one after another."""

    words: list[str]


@dataclass(frozen=True)
class Clerk(core.Device):
    """Somebody who writes down what is said, and remembers what was written."""

    kind: ClassVar[str] = "clerk"
    acts: ClassVar = (Note,)
    storage: ClassVar = Sheet

    found: tuple[str, ...] = ()
    told: tuple[str, ...] = ()

    @classmethod
    def new(cls, name: str, config: Any, given: Mapping[str, Any]) -> Self:  # noqa: ARG003  # the protocol's
        """Return the clerk with what is on the sheet."""
        return cls(name, given["storage"])

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Write what is said."""
        match stimulus:
            case Acted(act=Note(words=words), ticket=ticket):
                return self, tuple(Persist(f"{ticket} {word}", word) for word in words)
            case Persisted(ticket=ticket, result=result):
                closed = Settle(ticket.split()[0], Answer("done"))
                return replace(self, told=(*self.told, f"{at.now_ms % 1_000}: {result}")), (closed,)
            case _:
                return self, ()


FIRST = "sheet of button, who belongs to lin"


def opened(**options: Any) -> Theatre:
    """Return a theatre with a clerk in it."""
    return Theatre(HOUSEHOLD, kinds={**KINDS, "clerk": Clerk}, **options)


def clerk(theatre: Theatre) -> Clerk:
    """Return the clerk as it is now."""
    device = theatre.stage.nodes["button"].device
    assert isinstance(device, Clerk)
    return device


def sheet(theatre: Theatre) -> Any:
    """Return what is on the sheet, seen from the world."""
    storage = theatre.stage.storages.of("button")
    assert storage is not None
    return storage.snapshot()


def test_a_write_takes_its_time_and_then_its_device_is_told() -> None:
    """Until it is written nothing is there, and until it is told the device does not know."""
    theatre = opened()
    ticket = theatre.use("button", Note(words=["milk"]))

    theatre.advance(WRITE_MS - 1)
    assert sheet(theatre) == (FIRST,)
    theatre.advance(1)
    assert sheet(theatre) == (FIRST, "milk")
    theatre.advance(ACK_MS - 1)
    assert clerk(theatre).told == ()
    theatre.advance(1)
    assert clerk(theatre).told == (f"{WRITE_MS + ACK_MS}: written milk",)
    assert theatre.status(ticket) == "done"


def test_writes_of_a_device_happen_in_order_one_at_a_time() -> None:
    """The second begins when the device is told of the first, also when the first was refused."""
    theatre = opened()
    theatre.use("button", Note(words=["m", "bread", "tea"]))
    theatre.advance(1_000)

    each = WRITE_MS + ACK_MS
    assert clerk(theatre).told == (
        f"{each}: refused",
        f"{2 * each}: written bread",
        f"{3 * each}: written tea",
    )
    theatre.use("button", Note(words=["salt"]))
    theatre.advance(each)
    assert sheet(theatre) == (FIRST, "bread", "tea", "salt")


@pytest.mark.parametrize(
    ("crash_after_ms", "written", "told"),
    [
        (0, (), ()),
        (WRITE_MS - 1, (), ()),
        (WRITE_MS, ("milk",), ()),
        (WRITE_MS + ACK_MS - 1, ("milk",), ()),
        (WRITE_MS + ACK_MS, ("milk",), ("milk",)),
        (2 * WRITE_MS + ACK_MS, ("milk", "bread"), ("milk",)),
    ],
)
def test_power_cut_finds_nothing_written_or_nobody_told_or_told(
    crash_after_ms: int, written: tuple[str, ...], told: tuple[str, ...]
) -> None:
    """What was written is there after the restart; what was not never comes, and can be written anew."""
    theatre = opened()
    theatre.use("button", Note(words=["milk", "bread"]))
    theatre.advance(crash_after_ms)
    assert tuple(one.split()[-1] for one in clerk(theatre).told) == told

    theatre.stage.crash("button", None, 1_000)
    theatre.advance(5_000)

    assert clerk(theatre).found == sheet(theatre) == (FIRST, *written)
    assert clerk(theatre).told == ()
    theatre.use("button", Note(words=["again"]))
    theatre.advance(WRITE_MS + ACK_MS)
    assert sheet(theatre) == (FIRST, *written, "again")


def test_a_run_may_bring_its_own_storage() -> None:
    """What a kind declares is made by whatever the cast says makes it."""

    def made(device: str, config: core.Config) -> Storage:
        own = Sheet(device, config)
        own.words = ["another sheet"]
        return own

    theatre = opened(storages={Sheet: made})
    assert clerk(theatre).found == ("another sheet",)


def test_device_without_storage_has_none_and_may_not_write() -> None:
    """A lamp finds nothing, and a write of it is a mistake of its kind."""
    theatre = opened()
    assert theatre.stage.storages.of("lamp") is None
    assert theatre.stage.storages.found("lamp") == {}
    with pytest.raises(AssertionError, match="the kind of lamp declares no storage"):
        theatre.stage.storages.persist("lamp", Persist("t", "x"))


def test_a_part_brings_its_storage_to_the_device() -> None:
    """One part may have one; two in one device would not know whose snapshot it is."""

    class Writing(Part):
        storage = Sheet

    class Desk(Assembled):
        made_of: ClassVar[Mapping[str, type[Part]]] = {"plain": Part, "writing": Writing}

    class Own(Assembled):
        storage = Sheet

    assert Desk.storage is Sheet
    assert Own.storage is Sheet
    assert Assembled.storage is None
    with pytest.raises(AssertionError, match="more than one part of Twice has a storage"):

        class Twice(Assembled):
            made_of: ClassVar[Mapping[str, type[Part]]] = {"one": Writing, "two": Writing}
