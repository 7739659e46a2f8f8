"""Nothing is learned from, or advertised to, whoever has not consented: every byte is searched for it.

The same day is played with consent and without. With it, what was observed and used must be found, in what
crosses the link, in the records, in the file that the command writes and in what devices keep; without, in
none of them; and once the consent is withdrawn, in nothing that is kept.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sim.core.messages import dump_json
from sim.scenario.run import CaseResult, perform
from sim.shell.files import Shelf
from sim.world.network.link import Publish, Round
from sim.world.stage import Cast, Stage
from tests.scenario.stories import KINDS, load
from tests.shell.carhome import PROJECT, carhome

SIGNS = (
    b"dash-habit-1",
    b"phone-habit-1",
    b"watch-habit-1",
    b"learn_habit",
    b"cabin_temperature",
    b"home_temperature",
    b"use_for_advertising",
)
"""What names an observation, or that something was used."""

CONSENT = """\
  - {do: phone.consent, with: {use: learning}}
  - {do: phone.consent, with: {use: advertising}}
  - expect: {cloud.learning_from: lin, cloud.advertising_to: lin}
    within: 2s
"""
DAY = """\
  - {do: dash.set_cabin, by: lin, with: {car: su7, target: 23.5 °C}}
  - {do: phone.set_climate, with: {device: heater, mode: heat, target: 22 °C}}
  - {do: watch.set_climate, with: {device: heater, mode: heat, target: 21 °C}}
  - {do: phone.plays, with: {session: music, title: A song}}
  - {do: lin.drives, with: {car: su7, speed: 30 km/h}}
  - advance: 5m
  - {do: lin.parks, with: {car: su7}}
  - fault: {crash: phone, for: 1m}
  - fault: {crash: dash, for: 1m}
  - fault: {crash: cloud, for: 1m}
  - advance: 5m
"""
WITHDRAWAL = """\
  - {do: phone.consent, with: {use: learning, granted: false}}
  - {do: phone.consent, with: {use: advertising, granted: false}}
  - expect: {cloud.learning_from: none, cloud.advertising_to: none}
    within: 2s
"""


def story(*steps: str) -> str:
    """Return a scenario of Lin's day."""
    return (
        "scenario: A day of Lin's\n"
        "household:\n"
        "  extends: wang\n"
        "  devices:\n"
        "    cloud: {kind: cloud, advertisements: {media: Films}}\n"
        "    wallet: {kind: pay, owner: lin, merchants: [gate]}\n"
        "given:\n"
        "  su7: {locked: false, gear: P, driver: lin}\n"
        "  phone: {carrier: lin}\n"
        "  watch: {on_wrist: true, wearer: lin}\n"
        "  lin: {in: su7}\n"
        f"steps:\n{''.join(steps)}  - expect: {{su7.gear: P}}\n"
    )


def played(text: str) -> tuple[CaseResult, bytes, Stage]:
    """Return what becomes of a story, every byte that crossed the link, and the stage at the end."""
    scenario = load(text)
    cast = Cast(scenario.household, KINDS, Shelf().policy(scenario.household), scenario.seed)
    performance: Any = perform(scenario, scenario.cases[0], cast)
    crossed: list[bytes] = []
    asked = next(performance)
    while True:
        frame = performance.gi_frame
        stage = getattr(frame.f_locals.get("self"), "_stage", None) if frame else None
        if stage is not None:
            last: Stage = stage
        if isinstance(asked, Round):
            for one in asked.operations:
                if isinstance(one, Publish):
                    crossed += [one.frame.topic.encode(), one.frame.payload]
        try:
            asked = performance.send(asked.expected if isinstance(asked, Round) else ())
        except StopIteration as end:
            result: CaseResult = end.value
            assert result.verdict == "pass", result.failure or result.note
            return result, b"\n".join(crossed), last


def kept(stage: Stage) -> bytes:
    """Return what every device would find in its flash, and on its disk if it has one."""
    flash = [repr(node.device.kept()) for node in stage.nodes.values()]
    disks = [repr(stage.storages.found(name)) for name in stage.nodes]
    assert sum(disk != "{}" for disk in disks) == 2  # the car's and the wallet's
    return "\n".join((*flash, *disks)).encode()


def found(said: bytes, signs: tuple[bytes, ...] = SIGNS) -> Iterator[bytes]:
    """Yield the signs that stand in some bytes."""
    return (sign for sign in signs if sign in said)


def test_with_consent_the_search_finds_what_was_learned_and_used() -> None:
    """So it would find it without, too."""
    result, crossed, stage = played(story(CONSENT, DAY))
    records = b"\n".join(dump_json(record) for record in result.records)

    assert set(found(records)) == set(SIGNS)
    assert {b"learn_habit", b"use_for_advertising"} <= set(found(crossed))
    learned = {b"dash-habit-1", b"phone-habit-1", b"watch-habit-1", b"cabin_temperature", b"home_temperature"}
    assert learned <= set(found(kept(stage)))
    assert b"Used(" in kept(stage)


def test_without_consent_there_is_nothing_anywhere() -> None:
    """Not in a message, a record, or in what any device keeps: the cloud does not know her name."""
    result, crossed, stage = played(story(DAY))
    records = b"\n".join(dump_json(record) for record in result.records)

    assert len(result.records) > 200
    assert list(found(b"\n".join((crossed, records, kept(stage))))) == []
    assert stage.nodes["cloud"].device.kept()["data_use"] == {"people": {}, "resets": 0}


def test_with_the_consent_everything_that_is_kept_goes() -> None:
    """In the cloud, and in what waited at devices; what comes after leaves no trace."""
    _, _, stage = played(story(CONSENT, DAY, WITHDRAWAL, DAY))

    assert list(found(kept(stage))) == []
    assert stage.nodes["cloud"].device.kept()["data_use"] == {"people": {}, "resets": 0}


@pytest.mark.parametrize("consents", [True, False])
def test_the_files_that_a_run_writes_have_it_only_with_consent(tmp_path: Path, consents: bool) -> None:  # noqa: FBT001  # a column
    """The recording, the books of the household, and what is printed: every file that is there afterwards."""
    (tmp_path / "day.scenario.yaml").write_text(story(CONSENT * consents, DAY), encoding="utf-8")
    (tmp_path / "households").mkdir()
    wang = (PROJECT / "households" / "wang.household.yaml").read_text(encoding="utf-8")
    (tmp_path / "households" / "wang.household.yaml").write_text(wang, encoding="utf-8")

    ended = carhome(
        tmp_path,
        "run",
        "day.scenario.yaml",
        "--broker",
        "memory",
        "--record",
        "a.ndjson",
        "--ledger",
        "books.sqlite",
    )

    assert ended.code == 0, ended.err + ended.out
    assert (tmp_path / "books.sqlite").read_bytes().startswith(b"SQLite format 3")
    read = {"day.scenario.yaml", "wang.household.yaml"}
    written = b"".join(
        path.read_bytes() for path in sorted(tmp_path.rglob("*")) if path.is_file() and path.name not in read
    )
    assert len(written) > 100_000
    assert set(found(written)) == (set(SIGNS) if consents else set())
    assert list(found((ended.out + ended.err).encode())) == []
