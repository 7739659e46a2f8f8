"""The vocabulary gathered from kinds of devices, and the Cedar schema made of it."""

import json
from dataclasses import dataclass
from typing import Any

import cedarpy
import pytest

from sim.core.device import Circumstances, Command, Device
from sim.core.errors import PolicyError
from sim.policy.schema import DRIVING, GROUPS, Vocabulary
from tests.policy.small_home import KINDS, Inert


class Open(Command, group="Openings", tier="anytime"):
    """Open something."""


def kind(name: str, commands: tuple[type[Command], ...], circumstances: Any = Circumstances) -> type[Device]:
    """Return a kind of device."""
    return type(name, (Inert,), {"kind": name, "commands": commands, "Circumstances": circumstances})


def facts(**hints: Any) -> Any:
    """Return circumstances with these fields."""
    return dataclass(frozen=True)(
        type("Facts", (Circumstances,), {"__annotations__": hints, **dict.fromkeys(hints)})
    )


def action(vocabulary: Vocabulary, name: str) -> dict[str, Any]:
    """Return one action of the schema."""
    found: dict[str, Any] = vocabulary.to_json()[""]["actions"][name]
    return found


def context(vocabulary: Vocabulary, name: str) -> dict[str, Any]:
    """Return what rules can know of a request for one action."""
    found: dict[str, Any] = action(vocabulary, name)["appliesTo"]["context"]["attributes"]
    return found


def test_schema_is_one_that_cedar_accepts(vocabulary: Vocabulary) -> None:
    """What is generated from the kinds is a schema of the engine."""
    schema = cedarpy.Schema.from_json_str(json.dumps(vocabulary.to_json()))

    assert 'action "unlock" in [Action::"NearAccess", Action::"ParkedOnly"]' in str(schema)


def test_schema_has_a_type_for_each_kind(vocabulary: Vocabulary) -> None:
    """Rules can say `resource is Car`, and tell people, strangers and senders apart."""
    types = vocabulary.to_json()[""]["entityTypes"]

    assert list(types) == [
        "Role",
        "Person",
        "Device",
        "Stranger",
        "Car",
        "Climate",
        "Camera",
        "Dashboard",
        "Phone",
        "Watch",
    ]


def test_command_is_in_its_groups_and_in_that_of_its_tier(vocabulary: Vocabulary) -> None:
    """A parked command that is near is in both groups; one that is allowed anytime only in its own."""
    assert vocabulary.actions["unlock"].groups == ("NearAccess", "ParkedOnly")
    assert vocabulary.actions["lock"].groups == ("Secure",)
    assert vocabulary.actions["steer"].groups == ("RemoteDriving", "Never")


def test_driving_is_known_to_every_device(vocabulary: Vocabulary) -> None:
    """Acts of driving need no kind that declares them: whatever is asked, they are what they are."""
    for name in DRIVING:
        assert vocabulary.facts("climate", name) == ()
        assert "Climate" in action(vocabulary, name)["appliesTo"]["resourceTypes"]


def test_moving_a_car_is_never_allowed_whatever_tier_is_declared() -> None:
    """A command in group `RemoteDriving` is in `Never` too."""
    command = type("Tow", (Command,), {}, group="RemoteDriving", tier="anytime")

    vocabulary = Vocabulary.of([kind("truck", (command,), facts(load=int))])

    assert vocabulary.actions["tow"].groups == ("RemoteDriving", "Never")
    assert vocabulary.facts("truck", "tow") == ()


def test_facts_of_a_command_another_kind_has_are_none(vocabulary: Vocabulary) -> None:
    """A device has its own commands only."""
    assert vocabulary.facts("car", "unlock") == ("distance_cm", "key_role", "asker_drives")
    assert vocabulary.facts("car", "heat") is None
    assert vocabulary.facts("car", "fly") is None


def test_context_has_the_types_of_the_circumstances() -> None:
    """bool, int and str become Boolean, Long and String, and None makes a fact optional."""
    hints = {"open": bool, "count": int | None, "display": str}

    vocabulary = Vocabulary.of([kind("gate", (Open,), facts(**hints))])

    known = context(vocabulary, "open")
    assert list(known) == [
        "authenticated",
        "sender",
        "moving",
        "expires_in_ms",
        "worn",
        "fresh",
        "built_in",
        "code",
        "voice",
        *hints,
    ]
    assert known["open"] == {"type": "Boolean", "required": True}
    assert known["count"] == {"type": "Long", "required": False}
    assert known["display"] == {"type": "String", "required": True}


def test_groups_a_rule_may_name_exist_without_any_device() -> None:
    """A rule over a built-in group is valid even where no device has a command in it."""
    schema = cedarpy.Schema.from_json_str(json.dumps(Vocabulary.of([]).to_json()))
    rules = "".join(f'permit (principal, action in Action::"{group}", resource);' for group in GROUPS)

    assert cedarpy.validate_policies(rules, schema).validation_passed


def test_group_that_a_kind_declares_is_known() -> None:
    """Kinds may bring groups of their own."""
    vocabulary = Vocabulary.of([kind("gate", (Open,))])

    assert vocabulary.groups == (*GROUPS, "Openings")


def test_command_of_two_kinds_merges_their_facts() -> None:
    """A fact that only one of two kinds tells is optional for the command they share."""
    gate = kind("gate", (Open,), facts(height=int, locked=bool, note=str | None))
    door = kind("door", (Open,), facts(locked=bool, width=int, note=str))

    vocabulary = Vocabulary.of([gate, door])

    known = context(vocabulary, "open")
    assert {name: known[name]["required"] for name in ("height", "locked", "note", "width")} == {
        "height": False,
        "locked": True,
        "note": False,
        "width": False,
    }
    assert vocabulary.actions["open"].kinds == ("gate", "door")
    assert vocabulary.facts("gate", "open") == ("height", "locked", "note")
    assert vocabulary.facts("door", "open") == ("locked", "width", "note")


def test_command_of_two_kinds_in_different_groups_is_refused() -> None:
    """The same command cannot be harmless on one device and dangerous on another."""
    other = type("Open", (Command,), {}, tier="anytime")

    with pytest.raises(PolicyError) as caught:
        Vocabulary.of([kind("gate", (Open,)), kind("door", (other,))])

    assert caught.value.sentence == "command `open` is in `Openings`, but for kind `door` in no group"


def test_driving_under_another_flag_is_refused() -> None:
    """A kind cannot declare an act of driving as something harmless."""
    brake = type("Brake", (Command,), {}, group="HomeControl", tier="anytime")

    with pytest.raises(PolicyError) as caught:
        Vocabulary.of([kind("toy", (brake,))])

    assert caught.value.sentence == (
        "command `brake` is in `RemoteDriving` and `Never`, but for kind `toy` in `HomeControl`"
    )


def test_fact_with_two_types_is_refused() -> None:
    """A rule could not compare a fact that is a number here and a word there."""
    gate, door = kind("gate", (Open,), facts(height=int)), kind("door", (Open,), facts(height=str))

    with pytest.raises(PolicyError) as caught:
        Vocabulary.of([gate, door])

    assert caught.value.sentence == "circumstance `height` of command `open` has another type in kind `door`"


@pytest.mark.parametrize("hint", [float, list[int], int | str, None, dict])
def test_fact_that_rules_cannot_weigh_is_refused(hint: object) -> None:
    """A circumstance is a truth, a whole number or a word; the refusal names kind and field."""
    with pytest.raises(PolicyError) as caught:
        Vocabulary.of([kind("gate", (Open,), facts(height=hint))])

    assert caught.value.sentence == "circumstance `height` of kind `gate` is nothing that rules can weigh"


def test_fact_with_a_name_of_every_request_is_refused() -> None:
    """A kind cannot overwrite who sent a command."""
    with pytest.raises(PolicyError) as caught:
        Vocabulary.of([kind("gate", (Open,), facts(sender=str))])

    assert "`sender` of kind `gate`" in caught.value.sentence


@pytest.mark.parametrize("name", ["fresh", "built_in", "authenticated", "expires_in_ms", "worn"])
def test_fact_that_the_node_tells_cannot_be_told_by_a_device(name: str) -> None:
    """No device says of itself that a command is fresh, or that it is built into what it asks."""
    with pytest.raises(PolicyError) as caught:
        Vocabulary.of([kind("gate", (Open,), facts(**{name: bool}))])

    assert f"`{name}` of kind `gate`" in caught.value.sentence


def test_code_of_a_check_is_told_with_every_command_and_of_no_kind(vocabulary: Vocabulary) -> None:
    """Every device can find fault with a proof, so it is no fact of a kind."""
    for name in ("unlock", "heat", "show_camera", "steer"):
        assert context(vocabulary, name)["code"] == {"type": "String", "required": False}
        assert context(vocabulary, name)["fresh"] == {"type": "Boolean", "required": True}
        assert context(vocabulary, name)["built_in"] == {"type": "Boolean", "required": True}
    assert "code" not in (vocabulary.facts("car", "unlock") or ())


def test_groups_of_the_digital_key_are_known_without_a_car() -> None:
    """Rules about keys start in a household that has none."""
    assert {"KeyExchange", "KeyPairing", "KeySharing"} <= set(Vocabulary.of([]).groups)


def test_kind_with_a_name_that_rules_use_otherwise_is_refused() -> None:
    """A kind called `person` would make its devices people."""
    with pytest.raises(PolicyError) as caught:
        Vocabulary.of([kind("person", ())])

    assert "kind `person`" in caught.value.sentence


def test_type_of_a_kind_is_camel_case() -> None:
    """Words of a kind's name are joined, whichever sign parts them."""
    vocabulary = Vocabulary.of([kind("air_conditioner", ()), kind("door-bell", ())])

    assert vocabulary.types == {"air_conditioner": "AirConditioner", "door-bell": "DoorBell"}


def test_vocabulary_repeats() -> None:
    """The same kinds give the same schema, byte for byte."""
    assert json.dumps(Vocabulary.of(KINDS).to_json()) == json.dumps(Vocabulary.of(KINDS).to_json())
