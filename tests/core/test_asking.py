"""The buttons that phone, watch and dashboard share: each sends exactly one command."""

from typing import Any

import pytest

from sim.core.asking import (
    KEYED,
    Ask,
    AskDevice,
    CloseWindows,
    LockCar,
    OpenBoot,
    OpenWindows,
    RefreshCar,
    RequestAction,
    SetClimate,
    SetConsent,
    StartCar,
    UnlockCar,
)
from sim.core.device import Request
from sim.devices.car.commands import NEAR, REMOTE


@pytest.mark.parametrize(
    ("ask", "target", "action", "arguments"),
    [
        (UnlockCar(car="su7"), "su7", "unlock", {}),
        (LockCar(car="su7"), "su7", "lock", {}),
        (OpenBoot(car="su7"), "su7", "open_boot", {}),
        (OpenWindows(car="su7"), "su7", "open_windows", {}),
        (CloseWindows(car="su7"), "su7", "close_windows", {}),
        (RefreshCar(car="su7"), "su7", "refresh", {}),
        (StartCar(car="su7"), "su7", "start", {}),
        (RequestAction(car="su7", name="summon"), "su7", "summon", {}),
        (AskDevice(device="lock", name="close", values={"slowly": True}), "lock", "close", {"slowly": True}),
        (SetClimate(device="heater", mode="heat"), "heater", "set_climate", {"mode": "heat"}),
        (SetClimate(device="heater", target_c=21.5), "heater", "set_climate", {"target_c": 21.5}),
        (
            SetConsent(camera="cam", person="tao", granted=False),
            "cam",
            "set_consent",
            {"person": "tao", "granted": False},
        ),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Ask) else "",
)
def test_button_sends_one_command(ask: Ask, target: str, action: str, arguments: dict[str, Any]) -> None:
    """The command has the act's ticket, the asker, and half a minute to live."""
    assert ask.request("t-1", "lin") == Request("t-1", target, action, arguments, "lin", 30_000)


def test_button_may_give_its_command_another_life() -> None:
    """A story can ask for something that expires soon."""
    assert LockCar(car="su7", expires_in_ms=500).request("t", None).expires_in_ms == 500


def test_keys_are_asked_for_what_a_car_does_for_them() -> None:
    """What a phone thinks must be proved beside the car, or from afar, is what the car thinks."""
    assert {command.action for command in NEAR} == {name for name, how in KEYED.items() if how == "near"}
    assert {command.action for command in REMOTE} == {name for name, how in KEYED.items() if how == "remote"}
