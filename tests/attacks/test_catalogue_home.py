"""Rows 39 to 43 of the catalogue: couriers, cameras and places, voices, the cloud, and dangerous values.

The television, the speaker and the cloud are the real ones, in wrong hands: whoever has them has their
accounts and the keys with which they sign. `tests/wire/test_attacks_on_the_broker.py` has the whole
catalogue; what the broker gives them to read is in `tests/wire/test_attacks_by_readers.py`.
"""

from dataclasses import replace
from typing import Any

import pytest

from sim.apps.twins.intents import Intent, sealed
from sim.apps.twins.wishes import SetSetting
from sim.core.asking import OpenBoot, StartCar, UnlockCar
from sim.core.device import Answer
from sim.core.messages import CloudEvent, Frame
from sim.core.topics import command_topic, event_topic, reply_topic, state_topic
from sim.devices.tv import Tv
from sim.scenario.assault import KEY_TALK
from sim.services.cloud import Cloud
from sim.trust.derivation import intent_key, seed_for_scenario
from sim.trust.envelope import seal
from sim.trust.key_talks import ShareKey
from tests.attacks.raids import (
    BEFORE_THE_CAR,
    HOME,
    HOUR_MS,
    House,
    Refusal,
    asking,
    by_the_broker,
    forbidden,
    refused,
)
from tests.scenario.stories import WANG, passes
from tests.stages import SEED

REAL = WANG.text.replace(
    "\nstrangers:\n",
    """
  jun_phone: {kind: phone, owner: jun}
  tao_phone: {kind: phone, owner: tao}
  tv: {kind: tv, home: home, room: living_room}
  speaker: {kind: speaker, home: home, room: bedroom}
  cloud: {kind: cloud}
strangers:
""",
)
"""The Wangs with a television, a speaker and a cloud as they ship; a guest and the child bring phones."""
MINUTE_MS = 60_000


# --- 39 -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("act", "after_ms", "code"),
    [
        (OpenBoot(car="su7"), 1_000, "USED_UP"),
        (UnlockCar(car="su7"), 1_000, "RIGHTS"),
        (StartCar(car="su7"), 1_000, "RIGHTS"),
    ],
)
def test_row_39_courier_opens_the_boot_twice_or_a_door(act: Any, after_ms: int, code: str) -> None:
    """A courier's key opens the boot once, and neither a door nor the motor."""

    def story(house: House) -> None:
        house.use("phone", ShareKey(car="su7", to="jun_phone", role="courier"))
        house.use("jun_phone", OpenBoot(car="su7"))
        house.advance(after_ms)
        house.attack(house.use, "jun_phone", act)
        house.advance(MINUTE_MS)

    house = refused(story, forbidden("jun_phone", act.action(), "key", code, "fresh-key-only"))
    assert house.allowed("open_boot") == 1


def test_row_39_courier_comes_late() -> None:
    """After the hours for which it was shared, a courier's key opens nothing, though it was never used."""

    def story(house: House) -> None:
        house.use("phone", ShareKey(car="su7", to="jun_phone", role="courier"))
        house.advance(4 * HOUR_MS + MINUTE_MS)
        house.attack(house.use, "jun_phone", OpenBoot(car="su7"))
        house.advance(MINUTE_MS)

    house = refused(story, forbidden("jun_phone", "key_hello", "key", "KEY_EXPIRED", "fresh-key-only"))
    assert house.allowed("open_boot") == 0


# --- 40 -------------------------------------------------------------------------------------------


def given_to(house: House, *words: str) -> set[str]:
    """Return whom the broker gave a message with all of some words in its topic or its bytes."""
    return {
        delivery.receiver
        for round_ in house.rounds
        for delivery in round_.expected
        if all(word in delivery.frame.topic or word.encode() in delivery.frame.payload for word in words)
    }


def test_row_40_television_asks_for_a_picture_of_the_home() -> None:
    """It sees no camera for nobody, a guest or the child; what Lin's phone is shown goes there alone."""

    def story(house: House) -> None:
        for by in (None, "jun", "tao"):
            order = house.signed("tv", "snapshot", to="camera", by=by)
            house.attack(house.say, "tv", order)
        house.attack(house.use, "jun_phone", asking("camera", "snapshot"))
        house.use("phone", asking("camera", "snapshot"))
        house.advance(MINUTE_MS)

    house = refused(
        story,
        Refusal("tv", "snapshot", "policy", None, "camera-consent", "camera"),
        Refusal("tv", "snapshot", "policy", None, None, "camera"),
        Refusal("tv", "snapshot", "policy", None, None, "camera"),
        Refusal("jun_phone", "snapshot", "policy", None, None, "camera"),
        household=REAL,
    )
    assert given_to(house, "/camera/reply/phone/") == {"phone"}


@pytest.mark.parametrize("reader", ["tv", "speaker", "jun_phone", "mallory"])
def test_row_40_picture_is_asked_for_in_anothers_line(reader: str) -> None:
    """Nobody has the camera answer somebody else, and nobody answers in its place."""
    ask = command_topic(HOME, "camera", "phone", "snapshot")
    answer = reply_topic(HOME, "camera", "phone", "phone-act-1")

    def story(house: House) -> None:
        order = house.signed("phone", "snapshot", to="camera")
        house.attack(house.say, reader, order)
        house.attack(house.say, reader, Frame(answer, b"{}"))

    refused(story, by_the_broker(reader, ask), by_the_broker(reader, answer), household=REAL)


# --- 41 -------------------------------------------------------------------------------------------

OPENING = ("unlock", "open_boot", "open_windows", "start")


@pytest.mark.parametrize("device", ["tv", "speaker"])
@pytest.mark.parametrize("voice", [None, "inside", "outside"])
def test_row_41_television_says_that_lin_wants_the_car_open(device: str, voice: str | None) -> None:
    """Whoever it says has asked it, by hand or by voice, inside or outside: it is no key of the car."""

    def story(house: House) -> None:
        for action in OPENING:
            order = house.signed(device, action, by="lin", worn=True, voice=voice)
            house.attack(house.say, device, order)
        order = house.signed(device, "summon", by="lin", worn=True, voice=voice)
        house.attack(house.say, device, order)

    first = "voice-from-outside-only-locks" if voice == "outside" else "key-or-built-in"
    house = refused(
        story,
        *(forbidden(device, action, "key", "NO_PROOF", first) for action in OPENING),
        forbidden(device, "summon", "policy", None, "no-remote-driving"),
        household=REAL,
    )
    for record in house.records("decision", device="su7", sender=device)[: len(OPENING)]:
        assert {"key-or-built-in", "key-in-range"} <= set(record["decision"]["rules"])
        assert ("voice-opens-nothing" in record["decision"]["rules"]) == (voice is not None)


SPOKEN = [
    ("en", "Hey Xiaomi, unlock the car"),
    ("en", "Hey Xiaomi, open the boot"),
    ("en", "Hey Xiaomi, start the engine"),
    ("zh", "小爱同学，打开车门"),
]


@pytest.mark.parametrize(("language", "sentence"), SPOKEN)
@pytest.mark.parametrize("speaker", ["lin", "stranger"])
@pytest.mark.parametrize("microphone", ["tv", "speaker", "phone", "watch", "dash"])
def test_row_41_film_says_unlock_the_car(microphone: str, speaker: str, language: str, sentence: str) -> None:
    """A film says it, or plays Lin's own voice: whichever microphone hears it, the car stays as it is."""
    result = passes(f"""scenario: a film opens nothing
household:
  extends: wang
  devices:
    tv: {{kind: tv, home: home, room: living_room}}
    speaker: {{kind: speaker, home: home, room: bedroom}}
given:
  su7: {{locked: true, gear: P}}
  phone: {{carrier: lin}}
  watch: {{on_wrist: true, wearer: lin}}
  lin: {{from_su7: 1 m}}
always:
  - never: {{su7.locked: false, su7.boot: open, su7.windows: open, su7.drive_ready: true}}
steps:
  - say: "{sentence}"
    by: {speaker}
    lang: {language}
    from: {microphone}
    as: film
  - advance: 30s
  - expect: {{su7.locked: true, su7.boot: closed, su7.drive_ready: false}}
""")

    allowed = [one for one in result.records if one["kind"] == "decision" and one["decision"]["allowed"]]
    assert not [one for one in allowed if one["device"] == "su7" and one["action"] not in KEY_TALK]
    moved = [one["changes"] for one in result.records if one["kind"] == "change"]
    assert not [one for one in moved if {"locked", "boot", "windows", "drive_ready"} & set(one)]


# --- 42 -------------------------------------------------------------------------------------------


def test_row_42_cloud_gives_orders() -> None:
    """Whoever has the cloud's account and key commands nothing: it asks nobody, so the broker refuses."""
    orders: list[tuple[str, str, dict[str, Any]]] = [
        ("su7", "unlock", {}),
        ("su7", "summon", {}),
        ("su7", "refresh", {}),
        ("heater", "set_climate", {"mode": "heat"}),
        ("camera", "snapshot", {}),
        ("phone", "offer_key", {"car": "su7"}),
        ("tv", "apply_setting", {"intent": "phone-wish-1", "setting": "volume_percent", "value": 100.0}),
    ]

    def story(house: House) -> None:
        for to, action, args in orders:
            house.attack(house.say, "cloud", house.signed("cloud", action, args, to=to, by="lin"))

    topics = [command_topic(HOME, to, "cloud", action) for to, action, _ in orders]
    refused(story, *(by_the_broker("cloud", topic) for topic in topics), household=REAL)


def test_row_42_cloud_speaks_for_others() -> None:
    """It neither answers for the car, nor reports for it, nor asks in the phone's name."""

    def story(house: House) -> None:
        order = house.signed("phone", "unlock", worn=True)
        for topic in topics:
            house.attack(house.say, "cloud", Frame(topic, order.payload))

    topics = [
        command_topic(HOME, "su7", "phone", "unlock"),
        reply_topic(HOME, "su7", "phone", "phone-act-1"),
        state_topic(HOME, "su7", "doors"),
        event_topic(HOME, "su7", "unlocked"),
    ]
    refused(story, *(by_the_broker("cloud", topic) for topic in topics), household=REAL)


def signed_by(device: str) -> Any:
    """Return the key with which a device signs what is wished at it."""
    return intent_key(device, seed_for_scenario(SEED, HOME, device))


def made_up(house: House) -> list[dict[str, Any]]:
    """Return wishes that the cloud has made up: in the name of others, in its own, and rubbish."""
    loudest = Intent(
        id="phone-wish-9",
        device="phone",
        person="lin",
        scope="tv",
        setting="volume_percent",
        value=100.0,
        ms=house.now_ms,
        count=0,
    )
    hers = loudest.model_copy(update={"device": "cloud"})
    foreign = loudest.model_copy(update={"device": "tv", "id": "tv-wish-9"})
    return [
        sealed(signed_by("cloud"), loudest),
        sealed(signed_by("cloud"), hers),
        sealed(signed_by("cloud"), foreign),
        seal(signed_by("phone"), "order", b"{}"),
        {},
    ]


def test_row_42_cloud_makes_up_wishes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A television that is told what Lin never wished stays as it is, and does what she wishes afterwards."""
    honest = Cloud._since
    lies: list[str] = []

    def lie(house: House) -> None:
        def since(cloud: Cloud, command: Any, device: str, now_ms: int) -> Any:
            lies.append(device)
            delta = honest(cloud, command, device, now_ms)
            return delta.model_copy(update={"version": delta.version + 1, "desired": made_up(house)})

        monkeypatch.setattr(Cloud, "_since", since)

    def story(house: House) -> None:
        house.use("phone", SetSetting.model_validate({"device": "tv", "volume": 30.0}))
        house.advance(MINUTE_MS)
        house.attack(lie, house)
        house.use("phone", SetSetting.model_validate({"device": "tv", "volume": 40.0}))
        house.advance(MINUTE_MS)
        # What it can do is to be silent.
        assert volume(house) == (30.0 if house.attacks else 40.0)
        monkeypatch.setattr(Cloud, "_since", honest)
        house.use("phone", SetSetting.model_validate({"device": "tv", "volume": 50.0}))
        house.advance(MINUTE_MS)
        assert volume(house) == 50.0

    refused(story, household=REAL)
    assert "tv" in lies


def volume(house: House) -> Any:
    """Return how loud the television is, as it says itself."""
    found = house.node("tv").device
    assert isinstance(found, Tv)
    return found.parts["twin"].values["volume_percent"]  # type: ignore[attr-defined]  # it is the twin


# --- 43 -------------------------------------------------------------------------------------------

IN_THE_CAR = replace(
    BEFORE_THE_CAR, physical={**BEFORE_THE_CAR.physical, "su7": {"driver": "lin"}}, people={}
)


@pytest.mark.parametrize("target_c", [45.0, 30.1, 15.9, -40.0, 1e308, "hot", True])
@pytest.mark.parametrize(
    ("sender", "to", "action"), [("phone", "heater", "set_climate"), ("dash", "su7", "set_cabin")]
)
def test_row_43_heating_is_set_to_a_dangerous_value(sender: str, to: str, action: str, target_c: Any) -> None:
    """By a phone or a dashboard in wrong hands, with all of Lin's rights: room and cabin have bounds."""

    def set_to(house: House, value: Any) -> Answer:
        order = house.signed(sender, action, {"target_c": value}, to=to, by="lin")
        house.say(sender, order)
        return house.reply(order_id(order), sender, to)

    def story(house: House) -> None:
        assert set_to(house, 22.0).status == "done"
        house.advance(2_000)
        house.attack(lambda: answers.append(set_to(house, target_c)))
        house.advance(MINUTE_MS)

    answers: list[Answer] = []
    refused(story, given=IN_THE_CAR)
    assert answers == [Answer("failed", f"the arguments of `{action}` do not fit {to}")]


def order_id(frame: Frame) -> str:
    """Return the id of an order on the wire."""
    return CloudEvent.from_json(frame.payload).id
