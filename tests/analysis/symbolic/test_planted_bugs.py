"""Mistakes planted into the translation: each is noticed by the trials that guard it.

A law that is missing and one that says too much are noticed by different trials, and `like` by neither of
the big ones; so this also shows that none of the trials may be left out.
"""

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
import z3
from cedarpy import pst

from sim.analysis.evaluation.words import Environment
from sim.analysis.symbolic import axioms, equality, membership, patterns, rules, terms, witness
from sim.analysis.symbolic.footprint import Footprint
from sim.analysis.symbolic.formulas import FALSE, LONG_MAX, TRUE, Formula, both, either, opposite
from sim.analysis.symbolic.sorts import Sorts
from sim.analysis.symbolic.terms import Outcome, Translator
from sim.analysis.symbolic.values import Entity, Field, Scalar, Value
from tests.analysis.symbolic.drafts import SCHEMA
from tests.analysis.symbolic.trials import Tally, guided_trial, like_trial, random_trial

Plant = Callable[[pytest.MonkeyPatch], None]
Trial = Callable[[], Tally]

VIEW = Environment("User", "view", "Doc")
LEMMAS = (
    # Nothing matches these.
    'principal in Team::"team0" && Team::"team0" in Org::"org0" && !(principal in Org::"org0")',
    'Org::"org0" in Org::"org1" && Org::"org1" in Org::"org0"',
    "context.n > 9223372036854775806 && context.n != 9223372036854775807",
    "context.n > 9223372036854775806 && context.n + 1 > 0",
    # These never err.
    "context.on && !(!context.on && context.m > 0)",
    "context.on && (context.on || context.m > 0)",
    # z3 would read an escape here.
    'context.s == "\\\\u{41}"',
)

TRIALS: Mapping[str, Trial] = {
    "random": lambda: random_trial(SCHEMA, 3, 24, enough=1),
    "guided": lambda: guided_trial(SCHEMA, 1, 120, enough=1),
    "lemmas": lambda: guided_trial(
        SCHEMA,
        1,
        0,
        texts=[f"permit (principal, action, resource) when {{ {lemma} }};" for lemma in LEMMAS],
        among=(VIEW,),
        enough=1,
    ),
    "like": lambda: like_trial(3, 800, enough=1),
}


@dataclasses.dataclass(frozen=True)
class Bug:
    """A mistake and the trial that notices it."""

    name: str
    plant: Plant
    trial: str


def _set(where: Any, name: str, wrong: Any) -> Plant:
    return lambda monkeypatch: monkeypatch.setattr(where, name, wrong)


def _item(where: Mapping[str, Any], name: str, wrong: Any) -> Plant:
    return lambda monkeypatch: monkeypatch.setitem(where, name, wrong)


def _nothing(*_: Any, **__: Any) -> Iterator[Formula]:
    yield from ()


def _both_sides(self: Translator, node: pst.BinaryOp) -> Outcome:
    """`&&` that evaluates both sides."""
    left, left_error = self.attempt(node.left)
    right, right_error = self.attempt(node.right)
    return Outcome(Scalar("Boolean", both(left, right)), either(left_error, right_error))


def _either_side(self: Translator, node: pst.BinaryOp) -> Outcome:
    """`||` that evaluates both sides."""
    left, left_error = self.attempt(node.left)
    right, right_error = self.attempt(node.right)
    return Outcome(Scalar("Boolean", either(left, right)), either(left_error, right_error))


def _endless_number(_: Translator, number: Formula, error: Formula) -> Outcome:
    """Arithmetic without overflow."""
    return Outcome(Scalar("Long", number), error)


def _attributes_of_nobody(self: Translator, value: Value, name: str) -> Field | None:
    """Attributes that are there although the entity is not."""
    field = _ACCESS(self, value, name)
    if field is None or not isinstance(value, Entity):
        return field
    attribute = self._shapes.entities[value.type].attributes[name]
    return Field(field.present if not attribute.required else TRUE, field.value)


_ACCESS = Translator._access


def _erring_matches(translator: Translator, clauses: tuple[pst.Clause, ...], holds: Formula) -> Any:
    """Rules that match although they err."""
    error = FALSE
    for clause in clauses:
        truth = translator.attempt(clause.expr)
        error = either(error, both(holds, truth.error))
        holds = both(holds, truth.holds if isinstance(clause, pst.When) else opposite(truth.holds))
    return holds, error


def _only_when(translator: Translator, clauses: tuple[pst.Clause, ...], holds: Formula) -> Any:
    """`unless` taken for `when`."""
    return _CONDITIONS(translator, tuple(pst.When(clause.expr) for clause in clauses), holds)


_CONDITIONS = rules.conditions


def _existing(sorts: Sorts, footprint: Footprint, *, closed: bool) -> Iterator[Formula]:
    """Stores that are closed whether or not that was asked for."""
    del closed
    for entity in footprint.entities.values():
        yield sorts.exists(entity)


def _no_ancestors(sorts: Sorts, footprint: Footprint) -> Iterator[Formula]:
    """Everybody in nothing."""
    for entity in footprint.entities.values():
        for above in sorts.shapes.above[entity.type]:
            yield sorts.ancestors(entity, above) == sorts.nothing(above)


def _natural_numbers(footprint: Footprint) -> Iterator[Formula]:
    """Numbers that are never negative."""
    for number in footprint.longs.values():
        yield number >= 0
        yield number <= LONG_MAX


def _empty_sets(footprint: Footprint) -> Iterator[Formula]:
    """Sets that are always empty."""
    for array in footprint.sets.values():
        yield array == z3.EmptySet(array.sort().domain())


def _equal_where_present(left: Field | None, right: Field | None) -> Formula:
    """Records whose optional fields may be there on one side only."""
    if left is None or right is None:
        return TRUE
    return equality.equal(left.value, right.value)


def _overlapping_frame(text: Formula, first: str, last: str) -> Formula:
    """`a*a` that matches `a`."""
    beginning = z3.PrefixOf(z3.StringVal(first), text)
    return z3.And(beginning, z3.SuffixOf(z3.StringVal(last), text))


def _unframed(text: Formula, first: str, last: str) -> Formula:
    """`x*` that matches wherever `x` stands."""
    return z3.And(z3.Contains(text, z3.StringVal(first)), z3.Contains(text, z3.StringVal(last)))


def _own_action_only(_: Any, constraint: pst.ActionConstraint, environment: Environment) -> Formula:
    """Action groups without members."""
    if isinstance(constraint, pst.ActionIn):
        return TRUE if any(uid.id == environment.action for uid in constraint.entities) else FALSE
    return _ACTION_FITS(_, constraint, environment)


_ACTION_FITS = rules.Translations._action_fits


BUGS = (
    Bug("`&&` evaluates both sides", _set(Translator, "_and", _both_sides), "lemmas"),
    Bug("`||` evaluates both sides", _set(Translator, "_or", _either_side), "lemmas"),
    Bug("numbers do not overflow", _set(Translator, "_number", _endless_number), "lemmas"),
    Bug("`has` of absent entities", _set(Translator, "_access", _attributes_of_nobody), "random"),
    Bug("an erring rule matches", _set(rules, "conditions", _erring_matches), "random"),
    Bug("`unless` means `when`", _set(rules, "conditions", _only_when), "random"),
    Bug("`in` is not reflexive", _set(membership, "itself", lambda *_: FALSE), "random"),
    Bug("`<` means `<=`", _item(terms._COMPARISONS, "less", lambda a, b: a <= b), "guided"),
    Bug(
        "`containsAll` the other way round",
        _item(terms._CONTAINMENTS, "contains_all", lambda a, b: equality.contains_all(b, a)),
        "guided",
    ),
    Bug("records lose fields", _set(equality, "_equal_fields", _equal_where_present), "guided"),
    Bug("groups have no members", _set(rules.Translations, "_action_fits", _own_action_only), "random"),
    Bug("strings are not escaped", _set(terms, "string_literal", z3.StringVal), "lemmas"),
    Bug("too strong: numbers are natural", _set(axioms, "_long_ranges", _natural_numbers), "random"),
    Bug("too strong: all exist", _set(axioms, "_absence", _existing), "random"),
    Bug("too strong: nobody is in anything", _set(axioms, "_hierarchy", _no_ancestors), "random"),
    Bug("too strong: sets are empty", _set(axioms, "_finite_sets", _empty_sets), "random"),
    Bug("no transitivity", _set(axioms, "_transitivity", _nothing), "lemmas"),
    Bug("circles", _set(axioms, "_not_in_itself", lambda *_: TRUE), "lemmas"),
    Bug("absent entities are in others", _set(axioms, "_absence", _nothing), "guided"),
    Bug("names may be the same", _set(axioms, "_different_names", _nothing), "guided"),
    Bug("sets without end", _set(axioms, "_finite_sets", _nothing), "guided"),
    Bug("numbers without end", _set(axioms, "_long_ranges", _nothing), "lemmas"),
    Bug("witnesses lose parents", _set(witness, "_direct", lambda *_: []), "guided"),
    Bug(
        "`*` is one character",
        _set(patterns, "_anything", lambda: z3.AllChar(z3.ReSort(z3.StringSort()))),
        "like",
    ),
    Bug("`x*` anywhere", _set(patterns, "_framed", _unframed), "like"),
    Bug("ends may overlap", _set(patterns, "_framed", _overlapping_frame), "like"),
    Bug("patterns are not escaped", _set(patterns, "string_literal", z3.StringVal), "like"),
)


@pytest.mark.parametrize("trial", TRIALS)
def test_sound_translation_passes(trial: str) -> None:
    """Without a planted mistake, each of the trials finds nothing."""
    tally = TRIALS[trial]()

    assert tally.mismatches == []
    assert tally.requests


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_planted_mistake_is_noticed(bug: Bug, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each mistake makes its trial disagree with Cedar."""
    bug.plant(monkeypatch)

    assert TRIALS[bug.trial]().mismatches
