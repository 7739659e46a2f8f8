"""Every denial of every shipped scenario is explained, and what is offered instead is really allowed."""

from collections.abc import Callable
from functools import cache
from typing import TypeAlias

import pytest

from sim.analysis.explanation.neighbourhood import PreparedBook
from sim.analysis.explanation.reasons import Explanation, explain
from sim.analysis.question import ask
from sim.analysis.recorded import Recorded, recorded_decisions
from sim.analysis.symbolic import Prover
from sim.policy.cedar import ROLES
from sim.policy.schema import NOTHING
from sim.report.policy.explanations import explanation_lines
from sim.report.style import PLAIN
from sim.shell.files import Shelf
from tests.recordings import FILES, Recordings

SHELF = Shelf()
PREPARED = PreparedBook(SHELF.rules)
PROVER = Prover(SHELF.vocabulary.to_json(), closed=True, fixed=ROLES, excluded_actions=(NOTHING,))


Denials: TypeAlias = Callable[[str], tuple[Recorded, ...]]
"""Returns the denials of a scenario, those that are alike once."""


@pytest.fixture(scope="module")
def denials(recordings: Recordings) -> Denials:
    """Look for denials in what every shipped scenario records."""

    @cache
    def denials_of(file: str) -> tuple[Recorded, ...]:
        seen: dict[tuple[object, ...], Recorded] = {}
        for one in recorded_decisions(recordings.records(file), SHELF.kinds, SHELF.rules):
            assert one.question is not None
            key = (one.question.principal, one.question.resource, str(one.question), str(one.decision))
            if not one.decision["allowed"]:
                seen.setdefault(key, one)
        return tuple(seen.values())

    return denials_of


def told(one: Recorded) -> Explanation:
    """Return why it was denied."""
    return explain(PREPARED, one.question, PROVER, recorded=one.decision, command=one.record["action"])


@pytest.mark.parametrize("path", FILES)
def test_every_denial_is_explained(denials: Denials, path: str) -> None:
    """Kind, rule or clause with values, article, and the nearest allowed action, which Cedar allows."""
    for one in denials(path):
        explanation = told(one)
        text = explanation_lines(explanation, PLAIN)
        decision = one.decision

        assert explanation.kind == decision["kind"]
        assert explanation.differs == ""
        assert decision["kind"].replace("_", " ") in text
        assert [rule.id for rule in explanation.rules] == list(decision["rules"])
        for rule in explanation.rules:
            assert f"{rule.id} {rule.effect}s it" in text
            assert rule.conditions
            assert rule.article is None or f"article {rule.article}" in text
        if decision["kind"] == "not_permitted":
            assert explanation.permits or explanation.unknown_command
            assert all(permit.conditions for permit in explanation.permits)
        assert_offer_holds(explanation)


def assert_offer_holds(explanation: Explanation) -> None:
    """Decide once more whatever is offered: nothing is that is refused, and `never` offers nothing."""
    near = explanation.nearest
    assert near is not None
    offered = [offer.question for offer in near.others]
    if near.outcome == "found":
        assert near.question is not None
        offered.append(near.question)
    else:
        assert near.question is None
        assert near.note
    for question in offered:
        assert ask(SHELF.rules.policies, SHELF.rules.schema, question).allowed


def test_denials_of_every_kind_are_among_them(denials: Denials) -> None:
    """What is explained above is no narrow choice."""
    found = {(one.decision["kind"], one.decision["layer"]) for path in FILES for one in denials(path)}

    assert {kind for kind, _ in found} == {"forbidden", "not_permitted", "refused"}
    assert {layer for _, layer in found} >= {"policy", "key", "signature", "freshness", "rate"}
