"""Suites held against rules: what passes, what fails and why, and that nothing fails silently."""

from pathlib import Path

import pytest

import sim.policy
from sim.analysis.evaluation.compiled import CompiledRules
from sim.analysis.mutation.mutants import mutants_of
from sim.analysis.mutation.scoring import changed as changed_rules
from sim.analysis.suites.examination import Battery, Examiner, Result, answer_of, selected
from sim.analysis.suites.reading import SUITE_SUFFIX, Suite, read_suite
from sim.policy.engine import Verdict
from sim.shell.files import Shelf
from tests.analysis.small_suite import GOOD, RULES, SCHEMA, policies, suite

NEW = "  - {name: one, principal: PRINCIPAL, action: ACTION, resource: 'RESOURCE', context: CONTEXT, "
EXAMINER = Examiner(policies(), SCHEMA)
IN_RANGE = "`context.distance_cm <= 200` is true, as `context.distance_cm` is"


def asked(action: str, expects: str, *, principal: str = "lin", **more: str) -> Result:
    """Return what becomes of a suite's only test."""
    filled = {
        "PRINCIPAL": principal,
        "ACTION": action,
        "RESOURCE": more.get("resource", "Car::su7"),
        "CONTEXT": more.get("context", "{}"),
    }
    line = NEW
    for word, value in filled.items():
        line = line.replace(word, value)
    head = f"suite: a\ncontexts: {{usual: {{fresh: true, seated: true}}}}\n{more.get('entities', '')}tests:\n"
    (result,) = EXAMINER.examine(suite(f"{head}{line}{expects}}}\n"))
    return result


def changed(**rules: str) -> Examiner:
    """Return an examiner of the small rules with some of them changed."""
    names = {name.replace("_", "-"): text for name, text in rules.items()}
    return Examiner(policies({**RULES, **names}), SCHEMA)


HEAVY = "entities: {Box::crate: {weight: '9223372036854775807'}}\n"


# --- what passes ------------------------------------------------------------------------------------


def test_good_suite_passes() -> None:
    """Every case of a suite that is right passes, in the order of the file."""
    results = EXAMINER.examine(suite())

    assert [one.case.cell for one in results] == [case.cell for case in suite().cases]
    assert {one.status for one in results} == {"passed"}
    assert all(one.holds and not one.conditions for one in results)


@pytest.mark.parametrize("case", suite().cases, ids=lambda case: case.name)
def test_suite_runs_in_pytest(case: object) -> None:
    """Each case can be a test of pytest's."""
    read = suite()
    stage = EXAMINER.stage(read)
    result = EXAMINER.result(stage, next(one for one in read.cases if one == case))

    assert result.holds, result.faults


@pytest.mark.parametrize(
    ("distance", "expects"),
    [
        ("200", "expect: allow, because: [household]"),
        ("201", "expect: deny, because: [in-range]"),
        ("null", "expect: deny, because: [in-range]"),
    ],
)
def test_boundary_is_told_apart(distance: str, expects: str) -> None:
    """What holds at a limit and what holds one beyond it are different expectations."""
    assert asked("unlock", expects, context=f"{{distance_cm: {distance}}}").status == "passed"


def test_no_rule_may_be_what_is_expected() -> None:
    """`because: []` means that nothing permitted it and nothing forbade it."""
    assert asked("start", "expect: deny, because: []", principal="jun").status == "passed"


@pytest.mark.parametrize("expects", ["expect: error", "expect: error, errors: 1"])
def test_error_may_be_what_is_expected(expects: str) -> None:
    """A rule that errs is an answer of its own, with or without the number of errors."""
    assert asked("load", expects, resource="Box::crate", entities=HEAVY).status == "passed"


def test_denial_may_come_with_errors() -> None:
    """A rule forbids it while another errs: both are expected together."""
    result = asked(
        "load",
        "expect: deny, because: [fresh-only], errors: 1",
        resource="Box::crate",
        entities=HEAVY,
        context="{fresh: false}",
    )

    assert result.status == "passed"


# --- what fails -------------------------------------------------------------------------------------


def test_wrong_answer_fails_with_the_condition_that_decided() -> None:
    """An unexpected refusal names the rule, its condition and the value."""
    result = asked("unlock", "expect: allow", context="{distance_cm: 350}")

    assert result.status == "failed"
    assert result.got == Verdict("forbidden", ("in-range",))
    assert result.faults == ("expected `allow`, got `deny` by `in-range`",)
    assert result.conditions == (
        "forbid `in-range` applies: `context.distance_cm <= 200` is false, as `context.distance_cm` is 350",
    )


def test_absent_fact_is_told_as_absent() -> None:
    """A condition over a fact that is not there says so."""
    assert asked("unlock", "expect: allow").conditions == (
        "forbid `in-range` applies: `context has distance_cm` is false, as `context.distance_cm` is absent",
    )


def test_missing_permit_is_told_with_the_scope_that_does_not_fit() -> None:
    """Where no rule permits, the permits of the action say what keeps them."""
    result = asked("start", "expect: allow", principal="jun")

    assert result.faults == ("expected `allow`, got `deny`",)
    assert result.conditions == (
        'permit `household` does not apply: `principal in Role::"member"` does not fit',
    )


def test_missing_permit_is_told_with_the_condition_that_is_false() -> None:
    """A permit whose scope fits is kept by its first false condition."""
    result = asked("heat", "expect: allow", principal="mei")

    assert result.conditions == (
        (
            "permit `own-car` does not apply: `resource.owner == principal` is false, "
            'as `resource.owner` is Person::"lin" and `principal` is Person::"mei"'
        ),
    )


def test_unexpected_permit_is_told_with_the_forbids_that_were_near() -> None:
    """Where nothing forbade what should be denied, what applied comes first, then what could have."""
    result = asked("unlock", "expect: deny", context="{distance_cm: 200}")

    assert result.faults == ("expected `deny`, got `allow` by `household`",)
    assert result.conditions == (
        "permit `household` applies",
        "forbid `fresh-only` does not apply: `context.fresh` is true",
        f"forbid `in-range` does not apply: {IN_RANGE} 200",
    )


def test_right_answer_for_another_reason_fails() -> None:
    """The rules that determine an answer count as much as the answer."""
    result = asked("unlock", "expect: deny, because: [in-range]", context="{distance_cm: 9, fresh: false}")

    assert result.faults == ("expected `deny` because of `in-range`, got it because of `fresh-only`",)
    assert result.conditions == (
        "forbid `fresh-only` applies: `context.fresh` is false",
        f"forbid `in-range` does not apply: {IN_RANGE} 9",
    )


def test_expected_rule_is_the_only_one_told_about() -> None:
    """A forbid that was expected is explained instead of every other that could have been."""
    result = asked("unlock", "expect: deny, because: [in-range]", context="{distance_cm: 9}")

    assert [line.partition("`")[2].partition("`")[0] for line in result.conditions] == [
        "household",
        "in-range",
    ]


def test_default_denial_is_not_a_rule() -> None:
    """`because: []` fails where a rule forbids."""
    result = asked("start", "expect: deny, because: []", context="{fresh: false}")

    assert result.faults == ("expected `deny` because of no rule, got it because of `fresh-only`",)


def test_erring_rule_fails_a_case_that_does_not_expect_it() -> None:
    """A denial that only looks right because a rule erred is no pass."""
    result = asked(
        "load",
        "expect: deny",
        resource="Box::crate",
        entities=HEAVY,
        context="{fresh: false}",
    )

    (fault,) = result.faults
    assert fault.startswith("expected 0 errors, got 1: ")
    assert "light" in fault
    assert result.conditions[-1].startswith("permit `light` errs: `resource.weight + 1 < 100` is an error")


def test_error_is_no_denial() -> None:
    """What could not be decided is told apart from what was refused."""
    result = asked("load", "expect: deny", resource="Box::crate", entities=HEAVY)

    assert result.faults[0] == "expected `deny`, got `error`"


def test_expected_error_that_does_not_come_fails() -> None:
    """A case that waits for an error is not content with a refusal."""
    result = asked("start", "expect: error", principal="jun")

    assert result.faults == ("expected `error`, got `deny`", "expected an error, got 0")


def test_condition_without_atoms_is_told_as_its_clause() -> None:
    """A rule that never applies still says which of its clauses keeps it."""
    examiner = changed(
        household="permit (principal, action, resource) when { if false then true else false };"
    )

    (result, *_) = examiner.examine(suite())

    assert result.status == "failed"
    assert result.conditions[0].startswith("permit `household` does not apply: `")


def test_planted_bug_in_the_compiled_rules_is_no_result(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Cedar and the compiled rules disagree, nothing is reported at all."""
    monkeypatch.setattr(CompiledRules, "answer_in", lambda *_: Verdict("permitted", ("household",)))

    with pytest.raises(
        AssertionError, match=r"a_test\.yaml:8:11: Cedar says Verdict\(outcome='not_permitted'"
    ):
        EXAMINER.examine(suite())


# --- what does not count ----------------------------------------------------------------------------


def test_skipped_case_is_not_asked() -> None:
    """A skipped test has no answer, and neither passes nor fails."""
    results = EXAMINER.examine(suite(f"{GOOD}    skip: not yet\n"))

    assert {one.status for one in results} == {"skipped"}
    assert all(one.got is None and not one.holds for one in results)


@pytest.mark.parametrize(("expects", "holds"), [("expect: allow", False), ("expect: deny", True)])
def test_case_to_do_is_asked_but_does_not_fail(expects: str, holds: bool) -> None:  # noqa: FBT001  # a table
    """A test that is to do tells whether it holds by now."""
    result = asked("start", f"{expects}, todo: soon", principal="jun")

    assert (result.status, result.holds) == ("todo", holds)


# --- which cases ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("patterns", "count"),
    [
        ((), 6),
        (("unlock",), 3),
        (("JUN / start",), 1),
        (("lin / *lock", "mei / s?art"), 2),
        (("small home / * / jun",), 2),
        (("the small home / the family opens",), 6),
        (("nothing of it",), 0),
    ],
)
def test_filter_selects_by_suite_test_principal_and_action(patterns: tuple[str, ...], count: int) -> None:
    """A filter is a part of the path, with `*` and `?`, whatever the case of its letters."""
    assert len(EXAMINER.examine(suite(), patterns)) == count
    assert sum(selected(case, patterns) for case in suite().cases) == count


def test_suite_of_a_thousand_cases_is_examined() -> None:
    """Large matrices are examined whole."""
    people = [f"p{number}" for number in range(250)]
    entities = "".join(f"  Person::{name}: {{in: [guest]}}\n" for name in people)
    text = (
        f"suite: many\ncontexts: {{usual: {{fresh: true, seated: true}}}}\nentities:\n{entities}tests:\n"
        f"  - name: all\n    principals: [{', '.join(people)}]\n    actions: [unlock, start]\n"
        "    resources: ['Car::su7', 'Car::car']\n    expect: deny\n"
        "    because: {'* unlock *': [in-range], '* start *': []}\n"
    )

    results = EXAMINER.examine(suite(text))

    assert len(results) == 1_000
    assert {one.status for one in results} == {"passed"}


# --- changed rules ----------------------------------------------------------------------------------

RULES_AS_TREES = policies().to_pst().static_policies


def battery(*suites: Suite) -> Battery:
    """Return suites prepared for changed rules."""
    return Battery(suites or (suite(),), RULES_AS_TREES, SCHEMA)


@pytest.mark.parametrize(
    ("rule", "text", "killer"),
    [
        (
            "in-range",
            RULES["in-range"].replace("<= 200", "< 200"),
            "the small home / the family opens [lin unlock]",
        ),
        (
            "household",
            RULES["household"].replace("member", "owner"),
            "the small home / the family opens [mei unlock]",
        ),
        ("household", None, "the small home / the family opens [lin unlock]"),
        (
            "own-car",
            "permit (principal, action, resource);",
            "the small home / the family opens [jun unlock]",
        ),
        ("in-range", RULES["in-range"].replace("<= 200", "<= 201"), None),
        ("light", None, None),
    ],
)
def test_battery_names_the_case_that_notices_a_change(
    rule: str, text: str | None, killer: str | None
) -> None:
    """A change is noticed by a case that no longer holds; what no case asks about is not noticed."""
    kept = {name: one for name, one in RULES.items() if name != rule}
    after = policies({**kept, rule: text} if text else kept).to_pst().static_policies

    assert battery().killer(rule, after) == killer
    assert battery().kills(after) is (killer is not None)


def test_battery_overlooks_no_case() -> None:
    """Looking only at what a change can touch finds the same as asking everything."""
    fates = [
        (battery().killer(mutant.rule, after) is not None, battery().kills(after))
        for rule in RULES_AS_TREES.values()
        for mutant in mutants_of(rule, SCHEMA)
        for after in [changed_rules(RULES_AS_TREES, mutant)]
    ]

    assert len(fates) > 30
    assert {killed for killed, _ in fates} == {True, False}
    assert all(killed == kills for killed, kills in fates)


def test_battery_leaves_out_what_cannot_notice() -> None:
    """Waived cases and those that fail already notice nothing."""
    failing = suite(GOOD.replace("{family *: allow, ", "{family *: deny, "))
    waived = suite(f"{GOOD}    todo: soon\n")

    assert len(battery(suite(), failing, waived)) == 6 + 2
    assert not battery(waived).kills({})


def test_rules_as_they_are_kill_nothing() -> None:
    """No case fails under the rules for which it was written."""
    assert not battery().kills(RULES_AS_TREES)


def test_answers_are_those_of_tests() -> None:
    """A refusal by a rule and one by default are both a denial."""
    assert answer_of(Verdict("forbidden")) == answer_of(Verdict("not_permitted")) == "deny"
    assert answer_of(Verdict("not_evaluated")) == "error"
    assert answer_of(Verdict("permitted")) == "allow"


# --- the suites that ship ---------------------------------------------------------------------------

SHIPPED = sorted((Path(sim.policy.__file__).parent / "rules" / "tests").glob(f"*{SUITE_SUFFIX}"))


@pytest.fixture(scope="module")
def shelf() -> Shelf:
    """The rules that ship."""
    return Shelf()


def test_suites_ship() -> None:
    """Rules come with their tests."""
    assert len(SHIPPED) >= 8


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_shipped_suite_holds(path: Path, shelf: Shelf) -> None:
    """Every case of every suite that ships passes under the rules that ship; none is waived."""
    book = shelf.rules
    schema = book.vocabulary.to_json()
    effects = {name: rule.effect for name, rule in book.rules.items()}
    read = read_suite(path.name, path.read_text(encoding="utf-8"), schema, effects)

    results = Examiner(book.policies, schema).examine(read)

    assert [(one.case.name, one.faults) for one in results if one.status != "passed"] == []
