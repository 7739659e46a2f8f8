"""How a household's rooms, homes, cars, devices and scenes are called when people speak."""

import re
from collections.abc import Iterator, Mapping, Sequence

from sim.core.household import DeviceEntry, Household
from sim.services.voice.tongue import Tongue
from sim.services.voice.wishes import ANY_CAR

SORTS: Mapping[str, str] = {
    "light": "light",
    "climate": "climate",
    "purifier": "purifier",
    "plug": "plug",
    "tv": "tv",
    "speaker": "speaker",
    "camera": "camera",
}
"""Sort of thing that a voice can name to the kind of device that it is."""

_WORD = re.compile(r"[^()|]+")
_OF_THINGS = (*(f"{sort}_name" for sort in SORTS), "car")
"""Lists of names that things have; the others name places and scenes."""


def spaced(name: str) -> str:
    """Return a household's name as it is said."""
    return name.replace("_", " ").replace("-", " ")


def scenes_of(entry: DeviceEntry) -> tuple[str, ...]:
    """Return the names of the scenes that a device keeps; none for most."""
    return tuple(getattr(entry.config, "scenes", ()))


def spoken_names(tongue: Tongue, household: Household) -> dict[str, list[tuple[str, str]]]:
    """Return what can be named in a household, by list: how it is said, and which name is meant.

    A home that is called `home` is meant by "at home"; otherwise those words mean any, which is written
    as an empty name. When two say the same, the first wins.
    """
    rooms = list(dict.fromkeys(room for home in household.homes.values() for room in home.rooms))
    own_home = "home" if "home" in household.homes else ""
    lists = {
        "room": [(word, room) for room in rooms for word in _called(room, tongue.rooms)],
        "home": [
            *((spaced(home), home) for home in household.homes),
            *((word, own_home) for word in tongue.own_home),
        ],
        "car": [
            *(
                (word, car.name)
                for car in household.devices.values()
                if car.kind == "car"
                for word in _car(car.name)
            ),
            *((word, ANY_CAR) for word in tongue.own_car),
        ],
        "scene": [
            (word, scene)
            for entry in household.devices.values()
            for scene in scenes_of(entry)
            for word in _called(scene, tongue.scenes)
        ],
    }
    lists["restaurant"] = _sold(household, "restaurants")
    lists["goods"] = _sold(household, "goods")
    for sort, kind in SORTS.items():
        lists[f"{sort}_name"] = list(_devices(tongue, household, sort, kind))
    return {name: _first_of_each(_own_words_first(values)) for name, values in lists.items()}


def sold(entry: DeviceEntry, what: str) -> dict[str, str]:
    """Return what a marketplace has, each with where; nothing for any other device.

    Args:
        entry: a device.
        what: `restaurants`, or `goods`, of which the first shop counts that has them.
    """
    if what == "restaurants":
        return {name: name for name in getattr(entry.config, "restaurants", {})}
    shops = getattr(entry.config, "shops", {})
    return {good: shop for shop in reversed(shops) for good in shops[shop].goods}


def _sold(household: Household, what: str) -> list[tuple[str, str]]:
    """Return how restaurants or goods are called, and which are meant."""
    return [
        (word, name)
        for entry in household.devices.values()
        for name in sold(entry, what)
        for word in _called(name, getattr(entry.config, "called", {}))
    ]


def _called(name: str, also: Mapping[str, Sequence[str]]) -> list[str]:
    """Return every way to say a name, its own first."""
    return [spaced(name), *also.get(name, ())]


def _car(name: str) -> list[str]:
    """Return how a car is called by its name, with and without a space before a number: `su7`, `su 7`."""
    said = spaced(name)
    apart = re.sub(r"(?<=[a-z])(?=\d)", " ", said)
    return list(dict.fromkeys((said, apart, f"car {said}", f"xiaomi {said}")))


def _devices(tongue: Tongue, household: Household, sort: str, kind: str) -> Iterator[tuple[str, str]]:
    """Yield how devices of a kind are called by names that are more than a word for their sort."""
    words = {word for forms, _ in tongue.words[sort] for word in _WORD.findall(forms)}
    for entry in household.devices.values():
        if entry.kind == kind:
            for word in _called(entry.name, tongue.devices):
                if word not in words or " " in word:
                    yield word, entry.name


def things_named(tongue: Tongue, names: Mapping[str, Sequence[tuple[str, str]]]) -> re.Pattern[str]:
    """Return what finds a thing that can be named in a text, with its room before it, longest names first.

    Args:
        tongue: the language of the text.
        names: as `spoken_names` returns them.
    """
    things = [
        *(word for name, values in names.items() if name in _OF_THINGS for word, _ in values),
        *(word for values in tongue.words.values() for forms, _ in values for word in _WORD.findall(forms)),
    ]
    rooms = "|".join(map(re.escape, sorted((word for word, _ in names["room"]), key=len, reverse=True)))
    words = "|".join(map(re.escape, sorted(things, key=len, reverse=True)))
    edge = "" if tongue.code == "zh" else r"\b"
    return re.compile(rf"{edge}(?:(?:{rooms or '(?!)'}) ?)?(?:{words}){edge}")


def rooms_named(tongue: Tongue, names: Mapping[str, Sequence[tuple[str, str]]]) -> re.Pattern[str]:
    """Return what finds a room in a text, likewise."""
    edge = "" if tongue.code == "zh" else r"\b"
    words = "|".join(map(re.escape, sorted((word for word, _ in names["room"]), key=len, reverse=True)))
    return re.compile(rf"{edge}(?:{words or '(?!)'}){edge}")


def several_of(one: re.Pattern[str], tongue: Tongue) -> re.Pattern[str]:
    """Return what finds several of some names in a text: `tv, lamp and heater`, without its commas."""
    between = f"(?:{tongue.joining}| ?)"
    return re.compile(rf"{one.pattern}(?:{between}{one.pattern})*{tongue.joining}{one.pattern}")


def is_sort_word(tongue: Tongue, name: str) -> bool:
    """Say whether a device's name is a word for its sort as well: any light can be a `ceiling light`."""
    return any(
        spaced(name) in _WORD.findall(forms) for values in tongue.words.values() for forms, _ in values
    )


def climate_sort(tongue: Tongue, name: str) -> str:
    """Return what a climate unit is called by its name: `heat`, `cool`, or `climate` when it does not say."""
    called = f" {' '.join(_called(name, tongue.devices))} "
    for forms, sort in tongue.words["climate"]:
        if any(f" {word} " in called for word in _WORD.findall(forms)):
            return sort
    return "climate"


def _own_words_first(values: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the values with names said exactly before those that are another's second name."""
    return sorted(values, key=lambda value: value[0] != spaced(value[1]))


def _first_of_each(values: list[tuple[str, str]]) -> list[tuple[str, str]]:
    found: dict[str, str] = {}
    for said, meant in values:
        found.setdefault(said, meant)
    return list(found.items())
