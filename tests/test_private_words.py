"""No private word is in a topic, a recording or a report: markers are planted, and every byte is searched.

The markers stand where people are private: in a copied secret and a copied text, in who wrote and what, in
the name of a file, in what plays and in a row of cases. They must reach the devices, which the stories assert
by what those report, and nothing else.
"""

import asyncio
import base64
import json
import urllib.parse
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sim.core.messages import dump_json
from sim.core.topics import ROOT
from sim.report.chronicle import chronicle_line
from sim.report.console import case_lines, failure_lines
from sim.report.diagnostic import render
from sim.report.style import style_for
from sim.scenario.run import CaseResult, perform
from sim.shell.brokers import open_broker
from sim.shell.brokers.accounts import OBSERVER
from sim.shell.brokers.mqtt_client import plain_client
from sim.shell.brokers.mqtt_link import MqttLink
from sim.shell.files import Shelf
from sim.shell.playing import play
from sim.world.network.link import LinkPlan, Publish, Round
from sim.world.network.permissions import grants
from sim.world.stage import Cast
from tests.scenario.stories import HEAD, KINDS, load, refusal
from tests.shell.carhome import PROJECT, carhome

MARKERS = {
    "copied secret": "Quokka7131-keeps-this-to-herself",
    "copied text": "Wombat7132-keeps-this-to-herself “in quotes” \\ 夜曲",
    "sender": "Numbat7133-keeps-this-to-herself",
    "body": "Bilby7134-keeps-this-to-herself line",
    "app": "Potoroo7135-keeps-it-to-itself",
    "file name": "Bettong7136-keeps-this-to-herself.jpg",
    "title": "Dunnart7137-keeps-this-to-herself",
    "call": "Quoll7138-keeps-this-to-herself",
    "row": "Kowari7139-keeps-this-to-herself",
    "copied in the car": "Kultarr7140-keeps-this-to-herself",
}

SECONDS_MAX = 120
"""A bound for a broker that is broken, never reached by a sound one."""

STORY = f"""\
scenario: Private words reach the devices, and nothing else
tags: [M06]
household: {{extends: wang, devices: {{tablet: {{kind: tablet, owner: lin}}}}}}
given:
  su7: {{locked: false, gear: P, driver: lin}}
  phone: {{carrier: lin}}
  mei_phone: {{carrier: mei}}
  lin: {{in: su7}}
cases:
  - {{words: {MARKERS["row"]}}}
steps:
  - {{do: phone.copy, with: {{text: {json.dumps(MARKERS["copied text"])}}}, as: copied}}
  - expect: {{copied: done, dash.clipboard: text, tablet.clipboard: text}}
    within: 2s
  - do: phone.copy
    with: {{text: {MARKERS["copied secret"]}, secret: true}}
  - do: phone.paste
  - expect: {{phone.clipboard: secret, dash.clipboard: empty}}
    within: 2s
  - do: phone.copy
    with: {{text: "it is $words"}}
  - do: dash.paste
    by: lin
    as: pasted
  - expect: {{pasted: done, dash.pasted: 1}}
    within: 2s
  - do: dash.copy
    with: {{text: {MARKERS["copied in the car"]}}}
    by: lin
  - expect: {{phone.clipboard_from: dash}}
    within: 2s
  - do: phone.receives
    with:
      app: {MARKERS["app"]}
      sender: {MARKERS["sender"]}
      body: |
        {MARKERS["body"]}
        and more
  - expect: {{dash.notices: 1, dash.driver_reads: full, tablet.notices: 1, tablet.others_read: full}}
    within: 2s
  - do: lin.drives
    with: {{car: su7, speed: 30 km/h}}
  - do: phone.show_on
    with: {{to: dash, display: driver, detail: full}}
    as: refused
  - expect: {{refused: denied, rule: driver-sees-the-sender-only}}
    within: 2s
  - do: phone.share_file
    with: {{to: dash, name: {MARKERS["file name"]}, size_bytes: 40_000}}
    as: sent
  - expect: {{sent: done, dash.files_received: 1}}
    within: 10s
  - do: phone.plays
    with: {{session: music, title: {MARKERS["title"]}}}
  - do: phone.plays
    with: {{session: call, title: {MARKERS["call"]}}}
  - do: phone.hand_over
    with: {{session: music, to: dash}}
    as: over
  - expect: {{over: done, dash.music: playing}}
    within: 2s
  - fault: {{crash: dash, for: 10s}}
  - fault: {{link: phone, duplicate: 100 %, for: 1m}}
  - advance: 2m
"""
FAILING = f"  - {{do: phone.copy, with: {{text: {MARKERS['body']}, secret: true}}, as: last}}\n"
FAILS = STORY + FAILING + "  - expect: {last: failed}\n"


def spellings(word: str) -> Iterator[bytes]:
    """Yield every way in which a word could stand in bytes."""
    raw = word.encode()
    yield raw
    yield json.dumps(word)[1:-1].encode()
    yield json.dumps(word, ensure_ascii=False)[1:-1].encode()
    yield repr(word)[1:-1].encode()
    yield urllib.parse.quote(word).encode()
    yield raw.hex().encode()
    yield raw.hex().upper().encode()
    for once in _base64(raw):
        yield once
        # A letter's text stands in an envelope, which spells everything in base64 again.
        yield from _base64(once)


def _base64(raw: bytes) -> Iterator[bytes]:
    """Yield the middle of the base64 of some bytes, as it is wherever in a longer text they begin.

    Markers are long, so that no middle is so short that chance could write it.
    """
    for shift in range(3):
        middle = base64.b64encode(b"\0" * shift + raw)[4:-4]
        yield middle
        yield middle.replace(b"+", b"-").replace(b"/", b"_")


def found_in(said: bytes) -> list[str]:
    """Return what every marker is that stands in some bytes."""
    return [name for name, word in MARKERS.items() if any(one in said for one in spellings(word))]


def cast_of(text: str) -> Cast:
    """Return who plays a story, by the rules that ship."""
    scenario = load(text)
    return Cast(scenario.household, KINDS, Shelf().policy(scenario.household), scenario.seed)


def played(text: str) -> tuple[CaseResult, list[bytes]]:
    """Return what becomes of a story in memory, and every topic and payload that crossed the link."""
    scenario = load(text)
    performance = perform(scenario, scenario.cases[0], cast_of(text))
    crossed: list[bytes] = []
    asked = next(performance)
    while True:
        if isinstance(asked, Round):
            for operation in asked.operations:
                if isinstance(operation, Publish):
                    crossed += [operation.frame.topic.encode(), operation.frame.payload]
        try:
            asked = performance.send(asked.expected if isinstance(asked, Round) else ())
        except StopIteration as end:
            result: CaseResult = end.value
            return result, crossed


def said_of(result: CaseResult) -> Iterator[bytes]:
    """Yield everything that is printed or kept of a case."""
    plain = style_for(colour=False)
    yield b"\n".join(dump_json(record) for record in result.records)
    yield "\n".join(chronicle_line(record) for record in result.records).encode()
    yield repr(result).encode()
    for brief in (False, True):
        yield case_lines(result, plain, brief=brief).encode()
    if result.failure is not None:
        yield failure_lines(result.failure, "carhome run", plain).encode()
        everything = replace(result.failure, records=tuple(result.records))
        yield failure_lines(everything, "carhome run", plain).encode()


@pytest.mark.parametrize(("text", "verdict"), [(STORY, "pass"), (FAILS, "fail")])
def test_no_private_word_crosses_a_link_or_is_recorded_or_printed(text: str, verdict: str) -> None:
    """Not a byte on any topic, in any record, or in any line for people, also when a step fails."""
    result, crossed = played(text)

    assert result.verdict == verdict, result.failure
    assert len(crossed) > 200
    assert found_in(b"\n".join(crossed)) == []
    assert found_in(b"\n".join(said_of(result))) == []


@pytest.mark.asyncio
@pytest.mark.mosquitto
async def test_no_private_word_is_in_what_an_observer_of_the_broker_reads() -> None:
    """Whoever may read every topic of a real Mosquitto reads none of them."""
    scenario, cast = load(STORY), cast_of(STORY)
    plan = LinkPlan(scenario.household.name, grants(scenario.household, KINDS))
    heard: list[bytes] = []
    async with (
        asyncio.timeout(SECONDS_MAX),
        open_broker("mosquitto", plan, {}) as endpoint,
        plain_client(endpoint, OBSERVER, will=None) as observer,
        MqttLink(endpoint) as link,
    ):
        await observer.subscribe(f"{ROOT}/#", qos=1)
        result = await play(perform(scenario, scenario.cases[0], cast), link, None, scenario.start_ms)
        # What the broker has taken of the story it hands to the observer too, one message after the other.
        taken = sum(1 for one in result.records if one["kind"] == "message")
        while len(heard) < taken:
            message = await anext(observer.messages)
            heard.append(str(message.topic).encode() + b"\n" + bytes(message.payload))

    assert result.verdict == "pass", result.failure or result.note
    assert found_in(b"\n".join(heard)) == []
    assert found_in(b"\n".join(said_of(result))) == []


@pytest.mark.parametrize("text", [STORY, FAILS])
def test_no_private_word_is_in_what_the_command_writes(tmp_path: Path, text: str) -> None:
    """Standard output and error, the recording, and the names of the files of a run."""
    (tmp_path / "private.scenario.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "households").mkdir()
    wang = (PROJECT / "households" / "wang.household.yaml").read_text(encoding="utf-8")
    (tmp_path / "households" / "wang.household.yaml").write_text(wang, encoding="utf-8")

    ended = carhome(tmp_path, "run", "private.scenario.yaml", "--broker", "memory", "--record", "a.ndjson")
    checked = carhome(tmp_path, "check", "private.scenario.yaml")
    records = carhome(tmp_path, "run", "private.scenario.yaml", "--broker", "memory", "--json")

    assert ended.code == (0 if text == STORY else 1), ended.err + ended.out
    assert (tmp_path / "a.ndjson").stat().st_size > 100_000
    for said in (ended, checked, records):
        assert found_in((said.out + said.err).encode()) == []
    assert found_in((tmp_path / "a.ndjson").read_bytes()) == []


@pytest.mark.parametrize("mistake", ["secrets: true", "secret: {}", "secret: 5"])
def test_no_private_word_is_in_an_error_about_its_step(mistake: str) -> None:
    """Neither in the sentence nor in the line that is shown."""
    error = refusal(STORY + FAILING.replace("secret: true", mistake))

    assert found_in(render(error, colour=True).encode()) == []


WORD = MARKERS["body"]
BROKEN = {
    "the key of the arguments": f"  - {{do: phone.copy, wiht: {{text: {WORD}}}}}\n",
    "the key of the text": f"  - do: phone.copy\n    with: {{txt: {WORD}, secret: true}}\n",
    "the action": "  - do: phone.ask\n"
    f"    with: {{device: dash, action: play_msic, arguments: {{title: {WORD}}}}}\n",
    "the device": f"  - {{do: phon.copy, with: {{text: {WORD}}}}}\n",
    "a key twice": f"  - do: phone.copy\n    with: {{text: {WORD}, text: {WORD}}}\n",
    "the end of a quote": f'  - do: phone.copy\n    with: {{text: "{WORD}}}\n',
    "a colon": f"  - do: phone.copy\n    with: {{text: {WORD}: b}}\n",
    "an anchor": f"  - do: phone.copy\n    with: {{text: &{WORD} {WORD}}}\n",
    "a tag": f"  - do: phone.copy\n    with: {{text: !!python/object:{WORD} x}}\n",
    "no arguments": f"  - do: phone.copy\n    with: {WORD}\n",
    "a tab": f"  - do: phone.copy\n    with: {{text: {WORD}\t}}\n",
}


@pytest.mark.parametrize("mistake", BROKEN)
def test_no_private_word_is_in_an_error_about_what_was_mistyped_beside_it(mistake: str) -> None:
    """Also when nobody can tell any more what the step was to do, or it is no YAML."""
    error = refusal(STORY + BROKEN[mistake])

    assert error.place is not None
    assert error.place.line >= STORY.count("\n") + 1
    assert found_in(render(error, colour=False).encode()) == []


def test_no_private_word_is_in_an_error_about_its_row() -> None:
    """A row with a name that nothing uses is shown with its names only."""
    error = refusal(STORY.replace(f"words: {MARKERS['row']}", f"words: {MARKERS['row']}, extra: 1"))

    assert "`extra` is never used" in str(error)
    assert found_in(render(error, colour=False).encode()) == []


@pytest.mark.parametrize("name", ["SUMMARY", "LOCATION", "DESCRIPTION"])
def test_no_private_word_is_in_an_error_about_a_calendar(tmp_path: Path, name: str) -> None:
    """What the command prints of one that is broken has the name of the line, and not what it tells."""
    word = MARKERS["title"]
    event = f"UID:u\nDTSTART:20260112T090000\n{name}:{word}\n{name};{word}\nCLASS:PRIVATE"
    (tmp_path / "bad.ics").write_text(
        f"BEGIN:VCALENDAR\nBEGIN:VEVENT\n{event}\nEND:VEVENT\nEND:VCALENDAR\n", encoding="utf-8"
    )
    (tmp_path / "bad.scenario.yaml").write_text(
        "scenario: A\nhousehold: wang\ngiven: {phone: {calendar: bad.ics}}\nsteps:\n  - advance: 1s\n",
        encoding="utf-8",
    )
    (tmp_path / "households").mkdir()
    wang = (PROJECT / "households" / "wang.household.yaml").read_text(encoding="utf-8")
    (tmp_path / "households" / "wang.household.yaml").write_text(wang, encoding="utf-8")

    ended = carhome(tmp_path, "check", "bad.scenario.yaml")
    said = ended.out + ended.err
    assert f"{name}:•••" in said
    assert found_in(said.encode()) == []


@pytest.mark.parametrize("sentence", ["my password is", "Hey Xiaomi, my password is", "Hey Xiaomi, play"])
def test_no_word_that_is_said_aside_is_recorded_or_printed(sentence: str) -> None:
    """Nor is a title that somebody asks for by voice."""
    said = f"  - {{say: '{sentence} {MARKERS['title']}', by: lin, from: dash, as: said}}\n"
    text = f"{HEAD}steps:\n{said}  - expect: {{said: expired}}\n"
    result, _ = played(text)

    assert result.verdict == "fail"
    # The scenario itself, which a result refers to, has every sentence: only what is heard tells them apart.
    shown = [one for one in said_of(result) if not one.startswith(b"CaseResult(")]
    assert found_in(b"\n".join(shown)) == []


def test_no_private_word_survives_a_restart_on_a_screen_that_people_share() -> None:
    """What the car's screen keeps in its flash holds neither text nor message; nor does the phone's."""
    scenario = load(STORY)
    performance = perform(scenario, scenario.cases[0], cast_of(STORY))
    kept: list[str] = []
    frame = getattr(performance, "gi_frame")  # noqa: B009  # a generator's, whatever its type says
    asked = next(performance)
    while True:
        stage = frame.f_locals["self"]._stage if frame.f_locals else None
        if stage is not None:
            for name in ("dash", "phone", "mei_phone"):
                parts = stage.nodes[name].device.parts
                kept += [str(part.kept()) for what, part in parts.items() if what not in {"player", "files"}]
        try:
            asked = performance.send(asked.expected if isinstance(asked, Round) else ())
        except StopIteration:
            break

    assert kept
    assert found_in("\n".join(kept).encode()) == []


@pytest.mark.parametrize("name", MARKERS)
def test_search_finds_a_word_that_is_there(name: str) -> None:
    """Bare, escaped, in base64 at any place, and in base64 of base64."""
    word = MARKERS[name]
    plants = [word, json.dumps(word), repr(word), urllib.parse.quote(word), word.encode().hex()]
    for lead in range(4):
        once = base64.urlsafe_b64encode(b"x" * lead + word.encode() + b" tail")
        plants += [once.decode(), base64.b64encode(b"y" * lead + once + b"tail").decode()]
    for plant in plants:
        assert name in found_in(b"before " + plant.encode() + b" after"), plant
