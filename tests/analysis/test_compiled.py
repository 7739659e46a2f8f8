"""Compiled rules: the same answers as Cedar's, and a view inside."""

import json
import random
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import cedarpy
import pytest
from cedarpy import pst

import sim
from sim.analysis.evaluation import closures, compiled, values
from sim.analysis.evaluation.compiled import CompiledRules, RuleTrace
from sim.analysis.evaluation.tree import atoms, text_of
from sim.analysis.question import Question, Uid, ask
from sim.core.errors import PolicyError
from tests.analysis.random_requests import (
    WIDE,
    RandomConditions,
    RandomRequests,
    alike,
    disagreements,
    policies_of,
    shipped,
    trees,
)

ANN, ROOM = Uid("User", "ann"), Uid("User", "room")
FULL: dict[str, Any] = {"n": 7, "ns": [1, 2], "r": {"spot": {"n": 3}}, "ss": ["a"], "s": "abc", "b": True}
THERE: list[dict[str, Any]] = [
    {
        "uid": ANN.to_json(),
        "attrs": {"flag": True, "teams": [{"__entity": {"type": "Group", "id": "red"}}]},
        "parents": [{"type": "Group", "id": "red"}],
    },
    {"uid": {"type": "Group", "id": "red"}, "attrs": {}, "parents": [{"type": "Group", "id": "all"}]},
]


def asked(context: Mapping[str, Any] = FULL, **but: Any) -> Question:
    """Return Ann's request, except for `but`."""
    usual: dict[str, Any] = {"principal": ANN, "action": "see", "resource": ROOM, "entities": THERE}
    return Question(context=context, **{**usual, **but})


def traced(text: str, question: Question | None = None) -> RuleTrace:
    """Return what becomes of one rule."""
    return CompiledRules(trees(text), WIDE).trace(question or asked())["policy0"]


def when(text: str) -> str:
    """Return a rule with one condition."""
    return f"permit (principal, action, resource) when {{ {text} }};"


# --- the same answers as Cedar's ----------------------------------------------------------------------


def test_shipped_rules_answer_as_cedar_does() -> None:
    """Cedar and the compiled rules agree on 100,000 random requests, to all rules and to some of them."""
    book = shipped()
    rules = book.policies.to_pst().static_policies
    chance = random.Random(5)  # noqa: S311  # a test, not a secret

    for seed in range(20):
        # The forbids hide the permits, so mostly some of the rules are left out.
        some = {name: rule for name, rule in rules.items() if seed == 0 or chance.random() < 0.4}
        found = disagreements(some, book.vocabulary.to_json(), seed, stores=2, requests=2500)
        assert next(found, None) is None


def _odd_disagreement(seed: int) -> object:
    """Return the first disagreement over 6,000 requests to 1,200 odd rules, or None."""
    draw = RandomConditions(seed)
    for number in range(400):
        rules = trees(draw.rules(3))
        found = next(disagreements(rules, WIDE, number, stores=3, requests=5), None)
        if found is not None:
            return found
    return None


def test_odd_rules_answer_as_cedar_does() -> None:
    """The two agree on rules that no validator lets pass: overflow, missing entities, wrong types."""
    assert _odd_disagreement(1) is None


def _wrong(name: str, replacement: Any) -> Callable[[pytest.MonkeyPatch], None]:
    return lambda patch: patch.setattr(closures, name, replacement)


def _wrong_operation(
    name: str, replacement: Callable[[Any, Any], Any]
) -> Callable[[pytest.MonkeyPatch], None]:
    changed = {**closures._OPERATIONS, name: replacement}
    return lambda patch: patch.setattr(closures, "_OPERATIONS", changed)


MISTAKES: Mapping[str, Callable[[pytest.MonkeyPatch], None]] = {
    "numbers never overflow": _wrong("_fitting", lambda number: number),
    "true is 1 in sets": _wrong("keyed", lambda value: 1 if value is True else values.keyed(value)),
    "any type is a number": _wrong("_long", lambda value: value if isinstance(value, int) else 0),
    "a missing group is an error": _wrong("NO_ANCESTORS", None),
    "nothing is in anything": _wrong("_is_in", lambda *_: False),
    "no condition is checked": _wrong("_boolean", lambda step: step),
    "`<` is `<=`": _wrong(
        "_COMPARISONS", {**closures._COMPARISONS, "less": closures._COMPARISONS["less_eq"]}
    ),
    "types are not compared": _wrong_operation("eq", lambda left, right: bool(left == right)),
    "all is any": _wrong_operation("contains_all", closures._OPERATIONS["contains_any"]),
    "entities without attributes": _wrong("_attributes", lambda *_: None),
    "the scope does not count": lambda patch: patch.setattr(compiled._Constraint, "fits", lambda *_: True),
    "groups of actions do not count": lambda patch: patch.setattr(
        compiled._Rule, "fits_action", lambda rule, action, _: rule.action is None or action in rule.action
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_the_compiler_is_noticed(mistake: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each planted mistake makes the two disagree, or evaluation fail."""
    MISTAKES[mistake](monkeypatch)

    with pytest.raises((AssertionError, TypeError, AttributeError)):
        assert _odd_disagreement(2) is None


WORDS = cedarpy.Schema.from_json_str(json.dumps(WIDE))


@pytest.mark.parametrize(
    "question",
    [
        asked(),
        asked(context={}),
        asked(context={**FULL, "n": True}),
        asked(context={**FULL, "n": 1.0}),
        asked(context={**FULL, "n": 2**63}),
        asked(context={**FULL, "n": None}),
        asked(context={**FULL, "n": "1"}),
        asked(context={**FULL, "b": 1}),
        asked(context={**FULL, "s": 1}),
        asked(context={**FULL, "zz": 1}),
        asked(context={**FULL, "u": {"type": "User", "id": "x"}}),
        asked(context={**FULL, "u": {"__entity": {"type": "Group", "id": "x"}}}),
        asked(context={**FULL, "u": 'User::"x"'}),
        asked(context={**FULL, "ns": 1}),
        asked(context={**FULL, "ns": ["1"]}),
        asked(context={**FULL, "ns": [1, 1]}),
        asked(context={**FULL, "r": []}),
        asked(context={**FULL, "r": {"spot": {}}}),
        asked(context={**FULL, "spots": [{"n": 1}, {"n": 1}]}),
        asked(action="act"),
        asked(action="nothing"),
        asked(principal=Uid("Group", "red")),
        asked(resource=Uid("Colour", "a")),
        asked(resource=Uid("Colour", "zz")),
        asked(resource=Uid("Nowhere", "a")),
    ],
    ids=lambda question: f"{question.action} {question.resource} {question.context}",
)
def test_request_that_does_not_conform_is_not_evaluated(question: Question) -> None:
    """What Cedar takes for a request, the compiled rules take for one, and nothing else."""
    rules = trees("permit (principal, action, resource);")

    assert alike(CompiledRules(rules, WIDE).answer(question), ask(policies_of(rules), WORDS, question))


@pytest.mark.parametrize(
    "condition",
    [
        'context.n like "7"',
        "context.n in principal",
        "principal in context.n",
        "principal in [context.n]",
        "context.r is User",
        "context.n has b",
        "context.s.n == 1",
        "context.s < 1",
        "1 < context.b",
        "-context.s == 1",
        "context.s.contains(1)",
        "context.ns.containsAll(1)",
        "context.r.isEmpty()",
        "!context.n",
        "context.n",
        "context.b && context.n",
        "if context.n then true else true",
        "ROOM.flag",
        "9223372036854775807 + context.n > 0",
        "-9223372036854775808 - context.n < 0",
        "-(-9223372036854775808) > 0",
        "9223372036854775807 * context.n > 0",
    ],
)
def test_condition_of_a_wrong_type_errs_as_for_cedar(condition: str) -> None:
    """What Cedar cannot evaluate is an error here too, and so a refusal."""
    rules = trees(when(condition.replace("ROOM", str(ROOM))))

    verdict = CompiledRules(rules, WIDE).answer(asked())

    assert alike(verdict, ask(policies_of(rules), WORDS, asked()))
    assert verdict.outcome == "not_evaluated"


def test_errors_name_the_rule_and_the_reason() -> None:
    """A rule that errs is skipped and named; whatever is permitted beside it does not count."""
    rules = trees(f"permit (principal, action, resource); {when('context.m < 1')}")

    verdict = CompiledRules(rules, WIDE).answer(asked())

    assert (verdict.outcome, verdict.rules) == ("not_evaluated", ())
    assert verdict.errors == ("rule `policy1` was skipped: there is no attribute `m`",)


def test_replaced_rule_is_the_only_change() -> None:
    """One rule can be changed, added or taken away; the original stays as it is."""
    before = CompiledRules(trees("permit (principal, action, resource);"), WIDE)
    (forbid,) = trees("forbid (principal, action, resource);").values()

    assert before.replaced("policy0", forbid).answer(asked()).outcome == "forbidden"
    assert before.replaced("more", forbid).answer(asked()).outcome == "forbidden"
    assert before.replaced("policy0", None).answer(asked()).outcome == "not_permitted"
    assert before.replaced("nothing", None).answer(asked()).outcome == "permitted"
    assert before.answer(asked()).outcome == "permitted"


ANY = pst.ScopeAny()


def template(condition: pst.Expr, principal: pst.PrincipalOrResourceConstraint = ANY) -> pst.Template:
    """Return a rule with one condition."""
    return pst.Template("a", "permit", principal, ANY, ANY, (pst.When(condition),), pst.FrozenMap())


@pytest.mark.parametrize(
    "rule",
    [
        template(pst.UnaryOp("is_ipv4", pst.StringLit("x"))),
        template(pst.BinaryOp("has_tag", pst.Var("principal"), pst.StringLit("a"))),
        template(pst.Slot("principal")),
        template(pst.BoolLit(value=True), pst.ScopeEq(pst.Slot("principal"))),
    ],
)
def test_what_is_not_known_is_refused(rule: pst.Template) -> None:
    """Extensions, tags and slots are refused, by the name of the rule, before anything is answered."""
    with pytest.raises(PolicyError, match="rule `bad` cannot be evaluated here: "):
        CompiledRules({"bad": rule}, WIDE)


def test_has_with_several_attributes_asks_for_each() -> None:
    """A tree may have `has a.b` in one piece, which text never gives."""
    path = pst.HasAttr(pst.Var("context"), ("r", "spot", "n"))
    past = pst.HasAttr(pst.Var("context"), ("s", "spot"))

    assert CompiledRules({"a": template(path)}, WIDE).answer(asked()).outcome == "permitted"
    assert CompiledRules({"a": template(past)}, WIDE).answer(asked()).outcome == "not_evaluated"


# --- a view inside ------------------------------------------------------------------------------------


def test_trace_tells_conditions_and_what_they_looked_at() -> None:
    """Each condition has its value, and the values behind it."""
    trace = traced(
        'permit (principal, action, resource) when { context.n <= 3 } unless { context.s == "abc" };'
    )

    assert (trace.scope, trace.matches, trace.error) == (True, False, False)
    first, second = trace.clauses
    assert (first.text, first.unless, first.value, first.holds) == (
        "when { context.n <= 3 }",
        False,
        False,
        False,
    )
    assert (first.atoms[0].text, first.atoms[0].value) == ("context.n <= 3", False)
    assert [str(reading) for reading in first.atoms[0].readings] == ["context.n is 7"]
    assert (second.unless, second.value, second.holds) == (True, None, None)
    assert (second.atoms[0].value, second.atoms[0].readings) == (None, ())


def test_trace_of_unless_says_what_its_condition_is() -> None:
    """The value is the condition's; whether the rule goes on is another question."""
    holding = traced("permit (principal, action, resource) unless { context.n < 3 };")
    failing = traced("permit (principal, action, resource) unless { context.n > 3 };")

    assert (holding.clauses[0].value, holding.clauses[0].holds, holding.matches) == (False, True, True)
    assert (failing.clauses[0].value, failing.clauses[0].holds, failing.matches) == (True, False, False)


def test_trace_stops_where_the_rule_errs() -> None:
    """The condition that errs is told, what was before it too, and nothing after it is reached."""
    trace = traced(f"{when('context.b && context.m < 1')[:-1]} when {{ context.b }};")

    assert (trace.matches, trace.error) == (False, True)
    assert [atom.value for atom in trace.clauses[0].atoms] == [True, "error"]
    assert str(trace.clauses[0].atoms[1].readings[0]) == "context.m is absent"
    assert (trace.clauses[0].value, trace.clauses[0].holds, trace.clauses[1].value) == (
        "error",
        "error",
        None,
    )


def test_trace_of_a_rule_whose_scope_does_not_fit_reaches_no_clause() -> None:
    """It says which part of the scope does not fit."""
    trace = traced('permit (principal in Group::"all", action, resource is Colour) when { context.b };')

    assert (trace.scope, trace.matches, trace.error) == (False, False, False)
    assert [(part.text, part.fits) for part in trace.parts] == [
        ('principal in Group::"all"', True),
        ("action", True),
        ("resource is Colour", False),
    ]
    assert (trace.clauses[0].value, trace.clauses[0].atoms[0].value) == (None, None)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("context has m", ["context.m is absent"]),
        ("context.r has spot.n", ["context.r.spot is {n: 3}", "context.r.spot.n is 3"]),
        ('principal in Group::"red"', ['principal is User::"ann"']),
        ("principal.teams.isEmpty()", ['principal.teams is [Group::"red"]']),
        ("principal.boss == resource", ["principal.boss is absent", 'resource is User::"room"']),
        ("[context.n, 1] == context.ns", ["context.n is 7", "context.ns is [1, 2]"]),
        ("context.n + context.n > 1", ["context.n is 7"]),
        ("(if context.b then 1 else 2) == 1", ["context.b is true"]),
        ("{a: context.s} == context.r", ['context.s is "abc"', "context.r is {spot: {n: 3}}"]),
    ],
)
def test_readings_are_the_longest_paths_of_a_condition(condition: str, expected: list[str]) -> None:
    """Every attribute and entity that a condition mentions is told once, as it was found."""
    clause = traced(when(condition)).clauses[0]

    found = [str(reading) for atom in clause.atoms for reading in atom.readings]
    assert list(dict.fromkeys(found)) == expected


def test_readings_of_a_multiple_has_go_to_its_end() -> None:
    """The path that is asked for is told, not each step of it."""
    rules = {"a": template(pst.HasAttr(pst.Var("context"), ("r", "spot", "n")))}

    (atom,) = CompiledRules(rules, WIDE).trace(asked())["a"].clauses[0].atoms

    assert [str(reading) for reading in atom.readings] == ["context.r.spot.n is 3"]


def test_trace_of_a_request_that_does_not_conform_is_refused() -> None:
    """Where nothing is evaluated there is nothing to tell."""
    with pytest.raises(PolicyError, match="the request does not conform to the schema: attribute `n` is"):
        traced(when("context.b"), asked(context={"ns": [], "r": {"spot": {"n": 1}}}))


def test_traces_and_looks_say_the_same_as_answers() -> None:
    """A rule matches in its trace when it determines the answer; conditions are seen in the same order."""
    for seed in range(60):
        rules = trees(RandomConditions(seed).rules(4))
        draw, compiled_rules = RandomRequests(seed, WIDE, rules.values()), CompiledRules(rules, WIDE)
        for _ in range(4):
            question = draw.question(draw.entities())
            verdict, traces = compiled_rules.answer(question), compiled_rules.trace(question)
            store = compiled_rules.store(question.entities)
            looked, seen = compiled_rules.look_in(
                store, question.principal, question.action, question.resource, question.context
            )
            matching = {name for name, trace in traces.items() if trace.matches}
            assert set(verdict.rules) <= matching
            assert len(verdict.errors) in (0, sum(trace.error for trace in traces.values()))
            assert looked == verdict
            assert seen == {name: _reached(trace) for name, trace in traces.items() if trace.scope}
            for name, rule in rules.items():
                texts = tuple(atom.text for clause in traces[name].clauses for atom in clause.atoms)
                assert texts == tuple(map(text_of, atoms(rule)))


def _reached(trace: RuleTrace) -> dict[int, Any]:
    found = [atom.value for clause in trace.clauses for atom in clause.atoms]
    return {number: value for number, value in enumerate(found) if value is not None}


def test_look_at_a_request_that_does_not_conform_sees_nothing() -> None:
    """It is not evaluated, so no condition was reached."""
    rules = CompiledRules(trees(when("context.b")), WIDE)

    verdict, seen = rules.look_in(rules.store(THERE), ANN, "see", ROOM, {})

    assert (verdict.outcome, seen) == ("not_evaluated", None)


# --- where it may be used -----------------------------------------------------------------------------

_USE = re.compile(r"\b(from|import) sim\.analysis\b")


def users(files: Mapping[str, str]) -> list[str]:
    """Return the files that use the room of compiled rules and are not about saying something of rules."""
    rooms = ("sim/analysis/", "sim/report/", "sim/shell/")
    return [path for path, text in files.items() if _USE.search(text) and not path.startswith(rooms)]


def test_compiled_rules_never_decide_in_a_device() -> None:
    """Only what analyses, reports or is a command uses them; devices and the world ask Cedar."""
    top = Path(sim.__file__).parent
    files = {
        f"sim/{path.relative_to(top).as_posix()}": path.read_text(encoding="utf-8")
        for path in top.rglob("*.py")
    }

    assert users(files) == []
    assert users({"sim/world/stage.py": "from sim.analysis.evaluation.compiled import CompiledRules"}) != []
