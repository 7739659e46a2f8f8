"""A person's phone: the app that shows the car and the home, asks things of them, and is a key of the car."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field

from sim.apps.advertising import PhoneAdvertising
from sim.apps.clipboard import Clipboard
from sim.apps.errands.bookings import PhoneErrands, stands
from sim.apps.files import Files
from sim.apps.habits.consents import Consents
from sim.apps.habits.observing import PhoneHabits
from sim.apps.handoff import Player
from sim.apps.journeys.agenda import CALENDAR_FILE, Agenda, Plans
from sim.apps.location import Locating
from sim.apps.notifications import Notifications
from sim.apps.payments.receipts import APP as PAY_APP
from sim.apps.payments.receipts import Receipts
from sim.apps.screens.appointments import AppointmentBoard
from sim.apps.screens.surface import MirrorCard, Screened, Surface
from sim.apps.twins.twin import Twin
from sim.core import device as core
from sim.core.asking import (
    Ask,
    AskDevice,
    ClearDestination,
    CloseWindows,
    LockCar,
    OpenBoot,
    OpenWindows,
    Precondition,
    RefreshCar,
    RequestAction,
    ScheduleCharging,
    SendDestination,
    SetChargeLimit,
    SetClimate,
    SetConsent,
    StartCar,
    StartCharging,
    StopCharging,
    StopPreconditioning,
    UnlockCar,
    UnplugCar,
)
from sim.core.device import (
    IN_HOMES,
    Acted,
    Answer,
    Answered,
    Commanded,
    Effect,
    Learned,
    Moment,
    PersonOrNobody,
    Polled,
    Presence,
    Provision,
    Request,
    Sensed,
    Settle,
    Stimulus,
    StopRanging,
)
from sim.core.parts import Part
from sim.trust.digital_key import PresenceProof
from sim.trust.key_talks import PairKey, RevokeKey, ShareKey
from sim.trust.order_keys import OpenBootFor
from sim.trust.wallet import Wallet

KeyName = Annotated[str | None, Field(min_length=1, max_length=128)]
"""Name of a key that is for one order only, or of that order; without one it is the phone's own key."""


class OfferKey(core.Command, group="KeySharing", tier="anytime"):
    """Give a public key of the phone to somebody who wants to share a car with it."""

    car: str
    key: KeyName = None


class TakeKey(core.Command, group="KeySharing", tier="anytime"):
    """Take a key that its owner has signed; the car sees it at its first use."""

    car: str
    car_public_key: str
    grant: dict[str, Any]
    key: KeyName = None
    order: KeyName = None


class Keys(core.Facet):
    """What the owner is shown of keys that were taken back."""

    revocation: Literal["none", "pending", "done"]


@dataclass(frozen=True)
class PhoneScreen(Surface):
    """Its screen, whose cards can be mirrored to a tablet."""

    screen: ClassVar = "phone"
    acts: ClassVar = (*Surface.acts, MirrorCard)


class PhoneTwin(Twin, settings=("language", "temperature_unit", "do_not_disturb")):
    """The settings of a phone."""


@dataclass(frozen=True)
class Phone(Screened):
    """One phone; what it shows is what it believes, each value with its age.

    Its keys are no app like the others: they vouch for whatever is asked of a car.

    Attributes:
        owner: whose phone it is; in anybody else's hand it vouches for nobody.
        wallet: the cars it opens, and the keys it has shared.
        flash: what the wallet's memory held when it started.
        on_behalf: which car was asked, by the tickets of what apps ask and the key vouches for.
    """

    class Config(core.Config):
        """Whose it is, and whether it opens the cars of the household from the beginning."""

        paired: bool = True
        calendar: Annotated[str | None, CALENDAR_FILE] = Field(default=None, repr=False)
        plans: Plans = "ask"
        shares_location: bool = False
        """Whether it tells the home where it is, so that the home can prepare itself."""

    @dataclass(frozen=True, slots=True)
    class Physical(core.Physical):
        """Who carries it, if anybody."""

        portable: ClassVar[bool] = True

        carrier: PersonOrNobody = None

        def holder(self) -> str | None:
            """Return who carries it."""
            return self.carrier

        def held_by(self, person: str | None) -> Self:
            """Take it, or put it down."""
            return replace(self, carrier=person)

    @dataclass(frozen=True, slots=True)
    class Circumstances(core.Circumstances):
        """What the apps know of what is asked.

        Attributes:
            secret: whether what is to be pasted is marked as a secret.
            encrypted: whether nobody between could read it.
            size_bytes: how large a file is.
            private: whether the title of an appointment is only for its owner.
            shared_screen: whether somebody else asks than the phone's owner.
        """

        secret: bool | None = None
        encrypted: bool | None = None
        size_bytes: int | None = None
        private: bool | None = None
        shared_screen: bool | None = None

    kind: ClassVar[str] = "phone"
    made_of: ClassVar[Mapping[str, type[Part]]] = {
        "location": Locating,
        "screen": PhoneScreen,
        "twin": PhoneTwin,
        "clipboard": Clipboard,
        "notifications": Notifications,
        "player": Player,
        "files": Files,
        "receipts": Receipts,
        "agenda": Agenda,
        "calendar_screen": AppointmentBoard,
        "errands": PhoneErrands,
        "consents": Consents,
        "habits": PhoneHabits,
        "advertising": PhoneAdvertising,
    }
    displays: ClassVar = ("phone",)
    commands: ClassVar = (OfferKey, TakeKey)
    acts: ClassVar = (
        UnlockCar,
        LockCar,
        OpenBoot,
        OpenBootFor,
        OpenWindows,
        CloseWindows,
        StartCar,
        RefreshCar,
        StartCharging,
        StopCharging,
        SetChargeLimit,
        ScheduleCharging,
        UnplugCar,
        Precondition,
        StopPreconditioning,
        PairKey,
        ShareKey,
        RevokeKey,
        SetClimate,
        SetConsent,
        SendDestination,
        ClearDestination,
        RequestAction,
        AskDevice,
    )
    reads: ClassVar = ("car", "subscriptions", IN_HOMES)
    heeds: ClassVar = ("car",)
    facets: ClassVar = (Keys,)
    asks: ClassVar = ("car", "phone", "subscriptions", IN_HOMES)
    holds_keys: ClassVar[bool] = True
    listens: ClassVar[bool] = True
    takes_letters: ClassVar[bool] = True

    owner: str | None = None
    wallet: Wallet = field(default_factory=Wallet)
    flash: Mapping[str, Any] = field(default_factory=dict)
    on_behalf: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def new(cls, name: str, config: Any, given: Mapping[str, Any]) -> Self:
        """Return the phone."""
        parts = cls.new_parts(name, config, given)
        return cls(name, parts, owner=config.owner, flash=given.get("wallet", {}))

    def provisioned(self, provision: Provision) -> Self:
        """Return the phone with its keys."""
        wallet = Wallet.made(self.name, provision, self.flash)
        return replace(super().provisioned(provision), wallet=wallet)

    def kept(self) -> Mapping[str, Any]:
        """Return the keys, and what no car has confirmed yet."""
        return {**super().kept(), "wallet": self.wallet.kept()}

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Let the keys see what happens, and then the apps."""
        phone, effects = self._keyed(at, stimulus)
        after, wanted = super(Phone, phone).step(at, stimulus)
        after, effects, told = after._told_apps(at, effects)
        after, used = after.followed(at, effects)
        after, asked = after._vouched(at, (*wanted, *told, *used))
        after, more = after._ran_errands(at)
        after, shown = after._with_receipts(at)
        after, stopped = after._with_consents(at)
        return after, (*effects, *asked, *more, *shown, *stopped)

    def _with_consents(self, at: Moment) -> tuple[Self, tuple[Effect, ...]]:
        """Stop at once what somebody has withdrawn their consent to at this phone."""
        consents, habits = self.parts["consents"], self.parts["habits"]
        advertising = self.parts["advertising"]
        assert isinstance(consents, Consents), "the phone is made of it"  # INVARIANT
        assert isinstance(habits, PhoneHabits), "the phone is made of it"  # INVARIANT
        assert isinstance(advertising, PhoneAdvertising), "the phone is made of it"  # INVARIANT
        unlearned, forgot = habits.refused_by(at, consents.refusing("learning"))
        hidden, shown = advertising.refused_by(at, consents.refusing("advertising"))
        if unlearned is habits and hidden is advertising:
            return self, ()
        parts = {**self.parts, "habits": unlearned, "advertising": hidden}
        return replace(self, parts=parts), (*forgot, *shown)

    def _with_receipts(self, at: Moment) -> tuple[Self, tuple[Effect, ...]]:
        """Show what was paid as notifications."""
        receipts, notifications = self.parts["receipts"], self.parts["notifications"]
        assert isinstance(receipts, Receipts), "the phone is made of it"  # INVARIANT
        assert isinstance(notifications, Notifications), "the phone is made of it"  # INVARIANT
        effects: tuple[Effect, ...] = ()
        for merchant, sentence in receipts.notices:
            notifications, shown = notifications.noticed(at, PAY_APP, merchant, sentence, "payment")
            effects += shown
        if not receipts.notices:
            return self, ()
        own = {"receipts": receipts.shown(), "notifications": notifications}
        return replace(self, parts={**self.parts, **own}), effects

    def _ran_errands(self, at: Moment) -> tuple[Self, tuple[Effect, ...]]:
        """Show what there is to say of errands, and share the keys that they need."""
        errands, notifications = self.parts["errands"], self.parts["notifications"]
        assert isinstance(errands, PhoneErrands), "the phone is made of it"  # INVARIANT
        assert isinstance(notifications, Notifications), "the phone is made of it"  # INVARIANT
        errands, effects = errands.with_lent(self.wallet.lent)
        if not errands.waiting:
            same = errands is self.parts["errands"]
            return self if same else replace(self, parts={**self.parts, "errands": errands}), effects
        for app, sender, body in errands.notices:
            notifications, shown = notifications.noticed(at, app, sender, body, "calendar")
            effects += shown
        own = {"errands": errands.handed_on(), "notifications": notifications}
        phone = replace(self, parts={**self.parts, **own})
        for name in errands.unwanted:
            wallet, revoked = phone.wallet.revoke_order(at, name)
            phone, left, told = replace(phone, wallet=wallet)._told_apps(at, revoked)
            effects += (*left, *told)
        for wish in errands.wishes:
            share = ShareKey(
                car=wish.car,
                to=wish.to,
                role="courier",
                for_ms=wish.for_ms,
                after_ms=wish.after_ms,
                uses=1,
                within_m=wish.place[2],
            )
            wallet, asked = phone.wallet.share(
                share, wish.ticket, phone.owner, phone.proof(at), wish.place[:2], wish.delivery
            )
            waiting = {**phone.on_behalf, wish.ticket: wish.to}
            phone, left, told = replace(phone, wallet=wallet, on_behalf=waiting)._told_apps(at, asked)
            effects += (*left, *told)
        return phone._after(at, effects) if errands.wishes or errands.unwanted else (phone, effects)

    def _after(self, at: Moment, effects: tuple[Effect, ...]) -> tuple[Self, tuple[Effect, ...]]:
        """Show what has come of keys at once: a phone whose owner is away shares none, and says so."""
        phone, more = self._ran_errands(at)
        return phone, (*effects, *more)

    def _vouched(self, at: Moment, wanted: tuple[Effect, ...]) -> tuple[Self, tuple[Effect, ...]]:
        """Let the key vouch for what an app asks of a car, as for a button."""
        if not wanted:
            return self, ()
        phone, effects = self, list[Effect]()
        for effect in wanted:
            if isinstance(effect, Request) and phone.wallet.opens(effect.target, effect.action):
                wallet, opening = phone.wallet.vouch(at, effect)
                waiting = {**phone.on_behalf, effect.ticket: effect.target}
                phone = replace(phone, wallet=wallet, on_behalf=waiting)
                effects += opening
            else:
                effects.append(effect)
        return phone, tuple(effects)

    def _told_apps(
        self, at: Moment, effects: tuple[Effect, ...]
    ) -> tuple[Self, tuple[Effect, ...], tuple[Effect, ...]]:
        """Hand on to the apps what has become of what they asked of a car.

        Returns:
            The phone, the effects that are left, and what the apps want done about it.
        """
        if not effects:
            return self, (), ()
        phone, rest, wanted = self, list[Effect](), list[Effect]()
        for effect in effects:
            if isinstance(effect, Settle) and effect.ticket in phone.on_behalf:
                told = Answered(effect.ticket, phone.on_behalf[effect.ticket], effect.answer)
                if effect.answer.final:
                    left = {one: car for one, car in phone.on_behalf.items() if one != effect.ticket}
                    phone = replace(phone, on_behalf=left)
                phone, more = super(Phone, phone).step(at, told)
                wanted += more
            else:
                rest.append(effect)
        return phone, tuple(rest), tuple(wanted)

    def _keyed(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Send what a person asks, prove the key, share it and take it back."""
        wallet = self.wallet
        match stimulus:
            case Acted(act=Ask() as ask, ticket=ticket, by=by):
                errands = self.parts["errands"]
                assert isinstance(errands, PhoneErrands), "the phone is made of it"  # INVARIANT
                wallet, effects = wallet.ask(at, ask, ticket, by, errands.over)
            case Acted(act=PairKey() as act, ticket=ticket):
                wallet, effects = wallet.pair(at, act, ticket)
            case Acted(act=ShareKey() as act, ticket=ticket, by=by):
                wallet, effects = wallet.share(act, ticket, by, self.proof(at), stands(at, act.car))
            case Acted(act=RevokeKey() as act, ticket=ticket, by=by):
                wallet, effects = wallet.revoke(at, act, ticket, by, self.proof(at))
            case Polled() if self.presence(at).worn:
                wallet, effects = wallet.polled(at, stimulus, self.owner)
            case Commanded(command=OfferKey(key=name), ticket=ticket):
                return self, (Settle(ticket, Answer("done", data=wallet.offer(name or ""))),)
            case Commanded(command=TakeKey(car=car, car_public_key=key, grant=grant) as told, ticket=ticket):
                wallet, answer = wallet.take(car, key, grant, told.key or "", told.order or "")
                effects = (Settle(ticket, answer),)
            case Answered():
                return self._answered(at, stimulus)
            case Learned(device=device):
                wallet, effects = wallet.heard(at, device)
            case Sensed() if not self.presence(at).worn:
                # A key that is taken away stops answering, also for a command that is under way.
                return self, (StopRanging(),)
            case _:
                return self, ()
        return self if wallet is self.wallet else replace(self, wallet=wallet), effects

    def _answered(self, at: Moment, told: Answered) -> tuple[Self, tuple[Effect, ...]]:
        """Let every conversation of the wallet see an answer; it belongs to one of them at most."""
        wallet, offered = self.wallet.paired(told).confirmed(told).offered(at, told, self.proof(at))
        wallet, proved = wallet.answered(at, told, self.proof(at))
        on_behalf = self.on_behalf
        if told.answer.final and told.ticket in on_behalf:
            on_behalf = {ticket: car for ticket, car in on_behalf.items() if ticket != told.ticket}
        return replace(self, wallet=wallet, on_behalf=on_behalf), (*offered, *proved)

    def report(self) -> tuple[core.Facet, ...]:
        """Report what has become of revoked keys."""
        return (Keys(revocation=self.wallet.revocation), *super().report())

    def presence(self, at: Moment) -> Presence:
        """Sign into every command whether its owner holds the phone, who unlocks it by face or finger."""
        carrier = at.senses.own("carrier")
        return Presence(worn=carrier is not None and carrier == self.owner)

    def proof(self, at: Moment) -> PresenceProof:
        """Return what the phone signs into the answer to a challenge."""
        return "biometric" if self.presence(at).worn else "none"
