"""What is asked of the marketplace, and what the marketplace tells phones.

Instants are milliseconds since 1970, so that no two clocks disagree about the day; money is an integer in the
smallest unit of the currency.
"""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from sim.core.device import Carries, Command
from sim.core.roads import DAY_MS
from sim.core.units import Degrees, Metres

PEOPLE_MAX = 50
"""Most people at one table (assumption: more are a party, for which one calls)."""
GOODS_MAX = 20
"""Most different goods of one order (assumption)."""
PIECES_MAX = 20
"""Most pieces of one of them (assumption: what goes into a boot)."""
WINDOW_MS_MAX = 4 * 3_600_000
"""Longest time in which a courier may come: as long as a courier's key lives unless its owner says otherwise
(see `sim.trust.digital_key.sharing`)."""
RADIUS_M = 100.0
"""How far from the agreed place the car may stand: two rows of a car park (assumption)."""
NAME_CHARACTERS_MAX = 64
SENTENCE_CHARACTERS_MAX = 200

Latitude: TypeAlias = Annotated[Degrees, Field(ge=-90, le=90), Carries("location")]
Longitude: TypeAlias = Annotated[Degrees, Field(ge=-180, le=180), Carries("location")]
Begins: TypeAlias = Annotated[int, Field(ge=0), Carries("calendar")]
"""When somebody wants to be at a restaurant, or have their parcel."""
Sort = Literal["table", "parcel"]
State = Literal["confirmed", "ordered", "ready", "away", "delivered", "expired", "cancelled"]
"""Of a table `confirmed` or `cancelled`; of a parcel everything else: `ready` is one whose courier has a key
and whose car stands where it was agreed, `away` one whose car does not."""
OVER: frozenset[State] = frozenset({"delivered", "expired", "cancelled"})
"""States after which nothing follows."""


class ReserveTable(Command, group="Reservation", tier="anytime"):
    """Reserve a table from an instant on; whoever asks for the same once more has the same reservation.

    `clock_ms` is the time of the day that was said, milliseconds since midnight: a device whose clock is
    wrong takes it for another instant, and is told so instead of having a table for that.
    """

    restaurant: str = Field(min_length=1, max_length=NAME_CHARACTERS_MAX)
    starts_ms: Begins
    people: int = Field(ge=1, le=PEOPLE_MAX)
    clock_ms: Annotated[int | None, Carries("calendar")] = Field(default=None, ge=0, lt=DAY_MS)


class CancelReservation(Command, group="Reservation", tier="anytime"):
    """Give a table back; without a name the next one that the asker has reserved."""

    reservation: str | None = Field(default=None, min_length=1, max_length=NAME_CHARACTERS_MAX)


class OrderDelivery(Command, group="DeliveryOrder", tier="anytime"):
    """Order goods into the boot of a car, at the place where it stands and in a window of time."""

    shop: str = Field(min_length=1, max_length=NAME_CHARACTERS_MAX)
    goods: dict[str, int] = Field(min_length=1, max_length=GOODS_MAX)
    car: str = Field(min_length=1, max_length=NAME_CHARACTERS_MAX)
    latitude_deg: Latitude
    longitude_deg: Longitude
    from_ms: Begins
    until_ms: int = Field(ge=0)


class UpdateDelivery(Command, group="DeliveryOrder", tier="anytime"):
    """Say of a delivery what only its customer knows: whether the courier has a key, and where the car is."""

    delivery: str = Field(min_length=1, max_length=NAME_CHARACTERS_MAX)
    became: Literal["ordered", "ready", "away", "delivered", "cancelled"]
    """`ordered` once more when the courier's key was taken back."""


class TakeBooking(Command, group="BookingNews", tier="anytime"):
    """Take what has become of a reservation or a delivery.

    `version` grows with every change, so that what is late changes nothing. A courier is told of the parcel
    what a courier needs: no code, no price.
    """

    booking: str = Field(min_length=1, max_length=NAME_CHARACTERS_MAX)
    sort: Sort
    version: int = Field(ge=1)
    state: State
    title: Annotated[str, Carries("calendar")] = Field(max_length=NAME_CHARACTERS_MAX)
    starts_ms: Begins
    ends_ms: int = Field(ge=0)
    says: str = Field(default="", max_length=SENTENCE_CHARACTERS_MAX)
    place: str = Field(default="", max_length=NAME_CHARACTERS_MAX)
    people: int = Field(default=0, ge=0, le=PEOPLE_MAX)
    code: str = Field(default="", max_length=NAME_CHARACTERS_MAX)
    for_courier: bool = False
    car: str | None = Field(default=None, max_length=NAME_CHARACTERS_MAX)
    courier: str | None = Field(default=None, max_length=NAME_CHARACTERS_MAX)
    latitude_deg: Latitude = 0.0
    longitude_deg: Longitude = 0.0
    radius_m: Metres = Field(default=RADIUS_M, gt=0, le=10_000)
