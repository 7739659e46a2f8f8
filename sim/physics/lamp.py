"""An LED lamp: the electrical power behind its light."""

EFFICACY_LM_PER_W = 110.0
"""Light per electrical power of a good LED lamp: the least of energy class E (Commission Delegated
Regulation (EU) 2019/2015, Annex II, table 1)."""
STANDBY_W = 0.5
"""What a lamp draws that is dark and listens to the network: the most it may (Commission Regulation (EU)
2019/2020, Annex II, 1 (b))."""
USUAL_LM = 806.0
"""Light of a lamp that replaces an incandescent one of 60 W (Commission Regulation (EU) 2019/2020)."""


def lamp_w(luminous_flux_lm: float, lit_percent: float) -> float:
    """Return the electrical power of a lamp, W.

    LEDs are dimmed by switching them on and off very fast, so the power follows the light in a straight line;
    that the colour of the light changes nothing is an assumption.

    Args:
        luminous_flux_lm: its light at full brightness, lm, 0 or more.
        lit_percent: how brightly it shines, 0 to 100 %.
    """
    return STANDBY_W + luminous_flux_lm * lit_percent / 100 / EFFICACY_LM_PER_W
