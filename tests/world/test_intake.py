"""What a node takes of each sender: a flood is refused, noted twice, and costs nobody else anything."""

from typing import Any

import pytest

from sim.core.messages import CloudEvent, Frame
from sim.core.topics import parse_topic
from sim.world.network.faults import LinkFault
from sim.world.node.inbox import REMEMBERED_MAX
from sim.world.node.intake import FLOOD_TIMER, Intake
from sim.world.node.rates import (
    COMMAND_BURST,
    COMMANDS_PER_SECOND,
    REPORT_BURST,
    REPORTS_PER_SECOND,
    Admission,
)
from sim.world.node.writing import Writer
from sim.world.stage_port import StagePort
from tests.stages import HOME, START_MS, Idle, Theatre, command_frame, order

COMMANDS_QUIET_MS = 1_000 * COMMAND_BURST // COMMANDS_PER_SECOND
REPORTS_QUIET_MS = 1_000 * REPORT_BURST // REPORTS_PER_SECOND
TWO_ASKERS = HOME.replace("strangers:", "  panel: {kind: panel}\nstrangers:")


def flood(theatre: Theatre, count: int, sender: str = "mallory", begin: int = 0) -> None:
    """Let a sender give the lamp so many commands in one instant; nobody knows the stranger's key."""
    for number in range(begin, begin + count):
        frame = command_frame(order(id=f"{sender}-act-{number}", sender=sender), sender)
        theatre.node("lamp").receive(frame)
    theatre.settle()


def chatter(theatre: Theatre, count: int, topic: str = "carhome/home/lamp/state/bogus") -> None:
    """Let something be said to the button so often in one instant."""
    for _ in range(count):
        theatre.node("button").receive(Frame(topic, b"{}"))
    theatre.settle()


def decisions(theatre: Theatre, **fields: Any) -> list[Any]:
    """Return what was decided about somebody's commands."""
    return [record["decision"] for record in theatre.records("decision", **fields)]


# --- commands -------------------------------------------------------------------------------------


def test_flood_of_commands_has_two_records_however_long_it_is() -> None:
    """One refusal when it begins and one line when it is over; what passed is judged like everything."""
    theatre = Theatre()

    flood(theatre, COMMAND_BURST + 5_000)

    assert [one["code"] for one in decisions(theatre)] == ["UNKNOWN_KEY"] * COMMAND_BURST + ["RATE_LIMIT"]
    assert theatre.warnings() == []
    theatre.advance(COMMANDS_QUIET_MS)
    assert theatre.warnings() == ["5000 messages of mallory were too many, and not read"]
    theatre.advance(3_600_000)
    assert len(decisions(theatre)) == COMMAND_BURST + 1
    assert len(theatre.warnings()) == 1


def test_flood_of_commands_is_refused_before_anything_of_it_is_read() -> None:
    """No rule is asked, the device is not, and there is no answer that could be provoked."""
    theatre = Theatre()

    flood(theatre, COMMAND_BURST + 1)

    record = theatre.records("decision")[-1]
    decision = record["decision"]
    assert (record["sender"], record["action"], record["by"]) == ("mallory", "do", None)
    assert (record["command"], record["cause"]) == (None, None)
    assert (decision["kind"], decision["layer"], decision["code"]) == ("refused", "rate", "RATE_LIMIT")
    assert decision["reason"] == "mallory sends more commands than lamp takes of one sender"
    assert theatre.published("/lamp/decision")[-1]["data"]["decision"] == decision
    assert len(theatre.rules.asked) == COMMAND_BURST
    assert len(theatre.published("/reply/mallory/")) == COMMAND_BURST


def test_honest_sender_is_served_in_the_midst_of_a_flood() -> None:
    """Each sender has a bucket of its own."""
    theatre = Theatre()
    flood(theatre, COMMAND_BURST + 1_000)

    ticket = theatre.press("on")

    assert theatre.status(ticket) == "done"
    assert theatre.lamp().did == ("on",)


def test_sender_passes_ten_commands_a_second_for_ever() -> None:
    """That is the rate; it is never refused, and nothing is forgotten for it."""
    theatre = Theatre(TWO_ASKERS)

    for number in range(REMEMBERED_MAX):
        signed = order(id=f"panel-act-{number}", sender="panel")
        theatre.deliver("lamp", *_parts(command_frame(signed, "panel")))
        theatre.advance(1_000 // COMMANDS_PER_SECOND)

    assert len(theatre.lamp().did) == REMEMBERED_MAX
    assert theatre.warnings() == []


def _parts(frame: Frame) -> tuple[str, bytes]:
    return frame.topic, frame.payload


def test_second_flood_is_another_one() -> None:
    """Once the first is over, the next has two records of its own."""
    theatre = Theatre()
    flood(theatre, COMMAND_BURST + 1)
    theatre.advance(COMMANDS_QUIET_MS)

    flood(theatre, COMMAND_BURST + 2, begin=100)
    theatre.advance(COMMANDS_QUIET_MS)

    assert [one["code"] for one in decisions(theatre)].count("RATE_LIMIT") == 2
    assert theatre.warnings() == [
        "1 messages of mallory were too many, and not read",
        "2 messages of mallory were too many, and not read",
    ]


def test_flood_that_goes_on_is_one_flood() -> None:
    """Whoever never pauses gets no second record for it; the end is looked for until it has come."""
    theatre = Theatre()
    for begin in range(0, 1_000, 100):
        flood(theatre, 100, begin=begin)
        theatre.advance(COMMANDS_QUIET_MS // 2)
    assert theatre.warnings() == []

    theatre.advance(COMMANDS_QUIET_MS)

    assert [one["code"] for one in decisions(theatre)].count("RATE_LIMIT") == 1
    assert len(theatre.warnings()) == 1


def test_command_that_was_refused_for_its_number_is_healed_by_its_repetition() -> None:
    """An honest burst is late, not lost: the outbox repeats what was not answered."""
    theatre = Theatre()
    tickets = [theatre.press("now") for _ in range(COMMAND_BURST + 5)]
    assert [theatre.status(ticket) for ticket in tickets[-5:]] == ["sent"] * 5

    theatre.advance(10_000)

    assert {theatre.status(ticket) for ticket in tickets} == {"done"}
    assert len(theatre.lamp().did) == COMMAND_BURST + 5


def test_flood_that_a_crash_ends_is_forgotten() -> None:
    """A device that starts anew knows of no flood, and no timer of before wakes it."""
    theatre = Theatre()
    flood(theatre, COMMAND_BURST + 10)

    theatre.stage.crash("lamp", None, 500)
    theatre.advance(60_000)

    assert theatre.warnings() == []
    assert theatre.status(theatre.press()) == "done"


# --- everything else ------------------------------------------------------------------------------


def test_flood_of_reports_has_two_records_and_no_decision() -> None:
    """Nobody asked for anything, so nothing is refused by a rule; the reader says what it did not read."""
    theatre = Theatre()
    theatre.advance(60_000)

    chatter(theatre, REPORT_BURST + 300)

    shape = "ignored a report on `carhome/home/lamp/state/bogus` that does not fit its kind"
    assert theatre.warnings() == [shape] * REPORT_BURST + ["lamp says more than is listened to"]
    theatre.advance(REPORTS_QUIET_MS)
    assert theatre.warnings()[-1] == "300 messages of lamp were too many, and not read"
    assert len(theatre.warnings()) == REPORT_BURST + 2
    assert theatre.records("decision") == []


def test_flood_on_topics_of_nobody_is_somebodys() -> None:
    """What is no topic of ours has no sender, and all of it shares one bucket."""
    theatre = Theatre()

    chatter(theatre, REPORT_BURST + 7, "zigbee2mqtt/lamp")
    theatre.advance(REPORTS_QUIET_MS)

    assert theatre.warnings()[REPORT_BURST:] == [
        "somebody says more than is listened to",
        "7 messages of somebody were too many, and not read",
    ]


def test_reports_and_commands_of_one_sender_are_counted_apart() -> None:
    """A car that reports much can still be told apart from one that asks much."""
    theatre = Theatre()
    intake = Intake(
        StagePort(theatre.stage, "lamp"), Writer("home", "lamp", 1, StagePort(theatre.stage, "lamp"))
    )
    command = parse_topic("carhome/home/lamp/cmd/button/do")
    report = parse_topic("carhome/home/button/state/x")

    spoken: list[Admission] = [intake.admit(command) for _ in range(COMMAND_BURST + 1)]

    assert spoken == ["passed"] * COMMAND_BURST + ["first_refusal"]
    assert {intake.admit(report) for _ in range(REPORT_BURST)} == {"passed"}
    assert {intake.admit(None) for _ in range(REPORT_BURST)} == {"passed"}


def test_two_floods_at_once_end_each_at_its_time() -> None:
    """Commands are over before reports are: the end is looked for again, and nobody's twice."""
    theatre = Theatre()
    theatre.advance(60_000)
    flood(theatre, COMMAND_BURST + 1)
    for _ in range(REPORT_BURST + 1):
        theatre.node("lamp").receive(Frame("zigbee2mqtt/x", b""))
    count = len(theatre.warnings())

    theatre.advance(COMMANDS_QUIET_MS)
    assert theatre.warnings()[count:] == ["1 messages of mallory were too many, and not read"]
    theatre.advance(REPORTS_QUIET_MS)

    assert theatre.warnings()[count:] == [
        "1 messages of mallory were too many, and not read",
        "1 messages of somebody were too many, and not read",
    ]


def test_name_of_the_timer_is_no_devices() -> None:
    """A device names its timers by words, and gets its own back."""
    theatre = Theatre()

    theatre.node("lamp").timer(FLOOD_TIMER.strip())

    assert theatre.lamp().felt == ("timer end of flood",)


@pytest.mark.parametrize("for_ms", [500, 5_000])
def test_copies_that_a_link_makes_starve_nobody(for_ms: int) -> None:
    """A link that doubles everything uses twice the tokens, and the command is still carried out once."""
    theatre = Theatre()
    theatre.stage.break_link("button", LinkFault(duplicate_percent=100), for_ms)

    tickets = [theatre.press() for _ in range(COMMAND_BURST)]
    theatre.use("button", Idle())
    theatre.advance(20_000)

    assert {theatre.status(ticket) for ticket in tickets} == {"done"}
    assert len(theatre.lamp().did) == COMMAND_BURST


# --- what a device writes -------------------------------------------------------------------------


def test_writer_numbers_its_messages_and_names_itself() -> None:
    """Ids never repeat within a start, nor across starts; what led to a message is named in it."""
    theatre = Theatre()
    port = StagePort(theatre.stage, "lamp")

    events = [
        CloudEvent.from_json(Writer("home", "lamp", boot, port).frame("t", "event", {"a": 1}, cause).payload)
        for boot, cause in ((1, None), (2, "button-act-1"))
    ]

    assert [event.id for event in events] == ["lamp-1-1", "lamp-2-1"]
    assert [event.cause for event in events] == [None, "button-act-1"]
    assert {event.source for event in events} == {"carhome/home/lamp"}
    assert {event.type for event in events} == {"carhome.event"}
    assert {event.time_ms for event in events} == {START_MS}


def test_writer_says_online_to_be_kept() -> None:
    """The broker keeps it, so that whoever comes later knows."""
    theatre = Theatre()
    writer = Writer("home", "lamp", 3, StagePort(theatre.stage, "lamp"))

    frame = writer.will()

    assert (frame.topic, frame.retain) == ("carhome/home/lamp/online", True)
    assert CloudEvent.from_json(frame.payload).data == {"online": False, "boot": 3, "visit": 1}


def test_writer_notes_how_far_a_command_has_come() -> None:
    """As its sender knows it, with the reason and what a denial says."""
    theatre = Theatre()
    writer = Writer("home", "button", 1, StagePort(theatre.stage, "button"))

    writer.status("button-act-1", "denied", "no", {"kind": "forbidden"}, cause="lamp-1-9")
    writer.warning("something came")

    (status,) = theatre.records("command")
    assert {name: status[name] for name in ("command", "device", "status", "reason", "denial", "cause")} == {
        "command": "button-act-1",
        "device": "button",
        "status": "denied",
        "reason": "no",
        "denial": {"kind": "forbidden"},
        "cause": "lamp-1-9",
    }
    assert theatre.warnings() == ["something came"]
