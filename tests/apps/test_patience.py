"""Patience: what came to nothing is asked again after a pause, and at once when there is news."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.apps.app import App
from sim.apps.clipboard import Clear, Clipboard, Copy
from sim.apps.files import Files, ShareFile
from sim.apps.handoff import HandOver, Player, Plays
from sim.apps.notifications import Dismiss, Notifications, NotificationScreen, Receives
from sim.apps.patience import FIRST_MS, LONGEST_MS, Patience
from sim.core.beliefs import Belief, Beliefs
from sim.core.device import Act, Answer, Answered, Moment, Request, Sensed, StartTimer
from tests.apps.table import Message, Table
from tests.senses import START_MS, FakeSenses

HOUR_MS = 3_600_000
AN_HOUR = 40
"""More questions than an app may put in an hour to somebody who finds every one too old."""


def moment(*, online: bool | None = True, visit: int = 1) -> Moment:
    """Return when a screen was last heard of."""
    belief = Belief({"visit": visit}, START_MS, (1, visit), "unknown")
    beliefs = Beliefs().heard("dash", "company", belief)
    if online is not None:
        beliefs = beliefs.online("dash", online=online)
    return Moment(START_MS, FakeSenses(), beliefs)


def test_pauses_grow_up_to_ten_minutes() -> None:
    """Ten seconds, twenty, forty, and so on."""
    patience, waits = Patience("clip"), []
    for _ in range(20):
        patience, (timer,) = patience.in_vain(moment(), "dash")
        assert isinstance(timer, StartTimer)
        assert not patience.allows("dash", busy=False)
        waits.append(timer.delay_ms)
        patience = patience.due(timer.name)
        assert patience.allows("dash", busy=False)
        assert not patience.allows("dash", busy=True), "one at a time finds out"
    assert waits[:7] == [*(FIRST_MS * 2**number for number in range(6)), LONGEST_MS]
    assert set(waits[6:]) == {LONGEST_MS}


def test_many_questions_in_vain_at_once_are_one() -> None:
    """And nobody else waits for it."""
    patience, _ = Patience("clip").in_vain(moment(), "dash")
    assert patience.in_vain(moment(), "dash") == (patience, ())
    assert patience.allows("tablet", busy=True)


@pytest.mark.parametrize("news", [moment(online=False), moment(online=None), moment(visit=2)])
def test_news_end_a_pause(news: Moment) -> None:
    """It has gone, it is not known whether it is there, or somebody else sits before it."""
    patience, _ = Patience("clip").in_vain(moment(), "dash")
    assert patience.looked(moment()) is patience
    assert patience.looked(news).allows("dash", busy=True)


def test_answer_ends_a_pause_and_its_timer_does_nothing() -> None:
    """Also one that says no."""
    patience, (timer,) = Patience("clip").in_vain(moment(), "dash")
    assert isinstance(timer, StartTimer)
    answered = patience.answered("dash")
    assert answered.allows("dash", busy=True)
    assert answered.answered("dash") is answered
    assert answered.is_due(timer.name)
    assert answered.due(timer.name) is answered
    assert not answered.is_due("clipboard")


Started = Callable[[Table], Any]
COPY = Copy(text="milk")
MESSAGE = Receives(app="messages", sender="Mei", body="hello")
FILE = ShareFile(to="dash", name="garden.jpg", size_bytes=400_000)


def _hand_over(one: Table) -> None:
    for sort in ("music", "call", "route"):
        one.act("phone", Plays(session=sort))
        one.act("phone", HandOver(session=sort, to="dash"))


def _acts(*acts: Act) -> Started:
    return lambda one: [one.act("phone", act) for act in acts]


STORIES: dict[str, tuple[type[App], type[App], Started, Started]] = {
    "a copy": (Clipboard, Clipboard, _acts(), _acts(COPY)),
    "a clearing": (Clipboard, Clipboard, _acts(COPY), _acts(Clear())),
    "messages": (Notifications, NotificationScreen, _acts(), _acts(*[MESSAGE] * 12)),
    "messages put away": (Notifications, NotificationScreen, _acts(*[MESSAGE] * 8), _acts(Dismiss())),
    "messages put away in the car": (
        Notifications,
        NotificationScreen,
        _acts(*[MESSAGE] * 8),
        lambda one: one.act("dash", Dismiss(), "lin"),
    ),
    "sessions": (Player, Player, _acts(), _hand_over),
    "a file": (Files, Files, _acts(FILE), _acts()),
}


@pytest.mark.parametrize("story", STORIES)
@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["phone", "dash"]), st.integers(1, 60_000)), max_size=12))
def test_whoever_finds_everything_too_old_is_seldom_asked(story: str, stirs: list[tuple[str, int]]) -> None:
    """However often anybody stirs meanwhile; and nobody asks twice in the same instant."""
    phone, dash, before, then = STORIES[story]
    one = Table({"phone": (phone, "lin", None, "lin"), "dash": (dash, None, "su7", "lin")})
    before(one)
    asked: list[int] = []
    expired: set[int] = set()

    def too_old(message: Message) -> None:
        """Answer at once that a command has expired, as clocks that differ make a node do."""
        if message.answer is not None or message.ticket not in one.asked:
            return
        if one.asked[message.ticket].request.action == "take_over":
            deliver(message)
            return
        asked.append(one.now_ms)
        assert len(asked) < 10 * AN_HOUR, "a storm"
        later.append(message.ticket)

    deliver, later = one.post.append, list[str]()
    send = one._send

    def judge(message: Message) -> None:
        send(message) if message.answer is not None else too_old(message)

    one._send = judge  # type: ignore[method-assign]

    def told() -> None:
        while later or one.post:
            one.talk()
            if later:
                ticket = later.pop(0)
                expired.add(one.now_ms)
                one._finish(ticket, Answer("expired", "it came too late"))

    then(one)
    told()
    begun_ms = one.now_ms
    for who, passed_ms in (*stirs, ("phone", HOUR_MS)):
        until_ms = min(one.now_ms + passed_ms, begun_ms + HOUR_MS)
        while one.now_ms < until_ms:
            one.later(1_000)
            told()
        one.step(who, Sensed())
        told()

    assert asked, "nobody asked anything"
    assert len(asked) < AN_HOUR
    # What was copied is forgotten after two minutes.
    lives_ms = FIRST_MS if phone is Clipboard else HOUR_MS // 4
    assert asked[-1] - begun_ms >= lives_ms, "it was given up"


def test_one_of_many_finds_out_and_the_others_follow() -> None:
    """Once the clocks agree, everything is there after the next question."""
    lost = True
    screen = (NotificationScreen, None, "su7", "lin")
    kinds: Any = {"phone": (Notifications, "lin", None, "lin"), "dash": screen}
    one = Table(kinds, lost=lambda sent: lost and sent.to == "dash")
    for _ in range(5):
        one.act("phone", MESSAGE)
    one.later(60_000)
    lost = False
    one.later(60_000)
    assert len(one.app("dash").shown) == 5


def test_a_late_answer_to_another_question_changes_nothing() -> None:
    """A file's own questions do not count for what its device does not ask."""
    one = Table({"phone": (Files, "lin", None, "lin"), "dash": (Files, None, "su7", "lin")})
    effects = one.step("dash", Answered("nobody's", "phone", Answer("expired")))
    assert not [effect for effect in effects if isinstance(effect, Request)]
