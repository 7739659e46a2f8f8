"""What wishes about tables and parcels mean: touches of the listening device's own buttons.

A clock time without a half of the day is meant for when one goes out to eat: `seven` is in the evening where
the restaurant is open then (assumption), and `half past eight in the morning` is taken as it was said.
"""

from collections.abc import Callable, Mapping

from sim.core.household import DeviceEntry
from sim.services.voice.meaning import Meaning
from sim.services.voice.names import sold, spaced
from sim.services.voice.replies import Button, Heard, NotUnderstood

HOUR_MS = 3_600_000
MINUTE_MS = 60_000


def _market(meaning: Meaning, what: str) -> DeviceEntry | NotUnderstood:
    """Return the first marketplace that has something of a sort; or that there is none."""
    for entry in meaning.of_kinds(("marketplace",)):
        if sold(entry, what):
            return entry
    return meaning.reply.refusal("the household has no marketplace with it", "no_market")


def _reserve(meaning: Meaning) -> Heard:
    """Reserve a table; where is asked when there are several, and for how many when nobody says."""
    wish, reply = meaning.wish, meaning.reply
    market = _market(meaning, "restaurants")
    if isinstance(market, NotUnderstood):
        return market
    restaurants = list(sold(market, "restaurants"))
    named = [one for one in restaurants if wish.restaurant in {None, one}]
    if len(named) > 1:
        return reply.which([spaced(one) for one in named], wish)
    if wish.people is None:
        return reply.question("it was not said for how many", "how_many_people", wish)
    clock_ms = _clock_ms(meaning, market, named[0])
    if clock_ms is None:
        return reply.refusal("this is no time of the day", "no_time")
    arguments = {
        "restaurant": named[0],
        "at_ms": clock_ms,
        "people": int(wish.people),
        "tomorrow": wish.tomorrow,
    }
    minutes = clock_ms // MINUTE_MS
    shown = f"{minutes // 60}:{minutes % 60:02}"
    parts = {"restaurant": spaced(named[0]), "people": str(int(wish.people)), "time": shown}
    return meaning.act(Button("reserve_table", arguments), "reserve", **parts)


def _clock_ms(meaning: Meaning, market: DeviceEntry, restaurant: str) -> int | None:
    """Return the time of the day that is meant, milliseconds since midnight; None when there is none."""
    wish = meaning.wish
    hour, minute = int(wish.hour or 0), int(wish.minute or 0)
    if wish.half_day is not None:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if wish.half_day == "pm" else 0)
    elif 1 <= hour < 12:
        evening_ms = (hour + 12) * HOUR_MS + minute * MINUTE_MS
        # What has no opening hours is open at any time.
        is_open = getattr(getattr(market.config, "restaurants", {}).get(restaurant), "is_open", bool)
        hour += 12 if is_open(evening_ms) or not is_open(hour * HOUR_MS + minute * MINUTE_MS) else 0
    return hour * HOUR_MS + minute * MINUTE_MS if hour < 24 else None


def _cancel(meaning: Meaning) -> Heard:
    market = _market(meaning, "restaurants")
    if isinstance(market, NotUnderstood):
        return market
    return meaning.act(Button("cancel_reservation", {}), "cancel_table")


def _order(meaning: Meaning) -> Heard:
    """Order something into the boot of the car that is meant."""
    market = _market(meaning, "goods")
    car = meaning.car()
    for one in (market, car):
        if isinstance(one, NotUnderstood):
            return one
    assert isinstance(market, DeviceEntry)  # INVARIANT: see above
    assert isinstance(car, DeviceEntry)  # INVARIANT: see above
    goods, pieces = str(meaning.wish.goods), int(meaning.wish.pieces or 1)
    arguments = {"shop": sold(market, "goods")[goods], "goods": {goods: pieces}, "car": car.name}
    parts = {"goods": spaced(goods), "pieces": str(pieces)}
    return meaning.act(Button("order_delivery", arguments), "order", **parts)


ERRANDS: Mapping[str, Callable[[Meaning], Heard]] = {
    "reserve_table": _reserve,
    "cancel_table": _cancel,
    "order_delivery": _order,
}
"""Intents about errands to what they mean."""
