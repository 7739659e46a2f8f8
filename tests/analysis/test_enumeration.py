"""Claims held against requests of boundary values."""

from collections.abc import Mapping
from typing import Any

import pytest

from sim.analysis.evaluation.compiled import CompiledRules
from sim.analysis.evaluation.words import Environment
from sim.analysis.question import Question, ask
from sim.analysis.sampling import enumeration
from sim.analysis.sampling.enumeration import (
    BLANKET,
    Enumeration,
    Reasoner,
    Searched,
    Trees,
    forbids_of,
    matching,
    with_blanket,
)
from sim.analysis.symbolic import Prover
from sim.policy.engine import Verdict
from sim.policy.source import policies_of
from tests.analysis.gate_house import ENGINE_SCHEMA, MEMBER_OF_OWNER, SCHEMA, checked, trees

RULES = checked("""
    @id("members-open") permit (principal in Role::"member", action == Action::"open", resource is Gate);
    @id("all-close") permit (principal, action == Action::"close", resource);
    @id("near") forbid (principal, action == Action::"open", resource)
    unless { context has distance && context.distance <= 200 };
    @id("still") forbid (principal, action, resource) when { context.moving };
""")
FAR = checked("""
    @id("far") permit (principal, action == Action::"open", resource)
    when { context has distance && context.distance > 200 };
    @id("unknown") permit (principal, action == Action::"open", resource) unless { context has distance };
""")
NEARER = checked("""
    permit (principal, action == Action::"open", resource)
    when { context has distance && context.distance > 150 };
""")
MEMBERS_CLOSE = checked("""
    permit (principal in Role::"member", action == Action::"close", resource) unless { context.moving };
""")


@pytest.fixture(scope="module")
def enumerated() -> Enumeration:
    """An enumeration over the gate house."""
    return Enumeration(SCHEMA, fixed=MEMBER_OF_OWNER)


def without(rules: Trees, *names: str) -> Trees:
    """Return rules without some of them."""
    return {name: rule for name, rule in rules.items() if name not in names}


def joined(rules: Trees, text: str) -> Trees:
    """Return rules with some more, as text."""
    return {**rules, **checked(text)}


def answer(rules: Trees, question: Question) -> Verdict:
    """Return the engine's answer."""
    return ask(policies_of(rules), ENGINE_SCHEMA, question)


def shown(found: Searched) -> Question:
    """Return the question that refutes a claim."""
    assert found.outcome == "refuted"
    assert found.question is not None
    assert found.checked > 0
    assert not found.held
    return found.question


def test_enumeration_and_prover_can_stand_for_each_other() -> None:
    """Whoever needs a reasoner can take either."""
    reasoners: list[Reasoner] = [Enumeration(SCHEMA), Prover(SCHEMA)]

    assert [one.same(RULES, RULES).outcome for one in reasoners] == ["proved", "proved"]


def test_what_is_never_allowed_is_held_and_not_proved(enumerated: Enumeration) -> None:
    """Where nothing is found, it is said how far was looked, and that this is no proof."""
    for robust in (False, True):
        found = enumerated.never(RULES, FAR, robust=robust)

        assert (found.outcome, found.held, found.question) == ("unknown", True, None)
        assert found.checked >= 80  # two sorts of principals, two of resources, at least twenty moments each
        assert found.note == (
            f"held for {found.checked:,} requests of boundary values; not a proof: install carhome[verify]"
        )


def test_what_is_allowed_after_all_is_found(enumerated: Enumeration) -> None:
    """A request in the area that the rules allow refutes that it never is."""
    question = shown(enumerated.never(RULES, NEARER))

    assert answer(RULES, question).allowed
    assert answer(matching(NEARER), question).outcome == "forbidden"


def test_what_only_nobody_permits_is_found_where_everything_else_is_permitted(
    enumerated: Enumeration,
) -> None:
    """Without the forbid, nobody permits strangers to open from afar; but nothing forbids it either."""
    area = checked('permit (principal is Stranger, action == Action::"open", resource);')
    rules = without(RULES, "near")

    assert enumerated.never(rules, area).held
    question = shown(enumerated.never(rules, area, robust=True))
    assert answer(with_blanket(rules), question).rules == (BLANKET.id,)


def test_what_is_always_allowed_is_held(enumerated: Enumeration) -> None:
    """Members may always close what stands."""
    assert enumerated.always(RULES, MEMBERS_CLOSE).held


def test_what_is_refused_after_all_is_found(enumerated: Enumeration) -> None:
    """A request in the area that the rules refuse refutes that it is always allowed."""
    area = checked('permit (principal in Role::"member", action == Action::"close", resource);')
    question = shown(enumerated.always(RULES, area))

    assert answer(RULES, question) == Verdict("forbidden", ("still",))


def test_rules_that_allow_the_same_are_held_to_be_the_same(enumerated: Enumeration) -> None:
    """Rules may be written otherwise."""
    other = joined(
        without(RULES, "near"),
        """
        @id("near") forbid (principal, action == Action::"open", resource)
        when { if context has distance then context.distance >= 201 else true };
    """,
    )

    assert enumerated.same(RULES, other).held
    assert enumerated.differ(RULES, other).held


def test_rules_that_do_not_allow_the_same_are_told_apart(enumerated: Enumeration) -> None:
    """One request is allowed by one of them only."""
    question = shown(enumerated.same(RULES, without(RULES, "near")))

    assert answer(RULES, question).allowed is not answer(without(RULES, "near"), question).allowed


def test_rules_that_decide_the_same_for_other_reasons_differ(enumerated: Enumeration) -> None:
    """Who is refused by another rule is refused all the same."""
    other = {**without(RULES, "still"), "stop": RULES["still"]}

    assert enumerated.same(RULES, other).held
    question = shown(enumerated.differ(RULES, other))
    assert answer(RULES, question).rules != answer(other, question).rules


def test_narrower_rules_allow_nothing_that_the_others_do_not(enumerated: Enumeration) -> None:
    """Fewer permits are narrower, fewer forbids are not."""
    assert enumerated.narrower(without(RULES, "all-close"), RULES).held
    assert enumerated.narrower(RULES, with_blanket(forbids_of(RULES))).held
    question = shown(enumerated.narrower(without(RULES, "still"), RULES))
    assert answer(without(RULES, "still"), question).allowed
    assert not answer(RULES, question).allowed


def test_forbids_outside_all_areas_are_found(enumerated: Enumeration) -> None:
    """Areas cover what forbids refuse, or a request shows what they leave out."""
    moving = checked('@id("moving") permit (principal, action, resource) when { context.moving };')
    forbids = forbids_of(RULES)

    assert enumerated.uncovered(forbids, {**FAR, **moving}).held
    question = shown(enumerated.uncovered(forbids, FAR))
    assert answer(forbids, question).rules == ("still",)
    assert answer(matching(FAR), question).outcome == "not_permitted"


def test_rule_that_can_match_is_found_to(enumerated: Enumeration) -> None:
    """A question shows that a rule is not dead, and a dead one has none."""
    rules = joined(
        RULES,
        """
        @id("dead") permit (principal, action, resource) when { context.moving && !context.moving };
    """,
    )

    question = shown(enumerated.can_match(rules, "members-open"))
    assert answer(matching({"it": rules["members-open"]}), question).outcome == "forbidden"
    assert enumerated.can_match(rules, "dead").held


def test_rule_that_can_err_is_found_to(enumerated: Enumeration) -> None:
    """Numbers that grow too large are an error, and a guarded rule has none."""
    rules = joined(
        RULES,
        """
        @id("sum") forbid (principal, action == Action::"open", resource)
        when { context.spent + 1 > context.cap };
    """,
    )

    question = shown(enumerated.can_err(rules, "sum"))
    assert answer({"sum": rules["sum"]}, question).outcome == "not_evaluated"
    assert enumerated.can_err(rules, "near").held


def test_rule_that_matters_is_found_to(enumerated: Enumeration) -> None:
    """Without it, something is answered otherwise."""
    rules = joined(
        RULES,
        """
        @id("idle") permit (principal, action == Action::"close", resource) when { context.moving };
    """,
    )

    shown(enumerated.matters(rules, "still"))
    assert enumerated.matters(rules, "idle").held


def test_claims_about_no_request_are_proved(enumerated: Enumeration) -> None:
    """Where scopes leave no environment, there is nothing to look at."""
    nowhere = trees("permit (principal is Lamp, action, resource);")

    found = enumerated.never(RULES, nowhere)

    assert (found.outcome, found.note, found.checked) == ("proved", "no request can be of this kind", 0)


def test_only_the_environments_that_are_meant_are_looked_at(enumerated: Enumeration) -> None:
    """A difference elsewhere does not count."""
    other = without(RULES, "all-close")
    opening, closing = Environment("Person", "open", "Gate"), Environment("Person", "close", "Lamp")

    assert enumerated.narrower(RULES, other, among=[opening]).question is None
    question = shown(enumerated.narrower(RULES, other, among=[closing]))
    assert (question.action, question.resource.type) == ("close", "Lamp")
    assert enumerated.can_match(RULES, "all-close", among=[opening]).outcome == "proved"
    shown(enumerated.differ(RULES, other, among=[closing]))
    shown(enumerated.never(RULES, MEMBERS_CLOSE, among=[closing]))


DEEP = """
    @id("deep") permit (principal in Role::"owner", action == Action::"open", resource is Gate) when {
      context has distance && context.distance == 17 && context.word == "sesame" && !context.moving &&
      context.tags.contains("vip") && context.place.floor == 3 && context.first == "a" &&
      context.second == "b" && context.spent == 5 && context.cap == 9
    };
"""


def test_what_takes_many_values_at_once_is_found_step_by_step() -> None:
    """A sample of a space of millions is searched on from where a request is nearest."""
    forbids = checked("""
        forbid (principal, action, resource is Gate) when { context.moving };
        forbid (principal, action == Action::"open", resource) unless { context has distance };
        forbid (principal, action == Action::"open", resource) when { context.word != "sesame" };
        forbid (principal, action == Action::"open", resource) unless { context.tags.contains("x") };
        forbid (principal, action == Action::"open", resource) when { context.place.floor != 3 };
        forbid (principal, action == Action::"open", resource) when { context.first != "a" };
        forbid (principal, action == Action::"open", resource) when { context.second != "b" };
        forbid (principal, action == Action::"open", resource) when { context.spent != 5 };
        forbid (principal, action == Action::"open", resource) when { context.cap != 9 };
    """)
    rules = {**checked(DEEP), **forbids}
    area = checked('permit (principal is Stranger, action == Action::"open", resource is Gate);')
    found = Enumeration(SCHEMA, questions_max=200).never(rules, area, robust=True)

    assert shown(found).context["word"] == "sesame"
    assert found.checked < 4_000


def test_what_is_out_of_reach_is_not_found_and_not_called_proved() -> None:
    """A single allowed request among millions, with nothing that leads there, may be missed."""
    found = Enumeration(SCHEMA, questions_max=200).can_match(checked(DEEP), "deep")

    assert (found.outcome, found.held) == ("unknown", True)


@pytest.mark.parametrize("near", [40, 2_000])
def test_search_of_many_requests_stops_at_its_limits(monkeypatch: pytest.MonkeyPatch, near: int) -> None:
    """However large the spaces are, a search has as many requests as it is given and some more."""
    monkeypatch.setattr(enumeration, "NEAR_MAX", near)

    found = Enumeration(SCHEMA, questions_max=300).same(checked(DEEP), {})

    assert 300 < found.checked <= 300 + near


@pytest.mark.parametrize("limit", [1, 50, 10_000])
def test_small_spaces_leave_their_share_to_large_ones(limit: int) -> None:
    """Requests are shared out so that none is left over while some environment could use it."""
    sizes = [2, 2, 10, 4_000]
    share = enumeration._share(sizes, limit)

    assert share == {1: enumeration.QUESTIONS_MIN, 50: enumeration.QUESTIONS_MIN, 10_000: 4_000}[limit]


def test_share_is_what_small_spaces_do_not_need() -> None:
    """Of 1,000 requests, 4 go to two small spaces and 498 to each of the large ones."""
    assert enumeration._share([2, 4_000, 2, 4_000], 1_000) == 498


class _Lenient(CompiledRules):
    """Compiled rules with a bug: forbids are forgotten."""

    def __init__(self, rules: Trees, schema: Any) -> None:
        super().__init__(
            {name: rule for name, rule in rules.items() if name not in ("near", "still")}, schema
        )


def test_counterexample_that_the_engine_does_not_confirm_is_none(
    enumerated: Enumeration, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A planted bug in the fast way to answer is noticed, and refutes nothing."""
    monkeypatch.setattr(enumeration, "CompiledRules", _Lenient)

    found = enumerated.never(RULES, FAR)

    assert (found.outcome, found.question, found.held) == ("unknown", None, False)
    assert found.note == (
        "the engine does not confirm a counterexample, so one of the two ways to answer is wrong"
    )


def test_enumeration_and_prover_never_contradict_each_other(enumerated: Enumeration) -> None:
    """What is refuted by one is not proved by the other."""
    prover = Prover(SCHEMA, closed=True, fixed=MEMBER_OF_OWNER)
    areas: Mapping[str, Trees] = {"far": FAR, "nearer": NEARER, "close": MEMBERS_CLOSE}
    for name in RULES:
        rest = without(RULES, name)
        for one, other in ((RULES, rest), (rest, RULES)):
            assert enumerated.same(one, other).outcome == _as_searched(prover.same(one, other).outcome)
            assert enumerated.narrower(one, other).outcome == _as_searched(
                prover.narrower(one, other).outcome
            )
        for area in areas.values():
            for robust in (False, True):
                assert enumerated.never(rest, area, robust=robust).outcome == _as_searched(
                    prover.never(rest, area, robust=robust).outcome
                )
            assert enumerated.always(rest, area).outcome == _as_searched(prover.always(rest, area).outcome)


def _as_searched(outcome: str) -> str:
    """Return what an enumeration can say at best where the prover says something."""
    return "refuted" if outcome == "refuted" else "unknown"
