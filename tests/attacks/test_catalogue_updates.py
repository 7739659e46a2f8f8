"""Rows 35 and 36 of the catalogue: a stranger who has the update service's account, or signed downgrades.

Whoever has the account says to cars whatever they like, in the service's name and with its signature on every
message; in one they also have its two online keys. `tests/wire/test_attacks_on_the_broker.py` has the
whole catalogue, `tests/trust/updates` every refusal of metadata by itself.
"""

from collections.abc import Callable
from dataclasses import replace

import pytest

from sim.apps.software import GetSoftwareChunk, GetSoftwareMetadata, Software
from sim.core.asking import AskDevice
from sim.core.device import Settle
from sim.devices.car import Car
from sim.devices.car.updater import Updater
from sim.policy.cedar import CedarDecisionPoint
from sim.services.updates import Publish, UpdateService
from sim.shell.files import Shelf
from sim.trust.updates.releases import BYTES_MAX, Release, Role
from sim.trust.updates.signing import Keys, Repository
from tests.attacks.raids import HOUR_MS
from tests.scenario.stories import KINDS, WANG
from tests.senses import FakeSenses, moment
from tests.stages import START_MS, Theatre

SERVICE = """
  updates:
    kind: updates
    releases:
      - {version: 0.9.0, counter: 0, hardware: su7-luxury, size_bytes: 40_000}
      - {version: 1.1.0, counter: 2, hardware: su7-luxury, size_bytes: 40_000}
      - {version: 1.2.0, counter: 3, hardware: su7-luxury, size_bytes: 40_000, published: false}
      - {version: 2.0.0, counter: 9, hardware: yu7-max, size_bytes: 40_000}
strangers:
"""
HOUSEHOLD = WANG.text.replace("\nstrangers:\n", SERVICE)
MINUTE_MS = 60_000
UNKNOWN = "denied update-fits-the-car update-newer-only update-verified-only"
"""What becomes of asking for a release of which the car knows nothing."""


class Raid:
    """A household with an update service, and whoever has its account."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, policy: CedarDecisionPoint) -> None:
        self.house = Theatre(HOUSEHOLD, kinds=KINDS, policy=policy)
        self.house.advance(MINUTE_MS)
        self._patch = monkeypatch

    @property
    def repository(self) -> Repository:
        """What the service has signed."""
        service = self.house.node("updates").device
        assert isinstance(service, UpdateService)
        assert service.repository is not None
        return service.repository

    @property
    def car(self) -> Updater:
        """The updater of the car."""
        car = self.house.node("su7").device
        assert isinstance(car, Car)
        updater = car.parts["updater"]
        assert isinstance(updater, Updater)
        return updater

    @property
    def shown(self) -> Software:
        """What the car reports."""
        return self.car.report()[0]

    def say(self, files: dict[Role, bytes]) -> None:
        """Let the service hand out other metadata from now on, and the car come for them within six hours."""
        honest = UpdateService._metadata

        def lie(service: UpdateService, command: GetSoftwareMetadata) -> bytes | None:
            return files.get(command.role, honest(service, command))

        self._patch.setattr(UpdateService, "_metadata", lie)
        self.house.advance(7 * HOUR_MS)

    def files(self) -> dict[Role, bytes]:
        """Return the metadata that the service hands out now."""
        signed = self.repository
        return {"timestamp": signed.timestamp, "snapshot": signed.snapshot, "targets": signed.targets}

    def publish(self) -> None:
        """Let the maker publish 1.2.0, and the car hear of it."""
        self.house.use("updates", Publish(version="1.2.0"))
        self.house.advance(MINUTE_MS)

    def install(self, version: str) -> str:
        """Let Lin ask for a release; return what became of it, and by which rules."""
        act = AskDevice.model_validate(
            {"device": "su7", "action": "install_update", "arguments": {"version": version}}
        )
        ticket = self.house.use("phone", act)
        self.house.advance(3 * MINUTE_MS)
        record = self.house.records("command", command=ticket)[-1]
        rules = record["denial"]["rules"] if record["denial"] else []
        return " ".join([str(record["status"]), *sorted(str(rule) for rule in rules)])

    def install_past_the_rules(self, version: str) -> str:
        """Return why the car itself does not begin, were there no rules."""
        at = moment(FakeSenses(), self.house.now_ms - START_MS)
        _, (answered,) = self.car._install(at, version, "t", "lin")
        assert isinstance(answered, Settle)
        return answered.answer.reason


@pytest.fixture(scope="module")
def policy() -> CedarDecisionPoint:
    """Return the rules that ship."""
    return Shelf().policy(Theatre(HOUSEHOLD, kinds=KINDS, opened=False).household)


@pytest.fixture
def raid(monkeypatch: pytest.MonkeyPatch, policy: CedarDecisionPoint) -> Raid:
    """Return the household, a minute old."""
    return Raid(monkeypatch, policy)


def thief(raid: Raid) -> Keys:
    """Return the keys of somebody who has the server's, and makes up those of the maker."""
    return Keys(b"\7" * 32, raid.repository.keys.online)


def forged(raid: Raid) -> dict[Role, bytes]:
    """Return metadata with a release of the thief's own, as far as the thief can sign them."""
    evil = Release("6.6.6", 66, "su7-luxury", 40_000, "ab" * 32)
    signed = replace(raid.repository, keys=thief(raid)).published([evil], raid.house.now_ms + 6 * HOUR_MS)
    return {"timestamp": signed.timestamp, "snapshot": signed.snapshot, "targets": signed.targets}


def mixed(raid: Raid) -> dict[Role, bytes]:
    """Return the newest timestamp and snapshot, with the targets of before."""
    assert raid.car.catalogue is not None
    newer = raid.repository.published(raid.car.catalogue.releases[:1], raid.house.now_ms)
    return {"timestamp": newer.timestamp, "snapshot": newer.snapshot, "targets": raid.repository.targets}


def endless(raid: Raid) -> dict[Role, bytes]:
    """Return a timestamp that is one byte too long."""
    return {**raid.files(), "timestamp": b" " * (BYTES_MAX["timestamp"] + 1)}


def rooted(raid: Raid) -> dict[Role, bytes]:
    """Return a root that names the thief's keys, signed by one of the two who must."""
    root = replace(thief(raid), maker=raid.repository.keys.maker, generation=2).root(2, signed_by=["root 1"])
    return {"root": root}


def test_row_35_update_rolled_back(raid: Raid) -> None:
    """What was signed yesterday is handed out again: the car says no, and keeps what it knows."""
    old = raid.files()
    raid.publish()
    assert raid.shown.software_offered == "1.2.0"
    raid.say(old)

    assert raid.shown.software_refused.startswith("ROLLED_BACK: ")
    assert raid.shown.software_offered == "1.2.0"
    assert raid.shown.software_version == "1.0.0"


def test_row_35_update_frozen(raid: Raid) -> None:
    """What was true is repeated, and news kept back: after a day nothing is installed on that word."""
    raid.say(raid.files())
    assert raid.install("6.6.6") == UNKNOWN
    raid.house.advance(24 * HOUR_MS)

    assert raid.shown.software_refused.startswith("EXPIRED: ")
    assert raid.install("1.1.0") == "denied update-verified-only"
    assert raid.shown.software_version == "1.0.0"


@pytest.mark.parametrize(
    ("lies", "code"),
    [(mixed, "MISMATCHED"), (forged, "UNSIGNED"), (endless, "TOO_LONG"), (rooted, "UNSIGNED")],
)
def test_row_35_update_mixed_or_made_up(
    raid: Raid, lies: Callable[[Raid], dict[Role, bytes]], code: str
) -> None:
    """With the service's account, with its online keys, with one of two root keys: nothing new is known."""
    known = raid.car.catalogue
    assert known is not None
    raid.say(lies(raid))

    assert raid.shown.software_refused.split(":")[0] == code
    assert raid.car.catalogue is not None
    assert "6.6.6" not in {one.version for one in raid.car.catalogue.releases}
    assert raid.install("6.6.6") == UNKNOWN


def test_row_35_update_swapped(raid: Raid, monkeypatch: pytest.MonkeyPatch) -> None:
    """Right metadata, and another image: it is read back, and never started."""

    def swapped(_: UpdateService, command: GetSoftwareChunk, __: str) -> tuple[str, bytes]:
        return "", b"!" * min(32_768, 40_000 - command.chunk * 32_768)

    monkeypatch.setattr(UpdateService, "_chunk", swapped)
    assert raid.install("1.1.0") == "done"

    assert raid.shown.software_reason == "what was sent is not the release 1.1.0 that was signed"
    assert (raid.shown.software_version, raid.shown.software_slot) == ("1.0.0", "a")


def test_row_36_update_downgraded(raid: Raid) -> None:
    """The maker itself has signed the older release: the counter decides, in the rules and in the car."""
    assert raid.install("0.9.0") == "denied update-newer-only"
    assert raid.install_past_the_rules("0.9.0") == "release 0.9.0 has counter 0, and the car has had 1"
    assert raid.install("1.1.0") == "done"
    assert raid.shown.software_version == "1.1.0"
    assert raid.install("1.1.0") == "denied update-newer-only"


def test_row_36_update_for_other_hardware(raid: Raid) -> None:
    """Signed, newer, and made for another car."""
    assert raid.install("2.0.0") == "denied update-fits-the-car"
    assert raid.install_past_the_rules("2.0.0") == "release 2.0.0 is for yu7-max, not su7-luxury"


def test_row_36_nobody_else_fetches_images(raid: Raid) -> None:
    """They are for cars: the broker does not even hand on what the owner's phone asks."""
    act = AskDevice.model_validate(
        {"device": "updates", "action": "get_software_chunk", "arguments": {"image": "x", "chunk": 0}}
    )
    ticket = raid.house.use("phone", act)
    raid.house.advance(MINUTE_MS)

    assert raid.house.status(ticket) == "failed"
    assert [record["device"] for record in raid.house.records("refused")] == ["phone"]


def test_what_the_household_itself_does_is_permitted_for_one_reason(raid: Raid) -> None:
    """Every question of the car for software was allowed by the rule `cars-fetch-their-software`."""
    assert raid.install("1.1.0") == "done"
    decided = raid.house.records("decision", device="updates")

    assert {one["action"] for one in decided} == {"get_software_metadata", "get_software_chunk"}
    assert all(one["decision"]["allowed"] for one in decided)
    assert {rule for one in decided for rule in one["decision"]["rules"]} == {"cars-fetch-their-software"}
