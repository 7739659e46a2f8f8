"""What a set of rules answers, as formulas, and when two sets answer differently."""

from dataclasses import dataclass

from cedarpy import pst

from sim.analysis.symbolic.footprint import Footprint
from sim.analysis.symbolic.formulas import (
    FALSE,
    TRUE,
    Formula,
    both,
    conjunction,
    difference,
    disjunction,
    either,
    opposite,
)
from sim.analysis.symbolic.rules import Translation


@dataclass(frozen=True, slots=True)
class Answer:
    """What a set of rules answers in one environment, as `sim.policy.engine.judge` puts it.

    Attributes:
        rules: id, effect and translation of every rule that is in scope there.
    """

    rules: tuple[tuple[str, pst.Effect, Translation], ...]

    @property
    def error(self) -> Formula:
        """When any rule errs."""
        return disjunction(rule.error for _, _, rule in self.rules)

    @property
    def any_match(self) -> Formula:
        """When any rule matches, whatever its effect."""
        return disjunction(rule.match for _, _, rule in self.rules)

    def matching(self, effect: pst.Effect) -> Formula:
        """Return when any rule of an effect matches."""
        return disjunction(self.matches(effect).values())

    def matches(self, effect: pst.Effect) -> dict[str, Formula]:
        """Return when each rule of an effect matches."""
        return {name: rule.match for name, its, rule in self.rules if its == effect}

    def allowed(self, *, robust: bool = False) -> Formula:
        """Return when the answer is yes: nothing forbids it, nothing errs, and some rule permits it.

        Args:
            robust: as if one more rule permitted everything.
        """
        permitted = TRUE if robust else self.matching("permit")
        return conjunction((permitted, opposite(self.matching("forbid")), opposite(self.error)))

    def footprint(self) -> Footprint:
        """Return the terms of all rules."""
        return Footprint.union(rule.footprint for _, _, rule in self.rules)


def unequal_decisions(one: Answer, other: Answer, *, robust: bool = False) -> Formula:
    """Return when only one of two answers is yes."""
    if one == other:
        return FALSE
    return difference(one.allowed(robust=robust), other.allowed(robust=robust))


def unequal_answers(one: Answer, other: Answer) -> Formula:
    """Return when two answers differ in what they come to or in the rules that determine it.

    Where any rule forbids, the matching forbids determine the answer, whatever errs; else, where any rule
    errs, nothing does; else the matching permits.
    """
    if one == other:
        return FALSE
    forbidden = either(one.matching("forbid"), other.matching("forbid"))
    doubtful = either(one.error, other.error)
    plain = conjunction((opposite(forbidden), opposite(doubtful)))
    return disjunction(
        (
            both(forbidden, _unequal_matches(one, other, "forbid")),
            both(opposite(forbidden), difference(one.error, other.error)),
            both(plain, _unequal_matches(one, other, "permit")),
        )
    )


def _unequal_matches(one: Answer, other: Answer, effect: pst.Effect) -> Formula:
    """Return when some rule of an effect matches on one side only."""
    here, there = one.matches(effect), other.matches(effect)
    return disjunction(
        difference(here.get(name, FALSE), there.get(name, FALSE)) for name in dict.fromkeys((*here, *there))
    )
