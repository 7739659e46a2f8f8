"""What can be said in English about tables and parcels, over simplified sentences."""

from collections.abc import Mapping, Sequence
from typing import Any

from sim.services.voice.tongue import Said, said

_DAY = "[tonight|today|this evening|{tomorrow}]"
_BOOK = "(book|reserve|get|make|want|need|find) [me|us]"
_TABLE = "[1] (table|reservation|booking|table reservation)"
_FOR = "for {people} [people|persons|guests|of us]"
_AT = "(at|in) {restaurant}"


def _templates(clock: str, before: str = "[at|for|from|around]") -> tuple[str, ...]:
    """Return the orders in which people say for how many, when and where.

    Args:
        clock: template of the time of the day.
        before: what stands before it.
    """
    when = f"{_DAY} {before} {clock} {_DAY}"
    return (
        f"{_BOOK} {_TABLE} [{_FOR}] {when} [{_AT}]",
        f"{_BOOK} {_TABLE} [{_AT}] [{_FOR}] {when}",
        f"{_BOOK} {_TABLE} [{_FOR}] [{_AT}] {when}",
        f"{_BOOK} {_TABLE} {when} {_FOR} [{_AT}]",
        f"{_BOOK} {_TABLE} {when} {_AT} {_FOR}",
        f"{_BOOK} {{restaurant}} {_FOR} {when}",
    )


LISTS: Mapping[str, Any] = {
    "people": {
        "values": [
            {"in": "(1|one)", "out": 1.0},
            *({"in": f"{number}", "out": float(number)} for number in range(2, 51)),
        ]
    },
    "hour": {"range": {"from": 0, "to": 24, "words": False}},
    "minute": {
        "values": [
            {"in": f"({number:02}|{number})" if number < 10 else f"{number}", "out": float(number)}
            for number in range(60)
        ]
    },
    "half_day": {
        "values": [
            {"in": "(am|a m|in morning)", "out": "am"},
            {"in": "(pm|p m|in afternoon|in evening|at night)", "out": "pm"},
        ]
    },
    "tomorrow": {"values": [{"in": "(tomorrow|tomorrow evening|tomorrow night)", "out": True}]},
    "pieces": {"range": {"from": 1, "to": 20, "words": False}},
}

ERRANDS: Mapping[str, Sequence[Said]] = {
    "reserve_table": (
        # `For two` alone says how many they are.
        said(*_templates("{hour} [{minute}] [o clock|o'clock]", "(at|from|around)")),
        said(*_templates("{hour} [{minute}] {half_day}")),
        said(*_templates("(noon|midday)"), hour=12.0),
        said(*_templates("half past {hour} [{half_day}]"), minute=30.0),
        said(*_templates("quarter past {hour} [{half_day}]"), minute=15.0),
    ),
    "cancel_table": (
        said(
            "(cancel|drop|call off|give up|give back) [{restaurant}] (table|reservation|booking|table "
            "reservation|restaurant reservation|dinner reservation) [(at|in|for) {restaurant}]",
            "do not need (table|reservation|booking)",
        ),
    ),
    "order_delivery": (
        said(
            "(order|buy|get) [me|us] [{pieces}] [bottles of|bags of|packs of|boxes of|pieces of] {goods} "
            "[(to|into|in|for) ([<of_car>] <boot> [<of_car>]|<of_car>)]",
            "(have|get|want) [{pieces}] {goods} (delivered|brought|put) (to|into|in) ([<of_car>] <boot> "
            "[<of_car>]|<of_car>)",
            "deliver [{pieces}] {goods} (to|into|in) ([<of_car>] <boot> [<of_car>]|<of_car>)",
        ),
    ),
}
"""Intent name to what can be said."""

ANSWERS: Sequence[Said] = (
    said("[at|in] {restaurant}", "for {people} [people|persons|of us]", "{people} (people|persons|of us)"),
)
"""What can be said to an open question about them."""
