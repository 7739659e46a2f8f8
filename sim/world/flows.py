"""Which datum went from whom to whom: a record of every delivery that carries one.

What a message carries is declared where its fields are (`Carries`): in commands, in what they return, in
facets and in the data of events; nothing is inferred from a name or a value. A datum has reached whom the
broker delivered the message, also an eavesdropper with an account; what is in a sealed letter has reached
only who can open it, which is tried. Bytes that pass a stranger in somebody's line are no delivery: over TLS
they say nothing. A field that is null, empty or `none` carries nothing. The sender is whose topic it came on.

What somebody said has reached the microphone that heard it, and whoever is asked something with the signed
note that a voice asks for it.

flow      datum: its sort; source: the sender; device: who received it; message: what it came in, such as
          `state location`; sealed: whether in a letter; cause: the id of the message
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sim.core.declarations import Carries, carried
from sim.core.device import Command, Device, Provision
from sim.core.household import Household
from sim.core.messages import CloudEvent, Frame, MalformedMessageError, load_json_object
from sim.core.topics import Topic, parse_topic
from sim.trust.letters import LetterError, Letters
from sim.world.network.payloads import readable
from sim.world.trace import Trace

Marks = tuple[tuple[str, Carries], ...]
"""Names of fields, each with what it carries."""

VOICE: Final = ("spoken by", Carries("voice"))
"""What a command carries that a voice asks for; no argument is called so."""
SENTENCE: Final = "spoken sentence"
"""What a microphone hears, among the messages."""
_NOTHING: tuple[object, ...] = (None, "", "none", [], {})


@dataclass(frozen=True, slots=True)
class _Delivered:
    """A message on its last step.

    Attributes:
        reader: who got it.
        source: who sent it.
        letter_id: what letters in it are bound to.
        event: the message.
        what: what it is, for people.
    """

    reader: str
    source: str
    letter_id: str
    event: CloudEvent
    what: str


class Flows:
    """See the module.

    Args:
        household: who and what there is.
        kinds: kind name to class.
        provisions: what each device was given: the keys to letters among it.
        trace: where records go.
    """

    def __init__(
        self,
        household: Household,
        kinds: Mapping[str, type[Device]],
        provisions: Mapping[str, Provision],
        trace: Trace,
    ) -> None:
        self._household = household
        self._kinds = kinds
        self._provisions = provisions
        self._trace = trace
        self._marks: dict[tuple[str, str, str], Marks] = {}
        self._asked: dict[tuple[str, str], type[Command]] = {}

    def delivered(self, reader: str, frame: Frame, now_ms: int) -> None:
        """Record what reaches a device by a message that is handed to it now."""
        topic = parse_topic(frame.topic)
        if topic is None or topic.home != self._household.name or topic.device not in self._household.devices:
            return
        match topic.channel:
            case "state":
                marks = self._marks_of(topic, topic.words[0])
                if not marks:
                    return
                source, what, letter_id = topic.device, f"state {topic.words[0]}", ""
            case "cmd":
                sender, action = topic.words
                self._remember(topic, frame)
                marks = self._marks_of(topic, action)
                source, what, letter_id = sender, f"command {action}", ""
            case "reply":
                command = self._asked.get((topic.device, topic.words[1]))
                if command is None:
                    return
                marks = tuple(command.returns.items())
                source, what, letter_id = topic.device, f"answer to {command.action}", topic.words[1]
            case "event":
                marks = self._told_by(topic)
                source, what, letter_id = topic.device, f"event {topic.words[0]}", ""
            case _:
                return
        event = _read(frame) if marks or topic.channel == "cmd" else None
        if event is not None:
            self._record(_Delivered(reader, source, letter_id or event.id, event, what), marks, frame, now_ms)

    def _record(self, it: _Delivered, marks: Marks, frame: Frame, now_ms: int) -> None:
        content, by_voice = _content(it.event, frame.payload)
        if by_voice:
            marks = (*marks, VOICE)
            content = {**content, VOICE[0]: by_voice}
        seen: set[str] = set()
        for name, mark in marks:
            value = content.get(name)
            if mark.kind in seen or value in _NOTHING:
                continue
            if mark.letter and not self._readable(it, mark, value):
                continue
            seen.add(mark.kind)
            self._trace.add(
                now_ms,
                "flow",
                it.event.id,
                datum=mark.kind,
                source=it.source,
                device=it.reader,
                message=it.what,
                sealed=bool(mark.letter),
            )

    def _marks_of(self, topic: Topic, word: str) -> Marks:
        """Return what a facet, or a command to a device, is declared to carry."""
        key = (topic.device, topic.channel, word)
        if key not in self._marks:
            kind = self._kinds[self._household.devices[topic.device].kind]
            # A stranger may ask for anything; only what is declared is remembered, so there is a bound.
            declared = (
                {facet.facet: carried(facet) for facet in kind.facets}
                if topic.channel == "state"
                else {command.action: carried(command) for command in kind.commands}
            )
            if word not in declared:
                return ()
            self._marks[key] = declared[word]
        return self._marks[key]

    def _told_by(self, topic: Topic) -> Marks:
        """Return what an event is declared to carry."""
        kind = self._kinds[self._household.devices[topic.device].kind]
        return tuple(kind.tells.get(topic.words[0], {}).items())

    def _remember(self, topic: Topic, frame: Frame) -> None:
        """Take note of a command whose answer carries something: an answer does not say what it is one to."""
        kind = self._kinds[self._household.devices[topic.device].kind]
        command = next((one for one in kind.commands if one.action == topic.words[1] and one.returns), None)
        event = None if command is None else _read(frame)
        if command is not None and event is not None:
            self._asked[topic.device, event.id] = command

    def _readable(self, it: _Delivered, mark: Carries, letter: object) -> bool:
        """Say whether a device can open a letter, and it says what the mark asks for."""
        letters = Letters.made(it.reader, mark.letter, self._provisions[it.reader])
        try:
            _, text = letters.open(it.source, it.letter_id, letter)
            return not mark.when or load_json_object(text).get(mark.when) is True
        except (LetterError, MalformedMessageError):
            return False


def _read(frame: Frame) -> CloudEvent | None:
    try:
        return CloudEvent.from_json(frame.payload)
    except MalformedMessageError:
        return None


def _content(event: CloudEvent, payload: bytes) -> tuple[Mapping[str, Any], object]:
    """Return the fields of a message, and for a command where the voice was heard that asks for it.

    Those of a report, an event, a command or what an answer returns; none when it is not one of ours.
    """
    match event.type:
        case "carhome.event":
            return event.data, None
        case "carhome.state":
            found, voice = event.data.get("values"), None
        case "carhome.command":
            signed = readable(payload).get("signed", {})
            found, voice = signed.get("args"), signed.get("voice")
        case _:
            found, voice = readable(payload).get("signed", {}).get("data"), None
    return found if isinstance(found, Mapping) else {}, voice
