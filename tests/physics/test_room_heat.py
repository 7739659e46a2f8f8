"""A room's air between two changes of its inputs."""

from math import exp

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.physics.room_heat import CROSSING_MS_MAX, RoomHeat

HOUR_MS = 3_600_000

celsius = st.floats(-40, 60)
rooms = st.builds(
    RoomHeat,
    temperature_c=celsius,
    at_ms=st.integers(0, 10**12),
    heat_loss_w_per_k=st.one_of(st.just(0.0), st.floats(0.1, 1_000)),
    heat_capacity_j_per_k=st.floats(1e4, 1e8),
    heat_w=st.floats(-10_000, 10_000),
    outdoor_c=celsius,
)


def room(**changes: float) -> RoomHeat:
    """Return a room of 120 W/K and 1.8 MJ/K at 20 °C, unheated, at 0 °C outdoors."""
    values: dict[str, float] = {"heat_w": 0, "outdoor_c": 0, "temperature_c": 20, "heat_loss_w_per_k": 120}
    return RoomHeat(at_ms=0, heat_capacity_j_per_k=1.8e6, **(values | changes))


def test_room_cools_to_a_share_of_e_in_one_time_constant() -> None:
    """An unheated room loses all but 1/e of its excess over outdoors in C / H."""
    # 1.8 MJ/K / 120 W/K = 15,000 s
    assert room().temperature_at(15_000_000) == pytest.approx(20 * exp(-1))


def test_room_ends_at_its_balance() -> None:
    """A room heated for long ends where losses equal the heating."""
    # 2,400 W / 120 W/K = 20 K above -8 °C
    assert room(heat_w=2_400, outdoor_c=-8).temperature_at(1_000 * HOUR_MS) == pytest.approx(12)


def test_room_without_losses_warms_in_a_straight_line() -> None:
    """With no loss the temperature rises by P t / C."""
    # 1,000 W for 1 h = 3.6 MJ = 2 K
    assert room(heat_loss_w_per_k=0, heat_w=1_000).temperature_at(HOUR_MS) == pytest.approx(22)


def test_room_asked_before_its_last_change_is_a_bug() -> None:
    """A room does not answer for what was before its last change."""
    with pytest.raises(AssertionError, match="before its last change"):
        room().temperature_at(-1)


@settings(deadline=None, max_examples=15)
@given(rooms)
def test_room_jump_equals_small_steps(start: RoomHeat) -> None:
    """Ten hours at once and in ten thousand steps give the same temperature within a millionth."""
    stepped = start
    for step in range(1, 10_001):
        stepped = stepped.with_inputs(start.at_ms + step * 3_600)

    assert stepped.temperature_c == pytest.approx(start.temperature_at(start.at_ms + 10 * HOUR_MS), abs=1e-6)


@settings(deadline=None)
@given(rooms, st.integers(0, 30 * HOUR_MS), st.integers(0, 30 * HOUR_MS))
def test_room_moves_one_way_and_not_past_its_balance(start: RoomHeat, first_ms: int, second_ms: int) -> None:
    """Between changes a temperature never turns back, and never overshoots where losses equal heat."""
    earlier, later = sorted((first_ms, second_ms))
    before, after = start.temperature_at(start.at_ms + earlier), start.temperature_at(start.at_ms + later)
    net_w = start.heat_w - start.heat_loss_w_per_k * (start.temperature_c - start.outdoor_c)
    sign = 1 if net_w >= 0 else -1

    assert sign * (after - before) >= 0
    if start.heat_loss_w_per_k:
        balance_c = start.outdoor_c + start.heat_w / start.heat_loss_w_per_k
        assert sign * (after - balance_c) <= 1e-9 * (1 + abs(balance_c) + abs(start.temperature_c))


@settings(deadline=None)
@given(rooms, st.integers(1, 100 * HOUR_MS))
def test_room_keeps_its_energy(start: RoomHeat, elapsed_ms: int) -> None:
    """What a room gains is what was brought in less what leaked out."""
    # Simpson's rule over 2,000 intervals stands for the integral of P - H (T - T_out).
    seconds, parts = elapsed_ms / 1000, 2_000
    temperatures = [
        start.temperature_at(start.at_ms + round(elapsed_ms * k / parts)) for k in range(parts + 1)
    ]
    inner = 4 * sum(temperatures[1:-1:2]) + 2 * sum(temperatures[2:-1:2])
    mean_c = (temperatures[0] + inner + temperatures[-1]) / (3 * parts)
    brought_j = (start.heat_w - start.heat_loss_w_per_k * (mean_c - start.outdoor_c)) * seconds
    gained_j = start.heat_capacity_j_per_k * (temperatures[-1] - temperatures[0])

    # Sampling is by whole milliseconds, so an interval can be off by half of one.
    turnover_j = (abs(start.heat_w) + start.heat_loss_w_per_k * 200) * seconds + start.heat_capacity_j_per_k
    assert gained_j == pytest.approx(brought_j, abs=2e-3 * turnover_j)


def test_inputs_change_without_a_jump() -> None:
    """Changing the heating leaves the temperature of the moment as it is, and counts from there."""
    started = room()
    heated = started.with_inputs(HOUR_MS, heat_w=5_000)
    colder = heated.with_inputs(2 * HOUR_MS, outdoor_c=-10)

    assert heated.temperature_at(HOUR_MS) == started.temperature_at(HOUR_MS)
    assert (heated.heat_w, heated.outdoor_c, heated.at_ms) == (5_000, 0, HOUR_MS)
    assert (colder.heat_w, colder.outdoor_c) == (5_000, -10)
    assert colder.temperature_c == heated.temperature_at(2 * HOUR_MS)


@settings(deadline=None)
@given(rooms, celsius, st.booleans())
def test_crossing_is_the_first_millisecond(start: RoomHeat, threshold_c: float, rising: bool) -> None:  # noqa: FBT001  # hypothesis passes it
    """At a crossing the threshold is reached, and a millisecond earlier it is not."""
    crossing = start.crossing_ms(threshold_c, rising=rising)

    def is_beyond(now_ms: int) -> bool:
        now_c = start.temperature_at(now_ms)
        return now_c >= threshold_c if rising else now_c <= threshold_c

    if crossing is None:
        assert not is_beyond(start.at_ms)
        assert not is_beyond(start.at_ms + CROSSING_MS_MAX)
    else:
        assert is_beyond(crossing)
        assert crossing == start.at_ms or not is_beyond(crossing - 1)


def test_crossing_of_what_is_so_already_is_now() -> None:
    """A room that is warm enough is so at once."""
    assert room(temperature_c=21).crossing_ms(20, rising=True) == 0
    assert room(temperature_c=20).crossing_ms(20, rising=False) == 0
    assert room(heat_w=9_000).crossing_ms(20, rising=False) == 0


def test_crossing_that_never_comes_is_none() -> None:
    """A room that cools below a threshold never rises to it."""
    assert room().crossing_ms(21, rising=True) is None
    assert room().crossing_ms(-1, rising=False) is None


def test_crossing_later_than_the_bound_is_none() -> None:
    """Nobody waits longer than 400 days for a room."""
    # 1 K takes 1.8 MJ; at 0.05 W that is 417 days, at 0.06 W 347 days.
    assert room(heat_loss_w_per_k=0, heat_w=0.05).crossing_ms(21, rising=True) is None
    assert room(heat_loss_w_per_k=0, heat_w=0.06).crossing_ms(21, rising=True) == 30_000_000_000
