"""What is playing on a device, a route, music or a call, and how it moves to another one.

A handover has two phases, so that a lost message leaves the session where somebody hears it:

    phone → car     take_over, sealed: what, and at which position
    car             plays, on trial
    car → phone     done; the phone stops
    phone → car     confirm_handover: the trial is over

If the car does not answer, the phone plays on and the car's trial ends by itself after `TRIAL_MS`: both play
no longer than that. If the phone has stopped, it repeats the confirmation until it is answered; a car whose
trial had ended meanwhile says so, and the phone goes on where it stopped. Two sides of a link that loses
messages cannot agree for certain in a bounded time (Gray, "Notes on data base operating systems", 1978, on
the generals' paradox), so what is bounded is the time in which both play, and what is certain is that they
agree once they hear of each other again.

Where a session is, is a function of the time; nothing ticks. The position is sent with the instant it was
true at, by the sender's clock, which agrees with the receiver's as closely as the freshness of every command
needs it to.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field

from sim.apps.app import App, Company, done, refused, settled
from sim.core.declarations import Private
from sim.core.device import (
    Act,
    Acted,
    Answered,
    Asked,
    Booted,
    CancelTimer,
    Carries,
    Command,
    Commanded,
    Effect,
    Facet,
    Learned,
    Linked,
    Moment,
    Refers,
    Request,
    Sensed,
    StartTimer,
    Stimulus,
    TimerFired,
)
from sim.core.units import Milliseconds
from sim.trust.letters import LetterError

Activity = Literal["route", "music", "call"]
State = Literal["none", "playing", "paused"]

ACTIVITIES: tuple[Activity, ...] = ("route", "music", "call")
OFFER_MS = 5_000
"""How long a device may take to take over: whoever pressed the button still looks (assumption)."""
TRIAL_MS = 10_000
"""How long a session plays on trial: the offer, its last answer and the first confirmations fit into it."""
TITLE_CHARACTERS_MAX = 200
POSITION_MS_MAX = 400 * 86_400_000
HANDOVERS_MAX = 8
"""Handovers under way at once, and unconfirmed ones that are kept."""
ARRIVED_MAX = 16
"""Confirmed handovers that a device remembers, for a confirmation that is repeated."""
TRIAL = "trial "
"""What the names of the trials' timers begin with."""


class Plays(Act):
    """Begin a route, music or a call; `follows` lets it go on in the car when its owner sits down there."""

    session: Activity
    title: Annotated[str, Private(), Field(min_length=1, max_length=TITLE_CHARACTERS_MAX)] = "untitled"
    position_ms: Milliseconds = Field(default=0, ge=0)
    follows: bool = False


class Pauses(Act):
    """Stop what is playing, and keep its place."""

    session: Activity


class HandOver(Act):
    """Let a session go on on another device."""

    session: Activity
    to: Annotated[str, Refers("device")]


class TakeOver(Command, group=("Private", "Handoff"), tier="anytime", ttl_ms=OFFER_MS):
    """Go on with a session of another device, which stops when it hears that this one plays."""

    session: Activity
    letter: Annotated[dict[str, Any] | None, Carries("usage", letter="play")] = Field(
        default=None, repr=False
    )


class ConfirmHandover(Command, group=("Private", "Handoff"), tier="anytime", ttl_ms=TRIAL_MS):
    """Hear that the other device has stopped: what plays on trial may stay."""

    handover: str = Field(min_length=1, max_length=64)


class PlayerReport(Facet):
    """What is playing, and where it was when it began to; never what it is called."""

    route: Annotated[State, Carries("usage")]
    route_position_ms: Milliseconds | None
    music: Annotated[State, Carries("usage")]
    music_position_ms: Milliseconds | None
    call: Annotated[State, Carries("usage")]
    call_position_ms: Milliseconds | None


@dataclass(frozen=True, slots=True)
class Session:
    """Something that plays.

    Attributes:
        title: what it is.
        position_ms: where it was at `since_ms`.
        since_ms: when, by this device's clock.
        playing: whether it goes on from there.
        follows: whether it goes on in the car when its owner sits down.
        number: tells it from a later one of the same sort on this device.
        lent: whether it came from a device that is somebody's own, or may be.
    """

    title: str = field(repr=False)
    position_ms: int
    since_ms: int
    playing: bool = True
    follows: bool = False
    number: int = 0
    lent: bool = False

    def position_at(self, now_ms: int) -> int:
        """Return where it is; a clock that is put back does not rewind it."""
        return self.position_ms + (max(0, now_ms - self.since_ms) if self.playing else 0)

    def at(self, now_ms: int, *, playing: bool) -> "Session":
        """Return it as it goes on from here, or stands here."""
        return replace(self, position_ms=self.position_at(now_ms), since_ms=now_ms, playing=playing)


@dataclass(frozen=True, slots=True)
class Handing:
    """A session that another device is asked to take over.

    Attributes:
        session: which sort.
        number: which one.
        to: who is asked.
        by: for whom.
    """

    session: Activity
    number: int
    to: str
    by: str | None


@dataclass(frozen=True, slots=True)
class Left:
    """A session that has stopped here because another device plays it, and that device must hear so.

    Attributes:
        session: which sort.
        to: who plays it.
        by: for whom.
        stopped: the session as it was.
        asking: ticket of the confirmation that is under way, or None.
    """

    session: Activity
    to: str
    by: str | None
    stopped: Session
    asking: str | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """A session that plays on trial: which handover brought it, and from whom."""

    handover: str
    sender: str


@dataclass(frozen=True)
class Player(App):
    """The sessions of one device.

    Attributes:
        sessions: what plays or pauses, one of each sort at most.
        begun: how many there were.
        handing: what others are asked to take over, by ticket.
        left: what others play, by ticket of its handover, until they have confirmed that they keep it.
        trials: what plays on trial.
        arrived: handovers that were confirmed, the latest last.
        followed: the visit of each screen in which sessions have followed their owner there.
    """

    purpose: ClassVar[str] = "play"
    commands: ClassVar = (TakeOver, ConfirmHandover)
    acts: ClassVar = (Plays, Pauses, HandOver)
    facets: ClassVar = (Company, PlayerReport)
    reads: ClassVar = ("phone", "dashboard", "tablet", "tv", "speaker")
    asks: ClassVar = ("phone", "dashboard", "tablet", "tv", "speaker")

    sessions: Mapping[Activity, Session] = field(default_factory=dict)
    begun: int = 0
    handing: Mapping[str, Handing] = field(default_factory=dict)
    left: Mapping[str, Left] = field(default_factory=dict)
    trials: Mapping[Activity, Trial] = field(default_factory=dict)
    arrived: tuple[str, ...] = ()
    followed: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def new(cls, device: str, config: Any, given: Mapping[str, Any]) -> Self:
        """Return the player with what its flash kept.

        A call is cut off by a restart, music stands where it last began, and a route goes on.
        """
        flash = given.get("player", {})
        sessions = {
            sort: replace(session, playing=sort == "route" and session.playing)
            for sort, session in flash.get("sessions", {}).items()
            if sort != "call"
        }
        left = {ticket: replace(one, asking=None) for ticket, one in flash.get("left", {}).items()}
        player = super().new(device, config, given)
        arrived, begun = flash.get("arrived", ()), flash.get("begun", 0)
        return replace(player, sessions=sessions, left=left, arrived=arrived, begun=begun)

    def kept(self) -> Mapping[str, Any]:
        """Keep what plays, except on trial, and who has not confirmed yet."""
        sessions = {sort: one for sort, one in self.sessions.items() if sort not in self.trials}
        player = {"sessions": sessions, "left": self.left, "arrived": self.arrived, "begun": self.begun}
        return {**super().kept(), "player": player}

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Play, pause, hand over, take over."""
        match stimulus:
            case Acted(act=Plays() as act, ticket=ticket):
                player, effects = self.playing(
                    at, act.session, act.title, position_ms=act.position_ms, follows=act.follows
                )
                return player, (*effects, done(ticket))
            case Acted(act=Pauses(session=sort), ticket=ticket):
                if sort not in self.sessions:
                    return self, (refused(ticket, f"no {sort} is here"),)
                return self.paused(at, sort), (done(ticket),)
            case Acted(act=HandOver(session=sort, to=to), ticket=ticket, by=by):
                return self._hand_over(at, sort, to, ticket, by)
            case Commanded(command=TakeOver()):
                return self._take_over(at, stimulus)
            case Commanded(command=ConfirmHandover(handover=handover), ticket=ticket, sender=sender):
                return self._confirmed(handover, ticket, sender)
            case Answered(ticket=ticket, answer=answer) if answer.final and ticket in self.handing:
                return self._handed(at, ticket, taken=answer.status == "done")
            case Answered(answer=answer) if answer.final:
                return self._settled(at, stimulus)
            case TimerFired(name=name) if name.startswith(TRIAL):
                return self._trial_over(name.removeprefix(TRIAL)), ()
            case TimerFired(name=name) if self.patience.is_due(name):
                return replace(self, patience=self.patience.due(name))._remind(at)
            case Booted() | Sensed() | Linked():
                player, ended = self.looked(at)._withheld(at)
                player, reminded = player._remind(at)
                return player, (*ended, *reminded)
            case Learned():
                player, followed = self.looked(at)._follow(at)
                player, reminded = player._remind(at)
                return player, (*followed, *reminded)
            case _:
                return self, ()

    def report(self) -> tuple[Facet, ...]:
        """Report what plays."""
        said: dict[str, Any] = {}
        for sort in ACTIVITIES:
            session = self.sessions.get(sort)
            said[sort] = "none" if session is None else "playing" if session.playing else "paused"
            said[f"{sort}_position_ms"] = None if session is None else session.position_ms
        return (self.company(), PlayerReport(**said))

    def told(self, at: Moment, asked: Asked) -> Mapping[str, Any]:
        """Tell the rules, in a car, whether a guest drives who would hear what is handed over."""
        if self.car is None or not isinstance(asked.command, TakeOver):
            return {}
        return {"guest_drives": self.guest_drives(at)}

    # --- playing here ---------------------------------------------------------------------------

    def playing(
        self, at: Moment, sort: Activity, title: str, *, position_ms: int = 0, follows: bool = False
    ) -> tuple[Self, tuple[Effect, ...]]:
        """Return the player with something else playing, in the place of what there was of that sort."""
        session = Session(title, position_ms, at.now_ms, follows=follows, number=self.begun + 1)
        player = replace(self, begun=session.number, sessions={**self.sessions, sort: session})
        return player._without_trial(sort)

    def paused(self, at: Moment, sort: Activity) -> Self:
        """Return the player with something standing where it is now; there must be such a session."""
        return replace(
            self, sessions={**self.sessions, sort: self.sessions[sort].at(at.now_ms, playing=False)}
        )

    def _without_trial(self, sort: Activity) -> tuple[Self, tuple[Effect, ...]]:
        """Forget a trial: what is there now is this device's own."""
        if sort not in self.trials:
            return self, ()
        trials = {other: trial for other, trial in self.trials.items() if other != sort}
        return replace(self, trials=trials), (CancelTimer(TRIAL + sort),)

    def _withheld(self, at: Moment) -> tuple[Self, tuple[Effect, ...]]:
        """End a route or call of somebody's own device when a guest or a child drives; music stands still."""
        player, effects = self, tuple[Effect, ...]()
        if self.car is None or self.guest_drives(at) is not True:
            return player, effects
        for sort, session in self.sessions.items():
            if not session.lent:
                continue
            if sort == "music":
                player = player.paused(at, sort)
                continue
            player, cancelled = player._without_trial(sort)
            rest = {other: one for other, one in player.sessions.items() if other != sort}
            player, effects = replace(player, sessions=rest), (*effects, *cancelled)
        return player, effects

    # --- handing over ---------------------------------------------------------------------------

    def _hand_over(
        self, at: Moment, sort: Activity, to: str, ticket: str, by: str | None
    ) -> tuple[Self, tuple[Effect, ...]]:
        """Ask another device to take a session over; it plays on here until that is confirmed."""
        session = self.sessions.get(sort)
        busy = any(one.session == sort for one in self.handing.values())
        if session is None:
            return self, (refused(ticket, f"no {sort} is here to be handed over"),)
        if busy or sort in self.trials or len(self.handing) + len(self.left) >= HANDOVERS_MAX:
            return self, (refused(ticket, f"the {sort} is on its way already"),)
        said = {
            "title": session.title,
            "position_ms": session.position_at(at.now_ms),
            "sent_ms": at.now_ms,
            "playing": session.playing,
        }
        try:
            player, letter = self.sealed(to, ticket, said)
        except LetterError as error:
            return self, (refused(ticket, error.sentence),)
        handing = {**self.handing, ticket: Handing(sort, session.number, to, by)}
        command = TakeOver(session=sort, letter=letter)
        return replace(player, handing=handing), (Request.of(command, ticket=ticket, target=to, by=by),)

    def _handed(self, at: Moment, ticket: str, *, taken: bool) -> tuple[Self, tuple[Effect, ...]]:
        """Stop what another device plays now, and tell it so; go on with what it did not take."""
        handing = self.handing[ticket]
        rest = {key: one for key, one in self.handing.items() if key != ticket}
        player = replace(self, handing=rest)
        session = self.sessions.get(handing.session)
        if not taken or session is None or session.number != handing.number:
            # Not taken over, or something else plays here meanwhile: the other one's trial ends by itself.
            return player, ()
        sessions = {sort: one for sort, one in self.sessions.items() if sort != handing.session}
        stopped = session.at(at.now_ms, playing=session.playing)
        left = {**self.left, ticket: Left(handing.session, handing.to, handing.by, stopped)}
        return replace(player, sessions=sessions, left=left)._remind(at)

    def _remind(self, at: Moment) -> tuple[Self, tuple[Effect, ...]]:
        """Tell others that they may keep what they play, as long as they have not heard so."""
        player = self
        effects: tuple[Effect, ...] = ()
        for handover, one in self.left.items():
            # Whom one has just heard answer is there, whether or not one reads its reports.
            gone = at.beliefs.about(one.to).online is False
            busy = any(other.to == one.to and other.asking is not None for other in player.left.values())
            if one.asking is not None or gone or not player.patience.allows(one.to, busy=busy):
                continue
            player, ticket = player.ticket()
            player = replace(player, left={**player.left, handover: replace(one, asking=ticket)})
            command = ConfirmHandover(handover=handover)
            effects = (*effects, Request.of(command, ticket=ticket, target=one.to, by=one.by))
        return player, effects

    def _settled(self, at: Moment, told: Answered) -> tuple[Self, tuple[Effect, ...]]:
        """End a handover that was confirmed; go on here when the other device has given up."""
        found = next((item for item in self.left.items() if item[1].asking == told.ticket), None)
        if found is None:
            return self, ()
        handover, one = found
        if not settled(told.answer):
            waiting = replace(self, left={**self.left, handover: replace(one, asking=None)})
            return waiting.heard(at, one.to, told.answer)
        player, _ = self.heard(at, one.to, told.answer)
        player = replace(player, left={key: other for key, other in self.left.items() if key != handover})
        if told.answer.status == "done" or one.session in self.sessions:
            return player, ()
        back = replace(one.stopped, since_ms=at.now_ms)
        return replace(player, sessions={**self.sessions, one.session: back}), ()

    def _follow(self, at: Moment) -> tuple[Self, tuple[Effect, ...]]:
        """Hand over what is to follow its owner, once when the screen of a car begins to serve them."""
        player, effects = self, ()
        for screen in self.others(at, "music"):
            visit = self.visit(at, screen)
            common = at.beliefs.shown(screen, "whose") is None
            if not (common and self.followed.get(screen) != visit and self.serves(at, screen, self.owner)):
                continue
            player = replace(player, followed={**player.followed, screen: visit})
            for sort, session in self.sessions.items():
                if session.follows and session.playing:
                    player, ticket = player.ticket()
                    player, sent = player._hand_over(at, sort, screen, ticket, self.owner)
                    effects += sent  # type: ignore[assignment]
        return player, effects

    # --- taking over ----------------------------------------------------------------------------

    def _take_over(self, at: Moment, asked: Commanded) -> tuple[Self, tuple[Effect, ...]]:
        """Play on trial what another device offers."""
        command, ticket, sender = asked.command, asked.ticket, asked.sender
        assert isinstance(command, TakeOver)  # INVARIANT: it is called for nothing else
        sort = command.session
        leaving = any(one.session == sort for one in self.handing.values())
        if leaving or sort in self.trials or (sort == "call" and sort in self.sessions):
            return self, (refused(ticket, f"{self.device} is busy with another {sort}"),)
        try:
            player, said = self.opened(sender, ticket, command.letter)
        except LetterError as error:
            return self, (refused(ticket, f"the letter is not believed: {error.sentence}"),)
        session = _session(said, at.now_ms, self.begun + 1)
        if session is None:
            return player, (refused(ticket, "what the letter says is no session"),)
        whose = at.beliefs.raw(sender, "whose")
        session = replace(session, lent=whose is None or whose[0] is not None)
        sessions = {**self.sessions, sort: session}
        trials = {**self.trials, sort: Trial(ticket, sender)}
        player = replace(player, begun=session.number, sessions=sessions, trials=trials)
        return player, (StartTimer(TRIAL + sort, TRIAL_MS), done(ticket))

    def _confirmed(self, handover: str, ticket: str, sender: str) -> tuple[Self, tuple[Effect, ...]]:
        """Keep what played on trial; say so again when it was said before."""
        key = f"{sender} {handover}"
        for sort, trial in self.trials.items():
            if trial == Trial(handover, sender):
                player, effects = self._without_trial(sort)
                arrived = (*self.arrived, key)[-ARRIVED_MAX:]
                return replace(player, arrived=arrived), (*effects, done(ticket))
        if key in self.arrived:
            return self, (done(ticket),)
        return self, (refused(ticket, "what was handed over is not here any more"),)

    def _trial_over(self, sort: str) -> Self:
        """Give up what nobody confirmed: the other device may play it still."""
        trials = {other: trial for other, trial in self.trials.items() if other != sort}
        sessions = {other: one for other, one in self.sessions.items() if other != sort}
        return replace(self, trials=trials, sessions=sessions)


def _session(said: Mapping[str, Any], now_ms: int, number: int) -> Session | None:
    """Return the session in a letter as it is now, after its way here; None when it is none."""
    title, position_ms, sent_ms = said.get("title"), said.get("position_ms"), said.get("sent_ms")
    playing = said.get("playing")
    if not (isinstance(title, str) and 0 < len(title) <= TITLE_CHARACTERS_MAX and isinstance(playing, bool)):
        return None
    if type(position_ms) is not int or type(sent_ms) is not int or not 0 <= position_ms <= POSITION_MS_MAX:
        return None
    on_the_way_ms = min(max(0, now_ms - sent_ms), OFFER_MS) if playing else 0
    return Session(title, position_ms + on_the_way_ms, now_ms, playing=playing, number=number)
