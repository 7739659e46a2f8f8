"""The update service: publishes signed releases for cars, and lets them go out in waves.

It stands for two parties that real makers keep apart. The maker signs releases in a safe, when somebody tells
this device to `publish`; the server, which is online day and night, signs twice a day which releases are the
newest, and hands out metadata and images. What a thief of the server could do with its two keys is in
`trust.updates`.

A campaign offers a release to a few cars first. When those of a wave have installed it, the next wave
may have it; when too many have failed, nobody else may: a staged rollout.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal, Self, TypeAlias

from pydantic import Field

from sim.apps.software import (
    CHUNK_BYTES,
    CHUNKS_MAX,
    GetSoftwareChunk,
    GetSoftwareMetadata,
    SoftwareOffers,
    spelt,
)
from sim.apps.software import (
    Software as SoftwareReport,
)
from sim.core import device as core
from sim.core.declarations import Arguments
from sim.core.device import (
    Act,
    Acted,
    Answer,
    Booted,
    Commanded,
    Effect,
    Learned,
    Moment,
    Provision,
    Settle,
    StartTimer,
    Stimulus,
    TimerFired,
)
from sim.core.units import Percent
from sim.trust.updates.images import Software
from sim.trust.updates.releases import COUNTER_MAX, KeyPart, Release, path_of

if TYPE_CHECKING:
    from sim.trust.updates.signing import Repository

VOUCH_EVERY_MS: Final = 43_200_000
"""How often it signs anew what is the newest, 12 h: twice while a timestamp counts (assumption)."""
HALT_PERCENT: Final = 50.0
"""Share of a campaign's cars whose failure stops it, unless it says otherwise (assumption)."""

PATIENCE_MS: Final = 259_200_000
"""How long a wave waits for cars that are off or out of reach, 3 d (assumption: a long weekend)."""

State: TypeAlias = Literal["none", "running", "halted", "finished"]


class ReleaseEntry(Arguments):
    """One release, as a household file writes it.

    `counter` decides which of two is newer; cars leave the factory with version 1.0.0, counter 1. One that is
    not `published` waits until somebody publishes it. `fails_on` names cars on which it will not run well.
    """

    version: str = Field(min_length=1, max_length=32)
    counter: int = Field(ge=0, le=COUNTER_MAX)
    hardware: str = Field(min_length=1, max_length=64)
    size_bytes: int = Field(default=300_000, ge=1, le=CHUNK_BYTES * CHUNKS_MAX)
    notes: str = Field(default="", max_length=500)
    fails_on: list[str] = Field(default_factory=list, max_length=64)
    published: bool = True

    def software(self) -> Software:
        """Return what its image says of itself."""
        return Software(
            version=self.version, counter=self.counter, hardware=self.hardware, fails_on=self.fails_on
        )

    def image(self) -> bytes:
        """Return its image."""
        return _image(self.software().model_dump_json(), self.size_bytes)

    def release(self) -> Release:
        """Return the release as it is signed."""
        image = self.image()
        digest = hashlib.sha256(image).hexdigest()
        return Release(self.version, self.counter, self.hardware, len(image), digest, self.notes)


class Publish(Act):
    """Sign a release that is ready, so that cars may have it."""

    version: str


class RotateRoot(Act):
    """Name other keys in a new root, which the two keys of the old root and those it names sign.

    `keys` says which ones are replaced. With fewer than two `old_signatures`, as when one is lost or a thief
    makes the root, cars refuse it, and learn nothing new until a whole one takes its place.
    """

    keys: list[KeyPart] = Field(default=["root"], min_length=1, max_length=3)
    old_signatures: int = Field(default=2, ge=0, le=2)


class StartCampaign(Act):
    """Offer a release to the first cars, then to more.

    `waves` says how many cars each wave has; all that are left come last. Cars are taken in the order in
    which the household lists them.
    """

    version: str
    waves: list[int] = Field(default_factory=lambda: [1], max_length=16)
    halt_percent: Percent = Field(default=HALT_PERCENT, gt=0, le=100)


class Campaign(core.Facet, when_offline="last"):
    """How far a campaign is: to whom the release is offered, and what came of it."""

    campaign_version: str
    campaign_state: State
    campaign_offered: Annotated[list[str], core.Listed(devices=True)]
    campaign_installed: Annotated[list[str], core.Listed(devices=True)]
    campaign_failed: Annotated[list[str], core.Listed(devices=True)]


@dataclass(frozen=True, slots=True)
class Rollout:
    """A campaign.

    Attributes:
        version: of the release.
        waves: how many cars each wave has.
        halt_percent: share of those it is offered to whose failure stops it.
        cars: all that may have it, in order.
        offered: how many of them it is offered to.
        wave: which wave that is, from 1.
        begun: cars that were seen to fetch it.
        installed: cars that run it.
        failed: cars that fetched it, and do not.
        state: whether it goes on.
        since_ms: when the last wave was invited.
    """

    version: str
    waves: tuple[int, ...]
    halt_percent: float
    cars: tuple[str, ...]
    offered: int = 0
    wave: int = 0
    begun: frozenset[str] = frozenset()
    installed: frozenset[str] = frozenset()
    failed: frozenset[str] = frozenset()
    state: State = "running"
    since_ms: int = 0

    @property
    def invited(self) -> tuple[str, ...]:
        """The cars that may have it now."""
        return self.cars[: self.offered]

    def next_wave(self) -> Self:
        """Return the campaign with one wave more; finished when there is nobody left."""
        if self.offered >= len(self.cars):
            return replace(self, state="finished")
        more = self.waves[self.wave] if self.wave < len(self.waves) else len(self.cars)
        return replace(self, offered=min(len(self.cars), self.offered + max(1, more)), wave=self.wave + 1)

    def heard(self, car: str, version: object, state: object, wanted: object) -> Self:
        """Return the campaign after a car has said how far it is."""
        if car not in self.invited or self.state != "running":
            return self
        if version == self.version and state in {"installed", "idle"}:
            return replace(self, installed=self.installed | {car})._judged()
        if wanted == self.version:
            return replace(self, begun=self.begun | {car})
        if state == "failed" and car in self.begun:
            return replace(self, failed=self.failed | {car}, begun=self.begun - {car})._judged()
        return self

    def waited(self, now_ms: int) -> Self:
        """Return the campaign as time goes by: a car that is out of reach does not hold up all others.

        Whoever began and was not heard of since counts as failed. Unless some car has shown that the release
        works, nobody else gets it.
        """
        if self.state != "running" or now_ms - self.since_ms < PATIENCE_MS:
            return self
        lost = self.begun - self.installed
        judged = replace(self, failed=self.failed | lost, begun=self.begun - lost)._judged() if lost else self
        if judged.wave != self.wave or judged.state != "running" or not self.installed:
            return judged
        return judged.next_wave() if judged.offered < len(judged.cars) else judged

    def _judged(self) -> Self:
        """Stop when too many have failed; go on when everybody is through."""
        failed = self.failed - self.installed
        if 100 * len(failed) >= self.halt_percent * self.offered:
            return replace(self, failed=failed, state="halted")
        through = len(failed | self.installed) == self.offered
        return replace(self, failed=failed).next_wave() if through else replace(self, failed=failed)


@dataclass(frozen=True)
class UpdateService(core.Device):
    """One service.

    Attributes:
        entries: every release there is.
        published: versions that are published.
        secrets: of the maker and of the server.
        cars: the household's cars.
        repository: what is signed; None before the service has started.
        rollout: the last campaign.
    """

    class Config(core.Config):
        """The releases that it has."""

        releases: list[ReleaseEntry] = Field(default_factory=list, max_length=64)

    kind: ClassVar[str] = "updates"
    commands: ClassVar = (GetSoftwareMetadata, GetSoftwareChunk)
    acts: ClassVar = (Publish, RotateRoot, StartCampaign)
    facets: ClassVar = (SoftwareOffers, Campaign)
    reads: ClassVar = ("car",)
    sees: ClassVar = {"car": (SoftwareReport,)}
    supplies_software: ClassVar[bool] = True

    entries: tuple[ReleaseEntry, ...] = ()
    published: frozenset[str] = frozenset()
    secrets: tuple[bytes, bytes] = field(default=(b"", b""), repr=False)
    cars: tuple[str, ...] = ()
    repository: "Repository | None" = field(default=None, repr=False)
    rollout: Rollout | None = None

    @classmethod
    def new(cls, name: str, config: Any, given: Mapping[str, Any]) -> Self:
        """Return the service with what its disk has kept."""
        ready = frozenset(entry.version for entry in config.releases if entry.published)
        return cls(name, entries=tuple(config.releases), **{"published": ready, **given.get("updates", {})})

    def provisioned(self, provision: Provision) -> Self:
        """Return the service with its secrets, and the names of the cars."""
        cars = provision.of_kind("car")
        return replace(self, secrets=(provision.maker, provision.seed), cars=cars)

    def kept(self) -> Mapping[str, Any]:
        """Keep what was signed: cars do not go back behind it."""
        kept = {"published": self.published, "repository": self.repository, "rollout": self.rollout}
        return {"updates": kept}

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Sign, hand out, and follow a campaign."""
        match stimulus:
            case Booted() | TimerFired():
                vouched = self._vouched(at)
                vouched = vouched._rolled(at, self.rollout and self.rollout.waited(at.now_ms))
                return vouched, (StartTimer("vouch", VOUCH_EVERY_MS),)
            case Commanded(command=GetSoftwareMetadata() as command, ticket=ticket):
                data = self._metadata(command)
                return self, (_answer(ticket, data, f"there is no such {command.role}"),)
            case Commanded(command=GetSoftwareChunk() as command, ticket=ticket, sender=sender):
                why_not, data = self._chunk(command, sender)
                return self, (_answer(ticket, data, why_not),)
            case Acted(act=Publish(version=version), ticket=ticket):
                return self._publish(at, version, ticket)
            case Acted(act=RotateRoot() as act, ticket=ticket):
                return self._rotate(at, act, ticket)
            case Acted(act=StartCampaign() as act, ticket=ticket):
                return self._start(at, act, ticket)
            case Learned(device=car) if self.rollout is not None:
                told = [at.beliefs.raw(car, f"software_{fact}") for fact in ("version", "state", "wanted")]
                return self._rolled(at, self.rollout.heard(car, *(one and one[0] for one in told))), ()
            case _:
                return self, ()

    def report(self) -> tuple[core.Facet, ...]:
        """Report that there is something to look at, and how far a campaign is."""
        if self.repository is None:
            return ()
        offers = SoftwareOffers(offers_serial=self.repository.versions[0])
        if self.rollout is None:
            return (offers,)
        campaign = Campaign(
            campaign_version=self.rollout.version,
            campaign_state=self.rollout.state,
            campaign_offered=list(self.rollout.invited),
            campaign_installed=sorted(self.rollout.installed),
            campaign_failed=sorted(self.rollout.failed),
        )
        return (offers, campaign)

    def _vouched(self, at: Moment) -> Self:
        """Sign what is the newest; at the first start, everything."""
        from sim.trust.updates.signing import Keys, Repository  # noqa: PLC0415  # optional, and slow to load

        if self.repository is not None:
            return replace(self, repository=self.repository.vouched(at.now_ms))
        empty = Repository.new(Keys(*self.secrets))
        return replace(self, repository=empty.published(self._releases(self.published), at.now_ms))

    def _releases(self, published: frozenset[str]) -> list[Release]:
        return [entry.release() for entry in self.entries if entry.version in published]

    def _publish(self, at: Moment, version: str, ticket: str) -> tuple[Self, tuple[Effect, ...]]:
        assert self.repository is not None  # INVARIANT: nobody uses what has not started
        if all(entry.version != version for entry in self.entries):
            return self, (_answer(ticket, None, f"there is no release {version}"),)
        published = self.published | {version}
        repository = self.repository.published(self._releases(published), at.now_ms)
        return replace(self, published=published, repository=repository), (Settle(ticket, Answer("done")),)

    def _rotate(self, at: Moment, act: RotateRoot, ticket: str) -> tuple[Self, tuple[Effect, ...]]:
        """Name other keys, and sign everything anew with those that count."""
        from sim.trust.updates.signing import ROOT_KEYS  # noqa: PLC0415  # optional, and slow to load

        assert self.repository is not None  # INVARIANT: nobody uses what has not started
        keys = self.repository.keys.renewed(act.keys)
        rotated = self.repository.rotated(keys, ROOT_KEYS[: act.old_signatures])
        repository = rotated.published(self._releases(self.published), at.now_ms)
        return replace(self, repository=repository), (Settle(ticket, Answer("done")),)

    def _rolled(self, at: Moment, rollout: Rollout | None) -> Self:
        """Return the service with its campaign as it is now, and since when its wave is invited."""
        if rollout is None or rollout is self.rollout:
            return self
        if self.rollout is None or rollout.wave != self.rollout.wave:
            rollout = replace(rollout, since_ms=at.now_ms)
        return replace(self, rollout=rollout)

    def _start(self, at: Moment, act: StartCampaign, ticket: str) -> tuple[Self, tuple[Effect, ...]]:
        if act.version not in self.published:
            return self, (_answer(ticket, None, f"release {act.version} is not published"),)
        rollout = Rollout(act.version, tuple(act.waves), act.halt_percent, self.cars).next_wave()
        return replace(self, rollout=replace(rollout, since_ms=at.now_ms)), (Settle(ticket, Answer("done")),)

    def _metadata(self, command: GetSoftwareMetadata) -> bytes | None:
        """Return signed metadata; None when there are none."""
        assert self.repository is not None  # INVARIANT: nobody asks what has not started
        match command.role:
            case "root":
                return self.repository.root(command.version)
            case "timestamp":
                return self.repository.timestamp
            case "snapshot":
                return self.repository.snapshot
            case _:
                return self.repository.targets

    def _chunk(self, command: GetSoftwareChunk, car: str) -> tuple[str, bytes | None]:
        """Return a chunk of an image; or why not, and None."""
        entry = next(
            (one for one in self.entries if path_of(one.hardware, one.version) == command.image), None
        )
        if entry is None or entry.version not in self.published:
            return f"there is no {command.image}", None
        rollout = self.rollout
        if rollout is not None and rollout.version == entry.version:
            if rollout.state == "halted" and car not in rollout.installed:
                return f"release {entry.version} is withheld: it failed on too many cars", None
            if car not in rollout.invited:
                return f"release {entry.version} is not offered to this car yet", None
        begin = command.chunk * CHUNK_BYTES
        return f"{command.image} has no chunk {command.chunk}", entry.image()[
            begin : begin + CHUNK_BYTES
        ] or None


@lru_cache(maxsize=8)
def _image(software: str, size_bytes: int) -> bytes:
    """Return an image; a car asks for all of its chunks one after the other."""
    return Software.model_validate_json(software).image(size_bytes)


def _answer(ticket: str, data: bytes | None, why_not: str) -> Settle:
    """Return an answer with bytes, or why there are none."""
    return Settle(ticket, Answer("failed", why_not) if data is None else Answer("done", data=spelt(data)))
