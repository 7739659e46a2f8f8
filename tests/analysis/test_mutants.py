"""Rules with one small mistake each."""

import json
from collections.abc import Mapping
from typing import Any

import cedarpy
import pytest
from cedarpy import pst

from sim.analysis.evaluation.tree import clause_text, scope_text
from sim.analysis.mutation import mutants
from sim.analysis.mutation.mutants import MUTATIONS, Mutant, mutants_of, validates
from sim.core.errors import Place
from sim.policy.rules import Rule
from sim.policy.source import passages
from tests.analysis.random_requests import WIDE, policies_of, shipped, trees

EVERYWHERE = "permit (principal, action, resource)"
WORDS = cedarpy.Schema.from_json_str(json.dumps(WIDE))


def of(text: str) -> list[Mutant]:
    """Return the mutants of a rule."""
    (rule,) = trees(text).values()
    return list(mutants_of(rule, WIDE))


def changes(text: str, operator: str) -> list[tuple[str, str]]:
    """Return what an operator makes of a rule with one clause: the clause or scope, and the sentence."""
    return [(_shown(mutant.template), mutant.change) for mutant in of(text) if mutant.operator == operator]


def _shown(rule: pst.Template | None) -> str:
    if rule is None:
        return "gone"
    clauses = " ".join(map(clause_text, rule.clauses))
    return f"{rule.effect} ({', '.join(scope_text(rule))}) {clauses}".strip()


def results(text: str, operator: str) -> list[str]:
    """Return what an operator makes of the condition of a rule that permits everything else."""
    found = changes(f"{EVERYWHERE} when {{ {text} }};", operator)
    return [shown.removeprefix(f"{EVERYWHERE} when {{ ").removesuffix(" }") for shown, _ in found]


@pytest.mark.parametrize(
    ("operator", "text", "expected"),
    [
        ("and-or", "context.b && context.r.b", ["context.b || context.r.b"]),
        ("and-or", "context.b || context.r.b", ["context.b && context.r.b"]),
        (
            "drop-operand",
            "context.b && context.n < 1 && context.n > 2",
            ["context.b && context.n < 1", "context.n < 1 && context.n > 2", "context.b && context.n > 2"],
        ),
        ("drop-has", "context has b && context.b", ["context.b"]),
        ("drop-has", "context has b || context has m", ["true || context has m", "context has b || true"]),
        ("drop-operand", "context has b || context has m", ["context has m", "context has b"]),
        ("drop-not", "context.b || !(context.r.b)", ["context.b || context.r.b"]),
        ("negate", "context.b || !context.r.b", ["!context.b || !context.r.b"]),
        ("if-branch", "if context.b then context.n < 1 else false", ["context.n < 1", "false"]),
        ("relational", "context.n < 3", ["context.n <= 3"]),
        ("relational", "context.n <= 3", ["context.n < 3"]),
        ("relational", "context.n > 3", ["context.n >= 3"]),
        ("relational", "context.n >= 3", ["context.n > 3"]),
        ("relational", "context.n == 3 || context.b", ["context.n != 3 || context.b"]),
        ("relational", "context.n != 3 || context.b", ["context.n == 3 || context.b"]),
        ("constant", "context.n < 3", ["context.n < 2", "context.n < 4"]),
        ("constant", "context.n < 9223372036854775807", ["context.n < 9223372036854775806"]),
        ("constant", "context.n < -9223372036854775808", ["context.n < -9223372036854775807"]),
        ("boolean", "context.b == true", ["context.b == false"]),
        ("string", 'context.s == "a"', ['context.s == "a_"']),
        (
            "string",
            'context.s == "a" || "b" == context.s',
            ['context.s == "b" || "b" == context.s', 'context.s == "a" || "a" == context.s'],
        ),
        (
            "string",
            '["a", "b"].contains(context.s)',
            ['["a_", "b"].contains(context.s)', '["a", "b_"].contains(context.s)'],
        ),
        ("string", 'context.ss.contains("a")', ['context.ss.contains("a_")']),
        ("string", 'context.s like "a"', []),
        ("set-element", "[1, 2].contains(context.n)", ["[2].contains(context.n)", "[1].contains(context.n)"]),
        ("set-element", "[1].contains(context.n)", []),
        (
            "like",
            'context.s like "a*b"',
            ['context.s like "ab"', 'context.s like "*a*b"', 'context.s like "a*b*"'],
        ),
        ("like", 'context.s like "*"', ['context.s like ""']),
        ("attribute", "context.n < 1", []),
        (
            "attribute",
            "context has m && context.n < context.m",
            ["context has m && context.m < context.m", "context has m && context.n < context.n"],
        ),
        ("attribute", "context.r.spot.n < 1", []),
    ],
)
def test_condition_is_changed_in_one_small_way(operator: str, text: str, expected: list[str]) -> None:
    """Each operator does what its name says, everywhere in a condition, and one thing at a time."""
    assert sorted(results(text, operator)) == sorted(expected)


FULL = 'permit (principal is User in Group::"a", action in [Action::"act", Action::"see"], resource is User) '


@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        ("remove-rule", ["gone"]),
        ("flip-effect", [FULL.replace("permit", "forbid") + "when { context.b } unless { context.r.b }"]),
        ("drop-clause", [FULL + "unless { context.r.b }", FULL + "when { context.b }"]),
        (
            "when-unless",
            [
                FULL + "unless { context.b } unless { context.r.b }",
                FULL + "when { context.b } when { context.r.b }",
            ],
        ),
        (
            "drop-action",
            [
                FULL.replace('[Action::"act", Action::"see"]', 'Action::"see"')
                + "when { context.b } unless { context.r.b }",
                FULL.replace('[Action::"act", Action::"see"]', 'Action::"act"')
                + "when { context.b } unless { context.r.b }",
            ],
        ),
        (
            "widen-action",
            [
                FULL.replace('action in [Action::"act", Action::"see"]', "action")
                + "when { context.b } unless { context.r.b }"
            ],
        ),
        (
            "widen-principal",
            [
                FULL.replace(' in Group::"a"', "") + "when { context.b } unless { context.r.b }",
                FULL.replace(' is User in Group::"a"', "") + "when { context.b } unless { context.r.b }",
            ],
        ),
        (
            "widen-resource",
            [FULL.replace("resource is User", "resource") + "when { context.b } unless { context.r.b }"],
        ),
    ],
)
def test_rule_is_changed_in_one_small_way(operator: str, expected: list[str]) -> None:
    """The rule as a whole, its clauses and each part of its scope have changes of their own."""
    found = changes(f"{FULL} when {{ context.b }} unless {{ context.r.b }};", operator)

    assert [shown for shown, _ in found] == expected


@pytest.mark.parametrize(
    ("scope", "text", "expected"),
    [
        ("principal, action, resource", "principal.flag", []),
        ('principal, action == Action::"see", resource', 'User::"a".flag == [1].isEmpty()', []),
        ('principal, action == Action::"no", resource', "context.n == 1", []),
        ("principal is Group, action, resource", "principal.flag", []),
        (
            "principal, action, resource is User",
            "resource has size && resource has boss && resource.boss.size < 1",
            [],
        ),
        (
            'principal, action in Action::"act", resource',
            "context has b && context has n && context.r has b && context.b",
            [],
        ),
    ],
)
def test_attribute_is_exchanged_for_one_of_equal_type_only(
    scope: str, text: str, expected: list[str]
) -> None:
    """Where no other attribute has the type, or the type is not known, nothing is exchanged."""
    assert [shown for shown, _ in changes(f"permit ({scope}) when {{ {text} }};", "attribute")] == expected


TWINS: dict[str, Any] = {
    "": {
        "commonTypes": {
            "Limits": {"type": "Record", "attributes": {"low": {"type": "Long"}, "high": {"type": "Long"}}}
        },
        "entityTypes": {
            "User": {
                "shape": {
                    "type": "Record",
                    "attributes": {
                        "not_before": {"type": "Long"},
                        "not_after": {"type": "Long"},
                        "limits": {"type": "Limits"},
                        "friend": {"type": "Entity", "name": "User"},
                        "other": {"type": "String"},
                    },
                }
            },
            "Thing": {},
        },
        "actions": {
            "see": {
                "appliesTo": {
                    "principalTypes": ["User"],
                    "resourceTypes": ["User", "Thing"],
                    "context": {
                        "type": "Record",
                        "attributes": {"now": {"type": "Long"}, "later": {"type": "Long", "required": False}},
                    },
                }
            },
            "hear": {"appliesTo": {"principalTypes": ["User"], "resourceTypes": ["User"]}},
        },
    }
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("principal.not_before < 1", ["principal.not_after < 1"]),
        ("principal.friend.not_after < 1", ["principal.friend.not_before < 1"]),
        ("principal.limits.low < 1", ["principal.limits.high < 1"]),
        ('User::"a".limits.high < 1', ['User::"a".limits.low < 1']),
        ("resource.not_before < 1", ["resource.not_after < 1"]),
        ("context.now < 1", []),
        ("context has later && context.now < 1", ["context has later && context.later < 1"]),
        ("(if true then principal else principal).not_before < 1", []),
        ("action.not_before < 1", []),
    ],
)
def test_attribute_becomes_the_most_alike_of_equal_type(text: str, expected: list[str]) -> None:
    """Names that are easily mistaken for each other are; what may be absent only behind a `has`."""
    (rule,) = trees(f"{EVERYWHERE} when {{ {text} }};").values()

    found = [mutant for mutant in mutants_of(rule, TWINS) if mutant.operator == "attribute"]

    assert [clause_text(one.template.clauses[0]) for one in found if one.template] == [
        f"when {{ {result} }}" for result in expected
    ]


@pytest.mark.parametrize(
    ("operator", "text", "sentence"),
    [
        ("relational", "context.n <= 200", "`<=` became `<` in `context.n <= 200`"),
        ("constant", "context.n <= 200", "`200` became `199` in `context.n <= 200`"),
        ("string", 'context.s == "a"', '`"a"` became `"a_"` in `context.s == "a"`'),
        ("and-or", "context.b && context.r.b", "`&&` became `||` in `context.b && context.r.b`"),
        (
            "drop-has",
            "context has b && context.b",
            "`context has b` was dropped from `context has b && context.b`",
        ),
        ("drop-not", "context.b || !context.r.b", "`!` was dropped from `!context.r.b`"),
        ("when-unless", "context.b", "`when` became `unless` in `when { context.b }`"),
        ("drop-clause", "context.b", "`when { context.b }` was dropped"),
        ("flip-effect", "context.b", "`permit` became `forbid`"),
        ("remove-rule", "context.b", "the rule was removed"),
        ("negate", "context.b && context.r.b", "`context.b` was negated"),
        (
            "drop-clause",
            " && ".join(["context.n == 1000001"] * 9),
            "`when { context.n == 1000001 && context.n…t.n == 1000001 && context.n == 1000001 }` was dropped",
        ),
    ],
)
def test_change_is_told_in_one_sentence(operator: str, text: str, sentence: str) -> None:
    """A person sees what was done, in the words of the rule; what is long is cut short."""
    found = changes(f"{EVERYWHERE} when {{ {text} }};", operator)

    assert found[0][1] == sentence


def test_no_two_mutants_mean_the_same() -> None:
    """What only looks different is no mutant of its own: `unless { a }` is `when { !a }`."""
    assert [mutant.operator for mutant in of(f"{EVERYWHERE} when {{ context.b }};")] == [
        "remove-rule",
        "flip-effect",
        "drop-clause",
        "when-unless",
    ]
    assert results("!(!context.b) && context.n != 1", "relational") == ["!(!context.b) && context.n == 1"]
    assert results("context.n != 1", "negate") == []


# --- the rules that ship ------------------------------------------------------------------------------


def _shipped() -> list[Mutant]:
    book = shipped()
    rules, schema = book.policies.to_pst().static_policies, book.vocabulary.to_json()
    return [mutant for name in rules for mutant in mutants_of(rules[name], schema, book.rules[name])]


def test_every_operator_occurs() -> None:
    """No operator is left out by the shipped rules and what they have no use for."""
    ours = {mutant.operator for mutant in _shipped()}
    rest = 'if context.b then context.s like "a*" else context.b == true'

    found = ours | {mutant.operator for mutant in of(f"{EVERYWHERE} when {{ {rest} }};")}

    assert found == set(MUTATIONS)
    assert set(MUTATIONS) - ours <= {"if-branch", "like", "boolean"}


def test_every_mutant_differs_from_its_original_and_from_the_others() -> None:
    """As a tree and as text, a mutant is another rule."""
    rules = shipped().policies.to_pst().static_policies
    found = _shipped()

    shown = [(mutant.rule, _shown(mutant.template)) for mutant in found]
    assert len(set(shown)) == len(shown)
    assert all(mutant.template != rules[mutant.rule] for mutant in found)


def test_every_mutant_can_be_written_and_read_again() -> None:
    """Cedar prints each of them and parses it to the same tree."""
    for mutant in _shipped():
        if mutant.template is not None:
            text = str(policies_of({mutant.rule: mutant.template}))
            (again,) = trees(text).values()
            assert again.clauses == mutant.template.clauses
            assert scope_text(again) == scope_text(mutant.template)


def test_mutants_come_in_the_same_order() -> None:
    """Two runs speak of the same mutants."""
    assert _shipped() == _shipped()


def test_every_shipped_mutant_has_a_place() -> None:
    """Its line is in the file of its rule, at the rule or below."""
    book = shipped()

    for mutant in _shipped():
        place = book.rules[mutant.rule].place
        assert mutant.place is not None
        assert (mutant.place.file, mutant.place.line >= place.line) == (place.file, True)


def test_place_is_that_of_the_change() -> None:
    """A change inside a clause underlines what was changed; one of the scope has the rule's place."""
    source = f'// a\n{EVERYWHERE} when {{ context.b }} unless {{ context.s == "a" && context.n < 10 }};'
    (passage,), (rule,) = passages("x.cedar", source), trees(source).values()
    read = Rule("a", "permit", "", None, None, None, passage.place, passage.text, ("", "", ""), ())

    found: Mapping[str, Place | None] = {
        f"{mutant.operator} {mutant.change}": mutant.place for mutant in mutants_of(rule, WIDE, read)
    }

    assert str(found["constant `10` became `9` in `context.n < 10`"]) == "x.cedar:2:98"
    assert str(found["drop-clause `when { context.b }` was dropped"]) == "x.cedar:2:45"
    assert str(found["flip-effect `permit` became `forbid`"]) == "x.cedar:2:1"


def test_stillborn_mutants_are_rejected_and_others_are_not() -> None:
    """Without its guard, an optional attribute does not validate; the rule without a rule does."""
    rules = trees(f"{EVERYWHERE} when {{ context has m && context.m < 3 }};")
    found = {mutant.change: validates(rules, mutant, WORDS) for mutant in mutants_of(rules["policy0"], WIDE)}

    assert found["`context has m` was dropped from `context has m && context.m < 3`"] is False
    assert found["`<` became `<=` in `context.m < 3`"] is True
    assert found["the rule was removed"] is True


def test_mutant_that_means_the_same_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the comparison of meanings, there are two mutants that mean the same."""
    before = len(of(f"{EVERYWHERE} when {{ !context.b }};"))
    monkeypatch.setattr(mutants, "_meaning", lambda rule: ("other", repr(rule)))

    assert len(of(f"{EVERYWHERE} when {{ !context.b }};")) > before
