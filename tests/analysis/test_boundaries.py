"""The values worth trying, and the questions they make up."""

import json
from typing import Any

import cedarpy
import pytest

from sim.analysis.evaluation.words import Environment
from sim.analysis.question import Question, Uid, ask
from sim.analysis.sampling.boundaries import LONG_MAX, LONG_MIN, MEMBERS_MAX, Boundaries, Space
from sim.core.errors import PolicyError
from sim.policy.engine import judge
from sim.shell.files import Shelf
from tests.analysis.gate_house import ENGINE_SCHEMA, MEMBER_OF_OWNER, SCHEMA, checked, trees, when

OPEN = Environment("Person", "open", "Gate")


def boundaries(text: str) -> Boundaries:
    """Return the boundaries of some rules over the gate house."""
    return Boundaries(checked(text).values(), SCHEMA)


def values(condition: str, attribute: str) -> tuple[Any, ...]:
    """Return what is worth trying of an attribute under a permit with a condition."""
    return Boundaries(when(condition).values(), SCHEMA).values("open", attribute)


@pytest.mark.parametrize(
    ("condition", "attribute", "expected"),
    [
        ("context has distance && context.distance <= 200", "distance", (None, 0, 199, 200, 201)),
        ("context has distance", "distance", (None, 0)),
        ("context.spent == -1", "spent", (-2, -1, 0)),
        ("context.moving", "moving", (False, True)),
        ("context.moving", "distance", (None,)),
        ("context.moving", "spent", (0,)),
        ("context.moving", "word", ("other",)),
        ('context.word == "a" || context.word != "b"', "word", ("a", "b", "other")),
        ('["a", "other"].contains(context.word)', "word", ("a", "other", "other-2")),
        ('context.word like "a*b"', "word", ("ab", "axb", "other")),
        (r'context.word like "a\*"', "word", ("a*", "other")),
        ("context.first == context.second", "first", ("other", "other-2")),
        ("context.spent <= context.cap", "spent", (-1, 0, 1)),
        ("context.spent <= context.cap && context.cap < 10", "spent", (-1, 0, 1, 9, 10, 11)),
        ("context.spent + 1 <= 5", "spent", (LONG_MIN, 0, 1, 2, 4, 5, 6, LONG_MAX)),
        ("-context.spent < 3", "spent", (LONG_MIN, 0, 2, 3, 4, LONG_MAX)),
        (f"context.spent < {LONG_MAX}", "spent", (0, LONG_MAX - 1, LONG_MAX)),
        ('context.tags.contains("x")', "tags", ([], ["x"], ["other"], ["x", "other"])),
        ('context.tags.containsAny(["x"])', "tags", ([], ["x"], ["other"], ["x", "other"])),
        ("context.tags.isEmpty()", "tags", ([], ["other"])),
        ("context.moving", "tags", ([],)),
    ],
)
def test_values_are_those_compared_with_and_their_neighbours(
    condition: str, attribute: str, expected: tuple[Any, ...]
) -> None:
    """Every constant, what lies just beside it, something else, and that it is absent; else one value."""
    assert values(condition, attribute) == expected


def test_values_of_a_record_are_those_of_its_attributes_together() -> None:
    """A record has its attributes' values, absent ones left out."""
    found = values(
        'context.place.floor > 2 && context.place has room && context.place.room == "hall"', "place"
    )

    assert {"floor": 3, "room": "hall"} in found
    assert {"floor": 2} in found
    assert {"floor": 1, "room": "other"} in found
    assert len(found) == 12  # (0, 1, 2, 3) times (absent, hall, other)


def test_values_of_a_record_compared_as_a_whole_are_those_of_the_comparison() -> None:
    """What a whole record is compared with counts for each attribute in it."""
    rules = trees('permit (principal, action, resource) when { context.place == {floor: 7, room: "attic"} };')
    found = Boundaries(rules.values(), SCHEMA).values("open", "place")

    assert {"floor": 7, "room": "attic"} in found
    assert {"floor": 8, "room": "attic"} in found


def test_values_of_an_entity_are_one_of_each_sort() -> None:
    """A device comes in every kind, trusted or not, with every owner that rules tell apart."""
    condition = (
        'context has sender && context.sender.kind == "phone" && context.sender.trusted '
        "&& context.sender has owner && context.sender.owner == principal"
    )
    space = Boundaries(when(condition).values(), SCHEMA).space(OPEN)
    sender = space.attributes.index("sender") + 3
    (store,) = space.universes
    devices = {one["uid"]["id"]: one["attrs"] for one in store if one["uid"]["type"] == "Device"}

    assert space.choices[sender][0] is None
    assert {one["__entity"]["id"] for one in space.choices[sender][1:]} == set(devices)
    attributes = [json.dumps(one, sort_keys=True) for one in devices.values()]
    assert len(set(attributes)) == len(attributes) == 2 * 2 * 2  # kind, trusted, owner or none
    assert len(devices) <= MEMBERS_MAX


def test_values_of_attributes_that_are_asked_for_by_path_are_found() -> None:
    """`has` along a path reads every attribute on it."""
    assert values("context has place.room", "place") == ({"floor": 0}, {"floor": 0, "room": "other"})


def test_values_of_a_choice_are_found_on_both_sides() -> None:
    """An attribute of `if … then … else …` is one of either side."""
    rules = trees(
        "permit (principal, action, resource)"
        " when { (if context.moving then context.place else resource).floor > 6 }"
        " when { principal has nothing || {floor: 3}.floor > 8 };"
    )
    found = Boundaries(rules.values(), SCHEMA).values("open", "place")

    assert [one["floor"] for one in found] == [0, 0, 5, 5, 6, 6, 7, 7]  # with and without a room


def test_values_of_a_named_entity_are_found() -> None:
    """What a rule reads of an entity that it names varies from store to store, and every question has it."""
    found = boundaries('permit (principal, action, resource) when { Gate::"main".level > 2 };')
    space = found.space(OPEN)
    levels = [
        one["attrs"]["level"]
        for store in found.universes
        for one in store
        if one["uid"] == {"type": "Gate", "id": "main"}
    ]
    question = space.question(space.rows(1).rows[0])

    assert levels == [0, 1, 2, 3]
    assert {"type": "Gate", "id": "main"} in [one["uid"] for one in question.entities]


def test_values_count_for_the_actions_a_rule_is_about() -> None:
    """What no rule about an action reads has one value there."""
    found = Boundaries(when("context.moving", "close").values(), SCHEMA)

    assert found.values("close", "moving") == (False, True)
    assert found.values("open", "moving") == (False,)


@pytest.mark.parametrize(("action", "attribute"), [("open", "colour"), ("fly", "moving"), ("Use", "moving")])
def test_values_of_what_is_not_there_are_refused(action: str, attribute: str) -> None:
    """A word that no action knows is an error and not an empty answer."""
    with pytest.raises(PolicyError) as refused:
        boundaries("permit (principal, action, resource);").values(action, attribute)

    assert refused.value.sentence == f"action `{action}` knows no `{attribute}`"


def test_schema_with_unknown_types_is_refused() -> None:
    """A type that values cannot be made of is said, and not guessed."""
    schema = json.loads(json.dumps(SCHEMA))
    schema[""]["actions"]["open"]["appliesTo"]["context"]["attributes"]["at"] = {"type": "Extension"}

    with pytest.raises(PolicyError) as refused:
        Boundaries([], schema).values("open", "at")

    assert refused.value.sentence == "type `Extension` of the schema is not known here"


# --- people and other entities ----------------------------------------------------------------------


def people(space: Space, universe: int = 0) -> dict[str, list[str]]:
    """Return the people of a store, with their roles."""
    return {
        one["uid"]["id"]: [parent["id"] for parent in one["parents"]]
        for one in space.universes[universe]
        if one["uid"]["type"] == "Person"
    }


def test_people_are_one_in_each_role_and_one_in_none() -> None:
    """Every role that a rule names has somebody in it."""
    text = 'permit (principal in Role::"owner", action, resource) unless { principal in Role::"child" };'
    space = boundaries(text).space(OPEN)

    assert people(space) == {"some-person": [], "some-child": ["child"], "some-owner": ["owner"]}
    assert space.choices[1] == tuple(Uid("Person", name) for name in people(space))


def test_named_people_are_in_every_role_in_turn() -> None:
    """Somebody whom a rule names may be anybody; two of them are not always alike."""
    text = """
        permit (principal == Person::"lin", action, resource);
        permit (principal == Person::"mei", action, resource);
        forbid (principal in Role::"child", action, resource);
    """
    space = boundaries(text).space(OPEN)
    roles = [people(space, one) for one in range(len(space.universes))]

    assert {(tuple(one["lin"]), tuple(one["mei"])) for one in roles} == {((), ("child",)), (("child",), ())}
    assert space.choices[1][:2] == (Uid("Person", "lin"), Uid("Person", "mei"))


def test_named_roles_are_never_in_a_circle() -> None:
    """A role may be in another one, in one direction."""
    text = """
        permit (principal in Role::"a", action, resource);
        permit (principal in Role::"b", action, resource);
    """
    found = boundaries(text)
    parents = [
        {
            one["uid"]["id"]: [two["id"] for two in one["parents"]]
            for one in store
            if one["uid"]["type"] == "Role"
        }
        for store in found.universes
    ]

    assert any(one["b"] == ["a"] for one in parents)
    assert all(one["a"] == [] for one in parents)


def test_fixed_entities_stay_as_they_are() -> None:
    """What is given is in every store, word for word."""
    rules = checked('permit (principal in Role::"owner", action, resource);')
    found = Boundaries(rules.values(), SCHEMA, fixed=MEMBER_OF_OWNER)

    assert all(store[:2] == tuple(MEMBER_OF_OWNER) for store in found.universes)
    assert Uid("Person", "some-member") in found.members("Person")


def test_names_that_are_taken_are_not_used_again() -> None:
    """An entity of a rule may be called what ours would be called."""
    found = boundaries('permit (principal == Person::"some-person", action, resource);')

    assert found.members("Person") == (Uid("Person", "some-person"), Uid("Person", "some-person-2"))


def test_resources_are_one_of_each_sort() -> None:
    """What rules read of the resource is tried as well."""
    found = boundaries("permit (principal, action, resource is Gate) when { resource.level > 3 };")
    levels = [one["attrs"]["level"] for one in found.universes[0] if one["uid"]["type"] == "Gate"]

    assert sorted(levels) == [0, 2, 3, 4]
    assert found.members("Lamp") == (Uid("Lamp", "some-lamp"),)


# --- scopes -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ("principal, action, resource", 8),
        ('principal, action == Action::"open", resource', 4),
        ('principal, action in Action::"Use", resource', 8),
        ('principal, action in [Action::"Access"], resource', 4),
        ("principal is Person, action, resource", 4),
        ('principal in Role::"a", action, resource', 4),
        ('principal is Person in Role::"a", action, resource is Gate', 2),
        ('principal == Person::"lin", action, resource == Lamp::"l"', 2),
        ('principal is Person in Person::"lin", action, resource', 4),
    ],
)
def test_rules_fit_the_environments_their_scope_can_be_true_in(scope: str, expected: int) -> None:
    """Types and actions decide; of eight environments a rule is about some."""
    found = Boundaries(trees(f"permit ({scope});").values(), SCHEMA)

    assert len(found.environments) == 8
    assert str(found.environments[0]) == "Person open Gate"
    assert sum(bool(found.fitting(one)) for one in found.environments) == expected


# --- questions --------------------------------------------------------------------------------------


def test_every_question_is_one_that_the_engine_can_answer() -> None:
    """Questions of all sorts over the shipped rules conform to the schema, and no rule errs."""
    book = Shelf().rules
    found = Boundaries(book.trees.values(), book.vocabulary.to_json())
    asked = 0
    for environment in found.environments[::9]:
        space = found.space(environment)
        for row in space.rows(6).rows[-6:]:
            asked += 1
            answer = ask(book.policies, book.schema, space.question(row))
            assert answer.outcome != "not_evaluated", (space.question(row), answer)

    assert asked > 100


def test_questions_have_the_entities_they_can_reach_and_no_others() -> None:
    """A question shows what it rests on."""
    rules = when("context has sender && context.sender has owner && context.sender.owner == principal")
    space = Boundaries(rules.values(), SCHEMA).space(OPEN)
    questions = [space.question(row) for row in space.rows(1_000).rows]
    with_sender = next(one for one in questions if one.context.get("sender"))
    without = next(one for one in questions if not one.context.get("sender"))

    assert {one["uid"]["type"] for one in without.entities} == {"Person", "Gate"}
    assert {one["uid"]["type"] for one in with_sender.entities} == {"Person", "Gate", "Device"}


def test_questions_are_the_same_as_their_cases() -> None:
    """Whoever asks by parts is told the same as whoever asks the whole question."""
    text = """
        permit (principal in Role::"owner", action, resource is Gate) when { resource.level > 3 };
        forbid (principal, action == Action::"open", resource)
        when { context has sender && context.sender has owner && context.sender.owner in Role::"owner" };
    """
    space = Boundaries(checked(text).values(), SCHEMA, fixed=MEMBER_OF_OWNER).space(OPEN)
    policies = cedarpy.PolicySet.from_str(text)
    seen = set()
    for row in space.rows(5_000).rows:
        case, question = space.case(row), space.question(row)
        store = cedarpy.Entities.from_json_str(
            json.dumps(list(space.universes[case.universe])), ENGINE_SCHEMA
        )
        whole = Question(case.principal, "open", case.resource, case.context, ())
        answer = ask(policies, ENGINE_SCHEMA, question)
        seen.add(answer.outcome)
        assert judge(whole.to_json(), policies, store, ENGINE_SCHEMA) == answer

    assert seen == {"permitted", "forbidden", "not_permitted"}


def test_questions_beyond_the_limit_are_pairs_and_a_sample() -> None:
    """A space that is too large says that it is not complete."""
    text = "context has distance && context.distance <= 200 && context.moving && context.spent > context.cap"
    space = Boundaries(when(text).values(), SCHEMA).space(OPEN)

    assert space.size == 5 * 2 * 3 * 3  # distances, moving or not, spent, cap
    assert space.rows(space.size).complete
    assert not space.rows(space.size - 1).complete


def test_space_of_an_environment_is_made_once() -> None:
    """Whoever asks again gets the same."""
    found = boundaries("permit (principal, action, resource);")

    assert found.space(OPEN) is found.space(OPEN)


CONDITION = (
    'context has distance && context.distance <= 200 && context.word != "secret" && !context.moving '
    '&& context.tags.contains("vip") && context.place.floor > 2 && principal in Role::"owner"'
)
_CHANGES = {
    "<= 200": ["< 200", "<= 201", "<= 199", "== 200", "> 200"],
    '"secret"': ['"public"'],
    '!= "secret"': ['== "secret"'],
    "!context.moving": ["context.moving", "true"],
    '"vip"': ['"vips"'],
    "> 2": [">= 2", "> 3", "> 1"],
    "context has distance && context.distance <= 200": ["true", "context has distance"],
    'Role::"owner"': ['Role::"member"'],
}


@pytest.mark.parametrize(
    ("before", "after"), [(before, after) for before, changes in _CHANGES.items() for after in changes]
)
def test_questions_tell_a_rule_from_one_that_is_just_beside_it(before: str, after: str) -> None:
    """A changed operator, a constant one off, another word: some question is answered otherwise."""
    one, other = when(CONDITION), when(CONDITION.replace(before, after, 1))
    assert one != other
    space = Boundaries((*one.values(), *other.values()), SCHEMA).space(OPEN)
    left, right = (
        cedarpy.PolicySet.from_pst(cedarpy.pst.PolicySet({}, {rule.id: rule for rule in side.values()}, ()))
        for side in (one, other)
    )
    questions = (space.question(row) for row in space.rows(3_000).rows)

    assert any(ask(left, ENGINE_SCHEMA, it) != ask(right, ENGINE_SCHEMA, it) for it in questions)
