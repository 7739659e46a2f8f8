"""The world at the start: what is given is so, and what belongs to it follows."""

from tests.scenario.stories import HEAD, KINDS, House, load, passes, refusal


def given(world: str, expected: str) -> None:
    """Check what a given world is like before anything happens."""
    passes(HEAD + f"given:\n{world}steps:\n  - expect: {{{expected}}}\n")


def test_given_nothing_is_the_world_as_it_is() -> None:
    """Everybody is at home, the car is parked and locked, and the rooms have 20 °C."""
    text = HEAD + "steps:\n  - expect: {lin.at: home, su7.locked: true, su7.gear: P, heater.room: 20 °C}\n"

    passes(text)
    assert load(text).cases[0].given.physical == {}


def test_given_room_is_that_of_the_home() -> None:
    """A device's room and the home's room are the same air."""
    given("  heater: {room: 12 °C}\n", "home.living_room.temperature: 12 °C, camera.room: 12 °C")
    given("  home: {living_room: {temperature: 12 °C}}\n", "heater.room: 12 °C, home.living_room.lamp: 'off'")
    given("  home: {living_room: {lamp: on}}\n", "heater.room: 20 °C, home.living_room.lamp: 'on'")


def test_given_physical_fact_is_so_until_a_device_changes_it() -> None:
    """A compressor that runs although its unit is off is stopped as soon as the unit looks."""
    given("  heater: {heat: 500}\n", "heater.heat: 0, heater.mode: 'off'")


def test_given_state_is_what_a_device_begins_with() -> None:
    """A device is told what it cannot sense: that it sleeps, or its mode."""
    given("  su7: {asleep: true}\n", "su7.asleep: true, phone.shows.su7.asleep: true")
    given("  heater: {power: on, target: 25 °C}\n", "heater.mode: heat, heater.target: 25 °C")


def test_given_people_stand_where_they_are_put() -> None:
    """At a home, in a room, in a car, or some way east of something."""
    given("  lin: {at: home}\n", "lin.from_home: 0 m, lin.room: none")
    given("  lin: {room: bedroom}\n", "lin.at: home, lin.room: bedroom")
    given("  lin: {at: home, from_su7: 80 m}\n", "lin.from_su7: 80 m")
    given("  lin: {in: su7}\n  su7: {from_home: 1 km}\n", "lin.in: su7, lin.at: away, su7.driver: none")


def test_given_driver_sits_in_the_car() -> None:
    """Whoever drives is in the car, and goes with it."""
    given(
        "  su7: {driver: lin, gear: D, speed: 62 km/h, from_home: 5 km}\n",
        "lin.in: su7, lin.from_su7: 0 m, lin.from_home: 5 km, su7.moving: true",
    )
    given("  su7: {driver: none}\n", "su7.driver: none, lin.in: none")


def test_given_car_that_moves_goes_on() -> None:
    """A car that is given a speed drives on along an endless road."""
    passes(
        HEAD + "given: {su7: {driver: lin, gear: D, speed: 60 km/h}}\nsteps:\n  - advance: 1m\n"
        "  - expect: {su7.from_home: 1000 m, lin.from_home: 1000 m, su7.speed: 60 km/h}\n"
    )


def test_given_car_that_rolls_without_a_driver_goes_on() -> None:
    """A speed needs nobody at the wheel."""
    passes(
        HEAD + "given: {su7: {gear: N, speed: 6 km/h}}\nsteps:\n  - advance: 1m\n"
        "  - expect: {su7.from_home: 100 m, su7.driver: none}\n"
    )


def test_given_watch_is_on_the_wrist_or_off_it() -> None:
    """What is worn goes with its wearer, and what is not lies where it is."""
    walk = "steps:\n  - do: lin.walk\n    with: {to: su7}\n"
    away = "given: {su7: {from_home: 50 m}, watch: "

    passes(HEAD + away + "{on_wrist: true, wearer: lin}}\n" + walk + "  - expect: {watch.from_lin: 0 m}\n")
    passes(HEAD + away + "{on_wrist: false}}\n" + walk + "  - expect: {watch.from_home: 0 m}\n")


def test_given_distance_of_a_portable_thing_takes_it_out_of_the_hand() -> None:
    """A phone that lies somewhere is carried by nobody, and a watch there is on no wrist."""
    given("  phone: {from_su7: 50 m}\n", "phone.carrier: none, phone.from_su7: 50 m, lin.from_su7: 0 m")
    given("  watch: {from_home: 5 m}\n", "watch.on_wrist: false, watch.from_home: 5 m")


ROOMS = "rooms: {bedroom: {volume: 40 m³, heat_loss: 70 W/K, heat_capacity: 1 MJ/K}}"
TWO_HOMES = House(
    "two",
    "household: two\npeople: {lin: {role: owner}}\nhomes:\n"
    f"  flat: {{position: [40, 116], {ROOMS}}}\n  hut: {{position: [40.1, 116], {ROOMS}}}\n"
    "devices: {phone: {kind: phone, owner: lin}}\n",
    KINDS,
)
NO_HOME = House(
    "camp", "household: camp\npeople: {lin: {role: owner}}\ndevices: {phone: {kind: phone}}\n", KINDS
)


def test_given_room_is_that_of_the_home_one_is_at() -> None:
    """Two homes may have a bedroom each; without more, the first is meant."""
    head = "scenario: A\nhousehold: two\ngiven: {lin: "

    passes(
        head + "{at: hut, room: bedroom}}\nsteps: [{expect: {lin.at: hut, lin.room: bedroom}}]\n", TWO_HOMES
    )
    passes(head + "{room: bedroom}}\nsteps: [{expect: {lin.at: flat}}]\n", TWO_HOMES)


def test_given_what_a_household_has_not_cannot_be_given() -> None:
    """Without homes and cars nobody is at one or in one, and the error knows what is left."""
    error = refusal(
        "scenario: A\nhousehold: camp\ngiven: {lin: {in: su7}}\nsteps: [{advance: 1s}]\n", NO_HOME
    )

    assert error.sentence == "`lin` has no `in` that can be given"
    assert error.help_text == "known here: `from_phone`"
    passes("scenario: A\nhousehold: camp\nsteps: [{expect: {lin.at: away, lin.in: none}}]\n", NO_HOME)
