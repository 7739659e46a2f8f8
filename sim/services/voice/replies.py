"""What the assistant makes of a sentence, and what it says aloud."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from sim.core.device import Act
from sim.core.household import DeviceEntry
from sim.services.voice.names import spaced
from sim.services.voice.tongue import Tongue
from sim.services.voice.wishes import Wish

Code = Literal["no_wake_word", "not_understood", "ambiguous", "not_allowed_by_voice", "not_for_guests"]


@dataclass(frozen=True, slots=True)
class Button:
    """A touch on the listening device itself, whose buttons the assistant does not know.

    Attributes:
        verb: what the button does.
        arguments: what is touched with it.
    """

    verb: str
    arguments: Mapping[str, Any]


AnyAct: TypeAlias = Act | Button


@dataclass(frozen=True)
class Understood:
    """A sentence that asks for something, or asks something.

    Attributes:
        acts: what it asks for, each to be judged by itself; none for a question.
        spoken: what the assistant answers aloud, in the sentence's language.
        asked: for a question what was asked about, each as `device.fact`.
    """

    acts: tuple[AnyAct, ...]
    spoken: str
    asked: tuple[str, ...] = ()


@dataclass(frozen=True)
class NotUnderstood:
    """A sentence after which nothing happens.

    Attributes:
        reason: why, for the one who reads the run: one sentence, lower case, no full stop.
        spoken: what the assistant answers aloud, in the sentence's language; empty when it was not addressed.
        code: `no_wake_word`: nobody spoke to it; `not_understood`: nothing it could do, or nothing there to
            do it with; `ambiguous`: `spoken` is a question; `not_allowed_by_voice`: it would open or move
            something; `not_for_guests`: it is not told to whoever asks.
        act: for what voice may not ask for the one act that it would be, so that the rules can be asked to
            refuse it and say why; None when it is no single act.
        wish: for a question what was understood so far.
    """

    reason: str
    spoken: str
    code: Code
    act: AnyAct | None = field(default=None, compare=False)
    wish: Wish | None = field(default=None, compare=False)


Heard: TypeAlias = Understood | NotUnderstood


@dataclass(frozen=True, slots=True)
class Reply:
    """Answers in one language."""

    tongue: Tongue

    def says(self, key: str, **parts: str) -> str:
        """Return a sentence with its parts filled in, beginning with a capital."""
        text = self.part(key, **parts)
        return text[:1].upper() + text[1:]

    def part(self, key: str, **parts: str) -> str:
        """Return a piece of a sentence with its own parts filled in."""
        return self.tongue.answers[key].format(**parts)

    def refusal(self, reason: str, key: str, *, code: Code = "not_understood", **parts: str) -> NotUnderstood:
        """Return an answer after which nothing happens."""
        return NotUnderstood(reason, spoken=self.says(key, **parts), code=code)

    def question(self, reason: str, key: str, wish: Wish, **parts: str) -> NotUnderstood:
        """Return a question, which the next sentence may answer."""
        return NotUnderstood(reason, spoken=self.says(key, **parts), code="ambiguous", wish=wish)

    def which(self, names: Iterable[str], wish: Wish) -> NotUnderstood:
        """Return the question which of several is meant."""
        choices = list(names)
        reason = f"it could mean {', '.join(f'`{choice}`' for choice in choices)}"
        return self.question(reason, "which", wish, names=self.tongue.answers["or"].join(choices))

    def which_device(self, entries: Sequence[DeviceEntry], wish: Wish) -> NotUnderstood:
        """Return the question which device: by room when they stand in several, else by name.

        Homes are named only when the devices stand in several.
        """
        several_homes = len({entry.home for entry in entries}) > 1
        places = dict.fromkeys(
            self.part("room_of_home", room=self.room(entry), home=spaced(str(entry.home)))
            if several_homes
            else self.room(entry)
            for entry in entries
        )
        if len(places) > 1:
            return self.which(places, wish)
        return self.which([self.name(entry) for entry in entries], wish)

    def place(self, entry: DeviceEntry) -> str:
        """Return where a device stands, as it follows its name in English and precedes it in Chinese."""
        return self.part("in_room", room=self.room(entry)) if entry.room is not None else ""

    def room(self, entry: DeviceEntry) -> str:
        """Return how the room is called that a device stands in."""
        name = str(entry.room)
        return next(iter(self.tongue.rooms.get(name, ())), spaced(name))

    def name(self, entry: DeviceEntry) -> str:
        """Return how a device is called."""
        return next(iter(self.tongue.devices.get(entry.name, ())), spaced(entry.name))

    def outcome(self, ends: Sequence[Mapping[str, Any]]) -> str:
        """Return what is said when everything that was asked for has ended.

        Args:
            ends: for each act its `status`, its `reason` and, for a denied one, its `denial`.
        """
        failed = [end for end in ends if end["status"] != "done"]
        if not failed:
            return self.says("done")
        end = failed[0]
        reason = self._reason(end)
        rest = self.says(str(end["status"]), reason=reason)
        if len(ends) == 1:
            return rest
        return self.says("partly", done=str(len(ends) - len(failed)), all=str(len(ends)), rest=rest)

    def _reason(self, end: Mapping[str, Any]) -> str:
        """Return why an act was not carried out, in the language of the sentence where that is known."""
        denial = end["denial"] or {}
        ids = (*denial.get("rules", ()), denial.get("kind", ""))
        return next(
            (self.tongue.reasons[one] for one in ids if one in self.tongue.reasons), str(end["reason"])
        )
