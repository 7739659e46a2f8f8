"""The rules of the whole mission, each asked of Cedar at its limit, just beyond it, and without its facts."""

import re
from collections.abc import Mapping
from itertools import product
from typing import Any

import cedarpy
import pytest
import yaml

from sim.analysis.question import Question, Uid, ask
from sim.core.errors import PolicyError
from sim.documents.reading import read_document
from sim.policy.engine import Verdict
from sim.policy.rules import RuleBook
from sim.policy.schema import DRIVING
from sim.policy.source import policy_set
from sim.shell.files import VOCABULARY_FILE, Shelf, built_in_files
from tests.policy.mission_requests import (
    ABSENT,
    BEST,
    EVERYBODY,
    LONG_MAX,
    LONG_MIN,
    NEVER,
    PEOPLE,
    REFUSED,
    STILL,
    UNPERMITTED,
    WHO,
    Change,
    entities,
    question,
)


@pytest.fixture(scope="module")
def mission() -> RuleBook:
    """Every rule that ships, over every kind that is there."""
    return Shelf().rules


def answer(book: RuleBook, asked: Question) -> Verdict:
    """Return what the shipped rules say; no rule errs on the way."""
    verdict = ask(book.policies, book.schema, asked)
    assert verdict.errors == ()
    return verdict


@pytest.mark.parametrize("action", BEST)
def test_request_with_all_it_needs_is_permitted(mission: RuleBook, action: str) -> None:
    """Each command has a request that is permitted, and by just the rules that are meant to."""
    verdict = answer(mission, question(action, {}))

    assert verdict == Verdict("permitted", BEST[action].permits)


@pytest.mark.parametrize(("action", "change"), STILL)
def test_limit_itself_is_permitted(mission: RuleBook, action: str, change: Change) -> None:
    """What is just within a limit, or made up for by something else, is refused to nobody."""
    assert answer(mission, question(action, change)).allowed


@pytest.mark.parametrize(("action", "change", "rules"), REFUSED)
def test_beyond_a_limit_or_in_doubt_it_is_refused(
    mission: RuleBook, action: str, change: Change, rules: tuple[str, ...]
) -> None:
    """What is just beyond a limit, or rests on a fact that is not told, is refused by the rule for it."""
    assert answer(mission, question(action, change)) == Verdict("forbidden", rules)


@pytest.mark.parametrize(("action", "change", "rules"), [one for one in REFUSED if len(one[2]) == 1])
def test_nothing_but_the_rule_refuses_it(
    mission: RuleBook, action: str, change: Change, rules: tuple[str, ...]
) -> None:
    """Without the rule the same request would be permitted, so it is this rule that refuses."""
    rest = {name: rule.text for name, rule in mission.rules.items() if name not in rules}

    assert ask(policy_set(rest), mission.schema, question(action, change)).allowed


@pytest.mark.parametrize(("action", "permitted", "refusals"), WHO)
def test_everybody_is_permitted_what_is_theirs(
    mission: RuleBook, action: str, permitted: str, refusals: Mapping[str, str]
) -> None:
    """Of owner, member, child, guest and stranger only those are permitted who should be."""
    verdicts = {who: answer(mission, question(action, {}, who)) for who in EVERYBODY.split()}

    assert [who for who, verdict in verdicts.items() if verdict.allowed] == permitted.split()
    assert {who: verdict.rules for who, verdict in verdicts.items() if verdict.outcome == "forbidden"} == {
        who: (rule,) for who, rule in refusals.items()
    }


def test_everybody_is_asked_about_every_command() -> None:
    """No command of the tables is left out of the question who may."""
    assert {action for action, _, _ in WHO} | {"close_windows"} == set(BEST)


@pytest.mark.parametrize(("action", "who", "change"), UNPERMITTED)
def test_permit_reaches_no_further_than_it_says(
    mission: RuleBook, action: str, who: str, change: Change
) -> None:
    """A guest is no driver from the kerb, and a service is none because it says so."""
    assert answer(mission, question(action, change, who)) == Verdict("not_permitted")


# --- what no message may cause ---------------------------------------------------------------------------


@pytest.mark.parametrize(("action", "who"), list(product(NEVER, EVERYBODY.split())))
def test_no_message_engages_driver_assistance(mission: RuleBook, action: str, who: str) -> None:
    """Nobody engages it, not even where a rule permits everything to everybody."""
    reckless = mission.policies.with_added_str("permit (principal, action, resource);")
    facts = {"authenticated": True, "fresh": True, "built_in": True, "moving": False, "expires_in_ms": 30_000}
    asker = Uid("Person" if who in PEOPLE else "Stranger", who)
    asked = Question(asker, action, Uid("Car", "it"), facts, entities())

    verdict = ask(reckless, mission.schema, asked)

    assert verdict == Verdict("forbidden", ("no-driver-assistance-by-message",))
    assert mission.rules["no-driver-assistance-by-message"].absolute


# --- couriers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["tao", "jun", "mallory"])
def test_courier_opens_the_boot_of_a_parked_car_beside_it(mission: RuleBook, who: str) -> None:
    """Whoever holds a courier's key opens the boot, near, worn and while the car stands."""
    best = answer(mission, question("open_boot", {"key_role": "courier"}, who))

    assert best == Verdict("permitted", ("courier-opens-the-boot",))
    for change, rule in (
        ({"distance_cm": 201}, "key-in-range"),
        ({"worn": ABSENT}, "key-needs-wearer"),
        ({"moving": True}, "parked-only"),
        ({"code": "USED_UP"}, "fresh-key-only"),
        ({"code": "KEY_EXPIRED"}, "fresh-key-only"),
        ({"off_place": True}, "courier-at-the-agreed-place"),
        ({"fresh": False}, "fresh-command-only"),
    ):
        refused = answer(mission, question("open_boot", {"key_role": "courier", **change}, who))
        assert refused == Verdict("forbidden", (rule,))


@pytest.mark.parametrize("who", ["lin", "jun", "mallory"])
def test_courier_may_talk_about_the_key(mission: RuleBook, who: str) -> None:
    """A courier's key asks for a challenge as every key does."""
    verdict = answer(mission, question("key_hello", {"key_role": "courier"}, who))

    assert verdict == Verdict("permitted", ("keys-talk-to-the-car",))


# --- sums ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("amount", [LONG_MIN, -1, 0, 1, 2, LONG_MAX])
def test_no_sum_of_money_makes_a_rule_err(mission: RuleBook, amount: int) -> None:
    """Whatever the numbers, no rule errs, and a payment is permitted just when exact arithmetic says so."""
    edges = (LONG_MIN, -1, 0, 1, 2, LONG_MAX)
    for cap, daily, spent in product(edges, repeat=3):
        told = {"amount_minor": amount, "cap_minor": cap, "daily_minor": daily, "spent_today_minor": spent}

        verdict = answer(mission, question("pay", told))

        assert verdict.allowed == (0 < amount <= min(cap, daily) and spent + amount <= daily)


# --- words --------------------------------------------------------------------------------------------------


LIMITS = {
    "preconditioning-keeps-a-reserve": ("20 %", "context.battery_pct >= 20 "),
    "update-needs-charge": ("30 %", "context.battery_pct >= 30 "),
    "file-within-the-limit": ("100 MB", "context.size_bytes <= 100000000 "),
}


@pytest.mark.parametrize("rule", LIMITS)
def test_reason_says_the_limit_that_the_rule_has(mission: RuleBook, rule: str) -> None:
    """People are told the number that counts."""
    said, written = LIMITS[rule]

    assert said in mission.rules[rule].reason
    assert written in mission.rules[rule].text


def complaints(book: RuleBook) -> list[str]:
    """Return what is wrong with the words for people that rules carry."""
    found = []
    for rule in book.rules.values():
        sentences = [("reason", rule.reason)] + ([("instead", rule.instead)] if rule.instead else [])
        for name, sentence in sentences:
            if not re.fullmatch(r"[a-z0-9].*[^.\s]", sentence):
                found.append(f"{rule.id}: @{name} is no sentence of ours")
        if rule.effect == "forbid" and rule.instead is None:
            found.append(f"{rule.id}: it refuses and offers nothing instead")
        if (rule.article is None) != (rule.quote is None):
            found.append(f"{rule.id}: an article and its words belong together")
        if rule.article is not None and rule.article not in {"000", "001", "002", "003", "004"}:
            found.append(f"{rule.id}: there is no article {rule.article}")
        if not re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.id):
            found.append(f"{rule.id}: is no name of ours")
    return found


def test_whoever_is_refused_is_told_why_and_what_instead(mission: RuleBook) -> None:
    """Every rule has one sentence, and every refusal says what is allowed."""
    assert complaints(mission) == []


@pytest.mark.parametrize(
    ("notes", "complaint"),
    [
        ('@id("x") @reason("No.") @instead("ask")', "x: @reason is no sentence of ours"),
        ('@id("x") @reason("not now") @instead("Yes.")', "x: @instead is no sentence of ours"),
        ('@id("x") @reason("not now")', "x: it refuses and offers nothing instead"),
        (
            '@id("x") @reason("not now") @instead("ask") @quote("z")',
            "x: an article and its words belong together",
        ),
        (
            '@id("x") @reason("not now") @instead("ask") @article("005") @quote("z")',
            "x: there is no article 005",
        ),
        ('@id("x_1") @reason("not now") @instead("ask")', "x_1: is no name of ours"),
    ],
)
def test_careless_words_are_noticed(mission: RuleBook, notes: str, complaint: str) -> None:
    """The check finds what was planted, and only that."""
    book = RuleBook.read(
        [("more.cedar", f"{notes} forbid (principal, action, resource);")], mission.vocabulary
    )

    assert complaints(book) == [complaint]


def test_every_word_of_the_rules_is_brought_by_a_device(mission: RuleBook) -> None:
    """Nothing that ships is foreseen: whatever a rule speaks of can be asked of a device that is there."""
    kinds = Shelf().kinds
    brought = {command.action for kind in kinds.values() for command in kind.commands}

    assert mission.vocabulary.actions.keys() == brought | {*DRIVING}
    assert mission.vocabulary.types.keys() == kinds.keys()
    assert [name for name, action in mission.vocabulary.actions.items() if action.foreseen] == []
    assert built_in_files(VOCABULARY_FILE) == []


# --- the claims ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def claims() -> list[dict[str, Any]]:
    """The claims of the mission as they are written."""
    ((name, text),) = built_in_files("mission.claims.yaml")
    read_document(name, text, PolicyError)
    written: list[dict[str, Any]] = yaml.safe_load(text)["claims"]
    return written


def test_each_claim_says_one_thing_and_of_what_row(claims: list[dict[str, Any]]) -> None:
    """Every claim has a name of its own, rows of the mission and one kind; the last covers the rest."""
    kinds = ("never", "always", "same-as", "narrower-than", "covers")

    assert len({claim["name"] for claim in claims}) == len(claims)
    for claim in claims:
        assert len([kind for kind in kinds if kind in claim]) == 1
        assert all(re.fullmatch(r"M(0[1-9]|[12]\d|3[0-7])|X(0\d|1[0-3])", row) for row in claim["rows"])
    assert claims[-1]["covers"] == claims[-2]["narrower-than"] == "forbids"


def test_areas_use_the_words_of_the_rules(mission: RuleBook, claims: list[dict[str, Any]]) -> None:
    """Every area is Cedar that the schema knows; a misspelt one would claim nothing."""
    for claim in claims:
        area = claim.get("never") or claim.get("always") or ""
        result = cedarpy.validate_policies(area, mission.schema)
        assert result.validation_passed, (claim["name"], [str(error.error) for error in result.errors])


def robust_areas(claims: list[dict[str, Any]]) -> cedarpy.PolicySet:
    """Return what the robust claims are about, as rules that match it."""
    return cedarpy.PolicySet.from_str("\n".join(claim["never"] for claim in claims if claim.get("robust")))


def test_claims_reach_as_far_as_the_rules(mission: RuleBook, claims: list[dict[str, Any]]) -> None:
    """What a rule forbids above lies in some area, and what is permitted lies in none."""
    areas = robust_areas(claims)

    for action, change, _ in REFUSED:
        assert ask(areas, mission.schema, question(action, change)).allowed, (action, change)
    for action, change in [*STILL, *((action, {}) for action in BEST)]:
        assert not ask(areas, mission.schema, question(action, change)).allowed, (action, change)
    for action, _, refusals in WHO:
        for who in EVERYBODY.split():
            within = ask(areas, mission.schema, question(action, {}, who)).allowed
            assert within == (who in refusals), (action, who)


def test_claim_that_is_left_out_leaves_a_gap(mission: RuleBook, claims: list[dict[str, Any]]) -> None:
    """Without any one claim about advertising by use, something that is refused would lie in no area."""
    fewer = [claim for claim in claims if claim["name"] != "advertising uses nothing without consent"]
    asked = question("use_for_advertising", {"consented": ABSENT})

    assert ask(robust_areas(claims), mission.schema, asked).allowed
    assert not ask(robust_areas(fewer), mission.schema, asked).allowed
