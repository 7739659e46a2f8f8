"""Facts: every path means one thing, of the truth, of a report, or of what somebody else heard."""

import pytest

from sim.core.household import Household
from sim.scenario.facts import Facts, UnknownFactError
from sim.scenario.values import BOOLEAN, POSITION, TEXT, Choice, Quantity
from tests.scenario.stories import HEAD, KINDS, STEPS, WANG, passes


def wang() -> Household:
    """Return the household that ships."""
    household = WANG.household("wang")
    assert household is not None
    return household


def facts() -> Facts:
    """Return the facts of the household that ships."""
    return Facts(wang(), KINDS)


def test_facts_begin_with_what_the_household_has() -> None:
    """Every path begins with the weather, a home, a person or a device."""
    assert facts().roots()[:6] == ["weather", "home", "lin", "mei", "tao", "jun"]
    assert {"su7", "mallory"} <= set(facts().roots())


PLACES = ("office", "badaling", "zhangjiakou", "hohhot", "xilinhot", "kinmen")
"""Where the Wangs drive to."""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("weather.outdoor", Quantity),
        ("home.bedroom.lamp", Choice(("on", "off"))),
        ("lin.at", Choice(("home", *PLACES, "away"))),
        ("lin.in", Choice(("su7", "none"))),
        ("lin.room", Choice(("living_room", "bedroom", "none"))),
        ("lin.position", POSITION),
        ("lin.from_su7", Quantity),
        ("su7.driver", Choice(("lin", "mei", "tao", "jun", "none"))),
        ("su7.locked", BOOLEAN),
        ("su7.moving", BOOLEAN),
        ("su7.believes.locked", BOOLEAN),
        ("su7.online", BOOLEAN),
        ("dash.driver_display", TEXT),
        ("phone.shows.heater", Choice(("known", "unknown"))),
        ("phone.shows.heater.mode", Choice(("off", "heat", "cool"))),
        ("phone.shows.heater.mode.age", Quantity),
        ("phone.shows.heater.online", BOOLEAN),
        ("phone.believes.heater.mode", Choice(("off", "heat", "cool"))),
    ],
)
def test_fact_takes_the_values_of_its_field(path: str, kind: object) -> None:
    """What a path may be compared with follows from the household and the kinds."""
    found = facts().find(path)

    assert found.path == path
    assert found.type == kind or isinstance(found.type, kind if isinstance(kind, type) else ())


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("su8.locked", "su8"),
        ("su7", ""),
        ("su7.lokced", "lokced"),
        ("home.kitchen.lamp", "kitchen.lamp"),
        ("su7.believes", "believes"),
        ("su7.believes.lokced", "lokced"),
        ("phone.shows", "shows"),
        ("phone.shows.mallory.on_wrist", "mallory"),
        ("phone.believes.heater", ""),
        ("phone.shows.heater.mood", "mood"),
        ("phone.shows.heater.mood.age", "mood.age"),
    ],
)
def test_fact_that_is_not_there_is_named(path: str, part: str) -> None:
    """The error says which part of a path means nothing."""
    with pytest.raises(UnknownFactError) as caught:
        facts().find(path)

    assert caught.value.part == part


def test_facts_of_the_world_are_its_truth() -> None:
    """Places, rooms, weather and physical facts are as they are."""
    passes(
        HEAD + "given:\n  weather: {outdoor: -8 °C}\n  home: {bedroom: {temperature: 17 °C, lamp: on}}\n"
        "  lin: {room: bedroom}\n  mei: {from_home: 101 m}\n  su7: {driver: jun, from_home: 3 km}\n"
        "steps:\n"
        "  - expect: {weather.outdoor: -8 °C, home.bedroom.temperature: 17 °C, home.bedroom.lamp: 'on',\n"
        "      home.living_room.lamp: 'off', lin.room: bedroom, mei.room: none, lin.at: home, mei.at: away,\n"
        "      jun.in: su7, mei.in: none, su7.driver: jun, jun.from_home: 3 km, mei.from_lin: 101 m,\n"
        "      camera.at: home, camera.room: 20 °C, dash.from_su7: 0 m}\n"
        "  - never: {lin.position: changed, su7.driver: unknown}\n"
    )


def test_facts_of_a_cars_location_are_degrees() -> None:
    """A story says them with their sign, and a screen shows where the car was last."""
    passes(
        STEPS + "  - expect: {su7.latitude: 40.015 °, su7.longitude: 116.48 °}\n"
        "  - expect: {phone.shows.su7.latitude: '> 40 °'}\n"
    )


def test_facts_of_a_device_are_physical_before_they_are_reported() -> None:
    """Truth and belief of the same name are two facts, and can differ.

    80 % of 60 kWh last 385 km at 10 °C with the cabin heated.
    """
    passes(
        STEPS + "  - fault: {sensor: su7.locked}\n"
        "  - expect: {su7.locked: true, su7.believes.locked: unknown, su7.range: '380 .. 395 km'}\n"
    )


def test_facts_of_what_was_never_reported_are_unknown() -> None:
    """A car whose battery sensor never spoke reports no range, and a phone has no age for it."""
    passes(
        HEAD + "given: {su7: {asleep: true}}\nsteps:\n  - fault: {crash: su7, for: 1s}\n"
        "  - fault: {sensor: su7.battery}\n  - advance: 2s\n"
        "  - expect: {su7.range: unknown, su7.battery: 79.9 .. 80 %}\n"
    )


def test_facts_of_a_screen_have_an_age() -> None:
    """An age grows between reports, and is zero when something is measured anew."""
    passes(
        STEPS + "  - advance: 700ms\n"
        "  - expect: {phone.shows.su7.locked.age: 700 ms, phone.believes.su7.locked.age: 700 ms}\n"
        "  - advance: {until: {phone.shows.su7.locked.age: '>= 5 s'}}\n"
        "  - expect: {phone.shows.su7.locked.age: 5 s}\n"
    )


def test_facts_of_a_reader_that_heard_nothing_are_unknown() -> None:
    """A phone that starts cut off believes nothing, shows nothing and has no age for anything."""
    passes(
        STEPS + "  - fault: {link: phone, loss: 100 %}\n  - fault: {crash: phone, for: 1s}\n  - advance: 2s\n"
        "  - expect: {phone.shows.su7: unknown, phone.shows.su7.locked: unknown, phone.online: true,\n"
        "      phone.believes.su7.locked: unknown, phone.believes.su7.locked.age: unknown,\n"
        "      phone.shows.su7.online: unknown}\n"
    )
