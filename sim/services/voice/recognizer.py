"""What one language's templates recognise in a sentence, over the names of one household."""

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sim.core.errors import MissingPartError
from sim.core.household import Household
from sim.services.voice.names import rooms_named, several_of, spoken_names, things_named
from sim.services.voice.tongue import Tongue
from sim.services.voice.wishes import Wish

if TYPE_CHECKING:
    from hassil import Intents, SlotList

ANSWER = "answer"
"""The intent of what completes an earlier sentence."""

KEPT_MAX = 256
"""How many sentences are kept with what they say: parts of one are looked at more than once."""
_NOBODY = "\u2205"
"""Stands in a list of names that is empty, since hassil takes no empty list; nobody can say it."""


_PARSED: dict[str, tuple["Intents", "Intents"]] = {}
"""Templates of a language, parsed once: they are the same in every household, only the names differ."""


class Recognizer:
    """One language's templates over one household's names.

    Args:
        tongue: the language.
        household: whose rooms, homes, cars, devices and scenes can be named.

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
        self._intents, self._answers = _PARSED.get(tongue.code) or (
            Intents.from_dict(tongue.templates(tongue.intents)),
            Intents.from_dict(tongue.templates({ANSWER: tongue.answer})),
        )
        _PARSED[tongue.code] = (self._intents, self._answers)
        names = spoken_names(tongue, household)
        self._names: dict[str, SlotList] = {
            name: TextSlotList.from_tuples(values or [(_NOBODY, "")], allow_template=False, name=name)
            for name, values in names.items()
        }
        self._things = things_named(tongue, names)
        self._rooms = rooms_named(tongue, names)
        self._several = [several_of(one, tongue) for one in (self._things, self._rooms)]
        self._recognized = lru_cache(KEPT_MAX)(lambda text: self._matched(text, self._intents))
        self._way = tongue.way_there

    def recognize(self, text: str) -> Wish | None:
        """Return what a simplified sentence says, or None when no template matches it."""
        return self._recognized(text)

    def recognize_answer(self, text: str) -> Wish | None:
        """Return what a simplified sentence adds to an open question, or None."""
        return self._matched(text, self._answers)

    def mentioned(self, text: str) -> str | None:
        """Return the first thing that a simplified text mentions, by its longest name, or None."""
        match = self._things.search(text)
        return None if match is None else match[0]

    def room_of(self, text: str) -> str | None:
        """Return the room that a simplified text speaks of, unless it is where somebody goes to; or None."""
        match = self._rooms.search(text)
        if match is None or self._way.search(text[: match.start()]):
            return None
        wish = self.recognize_answer(match[0])
        return None if wish is None else wish.room

    def apart(self, text: str) -> list[str]:
        """Return a simplified text once for each of several things or rooms that `and` joins in it.

        `Set desk lamp and floor lamp to 50 percent` is said of each of them.
        """
        for several, one in zip(self._several, (self._things, self._rooms), strict=True):
            match = several.search(text)
            if match is not None:
                names = [found[0] for found in one.finditer(match[0])]
                return [text[: match.start()] + name + text[match.end() :] for name in names]
        return []

    def _matched(self, text: str, intents: "Intents") -> Wish | None:
        result = self._recognize(text, intents, slot_lists=self._names)
        if result is None:
            return None
        said = {name: _tidy(entity.value) for name, entity in result.entities.items()}
        return Wish.of(result.intent.name, said)


def _tidy(value: Any) -> Any:
    """Return a slot's value without the spaces around free text."""
    return value.strip() if isinstance(value, str) else value
