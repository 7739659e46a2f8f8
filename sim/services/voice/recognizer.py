"""What one language's templates recognise in a sentence, over the names of one household."""

from typing import TYPE_CHECKING, Any

from sim.core.errors import MissingPartError
from sim.core.household import Household
from sim.services.voice.names import spoken_names
from sim.services.voice.tongue import Tongue
from sim.services.voice.wishes import Wish

if TYPE_CHECKING:
    from hassil import Intents, SlotList

ANSWER = "answer"
"""The intent of what completes an earlier sentence."""

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
        self._names: dict[str, SlotList] = {
            name: TextSlotList.from_tuples(values or [(_NOBODY, "")], allow_template=False, name=name)
            for name, values in spoken_names(tongue, household).items()
        }

    def recognize(self, text: str) -> Wish | None:
        """Return what a simplified sentence says, or None when no template matches it."""
        return self._matched(text, self._intents)

    def recognize_answer(self, text: str) -> Wish | None:
        """Return what a simplified sentence adds to an open question, or None."""
        return self._matched(text, self._answers)

    def _matched(self, text: str, intents: "Intents") -> Wish | None:
        result = self._recognize(text, intents, slot_lists=self._names)
        if result is None:
            return None
        said = {name: _tidy(entity.value) for name, entity in result.entities.items()}
        return Wish.of(result.intent.name, said)


def _tidy(value: Any) -> Any:
    """Return a slot's value without the spaces around free text."""
    return value.strip() if isinstance(value, str) else value
