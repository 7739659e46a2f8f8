"""The phone: every button sends one command, signed with whether somebody carries it."""

import pytest

from sim.core.asking import Ask, RefreshCar, SetClimate, SetConsent, UnlockCar
from sim.core.device import Act, Booted, Presence, Request
from sim.devices.phone import Phone
from tests.senses import FakeSenses, acted, moment


def new() -> Phone:
    """Return a phone from the factory."""
    return Phone.new("phone", Phone.Config(owner="lin"), {})


@pytest.mark.parametrize(
    ("act", "target", "action", "arguments"),
    [
        (UnlockCar(car="su7"), "su7", "unlock", {}),
        (RefreshCar(car="su7"), "su7", "refresh", {}),
        (SetClimate(device="heater", target_c=22.0), "heater", "set_climate", {"target_c": 22.0}),
        (
            SetConsent(camera="camera", person="mei", granted=False),
            "camera",
            "set_consent",
            {"person": "mei", "granted": False},
        ),
    ],
)
def test_phone_button_sends_one_command(
    act: Act, target: str, action: str, arguments: dict[str, object]
) -> None:
    """What is touched becomes a command with its arguments, and the act follows it."""
    phone, effects = new().step(moment(FakeSenses()), acted(act))

    assert phone == new()
    assert effects == (Request("t1", target, action, arguments, by="lin"),)


def test_phone_command_lives_as_long_as_the_button_says() -> None:
    """The time to live goes with the command."""
    _, (request,) = new().step(moment(FakeSenses()), acted(UnlockCar(car="su7", expires_in_ms=500)))

    assert isinstance(request, Request)
    assert request.expires_in_ms == 500


def test_phone_acts_are_all_commands() -> None:
    """A phone can do nothing but ask."""
    assert all(issubclass(act, Ask) for act in Phone.acts)


@pytest.mark.parametrize(("carrier", "worn"), [("lin", True), (None, False)])
def test_phone_signs_whether_it_is_carried(carrier: str | None, worn: bool) -> None:  # noqa: FBT001  # a column of the table
    """A phone that lies about says so."""
    assert new().presence(moment(FakeSenses({"carrier": carrier}))) == Presence(worn=worn)


def test_phone_ignores_what_does_not_concern_it() -> None:
    """A start changes nothing."""
    assert new().step(moment(FakeSenses()), Booted()) == (new(), ())


def test_phone_is_taken_and_put_down() -> None:
    """Who carries a phone has it in hand."""
    taken = Phone.Physical().held_by("mei")

    assert Phone.Physical.portable
    assert (taken.holder(), taken.held_by(None).holder()) == ("mei", None)
