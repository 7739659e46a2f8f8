"""Vehicle files: one model of a car each, read with the place of every mistake.

The models that come with the program are part of it, as its modules are, and are loaded like them; a file of
the user's is read by the shell and gets here as text (see `core.declarations.FileText`).
"""

from collections.abc import Iterator
from functools import cache, lru_cache
from importlib import resources
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from sim.core.declarations import FileText
from sim.core.errors import SimError, VehicleError, did_you_mean
from sim.core.vehicle import ASSUMED, UNKNOWN, Curve, Publication, VehicleModel
from sim.documents.curves import flaws
from sim.documents.reading import Entry, Mistake, Node, read_document, short
from sim.documents.shape import validate

SUFFIX = ".vehicle.yaml"
SOURCE = "source"
POINTS = "points"
BANDS = "bands"
PAIR = 2
TIPS = (
    ("expected at ", "check the number and its unit; docs/vehicles.md has the limits"),
    ("too large", "check the number and its unit; docs/vehicles.md has the limits"),
    ("number", "a number stands by itself, without quotes"),
    ("is missing in `controllers`", f"write its chip, or `[{UNKNOWN}, {ASSUMED}]` where nobody says"),
)
"""What to do about what a file says, by words of what is wrong."""
SOURCED = ("body", "cells", "pack", "charging", "machines")
"""Parts of a file in which every number has a source."""


@lru_cache(maxsize=64)
def read_vehicle(file_name: str, text: str) -> VehicleModel:
    """Return the model that a file describes.

    Args:
        file_name: as places shall show it; it ends as the model is called.
        text: the whole file.

    Raises:
        VehicleError: with its place, for the first thing that cannot be.
    """
    document = read_document(file_name, text, VehicleError)
    without = next(_sourceless(document, VehicleModel), None)
    if without is not None:
        raise without
    model = _validated(document)
    named = file_name.replace("\\", "/").rsplit("/", maxsplit=1)[-1]
    if named != model.model + SUFFIX:
        sentence = f"the model in this file is called `{model.model}`, and its file `{short(named)}`"
        raise Mistake.WRONG_VALUE.of(
            VehicleError, sentence, document.at(["model"]).place, "name it as its file"
        )
    flaw = next(flaws(model), None)
    if flaw is not None:
        raise Mistake.WRONG_VALUE.of(
            VehicleError, flaw.sentence, document.at(flaw.path).place, flaw.help_text
        )
    _check_sources(document, model)
    return model


def _validated(document: Node) -> VehicleModel:
    """Return the model; a number that cannot be is said with what to do about it."""
    try:
        return validate(document, VehicleModel, VehicleError)
    except VehicleError as refusal:
        help_text = refusal.help_text or next((tip for words, tip in TIPS if words in refusal.sentence), None)
        raise type(refusal)(
            refusal.sentence, place=refusal.place, help_text=help_text, code=refusal.code
        ) from None


def _check_sources(document: Node, model: VehicleModel) -> None:
    """Hold every source that is cited against those that there are, and the other way round."""
    known = {*model.sources, ASSUMED}
    seen: set[str] = set()
    keys = [key for part in SOURCED for key in cited(document.at([part]))]
    keys += [one.at([SOURCE]) for one in document.at([BANDS]).items]
    for key in keys:
        name = str(key.value)
        if name not in known:
            sentence = f"there is no source `{short(name)}`"
            raise Mistake.UNKNOWN_NAME.of(VehicleError, sentence, key.place, did_you_mean(name, known))
        seen.add(name)
    for name, entry in document.at(["sources"]).entries.items():
        if name not in seen:
            sentence = f"nothing in this file is from the source `{short(name)}`"
            raise Mistake.WRONG_VALUE.of(
                VehicleError, sentence, entry.key.place, "name it where its numbers stand, or delete it"
            )


def _sourceless(node: Node, model: type[BaseModel]) -> Iterator[SimError]:
    """Yield what to say of numbers and curves that stand without their source."""
    for field, declared in model.model_fields.items():
        entry = node.entries.get(declared.alias or field)
        if entry is None:
            continue
        if _is_sourced(declared.annotation):
            yield from _without_source(str(entry.key.value), entry)
        for inner in (declared.annotation, *get_args(declared.annotation)):
            if isinstance(inner, type) and issubclass(inner, BaseModel) and inner is not Publication:
                yield from _sourceless(entry.value, inner)
                if issubclass(inner, Curve):
                    yield from _curve_without_source(entry)
            elif _is_sourced(inner) and not _is_sourced(declared.annotation):
                for name, one in entry.value.entries.items():
                    yield from _without_source(name, one)


def _is_sourced(hint: Any) -> bool:
    arguments = get_args(hint)
    return get_origin(hint) is tuple and len(arguments) == PAIR and arguments[1] is not Ellipsis


def _curve_without_source(entry: Entry) -> Iterator[SimError]:
    if POINTS in entry.value.entries and SOURCE not in entry.value.entries:
        sentence = f"the curve `{entry.key.value}` has no source"
        help_text = f"write `{SOURCE}: KEY` in it, with a key of `sources`, or `{SOURCE}: {ASSUMED}`"
        yield Mistake.MISSING_KEY.of(VehicleError, sentence, entry.key.place, help_text)


def _without_source(name: str, entry: Entry) -> Iterator[SimError]:
    value = entry.value
    if value.entries or len(value.items) > 1 or value.value is None or value.value == ():
        return
    number = value.items[0] if value.items else value
    sentence = f"`{short(name)}` does not say where its number is from"
    help_text = (
        f"write `{short(name)}: [{short(number.written)}, KEY]` with a key of `sources`, or"
        f" `[{short(number.written)}, {ASSUMED}]` where nothing is published"
    )
    yield Mistake.WRONG_VALUE.of(VehicleError, sentence, value.place, help_text)


def cited(node: Node) -> Iterator[Node]:
    """Yield the key of the source of every number and of every row of numbers, in the order of the file."""
    for name, entry in node.entries.items():
        if name == SOURCE:
            yield entry.value
        elif name != POINTS:
            yield from cited(entry.value)
    if node.items:
        yield node.items[-1]


@cache
def built_in_texts() -> dict[str, str]:
    """Return the files of the models that come with the program, by the model's name, sorted."""
    folder = resources.files("sim") / "vehicles"
    found = sorted(one.name for one in folder.iterdir() if one.name.endswith(SUFFIX))
    return {name.removesuffix(SUFFIX): (folder / name).read_text(encoding="utf-8") for name in found}


@lru_cache(maxsize=64)
def vehicle_of(model: str) -> VehicleModel:
    """Return what `model:` of a car stands for.

    Args:
        model: the name of a model that comes with the program, or the text of a vehicle file.

    Raises:
        VehicleError: when there is no such model.
    """
    if "\n" in model:
        name = read_document("", model, VehicleError).at(["model"]).value
        return read_vehicle(f"{name}{SUFFIX}", model)
    texts = built_in_texts()
    if model not in texts:
        sentence = f"there is no model `{short(model)}`"
        raise VehicleError(sentence, help_text=did_you_mean(model, texts))
    return read_vehicle(f"vehicles/{model}{SUFFIX}", texts[model])


VEHICLE_FILE = FileText(SUFFIX, read_vehicle, folder="vehicles", known=built_in_texts)
"""How a car names its model: `model: su7-base`."""
