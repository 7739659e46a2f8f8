"""Settings: which there are, and what they can be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.apps.twins.settings import DEFAULTS, SettingError, Settings, annotation_of, checked, fact_of
from sim.apps.twins.stamps import NEVER, Stamp


def test_every_setting_has_a_default_that_it_can_be() -> None:
    """The catalogue and the defaults name the same settings."""
    assert list(DEFAULTS) == list(Settings.model_fields)
    assert {setting: checked(setting, value) for setting, value in DEFAULTS.items()} == DEFAULTS


def test_a_whole_number_becomes_what_the_setting_is_made_of() -> None:
    """Two spellings of one number are one value."""
    assert repr(checked("volume_percent", 40)) == "40.0"


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("colour", "red", "there is no setting `colour`"),
        ("x" * 500, "red", f"there is no setting `{'x' * 64}`"),
        ("volume_percent", 101.0, "`volume_percent` cannot be 101.0"),
        ("volume_percent", "40 %", "`volume_percent` cannot be '40 %'"),
        ("volume_percent", True, "`volume_percent` cannot be True"),
        ("volume_percent", None, "`volume_percent` cannot be None"),
        ("do_not_disturb", 1, "`do_not_disturb` cannot be 1"),
        ("language", "fr", "`language` cannot be 'fr'"),
        ("language", "z" * 65, "`language` has at most 64 characters"),
    ],
)
def test_what_a_setting_cannot_be_is_said(setting: str, value: object, said: str) -> None:
    """A setting that is not known, or cannot be that, is refused in one sentence."""
    with pytest.raises(SettingError) as refusal:
        checked(setting, value)

    assert str(refusal.value).startswith(said)


def test_a_scenario_knows_a_setting_by_its_fact() -> None:
    """Units are left out of the names that people write, and bounds go with the type."""
    assert fact_of("comfort_c") == "comfort"
    assert "ge=16" in repr(annotation_of("comfort_c"))
    assert annotation_of("do_not_disturb") is bool


STAMPS = st.builds(Stamp, st.integers(0, 50), st.integers(0, 3), st.sampled_from(["phone", "tv"]))


@given(seen=STAMPS, now_ms=st.integers(0, 50), device=st.sampled_from(["phone", "tv"]))
def test_a_stamp_comes_after_what_was_seen(seen: Stamp, now_ms: int, device: str) -> None:
    """Whatever the clock says; and never later than clock and what was seen."""
    stamp = seen.after(now_ms, device)

    assert stamp > seen > NEVER or seen == Stamp(0, 0, seen.device)
    assert stamp.ms == max(now_ms, seen.ms)


@given(one=STAMPS, other=STAMPS)
def test_of_two_stamps_one_is_the_newer(one: Stamp, other: Stamp) -> None:
    """The order is total: only what is the same is not apart."""
    assert (one < other) + (other < one) + (one == other) == 1
