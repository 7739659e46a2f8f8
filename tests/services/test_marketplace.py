"""The marketplace: tables that are gone, orders that are carried out once, and who is told of them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sim.apps.marketplace_messages import (
    CancelReservation,
    OrderDelivery,
    ReserveTable,
    TakeBooking,
    UpdateDelivery,
)
from sim.core.device import (
    Answer,
    Answered,
    Booted,
    Command,
    Commanded,
    Effect,
    Learned,
    Peer,
    Provision,
    Request,
    Settle,
    StartTimer,
    TimerFired,
)
from sim.core.roads import DAY_MS
from sim.services.marketplace import BOOKINGS_MAX, Marketed, Marketplace
from sim.services.marketplace.catalogue import MarketplaceConfig, Restaurant, title_of
from sim.services.marketplace.news import News
from sim.services.marketplace.parcels import Parcel, shown_price
from sim.services.marketplace.tables import Reservation, free_table, next_time
from tests.senses import START_MS, FakeSenses, moment

HOUR_MS = 3_600_000
SEVEN_MS = START_MS + 11 * HOUR_MS + HOUR_MS // 2
"""19:00 of that day."""
PEERS = {
    "su7": Peer("car", "lin", shared=False, key=b""),
    "phone": Peer("phone", "lin", shared=False, key=b""),
    "mei_phone": Peer("phone", "mei", shared=False, key=b""),
    "kai_phone": Peer("phone", "kai", shared=False, key=b""),
}
PEOPLE: Mapping[str, Any] = {"lin": "owner", "mei": "member", "kai": "guest"}
CONFIG = MarketplaceConfig.model_validate(
    {
        "courier": "kai_phone",
        "restaurants": {
            "jade": {
                "opens": "11:00",
                "closes": "22:00",
                "tables": {"window": 2, "round": 6},
                "place": "office",
            },
            "owl": {"title": "Night Owl", "opens": "20:00", "closes": "02:00", "tables": {"bar": 2}},
        },
        "shops": {"corner": {"opens": "08:00", "closes": "21:00", "goods": {"milk": 1290, "rice": 4590}}},
    }
)
DONE = Answer("done")
LATER = Answer("expired")
Market = tuple[Marketplace, tuple[Effect, ...]]


def market(kept: Mapping[str, Any] | None = None, boot: int = 1, config: Any = CONFIG) -> Marketplace:
    """Return a marketplace that starts."""
    new = Marketplace.new("market", config, kept or {})
    return new.provisioned(Provision(b"seed", boot, START_MS, people=PEOPLE, peers=PEERS))


def asked(shop: Marketplace, command: Command, by: str = "lin", at_ms: int = 0, ticket: str = "t1") -> Market:
    """Return what becomes of a command."""
    order = Commanded(command, ticket, "phone", by, START_MS + at_ms + 30_000)
    return shop.step(moment(FakeSenses(wall_clock=wall(at_ms)), at_ms), order)


def wall(at_ms: int) -> str:
    """Return the clock on the wall, so long after 07:30 of a Monday."""
    minutes = at_ms // 60_000 + 7 * 60 + 30
    return f"2026-01-{12 + minutes // 1440:02} {minutes // 60 % 24:02}:{minutes % 60:02}:00"


def ended(effects: tuple[Effect, ...]) -> Answer:
    """Return the one answer among some effects."""
    (one,) = (one for one in effects if isinstance(one, Settle))
    return one.answer


def told(effects: tuple[Effect, ...]) -> list[tuple[str, TakeBooking]]:
    """Return who is told what."""
    requests = [one for one in effects if isinstance(one, Request)]
    return [(one.target, TakeBooking.model_validate(one.arguments)) for one in requests]


def table(at_ms: int = SEVEN_MS, people: int = 2, restaurant: str = "jade") -> ReserveTable:
    """Return the wish for a table."""
    return ReserveTable(restaurant=restaurant, starts_ms=at_ms, people=people)


def order(**other: Any) -> OrderDelivery:
    """Return the wish for two bottles of milk."""
    usual: dict[str, Any] = {
        "shop": "corner",
        "goods": {"milk": 2},
        "car": "su7",
        "latitude_deg": 40.0,
        "longitude_deg": 116.5,
        "from_ms": START_MS + 2 * HOUR_MS,
        "until_ms": START_MS + 3 * HOUR_MS,
    }
    return OrderDelivery.model_validate({**usual, **other})


# --- tables ------------------------------------------------------------------------------------------


def test_table_is_reserved_and_its_customer_told() -> None:
    """With a code, for as long as a table is taken; every phone of the customer hears of it."""
    shop, effects = asked(market(), table())
    ((phone, news),) = told(effects)

    assert ended(effects).data["state"] == "confirmed"
    assert (phone, news.code) == ("phone", ended(effects).data["code"])
    assert (news.title, news.place, news.people) == ("jade", "office", 2)
    assert (news.starts_ms, news.ends_ms) == (SEVEN_MS, SEVEN_MS + 2 * HOUR_MS)
    assert shop.report() == (Marketed(reserved_tables=1, open_deliveries=0, ended_deliveries=0),)


def test_table_at_another_time_than_was_said_is_not_reserved() -> None:
    """A device whose clock is wrong took seven for half past seven: it hears so, and what it could ask."""
    said = table().model_copy(update={"clock_ms": 19 * HOUR_MS})
    _, right = asked(market(), said)
    shop, wrong = asked(market(), said.model_copy(update={"starts_ms": SEVEN_MS + HOUR_MS // 2}))

    assert ended(right).data["when"] == "2026-01-12 19:00"
    assert ended(wrong) == Answer(
        "failed",
        "19:00 came as 2026-01-12 19:30, so a clock is wrong where it was asked: set it, or ask for 19:30 at"
        " another device",
    )
    assert shop.tables == {}


def test_courier_whose_key_was_taken_back_waits_for_another() -> None:
    """It is ordered once more, and ready with the next key."""
    shop, _ = asked(market(), order())
    for word in ("ready", "ordered", "ready", "delivered"):
        shop, effects = asked(shop, UpdateDelivery.model_validate({"delivery": "parcel-1", "became": word}))
        assert (ended(effects).status, shop.parcels["parcel-1"].state) == ("done", word)
    _, effects = asked(shop, UpdateDelivery(delivery="parcel-1", became="ordered"))
    assert ended(effects).reason == "the delivery is delivered, and stays it"


def test_last_table_goes_to_whoever_came_first() -> None:
    """The other hears that it is gone and when the next is free; a smaller one is still there."""
    shop, _ = asked(market(), table(people=6))
    shop, effects = asked(shop, table(SEVEN_MS + HOUR_MS, people=3), by="mei")
    _, small = asked(shop, table(people=2), by="mei")

    assert ended(effects).reason == (
        "the last table for 3 at 2026-01-12 20:00 is gone; the next one is free at 2026-01-12 21:00"
    )
    assert ended(small).status == "done"


def test_nothing_is_free_within_a_day_where_all_is_taken() -> None:
    """Then no other time is offered."""
    all_day = Restaurant.model_validate({"tables": {"one": 2}, "seating": "24 h"})
    taken = (Reservation("table-1", "x", "one", 2, 0, 3 * DAY_MS, "lin", "CODE"),)
    shop = market(config=MarketplaceConfig(restaurants={"x": all_day}))
    for day_ms in (0, DAY_MS):
        shop, _ = asked(shop, table(SEVEN_MS + day_ms, restaurant="x"))
    _, effects = asked(shop, table(SEVEN_MS + HOUR_MS, restaurant="x"), by="mei")

    assert next_time(all_day, taken, 0, 2, 0) is None
    assert ended(effects).reason == "the last table for 2 at 2026-01-12 20:00 is gone"


@pytest.mark.parametrize(
    ("wish", "why"),
    [
        (table(restaurant="jad"), "there is no restaurant called `jad` (did you mean `jade`?)"),
        (
            table(restaurant="noodles_and_more"),
            "there is no restaurant called `noodles_and_more` (known here: `jade`, `owl`)",
        ),
        (table(START_MS - 1), "2026-01-12 07:29 is over"),
        (table(SEVEN_MS + 61 * DAY_MS), "jade takes reservations for the next 60 days"),
        (table(START_MS + HOUR_MS), "jade is closed at 08:30, it is open from 11:00 to 22:00"),
        (table(SEVEN_MS, restaurant="owl"), "Night Owl is closed at 19:00, it is open from 20:00 to 02:00"),
        (table(people=7), "jade has no table for 7, its largest is for 6"),
    ],
)
def test_what_cannot_be_reserved_is_said(wish: ReserveTable, why: str) -> None:
    """In a sentence, and nothing is kept of it."""
    shop, effects = asked(market(), wish)

    assert (ended(effects).status, ended(effects).reason) == ("failed", why)
    assert shop == market()


def test_hours_go_over_midnight() -> None:
    """At one in the night the owl is open."""
    _, effects = asked(market(), table(SEVEN_MS + 6 * HOUR_MS, restaurant="owl"))

    assert ended(effects).status == "done"


def test_same_wish_once_more_is_the_same_reservation() -> None:
    """Also after a restart; another person's is another one."""
    shop, first = asked(market(), table())
    again = market(shop.kept(), boot=2)
    same, second = asked(again, table(), ticket="t2")
    _, other = asked(same, table(), by="mei", ticket="t3")

    assert ended(second).data == ended(first).data
    assert same.tables == shop.tables
    assert ended(other).data["reservation"] != ended(first).data["reservation"]


def test_table_is_given_back_until_its_deadline() -> None:
    """An hour before: afterwards only the restaurant can help; twice is once; and the table is free again."""
    shop, _ = asked(market(), table(people=6))
    shop, effects = asked(shop, CancelReservation(), at_ms=10 * HOUR_MS)
    same, once_more = asked(shop, CancelReservation(reservation="table-1"), at_ms=10 * HOUR_MS)
    _, taken = asked(shop, table(people=6), by="mei", at_ms=10 * HOUR_MS)

    assert (ended(effects).data["state"], shop.news.untold) == ("cancelled", (("phone", "table-1"),))
    assert (ended(once_more).status, same) == ("done", shop)
    assert ended(taken).status == "done"

    late, _ = asked(market(), table())
    _, effects = asked(late, CancelReservation(), at_ms=11 * HOUR_MS)
    assert ended(effects).reason == (
        "it could be cancelled until 1 h before it begins; please call the restaurant"
    )


def test_deadline_can_be_the_beginning() -> None:
    """For whoever sets none."""
    config = MarketplaceConfig.model_validate(
        {"restaurants": {"x": {"tables": {"one": 2}, "cancel_before": "0 s"}}}
    )
    shop, _ = asked(market(config=config), table(restaurant="x"))
    _, effects = asked(shop, CancelReservation(reservation="table-1"), at_ms=12 * HOUR_MS)

    assert ended(effects).reason == "it could be cancelled before it begins; please call the restaurant"


def test_who_cancels_what() -> None:
    """One's own, or as owner anybody's; and what is not there is said."""
    shop, _ = asked(market(), table(), by="mei")
    one = CancelReservation(reservation="table-1")

    assert ended(asked(shop, one, by="kai")[1]).reason == "this is the reservation of mei"
    assert ended(asked(shop, one, by="lin")[1]).status == "done"
    assert ended(asked(shop, CancelReservation())[1]).reason == (
        "there is no reservation that could be cancelled"
    )
    assert ended(asked(shop, CancelReservation(reservation="x"))[1]).reason.endswith("called `x`")


@given(
    wishes=st.lists(
        st.tuples(st.integers(0, 12), st.integers(1, 7), st.sampled_from(["lin", "mei"]), st.booleans()),
        max_size=14,
    )
)
def test_no_table_is_ever_given_twice(wishes: list[tuple[int, int, str, bool]]) -> None:
    """Whatever is reserved and cancelled, a table has one party at a time, and is large enough for it."""
    shop = market()
    for quarter, people, who, cancels in wishes:
        wish: Command = CancelReservation() if cancels else table(SEVEN_MS + quarter * 900_000, people)
        shop, _ = asked(shop, wish, by=who)
    stand = [one for one in shop.tables.values() if one.state == "confirmed"]

    for one in stand:
        assert CONFIG.restaurants["jade"].tables[one.table] >= one.people
        assert not any(
            other is not one
            and other.table == one.table
            and other.starts_ms < one.ends_ms
            and one.starts_ms < other.ends_ms
            for other in stand
        )


def test_smallest_table_is_taken_first() -> None:
    """So that the large one is there for those who need it."""
    assert free_table(CONFIG.restaurants["jade"], (), 0, 2) == "window"
    assert free_table(CONFIG.restaurants["jade"], (), 0, 3) == "round"


# --- parcels -----------------------------------------------------------------------------------------


def test_order_is_priced_and_everybody_told() -> None:
    """The customer with the price, the courier without, the owner of the car too."""
    shop, effects = asked(market(), order(), by="mei")
    news = dict(told(effects))

    assert ended(effects).data == {
        "delivery": "parcel-1",
        "state": "ordered",
        "total_minor": 2580,
        "currency": "CNY",
        "price": "CNY 25.80",
        "courier": "kai_phone",
    }
    assert sorted(news) == ["kai_phone", "mei_phone", "phone"]
    assert "CNY 25.80 paid on delivery" in news["phone"].says
    assert ("CNY" in news["kai_phone"].says, news["kai_phone"].for_courier) == (False, True)
    assert StartTimer("until parcel-1", 3 * HOUR_MS) in effects
    assert shop.report() == (Marketed(reserved_tables=0, open_deliveries=1, ended_deliveries=0),)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"shop": "corners"}, "there is no shop called `corners` (did you mean `corner`?)"),
        ({"goods": {"bread": 1}}, "corner has no `bread`; it has milk, rice"),
        ({"goods": {"milk": 21}}, "corner delivers 1 to 20 of one thing, not 21"),
        ({"goods": {"milk": 0}}, "corner delivers 1 to 20 of one thing, not 0"),
        ({"car": "yu7"}, "the household has no car `yu7`"),
        ({"car": "phone"}, "the household has no car `phone`"),
        (
            {"until_ms": START_MS + 2 * HOUR_MS},
            "the courier must be able to come: the time is over, or it ends ",
        ),
        (
            {"from_ms": START_MS - 2, "until_ms": START_MS},
            "the courier must be able to come: the time is over",
        ),
        ({"until_ms": START_MS + 7 * HOUR_MS}, "a courier may come within 4 h at most"),
        (
            {"from_ms": START_MS + 14 * HOUR_MS, "until_ms": START_MS + 15 * HOUR_MS},
            "corner is closed at 21:30, it is open from 08:00 to 21:00",
        ),
    ],
)
def test_what_cannot_be_delivered_is_said(change: dict[str, Any], why: str) -> None:
    """In a sentence, and nothing is kept of it."""
    shop, effects = asked(market(), order(**change))

    assert ended(effects).status == "failed"
    assert ended(effects).reason.startswith(why)
    assert shop == market()


def test_same_order_once_more_is_the_same_delivery() -> None:
    """As long as it is under way; afterwards it is another one."""
    shop, first = asked(market(), order())
    shop, second = asked(market(shop.kept(), 2), order(), ticket="t2")
    shop, _ = asked(shop, UpdateDelivery(delivery="parcel-1", became="cancelled"))
    shop, third = asked(shop, order(), ticket="t4")

    assert ended(second).data == ended(first).data
    assert ended(third).data["delivery"] == "parcel-2"


def test_delivery_goes_its_way() -> None:
    """What cannot follow is refused, what is said twice is fine, and only whom it concerns is believed."""
    shop, _ = asked(market(), order(), by="mei")
    words = ("ready", "ready", "away", "ready", "delivered", "cancelled")
    said: list[str] = []
    for word in words:
        shop, effects = asked(shop, UpdateDelivery(delivery="parcel-1", became=word))
        said.append(ended(effects).reason or ended(effects).status)

    assert said == ["done"] * 5 + ["the delivery is delivered, and stays it"]
    assert shop.parcels["parcel-1"].version == 5
    _, nobody = asked(shop, UpdateDelivery(delivery="parcel-1", became="away"), by="kai")
    assert ended(nobody).reason == "this is the delivery of mei"
    _, nothing = asked(shop, UpdateDelivery(delivery="parcel-9", became="away"))
    assert ended(nothing).reason == "there is no delivery called `parcel-9`"


def test_delivery_for_which_nobody_comes_expires() -> None:
    """Not before its time, whatever the timer says; a boot that was opened in time counts afterwards too."""
    shop, _ = asked(market(), order())
    early, again = shop.step(moment(FakeSenses(), HOUR_MS), TimerFired("until parcel-1"))
    late, _ = shop.step(moment(FakeSenses(), 3 * HOUR_MS), TimerFired("until parcel-1"))
    same, nothing = late.step(moment(FakeSenses(), 4 * HOUR_MS), TimerFired("until parcel-1"))
    known, _ = asked(late, UpdateDelivery(delivery="parcel-1", became="delivered"), at_ms=4 * HOUR_MS)

    assert (early, again) == (shop, (StartTimer("until parcel-1", 2 * HOUR_MS),))
    assert late.parcels["parcel-1"].state == "expired"
    assert (same, nothing) == (late, ())
    assert market().step(moment(FakeSenses()), TimerFired("until parcel-7"))[1] == ()
    assert known.parcels["parcel-1"].state == "delivered"


def test_restart_keeps_the_clock_running() -> None:
    """What is under way expires also when the service was down meanwhile."""
    shop, _ = asked(market(), order())
    _, effects = market(shop.kept(), 2).step(moment(FakeSenses(), 4 * HOUR_MS), Booted())

    assert StartTimer("until parcel-1", 0) in effects


def test_household_may_change_under_the_service() -> None:
    """A shop, restaurant, car or courier that is gone from the file is no reason to fail."""
    shop, _ = asked(market(), table())
    shop, _ = asked(shop, order(), by="mei")
    bare = Marketplace.new("market", MarketplaceConfig(), shop.kept())
    bare = bare.provisioned(Provision(b"seed", 2, START_MS, people=PEOPLE, peers={"phone": PEERS["phone"]}))
    _, news = bare.step(moment(FakeSenses()), Booted())
    _, given_back = asked(bare, CancelReservation())
    after, moved = asked(bare, UpdateDelivery(delivery="parcel-2", became="ready"), by="mei")

    assert [one.title for _, one in told(news)] == ["jade", "corner", "corner"]
    assert (ended(given_back).status, ended(moved).reason) == ("done", "")
    assert after.parcels["parcel-2"].state == "ready"


def test_market_is_full_some_time() -> None:
    """What ended a day ago makes room."""
    one = Reservation("table-0", "owl", "bar", 2, START_MS, START_MS + HOUR_MS, "mei", "CODE")
    parcel = Parcel("p", "corner", {}, 0, "CNY", "su7", 0, 0, START_MS, START_MS + HOUR_MS, "mei", "expired")
    kept = {
        "marketplace": {
            "tables": {f"{n}": one for n in range(BOOKINGS_MAX)},
            "parcels": {f"{n}": parcel for n in range(BOOKINGS_MAX)},
        }
    }
    full = market(kept)

    assert ended(asked(full, table())[1]).reason == "jade takes no more reservations now"
    assert ended(asked(full, order())[1]).reason == "corner takes no more orders now"
    later_ms = 26 * HOUR_MS
    assert ended(asked(full, table(SEVEN_MS + DAY_MS), at_ms=later_ms)[1]).status == "done"
    tomorrow = order(from_ms=START_MS + later_ms, until_ms=START_MS + later_ms + HOUR_MS)
    assert ended(asked(full, tomorrow, at_ms=later_ms)[1]).status == "done"


# --- news --------------------------------------------------------------------------------------------


def test_phone_that_does_not_answer_is_told_again() -> None:
    """After a pause, in order, the newest only, and also after a restart."""
    shop, effects = asked(market(), table())
    (first,) = (one for one in effects if isinstance(one, Request))
    shop, nothing = asked(shop, CancelReservation())
    assert told(nothing) == []

    shop, pause = shop.step(moment(FakeSenses()), Answered(first.ticket, "phone", LATER))
    (timer,) = (one for one in pause if isinstance(one, StartTimer))
    restarted, boot = market(shop.kept(), 2).step(moment(FakeSenses()), Booted())
    shop, again = shop.step(moment(FakeSenses(), timer.delay_ms), TimerFired(timer.name))

    assert [news.state for _, news in told(again)] == ["cancelled"]
    assert [news.state for _, news in told(boot)] == ["cancelled"]
    assert restarted.news.untold == (("phone", "table-1"),)

    (second,) = (one for one in again if isinstance(one, Request))
    shop, _ = shop.step(moment(FakeSenses()), Answered(second.ticket, "phone", DONE))
    assert shop.news.untold == ()


def test_what_changed_meanwhile_is_told_next() -> None:
    """A phone that has answered to the old one gets the new one at once."""
    shop, effects = asked(market(), table())
    (first,) = (one for one in effects if isinstance(one, Request))
    shop, _ = asked(shop, CancelReservation())
    shop, again = shop.step(moment(FakeSenses()), Answered(first.ticket, "phone", DONE))

    assert [news.state for _, news in told(again)] == ["cancelled"]
    assert shop.step(moment(FakeSenses()), Answered(first.ticket, "phone", Answer("accepted")))[1] == ()
    assert shop.step(moment(FakeSenses()), Learned("phone")) == (shop, ())


def test_old_news_are_nobodys() -> None:
    """A day after its end a booking is told to nobody any more."""
    shop, _ = asked(market(), table())
    shop, _ = asked(shop, order())
    again, effects = market(shop.kept(), 2).step(moment(FakeSenses(), 3 * DAY_MS), Booted())

    assert told(effects) == []
    assert again.news.untold == ()
    assert News.restarted("market", [["phone", "x"]]).kept() == [["phone", "x"]]


# --- the file ----------------------------------------------------------------------------------------


def test_shops_need_a_courier() -> None:
    """Else nobody brings what was ordered."""
    with pytest.raises(ValidationError, match="name the phone of whoever brings it"):
        MarketplaceConfig.model_validate({"shops": {"x": {"goods": {"milk": 1}}}})


def test_names_and_prices_are_shown() -> None:
    """As people read them."""
    assert [title_of(name, one) for name, one in CONFIG.restaurants.items()] == ["jade", "Night Owl"]
    assert [shown_price(minor, "EUR") for minor in (5, 100, 123456)] == [
        "EUR 0.05",
        "EUR 1.00",
        "EUR 1234.56",
    ]


# --- money -------------------------------------------------------------------------------------------


def paying(kept: Mapping[str, Any] | None = None, boot: int = 1) -> Marketplace:
    """Return a marketplace of a household that has a service that pays."""
    peers = {**PEERS, "wallet": Peer("pay", "lin", shared=False, key=b"")}
    new = Marketplace.new("market", CONFIG, kept or {})
    return new.provisioned(Provision(b"seed", boot, START_MS, people=PEOPLE, peers=peers))


def demanded(effects: tuple[Effect, ...]) -> list[Request]:
    """Return what the service that pays is asked for."""
    return [one for one in effects if isinstance(one, Request) and one.target == "wallet"]


def answered(shop: Marketplace, effects: tuple[Effect, ...], said: Answer) -> Market:
    """Return what becomes of a marketplace whose one demand is answered."""
    (request,) = demanded(effects)
    return shop.step(moment(FakeSenses()), Answered(request.ticket, "wallet", said))


def test_delivery_is_paid_under_one_order() -> None:
    """However often it is asked for: after an answer that was lost, and after a restart; then never again."""
    shop, first = asked(paying(), order())
    (request,) = demanded(first)
    shop, pause = answered(shop, first, LATER)
    (timer,) = pause
    assert isinstance(timer, StartTimer)
    again, second = shop.step(moment(FakeSenses()), TimerFired(timer.name))
    _, third = paying(shop.kept(), 2).step(moment(FakeSenses()), Booted())
    paid, _ = answered(again, second, DONE)

    expected = {"merchant": "corner", "order": "market-parcel-1", "amount_minor": 2580, "currency": "CNY"}
    assert (request.action, request.by, request.arguments) == ("pay", "lin", expected)
    assert [one.arguments for one in demanded(second + third)] == [expected, expected]
    assert len({request.ticket, *(one.ticket for one in demanded(second))}) == 2
    assert paid.parcels["parcel-1"].payment == "paid"
    assert demanded(paid.step(moment(FakeSenses()), TimerFired(timer.name))[1]) == []
    assert answered(paid, second, DONE) == (paid, ())
    assert paid.step(moment(FakeSenses()), TimerFired("money parcel-9")) == (paid, ())
    assert paid.step(moment(FakeSenses()), Answered("x", "wallet", DONE)) == (paid, ())


def test_what_is_not_paid_is_paid_at_the_car() -> None:
    """Above a limit, or by whom the rules do not let; and nothing is asked for what costs nothing."""
    shop, effects = asked(paying(), order())
    shop, _ = answered(shop, effects, Answer("denied"))
    free = CONFIG.model_copy(
        update={"shops": {"corner": CONFIG.shops["corner"].model_copy(update={"goods": {"milk": 0}})}}
    )
    _, gift = asked(replace(paying(), config=free), order())

    assert shop.parcels["parcel-1"].payment == "delivery"
    assert demanded(gift) == []


@pytest.mark.parametrize(("said", "payment"), [(DONE, "returned"), (Answer("failed"), "kept")])
def test_what_was_paid_is_given_back(said: Answer, payment: str) -> None:
    """When the delivery is called off; that it could not be given back is said."""
    shop, effects = asked(paying(), order())
    shop, _ = answered(shop, effects, DONE)
    shop, back = asked(shop, UpdateDelivery(delivery="parcel-1", became="cancelled"))
    (request,) = demanded(back)
    shop, _ = answered(shop, back, said)

    assert (request.action, request.arguments) == (
        "refund",
        {"order": "market-parcel-1", "amount_minor": 2580},
    )
    assert shop.parcels["parcel-1"].payment == payment


def test_what_is_paid_too_late_is_given_back_at_once() -> None:
    """It was called off while the payment was under way."""
    shop, effects = asked(paying(), order())
    shop, again = asked(shop, UpdateDelivery(delivery="parcel-1", became="cancelled"))
    shop, back = answered(shop, again, DONE)

    assert [one.action for one in demanded(effects + again + back)] == ["pay", "pay", "refund"]
