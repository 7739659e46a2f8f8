"""Answers to questions about home and car, to whom they may be told."""

from collections.abc import Sequence

from sim.core.household import DeviceEntry
from sim.services.voice.knowledge import Known, figure, is_on, known, minutes_of
from sim.services.voice.meaning import KINDS, Meaning
from sim.services.voice.replies import Heard, NotUnderstood, Understood

OF_CAR = ("locked", "boot", "windows", "battery", "range", "charging", "cabin")
"""What is asked about a car; the rest is about the home."""

METRES_PER_KM = 1_000


def answered(meaning: Meaning) -> Heard:
    """Return the answer to a question, or why it is not told."""
    what = str(meaning.wish.what)
    listening, reply = meaning.listening, meaning.reply
    if listening.outside:
        return reply.refusal("a voice from outside is told nothing", "outside_asks", code="not_for_guests")
    if what == "temperature" and _about_cabin(meaning):
        what = "cabin"
    person = meaning.household.people.get(listening.speaker or "")
    if person is not None and person.role == "guest" and not (what in OF_CAR and meaning.in_car):
        return reply.refusal("guests are told nothing of the home", "not_for_guests", code="not_for_guests")
    if what in OF_CAR:
        car = meaning.car()
        return car if isinstance(car, NotUnderstood) else _told(meaning, [car], what)
    targets = _asked_about(meaning, what)
    return targets if isinstance(targets, NotUnderstood) else _told(meaning, targets, what)


def _about_cabin(meaning: Meaning) -> bool:
    wish = meaning.wish
    return wish.car is not None or (meaning.in_car and (wish.here or not (wish.room or wish.home)))


def _asked_about(meaning: Meaning, what: str) -> list[DeviceEntry] | NotUnderstood:
    """Return the devices that can answer."""
    wish = meaning.wish
    if what in {"volume", "playing"}:
        kinds: Sequence[str] = KINDS[wish.thing] if wish.thing else ("speaker", "tv")
        return meaning.targets(kinds)
    if what in {"temperature", "target"}:
        return meaning.targets(("climate",))
    if wish.device is not None:
        return meaning.targets((meaning.household.devices[wish.device].kind,))
    several = wish.every or wish.thing in {"lights", None}
    return meaning.targets(KINDS[wish.thing or "everything"], several=several)


def _told(meaning: Meaning, entries: Sequence[DeviceEntry], what: str) -> Heard:
    """Return what is believed of some devices, each with its age when it is old."""
    asked: list[str] = []
    spoken: list[str] = []
    for entry in entries:
        fact = known(meaning.listening.beliefs, entry.name, what, meaning.listening.now_ms)
        if fact is None:
            spoken.append(meaning.reply.says("unknown", device=meaning.reply.name(entry)))
            asked.append(f"{entry.name}.{what}")
        else:
            spoken.append(_aged(meaning, entry, what, fact))
            asked.append(f"{entry.name}.{fact.fact}")
    return Understood((), " ".join(spoken), asked=tuple(asked))


def _aged(meaning: Meaning, entry: DeviceEntry, what: str, fact: Known) -> str:
    reply = meaning.reply
    answer = _sentence(meaning, entry, what, fact)
    if fact.old_ms is None:
        return answer
    minutes = minutes_of(fact.old_ms)
    unit, count = ("hour", round(minutes / 60)) if minutes >= 60 else ("minute", minutes)
    age = reply.tongue.answers[unit if count == 1 else f"{unit}s"].format(count=count)
    lower = answer if answer.startswith("I ") else answer[:1].lower() + answer[1:]
    return reply.says("aged", age=age, answer=lower)


_KEYS = {"target": "target_is", "brightness": "brightness_is", "cabin": "cabin_is", "volume": "volume_is"}


def _sentence(meaning: Meaning, entry: DeviceEntry, what: str, fact: Known) -> str:
    """Return a believed fact as it is said."""
    reply, value = meaning.reply, fact.value
    device = reply.name(entry)
    match what:
        case "temperature" | "air":
            return reply.says(what, value=figure(value), place=reply.place(entry))
        case "range":
            return reply.says(what, device=device, value=figure(round(value / METRES_PER_KM)))
        case "target" | "brightness" | "battery" | "cabin" | "volume":
            return reply.says(_KEYS.get(what, what), device=device, value=figure(value))
        case "boot" | "windows":
            key = f"{what}_{'closed' if value == 'closed' else 'open'}"
        case "locked" | "charging" | "playing":
            key = f"{what}_{'yes' if value in (True, 'charging', 'playing') else 'no'}"
        case _:
            key = "power_on" if is_on(fact) else "power_off"
    return reply.says(key, device=device)
