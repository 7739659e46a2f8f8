"""The marketplace: restaurants whose tables are reserved, and shops that deliver into the boot of a car.

catalogue  what a household file says of them
tables     who has which table, and which one is left
parcels    deliveries, and what can follow what
news       what phones have not been told yet

Whoever asks for the same once more has the same reservation or delivery, so that what is doubled, repeated or
asked again after a restart is carried out once. The service opens nothing and knows nothing of where a car
is but the place that was agreed; whether it still stands there, and whether the courier has a key, the
customer's phone says.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

from sim.apps.app import settled
from sim.apps.journeys.navigation import clock, zone_offset_ms
from sim.apps.marketplace_messages import (
    PIECES_MAX,
    WINDOW_MS_MAX,
    CancelReservation,
    OrderDelivery,
    ReserveTable,
    State,
    TakeBooking,
    UpdateDelivery,
)
from sim.core import device as core
from sim.core.device import (
    Answer,
    Answered,
    Booted,
    Commanded,
    Effect,
    Moment,
    Peer,
    Provision,
    Role,
    Settle,
    StartTimer,
    Stimulus,
    TimerFired,
)
from sim.core.errors import did_you_mean
from sim.core.roads import DAY_MS
from sim.core.units import show_duration
from sim.services.marketplace.catalogue import MarketplaceConfig, Shop, title_of
from sim.services.marketplace.news import News
from sim.services.marketplace.parcels import MONEY_AGAIN_MS, PAID_SAYS, Parcel, price_of, shown_price
from sim.services.marketplace.tables import Reservation, free_table, next_time

AHEAD_MS = 60 * DAY_MS
"""How far ahead a table can be reserved (assumption: what reservation books usually open)."""
KEPT_MS = DAY_MS
"""How long after its end a booking is remembered, and told to a phone that was away (assumption)."""
BOOKINGS_MAX = 1_000
"""Most bookings that are remembered."""
LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
"""What codes are made of: nothing that is read as something else (no I, L, O, U, 0, 1; after Crockford)."""
CODE_CHARACTERS = 5
"""Length of a code: 24 million of them, which are said at a door and open none (assumption)."""
_CODE = b"carhome/1 reservation code\0"
_UNTIL = "until "
_MONEY = "money "


class Marketed(core.Facet, when_offline="last"):
    """How many tables are reserved and parcels under way; neither whose nor where."""

    reserved_tables: int
    open_deliveries: int
    ended_deliveries: int


@dataclass(frozen=True)
class Marketplace(core.Device):
    """One marketplace.

    Attributes:
        config: its restaurants and shops.
        tables: id to reservation.
        parcels: id to delivery.
        counted: how many bookings there ever were.
        news: what phones have not been told.
        seed: its secret, which codes come from.
        people: who there is, and in which role.
        peers: the household's devices.
    """

    Config: ClassVar = MarketplaceConfig
    kind: ClassVar[str] = "marketplace"
    commands: ClassVar = (ReserveTable, CancelReservation, OrderDelivery, UpdateDelivery)
    facets: ClassVar = (Marketed,)
    asks: ClassVar = ("phone", "pay")

    config: MarketplaceConfig = field(default_factory=MarketplaceConfig)
    tables: Mapping[str, Reservation] = field(default_factory=dict)
    parcels: Mapping[str, Parcel] = field(default_factory=dict)
    counted: int = 0
    news: News = field(default_factory=News)
    seed: bytes = field(default=b"", repr=False)
    people: Mapping[str, Role] = field(default_factory=dict)
    peers: Mapping[str, Peer] = field(default_factory=dict, repr=False)

    @classmethod
    def new(cls, name: str, config: Any, given: Mapping[str, Any]) -> Self:
        """Return the marketplace with what it has kept."""
        kept = given.get("marketplace", {})
        return cls(
            name,
            config,
            tables=kept.get("tables", {}),
            parcels=kept.get("parcels", {}),
            counted=kept.get("counted", 0),
            news=News.restarted(name, kept.get("untold", ())),
        )

    def provisioned(self, provision: Provision) -> Self:
        """Return the marketplace with its secret, and who belongs to whom."""
        news = replace(self.news, boot=provision.boot)
        return replace(self, seed=provision.seed, people=provision.people, peers=provision.peers, news=news)

    def kept(self) -> Mapping[str, Any]:
        """Keep every booking, and whom to tell of it."""
        own = {"tables": self.tables, "parcels": self.parcels, "counted": self.counted}
        return {"marketplace": {**own, "untold": self.news.kept()}}

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Take orders, and tell phones what became of them."""
        match stimulus:
            case Booted():
                effects: tuple[Effect, ...] = ()
                effects += tuple(_ends(at, one) for one in self.parcels.values() if not one.over)
                market = self
                for name in self.parcels:
                    market, money = market._demanding(name)
                    effects += money
                return market._telling(at, effects)
            case Commanded(command=ReserveTable() as wish, ticket=ticket, by=str(by)):
                return self._reserved(at, wish, ticket, by)
            case Commanded(command=CancelReservation(reservation=name), ticket=ticket, by=str(by)):
                return self._given_back(at, name, ticket, by)
            case Commanded(command=OrderDelivery() as wish, ticket=ticket, by=str(by)):
                return self._ordered(at, wish, ticket, by)
            case Commanded(command=UpdateDelivery() as word, ticket=ticket, by=str(by)):
                return self._updated(at, word, ticket, by)
            case Answered(ticket=ticket, answer=answer) if answer.final and ticket in self.news.telling:
                news, effects = self.news.answered(at, stimulus, self._version)
                return replace(self, news=news)._telling(at, effects)
            case Answered(ticket=ticket, answer=answer) if answer.final:
                return self._money_answered(at, ticket, answer)
            case TimerFired(name=name) if name.startswith(_MONEY):
                return self._demanding(name.removeprefix(_MONEY))
            case TimerFired(name=name) if name.startswith(_UNTIL):
                return self._expired(at, name.removeprefix(_UNTIL))
            case TimerFired(name=name) if self.news.patience.is_due(name):
                return replace(self, news=self.news.due(name))._telling(at, ())
            case _:
                return self, ()

    def report(self) -> tuple[core.Facet, ...]:
        """Report how much there is to do."""
        ended = sum(one.over for one in self.parcels.values())
        told = Marketed(
            reserved_tables=sum(one.state == "confirmed" for one in self.tables.values()),
            open_deliveries=len(self.parcels) - ended,
            ended_deliveries=ended,
        )
        return (told,)

    # --- tables ---------------------------------------------------------------------------------

    def _reserved(
        self, at: Moment, wish: ReserveTable, ticket: str, by: str
    ) -> tuple[Self, tuple[Effect, ...]]:
        """Reserve a table, or say why there is none."""
        market = self._without_old(at)
        same = (by, wish.restaurant, wish.starts_ms, wish.people)
        for one in market.tables.values():
            if one.state == "confirmed" and (one.by, one.restaurant, one.starts_ms, one.people) == same:
                return self, (Settle(ticket, Answer("done", data=_told_table(at, one))),)
        table, why_not = market._table_for(at, wish)
        if why_not:
            return self, (_refusal(ticket, why_not),)
        restaurant = self.config.restaurants[wish.restaurant]
        market, name = market._counted("table")
        one = Reservation(
            name,
            wish.restaurant,
            table,
            wish.people,
            wish.starts_ms,
            wish.starts_ms + restaurant.seating_ms,
            by,
            market._code(name),
        )
        market = replace(market, tables={**market.tables, name: one})
        return market._changed(at, name, (Settle(ticket, Answer("done", data=_told_table(at, one))),))

    def _table_for(self, at: Moment, wish: ReserveTable) -> tuple[str, str]:
        """Return the table for a wish, or why there is none."""
        restaurant = self.config.restaurants.get(wish.restaurant)
        if restaurant is None:
            return "", _nowhere("restaurant", wish.restaurant, self.config.restaurants)
        offset_ms = zone_offset_ms(at)
        title, shown = title_of(wish.restaurant, restaurant), clock(wish.starts_ms, offset_ms)
        if wish.clock_ms is not None and (wish.starts_ms + offset_ms) % DAY_MS != wish.clock_ms:
            meant = f"{_hour(wish.clock_ms)} came as {shown}, so a clock is wrong where it was asked"
            return "", f"{meant}: set it, or ask for {shown[-5:]} at another device"
        if wish.starts_ms < at.now_ms:
            return "", f"{shown} is over"
        if wish.starts_ms > at.now_ms + AHEAD_MS:
            return "", f"{title} takes reservations for the next {AHEAD_MS // DAY_MS} days"
        if not restaurant.is_open((wish.starts_ms + offset_ms) % DAY_MS):
            hours = f"{_hour(restaurant.opens_ms)} to {_hour(restaurant.closes_ms)}"
            return "", f"{title} is closed at {shown[-5:]}, it is open from {hours}"
        most = max(restaurant.tables.values())
        if wish.people > most:
            return "", f"{title} has no table for {wish.people}, its largest is for {most}"
        if len(self.tables) >= BOOKINGS_MAX:
            return "", f"{title} takes no more reservations now"
        taken = tuple(one for one in self.tables.values() if one.restaurant == wish.restaurant)
        table = free_table(restaurant, taken, wish.starts_ms, wish.people)
        if table is not None:
            return table, ""
        later_ms = next_time(restaurant, taken, wish.starts_ms, wish.people, offset_ms)
        instead = "" if later_ms is None else f"; the next one is free at {clock(later_ms, offset_ms)}"
        return "", f"the last table for {wish.people} at {shown} is gone{instead}"

    def _given_back(
        self, at: Moment, name: str | None, ticket: str, by: str
    ) -> tuple[Self, tuple[Effect, ...]]:
        """Give a table back, until its deadline; what is cancelled already stays it."""
        own = [one for one in self.tables.values() if one.by == by and one.starts_ms >= at.now_ms]
        coming = sorted((one for one in own if one.state == "confirmed"), key=lambda one: one.starts_ms)
        one = self.tables.get(name) if name is not None else next(iter(coming), None)
        if one is None:
            why_not = "there is no reservation that could be cancelled"
            return self, (_refusal(ticket, why_not if name is None else f"{why_not} called `{name}`"),)
        if one.by != by and self.people.get(by) != "owner":
            return self, (_refusal(ticket, f"this is the reservation of {one.by}"),)
        if one.state == "cancelled":
            return self, (Settle(ticket, Answer("done", data=_told_table(at, one))),)
        restaurant = self.config.restaurants.get(one.restaurant)
        before_ms = 0 if restaurant is None else restaurant.cancel_before_ms
        if at.now_ms > one.starts_ms - before_ms:
            deadline = (
                f"until {show_duration(before_ms)} before it begins" if before_ms else "before it begins"
            )
            return self, (_refusal(ticket, f"it could be cancelled {deadline}; please call the restaurant"),)
        one = replace(one, state="cancelled", version=one.version + 1)
        market = replace(self, tables={**self.tables, one.id: one})
        return market._changed(at, one.id, (Settle(ticket, Answer("done", data=_told_table(at, one))),))

    # --- parcels --------------------------------------------------------------------------------

    def _ordered(
        self, at: Moment, wish: OrderDelivery, ticket: str, by: str
    ) -> tuple[Self, tuple[Effect, ...]]:
        """Take an order, or say why not."""
        market = self._without_old(at)
        same = (by, wish.shop, dict(wish.goods), wish.car)
        for one in market.parcels.values():
            if not one.over and (one.by, one.shop, dict(one.goods), one.car) == same:
                return self, (Settle(ticket, Answer("done", data=self._told_parcel(one))),)
        shop = self.config.shops.get(wish.shop)
        if shop is None:
            return self, (_refusal(ticket, _nowhere("shop", wish.shop, self.config.shops)),)
        why_not = market._why_no_delivery(at, shop, wish)
        if why_not:
            return self, (_refusal(ticket, why_not),)
        market, name = market._counted("parcel")
        one = Parcel(
            name,
            wish.shop,
            dict(wish.goods),
            price_of(shop, wish.goods),
            shop.currency,
            wish.car,
            wish.latitude_deg,
            wish.longitude_deg,
            wish.from_ms,
            wish.until_ms,
            by,
        )
        if self._pay is not None and one.total_minor > 0:
            one = replace(one, payment="asked")
        answer = Answer("done", data=market._told_parcel(one))
        market, money = replace(market, parcels={**market.parcels, name: one})._demanding(name)
        return market._changed(at, name, (Settle(ticket, answer), _ends(at, one), *money))

    def _why_no_delivery(self, at: Moment, shop: Shop, wish: OrderDelivery) -> str:
        """Return why something cannot be delivered; empty when it can."""
        title, offset_ms = title_of(wish.shop, shop), zone_offset_ms(at)
        for name, pieces in wish.goods.items():
            if name not in shop.goods:
                return f"{title} has no `{name}`; it has {', '.join(shop.goods)}"
            if not 1 <= pieces <= PIECES_MAX:
                return f"{title} delivers 1 to {PIECES_MAX} of one thing, not {pieces}"
        peer = self.peers.get(wish.car)
        if peer is None or peer.kind != "car":
            return f"the household has no car `{wish.car}`"
        if not wish.from_ms < wish.until_ms or wish.until_ms <= at.now_ms:
            return "the courier must be able to come: the time is over, or it ends before it begins"
        if wish.until_ms - wish.from_ms > WINDOW_MS_MAX:
            return f"a courier may come within {show_duration(WINDOW_MS_MAX)} at most"
        if not shop.is_open((wish.from_ms + offset_ms) % DAY_MS):
            hours = f"{_hour(shop.opens_ms)} to {_hour(shop.closes_ms)}"
            return f"{title} is closed at {clock(wish.from_ms, offset_ms)[-5:]}, it is open from {hours}"
        if len(self.parcels) >= BOOKINGS_MAX:
            return f"{title} takes no more orders now"
        return ""

    def _updated(
        self, at: Moment, word: UpdateDelivery, ticket: str, by: str
    ) -> tuple[Self, tuple[Effect, ...]]:
        """Believe of a delivery what its customer, or the owner of the car, says of it."""
        one = self.parcels.get(word.delivery)
        if one is None:
            return self, (_refusal(ticket, f"there is no delivery called `{word.delivery}`"),)
        car = self.peers.get(one.car)
        if by not in {one.by, None if car is None else car.owner}:
            return self, (_refusal(ticket, f"this is the delivery of {one.by}"),)
        if one.state == word.became:
            return self, (Settle(ticket, Answer("done")),)
        if not one.can_become(word.became):
            return self, (_refusal(ticket, f"the delivery is {one.state}, and stays it"),)
        return self._became(at, one, word.became, (Settle(ticket, Answer("done")),))

    def _expired(self, at: Moment, name: str) -> tuple[Self, tuple[Effect, ...]]:
        """End a delivery for which nobody came in time."""
        one = self.parcels.get(name)
        if one is None or one.over:
            return self, ()
        if at.now_ms < one.until_ms:  # A clock was set back meanwhile.
            return self, (_ends(at, one),)
        return self._became(at, one, "expired", ())

    def _became(
        self, at: Moment, one: Parcel, state: State, effects: tuple[Effect, ...]
    ) -> tuple[Self, tuple[Effect, ...]]:
        parcels = {**self.parcels, one.id: one.became(state)}
        market, money = replace(self, parcels=parcels)._demanding(one.id)
        return market._changed(at, one.id, (*effects, *money))

    @property
    def _pay(self) -> str | None:
        """The service that pays; None where the courier is paid."""
        return next((name for name, peer in self.peers.items() if peer.kind == "pay"), None)

    def _demanding(self, name: str) -> tuple[Self, tuple[Effect, ...]]:
        """Ask for what is to be paid or given back, under one order however often."""
        one, pay = self.parcels.get(name), self._pay
        if one is None or pay is None:
            return self, ()
        one, requests = one.demanding(self.name, pay)
        return replace(self, parcels={**self.parcels, name: one}), requests

    def _money_answered(self, at: Moment, ticket: str, answer: Answer) -> tuple[Self, tuple[Effect, ...]]:
        """Take note of what became of the money; while nobody knows it is asked for again."""
        one = next((one for one in self.parcels.values() if one.ticket(self.name) == ticket), None)
        if one is None or one.payment not in {"asked", "returning"}:
            return self, ()
        if not settled(answer):
            return self, (StartTimer(f"{_MONEY}{one.id}", MONEY_AGAIN_MS),)
        parcels = {**self.parcels, one.id: one.settled_by(done=answer.status == "done")}
        market, money = replace(self, parcels=parcels)._demanding(one.id)
        return market._changed(at, one.id, money)

    def _told_parcel(self, one: Parcel) -> dict[str, Any]:
        """Return what whoever ordered it is answered."""
        return {
            "delivery": one.id,
            "state": one.state,
            "total_minor": one.total_minor,
            "currency": one.currency,
            "price": shown_price(one.total_minor, one.currency),
            "courier": self.config.courier,
        }

    # --- bookings of either sort ----------------------------------------------------------------

    def _counted(self, sort: str) -> tuple[Self, str]:
        """Return the successor, and the name of another booking."""
        return replace(self, counted=self.counted + 1), f"{sort}-{self.counted + 1}"

    def _code(self, name: str) -> str:
        """Return the code of a booking, which nobody else can tell in advance (RFC 2104)."""
        drawn = hmac.digest(self.seed, _CODE + name.encode(), hashlib.sha256)
        return "".join(LETTERS[byte % len(LETTERS)] for byte in drawn[:CODE_CHARACTERS])

    def _version(self, booking: str) -> int:
        """Return the version of a booking; 0 for one that is forgotten."""
        one = self.tables.get(booking) or self.parcels.get(booking)
        return 0 if one is None else one.version

    def _without_old(self, at: Moment) -> Self:
        """Return the marketplace without what ended long ago."""
        tables = {name: one for name, one in self.tables.items() if one.ends_ms + KEPT_MS > at.now_ms}
        parcels = {name: one for name, one in self.parcels.items() if one.until_ms + KEPT_MS > at.now_ms}
        return replace(self, tables=tables, parcels=parcels)

    def _changed(
        self, at: Moment, booking: str, effects: tuple[Effect, ...]
    ) -> tuple[Self, tuple[Effect, ...]]:
        """Tell those whom a booking concerns."""
        return replace(self, news=self.news.of(self._concerned(booking), booking))._telling(at, effects)

    def _concerned(self, booking: str) -> tuple[str, ...]:
        """Return the phones that hear of a booking: its customer's, the car owner's and the courier's."""
        if booking in self.tables:
            return self._phones(self.tables[booking].by)
        one = self.parcels[booking]
        car = self.peers.get(one.car)
        owners = () if car is None or car.owner is None else self._phones(car.owner)
        courier = () if self.config.courier is None else (self.config.courier,)
        return tuple(dict.fromkeys((*self._phones(one.by), *owners, *courier)))

    def _phones(self, person: str) -> tuple[str, ...]:
        return tuple(
            name for name, peer in self.peers.items() if (peer.kind, peer.owner) == ("phone", person)
        )

    def _telling(self, at: Moment, effects: tuple[Effect, ...]) -> tuple[Self, tuple[Effect, ...]]:
        news, told = self.news.told(lambda phone, booking: self._message(at, phone, booking))
        return replace(self, news=news), (*effects, *told)

    def _message(self, at: Moment, phone: str, booking: str) -> TakeBooking | None:
        """Return what a phone is told of a booking; None for one that ended long ago."""
        table = self.tables.get(booking)
        if table is not None and table.ends_ms + KEPT_MS > at.now_ms:
            return self._of_table(at, table)
        parcel = self.parcels.get(booking)
        if parcel is not None and parcel.until_ms + KEPT_MS > at.now_ms:
            return self._of_parcel(at, parcel, phone)
        return None

    def _of_table(self, at: Moment, one: Reservation) -> TakeBooking:
        restaurant = self.config.restaurants.get(one.restaurant)
        title = one.restaurant if restaurant is None else title_of(one.restaurant, restaurant)
        when = clock(one.starts_ms, zone_offset_ms(at))
        said = f"code {one.code}" if one.state == "confirmed" else "cancelled"
        return TakeBooking(
            booking=one.id,
            sort="table",
            version=one.version,
            state=one.state,
            title=title,
            starts_ms=one.starts_ms,
            ends_ms=one.ends_ms,
            says=f"table for {one.people} at {title}, {when}: {said}",
            place="" if restaurant is None else restaurant.place,
            people=one.people,
            code=one.code,
        )

    def _of_parcel(self, at: Moment, one: Parcel, phone: str) -> TakeBooking:
        shop, courier = self.config.shops.get(one.shop), self.config.courier
        title = one.shop if shop is None else title_of(one.shop, shop)
        for_courier = phone == courier
        offset_ms = zone_offset_ms(at)
        window = f"{clock(one.from_ms, offset_ms)} to {clock(one.until_ms, offset_ms)[-5:]}"
        if for_courier:
            says = f"parcel of {title} into the boot of {one.car}, {window}: {_TO_COURIER[one.state]}"
        else:
            price = shown_price(one.total_minor, one.currency)
            paid = PAID_SAYS[one.payment]
            says = f"parcel of {title} into the boot of {one.car}, {window}, {price} {paid}: {one.state}"
        return TakeBooking(
            booking=one.id,
            sort="parcel",
            version=one.version,
            state=one.state,
            title=title,
            starts_ms=one.from_ms,
            ends_ms=one.until_ms,
            says=says,
            for_courier=for_courier,
            car=one.car,
            courier=courier,
            latitude_deg=one.latitude_deg,
            longitude_deg=one.longitude_deg,
        )


_TO_COURIER: Mapping[State, str] = {
    "ordered": "wait for the key",
    "ready": "the key opens the boot once",
    "away": "the car is not at the agreed place now",
    "delivered": "done, thank you",
    "expired": "the time is over, bring it back",
    "cancelled": "it was cancelled, bring it back",
}


def _ends(at: Moment, one: Parcel) -> StartTimer:
    """Return the timer that ends a delivery for which nobody comes."""
    return StartTimer(f"{_UNTIL}{one.id}", max(0, one.until_ms - at.now_ms))


def _told_table(at: Moment, one: Reservation) -> dict[str, Any]:
    """Return what whoever reserved a table is answered; `when` is what stands in the book."""
    when = clock(one.starts_ms, zone_offset_ms(at))
    own = {"reservation": one.id, "code": one.code, "state": one.state}
    return {**own, "starts_ms": one.starts_ms, "when": when}


def _nowhere(noun: str, name: str, known: Mapping[str, Any]) -> str:
    """Return the sentence for a name that is not there."""
    hint = did_you_mean(name, known)
    return f"there is no {noun} called `{name}`" + (f" ({hint})" if hint else "")


def _hour(clock_ms: int) -> str:
    """Return a time of the day as people read it."""
    minutes = clock_ms // 60_000
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _refusal(ticket: str, sentence: str) -> Settle:
    return Settle(ticket, Answer("failed", sentence))
