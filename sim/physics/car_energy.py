"""What driving takes out of the car's battery.

The scope is a linear model: a car uses the same energy for every kilometre, whatever its speed, the
weather and the charge, as the figure in kWh/100 km on its certificate says (the WLTP consumption of
Regulation (EU) 2017/1151, annex XXI). It knows no power limits, cold cells or ageing.
"""


def soc_after(
    soc_percent: float, distance_km: float, consumption_kwh_per_100km: float, capacity_kwh: float
) -> float:
    """Return the state of charge after a drive, in percent of capacity; an empty battery stays at 0.

    Args:
        soc_percent: state of charge before it, 0 to 100.
        distance_km: how far, 0 or more.
        consumption_kwh_per_100km: energy per distance, 0 or more.
        capacity_kwh: usable energy of the full battery, above 0.
    """
    used_kwh = distance_km * consumption_kwh_per_100km / 100
    return max(0.0, soc_percent - 100 * used_kwh / capacity_kwh)


def range_km(soc_percent: float, consumption_kwh_per_100km: float, capacity_kwh: float) -> float:
    """Return how far the car goes until it is empty, in km.

    Args:
        soc_percent: state of charge, 0 to 100.
        consumption_kwh_per_100km: energy per distance, above 0.
        capacity_kwh: usable energy of the full battery, above 0.
    """
    return soc_percent / 100 * capacity_kwh / consumption_kwh_per_100km * 100
