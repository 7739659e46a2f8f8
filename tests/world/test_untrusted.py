"""Commands that cannot be taken as they came: each with its code and layer, one record, and nothing done."""

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from sim.core.messages import COMMAND_BYTES_MAX, CloudEvent, Frame
from sim.devices.car import Car
from sim.trust.digital_key import SENTENCES
from sim.trust.envelope import seal
from sim.world.node.inbox import REMEMBERED_MAX
from sim.world.node.orders import TTL_MAX_MS, Order
from sim.world.trace import Record
from tests.stages import (
    HOME,
    KINDS,
    START_MS,
    Press,
    Rules,
    Theatre,
    Touch,
    command_frame,
    event_of,
    identity,
    order,
)

COMMAND = "carhome/home/lamp/cmd/button/do"
TWO_ASKERS = HOME.replace("strangers:", "  panel: {kind: panel}\nstrangers:")


def give(theatre: Theatre, frame: Frame) -> None:
    """Put a command before the lamp as it came over the link."""
    theatre.deliver("lamp", frame.topic, frame.payload, retain=frame.retain)


def only_decision(theatre: Theatre) -> Record:
    """Return the one decision there is, having seen that the broker was told of exactly that one."""
    (record,) = theatre.records("decision")
    (message,) = theatre.published("/lamp/decision")
    assert message["data"]["decision"] == record["decision"]
    return record


def answers(theatre: Theatre) -> list[str]:
    """Return everything the lamp has answered to anybody."""
    return [record["signed"]["status"] for record in theatre.published("/lamp/reply/")]


def enveloped(envelope: dict[str, Any]) -> Frame:
    """Return an envelope as the button would send it."""
    event = CloudEvent("button-act-99", "carhome/home/button", "carhome.command", START_MS, envelope)
    return Frame(COMMAND, event.to_json())


def envelope(**but: Any) -> dict[str, Any]:
    """Return the button's envelope of its order to the lamp, except for `but`."""
    return {**event_of(order()).data, **but}


def tampered() -> Frame:
    """Return the button's command with another person in the signed bytes."""
    forged = order(by="mei").to_bytes()
    return enveloped(envelope(p=base64.urlsafe_b64encode(forged).rstrip(b"=").decode()))


def elsewhere(sender: str = "button", action: str = "do") -> Frame:
    """Return the button's command on another topic than it was signed for."""
    return Frame(f"carhome/home/lamp/cmd/{sender}/{action}", event_of(order()).to_json())


UNTRUSTED: dict[str, tuple[Callable[[], Frame], str, str]] = {
    "no bytes at all": (lambda: Frame(COMMAND, b""), "DECODING", "signature"),
    "no message of ours": (lambda: Frame(COMMAND, b'{"unlock":true}'), "DECODING", "signature"),
    "a number that is none": (lambda: Frame(COMMAND, b'{"x":NaN}'), "DECODING", "signature"),
    "a key given twice": (lambda: Frame(COMMAND, b'{"id":1,"id":2}'), "DECODING", "signature"),
    "more than a command can be": (
        lambda: Frame(COMMAND, b" " * (COMMAND_BYTES_MAX + 1)),
        "TOO_BIG",
        "signature",
    ),
    "no envelope": (lambda: enveloped({}), "DECODING", "signature"),
    "an envelope with a field more": (lambda: enveloped(envelope(x=1)), "DECODING", "signature"),
    "another version": (lambda: enveloped(envelope(v=2)), "VERSION", "signature"),
    "sealed as an answer": (
        lambda: enveloped(seal(identity("button"), "reply", order().to_bytes())),
        "WRONG_TYPE",
        "signature",
    ),
    "renamed from an answer": (
        lambda: enveloped({**seal(identity("button"), "reply", order().to_bytes()), "typ": "command"}),
        "BAD_SIGNATURE",
        "signature",
    ),
    "a key nobody enrolled": (lambda: command_frame(order(), "mallory"), "UNKNOWN_KEY", "signature"),
    "other bytes under the signature": (tampered, "BAD_SIGNATURE", "signature"),
    "signed bytes that are no order": (
        lambda: enveloped(seal(identity("button"), "command", b"{}")),
        "DECODING",
        "signature",
    ),
    "the key of another device": (lambda: command_frame(order(), "lamp"), "SENDER_KEY_MISMATCH", "signature"),
    "another sender's topic": (lambda: elsewhere(sender="mallory"), "SENDER_KEY_MISMATCH", "signature"),
    "signed for another device": (
        lambda: Frame(COMMAND, event_of(order(to="heater")).to_json()),
        "WRONG_TARGET",
        "signature",
    ),
    "signed as another action": (lambda: elsewhere(action="measure"), "WRONG_COMMAND", "signature"),
    "signed under another id": (
        lambda: command_frame(order(), event_id="button-act-98"),
        "WRONG_COMMAND",
        "signature",
    ),
    "a life of more than an hour": (
        lambda: command_frame(order(expires_ms=START_MS + TTL_MAX_MS + 1)),
        "TTL_TOO_LONG",
        "freshness",
    ),
    "an end more than an hour away": (
        lambda: command_frame(order(issued_ms=START_MS + 1, expires_ms=START_MS + TTL_MAX_MS + 1)),
        "TTL_TOO_LONG",
        "freshness",
    ),
    "kept by the broker": (
        lambda: replace(command_frame(order()), retain=True),
        "RETAINED",
        "freshness",
    ),
}


@pytest.mark.parametrize("came", UNTRUSTED)
def test_command_that_cannot_be_taken_has_a_code_a_layer_and_one_record(came: str) -> None:
    """The rules refuse it, the record says which check found what, and the device never hears of it."""
    theatre = Theatre()
    frame, code, layer = UNTRUSTED[came]
    before = theatre.lamp()

    give(theatre, frame())

    decision = only_decision(theatre)["decision"]
    assert (decision["kind"], decision["code"], decision["layer"]) == ("forbidden", code, layer)
    assert decision["rules"] == ["fresh-only" if code == "TTL_TOO_LONG" else "signed-only"]
    assert decision["because"] != ""
    assert theatre.lamp() is before
    assert theatre.records("change") == []
    assert len(theatre.node("lamp").inbox) == 0


@pytest.mark.parametrize("came", UNTRUSTED)
def test_command_that_a_device_did_not_sign_is_not_answered_to_it(came: str) -> None:
    """Otherwise a forger could close the button's own command of that id; a signed one it is told of."""
    theatre = Theatre()
    frame, code, _ = UNTRUSTED[came]
    sent = frame()

    give(theatre, sent)

    to_mallory = "/cmd/mallory/" in sent.topic  # She is not enrolled, so nothing of hers is confused by it.
    assert answers(theatre) == (["denied"] if code == "TTL_TOO_LONG" or to_mallory else [])


@pytest.mark.parametrize("came", UNTRUSTED)
def test_command_of_the_same_id_is_carried_out_after_one_that_could_not_be_taken(came: str) -> None:
    """What nobody vouches for leaves nothing behind."""
    theatre = Theatre()
    give(theatre, UNTRUSTED[came][0]())

    give(theatre, command_frame(order()))

    assert theatre.lamp().did == ("now",)
    assert theatre.lamp().weighed == (("do", "button-act-99"),)


def test_stranger_is_told_that_the_household_does_not_know_it() -> None:
    """An honest device that was never enrolled learns why nothing happens."""
    theatre = Theatre()

    ticket = theatre.use("mallory", Press(lamp="lamp"))

    denial = theatre.records("command", command=ticket)[-1]["denial"]
    assert (denial["code"], denial["layer"]) == ("UNKNOWN_KEY", "signature")
    assert denial["because"] == "the household has not enrolled the key that signed it"


def test_retained_command_is_refused_on_every_connect_and_never_carried_out() -> None:
    """A broker that keeps it hands it out again and again; each time is a refusal on record."""
    theatre = Theatre()
    frame = replace(command_frame(order()), retain=True)

    for _ in range(2):
        give(theatre, frame)

    codes = [record["decision"]["code"] for record in theatre.records("decision")]
    assert codes == ["RETAINED", "RETAINED"]
    assert theatre.lamp().did == ()
    assert answers(theatre) == []


# --- used before ----------------------------------------------------------------------------------


def decisions_since(theatre: Theatre, count: int) -> list[Any]:
    """Return the decisions after the first few."""
    return [record["decision"] for record in theatre.records("decision")[count:]]


def test_other_bytes_under_a_used_id_are_refused_once_on_record() -> None:
    """An id is bound to its bytes: the rules call it not of now, and the device is not asked."""
    theatre = Theatre()
    give(theatre, command_frame(order()))
    before = theatre.lamp()

    give(theatre, command_frame(order(args={"how": "on"})))

    (decision,) = decisions_since(theatre, 1)
    assert (decision["rules"], decision["code"], decision["layer"]) == (
        ["fresh-only"],
        "CMD_ID_REUSED",
        "freshness",
    )
    assert theatre.lamp() is before
    assert answers(theatre) == ["accepted", "done"]


def test_id_that_another_sender_has_under_way_is_refused_once_on_record() -> None:
    """Two askers with one id would get each other's answers."""
    theatre = Theatre(TWO_ASKERS)
    give(theatre, command_frame(order(args={"how": "later"})))
    before = theatre.lamp()

    give(theatre, command_frame(order(sender="panel"), "panel"))

    (decision,) = decisions_since(theatre, 1)
    assert (decision["rules"], decision["code"], decision["layer"]) == (
        ["fresh-only"],
        "CMD_ID_REUSED",
        "freshness",
    )
    assert theatre.lamp() is before


# --- too late -------------------------------------------------------------------------------------


def test_command_that_is_too_late_is_refused_before_any_rule_is_asked() -> None:
    """It is expired to its sender, and on record with the code; the device and the rules hear nothing."""
    theatre = Theatre()
    theatre.advance(30_250)
    before = theatre.lamp()

    give(theatre, command_frame(order()))

    record = only_decision(theatre)
    decision = record["decision"]
    assert (record["command"], record["by"]) == ("button-act-99", "lin")
    assert (decision["kind"], decision["rules"], decision["clauses"]) == ("refused", [], [])
    assert (decision["code"], decision["layer"]) == ("EXPIRED", "freshness")
    assert decision["reason"] == "it came 250 ms after it had expired"
    assert theatre.rules.asked == []
    assert theatre.lamp() is before
    assert answers(theatre) == ["expired"]


def test_command_that_is_too_late_is_judged_once_however_often_it_comes() -> None:
    """Its repetition gets the same answer, and no further record."""
    theatre = Theatre()
    theatre.advance(30_000)

    for _ in range(3):
        give(theatre, command_frame(order()))

    only_decision(theatre)
    assert answers(theatre) == ["expired"] * 3


# --- more than can be remembered ------------------------------------------------------------------


def hurried(theatre: Theatre, sender: str, count: int, **but: Any) -> None:
    """Let a sender give the lamp as many commands as fast as it takes them, each good for an hour."""
    for number in range(count):
        signed = order(id=f"{sender}-act-{number}", sender=sender, expires_ms=START_MS + TTL_MAX_MS, **but)
        give(theatre, command_frame(signed, sender))
        theatre.advance(100)


def later(theatre: Theatre, number: int, sender: str = "button") -> Order:
    """Return an order that is made now."""
    return order(
        id=f"{sender}-act-{number}",
        sender=sender,
        issued_ms=theatre.now_ms,
        expires_ms=theatre.now_ms + 1_000,
    )


def test_sender_with_more_commands_than_can_be_remembered_is_refused_the_next() -> None:
    """Rather that than forget one that could be repeated; the refusal is on record, and no rule was asked."""
    theatre = Theatre()
    hurried(theatre, "button", REMEMBERED_MAX)
    asked = len(theatre.rules.asked)

    give(theatre, command_frame(later(theatre, 998)))

    (decision,) = decisions_since(theatre, REMEMBERED_MAX)
    assert (decision["kind"], decision["code"], decision["layer"]) == ("refused", "TOO_MANY", "rate")
    assert len(theatre.rules.asked) == asked
    assert len(theatre.lamp().weighed) == REMEMBERED_MAX
    assert answers(theatre)[-1] == "failed"
    give(theatre, command_frame(order(id="button-act-0", expires_ms=START_MS + TTL_MAX_MS)))
    assert len(theatre.lamp().did) == REMEMBERED_MAX


def test_sender_with_more_commands_than_can_be_remembered_costs_another_nothing() -> None:
    """A noisy device that says its commands hold for an hour fills its own share only."""
    theatre = Theatre(TWO_ASKERS)
    hurried(theatre, "panel", REMEMBERED_MAX + 10)
    assert len(theatre.lamp().did) == REMEMBERED_MAX

    ticket = theatre.press("on")

    assert theatre.status(ticket) == "done"
    assert theatre.lamp().did[-1] == "on"


def test_sender_is_served_again_when_its_commands_have_expired() -> None:
    """Room is made where the time is up."""
    theatre = Theatre()
    hurried(theatre, "button", REMEMBERED_MAX)
    theatre.advance(TTL_MAX_MS)

    give(theatre, command_frame(later(theatre, 999)))

    assert answers(theatre)[-1] == "done"
    assert len(theatre.node("lamp").inbox) == REMEMBERED_MAX


# --- what the device itself found -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "because"),
    [("TOO_FAR", SENTENCES["TOO_FAR"]), ("REVOKED", SENTENCES["REVOKED"]), ("UNHEARD_OF", "")],
)
def test_command_whose_proof_does_not_hold_is_refused_at_the_key(code: str, because: str) -> None:
    """The device says which check failed, the rules refuse, and the asker is told both."""
    theatre = Theatre()

    ticket = theatre.press(code)

    decision = only_decision(theatre)["decision"]
    assert (decision["kind"], decision["rules"]) == ("forbidden", ["proved-only"])
    assert (decision["layer"], decision["code"], decision["because"]) == ("key", code, because)
    denial = theatre.records("command", command=ticket)[-1]["denial"]
    assert (denial["layer"], denial["code"], denial["because"]) == ("key", code, because)
    assert theatre.lamp().did == ()


def test_command_that_only_the_rules_refuse_has_no_code() -> None:
    """No check found anything: the layer is the policy."""
    theatre = Theatre(policy=Rules(forbidden=("do",)))

    theatre.press()

    decision = only_decision(theatre)["decision"]
    assert (decision["layer"], decision["code"], decision["because"]) == ("policy", None, "")


def test_command_that_is_permitted_was_refused_by_no_layer() -> None:
    """There is nothing to explain."""
    theatre = Theatre()

    theatre.press()

    decision = only_decision(theatre)["decision"]
    assert (decision["allowed"], decision["layer"], decision["code"]) == (True, None, None)


@pytest.mark.parametrize("forbidden", [(), ("do",)])
def test_device_takes_note_of_a_command_once_and_before_the_rules_are_asked(
    forbidden: tuple[str, ...],
) -> None:
    """Whatever they say then, its proof is used up; a repetition is not weighed again."""
    theatre = Theatre(policy=Rules(forbidden=forbidden))
    frame = command_frame(order())

    for _ in range(3):
        give(theatre, frame)

    # The lamp finds no proof in what it has not taken note of.
    assert [request.circumstances.code for request in theatre.rules.asked] == [None]
    assert theatre.lamp().weighed == (("do", "button-act-99"),)
    only_decision(theatre)


def test_device_takes_note_of_what_is_touched_at_itself_too() -> None:
    """The same once, and with the ticket that follows it."""
    theatre = Theatre()

    ticket = theatre.use("lamp", Touch(), by="mei")

    assert theatre.status(ticket) == "done"
    assert theatre.lamp().weighed == (("do", ticket),)
    assert theatre.rules.asked[-1].built_in is True


@pytest.mark.parametrize(("sender", "built_in"), [("headlight", True), ("panel", False)])
def test_rules_are_told_what_is_built_into_the_device_that_is_asked(sender: str, built_in: bool) -> None:  # noqa: FBT001  # a column of the table
    """Something built into a car is part of it; what hangs on a wall is not."""
    household = TWO_ASKERS.replace(
        "  lamp:", "  su7: {kind: car}\n  headlight: {kind: lamp, car: su7}\n  lamp:"
    )
    theatre = Theatre(household, kinds={**KINDS, "car": Car})
    frame = command_frame(order(sender=sender, to="su7", name="lock", args={}), sender)

    theatre.deliver("su7", frame.topic, frame.payload)

    assert theatre.rules.asked[-1].built_in is built_in


def test_secret_of_a_code_on_a_screen_is_in_no_record() -> None:
    """It passes through the air only."""
    theatre = Theatre()

    theatre.press("show")

    assert theatre.truth.air.shown == {"lamp": "a secret"}
    assert "a secret" not in json.dumps(theatre.trace.records)
