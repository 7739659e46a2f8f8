"""Faults of a link: seeded, of one direction or both, and each a rule of its own."""

from random import Random

import pytest

from sim.core.messages import Frame
from sim.world.network.faults import CUT_OFF_AFTER_MS, UNTOUCHED, Fate, LinkFault, LinkState, describe


def fates(*rules: LinkFault, seed: int = 1, count: int = 200) -> list[Fate]:
    """Return what becomes of messages out of a device."""
    dice = Random(seed)  # noqa: S311  # it must repeat
    link = LinkState(rules=list(rules))
    return [link.fate(dice, "out") for _ in range(count)]


def test_whole_link_leaves_messages_alone_and_throws_no_dice() -> None:
    """A fault on one link must not change the chances of another run's links."""
    dice = Random(1)  # noqa: S311  # it must repeat
    before = dice.getstate()

    assert LinkState().fate(dice, "out") is UNTOUCHED
    assert UNTOUCHED.untouched
    assert dice.getstate() == before


def test_loss_of_everything_loses_everything() -> None:
    """100 % is every message, 0 % none."""
    assert set(fates(LinkFault(loss_percent=100))) == {Fate(())}
    assert set(fates(LinkFault(loss_percent=0, delay_ms=1))) == {Fate((1,))}


def test_loss_of_half_loses_about_half_and_leaves_the_rest_untouched() -> None:
    """Of 200 fair throws, 60 to 140 fall on one side but once in a hundred million seeds."""
    half = fates(LinkFault(loss_percent=50))

    assert set(half) == {Fate(()), UNTOUCHED}
    assert 60 < half.count(UNTOUCHED) < 140


def test_delays_of_several_faults_add_up() -> None:
    """Rules hold together, in the order they began."""
    assert set(fates(LinkFault(delay_ms=200), LinkFault(delay_ms=50))) == {Fate((250,))}


def test_duplicate_comes_twice_and_never_three_times() -> None:
    """Two faults that double do not make four."""
    twice = LinkFault(duplicate_percent=100)

    assert set(fates(twice, twice)) == {Fate((0, 0))}
    assert not Fate((0, 0)).untouched


def test_reordered_messages_are_late_by_anything_up_to_the_bound() -> None:
    """Every delay from 0 to the bound occurs, none beyond."""
    late = {fate.delays_ms[0] for fate in fates(LinkFault(reorder_ms=3))}

    assert late == {0, 1, 2, 3}


def test_dice_repeat_with_the_seed() -> None:
    """The same seed gives the same fates, another seed others."""
    rule = LinkFault(loss_percent=30, duplicate_percent=30, reorder_ms=50)

    assert fates(rule, seed=5) == fates(rule, seed=5)
    assert fates(rule, seed=5) != fates(rule, seed=6)


@pytest.mark.parametrize(("direction", "out", "inwards"), [("out", 0, 1), ("in", 1, 0), ("both", 0, 0)])
def test_fault_holds_in_its_direction_only(direction: str, out: int, inwards: int) -> None:
    """`out` is what the device sends, `in` what it is sent."""
    link = LinkState(rules=[LinkFault(loss_percent=100, direction=direction)])  # type: ignore[arg-type]  # parametrized
    dice = Random(1)  # noqa: S311  # it must repeat

    assert len(link.fate(dice, "out").delays_ms) == out
    assert len(link.fate(dice, "in").delays_ms) == inwards


def test_connection_that_ends_takes_what_was_under_way_with_it() -> None:
    """Nothing that was held reaches the next connection."""
    frame = Frame("x", b"")
    link = LinkState(joined=True, held_out=[(frame, None)], held_in=[frame])

    assert link.part()
    assert not link.part()
    assert (link.joined, link.held_out, link.held_in) == (False, [], [])


def test_broker_gives_up_after_one_and_a_half_keep_alives() -> None:
    """A keep-alive is a minute."""
    assert CUT_OFF_AFTER_MS == 90_000


def test_link_that_never_broke_has_nothing_to_cancel() -> None:
    """Healing it is harmless."""
    LinkState().give_up()


def test_fault_is_described_by_what_is_set() -> None:
    """A record says what is broken, not what is not."""
    assert describe(LinkFault(delay_ms=5, direction="in")) == {"delay_ms": 5, "direction": "in"}
