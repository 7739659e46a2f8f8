"""The repository: what those who make software sign, the same bytes for the same seed.

Ed25519 (RFC 8032) signs without chance, and the metadata are written in one form, so a run repeats.
"""

import hashlib
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata, MetaFile, Root, Signed, Snapshot, TargetFile, Targets, Timestamp
from tuf.api.serialization.json import JSONSerializer

from sim.trust.updates.releases import KeyPart, Release

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_KEY: Final = b"carhome/1 software key\0"
_DAY_MS: Final = 86_400_000
ROOT_UNTIL_MS: Final = 2_524_608_000_000
"""2050-01-01T00:00:00Z: until then the first root counts (assumption; it outlives the cars that have it)."""
TARGETS_LAST_MS: Final = 90 * _DAY_MS
SNAPSHOT_LAST_MS: Final = 7 * _DAY_MS
TIMESTAMP_LAST_MS: Final = _DAY_MS
"""How long signatures count: a day and a week for those made online, three months for the one made offline
(assumption; TUF leaves it to the repository, and wants the timestamp's the shortest)."""
ROOT_KEYS: Final = ("root 1", "root 2")
"""Both must sign a root."""


@dataclass(frozen=True)
class Keys:
    """Who signs: the maker's keys, which lie in a safe, and those of the server, which are online.

    Attributes:
        maker: secret from which the keys of root and targets come.
        online: secret from which the keys of snapshot and timestamp come.
        generation: of the maker's targets key; another number is another key.
        root_generation: of both root keys.
        online_generation: of the server's two.
    """

    maker: bytes = field(repr=False)
    online: bytes = field(repr=False)
    generation: int = 1
    root_generation: int = 1
    online_generation: int = 1

    def renewed(self, parts: Container[KeyPart]) -> "Keys":
        """Return the keys with others for some parts."""
        return replace(
            self,
            generation=self.generation + ("targets" in parts),
            root_generation=self.root_generation + ("root" in parts),
            online_generation=self.online_generation + ("online" in parts),
        )

    def signer(self, name: str) -> CryptoSigner:
        """Return the key of a name: `root 1`, `root 2`, `targets`, `snapshot` or `timestamp`."""
        online = name in {"snapshot", "timestamp"}
        secret = self.online if online else self.maker
        spelt = f"{name} {self.generation}"
        if name != "targets":
            number = self.online_generation if online else self.root_generation
            spelt = name if number == 1 else f"{name} {number}"
        private = Ed25519PrivateKey.from_private_bytes(
            hashlib.sha256(_KEY + secret + spelt.encode()).digest()
        )
        return CryptoSigner(private)

    def sign(self, signed: Signed, names: Iterable[str]) -> bytes:
        """Return metadata with the signatures of some keys."""
        metadata: Metadata[Any] = Metadata(signed)
        for name in names:
            metadata.sign(self.signer(name), append=True)
        return metadata.to_bytes(JSONSerializer(compact=True))

    def root(
        self,
        version: int = 1,
        until_ms: int = ROOT_UNTIL_MS,
        signed_by: Iterable[str] = ROOT_KEYS,
        *,
        after: "Keys | None" = None,
        old_signatures: Iterable[str] = ROOT_KEYS,
    ) -> bytes:
        """Return a root that names these keys, signed by them, and by those of the root before (TUF 5.3.4).

        Args:
            version: of the root.
            until_ms: until when it counts, ms since 1970.
            signed_by: which of its own root keys sign it.
            after: the keys of the root before; None when there is none, or they are the same.
            old_signatures: which of their root keys sign it.
        """
        root = Root(version=version, expires=_when(until_ms), consistent_snapshot=True)
        for name in ROOT_KEYS:
            root.add_key(self.signer(name).public_key, "root")
        root.roles["root"].threshold = len(ROOT_KEYS)
        for name in ("timestamp", "snapshot", "targets"):
            root.add_key(self.signer(name).public_key, name)
        signed = self.sign(root, signed_by)
        if after is None:
            return signed
        metadata: Metadata[Root] = Metadata.from_bytes(signed)
        for name in old_signatures:
            metadata.sign(after.signer(name), append=True)
        return metadata.to_bytes(JSONSerializer(compact=True))


@dataclass(frozen=True)
class Repository:
    """The metadata of a repository, as they are now.

    Attributes:
        keys: who signs.
        roots: every root there was, the first one first.
        stray: what is handed out as the next root, and lacks a signature of the one before; empty for none.
        timestamp: the timestamp; empty before anything was published, and so on.
        snapshot: the snapshot.
        targets: the targets.
        versions: of timestamp, snapshot and targets.
    """

    keys: Keys
    roots: tuple[bytes, ...]
    stray: bytes = b""
    timestamp: bytes = b""
    snapshot: bytes = b""
    targets: bytes = b""
    versions: tuple[int, int, int] = (0, 0, 0)

    @classmethod
    def new(cls, keys: Keys) -> "Repository":
        """Return a repository with its first root and nothing else."""
        return cls(keys, (keys.root(),))

    def published(
        self, releases: Iterable[Release], now_ms: int, signed_by: Iterable[str] = ("targets",)
    ) -> "Repository":
        """Return the repository after its releases were signed anew, and vouched for."""
        targets = Targets(version=self.versions[2] + 1, expires=_when(now_ms + TARGETS_LAST_MS))
        targets.targets = {one.path: _target(one) for one in releases}
        data = self.keys.sign(targets, signed_by)
        return replace(self, targets=data, versions=(*self.versions[:2], targets.version)).vouched(now_ms)

    def vouched(self, now_ms: int) -> "Repository":
        """Return the repository after the server has signed, anew, what is the newest."""
        timestamp_version, snapshot_version, targets_version = self.versions
        meta = {"targets.json": _meta(targets_version, self.targets)}
        snapshot = Snapshot(version=snapshot_version + 1, expires=_when(now_ms + SNAPSHOT_LAST_MS), meta=meta)
        snapshot_data = self.keys.sign(snapshot, ("snapshot",))
        timestamp = Timestamp(
            version=timestamp_version + 1,
            expires=_when(now_ms + TIMESTAMP_LAST_MS),
            snapshot_meta=_meta(snapshot.version, snapshot_data),
        )
        return replace(
            self,
            timestamp=self.keys.sign(timestamp, ("timestamp",)),
            snapshot=snapshot_data,
            versions=(timestamp.version, snapshot.version, targets_version),
        )

    def rotated(self, keys: Keys, old_signatures: Sequence[str] = ROOT_KEYS) -> "Repository":
        """Return the repository after the maker has named other keys; what they sign comes next.

        Whoever cannot sign the new root with both keys of the old one has named nobody: that root is handed
        out, no car will take it, and the old keys sign on until a whole one replaces it.
        """
        root = keys.root(len(self.roots) + 1, after=self.keys, old_signatures=old_signatures)
        if set(old_signatures) != set(ROOT_KEYS):
            return replace(self, stray=root)
        return replace(self, keys=keys, roots=(*self.roots, root), stray=b"")

    def root(self, version: int) -> bytes | None:
        """Return the root of a version; None when there is none."""
        served = (*self.roots, *filter(None, [self.stray]))
        return served[version - 1] if 1 <= version <= len(served) else None


def _target(release: Release) -> TargetFile:
    custom = {
        "version": release.version,
        "release_counter": release.counter,
        "hardware": release.hardware,
        "notes": release.notes,
    }
    hashes = {"sha256": release.sha256}
    return TargetFile(release.size_bytes, hashes, release.path, {"custom": custom})


def _meta(version: int, data: bytes) -> MetaFile:
    return MetaFile(version, len(data), {"sha256": hashlib.sha256(data).hexdigest()})


def _when(at_ms: int) -> datetime:
    """Return an instant to the second, as TUF writes it, rounded up."""
    return _EPOCH + timedelta(seconds=-(-at_ms // 1000))
