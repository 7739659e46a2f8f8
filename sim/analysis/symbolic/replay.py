"""The engine's own answer to what the solver claims: a witness that Cedar does not confirm is none."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

import cedarpy
from cedarpy import pst

from sim.analysis.question import Question, ask
from sim.analysis.symbolic.rules import Rules
from sim.policy.engine import Verdict
from sim.policy.source import policies_of

Fate = Literal["matches", "errs", "neither"]
"""What becomes of one rule when a request is judged."""

_FATES: Mapping[str, Fate] = {"permitted": "matches", "not_permitted": "neither"}


class Engine:
    """Cedar under one schema.

    Args:
        schema: in Cedar's JSON form.
    """

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._schema = cedarpy.Schema.from_json_str(json.dumps(schema))

    def verdict(self, rules: Rules, question: Question, *, robust: bool = False) -> Verdict:
        """Return what the engine answers by some rules.

        Args:
            rules: under their ids.
            question: the request and the store.
            robust: with one more rule that permits everything.

        Raises:
            ValueError: when the store does not conform to the schema.
        """
        return ask(policies_of(with_blanket(rules) if robust else rules), self._schema, question)

    def fate(self, rule: pst.Template, question: Question) -> Fate | None:
        """Return what becomes of one rule; None when the engine cannot judge the request at all."""
        verdict = self.verdict({"rule": replace(rule, effect="permit")}, question)
        if verdict.outcome == "not_evaluated":
            # What errs is named; a request that does not conform to the schema is not the rule's doing.
            return "errs" if any("`rule`" in error for error in verdict.errors) else None
        return _FATES[verdict.outcome]

    def any_matches(self, rules: Rules, question: Question) -> bool:
        """Say whether any rule matches, whatever its effect."""
        return any(self.fate(rule, question) == "matches" for rule in rules.values())


def with_blanket(rules: Rules) -> Rules:
    """Return rules with one more that permits everything, under a name that is free."""
    name = "blanket"
    while name in rules:
        name += "-"
    anything = pst.ScopeAny()
    blanket = pst.Template(name, "permit", anything, anything, anything, (), pst.FrozenMap())
    return {**rules, name: blanket}
