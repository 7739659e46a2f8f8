"""What a device has heard of the others: values with their age, never a truth.

State messages carry (boot, sequence); an older one than the one known is ignored, whatever order a
broker delivers. Once a device's will says it is gone, readers show `unknown` for what may have
changed since, and the last value with its age for what they are told to keep.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

UNKNOWN: Literal["unknown"] = "unknown"
"""What is shown for a value nobody can vouch for."""


@dataclass(frozen=True, slots=True)
class Belief:
    """The latest report of one facet.

    Attributes:
        values: field names (with unit suffix) to values.
        sampled_ms: when the source measured them, by its own clock.
        version: (boot, sequence) of the report.
        when_offline: whether the values still count once the source is offline.
    """

    values: Mapping[str, Any]
    sampled_ms: int
    version: tuple[int, int]
    when_offline: Literal["unknown", "last"]


@dataclass(frozen=True, slots=True)
class Acquaintance:
    """What is known of one other device.

    Attributes:
        online: True, False, or None as long as nothing was heard.
        facets: latest report of each facet.
    """

    online: bool | None = None
    facets: Mapping[str, Belief] = field(default_factory=dict)


NOBODY = Acquaintance()
"""What is known of a device that was never heard of."""


@dataclass(frozen=True, slots=True)
class Beliefs:
    """Everything one device believes of the others."""

    of: Mapping[str, Acquaintance] = field(default_factory=dict)

    def about(self, device: str) -> Acquaintance:
        """Return what is known of a device, nothing if it was never heard of."""
        return self.of.get(device, NOBODY)

    def heard(self, device: str, facet: str, belief: Belief) -> "Beliefs":
        """Return the beliefs after a report; the same object when the report is not newer."""
        known = self.about(device)
        before = known.facets.get(facet)
        if before is not None and belief.version <= before.version:
            return self
        return self._with(device, Acquaintance(known.online, {**known.facets, facet: belief}))

    def online(self, device: str, *, online: bool) -> "Beliefs":
        """Return the beliefs after a device came or went."""
        return self._with(device, Acquaintance(online, self.about(device).facets))

    def out_of_reach(self) -> "Beliefs":
        """Return the beliefs of somebody who hears nothing any more: who is still there is not known."""
        return Beliefs({device: Acquaintance(None, known.facets) for device, known in self.of.items()})

    def is_online(self, device: str) -> bool:
        """Say whether a device was last heard to be there."""
        return self.about(device).online is True

    def raw(self, device: str, field_name: str) -> tuple[Any, int] | None:
        """Return (value, sampled_ms) as last reported, or None if never."""
        for belief in self.about(device).facets.values():
            if field_name in belief.values:
                return belief.values[field_name], belief.sampled_ms
        return None

    def shown(self, device: str, field_name: str) -> Any:
        """Return the value a screen may show: `unknown` when never heard, or gone stale with its source."""
        known = self.about(device)
        for belief in known.facets.values():
            if field_name in belief.values:
                if known.online is not True and belief.when_offline == "unknown":
                    return UNKNOWN
                return belief.values[field_name]
        return UNKNOWN

    def _with(self, device: str, known: Acquaintance) -> "Beliefs":
        return Beliefs({**self.of, device: known})
