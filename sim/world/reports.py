"""What a report on a state topic says, read once for everybody who hears it."""

from functools import lru_cache

from sim.core.beliefs import Belief
from sim.core.device import Facet
from sim.core.messages import EVENTS_KEPT_MAX, CloudEvent


@lru_cache(maxsize=EVENTS_KEPT_MAX)
def belief_of(facet: type[Facet], payload: bytes) -> Belief:
    """Return what a report says.

    Raises:
        ValueError: when it is no message of ours, or does not fit the facet; pydantic's errors are such.
        KeyError: when it has no values or no version.
        TypeError: when its version is not made of whole numbers.
    """
    event = CloudEvent.from_json(payload)
    values = facet.model_validate(event.data["values"]).model_dump()
    version = (event.data["boot"], event.data["seq"])
    if not all(type(number) is int for number in version):
        msg = "boot and seq are not whole numbers"
        raise TypeError(msg)
    return Belief(values, event.time_ms, version, facet.when_offline)
