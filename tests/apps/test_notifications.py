"""Notifications: mirrored to where their owner looks, cut down while driving, put away everywhere."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.apps.notifications import (
    BODY_CHARACTERS_MAX,
    GONE_MAX,
    MIRRORED_MAX,
    NOTICES_MAX,
    Dismiss,
    DismissNotification,
    Notifications,
    NotificationScreen,
    Receives,
    ShowNotification,
    ShowOn,
)
from sim.apps.patience import FIRST_MS
from sim.core.beliefs import Belief
from sim.core.device import Asked, Commanded, Learned, Presence, TimerFired
from tests.apps.table import Message, Table
from tests.senses import START_MS

BODY = "The results are here"


def message(body: str = BODY, sender: str = "Dr. Chen") -> Receives:
    """Return what arrives on a phone."""
    return Receives(app="messages", sender=sender, body=body)


def drive(one: Table, *, moving: bool, name: str = "dash") -> None:
    """Let a screen hear whether its car moves."""
    place = one.places[name]
    place.sequence += 1
    belief = Belief({"moving": moving}, START_MS, (1, place.sequence), "unknown")
    place.beliefs = place.beliefs.heard("su7", "motion", belief).online("su7", online=True)
    one.step(name, Learned("su7"))
    one.talk()


def table(*, parked: bool = True, **options: Any) -> Table:
    """Return Lin's and Mei's phones in the car at whose wheel Lin sits, and Lin's tablet at home."""
    devices = {
        "phone": (Notifications, "lin", None, "lin"),
        "mei_phone": (Notifications, "mei", None, "mei"),
        "dash": (NotificationScreen, None, "su7", "lin"),
        "tablet": (NotificationScreen, "lin", None, None),
    }
    one = Table(devices, **options)
    if parked:
        drive(one, moving=False)
    return one


def screen(one: Table, name: str = "dash") -> tuple[int, str, str]:
    """Return how many notifications a screen shows, and how much of them before driver and others."""
    _, report = one.app(name).report()
    return report.notices, report.driver_reads, report.others_read


def bodies(one: Table, name: str = "dash") -> list[str | None]:
    """Return what is written on a screen."""
    return [shown.notice.body for shown in one.app(name).shown]


def facts(one: Table, command: Any, by: str | None = "lin", name: str = "dash") -> dict[str, Any]:
    """Return what a screen tells the rules of a command."""
    asked = Asked(command.action, command, "phone", by, Presence(), "t1")
    return dict(one.app(name).told(one.moment(name), asked))


def test_message_stands_before_the_driver_it_is_for_and_on_the_tablet() -> None:
    """All of it while the car is parked; the phone reports nothing but the count."""
    one = table()
    assert one.said(one.act("phone", message())) == "done"

    assert screen(one) == (1, "full", "nothing")
    assert screen(one, "tablet") == (1, "nothing", "full")
    assert bodies(one) == [BODY]
    assert one.fact("show_notification") == {"display": "tablet", "detail": "full", "guest_drives": False}
    _, report = one.app("phone").report()
    assert report.model_dump() == {"notifications": 1, "latest_notification": 1}
    assert "Chen" not in repr(one.app("dash"))
    assert BODY not in repr(one.app("phone"))


def test_passengers_message_stands_before_the_passenger() -> None:
    """Whoever does not drive reads beside the driver, in full, also on the road."""
    one = table()
    one.act("mei_phone", message())
    drive(one, moving=True)

    assert screen(one) == (1, "nothing", "full")


def test_driver_reads_who_wrote_as_soon_as_the_car_moves() -> None:
    """Cut down at once, and shown again when it stands."""
    one = table()
    one.act("phone", message())
    drive(one, moving=True)
    assert screen(one) == (1, "sender", "nothing")
    one.act("phone", message())
    assert screen(one) == (2, "sender", "nothing")
    assert one.facts[-2][1]["detail"] == "sender"
    drive(one, moving=False)
    assert screen(one) == (2, "full", "nothing")


def test_car_that_says_nothing_counts_as_moving() -> None:
    """What is not known is not assumed."""
    one = table(parked=False)
    one.act("phone", message())

    assert screen(one) == (1, "sender", "nothing")


def test_screen_tells_the_rules_what_it_would_show() -> None:
    """On which display, how much, and who drives; what is asked for counts as asked."""
    one = table()
    drive(one, moving=True)

    shown = {"display": "driver", "detail": "sender", "guest_drives": False}
    assert facts(one, ShowNotification(number=1)) == shown
    assert facts(one, ShowNotification(number=1, detail="full")) == {**shown, "detail": "full"}
    beside = {"display": "passenger", "detail": "full", "guest_drives": False}
    assert facts(one, ShowNotification(number=1, display="passenger")) == beside
    assert facts(one, ShowNotification(number=1), by="mei") == beside
    assert facts(one, ShowNotification(number=1), by=None) == beside
    assert facts(one, DismissNotification(phone="phone", number=1)) == {}
    for holder, guest in (("jun", True), ("tao", True), (None, None)):
        one.places["dash"].holder = holder
        assert facts(one, ShowNotification(number=1))["guest_drives"] is guest


def test_person_may_choose_screen_display_and_detail() -> None:
    """Of the newest, or another one; the sender only is all that is sent then."""
    one = table()
    one.act("phone", message("one"))
    one.act("phone", message("two"))
    choice = ShowOn(to="dash", display="passenger", detail="sender", number=1)
    assert one.said(one.act("phone", choice)) == "done"
    assert screen(one) == (2, "full", "sender")
    assert bodies(one) == [None, "two"]
    one.act("phone", ShowOn(to="dash", display="passenger"))
    assert screen(one) == (2, "nothing", "full")

    assert one.why(one.act("phone", ShowOn(to="dash", number=9))) == "there is no such notification"
    assert "sealed letters" in one.why(one.act("phone", ShowOn(to="heater")))


def test_put_away_on_one_it_is_put_away_on_all() -> None:
    """From phone, car and tablet; one or all."""
    one = table()
    for body in ("one", "two", "three"):
        one.act("phone", message(body))
    one.act("phone", Dismiss(number=1))
    assert bodies(one) == bodies(one, "tablet") == ["two", "three"]
    one.act("dash", Dismiss(number=2), "lin")
    assert bodies(one) == bodies(one, "tablet") == ["three"]
    assert [notice.body for notice in one.app("phone").notices] == ["three"]
    one.act("tablet", Dismiss(), "lin")
    assert bodies(one) == bodies(one, "tablet") == []
    assert one.app("phone").notices == ()

    for name in ("phone", "dash"):
        assert one.why(one.act(name, Dismiss(), "lin")) == "there is no such notification"
    ticket = one.act("phone", message())
    away = Commanded(DismissNotification(phone="mei_phone", number=1), ticket, "dash", "lin", one.now_ms + 1)
    one.step("phone", away)
    assert one.why(ticket) == "phone does not have the notifications of mei_phone"


def dismissed(one: Table, sender: str, by: str | None, number: int = 1) -> str:
    """Let a device ask the car's screen to put one of Lin's away; return what it says."""
    one.told["asked"] = []
    away = DismissNotification(phone="phone", number=number)
    one.step("dash", Commanded(away, "asked", sender, by, one.now_ms + 1))
    one.talk()
    return one.why("asked")


def test_nobody_hides_what_somebody_else_has_not_read() -> None:
    """Neither what stands on the screen nor what is still to come."""
    one = table()
    only = "what phone shows here is put away there, or by whoever sits before dash"
    assert dismissed(one, "mei_phone", "mei") == only
    assert dismissed(one, "mei_phone", None) == only
    assert one.app("dash").gone == ()
    one.act("phone", message())
    assert dismissed(one, "mei_phone", "mei") == only

    assert bodies(one) == [BODY]


@pytest.mark.parametrize(("sender", "by"), [("dash", None), ("dash", "lin"), ("tablet", "lin")])
def test_whoever_sits_before_the_screen_puts_away_what_is_on_it(sender: str, by: str | None) -> None:
    """With a finger or another device; a number that was never shown is not remembered."""
    one = table()
    assert dismissed(one, sender, by) == "there is no such notification"
    assert one.app("dash").gone == ()
    one.act("phone", message())
    assert dismissed(one, sender, by) == ""

    assert bodies(one) == []
    assert one.app("phone").notices == ()


def test_phone_is_told_in_the_name_of_whoever_put_it_away() -> None:
    """Also when that can only be done later, and somebody else sits there then."""
    one = table()
    one.act("phone", message())
    one.cut("phone", online=False)
    one.act("dash", Dismiss(), "mei")
    assert one.app("dash").untold == (("phone", ("phone", 1), "mei"),)
    one.restart("dash")

    assert one.app("dash").untold == (("phone", ("phone", 1), "mei"),)


@pytest.mark.parametrize("away", ["phone", "dash"])
def test_put_away_while_the_other_was_cut_off(away: str) -> None:
    """It is told when it is back, also after a restart in between."""
    one = table()
    one.act("phone", message())
    one.cut(away, online=False)
    here = "dash" if away == "phone" else "phone"
    one.act(here, Dismiss(), "lin")
    one.later(60_000)
    assert len(one.app("phone").notices) + len(one.app("dash").shown) == 1
    assert one.app(here).untold or here == "dash"
    one.cut(away, online=True)

    assert one.app("phone").notices == ()
    assert one.app("dash").shown == ()
    assert one.app(here).untold == ()


def test_restart_tells_what_was_untold() -> None:
    """The flash of neither holds a word of any message."""
    one = table()
    one.act("phone", message())
    one.cut("phone", online=False)
    one.act("dash", Dismiss(), "lin")
    one.restart("dash")
    assert BODY not in str(one.app("phone").kept())
    assert BODY not in str(one.app("dash").kept())
    one.cut("phone", online=True)

    assert one.app("phone").notices == ()


def test_late_message_does_not_bring_back_what_was_put_away() -> None:
    """Whichever of the two arrives first."""
    late: list[Message] = []

    def hold(sent: Message) -> bool:
        if sent.to == "dash" and sent.answer is None and not late:
            late.append(sent)
            return True
        return False

    one = table(lost=hold)
    one.act("phone", message())
    one.act("phone", Dismiss())
    one.later(5_000)

    assert late
    assert bodies(one) == []
    assert one.app("dash").gone == (("phone", 1),)


def test_message_that_expired_on_its_way_is_sent_again() -> None:
    """After a pause, though nobody says that the screen can be reached again."""
    lost = True
    one = table(lost=lambda sent: lost and sent.to == "dash")
    one.act("phone", message())
    one.later(29_000)
    lost = False
    one.later(2_000)
    assert bodies(one) == []
    one.later(FIRST_MS)

    assert bodies(one) == [BODY]


def test_guest_at_the_wheel_sees_nothing_and_nothing_is_left() -> None:
    """Lin's messages are there again when she is."""
    one = table()
    one.act("phone", message())
    one.sit("dash", "jun")
    assert screen(one) == (0, "nothing", "nothing")
    one.act("phone", message("for nobody"))
    assert screen(one) == (0, "nothing", "nothing")
    ticket = one.act("phone", ShowOn(to="dash"))
    assert one.why(ticket) == "dash shows no notifications now"
    one.sit("dash", "lin")
    assert bodies(one) == [BODY, "for nobody"]


def test_phone_that_is_elsewhere_or_in_other_hands_mirrors_nothing() -> None:
    """Only where its owner looks."""
    one = table()
    one.places["phone"].near = ()
    one.act("phone", message())
    assert screen(one) == (0, "nothing", "nothing")
    one.places["phone"].near = ("dash",)
    one.sit("phone", "jun")
    one.act("phone", message())
    assert screen(one) == (0, "nothing", "nothing")
    one.sit("phone", "lin")
    assert screen(one) == (2, "full", "nothing")


def test_restarted_screen_is_sent_everything_again() -> None:
    """It has kept nothing."""
    one = table()
    one.act("phone", message())
    one.restart("dash")
    drive(one, moving=False)

    assert bodies(one) == [BODY]


def test_restarted_phone_counts_on() -> None:
    """No later message takes the number of an earlier one."""
    one = table()
    one.act("phone", message())
    one.restart("phone")
    one.act("phone", message("new"))

    assert [notice.number for notice in one.app("phone").notices] == [2]


def test_everything_that_grows_is_limited() -> None:
    """Notifications, those that are mirrored, and what is remembered of those that are gone."""
    one = table()
    one.sit("dash", None)
    for number in range(NOTICES_MAX + 5):
        one.act("phone", message(f"{number}"))
    assert len(one.app("phone").notices) == NOTICES_MAX
    one.sit("dash", "lin")
    assert len(one.app("dash").shown) == MIRRORED_MAX
    for number in range(GONE_MAX + 5):
        away = DismissNotification(phone="phone", number=number + 1)
        one.step("dash", Commanded(away, f"t{number}", "phone", "lin", one.now_ms + 1))
    assert len(one.app("dash").gone) == GONE_MAX


def test_many_that_are_put_away_are_told_a_few_at_a_time() -> None:
    """A screen takes only so many commands of one sender at once, and all of them at last."""
    one = table()
    for number in range(2 * MIRRORED_MAX):
        one.act("phone", message(f"{number}"))
    one.cut("dash", online=False)
    one.act("phone", Dismiss())
    one.cut("dash", online=True)

    assert one.app("phone").untold == ()
    assert one.app("dash").shown == ()


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"app": "mail", "sender": 5},
        {"app": "mail", "sender": "x", "body": 5},
        {"app": "mail", "sender": "x" * 65},
        {"app": "mail", "sender": "x", "body": "x" * (BODY_CHARACTERS_MAX + 1)},
        {"app": "x" * 33, "sender": "x"},
    ],
)
def test_what_is_no_notification_is_not_shown(said: dict[str, Any]) -> None:
    """Whatever a letter says."""
    one = table()
    _, letter = one.app("phone").sealed("dash", "t1", said)
    one.told["t1"] = []
    show = ShowNotification(number=1, letter=letter)
    one.step("dash", Commanded(show, "t1", "phone", "lin", one.now_ms + 1))
    assert one.why("t1") == "what the letter says is no notification"

    one.told["t2"] = []
    one.step("dash", Commanded(ShowNotification(number=1), "t2", "phone", "lin", one.now_ms + 1))
    assert one.why("t2").startswith("the letter is not believed: ")
    assert screen(one) == (0, "nothing", "nothing")


def test_other_stimuli_leave_them_as_they_are() -> None:
    """Another app's timer."""
    one = table()
    before = one.app("phone"), one.app("dash")
    one.step("phone", TimerFired("look"))
    one.step("dash", TimerFired("look"))

    assert (one.app("phone"), one.app("dash")) == before


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["receive", "away phone", "away dash", "cut phone", "cut dash", "mend phone", "mend dash", "wait"]
        ),
        max_size=14,
    )
)
def test_all_agree_when_they_hear_of_each_other(events: list[str]) -> None:
    """The screen shows the newest that the phone has, and nothing that was put away anywhere."""
    one = table()
    for event in events:
        what, _, name = event.partition(" ")
        match what:
            case "receive":
                one.act("phone", message())
            case "away":
                one.act(name, Dismiss(), "lin")
            case "wait":
                one.later(20_000)
            case _:
                one.cut(name, online=what == "mend")
    for name in ("phone", "dash"):
        one.cut(name, online=True)
    one.later(120_000)

    numbers = [notice.number for notice in one.app("phone").notices]
    shown = [shown.notice.number for shown in one.app("dash").shown]
    assert set(numbers[-MIRRORED_MAX:]) <= set(shown) <= set(numbers)
    assert shown == sorted(shown)
