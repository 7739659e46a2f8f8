"""Flash and bootloader: what is half written is known to be, and one of two slots always starts."""

from dataclasses import replace

import pytest

from sim.devices.car import boot
from sim.devices.car.declared import CarConfig
from sim.devices.car.flash import (
    ERASE_MS,
    PROGRAM_MS,
    READ_MS,
    About,
    CarFlash,
    Erase,
    Program,
    Read,
    Record,
    checked,
    page_writes,
    record_writes,
    unchecked,
)
from sim.trust.updates.images import Software, factory_image

NEW = Software(version="1.1.0", counter=2, hardware=CarConfig().model).image(40_000)
ABOUT = About.of(NEW)


def with_new_software(data: bytes = NEW) -> CarFlash:
    """Return a flash with an image in its other slot, and nothing that points to it."""
    flash = CarFlash("su7", CarConfig())
    for page in range(2):
        for write in page_writes("b", page, data[page * 32_768 : (page + 1) * 32_768], ABOUT.sha256):
            flash.write(write)
    return flash


def record_of(flash: CarFlash) -> Record:
    """Return the record that counts."""
    record = flash.snapshot().record()
    assert record is not None
    return record


def put(flash: CarFlash, record: Record) -> CarFlash:
    """Write a record."""
    for write in record_writes(record):
        flash.write(write)
    return flash


def test_a_new_car_starts_what_it_was_delivered_with() -> None:
    """From slot a, with nothing to be written down."""
    flash = CarFlash("su7", CarConfig())
    started = boot.start(flash.snapshot())

    assert started is not None
    assert (started.slot, started.software.version, started.write, started.on_trial) == (
        "a",
        "1.0.0",
        False,
        False,
    )
    assert flash.snapshot().image("b", None) is None
    assert flash.write(Read()) == flash.snapshot()
    times = [flash.write_ms(write) for write in (Erase("a"), Program("a", 0, 0, b""), Read())]
    assert times == [ERASE_MS, PROGRAM_MS, READ_MS]


def test_a_slot_on_trial_is_tried_as_often_as_said() -> None:
    """Then the other one is started, for good, and the counter has not moved."""
    flash = with_new_software()
    put(flash, boot.on_trial(record_of(flash), ABOUT))
    for left in range(boot.TRIES - 1, -1, -1):
        started = boot.start(flash.snapshot())
        assert started is not None
        assert (started.slot, started.on_trial, started.record.tries_left) == ("b", True, left)
        put(flash, started.record)
    back = boot.start(flash.snapshot())

    assert back is not None
    assert (back.slot, back.fell_back, back.write, back.record.counter) == ("a", True, True, 1)
    assert boot.start(put(flash, back.record).snapshot()) == replace(back, write=False, fell_back=False)


def test_what_has_proved_itself_raises_the_counter_and_nothing_lowers_it() -> None:
    """Neither older software nor one that failed."""
    record = record_of(CarFlash("su7", CarConfig()))
    newer = boot.proved(boot.on_trial(record, ABOUT), 5)

    assert (newer.slot, newer.tries_left, newer.counter) == ("b", None, 5)
    assert boot.proved(newer, 2).counter == 5
    assert (boot.failed(newer).slot, boot.failed(newer).counter) == ("a", 5)


@pytest.mark.parametrize("proved", [False, True])
def test_software_that_is_not_whole_is_not_started(proved: bool) -> None:  # noqa: FBT001  # a parameter
    """A page is gone: whether on trial or not, the other slot starts."""
    flash = with_new_software()
    record = boot.on_trial(record_of(flash), ABOUT)
    put(flash, boot.proved(record, 2) if proved else record)
    flash.write(Erase("b", 1))
    started = boot.start(flash.snapshot())

    assert started is not None
    assert (started.slot, started.fell_back) == ("a", True)
    assert factory_image(CarConfig().model) == flash.snapshot().image("a", started.record.about("a"))


def test_nothing_at_all_starts_nothing() -> None:
    """Both slots, or both copies of the record, are gone: more than any power cut does."""
    flash = CarFlash("su7", CarConfig())
    flash.write(Erase("a"))
    assert boot.start(flash.snapshot()) is None
    flash.write(Erase(0))
    assert boot.start(flash.snapshot()) is None


def test_half_a_page_is_no_page() -> None:
    """Erased, half programmed, whole: only the last one counts; one of another image does not."""
    flash = CarFlash("su7", CarConfig())
    found = []
    for write in page_writes("b", 0, NEW[:32_768], ABOUT.sha256):
        flash.write(write)
        found.append(flash.snapshot().pages("b", ABOUT.sha256))
    assert found == [{}, {}, {0: NEW[:32_768]}]
    assert flash.snapshot().pages("b", "0" * 64) == {}
    assert flash.snapshot().image("b", ABOUT) is None


def test_half_a_record_leaves_the_other_copy() -> None:
    """The copy that counts is never the one that is written."""
    flash = with_new_software()
    before = record_of(flash)
    trial = boot.on_trial(before, ABOUT)
    for write in record_writes(trial)[:-1]:
        flash.write(write)
        assert record_of(flash) == before
    flash.write(record_writes(trial)[-1])
    assert record_of(flash) == trial
    back = boot.failed(trial)
    for write in record_writes(back)[:-1]:
        flash.write(write)
        assert record_of(flash) == trial


@pytest.mark.parametrize("data", [b"", b"x", checked(b"{}"), checked(b"\xff"), b"{}\0\0\0\0"])
def test_what_is_no_record(data: bytes) -> None:
    """Nothing is made up of it."""
    assert Record.from_bytes(data) is None


def test_a_checksum_finds_a_flipped_bit() -> None:
    """In the data, or in itself."""
    data = checked(b"software")
    assert unchecked(data) == b"software"
    for position in range(len(data)):
        assert unchecked(data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :]) is None
