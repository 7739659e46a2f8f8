"""A scenario once it is checked: every name in it exists, every value can be, every place is kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from sim.core.declarations import DataKind
from sim.core.device import Act, Status
from sim.core.errors import Place
from sim.core.household import Household
from sim.scenario.facts import Fact
from sim.scenario.values import Condition
from sim.world.network.faults import LinkFault
from sim.world.truth.driving import RoadAct
from sim.world.truth.people import PersonAct, SetWeather

Verdict = Literal["pass", "fail", "unknown", "skipped", "error"]
"""How a case ended; `unknown` when nothing was really asserted."""


@dataclass(frozen=True, slots=True)
class FactCondition:
    """What a fact must be, or must never be."""

    fact: Fact
    condition: Condition
    place: Place


@dataclass(frozen=True, slots=True)
class CommandCondition:
    """What must have become of a named command.

    Attributes:
        alias: its name in the scenario.
        statuses: any of these.
        denial: what its denial must say: any of `rule`, `article`, `kind`, `reason`, `clause`, `instead`,
            `layer`, `code`; and `spoken`, what was said aloud about it, however it ended.
        place: where it is written.
    """

    alias: str
    statuses: tuple[Status, ...]
    denial: Mapping[str, str]
    place: Place


@dataclass(frozen=True, slots=True)
class FlowCondition:
    """Which datum must have gone from whom to whom, or must not.

    Attributes:
        datum: its sort.
        sources: devices it may come from.
        readers: devices that may have received it.
        since: the named act since whose beginning it counts; None for the whole run.
        text: what is written of it, for people: `location to ads`.
        place: where it is written.
    """

    datum: DataKind
    sources: frozenset[str]
    readers: frozenset[str]
    since: str | None
    text: str
    place: Place


AnyCondition: TypeAlias = FactCondition | CommandCondition | FlowCondition


@dataclass(frozen=True, slots=True)
class _Step:
    """What every step has: where it stands, and its line as people wrote it."""

    place: Place
    text: str


@dataclass(frozen=True, slots=True)
class Do(_Step):
    """Somebody acts: a person with a device, a person with body and hands, or nature."""

    actor: str
    act: Act | PersonAct | SetWeather | RoadAct
    alias: str | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Expect(_Step):
    """All conditions hold at one moment, now or within a time; `unless` ends the wait as failed."""

    conditions: tuple[AnyCondition, ...]
    within_ms: int | None = None
    unless: tuple[Status, ...] = ()


@dataclass(frozen=True, slots=True)
class Never(_Step):
    """None of the conditions holds, now and for a time."""

    conditions: tuple[AnyCondition, ...]
    for_ms: int = 0


@dataclass(frozen=True, slots=True)
class Advance(_Step):
    """Time passes: a given while, or until conditions hold, within a bound."""

    duration_ms: int | None = None
    until: tuple[AnyCondition, ...] = ()
    within_ms: int | None = None


@dataclass(frozen=True, slots=True)
class LinkBreak:
    """A rule on a device's link."""

    device: str
    fault: LinkFault
    for_ms: int | None


@dataclass(frozen=True, slots=True)
class Partition:
    """A device is cut off."""

    device: str
    for_ms: int | None


@dataclass(frozen=True, slots=True)
class Crash:
    """A device, or one of its controllers, loses power."""

    device: str
    controller: str | None
    for_ms: int | None


@dataclass(frozen=True, slots=True)
class PartBreak:
    """A sensor goes blind, or a moving part jams."""

    what: Literal["sensor", "jam"]
    device: str
    field_name: str
    for_ms: int | None


@dataclass(frozen=True, slots=True)
class ClockSkew:
    """A device's clock is wrong."""

    device: str
    ahead_ms: int
    for_ms: int | None


AnyFault: TypeAlias = LinkBreak | Partition | Crash | PartBreak | ClockSkew


@dataclass(frozen=True, slots=True)
class Fault(_Step):
    """Something breaks."""

    fault: AnyFault


@dataclass(frozen=True, slots=True)
class Say(_Step):
    """Somebody says a sentence near a device that listens, or outside.

    Attributes:
        sentence: the words.
        by: a person, or `stranger`.
        language: of the words.
        heard_by: the device that hears them; None when none does.
        unsaid: the place of the step in its line without the sentence.
        outside: whether they come through a window, from outside.
        alias: the name of what becomes of it.
    """

    sentence: str
    by: str
    language: Literal["en", "zh"]
    heard_by: str | None
    unsaid: Place
    outside: bool = False
    alias: str | None = None


Step: TypeAlias = Do | Expect | Never | Advance | Fault | Say


@dataclass(frozen=True, slots=True)
class Given:
    """How the world is at the start.

    Attributes:
        outdoor_c: weather, or None to leave it.
        outdoor_pm25_ug_per_m3: fine dust outdoors, likewise.
        rain_mm_per_h: rain, likewise.
        visibility_m: how far one sees, metres, likewise.
        rooms: (home, room) to `temperature` (°C) and `lamp` (`on` or `off`).
        doors: home to `open` and `locked` of its front door.
        people: person to `at` (a home), `room`, and distances `from` something, metres.
        physical: device to physical facts.
        state: device to state it begins with.
        away: device to (from what, metres).
    """

    outdoor_c: float | None = None
    outdoor_pm25_ug_per_m3: float | None = None
    rain_mm_per_h: float | None = None
    visibility_m: float | None = None
    rooms: Mapping[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)
    doors: Mapping[str, Mapping[str, bool]] = field(default_factory=dict)
    people: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    physical: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    state: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    away: Mapping[str, tuple[str, float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Always(_Step):
    """Something that holds over the whole run, checked after every event.

    Attributes:
        conditions: what.
        negated: whether none of them may ever hold (`never`), or all must always (`expect`).
    """

    conditions: tuple[FactCondition | FlowCondition, ...]
    negated: bool = True


@dataclass(frozen=True, slots=True)
class Case:
    """One run of a scenario.

    Attributes:
        name: which row of `cases` or cell of `matrix` it is; empty when there is only one.
        given: the world at the start.
        steps: what happens and what is asserted, in order.
        always: what holds throughout.
    """

    name: str
    given: Given
    steps: tuple[Step, ...]
    always: tuple[Always, ...] = ()


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that may not be meant: one sentence and its place."""

    sentence: str
    place: Place


@dataclass(frozen=True, slots=True)
class Scenario:
    """One file.

    Attributes:
        file: its name, as places show it.
        title: what it is about.
        tags: words to select it by.
        source: the article it comes from.
        seed: of every chance in it.
        household: who and what there is.
        start_ms: when it begins, milliseconds since 1970.
        utc_offset_ms: how far the household's clocks are ahead of UTC.
        needs: what the link must offer.
        cases: its runs.
        remarks: what may not be meant.
    """

    file: str
    title: str
    tags: tuple[str, ...]
    source: str | None
    seed: int
    household: Household
    start_ms: int
    utc_offset_ms: int
    needs: tuple[str, ...]
    cases: tuple[Case, ...]
    remarks: tuple[Remark, ...] = ()
