"""A household of twins and its cloud on a network that loses, delays, doubles and reorders what they say.

The twins and the cloud are the real ones. Around them stands what a node promises, and no more: a command is
carried out once for its id, and only until it expires; its answers come late, twice or never; whoever has
asked is told `expired` when none came; a report is kept by the broker and comes again with every new
connection. The rules permit everything but what a test forbids.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeAlias

from sim.apps.twins.twin import Twin
from sim.apps.twins.wishes import ApplySetting, SetSetting
from sim.core import device as core
from sim.core.beliefs import Belief, Beliefs
from sim.core.device import (
    Acted,
    Answer,
    Answered,
    Booted,
    CancelTimer,
    Command,
    Commanded,
    Device,
    Effect,
    Learned,
    Linked,
    Moment,
    Peer,
    Provision,
    Request,
    Settle,
    StartTimer,
    Stimulus,
    TimerFired,
)
from sim.core.parts import Assembled, Part
from sim.services.cloud import Cloud
from sim.trust.derivation import intent_key, seed_for_scenario
from sim.trust.identity import Identity
from tests.senses import START_MS, FakeSenses

EVERYBODY = ("cloud", "phone", "mei_phone", "tv")
SETTINGS = ("volume_percent", "language", "do_not_disturb")
LETTERS_MAX = 500
"""More letters than there can be in one instant, but for twins that answer each other for ever."""
NO_SENSES = FakeSenses()
PEOPLE: Mapping[str, tuple[str | None, bool]] = {
    "cloud": (None, False),
    "phone": ("lin", False),
    "mei_phone": ("mei", False),
    "tv": (None, True),
    "speaker": (None, True),
}
"""Name to whose it is, and whether people share it."""


class ThingTwin(Twin, settings=SETTINGS):
    """The settings of whatever is in the house."""


@dataclass(frozen=True)
class Thing(Assembled):
    """A device that is nothing but its twin."""

    kind: ClassVar[str] = "thing"
    made_of: ClassVar[Mapping[str, type[Part]]] = {"twin": ThingTwin}

    @property
    def twin(self) -> Twin:
        """Its twin."""
        twin = self.parts["twin"]
        assert isinstance(twin, Twin)
        return twin


@dataclass(frozen=True)
class Order:
    """A command on its way."""

    sender: str
    to: str
    ticket: str
    command: Command
    by: str | None
    expires_ms: int


@dataclass(frozen=True)
class Reply:
    """An answer on its way."""

    sender: str
    to: str
    ticket: str
    answer: Answer


@dataclass(frozen=True)
class News:
    """A report of the cloud on its way to one reader; None says only whether the cloud is there."""

    to: str
    online: bool
    report: Belief | None
    visit: int


Letter: TypeAlias = Order | Reply | News
Build = Callable[[str, Mapping[str, Any]], Device]


def thing(twin: type[Twin] = ThingTwin) -> Build:
    """Return what makes a device with a twin of some kind."""

    def build(name: str, given: Mapping[str, Any]) -> Device:
        return Thing(name, parts={"twin": twin.new(name, None, given)})

    return build


def provision(name: str, names: tuple[str, ...], boot: int, now_ms: int) -> Provision:
    """Return what a device of the house is given."""
    seeds = {one: seed_for_scenario(7, "house", one) for one in names}
    peers = {
        one: Peer("cloud" if one == "cloud" else "thing", *PEOPLE[one], _public(one, seeds[one]))
        for one in names
    }
    return Provision(seeds[name], boot, now_ms, peers=peers)


_KEYS: dict[str, bytes] = {}


def _public(name: str, seed: bytes) -> bytes:
    if name not in _KEYS:
        _KEYS[name] = intent_key(name, seed).key.public_key().public_bytes_raw()
    return _KEYS[name]


@dataclass
class House:
    """See the module.

    Attributes:
        names: who is there, the cloud first.
        build: how a device is made that is no cloud.
        ahead_ms: how far clocks are ahead.
        cloud_kind: what is the cloud.
        forbids: what the rules of a device forbid: (device, command's name, person).
        now_ms: the true time.
        devices: name to device.
        post: letters under way, oldest first.
        answers: what became of each wish, by its ticket.
        applied: what each device has carried out, in order; the house itself watches.
        cut: whose connection is cut.
        down: who has no power.
    """

    names: tuple[str, ...]
    build: Build = field(default_factory=thing)
    ahead_ms: Mapping[str, int] = field(default_factory=dict)
    cloud_kind: type[Cloud] = Cloud
    forbids: set[tuple[str, str, str | None]] = field(default_factory=set)
    now_ms: int = START_MS
    devices: dict[str, Device] = field(default_factory=dict)
    post: list[Letter] = field(default_factory=list)
    answers: dict[str, Answer] = field(default_factory=dict)
    applied: dict[str, list[ApplySetting]] = field(default_factory=dict)
    cut: set[str] = field(default_factory=set)
    down: set[str] = field(default_factory=set)
    _timers: dict[tuple[str, str], int] = field(default_factory=dict)
    _boots: dict[str, int] = field(default_factory=dict)
    _beliefs: dict[str, Beliefs] = field(default_factory=dict)
    _waiting: dict[str, dict[str, int]] = field(default_factory=dict)
    _carried_out: dict[tuple[str, str], Answer | None] = field(default_factory=dict)
    _visits: int = 0
    _visits_seen: dict[str, int] = field(default_factory=dict)
    _report: Belief | None = None
    _reported: Any = None
    _wishes: int = 0

    def __post_init__(self) -> None:
        for name in self.names:
            self.applied[name] = []
            self._start(name, {})

    # --- who is there -----------------------------------------------------------------------------------

    @property
    def cloud(self) -> Cloud:
        """The cloud."""
        cloud = self.devices["cloud"]
        assert isinstance(cloud, Cloud)
        return cloud

    @property
    def things(self) -> tuple[str, ...]:
        """Everybody but the cloud."""
        return self.names[1:]

    def twin(self, name: str) -> Twin:
        """Return the twin of a device."""
        device = self.devices[name]
        assert isinstance(device, Thing)
        return device.twin

    def _start(self, name: str, given: Mapping[str, Any]) -> None:
        self._boots[name] = self._boots.get(name, 0) + 1
        made = self.cloud_kind.new(name, None, given) if name == "cloud" else self.build(name, given)
        now_ms = self.now_ms + self.ahead_ms.get(name, 0)
        self.devices[name] = made.provisioned(provision(name, self.names, self._boots[name], now_ms))
        self._beliefs[name] = Beliefs()
        self._waiting[name] = {}
        self._step(name, Booted())
        self._connected(name)

    def _connected(self, name: str) -> None:
        """Let a device hear what the broker keeps, and the others hear of the cloud."""
        if name == "cloud":
            self._visits += 1
            self._publish()
            self._tell(online=True)
        else:
            there = "cloud" not in {*self.cut, *self.down}
            self.post.append(News(name, there, self._report, self._visits))

    def crash(self, name: str) -> None:
        """Take power from a device: what it had under way is gone."""
        self.down.add(name)
        self._timers = {key: due for key, due in self._timers.items() if key[0] != name}
        self.post = [letter for letter in self.post if letter.to != name]
        if name == "cloud":
            self._tell(online=False)

    def restart(self, name: str) -> None:
        """Give it power again; what it kept it still knows."""
        self.down.discard(name)
        self._start(name, self.devices[name].kept())

    def cut_off(self, name: str) -> None:
        """Cut a connection: what was under way on it is lost, and after a while everybody knows."""
        self.cut.add(name)
        self.post = [letter for letter in self.post if name not in {letter.to, getattr(letter, "sender", "")}]
        self._beliefs[name] = self._beliefs[name].out_of_reach()
        self._step(name, Linked(up=False))
        if name == "cloud":
            self._tell(online=False)

    def heal(self, name: str) -> None:
        """Mend a connection."""
        self.cut.discard(name)
        self._connected(name)
        self._step(name, Linked(up=True))

    def within_reach(self, name: str) -> bool:
        """Say whether a device can be reached."""
        return name not in self.cut and name not in self.down

    # --- what happens -----------------------------------------------------------------------------------

    def wish(self, at: str, by: str | None, *, device: str | None = None, **setting: Any) -> str:
        """Let somebody wish a setting at a device, and return the ticket."""
        self._wishes += 1
        ticket = f"{at}-act-{self._wishes}"
        self._step(at, Acted(SetSetting(device=device, **setting), ticket, by))
        return ticket

    def wait(self, for_ms: int) -> None:
        """Let time pass: timers fire, and questions that nobody answered expire."""
        until_ms = self.now_ms + for_ms
        while True:
            due = [(due_ms, *key) for key, due_ms in self._timers.items()]
            due += [
                (due_ms, name, ticket)
                for name, waiting in self._waiting.items()
                for ticket, due_ms in waiting.items()
            ]
            if not due or min(due)[0] > until_ms:
                break
            due_ms, name, what = min(due)
            self.now_ms = max(self.now_ms, due_ms)
            if what in self._waiting[name]:
                self._answer(name, what, Answer("expired", "cloud did not answer in time"))
            else:
                del self._timers[name, what]
                self._step(name, TimerFired(what))
        self.now_ms = until_ms

    def deliver(self, position: int = 0, *, lost: bool = False, twice: bool = False) -> None:
        """Let a letter arrive, or be lost, or arrive and come once more later.

        A broker loses no report to whoever is connected (QoS 1); it may be late, and come twice.
        """
        letter = self.post.pop(position)
        if twice:
            self.post.append(letter)
        if (lost and not isinstance(letter, News)) or not self.within_reach(letter.to):
            return
        match letter:
            case Order():
                self._obey(letter)
            case Reply(sender=sender, to=to, ticket=ticket, answer=answer):
                if ticket in self._waiting[to]:
                    self._answer(to, ticket, answer, sender)
            case News(to=to, visit=visit) if visit < self._visits_seen.get(to, 0):
                pass  # It was doubled on its way: boot and visit tell.
            case News(to=to, online=online, report=report, visit=visit):
                self._visits_seen[to] = visit
                beliefs = self._beliefs[to].online("cloud", online=online)
                self._beliefs[to] = beliefs if report is None else beliefs.heard("cloud", "twins", report)
                self._step(to, Learned("cloud"))

    def settle(self) -> None:
        """Let everything arrive, and time pass until nobody has anything to do, or can do anything."""
        for _ in range(200):
            self.settle_now()
            if self.post:
                break
            if not self._timers and not any(self._waiting.values()):
                return
            self.wait(5_000)
        if not self.post and (self.cut or self.down):
            return
        msg = "the twins do not come to rest"
        raise AssertionError(msg)

    def settle_now(self) -> None:
        """Let everything arrive that is under way, and what comes of it in the same instant."""
        for _ in range(LETTERS_MAX):
            if self.post:
                self.deliver()

    def heal_everything(self) -> None:
        """Mend every connection and start whoever is down, the cloud last, and let all come to rest."""
        for name in reversed(self.names):
            if name in self.down:
                self.restart(name)
            if name in self.cut:
                self.heal(name)
        self.settle()

    # --- inside -----------------------------------------------------------------------------------------

    def _moment(self, name: str) -> Moment:
        return Moment(self.now_ms + self.ahead_ms.get(name, 0), NO_SENSES, self._beliefs[name])

    def _step(self, name: str, stimulus: Stimulus) -> None:
        before = self.devices[name]
        self.devices[name], effects = before.step(self._moment(name), stimulus)
        if name == "cloud" and self.devices[name] is not before and self.within_reach(name):
            self._publish()
        for effect in effects:
            self._perform(name, effect)

    def _perform(self, name: str, effect: Effect) -> None:
        match effect:
            case Request(target=target) if target == name:
                self._ask_itself(name, effect)
            case Request(ticket=ticket, target=target, action=action, by=by):
                expires_ms = self.now_ms + effect.expires_in_ms
                self._waiting[name][ticket] = expires_ms
                if self.within_reach(name):
                    command = _typed(self.devices[target], action, effect.arguments)
                    self.post.append(Order(name, target, ticket, command, by, expires_ms))
            case Settle(ticket=ticket, answer=answer):
                if (name, ticket) in self._carried_out:
                    self._carried_out[name, ticket] = answer
                elif answer.final:
                    assert ticket not in self.answers, f"{ticket} was answered twice"
                    self.answers[ticket] = answer
            case StartTimer(name=timer, delay_ms=delay_ms):
                self._timers[name, timer] = self.now_ms + delay_ms
            case CancelTimer(name=timer):
                self._timers.pop((name, timer), None)
            case _:
                msg = f"no twin does {effect}"
                raise AssertionError(msg)

    def _ask_itself(self, name: str, request: Request) -> None:
        command = _typed(self.devices[name], request.action, request.arguments)
        if (name, request.action, request.by) in self.forbids:
            denied = Answer("denied", "the rules say no", denial={"rules": ["no"]})
            self.answers[request.ticket] = denied
            self._step(name, Answered(request.ticket, name, denied))
            return
        before = self.twin(name).applied
        self._step(name, Commanded(command, request.ticket, name, request.by, self.now_ms + 30_000))
        if isinstance(command, ApplySetting) and self.twin(name).applied != before:
            self.applied[name].append(command)

    def _obey(self, order: Order) -> None:
        """Carry a command out once, and answer it as often as it comes."""
        key = (order.to, order.ticket)
        if key not in self._carried_out:
            self._carried_out[key] = None
            if self.now_ms >= order.expires_ms:
                self._carried_out[key] = Answer("expired", "it came too late")
            elif (order.to, order.command.action, order.by) in self.forbids:
                self._carried_out[key] = Answer("denied", "the rules say no", denial={"rules": ["no"]})
            else:
                told = Commanded(order.command, order.ticket, order.sender, order.by, order.expires_ms)
                self._step(order.to, told)
        answer = self._carried_out[key]
        assert answer is not None, f"{order.to} did not answer {order.ticket}"
        self.post.append(Reply(order.to, order.sender, order.ticket, answer))

    def _answer(self, name: str, ticket: str, answer: Answer, sender: str = "cloud") -> None:
        del self._waiting[name][ticket]
        self._step(name, Answered(ticket, sender, answer))

    def _publish(self) -> None:
        """Report what the cloud says of itself, if it is something new."""
        report, _ = self.cloud.report()
        if report == self._reported:
            return
        self._reported = report
        sequence = 0 if self._report is None else self._report.version[1]
        version = (self._boots["cloud"], sequence + 1)
        self._report = Belief(report.model_dump(), self.now_ms, version, "last")
        self._tell(online=True)

    def _tell(self, *, online: bool) -> None:
        report = self._report if online else None
        self._visits += not online
        self.post += [
            News(name, online, report, self._visits) for name in self.things if self.within_reach(name)
        ]


def home(*names: str) -> House:
    """Return a house that has come to rest."""
    house = House(names or EVERYBODY)
    house.settle()
    return house


def status(house: House, ticket: str) -> tuple[str, str]:
    """Return what became of a wish, and why."""
    answer = house.answers[ticket]
    return answer.status, answer.reason


def identity(device: str) -> Identity:
    """Return the key with which a device of the house signs."""
    return intent_key(device, seed_for_scenario(7, "house", device))


def _typed(device: Device, action: str, arguments: Mapping[str, Any]) -> Command:
    model = next(one for one in device.commands if one.action == action)
    command = model.model_validate(dict(arguments), strict=True, by_alias=False, by_name=True)
    assert isinstance(command, core.Command)
    return command
