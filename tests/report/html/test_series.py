"""Numbers over time: which are drawn, by how many points, and what they look like."""

from itertools import pairwise

import pytest

from sim.core.units import ENERGY, LENGTH, POWER, RATIO, SLOPE, TEMPERATURE, Dimension
from sim.report.html.chapters import Chapter, chapters
from sim.report.html.charts import chart, scale_of
from sim.report.html.series import POINTS_MAX, READERS_MAX, Line, Plot, Point, plots, thinned
from tests.report.html.records import Tape


def chapter(tape: Tape) -> Chapter:
    """Return a case that has just ended."""
    return chapters(tape.ended(60_000))[0]


def test_truth_and_beliefs_are_lines_of_one_plot() -> None:
    """The truth is known where somebody heard of it as well; beliefs are steps, by reader."""
    tape = Tape().true(0, "su7", battery_percent=80.0)
    tape.believed(10, "phone", "su7", {"battery_percent": 79.0}, battery_percent=80.0)
    tape.believed(20, "phone", "su7", {"battery_percent": 78.0}, battery_percent=79.0)

    assert plots(chapter(tape)) == [
        Plot(
            "su7",
            "battery",
            RATIO,
            (
                Line("true", ((0, 80.0), (10, 79.0), (20, 78.0)), stepped=False),
                Line("phone", ((10, 80.0), (20, 79.0)), stepped=True),
            ),
            1,
        )
    ]


@pytest.mark.parametrize(
    "facts",
    [
        {"battery_percent": (80.0, 80.0)},
        {"pictures": (1, 2)},
        {"latitude_deg": (40.0, 41.0)},
        {"time_to_full_ms": (5, 6)},
        {"heated_c": (True, False)},
        {"cabin_c": (None, 20.0)},
        {"cabin_c": ("cold", "warm")},
    ],
)
def test_what_has_no_unit_or_does_not_change_is_not_drawn(facts: dict[str, tuple[object, object]]) -> None:
    """Counts, times, positions, truths and words are no curves."""
    tape = Tape()
    for t in (0, 1):
        tape.true(t, "su7", **{name: values[t] for name, values in facts.items()})

    assert plots(chapter(tape)) == []


def test_unit_is_told_by_the_longest_ending() -> None:
    """`_w_per_k` is no power in kelvins, and `charge_power_w` is one, which stays until it is switched."""
    tape = Tape().true(0, "su7", charge_power_w=0.0, loss_w_per_k=1.0)
    tape.true(1, "su7", charge_power_w=7_000.0, loss_w_per_k=2.0)

    found = {plot.fact: plot for plot in plots(chapter(tape))}
    assert set(found) == {"charge_power", "loss"}
    assert found["charge_power"].dimension is POWER
    assert found["charge_power"].lines[0].stepped


def test_few_readers_are_drawn_those_that_heard_most_first() -> None:
    """The plot says of how many it shows some; what nobody measured has no truth."""
    tape = Tape()
    for reader in range(READERS_MAX + 2):
        for t in range(reader + 2):
            tape.believed(t, f"reader{reader}", "su7", {}, range_m=float(t))
    plot = plots(chapter(tape))[0]

    assert [line.name for line in plot.lines] == ["reader4", "reader3", "reader2"]
    assert plot.readers == READERS_MAX + 2
    assert "and 2 more who read it" in chart(plot, 60_000)


def test_plots_with_most_to_see_come_first() -> None:
    """Points in the middle of what stays as it is are nothing to see."""
    tape = Tape()
    for t in range(10):
        tape.true(t, "su7", cabin_c=float(t), battery_percent=80.0 if t < 9 else 79.0)

    assert [plot.fact for plot in plots(chapter(tape))] == ["cabin", "battery"]
    assert plots(chapter(tape))[1].lines[0].points == ((0, 80.0), (8, 80.0), (9, 79.0))


def test_long_line_is_thinned_and_keeps_its_ends_and_extremes() -> None:
    """Ten thousand points become hundreds, in order; nothing sticks out that is not kept."""
    points: list[Point] = [(t, float(t % 97)) for t in range(10_000)]
    points[5_003] = (5_003, 1_000.0)
    points[7_001] = (7_001, -50.0)

    few = thinned(points)

    assert len(few) <= 2 * POINTS_MAX + 2
    assert (few[0], few[-1]) == (points[0], points[-1])
    assert {points[5_003], points[7_001]} <= set(few) <= set(points)
    assert all(one[0] < other[0] for one, other in pairwise(few))


def test_line_of_one_instant_is_thinned_too() -> None:
    """Everything at once is one stretch."""
    assert thinned([(5, float(value)) for value in range(1_000)]) == ((5, 0.0), (5, 999.0))


def test_chart_has_its_scale_in_units_of_people_and_its_lines_inside() -> None:
    """From 0 to 7 kW; a step goes sideways first, and every corner is in the drawing."""
    lines = (
        Line("true", ((0, 0.0), (30_000, 7_000.0)), stepped=True),
        Line("phone", ((10_000, 7_000.0),), stepped=True),
    )
    drawn = chart(Plot("su7", "charge_power", POWER, lines, 1), 60_000)

    true = "8.0,126.0 180.0,126.0 180.0,24.0 352.0,24.0 352.0,24.0"
    assert f'<polyline class="line l0" points="{true}"/>' in drawn
    assert '<polyline class="line l1" points="65.3,24.0 352.0,24.0 352.0,24.0"/>' in drawn
    assert "su7.charge_power, from 0 kW to 7 kW" in drawn
    assert ">1 m</text>" in drawn


def test_chart_of_small_numbers_keeps_their_unit() -> None:
    """A gradual line goes straight, and 3 W are no thousandths of a kilowatt."""
    line = Line("true", ((0, 1.0), (10, 3.0)), stepped=False)
    drawn = chart(Plot("plug", "power", POWER, (line,), 0), 0)

    assert "from 1 W to 3 W" in drawn
    assert 'points="8.0,115.8 3448.0,95.4"' in drawn


@pytest.mark.parametrize(
    ("dimension", "values", "ends"),
    [
        (RATIO, (79.97, 80.0), (77.0, 82.5)),
        (RATIO, (99.9, 100.0), (95.0, 100.0)),
        (RATIO, (0.0, 0.01), (0.0, 5.0)),
        (RATIO, (10.0, 80.00000001), (10.0, 80.0)),
        (RATIO, (0.0, 104.0), (0.0, 110.0)),
        (TEMPERATURE, (21.0, 21.01), (20.5, 21.6)),
        (TEMPERATURE, (-20.0, 23.9), (-20.0, 25.0)),
        (LENGTH, (285_980.0, 286_000.0), (283_000.0, 289_000.0)),
        (POWER, (0.0, 7_000.0), (0.0, 7_000.0)),
        (ENERGY, (0.0, 0.0), (0.0, 0.1)),
        (SLOPE, (-5.0, 5.0), (-5.0, 5.0)),
        (RATIO, (-1.0, 1.0), (-2.5, 2.5)),
        (LENGTH, (0.0, 0.0), (0.0, 1.0)),
    ],
)
def test_scale_is_round_and_never_so_narrow_that_noise_is_an_event(
    dimension: Dimension, values: tuple[float, ...], ends: tuple[float, float]
) -> None:
    """80 % that becomes 79.97 % is no crash; nothing is below naught, and no battery above 100 %."""
    line = Line("true", tuple(enumerate(values)), stepped=False)

    scale = scale_of([Plot("su7", "battery", dimension, (line,), 0)])

    assert (scale.least, scale.most) == pytest.approx(ends)


def test_truth_that_breaks_off_is_marked_and_said() -> None:
    """A car that sleeps is heard of no more, and its beliefs run on; what is switched stays switched."""
    believed = Line("phone", ((0, 80.0), (10_000, 79.0)), stepped=True)
    true = Line("true", ((0, 80.0), (30_000, 79.0)), stepped=False)
    drawn = chart(Plot("su7", "battery", RATIO, (true, believed), 1), 60_000)

    assert "true is known until 30 s: nobody heard of it later" in drawn
    assert '<circle class="end" cx="180.0"' in drawn
    for line, ended in ((true, 30_000), (Line("true", true.points, stepped=True), 60_000)):
        whole = chart(Plot("su7", "battery", RATIO, (line, believed), 1), ended)
        assert "known until" not in whole
        assert "<circle" not in whole


def test_number_that_is_none_is_not_drawn() -> None:
    """Nothing that is endless or no number gets on a scale."""
    tape = Tape()
    for t, value in enumerate((1.0, float("inf"), float("nan"), 2.0)):
        tape.true(t, "su7", cabin_c=value)

    assert plots(chapter(tape))[0].lines[0].points == ((0, 1.0), (3, 2.0))
