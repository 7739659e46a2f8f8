"""Drivers and pace: a run over a link that is lost, and how long a presenter's clock sleeps."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from sim.core.errors import BrokerError
from sim.scenario.run import Performance, perform
from sim.shell.brokers import open_broker
from sim.shell.brokers.endpoint import Endpoint
from sim.shell.files import Shelf
from sim.shell.ledger import Ledger
from sim.shell.playing import Pace, play, play_in_memory
from sim.shell.running import RunOptions, run
from sim.world.network.link import Delivery, LinkPlan, Round
from sim.world.stage import Cast
from tests.shell.carhome import HELD, HOUSEHOLD, LONG


class LossyLink:
    """A link in memory that is lost after some rounds, as a broker is that somebody kills."""

    name = "a lossy broker"
    permissions = True

    def __init__(self, rounds: int) -> None:
        self._rounds = rounds
        self._ledger = Ledger(self.name)
        self.idled: list[float] = []

    async def exchange(self, round_: Round) -> tuple[Delivery, ...]:
        """Deliver what MQTT demands, as long as there is a link."""
        self._rounds -= 1
        if self._rounds < 0:
            sentence = f"{self.name} was lost"
            raise BrokerError(sentence)
        return round_.expected

    async def idle(self, seconds: float) -> None:
        """Note how long it would have been."""
        self.idled.append(seconds)
        await self._ledger.quiet(0)

    async def clear(self) -> None:
        """Leave nothing behind."""

    async def aclose(self) -> None:
        """End."""


def performance(home: Path, text: str) -> tuple[Performance, int]:
    """Return a case to play, and when it begins."""
    (home / "a.scenario.yaml").write_text(text)
    shelf = Shelf()
    scenario = shelf.scenario(home / "a.scenario.yaml")
    cast = Cast(scenario.household, shelf.kinds, shelf.policy(scenario.household), scenario.seed)
    return perform(scenario, scenario.cases[0], cast), scenario.start_ms


def test_lost_link_ends_the_case_as_an_error(home: Path) -> None:
    """However late it is lost, the verdict is `error` and names the broker; nothing is judged."""
    whole = play_in_memory(performance(home, HELD)[0])

    for rounds in range(6):
        case, start_ms = performance(home, HELD)
        result = asyncio.run(play(case, LossyLink(rounds), None, start_ms))
        assert (result.verdict, result.note) == ("error", "a lossy broker was lost")
        assert result.failure is None
        assert result.records[:-1] == whole.records[: len(result.records) - 1]


def test_link_that_holds_gives_the_records_of_memory(home: Path) -> None:
    """Over a link that does what MQTT demands nothing is different."""
    case, start_ms = performance(home, HELD)

    over_link = asyncio.run(play(case, LossyLink(1_000), None, start_ms))

    assert over_link.records == play_in_memory(performance(home, HELD)[0]).records


def test_paced_run_waits_for_virtual_time_in_all(home: Path) -> None:
    """At a millionth of real speed twenty hours are 72 thousand million seconds, in however many pauses."""
    case, start_ms = performance(home, LONG)
    link = LossyLink(10_000)

    asyncio.run(play(case, link, Pace(1e-6), start_ms))

    # The link of this test does not sleep, so the waits add up; what the test itself takes is nothing beside.
    assert link.idled == sorted(link.idled)
    assert link.idled[-1] == pytest.approx(72e9)


def test_pace_counts_from_the_first_pause() -> None:
    """A pause is as long as what is left until its end at this speed; a run that is late does not wait."""
    pace = Pace(1e-6)

    assert pace.seconds_until(11_000, 1_000) == 10e6
    assert pace.seconds_until(21_000, 11_000) == pytest.approx(20e6)
    assert pace.seconds_until(500, 500) == 0.0


def test_quiet_time_ends_at_once_when_something_goes_wrong() -> None:
    """A ledger that waits for nothing still hears of a loss, during the wait or before it."""
    ledger = Ledger("broker")

    async def lose() -> None:
        asyncio.get_running_loop().call_soon(ledger.fail, BrokerError("lost"))
        await ledger.quiet(3_600)

    with pytest.raises(BrokerError, match="lost"):
        asyncio.run(lose())
    with pytest.raises(BrokerError, match="lost"):
        asyncio.run(ledger.quiet(3_600))


def test_run_says_the_broker_once_for_many_scenarios(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Scenarios of one household share a broker, at a pace as well."""
    monkeypatch.chdir(home)
    for name in "abc":
        (home / f"{name}.scenario.yaml").write_text(HELD)

    code = run(RunOptions(paths=(".",), broker="memory", speed=1e9))

    assert code == 0
    assert capsys.readouterr().err == "broker: none, in memory by the rules of MQTT\n"


@pytest.mark.network
@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("wang li", ["wang begins", "wang ends", "li begins", "li ends"]),
        ("wang li wang", ["wang begins", "li begins", "li ends", "wang ends"]),
    ],
)
def test_broker_lives_from_the_first_to_the_last_scenario_of_its_household(
    home: Path, monkeypatch: pytest.MonkeyPatch, order: str, expected: list[str]
) -> None:
    """However many households a run has, no broker outlives its own."""
    monkeypatch.chdir(home)
    noted = _note_brokers(monkeypatch)
    (home / "households" / "li.household.yaml").write_text(
        HOUSEHOLD.replace("household: wang", "household: li")
    )
    for number, name in enumerate(order.split()):
        scenario = HELD.replace("household: wang", f"household: {name}")
        (home / f"{number}.scenario.yaml").write_text(scenario)

    assert run(RunOptions(paths=(".",), broker="embedded")) == 0

    assert noted == expected


@pytest.mark.network
def test_run_that_stops_starts_no_further_broker(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With `-x` nothing follows a case that fails."""
    monkeypatch.chdir(home)
    noted = _note_brokers(monkeypatch)
    (home / "households" / "li.household.yaml").write_text(
        HOUSEHOLD.replace("household: wang", "household: li")
    )
    (home / "0.scenario.yaml").write_text(HELD.replace("opened: done", "opened: denied"))
    (home / "1.scenario.yaml").write_text(HELD.replace("household: wang", "household: li"))

    assert run(RunOptions(paths=(".",), broker="embedded", stop_at_first=True)) == 1

    assert noted == ["wang begins", "wang ends"]


def _note_brokers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list in which every broker of a run notes when it begins and when it ends."""
    noted: list[str] = []

    @contextlib.asynccontextmanager
    async def noting(choice: str, plan: LinkPlan, *others: Any) -> AsyncIterator[Endpoint]:
        noted.append(f"{plan.home} begins")
        async with open_broker(choice, plan, *others) as endpoint:
            yield endpoint
        noted.append(f"{plan.home} ends")

    monkeypatch.setattr("sim.shell.running.open_broker", noting)
    return noted
