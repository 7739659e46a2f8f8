"""Files for one user's eyes: whole or not there, readable by their owner alone, one writer at a time."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from sim.core.errors import MachineError, UsageError

FILE_MODE = 0o600
FOLDER_MODE = 0o700
_OTHERS = 0o077
_UNFINISHED = ".unfinished"


def make_private_folder(folder: Path) -> None:
    """Make a folder that only its owner may enter, with those above it; one that is there must be so.

    Raises:
        UsageError: if it is there and others may enter it, or is no folder.
        MachineError: if it cannot be made.
    """
    try:
        if not folder.exists():
            for above in (*reversed(folder.parents), folder):
                above.mkdir(mode=FOLDER_MODE, exist_ok=True)
            return
        is_private = folder.stat().st_mode & _OTHERS == 0
    except OSError as error:
        sentence = f"the folder `{folder}` cannot be made: {reason_of(error)}"
        raise MachineError(sentence) from None
    if not folder.is_dir():
        sentence = f"`{folder}` is no folder"
        raise UsageError(sentence)
    if not is_private:
        sentence = f"others may enter the folder `{folder}`, and secrets would go into it"
        raise UsageError(sentence, help_text=f"`chmod 700 {folder}`, or name one that is not there yet")


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read: when this ends, or is killed, it is the old or the new one.

    Raises:
        MachineError: if it cannot be written; the old one is still there then.
    """
    unfinished = path.with_name(path.name + _UNFINISHED)
    try:
        unfinished.unlink(missing_ok=True)  # of a command that was killed
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)
        sentence = f"`{path}` cannot be written: {reason_of(error)}"
        raise MachineError(sentence) from None


def read_private(path: Path) -> str:
    """Return the text of a file that only its owner may read.

    Raises:
        UsageError: if it cannot be read, or others may read it too. No error quotes the text.
    """
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            text = file.read().decode()
    except (OSError, UnicodeDecodeError) as error:
        reason = reason_of(error) if isinstance(error, OSError) else "not UTF-8 text"
        sentence = f"`{path}` cannot be read: {reason}"
        raise UsageError(sentence) from None
    if mode & _OTHERS:
        sentence = f"others may read `{path}`, which holds secrets"
        raise UsageError(sentence, help_text=f"`chmod 600 {path}`; if somebody did read it, make new secrets")
    return text


@contextlib.contextmanager
def only_writer(folder: Path) -> Iterator[None]:
    """Wait until nobody else changes what is in a folder, and keep others from it as long as the block.

    Raises:
        MachineError: if the folder cannot be opened.
    """
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        sentence = f"the folder `{folder}` cannot be opened: {reason_of(error)}"
        raise MachineError(sentence) from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)  # and the lock with it


def work_tree_above(folder: Path) -> Path | None:
    """Return the git work tree that a folder is or would be in, or None."""
    resolved = folder.resolve()
    return next((one for one in (resolved, *resolved.parents) if (one / ".git").exists()), None)


def reason_of(error: OSError) -> str:
    """Return what the system says of an error, as the end of a sentence."""
    return (error.strerror or "it failed").lower()
