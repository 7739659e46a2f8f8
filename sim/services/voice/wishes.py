"""What a sentence says, as data: an intent and what its slots were filled with."""

from dataclasses import dataclass, fields, replace
from typing import Any, Literal, Self

Step = Literal["up", "down"]

ANY_CAR = ""
"""The car that is meant by `the car`: the only one, or the one the microphone is built into."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A recognised sentence; None for what was not said.

    Attributes:
        intent: what is wanted, a key of `Tongue.intents`.
        thing: the sort of device, such as `light`, `heat` or `tv`; see `Tongue.words`.
        device: a device by its own name.
        room: a room of the household.
        near: a room that only a reason spoke of: it is meant if it has such a thing.
        home: a home of the household; empty for any.
        car: a car of the household; empty for any.
        here: whether the place was named as `here`.
        every: whether all of them were asked for.
        power: `on` or `off`.
        degrees: a temperature, °C.
        by: how much warmer, brighter or louder: degrees or per cent.
        step: in which direction.
        percent: of brightness, loudness or charge.
        kelvin: a colour temperature, K.
        mode: of a purifier, or `heat` or `cool`.
        level: of a purifier or of a seat's heating.
        seat: `driver` or `passenger`.
        place: where to go, in the speaker's words.
        title: what to play, in the speaker's words.
        scene: name of a scene, or `@` and a moment of the day that scenes are called after.
        what: what is asked about.
        restaurant: a restaurant of the marketplace.
        people: for how many a table is.
        hour: of a time of the day, as it was said.
        minute: likewise.
        half_day: `am` or `pm`, when that was said.
        tomorrow: whether it is about tomorrow.
        goods: something that a shop has.
        pieces: how many of it.
        action: for what no voice may ask for: the command that it would be.
        felt: whether it was only said how something is, such as `it is dark`, and not what to do.
        cancelled: whether an open question was waved aside.
    """

    intent: str
    thing: str | None = None
    device: str | None = None
    room: str | None = None
    near: str | None = None
    home: str | None = None
    car: str | None = None
    here: bool = False
    every: bool = False
    power: Literal["on", "off"] | None = None
    degrees: float | None = None
    by: float | None = None
    step: Step | None = None
    percent: float | None = None
    kelvin: float | None = None
    mode: str | None = None
    level: float | None = None
    seat: str | None = None
    place: str | None = None
    title: str | None = None
    scene: str | None = None
    what: str | None = None
    restaurant: str | None = None
    people: float | None = None
    hour: float | None = None
    minute: float | None = None
    half_day: str | None = None
    tomorrow: bool = False
    goods: str | None = None
    pieces: float | None = None
    action: str | None = None
    felt: bool = False
    cancelled: bool = False

    @classmethod
    def of(cls, intent: str, said: dict[str, Any]) -> Self:
        """Return the wish with the slots of a recognised sentence; a place that is any home is none."""
        known = {field.name for field in fields(cls)}
        filled = {name: value for name, value in said.items() if name in known}
        return cls(intent, **{**filled, "home": filled.get("home") or None})

    def completed_by(self, answer: "Wish") -> "Wish":
        """Return this wish with what the answer to a question adds to it."""
        told = {
            field.name: value
            for field in fields(answer)
            if field.name != "intent" and (value := getattr(answer, field.name)) not in {None, False}
        }
        if told.get("thing") in {"heat", "cool"} and self.thing not in {None, "climate"}:
            del told["thing"]
        return replace(self, **told)

    @property
    def free_text(self) -> str:
        """What the speaker said in words of their own, that no list of the household has."""
        return " ".join(text for text in (self.place, self.title) if text)
