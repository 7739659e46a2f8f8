"""Devices that are made of parts: a phone of its apps, a dashboard of its displays.

A part is a small device inside a device: it declares commands, acts, facets and events of its own and has one
`step`. What is asked of the device reaches the part that declares it, and what another device reports reaches
those that heed its kind; whatever else happens reaches all of them, in the order in which the device lists
them, and a part leaves alone what does not concern it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, ClassVar, Self

from sim.core.declarations import Act, Asked, Carries, Circumstances, Command, Facet
from sim.core.device import Answered, Device, Effect, Moment, Provision, Settle, Stimulus
from sim.core.stimuli import Acted, Commanded, Learned


@dataclass(frozen=True)
class Part:
    """Base of every part: a frozen state, its declarations, and `step`."""

    commands: ClassVar[tuple[type[Command], ...]] = ()
    acts: ClassVar[tuple[type[Act], ...]] = ()
    facets: ClassVar[tuple[type[Facet], ...]] = ()
    events: ClassVar[tuple[str, ...]] = ()
    tells: ClassVar[Mapping[str, Mapping[str, Carries]]] = {}
    reads: ClassVar[tuple[str, ...]] = ()
    heeds: ClassVar[tuple[str, ...] | None] = None
    asks: ClassVar[tuple[str, ...]] = ()
    storage: ClassVar[type[Any] | None] = None
    subscribable: ClassVar[tuple[str, ...]] = ()
    """Features of the device that can be subscribed to."""
    follows_acts: ClassVar[bool] = False
    """Whether it is told by `Answered` also how acts end that another part of the device settles."""

    @classmethod
    def settable(cls) -> Mapping[str, Any]:
        """Return the state a scenario may set in `given`: name to type."""
        return {}

    @classmethod
    def new(cls, device: str, config: Any, given: Mapping[str, Any]) -> Self:  # noqa: ARG003  # parts use them
        """Return the part as it leaves the factory.

        Args:
            device: name of the device it is a part of.
            config: the device's entry in the household file.
            given: what a scenario sets, and what the part has kept across a restart.
        """
        return cls()

    def provisioned(self, provision: Provision) -> Self:  # noqa: ARG002  # parts with secrets use it
        """Return the part with what the device was given when it was made."""
        return self

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:  # noqa: ARG002
        """Return what the part becomes, and what it wants done."""
        return self, ()

    def report(self) -> tuple[Facet, ...]:
        """Return what the part says of itself."""
        return ()

    @cached_property
    def reported(self) -> tuple[Facet, ...]:
        """What `report` returns, asked once: a part that has not changed says the same."""
        return self.report()

    def told(self, at: Moment, asked: Asked) -> Mapping[str, Any]:  # noqa: ARG002  # parts use them
        """Return what the rules must know to judge one of the part's own commands.

        The names are fields of the device's `Circumstances`.
        """
        return {}

    def kept(self) -> Mapping[str, Any]:
        """Return what survives a restart; `new` is given it."""
        return {}


def _all(listed: Iterable[tuple[Any, ...]]) -> tuple[Any, ...]:
    """Return everything that several declare, each once, in order."""
    return tuple(dict.fromkeys(one for several in listed for one in several))


@dataclass(frozen=True)
class Assembled(Device):
    """Base of a kind that is made of parts.

    A subclass lists its parts in `made_of`; what they declare is added to what it declares itself.

    Attributes:
        parts: name of each part to its state, in the order of `made_of`.
    """

    made_of: ClassVar[Mapping[str, type[Part]]] = {}
    """Name of each part to its class; the name is for people who read the code."""

    parts: Mapping[str, Part] = field(default_factory=dict)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        made_of = cls.made_of.values()
        own = vars(cls)
        heeded = (own.get("reads", ()) if own.get("heeds") is None else own["heeds"],)
        cls.heeding = {
            name: part.reads if part.heeds is None else part.heeds for name, part in cls.made_of.items()
        }
        cls.heeds = _all((*heeded, *cls.heeding.values()))
        for what in ("commands", "acts", "facets", "events", "reads", "asks", "subscribable"):
            setattr(cls, what, _all((own.get(what, ()), *(getattr(part, what) for part in made_of))))
        told = (*(part.tells for part in made_of), own.get("tells", {}))
        cls.tells = {event: marks for those in told for event, marks in those.items()}
        storages = [part.storage for part in made_of if part.storage is not None]
        assert len(storages) <= 1, f"more than one part of {cls.__name__} has a storage"  # INVARIANT
        cls.storage = storages[0] if storages else own.get("storage")

    @classmethod
    def settable(cls) -> Mapping[str, Any]:
        """Return what a scenario may set of any part."""
        return {name: hint for part in cls.made_of.values() for name, hint in part.settable().items()}

    @classmethod
    def new_parts(cls, name: str, config: Any, given: Mapping[str, Any]) -> dict[str, Part]:
        """Return every part as it leaves the factory; the arguments are those of `new`."""
        return {part: kind.new(name, config, given) for part, kind in cls.made_of.items()}

    @classmethod
    def new(cls, name: str, config: Any, given: Mapping[str, Any]) -> Self:
        """Return the device with its parts."""
        return cls(name, parts=cls.new_parts(name, config, given))

    def provisioned(self, provision: Provision) -> Self:
        """Hand what the device was given to every part."""
        parts = {name: part.provisioned(provision) for name, part in self.parts.items()}
        return replace(self, parts=parts)

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Hand the stimulus to the part that is asked, or to all of them."""
        parts: dict[str, Part] | None = None
        effects: tuple[Effect, ...] = ()
        heard = stimulus.parts if isinstance(stimulus, Learned) else None
        for name in self.parts if heard is None else heard:
            part = self.parts[name]
            if not _concerns(part, stimulus):
                continue
            after, wanted = part.step(at, stimulus)
            effects += wanted
            if after is not part:
                parts = {**self.parts, name: after} if parts is None else {**parts, name: after}
        stepped = self if parts is None else replace(self, parts=parts)
        stepped, more = stepped.followed(at, effects)
        return stepped, effects + more

    def followed(self, at: Moment, effects: tuple[Effect, ...]) -> tuple[Self, tuple[Effect, ...]]:
        """Tell the parts that follow acts of those that end with some effects; return what they want done."""
        ended = tuple(one for one in effects if isinstance(one, Settle) and one.answer.final)
        followers = [name for name, part in self.parts.items() if part.follows_acts] if ended else ()
        parts, more = dict(self.parts), tuple[Effect, ...]()
        for name in followers:
            for one in ended:
                parts[name], wanted = parts[name].step(at, Answered(one.ticket, self.name, one.answer))
                more += wanted
        changed = any(parts[name] is not self.parts[name] for name in followers)
        return (replace(self, parts=parts) if changed else self), more

    def report(self) -> tuple[Facet, ...]:
        """Report what every part says."""
        return tuple(facet for part in self.parts.values() for facet in part.reported)

    def circumstances(self, at: Moment, asked: Asked) -> Circumstances:
        """Tell the rules what the part knows that is asked, beside what the device itself does."""
        facts: dict[str, Any] = {**self.told(at, asked)}
        for part in self.parts.values():
            if any(command.action == asked.action for command in part.commands):
                facts.update(part.told(at, asked))
        return self.Circumstances(**facts)

    def told(self, at: Moment, asked: Asked) -> Mapping[str, Any]:  # noqa: ARG002  # kinds use them
        """Return what the rules must know of the device as a whole, such as whether it moves."""
        return {}

    def kept(self) -> Mapping[str, Any]:
        """Keep what any part keeps."""
        return {name: value for part in self.parts.values() for name, value in part.kept().items()}


def _concerns(part: Part, stimulus: Stimulus) -> bool:
    """Say whether a stimulus is for a part: commands and acts are for those that declare them."""
    match stimulus:
        case Commanded(command=command):
            return isinstance(command, part.commands)
        case Acted(act=act):
            return isinstance(act, part.acts)
        case _:
            return True
