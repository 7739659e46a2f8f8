"""Why nothing permitted a request: the first clause of each permit that is false.

The engine does not say which clause failed. So each clause of each permit is also a tiny rule of its
own, a probe, and the engine is asked once more, about the same request, which of them hold.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import cedarpy

from sim.policy.decision import FailedClause
from sim.policy.rules import Rule
from sim.policy.source import policy_set


@dataclass(frozen=True, slots=True)
class _Probe:
    """One clause as a rule of its own; `stage` 0 is the action, 1 the rest of the scope, 2 a condition."""

    id: str
    stage: int
    clause: str
    text: str


@dataclass(frozen=True, slots=True)
class Probes:
    """The clauses of all permits.

    Attributes:
        of: id of each permit to its probes: action, principal, resource, then the conditions in order.
        policies: all of them as the engine takes them.
    """

    of: dict[str, tuple[_Probe, ...]]
    policies: cedarpy.PolicySet

    @classmethod
    def into(cls, rules: Iterable[Rule]) -> "Probes":
        """Return the probes into the permits among some rules."""
        of = {rule.id: _probes(rule) for rule in rules if rule.effect == "permit"}
        return cls(of, policy_set({probe.id: probe.text for probes in of.values() for probe in probes}))

    def failed(self, holding: Collection[str]) -> tuple[FailedClause, ...]:
        """Return the first false clause of each of the nearest permits, in the order of the rules.

        Nearest are those whose whole scope fits; when there are none, those whose action fits.

        Args:
            holding: ids of the probes that hold for the request.
        """
        first_false = (
            (rule, next(probe for probe in probes if probe.id not in holding))
            for rule, probes in self.of.items()
        )
        near = [(rule, probe) for rule, probe in first_false if probe.stage > 0]
        nearest = max((probe.stage for _, probe in near), default=0)
        return tuple(FailedClause(rule, probe.clause) for rule, probe in near if probe.stage == nearest)


def _probes(rule: Rule) -> tuple[_Probe, ...]:
    principal, action, resource = rule.scope
    scopes = (
        (0, action, f"(principal, {action}, resource)"),
        (1, principal, f"({principal}, action, resource)"),
        (1, resource, f"(principal, action, {resource})"),
    )
    conditions = (
        (2, clause, f"(principal, action, resource) when {{ {clause} }}") for clause in rule.conditions
    )
    return tuple(
        _Probe(f"{rule.id}#{position}", stage, clause, f"permit {text};")
        for position, (stage, clause, text) in enumerate((*scopes, *conditions))
    )
