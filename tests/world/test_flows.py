"""Who received which data: recorded at every delivery, from what is declared and from nothing else."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, ClassVar, Self

from sim.core import device as core
from sim.core.device import (
    Act,
    Acted,
    Answer,
    Carries,
    Command,
    Commanded,
    Effect,
    Emit,
    Facet,
    Moment,
    Provision,
    PublishRaw,
    Request,
    Settle,
    Stimulus,
)
from sim.core.messages import CloudEvent, Frame, dump_json
from sim.core.topics import command_topic, reply_topic, state_topic
from sim.trust.letters import Letters
from sim.world.flows import Flows
from sim.world.trace import Trace
from tests.stages import KINDS, Theatre

HOUSE = """
household: home
people: {lin: {role: owner}}
homes: {home: {position: [40.0, 116.5]}}
devices:
  post: {kind: post, owner: lin}
  post2: {kind: post, owner: lin}
  plain: {kind: post}
  deaf: {kind: deaf}
  narrow: {kind: narrow}
strangers:
  mallory: {kind: listener}
"""


class Tell(Command, tier="anytime", returns={"picture": Carries("camera_frame")}):
    """Take something; the answer has a picture when it is asked for one."""

    where: Annotated[str, Carries("location")] = ""
    letter: Annotated[
        dict[str, Any] | None,
        Carries("clipboard", letter="test"),
        Carries("clipboard_secret", letter="test", when="secret"),
    ] = None
    nothing: str = "latitude 40, longitude 116"
    picture: bool = False


class Keep(Command, tier="anytime"):
    """Take what is declared to carry nothing."""

    latitude: float = 40.0


class Send(Act):
    """Send a command."""

    to: str
    where: str = ""
    said: dict[str, Any] | None = None
    sealed_for: str | None = None
    picture: bool = False
    action: str = "tell"


class Place(Facet):
    """Where it is; and what only looks like it."""

    spot: Annotated[str | None, Carries("location")]
    latitude: float
    also: Annotated[str | None, Carries("location")]


class Diary(Facet, readers=("narrow",)):
    """Where it was; for one kind only."""

    was: Annotated[str | None, Carries("location")]


@dataclass(frozen=True)
class Post(core.Device):
    """Sends, and tells where it is once it was told."""

    kind: ClassVar[str] = "post"
    commands: ClassVar = (Tell, Keep)
    acts: ClassVar = (Send,)
    facets: ClassVar = (Place, Diary)
    events: ClassVar[tuple[str, ...]] = ("moved", "rested")
    tells: ClassVar = {"moved": {"spot": Carries("location")}}
    reads: ClassVar = ("post",)
    asks: ClassVar = ("post",)
    takes_letters: ClassVar[bool] = True

    letters: Letters = field(default_factory=Letters)
    spot: str | None = None

    @classmethod
    def new(cls, name: str, config: Any, given: Mapping[str, Any]) -> Self:  # noqa: ARG003  # the protocol
        """Return it."""
        return cls(name)

    def provisioned(self, provision: Provision) -> Self:
        """Take the keys to letters."""
        return replace(self, letters=Letters.made(self.name, "test", provision))

    def report(self) -> tuple[Facet, ...]:
        """Say where it is."""
        return (Place(spot=self.spot, latitude=40.0, also=self.spot), Diary(was=self.spot))

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:  # noqa: ARG002  # the protocol
        """Send what is asked for; answer what comes."""
        match stimulus:
            case Acted(act=Send() as act, ticket=ticket):
                arguments: dict[str, Any] = {}
                letters = self.letters
                if act.action == "tell":
                    arguments = {"where": act.where, "picture": act.picture}
                if act.said is not None:
                    sealed_for = act.sealed_for or act.to
                    letters, letter = letters.seal(sealed_for, ticket, dump_json(act.said))
                    arguments["letter"] = letter
                return replace(self, letters=letters), (Request(ticket, act.to, act.action, arguments),)
            case Commanded(command=Tell(where=where, picture=picture), ticket=ticket):
                data = {"picture": "a picture"} if picture else {"picture": ""}
                told = (Emit("moved", {"spot": where or None, "by": "none"}), Emit("rested", {"spot": where}))
                return replace(self, spot=where or None), (Settle(ticket, Answer("done", data=data)), *told)
            case Commanded(ticket=ticket):
                return self, (Settle(ticket, Answer("done")),)
            case _:
                return self, ()


class PutRaw(Act):
    """Put bytes anywhere."""

    topic: str
    payload: str


@dataclass(frozen=True)
class Listener(core.Device):
    """Subscribes to everything, and puts bytes anywhere."""

    kind: ClassVar[str] = "listener"
    acts: ClassVar[tuple[type[Act], ...]] = (PutRaw,)
    asks: ClassVar[tuple[str, ...]] = ("post",)
    trusted: ClassVar[bool] = False
    eavesdrops: ClassVar[bool] = True

    @classmethod
    def new(cls, name: str, config: Any, given: Mapping[str, Any]) -> Self:  # noqa: ARG003  # the protocol
        """Return it."""
        return cls(name)

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:  # noqa: ARG002  # the protocol
        """Put bytes where it is told."""
        match stimulus:
            case Acted(act=PutRaw(topic=topic, payload=payload), ticket=ticket):
                return self, (PublishRaw(ticket, topic, payload.encode()),)
            case _:
                return self, ()


@dataclass(frozen=True)
class Deaf(Listener):
    """Reads nothing."""

    kind: ClassVar[str] = "deaf"
    acts: ClassVar = ()
    asks: ClassVar = ()
    trusted: ClassVar[bool] = True
    eavesdrops: ClassVar[bool] = False


@dataclass(frozen=True)
class Narrow(Deaf):
    """Reads one facet."""

    kind: ClassVar[str] = "narrow"
    reads: ClassVar = ("post",)
    sees: ClassVar = {"post": (Diary,)}


HERE = {**KINDS, "post": Post, "listener": Listener, "deaf": Deaf, "narrow": Narrow}


def stage(*, permissions: bool = True) -> Theatre:
    """Return a stage on which everybody is there."""
    return Theatre(HOUSE, kinds=HERE, permissions=permissions)


def send(theatre: Theatre, **act: Any) -> None:
    """Let `post` send something, and play on."""
    theatre.stage.use("post", Send(**act), "lin")
    theatre.settle()


def flows(theatre: Theatre) -> list[tuple[str, str, str, str, bool]]:
    """Return what flowed: datum, from, to, by which message, whether sealed."""
    found = [one for one in theatre.trace.records if one["kind"] == "flow"]
    return [(one["datum"], one["source"], one["device"], one["message"], one["sealed"]) for one in found]


def test_argument_and_state_reach_who_is_delivered_them() -> None:
    """A command reaches its target, a report everybody who reads it; each datum is told once a message."""
    theatre = stage()
    assert flows(theatre) == []  # it does not know where it is, and an unknown place is no datum

    send(theatre, to="post2", where="none")
    assert flows(theatre) == []

    send(theatre, to="post2", where="office")

    assert flows(theatre) == [
        ("location", "post", "post2", "command tell", False),
        ("location", "post2", "plain", "state place", False),
        ("location", "post2", "post", "state place", False),
        ("location", "post2", "narrow", "state diary", False),
    ]


def test_event_carries_what_its_kind_says_and_reaches_who_hears_it() -> None:
    """Nobody may read events; where the broker lets everybody, they are followed like any other message."""
    theatre = stage(permissions=False)
    send(theatre, to="post2", where="office")

    assert ("location", "post2", "mallory", "event moved", False) in flows(theatre)
    assert not any(message == "event rested" for *_, message, _ in flows(theatre))
    send(theatre, to="post2")
    assert sum(message == "event moved" for *_, message, _ in flows(theatre)) == 1


def test_command_that_a_voice_asks_for_carries_that() -> None:
    """To its receiver, and to nobody by hand; where the words went is the microphone's."""
    theatre = stage()
    theatre.stage.use("post", Send(to="post2"), "lin", "inside")
    theatre.settle()

    assert flows(theatre) == [("voice", "post", "post2", "command tell", False)]


def test_facet_is_delivered_to_who_may_read_it() -> None:
    """A kind sees what it declares of another; a facet for some kinds reaches no other."""
    theatre = stage()
    send(theatre, to="post2", where="office")
    readers = {reader for *_, reader, message, _ in flows(theatre) if message == "state place"}
    seen = {reader for *_, reader, message, _ in flows(theatre) if message == "state diary"}

    assert (readers, seen) == ({"post", "plain"}, {"narrow"})


def test_flow_names_the_message_as_its_cause() -> None:
    """What flowed can be found among the messages, and who it was delivered to."""
    theatre = stage()
    send(theatre, to="post2", where="office")
    messages = {one["id"]: one for one in theatre.trace.records if one["kind"] == "message"}

    for flow in (one for one in theatre.trace.records if one["kind"] == "flow"):
        assert flow["device"] in messages[flow["cause"]]["to"]
        assert messages[flow["cause"]]["device"] == flow["source"]


def test_kept_report_reaches_who_comes_later() -> None:
    """A retained message is delivered when somebody subscribes again, and that is one more flow."""
    theatre = stage()
    send(theatre, to="post2", where="office")
    before = len(flows(theatre))

    theatre.stage.crash("plain", None, 1_000)
    theatre.settle()
    theatre.advance(1_000)

    assert flows(theatre)[before:] == [("location", "post2", "plain", "state place", False)]


def test_answer_carries_what_the_command_returns() -> None:
    """A picture goes to who asked; an answer without one is no flow."""
    theatre = stage()
    send(theatre, to="post2", picture=True)
    assert flows(theatre) == [("camera_frame", "post2", "post", "answer to tell", False)]

    send(theatre, to="post2")
    assert len(flows(theatre)) == 1


def test_nothing_is_inferred_from_a_name_or_a_value() -> None:
    """A command and a field that are called like a place and declare nothing carry nothing."""
    theatre = stage()

    send(theatre, to="post2", action="keep")

    assert flows(theatre) == []


def test_sealed_letter_counts_for_who_can_open_it() -> None:
    """The broker without permissions gives everything to the listener, who cannot read the letter."""
    theatre = stage(permissions=False)
    send(theatre, to="post2", where="office", said={"text": "a word"})
    told = flows(theatre)

    assert ("clipboard", "post", "post2", "command tell", True) in told
    assert ("location", "post", "mallory", "command tell", False) in told
    assert not any(datum == "clipboard" and reader != "post2" for datum, _, reader, _, _ in told)


def test_letter_that_the_receiver_cannot_open_is_no_flow() -> None:
    """Sealed for another device, it tells its receiver nothing."""
    theatre = stage()

    send(theatre, to="post2", said={"text": "a word"}, sealed_for="plain")

    assert flows(theatre) == []


def test_secret_is_told_by_what_the_letter_says() -> None:
    """One field carries one datum more when the letter says so; only plain truth counts."""
    theatre = stage()
    for said in ({"secret": False}, {"secret": "yes"}, {"secret": True}):
        send(theatre, to="post2", said=said)

    assert [one[0] for one in flows(theatre)] == ["clipboard", "clipboard", "clipboard", "clipboard_secret"]


def test_with_permissions_the_listener_receives_nothing() -> None:
    """The broker delivers it nothing, and so nothing flows to it."""
    theatre = stage()
    send(theatre, to="post2", where="office", picture=True)

    assert flows(theatre)
    assert not any(reader in {"mallory", "deaf"} for _, _, reader, _, _ in flows(theatre))


def test_bytes_that_are_no_message_carry_nothing() -> None:
    """Whatever a stranger puts on whatever topic, the record goes on and tells no flow."""
    theatre = stage(permissions=False)
    event = CloudEvent("x", "carhome/home/mallory", "carhome.command", 0, {"p": 5}, None)
    no_values = CloudEvent("y", "carhome/home/mallory", "carhome.state", 0, {"values": "office"}, None)
    for topic, payload in (
        (state_topic("home", "post2", "place"), "no JSON"),
        (state_topic("home", "post2", "place"), no_values.to_json().decode()),
        (state_topic("home", "post2", "other"), no_values.to_json().decode()),
        (state_topic("home", "nobody", "place"), no_values.to_json().decode()),
        (state_topic("elsewhere", "post2", "place"), no_values.to_json().decode()),
        (command_topic("home", "post2", "mallory", "tell"), "no JSON"),
        (command_topic("home", "post2", "mallory", "tell"), event.to_json().decode()),
        (reply_topic("home", "post2", "mallory", "unasked"), event.to_json().decode()),
        ("carhome/home/post2/event/told", event.to_json().decode()),
        ("nothing/of/ours", "?"),
    ):
        theatre.stage.use("mallory", PutRaw(topic=topic, payload=payload), None)
        theatre.settle()

    assert flows(theatre) == []


def test_letter_that_is_no_object_is_not_asked_what_it_says() -> None:
    """A file's letter holds bytes; what asks for a field of it finds none, and the rest still counts."""
    theatre = stage()
    provisions = theatre.stage._provisions
    trace = Trace(0)
    _, letter = Letters.made("post", "test", provisions["post"]).seal("post2", "id1", b"\x00 not JSON")
    signed = dump_json({"args": {"letter": letter}})
    event = CloudEvent("id1", "carhome/home/post", "carhome.command", 0, {"p": _base64(signed)}, None)

    frame = Frame(command_topic("home", "post2", "post", "tell"), event.to_json())
    Flows(theatre.household, HERE, provisions, trace).delivered("post2", frame, 0)

    assert [one["datum"] for one in trace.records] == ["clipboard"]


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
