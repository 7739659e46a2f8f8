"""Handing over what plays: it keeps its place, and whatever is lost, one of the two plays and they agree."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.apps.handoff import (
    HANDOVERS_MAX,
    OFFER_MS,
    TITLE_CHARACTERS_MAX,
    TRIAL_MS,
    ConfirmHandover,
    HandOver,
    Pauses,
    Player,
    Plays,
    TakeOver,
)
from sim.core.device import Answer, Answered, Commanded, TimerFired
from tests.apps.table import Message, Table

MUSIC = Plays(session="music", title="Nocturne", position_ms=60_000)
OVER = HandOver(session="music", to="dash")
BACK = HandOver(session="music", to="phone")


def table(**options: Any) -> Table:
    """Return Lin's phone beside the screen of her car, at whose wheel she sits."""
    devices = {"phone": (Player, "lin", None, "lin"), "dash": (Player, None, "su7", "lin")}
    return Table(devices, **options)


def position(one: Table, name: str) -> int | None:
    """Return where the music is on a device, in milliseconds; None where there is none or it stands."""
    session = one.app(name).sessions.get("music")
    return session.position_at(one.now_ms) if session is not None and session.playing else None


def said_by(one: Table, name: str) -> dict[str, Any]:
    """Return what a device reports of its player."""
    _, report = one.app(name).report()
    return dict(report.model_dump())


def test_music_goes_on_where_it_was_and_the_source_stops() -> None:
    """At the same position to the millisecond where nothing is late, there and back."""
    one = table()
    one.act("phone", MUSIC)
    one.later(30_000)

    assert one.said(one.act("phone", OVER)) == "done"
    assert (position(one, "phone"), position(one, "dash")) == (None, 90_000)
    assert said_by(one, "dash")["music_position_ms"] == 90_000
    one.later(60_000)
    assert one.said(one.act("dash", BACK, "lin")) == "done"
    assert (position(one, "phone"), position(one, "dash")) == (150_000, None)


def test_what_stands_still_is_handed_over_standing() -> None:
    """A paused session is paused there, at the same place however long it took."""
    one = table()
    one.act("phone", MUSIC)
    one.later(5_000)
    assert one.said(one.act("phone", Pauses(session="music"))) == "done"
    one.later(60_000)
    one.act("phone", OVER)
    one.later(1_000)

    session = one.app("dash").sessions["music"]
    assert (session.playing, session.position_ms) == (False, 65_000)
    assert said_by(one, "dash")["music"] == "paused"


def test_nothing_is_handed_over_that_is_not_there() -> None:
    """Neither paused; each says what is missing."""
    one = table()

    assert one.why(one.act("phone", OVER)) == "no music is here to be handed over"
    assert one.why(one.act("phone", Pauses(session="call"))) == "no call is here"


def test_device_without_letters_is_told_so() -> None:
    """What plays stays where it is."""
    one = table()
    one.act("phone", MUSIC)

    assert "takes sealed letters" in one.why(one.act("phone", HandOver(session="music", to="heater")))
    assert position(one, "phone") == 60_000


def test_refused_handover_changes_nothing() -> None:
    """The phone plays on when a rule forbids it."""
    one = table()
    one.forbidden = {"take_over"}
    one.act("phone", MUSIC)

    assert one.said(one.act("phone", OVER)) == "denied"
    assert (position(one, "phone"), position(one, "dash")) == (60_000, None)


def test_car_that_is_not_there_is_given_up() -> None:
    """The phone keeps the music, which does not stop for a moment."""
    one = table()
    one.act("phone", MUSIC)
    one.cut("dash", online=False)
    ticket = one.act("phone", OVER)
    for _ in range(20):
        one.later(1_000)
        assert position(one, "phone") == one.now_ms - one.app("phone").sessions["music"].since_ms + 60_000

    assert one.said(ticket) == "expired"


def test_lost_answers_end_the_trial() -> None:
    """The car plays on trial, hears nothing more and stops; the phone has never stopped."""
    one = table(lost=lambda message: message.sender == "dash")
    one.act("phone", MUSIC)
    one.act("phone", OVER)
    assert position(one, "dash") == 60_000

    one.later(TRIAL_MS)
    assert (position(one, "phone"), position(one, "dash")) == (60_000 + TRIAL_MS, None)


def test_lost_confirmation_is_repeated_until_it_is_answered() -> None:
    """While the trial lasts, the car keeps the music; later it has given it up, and the phone goes on."""
    lost = True

    def lose(message: Message) -> bool:
        return lost and message.sender == "phone" and message.ticket.startswith("phone-play")

    one = table(lost=lose)
    one.act("phone", MUSIC)
    one.act("phone", OVER)
    assert (position(one, "phone"), position(one, "dash")) == (None, 60_000)
    one.later(3_000)
    lost = False
    one.later(60_000)
    assert (position(one, "phone"), position(one, "dash")) == (None, 123_000)
    assert not one.app("phone").left

    lost = True
    one.act("dash", BACK, "lin")
    one.act("phone", OVER)
    one.later(TRIAL_MS + 5_000)
    assert (position(one, "phone"), position(one, "dash")) == (None, None)
    lost = False
    one.later(60_000)
    assert position(one, "phone") is not None
    assert position(one, "dash") is None
    assert not one.app("phone").left


def test_confirmation_waits_for_a_car_that_is_gone() -> None:
    """It is sent when the car is heard of again."""
    one = table()
    one.act("phone", MUSIC)
    one.lost = lambda message: message.sender == "phone" and message.ticket.startswith("phone-play")
    one.act("phone", OVER)
    one.cut("dash", online=False)
    one.later(90_000)
    one.lost = lambda _: False
    assert (position(one, "phone"), position(one, "dash")) == (None, None)
    one.cut("dash", online=True)

    assert position(one, "phone") is not None
    assert not one.app("phone").left


def test_restarted_car_has_forgotten_what_it_played_on_trial() -> None:
    """The phone hears so and goes on where it stopped."""
    one = table(lost=lambda message: message.sender == "phone" and message.ticket.startswith("phone-play"))
    one.act("phone", MUSIC)
    one.act("phone", OVER)
    one.restart("dash")
    one.lost = lambda _: False
    one.later(30_000)

    assert position(one, "phone") is not None
    assert position(one, "dash") is None


def test_restarted_phone_still_tells_the_car() -> None:
    """What it has left is in its flash."""
    one = table(lost=lambda message: message.sender == "phone" and message.ticket.startswith("phone-play"))
    one.act("phone", MUSIC)
    one.act("phone", OVER)
    one.lost = lambda _: False
    one.restart("phone")

    assert (position(one, "phone"), position(one, "dash")) == (None, 60_000)
    assert not one.app("phone").left
    one.later(60_000)
    assert position(one, "dash") == 120_000


def test_confirmation_that_comes_twice_is_answered_twice() -> None:
    """The second time from memory, and not for another sender."""
    one = table()
    one.act("phone", MUSIC)
    handover = one.act("phone", OVER)
    again = Commanded(ConfirmHandover(handover=handover), "again", "phone", "lin", one.now_ms + 1_000)
    one.told["again"] = []
    one.step("dash", again)
    assert one.said("again") == "done"

    one.told["other"] = []
    one.step(
        "dash", Commanded(ConfirmHandover(handover=handover), "other", "tablet", "lin", one.now_ms + 1_000)
    )
    assert one.why("other") == "what was handed over is not here any more"


def test_confirmation_is_for_one_trial_only() -> None:
    """Another session that is on trial stays so."""
    one = table(lost=lambda message: message.sender == "dash")
    one.act("phone", Plays(session="route", title="home"))
    route = one.act("phone", HandOver(session="route", to="dash"))
    one.act("phone", MUSIC)
    music = one.act("phone", OVER)
    confirmed = Commanded(ConfirmHandover(handover=music), "confirmed", "phone", "lin", one.now_ms + 1)
    one.step("dash", confirmed)

    assert {trial.handover for trial in one.app("dash").trials.values()} == {route}


def test_new_music_ends_a_trial_and_is_not_stopped_by_a_late_answer() -> None:
    """Whoever begins something else has the last word, on both sides."""
    one = table(lost=lambda message: message.sender == "dash")
    one.act("phone", MUSIC)
    ticket = one.act("phone", OVER)
    one.act("dash", Plays(session="music", title="Bolero"), "lin")
    one.act("phone", Plays(session="music", title="Etude"))
    one.step("phone", Answered(ticket, "dash", Answer("done")))
    one.later(TRIAL_MS)

    assert one.app("phone").sessions["music"].title == "Etude"
    assert one.app("dash").sessions["music"].title == "Bolero"
    assert not one.app("phone").left


def test_phone_that_plays_something_else_does_not_take_back_what_the_car_gave_up() -> None:
    """There is one music at a time."""
    one = table(lost=lambda message: message.sender == "phone" and message.ticket.startswith("phone-play"))
    one.act("phone", MUSIC)
    one.act("phone", OVER)
    one.act("phone", Plays(session="music", title="Etude"))
    one.later(TRIAL_MS + 5_000)
    one.lost = lambda _: False
    one.later(60_000)

    assert one.app("phone").sessions["music"].title == "Etude"
    assert not one.app("phone").left


def test_one_session_moves_once_at_a_time() -> None:
    """What is on its way, or plays on trial, is not handed over; a busy device takes nothing more."""
    one = table(lost=lambda message: message.sender == "dash")
    one.act("phone", MUSIC)
    one.act("phone", OVER)

    assert one.why(one.act("phone", OVER)) == "the music is on its way already"
    assert one.why(one.act("dash", BACK, "lin")) == "the music is on its way already"
    one.told["second"] = []
    one.step("dash", Commanded(TakeOver(session="music"), "second", "phone", "lin", one.now_ms + 1))
    assert one.why("second") == "dash is busy with another music"
    one.told["third"] = []
    one.step("phone", Commanded(TakeOver(session="music"), "third", "dash", "lin", one.now_ms + 1))
    assert one.why("third") == "phone is busy with another music"


def test_unconfirmed_handovers_are_limited() -> None:
    """Whoever never hears a confirmation cannot pile them up."""
    one = table(lost=lambda message: message.sender == "phone" and message.ticket.startswith("phone-play"))
    for _ in range(HANDOVERS_MAX):
        one.act("phone", MUSIC)
        one.act("phone", OVER)
        one.later(TRIAL_MS)
    one.act("phone", MUSIC)

    assert one.why(one.act("phone", OVER)) == "the music is on its way already"


def test_call_is_not_put_on_top_of_another() -> None:
    """Music is replaced, a call is not."""
    one = table()
    one.act("phone", Plays(session="call", title="Mother"))
    one.act("dash", Plays(session="call", title="Dr. Chen"), "lin")

    ticket = one.act("phone", HandOver(session="call", to="dash"))
    assert one.why(ticket) == "dash is busy with another call"
    assert one.app("phone").sessions["call"].title == "Mother"


def test_restart_cuts_calls_off_and_stops_music_but_not_the_route() -> None:
    """As the flash has it."""
    one = table()
    for sort in ("call", "music", "route"):
        one.act("phone", Plays(session=sort, position_ms=1_000))
    one.later(5_000)
    one.restart("phone")

    assert said_by(one, "phone") == {
        "route": "playing",
        "route_position_ms": 1_000,
        "music": "paused",
        "music_position_ms": 1_000,
        "call": "none",
        "call_position_ms": None,
    }
    assert one.app("phone").sessions["route"].position_at(one.now_ms) == 6_000


def test_what_follows_goes_with_its_owner_once() -> None:
    """When Lin sits down; and not again before she has got up."""
    one = table()
    one.sit("dash", None)
    one.act("phone", Plays(session="route", title="home", follows=True))
    one.act("phone", Plays(session="music", title="Etude"))
    one.places["phone"].near = ()
    one.sit("dash", "lin")
    assert said_by(one, "dash")["route"] == "none"
    one.sit("dash", None)
    one.places["phone"].near = ("dash",)
    one.sit("dash", "lin")
    assert said_by(one, "dash")["route"] == "playing"
    assert said_by(one, "dash")["music"] == "none"
    one.act("dash", HandOver(session="route", to="phone"), "lin")
    one.act("dash", Pauses(session="route"))
    assert said_by(one, "phone")["route"] == "playing"


@pytest.mark.parametrize("driver", ["jun", "tao"])
def test_what_came_from_somebodys_own_device_ends_when_a_guest_sits_down(driver: str) -> None:
    """Call and route go, on trial or not, and music stands still; what the guest plays is the guest's."""
    one = table()
    for sort in ("call", "route", "music"):
        one.act("phone", Plays(session=sort))
        assert one.said(one.act("phone", HandOver(session=sort, to="dash"))) == "done"
    one.lost = lambda sent: sent.to == "dash" and sent.answer is None and sent.ticket in confirming(one)
    one.later(5_000)
    one.sit("dash", "mei")
    assert set(one.app("dash").sessions) == {"call", "route", "music"}
    one.sit("dash", driver)
    assert {sort: session.playing for sort, session in one.app("dash").sessions.items()} == {"music": False}
    one.act("dash", Plays(session="call"), driver)
    one.sit("dash", None)
    one.sit("dash", driver)
    assert set(one.app("dash").sessions) == {"call", "music"}


def test_call_on_trial_ends_too_and_goes_back_to_its_phone() -> None:
    """The phone had stopped; it hears that the car has it no more."""
    one = table()
    one.lost = lambda sent: sent.to == "dash" and sent.ticket in confirming(one)
    one.act("phone", Plays(session="call"))
    one.act("phone", HandOver(session="call", to="dash"))
    assert set(one.app("dash").trials) == {"call"}
    one.sit("dash", "jun")
    assert (one.app("dash").sessions, one.app("dash").trials) == ({}, {})
    one.lost = lambda _: False
    one.later(60_000)
    assert set(one.app("phone").sessions) == {"call"}


@pytest.mark.parametrize(("driver", "guest"), [("jun", True), ("tao", True), ("mei", False), (None, None)])
def test_car_tells_the_rules_whether_a_guest_drives_who_would_hear_it(
    driver: str | None,
    guest: bool | None,  # noqa: FBT001  # a parameter of the test
) -> None:
    """See nothing-private-while-a-guest-drives; a phone has no driver."""
    one = table()
    one.sit("dash", driver)
    one.act("phone", MUSIC)
    one.act("phone", OVER)
    assert one.fact("take_over") == {"guest_drives": guest}
    assert one.fact("confirm_handover") == {}
    one.act("dash", BACK, "lin")
    assert one.fact("take_over") == {}


def confirming(one: Table) -> set[str]:
    """Return the tickets of confirmations that are under way."""
    return {key for key, asked in one.asked.items() if asked.request.action == "confirm_handover"}


def test_guest_at_the_wheel_is_followed_by_nothing() -> None:
    """Nor is nobody."""
    one = table()
    one.sit("dash", None)
    one.act("phone", Plays(session="route", title="home", follows=True))
    one.sit("dash", "jun")

    assert said_by(one, "dash")["route"] == "none"


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"title": "", "position_ms": 0, "sent_ms": 0, "playing": True},
        {"title": "x" * (TITLE_CHARACTERS_MAX + 1), "position_ms": 0, "sent_ms": 0, "playing": True},
        {"title": "x", "position_ms": -1, "sent_ms": 0, "playing": True},
        {"title": "x", "position_ms": 1.5, "sent_ms": 0, "playing": True},
        {"title": "x", "position_ms": 2**52, "sent_ms": 0, "playing": True},
        {"title": "x", "position_ms": 0, "sent_ms": "now", "playing": True},
        {"title": "x", "position_ms": 0, "sent_ms": 0, "playing": 1},
    ],
)
def test_what_is_no_session_is_not_played(said: dict[str, Any]) -> None:
    """Whatever a letter of the household's own devices says."""
    one = table()
    _, letter = one.app("phone").sealed("dash", "t1", said)
    one.told["t1"] = []
    one.step(
        "dash", Commanded(TakeOver(session="music", letter=letter), "t1", "phone", "lin", one.now_ms + 1)
    )

    assert one.why("t1") == "what the letter says is no session"
    assert position(one, "dash") is None


def test_letter_that_does_not_open_is_not_played() -> None:
    """Nor one that is not there."""
    one = table()
    one.told["t1"] = []
    one.step("dash", Commanded(TakeOver(session="music"), "t1", "phone", "lin", one.now_ms + 1))

    assert one.why("t1").startswith("the letter is not believed: ")


@pytest.mark.parametrize(("clock_ms", "on_the_way_ms"), [(3_000, 3_000), (-5_000, 0), (60_000, OFFER_MS)])
def test_position_is_advanced_by_the_way_as_far_as_an_offer_lives(clock_ms: int, on_the_way_ms: int) -> None:
    """A clock that is wrong by more than any command lives moves the music by no more than that."""
    one = table()
    said = {"title": "x", "position_ms": 10_000, "sent_ms": one.now_ms - clock_ms, "playing": True}
    _, letter = one.app("phone").sealed("dash", "t1", said)
    one.told["t1"] = []
    one.step(
        "dash", Commanded(TakeOver(session="music", letter=letter), "t1", "phone", "lin", one.now_ms + 1)
    )

    assert position(one, "dash") == 10_000 + on_the_way_ms


def test_what_is_not_for_the_player_leaves_it_as_it_is() -> None:
    """Another app's timer and answer."""
    one = table()
    before = one.app("phone")
    one.step("phone", TimerFired("look"))
    one.step("phone", Answered("phone-clip-1-1", "dash", Answer("done")))
    one.step("phone", Answered("phone-clip-1-1", "dash", Answer("accepted")))

    assert one.app("phone") == before


@settings(max_examples=150, deadline=None)
@given(
    losses=st.lists(st.booleans(), max_size=30),
    events=st.lists(
        st.sampled_from(["over", "back", "restart dash", "restart phone", "cut", "wait", "wait long"]),
        min_size=1,
        max_size=8,
    ),
)
def test_however_messages_are_lost_both_play_shortly_and_agree_at_last(
    losses: list[bool], events: list[str]
) -> None:
    """Both play no longer than a trial; when all is well again exactly one has the music.

    The music is never further than it would be had it played all the time.
    """
    fate = iter(losses)
    one = table(lost=lambda _: next(fate, False))
    one.act("phone", MUSIC)
    began_ms = one.now_ms
    both_ms = longest_ms = 0

    def watch(passed_ms: int) -> None:
        nonlocal both_ms, longest_ms
        for _ in range(passed_ms // 500):
            playing = [name for name in ("phone", "dash") if position(one, name) is not None]
            both_ms = both_ms + 500 if len(playing) == 2 else 0
            longest_ms = max(longest_ms, both_ms)
            one.later(500)
            for name in playing:
                now = position(one, name)
                assert now is None or now <= 60_000 + one.now_ms - began_ms

    for event in events:
        match event:
            case "over":
                one.act("phone", OVER)
            case "back":
                one.act("dash", BACK, "lin")
            case "cut":
                one.cut("dash", online=False)
                watch(7_000)
                one.cut("dash", online=True)
            case "wait":
                watch(1_000)
            case "wait long":
                watch(15_000)
            case _:
                one.restart(event.split()[1])
    one.lost = lambda _: False
    watch(90_000)

    there = [name for name in ("phone", "dash") if "music" in one.app(name).sessions]
    assert longest_ms <= TRIAL_MS + 1_000
    assert len(there) == 1, there
    assert not one.app("phone").left
    assert not one.app("dash").left
