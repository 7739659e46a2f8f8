"""What a report of a device says, of itself or of being there, and what can be looked up as its cause."""

from functools import lru_cache

from sim.core.beliefs import Belief
from sim.core.device import Facet
from sim.core.messages import EVENTS_KEPT_MAX, CloudEvent
from sim.core.topics import Topic


@lru_cache(maxsize=EVENTS_KEPT_MAX)
def belief_of(facet: type[Facet], payload: bytes) -> Belief:
    """Return what a report on a state topic says, read once for everybody who hears it.

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


def says_online(event: CloudEvent) -> bool:
    """Say whether a device is there, by a report on its online topic; only a plain yes counts.

    Raises:
        KeyError: when it does not say.
    """
    return event.data["online"] is True


def visit_of(event: CloudEvent) -> tuple[int, int, bool]:
    """Return when a device came or went, as far as its own count tells: boot, visit, and last that it went.

    Raises:
        KeyError: when a report on an online topic does not say.
        TypeError: when what it says is no count.
    """
    boot, visit = event.data["boot"], event.data["visit"]
    if type(boot) is not int or type(visit) is not int:
        msg = "boot and visit are not whole numbers"
        raise TypeError(msg)
    return boot, visit, not says_online(event)


def cause_of(topic: Topic, event: CloudEvent) -> str | None:
    """Return the id by which a report is looked up as the cause of what follows; None where it cannot be.

    That a device is gone is said by its will, which the broker publishes: no record has it as a message, so
    it is no cause to be looked up.

    Raises:
        KeyError: when a report on an online topic does not say whether the device is there.
    """
    gone = topic.channel == "online" and not says_online(event)
    return None if gone else event.id
