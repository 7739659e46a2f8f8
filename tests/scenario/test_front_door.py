"""The front door of a home: a fact, a given, and two acts of hands; no device moves it."""

import pytest

from tests.scenario.stories import fails, passes, refusal

DOORS = """
scenario: the front door
household: wang
given:
  home: {doors: {open: GIVEN_OPEN, locked: GIVEN_LOCKED}}
  lin: {at: home}
steps:
"""


def _story(steps: str, *, is_open: bool = False, locked: bool = True) -> str:
    given = DOORS.replace("GIVEN_OPEN", str(is_open).lower()).replace("GIVEN_LOCKED", str(locked).lower())
    return given + steps


def test_front_door_is_closed_and_locked_by_itself() -> None:
    """A home nobody said anything about is shut."""
    steps = "steps: [{expect: {home.doors.open: false, home.doors.locked: true}}]"

    passes(f"scenario: s\nhousehold: wang\n{steps}\n")


def test_front_door_is_as_given() -> None:
    """A scenario can begin with an open door."""
    passes(
        _story("  - expect: {home.doors.open: true, home.doors.locked: false}\n", is_open=True, locked=False)
    )


def test_front_door_opens_from_outside_only_unlocked() -> None:
    """A locked door keeps out whoever stands before it, also its owner without a key in the story."""
    sentence, _, _ = fails(_story("  - do: lin.opens_door\n  - expect: {home.doors.open: true}\n"))
    assert "the front door of home is locked" in sentence

    passes(_story("  - do: lin.opens_door\n  - expect: {home.doors.open: true}\n", locked=False))


def test_front_door_opens_from_inside() -> None:
    """Whoever is inside gets out, and the door is unlocked by that."""
    steps = """
  - do: lin.goes_into
    with: {room: living_room}
  - do: lin.opens_door
  - expect: {home.doors.open: true, home.doors.locked: false}
  - do: lin.closes_door
  - expect: {home.doors.open: false, home.doors.locked: true}
  - do: lin.closes_door
    with: {lock: false}
  - expect: {home.doors.locked: false}
"""
    passes(_story(steps))


@pytest.mark.parametrize("word", ["ajar", "temperature"])
def test_front_door_has_two_facts_only(word: str) -> None:
    """A word that is no fact of a door is refused where it stands."""
    given = f"given: {{home: {{doors: {{{word}: true}}}}}}"

    error = refusal(f"scenario: s\nhousehold: wang\n{given}\nsteps: [{{advance: 1s}}]\n")

    assert error.sentence == f"`home.doors` has no `{word}` that can be given"
