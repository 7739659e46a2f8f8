"""Conditions of `expect`, `never`, `until` and `always`: which fact or command, and what it must be."""

from collections.abc import Mapping
from dataclasses import replace
from typing import cast, get_args

from sim.core.device import Status
from sim.core.errors import Place, ScenarioError, did_you_mean
from sim.documents.reading import Entry, Mistake, Node, short
from sim.scenario.facts import Facts, UnknownFactError
from sim.scenario.flowing import FLOWS, FlowReader
from sim.scenario.model import AnyCondition, CommandCondition, FactCondition, Remark
from sim.scenario.values import WrongValueError, condition
from sim.world.node.inbox import CODES

DENIAL_KEYS = ("rule", "article", "kind", "reason", "clause", "instead", "layer", "code")
"""What an expected denial can say more exactly; they belong to the command named beside them."""

SPOKEN = "spoken"
"""What was said aloud about a command; it belongs to the command named beside it, however that ended."""

_RESERVED = (*DENIAL_KEYS, SPOKEN, FLOWS)
"""What means something else than a fact or a command."""

DENIAL_KINDS = ("forbidden", "not_permitted", "not_evaluated")
DENIAL_LAYERS = ("signature", "freshness", "key", "policy")

_CODES = tuple(sorted(CODES))
_STATUSES: tuple[str, ...] = get_args(Status)


class ConditionReader:
    """Reads conditions, and remembers which commands a scenario has named so far.

    Args:
        facts: what can be asked.
        rules: ids of the rules in force.
        remarks: where to put what may not be meant.
    """

    def __init__(self, facts: Facts, rules: tuple[str, ...], remarks: list[Remark]) -> None:
        self._facts = facts
        self._rules = rules
        self._remarks = remarks
        self._flows = FlowReader(facts.household, facts.kinds, remarks)
        self._aliases: dict[str, Place] = {}
        self.later: Mapping[str, Place] = {}
        """Every name the scenario gives anywhere, for the error about using one too early."""

    def declare(self, alias: str, node: Node) -> None:
        """Take note of a command's name.

        Raises:
            ScenarioError: when the name is taken.
        """
        if alias in self._aliases:
            sentence = f"`{alias}` was already named on line {self._aliases[alias].line}"
            raise Mistake.NAME_TAKEN.of(ScenarioError, sentence, node.place, "choose another name")
        if alias in self._facts.roots() or alias in _RESERVED:
            sentence = f"`{alias}` already means something else in a condition"
            raise Mistake.NAME_TAKEN.of(ScenarioError, sentence, node.place, "choose another name")
        self._aliases[alias] = node.place

    def read(self, node: Node, *, negated: bool = False) -> tuple[AnyCondition, ...]:
        """Return the conditions of a mapping.

        Args:
            node: names and what they must be.
            negated: whether they are what must not hold.

        Raises:
            ScenarioError: for a name or a value that cannot be.
        """
        denial = {name: entry for name, entry in node.entries.items() if name in DENIAL_KEYS}
        spoken = node.entries.get(SPOKEN)
        rest = {name: entry for name, entry in node.entries.items() if name not in _RESERVED}
        found = [self._one(name, entry) for name, entry in rest.items()]
        if FLOWS in node.entries:
            found += self._flows.read(node.entries[FLOWS], self._aliases)
        commands = [one for one in found if isinstance(one, CommandCondition)]
        if spoken is not None:
            command = self._command_spoken_of(commands, spoken)
            said = replace(command, denial={SPOKEN: str(spoken.value.value)})
            found = [said if one is command else one for one in found]
            commands = [said if one is command else one for one in commands]
        if denial:
            if len(commands) != 1:
                name, entry = next(iter(denial.items()))
                sentence = f"`{name}` is about a denied command, and here are {len(commands)} commands"
                raise Mistake.WRONG_SECTION.of(
                    ScenarioError, sentence, entry.key.place, "name exactly one beside it: `unlock: denied`"
                )
            detailed = self._denied(commands[0], denial)
            found = [detailed if one is commands[0] else one for one in found]
        elif not negated:
            self._warn_of_vague_denials(commands)
        return tuple(found)

    def _one(self, name: str, entry: Entry) -> AnyCondition:
        if name in self._aliases:
            return CommandCondition(name, self._statuses(entry.value), {}, entry.key.place)
        try:
            fact = self._facts.find(name)
        except UnknownFactError as error:
            raise self._unknown(name, entry, error) from None
        try:
            return FactCondition(fact, condition(entry.value.plain(), fact.type), entry.key.place)
        except WrongValueError as error:
            raise Mistake.WRONG_VALUE.of(
                ScenarioError, f"`{name}`: {error}", entry.value.place, error.help_text
            ) from None

    def _unknown(self, name: str, entry: Entry, error: UnknownFactError) -> Exception:
        root = name.split(".", maxsplit=1)[0]
        place = entry.key.place
        if root in self._aliases:
            sentence = f"`{root}` is a command, and has no facts"
            return Mistake.UNKNOWN_NAME.of(ScenarioError, sentence, place, f"write `{root}: done`")
        if root in self.later:
            sentence = f"`{root}` is named only later, on line {self.later[root].line}"
            return Mistake.UNKNOWN_NAME.of(ScenarioError, sentence, place, "move the step that names it up")
        if root in self._facts.roots():
            sentence = (
                f"`{root}` has no fact `{error.part}`" if error.part else f"`{name}` is not a fact itself"
            )
            return Mistake.UNKNOWN_NAME.of(
                ScenarioError, sentence, place, did_you_mean(error.part, error.known)
            )
        known = [*self._aliases, *self._facts.roots()]
        sentence = f"`{root}` is neither in the household nor a command named by `as`"
        return Mistake.UNKNOWN_NAME.of(ScenarioError, sentence, place, did_you_mean(root, known))

    def _statuses(self, node: Node) -> tuple[Status, ...]:
        items = node.items or (node,)
        for item in items:
            if item.value not in _STATUSES:
                sentence = f"`{short(item.written)}` is nothing a command can be"
                raise Mistake.WRONG_VALUE.of(
                    ScenarioError, sentence, item.place, did_you_mean(item.written, _STATUSES)
                )
        return cast("tuple[Status, ...]", tuple(item.value for item in items))

    def _denied(self, command: CommandCondition, denial: Mapping[str, Entry]) -> CommandCondition:
        # What has failed or expired has a reason too, and nothing else of a denial.
        ended = set(denial) == {"reason"} and command.statuses in {("failed",), ("expired",)}
        if command.statuses != ("denied",) and not ended:
            sentence = f"`{command.alias}` must be `denied` for a rule or reason to be expected"
            raise Mistake.WRONG_VALUE.of(ScenarioError, sentence, command.place, "write `denied`")
        for name, entry in denial.items():
            if not isinstance(entry.value.value, str):
                sentence = f"`{name}` is text"
                shown = entry.value.written
                raise Mistake.WRONG_VALUE.of(
                    ScenarioError, sentence, entry.value.place, f'put it in quotes: `"{shown}"`'
                )
            words = {"rule": self._rules, "kind": DENIAL_KINDS, "layer": DENIAL_LAYERS, "code": _CODES}
            choices = words.get(name)
            if choices is not None and entry.value.value not in choices:
                sentence = f"there is no {name} `{entry.value.value}`"
                help_text = did_you_mean(entry.value.value, choices)
                raise Mistake.UNKNOWN_NAME.of(ScenarioError, sentence, entry.value.place, help_text)
        said = {name: str(entry.value.value) for name, entry in denial.items()}
        return replace(command, denial={**command.denial, **said})

    def _command_spoken_of(self, commands: list[CommandCondition], spoken: Entry) -> CommandCondition:
        """Return the one command that something was said about."""
        if len(commands) != 1:
            sentence = f"`{SPOKEN}` is about a command, and here are {len(commands)} commands"
            raise Mistake.WRONG_SECTION.of(
                ScenarioError, sentence, spoken.key.place, "name exactly one beside it: `wish: done`"
            )
        if not isinstance(spoken.value.value, str):
            sentence = f"`{SPOKEN}` is text"
            raise Mistake.WRONG_VALUE.of(
                ScenarioError,
                sentence,
                spoken.value.place,
                'put it in quotes, with `*` for any words: "*bedroom*"',
            )
        return commands[0]

    def _warn_of_vague_denials(self, commands: list[CommandCondition]) -> None:
        for command in commands:
            if command.statuses == ("denied",):
                sentence = f"`{command.alias}: denied` does not say by which rule; any refusal would pass"
                self._remarks.append(Remark(sentence, command.place))
