"""What driving takes out of the car's battery.

The scope is a linear model: a car uses the same energy for every kilometre, whatever its speed, the
weather and the charge, as the figure in kWh/100 km on its certificate says, which in China is measured over
the cycle CLTC-P (GB/T 38146.1-2019). The figure includes the car's own electronics; it includes neither
heating nor cooling.
"""


def range_km(soc_percent: float, consumption_kwh_per_100km: float, capacity_kwh: float) -> float:
    """Return how far the car goes until it is empty, in km.

    Args:
        soc_percent: state of charge, 0 to 100.
        consumption_kwh_per_100km: energy per distance, above 0.
        capacity_kwh: usable energy of the full battery, above 0.
    """
    return soc_percent / 100 * capacity_kwh / consumption_kwh_per_100km * 100
