"""The clock by which a node judges what others sent: it follows the wall clock, and never goes back.

A wall clock can be moved by whoever serves the time. Moved forward it makes commands expire earlier;
moved back it must not make those live again that have expired. So this clock goes on by the time that
has really passed, and while it is ahead of the wall clock it goes at half speed until they agree, as
`adjtime` slews: a clock that was wrong for a second is not wrong for ever.
"""

from sim.world.port import Port

_HALVES = 2
"""It is counted in half milliseconds, so that half speed loses nothing to rounding."""


class SteadyClock:
    """See the module.

    Args:
        port: the wall clock, and how long the device has been running.
        not_before_ms: the latest time that this device knew before it was restarted, milliseconds since 1970.
    """

    def __init__(self, port: Port, not_before_ms: int = 0) -> None:
        self._port = port
        self._uptime_ms = port.uptime_ms()
        self._halves = max(port.now_ms(), not_before_ms) * _HALVES

    def now_ms(self) -> int:
        """Return the time, milliseconds since 1970; never less than it was."""
        uptime_ms = self._port.uptime_ms()
        passed_ms = uptime_ms - self._uptime_ms
        self._uptime_ms = uptime_ms
        at_half_speed = self._halves + passed_ms
        self._halves = max(self._port.now_ms() * _HALVES, at_half_speed)
        return self._halves // _HALVES
