"""The buttons for errands: a table at a time of the day, goods into the boot of the car that is meant.

What a person says in times of the day becomes instants here, by the clock on the device's wall. Where the car
stands is said by the car's own screen from its satellites, and by a phone from what it has heard of the car.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field

from sim.apps.app import refused
from sim.apps.journeys.navigation import zone_offset_ms
from sim.apps.marketplace_messages import (
    GOODS_MAX,
    NAME_CHARACTERS_MAX,
    PEOPLE_MAX,
    PIECES_MAX,
    CancelReservation,
    OrderDelivery,
    ReserveTable,
    UpdateDelivery,
)
from sim.core.device import (
    Act,
    Acted,
    Command,
    Effect,
    Listed,
    Moment,
    Provision,
    Refers,
    Request,
    Stimulus,
)
from sim.core.parts import Part
from sim.core.roads import DAY_MS, TimeOfDay

WINDOW_MS = 2 * 3_600_000
"""In which time a courier may come when nobody says so (assumption)."""

Name = Annotated[str, Field(min_length=1, max_length=NAME_CHARACTERS_MAX)]
Pieces = Annotated[int, Field(ge=1, le=PIECES_MAX)]


class BookTable(Act, verb="reserve_table"):
    """Reserve a table at a restaurant, the next time that the clock says so; or tomorrow."""

    restaurant: Annotated[Name, Listed(("restaurants",))]
    at_ms: TimeOfDay
    people: int = Field(default=2, ge=1, le=PEOPLE_MAX)
    tomorrow: bool = False


class GiveTableBack(Act, verb="cancel_reservation"):
    """Give a table back; without a name the next that is reserved."""

    reservation: Name | None = None


class OrderIntoBoot(Act, verb="order_delivery"):
    """Order goods into the boot of a car where it stands; within two hours unless it says otherwise."""

    shop: Annotated[Name, Listed(("shops",))]
    goods: Annotated[dict[Name, Pieces], Listed(("shops.goods",)), Field(min_length=1, max_length=GOODS_MAX)]
    car: Annotated[str | None, Refers("device", "car")] = None
    from_ms: TimeOfDay | None = None
    until_ms: TimeOfDay | None = None


class CallDeliveryOff(Act, verb="cancel_delivery"):
    """Call a delivery off, as long as nobody has opened the boot for it."""

    delivery: Name


@dataclass(frozen=True)
class Errands(Part):
    """The buttons of a car's screen.

    Attributes:
        device: name of the device.
        car: the car it is built into, or that is meant when nobody names one; None without one.
        market: the marketplace of the household; None without one.
    """

    acts: ClassVar[tuple[type[Act], ...]] = (BookTable, GiveTableBack, OrderIntoBoot, CallDeliveryOff)
    asks: ClassVar = ("marketplace",)

    device: str = ""
    car: str | None = None
    market: str | None = None

    @classmethod
    def new(cls, device: str, config: Any, given: Mapping[str, Any]) -> Self:
        """Return the buttons of a device."""
        return cls(device=device, car=getattr(config, "car", None))

    def provisioned(self, provision: Provision) -> Self:
        """Note which marketplace there is."""
        return replace(self, market=provision.first_of("marketplace"))

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Ask the marketplace for what was touched."""
        if isinstance(stimulus, Acted):
            return self, (self.asked(at, stimulus),)
        return self, ()

    def stands(self, at: Moment, car: str) -> tuple[float, float] | None:
        """Return where a car stands, latitude and longitude; None when nobody knows."""
        return at.senses.location() if car == self.car else None

    def asked(self, at: Moment, touch: Acted) -> Effect:
        """Return what a touch asks of the marketplace, or why it cannot be asked."""
        if self.market is None:
            return refused(touch.ticket, "the household has no marketplace")
        wish = self._wish(at, touch.act)
        if isinstance(wish, str):
            return refused(touch.ticket, wish)
        return Request.of(wish, ticket=touch.ticket, target=self.market, by=touch.by)

    def _wish(self, at: Moment, act: Act) -> Command | str:
        """Return the command for a touch, or why there is none."""
        match act:
            case BookTable(restaurant=restaurant, at_ms=clock_ms, people=people, tomorrow=tomorrow):
                starts_ms = next_instant(at, clock_ms, at.now_ms, tomorrow=tomorrow)
                said_ms = clock_ms % DAY_MS
                return ReserveTable(
                    restaurant=restaurant, starts_ms=starts_ms, people=people, clock_ms=said_ms
                )
            case GiveTableBack(reservation=reservation):
                return CancelReservation(reservation=reservation)
            case CallDeliveryOff(delivery=delivery):
                return UpdateDelivery(delivery=delivery, became="cancelled")
            case _:
                assert isinstance(act, OrderIntoBoot)  # INVARIANT: there is no other button
                return self._order(at, act)

    def _order(self, at: Moment, act: OrderIntoBoot) -> OrderDelivery | str:
        car = act.car or self.car
        if car is None:
            return "say into which car"
        place = self.stands(at, car)
        if place is None:
            return f"nobody knows here where {car} stands"
        from_ms = at.now_ms if act.from_ms is None else next_instant(at, act.from_ms, at.now_ms)
        until_ms = from_ms + WINDOW_MS if act.until_ms is None else next_instant(at, act.until_ms, from_ms)
        return OrderDelivery(
            shop=act.shop,
            goods=dict(act.goods),
            car=car,
            latitude_deg=place[0],
            longitude_deg=place[1],
            from_ms=from_ms,
            until_ms=until_ms,
        )


def next_instant(at: Moment, clock_ms: int, after_ms: int, *, tomorrow: bool = False) -> int:
    """Return when the clock on the wall next shows a time of the day, milliseconds since 1970.

    Args:
        at: tells the zone of that clock.
        clock_ms: the time of the day, milliseconds since midnight.
        after_ms: after when, milliseconds since 1970.
        tomorrow: whether the day after that of `after_ms` is meant.
    """
    offset_ms = zone_offset_ms(at)
    midnight_ms = (after_ms + offset_ms) // DAY_MS * DAY_MS - offset_ms
    instant_ms = midnight_ms + clock_ms
    return instant_ms + DAY_MS if tomorrow or instant_ms <= after_ms else instant_ms
