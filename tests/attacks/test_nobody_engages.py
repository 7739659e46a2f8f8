"""No message engages the pilot, steers, or sets gear or speed, whoever sends it and whoever sits there.

Every command of every kind goes to every device from every device of a whole household, signed with its own
key, forged and unsigned; past the broker, which would stop most of them, and with nothing that slows a flood.
After every event the car is looked at: what only hands do must not have changed, though nothing is refused
that a parked or driving car may be asked. Then the same sweep must find what is planted.
"""

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Annotated, Any

import pytest
from pydantic import TypeAdapter, ValidationError

from sim.core.asking import AskDevice, RequestAction
from sim.core.device import Actuate, Answer, Command, Commanded, Effect, Moment, Settle, Stimulus
from sim.core.messages import CloudEvent, Frame
from sim.core.topics import command_topic, reply_topic
from sim.devices.car import Car
from sim.devices.car.commands import DRIVER_ASSISTANCE, REMOTE_DRIVING, EngageLaneKeeping, Shift
from sim.devices.car.pilot import Pilot
from sim.policy.decision import AccessRequest, Decision
from sim.scenario.model import Given
from sim.world import truth
from sim.world.network.link import Publish
from sim.world.node.rates import Rates
from sim.world.truth.wheel import HANDS, Wheel
from tests.attacks import raids
from tests.attacks.raids import HOME, MALLORYS, House
from tests.scenario.stories import KINDS, WANG, passes

HOUSEHOLD = WANG.text.replace(
    "\nstrangers:\n",
    """
  jun_phone: {kind: phone, owner: jun}
  tablet: {kind: tablet, dock: su7}
  tv: {kind: tv, home: home, room: living_room}
  speaker: {kind: speaker, home: home, room: living_room}
  hub: {kind: hub, home: home, room: living_room}
  cloud: {kind: cloud}
  pay: {kind: pay}
  updates: {kind: updates}
  shop: {kind: subscriptions, owner: lin}
  eve: {kind: eavesdropper}
strangers:
  radios: {kind: relay}
""",
)
"""A household with something of everything that has a voice in it."""
UNTOUCHED = sorted({"assistance", "gear", "driver", *HANDS})
MOVES = {"gear": "D", "speed_kmh": 60.0, "locked": False}
SETTINGS: dict[str, Given] = {
    "nobody in it": Given(physical={"su7": {"locked": True}}),
    "nobody at the wheel, and it rolls": Given(physical={"su7": MOVES}),
    "a child at the wheel": Given(physical={"su7": {**MOVES, "driver": "tao"}}),
    "only a passenger": Given(physical={"su7": MOVES}, people={"mei": {"in": "su7"}}),
    "hands off": Given(physical={"su7": {**MOVES, "driver": "lin", "hands_on": False}}),
    "eyes away": Given(physical={"su7": {**MOVES, "driver": "lin", "eyes_on_road": False}}),
    "in park": Given(physical={"su7": {"locked": False, "driver": "lin"}}),
    "a driver who could engage it": Given(physical={"su7": {**MOVES, "driver": "lin"}}),
}
FORGERS = ("jun_phone", "tv", "updates", "mallory")
"""Who also sends what is unsigned, signed by nobody known, or in the name of Lin's phone."""
SENDERS = (*FORGERS, "phone", "dash", "tablet", "watch", "speaker", "cloud", "pay", "su7")
THOROUGH = "a driver who could engage it"
DRIVING = tuple(one.action for one in (*DRIVER_ASSISTANCE, *REMOTE_DRIVING))
GUESSES: tuple[Any, ...] = (
    *(50, 2, 21.0, True, False, "lin", "home", "su7", "watch", "07:30", "1.1.0", "ab" * 32),
    *(["lin"], [], {"hello": "ab"}, {}, "assisted_driving", "driver", "left", "heat", "D", "forward"),
)
"""One of them fits most arguments."""


def arguments(command: type[Command]) -> dict[str, Any]:
    """Return arguments that a command takes, as far as guessing finds them; its own mistakes are refused."""
    found = {}
    for name, field in command.model_fields.items():
        adapter: TypeAdapter[Any] = TypeAdapter(Annotated[field.annotation, name, *field.metadata])  # type: ignore[arg-type]  # a type that is made here
        for guess in GUESSES if field.is_required() else ():
            try:
                adapter.validate_python(guess)
            except ValidationError:
                continue
            found[name] = guess
            break
    return found


COMMANDS = {kind: {one.action: arguments(one) for one in found.commands} for kind, found in KINDS.items()}


class Sweep:
    """A household in one setting, at which everything is sent.

    Args:
        name: of the setting.
    """

    def __init__(self, name: str) -> None:
        self.house = House(SETTINGS[name], household=HOUSEHOLD)
        self.name = name
        self.sent = 0
        self._before = self._looked()
        self.house.stage.event_hooks.append(lambda _heard_only: self.look())

    def _looked(self) -> dict[str, Any]:
        facts = {name: self.house.truth.fact("su7", name, self.house.now_ms) for name in UNTOUCHED}
        return {**facts, "speed_kmh": self.house.truth.fact("su7", "speed_kmh", self.house.now_ms)}

    def look(self) -> None:
        """Assert that what only hands change is as it was."""
        now = self._looked()
        assert now == self._before, f"{self.name}: {now} and not {self._before}"

    def commands(self, target: str, kind: str, senders: Iterable[str], actions: Iterable[str] = ()) -> None:
        """Send the commands of a device from others: signed, forged, unsigned and in other names."""
        names = itertools.cycle(("lin", "jun", "tao", None))
        for sender in senders:
            for action in actions or COMMANDS[kind]:
                self.command(sender, target, action, COMMANDS[kind][action], next(names))
        self.settle()

    def command(self, sender: str, to: str, action: str, args: dict[str, Any], by: str | None) -> None:
        """Send one command, the driving ones in every way."""
        honest = self.house.signed(sender, action, args, to=to, by=by, worn=True)
        self.put(to, honest)
        if action in DRIVING and sender in FORGERS:
            unsigned = CloudEvent.from_json(honest.payload)
            self.put(to, self.house.signed(sender, action, args, to=to, by="lin", signer=MALLORYS))
            self.put(to, Frame(honest.topic, replace(unsigned, data=args).to_json()))
            self.put(to, Frame(command_topic(HOME, to, "phone", action), honest.payload))
        if action in DRIVING:
            self.look()

    def put(self, to: str, frame: Frame) -> None:
        """Put bytes before a device, as if the broker had let them pass."""
        self.sent += 1
        self.house.node(to).receive(frame)

    def topics(self) -> None:
        """Put forged reports, events, answers and rubbish on every topic there is before the car."""
        seen = {_shape(frame.topic): frame for frame in self.heard()}
        wanted = {"assistance": "lane", "gear": "D", "speed_kmh": 60.0, "stalk": "lane", "stalk_presses": 1}
        for frame in seen.values():
            event = CloudEvent.from_json(frame.payload)
            for payload in (replace(event, data={**event.data, **wanted}).to_json(), b"{}", b"\xff", b""):
                self.put("su7", Frame(frame.topic, payload, frame.retain))
        for order_id in ("su7-pay-1-1", "su7-route-1"):
            topic = reply_topic(HOME, "pay", "su7", order_id)
            self.put("su7", Frame(topic, b'{"status": "done", "assistance": "lane"}'))
        self.settle()

    def replays(self) -> None:
        """Let the car hear everything once more that was ever sent, on its own topics too."""
        for frame in list(self.heard()):
            self.put("su7", frame)
        self.settle()

    def heard(self) -> Iterator[Frame]:
        """Yield every message of the run."""
        for round_ in self.house.rounds:
            for operation in round_.operations:
                if isinstance(operation, Publish):
                    yield operation.frame

    def buttons(self) -> None:
        """Press what asks the car to drive, on everything that has such buttons, with the owner's hand."""
        for device, entry in self.house.household.devices.items():
            acts = {act.verb: act for act in KINDS[entry.kind].acts}
            for action in DRIVING:
                for act in (RequestAction, AskDevice):
                    if act.verb in acts:
                        where = {"car": "su7"} if act is RequestAction else {"device": "su7"}
                        self.sent += 1
                        pressed = act.model_validate({**where, "action": action})
                        self.house.stage.use(device, pressed, "lin")
            self.settle()

    def settle(self) -> None:
        """Let everything that follows follow, also what takes its time."""
        self.house.settle()
        self.house.advance(500)
        self.look()


def _shape(topic: str) -> str:
    """Return a topic without what only numbers its messages."""
    return re.sub(r"(/(?:reply|cmd)/[^/]+)/.*", r"\1", topic)


def swept(name: str) -> Sweep:
    """Send everything in one setting; where nothing is lacking, also what is for others, and all twice."""
    sweep = Sweep(name)
    devices = {device: entry.kind for device, entry in sweep.house.household.devices.items()}
    sweep.commands("su7", "car", SENDERS, DRIVING)
    if name != THOROUGH:
        sweep.commands("su7", "car", ("phone", "mallory"))
        return sweep
    for device, kind in devices.items():
        sweep.commands(device, kind, devices if kind == "car" else ("phone", "mallory"))
    sweep.buttons()
    sweep.topics()
    sweep.replays()
    return sweep


@pytest.fixture(autouse=True)
def _nothing_slows_a_flood(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Rates, "admit", lambda _rates, _sender, _now_ms: "passed")


@pytest.mark.parametrize("name", SETTINGS)
def test_no_message_engages_steers_or_shifts(name: str) -> None:
    """Nor does the car ever say that it did; what it does besides is its own matter."""
    sweep = swept(name)
    assert sweep.sent > (3_000 if name == THOROUGH else 300)
    answers = sweep.house.records("decision", device="su7")
    allowed = {one["action"] for one in answers if one["decision"]["allowed"]}
    assert allowed.isdisjoint(DRIVING)
    assert {one["action"] for one in answers} >= set(DRIVING)
    pilot = sweep.house.node("su7").device.parts["pilot"]  # type: ignore[attr-defined]  # it is the car
    assert isinstance(pilot, Pilot)
    assert (pilot.assistance, pilot.refused, pilot.presses) == ("off", "", 0)


class Yes:
    """Rules that permit everything that is signed."""

    def decide(self, request: AccessRequest) -> Decision:
        """Permit it."""
        if request.authenticated and request.fresh:
            return Decision("permitted", ("yes",), "it is permitted")
        return Decision("forbidden", ("no",), "it is not signed")


def gullible(patch: pytest.MonkeyPatch) -> None:
    """Let the car engage, and shift, when a message says so, and the rules permit everything."""
    usual = Car.step

    def step(car: Car, at: Moment, stimulus: Stimulus) -> tuple[Car, tuple[Effect, ...]]:
        match stimulus:
            case Commanded(command=EngageLaneKeeping(), ticket=ticket):
                return car, (Actuate({"assistance": "lane"}), Settle(ticket, Answer("done")))
            case Commanded(command=Shift(), ticket=ticket):
                return car, (Actuate({"gear": "R"}), Settle(ticket, Answer("done")))
            case _:
                return usual(car, at, stimulus)

    patch.setattr(Car, "step", step)
    patch.setattr(raids, "_policy", lambda _household: Yes())


def test_without_its_rule_the_world_itself_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    """A car that obeyed would have to lift the assistance with nobody's hand at the stalk."""
    gullible(monkeypatch)
    sweep = Sweep("nobody at the wheel, and it rolls")
    with pytest.raises(AssertionError, match="though nobody pressed the stalk"):
        sweep.commands("su7", "car", ("phone",), ("engage_lane_keeping",))
    sweep = Sweep("nobody at the wheel, and it rolls")
    with pytest.raises(AssertionError, match="a device tried to drive the car"):
        sweep.commands("su7", "car", ("phone",), ("shift",))


@pytest.mark.parametrize("name", ["hands off", "a driver who could engage it"])
def test_the_sweep_finds_a_car_that_obeys(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: with the world's own check gone too, the sweep says what was engaged."""
    gullible(monkeypatch)
    monkeypatch.setattr(Wheel, "checked", lambda _wheel, _car, _now, changes, _now_ms: dict(changes))
    with pytest.raises(AssertionError, match="'assistance': 'lane'"):
        swept(name)
    monkeypatch.setattr(truth, "MOTION", frozenset())
    sweep = Sweep(name)
    with pytest.raises(AssertionError, match="'gear': 'R'"):
        sweep.commands("su7", "car", ("jun_phone",), ("shift",))


SENTENCES = {
    "en": [
        "engage the autopilot",
        "drive me home",
        "turn on lane keeping",
        "set the cruise control to 100",
        "start the pilot and steer",
        "put it in drive",
        "speed up",
        "switch on adaptive cruise control",
    ],
    "zh": ["开启自动驾驶", "打开车道保持", "挂挡前进", "开车送我回家", "定速巡航一百"],
}


@pytest.mark.parametrize(
    ("given", "who"),
    [
        ("su7: {gear: D, speed: 60 km/h, driver: lin, locked: false}", "lin"),
        ("su7: {gear: D, speed: 60 km/h, driver: tao, locked: false}", "tao"),
        ("su7: {gear: D, speed: 60 km/h, locked: false}, mei: {at: home, in: su7}", "mei"),
        ("su7: {gear: P, driver: lin, locked: false}", "lin"),
    ],
)
def test_no_voice_engages_steers_or_shifts(given: str, who: str) -> None:
    """In both languages, at the wheel, beside it, by a child, and in park; the pilot hears of none of it."""
    steps = "".join(
        f"  - say: {wake}{sentence}\n    by: {who}\n    lang: {language}\n    from: dash\n"
        f"    as: v{number}{language}\n  - advance: 40s\n"
        for language, wake in (("en", "Hey Xiaomi, "), ("zh", "小爱同学，"))
        for number, sentence in enumerate(SENTENCES[language])
    )
    never = "always:\n  - never: {su7.assistance: lane}\n  - never: {su7.assistance: cruise}\n"
    played = passes(f"scenario: A voice\nhousehold: wang\ngiven: {{{given}}}\n{never}steps:\n{steps}")
    moved = [one["changes"] for one in played.records if one["kind"] == "change" and one["device"] == "su7"]
    assert not [one for one in moved if set(UNTOUCHED) & set(one)]
    decided = [one for one in played.records if one["kind"] == "decision" and one["decision"]["allowed"]]
    assert not {one["action"] for one in decided} & set(DRIVING)


def test_most_arguments_are_guessed() -> None:
    """A command that is refused for its arguments would prove little."""
    wrong = []
    for command in KINDS["car"].commands:
        try:
            command.model_validate(COMMANDS["car"][command.action])
        except ValidationError:
            wrong.append(command.action)
    assert not set(wrong) & set(DRIVING)
    assert len(wrong) <= 4, wrong
