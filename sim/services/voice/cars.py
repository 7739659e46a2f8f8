"""What wishes about a car mean, and what no voice may ask of one."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from sim.core.asking import (
    Ask,
    CloseWindows,
    LockCar,
    OpenBoot,
    OpenWindows,
    RequestAction,
    StartCar,
    UnlockCar,
)
from sim.core.household import DeviceEntry
from sim.services.voice.knowledge import figure
from sim.services.voice.meaning import STEP_C, TARGET_MAX_C, TARGET_MIN_C, Meaning, ask
from sim.services.voice.names import spaced
from sim.services.voice.replies import Heard, NotUnderstood, Reply

CABIN_C = 22.0
"""What a car is warmed or cooled to when nobody says to what (assumption)."""
LIMIT_MIN_PERCENT = 50
"""Least charge that a car takes as its limit, as `SetChargeLimit` has it."""
SEAT_LEVEL = 2.0
SEAT_LEVEL_MAX = 3
OPENING: Mapping[str, Callable[..., Ask]] = {
    "unlock": UnlockCar,
    "open_boot": OpenBoot,
    "open_windows": OpenWindows,
    "start": StartCar,
}
"""What no voice may ask for to the button that does it."""


def _of_car(act: Callable[[Meaning, DeviceEntry], Heard]) -> Callable[[Meaning], Heard]:
    """Return an intent that is about the one car that is meant."""

    def heard(meaning: Meaning) -> Heard:
        car = meaning.car()
        return car if isinstance(car, NotUnderstood) else act(meaning, car)

    return heard


def _simple(action: str, key: str) -> Callable[[Meaning], Heard]:
    """Return an intent that asks the car for something that needs no more words."""
    return _of_car(lambda meaning, car: meaning.act(ask(car, action), key, car=spaced(car.name)))


def _lock(meaning: Meaning, car: DeviceEntry) -> Heard:
    return meaning.act(LockCar(car=car.name), "lock", car=spaced(car.name))


def _close_windows(meaning: Meaning, car: DeviceEntry) -> Heard:
    return meaning.act(CloseWindows(car=car.name), "close_windows", car=spaced(car.name))


def _warm_car(meaning: Meaning, car: DeviceEntry) -> Heard:
    """Warm or cool a car: from within as its cabin, from elsewhere before anybody is in it."""
    degrees = CABIN_C if meaning.wish.degrees is None else meaning.wish.degrees
    beyond = meaning.out_of_range(degrees, TARGET_MIN_C, TARGET_MAX_C, "°C")
    if beyond is not None:
        return beyond
    within = meaning.in_car and meaning.wish.mode != "pre"
    act = ask(car, "set_cabin" if within else "precondition", target_c=degrees)
    key = "cabin" if within else "precondition"
    return meaning.act(act, key, car=spaced(car.name), degrees=figure(degrees))


def _changed_cabin(meaning: Meaning, car: DeviceEntry) -> Heard:
    wanted = meaning.stepped(car.name, "climate_target_c", STEP_C)
    if wanted is None:
        wish = replace(meaning.wish, intent="set_temperature", step=None, by=None, car=car.name)
        return meaning.reply.question(f"nothing was heard of the cabin of {car.name}", "how_warm", wish)
    limited = min(max(wanted, TARGET_MIN_C), TARGET_MAX_C)
    return _warm_car(replace(meaning, wish=replace(meaning.wish, degrees=limited)), car)


def _limit(meaning: Meaning, car: DeviceEntry) -> Heard:
    percent = 100.0 if meaning.wish.percent is None else meaning.wish.percent
    beyond = meaning.out_of_range(percent, LIMIT_MIN_PERCENT, 100, "%")
    if beyond is not None:
        return beyond
    act = ask(car, "set_charge_limit", limit_percent=percent)
    return meaning.act(act, "charge_limit", car=spaced(car.name), percent=figure(percent))


def _navigate(meaning: Meaning, car: DeviceEntry) -> Heard:
    """Set a destination: a place of the household by its name, anything else in the speaker's words."""
    said = str(meaning.wish.place)
    household, tongue = meaning.household, meaning.reply.tongue
    named = [*household.homes, *household.places, *household.people]
    called = {word: name for name in named for word in (spaced(name), *tongue.places.get(name, ()))}
    if said == "home" or said in tongue.own_home:
        place = "home" if "home" in household.homes else next(iter(household.homes), said)
    else:
        place = called.get(said, said)
    act = ask(car, "set_destination", to=place)
    return meaning.act(act, "navigate", car=spaced(car.name), place=spaced(place))


def _seat(meaning: Meaning, car: DeviceEntry) -> Heard:
    """Heat a seat: the one that is named, or the driver's if it is the driver who speaks."""
    wish, listening = meaning.wish, meaning.listening
    drives = listening.speaker is not None and listening.speaker == listening.driver
    seat = wish.seat or ("driver" if drives else None)
    if seat is None:
        return meaning.reply.question("it could be the driver's or the passenger's seat", "which_seat", wish)
    level = wish.level if wish.level is not None else 0.0 if wish.power == "off" else SEAT_LEVEL
    beyond = meaning.out_of_range(level, 0, SEAT_LEVEL_MAX, "")
    if beyond is not None:
        return beyond
    act = ask(car, "move_seat", seat=seat, heating=int(level))
    parts = {"car": spaced(car.name), "seat": meaning.reply.part(seat)}
    return (
        meaning.act(act, "seat", **parts, level=figure(level))
        if level
        else meaning.act(act, "seat_off", **parts)
    )


def _off_car(meaning: Meaning, car: DeviceEntry) -> Heard:
    """Stop warming or cooling a car: within it the cabin's climate, elsewhere what goes on in advance."""
    action, arguments = ("set_cabin", {"climate": "off"}) if meaning.in_car else ("stop_preconditioning", {})
    return meaning.act(ask(car, action, **arguments), "stop_preconditioning", car=spaced(car.name))


stop_cabin = _of_car(_off_car)
precondition = _of_car(_warm_car)
change_cabin = _of_car(_changed_cabin)


# --- what no voice may ask for -----------------------------------------------------------------------


def _opening(meaning: Meaning) -> Heard:
    """Refuse what opens or starts a car, and say which act it would be, for the rules to refuse it too."""
    car = meaning.car()
    action = str(meaning.wish.action)
    act = None if isinstance(car, NotUnderstood) else OPENING[action](car=car.name)
    return replace(not_allowed(meaning.reply), act=act)


def _driving(meaning: Meaning) -> Heard:
    """Refuse what moves a car, likewise."""
    car = meaning.car()
    action = str(meaning.wish.action)
    act = None if isinstance(car, NotUnderstood) else RequestAction(car=car.name, name=action)
    return replace(not_allowed(meaning.reply), act=act)


def not_allowed(reply: Reply) -> NotUnderstood:
    """Return the answer to what no voice may ask for."""
    reason = "voice opens no lock, door or boot and moves no car"
    return reply.refusal(reason, "not_allowed", code="not_allowed_by_voice")


IN_CARS: Mapping[str, Callable[[Meaning], Heard]] = {
    "lock_car": _of_car(_lock),
    "close_windows": _of_car(_close_windows),
    "precondition": precondition,
    "stop_preconditioning": _simple("stop_preconditioning", "stop_preconditioning"),
    "start_charging": _simple("start_charging", "start_charging"),
    "stop_charging": _simple("stop_charging", "stop_charging"),
    "set_charge_limit": _of_car(_limit),
    "navigate": _of_car(_navigate),
    "seat": _of_car(_seat),
    "opening": _opening,
    "driving": _driving,
}
"""Intents about a car to what they mean."""
