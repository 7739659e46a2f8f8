"""Identities of a household on disk: who gets one, who may read them, how they change, what never shows."""

import datetime as dt
import errno
import fcntl
import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.core.errors import HouseholdError, MachineError, UsageError
from sim.core.household import DeviceEntry, Household
from sim.shell.brokers.accounts import OBSERVER
from sim.shell.brokers.certificates import facts_of
from sim.shell.brokers.identities import Store, default_folder, new_store, read_store
from sim.shell.private_files import make_private_folder, only_writer, read_private, write_private
from sim.world.kinds import kinds
from tests.shell.carhome import HOUSEHOLD, Command, Ended

NOW = dt.datetime(2026, 1, 12, tzinfo=dt.UTC)
FILE = "households/wang.household.yaml"
STRANGER = "strangers:\n  mallory: {kind: stranger}\n"
LATER = "  phone: {kind: phone, owner: lin}\n"
DEVICES = ["su7", "watch", "mallory"]


@pytest.fixture
def store(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the identities of the user's household go when nobody says where; it has a stranger."""
    (home / FILE).write_text(HOUSEHOLD + STRANGER)
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))
    return home / "data" / "carhome" / "wang"


def house(*names: str, name: str = "wang") -> Household:
    """Return a household of phones."""
    config = kinds()["phone"].Config()
    return Household(name, {}, {}, {one: DeviceEntry(one, "phone", config) for one in names})


def made(here: Command, *words: str) -> Ended:
    """Make the identities, and see that it went well."""
    ended = here("household", "new", FILE, *words)
    assert ended.code == 0, ended.err
    return ended


def secrets_in(store: Path) -> set[str]:
    """Return every secret there is in a store, as one would find it in a text."""
    file = json.loads((store / "identities.json").read_text())
    found = {file["authority_key"]}
    for account in file["accounts"].values():
        found |= {account[name] for name in ("private_key", "seed", "password", "certificate_key")}
    lines = {line for one in found for line in one.splitlines() if not line.startswith("-----")}
    assert len(lines) > 4 * len(file["accounts"])
    return lines


def rows(here: Command) -> dict[str, dict[str, Any]]:
    """Return what is shown of each device."""
    ended = here("household", "show", FILE, "--json")
    return {row["device"]: row for row in map(json.loads, ended.lines)}


def everything_below(folder: Path) -> Iterator[Path]:
    """Yield a folder and all that is in it."""
    yield folder
    yield from folder.rglob("*")


# --- making them --------------------------------------------------------------------------------------


def test_every_device_gets_an_identity_and_strangers_are_not_enrolled(store: Path, here: Command) -> None:
    """Devices, strangers and the observer get accounts; the household knows only its devices' keys."""
    ended = made(here)

    known = read_store(store, "wang")
    assert ended.lines[:2] == ["✓ 3 new identities of wang, 1 stranger among them", f"  in {store}"]
    assert {name: login.user for name, login in known.logins().items()} == {
        name: f"wang.{name}" for name in (OBSERVER, *DEVICES)
    }
    enrolled = {name for name in known.accounts if known.keyring().find(known.identity(name).kid)}
    assert enrolled == {"su7", "watch"}


def test_all_secrets_differ(store: Path, here: Command) -> None:
    """Nothing is used twice, and making them again elsewhere makes others."""
    made(here)
    made(here, "--store", "elsewhere")

    first, second = read_store(store, "wang"), read_store(Path("elsewhere"), "wang")
    keys = [
        key.kid
        for known in (first, second)
        for one in DEVICES
        for key in (known.identity(one), known.digital_key(one))
    ]
    assert len(set(keys)) == len(keys) == 12
    assert secrets_in(store).isdisjoint(secrets_in(Path("elsewhere")))
    assert all(len(login.password) == 32 for login in first.logins().values())


def test_only_the_owner_may_read_them(store: Path, here: Command) -> None:
    """Every folder has mode 0700 and every file 0600, whatever the user's habits, and after every change."""
    before = os.umask(0)
    try:
        made(here)
        here("household", "rotate", FILE, "su7")
        here("household", "revoke", FILE, "watch")
    finally:
        os.umask(before)

    modes = {
        (path.is_dir(), stat.S_IMODE(path.stat().st_mode)) for path in everything_below(store.parents[1])
    }
    assert modes == {(True, 0o700), (False, 0o600)}


@pytest.mark.parametrize("count", [0, 1, 200])
def test_household_of_any_size(tmp_path: Path, count: int) -> None:
    """Nobody, or two hundred, all come back from disk as they were made."""
    names = [f"d{number}" for number in range(count)]
    folder = tmp_path / "store"
    folder.mkdir(mode=0o700)

    new_store(house(*names), folder, NOW).save()

    assert list(read_store(folder, "wang").accounts) == [OBSERVER, *names]


def test_name_too_long_for_a_certificate_is_refused(tmp_path: Path) -> None:
    """Two names of 32 characters do not fit into a certificate, which is said before anything is made."""
    with pytest.raises(
        HouseholdError, match="has 65 characters, and a certificate's common name has at most 64"
    ):
        new_store(house("d" * 32, name="h" * 32), tmp_path, NOW)


def test_identities_are_never_replaced_by_new_ones(store: Path, here: Command) -> None:
    """Where there are some, `new` says so, what to do, and leaves them alone."""
    made(here)
    before = (store / "identities.json").read_bytes()

    ended = here("household", "new", FILE)

    assert ended.code == 2
    assert f"there are identities in `{store}` already" in ended.err
    assert "`carhome household rotate` replaces them" in ended.err
    assert (store / "identities.json").read_bytes() == before


def test_missing_ones_are_added_and_revoked_ones_are_not(store: Path, here: Command, home: Path) -> None:
    """`new --missing` makes what is not there, keeps what is, and brings back nobody who was revoked."""
    made(here, "--missing")
    here("household", "revoke", FILE, "watch")
    before = read_store(store, "wang").identity("su7").kid
    (home / FILE).write_text(HOUSEHOLD + LATER + STRANGER)

    ended = made(here, "--missing")
    again = made(here, "--missing")

    known = read_store(store, "wang")
    assert ended.lines[0] == "✓ 1 new identity of wang"
    assert again.lines == ["✓ every device of wang has an identity"]
    assert set(known.accounts) == {OBSERVER, "su7", "mallory", "phone"}
    assert known.identity("su7").kid == before


# --- where they are -----------------------------------------------------------------------------------


def test_place_is_the_users_data_folder() -> None:
    """XDG_DATA_HOME says where; relative, it is ignored as its specification wants."""
    usual = Path.home() / ".local" / "share" / "carhome" / "wang"

    assert default_folder("wang", {"XDG_DATA_HOME": "/data"}) == Path("/data/carhome/wang")
    assert default_folder("wang", {}) == usual
    assert default_folder("wang", {"XDG_DATA_HOME": "data"}) == usual


def test_git_work_tree_is_refused_unless_named(store: Path, here: Command, home: Path) -> None:
    """Secrets do not get into a repository by accident; on purpose they do, with a warning."""
    (home / ".git").mkdir()

    refused = here("household", "new", FILE)
    named = here("household", "new", FILE, "--store", "secrets")

    assert (refused.code, store.exists()) == (2, False)
    assert f"is inside the git work tree `{home.resolve()}`" in refused.err
    assert (named.code, (home / "secrets" / "identities.json").exists()) == (0, True)
    assert named.err.startswith(f"warning: `{home}/secrets` is inside the git work tree")


def test_folder_that_others_may_enter_is_refused(store: Path, here: Command, home: Path) -> None:
    """A folder of the user's that is open to others is neither used nor changed."""
    (home / "open").mkdir(mode=0o755)

    ended = here("household", "new", FILE, "--store", "open")

    assert ended.code == 2
    assert "others may enter the folder" in ended.err
    assert "chmod 700" in ended.err
    assert list((home / "open").iterdir()) == []
    assert not store.exists()


def test_file_that_others_may_read_is_refused(store: Path, here: Command) -> None:
    """Secrets that somebody may have read are not used, as ssh has it."""
    made(here)
    (store / "identities.json").chmod(0o640)

    ended = here("household", "show", FILE)

    assert (ended.code, ended.out) == (2, "")
    assert "others may read" in ended.err


def test_folder_that_cannot_be_made_is_named(store: Path, here: Command) -> None:
    """A store below a file is a sentence, and so is one that is a file."""
    below = here("household", "new", FILE, "--store", f"{FILE}/store")
    itself = here("household", "new", FILE, "--store", FILE)

    assert (below.code, itself.code, store.exists()) == (4, 2, False)
    assert "cannot be made: " in below.err
    with pytest.raises(UsageError, match="is no folder"):
        make_private_folder(Path(FILE))


@pytest.mark.parametrize(
    "words", [("show",), ("rotate",), ("enrol",), ("revoke", "su7"), ("broker",)], ids=lambda words: words[0]
)
def test_nothing_can_be_done_without_identities(store: Path, here: Command, words: tuple[str, ...]) -> None:
    """Every command says that there are none and how to make some, and makes no folder."""
    name, *devices = words
    ended = (
        here("broker", "config", FILE, "--for", "mosquitto")
        if name == "broker"
        else here("household", name, FILE, *devices)
    )

    assert (ended.code, ended.out) == (2, "")
    assert f"there are no identities of wang in `{store}`" in ended.err
    assert "`carhome household new` makes them" in ended.err
    assert not store.exists()


def test_identities_of_another_household_are_refused(tmp_path: Path) -> None:
    """A store answers for one household only."""
    new_store(house("phone"), tmp_path, NOW).save()

    with pytest.raises(UsageError, match="holds the identities of wang, not of li"):
        read_store(tmp_path, "li")


@pytest.mark.parametrize(
    "damage",
    ["{", "[]", '{"version": 2}', '{"household": "geheim"}', '{"authority_key": "geheim"}', "\ud800"],
)
def test_damaged_file_is_named_and_not_quoted(tmp_path: Path, damage: str) -> None:
    """What cannot be read is an error of the input, which tells no secret."""
    write_private(tmp_path / "identities.json", "")
    (tmp_path / "identities.json").write_bytes(damage.encode(errors="surrogatepass"))

    with pytest.raises(UsageError, match=r"is damaged or of another version|not UTF-8 text") as raised:
        read_store(tmp_path, "wang")
    assert "geheim" not in str(raised.value)


# --- changing them ------------------------------------------------------------------------------------


def test_rotation_retires_every_secret_of_a_device(store: Path, here: Command) -> None:
    """Key, seed, password and certificate are new; the old key is not enrolled, the old number is listed."""
    made(here)
    old = read_store(store, "wang")

    ended = here("household", "rotate", FILE, "su7")

    new = read_store(store, "wang")
    assert ended.lines[0] == "✓ 1 rotated identity of wang"
    assert new.keyring().find(old.identity("su7").kid) is None
    assert new.keyring().find(new.identity("su7").kid) is not None
    assert new.digital_key("su7").kid != old.digital_key("su7").kid
    assert new.logins()["su7"].password != old.logins()["su7"].password
    assert [(one.device, one.because, one.serial) for one in new.retired] == [
        ("su7", "rotated", old.facts("su7").serial)
    ]
    assert new.accounts["watch"] == old.accounts["watch"]
    assert (store / "clients" / "su7.crt").read_text() == new.accounts["su7"].certificate


def test_rotation_of_all_includes_the_observer(store: Path, here: Command) -> None:
    """Without names nobody keeps a secret."""
    made(here)
    old = secrets_in(store)
    authority = read_store(store, "wang").authority_certificate

    here("household", "rotate", FILE)

    kept = {line for line in secrets_in(store) if line in old}
    known = read_store(store, "wang")
    assert known.authority_certificate == authority
    assert len(known.retired) == len(known.accounts) == 4
    assert len(kept) <= 3  # lines of the authority's own key


def test_revoked_device_has_nothing_left(store: Path, here: Command) -> None:
    """It has no account, no enrolled key and no files; what is left is its name, and a number on the list."""
    made(here)
    old = read_store(store, "wang")
    hers = secrets_in(store)

    ended = here("household", "revoke", FILE, "watch")

    new = read_store(store, "wang")
    assert ended.lines[0] == "✓ watch is revoked: key, password and certificate"
    assert "watch" not in new.logins()
    assert new.keyring().find(old.identity("watch").kid) is None
    assert [one.serial for one in new.revocations(NOW)] == [old.facts("watch").serial]
    assert not list((store / "clients").glob("watch.*"))
    assert old.logins()["watch"].password not in (store / "clients" / "passwords").read_text()
    assert old.logins()["watch"].password in hers
    assert old.logins()["watch"].password not in (store / "identities.json").read_text()
    with pytest.raises(UsageError, match=r"the identity of `watch` was revoked .*household enrol"):
        new.identity("watch")


def test_revoked_device_can_be_enrolled_again(store: Path, here: Command) -> None:
    """By name it gets a new identity; the old certificate stays on the list."""
    made(here)
    old = read_store(store, "wang").facts("watch").serial
    here("household", "revoke", FILE, "watch")

    nobody = here("household", "enrol", FILE)
    ended = here("household", "enrol", FILE, "watch")

    known = read_store(store, "wang")
    assert nobody.lines == ["✓ every device of wang has an identity"]
    assert (ended.code, known.revoked) == (0, {})
    assert known.facts("watch").serial != old
    assert [one.serial for one in known.revocations(NOW)] == [old]


def test_expired_certificate_is_listed(tmp_path: Path) -> None:
    """A certificate that ran out is refused by the list too, wherever a clock is wrong."""
    known = new_store(house("phone"), tmp_path, NOW)

    assert known.revocations(NOW) == ()
    late = known.revocations(NOW + dt.timedelta(days=366))
    assert {one.serial for one in late} == {known.facts(name).serial for name in (OBSERVER, "phone")}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("rotate", "su7", "wach"), "there is no device `wach` among the identities of wang"),
        (("revoke", "su7", "wach"), "there is no device `wach` among the identities of wang"),
        (("enrol", "wach"), "there is no device `wach` in the household file"),
        (("enrol", "watch"), "`watch` has an identity already"),
        (("revoke", "su7", "observer"), "`observer` is the broker's own account and cannot be revoked"),
    ],
    ids=lambda one: one if isinstance(one, str) else "-".join(one),
)
def test_mistake_changes_nothing(store: Path, here: Command, words: tuple[str, ...], message: str) -> None:
    """A wrong name is told with what it may have been meant to be, and none of the others is touched."""
    made(here)
    before = (store / "identities.json").read_bytes()

    ended = here("household", words[0], FILE, *words[1:])

    assert (ended.code, ended.out) == (2, "")
    assert message in ended.err
    assert "did you mean `watch`?" in ended.err or words[-1] != "wach"
    assert (store / "identities.json").read_bytes() == before


def test_change_that_fails_leaves_the_old_state(
    store: Path, here: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the disk is full in the middle, the identities are the old ones, and no half of a file is left."""
    made(here)
    before = {path.name: path.read_bytes() for path in store.rglob("*") if path.is_file()}

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        ended = here("household", "rotate", FILE)

    assert ended.code == 4
    assert f"`{store}/identities.json` cannot be written: no space left on device" in ended.err
    assert {path.name: path.read_bytes() for path in store.rglob("*") if path.is_file()} == before


def test_change_that_was_killed_is_repaired_by_the_next(store: Path, here: Command) -> None:
    """What a command left that was killed in the middle is replaced, and the clients' folder set right."""
    made(here)
    (store / "identities.json.unfinished").write_text("half")
    (store / "identities.json.unfinished").chmod(0o644)
    (store / "clients" / "su7.key").write_text("of before")

    here("household", "rotate", FILE, "watch")

    key = read_store(store, "wang").accounts["su7"].certificate_key.get_secret_value()
    assert (store / "clients" / "su7.key").read_text() == key
    assert not list(store.rglob("*.unfinished"))
    assert stat.S_IMODE((store / "identities.json").stat().st_mode) == 0o600


def test_two_changes_do_not_meet(tmp_path: Path) -> None:
    """Who changes identities keeps everybody else waiting, so that no change is lost."""
    handle = os.open(tmp_path, os.O_RDONLY)
    try:
        with only_writer(tmp_path), pytest.raises(BlockingIOError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    finally:
        os.close(handle)


def test_missing_folder_cannot_be_locked_or_written(tmp_path: Path) -> None:
    """A folder that is not there is a sentence, not a traceback."""
    gone = tmp_path / "gone"

    with pytest.raises(MachineError, match="cannot be opened: no such file"), only_writer(gone):
        pass
    with pytest.raises(MachineError, match="cannot be written: no such file"):
        write_private(gone / "file", "text")
    with pytest.raises(UsageError, match="cannot be read: no such file"):
        read_private(gone / "file")


NAMES = st.lists(st.sampled_from(["a", "b", "c"]), max_size=3)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(st.tuples(st.sampled_from(["rotate", "revoke", "enrol"]), NAMES), max_size=6))
def test_no_certificate_is_forgotten(tmp_path: Path, changes: list[tuple[str, list[str]]]) -> None:
    """Whatever is done to a household, every certificate it ever had is either somebody's or on the list."""
    household = house("a", "b", "c")
    known = new_store(household, tmp_path, NOW)
    ever = {known.facts(name).serial for name in known.accounts}
    for what, names in changes:
        known = changed(known, household, what, names)
        ever |= {known.facts(name).serial for name in known.accounts}

    current = {known.facts(name).serial for name in known.accounts}
    listed = {one.serial for one in known.revocations(NOW)}
    assert current | listed == ever
    assert not current & listed
    assert all(known.keyring().find(known.identity(name).kid) for name in known.accounts if name != OBSERVER)


def changed(known: Store, household: Household, what: str, names: list[str]) -> Store:
    """Return the store after a change, or as it was if that is refused."""
    try:
        match what:
            case "rotate":
                return known.with_rotated(names, NOW)
            case "revoke":
                return known.without(names, NOW)
            case _:
                return known.with_new(household, names, NOW)
    except UsageError:
        return known


# --- showing them -------------------------------------------------------------------------------------


def test_what_is_shown_of_each_device(store: Path, here: Command, home: Path) -> None:
    """Kind, key id, since when, number and end of the certificate; and who left, was revoked or has none."""
    made(here)
    here("household", "revoke", FILE, "watch")
    (home / FILE).write_text(HOUSEHOLD.replace("  su7:", "  wagon:") + LATER)

    shown = rows(here)
    ended = here("household", "show", FILE)

    known = read_store(store, "wang")
    assert {name: row["state"] for name, row in shown.items()} == {
        OBSERVER: "valid",
        "su7": "left",
        "mallory": "left",
        "watch": "revoked",
        "wagon": "missing",
        "phone": "missing",
    }
    assert shown["su7"]["kid"] == known.identity("su7").kid
    assert int(shown["su7"]["serial"], 16) == facts_of(known.accounts["su7"].certificate).serial
    assert not shown["mallory"]["enrolled"]
    text = {line.split()[0]: line for line in ended.lines[1:]}
    assert "revoked on" in text["watch"]
    assert "has no identity" in text["phone"]
    assert "no longer in the household file" in text["su7"]


def test_expired_certificate_is_shown_as_such(store: Path, here: Command) -> None:
    """Somebody who cannot log in any more is told apart, with what to do."""
    store.mkdir(parents=True, mode=0o700)
    years_ago = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    new_store(house("su7"), store, years_ago).save()

    ended = here("household", "show", FILE)

    assert rows(here)["su7"]["state"] == "expired"
    assert "expired on 2020-12-31: `carhome household rotate` makes a new one" in ended.out


def test_no_secret_ever_shows(store: Path, here: Command) -> None:
    """No command prints a secret, of now or before, to output or error, nor do the objects in a traceback."""
    commands = [
        ("new", FILE),
        ("new", FILE),
        ("show", FILE),
        ("show", FILE, "--json"),
        ("rotate", FILE, "su7"),
        ("rotate", FILE, "nobody"),
        ("revoke", FILE, "watch"),
        ("enrol", FILE, "watch"),
        ("enrol", FILE, "su7"),
    ]
    said, known = "", set()
    for words in commands:
        ended = here("household", *words)
        said += ended.out + ended.err
        known |= secrets_in(store)
    for words in (("--tls",), ()):
        ended = here("broker", "config", FILE, "--for", "mosquitto", *words)
        assert ended.code == 0, ended.err
        said += ended.out + ended.err
    whole = read_store(store, "wang")
    said += (
        repr(whole) + repr(whole.accounts) + repr(whole.logins()) + repr(whole.identity("su7")) + str(whole)
    )

    assert len(known) > 30
    assert [one for one in known if one in said] == []


def test_device_has_not_the_authoritys_name(tmp_path: Path) -> None:
    """Its certificate would be written over the one by which all others are known."""
    with pytest.raises(HouseholdError, match="cannot be called `ca`"):
        new_store(house("phone", "ca"), tmp_path, NOW)
