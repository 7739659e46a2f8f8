"""Tables of a restaurant: who has which, and which one is left."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from sim.core.roads import DAY_MS
from sim.services.marketplace.catalogue import Restaurant

STEP_MS = 900_000
"""In which steps another time is looked for: quarters of an hour, as reservation books have (assumption)."""


@dataclass(frozen=True, slots=True)
class Reservation:
    """One reservation.

    Attributes:
        id: names it.
        restaurant: where.
        table: which table.
        people: how many come.
        starts_ms: from when the table is theirs, milliseconds since 1970.
        ends_ms: until before when.
        by: who reserved it.
        code: what is said at the door.
        state: whether it stands.
        version: counts its changes.
    """

    id: str
    restaurant: str
    table: str
    people: int
    starts_ms: int
    ends_ms: int
    by: str
    code: str
    state: Literal["confirmed", "cancelled"] = "confirmed"
    version: int = 1


def free_table(
    restaurant: Restaurant, taken: Iterable[Reservation], starts_ms: int, people: int
) -> str | None:
    """Return the smallest table that is free and large enough, the first of equals; None when there is none.

    Args:
        restaurant: which.
        taken: its reservations; those that were cancelled take no table.
        starts_ms: from when on, milliseconds since 1970.
        people: how many come.
    """
    ends_ms = starts_ms + restaurant.seating_ms
    gone = {
        one.table
        for one in taken
        if one.state == "confirmed" and one.starts_ms < ends_ms and starts_ms < one.ends_ms
    }
    fitting = [
        (seats, name) for name, seats in restaurant.tables.items() if seats >= people and name not in gone
    ]
    return min(fitting, key=lambda one: one[0])[1] if fitting else None


def next_time(
    restaurant: Restaurant, taken: tuple[Reservation, ...], starts_ms: int, people: int, utc_offset_ms: int
) -> int | None:
    """Return the next quarter of an hour at which a table is free, within a day; None when there is none.

    Args:
        restaurant: which.
        taken: its reservations.
        starts_ms: after when, milliseconds since 1970.
        people: how many come.
        utc_offset_ms: how far the clock on the wall is ahead of UTC.
    """
    for later_ms in range(STEP_MS, DAY_MS + STEP_MS, STEP_MS):
        at_ms = starts_ms + later_ms
        if restaurant.is_open((at_ms + utc_offset_ms) % DAY_MS) and free_table(
            restaurant, taken, at_ms, people
        ):
            return at_ms
    return None
