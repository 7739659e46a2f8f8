"""Errands on a dashboard and a phone: what is asked of the marketplace, and what the phone does by itself."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from sim.apps.errands.bookings import BOOKINGS_MAX, KeyWish, LetCourierIn, PhoneErrands, stands
from sim.apps.errands.ordering import (
    BookTable,
    CallDeliveryOff,
    Errands,
    GiveTableBack,
    OrderIntoBoot,
    next_instant,
)
from sim.apps.marketplace_messages import TakeBooking
from sim.core.beliefs import Belief, Beliefs
from sim.core.device import (
    Act,
    Acted,
    Answer,
    Answered,
    Booted,
    Commanded,
    Config,
    Effect,
    Learned,
    Peer,
    Provision,
    Request,
    Sensed,
    Settle,
    StartTimer,
    TimerFired,
)
from sim.core.roads import DAY_MS
from sim.trust.order_keys import Lent
from tests.senses import START_MS, FakeSenses, acted, moment

HOUR_MS = 3_600_000
HOME = (40.0, 116.5)
AWAY = (40.01, 116.5)
MARKET = {"market": Peer("marketplace", None, shared=False, key=b"")}
DONE = Answer("done")
KID = "0123456789abcdef"


class BuiltIn(Config):
    """A dashboard's entry: its car."""

    car: str = "su7"


class Owned(Config):
    """A phone's entry."""

    owner: str | None = "lin"


LENT = Lent(KID, "kai_phone", "su7", START_MS + HOUR_MS)
"""The key that the phone has shared for the parcel."""


def provision(boot: int = 1, *, owner: bool = True, market: bool = True, paired: bool = True) -> Provision:
    """Return what the phone of an owner is told."""
    return Provision(
        b"",
        boot,
        START_MS,
        paired=("su7",) if paired else (),
        owners=frozenset({"su7"}) if owner else frozenset(),
        peers=MARKET if market else {},
    )


def dash(*, market: bool = True) -> Errands:
    """Return the buttons of a dashboard."""
    return Errands.new("dash", BuiltIn(), {}).provisioned(provision(market=market))


def phone(kept: Mapping[str, Any] | None = None, **other: Any) -> PhoneErrands:
    """Return the bookings of a phone."""
    return PhoneErrands.new("phone", Owned(), kept or {}).provisioned(provision(**other))


def seen(
    where: tuple[float, float] | None = HOME, courier: str = "", opened_ms: int = 0, kid: str = KID
) -> Beliefs:
    """Return what a phone has heard of the car."""
    beliefs = Beliefs()
    if where is not None:
        place = {"latitude_deg": where[0], "longitude_deg": where[1]}
        beliefs = beliefs.heard("su7", "location", Belief(place, START_MS, (1, 1), "last"))
    if courier:
        opened = {kid: START_MS + opened_ms}
        visit = {"courier": courier, "courier_opened_ms": START_MS + opened_ms, "courier_openings": opened}
        beliefs = beliefs.heard("su7", "courier_access", Belief(visit, START_MS, (1, 2), "last"))
    return beliefs


def news(state: str = "ordered", version: int = 1, **other: Any) -> TakeBooking:
    """Return what a phone is told of a parcel of the next hour."""
    usual: dict[str, Any] = {
        "booking": "parcel-1",
        "sort": "parcel",
        "version": version,
        "state": state,
        "title": "corner",
        "starts_ms": START_MS,
        "ends_ms": START_MS + HOUR_MS,
        "says": f"parcel: {state}",
        "car": "su7",
        "courier": "kai_phone",
        "latitude_deg": HOME[0],
        "longitude_deg": HOME[1],
    }
    return TakeBooking.model_validate({**usual, **other})


def step(
    app: PhoneErrands, stimulus: Any, at_ms: int = 0, beliefs: Beliefs | None = None
) -> tuple[PhoneErrands, tuple[Effect, ...]]:
    """Return what becomes of a phone that believes the car at home."""
    return app.step(moment(FakeSenses(), at_ms, seen() if beliefs is None else beliefs), stimulus)


def told(app: PhoneErrands, one: TakeBooking, **other: Any) -> PhoneErrands:
    """Return a phone that was told something."""
    return step(app, Commanded(one, "m1", "market", None, START_MS + 1), **other)[0]


def answer(app: PhoneErrands, ticket: str, said: Answer = DONE, **other: Any) -> PhoneErrands:
    """Return a phone that was answered."""
    return step(app, Answered(ticket, "market", said), **other)[0]


def ordered(app: PhoneErrands, by: str | None = "lin") -> PhoneErrands:
    """Return a phone at which somebody ordered, and which the marketplace has answered."""
    order = OrderIntoBoot(shop="corner", goods={"milk": 1})
    app, _ = step(app, Acted(order, "t1", by))
    return answer(app, "t1", Answer("done", data={"delivery": "parcel-1"}))


def sharing(app: PhoneErrands) -> tuple[PhoneErrands, KeyWish]:
    """Return a phone that has handed its wish on, and the wish."""
    (wish,) = app.wishes
    return app.handed_on(), wish


def with_key() -> PhoneErrands:
    """Return a phone that has shared the key of a delivery, and told the marketplace so."""
    app, wish = sharing(told(ordered(phone()), news()))
    app, _ = app.with_lent({wish.ticket: LENT})
    app = answer(app, wish.ticket)
    (ticket,) = app.telling
    return answer(app, ticket).handed_on()


def words(effects: tuple[Effect, ...]) -> list[str]:
    """Return what the marketplace is told."""
    return [str(one.arguments["became"]) for one in effects if isinstance(one, Request)]


# --- buttons -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("act", "action", "arguments"),
    [
        (
            BookTable(restaurant="jade", at_ms=19 * HOUR_MS, people=3),
            "reserve_table",
            {
                "restaurant": "jade",
                "starts_ms": START_MS + 23 * HOUR_MS // 2,
                "people": 3,
                "clock_ms": 19 * HOUR_MS,
            },
        ),
        (GiveTableBack(), "cancel_reservation", {}),
        (CallDeliveryOff(delivery="p"), "update_delivery", {"delivery": "p", "became": "cancelled"}),
        (
            OrderIntoBoot(shop="corner", goods={"milk": 1}, until_ms=9 * HOUR_MS),
            "order_delivery",
            {
                "shop": "corner",
                "goods": {"milk": 1},
                "car": "su7",
                "latitude_deg": 40.0,
                "longitude_deg": 116.5,
                "from_ms": START_MS,
                "until_ms": START_MS + 3 * HOUR_MS // 2,
            },
        ),
    ],
)
def test_touch_becomes_a_command(act: Act, action: str, arguments: dict[str, Any]) -> None:
    """Times of the day become instants, and the car's own screen knows where it stands."""
    _, (request,) = dash().step(moment(FakeSenses()), acted(act))

    assert isinstance(request, Request)
    assert (request.target, request.action, request.arguments) == ("market", action, arguments)
    assert (request.ticket, request.by) == ("t1", "lin")


def test_courier_may_come_within_two_hours_when_nobody_says_when() -> None:
    """From now on, or from the time that was said."""
    now = OrderIntoBoot(shop="corner", goods={"milk": 1})
    later = OrderIntoBoot(shop="corner", goods={"milk": 1}, from_ms=8 * HOUR_MS)
    windows = []
    for act in (now, later):
        _, (request,) = dash().step(moment(FakeSenses()), acted(act))
        assert isinstance(request, Request)
        windows.append(
            tuple((request.arguments[one] - START_MS) / HOUR_MS for one in ("from_ms", "until_ms"))
        )

    assert windows == [(0, 2), (0.5, 2.5)]


@pytest.mark.parametrize(
    ("app", "act", "beliefs", "why"),
    [
        (dash(market=False), GiveTableBack(), seen(), "the household has no marketplace"),
        (
            dash(),
            OrderIntoBoot(shop="corner", goods={"milk": 1}, car="yu7"),
            seen(),
            "nobody knows here where yu7 stands",
        ),
        (phone(), OrderIntoBoot(shop="c", goods={"a": 1}), seen(None), "nobody knows here where su7 stands"),
        (phone(paired=False), OrderIntoBoot(shop="c", goods={"a": 1}), seen(), "say into which car"),
    ],
)
def test_what_cannot_be_asked_is_said(app: Errands, act: Act, beliefs: Beliefs, why: str) -> None:
    """Before anything is sent."""
    _, effects = app.step(moment(FakeSenses(), 0, beliefs), acted(act))

    assert effects == (Settle("t1", Answer("failed", why)),)


def test_buttons_follow_nothing_else() -> None:
    """A dashboard keeps nothing of errands."""
    assert dash().step(moment(FakeSenses()), Sensed()) == (dash(), ())


@pytest.mark.parametrize(
    ("clock_h", "tomorrow", "in_h"), [(8, False, 0.5), (7, False, 23.5), (8, True, 24.5), (24, False, 16.5)]
)
def test_time_of_the_day_is_the_next_one(clock_h: int, tomorrow: bool, in_h: float) -> None:  # noqa: FBT001
    """At half past seven, eight o'clock is today and seven is tomorrow."""
    instant = next_instant(moment(FakeSenses()), clock_h * HOUR_MS, START_MS, tomorrow=tomorrow)

    assert (instant - START_MS) / HOUR_MS == in_h


def test_place_needs_both_numbers() -> None:
    """Half a place is none."""
    half = Beliefs().heard("su7", "location", Belief({"latitude_deg": 1.0}, START_MS, (1, 1), "last"))

    assert stands(moment(FakeSenses(), 0, half), "su7") is None


# --- bookings ----------------------------------------------------------------------------------------


def test_reservation_is_reported_and_a_notification() -> None:
    """With its code; what is older than what is known changes nothing."""
    table = {
        "booking": "table-1",
        "sort": "table",
        "people": 2,
        "code": "ABCDE",
        "courier": None,
        "car": None,
    }
    app = told(phone(), news("confirmed", 2, **table))
    same = told(app, news("cancelled", 1, **table))
    (report,) = app.report()

    assert phone().report() == ()
    assert report.model_dump()["table"] == "confirmed"
    assert (report.model_dump()["table_code"], report.model_dump()["parcel"]) == ("ABCDE", "none")
    assert app.notices == (("marketplace", "corner", "parcel: confirmed"),)
    assert same == app
    clean = app.handed_on()
    assert clean.notices == ()
    assert clean.handed_on() is clean


def test_phone_keeps_the_latest_bookings_and_restarts_with_them() -> None:
    """The oldest go; a key that was being shared meanwhile has failed."""
    app = phone()
    for number in range(BOOKINGS_MAX + 1):
        app = told(app, news(booking=f"parcel-{number}"))
    again = phone(ordered(told(phone(), news())).kept(), boot=2)

    assert len(app.bookings) == BOOKINGS_MAX
    assert "parcel-0" not in app.bookings
    assert phone().kept() == {}
    assert dict(again.keys) == {"parcel-1": "failed"}
    assert again.agreed == {"parcel-1"}


@pytest.mark.parametrize("first", ["answer", "news"])
def test_own_order_shares_a_key_without_another_word(first: str) -> None:
    """Whichever comes first, the answer or the news: once, for its window and place."""
    app = told(ordered(phone()), news()) if first == "answer" else ordered(told(phone(), news()))

    assert app.wishes == (
        KeyWish("phone-errand-1-1", "parcel-1", "su7", "kai_phone", 0, HOUR_MS, (40.0, 116.5, 100.0)),
    )
    assert ordered(app).wishes == app.wishes


def test_key_for_later_begins_later() -> None:
    """And one for a window that has begun lasts until its end."""
    later = told(ordered(phone()), news(starts_ms=START_MS + HOUR_MS, ends_ms=START_MS + 2 * HOUR_MS))
    begun = told(ordered(phone()), news(), at_ms=HOUR_MS // 2)

    assert [(one.after_ms, one.for_ms) for one in later.wishes] == [(HOUR_MS, HOUR_MS)]
    assert [(one.after_ms, one.for_ms) for one in begun.wishes] == [(0, HOUR_MS // 2)]


@pytest.mark.parametrize(
    "app",
    [
        told(phone(), news()),
        told(ordered(phone(), by="mei"), news()),
        told(ordered(phone(owner=False)), news()),
        told(ordered(phone()), news(for_courier=True)),
        told(ordered(phone()), news("expired")),
        told(ordered(phone()), news(courier=None)),
        told(ordered(phone()), news(car=None)),
        told(ordered(phone()), news("confirmed", sort="table")),
    ],
)
def test_no_key_is_shared_because_a_message_says_so(app: PhoneErrands) -> None:
    """What others ordered, what is over, what is no parcel, and where one is no owner."""
    assert app.wishes == ()


def test_order_that_was_refused_shares_nothing() -> None:
    """Nor does an answer without a delivery in it."""
    app, _ = step(phone(), acted(OrderIntoBoot(shop="corner", goods={"milk": 1})))

    assert answer(app, "t1", Answer("denied")).agreed == frozenset()
    assert answer(app, "t1").agreed == frozenset()
    assert answer(app, "t9") == app


def test_owner_lets_a_courier_in() -> None:
    """By one touch, once; and not where there is nothing, or the car is another's."""
    app, first = step(told(phone(), news()), acted(LetCourierIn()))
    _, again = step(app, acted(LetCourierIn(delivery="parcel-1"), "t2"))
    _, nothing = step(phone(), acted(LetCourierIn()))
    _, other = step(told(phone(owner=False), news()), acted(LetCourierIn()))
    _, unknown = step(told(phone(), news()), acted(LetCourierIn(delivery="parcel-9")))

    assert first == (Settle("t1", Answer("done", "the key is being shared")),)
    assert len(app.wishes) == 1
    assert again == (Settle("t2", Answer("done", "the courier has a key already")),)
    for effects in (nothing, other, unknown):
        (settle,) = effects
        assert isinstance(settle, Settle)
        assert settle.answer.status == "failed"


def test_key_that_was_not_shared_is_told_and_can_be_tried_again() -> None:
    """The courier's phone was away, or the owner's was on the table."""
    app, wish = sharing(told(ordered(phone()), news()))
    app = answer(app, wish.ticket, Answer("failed", "the phone does not know that its owner is there"))
    asked = replace(app, bookings={}, sharing={wish.ticket: "parcel-1"}, keys={"parcel-1": "asked"})
    unheard = answer(asked, wish.ticket, Answer("expired"))
    again, _ = step(app, acted(LetCourierIn()))

    assert app.keys == {"parcel-1": "failed"}
    assert app.notices[-1][2].startswith("the courier has no key: the phone does not know")
    assert unheard.notices[-1] == ("marketplace", "parcel-1", "the courier has no key: expired")
    assert len(again.wishes) == 1


# --- the car and the marketplace ---------------------------------------------------------------------


def test_marketplace_hears_that_the_courier_has_a_key() -> None:
    """And nothing twice."""
    app, wish = sharing(told(ordered(phone()), news()))
    app, effects = step(app, Answered(wish.ticket, "kai_phone", DONE))

    assert words(effects) == ["ready"]
    assert step(app, Learned("su7"))[1] == ()
    assert step(with_key(), Learned("su7"))[1] == ()
    assert step(with_key(), Learned("heater"))[1] == ()


def test_car_that_leaves_is_told_and_so_is_its_return() -> None:
    """Its owner is notified; what nobody knows changes nothing."""
    app, gone = step(with_key(), Learned("su7"), beliefs=seen(AWAY))
    away = answer(app, next(iter(app.telling)), beliefs=seen(AWAY))
    back, again = step(away, Learned("su7"))

    assert (words(gone), words(again)) == (["away"], ["ready"])
    assert "is not where it was agreed" in app.notices[-1][2]
    assert back.notices == app.notices
    assert step(with_key(), Learned("su7"), beliefs=seen(None))[1] == ()


def test_opened_boot_is_told_once() -> None:
    """With the time of day, to owner and marketplace; whatever the car does afterwards."""
    app, effects = step(with_key(), Learned("su7"), beliefs=seen(courier="kai_phone", opened_ms=60_000))
    gone, nothing = step(app, Learned("su7"), beliefs=seen(AWAY, "kai_phone", 60_000))

    assert words(effects) == ["delivered"]
    assert app.notices[-1][2] == "kai_phone opened the boot of su7 at 07:31; its key is used up"
    assert (gone, nothing) == (app, ())


def test_other_openings_are_not_this_delivery() -> None:
    """Another key's, also one of the same courier in the same hour."""
    other = seen(HOME, "kai_phone", 60_000, kid="fedcba9876543210")

    assert step(with_key(), Learned("su7"), beliefs=other)[1] == ()
    assert step(replace(with_key(), lent={}), Learned("su7"), beliefs=seen(HOME, "kai_phone"))[1] == ()


def test_key_of_a_delivery_that_is_called_off_is_taken_back() -> None:
    """Its owner hears until when it opens, where the car cannot be reached."""
    away = told(with_key(), news("cancelled", 9))
    there = told(with_key(), news("cancelled", 9), beliefs=seen().online("su7", online=True))
    again = told(away, news("cancelled", 10))

    assert (away.unwanted, away.keys) == (("phone-errand-1-1",), {"parcel-1": "revoked"})
    assert away.notices[-1][2] == (
        "su7 cannot be reached: the courier's key opens its boot until it is, at most to 08:30"
    )
    assert there.notices[-1][2] == "the courier's key of su7 is taken back"
    assert again.unwanted == ("phone-errand-1-1", "phone-errand-1-1")
    assert again.notices[:-1] == away.notices
    assert away.with_lent({"phone-errand-1-1": replace(LENT, revoked=True)})[0].notices == away.notices


def test_key_that_its_owner_revoked_is_told_and_shared_anew() -> None:
    """The courier waits for another; what was shared before is taken back for good."""
    app, effects = with_key().with_lent({"phone-errand-1-1": replace(LENT, revoked=True)})
    opened, late = step(
        answer(app, next(iter(app.telling))), Learned("su7"), beliefs=seen(AWAY, "kai_phone", 60_000)
    )
    anew, _ = step(app.handed_on(), acted(LetCourierIn()))

    assert words(effects) == ["ordered"]
    assert (app.keys, app.over) == ({"parcel-1": "revoked"}, frozenset())
    assert app.notices[-1][2] == "the courier has no key of su7 any more; do let_courier_in for another"
    assert step(answer(app, next(iter(app.telling))), Learned("su7"))[1] == ()
    assert (words(late), opened.words) == (["delivered"], {"parcel-1": "delivered"})
    assert anew.unwanted == ("phone-errand-1-1",)
    assert anew.tickets == {"parcel-1": ("phone-errand-1-1", anew.wishes[0].ticket)}
    assert answer(anew, "phone-errand-1-1").keys == {"parcel-1": "asked"}
    assert phone(anew.kept(), boot=2).tickets == anew.tickets


def test_answer_about_a_key_that_was_taken_back_meanwhile_says_nothing() -> None:
    """It was called off while the courier's phone was being asked; a delivery that is over needs no word."""
    app, wish = sharing(told(ordered(phone()), news()))
    off = told(app, news("cancelled", 9))
    after = answer(off, wish.ticket, Answer("failed", "the key was revoked before it was shared"))
    over = replace(with_key(), bookings={"parcel-1": news("delivered", 9)})
    lent, effects = over.with_lent({"phone-errand-1-1": replace(LENT, revoked=True)})

    assert (after.notices, after.keys) == (off.notices, {"parcel-1": "revoked"})
    assert (lent.keys, lent.over, effects) == ({"parcel-1": "revoked"}, frozenset({"parcel-1"}), ())
    assert lent.with_lent(lent.lent) == (lent, ())


def test_delivery_that_is_over_is_watched_no_more() -> None:
    """Where the car goes afterwards is nobody's business."""
    app = told(with_key(), news("cancelled", 9))

    assert step(app, Learned("su7"), beliefs=seen(AWAY))[1] == ()


def test_marketplace_that_does_not_answer_is_told_again() -> None:
    """After a pause the newest word, and after a restart too."""
    app, wish = sharing(told(ordered(phone()), news()))
    app = answer(app, wish.ticket)
    (ticket,) = app.telling
    app, pause = step(app, Answered(ticket, "market", Answer("expired")))
    (timer,) = pause
    assert isinstance(timer, StartTimer)
    waiting, nothing = step(app, Learned("su7"), beliefs=seen(AWAY))
    _, again = step(waiting, TimerFired(timer.name))
    _, booted = step(phone(waiting.kept(), boot=2), Booted())

    assert (nothing, words(again), words(booted)) == ((), ["away"], ["away"])
    assert step(phone(waiting.kept(), boot=2, market=False), Booted())[1] == ()


def test_word_that_changed_under_way_is_said_next() -> None:
    """The car left while the marketplace was being told that it is there."""
    app, wish = sharing(told(ordered(phone()), news()))
    app = answer(app, wish.ticket)
    app, _ = step(app, Learned("su7"), beliefs=seen(AWAY))
    _, effects = step(app, Answered(next(iter(app.telling)), "market", DONE), beliefs=seen(AWAY))

    assert words(effects) == ["away"]


def test_a_day_is_a_day() -> None:
    """Tomorrow's table is a day after today's."""
    at = moment(FakeSenses())

    assert next_instant(at, 0, START_MS, tomorrow=True) - next_instant(at, 0, START_MS - DAY_MS) == DAY_MS
