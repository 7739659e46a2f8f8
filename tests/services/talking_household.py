"""The household that the tables of sentences are said in, and what its microphones believe of it.

    living_room  heater (climate), ceiling_light, floor_lamp, tv, speaker, camera, hub
    bedroom      bedroom_ac (climate), bedside_lamp, purifier
    kitchen      kitchen_light, coffee_machine (a plug)
    study        desk_lamp
    car          su7 with dash; phone and watch are Lin's, mei_phone is Mei's; Lin is at the wheel

The marketplace has a restaurant, jade_garden, and a shop with milk and rice.
The hub keeps the scenes leaving, coming_home, good_night and movie_night.
"""

from collections.abc import Mapping
from typing import Any

from sim.core.beliefs import Belief, Beliefs
from sim.core.device import Config
from sim.core.household import DeviceEntry, Home, Household, Person, Room
from sim.core.roads import SpotOnMap
from sim.services.marketplace.catalogue import MarketplaceConfig
from sim.services.voice.meaning import Listening
from tests.services.small_household import Standing

NOW_MS = 1_768_176_000_000
SCENES = ("leaving", "coming_home", "good_night", "movie_night")


MARKET = MarketplaceConfig.model_validate(
    {
        "courier": "mei_phone",
        "restaurants": {
            "jade_garden": {"opens": "11:00", "closes": "22:00", "tables": {"window": 2, "round": 6}}
        },
        "shops": {"corner_shop": {"goods": {"milk": 1290, "rice": 4590}}},
        "called": {"jade_garden": ["翡翠园"], "milk": ["牛奶"], "rice": ["大米"]},
    }
)


class Keeping(Standing):
    """A hub's entry: where it stands, and its scenes."""

    scenes: dict[str, Any]


class BuiltIn(Config):
    """A dashboard's entry: its car."""

    car: str


def _standing(name: str, kind: str, room: str) -> DeviceEntry:
    return DeviceEntry(name, kind, Standing(home="home", room=room))


def talking_household() -> Household:
    """Return the household; see the module."""
    room = Room(volume_m3=40, heat_loss_w_per_k=70, heat_capacity_j_per_k=1e6)
    entries = [
        DeviceEntry("su7", "car", Config(owner="lin")),
        DeviceEntry("dash", "dashboard", BuiltIn(car="su7")),
        DeviceEntry("phone", "phone", Config(owner="lin")),
        DeviceEntry("mei_phone", "phone", Config(owner="mei")),
        DeviceEntry("watch", "watch", Config(owner="lin")),
        _standing("heater", "climate", "living_room"),
        _standing("ceiling_light", "light", "living_room"),
        _standing("floor_lamp", "light", "living_room"),
        _standing("bedside_lamp", "light", "bedroom"),
        _standing("kitchen_light", "light", "kitchen"),
        _standing("desk_lamp", "light", "study"),
        _standing("bedroom_ac", "climate", "bedroom"),
        _standing("purifier", "purifier", "bedroom"),
        _standing("coffee_machine", "plug", "kitchen"),
        _standing("tv", "tv", "living_room"),
        _standing("speaker", "speaker", "living_room"),
        _standing("camera", "camera", "living_room"),
        DeviceEntry("hub", "hub", Keeping(home="home", room="living_room", scenes=dict.fromkeys(SCENES))),
        DeviceEntry("marketplace", "marketplace", MARKET),
    ]
    people = {"lin": "owner", "mei": "member", "tao": "child", "jun": "guest"}
    return Household(
        name="wang",
        people={name: Person.model_validate({"role": role}) for name, role in people.items()},
        homes={
            "home": Home(
                position=(40, 116), rooms=dict.fromkeys(("living_room", "bedroom", "kitchen", "study"), room)
            )
        },
        devices={entry.name: entry for entry in entries},
        places={"office": SpotOnMap(position=(39.9, 116.3)), "badaling": SpotOnMap(position=(40.3, 116.0))},
    )


REPORTED: Mapping[str, Mapping[str, Any]] = {
    "heater": {"mode": "heat", "target_c": 21.0, "room_c": 19.5},
    "bedroom_ac": {"mode": "off", "target_c": 22.0, "room_c": 18.0},
    "ceiling_light": {"power": "on", "brightness_percent": 50.0},
    "floor_lamp": {"power": "on", "brightness_percent": 50.0},
    "bedside_lamp": {"power": "on", "brightness_percent": 40.0},
    "kitchen_light": {"power": "off", "brightness_percent": 100.0},
    "desk_lamp": {"power": "on", "brightness_percent": 60.0},
    "purifier": {"power": "on", "mode": "auto", "pm25_ug_per_m3": 35.0},
    "coffee_machine": {"power": "off"},
    "tv": {"power": "off", "volume_percent": 20.0},
    "speaker": {"volume_percent": 30.0},
    "su7": {
        "locked": True,
        "boot": "closed",
        "windows": "closed",
        "battery_percent": 64.0,
        "range_m": 312_000.0,
        "climate_target_c": 21.0,
        "cabin_c": 14.0,
    },
}
"""What every microphone has heard, a minute ago."""


def beliefs(*, age_ms: int = 60_000, online: bool = True) -> Beliefs:
    """Return what a microphone believes, as `REPORTED` has it."""
    heard = Beliefs()
    for device, values in REPORTED.items():
        belief = Belief(values, NOW_MS - age_ms, (1, 1), "unknown")
        heard = heard.heard(device, "report", belief).online(device, online=online)
    return heard


def listening(microphone: str = "phone", speaker: str = "lin", **other: Any) -> Listening:
    """Return what is so when somebody speaks to a microphone; Lin is at the wheel."""
    driver = "lin" if microphone == "dash" else None
    usual = {
        "microphone": microphone,
        "speaker": speaker,
        "driver": driver,
        "now_ms": NOW_MS,
        "beliefs": beliefs(),
    }
    return Listening(**{**usual, **other})
