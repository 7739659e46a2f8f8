"""How settings are wished, and taken over: what people do, and what a device asks of itself."""

from typing import Annotated, Self

from pydantic import model_validator

from sim.apps.twins.intents import EVERYWHERE
from sim.apps.twins.messages import Word
from sim.apps.twins.settings import DEFAULTS, Settings, Value, fact_of
from sim.core.declarations import Act, Command, Refers
from sim.core.effects import Request


class SetSetting(Act, Settings, verb="set_desired"):
    """Set one setting: of one device, or of all of one's own and those that belong to nobody."""

    device: Annotated[str | None, Refers("device")] = None

    @model_validator(mode="after")
    def _one_setting(self) -> Self:
        if len(self.wished()) != 1:
            msg = f"set exactly one of {', '.join(f'`{fact_of(setting)}`' for setting in DEFAULTS)}"
            raise ValueError(msg)
        return self

    def wished(self) -> dict[str, Value]:
        """Return the settings that are given."""
        return self.model_dump(exclude={"device"}, exclude_none=True, by_alias=False)


class ChooseSetting(Command, group="DeviceSettings", tier="anytime"):
    """Wish a setting at this device, for itself or others; only the device itself asks for it."""

    scope: Word
    setting: Word
    value: Value


class ApplySetting(Command, group="DeviceSettings", tier="anytime"):
    """Take over a setting that was wished; only the device's own twin asks for it."""

    intent: Word
    setting: Word
    value: Value


def wish(  # a wish has these parts
    setting: str, value: Value, *, ticket: str, device: str, by: str | None, everywhere: bool = False
) -> Request:
    """Return the request by which a part of a device wishes a setting: its volume, or a language everywhere.

    Args:
        setting: its name.
        value: what it shall be.
        ticket: names the wish and follows it; a new one, or that of an act, never that of a command.
        device: the device the part belongs to; it asks itself, and its rules decide.
        by: who wishes it.
        everywhere: for all devices of the same person that have the setting, and those that nobody owns.
    """
    scope = EVERYWHERE if everywhere else device
    command = ChooseSetting(scope=scope, setting=setting, value=value)
    return Request.of(command, ticket=ticket, target=device, by=by)
