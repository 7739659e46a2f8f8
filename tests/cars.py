"""Cars for tests: the models that come with the program, and one that takes the same for every kilometre."""

from dataclasses import replace

from sim.documents.vehicles import vehicle_of
from sim.physics.car_energy import Car, car_of
from sim.physics.trips import Vehicle

BASE = car_of(vehicle_of("su7-base"))
LUXURY = car_of(vehicle_of("su7-luxury"))
SUV = car_of(vehicle_of("yu7"))


def holding(car: Car, capacity_kwh: float) -> Car:
    """Return a car with another capacity."""
    return replace(car, pack=replace(car.pack, capacity_kwh=capacity_kwh))


def even(kwh_per_100km: float, outdoor_c: float, capacity_kwh: float = 73.0) -> Vehicle:
    """Return a car that takes the same for every kilometre, whatever the speed and the weather."""
    return Vehicle(holding(BASE, capacity_kwh), outdoor_c, kwh_per_km=kwh_per_100km / 100)
