"""Places and roads of a household: what they may be, and where stories use them."""

import pytest

from sim.core.errors import HouseholdError
from sim.scenario.households import read_household
from tests.scenario.stories import HEAD, KINDS, fails, passes, refusal

BASE = """\
household: wang
people: {lin: {role: owner}}
homes:
  home: {position: [40.0, 116.5]}
places:
  office:
    position: [40.1, 116.6]
    charger: {power: 120 kW}
roads:
  ring:
    from: home
    to: office
    length: 20 km
    speed: 60 km/h
    rush: [{from: "07:00", until: "09:00", speed: 20 km/h}]
devices:
  su7: {kind: car, owner: lin}
"""


def mistake(old: str, new: str) -> tuple[str, str, int]:
    """Return sentence, help and line of the error after a change of the file."""
    assert BASE.count(old) == 1
    with pytest.raises(HouseholdError) as caught:
        read_household("wang.household.yaml", BASE.replace(old, new), KINDS)
    place = caught.value.place
    assert place is not None
    return caught.value.sentence, caught.value.help_text or "", place.line


def test_a_household_has_a_map() -> None:
    """Homes and places, their chargers and the roads between them."""
    household = read_household("wang.household.yaml", BASE, KINDS)

    assert household.map.positions == {"home": (40.0, 116.5), "office": (40.1, 116.6)}
    assert household.map.chargers == {"office": 120_000.0}
    assert household.map.roads["ring"].speed_at_kmh(8 * 3_600_000) == 20.0


@pytest.mark.parametrize(
    ("old", "new", "sentence", "help_text", "line"),
    [
        ("to: office", "to: offic", "there is no home or place called `offic`", "did you mean `office`?", 12),
        ("from: home", "from: lin", "there is no home or place called `lin`", "known here", 11),
        ("to: office", "to: home", "`ring` leads from `home` to itself", "name another end", 12),
        (
            "length: 20 km",
            "length: 12 km",
            "`ring` is 12000 m long, but its ends are 14007 m apart",
            "no road is shorter than the straight line",
            13,
        ),
        ('"07:00"', '"7:00"', "`7:00` is no time of the day, write it as `07:30`", "", 15),
        ('"07:00"', '"10:00"', "a rush begins before it ends", "", 15),
        ("  office:", "  roads:", "`roads` is already a reserved word", "choose another name", 6),
        (
            "  ring:",
            "  office:",
            "`office` is already the name of a place, on line 6",
            "choose another name",
            10,
        ),
        ("speed: 60 km/h", "speed: 60", "`60` has no unit", "", 14),
    ],
)
def test_a_map_that_cannot_be_is_refused_at_its_line(
    old: str, new: str, sentence: str, help_text: str, line: int
) -> None:
    """In the user's words, with what to do."""
    said, told, at_line = mistake(old, new)

    assert sentence in said
    assert help_text in told
    assert at_line == line


def test_people_and_cars_can_begin_at_a_place() -> None:
    """And are there by its name."""
    passes(
        HEAD + "given: {su7: {from_office: 10 m}, lin: {at: office}}\nsteps:\n"
        "  - expect: {lin.at: office, su7.at: office, su7.from_office: 10 m, su7.from_home: '> 10 km'}\n"
        "  - do: lin.walk\n    with: {to: su7}\n  - expect: {lin.from_su7: 0 m}\n"
    )


def test_a_place_is_only_a_place() -> None:
    """It has no facts of its own, and nobody can be in a room there."""
    asked = HEAD + "steps:\n  - expect: {office.at: home}\n"
    opened = HEAD + "given: {lin: {at: office}}\nsteps:\n  - do: lin.opens_door\n    with: {home: home}\n"

    assert "`office` is neither in the household" in refusal(asked).sentence
    assert "lin is not at home" in fails(opened)[0]


def test_a_scenario_can_add_places_and_roads() -> None:
    """As it adds devices."""
    more = (
        "scenario: A story\nhousehold:\n  extends: wang\n  places: {lake: {position: [40.05, 116.48]}}\n"
        "  roads: {lane: {from: home, to: lake, length: 5 km, speed: 30 km/h}}\n"
        "given: {su7: {driver: lin}}\nsteps:\n"
        "  - do: lin.drives\n    with: {car: su7, to: lake, by: roads}\n  - advance: 10m\n"
        "  - expect: {su7.at: lake, su7.gear: P}\n"
    )
    passes(more)
