"""What requests reach of the rules: four numbers, which say different things and are never made one.

    rules         those that determined an answer
    conditions    atomic conditions that were seen both true and false
    environments  kinds of requests: type of the principal, action, type of the resource
    mutants       planted mistakes that were noticed; counted elsewhere and only shown here

A rule that determined an answer has not been tested by that alone: each of its conditions may still have
been true whenever it was looked at.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cedarpy import pst

from sim.analysis.evaluation.compiled import CompiledRules, Store
from sim.analysis.evaluation.tree import atoms, places, text_of
from sim.analysis.question import Question, Uid
from sim.core.errors import Place
from sim.policy.engine import Verdict
from sim.policy.rules import Rule

Environment = tuple[str, str, str]
"""Type of the principal, name of the action, type of the resource."""


@dataclass(frozen=True, slots=True)
class Count:
    """So many of so many."""

    reached: int
    total: int

    @property
    def share(self) -> float:
        """From 0 to 1; 1 when there is nothing to reach."""
        return self.reached / self.total if self.total else 1.0

    def __str__(self) -> str:
        return f"{self.reached} of {self.total}"


@dataclass(frozen=True, slots=True)
class Totals:
    """The four numbers; `mutants` is None where nobody counted them."""

    rules: Count
    conditions: Count
    environments: Count
    mutants: Count | None = None


@dataclass(slots=True)
class Condition:
    """An atomic condition and how often it was what.

    Attributes:
        rule: id of its rule.
        text: as Cedar text.
        place: where it stands; None when nobody said.
        true: how often it was true.
        false: how often it was false.
        errors: how often it erred.
    """

    rule: str
    text: str
    place: Place | None
    true: int = 0
    false: int = 0
    errors: int = 0

    @property
    def missing(self) -> tuple[bool, ...]:
        """The values it was never seen to have."""
        return tuple(value for value, count in ((True, self.true), (False, self.false)) if not count)

    @property
    def looked_at(self) -> int:
        """How often it was evaluated."""
        return self.true + self.false + self.errors


class Coverage:
    """Collects what requests reach; holds counts only, so any number of requests can be added.

    Args:
        rules: id to rule.
        schema: Cedar's schema in its JSON form.
        written: the rules as they were read, which say where things stand; may lack some or all.
        left_out: actions that nobody can ask for, whose environments do not count.

    Raises:
        PolicyError: when the rules or the schema use what is not known here.
    """

    def __init__(
        self,
        rules: Mapping[str, pst.Template],
        schema: Mapping[str, Any],
        written: Mapping[str, Rule] | None = None,
        left_out: Iterable[str] = (),
    ) -> None:
        self.compiled = CompiledRules(rules, schema)
        self._written = dict(written or {})
        self._determined = dict.fromkeys(rules, 0)
        self._conditions = {
            name: _conditions(name, rule, self._written.get(name)) for name, rule in rules.items()
        }
        ignored = frozenset(left_out)
        self._environments: dict[Environment, int] = {
            one: 0 for one in self.compiled.schema.environments if one[1] not in ignored
        }

    def add(self, question: Question) -> Verdict:
        """Count one request, and return its answer.

        Raises:
            PolicyError: when the entities do not conform to the schema.
        """
        store = self.compiled.store(question.entities)
        return self.add_in(store, question.principal, question.action, question.resource, question.context)

    def add_in(
        self, store: Store, principal: Uid, action: str, resource: Uid, context: Mapping[str, Any]
    ) -> Verdict:
        """Count one request about entities that are prepared, and return its answer.

        A request that does not conform to the schema reaches nothing.
        """
        verdict, conditions = self.compiled.look_in(store, principal, action, resource, context)
        if conditions is None:
            return verdict
        environment = principal.type, action, resource.type
        if environment in self._environments:
            self._environments[environment] += 1
        for name in verdict.rules:
            self._determined[name] += 1
        for name, seen in conditions.items():
            for number, value in seen.items():
                condition = self._conditions[name][number]
                match value:
                    case True:
                        condition.true += 1
                    case False:
                        condition.false += 1
                    case _:
                        condition.errors += 1
        return verdict

    def totals(self, mutants: Count | None = None) -> Totals:
        """Return the numbers.

        Args:
            mutants: how many planted mistakes were noticed, when somebody counted.
        """
        conditions = self.conditions
        both = sum(not condition.missing for condition in conditions)
        return Totals(
            Count(len(self._determined) - len(self.silent), len(self._determined)),
            Count(both, len(conditions)),
            Count(len(self._environments) - len(self.unasked), len(self._environments)),
            mutants,
        )

    @property
    def determined(self) -> Mapping[str, int]:
        """How many answers each rule determined, alone or with others."""
        return dict(self._determined)

    @property
    def silent(self) -> tuple[str, ...]:
        """Rules that determined no answer."""
        return tuple(name for name, count in self._determined.items() if not count)

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """Every condition, in the order of the rules."""
        return tuple(one for conditions in self._conditions.values() for one in conditions)

    @property
    def half_seen(self) -> tuple[Condition, ...]:
        """Conditions that were not seen both true and false."""
        return tuple(condition for condition in self.conditions if condition.missing)

    @property
    def unasked(self) -> tuple[Environment, ...]:
        """Kinds of requests nobody made."""
        return tuple(environment for environment, count in self._environments.items() if not count)

    def lcov(self, paths: Mapping[str, str] | None = None) -> str:
        """Return an LCOV trace file, as editors and coverage services read it.

        A rule's first line counts the answers it determined; a condition's line counts how often it was
        evaluated, and each condition is a branch that can go two ways. The format: `man geninfo`.

        Args:
            paths: name of a rule file to what to call it there, when that is not the same.
        """
        files: dict[str, _Lines] = {}
        for name, rule in self._written.items():
            if name in self._determined:
                lines = files.setdefault(rule.place.file, _Lines())
                lines.hit(rule.place.line, self._determined[name])
        for condition in self.conditions:
            if condition.place is not None:
                files[condition.place.file].branch(condition, condition.place.line)
        names = paths or {}
        return "".join(
            "\n".join(("TN:", f"SF:{names.get(file, file)}", *files[file].records(), "end_of_record", ""))
            for file in sorted(files)
        )


def _conditions(name: str, template: pst.Template, rule: Rule | None) -> tuple[Condition, ...]:
    found = atoms(template)
    where: Sequence[Place | None] = [None] * len(found) if rule is None else places(rule, template)
    return tuple(Condition(name, text_of(atom), place) for atom, place in zip(found, where, strict=True))


class _Lines:
    """The lines of one file: how often each was reached, and the conditions on it."""

    def __init__(self) -> None:
        self._hits: dict[int, int] = {}
        self._branches: dict[int, list[Condition]] = {}

    def hit(self, line: int, count: int) -> None:
        """Note how often something on a line was reached."""
        self._hits[line] = max(count, self._hits.get(line, 0))

    def branch(self, condition: Condition, line: int) -> None:
        """Note a condition."""
        self.hit(line, condition.looked_at)
        self._branches.setdefault(line, []).append(condition)

    def records(self) -> list[str]:
        """Return the records of the file: branches, then lines, each with their sums."""
        taken: list[str] = []
        for line in sorted(self._branches):
            for block, condition in enumerate(self._branches[line]):
                for branch, count in enumerate((condition.true, condition.false)):
                    times = count if condition.looked_at else "-"
                    taken.append(f"BRDA:{line},{block},{branch},{times}")
        hit_branches = sum(not record.endswith((",0", ",-")) for record in taken)
        lines = [f"DA:{line},{self._hits[line]}" for line in sorted(self._hits)]
        return [
            *taken,
            f"BRF:{len(taken)}",
            f"BRH:{hit_branches}",
            *lines,
            f"LF:{len(lines)}",
            f"LH:{sum(map(bool, self._hits.values()))}",
        ]
