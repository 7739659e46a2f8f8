"""The household's cloud: keeps a twin of every device, so that one that was away finds what it missed.

It hands on what others have signed and acts for nobody: what a device is to be, it knows from intents; what
it is, from the device. Each setting of each device is a register that the newest intent wins, by its stamp:
R. Thomas, “A majority consensus approach to concurrency control”, ACM TODS 4(2), 1979, has the rule, and
Shapiro et al., “Conflict-free replicated data types”, SSS 2011, why such registers converge. Every one of
them says at which version of its device it changed, so a delta needs no log and is never too old.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

from pydantic import Field

from sim.apps.advertising import AdvertisingText, Category
from sim.apps.habits.keeping import Keeping
from sim.apps.twins.intents import EVERYWHERE, Intent, IntentError, Peers, opened
from sim.apps.twins.messages import (
    NOTICES_MAX,
    SENTENCE_CHARACTERS_MAX,
    Delta,
    Outcome,
    Reported,
    SetDesired,
    Sync,
    Taken,
)
from sim.apps.twins.settings import fact_of
from sim.apps.twins.stamps import DRIFT_MS_MAX, NEVER, Stamp
from sim.core import device as core
from sim.core.device import Answer, Asked, Commanded, Effect, Moment, Provision, Settle, Stimulus
from sim.core.units import show_duration


@dataclass(frozen=True, slots=True)
class Register:
    """What one setting of one device is wished to be.

    Attributes:
        intent: the newest intent.
        envelope: the same, as its author signed it.
        version: the device's version at which it came.
        refused: why the device's own rules refused it; None when they did not, as far as is known.
    """

    intent: Intent
    envelope: Mapping[str, Any]
    version: int
    refused: str | None = None


@dataclass(frozen=True, slots=True)
class DeviceTwin:
    """What the cloud knows of one device.

    Attributes:
        version: grows with everything that the device is to hear, and is not below the time at which that
            came: a cloud that has lost its memory begins beyond all that it ever said.
        desired: setting to register.
        reported: setting to what it was when the device last said so; empty before it ever did.
        changes: how often anything had changed there by then.
        heard_ms: when that was, by the cloud's clock; None before.
        notices: version and sentence of what became of its own intents.
    """

    version: int = 0
    desired: Mapping[str, Register] = field(default_factory=dict)
    reported: Mapping[str, Reported] = field(default_factory=dict)
    changes: int = 0
    heard_ms: int | None = None
    notices: tuple[tuple[int, str], ...] = ()

    def has(self, setting: str) -> bool:
        """Say whether the device has a setting, as far as is known: what it never spoke of, it may have."""
        return setting in self.reported or not self.reported

    def wishing(self, intent: Intent, envelope: Mapping[str, Any], version: int) -> Self:
        """Return the twin with a newer intent."""
        register = Register(intent, envelope, version)
        return replace(self, version=version, desired={**self.desired, intent.setting: register})

    def noticing(self, sentence: str, version: int) -> Self:
        """Return the twin with a notice for the device."""
        notices = (*self.notices, (version, sentence[:SENTENCE_CHARACTERS_MAX]))
        return replace(self, version=version, notices=notices[-NOTICES_MAX:])

    def next(self, at: Moment) -> int:
        """Return the version of what comes next."""
        return max(self.version + 1, at.now_ms)

    def pending(self) -> dict[str, Register]:
        """Return what the device has neither taken over nor refused, as far as is known."""
        return {
            setting: register
            for setting, register in self.desired.items()
            if register.refused is None and not self._holds(setting, register.intent)
        }

    def _holds(self, setting: str, intent: Intent) -> bool:
        return setting in self.reported and self.reported[setting].intent == intent.id


class Twins(core.Facet, when_offline="last"):
    """The twins, for whoever of the household reads them.

    `versions` tells every device whether there is something for it to ask for, `waiting_for` names the
    devices that are not yet as they are wished, and `twins` has for each device what it last reported (value
    and since when, milliseconds since 1970) and what it is wished to be (value, by whom, at which device,
    when).
    """

    pending: int
    waiting_for: str
    versions: dict[str, int]
    twins: dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Cloud(core.Device):
    """One cloud.

    Attributes:
        peers: the household's devices and their keys.
        twins: device to twin.
        everywhere: the newest intent for everywhere with its envelope, by person and setting; for devices
            that are heard of later.
        latest: the newest stamp that was ever taken.
        data_use: what it keeps of whoever has consented.
    """

    class Config(core.Config):
        """What it can advertise, by the category of what somebody used."""

        advertisements: dict[Category, AdvertisingText] = Field(default={})

    @dataclass(frozen=True, slots=True)
    class Circumstances(core.Circumstances):
        """What it knows of whom a command is about.

        Attributes:
            own: whether the device that is meant, or the data, is the asker's.
            foreign: whether the device belongs to somebody else.
            consented: whether the asker has consented to that use of their data.
            guest_drives: whether a guest or a child sits at the wheel; None when nobody knows.
            category: what advertising is to use.
        """

        own: bool | None = None
        foreign: bool | None = None
        consented: bool | None = None
        guest_drives: bool | None = None
        category: str | None = None

    kind: ClassVar[str] = "cloud"
    commands: ClassVar = (SetDesired, Sync, *Keeping.commands)
    facets: ClassVar = (Twins, *Keeping.facets)
    reads: ClassVar = Keeping.reads
    heeds: ClassVar = Keeping.heeds
    sees: ClassVar = Keeping.sees

    peers: Peers = field(default_factory=lambda: Peers({}), repr=False)
    twins: Mapping[str, DeviceTwin] = field(default_factory=dict)
    everywhere: Mapping[tuple[str | None, str], tuple[Intent, Mapping[str, Any]]] = field(
        default_factory=dict
    )
    latest: Stamp = NEVER
    data_use: Keeping = field(default_factory=Keeping)

    @classmethod
    def new(cls, name: str, config: Any, given: Mapping[str, Any]) -> Self:
        """Return the cloud, without twins unless it kept some."""
        return cls(name, data_use=Keeping.new(name, config, given), **given.get("cloud", {}))

    def provisioned(self, provision: Provision) -> Self:
        """Return the cloud with the keys of the household's devices."""
        data_use = self.data_use.provisioned(provision)
        return replace(self, peers=Peers(provision.peers), data_use=data_use)

    def kept(self) -> Mapping[str, Any]:
        """Keep everything."""
        own = {"twins": self.twins, "everywhere": self.everywhere, "latest": self.latest}
        return {"cloud": own, **self.data_use.kept()}

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Take intents, and tell devices what they missed."""
        match stimulus:
            case Commanded(command=SetDesired() as command, ticket=ticket, sender=sender, by=by):
                cloud = self
                outcomes = {}
                for position, envelope in enumerate(command.intents):
                    try:
                        intent = opened(envelope, self.peers)
                    except IntentError as error:
                        outcomes[f"{position}"] = Outcome(became="refused", why=str(error))
                        continue
                    expected = (sender, by, command.scope)
                    if (intent.device, intent.person, intent.scope) != expected:
                        why = "it was signed for something else than it is sent for"
                        outcomes[intent.id] = Outcome(became="refused", why=why)
                        continue
                    cloud, outcomes[intent.id] = cloud._with(at, intent, envelope)
                taken = Taken(time_ms=at.now_ms, outcomes=outcomes)
                return cloud, (Settle(ticket, Answer("done", data=taken.model_dump())),)
            case Commanded(command=Sync() as command, ticket=ticket, sender=sender):
                cloud = self._told(at, command, sender)
                delta = cloud._since(command, sender, at.now_ms)
                return cloud, (Settle(ticket, Answer("done", data=delta.model_dump())),)
            case Commanded(command=command) if isinstance(command, Keeping.commands):
                data_use, effects = self.data_use.step(at, stimulus)
                return replace(self, data_use=data_use), effects
            case _:
                return self, ()

    def report(self) -> tuple[core.Facet, ...]:
        """Report every twin."""
        pending = {name: twin.pending() for name, twin in self.twins.items()}
        return (
            Twins(
                pending=sum(map(len, pending.values())),
                waiting_for=", ".join(name for name, wishes in pending.items() if wishes),
                versions={name: twin.version for name, twin in self.twins.items()},
                twins={name: _shown(twin) for name, twin in self.twins.items()},
            ),
            *self.data_use.report(),
        )

    def circumstances(self, at: Moment, asked: Asked) -> Circumstances:
        """Tell the rules whether somebody wants to set what is their own, or what belongs to another.

        Everywhere is neither: it means the devices of the asker, and those that nobody owns.
        """
        if not isinstance(asked.command, SetDesired):
            return self.Circumstances(**self.data_use.told(at, asked))
        owner = self.peers.owner(asked.command.scope)
        own = owner is not None and owner == asked.by
        return self.Circumstances(own=own, foreign=owner is not None and not own)

    # --- intents ----------------------------------------------------------------------------------------

    def _with(self, at: Moment, intent: Intent, envelope: Mapping[str, Any]) -> tuple[Self, Outcome]:
        """Take an intent, if it is the newest for its setting, and say what became of it."""
        if intent.ms > max(at.now_ms + DRIFT_MS_MAX, self.latest.ms):
            sentence = f"the clock of {intent.device} is ahead by more than {show_duration(DRIFT_MS_MAX)}"
            return self, Outcome(became="ahead", why=sentence)
        targets, why = self._targets(intent)
        if why:
            return self, Outcome(became="refused", why=why)
        cloud = replace(self, latest=max(self.latest, intent.stamp))
        newer = None
        won = False
        if intent.scope == EVERYWHERE:
            key = (intent.person, intent.setting)
            before = self.everywhere.get(key)
            if before is None or intent.stamp > before[0].stamp:
                cloud = replace(cloud, everywhere={**self.everywhere, key: (intent, envelope)})
                won = True
        for target in targets:
            register = cloud.twins.get(target, DeviceTwin()).desired.get(intent.setting)
            if register is not None and register.intent.stamp == intent.stamp:
                won = True  # It comes once more, because its answer was lost.
            elif register is not None and register.refused is None and register.intent.stamp > intent.stamp:
                newer = register.intent
            else:
                won = True
                cloud = cloud._won(at, target, intent, envelope)
        if won or newer is None:
            return cloud, Outcome(became="newest")
        return cloud, Outcome(became="superseded", why=_superseded(newer, intent))

    def _targets(self, intent: Intent) -> tuple[list[str], str]:
        """Return the devices whose register an intent is for; or none, and why."""
        if intent.scope == EVERYWHERE:
            known = self.twins.items()
            return [name for name, twin in known if self._follows(name, twin, intent)], ""
        if intent.scope not in self.peers.by_name:
            return [], f"the household has no device `{intent.scope}`"
        if not self.twins.get(intent.scope, DeviceTwin()).has(intent.setting):
            return [], f"{intent.scope} has no setting `{fact_of(intent.setting)}`"
        return [intent.scope], ""

    def _follows(self, device: str, twin: DeviceTwin, intent: Intent) -> bool:
        return intent.setting in twin.reported and intent.concerns(device, self.peers.owner(device))

    def _won(self, at: Moment, target: str, intent: Intent, envelope: Mapping[str, Any]) -> Self:
        """Return the cloud after an intent has won a register; whoever had it is told."""
        twin = self.twins.get(target, DeviceTwin())
        loser = twin.desired.get(intent.setting)
        # What a device wished for itself it knows.
        version = twin.version if intent.device == target else twin.next(at)
        twins = {**self.twins, target: twin.wishing(intent, envelope, version)}
        if loser is not None and loser.refused is None and loser.intent.device != intent.device:
            author = twins.get(loser.intent.device, DeviceTwin())
            sentence = f"{fact_of(intent.setting)} of {target} {_superseded(intent, loser.intent)}"
            twins[loser.intent.device] = author.noticing(sentence, author.next(at))
        return replace(self, twins=twins)

    # --- devices ----------------------------------------------------------------------------------------

    def _told(self, at: Moment, command: Sync, sender: str) -> Self:
        """Take note of what a device says of itself."""
        before = self.twins.get(sender, DeviceTwin())
        if command.changes < before.changes:
            return self  # It was overtaken by a later report.
        twin = replace(before, reported=command.reported, changes=command.changes, heard_ms=at.now_ms)
        cloud = replace(self, twins={**self.twins, sender: twin})
        if not before.reported:
            # It is heard of for the first time: what its owner wished everywhere is meant for it, too.
            for intent, envelope in self.everywhere.values():
                register = cloud.twins[sender].desired.get(intent.setting)
                newest = register is None or register.intent.stamp < intent.stamp
                if newest and self._follows(sender, twin, intent):
                    cloud = cloud._won(at, sender, intent, envelope)
        return cloud._refused(at, command.refused, sender)

    def _refused(self, at: Moment, refused: Mapping[str, str], sender: str) -> Self:
        """Tell authors what a device's own rules refused."""
        twins = dict(self.twins)
        for setting, register in self.twins[sender].desired.items():
            why = refused.get(register.intent.id)
            if why is None or register.refused is not None:
                continue
            desired = {**twins[sender].desired, setting: replace(register, refused=why)}
            twins[sender] = replace(twins[sender], desired=desired)
            author = twins.get(register.intent.device, DeviceTwin())
            sentence = f"{sender} refused {fact_of(setting)}: {why}"
            twins[register.intent.device] = author.noticing(sentence, author.next(at))
        return replace(self, twins=twins)

    def _since(self, command: Sync, device: str, now_ms: int) -> Delta:
        """Return what a device has not heard; everything if it knows more than there is, as after a loss."""
        twin = self.twins[device]
        since = command.since if command.since <= twin.version else 0
        registers: Iterable[Register] = twin.desired.values()
        return Delta(
            time_ms=now_ms,
            version=twin.version,
            desired=[
                dict(register.envelope)
                for register in registers
                if (register.version > since or since == 0) and register.refused is None
            ],
            notices=[sentence for version, sentence in twin.notices if version > since],
        )


def _superseded(newer: Intent, older: Intent) -> str:
    """Return who was later, and by how much, for people."""
    later = f"{show_duration(newer.ms - older.ms)} later" if newer.ms > older.ms else "at the same moment"
    return f"superseded: {newer.person or 'somebody'} set it at {newer.device}, {later}"


def _shown(twin: DeviceTwin) -> dict[str, Any]:
    """Return a twin as everybody may see it."""
    return {
        "heard_ms": twin.heard_ms,
        "reported": {
            setting: {"value": told.value, "at_ms": told.at_ms} for setting, told in twin.reported.items()
        },
        "desired": {
            setting: {
                "value": register.intent.value,
                "person": register.intent.person,
                "device": register.intent.device,
                "at_ms": register.intent.ms,
            }
            for setting, register in twin.pending().items()
        },
    }
