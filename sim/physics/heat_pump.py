"""How much heat an air-to-air heat pump, the climate unit of a home, moves for its electricity.

Heating is the curve fitted to air-source units in Staffell, Brett, Brandon, Hawkes: A review of
domestic heat pumps, Energy & Environmental Science 5 (2012) 9291-9306, doi:10.1039/c2ee22653g:

    COP = 6.81 - 0.121 dT + 0.000630 dT²    for 15 K <= dT <= 60 K

where dT is the supply temperature less the source temperature. It includes defrosting and fans as
measured; it knows no part load and no limit of capacity.

Cooling is the same machine turned round, an assumption: what it throws out on the warm side is what
it takes in on the cold side plus its electricity (first law), so its COP is the one above less 1.
"""

SUPPLY_HEATING_C = 40.0
"""Temperature of the air blown into a heated room, °C; an assumption for a wall unit."""

SUPPLY_COOLING_C = 12.0
"""Temperature of the air blown into a cooled room, °C; an assumption for a wall unit."""

_LIFT_K_MIN = 15.0
_LIFT_K_MAX = 60.0


def heating_cop(outdoor_c: float) -> float:
    """Return heat delivered per electricity used, at an outdoor temperature in °C; 1.8 to 5.1."""
    return _lift_cop(SUPPLY_HEATING_C - outdoor_c)


def cooling_cop(outdoor_c: float) -> float:
    """Return heat removed per electricity used, at an outdoor temperature in °C; 0.8 to 4.1.

    At 35 °C it gives 3.4, a little above the 3.2 from which the first energy label for air-cooled
    split units gave its class A (Commission Directive 2002/31/EC, annex IV).
    """
    return _lift_cop(outdoor_c - SUPPLY_COOLING_C) - 1


def heating_w(electrical_w: float, outdoor_c: float) -> float:
    """Return the heat brought into the room in W, from electrical power in W and outdoors in °C."""
    return electrical_w * heating_cop(outdoor_c)


def cooling_w(electrical_w: float, outdoor_c: float) -> float:
    """Return the heat taken out of the room in W, positive, from electrical power in W and outdoors in °C."""
    return electrical_w * cooling_cop(outdoor_c)


def _lift_cop(lift_k: float) -> float:
    """Return the fitted COP; outside the fitted range the nearest end of it holds, an assumption."""
    lift_k = min(max(lift_k, _LIFT_K_MIN), _LIFT_K_MAX)
    return 6.81 - 0.121 * lift_k + 0.000630 * lift_k**2
