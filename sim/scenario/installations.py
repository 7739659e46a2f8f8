"""What the devices of a household have to do with each other: a plug and what it feeds, a hub and its scenes.

Whatever a scene asks is held against the commands of the device it asks, with its place, whether the scene
stands in a household file or is written by somebody in a story.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sim.core.device import Device
from sim.core.errors import HouseholdError, Place, SimError, did_you_mean
from sim.core.household import DeviceEntry, Household
from sim.core.names import NAME_RULE, is_name
from sim.core.scenes import Crossing, SceneEffect, WrittenScene
from sim.documents.reading import Entry, Mistake, Node, short
from sim.documents.shape import validate

NO_EFFECTS = ("run_scene", "write_scene")
"""What no scene may ask, or two hubs could call each other for ever."""

Kinds = Mapping[str, type[Device]]


def check_plug(entry: Entry, plug: DeviceEntry, household: Household) -> None:
    """Refuse a plug that feeds what cannot be plugged into it.

    Args:
        entry: the device in the household file.
        plug: the same once it is read; nothing is said of what is no plug.
        household: whose it is.

    Raises:
        HouseholdError: for the plug itself, another plug, what stands in no room of the same home, and what
            another plug feeds already.
    """
    fed = getattr(plug.config, "feeds", None)
    if fed is None:
        return
    place = entry.value.at(["feeds"]).place
    appliance = household.devices[fed]
    others = [one.name for one in household.devices.values() if getattr(one.config, "feeds", None) == fed]
    if hasattr(appliance.config, "feeds"):
        sentence, help_text = f"`{fed}` is a plug, and no plug feeds a plug", "name an appliance"
    elif appliance.home is None or appliance.home != plug.home:
        sentence, help_text = f"`{fed}` does not stand in `{plug.home}`", "name a device of the same home"
    elif others != [plug.name]:
        sentence, help_text = f"`{fed}` has two plugs: `{others[0]}` and `{others[1]}`", "keep one of them"
    else:
        return
    raise Mistake.WRONG_VALUE.of(HouseholdError, sentence, place, help_text)


def check_grants(entry: Entry, shop: DeviceEntry, household: Household, kinds: Kinds) -> None:
    """Refuse an offer that grants something to what takes no leases, or what it does not have.

    Args:
        entry: the device in the household file.
        shop: the same once it is read; nothing is said of what sells nothing.
        household: whose it is.
        kinds: every kind of device there is, by its name.

    Raises:
        HouseholdError: for the device or the feature that is named.
    """
    takers = {
        name: features
        for name, one in household.devices.items()
        if (features := kinds[one.kind].subscribable)
    }
    for section in ("products", "bundles"):
        for name, offer in getattr(shop.config, section, {}).items():
            for device in offer.grants:
                if device not in takers:
                    written = entry.value.entry_at([section, name, "grants", device])
                    sentence = f"there is no device that takes leases called `{short(device)}`"
                    help_text = did_you_mean(device, takers) or "name a car, a tablet or a television"
                    raise Mistake.UNKNOWN_NAME.of(HouseholdError, sentence, written.key.place, help_text)
                _check_features(entry.value.entry_at([section, name, "grants", device]), takers[device])


def _check_features(written: Entry, features: tuple[str, ...]) -> None:
    """Refuse features that a device does not have, and an offer that grants it none."""
    device = short(str(written.key.value))
    if not written.value.items:
        sentence = f"`{device}` is granted nothing"
        help_text = did_you_mean("", features)
        raise Mistake.WRONG_VALUE.of(HouseholdError, sentence, written.key.place, help_text)
    for one in written.value.items:
        if one.value not in features:
            sentence = f"`{device}` has no feature `{short(one.written)}` that can be subscribed to"
            help_text = did_you_mean(one.written, features)
            raise Mistake.UNKNOWN_NAME.of(HouseholdError, sentence, one.place, help_text)


def with_scenes(entry: Entry, hub: DeviceEntry, household: Household, kinds: Kinds) -> DeviceEntry:
    """Return a hub with its scenes as they go on the wire; any other device as it is.

    Args:
        entry: the device in the household file.
        hub: the same once it is read.
        household: whose it is.
        kinds: every kind of device there is, by its name.

    Raises:
        HouseholdError: with its place, for an author, device, action or argument that is not there.
    """
    scenes: Mapping[str, WrittenScene] = getattr(hub.config, "scenes", {})
    written = entry.value.step("scenes")
    if written is None or not scenes:
        return hub
    reader = SceneReader(hub.name, household, kinds, HouseholdError)
    typed: dict[str, WrittenScene] = {}
    for name, one in written.value.entries.items():
        scene = scenes[name]
        reader.check_name(name, one.key.place)
        reader.check_known(scene.author, "person", list(household.people), one.value.at(["author"]).place)
        typed[name] = scene.model_copy(update={"effects": reader.read(one.value, scene.effects, scene.when)})
    return replace(hub, config=hub.config.model_copy(update={"scenes": typed}))


class SceneReader:
    """Holds scenes against the devices they are about.

    Args:
        hub: the device that runs them.
        household: whose devices.
        kinds: every kind of device there is, by its name.
        error: what is raised.
    """

    def __init__(self, hub: str, household: Household, kinds: Kinds, error: type[SimError]) -> None:
        self._hub = hub
        self._household = household
        self._kinds = kinds
        self._error = error

    def read(
        self, node: Node, effects: Sequence[SceneEffect], when: Crossing | None
    ) -> tuple[SceneEffect, ...]:
        """Return the effects of a scene with their arguments as they go on the wire.

        Args:
            node: the scene as it is written, with `effects` and maybe `when`.
            effects: the same once they are read.
            when: what sets it off.

        Raises:
            SimError: of the class given, with its place.
        """
        if when is not None:
            self._check_crossing(when, node.at(["when", "device"]).place)
        written = node.at(["effects"]).items
        return tuple(self._effect(one, effect) for one, effect in zip(written, effects, strict=True))

    def check_name(self, name: str, place: Place) -> None:
        """Refuse what cannot be the name of a scene."""
        if not is_name(name):
            sentence = f"`{short(name)}` cannot be a name"
            raise Mistake.NOT_A_NAME.of(self._error, sentence, place, f"a name is {NAME_RULE}")

    def check_known(self, name: str, noun: str, known: list[str], place: Place) -> None:
        """Refuse a name that is not there."""
        if name not in known:
            sentence = f"there is no {noun} called `{short(name)}`"
            raise Mistake.UNKNOWN_NAME.of(self._error, sentence, place, did_you_mean(name, known))

    def _check_crossing(self, when: Crossing, place: Place) -> None:
        """Refuse to wait for what never says where it is."""
        devices = self._household.devices
        there = self._household.others(self._hub, self._kinds[devices[self._hub].kind].reads)
        tells = [name for name in there if locates_itself(devices[name], self._kinds[devices[name].kind])]
        self.check_known(when.device, "device that tells where it is", tells, place)

    def _effect(self, node: Node, effect: SceneEffect) -> SceneEffect:
        devices = [name for name in self._household.devices if name != self._hub]
        self.check_known(effect.device, "device for a scene", devices, node.at(["device"]).place)
        kind = self._kinds[self._household.devices[effect.device].kind]
        commands = {one.action: one for one in kind.commands if one.action not in NO_EFFECTS}
        if effect.action not in commands:
            sentence = f"`{effect.device}` has no action `{effect.action}` for a scene"
            help_text = did_you_mean(effect.action, commands) or "it can be asked nothing"
            place = node.at(["action"]).place
            raise Mistake.UNKNOWN_NAME.of(self._error, sentence, place, help_text)
        written = node.step("arguments")
        values = Node({}, node.place) if written is None else written.value
        key = node if written is None else written.key
        command = validate(values, commands[effect.action], self._error, key=key)
        return effect.model_copy(update={"arguments": command.model_dump(exclude_none=True)})


def locates_itself(entry: DeviceEntry, kind: type[Device]) -> bool:
    """Say whether a device reports where it is: its kind does, and its owner has not said otherwise."""
    can = any({"latitude_deg", "longitude_deg"} <= set(facet.model_fields) for facet in kind.facets)
    return can and getattr(entry.config, "shares_location", True) is True


def typed_command(command: Any, node: Node, reader: SceneReader) -> Any:
    """Return a command that writes a scene with its effects as they go on the wire; any other as it is.

    Args:
        command: as it was read.
        node: its arguments as they are written.
        reader: for the hub that is asked.
    """
    if command.action != "write_scene":
        return command
    return command.model_copy(update={"effects": list(reader.read(node, command.effects, command.when))})
