"""What a release is, what is known of a repository, and how a car's own checks refuse a release."""

from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError

Role: TypeAlias = Literal["root", "timestamp", "snapshot", "targets"]
"""The four kinds of metadata (TUF 2.1)."""
KeyPart: TypeAlias = Literal["root", "targets", "online"]
"""Keys that are replaced together: both of the root, the one of the releases, both of the server."""
BYTES_MAX: Final[dict[Role, int]] = {
    "root": 16_384,
    "timestamp": 2_048,
    "snapshot": 8_192,
    "targets": 32_768,
}
"""Longest metadata that is read (TUF 5.3.3 and 5.4.1 ask for limits; the numbers, a few times what ours
need, are an assumption): without them a repository could fill the memory of the car."""
COUNTER_MAX: Final = 2**31 - 1
"""Largest release counter."""

MALFORMED: Final = "MALFORMED"
TOO_LONG: Final = "TOO_LONG"
UNSIGNED: Final = "UNSIGNED"
EXPIRED: Final = "EXPIRED"
ROLLED_BACK: Final = "ROLLED_BACK"
MISMATCHED: Final = "MISMATCHED"
OUT_OF_ORDER: Final = "OUT_OF_ORDER"
UNKNOWN_RELEASE: Final = "UNKNOWN_RELEASE"
WRONG_HARDWARE: Final = "WRONG_HARDWARE"
RELEASE_COUNTER: Final = "RELEASE_COUNTER"
IMAGE: Final = "IMAGE"


class UpdateError(ValueError):
    """Raised when metadata or a release is refused; the sentence says why, for people.

    Attributes:
        code: `MALFORMED`, `TOO_LONG` (endless data), `UNSIGNED` (too few of the right keys), `EXPIRED`
            (frozen), `ROLLED_BACK`, `MISMATCHED` (mixed and matched), `OUT_OF_ORDER`, `UNKNOWN_RELEASE`,
            `WRONG_HARDWARE`, `RELEASE_COUNTER` (a downgrade) or `IMAGE` (not the bytes that were signed).
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Trusted:
    """The metadata that a car has verified: plain data of a few kilobytes, kept after every file.

    Attributes:
        root: the newest root; the first one is built in.
        timestamp: the newest timestamp; None before there was one, and so on.
        snapshot: the newest snapshot.
        targets: the newest targets.
    """

    root: bytes = field(repr=False)
    timestamp: bytes | None = field(default=None, repr=False)
    snapshot: bytes | None = field(default=None, repr=False)
    targets: bytes | None = field(default=None, repr=False)


class Custom(BaseModel):
    """What the signed metadata say of a release beside its length and SHA-256."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    version: str = Field(min_length=1, max_length=32)
    release_counter: int = Field(ge=0, le=COUNTER_MAX)
    hardware: str = Field(min_length=1, max_length=64)
    notes: str = Field(default="", max_length=500)


@dataclass(frozen=True, slots=True)
class Release:
    """One release, as it was signed.

    Attributes:
        version: what people call it.
        counter: grows with every release and decides which is newer.
        hardware: the only hardware it is for.
        size_bytes: how long its image is.
        sha256: of its image.
        notes: what is new in it.
    """

    version: str
    counter: int
    hardware: str
    size_bytes: int
    sha256: str
    notes: str = ""

    @classmethod
    def of(cls, custom: Any, size_bytes: int, sha256: Any) -> "Release":
        """Return the release that signed metadata describe.

        Raises:
            UpdateError: `MALFORMED`, when they say less, or more, than a release has.
        """
        try:
            said = Custom.model_validate(custom)
        except ValidationError as error:
            where = ".".join(map(str, error.errors()[0]["loc"])) or "custom"
            raise UpdateError(MALFORMED, f"what is signed of a release is wrong at `{where}`") from None
        if not isinstance(sha256, str):
            raise UpdateError(MALFORMED, "a release is signed without its SHA-256")
        return cls(said.version, said.release_counter, said.hardware, size_bytes, sha256, said.notes)

    @property
    def path(self) -> str:
        """What its image is called in the repository."""
        return path_of(self.hardware, self.version)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The releases that a repository offers, and until when its word counts.

    Attributes:
        releases: every release, newest first.
        until_ms: the first instant at which one of the signatures no longer counts, ms since 1970.
    """

    releases: tuple[Release, ...]
    until_ms: int

    def find(self, version: str, hardware: str) -> Release | None:
        """Return a release by its version: the one for some hardware if there is one, else any."""
        named = [one for one in self.releases if one.version == version]
        fitting = [one for one in named if one.hardware == hardware]
        return next(iter(fitting or named), None)

    def newest(self, hardware: str) -> Release | None:
        """Return the newest release for some hardware."""
        return next((one for one in self.releases if one.hardware == hardware), None)


def path_of(hardware: str, version: str) -> str:
    """Return what the image of a release is called in the repository."""
    return f"{hardware}/{version}.img"


def admitted(catalogue: Catalogue | None, version: str, hardware: str, counter: int, now_ms: int) -> Release:
    """Return the release of a version that a car may install.

    Args:
        catalogue: what the car has verified; None before it has.
        version: which one.
        hardware: what the car is.
        counter: the release counter of what it runs, below which it never falls.
        now_ms: the time by the car's clock.

    Raises:
        UpdateError: `UNKNOWN_RELEASE`, `EXPIRED`, `WRONG_HARDWARE` or `RELEASE_COUNTER`. The same counter is
            refused as well: what is installed is not installed again.
    """
    found = None if catalogue is None else catalogue.find(version, hardware)
    if catalogue is None or found is None:
        raise UpdateError(UNKNOWN_RELEASE, f"no release {version} is signed by those who may")
    if now_ms >= catalogue.until_ms:
        raise UpdateError(EXPIRED, "nobody has vouched of late for what is the newest release")
    if found.hardware != hardware:
        raise UpdateError(WRONG_HARDWARE, f"release {version} is for {found.hardware}, not {hardware}")
    if found.counter <= counter:
        sentence = f"release {version} has counter {found.counter}, and the car has had {counter}"
        raise UpdateError(RELEASE_COUNTER, sentence)
    return found
