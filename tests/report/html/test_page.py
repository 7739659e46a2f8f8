"""The page: one file that needs nothing, says what happened, and obeys nothing that is in a record."""

import base64
import re
from hashlib import sha256
from typing import Any

import pytest

from sim.core.errors import RecordingError
from sim.report.html import page
from sim.report.html.chapters import chapters
from sim.report.html.findings import DECISIONS_MAX, decisions, failure, flows
from sim.report.html.page import IN_FULL_MAX
from sim.report.html.sequence import LANES_MAX, ROWS_MAX, Row, rows, sequence
from sim.report.html.series import PLOTS_MAX
from sim.report.html.style import SHEET
from sim.world.trace import Record
from tests.report.html.records import DENIED, PERMITTED, Tape
from tests.report.html.test_markup import HOSTILE, read
from tests.scenario.stories import STEPS, play

FAILED = {
    "line": 12,
    "column": 5,
    "length": 6,
    "source": "  - expect: {su7.locked: true}",
    "conditions": [{"name": "su7.locked", "expected": "true", "actual": "false", "holds": False}],
}


def text_of(markup: str | None) -> str:
    """Return what is read in markup."""
    assert markup is not None
    return read(markup).text


# --- one file, and nothing else -------------------------------------------------------------------


def test_page_has_no_script_and_asks_for_nothing() -> None:
    """Only links into itself, and a policy that allows its own style sheet, by its hash."""
    html = page(Tape().command(1, "phone", "su7", "lock").ended(5))
    reader = read(html)

    tags = {tag for tag, _ in reader.tags}
    assert not tags & {"script", "link", "img", "iframe", "object", "form", "base", "use", "image"}
    assert all(not re.search("^on|^style$|src", name) for _, them in reader.tags for name in them)
    assert [them["href"] for tag, them in reader.tags if tag == "a"] == ["#case-1"]
    sheet = re.search("<style>(.*?)</style>", html, re.DOTALL)
    assert sheet is not None
    digest = base64.b64encode(sha256(sheet[1].encode()).digest()).decode()
    policy = next(them["content"] for tag, them in reader.tags if them.get("http-equiv"))
    assert policy is not None
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}';")
    assert not re.search(r"url\(|@import|https?:", html)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_stay_text_wherever_they_stand(text: str) -> None:
    """Device, action, reason, value, file, line: none of them becomes an element."""
    tape = Tape(scenario=text, file=text, case=text, household=text)
    tape.command(1, "phone", "su7", "lock").add(2, "step", line=1, text=text)
    tape.add(3, "change", device=text, changes={text: text}).add(
        3, "spoken", device=text, command="c", text=text
    )
    tape.decision(
        4, {**DENIED, "reason": text, "quote": text}, device=text, action=text, sender=text, by=text
    )
    tape.add(4, "fault", fault=text, device=text, broken=True)
    tape.flow(5, text, text, text).believed(5, text, text, {}, range_m=1.0)
    tape.believed(6, text, text, {}, range_m=2.0)
    condition = {"name": text, "expected": text, "actual": text, "holds": False}
    failed = {**FAILED, "source": text, "conditions": [condition]}

    known = {tag for tag, _ in read(page(tape.ended(9, "fail", text, failed=failed))).tags}

    assert not known & {"script", "b"}
    plain = {tag for tag, _ in read(page(_everything())).tags}
    assert known <= plain


def _everything() -> list[Record]:
    tape = Tape().command(1, "phone", "su7", "lock").add(2, "step", line=1, text="a")
    tape.add(3, "change", device="su7", changes={"locked": True}).decision(4, DENIED)
    tape.flow(5, "location", "su7", "phone").believed(5, "phone", "su7", {}, range_m=1.0)
    tape.believed(6, "phone", "su7", {}, range_m=2.0)
    return tape.ended(9, "fail", "no", failed=FAILED)


def test_same_records_give_the_same_bytes() -> None:
    """No clock and no chance is in it."""
    assert page(_everything()) == page(_everything())


def test_private_words_are_masked_in_a_report_too() -> None:
    """The failing line is the one that says them; its record has the mask in their place."""
    word = "swordfish"
    failing = f"  - do: phone.copy\n    with: {{text: {word}}}\n  - expect: {{phone.clipboard: empty}}\n"
    impossible = f"  - do: phone.copy\n    with: {{text: {word}, secret: true}}\n    as: copied\n"
    for steps in (failing, impossible + "  - expect: {copied: denied}\n"):
        html = page(play(STEPS + steps).records)
        assert "✗ fail" in html
        assert word not in html


# --- cases ----------------------------------------------------------------------------------------


def test_cases_are_listed_with_their_verdicts_and_failed_ones_are_open() -> None:
    """Everything has its word beside its glyph; a recording that breaks off is told as unfinished."""
    records = [
        *Tape(case="first").ended(1_000),
        *Tape(case="second").ended(1_000, "fail", "it did not hold", failed=FAILED),
        *Tape(case="third").ended(0, "skipped", "the link cannot show this"),
        *Tape(case="fourth").command(1, "phone", "su7", "lock").records,
    ]
    html = page(records)
    reader = read(html)

    opened = [them["id"] for tag, them in reader.tags if tag == "details" and "open" in them]
    assert opened == ["case-2", "case-4"]
    assert "1 passed, 1 failed, 1 skipped, 1 unfinished" in reader.text
    for word in ("✓ pass", "✗ fail", "- skipped", "… unfinished", "the link cannot show this", "(second)"):
        assert word in reader.text


def test_a_case_that_is_alone_is_open() -> None:
    """Who asks for one scenario wants to see it."""
    reader = read(page(Tape().ended(1_000)))

    assert [them["id"] for tag, them in reader.tags if tag == "details" and "open" in them] == ["case-1"]


def test_many_cases_are_told_in_the_table_only_but_never_a_failed_one() -> None:
    """What failed is told in full, wherever it stands."""
    records = [record for _ in range(IN_FULL_MAX + 5) for record in Tape().ended(1)]
    records += Tape().ended(1, "fail", "no", failed=FAILED)
    html = page(records)

    assert html.count("<details") == IN_FULL_MAX
    assert f'id="case-{IN_FULL_MAX + 6}"' in html
    assert f"6 cases of {IN_FULL_MAX + 6} told in the table only." in read(html).text


def test_failure_shows_line_conditions_and_what_happened_last() -> None:
    """The line of the scenario with its mark, expected beside what was."""
    tape = Tape().add(1, "change", device="su7", changes={"locked": False})
    markup = failure(chapters(tape.ended(5, "fail", "`su7.locked`: expected true", failed=FAILED))[0])

    assert markup is not None
    assert "<mark>expect</mark>" in markup
    for words in (
        "a.scenario.yaml:12:5",
        "`su7.locked`: expected true",
        "does not hold",
        "su7 is now locked",
    ):
        assert words in text_of(markup)


def test_error_has_no_line_and_a_pass_no_failure() -> None:
    """A broker that went away is nobody's line; and conditions may be none."""
    error = failure(chapters(Tape().ended(5, "error", "the broker is gone"))[0])
    restless = failure(chapters(Tape().ended(5, "fail", "no", failed={**FAILED, "conditions": []}))[0])

    assert "the broker is gone" in text_of(error)
    assert restless is not None
    assert "<table" not in restless
    assert failure(chapters(Tape().ended(5))[0]) is None
    assert failure(chapters(Tape().records)[0]) is None


def test_decisions_are_listed_refusals_first_with_their_reasons() -> None:
    """Of a refusal: clause, article and what is allowed instead; of a permission the reason only."""
    markup = decisions(chapters(Tape().decision(1, PERMITTED, by=None).decision(2, DENIED).ended(3))[0])
    told = text_of(markup)

    assert told.index("✕ forbidden") < told.index("✓ permitted")
    for words in (
        "no-remote-driving",
        "because it is far away",
        "missing: near",
        "article 000: “full",
        "instead: get in",
    ):
        assert words in told
    assert "nothing else" not in told
    assert "phone (lin) → su7" in told
    assert "2 decisions, 1 refused." in told
    assert decisions(chapters(Tape().ended(1))[0]) is None


def test_too_many_decisions_are_counted() -> None:
    """The list is bounded, and says by how much."""
    tape = Tape()
    for t in range(DECISIONS_MAX + 3):
        tape.decision(t, {**PERMITTED, "kind": "new", "article": None, "because": "", "instead": None})

    assert f"{DECISIONS_MAX + 3} decisions, 0 refused; 3 not listed." in text_of(
        decisions(chapters(tape.ended(5_000))[0])
    )


def test_refusal_without_an_article_says_only_why() -> None:
    """Neither quote nor anything else is invented."""
    bare = {**DENIED, "article": None, "instead": None, "because": "", "clauses": []}
    told = text_of(decisions(chapters(Tape().decision(1, bare).ended(2))[0]))

    assert str(DENIED["reason"]) in told
    assert "article" not in told
    assert "instead" not in told


def test_flows_are_counted_by_datum_source_and_reader() -> None:
    """First and last, in which messages, and sealed only when all were."""
    tape = Tape().flow(1_000, "location", "su7", "phone").flow(9_000, "location", "su7", "phone")
    tape.flow(2_000, "clipboard_secret", "phone", "dash", sealed=True)
    told = text_of(flows(chapters(tape.ended(9_000))[0]))

    assert "clipboard secretphonedash12 s – 2 sstate locationsealed" in told
    assert "locationsu7phone21 s – 9 sstate locationopen" in told
    assert flows(chapters(Tape().ended(1))[0]) is None


def test_plots_are_bounded() -> None:
    """A case has so many at most, and says how many are left out."""
    tape = Tape()
    for number in range(PLOTS_MAX + 2):
        tape.true(0, f"d{number}", cabin_c=1.0).true(1, f"d{number}", cabin_c=2.0)
    html = page(tape.ended(5))

    assert html.count("<figure") == PLOTS_MAX
    assert "2 more are not drawn." in html


# --- the sequence ---------------------------------------------------------------------------------


def test_rows_tell_commands_refusals_and_what_happens_to_devices() -> None:
    """Reports of devices about themselves are no rows, and neither is what was permitted."""
    tape = Tape().add(0, "step", line=3, text="- do: phone.lock").command(1, "phone", "su7", "lock")
    tape.answer(2, "su7", "phone", "done").state(2, "su7").decision(3, PERMITTED).decision(3, DENIED)
    tape.decision(3, {**DENIED, "kind": "new"}).add(4, "lost", device="su7", topic="t", direction="out")
    tape.add(5, "fault", fault="partition", device="su7", broken=True)
    tape.add(6, "fault", fault="partition", device="su7", broken=False)
    tape.add(7, "connection", device="su7", state="lost", will_to=[])
    tape.add(7, "connection", device="su7", state="connected")
    tape.add(8, "spoken", device="dash", command="c", text="Done.")
    tape.add(9, "change", device="su7", changes={"locked": True, "gear": "P"})
    tape.add(9, "message", device="mallory", topic="elsewhere", to=[], raw="AA==")
    found = rows(chapters(tape.ended(10))[0])

    assert [(row.kind, row.label, row.at, row.to) for row in found] == [
        ("step", "- do: phone.lock", "", ""),
        ("message", "lock", "phone", "su7"),
        ("message", "done", "su7", "phone"),
        ("refusal", "✕ no-remote-driving", "su7", ""),
        ("refusal", "✕ no-remote-driving", "su7", ""),
        ("lost", "lost", "su7", ""),
        ("note", "partition breaks", "su7", ""),
        ("note", "partition is mended", "su7", ""),
        ("note", "is given up", "su7", ""),
        ("note", "“Done.”", "dash", ""),
        ("note", "locked true, gear P", "su7", ""),
    ]
    assert isinstance(found[0], Row)


def test_numbers_have_their_unit_and_what_goes_on_changing_is_folded() -> None:
    """The first and the last of a stretch stay; switching, and what a step parts, is told one by one."""
    tape = Tape()
    for t in range(43):
        tape.add(t, "change", device="heater", changes={"heat_w": 3865.6199999999994 + t})
        tape.add(t, "change", device="su7", changes={"locked": t % 2 == 0}) if t == 20 else None
        tape.add(t, "change", device="fan", changes={"flow_m3_per_h": 10.0 * t})
    chapter = chapters(tape.ended(50))[0]
    found = rows(chapter)

    heater = [row for row in found if row.at == "heater"]
    assert [row.label for row in heater] == [
        "heat 3.866 kW",
        "… 19 more reports of heat_w",
        "heat 3.886 kW",
        "heat 3.887 kW",
        "… 20 more reports of heat_w",
        "heat 3.908 kW",
    ]
    assert heater[1].title == "19 reports until 19 ms: from heat 3.867 kW to heat 3.885 kW"
    assert [row.label for row in found if row.at == "su7"] == ["locked true"]
    told = text_of(sequence(chapter))
    assert "74 reports folded into others of the same facet." in told
    assert tape.records[1]["changes"] == {"heat_w": 3865.6199999999994}


def test_label_of_a_card_does_not_print_over_the_next() -> None:
    """At 400 pixels "who asked whom" takes two lines: the cell is as high as its label."""
    assert 'td:after{content:"";display:block;clear:both}' in SHEET


def test_arrows_point_from_lane_to_lane() -> None:
    """To the right and back; each row has a title with everything."""
    chapter = chapters(Tape().command(1, "phone", "su7", "lock").answer(2, "su7", "phone", "done").ended(3))[
        0
    ]
    drawn = sequence(chapter)

    assert '<line class="message" x1="150" x2="282"' in drawn
    assert '<line class="message" x1="282" x2="150"' in drawn
    assert "phone → su7/cmd/phone/lock" in drawn
    assert "0 reports of devices about themselves left out." in text_of(drawn)


def test_long_case_is_cut_and_says_so() -> None:
    """Rows and lanes are bounded; whoever has no lane takes their rows along."""
    tape = Tape()
    for number in range(LANES_MAX + 2):
        tape.add(0, "change", device=f"d{number}", changes={"on": True})
    for t in range(ROWS_MAX):
        tape.state(t, "d0").command(t, "d0", "d1", "lock")
    told = text_of(sequence(chapters(tape.ended(5))[0]))

    assert f"{ROWS_MAX} reports of devices about themselves left out, 2 devices without a lane" in told
    assert f"{LANES_MAX + 2} rows not drawn of {ROWS_MAX + LANES_MAX + 2}" in told


# --- what is no recording -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("records", "sentence"),
    [
        ([], "the recording is empty"),
        ([{"n": 1, "t": 0, "kind": "step"}], "the recording does not begin with a run"),
        ([{"n": 1, "t": 0.5, "kind": "run"}], "record 1 has no `n`, `t` and `kind`"),
        ([{"n": True, "t": 0, "kind": "run"}], "record 1 has no `n`, `t` and `kind`"),
        ([{"n": 1, "t": 0, "kind": 5}], "record 1 has no `n`, `t` and `kind`"),
        (["run"], "record 1 has no `n`, `t` and `kind`"),
        ([{"n": 1, "t": 0, "kind": "run"}], "a record does not say what a report needs: KeyError: 'case'"),
    ],
)
def test_what_is_no_recording_is_refused_in_one_sentence(records: list[Any], sentence: str) -> None:
    """And told how to get one."""
    with pytest.raises(RecordingError) as caught:
        page(records)

    assert caught.value.sentence == sentence
    assert "carhome run --record" in str(caught.value.help_text)


def test_record_of_another_version_is_refused() -> None:
    """A value of another sort is the user's to mend, and no bug of the report."""
    with pytest.raises(RecordingError, match="does not say what a report needs"):
        page(Tape().add(1, "truth", device="su7", facts=[1, 2]).ended(2))
