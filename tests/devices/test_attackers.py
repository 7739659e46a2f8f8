"""The attackers: what each can try, and what none of them can do."""

from typing import Any

import pytest
from pydantic import ValidationError

from sim.core.asking import OpenBoot, RequestAction, UnlockCar
from sim.core.device import (
    Answer,
    Booted,
    Device,
    Effect,
    Overheard,
    Press,
    PublishRaw,
    Relay,
    Request,
    Sensed,
    Settle,
    Shorten,
    StartTimer,
    Take,
    TimerFired,
)
from sim.core.messages import CloudEvent, Frame
from sim.core.topics import command_topic, decision_topic, parse_topic, state_topic
from sim.devices.attackers import Eavesdropper, Noisy, RelayPair, Stranger, Thief
from sim.devices.attackers.eavesdropper import DESIRES, TICK_MS, Loot
from sim.devices.attackers.forging import (
    HEARD_MAX,
    SEEN_MAX,
    Capture,
    Publish,
    Replay,
    Tamper,
    command_id,
    tampered,
)
from sim.devices.attackers.noisy import TTL_MS, Flood, Noise
from sim.devices.attackers.relay import PAUSES_MS, TRIES_MAX, RelayKey, ShortenRound
from sim.devices.attackers.stranger import TURNED_MAX
from sim.devices.attackers.thief import PressButton, TakeAway
from sim.trust.envelope import EnvelopeError, seal, unseal
from sim.trust.identity import Identity, Keyring
from sim.world.node.inbox import UntrustedError, verify
from sim.world.node.orders import Order
from tests.senses import START_MS, FakeSenses, acted, moment, settled

NOW = moment(FakeSenses())
PHONE = Identity.for_scenario(1, "wang", "phone")


def command(
    name: str = "phone-act-1", action: str = "unlock", sender: str = "phone", target: str = "su7"
) -> Overheard:
    """Return a command on its way, signed by the phone."""
    order = Order(
        id=name,
        sender=sender,
        to=target,
        name=action,
        args={},
        by="lin",
        worn=None,
        issued_ms=START_MS,
        expires_ms=START_MS + 30_000,
        voice=None,
    )
    event = CloudEvent(
        name, f"carhome/wang/{sender}", "carhome.command", START_MS, seal(PHONE, "command", order.to_bytes())
    )
    return Overheard(sender, command_topic("wang", target, sender, action), event.to_json())


def decision(
    sender: str, *, allowed: bool = False, action: str = "unlock", command_id: str | None = "phone-act-1"
) -> Overheard:
    """Return what the car publishes about a command."""
    said = {"allowed": allowed, "reason": "no", "rules": ["signed-command-only"], "code": "BAD_SIGNATURE"}
    record = {"command": command_id, "device": "su7", "action": action, "sender": sender, "decision": said}
    event = CloudEvent("su7-1-9", "carhome/wang/su7", "carhome.decision", START_MS, record)
    return Overheard("su7", decision_topic("wang", "su7"), event.to_json())


def after(device: Device, *stimuli: Any) -> tuple[Any, tuple[Effect, ...]]:
    """Return a device after some stimuli, and the effects of the last one."""
    effects: tuple[Effect, ...] = ()
    for stimulus in stimuli:
        device, effects = device.step(NOW, stimulus)
    return device, effects


def new(kind: type[Device], **config: Any) -> Device:
    """Return an attacker."""
    return kind.new(
        {Stranger: "mallory", Eavesdropper: "eve", RelayPair: "relay", Thief: "thief"}.get(kind, "noisy"),
        kind.Config(**config),
        {},
    )


def heard_by_car(effect: Effect) -> UntrustedError:
    """Return why the car does not take what an attacker sent to it."""
    assert isinstance(effect, PublishRaw)
    topic = parse_topic(effect.topic)
    assert topic is not None
    with pytest.raises(UntrustedError) as caught:
        verify(topic, Frame(effect.topic, effect.payload), "su7", Keyring([PHONE]), START_MS)
    return caught.value


# --- every kind -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [Stranger, Eavesdropper, RelayPair, Thief, Noisy])
def test_attackers_wait_for_the_story_unless_they_are_relentless(kind: type[Device]) -> None:
    """Without a word of the scenario, no attacker sends, carries or takes anything."""
    happenings = [Booted(), Sensed(), command(), decision("phone"), TimerFired("try"), TimerFired("relay x")]

    for stimulus in [*happenings, TimerFired("flood")]:
        assert after(new(kind), stimulus)[1] == ()


@pytest.mark.parametrize(
    ("kind", "trusted"),
    [(Stranger, False), (RelayPair, False), (Thief, False), (Eavesdropper, True), (Noisy, True)],
)
def test_only_devices_of_the_household_are_enrolled(kind: type[Device], *, trusted: bool) -> None:
    """A household enrols no key of a stranger, a relay or a thief; what it owns it has enrolled."""
    assert kind.trusted is trusted


# --- the stranger -----------------------------------------------------------------------------------


def test_stranger_asks_like_anybody() -> None:
    """What a stranger asks goes on the link; refusing it is the rules' business."""
    _, effects = after(new(Stranger), acted(RequestAction(car="su7", name="steer"), by=None))

    assert effects == (Request("t1", "su7", "steer"),)


@pytest.mark.parametrize("kind", [Stranger, Eavesdropper])
def test_attackers_publish_any_text_anywhere(kind: type[Device]) -> None:
    """Forged messages are bytes on a topic, retained or not."""
    act = Publish(topic="carhome/wang/su7/state/doors", text="é", retain=True)

    _, effects = after(new(kind), acted(act))

    assert effects == (PublishRaw("t1", "carhome/wang/su7/state/doors", "é".encode(), retain=True),)


@pytest.mark.parametrize("topic", ["carhome/#", "carhome/+/su7/online", "#", "+", "a+b", "a#", ""])
def test_attackers_publish_on_topics_only_and_not_on_filters(topic: str) -> None:
    """A wildcard is for subscribing: a broker closes the connection of whoever publishes on one."""
    with pytest.raises(ValidationError, match="topic"):
        Publish(topic=topic)


@pytest.mark.parametrize(
    ("way", "topic", "through"),
    [
        ("own_topic", "carhome/wang/su7/cmd/mallory/unlock", None),
        ("their_topic", "carhome/wang/su7/cmd/phone/unlock", None),
        ("their_line", "carhome/wang/su7/cmd/phone/unlock", "phone"),
    ],
)
def test_stranger_replays_on_three_ways(way: Any, topic: str, through: str | None) -> None:
    """A replay has the bytes of the original; only its way differs."""
    passing = command()

    _, effects = after(new(Stranger), passing, acted(Replay(of="phone", through=way)))

    assert effects == (PublishRaw("t1", topic, passing.payload, through=through),)


def test_stranger_replays_the_latest_command_of_the_name() -> None:
    """Without an action the latest command counts, with one the latest of that name."""
    passing = [command("one"), command("two", "lock"), command("three", sender="watch")]
    memory = Capture()
    for one in passing:
        memory = memory.after(one)

    assert memory.command("phone", None) == passing[1]
    assert memory.command("phone", "unlock") == passing[0]
    assert memory.command("phone", "start") is None
    assert memory.command("dash", None) is None


def test_stranger_remembers_a_bounded_number_of_commands() -> None:
    """The oldest are forgotten first, and only commands are remembered at all."""
    memory = Capture().after(Overheard("su7", state_topic("wang", "su7", "doors"), b"{}"))
    assert memory == Capture()

    for number in range(HEARD_MAX + 1):
        memory = memory.after(command(f"c-{number}", f"action_{number}"))

    assert len(memory.latest) == HEARD_MAX
    assert memory.command("phone", "action_0") is None
    assert memory.command("phone", "action_1") is not None


def test_stranger_remembers_the_original_and_not_what_was_made_of_it() -> None:
    """A copy in the victim's own line has the id of the original, and does not take its place."""
    forged = tampered(command("one"), "by", "mei")
    assert forged is not None

    memory = Capture().after(command("one")).after(command("two")).after(forged).after(command("one"))

    assert memory.command("phone", "unlock") == command("two")


def test_stranger_is_tired_of_listening_some_day() -> None:
    """However much passes, the memory is bounded."""
    tired = Capture(seen=frozenset(map(str, range(SEEN_MAX))))

    assert tired.after(command()) is tired


@pytest.mark.parametrize("kind", [Stranger, Eavesdropper])
def test_attackers_replay_nothing_that_they_did_not_hear(kind: type[Device]) -> None:
    """Nothing overheard, nothing to replay."""
    _, effects = after(new(kind), acted(Replay(of="phone")))

    assert settled(effects) == [("t1", "failed")]


def test_stranger_tampers_with_what_was_signed_and_keeps_the_signature() -> None:
    """The changed copy says something else, and its signature does not fit any more."""
    _, effects = after(
        new(Stranger),
        command(),
        acted(Tamper(of="phone", field="name", value="open_boot", through="own_topic")),
    )

    (sent,) = effects
    assert isinstance(sent, PublishRaw)
    assert b'"id":"phone-act-1"' in sent.payload
    assert heard_by_car(sent).code == "BAD_SIGNATURE"
    with pytest.raises(EnvelopeError, match="signature"):
        unseal(CloudEvent.from_json(sent.payload).data, "command", Keyring([PHONE]))


@pytest.mark.parametrize(
    "payload",
    [b"", b"\xff", b"{}", b'{"data":{"p":5}}', b'{"data":{"p":"AA"}}', b'{"data":{"p":"e30"}}', b"[]"],
)
def test_stranger_cannot_tamper_with_what_is_no_command(payload: bytes) -> None:
    """What has no signed field of that name has nothing that could be changed."""
    assert tampered(Overheard("phone", command().topic, payload), "name", "x") is None


@pytest.mark.parametrize("payload", [b"", b"{}", b'{"id":5}'])
def test_command_without_an_id_has_none(payload: bytes) -> None:
    """Rubbish that passes by is no command that could be followed."""
    assert command_id(Overheard("phone", command().topic, payload)) is None


def test_stranger_fails_to_tamper_with_nothing() -> None:
    """An act about a message that never passed ends as failed."""
    _, effects = after(new(Stranger), acted(Tamper(of="phone", field="name", value="x")))

    assert settled(effects) == [("t1", "failed")]


def test_stranger_learns_from_the_decision_what_became_of_a_replay() -> None:
    """A scenario can follow the replay: the car's published decision closes it, with rule and code."""
    stranger, _ = after(new(Stranger), command(), acted(Replay(of="phone")))

    for unrelated in (
        decision("phone"),
        decision("mallory", command_id="other"),
        Overheard("su7", decision_topic("wang", "su7"), b"\xff"),
        Overheard("su7", "elsewhere", b""),
        Overheard("su7", decision_topic("wang", "su7"), decision_without()),
    ):
        stranger, effects = after(stranger, unrelated)
        assert effects == ()
    stranger, effects = after(stranger, decision("mallory"))
    (answer,) = effects

    assert isinstance(answer, Settle)
    assert answer.answer.status == "denied"
    assert answer.answer.denial is not None
    assert answer.answer.denial["code"] == "BAD_SIGNATURE"
    assert after(stranger, decision("mallory"))[1] == ()


def decision_without() -> bytes:
    """Return a decision message that says nothing."""
    return CloudEvent("su7-1-1", "carhome/wang/su7", "carhome.decision", START_MS, {}).to_json()


def test_stranger_learns_of_a_permitted_replay_too() -> None:
    """If a copy were ever permitted, the scenario would see it done."""
    _, effects = after(
        new(Stranger),
        command(),
        acted(Replay(of="phone", through="their_line")),
        decision("phone", allowed=True),
    )

    assert effects == (Settle("t1", Answer("done")),)


def test_retained_replay_is_followed_without_its_id() -> None:
    """A command that the broker kept is refused unread, so the decision does not name it."""
    _, effects = after(
        new(Stranger),
        command(),
        acted(Replay(of="phone", retain=True)),
        decision("mallory", command_id=None),
    )

    assert settled(effects) == [("t1", "denied")]


def test_relentless_stranger_turns_every_command_against_the_household() -> None:
    """Each is copied on three ways at once, after a second and after forty, and changed; then it is over."""
    stranger, at_once = after(new(Stranger, relentless=True), command())
    copies = [one for one in at_once if isinstance(one, PublishRaw)]
    assert [one.through for one in copies] == [None, None, "phone", None, "phone"]
    assert Request("mallory-1", "su7", "unlock") in at_once
    assert [heard_by_car(one).code for one in (copies[0], copies[3], copies[4])] == [
        "SENDER_KEY_MISMATCH",
        "BAD_SIGNATURE",
        "BAD_SIGNATURE",
    ]

    stranger, again = after(stranger, TimerFired("again phone-act-1"))
    assert [one for one in again if isinstance(one, PublishRaw)] == copies
    assert again[-1] == StartTimer("late phone-act-1", 39_000)

    stranger, late = after(stranger, TimerFired("late phone-act-1"))
    assert late[:-1] == tuple(copies)
    assert late[-1] == PublishRaw("mallory-plant", copies[0].topic, copies[0].payload, retain=True)
    assert after(stranger, TimerFired("late phone-act-1"))[1] == ()
    assert not stranger.under_way


def test_relentless_stranger_does_not_chase_its_own_copies() -> None:
    """A copy in the victim's line passes by again, and is not copied once more; states never are."""
    stranger, _ = after(new(Stranger, relentless=True), command())

    for passing in (
        command(),
        Overheard("phone", command().topic, b"{}"),
        Overheard("su7", state_topic("wang", "su7", "doors"), command().payload),
    ):
        assert after(stranger, passing)[1] == ()


def test_relentless_stranger_copies_what_cannot_be_changed() -> None:
    """A message with an id and nothing signed is copied and not tampered with."""
    _, effects = after(
        new(Stranger, relentless=True), Overheard("phone", command().topic, b'{"id":"rubbish"}')
    )

    assert len([one for one in effects if isinstance(one, PublishRaw)]) == 3


def test_relentless_stranger_ends_some_day() -> None:
    """However much passes, the attack is bounded."""
    heard = Capture(seen=frozenset(map(str, range(TURNED_MAX))))
    tired = Stranger("mallory", relentless=True, capture=heard)

    assert after(tired, command())[1] == ()


# --- the eavesdropper -------------------------------------------------------------------------------


def test_eavesdropper_asks_with_its_own_key() -> None:
    """Its requests are signed and say whom it claims to act for."""
    _, effects = after(new(Eavesdropper), acted(UnlockCar(car="su7"), by="lin"))

    assert effects == (Request("t1", "su7", "unlock", by="lin"),)


def test_eavesdropper_vouches_for_nobody() -> None:
    """It is nothing that people share, and has no owner: no claim of it makes it one of the household."""
    assert not Eavesdropper.shared
    assert not Noisy.shared
    assert Eavesdropper.Config().owner is None


def test_eavesdropper_counts_and_replays_what_it_is_given_to_read() -> None:
    """What the broker delivers is loot; its own messages are not."""
    passing = command()
    device, _ = after(new(Eavesdropper), passing, Overheard("eve", "carhome/wang/eve/online", b""))
    assert device.report() == (Loot(messages_read=1),)

    _, effects = after(device, acted(Replay(of="phone")))

    assert effects == (PublishRaw("t1", "carhome/wang/su7/cmd/eve/unlock", passing.payload),)


def test_relentless_eavesdropper_tries_everything_once() -> None:
    """Topics of others, and beside them every desire for nobody and for everybody it can name, one by one."""
    device = new(
        Eavesdropper, relentless=True, against=("su7",), claims=("lin",), topics=("carhome/wang/su7/online",)
    )
    device, effects = after(device, Booted())
    forged = PublishRaw("eve-forged-0", "carhome/wang/su7/online", b"{}", retain=True)
    assert effects == (forged, Request("eve-su7-unlock-nobody", "su7", "unlock"), StartTimer("try", TICK_MS))
    tried: list[tuple[Effect, ...]] = [effects[:-1]]
    while any(isinstance(one, StartTimer) for one in effects):
        device, effects = after(device, TimerFired("try"))
        tried += [effects[:-1]] if effects else []

    assert tried[1] == (Request("eve-su7-unlock-lin", "su7", "unlock", by="lin"),)
    assert [len(one) for one in tried] == [2, *[1] * (2 * len(DESIRES) - 1)]
    assert len({one.ticket for one, *_ in tried[1:] if isinstance(one, Request)}) == len(tried) - 1
    assert effects == ()


def test_relentless_eavesdropper_forges_on_when_it_has_asked_everything() -> None:
    """With more topics than requests, what is left is forged alone."""
    topics = tuple(f"carhome/wang/su7/state/s{number}" for number in range(len(DESIRES) + 2))
    device, effects = after(new(Eavesdropper, relentless=True, against=("su7",), topics=topics), Booted())
    forged: list[str] = []
    while effects:
        forged += [one.topic for one in effects if isinstance(one, PublishRaw)]
        device, effects = after(device, TimerFired("try"))

    assert tuple(forged) == topics


# --- the relay --------------------------------------------------------------------------------------


def test_relay_carries_a_call_and_sees_what_becomes_of_it() -> None:
    """The key's refused answer is the relay's failure, with its reason code."""
    device, effects = after(new(RelayPair), acted(RelayKey(car="su7", key="watch", action="start")))
    assert effects == (Relay("su7", "watch", "start"),)

    device, effects = after(device, decision("watch", action="key_hello", allowed=True))
    assert effects == ()
    _, effects = after(device, decision("watch", action="start", command_id="watch-call-1-1-1"))
    assert settled(effects) == [("t1", "denied")]


def test_relay_shortens_one_round() -> None:
    """It can do no more to a distance than that."""
    _, effects = after(new(RelayPair), acted(ShortenRound(car="su7")))

    assert effects == (Shorten("su7"), Settle("t1", Answer("done")))


def test_relentless_relay_tries_for_a_day() -> None:
    """One thing after the other, ever more rarely, and not for ever."""
    device, effects = after(new(RelayPair, relentless=True, against=("su7",), keys=("watch",)), Booted())
    assert effects == (Shorten("su7"), StartTimer("relay", PAUSES_MS[0]))

    calls = []
    waited_ms = 0
    while effects:
        waited_ms += sum(one.delay_ms for one in effects if isinstance(one, StartTimer))
        device, effects = after(device, TimerFired("relay"))
        calls += [one for one in effects if isinstance(one, Relay)]

    assert len(calls) == TRIES_MAX
    assert {one.action for one in calls} == {"unlock", "open_boot", "start"}
    assert waited_ms >= 86_400_000


# --- the thief --------------------------------------------------------------------------------------


def test_thief_takes_and_presses() -> None:
    """What is taken can be pressed; what becomes of it shows."""
    thief, effects = after(new(Thief), acted(TakeAway(device="watch", to="su7")))
    assert effects == (Take("watch", "su7"), Settle("t1", Answer("done")))

    thief, effects = after(thief, acted(PressButton(device="watch", car="su7", button="open_boot"), "t2"))
    assert effects == (Press("t2", "watch", OpenBoot(car="su7")),)
    _, effects = after(thief, decision("watch", action="open_boot"))
    assert settled(effects) == [("t2", "denied")]


def test_thief_presses_nothing_that_is_not_in_hand() -> None:
    """A button must be within reach."""
    _, effects = after(new(Thief), acted(PressButton(device="watch", car="su7")))

    assert effects == (Settle("t1", Answer("failed", "thief does not have watch")),)


# --- the noisy neighbour ----------------------------------------------------------------------------


def test_noisy_sends_as_many_as_it_is_told_and_as_fast() -> None:
    """Each command has a number of its own; they are sent ten times a second, and then it is over."""
    device, effects = after(new(Noisy), acted(Flood(target="su7", count=25, per_second=100)))
    assert effects == (StartTimer("flood", 1),)

    sent: list[list[Request]] = []
    while any(isinstance(one, StartTimer) for one in effects):
        device, effects = after(device, TimerFired("flood"))
        sent.append([one for one in effects if isinstance(one, Request)])

    assert [len(tick) for tick in sent] == [10, 10, 5]
    assert len({one.ticket for tick in sent for one in tick}) == 25
    assert sent[0][0] == Request("noisy-flood-1", "su7", "refresh", expires_in_ms=TTL_MS)
    assert effects[-1] == Settle("t1", Answer("done"))
    assert device.report() == (Noise(commands_sent=25),)


def test_noisy_asks_like_any_other_device() -> None:
    """Between floods it can be used."""
    _, effects = after(new(Noisy), acted(UnlockCar(car="su7")))

    assert effects == (Request("t1", "su7", "unlock", by="lin"),)


def test_relentless_noisy_floods_one_after_the_other() -> None:
    """A hundred for each, and then silence."""
    device, effects = after(new(Noisy, relentless=True, against=("su7", "heater")), Booted())
    targets: list[str] = []
    while effects:
        device, effects = after(device, TimerFired("flood"))
        targets += [one.target for one in effects if isinstance(one, Request)]

    assert targets == ["su7"] * 100 + ["heater"] * 100
    assert device.course is None
