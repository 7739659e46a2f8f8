"""Recorded decisions are the requests they were: asked again, the engine says the same."""

from collections.abc import Sequence
from typing import Any

import pytest

from sim.analysis.question import Uid, ask
from sim.analysis.recorded import Record, Recorded, recorded_decisions
from sim.core.errors import RecordingError
from sim.scenario.run import perform
from sim.shell.files import Shelf, find_scenarios
from sim.shell.playing import play_in_memory
from sim.world.stage import Cast
from tests.recordings import FILES, Recordings

SHELF = Shelf()


def recording(path: str) -> list[Record]:
    """Return the records of a scenario's cases, one run after the other."""
    records: list[Record] = []
    scenario = SHELF.scenario(find_scenarios([path])[0])
    for case in scenario.cases:
        cast = Cast(scenario.household, SHELF.kinds, SHELF.policy(scenario.household), scenario.seed)
        records += play_in_memory(perform(scenario, case, cast)).records
    return records


def decisions(records: Sequence[Record]) -> list[Recorded]:
    """Return the decisions in some records."""
    return list(recorded_decisions(records, SHELF.kinds, SHELF.rules))


@pytest.mark.parametrize("path", FILES)
def test_every_recorded_decision_is_made_again(recordings: Recordings, path: str) -> None:
    """Of every decision of every shipped scenario, the recording holds all that it rests on."""
    for one in decisions(recordings.records(path)):
        assert one.question is not None
        if one.decision["kind"] == "refused":
            assert one.decision["layer"] in {"rate", "freshness"}
            continue
        verdict = ask(SHELF.rules.policies, SHELF.rules.schema, one.question)
        assert verdict.allowed == one.decision["allowed"]
        assert set(verdict.rules) == set(one.decision["rules"])


def test_question_names_who_asked_what() -> None:
    """A decision of a recording says whose it was, of which case, and what the rules were told."""
    (first, *_) = decisions(recording("scenarios/digital-key/courier.scenario.yaml"))

    assert first.file == "scenarios/digital-key/courier.scenario.yaml"
    assert first.question is not None
    assert first.question.resource.type in {"Phone", "Car"}
    assert first.question.principal == Uid("Person", "lin")
    assert first.question.context["sender"] == {"__entity": {"type": "Device", "id": "phone"}}


def test_what_an_earlier_check_refused_says_what_the_rules_would_have_been_asked() -> None:
    """A flood is refused before anybody asks the rules; had the check held, this is what they had seen."""
    flooded = [
        one
        for one in decisions(recording("scenarios/attacks/noisy-neighbour.scenario.yaml"))
        if one.decision["layer"] == "rate"
    ]

    assert [one.decision["kind"] for one in flooded] == ["refused"] * len(flooded) != []
    for one in flooded:
        assert one.question is not None
        assert one.question.context["authenticated"]
        assert one.question.context["fresh"]


def altered(record: Record, name: str, value: Any) -> Record:
    """Return a record with another value, or without it."""
    rest = {key: one for key, one in record.items() if key != name}
    return rest if value is None else {**rest, name: value}


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        ("run", "people", None),
        ("run", "devices", None),
        ("decision", "request", {}),
        ("decision", "device", None),
        ("decision", "device", "nobody"),
        ("decision", "decision", "denied"),
        ("decision", "decision", {"kind": "forbidden"}),
        ("decision", "sender", True),
        ("decision", "t", None),
        ("run", "people", []),
        ("run", "people", {"lin": ""}),
        ("run", "people", {}),
        ("run", "devices", {"su7": {"kind": "car", "owner": [], "enrolled": True}}),
        ("run", "devices", {"su7": {"kind": "spoon", "owner": None, "enrolled": True}}),
        ("run", "file", float("nan")),
        ("run", "household", "\ud800"),
    ],
)
def test_recording_of_another_version_is_refused(kind: str, name: str, value: Any) -> None:
    """A recording that does not say what its decisions rest on is refused with the record's number."""
    records = recording("scenarios/watch-key/off-wrist.scenario.yaml")
    old = [altered(one, name, value) if one["kind"] == kind else one for one in records]

    with pytest.raises(RecordingError, match="does not say what a decision rests on") as refused:
        decisions(old)

    assert refused.value.help_text == "record the run again with this version of carhome"


def test_decision_without_a_run_has_no_question() -> None:
    """A piece cut out of a recording names its decisions, which cannot be asked again."""
    records = [
        one for one in recording("scenarios/watch-key/off-wrist.scenario.yaml") if one["kind"] != "run"
    ]

    assert {one.question for one in decisions(records)} == {None}
