"""Conditions held against a running stage: do they hold now, when will they, and what is true instead."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sim.core.device import FINAL
from sim.scenario.model import AnyCondition, CommandCondition, FactCondition
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
        denial: for a denied one: kind, rules, clauses, article, quote, instead.
    """

    status: str = "started"
    passed: list[str] = field(default_factory=list)
    reason: str = ""
    denial: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ended(self) -> bool:
        """Whether nothing can follow."""
        return self.status in FINAL


class Commands:
    """Every command of a run, followed through its records."""

    def __init__(self) -> None:
        self._states: dict[str, CommandState] = {}
        self._tickets: dict[str, str] = {}

    def name(self, alias: str, ticket: str) -> None:
        """Give a command its name in the scenario."""
        self._tickets[alias] = ticket

    def follow(self, record: Record) -> None:
        """Take note of a record; the trace calls this with every one."""
        if record["kind"] != "command":
            return
        state = self._states.setdefault(record["command"], CommandState())
        if state.ended:
            return
        state.status = record["status"]
        state.passed.append(record["status"])
        state.reason = record["reason"]
        state.denial = record["denial"] or {}

    def of(self, alias: str) -> CommandState:
        """Return what has become of a named command."""
        return self._states.get(self._tickets.get(alias, ""), CommandState())


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
        now_ms = stage.timeline.now_ms
        self._before = [
            one.fact.read(stage, now_ms) if isinstance(one, FactCondition) else None for one in conditions
        ]

    def all_hold(self, at_ms: int) -> bool:
        """Say whether every condition holds at an instant before the next event."""
        return all(self._holds(index, at_ms) for index in range(len(self.conditions)))

    def any_holds(self, at_ms: int) -> bool:
        """Say whether one of the conditions holds at an instant before the next event."""
        return any(self._holds(index, at_ms) for index in range(len(self.conditions)))

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

    def _holds(self, index: int, at_ms: int) -> bool:
        one = self.conditions[index]
        if isinstance(one, CommandCondition):
            return self._command_holds(one)
        return one.condition.holds(one.fact.read(self._stage, at_ms), self._before[index])

    def _command_holds(self, wanted: CommandCondition) -> bool:
        state = self._commands.of(wanted.alias)
        if not any(status in state.passed for status in wanted.statuses):
            return False
        return all(_says(state, name, text) for name, text in wanted.denial.items())

    def _compare(self, index: int, at_ms: int) -> Comparison:
        one = self.conditions[index]
        holds = self._holds(index, at_ms)
        if isinstance(one, FactCondition):
            actual = show(one.fact.read(self._stage, at_ms), one.fact.type)
            return Comparison(one.fact.path, one.condition.text, actual, holds)
        state = self._commands.of(one.alias)
        wanted = " or ".join(one.statuses)
        detail = "".join(f", {name} {text}" for name, text in one.denial.items())
        return Comparison(one.alias, wanted + detail, describe(state), holds)


def describe(state: CommandState) -> str:
    """Return what has become of a command, for people: `denied by no-remote-driving: …`."""
    rules = ", ".join(state.denial.get("rules", ()))
    by = f" by {rules}" if rules else ""
    reason = f": {state.reason}" if state.reason else ""
    return f"{state.status}{by}{reason}"


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
        case _:
            return bool(denial.get(name) == text)
