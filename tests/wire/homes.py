"""Two households under attack, every topic of theirs that anybody could think of, and who may do what."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sim.core.device import Device
from sim.core.household import DeviceEntry, Home, Household, Person, Room
from sim.core.topics import (
    ROOT,
    command_topic,
    decision_topic,
    event_topic,
    online_topic,
    reply_topic,
    state_topic,
)
from sim.scenario.households import read_household
from sim.shell.brokers.accounts import OBSERVER
from sim.world.kinds import kinds
from sim.world.network.link import Grants, LinkPlan
from sim.world.network.permissions import grants
from tests.scenario.stories import PROJECT

KINDS: Mapping[str, type[Device]] = kinds()

SOUNDER = "sounder"
"""Speaks on every topic, so that who hears it may read there; an account that no household has."""
EVERYTHING = Grants(("#", "$SYS/#", "$CONTROL/#"), ("#", "$SYS/#", "$CONTROL/#"))

LIKE_CHANNELS = {"car": "cmd", "phone": "reply", "watch": "online"}
"""Names for the second device of a kind, to confuse whoever looks for a channel by its name."""
_ROOMS = {"hall": Room(volume_m3=40, heat_loss_w_per_k=100, heat_capacity_j_per_k=1e6)}
_FOREIGN = "neighbours"


def wang() -> Household:
    """Return the household that ships."""
    text = (PROJECT / "households" / "wang.household.yaml").read_text(encoding="utf-8")
    return read_household("wang.household.yaml", text, KINDS)


def crowd() -> Household:
    """Return a household with two devices of every kind there is, in two homes and two cars."""
    homes = {name: Home(position=(40.0, 116.5), rooms=_ROOMS) for name in ("flat", "hut")}
    devices = {}
    for kind, declared in KINDS.items():
        first, second = kind, LIKE_CHANNELS.get(kind, f"{kind}-2")
        for name, home, car in ((first, "flat", "car"), (second, "hut", "cmd")):
            place: dict[str, Any] = {"home": home, "room": "hall", "car": car}
            known = {field: place[field] for field in place if field in declared.Config.model_fields}
            entry = DeviceEntry(name, kind, declared.Config(**known), enrolled=declared.trusted)
            devices[name] = entry
    return Household("crowd", {"lin": Person(role="owner")}, homes, devices)


def plan_of(household: Household) -> LinkPlan:
    """Return the generated permissions of a household, and the sounder's."""
    return LinkPlan(household.name, {**grants(household, KINDS), SOUNDER: EVERYTHING})


def granted(household: Household) -> dict[str, Grants]:
    """Return what every identity should be able to do: the devices, and the account that may watch."""
    return {**grants(household, KINDS), OBSERVER: Grants((), (f"{ROOT}/#",))}


def covered(filters: tuple[str, ...], topic: str) -> bool:
    """Say whether one of some filters covers a topic (MQTT 5.0, section 4.7)."""
    return _covering(filters).fullmatch(topic) is not None


@cache
def _covering(filters: tuple[str, ...]) -> re.Pattern[str]:
    """Return what matches whatever some filters cover: a million topics are held against each."""
    return re.compile("|".join(map(_expression, filters)) if filters else r"(?!)", re.DOTALL)


def _expression(topic_filter: str) -> str:
    levels = topic_filter.split("/")
    first = r"(?!\$)" if levels[0] in {"+", "#"} else ""
    if levels == ["#"]:
        return f"{first}.*"
    rest = "(?:/.*)?" if levels[-1] == "#" else ""
    return first + "/".join("[^/]*" if one == "+" else re.escape(one) for one in levels if one != "#") + rest


@dataclass(frozen=True, slots=True)
class Cell:
    """What one identity can do on one topic."""

    identity: str
    topic: str


def topics(household: Household) -> list[str]:
    """Return every topic of a household: those it uses, those near them, and those of others."""
    found: dict[str, None] = {}
    for device in household.devices:
        found.update(dict.fromkeys(_spoken(household, device)))
        found.update(dict.fromkeys(_misshapen(household.name, device)))
        found[online_topic(_FOREIGN, device)] = None
        found[command_topic(_FOREIGN, device, device, "unlock")] = None
    found.update(dict.fromkeys(_elsewhere(household.name)))
    return list(found)


def _spoken(household: Household, device: str) -> Iterator[str]:
    home, kind = household.name, KINDS[household.devices[device].kind]
    actions = ["never_heard_of", *(command.action for command in kind.commands[:1])]
    for sender in (*household.devices, OBSERVER, "nobody"):
        for action in actions:
            yield command_topic(home, device, sender, action)
        yield reply_topic(home, device, sender, f"{sender}-act-1")
    for facet in ("never_heard_of", *(facet.facet for facet in kind.facets)):
        yield state_topic(home, device, facet)
    yield event_topic(home, device, "unlocked")
    yield decision_topic(home, device)
    yield online_topic(home, device)


def _misshapen(home: str, device: str) -> Iterator[str]:
    own = f"{ROOT}/{home}/{device}"
    yield own
    yield f"{own}/"
    yield f"{own}/never_heard_of"
    for channel in ("cmd", "reply", "state", "event", "decision", "online"):
        yield f"{own}/{channel}/"
        yield f"{own}/{channel}/{device}/x/deeper"
    for channel in ("cmd", "reply"):
        yield f"{own}/{channel}/{device}"
        yield f"{own}/{channel}//x"
    for channel in ("state", "event"):
        yield f"{own}/{channel}"
        yield f"{own}/{channel}/x/deeper"
    yield f"{own}/decision/deeper"
    yield f"{own}/online/deeper"
    yield f"{own}/Online"
    yield f"/{own}/online"
    yield f"{ROOT}//{device}/online"
    yield f"{ROOT}/{device}/online"
    yield f"{ROOT.upper()}/{home}/{device}/online"
    yield f"{ROOT}/{home}/{device}/../{device}/online"


def _elsewhere(home: str) -> Iterator[str]:
    yield ROOT
    yield f"{ROOT}/"
    yield f"{ROOT}/{home}"
    yield f"{ROOT}/{home}/"
    yield f"{ROOT}/{home}/never_heard_of/online"
    yield f"{ROOT}/{_FOREIGN}"
    yield f"{home}/online"
    yield "elsewhere/online"
    yield "/"
    yield "$SYS/broker/version"
    yield "$SYS/never_heard_of"
    yield "$CONTROL/dynamic-security/v1"


def speakers_of(topic: str, home: str) -> list[str]:
    """Return whom a topic names as the one that speaks, by its words alone; nobody if it is none of ours."""
    match topic.split("/"):
        case [root, of, _, "cmd", sender, _] if (root, of) == (ROOT, home):
            return [sender]
        case [root, of, device, _, *_] if (root, of) == (ROOT, home):
            return [device]
        case _:
            return []
