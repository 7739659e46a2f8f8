"""The surface: focus, cards and theme of one device, drawn lazily and said rarely."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import pytest

from sim.apps.media import SetVolume
from sim.apps.screens.model import Card, Display, Line
from sim.apps.screens.surface import (
    ASK_AGAIN_MS,
    DRAW_AFTER_MS,
    FIRST_MAX,
    Arrange,
    Look,
    MirrorCard,
    OpenCard,
    Screened,
    ShowCard,
    ShowsCards,
    Surface,
)
from sim.apps.screens.theme import ChooseTheme, SetTheme
from sim.core import device as core
from sim.core.beliefs import Belief, Beliefs
from sim.core.device import (
    Answer,
    Answered,
    Booted,
    Commanded,
    Draw,
    Effect,
    Facet,
    Learned,
    Linked,
    Moment,
    Provision,
    Request,
    Sensed,
    Settle,
    StartTimer,
    Stimulus,
    TimerFired,
)
from sim.core.parts import Part
from tests.senses import NOTHING_HEARD, START_MS, FakeSenses, acted, commanded, heard, moment

HEATER = heard("heater", "climate_report", mode="heat", room_c=19.0)
HEATER_AND_TV = HEATER.heard(
    "tv",
    "look",
    Belief({"screen": "tv", "owner": None, "chosen_ms": 0, "chosen_on": ""}, START_MS, (1, 1), "unknown"),
).online("tv", online=True)


class Panel(Surface):
    """A screen that does everything a screen can do."""

    commands: ClassVar = (SetTheme, ShowCard)
    acts: ClassVar = (ChooseTheme, OpenCard, MirrorCard, Arrange)


def new(given: Mapping[str, Any] | None = None, owner: str | None = None) -> Surface:
    """Return a screen from the factory."""
    return Panel.new("panel", core.Config(owner=owner), given or {}).provisioned(
        Provision(b"", boot=2, now_ms=START_MS)
    )


def at(beliefs: Beliefs = NOTHING_HEARD) -> Moment:
    """Return a moment at which this is believed."""
    return moment(FakeSenses(), beliefs=beliefs)


def look(surface: Surface) -> Look:
    """Return what the screen reports."""
    (report,) = surface.report()
    assert isinstance(report, Look)
    return report


def drawn(beliefs: Beliefs = HEATER) -> Surface:
    """Return a screen that has drawn what is believed."""
    return new().step(at(beliefs), TimerFired("screen"))[0]


def failure(effects: tuple[Effect, ...]) -> str:
    """Return why a ticket failed."""
    (settled,) = effects
    assert isinstance(settled, Settle)
    assert settled.answer.status == "failed"
    return settled.answer.reason


def test_cards_are_looked_at_once_when_many_things_come_together() -> None:
    """The first news starts a short wait; what else comes meanwhile is drawn with it."""
    waiting, effects = new().step(at(HEATER), Learned("heater"))
    assert effects == (StartTimer("screen", DRAW_AFTER_MS),)
    assert waiting.step(at(HEATER_AND_TV), Learned("tv")) == (waiting, ())

    after, effects = waiting.step(at(HEATER), TimerFired("screen"))

    assert effects == (Draw(),)
    assert look(after).cards == ["heater"]
    assert look(waiting).cards == []


def test_a_new_value_on_a_card_is_no_news_of_the_screen() -> None:
    """Else a screen would say something whenever anything was measured."""
    surface = drawn()
    warmer = HEATER.heard(
        "heater",
        "climate_report",
        Belief({"mode": "heat", "room_c": 20.0}, START_MS + 1, (1, 2), "unknown"),
    )

    assert surface.step(at(warmer), Learned("heater")) == (surface, ())


@pytest.mark.parametrize(
    "beliefs",
    [HEATER.online("heater", online=False), HEATER.heard("heater", "meter", Belief({}, 0, (1, 1), "last"))],
)
def test_who_comes_or_goes_is_news(beliefs: Beliefs) -> None:
    """So is a device that says more of itself than it did."""
    assert drawn().step(at(beliefs), Learned("heater"))[1] == (StartTimer("screen", DRAW_AFTER_MS),)


def test_a_theme_is_asked_of_the_device_itself() -> None:
    """A touch passes the same rules as a command from afar."""
    assert new().step(at(), acted(ChooseTheme(mode="dark"), by="mei"))[1] == (
        Request("t1", "panel", "set_theme", {"mode": "dark"}, by="mei"),
    )


def test_a_theme_chosen_here_is_passed_on() -> None:
    """At once to the screens that are there, and to others once they have come."""
    dark, effects = drawn(HEATER_AND_TV).step(at(HEATER_AND_TV), commanded(SetTheme(mode="dark")))

    done, draw, request = effects
    assert (done, draw) == (Settle("t1", Answer("done")), Draw())
    assert isinstance(request, Request)
    assert (request.target, request.by) == ("tv", "lin")
    assert request.ticket == "panel-theme-2-1"
    assert (look(dark).theme, look(dark).chosen_on) == ("dark", "panel")

    alone, _ = drawn().step(at(HEATER), commanded(SetTheme(mode="dark")))
    _, later = alone.step(at(HEATER_AND_TV), TimerFired("screen"))
    assert [one.target for one in later if isinstance(one, Request)] == ["tv"]


def test_a_theme_from_another_screen_is_followed() -> None:
    """And an older one is not."""
    wish = SetTheme(mode="dark", chosen_ms=START_MS, chosen_on="tv")
    dark, effects = new().step(at(), commanded(wish))
    assert effects == (Settle("t1", Answer("done")), Draw())
    assert look(dark).theme == "dark"

    older = SetTheme(mode="light", chosen_ms=START_MS - 1, chosen_on="tv")
    kept, effects = dark.step(at(), commanded(older))
    assert kept is dark
    assert failure(effects) == "a newer theme was chosen by lin on tv"


def test_a_screen_that_did_not_answer_is_asked_again_after_a_while() -> None:
    """One that answered is not, and answers to others are none of its business."""
    dark, effects = drawn(HEATER_AND_TV).step(at(HEATER_AND_TV), commanded(SetTheme(mode="dark")))
    ticket = next(one.ticket for one in effects if isinstance(one, Request))
    assert dark.step(at(), Answered("t9", "tv", Answer("done"))) == (dark, ())

    silent, effects = dark.step(at(HEATER_AND_TV), Answered(ticket, "tv", Answer("expired")))
    assert effects == (StartTimer("theme", ASK_AGAIN_MS),)
    _, (again,) = silent.step(at(HEATER_AND_TV), TimerFired("theme"))
    assert isinstance(again, Request)
    assert again.target == "tv"

    settled, effects = dark.step(at(HEATER_AND_TV), Answered(ticket, "tv", Answer("done")))
    assert effects == ()
    assert settled.step(at(HEATER_AND_TV), TimerFired("theme"))[1] == ()


def test_a_screen_whose_clock_was_ahead_asks_at_once_by_the_right_time() -> None:
    """The choice is stamped anew, and passed on."""
    dark, effects = drawn(HEATER_AND_TV).step(at(HEATER_AND_TV), commanded(SetTheme(mode="dark")))
    ticket = next(one.ticket for one in effects if isinstance(one, Request))
    ahead = Answer("failed", "ahead", data={"clock_ms": START_MS - 1_000})

    corrected, (again,) = dark.step(at(HEATER_AND_TV), Answered(ticket, "tv", ahead))

    assert look(corrected).chosen_ms == START_MS - 1_000
    assert isinstance(again, Request)
    assert again.arguments["chosen_ms"] == START_MS - 1_000


def test_a_card_that_is_there_can_be_opened_and_closed() -> None:
    """The focus is this screen's own."""
    opened, effects = drawn().step(at(HEATER), acted(OpenCard(card="heater")))
    assert effects == (Settle("t1", Answer("done")), Draw())
    assert look(opened).focus == "heater"
    assert look(opened.step(at(HEATER), acted(OpenCard()))[0]).focus is None

    same, effects = opened.step(at(HEATER), acted(OpenCard(card="kettle")))
    assert same is opened
    assert failure(effects) == "panel shows no card `kettle`"


def test_a_card_is_mirrored_by_a_command_to_the_other_screen() -> None:
    """Which judges whoever touched."""
    _, effects = new().step(at(), acted(MirrorCard(card="heater", to="tablet"), by="jun"))

    assert effects == (Request("t1", "tablet", "show_card", {"card": "heater", "shown": True}, by="jun"),)


def test_a_mirrored_card_comes_first_until_it_is_taken_back() -> None:
    """The one mirrored last before the others; one that is not there is refused."""
    first, _ = drawn(HEATER_AND_TV).step(at(HEATER), commanded(ShowCard(card="heater")))
    again, effects = first.step(at(HEATER), commanded(ShowCard(card="heater")))
    assert effects == (Settle("t1", Answer("done")), Draw())
    assert look(again).first == ["heater"]

    assert look(again.step(at(HEATER), commanded(ShowCard(card="heater", shown=False)))[0]).first == []
    assert failure(again.step(at(HEATER), commanded(ShowCard(card="kettle")))[1]) == (
        "panel shows no card `kettle`"
    )
    full = replace(first, first=tuple(f"card_{number}" for number in range(FIRST_MAX)))
    assert failure(full.step(at(HEATER), commanded(ShowCard(card="heater")))[1]) == (
        "16 cards are first already"
    )


def test_a_screen_can_be_set_to_work() -> None:
    """It says so, and draws itself anew."""
    work, effects = new().step(at(), acted(Arrange(arrangement="work")))

    assert effects == (Settle("t1", Answer("done")), Draw())
    assert look(work).arrangement == "work"


def test_a_screen_says_when_it_lost_its_connection() -> None:
    """Whoever is heard again afterwards is looked at anew."""
    lost, effects = drawn().step(at(HEATER.out_of_reach()), Linked(up=False))
    back, _ = lost.step(at(HEATER.out_of_reach()), Linked(up=True))

    assert effects == (Draw(),)
    assert [look(one).link for one in (lost, back)] == ["lost", "up"]
    assert back.step(at(HEATER), Learned("heater"))[1] == (StartTimer("screen", DRAW_AFTER_MS),)


def test_theme_and_arrangement_survive_a_restart() -> None:
    """The focus does not."""
    surface, _ = drawn().step(at(HEATER), commanded(SetTheme(mode="dark", accent="blue")))
    surface, _ = surface.step(at(HEATER), acted(OpenCard(card="heater")))
    surface, _ = surface.step(at(HEATER), commanded(ShowCard(card="heater")))
    surface, _ = surface.step(at(HEATER), acted(Arrange(arrangement="work")))

    restarted = new(surface.kept())

    assert look(restarted) == look(surface).model_copy(update={"focus": None, "cards": []})
    assert restarted.step(at(), Booted()) == (restarted, (Draw(),))


@pytest.mark.parametrize(
    "stimulus",
    [Sensed(), TimerFired("other"), Commanded(SetVolume(volume_percent=5.0), "t1", "phone", "lin", 0)],
)
def test_a_screen_leaves_alone_what_does_not_concern_it(stimulus: Stimulus) -> None:
    """Nothing changes, and nothing is drawn."""
    assert new().step(at(), stimulus) == (new(), ())


# --- devices with a screen ---------------------------------------------------------------------------


class PlayerReport(Facet):
    """What an app reports."""

    music: str


class Meter(Facet):
    """What no app reports."""

    power_w: float


@dataclass(frozen=True)
class Plays(Part):
    """An app without cards of its own."""

    facets: ClassVar = (PlayerReport, Meter)

    def report(self) -> tuple[Facet, ...]:
        """Report two things, one of which is on a screen."""
        return (PlayerReport(music="playing"), Meter(power_w=1.0))


@dataclass(frozen=True)
class Messages(Part):
    """An app with a card of its own, which holds something private."""

    def cards(self, at: Moment, display: Display) -> tuple[Card, ...]:  # noqa: ARG002  # the protocol
        """Return a card with a message on it."""
        return (Card("messages", "notifications", display, (Line("1234", private=True),)),)


@dataclass(frozen=True)
class Slate(Screened):
    """A device with a screen."""

    kind: ClassVar[str] = "slate"
    made_of: ClassVar = {"screen": Panel, "player": Plays, "messages": Messages}
    displays: ClassVar = ("tablet",)


def slate(beliefs: Beliefs = HEATER) -> Slate:
    """Return a device that has drawn what is believed."""
    device = Slate.new("slate", core.Config(), {})
    return device.step(at(beliefs), TimerFired("screen"))[0]


def test_a_device_is_drawn_from_what_it_believes_and_what_its_apps_say() -> None:
    """On each of its displays, private text masked unless those before it look."""
    (tablet,) = slate().drawn(at(HEATER)).values()

    assert [card["id"] for card in tablet["cards"]] == ["messages", "player_report", "heater"]
    assert tablet["theme"] == {"shade": "light", "accent": "orange"}
    assert (tablet["banner"], tablet["restricted"]) == ("", False)
    assert "1234" not in str(tablet)
    assert "1234" in str(slate().rendered(at(HEATER), "tablet", masked=False))
    assert isinstance(Messages(), ShowsCards)


def test_a_device_at_work_or_without_a_connection_is_drawn_so() -> None:
    """A line above everything says that it is cut off."""
    work, _ = slate().step(at(HEATER), acted(Arrange(arrangement="work")))
    lost, _ = work.step(at(HEATER.out_of_reach()), Linked(up=False))
    (tablet,) = lost.drawn(at(HEATER.out_of_reach())).values()

    assert [card["id"] for card in tablet["cards"]] == ["messages"]
    assert tablet["banner"].startswith("no connection")


def test_a_device_draws_the_values_of_the_moment() -> None:
    """What is drawn is as old as it says when somebody looks."""
    later = replace(at(HEATER), now_ms=START_MS + 90_000)
    (tablet,) = slate().drawn(later).values()
    heater = next(card for card in tablet["cards"] if card["id"] == "heater")

    assert {value["age_ms"] for value in heater["values"]} == {90_000}
