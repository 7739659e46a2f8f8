"""Commands that a sensor must confirm: each is answered once, by the sensor or when it is too late."""

from hypothesis import given
from hypothesis import strategies as st

from sim.apps.feedback import OBEYS_WITHIN_MS, Unconfirmed
from sim.core.device import Answer, Settle, StartTimer
from tests.senses import settled


def test_what_is_sensed_answers_everybody_by_the_last_word() -> None:
    """Who asked for something else before is answered too."""
    waiting = Unconfirmed().asked("t1", "on").asked("t2", "off")

    assert waiting.sensed("on") == (waiting, ())
    rest, done = waiting.sensed("off")
    assert settled(done) == [("t1", "done"), ("t2", "done")]
    assert rest == Unconfirmed()


def test_a_blind_sensor_confirms_nothing() -> None:
    """It says None, which nobody asks for."""
    waiting = Unconfirmed().asked("t1", 40.0)

    assert waiting.sensed(None) == (waiting, ())
    assert Unconfirmed().sensed(None) == (Unconfirmed(), ())


def test_there_is_a_deadline_while_somebody_waits() -> None:
    """After it they are told why it did not work, and nobody waits any more."""
    waiting = Unconfirmed().asked("t1", "on")

    assert waiting.deadline() == (StartTimer("obey", OBEYS_WITHIN_MS),)
    assert waiting.given_up("it is stuck") == (
        Unconfirmed(),
        (Settle("t1", Answer("failed", "it is stuck")),),
    )
    assert Unconfirmed().deadline() == ()
    assert Unconfirmed().given_up("it is stuck") == (Unconfirmed(), ())


@given(st.lists(st.tuples(st.booleans(), st.sampled_from([0, 1, None]))))
def test_nobody_is_answered_twice(turns: list[tuple[bool, int | None]]) -> None:
    """In whatever order is asked and sensed."""
    waiting, answered, asked = Unconfirmed(), list[tuple[str, str]](), 0
    for asks, value in turns:
        if asks and value is not None:
            waiting, asked = waiting.asked(f"t{asked}", value), asked + 1
        else:
            waiting, effects = waiting.sensed(value)
            answered += settled(effects)
    answered += settled(waiting.given_up("too late")[1])

    assert [ticket for ticket, _ in answered] == [f"t{number}" for number in range(asked)]
