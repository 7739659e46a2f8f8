"""No permission is wider than the stories need: whatever is granted is used by a shipped scenario.

Every scenario is played in memory, and every message and delivery is put down to the grant that covers
it. A grant that no story uses is one too many, unless it stands below with the reason why it is there.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from sim.core.household import Household
from sim.core.topics import matches
from sim.world.network.link import Grants
from sim.world.network.permissions import grants
from tests.recordings import FILES, Recordings
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

_FROM_ONE_TO_ANOTHER = "what plays goes from one to another of its kind; no story has two with the same user"
UNUSED: dict[str, str] = {
    "dashboard write dashboard/cmd/itself/+": _FROM_ONE_TO_ANOTHER,
    "dashboard write itself/reply/dashboard/+": _FROM_ONE_TO_ANOTHER,
    "tv write itself/reply/tv/+": _FROM_ONE_TO_ANOTHER,
    "tv write tv/cmd/itself/+": _FROM_ONE_TO_ANOTHER,
}
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


@pytest.fixture(scope="module")
def played(recordings: Recordings) -> tuple[frozenset[str], Counter[str]]:
    """Return the rights of all households of the shipped scenarios, and how often each was used."""
    granted: set[Right] = set()
    used: Counter[str] = Counter()
    for file in FILES:
        household, _ = recordings.stories.household(file)
        allowed = grants(household, KINDS)
        granted |= rights(household, allowed)
        covers: dict[tuple[str, str, str], str] = {}
        for passed in recordings.traffic(file):
            if passed not in covers:
                covers[passed] = _cover(household, allowed, *passed)
            used[covers[passed]] += 1
    return frozenset(map(str, granted)), used


def _cover(household: Household, allowed: dict[str, Grants], verb: str, device: str, topic: str) -> str:
    """Return the right that lets a message pass, of which there must be one."""
    filters = allowed[device].write if verb == "write" else allowed[device].read
    (cover,) = [one for one in filters if matches(one, topic)]
    return str(right(household, device, verb, cover))


def idle(granted: frozenset[str], used: Counter[str], explained: Mapping[str, str]) -> list[str]:
    """Return a line for each right that is neither used nor explained, or explained in vain."""
    needed = [one for one in sorted(granted) if not ATTACKERS & set(re.split("[ /]", one))]
    lines = [f"{one}: no scenario uses it" for one in needed if not used[one] and one not in explained]
    lines += [f"{one}: it is used, why is it explained?" for one in explained if used[one]]
    lines += [f"{one}: nobody has it, why is it explained?" for one in explained if one not in granted]
    return lines


def test_every_grant_is_used_by_a_story_or_explained(played: tuple[frozenset[str], Counter[str]]) -> None:
    """What no shipped scenario needs is not granted, but for the exceptions in the table."""
    granted, used = played

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


def test_every_kind_is_on_stage(played: tuple[frozenset[str], Counter[str]]) -> None:
    """A kind without a single right in the households of the scenarios would not be checked at all."""
    granted, _ = played

    assert {one.split(" ")[0] for one in granted} == set(KINDS)
