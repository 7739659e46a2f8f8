"""What wishes about the home mean: warmth, light, air, sound, pictures and scenes."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sim.core.asking import SetClimate
from sim.core.household import DeviceEntry
from sim.services.voice.cars import change_cabin, precondition, stop_cabin
from sim.services.voice.knowledge import figure
from sim.services.voice.meaning import KINDS, STEP_C, TARGET_MAX_C, TARGET_MIN_C, Meaning, ask
from sim.services.voice.names import climate_sort, scenes_of, spaced
from sim.services.voice.replies import AnyAct, Button, Heard, NotUnderstood

STEP_MAX_C = 10.0
"""By more degrees nobody changes a room at once: it must have meant `to` (assumption)."""
STEP_BRIGHTNESS_PERCENT = 20.0
STEP_VOLUME_PERCENT = 10.0
"""How much warmer, brighter or louder something becomes when nobody says by how much (assumptions)."""
KELVIN_MIN = 2_200
KELVIN_MAX = 6_500
"""Colour temperatures that lamps for the home have, K (assumption)."""
PURIFIER_LEVEL_MAX = 3
SCENES: Mapping[str, tuple[str, ...]] = {
    "@leaving": (
        "leaving",
        "leave",
        "leaving_home",
        "leave_home",
        "away",
        "out",
        "goodbye",
        "everyone_leaves",
    ),
    "@night": ("good_night", "night", "goodnight", "sleep", "bedtime", "going_to_bed"),
    "@arriving": (
        "arriving",
        "arrive",
        "arrival",
        "coming_home",
        "welcome_home",
        "welcome",
        "home",
        "im_home",
    ),
    "@morning": ("good_morning", "morning", "wake_up", "waking_up", "get_up"),
}
"""A moment of the day to how a scene for it may be called; the first that there is counts."""


def _power(meaning: Meaning) -> Heard:
    """Switch something on or off."""
    wish = meaning.wish
    thing = wish.mode if wish.mode in {"heat", "cool"} else wish.thing or _sort_of(meaning)
    if thing in {"heat", "cool", "climate"} and (wish.car is not None or _of_cabin(meaning, thing)):
        return precondition(meaning) if wish.power == "on" else stop_cabin(meaning)
    if thing in {"heat", "cool", "climate"}:
        return _climate(meaning, thing)
    targets = meaning.targets(KINDS[thing], several=_means_several(meaning, thing))
    if isinstance(targets, NotUnderstood):
        return targets
    return meaning.each(targets, lambda one: _switched(meaning, one))


def _of_cabin(meaning: Meaning, thing: str) -> bool:
    """Say whether an air conditioner is the car's own: named in the car, and no other place with it."""
    wish = meaning.wish
    return thing == "cool" and meaning.in_car and not (wish.device or wish.room or wish.home or wish.every)


def _sort_of(meaning: Meaning) -> str:
    """Return the sort of thing that a device named by its name is."""
    kind = meaning.household.devices[str(meaning.wish.device)].kind
    if kind == "climate":
        return climate_sort(meaning.reply.tongue, str(meaning.wish.device))
    return next(sort for sort, kinds in KINDS.items() if kind in kinds)


def _means_several(meaning: Meaning, thing: str) -> bool:
    """Say whether the plural means all of them: always in English, in Chinese once a place is named."""
    wish = meaning.wish
    near = meaning.microphone is not None and meaning.microphone.room is not None
    named = wish.room is not None or wish.near is not None or wish.here or near
    if thing == "lights":
        return named or meaning.reply.tongue.code == "en"
    return thing == "everything" or (thing == "lighting" and named)


def _switched(meaning: Meaning, one: DeviceEntry) -> Heard:
    """Switch one device on or off, by the command that its kind has for it."""
    on = meaning.wish.power == "on"
    acts: dict[str, AnyAct] = {
        "light": ask(one, "set_light", power=meaning.wish.power),
        "purifier": ask(one, "set_purifier", power=meaning.wish.power),
        "plug": ask(one, "switch_plug", power=meaning.wish.power),
        "tv": ask(one, "switch_tv", power=meaning.wish.power),
        "speaker": ask(one, "play_music" if on else "pause_music"),
    }
    if one.kind == "climate":  # only `everything` comes here, and it is switched off
        return meaning.act(SetClimate(device=one.name, mode="off"), "off", place=meaning.reply.place(one))
    return meaning.act(acts[one.kind], "on_device" if on else "off_device", device=meaning.reply.name(one))


def _all_off(meaning: Meaning) -> Heard:
    """Switch everything off that is in a home."""
    targets = meaning.targets(KINDS["everything"], several=True)
    if isinstance(targets, NotUnderstood):
        return targets
    return meaning.each(targets, lambda one: _switched(meaning, one))


def _climate(meaning: Meaning, thing: str) -> Heard:
    """Set the climate unit that is meant to what it is to do."""
    wish, degrees = meaning.wish, meaning.wish.degrees
    beyond = None if degrees is None else meaning.out_of_range(degrees, TARGET_MIN_C, TARGET_MAX_C, "°C")
    if beyond is not None:
        return beyond
    if wish.power == "on" and thing == "climate":
        return meaning.reply.question("it can heat or cool", "heat_or_cool", wish)
    targets = meaning.targets(("climate",))
    if isinstance(targets, NotUnderstood):
        return targets
    mode = "off" if wish.power == "off" else thing if thing in {"heat", "cool"} else None
    only_degrees = wish.intent == "set_temperature" and wish.power is None

    def set_climate(one: DeviceEntry) -> Heard:
        # An air conditioner heats as well: a new temperature alone does not tell it to cool.
        keeps_mode = only_degrees and (mode == "cool" or meaning.believed(one.name, "mode") == mode)
        return _set_climate(meaning, one, None if keeps_mode else mode, degrees)

    return meaning.each(targets, set_climate)


def _set_climate(meaning: Meaning, one: DeviceEntry, mode: Any, degrees: float | None) -> Heard:
    act = SetClimate(device=one.name, mode=mode, target_c=degrees)
    place = meaning.reply.place(one)
    if degrees is None:
        return meaning.act(act, str(mode), place=place)
    key = {"heat": "heat_to", "cool": "cool_to"}.get(str(mode), "target")
    return meaning.act(act, key, place=place, degrees=figure(degrees))


def _in_cabin(meaning: Meaning) -> bool:
    """Say whether warmth is wanted in the car: it was named, or nothing was and the microphone is in it."""
    wish = meaning.wish
    elsewhere = wish.device or wish.room or wish.home or wish.every
    return wish.car is not None or (meaning.in_car and not elsewhere)


def _set_temperature(meaning: Meaning) -> Heard:
    wish = meaning.wish
    if _in_cabin(meaning):
        return precondition(meaning)
    thing = wish.thing if wish.thing in {"heat", "cool"} else "climate"
    return _climate(meaning, thing)


def _change_temperature(meaning: Meaning) -> Heard:
    """Make it warmer or cooler than it is set to."""
    if _in_cabin(meaning):
        return change_cabin(meaning)
    targets = meaning.targets(("climate",))
    if isinstance(targets, NotUnderstood):
        return targets
    return meaning.each(targets, lambda one: _changed_climate(meaning, one))


def _changed_climate(meaning: Meaning, one: DeviceEntry) -> Heard:
    wanted = meaning.stepped(one.name, "target_c", STEP_C)
    if wanted is None or (meaning.wish.by or 0) > STEP_MAX_C:
        wish = replace(
            meaning.wish, intent="set_temperature", step=None, by=None, device=one.name, thing=None
        )
        return meaning.reply.question(f"nothing was heard of {one.name}", "how_warm", wish)
    limited = min(max(wanted, TARGET_MIN_C), TARGET_MAX_C)
    running = meaning.believed(one.name, "mode") in {"heat", "cool"}
    if running and limited == meaning.believed(one.name, "target_c"):
        return meaning.reply.refusal(f"{one.name} is set to {figure(limited)} °C already", "at_end")
    mode = None if running else "heat" if meaning.wish.step == "up" else "cool"
    return _set_climate(meaning, one, mode, limited)


# --- lights, air, sound ----------------------------------------------------------------------------------


def _lights(meaning: Meaning) -> list[DeviceEntry] | NotUnderstood:
    return meaning.targets(("light",), several=_means_several(meaning, meaning.wish.thing or "light"))


def _set_brightness(meaning: Meaning) -> Heard:
    percent = meaning.wish.percent or 0.0
    beyond = meaning.out_of_range(percent, 0, 100, "%")
    if beyond is not None:
        return beyond
    targets = _lights(meaning)
    if isinstance(targets, NotUnderstood):
        return targets
    return meaning.each(targets, lambda one: _bright(meaning, one, percent))


def _bright(meaning: Meaning, one: DeviceEntry, percent: float) -> Heard:
    """Set a light's brightness; a light at nothing is off."""
    name = meaning.reply.name(one)
    if percent == 0:
        return meaning.act(ask(one, "set_light", power="off"), "off_device", device=name)
    act = ask(one, "set_light", power="on", brightness_percent=percent)
    return meaning.act(act, "brightness", device=name, percent=figure(percent))


def _change_brightness(meaning: Meaning) -> Heard:
    targets = _lights(meaning)
    if isinstance(targets, NotUnderstood):
        return targets
    return meaning.each(targets, lambda one: _changed_light(meaning, one))


def _changed_light(meaning: Meaning, one: DeviceEntry) -> Heard:
    """Make a light brighter or darker; one that is off only becomes brighter, and is switched on for it."""
    wanted = meaning.stepped(one.name, "brightness_percent", STEP_BRIGHTNESS_PERCENT)
    if wanted is None:
        wish = replace(meaning.wish, intent="set_brightness", step=None, by=None, device=one.name, thing=None)
        return meaning.reply.question(f"nothing was heard of {one.name}", "how_much", wish)
    if meaning.believed(one.name, "power") == "off":
        if meaning.wish.step == "down":
            return meaning.reply.refusal(f"{one.name} is off", "at_end")
        return meaning.act(ask(one, "set_light", power="on"), "on_device", device=meaning.reply.name(one))
    limited = min(max(wanted, 1.0), 100.0)
    if limited == meaning.believed(one.name, "brightness_percent"):
        return meaning.reply.refusal(f"{one.name} is at {figure(limited)} % already", "at_end")
    return _bright(meaning, one, limited)


def _set_tone(meaning: Meaning) -> Heard:
    kelvin = meaning.wish.kelvin or 0.0
    beyond = meaning.out_of_range(kelvin, KELVIN_MIN, KELVIN_MAX, "K")
    if beyond is not None:
        return beyond
    targets = _lights(meaning)
    if isinstance(targets, NotUnderstood):
        return targets

    def toned(one: DeviceEntry) -> Heard:
        act = ask(one, "set_light", colour_temperature_k=kelvin)
        return meaning.act(act, "tone", device=meaning.reply.name(one), kelvin=figure(kelvin))

    return meaning.each(targets, toned)


def _purifier(meaning: Meaning) -> Heard:
    """Set a purifier's mode or level; whoever wants one wants it on."""
    wish = meaning.wish
    beyond = None if wish.level is None else meaning.out_of_range(wish.level, 1, PURIFIER_LEVEL_MAX, "")
    if beyond is not None:
        return beyond
    targets = meaning.targets(("purifier",))
    if isinstance(targets, NotUnderstood):
        return targets

    def moded(one: DeviceEntry) -> Heard:
        name = meaning.reply.name(one)
        if wish.level is not None:
            act = ask(one, "set_purifier", power="on", mode="manual", level=int(wish.level))
            return meaning.act(act, "purifier_level", device=name, level=figure(wish.level))
        act = ask(one, "set_purifier", power="on", mode=wish.mode)
        return meaning.act(act, "purifier_mode", device=name, mode=meaning.reply.part(str(wish.mode)))

    return meaning.each(targets, moded)


def _players(meaning: Meaning) -> list[DeviceEntry] | NotUnderstood:
    """Return what plays: what is named; else the microphone itself if it can, a speaker, a television."""
    wish = meaning.wish
    microphone = meaning.microphone
    if wish.thing in {"tv", "speaker"} or wish.device is not None:
        return (
            meaning.targets(("tv", "speaker"), several=False)
            if wish.thing is None
            else meaning.targets(KINDS[wish.thing])
        )
    placed = wish.room is not None or wish.home is not None or wish.here
    if not placed and microphone is not None and microphone.kind in {"speaker", "tv"}:
        return [microphone]
    speakers = meaning.targets(("speaker",))
    nothing = isinstance(speakers, NotUnderstood) and speakers.wish is None
    return meaning.targets(("tv",)) if nothing else speakers


def _play(meaning: Meaning) -> Heard:
    targets = _players(meaning)
    if isinstance(targets, NotUnderstood):
        return targets
    title = meaning.wish.title

    def played(one: DeviceEntry) -> Heard:
        name = meaning.reply.name(one)
        if title is None:
            return meaning.act(ask(one, "play_music"), "play", device=name)
        return meaning.act(ask(one, "play_music", title=title), "play_title", device=name, title=title)

    return meaning.each(targets, played)


def _pause(meaning: Meaning) -> Heard:
    targets = _players(meaning)
    if isinstance(targets, NotUnderstood):
        return targets
    return meaning.each(
        targets, lambda one: meaning.act(ask(one, "pause_music"), "pause", device=meaning.reply.name(one))
    )


def _set_volume(meaning: Meaning) -> Heard:
    if meaning.wish.percent is None:
        return meaning.reply.question("it does not say how loud", "how_much", meaning.wish)
    percent = meaning.wish.percent
    beyond = meaning.out_of_range(percent, 0, 100, "%")
    if beyond is not None:
        return beyond
    targets = _players(meaning)
    if isinstance(targets, NotUnderstood):
        return targets
    return meaning.each(targets, lambda one: _loud(meaning, one, percent))


def _loud(meaning: Meaning, one: DeviceEntry, percent: float) -> Heard:
    act = ask(one, "set_volume", volume_percent=percent)
    return meaning.act(act, "volume", device=meaning.reply.name(one), percent=figure(percent))


def _change_volume(meaning: Meaning) -> Heard:
    targets = _players(meaning)
    if isinstance(targets, NotUnderstood):
        return targets

    def louder(one: DeviceEntry) -> Heard:
        wanted = meaning.stepped(one.name, "volume_percent", STEP_VOLUME_PERCENT)
        if wanted is None:
            wish = replace(meaning.wish, intent="set_volume", step=None, by=None, device=one.name, thing=None)
            return meaning.reply.question(f"nothing was heard of {one.name}", "how_much", wish)
        limited = min(max(wanted, 0.0), 100.0)
        if limited == meaning.believed(one.name, "volume_percent"):
            return meaning.reply.refusal(f"{one.name} is at {figure(limited)} % already", "at_end")
        return _loud(meaning, one, limited)

    return meaning.each(targets, louder)


def _view_camera(meaning: Meaning) -> Heard:
    targets = meaning.targets(("camera",))
    if isinstance(targets, NotUnderstood):
        return targets
    return meaning.each(
        targets,
        lambda one: meaning.act(
            Button("view_camera", {"camera": one.name}), "camera", device=meaning.reply.name(one)
        ),
    )


def _scene(meaning: Meaning) -> Heard:
    """Run a scene that a device of the household keeps."""
    said = str(meaning.wish.scene)
    names = SCENES.get(said, (said,))
    keepers = [
        (one, scene)
        for name in names
        for one in meaning.household.devices.values()
        for scene in scenes_of(one)
        if scene == name
    ]
    if not keepers:
        return meaning.reply.refusal("the household has no such scene", "no_scene")
    keeper, scene = keepers[0]
    return meaning.act(ask(keeper, "run_scene", scene=scene), "scene", scene=spaced(scene))


AT_HOME: Mapping[str, Callable[[Meaning], Heard]] = {
    "power": _power,
    "all_off": _all_off,
    "set_temperature": _set_temperature,
    "change_temperature": _change_temperature,
    "set_brightness": _set_brightness,
    "change_brightness": _change_brightness,
    "set_tone": _set_tone,
    "purifier_mode": _purifier,
    "clean_air": _power,
    "play": _play,
    "pause": _pause,
    "set_volume": _set_volume,
    "change_volume": _change_volume,
    "mute": _set_volume,
    "view_camera": _view_camera,
    "scene": _scene,
}
"""Intents about the home to what they mean."""
