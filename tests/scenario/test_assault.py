"""Friendly stories with attackers in them: what holds is said to hold, and what is planted is found."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from sim.core.device import Device, Presence
from sim.core.errors import HouseholdError
from sim.core.household import Household
from sim.devices.attackers import Eavesdropper
from sim.devices.attackers.eavesdropper import TICK_MS
from sim.devices.watch import Watch
from sim.documents.reading import read_document
from sim.policy.decision import AccessRequest, Decision, PolicyDecisionPoint
from sim.scenario.assault import (
    AFTERMATH_MS,
    ATTACKER_KINDS,
    ATTACKERS,
    Joined,
    Judgement,
    judge,
    played_on,
    remembered,
    unfriendly,
    with_attacker,
)
from sim.scenario.households import household_of
from sim.scenario.model import Case, Do, Scenario
from sim.scenario.run import CaseResult, perform
from sim.shell.files import Shelf
from sim.shell.playing import play_in_memory
from sim.trust.digital_key import KeyReader
from sim.world.kinds import kinds
from sim.world.node.inbox import Inbox
from sim.world.senses import TruthSenses
from sim.world.stage import Cast

PROJECT = Path(__file__).parents[2]
KINDS = kinds()
STORY = """\
scenario: An evening
tags: [M13]
household: wang
given:
  su7: {locked: true, gear: P}
  lin: {from_su7: 1 m}
  watch: {on_wrist: true, wearer: lin}
steps:
  - do: watch.unlock
    with: {car: su7}
    as: unlock
  - expect: {unlock: done, su7.locked: false}
    within: 5s
  - do: watch.lock
    with: {car: su7}
    as: lock
  - expect: {lock: done, su7.locked: true}
    within: 5s
  - do: phone.set_climate
    with: {device: heater, mode: heat, target: 25 °C}
    as: heat
  - expect: {heat: done}
    within: 5s
  - do: phone.set_climate
    with: {device: heater, mode: off}
    as: cold
  - expect: {cold: done, heater.mode: "off"}
    within: 5s
"""
AWAY = """\
scenario: Lin is far away
tags: [M13]
household: wang
given:
  su7: {locked: true, gear: P}
  lin: {from_su7: 60 m}
  watch: {on_wrist: true, wearer: lin}
steps:
  - advance: 10s
  - expect: {su7.locked: true}
"""


@dataclass(frozen=True)
class Everything:
    """A decision point that permits whatever it is asked."""

    def decide(self, request: AccessRequest) -> Decision:
        """Permit."""
        return Decision("permitted", ("anything",), f"{request.action} is fine")


SHELF = Shelf()


def load(folder: Path, text: str) -> Scenario:
    """Return the scenario in a text, in the household that ships."""
    households = folder / "households"
    if not households.exists():
        households.symlink_to(PROJECT / "households")
    path = folder / "a.scenario.yaml"
    path.write_text(text)
    return SHELF.scenario(path)


def play(
    scenario: Scenario, case: Case, policy: PolicyDecisionPoint | None = None, *, permissions: bool = True
) -> CaseResult:
    """Return what becomes of a case in memory."""
    point = SHELF.policy(scenario.household) if policy is None else policy
    cast = Cast(scenario.household, KINDS, point, scenario.seed, permissions)
    return play_in_memory(perform(scenario, case, cast))


def joined(name: str, household: Household) -> Joined:
    """Return a household with an attacker in it."""
    found = ATTACKERS[name].join(household, KINDS)
    assert found is not None
    return found


def attacked(name: str, scenario: Scenario, **how: Any) -> Judgement:
    """Return what becomes of an attacker in the one case of a scenario."""
    (case,) = scenario.cases
    him = joined(name, scenario.household)
    alone = play(*remembered(him, scenario, case)) if him.before else play(scenario, played_on(case))
    assert alone.verdict == "pass", alone.failure
    return judge(alone, play(*with_attacker(him, scenario, case), **how), him.actor)


# --- what ships holds -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "layers"),
    [
        ("mallory", {"broker", "signature"}),
        ("eve", {"broker", "key", "policy"}),
        ("thief", {"key"}),
        ("ex-friend", {"key"}),
        ("noisy", {"rate", "policy"}),
    ],
)
def test_attackers_are_refused_and_noticed(name: str, layers: set[str], tmp_path: Path) -> None:
    """Nothing comes of an attack, and the layers that refused it are named with their reason codes."""
    judgement = attacked(name, load(tmp_path, STORY))

    assert judgement.outcome == "noticed", judgement.why
    assert {layer for layer, _ in judgement.refusals} >= layers


def test_relay_has_nothing_to_carry_while_the_key_is_beside_the_car(tmp_path: Path) -> None:
    """A key that hears the car itself gains nothing by a relay; far away it is refused for its distance."""
    assert attacked("relay", load(tmp_path, STORY)).outcome == "held"

    judgement = attacked("relay", load(tmp_path, AWAY))

    assert judgement.outcome == "noticed"
    assert {code for _, code in judgement.refusals} == {"TOO_FAR"}


def test_stranger_is_refused_for_these_reasons(tmp_path: Path) -> None:
    """Copies under her own name, forged ones, her own request, another's topic, and one that was kept."""
    judgement = attacked("mallory", load(tmp_path, STORY))

    assert set(judgement.refusals) >= {
        ("broker", "0x87"),
        ("signature", "SENDER_KEY_MISMATCH"),
        ("signature", "BAD_SIGNATURE"),
        ("signature", "UNKNOWN_KEY"),
    }


def test_forged_copy_in_the_owners_line_is_not_answered(tmp_path: Path) -> None:
    """The owner is not told that a command was refused while it is carried out."""
    scenario = load(tmp_path, STORY)
    (case,) = scenario.cases

    result = play(*with_attacker(joined("mallory", scenario.household), scenario, case))

    forged = [one for one in result.denials if one["decision"]["code"] == "BAD_SIGNATURE"]
    assert {one["sender"] for one in forged} == {"mallory", "watch", "phone"}
    statuses = {
        one["signed"]["status"]
        for one in result.records
        if one["kind"] == "message" and "/reply/" in one["topic"] and "/mallory/" not in one["topic"]
    }
    assert "denied" not in statuses


@pytest.mark.parametrize("name", ATTACKERS)
def test_attack_repeats_bit_by_bit(name: str, tmp_path: Path) -> None:
    """The same attacker in the same story leaves the same records."""
    scenario = load(tmp_path, STORY)
    (case,) = scenario.cases
    him = joined(name, scenario.household)

    assert (
        play(*with_attacker(him, scenario, case)).records
        == play(*with_attacker(joined(name, scenario.household), scenario, case)).records
    )


# --- what is planted is found -----------------------------------------------------------------------


def test_car_that_forgets_what_it_was_commanded_is_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without its memory a copy is a second command: the heater runs again that was switched off."""
    monkeypatch.setattr(Inbox, "known", lambda _self, _order: None)

    judgement = attacked("mallory", load(tmp_path, STORY))

    assert judgement.outcome == "broke"
    assert judgement.record is not None


def test_watch_that_does_not_feel_its_wrist_is_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A watch that vouches for whoever has it opens the car to a thief."""
    monkeypatch.setattr(Watch, "proof", lambda _self, _at: "wrist_unlocked")
    monkeypatch.setattr(Watch, "presence", lambda _self, _at: Presence(worn=True))

    judgement = attacked("thief", load(tmp_path, STORY))

    assert judgement.outcome == "broke"
    assert judgement.record is not None
    assert judgement.record["kind"] == "change"


def test_car_that_forgets_revocations_is_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An ex-friend beside a car that kept no tombstone drives off."""
    monkeypatch.setattr(KeyReader, "revoke", lambda self, *_: (self, None))

    assert attacked("ex-friend", load(tmp_path, STORY)).outcome == "broke"


def test_car_that_believes_a_relay_is_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If a distance could be had from anywhere but the air, a relay would open the car."""
    monkeypatch.setattr(TruthSenses, "ranged_m", lambda _self, _session: (0.5, 0.5, 0.5))

    judgement = attacked("relay", load(tmp_path, AWAY))

    assert judgement.outcome == "broke"
    assert "instead of pass" in judgement.why or judgement.record is not None


def test_broker_without_permissions_is_broken(tmp_path: Path) -> None:
    """An eavesdropper that is given the messages of others has broken through."""
    judgement = attacked("eve", load(tmp_path, AWAY), permissions=False)

    assert judgement.outcome == "broke"
    assert judgement.why.startswith("eve was given `carhome/wang/")


def test_device_whose_word_for_a_person_counts_is_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If a compromised device could say for whom it asks, it would take pictures in the owner's name."""
    monkeypatch.setattr(Eavesdropper, "shared", True)

    judgement = attacked("eve", load(tmp_path, STORY))

    assert judgement.outcome == "broke"
    assert judgement.why == "camera did `picture_taken`, which it does not in the story alone"


@pytest.mark.parametrize(
    "path", sorted((PROJECT / "households").glob("*.household.yaml")), ids=lambda p: p.stem
)
def test_eavesdropper_has_tried_everything_before_the_story_is_over(path: Path) -> None:
    """However many devices and topics a household has, nothing of the plan is left for after the end."""
    household = household_of(
        read_document(path.name, path.read_text(encoding="utf-8"), HouseholdError), KINDS
    )
    entry = joined("eve", household).household.devices["eve"]

    eve = Eavesdropper.new("eve", entry.config, {})

    assert eve.plan
    assert len(eve.plan) * TICK_MS < AFTERMATH_MS


@pytest.mark.parametrize("name", ["eve", "noisy"])
def test_rules_that_permit_everything_are_broken(name: str, tmp_path: Path) -> None:
    """With nobody to refuse, what an attacker asks is done, and said so."""
    judgement = attacked(name, load(tmp_path, AWAY), policy=Everything())

    assert judgement.outcome == "broke"
    if name == "noisy":
        assert judgement.why == "su7 permitted noisy's refresh, which it does not in the story alone"


def test_thief_who_is_permitted_has_broken_a_line_though_another_holds(tmp_path: Path) -> None:
    """Keys that were taken go silent and nothing opens, but the rules let him in: that is no refusal."""
    judgement = attacked("thief", load(tmp_path, AWAY), policy=Everything())

    assert judgement.outcome == "broke"
    assert judgement.why == "su7 permitted phone's unlock, which it does not in the story alone"


# --- what is compared -------------------------------------------------------------------------------


def results(tmp_path: Path) -> tuple[CaseResult, CaseResult]:
    """Return a story, and the same with a thief in it."""
    scenario = load(tmp_path, STORY)
    (case,) = scenario.cases
    him = joined("thief", scenario.household)
    return play(scenario, played_on(case)), play(*with_attacker(him, scenario, case))


def moved(device: str, **changes: Any) -> dict[str, Any]:
    """Return the record of a physical change."""
    return {"n": 0, "t": 0, "kind": "change", "cause": None, "device": device, "changes": changes}


def altered(result: CaseResult, records: list[dict[str, Any]]) -> CaseResult:
    """Return a result with other records."""
    return replace(result, records=records)


def test_story_that_ends_otherwise_is_broken(tmp_path: Path) -> None:
    """A verdict that changes is the worst of all, with or without a failed step."""
    alone, with_him = results(tmp_path)

    judgement = judge(alone, replace(with_him, verdict="unknown"), "thief")

    assert (judgement.outcome, judgement.why) == ("broke", "the story ended with unknown instead of pass")


OPENED = moved("su7", locked=False)
CLOSED = moved("su7", locked=True)
PICTURE = {
    "kind": "message",
    "device": "camera",
    "to": [],
    "type": "carhome.event",
    "topic": "carhome/wang/camera/event/picture_taken",
}


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ([OPENED], [OPENED, CLOSED], "su7 did locked: True, which it does not in the story alone"),
        ([], [PICTURE], "camera did `picture_taken`, which it does not in the story alone"),
        (
            [OPENED, CLOSED],
            [CLOSED, OPENED],
            "su7 did locked: True, and su7 locked: False in the story alone",
        ),
        ([OPENED, PICTURE], [OPENED], "camera did not do `picture_taken`, which it does in the story alone"),
    ],
)
def test_whatever_moves_otherwise_is_found(
    before: list[dict[str, Any]], after: list[dict[str, Any]], why: str, tmp_path: Path
) -> None:
    """One movement more, less, or another one: each is said with its device and record."""
    alone, with_him = results(tmp_path)

    judgement = judge(altered(alone, before), altered(with_him, after), "thief")

    assert (judgement.outcome, judgement.why) == ("broke", why)
    assert judgement.record in [*before, *after]


def test_attacker_may_read_what_is_its_own(tmp_path: Path) -> None:
    """Its own words coming back are no loot; a topic that is none of ours is."""
    alone, with_him = results(tmp_path)
    own = {"n": 0, "t": 0, "kind": "message", "cause": None, "device": "x", "to": ["thief"]}
    plain = altered(alone, [])

    mine = {**own, "topic": "carhome/wang/su7/cmd/thief/unlock"}
    strange = {**own, "topic": "elsewhere"}

    assert judge(plain, altered(with_him, [mine]), "thief").outcome == "held"
    assert judge(plain, altered(with_him, [strange]), "thief").outcome == "broke"


# --- who takes part ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ATTACKERS)
def test_attackers_join_a_household_beside_everybody_else(name: str, tmp_path: Path) -> None:
    """Nobody is replaced but a stranger who is there already; strangers stay last."""
    household = load(tmp_path, STORY).household
    him = joined(name, household)

    others = {one: entry for one, entry in him.household.devices.items() if one != him.actor}
    assert others.items() <= household.devices.items()
    enrolled = [entry.enrolled for entry in him.household.devices.values()]
    assert enrolled == sorted(enrolled, reverse=True)
    kind = him.household.devices[him.actor].kind
    assert (kind in ATTACKER_KINDS) is (name != "ex-friend")


def test_attacker_takes_a_name_that_is_free(tmp_path: Path) -> None:
    """A household may have an eve of its own."""
    story = STORY.replace(
        "household: wang", "household: {extends: wang, people: {eve: {role: guest}, eve_2: {role: guest}}}"
    )

    assert joined("eve", load(tmp_path, story).household).actor == "eve_3"


def test_stranger_comes_to_a_household_that_has_none(tmp_path: Path) -> None:
    """Where no stranger is, mallory is."""
    household = load(tmp_path, STORY).household
    friendly = {name: entry for name, entry in household.devices.items() if entry.enrolled}

    assert joined("mallory", replace(household, devices=friendly)).actor == "mallory"


@pytest.mark.parametrize("name", ["relay", "thief", "ex-friend", "noisy"])
def test_attackers_stay_away_where_there_is_nothing_to_attack(name: str, tmp_path: Path) -> None:
    """No car, no key, no owner's phone or nothing that can be asked: nobody to send."""
    household = load(tmp_path, STORY).household
    ownerless = {
        one: replace(entry, config=entry.config.model_copy(update={"owner": None}))
        for one, entry in household.devices.items()
        if entry.kind in {"watch", "phone"}
    }

    assert ATTACKERS[name].join(replace(household, devices=ownerless), KINDS) is None


def test_ex_friend_needs_a_car(tmp_path: Path) -> None:
    """A phone without a car shares nothing."""
    household = load(tmp_path, STORY).household
    phones = {one: entry for one, entry in household.devices.items() if entry.kind == "phone"}

    assert ATTACKERS["ex-friend"].join(replace(household, devices=phones), KINDS) is None


def test_attackers_history_and_deeds_stand_around_the_story(tmp_path: Path) -> None:
    """First what made him an attacker, then the story, then what he does, then a while of nothing."""
    scenario = load(tmp_path, STORY)
    (case,) = scenario.cases
    him = joined("ex-friend", scenario.household)

    _, story = with_attacker(him, scenario, case)
    _, alone = remembered(him, scenario, case)

    assert [step.text for step in story.steps[:2]] == [
        "before the story: phone.share_key",
        "before the story: phone.revoke_key",
    ]
    assert story.steps[2 : 2 + len(case.steps)] == case.steps
    assert [step.actor for step in story.steps[2 + len(case.steps) : -1] if isinstance(step, Do)] == [
        "ex_phone"
    ] * 4
    assert story.steps[-1] == alone.steps[-1] == played_on(case).steps[-1]
    assert getattr(story.steps[-1], "duration_ms", None) == AFTERMATH_MS


SPOKEN = """\
  - say: unlock the car
    from: dash
    by: {who}
"""
HOSTILE = """\
  - do: mallory.unlock
    with: {car: su7}
"""
FRIENDLY = """\
  - do: phone.lock
    with: {car: su7}
"""


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (FRIENDLY, False),
        (HOSTILE, True),
        (HOSTILE + FRIENDLY, True),
        (HOSTILE + FRIENDLY + FRIENDLY, False),
        (SPOKEN.format(who="lin"), False),
        (SPOKEN.format(who="stranger"), True),
        (SPOKEN.format(who="stranger") + FRIENDLY + "  - do: lin.walk\n    with: {to: su7}\n", False),
        ("  - advance: 1s\n", False),
    ],
)
def test_story_about_an_attacker_is_told_from_a_friendly_one(
    steps: str, *, expected: bool, tmp_path: Path
) -> None:
    """It is friendly as long as most of what is done in it is."""
    scenario = load(tmp_path, f"scenario: A story\nhousehold: wang\nsteps:\n{steps}")

    assert unfriendly(scenario, scenario.cases[0]) is expected


def test_every_attacker_is_a_kind_that_ships() -> None:
    """What counts as an attacker is what stands in the folder of attackers."""
    folder = {name for name, kind in KINDS.items() if kind.__module__.startswith("sim.devices.attackers.")}

    assert folder == ATTACKER_KINDS
    assert all(issubclass(KINDS[name], Device) for name in folder)


def test_attacker_who_is_served_has_broken_in(tmp_path: Path) -> None:
    """An answer that is no refusal is one too many, also where no decision was recorded."""
    alone, attack = results(tmp_path)
    answer = {
        "n": 0,
        "t": 0,
        "kind": "message",
        "cause": None,
        "device": "su7",
        "topic": "carhome/wang/su7/reply/thief/thief-1",
        "to": ["thief"],
        "type": "carhome.reply",
        "signed": {"status": "done"},
    }

    judgement = judge(alone, altered(attack, [*attack.records, answer]), "thief")

    assert (judgement.outcome, judgement.why) == ("broke", "su7 answered thief that thief-1 is done")
