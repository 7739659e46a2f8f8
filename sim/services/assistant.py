"""The assistant: turns a sentence into the very act that a touch would have been, or says why not.

It knows the household's names and nothing of its state. What it returns is judged by the rules like
any other act; therefore it only ever announces that it will ask.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from sim.core.asking import LockCar, SetClimate
from sim.core.device import Act
from sim.core.household import DeviceEntry, Household
from sim.services.recognizer import Heard, Recognizer, spaced
from sim.services.sentences import FORBIDDEN, TONGUES, Tongue
from sim.services.speech import SENTENCE_LENGTH_MAX, Language, after_wake_word, plain

TARGET_MIN_C = 16
TARGET_MAX_C = 30
"""What `SetClimate` takes, °C; both ends included."""

Code = Literal["no_wake_word", "not_understood", "ambiguous", "not_allowed_by_voice"]


@dataclass(frozen=True)
class Understood:
    """A sentence that asks for something.

    Attributes:
        act: what it asks for.
        spoken: what the assistant answers aloud, in the sentence's language.
    """

    act: Act
    spoken: str


@dataclass(frozen=True)
class NotUnderstood:
    """A sentence after which nothing happens.

    Attributes:
        reason: why, for the one who reads the run: one sentence, lower case, no full stop.
        spoken: what the assistant answers aloud, in the sentence's language; empty when it was not addressed.
        code: `no_wake_word`: nobody spoke to it; `not_understood`: nothing it could do, or nothing there to
            do it with; `ambiguous`: `spoken` is a question; `not_allowed_by_voice`: it would open or move
            something.
    """

    reason: str
    spoken: str
    code: Code


class Assistant:
    """Understands the sentences that can be said in one household, in English and in Chinese.

    Args:
        household: whose rooms, homes, climate units and cars can be named.

    Raises:
        MissingPartError: hassil is not installed.
    """

    def __init__(self, household: Household) -> None:
        self._household = household
        self._recognizers = {language: Recognizer(tongue, household) for language, tongue in TONGUES.items()}

    def hear(self, sentence: str, *, language: Language) -> Understood | NotUnderstood:
        """Return what a sentence asks for, or why nothing happens; the same sentence, the same answer.

        Args:
            sentence: as it was said, with the wake word in either language.
            language: the language of what follows the wake word, and of the answer.
        """
        reply = _Reply(TONGUES[language])
        wish = after_wake_word(plain(sentence))
        if wish is None:
            return NotUnderstood("it does not begin with the wake word", spoken="", code="no_wake_word")
        if len(wish) > SENTENCE_LENGTH_MAX:
            reason = f"it is longer than {SENTENCE_LENGTH_MAX} characters"
            return reply.refusal(reason, "not_understood", code="not_understood")
        heard = self._recognizers[language].recognize(wish)
        if heard is not None:
            return self._lock(heard, reply) if heard.intent == "lock_car" else self._climate(heard, reply)
        if FORBIDDEN.search(wish):
            reason = "voice opens no lock, door or boot and moves no car"
            return reply.refusal(reason, "not_allowed", code="not_allowed_by_voice")
        return reply.refusal("the assistant knows no such sentence", "not_understood", code="not_understood")

    def _lock(self, heard: Heard, reply: "_Reply") -> Understood | NotUnderstood:
        """Lock the car that is meant."""
        cars = [car for car in self._of_kind("car") if heard.car in {None, car.name}]
        if not cars:
            return reply.refusal("the household has no car", "no_car", code="not_understood")
        if len(cars) > 1:
            return reply.question([spaced(car.name) for car in cars])
        return Understood(LockCar(car=cars[0].name), reply.says("lock", car=spaced(cars[0].name)))

    def _climate(self, heard: Heard, reply: "_Reply") -> Understood | NotUnderstood:
        """Set the climate unit that is meant to what it is to do."""
        degrees = heard.degrees
        if degrees is not None and not TARGET_MIN_C <= degrees <= TARGET_MAX_C:
            reason = f"{degrees:g} °C is not between {TARGET_MIN_C} and {TARGET_MAX_C} °C"
            return reply.refusal(reason, "beyond", code="not_understood", degrees=f"{degrees:g}")
        if heard.intent == "switch_on" and heard.mode is None:
            return reply.refusal("it can heat or cool", "heat_or_cool", code="ambiguous")
        units = [
            unit
            for unit in self._of_kind("climate")
            if heard.room in {None, unit.room} and heard.home in {None, unit.home}
        ]
        if not units:
            return reply.refusal("no climate unit stands there", "no_climate", code="not_understood")
        if len(units) > 1:
            return reply.question_of_rooms(units)
        # An air conditioner heats as well: a new temperature alone does not tell it to cool.
        keeps_mode = heard.intent == "adjust" and heard.mode == "cool"
        act = SetClimate(device=units[0].name, mode=None if keeps_mode else heard.mode, target_c=degrees)
        return Understood(act, reply.announcement(act, units[0]))

    def _of_kind(self, kind: str) -> list[DeviceEntry]:
        """Return the household's devices of a kind, in file order."""
        return [device for device in self._household.devices.values() if device.kind == kind]


@dataclass(frozen=True, slots=True)
class _Reply:
    """Answers in one language."""

    tongue: Tongue

    def says(self, key: str, **parts: str) -> str:
        """Return an answer with its parts filled in."""
        return self.tongue.answers[key].format(**parts)

    def refusal(self, reason: str, key: str, *, code: Code, **parts: str) -> NotUnderstood:
        """Return an answer after which nothing happens."""
        return NotUnderstood(reason, spoken=self.says(key, **parts), code=code)

    def question(self, names: Iterable[str]) -> NotUnderstood:
        """Return the question which of several is meant."""
        choices = list(names)
        reason = f"it could mean {', '.join(f'`{choice}`' for choice in choices)}"
        return self.refusal(reason, "which", code="ambiguous", names=self.tongue.answers["or"].join(choices))

    def question_of_rooms(self, units: list[DeviceEntry]) -> NotUnderstood:
        """Return the question in which room; homes are named only when the units stand in several."""
        several_homes = len({unit.home for unit in units}) > 1
        places = dict.fromkeys(
            self.says("room_of_home", room=self.room(unit), home=spaced(str(unit.home)))
            if several_homes
            else self.room(unit)
            for unit in units
        )
        if len(places) > 1:
            return self.question(places)
        reason = f"it could mean {', '.join(f'`{unit.name}`' for unit in units)}, which stand in one room"
        return self.refusal(reason, "no_telling_apart", code="ambiguous")

    def announcement(self, act: SetClimate, unit: DeviceEntry) -> str:
        """Return what the assistant is about to ask a climate unit for."""
        room = self.room(unit)
        if act.target_c is None:
            return self.says(str(act.mode), room=room)
        key = "target" if act.mode is None else f"{act.mode}_to"
        return self.says(key, room=room, degrees=f"{act.target_c:g}")

    def room(self, unit: DeviceEntry) -> str:
        """Return how the room is called that a climate unit stands in."""
        name = str(unit.room)
        return self.tongue.rooms.get(name, spaced(name))
