"""Remarks about rules that are right but hardly meant: they err, never apply, change or say too little.

With the prover a remark is certain. Without it, most hold only as far as requests of boundary values
show, and say so.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from sim.analysis.evaluation.words import Environment, Words, reach
from sim.analysis.question import Finding, Question
from sim.analysis.sampling.enumeration import Enumeration, Reasoner, Searched, Trees, forbids_of, with_blanket
from sim.core.errors import Place
from sim.policy.rules import Rule, RuleBook

Oddity = Literal[
    "everything",  # a rule about every request there is
    "no-instead",  # a forbid that does not say what is allowed instead
    "quote-alone",  # a quote of nobody knows what
    "errs",  # a rule that can err
    "dead",  # a rule that never applies
    "no-effect",  # a permit of what is forbidden anyway, altogether or for some actions
    "redundant",  # a rule without which everything is decided the same
]

QUESTIONS_MAX = 10_000
"""Most requests that are looked at for one remark, where there is no prover."""

_ONLY_SHOWN = "as far as boundary values show"


@dataclass(frozen=True, slots=True)
class Remark:
    """Something about a rule that may not be meant.

    Attributes:
        oddity: which sort it is.
        rule: id of the rule.
        place: where the rule begins.
        sentence: what is odd.
        help_text: what to do about it.
        question: a request that shows it, or None.
    """

    oddity: Oddity
    rule: str
    place: Place
    sentence: str
    help_text: str
    question: Question | None = None

    def to_record(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "kind": "remark",
            "oddity": self.oddity,
            "rule": self.rule,
            "place": str(self.place),
            "sentence": self.sentence,
            "help": self.help_text,
            "question": self.question and self.question.to_record(),
        }


def lint(
    book: RuleBook,
    reasoner: Reasoner | None = None,
    *,
    only: Collection[str] | None = None,
    fixed: Sequence[Mapping[str, Any]] = (),
) -> list[Remark]:
    """Return remarks about rules, in the order in which they stand.

    Args:
        book: the rules.
        reasoner: the prover, of stores in which everything is there that is referred to; without one,
            requests of boundary values are looked at.
        only: ids of the rules to remark on, such as the user's; None for all.
        fixed: entities that are exactly as given, as Cedar's entity JSON.
    """
    schema = book.vocabulary.to_json()
    someone = reasoner or Enumeration(schema, fixed=fixed, questions_max=QUESTIONS_MAX)
    look = _Look(book, book.trees, Words(schema), someone)
    rules = (rule for name, rule in book.rules.items() if only is None or name in only)
    return sorted(
        (remark for rule in rules for remark in look.remarks(rule)),
        key=lambda remark: (remark.place.file, remark.place.line, remark.place.column),
    )


_Environments: TypeAlias = Sequence[Environment]


class _Look:
    """Looks at rules, one after the other.

    Args:
        book: all rules.
        trees: the same as trees.
        words: the schema.
        reasoner: whoever can say what is so for all requests.
    """

    def __init__(self, book: RuleBook, trees: Trees, words: Words, reasoner: Reasoner) -> None:
        self._book = book
        self._trees = trees
        self._words = words
        self._reasoner = reasoner
        self._forbids = forbids_of(trees)

    def remarks(self, rule: Rule) -> Iterator[Remark]:
        """Yield what is odd about a rule."""
        yield from self._words_missing(rule)
        yield from self._errors(rule)
        found = next(self._pointless(rule), None)
        if found is not None:
            yield found

    def _words_missing(self, rule: Rule) -> Iterator[Remark]:
        """Yield what the rule itself shows."""
        if rule.scope == ("principal", "action", "resource") and not rule.conditions:
            what = "permits everything to everybody" if rule.effect == "permit" else "forbids everything"
            yield _remark("everything", rule, what, "name the actions, or add a condition")
        if rule.effect == "forbid" and rule.instead is None:
            what = "forbids, and does not say what is allowed instead"
            yield _remark("no-instead", rule, what, 'add `@instead("…")`')
        if rule.quote is not None and rule.article is None:
            yield _remark("quote-alone", rule, "has a quote, and no article", 'add `@article("000")`')

    def _errors(self, rule: Rule) -> Iterator[Remark]:
        found = self._reasoner.can_err(self._trees, rule.id)
        if found.question is not None:
            what = "can err, and whoever asks is then refused without a reason"
            help_text = "ask with `has` before reading what may be absent, and bound numbers before adding"
            yield _remark("errs", rule, what, help_text, question=found.question)

    def _pointless(self, rule: Rule) -> Iterator[Remark]:
        """Yield why the rule might as well not be there; the first reason says it best."""
        found = self._reasoner.can_match(self._trees, rule.id)
        if _is_so(found):
            yield _remark("dead", rule, "never applies", "its conditions contradict each other", found)
        if rule.effect == "permit":
            yield from self._without_effect(rule)
        # Most of what a forbid refuses, nobody permits; so it counts beside a rule that permits everything.
        rules = with_blanket(self._forbids) if rule.effect == "forbid" else self._trees
        without = {name: tree for name, tree in rules.items() if name != rule.id}
        found = self._reasoner.same(without, rules)
        if _is_so(found):
            what = f"is not needed: whatever it {rule.effect}s, others {rule.effect} as well"
            help_text = "leave it out, or look for the rule that says the same"
            yield _remark("redundant", rule, what, help_text, found)

    # --- permits of what is forbidden ---

    def _without_effect(self, rule: Rule) -> Iterator[Remark]:
        """Yield that everything a permit matches is forbidden, or everything of some of its actions."""
        found = self._refused(rule, None)
        if _is_so(found):
            by = self._refusing(rule, None)
            what = f"has no effect: whatever it permits is forbidden by {by}"
            yield _remark("no-effect", rule, what, "leave it out: a forbid beats every permit", found)
        else:
            yield from self._partly_without_effect(rule)

    def _partly_without_effect(self, rule: Rule) -> Iterator[Remark]:
        """Yield that everything of some of a permit's actions is forbidden."""
        actions: dict[str, list[str]] = {}
        found = None
        for action, among in self._environments(rule).items():
            refused = self._refused(rule, among)
            if _is_so(refused) and self._matches(rule, among):
                actions.setdefault(self._refusing(rule, among), []).append(f"`{action}`")
                found = refused
        if actions:
            parts = (f"{', '.join(names)}, forbidden by {by}" for by, names in actions.items())
            what = f"has no effect for {'; nor for '.join(parts)}"
            yield _remark("no-effect", rule, what, "name only the other actions", found)

    def _refused(self, rule: Rule, among: _Environments | None) -> Finding:
        """Say whether the forbids refuse everything that a permit matches."""
        return self._reasoner.never(self._forbids, {rule.id: self._trees[rule.id]}, robust=True, among=among)

    def _refusing(self, rule: Rule, among: _Environments | None) -> str:
        """Return the rule that forbids it all, as a sentence has it."""
        area = {rule.id: self._trees[rule.id]}
        for name in self._book.rules:  # the weightiest first
            if name in self._forbids:
                alone = {name: self._forbids[name]}
                if _is_so(self._reasoner.never(alone, area, robust=True, among=among)):
                    return f"`{name}`"
        return "several rules together"

    def _matches(self, rule: Rule, among: _Environments) -> bool:
        return self._reasoner.can_match(self._trees, rule.id, among=among).question is not None

    def _environments(self, rule: Rule) -> Mapping[str, _Environments]:
        """Return the environments a rule is about, by action."""
        found: dict[str, list[Environment]] = {}
        inside = reach(self._trees[rule.id], self._words)
        for environment in self._words.environments:
            if environment in inside:
                found.setdefault(environment.action, []).append(environment)
        return found


def _is_so(found: Finding) -> bool:
    """Say whether it is proved, or held wherever it was looked at."""
    return found.outcome == "proved" or (isinstance(found, Searched) and found.held)


def _remark(
    oddity: Oddity,
    rule: Rule,
    what: str,
    help_text: str,
    found: Finding | None = None,
    question: Question | None = None,
) -> Remark:
    shown = f", {_ONLY_SHOWN}" if isinstance(found, Searched) and found.held else ""
    return Remark(oddity, rule.id, rule.place, f"rule `{rule.id}` {what}{shown}", help_text, question)
