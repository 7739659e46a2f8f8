"""The flash memory of a car's computer: two slots for software, and two copies of a record of what to boot.

A slot consists of pages; each holds 32 KiB of an image, is marked with the image it belongs to, and ends in a
CRC. It is erased before it is programmed, and programmed in two halves, as real pages are in several, so
the power can go in the middle of one: what was half programmed is known by its CRC, and written again. The
boot record is smaller than a page and treated like one. It exists twice, and the copy that counts is never
the one that is written.

`CarFlash` is the memory itself, which belongs to the world (`core.storage`); what a computer has read of it
is a `FlashImage`.
"""

import hashlib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sim.core.declarations import Config
from sim.core.messages import MalformedMessageError, dump_json, load_json_object
from sim.trust.updates.images import FACTORY_COUNTER, factory_image

Slot: TypeAlias = Literal["a", "b"]
OTHER: Final[Mapping[Slot, Slot]] = {"a": "b", "b": "a"}
PAGE_BYTES: Final = 32_768
"""What a page holds of an image: one chunk of the download."""
PAGES_MAX: Final = 256
"""Pages of a slot: 8 MiB, a small part of what such computers have (assumption)."""
ERASE_MS: Final = 10
"""How long it takes to erase a page (assumption: its blocks of a NAND chip, 2 ms each)."""
PROGRAM_MS: Final = 10
"""How long it takes to program half a page (assumption: four pages of 4 KiB of a chip, 2 ms each)."""
READ_MS: Final = 50
"""How long it takes to read everything (assumption)."""
_TAG_BYTES: Final = 8
_CRC_BYTES: Final = 4
_RECORD_BYTES_MAX: Final = 1_024


@dataclass(frozen=True, slots=True)
class Erase:
    """Empty a page of a slot, or a copy of the record, which is its own page 0."""

    what: Slot | Literal[0, 1]
    page: int = 0


@dataclass(frozen=True, slots=True)
class Program:
    """Write half of a page, or of a copy of the record, that is empty so far.

    Attributes:
        what: which slot or copy.
        page: which of its pages; the record has only page 0.
        half: the first (0) or the second (1).
        data: the bytes.
    """

    what: Slot | Literal[0, 1]
    page: int
    half: Literal[0, 1]
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Read:
    """Read everything; the answer is a `FlashImage`."""


class About(BaseModel):
    """What a boot record says of the image in a slot."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    size_bytes: int = Field(ge=1, le=PAGE_BYTES * PAGES_MAX)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")

    @classmethod
    def of(cls, image: bytes) -> "About":
        """Return what is to be said of an image."""
        return cls(size_bytes=len(image), sha256=hashlib.sha256(image).hexdigest())


class Record(BaseModel):
    """What to boot: the newest whole copy counts.

    `tries_left` is None when the slot has proved itself, else how often it may still be tried before the
    other one is booted again. `counter` is the release counter of the newest software that has proved itself
    here; it never falls.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    sequence: int = Field(ge=0)
    slot: Slot
    tries_left: int | None = Field(ge=0)
    counter: int = Field(ge=0)
    a: About | None
    b: About | None

    def about(self, slot: Slot) -> About | None:
        """Return what is said of the image in a slot."""
        return self.a if slot == "a" else self.b

    def to_bytes(self) -> bytes:
        """Return the record as it is written."""
        return checked(dump_json(self.model_dump()))

    @classmethod
    def from_bytes(cls, data: bytes) -> "Record | None":
        """Return a record that is whole; None for anything else."""
        text = unchecked(data)
        if text is None:
            return None
        try:
            return cls.model_validate(load_json_object(text, bytes_max=_RECORD_BYTES_MAX))
        except (MalformedMessageError, ValidationError):
            return None


@dataclass(frozen=True, slots=True)
class FlashImage:
    """What is in the flash.

    Attributes:
        slots: of each slot its pages that were programmed at least in part.
        records: the two copies of the record; empty bytes where there is none.
    """

    slots: Mapping[Slot, Mapping[int, bytes]] = field(repr=False)
    records: tuple[bytes, bytes] = field(repr=False)

    def record(self) -> Record | None:
        """Return the record that counts: the newest that is whole; None when neither is."""
        whole = [record for record in map(Record.from_bytes, self.records) if record is not None]
        return max(whole, key=lambda record: record.sequence, default=None)

    def pages(self, slot: Slot, sha256: str) -> dict[int, bytes]:
        """Return the pages of a slot that are whole and belong to an image, without mark and CRC."""
        tag = _tag(sha256)
        found = {}
        for number, stored in self.slots[slot].items():
            page = unchecked(stored)
            if page is not None and page.startswith(tag):
                found[number] = page[_TAG_BYTES:]
        return found

    def image(self, slot: Slot, about: About | None) -> bytes | None:
        """Return the image in a slot, read back and held against its SHA-256; None when it is not whole."""
        if about is None:
            return None
        pages = self.pages(slot, about.sha256)
        image = b"".join(pages.get(number, b"") for number in range(pages_of(about.size_bytes)))
        return image if hashlib.sha256(image).hexdigest() == about.sha256 else None


class CarFlash:
    """The memory itself: a `core.storage.Storage` that outlives the computer which uses it.

    Args:
        device: name of the car.
        config: its entry in the household file; its `hardware` is what the software is for.
    """

    def __init__(self, device: str, config: Config) -> None:  # every storage is made so
        image = factory_image(getattr(config, "hardware", "car"))
        about = About.of(image)
        record = Record(sequence=0, slot="a", tries_left=None, counter=FACTORY_COUNTER, a=about, b=None)
        self._slots: dict[Slot, dict[int, bytes]] = {"a": {}, "b": {}}
        self._records: list[bytes] = [record.to_bytes(), b""]
        for page in range(pages_of(len(image))):
            data = image[page * PAGE_BYTES : (page + 1) * PAGE_BYTES]
            for write in page_writes("a", page, data, about.sha256):
                self.write(write)

    def write_ms(self, write: Erase | Program | Read) -> int:
        """Return how long it takes, in milliseconds."""
        match write:
            case Erase():
                return ERASE_MS
            case Program():
                return PROGRAM_MS
            case _:  # `Read`; there is no other
                return READ_MS

    def write(self, write: Erase | Program | Read) -> FlashImage | None:
        """Perform a write; return what is in the flash when it is read."""
        match write:
            case Erase(what="a" | "b" as slot, page=page):
                self._slots[slot].pop(page, None)
            case Erase(what=0 | 1 as copy):
                self._records[copy] = b""
            case Program(what="a" | "b" as slot, page=page, half=half, data=data):
                before = self._slots[slot].get(page, b"")
                self._slots[slot][page] = before + data if half else data
            case Program(what=0 | 1 as copy, half=half, data=data):
                self._records[copy] = self._records[copy] + data if half else data
            case _:
                return self.snapshot()
        return None

    def snapshot(self) -> FlashImage:
        """Return what is in the flash."""
        first, second = self._records
        return FlashImage({slot: dict(pages) for slot, pages in self._slots.items()}, (first, second))


def pages_of(size_bytes: int) -> int:
    """Return how many pages an image fills."""
    return -(-size_bytes // PAGE_BYTES)


def page_writes(slot: Slot, page: int, data: bytes, sha256: str) -> list[Erase | Program]:
    """Return the writes that put one page of an image into a slot."""
    return _rewritten(slot, page, checked(_tag(sha256) + data))


def record_writes(record: Record) -> list[Erase | Program]:
    """Return the writes that make a record the one that counts: into the copy that does not, so far."""
    copy: Literal[0, 1] = 1 if record.sequence % 2 else 0
    return _rewritten(copy, 0, record.to_bytes())


def _rewritten(what: Slot | Literal[0, 1], page: int, data: bytes) -> list[Erase | Program]:
    middle = len(data) // 2
    return [
        Erase(what, page),
        Program(what, page, 0, data[:middle]),
        Program(what, page, 1, data[middle:]),
    ]


def checked(data: bytes) -> bytes:
    """Return bytes with their CRC-32 (ISO 3309, as zlib has it) behind them."""
    return data + zlib.crc32(data).to_bytes(_CRC_BYTES, "big")


def unchecked(data: bytes) -> bytes | None:
    """Return bytes without their CRC; None when it does not fit."""
    content, crc = data[:-_CRC_BYTES], data[-_CRC_BYTES:]
    return content if data and zlib.crc32(content).to_bytes(_CRC_BYTES, "big") == crc else None


def _tag(sha256: str) -> bytes:
    """Return the mark of an image's pages: the first bytes of its SHA-256."""
    return bytes.fromhex(sha256)[:_TAG_BYTES]
