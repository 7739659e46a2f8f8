"""The update service: what it signs and hands out, and how a campaign goes on or stops."""

from typing import Any

import pytest

from sim.apps.software import CHUNK_BYTES, GetSoftwareChunk, GetSoftwareMetadata, SoftwareOffers, read
from sim.core.beliefs import Belief, Beliefs
from sim.core.device import (
    Acted,
    Answer,
    Booted,
    Command,
    Commanded,
    Learned,
    Linked,
    Moment,
    Peer,
    Provision,
    Settle,
    StartTimer,
    Stimulus,
    TimerFired,
)
from sim.services.updates import (
    PATIENCE_MS,
    VOUCH_EVERY_MS,
    Campaign,
    Publish,
    Rollout,
    RotateRoot,
    StartCampaign,
    UpdateService,
)
from sim.trust.updates.releases import Trusted, UpdateError
from sim.trust.updates.signing import Keys
from sim.trust.updates.verification import accept, catalogue
from tests.senses import START_MS, FakeSenses

CARS = ("one", "two", "three")
PEERS = {name: Peer("car", "lin", shared=True, key=b"") for name in CARS}
SECRETS = (b"\1" * 32, b"\2" * 32)
RELEASES = [
    {"version": "1.1.0", "counter": 2, "hardware": "su7", "size_bytes": 40_000},
    {"version": "1.2.0", "counter": 3, "hardware": "su7", "size_bytes": 40_000, "published": False},
]


class Desk:
    """The service, used and asked at one moment after the other."""

    def __init__(self) -> None:
        self.now_ms = START_MS
        self.beliefs = Beliefs()
        self.service = self.made({})
        self.effects = self.step(Booted())

    @staticmethod
    def made(kept: dict[str, Any]) -> UpdateService:
        """Return the service with what it has kept."""
        config = UpdateService.Config.model_validate({"releases": RELEASES})
        provision = Provision(SECRETS[1], 1, 0, peers=PEERS, maker=SECRETS[0])
        return UpdateService.new("updates", config, kept).provisioned(provision)

    def step(self, stimulus: Stimulus) -> tuple[Any, ...]:
        """Let it take a step."""
        self.service, effects = self.service.step(Moment(self.now_ms, FakeSenses(), self.beliefs), stimulus)
        return effects

    def ask(self, command: Command, sender: str = "one") -> Answer:
        """Return what it answers."""
        (settle,) = self.step(Commanded(command, "t", sender, None, self.now_ms + 1))
        assert isinstance(settle, Settle)
        return settle.answer

    def use(self, act: Any) -> Answer:
        """Let somebody use it."""
        (settle,) = self.step(Acted(act, "t", None))
        assert isinstance(settle, Settle)
        return settle.answer

    def chunk(self, number: int, sender: str = "one", version: str = "1.1.0") -> Answer:
        """Ask for a chunk."""
        return self.ask(GetSoftwareChunk(image=f"su7/{version}.img", chunk=number), sender)

    def hear(self, car: str, **said: str) -> None:
        """Let it hear a car's report."""
        self.now_ms += 1
        values = {f"software_{name}": value for name, value in said.items()}
        belief = Belief(values, self.now_ms, (1, self.now_ms), "last")
        self.beliefs = self.beliefs.heard(car, "software", belief)
        self.step(Learned(car))

    @property
    def campaign(self) -> tuple[str, list[str], list[str], list[str]]:
        """State, offered, installed and failed."""
        _, shown = self.service.report()
        assert isinstance(shown, Campaign)
        return (
            shown.campaign_state,
            shown.campaign_offered,
            shown.campaign_installed,
            shown.campaign_failed,
        )

    def versions(self) -> list[str]:
        """Return the versions that a car verifies, from nothing but the root that is built in."""
        trusted = Trusted(Keys(*SECRETS).root())
        for role in ("timestamp", "snapshot", "targets"):
            data = read(self.ask(GetSoftwareMetadata(role=role)).data)
            assert data is not None
            trusted = accept(trusted, role, data, self.now_ms)
        return [one.version for one in catalogue(trusted, self.now_ms).releases]


def test_what_it_hands_out_can_be_verified() -> None:
    """With the root that cars are delivered with; there is no other yet."""
    desk = Desk()

    assert desk.effects == (StartTimer("vouch", VOUCH_EVERY_MS),)
    assert desk.versions() == ["1.1.0"]
    assert read(desk.ask(GetSoftwareMetadata(role="root", version=1)).data) == Keys(*SECRETS).root()
    for version in (0, 2):
        answer = desk.ask(GetSoftwareMetadata(role="root", version=version))
        assert answer == Answer("failed", "there is no such root")


def test_an_image_comes_in_chunks() -> None:
    """The last one is as long as what is left; what is not published is not there."""
    desk = Desk()
    image = desk.service.entries[0].image()

    chunks = [read(desk.chunk(number).data) for number in range(2)]
    assert chunks == [image[:CHUNK_BYTES], image[CHUNK_BYTES:]]
    assert desk.chunk(2) == Answer("failed", "su7/1.1.0.img has no chunk 2")
    assert desk.chunk(0, version="1.2.0") == Answer("failed", "there is no su7/1.2.0.img")
    assert desk.chunk(0, version="9.9.9").status == "failed"


def test_what_is_published_later_is_news() -> None:
    """The number that cars look at is another, and the list has one release more."""
    desk = Desk()
    assert desk.service.report() == (SoftwareOffers(offers_serial=1),)
    assert desk.use(Publish(version="1.2.0")) == Answer("done")

    assert desk.service.report() == (SoftwareOffers(offers_serial=2),)
    assert desk.versions() == ["1.2.0", "1.1.0"]
    assert desk.use(Publish(version="6.6.6")) == Answer("failed", "there is no release 6.6.6")


def test_it_vouches_twice_a_day() -> None:
    """Two days later a car that asks is told so by a signature that still counts."""
    desk = Desk()
    for _ in range(4):
        desk.now_ms += VOUCH_EVERY_MS
        assert desk.step(TimerFired("vouch")) == (StartTimer("vouch", VOUCH_EVERY_MS),)

    assert desk.versions() == ["1.1.0"]
    assert desk.service.report() == (SoftwareOffers(offers_serial=5),)


def test_a_restart_goes_back_behind_nothing() -> None:
    """Versions go on where they were, and so does a campaign."""
    desk = Desk()
    desk.use(Publish(version="1.2.0"))
    desk.use(StartCampaign(version="1.1.0"))
    assert Desk.made({}).report() == ()
    desk.service = desk.made(dict(desk.service.kept()))
    desk.step(Booted())

    assert desk.service.report()[0] == SoftwareOffers(offers_serial=3)
    assert desk.versions() == ["1.2.0", "1.1.0"]
    assert desk.campaign[0] == "running"


def test_a_campaign_goes_from_wave_to_wave() -> None:
    """Each car in its turn; whoever is not invited gets nothing yet."""
    desk = Desk()
    assert desk.use(StartCampaign(version="1.2.0")).reason == "release 1.2.0 is not published"
    desk.hear("one", version="1.0.0", state="idle", wanted="")
    assert desk.use(StartCampaign(version="1.1.0")) == Answer("done")
    assert desk.campaign == ("running", ["one"], [], [])
    assert desk.chunk(0, "one").status == "done"
    assert desk.chunk(0, "two").reason == "release 1.1.0 is not offered to this car yet"
    desk.hear("two", version="1.1.0", state="installed", wanted="")
    assert desk.campaign == ("running", ["one"], [], [])
    desk.hear("one", version="1.0.0", state="downloading", wanted="1.1.0")
    desk.hear("one", version="1.1.0", state="checking", wanted="1.1.0")
    assert desk.campaign == ("running", ["one"], [], [])
    desk.hear("one", version="1.1.0", state="installed", wanted="")
    assert desk.campaign == ("running", ["one", "two", "three"], ["one"], [])
    desk.hear("three", version="1.1.0", state="idle", wanted="")
    desk.hear("two", version="1.1.0", state="installed", wanted="")

    report = desk.service.report()[1]
    assert report.model_dump()["campaign_installed"] == ["one", "three", "two"]
    assert report.model_dump()["campaign_state"] == "finished"
    desk.hear("two", version="1.0.0", state="failed", wanted="")
    assert desk.service.report()[1] == report


def test_a_campaign_stops_when_too_many_fail() -> None:
    """Whoever has it keeps it; nobody else is given it. A failure of before does not count."""
    desk = Desk()
    desk.use(StartCampaign(version="1.1.0", waves=[1, 1]))
    desk.hear("one", version="1.0.0", state="failed", wanted="")
    assert desk.campaign[0] == "running"
    desk.hear("one", version="1.1.0", state="installed", wanted="")
    desk.hear("two", version="1.0.0", state="downloading", wanted="1.1.0")
    desk.hear("two", version="1.0.0", state="failed", wanted="")

    assert desk.campaign == ("halted", ["one", "two"], ["one"], ["two"])
    assert desk.chunk(0, "one").status == "done"
    assert desk.chunk(0, "three").reason == "release 1.1.0 is withheld: it failed on too many cars"


def test_a_few_failures_do_not_stop_it() -> None:
    """With other bounds the next wave comes; a car that has it in the end has not failed."""
    desk = Desk()
    desk.use(StartCampaign(version="1.1.0", waves=[2], halt_percent=60.0))
    desk.hear("two", version="1.0.0", state="downloading", wanted="1.1.0")
    desk.hear("two", version="1.0.0", state="failed", wanted="")
    assert desk.campaign == ("running", ["one", "two"], [], ["two"])
    desk.hear("one", version="1.1.0", state="installed", wanted="")
    assert desk.campaign == ("running", ["one", "two", "three"], ["one"], ["two"])
    desk.hear("two", version="1.1.0", state="installed", wanted="")
    assert desk.campaign[3] == []


@pytest.mark.parametrize("waves", [(0, 0, 0), (), (99,)])
def test_waves_of_any_size(waves: tuple[int, ...]) -> None:
    """None is empty, and the last one takes whoever is left."""
    rollout = Rollout("1.1.0", waves, 50.0, CARS)
    states = []
    for _ in range(5):
        rollout = rollout.next_wave()
        states.append(rollout.state)
    assert states.count("running") == (3 if waves == (0, 0, 0) else 1)
    assert rollout.invited == CARS


def test_what_does_not_concern_it() -> None:
    """Cars that report while there is no campaign, and its own link."""
    desk = Desk()
    before = desk.service
    desk.hear("one", version="1.0.0", state="idle", wanted="")
    desk.step(Linked(up=True))

    assert desk.service is before


def test_a_root_is_rotated_and_what_is_offered_is_signed_anew() -> None:
    """A car that has the first root follows; one that skips the new root believes nothing any more."""
    desk = Desk()
    before = desk.service.repository
    assert before is not None
    rotation = RotateRoot.model_validate({"keys": ["root", "targets", "online"]})
    assert desk.use(rotation) == Answer("done")
    after = desk.service.repository
    assert after is not None
    assert after.versions > before.versions
    assert read(desk.ask(GetSoftwareMetadata(role="root", version=2)).data) == after.roots[1]
    with pytest.raises(UpdateError, match="not signed by enough"):
        desk.versions()
    kept = dict(desk.service.kept())
    desk.service = desk.made(kept)
    desk.step(Booted())

    assert desk.service.repository is not None
    assert desk.service.repository.keys.root_generation == 2
    assert desk.ask(GetSoftwareMetadata(role="root", version=3)).status == "failed"


def test_a_root_without_the_old_keys_is_handed_out_and_names_nobody() -> None:
    """What is published meanwhile is signed by the keys that cars know."""
    desk = Desk()
    desk.use(RotateRoot(keys=["root", "targets"], old_signatures=1))

    assert desk.ask(GetSoftwareMetadata(role="root", version=2)).status == "done"
    assert desk.versions() == ["1.1.0"]
    desk.use(Publish(version="1.2.0"))
    assert desk.versions() == ["1.2.0", "1.1.0"]


def waited(desk: Desk, ms: int) -> None:
    """Let time pass at the service."""
    desk.now_ms += ms
    desk.step(TimerFired("vouch"))


def test_a_car_that_is_off_does_not_hold_up_a_campaign() -> None:
    """The second is not heard of; after three days the third may have it, and the second still may."""
    desk = Desk()
    desk.use(StartCampaign(version="1.1.0", waves=[2]))
    desk.hear("one", version="1.0.0", state="downloading", wanted="1.1.0")
    desk.hear("one", version="1.1.0", state="installed", wanted="")
    waited(desk, PATIENCE_MS - 1_000)
    assert desk.campaign == ("running", ["one", "two"], ["one"], [])
    assert desk.chunk(0, "three").status == "failed"
    waited(desk, 1_000)
    assert desk.campaign == ("running", list(CARS), ["one"], [])
    desk.hear("three", version="1.1.0", state="installed", wanted="")
    waited(desk, 2 * PATIENCE_MS)
    assert desk.campaign == ("running", list(CARS), ["one", "three"], [])
    assert desk.chunk(0, "two").status == "done"
    desk.hear("two", version="1.1.0", state="installed", wanted="")

    assert desk.campaign == ("finished", list(CARS), ["one", "three", "two"], [])


def test_nobody_else_gets_what_has_worked_nowhere() -> None:
    """The only car of the first wave is off: the campaign waits for it."""
    desk = Desk()
    desk.use(StartCampaign(version="1.1.0", waves=[1]))
    waited(desk, 10 * PATIENCE_MS)

    assert desk.campaign == ("running", ["one"], [], [])


def test_a_car_that_began_and_was_not_heard_of_again_counts_as_failed() -> None:
    """It may never have started again: the campaign stops, where one failure is too many."""
    desk = Desk()
    desk.use(StartCampaign(version="1.1.0", waves=[1, 1]))
    desk.hear("one", version="1.1.0", state="installed", wanted="")
    desk.hear("two", version="1.0.0", state="downloading", wanted="1.1.0")
    waited(desk, PATIENCE_MS)

    assert desk.campaign == ("halted", ["one", "two"], ["one"], ["two"])


def test_a_car_that_was_lost_is_one_failure_among_others() -> None:
    """Where more may fail, the next wave comes, and whoever is heard of after all is no failure."""
    desk = Desk()
    desk.use(StartCampaign(version="1.1.0", waves=[1, 1], halt_percent=80))
    desk.hear("one", version="1.1.0", state="installed", wanted="")
    desk.hear("two", version="1.0.0", state="downloading", wanted="1.1.0")
    waited(desk, PATIENCE_MS)
    assert desk.campaign == ("running", list(CARS), ["one"], ["two"])
    desk.hear("two", version="1.1.0", state="installed", wanted="")

    assert desk.campaign == ("running", list(CARS), ["one", "two"], [])
