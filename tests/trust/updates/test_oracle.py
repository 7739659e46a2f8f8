"""The pure client and python-tuf's own `Updater` say the same of the same files.

The `Updater` is the public, reviewed client; it keeps files and blocks, which is why the core has another.
"""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tuf.api.exceptions import DownloadError, DownloadHTTPError, RepositoryError
from tuf.ngclient import FetcherInterface, Updater

from sim.trust.updates.releases import Role, Trusted, UpdateError
from sim.trust.updates.verification import accept, has
from tests.trust.updates.mirrors import DAY_MS, FIRST, KEYS, NEW_CAR, NOW_MS, SECOND, Files


class Shelf(FetcherInterface):
    """Serves files from memory: `2.snapshot.json` is the snapshot, whatever it says of its version."""

    def __init__(self, files: Files) -> None:
        self._files = files

    def _fetch(self, url: str) -> Iterator[bytes]:
        role = url.rsplit("/", 1)[1].removesuffix(".json").rsplit(".", 1)[-1]
        data = self._files.by_role.get(role)  # type: ignore[call-overload]
        if data is None:
            raise DownloadHTTPError(url, 404)
        yield data


def updater_takes(folder: Path, seen: Files | None, files: Files, now_ms: int) -> bool:
    """Say whether the public client takes the files, after it has taken others; its clock is set as ours."""
    for step, (served, at_ms) in enumerate(((seen, NOW_MS), (files, now_ms))):
        if served is None:
            continue
        client = Updater(str(folder), "m://m", fetcher=Shelf(served), bootstrap=NEW_CAR.root)
        client._trusted_set.reference_time = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at_ms)
        try:
            client.refresh()
        except (RepositoryError, DownloadError):
            assert step == 1
            return False
    return True


def ours_takes(seen: Files | None, files: Files, now_ms: int) -> bool:
    """Say whether the pure client does."""
    trusted: Trusted = NEW_CAR if seen is None else seen.read_by(NEW_CAR)
    for role in ("timestamp", "snapshot", "targets"):
        if has(trusted, role, now_ms):
            continue
        try:
            trusted = accept(trusted, role, files.by_role[role], now_ms)
        except UpdateError:
            return False
    return True


def cases() -> Iterator[tuple[Files | None, Files, int]]:
    """Yield what a car has seen, what it is served then, and when: attacks first, then accidents."""
    first, second = Files.of(FIRST), Files.of(SECOND)
    for seen in (None, first, second):
        for files in (
            first,
            second,
            Files.of(SECOND, snapshot=FIRST.snapshot),
            Files.of(SECOND, targets=FIRST.targets),
            Files.of(SECOND.vouched(NOW_MS + DAY_MS)),
        ):
            for now_ms in (NOW_MS, NOW_MS + DAY_MS - 1, NOW_MS + DAY_MS, NOW_MS + 8 * DAY_MS):
                yield seen, files, now_ms
    dice = random.Random(2)  # noqa: S311  # the same accidents every time
    for _ in range(60):
        role: Role = dice.choice(("timestamp", "snapshot", "targets"))
        data = bytearray(second.by_role[role])
        data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
        yield first, Files.of(SECOND, **{role: bytes(data)}), NOW_MS


def test_both_clients_take_the_same_files(tmp_path: Path) -> None:
    """Of 120 servings; some are taken, and some are not."""
    verdicts = []
    for number, (seen, files, now_ms) in enumerate(cases()):
        folder = tmp_path / str(number)
        folder.mkdir()
        verdict = ours_takes(seen, files, now_ms)
        assert updater_takes(folder, seen, files, now_ms) == verdict, f"case {number}"
        verdicts.append(verdict)
    assert (verdicts.count(True) > 10, verdicts.count(False) > 60, len(verdicts)) == (True, True, 120)
    assert KEYS.root() == NEW_CAR.root
