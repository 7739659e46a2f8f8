"""A repository that is attacked in every way the framework knows, and a car that remembers."""

import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from tuf.api.metadata import MetaFile, Snapshot, Timestamp

from sim.trust.updates.releases import BYTES_MAX, Role, Trusted, UpdateError, admitted
from sim.trust.updates.signing import (
    ROOT_KEYS,
    ROOT_UNTIL_MS,
    SNAPSHOT_LAST_MS,
    TARGETS_LAST_MS,
    TIMESTAMP_LAST_MS,
    Keys,
    _when,
)
from sim.trust.updates.verification import accept, catalogue, has
from tests.trust.updates.mirrors import (
    DAY_MS,
    EMPTY,
    FIRST,
    HARDWARE,
    KEYS,
    NEW_CAR,
    NOW_MS,
    ONE,
    SECOND,
    TWO,
    Files,
    release,
)

CAR = Files.of(FIRST).read_by(NEW_CAR)
"""A car that has seen the first release."""
UP_TO_DATE = Files.of(SECOND).read_by(CAR)


def why(attempt: Callable[[], object]) -> str:
    """Return the code of a refusal, whose sentence has neither a digest nor a full stop."""
    with pytest.raises(UpdateError) as caught:
        attempt()
    assert caught.value.sentence
    assert not caught.value.sentence.endswith(".")
    return caught.value.code


def test_what_is_signed_is_known() -> None:
    """Newest first, with everything that was said of it."""
    known = catalogue(UP_TO_DATE, NOW_MS)

    assert known.releases == (TWO, ONE)
    assert known.until_ms == NOW_MS + TIMESTAMP_LAST_MS
    assert admitted(known, "1.2.0", HARDWARE, 2, NOW_MS) == TWO
    assert accept(UP_TO_DATE, "timestamp", SECOND.timestamp, NOW_MS) is UP_TO_DATE


def test_the_same_seed_signs_the_same_bytes() -> None:
    """Nothing in a signature is drawn by chance, and who has other secrets signs others."""
    again = EMPTY.published([ONE], NOW_MS).published([ONE, TWO], NOW_MS)

    assert again == SECOND
    assert Keys(b"\3" * 32, b"\2" * 32).root() != EMPTY.roots[0]
    assert b"\\x01" not in repr(KEYS).encode()


def test_a_repository_that_is_rolled_back() -> None:
    """What was served yesterday is not believed again, whole or in part."""
    assert why(lambda: Files.of(FIRST).read_by(UP_TO_DATE)) == "ROLLED_BACK"
    older = Timestamp(version=9, expires=_when(NOW_MS + DAY_MS), snapshot_meta=MetaFile(1))
    stamped = KEYS.sign(older, ("timestamp",))
    assert why(lambda: Files.of(FIRST, timestamp=stamped).read_by(UP_TO_DATE)) == "ROLLED_BACK"


def test_a_timestamp_counts_also_if_the_targets_do_not_come() -> None:
    """What was kept after it keeps the older one from coming back."""
    half = accept(CAR, "timestamp", SECOND.timestamp, NOW_MS)

    assert why(lambda: accept(half, "timestamp", FIRST.timestamp, NOW_MS)) == "ROLLED_BACK"


def test_a_repository_that_is_frozen() -> None:
    """Whoever only repeats what was true is found out when its time is over, to the millisecond."""
    late = NOW_MS + TIMESTAMP_LAST_MS

    assert why(lambda: Files.of(SECOND).read_by(UP_TO_DATE, late)) == "EXPIRED"
    assert why(lambda: Files.of(SECOND).read_by(NEW_CAR, late)) == "EXPIRED"
    assert why(lambda: catalogue(UP_TO_DATE, late)) == "EXPIRED"
    assert Files.of(SECOND).read_by(NEW_CAR, late - 1).targets == SECOND.targets
    vouched = SECOND.vouched(late)
    assert Files.of(vouched).read_by(UP_TO_DATE, late).timestamp == vouched.timestamp


def test_a_snapshot_of_other_metadata_expires_too() -> None:
    """Fresh timestamps over a snapshot that is a week old, targets of three months, and a root at its end."""
    week = NOW_MS + SNAPSHOT_LAST_MS
    stamp = Timestamp(version=9, expires=_when(week + DAY_MS), snapshot_meta=MetaFile(2))
    stamped = Files.of(SECOND, timestamp=KEYS.sign(stamp, ("timestamp",)))
    assert why(lambda: stamped.read_by(UP_TO_DATE, week)) == "EXPIRED"
    months = NOW_MS + TARGETS_LAST_MS
    assert why(lambda: Files.of(SECOND.vouched(months)).read_by(UP_TO_DATE, months)) == "EXPIRED"
    assert why(lambda: Files.of(SECOND).read_by(CAR, ROOT_UNTIL_MS)) == "EXPIRED"


def test_metadata_that_are_mixed_and_matched() -> None:
    """Every file is right, and they do not belong together; with digests and with versions alone."""
    assert why(lambda: Files.of(SECOND, snapshot=FIRST.snapshot).read_by(NEW_CAR)) == "MISMATCHED"
    assert why(lambda: Files.of(SECOND, targets=FIRST.targets).read_by(NEW_CAR)) == "MISMATCHED"
    until = _when(NOW_MS + DAY_MS)
    stamp = Timestamp(version=9, expires=until, snapshot_meta=MetaFile(9))
    snap = Snapshot(version=9, expires=until, meta={"targets.json": MetaFile(2)})
    mixed = Files.of(
        FIRST, timestamp=KEYS.sign(stamp, ("timestamp",)), snapshot=KEYS.sign(snap, ("snapshot",))
    )
    assert why(lambda: mixed.read_by(NEW_CAR)) == "ROLLED_BACK"


@pytest.mark.parametrize("role", BYTES_MAX)
def test_data_without_end(role: Role) -> None:
    """A file is not even parsed when it is one byte too long."""
    assert why(lambda: accept(CAR, role, b" " * (BYTES_MAX[role] + 1), NOW_MS)) == "TOO_LONG"
    assert why(lambda: accept(CAR, role, b" " * BYTES_MAX[role], NOW_MS)) == "MALFORMED"


def test_stolen_online_keys() -> None:
    """With the keys of snapshot and timestamp nobody can make up a release."""
    thief = Keys(b"\7" * 32, KEYS.online)
    forged = replace(SECOND, keys=thief).published([release("6.6.6", 9)], NOW_MS)

    assert why(lambda: Files.of(forged).read_by(UP_TO_DATE)) == "UNSIGNED"


def test_one_of_two_root_keys_is_not_enough() -> None:
    """Nor is the one key twice, nor a root that leaves one out."""
    for keys in (ROOT_KEYS[:1], ROOT_KEYS[1:], (ROOT_KEYS[0], ROOT_KEYS[0])):
        root = Keys(KEYS.maker, KEYS.online, 2).root(2, signed_by=keys)
        assert why(lambda root=root: accept(CAR, "root", root, NOW_MS)) == "UNSIGNED"  # type: ignore[misc]
    assert why(lambda: accept(CAR, "root", KEYS.root(3), NOW_MS)) == "ROLLED_BACK"
    assert why(lambda: accept(CAR, "root", KEYS.root(1), NOW_MS)) == "ROLLED_BACK"


def test_a_targets_key_that_was_replaced_signs_nothing_any_more() -> None:
    """The maker names another; what the old one signs is refused, and what the new one signs is not."""
    rotated = SECOND.rotated(Keys(KEYS.maker, KEYS.online, 2))
    car = accept(UP_TO_DATE, "root", rotated.roots[1], NOW_MS)
    newer = [release("1.3.0", 4), TWO, ONE]
    by_old_key = replace(rotated, keys=KEYS).published(newer, NOW_MS)

    assert why(lambda: Files.of(by_old_key).read_by(car)) == "UNSIGNED"
    known = catalogue(Files.of(rotated.published(newer, NOW_MS)).read_by(car), NOW_MS)
    assert known.releases[0].version == "1.3.0"


def test_online_keys_that_were_replaced() -> None:
    """What the old ones vouched for is forgotten, so a thief's high versions lock nobody out (TUF 5.3.11)."""
    rotated = SECOND.rotated(Keys(KEYS.maker, b"\4" * 32))
    car = accept(UP_TO_DATE, "root", rotated.roots[1], NOW_MS)

    assert why(lambda: accept(car, "timestamp", SECOND.timestamp, NOW_MS)) == "UNSIGNED"
    assert why(lambda: accept(car, "targets", SECOND.targets, NOW_MS)) == "OUT_OF_ORDER"
    assert why(lambda: catalogue(car, NOW_MS)) == "EXPIRED"
    fresh = Files.of(rotated.vouched(NOW_MS)).read_by(car)
    assert catalogue(fresh, NOW_MS).releases == (TWO, ONE)


def test_files_that_come_too_early() -> None:
    """Each rests on the one before."""
    assert why(lambda: accept(NEW_CAR, "snapshot", SECOND.snapshot, NOW_MS)) == "OUT_OF_ORDER"
    assert why(lambda: accept(NEW_CAR, "targets", SECOND.targets, NOW_MS)) == "OUT_OF_ORDER"
    assert why(lambda: catalogue(NEW_CAR, NOW_MS)) == "OUT_OF_ORDER"


def test_files_of_another_role() -> None:
    """A snapshot is no timestamp, however well it is signed."""
    assert why(lambda: accept(CAR, "timestamp", SECOND.snapshot, NOW_MS)) == "MALFORMED"


@pytest.mark.parametrize(
    "rubbish",
    [b"", b"[]", b"\xff", b"[" * 2_000, SECOND.timestamp[:-1] + b',"signed":{}}', b'{"signed": NaN}'],
)
def test_rubbish(rubbish: bytes) -> None:
    """Also what a lenient reader would take: a key twice, of which the last would count."""
    assert why(lambda: accept(CAR, "timestamp", rubbish, NOW_MS)) == "MALFORMED"


def test_a_release_that_says_too_little() -> None:
    """Signed or not: what a release must say is checked."""
    nameless = EMPTY.published([replace(ONE, version="")], NOW_MS)

    assert why(lambda: catalogue(Files.of(nameless).read_by(NEW_CAR), NOW_MS)) == "MALFORMED"


def test_mutations_change_nothing_that_is_signed() -> None:
    """Bits flipped, bytes cut out and put in: refused, or without any effect on what is known."""
    dice = random.Random(1)  # noqa: S311  # the same mutations every time
    known = catalogue(UP_TO_DATE, NOW_MS)
    refused = 0
    for _ in range(400):
        role: Role = dice.choice(("timestamp", "snapshot", "targets"))
        data = bytearray(Files.of(SECOND).by_role[role])
        where = dice.randrange(len(data))
        match dice.randrange(3):
            case 0:
                data[where] ^= 1 << dice.randrange(8)
            case 1:
                del data[where : where + dice.randrange(1, 20)]
            case _:
                data[where:where] = dice.randbytes(3)
        trusted = CAR
        try:
            trusted = Files.of(SECOND, **{role: bytes(data)}).read_by(CAR)
        except UpdateError:
            refused += 1
        else:
            assert catalogue(trusted, NOW_MS).releases == known.releases
    assert refused > 390


def test_what_is_trusted_is_not_printed() -> None:
    """Kilobytes of signatures say nothing to people."""
    assert repr(UP_TO_DATE) == "Trusted()"
    assert isinstance(UP_TO_DATE, Trusted)


def test_what_need_not_be_fetched_again() -> None:
    """Roots and timestamps always must; the others when a newer one is named, or they are too old."""
    assert [has(UP_TO_DATE, role, NOW_MS) for role in BYTES_MAX] == [False, False, True, True]
    stamped = accept(UP_TO_DATE, "timestamp", SECOND.vouched(NOW_MS).timestamp, NOW_MS)
    assert [has(stamped, role, NOW_MS) for role in BYTES_MAX] == [False, False, False, False]
    vouched = accept(stamped, "snapshot", SECOND.vouched(NOW_MS).snapshot, NOW_MS)
    assert has(vouched, "targets", NOW_MS)
    released = SECOND.published([TWO], NOW_MS)
    half = accept(UP_TO_DATE, "timestamp", released.timestamp, NOW_MS)
    half = accept(half, "snapshot", released.snapshot, NOW_MS)
    assert has(half, "snapshot", NOW_MS)
    assert not has(half, "targets", NOW_MS)
    assert not has(UP_TO_DATE, "snapshot", NOW_MS + SNAPSHOT_LAST_MS)
    assert not has(NEW_CAR, "targets", NOW_MS)


@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets"])
def test_each_role_is_rolled_back_by_whoever_has_the_online_keys(role: Role) -> None:
    """All is signed rightly and fits together, but one role has a lower version than the car has seen."""
    until = _when(NOW_MS + DAY_MS)
    seen = {"timestamp": 2, "snapshot": 2, "targets": 2}
    version = {one: number - 1 if one == role else number + 5 for one, number in seen.items()}
    targets = FIRST.targets if role == "targets" else SECOND.targets
    named = version["targets"] if role == "targets" else 2
    snap = Snapshot(version=version["snapshot"], expires=until, meta={"targets.json": MetaFile(named)})
    stamp = Timestamp(
        version=version["timestamp"], expires=until, snapshot_meta=MetaFile(version["snapshot"])
    )
    served = Files.of(
        SECOND,
        timestamp=KEYS.sign(stamp, ("timestamp",)),
        snapshot=KEYS.sign(snap, ("snapshot",)),
        targets=targets,
    )

    assert why(lambda: served.read_by(UP_TO_DATE)) == "ROLLED_BACK"
    if role != "targets":
        assert served.read_by(NEW_CAR).targets == SECOND.targets  # whoever remembers nothing cannot know


def test_a_chain_of_roots_is_followed_one_by_one() -> None:
    """Each is signed by the keys of the one before and its own; to leave one out is refused."""
    once = SECOND.rotated(KEYS.renewed(["root"]))
    twice = once.rotated(once.keys.renewed(["root", "targets", "online"])).published([TWO], NOW_MS)
    assert why(lambda: accept(UP_TO_DATE, "root", twice.roots[2], NOW_MS)) == "UNSIGNED"
    car = UP_TO_DATE
    for root in twice.roots[1:]:
        car = accept(car, "root", root, NOW_MS)

    assert catalogue(Files.of(twice).read_by(car), NOW_MS).releases == (TWO,)
    assert why(lambda: Files.of(SECOND.vouched(NOW_MS)).read_by(car)) == "UNSIGNED"
    assert why(lambda: accept(car, "root", once.roots[1], NOW_MS)) == "UNSIGNED"


@pytest.mark.parametrize("signed_by", [(), ROOT_KEYS[:1], ROOT_KEYS[1:]])
def test_a_root_that_the_old_threshold_has_not_signed(signed_by: tuple[str, ...]) -> None:
    """Both new keys have signed it, which anybody can make; nobody is named by it, and the old keys count."""
    stray = SECOND.rotated(KEYS.renewed(["root", "targets"]), signed_by).published([TWO], NOW_MS)
    root = stray.root(2)
    assert root is not None

    assert why(lambda: accept(UP_TO_DATE, "root", root, NOW_MS)) == "UNSIGNED"
    assert catalogue(Files.of(stray).read_by(UP_TO_DATE), NOW_MS).releases == (TWO,)
    whole = stray.rotated(stray.keys.renewed(["root", "targets"]))
    assert (whole.root(1), whole.root(3), whole.stray) == (SECOND.roots[0], None, b"")
    assert accept(UP_TO_DATE, "root", whole.roots[1], NOW_MS).root == whole.roots[1]


def test_a_root_that_its_own_keys_have_not_signed() -> None:
    """The old ones alone cannot name keys that nobody holds."""
    keys = KEYS.renewed(["root"])
    root = keys.root(2, after=KEYS, signed_by=ROOT_KEYS[:1])

    assert why(lambda: accept(CAR, "root", root, NOW_MS)) == "UNSIGNED"


def test_a_thief_who_counts_up_locks_nobody_out_for_ever() -> None:
    """With the online keys the versions are raised to the highest; other online keys begin below them."""
    until = _when(NOW_MS + DAY_MS)
    snap = KEYS.sign(
        Snapshot(version=2**31, expires=until, meta={"targets.json": MetaFile(2)}), ("snapshot",)
    )
    stamp = Timestamp(version=2**31, expires=until, snapshot_meta=MetaFile(2**31))
    car = Files.of(SECOND, timestamp=KEYS.sign(stamp, ("timestamp",)), snapshot=snap).read_by(UP_TO_DATE)
    assert why(lambda: Files.of(SECOND.vouched(NOW_MS)).read_by(car)) == "ROLLED_BACK"
    cured = SECOND.rotated(KEYS.renewed(["online"])).published([TWO], NOW_MS)

    car = accept(car, "root", cured.roots[1], NOW_MS)
    assert catalogue(Files.of(cured).read_by(car), NOW_MS).releases == (TWO,)
