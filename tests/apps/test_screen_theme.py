"""The theme register: the newest choice wins on every screen, whatever the link does."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from sim.apps.screens.model import Accent, Mode, Theme
from sim.apps.screens.theme import AHEAD_MAX_MS, Choice, SetTheme, ThemeRegister
from sim.core.beliefs import Belief, Beliefs
from sim.core.device import Answer, Request
from tests.senses import NOTHING_HEARD, START_MS

DARK = SetTheme(mode="dark")
Message = tuple[str, str, SetTheme]
"""Ticket, who is asked, and what."""


def look(register: ThemeRegister, owner: str | None = None) -> dict[str, Any]:
    """Return what a screen says of its look."""
    return {
        "screen": "phone",
        "owner": owner,
        "chosen_ms": register.choice.at_ms,
        "chosen_on": register.choice.on,
    }


def seen(beliefs: Beliefs, register: ThemeRegister, owner: str | None = None, version: int = 1) -> Beliefs:
    """Return beliefs after a screen has said how it looks."""
    report = Belief(look(register, owner), START_MS, (1, version), "unknown")
    return beliefs.heard(register.device, "look", report).online(register.device, online=True)


DASH = ThemeRegister("dash")
PHONE = ThemeRegister("phone")
BOTH = seen(NOTHING_HEARD, PHONE)


def ask(register: ThemeRegister, beliefs: Beliefs = BOTH) -> tuple[ThemeRegister, list[Request]]:
    """Return the register after it asked, and its requests."""
    after, requests = register.asking(beliefs)
    return after, list(requests)


def test_a_choice_is_passed_on_to_every_screen_that_is_there() -> None:
    """Once to each, with when, where and by whom it was chosen."""
    chosen = DASH.chosen(START_MS, DARK, "lin")
    asked, (request,) = ask(chosen, BOTH.online("kettle", online=True))

    assert (request.target, request.action, request.by) == ("phone", "set_theme", "lin")
    assert request.arguments == {
        "mode": "dark",
        "accent": "orange",
        "chosen_ms": START_MS,
        "chosen_on": "dash",
    }
    assert ask(asked) == (asked, [])


def test_a_screen_that_has_followed_is_not_asked_again() -> None:
    """Neither when it says so, nor when its report shows it."""
    asked, (request,) = ask(DASH.chosen(START_MS, DARK, "lin"))
    settled = asked.answered(request.ticket, Answer("done"))

    assert ask(settled) == (settled, [])
    followed = replace(PHONE, choice=settled.choice)
    assert ask(replace(settled, settled=frozenset()), seen(NOTHING_HEARD, followed))[1] == []


def test_a_screen_that_did_not_answer_is_asked_again_under_another_name() -> None:
    """Only a final answer ends the question; one that expired leaves it open."""
    asked, (first,) = ask(DASH.chosen(START_MS, DARK, "lin"))
    assert asked.answered(first.ticket, Answer("accepted")) is asked
    assert asked.answered("another", Answer("done")) is asked

    _, (second,) = ask(asked.answered(first.ticket, Answer("expired")))

    assert second.ticket != first.ticket
    assert second.arguments == first.arguments


def test_who_refuses_is_not_asked_for_ever() -> None:
    """The rules will not change their mind."""
    asked, (request,) = ask(DASH.chosen(START_MS, DARK, "jun"))
    refused = asked.answered(request.ticket, Answer("denied"))

    assert ask(refused) == (refused, [])


@pytest.mark.parametrize(
    "beliefs",
    [
        BOTH.online("phone", online=False),
        BOTH.out_of_reach(),
        seen(NOTHING_HEARD, PHONE, owner="mei"),
        NOTHING_HEARD.online("phone", online=True),
    ],
    ids=["gone", "cut off", "somebody else's", "no screen"],
)
def test_only_screens_that_are_there_and_ones_own_are_asked(beliefs: Beliefs) -> None:
    """Whose screen it is, is said by the screen; it judges for itself all the same."""
    assert ask(DASH.chosen(START_MS, DARK, "lin"), beliefs)[1] == []


def test_a_theme_from_elsewhere_is_passed_on_by_its_author_only() -> None:
    """Else every screen would ask every other."""
    followed, answer = PHONE.passed_on(
        START_MS, SetTheme(mode="dark", chosen_ms=START_MS, chosen_on="dash"), "lin", "dash"
    )

    assert answer == Answer("done")
    assert followed.choice == Choice(Theme("dark"), START_MS, "dash", "lin")
    assert ask(followed, seen(NOTHING_HEARD, ThemeRegister("tablet")))[1] == []


def test_an_older_choice_is_refused_and_says_whose_is_newer() -> None:
    """Who wished it is told what holds."""
    newer = DASH.chosen(START_MS + 5, DARK, "mei")
    older = SetTheme(mode="light", chosen_ms=START_MS)

    kept, answer = newer.passed_on(START_MS + 9, older, "lin", "phone")
    assert kept is newer
    assert (answer.status, answer.reason) == ("failed", "a newer theme was chosen by mei on dash")
    nobodys = replace(newer, choice=replace(newer.choice, by=None))
    assert (
        nobodys.passed_on(START_MS + 9, older, "lin", "phone")[1].reason == "a newer theme was chosen on dash"
    )


def test_the_same_choice_twice_changes_nothing() -> None:
    """A repetition is done, and done once."""
    wish = SetTheme(mode="dark", chosen_ms=START_MS, chosen_on="dash")
    once, _ = PHONE.passed_on(START_MS, wish, "lin", "dash")

    assert once.passed_on(START_MS, wish, "lin", "dash") == (once, Answer("done"))


def test_a_clock_that_is_ahead_is_corrected_by_who_is_asked() -> None:
    """The choice counts, as of the time by the clocks that are right."""
    ahead_ms = START_MS + AHEAD_MAX_MS + 1
    fast, (request,) = ask(DASH.chosen(ahead_ms, DARK, "lin"))
    wish = SetTheme.model_validate(request.arguments)
    phone, refusal = PHONE.passed_on(START_MS, wish, "lin", "dash")

    assert phone is PHONE
    assert refusal.reason == "the clock of dash is ahead of that of phone"
    corrected = fast.answered(request.ticket, refusal)
    assert corrected.choice.at_ms == START_MS
    _, (again,) = ask(corrected)
    followed, answer = PHONE.passed_on(START_MS + 1, SetTheme.model_validate(again.arguments), "lin", "dash")
    assert answer.status == "done"
    assert followed.choice.theme == Theme("dark")


@pytest.mark.parametrize("clock_ms", ["now", True, -1, START_MS * 2, None])
def test_what_is_no_earlier_time_corrects_nothing(clock_ms: object) -> None:
    """Nobody can move a choice into the future, or to no time at all."""
    asked, (request,) = ask(DASH.chosen(START_MS, DARK, "lin"))

    after = asked.answered(request.ticket, Answer("failed", data={"clock_ms": clock_ms}))

    assert after.choice == asked.choice


def test_a_stamp_of_the_future_does_not_decide() -> None:
    """A screen whose clock was wrong follows the others once it is right, and chooses anew at once."""
    fast = DASH.chosen(START_MS + 3_600_000, DARK, "lin")
    wish = SetTheme(mode="light", chosen_ms=START_MS, chosen_on="phone")

    assert fast.passed_on(START_MS, wish, "mei", "phone")[0].choice.theme == Theme("light")
    assert fast.chosen(START_MS, wish, "mei").choice.at_ms == START_MS


def test_a_later_choice_here_is_later_whatever_the_clock_says() -> None:
    """Two choices within a millisecond are two."""
    first = DASH.chosen(START_MS, DARK, "lin")

    second = first.chosen(START_MS, SetTheme(accent="blue"), "mei")

    assert second.choice.stamp > first.choice.stamp
    assert second.choice.theme == Theme("dark", "blue")


@given(
    st.sampled_from(["light", "dark", "auto"]),
    st.sampled_from(["orange", "blue"]),
    st.integers(0, 2**53 - 1),
    st.sampled_from(["lin", None]),
)
def test_a_choice_survives_a_restart(mode: Mode, accent: Accent, at_ms: int, by: str | None) -> None:
    """What is kept is what was chosen."""
    choice = Choice(Theme(mode, accent), at_ms, "dash", by)

    assert Choice.restored(choice.kept()) == choice


class Household(RuleBasedStateMachine):
    """Three screens whose messages are lost, doubled and late, and which restart.

    Attributes:
        registers: name to register.
        post: what is under way.
    """

    def __init__(self) -> None:
        super().__init__()
        self.now_ms = START_MS
        self.registers = {name: ThemeRegister(name) for name in ("dash", "phone", "tablet")}
        self.post: list[Message] = []
        self.latest: Choice = Choice()

    def beliefs(self, reader: str) -> Beliefs:
        """Return what a screen has heard of the others: how they look now."""
        beliefs = NOTHING_HEARD
        for name, register in self.registers.items():
            if name != reader:
                beliefs = seen(beliefs, register)
        return beliefs

    def _ask(self, name: str) -> None:
        register, requests = self.registers[name].asking(self.beliefs(name))
        self.registers[name] = register
        for one in requests:
            self.post.append((one.ticket, one.target, SetTheme.model_validate(dict(one.arguments))))

    @rule(
        name=st.sampled_from(["dash", "phone", "tablet"]),
        mode=st.sampled_from(["light", "dark", "auto"]),
        later_ms=st.integers(0, 2),
    )
    def choose(self, name: str, mode: Mode, later_ms: int) -> None:
        """Somebody chooses on a screen."""
        self.now_ms += later_ms
        self.registers[name] = self.registers[name].chosen(self.now_ms, SetTheme(mode=mode), "lin")
        self.latest = max(self.latest, self.registers[name].choice, key=lambda choice: choice.stamp)
        self._ask(name)

    @precondition(lambda self: self.post)
    @rule(data=st.data(), again=st.booleans(), answered=st.booleans())
    def deliver(self, data: st.DataObject, again: bool, answered: bool) -> None:  # noqa: FBT001  # drawn
        """A message arrives, in any order, perhaps not for the last time, perhaps with its answer lost."""
        message = data.draw(st.sampled_from(self.post))
        if not again:
            self.post.remove(message)
        self._arrive(message, answered=answered)

    @precondition(lambda self: self.post)
    @rule(data=st.data())
    def lose(self, data: st.DataObject) -> None:
        """A message is lost, and its sender told so."""
        message = data.draw(st.sampled_from(self.post))
        self.post.remove(message)
        self._answer(message, Answer("expired"))

    @rule(name=st.sampled_from(["dash", "phone", "tablet"]))
    def restart(self, name: str) -> None:
        """A screen loses power: its choice is kept, what it asked is forgotten."""
        register = self.registers[name]
        kept = Choice.restored(register.choice.kept())
        self.registers[name] = ThemeRegister(name, kept, boot=register.boot + 1)

    def _arrive(self, message: Message, *, answered: bool) -> None:
        _, target, wish = message
        sender = wish.chosen_on or ""
        register, answer = self.registers[target].passed_on(self.now_ms, wish, "lin", sender)
        self.registers[target] = register
        if answered:
            self._answer(message, answer)

    def _answer(self, message: Message, answer: Answer) -> None:
        ticket, _, wish = message
        sender = wish.chosen_on or ""
        self.registers[sender] = self.registers[sender].answered(ticket, answer)

    def teardown(self) -> None:
        """Once the link is whole again, all screens show the newest choice."""
        for _ in range(6):
            for name in self.registers:
                register = self.registers[name]
                for other, ticket in list(register.asked.items()):
                    if not any(message[0] == ticket for message in self.post):
                        assert other != name
                        self.registers[name] = self.registers[name].answered(ticket, Answer("expired"))
                self._ask(name)
            post, self.post = self.post, []
            for message in post:
                self._arrive(message, answered=True)
        assert {register.choice for register in self.registers.values()} == {self.latest}


TestHousehold = Household.TestCase
TestHousehold.settings = settings(max_examples=150, stateful_step_count=25, deadline=None)
