"""Tests that are missing: for each change of a rule that no test notices, a request that does.

What is suggested expects what the rules say today. Whether that is what they should say is for a person to
judge, before the test is kept.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import yaml
from cedarpy import pst

from sim.analysis.evaluation.compiled import CompiledRules
from sim.analysis.mutation.scoring import Fate, changed
from sim.analysis.question import Question, Uid, ask, references
from sim.analysis.suites.fixtures import base_entities, written
from sim.core.errors import PolicyError
from sim.documents.reading import plain_lines
from sim.policy.engine import Verdict
from sim.policy.rules import RuleBook

EXACT_MAX = 2**53
"""Largest whole number that YAML keeps exactly; larger ones stand in quotes."""
_NAME = re.compile(r'[^\W\d][^\s"*:]*')
_ANSWERS = {"permitted": "allow", "forbidden": "deny", "not_permitted": "deny", "not_evaluated": "error"}


USUAL: Mapping[str, Any] = {"authenticated": True, "fresh": True, "expires_in_ms": 30_000}
"""What a request of every day is like: it is signed, of now, and there is time for it."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One test, and the changes of rules that it would notice.

    Attributes:
        fates: the survivors that it kills, at least one.
        question: what it asks.
        verdict: what the rules, unchanged, answer.
    """

    fates: tuple[Fate, ...]
    question: Question
    verdict: Verdict


def suggestions(book: RuleBook, fates: Iterable[Fate]) -> list[Suggestion]:
    """Return few requests that together tell every survivor apart.

    Args:
        book: the rules.
        fates: what became of mutants; only the survivors count.
    """
    court = _Court(book)
    left = {position: fate for position, fate in enumerate(fates) if fate.question is not None}
    found: list[Suggestion] = []
    while left:
        told = {
            position: court.told_apart(left, fate.question)
            for position, fate in left.items()
            if fate.question is not None
        }
        best = max(told, key=lambda position: len(told[position]))
        assert best in told[best], "a request does not tell apart what it was found for"  # INVARIANT
        question = court.likelier(left, told[best], left[best].question)
        verdict = ask(book.policies, book.schema, question)
        found.append(Suggestion(tuple(left[one] for one in told[best]), question, verdict))
        left = {position: fate for position, fate in left.items() if position not in told[best]}
    return found


class _Court:
    """Says which mutants a request tells apart."""

    def __init__(self, book: RuleBook) -> None:
        self._rules = book.trees
        self._schema = book.vocabulary.to_json()
        self._before = CompiledRules(self._rules, self._schema)
        self._after: dict[int, CompiledRules] = {}

    def told_apart(self, fates: Mapping[int, Fate], question: Question) -> list[int]:
        """Return the positions of those mutants that answer a request otherwise, or by other rules."""
        answer = self._before.answer(question)
        return [one for one, fate in fates.items() if self._mutant(one, fate).answer(question) != answer]

    def likelier(self, fates: Mapping[int, Fate], told: list[int], question: Question | None) -> Question:
        """Return a request that tells the same apart, and is as like those of every day as that allows."""
        assert question is not None  # only those with one are looked at
        for name, value in USUAL.items():
            if name in question.context:
                other = replace(question, context={**question.context, name: value})
                if self.told_apart({one: fates[one] for one in told}, other) == told:
                    question = other
        return question

    def _mutant(self, position: int, fate: Fate) -> CompiledRules:
        if position not in self._after:
            self._after[position] = CompiledRules(changed(self._rules, fate.mutant), self._schema)
        return self._after[position]


def suite_text(title: str, found: Sequence[Suggestion], book: RuleBook) -> str:
    """Return suggestions as the text of a suite file.

    A suite has one store. Where two suggestions want a device that a rule names to be two things, the
    second is left for another suite.

    Args:
        title: what the suite is called.
        found: at least one.
        book: the rules.
    """
    base = {Uid.of(one["uid"]): one for one in base_entities(book.vocabulary.to_json())}
    store = _Store(base, _named_in(book.trees.values()))
    tests = []
    for one in found:
        try:
            tests.append(_test(one, store.question(one.question)))
        except _TakenError:
            continue
    entities = {f"{uid.type}::{uid.id}": said for uid, said in store.added.items()}
    document = {"suite": title, **({"entities": entities} if entities else {}), "tests": tests}
    text: str = yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=76)
    return text


def _test(one: Suggestion, question: Question) -> dict[str, Any]:
    first = one.fates[0].mutant
    more = f" (and {len(one.fates) - 1} more)" if len(one.fates) > 1 else ""
    asked = f"{written(question.principal)} {question.action} {written(question.resource)}"
    return {
        "name": f"{asked} notices in {first.rule}: {first.change}{more}",
        "principal": written(question.principal),
        "action": question.action,
        "resource": written(question.resource),
        "context": {name: _value(value) for name, value in question.context.items()},
        "expect": _ANSWERS[one.verdict.outcome],
        "because": list(one.verdict.rules),
    }


def _value(value: Any) -> Any:
    """Return a value as suites have it: entities by their names, whole numbers that YAML keeps."""
    match value:
        case {"__entity": {"type": type_name, "id": name}}:
            return written(Uid(type_name, name))
        case list():
            return [_value(one) for one in value]
        case dict():
            return {name: _value(one) for name, one in value.items()}
        case str():
            try:
                return _Quoted(plain_lines("suggested", value, PolicyError))
            except PolicyError:
                raise _TakenError from None
        case int() if not isinstance(value, bool) and abs(value) > EXACT_MAX:
            return _Quoted(value)
        case _:
            return value


class _Quoted(str):
    """Text that stands in quotes: without them `1e3` is a number to some readers, and not to others."""

    __slots__ = ()


class _Dumper(yaml.SafeDumper):
    """Writes YAML that every reader takes for the same."""


_Dumper.add_representer(
    _Quoted, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", str(text), style='"')
)


class _TakenError(Exception):
    """Raised when one suite cannot say it: an entity would be two things, or something cannot be written."""


@dataclass(slots=True)
class _Store:
    """Entities under names that a suite can use: those of the base store where they are the same.

    Attributes:
        base: the entities that every suite can count on.
        named: those that rules name, which keep their names.
        added: the others so far, as the section `entities` of a suite has them.
    """

    base: Mapping[Uid, Mapping[str, Any]]
    named: frozenset[Uid]
    added: dict[Uid, dict[str, Any]] = field(default_factory=dict)

    def question(self, question: Question) -> Question:
        """Return a question in which every entity has a name of this store.

        Raises:
            _TakenError: when that cannot be.
        """
        there = {Uid.of(one["uid"]): one for one in question.entities}
        spoken_of = _spoken_of(question, there)
        names: dict[Uid, Uid] = {}
        before = dict(self.added)
        try:
            for uid in sorted(spoken_of, key=lambda uid: uid.type != "Person"):  # others are owned by people
                names[uid] = self._name(there, uid, names)
        except _TakenError:
            self.added = before
            raise
        return Question(
            names.get(question.principal, question.principal),
            question.action,
            names.get(question.resource, question.resource),
            _renamed(question.context, names),
            question.entities,
        )

    def _name(self, there: Mapping[Uid, Mapping[str, Any]], uid: Uid, names: Mapping[Uid, Uid]) -> Uid:
        """Return the name of an entity in this store, under which it is the same and nothing else is."""
        if uid in self.named and _NAME.fullmatch(uid.id) is None:
            raise _TakenError  # No suite can write that name.
        said = {name: _value(value) for name, value in _renamed(there[uid]["attrs"], names).items()}
        parents = {Uid.of(one) for one in there[uid]["parents"]}
        # An owner is a member because every owner is: that goes without saying.
        implied = {Uid.of(up) for one in parents if one in there for up in there[one]["parents"]}
        if parents:
            said["in"] = sorted(one.id for one in parents - implied)
        if uid in self.named:
            return self._kept(uid, said)
        for name, known in self._known(uid.type):
            if known == said and name not in names.values() and name not in self.named:
                return name
        new = self._new(uid.type)
        self.added[new] = said
        return new

    def _kept(self, uid: Uid, said: dict[str, Any]) -> Uid:
        """Let an entity keep its name; what the base store says of it otherwise is taken back."""
        before = _said(self.base[uid]) if uid in self.base else {}
        taken_back: dict[str, Any] = {
            name: [] if name == "in" else None for name in before if name not in said
        }
        change = {**taken_back, **said}
        if self.added.get(uid, change) != change:
            raise _TakenError
        if uid not in self.base or said != before:
            self.added[uid] = change
        return uid

    def _known(self, type_name: str) -> Iterator[tuple[Uid, dict[str, Any]]]:
        for uid, one in self.base.items():
            if uid.type == type_name and uid not in self.added:
                yield uid, _said(one)
        for uid, said in self.added.items():
            if uid.type == type_name:
                yield uid, said

    def _new(self, type_name: str) -> Uid:
        taken = {uid.id for uid, _ in self._known(type_name)}
        numbers = (f"{type_name.lower()}{number}" for number in range(1, len(taken) + 2))
        return Uid(type_name, next(name for name in numbers if name not in taken))


def _spoken_of(question: Question, there: Mapping[Uid, Mapping[str, Any]]) -> list[Uid]:
    """Return every entity of the store that a question is about, and those that these refer to."""
    found: dict[Uid, None] = {}
    waiting = [question.principal, question.resource, *references(question.context)]
    while waiting:
        uid = waiting.pop()
        if uid in there and uid not in found:
            found[uid] = None
            waiting += references(there[uid]["attrs"])
    return list(found)


def _said(entity: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a suite would say of an entity."""
    said = {name: _value(value) for name, value in entity["attrs"].items()}
    parents = sorted(parent["id"] for parent in entity["parents"])
    return {**said, **({"in": parents} if parents else {})}


def _named_in(rules: Iterable[pst.Template]) -> frozenset[Uid]:
    """Return every entity that rules name."""
    return frozenset(Uid(str(uid.type), uid.id) for uid in pst.entity_uids(tuple(rules)))


def _renamed(value: Any, names: Mapping[Uid, Uid]) -> Any:
    """Return a value in which entities have other names."""
    match value:
        case {"__entity": {"type": type_name, "id": name}}:
            uid = Uid(type_name, name)
            return {"__entity": names.get(uid, uid).to_json()}
        case list():
            return [_renamed(one, names) for one in value]
        case dict():
            return {name: _renamed(one, names) for name, one in value.items()}
        case _:
            return value
