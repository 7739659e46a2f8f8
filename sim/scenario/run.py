"""A case on the stage: step by step, until one does not hold.

A performance is a generator, like the stage it plays on: it yields rounds and pauses, is sent the
deliveries, and returns what became of the case. It runs the same in memory, over a broker, and live.
"""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sim.core.device import Status
from sim.core.errors import MachineError, Place
from sim.core.household import DeviceEntry
from sim.core.units import show_duration
from sim.scenario.model import (
    Advance,
    Always,
    Case,
    Crash,
    Do,
    Expect,
    Fault,
    LinkBreak,
    Never,
    PartBreak,
    Partition,
    Say,
    Scenario,
    Step,
    Verdict,
)
from sim.scenario.scene import set_scene
from sim.scenario.speaking import Conversations
from sim.scenario.watching import Commands, Comparison, Watch, first_ms
from sim.world.network.link import Delivery, Pause, Round
from sim.world.stage import Cast, RestlessError, Stage
from sim.world.timeline import Timeline
from sim.world.trace import Record, Trace
from sim.world.truth import Truth
from sim.world.truth.driving import RoadAct
from sim.world.truth.people import ImpossibleActError, PersonAct, SetWeather, on_the_way
from sim.world.truth.road_users import RoadUserAct

Performance = Generator[Round | Pause, tuple[Delivery, ...], "CaseResult"]

UNTIL_MAX_MS = 7 * 86_400_000
"""How long `advance: {until: …}` waits without a bound of its own: a week."""
LAST_RECORDS = 12
"""How many records a failure shows."""
NOT_TELLING = frozenset({"step", "run", "connection", "truth", "belief", "flow"})
"""Records a failure does not show: what follows from the others."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a case failed.

    Attributes:
        sentence: what did not hold.
        place: the step.
        text: the step as it is written.
        comparisons: every condition of the step beside what is so.
        at_ms: when, milliseconds since the scenario began.
        records: the last records before it.
    """

    sentence: str
    place: Place
    text: str
    comparisons: tuple[Comparison, ...] = ()
    at_ms: int = 0
    records: tuple[Record, ...] = ()


@dataclass(slots=True)
class CaseResult:
    """What became of a case.

    Attributes:
        scenario: its file's scenario.
        case: its name; empty when there is only one.
        verdict: how it ended.
        failure: why, for `fail`.
        note: one sentence, for `skipped`, `unknown` and `error`.
        asserted: how many assertions held.
        denials: the denied commands, as their decision records have them.
        simulated_ms: how much virtual time passed.
        messages: how many messages were published.
        records: everything that happened.
    """

    scenario: Scenario
    case: str
    verdict: Verdict
    failure: Failure | None = None
    note: str = ""
    asserted: int = 0
    denials: list[Record] = field(default_factory=list)
    simulated_ms: int = 0
    messages: int = 0
    records: list[Record] = field(default_factory=list)


class _StepFailedError(Exception):
    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.sentence)
        self.failure = failure


def perform(
    scenario: Scenario, case: Case, cast: Cast, sink: Callable[[Record], None] | None = None
) -> Performance:
    """Play a case.

    Args:
        scenario: the file it belongs to.
        case: which of its cases.
        cast: who plays, by which rules, with which seed.
        sink: called with every record as it is made.
    """
    return _Play(scenario, case, cast, sink).play()


def skip(
    scenario: Scenario, case: Case, seed: int, note: str, sink: Callable[[Record], None] | None = None
) -> CaseResult:
    """Record that a case is not played, and why; the arguments are those of `perform`."""
    trace = Trace(scenario.start_ms, sink)
    _begin(trace, scenario, case, seed)
    trace.add(scenario.start_ms, "verdict", verdict="skipped", asserted=0, text=note)
    return CaseResult(scenario, case.name, "skipped", note=note, records=trace.records)


def _begin(trace: Trace, scenario: Scenario, case: Case, seed: int) -> None:
    trace.add(
        scenario.start_ms,
        "run",
        scenario=scenario.title,
        file=scenario.file,
        case=case.name,
        seed=seed,
        household=scenario.household.name,
        start_ms=scenario.start_ms,
        people={name: person.role for name, person in scenario.household.people.items()},
        devices={name: _as_rules_see(entry) for name, entry in scenario.household.devices.items()},
    )


def _as_rules_see(entry: DeviceEntry) -> dict[str, Any]:
    """Return what rules can know of a device for good, so that a recording explains its own decisions."""
    return {"kind": entry.kind, "owner": entry.config.owner, "enrolled": entry.enrolled}


class _Play:
    def __init__(
        self, scenario: Scenario, case: Case, cast: Cast, sink: Callable[[Record], None] | None
    ) -> None:
        self._scenario = scenario
        self._case = case
        self._commands = Commands()
        self._sink = sink
        self._trace = Trace(scenario.start_ms, self._record)
        self._asserted = 0
        self._acted = False
        self._broken: Failure | None = None
        self._step_now = case.steps[0]
        self._conversations: Conversations | None = None
        _begin(self._trace, scenario, case, cast.seed)
        timeline = Timeline(scenario.start_ms)
        truth = Truth(scenario.household, cast.kinds, scenario.start_ms, scenario.utc_offset_ms)
        set_scene(truth, case.given, scenario.start_ms)
        self._stage = Stage(cast, truth, timeline, self._trace, case.given.state)

    def play(self) -> Performance:
        """Play every step, and say how the case ended."""
        failure: Failure | None = None
        error: MachineError | None = None
        try:
            yield from self._stage.open()
            self._watch_always()
            for step in self._case.steps:
                self._step_now = self._as_shown(step)
                self._record_step(self._step_now)
                yield from self._step(step)
                self._check_always()
        except _StepFailedError as failed:
            failure = failed.failure
        except RestlessError as restless:
            failure = self._failure(f"the devices never come to rest: {restless}", self._step_now)
        except MachineError as machine:
            error = machine
        return self._result(failure, error)

    # --- steps ---------------------------------------------------------------------------------------

    def _step(self, step: Step) -> Generator[Round | Pause, tuple[Delivery, ...], None]:
        match step:
            case Do():
                yield from self._do(step)
            case Expect():
                yield from self._expect(step)
            case Never():
                yield from self._never(step)
            case Advance():
                yield from self._advance(step)
            case Fault():
                self._break(step)
                yield from self._stage.settle()
            case _:
                self._acted = True
                self._talk().say(step)
                yield from self._stage.settle()

    def _do(self, step: Do) -> Generator[Round | Pause, tuple[Delivery, ...], None]:
        self._acted = True
        stage = self._stage
        takes_ms = 0
        match step.act:
            case SetWeather() as weather:
                weather.perform(stage.truth, stage.timeline.now_ms)
                if step.alias is not None:
                    self._named_end(step.alias, step.actor, "done")
            case RoadAct() as change:
                for car in change.perform(stage.truth, stage.timeline.now_ms):
                    stage.follow(on_the_way(stage.truth, car, stage.timeline.now_ms))
                if step.alias is not None:
                    self._named_end(step.alias, step.actor, "done")
            case PersonAct() | RoadUserAct() as act:
                takes_ms = self._perform(step, act)
            case _:
                ticket = stage.use(step.actor, step.act, step.by)
                if step.alias is not None:
                    self._commands.name(step.alias, ticket)
        yield from stage.settle()
        if takes_ms:
            yield from self._pass_time(stage.timeline.now_ms + takes_ms)

    def _perform(self, step: Do, act: PersonAct | RoadUserAct) -> int:
        """Let a person act, or somebody on the road; return how long the story waits for it."""
        status: Status = "done"
        reason, takes_ms = "", 0
        try:
            if isinstance(act, RoadUserAct):
                act.perform(self._stage.truth, self._stage.timeline.now_ms)
                self._stage.follow(on_the_way(self._stage.truth, act.before, self._stage.timeline.now_ms))
            else:
                takes_ms = self._stage.perform(step.actor, act).takes_ms
        except ImpossibleActError as impossible:
            status, reason = "failed", str(impossible)
        if step.alias is None:
            if status == "failed":
                raise _StepFailedError(self._failure(f"this cannot be done: {reason}", step))
            return takes_ms
        self._named_end(step.alias, step.actor, status, reason)
        return takes_ms

    def _named_end(self, alias: str, actor: str, status: Status, reason: str = "") -> None:
        ticket = f"{actor}-{alias}"
        self._commands.name(alias, ticket)
        self._note_end(ticket, actor, status, reason)

    def _talk(self) -> Conversations:
        """Return what is said in this run; who never speaks needs no assistant."""
        if self._conversations is None:
            self._conversations = Conversations(
                self._scenario.household, self._stage, self._commands, self._note
            )
        return self._conversations

    def _note_end(self, ticket: str, actor: str | None, status: Status, reason: str) -> None:
        """Record what became of an act that no device carries out."""
        self._trace.add(
            self._stage.timeline.now_ms,
            "command",
            None,
            command=ticket,
            device=actor,
            status=status,
            reason=reason,
            denial=None,
        )

    def _break(self, step: Fault) -> None:
        stage = self._stage
        match step.fault:
            case LinkBreak(device=device, fault=fault, for_ms=for_ms):
                stage.break_link(device, fault, for_ms)
            case Partition(device=device, for_ms=for_ms):
                stage.partition(device, for_ms)
            case Crash(device=device, controller=controller, for_ms=for_ms):
                stage.crash(device, controller, for_ms)
            case PartBreak(what=what, device=device, field_name=field_name, for_ms=for_ms):
                stage.break_part(what, device, field_name, for_ms)
            case skew:
                stage.skew_clock(skew.device, skew.ahead_ms, skew.for_ms)

    def _expect(self, step: Expect) -> Generator[Round | Pause, tuple[Delivery, ...], None]:
        watch = Watch(step.conditions, self._stage, self._commands)
        until_ms = self._stage.timeline.now_ms + (step.within_ms or 0)
        held = yield from self._wait(
            until_ms, watch.all_hold, lambda: watch.hopeless() or watch.ended_as(step.unless), watch
        )
        if not held:
            raise _StepFailedError(self._unmet(step, watch, step.within_ms))
        self._asserted += 1

    def _never(self, step: Never) -> Generator[Round | Pause, tuple[Delivery, ...], None]:
        watch = Watch(step.conditions, self._stage, self._commands)
        until_ms = self._stage.timeline.now_ms + step.for_ms
        happened = yield from self._wait(until_ms, watch.any_holds, lambda: False, watch)
        if happened:
            comparisons = watch.compare(self._stage.timeline.now_ms)
            hit = next((one for one in comparisons if one.holds), comparisons[0])
            sentence = f"`{hit.name}` must never be {hit.expected}, but it is {hit.actual}"
            raise _StepFailedError(self._failure(sentence, step, tuple(comparisons)))
        self._asserted += 1

    def _advance(self, step: Advance) -> Generator[Round | Pause, tuple[Delivery, ...], None]:
        now_ms = self._stage.timeline.now_ms
        if step.duration_ms is not None:
            yield from self._pass_time(now_ms + step.duration_ms)
            return
        watch = Watch(step.until, self._stage, self._commands)
        bound_ms = UNTIL_MAX_MS if step.within_ms is None else step.within_ms
        held = yield from self._wait(now_ms + bound_ms, watch.all_hold, watch.hopeless, watch)
        if not held:
            raise _StepFailedError(self._unmet(step, watch, bound_ms))
        self._asserted += 1

    def _unmet(self, step: Expect | Advance, watch: Watch, within_ms: int | None) -> Failure:
        comparisons = tuple(watch.compare(self._stage.timeline.now_ms))
        first = next(one for one in comparisons if not one.holds)
        sentence = f"`{first.name}`: expected {first.expected}, got {first.actual}"
        in_vain = watch.hopeless() or (isinstance(step, Expect) and watch.ended_as(step.unless))
        late = f" within {show_duration(within_ms)}" if within_ms and not in_vain else ""
        return self._failure(sentence + late, step, comparisons)

    # --- time ----------------------------------------------------------------------------------------

    def _pass_time(self, until_ms: int) -> Generator[Round | Pause, tuple[Delivery, ...], None]:
        yield from self._wait(until_ms, lambda _: False, lambda: False)

    def _wait(
        self,
        until_ms: int,
        holds: Callable[[int], bool],
        hopeless: Callable[[], bool],
        watch: Watch | None = None,
    ) -> Generator[Round | Pause, tuple[Delivery, ...], bool]:
        """Play on until something holds, or cannot hold any more, or the time is up.

        It is looked at after every event, and in between at the very millisecond at which a quantity
        that changes with the time, such as a temperature or an age, makes it so.
        """
        timeline = self._stage.timeline
        moving = () if watch is None or not watch.moves else (watch,)
        seen = False

        def look(heard_only: bool) -> None:  # noqa: FBT001  # as `event_hooks` calls it
            nonlocal seen
            if not heard_only or (watch is not None and watch.hears):
                seen = seen or holds(timeline.now_ms)

        self._stage.event_hooks.append(look)
        try:
            while True:
                seen = seen or holds(timeline.now_ms)
                if seen or hopeless():
                    return seen
                due_ms = self._stage.timeline.next_due_ms()
                next_ms = until_ms if due_ms is None else min(due_ms, until_ms)
                turned_ms = _turning_point(timeline.now_ms, next_ms, holds, moving)
                if turned_ms is not None:
                    next_ms = turned_ms
                elif timeline.now_ms >= until_ms:
                    return False
                yield from self._move(next_ms)
        finally:
            self._stage.event_hooks.remove(look)

    def _move(self, now_ms: int) -> Generator[Round | Pause, tuple[Delivery, ...], None]:
        """Move the clock to an instant up to which nothing is due, minding what must always hold."""
        began_ms = self._stage.timeline.now_ms
        broken_ms = _turning_point(began_ms, now_ms, self._breaks_moving, self._moving_always)
        yield from self._stage.move_clock(now_ms if broken_ms is None else broken_ms)
        if broken_ms is not None:
            self._check_always()
        yield from self._stage.settle()
        self._check_always()

    # --- what always holds ---------------------------------------------------------------------------

    def _watch_always(self) -> None:
        self._always = [
            (one, Watch(one.conditions, self._stage, self._commands)) for one in self._case.always
        ]
        self._moving_always = tuple(watch for _, watch in self._always if watch.moves)
        if self._always:
            self._stage.event_hooks.append(self._look_at_always)
            self._check_always()

    def _look_at_always(self, heard_only: bool = False) -> None:  # noqa: FBT001, FBT002  # as `event_hooks` calls it
        if self._broken is None:
            now_ms = self._stage.timeline.now_ms
            for always, watch in self._always:
                if (not heard_only or watch.hears) and self._breaks(always, watch, now_ms):
                    self._broken = self._always_broken(always, watch)
                    return

    def _breaks_moving(self, at_ms: int) -> bool:
        return any(watch.moves and self._breaks(always, watch, at_ms) for always, watch in self._always)

    def _breaks(self, always: Always, watch: Watch, at_ms: int) -> bool:
        return watch.any_holds(at_ms) if always.negated else not watch.all_hold(at_ms)

    def _always_broken(self, always: Always, watch: Watch) -> Failure:
        comparisons = tuple(watch.compare(self._stage.timeline.now_ms))
        hit = next(one for one in comparisons if one.holds is always.negated)
        rule = "never" if always.negated else "always"
        sentence = f"`{hit.name}` must {rule} be {hit.expected}, but it is {hit.actual}"
        return self._failure(sentence, always, comparisons)

    def _check_always(self) -> None:
        self._look_at_always()
        if self._broken is not None:
            raise _StepFailedError(self._broken)

    # --- results -------------------------------------------------------------------------------------

    def _record(self, record: Record) -> None:
        self._commands.follow(record)
        if self._sink is not None:
            self._sink(record)
        if self._conversations is not None:
            self._conversations.follow(record)

    def _note(self, kind: str, **fields: Any) -> None:
        self._trace.add(self._stage.timeline.now_ms, kind, None, **fields)

    def _as_shown(self, step: Step) -> Step:
        """Return a step without a sentence that nobody understood, or that tells what is private."""
        if not isinstance(step, Say) or not self._talk().keeps(step):
            return step
        return replace(step, text=step.unsaid.source_line.strip(), place=step.unsaid)

    def _record_step(self, step: Step) -> None:
        self._trace.add(self._stage.timeline.now_ms, "step", line=step.place.line, text=step.text)

    def _failure(
        self, sentence: str, step: Step | Always, comparisons: tuple[Comparison, ...] = ()
    ) -> Failure:
        telling = [one for one in self._trace.records if one["kind"] not in NOT_TELLING]
        return Failure(
            sentence,
            step.place,
            step.text,
            comparisons,
            self._stage.timeline.now_ms - self._scenario.start_ms,
            tuple(telling[-LAST_RECORDS:]),
        )

    def _result(self, failure: Failure | None, error: MachineError | None) -> CaseResult:
        verdict: Verdict = "pass"
        note = ""
        always = len(self._case.always) if self._acted and failure is None else 0
        asserted = self._asserted + always
        if failure is not None:
            verdict = "fail"
        elif error is not None:
            verdict, note = "error", str(error)
        elif asserted == 0:
            verdict, note = "unknown", "nothing was asserted"
        now_ms = self._stage.timeline.now_ms
        text = failure.sentence if failure else note
        failed: dict[str, Any] = {} if failure is None else {"failed": _as_recorded(failure)}
        self._trace.add(now_ms, "verdict", verdict=verdict, asserted=asserted, text=text, **failed)
        records = self._trace.records
        return CaseResult(
            scenario=self._scenario,
            case=self._case.name,
            verdict=verdict,
            failure=failure,
            note=note,
            asserted=asserted,
            denials=[one for one in records if one["kind"] == "decision" and not one["decision"]["allowed"]],
            simulated_ms=now_ms - self._scenario.start_ms,
            messages=sum(1 for one in records if one["kind"] == "message"),
            records=records,
        )


def _as_recorded(failure: Failure) -> dict[str, Any]:
    """Return where a case failed, and what was so, for who has only the records."""
    place = failure.place
    where = {"line": place.line, "column": place.column, "length": place.length, "source": place.source_line}
    held = [
        {"name": one.name, "expected": one.expected, "actual": one.actual, "holds": one.holds}
        for one in failure.comparisons
    ]
    return {**where, "conditions": held}


def _turning_point(
    now_ms: int, next_ms: int, holds: Callable[[int], bool], moving: Sequence[Watch]
) -> int | None:
    """Return the first millisecond up to the next event at which something holds, or None.

    Args:
        now_ms: when it does not hold yet.
        next_ms: when the next event is due.
        holds: what to look for.
        moving: the conditions in it that can turn between two events; without any, nothing does. Those
            that may hold on the way and not at its end are looked at where they bend.
    """
    if next_ms <= now_ms or not moving:
        return None
    low_ms = now_ms
    turns = (watch.turns(now_ms, next_ms) for watch in moving if watch.bent)
    for high_ms in sorted({next_ms}.union(*turns)):
        if holds(high_ms):
            return first_ms(low_ms, high_ms, holds)
        low_ms = high_ms
    return None
