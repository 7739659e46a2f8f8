"""Suites held against rules: every case is decided by Cedar, and once more by the compiled rules.

The two must agree, or nothing is reported at all. What fails is told with the conditions that decided it.

    Examiner    suites in, results out
    Battery     the same cases for rules that are changed again and again, by the compiled rules alone
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Literal, TypeAlias

import cedarpy
from cedarpy import pst

from sim.analysis.evaluation.compiled import AtomTrace, ClauseTrace, CompiledRules, RuleTrace, Store
from sim.analysis.evaluation.words import Environment, Words, fits
from sim.analysis.suites.reading import Answer, Case, Suite
from sim.policy.engine import Outcome, Verdict, judge

Status: TypeAlias = Literal["passed", "failed", "skipped", "todo"]
Rules: TypeAlias = Mapping[str, pst.Template]

_ANSWERS: Mapping[Outcome, Answer] = {
    "permitted": "allow",
    "forbidden": "deny",
    "not_permitted": "deny",
    "not_evaluated": "error",
}


def answer_of(verdict: Verdict) -> Answer:
    """Return what a verdict is to a test: allow, deny, or error when nothing could be decided."""
    return _ANSWERS[verdict.outcome]


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one case.

    Attributes:
        case: the case.
        status: `todo` whether or not it holds by now; `skipped` was not asked.
        got: what the rules say; None when it was skipped.
        faults: what is not as expected, one sentence each; empty when the case holds or was skipped.
        conditions: the rules and conditions behind a fault, one sentence each.
    """

    case: Case
    status: Status
    got: Verdict | None = None
    faults: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether it was asked and came out as expected."""
        return self.got is not None and not self.faults


def selected(case: Case, patterns: Collection[str]) -> bool:
    """Say whether a case is meant by one of some patterns; no pattern means every case.

    Args:
        case: the case.
        patterns: parts of `suite / test / principal / action`, in any case of letters, in which `*` stands
            for anything and `?` for one character.
    """
    path = case.path.casefold()
    return not patterns or any(fnmatchcase(path, f"*{pattern.casefold()}*") for pattern in patterns)


@dataclass(frozen=True, slots=True)
class Stage:
    """A suite ready to be asked: its store as Cedar and as the compiled rules take it."""

    suite: Suite
    entities: cedarpy.Entities
    store: Store


class Examiner:
    """Holds suites against rules.

    Args:
        policies: the rules under their ids.
        schema: their Cedar schema in its JSON form, without namespaces.

    Raises:
        PolicyError: when the rules use what cannot be compiled.
    """

    def __init__(self, policies: cedarpy.PolicySet, schema: Mapping[str, Any]) -> None:
        self._policies = policies
        self._schema = cedarpy.Schema.from_json_str(json.dumps(schema))
        self._rules = policies.to_pst().static_policies
        self._compiled = CompiledRules(self._rules, schema)

    def examine(self, suite: Suite, patterns: Collection[str] = ()) -> tuple[Result, ...]:
        """Return what becomes of each case that is selected, in the order of the file."""
        stage = self.stage(suite)
        return tuple(self.result(stage, case) for case in suite.cases if selected(case, patterns))

    def stage(self, suite: Suite) -> Stage:
        """Return a suite ready for `result`; its store is read once."""
        text = json.dumps(list(suite.entities), ensure_ascii=False)
        entities = cedarpy.Entities.from_json_str(text, self._schema)
        return Stage(suite, entities, self._compiled.store(suite.entities))

    def result(self, stage: Stage, case: Case) -> Result:
        """Return what becomes of one case."""
        if case.skipped:
            return Result(case, "skipped")
        got = self._verdict(stage, case)
        faults = tuple(_faults(case, got))
        conditions = tuple(self._conditions(stage, case, got)) if faults else ()
        status: Status = "todo" if case.waiver else "failed" if faults else "passed"
        return Result(case, status, got, faults, conditions)

    def _verdict(self, stage: Stage, case: Case) -> Verdict:
        """Return Cedar's verdict, which the compiled rules share."""
        request = stage.suite.question(case).to_json()
        verdict = judge(request, self._policies, stage.entities, self._schema)
        compiled = _asked(self._compiled, stage.store, case)
        # INVARIANT: coverage, conditions and mutants rest on the compiled rules saying what Cedar says.
        assert _gist(verdict) == _gist(compiled), f"{case.place}: Cedar says {verdict}, compiled {compiled}"
        return verdict

    def _conditions(self, stage: Stage, case: Case, got: Verdict) -> Iterator[str]:
        """Yield why the rules that matter to a fault apply or do not."""
        traces = self._compiled.trace_in(
            stage.store, case.principal, case.action, case.resource, case.context
        )
        hindered: list[str] = []
        for rule, trace in traces.items():
            effect = self._rules[rule].effect
            expected = rule in (case.because or ())
            if trace.error:
                yield f"{effect} `{rule}` errs{_told(_reached(trace)[-1:])}"
            elif trace.matches and (expected or rule in got.rules):
                yield f"{effect} `{rule}` applies{_told(_reached(trace))}"
            elif not trace.matches and (expected or _is_near(case, got, effect, trace)):
                hindered.append(f"{effect} `{rule}` does not apply: {_hindrance(trace)}")
        yield from hindered


# --- what is expected, and what was got -------------------------------------------------------------


def _asked(rules: CompiledRules, store: Store, case: Case) -> Verdict:
    return rules.answer_in(store, case.principal, case.action, case.resource, case.context)


def _gist(verdict: Verdict) -> tuple[Outcome, list[str], int]:
    """Return what of a verdict does not depend on words."""
    return verdict.outcome, sorted(verdict.rules), len(verdict.errors)


def _holds(case: Case, verdict: Verdict) -> bool:
    """Say whether a verdict is what a case expects."""
    return (
        answer_of(verdict) == case.expected
        and (case.because is None or case.because == tuple(sorted(verdict.rules)))
        and _errors_fit(case, verdict)
    )


def _errors_fit(case: Case, verdict: Verdict) -> bool:
    return bool(verdict.errors) if case.errors is None else len(verdict.errors) == case.errors


def _faults(case: Case, got: Verdict) -> Iterator[str]:
    """Yield what is not as expected; the rules are not blamed where the answer is wrong already."""
    answer = answer_of(got)
    if answer != case.expected:
        by = f" by {_names(got.rules)}" if got.rules else ""
        yield f"expected `{case.expected}`, got `{answer}`{by}"
    elif case.because is not None and case.because != tuple(sorted(got.rules)):
        yield f"expected `{answer}` because of {_names(case.because)}, got it because of {_names(got.rules)}"
    if not _errors_fit(case, got):
        wanted = "an error" if case.errors is None else f"{case.errors} errors"
        yield f"expected {wanted}, got {len(got.errors)}" + "".join(f": {one}" for one in got.errors)


def _names(rules: Sequence[str]) -> str:
    return ", ".join(f"`{rule}`" for rule in rules) or "no rule"


# --- why --------------------------------------------------------------------------------------------


def _is_near(case: Case, got: Verdict, effect: str, trace: RuleTrace) -> bool:
    """Say whether a rule that does not apply could have brought the answer that was expected."""
    if case.because:
        return False  # those it names are shown, and no others were meant
    if got.outcome == "not_permitted" and case.expected == "allow":
        return effect == "permit" and trace.parts[1].fits
    return got.outcome == "permitted" and case.expected == "deny" and effect == "forbid" and trace.scope


def _reached(trace: RuleTrace) -> list[AtomTrace]:
    """Return the condition that settled each clause: with short circuits, the last one reached."""
    last = [[atom for atom in clause.atoms if atom.value is not None][-1:] for clause in trace.clauses]
    return [atom for atoms in last for atom in atoms]


def _told(atoms: Iterable[AtomTrace]) -> str:
    """Return conditions with their values, as the end of a sentence."""
    told = "; ".join(map(_condition, atoms))
    return f": {told}" if told else ""


def _condition(atom: AtomTrace) -> str:
    """Return a condition with its value, and with the values that it compares."""
    readings = [f"`{one.path}` is {one.value or 'absent'}" for one in atom.readings if one.path != atom.text]
    said = str(atom.value).lower() if isinstance(atom.value, bool) else "an error"
    because = f", as {' and '.join(readings)}" if readings else ""
    return f"`{atom.text}` is {said}{because}"


def _hindrance(trace: RuleTrace) -> str:
    """Return what keeps a rule from applying."""
    if not trace.scope:
        return ", ".join(f"`{part.text}` does not fit" for part in trace.parts if not part.fits)
    clause = next(clause for clause in trace.clauses if clause.holds is not True)
    return _settled(clause)


def _settled(clause: ClauseTrace) -> str:
    reached = [atom for atom in clause.atoms if atom.value is not None]
    return _condition(reached[-1]) if reached else f"`{clause.text}` is {str(clause.value).lower()}"


# --- many changed rules -----------------------------------------------------------------------------


class Battery:
    """Cases prepared to be asked of changed rules, thousands of times.

    What is waived, or does not hold under the rules as they are, notices nothing and is left out.

    Args:
        suites: where the cases come from.
        rules: the rules as they are.
        schema: their Cedar schema in its JSON form.
    """

    def __init__(self, suites: Iterable[Suite], rules: Rules, schema: Mapping[str, Any]) -> None:
        self._rules = rules
        self._words = Words(schema)
        self._compiled = CompiledRules(rules, schema)
        self._trials: list[_Trial] = []
        for suite in suites:
            store = self._compiled.store(suite.entities)
            for case in suite.cases:
                if case.waiver is None and _holds(case, _asked(self._compiled, store, case)):
                    self._trials.append(_Trial(case, store))
        self._environments = tuple(dict.fromkeys(trial.environment for trial in self._trials))

    def __len__(self) -> int:
        """How many cases there are."""
        return len(self._trials)

    def kills(self, rules: Rules) -> bool:
        """Say whether some case does not hold under other rules."""
        other = CompiledRules(rules, self._compiled.schema)
        return not all(_holds(trial.case, trial.verdict(other)) for trial in self._trials)

    def killer(self, rule: str, rules: Rules) -> str | None:
        """Return the name of the first case that does not hold once one rule is changed, or None.

        Args:
            rule: id of the rule that is changed or gone.
            rules: all rules after the change, which are the same but for that one.
        """
        versions = [book[rule] for book in (self._rules, rules) if rule in book]
        near = {
            one for one in self._environments if any(fits(version, one, self._words) for version in versions)
        }
        before, after = self._alone(rule, self._rules), self._alone(rule, rules)
        changed = self._compiled.replaced(rule, rules.get(rule))
        # Rules do not see each other: where this one alone says what it said before, so do all together.
        for trial in self._trials:
            if (
                trial.environment in near
                and trial.verdict(before) != trial.verdict(after)
                and not _holds(trial.case, trial.verdict(changed))
            ):
                return f"{trial.case.suite} / {trial.case.name}"
        return None

    def _alone(self, rule: str, rules: Rules) -> CompiledRules:
        """Return one of some rules without the others."""
        return CompiledRules(
            {name: one for name, one in rules.items() if name == rule}, self._compiled.schema
        )


class _Trial:
    """A case ready to be asked of any rules."""

    def __init__(self, case: Case, store: Store) -> None:
        self.case = case
        self.environment = Environment(case.principal.type, case.action, case.resource.type)
        self._store = store

    def verdict(self, rules: CompiledRules) -> Verdict:
        """Return what some rules make of it."""
        return _asked(rules, self._store, self.case)
