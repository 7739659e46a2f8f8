"""Files from one device to another: offered with their size, fetched chunk after chunk, and checked.

    sender → receiver     offer_file: the size in clear, for the rules; name and SHA-256 sealed
    receiver → sender     fetch_chunk, again and again; each answer holds a sealed chunk with its SHA-256
    receiver → sender     close_file: all of it is there and is what was offered, or why not

The receiver asks, so it goes on by itself where it stopped after a cut or a restart of either, a chunk that
comes twice is put where it is already, and one that does not open or does not fit its SHA-256 is asked for
again. It asks for a few chunks at a time and more slowly than a device refuses commands of one sender
(`sim.world.node.rates`).

What is in a file is not the point of a simulator: it is drawn from the sender's secret, the name and the
number of the file by SHAKE-256 (FIPS 202), the same in every run with a seed, so that nothing of it has to be
kept by the sender. The receiver keeps what has come, and looks at every byte.

Before a device offers a file it asks its own rules: a file that is too large is refused where it is, whether
or not the other device is there.

A device that has this app tells the rules `size_bytes`, and one that is built into a car `guest_drives` when
a file is offered.
"""

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, ClassVar, Final, Self, TypeAlias

from pydantic import Field

from sim.apps.app import App, Company, done, refused, settled
from sim.core.declarations import Private
from sim.core.device import (
    Act,
    Acted,
    Answer,
    Answered,
    Asked,
    Booted,
    CancelTimer,
    Carries,
    Command,
    Commanded,
    Effect,
    Facet,
    Learned,
    Linked,
    Moment,
    Provision,
    Refers,
    Request,
    Sensed,
    Settle,
    StartTimer,
    Stimulus,
    TimerFired,
)
from sim.core.messages import INTEGER_MAX
from sim.trust.letters import LetterError

CHUNK_BYTES: Final = 32_768
"""A chunk: what an answer of 65,536 bytes holds after it was spelt in base64 twice."""
SIZE_BYTES_MAX: Final = 100_000_000
"""Largest file a device begins to send or take; the rule is stricter or the same, and asked first."""
FILES_MAX: Final = 4
"""Files a device sends, and takes, at once."""
PACE_MS: Final = 500
"""How often the receiver asks for more."""
AT_ONCE: Final = 4
"""Chunks under way at once: 8 a second, of the 10 that a device takes of one sender."""
FETCH_MS: Final = 8_000
"""How long one request for a chunk is repeated."""
PAUSE_MS: Final = 30_000
"""How often the receiver looks at its files while it waits for a sender that does not answer (assumption)."""
GIVE_UP_MS: Final = 3_600_000
"""How long a file may make no progress before it is given up (assumption)."""
TRIES_MAX: Final = 3
"""How often a file is fetched from the beginning whose chunks are right and whose whole is not."""
NAME_CHARACTERS_MAX: Final = 255
NAME_BYTES_MAX: Final = 255
"""Longest file name of most file systems (POSIX NAME_MAX on Linux), bytes of UTF-8."""
NAMELESS: Final = "file"
"""What a file is called of whose name nothing is left."""
_PACE: Final = "files"
_OFFERS: Final = "offers"
"""Names of the timers: for what comes, and for what others may fetch."""
_HEX = re.compile(r"[0-9a-f]{64}")
_DIGEST_BYTES: Final = 32
_SEPARATORS = frozenset('/\\:*?"<>|')
"""What separates paths, or is special in them, on some system (Microsoft, “Naming Files”)."""

Key: TypeAlias = str
"""Ticket of the offer: names a file on both sides."""


class ShareFile(Act):
    """Send a file to another device."""

    to: Annotated[str, Refers("device")]
    name: Annotated[str, Private(), Field(min_length=1, max_length=NAME_CHARACTERS_MAX)]
    size_bytes: int = Field(ge=0, le=INTEGER_MAX)


class OfferFile(Command, group=("Private", "FileTransfer"), tier="anytime"):
    """Offer a file of a size; what it is called, and its SHA-256, are in the letter."""

    size_bytes: int = Field(ge=0, le=INTEGER_MAX)
    letter: Annotated[dict[str, Any] | None, Carries("file", letter="file")] = Field(default=None, repr=False)


class FetchChunk(
    Command,
    group=("Private", "FileTransfer"),
    tier="anytime",
    ttl_ms=FETCH_MS,
    returns={"letter": Carries("file", letter="file")},
):
    """Ask for a chunk of a file that was offered; the answer has it sealed."""

    file: str = Field(min_length=1, max_length=64)
    chunk: int = Field(ge=0, le=SIZE_BYTES_MAX // CHUNK_BYTES)


class CloseFile(Command, group=("Private", "FileTransfer"), tier="anytime"):
    """Say that a file is there, or that it is given up."""

    file: str = Field(min_length=1, max_length=64)
    complete: bool


class FilesReport(Facet):
    """How many files have come and gone, and how far the others are; neither name nor content."""

    files_sent: int
    files_received: int
    files_given_up: int
    files_going: int
    files_coming: int
    received_bytes: int
    outstanding_bytes: int


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A file that another device may fetch.

    Attributes:
        to: who may.
        name: what it is called.
        size_bytes: how long it is.
        number: the device counts the files it sends.
        since_ms: when it was offered, or something of it was fetched last.
        ticket: of the person's act; None after a restart, when nobody waits any more.
        accepted: whether the receiver has said that it will fetch it.
    """

    to: str
    name: str = field(repr=False)
    size_bytes: int
    number: int
    since_ms: int
    ticket: str | None
    accepted: bool = False


@dataclass(frozen=True, slots=True)
class Incoming:
    """A file that comes.

    Attributes:
        sender: who has it.
        by: for whom it was sent.
        name: what it is called, made safe.
        size_bytes: how long it is.
        sha256: of the whole.
        chunks: what has come, by number.
        progress_ms: when something came last.
        tries: how often it was begun.
        closing: whether it is complete (True) or given up (False), and the sender does not know yet.
    """

    sender: str
    by: str | None
    name: str = field(repr=False)
    size_bytes: int
    sha256: bytes
    progress_ms: int
    chunks: Mapping[int, bytes] = field(default_factory=dict, repr=False)
    tries: int = 1
    closing: bool | None = None

    @property
    def whole(self) -> bytes:
        """The bytes that have come, one chunk after the other."""
        return b"".join(self.chunks[number] for number in sorted(self.chunks))

    def missing(self) -> tuple[int, ...]:
        """Return the numbers of the chunks that have not come."""
        return tuple(number for number in range(chunks_of(self.size_bytes)) if number not in self.chunks)


@dataclass(frozen=True, slots=True)
class Received:
    """A file that is complete."""

    sender: str
    name: str = field(repr=False)
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Files(App):
    """The files of one device.

    Attributes:
        secret: what the content of its files is drawn from.
        counted: how many files it has offered.
        wanted: files that the device's own rules are being asked about, by the ticket of the person's act.
        outgoing: what others may fetch.
        incoming: what comes.
        fetching: file and chunk of each request under way, or None for one that closes the file.
        sent: files that have arrived.
        received: files that are complete, the latest last; at most `FILES_MAX` are kept.
        received_count: how many there were.
        given_up: files of either direction that came to nothing.
    """

    purpose: ClassVar[str] = "file"
    commands: ClassVar = (OfferFile, FetchChunk, CloseFile)
    acts: ClassVar = (ShareFile,)
    facets: ClassVar = (Company, FilesReport)
    reads: ClassVar = ("phone", "dashboard", "tablet")
    asks: ClassVar = ("phone", "dashboard", "tablet")

    secret: bytes = field(default=b"", repr=False)
    counted: int = 0
    wanted: Mapping[str, ShareFile] = field(default_factory=dict, repr=False)
    outgoing: Mapping[Key, Outgoing] = field(default_factory=dict)
    incoming: Mapping[Key, Incoming] = field(default_factory=dict)
    fetching: Mapping[str, tuple[Key, int | None]] = field(default_factory=dict)
    arrived: int = 0
    received: tuple[Received, ...] = field(default=(), repr=False)
    received_count: int = 0
    given_up: int = 0

    @classmethod
    def new(cls, device: str, config: Any, given: Mapping[str, Any]) -> Self:
        """Return the files with what its flash kept: also half a file is not fetched twice."""
        flash = given.get("files", {})
        outgoing = {key: replace(one, ticket=None) for key, one in flash.get("outgoing", {}).items()}
        return replace(
            super().new(device, config, given),
            outgoing=outgoing,
            **{name: flash[name] for name in _KEPT if name in flash},
        )

    def provisioned(self, provision: Provision) -> Self:
        """Return the files with what their content is drawn from."""
        secret = hashlib.sha256(b"carhome/1 files\0" + provision.seed).digest()
        return replace(super().provisioned(provision), secret=secret)

    def kept(self) -> Mapping[str, Any]:
        """Keep every file and every chunk."""
        flash = {"outgoing": self.outgoing, **{name: getattr(self, name) for name in _KEPT}}
        return {**super().kept(), "files": flash}

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Offer, fetch, give out and check."""
        match stimulus:
            case Acted(act=ShareFile() as act, ticket=ticket, by=by):
                check = OfferFile(size_bytes=act.size_bytes)
                app = replace(self, wanted={**self.wanted, ticket: act})
                return app, (Request.of(check, ticket=ticket, target=self.device, by=by),)
            case Commanded(command=OfferFile(), ticket=ticket, sender=self.device, by=by):
                return self._permitted(at, ticket, by)
            case Commanded(command=OfferFile()):
                return self._offered(at, stimulus)
            case Commanded(command=FetchChunk(file=key, chunk=chunk), ticket=ticket, sender=sender):
                return self._give(at, key, chunk, ticket, sender)
            case Commanded(command=CloseFile(file=key, complete=complete), ticket=ticket, sender=sender):
                return self._closed(key, ticket, sender, complete=complete)
            case Answered(ticket=ticket, answer=answer) if answer.final and ticket in self.outgoing:
                return self._answered(ticket, answer)
            case Answered(ticket=ticket) if ticket in self.fetching and stimulus.answer.final:
                return self._fetched(at, stimulus)
            case Answered(ticket=ticket) if ticket in self.wanted:
                # Its own rules forbid it, and the person has heard so.
                return replace(self._unwanted(ticket), given_up=self.given_up + 1), ()
            case TimerFired(name=name) if self.patience.is_due(name):
                return replace(self, patience=self.patience.due(name))._fetch(at)
            case TimerFired(name="files"):
                return self._fetch(at)
            case TimerFired(name="offers"):
                return self._forgotten(at)
            case Booted():
                app, effects = self.looked(at)._fetch(at)
                return app, (*effects, *((StartTimer(_OFFERS, GIVE_UP_MS),) if self.outgoing else ()))
            case Learned() | Sensed() | Linked():
                app = self.looked(at)
                # Somebody is there again: what waited for them goes on at once.
                return app._fetch(at) if app.patience is not self.patience else (app, ())
            case _:
                return self, ()

    def report(self) -> tuple[Facet, ...]:
        """Report how far everything is."""
        coming = [one for one in self.incoming.values() if one.closing is None]
        there = sum(len(chunk) for one in coming for chunk in one.chunks.values())
        report = FilesReport(
            files_sent=self.arrived,
            files_received=self.received_count,
            files_given_up=self.given_up,
            files_going=len(self.outgoing),
            files_coming=len(coming),
            received_bytes=there,
            outstanding_bytes=sum(one.size_bytes for one in coming) - there,
        )
        return (self.company(), report)

    def told(self, at: Moment, asked: Asked) -> Mapping[str, Any]:
        """Tell the rules how large the file is: as it is offered, or as this device knows it."""
        match asked.command:
            case OfferFile(size_bytes=size_bytes):
                guest = {} if self.car is None else {"guest_drives": self.guest_drives(at)}
                return {**guest, "size_bytes": size_bytes}
            case FetchChunk(file=key) | CloseFile(file=key) if key in self.outgoing:
                return {"size_bytes": self.outgoing[key].size_bytes}
            case FetchChunk() | CloseFile():
                return {"size_bytes": 0}  # There is no such file, which the answer says.
            case _:
                return {}

    # --- sending --------------------------------------------------------------------------------

    def _permitted(self, at: Moment, ticket: str, by: str | None) -> tuple[Self, tuple[Effect, ...]]:
        """Offer a file that the device's own rules permit."""
        act = self.wanted.get(ticket)
        if act is None:
            return self, (refused(ticket, f"{self.device} offers files to other devices"),)
        return self._unwanted(ticket)._share(at, act, ticket, by)

    def _unwanted(self, ticket: str) -> Self:
        return replace(self, wanted={one: act for one, act in self.wanted.items() if one != ticket})

    def _share(
        self, at: Moment, act: ShareFile, ticket: str, by: str | None
    ) -> tuple[Self, tuple[Effect, ...]]:
        """Offer a file; one that is too large is offered without its content ever being read."""
        if len(self.outgoing) >= FILES_MAX:
            return self, (refused(ticket, f"{FILES_MAX} files are under way already"),)
        app, key = replace(self, counted=self.counted + 1).ticket()
        fits = act.size_bytes <= SIZE_BYTES_MAX
        sha256 = app._sha256(act.name, app.counted, act.size_bytes) if fits else b""
        try:
            app, letter = app.sealed(act.to, key, {"name": act.name, "sha256": sha256.hex()})
        except LetterError as error:
            return self, (refused(ticket, error.sentence),)
        file = Outgoing(act.to, act.name, act.size_bytes, app.counted, at.now_ms, ticket)
        app = replace(app, outgoing={**app.outgoing, key: file})
        offer = OfferFile(size_bytes=act.size_bytes, letter=letter)
        return app, (Request.of(offer, ticket=key, target=act.to, by=by), StartTimer(_OFFERS, GIVE_UP_MS))

    def _answered(self, key: Key, answer: Answer) -> tuple[Self, tuple[Effect, ...]]:
        """Go on when the offer is taken; tell the person when it is not."""
        file = self.outgoing[key]
        if answer.status == "done":
            return replace(self, outgoing={**self.outgoing, key: replace(file, accepted=True)}), ()
        if file.accepted or answer.data.get("may_have_succeeded"):
            return self, ()  # Its chunks are being fetched, or may be yet.
        return self._ended(key, answer)

    def _ended(self, key: Key, answer: Answer) -> tuple[Self, tuple[Effect, ...]]:
        """Forget a file that has arrived, or never will, and tell the person who sent it."""
        file = self.outgoing[key]
        rest = {other: one for other, one in self.outgoing.items() if other != key}
        arrived = answer.status == "done"
        app = replace(
            self, outgoing=rest, arrived=self.arrived + arrived, given_up=self.given_up + (not arrived)
        )
        return app, () if file.ticket is None else (Settle(file.ticket, answer),)

    def _give(
        self, at: Moment, key: Key, chunk: int, ticket: str, sender: str
    ) -> tuple[Self, tuple[Effect, ...]]:
        """Give out a chunk, sealed, with its SHA-256."""
        file = self.outgoing.get(key)
        if file is None or file.to != sender or chunk >= chunks_of(file.size_bytes):
            return self, (refused(ticket, f"{self.device} offers no such file or chunk"),)
        content = self._chunk(file.name, file.number, file.size_bytes, chunk)
        letters, letter = self.letters.seal(sender, ticket, hashlib.sha256(content).digest() + content)
        accepted = {**self.outgoing, key: replace(file, accepted=True, since_ms=at.now_ms)}
        app = replace(self, letters=letters, outgoing=accepted)
        return app, (Settle(ticket, Answer("done", data={"letter": letter})),)

    def _closed(
        self, key: Key, ticket: str, sender: str, *, complete: bool
    ) -> tuple[Self, tuple[Effect, ...]]:
        """Take note that a file has arrived, or that the receiver has given it up."""
        file = self.outgoing.get(key)
        if file is None or file.to != sender:
            return self, (done(ticket, "it was closed already"),)
        answer = Answer("done") if complete else Answer("failed", f"{sender} could not fetch the whole file")
        app, effects = self._ended(key, answer)
        return app, (*effects, done(ticket))

    def _forgotten(self, at: Moment) -> tuple[Self, tuple[Effect, ...]]:
        """Give up what nobody fetches any more."""
        app, effects = self, ()
        for key, file in self.outgoing.items():
            if at.now_ms - file.since_ms >= GIVE_UP_MS:
                app, ended = app._ended(key, Answer("failed", f"{file.to} did not fetch the whole file"))
                effects += ended  # type: ignore[assignment]
        if not app.outgoing:
            return app, effects
        next_ms = min(file.since_ms for file in app.outgoing.values()) + GIVE_UP_MS
        return app, (*effects, StartTimer(_OFFERS, max(1, next_ms - at.now_ms)))

    def _chunk(self, name: str, number: int, size_bytes: int, chunk: int) -> bytes:
        """Return a chunk of a file, the last one as long as what is left."""
        length = min(CHUNK_BYTES, size_bytes - chunk * CHUNK_BYTES)
        drawn = hashlib.shake_256(self.secret + f"{number}\0{chunk}\0{name}".encode())
        return drawn.digest(length)

    def _sha256(self, name: str, number: int, size_bytes: int) -> bytes:
        whole = hashlib.sha256()
        for chunk in range(chunks_of(size_bytes)):
            whole.update(self._chunk(name, number, size_bytes, chunk))
        return whole.digest()

    # --- receiving ------------------------------------------------------------------------------

    def _offered(self, at: Moment, asked: Commanded) -> tuple[Self, tuple[Effect, ...]]:
        """Take an offer, and begin to fetch."""
        command, ticket, sender = asked.command, asked.ticket, asked.sender
        assert isinstance(command, OfferFile)  # INVARIANT: it is called for nothing else
        if command.size_bytes > SIZE_BYTES_MAX or len(self.incoming) >= FILES_MAX:
            return self, (
                refused(ticket, f"{self.device} takes {FILES_MAX} files at once, and none so large"),
            )
        try:
            app, said = self.opened(sender, ticket, command.letter)
        except LetterError as error:
            return self, (refused(ticket, f"the letter is not believed: {error.sentence}"),)
        sha256 = _digest(said.get("sha256"))
        name = said.get("name")
        if sha256 is None or not isinstance(name, str):
            return app, (refused(ticket, "what the letter says is no file"),)
        file = Incoming(sender, asked.by, safe_name(name), command.size_bytes, sha256, at.now_ms)
        fetching, effects = replace(app, incoming={**app.incoming, ticket: file})._fetch(at)
        return fetching, (done(ticket), *effects)

    def _fetch(self, at: Moment) -> tuple[Self, tuple[Effect, ...]]:
        """Ask for the next chunks of every file, give up what makes no progress, and come back to it soon."""
        app = self._checked(at)
        effects: tuple[Effect, ...] = ()
        for key, file in app.incoming.items():
            if not app.patience.allows(file.sender, busy=app._asks(file.sender)):
                continue
            under_way = [chunk for other, chunk in app.fetching.values() if other == key]
            wanted: list[int | None] = [None] if file.closing is not None else list(file.missing())
            for chunk in [one for one in wanted if one not in under_way][: app._at_once(file.sender)]:
                app, ticket = app.ticket()
                command: Command
                if chunk is None:
                    command = CloseFile(file=key, complete=file.closing is True)
                else:
                    command = FetchChunk(file=key, chunk=chunk)
                app = replace(app, fetching={**app.fetching, ticket: (key, chunk)})
                effects = (*effects, Request.of(command, ticket=ticket, target=file.sender, by=file.by))
        if not app.incoming:
            return app, (*effects, CancelTimer(_PACE))
        return app, (*effects, StartTimer(_PACE, PACE_MS if app._busy() else PAUSE_MS))

    def _asks(self, sender: str) -> bool:
        """Say whether a sender is being asked for something."""
        known = (self.incoming.get(key) for key, _ in self.fetching.values())
        return any(file is not None and file.sender == sender for file in known)

    def _at_once(self, sender: str) -> int:
        """Return how much more a sender may be asked for now: one thing if it did not answer last time."""
        most = 1 if sender in self.patience.pauses else AT_ONCE
        return max(0, most - len(self.fetching))

    def _busy(self) -> bool:
        """Say whether there is a sender that is not waited for."""
        return any(self.patience.allows(one.sender, busy=False) for one in self.incoming.values())

    def _fetched(self, at: Moment, told: Answered) -> tuple[Self, tuple[Effect, ...]]:
        """Put a chunk where it belongs, or ask for it again; the timer sets the pace."""
        key, chunk = self.fetching[told.ticket]
        app = replace(
            self, fetching={ticket: one for ticket, one in self.fetching.items() if ticket != told.ticket}
        )
        file = app.incoming.get(key)
        if file is None:
            return app, ()
        app, paused = app.heard(at, file.sender, told.answer)
        if not settled(told.answer):
            return app, paused
        if chunk is None:
            return app._without(key), ()
        if told.answer.status != "done":
            # The sender has forgotten the file, or may not give it to whom it was for any more.
            return app._given(key, replace(file, closing=False))._fetch(at)
        return app._put(at, key, chunk, told)

    def _put(self, at: Moment, key: Key, chunk: int, told: Answered) -> tuple[Self, tuple[Effect, ...]]:
        """Put a chunk where it belongs, if it is what its SHA-256 says."""
        file = self.incoming[key]
        try:
            letters, text = self.letters.open(told.target, told.ticket, told.answer.data.get("letter"))
        except LetterError:
            return self, ()
        digest, content = text[:_DIGEST_BYTES], text[_DIGEST_BYTES:]
        length = min(CHUNK_BYTES, file.size_bytes - chunk * CHUNK_BYTES)
        if len(content) != length or hashlib.sha256(content).digest() != digest:
            return replace(self, letters=letters), ()
        file = replace(file, chunks={**file.chunks, chunk: content}, progress_ms=at.now_ms)
        app = replace(self, letters=letters)._given(key, file)
        return app._fetch(at) if not file.missing() else (app, ())

    def _checked(self, at: Moment) -> Self:
        """Look at every file: is it whole, and what was offered, or has it stood still too long."""
        app = self
        for key, file in self.incoming.items():
            if file.closing is not None:
                if at.now_ms - file.progress_ms >= GIVE_UP_MS:
                    app = app._without(key)  # The sender never came back to hear it.
            elif not file.missing():
                app = app._completed(at, key, file)
            elif at.now_ms - file.progress_ms >= GIVE_UP_MS:
                app = app._given(key, replace(file, closing=False, chunks={}, progress_ms=at.now_ms))
                app = replace(app, given_up=app.given_up + 1)
        return app

    def _completed(self, at: Moment, key: Key, file: Incoming) -> Self:
        """Keep a file whose SHA-256 is the one that was offered; fetch any other from the beginning."""
        whole = file.whole
        if hashlib.sha256(whole).digest() == file.sha256:
            received = (*self.received, Received(file.sender, file.name, whole))[-FILES_MAX:]
            app = replace(self, received=received, received_count=self.received_count + 1)
            return app._given(key, replace(file, closing=True, chunks={}, progress_ms=at.now_ms))
        if file.tries < TRIES_MAX:
            return self._given(key, replace(file, chunks={}, tries=file.tries + 1))
        app = replace(self, given_up=self.given_up + 1)
        return app._given(key, replace(file, chunks={}, closing=False, progress_ms=at.now_ms))

    def _given(self, key: Key, file: Incoming) -> Self:
        return replace(self, incoming={**self.incoming, key: file})

    def _without(self, key: Key) -> Self:
        return replace(self, incoming={other: one for other, one in self.incoming.items() if other != key})


_KEPT: Final = ("counted", "incoming", "arrived", "received", "received_count", "given_up")
"""What survives a restart as it is."""


def chunks_of(size_bytes: int) -> int:
    """Return how many chunks a file has; an empty one has none."""
    return -(-size_bytes // CHUNK_BYTES)


def safe_name(name: str) -> str:
    """Return a name under which a file can be kept: no path, nothing a terminal would obey, not too long.

    Letters and digits of every script stay; control, format and private characters, surrogates and
    separators of lines go (Unicode categories C and Z but the space), and so do dots before and after. Names
    are composed (Unicode normalization form C, UAX 15), so that one name is spelt one way.
    """
    composed = unicodedata.normalize("NFC", name)
    last = max((composed.rfind(one) for one in "/\\"), default=-1)
    kept = "".join(
        one
        for one in composed[last + 1 :]
        if one not in _SEPARATORS and (one == " " or unicodedata.category(one)[0] not in "CZ")
    )
    stem = kept.strip(" .")
    while len(stem.encode()) > NAME_BYTES_MAX:
        stem = stem[:-1]
    return stem.strip(" .") or NAMELESS


def _digest(text: object) -> bytes | None:
    """Return a SHA-256 from its 64 hex digits; None for anything else."""
    if not isinstance(text, str) or _HEX.fullmatch(text) is None:
        return None
    return bytes.fromhex(text)
