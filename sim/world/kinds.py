"""Every kind of device there is: those of the household in `sim.devices`, the services in `sim.services`."""

import importlib
import pkgutil
from types import ModuleType

import sim.devices
import sim.services
from sim.core.device import Device


def kinds() -> dict[str, type[Device]]:
    """Return every kind of device by the name a household file calls it, sorted by that name.

    A kind is a `Device` subclass with a `kind`, in a module or package of one of the two folders; two of
    the same name are a bug.
    """
    found: dict[str, type[Device]] = {}
    for room in (sim.devices, sim.services):
        for module in _modules(room):
            for thing in vars(module).values():
                if isinstance(thing, type) and issubclass(thing, Device) and "kind" in vars(thing):
                    assert found.get(thing.kind, thing) is thing, (
                        f"two kinds are called {thing.kind}"
                    )  # INVARIANT
                    found[thing.kind] = thing
    return dict(sorted(found.items()))


def _modules(room: ModuleType) -> list[ModuleType]:
    names = [module.name for module in pkgutil.iter_modules(room.__path__)]
    return [importlib.import_module(f"{room.__name__}.{name}") for name in names]
