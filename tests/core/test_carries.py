"""What fields carry is declared: an obvious datum of a shipped kind says what it is, or this test says so."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, get_args

import pytest

from sim.apps.app import App
from sim.core.declarations import Carries, Command, DataKind, Facet, carried
from sim.core.device import Device
from sim.core.parts import Assembled
from sim.world.kinds import kinds

OBVIOUS = re.compile(
    r"(^|_)(latitude|longitude|position|location|destination|whereabouts|near|jpeg|picture|frame|letter|title|"
    r"on_wrist|worn|leave_by|appointment|body|price|amount|bill|spent_today|charged|in_use|at_the_wheel|video|cents|fen|paid|cost|receipt|category|spoken|sentence)"
    r"(_deg|_m|_base64|_c|_minor)?$"
)
"""Names of fields that are hardly anything else than a datum that somebody wants to follow."""

NONE = {
    "feature_ended": "which feature ended, and no use of it",
    "picture_taken": "that there is a picture, and no picture",
    "video_display": "which display",
    "video_position_ms": "how far, and no film",
    "charging_cost": "an estimate for a schedule; nothing was paid",
    "paid": "which subscriptions are paid for, and no payment",
    "picture_from": "which camera, and no picture",
}
"""Fields that are only called so, and what they are."""


class Sees(Command, returns={"jpeg": Carries("camera_frame")}):
    """Return a picture."""

    place: Annotated[str, Carries("location"), Carries("presence")] = ""
    plain: str = ""


class SeesMore(Sees, tier="anytime"):
    """Return the same."""


class Spot(Facet):
    """Say where something is."""

    latitude_deg: float
    title: Annotated[str | None, Carries("usage")]


def unmarked(models: Mapping[str, Iterable[type[Command] | type[Facet]]]) -> Iterator[str]:
    """Yield the fields that obviously are data and carry nothing."""
    for kind, those in models.items():
        for model in those:
            marked = {name for name, _ in carried(model)}
            for name in model.model_fields:
                if OBVIOUS.search(name) and name not in marked and name not in NONE:
                    yield f"{kind}: `{model.__name__}.{name}` is declared to carry nothing"


def models(found: Mapping[str, type[Device]]) -> dict[str, list[type[Command] | type[Facet]]]:
    """Return what each kind says and can be told."""
    return {name: [*kind.commands, *kind.facets] for name, kind in found.items()}


def test_marks_are_found_in_the_order_of_the_fields() -> None:
    """A field can carry several sorts; a field without a mark carries none."""
    assert carried(Sees) == (("place", Carries("location")), ("place", Carries("presence")))
    assert carried(Spot) == (("title", Carries("usage")),)


def test_what_is_returned_is_inherited() -> None:
    """A command that is declared more exactly returns what it returned."""
    assert Sees.returns == SeesMore.returns == {"jpeg": Carries("camera_frame")}
    assert Command.returns == {}


def test_every_obvious_field_of_a_shipped_kind_carries_something() -> None:
    """Nothing is inferred from names in a run; here they are a reminder."""
    assert sorted(set(unmarked(models(kinds())))) == []


@pytest.mark.parametrize("kind", kinds().values(), ids=lambda kind: str(kind.kind))
def test_every_event_says_what_it_carries(kind: type[Device]) -> None:
    """An event has no declared fields to look at, so each says something, or this test says why not."""
    assert set(kind.tells) | NONE.keys() >= set(kind.events)
    assert set(kind.tells) <= set(kind.events)
    assert {mark.kind for marks in kind.tells.values() for mark in marks.values()} <= set(get_args(DataKind))


@pytest.mark.parametrize("kind", kinds().values(), ids=lambda kind: str(kind.kind))
def test_what_is_seen_is_of_kinds_that_are_read(kind: type[Device]) -> None:
    """And of facets that these have."""
    everything = kinds()
    for other, facets in kind.sees.items():
        assert other in kind.reads
        assert set(facets) <= set(everything[other].facets)


def test_reminder_notices_what_is_planted() -> None:
    """A latitude without a mark is told, and a title with one is not."""
    assert list(unmarked({"spot": [Spot]})) == ["spot: `Spot.latitude_deg` is declared to carry nothing"]


@pytest.mark.parametrize("kind", kinds().values(), ids=lambda kind: str(kind.kind))
def test_letters_are_for_a_purpose_that_an_app_writes(kind: type[Device]) -> None:
    """A mark that names another purpose would never be opened, and nothing would flow."""
    marks: list[Any] = [mark for model in (*kind.commands, *kind.facets) for _, mark in carried(model)]
    marks += [mark for command in kind.commands for mark in command.returns.values()]
    parts = kind.made_of.values() if issubclass(kind, Assembled) else ()
    purposes = {part.subject or part.purpose for part in parts if issubclass(part, App)}

    assert {mark.letter for mark in marks if mark.letter} <= purposes
    assert {mark.kind for mark in marks} <= set(get_args(DataKind))
