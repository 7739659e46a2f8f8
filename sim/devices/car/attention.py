"""The driver monitor: whether hands and eyes are where they belong, and what follows while they are not.

It works on deadlines only: hands or eyes are away, a request follows, an escalated warning, and then the safe
stop. After a stop, or three escalations within half an hour, assistance is locked out for half an hour. Those
figures, and the profile `gb`, are as reported of the Chinese standard for combined driver assistance, in
force 2027; `un_r79` has the seconds of UN Regulation No. 79, 5.6.2.2.5.
"""

from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple, Self

Watched = Literal["hands", "eyes", "sight", "belt"]
Warning_ = Literal["none", "request", "escalated", "stopping"]
ProfileName = Literal["gb", "un_r79"]

STAGES: tuple[Warning_, ...] = ("none", "request", "escalated", "stopping")
LOCKED_OUT_MS = 1_800_000
"""How long assistance is locked out, and within how long escalations are counted."""
ESCALATIONS_MAX = 3
"""How many escalations lock it out though no stop followed."""


class Deadlines(NamedTuple):
    """After how long, ms, since something is away: the request, the escalated warning, the stop."""

    request_ms: int
    escalated_ms: int
    stop_ms: int


_EYES = Deadlines(5_000, 8_000, 13_000)
"""Of the eyes: 5 s as of the hands; 3 s and 5 s more (assumption: eyes are missed sooner than hands)."""
_SIGHT = Deadlines(0, 5_000, 10_000)
"""When too little can be seen: at once, and the stop 10 s after the request at the earliest, as UN R157,
5.4.4.1, has it of a transition demand."""

_BELT = _SIGHT
"""When the driver's belt is open: at once, as UN R157, 6.1.2, has it, and then likewise."""

PROFILES: dict[ProfileName, dict[Watched, Deadlines]] = {
    # The stop 5 s after the escalated warning: UN R79.04, 5.1.6.3, warns at least 5 s before it intervenes.
    "gb": {"hands": Deadlines(5_000, 15_000, 20_000), "eyes": _EYES, "sight": _SIGHT, "belt": _BELT},
    "un_r79": {"hands": Deadlines(15_000, 30_000, 60_000), "eyes": _EYES, "sight": _SIGHT, "belt": _BELT},
}


@dataclass(frozen=True, slots=True)
class Away:
    """Something that is not where it belongs, since when, and how far the warnings have come."""

    since_ms: int
    stage: int = 0


@dataclass(frozen=True)
class Monitor:
    """See the module.

    Attributes:
        profile: whose seconds hold.
        away: what is away.
        escalated_ms: when warnings escalated, within `LOCKED_OUT_MS`.
        locked_until_ms: until when assistance is locked out.
    """

    profile: ProfileName = "gb"
    away: dict[Watched, Away] = field(default_factory=dict)
    escalated_ms: tuple[int, ...] = ()
    locked_until_ms: int = 0

    @property
    def warning(self) -> Warning_:
        """The strongest warning there is."""
        return STAGES[max((one.stage for one in self.away.values()), default=0)]

    @property
    def next_ms(self) -> int | None:
        """When something is due next; None when nothing is."""
        due = [self._due_ms(what, one) for what, one in self.away.items() if one.stage < len(STAGES) - 1]
        return min(due, default=None)

    def locked_out(self, now_ms: int) -> bool:
        """Say whether assistance is locked out."""
        return now_ms < self.locked_until_ms

    def saw(self, what: Watched, now_ms: int, *, here: bool) -> Self:
        """Take note of whether something is where it belongs."""
        if here:
            return replace(self, away={name: one for name, one in self.away.items() if name != what})
        return self if what in self.away else replace(self, away={**self.away, what: Away(now_ms)})

    def at_ease(self) -> Self:
        """Return it as it is while nothing is assisted: it watches nobody."""
        return replace(self, away={}) if self.away else self

    def due(self, now_ms: int) -> Self:
        """Return it after all that is due by now; whoever asks sees by `warning` what has come of it."""
        monitor = self
        for what, one in self.away.items():
            stage = one.stage
            while stage < len(STAGES) - 1 and now_ms >= self._due_ms(what, Away(one.since_ms, stage)):
                stage += 1
                monitor = monitor._came_to(stage, now_ms)
            monitor = replace(monitor, away={**monitor.away, what: Away(one.since_ms, stage)})
        return monitor

    def _due_ms(self, what: Watched, one: Away) -> int:
        return one.since_ms + PROFILES[self.profile][what][one.stage]

    def _came_to(self, stage: int, now_ms: int) -> Self:
        match STAGES[stage]:
            case "escalated":
                recent = (*(at for at in self.escalated_ms if now_ms - at < LOCKED_OUT_MS), now_ms)
                locks = len(recent) >= ESCALATIONS_MAX
                until_ms = now_ms + LOCKED_OUT_MS if locks else self.locked_until_ms
                return replace(self, escalated_ms=recent, locked_until_ms=until_ms)
            case "stopping":
                return replace(self, locked_until_ms=now_ms + LOCKED_OUT_MS)
            case _:
                return self
