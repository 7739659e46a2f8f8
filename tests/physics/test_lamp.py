"""The power behind a lamp's light."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.physics.lamp import EFFICACY_LM_PER_W, STANDBY_W, USUAL_LM, lamp_w


def test_lamp_that_replaces_sixty_watts_takes_less_than_eight() -> None:
    """806 lm at 110 lm/W, and the radio."""
    assert lamp_w(USUAL_LM, 100) == pytest.approx(7.83, abs=0.01)


@given(st.floats(0, 100_000), st.floats(0, 100), st.floats(0, 100))
def test_power_follows_the_light(flux_lm: float, one_percent: float, other_percent: float) -> None:
    """A dark lamp listens; what a brighter one draws more, it shines more."""
    one, other = lamp_w(flux_lm, one_percent), lamp_w(flux_lm, other_percent)

    assert lamp_w(flux_lm, 0) == STANDBY_W
    shines_more_lm = flux_lm * (other_percent - one_percent) / 100
    assert (other - one) * EFFICACY_LM_PER_W == pytest.approx(shines_more_lm, abs=1e-6)
