"""Where people stand in a camera's picture."""

from hypothesis import given
from hypothesis import strategies as st

from sim.physics.figure import PEOPLE_MAX, placed

names = st.lists(st.text(min_size=1, max_size=8), max_size=9, unique=True).map(tuple)


@given(names)
def test_everybody_has_a_place_of_their_own(people: tuple[str, ...]) -> None:
    """The first five people stand in five different places."""
    standing = placed(people)

    assert sorted(person.name for person in standing) == sorted(people[:PEOPLE_MAX])
    assert len({person.place for person in standing}) == len(standing)


@given(names)
def test_who_comes_later_moves_nobody(people: tuple[str, ...]) -> None:
    """A newcomer at the end of the household's order leaves everybody where they are."""
    assert set(placed(people[:-1])) <= set(placed(people[:PEOPLE_MAX]))
