"""Rules as trees: their conditions, their text, and where things stand."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from cedarpy import pst

from sim.analysis.evaluation import tree
from sim.analysis.evaluation.tree import (
    atoms,
    atoms_of,
    children,
    clause_text,
    node_places,
    nodes,
    places,
    scope_text,
    text_of,
    with_children,
)
from sim.core.errors import Place, PolicyError
from sim.policy.rules import Rule, RuleBook
from sim.policy.source import passages
from tests.analysis.random_requests import RandomConditions, shipped, trees

EVERYWHERE = "permit (principal, action, resource)"


def condition(text: str) -> pst.Expr:
    """Return a condition as a tree."""
    (rule,) = trees(f"{EVERYWHERE} when {{ {text} }};").values()
    return rule.clauses[0].expr


def written(text: str, number: int = 0) -> Rule:
    """Return a rule of a file, as far as its place and text go."""
    passage = passages("x.cedar", text)[number]
    return Rule("a", "permit", "", None, None, None, passage.place, passage.text, ("", "", ""), ())


def underlined(place: Place) -> str:
    """Return the text a place underlines, as far as it goes on its first line."""
    start = place.column - 1
    return place.source_line[start : start + place.length]


# --- atoms --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("clauses", "expected"),
    [
        ("", ()),
        ("when { true }", ()),
        ("when { context.a }", ("context.a",)),
        ("when { context.a && !(context.b || context.c) }", ("context.a", "context.b", "context.c")),
        ("when { context.a } unless { context.b < 1 }", ("context.a", "context.b < 1")),
        ("when { if context.a then context.b else false }", ("context.a", "context.b")),
        ("when { (context.a && context.b) == true }", ("(context.a && context.b) == true",)),
        ("when { context has a.b }", ("context has a", "context.a has b")),
    ],
)
def test_atoms_are_what_is_true_or_false_by_itself(clauses: str, expected: tuple[str, ...]) -> None:
    """Conditions are taken apart at `&&`, `||`, `!` and `if`, in the order they are written."""
    (rule,) = trees(f"{EVERYWHERE} {clauses};").values()

    assert tuple(map(text_of, atoms(rule))) == expected


def test_atoms_of_a_clause_add_up_to_those_of_the_rule() -> None:
    """The atoms of the clauses, one clause after another, are those of the rule."""
    for rule in shipped().policies.to_pst().static_policies.values():
        assert atoms(rule) == tuple(atom for clause in rule.clauses for atom in atoms_of(clause.expr))


# --- text ---------------------------------------------------------------------------------------------

TEXTS = (
    "context.a.b.c == 1",
    'context["a b"].c == context["if"]',
    "1 - (2 - 3) - 4 == -5 * (6 + 7)",
    "-(3) == -(-3) && -context.a < -(-context.b)",
    "!context.a && !(!context.b) && !(context.a || context.b)",
    "context.a && (context.b && context.c) || context.d && (context.e || context.f)",
    "(1 < 2) == (context.a <= context.b)",
    "(if context.a then 1 else 2) > 3",
    "if context.a || context.b then context.c else if context.d then context.e else context.f",
    "(-1).a == (1 + 2).b",
    '"é\\n\\"\\\\\\0\\u{7f}" == context.a',
    'context.a like "a*\\*\\\\\\t"',
    'principal is Person in Role::"m" && principal is A::B',
    'principal in [Role::"a", Role::"b"]',
    'context has a && context has "b c"',
    "context.a + 1 has b",
    "[1, 2].contains(context.a) && context.b.containsAll([]) && context.b.containsAny([[]])",
    "context.b.isEmpty()",
    '{a: 1, "b c": {}} == context',
    "({a: 1}).a == 1",
    "true && false",
)


@pytest.mark.parametrize("text", TEXTS)
def test_text_has_no_needless_brackets(text: str) -> None:
    """What a person would write comes back as it was, and means the same."""
    expected = text.replace("({a: 1})", "{a: 1}")

    assert text_of(condition(text)) == expected
    assert condition(expected) == condition(text)


def test_text_of_every_shipped_clause_means_the_same() -> None:
    """Printing and parsing a clause of ours changes nothing."""
    for rule in shipped().policies.to_pst().static_policies.values():
        for clause in rule.clauses:
            (again,) = trees(f"{EVERYWHERE} {clause_text(clause)};").values()
            assert again.clauses == (clause,)


def _changed_by_printing(seed: int) -> list[str]:
    draw = RandomConditions(seed)
    texts = [draw.text() for _ in range(400)]
    return [text for text in texts if condition(text_of(condition(text))) != condition(text)]


def test_text_of_random_conditions_means_the_same() -> None:
    """Printing and parsing changes nothing, whatever is in a condition."""
    assert _changed_by_printing(1) == []


def test_missing_brackets_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A printer that forgets brackets is caught by the test above."""
    monkeypatch.setattr(tree, "_bracketed", lambda text, _level, _wanted: text)

    with pytest.raises((AssertionError, ValueError)):
        assert _changed_by_printing(1) == []


@pytest.mark.parametrize(
    ("attrs", "expected"),
    [
        (("a", "b"), "context has a.b"),
        (("a b", "c"), 'context has "a b" && context["a b"] has c'),
    ],
)
def test_path_of_several_attributes_is_written_out_where_it_must_be(
    attrs: tuple[str, ...], expected: str
) -> None:
    """Cedar's short form of `has` knows plain names only."""
    assert text_of(pst.HasAttr(pst.Var("context"), attrs)) == expected


@pytest.mark.parametrize(
    "expr",
    [
        pst.UnaryOp("ip", pst.StringLit("::1")),
        pst.BinaryOp("has_tag", pst.Var("principal"), pst.StringLit("a")),
        pst.Slot("principal"),
    ],
)
def test_text_of_what_is_not_known_is_refused(expr: pst.Expr) -> None:
    """Extensions, tags and slots are no part of our rules."""
    with pytest.raises(PolicyError):
        text_of(expr)


@pytest.mark.parametrize(
    "scope",
    [
        ("principal", "action", "resource"),
        ('principal == User::"a"', 'action == Action::"x"', "resource is Car"),
        ('principal in Role::"b"', 'action in Action::"x"', 'resource is Car in Lot::"c"'),
        ("principal is A::B", 'action in [Action::"x", Action::"y z"]', 'resource == Car::"\\"d"'),
        ('principal in Role::"b"', "action in []", "resource == ?resource"),
    ],
)
def test_scope_is_written_as_it_was(scope: tuple[str, str, str]) -> None:
    """Each part of a scope has its own text."""
    text = f"permit ({', '.join(scope)});".replace("?resource", 'Car::"slot"')
    (rule,) = trees(text).values()
    if "?" in scope[2]:
        rule = replace(rule, resource=pst.ScopeEq(pst.Slot("resource")))

    assert scope_text(rule) == scope


# --- parts --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", TEXTS)
def test_an_expression_is_made_of_its_parts(text: str) -> None:
    """Putting the same parts back gives the same expression, at every depth."""
    (rule,) = trees(f"{EVERYWHERE} when {{ {text} }};").values()

    for node in nodes(rule):
        assert with_children(node, children(node)) == node


# --- places -------------------------------------------------------------------------------------------


def test_atoms_of_shipped_rules_are_found_in_their_files() -> None:
    """What a place underlines means the same as the atom it is the place of."""
    book: RuleBook = shipped()

    for name, rule in book.policies.to_pst().static_policies.items():
        for atom, place in zip(atoms(rule), places(book.rules[name], rule), strict=True):
            assert _begins_with(atom, underlined(place))


def _begins_with(atom: pst.Expr, text: str) -> bool:
    """Say whether text is an atom, or as much of it as stands on its first line."""
    try:
        return condition(text) == atom
    except ValueError:
        return text_of(atom).replace(" ", "").startswith(text.replace(" ", ""))


def _misplaced(rule: Rule, template: pst.Template) -> list[str]:
    """Return what is underlined for each expression that is not there; `has a.b` has no text of its own."""
    found = zip(nodes(template), node_places(rule, template), strict=True)
    return [
        underlined(place)
        for node, place in found
        if underlined(place) not in ("boss", "flag") and not _stands(node, underlined(place))
    ]


def _stands(node: pst.Expr, text: str) -> bool:
    return condition(f"({text}) == 1") == pst.BinaryOp("eq", node, pst.LongLit(1))


@pytest.mark.parametrize("text", TEXTS)
def test_every_expression_is_found(text: str) -> None:
    """Every part of a condition has its place, from its first sign to its last."""
    source = f"{EVERYWHERE} when {{ {text} }};"
    (template,) = trees(source).values()

    assert written(source).place not in node_places(written(source), template)
    assert _misplaced(written(source), template) == []


def test_random_conditions_are_found() -> None:
    """Redundant brackets and repeated conditions mislead nobody."""
    draw = RandomConditions(3)
    for _ in range(150):
        source = f"{EVERYWHERE} when {{ {draw.text()} }} unless {{ {draw.text()} }};"
        (template,) = trees(source).values()
        assert written(source).place not in node_places(written(source), template)
        assert _misplaced(written(source), template) == []


def test_a_place_off_by_one_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reading that begins one token late is caught by the tests above."""
    source = f"{EVERYWHERE} when {{ context.a && context.a }};"
    (template,) = trees(source).values()
    honest = tree._Reading._balanced
    monkeypatch.setattr(
        tree._Reading, "_balanced", lambda *args: (honest(*args)[0] + 1, honest(*args)[1] + 1)
    )

    with pytest.raises((AssertionError, ValueError)):
        assert _misplaced(written(source), template) == []


LAID_OUT = """// when { context.z }
@id("when { context.y }") permit (principal, action, resource)
when { ((context.b)) && context.b // again: context.b
  && [context . c,
      2,].contains(3) };  forbid (principal, action, resource) unless { context has a.b.c ||
  {z: 1, "y": 2}.y == 1 };
"""


def test_places_count_lines_and_columns_of_the_file() -> None:
    """Comments, annotations, line breaks and earlier rules on the same line are counted, not read."""
    first, second = trees(LAID_OUT).values()

    assert [str(place) for place in places(written(LAID_OUT), first)] == [
        "x.cedar:3:10",
        "x.cedar:3:25",
        "x.cedar:4:6",
    ]
    found = places(written(LAID_OUT, 1), second)
    assert [str(place) for place in found] == ["x.cedar:5:73", "x.cedar:5:87", "x.cedar:5:89", "x.cedar:6:3"]
    assert [underlined(place) for place in found] == ["context has a", "b", "c", '{z: 1, "y": 2}.y == 1']
    assert found[0].source_line == LAID_OUT.split("\n")[4]


@pytest.mark.parametrize(
    ("source", "other"),
    [
        ('when { ip("::1").isLoopback() }', None),
        ("when { ip(context.a) == context.b }", None),
        ("when { context.a }", "when { context.a } when { context.b }"),
        ("when { context.a }", "when { context.a && context.b }"),
        ("when { context.a }", "when { context.a == {b: 1} }"),
        ("when { context.a == {c: 1} }", "when { context.a == {b: 1} }"),
        ("when { context.a }", "when { [1, 2, 3].contains(context.a) }"),
    ],
)
def test_place_that_cannot_be_told_is_the_rules(source: str, other: str | None) -> None:
    """Where text and tree do not go together, the rule's own place stands for all in it."""
    rule = written(f"{EVERYWHERE} {source};")
    (template,) = trees(f"{EVERYWHERE} {other or source};").values()

    assert set(places(rule, template)) == {rule.place}


def test_place_in_an_unfinished_rule_is_the_rules() -> None:
    """Text that ends too early is no reason to fail."""
    rule = written(f"{EVERYWHERE} when {{ (")
    (template,) = trees(f"{EVERYWHERE} when {{ context.a }};").values()

    assert places(rule, template) == (rule.place,)


def test_rules_of_a_book_are_trees_under_their_ids() -> None:
    """What is found by id in the one is found by id in the other."""
    book = shipped()
    found: Mapping[str, pst.Template] = book.policies.to_pst().static_policies

    assert set(found) == set(book.rules)
