"""What people do: each act, and each way in which the world says no."""

from dataclasses import replace
from typing import Any

import pytest

from sim.core.device import Polled
from sim.devices.car import Car
from sim.world.truth import Truth
from sim.world.truth.air import CALL_REACH_M
from sim.world.truth.people import ARM_M, NATURE_ACTS, PERSON_ACTS, ImpossibleActError, SetWeather
from tests.stages import HOME, KINDS, START_MS, Button, Theatre

CARS = HOME.replace("devices:", "devices:\n  su7: {kind: car, owner: lin}\n  old: {kind: car}")


@pytest.fixture
def theatre() -> Theatre:
    """Lin and Mei at home, two locked cars and a button."""
    return Theatre(CARS, kinds={**KINDS, "car": Car})


@pytest.fixture
def truth(theatre: Theatre) -> Truth:
    """The truth of that stage."""
    return theatre.truth


def facts(theatre: Theatre, car: str = "su7") -> Any:
    """Return what is so of a car now."""
    return theatre.truth.physical(car, theatre.now_ms)


def seated(theatre: Theatre, person: str = "lin", **arguments: Any) -> None:
    """Let somebody into the unlocked car."""
    theatre.truth.change("su7", {"locked": False}, theatre.now_ms)
    theatre.does(person, "enters", car="su7", **arguments)


def refusal(theatre: Theatre, person: str, verb: str, **arguments: Any) -> str:
    """Return why the world does not allow an act, having checked that nothing changed."""
    before = (facts(theatre), facts(theatre, "old"), dict(theatre.truth.inside), theatre.truth.touched)
    with pytest.raises(ImpossibleActError) as caught:
        theatre.does(person, verb, **arguments)
    assert before == (
        facts(theatre),
        facts(theatre, "old"),
        dict(theatre.truth.inside),
        theatre.truth.touched,
    )
    return str(caught.value)


def test_verbs_are_called_like_their_classes() -> None:
    """A scenario says `takes_off`."""
    assert list(PERSON_ACTS) == [
        "walk",
        "goes_into",
        "switches_lamp",
        "cooks",
        "closes_shutter",
        "replaces_filter",
        "pulls_handle",
        "opens_door",
        "closes_door",
        "takes_off",
        "puts_on",
        "docks",
        "enters",
        "leaves",
        "drives",
        "parks",
        "plugs_in",
        "unplugs",
        "opens",
        "closes",
    ]
    assert NATURE_ACTS.get("set") is SetWeather


# --- on foot --------------------------------------------------------------------------------------


def test_walk_takes_its_time_and_stops_before_the_goal(theatre: Theatre, truth: Truth) -> None:
    """140 m at 1.4 m/s are 100 s; the story waits, whoever walks is under way meanwhile."""
    truth.places.put("su7", (141.4, 0), START_MS)
    truth.inside["lin"] = ("home", "hall")

    course = theatre.does("lin", "walk", to="su7", until_m=1.4)

    assert course.takes_ms == 100_000
    assert "lin" not in truth.inside
    assert truth.places.position("lin", START_MS + 50_000) == pytest.approx((70, 0))
    assert truth.places.distance_m("lin", "su7", START_MS + 100_000) == pytest.approx(1.4)


def test_walk_to_where_one_is_near_enough_takes_no_time(theatre: Theatre, truth: Truth) -> None:
    """Whoever is nearer than the stop stays."""
    truth.places.put("su7", (1, 0), START_MS)

    assert theatre.does("lin", "walk", to="su7", until_m=2).takes_ms == 0
    assert truth.places.position("lin", START_MS) == (0, 0)


def test_nobody_walks_while_sitting_in_a_car(theatre: Theatre) -> None:
    """One gets out first."""
    seated(theatre)

    assert refusal(theatre, "lin", "walk", to="home") == "lin sits in su7"


def test_room_is_entered_at_home_on_foot(theatre: Theatre, truth: Truth) -> None:
    """The camera sees whoever went in."""
    theatre.does("lin", "goes_into", room="hall")

    assert truth.inside == {"lin": ("home", "hall")}


def test_room_that_is_not_there_or_far_away_cannot_be_entered(theatre: Theatre, truth: Truth) -> None:
    """Neither an unknown room, nor from elsewhere, nor out of a car."""
    assert refusal(theatre, "lin", "goes_into", room="attic") == "`home` has no room `attic`"
    truth.places.put("lin", (101, 0), START_MS)
    assert refusal(theatre, "lin", "goes_into", room="hall") == "lin is not at home"
    seated(theatre, "mei")
    assert refusal(theatre, "mei", "goes_into", room="hall") == "mei sits in su7"


def test_lamp_is_switched_by_hand(theatre: Theatre, truth: Truth) -> None:
    """On and off; a room that is not there has no switch."""
    theatre.does("lin", "switches_lamp", room="hall", lamp="on")
    assert truth.rooms["home", "hall"].lamp_on

    theatre.does("lin", "switches_lamp", room="hall", lamp="off")
    assert not truth.rooms["home", "hall"].lamp_on
    assert refusal(theatre, "lin", "switches_lamp", room="attic", lamp="on") == "`home` has no room `attic`"


def test_lamp_is_switched_by_nobody_from_afar(theatre: Theatre, truth: Truth) -> None:
    """Neither from elsewhere nor out of a car before the door, and nothing is lit."""
    truth.places.put("lin", (100.1, 0), START_MS)
    assert refusal(theatre, "lin", "switches_lamp", room="hall", lamp="on") == "lin is not at home"
    seated(theatre, "mei")
    assert refusal(theatre, "mei", "switches_lamp", room="hall", lamp="on") == "mei sits in su7"

    assert not truth.rooms["home", "hall"].lamp_on


# --- things ---------------------------------------------------------------------------------------


def test_thing_is_taken_off_and_put_on_by_anybody(theatre: Theatre, truth: Truth) -> None:
    """Whoever has it in hand may not be its owner."""
    theatre.does("lin", "takes_off", device="button")
    assert truth.person_at("button") is None

    theatre.does("mei", "puts_on", device="button")
    assert truth.person_at("button") == "mei"
    assert truth.places.carrier("button") == "mei"


def test_thing_that_one_does_not_have_cannot_be_taken_off(theatre: Theatre) -> None:
    """Nor can what nobody can carry be put on."""
    assert refusal(theatre, "mei", "takes_off", device="button") == "mei does not have button"
    assert refusal(theatre, "mei", "puts_on", device="lamp") == "lamp cannot be carried"


def test_thing_out_of_reach_cannot_be_put_on(theatre: Theatre, truth: Truth) -> None:
    """Two metres are an arm and a step."""
    theatre.does("lin", "takes_off", device="button")
    truth.places.put("mei", (2.01, 0), START_MS)
    assert refusal(theatre, "mei", "puts_on", device="button") == "mei is 2.01 m away from button"
    truth.places.put("mei", (2.0, 0), START_MS)

    theatre.does("mei", "puts_on", device="button")

    assert truth.person_at("button") == "mei"


# --- handles --------------------------------------------------------------------------------------


class Tag(Button):
    """A button that can be a key, and knows who called it."""

    kind = "tag"
    holds_keys = True

    def step(self, at: Any, stimulus: Any) -> Any:
        """Hear a call."""
        if isinstance(stimulus, Polled):
            return replace(self, heard=(*self.heard, f"{stimulus.car} {stimulus.action}")), ()
        return super().step(at, stimulus)


TAGS = CARS.replace(
    "  button: {kind: button, owner: lin}", "  tag: {kind: tag, owner: lin}\n  other: {kind: tag, owner: mei}"
)


@pytest.fixture
def tagged() -> Theatre:
    """Lin with a tag and Mei with another, before two locked cars."""
    return Theatre(TAGS, kinds={**KINDS, "car": Car, "tag": Tag})


def called(theatre: Theatre, tag: str) -> tuple[str, ...]:
    """Return the calls that a tag has heard."""
    device = theatre.node(tag).device
    assert isinstance(device, Tag)
    return device.heard


def test_handle_that_is_pulled_calls_every_key_around_the_car(tagged: Theatre) -> None:
    """Whoever pulls: the car does not know hands. Each key hears it once."""
    tagged.does("mei", "pulls_handle", car="su7")

    assert called(tagged, "tag") == called(tagged, "other") == ("su7 unlock",)
    assert tagged.truth.air.calls == []
    assert facts(tagged).locked is True


@pytest.mark.parametrize(("away_m", "heard"), [(CALL_REACH_M, ("su7 unlock",)), (CALL_REACH_M + 0.1, ())])
def test_call_reaches_ten_metres(tagged: Theatre, away_m: float, heard: tuple[str, ...]) -> None:
    """A key at home does not wake for a handle in the street."""
    tagged.truth.places.put("lin", (0, away_m), START_MS)

    tagged.does("mei", "pulls_handle", car="su7")

    assert called(tagged, "tag") == heard


def test_call_does_not_reach_a_key_without_power(tagged: Theatre) -> None:
    """An empty battery hears nothing, and nothing comes later."""
    tagged.stage.crash("tag", None, 1_000)

    tagged.does("mei", "pulls_handle", car="su7")
    assert (called(tagged, "tag"), called(tagged, "other")) == ((), ("su7 unlock",))
    tagged.advance(5_000)

    assert called(tagged, "tag") == ()


def test_handle_is_pulled_from_outside(tagged: Theatre) -> None:
    """Whoever sits in a car has a door to open instead."""
    seated(tagged)

    assert refusal(tagged, "lin", "pulls_handle", car="su7") == "lin sits in su7"
    assert called(tagged, "tag") == ()


# --- cars -----------------------------------------------------------------------------------------


def test_driver_and_passenger_move_with_the_car(theatre: Theatre, truth: Truth) -> None:
    """Only the driver is at the wheel."""
    seated(theatre)
    theatre.truth.inside["mei"] = ("home", "hall")
    theatre.does("mei", "enters", car="su7", seat="passenger")

    assert facts(theatre).driver == "lin"
    assert [truth.places.carrier(person) for person in ("lin", "mei")] == ["su7", "su7"]
    assert truth.inside == {}


def test_car_is_not_entered_when_locked_taken_moving_or_from_another(theatre: Theatre) -> None:
    """Four ways in which a seat is not to be had."""
    assert refusal(theatre, "lin", "enters", car="su7") == "su7 is locked"
    seated(theatre)
    assert refusal(theatre, "mei", "enters", car="su7") == "lin sits in the driver's seat of su7"
    assert refusal(theatre, "lin", "enters", car="old") == "lin sits in su7"
    theatre.does("lin", "drives", car="su7", speed_kmh=30)
    assert refusal(theatre, "mei", "enters", car="su7", seat="passenger") == "su7 is moving"


@pytest.mark.parametrize("verb", ["enters", "opens", "closes", "pulls_handle"])
def test_car_is_touched_only_within_reach(theatre: Theatre, truth: Truth, verb: str) -> None:
    """One walks to it first; two metres are near enough."""
    truth.change("su7", {"locked": False}, START_MS)
    truth.places.put("lin", (0, 150), START_MS)
    assert refusal(theatre, "lin", verb, car="su7") == "lin is 150 m away from su7"

    theatre.advance(theatre.does("lin", "walk", to="su7", until_m=ARM_M).takes_ms)

    theatre.does("lin", verb, car="su7")


def test_car_is_touched_from_inside_wherever_it_is(theatre: Theatre, truth: Truth) -> None:
    """Whoever sits in it has come along."""
    seated(theatre)
    truth.places.put("su7", (5_000, 0), START_MS)

    theatre.does("lin", "opens", car="su7")

    assert facts(theatre).door_driver == "open"


def test_car_switches_itself_off_when_nobody_is_at_its_wheel(theatre: Theatre, truth: Truth) -> None:
    """A passenger who gets out changes nothing; whoever gets in next needs a key to start it."""
    seated(theatre)
    theatre.does("mei", "enters", car="su7", seat="passenger")
    truth.change("su7", {"drive_ready": True}, theatre.now_ms)

    theatre.does("mei", "leaves", car="su7")
    assert facts(theatre).drive_ready is True
    theatre.does("lin", "leaves", car="su7")
    assert facts(theatre).drive_ready is False
    theatre.does("mei", "enters", car="su7")

    assert facts(theatre).drive_ready is False


def test_car_is_left_where_it_stands(theatre: Theatre, truth: Truth) -> None:
    """The driver's seat is empty then; a passenger leaves the driver where they are."""
    seated(theatre)
    theatre.does("mei", "enters", car="su7", seat="passenger")

    theatre.does("mei", "leaves", car="su7")
    assert facts(theatre).driver == "lin"
    theatre.does("lin", "leaves", car="su7")

    assert facts(theatre).driver is None
    assert truth.places.carrier("lin") is None


def test_car_is_not_left_by_who_is_not_in_it_or_while_it_moves(theatre: Theatre) -> None:
    """Nobody jumps out."""
    assert refusal(theatre, "lin", "leaves", car="su7") == "lin is not in su7"
    seated(theatre)
    theatre.does("lin", "drives", car="su7", speed_kmh=30)
    assert refusal(theatre, "lin", "leaves", car="su7") == "su7 is moving"


def test_car_is_driven_to_a_place_and_parks_there(theatre: Theatre, truth: Truth) -> None:
    """1 km at 36 km/h takes 100 s, during which it uses energy; then it stands in P."""
    truth.places.put("old", (1_000, 0), START_MS)
    seated(theatre)
    full = facts(theatre).battery_percent

    course = theatre.does("lin", "drives", car="su7", speed_kmh=36, to="old")

    assert (course.takes_ms, course.ends_ms) == (0, START_MS + 100_000)
    assert (facts(theatre).gear, facts(theatre).speed_kmh) == ("D", pytest.approx(36))
    theatre.advance(99_999)
    assert facts(theatre).gear == "D"
    theatre.advance(1)
    assert (facts(theatre).gear, facts(theatre).speed_kmh) == ("P", 0)
    assert truth.places.position("lin", theatre.now_ms) == (1_000, 0)
    # Tyres take 183 N at 10 °C and the air 28 N; 87 % of what the battery gives arrive. 300 W run beside
    # that, the battery's own loss is 0.1 % at 2.7 kW, and all that lasts 100 s, out of 73 kWh.
    driven_kwh = (211.2 * 10 / 0.87 + 300) * 1.001 * 100 / 3_600_000
    assert full - facts(theatre).battery_percent == pytest.approx(driven_kwh / 73 * 100, rel=1e-3)


def test_car_without_a_destination_drives_on_until_it_is_parked(theatre: Theatre, truth: Truth) -> None:
    """Parking stops it where it is, for good: speed, gear and place stay."""
    seated(theatre)
    theatre.does("lin", "drives", car="su7", speed_kmh=72)
    theatre.advance(10_000)

    theatre.does("lin", "parks", car="su7")
    theatre.advance(3_600_000)

    assert (facts(theatre).gear, facts(theatre).speed_kmh) == ("P", 0)
    assert truth.places.position("su7", theatre.now_ms) == pytest.approx((200, 0))


def test_arrival_of_a_drive_that_was_given_up_does_not_park_the_next(theatre: Theatre, truth: Truth) -> None:
    """A new destination replaces the old one, with its arrival."""
    truth.places.put("old", (1_000, 0), START_MS)
    seated(theatre)
    theatre.does("lin", "drives", car="su7", speed_kmh=36, to="old")
    theatre.advance(50_000)
    theatre.does("lin", "drives", car="su7", speed_kmh=36)

    theatre.advance(50_000)

    assert (facts(theatre).gear, facts(theatre).speed_kmh) == ("D", pytest.approx(36))


@pytest.mark.parametrize(("verb", "arguments"), [("drives", {"speed_kmh": 30}), ("parks", {})])
def test_car_is_driven_from_the_drivers_seat_only(
    theatre: Theatre, verb: str, arguments: dict[str, Any]
) -> None:
    """Neither from outside nor from beside the driver."""
    expected = "mei does not sit in the driver's seat of su7"
    assert refusal(theatre, "mei", verb, car="su7", **arguments) == expected
    seated(theatre)
    theatre.does("mei", "enters", car="su7", seat="passenger")
    assert refusal(theatre, "mei", verb, car="su7", **arguments) == expected


def test_door_opens_unlocked_or_from_the_drivers_seat(theatre: Theatre, truth: Truth) -> None:
    """A locked car opens to nobody outside."""
    assert refusal(theatre, "mei", "opens", car="su7") == "su7 is locked"
    seated(theatre)
    theatre.does("mei", "opens", car="su7", part="rear_left")
    truth.change("su7", {"locked": True}, theatre.now_ms)
    theatre.does("lin", "opens", car="su7")

    assert (facts(theatre).door_rear_left, facts(theatre).door_driver) == ("open", "open")


def test_doors_and_boot_are_closed_by_anybody(theatre: Theatre, truth: Truth) -> None:
    """Pushing shut needs no key."""
    truth.change("su7", {"door_passenger": "open", "boot": "open"}, START_MS)

    theatre.does("mei", "closes", car="su7", part="passenger")
    theatre.does("mei", "closes", car="su7", part="boot")

    assert (facts(theatre).door_passenger, facts(theatre).boot) == ("closed", "closed")
