"""A run as people read it: 80 columns, every refusal with its reason, every failure with what to do."""

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sim.core.errors import Place
from sim.policy.decision import Decision
from sim.report.console import case_lines, failure_lines, remark_line, scenario_heading, summary_line
from sim.report.folding import COLUMNS_MAX, columns_of
from sim.report.style import COLOURED, PLAIN
from sim.scenario.model import Remark, Scenario
from sim.scenario.run import CaseResult, perform
from sim.shell.files import Shelf
from sim.shell.playing import play_in_memory
from sim.world.stage import Cast

PROJECT = Path(__file__).parents[2]
STORY = """\
scenario: A story about keys
tags: [M13]
household: wang
given:
  su7: {{locked: true}}
  lin: {{from_su7: {far}}}
  watch: {{on_wrist: true, wearer: lin}}
steps:
  - do: watch.unlock
    with: {{car: su7}}
    as: first
  - do: watch.unlock
    with: {{car: su7}}
    as: second
  - {asserted}
"""


@pytest.fixture(scope="module")
def shelf() -> Iterator[Shelf]:
    """The shipped households, kinds and rules."""
    with contextlib.chdir(PROJECT):
        yield Shelf()


@pytest.fixture
def story(shelf: Shelf, tmp_path: Path) -> Iterator["Teller"]:
    """Something that plays a story written for the test."""
    with contextlib.chdir(PROJECT):
        yield Teller(shelf, tmp_path / "story.scenario.yaml")


class Teller:
    """Plays the story from a distance, with an assertion at its end."""

    def __init__(self, shelf: Shelf, path: Path) -> None:
        self._shelf = shelf
        self._path = path

    def told(self, far: str, asserted: str) -> CaseResult:
        """Return what became of it."""
        self._path.write_text(STORY.format(far=far, asserted=asserted))
        scenario = self._shelf.scenario(self._path)
        cast = Cast(scenario.household, self._shelf.kinds, self._shelf.policy(scenario.household), 1)
        result = play_in_memory(perform(scenario, scenario.cases[0], cast))
        return replace(result, scenario=replace(scenario, file="story.scenario.yaml"))


def test_passing_case_shows_each_refusal_and_says_each_reason_once(story: Teller) -> None:
    """Of two refusals alike the first has the reason, the article and the way out below it."""
    result = story.told("50 m", "expect: {second: denied, rule: key-in-range}\n    within: 5s")

    assert case_lines(result, PLAIN, brief=False).splitlines() == [
        "  ✓ pass  1 held, 0 ms",
        "    ✕      0 ms  watch → su7  unlock  key-in-range (TOO_FAR)",
        "                 whoever opens the car must be within 2 m of it, and the car",
        "                 does not measure that",
        "                 because the key is too far away",
        "                 article 000: “Operating a vehicle from a distance through a",
        "                 smartphone may not provide the same level of awareness and",
        "                 responsiveness as being physically present inside the car”",
        "                 instead: come within 2 m of the car, or lock it from where you",
        "                 are",
        "    ✕      0 ms  watch → su7  unlock  key-in-range (TOO_FAR)",
    ]


def test_brief_case_only_names_the_rules(story: Teller) -> None:
    """Among many alike a passing case is one line."""
    result = story.told("50 m", "expect: {second: denied, rule: key-in-range}\n    within: 5s")
    named = replace(result, case="far=50 m")
    wide = replace(result, case="x" * 60)

    assert case_lines(named, PLAIN, brief=True) == ("  ✓ pass  far=50 m  refused by key-in-range (TOO_FAR)")
    assert case_lines(wide, PLAIN, brief=True) == (
        f"  ✓ pass  {'x' * 60}\n          refused by key-in-range (TOO_FAR)"
    )
    assert case_lines(replace(named, denials=[]), PLAIN, brief=True) == "  ✓ pass  far=50 m"


def test_many_rules_are_folded(story: Teller) -> None:
    """However many rules refuse, every line fits."""
    result = story.told("50 m", "expect: {second: denied, rule: key-in-range}\n    within: 5s")
    denial = result.denials[0]
    rules = [f"a-rule-with-a-long-name-{number}" for number in range(9)]
    many = replace(result, denials=[{**denial, "decision": {**denial["decision"], "rules": rules}}])

    for brief in (True, False):
        shown = case_lines(many, PLAIN, brief=brief)
        assert all(columns_of(line) <= COLUMNS_MAX for line in shown.splitlines())
        assert all(rule in shown for rule in rules)


def test_refusal_without_a_permit_says_what_is_missing(story: Teller) -> None:
    """Where no rule permits, the clauses that did not hold are what a reader needs."""
    result = story.told("50 m", "expect: {second: denied, rule: key-in-range}\n    within: 5s")
    decision = {
        **result.denials[0]["decision"],
        "kind": "not_permitted",
        "rules": [],
        "code": None,
        "because": "",
        "article": None,
        "clauses": [
            {"rule": "household-key", "clause": "principal in Role::member"},
            {"rule": "guest-key", "clause": "the grant is valid"},
        ],
    }
    refused = replace(result, denials=[{**result.denials[0], "decision": decision}])

    lines = case_lines(refused, PLAIN, brief=False).splitlines()
    assert lines[1] == "    ∅      0 ms  watch → su7  unlock  household-key, guest-key"
    assert "                 missing: principal in Role::member (household-key)" in lines
    assert "                 missing: the grant is valid (guest-key)" in lines
    assert "article" not in "".join(lines)
    assert "because" not in "".join(lines)


def test_refusal_of_an_earlier_check_is_named_by_its_code(story: Teller) -> None:
    """Where no rule was asked, the code and the sentence say everything; nothing is called missing."""
    result = story.told("50 m", "expect: {second: denied, rule: key-in-range}\n    within: 5s")
    decision = Decision(
        "refused", (), "it came 250 ms after it had expired", layer="freshness", code="EXPIRED"
    )
    refused = replace(result, denials=[{**result.denials[0], "decision": decision.to_record()}])

    assert case_lines(refused, PLAIN, brief=False).splitlines()[1:] == [
        "    ✕      0 ms  watch → su7  unlock  EXPIRED",
        "                 it came 250 ms after it had expired",
    ]
    assert case_lines(replace(refused, case="late"), PLAIN, brief=True) == (
        "  ✓ pass  late  refused by EXPIRED"
    )


def test_two_refusals_for_different_reasons_say_both(story: Teller) -> None:
    """The same rule with another finding is another story."""
    result = story.told("50 m", "expect: {second: denied, rule: key-in-range}\n    within: 5s")
    first, second = result.denials
    failed = {**second["decision"], "code": "RANGING_FAILED", "because": "nobody answered"}

    text = case_lines(replace(result, denials=[first, {**second, "decision": failed}]), PLAIN, brief=False)

    assert text.count("because the key is too far away") == 1
    assert text.count("because nobody answered") == 1
    assert text.count("key-in-range (RANGING_FAILED)") == 1


def test_failure_shows_step_values_story_and_command(story: Teller) -> None:
    """A failure needs no second look into the file: step, values, what happened, and how to see it again."""
    result = story.told("1 m", "expect: {second: done, su7.locked: true}\n    within: 5s")
    assert result.failure is not None

    lines = failure_lines(result.failure, "carhome run story", PLAIN).splitlines()
    assert lines[0] == "    after 5 s: `su7.locked`: expected true, got false within 5 s"
    assert lines[1].endswith("story.scenario.yaml:15:5")
    assert lines[2:5] == [
        "       |",
        "    15 |   - expect: {second: done, su7.locked: true}",
        "       |     ^^^^^^",
    ]
    assert lines[5:8] == [
        "    ✓ second: expected done, got done",
        "    ✗ su7.locked: expected true, got false",
        "    what happened last:",
    ]
    assert lines[-1] == "    again: carhome run story"
    assert all(columns_of(line) <= COLUMNS_MAX for line in lines[2:])


def test_failure_of_never_marks_what_should_not_be(story: Teller) -> None:
    """What must never hold is bad when it holds, and good when it does not."""
    result = story.told("1 m", "never: {su7.locked: false, su7.boot: open}\n    for: 5s")
    assert result.failure is not None

    lines = failure_lines(result.failure, "again", PLAIN).splitlines()
    assert failure_lines(replace(result.failure, records=()), "again", PLAIN).count("what happened") == 0
    assert "must never be false, but it is false" in lines[0]
    assert "    ✗ su7.locked: expected never false, got false" in lines
    assert "    ✓ su7.boot: expected never open, got closed" in lines


def test_verdicts_are_told_by_glyph_word_and_colour(story: Teller) -> None:
    """Each verdict has a sign, a word and a colour; without colours nothing is lost."""
    result = story.told("1 m", "expect: {second: done}\n    within: 5s")

    shown = {
        verdict: case_lines(replace(result, verdict=verdict, case="c", note="why"), COLOURED, brief=True)
        for verdict in ("pass", "fail", "unknown", "skipped", "error")
    }
    assert shown == {
        "pass": "  \x1b[32m✓ pass\x1b[0m  c: why",
        "fail": "  \x1b[31m✗ fail\x1b[0m  c: why",
        "unknown": "  \x1b[33m? unknown\x1b[0m  c: why",
        "skipped": "  \x1b[33m- skipped\x1b[0m  c: why",
        "error": "  \x1b[31m! error\x1b[0m  c: why",
    }


def test_summary_counts_every_verdict_that_occurs(story: Teller) -> None:
    """The last line adds up what happened; that nothing passed is said too."""
    result = story.told("50 m", "expect: {second: denied, rule: key-in-range}\n    within: 5s")
    failed = replace(result, verdict="fail")

    both = summary_line([result, failed, failed], 1.26, PLAIN)
    none = summary_line([failed], 0.0, PLAIN)
    assert both.startswith("\n1 passed, 2 failed; 6 refusals, ")
    assert both.endswith(" messages, 0 ms simulated in 1.3 s")
    assert none.startswith("\n0 passed, 1 failed; ")


def test_words_of_a_file_cannot_reach_the_terminal(story: Teller) -> None:
    """Titles, cases, notes, remarks and what devices said are shown as text, whatever is in them."""
    evil = "\x1b[2J\u202e"
    result = story.told("1 m", "expect: {second: done, su7.locked: true}\n    within: 5s")
    assert result.failure is not None
    scenario: Scenario = replace(result.scenario, title=evil, file=evil)
    place = Place(evil, 1, 1, 1, evil)
    failure = replace(
        result.failure,
        sentence=evil,
        place=place,
        comparisons=tuple(replace(one, name=evil) for one in result.failure.comparisons),
        records=({"t": 0, "kind": evil, "cause": None, "x": evil},),
    )

    shown = [
        scenario_heading(scenario, PLAIN),
        remark_line(Remark(evil, place), PLAIN),
        case_lines(replace(result, case=evil, note=evil), PLAIN, brief=False),
        failure_lines(failure, evil, PLAIN),
    ]
    assert "\x1b" not in "".join(shown)
    assert "\u202e" not in "".join(shown)
    assert all("\\x1b[2J\\u202e" in text for text in shown)
