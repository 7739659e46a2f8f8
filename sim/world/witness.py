"""What is true beside what is believed: records of the world as it is, for reports that draw both.

truth     physical facts of a device, as they are from now on; only those that have changed
flow      which datum reached a device by a message (see `flows`)
belief    what a device has heard of another one: values, where they come from and how old they are,
and beside them what is true at this instant of whatever is physical among them
"""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from sim.core.beliefs import Belief
from sim.core.device import Device, Provision
from sim.core.household import Household
from sim.core.messages import Frame
from sim.world.flows import Flows
from sim.world.trace import Trace
from sim.world.truth import Truth

DIGITS = 6
"""To how many decimals a physical quantity is recorded: a position to a ten-thousandth of a second of arc."""


class Witness:
    """Sees the world, and tells the trace.

    Args:
        truth: the world.
        trace: where records go.
        household: who and what there is.
        kinds: kind name to class.
        provisions: what each device was given: the keys to sealed letters among it.
    """

    def __init__(
        self,
        truth: Truth,
        trace: Trace,
        household: Household,
        kinds: Mapping[str, type[Device]],
        provisions: Mapping[str, Provision],
    ) -> None:
        self._truth = truth
        self._trace = trace
        self._flows = Flows(household, kinds, provisions, trace)
        self._seen: dict[str, dict[str, Any]] = {}
        self._beside_last: tuple[Belief, int, dict[str, Any]] | None = None

    def look(self, device: str, now_ms: int) -> None:
        """Record what has changed about a device since it was looked at last."""
        facts = self._truth.physical(device, now_ms)
        now = {one.name: _recorded(getattr(facts, one.name)) for one in fields(facts)}
        before = self._seen.get(device, {})
        changed = {name: value for name, value in now.items() if name not in before or before[name] != value}
        if changed:
            self._seen[device] = now
            self._trace.add(now_ms, "truth", None, device=device, facts=changed)

    def delivered(self, device: str, frame: Frame, now_ms: int) -> None:
        """Record which data reach a device by a message that is handed to it now."""
        self._flows.delivered(device, frame, now_ms)

    def heard(
        self, reader: str, source: str, facet: str, belief: Belief, cause: str | None, now_ms: int
    ) -> None:
        """Record what a device believes of another one from now on, beside what is true."""
        self._trace.add(
            now_ms,
            "belief",
            cause,
            device=reader,
            source=source,
            facet=facet,
            values=belief.values,
            age_ms=now_ms - belief.sampled_ms,
            true=self._beside(source, belief, now_ms),
        )

    def came_or_went(self, reader: str, source: str, cause: str | None, now_ms: int, *, online: bool) -> None:
        """Record that a device believes another one to be there, or to be gone."""
        self._trace.add(
            now_ms,
            "belief",
            cause,
            device=reader,
            source=source,
            facet="online",
            values={"online": online},
            age_ms=0,
            true={},
        )

    def _beside(self, device: str, belief: Belief, now_ms: int) -> dict[str, Any]:
        last = self._beside_last
        if last is not None and last[0] is belief and last[1] == now_ms:
            return last[2]  # Several read the same report at the same instant.
        found = {name: self._truth.quantity(device, name, now_ms) for name in belief.values}
        true = {name: _recorded(value[0]) for name, value in found.items() if value is not None}
        self._beside_last = (belief, now_ms, true)
        return true


def _recorded(value: Any) -> Any:
    return round(value, DIGITS) if isinstance(value, float) else value
