"""Conditions about where data go: read strictly, and held against what a run records."""

import pytest

from sim.scenario.grammar import json_schema
from tests.scenario.mistakes import Mistake, by_sentence, told
from tests.scenario.stories import HEAD, KINDS, STEPS, House, fails, load, passes, play, refusal

WHEEL = HEAD + "given: {su7: {driver: lin}, phone: {carrier: lin}}\n"
LOOK = "  - do: dash.view_camera\n    with: {camera: camera}\n    by: lin\n    as: look\n"


def story(*steps: str, always: str = "") -> str:
    """Return a file in which Lin sits in her car."""
    return WHEEL + (f"always:\n  - {always}\n" if always else "") + "steps:\n" + "".join(steps)


DEAF = """household: home
people: {lin: {role: owner}}
homes:
  home: {position: [40.0, 116.5], rooms: {hall: {volume: 30 m³, heat_loss: 10 W/K, heat_capacity: 9 kJ/K}}}
devices: {lamp: {kind: light, home: home, room: hall}}
"""


# --- what holds -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "flows",
    [
        "{kind: camera_frame}",
        "{kind: camera_frame, from: camera, to: dash}",
        "{kind: camera_frame, to: dashboard}",
        "{kind: camera_frame, to: any dashboard}",
        "{kind: camera_frame, to: [mei_phone, dash]}",
        "{kind: camera_frame, not_to: [phone, mei]}",
        "{kind: camera_frame, from: camera, since: look}",
        "[{kind: camera_frame, to: dash}, {kind: location, to: mei}]",
    ],
)
def test_flow_that_happened_is_found(flows: str) -> None:
    """By device, kind of device or person, one or several of them, or anybody but some."""
    passes(story(LOOK, f"  - expect: {{look: done, flows: {flows}}}\n    within: 4s\n"))


@pytest.mark.parametrize(
    "flows",
    [
        "{kind: camera_frame, to: [phone, mei]}",
        "{kind: camera_frame, from: dash}",
        "{kind: camera_frame, not_to: dash}",
        "{kind: clipboard}",
        "{kind: location, since: look}",
        "{kind: location, from: lin, to: lin, since: look}",
    ],
)
def test_flow_that_never_happened_is_not(flows: str) -> None:
    """The same words the other way round: the car's place was told before the look, not since."""
    steps = (LOOK, "  - advance: 5s\n", f"  - never: {{flows: {flows}}}\n    for: 1m\n")
    passes(story(*steps))
    assert fails(story(*steps[:2], f"  - expect: {{flows: {flows}}}\n"))


def test_expected_flow_is_waited_for_until_its_time_is_up() -> None:
    """The failure says what was expected, and that there was none."""
    sentence, line, at_ms = fails(
        story("  - expect: {flows: {kind: camera_frame, to: dash}}\n    within: 3s\n")
    )

    assert sentence == "`flows`: expected camera_frame to dash, got none so far within 3 s"
    assert (line, at_ms) == (5, 3_000)


def test_flow_that_must_never_be_is_told_with_its_way() -> None:
    """Over the whole run, at the instant at which it happens; and the record has line and condition."""
    always = "never: {flows: {kind: camera_frame, from: camera, to: dash}}"
    result = play(story(LOOK, "  - advance: 1m\n", always=always))

    assert result.failure is not None
    assert result.failure.sentence == (
        "`flows` must never be camera_frame from camera to dash, but it is camera → dash by answer to "
        f"snapshot after {result.failure.at_ms} ms"
    )
    failed = result.records[-1]["failed"]
    assert (failed["line"], failed["source"]) == (5, f"  - {always}")
    assert [(one["name"], one["holds"]) for one in failed["conditions"]] == [("flows", True)]


def test_flow_that_must_never_be_in_a_step_fails_within_its_time() -> None:
    """A `never` that lasts is looked at when somebody only hears something."""
    steps = ("  - do: lin.drives\n    with: {car: su7, speed: 60 km/h, to: office}\n    as: off\n",)
    never = "  - never: {flows: {kind: location, to: mei, since: off}}\n    for: 10m\n"
    sentence, _, at_ms = fails(story(*steps, never))

    assert sentence.startswith("`flows` must never be location to mei since off, but it is su7 → mei_phone")
    assert 0 < at_ms < 600_000


def test_always_expected_flow_holds_from_the_beginning() -> None:
    """What the car told as it connected is there before the first step."""
    passes(story(LOOK, always="expect: {flows: {kind: location, to: mei}}"))


def test_time_passes_until_something_flows() -> None:
    """`until` takes flows too, and ends at their instant."""
    drive = "  - do: lin.drives\n    with: {car: su7, speed: 60 km/h, to: office}\n    as: off\n"
    until = "  - advance: {until: {flows: {kind: location, to: phone, since: off}}}\n"
    result = passes(story(drive, until))

    flow = next(one for one in result.records if one["kind"] == "flow" and one["t"] > 0)
    assert result.simulated_ms == flow["t"]


def test_sentence_flows_from_who_says_it_to_the_microphone_and_to_what_it_asks() -> None:
    """By person or `stranger`; nobody else gets it, and a device that is down hears nothing."""
    say = "  - say: Hey Xiaomi, lock the car\n    by: {}\n    from: {}\n"
    heard = "  - expect: {{flows: {{kind: voice, from: {}, to: {}}}}}\n    within: 2s\n"
    passes(story(say.format("lin", "dash"), heard.format("lin", "dash"), heard.format("dash", "[su7, dash]")))
    passes(story(say.format("stranger", "outside dash"), heard.format("stranger", "dashboard")))
    never = "  - never: {flows: {kind: voice, to: mei}}\n    for: 10s\n"
    passes(story(say.format("lin", "dash"), never))
    down = "  - fault: {crash: dash, for: 1m}\n"
    passes(story(down, say.format("lin", "dash"), "  - never: {flows: {kind: voice}}\n    for: 10s\n"))


def test_planted_leak_fails_the_never_over_the_whole_run() -> None:
    """What was delivered long before the end is not forgotten; a later subscriber counts too."""
    always = "never: {flows: {kind: location, to: mei_phone}}"
    result = play(story("  - fault: {crash: mei_phone, for: 2m}\n", "  - advance: 5m\n", always=always))

    assert result.failure is not None
    assert "`flows` must never be location to mei_phone" in result.failure.sentence


def test_sentence_can_be_what_a_flow_counts_from() -> None:
    """What somebody says is named by `as` like any act, once, though it is named again when understood."""
    say = "  - say: Hey Xiaomi, lock the car\n    by: lin\n    from: dash\n    as: said\n"
    passes(story(say, "  - never: {flows: {kind: camera_frame, since: said}}\n"))


# --- what cannot be -------------------------------------------------------------------------------

MISTAKES: list[Mistake] = [
    ("  - expect: {flows: {}}\n", "SC102", 4, 14, "key `kind` is missing in `flows`"),
    ("  - expect: {flows: {kind: locaton}}\n", "SC103", 4, 28, ""),
    ("  - expect: {flows: {kind: location, too: dash}}\n", "SC101", 4, 38, "unknown key `too`"),
    (
        "  - expect: {flows: {kind: location, to: dahs}}\n",
        "SC201",
        4,
        42,
        "`dahs` is no device, kind of device or person of this household",
    ),
    (
        "  - expect: {flows: {kind: location, to: [dash, any tv]}}\n",
        "SC201",
        4,
        49,
        "`any tv` is no device, kind of device or person of this household",
    ),
    (
        "  - expect: {flows: {kind: location, to: []}}\n",
        "SC103",
        4,
        42,
        "`to` is a list of 0, expected text or at least 1",
    ),
    (
        "  - expect: {flows: {kind: location, to: dash, not_to: phone}}\n",
        "SC204",
        4,
        48,
        "`to` and `not_to` do not go together",
    ),
    (
        "  - expect: {flows: {kind: location, since: later}}\n",
        "SC201",
        4,
        45,
        "`later` is no act that was named by `as` before",
    ),
    (
        "  - do: phone.unlock\n    with: {car: su7}\n    as: flows\n",
        "SC202",
        6,
        9,
        "`flows` already means something else in a condition",
    ),
]


@pytest.mark.parametrize("mistake", MISTAKES, ids=by_sentence(MISTAKES))
def test_mistake_is_told_at_its_place(mistake: Mistake) -> None:
    """One sentence, at the word that is wrong."""
    text, code, line, column, sentence = mistake
    found = told(STEPS + text)

    assert found[1:4] == (code, line, column)
    assert found[4] == sentence or (not sentence and "locaton" in found[4])


def test_sort_and_name_that_are_nearly_right_are_suggested() -> None:
    """The help names what was meant."""
    assert "location" in str(refusal(STEPS + "  - expect: {flows: {kind: locaton}}\n").help_text)
    assert "dash" in str(refusal(STEPS + "  - expect: {flows: {kind: location, to: dahs}}\n").help_text)


def test_what_always_holds_has_no_beginning() -> None:
    """`since` is about a part of the run."""
    text = story(LOOK, always="never: {flows: {kind: location, since: look}}")

    assert refusal(text).sentence == (
        "what always holds is about the whole run, and `since` about a part of it"
    )


def test_datum_that_nobody_declares_is_remarked() -> None:
    """A `never` about what nothing in the household carries could not fail."""
    deaf = House("wang", DEAF, KINDS)
    text = STEPS + "  - never: {flows: {kind: voice}}\n"

    assert [one.sentence for one in load(text, deaf).remarks] == [
        "nothing in this household is declared to carry `voice`, so it never flows"
    ]
    assert not load(STEPS + "  - never: {flows: {kind: voice}}\n").remarks
    assert not load(STEPS + "  - never: {flows: {kind: camera_frame}}\n").remarks


def test_schema_for_editors_knows_the_words() -> None:
    """In every place where conditions stand."""
    schema = json_schema()

    assert "'camera_frame'" in str(schema["definitions"]["FlowShape"]["properties"]["kind"])
    assert str(schema).count("'#/definitions/FlowShape'") == 2 * 5
