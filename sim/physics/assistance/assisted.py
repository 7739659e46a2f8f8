"""An assisted drive: where a car is at any instant, when its own loops and the others on the road decide it.

It is asked as a path or a journey is, and calculated on first asking, on a grid of `STEP_S` from its start.
Where nothing changes it does not step but jumps: to the next limit, bend or change of somebody's plan.
Whoever changes anything it follows from makes a new one of its state at that instant (`again`).
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cached_property
from math import ceil, inf
from typing import NamedTuple

from sim.physics.assistance import braking
from sim.physics.assistance.line import LimitedBy
from sim.physics.assistance.loop import STEP_S, Nearest, Now, Situation, allowed, nearest, stepped
from sim.physics.assistance.others import RoadUser
from sim.physics.assistance.sight import sight_m
from sim.physics.travel import Point

HORIZON_MS = 600_000
"""How far ahead a drive is calculated; then whoever runs it calculates on, with the light of then."""
NEVER_MS = 400 * 86_400_000
"""How long after the start a drive ends that has no end yet: longer than any story."""
CALM = 0.01
"""Below this acceleration, m/s², and difference of speed, m/s, a drive counts as steady (assumption)."""
ORACLE_STEP_S = 0.01


class Collision(NamedTuple):
    """A car has hit something: whom, when, how fast it came nearer, m/s, and whether braking avoids it."""

    name: str
    at_ms: int
    closing: float
    avoidable: bool


class Danger(NamedTuple):
    """Somebody is in danger: who, the state in which it could first be known, until when it lasts, ms."""

    name: str
    since: Now
    until_ms: float = inf


def avoidable(danger: Now, user: RoadUser, most: float) -> bool:
    """Say whether a brake that reacts within `REACTION_S` would have avoided hitting somebody.

    From the first instant at which the danger can be known the car goes on as it does for `REACTION_S`, and
    then brakes as hard as it can until it stands. No way of braking that reacts no sooner is shorter.

    Args:
        danger: the state at that instant.
        user: who is in danger.
        most: the hardest it can brake, m/s².
    """
    at_ms, way_m, speed, acceleration = danger[:4]
    brakes_ms = at_ms + braking.REACTION_S * 1000
    if user.in_lane(at_ms) and user.at(at_ms).at_m <= way_m:
        return False
    while speed > 0:
        if at_ms >= brakes_ms - 1e-6:
            acceleration = max(acceleration - braking.RAMP * ORACLE_STEP_S, -most)
        after = max(speed + acceleration * ORACLE_STEP_S, 0.0)
        way_m += (speed + after) / 2 * ORACLE_STEP_S
        speed = after
        at_ms += ORACLE_STEP_S * 1000
        if user.in_lane(at_ms) and user.at(at_ms).at_m <= way_m:
            return False
    return True


@dataclass(slots=True)
class _Course:
    """What is calculated: the grid, the turning points, and how it ends."""

    states: list[Now]
    ahead: list[tuple[str, bool]]
    turns_ms: list[int]
    arrival_ms: int | None = None
    collision: Collision | None = None


class Assisted:
    """See the module.

    Args:
        situation: what it follows from; it does not change.
        begin: the state it begins with, at a whole millisecond.
        danger: what lasts since before that state.
    """

    def __init__(self, situation: Situation, begin: Now, danger: Danger | None = None) -> None:
        self.situation = situation
        self.start_ms = int(begin.at_ms)
        self.horizon_ms = self.start_ms + HORIZON_MS
        self._begin = begin
        self._dangers = [] if danger is None else [danger]

    # --- asked as a path is --------------------------------------------------------------------------

    @property
    def start(self) -> Point:
        """Where it begins, metres."""
        return self.situation.line.point(self._begin.way_m)

    @property
    def end(self) -> Point:
        """Where its line ends, metres."""
        return self.situation.line.legs[-1].end

    @property
    def arrival_ms(self) -> int:
        """When the end of the line is reached; very late where that is not known yet, or never."""
        arrival_ms = self._course.arrival_ms
        return self.start_ms + NEVER_MS if arrival_ms is None else arrival_ms

    @property
    def collision(self) -> Collision | None:
        """What it ends with before its horizon, if so."""
        return self._course.collision

    def state(self, now_ms: float) -> Now:
        """Return the state at an instant, not before its start and not after its horizon."""
        states = self._course.states
        index = bisect_right(states, now_ms, key=lambda one: one.at_ms) - 1
        here = states[max(index, 0)]
        if index + 1 >= len(states) or now_ms <= here.at_ms:
            return here
        return _between(here, states[index + 1], now_ms)

    def position(self, now_ms: int) -> Point:
        """Return where the car is, in metres; exactly the end of the line from the arrival on."""
        arrival_ms = self._course.arrival_ms
        if arrival_ms is not None and now_ms >= arrival_ms:
            return self.end
        return self.situation.line.point(self.state(now_ms).way_m)

    def driven_m(self, now_ms: int) -> float:
        """Return how far it has come since `start_ms`, metres."""
        return self.state(now_ms).way_m - self._begin.way_m

    def speed_at(self, now_ms: int) -> float:
        """Return the speed, metres per second; 0 from the arrival or a collision on."""
        over = now_ms >= self.arrival_ms or (self.collision is not None and now_ms >= self.collision.at_ms)
        return 0.0 if over else self.state(now_ms).speed

    def next_change_ms(self, now_ms: int) -> int:
        """Return when something about the drive next turns; its end or its horizon when nothing does."""
        turns_ms = self._course.turns_ms
        index = bisect_right(turns_ms, now_ms)
        return turns_ms[index] if index < len(turns_ms) else min(self.arrival_ms, self.horizon_ms)

    # --- what else can be asked ----------------------------------------------------------------------

    def nearest(self, now_ms: int) -> Nearest | None:
        """Return who is next in the lane and seen; None when nobody is."""
        found = nearest(self.situation, self.state(now_ms))
        return found if found is not None and found.seen else None

    def limited_by(self, now_ms: int) -> LimitedBy:
        """Return what keeps the car below the speed that is set."""
        state = self.state(now_ms)
        found = self.nearest(now_ms)
        speed, why = allowed(self.situation, state.way_m)
        if found is not None and found.phase.speed < speed - CALM and state.speed < speed - CALM:
            return "ahead"
        return why

    def again(self, situation: Situation, now_ms: int) -> "Assisted":
        """Return the drive as it goes on in another situation, whose line is the same or what is left of it.

        A danger that lasts is known since it began, as long as it is still the same that is in it.
        """
        begin = self.state(now_ms)._replace(at_ms=now_ms)
        lasting = next((one for one in self._dangers if one.since.at_ms <= now_ms < one.until_ms), None)
        here_m = None if lasting is None else _place_m(situation, lasting, now_ms)
        if lasting is None or here_m is None or here_m != _place_m(self.situation, lasting, now_ms):
            return Assisted(situation, begin)
        return Assisted(situation, begin, lasting._replace(until_ms=inf))

    # --- calculating ---------------------------------------------------------------------------------

    @cached_property
    def _course(self) -> _Course:
        course = _Course([self._begin], [], [])
        now, situation = self._begin, self.situation
        edges_m = tuple(edge_m for edge_m, _ in situation.line.crossings)
        while now.at_ms < self.horizon_ms:
            found = nearest(situation, now)
            if found is not None and found.phase.at_m - now.way_m <= 0:
                self._hit(course, now, found)
                break
            self._mind(now, found)
            jump_s = self._jump_s(now, found)
            after = stepped(situation, now, found) if jump_s < 2 * STEP_S else _jumped(now, found, jump_s)
            if after.way_m >= situation.line.length_m:
                self._arrive(course, now, after)
                _cross(course, now, course.states[-1], edges_m)
                break
            _cross(course, now, after, edges_m)
            _turn(course, now, after, found)
            course.states.append(after)
            now = after
        return course

    def _hit(self, course: _Course, now: Now, found: Nearest) -> None:
        lasting = self._lasting()
        known = lasting is not None and lasting.name == found.user.name
        danger = lasting.since if lasting is not None and known else now
        saved = avoidable(danger, found.user, self.situation.air.most_braking_m_per_s2)
        at_ms = ceil(now.at_ms)
        course.collision = Collision(found.user.name, at_ms, now.speed - found.phase.speed, saved)
        course.states.append(now._replace(at_ms=max(at_ms, now.at_ms), speed=0.0, acceleration=0.0))
        course.turns_ms.append(at_ms)

    def _arrive(self, course: _Course, now: Now, after: Now) -> None:
        """End the drive where the line ends; the last piece is driven at its mean speed."""
        line_m = self.situation.line.length_m
        share = (line_m - now.way_m) / (after.way_m - now.way_m)
        at_ms = now.at_ms + (after.at_ms - now.at_ms) * share
        course.arrival_ms = max(ceil(at_ms), self.start_ms + 1)
        course.states.append(after._replace(at_ms=course.arrival_ms, way_m=line_m))

    def _lasting(self) -> Danger | None:
        last = self._dangers[-1] if self._dangers else None
        return last if last is not None and last.until_ms == inf else None

    def _mind(self, now: Now, found: Nearest | None) -> None:
        """Keep the state in which a danger could first be known, as long as it lasts."""
        lasting, name = self._lasting(), ""
        if found is not None and found.seen:
            comes_nearer = found.phase.speed < now.speed - 0.1
            name = found.user.name if comes_nearer or found.phase.acceleration < -0.1 else ""
        if lasting is not None and lasting.name != name:
            self._dangers[-1] = lasting._replace(until_ms=now.at_ms)
        if name and (lasting is None or lasting.name != name):
            self._dangers.append(Danger(name, now))

    def _jump_s(self, now: Now, found: Nearest | None) -> float:
        """Return for how long nothing will change, s; 0 while something does."""
        if abs(now.acceleration) > CALM or now.braking_ms is not None or not now.steered.calm:
            return 0.0
        if self.situation.assistance == "stopping":
            return _until_s(self.horizon_ms, now) if now.speed == 0 else 0.0
        return max(min(self._steady_s(now, found), _until_s(self.horizon_ms, now)), 0.0)

    def _steady_s(self, now: Now, found: Nearest | None) -> float:
        situation, line = self.situation, self.situation.line
        edges_s = [(edge - now.at_ms) / 1000 for user in situation.users for edge in user.edges_ms(now.at_ms)]
        until_s = min(min(edges_s, default=inf), _hidden_s(situation, now, found))
        if now.speed == 0:
            stays = found is not None and found.seen and found.phase.speed == 0
            stays = stays and found is not None and found.phase.at_m - now.way_m < 3 * CALM + 3.0
            return until_s if stays or situation.assistance in {"off", "holding"} else 0.0
        wanted, _ = allowed(situation, now.way_m)
        held = situation.assistance in {"off", "holding"}
        slows = held and now.speed > situation.most_speed
        if slows or (found is not None and found.phase.acceleration):
            return 0.0
        if found is not None and found.seen:
            if abs(found.phase.speed - now.speed) > CALM:
                return 0.0
        elif not held and abs(now.speed - wanted) > 10 * CALM:
            return 0.0
        return min(until_s, self._free_m(now, found, line.length_m) / now.speed)

    def _free_m(self, now: Now, found: Nearest | None, length_m: float) -> float:
        """Return how far the car can go before it must look again, metres."""
        line, speed = self.situation.line, now.speed
        free_m = [length_m - now.way_m + speed]
        for cap in line.caps:
            braking_m = max(speed * speed - cap.speed * cap.speed, 0.0) / 2 + 2 * speed
            free_m += [cap.at_m - now.way_m - braking_m] if cap.at_m > now.way_m else []
            free_m += [cap.until_m - now.way_m] if cap.until_m > now.way_m else []
        for bend in line.bends:
            if bend.at_m + bend.length_m > now.way_m:
                free_m.append(bend.at_m - now.way_m - speed * STEP_S)
        if found is not None and not found.seen and found.phase.speed < speed:
            reach_m = max(
                sight_m(self.situation.sensors, self.situation.air, lit=lit) for lit in (False, True)
            )
            gap_m = found.phase.at_m - now.way_m
            free_m.append((gap_m - reach_m) * speed / (speed - found.phase.speed) - speed)
        return min(free_m)


def _place_m(situation: Situation, danger: Danger, now_ms: int) -> float | None:
    """Return where whoever is in a danger is, metres; None when they are not there any more."""
    return next((one.at(now_ms).at_m for one in situation.users if one.name == danger.name), None)


def _until_s(horizon_ms: float, now: Now) -> float:
    """Return how long it is until the horizon, s."""
    return (horizon_ms - now.at_ms) / 1000


def _hidden_s(situation: Situation, now: Now, found: Nearest | None) -> float:
    """Return for how long whoever is next stays so, s: it hides the others until it has gone round them."""
    if found is None:
        return inf
    hidden = [
        user.at(now.at_ms)
        for user in situation.users
        if user is not found.user and user.in_lane(now.at_ms) and user.at(now.at_ms).at_m >= found.phase.at_m
    ]
    if any(one.acceleration for one in hidden):
        return 0.0
    closing = [(one.at_m - found.phase.at_m, found.phase.speed - one.speed) for one in hidden]
    return min((gap_m / slower for gap_m, slower in closing if slower > 0), default=inf)


def _jumped(now: Now, found: Nearest | None, jump_s: float) -> Now:
    """Return the state after a steady stretch; behind somebody it is as fast as that."""
    speed = now.speed if found is None or not found.seen else min(now.speed, found.phase.speed)
    return Now(now.at_ms + jump_s * 1000, now.way_m + speed * jump_s, speed)


def _between(here: Now, after: Now, now_ms: float) -> Now:
    """Return the state between one and the next."""
    passed_s, whole_s = (now_ms - here.at_ms) / 1000, (after.at_ms - here.at_ms) / 1000
    acceleration = (after.speed - here.speed) / whole_s
    way_m = here.way_m + here.speed * passed_s + acceleration * passed_s**2 / 2
    return here._replace(
        at_ms=now_ms,
        way_m=min(way_m, after.way_m),
        speed=here.speed + acceleration * passed_s,
        acceleration=after.acceleration,
    )


def _cross(course: _Course, now: Now, after: Now, edges_m: tuple[float, ...]) -> None:
    """Note the first millisecond beyond the end of a road."""
    for edge_m in edges_m[bisect_right(edges_m, now.way_m) : bisect_right(edges_m, after.way_m)]:
        times = range(ceil(now.at_ms), ceil(after.at_ms))
        index = bisect_left(times, edge_m, key=lambda at_ms: _between(now, after, at_ms).way_m)
        at_ms = times.start + index
        if not course.turns_ms or course.turns_ms[-1] < at_ms:
            course.turns_ms.append(at_ms)


def _turn(course: _Course, now: Now, after: Now, found: Nearest | None) -> None:
    """Note a turning point: braking begins or ends, somebody is seen or lost, it stops or steadies."""
    seen = (found.user.name, True) if found is not None and found.seen else ("", False)
    before = course.ahead[-1] if course.ahead else ("", False)
    course.ahead[:] = [seen]
    turned = (
        seen != before
        or (now.braking_ms is None) != (after.braking_ms is None)
        or (now.speed == 0) != (after.speed == 0)
        or (abs(now.acceleration) > CALM) != (abs(after.acceleration) > CALM)
    )
    at_ms = ceil(after.at_ms)
    if turned and (not course.turns_ms or course.turns_ms[-1] < at_ms):
        course.turns_ms.append(at_ms)
