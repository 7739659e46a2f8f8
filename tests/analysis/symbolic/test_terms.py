"""Single conditions: the fates they can have over all requests, each shown by one that Cedar judges so."""

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest
from cedarpy import pst

from sim.analysis.symbolic import Environment, Finding, Prover, UnsupportedError
from sim.analysis.symbolic.replay import Fate
from sim.analysis.symbolic.shapes import Shapes
from sim.core.errors import PolicyError
from tests.analysis.symbolic.drafts import SCHEMA, rules_of
from tests.analysis.symbolic.small_book import role

VIEW = Environment("User", "view", "Doc")
FATES: dict[str, Fate] = {"m": "matches", "e": "errs", "n": "neither"}


@pytest.fixture(scope="module")
def prover() -> Prover:
    """The prover of the drafts' schema."""
    return Prover(SCHEMA)


def possible(prover: Prover, rule: str, environment: Environment = VIEW) -> str:
    """Return the first letters of the fates that a rule can have; every one is confirmed by Cedar."""
    rules = rules_of(rule)
    found: dict[str, Finding] = {
        letter: prover.satisfiable(rules, "policy0", fate, among=[environment])
        for letter, fate in FATES.items()
    }
    assert "unknown" not in {finding.outcome for finding in found.values()}, found
    return "".join(letter for letter, finding in found.items() if finding.outcome == "refuted")


CONDITIONS = {
    # logic
    "true": "m",
    "context.on": "mn",
    "!context.on && context.on": "n",
    "context.on || !context.on": "m",
    "context.on || context.m > 0": "men",
    "context.on && context.m > 0": "men",
    "context has m && context.m > 0": "mn",
    "!(context has m) || context.m > 0": "mn",
    "if context.on then context.m > 0 else true": "men",
    "if true then context.on else context.m > 0": "mn",
    "if false then context.m > 0 else context.on": "mn",
    "(if context.on then context.n else context.at.x) == 3": "mn",
    '(if context.on then principal else User::"user0") == User::"user1"': "mn",
    "(if context.on then action else action) == action": "m",
    "(if context.on then {a: 1, b: 2} else {a: 3}) has b": "mn",
    "(if context.on then {a: 1} else {a: 3, b: 2}).a == 3": "mn",
    "(if context.on then {a: 1} else {a: 3, b: 2}).b == 2": "me",
    "(if context.on then context.at else {x: 1}) == {x: 1}": "mn",
    # numbers
    "context.n + 1 > context.n": "me",
    "context.n - 1 < context.n": "me",
    "-context.n == context.n": "men",
    "context.n * 2 == 6": "men",
    "context.n >= 9223372036854775807": "mn",
    "context.n > 9223372036854775807": "n",
    "-9223372036854775808 <= context.n": "m",
    # strings
    'context.s like "a*b" && context.s != "ab"': "mn",
    'context.s like "a*b" && context.s == "ab"': "mn",
    'context.s like "*a*b*"': "mn",
    'context.s like "a" && context.s != "a"': "n",
    'context.s like "*"': "m",
    'context.s == "\\\\u{41}" && context.s != "A"': "mn",
    'context.s == "\\u{41}" && context.s != "A"': "n",
    'context.s == "日本\\n\\u{7}\\""': "mn",
    # entities
    'principal in Team::"team0"': "mn",
    'principal in Team::"team0" && Team::"team0" in Org::"org0" && !(principal in Org::"org0")': "n",
    'Org::"org0" in Org::"org1" && Org::"org1" in Org::"org0"': "n",
    "principal in principal": "m",
    'principal in User::"user0" && principal != User::"user0"': "n",
    'User::"user0" == User::"user1"': "n",
    'User::"user0" == Bot::"user0"': "n",
    'principal in [Team::"team0", Org::"org0"]': "mn",
    "principal in context.who": "mn",
    "principal in context.teams": "mn",
    "resource in context.who": "n",
    "principal in context.words": "en",
    "principal in context.numbers": "en",
    "principal in [1]": "e",
    "principal in 1": "e",
    "1 in principal": "e",
    "principal is User": "m",
    "principal is Bot": "n",
    'principal is User in Team::"team0"': "mn",
    'principal is Bot in Team::"team0"': "n",
    "1 is User": "e",
    "principal is User in 1": "e",
    "context.by.owner.boss.age == 1": "men",
    'User::"user0" has age': "mn",
    'User::"user0" has limit && User::"user0".limit == 1 && !(User::"user0" has age)': "n",
    "principal has home.city": "mn",
    "principal has home.zip.far": "en",
    "principal has nothing.at.all": "n",
    "principal.nothing == 1": "e",
    "principal has nothing && principal.nothing == 1": "n",
    "context.on && principal.nothing": "en",
    "principal.home == {zip: 1}": "men",
    'principal.home == {zip: 1, city: "a"}': "men",
    "principal.home == context.at": "en",
    "{a: 1}.b == 1": "e",
    # actions
    'action == Action::"view"': "m",
    'action == Action::"read"': "n",
    'action in Action::"all"': "m",
    'action in [Action::"write", Action::"all"]': "m",
    'action in Team::"team0"': "n",
    'principal in Action::"all"': "n",
    "action in context.teams": "n",
    "action has anything": "n",
    "action.anything == 1": "e",
    "action is Action": "m",
    'action is Action in Action::"write"': "n",
    'action == principal || principal == Action::"view"': "n",
    # sets
    "context.words.isEmpty()": "mn",
    "[].isEmpty()": "m",
    "[1, 2].isEmpty()": "n",
    'context.words.contains("a") && context.words.isEmpty()': "n",
    "context.words.contains(context.s)": "mn",
    "context.words.contains(1)": "n",
    "context.words.contains(principal)": "n",
    "context.who.contains(principal)": "mn",
    "context.who.contains(1)": "n",
    "[1, 2].contains(context.n)": "mn",
    '[1, "a"].contains(context.s)': "mn",
    "[1, 2] == [2, 1, 1]": "m",
    "[1, 2] == [1]": "n",
    'context.words == ["a", "b"]': "mn",
    'context.words == ["a", 1]': "n",
    "context.words == []": "mn",
    "context.words == principal.words && context.words.isEmpty() && !principal.words.isEmpty()": "en",
    "context.words == context.who": "mn",
    "context.words.containsAll(principal.words)": "men",
    "context.words.containsAll(context.who)": "mn",
    'context.words.containsAll(["a", "b"])': "mn",
    '["a", 1].containsAll(context.words)': "mn",
    "context.words.containsAny(principal.words)": "men",
    "context.words.containsAny(context.who)": "n",
    'context.words.containsAny(["a", "b"])': "mn",
    '["a", "b"].containsAny(context.words)': "mn",
    "[1].containsAny([2, 1])": "m",
    "context.numbers.contains(7) && context.numbers != [7]": "men",
    # operands of wrong types
    "1 && true": "e",
    "!1": "e",
    "-true == 1": "e",
    '"a" < "b"': "e",
    '1 like "a"': "e",
    "(1).contains(1)": "e",
    "[1].containsAll(1)": "e",
    "1 has a": "e",
    "true.a": "e",
    "context.n": "e",
    "1 == true": "n",
    "if 1 then true else false": "e",
    "if context.on then 1 + true == 1 else !2": "e",
    "if context.on then 1 + true == 1 else true": "me",
    "if context.on then true else 1 + true == 1": "me",
}


@pytest.mark.parametrize(("condition", "fates"), CONDITIONS.items())
def test_condition_has_the_fates_it_can_have(prover: Prover, condition: str, fates: str) -> None:
    """A condition can be true, err, or be false, just as its meaning says and as Cedar confirms."""
    assert possible(prover, f"permit (principal, action, resource) when {{ {condition} }};") == fates


SCOPES = {
    'principal == User::"user0", action, resource': "mn",
    'principal == Bot::"user0", action, resource': "n",
    'principal in User::"user0", action, resource': "mn",
    'principal in Org::"org0", action, resource': "mn",
    'principal is User in Org::"org0", action, resource': "mn",
    'principal is Bot in Org::"org0", action, resource': "n",
    'principal == Action::"view", action, resource': "n",
    "principal is User, action, resource is Team": "n",
    'principal, action == Action::"view", resource': "m",
    'principal, action == Action::"read", resource': "n",
    'principal, action in Action::"read", resource': "m",
    'principal, action in [Action::"edit", Action::"view"], resource': "m",
    "principal, action in [], resource": "n",
}


@pytest.mark.parametrize(("scope", "fates"), SCOPES.items())
def test_scope_fits_where_it_should(prover: Prover, scope: str, fates: str) -> None:
    """A scope fits or does not, and never errs."""
    assert possible(prover, f"forbid ({scope});") == fates


def test_clauses_are_evaluated_in_order(prover: Prover) -> None:
    """A clause after a false one is not evaluated, so it cannot err."""
    guarded = "permit (principal, action, resource) when { context has m } unless { context.m > 0 };"
    hasty = "permit (principal, action, resource) unless { context.m > 0 } when { context has m };"

    assert possible(prover, guarded) == "mn"
    assert possible(prover, hasty) == "men"
    assert possible(prover, "permit (principal, action, resource) unless { principal.nothing };") == "e"


# --- what is not modelled --------------------------------------------------------------------------------


def schema_of(entity: dict[str, Any], context: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a schema of one type and one action."""
    applies = {"principalTypes": ["Thing"], "resourceTypes": ["Thing"], "context": context}
    return {"": {"entityTypes": {"Thing": entity}, "actions": {"use": {"appliesTo": applies}}, **more}}


def record(**attributes: Any) -> dict[str, Any]:
    """Return a type of records."""
    return {"type": "Record", "attributes": attributes}


THING = Environment("Thing", "use", "Thing")
IP = {"type": "Extension", "name": "ipaddr", "required": False}


@pytest.mark.parametrize(
    ("attribute", "condition"),
    [
        (IP, "context.a == context.a"),
        (IP, "1 == context.a"),
        (IP, "context.a.isLoopback()"),
        (IP, "[context.a].isEmpty()"),
        (IP, "context.a has b"),
        (IP, "context.a < 1"),
        (IP, "principal in context.a"),
        ({"type": "Set", "element": {"type": "Set", "element": {"type": "Long"}}}, "context.a.isEmpty()"),
        ({"type": "Set", "element": record(b={"type": "Long"})}, "context.a.isEmpty()"),
    ],
)
def test_values_of_unknown_types_prove_nothing(attribute: dict[str, Any], condition: str) -> None:
    """Whether they are there can be asked; everything else about them is unknown."""
    strange = Prover(schema_of({}, record(a={**attribute, "required": False})))
    rules = rules_of(f"permit (principal, action, resource) when {{ context has a && {condition} }};")

    assert strange.can_match(rules, "policy0").outcome == "unknown"
    assert strange.can_err(rules, "policy0").outcome == "unknown"
    absent = "permit (principal, action, resource) when { !(context has a) };"
    assert strange.can_match(rules_of(absent), "policy0").outcome == "refuted"


def test_witness_needs_values_of_required_attributes() -> None:
    """Where a request must have a value that the prover cannot write down, nothing is refuted."""
    strange = Prover(schema_of({}, record(a={**IP, "required": True})))
    finding = strange.can_match(rules_of("permit (principal, action, resource);"), "policy0")

    assert finding.outcome == "unknown"
    assert finding.note == "the prover knows nothing of the type `ipaddr`"


@pytest.mark.parametrize(
    ("schema", "construct"),
    [
        ({"": {"entityTypes": {}, "actions": {}}, "Home": {}}, "namespaces"),
        (schema_of({"enum": ["a", "b"]}, record()), "enumerated entity types"),
        (schema_of({"shape": {"type": "Long"}}, record()), "attributes that are no record"),
    ],
)
def test_unmodelled_schema_is_refused(schema: dict[str, Any], construct: str) -> None:
    """A schema beyond the subset is refused in words."""
    with pytest.raises(UnsupportedError, match=f"the prover knows nothing of {construct}"):
        Prover(schema)


def test_common_types_stand_for_what_they_name() -> None:
    """A type can be given a name, and primitive types and entities can be meant by theirs."""
    common = {
        "Place": record(x={"type": "EntityOrCommon", "name": "Long"}, of={"type": "Id"}),
        "Id": {"type": "String"},
    }
    named = Prover(
        schema_of(
            {"shape": record(next={"type": "EntityOrCommon", "name": "Thing"})},
            record(at={"type": "Place"}, on={"type": "EntityOrCommon", "name": "Bool"}),
            commonTypes=common,
        )
    )
    condition = 'context.at == {x: 1, of: "a"} && context.on && principal.next == resource'

    assert possible(named, f"permit (principal, action, resource) when {{ {condition} }};", THING) == "men"


def test_actions_without_context_are_read() -> None:
    """A group applies to nothing, and an action need not have a context."""
    schema = schema_of({}, record())
    schema[""]["actions"] |= {
        "all": {},
        "none": {"appliesTo": None, "memberOf": None},
        "bare": {
            "memberOf": [{"id": "all"}],
            "appliesTo": {"principalTypes": ["Thing"], "resourceTypes": ["Thing"]},
        },
    }

    assert [*Shapes.read(schema).environments()] == [THING, Environment("Thing", "bare", "Thing")]


def test_templates_are_refused() -> None:
    """A rule with slots is no rule yet."""
    thing = Prover(schema_of({}, record()))
    templates = rules_of("permit (principal, action, resource);") | dict(_templates())

    assert thing.can_match(templates, "slot").outcome == "unknown"
    assert thing.can_match(templates, "slot in a clause").outcome == "unknown"


def _templates() -> Iterator[tuple[str, pst.Template]]:
    (rule,) = rules_of("permit (principal, action, resource);").values()
    yield "slot", dataclasses.replace(rule, principal=pst.ScopeEq(pst.Slot("principal")))
    yield "slot in a clause", dataclasses.replace(rule, clauses=(pst.When(pst.Slot("principal")),))


def test_fixed_entities_must_be_complete() -> None:
    """Something fixed cannot be in something that may be anything."""
    with pytest.raises(PolicyError, match='`Role::"member"` is not among the entities that are always there'):
        Prover(schema_of({}, record()), fixed=[role("owner", "member")])


def test_provers_of_several_schemas_do_not_meet() -> None:
    """However many schemas a process has seen, a witness is about the types of its own."""
    for number in range(3):
        schema = schema_of({}, record())
        schema[""]["entityTypes"] |= {f"Other{number}": {}, f"Another{number}": {}}
        applies = {"principalTypes": [f"Another{number}"], "resourceTypes": ["Thing"], "context": record()}
        schema[""]["actions"]["see"] = {"appliesTo": applies}
        rules = rules_of('permit (principal, action == Action::"see", resource);')

        finding = Prover(schema).can_match(rules, "policy0")

        assert finding.question is not None
        assert finding.question.principal.type == f"Another{number}"


def test_fixed_attribute_of_unknown_type_proves_nothing() -> None:
    """An entity that is always there with a value the prover does not model leaves claims unknown."""
    local = {"__extn": {"fn": "ip", "arg": "127.0.0.1"}}
    thing = {"uid": {"type": "Thing", "id": "a"}, "attrs": {"at": local}, "parents": []}
    schema = schema_of({"shape": record(at=IP)}, record())

    finding = Prover(schema, fixed=[thing]).can_match(
        rules_of("permit (principal, action, resource);"), "policy0"
    )

    assert finding.outcome == "unknown"
