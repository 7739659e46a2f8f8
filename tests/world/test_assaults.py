"""What attackers do to the world: they take what can be carried, press what they have, and carry calls."""

from pathlib import Path

import pytest

from sim.scenario.run import CaseResult, perform
from sim.shell.files import Shelf
from sim.shell.playing import play_in_memory
from sim.world.kinds import kinds
from sim.world.network.permissions import grants, subscriptions
from sim.world.stage import Cast
from sim.world.trace import Record

PROJECT = Path(__file__).parents[2]
HEAD = """\
scenario: An attack
household:
  extends: wang
  devices: {eve: {kind: eavesdropper}}
  strangers: {radios: {kind: relay}, thief: {kind: thief}}
given:
  su7: {locked: true, gear: P, asleep: true}
  lin: {from_su7: $far}
  watch: {on_wrist: true, wearer: lin}
cases: [{far: FAR}]
steps:
"""


def play(folder: Path, steps: str, far: str = "60 m", *, permissions: bool = True) -> CaseResult:
    """Return what becomes of some steps with attackers around."""
    (folder / "households").symlink_to(PROJECT / "households")
    path = folder / "a.scenario.yaml"
    path.write_text(HEAD.replace("FAR", far) + steps)
    shelf = Shelf()
    scenario = shelf.scenario(path)
    policy = shelf.policy(scenario.household)
    cast = Cast(scenario.household, shelf.kinds, policy, 1, permissions)
    return play_in_memory(perform(scenario, scenario.cases[0], cast))


def decisions(result: CaseResult) -> list[Record]:
    """Return what the car decided."""
    return [one for one in result.records if one["kind"] == "decision"]


RELAYED = """\
  - do: radios.relay
    with: {car: su7, key: watch}
  - expect: {su7.locked: true}
"""


@pytest.mark.parametrize(("far", "asked"), [("9.9 m", False), ("10.1 m", True), ("3 km", True)])
def test_relay_reaches_keys_that_do_not_hear_the_car_themselves(
    far: str, *, asked: bool, tmp_path: Path
) -> None:
    """A call is carried to a key beyond the car's own reach; within it, the relay adds nothing."""
    result = play(tmp_path, RELAYED, far)

    assert result.verdict == "pass"
    assert bool(decisions(result)) is asked


def test_call_with_a_hand_on_the_handle_opens_beside_the_key_only(tmp_path: Path) -> None:
    """The same call without a relay, and with the key within two metres, is what it is for."""
    steps = "  - do: jun.walk\n    with: {to: su7}\n  - do: jun.pulls_handle\n    with: {car: su7}\n"

    assert (
        play(tmp_path, steps + "  - expect: {su7.locked: false}\n    within: 5s\n", "1 m").verdict == "pass"
    )


SHORTENED = "  - do: radios.shorten\n    with: {car: su7}\n    as: shortened\n  - expect: {shortened: done}\n"


def test_one_shortened_round_in_three_does_not_bring_a_key_near(tmp_path: Path) -> None:
    """All rounds must agree; the owner beside the car does not even notice."""
    steps = SHORTENED + RELAYED.replace("watch}\n", "watch}\n    as: carried\n")
    steps += "  - expect: {carried: denied, rule: key-in-range, code: TOO_FAR}\n"

    assert play(tmp_path, steps).verdict == "pass"


def test_one_shortened_round_does_not_lock_the_owner_out(tmp_path: Path) -> None:
    """The owner beside the car opens it as ever."""
    steps = (
        SHORTENED
        + "  - do: watch.unlock\n    with: {car: su7}\n  - expect: {su7.locked: false}\n    within: 5s\n"
    )

    assert play(tmp_path, steps, "1 m").verdict == "pass"


def test_thief_stands_where_he_took_it_to(tmp_path: Path) -> None:
    """What is taken goes with the thief; its owner has it no more."""
    steps = """\
  - do: thief.take
    with: {device: watch, to: su7}
  - expect: {watch.wearer: "!= lin", watch.on_wrist: true}
  - do: thief.press
    with: {device: watch, car: su7}
    as: pressed
  - expect: {pressed: denied, rule: key-needs-wearer, code: NO_PRESENCE}
"""

    assert play(tmp_path, steps).verdict == "pass"


def test_thief_takes_nothing_that_cannot_be_carried(tmp_path: Path) -> None:
    """A dashboard stays in its car, and its buttons out of the thief's reach."""
    steps = """\
  - do: thief.take
    with: {device: dash, to: home}
  - do: thief.press
    with: {device: dash, car: su7, button: lock}
  - do: thief.take
    with: {device: phone, to: home}
  - do: lin.walk
    with: {to: phone}
  - do: lin.puts_on
    with: {device: phone}
  - do: thief.press
    with: {device: phone, car: su7, button: lock}
  - expect: {su7.locked: true}
"""
    result = play(tmp_path, steps)

    assert result.verdict == "pass"
    assert decisions(result) == []


def test_eavesdropper_subscribes_to_everything_and_may_read_little(tmp_path: Path) -> None:
    """Its subscription covers the household; its permissions are its own answers and nothing else."""
    path = tmp_path / "a.scenario.yaml"
    path.write_text(HEAD.replace("FAR", "1 m") + "  - advance: 1s\n")
    (tmp_path / "households").symlink_to(PROJECT / "households")
    household = Shelf().scenario(path).household

    assert subscriptions(household, kinds(), "eve") == ("carhome/#",)
    assert grants(household, kinds())["eve"].read == ("carhome/wang/+/reply/eve/+",)


LOCKED = "  - do: phone.lock\n    with: {car: su7}\n  - advance: 5s\n  - expect: {eve.messages_read: READ}\n"


@pytest.mark.parametrize(("permissions", "read"), [(True, '"0"'), (False, '"> 20"')])
def test_eavesdropper_counts_what_the_broker_gives_it(
    read: str, *, permissions: bool, tmp_path: Path
) -> None:
    """With permissions nothing; without them everything, commands and answers of others included."""
    result = play(tmp_path, LOCKED.replace("READ", read.replace('"0"', "0")), permissions=permissions)

    assert result.verdict == "pass", result.failure


def test_eavesdropper_reads_the_answers_to_its_own_commands(tmp_path: Path) -> None:
    """A subscription to everything does not keep it from hearing what is meant for it."""
    steps = "  - do: eve.lock\n    with: {car: su7}\n    as: close\n"
    answered = "  - expect: {close: denied, rule: key-or-built-in}\n"

    assert play(tmp_path, steps + answered).verdict == "pass"
