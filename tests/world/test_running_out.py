"""Cars that run out of energy: they warn, give less power, roll to a stop, and the road's work is paid."""

from typing import Any

import pytest

from sim.devices.car import Car
from sim.physics.assistance.assisted import Assisted
from sim.physics.assistance.loop import Now
from sim.physics.battery import J_PER_KWH
from sim.physics.running_out import LIMITED_PERCENT, cut_off_percent, limited_m_per_s
from sim.world.truth.people import PERSON_ACTS, ImpossibleActError
from sim.world.truth.piloting import WHEEL_ACTS
from tests.cars import BASE
from tests.stages import HOME, KINDS, START_MS, Theatre

ROADS = HOME.replace(
    "devices:",
    """places:
  town: {position: [40.3, 116.5]}
roads:
  flat: {from: home, to: town, length: 90 km, speed: 100 km/h, lanes: 2, separated: true}
  hilly: {from: home, to: town, length: 60 km, speed: 60 km/h, slope: 4 %}
  down: {from: home, to: town, length: 60 km, speed: 60 km/h, slope: -3 %}
devices:
  su7: {kind: car, owner: lin}""",
)
EVERY = {**KINDS, "car": Car}
ENERGY_J = 73 * J_PER_KWH
WARM_C = 26.0
"""Where the cold withholds nothing."""
ROAD = {"flat": 0.0, "hilly": 0.04, "down": -0.03}


def stage(percent: float, outdoor_c: float = WARM_C) -> Theatre:
    """Return a stage with Lin at the wheel of a car that has so much left."""
    theatre = Theatre(ROADS, kinds=EVERY)
    theatre.truth.set_outdoor(outdoor_c, START_MS)
    facts: dict[str, Any] = {"battery_percent": percent, "battery_temperature_c": outdoor_c, "driver": "lin"}
    theatre.truth.change("su7", facts, START_MS)
    theatre.settle()
    return theatre


def act(theatre: Theatre, verb: str, **arguments: Any) -> None:
    """Let Lin do something."""
    kind = {**PERSON_ACTS, **WHEEL_ACTS}[verb]
    theatre.stage.perform("lin", kind.model_validate({"car": "su7", **arguments}))
    theatre.settle()


def fact(theatre: Theatre, field: str) -> Any:
    """Return what is so of the car now."""
    return theatre.truth.fact("su7", field, theatre.timeline.now_ms)


def drive_empty(theatre: Theatre, slope: float, outdoor_c: float) -> tuple[float, list[float]]:
    """Let the car drive until it stands; return the work of the road and around it, J, and its speeds."""
    work_j, speeds = 0.0, []
    for _ in range(6 * 3600):
        begun_m_per_s = fact(theatre, "speed_kmh") / 3.6
        theatre.advance(1_000)
        mean = (begun_m_per_s + fact(theatre, "speed_kmh") / 3.6) / 2
        if not begun_m_per_s:
            break
        work_j += BASE.body.driving_w(mean, outdoor_c, slope) + BASE.body.auxiliaries_w
        speeds.append(begun_m_per_s)
    return work_j, speeds


@pytest.mark.parametrize(("road", "percent"), [("flat", 4.0), ("hilly", 5.0), ("flat", 1.0)])
def test_what_the_road_takes_is_paid_until_the_car_stands(road: str, percent: float) -> None:
    """What left the battery is the road's work and what the cells lost, and no more is left."""
    theatre = stage(percent)
    act(theatre, "drives", to="town", by=[road])
    work_j, speeds = drive_empty(theatre, ROAD[road], WARM_C)
    gone_j = (percent - fact(theatre, "battery_percent")) / 100 * ENERGY_J

    assert (fact(theatre, "gear"), fact(theatre, "drive_power")) == ("P", "none")
    assert work_j < gone_j < 1.02 * work_j
    assert 0 <= fact(theatre, "battery_percent") < cut_off_percent(BASE, WARM_C, 0.0)
    assert speeds == sorted(speeds, reverse=True), "it speeds up again on the last of its charge"
    slowest = limited_m_per_s(BASE.body, 73.0, WARM_C, ROAD[road])
    assert any(abs(one - slowest) < 0.1 for one in speeds), "it never drove with less power"


def test_an_assisted_drive_runs_out_as_well() -> None:
    """The pilot goes no faster than the motors can, and lets go when they get nothing."""
    theatre = stage(3.0)
    act(theatre, "drives", to="town", by=["flat"])
    act(theatre, "engages_pilot", set_kmh=90.0)
    assert fact(theatre, "assistance") == "lane"
    work_j, speeds = drive_empty(theatre, 0.0, WARM_C)
    gone_j = (3.0 - fact(theatre, "battery_percent")) / 100 * ENERGY_J

    assert (fact(theatre, "gear"), fact(theatre, "assistance")) == ("P", "off")
    assert work_j < gone_j < 1.02 * work_j
    assert speeds[-1] < 1.0


def test_an_assisted_drive_pays_for_the_slope() -> None:
    """It costs what it costs by hand at the same speed."""
    used = []
    for verb in ("drives", "engages_pilot"):
        theatre = stage(80.0)
        act(theatre, "drives", to="town", by=["hilly"])
        if verb == "engages_pilot":
            theatre.truth.change("su7", {"assistance": "cruise", "cruise_kmh": 60.0}, theatre.timeline.now_ms)
            theatre.settle()
            assert isinstance(theatre.truth.places.path("su7"), Assisted)
        theatre.advance(1_200_000)
        used.append(80.0 - fact(theatre, "battery_percent"))

    assert used[0] == pytest.approx(used[1], rel=0.01)


def test_hands_that_are_away_let_the_car_brake() -> None:
    """Nobody holds the wheel when the pilot loses its motors: it stops in its lane."""
    theatre = stage(0.4)
    act(theatre, "drives", to="town", by=["flat"])
    act(theatre, "engages_pilot", set_kmh=60.0)
    act(theatre, "takes_hands_off")
    seen = set()
    for _ in range(400):
        theatre.advance(1_000)
        seen.add(fact(theatre, "assistance"))
        if fact(theatre, "gear") == "P":
            break

    assert "stopping" in seen
    assert fact(theatre, "speed_kmh") == 0


def test_downhill_it_rolls_to_a_stop_too() -> None:
    """The driver brakes gently; what the wheels give back is not lost."""
    theatre = stage(1.9)
    act(theatre, "drives", to="town", by=["flat"])
    theatre.truth.change("su7", {"battery_percent": 0.15}, theatre.timeline.now_ms)
    theatre.settle()
    assert fact(theatre, "drive_power") == "none"
    down = stage(0.3)
    act(down, "drives", to="town", by=["down"])
    down.advance(600_000)

    assert fact(down, "drive_power") != "none"
    assert fact(down, "battery_percent") > 0.3


def test_who_is_empty_does_not_drive_off() -> None:
    """Neither by hand along a line nor by roads; nothing about the car has changed."""
    for ways in ({"to": "town", "by": "roads"}, {"speed_kmh": 50.0}):
        theatre = stage(0.0)
        with pytest.raises(ImpossibleActError, match="the battery of su7 is empty: plug it in"):
            act(theatre, "drives", **ways)
        assert fact(theatre, "gear") == "P"
        theatre.truth.change("su7", {"battery_percent": LIMITED_PERCENT}, theatre.timeline.now_ms)
        act(theatre, "drives", **ways)
        assert fact(theatre, "speed_kmh") > 0


def test_what_the_cold_withholds_is_not_driven_with() -> None:
    """At -20 °C lithium iron phosphate that shows 34 % is empty."""
    theatre = stage(34.0, outdoor_c=-20.0)
    with pytest.raises(ImpossibleActError, match="empty"):
        act(theatre, "drives", speed_kmh=50.0)


def test_a_drive_that_gets_there_plans_nothing() -> None:
    """Enough is left: no turn is calculated, and one that has become wrong does nothing."""
    theatre = stage(80.0)
    act(theatre, "drives", to="town", by=["flat"])
    assert theatre.truth.power_turns_ms("su7", theatre.timeline.now_ms) is None
    low = stage(4.0)
    act(low, "drives", to="town", by=["flat"])
    due_ms = low.truth.power_turns_ms("su7", low.timeline.now_ms)
    assert due_ms is not None
    act(low, "parks")
    low.advance(due_ms - low.timeline.now_ms + 60_000)
    assert (fact(low, "speed_kmh"), fact(low, "drive_power")) == (0, "full")


def test_who_stands_in_a_queue_when_the_last_is_gone_stays() -> None:
    """The drive is over where it is; nobody has put the car into park yet."""
    theatre = stage(4.0)
    act(theatre, "drives", to="town", by=["flat"])
    act(theatre, "engages_pilot", set_kmh=90.0)
    path = theatre.truth.places.path("su7")
    assert isinstance(path, Assisted)
    now_ms = theatre.timeline.now_ms
    theatre.truth.depart("su7", Assisted(path.situation, Now(now_ms, 1_000.0, 0.0)), now_ms)
    theatre.truth.change("su7", {"battery_percent": 0.0}, now_ms)
    theatre.settle()

    assert (fact(theatre, "speed_kmh"), fact(theatre, "assistance"), fact(theatre, "gear")) == (0, "off", "D")
    theatre.advance(60_000)
    assert fact(theatre, "speed_kmh") == 0


def test_the_driver_is_told_until_enough_is_left_again() -> None:
    """Nothing is said of a car that was never low; one that was charged says so."""

    def told(theatre: Theatre) -> Any:
        car: Any = theatre.stage.nodes["su7"].device
        return car.powertrain.reserve

    assert told(stage(60.0)) is None
    theatre = stage(9.0)
    assert (told(theatre).low_battery, told(theatre).low_battery_reason) == (
        "low",
        "the battery is low: charge soon",
    )
    theatre.truth.change("su7", {"battery_percent": 60.0}, theatre.timeline.now_ms)
    theatre.settle()
    assert (told(theatre).low_battery, told(theatre).low_battery_reason) == ("no", "")
