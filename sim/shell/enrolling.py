"""`carhome household`: identities for the devices of a household file: new, shown, rotated, revoked."""

import contextlib
import datetime as dt
import json
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sim.core.errors import UsageError
from sim.core.household import Household
from sim.report.folding import counted
from sim.report.style import style_for
from sim.scenario.households import read_household
from sim.shell.brokers.accounts import OBSERVER
from sim.shell.brokers.identities import STORE_FILE, Store, default_folder, new_store, read_store
from sim.shell.exits import Exit
from sim.shell.files import read_text
from sim.shell.private_files import make_private_folder, only_writer, work_tree_above
from sim.shell.terminal import sees_colour
from sim.world.kinds import kinds


def now() -> dt.datetime:
    """Return the time, to the second, in UTC."""
    return dt.datetime.now(dt.UTC).replace(microsecond=0)  # noqa: TID251  # certificates are good in real time


def household_in(file: Path) -> Household:
    """Return the household that a file describes.

    Raises:
        UsageError: if the file cannot be read.
        HouseholdError: if it describes none.
    """
    return read_household(str(file), read_text(file), kinds())


def folder_of(household: Household, store: Path | None) -> Path:
    """Return where the identities of a household are: where the user says, or else at their home."""
    return (store or default_folder(household.name, os.environ)).absolute()


def make(file: Path, store: Path | None, *, missing: bool) -> Exit:
    """Make an identity for every device of a household, and for the broker's read-only account.

    Args:
        file: the household file.
        store: where to keep them, or None for the user's own folder.
        missing: whether identities that are there are kept, and only those made that are not.

    Raises:
        UsageError: if there are identities already, or the folder is inside a git work tree and nobody
            named it.
    """
    household = household_in(file)
    folder = folder_of(household, store)
    _keep_out_of_git(folder, named=store is not None)
    make_private_folder(folder)
    with only_writer(folder):
        if not (folder / STORE_FILE).exists():
            made = new_store(household, folder, now())
            made.save()
            _say_made(made, [name for name in made.accounts if name != OBSERVER], "new")
            return Exit.HELD
        if not missing:
            sentence = f"there are identities in `{folder}` already"
            help_text = (
                "`carhome household rotate` replaces them, `--missing` adds those that are not there yet, "
                "`--store` names another folder"
            )
            raise UsageError(sentence, help_text=help_text)
        _add(read_store(folder, household.name), household, ())
    return Exit.HELD


def enrol(file: Path, store: Path | None, devices: Sequence[str]) -> Exit:
    """Make identities for devices that were added to the household file later, or whose old one was revoked.

    Args:
        file: the household file.
        store: where the identities are, or None for the user's own folder.
        devices: which ones; none for all that never had one.

    Raises:
        UsageError: if there are no identities yet, or a device is unknown or has one.
    """
    household = household_in(file)
    with _changing(household, store) as known:
        _add(known, household, devices)
    return Exit.HELD


def rotate(file: Path, store: Path | None, devices: Sequence[str]) -> Exit:
    """Make new keys, passwords and certificates, and retire the old ones.

    Args:
        file: the household file.
        store: where the identities are, or None for the user's own folder.
        devices: whose; none for everybody's, the read-only account included.

    Raises:
        UsageError: if there are no identities yet, or one of the devices has none.
    """
    with _changing(household_in(file), store) as known:
        whose = tuple(dict.fromkeys(devices)) or tuple(known.accounts)
        rotated = known.with_rotated(whose, now())
        rotated.save()
    _say_made(rotated, list(whose), "rotated")
    return Exit.HELD


def revoke(file: Path, store: Path | None, devices: Sequence[str]) -> Exit:
    """Take the identity of devices away: no broker lets them in any more once it is configured again.

    Args:
        file: the household file.
        store: where the identities are, or None for the user's own folder.
        devices: whose.

    Raises:
        UsageError: if there are no identities yet, or one of the devices has none.
    """
    with _changing(household_in(file), store) as known:
        known.without(devices, now()).save()
    for device in dict.fromkeys(devices):
        sys.stdout.write(f"{_tick()} {device} is revoked: key, password and certificate\n")
    _say_next()
    return Exit.HELD


def show(file: Path, store: Path | None, *, as_json: bool) -> Exit:
    """Print who has an identity, since when, and which certificate; never a secret.

    Args:
        file: the household file.
        store: where the identities are, or None for the user's own folder.
        as_json: whether to print an object for each device and line, for programs.

    Raises:
        UsageError: if there are no identities yet.
    """
    household = household_in(file)
    known = read_store(folder_of(household, store), household.name)
    rows = list(rows_of(known, household, now()))
    if as_json:
        sys.stdout.writelines(json.dumps(row) + "\n" for row in rows)
        return Exit.HELD
    sys.stdout.write(f"identities of {household.name}, in {known.folder}\n")
    width, kind_width = (max(len(row[name]) for row in rows) for name in ("device", "kind"))
    for row in rows:
        sys.stdout.write(f"  {row['device']:{width}}  {_told(row, kind_width)}\n")
    return Exit.HELD


def rows_of(store: Store, household: Household, at: dt.datetime) -> Iterator[dict[str, Any]]:
    """Yield what may be known of every identity, and of every device that has none.

    Args:
        store: the identities.
        household: the devices there are now.
        at: what to call expired by.

    Yields:
        `device`, `kind`, `state` (`valid`, `expired`, `revoked`, `missing` or `left`: no longer in the
        household file), and except for missing ones `enrolled`, `kid`, `since`, `serial` (hex) and `expires`
        (ISO 8601).
    """
    for name, account in store.accounts.items():
        facts = store.facts(name)
        state = "expired" if facts.not_after <= at else "valid"
        yield {
            "device": name,
            "kind": account.kind,
            "state": state if name in household.devices or name == OBSERVER else "left",
            "enrolled": account.enrolled,
            "kid": store.identity(name).kid,
            "since": account.since.isoformat(),
            "serial": f"{facts.serial:x}",
            "expires": facts.not_after.isoformat(),
        }
    for name, one in store.revoked.items():
        yield {
            "device": name,
            "kind": one.kind,
            "state": "revoked",
            "enrolled": False,
            "kid": one.kid,
            "since": one.at.isoformat(),
            "serial": f"{one.serial:x}",
            "expires": one.expires.isoformat(),
        }
    for name, entry in household.devices.items():
        if name not in store.accounts and name not in store.revoked:
            yield {"device": name, "kind": entry.kind, "state": "missing"}


def _told(row: dict[str, Any], kind_width: int) -> str:
    """Return a line about one device: its key and how long it is good, or what is to be done."""
    kind = row["kind"]
    match row["state"]:
        case "missing":
            return f"{kind}, has no identity: `carhome household enrol` makes one"
        case "left":
            return f"{kind}, no longer in the household file: `carhome household revoke` it"
        case "expired":
            end = row["expires"][:10]
            return f"{kind}, expired on {end}: `carhome household rotate` makes a new one"
        case "revoked":
            return f"{kind:{kind_width}}  key {row['kid']}  revoked on {row['since'][:10]}"
        case _:
            return f"{kind:{kind_width}}  key {row['kid']}  {row['since'][:10]} to {row['expires'][:10]}"


@contextlib.contextmanager
def _changing(household: Household, store: Path | None) -> Iterator[Store]:
    """Yield the identities there are; nobody else changes them as long as the block."""
    folder = folder_of(household, store)
    read_store(folder, household.name)  # Where there are none, this says what to do about it.
    with only_writer(folder):
        yield read_store(folder, household.name)


def _add(store: Store, household: Household, devices: Sequence[str]) -> None:
    """Make identities for devices, or for all that never had one, and write the store."""
    never = [name for name in household.devices if name not in store.accounts and name not in store.revoked]
    whose = list(dict.fromkeys(devices)) or never
    store = store.with_new(household, whose, now())
    store.save()
    _say_made(store, whose, "new")


def _say_made(store: Store, devices: list[str], what: str) -> None:
    if not devices:
        sys.stdout.write(f"{_tick()} every device of {store.household} has an identity\n")
        return
    noun = "identity" if len(devices) == 1 else "identities"
    sys.stdout.write(
        f"{_tick()} {len(devices)} {what} {noun} of {store.household}{_strangers_among(store, devices)}\n"
    )
    sys.stdout.write(f"  in {store.folder}\n")
    _say_next()


def _strangers_among(store: Store, devices: list[str]) -> str:
    strangers = [name for name in devices if not store.accounts[name].enrolled and name != OBSERVER]
    return f", {counted(len(strangers), 'stranger')} among them" if strangers else ""


def _say_next() -> None:
    sys.stdout.write("  a broker learns of it when `carhome broker config` writes its configuration again\n")


def _keep_out_of_git(folder: Path, *, named: bool) -> None:
    tree = work_tree_above(folder)
    if tree is None:
        return
    if not named:
        sentence = f"`{folder}` is inside the git work tree `{tree}`, and secrets would end up in a commit"
        raise UsageError(sentence, help_text="name a folder outside of it with `--store`")
    warn_of_git(folder, tree)


def warn_of_git(folder: Path, tree: Path) -> None:
    """Say on standard error that secrets in a folder are one `git add` from being published."""
    sys.stderr.write(f"warning: `{folder}` is inside the git work tree `{tree}`: keep it out of commits\n")


def _tick() -> str:
    style = style_for(colour=sees_colour(sys.stdout))
    return f"{style.good}✓{style.end}"
