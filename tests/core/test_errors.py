"""Errors a user can mend: the place first, one sentence, and what to do."""

import pytest

from sim.core.errors import (
    BrokerError,
    HouseholdError,
    MachineError,
    MissingPartError,
    Place,
    PolicyError,
    RecordingError,
    ScenarioError,
    SimError,
    UsageError,
    did_you_mean,
    nearest,
)


def test_error_says_place_sentence_and_help_in_this_order() -> None:
    """Editors and terminals link the place in front."""
    place = Place("a.yaml", 3, 7, 2, "    x: y")

    error = ScenarioError("`x` is unknown", place=place, help_text="did you mean `z`?")

    assert str(error) == "a.yaml:3:7: `x` is unknown (did you mean `z`?)"


def test_error_without_place_or_help_is_its_sentence() -> None:
    """What is not known is left out."""
    assert str(UsageError("there is no file `x`")) == "there is no file `x`"


def test_error_code_is_its_own_or_that_of_its_class() -> None:
    """A mistake with a name of its own keeps it; the others are called like their class."""
    assert PolicyError("x").code == "PO100"
    assert PolicyError("x", code="PO7").code == "PO7"


@pytest.mark.parametrize(
    "kind",
    [ScenarioError, HouseholdError, PolicyError, RecordingError, UsageError, BrokerError, MissingPartError],
)
def test_every_error_is_one_that_a_user_can_mend(kind: type[SimError]) -> None:
    """`except SimError` catches them all, and each has a code of its own."""
    codes = [one.code for one in (SimError, MachineError, kind)]

    assert issubclass(kind, SimError)
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize(("word", "meant"), [("unlok", "unlock"), ("lock", "lock"), ("xyz", None)])
def test_nearest_word_is_found_or_nothing(word: str, meant: str | None) -> None:
    """A typo leads to the word, noise to none."""
    assert nearest(word, ["lock", "unlock"]) == meant


def test_help_names_the_nearest_word() -> None:
    """A near word is asked for."""
    assert did_you_mean("unlok", ["lock", "unlock"]) == "did you mean `unlock`?"


def test_help_lists_what_is_known_when_nothing_is_near() -> None:
    """A few words are all shown, sorted and each once."""
    assert did_you_mean("xyz", ["b", "a", "b"]) == "known here: `a`, `b`"


def test_help_counts_what_it_does_not_list() -> None:
    """Twelve words are shown, the others counted."""
    known = [f"word{n:02d}" for n in range(15)]

    shown = did_you_mean("?", known)

    assert shown is not None
    assert shown.startswith("known here: `word00`, ")
    assert shown.endswith("`word11` and 3 more")


def test_help_is_nothing_when_nothing_is_known() -> None:
    """An empty list helps nobody."""
    assert did_you_mean("x", []) is None
