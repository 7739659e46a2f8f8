"""Mutants of rules: which the tests notice, which nobody could, and which request would tell."""

from collections.abc import Sequence
from typing import Any

import cedarpy
import pytest

from sim.analysis.mutation.scoring import Detector, Fate, Rules, ScenarioTests, Score, changed, mutate, scores
from sim.analysis.mutation.suggestion import _Court, _renamed, _Store, _value, suggestions, suite_text
from sim.analysis.question import Finding, Question, Uid, ask
from sim.analysis.recorded import Recorded
from sim.analysis.sampling.enumeration import Enumeration
from sim.analysis.suites.examination import Battery, Examiner
from sim.analysis.suites.reading import Suite, read_suite
from sim.analysis.symbolic import Prover
from sim.policy.cedar import ROLES
from sim.policy.rules import RuleBook
from sim.policy.schema import NOTHING, Vocabulary
from tests.policy.small_home import KINDS

RULES = """
@id("near")
@reason("too far")
@instead("come near")
forbid (principal, action == Action::"unlock", resource)
unless { context has distance_cm && context.distance_cm <= 200 };

@id("members")
@reason("theirs")
permit (principal in Role::"member", action == Action::"unlock", resource is Car);
"""
USUAL = (
    "authenticated: true, fresh: true, built_in: false, moving: false, expires_in_ms: 1, asker_drives: false"
)
NO_TESTS = f"""
suite: nothing much
contexts: {{usual: {{{USUAL}}}}}
tests:
  - {{name: it is asked, principal: lin, action: lock, resource: Car::su7, expect: deny}}
"""
GOOD = f"""
suite: unlocking
contexts: {{usual: {{{USUAL}}}, near: {{distance_cm: 200}}}}
tests:
  - name: the household unlocks beside the car
    principals: [lin, mei, tao, jun]
    action: unlock
    resource: Car::su7
    context: near
    expect: {{lin: allow, mei: allow, "*": deny}}
    because: {{lin: [members], mei: [members], "*": []}}
  - name: and nobody from afar
    principals: [lin, jun]
    action: unlock
    resource: Car::su7
    context: {{distance_cm: 201}}
    expect: deny
    because: [near]
  - name: nor unmeasured
    principal: lin
    action: unlock
    resource: Car::su7
    expect: deny
    because: [near]
  - name: distance is nothing to what is not unlocking
    principal: jun
    action: steer
    resource: Car::su7
    expect: deny
    because: []
  - name: nothing else is theirs
    principal: lin
    actions: [lock, start, open_boot]
    resource: Car::su7
    context: [near, {{asker_drives: true}}]
    expect: deny
    because: []
"""
VOCABULARY = Vocabulary.of(KINDS)
SCHEMA = VOCABULARY.to_json()
BOOK = RuleBook.read([("a.cedar", RULES)], VOCABULARY)
PROVER = Prover(SCHEMA, closed=True, fixed=ROLES, excluded_actions=(NOTHING,))


def suite(text: str) -> Suite:
    """Return the suite in a text."""
    return read_suite("a_test.yaml", text, SCHEMA, {"near": "forbid", "members": "permit"})


def battery(text: str) -> Battery:
    """Return the suite in a text as tests."""
    return Battery([suite(text)], BOOK.trees, SCHEMA)


def fates(*tests: Detector, apart: Any = PROVER) -> list[Fate]:
    """Return what becomes of every mutant of both rules."""
    return list(mutate(BOOK, BOOK.rules, tests, apart))


def test_good_suite_notices_every_change_that_can_be_told_apart() -> None:
    """Nothing survives, and each that was killed names the test that noticed it."""
    (score,) = scores(fates(battery(GOOD))).values()

    assert score.of("survived", "unknown") == 0
    assert score.of("killed") == 15
    assert score.value == 1.0
    assert all(fate.killer for fate in fates(battery(GOOD)) if fate.status == "killed")


def test_survivor_comes_with_a_request_that_tells_it_apart() -> None:
    """The engine answers it otherwise, or by other rules, once the rule is changed."""
    survivors = [fate for fate in fates(battery(NO_TESTS)) if fate.status == "survived"]

    assert len(survivors) == 14
    for fate in survivors:
        assert fate.question is not None
        after = changed(BOOK.trees, fate.mutant)
        policies = cedarpy.PolicySet.from_pst(cedarpy.pst.PolicySet({}, dict(after), ()))
        assert ask(policies, BOOK.schema, fate.question) != ask(BOOK.policies, BOOK.schema, fate.question)


def test_equal_mutants_are_no_fault_of_the_tests() -> None:
    """A change that nobody could notice does not count, and one that is no rule does not either."""
    found = fates(battery(GOOD))

    assert {"rejected", "equal", "killed"} >= {fate.status for fate in found}
    assert any(fate.status == "rejected" for fate in found)
    (score,) = scores(found).values()
    assert score.apart == score.of("killed") == len(found) - score.of("equal", "rejected")


def test_unknown_counts_as_not_killed() -> None:
    """What nobody can tell apart for certain lowers the score, and says why."""

    class Shrug:
        def differ(self, _a: Rules, _b: Rules) -> Finding:
            return Finding("unknown", note="too hard")

    found = fates(battery(NO_TESTS), apart=Shrug())

    unknown = [fate for fate in found if fate.status == "unknown"]
    assert {fate.note for fate in unknown} == {"too hard"}
    assert scores(found)["a.cedar"].value == 1 / 16


def test_score_without_mutants_is_full() -> None:
    """There is nothing that the tests have missed."""
    assert Score().value == 1.0


def test_mutants_can_be_judged_without_a_solver() -> None:
    """Boundary values tell apart what they can; what they cannot stays unknown and is never called equal."""
    found = fates(battery(NO_TESTS), apart=Enumeration(SCHEMA, fixed=ROLES))

    assert any(fate.status == "survived" for fate in found)
    assert not any(fate.status == "equal" for fate in found)


# --- suggestions -------------------------------------------------------------------------------------


def test_suggested_suite_kills_what_survived() -> None:
    """What is suggested can be read as a suite, passes today, and notices every survivor."""
    survivors = [fate for fate in fates(battery(NO_TESTS)) if fate.status == "survived"]
    found = suggestions(BOOK, survivors)

    text = suite_text("suggested", found, BOOK)

    assert len(found) < len(survivors)
    assert sum(len(one.fates) for one in found) == len(survivors)
    results = Examiner(BOOK.policies, SCHEMA).examine(suite(text))
    assert [result.faults for result in results if not result.holds] == []
    together = fates(battery(NO_TESTS), battery(text))
    assert [fate for fate in together if fate.status == "survived"] == []


def test_nothing_is_suggested_where_nothing_survives() -> None:
    """A suite that notices everything needs no more tests."""
    assert suggestions(BOOK, fates(battery(GOOD))) == []


NAMED = """
@id("heater")
@reason("theirs")
permit (principal in Role::"guest", action == Action::"heat", resource == Climate::"heater")
when { context has sender && context.sender.enrolled && resource has owner && resource.owner == principal };

@id("own")
@reason("his own")
permit (principal == Person::"jun", action == Action::"heat", resource)
when { !(resource has owner) && context.fresh };

@id("lent")
@reason("lent")
permit (principal == Person::"jun", action == Action::"heat", resource == Climate::"heater")
when { resource has owner && resource.owner != principal && context.moving };
"""


def test_entities_that_rules_name_keep_their_names() -> None:
    """A rule about one heater is told apart at that heater; all others get names that suites have."""
    book = RuleBook.read([("a.cedar", NAMED)], VOCABULARY)
    effects = {name: rule.effect for name, rule in book.rules.items()}
    nothing = NO_TESTS.replace("expect: deny", "expect: deny, because: []")
    left = [read_suite("nothing_test.yaml", nothing, SCHEMA, effects)]

    for _ in range(4):  # one suite has one store, and the heater is two things
        tests = [Battery(left, book.trees, SCHEMA)]
        survivors = [one for one in mutate(book, book.rules, tests, PROVER) if one.status == "survived"]
        if not survivors:
            break
        text = suite_text("more", suggestions(book, survivors), book)
        left.append(read_suite(f"{len(left)}_test.yaml", text, SCHEMA, effects))

    assert survivors == []
    assert len(left) > 2
    assert any(
        "Climate::heater" in str(case.resource) or case.resource.id == "heater" for case in left[1].cases
    )
    for one in left[1:]:
        assert all(result.holds for result in Examiner(book.policies, SCHEMA).examine(one))


ODD_CONDITIONS = [
    'principal == Person::"lin"',
    'principal == Person::"kim"',
    'principal == Person::"true"',
    'context has sender && context.sender == Device::"phone" && resource == Climate::"climate"',
    "context.expires_in_ms == 9223372036854775807",
    'context has code && context.code == "1e3"',
    'context has code && context.code == "on"',
]


@pytest.mark.parametrize("condition", ODD_CONDITIONS)
def test_whatever_a_rule_names_the_suggested_suite_can_be_kept(condition: str) -> None:
    """It loads, passes, and tells apart: names, large numbers and texts that look like something else."""
    text = f'permit (principal, action == Action::"heat", resource) when {{ {condition} }};'
    book = RuleBook.read([("a.cedar", f'@id("odd") @reason("odd")\n{text}')], VOCABULARY)
    fates_before = list(mutate(book, book.rules, [], PROVER))
    found = suggestions(book, fates_before)

    kept = read_suite("a_test.yaml", suite_text("odd", found, book), SCHEMA, {"odd": "permit"})

    assert all(result.holds for result in Examiner(book.policies, SCHEMA).examine(kept))
    again = list(mutate(book, book.rules, [Battery([kept], book.trees, SCHEMA)], PROVER))
    assert [fate.mutant.change for fate in again if fate.status == "survived"] == []


@pytest.mark.parametrize("condition", ['principal == Person::"x y"', 'context.code == "\\u{2028}"'])
def test_what_no_suite_can_write_is_left_out(condition: str) -> None:
    """A rule may name what a suite cannot; the other tests are suggested all the same."""
    odd = (
        f'permit (principal, action == Action::"heat", resource) when {{ context has code && {condition} }};'
    )
    book = RuleBook.read([("a.cedar", f'@id("odd") @reason("odd")\n{odd}')], VOCABULARY)
    found = suggestions(book, list(mutate(book, book.rules, [], PROVER)))

    text = suite_text("odd", found, book)

    assert 0 < text.count("- name:") < len(found)
    assert read_suite("a_test.yaml", text, SCHEMA, {"odd": "permit"}).cases


def test_sets_and_records_are_renamed_inside() -> None:
    """Whatever holds an entity holds it under its new name."""
    old, new = Uid("Person", "p1"), Uid("Person", "lin")
    entity = {"__entity": old.to_json()}

    renamed = _renamed({"who": [entity, 1], "more": {"one": entity}}, {old: new})

    assert _value(renamed) == {"who": ["lin", 1], "more": {"one": "lin"}}


# --- scenarios as tests ------------------------------------------------------------------------------


def recorded(case: str, question: Question | None) -> Recorded:
    """Return a decision of a scenario."""
    return Recorded("a.scenario.yaml", case, {"decision": {}}, question)


def questions(text: str) -> list[Question]:
    """Return what the cases of a suite ask."""
    found = suite(text)
    return [found.question(case) for case in found.cases]


class Theatre:
    """Plays scenarios again: notes which, and lets those fail that it is told to."""

    def __init__(self, failing: Sequence[str] = ()) -> None:
        self.failing = failing
        self.played: list[str] = []

    def passes(self, key: tuple[str, str], policies: cedarpy.PolicySet) -> bool:
        """Play one."""
        assert isinstance(policies, cedarpy.PolicySet)
        self.played.append(key[1])
        return key[1] not in self.failing


def test_scenario_is_played_again_only_where_an_answer_changes() -> None:
    """A change of the rule about distance touches the case in which somebody is far away."""
    near, _, _, _, far, *_, other, _, _ = questions(GOOD)
    theatre = Theatre(failing=["far"])
    asked = [recorded("near", near), recorded("far", far), recorded("other", other), recorded("cut", None)]
    tests = ScenarioTests(asked, BOOK, theatre.passes)
    without = {name: rule for name, rule in BOOK.trees.items() if name != "near"}

    assert tests.killer("near", without) == "a.scenario.yaml far"
    assert tests.killer("near", without) == "a.scenario.yaml far"
    assert theatre.played == ["far", "far"]


def test_scenario_that_passes_all_the_same_notices_nothing() -> None:
    """An answer has changed, and the story does not mind."""
    tests = ScenarioTests([recorded("far", questions(GOOD)[4])], BOOK, Theatre().passes)
    without = {name: rule for name, rule in BOOK.trees.items() if name != "near"}

    assert tests.killer("near", without) is None


def test_change_of_reasons_is_played_after_changes_of_answers() -> None:
    """What turns a refusal into a permission is the likelier to be noticed."""
    theatre = Theatre()
    lin, jun = questions(GOOD)[4:6]
    tests = ScenarioTests([recorded("jun", jun), recorded("lin", lin)], BOOK, theatre.passes)
    without = {name: rule for name, rule in BOOK.trees.items() if name != "near"}

    assert tests.killer("near", without) is None
    assert theatre.played == ["lin", "jun"]


@pytest.mark.parametrize("rule", ["near", "members"])
def test_unchanged_rules_touch_nothing(rule: str) -> None:
    """Rules that answer as before play nothing again."""
    theatre = Theatre()
    asked = [recorded(str(number), one) for number, one in enumerate(questions(GOOD))]
    tests = ScenarioTests(asked, BOOK, theatre.passes)

    assert tests.killer(rule, BOOK.trees) is None
    assert theatre.played == []


def test_change_that_another_rule_hides_is_played_nowhere() -> None:
    """A rule that applies otherwise, beside one that forbids all the same, changes no answer."""
    twice = RULES + RULES.replace('@id("near")', '@id("again")').partition('@id("members")')[0]
    book = RuleBook.read([("a.cedar", twice)], VOCABULARY)
    theatre = Theatre()
    far = questions(GOOD)[4]
    tests = ScenarioTests([recorded("far", far)], book, theatre.passes)
    without = {name: rule for name, rule in book.trees.items() if name != "members"}

    assert tests.killer("members", without) is None
    assert theatre.played == []


def test_entity_that_rules_name_and_suites_have_alike_is_not_told_again() -> None:
    """Lin is an owner in every store; a rule that names her needs no change of the store."""
    lin = Uid("Person", "lin")
    entity = {"uid": lin.to_json(), "attrs": {}, "parents": [{"type": "Role", "id": "owner"}]}
    store = _Store({lin: entity}, frozenset({lin}))
    asked = Question(lin, "lock", Uid("Car", "nobody"), {"fresh": True}, [entity])

    assert store.question(asked) == asked
    assert store.added == {}


def test_request_that_tells_less_than_usual_stays_as_it_is() -> None:
    """What is usual is only said where it is told at all."""
    court = _Court(BOOK)
    bare = Question(Uid("Person", "x"), "lock", Uid("Car", "y"), {}, [])

    assert court.likelier({}, [], bare) == bare
