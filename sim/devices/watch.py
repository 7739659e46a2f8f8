"""A person's watch: a digital key that knows whether it is on a wrist."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, ClassVar, Self

from sim.apps.habits.observing import HomeHabits
from sim.apps.screens.surface import Screened, Surface
from sim.core import device as core
from sim.core.asking import Ask, AskDevice, LockCar, OpenBoot, RequestAction, SetClimate, StartCar, UnlockCar
from sim.core.device import (
    IN_HOMES,
    Acted,
    Answered,
    Booted,
    Effect,
    Moment,
    PersonOrNobody,
    Polled,
    Presence,
    Provision,
    Sensed,
    Stimulus,
    StopRanging,
)
from sim.core.parts import Part
from sim.trust.digital_key import PresenceProof
from sim.trust.key_talks import PairKey
from sim.trust.wallet import Wallet


class Wrist(core.Facet):
    """Whether the watch is worn, as its own sensor has it."""

    on_wrist: Annotated[bool | None, core.Carries("presence")]


@dataclass(frozen=True)
class WatchScreen(Surface):
    """Its face: a few cards."""

    screen: ClassVar = "watch"


@dataclass(frozen=True)
class Watch(Screened):
    """One watch.

    Attributes:
        owner: whose key it is; on anybody else's wrist it vouches for nobody.
        on_wrist: what its skin sensor says; None before it has looked or while the sensor fails.
        wallet: the cars it opens.
        flash: what the wallet's memory held when it started.
    """

    class Config(core.Config):
        """Whose it is, and whether it opens the cars of the household from the beginning."""

        paired: bool = True

    @dataclass(frozen=True, slots=True)
    class Physical(core.Physical):
        """On whose wrist it is, if on any."""

        portable: ClassVar[bool] = True

        on_wrist: bool = False
        wearer: PersonOrNobody = None

        def holder(self) -> str | None:
            """Return the wearer."""
            return self.wearer if self.on_wrist else None

        def held_by(self, person: str | None) -> Self:
            """Put it on, or take it off."""
            return replace(self, on_wrist=person is not None, wearer=person)

    kind: ClassVar[str] = "watch"
    made_of: ClassVar[Mapping[str, type[Part]]] = {"habits": HomeHabits, "screen": WatchScreen}
    displays: ClassVar = ("watch",)
    acts: ClassVar = (UnlockCar, LockCar, OpenBoot, StartCar, PairKey, SetClimate, RequestAction, AskDevice)
    facets: ClassVar = (Wrist,)
    reads: ClassVar = ("car", IN_HOMES)
    heeds: ClassVar = ()
    asks: ClassVar = ("car", IN_HOMES)
    holds_keys: ClassVar[bool] = True
    listens: ClassVar[bool] = True

    owner: str | None = None
    on_wrist: bool | None = None
    wallet: Wallet = field(default_factory=Wallet)
    flash: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def new(cls, name: str, config: Any, given: Mapping[str, Any]) -> Self:
        """Return the watch before it has looked at its sensor."""
        parts = cls.new_parts(name, config, given)
        return cls(name, parts, owner=config.owner, flash=given.get("wallet", {}))

    def provisioned(self, provision: Provision) -> Self:
        """Return the watch with its keys."""
        wallet = Wallet.made(self.name, provision, self.flash)
        return replace(super().provisioned(provision), wallet=wallet)

    def kept(self) -> Mapping[str, Any]:
        """Return the keys, which a restart must not forget, and how the face looks."""
        return {**super().kept(), "wallet": self.wallet.kept()}

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Let the keys see what happens, and then the face."""
        watch, effects = self._keyed(at, stimulus)
        after, wanted = super(Watch, watch).step(at, stimulus)
        return after, (*effects, *wanted)

    def _keyed(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Send what a person asks, prove the key, notice when the watch is put on or taken off."""
        match stimulus:
            case Acted(act=Ask() as ask, ticket=ticket, by=by):
                wallet, effects = self.wallet.ask(at, ask, ticket, by)
            case Acted(act=PairKey() as act, ticket=ticket):
                wallet, effects = self.wallet.pair(at, act, ticket)
            case Polled() if self.presence(at).worn:
                wallet, effects = self.wallet.polled(at, stimulus, self.owner)
            case Answered():
                wallet, effects = self.wallet.paired(stimulus).answered(at, stimulus, self.proof(at))
            case Booted() | Sensed():
                looked = replace(self, on_wrist=at.senses.own("on_wrist"))
                # A key that is taken off stops answering, also for a command that is under way.
                return looked, () if self.presence(at).worn else (StopRanging(),)
            case _:
                return self, ()
        return replace(self, wallet=wallet), effects

    def report(self) -> tuple[core.Facet, ...]:
        """Report whether it is worn, and how its face looks."""
        return (Wrist(on_wrist=self.on_wrist), *super().report())

    def presence(self, at: Moment) -> Presence:
        """Sign into every command whether its owner wears the watch at this instant.

        A watch locks itself when it is taken off, and only its owner unlocks it again.
        """
        on_wrist = at.senses.own("on_wrist")
        if on_wrist is None:
            return Presence()
        wearer = at.senses.own("wearer")
        return Presence(worn=on_wrist and wearer is not None and wearer == self.owner)

    def proof(self, at: Moment) -> PresenceProof:
        """Return what the watch signs into the answer to a challenge: the truth, also when it will not do."""
        return "wrist_unlocked" if self.presence(at).worn else "none"
