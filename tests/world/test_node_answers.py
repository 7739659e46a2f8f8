"""What a node asks of others: repeated until it is answered, and answered by whoever was asked."""

from dataclasses import replace

import pytest

from sim.core.device import Answer
from sim.core.messages import CloudEvent, Frame
from sim.core.topics import reply_topic
from sim.trust.envelope import seal
from sim.world.network.faults import LinkFault
from sim.world.node.orders import Outcome
from tests.stages import (
    START_MS,
    Shout,
    Theatre,
    Touch,
    identity,
)


def answer_frame(
    ticket: str, answer: Answer, *, signer: str = "lamp", typ: str = "reply", **but: str
) -> Frame:
    """Return an answer to the button as the lamp would send it, except for `but`."""
    fields = {"id": ticket, "sender": "lamp", "to": "button", **but}
    outcome = Outcome(answer=answer, **fields)
    envelope = seal(identity(signer), typ, outcome.to_bytes())
    event = CloudEvent("lamp-1-99", "carhome/home/lamp", "carhome.reply", START_MS, envelope)
    return Frame(reply_topic("home", "lamp", "button", ticket), event.to_json())


def deaf(theatre: Theatre) -> None:
    """Let nothing reach the lamp any more."""
    theatre.stage.break_link("lamp", LinkFault(loss_percent=100), None)


# --- asking ---------------------------------------------------------------------------------------


def test_command_whose_answer_was_lost_is_answered_on_repetition() -> None:
    """Lost answers cost time, not a second act."""
    theatre = Theatre()
    theatre.stage.break_link("button", LinkFault(loss_percent=100, direction="in"), 3_000)

    ticket = theatre.press()
    theatre.advance(6_000)

    assert theatre.status(ticket) == "done"
    assert theatre.lamp().did == ("now",)
    assert theatre.heard() == ("done",)


def test_refused_command_fails_once_even_when_copies_are_refused_too() -> None:
    """A PUBACK 0x87 is surfaced, and what comes after the end changes nothing."""
    theatre = Theatre()
    theatre.stage.network._grants = {
        **theatre.stage.network._grants,
        "button": replace(theatre.stage.network._grants["button"], write=()),
    }
    theatre.stage.break_link("button", LinkFault(duplicate_percent=100), None)

    ticket = theatre.press()

    assert len(theatre.records("refused")) == 2
    assert theatre.heard() == ("failed",)
    assert "the broker refused button on `carhome/home/lamp/cmd/button/do`" in theatre.reason(ticket)


def test_refused_report_is_recorded_and_goes_no_further() -> None:
    """What carries no command fails nobody."""
    theatre = Theatre()

    theatre.node("lamp").refused(None, "carhome/home/lamp/online")

    assert theatre.lamp().felt == ()


def test_stranger_learns_that_the_broker_refused() -> None:
    """Raw bytes have a ticket too."""
    theatre = Theatre()

    ticket = theatre.use("mallory", Shout(topic="carhome/home/lamp/online", text="true", retain=True))

    assert theatre.status(ticket) == "failed"
    assert theatre.records("refused", device="mallory", reason_code=135)


# --- losing power ---------------------------------------------------------------------------------


def test_command_of_a_device_that_loses_power_fails_once_and_may_have_succeeded() -> None:
    """Nobody is left who waits for the answer; what comes of it is honestly called unknown."""
    theatre = Theatre()
    ticket = theatre.press("never")

    theatre.stage.crash("button", None, None)
    theatre.stage.crash("button", None, None)
    theatre.advance(60_000)

    ends = theatre.records("command", command=ticket, status="failed")
    assert [record["t"] for record in ends] == [0]
    assert ends[0]["cause"] is None
    assert theatre.reason(ticket) == "button lost power before it was answered; it may have been carried out"


def test_act_at_a_device_that_loses_power_fails() -> None:
    """What was touched at the device itself is given up too."""
    theatre = Theatre()
    ticket = theatre.use("lamp", Touch(how="never"))
    assert theatre.status(ticket) == "accepted"

    theatre.stage.crash("lamp", None, None)

    assert theatre.status(ticket) == "failed"
    assert theatre.reason(ticket) == "lamp lost power before it was answered; it may have been carried out"


def test_command_that_was_answered_is_not_given_up_when_power_is_lost() -> None:
    """What is over stays as it ended, and what others asked is answered at the restart."""
    theatre = Theatre()
    done = theatre.press()
    asked = theatre.press("never")

    theatre.stage.crash("lamp", None, None)
    theatre.stage.crash("button", None, None)
    theatre.settle()

    assert theatre.status(done) == "done"
    assert [record["device"] for record in theatre.records("command", status="failed")] == ["button"]
    assert theatre.status(asked) == "failed"


def test_answer_to_a_command_from_before_a_restart_is_ignored() -> None:
    """The restarted device asked nothing; the command stays failed."""
    theatre = Theatre()
    ticket = theatre.press("later")
    theatre.stage.crash("button", None, 100)

    theatre.advance(1_000)

    assert theatre.lamp().did == ("later",)
    assert theatre.published(f"/reply/button/{ticket}")[-1]["signed"]["status"] == "done"
    assert theatre.status(ticket) == "failed"
    assert theatre.heard() == ()


# --- answers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "forge",
    [
        {"signer": "mallory"},
        {"signer": "button"},
        {"typ": "command"},
        {"id": "button-act-2"},
        {"to": "panel"},
        {"sender": "heater"},
    ],
)
def test_forged_answer_is_ignored_with_a_warning(forge: dict[str, str]) -> None:
    """Only the target's own signature over this very command counts."""
    theatre = Theatre()
    deaf(theatre)
    ticket = theatre.press()

    frame = answer_frame(ticket, Answer("done"), **forge)
    theatre.deliver("button", f"carhome/home/lamp/reply/button/{ticket}", frame.payload)

    assert theatre.status(ticket) == "sent"
    assert theatre.warnings()[-1].startswith(f"ignored an answer to {ticket} that nobody vouches for")


def test_answer_that_is_no_message_is_ignored_with_a_warning() -> None:
    """Garbage is not an answer."""
    theatre = Theatre()
    deaf(theatre)
    ticket = theatre.press()

    theatre.deliver("button", f"carhome/home/lamp/reply/button/{ticket}", b"yes")

    assert theatre.status(ticket) == "sent"
    assert len(theatre.warnings()) == 1


def test_answers_out_of_order_never_lead_back() -> None:
    """What is known to be forwarded is not merely accepted, and what is done is over."""
    theatre = Theatre()
    deaf(theatre)
    ticket = theatre.press()

    for answer in ("forwarded", "waking", "accepted", "forwarded", "done", "denied", "accepted"):
        frame = answer_frame(ticket, Answer(answer))
        theatre.deliver("button", frame.topic, frame.payload)

    assert theatre.heard() == ("forwarded", "done")
    assert theatre.warnings() == []


def test_retained_answer_and_answer_to_nothing_are_ignored() -> None:
    """A kept answer is from another time."""
    theatre = Theatre()
    deaf(theatre)
    ticket = theatre.press()

    frame = answer_frame(ticket, Answer("done"))
    theatre.deliver("button", frame.topic, frame.payload, retain=True)
    other = answer_frame("button-act-77", Answer("done"))
    theatre.deliver("button", other.topic, other.payload)

    assert theatre.heard() == ()
