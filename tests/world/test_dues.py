"""What the roadside demands: a passage, a stay and a charge are each one demand, with an order of its own."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from sim.core.dues import HOUR_MS, Due, Parking, Toll
from sim.core.roads import ChargingPoint
from sim.scenario.households import read_household
from sim.world.kinds import kinds
from sim.world.senses import TruthSenses
from sim.world.timeline import Timeline
from sim.world.truth import Truth
from sim.world.truth.driving import by_roads
from sim.world.truth.dues import REMEMBERED_MAX
from sim.world.truth.people import Course, Drives, on_the_way

START_MS = 1_768_174_200_000
"""Monday 12 January 2026, 07:30 in Beijing."""
FILE = Path(__file__).parents[2] / "households" / "wang-road.household.yaml"
KINDS = kinds()
HOUSEHOLD = read_household("wang-road.household.yaml", FILE.read_text(encoding="utf-8"), KINDS)


@pytest.fixture
def truth() -> Truth:
    """Return the world: Lin sits in her car, at home."""
    world = Truth(HOUSEHOLD, KINDS, START_MS, 8 * HOUR_MS)
    world.change("su7", {"driver": "lin"}, START_MS)
    return world


def drive(truth: Truth, to: str, now_ms: int, by: str | list[str] = "roads") -> int:
    """Drive to a place by roads; return when the car arrives."""
    truth.depart("su7", by_roads(truth, "su7", to, by, now_ms), now_ms)
    course = on_the_way(truth, "su7", now_ms)
    while course.ends_ms is not None and course.then is not None:
        now_ms = course.ends_ms
        course = course.then(now_ms) or Course()
    return now_ms


def test_a_gate_stands_at_the_end_of_its_road(truth: Truth) -> None:
    """In both directions, each passage with its own order; the road to Badaling is free."""
    there_ms = drive(truth, "airport", START_MS)
    first = Due(f"toll:airport_gate:su7:{there_ms}", "airport_gate", 1_000, "CNY")
    assert truth.dues.of("su7") == (first,)
    back_ms = drive(truth, "badaling", there_ms + 60_000)
    orders = [due.order for due in truth.dues.of("su7")]
    assert orders[0] == first.order
    assert len(orders) == 2
    assert orders[1].startswith("toll:airport_gate:su7:")
    assert back_ms > there_ms


def test_every_gate_on_the_way_asks(truth: Truth) -> None:
    """Two roads, two gates, in the order in which they are passed."""
    drive(truth, "tianjin", START_MS)
    assert [due.merchant for due in truth.dues.of("su7")] == ["airport_gate", "jingjin_gate"]


def test_a_drive_off_the_roads_passes_no_gate(truth: Truth) -> None:
    """And a car that was parked on its way has not come to the end of the road."""
    Drives(car="su7", speed_kmh=50, to="airport").perform(truth, "lin", START_MS)
    truth.dues.drove("su7", START_MS + HOUR_MS)
    truth.halt("su7", START_MS)
    truth.dues.drove("su7", START_MS)
    assert truth.dues.of("su7") == ()


def test_a_road_that_changes_under_way_makes_no_second_demand(truth: Truth) -> None:
    """The car drives on at another speed, to the same gate; nor does going on end its stay anywhere."""
    now_ms = START_MS + 60_000
    truth.depart("su7", by_roads(truth, "su7", "airport", "roads", START_MS), START_MS)
    truth.dues.departs("su7", now_ms)
    assert truth.dues.of("su7") == ()


@pytest.mark.parametrize(
    ("stay_min", "fen"), [(15, None), (16, 600), (60, 600), (61, 1_200), (24 * 60, 24 * 600)]
)
def test_a_stay_costs_by_the_hour_that_has_begun(truth: Truth, stay_min: int, fen: int | None) -> None:
    """From when the car stopped there; who is gone within a quarter of an hour pays nothing."""
    came_ms = drive(truth, "airport", START_MS)
    gone_ms = came_ms + stay_min * 60_000
    drive(truth, "home", gone_ms)
    stays = [due for due in truth.dues.of("su7") if due.merchant == "airport_parking"]
    expected = Due(f"parking:airport_parking:su7:{came_ms}", "airport_parking", fen or 0, "CNY")
    assert stays == ([] if fen is None else [expected])


def test_who_stands_at_the_start_has_come_then(truth: Truth) -> None:
    """A car that a scenario puts there has stood since it began."""
    truth.places.put("su7", truth.places.position("airport", START_MS), START_MS)
    drive(truth, "home", START_MS + HOUR_MS)
    assert truth.dues.of("su7")[0] == Due(
        f"parking:airport_parking:su7:{START_MS}", "airport_parking", 600, "CNY"
    )


def test_what_went_into_the_battery_is_paid(truth: Truth) -> None:
    """At the charger that is paid; at home it is on the house's own bill."""
    came_ms = drive(truth, "badaling", START_MS)
    truth.change("su7", {"battery_percent": 50.0, "plugged_in": True}, came_ms)
    truth.change("su7", {"battery_percent": 60.0, "plugged_in": True}, came_ms)
    assert truth.dues.of("su7") == ()
    truth.change("su7", {"battery_percent": 60.0, "plugged_in": False}, came_ms)
    kwh = HOUSEHOLD.devices["su7"].config.energy.pack.capacity_kwh / 10  # type: ignore[attr-defined]  # a car's
    order = f"charging:badaling_charging:su7:{came_ms}"
    assert truth.dues.of("su7") == (Due(order, "badaling_charging", round(kwh * 150), "CNY"),)

    truth.change("su7", {"plugged_in": True}, came_ms + 1)
    truth.change("su7", {"plugged_in": False}, came_ms + 2)
    assert len(truth.dues.of("su7")) == 1  # nothing went in, nothing is owed
    home_ms = drive(truth, "home", came_ms + 3)
    truth.change("su7", {"plugged_in": True}, home_ms)
    truth.change("su7", {"battery_percent": 99.0, "plugged_in": False}, home_ms + 1)
    assert len(truth.dues.of("su7")) == 1


def test_a_car_senses_what_is_demanded_of_it_alone(truth: Truth) -> None:
    """The oldest of very many are not told for ever."""
    now_ms = START_MS
    for _ in range(REMEMBERED_MAX // 2 + 1):
        now_ms = drive(truth, "home", drive(truth, "airport", now_ms))
    timeline = Timeline(START_MS)
    assert len(TruthSenses(truth, timeline, "su7").dues()) == REMEMBERED_MAX
    assert TruthSenses(truth, timeline, "dash").dues() == ()


@pytest.mark.parametrize(
    ("model", "fields", "why"),
    [
        (Toll, {"plaza": "Gate 1", "amount": 1}, "pattern"),
        (Toll, {"plaza": "gate", "amount": 0}, "greater than or equal to 1"),
        (Toll, {"plaza": "gate", "amount": 1.5}, "valid integer"),
        (Toll, {"plaza": "gate", "amount": 1, "currency": "yuan"}, "pattern"),
        (Parking, {"operator": "p", "price": 600, "free": "25 h"}, "less than or equal"),
        (ChargingPoint, {"power": "7 kW", "operator": "p"}, "who has an `operator` has a `price` too"),
    ],
)
def test_what_cannot_be_demanded_is_refused_in_the_file(model: type, fields: object, why: str) -> None:
    """With a sentence that says why."""
    with pytest.raises(ValidationError, match=why):
        model.model_validate(fields)  # type: ignore[attr-defined]  # one of three
