"""A device tells the cloud what was used where its user consents, and shows an advertisement to no driver."""

from collections.abc import Mapping
from typing import Any

import pytest

from sim.apps.advertising import (
    WAITING_MAX,
    Advertising,
    AdvertisingCard,
    CarAdvertising,
    HideAdvertisement,
    PhoneAdvertising,
)
from sim.apps.errands.ordering import BookTable
from sim.apps.handoff import Plays
from sim.apps.media import TouchPlay
from sim.core.asking import ScheduleCharging, StartCharging
from sim.core.beliefs import Belief, Beliefs
from sim.core.device import (
    Act,
    Acted,
    Answer,
    Answered,
    Booted,
    Config,
    Draw,
    Effect,
    Learned,
    Moment,
    Peer,
    Provision,
    Request,
    Sensed,
    Settle,
)
from sim.devices import dashboard
from tests.apps.habitual import MONDAY
from tests.senses import START_MS, FakeSenses, acted, moment

PEOPLE: Any = {"lin": "owner", "mei": "member", "jun": "guest"}
LIN = FakeSenses(holder="lin")
TEXT = {"category": "charging", "text": "Night tariff at home"}
CHARGE = StartCharging(car="su7")


def made(kind: type[Advertising], name: str, config: Any, given: Mapping[str, Any] | None = None) -> Any:
    """Return the part of a device in a household with a cloud."""
    peers = {"cloud": Peer("cloud", None, False, bytes(32))}  # noqa: FBT003  # not shared
    provision = Provision(bytes(32), 1, START_MS, people=PEOPLE, peers=peers)
    return kind.new(name, config, given or {}).provisioned(provision)


def phone(given: Mapping[str, Any] | None = None) -> PhoneAdvertising:
    """Return the part of Lin's phone."""
    part = made(PhoneAdvertising, "phone", Config(owner="lin"), given)
    assert isinstance(part, PhoneAdvertising)
    return part


def dash() -> CarAdvertising:
    """Return the part of the car's screen."""
    part = made(dashboard.CarAdvertising, "dash", dashboard.Dashboard.Config(car="su7"))
    assert isinstance(part, CarAdvertising)
    return part


def at(*consenting: str, senses: FakeSenses = LIN) -> Moment:
    """Return a moment at which somebody is known to have consented."""
    use = {"learning_from": [], "advertising_to": list(consenting)}
    return moment(senses, beliefs=Beliefs().heard("cloud", "data_use", Belief(use, START_MS, (1, 1), "last")))


def asked(effects: tuple[Effect, ...]) -> Request:
    """Return what the cloud is asked."""
    (request,) = effects
    assert isinstance(request, Request)
    return request


def used(part: Advertising, act: Act, by: str | None = "lin") -> tuple[Advertising, tuple[Effect, ...]]:
    """Let somebody do something, and let it be done if it was not at once."""
    part, effects = part.step(at("lin"), acted(act, by=by))
    return (part, effects) if effects else part.step(at("lin"), Answered("t1", "su7", Answer("done")))


def showing(part: Advertising) -> Advertising:
    """Return the part with an advertisement for Lin on it."""
    part, effects = used(part, CHARGE)
    part, effects = part.step(at("lin"), Answered(asked(effects).ticket, "cloud", Answer("done", data=TEXT)))
    assert effects == (Draw(),)
    return part


@pytest.mark.parametrize(
    ("part", "act", "category"),
    [
        (phone(), CHARGE, "charging"),
        (phone(), ScheduleCharging(car="su7", ready_by_ms=0), "charging"),
        (phone(), Plays(session="music", title="x"), "media"),
        (dash(), TouchPlay(), "media"),
        (dash(), BookTable(restaurant="kaiyue", at_ms=0), "reservations"),
        (dash(), dashboard.WatchVideo(title="x"), "media"),
    ],
)
def test_a_use_is_told_as_a_category_and_nothing_else(part: Advertising, act: Act, category: str) -> None:
    """No title, place or price; once a day."""
    for by in ("lin", None):
        after, effects = used(part, act, by)
        assert asked(effects).arguments == {"category": category, "day": MONDAY}
        assert (asked(effects).action, asked(effects).by) == ("use_for_advertising", "lin")
    after, _ = after.step(at("lin"), Answered(asked(effects).ticket, "cloud", Answer("done")))
    assert after.step(at("lin"), acted(act)) == (after, ())
    tomorrow = FakeSenses(holder="lin", wall_clock="2026-01-13 07:30:00")
    assert _told_on(after, act, at("lin", senses=tomorrow)) == MONDAY + 1


def _told_on(part: Advertising, act: Act, moment_: Moment) -> Any:
    """Return the day that is told when somebody does something, and it is done."""
    part, effects = part.step(moment_, acted(act))
    _, effects = (part, effects) if effects else part.step(moment_, Answered("t1", "su7", Answer("done")))
    return asked(effects).arguments["day"]


@pytest.mark.parametrize("end", ["denied", "failed", "expired"])
def test_what_is_refused_was_not_used(end: Any) -> None:
    """Nothing is told or kept of a film that a rule forbids; what comes after it is told."""
    watch = dashboard.WatchVideo(title="x")
    part, effects = dash().step(at("lin"), acted(watch))
    assert effects == ()
    assert part.step(at("lin"), Answered("t1", "dash", Answer("accepted"))) == (part, ())
    assert part.step(at("lin"), Answered("t2", "dash", Answer("done"))) == (part, ())
    assert part.step(at("lin"), Answered("t1", "dash", Answer(end))) == (dash(), ())
    assert asked(used(dash(), watch)[1]).arguments["category"] == "media"


def test_a_consent_that_is_withdrawn_before_it_is_done_counts() -> None:
    """Whether the withdrawal is heard first or the answer."""
    part, _ = dash().step(at("lin"), acted(CHARGE))
    assert part.step(at(), Answered("t1", "su7", Answer("done"))) == (dash(), ())
    after, _ = part.step(at(), Learned("cloud"))
    assert after.step(at("lin"), Answered("t1", "su7", Answer("done"))) == (dash(), ())


def test_few_acts_are_waited_for() -> None:
    """A button that is pressed without end fills no memory."""
    part: Advertising = dash()
    for number in range(2 * WAITING_MAX):
        part, _ = part.step(at("lin"), acted(CHARGE, f"t{number}"))
    assert len(part.waiting) == WAITING_MAX


@pytest.mark.parametrize(
    ("moment_", "by"),
    [
        (at(), "lin"),
        (moment(LIN), "lin"),
        (at("jun", senses=FakeSenses(holder="jun")), "jun"),
        (at("mei", senses=FakeSenses(holder="mei")), "mei"),
        (at("lin", senses=FakeSenses(holder="mei")), "lin"),
        (at("lin", senses=FakeSenses()), None),
    ],
)
def test_nothing_is_told_of_whoever_has_not_consented(moment_: Moment, by: str | None) -> None:
    """Nor of a guest, nor at a phone that is somebody else's, or in somebody else's hand."""
    assert phone().step(moment_, acted(CHARGE, by=by)) == (phone(), ())


def test_a_voice_is_never_used() -> None:
    """Nor is anything in a household without a cloud, or while a question is under way."""
    assert phone().step(at("lin"), Acted(CHARGE, "t", "lin", "inside")) == (phone(), ())
    alone = PhoneAdvertising.new("phone", Config(owner="lin"), {})
    assert alone.step(at("lin"), acted(CHARGE)) == (alone, ())
    part, _ = used(phone(), CHARGE)
    assert used(part, Plays(session="music", title="x")) == (part, ())


def test_what_is_shown_is_private_and_before_no_driver() -> None:
    """On a phone unless its owner drives; in a car before the passenger only."""
    on_phone, in_car = showing(phone()), showing(dash())
    driving = at("lin", senses=FakeSenses(holder="lin", driving=True))

    assert on_phone.report() == in_car.report() == (AdvertisingCard(advertisement="charging"),)
    (card,) = on_phone.cards(at("lin"), "phone")
    assert [(line.text, line.private) for line in card.lines] == [("Night tariff at home", True)]
    assert on_phone.cards(driving, "phone") == ()
    assert in_car.cards(driving, "driver") == in_car.cards(at("lin"), "driver") == ()
    assert len(in_car.cards(driving, "passenger")) == 1
    assert phone().cards(at("lin"), "phone") == ()
    assert phone().report() == (AdvertisingCard(advertisement="none"),)


@pytest.mark.parametrize(
    ("told", "answer"),
    [
        (at("lin"), Answer("denied", data=TEXT)),
        (at("lin"), Answer("done")),
        (at("lin"), Answer("done", data={**TEXT, "category": "camera"})),
        (at(), Answer("done", data=TEXT)),
    ],
)
def test_what_is_no_advertisement_is_not_shown(told: Moment, answer: Answer) -> None:
    """Refused, none, by something that must not be used, or after the consent was withdrawn."""
    part, effects = used(phone(), CHARGE)
    ticket = asked(effects).ticket
    assert part.step(at("lin"), Answered(ticket, "cloud", Answer("accepted"))) == (part, ())
    after, effects = part.step(told, Answered(ticket, "cloud", answer))
    assert (after.shown, after.asking, effects) == (None, None, ())


def test_a_withdrawal_takes_it_away_at_once_and_forgets() -> None:
    """Also what was told that day; as long as nothing is heard of a withdrawal it stays."""
    part = showing(phone())
    assert part.step(at("lin"), Learned("cloud")) == (part, ())
    after, effects = part.step(at("mei"), Learned("cloud"))
    assert (after.shown, after.noted, effects) == (None, frozenset(), (Draw(),))
    assert after.kept() == {"advertising_told": frozenset()}

    again = phone(part.kept())
    assert again.step(moment(LIN), Learned("cloud")) == (again, ())
    assert again.step(at("lin"), acted(CHARGE)) == (again, ())
    assert again.step(at("lin"), Learned("su7")) == again.step(at("lin"), Booted()) == (again, ())


def test_in_a_car_it_goes_with_whoever_drove() -> None:
    """A phone on a table keeps it."""
    nobody = at("lin", senses=FakeSenses())
    assert showing(dash()).step(nobody, Sensed())[0].shown is None
    assert showing(dash()).step(at("lin"), Sensed())[0].shown is not None
    assert showing(phone()).step(nobody, Sensed())[0].shown is not None


def test_it_can_be_hidden() -> None:
    """What is not there cannot."""
    part, effects = showing(phone()).step(at("lin"), acted(HideAdvertisement()))
    assert (part.shown, effects) == (None, (Settle("t1", Answer("done")), Draw()))
    _, effects = part.step(at("lin"), acted(HideAdvertisement()))
    assert effects[0] == Settle("t1", Answer("failed", "phone shows no advertisement"))


def test_who_has_withdrawn_at_the_device_is_left_alone_at_once() -> None:
    """Whatever the cloud still reports: the card goes, and what waits is told to nobody."""
    part = showing(phone())
    part, _ = part.step(at("lin"), acted(Plays(session="music", title="x"), "t2"))
    assert part.waiting

    after, effects = part.refused_by(at("lin"), frozenset({"lin"}))
    assert effects == (Draw(),)
    assert (after.shown, after.waiting, after.noted) == (None, (), frozenset())
    assert after.step(at("lin"), acted(CHARGE))[0] == after
    assert after.refused_by(at("lin"), frozenset({"lin"})) == (after, ())
    again, _ = after.refused_by(at("lin"), frozenset())
    assert used(again, CHARGE)[1] != ()
