"""What one language consists of, and how its templates are put together."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Said:
    """Templates that mean the same, and what they mean beside their slots."""

    templates: tuple[str, ...]
    slots: Mapping[str, Any]


def said(*templates: str, **slots: Any) -> Said:
    """Return templates with the slots that they fill without naming them."""
    return Said(templates, slots)


def for_each(things: Sequence[str], *templates: str) -> tuple[str, ...]:
    """Return every template once for each sort of thing: `<@>` in it becomes that thing's rule."""
    return tuple(template.replace("<@>", f"<{thing}>") for thing in things for template in templates)


@dataclass(frozen=True, slots=True)
class Tongue:
    """One language.

    Attributes:
        code: its name, `en` or `zh`.
        simplified: makes a plain sentence plainer: courtesies and articles away, numbers in figures.
        split: parts a sentence that asks for several things at once; one part when it does not.
        is_reason: whether a plain part of a sentence only says why, such as `I am done working`.
        without_reason: a simplified part without the reason at its end, if it has one.
        joining: pattern of what joins several names in a list, such as `and`.
        way_there: what stands before the name of a room that somebody goes to.
        intents: intent name to what can be said.
        answer: what can be said to an open question.
        rules: templates that others refer to as `<name>`.
        lists: value lists as hassil takes them.
        words: sort of thing to list of how it is called; each gets a rule of its name.
        thing_rule: template of such a rule, where `@` stands for the sort.
        rooms: how rooms are called beside their own names: name in the household to words.
        devices: how devices are called beside their own names, likewise.
        places: how places to go to are called beside their own names, likewise.
        own_home: how a person calls the home without naming it.
        own_car: how a person calls the car without naming it.
        scenes: how scenes are called beside their own names.
        answers: what is said aloud, with the parts in braces filled in.
        reasons: id of a rule to its reason in this language, where the rule's own words are in another.
    """

    code: str
    simplified: Callable[[str], str]
    split: Callable[[str], list[str]]
    is_reason: Callable[[str], bool]
    without_reason: Callable[[str], str]
    joining: str
    way_there: re.Pattern[str]
    intents: Mapping[str, Sequence[Said]]
    answer: Sequence[Said]
    rules: Mapping[str, str]
    lists: Mapping[str, Any]
    words: Mapping[str, Sequence[tuple[str, str]]]
    thing_rule: str
    rooms: Mapping[str, Sequence[str]]
    devices: Mapping[str, Sequence[str]]
    places: Mapping[str, Sequence[str]]
    own_home: tuple[str, ...]
    own_car: tuple[str, ...]
    scenes: Mapping[str, Sequence[str]]
    answers: Mapping[str, str]
    reasons: Mapping[str, str]

    def templates(self, intents: Mapping[str, Sequence[Said]]) -> dict[str, Any]:
        """Return some of the intents, with rules and lists, as `hassil.Intents.from_dict` takes them."""
        rules = {sort: self.thing_rule.replace("@", sort) for sort in self.words}
        words = {
            f"{sort}_word": {"values": [{"in": form, "out": thing} for form, thing in values]}
            for sort, values in self.words.items()
        }
        data = {
            name: {"data": [{"sentences": list(one.templates), "slots": dict(one.slots)} for one in ways]}
            for name, ways in intents.items()
        }
        return {
            "language": self.code,
            "settings": {"ignore_whitespace": self.code == "zh"},
            "intents": data,
            "expansion_rules": {**self.rules, **rules},
            "lists": {**self.lists, **words},
        }
