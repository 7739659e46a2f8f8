"""What every navigation system does: places by name, news of the roads by age, and where a car is."""

import pytest

from sim.apps.journeys.navigation import (
    NEWS_MS_MAX,
    NoSuchPlaceError,
    RoadNews,
    Whereabouts,
    clock,
    find_place,
    heard_news,
    listed,
    whereabouts,
    why_not,
    zone_offset_ms,
)
from sim.core.beliefs import Belief, Beliefs
from sim.physics.roads import FREE, RoadNetwork, Traffic
from tests.maps import BEIJING_MS, SQUARE, TWO_WAYS, at, road, square
from tests.senses import START_MS, FakeSenses, moment

NETWORK = RoadNetwork(TWO_WAYS, BEIJING_MS)


def news(age_ms: int = 0, *, sender: str = "traffic", **values: list[object]) -> Beliefs:
    """Return the beliefs of somebody who heard a report of the roads some time before the start."""
    report = {"closed": [], "slow": [], "slowed_to_kmh": [], **values}
    return Beliefs().heard(sender, "traffic_report", Belief(report, START_MS - age_ms, (1, 1), "last"))


# --- places ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", ["office", "Office", "The Office", " the-office ", "OFFICE"])
def test_a_place_is_found_as_people_say_it(said: str) -> None:
    """Capitals, blanks and the article do not matter."""
    assert find_place(TWO_WAYS, said) == "office"


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("ofice", "there is no place `ofice` on the map (did you mean `office`?)"),
        ("moon", "there is no place `moon` on the map (known here: `bridge`, `home`, `mill`, `office`)"),
        ("x" * 99, f"there is no place `{'x' * 63}…` on the map"),
    ],
)
def test_an_unknown_place_is_said_with_the_nearest_name(said: str, sentence: str) -> None:
    """And a very long one is cut."""
    with pytest.raises(NoSuchPlaceError) as caught:
        find_place(TWO_WAYS, said)
    assert str(caught.value).startswith(sentence)


def test_without_a_map_there_is_nothing_to_suggest() -> None:
    """Nor is anything."""
    with pytest.raises(NoSuchPlaceError) as caught:
        find_place(square().__class__(), "office")
    assert str(caught.value) == "there is no place `office` on the map"


def test_names_are_told_as_a_sentence_has_them() -> None:
    """Without the underscores of files."""
    assert listed(["fifth_ring"]) == "fifth ring"
    assert listed(["a", "b"]) == "a and b"
    assert listed(["a", "b", "c_d"]) == "a, b and c d"


# --- news --------------------------------------------------------------------------------------------


def test_news_are_planned_with_as_long_as_they_are_new() -> None:
    """Half an hour; then the plan says how old they are."""
    beliefs = news(NEWS_MS_MAX, closed=["east"], slow=["south"], slowed_to_kmh=[12.0])
    heard = heard_news(beliefs, START_MS)
    late = heard_news(beliefs, START_MS + 60_000)

    assert heard == RoadNews(Traffic(frozenset({"east"}), {"south": 12.0}), NEWS_MS_MAX)
    assert heard.caveat == ""
    assert late.traffic == FREE
    assert late.caveat == "the last news of the traffic are 31 m old"


def test_who_has_heard_nothing_says_so() -> None:
    """Silence is no free road."""
    heard = heard_news(Beliefs(), START_MS)

    assert (heard.known, heard.caveat) == (False, "nothing was heard of the traffic")


def test_of_two_services_the_later_is_believed() -> None:
    """And a speed that cannot be is no news."""
    both = news(5_000, closed=["east"])
    report = Belief(
        {"closed": [], "slow": ["south", "west"], "slowed_to_kmh": [0.0, 20.0]}, START_MS, (1, 1), "last"
    )
    heard = heard_news(both.heard("other", "traffic_report", report), START_MS)

    assert heard.traffic == Traffic(frozenset(), {"west": 20.0})


def test_a_report_from_a_clock_that_is_ahead_is_new() -> None:
    """No age is below zero."""
    assert heard_news(news(-5_000), START_MS).age_ms == 0


# --- clocks ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wrong_ms", [0, 240_000, -240_000])
def test_the_zone_is_that_of_the_wall_also_for_a_clock_that_is_wrong(wrong_ms: int) -> None:
    """07:30 on the wall, eight hours ahead of UTC."""
    senses = FakeSenses(wall_clock="2026-01-12 07:30:00")

    assert zone_offset_ms(moment(senses, wrong_ms)) == BEIJING_MS
    assert clock(START_MS, BEIJING_MS) == "2026-01-12 07:30"


# --- where a car is ----------------------------------------------------------------------------------


def test_near_a_place_a_car_is_at_it() -> None:
    """Within 300 m."""
    assert whereabouts(NETWORK, (40.001, 116.5), 5, (), FREE) == Whereabouts("home", 5)


def test_on_its_way_a_car_is_on_a_road_and_goes_on_to_its_end() -> None:
    """In the middle of the western road, 7 of 14 km are left, at 60 km/h seven minutes."""
    lanes = NETWORK.fastest("home", "office", at("07:30"))
    assert lanes is not None
    here = whereabouts(NETWORK, (40.05, 116.5), at("07:37"), lanes, FREE)

    assert (here.place, here.on) == ("bridge", lanes[0])
    assert here.length_m == pytest.approx(7_000, abs=10)
    assert here.at_ms == pytest.approx(at("07:44"), abs=1_000)


def test_beside_all_roads_a_car_takes_small_streets_to_the_nearest_place() -> None:
    """Five kilometres from the mill, and far from its way."""
    lanes = NETWORK.fastest("home", "bridge", at("07:30"))
    assert lanes is not None
    for route in ((), lanes):
        here = whereabouts(NETWORK, (40.0, 116.66), 0, route, FREE)
        assert (here.place, here.on) == ("mill", None)
        assert here.length_m == pytest.approx(5_110, abs=20)
        assert here.at_ms == pytest.approx(5_110 * 1.25 / 30 * 3600, rel=0.01)


# --- why there is no way -----------------------------------------------------------------------------


def test_why_there_is_no_way_is_told_by_what_is_missing() -> None:
    """A road, or an open one."""
    closed = Traffic(frozenset({"east", "north"}))
    island = RoadNetwork(square(south=road("home", "mill", 10, 60)), BEIJING_MS)

    assert why_not(NETWORK, "home", "office", FREE) == ""
    assert why_not(NETWORK, "home", "office", closed) == "every way to office is closed: east and north"
    assert why_not(island, "home", "office", closed) == "no road leads from home to office"
    assert set(SQUARE) == set(NETWORK.points)
