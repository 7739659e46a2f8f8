"""Commands under way: repeated with patience, bounded in number, and ended by an answer only."""

from itertools import permutations

import pytest

from sim.core.device import Status
from sim.core.messages import Frame
from sim.world.network.faults import LinkFault
from sim.world.node.outbox import OUTBOX_MAX, TIMER, Outbox, Sent
from sim.world.stage_port import StagePort
from tests.stages import START_MS, Press, Theatre

FRAME = Frame("carhome/home/lamp/cmd/button/do", b"{}")


def deaf(theatre: Theatre) -> None:
    """Let nothing reach the lamp any more."""
    theatre.stage.break_link("lamp", LinkFault(loss_percent=100), None)


def sent(expires_in_ms: int = 30_000) -> Sent:
    """Return a command that is about to be sent."""
    return Sent(FRAME, "lamp", START_MS + expires_in_ms)


def outbox() -> Outbox:
    """Return the outbox of a button, on a real stage."""
    return Outbox(StagePort(Theatre().stage, "button"))


# --- on its own -----------------------------------------------------------------------------------


def test_outbox_knows_what_is_under_way_in_order() -> None:
    """What was sent is found until it is taken, and taking it twice finds nothing."""
    box, first, second = outbox(), sent(), sent()
    box.send("b", first)
    box.send("a", second)
    assert (box.tickets(), "a" in box, None in box) == (("b", "a"), True, False)

    assert box.take("b") is first

    assert (box.tickets(), box.find("b"), box.find("a")) == (("a",), None, second)
    assert box.take("b") is None


def test_outbox_that_is_full_has_room_again() -> None:
    """It says so before anything more is sent."""
    box = outbox()
    for number in range(OUTBOX_MAX):
        assert not box.full
        box.send(f"t-{number}", sent())
    assert box.full

    box.take("t-7")

    assert not box.full


FINAL: tuple[Status, ...] = ("done", "denied", "expired", "failed")
STEPS: tuple[Status, ...] = ("accepted", "waking", "forwarded")


@pytest.mark.parametrize("answers", list(permutations((*STEPS, "done"))))
def test_outbox_takes_only_answers_that_lead_on_for_news(answers: tuple[Status, ...]) -> None:
    """In whatever order a link brings them, an answer counts when it is further than any before it."""
    box = outbox()
    box.send("t", sent())
    order = (*STEPS, "done")

    for number, answer in enumerate(answers):
        further = all(order.index(answer) > order.index(before) for before in answers[:number])
        assert box.advance("t", answer) is further


@pytest.mark.parametrize("first", FINAL)
def test_outbox_takes_no_final_answer_after_another(first: Status) -> None:
    """What has ended has ended, and it had ended once."""
    box = outbox()
    box.send("t", sent())

    assert box.advance("t", first)
    assert [box.advance("t", other) for other in (*FINAL, *STEPS)] == [False] * 7


def test_outbox_gives_up_at_once_what_was_never_answered() -> None:
    """Its time is up in the very millisecond it names, and nothing is sent any more."""
    theatre = Theatre()
    box = Outbox(StagePort(theatre.stage, "button"))
    box.send("t", sent(expires_in_ms=0))

    answer = box.repeat("t")

    assert answer is not None
    assert (answer.status, answer.reason, answer.data) == ("expired", "lamp did not answer in time", {})


def test_outbox_waits_once_more_for_what_was_accepted() -> None:
    """A final answer may be on its way; after that, what was accepted may have been carried out."""
    theatre = Theatre()
    box = Outbox(StagePort(theatre.stage, "button"))
    box.send("t", sent(expires_in_ms=0))
    box.advance("t", "accepted")
    assert box.repeat("t") is None

    answer = box.repeat("t")

    assert answer is not None
    assert (answer.status, answer.data) == ("failed", {"may_have_succeeded": True})


def test_outbox_forgets_the_timer_of_what_it_gives_up() -> None:
    """Nothing is repeated after its end."""
    theatre = Theatre()
    box = Outbox(StagePort(theatre.stage, "button"))
    box.send("t", sent())
    timers = theatre.stage._timers
    assert ("button", TIMER + "t") in timers

    box.take("t")

    assert timers == {}


# --- on a stage -----------------------------------------------------------------------------------


def test_unanswered_command_is_repeated_at_growing_intervals_until_it_expires() -> None:
    """After 2, 6 and 14 seconds; at 30 it is given up."""
    theatre = Theatre()
    deaf(theatre)

    ticket = theatre.press()
    theatre.advance(29_999)
    assert theatre.status(ticket) == "sent"
    theatre.advance(1)

    assert [record["t"] for record in theatre.published("/cmd/")] == [0, 2_000, 6_000, 14_000]
    assert len({record["id"] for record in theatre.published("/cmd/")}) == 1
    assert (theatre.status(ticket), theatre.reason(ticket)) == ("expired", "lamp did not answer in time")
    assert theatre.heard() == ("expired",)


def test_command_that_is_accepted_but_never_confirmed_may_have_succeeded() -> None:
    """It is given two seconds beyond its life, and then honestly called unknown."""
    theatre = Theatre()

    ticket = theatre.press("never", expires_in_ms=5_000)
    theatre.advance(6_999)
    assert theatre.status(ticket) == "accepted"
    theatre.advance(1)

    assert theatre.status(ticket) == "failed"
    assert theatre.reason(ticket) == "lamp accepted it but never confirmed; it may have been carried out"


def test_command_that_lives_no_time_expires_at_once() -> None:
    """Both ends agree that nothing was done."""
    theatre = Theatre()

    ticket = theatre.press(expires_in_ms=0)
    theatre.advance(1)

    assert theatre.status(ticket) == "expired"
    assert theatre.lamp().did == ()


def test_outbox_is_bounded() -> None:
    """One command more than allowed fails at once, and there is room again later."""
    theatre = Theatre()
    deaf(theatre)
    tickets = [theatre.stage.use("button", Press(lamp="lamp"), None) for _ in range(OUTBOX_MAX + 1)]
    theatre.settle()

    assert theatre.status(tickets[-2]) == "sent"
    assert theatre.reason(tickets[-1]) == f"button has {OUTBOX_MAX} commands under way"
    theatre.advance(30_000)
    assert theatre.status(theatre.press()) == "sent"
