"""The models of cars lie in the bands of their files, and the two versions differ as their cells do.

A band, its bounds, its source and how it was derived are data of the vehicle file (`bands:`, see
docs/vehicles.md); here nothing is repeated. Whoever brings a file of their own has it held against its own
bands by `carhome check`; with this module by adding it to `FILES`.
"""

from dataclasses import replace

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from sim.core.bands import AnyBand, ChargingBand
from sim.core.vehicle import ASSUMED
from sim.documents.vehicles import built_in_texts, vehicle_of
from sim.physics.battery import Battery
from sim.physics.car_energy import Car, car_of
from sim.physics.promises import driven_m, measured
from tests.cars import BASE, LUXURY, SUV

HOUR_MS = 3_600_000
CARS = {"su7-base": BASE, "su7-luxury": LUXURY, "yu7": SUV}
FILES = built_in_texts()
"""Vehicle files, by name; each is text."""
BANDS = [
    pytest.param(name, band, id=f"{name}-{index}-{band.measure.replace(' ', '-')}")
    for name, text in FILES.items()
    for index, band in enumerate(vehicle_of(text).bands)
]


@pytest.mark.parametrize(("name", "band"), BANDS)
def test_the_model_lies_in_the_band_of_its_file(name: str, band: AnyBand) -> None:
    """Range, consumption, heating, charging: what the file says that others say."""
    least, most = band.bounds

    assert least < measured(car_of(vehicle_of(FILES[name])), band) < most


@pytest.mark.parametrize("name", FILES)
def test_every_model_has_bands_for_what_is_promised(name: str) -> None:
    """Range in mild weather and in frost, the motorway, heating, and charging warm, cool and frozen."""
    bands = vehicle_of(FILES[name]).bands
    seen = {(one.measure, one.outdoor_c) for one in bands}
    charged = {one.pack_c for one in bands if isinstance(one, ChargingBand)}

    assert {("range", 23.0), ("consumption", 23.0), ("share of range", 0.0), ("heating", -10.0)} <= seen
    assert ("share of range", -20.0) in seen
    assert charged == {25.0, 0.0, -20.0}


def test_a_band_says_how_sure_it_is() -> None:
    """What is derived says how; what nobody published is called assumed, and is the exception."""
    bands = [band for text in FILES.values() for band in vehicle_of(text).bands]
    assumed = [one for one in bands if one.basis == "assumed"]

    assert all(one.note for one in bands)
    assert [one.source for one in assumed] == [ASSUMED] * len(assumed)
    assert len(assumed) <= len(bands) / 10
    claims = {name for text in FILES.values() for name, one in vehicle_of(text).sources.items() if one.claim}
    assert all(one.source in claims for one in bands if one.basis == "claimed")
    assert not any(one.source in claims for one in bands if one.basis == "published")


def test_sodium_keeps_more_of_its_range_in_hard_frost() -> None:
    """After a night at -20 °C by at least a fifth, at most by what the data sheets of the cells differ in.

    LFP keeps 0.40 (Jiaxin) to 0.71 (a cell of a Model 3), sodium over 0.90 (CATL, a claim): between 1.27 and
    2.25 times as much; heating costs both the same, which brings the lower end down.
    """
    share = {name: driven_m(car, -20, -20) / driven_m(car, 23, 23) for name, car in CARS.items()}

    assert 1.2 < share["su7-luxury"] / share["su7-base"] < 0.9 / 0.4
    assert 1.2 < share["su7-luxury"] / share["yu7"] < 0.9 / 0.4
    shown_m = [car.range_m(Battery(100, -20, car.pack), -20) for car in (LUXURY, BASE)]
    assert shown_m[0] > shown_m[1], "with less energy it goes farther"


def test_the_two_versions_differ_visibly_in_frost() -> None:
    """Sodium charges in at most 0.6 of the time."""
    band = next(
        one
        for one in vehicle_of("su7-base").bands
        if isinstance(one, ChargingBand) and (one.pack_c, one.to_percent) == (-20.0, 80.0)
    )

    assert measured(LUXURY, band) <= 0.6 * measured(BASE, band)


PHASES = st.tuples(
    st.sampled_from([0.0, 7_000.0, 120_000.0]),
    st.booleans(),
    st.sampled_from([-15_000.0, 0.0, 150.0, 3_000.0, 18_000.0, 60_000.0]),
    st.sampled_from([0.0, 5_000.0]),
    st.floats(-25, 40),
)


@settings(deadline=None, max_examples=12, phases=[Phase.explicit, Phase.generate])
@example(LUXURY, 7.0, [(0.0, True, 18_000.0, 0.0, 11.75), (0.0, False, 150.0, 0.0, 0.0)])
@example(
    LUXURY,
    12.0,
    [(0.0, True, 0.0, 0.0, -21.0), (0.0, True, 60_000.0, 0.0, 17.8), (0.0, True, 3_000.0, 0.0, 22.0)],
)
@given(st.sampled_from([BASE, LUXURY]), st.floats(5, 95), st.lists(PHASES, min_size=3, max_size=6))
def test_energy_of_a_day_is_conserved(
    car: Car, percent: float, phases: list[tuple[float, bool, float, float, float]]
) -> None:
    """What went in less what went out is in the charge and, as warmth, in the pack, within 0.1 %.

    The ledger adds up terminals, heater and the pack's own cooling minute by minute, and knows
    nothing of how the battery finds its way through a phase.
    """
    battery = Battery(percent, 10, car.pack)
    begun_j, ledger_j, moved_j = _held_j(battery), 0.0, 0.0
    for cable_w, charging, load_w, heater_w, outdoor_c in phases:
        battery = replace(
            battery,
            cable_w=0.0 if load_w < 0 else cable_w,  # Nobody rolls down a hill with the cable in.
            charging=charging,
            load_w=load_w,
            heater_w=heater_w,
            outdoor_c=outdoor_c,
        )
        until_ms = battery.at_ms + 24 * HOUR_MS // len(phases)
        while battery.at_ms < until_ms:
            after = battery.at(battery.at_ms + 60_000)
            gained_j, passed_j = _posted(battery, after)
            battery, ledger_j, moved_j = after, ledger_j + gained_j, moved_j + passed_j

    assert _held_j(battery) - begun_j == pytest.approx(ledger_j, abs=1e-3 * moved_j + 1)


def _held_j(battery: Battery) -> float:
    """Return what is in a battery: its charge and its warmth."""
    pack = battery.pack
    return battery.percent / pack.percent_per_j + battery.temperature_c * pack.heat_j_per_k


def _flows_w(battery: Battery) -> tuple[float, float, float]:
    """Return what comes in at the terminals and by the heater while it is fed, and what leaves."""
    spare_w = battery.pack.given_w(battery.cable_w) - battery.load_w - battery.heats_w
    fed = battery.power_w != 0 or spare_w >= 0
    lost_w = battery.pack.heat_loss_w_per_k * (battery.temperature_c - battery.outdoor_c)
    return battery.power_w, battery.heats_w if fed else 0.0, lost_w


def _posted(before: Battery, after: Battery) -> tuple[float, float]:
    """Return what a while added to a battery, and what passed; finer where a flow jumps within it."""
    first, last = _flows_w(before), _flows_w(after)
    while_ms = after.at_ms - before.at_ms
    # What warmth gives back of the charge may be used up within the same minute: nothing flows at either end.
    hidden = first[0] == last[0] == 0 and before.percent != after.percent
    if while_ms > 1 and (hidden or abs(first[0] - last[0]) > 1 or first[1] != last[1]):
        middle = before.at(before.at_ms + while_ms // 2)
        halves = [_posted(before, middle), _posted(middle, after)]
        return halves[0][0] + halves[1][0], halves[0][1] + halves[1][1]
    terminals_w, heater_w, lost_w = ((one + other) / 2 for one, other in zip(first, last, strict=True))
    gained_w = terminals_w + heater_w - lost_w
    return gained_w * while_ms / 1000, (abs(terminals_w) + heater_w + abs(lost_w)) * while_ms / 1000
