"""The hub of a home: it runs scenes, when somebody asks for one or something comes near or goes away.

    fences  borders around the home, and who is on which side of them

A scene has the rights of whoever wrote it, as they are when it runs, and no others: each of its effects is a
command of its own, asked on behalf of the author and judged by the device that is asked. What is refused does
not happen, and the rest does.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field

from sim.core import device as core
from sim.core.device import (
    IN_HOMES,
    Answer,
    Answered,
    Asked,
    Booted,
    Commanded,
    Effect,
    Emit,
    Learned,
    Moment,
    Provision,
    Refers,
    Request,
    Settle,
    Status,
    Stimulus,
    TimerFired,
)
from sim.core.scenes import EFFECTS_MAX, Crossing, SceneEffect, SceneName, WrittenScene
from sim.devices.hub.fences import Fence, Fences

SCENES_MAX = 32
"""How many scenes a hub keeps."""
RUNS_MAX = 4
"""How many scenes run at once; with all their effects they fit into the outbox."""

Cause = Literal["asked", "arrived", "left"]


class RunScene(core.Command, group="SceneRun", tier="anytime"):
    """Ask every device of a scene for what the scene wants."""

    scene: SceneName


class WriteScene(core.Command, group="Scene", tier="anytime"):
    """Write a scene, or write it anew; without effects it is taken away. Its author is whoever asks."""

    scene: SceneName
    when: Crossing | None = None
    effects: list[SceneEffect] = Field(default=[], max_length=EFFECTS_MAX)


class Scenes(core.Facet):
    """Which scenes there are, and what became of the last one that ran."""

    scenes: list[str]
    running: list[str]
    runs: int
    last_scene: str | None
    last_author: str | None
    last_cause: Cause | None
    last_result: str | None
    last_rules: list[str]


class Vicinity(core.Facet):
    """What is near the home, of all that a scene waits for."""

    near: Annotated[list[str], core.Carries("presence")]


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one effect; `rules` refused it, `reason` says why it was not done."""

    device: str
    action: str
    status: Status
    reason: str = ""
    rules: tuple[str, ...] = ()

    def told(self) -> dict[str, Any]:
        """Return it for whoever asked for the scene."""
        told = {"device": self.device, "action": self.action, "status": self.status, "reason": self.reason}
        return {**told, "rules": list(self.rules)}


@dataclass(frozen=True, slots=True)
class Run:
    """One scene on its way.

    Attributes:
        scene: its name.
        author: on whose behalf it asks.
        cause: why it runs.
        ticket: the command that asked for it; None when nobody did.
        waiting: ticket of each effect that is not answered yet, with what it asks of which device.
        results: what became of the others, in the order of the answers.
    """

    scene: str
    author: str
    cause: Cause
    ticket: str | None
    waiting: Mapping[str, tuple[str, str]]
    results: tuple[Result, ...] = ()

    @property
    def summary(self) -> str:
        """How many effects ended how: `3 done, 1 denied`."""
        statuses = [one.status for one in self.results]
        kinds: tuple[Status, ...] = ("done", "denied", "failed", "expired")
        return ", ".join(f"{statuses.count(one)} {one}" for one in kinds if one in statuses)

    @property
    def answer(self) -> Answer:
        """What whoever asked is told: done, unless nothing was."""
        done = any(one.status == "done" for one in self.results)
        data = {"results": [one.told() for one in self.results]}
        return Answer("done" if done else "failed", self.summary, data=data)


@dataclass(frozen=True)
class Hub(core.Device):
    """One hub.

    Attributes:
        scenes: name to scene, in the order in which they were written.
        fences: where everything is that a scene waits for.
        running: scenes on their way, oldest first.
        last: the scene that ended last.
        runs: how many it has begun since it was started.
        boot: how often it was started, so that no ticket is used twice.
    """

    class Config(core.Config):
        """Where it stands, and the scenes it begins with."""

        home: Annotated[str, Refers("home")]
        room: str
        scenes: dict[str, WrittenScene] = Field(default={}, max_length=SCENES_MAX)

    @dataclass(frozen=True, slots=True)
    class Circumstances(core.Circumstances):
        """Whether the scene is the asker's own, or nobody's yet; None when it is not known which is meant."""

        own: bool | None = None

    kind: ClassVar[str] = "hub"
    shared: ClassVar[bool] = True
    commands: ClassVar = (RunScene, WriteScene)
    facets: ClassVar = (Scenes, Vicinity)
    events: ClassVar = ("arrived", "left")
    tells: ClassVar = {
        "arrived": {"device": core.Carries("presence")},
        "left": {"device": core.Carries("presence")},
    }
    reads: ClassVar = ("car", "phone")
    asks: ClassVar = ("car", IN_HOMES)

    scenes: Mapping[str, WrittenScene] = field(default_factory=dict)
    fences: Fences = field(default_factory=Fences)
    running: tuple[Run, ...] = ()
    last: Run | None = None
    runs: int = 0
    boot: int = 0

    @classmethod
    def new(cls, name: str, config: Any, given: Mapping[str, Any]) -> Self:
        """Return the hub with the scenes of its entry, or those it had before a restart."""
        kept = given.get("hub")
        if kept is None:
            return cls(name, scenes=config.scenes)
        return cls(name, scenes=kept["scenes"], fences=Fences.restored(kept))

    def provisioned(self, provision: Provision) -> Self:
        """Return the hub that knows how often it was started."""
        return replace(self, boot=provision.boot)

    def kept(self) -> Mapping[str, Any]:
        """Remember scenes and whereabouts: who has arrived before a restart does not arrive after it."""
        return {"hub": {"scenes": self.scenes, **self.fences.kept()}}

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Run scenes, write them, and watch the borders."""
        match stimulus:
            case Booted():
                fences, effects = self.fences.watching(at, self._crossings())
                return replace(self, fences=fences), effects
            case Commanded(command=RunScene(scene=scene), ticket=ticket):
                return self._run(scene, "asked", ticket)
            case Commanded(command=WriteScene() as wish, ticket=ticket, by=str(author)):
                return self._write(at, wish, ticket, author)
            case Learned(device=device):
                fences, effects = self.fences.heard(at, device, self._crossings())
                return (self if fences is self.fences else replace(self, fences=fences)), effects
            case TimerFired(name=timer):
                return self._dwelt(at, timer)
            case Answered(ticket=ticket, answer=answer) if answer.final:
                return self._answered(ticket, answer)
            case _:
                return self, ()

    def report(self) -> tuple[core.Facet, ...]:
        """Report the scenes and who is near."""
        last = self.last
        rules = dict.fromkeys(rule for one in last.results for rule in one.rules) if last else {}
        scenes = Scenes(
            scenes=list(self.scenes),
            running=[run.scene for run in self.running],
            runs=self.runs,
            last_scene=last.scene if last else None,
            last_author=last.author if last else None,
            last_cause=last.cause if last else None,
            last_result=last.summary if last else None,
            last_rules=list(rules),
        )
        return (scenes, Vicinity(near=self.fences.near))

    def circumstances(self, at: Moment, asked: Asked) -> Circumstances:
        """Tell the rules whose scene it is; a name that nobody has used yet is free for whoever writes."""
        match asked.command:
            case RunScene(scene=name):
                known = self.scenes.get(name)
                return self.Circumstances(own=None if known is None else known.author == asked.by)
            case WriteScene(scene=name):
                known = self.scenes.get(name)
                return self.Circumstances(own=known is None or known.author == asked.by)
            case _:
                return self.Circumstances()

    def _crossings(self) -> list[Crossing]:
        return [scene.when for scene in self.scenes.values() if scene.when is not None]

    def _write(
        self, at: Moment, wish: WriteScene, ticket: str, author: str
    ) -> tuple[Self, tuple[Effect, ...]]:
        """Keep a scene, or forget it; what runs already goes on as it began."""
        scenes = dict(self.scenes)
        if not wish.effects:
            if scenes.pop(wish.scene, None) is None:
                return self, (Settle(ticket, Answer("failed", self._unknown(wish.scene))),)
        elif len(scenes) >= SCENES_MAX and wish.scene not in scenes:
            return self, (Settle(ticket, Answer("failed", f"{self.name} keeps {SCENES_MAX} scenes at most")),)
        elif any(one.device == self.name for one in wish.effects):
            return self, (Settle(ticket, Answer("failed", "a scene asks nothing of the hub that runs it")),)
        else:
            scenes[wish.scene] = WrittenScene(author=author, when=wish.when, effects=tuple(wish.effects))
        hub = replace(self, scenes=scenes)
        fences, effects = self.fences.watching(at, hub._crossings())  # it is the hub itself, one step on
        return replace(hub, fences=fences), (*effects, Settle(ticket, Answer("done")))

    def _unknown(self, scene: str) -> str:
        return f"{self.name} has no scene `{scene}`"

    def _dwelt(self, at: Moment, timer: str) -> tuple[Self, tuple[Effect, ...]]:
        """Tell that something has come or gone, and run what waits for it."""
        fences, crossed = self.fences.dwelt(at, timer)
        hub = self if fences is self.fences else replace(self, fences=fences)
        if crossed is None:
            return hub, ()
        cause: Cause = "arrived" if fences.sides[crossed] == "in" else "left"
        effects: tuple[Effect, ...] = (Emit(cause, {"device": crossed.device, "within_m": crossed.radius_m}),)
        for name, scene in self.scenes.items():
            if scene.when is not None and _waits_for(scene.when, crossed, cause):
                hub, begun = hub._run(name, cause, None)  # it is the hub itself, one step on
                effects += begun
        return hub, effects

    def _run(self, name: str, cause: Cause, ticket: str | None) -> tuple[Self, tuple[Effect, ...]]:
        """Ask for every effect of a scene, on behalf of its author."""
        scene = self.scenes.get(name)
        why_not = None
        if scene is None:
            why_not = self._unknown(name)
        elif len(self.running) >= RUNS_MAX:
            why_not = f"{self.name} runs {RUNS_MAX} scenes already"
        if scene is None or why_not is not None:
            return self, (() if ticket is None else (Settle(ticket, Answer("failed", why_not or "")),))
        runs = self.runs + 1
        asked = {f"{self.name}-{self.boot}-{runs}-{place}": one for place, one in enumerate(scene.effects)}
        requests = tuple(
            Request(one, effect.device, effect.action, effect.arguments, by=scene.author)
            for one, effect in asked.items()
        )
        waiting = {one: (effect.device, effect.action) for one, effect in asked.items()}
        run = Run(name, scene.author, cause, ticket, waiting)
        return replace(self, runs=runs, running=(*self.running, run)), requests

    def _answered(self, ticket: str, answer: Answer) -> tuple[Self, tuple[Effect, ...]]:
        """Note what became of an effect; the last one ends its scene."""
        run = next((one for one in self.running if ticket in one.waiting), None)
        if run is None:
            return self, ()
        device, action = run.waiting[ticket]
        rules = tuple(map(str, (answer.denial or {}).get("rules", ())))
        result = Result(device, action, answer.status, answer.reason, rules)
        waiting = {one: asked for one, asked in run.waiting.items() if one != ticket}
        further = replace(run, waiting=waiting, results=(*run.results, result))
        if waiting:
            running = tuple(further if one is run else one for one in self.running)
            return replace(self, running=running), ()
        ended = replace(self, running=tuple(one for one in self.running if one is not run), last=further)
        return ended, (() if run.ticket is None else (Settle(run.ticket, further.answer),))


def _waits_for(when: Crossing, crossed: Fence, cause: Cause) -> bool:
    """Say whether a scene waits for just this border to be crossed in just this direction."""
    if Fence.of(when) != crossed:
        return False
    return (when.enters_m if cause == "arrived" else when.leaves_m) is not None
