"""The updater of a car: fetches signed software, writes it beside the old, tries it, and keeps what works.

    looking      root, timestamp, snapshot, targets: verified one by one, kept one by one
    downloading  chunk after chunk into the slot that is not in use; what is there is not fetched again
    verifying    everything is read back from the flash and held against the signed SHA-256
    switching    the boot record; before it nothing has changed, after it the next start tries the new slot
    restarting   the computer of the screens; what drives the car goes on
    checking     the new software proves itself, or the old one is started again

The owner says when (`install_update`, with its rules in updates.cedar); it begins and switches only while the
car stands with charge enough. Whoever drives off before the switch ends it, and nothing has happened.
Without a service for software in the household none of this exists, and the car says nothing of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Final, Literal, Self, TypeAlias

from pydantic import Field

from sim.apps.software import GetSoftwareChunk, GetSoftwareMetadata, Software, read
from sim.core.device import (
    Answer,
    Answered,
    Asked,
    Booted,
    CancelTimer,
    Command,
    Commanded,
    Effect,
    Learned,
    Moment,
    Persist,
    Persisted,
    Provision,
    Request,
    Sensed,
    Settle,
    StartTimer,
    Stimulus,
    TimerFired,
)
from sim.core.messages import load_json_object
from sim.core.parts import Part
from sim.devices.car import boot
from sim.devices.car.flash import (
    OTHER,
    PAGE_BYTES,
    PAGES_MAX,
    About,
    CarFlash,
    Erase,
    FlashImage,
    Program,
    Read,
    Record,
    page_writes,
    pages_of,
    record_writes,
)
from sim.trust.updates import images
from sim.trust.updates.releases import Catalogue, Release, Role, Trusted, UpdateError, admitted

LOOK_EVERY_MS: Final = 21_600_000
"""How often the car asks what is new, 6 h (assumption): four times while a timestamp counts."""
PACE_MS: Final = 500
"""How often it asks for more of an image."""
PAUSE_MS: Final = 5_000
"""How often while the service owes it as much as it may ask for at once (assumption)."""
AT_ONCE: Final = 4
"""Chunks under way at once: 8 a second, of the 10 that a device takes of one sender (`world.node.rates`)."""
GIVE_UP_MS: Final = 3_600_000
"""How long a download may make no progress before it is given up (assumption)."""
DOWNLOAD_MS_MAX: Final = 14_400_000
"""How long it may take, 4 h: the largest image at 5 kbit/s. Who trickles keeps the car awake (assumption)."""
LOOKS_MAX: Final = 4
"""Looks without a newer timestamp after which the car trusts none: a day that its clock need not tell."""
TRIES_MAX: Final = 3
"""How often an image is fetched whose bytes are not those that were signed (assumption)."""
RESTART_MS: Final = 20_000
"""How long the computer takes to start (assumption)."""
HEALTH_MS: Final = 10_000
"""How long new software runs before it has proved itself (assumption)."""
BATTERY_PERCENT_MIN: Final = 30
"""State of charge below which nothing is switched: what the rule `update-needs-charge` says."""
LOOK, PACE, RESTART, HEALTH = "update look", "update pace", "update restart", "update health"
"""Names of the timers."""

State: TypeAlias = Literal[
    "idle", "downloading", "verifying", "switching", "restarting", "checking", "installed", "failed"
]
Step: TypeAlias = tuple["Updater", tuple[Effect, ...]]


class InstallUpdate(Command, group="Update"):
    """Install a release, which the car fetches first; what becomes of it is in the car's report."""

    version: str = Field(default="", max_length=32)


@dataclass(frozen=True, slots=True)
class Job:
    """A release on its way into the other slot.

    Attributes:
        release: which.
        by: who wants it.
        number: the jobs since the start; words of an older one's writes are not heard.
        pages: what is written, and needs not be fetched.
        asked: the page that each question under way is about.
        tries: how often the image was begun.
        progress_ms: when something was written last.
        begun_ms: when it was begun.
    """

    release: Release
    by: str | None
    number: int
    progress_ms: int
    begun_ms: int
    pages: frozenset[int] = frozenset()
    asked: Mapping[str, int] = field(default_factory=dict)
    writing: frozenset[int] = frozenset()
    tries: int = 1

    def missing(self) -> list[int]:
        """Return the pages that nobody asks for or writes yet."""
        busy = self.pages | self.writing | frozenset(self.asked.values())
        return [page for page in range(pages_of(self.release.size_bytes)) if page not in busy]

    @property
    def complete(self) -> bool:
        """Whether every page is written."""
        return len(self.pages) == pages_of(self.release.size_bytes)


@dataclass(frozen=True)
class Updater(Part):
    """The updater.

    Attributes:
        device: name of the car.
        hardware: what it is, as releases name it.
        flash: what was in the flash at the start.
        service: the device that has the releases; None when there is none.
        trusted: the metadata that were verified; None without a service.
        catalogue: what they say; None before they say something.
        serial: the last number that the service has reported.
        boots: how often the car has started.
        sent: how many questions it has asked since.
        looking: ticket and role of the question for metadata that is under way.
        silent: looks, six hours of real time apart, since a timestamp was news.
        refused: what it refused last.
        running: what was started; None while nothing runs.
        record: the boot record that counts.
        job: what is being fetched.
        jobs: how many there were since the start.
        wanted: a release that is not there yet, and who wants it: it outlives a restart.
        state: how far all is.
        reason: why, for people.
    """

    commands: ClassVar = (InstallUpdate,)
    facets: ClassVar = (Software,)
    reads: ClassVar = ("updates",)
    asks: ClassVar = ("updates",)
    storage: ClassVar = CarFlash

    device: str = ""
    hardware: str = ""
    flash: FlashImage | None = None
    service: str | None = None
    trusted: Trusted | None = None
    catalogue: Catalogue | None = None
    serial: int = 0
    boots: int = 1
    sent: int = 0
    looking: tuple[str, Role] | None = None
    silent: int = 0
    refused: str = ""
    running: boot.Start | None = None
    record: Record | None = None
    job: Job | None = None
    jobs: int = 0
    wanted: tuple[Release, str | None] | None = None
    state: State = "idle"
    reason: str = ""

    @classmethod
    def new(cls, device: str, config: Any, given: Mapping[str, Any]) -> Self:
        """Return the updater with what flash and memory have kept."""
        kept = given.get("update", {})
        return cls(device=device, hardware=config.hardware, flash=given.get("storage"), **kept)

    def provisioned(self, provision: Provision) -> Self:
        """Return the updater with the root that is built in, unless it knows a newer one."""
        if not provision.software_root:
            return self
        service = provision.first_of("updates")
        trusted = self.trusted or Trusted(provision.software_root)
        return replace(self, service=service, trusted=trusted, boots=provision.boot)

    def kept(self) -> Mapping[str, Any]:
        """Keep what was verified, after every file, and what somebody wants."""
        kept = {"trusted": self.trusted, "silent": self.silent, "wanted": self.wanted, "reason": self.reason}
        return {"update": kept}

    def step(self, at: Moment, stimulus: Stimulus) -> Step:
        """Look, fetch, write, try."""
        if self.service is None:
            match stimulus:
                case Commanded(ticket=ticket):
                    return self, (_failed(ticket, "nobody supplies software to this car"),)
                case _:
                    return self, ()
        match stimulus:
            case Booted():
                return self._booted(at)
            case Learned(device=self.service):
                return self._heard(at)
            case Commanded(command=InstallUpdate(version=version), ticket=ticket, by=by):
                return self._install(at, version, ticket, by)
            case Answered(ticket=ticket, answer=answer) if answer.final:
                return self._answered(at, ticket, answer)
            case Persisted(ticket=ticket, result=result):
                return self._written(at, ticket.split(), result)
            case Sensed() if self.job is not None and self.state in {"downloading", "verifying"}:
                return self._given_up("somebody drives") if _moving(at) else (self, ())
            case TimerFired(name=name) if name in {LOOK, PACE, RESTART, HEALTH}:
                return self._due(at, name)
            case _:
                return self, ()

    def report(self) -> tuple[Software, ...]:
        """Report what runs, and how far an update is; nothing where there are none."""
        if self.running is None or self.record is None:
            return ()
        newest = None if self.catalogue is None else self.catalogue.newest(self.hardware)
        offered = newest is not None and newest.counter > self.record.counter
        job = self.job
        total = 0 if job is None else pages_of(job.release.size_bytes)
        return (
            Software(
                software_version=self.running.software.version,
                software_counter=self.record.counter,
                software_slot=self.running.slot,
                software_state=self.state,
                software_wanted=self.wanted[0].version if self.wanted else "",
                software_progress_percent=round(100 * len(job.pages) / total, 1) if job else 0.0,
                software_reason=self.reason,
                software_offered=newest.version if newest is not None and offered else "",
                software_refused=self.refused,
            ),
        )

    @property
    def busy(self) -> bool:
        """Whether an update is under way, so that the car stays awake."""
        return self.state not in {"idle", "installed", "failed"}

    def told(self, at: Moment, asked: Asked) -> Mapping[str, Any]:
        """Tell the rules what the car has verified of the release that is asked for."""
        command = asked.command
        if not isinstance(command, InstallUpdate) or self.catalogue is None or self.record is None:
            return {"verified": False}
        found = self.catalogue.find(command.version, self.hardware)
        if found is None:
            return {"verified": False}
        return {
            "verified": at.now_ms < self.catalogue.until_ms,
            "newer": found.counter > self.record.counter,
            "fits": found.hardware == self.hardware,
        }

    # --- looking for what is new ----------------------------------------------------------------

    def _heard(self, at: Moment) -> Step:
        """Look when the service has signed something anew."""
        told = at.beliefs.raw(self.service or "", "offers_serial")
        if told is None or told[0] == self.serial:
            return self, ()
        return replace(self, serial=told[0])._look(at)

    def _look(self, at: Moment) -> Step:
        """Begin with the next root; one look at a time."""
        assert self.trusted is not None  # INVARIANT: there is a service
        if self.looking is not None:
            return self, ()
        return self._ask("root", _version(self.trusted.root) + 1)

    def _ask(self, role: Role, version: int = 0) -> Step:
        updater, ticket = self._ticket()
        asked = replace(updater, looking=(ticket, role))
        return asked, (self._request(ticket, GetSoftwareMetadata(role=role, version=version), None),)

    def _answered(self, at: Moment, ticket: str, answer: Answer) -> Step:
        if self.looking is not None and ticket == self.looking[0]:
            return replace(self, looking=None)._looked(at, self.looking[1], answer)
        if self.job is not None and ticket in self.job.asked:
            return self._fetched(at, ticket, answer)
        return self, ()

    def _looked(self, at: Moment, role: Role, answer: Answer) -> Step:
        """Verify a file, keep it, and ask for the next one that is needed."""
        from sim.trust.updates import verification  # noqa: PLC0415  # an optional part, and slow to load

        assert self.trusted is not None  # INVARIANT: there is a service
        data = read(answer.data) if answer.status == "done" else None
        if data is None:
            # No further root is the rule; whoever has nothing else is asked again later.
            return self._ask("timestamp") if role == "root" and answer.status == "failed" else (self, ())
        updater = self
        try:
            trusted = verification.accept(self.trusted, role, data, at.now_ms)
            news = role == "timestamp" and trusted is not self.trusted
            updater = replace(self, trusted=trusted, silent=0 if news else self.silent)
            if role == "root":
                return updater._ask("root", _version(trusted.root) + 1)
            for following in _FOLLOWING[role]:
                if not verification.has(trusted, following, at.now_ms):
                    return updater._ask(following)
            known = updater._vouched(verification.catalogue(trusted, at.now_ms))
        except UpdateError as error:
            return replace(updater, refused=f"{error.code}: {error.sentence}"), ()
        return replace(updater, catalogue=known, refused=""), ()

    def _vouched(self, known: Catalogue) -> Catalogue:
        """Return what is known, which counts no longer when there was no news for a day by any clock."""
        return replace(known, until_ms=0) if self.silent >= LOOKS_MAX else known

    def _still_admitted(self, at: Moment, release: Release) -> str:
        """Return why a release may not be started any more; empty when it may: a day may have passed."""
        counter = 0 if self.record is None else self.record.counter
        try:
            now = admitted(self.catalogue, release.version, self.hardware, counter, at.now_ms)
        except UpdateError as error:
            return error.sentence
        return "" if now == release else f"release {release.version} is not what it was when it was wanted"

    # --- fetching -------------------------------------------------------------------------------

    def _install(self, at: Moment, version: str, ticket: str, by: str | None) -> Step:
        """Begin to fetch a release: the rules have permitted it, and the time may have passed since."""
        if self.running is None or self.record is None or self.state in {"restarting", "checking"}:
            return self, (_failed(ticket, "the car's computer is starting"),)
        if self.job is not None:
            return self, (_failed(ticket, f"{self.job.release.version} is being installed"),)
        try:
            release = admitted(self.catalogue, version, self.hardware, self.record.counter, at.now_ms)
        except UpdateError as error:
            return self, (_failed(ticket, error.sentence),)
        if pages_of(release.size_bytes) > PAGES_MAX:
            return self, (_failed(ticket, f"release {version} is too large for this car"),)
        updater, effects = replace(self, wanted=(release, by))._begun(at)
        return updater, (Settle(ticket, Answer("done", f"the car fetches {version}")), *effects)

    def _begun(self, at: Moment, pages: frozenset[int] = frozenset(), tries: int = 1) -> Step:
        """Fetch what is wanted; pages that are whole already are not fetched again."""
        assert self.wanted is not None  # INVARIANT: it is called for what somebody wants
        release, by = self.wanted
        job = Job(release, by, self.jobs + 1, at.now_ms, at.now_ms, pages, tries=tries)
        return replace(self, job=job, jobs=job.number, state="downloading", reason="")._fetch(at)

    def _fetch(self, at: Moment) -> Step:
        """Ask for the next chunks, or read everything back when all are written."""
        job = self.job
        assert job is not None  # INVARIANT: something is being fetched
        if job.complete:
            return replace(self, state="verifying"), (Persist(self._name("read"), Read()), CancelTimer(PACE))
        if at.now_ms - job.progress_ms >= GIVE_UP_MS or at.now_ms - job.begun_ms >= DOWNLOAD_MS_MAX:
            return self._given_up("the update could not be fetched")
        updater, effects = self, list[Effect]()
        for page in job.missing()[: AT_ONCE - len(job.asked)]:
            updater, ticket = updater._ticket()
            job = replace(job, asked={**job.asked, ticket: page})
            question = GetSoftwareChunk(image=job.release.path, chunk=page)
            effects.append(self._request(ticket, question, job.by))
        return replace(updater, job=job), (*effects, StartTimer(PACE, PACE_MS if effects else PAUSE_MS))

    def _fetched(self, at: Moment, ticket: str, answer: Answer) -> Step:
        """Write a chunk; one that did not come, or has another length, is asked for again."""
        job = self.job
        assert job is not None  # INVARIANT: something is being fetched
        assert self.running is not None  # INVARIANT: something runs
        page = job.asked[ticket]
        job = replace(job, asked={other: one for other, one in job.asked.items() if other != ticket})
        updater = replace(self, job=job)
        data = read(answer.data) if answer.status == "done" else None
        if answer.status in {"denied", "failed"} and not answer.data.get("may_have_succeeded"):
            return updater._given_up(answer.reason)
        length = min(PAGE_BYTES, job.release.size_bytes - page * PAGE_BYTES)
        if data is None or len(data) != length:
            return updater, ()
        writes = page_writes(OTHER[self.running.slot], page, data, job.release.sha256)
        job = replace(job, writing=job.writing | {page})
        return replace(updater, job=job), self._writes(writes, "page", page)

    # --- writing --------------------------------------------------------------------------------

    def _written(self, at: Moment, said: list[str], result: Any) -> Step:
        """Go on after a write; what an older job has written is no news."""
        match said:
            case ["update", number, *what] if int(number) == self.jobs:
                return self._went_on(at, what, result)
            case _:
                return self, ()

    def _went_on(self, at: Moment, what: list[str], result: Any) -> Step:
        job = self.job
        match what:
            case ["start"]:
                return self._started(at, result)
            case ["tried"]:
                return self._runs(at)
            case ["switch"]:
                return self._restarting(self.reason)
            case ["proved"]:
                return self._proved()
            case ["page", page] if job is not None:
                written = replace(
                    job,
                    pages=job.pages | {int(page)},
                    writing=job.writing - {int(page)},
                    progress_ms=at.now_ms,
                )
                updater = replace(self, job=written)
                return updater._fetch(at) if written.complete else (updater, ())
            case ["read"] if job is not None:
                return self._read_back(at, result)
            case _:
                return self, ()

    def _read_back(self, at: Moment, flash: FlashImage) -> Step:
        """Hold what is in the flash against what was signed; only then, and only parked, switch."""
        job, running, record = self.job, self.running, self.record
        assert job is not None  # INVARIANT: something was fetched
        assert running is not None  # INVARIANT: something runs
        assert record is not None  # INVARIANT: what runs has a record
        release = job.release
        about = About(size_bytes=release.size_bytes, sha256=release.sha256)
        image = flash.image(OTHER[running.slot], about)
        if image is None:
            if job.tries < TRIES_MAX:
                return self._begun(at, tries=job.tries + 1)
            return self._given_up(f"what was sent is not the release {release.version} that was signed")
        software = images.Software.of(image)
        says = None if software is None else (software.version, software.counter, software.hardware)
        if says != (release.version, release.counter, release.hardware):
            return self._given_up(f"the image of {release.version} says that it is something else")
        if refused := self._still_admitted(at, release):
            # After a start the car knows again what is signed once it has looked.
            return (self, (StartTimer(PACE, PACE_MS),)) if self.looking else self._given_up(refused)
        if _moving(at):
            return self._given_up("somebody drives")
        battery = at.senses.own("battery_percent")
        if battery is None or battery < BATTERY_PERCENT_MIN:
            return self._given_up(f"the battery is below {BATTERY_PERCENT_MIN} %")
        updater = replace(self, state="switching", record=boot.on_trial(record, about))
        return updater, updater._recorded("switch")

    def _given_up(self, reason: str) -> Step:
        """Leave the slot as it is: nothing points to it."""
        updater = replace(self, job=None, jobs=self.jobs + 1, wanted=None, state="failed", reason=reason)
        return updater, (CancelTimer(PACE),)

    # --- starting -------------------------------------------------------------------------------

    def _booted(self, at: Moment) -> Step:
        assert self.flash is not None  # INVARIANT: whoever makes a car gives it what it has stored
        started, effects = replace(self, flash=None)._started(at, self.flash)
        updater, asked = started._look(at)
        return updater, (*effects, *asked, StartTimer(LOOK, LOOK_EVERY_MS))

    def _due(self, at: Moment, timer: str) -> Step:
        match timer:
            case "update look":
                known = self.catalogue
                updater = replace(self, silent=min(self.silent + 1, LOOKS_MAX))
                updater = replace(updater, catalogue=known and updater._vouched(known))
                updater, effects = updater._look(at)
                return updater, (*effects, StartTimer(LOOK, LOOK_EVERY_MS))
            case "update pace":
                return (self, ()) if self.job is None else self._fetch(at)
            case "update restart":
                return self, (Persist(self._name("start"), Read()),)
            case _:
                return self._checked()

    def _restarting(self, reason: str) -> Step:
        """Start the computer anew."""
        updater = replace(self, job=None, state="restarting", reason=reason)
        return updater, (StartTimer(RESTART, RESTART_MS),)

    def _started(self, at: Moment, flash: FlashImage) -> Step:
        """Let the bootloader choose; what it writes down is written before anything runs."""
        start = boot.start(flash)
        assert start is not None  # INVARIANT: one slot is whole and one copy of the record is, see the tests
        updater = replace(self, running=start, record=start.record)
        if start.fell_back:
            version = "the update" if self.wanted is None else self.wanted[0].version
            reason = self.reason or f"{version} could not be started"
            updater = replace(updater, wanted=None, state="failed", reason=reason)
        if start.write:
            # Until the record is written and the health check passed it is no more than tried.
            updater = replace(updater, state="restarting" if start.on_trial else updater.state)
            return updater, updater._recorded("tried")
        if updater.wanted is None or updater.wanted[0].counter <= start.record.counter:
            return updater._runs(at)
        # The power went before the switch: what was wanted is wanted still.
        slot, release = OTHER[start.slot], updater.wanted[0]
        return updater._begun(at, frozenset(flash.pages(slot, release.sha256)))

    def _runs(self, at: Moment) -> Step:
        """Say what came of it, or look whether new software is well."""
        assert self.running is not None  # INVARIANT: something was started
        if self.running.on_trial:
            return replace(self, state="checking"), (StartTimer(HEALTH, HEALTH_MS),)
        if self.wanted is not None:
            return self._proved()  # And the power went before anybody was told.
        return replace(self, state="failed" if self.reason else "idle"), ()

    def _checked(self) -> Step:
        """Let the new software prove itself; else let the old one be started again."""
        running, record = self.running, self.record
        assert running is not None  # INVARIANT: something runs
        assert record is not None  # INVARIANT: what runs has a record
        version = running.software.version
        if self.device in running.software.fails_on:
            reason = f"{version} did not pass its health check"
            updater = replace(self, record=boot.failed(record), wanted=None, reason=reason)
            return updater, updater._recorded("switch")
        updater = replace(self, record=boot.proved(record, running.software.counter))
        return updater, updater._recorded("proved")

    def _proved(self) -> Step:
        return replace(self, wanted=None, state="installed", reason=""), ()

    # --- words ----------------------------------------------------------------------------------

    def _recorded(self, then: str) -> tuple[Effect, ...]:
        """Return the writes of the record; the last one is named after what comes then."""
        assert self.record is not None  # INVARIANT: there is one to write
        return self._writes(record_writes(self.record), then)

    def _writes(self, writes: Sequence[Erase | Program], *then: object) -> tuple[Effect, ...]:
        *first, last = writes
        return (*(Persist(self._name("part"), one) for one in first), Persist(self._name(*then), last))

    def _name(self, *what: object) -> str:
        """Return the ticket of a write."""
        return " ".join(map(str, ("update", self.jobs, *what)))

    def _ticket(self) -> tuple[Self, str]:
        ticket = f"{self.device}-update-{self.boots}-{self.sent + 1}"
        return replace(self, sent=self.sent + 1), ticket

    def _request(self, ticket: str, command: Command, by: str | None) -> Request:
        assert self.service is not None  # INVARIANT: it is asked only where it is
        return Request.of(command, ticket=ticket, target=self.service, by=by)


_FOLLOWING: Final[Mapping[Role, tuple[Role, ...]]] = {
    "timestamp": ("snapshot", "targets"),
    "snapshot": ("targets",),
    "targets": (),
}


def _version(root: bytes) -> int:
    """Return the version of a root that was verified."""
    return int(load_json_object(root)["signed"]["version"])


def _moving(at: Moment) -> bool:
    """Say whether the car moves; what is not known counts as moving."""
    return not (at.senses.own("gear") == "P" and at.senses.own("speed_kmh") == 0)


def _failed(ticket: str, sentence: str) -> Settle:
    return Settle(ticket, Answer("failed", sentence))
