"""What a phone keeps of reservations and deliveries, and what it does about them on its owner's behalf.

A reserved table goes into the calendar (see `journeys.agenda`), and whatever changes is a notification. For
a delivery that its owner ordered at this very phone, the phone shares a key with the courier: for this
delivery and the boot only, once, in the agreed time and at the agreed place. What anybody else has ordered,
or was ordered at another device, it shows, and asks: a key is shared after `do: phone.let_courier_in`, never
because a message says so. While the courier has the key the phone looks where the car is, and tells the
marketplace when it has left the agreed place, and when the courier has opened the boot with this very key. A
delivery that is called off costs the courier its key.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, ClassVar, Literal, Self, TypeAlias

from sim.apps.app import done, refused, settled
from sim.apps.errands.ordering import Errands, Name
from sim.apps.journeys.navigation import clock, zone_offset_ms
from sim.apps.marketplace_messages import OVER, TakeBooking, UpdateDelivery
from sim.apps.patience import Patience
from sim.core.device import (
    Act,
    Acted,
    Answered,
    Booted,
    Carries,
    Commanded,
    Effect,
    Facet,
    Learned,
    Moment,
    Provision,
    Request,
    Stimulus,
    TimerFired,
)
from sim.physics.travel import distance_m, local_plane
from sim.trust.order_keys import Lent

BOOKINGS_MAX = 50
"""Bookings that a phone keeps; the oldest go first (assumption)."""
TELL_MS = 600_000
"""How long one word to the marketplace is under way; then it is said anew."""
PURPOSE = "errand"

KeyState = Literal["none", "asked", "shared", "revoked", "failed"]
Notice: TypeAlias = tuple[str, str, str]
"""App, sender and body of a notification."""


class LetCourierIn(Act):
    """Share a key with the courier of a delivery: the latest one, unless it is named."""

    delivery: Name | None = None


class Bookings(Facet):
    """The latest reservation and the latest delivery, as the phone's owner sees them."""

    table: Literal["none", "confirmed", "cancelled"]
    table_says: Annotated[str | None, Carries("calendar")]
    table_people: int
    table_code: str | None
    parcel: Literal["none", "ordered", "ready", "away", "delivered", "expired", "cancelled"]
    parcel_key: KeyState
    parcel_says: str


@dataclass(frozen=True, slots=True)
class KeyWish:
    """A courier's key that the phone is to share.

    Attributes:
        ticket: what becomes of it is answered under this; it names the key.
        delivery: what it is for.
        car: whose boot.
        to: the courier's phone.
        after_ms: from when it is valid, from now on, milliseconds.
        for_ms: how long from then on.
        place: latitude, longitude and radius, degrees and metres, beyond which it opens nothing.
    """

    ticket: str
    delivery: str
    car: str
    to: str
    after_ms: int
    for_ms: int
    place: tuple[float, float, float]


@dataclass(frozen=True)
class PhoneErrands(Errands):
    """The bookings of a phone.

    Attributes:
        owner: whose phone it is.
        may_share: cars whose keys it may share.
        boot: how often it has started.
        sent: how many tickets it has drawn since.
        bookings: id to what was last heard of it, oldest first.
        agreed: deliveries whose courier is to have a key.
        keys: how far the key of each delivery has come.
        tickets: names of the keys that were shared for each delivery, the latest last.
        lent: keys for orders that the phone has shared, by name.
        sharing: delivery of each key that is being shared, by ticket.
        ordering: orders of its owner that are under way, by ticket.
        words: what the marketplace was last told, or is to be told, of each delivery.
        untold: deliveries of which it is to be told.
        telling: delivery and word that are under way, by ticket.
        patience: how long it waits before it says so again.
        notices: notifications that the phone is to show.
        wishes: keys that the phone is to share.
        unwanted: names of keys that the phone is to take back.
    """

    acts: ClassVar = (*Errands.acts, LetCourierIn)
    commands: ClassVar = (TakeBooking,)
    facets: ClassVar = (Bookings,)
    reads: ClassVar = ("car",)

    owner: str | None = None
    may_share: frozenset[str] = frozenset()
    boot: int = 1
    sent: int = 0
    bookings: Mapping[str, TakeBooking] = field(default_factory=dict)
    agreed: frozenset[str] = frozenset()
    keys: Mapping[str, KeyState] = field(default_factory=dict)
    tickets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    lent: Mapping[str, Lent] = field(default_factory=dict, repr=False)
    sharing: Mapping[str, str] = field(default_factory=dict)
    ordering: frozenset[str] = frozenset()
    words: Mapping[str, str] = field(default_factory=dict)
    untold: tuple[str, ...] = ()
    telling: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    patience: Patience = field(default_factory=lambda: Patience(PURPOSE))
    notices: tuple[Notice, ...] = ()
    wishes: tuple[KeyWish, ...] = ()
    unwanted: tuple[str, ...] = ()

    @classmethod
    def new(cls, device: str, config: Any, given: Mapping[str, Any]) -> Self:
        """Return the bookings that its flash has kept."""
        kept = given.get("errands", {})
        heard = (TakeBooking.model_validate(one) for one in kept.get("bookings", ()))
        # A key that was being shared when the phone lost power is asked for once more by its owner.
        keys: dict[str, KeyState] = {
            name: "failed" if state == "asked" else state for name, state in kept.get("keys", {}).items()
        }
        return replace(
            super().new(device, config, given),
            owner=config.owner,
            bookings={one.booking: one for one in heard},
            agreed=frozenset(kept.get("agreed", ())),
            keys=keys,
            tickets={name: tuple(several) for name, several in kept.get("tickets", {}).items()},
            words=kept.get("words", {}),
            untold=tuple(kept.get("untold", ())),
        )

    def provisioned(self, provision: Provision) -> Self:
        """Note the marketplace, and the car that is meant when nobody names one."""
        car = provision.paired[0] if provision.paired else None
        phone = super().provisioned(provision)
        return replace(phone, car=car, boot=provision.boot, may_share=provision.owners)

    def kept(self) -> Mapping[str, Any]:
        """Keep the bookings, whose courier has a key, and what the marketplace has not been told."""
        if not self.bookings:
            return {}
        bookings = [one.model_dump() for one in self.bookings.values()]
        own = {"bookings": bookings, "agreed": sorted(self.agreed), "keys": dict(self.keys)}
        own["tickets"] = {name: list(several) for name, several in self.tickets.items()}
        return {"errands": {**own, "words": dict(self.words), "untold": list(self.untold)}}

    def stands(self, at: Moment, car: str) -> tuple[float, float] | None:
        """Return where a car was when it was last heard of."""
        return stands(at, car)

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Follow touches, the marketplace, the keys and the car."""
        match stimulus:
            case Acted(act=LetCourierIn(delivery=delivery), ticket=ticket):
                return self._let_in(at, delivery, ticket)
            case Acted(ticket=ticket, by=by):
                # Only what the owner orders here needs no further word for the courier's key.
                own = self.ordering | ({ticket} if by in {None, self.owner} else frozenset())
                return replace(self, ordering=own), (self.asked(at, stimulus),)
            case Commanded(command=TakeBooking() as news, ticket=ticket):
                phone, effects = self._heard(at, news)
                return phone, (done(ticket), *effects)
            case Answered(ticket=ticket, answer=answer) if answer.final:
                return self._answered(at, ticket, stimulus)
            case TimerFired(name=name) if self.patience.is_due(name):
                return replace(self, patience=self.patience.due(name))._tell(())
            case Learned(device=device) if any(one.car == device for one in self.bookings.values()):
                return self._looked(at)
            case Booted():
                return self._tell(())
            case _:
                return self, ()

    def report(self) -> tuple[Facet, ...]:
        """Report the latest of both; nothing as long as there never was one."""
        if not self.bookings:
            return ()
        tables = [one for one in self.bookings.values() if one.sort == "table"]
        parcels = [one for one in self.bookings.values() if one.sort == "parcel"]
        table, parcel = (several[-1] if several else None for several in (tables, parcels))
        told = {
            "table": "none" if table is None else table.state,
            "table_says": None if table is None else table.says,
            "table_people": 0 if table is None else table.people,
            "table_code": None if table is None else table.code,
            "parcel": "none" if parcel is None else parcel.state,
            "parcel_key": "none" if parcel is None else self.keys.get(parcel.booking, "none"),
            "parcel_says": "" if parcel is None else parcel.says,
        }
        return (Bookings.model_validate(told),)

    def handed_on(self) -> Self:
        """Return the bookings after the phone has taken its notices and wishes."""
        return replace(self, notices=(), wishes=(), unwanted=()) if self.waiting else self

    @property
    def waiting(self) -> bool:
        """Whether the phone has anything to show, to share or to take back."""
        return bool(self.notices or self.wishes or self.unwanted)

    @property
    def over(self) -> frozenset[str]:
        """Deliveries of which nothing is left to do; their keys are not tried any more."""
        return frozenset(name for name, one in self.bookings.items() if one.state in OVER)

    def with_lent(self, lent: Mapping[str, Lent]) -> tuple[Self, tuple[Effect, ...]]:
        """Note which keys the phone has shared, and tell everybody of those that it has taken back."""
        if lent is self.lent:
            return self, ()
        phone = replace(self, lent=lent)
        for name, state in self.keys.items():
            one = self.bookings.get(name)
            key = lent.get(self.tickets.get(name, ("",))[-1])
            if state == "shared" and key is not None and key.revoked and one is not None:
                phone = phone._keyless(one)
        return phone._tell(())

    def _keyless(self, one: TakeBooking) -> Self:
        """Return the bookings after the key of a delivery was taken back."""
        keys: dict[str, KeyState] = {**self.keys, one.booking: "revoked"}
        phone = replace(self, keys=keys)
        if one.state in OVER:
            return phone
        untold = (*(other for other in self.untold if other != one.booking), one.booking)
        said = f"the courier has no key of {one.car} any more; do let_courier_in for another"
        return replace(
            phone,
            words={**self.words, one.booking: "ordered"},
            untold=untold,
            notices=(*self.notices, ("marketplace", one.title, said)),
        )

    # --- what is heard ----------------------------------------------------------------------------------

    def _heard(self, at: Moment, news: TakeBooking) -> tuple[Self, tuple[Effect, ...]]:
        """Take note of what has become of a booking; what is older than what is known changes nothing."""
        known = self.bookings.get(news.booking)
        if known is not None and known.version >= news.version:
            return self, ()
        rest = {name: one for name, one in self.bookings.items() if name != news.booking}
        newest = dict([*rest.items(), (news.booking, news)][-BOOKINGS_MAX:])
        notice = ("marketplace", news.title, news.says)
        phone = replace(self, bookings=newest, notices=(*self.notices, notice))
        if news.state == "cancelled" and news.booking in self.tickets:
            return phone._called_off(at, news), ()
        return phone._with_key(at, news.booking)

    def _called_off(self, at: Moment, one: TakeBooking) -> Self:
        """Take the key of a delivery back, and say how long it may open yet while the car hears nothing."""
        if self.keys.get(one.booking) not in {"asked", "shared"}:
            return replace(self, unwanted=(*self.unwanted, *self.tickets[one.booking]))
        car, said = one.car, f"the courier's key of {one.car} is taken back"
        if not at.beliefs.is_online(str(one.car)):
            until = clock(one.ends_ms, zone_offset_ms(at))[-5:]
            said = (
                f"{car} cannot be reached: the courier's key opens its boot until it is, at most to {until}"
            )
        keys: dict[str, KeyState] = {**self.keys, one.booking: "revoked"}
        return replace(
            self,
            keys=keys,
            unwanted=(*self.unwanted, *self.tickets[one.booking]),
            notices=(*self.notices, ("marketplace", one.title, said)),
        )

    def _let_in(self, at: Moment, delivery: str | None, ticket: str) -> tuple[Self, tuple[Effect, ...]]:
        """Share a key with a courier, since the owner says so."""
        open_ones = [
            one
            for one in self.bookings.values()
            if one.sort == "parcel" and not one.for_courier and one.state not in OVER
        ]
        named = [one for one in open_ones if delivery in {None, one.booking}]
        if not named:
            return self, (refused(ticket, "there is no delivery under way that a courier could bring"),)
        name, car = named[-1].booking, named[-1].car
        if car not in self.may_share:
            return self, (refused(ticket, f"only the phone of an owner of {car} shares a key of it"),)
        if self.keys.get(name) in {"asked", "shared"}:
            return self, (done(ticket, "the courier has a key already"),)
        keys = {one: state for one, state in self.keys.items() if one != name}
        phone, effects = replace(self, agreed=self.agreed | {name}, keys=keys)._with_key(at, name)
        return phone, (done(ticket, "the key is being shared"), *effects)

    def _with_key(self, at: Moment, name: str) -> tuple[Self, tuple[Effect, ...]]:
        """Share the key of a delivery as soon as both are known: the delivery, and that its owner agrees."""
        one = self.bookings.get(name)
        if one is None or one.sort != "parcel" or one.for_courier or one.state in OVER:
            return self, ()
        if name not in self.agreed or name in self.keys or one.courier is None:
            return self, ()
        if one.car is None or one.car not in self.may_share:
            return self, ()
        phone, ticket = self._ticket()
        begins_ms = max(at.now_ms, one.starts_ms)
        wish = KeyWish(
            ticket,
            name,
            one.car,
            one.courier,
            begins_ms - at.now_ms,
            max(1, one.ends_ms - begins_ms),
            (one.latitude_deg, one.longitude_deg, one.radius_m),
        )
        keys: dict[str, KeyState] = {**self.keys, name: "asked"}
        sharing = {**self.sharing, ticket: name}
        # One key for one delivery: what was shared before, or may have been, is taken back.
        before = self.tickets.get(name, ())
        return replace(
            phone,
            keys=keys,
            tickets={**self.tickets, name: (*before, ticket)},
            sharing=sharing,
            wishes=(*self.wishes, wish),
            unwanted=(*self.unwanted, *before),
        ), ()

    def _answered(self, at: Moment, ticket: str, told: Answered) -> tuple[Self, tuple[Effect, ...]]:
        """Follow an answer to an order, to a key that is shared, or to what the marketplace was told."""
        if ticket in self.ordering:
            phone = replace(self, ordering=self.ordering - {ticket})
            name = told.answer.data.get("delivery")
            if told.answer.status != "done" or not isinstance(name, str):
                return phone, ()
            return replace(phone, agreed=self.agreed | {name})._with_key(at, name)
        if ticket in self.sharing:
            return self._shared(at, ticket, told)
        if ticket in self.telling:
            return self._was_told(at, ticket, told)
        return self, ()

    def _shared(self, at: Moment, ticket: str, told: Answered) -> tuple[Self, tuple[Effect, ...]]:
        """Take note of what became of a key."""
        name = self.sharing[ticket]
        sharing = {one: which for one, which in self.sharing.items() if one != ticket}
        if self.tickets[name][-1] != ticket or self.keys[name] != "asked":
            return replace(self, sharing=sharing), ()  # It was taken back meanwhile.
        ended: KeyState = "shared" if told.answer.status == "done" else "failed"
        phone = replace(self, sharing=sharing, keys={**self.keys, name: ended})
        if ended == "shared":
            return phone._looked(at)
        one = self.bookings.get(name)
        title = name if one is None else one.title
        why = f"the courier has no key: {told.answer.reason or told.answer.status}"
        return replace(phone, notices=(*phone.notices, ("marketplace", title, why))), ()

    # --- the car ----------------------------------------------------------------------------------------

    def _looked(self, at: Moment) -> tuple[Self, tuple[Effect, ...]]:
        """Look where the cars are whose boots couriers may open, and whether one did."""
        phone = self
        for name, one in self.bookings.items():
            if name not in self.tickets or one.state in OVER or one.car is None:
                continue
            word, said = phone._seen(at, one)
            if word is None or phone.words.get(name) in {word, "delivered"}:
                continue
            untold = (*(other for other in phone.untold if other != name), name)
            notices = (*phone.notices, ("marketplace", one.title, said)) if said else phone.notices
            phone = replace(phone, words={**phone.words, name: word}, untold=untold, notices=notices)
        return phone._tell(())

    def _seen(self, at: Moment, one: TakeBooking) -> tuple[Literal["ready", "away", "delivered"] | None, str]:
        """Return what can be said of a delivery now, and what its owner is to hear of it."""
        car = str(one.car)
        heard = at.beliefs.raw(car, "courier_openings")
        openings: Mapping[str, int] = {} if heard is None else heard[0]
        for ticket in self.tickets[one.booking]:
            key = self.lent.get(ticket)
            if key is not None and key.kid in openings:
                when = clock(openings[key.kid], zone_offset_ms(at))[-5:]
                return "delivered", f"{one.courier} opened the boot of {car} at {when}; its key is used up"
        if self.keys.get(one.booking) != "shared":
            return None, ""
        place = stands(at, car)
        if place is None:
            return None, ""
        away_m = distance_m(local_plane(place, (one.latitude_deg, one.longitude_deg)), (0.0, 0.0))
        if away_m <= one.radius_m:
            return "ready", ""
        return "away", f"{car} is not where it was agreed; the courier can open nothing until it is back"

    # --- the marketplace --------------------------------------------------------------------------------

    def _tell(self, effects: tuple[Effect, ...]) -> tuple[Self, tuple[Effect, ...]]:
        """Tell the marketplace the oldest that it has not been told, unless something is under way."""
        market = self.market
        if market is None or not self.untold or self.telling:
            return self, effects
        if not self.patience.allows(market, busy=False):
            return self, effects
        name = self.untold[0]
        phone, ticket = self._ticket()
        word = UpdateDelivery.model_validate({"delivery": name, "became": self.words[name]})
        request = Request.of(word, ticket=ticket, target=market, by=self.owner)
        telling = {**self.telling, ticket: (name, word.became)}
        return replace(phone, telling=telling), (*effects, replace(request, expires_in_ms=TELL_MS))

    def _was_told(self, at: Moment, ticket: str, told: Answered) -> tuple[Self, tuple[Effect, ...]]:
        """Take note that the marketplace knows; what has changed meanwhile is still to be told."""
        name, word = self.telling[ticket]
        phone = replace(self, telling={one: which for one, which in self.telling.items() if one != ticket})
        assert self.market is not None  # INVARIANT: else it was told nothing
        if not settled(told.answer):
            patience, effects = phone.patience.in_vain(at, self.market)
            return replace(phone, patience=patience), effects
        untold = phone.untold
        if self.words[name] == word:
            untold = tuple(one for one in untold if one != name)
        patience = phone.patience.answered(self.market)
        return replace(phone, untold=untold, patience=patience)._tell(())

    def _ticket(self) -> tuple[Self, str]:
        """Return the successor, and another ticket."""
        return replace(self, sent=self.sent + 1), f"{self.device}-{PURPOSE}-{self.boot}-{self.sent + 1}"


def stands(at: Moment, car: str) -> tuple[float, float] | None:
    """Return where a car stood when it was last heard of, latitude and longitude; None when it never was."""
    latitude, longitude = (at.beliefs.raw(car, name) for name in ("latitude_deg", "longitude_deg"))
    return None if latitude is None or longitude is None else (latitude[0], longitude[0])
