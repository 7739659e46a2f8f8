"""A client of The Update Framework as a pure function: what is trusted, one more file, the time.

The checks are python-tuf's (`TrustedMetadataSet`, the engine of its `Updater`); the `Updater` itself
keeps files, blocks while it downloads and reads the computer's clock, none of which a device here may. The
engine is private to that library, so this is the only module that knows it, and a test holds its verdicts
against the public `Updater`'s. Its constructor reads the computer's clock, and judges nothing by it: the time
is set before the first check.

Before the library sees a file, its length is limited and our strict reader has read it: signatures cover what
JSON *means*, so of two keys of the same name the last would count, whatever others read.
"""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from tuf.api.exceptions import (
    BadVersionNumberError,
    EqualVersionNumberError,
    ExpiredMetadataError,
    LengthOrHashMismatchError,
    RepositoryError,
    UnsignedMetadataError,
)
from tuf.ngclient._internal.trusted_metadata_set import TrustedMetadataSet
from tuf.ngclient.config import EnvelopeType

from sim.core.messages import MalformedMessageError, load_json_object
from sim.trust.updates.releases import (
    BYTES_MAX,
    EXPIRED,
    MALFORMED,
    MISMATCHED,
    OUT_OF_ORDER,
    ROLLED_BACK,
    TOO_LONG,
    UNSIGNED,
    Catalogue,
    Release,
    Role,
    Trusted,
    UpdateError,
)

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_BEFORE: Final[dict[Role, Role]] = {"snapshot": "timestamp", "targets": "snapshot"}
_SENTENCES: Final[tuple[tuple[type[RepositoryError], str, str], ...]] = (
    (UnsignedMetadataError, UNSIGNED, "the {role} is not signed by enough of those who may sign it"),
    (ExpiredMetadataError, EXPIRED, "the {role}, or what it rests on, counts no longer"),
    (BadVersionNumberError, ROLLED_BACK, "the {role} is not the version that follows what was seen before"),
    (LengthOrHashMismatchError, MISMATCHED, "the {role} is not the one that belongs to the others"),
    (RepositoryError, MALFORMED, "the {role} is not as it must be"),
)
"""What python-tuf raises, most special first. Its own messages hold digests, or nothing."""


def accept(trusted: Trusted, role: Role, data: bytes, now_ms: int) -> Trusted:
    """Return what is trusted after one more file (TUF 5.3 to 5.6).

    Keep the result after every file: if the targets fail, the new timestamp counts all the same, or what it
    replaced could come back.

    Args:
        trusted: what was verified before; its root is believed.
        role: which metadata the file is to be.
        data: its bytes.
        now_ms: the time by the car's clock, ms since 1970.

    Raises:
        UpdateError: when the file is refused.
    """
    _read_strictly(role, data)
    known = _loaded(trusted, role, now_ms)
    before = _BEFORE.get(role)
    if before is not None and before not in known:
        raise UpdateError(OUT_OF_ORDER, f"the {role} came before the {before}")
    try:
        match role:
            case "root":
                known.update_root(data)
            case "timestamp":
                known.update_timestamp(data)
            case "snapshot":
                known.update_snapshot(data)
            case _:
                known.update_targets(data)
    except EqualVersionNumberError:
        return trusted  # The same timestamp again is no news and no error (TUF 5.4.3).
    except RepositoryError as error:
        raise _refusal(error, role) from None
    return replace(trusted, **{role: data})


def catalogue(trusted: Trusted, now_ms: int) -> Catalogue:
    """Return the releases that the trusted metadata name.

    Raises:
        UpdateError: when some are missing, no longer count, or a release is not one of ours.
    """
    data = trusted.targets
    if data is None:
        raise UpdateError(OUT_OF_ORDER, "there are no targets yet")
    known = _loaded(trusted, "targets", now_ms)
    try:
        if "snapshot" not in known:
            raise ExpiredMetadataError
        targets = known.update_targets(data)
    except RepositoryError as error:
        raise _refusal(error, "targets") from None
    releases = [
        Release.of(file.unrecognized_fields.get("custom"), file.length, file.hashes.get("sha256"))
        for file in targets.targets.values()
    ]
    newest_first = sorted(releases, key=lambda one: (-one.counter, one.hardware))
    expiries = (known.root.expires, known.timestamp.expires, known.snapshot.expires, targets.expires)
    return Catalogue(tuple(newest_first), (min(expiries) - _EPOCH) // timedelta(milliseconds=1))


def has(trusted: Trusted, role: Role, now_ms: int) -> bool:
    """Say whether the snapshot or the targets that are trusted are those that the others name.

    Then they need not be fetched again. Roots and timestamps always must: only they tell what is new.
    """
    known = _loaded(trusted, "targets", now_ms)
    if role not in _BEFORE or "snapshot" not in known or trusted.targets is None:
        return False
    named = known.timestamp.snapshot_meta.version == known.snapshot.version
    if role == "snapshot" or not named:
        return named and not known.snapshot.is_expired(known.reference_time)
    try:
        known.update_targets(trusted.targets)
    except RepositoryError:
        return False
    return True


def _read_strictly(role: Role, data: bytes) -> None:
    limit = BYTES_MAX[role]
    if len(data) > limit:
        raise UpdateError(TOO_LONG, f"the {role} is longer than {limit:,} bytes")
    try:
        load_json_object(data, bytes_max=limit)
    except MalformedMessageError as error:
        raise UpdateError(MALFORMED, f"the {role} is not as it must be: {error}") from None


def _loaded(trusted: Trusted, role: Role, now_ms: int) -> TrustedMetadataSet:
    """Return the library's set with what was trusted before a file of some role.

    What has expired, or was signed by keys that a later root has replaced, is loaded as far as the rules let
    it: an old timestamp still counts for its version (TUF 5.4.3), one of replaced keys does not (5.3.11).
    """
    known = TrustedMetadataSet(trusted.root, EnvelopeType.METADATA)
    known.reference_time = _EPOCH + timedelta(milliseconds=now_ms)
    if role != "root" and trusted.timestamp is not None:
        with suppress(RepositoryError):
            known.update_timestamp(trusted.timestamp)
        if role != "timestamp" and trusted.snapshot is not None and "timestamp" in known:
            with suppress(RepositoryError):
                known.update_snapshot(trusted.snapshot, trusted=True)
    return known


def _refusal(error: RepositoryError, role: Role) -> UpdateError:
    code, sentence = next((code, text) for kind, code, text in _SENTENCES if isinstance(error, kind))
    return UpdateError(code, sentence.format(role=role))
