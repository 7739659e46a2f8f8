"""The bootloader of a car's computer: which slot it starts, and what it writes down before.

A slot that has not proved itself is on trial: every start of it uses up one try, which is written down before
it starts. Without tries, or when its image is not whole, the other slot is started again. So whenever the
power goes, what starts next is the old software or the new, whole. (Tries are counted as U-Boot does with
`bootlimit`; slots and tries are those of Android's A/B updates.)
"""

from dataclasses import dataclass
from typing import Final

from sim.devices.car.flash import OTHER, About, FlashImage, Record, Slot
from sim.trust.updates.images import Software

TRIES: Final = 3
"""How often new software is started before the old one is again (assumption)."""


@dataclass(frozen=True, slots=True)
class Start:
    """What is started.

    Attributes:
        slot: from where.
        software: what the image in it says it is.
        record: what counts from now on.
        write: whether that record must be written before the software starts.
        fell_back: whether the other slot was to be started, and could not, or not once more.
    """

    slot: Slot
    software: Software
    record: Record
    write: bool
    fell_back: bool

    @property
    def on_trial(self) -> bool:
        """Whether the software has yet to prove itself."""
        return self.record.tries_left is not None


def start(flash: FlashImage) -> Start | None:
    """Return what a computer with this flash starts; None when there is nothing that could be started."""
    record = flash.record()
    if record is None:
        return None
    chosen = _software(flash, record, record.slot)
    if chosen is not None and record.tries_left is None:
        return Start(record.slot, chosen, record, write=False, fell_back=False)
    if chosen is not None and record.tries_left:
        tried = _next(record, tries_left=record.tries_left - 1)
        return Start(record.slot, chosen, tried, write=True, fell_back=False)
    other = _software(flash, record, OTHER[record.slot])
    if other is None:
        return None
    back = _next(record, slot=OTHER[record.slot], tries_left=None)
    return Start(back.slot, other, back, write=True, fell_back=True)


def on_trial(record: Record, about: About) -> Record:
    """Return the record by which the image in the other slot is tried from the next start on."""
    slot = OTHER[record.slot]
    return _next(record, slot=slot, tries_left=TRIES, **{slot: about})


def proved(record: Record, counter: int) -> Record:
    """Return the record of software that has passed its health check: from now on nothing older counts."""
    return _next(record, tries_left=None, counter=max(record.counter, counter))


def failed(record: Record) -> Record:
    """Return the record by which the other slot is started from the next start on."""
    return _next(record, slot=OTHER[record.slot], tries_left=None)


def _next(record: Record, **changes: object) -> Record:
    return record.model_copy(update={"sequence": record.sequence + 1, **changes})


def _software(flash: FlashImage, record: Record, slot: Slot) -> Software | None:
    """Return what is in a slot when it is whole and says what it is."""
    image = flash.image(slot, record.about(slot))
    return None if image is None else Software.of(image)
