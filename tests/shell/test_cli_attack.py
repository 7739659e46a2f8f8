"""`carhome attack`: exit codes, the table, records for machines, and what is left out."""

import json
from pathlib import Path

import pytest

from sim.core.device import Presence
from sim.devices.watch import Watch
from tests.shell.carhome import HELD, Command

FILE = "a.scenario.yaml"
HOSTILE = """\
scenario: A stranger knocks
tags: [M36]
household:
  extends: wang
  strangers: {mallory: {kind: stranger}}
steps:
  - do: mallory.unlock
    with: {car: su7}
    as: knock
  - expect: {knock: denied, rule: signed-command-only}
    within: 5s
"""
TWO = HELD.replace("1 m}", "$far}") + "cases:\n  - {far: 1 m}\n  - {far: 1.5 m}\n"


def test_attack_that_holds_ends_with_zero(home: Path, here: Command) -> None:
    """One line for each attacker who finds something to attack, and progress on standard error."""
    (home / FILE).write_text(HELD)

    ended = here("attack", FILE)

    assert ended.code == 0
    assert ended.err.splitlines() == [f"attacking {FILE}"]
    assert ended.lines[0] == "attacker     held  noticed  broke  refused by"
    assert [line.split()[:4] for line in ended.lines[1:] if line[:1].isalpha()][:5] == [
        ["mallory", "0", "1", "0"],
        ["eve", "0", "1", "0"],
        ["relay", "1", "0", "0"],
        ["thief", "0", "1", "0"],
        ["noisy", "0", "1", "0"],
    ]
    assert ended.lines[-1].startswith("nothing broke: 5 attacks in ")


def test_attack_that_breaks_through_ends_with_one(
    home: Path, here: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What broke is shown with its record, and with the command that shows it again."""
    (home / FILE).write_text(TWO)
    monkeypatch.setattr(Watch, "proof", lambda _self, _at: "wrist_unlocked")
    monkeypatch.setattr(Watch, "presence", lambda _self, _at: Presence(worn=True))

    ended = here("attack", FILE, "--attacker", "thief", "-k", "1.5")

    assert ended.code == 1
    assert f"  ✗ broke  thief in {FILE}, far=1.5 m" in ended.lines
    assert f"    again: carhome attack {FILE} -k 'far=1.5 m' --attacker thief" in ended.lines
    assert ended.lines[-1].startswith("1 broke: 1 attack in ")


def test_attack_as_json_is_one_object_a_line(home: Path, here: Command) -> None:
    """Standard output holds records only, one for each story and attacker."""
    (home / FILE).write_text(TWO)

    ended = here("attack", FILE, "--json", "--attacker", "eve", "--attacker", "relay")

    records = [json.loads(line) for line in ended.lines]
    assert ended.code == 0
    assert [(one["case"], one["attacker"]) for one in records] == [
        ("far=1 m", "eve"),
        ("far=1 m", "relay"),
        ("far=1.5 m", "eve"),
        ("far=1.5 m", "relay"),
    ]
    assert all(one["kind"] == "attack" and one["outcome"] in {"held", "noticed"} for one in records)


def test_what_cannot_be_attacked_is_left_out_and_said(home: Path, here: Command) -> None:
    """Stories about attackers and stories that fail by themselves; with nothing left it ends with five."""
    (home / "hostile.scenario.yaml").write_text(HOSTILE)
    (home / "broken.scenario.yaml").write_text(HELD.replace("su7.locked: false", "su7.locked: true"))

    ended = here("attack", ".")

    assert ended.code == 5
    assert ended.out == ""
    assert ended.err.splitlines() == [
        "attacking broken.scenario.yaml",
        "  1 case left out: without an attacker it ends with fail",
        "attacking hostile.scenario.yaml",
        "  1 case left out: it is about an attacker already",
        "nothing matched: no friendly case is left to attack",
    ]


def test_attacker_who_does_not_exist_is_refused(home: Path, here: Command) -> None:
    """A misspelt name is a mistake on the command line."""
    (home / FILE).write_text(HELD)

    ended = here("attack", FILE, "--attacker", "malory")

    assert ended.code == 2
    assert "there is no attacker `malory`" in ended.err
    assert "did you mean `mallory`?" in ended.err


def test_attack_on_what_is_broken_or_not_there_is_refused(home: Path, here: Command) -> None:
    """Bad input is said as by every other command."""
    (home / FILE).write_text("scenario: x\n")

    assert here("attack", FILE).code == 2
    assert here("attack", "nowhere").code == 2
    assert here("attack", FILE, "-k", "nothing has this in it").code == 2


def test_nothing_that_matches_is_said(home: Path, here: Command) -> None:
    """A selection that leaves nothing ends with five."""
    (home / FILE).write_text(HELD)

    ended = here("attack", FILE, "-k", "nothing has this in it")

    assert ended.code == 5
    assert ended.err == "nothing matched: no friendly case is left to attack\n"


def test_attacker_with_a_history_is_compared_with_a_story_that_has_it_too(home: Path, here: Command) -> None:
    """An ex-friend's key was shared and revoked before the story: where that spoils it, he stays away."""
    with_phone = "household: {extends: wang, devices: {phone: {kind: phone, owner: lin}}}"
    story = HELD.replace("household: wang", with_phone)
    (home / FILE).write_text(story)
    never_shared = story + "  - expect: {phone.revocation: none}\n"
    (home / "b.scenario.yaml").write_text(never_shared)

    ended = here("attack", FILE, "--attacker", "ex-friend")
    spoilt = here("attack", "b.scenario.yaml", "--attacker", "ex-friend")

    assert ended.code == 0
    assert ended.lines[1].split() == ["ex-friend", "0", "1", "0", "key", "4"]
    assert spoilt.code == 5
