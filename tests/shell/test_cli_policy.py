"""`carhome policy`: every command as a user gives it, over the shipped rules and a folder of one's own."""

import json
import os
import re
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.scenario.stories import PROJECT
from tests.shell.carhome import HELD, Command

RULES = """\
@id("guests-heat")
@reason("a guest may set the climate")
permit (principal in Role::"guest", action == Action::"set_climate", resource);

@id("no-guest-by-voice")
@reason("guests do not heat by voice")
@instead("use the phone")
forbid (principal in Role::"guest", action in Action::"HomeControl", resource)
when { context has voice };
"""
USUAL = "usual: {authenticated: true, fresh: true, built_in: false, moving: false, expires_in_ms: 30000}"
SUITE = f"""\
suite: our guests
contexts: {{{USUAL}}}
tests:
  - name: a guest heats, and a child does not
    principals: [jun, tao]
    action: set_climate
    resource: Climate::climate
    expect: {{jun: allow, tao: deny}}
    because: {{jun: [guests-heat], tao: []}}
  - name: not by voice
    principal: jun
    action: set_climate
    resource: Climate::climate
    context: {{voice: inside}}
    expect: deny
    because: [no-guest-by-voice]
"""
WRONG_SUITE = SUITE.replace("{jun: allow, tao: deny}", "allow").replace("tao: []", "tao: [guests-heat]")
DRIVE = """\
@id("let-me-drive")
@reason("I want to")
permit (principal, action in Action::"RemoteDriving", resource);
"""
CLAIMS = """\
claims:
  - name: no guest heats
    rows: [M01]
    never: permit (principal in Role::"guest", action == Action::"set_climate", resource);
  - {name: these rules are the shipped ones, same-as: built-in}
  - {name: these rules are those in a file, same-as: rules.cedar}
"""


@pytest.fixture
def mine(home: Path) -> Path:
    """A folder of one's own with two rules and a suite."""
    folder = home / "mine"
    folder.mkdir()
    (folder / "rules.cedar").write_text(RULES)
    (folder / "guests_test.yaml").write_text(SUITE)
    return folder


# --- check ------------------------------------------------------------------------------------------


def test_check_counts_what_is_sound(here: Command) -> None:
    """The shipped rules, suites and claims can be read, and nothing about them is odd."""
    ended = here("policy", "check", "--strict")

    assert (ended.code, ended.err) == (0, "")
    assert re.fullmatch(
        r"✓ [0-9]{2} rules, [0-9]{2} suites with [0-9,]+ cases, [0-9]+ claims: 0 remarks\n", ended.out
    )


def test_rule_that_permits_remote_driving_is_loaded_and_has_no_effect(
    home: Path, here: Command, mine: Path
) -> None:
    """The check says so; a run with it still refuses; strictness makes it a failure."""
    (mine / "drive.cedar").write_text(DRIVE)
    (home / "a.scenario.yaml").write_text(REFUSED)

    checked = here("policy", "check", "--policies", "mine")
    ran = here("run", "a.scenario.yaml", "--broker", "memory", "--policies", "mine")

    assert checked.code == 0
    words = " ".join(checked.out.split())
    assert (
        "rule `let-me-drive` has no effect: whatever it permits is forbidden by `no-remote-driving`" in words
    )
    assert "mine/drive.cedar:1:1" in words
    assert ran.code == 0
    assert here("policy", "check", "--policies", "mine", "--strict").code == 1


REFUSED = """\
scenario: Nobody drives the car from afar
tags: [M34]
source: here
household: wang
given: {su7: {gear: P}}
steps:
  - do: watch.request
    with: {car: su7, action: summon}
    as: drive
  - expect: {drive: denied, rule: no-remote-driving}
    within: 2s
"""


def test_check_for_machines(here: Command, mine: Path) -> None:
    """One object per remark, and nothing else."""
    (mine / "drive.cedar").write_text(DRIVE)

    ended = here("policy", "check", "--policies", "mine", "--json")

    (remark,) = map(json.loads, ended.lines)
    assert (remark["kind"], remark["oddity"], remark["rule"]) == ("remark", "no-effect", "let-me-drive")


def test_check_of_the_brokers_permissions(here: Command) -> None:
    """What no rule could allow is listed with why it is let through all the same; nothing is surplus."""
    ended = here("policy", "check", "--broker", "households/wang.household.yaml")
    machine = here("policy", "check", "--broker", "households/wang.household.yaml", "--json")

    assert (ended.code, machine.code) == (0, 0)
    assert "· watch → su7: `steer`, `accelerate`" in ended.out
    assert ended.lines[-1].endswith(" 0 surplus")
    grants = [json.loads(line) for line in machine.lines]
    assert {grant["standing"] for grant in grants} == {"needed", "refused_aloud", "for_others"}


def test_check_of_permissions_that_are_too_wide_fails(
    home: Path, here: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A planted permission to ask the news of the roads, which obey nobody, is listed: the exit code is 1."""
    from dataclasses import replace  # noqa: PLC0415  # only here

    from sim.world.network.permissions import grants  # noqa: PLC0415  # before it is replaced

    def planted(*household: object) -> object:
        topic = "carhome/wang/news/cmd/su7/+"
        return {name: replace(one, write=(*one.write, topic)) for name, one in grants(*household).items()}  # type: ignore[arg-type]

    monkeypatch.setattr("sim.analysis.properties.publishing.grants", planted)
    shipped = (PROJECT / "households" / "wang.household.yaml").read_text(encoding="utf-8")
    wider = shipped.replace("\nstrangers:\n", "  news: {kind: traffic}\n\nstrangers:\n")
    (home / "wang.household.yaml").write_text(wider, encoding="utf-8")

    ended = here("policy", "check", "--broker", "wang.household.yaml")

    assert ended.code == 1
    assert "NO RULE COULD EVER ALLOW IT" in ended.out


# --- test -------------------------------------------------------------------------------------------


def test_suites_that_hold_end_with_zero(here: Command, mine: Path) -> None:
    """A folder's suites are run over the shipped rules and one's own."""
    ended = here("policy", "test", str(mine), "--policies", "mine")

    assert (ended.code, ended.err) == (0, "")
    assert "✓ pass  a guest heats, and a child does not (2 cases)" in ended.out
    assert ended.lines[-1].startswith("3 passed; 1 suite in ")


def test_suite_that_fails_ends_with_one_and_says_which_condition(here: Command, mine: Path) -> None:
    """Expected and got stand side by side, with what was not so."""
    (mine / "guests_test.yaml").write_text(WRONG_SUITE)

    ended = here("policy", "test", str(mine), "--policies", "mine")

    assert ended.code == 1
    words = " ".join(ended.out.split())
    assert "expected `allow`, got `deny`" in words
    assert 'principal in Role::"guest"' in words
    assert "1 failed" in ended.lines[-1]


def test_shipped_suites_run_without_being_named(here: Command) -> None:
    """More than two thousand cases, all of which hold; one can choose among them."""
    ended = here("policy", "test", "--json")
    chosen = here("policy", "test", "--json", "-k", "lin / steer")

    results = [json.loads(line) for line in ended.lines]
    assert ended.code == 0
    assert len(results) > 2_000
    assert {result["status"] for result in results} == {"passed"}
    assert 0 < len(chosen.lines) < len(results)
    assert here("policy", "test", "-k", "nothing of the sort").code == 5


def test_junit_report_of_suites(home: Path, here: Command, mine: Path) -> None:
    """CI reads how many cases there were, and which failed."""
    (mine / "guests_test.yaml").write_text(WRONG_SUITE)

    assert here("policy", "test", str(mine), "--policies", "mine", "--junit", "out.xml").code == 1

    root = ET.parse(home / "out.xml").getroot()  # noqa: S314  # we wrote it
    assert (root.get("tests"), root.get("failures")) == ("3", "1")


# --- explain ----------------------------------------------------------------------------------------


def test_one_request_is_explained(here: Command) -> None:
    """What is not told is taken as usual, aloud."""
    ended = here("policy", "explain", "--ask", "lin unlock Car::su7 distance_cm=350 key_role=owner worn=true")

    assert ended.code == 0
    assert "taken as usual: authenticated=true" in ended.err
    assert "key-in-range forbids it (rules/digital_key.cedar:" in ended.out
    assert "`context.distance_cm` from 350 to 200" in ended.out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("lin unlock", "is not a person, an action, a device"),
        ("lin unlok Car::su7", "no device has the command `unlok`"),
        ("lni unlock Car::su7", "there is no entity `lni`"),
        ("lin unlock Carr::su7", "there is no entity type `Carr`"),
        ("lin unlock Car::su7 distance_cm=1 distance_cm=2", "a fact is given twice"),
        ("lin unlock Car::su7 distance_cm=--5", "expected a whole number"),
        (f"lin unlock Car::su7 distance_cm={'9' * 5_000}", "expected a whole number"),
        ("lin unlock Car::su7 speed=3", "no action here knows the fact `speed`"),
        ("lin unlock Car::su7 moving=fast", "expected `true` or `false`"),
        ("lin NearAccess Car::su7", "no device has the command `NearAccess`"),
    ],
)
def test_request_that_cannot_be_is_refused(words: str, sentence: str, here: Command) -> None:
    """In one sentence, with what to do."""
    ended = here("policy", "explain", "--ask", words)

    assert (ended.code, ended.out) == (2, "")
    assert sentence in ended.err
    assert "help: " in ended.err


def test_device_that_only_a_rule_names_can_be_asked(here: Command) -> None:
    """A household's own device need not be one of those that every suite can count on."""
    ended = here("policy", "explain", "--ask", "tao snapshot Camera::living_room consented=true")

    assert ended.code == 0
    assert "household-views-camera would permit it" in ended.out


def test_piece_of_a_recording_is_refused_with_its_line(home: Path, here: Command) -> None:
    """A recording that was cut off says where; one that was tampered with, which record."""
    (home / "a.scenario.yaml").write_text(REFUSED)
    assert here("run", "a.scenario.yaml", "--broker", "memory", "--record", "a.jsonl").code == 0
    lines = (home / "a.jsonl").read_text().splitlines()
    (home / "cut.jsonl").write_text("\n".join([*lines[:5], lines[5][:40]]))
    (home / "odd.jsonl").write_text("\n".join(lines).replace('"enrolled":true', '"enrolled":"owner"'))

    cut, odd = here("policy", "explain", "cut.jsonl"), here("policy", "explain", "odd.jsonl")

    assert (cut.code, odd.code) == (2, 2)
    assert "line 6 of `cut.jsonl` is no record of a run, or only a piece of one" in cut.err
    assert "does not say what a decision rests on: `devices.su7.enrolled`" in odd.err


def test_scenarios_recordings_and_suites_are_explained_alike(home: Path, here: Command, mine: Path) -> None:
    """A denial is the same whether it is played now, was recorded, or is asked by a suite."""
    (home / "a.scenario.yaml").write_text(REFUSED)
    assert here("run", "a.scenario.yaml", "--broker", "memory", "--record", "a.jsonl").code == 0

    played = here("policy", "explain", "a.scenario.yaml")
    recorded = here("policy", "explain", "a.jsonl")
    asked = here("policy", "explain", str(mine), "--policies", "mine", "--json")

    assert played.code == recorded.code == asked.code == 0
    assert played.out == recorded.out
    assert "never allowed: " in played.out
    assert [json.loads(line)["kind"] for line in asked.lines] == ["not_permitted", "forbidden"]


def test_recording_under_other_rules_is_said_to_differ(home: Path, here: Command, mine: Path) -> None:
    """Explaining an old decision by today's rules says that they answer otherwise."""
    (home / "a.scenario.yaml").write_text(HELD)
    assert here("run", "a.scenario.yaml", "--broker", "memory", "--record", "a.jsonl").code == 0
    (mine / "rules.cedar").write_text(
        '@id("closed") @reason("r") @instead("i")\n'
        'forbid (principal, action == Action::"unlock", resource) when { !(context has voice) };\n'
    )

    ended = here("policy", "explain", "a.jsonl", "--policies", "mine")

    assert "the rules now answer" in " ".join(ended.out.split())


def test_nothing_to_explain(home: Path, here: Command) -> None:
    """No path is a mistake; a file that is no recording, too; no denial is nothing matched."""
    (home / "a.scenario.yaml").write_text(HELD)
    (home / "a.jsonl").write_text("[]\n")
    (home / "b.jsonl").write_text("{\n")

    assert here("policy", "explain").code == 2
    assert here("policy", "explain", "a.jsonl").code == 2
    assert here("policy", "explain", "b.jsonl").code == 2
    assert here("policy", "explain", "c.jsonl").code == 2
    assert here("policy", "explain", "a.scenario.yaml", "-k", "nothing of the sort").code == 5
    assert here("policy", "explain", "a.scenario.yaml", "--all").code == 0


# --- coverage ---------------------------------------------------------------------------------------


def test_coverage_is_four_numbers(here: Command, mine: Path) -> None:
    """Rules, conditions, kinds of requests, and, where it is asked for, mutants."""
    ended = here("policy", "coverage", str(mine), "--policies", "mine")

    assert ended.code == 0
    assert [line.split("  ")[0] for line in ended.lines[-4:]] == [
        "rules that decided something",
        "conditions seen both true and false",
        "kinds of requests that were made",
        "planted mistakes that were noticed",
    ]


def test_shipped_suites_reach_every_rule(here: Command) -> None:
    """Each rule has decided something; nearly every condition was both."""
    record = json.loads(here("policy", "coverage", "--json").out)

    assert record["rules"]["reached"] == record["rules"]["total"]
    assert record["silent_rules"] == []
    assert record["conditions"]["reached"] / record["conditions"]["total"] > 0.95
    assert record["mutants"] is None


def test_coverage_for_editors_and_ci(home: Path, here: Command, mine: Path) -> None:
    """An LCOV file names real files; too few conditions end with one."""
    words = ("policy", "coverage", str(mine), "--policies", "mine", "--lcov", "out.info")

    assert here(*words, "--min-conditions", "0").code == 0
    assert here(*words, "--min-conditions", "90").code == 1
    named = [
        line.removeprefix("SF:")
        for line in (home / "out.info").read_text().splitlines()
        if line.startswith("SF:")
    ]
    assert "mine/rules.cedar" in named
    assert all((home / name).is_file() for name in named)


def test_coverage_of_scenarios(home: Path, here: Command, mine: Path) -> None:
    """What a scenario asks counts beside what suites ask."""
    (home / "a.scenario.yaml").write_text(REFUSED)

    suites = json.loads(here("policy", "coverage", str(mine), "--policies", "mine", "--json").out)
    both = json.loads(
        here("policy", "coverage", str(mine), "a.scenario.yaml", "--policies", "mine", "--json").out
    )

    assert "no-remote-driving" in suites["silent_rules"]
    assert "no-remote-driving" not in both["silent_rules"]


# --- prove ------------------------------------------------------------------------------------------


def test_claims_of_the_mission_are_proved(here: Command) -> None:
    """Those about remote driving, for instance."""
    ended = here("policy", "prove", "-k", "M34", "--json")

    results = [json.loads(line) for line in ended.lines]
    assert ended.code == 0
    assert len(results) >= 2
    assert {result["status"] for result in results} == {"proved"}


def test_claim_that_is_refuted_ends_with_one_and_shows_a_request(
    home: Path, here: Command, mine: Path
) -> None:
    """The engine's own answer stands beside it."""
    (mine / "our.claims.yaml").write_text(CLAIMS)

    ended = here("policy", "prove", "mine/our.claims.yaml", "--policies", "mine", "--junit", "out.xml")

    assert ended.code == 1
    assert ended.out.count("refuted  ") == 3
    assert "guests-heat" in ended.out
    assert ET.parse(home / "out.xml").getroot().get("failures") == "3"  # noqa: S314  # we wrote it
    assert here("policy", "prove", "mine/our.claims.yaml").code == 1  # the rules in the file are others
    assert here("policy", "prove", "-k", "nothing of the sort").code == 5


def test_without_a_solver_claims_are_held_and_not_proved(
    here: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are held against boundary values, and marked so."""
    for name in [name for name in sys.modules if name.startswith("sim.analysis.symbolic")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "z3", None)

    ended = here("policy", "prove", "-k", "M34")

    assert ended.code == 0
    assert "proved  " not in ended.out
    assert "not a proof" in " ".join(ended.out.split())
    assert "which is no proof" in ended.lines[-1]


# --- diff -------------------------------------------------------------------------------------------


def test_same_rules_do_not_differ(here: Command) -> None:
    """That is proved."""
    ended = here("policy", "diff", "built-in", "built-in")

    assert (ended.code, ended.out) == (
        0,
        "✓ every request is answered as before, by the same rules: proved\n",
    )


def test_who_gains_and_who_loses(here: Command, mine: Path) -> None:
    """A folder is added to the shipped rules; each change has a request that shows it."""
    ended = here("policy", "diff", "built-in", str(mine))
    machine = here("policy", "diff", "built-in", str(mine), "--json")

    assert ended.code == machine.code == 1
    assert ended.lines[0] == "+ Person in guest may now set_climate on Climate"
    changes = [json.loads(line) for line in machine.lines]
    assert {(change["direction"], change["action"]) for change in changes} >= {("gains", "set_climate")}


def test_rules_that_are_not_there_cannot_be_compared(here: Command) -> None:
    """In one sentence."""
    ended = here("policy", "diff", "built-in", "nowhere")

    assert (ended.code, ended.out) == (2, "")
    assert "there is no file or folder `nowhere`" in ended.err


# --- mutate, suggest --------------------------------------------------------------------------------


def test_what_authors_write_reaches_no_terminal_as_it_is(here: Command, mine: Path) -> None:
    """Whatever stands in a reason: people see it escaped, and machines read ASCII."""
    (mine / "rules.cedar").write_text(
        '@id("odd")\n@reason("\\u{1b}[31m\\u{202e}red")\n@instead("\\u{9b}")\n'
        'forbid (principal in Role::"guest", action, resource) when { context has voice };\n'
    )
    words = ("--policies", "mine", "--ask", "jun lock Car::su7 voice=inside")

    shown, machine = here("policy", "explain", *words), here("policy", "explain", *words, "--json")

    assert "odd forbids it" in shown.out
    assert not any(sign in shown.out for sign in "\x1b\u202e\x9b")
    assert machine.out.isascii()


def test_pipe_among_the_rules_is_not_waited_for(here: Command, mine: Path) -> None:
    """What has no end is not read."""
    os.mkfifo(mine / "pipe.cedar")
    (mine / "zero.cedar").symlink_to("/dev/zero")

    ended = here("policy", "check", "--policies", "mine")

    assert ended.code == 2
    assert "is no file that could be read to its end" in ended.err


def test_mutants_of_ones_own_rules(here: Command, mine: Path) -> None:
    """Survivors are listed with the rule, the change and a request; a floor makes them a failure."""
    words = (
        "policy",
        "mutate",
        str(mine),
        "--policies",
        "mine",
        "--rule",
        "guests-heat",
        "--rule",
        "no-guest-by-voice",
    )
    ended = here(*words)
    machine = here(*words, "--json")

    assert ended.code == 0
    assert "✗ guests-heat: `action ==" in ended.out
    assert "what tells it apart: " in ended.out
    fates = [json.loads(line) for line in machine.lines]
    assert {fate["status"] for fate in fates} >= {"killed", "survived"}
    assert here(*words, "--min-score", "95").code == 1


def test_suggested_tests_kill_what_survived(here: Command, mine: Path) -> None:
    """What is printed can be kept as it is, and then nothing survives."""
    words = (str(mine), "--policies", "mine", "--rule", "guests-heat", "--rule", "no-guest-by-voice")
    suggested = here("policy", "suggest", *words)
    (mine / "suggested_test.yaml").write_text(suggested.out)

    assert "read what each expects before you keep it" in suggested.err
    assert here("policy", "test", str(mine), "--policies", "mine").code == 0
    assert here("policy", "mutate", *words, "--min-score", "100").code == 0
    assert here("policy", "suggest", *words).out == ""


def test_scenarios_count_as_tests(home: Path, here: Command, mine: Path) -> None:
    """The removal of a rule is noticed by the story that it refuses."""
    (mine / "guests_test.yaml").write_text(SUITE)
    (home / "a.scenario.yaml").write_text(REFUSED)
    words = ("policy", "mutate", str(mine), "--policies", "mine", "--rule", "no-remote-driving", "--json")

    alone = [json.loads(line) for line in here(*words).lines]
    both = [json.loads(line) for line in here(*words, "a.scenario.yaml").lines]

    assert [fate["status"] for fate in alone if fate["operator"] == "remove-rule"] == ["survived"]
    (removed,) = (fate for fate in both if fate["operator"] == "remove-rule")
    assert (removed["status"], removed["killer"]) == ("killed", "a.scenario.yaml")


def test_rule_that_is_not_there_has_no_mutants(here: Command) -> None:
    """With the nearest that is."""
    ended = here("policy", "mutate", "--rule", "no-remote-drivng")

    assert (ended.code, ended.out) == (2, "")
    assert "did you mean `no-remote-driving`?" in ended.err
