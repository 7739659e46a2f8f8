"""What cars are given in the factory where somebody supplies their software, and where nobody does."""

import sys

import pytest

from sim.apps.software import Software
from sim.core.asking import AskDevice
from sim.core.errors import MissingPartError
from sim.devices.car.facets import Sleep
from sim.shell.files import Shelf
from sim.trust.derivation import maker_for_scenario
from sim.trust.updates.signing import Keys
from sim.world.provisioning import provisions
from tests.scenario.stories import KINDS, WANG
from tests.stages import Theatre

SUPPLIED = WANG.text.replace("\nstrangers:\n", "\n  updates: {kind: updates}\nstrangers:\n")


def household(text: str) -> Theatre:
    """Return a household that has not been switched on."""
    return Theatre(text, kinds=KINDS, opened=False)


def test_everybody_has_the_root_and_only_the_service_the_makers_secret() -> None:
    """The root names the keys of the maker and of the service; both follow from the run's seed."""
    given = provisions(household(SUPPLIED).household, KINDS, 7)

    root = Keys(maker_for_scenario(7), given["updates"].seed).root()
    assert {one.software_root for one in given.values()} == {root}
    assert [name for name, one in given.items() if one.maker] == ["updates"]
    assert given["updates"].maker == maker_for_scenario(7) != maker_for_scenario(8)


def test_where_nobody_supplies_software_there_is_no_root() -> None:
    """And nothing is signed, so that no library is needed."""
    given = provisions(household(WANG.text).household, KINDS, 7)

    assert {(one.software_root, one.maker) for one in given.values()} == {(b"", b"")}


def test_without_the_libraries_the_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an error of the machine, not of the household."""
    home = household(SUPPLIED).household
    monkeypatch.setitem(sys.modules, "sim.trust.updates.signing", None)

    with pytest.raises(MissingPartError, match=r"carhome\[updates\]"):
        provisions(home, KINDS, 7)


def test_a_car_stays_awake_while_it_is_updated() -> None:
    """The computer that fetches and writes needs the power; when it is done the car sleeps."""
    releases = "{version: 1.1.0, counter: 2, hardware: su7-luxury}"
    text = SUPPLIED.replace("{kind: updates}", f"{{kind: updates, releases: [{releases}]}}")
    home = Theatre(text, kinds=KINDS, policy=Shelf().policy(household(text).household))
    home.advance(5_000)
    act = {"device": "su7", "action": "install_update", "arguments": {"version": "1.1.0"}}
    home.use("phone", AskDevice.model_validate(act))
    home.advance(400)
    home.stage.partition("updates", None)
    home.advance(15 * 60_000)
    assert Sleep(asleep=False) in home.node("su7").device.report()
    home.stage._heal("updates")
    home.advance(25 * 60_000)

    told = home.node("su7").device.report()
    assert Sleep(asleep=True) in told
    assert any(isinstance(one, Software) and one.software_version == "1.1.0" for one in told)
