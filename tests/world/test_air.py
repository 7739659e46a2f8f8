"""What passes through the air: a radio answers one session, a screen shows one code."""

from sim.world.truth.air import Air


def test_device_answers_the_rounds_of_one_session_at_a_time() -> None:
    """A new session replaces its old one, and nobody else's."""
    air = Air()
    air.answer(b"one", "watch")
    air.answer(b"phones", "phone")

    air.answer(b"two", "watch")

    assert air.answering == {b"phones": "phone", b"two": "watch"}


def test_session_is_answered_by_whoever_answered_it_last() -> None:
    """Two radios with one key are one: the world knows where the latest is."""
    air = Air()

    air.answer(b"one", "watch")
    air.answer(b"one", "phone")

    assert air.answering == {b"one": "phone"}


def test_device_that_falls_silent_answers_nothing_any_more() -> None:
    """Others go on; silence twice is silence."""
    air = Air()
    air.answer(b"one", "watch")
    air.answer(b"phones", "phone")

    air.silence("watch")
    air.silence("watch")

    assert air.answering == {b"phones": "phone"}


def test_code_is_shown_until_it_is_taken_away() -> None:
    """A new one replaces the old; a screen that shows nothing can be blanked, too."""
    air = Air()

    air.show("su7", "first")
    air.show("su7", "second")
    assert air.shown == {"su7": "second"}
    air.show("su7", None)
    air.show("su7", None)

    assert air.shown == {}


def test_code_is_in_no_representation() -> None:
    """Whoever prints the world does not print its secrets."""
    air = Air()

    air.show("su7", "secret")

    assert "secret" not in repr(air)
