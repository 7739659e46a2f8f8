"""The senses of one device: the truth of this instant, as far as its own sensors reach."""

import pytest

from sim.devices.car import Car
from sim.world.senses import TruthSenses
from sim.world.truth import RADIO_REACH_M
from tests.stages import HOME, KINDS, SESSION, START_MS, Theatre

LAMPS = HOME.replace("devices:", "devices:\n  torch: {kind: lamp}\n  su7: {kind: car, owner: lin}")


def stage() -> Theatre:
    """Return a stage with a lamp in the hall, a torch nowhere, and a car."""
    return Theatre(LAMPS, kinds={**KINDS, "car": Car})


def senses(theatre: Theatre, device: str) -> TruthSenses:
    """Return a device's sensors."""
    return TruthSenses(theatre.truth, theatre.timeline, device)


def test_senses_read_the_truth_of_this_instant() -> None:
    """Distance, room, weather, view, person, place and time."""
    theatre = stage()
    theatre.truth.places.put("lin", (60.0, 80.0), START_MS)
    lamp = senses(theatre, "lamp")

    assert lamp.distance_m("button") == pytest.approx(100.0)
    assert (lamp.room_c(), lamp.outdoor_c()) == (20.0, 10.0)
    assert lamp.view() == theatre.truth.view("lamp", START_MS)
    assert (lamp.person(), senses(theatre, "button").person()) == (None, "lin")
    assert lamp.local_time() == "2026-01-12 07:30:00"
    assert lamp.location() == pytest.approx((40.0, 116.5))


def test_senses_of_a_device_in_no_room_find_neither_warmth_nor_picture() -> None:
    """Weather and time are everywhere."""
    torch = senses(stage(), "torch")

    assert (torch.room_c(), torch.view()) == (None, None)
    assert torch.outdoor_c() == 10.0


def test_senses_go_with_the_clock_of_the_world_and_not_with_the_devices_own() -> None:
    """A wrong clock makes no car drive faster; the wall's clock is right, too."""
    theatre = stage()
    theatre.truth.change("su7", {"locked": False}, START_MS)
    theatre.does("lin", "enters", car="su7")
    theatre.does("lin", "drives", car="su7", speed_kmh=36)
    theatre.stage.skew_clock("su7", 3_600_000, None)

    theatre.advance(10_000)

    # 10 s at 36 km/h are 100 m, of 6371 km under each radian of latitude.
    car = senses(theatre, "su7")
    assert car.own("speed_kmh") == pytest.approx(36)
    assert car.distance_m("lamp") == pytest.approx(RADIO_REACH_M)
    assert car.local_time() == "2026-01-12 07:30:10"


def test_senses_say_nothing_of_what_is_blind() -> None:
    """The truth goes on without them, and other sensors go on seeing."""
    theatre = stage()
    lamp = senses(theatre, "lamp")
    assert (lamp.own("on"), lamp.own("heat_w")) == (False, 0.0)

    theatre.truth.blind["lamp", "on"] = 1

    assert (lamp.own("on"), lamp.own("heat_w")) == (None, 0.0)


@pytest.mark.parametrize(("away_m", "sensed"), [(RADIO_REACH_M, True), (RADIO_REACH_M + 0.1, False)])
def test_distance_beyond_radio_reach_is_not_measured(away_m: float, sensed: bool) -> None:  # noqa: FBT001  # a column of the table
    """A hundred metres and a bit are too far."""
    theatre = stage()
    theatre.truth.places.put("lin", (away_m, 0), START_MS)

    assert (senses(theatre, "lamp").distance_m("button") is not None) is sensed


def test_distance_to_nobody_is_not_measured() -> None:
    """A name that nobody bears is nowhere, and a command from there is judged without a distance."""
    theatre = stage()
    theatre.truth.places.put("lin", (100.1, 0), START_MS)

    assert senses(theatre, "lamp").distance_m("ghost") is None
    assert theatre.status(theatre.press("", action="measure")) == "denied"


# --- ranging and codes ----------------------------------------------------------------------------


def test_ranging_finds_the_radio_that_has_the_sessions_key_where_it_is() -> None:
    """Three rounds agree, whatever the device is called; another session finds nobody."""
    theatre = stage()
    theatre.truth.places.put("lin", (3.0, 4.0), START_MS)
    theatre.truth.air.answer(SESSION, "button")
    car = senses(theatre, "su7")

    assert car.ranged_m(SESSION) == pytest.approx((5.0, 5.0, 5.0))
    assert car.ranged_m(b"another session") == (None, None, None)


def test_ranging_goes_with_the_radio_and_not_with_its_owner() -> None:
    """A key that was left behind answers from where it lies."""
    theatre = stage()
    theatre.truth.air.answer(SESSION, "button")
    theatre.does("lin", "takes_off", device="button")
    theatre.truth.places.put("lin", (500.0, 0.0), START_MS)

    assert senses(theatre, "su7").ranged_m(SESSION) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(("away_m", "found"), [(RADIO_REACH_M, True), (RADIO_REACH_M + 0.1, False)])
def test_ranging_finds_nobody_beyond_radio_reach(away_m: float, found: bool) -> None:  # noqa: FBT001  # a column of the table
    """A round without an answer is none, not a far one."""
    theatre = stage()
    theatre.truth.air.answer(SESSION, "button")
    theatre.truth.places.put("lin", (away_m, 0), START_MS)

    assert (None not in senses(theatre, "su7").ranged_m(SESSION)) is found


def test_ranging_at_a_car_with_a_shortened_round_disagrees() -> None:
    """One round in three says nothing at all; other cars measure as ever, and silence stays silence."""
    theatre = stage()
    theatre.truth.places.put("lin", (60.0, 0.0), START_MS)
    theatre.truth.air.answer(SESSION, "button")

    theatre.truth.air.shortened.add("su7")

    assert senses(theatre, "su7").ranged_m(SESSION) == (60.0, 0.0, 60.0)
    assert senses(theatre, "lamp").ranged_m(SESSION) == (60.0, 60.0, 60.0)
    assert senses(theatre, "su7").ranged_m(b"nobody's") == (None, None, None)


def test_code_on_a_screen_is_read_by_what_rides_in_that_car() -> None:
    """Neither through the window, nor from a car that shows none."""
    theatre = stage()
    theatre.truth.air.show("su7", "secret")
    button = senses(theatre, "button")
    assert button.code("su7") is None
    theatre.truth.change("su7", {"locked": False}, START_MS)
    theatre.does("lin", "enters", car="su7", seat="passenger")

    assert button.code("su7") == "secret"
    assert button.code("lamp") is None
    theatre.truth.air.show("su7", None)
    assert button.code("su7") is None
