"""What one language's templates recognise in a sentence, over the names of one household."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from sim.core.errors import MissingPartError
from sim.core.household import Household
from sim.services.sentences import Tongue

if TYPE_CHECKING:
    from hassil import SlotList

Mode: TypeAlias = Literal["off", "heat", "cool"]


@dataclass(frozen=True, slots=True)
class Heard:
    """A recognised sentence: the intent, and what its slots say; None for what was not said."""

    intent: str
    mode: Mode | None
    room: str | None
    home: str | None
    car: str | None
    degrees: float | None


class Recognizer:
    """One language's templates over one household's names.

    Args:
        tongue: the language.
        household: whose rooms, homes and cars can be named.

    Raises:
        MissingPartError: hassil is not installed.
    """

    def __init__(self, tongue: Tongue, household: Household) -> None:
        try:
            from hassil import Intents, TextSlotList, recognize  # noqa: PLC0415  # an optional part
        except ModuleNotFoundError:
            sentence = "a sentence is understood with the library `hassil`, which is not installed"
            help_text = 'install it with: pip install "carhome[voice]"'
            raise MissingPartError(sentence, help_text=help_text) from None
        self._recognize = recognize
        self._intents = Intents.from_dict(dict(tongue.templates))
        self._names: dict[str, SlotList] = {
            name: TextSlotList.from_tuples(values, allow_template=False, name=name)
            for name, values in _names(tongue, household).items()
        }

    def recognize(self, wish: str) -> Heard | None:
        """Return what a plain sentence says, or None when no template matches it."""
        result = self._recognize(wish, self._intents, slot_lists=self._names)
        if result is None:
            return None
        said = {name: entity.value for name, entity in result.entities.items()}
        return Heard(
            intent=result.intent.name,
            mode=_mode(result.intent.name, said),
            room=said.get("room"),
            home=said.get("home") or None,
            car=said.get("car"),
            degrees=said.get("degrees"),
        )


def _mode(intent: str, said: Mapping[str, Any]) -> Mode | None:
    """Return the mode that a sentence asks for; None when it names no appliance that tells."""
    if intent == "switch_off":
        return "off"
    appliance: Literal["heat", "cool", "climate"] | None = said.get("appliance")
    return None if appliance == "climate" else appliance


def _names(tongue: Tongue, household: Household) -> dict[str, list[tuple[str, str]]]:
    """Return what can be named in a household: how it is said, and which name is meant.

    A home that is called `home` is meant by "at home"; otherwise those words mean any, which is
    written as an empty name. When two say the same, the first wins.
    """
    rooms = list(dict.fromkeys(room for home in household.homes.values() for room in home.rooms))
    own_home = "home" if "home" in household.homes else ""
    return {
        "room": [
            *((said, room) for room, said in tongue.rooms.items() if room in rooms),
            *((spaced(room), room) for room in rooms),
        ],
        "home": [
            *((spaced(home), home) for home in household.homes),
            *((said, own_home) for said in tongue.own_home),
        ],
        "car": [(spaced(car.name), car.name) for car in household.devices.values() if car.kind == "car"],
    }


def spaced(name: str) -> str:
    """Return a household's name as it is said."""
    return name.replace("_", " ").replace("-", " ")
