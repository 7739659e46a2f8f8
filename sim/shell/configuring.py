"""`carhome broker config`: the files of a broker for one household, from its identities."""

import datetime as dt
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from sim.core.errors import MachineError, UsageError
from sim.core.household import Household
from sim.report.style import style_for
from sim.shell.brokers.accounts import OBSERVER
from sim.shell.brokers.configuration import (
    CONFIGURATION,
    FILES,
    MosquittoOptions,
    TlsFiles,
    comment,
    mosquitto_files,
)
from sim.shell.brokers.identities import Store, read_store
from sim.shell.brokers.mosquitto import ordinary_user
from sim.shell.enrolling import folder_of, household_in, now, warn_of_git
from sim.shell.exits import Exit
from sim.shell.private_files import (
    make_private_folder,
    only_writer,
    reason_of,
    work_tree_above,
    write_private,
)
from sim.shell.terminal import sees_colour
from sim.world.kinds import kinds
from sim.world.network.link import LinkPlan
from sim.world.network.permissions import grants

PORT = 1883
TLS_PORT = 8883
BROKER_FOLDER = "broker"
HEALTH = "health"
"""Common name of the certificate of health checks: with no dot in it, it is the user of no device."""

REMIND_DAYS = 30
_HOST = re.compile(r"[A-Za-z0-9.:_-]{1,253}")
_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104  # to tell that these are no names of a host


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigOptions:
    """What the command line says of a broker.

    Attributes:
        file: the household file.
        store: where its identities are, or None for the user's own folder.
        to: folder to write into, or None for one inside the store.
        tls: whether devices log in with certificates.
        port: TCP port, or None for the usual one.
        listen: address to listen on.
        directory: where the broker will see the folder, or None for where it is.
        names: further host names under which it is reached.
        persistence: directory, as the broker sees it, for what shall outlive it, or None.
    """

    file: Path
    store: Path | None = None
    to: Path | None = None
    tls: bool = False
    port: int | None = None
    listen: str = "127.0.0.1"
    directory: str | None = None
    names: tuple[str, ...] = ()
    persistence: str | None = None


def configure(options: ConfigOptions) -> Exit:
    """Write the configuration of a Mosquitto, and say what to know about it.

    Raises:
        UsageError: if the options cannot be, there are no identities, or the folder holds a configuration
            that is none of ours.
        MachineError: if it cannot be written.
    """
    _check(options)
    household = household_in(options.file)
    store_folder = folder_of(household, options.store)
    read_store(store_folder, household.name)
    with only_writer(store_folder):
        store = read_store(store_folder, household.name)
        store.copy_to_clients()
        folder = (options.to or store.folder / BROKER_FOLDER).absolute()
        _check_folder(folder, household.name, named=options.to is not None)
        make_private_folder(folder)
        at = now()
        _write(folder, files_of(options, household, store, folder, at))
    _say(options, household, store, folder, at)
    return Exit.HELD


def files_of(
    options: ConfigOptions, household: Household, store: Store, folder: Path, at: dt.datetime
) -> dict[str, str]:
    """Return every file of the broker, name to text.

    Args:
        options: how it is set up.
        household: whose broker it is.
        store: the identities of that household; who has none gets no account.
        folder: where the files will be.
        at: the time, for certificates.
    """
    members = replace(
        household,
        devices={name: one for name, one in household.devices.items() if name in store.accounts},
    )
    plan = LinkPlan(household.name, grants(members, kinds()))
    logins = {name: login for name, login in store.logins().items() if name in (*plan.grants, OBSERVER)}
    settings = MosquittoOptions(
        port=_port(options),
        listen=options.listen,
        directory=options.directory or str(folder),
        tls=options.tls,
        persistence=options.persistence,
    )
    tls = _tls_files(options, store, at) if options.tls else None
    heading = comment(
        [_first_line(household.name), "Change the household and write it again, not this file."]
    )
    return mosquitto_files(plan, logins, settings, tls=tls, heading=heading)


def _tls_files(options: ConfigOptions, store: Store, at: dt.datetime) -> TlsFiles:
    authority = store.authority
    own = () if options.listen in _EVERYWHERE else (options.listen,)
    return TlsFiles(
        authority=store.authority_certificate,
        server=authority.server(("localhost", "127.0.0.1", *own, *options.names), at),
        revoked=authority.revocations(store.revocations(at), at),
        health=authority.client(HEALTH, at),
    )


def _port(options: ConfigOptions) -> int:
    return options.port or (TLS_PORT if options.tls else PORT)


def _first_line(household: str) -> str:
    return f"The broker of {household}, as `carhome broker config` wrote it."


def _check(options: ConfigOptions) -> None:
    """Refuse what would end up in the configuration as something else."""
    for name in (options.listen, *options.names):
        if not _HOST.fullmatch(name):
            sentence = f"`{name}` is no host name and no address"
            raise UsageError(sentence)
    if options.names and not options.tls:
        sentence = "`--name` is for the server's certificate, which only `--tls` has"
        raise UsageError(sentence)
    for path in (options.directory, options.persistence, str(options.to or "")):
        if path and not path.isprintable():
            sentence = f"the path `{path}` cannot stand in a configuration"
            raise UsageError(sentence)
    for option, path in (("--directory", options.directory), ("--persistence", options.persistence)):
        if path is not None and not path.startswith("/"):
            sentence = f"`{option} {path}` does not begin with `/`, and the broker's folder is not yours"
            raise UsageError(sentence)


def _check_folder(folder: Path, household: str, *, named: bool) -> None:
    tree = work_tree_above(folder)
    if tree is not None and named:
        warn_of_git(folder, tree)
    try:
        with (folder / CONFIGURATION).open(encoding="utf-8", errors="replace") as file:
            first = file.readline()
    except FileNotFoundError:
        return
    except OSError as error:
        sentence = f"`{folder / CONFIGURATION}` cannot be read: {reason_of(error)}"
        raise MachineError(sentence) from None
    if first != comment([_first_line(household)]):
        sentence = f"`{folder}` holds the configuration of another broker"
        raise UsageError(sentence, help_text="name another folder with `--to`")


def _write(folder: Path, files: dict[str, str]) -> None:
    """Write every file, the configuration last, and hand them to whom a broker started by root becomes."""
    user = ordinary_user()
    try:
        for name in FILES:
            if name in files:
                write_private(folder / name, files[name])
                if user:
                    shutil.chown(folder / name, user)
            else:
                (folder / name).unlink(missing_ok=True)
        if user:
            shutil.chown(folder, user)
    except OSError as error:
        sentence = f"`{folder}` cannot be written: {reason_of(error)}"
        raise MachineError(sentence) from None


def _say(options: ConfigOptions, household: Household, store: Store, folder: Path, at: dt.datetime) -> None:
    style = style_for(colour=sees_colour(sys.stdout))
    how = "certificates over TLS 1.3" if options.tls else "passwords, without TLS"
    where = f"{options.listen}:{_port(options)}"
    sys.stdout.write(f"{style.good}✓{style.end} a Mosquitto of {household.name} on {where}: {how}\n")
    sys.stdout.write(f"  in {folder}\n")
    if options.directory is None:
        sys.stdout.write(f"  start it: mosquitto -c {folder / CONFIGURATION}\n")
    if user := ordinary_user():
        sys.stdout.write(f"  its files are {user}'s, as is a broker that root starts\n")
    sys.stdout.write("  one that runs reads accounts and permissions again on SIGHUP\n")
    for remark in _remarks(household, store, at):
        sys.stderr.write(f"warning: {remark}\n")


def _remarks(household: Household, store: Store, at: dt.datetime) -> Iterator[str]:
    for name in household.devices:
        if name in store.revoked:
            yield f"`{name}` cannot log in, its identity was revoked"
        elif name not in store.accounts:
            yield f"`{name}` cannot log in, it has no identity: `carhome household enrol` makes one"
    for name in store.accounts:
        until = store.facts(name).not_after
        if name != OBSERVER and name not in household.devices:
            yield f"`{name}` is not in the household any more: `carhome household revoke` takes its identity"
        elif until <= at:
            yield f"the certificate of `{name}` expired on {until:%Y-%m-%d}: `carhome household rotate`"
        elif until - at < dt.timedelta(days=REMIND_DAYS):
            yield f"the certificate of `{name}` expires on {until:%Y-%m-%d}: `carhome household rotate`"
