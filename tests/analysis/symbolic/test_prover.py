"""What the prover says of a few rules of a home; whatever it refutes, Cedar confirms."""

import json
from typing import Any

import cedarpy
import pytest
from cedarpy import pst

from sim.analysis.symbolic import Environment, Finding, Prover
from sim.analysis.symbolic.replay import with_blanket
from sim.policy.engine import Verdict
from tests.analysis.symbolic.drafts import rules_of
from tests.analysis.symbolic.small_book import ROLES
from tests.analysis.symbolic.small_rules import RULES, SCHEMA, TEXT, UNLOCK, area, asked, but, named, prover


def without(*names: str) -> dict[str, pst.Template]:
    """Return the rules but for some."""
    return {name: rule for name, rule in RULES.items() if name not in names}


# --- one set of rules ------------------------------------------------------------------------------------


DRIVING = area('principal, action in Action::"RemoteDriving", resource')


def test_never_is_proved_for_what_a_forbid_always_covers(home: Prover) -> None:
    """Nobody drives from afar, even if some rule permitted everything."""
    finding = home.never(RULES, DRIVING, robust=True)

    assert finding.outcome == "proved"
    assert finding.question is None
    assert 0 < finding.environments <= len(home.environments)


def test_plain_never_holds_where_nothing_permits(home: Prover) -> None:
    """Without its forbid nobody drives from afar either, as nothing permits it; robustly that falls."""
    rules = without("no-remote-driving")

    assert home.never(rules, DRIVING).outcome == "proved"
    finding = home.never(rules, DRIVING, robust=True)
    assert asked(with_blanket(rules), finding).allowed
    assert not asked(rules, finding).allowed


def test_never_is_refuted_by_a_request_that_is_allowed(home: Prover) -> None:
    """A stranger opens the car with a shared key, and the request says how."""
    finding = home.never(RULES, area('principal is Stranger, action in Action::"NearAccess", resource'))

    assert asked(RULES, finding) == Verdict("permitted", ("shared-key",))
    assert finding.question is not None
    assert finding.question.context == {
        "moving": False,
        "fresh": True,
        "distance_cm": 0,
        "key_role": "friend",
    }


def test_never_is_about_its_area_only(home: Prover) -> None:
    """A car beyond two metres stays shut; at two metres it opens."""
    far = area(UNLOCK, "context has distance_cm && context.distance_cm > 200")
    near = area(UNLOCK, "context has distance_cm && context.distance_cm >= 200")

    assert home.never(RULES, far, robust=True).outcome == "proved"
    finding = home.never(RULES, near)
    assert asked(RULES, finding).allowed
    assert finding.question is not None
    assert finding.question.context["distance_cm"] == 200


def test_weakened_condition_is_found(home: Prover) -> None:
    """`&&` that became `||` lets a key open from any distance."""
    rules = but("distance_cm && context.distance_cm <= 200", "distance_cm || context.moving")
    finding = home.never(rules, area(UNLOCK, "context has distance_cm && context.distance_cm > 200"))

    assert asked(rules, finding).allowed


def test_rule_that_errs_refuses(home: Prover) -> None:
    """An error beside a permit is a refusal, so what errs cannot be allowed."""
    rules = RULES | named(
        '@id("erring") forbid (principal, action, resource) when { context.sender.enrolled };'
    )

    assert home.never(rules, area(UNLOCK, "!(context has sender)"), robust=True).outcome == "proved"


def test_always_is_proved_and_refuted(home: Prover) -> None:
    """A member with a key nearby and a fresh request always gets in; without the distance not always."""
    who = 'principal in Role::"member", action == Action::"unlock", resource'
    near = area(who, "context.fresh && context has distance_cm && context.distance_cm < 100")

    assert home.always(RULES, near).outcome == "proved"
    finding = home.always(RULES, area(who, "context.fresh"))
    assert asked(RULES, finding) == Verdict("forbidden", ("near-only",))


def test_fixed_roles_are_what_they_are(home: Prover) -> None:
    """Owners are members, because the store says so; where stores are open, they may not be."""
    area_ = area('principal in Role::"owner", action == Action::"heat", resource')
    heated = named('@id("heat") permit (principal in Role::"member", action, resource);')

    assert home.always(heated, area_).outcome == "proved"
    assert Prover(SCHEMA).always(heated, area_).outcome == "refuted"
    grown_up = area('principal in Role::"guest", action, resource', 'Role::"guest" in Role::"member"')
    assert home.can_match(grown_up, "policy0").outcome == "proved"


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_can_match(home: Prover, rule: str) -> None:
    """For each rule there is a request that it matches, and Cedar confirms it."""
    finding = home.can_match(RULES, rule)

    verdict = asked({rule: RULES[rule]}, finding)
    assert verdict.rules == (rule,)


def test_dead_rule_cannot_match(home: Prover) -> None:
    """What contradicts itself, or belongs to actions with other resources, matches nothing."""
    dead = named("""
    @id("contradiction") permit (principal, action, resource) when { context.fresh && !context.fresh };
    @id("elsewhere") permit (principal, action == Action::"heat", resource is Car);
    """)

    assert home.can_match(dead, "contradiction").outcome == "proved"
    assert home.can_match(dead, "elsewhere").outcome == "proved"


def test_errors_are_found_and_excluded(home: Prover) -> None:
    """Only the rule that does not ask whether there is a sender can err."""
    erring = [rule for rule in RULES if home.can_err(RULES, rule).outcome != "proved"]

    assert erring == ["heating"]
    finding = home.can_err(RULES, "heating")
    assert asked({"heating": RULES["heating"]}, finding).outcome == "not_evaluated"


def test_closed_stores_lack_nothing_that_is_referred_to() -> None:
    """A sender that no store lacks has its attributes; in an open store it may be missing."""
    rules = named("""
    @id("guarded") permit (principal, action, resource)
    when { context has sender && context.sender.enrolled };
    """)

    assert prover(closed=True).can_err(rules, "guarded").outcome == "proved"
    finding = prover().can_err(rules, "guarded")
    assert finding.question is not None
    senders = [entity for entity in finding.question.entities if entity["uid"]["type"] == "Device"]
    assert senders == []


def test_rule_matters_when_an_answer_changes(home: Prover) -> None:
    """Every rule of the home matters; a second rule of narrower words matters only for the reasons."""
    doubled = RULES | named('@id("same-again") forbid (principal, action == Action::"steer", resource);')

    assert all(home.matters(RULES, rule).outcome == "refuted" for rule in RULES)
    assert home.matters(doubled, "same-again").outcome == "refuted"
    assert home.same(doubled, RULES).outcome == "proved"


def test_rule_that_never_matches_does_not_matter(home: Prover) -> None:
    """A rule that matches nothing and never errs changes no answer."""
    rules = RULES | named('@id("idle") permit (principal, action, resource) when { false };')

    assert home.matters(rules, "idle").outcome == "proved"


def test_uncovered_forbids_are_found(home: Prover) -> None:
    """What forbids refuse is covered by claims or it is not; permits do not count."""
    claims = DRIVING | {"stale": area("principal, action, resource", "!context.fresh")["policy0"]}

    covered = without("near-only", "no-child-at-the-wheel")
    assert home.uncovered(covered, claims).outcome == "proved"
    assert home.uncovered(without("fresh-only", "near-only"), RULES).outcome == "proved"
    finding = home.uncovered(without("near-only"), claims)
    assert asked(RULES, finding).outcome == "forbidden"
    assert finding.question is not None
    assert finding.question.action == "start"


# --- two sets of rules -----------------------------------------------------------------------------------


def test_refactored_rules_are_the_same(home: Prover) -> None:
    """Other words for the same thing change no answer."""
    rules = but(
        "context has distance_cm && context.distance_cm <= 200",
        "!(context has distance_cm) == false && !(context.distance_cm > 200)",
    )

    assert home.same(RULES, rules).outcome == "proved"
    assert home.differ(RULES, rules).outcome == "proved"
    assert home.differ_robustly(RULES, rules).outcome == "proved"


def test_same_finds_the_one_request_that_differs(home: Prover) -> None:
    """`<=` that became `<` is told apart by a request at exactly two metres."""
    rules = but("distance_cm <= 200", "distance_cm < 200")
    finding = home.same(RULES, rules)

    assert asked(RULES, finding).allowed
    assert not asked(rules, finding).allowed
    assert finding.question is not None
    assert finding.question.context["distance_cm"] == 200


def test_narrower_goes_one_way(home: Prover) -> None:
    """Fewer centimetres allow less, and Cedar confirms what only the wider rules allow."""
    rules = but("distance_cm <= 200", "distance_cm <= 80")

    assert home.narrower(rules, RULES).outcome == "proved"
    finding = home.narrower(RULES, rules)
    assert asked(RULES, finding).allowed
    assert not asked(rules, finding).allowed


def test_difference_in_reasons_only(home: Prover) -> None:
    """Two rules that permit the same differ in who says so, not in what is decided."""
    rules = RULES | named(
        '@id("again") permit (principal in Role::"member", action == Action::"start", resource);'
    )
    finding = home.differ(RULES, rules)

    assert asked(RULES, finding).rules == ("household-key",)
    assert asked(rules, finding).rules == ("again", "household-key")
    assert home.differ_in_decision(RULES, rules).outcome == "proved"


def test_difference_in_errors_only(home: Prover) -> None:
    """A rule that errs instead of not matching turns one refusal into another."""
    rules = but('context has key_role && context.key_role == "friend"', 'context.key_role == "friend"')
    finding = home.differ(RULES, rules, among=[Environment("Stranger", "unlock", "Car")])

    assert {asked(RULES, finding).outcome, asked(rules, finding).outcome} == {
        "not_permitted",
        "not_evaluated",
    }


def test_dropped_forbid_differs_robustly_only(home: Prover) -> None:
    """Without the forbid on driving nothing changes, until something permits driving."""
    rules = without("no-remote-driving")

    assert home.differ_in_decision(RULES, rules).outcome == "proved"
    finding = home.differ_robustly(RULES, rules)
    assert not asked(with_blanket(RULES), finding).allowed
    assert asked(with_blanket(rules), finding).allowed


def test_effect_alone_makes_a_difference(home: Prover) -> None:
    """A permit that became a forbid is another rule, though its words are the same."""
    flipped = but('@id("shared-key")\npermit', '@id("shared-key")\nforbid')

    assert home.same(RULES, flipped).outcome == "refuted"
    assert home.differ(RULES, flipped).outcome == "refuted"


# --- where to search -------------------------------------------------------------------------------------


def test_search_is_limited_to_environments(home: Prover) -> None:
    """One kind of request can be asked about alone."""
    start = Environment("Person", "start", "Car")
    rules = without("no-child-at-the-wheel")

    assert home.same(RULES, rules, among=[start]).outcome == "refuted"
    finding = home.same(RULES, rules, among=[Environment("Person", "unlock", "Car")])
    assert finding == Finding("proved", environments=1)


def test_excluded_actions_are_not_asked_about() -> None:
    """An action that is left out has no say."""
    somewhere = area("principal, action, resource", "!context.moving")

    finding = prover(excluded_actions=("unlock", "start")).never(RULES, somewhere)

    assert asked(RULES, finding).rules == ("heating",)
    assert prover(excluded_actions=("unlock", "start", "heat")).never(RULES, somewhere).outcome == "proved"


# --- witnesses -------------------------------------------------------------------------------------------
# --- doubt -----------------------------------------------------------------------------------------------


HARD = """permit (principal, action == Action::"heat", resource) when {
  context has distance_cm && context.distance_cm > 1 &&
  context has amount && context.amount > 1 && context.amount * context.distance_cm == 4611685975477714963
};"""
"""True only of the two prime factors of a large number."""


@pytest.mark.parametrize("robust", [False, True])
def test_timeout_is_no_proof(*, robust: bool) -> None:
    """What the solver does not answer in time is unknown."""
    hurried = prover(timeout_ms=1)

    finding = hurried.never(rules_of(HARD), rules_of(HARD), robust=robust)

    assert finding.outcome == "unknown"
    assert finding.question is None
    assert finding.note == "the solver gave no answer within 1 ms"


def test_late_answers_are_not_waited_for_everywhere() -> None:
    """After a few kinds of request without an answer the rest is left."""
    # Naming the actions makes each of them a kind of request of its own.
    told_apart = (
        '(action == Action::"steer" || action != Action::"start" || true) && context has distance_cm &&'
    )
    everywhere = HARD.replace(' == Action::"heat"', "").replace("context has distance_cm &&", told_apart)
    hurried = prover(timeout_ms=1)

    finding = hurried.can_match(rules_of(everywhere), "policy0")

    assert finding.outcome == "unknown"
    assert finding.environments == 3 < len(hurried.environments)


def test_refutation_beats_doubt(home: Prover) -> None:
    """A request that Cedar confirms counts, whatever is unknown elsewhere."""
    strange = rules_of("""
    permit (principal, action == Action::"steer", resource) when { ip("::1").isLoopback() };
    permit (principal, action == Action::"heat", resource);
    """)

    assert home.never(strange, DRIVING).outcome == "unknown"
    assert home.never(strange, area("principal, action, resource")).outcome == "refuted"


@pytest.mark.parametrize(
    ("condition", "construct"),
    [
        ('ip("10.0.0.1").isLoopback()', "the function `is_loopback`"),
        (
            'context.key_role == "a" && decimal("1.0").lessThan(decimal("2.0"))',
            "the function `decimal_less_than`",
        ),
        ("context.fresh == (if context.moving then [1] else [2]).contains(1)", "`if` over sets"),
        ("[{a: 1}].contains({a: 1})", "sets of sets, of records"),
        ('"\\u{30000}" == context.key_role', "characters beyond U+2FFFF"),
        ('resource == Bicycle::"b"', "entity type `Bicycle`"),
        ('principal.getTag("x") == 1', "the function `get_tag`"),
    ],
)
def test_unsupported_construct_is_no_proof(home: Prover, condition: str, construct: str) -> None:
    """What the prover does not model makes a claim unknown, and the note names it."""
    rules = named(
        f'@id("strange") forbid (principal, action, resource) when {{ context has key_role && {condition} }};'
    )

    findings = [
        home.never(rules, area("principal, action, resource")),
        home.can_err(rules, "strange"),
        home.same(RULES, RULES | rules),
        home.uncovered(rules, RULES),
    ]

    assert {finding.outcome for finding in findings} == {"unknown"}
    assert all(f"the prover knows nothing of {construct}" in finding.note for finding in findings)


def test_unsupported_rule_that_is_out_of_scope_does_no_harm(home: Prover) -> None:
    """Where a strange rule does not apply, everything else is still provable."""
    strange = named("""
    @id("strange") permit (principal, action == Action::"heat", resource) when { ip("::1").isLoopback() };
    """)

    assert (
        home.same(RULES, RULES | strange, among=[Environment("Person", "start", "Car")]).outcome == "proved"
    )


def test_disagreement_with_cedar_is_no_counterexample(home: Prover, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request that the engine does not confirm is neither shown nor a proof."""
    monkeypatch.setattr(
        "sim.analysis.symbolic.replay.ask", lambda *_: Verdict("not_evaluated", (), ("planted",))
    )

    finding = home.never(RULES, area("principal, action, resource"))

    assert finding.outcome == "unknown"
    assert finding.question is None
    assert finding.note == "solver and engine disagree, which is a mistake of the prover"


def test_store_that_cannot_be_is_no_counterexample(home: Prover, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that the engine refuses to read confirms nothing."""

    def refuse(*_: Any) -> Verdict:
        msg = "planted"
        raise ValueError(msg)

    monkeypatch.setattr("sim.analysis.symbolic.replay.ask", refuse)

    assert home.can_match(RULES, "heating").outcome == "unknown"


def test_rules_are_remembered_only_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many rules are asked about, a prover keeps the terms of a few."""
    monkeypatch.setattr("sim.analysis.symbolic.rules.BODIES_MAX", 5)
    busy = prover()
    for number in range(12):
        rules = but("distance_cm <= 200", f"distance_cm <= {number}")
        assert busy.narrower(rules, RULES).outcome == "proved"

    assert len(busy._translations._bodies) <= 5


def test_rules_of_these_tests_are_well_formed() -> None:
    """The engine finds nothing wrong with the rules but the one that is meant to err."""
    schema = cedarpy.Schema.from_json_str(json.dumps(SCHEMA))

    errors = [str(error.error) for error in cedarpy.validate_policies(TEXT, schema).errors]

    assert len(errors) == 1
    assert "sender" in errors[0]


def test_fixed_entities_keep_their_attributes() -> None:
    """What is fixed is there with its attributes and whoever they name, and nothing else of its name is."""
    owned = {"owner": {"__entity": {"type": "Person", "id": "lin"}}}
    heater = {"uid": {"type": "AirConditioner", "id": "heater"}, "attrs": owned, "parents": []}
    lin = {"uid": {"type": "Person", "id": "lin"}, "attrs": {}, "parents": [{"type": "Role", "id": "owner"}]}
    rules = rules_of("""
    permit (principal, action, resource)
    when { AirConditioner::"heater" has owner && !(resource has owner) };
    """)
    strict = Prover(SCHEMA, fixed=(*ROLES, heater, lin), closed=True)
    asked_of_heater = area('principal, action == Action::"heat", resource == AirConditioner::"heater"')

    assert strict.never(rules, asked_of_heater).outcome == "proved"
    finding = strict.never(rules, area('principal, action == Action::"unlock", resource'))
    assert asked(rules, finding).allowed
    assert finding.question is not None
    assert heater in finding.question.entities
    assert lin in finding.question.entities
