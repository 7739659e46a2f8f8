"""Stages for tests: a household of small kinds from a few lines of YAML, played in memory.

The lamp does what it is told, in several ways; the button asks lamps; the stranger puts anything
anywhere. `Theatre` builds the real stage, the real network model and the real truth around them, and
drives it round by round.
"""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, ClassVar, Self

from sim.core import device as core
from sim.core.device import (
    Act,
    Acted,
    Actuate,
    Answer,
    Answered,
    AnswerRanging,
    Booted,
    CancelTimer,
    Command,
    Commanded,
    Crashed,
    Crossed,
    Device,
    Effect,
    Emit,
    Facet,
    Moment,
    PersonOrNobody,
    Presence,
    PublishRaw,
    Refers,
    Report,
    Request,
    Sensed,
    Settle,
    ShowCode,
    StartTimer,
    Stimulus,
    StopRanging,
    StopWatching,
    TimerFired,
    WatchFor,
)
from sim.core.household import Household
from sim.core.messages import CloudEvent, Frame
from sim.core.topics import command_topic
from sim.core.units import Celsius, Milliseconds
from sim.policy.decision import AccessRequest, Decision, PolicyDecisionPoint
from sim.scenario.households import read_household
from sim.trust.envelope import seal
from sim.trust.identity import Identity
from sim.world.network.link import Delivery, Pause, Round
from sim.world.node import Node
from sim.world.node.orders import Order
from sim.world.stage import Cast, Stage
from sim.world.storages import StorageMaker
from sim.world.timeline import Timeline
from sim.world.trace import Record, Trace
from sim.world.truth import Truth
from sim.world.truth.people import Course
from sim.world.truth.piloting import EVERY_PERSON_ACT

START_MS = 1_768_203_000_000
"""2026-01-12T07:30:00Z."""
SEED = 7
SESSION = b"session of a key"
"""Public id of the key by which the lamp's radio answers ranging."""

HOME = """
household: home
people: {lin: {role: owner}, mei: {role: member}}
homes:
  home:
    position: [40.0, 116.5]
    rooms: {hall: {volume: 40 m³, heat_loss: 100 W/K, heat_capacity: 1 MJ/K}}
devices:
  lamp: {kind: lamp, home: home, room: hall}
  button: {kind: button, owner: lin}
strangers:
  mallory: {kind: stranger}
"""
LAMPS = HOME.replace(
    "devices:",
    "devices:\n  zebra: {kind: lamp}\n  lamp2: {kind: lamp, home: home, room: hall}\n  panel: {kind: panel}",
)


# --- a lamp ---------------------------------------------------------------------------------------


class Do(Command, tier="anytime"):
    """Do something in one of the ways that `Lamp.step` knows."""

    how: str
    at_least_c: Celsius = 0.0


class Measure(Command, near=True):
    """Have the asker's distance measured."""


class Touch(Act):
    """Touch the lamp itself: it asks itself."""

    how: str = "now"
    action: str = "do"


class Light(Facet):
    """Whether it shines, and what it did."""

    on: bool | None
    did: list[str]


class Nerves(Facet, when_offline="last"):
    """Everything else that happened to it."""

    felt: list[str]


@dataclass(frozen=True)
class Lamp(Device):
    """Does what it is told; the word says how."""

    class Config(core.Config):
        """Where it hangs, if anywhere, or what it is built into."""

        home: Annotated[str | None, Refers("home")] = None
        room: str | None = None
        car: Annotated[str | None, Refers("device", "car")] = None

    @dataclass(frozen=True, slots=True)
    class Physical(core.Physical):
        """Whether it shines, and how warm that is."""

        on: bool = False
        heat_w: float = 0.0

        def without_power(self) -> Self:
            """Cool down; its switch stays as it is."""
            return replace(self, heat_w=0.0)

    kind: ClassVar[str] = "lamp"
    events: ClassVar = ("told",)
    commands: ClassVar = (Do, Measure)
    acts: ClassVar = (Touch,)
    facets: ClassVar = (Light, Nerves)
    controllers: ClassVar = ("bulb",)
    reads: ClassVar = ("lamp",)

    on: bool | None = None
    did: tuple[str, ...] = ()
    felt: tuple[str, ...] = ()
    weighed: tuple[tuple[str, str], ...] = ()
    """Which commands it took note of before the rules were asked: action and ticket."""

    @classmethod
    def settable(cls) -> Mapping[str, Any]:
        """A scenario may say what it did before."""
        return {"did": str}

    @classmethod
    def new(cls, name: str, config: Any, given: Mapping[str, Any]) -> Self:  # noqa: ARG003  # the protocol
        """Return it, dark."""
        return cls(name, did=(given["did"],) if "did" in given else ())

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:  # noqa: PLR0911  # a match reads best whole
        """Do what it is told, and remember what it felt."""
        match stimulus:
            case Booted() | Sensed():
                return replace(self, on=at.senses.own("on")), ()
            case Commanded(command=Do(how=how, at_least_c=at_least_c), ticket=ticket):
                return replace(self, did=(*self.did, how)), self._effects(how, ticket, at_least_c)
            case Commanded(ticket=ticket):
                return self._feel("measured"), (Settle(ticket, Answer("done")),)
            case Acted(act=Touch(how=how, action=action), ticket=ticket, by=by):
                return self, (Request(ticket, self.name, action, {"how": how}, by=by),)
            case TimerFired(name="restless"):
                return self, (StartTimer("restless", 0),)
            case TimerFired(name=name):
                return self._feel(f"timer {name}"), (Settle(name, Answer("done")),)
            case Crossed(name=name):
                return self._feel(f"crossed {name}"), ()
            case Crashed(controller=controller, up=up):
                return self._feel(f"{controller} {'up' if up else 'down'}"), ()
            case Answered(answer=answer):
                return self._feel(f"answered {answer.status}"), ()
            case _:
                return self, ()

    def report(self) -> tuple[Facet, ...]:
        """Report the light and the nerves."""
        return (Light(on=self.on, did=list(self.did)), Nerves(felt=list(self.felt)))

    def considered(self, at: Moment, asked: core.Asked) -> Self:  # noqa: ARG002  # the protocol
        """Take note of a command."""
        return replace(self, weighed=(*self.weighed, (asked.action, asked.ticket)))

    def circumstances(self, at: Moment, asked: core.Asked) -> core.Circumstances:
        """Measure the asker's distance when that is wanted, and find fault with what names a code.

        Out of reach counts as moving; `how: TOO_FAR` is a command whose proof did not hold. A command
        that it has not taken note of yet has no proof at all.
        """
        if asked.action == "measure":
            return core.Circumstances(moving=at.senses.distance_m(asked.sender) is None)
        if asked.ticket and (asked.action, asked.ticket) not in self.weighed:
            return core.Circumstances(code="NO_PROOF")
        how = asked.command.how if isinstance(asked.command, Do) else ""
        return core.Circumstances(code=how if how.isupper() else None)

    def _feel(self, what: str) -> Self:
        return replace(self, felt=(*self.felt, what))

    def _effects(self, how: str, ticket: str, at_least_c: float) -> tuple[Effect, ...]:
        done = Settle(ticket, Answer("done", data={"how": how}))
        ways: dict[str, tuple[Effect, ...]] = {
            "now": (done,),
            "twice": (done, done),
            "on": (Actuate({"on": True}), done),
            "off": (Actuate({"on": False}), done),
            "soon": (Actuate({"on": True}, after_ms=250), done),
            "warm": (Actuate({"heat_w": 3_000.0}), done),
            "cool": (Actuate({"heat_w": -3_000.0}), done),
            "drive": (Actuate({"speed_kmh": 50.0}), done),
            "later": (Settle(ticket, Answer("forwarded")), StartTimer(ticket, 500)),
            "never": (),
            "tell": (Emit("told", {"how": how}), done),
            "remind": (StartTimer("reminder", 1_000), StartTimer("reminder", 5_000), done),
            "forget": (CancelTimer("reminder"), CancelTimer("nothing"), done),
            "rising": (WatchFor("edge", at_least_c=at_least_c), done),
            "falling": (WatchFor("edge", at_most_c=at_least_c), done),
            "unwatch": (StopWatching("edge"), StopWatching("nothing"), done),
            "restless": (StartTimer("restless", 0), done),
            "again": (Report("light"), done),
            "answer": (AnswerRanging(SESSION), done),
            "hush": (StopRanging(), done),
            "show": (ShowCode("a secret"), done),
            "blank": (ShowCode(None), done),
            "stray": (Settle("nobody-asked", Answer("done")), done),
        }
        return ways[how]


# --- a button -------------------------------------------------------------------------------------


class Press(Act):
    """Ask a lamp for something."""

    lamp: Annotated[str, Refers("device", "lamp")]
    how: str = "now"
    action: str = "do"
    expires_in_ms: Milliseconds = 30_000
    named: str = ""


class Idle(Act):
    """Do nothing with it."""


class Shout(Act):
    """Put any text on any topic."""

    topic: str
    text: str = ""
    retain: bool = False


@dataclass(frozen=True)
class Asker(Device):
    """Asks lamps, and remembers the answers."""

    asks: ClassVar = ("lamp",)

    heard: tuple[str, ...] = ()

    @classmethod
    def new(cls, name: str, config: Any, given: Mapping[str, Any]) -> Self:  # noqa: ARG003  # the protocol
        """Return it."""
        return cls(name)

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:  # noqa: ARG002  # the protocol
        """Ask, and remember the answers."""
        match stimulus:
            case Acted(act=Press() as press, ticket=ticket, by=by):
                arguments = {"how": press.how} if press.how else {}
                ticket = press.named or ticket
                wish = Request(ticket, press.lamp, press.action, arguments, by, press.expires_in_ms)
                return self, (wish,)
            case Acted(act=Shout(topic=topic, text=text, retain=retain), ticket=ticket):
                return self, (PublishRaw(ticket, topic, text.encode(), retain),)
            case Answered(answer=answer):
                return replace(self, heard=(*self.heard, answer.status)), ()
            case _:
                return self, ()


@dataclass(frozen=True)
class Button(Asker):
    """Carried by somebody, and acts as its owner."""

    @dataclass(frozen=True, slots=True)
    class Physical(core.Physical):
        """Who carries it."""

        portable: ClassVar[bool] = True

        carrier: PersonOrNobody = None

        def holder(self) -> str | None:
            """Return who carries it."""
            return self.carrier

        def held_by(self, person: str | None) -> Self:
            """Take it, or put it down."""
            return replace(self, carrier=person)

    kind: ClassVar[str] = "button"
    acts: ClassVar = (Press, Idle)
    reads: ClassVar = ("lamp",)

    def presence(self, at: Moment) -> Presence:
        """Say whether somebody carries it."""
        return Presence(worn=at.senses.own("carrier") is not None)


@dataclass(frozen=True)
class Panel(Asker):
    """A button on the wall: it acts for whoever is named."""

    kind: ClassVar[str] = "panel"
    shared: ClassVar[bool] = True
    acts: ClassVar = (Press, Shout)
    reads: ClassVar = ("lamp",)


@dataclass(frozen=True)
class Stranger(Asker):
    """Somebody the household does not know."""

    kind: ClassVar[str] = "stranger"
    acts: ClassVar = (Press, Shout)
    trusted: ClassVar[bool] = False

    def presence(self, at: Moment) -> Presence:  # noqa: ARG002  # the protocol
        """It claims to be worn."""
        return Presence(worn=True)


KINDS: dict[str, type[Device]] = {kind.kind: kind for kind in (Lamp, Button, Panel, Stranger)}


# --- who decides ----------------------------------------------------------------------------------


@dataclass
class Rules:
    """Permits what is signed, unless it is forbidden by name; remembers what it was asked."""

    forbidden: tuple[str, ...] = ()
    asked: list[AccessRequest] = field(default_factory=list)

    def decide(self, request: AccessRequest) -> Decision:
        """Answer."""
        self.asked.append(request)
        if not request.authenticated:
            return Decision("forbidden", ("signed-only",), "it is not signed")
        if not request.fresh:
            return Decision("forbidden", ("fresh-only",), "it is not of now")
        if request.circumstances.code is not None:
            return Decision("forbidden", ("proved-only",), "its proof does not hold")
        if request.action in self.forbidden or request.circumstances.moving:
            return Decision("forbidden", ("no",), "it is forbidden", instead="something else")
        return Decision("permitted", ("yes",), "it is permitted")


# --- the theatre ----------------------------------------------------------------------------------


class Theatre:
    """A stage in memory, with shorthands for acting and looking.

    Args:
        household: YAML, as in a household file.
        kinds: what kinds of devices there are.
        policy: who decides.
        seed: of the run.
        given: device to the state it begins with.
        permissions: whether the broker has permissions.
        opened: whether to connect everybody at once.
        storages: what makes a declared storage, when that is not its own class.
    """

    def __init__(  # noqa: PLR0913  # everything a run can begin with
        self,
        household: str = HOME,
        *,
        kinds: Mapping[str, type[Device]] = KINDS,
        policy: PolicyDecisionPoint | None = None,
        seed: int = SEED,
        given: Mapping[str, Mapping[str, Any]] | None = None,
        permissions: bool = True,
        opened: bool = True,
        storages: Mapping[type[Any], StorageMaker] | None = None,
    ) -> None:
        self.household: Household = read_household("test.household.yaml", household, kinds)
        self._policy = Rules() if policy is None else policy
        cast = Cast(self.household, kinds, self._policy, seed, permissions, storages or {})
        self.truth = Truth(self.household, kinds, START_MS, 0)
        self.trace = Trace(START_MS)
        self.timeline = Timeline(START_MS)
        self.stage = Stage(cast, self.truth, self.timeline, self.trace, given or {})
        self.rounds: list[Round] = []
        self.pauses: list[int] = []
        if opened:
            self.run(self.stage.open())

    # --- time ---

    def run(self, waiting: Generator[Round | Pause, tuple[Delivery, ...], None]) -> None:
        """Play a part of the run: every delivery arrives as it must."""
        try:
            asked = next(waiting)
            while True:
                if isinstance(asked, Round):
                    self.rounds.append(asked)
                    asked = waiting.send(asked.expected)
                else:
                    self.pauses.append(asked.until_ms)
                    asked = waiting.send(())
        except StopIteration:
            return

    def settle(self) -> None:
        """Play on until nothing more happens in this instant."""
        self.run(self.stage.settle())

    def advance(self, by_ms: int) -> None:
        """Let time pass."""
        self.run(self.stage.run_until(self.timeline.now_ms + by_ms))

    @property
    def now_ms(self) -> int:
        """The true time."""
        return self.timeline.now_ms

    # --- acting ---

    def use(self, device: str, act: Act, by: str | None = None) -> str:
        """Let somebody use a device, and play on; return the ticket."""
        ticket = self.stage.use(device, act, by)
        self.settle()
        return ticket

    def press(self, how: str = "now", **arguments: Any) -> str:
        """Press the button for a lamp; for `lamp` unless another is named."""
        return self.use("button", Press(how=how, **{"lamp": "lamp", **arguments}))

    def does(self, person: str, verb: str, **arguments: Any) -> Course:
        """Let a person act, and play on."""
        course = self.stage.perform(person, EVERY_PERSON_ACT[verb](**arguments))
        self.settle()
        return course

    def deliver(self, device: str, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Put a message before a node as if it had come over the link, and play on."""
        self.node(device).receive(Frame(topic, payload, retain))
        self.settle()

    # --- looking ---

    @property
    def rules(self) -> Rules:
        """Who decides, with what was asked so far."""
        assert isinstance(self._policy, Rules)
        return self._policy

    def node(self, name: str) -> Node:
        """Return a device's node."""
        return self.stage.nodes[name]

    def lamp(self, name: str = "lamp") -> Lamp:
        """Return a lamp as it is now."""
        device = self.node(name).device
        assert isinstance(device, Lamp)
        return device

    def heard(self, name: str = "button") -> tuple[str, ...]:
        """Return the answers a button has had."""
        device = self.node(name).device
        assert isinstance(device, Button)
        return device.heard

    def records(self, kind: str, **fields: Any) -> list[Record]:
        """Return the records of a kind whose fields are as given."""
        return [
            record
            for record in self.trace.records
            if record["kind"] == kind and all(record.get(name) == value for name, value in fields.items())
        ]

    def status(self, ticket: str) -> str:
        """Return how far a command has come."""
        return str(self.records("command", command=ticket)[-1]["status"])

    def reason(self, ticket: str) -> str:
        """Return why a command ended as it did."""
        return str(self.records("command", command=ticket)[-1]["reason"])

    def warnings(self) -> list[str]:
        """Return what was ignored, and why."""
        return [record["text"] for record in self.records("warning")]

    def published(self, topic_part: str) -> list[Record]:
        """Return the messages on topics that contain a text."""
        return [record for record in self.records("message") if topic_part in record["topic"]]


def believed(theatre: Theatre, lamp: str = "lamp") -> Any:
    """Return what the button may show of a lamp."""
    return theatre.node("button").beliefs.shown(lamp, "on")


# --- forging --------------------------------------------------------------------------------------


def identity(device: str) -> Identity:
    """Return a device's key in these stages."""
    return Identity.for_scenario(SEED, "home", device)


def order(**but: Any) -> Order:
    """Return the button's order to the lamp, made at the start, except for `but`."""
    usual: dict[str, Any] = {
        "id": "button-act-99",
        "sender": "button",
        "to": "lamp",
        "name": "do",
        "args": {"how": "now"},
        "by": "lin",
        "worn": True,
        "issued_ms": START_MS,
        "expires_ms": START_MS + 30_000,
        "voice": None,
    }
    return Order(**{**usual, **but})


def event_of(signed: Order, signer: str = "button", event_id: str | None = None) -> CloudEvent:
    """Return an order in its envelope in its event."""
    envelope = seal(identity(signer), "command", signed.to_bytes())
    return CloudEvent(
        event_id or signed.id, f"carhome/home/{signed.sender}", "carhome.command", START_MS, envelope
    )


def command_frame(signed: Order, signer: str = "button", event_id: str | None = None) -> Frame:
    """Return an order as its sender would put it on the link."""
    topic = command_topic("home", signed.to, signed.sender, signed.name)
    return Frame(topic, event_of(signed, signer, event_id).to_json())
