"""What the record stream says of truth and belief: enough to draw both, one beside the other."""

from typing import Any

from tests.scenario.stories import HEAD, passes

STORY = (
    HEAD
    + """given:
  su7: {driver: lin}
  heater: {mode: heat}
  lin: {in: su7}
steps:
  - fault: {link: phone, partition: true, for: 20s}
  - do: lin.drives
    with: {car: su7, speed: 80 km/h}
  - advance: 15s
  - expect: {phone.believes.su7.speed: 0 km/h, su7.speed: 80 km/h}
  - advance: 10s
  - expect: {phone.believes.su7.speed: 80 km/h, phone.believes.su7.speed.age: "<= 25 s"}
"""
)


def records(kind: str, **wanted: Any) -> list[dict[str, Any]]:
    """Return the records of a kind that have some fields, from the story above."""
    found = [one for one in passes(STORY).records if one["kind"] == kind]
    return [one for one in found if all(one[name] == value for name, value in wanted.items())]


def test_belief_stands_beside_the_truth_with_source_and_age() -> None:
    """The message waited for 20 s in the cut line; the truth beside it is that of the hearing."""
    heard = records("belief", device="phone", source="su7", facet="motion")

    driving = next(one for one in heard if one["values"]["speed_kmh"] == 80.0)
    assert driving["t"] == 20_000
    assert driving["age_ms"] == 20_000
    assert driving["true"] == {"gear": "D", "speed_kmh": 80.0}
    assert "moving" in driving["values"]  # what the car concludes is no physical fact


def test_belief_names_the_message_it_comes_from() -> None:
    """The cause is the id of a message that was published."""
    messages = {one["id"] for one in records("message")}

    assert all(one["cause"] in messages for one in records("belief"))


def test_rooms_and_places_have_a_truth_too() -> None:
    """What a heater and a car report is held beside the world's own numbers."""
    heater = records("belief", device="phone", source="heater", facet="climate_report")[0]
    place = records("belief", device="phone", source="su7", facet="location")[0]

    assert heater["true"] == {"room_c": 20.0}
    assert set(place["true"]) == {"latitude_deg", "longitude_deg"}


def test_belief_that_somebody_is_there_is_recorded() -> None:
    """Whether a device is online is a belief like any other."""
    online = records("belief", device="phone", source="su7", facet="online")

    assert [one["values"] for one in online] == [{"online": True}]


def test_truth_is_recorded_whole_at_first_and_then_as_it_changes() -> None:
    """A report can fold the truth of any instant out of the records."""
    first, *others = records("truth", device="su7")

    assert first["facts"]["driver"] == "lin"
    assert {"gear", "speed_kmh", "locked", "battery_percent"} <= set(first["facts"])
    changes: dict[str, Any] = {}
    for one in others:
        changes |= one["facts"]
    assert changes["gear"] == "D"
    assert changes["speed_kmh"] == 80.0
    assert "locked" not in changes
