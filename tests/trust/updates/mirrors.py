"""A repository for tests, with two releases, and what a car verifies of it."""

import hashlib
from dataclasses import dataclass, field

from sim.trust.updates.images import Software
from sim.trust.updates.releases import Release, Role, Trusted
from sim.trust.updates.signing import Keys, Repository
from sim.trust.updates.verification import accept

NOW_MS = 1_768_203_000_000
"""2026-01-12T07:30:00Z."""
DAY_MS = 86_400_000
KEYS = Keys(b"\1" * 32, b"\2" * 32)
ROLES: tuple[Role, ...] = ("timestamp", "snapshot", "targets")
HARDWARE = "su7"


def release(version: str, counter: int, hardware: str = HARDWARE, size_bytes: int = 5_000) -> Release:
    """Return a release whose image says what it is."""
    data = Software(version=version, counter=counter, hardware=hardware).image(size_bytes)
    return Release(version, counter, hardware, len(data), hashlib.sha256(data).hexdigest(), "faster")


ONE, TWO = release("1.1.0", 2), release("1.2.0", 3)


@dataclass(frozen=True)
class Files:
    """What a repository serves at one time, by role."""

    by_role: dict[Role, bytes] = field(default_factory=dict)

    @classmethod
    def of(cls, repository: Repository, **swapped: bytes) -> "Files":
        """Return what a repository serves, or others serve instead."""
        files: dict[Role, bytes] = {
            "timestamp": repository.timestamp,
            "snapshot": repository.snapshot,
            "targets": repository.targets,
        }
        return cls({role: swapped.get(role, data) for role, data in files.items()})

    def read_by(self, trusted: Trusted, now_ms: int = NOW_MS) -> Trusted:
        """Return what a car trusts after it has read all of it, in order.

        Raises:
            UpdateError: at the first file that is refused.
        """
        for role in ROLES:
            trusted = accept(trusted, role, self.by_role[role], now_ms)
        return trusted


EMPTY = Repository.new(KEYS)
FIRST = EMPTY.published([ONE], NOW_MS)
SECOND = FIRST.published([ONE, TWO], NOW_MS)
NEW_CAR = Trusted(EMPTY.roots[0])
