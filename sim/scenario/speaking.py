"""What becomes of a sentence that is said near a microphone, and what is said back.

A microphone hears everybody. It serves only voices of the household, one that belongs to a person only
that person's, and whatever is asked is asked with the speaker's own rights and with the note where the
voice was heard, which the rules weigh.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from sim.core.asking import Ask, AskDevice
from sim.core.declarations import Arguments, is_private
from sim.core.device import Act, Device, Voice
from sim.core.household import Household
from sim.scenario.cases import MASK
from sim.scenario.model import Say
from sim.scenario.watching import Commands
from sim.services.voice.assistant import Assistant, Question, question_of
from sim.services.voice.meaning import Listening
from sim.services.voice.replies import AnyAct, Button, Heard, NotUnderstood, Reply, Understood
from sim.services.voice.tongues import TONGUES
from sim.world.flows import SENTENCE
from sim.world.senses import TruthSenses
from sim.world.stage import Stage
from sim.world.trace import Record


@dataclass(frozen=True, slots=True)
class _Utterance:
    """One sentence under way: its step, its id, and the tickets of the acts that it led to."""

    step: Say
    id: str
    microphone: str
    tickets: tuple[str, ...]


class Conversations:
    """Everything that is said in one run, and the questions that are open at its microphones.

    Args:
        household: who speaks, and to what.
        stage: where.
        commands: what has become of commands.
        note: adds a record to the trace: its kind and its fields.
    """

    def __init__(
        self, household: Household, stage: Stage, commands: Commands, note: Callable[..., None]
    ) -> None:
        self._household = household
        self._stage = stage
        self._commands = commands
        self._note = note
        self._assistant: Assistant | None = None
        self._questions: dict[str, Question] = {}
        self._under_way: dict[str, _Utterance] = {}
        self._secrets: tuple[str, ...] = ()

    def keeps(self, step: Say) -> bool:
        """Say whether a sentence stays with who says it: nobody understands it, or it tells what is private.

        To be asked right before it is said.
        """
        self._secrets = ()
        microphone = step.heard_by
        if microphone is None or microphone in self._stage.down:
            return True
        heard = self._hear(step, microphone, self._listening(step, microphone))
        self._secrets = self._secrets_of(heard, microphone)
        lost = isinstance(heard, NotUnderstood) and heard.code in {"no_wake_word", "not_understood"}
        return lost or bool(self._secrets)

    def _secrets_of(self, heard: Heard, microphone: str) -> tuple[str, ...]:
        """Return the private arguments of what a sentence asks for, such as titles, as text."""
        if isinstance(heard, NotUnderstood):
            title = None if heard.wish is None else heard.wish.title
            acts: tuple[AnyAct, ...] = () if heard.act is None else (heard.act,)
            return (*self._told(acts, microphone), *([] if title is None else [title]))
        return tuple(self._told(heard.acts, microphone))

    def _told(self, acts: tuple[AnyAct, ...], microphone: str) -> Iterator[str]:
        """Yield the private arguments of acts."""
        for act in acts:
            models: Mapping[str, type[Arguments]]
            if isinstance(act, Button):
                named, told = act.verb, act.arguments
                models = {one.verb: one for one in self._kind(microphone).acts}
            else:
                assert isinstance(act, Ask), "a sentence asks devices"  # INVARIANT
                named, told = act.action(), act.arguments()
                models = {one.action: one for one in self._kind(act.target()).commands}
            model = models.get(named, Arguments)
            yield from (str(value) for name, value in told.items() if is_private(model, name))

    def say(self, step: Say) -> None:
        """Let somebody say a sentence."""
        said = f"said-{step.place.line}-{step.place.column}"
        if step.alias is not None:
            self._commands.name(step.alias, said)
        microphone = step.heard_by
        if microphone is None:
            self._ended(said, None, "failed", "a voice from outside is not listened to")
            return
        if microphone in self._stage.down:
            self._ended(said, microphone, "failed", f"{microphone} is down")
            return
        heard_by = {"device": microphone, "message": SENTENCE, "sealed": False}
        self._note("flow", datum="voice", source=step.by, **heard_by)
        listening = self._listening(step, microphone)
        heard = self._hear(step, microphone, listening)
        deaf, answer = self._deaf_to(microphone, step)
        if deaf and heard.spoken:
            self._speak(said, step, microphone, Reply(TONGUES[step.language]).says(answer))
            self._ended(said, microphone, "failed", deaf)
            return
        open_question = question_of(heard, listening)
        if open_question is not None:
            self._questions[microphone] = open_question
        elif heard.spoken:  # Whatever the assistant answers closes a question; what it ignores does not.
            self._questions.pop(microphone, None)
        self._act_on(heard, said, step, microphone)

    def follow(self, record: Record) -> None:
        """Take note of a record: a sentence whose acts have all ended is answered aloud."""
        if record["kind"] == "command":
            utterance = self._under_way.get(record["command"])
            if utterance is not None:
                self._conclude(utterance)

    def _hear(self, step: Say, microphone: str, listening: Listening) -> Heard:
        self._assistant = self._assistant or Assistant(self._household)
        question = self._questions.get(microphone)
        return self._assistant.hear(
            step.sentence, language=step.language, listening=listening, question=question
        )

    def _listening(self, step: Say, microphone: str) -> Listening:
        node = self._stage.nodes[microphone]
        senses = TruthSenses(self._stage.truth, self._stage.timeline, microphone)
        built_in = self._household.devices[microphone].car is not None
        return Listening(
            microphone=microphone,
            speaker=step.by,
            driver=senses.person() if built_in else None,
            outside=step.outside,
            now_ms=node.clock.now_ms(),
            beliefs=node.beliefs,
        )

    def _deaf_to(self, microphone: str, step: Say) -> tuple[str, str]:
        """Return why a device does not serve a voice, and what it answers; empty when it does.

        Nobody may borrow the rights of whoever is near a microphone.
        """
        household, speaker = self._household, step.by
        if speaker not in household.people:
            return "the voice belongs to nobody of the household", "not_served"
        entry = household.devices[microphone]
        if not self._kind(microphone).shared and speaker != entry.config.owner:
            return f"{microphone} serves the voice of its owner only", "not_yours"
        return "", ""

    def _act_on(self, heard: Heard, said: str, step: Say, microphone: str) -> None:
        """Do what was asked for, as touches of the microphone's own buttons."""
        if isinstance(heard, Understood):
            acts = [self._touch(microphone, act) for act in heard.acts]
        else:
            # For the record only: what has no button of its own there is refused without asking anybody.
            acts = [heard.act] if isinstance(heard.act, self._kind(microphone).acts) else []
        possible = [act for act in acts if act is not None]
        if len(possible) < len(acts):
            self._speak(said, step, microphone, Reply(TONGUES[step.language]).says("unreachable"))
            self._ended(said, microphone, "failed", f"{microphone} cannot ask for that")
            return
        self._speak(said, step, microphone, heard.spoken)
        if not possible:
            status, reason = ("failed", heard.reason) if isinstance(heard, NotUnderstood) else ("done", "")
            self._ended(said, microphone, status, reason)
            return
        voice: Voice = "outside" if step.outside else "inside"
        tickets = tuple(self._stage.use(microphone, act, step.by, voice) for act in possible)
        if step.alias is not None:
            self._commands.name(step.alias, said, *tickets)
        utterance = _Utterance(step, said, microphone, tickets)
        self._under_way.update(dict.fromkeys(tickets, utterance))
        self._conclude(utterance)

    def _touch(self, microphone: str, act: AnyAct) -> Act | None:
        """Return an act as the microphone's own device can do it, or None when it cannot."""
        kind = self._kind(microphone)
        if isinstance(act, Button):
            found = next((one for one in kind.acts if one.verb == act.verb), None)
            return None if found is None else found.model_validate(dict(act.arguments))
        assert isinstance(act, Ask), "a sentence asks devices"  # INVARIANT
        if act.target() not in (microphone, *self._household.others(microphone, kind.asks)):
            return None
        generic = AskDevice(device=act.target(), name=act.action(), values=dict(act.arguments()))
        return next((one for one in (act, generic) if isinstance(one, kind.acts)), None)

    def _kind(self, device: str) -> type[Device]:
        return self._stage.cast.kinds[self._household.devices[device].kind]

    def _conclude(self, utterance: _Utterance) -> None:
        """Say how it ended, once, when every act has."""
        states = [self._commands.state(ticket) for ticket in utterance.tickets]
        if not all(state.ended for state in states):
            return
        for ticket in utterance.tickets:
            self._under_way.pop(ticket, None)
        ends: list[Mapping[str, object]] = [
            {"status": state.status, "reason": state.reason, "denial": state.denial} for state in states
        ]
        spoken = Reply(TONGUES[utterance.step.language]).outcome(ends)
        self._speak(utterance.id, utterance.step, utterance.microphone, spoken)

    def _speak(self, said: str, step: Say, microphone: str, text: str) -> None:
        """Record what a device says aloud; a device without power says nothing."""
        for secret in self._secrets:
            text = text.replace(secret, MASK).replace(secret[:1].upper() + secret[1:], MASK)
        if text and microphone not in self._stage.down:
            self._note("spoken", command=said, device=microphone, text=text, lang=step.language)

    def _ended(self, said: str, actor: str | None, status: str, reason: str) -> None:
        """Record what became of a sentence that led to no act."""
        self._note("command", command=said, device=actor, status=status, reason=reason, denial=None)
