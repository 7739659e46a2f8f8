"""What is private in a scenario is masked wherever the program shows the file again.

Some arguments are nobody's business (`core.declarations.Private`): what was copied, what a message says. They
reach the device, and neither a recording nor a report repeats them. As everything that is shown of a file are
its places, and each place has its line with it, it is those lines that are masked, before anything is read
from them: no error, failure or remark can show what is not there any more.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from sim.core.asking import AskDevice
from sim.core.declarations import Arguments, is_private
from sim.core.device import Device
from sim.core.errors import Place, ScenarioError
from sim.core.household import Household
from sim.documents.reading import Entry, Node, short
from sim.scenario.cases import MASK, placeholders
from sim.scenario.grammar import STEP_SHAPES
from sim.world.truth.driving import ROADS
from sim.world.truth.people import NATURE
from sim.world.truth.road_users import ROAD_USERS

_VERBS = frozenset(STEP_SHAPES)
_KEYS = frozenset(
    declared.alias or name for shape in STEP_SHAPES.values() for name, declared in shape.model_fields.items()
)
"""Keys of steps."""
_NOT_DEVICES = frozenset({NATURE, ROADS, ROAD_USERS})
_MARGIN = re.compile(r"[\s-]*")
"""What stands before the first key of a line, and hides nothing."""


class Privacy:
    """What is private among the arguments of a household's acts.

    Args:
        household: whose devices act.
        kinds: kind name to class.
    """

    def __init__(self, household: Household, kinds: Mapping[str, type[Device]]) -> None:
        self._household = household
        self._kinds = kinds

    def placeholders(self, document: Node, filled: Node) -> frozenset[str]:
        """Return the names of the placeholders that stand in private arguments.

        Args:
            document: with `$name` in it.
            filled: the same with the values of a case.
        """
        found: set[str] = set()
        steps = zip(_steps(document), _steps(filled), strict=True)
        for written, read in steps:
            for path in self._paths(read):
                found |= placeholders(written.at(path)).keys()
        return frozenset(found)

    def masked(self, document: Node) -> Node:
        """Return a document whose lines do not show what is private; its values stay what they are."""
        spots = [
            node.place
            for step in _steps(document)
            for path in self._paths(step)
            for node in _nodes(step.at(path))
        ]
        return _masked(document, _hidden(document, spots)) if spots else document

    def words(self, step: Node) -> tuple[str, ...]:
        """Return what is private in a step, as text."""
        scalars = (scalar for path in self._paths(step) for scalar in _scalars(step.at(path)))
        return tuple(dict.fromkeys(str(scalar.value) for scalar in scalars))

    def _paths(self, step: Node) -> Iterator[tuple[str, ...]]:
        """Yield where the private arguments of a step are, and what may be one that was mistyped."""
        do, arguments = step.step("do"), step.step("with")
        if do is None and _KEYS & step.entries.keys() >= {"with"} and not _VERBS & step.entries.keys():
            yield ("with",)
        if do is None:
            return
        yield from ((name,) for name in step.entries if name not in _KEYS)
        if arguments is None:
            return
        if not isinstance(arguments.value.value, Mapping):
            yield ("with",)
        model = self._model(do.value.value)
        names = arguments.value.entries
        if model is None:
            yield from (("with", name) for name in names)
        elif issubclass(model, AskDevice):
            yield from (("with", name) for name in names if not _declares(model, name))
            yield from self._paths_asked(arguments.value)
        else:
            yield from (("with", name) for name in _private_of(model, names))

    def _paths_asked(self, arguments: Node) -> Iterator[tuple[str, ...]]:
        """Yield where the private arguments of a command are that any device is asked for."""
        written = arguments.step("arguments")
        if written is None:
            return
        names = written.value.entries
        asked = self._asked(arguments)
        if asked is None and not names:
            yield ("with", "arguments")
        private = names if asked is None else _private_of(asked, names)
        yield from (("with", "arguments", name) for name in private)

    def _model(self, act: object) -> type[Arguments] | None:
        """Return what an act such as `phone.copy` declares; None when it may declare anything."""
        actor, _, verb = str(act).partition(".")
        if actor in self._household.people or actor in _NOT_DEVICES:
            return Arguments  # they have no secrets
        entry = self._household.devices.get(actor)
        if entry is None:
            return None
        acts = self._kinds[entry.kind].acts
        found = next((one for one in acts if one.verb == verb), None)
        if found is not None:
            return found
        return None if any(issubclass(one, AskDevice) or _has_secrets(one) for one in acts) else Arguments

    def _asked(self, arguments: Node) -> type[Arguments] | None:
        """Return the command that a device is asked for, if there is one."""
        entry = self._household.devices.get(str(arguments.at(["device"]).value))
        if entry is None:
            return None
        commands = {command.action: command for command in self._kinds[entry.kind].commands}
        return commands.get(str(arguments.at(["action"]).value))


def _declares(model: type[Arguments], name: str) -> bool:
    return any(name in {field, declared.alias} for field, declared in model.model_fields.items())


def _has_secrets(model: type[Arguments]) -> bool:
    return any(is_private(model, name) for name in model.model_fields)


def _private_of(model: type[Arguments], names: Iterable[str]) -> Iterator[str]:
    """Yield the names that are private; where some are, a name that is not declared may be one mistyped."""
    secrets = _has_secrets(model)
    yield from (name for name in names if is_private(model, name) or (secrets and not _declares(model, name)))


def place_without(place: Place, spans: list[tuple[int, int]]) -> Place:
    """Return a place in a line of which some columns, from 0, show the mask."""
    return _shown(place, spans)


def without_value(place: Place, value: Place) -> Place:
    """Return a place in a line that shows the mask where it has a value."""
    if (place.file, place.line) != (value.file, value.line):
        return place
    return _shown(place, [(value.column - 1, value.column - 1 + value.length)])


def concealed(error: ScenarioError, words: tuple[str, ...]) -> ScenarioError:
    """Return an error whose sentence repeats none of some words; a user's words stand in backticks there."""
    sentence = error.sentence
    for word in words:
        sentence = sentence.replace(f"`{short(word)}`", MASK)
    return type(error)(sentence, place=error.place, help_text=error.help_text, code=error.code)


def _steps(document: Node) -> tuple[Node, ...]:
    steps = document.step("steps")
    return () if steps is None else steps.value.items


def _scalars(node: Node) -> Iterator[Node]:
    """Yield every scalar in a value."""
    if node.entries or node.items:
        for inner in (*(entry.value for entry in node.entries.values()), *node.items):
            yield from _scalars(inner)
    else:
        yield node


def _nodes(node: Node) -> Iterator[Node]:
    """Yield every key and value of a document."""
    yield node
    for entry in node.entries.values():
        yield entry.key
        yield from _nodes(entry.value)
    for item in node.items:
        yield from _nodes(item)


def _hidden(document: Node, spots: list[Place]) -> dict[tuple[str, int], list[tuple[int, int]]]:
    """Return which columns of which lines are hidden: (file, line) to (first, end), from 0.

    A text that goes on over several lines ends before whatever comes next, wherever in its line that is.
    """
    starts = sorted({(node.place.file, node.place.line, node.place.column) for node in _nodes(document)})
    hidden: dict[tuple[str, int], list[tuple[int, int]]] = {}
    lines = {(node.place.file, node.place.line): node.place.source_line for node in _nodes(document)}
    for spot in dict.fromkeys(spots):
        first = spot.column - 1
        hidden.setdefault((spot.file, spot.line), []).append((first, first + spot.length))
        later = next((one for one in starts if one > (spot.file, spot.line, spot.column)), None)
        if later is None or later[0] != spot.file or later[1] == spot.line:
            continue
        before = lines[later[0], later[1]][: later[2] - 1]
        if not _MARGIN.fullmatch(before):
            hidden.setdefault((spot.file, later[1]), []).append((0, later[2] - 1))
    return hidden


def _masked(node: Node, hidden: Mapping[tuple[str, int], list[tuple[int, int]]]) -> Node:
    """Return a node, and everything in it, with places that show the mask."""
    value = node.value
    if isinstance(value, Mapping):
        value = {
            name: Entry(_masked(entry.key, hidden), _masked(entry.value, hidden))
            for name, entry in value.items()
        }
    elif isinstance(value, tuple):
        value = tuple(_masked(item, hidden) for item in value)
    spans = hidden.get((node.place.file, node.place.line))
    return replace(node, value=value, place=node.place if spans is None else _shown(node.place, spans))


def _shown(place: Place, spans: list[tuple[int, int]]) -> Place:
    """Return a place in its masked line; what is underlined stays underlined as far as it is there."""
    line = place.source_line
    shown, columns = "", []
    for column, character in enumerate(line):
        span = next((one for one in spans if one[0] <= column < one[1]), None)
        columns.append(len(shown) if span is None or column == span[0] else len(shown) - len(MASK))
        if span is None:
            shown += character
        elif column == span[0]:
            shown += MASK
    columns.append(len(shown))
    first = columns[min(place.column - 1, len(line))]
    end = columns[min(place.column - 1 + place.length, len(line))]
    return replace(place, column=first + 1, length=max(1, end - first), source_line=shown)
