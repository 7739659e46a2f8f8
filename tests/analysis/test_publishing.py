"""What the broker lets through, held against what the rules could ever allow."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sim.analysis.properties.publishing import Grant, command_grants
from sim.analysis.sampling.enumeration import Enumeration, Searched
from sim.analysis.symbolic import Prover
from sim.core.household import Household
from sim.policy.cedar import ROLES
from sim.policy.rules import RuleBook
from sim.policy.schema import NOTHING
from sim.scenario.households import read_household
from sim.shell.files import Shelf, rule_files
from sim.world.network.permissions import grants

SHELF = Shelf()
HOMES = sorted((Path(__file__).parents[2] / "households").glob("*.household.yaml"))
WANG = next(path for path in HOMES if path.name == "wang.household.yaml")


class Remembering(Prover):
    """A prover that is asked once about what recurs: the same kinds and commands, in every household."""

    def __init__(self) -> None:
        super().__init__(SHELF.vocabulary.to_json(), closed=True, fixed=ROLES, excluded_actions=(NOTHING,))
        self._known: dict[tuple[int, str], tuple[object, Any]] = {}

    def never(self, *sides: Any, **how: Any) -> Any:
        """Say what the prover says."""
        rules, area = sides
        key = (id(rules), repr((area, how)))
        if key not in self._known:
            self._known[key] = (rules, super().never(rules, area, **how))  # kept, so that its id is
        return self._known[key][1]


PROVER = Remembering()
"""Of households in which nothing is missing; what it has translated once serves every test."""


def home(path: Path) -> Household:
    """Return the household in a file."""
    return read_household(path.name, path.read_text(encoding="utf-8"), SHELF.kinds)


def granted(household: Household, book: RuleBook = SHELF.rules) -> list[Grant]:
    """Return everything that the broker lets devices of a household ask."""
    return list(command_grants(household, SHELF.kinds, book, PROVER))


@pytest.mark.parametrize("path", HOMES, ids=lambda path: path.name)
def test_shipped_household_grants_nothing_in_vain(path: Path) -> None:
    """Whatever the broker lets through some rule could allow, or it is refused aloud on purpose.

    What services tell devices shares its topic with what is needed, and nothing else does.
    """
    found = granted(home(path))
    foreign = {one.action for one in found if one.standing == "for_others"}

    assert {one.standing for one in found} <= {"needed", "refused_aloud", "stranger", "for_others"}
    assert foreign <= {"take_booking", "grant_feature", "withdraw_feature"}


def test_every_kind_of_standing() -> None:
    """Unlocking is needed, steering is refused aloud, and a stranger only knocks."""
    found = {(one.sender, one.target, one.action): one.standing for one in granted(home(WANG))}

    assert found["watch", "su7", "unlock"] == "needed"
    assert found["phone", "camera", "snapshot"] == "needed"
    assert found["phone", "su7", "steer"] == "refused_aloud"
    assert found["phone", "su7", "grant_feature"] == "for_others"
    assert {found[key] for key in found if key[0] == "mallory"} <= {"stranger"}
    assert {key for key, standing in found.items() if standing == "refused_aloud"} == {
        (sender, "su7", action)
        for sender in ("dash", "phone", "mei_phone", "watch")
        for action in (
            "steer",
            "accelerate",
            "brake",
            "shift",
            "release_parking_brake",
            "summon",
            "park_remotely",
            "engage_lane_keeping",
            "engage_adaptive_cruise",
            "set_cruise_speed",
        )
    }


def test_command_that_no_rule_permits_is_surplus() -> None:
    """Without the rules about cameras, the broker still lets phones ask them; the check says so."""
    files = [(name, text) for name, text in rule_files() if name != "rules/cameras.cedar"]
    book = RuleBook.read(files, SHELF.vocabulary)

    surplus = {(one.target, one.action) for one in granted(home(WANG), book) if one.standing == "surplus"}

    assert surplus == {("camera", action) for action in ("snapshot", "set_consent", "open_shutter")}


def test_command_for_others_is_surplus_on_a_topic_of_no_use() -> None:
    """Where only a service may ask the car anything, phones need not be let through to it at all."""
    rule = """\
@id("service-only") @reason("the service tells the car")
permit (principal, action in Action::"Entitlement", resource)
when { context has sender && context.sender.kind == "subscriptions" };
"""
    book = RuleBook.read([("a.cedar", rule)], SHELF.vocabulary)

    asked = [one for one in granted(home(WANG), book) if (one.sender, one.target) == ("phone", "su7")]

    assert {one.action for one in asked} >= {"grant_feature", "unlock"}
    assert {one.standing for one in asked if not book.vocabulary.actions[one.action].never} == {"surplus"}


def test_target_without_commands_is_surplus(monkeypatch: pytest.MonkeyPatch) -> None:
    """A permission to ask what cannot be asked anything is of no use to anybody."""
    household = home(WANG)
    planted = {
        sender: replace(one, write=(*one.write, f"carhome/wang/mallory/cmd/{sender}/+"))
        for sender, one in grants(household, SHELF.kinds).items()
    }
    monkeypatch.setattr("sim.analysis.properties.publishing.grants", lambda _household, _kinds: planted)

    found = list(command_grants(household, SHELF.kinds, SHELF.rules, PROVER))

    assert Grant("phone", "mallory", "", "surplus") in found


def test_unknown_is_not_needed() -> None:
    """Where nobody can tell, the grant is in doubt."""

    class Shrug(Enumeration):
        def never(self, *_sides: Any, **_how: Any) -> Searched:
            return Searched("unknown", note="too hard")

    found = command_grants(home(WANG), SHELF.kinds, SHELF.rules, Shrug(SHELF.vocabulary.to_json()))

    assert {one.standing for one in found} == {"unknown", "stranger"}
