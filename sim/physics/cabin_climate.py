"""What a car's climate unit moves for its electricity: a heat pump, and a resistance heater beside it.

The heat pump has the coefficient of performance of an air-source unit (see `physics.heat_pump`), an
assumption for a car's; the resistance (PTC) heater turns electricity into as much heat (first law) and joins
in when the compressor is at its limit. Cooling is the heat pump's alone.
"""

from sim.physics.heat_pump import cooling_cop, heating_cop

COMPRESSOR_W_MAX = 2_000.0
"""Electrical power of the compressor at its limit (assumption: at 35 °C it then cools by 6.8 kW)."""
PTC_W_MAX = 3_000.0
"""Electrical power of the resistance heater (assumption)."""
SEAT_LEVEL_W = 25.0
"""What each of the three levels adds to a heated seat's power (assumption)."""


def heat_w(heater_w: float, cooler_w: float, outdoor_c: float) -> float:
    """Return the heat brought into the cabin's air, W; negative while it is cooled.

    Args:
        heater_w: electrical power into heating, 0 or more; beyond `COMPRESSOR_W_MAX` it goes to the PTC
            heater.
        cooler_w: electrical power into cooling, 0 or more.
        outdoor_c: outdoor temperature, °C.
    """
    pumped_w = min(heater_w, COMPRESSOR_W_MAX)
    return heating_cop(outdoor_c) * pumped_w + (heater_w - pumped_w) - cooling_cop(outdoor_c) * cooler_w


def electricity_w(wanted_w: float, outdoor_c: float) -> tuple[float, float]:
    """Return the power into heating and into cooling that moves some heat, as far as the unit can.

    Args:
        wanted_w: heat into the cabin, W; negative to cool.
        outdoor_c: outdoor temperature, °C.
    """
    if wanted_w < 0:
        return 0.0, min(-wanted_w / cooling_cop(outdoor_c), COMPRESSOR_W_MAX)
    cop = heating_cop(outdoor_c)
    if wanted_w <= cop * COMPRESSOR_W_MAX:
        return wanted_w / cop, 0.0
    return COMPRESSOR_W_MAX + min(wanted_w - cop * COMPRESSOR_W_MAX, PTC_W_MAX), 0.0


def heat_limits_w(outdoor_c: float) -> tuple[float, float]:
    """Return the most heat that can be taken out (negative) and brought in, W, by outdoors in °C."""
    return (
        -cooling_cop(outdoor_c) * COMPRESSOR_W_MAX,
        heating_cop(outdoor_c) * COMPRESSOR_W_MAX + PTC_W_MAX,
    )
