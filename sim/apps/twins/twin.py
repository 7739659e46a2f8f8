"""The twin: the part of a device that keeps its settings in step with the household's cloud (`docs/sync.md`).

A kind says which settings it has, `class TvTwin(Twin, settings=("volume_percent", "language")): …`, and lists
its twin in `made_of`. Another part that follows a setting declares `ApplySetting` among its commands, takes
the value from `Commanded(command=ApplySetting(setting=…, value=…))` and leaves the answer to the twin. A part
that itself changes a setting, or wants it everywhere, asks its own device for it: see `wishes.wish`.

What is wished at a device for itself holds at once; for others it is kept until the cloud has it. Of two
wishes for one setting the newer one holds, in whatever order they come, and none is carried out twice.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

from pydantic import ValidationError, create_model

from sim.apps.twins.drafts import Draft, Drafts
from sim.apps.twins.intents import EVERYWHERE, Intent, IntentError, Peers, opened, sealed
from sim.apps.twins.messages import (
    REFUSED_MAX,
    SENTENCE_CHARACTERS_MAX,
    SETTINGS_MAX,
    Delta,
    Outcome,
    Reported,
    SetDesired,
    Sync,
    Taken,
)
from sim.apps.twins.settings import DEFAULTS, SettingError, Value, annotation_of, checked, fact_of
from sim.apps.twins.stamps import DRIFT_MS_MAX, NEVER, Stamp
from sim.apps.twins.wishes import ApplySetting, ChooseSetting, SetSetting
from sim.core.declarations import Command, Facet
from sim.core.device import Moment, Provision
from sim.core.effects import CancelTimer, Effect, Request, Settle, StartTimer
from sim.core.parts import Part
from sim.core.stimuli import (
    Acted,
    Answer,
    Answered,
    Booted,
    Commanded,
    Learned,
    Linked,
    Stimulus,
    TimerFired,
)
from sim.trust.derivation import intent_key
from sim.trust.identity import Identity

RETRY = "twin retry"
"""Name of the timer after which the cloud is asked again."""
RETRY_AFTER_MS = 5_000
RETRY_AFTER_MS_MAX = 300_000
"""First wait after the cloud did not answer, and the longest; each is twice the one before (assumption)."""
RESENT_AFTER_MS = 2_000
"""After this long a question counts as lost once the link or the cloud is there again (assumption)."""
TIME_KEPT_MS = 600_000
"""For so long a device goes by what it knows of the cloud's clock before it looks again (assumption)."""


@dataclass(frozen=True, slots=True)
class Talk:
    """A question to the cloud that is under way.

    Attributes:
        ticket: its name.
        since_ms: when it was asked, by the device's clock.
        changes: for a `Sync`, how many changes it told of; None for a `SetDesired`.
        sent: ids of the intents, or of the refusals, that it carries.
    """

    ticket: str
    since_ms: int
    changes: int | None
    sent: tuple[str, ...]


@dataclass(frozen=True)
class Twin(Part):
    """See the module.

    Attributes:
        device: name of the device.
        boot: how often it was started.
        signer: the key that signs its intents.
        peers: who may sign what.
        cloud: the household's cloud, or None.
        values: what each setting is.
        measured_ms: since when, by the device's clock.
        winners: setting to the newest intent that was carried out.
        applying: intents that the device's own rules are being asked about, by the ticket of the question.
        refused: intents that they refused, to the reason; told to the cloud.
        drafts: intents that the cloud has not confirmed.
        seen: the newest stamp that was seen of an intent the cloud has taken.
        sent: the newest stamp that was handed on and that the cloud has not refused as too far ahead; what is
            wished now comes after it, whatever became of it.
        made: how many intents were made here, ever.
        asked: how many questions were asked since the start.
        version: the cloud's version that the device has.
        changes: how often anything changed that the cloud is to know.
        confirmed: how many of these the cloud has confirmed.
        talk: what it is being asked; None when it is not.
        failures: questions in a row that nobody answered, or that came to nothing.
        asked_knowing: what was known of the cloud when it was asked last: without news it is not asked anew
            before its time.
        ahead_ms: how far the device's clock is ahead of the cloud's, as far as could be told; stamps are
            set right by it.
        looked_ms: when that was looked at, by the device's clock; None before, and when it is in doubt.
        applied: how many intents were carried out, ever.
        overruled: how many of its own intents a newer one superseded, or a device refused, ever.
        notice: the latest that was heard of that.
    """

    commands: ClassVar = (ChooseSetting, ApplySetting)
    acts: ClassVar = (SetSetting,)
    reads: ClassVar = ("cloud",)
    asks: ClassVar = ("cloud",)
    settings: ClassVar[tuple[str, ...]] = ()
    """Which settings the kind has."""
    report_kind: ClassVar[type[Facet]] = Facet
    """The facet that tells them, one field each."""

    device: str = ""
    boot: int = 0
    signer: Identity | None = field(default=None, repr=False)
    peers: Peers = field(default_factory=lambda: Peers({}), repr=False)
    cloud: str | None = None
    values: Mapping[str, Value] = field(default_factory=dict)
    measured_ms: Mapping[str, int] = field(default_factory=dict)
    winners: Mapping[str, Intent] = field(default_factory=dict)
    applying: Mapping[str, Intent] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    drafts: Drafts = field(default_factory=Drafts)
    seen: Stamp = NEVER
    sent: Stamp = NEVER
    made: int = 0
    asked: int = 0
    version: int = 0
    changes: int = 1
    confirmed: int = 0
    talk: Talk | None = None
    failures: int = 0
    asked_knowing: tuple[bool | None, int] | None = None
    ahead_ms: int = 0
    looked_ms: int | None = None
    applied: int = 0
    overruled: int = 0
    notice: str = ""

    def __init_subclass__(cls, *, settings: tuple[str, ...] = (), **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        unknown = [name for name in settings if name not in DEFAULTS]
        assert not unknown, f"{unknown} are no settings"  # INVARIANT
        assert len(settings) <= SETTINGS_MAX  # INVARIANT
        if settings:
            cls.settings = settings
            cls.report_kind = _report_of(cls.__name__, settings)
            cls.facets = (cls.report_kind,)

    # --- life -------------------------------------------------------------------------------------------

    @classmethod
    def settable(cls) -> Mapping[str, Any]:
        """A scenario may set any setting."""
        return {fact_of(setting): annotation_of(setting) for setting in cls.settings}

    @classmethod
    def new(cls, device: str, config: Any, given: Mapping[str, Any]) -> Self:  # the protocol's
        """Return the twin with what a scenario sets, or with what it kept."""
        kept = given.get("twin")
        if kept is not None:
            return cls(device, **kept)
        values = {setting: given.get(fact_of(setting), DEFAULTS[setting]) for setting in cls.settings}
        return cls(device, values=values)

    def provisioned(self, provision: Provision) -> Self:
        """Return the twin with its key, and the keys of the others."""
        peers = Peers(provision.peers)
        signer = intent_key(self.device, provision.seed) if self.device in provision.peers else None
        measured_ms = {setting: self.measured_ms.get(setting, provision.now_ms) for setting in self.values}
        return replace(
            self,
            boot=provision.boot,
            signer=signer,
            peers=peers,
            cloud=peers.cloud(),
            measured_ms=measured_ms,
        )

    def kept(self) -> Mapping[str, Any]:
        """Keep settings, what decided them, and what the cloud has not confirmed."""
        kept = (
            "values",
            "measured_ms",
            "winners",
            "refused",
            "seen",
            "sent",
            "made",
            "version",
            "changes",
            "confirmed",
            "ahead_ms",
            "applied",
            "overruled",
            "notice",
        )
        return {"twin": {**{name: getattr(self, name) for name in kept}, "drafts": self.drafts.unasked()}}

    def report(self) -> tuple[Facet, ...]:
        """Report the settings, how many intents were carried out, and what is not confirmed."""
        counts = {"applied": self.applied, "unsent": len(self.drafts), "overruled": self.overruled}
        said: dict[str, Any] = {**self.values, **counts, "notice": self.notice}
        return (self.report_kind(**said),)

    # --- what happens -----------------------------------------------------------------------------------

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Take wishes, carry intents out, and talk with the cloud."""
        match stimulus:
            case Acted(act=SetSetting() as act, ticket=ticket, by=by):
                ((setting, value),) = act.wished().items()
                scope = EVERYWHERE if act.device is None else act.device
                choice = ChooseSetting(scope=scope, setting=setting, value=value)
                return self, (Request.of(choice, ticket=ticket, target=self.device, by=by),)
            case Commanded(command=ChooseSetting() as choice, ticket=ticket, by=by, sender=sender):
                return self._chosen(at, choice, ticket, by if sender == self.device else None)
            case Commanded(command=ApplySetting() as command, ticket=ticket, sender=self.device):
                return self._applied(at, command, ticket)
            case Commanded(command=ApplySetting(), ticket=ticket):
                return self, (Settle(ticket, Answer("failed", "only the device itself applies a setting")),)
            case Answered() if stimulus.answer.final:
                return self._answered(at, stimulus)
            case Booted() | Linked(up=True) | TimerFired(name="twin retry"):
                return replace(self, asked_knowing=None)._pursued(at)
            case Learned(device=device) if device == self.cloud and self.asked_knowing != self._known(at):
                # That the cloud has told others something is no news.
                return replace(self, asked_knowing=None)._pursued(at)
            case _:
                return self, ()

    # --- wishes -----------------------------------------------------------------------------------------

    def _chosen(
        self, at: Moment, choice: ChooseSetting, ticket: str, by: str | None
    ) -> tuple[Self, tuple[Effect, ...]]:
        """Make an intent of a wish: carry it out here if it is for this device, and keep it for the cloud."""
        why = self._obstacle(choice)
        if why or self.signer is None:
            return self, (Settle(ticket, Answer("failed", why or f"{self.device} is not enrolled")),)
        stamp = max(self.seen, self.sent, self.drafts.latest).after(self._now_ms(at), self.device)
        intent = Intent(
            id=f"{self.device}-wish-{self.made + 1}",
            device=self.device,
            person=self.peers.user(self.device, by),
            scope=choice.scope,
            setting=choice.setting,
            value=checked(choice.setting, choice.value),
            ms=stamp.ms,
            count=stamp.count,
        )
        twin = replace(self, made=self.made + 1)
        twin, effects = twin._considered([intent])  # it is the twin itself, one step on
        if self.cloud is None:
            return twin, (*effects, Settle(ticket, Answer("done")))
        # What is wished for this device holds already; nobody waits for the cloud then.
        here = choice.scope == self.device
        drafts, replaced = twin.drafts.with_one(Draft(intent, None if here else ticket))
        if replaced is not None:
            sentence = f"superseded: {_who(intent)} wished otherwise before the cloud was reached"
            effects += (Settle(replaced, Answer("failed", sentence)),)
        if here:
            effects += (Settle(ticket, Answer("done")),)
        twin, asked = replace(twin, drafts=drafts)._pursued(at)
        return twin, (*effects, *asked)

    def _obstacle(self, choice: ChooseSetting) -> str:
        """Return why a wish cannot be taken at all; empty when it can."""
        try:
            checked(choice.setting, choice.value)
        except SettingError as error:
            return str(error)
        for_itself = choice.scope == self.device
        if for_itself and choice.setting not in self.settings:
            return f"{self.device} has no setting `{fact_of(choice.setting)}`"
        if not for_itself and self.cloud is None:
            return "the household has no cloud that could tell other devices"
        if choice.scope not in {EVERYWHERE, *self.peers.by_name}:
            return f"the household has no device `{choice.scope}`"
        return self.drafts.obstacle

    # --- carrying out -----------------------------------------------------------------------------------

    def _considered(self, intents: Iterable[Intent]) -> tuple[Self, tuple[Effect, ...]]:
        """Ask the device's own rules about intents that are for it and newer than what holds."""
        owner = self.peers.owner(self.device)
        applying = dict(self.applying)
        effects: tuple[Effect, ...] = ()
        asked = self.asked
        for intent in intents:
            if not intent.concerns(self.device, owner) or not self._is_news(intent):
                continue
            asked += 1
            ticket = f"{self.device}-apply-{self.boot}-{asked}"
            applying[ticket] = intent
            command = ApplySetting(intent=intent.id, setting=intent.setting, value=intent.value)
            effects += (Request.of(command, ticket=ticket, target=self.device, by=intent.person),)
        return (replace(self, applying=applying, asked=asked) if effects else self), effects

    def _is_news(self, intent: Intent) -> bool:
        """Say whether an intent is newer than what holds, for a setting that the device has."""
        winner = self.winners.get(intent.setting)
        return intent.setting in self.values and (winner is None or intent.stamp > winner.stamp)

    def _applied(self, at: Moment, command: ApplySetting, ticket: str) -> tuple[Self, tuple[Effect, ...]]:
        """Carry out an intent that the rules permit, unless a newer one was faster."""
        intent = self.applying.get(ticket)
        if intent is None or intent.id != command.intent:
            sentence = "a setting changes by an intent that its author has signed, and by nothing else"
            return self, (Settle(ticket, Answer("failed", sentence)),)
        twin = replace(self, applying=_without(self.applying, ticket))
        if not self._is_news(intent):
            return twin, (Settle(ticket, Answer("done")),)
        twin = replace(
            twin,
            values={**self.values, intent.setting: intent.value},
            measured_ms={**self.measured_ms, intent.setting: self._now_ms(at)},
            winners={**self.winners, intent.setting: intent},
            applied=self.applied + 1,
            changes=self.changes + 1,
        )
        twin, effects = twin._pursued(at)
        return twin, (Settle(ticket, Answer("done")), *effects)

    def _refused(self, at: Moment, ticket: str, why: str) -> tuple[Self, tuple[Effect, ...]]:
        """Note that the rules refuse an intent; its author is told by way of the cloud."""
        intent = self.applying[ticket]
        latest = list(self.refused.items())[1 - REFUSED_MAX :]
        refused = {**dict(latest), intent.id: why[:SENTENCE_CHARACTERS_MAX]}
        applying = _without(self.applying, ticket)
        return replace(self, applying=applying, refused=refused, changes=self.changes + 1)._pursued(at)

    # --- talking with the cloud -------------------------------------------------------------------------

    def _pursued(self, at: Moment) -> tuple[Self, tuple[Effect, ...]]:
        """Ask the cloud what is to be asked next, if it can be there and nothing is being asked."""
        if self.cloud is None or self.signer is None:
            return self, ()
        if self.talk is not None and 0 <= at.now_ms - self.talk.since_ms < RESENT_AFTER_MS:
            return self, ()
        online = at.beliefs.about(self.cloud).online
        if online is False:
            return self, ()
        batch = self.drafts.batch()
        # What time it is by the cloud's clock comes first: it says which wish is the newer one.
        if batch and self.looked_ms is not None and 0 <= at.now_ms - self.looked_ms < TIME_KEPT_MS:
            return self._handed_on(at, batch)
        news = self._announced(at) > self.version or self.changes != self.confirmed
        if batch or (online and news):
            return self._synced(at)
        return self, ()

    def _known(self, at: Moment) -> tuple[bool | None, int]:
        """Return whether the cloud is there, and which version it has of this device."""
        return at.beliefs.about(str(self.cloud)).online, self._announced(at)

    def _announced(self, at: Moment) -> int:
        """Return the version that the cloud has of this device, as far as is known."""
        versions = at.beliefs.raw(str(self.cloud), "versions")
        return 0 if versions is None else int(versions[0].get(self.device, 0))

    def _handed_on(self, at: Moment, batch: tuple[Draft, ...]) -> tuple[Self, tuple[Effect, ...]]:
        assert self.signer is not None  # INVARIANT: only then there are drafts
        command = SetDesired(
            scope=batch[0].intent.scope, intents=[sealed(self.signer, draft.intent) for draft in batch]
        )
        names = tuple(draft.intent.id for draft in batch)
        twin = replace(
            self,
            drafts=self.drafts.with_sent(names, sent=True),
            sent=max(self.sent, *(draft.intent.stamp for draft in batch)),
        )
        return twin._asked(at, command, batch[0].intent.person, None, names)

    def _synced(self, at: Moment) -> tuple[Self, tuple[Effect, ...]]:
        reported = {
            setting: Reported(
                value=value,
                at_ms=self.measured_ms[setting],
                intent=self.winners[setting].id if setting in self.winners else None,
            )
            for setting, value in self.values.items()
        }
        command = Sync(
            since=self.version, changes=self.changes, reported=reported, refused=dict(self.refused)
        )
        return self._asked(at, command, None, self.changes, tuple(self.refused))

    def _asked(
        self, at: Moment, command: Command, by: str | None, changes: int | None, sent: tuple[str, ...]
    ) -> tuple[Self, tuple[Effect, ...]]:
        assert self.cloud is not None  # INVARIANT: see `_pursued`
        ticket = f"{self.device}-twin-{self.boot}-{self.asked + 1}"
        talk = Talk(ticket, at.now_ms, changes, sent)
        request = Request.of(command, ticket=ticket, target=self.cloud, by=by)
        twin = replace(self, asked=self.asked + 1, talk=talk, asked_knowing=self._known(at))
        return twin, (CancelTimer(RETRY), request)

    def _answered(self, at: Moment, told: Answered) -> tuple[Self, tuple[Effect, ...]]:
        """Take an answer to one of the twin's own questions."""
        answer = told.answer
        if told.ticket in self.applying:
            return self._refused(at, told.ticket, answer.reason)
        talk = self.talk
        if talk is None or told.ticket != talk.ticket:
            return self, ()
        twin = replace(self, talk=None)
        if answer.status == "denied":
            return twin._turned_away(at, talk, answer)
        if answer.status != "done":
            return twin._failed()
        try:
            if talk.changes is None:
                return twin._taken(at, talk, Taken.model_validate(dict(answer.data)))
            return twin._learnt(at, talk, Delta.model_validate(dict(answer.data)))
        except ValidationError:
            return twin._failed()

    def _failed(self) -> tuple[Self, tuple[Effect, ...]]:
        """Ask again later; drafts wait."""
        wait_ms = min(RETRY_AFTER_MS * 2 ** min(self.failures, 16), RETRY_AFTER_MS_MAX)
        return replace(self, failures=self.failures + 1), (StartTimer(RETRY, wait_ms),)

    def _turned_away(self, at: Moment, talk: Talk, answer: Answer) -> tuple[Self, tuple[Effect, ...]]:
        """Give up what the cloud's rules do not permit."""
        if talk.changes is not None:
            # The rules will not change their mind by being asked again: wait until there is something new.
            twin = replace(self, confirmed=talk.changes, version=self._announced(at), looked_ms=at.now_ms)
            return twin._pursued(at)
        dropped, drafts = self.drafts.without(talk.sent)
        settled = tuple(Settle(draft.ticket, answer) for draft in dropped if draft.ticket is not None)
        twin, effects = replace(self, drafts=drafts, failures=0)._pursued(at)
        return twin, (*settled, *effects)

    def _taken(self, at: Moment, talk: Talk, taken: Taken) -> tuple[Self, tuple[Effect, ...]]:
        """Take note of what became of intents, and tell their authors."""
        if any(name not in taken.outcomes for name in talk.sent):
            return self._failed()
        ahead = tuple(name for name in talk.sent if taken.outcomes[name].became == "ahead")
        done, drafts = self.drafts.without(tuple(name for name in talk.sent if name not in ahead))
        twin = replace(self, drafts=drafts)
        effects: tuple[Effect, ...] = ()
        for draft in done:
            twin, told = twin._told(draft, taken.outcomes[draft.intent.id])
            effects += told
        if ahead:
            # The difference of the clocks is not what it was, or was not known well: look at it again.
            drafts = drafts.with_sent(ahead, sent=False)
            taken_at_most = Stamp(taken.time_ms + DRIFT_MS_MAX, 0, self.device)
            twin = replace(twin, drafts=drafts, sent=min(twin.sent, taken_at_most))._restamped(at, 0)
            twin = replace(twin, looked_ms=None)
            again = twin._failed() if self.failures else replace(twin, failures=1)._pursued(at)
        else:
            again = replace(twin, failures=0)._pursued(at)
        return again[0], (*effects, *again[1])

    def _told(self, draft: Draft, outcome: Outcome) -> tuple[Self, tuple[Effect, ...]]:
        """Take note of what became of an intent, and tell whoever waits to hear of it."""
        won = outcome.became == "newest"
        twin = replace(self, seen=max(self.seen, draft.intent.stamp)) if won else self._noticed([outcome.why])
        if draft.ticket is None:
            return twin, ()
        return twin, (Settle(draft.ticket, Answer("done" if won else "failed", outcome.why)),)

    def _now_ms(self, at: Moment) -> int:
        """Return the time by the cloud's clock, as far as is known."""
        return max(0, at.now_ms - self.ahead_ms)

    def _timed(self, at: Moment, talk: Talk, cloud_ms: int) -> Self:
        """Look at the cloud's clock, and set the stamps of drafts right if this device's own is wrong.

        F. Cristian, “Probabilistic clock synchronization”, Distributed Computing 3, 1989: the cloud looked at
        its clock somewhere between question and answer, and half of that time is how wrong one may be.
        """
        half_ms = max(0, at.now_ms - talk.since_ms) // 2
        ahead_ms = at.now_ms - half_ms - cloud_ms
        twin = replace(self, looked_ms=at.now_ms)
        if abs(ahead_ms - self.ahead_ms) <= DRIFT_MS_MAX + half_ms:
            return twin
        return replace(twin, ahead_ms=ahead_ms)._restamped(at, ahead_ms - self.ahead_ms)

    def _restamped(self, at: Moment, shift_ms: int) -> Self:
        """Return the twin with other stamps on its drafts."""
        drafts, renamed, made = self.drafts.restamped(
            self.device,
            max(self.seen, self.sent),
            shift_ms=shift_ms,
            latest_ms=self._now_ms(at),
            made=self.made,
        )
        if not renamed:
            return self
        winners = {setting: renamed.get(winner.id, winner) for setting, winner in self.winners.items()}
        changes = self.changes + 1  # The winners have other names now.
        return replace(self, drafts=drafts, winners=winners, made=made, version=0, changes=changes)

    def _learnt(self, at: Moment, talk: Talk, delta: Delta) -> tuple[Self, tuple[Effect, ...]]:
        """Take what is new, whoever brings it: only what its author has signed counts."""
        intents = []
        for envelope in delta.desired:
            try:
                intents.append(opened(envelope, self.peers))
            except IntentError:
                continue  # It is the cloud's doing, and there is nobody to be told.
        assert talk.changes is not None  # INVARIANT: it answers a `Sync`
        timed = self._timed(at, talk, delta.time_ms)
        twin = replace(
            timed._noticed(delta.notices),
            # What is newer than the stamps are now was perhaps passed over: everything is asked for again.
            version=delta.version if timed.made == self.made else 0,
            confirmed=talk.changes,
            refused={name: why for name, why in self.refused.items() if name not in talk.sent},
            seen=max([self.seen, *(intent.stamp for intent in intents)]),
            failures=self.failures if len(self.drafts) else 0,
        )
        twin, effects = twin._considered(intents)
        twin, asked = twin._pursued(at)
        return twin, (*effects, *asked)

    def _noticed(self, notices: list[str]) -> Self:
        if not notices:
            return self
        notice = notices[-1][: 2 * SENTENCE_CHARACTERS_MAX]
        return replace(self, overruled=self.overruled + len(notices), notice=notice)


def _without(applying: Mapping[str, Intent], ticket: str) -> dict[str, Intent]:
    return {name: intent for name, intent in applying.items() if name != ticket}


def _who(intent: Intent) -> str:
    """Return who wished something, for people."""
    return f"{intent.person or 'somebody'} at {intent.device}"


def _report_of(name: str, settings: tuple[str, ...]) -> type[Facet]:
    """Return the facet of a kind: one field for each of its settings, and what became of intents."""
    fields: dict[str, Any] = {setting: (annotation_of(setting), ...) for setting in settings}
    fields |= {"applied": (int, ...), "unsent": (int, ...), "overruled": (int, ...), "notice": (str, ...)}
    report = create_model(
        "TwinReport",
        __base__=Facet,
        __module__=__name__,
        __cls_kwargs__={"when_offline": "last"},
        __doc__=f"The settings of a {name.removesuffix('Twin').lower()}, and how its intents fare.",
        **fields,
    )
    assert report.facet == "twin_report"  # INVARIANT
    return report
