"""Conditions held against a running stage: do they hold now, when will they, and what is true instead."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import pairwise
from typing import Any

from sim.core.device import FINAL
from sim.scenario.flowing import FLOWS, FlowLog
from sim.scenario.model import AnyCondition, CommandCondition, FactCondition, FlowCondition
from sim.scenario.values import show
from sim.world.stage import Stage
from sim.world.trace import Record


@dataclass(slots=True)
class CommandState:
    """What has become of one command or act, as its sender knows it.

    Attributes:
        status: where it is now.
        passed: every status it has had.
        reason: why it ended as it did.
        denial: for a denied one: kind, rules, clauses, article, quote, instead, layer, code.
        spoken: what was said aloud about it, in order.
    """

    status: str = "started"
    passed: list[str] = field(default_factory=list)
    reason: str = ""
    denial: Mapping[str, Any] = field(default_factory=dict)
    spoken: list[str] = field(default_factory=list)

    @property
    def ended(self) -> bool:
        """Whether nothing can follow."""
        return self.status in FINAL


class Commands:
    """Every command of a run, followed through its records."""

    def __init__(self) -> None:
        self.flows = FlowLog()
        """The data that went from one device to another, likewise."""
        self._states: dict[str, CommandState] = {}
        self._tickets: dict[str, tuple[str, tuple[str, ...]]] = {}

    def name(self, alias: str, ticket: str, *acts: str) -> None:
        """Give a command its name in the scenario; a sentence may have led to several acts."""
        self._tickets[alias] = (ticket, acts)
        self.flows.begin(alias)

    def follow(self, record: Record) -> None:
        """Take note of a record; the trace calls this with every one."""
        kind = record["kind"]
        if kind == "flow":
            self.flows.follow(record)
        elif kind == "spoken":
            self._states.setdefault(record["command"], CommandState()).spoken.append(record["text"])
        if kind != "command":
            return
        state = self._states.setdefault(record["command"], CommandState())
        if state.ended:
            return
        state.status = record["status"]
        state.passed.append(record["status"])
        state.reason = record["reason"]
        state.denial = record["denial"] or {}

    def of(self, alias: str) -> CommandState:
        """Return what has become of a named command; of several, they are as far as the last of them."""
        ticket, acts = self._tickets.get(alias, ("", ()))
        if not acts:
            return self.state(ticket)
        return replace(_together([self.state(act) for act in acts]), spoken=self.state(ticket).spoken)

    def state(self, ticket: str) -> CommandState:
        """Return what has become of a command by its ticket."""
        return self._states.get(ticket, CommandState())


def _together(states: Sequence[CommandState]) -> CommandState:
    """Return several commands as one: done when all are, and otherwise as the first that is not.

    One that is still under way comes before one that was refused: only then it is known how all ended.
    """
    under_way = next((state for state in states if not state.ended), None)
    refused = next((state for state in states if state.status != "done"), states[0])
    first = under_way or refused
    passed = [status for status in first.passed if all(status in state.passed for state in states)]
    ended = [] if under_way is not None or first.status in passed else [first.status]
    return replace(first, passed=[*passed, *ended])


@dataclass(frozen=True, slots=True)
class Comparison:
    """One condition beside what is so.

    Attributes:
        name: the fact or command.
        expected: what must be.
        actual: what is.
        holds: whether they agree.
    """

    name: str
    expected: str
    actual: str
    holds: bool


@dataclass(frozen=True, slots=True)
class _Course:
    """How one fact moves between two events: distances that bend it, and the ends of its condition."""

    bends: Sequence[Callable[[int], float]]
    edges: Sequence[Callable[[int], bool]]


class Watch:
    """Some conditions of one step, with the values their facts had when it began.

    Args:
        conditions: what is watched.
        stage: where.
        commands: what has become of named commands.
    """

    def __init__(self, conditions: Sequence[AnyCondition], stage: Stage, commands: Commands) -> None:
        self.conditions = conditions
        self._stage = stage
        self._commands = commands
        self._courses: list[_Course] = []
        self._checks = [self._check(one) for one in conditions]
        self.hears: bool = any(_hears(one) for one in conditions)
        """Whether they can begin or cease to hold because a device heard something, and did nothing."""

    def all_hold(self, at_ms: int) -> bool:
        """Say whether every condition holds at an instant before the next event."""
        for check in self._checks:  # noqa: SIM110  # asked after every event, and a generator takes twice as long
            if not check(at_ms):
                return False
        return True

    def any_holds(self, at_ms: int) -> bool:
        """Say whether one of the conditions holds at an instant before the next event."""
        for check in self._checks:  # noqa: SIM110  # as above
            if check(at_ms):
                return True
        return False

    @property
    def moves(self) -> bool:
        """Whether the conditions can begin or cease to hold between two events."""
        return bool(self._courses)

    @property
    def bent(self) -> bool:
        """Whether a look at the next event could miss that the conditions hold on the way there."""
        return len(self._courses) > 1 or any(one.bends or len(one.edges) > 1 for one in self._courses)

    def turns(self, now_ms: int, next_ms: int) -> set[int]:
        """Return every instant up to the next event at which a condition may begin or cease to hold.

        Between two events a quantity moves in one direction, save for the distance to something that is
        passed; so each end of a condition is crossed once at most on either side of the nearest instant.
        """
        found: set[int] = set()
        for course in self._courses:
            nearest = {_nearest_ms(distance, now_ms, next_ms) for distance in course.bends}
            found |= nearest
            for low_ms, high_ms in pairwise(sorted({now_ms, *nearest, next_ms})):
                for edge in course.edges:
                    if edge(low_ms) != edge(high_ms):
                        found.add(first_ms(low_ms, high_ms, partial(_differs, edge, edge(low_ms))))
        return found

    def hopeless(self) -> bool:
        """Say whether a command has ended in another way than expected, so that waiting is in vain."""
        return any(
            self._commands.of(one.alias).ended and not self._command_holds(one)
            for one in self.conditions
            if isinstance(one, CommandCondition)
        )

    def ended_as(self, statuses: Sequence[str]) -> bool:
        """Say whether a watched command has one of some statuses."""
        return any(
            self._commands.of(one.alias).status in statuses
            for one in self.conditions
            if isinstance(one, CommandCondition)
        )

    def compare(self, at_ms: int) -> list[Comparison]:
        """Return every condition beside what is so."""
        return [self._compare(index, at_ms) for index in range(len(self.conditions))]

    def _check(self, one: AnyCondition) -> Callable[[int], bool]:
        """Return what says whether a condition holds at an instant; invariants ask it after every event."""
        if isinstance(one, CommandCondition):
            return lambda _: self._command_holds(one)
        if isinstance(one, FlowCondition):
            seek = self._commands.flows.seeker(one)
            return lambda _: seek()
        stage, read, holds = self._stage, one.fact.read, one.condition.holds
        before = read(stage, stage.timeline.now_ms)
        if not one.fact.moves:
            return lambda at_ms: holds(read(stage, at_ms), before)
        edges = [
            lambda at_ms, edge=edge: edge(read(stage, at_ms), before)
            for edge in one.condition.edges or (holds,)
        ]
        self._courses.append(_Course([partial(bend, stage) for bend in one.fact.bends], edges))
        return lambda at_ms: holds(read(stage, at_ms), before)

    def _command_holds(self, wanted: CommandCondition) -> bool:
        state = self._commands.of(wanted.alias)
        if not any(status in state.passed for status in wanted.statuses):
            return False
        return all(_says(state, name, text) for name, text in wanted.denial.items())

    def _compare(self, index: int, at_ms: int) -> Comparison:
        one = self.conditions[index]
        holds = self._checks[index](at_ms)
        if isinstance(one, FactCondition):
            actual = show(one.fact.read(self._stage, at_ms), one.fact.type)
            return Comparison(one.fact.path, one.condition.text, actual, holds)
        if isinstance(one, FlowCondition):
            return Comparison(FLOWS, one.text, self._commands.flows.describe(one), holds)
        state = self._commands.of(one.alias)
        wanted = " or ".join(one.statuses)
        detail = "".join(f", {name} {text}" for name, text in one.denial.items())
        heard = "".join(f", spoken {said}" for said in state.spoken) if "spoken" in one.denial else ""
        return Comparison(one.alias, wanted + detail, describe(state) + heard, holds)


def _hears(one: AnyCondition) -> bool:
    return not isinstance(one, FactCondition) or one.fact.hears


def first_ms(low_ms: int, high_ms: int, holds: Callable[[int], bool]) -> int:
    """Return the first instant after `low_ms` at which something holds that holds from then on.

    Args:
        low_ms: before it holds.
        high_ms: returned when it does not hold before that.
        holds: what to look for.
    """
    while high_ms - low_ms > 1:
        middle_ms = (low_ms + high_ms) // 2
        if holds(middle_ms):
            high_ms = middle_ms
        else:
            low_ms = middle_ms
    return high_ms


def _nearest_ms(distance: Callable[[int], float], now_ms: int, next_ms: int) -> int:
    """Return when a distance is least: from then on it does not fall any more."""

    def rises(at_ms: int) -> bool:
        return distance(at_ms + 1) >= distance(at_ms)

    # Mostly nobody moves: one look instead of a search.
    return now_ms if rises(now_ms) else first_ms(now_ms, next_ms, rises)


def _differs(edge: Callable[[int], bool], before: bool, at_ms: int) -> bool:  # noqa: FBT001  # partially applied
    return edge(at_ms) is not before


def describe(state: CommandState) -> str:
    """Return what has become of a command, for people: `denied by no-remote-driving: …`."""
    rules = ", ".join(state.denial.get("rules", ()))
    by = f" by {rules}" if rules else ""
    code = f" ({state.denial['code']})" if state.denial.get("code") else ""
    reason = f": {state.reason}" if state.reason else ""
    return f"{state.status}{by}{code}{reason}"


def _says(state: CommandState, name: str, text: str) -> bool:
    """Say whether a denial agrees with what a scenario expects of it."""
    denial = state.denial
    match name:
        case "rule":
            return text in denial.get("rules", ())
        case "clause":
            return any(text in clause["clause"] for clause in denial.get("clauses", ()))
        case "reason":
            return text in state.reason
        case "spoken":
            return any(_matches(text, said) for said in state.spoken)
        case _:
            return bool(denial.get(name) == text)


def _matches(pattern: str, said: str) -> bool:
    """Say whether a sentence is as a pattern has it, where `*` stands for any words, or none."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), said, re.DOTALL) is not None
