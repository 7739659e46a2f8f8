"""Drivers: they play performances in memory or over a link, at full speed or a presenter's pace."""

import asyncio
import time
from dataclasses import dataclass

from sim.core.errors import BrokerError
from sim.scenario.run import CaseResult, Performance
from sim.shell.brokers.mqtt_link import Link
from sim.world.network.link import Delivery, Pause, Round


@dataclass(slots=True)
class Pace:
    """How fast virtual time may pass.

    Attributes:
        speed: virtual seconds per real second.
        origin: (virtual milliseconds, real seconds) of the first pause.
    """

    speed: float
    origin: tuple[int, float] | None = None

    def seconds_until(self, virtual_ms: int, now_ms: int) -> float:
        """Return how long it is until a virtual instant is due; nothing for a run that is late."""
        real_s = time.monotonic()
        if self.origin is None:
            self.origin = (now_ms, real_s)
        start_ms, start_s = self.origin
        return max(0.0, start_s + (virtual_ms - start_ms) / 1000 / self.speed - real_s)


def play_in_memory(performance: Performance) -> CaseResult:
    """Play at full speed: the deliveries are those that MQTT's rules demand."""
    try:
        step = next(performance)
        while True:
            step = performance.send(step.expected if isinstance(step, Round) else ())
    except StopIteration as end:
        result: CaseResult = end.value
        return result


async def play(performance: Performance, link: Link | None, pace: Pace | None, start_ms: int) -> CaseResult:
    """Play over a link, or in memory when there is none, at a pace if there is one.

    When the broker is lost, or does not do what MQTT demands, the performance is told and ends with an
    `error`; the link is of no use after it.
    """
    now_ms = start_ms
    try:
        step = next(performance)
        while True:
            deliveries: tuple[Delivery, ...] = ()
            try:
                if isinstance(step, Pause):
                    if pace is not None:
                        await _idle(link, pace.seconds_until(step.until_ms, now_ms))
                    now_ms = step.until_ms
                else:
                    deliveries = step.expected if link is None else await link.exchange(step)
            except BrokerError as lost:
                step = performance.throw(lost)
            else:
                step = performance.send(deliveries)
    except StopIteration as end:
        result: CaseResult = end.value
        return result


async def _idle(link: Link | None, seconds: float) -> None:
    """Sleep, but not through the loss of the broker."""
    if link is None:
        await asyncio.sleep(seconds)
    else:
        await link.idle(seconds)
