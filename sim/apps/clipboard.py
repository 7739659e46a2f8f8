"""The clipboard that one person's devices share: copied on the phone, pasted in the car, or the other way.

What was copied goes sealed to the devices that serve its person: those that are theirs, and the screen of the
car they sit in. A secret, as a password manager marks it, goes nowhere; but what others had before it is
cleared there, because the newest copy is the clipboard. Marks of that kind are Android's
`ClipDescription.EXTRA_IS_SENSITIVE` (API level 33) and KDE's `x-kde-passwordManagerHint`; nothing is guessed
from the text.

Copies and clearings are counted: each is one more than the newest its device knows of, and of two with the
same number that of the later name counts. So two devices that were apart agree as soon as they hear of each
other, and what was cleared stays cleared. Everything is gone from each device by itself after two minutes
(assumption), and at a restart; of what is pasted, no report says more than that it is there.

A device that has this app tells the rules `secret` and `encrypted`, and one that is built into a car
`guest_drives`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field

from sim.apps.app import App, Company, done, refused, settled
from sim.core.declarations import Carries, Private
from sim.core.device import (
    Act,
    Acted,
    Answered,
    Asked,
    Booted,
    CancelTimer,
    Command,
    Commanded,
    Effect,
    Facet,
    Learned,
    Linked,
    Moment,
    Request,
    Sensed,
    StartTimer,
    Stimulus,
    TimerFired,
)
from sim.trust.letters import LetterError

LIFE_MS = 120_000
"""How long something stays on a clipboard (assumption)."""
TEXT_BYTES_MAX = 1_500
"""Longest text in UTF-8: what a command of 4,096 bytes can carry, sealed."""
VERSION_MAX = 2**53 - 1
"""The largest number that JSON carries exactly (RFC 7493, I-JSON, 2015, section 2.2)."""
LEAD_MAX = 100_000
"""How far a number may be above what is known here; a higher one is refused.

Nobody copies that often while a device is away, and a device that took any number could be told the highest,
after which no copy would be newer. It goes no further for one report of another device either, so that ending
the counting would take 90,000,000,000 of them (assumption).
"""
EXPIRY = "clipboard"
"""Name of the timer."""

Length = Literal["none", "a line", "more"]
LINE_CHARACTERS_MAX = 80
"""Longest text that is reported as one line."""

Version = tuple[int, str]
"""How many copies and clearings there were, and whose device counted the latest."""


class Copy(Act):
    """Copy a text; a password manager marks what it copies as a secret."""

    text: Annotated[str, Private(), Field(min_length=1, max_length=1_000)]
    secret: bool = False


class PasteHere(Act, verb="paste"):
    """Paste what was copied last, here or on another device."""


class Clear(Act, verb="clear"):
    """Clear the clipboard, here and on the other devices."""


class Paste(Command, group=("Private", "Clipboard"), tier="anytime"):
    """Take what was copied on another device; without a letter, paste what is here."""

    version: int = Field(default=0, ge=0, le=VERSION_MAX)
    letter: Annotated[
        dict[str, Any] | None,
        Carries("clipboard", letter="clip"),
        Carries("clipboard_secret", letter="clip", when="secret"),
    ] = Field(default=None, repr=False)


class ClearClipboard(Command, group=("Private", "ClipboardClearing"), tier="anytime"):
    """Forget everything that was copied up to a version."""

    version: int = Field(ge=0, le=VERSION_MAX)


class ClipboardReport(Facet):
    """Whether there is something to paste, from which device and how much of it; never what."""

    clipboard: Literal["empty", "text", "secret"]
    clipboard_from: str | None
    clipboard_version: int
    clipboard_length: Length
    pasted: int


@dataclass(frozen=True)
class Clipboard(App):
    """One device's clipboard.

    Attributes:
        version: the newest copy or clearing it knows of.
        before: the one that was the newest until then.
        counted: the highest number it counts with: its newest, or what others report, step by step.
        text: what can be pasted; None when there is nothing.
        secret: whether it was marked as a secret.
        person: who copied it.
        until_ms: when it is forgotten.
        pasted: how often something was pasted here.
        sending: other device and version of what is under way, by ticket.
        known: the version each other device has taken or refused, and in which of its visits.
    """

    purpose: ClassVar[str] = "clip"
    commands: ClassVar = (Paste, ClearClipboard)
    acts: ClassVar = (Copy, PasteHere, Clear)
    facets: ClassVar = (Company, ClipboardReport)
    reads: ClassVar = ("phone", "dashboard", "tablet")
    asks: ClassVar = ("phone", "dashboard", "tablet")

    version: Version = (0, "")
    before: Version = (0, "")
    counted: int = 0
    text: str | None = field(default=None, repr=False)
    secret: bool = False
    person: str | None = None
    until_ms: int = 0
    pasted: int = 0
    sending: Mapping[str, tuple[str, Version]] = field(default_factory=dict)
    known: Mapping[str, tuple[Version, int]] = field(default_factory=dict)

    @classmethod
    def new(cls, device: str, config: Any, given: Mapping[str, Any]) -> Self:
        """Return the clipboard, empty; how much was counted before a restart is not forgotten."""
        count, writer, person = given.get("clipboard_newest", (0, "", None))
        board = super().new(device, config, given)
        return replace(board, version=(count, writer), counted=count, person=person)

    def kept(self) -> Mapping[str, Any]:
        """Keep the count, and whose the newest was; what was copied is in no flash."""
        return {**super().kept(), "clipboard_newest": (*self.version, self.person)}

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Copy, paste, clear, and let the other devices know."""
        match stimulus:
            case Acted(act=Copy(text=text, secret=secret), ticket=ticket, by=by):
                if len(text.encode()) > TEXT_BYTES_MAX:
                    return self, (refused(ticket, f"the clipboard holds at most {TEXT_BYTES_MAX} bytes"),)
                board, effects = self._newer(at, by)._holding(at, text, by, secret=secret)
                return board._shared(at, (*effects, done(ticket)))
            case Acted(act=PasteHere(), ticket=ticket, by=by):
                return self, (Request.of(Paste(), ticket=ticket, target=self.device, by=by),)
            case Acted(act=Clear(), ticket=ticket, by=by):
                board = replace(self._newer(at, by)._emptied(), person=self._person(at, by))
                return board._shared(at, (CancelTimer(EXPIRY), done(ticket)))
            case Commanded(
                command=Paste(version=count) | ClearClipboard(version=count), ticket=ticket, by=by
            ):
                board = self._counting(at, by)
                if count > board.counted + LEAD_MAX:
                    return board, (refused(ticket, f"nobody has copied {count:,} times"),)
                return board._given(at, stimulus)
            case TimerFired(name="clipboard"):
                return self._emptied(), ()
            case Answered(ticket=ticket, answer=answer) if ticket in self.sending and answer.final:
                board, effects = self.heard(at, self.sending[ticket][0], answer)
                return board._told(ticket, certain=settled(answer))._shared(at, effects)
            case TimerFired(name=name) if self.patience.is_due(name):
                return replace(self, patience=self.patience.due(name))._shared(at, ())
            case Booted() | Sensed() | Learned() | Linked():
                board = self.looked(at)._counting(at, None)
                if self.takes and not board.takes and self.car is not None:
                    # Whoever sits down next finds nothing of whoever got up.
                    board = board._emptied()
                return board._shared(at, ())
            case _:
                return self, ()

    def report(self) -> tuple[Facet, ...]:
        """Report whether there is something."""
        text = self.text
        board = ClipboardReport(
            clipboard="empty" if text is None else "secret" if self.secret else "text",
            clipboard_from=self.version[1] or None,
            clipboard_version=self.version[0],
            clipboard_length=_length(text),
            pasted=self.pasted,
        )
        return (self.company(), board)

    def told(self, at: Moment, asked: Asked) -> Mapping[str, Any]:
        """Tell the rules what this device has verified itself: that a letter opens, and how it is marked."""
        guest = {} if self.car is None else {"guest_drives": self.guest_drives(at)}
        match asked.command:
            case Paste(letter=None) if asked.sender == self.device:
                # What was copied right here has not travelled, so it may be pasted right here.
                return {**guest, "secret": self.secret and self.version[1] != self.device, "encrypted": True}
            case Paste(letter=letter):
                try:
                    said = self.opened(asked.sender, asked.ticket, letter)[1]
                except LetterError:
                    return {**guest, "secret": None, "encrypted": None if letter is None else False}
                secret = said.get("secret")
                return {**guest, "secret": secret if isinstance(secret, bool) else None, "encrypted": True}
            case _:
                return guest

    # --- what is here ---------------------------------------------------------------------------

    def _newer(self, at: Moment, by: str | None) -> Self:
        """Return the clipboard with one more counted than on any device it hears of."""
        board = self._counting(at, by)
        return replace(board, version=(board.counted + 1, self.device), before=self.version)

    def _counting(self, at: Moment, by: str | None) -> Self:
        """Return the clipboard after it has looked how far the person's devices count, and shared ones."""
        person, known = self._person(at, by), max(self.version[0], self.counted)
        others = (other for other in self.others(at, "clipboard") if self.shares(at, other, person))
        most = max([known, *(self._theirs(at, other)[0] for other in others)])
        counted = min(most, known + LEAD_MAX)
        return self if counted == self.counted else replace(self, counted=counted)

    def _person(self, at: Moment, by: str | None) -> str | None:
        return self.owner if self.car is None else by or at.senses.person()

    def _holding(
        self, at: Moment, text: str, by: str | None, *, secret: bool = False, for_ms: int = LIFE_MS
    ) -> tuple[Self, tuple[Effect, ...]]:
        person = self._person(at, by)
        board = replace(self, text=text, secret=secret, person=person, until_ms=at.now_ms + for_ms)
        return board, (StartTimer(EXPIRY, for_ms),)

    def _emptied(self) -> Self:
        return replace(self, text=None, secret=False)

    def _given(self, at: Moment, asked: Commanded) -> tuple[Self, tuple[Effect, ...]]:
        """Take what another device has sent or cleared, or paste what is here."""
        command, ticket, sender = asked.command, asked.ticket, asked.sender
        if isinstance(command, ClearClipboard):
            if (command.version, sender) <= self.version:
                return self, (done(ticket, "something newer is here"),)
            version = (command.version, sender)
            cleared = replace(self._emptied(), version=version, before=self.version, person=asked.by)
            return cleared, (CancelTimer(EXPIRY), done(ticket))
        assert isinstance(command, Paste)  # INVARIANT: it is called for nothing else
        if command.letter is None:
            if self.text is None:
                return self, (refused(ticket, "there is nothing to paste"),)
            return replace(self, pasted=self.pasted + 1), (done(ticket),)
        try:
            board, said = self.opened(sender, ticket, command.letter)
        except LetterError as error:
            return self, (refused(ticket, f"the letter is not believed: {error.sentence}"),)
        text, for_ms = said.get("text"), said.get("for_ms")
        if not (isinstance(text, str) and 0 < len(text.encode()) <= TEXT_BYTES_MAX and type(for_ms) is int):
            return board, (refused(ticket, "what the letter says is no copied text"),)
        version = (command.version, sender)
        if version < self.version or (version == self.version and self.text is not None):
            return board, (done(ticket, "something newer is here"),)
        newer = replace(board, version=version, before=self.version)
        holding, effects = newer._holding(at, text, asked.by, for_ms=min(max(for_ms, 1), LIFE_MS))
        return holding, (*effects, done(ticket))

    # --- what others have -----------------------------------------------------------------------

    def _told(self, ticket: str, *, certain: bool) -> Self:
        """Take note of what became of something that was sent; what is not certain is tried again."""
        other, version = self.sending[ticket]
        rest = {key: sent for key, sent in self.sending.items() if key != ticket}
        if not certain:
            return replace(self, sending=rest)
        visit = self.known.get(other, (version, 0))[1]
        return replace(self, sending=rest, known={**self.known, other: (version, visit)})

    def _shared(self, at: Moment, effects: tuple[Effect, ...]) -> tuple[Self, tuple[Effect, ...]]:
        """Bring every other device of the same person up to date, if the newest is of this one."""
        board = self
        if self.version[1] != self.device:
            return board, effects
        for other in self.others(at, "clipboard"):
            visit, theirs = self.visit(at, other), self._theirs(at, other)
            told = board.known.get(other) == (self.version, visit)
            busy = any(one == other for one, _ in board.sending.values())
            under_way = (other, self.version) in board.sending.values()
            if told or under_way or not board.patience.allows(other, busy=busy):
                continue
            empty = at.beliefs.shown(other, "clipboard") == "empty"
            offered = self.text is not None and not self.secret and self.serves(at, other, self.person)
            if offered and (theirs < self.version or (theirs == self.version and empty)):
                board, sent = board._sent(at, other, self.text)
            elif theirs < self.version and not empty and self._replaces(at, other, theirs):
                board, sent = board._sent(at, other, None)
            else:
                continue
            board = replace(board, known={**board.known, other: ((0, ""), visit)})
            effects = (*effects, sent)
        return board, effects

    def _theirs(self, at: Moment, other: str) -> Version:
        count, writer = (at.beliefs.raw(other, name) for name in ("clipboard_version", "clipboard_from"))
        return (0, "") if count is None or writer is None else (int(count[0]), str(writer[0] or ""))

    def _replaces(self, at: Moment, other: str, theirs: Version) -> bool:
        """Say whether what another device has is the person's own, so that the newest one ends it."""
        own = theirs == self.before or theirs[1] == self.device
        whose = at.beliefs.raw(theirs[1], "whose")
        return self.shares(at, other, self.person) and (
            own or (whose is not None and whose[0] is not None and whose[0] == self.person)
        )

    def _sent(self, at: Moment, other: str, text: str | None) -> tuple[Self, Effect]:
        """Send what was copied, or that it is gone."""
        board, ticket = self.ticket()
        count = self.version[0]
        command: Command = ClearClipboard(version=count)
        if text is not None:
            left_ms = max(1, self.until_ms - at.now_ms)
            said = {"text": text, "secret": self.secret, "for_ms": left_ms}
            board, letter = board.sealed(other, ticket, said)
            command = Paste(version=count, letter=letter)
        board = replace(board, sending={**board.sending, ticket: (other, self.version)})
        return board, Request.of(command, ticket=ticket, target=other, by=self.person)


def _length(text: str | None) -> Length:
    """Return how long a text is, as roughly as says nothing of it."""
    if text is None:
        return "none"
    return "a line" if "\n" not in text and len(text) <= LINE_CHARACTERS_MAX else "more"
