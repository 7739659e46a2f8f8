"""Names that the devices of a household list in their entries: what a shop sells, which bundles there are.

A fact that holds such names can be nothing else, and what is not there is refused. A wish for what is not
there is refused as well, unless the story expects that it fails. People call places as they like, so of those
only what is written as a name, and looks like one that is there, is refused.
"""

from collections.abc import Iterable, Iterator, Mapping

from pydantic import BaseModel

from sim.core.declarations import Listed
from sim.core.errors import SimError, did_you_mean, nearest
from sim.core.household import DeviceEntry, Household
from sim.core.names import is_name
from sim.documents.reading import Mistake, Node, short


def listed(mark: Listed, household: Household, entries: Iterable[DeviceEntry]) -> tuple[str, ...]:
    """Return the names that some devices list where a mark says; each once."""
    places = (*household.homes, *household.places) if mark.places else ()
    people = tuple(household.people) if mark.people else ()
    devices = tuple(household.devices) if mark.devices else ()
    found = (
        name
        for entry in entries
        for section in mark.sections
        for name in _names(entry.config, section.split("."))
    )
    return tuple(dict.fromkeys((*places, *people, *devices, *found)))


def check_listed(
    node: Node,
    model: type[BaseModel],
    household: Household,
    entries: Iterable[DeviceEntry],
    error: type[SimError],
) -> None:
    """Refuse an argument that is none of the names that are there.

    Args:
        node: the arguments as they are written.
        model: the act or command that takes them.
        household: whose devices and places.
        entries: the devices whose names are meant.
        error: what is raised.

    Raises:
        SimError: of the class given, with the place of the name.
    """
    entries = tuple(entries)
    for field, declared in model.model_fields.items():
        mark = next((one for one in declared.metadata if isinstance(one, Listed)), None)
        written = node.step(declared.alias or field) or node.step(field)
        if mark is None or written is None:
            continue
        known = listed(mark, household, entries)
        for one in _written(written.value):
            name = str(one.value)
            if one.value is None or name in known or (mark.places and not _mistyped(name, known)):
                continue
            sentence = f"there is no `{short(name)}` here"
            raise Mistake.UNKNOWN_NAME.of(error, sentence, one.place, did_you_mean(name, known))


def _mistyped(place: str, known: tuple[str, ...]) -> bool:
    """Say whether a place is written as a name, and nearly as one that is there."""
    return is_name(place) and nearest(place, known) is not None


def _written(node: Node) -> Iterator[Node]:
    """Yield the names in an argument: the keys of a mapping, or the one that stands there."""
    if isinstance(node.value, Mapping):
        yield from (entry.key for entry in node.entries.values())
    else:
        yield node


def _names(config: object, path: list[str]) -> Iterator[str]:
    """Yield the keys of a section; below a dot, those of that section in every one of them."""
    section = getattr(config, path[0], {})
    if len(path) == 1:
        yield from section
    else:
        for inner in section.values():
            yield from _names(inner, path[1:])
