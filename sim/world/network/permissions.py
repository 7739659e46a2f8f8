"""What each broker user may do, generated from the household and the kinds of its devices.

A device writes the facets and events it declares, answers those who may ask it, and asks the kinds it
declares. It reads its own commands if anybody may ask it, the answers to itself, and of the state of the
kinds it declares the facets it declares, or all. Nothing else.
"""

from collections.abc import Mapping

from sim.core.device import Device
from sim.core.household import Household
from sim.core.topics import ROOT
from sim.world.network.link import Grants


def subscriptions(household: Household, kinds: Mapping[str, type[Device]], device: str) -> tuple[str, ...]:
    """Return the topic filters a device subscribes to; none overlaps another."""
    if kinds[household.devices[device].kind].eavesdrops:
        return (f"{ROOT}/#",)
    return readable(household, kinds, device)


def readable(household: Household, kinds: Mapping[str, type[Device]], device: str) -> tuple[str, ...]:
    """Return the topic filters a device may read; none overlaps another."""
    kind = kinds[household.devices[device].kind]
    base = f"{ROOT}/{household.name}"
    filters = [f"{base}/{device}/cmd/+/+"] if askers(household, kinds, device) else []
    if kind.asks:
        filters.append(f"{base}/+/reply/{device}/+")
    # A guest may ask, and is not told where the car is or who is at home.
    for other in () if household.role_of(device) == "guest" else household.others(device, kind.reads):
        facets = _facets(kind, kinds[household.devices[other].kind])
        filters += [*(f"{base}/{other}/state/{facet}" for facet in facets), f"{base}/{other}/online"]
    return tuple(filters)


def _facets(reader: type[Device], other: type[Device]) -> list[str]:
    """Return the facets of a kind that another may read, as the last word of a filter."""
    seen = reader.sees.get(other.kind, other.facets)
    found = [one for one in seen if one.readers is None or reader.kind in one.readers]
    return ["+"] if found == list(other.facets) else [one.facet for one in found]


def askers(household: Household, kinds: Mapping[str, type[Device]], device: str) -> list[str]:
    """Return the other devices that may ask a device something, in file order."""
    if not kinds[household.devices[device].kind].commands:
        return []
    return [
        name
        for name, entry in household.devices.items()
        if device in household.others(name, kinds[entry.kind].asks)
    ]


def grants(household: Household, kinds: Mapping[str, type[Device]]) -> dict[str, Grants]:
    """Return the permissions of every broker user of a household."""
    return {device: _grants_of(household, kinds, device) for device in household.devices}


def _grants_of(household: Household, kinds: Mapping[str, type[Device]], device: str) -> Grants:
    kind = kinds[household.devices[device].kind]
    base = f"{ROOT}/{household.name}"
    own = f"{base}/{device}"
    write = [f"{own}/online"]
    write += [f"{own}/state/{facet.facet}" for facet in kind.facets]
    write += [f"{own}/event/{name}" for name in kind.events]
    if kind.commands:
        write.append(f"{own}/decision")
    write += [f"{own}/reply/{asker}/+" for asker in askers(household, kinds, device)]
    write += [
        f"{base}/{target}/cmd/{device}/+"
        for target in household.others(device, kind.asks)
        if kinds[household.devices[target].kind].commands
    ]
    return Grants(tuple(write), readable(household, kinds, device))
