"""Sorts of requests that rules cannot tell apart: merging them changes no finding."""

from collections.abc import Mapping, Sequence
from typing import Any

import cedarpy
import pytest
from cedarpy import pst

from sim.analysis.evaluation.likeness import Likeness
from sim.analysis.evaluation.words import Environment, Words
from sim.analysis.mutation.mutants import mutants_of
from sim.analysis.mutation.scoring import changed
from sim.analysis.sampling.enumeration import forbids_of
from sim.analysis.symbolic import Prover
from sim.policy.cedar import ROLES
from sim.policy.schema import Vocabulary
from tests.policy.small_home import KINDS

SCHEMA = Vocabulary.of(KINDS).to_json()
WORDS = Words(SCHEMA)
ALL = ["Stranger", "Car"]
"""What stands for everything that can be asked for what nobody may."""


def rules(*texts: str) -> Mapping[str, pst.Template]:
    """Return rules as trees."""
    trees = cedarpy.PolicySet.from_str("\n".join(texts)).to_pst().static_policies
    return {f"r{number}": tree for number, tree in enumerate(trees.values())}


def left(*texts: str, action: str = "steer") -> list[str]:
    """Return the types that stand for all that can be asked for an action by a person."""
    found = Likeness(SCHEMA).representatives(WORDS.environments, rules(*texts).values())
    return [one.resource for one in found if (one.principal, one.action) == ("Person", action)]


@pytest.mark.parametrize(
    ("text", "types"),
    [
        ("permit (principal, action, resource);", ["Stranger", "Car"]),
        ("permit (principal, action, resource is Car);", ["Stranger", "Car", "Climate"]),
        ("permit (principal, action, resource is Climate);", ["Stranger", "Car", "Climate"]),
        ('permit (principal, action, resource == Car::"su7");', ["Stranger", "Car", "Climate"]),
        ("permit (principal, action, resource) when { resource is Phone };", ["Stranger", "Car", "Phone"]),
        (
            'permit (principal, action, resource) when { resource == Phone::"p" };',
            ["Stranger", "Car", "Phone"],
        ),
        (
            'permit (principal, action == Action::"lock", resource) when { resource is Car };',
            ["Stranger", "Car"],
        ),
        ("permit (principal, action, resource) when { resource has owner };", ["Stranger", "Car"]),
    ],
)
def test_types_are_alike_until_a_rule_in_scope_names_them(text: str, types: list[str]) -> None:
    """What every device can be asked in vain is asked of one for all, unless a rule tells them apart.

    A stranger can ask, too, and is therefore never like a device.
    """
    assert left(text) == types


def test_type_with_other_attributes_is_another() -> None:
    """A rule can look at attributes without naming a type."""
    schema = {"": {**SCHEMA[""], "entityTypes": {**SCHEMA[""]["entityTypes"], "Car": {"shape": _record()}}}}
    environments = Words(schema).environments

    found = Likeness(schema).representatives(
        environments, rules("permit (principal, action, resource);").values()
    )

    asked = [one.resource for one in found if (one.principal, one.action) == ("Person", "steer")]
    assert asked == ["Stranger", "Car", "Climate"]


def test_type_that_attributes_refer_to_is_itself() -> None:
    """An owner or a sender of that type would be told apart from what is asked."""
    referring = {"shape": _record(boss={"type": "Entity", "name": "Camera", "required": False})}
    entity_types = {**SCHEMA[""]["entityTypes"], "Person": {"memberOfTypes": ["Role"], **referring}}
    schema = {"": {**SCHEMA[""], "entityTypes": entity_types}}

    found = Likeness(schema).representatives(
        Words(schema).environments, rules("permit (principal, action, resource);").values()
    )

    asked = {one.resource for one in found if (one.principal, one.action) == ("Person", "steer")}
    assert asked == {"Stranger", "Car", "Camera"}


@pytest.mark.parametrize(
    ("condition", "alike"),
    [
        ("context.moving", True),
        ('action == Action::"steer"', False),
        ('action in Action::"RemoteDriving"', True),
        ('action in [Action::"steer", Action::"lock"]', False),
    ],
)
def test_actions_are_alike_until_a_clause_names_them(condition: str, alike: bool) -> None:  # noqa: FBT001
    """Steering and braking are one sort of request to whoever speaks of remote driving."""
    text = f"permit (principal, action, resource) when {{ {condition} }};"
    found = Likeness(SCHEMA).representatives(WORDS.environments, rules(text).values())

    actions = {one.action for one in found}
    assert "steer" in actions
    assert ("accelerate" in actions) is not alike
    assert "brake" not in actions


def test_askers_are_never_alike() -> None:
    """A person has roles and a stranger has none."""
    found = Likeness(SCHEMA).representatives(
        WORDS.environments, rules("permit (principal, action, resource);").values()
    )

    assert {one.principal for one in found} == {"Person", "Stranger"}


class Apart(Likeness):
    """Takes no two sorts of requests for alike."""

    def representatives(self, requests: Sequence[Environment], _rules: object) -> tuple[Environment, ...]:
        """Return them all."""
        return tuple(requests)


class Careless(Likeness):
    """A planted mistake: takes all that can be asked for alike."""

    def representatives(self, requests: Sequence[Environment], _rules: object) -> tuple[Environment, ...]:
        """Return the first for each asker and action."""
        return tuple({one[:2]: one for one in reversed(requests)}.values())


def prover(likeness: type[Likeness] = Likeness) -> Prover:
    """Return a prover that merges what is alike by some judgement."""
    found = Prover(SCHEMA, closed=True, fixed=ROLES)
    found._likeness = likeness(SCHEMA)
    return found


def findings(judge: Prover, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return what a prover finds of two sets of rules."""
    return [
        judge.differ(before, after).outcome,
        judge.differ_robustly(before, after).outcome,
        judge.uncovered(forbids_of(before), after).outcome,
    ]


TELLING = (
    'forbid (principal, action, resource) when { resource is Car && action != Action::"lock" };',
    'permit (principal in Role::"member", action in [Action::"RemoteDriving", Action::"Secure"], resource);',
    'forbid (principal, action in Action::"RemoteDriving", resource is Camera);',
    'permit (principal, action, resource == Phone::"p") when { context.fresh };',
)


def test_merging_changes_no_finding() -> None:
    """For every mutant of rules that tell types and actions apart, both provers find the same."""
    before = rules(*TELLING)
    merging, plain = prover(), prover(Apart)
    outcomes = []
    for name, rule in before.items():
        for mutant in mutants_of(rule, SCHEMA):
            after = changed(before, type(mutant)(name, mutant.operator, mutant.change, mutant.template))
            found = findings(merging, before, after)
            assert found == findings(plain, before, after), mutant.change
            outcomes += found

    assert {"proved", "refuted"} == set(outcomes)
    assert len(outcomes) > 60


def test_mistaken_merging_is_noticed() -> None:
    """If types were alike although a clause names one of them, a difference would go unseen."""
    before = rules('permit (principal, action == Action::"steer", resource) when { resource is Phone };')
    assert prover().same(before, {}).outcome == "refuted"
    assert prover(Careless).same(before, {}).outcome == "proved"


def _record(**attributes: Any) -> dict[str, Any]:
    return {"type": "Record", "attributes": attributes}


def test_rules_are_not_remembered_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many rules are asked about, what is found stays the same."""
    monkeypatch.setattr("sim.analysis.evaluation.likeness.PROFILES_MAX", 2)
    likeness = Likeness(SCHEMA)
    texts = [
        f"permit (principal, action, resource) when {{ context.expires_in_ms > {one} }};" for one in range(7)
    ]

    found = [likeness.representatives(WORDS.environments, rules(text).values()) for text in texts]

    assert set(found) == {found[0]}
    assert len(likeness._profiles) <= 2


def test_contexts_under_a_common_name_are_not_alike() -> None:
    """A schema may give types names of its own; two names are two types, whatever they stand for."""
    applies = {"principalTypes": ["P"], "resourceTypes": ["R"]}
    record = {"A": _record(x={"type": "Boolean"}), "B": _record(x={"type": "Boolean"}, y={"type": "Boolean"})}
    actions = {name: {"appliesTo": {**applies, "context": {"type": name}}} for name in record}
    schema = {"": {"entityTypes": {"P": {}, "R": {}}, "actions": actions, "commonTypes": record}}

    found = Likeness(schema).representatives(
        Words(schema).environments, rules("permit (principal, action, resource);").values()
    )

    assert {one.action for one in found} == {"A", "B"}
