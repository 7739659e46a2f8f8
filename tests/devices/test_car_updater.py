"""The updater of a car: signed software in the other slot, and no power cut that leaves it without any."""

import base64
import hashlib
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.apps.software import GetSoftwareChunk, GetSoftwareMetadata
from sim.core.device import Answer, Booted, Command, Commanded, Linked, Persisted, Provision, TimerFired
from sim.devices.car import boot
from sim.devices.car.declared import CarConfig
from sim.devices.car.flash import PAGE_BYTES, PAGES_MAX
from sim.devices.car.updater import (
    DOWNLOAD_MS_MAX,
    GIVE_UP_MS,
    LOOK,
    LOOK_EVERY_MS,
    LOOKS_MAX,
    TRIES_MAX,
    InstallUpdate,
    Updater,
)
from sim.services.updates import Publish, ReleaseEntry, RotateRoot
from sim.trust.updates.images import FACTORY_VERSION, factory_image
from sim.trust.updates.signing import TIMESTAMP_LAST_MS
from tests.devices.workshop import NEW, Workshop
from tests.senses import START_MS, FakeSenses, moment

IMAGE = ReleaseEntry.model_validate(NEW).image()
FAILING = {**NEW, "fails_on": ["su7"]}


def whole(bench: Workshop) -> bytes:
    """Return the image that the car would start now, byte by byte from its flash."""
    flash = bench.flash.snapshot()
    started = boot.start(flash)
    assert started is not None
    image = flash.image(started.slot, started.record.about(started.slot))
    assert image is not None
    return image


# --- what is installed ----------------------------------------------------------------------------


def test_an_update_is_fetched_written_tried_and_kept() -> None:
    """Every state is told; the new software is in the other slot, and the old one still in the first."""
    bench = Workshop().run()
    assert bench.shown.software_offered == "1.1.0"
    assert bench.facts_told("1.1.0") == {"verified": True, "newer": True, "fits": True}
    assert bench.install() == Answer("done", "the car fetches 1.1.0")
    bench.run()

    assert bench.state == ("1.1.0", "installed", 2)
    assert not bench.updater.busy
    assert bench.shown.software_slot == "b"
    assert whole(bench) == IMAGE
    states = list(dict.fromkeys(report.software_state for report in bench.reports))
    assert states == [
        "idle",
        "downloading",
        "verifying",
        "switching",
        "restarting",
        "checking",
        "installed",
    ]
    progress = [report.software_progress_percent for report in bench.reports]
    assert progress[:7] == [0.0, 0.0, 0.0, 25.0, 50.0, 75.0, 100.0]
    assert (bench.shown.software_offered, bench.shown.software_wanted) == ("", "")
    assert bench.facts_told("1.1.0")["newer"] is False
    assert bench.install().reason == "release 1.1.0 has counter 2, and the car has had 2"


def test_the_next_one_goes_into_the_first_slot_again() -> None:
    """From a to b, and from b to a; a restart in between changes nothing."""
    later = {**NEW, "version": "1.2.0", "counter": 3, "published": False}
    bench = Workshop(NEW, later).run()
    bench.install()
    bench.run().cut()
    assert bench.state == ("1.1.0", "idle", 2)
    bench.use(Publish(version="1.2.0"))
    bench.hear()
    bench.run().install("1.2.0")
    bench.run()

    assert bench.state == ("1.2.0", "installed", 3)
    assert bench.shown.software_slot == "a"


def test_software_that_does_not_prove_itself_is_taken_back() -> None:
    """The car runs what it ran before, says why, and its counter is what it was."""
    bench = Workshop(FAILING).run()
    bench.install()
    bench.run()

    assert bench.state == (FACTORY_VERSION, "failed", 1)
    assert bench.shown.software_reason == "1.1.0 did not pass its health check"
    assert whole(bench) == factory_image(CarConfig().model)
    bench.cut()
    assert bench.run().state == (FACTORY_VERSION, "failed", 1)


# --- power cuts -----------------------------------------------------------------------------------


def writes_of(release: Any) -> int:
    """Return how many writes an update takes that nothing disturbs."""
    bench = Workshop(release).run()
    bench.install()
    return bench.run().written


@pytest.mark.parametrize("cut", range(writes_of(NEW) + 1))
def test_a_power_cut_after_every_single_write(cut: int) -> None:
    """What starts is the old or the new software, whole; and what was wanted is there in the end."""
    bench = Workshop().run()
    bench.install()
    bench.cut_after = cut
    bench.run()

    assert bench.boots == 2
    assert {report.software_version for report in bench.reports} <= {FACTORY_VERSION, "1.1.0"}
    assert whole(bench) == IMAGE
    assert bench.state[0] == "1.1.0"
    assert bench.state[2] == 2


@settings(max_examples=60, deadline=None)
@given(cuts=st.lists(st.integers(0, 24), min_size=1, max_size=8), fails=st.booleans())
def test_any_series_of_power_cuts(cuts: list[int], fails: bool) -> None:  # noqa: FBT001  # hypothesis's
    """After each: something starts, it is whole, it is old or new, and the counter has not fallen."""
    bench = Workshop(FAILING if fails else NEW).run()
    bench.install()
    counter = 1
    for cut in cuts:
        bench.cut_after = bench.written + cut
        bench.run(60_000)
        assert hashlib.sha256(whole(bench)).digest() in {
            hashlib.sha256(image).digest()
            for image in (
                factory_image(CarConfig().model),
                ReleaseEntry.model_validate(FAILING).image(),
                IMAGE,
            )
        }
        record = bench.flash.snapshot().record()
        assert record is not None
        assert record.counter >= counter
        counter = record.counter
    bench.cut_after = None
    bench.run()
    assert bench.state[0] in ({FACTORY_VERSION} if fails else {FACTORY_VERSION, "1.1.0"})
    assert bench.state[1] in {"idle", "installed", "failed"}


def test_new_software_that_never_comes_up_uses_up_its_tries() -> None:
    """Three times the power goes while it runs on trial; then the old software is started, and it is said."""
    bench = Workshop().run()
    bench.install()
    bench.run(26_000)
    for _ in range(boot.TRIES):
        assert bench.state[:2] == ("1.1.0", "checking")
        bench.cut()
        bench.run(1_000)

    assert bench.run().state == (FACTORY_VERSION, "failed", 1)
    assert bench.shown.software_reason == "1.1.0 could not be started"
    bench.cut()
    assert bench.run().state == (FACTORY_VERSION, "failed", 1)


def test_pages_that_were_written_are_not_fetched_again() -> None:
    """The power goes in the middle of the third page; that one and the fourth are fetched."""
    bench = Workshop().run()
    bench.install()
    bench.cut_after = 8
    bench.run()

    chunks = [command.chunk for command in bench.asked if isinstance(command, GetSoftwareChunk)]
    assert chunks == [0, 1, 2, 3, 2, 3]
    assert bench.state == ("1.1.0", "installed", 2)


# --- what stands in its way -----------------------------------------------------------------------


def test_chunks_that_are_lost_are_asked_for_again() -> None:
    """Every second answer does not come; it takes longer."""
    count = iter(range(1_000))
    lost = Answer("expired", data={"may_have_succeeded": True})
    bench = Workshop().run()
    bench.answers = lambda _, answer: lost if next(count) % 2 else answer
    bench.install()

    assert bench.run().state == ("1.1.0", "installed", 2)


def test_a_download_without_progress_is_given_up() -> None:
    """After an hour; nothing has changed, and it can be asked for again."""
    bench = Workshop().run()
    bench.answers = lambda _, answer: Answer("expired")  # noqa: ARG005  # whatever it says
    bench.install()
    bench.run(60_000)
    assert bench.updater.job is not None
    begun = replace(bench.updater.job, progress_ms=bench.now_ms - GIVE_UP_MS)
    bench.updater = replace(bench.updater, job=begun)
    bench.run(60_000)

    assert bench.state == (FACTORY_VERSION, "failed", 1)
    assert bench.shown.software_reason == "the update could not be fetched"
    bench.answers = lambda _, answer: answer
    bench.hear(99)
    bench.run().install()
    assert bench.run().state == ("1.1.0", "installed", 2)


def test_a_service_that_refuses_says_why() -> None:
    """Its sentence is the car's."""
    bench = Workshop().run()
    bench.answers = lambda _, answer: Answer("failed", "it is withheld")  # noqa: ARG005  # whatever it says
    bench.install()

    assert bench.run().state == (FACTORY_VERSION, "failed", 1)
    assert bench.shown.software_reason == "it is withheld"


def swapped(command: Command, answer: Answer) -> Answer:
    """Return another chunk of the same length."""
    if not isinstance(command, GetSoftwareChunk):
        return answer
    length = len(base64.b64decode(answer.data["data"]))
    return replace(answer, data={"data": base64.b64encode(b"!" * length).decode()})


def test_an_image_that_was_swapped_is_never_started() -> None:
    """It is read back, thrown away, and fetched again, three times; no record ever pointed to it."""
    bench = Workshop().run()
    bench.answers = swapped
    bench.install()
    bench.run()

    assert bench.state == (FACTORY_VERSION, "failed", 1)
    assert bench.shown.software_reason == "what was sent is not the release 1.1.0 that was signed"
    assert sum(isinstance(one, GetSoftwareChunk) for one in bench.asked) == 4 * TRIES_MAX
    record = bench.flash.snapshot().record()
    assert record is not None
    assert (record.sequence, record.slot) == (0, "a")


@pytest.mark.parametrize(
    "data", [{}, {"data": 7}, {"data": "!"}, {"data": base64.b64encode(b"x" * 40_000).decode()}]
)
def test_chunks_that_are_none(data: Any) -> None:
    """Too long, not base64, or nothing at all: not a byte of it is written."""
    bench = Workshop().run()
    bench.answers = lambda _, answer: replace(answer, data=data)
    bench.install()
    bench.run(10_000)

    assert bench.written == 0
    assert bench.state[1] == "downloading"


def test_whoever_drives_off_ends_it_before_the_switch() -> None:
    """Nothing has changed; after the switch it does not matter any more."""
    bench = Workshop().run()
    bench.install()
    bench.set()
    bench.run(100)
    assert bench.state[1] == "downloading"
    assert bench.updater.busy
    bench.set(gear="D", speed_kmh=20.0)
    assert bench.state == (FACTORY_VERSION, "failed", 1)
    assert bench.shown.software_reason == "somebody drives"
    assert bench.run().state == (FACTORY_VERSION, "failed", 1)

    bench.set(gear="P", speed_kmh=0.0)
    bench.install()
    bench.run(10_000)
    assert bench.state[1] == "restarting"
    assert bench.install().reason == "the car's computer is starting"
    bench.set(gear="D", speed_kmh=20.0)
    assert bench.run().state == ("1.1.0", "installed", 2)


@pytest.mark.parametrize("battery", [29.0, None])
def test_a_battery_that_has_become_low_meanwhile(battery: float | None) -> None:
    """It is looked at once more before the switch."""
    bench = Workshop().run()
    bench.install()
    bench.facts["battery_percent"] = battery

    assert bench.run().shown.software_reason == "the battery is below 30 %"


def test_nothing_is_switched_in_a_car_that_moves() -> None:
    """Also where no sensor has told of a change, as when the power comes back on the road."""
    bench = Workshop().run()
    bench.install()
    bench.facts["speed_kmh"] = 30.0
    bench.cut()
    bench.run()

    assert bench.state == (FACTORY_VERSION, "failed", 1)
    assert bench.shown.software_reason == "somebody drives"


def test_one_update_at_a_time() -> None:
    """The second one is told so."""
    bench = Workshop().run()
    bench.install()
    bench.run(10)

    assert bench.install().reason == "1.1.0 is being installed"


def test_a_release_that_is_too_large() -> None:
    """It is not even begun."""
    bench = Workshop().run()
    assert bench.updater.catalogue is not None
    (release,) = bench.updater.catalogue.releases
    large = replace(release, size_bytes=PAGES_MAX * PAGE_BYTES + 1)
    bench.updater = replace(bench.updater, catalogue=replace(bench.updater.catalogue, releases=(large,)))

    assert bench.install().reason == "release 1.1.0 is too large for this car"


def test_an_image_that_says_it_is_something_else() -> None:
    """Signed under one version, and another in its first line."""
    bench = Workshop().run()
    assert bench.updater.catalogue is not None
    (release,) = bench.updater.catalogue.releases
    renamed = replace(release, counter=7)
    bench.updater = replace(bench.updater, catalogue=replace(bench.updater.catalogue, releases=(renamed,)))
    bench.install()

    assert bench.run().shown.software_reason == "the image of 1.1.0 says that it is something else"


# --- attacks and accidents of the way --------------------------------------------------------------


def rotate(bench: Workshop, **said: Any) -> None:
    """Let the maker name other keys."""
    assert bench.use(RotateRoot.model_validate(said)).status == "done"


def test_a_car_that_was_off_for_two_rotations_follows_them() -> None:
    """From root to root, once it has power again; then only the last keys count."""
    bench = Workshop({**NEW, "published": False}).run()
    rotate(bench)
    rotate(bench, keys=["root", "targets", "online"])
    bench.use(Publish(version="1.1.0"))
    bench.asked.clear()
    bench.cut()
    bench.run()

    asked = [(one.role, one.version) for one in bench.asked if isinstance(one, GetSoftwareMetadata)]
    assert [version for role, version in asked if role == "root"] == [2, 3, 4]
    assert bench.shown.software_offered == "1.1.0"
    assert bench.shown.software_refused == ""


@pytest.mark.parametrize("signatures", [0, 1])
def test_a_root_that_the_old_keys_have_not_signed_names_nobody(signatures: int) -> None:
    """The car keeps the root it has, says so, and learns nothing new until a whole root comes."""
    bench = Workshop({**NEW, "published": False}).run()
    assert bench.updater.trusted is not None
    before = bench.updater.trusted.root
    rotate(bench, keys=["root", "targets"], old_signatures=signatures)
    bench.use(Publish(version="1.1.0"))
    bench.hear()
    bench.run()
    assert bench.shown.software_refused.startswith("UNSIGNED: the root")
    assert bench.updater.trusted.root == before
    assert bench.shown.software_offered == ""
    rotate(bench, keys=["root", "targets"])
    bench.hear()

    assert bench.run().shown.software_offered == "1.1.0"


def test_chunks_that_come_twice_and_in_any_order() -> None:
    """Every answer comes two or three times, 1 ms to 3 s later; late ones of a job that is over too."""
    dice = Random(7)  # noqa: S311  # the same ways every time
    bench = Workshop({**NEW, "size_bytes": 900_000}).run()
    bench.ways = lambda: tuple(dice.randrange(1, 3_000) for _ in range(dice.randrange(2, 4)))
    bench.install()
    bench.run()

    assert bench.state == ("1.1.0", "installed", 2)
    assert bench.written == 28 * 3 + 1 + 3 * 3 + 1


def test_a_chunk_that_was_tampered_with_once() -> None:
    """One bit of one chunk: the whole is found out, fetched once more, and installed."""
    count = iter(range(1_000))

    def flipped(command: Command, answer: Answer) -> Answer:
        if not isinstance(command, GetSoftwareChunk) or next(count) != 2:
            return answer
        data = bytearray(base64.b64decode(answer.data["data"]))
        data[-1] ^= 1
        return replace(answer, data={"data": base64.b64encode(data).decode()})

    bench = Workshop().run()
    bench.answers = flipped
    bench.install()
    bench.run()

    assert sum(isinstance(one, GetSoftwareChunk) for one in bench.asked) == 8
    assert bench.state == ("1.1.0", "installed", 2)


def test_a_chunk_that_was_cut_short() -> None:
    """A byte is missing: it is not written, and asked for again."""
    count = iter(range(1_000))

    def short(command: Command, answer: Answer) -> Answer:
        if not isinstance(command, GetSoftwareChunk) or next(count) != 1:
            return answer
        data = base64.b64decode(answer.data["data"])[:-1]
        return replace(answer, data={"data": base64.b64encode(data).decode()})

    bench = Workshop().run()
    bench.answers = short
    bench.install()
    bench.run()

    chunks = [one.chunk for one in bench.asked if isinstance(one, GetSoftwareChunk)]
    assert sorted(chunks) == [0, 1, 1, 2, 3]
    assert bench.state == ("1.1.0", "installed", 2)


def test_a_download_that_trickles_is_given_up() -> None:
    """Something was written a second ago, as all the time before; it would keep the car awake for days."""
    bench = Workshop().run()
    bench.answers = lambda _, answer: Answer("expired")  # noqa: ARG005  # whatever it says
    bench.install()
    bench.run(10_000)
    assert bench.updater.job is not None
    begun_ms = bench.now_ms - DOWNLOAD_MS_MAX
    trickled = replace(bench.updater.job, progress_ms=bench.now_ms - 1_000, begun_ms=begun_ms + 1_000)
    bench.updater = replace(bench.updater, job=trickled)
    bench.run(900)
    assert bench.state[1] == "downloading"
    bench.run(10_000)

    assert bench.state == (FACTORY_VERSION, "failed", 1)
    assert bench.shown.software_reason == "the update could not be fetched"
    assert not bench.updater.busy


def test_a_freeze_is_noticed_by_a_clock_that_was_set_back() -> None:
    """Old word is repeated and the car's clock is a day behind: after four looks it trusts none of it."""
    bench = Workshop().run()
    frozen = bench.service
    for look in range(1, LOOKS_MAX + 1):
        assert bench.facts_told("1.1.0")["verified"] is True
        bench.now_ms += LOOK_EVERY_MS
        bench.behind_ms = bench.now_ms - START_MS - look  # its clock hardly moves
        bench.step(TimerFired(LOOK))
        bench.run(1_000)
    assert bench.service is frozen
    assert bench.facts_told("1.1.0")["verified"] is False
    assert bench.install().reason == "nobody has vouched of late for what is the newest release"
    bench.cut()
    assert bench.run(1_000).facts_told("1.1.0")["verified"] is False

    bench.behind_ms = 0
    bench.vouch()
    bench.hear()
    bench.run(1_000)
    assert bench.facts_told("1.1.0")["verified"] is True


@pytest.mark.parametrize("cut", [False, True])
def test_what_is_no_longer_signed_is_not_started(cut: bool) -> None:  # noqa: FBT001  # a column
    """The maker takes a release back while a car fetches it, or is off in the middle of it."""
    bench = Workshop().run()
    bench.install()
    bench.cut_after = 8 if cut else None
    bench.run(60)
    assert bench.service.repository is not None
    empty = bench.service.repository.published([], bench.now_ms)
    bench.service = replace(bench.service, repository=empty)
    bench.hear()
    bench.run()

    assert bench.boots == 1 + cut
    assert bench.state == (FACTORY_VERSION, "failed", 1)
    assert bench.shown.software_reason == "no release 1.1.0 is signed by those who may"


def test_what_is_signed_anew_under_the_same_name_is_another_release() -> None:
    """The bytes were fetched for what was signed then."""
    bench = Workshop().run()
    bench.install()
    assert bench.updater.catalogue is not None
    (release,) = bench.updater.catalogue.releases
    other = replace(bench.updater.catalogue, releases=(replace(release, sha256="0" * 64),))
    bench.updater = replace(bench.updater, catalogue=other)

    assert bench.run().shown.software_reason == "release 1.1.0 is not what it was when it was wanted"


def test_a_car_that_starts_days_later_looks_before_it_switches() -> None:
    """All pages are written when the power goes; what is wanted is installed once it is vouched for again."""
    bench = Workshop().run()
    bench.install()
    bench.cut_after = 12
    while bench.boots == 1:
        bench.run(10)
    bench.now_ms += 3 * TIMESTAMP_LAST_MS
    bench.vouch()
    bench.cut()

    assert bench.run().state == ("1.1.0", "installed", 2)


@pytest.mark.parametrize("release", [NEW, FAILING])
def test_power_cuts_twice_in_a_row(release: Any) -> None:
    """After every single write, and once more a few writes later: in the trial, or while it is taken back."""
    for first in range(writes_of(release) + 1):
        for second in (0, 2, 5):
            bench = Workshop(release).run()
            bench.install()
            bench.cut_after = first
            bench.run(60_000)
            bench.cut_after = bench.written + second
            bench.run(60_000)
            bench.cut_after = None
            bench.run()
            expected = (FACTORY_VERSION, "failed", 1) if release is FAILING else ("1.1.0", "installed", 2)
            assert bench.state == expected, (first, second)


def test_what_is_on_trial_is_never_told_as_installed() -> None:
    """Not for a moment after a power cut either: a campaign would take it as proof."""
    bench = Workshop().run()
    bench.install()
    bench.run(26_000)
    for _ in range(boot.TRIES - 1):
        bench.cut()
        bench.run(1_000)
    on_trial = {one.software_state for one in bench.reports if one.software_version == "1.1.0"}

    assert on_trial == {"restarting", "checking"}
    assert bench.updater.busy


@pytest.mark.parametrize("facts", [{"gear": "D", "speed_kmh": 60.0}, {"battery_percent": 3.0}])
def test_a_trial_goes_on_whatever_the_car_does(facts: Any) -> None:
    """After the switch nothing that drives or draws may leave it between two softwares."""
    bench = Workshop().run()
    bench.install()
    bench.run(10_000)
    assert bench.state[1] == "restarting"
    bench.set(**facts)

    assert bench.run().state == ("1.1.0", "installed", 2)


# --- what is verified -----------------------------------------------------------------------------


def test_what_the_rules_are_told() -> None:
    """Of what nobody signed nothing is known but that; of the rest, whether it is newer and fits."""
    old = {**NEW, "version": "0.9.0", "counter": 0}
    other = {**NEW, "version": "1.3.0", "counter": 5, "hardware": "yu7"}
    bench = Workshop(NEW, old, other)
    assert bench.facts_told("1.1.0") == {"verified": False}
    bench.run()

    assert bench.facts_told("0.9.0") == {"verified": True, "newer": False, "fits": True}
    assert bench.facts_told("1.3.0") == {"verified": True, "newer": True, "fits": False}
    assert bench.facts_told("6.6.6") == {"verified": False}
    assert bench.shown.software_offered == "1.1.0"
    bench.now_ms += TIMESTAMP_LAST_MS
    assert bench.facts_told("1.1.0")["verified"] is False
    assert bench.install().reason == "nobody has vouched of late for what is the newest release"


def test_what_is_refused_is_told_and_what_was_known_stays() -> None:
    """A timestamp that was tampered with; the next look is undisturbed."""
    bench = Workshop().run()
    bench.answers = lambda command, answer: (
        replace(answer, data={"data": "e30="})
        if isinstance(command, GetSoftwareMetadata) and command.role == "timestamp"
        else answer
    )
    bench.hear(99)
    bench.run()
    assert bench.shown.software_refused == "MALFORMED: the timestamp is not as it must be"
    assert bench.facts_told("1.1.0")["verified"] is True
    bench.answers = lambda _, answer: answer
    bench.step(TimerFired(LOOK))
    bench.run()

    assert bench.shown.software_refused == ""


def test_it_looks_when_there_is_news_and_only_for_what_is_new() -> None:
    """Root and timestamp always; the rest when the timestamp says so. Nothing twice at once."""
    bench = Workshop().run()
    bench.asked.clear()
    bench.hear()
    bench.run()
    assert [one.role for one in bench.asked if isinstance(one, GetSoftwareMetadata)] == ["root", "timestamp"]
    bench.asked.clear()
    bench.hear()
    assert bench.asked == []
    bench.now_ms += 1
    bench.hear(98)
    bench.now_ms += 1
    bench.hear(99)
    assert len(bench.asked) == 1


def test_a_root_that_was_replaced_is_followed() -> None:
    """One by one, until there is no further one."""
    bench = Workshop().run()
    repository = bench.service.repository
    assert repository is not None
    keys = replace(repository.keys, generation=2)
    rotated = repository.rotated(keys).published(bench.service._releases(frozenset({"1.1.0"})), bench.now_ms)
    bench.service = replace(bench.service, repository=rotated)
    bench.asked.clear()
    bench.hear()
    bench.run()

    roles = [one.role for one in bench.asked if isinstance(one, GetSoftwareMetadata)]
    assert roles == ["root", "root", "timestamp", "snapshot", "targets"]
    assert bench.facts_told("1.1.0")["verified"] is True


def test_a_service_that_does_not_answer_is_asked_later() -> None:
    """Nothing is known, and nothing is refused."""
    bench = Workshop()
    bench.answers = lambda _, answer: Answer("expired")  # noqa: ARG005  # whatever it says
    bench.run()

    assert bench.facts_told("1.1.0") == {"verified": False}
    assert bench.shown.software_refused == ""


def test_without_a_service_there_is_nothing() -> None:
    """No report, no timer; who asks is told."""
    part = Updater.new("su7", CarConfig(), {}).provisioned(Provision(bytes(32), 1, 0))
    at = moment(FakeSenses())

    assert part.step(at, Booted()) == (part, ())
    assert part.report() == ()
    _, (answer,) = part.step(at, Commanded(InstallUpdate(version="1"), "t", "phone", "lin", 9))
    assert answer.answer.reason == "nobody supplies software to this car"  # type: ignore[union-attr]


def test_what_does_not_concern_it() -> None:
    """Words of other writes and of older ones, answers to nobody, links."""
    bench = Workshop().run()
    before = bench.updater
    for stimulus in (
        Linked(up=True),
        Persisted("books 7"),
        Persisted("update 77 page 1"),
        Persisted("update 0 part"),
    ):
        bench.step(stimulus)
    bench.hear(bench.updater.serial)
    bench.step(TimerFired("update pace"))

    assert bench.updater == before
