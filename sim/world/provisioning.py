"""What devices are given in the factory: their secret seeds, and the digital keys that cars come with.

Every phone and watch of an owner or a member is a key of every car of the household, unless its entry says
`paired: false`. Keys of owners may share and revoke others.
"""

from collections.abc import Mapping

from sim.core.device import Device, Peer, Provision
from sim.core.errors import MissingPartError
from sim.core.household import DeviceEntry, Household
from sim.trust.derivation import box_key, digital_key, intent_key, maker_for_scenario, seed_for_scenario


def provisions(household: Household, kinds: Mapping[str, type[Device]], seed: int) -> dict[str, Provision]:
    """Return what each device of a household is given, for a first start at the beginning of time.

    Args:
        household: who and what there is.
        kinds: kind name to class.
        seed: of the run.
    """
    entries = household.devices
    seeds = {name: seed_for_scenario(seed, household.name, name) for name in entries}
    cars = tuple(name for name, entry in entries.items() if kinds[entry.kind].opens_to_keys)
    keys = tuple(name for name, entry in entries.items() if _is_key(household, kinds, entry))
    public = {
        name: digital_key(name, seeds[name]).key.public_key().public_bytes_raw() for name in (*cars, *keys)
    }
    owners = frozenset(key for key in keys if household.role_of(key) == "owner")
    boxes = {
        name: box_key(seeds[name]).public_key().public_bytes_raw()
        for name, entry in entries.items()
        if kinds[entry.kind].takes_letters and entry.enrolled
    }
    peers = {
        name: Peer(
            entry.kind,
            entry.config.owner,
            kinds[entry.kind].shared,
            intent_key(name, seeds[name]).key.public_key().public_bytes_raw(),
        )
        for name, entry in entries.items()
        if entry.enrolled
    }
    suppliers = [name for name, entry in entries.items() if kinds[entry.kind].supplies_software]
    maker = maker_for_scenario(seed)
    root = _software_root(maker, seeds[suppliers[0]]) if suppliers else b""
    given = {}
    for name in entries:
        if name in cars:
            paired, may_share, known = keys, owners, keys
        elif name in keys:
            paired, may_share, known = cars, frozenset(cars if name in owners else ()), (*cars, *keys)
        else:
            paired, may_share, known = (), frozenset[str](), ()
        public_keys = {other: public[other] for other in known}
        given[name] = Provision(
            seeds[name],
            1,
            0,
            paired,
            may_share,
            public_keys,
            people={person: one.role for person, one in household.people.items()},
            boxes={other: box for other, box in boxes.items() if other != name},
            peers=peers,
            map=household.map,
            software_root=root,
            maker=maker if name in suppliers else b"",
        )
    return given


def _software_root(maker: bytes, online: bytes) -> bytes:
    """Return the root metadata that cars are delivered with.

    Raises:
        MissingPartError: without the libraries that sign them.
    """
    try:
        from sim.trust.updates.signing import Keys  # noqa: PLC0415  # an optional part, and slow to load
    except ImportError:
        sentence = "signed software needs libraries that are not installed"
        raise MissingPartError(
            sentence, help_text='install them with: pip install "carhome[updates]"'
        ) from None
    return Keys(maker, online).root()


def _is_key(household: Household, kinds: Mapping[str, type[Device]], entry: DeviceEntry) -> bool:
    return (
        kinds[entry.kind].holds_keys
        and entry.enrolled
        and getattr(entry.config, "paired", True)
        and household.role_of(entry.name) in {"owner", "member"}
    )
