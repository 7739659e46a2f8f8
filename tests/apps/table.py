"""A table with devices on it, each with one app: they hand each other what they ask, answer and report.

Network and rules are there in the plainest way: a command is repeated until it is answered or has
expired, the one asked carries it out once, and what is asked is permitted unless a test forbids it.
Which messages are lost, who is cut off and who sits where, is what a test says.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from sim.apps.app import App
from sim.core.beliefs import Belief, Beliefs
from sim.core.device import (
    Act,
    Acted,
    Answer,
    Answered,
    Asked,
    Booted,
    CancelTimer,
    Commanded,
    Effect,
    Learned,
    Linked,
    Moment,
    Presence,
    Provision,
    Request,
    Role,
    Sensed,
    Settle,
    StartTimer,
    Stimulus,
    TimerFired,
)
from sim.trust.derivation import box_key
from tests.senses import START_MS, FakeSenses

PEOPLE: Mapping[str, Role] = {"lin": "owner", "mei": "member", "tao": "child", "jun": "guest"}
REPEAT_AFTER_MS = 2_000


def seed_of(name: str) -> bytes:
    """Return a device's secret."""
    return name.encode().ljust(32, b"\0")


@dataclass
class Asking:
    """A command that its sender waits for, with how it is repeated."""

    sender: str
    request: Request
    expires_ms: int
    again_ms: int
    wait_ms: int = REPEAT_AFTER_MS


@dataclass(frozen=True)
class Message:
    """Something on its way: a command, or the answer to one."""

    sender: str
    to: str
    ticket: str
    answer: Answer | None = None


@dataclass
class Place:
    """One device.

    Attributes:
        kind: class of its app.
        config: whose it is, and which car it is built into.
        app: the app as it is.
        holder: who has it in hand, or sits at the wheel of its car.
        near: the devices right beside it.
        beliefs: what it has heard.
        online: whether it is connected.
        boot: how often it has started.
    """

    kind: type[App]
    config: Any
    app: App
    holder: str | None = None
    near: tuple[str, ...] = ()
    beliefs: Beliefs = field(default_factory=Beliefs)
    online: bool = True
    boot: int = 1
    reported: dict[str, Any] = field(default_factory=dict)
    sequence: int = 0


class Table:
    """See the module.

    Args:
        devices: name to app, owner, car and holder.
        lost: says of a message whether it gets lost.
    """

    def __init__(
        self,
        devices: Mapping[str, tuple[type[App], str | None, str | None, str | None]],
        lost: Callable[[Message], bool] = lambda _: False,
    ) -> None:
        self.now_ms = START_MS
        self.lost = lost
        self.forbidden: set[str] = set()
        self.post: list[Message] = []
        self.asked: dict[str, Asking] = {}
        self.taken: dict[tuple[str, str], list[Answer]] = {}
        self.senders: dict[tuple[str, str], str] = {}
        self.told: dict[str, list[Answer]] = {}
        self.facts: list[tuple[str, Mapping[str, Any]]] = []
        self.timers: dict[tuple[str, str], int] = {}
        self.seen: list[Message] = []
        self.places: dict[str, Place] = {}
        self._names = tuple(devices)
        self._acts = 0
        for name, (kind, owner, car, holder) in devices.items():
            config = SimpleNamespace(owner=owner, car=car)
            self.places[name] = Place(kind, config, self._made(name, kind, config, {}, 1), holder)
        for name in devices:
            near = tuple(other for other in devices if other != name)
            self.places[name].near = near
        for name in devices:
            self._tell_online(name, online=True)
        for name in devices:
            self.step(name, Booted())
        self.talk()

    def _made(self, name: str, kind: type[App], config: Any, kept: Mapping[str, Any], boot: int) -> App:
        boxes = {
            other: box_key(seed_of(other)).public_key().public_bytes_raw()
            for other in self._names
            if other != name
        }
        provision = Provision(seed_of(name), boot, self.now_ms, people=PEOPLE, boxes=boxes)
        return kind.new(name, config, kept).provisioned(provision)

    # --- what happens ---------------------------------------------------------------------------

    def app(self, name: str) -> Any:
        """Return a device's app as it is now."""
        return self.places[name].app

    def moment(self, name: str) -> Moment:
        """Return what a device senses now."""
        place = self.places[name]
        senses = FakeSenses(holder=place.holder, distances_m=dict.fromkeys(place.near, 0.5))
        return Moment(self.now_ms, senses, place.beliefs)

    def step(self, name: str, stimulus: Stimulus) -> tuple[Effect, ...]:
        """Let a device take a step, and do what it wants."""
        place = self.places[name]
        app, effects = place.app.step(self.moment(name), stimulus)
        place.app = app
        self._publish(name)
        for effect in effects:
            self._perform(name, effect)
        return effects

    def act(self, name: str, act: Act, by: str | None = None) -> str:
        """Let a person use a device, and everybody talk; return the ticket."""
        self._acts += 1
        ticket = f"{name}-act-{self._acts}"
        self.told[ticket] = []
        self.step(name, Acted(act, ticket, by))
        self.talk()
        return ticket

    def sit(self, name: str, holder: str | None) -> None:
        """Let somebody take a device in hand, or sit down at the wheel."""
        self.places[name].holder = holder
        self.step(name, Sensed())
        self.talk()

    def cut(self, name: str, *, online: bool) -> None:
        """Cut a device off, or connect it again; the broker says so."""
        place = self.places[name]
        place.online = online
        self._tell_online(name, online=online)
        if not online:
            place.beliefs = place.beliefs.out_of_reach()
        self.step(name, Linked(up=online))
        if online:
            for other in self._names:
                if other != name:
                    there = self.places[other].online
                    place.beliefs = place.beliefs.online(other, online=there)
                    self.step(name, Learned(other))
                    self._hear(name, other)
            place.reported.clear()
            self._publish(name)
            self.talk()

    def restart(self, name: str) -> None:
        """Take power from a device and give it back: its flash is what it had kept."""
        place = self.places[name]
        self.timers = {key: due for key, due in self.timers.items() if key[0] != name}
        for ticket in [ticket for ticket, one in self.asked.items() if one.sender == name]:
            del self.asked[ticket]
        place.boot += 1
        place.app = self._made(name, place.kind, place.config, place.app.kept(), place.boot)
        place.sequence = 0
        place.reported.clear()
        self.step(name, Booted())
        for (target, ticket), answers in self.taken.items():
            if target == name and not answers[-1].final:
                self._answer(target, ticket, Answer("failed", "restarted", data={"may_have_succeeded": True}))
        self.talk()

    # --- messages -------------------------------------------------------------------------------

    def _perform(self, name: str, effect: Effect) -> None:
        match effect:
            case Request(target=target) if target == name:
                self._carry_out(name, name, effect)
            case Request():
                expires_ms = self.now_ms + effect.expires_in_ms
                asking = Asking(name, effect, expires_ms, self.now_ms + REPEAT_AFTER_MS)
                self.asked[effect.ticket] = asking
                self._send(Message(name, effect.target, effect.ticket))
            case Settle(ticket=ticket, answer=answer):
                self._answer(name, ticket, answer)
            case StartTimer(name=timer, delay_ms=delay_ms):
                self.timers[name, timer] = self.now_ms + delay_ms
            case CancelTimer(name=timer):
                self.timers.pop((name, timer), None)
            case _:
                msg = f"no app of these does {effect}"
                raise AssertionError(msg)

    def _send(self, message: Message) -> None:
        self.seen.append(message)
        there = self.places[message.sender].online and self.places[message.to].online
        if there and not self.lost(message):
            self.post.append(message)

    def _answer(self, name: str, ticket: str, answer: Answer) -> None:
        if (name, ticket) in self.taken:
            self.taken[name, ticket].append(answer)
            sender = self.senders[name, ticket]
            if sender != name:
                self._send(Message(name, sender, ticket, answer))
                return
        self.told.setdefault(ticket, []).append(answer)

    def hand_over(self) -> bool:
        """Deliver the oldest message; say whether there was one."""
        if not self.post:
            return False
        message = self.post.pop(0)
        if message.answer is not None:
            asking = self.asked.get(message.ticket)
            if asking is not None and asking.sender == message.to:
                if message.answer.final:
                    self._finish(message.ticket, message.answer)
                else:
                    answered = Answered(message.ticket, message.sender, message.answer)
                    self.step(message.to, answered)
            return True
        asking = self.asked.get(message.ticket)
        answers = self.taken.get((message.to, message.ticket))
        if answers is not None:
            self._send(Message(message.to, message.sender, message.ticket, answers[-1]))
        elif asking is not None:
            self._carry_out(message.to, message.sender, asking.request)
        return True

    def _finish(self, ticket: str, answer: Answer) -> None:
        asking = self.asked.pop(ticket)
        self.told.setdefault(ticket, []).append(answer)
        self.step(asking.sender, Answered(ticket, asking.request.target, answer))

    def _carry_out(self, name: str, sender: str, request: Request) -> None:
        place = self.places[name]
        model = next(one for one in place.app.commands if one.action == request.action)
        command = model.model_validate(dict(request.arguments), strict=True, by_alias=False, by_name=True)
        asked = Asked(request.action, command, sender, request.by, Presence(), request.ticket)
        self.facts.append((request.action, place.app.told(self.moment(name), asked)))
        self.senders[name, request.ticket] = sender
        self.taken[name, request.ticket] = [Answer("accepted")]
        if request.action in self.forbidden:
            denied = Answer("denied", "it is forbidden")
            self._answer(name, request.ticket, denied)
            if sender == name:
                self.step(name, Answered(request.ticket, name, denied))
            return
        expires_ms = self.now_ms + request.expires_in_ms
        self.step(name, Commanded(command, request.ticket, sender, request.by, expires_ms))

    def talk(self) -> None:
        """Deliver messages until there is none left."""
        while self.hand_over():
            pass

    def later(self, passed_ms: int) -> None:
        """Let time pass: timers fire, commands are repeated and expire, and everybody talks."""
        until_ms = self.now_ms + passed_ms
        while True:
            due = [(at, "timer", key) for key, at in self.timers.items()]
            due += [(min(one.again_ms, one.expires_ms), "ask", (t, "")) for t, one in self.asked.items()]
            if not due or min(due)[0] > until_ms:
                break
            self.now_ms, what, key = min(due)
            if what == "timer":
                del self.timers[key]
                self.step(key[0], TimerFired(key[1]))
            else:
                self._repeat(key[0])
            self.talk()
        self.now_ms = until_ms

    def _repeat(self, ticket: str) -> None:
        asking = self.asked[ticket]
        if self.now_ms >= asking.expires_ms:
            self._finish(ticket, Answer("expired", "nobody answered"))
            return
        asking.wait_ms *= 2
        asking.again_ms = self.now_ms + asking.wait_ms
        self._send(Message(asking.sender, asking.request.target, ticket))

    # --- reports --------------------------------------------------------------------------------

    def _publish(self, name: str) -> None:
        place = self.places[name]
        changed = [one for one in place.app.report() if place.reported.get(one.facet) != one]
        for report in changed:
            place.sequence += 1
            place.reported[report.facet] = report
        if changed and place.online:
            for other in self._names:
                if other != name and self.places[other].online:
                    self._hear(other, name)

    def _hear(self, reader: str, name: str) -> None:
        """Let a device hear everything that another one has reported last."""
        place, other = self.places[reader], self.places[name]
        beliefs = place.beliefs
        for report in other.reported.values():
            version = (other.boot, other.sequence)
            belief = Belief(report.model_dump(), self.now_ms, version, report.when_offline)
            beliefs = beliefs.heard(name, report.facet, belief)
        if beliefs is not place.beliefs:
            place.beliefs = beliefs
            self.step(reader, Learned(name))

    def _tell_online(self, name: str, *, online: bool) -> None:
        for other in self._names:
            if other != name and self.places[other].online:
                self.places[other].beliefs = self.places[other].beliefs.online(name, online=online)
                self.step(other, Learned(name))

    # --- what came of it ------------------------------------------------------------------------

    def said(self, ticket: str) -> str:
        """Return what became of an act: its last status."""
        return self.told[ticket][-1].status if self.told.get(ticket) else "nothing"

    def why(self, ticket: str) -> str:
        """Return the sentence that was said last of an act."""
        return self.told[ticket][-1].reason

    def fact(self, action: str) -> Mapping[str, Any]:
        """Return what the rules were told about the latest command of a name."""
        return next(facts for name, facts in reversed(self.facts) if name == action)
