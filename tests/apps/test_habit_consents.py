"""At a phone its owner consents, withdraws, resets, and sees what advertising has used."""

from collections.abc import Mapping
from typing import Any

import pytest

from sim.apps.habits.consents import (
    RETRY_MS,
    RETRY_TIMER,
    AdvertisingUsed,
    Consent,
    Consents,
    Forget,
    LookUp,
)
from sim.apps.habits.messages import Use
from sim.core.beliefs import Belief, Beliefs
from sim.core.device import (
    Act,
    Answer,
    Answered,
    Booted,
    Draw,
    Learned,
    Linked,
    Moment,
    Peer,
    Provision,
    Request,
    Sensed,
    Settle,
    StartTimer,
    TimerFired,
)
from tests.senses import START_MS, FakeSenses, acted, moment

LIN = moment(FakeSenses(holder="lin"))
LINS, NOBODY = frozenset({"lin"}), frozenset[str]()
USED = [
    {"category": "media", "device": "dash", "day": "2026-01-12"},
    {"category": "media", "device": "dash", "day": "2026-01-13"},
    {"category": "charging", "device": "phone", "day": "2026-01-13"},
]


def consents(kept: Mapping[str, Any] | None = None, boot: int = 1, *, cloud: bool = True) -> Consents:
    """Return the part of Lin's phone, in a household with a cloud or without."""
    peers = {"cloud": Peer("cloud", None, False, bytes(32))} if cloud else {}  # noqa: FBT003  # not shared
    part = Consents.new("phone", None, kept or {})
    return part.provisioned(Provision(bytes(32), boot, START_MS, peers=peers))


def looked(data: dict[str, Any]) -> Consents:
    """Return the part after the cloud has answered with a list."""
    part, _ = consents().step(LIN, acted(LookUp(), "look"))
    return part.step(LIN, Answered("look", "cloud", Answer("done", data=data)))[0]


@pytest.mark.parametrize(
    ("act", "action", "arguments"),
    [
        (Consent(use="learning"), "set_data_consent", {"person": "lin", "use": "learning", "granted": True}),
        (Forget(habit="seat"), "forget_habits", {"habit": "seat"}),
        (Forget(), "forget_habits", {}),
        (LookUp(), "list_advertising_use", {}),
    ],
)
def test_a_touch_asks_the_cloud_about_whoever_touches(
    act: Act, action: str, arguments: dict[str, Any]
) -> None:
    """Whether they are named, or are just who has it in hand; nobody can name somebody else."""
    for by in ("lin", None):
        _, (request,) = consents().step(LIN, acted(act, by=by))
        assert request == Request("t1", "cloud", action, arguments, by="lin")


@pytest.mark.parametrize(
    ("cloud", "reason"), [(True, "nobody has the phone in hand"), (False, "the household has no cloud")]
)
def test_what_cannot_be_asked_says_why(cloud: bool, reason: str) -> None:  # noqa: FBT001  # a column
    """In a sentence."""
    part = consents(cloud=cloud)
    told = part.step(moment(FakeSenses()), acted(LookUp(), by=None))
    assert told == (part, (Settle("t1", Answer("failed", reason)),))


def test_what_was_used_is_listed_on_the_screen_and_reported_by_category() -> None:
    """The card is private, and the report has neither days nor devices."""
    part = looked({"used": USED})

    assert part.report() == (AdvertisingUsed(advertising_used=["charging", "media"]),)
    (card,) = part.cards(LIN, "phone")
    assert [line.text for line in card.lines] == ["charging: on 1 day at phone", "media: on 2 days at dash"]
    assert all(line.private for line in card.lines)
    assert consents().cards(LIN, "phone") == ()


@pytest.mark.parametrize("data", [{}, {"used": [{"category": "media"}]}, {"used": USED * 30}])
def test_what_is_no_list_is_not_shown(data: dict[str, Any]) -> None:
    """A cloud can say what it likes."""
    assert looked(data).used.used == []


def withdraw(part: Consents, use: Use = "advertising") -> tuple[Consents, Request]:
    """Return the part after Lin has withdrawn, and what the cloud is told."""
    part, (request, draw) = part.step(LIN, acted(Consent(use=use, granted=False), "w"))
    assert isinstance(request, Request)
    assert draw == Draw()
    return part, request


def reported(*consenting: str, online: bool = True) -> Moment:
    """Return a moment at which the cloud reports who consents to advertising."""
    use = {"learning_from": [], "advertising_to": list(consenting)}
    beliefs = Beliefs().heard("cloud", "data_use", Belief(use, START_MS, (1, 1), "last"))
    return moment(FakeSenses(holder="lin"), beliefs=beliefs.online("cloud", online=online))


def test_a_withdrawal_holds_at_once() -> None:
    """The list is empty, whatever the cloud answers; the touch is answered as the cloud answers."""
    part, request = withdraw(looked({"used": USED}))

    assert (part.used.used, part.refusing("advertising"), part.refusing("learning")) == ([], LINS, NOBODY)
    assert request == Request(
        "phone-consent-1-1",
        "cloud",
        "set_data_consent",
        {"person": "lin", "use": "advertising", "granted": False},
        by="lin",
    )
    assert part.step(LIN, Answered(request.ticket, "cloud", Answer("accepted"))) == (part, ())
    after, effects = part.step(reported("lin"), Answered(request.ticket, "cloud", Answer("done")))
    assert effects == (Settle("w", Answer("done")),)
    assert after.refusing("advertising") == {"lin"}, "the cloud has not reported it yet"
    assert after.step(reported("lin"), Learned("cloud")) == (after, ())
    gone, _ = after.step(reported(), Learned("cloud"))
    assert (gone.refusing("advertising"), gone.kept()) == (NOBODY, {"consents_withdrawn": []})
    other, _ = withdraw(looked({"used": USED}), "learning")
    assert (len(other.used.used), other.refusing("learning")) == (3, LINS)


def test_a_withdrawal_without_a_link_is_told_later() -> None:
    """It holds here, is told again after a while or with a link, and outlives a restart."""
    part, request = withdraw(consents())
    part, effects = part.step(LIN, Answered(request.ticket, "cloud", Answer("expired")))

    here = Answer("done", "it holds here; cloud is told as soon as it can be reached")
    assert effects == (Settle("w", here), StartTimer(RETRY_TIMER, RETRY_MS))
    assert part.step(reported("lin", online=False), Learned("cloud")) == (part, ())
    for stimulus in (TimerFired(RETRY_TIMER), Linked(up=True), Learned("cloud")):
        again, (told,) = part.step(reported("lin"), stimulus)
        assert isinstance(told, Request)
        assert (told.ticket, told.arguments) == ("phone-consent-1-2", request.arguments)
        assert again.step(reported("lin"), stimulus) == (again, ())
    restarted = consents(part.kept(), boot=2)
    booted, (told,) = restarted.step(LIN, Booted())
    assert isinstance(told, Request)
    assert (told.ticket, booted.refusing("advertising")) == ("phone-consent-2-1", LINS)
    assert booted.step(LIN, Answered(told.ticket, "cloud", Answer("done")))[1] == ()
    assert consents(part.kept(), cloud=False).step(LIN, Booted())[1] == ()


def test_the_last_word_counts() -> None:
    """Who consents again has withdrawn nothing, and what is withdrawn twice is told once."""
    part, request = withdraw(consents())
    twice, _ = withdraw(part)
    assert len(twice.withdrawn) == 1

    again, _ = part.step(LIN, acted(Consent(use="advertising"), "g"))
    assert again.withdrawn == ()
    assert again.step(LIN, Answered(request.ticket, "cloud", Answer("expired"))) == (again, ())
    granted = again.step(LIN, Answered("g", "cloud", Answer("done")))[0]
    assert granted.asked == {}
    other, _ = part.step(LIN, acted(Consent(use="learning"), "g"))
    assert other.withdrawn == part.withdrawn


def test_what_was_asked_and_refused_changes_nothing() -> None:
    """Nor what nobody has asked."""
    part = looked({"used": USED})
    asked, _ = part.step(LIN, acted(LookUp(), "look"))
    assert asked.step(LIN, Answered("look", "cloud", Answer("expired")))[0].used == part.used
    assert part.step(LIN, Answered("x", "cloud", Answer("done"))) == (part, ())
    assert part.step(LIN, Booted()) == (part, ())
    assert part.step(LIN, Sensed()) == (part, ())
