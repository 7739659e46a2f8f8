"""Where things stand in Cedar text, and which clauses a rule is made of."""

import pytest

from sim.policy.source import anatomy, passages, policy_set, syntax_error

TWO = """// first
@id("a") // the name
permit (principal, action, resource);
forbid (principal, action, resource)
when { "};" == context.x };
"""


def conditions(clauses: str) -> tuple[str, ...]:
    """Return the clauses of a rule that ends so."""
    (rule,) = passages("x.cedar", f"permit (principal, action, resource) {clauses};")
    assert syntax_error(rule) is None
    return anatomy(rule).conditions


def test_rules_of_a_file_are_told_apart() -> None:
    """A `;` ends a rule only outside brackets and strings; comments belong to none."""
    first, second = passages("x.cedar", TWO)

    assert first.plain == '@id("a") permit (principal, action, resource);'
    assert second.plain == 'forbid (principal, action, resource) when { "};" == context.x };'


def test_text_without_rules_has_none() -> None:
    """A file with comments only is a file without rules."""
    assert passages("x.cedar", "// nothing yet\n") == ()


def test_place_counts_from_one_and_brings_its_line() -> None:
    """A place is enough to show the line and underline the words."""
    found = passages("x.cedar", TWO)[1].find('"};" ==')

    assert found is not None
    assert str(found.place) == "x.cedar:5:8"
    assert found.place.length == 7
    assert found.place.source_line == 'when { "};" == context.x };'


def test_place_of_several_lines_underlines_the_first() -> None:
    """What goes on over several lines is underlined on its first one."""
    place = passages("x.cedar", TWO)[1].place

    assert (place.line, place.column, place.length) == (4, 1, len("forbid (principal, action, resource)"))


def test_words_that_are_not_there_are_not_found() -> None:
    """Looking for other words, or for none, finds nothing."""
    rule = passages("x.cedar", TWO)[0]

    assert rule.find("unless") is None
    assert rule.find("") is None


def test_scope_is_taken_apart_outside_brackets() -> None:
    """A list of actions is one part of the scope."""
    (rule,) = passages(
        "x", 'permit (principal is A in R::"r", action in [Action::"a", Action::"b"], resource);'
    )

    assert anatomy(rule).scope == (
        'principal is A in R::"r"',
        'action in [Action::"a", Action::"b"]',
        "resource",
    )


@pytest.mark.parametrize(
    ("clauses", "expected"),
    [
        ("", ()),
        ("when { context.a }", ("context.a",)),
        ("when { context.a && context.b // why\n && context.c }", ("context.a", "context.b", "context.c")),
        ("when { context.a && (context.b || context.c) }", ("context.a", "(context.b || context.c)")),
        ("when { context.a && context.b || context.c }", ("context.a && context.b || context.c",)),
        (
            "when { if context.a then context.b else true && false }",
            ("if context.a then context.b else true && false",),
        ),
        ("unless { context.a }", ("!(context.a)",)),
        ("unless { context.a && context.b }", ("!(context.a && context.b)",)),
        (
            "unless { context.a && context.b || context.c }",
            ("!(context.a && context.b)", "!(context.c)"),
        ),
        (
            "unless { if context.a then true else false || context.c }",
            ("!(if context.a then true else false || context.c)",),
        ),
        ("when { context.a } unless { context.b }", ("context.a", "!(context.b)")),
    ],
)
def test_conditions_are_what_must_all_be_true(clauses: str, expected: tuple[str, ...]) -> None:
    """`when` is split where all parts must hold, `unless` where none may."""
    assert conditions(clauses) == expected


def test_policy_set_keeps_our_ids_in_any_number() -> None:
    """Each rule keeps its own id, also where the engine would count to ten and beyond."""
    effects = {f"rule-{n}": "permit" if n % 2 else "forbid" for n in range(12)}
    texts = {
        name: f'@id("{name}") {effect} (principal, action, resource);' for name, effect in effects.items()
    }

    policies = policy_set(texts)

    named = policies.to_pst().static_policies
    assert {name: policy.effect for name, policy in named.items()} == effects
    assert all(policy.annotations["id"] == name for name, policy in named.items())
