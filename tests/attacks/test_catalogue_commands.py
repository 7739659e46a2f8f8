"""Rows 13 to 17 and 46 of the catalogue: commands that are planted, copied, forged, changed or held back.

`tests/wire/test_attacks_on_the_broker.py` has the whole catalogue.
"""

import base64
from dataclasses import replace
from typing import Any

import pytest

from sim.core.asking import LockCar, SetClimate, UnlockCar
from sim.core.device import Overheard
from sim.core.messages import CloudEvent, Frame
from sim.core.topics import command_topic
from sim.devices.attackers.forging import tampered
from sim.trust.envelope import seal
from sim.trust.identity import Identity
from tests.attacks.raids import (
    HOME,
    HOUR_MS,
    House,
    Refusal,
    Story,
    asking,
    by_the_broker,
    decided,
    forbidden,
    framed,
    identity,
    on_topic_of,
    opened,
    refused,
    requesting,
    retouched,
)
from tests.scenario.stories import STEPS, passes

MALLORYS_OWN = Identity.of("phone", b"a key that nobody has enrolled..")
"""A key of her own, which she says is the phone's."""


def unlocked_and_locked(house: House) -> None:
    """Let the watch open the car and the phone close it: what an eavesdropper has copied meanwhile."""
    house.use("watch", UnlockCar(car="su7"))
    house.advance(2_000)
    house.use("phone", LockCar(car="su7"))
    house.advance(2_000)
    assert house.truth.fact("su7", "locked", house.now_ms)


def heated(house: House) -> None:
    """Let the phone switch the heater on and off again."""
    for act in (SetClimate(device="heater", mode="heat"), SetClimate(device="heater", mode="off")):
        house.use("phone", act)
        house.advance(2_000)


# --- 13 -------------------------------------------------------------------------------------------


def test_row_13_command_that_was_kept_is_refused_when_it_is_handed_out_again() -> None:
    """A command planted at the broker is judged once as it comes, and is refused when the car is back."""

    def story(house: House) -> None:
        order = house.signed("tv", "lock", expires_ms=house.now_ms + HOUR_MS)
        house.attack(lambda: house.say("tv", replace(order, retain=True)))
        house.stage.crash("su7", None, 2_000)
        house.advance(5_000)

    house = refused(
        story,
        forbidden("tv", "lock", "policy", None, "key-or-built-in"),
        forbidden("tv", "lock", "freshness", "RETAINED", "signed-command-only"),
    )
    assert command_topic(HOME, "su7", "tv", "lock") in house.stage.network.retained()


def test_row_13_honest_command_that_the_broker_was_made_to_keep_is_not_done_again() -> None:
    """Whoever sits in the phone's line has its command kept; the heater, restarted, does not do it again."""

    def story(house: House) -> None:
        heated(house)
        kept = replace(house.sent("phone", "set_climate", "heater"), retain=True)
        house.attack(lambda: house.say("phone", kept))
        house.stage.crash("heater", None, 2_000)
        house.advance(5_000)

    refused(
        story,
        Refusal("phone", "set_climate", "freshness", "RETAINED", "signed-command-only", "heater"),
    )


# --- 14 -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("attacker", ["mallory", "tv"])
@pytest.mark.parametrize(
    ("victim", "action"), [("watch", "unlock"), ("phone", "lock"), ("watch", "key_hello")]
)
def test_row_14_captured_command_on_the_attackers_own_topic(attacker: str, victim: str, action: str) -> None:
    """On a topic of her own the bytes of another show whose they are."""

    def story(house: House) -> None:
        unlocked_and_locked(house)
        house.attack(lambda: house.say(attacker, on_topic_of(attacker, house.sent(victim, action))))
        house.advance(60_000)

    refused(story, forbidden(attacker, action, "signature", "SENDER_KEY_MISMATCH", "signed-command-only"))


@pytest.mark.parametrize("attacker", ["mallory", "tv", "mei_phone", "dash", "jun_phone"])
def test_row_14_captured_command_on_its_own_topic_with_another_account(attacker: str) -> None:
    """The broker refuses every other account on the watch's topic, of the household or not."""
    topic = command_topic(HOME, "su7", "watch", "unlock")

    def story(house: House) -> None:
        unlocked_and_locked(house)
        house.attack(lambda: house.say(attacker, house.sent("watch", "unlock")))
        house.advance(60_000)

    refused(story, by_the_broker(attacker, topic))


@pytest.mark.parametrize(
    ("prelude", "victim", "action", "to"),
    [
        (unlocked_and_locked, "watch", "unlock", "su7"),
        (unlocked_and_locked, "watch", "key_hello", "su7"),
        (unlocked_and_locked, "phone", "lock", "su7"),
        (heated, "phone", "set_climate", "heater"),
    ],
)
def test_row_14_captured_command_in_the_victims_own_line(
    prelude: Story, victim: str, action: str, to: str
) -> None:
    """In the victim's own line a copy is what a broker's second delivery is: same answer, done once.

    Nothing was refused, so the record of it is the answer, which is the very one of the first time.
    """

    def story(house: House) -> None:
        prelude(house)
        house.attack(lambda: house.say(victim, house.sent(victim, action, to, first=True)))
        house.advance(60_000)

    house = refused(story)
    _, order = opened(house.sent(victim, action, to, first=True))
    answers = house.published(f"{to}/reply/{victim}/{order.id}")
    assert answers[-1]["id"] == answers[-2]["id"], "it was not answered like the first time"


# --- 15 -------------------------------------------------------------------------------------------


def order_of_mallorys(house: House) -> Frame:
    """Return an order in the phone's name, signed with a key that nobody has enrolled."""
    return house.signed("phone", "lock", signer=MALLORYS_OWN)


def _kid_of_another(house: House) -> Frame:
    """Return an order under the phone's key id, with a signature of another key."""
    event, order = opened(house.signed("phone", "lock"))
    envelope = {**seal(MALLORYS_OWN, "command", order.to_bytes()), "kid": identity("phone").kid}
    return framed("phone", "su7", "lock", event.id, envelope)


@pytest.mark.parametrize(
    ("forge", "code"),
    [
        (order_of_mallorys, "UNKNOWN_KEY"),
        (lambda house: house.signed("phone", "lock", signer=identity("mallory")), "UNKNOWN_KEY"),
        (lambda house: house.signed("phone", "lock", signer=identity("tv")), "SENDER_KEY_MISMATCH"),
        (lambda house: house.signed("phone", "lock", signer=identity("su7")), "SENDER_KEY_MISMATCH"),
        (_kid_of_another, "BAD_SIGNATURE"),
    ],
)
def test_row_15_stolen_account_without_its_key(forge: Any, code: str) -> None:
    """The phone's password, and any key but the phone's: the signature is refused, and the phone not told."""

    def story(house: House) -> None:
        house.use("watch", UnlockCar(car="su7"))
        house.advance(2_000)
        house.attack(lambda: house.say("phone", forge(house)))
        house.advance(60_000)

    house = refused(story, forbidden("phone", "lock", "signature", code, "signed-command-only"))
    assert not house.published("/reply/phone/")


def test_row_15_stolen_message_key_without_the_digital_key_opens_nothing() -> None:
    """Who has a phone's account and the key of its messages still has no key of the car."""

    def story(house: House) -> None:
        house.attack(lambda: house.say("phone", house.signed("phone", "unlock", worn=True, by="lin")))
        house.advance(60_000)

    refused(story, forbidden("phone", "unlock", "key", "NO_PROOF", "key-or-built-in"))


# --- 16 -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["their line", "own topic"])
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "open_boot"),
        ("args", {}),
        ("by", "mei"),
        ("to", "heater"),
        ("sender", "mallory"),
        ("worn", False),
        ("id", "phone-act-99"),
        ("expires_ms", 1_800_000_000_000),
    ],
)
def test_row_16_changed_field_under_the_old_signature(field: str, value: Any, way: str) -> None:
    """One signed field is changed and the signature is kept: it does not fit, whatever field it was."""

    def story(house: House) -> None:
        unlocked_and_locked(house)
        captured = house.sent("phone", "lock")
        changed = tampered(Overheard("phone", captured.topic, captured.payload), field, value)
        assert changed is not None
        frame = Frame(captured.topic, changed.payload)
        if way == "their line":
            house.attack(lambda: house.say("phone", frame))
        else:
            house.attack(lambda: house.say("mallory", on_topic_of("mallory", frame)))
        house.advance(60_000)

    sender = "phone" if way == "their line" else "mallory"
    refused(story, forbidden(sender, "lock", "signature", "BAD_SIGNATURE", "signed-command-only"))


def _as_another_action(frame: Frame) -> Frame:
    return Frame(frame.topic.replace("/lock", "/open_boot"), frame.payload)


def _under_another_id(frame: Frame) -> Frame:
    return Frame(frame.topic, replace(CloudEvent.from_json(frame.payload), id="phone-act-99").to_json())


def _as_a_reply(frame: Frame) -> Frame:
    event = CloudEvent.from_json(frame.payload)
    return Frame(frame.topic, replace(event, data={**event.data, "typ": "reply"}).to_json())


def _with_a_field_more(frame: Frame) -> Frame:
    event = CloudEvent.from_json(frame.payload)
    return Frame(frame.topic, replace(event, data={**event.data, "alg": "none"}).to_json())


def _of_an_older_version(frame: Frame) -> Frame:
    event = CloudEvent.from_json(frame.payload)
    return Frame(frame.topic, replace(event, data={**event.data, "v": 0}).to_json())


def _with_a_longer_signature(frame: Frame) -> Frame:
    event = CloudEvent.from_json(frame.payload)
    signature = base64.urlsafe_b64encode(bytes(80)).decode().rstrip("=")
    return Frame(frame.topic, replace(event, data={**event.data, "sig": signature}).to_json())


@pytest.mark.parametrize(
    ("change", "action", "code"),
    [
        (_as_another_action, "open_boot", "WRONG_COMMAND"),
        (_under_another_id, "lock", "WRONG_COMMAND"),
        (_as_a_reply, "lock", "WRONG_TYPE"),
        (_with_a_field_more, "lock", "DECODING"),
        (_of_an_older_version, "lock", "VERSION"),
        (_with_a_longer_signature, "lock", "BAD_SIGNATURE"),
    ],
)
def test_row_16_changed_wrapping_around_the_signed_bytes(change: Any, action: str, code: str) -> None:
    """What stands around the signed bytes is compared with them, and never believed instead of them."""

    def story(house: House) -> None:
        unlocked_and_locked(house)
        house.attack(lambda: house.say("phone", change(house.sent("phone", "lock"))))
        house.advance(60_000)

    refused(story, forbidden("phone", action, "signature", code, "signed-command-only"))


@pytest.mark.parametrize("field", ["action", "command_id", "presence", "ephemeral", "transaction"])
def test_row_16_changed_proof_under_the_old_signature(field: str) -> None:
    """The proof of a key inside a command has a signature of its own, which fits nothing else either."""
    values = {"action": "open_boot", "command_id": "forged-1", "presence": "biometric"}

    def story(house: House) -> None:
        house.use("watch", UnlockCar(car="su7"))
        house.advance(2_000)
        _, order = opened(house.sent("watch", "unlock"))
        value = values.get(field, "0" * (64 if field == "ephemeral" else 32))
        proof = retouched(order.args["proof"], field, value)
        house.attack(lambda: house.say("watch", house.signed("watch", "unlock", {"proof": proof}, worn=True)))
        house.advance(60_000)

    refused(story, forbidden("watch", "unlock", "key", "BAD_SIGNATURE", "fresh-key-only"))


# --- 17 -------------------------------------------------------------------------------------------


def test_row_17_command_held_back_for_31_seconds() -> None:
    """A command that lives for 30 s and comes after 31 is refused for its age, once for all its copies."""

    def story(house: House) -> None:
        def held() -> None:
            house.hold_back("phone", 31_000, during_ms=30_000)
            house.use("phone", SetClimate(device="heater", mode="heat", target_c=25.0))

        house.attack(held)
        house.advance(120_000)

    house = refused(story, Refusal("phone", "set_climate", "freshness", "EXPIRED", None, "heater"))
    assert house.records("command", status="expired")


@pytest.mark.parametrize("action", [UnlockCar(car="su7"), LockCar(car="su7")])
def test_row_17_talk_of_a_key_held_back_for_31_seconds(action: Any) -> None:
    """What begins the talk of a key is held back: no challenge is given to it, and no clock is told."""
    opening = "key_hello" if isinstance(action, UnlockCar) else "key_session"

    def story(house: House) -> None:
        def held() -> None:
            house.lose("su7", "in", 30_500)
            house.use("watch", action)

        house.attack(held)
        house.advance(31_000)
        house.attack(lambda: house.say("watch", house.sent("watch", opening)))
        house.advance(60_000)

    refused(story, forbidden("watch", opening, "freshness", "EXPIRED", None))


def test_row_17_answer_to_a_challenge_held_back_for_two_seconds_and_a_half() -> None:
    """An answer that comes after its challenge has ended opens nothing; the watch begins anew and opens."""

    def story(house: House) -> None:
        house.attack(lambda: house.as_soon_as(decided("key_hello"), lambda: house.hold_back("watch", 2_500)))
        house.use("watch", UnlockCar(car="su7"))
        house.advance(60_000)

    refused(story, forbidden("watch", "unlock", "key", "EXPIRED", "fresh-key-only"), late=True)


# --- 46 -------------------------------------------------------------------------------------------


def test_row_46_device_with_a_valid_key_asks_on_behalf_of_others() -> None:
    """The television says that Lin asks: the car knows it as no key, and the heater no person in it."""

    def story(house: House) -> None:
        house.attack(lambda: house.say("tv", house.signed("tv", "unlock", by="lin", worn=True)))
        house.attack(lambda: house.say("tv", house.signed("tv", "lock", by="lin", worn=True)))
        order = house.signed("tv", "set_climate", {"mode": "heat"}, to="heater", by="lin")
        house.attack(lambda: house.say("tv", order))
        picture = house.signed("tv", "snapshot", to="camera", by="lin")
        house.attack(lambda: house.say("tv", picture))
        house.advance(60_000)

    refused(
        story,
        forbidden("tv", "unlock", "key", "NO_PROOF", "key-or-built-in"),
        forbidden("tv", "lock", "policy", None, "key-or-built-in"),
        Refusal("tv", "set_climate", "policy", None, None, "heater"),
        Refusal("tv", "snapshot", "policy", None, "camera-consent", "camera"),
    )


@pytest.mark.parametrize("person", ["lin", "mei", "tao", "jun"])
def test_row_46_dashboard_is_asked_to_open_the_car_for_somebody(person: str) -> None:
    """The dashboard is built into the car and has no key: whoever touches it, it opens nothing."""

    def story(house: House) -> None:
        house.attack(lambda: house.use("dash", asking("su7", "unlock"), person))
        house.attack(lambda: house.use("dash", requesting("open_boot"), person))
        house.advance(60_000)

    refused(
        story,
        forbidden("dash", "unlock", "key", "NO_PROOF", "key-in-range"),
        forbidden("dash", "open_boot", "key", "NO_PROOF", "key-in-range"),
    )


def test_row_46_phone_that_is_no_key_asks_for_somebody_who_has_one() -> None:
    """A visitor's phone says that Lin asks, who stands beside him: what counts is the phone's own key."""

    def story(house: House) -> None:
        house.attack(lambda: house.use("jun_phone", asking("su7", "unlock"), "lin"))
        house.attack(lambda: house.use("jun_phone", requesting("start"), "lin"))
        house.attack(lambda: house.say("jun_phone", house.signed("jun_phone", "lock", by="lin")))
        house.advance(60_000)

    refused(
        story,
        forbidden("jun_phone", "unlock", "key", "NO_PROOF", "key-or-built-in"),
        forbidden("jun_phone", "start", "key", "NO_PROOF", "key-or-built-in"),
        forbidden("jun_phone", "lock", "policy", None, "key-or-built-in"),
    )


@pytest.mark.parametrize(
    ("device", "refusal"),
    [
        ("jun_phone", Refusal("jun_phone", "offer_key", "policy", None, None, "phone")),
        ("tv", by_the_broker("tv", command_topic(HOME, "phone", "tv", "offer_key"))),
        ("mallory", by_the_broker("mallory", command_topic(HOME, "phone", "mallory", "offer_key"))),
    ],
)
def test_row_46_owners_phone_is_asked_for_its_key(device: str, refusal: Refusal) -> None:
    """Nobody but a member has a phone of the household talk about keys, whoever they say they ask for."""

    def story(house: House) -> None:
        offer = house.signed(device, "offer_key", {"car": "su7"}, to="phone", by="lin")
        house.attack(lambda: house.say(device, offer))

    refused(story, refusal)


@pytest.mark.parametrize("phone", ["phone", "mei_phone"])
@pytest.mark.parametrize("action", ["unlock", "open_boot", "open_windows", "start", "summon"])
def test_row_46_scene_that_includes_unlocking(phone: str, action: str) -> None:
    """Written by who stands beside the car with a key: the hub that asks is none, and opens nothing."""
    rule = "no-remote-driving" if action == "summon" else "key-in-range"
    passes(f"""scenario: a scene opens nothing
household:
  extends: wang
  devices: {{hub: {{kind: hub, home: home, room: living_room}}}}
given:
  su7: {{locked: true, gear: P}}
  lin: {{from_su7: 1 m}}
  mei: {{from_su7: 1 m}}
always:
  - never: {{su7.locked: false, su7.boot: open, su7.windows: open, su7.drive_ready: true}}
steps:
  - do: {phone}.ask
    with:
      device: hub
      action: write_scene
      arguments: {{scene: ajar, effects: [{{device: su7, action: {action}}}]}}
    as: written
  - expect: {{written: done}}
    within: 4s
  - do: {phone}.ask
    with: {{device: hub, action: run_scene, arguments: {{scene: ajar}}}}
    as: run
  - expect: {{run: failed, hub.last_result: 1 denied, hub.last_rules: {rule}}}
    within: 10s
""")


VOICES = [
    ("en", "Hey Xiaomi, unlock the car"),
    ("en", "Hey Xiaomi, open the boot and start the engine"),
    ("zh", "小爱同学，打开车门"),
]


@pytest.mark.parametrize(("language", "sentence"), VOICES)
def test_row_46_voice_that_asks_to_open_the_car(language: str, sentence: str) -> None:
    """The assistant opens nothing for anybody: no command is even sent, and one record says why."""
    text = f"""given:
  su7: {{locked: true, gear: P, driver: lin}}
steps:
  - say: "{sentence}"
    by: lin
    lang: {language}
    from: dash
    as: voice
  - expect: {{voice: failed, su7.locked: true, su7.boot: closed, su7.drive_ready: false}}
"""
    result = passes(STEPS.replace("steps:\n", "") + text)

    ends = [record for record in result.records if record["kind"] == "command"]
    assert [record["reason"] for record in ends] == ["voice opens no lock, door or boot and moves no car"]
    assert not [record for record in result.records if "/su7/cmd/" in record.get("topic", "")]
    moved = [record["changes"] for record in result.records if record["kind"] == "change"]
    assert not [one for one in moved if {"locked", "boot", "windows", "drive_ready"} & set(one)]
