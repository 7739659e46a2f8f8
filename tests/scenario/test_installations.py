"""Plugs and scenes in household files and in stories: what they name is there, or is refused at its place."""

import json

import pytest

from sim.core.errors import HouseholdError, SimError
from sim.core.household import Household
from sim.core.scenes import Crossing, SceneEffect, WrittenScene
from sim.scenario.households import household_schema, read_household
from tests.scenario.stories import KINDS, STEPS, WANG, House, load, passes, refusal

FLAT = """household: flat
people: {lin: {role: owner}, jun: {role: guest}}
homes:
  home: {position: [40.0, 116.5], rooms: {hall: {volume: 75 m³, heat_loss: 100 W/K, heat_capacity: 1 MJ/K}}}
  hut: {position: [41.0, 116.5], rooms: {hall: {volume: 75 m³, heat_loss: 100 W/K, heat_capacity: 1 MJ/K}}}
devices:
  su7: {kind: car, owner: lin}
  phone: {kind: phone, owner: lin, shares_location: true}
  quiet: {kind: phone, owner: jun}
  dash: {kind: dashboard, car: su7}
  lamp: {kind: light, home: home, room: hall}
  stove: {kind: climate, home: hut, room: hall}
"""


def read(*devices: str) -> Household:
    """Return the flat with more devices."""
    return read_household("flat.household.yaml", FLAT + "".join(f"  {one}\n" for one in devices), KINDS)


def mistake(*devices: str) -> tuple[str, str | None, str]:
    """Return the sentence and the help for a household that cannot be, and the words it points at."""
    with pytest.raises(HouseholdError) as caught:
        read(*devices)
    return told(caught.value)


@pytest.mark.parametrize(
    ("section", "device", "help_text"),
    [
        ("products", "su8", "did you mean `su7`?"),
        ("bundles", "lamp", "known here: `su7`"),
        ("bundles", "phone", "known here: `su7`"),
    ],
)
def test_an_offer_grants_to_devices_that_take_leases(section: str, device: str, help_text: str) -> None:
    """What is not there, or plays no films and drives nowhere, cannot be granted anything."""
    offer = f"{{grants: {{su7: [entertainment], {device}: [entertainment]}}, price: 1}}"

    sentence, told_help, words = mistake(f"shop: {{kind: subscriptions, {section}: {{one: {offer}}}}}")

    assert sentence == f"there is no device that takes leases called `{device}`"
    assert (told_help, words) == (help_text, device)
    granted = offer.replace(f", {device}: [entertainment]", "")
    assert "shop" in read(f"shop: {{kind: subscriptions, {section}: {{one: {granted}}}}}").devices


@pytest.mark.parametrize(
    ("granted", "sentence", "help_text", "words"),
    [
        (
            "[entertainment, assisted_driving]",
            "`tv` has no feature `assisted_driving` that can be subscribed to",
            "known here: `entertainment`",
            "assisted_driving",
        ),
        ("[]", "`tv` is granted nothing", "known here: `entertainment`", "tv"),
    ],
)
def test_an_offer_grants_what_a_device_has(granted: str, sentence: str, help_text: str, words: str) -> None:
    """A television drives nowhere, and nothing is sold that grants nothing."""
    offer = f"{{grants: {{tv: {granted}}}, price: 1}}"
    shop = f"shop: {{kind: subscriptions, products: {{one: {offer}}}}}"
    tv = "tv: {kind: tv, home: home, room: hall}"

    assert mistake(shop, tv) == (sentence, help_text, words)


def told(error: SimError) -> tuple[str, str | None, str]:
    """Return the sentence, the help and the words an error points at."""
    place = error.place
    assert place is not None
    begin = place.column - 1
    return error.sentence, error.help_text, place.source_line[begin : begin + place.length]


# --- plugs ----------------------------------------------------------------------------------------


def plug(feeds: str, name: str = "plug") -> str:
    """Return the line of a plug."""
    return f"{name}: {{kind: plug, home: home, room: hall, feeds: {feeds}}}"


def test_plug_feeds_an_appliance_of_its_home_or_nothing() -> None:
    """A plug with nothing in it is a plug all the same."""
    household = read(plug("lamp"), "spare: {kind: plug, home: home, room: hall}")

    assert getattr(household.devices["plug"].config, "feeds", None) == "lamp"
    assert getattr(household.devices["spare"].config, "feeds", None) is None


@pytest.mark.parametrize(
    ("devices", "sentence", "help_text", "words"),
    [
        ((plug("lamb"),), "there is no device called `lamb`", "did you mean `lamp`?", "lamb"),
        ((plug("plug"),), "`plug` is a plug, and no plug feeds a plug", "name an appliance", "plug"),
        (
            (plug("other"), plug("lamp", "other")),
            "`other` is a plug, and no plug feeds a plug",
            "name an appliance",
            "other",
        ),
        ((plug("su7"),), "`su7` does not stand in `home`", "name a device of the same home", "su7"),
        ((plug("stove"),), "`stove` does not stand in `home`", "name a device of the same home", "stove"),
        (
            (plug("lamp"), plug("lamp", "other")),
            "`lamp` has two plugs: `plug` and `other`",
            "keep one of them",
            "lamp",
        ),
    ],
)
def test_plug_that_cannot_be_is_refused(
    devices: tuple[str, ...], sentence: str, help_text: str, words: str
) -> None:
    """Each with its place, its sentence and what to do."""
    assert mistake(*devices) == (sentence, help_text, words)


# --- scenes in a household ------------------------------------------------------------------------


def hub(scene: str, name: str = "welcome") -> str:
    """Return the line of a hub with one scene."""
    return f"hub: {{kind: hub, home: home, room: hall, scenes: {{{name}: {{{scene}}}}}}}"


LIT = "author: lin, effects: [{device: lamp, action: set_light, arguments: {power: 'on', brightness: 40 %}}]"


def test_scene_is_read_as_it_goes_on_the_wire() -> None:
    """Quantities lose their units, and what is not said is not sent."""
    config = read(hub(f"{LIT}, when: {{device: su7, enters: 0.5 km}}")).devices["hub"].config

    assert getattr(config, "scenes", None) == {
        "welcome": WrittenScene(
            author="lin",
            when=Crossing(device="su7", enters_m=500.0),
            effects=(
                SceneEffect(
                    device="lamp", action="set_light", arguments={"power": "on", "brightness_percent": 40.0}
                ),
            ),
        )
    }


def test_scene_may_wait_for_whatever_tells_where_it_is() -> None:
    """A phone does; and a hub without scenes is a hub."""
    read(hub(f"{LIT}, when: {{device: phone, leaves: 200 m}}"))
    read("hub: {kind: hub, home: home, room: hall}")
    read("hub: {kind: hub, home: home, room: hall, scenes: {}}")


EFFECT = "author: lin, effects: [{EFFECT}]"


@pytest.mark.parametrize(
    ("scene", "sentence", "help_text", "words"),
    [
        (
            LIT.replace("lin", "lim"),
            "there is no person called `lim`",
            "did you mean `lin`?",
            "lim",
        ),
        (
            LIT.replace("device: lamp", "device: lump"),
            "there is no device for a scene called `lump`",
            "did you mean `lamp`?",
            "lump",
        ),
        (
            LIT.replace("set_light", "set_lihgt"),
            "`lamp` has no action `set_lihgt` for a scene",
            "did you mean `set_light`?",
            "set_lihgt",
        ),
        (
            LIT.replace("40 %", "140 %"),
            "`brightness` is `140 %`, expected at most 100",
            None,
            "140 %",
        ),
        (
            f"{LIT}, when: {{device: lamp, enters: 500 m}}",
            "there is no device that tells where it is called `lamp`",
            "known here: `phone`, `su7`",
            "lamp",
        ),
        (
            f"{LIT}, when: {{device: quiet, enters: 500 m}}",
            "there is no device that tells where it is called `quiet`",
            "known here: `phone`, `su7`",
            "quiet",
        ),
        (
            "author: lin, effects: [{device: phone, action: ring}]",
            "`phone` has no action `ring` for a scene",
            None,
            "ring",
        ),
        (
            "author: lin, effects: [{device: hub, action: run_scene, arguments: {scene: welcome}}]",
            "there is no device for a scene called `hub`",
            None,
            "hub",
        ),
    ],
)
def test_scene_that_cannot_be_is_refused(
    scene: str, sentence: str, help_text: str | None, words: str
) -> None:
    """The author, the device, its action, its arguments and what it waits for, each at its place."""
    found, help_found, pointed_at = mistake(hub(scene))

    assert (found, pointed_at) == (sentence, words)
    assert help_text is None or help_found == help_text


def test_scene_calls_no_scene_of_another_hub() -> None:
    """Two hubs that call each other would never end."""
    call = "author: lin, effects: [{device: other, action: run_scene, arguments: {scene: x}}]"
    other = "other: {kind: hub, home: hut, room: hall}"

    sentence, help_text, _ = mistake(hub(call), other)

    assert (sentence, help_text) == (
        "`other` has no action `run_scene` for a scene",
        "it can be asked nothing",
    )


def test_scene_without_arguments_that_its_action_needs_is_refused() -> None:
    """The place is that of the effect."""
    sentence, _, words = mistake(
        plug("lamp"), hub("author: lin, effects: [{device: plug, action: switch_plug}]")
    )

    assert "`power`" in sentence
    assert words


@pytest.mark.parametrize("name", ["Welcome", "'a/b'"])
def test_scene_has_a_name_like_everything_else(name: str) -> None:
    """It goes over the wire and is shown."""
    sentence, help_text, _ = mistake(hub(LIT, name))

    assert "cannot be a name" in sentence
    assert help_text is not None
    assert help_text.startswith("a name is")


def test_schema_for_editors_knows_scenes() -> None:
    """With distances as people write them."""
    schema = json.dumps(household_schema(KINDS), ensure_ascii=False)

    assert '"enters"' in schema
    assert '"feeds"' in schema


# --- scenes in a story ----------------------------------------------------------------------------

HUB = """household:
  extends: wang
  devices:
    lamp: {kind: light, home: home, room: living_room}
    hub: {kind: hub, home: home, room: living_room}
"""


def story(effect: str, more: str = "") -> str:
    """Return a story in which Lin writes a scene."""
    return (
        f"scenario: s\n{HUB}steps:\n"
        "  - do: phone.ask\n"
        "    with:\n"
        "      device: hub\n"
        "      action: write_scene\n"
        f"      arguments: {{scene: evening{more}, effects: [{effect}]}}\n"
        "    as: written\n"
        "  - expect: {written: done, hub.scenes: evening}\n"
        "    within: 4s\n"
        "  - do: phone.ask\n"
        "    with: {device: hub, action: run_scene, arguments: {scene: evening}}\n"
        "    as: run\n"
        "  - expect: {run: done, lamp.lit: 30 %}\n"
        "    within: 4s\n"
    )


def test_scene_that_is_written_in_a_story_does_what_it_says() -> None:
    """Its arguments are read like those of any command, with their units."""
    effect = "{device: lamp, action: set_light, arguments: {power: 'on', brightness: 30 %}}"

    passes(story(effect, ", when: {device: su7, enters: 1 km}"))


@pytest.mark.parametrize(
    ("effect", "more", "sentence"),
    [
        (
            "{device: lamb, action: set_light}",
            "",
            "there is no device for a scene called `lamb`",
        ),
        (
            "{device: lamp, action: set_lite}",
            "",
            "`lamp` has no action `set_lite` for a scene",
        ),
        (
            "{device: lamp, action: set_light, arguments: {brightness: 30}}",
            "",
            "`30` has no unit, write a ratio as `20 %`",
        ),
        (
            "{device: lamp, action: set_light}",
            ", when: {device: camera, enters: 1 km}",
            "there is no device that tells where it is called `camera`",
        ),
    ],
)
def test_scene_that_cannot_be_is_refused_in_a_story(effect: str, more: str, sentence: str) -> None:
    """Before anything runs, on the line where it stands."""
    error = refusal(story(effect, more))

    assert error.sentence == sentence
    assert error.place is not None
    assert error.place.line == 12


def test_other_commands_are_read_as_before() -> None:
    """A question to a heater has no effects."""
    load(
        STEPS
        + "  - do: phone.ask\n    with: {device: heater, action: set_climate, arguments: {mode: heat}}\n"
    )
    assert isinstance(WANG, House)
