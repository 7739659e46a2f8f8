"""The buttons that phone, watch and dashboard share: each sends exactly one command."""

from typing import Any

import pytest

from sim.core.asking import (
    KEYED,
    Ask,
    AskDevice,
    CloseWindows,
    LockCar,
    MoveSeat,
    OpenBoot,
    OpenWindows,
    Precondition,
    RefreshCar,
    RequestAction,
    ScheduleCharging,
    SetCabin,
    SetChargeLimit,
    SetClimate,
    SetConsent,
    StartCar,
    StartCharging,
    StopCharging,
    StopPreconditioning,
    UnlockCar,
    UnplugCar,
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
        (StartCharging(car="su7"), "su7", "start_charging", {}),
        (StopCharging(car="su7"), "su7", "stop_charging", {}),
        (SetChargeLimit(car="su7", limit_percent=90.0), "su7", "set_charge_limit", {"limit_percent": 90.0}),
        (
            ScheduleCharging(car="su7", ready_by_ms=25_200_000),
            "su7",
            "schedule_charging",
            {"ready_by_ms": 25_200_000},
        ),
        (UnplugCar(car="su7"), "su7", "unplug", {}),
        (
            Precondition(car="su7", target_c=21.0, ready_by_ms=27_000_000, expires_in_ms=500),
            "su7",
            "precondition",
            {"target_c": 21.0, "ready_by_ms": 27_000_000},
        ),
        (StopPreconditioning(car="su7"), "su7", "stop_preconditioning", {}),
        (SetCabin(car="su7", target_c=21.0), "su7", "set_cabin", {"climate": "on", "target_c": 21.0}),
        (MoveSeat(car="su7", heating=2), "su7", "move_seat", {"seat": "driver", "heating": 2}),
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
    expected = Request("t-1", target, action, arguments, "lin", ask.expires_in_ms)
    assert ask.request("t-1", "lin") == expected


def test_button_may_give_its_command_another_life() -> None:
    """A story can ask for something that expires soon."""
    assert LockCar(car="su7", expires_in_ms=500).request("t", None).expires_in_ms == 500


def test_keys_are_asked_for_what_a_car_does_for_them() -> None:
    """What a phone thinks must be proved beside the car, or from afar, is what the car thinks."""
    assert {command.action for command in NEAR} == {name for name, how in KEYED.items() if how == "near"}
    assert {command.action for command in REMOTE} == {name for name, how in KEYED.items() if how == "remote"}
