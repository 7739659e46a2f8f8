"""No permission is wider than the stories need: whatever is granted is used by a shipped scenario.

Every scenario is played in memory, and every message and delivery is put down to the grant that covers
it. A grant that no story uses is one too many, unless it stands below with the reason why it is there.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from sim.core.household import Household
from sim.core.topics import matches
from sim.scenario.run import CaseResult, Performance, perform
from sim.shell.files import Shelf, find_scenarios
from sim.world.link import Grants, Publish, Round
from sim.world.permissions import grants
from sim.world.stage import Cast
from tests.scenario.stories import PROJECT
from tests.wire.homes import KINDS


@dataclass(frozen=True, slots=True)
class Right:
    """What a kind of device may do, with kinds in the place of names.

    Attributes:
        kind: who may.
        verb: write or read.
        where: the levels after the household: `car/cmd/itself/+`.
    """

    kind: str
    verb: str
    where: str

    def __str__(self) -> str:
        """The right as the table has it."""
        return f"{self.kind} {self.verb} {self.where}"


ATTACKERS = {name for name, kind in KINDS.items() if kind.__module__.startswith("sim.devices.attackers")}
"""What they may ask, and be answered, is not what a story needs but what a household must bear."""

UNUSED: dict[str, str] = {}
"""Rights that no shipped scenario uses, and why they are granted all the same."""


def right(household: Household, device: str, verb: str, topic_filter: str) -> Right:
    """Return the right that a grant of one device is an instance of."""

    def general(level: str) -> str:
        if level == device:
            return "itself"
        entry = household.devices.get(level)
        return level if entry is None else entry.kind

    who, channel, *words = topic_filter.split("/")[2:]
    return Right(
        household.devices[device].kind, verb, "/".join((general(who), channel, *map(general, words)))
    )


def rights(household: Household, allowed: dict[str, Grants]) -> set[Right]:
    """Return every right of a household."""
    return {
        right(household, device, verb, one)
        for device, granted in allowed.items()
        for verb, filters in (("write", granted.write), ("read", granted.read))
        for one in filters
    }


@cache
def played() -> tuple[frozenset[str], Counter[str]]:
    """Return the rights of all households of the shipped scenarios, and how often each was used."""
    shelf = Shelf()
    granted: set[Right] = set()
    used: Counter[str] = Counter()
    for path in find_scenarios([str(PROJECT / "scenarios")]):
        scenario = shelf.scenario(path)
        household = scenario.household
        allowed = grants(household, KINDS)
        granted |= rights(household, allowed)
        for case in scenario.cases:
            cast = Cast(household, KINDS, shelf.policy(household), scenario.seed)
            for verb, device, topic in traffic(perform(scenario, case, cast)):
                filters = allowed[device].write if verb == "write" else allowed[device].read
                (cover,) = [one for one in filters if matches(one, topic)]
                used[str(right(household, device, verb, cover))] += 1
    return frozenset(map(str, granted)), used


def traffic(performance: Performance) -> Iterator[tuple[str, str, str]]:
    """Play in memory; yield (write or read, device, topic) once for whatever passed the broker."""
    seen: dict[tuple[str, str, str], None] = {}
    try:
        step = next(performance)
        while True:
            deliveries = step.expected if isinstance(step, Round) else ()
            if isinstance(step, Round):
                seen.update(dict.fromkeys(_written(step)))
            seen.update(dict.fromkeys(("read", one.receiver, one.frame.topic) for one in deliveries))
            step = performance.send(deliveries)
    except StopIteration as end:
        result: CaseResult = end.value
        assert result.verdict == "pass", f"{result.scenario.file}, {result.case}: {result.verdict}"
    yield from seen


def _written(round_: Round) -> Iterator[tuple[str, str, str]]:
    for operation in round_.operations:
        if isinstance(operation, Publish) and operation.allowed:
            yield "write", operation.device, operation.frame.topic


def idle(granted: frozenset[str], used: Counter[str], explained: Mapping[str, str]) -> list[str]:
    """Return a line for each right that is neither used nor explained, or explained in vain."""
    needed = [one for one in sorted(granted) if not ATTACKERS & set(re.split("[ /]", one))]
    lines = [f"{one}: no scenario uses it" for one in needed if not used[one] and one not in explained]
    lines += [f"{one}: it is used, why is it explained?" for one in explained if used[one]]
    lines += [f"{one}: nobody has it, why is it explained?" for one in explained if one not in granted]
    return lines


def test_every_grant_is_used_by_a_story_or_explained() -> None:
    """What no shipped scenario needs is not granted, but for the exceptions in the table."""
    granted, used = played()

    assert len(granted) > 20
    assert idle(granted, used, UNUSED) == []
    assert all(UNUSED.values())


def test_grant_too_many_is_noticed() -> None:
    """The check is not blind: it names a right that nothing uses, and an explanation that is out of date."""
    granted, used = (
        frozenset({"car write itself/online", "tv write car/cmd/itself/+"}),
        Counter(["car write itself/online"]),
    )

    assert idle(granted, used, {}) == ["tv write car/cmd/itself/+: no scenario uses it"]
    assert idle(
        granted, used, {"tv write car/cmd/itself/+": "a guess", "car write itself/online": "old"}
    ) == ["car write itself/online: it is used, why is it explained?"]
    assert "tv read #: nobody has it, why is it explained?" in idle(granted, used, {"tv read #": "older"})


def test_every_kind_is_on_stage() -> None:
    """A kind without a single right in the households of the scenarios would not be checked at all."""
    granted, _ = played()

    assert {one.split(" ")[0] for one in granted} == set(KINDS)
