"""One device on one link, with its own identity: it checks, signs, repeats and publishes.

The node stands between the network and the device. A command reaches the device only after the node
has verified the signature, the freshness and the arguments, has seen that it is not a repetition,
and has asked the rules. What the device asks of others goes into an outbox and is repeated until the
target answers, because a broker's PUBACK proves nothing. What the device reports is published when
it changes (`statements`), and what others report becomes what it believes (`hearsay`).
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

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
    Command,
    Commanded,
    Crashed,
    Crossed,
    Device,
    Draw,
    Effect,
    Emit,
    Facet,
    Linked,
    Moment,
    Overheard,
    Persist,
    Persisted,
    Polled,
    Presence,
    Press,
    PublishRaw,
    Relay,
    Report,
    Request,
    Sensed,
    Settle,
    Shorten,
    ShowCode,
    StartTimer,
    Stimulus,
    StopRanging,
    StopWatching,
    Take,
    TimerFired,
    Voice,
    WatchFor,
)
from sim.core.messages import CloudEvent, Frame, MalformedMessageError
from sim.core.surroundings import Senses
from sim.core.topics import (
    Topic,
    command_topic,
    event_topic,
    parse_topic,
    reply_topic,
)
from sim.policy.decision import Decision, Layer
from sim.trust.envelope import EnvelopeError, seal, unseal
from sim.trust.identity import Identity
from sim.world.node.clock import SteadyClock
from sim.world.node.hearsay import Hearsay
from sim.world.node.inbox import REMEMBERED_MAX, Inbox, Taken, UntrustedError, verify
from sim.world.node.intake import FLOOD_TIMER, Intake
from sim.world.node.judge import Judge
from sim.world.node.orders import Order, OrderError, Outcome
from sim.world.node.outbox import OUTBOX_MAX, TIMER, Outbox, Sent
from sim.world.node.port import Port
from sim.world.node.rates import sender_of
from sim.world.node.statements import Statements
from sim.world.node.surroundings import Surroundings
from sim.world.node.writing import Writer


class Node:
    """See the module.

    Args:
        device: the device as it leaves the factory.
        identity: its key.
        shared: what all nodes share.
        senses: its sensors.
        port: the stage.
        before: the node until its restart, if there was one. How often it was started, which is part of
            every state's version, what it was commanded, and what time it was are kept in flash.
    """

    def __init__(  # a node joins exactly these
        self,
        device: Device,
        *,
        identity: Identity,
        shared: Surroundings,
        senses: Senses,
        port: Port,
        before: "Node | None" = None,
    ) -> None:
        self.device = device
        self.boot: int = 1 if before is None else before.boot + 1
        self._identity = identity
        self._shared = shared
        self._senses = senses
        self._port = port
        self._home = shared.household.name
        self._write = Writer(self._home, device.name, self.boot, port)
        self._statements = Statements(device, self._home, self._write, port)
        self._outbox = Outbox(port)
        self._intake = Intake(port, self._write)
        self.clock: SteadyClock = SteadyClock(port, 0 if before is None else before.clock.now_ms())
        self.inbox: Inbox = Inbox() if before is None else before.inbox
        self._open: dict[str, Taken | None] = {}
        self._judge = Judge(device.name, shared, port, self._write)
        self._actions = {command.action: command for command in device.commands}
        self._hearsay = Hearsay(device, shared, port, self._write)
        self._cause: str | None = None
        self._voice: Voice | None = None

    # --- life of the connection ---------------------------------------------------------------------

    def will(self) -> Frame:
        """Return what the broker says for this device when its connection breaks."""
        return self._write.will()

    def started(self) -> None:
        """Start the device: it says that it is there, looks around, and reports what it sees.

        What a restart interrupted is not begun again: nobody knows how far it had come.
        """
        self._port.publish(self._write.online())
        self._step(Booted(), None)
        for taken in self.inbox.interrupted():
            sentence = f"{self.device.name} was restarted meanwhile; it may have been carried out"
            self._answer(taken, Answer("failed", sentence, data={"may_have_succeeded": True}))

    def lost_power(self) -> None:
        """Give up what it had asked: nobody is left who waits for the answers."""
        self._cause = None
        begun_here = (ticket for ticket, taken in self._open.items() if taken is None)
        # What somebody asked for at this device and it asked of another is in both.
        for ticket in dict.fromkeys((*self._outbox.tickets(), *begun_here)):
            sentence = f"{self.device.name} lost power before it was answered; it may have been carried out"
            self._note_status(ticket, "failed", sentence)

    def reconnected(self) -> None:
        """Say that it is there, and everything it reports, once more: retained messages may be gone."""
        self._cause = None
        self._port.publish(self._write.online())
        self._statements.repeat(self.device)
        self._step(Linked(up=True), None)

    def cut_off(self) -> None:
        """Let the device know that its connection is gone: it cannot vouch for others any more."""
        self._hearsay.lose_touch()
        self._step(Linked(up=False), None)

    def reports(self) -> tuple[Facet, ...]:
        """Return what the device says of itself as it is now; the same state always says the same."""
        return self._statements.of(self.device)

    @property
    def beliefs(self) -> Beliefs:
        """What the device has heard of the others."""
        return self._hearsay.beliefs

    # --- what reaches the node -----------------------------------------------------------------------

    def act(self, act: Act, ticket: str, by: str | None, voice: Voice | None = None) -> None:
        """Let a person do something with the device, by hand or by a voice that it heard."""
        self._open[ticket] = None
        self._cause = None
        self._note_status(ticket, "started", "")
        self._step(Acted(act, ticket, by, voice), ticket)

    def timer(self, name: str) -> None:
        """Handle a timer of the node or of the device."""
        if name == FLOOD_TIMER:
            self._intake.look_for_end()
        elif name.startswith(TIMER):
            self._repeat(name.removeprefix(TIMER))
        else:
            self._step(TimerFired(name), None)

    def sensed(self) -> None:
        """Let the device look at its sensors again."""
        self._step(Sensed(), None)

    def crossed(self, name: str) -> None:
        """Tell the device that a threshold is reached."""
        self._step(Crossed(name), None)

    def persisted(self, ticket: str, result: Any) -> None:
        """Tell the device what came of a write, caused by the ticket it is named after while that is open."""
        self._step(Persisted(ticket, result), ticket if ticket in self._open else None)

    def polled(self, car: str, action: str) -> None:
        """Tell the device that a car asks for its key."""
        self._step(Polled(car, action), None)

    def overheard(self, device: str, frame: Frame) -> None:
        """Tell an attacker what somebody else has sent."""
        self._step(Overheard(device, frame.topic, frame.payload), None)

    def crashed(self, controller: str, *, up: bool) -> None:
        """Take power from one of the device's controllers, or give it back."""
        self._step(Crashed(controller, up), None)

    def refused(self, ticket: str | None, topic: str) -> None:
        """Handle a PUBACK 0x87: the broker did not pass a message on."""
        # Not when the ticket is closed already: a copy was refused before, or it was refused too late.
        if ticket is not None and (ticket in self._outbox or ticket in self._open):
            self._cause = ticket
            sentence = f"the broker refused {self.device.name} on `{topic}`: not authorized (0x87)"
            self._finish(ticket, Answer("failed", sentence, data={"reason_code": 135}))

    def receive(self, frame: Frame) -> None:
        """Handle one arrival."""
        topic = parse_topic(frame.topic)
        if not self._admitted(topic):
            return
        if topic is None or topic.home != self._home:
            self._write.warning(f"ignored a message on `{frame.topic}`, which is no topic of this household")
        elif self.device.eavesdrops and (topic.channel, *topic.words[:1]) != ("reply", self.device.name):
            self.overheard(sender_of(topic), frame)
        elif topic.channel == "cmd":
            self._receive_command(topic, frame)
        elif topic.channel == "reply":
            self._receive_reply(topic, frame)
        else:
            self._receive_report(topic, frame)

    def _admitted(self, topic: Topic | None) -> bool:
        """Say whether a sender may send another message; a flood of commands is refused like any command."""
        admission = self._intake.admit(topic)
        if admission == "first_refusal" and topic is not None and topic.channel == "cmd":
            sender, action = topic.words
            sentence = f"{sender} sends more commands than {self.device.name} takes of one sender"
            flooding = Asked(action, None, sender, self._judge.person(sender, None), Presence())
            self._turn_away(flooding, "rate", "RATE_LIMIT", sentence)
        return admission == "passed"

    # --- commands to this device ---------------------------------------------------------------------

    def _receive_command(self, topic: Topic, frame: Frame) -> None:
        sender, action = topic.words
        if frame.retain:
            # A broker would hand it out again on every reconnect, for ever.
            why = UntrustedError("RETAINED", "a broker kept it, and commands are never kept")
            self._judge_untrusted(sender, action, why)
            return
        try:
            order, bytes_digest = verify(
                topic, frame, self.device.name, self._shared.keyring, self.clock.now_ms()
            )
        except UntrustedError as error:
            self._judge_untrusted(sender, action, error)
            return
        self._take(order, bytes_digest)

    def _judge_untrusted(self, sender: str, action: str, why: UntrustedError) -> None:
        """Let the rules refuse what cannot be taken as it came, so that it is recorded like every refusal."""
        asked = Asked(action, None, sender, None, Presence())
        fresh = why.layer != "freshness"
        request = self._judge.request(
            self.device, self._moment(), asked, authenticated=why.signed, expires_in_ms=0, fresh=fresh
        )
        decision = self._judge.decide(request)
        assert not decision.allowed, "an untrusted command was permitted"  # INVARIANT
        decision = replace(decision, layer=why.layer, code=why.code, because=str(why))
        self._judge.record(asked, decision, request, why.order_id, why.cause)
        # What an enrolled device did not sign, it did not send: an answer in this device's name would only
        # tell it that its own command of that id was refused, while that is carried out.
        entry = self._shared.household.devices.get(sender)
        if why.order_id is not None and (why.signed or entry is None or not entry.enrolled):
            self._reply(sender, why.order_id, _denial(decision), why.cause)

    def _take(self, order: Order, bytes_digest: bytes) -> None:
        known = self.inbox.known(order)
        if known is not None:
            self._repeat_answer(known, order, bytes_digest)
            return
        if order.id in self._open or order.id in self._outbox:
            why = UntrustedError(
                "CMD_ID_REUSED", "another command is under way under this id", cause=order.id, signed=True
            )
            self._judge_untrusted(order.sender, order.name, why)
            return
        now_ms = self.clock.now_ms()
        taken = self.inbox.remember(order, bytes_digest, now_ms)
        if taken is None:
            sentence = f"{order.sender} has given {REMEMBERED_MAX} commands that have not expired yet"
            self._turn_away(self._asked(order), "rate", "TOO_MANY", sentence)
            self._reply(order.sender, order.id, Answer("failed", sentence), order.id)
            return
        if now_ms >= order.expires_ms:
            sentence = f"it came {now_ms - order.expires_ms} ms after it had expired"
            self._turn_away(self._asked(order), "freshness", "EXPIRED", sentence)
            self._answer(taken, Answer("expired", sentence))
            return
        asked = self._asked(order)
        self.device = self.device.considered(self._moment(), asked)
        request = self._judge.request(
            self.device, self._moment(), asked, authenticated=True, expires_in_ms=order.expires_ms - now_ms
        )
        decision = self._judge.decide(request)
        self._judge.record(asked, decision, request, order.id, order.id)
        if decision.allowed:
            self._carry_out(order.id, taken, asked, expires_ms=order.expires_ms)
        else:
            self._answer(taken, _denial(decision))

    def _carry_out(self, order_id: str, taken: Taken | None, asked: Asked, *, expires_ms: int) -> None:
        if asked.command is None:
            sentence = f"the arguments of `{asked.action}` do not fit {self.device.name}"
            self._settle(order_id, taken, Answer("failed", sentence))
            return
        self._open[order_id] = taken
        self._settle(order_id, taken, Answer("accepted"))
        cause = None if taken is None else order_id
        self._step(Commanded(asked.command, order_id, asked.sender, asked.by, expires_ms, asked.voice), cause)

    def _asked(self, order: Order) -> Asked:
        by = self._judge.person(order.sender, order.by)
        command = self._command(order.name, order.args)
        return Asked(order.name, command, order.sender, by, Presence(order.worn), order.id, order.voice)

    def _command(self, action: str, args: Mapping[str, Any]) -> Command | None:
        """Return the typed command, or None when no such command or arguments exist."""
        model = self._actions.get(action)
        if model is None:
            return None
        try:
            return model.model_validate(args, strict=True, by_alias=False, by_name=True)
        except ValidationError:
            return None

    def _turn_away(self, asked: Asked, layer: Layer, code: str, sentence: str) -> None:
        self._judge.turn_away(self.device, self._moment(), asked, layer, code, sentence)

    def _repeat_answer(self, known: Taken, order: Order, bytes_digest: bytes) -> None:
        if known.digest != bytes_digest:
            why = UntrustedError(
                "CMD_ID_REUSED",
                "another command was already given under this id",
                cause=order.id,
                signed=True,
            )
            self._judge_untrusted(order.sender, order.name, why)
        else:
            assert known.last is not None, "a command was taken and not answered"  # INVARIANT
            self._port.publish(known.last)

    # --- answering -----------------------------------------------------------------------------------

    def _answer(self, taken: Taken, answer: Answer) -> None:
        """Send one step of a command's life to whoever asked."""
        taken.closed = answer.final
        taken.last = self._reply(taken.order.sender, taken.order.id, answer, taken.order.id)

    def _reply(self, sender: str, order_id: str, answer: Answer, cause: str | None) -> Frame:
        outcome = Outcome(id=order_id, sender=self.device.name, to=sender, answer=answer)
        topic = reply_topic(self._home, self.device.name, sender, order_id)
        frame = self._write.frame(topic, "reply", seal(self._identity, "reply", outcome.to_bytes()), cause)
        self._port.publish(frame)
        return frame

    def _settle(self, ticket: str, taken: Taken | None, answer: Answer) -> None:
        """Answer a command that came over the link, or follow one that began in this very device."""
        if taken is not None:
            if not taken.closed:
                self._answer(taken, answer)
        else:
            self._note_status(ticket, answer.status, answer.reason, answer.denial)
        if answer.final:
            self._open.pop(ticket, None)

    # --- commands from this device -------------------------------------------------------------------

    def _request(self, request: Request) -> None:
        if request.target == self.device.name:
            self._request_self(request)
            return
        if self._outbox.full:
            self._finish(
                request.ticket, Answer("failed", f"{self.device.name} has {OUTBOX_MAX} commands under way")
            )
            return
        now_ms = self._port.now_ms()
        order = Order(
            id=request.ticket,
            sender=self.device.name,
            to=request.target,
            name=request.action,
            args=dict(request.arguments),
            by=request.by if request.by is not None else self.device.user(self._moment()),
            worn=self.device.presence(self._moment()).worn,
            issued_ms=now_ms,
            expires_ms=now_ms + request.expires_in_ms,
            voice=self._voice or request.voice,
        )
        topic = command_topic(self._home, request.target, self.device.name, request.action)
        envelope = seal(self._identity, "command", order.to_bytes())
        event = self._write.event(order.id, "command", envelope, self._cause)
        self._note_status(order.id, "sent", "")
        sent = Sent(Frame(topic, event.to_json()), request.target, order.expires_ms, order.voice)
        self._outbox.send(order.id, sent)

    def _request_self(self, request: Request) -> None:
        """Judge what a person does at the device itself by the same rules as what comes over the link."""
        by = request.by if request.by is not None else self.device.user(self._moment())
        by = by if by in self._shared.household.people else None
        command = self._command(request.action, request.arguments)
        presence = self.device.presence(self._moment())
        voice = self._voice or request.voice
        asked = Asked(request.action, command, self.device.name, by, presence, request.ticket, voice)
        self.device = self.device.considered(self._moment(), asked)
        access = self._judge.request(
            self.device, self._moment(), asked, authenticated=True, expires_in_ms=request.expires_in_ms
        )
        decision = self._judge.decide(access)
        self._judge.record(asked, decision, access, request.ticket, self._cause)
        if decision.allowed:
            expires_ms = self.clock.now_ms() + request.expires_in_ms
            self._carry_out(request.ticket, None, asked, expires_ms=expires_ms)
        else:
            self._finish(request.ticket, _denial(decision))

    def _repeat(self, ticket: str) -> None:
        self._cause = ticket
        answer = self._outbox.repeat(ticket)
        if answer is not None:
            self._finish(ticket, answer)

    def _finish(self, ticket: str, answer: Answer) -> None:
        """Close a command or act of this device, and tell the device."""
        sent = self._outbox.take(ticket)
        self._open.pop(ticket, None)
        self._note_status(ticket, answer.status, answer.reason, answer.denial)
        target = self.device.name if sent is None else sent.target
        voice = None if sent is None else sent.voice
        self._step(Answered(ticket, target, answer), self._cause, voice)

    def _receive_reply(self, topic: Topic, frame: Frame) -> None:
        ticket = topic.words[1]
        sent = self._outbox.find(ticket)
        if sent is None or frame.retain:
            return  # An answer to something already closed; a repetition causes it.
        try:
            event = CloudEvent.from_json(frame.payload)
            opened = unseal(event.data, "reply", self._shared.keyring)
            outcome = Outcome.read(opened.payload)
            outcome.expect(id=ticket, signer=opened.device, target=sent.target, to=self.device.name)
        except (MalformedMessageError, EnvelopeError, OrderError) as error:
            self._write.warning(f"ignored an answer to {ticket} that nobody vouches for: {error}")
            return
        answer = outcome.answer
        if not self._outbox.advance(ticket, answer.status):
            return
        self._cause = event.id
        if answer.final:
            self._finish(ticket, answer)
            return
        self._note_status(ticket, answer.status, answer.reason)
        self._step(Answered(ticket, sent.target, answer), event.id, sent.voice)

    def _receive_report(self, topic: Topic, frame: Frame) -> None:
        heard = self._hearsay.take(topic, frame)
        if heard is not None:
            self._step(*heard)

    # --- the device ----------------------------------------------------------------------------------

    def _step(self, stimulus: Stimulus, cause: str | None, voice: Voice | None = None) -> None:
        """Let the device step; what it asks for is asked by the voice that led to it, whatever it says."""
        self._cause = cause
        if isinstance(stimulus, Acted | Commanded):
            voice = stimulus.voice
        before = self.device
        self.device, effects = before.step(self._moment(), stimulus)
        # A report follows from the state alone, so the same state has nothing new to say.
        if self.device is not before or isinstance(stimulus, Booted):
            self._statements.publish(self.device, self._cause)
        for effect in effects:
            self._cause = cause
            self._voice = voice
            self._perform(effect)

    def _perform(self, effect: Effect) -> None:
        match effect:
            case Request():
                self._request(effect)
            case Settle(ticket=ticket, answer=answer):
                if ticket in self._open:
                    self._settle(ticket, self._open[ticket], answer)
            case Emit(name=name, data=data):
                assert name in self.device.events, f"`{name}` is no event it declares"  # INVARIANT
                topic = event_topic(self._home, self.device.name, name)
                self._port.publish(self._write.frame(topic, "event", data, self._cause))
            case Report(facet=facet):
                self._statements.publish(self.device, self._cause, again=facet)
            case StartTimer(name=name, delay_ms=delay_ms):
                self._port.start_timer(name, delay_ms)
            case CancelTimer(name=name):
                self._port.cancel_timer(name)
            case Actuate(changes=changes, after_ms=after_ms):
                self._port.actuate(changes, after_ms)
            case Persist():
                self._port.persist(effect)
            case WatchFor():
                self._port.watch(effect)
            case StopWatching(name=name):
                self._port.stop_watching(name)
            case AnswerRanging() | StopRanging() | ShowCode():
                self._port.radiate(effect)
            case Draw():
                drawn = self.device.drawn(self._moment())
                self._port.note("screen", self._cause, device=self.device.name, displays=drawn)
            case Take() | Press() | Relay() | Shorten():
                self._port.assault(effect)
            case PublishRaw():  # pragma: no branch  # there is no other effect
                frame = Frame(effect.topic, effect.payload, effect.retain)
                self._port.publish(frame, effect.ticket, effect.through)

    def _moment(self) -> Moment:
        return Moment(self.clock.now_ms(), self._senses, self.beliefs)

    def _note_status(
        self, ticket: str, status: str, reason: str, denial: Mapping[str, Any] | None = None
    ) -> None:
        self._write.status(ticket, status, reason, denial, cause=self._cause)


def _denial(decision: Decision) -> Answer:
    return Answer("denied", decision.reason, denial=decision.denial())
