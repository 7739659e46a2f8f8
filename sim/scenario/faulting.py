"""Faults of a scenario: which device, which part, and what is wrong with it."""

from collections.abc import Mapping
from typing import Literal

from sim.core.device import Device
from sim.core.errors import ScenarioError, did_you_mean
from sim.core.household import Household
from sim.core.units import fact_name
from sim.documents.reading import Entry, Mistake, Node
from sim.scenario.facts import physical_fields
from sim.scenario.grammar import FaultDetail
from sim.scenario.model import AnyFault, ClockSkew, Crash, LinkBreak, PartBreak, Partition
from sim.world.network.faults import LinkFault

_SUBJECTS = ("link", "crash", "sensor", "jam", "clock")
_LINK_EFFECTS = ("partition", "loss", "delay", "duplicate", "reorder")
_BELONGS_TO = {**dict.fromkeys((*_LINK_EFFECTS, "direction"), "link"), "ahead": "clock", "behind": "clock"}


def read_fault(
    entry: Entry, detail: FaultDetail, household: Household, kinds: Mapping[str, type[Device]]
) -> AnyFault:
    """Return the fault of a step.

    Args:
        entry: `fault` and what stands behind it.
        detail: the same, its shape checked.
        household: whose devices can break.
        kinds: kind name to class.

    Raises:
        ScenarioError: when it names what is not there, or says two things at once.
    """
    node = entry.value
    subject = _subject(entry)
    for name, owner in _BELONGS_TO.items():
        if name in node.entries and owner != subject:
            sentence = f"`{name}` belongs to a fault of `{owner}`, not of `{subject}`"
            raise Mistake.WRONG_SECTION.of(ScenarioError, sentence, node.entries[name].key.place)
    target = node.entries[subject].value
    match subject:
        case "link":
            return _link(node, _device(target, str(target.value), household), detail)
        case "crash":
            device, controller = _split(target, household)
            if controller is None:
                return Crash(device, None, detail.for_)
            whole = _whole_devices(device, household, kinds)
            if controller in whole:
                return Crash(whole[controller], None, detail.for_)
            known = (*kinds[household.devices[device].kind].controllers, *whole)
            _must_be_known(target, controller, known, f"controller of {device}")
            return Crash(device, controller, detail.for_)
        case "clock":
            device = _device(target, str(target.value), household)
            return ClockSkew(device, _skew_ms(node, detail), detail.for_)
        case _:
            device, fact = _split(target, household)
            kind = kinds[household.devices[device].kind]
            fields = {name: field for name, field, _ in physical_fields(kind)}
            if fact is None:
                sentence = f"it is not said which part of {device}"
                help_text = did_you_mean("", tuple(f"{device}.{name}" for name in fields))
                raise Mistake.WRONG_VALUE.of(ScenarioError, sentence, target.place, help_text)
            _must_be_known(target, fact, tuple(fields), f"physical fact of {device}")
            what: Literal["sensor", "jam"] = "sensor" if subject == "sensor" else "jam"
            return PartBreak(what, device, fields[fact], detail.for_)


def _subject(entry: Entry) -> str:
    found = [name for name in _SUBJECTS if name in entry.value.entries]
    if len(found) == 1:
        return found[0]
    words = ", ".join(f"`{name}`" for name in _SUBJECTS)
    if found:
        sentence = f"one fault breaks one thing, but here are `{found[0]}` and `{found[1]}`"
        place = entry.value.entries[found[1]].key.place
        raise Mistake.WRONG_SECTION.of(ScenarioError, sentence, place, "make two steps of it")
    sentence = "it is not said what breaks"
    raise Mistake.MISSING_KEY.of(ScenarioError, sentence, entry.key.place, f"name one of {words}")


def _skew_ms(node: Node, detail: FaultDetail) -> int:
    """Return how far a clock is ahead of the truth; negative when it is behind."""
    said = [name for name in ("ahead", "behind") if name in node.entries]
    if len(said) != 1:
        place = node.entries[said[1] if said else "clock"].key.place
        sentence = "a clock is either `ahead` or `behind`"
        raise Mistake.WRONG_SECTION.of(ScenarioError, sentence, place, "say one of them: `ahead: 5 min`")
    return detail.ahead or -(detail.behind or 0)


def _link(node: Node, device: str, detail: FaultDetail) -> AnyFault:
    effects = [name for name in _LINK_EFFECTS if name in node.entries]
    if not effects:
        sentence = "it is not said what is wrong with the link"
        words = ", ".join(f"`{name}`" for name in _LINK_EFFECTS)
        raise Mistake.MISSING_KEY.of(
            ScenarioError, sentence, node.entries["link"].key.place, f"add one of {words}"
        )
    if "partition" in effects:
        others = [name for name in (*effects, "direction") if name in node.entries and name != "partition"]
        if others:
            sentence = f"a link that is cut has no `{others[0]}`"
            raise Mistake.WRONG_SECTION.of(ScenarioError, sentence, node.entries[others[0]].key.place)
        return Partition(device, detail.for_)
    fault = LinkFault(
        loss_percent=detail.loss or 0.0,
        delay_ms=detail.delay or 0,
        duplicate_percent=detail.duplicate or 0.0,
        reorder_ms=detail.reorder or 0,
        direction=detail.direction or "both",
    )
    return LinkBreak(device, fault, detail.for_)


def _whole_devices(device: str, household: Household, kinds: Mapping[str, type[Device]]) -> dict[str, str]:
    """Return the controllers that are whole devices: what has a car's link, and what has its screens."""
    if not kinds[household.devices[device].kind].controllers:
        return {}
    cockpits = [name for name, entry in household.devices.items() if entry.car == device]
    return {"gateway": device, **({"cockpit": cockpits[0]} if cockpits else {})}


def _split(node: Node, household: Household) -> tuple[str, str | None]:
    device, dot, part = str(node.value).partition(".")
    return _device(node, device, household), fact_name(part) if dot else None


def _device(node: Node, name: str, household: Household) -> str:
    _must_be_known(node, name, tuple(household.devices), f"device of household {household.name}")
    return name


def _must_be_known(node: Node, word: str, known: tuple[str, ...], what: str) -> None:
    if word not in known:
        raise Mistake.UNKNOWN_NAME.of(
            ScenarioError, f"`{word}` is no {what}", node.place, did_you_mean(word, known)
        )
