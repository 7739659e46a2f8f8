"""`carhome seal` and `carhome verify`: whether a recording is what was recorded."""

import secrets
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sim.core.errors import RecordingError, UsageError
from sim.core.messages import MalformedMessageError, dump_json, load_json_object
from sim.report.folding import visible
from sim.shell.exits import Exit
from sim.shell.files import nothing_at
from sim.shell.private_files import read_private, write_private
from sim.shell.targets import Target, check_targets
from sim.trust.envelope import UNKNOWN_KEY, EnvelopeError
from sim.trust.identity import Identity, key_id
from sim.trust.log_seal import chain_of, difference, sealed

SUFFIX: Final = ".seal"
"""What the seal of a recording is called beside it."""
SEAL_BYTES_MAX: Final = 4_000_000
"""Beyond the seal of any recording: 67 bytes for each thousand lines."""
_NAME = "the sealer"
_KEY_BYTES = 32


class _OneKey:
    """The one key that is believed."""

    def __init__(self, key: Ed25519PublicKey) -> None:
        self._key = key

    def find(self, kid: str) -> tuple[str, Ed25519PublicKey] | None:
        """Return the key if it is that one."""
        return (_NAME, self._key) if kid == key_id(self._key) else None


def seal_recording(recording: Path, key_file: Path) -> Exit:
    """Write the seal of a recording beside it, and print the public key that verifies it.

    Raises:
        RecordingError: when the recording cannot be read.
        UsageError: when it is not there, the key file holds no key or is not private, or two are one file.
        MachineError: when key or seal cannot be written.
    """
    to = recording.with_name(recording.name + SUFFIX)
    check_targets([Target("the seal", to), Target("the key", key_file)], [recording])
    chain = chain_of(_lines(recording))
    signer = Identity.of(_NAME, _key(key_file))
    write_private(to, dump_json(sealed(signer, chain)).decode() + "\n")
    public = signer.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
    sys.stdout.write(visible(f"{to}: {chain.lines:,} lines are sealed") + "\n")
    sys.stdout.write(f"public key: {public}\n")
    return Exit.HELD


def verify_recording(recording: Path, public: str) -> Exit:
    """Print whether a recording is what was sealed with a key.

    Raises:
        RecordingError: when recording or seal cannot be read, or the seal is none of that key.
        UsageError: when the recording is not there, or the key is none.
    """
    key = _public_key(public)
    found = chain_of(_lines(recording))
    try:
        why = difference(found, _seal(recording), _OneKey(key))
    except EnvelopeError as error:
        why = "it was made with another key" if error.code == UNKNOWN_KEY else error.sentence
        sentence = f"the seal of `{recording}` does not hold for this key ({error.code}): {why}"
        raise RecordingError(
            sentence, help_text="use the public key that `carhome seal` printed, or seal it again"
        ) from None
    if why:
        sys.stdout.write(visible(f"{recording} is not what was sealed: {why}") + "\n")
        return Exit.FAILED
    sys.stdout.write(visible(f"{recording} is what was sealed: {found.lines:,} lines") + "\n")
    return Exit.HELD


def _key(path: Path) -> bytes:
    """Return the private key in a file; make it when there is none."""
    if not path.exists():
        write_private(path, secrets.token_hex(_KEY_BYTES) + "\n")
        sys.stderr.write(visible(f"a new key is in {path}: keep it away from the recordings") + "\n")
    try:
        raw = bytes.fromhex(read_private(path).strip())
    except ValueError:
        raw = b""
    if len(raw) != _KEY_BYTES:
        sentence = f"`{path}` holds no key of 64 hex digits"
        raise UsageError(sentence, help_text="name a file that is not there yet, and a key is made")
    return raw


def _public_key(text: str) -> Ed25519PublicKey:
    try:
        return Ed25519PublicKey.from_public_bytes(bytes.fromhex(text))
    except (ValueError, InvalidKey):
        sentence = "the public key is not 64 hex digits"
        raise UsageError(sentence, help_text="`carhome seal` prints it") from None


def _seal(recording: Path) -> dict[str, object]:
    path = recording.with_name(recording.name + SUFFIX)
    if not path.is_file():
        sentence = f"`{recording}` has no seal `{path}`"
        raise RecordingError(sentence, help_text="`carhome seal` writes one")
    try:
        return load_json_object(path.read_bytes(), bytes_max=SEAL_BYTES_MAX)
    except MalformedMessageError as error:
        sentence = f"`{path}` is no seal: {error}"
        raise RecordingError(sentence) from None
    except OSError as error:
        sentence = f"`{path}` cannot be read: {(error.strerror or 'unreadable').lower()}"
        raise RecordingError(sentence) from None


def _lines(path: Path) -> Iterator[bytes]:
    if not path.is_file():
        raise nothing_at(str(path))
    try:
        with path.open("rb") as file:
            yield from file
    except OSError as error:
        sentence = f"`{path}` cannot be read: {(error.strerror or 'unreadable').lower()}"
        raise RecordingError(sentence) from None
