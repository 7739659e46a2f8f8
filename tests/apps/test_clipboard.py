"""The clipboard: sealed to the devices of one person, never a secret, cleared everywhere, gone by itself."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.apps.clipboard import (
    LEAD_MAX,
    LIFE_MS,
    TEXT_BYTES_MAX,
    VERSION_MAX,
    Clear,
    ClearClipboard,
    Clipboard,
    Copy,
    Paste,
    PasteHere,
)
from sim.apps.patience import FIRST_MS
from sim.core.beliefs import Belief
from sim.core.device import Acted, Asked, Commanded, Presence, TimerFired
from sim.core.messages import COMMAND_BYTES_MAX
from tests.apps.table import Message, Table

TEXT = Copy(text="88 Jianguo Road")
SECRET = Copy(text="correct horse", secret=True)


def table(**options: Any) -> Table:
    """Return Lin's phone and tablet and Mei's phone beside the screen of the car at whose wheel Lin sits."""
    devices = {
        "phone": (Clipboard, "lin", None, "lin"),
        "dash": (Clipboard, None, "su7", "lin"),
        "tablet": (Clipboard, "lin", None, None),
        "mei_phone": (Clipboard, "mei", None, "mei"),
    }
    return Table(devices, **options)


def texts(one: Table) -> dict[str, str | None]:
    """Return what can be pasted where."""
    return {name: one.app(name).text for name in ("phone", "dash", "tablet", "mei_phone")}


def reported(one: Table, name: str) -> dict[str, Any]:
    """Return what a device reports of its clipboard."""
    _, report = one.app(name).report()
    return dict(report.model_dump())


def told(one: Table, command: Any, sender: str = "phone", ticket: str = "t1") -> dict[str, Any]:
    """Return what the dashboard tells the rules of a command."""
    asked = Asked(command.action, command, sender, "lin", Presence(), ticket)
    return dict(one.app("dash").told(one.moment("dash"), asked))


def test_copied_text_is_on_every_device_of_its_person_and_on_no_other() -> None:
    """On the tablet and in the car, not on Mei's phone; what is reported is that it is there."""
    one = table()

    assert one.said(one.act("phone", TEXT)) == "done"
    assert texts(one) == {
        "phone": "88 Jianguo Road",
        "dash": "88 Jianguo Road",
        "tablet": "88 Jianguo Road",
        "mei_phone": None,
    }
    assert reported(one, "dash") == {
        "clipboard": "text",
        "clipboard_from": "phone",
        "clipboard_version": 1,
        "clipboard_length": "a line",
        "pasted": 0,
    }
    assert one.said(one.act("dash", PasteHere(), "lin")) == "done"
    assert reported(one, "dash")["pasted"] == 1
    assert one.fact("paste") == {"guest_drives": False, "secret": False, "encrypted": True}


def test_copied_in_the_car_it_is_on_the_phone_of_whoever_copied() -> None:
    """And the other way round, with the next number."""
    one = table()
    one.act("phone", TEXT)
    one.act("dash", Copy(text="table at seven"), "lin")

    assert one.app("phone").text == "table at seven"
    assert one.app("mei_phone").text is None
    assert one.app("phone").version == (2, "dash")
    one.act("phone", Copy(text="two\nlines"))
    assert one.app("dash").text == "two\nlines"
    assert reported(one, "dash")["clipboard_length"] == "more"


def test_secret_stays_and_ends_what_was_copied_before() -> None:
    """It can be pasted where it was copied; others have nothing any more."""
    one = table()
    one.act("phone", TEXT)
    one.act("phone", SECRET)

    assert texts(one) == {"phone": "correct horse", "dash": None, "tablet": None, "mei_phone": None}
    assert reported(one, "phone")["clipboard"] == "secret"
    assert one.said(one.act("phone", PasteHere(), "lin")) == "done"
    assert one.fact("paste") == {"secret": False, "encrypted": True}
    assert one.why(one.act("dash", PasteHere(), "lin")) == "there is nothing to paste"
    assert not any(message.ticket == "paste" for message in one.seen)


def test_device_tells_the_rules_what_it_can_verify() -> None:
    """A letter that opens says whether it is a secret; one that does not, or none, says nothing."""
    one = table()
    for secret in (True, False, "no", None):
        said = {"text": "x", "secret": secret, "for_ms": 1_000}
        _, letter = one.app("phone").sealed("dash", "t1", said)
        expected = secret if isinstance(secret, bool) else None
        facts = told(one, Paste(version=1, letter=letter))
        assert facts == {"guest_drives": False, "secret": expected, "encrypted": True}
    _, letter = one.app("phone").sealed("dash", "t1", {"text": "x", "secret": False, "for_ms": 1})
    assert told(one, Paste(version=1, letter=letter), ticket="t2")["encrypted"] is False
    assert told(one, Paste(version=1, letter=letter), sender="tablet")["encrypted"] is False
    assert told(one, Paste(version=1)) == {"guest_drives": False, "secret": None, "encrypted": None}
    assert told(one, ClearClipboard(version=1)) == {"guest_drives": False}
    one.places["dash"].holder = None
    assert told(one, Paste(version=1))["guest_drives"] is None
    one.places["dash"].holder = "jun"
    assert told(one, Paste(version=1))["guest_drives"] is True


def test_secret_that_came_from_elsewhere_is_none_to_be_pasted() -> None:
    """Should one ever have come, the rules hear that it is one."""
    one = table()
    one.act("phone", SECRET)
    app = one.app("phone")
    asked = Asked("paste", Paste(), "phone", "lin", Presence(), "t1")

    moved = type(app)(**{**vars(app), "version": (2, "dash")})
    assert moved.told(one.moment("phone"), asked)["secret"] is True


def test_cleared_on_one_side_it_is_cleared_on_the_others() -> None:
    """From either side."""
    one = table()
    one.act("phone", TEXT)
    one.act("dash", Clear(), "lin")
    assert set(texts(one).values()) == {None}

    one.act("dash", TEXT, "lin")
    one.act("phone", Clear())
    assert set(texts(one).values()) == {None}


def test_cleared_while_the_other_was_away_it_is_cleared_when_it_is_back() -> None:
    """Both ways; and nothing that was cleared comes back."""
    one = table()
    one.act("phone", TEXT)
    one.cut("dash", online=False)
    one.act("phone", Clear())
    assert one.app("dash").text is not None
    one.cut("dash", online=True)
    assert one.app("dash").text is None

    one.act("phone", TEXT)
    one.cut("phone", online=False)
    one.act("dash", Clear(), "lin")
    assert one.app("phone").text is not None
    one.cut("phone", online=True)
    assert set(texts(one).values()) == {None}


def test_it_is_gone_after_two_minutes_on_each_device_by_itself() -> None:
    """Also where it arrived later, and where nobody says so."""
    one = table()
    one.cut("dash", online=False)
    one.act("phone", TEXT)
    one.later(100_000)
    one.cut("dash", online=True)
    assert one.app("dash").text is not None
    one.cut("phone", online=False)
    one.later(LIFE_MS - 100_000 - 1)
    assert one.app("dash").text is not None
    one.later(1)
    assert set(texts(one).values()) == {None}


def test_guest_finds_nothing_and_gets_nothing() -> None:
    """What was there is gone when Lin gets up; it is back when she is, as long as it lives."""
    one = table()
    one.act("phone", TEXT)
    one.sit("dash", "jun")
    assert one.app("dash").text is None
    one.act("phone", Copy(text="the code of the house"))
    assert one.app("dash").text is None
    one.sit("dash", None)
    assert one.app("dash").text is None
    one.sit("dash", "lin")
    assert one.app("dash").text == "the code of the house"
    one.sit("dash", None)
    one.sit("dash", "mei")
    assert one.app("dash").text == "the code of the house"


def test_car_that_is_elsewhere_gets_nothing() -> None:
    """Not before the phone lies in it."""
    one = table()
    one.places["phone"].near = ()
    one.act("phone", TEXT)

    assert texts(one) == {"phone": TEXT.text, "dash": None, "tablet": TEXT.text, "mei_phone": None}


def test_phone_in_a_strangers_hand_is_sent_nothing() -> None:
    """Its screen is in the wrong hands."""
    one = table()
    one.sit("tablet", "jun")
    one.act("phone", TEXT)

    assert one.app("tablet").text is None


def test_newest_copy_of_anybody_is_the_cars() -> None:
    """And clearing one's own leaves what somebody else has copied since."""
    one = table()
    one.act("phone", TEXT)
    one.act("mei_phone", Copy(text="milk, bread"))
    assert one.app("dash").text == "milk, bread"
    one.places["phone"].near = ()
    one.act("phone", Clear())
    assert one.app("dash").text == "milk, bread"
    assert one.app("tablet").text is None


def test_refused_text_is_not_sent_again_and_again() -> None:
    """Not before somebody else sits down."""
    one = table()
    one.forbidden = {"paste"}
    one.act("phone", TEXT)
    before = len(one.seen)
    one.step("phone", TimerFired("something else"))
    one.cut("mei_phone", online=False)
    one.cut("mei_phone", online=True)
    one.talk()
    assert len(one.seen) == before
    one.forbidden = set()
    one.sit("dash", None)
    one.sit("dash", "lin")
    assert one.app("dash").text == TEXT.text


def test_text_that_expired_on_its_way_is_sent_again() -> None:
    """After a pause, though nobody says that the screen can be reached again."""
    lost = True

    def lose(message: Message) -> bool:
        return lost and message.to == "dash"

    one = table(lost=lose)
    one.act("phone", TEXT)
    one.later(29_000)
    lost = False
    one.later(2_000)
    assert one.app("dash").text is None
    one.later(FIRST_MS)

    assert one.app("dash").text == TEXT.text


def test_text_is_limited_in_bytes_and_fits_a_command() -> None:
    """Characters of every script count as what they are."""
    one = table()

    assert "1500 bytes" in one.why(one.act("phone", Copy(text="路" * 501)))
    assert one.app("phone").text is None
    one.act("phone", Copy(text="路" * (TEXT_BYTES_MAX // 3)))
    assert one.app("dash").text == "路" * 500
    letter = next(one for one in one.asked.values()) if one.asked else None
    assert letter is None
    _, sealed = one.app("phone").sealed("dash", "t", {"text": "路" * 500, "secret": False, "for_ms": LIFE_MS})
    assert (len(str(sealed)) + 400) * 4 / 3 + 600 < COMMAND_BYTES_MAX


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"text": 5, "for_ms": 1},
        {"text": "", "for_ms": 1},
        {"text": "x" * (TEXT_BYTES_MAX + 1), "for_ms": 1},
        {"text": "x", "for_ms": "long"},
    ],
)
def test_what_is_no_copied_text_is_not_taken(said: dict[str, Any]) -> None:
    """Whatever a letter says."""
    one = table()
    _, letter = one.app("phone").sealed("dash", "t1", said)
    one.told["t1"] = []
    one.step("dash", Commanded(Paste(version=7, letter=letter), "t1", "phone", "lin", one.now_ms + 1))

    assert one.why("t1") == "what the letter says is no copied text"
    assert one.app("dash").text is None


def test_letter_that_does_not_open_is_not_taken() -> None:
    """Nor one whose text is no JSON; a copy of one that was opened does not open again."""
    one = table()
    letters, letter = one.app("phone").letters.seal("dash", "t1", b"no json")
    for command in (Paste(version=7, letter={"v": 1}), Paste(version=7, letter=letter)):
        one.told["t1"] = []
        one.step("dash", Commanded(command, "t1", "phone", "lin", one.now_ms + 1))
        assert one.why("t1").startswith("the letter is not believed: ")
    assert letters.nonces is not None


def test_older_news_change_nothing() -> None:
    """A text or a clearing that was overtaken is answered, and forgotten."""
    one = table()
    one.act("phone", TEXT)
    one.act("phone", Copy(text="the second"))
    _, letter = one.app("phone").sealed("dash", "t1", {"text": "old", "secret": False, "for_ms": 1})
    for command in (Paste(version=1, letter=letter), ClearClipboard(version=1)):
        one.told["t1"] = []
        one.step("dash", Commanded(command, "t1", "phone", "lin", one.now_ms + 1))
        assert one.why("t1") == "something newer is here"
    assert one.app("dash").text == "the second"


def test_restart_forgets_the_text_and_not_the_count() -> None:
    """The flash holds no word of what was copied; the car is sent it again, the phone has lost it."""
    one = table()
    one.act("phone", TEXT)
    assert TEXT.text not in str(one.app("phone").kept())
    one.restart("dash")
    assert one.app("dash").text == TEXT.text
    one.restart("phone")
    assert one.app("phone").text is None
    assert one.app("phone").version == (1, "phone")


@pytest.mark.parametrize("above", [LEAD_MAX + 1, VERSION_MAX])
def test_nobody_can_end_the_counting(above: int) -> None:
    """A number far above what is known is refused, whatever it comes with."""
    one = table()
    one.act("phone", TEXT)
    known = one.app("dash").version[0]
    _, letter = one.app("mei_phone").sealed("dash", "t1", {"text": "x", "secret": False, "for_ms": 1})
    number = min(known + above, VERSION_MAX)
    for command in (ClearClipboard(version=number), Paste(version=number, letter=letter)):
        one.told["t1"] = []
        one.step("dash", Commanded(command, "t1", "mei_phone", "mei", one.now_ms + 1))
        assert one.why("t1") == f"nobody has copied {number:,} times"
    assert one.app("dash").text == TEXT.text


def test_after_the_farthest_step_the_next_copy_is_the_newest() -> None:
    """However often somebody takes the count as far as it goes."""
    one = table()
    for number in range(5):
        farthest = ClearClipboard(version=one.app("dash").version[0] + LEAD_MAX)
        one.step("dash", Commanded(farthest, f"t{number}", "mei_phone", "mei", one.now_ms + 1))
        assert one.app("dash").version == (farthest.version, "mei_phone")
    one.act("phone", TEXT)

    assert one.app("phone").version == (5 * LEAD_MAX + 1, "phone")
    assert one.app("dash").text == one.app("tablet").text == TEXT.text


def test_report_of_another_device_takes_the_count_no_further_than_a_step() -> None:
    """And that of somebody else's device nowhere."""
    one = table()
    for liar, counted in (("mei_phone", 0), ("tablet", LEAD_MAX)):
        beliefs = one.places["phone"].beliefs
        report = {**reported(one, liar), "clipboard_version": VERSION_MAX, "clipboard_from": liar}
        belief = Belief(report, one.now_ms, (9, 9), "unknown")
        one.places["phone"].beliefs = beliefs.heard(liar, "clipboard_report", belief)
        before = one.app("phone").version[0]
        one.step("phone", Acted(TEXT, "t1", "lin"))
        assert one.app("phone").version[0] == before + counted + 1
    one.talk()
    assert one.app("dash").text == TEXT.text


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["copy", "secret", "clear", "cut", "mend", "wait", "restart"]),
            st.sampled_from(["phone", "dash", "tablet"]),
        ),
        max_size=14,
    )
)
def test_all_that_are_there_agree_at_last_and_no_secret_travels(events: list[tuple[str, str]]) -> None:
    """However they were cut off and restarted in between: a text that is still to be pasted is everywhere."""
    one = table()
    for number, (event, name) in enumerate(events):
        _happens(one, event, name, number)
        for other in ("phone", "dash", "tablet"):
            app = one.app(other)
            assert not (app.text or "").startswith("secret") or app.version[1] == other
    for name in ("phone", "dash", "tablet"):
        one.cut(name, online=True)
    one.later(61_000)

    versions = {name: one.app(name).version for name in ("phone", "dash", "tablet")}
    newest = max(versions.values())
    for name, version in versions.items():
        # What was copied apart from the others, and never came to them, is nobody else's to clear.
        if one.app(name).text is not None and version[1] == newest[1]:
            assert version == newest, versions
    writer = one.app(newest[1]) if newest[1] else one.app("phone")
    if writer.text is not None and not writer.secret:
        assert set(versions.values()) == {newest}
    assert one.app("mei_phone").text is None


def _happens(one: Table, event: str, name: str, number: int) -> None:
    """Let something happen to a device."""
    match event:
        case "copy" | "secret":
            one.act(name, Copy(text=f"{event} {number}", secret=event == "secret"), "lin")
        case "clear":
            one.act(name, Clear(), "lin")
        case "wait":
            one.later(50_000)
        case "restart":
            one.restart(name)
        case _:
            one.cut(name, online=event == "mend")
