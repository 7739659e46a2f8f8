"""The cases of a matrix: what its names and groups stand for, and which key is about which case."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeAlias

from sim.analysis.suites.fixtures import Fixtures, action_groups, askings, refusal, written
from sim.core.errors import SimError, did_you_mean
from sim.documents.reading import Entry, Mistake, Node, short

PARTS = ("principal", "action", "resource")
"""What a request is made of, in the order in which keys name it."""

Cell: TypeAlias = tuple[str, ...]
"""Principal, action and resource of one case, as files name them."""
_Pattern: TypeAlias = tuple[frozenset[str] | None, ...]
"""What a key allows for each of them; None where it does not matter."""
_ANY = "*"


class Axis(NamedTuple):
    """The values of one part of a test's requests, and whether they vary within the test."""

    values: tuple[str, ...]
    varies: bool
    node: Node


class Names:
    """What names in a file mean: entities of its store, actions, and groups of either.

    Args:
        fixtures: the store.
        groups: name of each group to its members.

    Raises:
        PolicyError: when a group is empty or could be taken for something else.
    """

    def __init__(self, fixtures: Fixtures, groups: Mapping[str, Entry]) -> None:
        self.actions = askings(fixtures.words)
        self._fixtures = fixtures
        self._action_groups = action_groups(fixtures.words)
        self._groups = groups
        self._used: set[str] = set()
        for name, entry in self._groups.items():
            if name in {*self.actions, *self._action_groups} or self._fixtures.has(name):
                sentence = f"`{short(name)}` is a name already, so no group can have it"
                raise refusal(Mistake.NAME_TAKEN, sentence, entry.key.place, "choose another name")
            if not entry.value.items:
                raise refusal(
                    Mistake.MISSING_KEY, f"group `{short(name)}` is empty", entry.key.place, "name a member"
                )

    def unused(self) -> Entry | None:
        """Return the first group that nothing has named, or None."""
        return next((entry for name, entry in self._groups.items() if name not in self._used), None)

    def axis(self, part: str, asked: Node) -> Axis:
        """Return the values of one part, which a test gives as one or as a list."""
        one, several = asked.step(part), asked.step(f"{part}s")
        if one is not None and several is not None:
            sentence = f"`{part}` and `{part}s` do not go together"
            raise refusal(Mistake.WRONG_SECTION, sentence, several.key.place)
        if one is not None:
            return Axis((self._named(part, one.value),), varies=False, node=one.value)
        if several is None:
            place = asked.at(["name"]).place
            raise refusal(Mistake.MISSING_KEY, f"a test has no `{part}`", place, f"say `{part}: …`")
        return Axis(self.listed(part, several), varies=True, node=several.value)

    def listed(self, part: str, several: Entry) -> tuple[str, ...]:
        """Return what a list names, with the members of its groups."""
        found: dict[str, None] = {}
        for item in several.value.items:
            for value in self._members(part, item):
                if value in found:
                    raise stands_twice(value, item)
                found[value] = None
        if not found and several.key.value != "are":
            raise refusal(
                Mistake.MISSING_KEY, f"`{several.key.value}` is empty", several.key.place, "name one"
            )
        return tuple(found)

    def _members(self, part: str, name: Node) -> tuple[str, ...]:
        """Return what a name in a list means: itself, or the members of a group."""
        text, action_groups = str(name.value), self._action_groups
        if text in self._groups:
            self._used.add(text)
            return tuple(self._named(part, item) for item in self._groups[text].value.items)
        if part == "action" and text in action_groups:
            return action_groups[text]
        return (self._named(part, name),)

    def _named(self, part: str, name: Node) -> str:
        """Return the one entity or action that a name means."""
        text = str(name.value)
        is_group = text in self._groups or (part == "action" and text in self._action_groups)
        if is_group:
            sentence = f"`{short(text)}` is a group, which only a list can have"
            raise refusal(Mistake.WRONG_VALUE, sentence, name.place, f"write `{part}s: [{text}]`")
        if part != "action":
            return written(self._fixtures.uid(name))
        if text not in self.actions:
            help_text = did_you_mean(text, (*self.actions, *self._action_groups))
            sentence = f"there is no action `{short(text)}`"
            raise refusal(Mistake.UNKNOWN_NAME, sentence, name.place, help_text)
        return text

    def by_cell(self, said: Node, axes: Sequence[Axis], cells: Sequence[Cell]) -> dict[Cell, Node]:
        """Return for each case the value that is said of it: the only one, or the first whose key fits."""
        if not isinstance(said.value, Mapping):
            return dict.fromkeys(cells, said)
        if not said.value:
            raise refusal(Mistake.MISSING_KEY, "a map from cases is empty", said.place, 'say `"*": deny`')
        found: dict[Cell, Node] = {}
        for entry in said.entries.values():
            pattern = self._pattern(entry.key, axes)
            fitting = [cell for cell in cells if cell not in found and _fits(cell, pattern)]
            if not fitting:
                sentence = f"`{short(str(entry.key.value))}` is about no case that is not decided above it"
                raise refusal(Mistake.UNKNOWN_NAME, sentence, entry.key.place, "delete it, or move it up")
            found |= dict.fromkeys(fitting, entry.value)
        return found

    def _pattern(self, key: Node, axes: Sequence[Axis]) -> _Pattern:
        """Return what a key allows for each part; None where it does not matter."""
        words = str(key.value).split()
        varying = [part for part, axis in zip(PARTS, axes, strict=True) if axis.varies]
        if words == [_ANY]:
            return (None, None, None)
        if len(words) != len(varying):
            sentence = f"key `{short(str(key.value))}` names no case of this test"
            help_text = f"write `{' '.join(varying)}`, or `*`" if varying else "nothing varies in it"
            raise refusal(Mistake.UNKNOWN_NAME, sentence, key.place, help_text)
        left = iter(words)
        return tuple(
            self._choice(part, axis, Node(next(left), key.place)) if axis.varies else None
            for part, axis in zip(PARTS, axes, strict=True)
        )

    def _choice(self, part: str, axis: Axis, word: Node) -> frozenset[str] | None:
        """Return what a word of a key stands for; all of it must be tried."""
        if word.value == _ANY:
            return None
        chosen = self._members(part, word)
        stray = next((one for one in chosen if one not in axis.values), None)
        if stray is not None:
            sentence = f"`{stray}` is none of the {part}s of this test"
            help_text = did_you_mean(stray, axis.values)
            raise refusal(Mistake.UNKNOWN_NAME, sentence, word.place, help_text)
        return frozenset(chosen)


def name_of(cell: Cell, axes: Sequence[Axis]) -> str:
    """Return what tells a case from the others of its test; all of it where nothing varies."""
    varying = [part for part, axis in zip(cell, axes, strict=True) if axis.varies]
    return " ".join(varying or cell)


def _fits(cell: Cell, pattern: _Pattern) -> bool:
    return all(choice is None or part in choice for part, choice in zip(cell, pattern, strict=True))


def stands_twice(name: str, node: Node) -> SimError:
    """Return the error for a name that a list already has."""
    return refusal(Mistake.DUPLICATE_KEY, f"`{short(name)}` stands here twice", node.place)
