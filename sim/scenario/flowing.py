"""Conditions about where data go: `never: {flows: {kind: location, to: ads}}`, and the flows of a run.

Who is named is a device, a kind of device, which stands for every device of that kind, or a person, who
stands for the devices they own and for what they say themselves; `from: stranger` is a voice nobody knows.
`any phone` is the kind where a device has the name of a kind.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import get_args

from sim.core.declarations import DataKind, carried
from sim.core.device import Device
from sim.core.errors import Place, ScenarioError, did_you_mean
from sim.core.household import Household
from sim.core.units import show_duration
from sim.documents.reading import Entry, Mistake, Node
from sim.documents.shape import validate
from sim.scenario.grammar import FlowShape
from sim.scenario.model import FlowCondition, Remark
from sim.world.trace import Record

FLOWS = "flows"
"""The key of a condition about data."""
STRANGER = "stranger"
"""Whose voice nobody knows."""
ANY = "any "
"""What stands before the name of a kind to mean the kind."""
DATA_KINDS: tuple[DataKind, ...] = get_args(DataKind)


class FlowReader:
    """Reads conditions about data.

    Args:
        household: who and what there is.
        kinds: kind name to class.
        remarks: where to put what may not be meant.
    """

    def __init__(
        self, household: Household, kinds: Mapping[str, type[Device]], remarks: list[Remark]
    ) -> None:
        self._household = household
        self._kinds = kinds
        self._remarks = remarks

    def read(self, entry: Entry, aliases: Mapping[str, Place]) -> Iterator[FlowCondition]:
        """Yield the condition, or each of a list.

        Args:
            entry: `flows` and what stands behind it.
            aliases: names of acts that `since` can name.

        Raises:
            ScenarioError: for a name or a sort of datum that cannot be.
        """
        for node in entry.value.items or (entry.value,):
            yield self._one(entry, node, aliases)

    def _one(self, entry: Entry, node: Node, aliases: Mapping[str, Place]) -> FlowCondition:
        shape = validate(node, FlowShape, ScenarioError, key=entry.key)
        everybody = frozenset(self._household.devices)
        speakers = frozenset(self._household.people) | {STRANGER}
        sources, readers = self._named(node, "from"), self._named(node, "to")
        beside = self._named(node, "not_to")
        if readers is not None and beside is not None:
            sentence = "`to` and `not_to` do not go together"
            place = node.entries["not_to"].key.place
            raise Mistake.WRONG_SECTION.of(ScenarioError, sentence, place, "keep one of them")
        if shape.since is not None and shape.since not in aliases:
            place = node.entries["since"].value.place
            sentence = f"`{shape.since}` is no act that was named by `as` before"
            raise Mistake.UNKNOWN_NAME.of(ScenarioError, sentence, place, did_you_mean(shape.since, aliases))
        if not self._is_carried(shape.kind):
            sentence = f"nothing in this household is declared to carry `{shape.kind}`, so it never flows"
            self._remarks.append(Remark(sentence, node.entries["kind"].value.place))
        return FlowCondition(
            shape.kind,
            everybody | speakers if sources is None else sources,
            everybody - beside if beside is not None else everybody if readers is None else readers,
            shape.since,
            _written(node),
            entry.key.place,
        )

    def _named(self, node: Node, key: str) -> frozenset[str] | None:
        """Return the devices that are named behind a key; None when it is not there."""
        entry = node.step(key)
        if entry is None:
            return None
        found: set[str] = set()
        for item in entry.value.items or (entry.value,):
            found |= {str(item.value)} if key == "from" and item.value == STRANGER else self._devices(item)
        return frozenset(found)

    def _devices(self, node: Node) -> set[str]:
        name = str(node.value)
        household = self._household
        if name in household.devices:
            return {name}
        if name in household.people:
            # Also what people say themselves is theirs; nothing is delivered to a person.
            return {name, *(one for one, entry in household.devices.items() if entry.config.owner == name)}
        kind = name.removeprefix(ANY)
        of_kind = {one for one, entry in household.devices.items() if entry.kind == kind}
        if not of_kind:
            there = dict.fromkeys(entry.kind for entry in household.devices.values())
            sentence = f"`{name}` is no device, kind of device or person of this household"
            help_text = did_you_mean(kind, [*household.devices, *household.people, *there])
            raise Mistake.UNKNOWN_NAME.of(ScenarioError, sentence, node.place, help_text)
        return of_kind

    def _is_carried(self, datum: DataKind) -> bool:
        """Say whether a device of the household declares that it tells, takes or returns such data."""
        for name in {entry.kind for entry in self._household.devices.values()}:
            kind = self._kinds[name]
            marks = [mark for model in (*kind.facets, *kind.commands) for _, mark in carried(model)]
            marks += [mark for command in kind.commands for mark in command.returns.values()]
            marks += [mark for event in kind.tells.values() for mark in event.values()]
            if datum == "voice" and kind.listens:
                return True
            if any(mark.kind == datum for mark in marks):
                return True
        return False


def _written(node: Node) -> str:
    """Return a condition as a phrase: `location from phone to ads`."""
    words = [str(node.entries["kind"].value.value)]
    for key in ("from", "to", "not_to", "since"):
        entry = node.step(key)
        if entry is not None:
            names = [str(item.value) for item in entry.value.items or (entry.value,)]
            words += [key.replace("_", " "), " or ".join(names)]
    return " ".join(words)


class FlowLog:
    """The flows of a run, as its records come."""

    def __init__(self) -> None:
        self._flows: list[Record] = []
        self._began: dict[str, int] = {}

    def follow(self, record: Record) -> None:
        """Take note of a record of one."""
        self._flows.append(record)

    def begin(self, alias: str) -> None:
        """Take note that an act with a name begins; a sentence is named again once it is understood."""
        self._began.setdefault(alias, len(self._flows))

    def first(self, wanted: FlowCondition, after: int = 0) -> Record | None:
        """Return the first flow that is as a condition has it, of those after the first `after`."""
        begun = 0 if wanted.since is None else self._began.get(wanted.since, len(self._flows))
        return next((one for one in self._flows[max(begun, after) :] if _is(one, wanted)), None)

    def seeker(self, wanted: FlowCondition) -> Callable[[], bool]:
        """Return what says whether there has been such a flow; each is looked at once."""
        looked, found = 0, False

        def look() -> bool:
            nonlocal looked, found
            if not found and looked < len(self._flows):
                found = self.first(wanted, looked) is not None
                looked = len(self._flows)
            return found

        return look

    def describe(self, wanted: FlowCondition) -> str:
        """Return the first such flow for people, or that there is none."""
        flow = self.first(wanted)
        if flow is None:
            return "none so far"
        way = f"{flow['source']} → {flow['device']}"
        return f"{way} by {flow['message']} after {show_duration(flow['t'])}"


def _is(flow: Record, wanted: FlowCondition) -> bool:
    return (
        flow["datum"] == wanted.datum
        and flow["source"] in wanted.sources
        and flow["device"] in wanted.readers
    )
