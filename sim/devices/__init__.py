"""The kinds of devices: one file each, found by being here.

car/         locks, doors, boot, windows, motion and battery of a car; gateway and body controllers
camera.py    a home camera that takes real pictures
climate.py   heats or cools a room
dashboard.py the screens of a car
phone.py     a person's phone
stranger.py  somebody whom the household does not know
watch.py     a person's watch, a digital key
"""

import importlib
import pkgutil

from sim.core.device import Device


def kinds() -> dict[str, type[Device]]:
    """Return every kind of device by the name a household file calls it, sorted by that name.

    A kind is a `Device` subclass with a `kind`, in a module or package of this folder; two of the same
    name are a bug.
    """
    found: dict[str, type[Device]] = {}
    for module_info in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{module_info.name}")
        for thing in vars(module).values():
            if isinstance(thing, type) and issubclass(thing, Device) and "kind" in vars(thing):
                assert found.get(thing.kind, thing) is thing, (
                    f"two kinds are called {thing.kind}"
                )  # INVARIANT
                found[thing.kind] = thing
    return dict(sorted(found.items()))
