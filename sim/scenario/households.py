"""Household files: people, homes, devices and strangers, and that every name in them leads somewhere.

    household: wang
    people:    {lin: {role: owner}}
    homes:     {home: {position: [40.0, 116.5], rooms: {…}}}
    places:    {office: {position: [39.9, 116.4]}}
    roads:     {ring: {from: home, to: office, length: 9 km, speed: 60 km/h}}
    devices:   {su7: {kind: car, owner: lin}}
    strangers: {mallory: {kind: stranger}}

What a device may say beside its `kind` is up to that kind's `Config`.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from sim.core.device import Device, Refers, reference_of
from sim.core.errors import HouseholdError, Place, SimError, did_you_mean, nearest
from sim.core.household import DeviceEntry, Home, Household, Person
from sim.core.names import NAME, NAME_RULE, is_name
from sim.core.roads import Road, SpotOnMap
from sim.core.units import DIMENSIONS, LENGTH, fact_name
from sim.documents.reading import Entry, Mistake, Node, read_document, short
from sim.documents.shape import validate
from sim.physics.travel import distance_m, local_plane
from sim.scenario.attachments import Attachments, with_files
from sim.scenario.installations import check_grants, check_plug, with_scenes

RESERVED = ("always", "none", "observer", "road_users", "roads", "weather")
"""Words that mean something else in a scenario, where a name could stand."""

Kinds = Mapping[str, type[Device]]


class _File(BaseModel):
    """A household, for scenarios to happen in."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    household: str = Field(description="its name, the first level of its topics")
    people: dict[str, Person] = Field(max_length=32, description="who lives there or visits")
    homes: dict[str, Home] = Field(default={}, max_length=8, description="where they live")
    places: dict[str, SpotOnMap] = Field(default={}, max_length=64, description="where else they drive to")
    roads: dict[str, Road] = Field(
        default={}, max_length=256, description="roads between homes and places, for everybody who drives"
    )
    devices: dict[str, dict[str, Any]] = Field(
        min_length=1, max_length=64, description="what they own, each with its `kind`"
    )
    strangers: dict[str, dict[str, Any]] = Field(
        default={}, max_length=16, description="devices that do not belong to the household"
    )


_SECTIONS = {
    "people": "person",
    "homes": "home",
    "places": "place",
    "roads": "road",
    "devices": "device",
    "strangers": "stranger",
}
"""Every part of the file whose keys are names, and what such a name stands for."""


def read_household(file_name: str, text: str, kinds: Kinds) -> Household:
    """Return the household that a file describes.

    Args:
        file_name: as places shall show it.
        text: the whole file.
        kinds: every kind of device there is, by its name.

    Raises:
        HouseholdError: with its place, for the first thing that cannot be.
    """
    return household_of(read_document(file_name, text, HouseholdError), kinds)


def household_of(root: Node, kinds: Kinds, files: Attachments | None = None) -> Household:
    """Return the household that a document describes.

    Args:
        root: the document of a household file, or what `extended` made of one.
        kinds: every kind of device there is, by its name.
        files: where the files are that it names; None to leave their names, where nothing is to be run.

    Raises:
        HouseholdError: with its place, for the first thing that cannot be.
    """
    file = validate(root, _File, HouseholdError)
    _check_names(root)
    written = {**_section(root, "devices"), **_section(root, "strangers")}
    devices = {
        name: _device(name, entry, kinds, files, enrolled=name not in file.strangers)
        for name, entry in written.items()
    }
    household = Household(file.household, file.people, file.homes, devices, file.places, file.roads)
    _check_roads(root, household)
    for name, entry in written.items():
        _check_references(entry, devices[name], household)
    for name, entry in written.items():
        check_plug(entry, devices[name], household)
        check_grants(entry, devices[name], household, kinds)
        devices[name] = with_scenes(entry, devices[name], household, kinds)
    return household


def extended(base: Node, extra: Node) -> Node:
    """Return the document of a household with more people, homes, devices or strangers in it.

    Args:
        base: the document of a household file.
        extra: a mapping with any of those sections; what it adds must be new.

    Raises:
        HouseholdError: for a name that the household already has.
    """
    entries = dict(base.entries)
    for section in _SECTIONS:
        added = extra.step(section)
        if added is None:
            continue
        known = _section(base, section)
        for name, entry in added.value.entries.items():
            if name in known:
                sentence = f"the household already has `{name}`"
                raise _refusal(Mistake.NAME_TAKEN, sentence, entry.key.place, "choose another name")
        merged = replace(added.value, value={**known, **added.value.entries})
        entries[section] = Entry(added.key, merged)
    return replace(base, value=entries)


def _section(root: Node, name: str) -> Mapping[str, Entry]:
    """Return the entries of one part of the file; nothing if the part is not there."""
    found = root.step(name)
    return found.value.entries if found else {}


# --- names ------------------------------------------------------------------------------------------


def _check_names(root: Node) -> None:
    """Refuse what is no name, and a name for two things: a scenario could not tell them apart."""
    household = root.at(["household"])
    _check_name(str(household.value), household.place)
    known: dict[str, str] = dict.fromkeys(RESERVED, "a reserved word")
    for section, noun in _SECTIONS.items():
        for name, entry in _section(root, section).items():
            _check_name(name, entry.key.place)
            if name in known:
                sentence = f"`{name}` is already {known[name]}"
                raise _refusal(Mistake.NAME_TAKEN, sentence, entry.key.place, "choose another name")
            known[name] = f"the name of a {noun}, on line {entry.key.place.line}"
    for home in _section(root, "homes").values():
        for name, room in _section(home.value, "rooms").items():
            _check_name(name, room.key.place)


def _check_name(name: str, place: Place) -> None:
    if not is_name(name):
        raise _refusal(
            Mistake.NOT_A_NAME, f"`{short(name)}` cannot be a name", place, f"a name is {NAME_RULE}"
        )


def _refusal(mistake: Mistake, sentence: str, place: Place, help_text: str | None) -> SimError:
    return mistake.of(HouseholdError, sentence, place, help_text)


# --- devices ----------------------------------------------------------------------------------------


def _device(
    name: str, entry: Entry, kinds: Kinds, files: Attachments | None, *, enrolled: bool
) -> DeviceEntry:
    """Return one device, checked by its kind."""
    kind = _kind(name, entry, kinds)
    if kinds[kind].trusted is not enrolled:
        section = "devices" if kinds[kind].trusted else "strangers"
        place = entry.value.at(["kind"]).place
        raise _refusal(
            Mistake.WRONG_SECTION, f"`{name}` is a `{kind}`, which belongs under `{section}`", place, None
        )
    config = validate(entry.value.without("kind"), kinds[kind].Config, HouseholdError, key=entry.key)
    if files is not None:
        config = with_files(config, entry.value, files, HouseholdError)
    return DeviceEntry(name, kind, config, enrolled)


def _kind(name: str, entry: Entry, kinds: Kinds) -> str:
    """Return the kind of a device, one of those there are."""
    written = entry.value.step("kind")
    if written is None:
        near = nearest("kind", entry.value.entries)
        sentence = f"key `kind` is missing in `{name}`"
        help_text = f"is `{near}` meant to be `kind`?" if near else f"write what `{name}` is: `kind: …`"
        raise _refusal(Mistake.MISSING_KEY, sentence, entry.key.place, help_text)
    kind = str(written.value.value)
    if kind not in kinds:
        sentence = f"there is no kind of device called `{short(kind)}`"
        raise _refusal(Mistake.UNKNOWN_NAME, sentence, written.value.place, did_you_mean(kind, kinds))
    return kind


def _check_references(entry: Entry, device: DeviceEntry, household: Household) -> None:
    """Refuse a field that names something the household does not have."""
    for field in type(device.config).model_fields:
        refers = reference_of(type(device.config), field)
        name = getattr(device.config, field)
        if refers is None or name is None:
            continue
        noun = refers.kind or refers.to
        _check_known(name, noun, _known(refers, household), _place_of(field, entry))
    if device.room is not None:
        place = _place_of("room", entry)
        if device.home is None:
            sentence = f"`{device.name}` has a room but no home"
            raise _refusal(Mistake.MISSING_KEY, sentence, place, "say which home with `home: …`")
        _check_known(device.room, f"room of `{device.home}`", list(household.homes[device.home].rooms), place)


def _check_known(name: str, noun: str, known: list[str], place: Place) -> None:
    if name not in known:
        sentence = f"there is no {noun} called `{short(name)}`"
        raise _refusal(Mistake.UNKNOWN_NAME, sentence, place, did_you_mean(name, known))


def _check_roads(root: Node, household: Household) -> None:
    """Refuse a road from or to nowhere, in a circle, or shorter than the straight line."""
    spots = household.map.positions
    for name, entry in _section(root, "roads").items():
        road = household.roads[name]
        for field, end in (("from", road.from_), ("to", road.to)):
            _check_known(end, "home or place", list(spots), entry.value.at([field]).place)
        if road.from_ == road.to:
            sentence = f"`{name}` leads from `{short(road.to)}` to itself"
            raise _refusal(Mistake.WRONG_VALUE, sentence, entry.value.at(["to"]).place, "name another end")
        ends = [local_plane(spots[one], household.map.origin) for one in (road.from_, road.to)]
        straight_m = distance_m(*ends)
        # One in a hundred is what the plane is off by (see `local_plane`).
        if road.length_m < straight_m * 0.99:
            sentence = (
                f"`{name}` is {LENGTH.show(road.length_m)} long, but its ends are"
                f" {LENGTH.show(round(straight_m))} apart"
            )
            place = entry.value.at(["length"]).place
            raise _refusal(Mistake.WRONG_VALUE, sentence, place, "no road is shorter than the straight line")


def _place_of(field: str, entry: Entry) -> Place:
    """Return where a field is written, or its device when it is not."""
    written = entry.value.step(fact_name(field)) or entry.value.step(field)
    return written.value.place if written else entry.key.place


def _known(refers: Refers, household: Household) -> list[str]:
    """Return every name that a reference may use."""
    devices = [one.name for one in household.devices.values() if refers.kind in {None, one.kind}]
    homes, spots = list(household.homes), [*household.homes, *household.places]
    return {
        "device": devices,
        "person": list(household.people),
        "home": homes,
        "room": [room for home in household.homes.values() for room in home.rooms],
        "road": list(household.roads),
        "spot": spots,
        "place": [*spots, *household.people, *devices],
    }[refers.to]


# --- the schema that editors use --------------------------------------------------------------------

_REFERENCE = "#/definitions/{model}"
_NUMBER = r"^\s*[+-]?[0-9][0-9_]*(\.[0-9]+)?([eE][+-]?[0-9]+)?\s*"


def household_schema(kinds: Kinds) -> dict[str, Any]:
    """Return the JSON Schema (draft 7, which editors read) of a household file.

    Args:
        kinds: every kind of device there is, by its name.
    """
    schema = _File.model_json_schema(ref_template=_REFERENCE)
    definitions = schema.pop("$defs")
    for section, trusted in (("devices", True), ("strangers", False)):
        these = {name: kind for name, kind in kinds.items() if kind.trusted is trusted}
        schema["properties"][section]["additionalProperties"] = _entry_schema(these, definitions)
    for section in _SECTIONS:
        schema["properties"][section]["propertyNames"] = {"pattern": f"^{NAME.pattern}$"}
    schema["title"] = "A household for carhome"
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        **as_written({**schema, "definitions": definitions}),
    }


def _entry_schema(kinds: Kinds, definitions: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of one device: its kind decides the rest, in a form that editors can complete."""
    branches = []
    for name, kind in kinds.items():
        config = kind.Config.model_json_schema(ref_template=_REFERENCE)
        definitions.update(config.pop("$defs", {}))
        config["properties"] = {"kind": {"const": name}, **config["properties"]}
        config["title"] = name
        chosen = {"properties": {"kind": {"const": name}}, "required": ["kind"]}
        branches.append({"if": chosen, "then": config})
    kind_of = {"enum": list(kinds), "description": "what the device is"}
    return {"type": "object", "properties": {"kind": kind_of}, "required": ["kind"], "allOf": branches}


def as_written(schema: Any) -> Any:
    """Return a schema of values as one of what people write: quantities as text, in the words of draft 7.

    Args:
        schema: JSON Schema as pydantic has it.
    """
    if isinstance(schema, list):
        return [as_written(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    if "x-unit" in schema:
        return _quantity(schema)
    changed = {name: as_written(inner) for name, inner in schema.items()}
    if "prefixItems" in changed:
        changed["items"] = changed.pop("prefixItems")
    return changed


def _quantity(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of a number with its unit."""
    dimension = next(one for one in DIMENSIONS if one.unit == schema["x-unit"])
    units = "|".join(re.escape(unit) for unit in dimension.units)
    written = {
        "type": "string",
        "pattern": f"{_NUMBER}({units})\\s*$",
        "description": f"a {dimension.name} with its unit, such as {dimension.example}",
    }
    if schema.get("default") is not None:
        written["default"] = dimension.show(schema["default"])
    return written
