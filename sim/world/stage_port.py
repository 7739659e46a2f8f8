"""What one node does to the world through its port: link, timers, parts, storage and the air."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from sim.core.beliefs import Belief
from sim.core.device import (
    Act,
    AnswerRanging,
    Persist,
    Press,
    Relay,
    Shorten,
    ShowCode,
    StopRanging,
    Take,
    Voice,
    WatchFor,
)
from sim.core.messages import Frame
from sim.world.node import Node
from sim.world.storages import Storages
from sim.world.thresholds import Thresholds
from sim.world.timeline import Timeline
from sim.world.truth import Truth
from sim.world.truth.air import CALL_REACH_M, Call
from sim.world.witness import Witness


class Stage(Protocol):
    """What ports know of the stage, see `stage.Stage`; what is private there is for them only."""

    truth: Truth
    timeline: Timeline
    storages: Storages
    nodes: dict[str, Node]
    _skews_ms: dict[str, int]
    _timers: dict[tuple[str, str], Callable[[], None]]
    _thresholds: Thresholds
    _witness: Witness

    def use(self, device: str, act: Act, by: str | None, voice: Voice | None = None) -> str:
        """Let a person use a device."""
        ...

    def _publish(self, device: str, frame: Frame, ticket: str | None) -> None: ...

    def _note(self, kind: str, cause: str | None, **fields: Any) -> None: ...


class StagePort:
    """The stage as one node sees it; see `port`."""

    def __init__(self, stage: Stage, device: str) -> None:
        self._stage = stage
        self._device = device

    def now_ms(self) -> int:
        """Return the time by this device's own clock."""
        return self._stage.timeline.now_ms + self._stage._skews_ms[self._device]  # noqa: SLF001

    def uptime_ms(self) -> int:
        """Return the time of the world: a quartz inside the device, which no message sets."""
        return self._stage.timeline.now_ms

    def publish(self, frame: Frame, ticket: str | None = None, through: str | None = None) -> None:
        """Put a frame on the link."""
        self._stage._publish(through or self._device, frame, ticket)  # noqa: SLF001

    def start_timer(self, name: str, delay_ms: int) -> None:
        """Start or restart a timer."""
        self.cancel_timer(name)
        timers = self._stage._timers  # noqa: SLF001
        key = (self._device, name)

        def fire() -> None:
            timers.pop(key, None)
            self._stage.nodes[self._device].timer(name)

        timers[key] = self._stage.timeline.at(self._stage.timeline.now_ms + delay_ms, fire)

    def cancel_timer(self, name: str) -> None:
        """Stop a timer."""
        cancel = self._stage._timers.pop((self._device, name), None)  # noqa: SLF001
        if cancel is not None:
            cancel()

    def actuate(self, changes: Mapping[str, Any], after_ms: int) -> None:
        """Move physical parts, after the time their motor needs."""
        stage = self._stage

        def move() -> None:
            moved = stage.truth.actuate(self._device, changes, stage.timeline.now_ms)
            if moved:
                stage._note("change", None, device=self._device, changes=moved)  # noqa: SLF001

        if after_ms:
            stage.timeline.at(stage.timeline.now_ms + after_ms, move)
        else:
            move()

    def persist(self, wanted: Persist) -> None:
        """Write to the device's storage, when its turn comes."""
        self._stage.storages.persist(self._device, wanted)

    def radiate(self, effect: AnswerRanging | StopRanging | ShowCode) -> None:
        """Change what passes through the air."""
        air = self._stage.truth.air
        match effect:
            case AnswerRanging(session=session):
                air.answer(session, self._device)
            case StopRanging():
                air.silence(self._device)
            case _:  # `ShowCode`; there is no other
                air.show(self._device, effect.code)

    def assault(self, effect: Take | Press | Relay | Shorten) -> None:
        """Let an attacker lay hands on the things of others."""
        stage = self._stage
        match effect:
            case Take(device=device, to=to):
                if stage.truth.physical(device, stage.timeline.now_ms).portable:
                    stage.truth.steal(device, self._device, to, stage.timeline.now_ms)
            case Press(device=device, act=act):
                if stage.truth.person_at(device) == self._device:
                    stage.use(device, act, None)
            case Relay(car=car, key=key, action=action):
                # A key that hears the car itself gains nothing by a relay: pulling the handle does as much.
                if stage.truth.places.distance_m(car, key, stage.timeline.now_ms) > CALL_REACH_M:
                    stage.truth.air.calls.append(Call(car, key, action))
            case _:  # `Shorten`; there is no other
                stage.truth.air.shortened.add(effect.car)

    def watch(self, wanted: WatchFor) -> None:
        """Plan the instant at which a threshold is reached."""
        self._stage._thresholds.watch(self._device, wanted)  # noqa: SLF001

    def stop_watching(self, name: str) -> None:
        """Forget a threshold."""
        self._stage._thresholds.stop(self._device, name)  # noqa: SLF001

    def believe(self, source: str, facet: str, belief: Belief, cause: str | None) -> None:
        """Record a belief beside the truth."""
        stage = self._stage
        stage._witness.heard(self._device, source, facet, belief, cause, stage.timeline.now_ms)  # noqa: SLF001

    def believe_online(self, source: str, cause: str | None, *, online: bool) -> None:
        """Record that a device came or went."""
        stage = self._stage
        now_ms = stage.timeline.now_ms
        stage._witness.came_or_went(self._device, source, cause, now_ms, online=online)  # noqa: SLF001

    def note(self, kind: str, cause: str | None, **fields: Any) -> None:
        """Add a record."""
        self._stage._note(kind, cause, **fields)  # noqa: SLF001
