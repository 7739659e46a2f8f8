"""Cars on roads in the world: plan and truth are the same, and a road that changes changes the drive."""

import pytest

from sim.world.truth.driving import ROAD_ACTS
from tests.scenario.stories import HEAD, fails, load, passes, refusal

START = "start: 2026-01-12T{clock}:00+08:00\n"
DRIVE = "  - do: lin.drives\n    with: {car: su7, to: office, by: roads}\n"
BEGIN = HEAD + START.format(clock="08:00") + "given: {su7: {driver: lin, battery: 60 %}}\nsteps:\n"


PARKED = "  - advance: {until: {su7.gear: P}}\n  - expect: {su7.at: office}\n"


def minutes_of(text: str) -> float:
    """Return how long a story takes that ends when the car is parked."""
    return passes(text).simulated_ms / 60_000


def test_the_drive_takes_as_long_as_the_navigation_said() -> None:
    """To the millisecond, when nothing changes on the way."""
    ask = "  - do: phone.send_destination\n    with: {car: su7, place: office}\n"
    told = passes(BEGIN + ask + "  - expect: {su7.trip: 30 m}\n    within: 1s\n")
    assert told.verdict == "pass"

    assert minutes_of(BEGIN + DRIVE + PARKED) == 30


def test_the_speed_changes_with_the_time_of_the_day() -> None:
    """The rush on the fifth ring ends at nine; the car feels it."""
    late = HEAD + START.format(clock="08:45") + "given: {su7: {driver: lin}}\nsteps:\n" + DRIVE
    passes(
        late
        + "  - expect: {su7.believes.speed: 44 km/h}\n  - advance: 15m\n"
        + "  - expect: {su7.believes.speed: 80 km/h, su7.speed: 80 km/h}\n"
    )


def test_named_roads_are_driven_although_they_are_slower() -> None:
    """17 km at 25 km/h are 40 minutes and 48 seconds."""
    named = "  - do: lin.drives\n    with: {car: su7, to: office, by: [fourth_ring]}\n"
    assert minutes_of(BEGIN + named + PARKED) == pytest.approx(40.8)


def test_a_jam_ahead_of_a_car_makes_it_late() -> None:
    """Half of 22 km at 44 km/h, and half at 22."""
    jam = "  - advance: 15m\n  - do: roads.slow\n    with: {road: fifth_ring, speed: 22 km/h}\n"
    assert minutes_of(BEGIN + DRIVE + jam + PARKED) == pytest.approx(45, abs=0.001)


def test_a_jam_that_dissolves_lets_it_arrive_earlier_again() -> None:
    """Ten minutes of jam cost five."""
    jam = "  - advance: 10m\n  - do: roads.slow\n    with: {road: fifth_ring, speed: 22 km/h}\n"
    over = "  - advance: 10m\n  - do: roads.open\n    with: {road: fifth_ring}\n    as: over\n"
    assert minutes_of(BEGIN + DRIVE + jam + over + PARKED) == pytest.approx(35, abs=0.001)


LONG = HEAD + START.format(clock="12:00") + "given: {su7: {driver: lin}}\nsteps:\n"
TO_FAR = "  - do: lin.drives\n    with: {car: su7, to: zhangjiakou, by: roads}\n"


def test_where_the_road_ahead_is_closed_and_there_is_no_other_the_car_stops_at_the_crossing() -> None:
    """It drives the road it is on to its end."""
    passes(
        LONG
        + TO_FAR
        + "  - advance: 10m\n  - do: roads.close\n    with: {road: huailai_motorway}\n    as: closed\n"
        + "  - expect: {closed: done}\n  - advance: {until: {su7.gear: P}}\n  - expect: {su7.at: badaling}\n"
    )


def test_a_road_that_is_closed_behind_a_car_does_not_stop_it() -> None:
    """Nor one that it does not drive on."""
    passes(
        LONG
        + TO_FAR
        + "  - advance: 10m\n  - do: roads.close\n    with: {road: badaling_motorway}\n"
        + "  - do: roads.close\n    with: {road: fifth_ring}\n"
        + "  - advance: {until: {su7.gear: P}}\n  - expect: {su7.at: zhangjiakou}\n"
    )


def test_who_parks_on_the_way_has_not_arrived() -> None:
    """And the drive that was begun does not go on."""
    park = "  - advance: 10m\n  - do: lin.parks\n    with: {car: su7}\n  - advance: 1h\n"
    passes(BEGIN + DRIVE + park + "  - expect: {su7.at: away, su7.speed: 0 km/h}\n")


@pytest.mark.parametrize(
    ("given", "arguments", "sentence"),
    [
        ("{driver: lin}", "to: phone, by: roads", "no road leads to phone"),
        ("{driver: lin}", "to: home, by: roads", "su7 is at home already"),
        ("{driver: lin}", "to: kinmen, by: roads", "no open road leads from home to kinmen"),
        ("{driver: lin, from_home: 5 km}", "to: office, by: roads", "su7 is at no place of the map"),
        ("{driver: lin}", "to: office, by: [jining_motorway]", "jining_motorway does not leave home"),
        ("{driver: lin}", "to: badaling, by: [fifth_ring]", "fifth_ring does not lead to badaling"),
        ("{driver: lin}", "to: badaling, by: []", "no road does not lead to badaling"),
    ],
)
def test_where_no_road_leads_nobody_drives(given: str, arguments: str, sentence: str) -> None:
    """The step fails with its sentence."""
    step = f"  - do: lin.drives\n    with: {{car: su7, {arguments}}}\n"
    said, _, _ = fails(HEAD + f"given: {{su7: {given}}}\nsteps:\n" + step)
    assert sentence in said


def test_a_closed_road_cannot_be_driven_by_its_name() -> None:
    """The driver sees the barrier."""
    close = "  - do: roads.close\n    with: {road: fifth_ring}\n"
    named = "  - do: lin.drives\n    with: {car: su7, to: office, by: [fifth_ring]}\n"
    assert "fifth_ring is closed" in fails(BEGIN + close + named)[0]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("to: office", "how fast is not said"),
        (
            "to: office, by: roads, speed: 50 km/h",
            "by roads one drives `to` a place, and the roads say how fast",
        ),
        ("by: roads", "by roads one drives `to` a place"),
    ],
)
def test_a_drive_is_by_roads_or_at_a_speed(arguments: str, sentence: str) -> None:
    """Nothing is run."""
    step = f"  - do: lin.drives\n    with: {{car: su7, {arguments}}}\n"
    assert sentence in str(refusal(BEGIN + step))


@pytest.mark.parametrize(
    ("step", "sentence"),
    [
        ("roads.clos\n    with: {road: fifth_ring}", "`roads` has no verb `clos`"),
        ("roads.close\n    with: {road: fift_ring}", "`fift_ring` is no road of household wang"),
        ("road.close\n    with: {road: fifth_ring}", "there is no `road` in household wang"),
    ],
)
def test_a_mistake_in_a_road_is_said_with_the_nearest_name(step: str, sentence: str) -> None:
    """Before anything runs."""
    error = refusal(BEGIN + f"  - do: {step}\n")
    assert sentence in error.sentence
    assert "did you mean" in (error.help_text or "")


def test_roads_change_by_three_verbs() -> None:
    """And a story names them as nature's acts."""
    assert set(ROAD_ACTS) == {"close", "slow", "open"}
    assert load(BEGIN + "  - do: roads.open\n    with: {road: fifth_ring}\n").cases[0].steps
