"""Files that a command writes: none of them may be one it reads, and each is whole or as it was before."""

import contextlib
import os
import secrets
import stat
from collections.abc import Iterable, Sequence
from importlib import resources
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

from sim.core.errors import MachineError, UsageError
from sim.shell.private_files import reason_of

_NEW_MODE = 0o666
"""Mode of a file that was not there, before the user's umask takes from it (POSIX, `open`)."""
_UNFINISHED = ".unfinished"


class Target(NamedTuple):
    """A file that a command shall write.

    Attributes:
        what: what people call it, such as `the report`.
        path: where it shall be.
    """

    what: str
    path: Path


def check_targets(targets: Sequence[Target], inputs: Iterable[Path]) -> None:
    """Check that every file can be put where it shall be, before any work is done for it.

    Args:
        targets: what shall be written.
        inputs: files that the command reads.

    Raises:
        UsageError: when one is among the inputs, or a file of this program, by whatever name or link; or
            when two are the same file.
    """
    read = set().union(*(_names(one) for one in inputs))
    for what, path in targets:
        if _names(path) & read or _is_ours(path):
            sentence = f"{what} `{path}` would overwrite a file that this command reads"
            raise UsageError(sentence, help_text="name another file, or one that is not there yet")
    for one, other in combinations(targets, 2):
        if _names(one.path) & _names(other.path):
            sentence = f"{one.what} and {other.what} would both be written to `{other.path}`"
            raise UsageError(sentence, help_text="name two files")


def check_folders(targets: Iterable[Target]) -> None:
    """Check that the folders are there in which files shall be when the work for them is done.

    Raises:
        UsageError: when one is not.
    """
    for what, path in targets:
        if not path.resolve().parent.is_dir():
            sentence = f"{what} `{path}` cannot be written: its folder is not there"
            raise UsageError(sentence)


def _is_ours(path: Path) -> bool:
    """Say whether a file that is there comes with this program, as its rules and models of cars do."""
    program = Path(str(resources.files("sim"))).resolve()
    return path.resolve().is_relative_to(program) and path.exists()


def _names(path: Path) -> set[object]:
    """Return by what a file is known: its path without links and, if it is there, device and inode.

    A pipe or a terminal has no name here: it cannot be overwritten.
    """
    try:
        known = path.stat()
    except OSError:
        return {path.resolve()}
    return {path.resolve(), (known.st_dev, known.st_ino)} if stat.S_ISREG(known.st_mode) else set()


def write_whole(target: Target, raw: bytes) -> None:
    """Write a file: when this ends, or breaks off, it is the old or the new one, and nothing lies beside it.

    A file that was there keeps its mode, and a link to it still leads there; a new one has the mode of any
    file of the user's. What is no ordinary file, such as a pipe, is written to as it is.

    Raises:
        MachineError: when it cannot be written; an old one is still there then.
    """
    try:
        _replace(target.path.resolve(), raw)
    except OSError as error:
        sentence = f"{target.what} `{target.path}` cannot be written: {reason_of(error)}"
        raise MachineError(sentence) from None


def _replace(path: Path, raw: bytes) -> None:
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        mode = None
    if mode is not None and not stat.S_ISREG(mode):
        path.write_bytes(raw)
        return
    unfinished = path.with_name(f".{secrets.token_hex(8)}{_UNFINISHED}")
    try:
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _NEW_MODE)
        with os.fdopen(handle, "wb") as file:
            if mode is not None:
                os.fchmod(handle, stat.S_IMODE(mode))
            file.write(raw)
            file.flush()
            os.fsync(handle)
        unfinished.replace(path)
    except BaseException:  # also Ctrl-C
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)
        raise
