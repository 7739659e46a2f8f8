"""What devices are given in the factory: their secret seeds, and the digital keys paired with each car.

A car comes with the keys that its household entry lists; where it lists none, with every phone and
watch of an owner or a member. Keys of owners may share and revoke others.
"""

from collections.abc import Mapping

from sim.core.device import Device, Provision
from sim.core.household import DeviceEntry, Household
from sim.trust.derivation import digital_key, seed_for_scenario


def provisions(household: Household, kinds: Mapping[str, type[Device]], seed: int) -> dict[str, Provision]:
    """Return what each device of a household is given, for a first start at the beginning of time.

    Args:
        household: who and what there is.
        kinds: kind name to class.
        seed: of the run.
    """
    seeds = {name: seed_for_scenario(seed, household.name, name) for name in household.devices}
    paired = {
        name: _keys_of(household, kinds, entry)
        for name, entry in household.devices.items()
        if kinds[entry.kind].opens_to_keys
    }
    public = {
        name: digital_key(name, seeds[name]).key.public_key().public_bytes_raw()
        for name in {*paired, *(key for keys in paired.values() for key in keys)}
    }
    given = {}
    for name in household.devices:
        cars = tuple(car for car, keys in paired.items() if name in keys)
        others = paired.get(name, cars)
        owners = others if cars and _is_owners(household, name) else _owned(household, paired.get(name, ()))
        known = {*others, *(key for car in cars for key in paired[car])}
        given[name] = Provision(
            seed=seeds[name],
            boot=1,
            now_ms=0,
            paired=others,
            owners=frozenset(owners),
            keys={other: public[other] for other in household.devices if other in known},
        )
    return given


def _keys_of(household: Household, kinds: Mapping[str, type[Device]], car: DeviceEntry) -> tuple[str, ...]:
    listed: tuple[str, ...] | None = getattr(car.config, "keys", None)
    if listed is not None:
        return listed
    return tuple(
        name
        for name, entry in household.devices.items()
        if kinds[entry.kind].holds_keys
        and entry.enrolled
        and getattr(entry.config, "paired", True)
        and _role_of(household, entry) in {"owner", "member"}
    )


def _owned(household: Household, devices: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(device for device in devices if _is_owners(household, device))


def _is_owners(household: Household, device: str) -> bool:
    return _role_of(household, household.devices[device]) == "owner"


def _role_of(household: Household, entry: DeviceEntry) -> str | None:
    owner = entry.config.owner
    return None if owner is None else household.people[owner].role
