"""Who gains and who loses by other rules."""

import pytest

from sim.analysis.evaluation.words import Environment
from sim.analysis.properties.comparison import Change, Difference, compare
from sim.analysis.question import Finding, Uid, ask
from sim.analysis.sampling.enumeration import Enumeration, Reasoner, Trees
from sim.analysis.symbolic import Prover
from sim.policy.cedar import ROLES
from sim.policy.source import policies_of
from tests.analysis.gate_house import ENGINE_SCHEMA, MEMBER_OF_OWNER, SCHEMA, checked

OLD = checked("""
    @id("members-open") permit (principal in Role::"member", action == Action::"open", resource is Gate);
    @id("all-close") permit (principal, action == Action::"close", resource is Gate);
    @id("still") forbid (principal, action, resource) when { context.moving };
""")


@pytest.fixture(scope="module", params=["prover", "enumeration"])
def reasoner(request: pytest.FixtureRequest) -> Reasoner:
    """Whoever looks for differences: both must find them."""
    if request.param == "prover":
        return Prover(SCHEMA, closed=True, fixed=MEMBER_OF_OWNER)
    return Enumeration(SCHEMA, fixed=MEMBER_OF_OWNER)


def compared(new: Trees, reasoner: Reasoner | None, old: Trees = OLD) -> Difference:
    """Return how new rules differ from the old ones; every change is checked with the engine."""
    difference = compare(old, new, SCHEMA, reasoner, fixed=MEMBER_OF_OWNER)
    for change in (*difference.gains, *difference.losses, *difference.reasons):
        before, after = (ask(policies_of(rules), ENGINE_SCHEMA, change.question) for rules in (old, new))
        assert (change.before, change.after) == (before, after)
        assert change.environment == Environment(
            change.question.principal.type, change.question.action, change.question.resource.type
        )
        expected = {"gains": (False, True), "loses": (True, False)}.get(
            change.direction, (before.allowed, before.allowed)
        )
        assert (before.allowed, after.allowed) == expected
    return difference


def shown(changes: tuple[Change, ...]) -> list[str]:
    """Return changes in short."""
    return [f"{one.who}: {one.environment.action} {one.environment.resource}" for one in changes]


def with_rules(text: str) -> Trees:
    """Return the old rules with some more."""
    return {**OLD, **checked(text)}


def without(*names: str) -> Trees:
    """Return the old rules without some."""
    return {name: rule for name, rule in OLD.items() if name not in names}


def test_same_rules_do_not_differ(reasoner: Reasoner) -> None:
    """Nothing changes where nothing has been changed, whatever annotations say."""
    other = checked("""
        @id("members-open") @reason("because")
        permit (principal in Role::"member", action == Action::"open", resource is Gate);
    """)

    difference = compared({**OLD, **other}, reasoner)

    assert difference == Difference()
    assert difference.is_proved


def test_rules_that_are_written_otherwise_do_not_differ() -> None:
    """The same said in other words changes nothing, and that is proved."""
    new = {
        **without("still"),
        **checked('@id("still") forbid (principal, action, resource) unless { !context.moving };'),
    }

    assert compared(new, Prover(SCHEMA, closed=True, fixed=MEMBER_OF_OWNER)) == Difference()


def test_new_permit_is_a_gain_for_its_role_only(reasoner: Reasoner) -> None:
    """Who gains is told by role; who could do it before does not."""
    new = with_rules(
        '@id("guests-open") permit (principal in Role::"guest", action == Action::"open", resource);'
    )

    difference = compared(new, reasoner)

    assert shown(difference.gains) == ["Person in guest: open Gate", "Person in guest: open Lamp"]
    assert (difference.losses, difference.reasons) == ((), ())


def test_permit_that_is_gone_is_a_loss_for_each_role_that_had_it(reasoner: Reasoner) -> None:
    """An owner, who is a member, loses what members lose."""
    difference = compared(without("members-open"), reasoner)

    assert shown(difference.losses) == ["Person in member: open Gate", "Person in owner: open Gate"]
    assert difference.gains == ()


def test_forbid_that_is_gone_is_a_gain_for_everybody_it_stopped(reasoner: Reasoner) -> None:
    """Strangers have no roles; people in no role are people, too."""
    difference = compared(without("still"), reasoner)

    assert set(shown(difference.gains)) == {
        "Person in member: open Gate",
        "Person in owner: open Gate",
        "Person in no role: close Gate",
        "Person in member: close Gate",
        "Person in owner: close Gate",
        "Stranger: close Gate",
    }
    assert difference.gains[0].before.rules == ("still",)


def test_gain_and_loss_stand_side_by_side(reasoner: Reasoner) -> None:
    """Another condition gives to some and takes from others."""
    new = {
        **without("all-close"),
        **checked('@id("all-close") permit (principal, action == Action::"close", resource is Lamp);'),
    }

    difference = compared(new, reasoner)

    assert {one.environment.resource for one in difference.gains} == {"Lamp"}
    assert {one.environment.resource for one in difference.losses} == {"Gate"}


def test_people_who_gain_only_in_several_roles_are_told_with_all_of_them() -> None:
    """Nobody in one role gains, but whoever is in both."""
    new = with_rules("""
        @id("both") permit (principal in Role::"guest", action == Action::"open", resource is Lamp)
        when { principal in Role::"child" };
    """)
    prover = Prover(SCHEMA, closed=True, fixed=ROLES)

    difference = compare(OLD, new, SCHEMA, prover, fixed=ROLES)

    (gain,) = difference.gains
    assert gain.who == "Person in child and guest"
    assert gain.groups == (Uid("Role", "child"), Uid("Role", "guest"))


def test_other_rules_behind_the_same_answer_are_a_change_of_reason(reasoner: Reasoner) -> None:
    """Where nobody gains or loses, a decision by other rules is shown once for each sort of request."""
    new = with_rules("""
        @id("slow") forbid (principal, action == Action::"open", resource) when { context.moving };
    """)

    difference = compared(new, reasoner)

    assert (difference.gains, difference.losses) == ((), ())
    assert {str(one.environment) for one in difference.reasons} == {
        "Person open Gate",
        "Person open Lamp",
        "Stranger open Gate",
        "Stranger open Lamp",
    }
    assert difference.reasons[0].after.rules == ("slow", "still")


def test_record_of_a_change_says_everything() -> None:
    """Programs get who, what, a request and both answers."""
    (loss, _) = compared(without("members-open"), None).losses

    record = loss.to_record()

    assert record["kind"] == "change"
    assert (record["direction"], record["who"]) == ("loses", "Person in member")
    assert (record["action"], record["resource"]) == ("open", "Gate")
    assert record["question"]["action"] == {"type": "Action", "id": "open"}
    assert record["before"] == {"outcome": "permitted", "rules": ["members-open"]}
    assert record["after"] == {"outcome": "not_permitted", "rules": []}


def test_without_a_prover_what_is_not_found_is_in_doubt() -> None:
    """Requests of boundary values show changes; that there are no others, they do not prove."""
    new = with_rules(
        '@id("guests-open") permit (principal in Role::"guest", action == Action::"open", resource);'
    )
    same = with_rules(
        '@id("guests-open") permit (principal in Role::"member", action == Action::"open", resource is Gate);'
    )

    assert shown(compared(new, None).gains) == ["Person in guest: open Gate", "Person in guest: open Lamp"]
    difference = compared(same, None)
    assert (difference.gains, difference.losses) == ((), ())
    assert not difference.is_proved
    assert difference.doubts[0].environment == Environment("Person", "open", "Gate")
    assert "not a proof" in difference.doubts[0].note


class _Forgetful(Enumeration):
    """A reasoner with a bug: it shows a request in which decisions differ as one of another reason."""

    def narrower(self, *_: object, **__: object) -> Finding:  # type: ignore[override]
        return Finding("proved")


def test_change_of_reason_is_one_only_where_the_decision_stays() -> None:
    """A gain that slipped through is not shown as a mere change of reason."""
    difference = compare(OLD, without("members-open"), SCHEMA, _Forgetful(SCHEMA))

    assert difference.reasons == ()
