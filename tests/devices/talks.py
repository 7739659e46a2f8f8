"""A car and those who have keys of it, before the car's door: they hand each other what they ask and answer.

Network and rules are there in the plainest way: what a device is asked is permitted unless the device itself
has found a reason code. Who holds what and how far it is from the car is what a test says.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from sim.core.beliefs import Beliefs
from sim.core.device import (
    Act,
    Acted,
    Actuate,
    Answer,
    Answered,
    AnswerRanging,
    Asked,
    Booted,
    CancelTimer,
    Commanded,
    Device,
    Effect,
    Learned,
    Moment,
    Polled,
    Request,
    Sensed,
    Settle,
    ShowCode,
    StartTimer,
    Stimulus,
    StopRanging,
    TimerFired,
)
from sim.core.household import DeviceEntry, Household, Person
from sim.devices.car import Car
from sim.devices.phone import Phone
from sim.devices.watch import Watch
from sim.world.kinds import kinds
from sim.world.provisioning import provisions
from sim.world.truth.air import Air
from sim.world.truth.vehicles import QUIET
from tests.senses import START_MS, FakeSenses, Rounds

KINDS = kinds()
PARKED: Mapping[str, Any] = {
    "locked": True,
    "boot": "closed",
    "windows": "closed",
    "drive_ready": False,
    "gear": "P",
    "speed_kmh": 0.0,
    "battery_percent": 80.0,
    "plugged_in": False,
}
PEOPLE = {"lin": "owner", "mei": "member", "jun": "guest", "kai": "guest"}
DEVICES: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "su7": ("car", {"owner": "lin"}),
    "dash": ("dashboard", {"car": "su7"}),
    "phone": ("phone", {"owner": "lin"}),
    "mei_phone": ("phone", {"owner": "mei"}),
    "jun_phone": ("phone", {"owner": "jun"}),
    "kai_phone": ("phone", {"owner": "kai"}),
    "new_phone": ("phone", {"owner": "lin", "paired": False}),
    "watch": ("watch", {"owner": "lin"}),
}


def household() -> Household:
    """Return the people and devices of the kerb: two who are paired with the car, two who are not."""
    entries = {
        name: DeviceEntry(name, kind, KINDS[kind].Config(**config))
        for name, (kind, config) in DEVICES.items()
    }
    people = {name: Person.model_validate({"role": role}) for name, role in PEOPLE.items()}
    return Household("wang", people, {}, entries)


@dataclass(frozen=True)
class Asking:
    """A command on its way."""

    sender: str
    request: Request
    expires_ms: int

    @property
    def to(self) -> str:
        """Who is asked."""
        return self.request.target


@dataclass(frozen=True)
class Reply:
    """An answer on its way."""

    sender: str
    to: str
    ticket: str
    answer: Answer


Letter: TypeAlias = Asking | Reply


class Kerb:
    """See the module.

    Attributes:
        devices: name to device as it is now.
        facts: what is physically true of each device.
        metres: how far each is from the car; None where its radio is not heard.
        air: whose radio answers for which session, and what is on the screens.
        post: letters under way, oldest first.
        told: what became of each act, and of each command that nobody waits for.
        now_ms: the time by everybody's clock.
        unreachable: devices whose letters wait.
        timers: when each is due.
    """

    def __init__(self, **given: Any) -> None:
        self.now_ms = START_MS
        self.facts: dict[str, dict[str, Any]] = {name: {} for name in DEVICES}
        self.facts["su7"] = dict(PARKED)
        self.facts["watch"] = {"on_wrist": True, "wearer": "lin"}
        for name, (kind, config) in DEVICES.items():
            if kind == "phone":
                self.facts[name] = {"carrier": config["owner"]}
        self.metres: dict[str, float | None] = dict.fromkeys(DEVICES, 0.5)
        self.air = Air()
        self.post: list[Letter] = []
        self.told: dict[str, list[Answer]] = {}
        self.unreachable: set[str] = set()
        self.timers: dict[tuple[str, str], int] = {}
        self.actuated: list[Mapping[str, Any]] = []
        self._open: dict[tuple[str, str], str] = {}
        self._provisions = provisions(household(), KINDS, 7)
        self._boots = dict.fromkeys(DEVICES, 0)
        self._beliefs = dict.fromkeys(DEVICES, Beliefs().online("su7", online=True))
        self.devices: dict[str, Device] = {}
        for name in DEVICES:
            self._start(name, given if name == "su7" else {})

    # --- who is there -----------------------------------------------------------------------------

    @property
    def car(self) -> Car:
        """The car."""
        car = self.devices["su7"]
        assert isinstance(car, Car)
        return car

    def phone(self, name: str = "phone") -> Phone:
        """Return a phone."""
        phone = self.devices[name]
        assert isinstance(phone, Phone)
        return phone

    @property
    def watch(self) -> Watch:
        """The watch."""
        watch = self.devices["watch"]
        assert isinstance(watch, Watch)
        return watch

    def _start(self, name: str, given: Mapping[str, Any]) -> None:
        self._boots[name] += 1
        kind, config = DEVICES[name]
        provision = replace(self._provisions[name], boot=self._boots[name], now_ms=self.now_ms)
        new = KINDS[kind].new(name, KINDS[kind].Config(**config), given)
        self.devices[name] = new.provisioned(provision)
        self.step(name, Booted())

    def restart(self, name: str) -> None:
        """Take power from a device and give it back: what it was about to do is gone, its flash is not."""
        self.air.silence(name)
        self.post = [letter for letter in self.post if name not in {letter.sender, letter.to}]
        self._open = {key: sender for key, sender in self._open.items() if name not in {key[0], sender}}
        self.timers = {key: due for key, due in self.timers.items() if key[0] != name}
        self._start(name, self.devices[name].kept())

    # --- what happens ----------------------------------------------------------------------------

    def moment(self, name: str) -> Moment:
        """Return what a device senses now."""
        facts = self.facts[name]
        at_the_wheel = FakeSenses(facts, ranging=self._rounds, codes=self.air.shown)
        return Moment(self.now_ms, at_the_wheel, self._beliefs[name])

    def _rounds(self, session: bytes) -> Rounds:
        device = self.air.answering.get(session)
        return (None if device is None else self.metres[device],) * 3

    def step(self, name: str, stimulus: Stimulus) -> tuple[Effect, ...]:
        """Let a device take a step, and carry out what it wants."""
        self.devices[name], effects = self.devices[name].step(self.moment(name), stimulus)
        for effect in effects:
            self._perform(name, effect)
        return effects

    def _perform(self, name: str, effect: Effect) -> None:
        match effect:
            case Request():
                self.post.append(Asking(name, effect, self.now_ms + effect.expires_in_ms))
            case Settle(ticket=ticket, answer=answer):
                self._settle(name, ticket, answer)
            case StartTimer(name=timer, delay_ms=delay_ms):
                self.timers[name, timer] = self.now_ms + delay_ms
            case CancelTimer(name=timer):
                self.timers.pop((name, timer), None)
            case Actuate(changes=changes) if QUIET.issuperset(changes):
                self.facts[name].update(changes)
            case Actuate(changes=changes):
                self.actuated.append(changes)
                self.change(name, **changes)
            case AnswerRanging(session=session):
                self.air.answer(session, name)
            case StopRanging():
                self.air.silence(name)
            case ShowCode(code=code):
                self.air.show(name, code)
            case _:  # reports and events go to whoever reads them, and nobody here does
                pass

    def _settle(self, name: str, ticket: str, answer: Answer) -> None:
        sender = self._open.get((name, ticket))
        if sender is None:
            self.told.setdefault(ticket, []).append(answer)
            return
        self.post.append(Reply(name, sender, ticket, answer))
        if answer.final:
            del self._open[name, ticket]

    def change(self, name: str, **facts: Any) -> None:
        """Let something physical change, and the device notice it."""
        self.facts[name].update(facts)
        self.step(name, Sensed())

    def do(self, name: str, act: Act, ticket: str, by: str | None = "lin") -> None:
        """Let a person press a button; what follows is under way then."""
        self.told[ticket] = []
        self.step(name, Acted(act, ticket, by))

    def outcome(self, name: str, act: Act, ticket: str) -> str:
        """Press a button, let everybody talk and all motors run, and return what became of it."""
        self.do(name, act, ticket)
        self.talk()
        self.later(10_000)
        return self.said(ticket)

    def pull_handle(self, name: str, action: str = "unlock") -> None:
        """Let the car's call for a key reach a device."""
        self.step(name, Polled("su7", action))

    def set_online(self, name: str, *, online: bool) -> None:
        """Let the car be reachable or not, and a device learn of it."""
        self.unreachable = set() if online else {"su7"}
        self._beliefs[name] = self._beliefs[name].online("su7", online=online)
        self.step(name, Learned("su7"))

    # --- what is said -----------------------------------------------------------------------------

    def hand_over(self) -> Letter | None:
        """Deliver the oldest letter that can be delivered; return it, or None when there is none."""
        letter = next((one for one in self.post if one.to not in self.unreachable), None)
        if letter is None:
            return None
        self.post.remove(letter)
        if isinstance(letter, Reply):
            if letter.ticket in self.told:
                self.told[letter.ticket].append(letter.answer)
            self.step(letter.to, Answered(letter.ticket, letter.sender, letter.answer))
        else:
            self.ask(letter)
        return letter

    def ask(self, letter: Asking) -> None:
        """Put a command before the device that is asked: as it takes note, so the rules decide."""
        name, request = letter.to, letter.request
        model = next(one for one in self.devices[name].commands if one.action == request.action)
        command = model.model_validate(dict(request.arguments), strict=True, by_alias=False, by_name=True)
        presence = self.devices[letter.sender].presence(self.moment(letter.sender))
        asked = Asked(request.action, command, letter.sender, request.by, presence, request.ticket)
        self._open[name, request.ticket] = letter.sender
        if self.now_ms >= letter.expires_ms:
            self._settle(name, request.ticket, Answer("expired"))
            return
        self.devices[name] = self.devices[name].considered(self.moment(name), asked)
        code = self.devices[name].circumstances(self.moment(name), asked).code
        if code is not None:
            self._settle(name, request.ticket, Answer("denied", denial={"code": code}))
            return
        self._settle(name, request.ticket, Answer("accepted"))
        self.step(name, Commanded(command, request.ticket, letter.sender, request.by, letter.expires_ms))

    def hand_over_until(self, action: str) -> Asking:
        """Deliver letters until the oldest one asks for an action, and return that one, undelivered."""
        while True:
            letter = self.post[0]
            if isinstance(letter, Asking) and letter.request.action == action:
                return letter
            assert self.hand_over() is not None

    def hand_over_until_answered(self) -> Reply:
        """Deliver letters until a final answer is under way, and return that one, undelivered."""
        while True:
            for letter in self.post:
                if isinstance(letter, Reply) and letter.answer.final:
                    return letter
            assert self.hand_over() is not None

    def tamper(self, **data: Any) -> None:
        """Put something else in the place of what a final answer under way returns."""
        reply = self.hand_over_until_answered()
        changed = replace(reply, answer=replace(reply.answer, data=data))
        self.post[self.post.index(reply)] = changed

    def lose(self, letter: Letter) -> None:
        """Take a letter away; who waits for its answer hears at last that it has expired."""
        self.post.remove(letter)
        if isinstance(letter, Asking):
            self.post.append(Reply(letter.to, letter.sender, letter.request.ticket, Answer("expired")))

    def talk(self) -> None:
        """Deliver letters until there is none left that can be delivered."""
        while self.hand_over() is not None:
            pass

    def later(self, passed_ms: int) -> None:
        """Let time pass: timers fire in their order, and everybody talks after each."""
        until_ms = self.now_ms + passed_ms
        while True:
            due = min(self.timers.items(), key=lambda item: item[1], default=None)
            if due is None or due[1] > until_ms:
                break
            (name, timer), self.now_ms = due
            del self.timers[name, timer]
            self.step(name, TimerFired(timer))
            self.talk()
        self.now_ms = until_ms
        self.talk()

    # --- what came of it --------------------------------------------------------------------------

    def said(self, ticket: str) -> str:
        """Return what became of an act: its last status, and the reason code of a refusal."""
        last = self.told[ticket][-1] if self.told[ticket] else None
        if last is None:
            return "nothing"
        return f"{last.status} {last.denial['code']}" if last.denial else last.status

    def why(self, ticket: str) -> str:
        """Return the sentence that was said last of an act."""
        return self.told[ticket][-1].reason

    def lifecycle(self, ticket: str) -> list[str]:
        """Return everything that was said of an act."""
        return [answer.status for answer in self.told[ticket]]

    def under_way(self) -> list[tuple[str, str, str]]:
        """Return sender, receiver and action, or status, of each letter."""
        return [
            (
                letter.sender,
                letter.to,
                letter.request.action if isinstance(letter, Asking) else letter.answer.status,
            )
            for letter in self.post
        ]
