"""The clock by which a node judges what others sent: it follows the wall clock, and never goes back.

A wall clock can be moved by whoever serves the time. Moved forward it makes commands expire earlier;
moved back it must not make those live again that have expired. So this clock goes on by the time that
has really passed, and while it is ahead of the wall clock it goes at half speed until they agree, as
`adjtime` slews: a clock that was wrong for a second is not wrong for ever.
"""

from sim.world.node.port import Port

STEP_MS_MAX = 3_600_000
"""How far the wall clock may jump forward and be followed at once: as long as the longest command lives."""
STEP_OUT_MS = 300_000
"""How long a wall clock that jumped farther must stay there before it is believed, as NTP's step-out
threshold (RFC 5905, section 11.1): a day's jump for a moment would else refuse everybody for two."""
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
        self._ahead_since_ms: int | None = None

    def now_ms(self) -> int:
        """Return the time, milliseconds since 1970; never less than it was."""
        uptime_ms = self._port.uptime_ms()
        passed_ms = uptime_ms - self._uptime_ms
        self._uptime_ms = uptime_ms
        wall_ms = self._port.now_ms()
        expected_ms = self._halves // _HALVES + passed_ms
        if wall_ms > expected_ms + STEP_MS_MAX and not self._has_stayed_ahead(uptime_ms):
            self._halves += passed_ms * _HALVES
            return self._halves // _HALVES
        self._ahead_since_ms = None
        self._halves = max(wall_ms * _HALVES, self._halves + passed_ms)
        return self._halves // _HALVES

    def _has_stayed_ahead(self, uptime_ms: int) -> bool:
        """Say whether the wall clock has been far ahead long enough to be believed."""
        if self._ahead_since_ms is None:
            self._ahead_since_ms = uptime_ms
        return uptime_ms - self._ahead_since_ms >= STEP_OUT_MS
