"""Values of rules in Python, and what conforms to a schema."""

import copy
import json
from typing import Any

import cedarpy
import pytest

from sim.analysis.evaluation.values import Record, Store, TypedSchema, keyed, value_text
from sim.analysis.question import Uid
from sim.core.errors import PolicyError
from tests.analysis.random_requests import WIDE, RandomRequests

WORDS = cedarpy.Schema.from_json_str(json.dumps(WIDE))


def entity(uid: str, parents: str = "", **attrs: Any) -> dict[str, Any]:
    """Return an entity; names are written `Type.id`, parents with blanks between."""
    names = [dict(zip(("type", "id"), name.split("."), strict=True)) for name in (uid, *parents.split())]
    return {"uid": names[0], "attrs": attrs, "parents": names[1:]}


USER = entity("User.a", "Group.x", flag=True, teams=[])


@pytest.mark.parametrize(
    ("entities", "fits"),
    [
        ([], True),
        ([USER], True),
        ([USER, USER], True),
        ([USER, entity("User.a", flag=True, teams=[])], False),
        ([USER, entity("User.a", "Group.x", flag=False, teams=[])], False),
        ([entity("Group.x", "Group.y"), entity("Group.y", "Group.x")], False),
        ([entity("Group.x", "Group.x")], False),
        ([entity("Group.x", "Group.y"), entity("Group.y", "Group.z")], True),
        ([entity("Group.x", "Group.y Group.z"), entity("Group.y", "Group.z")], True),
        ([entity("User.a", "User.b", flag=True, teams=[])], False),
        ([entity("User.a", teams=[])], False),
        ([entity("User.a", flag=1, teams=[])], False),
        ([entity("User.a", flag=True, teams=[], more=1)], False),
        ([entity("User.a", flag=True, teams=[{"type": "Group", "id": "x"}])], True),
        ([entity("User.a", flag=True, teams=[{"type": "User", "id": "x"}])], False),
        ([entity("Colour.a")], True),
        ([entity("Colour.zz")], False),
        ([entity("Nowhere.a")], False),
        ([entity("Action.see", "Action.act")], True),
        ([{"uid": {"__entity": {"type": "Group", "id": "x"}}, "attrs": {}, "parents": []}], True),
    ],
)
def test_entities_conform_where_they_do_for_cedar(entities: list[dict[str, Any]], fits: bool) -> None:  # noqa: FBT001  # a table
    """What Cedar takes for entities is a store, and nothing else."""
    if fits:
        Store(entities, WIDE)
        cedarpy.Entities.from_json_str(json.dumps(entities), WORDS)
    else:
        with pytest.raises(PolicyError):
            Store(entities, WIDE)
        with pytest.raises(ValueError, match=r"."):
            cedarpy.Entities.from_json_str(json.dumps(entities), WORDS)


def test_store_knows_what_everything_is_in() -> None:
    """Groups of groups count, for entities and for actions."""
    store = Store([entity("Group.x", "Group.y"), entity("Group.y", "Group.z")], TypedSchema(WIDE))

    assert store.ancestors[Uid("Group", "x")] == {Uid("Group", "y"), Uid("Group", "z")}
    assert store.ancestors[Uid("Action", "see")] == {Uid("Action", "act")}


def _with(part: str, declared: Any) -> dict[str, Any]:
    schema = copy.deepcopy(WIDE)
    attributes = schema[""]["actions"]["see"]["appliesTo"]["context"]["attributes"]
    attributes[part] = declared
    return schema


@pytest.mark.parametrize(
    "schema",
    [
        {"Home": WIDE[""]},
        {**WIDE, "Home": WIDE[""]},
        _with("n", {"type": "Extension", "name": "ipaddr"}),
        _with("n", {"type": "EntityOrCommon", "name": "decimal"}),
        _with("n", {"element": "Long"}),
    ],
)
def test_schema_that_is_not_known_is_refused(schema: dict[str, Any]) -> None:
    """Namespaces and types of extensions are refused before anything is read by them."""
    with pytest.raises(PolicyError):
        TypedSchema(schema)


def test_environments_are_every_kind_of_request() -> None:
    """One for each type of principal and resource of each action; groups have none."""
    draw = RandomRequests(1, WIDE, ())

    assert list(TypedSchema(WIDE).environments) == draw.environments
    assert TypedSchema(WIDE).environments == (("User", "see", "User"), ("User", "see", "Colour"))


def test_action_without_context_has_an_empty_one() -> None:
    """A schema may leave out what is empty."""
    schema: dict[str, Any] = {"": {"entityTypes": {}, "actions": {"a": {"appliesTo": {}}, "b": None}}}

    assert TypedSchema(schema).actions["a"].context({}) == Record()
    assert TypedSchema(schema).actions["b"].principals == ()


def test_true_is_not_one() -> None:
    """Python takes `True` for 1; rules do not, wherever the two stand."""
    assert Record(a=True) != Record(a=1)
    assert Record(a=Record(b=1)) == Record(a=Record(b=1))
    assert Record(a=1) != {"a": 1}
    assert len({keyed(value=True), keyed(1), keyed(Record(a=True)), keyed(Record(a=1))}) == 4


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (-3, "-3"),
        ('a"b', '"a\\"b"'),
        (Uid("User", "a"), 'User::"a"'),
        (frozenset({keyed(value=False), 2, "x", Uid("User", "a")}), '["x", 2, User::"a", false]'),
        (Record(b=1, a=Record()), "{a: {}, b: 1}"),
        (frozenset({keyed(Record({"a b": True}))}), '[{"a b": true}]'),
        (frozenset(), "[]"),
    ],
)
def test_value_is_told_as_cedar_writes_it(value: Any, text: str) -> None:
    """Values are told in the language of the rules, always in the same order."""
    assert value_text(value) == text
