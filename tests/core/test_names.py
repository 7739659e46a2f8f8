"""Names: one level of a topic, one half of a broker user, one case."""

import pytest

from sim.core.names import is_identifier, is_name


@pytest.mark.parametrize("text", ["a", "0", "su7", "living_room", "a-b", "x" * 32])
def test_name_is_lower_case_letters_digits_and_two_marks(text: str) -> None:
    """Such a text is a name, and every name is an identifier."""
    assert is_name(text)
    assert is_identifier(text)


@pytest.mark.parametrize("text", ["", "A", "-a", "_a", "a.b", "a/b", "a+", "#", "a b", "é", "a\n", "x" * 33])
def test_text_that_a_broker_could_misread_is_no_name(text: str) -> None:
    """Case, separators, wildcards, other alphabets and length are refused."""
    assert not is_name(text)


def test_identifier_is_longer_than_a_name_but_bounded() -> None:
    """Message ids are made of names and counters."""
    assert is_identifier("x" * 64)
    assert not is_identifier("x" * 65)
