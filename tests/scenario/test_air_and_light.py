"""Dust and light in stories, given, set by nature and asked about; and pictures that only the asker gets."""

import json

import pytest
from pydantic import ValidationError

from sim.world.trace import Record
from sim.world.truth.people import SetWeather
from tests.scenario.stories import HEAD, fails, passes, play, refusal

LAMP = """household:
  extends: wang
  devices:
    lamp: {kind: light, home: home, room: living_room}
"""


def test_rooms_begin_with_as_much_dust_as_comes_in() -> None:
    """More than half of what is outdoors, unless the story says otherwise of a room."""
    passes(
        f"{HEAD}given:\n"
        "  weather: {outdoor: -3 °C, pm25: 200 µg/m³}\n"
        "  home: {bedroom: {pm25: 20 µg/m³}}\n"
        "steps:\n"
        "  - expect:\n"
        "      weather.pm25: 200 µg/m³\n"
        "      weather.outdoor: -3 °C\n"
        "      home.living_room.pm25: 112 .. 113 µg/m³\n"
        "      home.bedroom.pm25: 20 µg/m³\n"
    )


def test_haze_that_comes_is_in_the_flat_hours_later() -> None:
    """A story can wait for it, to the very moment."""
    passes(
        f"{HEAD}steps:\n"
        "  - do: weather.set\n"
        "    with: {pm25: 0.3 mg/m³}\n"
        "    as: haze\n"
        "  - expect: {haze: done, weather.pm25: 300 µg/m³, weather.outdoor: 10 °C}\n"
        "  - advance: {until: {home.living_room.pm25: '>= 100 µg/m³'}}\n"
        "    within: 3h\n"
        "  - expect: {home.living_room.pm25: 99.9 .. 100.1 µg/m³}\n"
    )


def test_weather_that_says_nothing_is_no_weather() -> None:
    """Write at least one of the four."""
    with pytest.raises(ValidationError, match="write `outdoor`, `pm25`, `rain` or `visibility`"):
        SetWeather()
    error = refusal(f"{HEAD}steps:\n  - do: weather.set\n  - expect: {{weather.outdoor: 10 °C}}\n")
    assert "the weather is set to nothing" in error.sentence


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("weather: {pm25: 150}", "`150` has no unit, write a concentration as `20 µg/m³`"),
        ("weather: {pm10: 150 µg/m³}", "`weather` has no `pm10` that can be given"),
        ("weather: {pm25: 3 mg/m³}", "`pm25` is `3 mg/m³`, expected at most 2000"),
        ("home: {bedroom: {pm25: dusty}}", "`dusty` is not a concentration, write it as `20 µg/m³`"),
    ],
)
def test_dust_that_cannot_be_given_is_refused(given: str, sentence: str) -> None:
    """With its unit, below what any city has seen."""
    error = refusal(f"{HEAD}given:\n  {given}\nsteps:\n  - expect: {{weather.outdoor: 10 °C}}\n")

    assert sentence in error.sentence


def test_room_is_lit_by_any_lamp() -> None:
    """`lamp` is the one on the switch, `lit` is whether it is light."""
    passes(
        f"scenario: s\n{LAMP}given:\n  lamp: {{power: 'on', brightness: 5 %}}\nsteps:\n"
        "  - expect: {home.living_room.lit: true, home.living_room.lamp: 'off', home.bedroom.lit: false}\n"
    )
    sentence, _, _ = fails(f"scenario: s\n{LAMP}steps:\n  - expect: {{home.living_room.lit: true}}\n")
    assert "`home.living_room.lit`" in sentence


PICTURE = f"""{HEAD}given: {{su7: {{driver: lin}}}}
steps:
  - do: dash.view_camera
    with: {{camera: camera}}
    as: look
  - expect: {{look: done, camera.pictures: 1}}
    within: 4s
"""


def test_picture_goes_to_whoever_asked_and_nowhere_else() -> None:
    """No retained message, no state and no event has a frame in it: only the answer to the dashboard."""
    messages: list[Record] = []
    result = play(PICTURE, sink=messages.append)
    carriers = [
        one for one in messages if one["kind"] == "message" and "/9j/" in json.dumps(one, default=str)
    ]

    assert result.verdict == "pass"
    assert carriers
    assert all("/camera/reply/dash/" in one["topic"] for one in carriers)
    assert not any(one["retain"] for one in carriers)
    assert all(one["to"] == ["dash"] for one in carriers)
