"""One device behind its node: nothing unsigned, stale or repeated reaches it, nothing is lost unseen."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.core.device import Answer
from sim.core.messages import CloudEvent, Frame
from sim.world.node.inbox import Inbox, Taken
from sim.world.node.orders import TTL_MAX_MS, Order
from tests.stages import (
    HOME,
    Press,
    Rules,
    Theatre,
    Touch,
    command_frame,
    event_of,
    order,
)

COMMAND = "carhome/home/lamp/cmd/button/do"
TWO_ASKERS = HOME.replace("strangers:", "  panel: {kind: panel}\nstrangers:")


def give(theatre: Theatre, frame: Frame, *, retain: bool = False) -> None:
    """Put a command before the lamp."""
    theatre.deliver("lamp", frame.topic, frame.payload, retain=retain)


def replies(theatre: Theatre, command_id: str = "button-act-99") -> list[str]:
    """Return the answers the lamp sent to a command."""
    return [record["signed"]["status"] for record in theatre.published(f"/reply/button/{command_id}")]


def because(theatre: Theatre) -> str:
    """Return what the last decision says an earlier check has found."""
    return str(theatre.records("decision")[-1]["decision"]["because"])


# --- commands: who is trusted ---------------------------------------------------------------------


def test_signed_command_is_permitted_carried_out_and_answered() -> None:
    """The rules are asked with everything that is known, and both answers are signed."""
    theatre = Theatre()

    give(theatre, command_frame(order()))

    request = theatre.rules.asked[-1]
    assert (request.action, request.principal, request.authenticated) == ("do", "lin", True)
    assert (request.sender, request.resource, request.presence.worn) == ("button", "lamp", True)
    assert request.expires_in_ms == 30_000
    assert theatre.lamp().did == ("now",)
    assert replies(theatre) == ["accepted", "done"]
    assert theatre.published("/decision")[-1]["data"]["decision"]["allowed"] is True


def test_denied_command_names_rule_reason_and_alternative() -> None:
    """A denial says why, and nothing is done."""
    theatre = Theatre(policy=Rules(forbidden=("do",)))

    ticket = theatre.press()

    record = theatre.records("command", command=ticket)[-1]
    assert (record["status"], record["reason"]) == ("denied", "it is forbidden")
    assert (record["denial"]["rules"], record["denial"]["instead"]) == (["no"], "something else")
    assert theatre.lamp().did == ()


def test_command_signed_by_a_stranger_is_denied_and_answered() -> None:
    """A key nobody enrolled vouches for nobody; the refusal is a decision like every other."""
    theatre = Theatre()

    ticket = theatre.use("mallory", Press(lamp="lamp"))

    assert theatre.status(ticket) == "denied"
    assert because(theatre) == "the household has not enrolled the key that signed it"
    assert theatre.rules.asked[-1].authenticated is False
    assert theatre.lamp().did == ()


def test_command_in_an_event_of_another_id_is_denied() -> None:
    """The id that was signed is the one that counts; the button is told nothing of what it did not send."""
    theatre = Theatre()

    give(theatre, command_frame(order(), event_id="button-act-98"))

    assert because(theatre) == "its id is not the one that was signed"
    assert replies(theatre) == replies(theatre, "button-act-98") == []


@pytest.mark.parametrize("event_id", ["A", "a/b", "+", "#", "a b", "x" * 65, "\u2603"])
def test_command_whose_id_is_no_topic_level_is_denied_without_an_answer(event_id: str) -> None:
    """A stranger's id never becomes part of a topic, where it could be a wildcard."""
    theatre = Theatre()

    give(theatre, command_frame(order(), "mallory", event_id=event_id))

    assert theatre.records("decision")[-1]["command"] is None
    assert theatre.published("/reply/") == []


@pytest.mark.parametrize("payload", [b"", b"\xff", b"[]", CloudEvent("x", "y", "z", 0, {}).to_json()])
def test_command_that_is_malformed_is_denied_and_recorded(payload: bytes) -> None:
    """What a stranger sends is never more than a recorded refusal."""
    theatre = Theatre()

    theatre.deliver("lamp", COMMAND, payload)

    assert theatre.records("decision")[-1]["decision"]["allowed"] is False
    assert because(theatre) != ""
    assert theatre.lamp().did == ()


def test_command_that_was_signed_for_another_device_is_denied() -> None:
    """A captured command is of no use anywhere else; the refusal says why."""
    theatre = Theatre()

    theatre.deliver("lamp", COMMAND, event_of(order(to="heater")).to_json())

    assert because(theatre) == "it was signed for heater, not for lamp"
    assert theatre.lamp().did == ()


@given(st.data())
def test_command_with_any_byte_changed_never_reaches_the_device(data: st.DataObject) -> None:
    """Whatever is done to the bytes, the lamp does what was signed or nothing."""
    theatre = Theatre()
    frame = command_frame(order())
    payload = bytearray(frame.payload)
    at = data.draw(st.integers(0, len(payload) - 1))
    payload[at] = data.draw(st.integers(0, 255).filter(lambda byte: byte != payload[at]))

    theatre.deliver("lamp", frame.topic, bytes(payload))

    # What is outside the signature (time, source) may change; what was signed may not.
    assert theatre.lamp().did in {(), ("now",)}
    inside = json.loads(frame.payload)["data"]
    if theatre.lamp().did:
        assert json.loads(bytes(payload))["data"] == inside


def test_message_on_a_foreign_topic_is_ignored_with_a_warning() -> None:
    """Neither other households nor other trees are listened to."""
    theatre = Theatre()

    theatre.deliver("lamp", "carhome/elsewhere/lamp/cmd/button/do", b"{}")
    theatre.deliver("lamp", "zigbee2mqtt/lamp", b"{}")

    assert len(theatre.warnings()) == 2
    assert theatre.records("decision") == []


# --- commands: on whose behalf --------------------------------------------------------------------


@pytest.mark.parametrize("by", ["lin", "mei", None])
def test_personal_device_asks_for_its_owner_whatever_it_claims(by: str | None) -> None:
    """A phone cannot ask in somebody else's name."""
    theatre = Theatre()

    give(theatre, command_frame(order(by=by)))

    assert theatre.rules.asked[-1].principal == "lin"


@pytest.mark.parametrize(("by", "principal"), [("mei", "mei"), ("nobody", None), (None, None)])
def test_shared_device_asks_for_whom_it_names(by: str | None, principal: str | None) -> None:
    """Somebody the household does not know is nobody."""
    theatre = Theatre(TWO_ASKERS)

    give(theatre, command_frame(order(sender="panel", by=by, worn=None), "panel"))

    assert theatre.rules.asked[-1].principal == principal
    assert theatre.rules.asked[-1].presence.worn is None


# --- commands: arguments --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("do", {}),
        ("do", {"how": 1}),
        ("do", {"how": "now", "x": 1}),
        ("do", {"how": "now", "at_least": 1}),
        ("fly", {}),
    ],
)
def test_permitted_command_that_does_not_fit_fails(name: str, args: dict[str, Any]) -> None:
    """Arguments are strict and called as on the wire; an unknown action is none."""
    theatre = Theatre()

    give(theatre, command_frame(order(name=name, args=args)))

    assert replies(theatre) == ["failed"]
    assert theatre.lamp().did == ()


# --- commands: once, and in time ------------------------------------------------------------------


def test_repetition_is_answered_again_and_acted_on_once() -> None:
    """The last answer is sent again, byte for byte."""
    theatre = Theatre()
    frame = command_frame(order())

    for _ in range(3):
        give(theatre, frame)

    assert theatre.lamp().did == ("now",)
    sent = theatre.published("/reply/")
    assert replies(theatre) == ["accepted", "done", "done", "done"]
    assert sent[1] == {**sent[2], "n": sent[1]["n"], "t": sent[1]["t"]}


class ForgetfulInbox(Inbox):
    """An inbox with a planted bug: it does not remember what the device was commanded."""

    def known(self, order: Order) -> Taken | None:  # noqa: ARG002  # as the base
        """Remember nothing."""
        return None


def test_check_for_repetition_finds_a_forgetful_inbox() -> None:
    """The check above is not blind: without its memory a node acts twice."""
    theatre = Theatre()
    theatre.node("lamp").inbox = ForgetfulInbox()

    for _ in range(2):
        give(theatre, command_frame(order()))

    assert theatre.lamp().did == ("now", "now")


def test_repetition_while_the_command_is_under_way_tells_how_far_it_is() -> None:
    """Not done yet is answered as such."""
    theatre = Theatre()
    frame = command_frame(order(args={"how": "later"}))

    give(theatre, frame)
    give(theatre, frame)
    theatre.advance(500)

    assert replies(theatre) == ["accepted", "forwarded", "forwarded", "done"]
    assert theatre.lamp().did == ("later",)


def test_other_bytes_under_the_same_id_are_denied_and_not_answered() -> None:
    """An id is bound to the bytes it came with; the first asker's answer stays."""
    theatre = Theatre()
    give(theatre, command_frame(order()))

    give(theatre, command_frame(order(args={"how": "on"})))

    assert because(theatre) == "another command was already given under this id"
    assert theatre.records("decision")[-1]["decision"]["rules"] == ["fresh-only"]
    assert theatre.lamp().did == ("now",)
    assert replies(theatre) == ["accepted", "done"]


def test_id_of_a_command_that_is_under_way_is_not_taken_from_another_sender() -> None:
    """Two askers with one id would get each other's answers."""
    theatre = Theatre(TWO_ASKERS)
    give(theatre, command_frame(order(args={"how": "later"})))

    give(theatre, command_frame(order(sender="panel"), "panel"))
    theatre.advance(500)

    assert because(theatre) == "another command is under way under this id"
    assert theatre.lamp().did == ("later",)
    assert replies(theatre)[-1] == "done"


def test_same_id_of_another_sender_is_another_command_later() -> None:
    """Once the first is closed, ids of different senders do not meet."""
    theatre = Theatre(TWO_ASKERS)

    give(theatre, command_frame(order()))
    give(theatre, command_frame(order(sender="panel", args={"how": "on"}), "panel"))

    assert theatre.lamp().did == ("now", "on")


@pytest.mark.parametrize(("late_ms", "did"), [(29_999, ("now",)), (30_000, ()), (31_000, ())])
def test_command_that_comes_too_late_is_never_carried_out(late_ms: int, did: tuple[str, ...]) -> None:
    """It expires in the very millisecond it names."""
    theatre = Theatre()
    theatre.advance(late_ms)

    give(theatre, command_frame(order()))

    assert theatre.lamp().did == did
    assert replies(theatre)[-1] == ("done" if did else "expired")


def test_late_command_says_how_late_it_was() -> None:
    """The answer names the delay."""
    theatre = Theatre()
    theatre.advance(31_500)

    give(theatre, command_frame(order()))

    assert theatre.published("/reply/")[-1]["signed"]["reason"] == "it came 1500 ms after it had expired"


@pytest.mark.parametrize(
    ("ahead_ms", "status"),
    [
        (40_000, "expired"),
        (0, "done"),
        (-40_000, "done"),
        (-2 * TTL_MAX_MS, "done"),
    ],
)
def test_expiry_is_judged_by_the_targets_own_clock(ahead_ms: int, status: str) -> None:
    """A lamp does nothing that ends before its own now; setting its clock back makes nothing live longer."""
    theatre = Theatre()
    theatre.stage.skew_clock("lamp", ahead_ms, 60_000)

    ticket = theatre.press()

    assert theatre.status(ticket) == status
    theatre.advance(60_000)
    assert theatre.status(theatre.press()) == "done"


# --- settling -------------------------------------------------------------------------------------


def test_final_answer_is_sent_once() -> None:
    """A device that settles twice, or settles what nobody asked, changes nothing."""
    theatre = Theatre()

    give(theatre, command_frame(order(args={"how": "twice"})))
    give(theatre, command_frame(order(id="button-act-98", args={"how": "stray"})))

    assert replies(theatre) == replies(theatre, "button-act-98") == ["accepted", "done"]


def test_closed_command_is_not_answered_again_by_a_late_settlement() -> None:
    """Even a node that still knew the ticket would keep quiet."""
    theatre = Theatre()
    give(theatre, command_frame(order(args={"how": "never"})))
    node = theatre.node("lamp")
    taken = node.inbox.known(order(args={"how": "never"}))
    assert taken is not None
    node._settle("button-act-99", taken, Answer("done"))

    node._settle("button-act-99", taken, Answer("failed"))
    theatre.settle()

    assert replies(theatre) == ["accepted", "done"]


def test_device_asks_itself_by_the_same_rules() -> None:
    """What is touched at the device passes them as what comes from afar, and needs no link."""
    theatre = Theatre()

    ticket = theatre.use("lamp", Touch(), by="mei")

    assert theatre.status(ticket) == "done"
    assert theatre.lamp().did == ("now",)
    assert (theatre.rules.asked[-1].sender, theatre.rules.asked[-1].principal) == ("lamp", "mei")
    assert theatre.published("/cmd/") == []


@pytest.mark.parametrize(("action", "status"), [("do", "denied"), ("fly", "failed")])
def test_device_denies_itself_and_finds_no_part_for_the_unknown(action: str, status: str) -> None:
    """The person who touched it is told."""
    theatre = Theatre(policy=Rules(forbidden=("do",)))

    ticket = theatre.use("lamp", Touch(action=action), by="stranger")

    assert theatre.status(ticket) == status
    assert theatre.rules.asked[-1].principal is None
    assert theatre.lamp().did == ()
