"""Files: fetched chunk after chunk, checked as a whole, resumed, limited, and kept under a harmless name."""

import hashlib
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.apps.files import (
    CHUNK_BYTES,
    FILES_MAX,
    GIVE_UP_MS,
    NAME_BYTES_MAX,
    PACE_MS,
    PAUSE_MS,
    SIZE_BYTES_MAX,
    CloseFile,
    FetchChunk,
    Files,
    OfferFile,
    Outgoing,
    ShareFile,
    chunks_of,
    safe_name,
)
from sim.core.device import Answer, Answered, Asked, Commanded, Presence, TimerFired
from sim.core.messages import MESSAGE_BYTES_MAX, dump_json
from sim.world.node.rates import COMMAND_BURST, COMMANDS_PER_SECOND
from tests.apps.table import Message, Table

SEVEN = 200_000
"""A size of seven chunks, the last of which is not full."""


def table(**options: Any) -> Table:
    """Return Lin's phone in her car."""
    devices = {"phone": (Files, "lin", None, "lin"), "dash": (Files, None, "su7", "lin")}
    return Table(devices, **options)


def share(size_bytes: int = SEVEN, name: str = "garden.jpg", to: str = "dash") -> ShareFile:
    """Return what a person taps."""
    return ShareFile(to=to, name=name, size_bytes=size_bytes)


def report(one: Table, name: str) -> dict[str, Any]:
    """Return what a device reports of its files."""
    return dict(one.app(name).report()[1].model_dump())


def take(one: Table, command: Any, name: str = "dash", sender: str = "phone", ticket: str = "t1") -> str:
    """Let a device be asked something out of the ordinary; return how it answers."""
    one.told[ticket] = []
    one.step(name, Commanded(command, ticket, sender, "lin", one.now_ms + 1_000))
    return f"{one.said(ticket)}: {one.why(ticket)}"


def test_file_arrives_as_it_was_and_both_know() -> None:
    """Every byte; the act is done when the receiver has checked the whole."""
    one = table()
    ticket = one.act("phone", share())
    assert one.said(ticket) == "nothing"
    assert report(one, "dash")["files_coming"] == 1
    one.later(5_000)

    assert one.said(ticket) == "done"
    (file,) = one.app("dash").received
    assert (file.sender, file.name, len(file.content)) == ("phone", "garden.jpg", SEVEN)
    phone = one.app("phone")
    assert hashlib.sha256(file.content).digest() == phone._sha256("garden.jpg", 1, SEVEN)
    assert report(one, "phone") == {**report(one, "phone"), "files_sent": 1, "files_going": 0}
    assert report(one, "dash") == {
        "files_sent": 0,
        "files_received": 1,
        "files_given_up": 0,
        "files_going": 0,
        "files_coming": 0,
        "received_bytes": 0,
        "outstanding_bytes": 0,
    }
    assert one.app("dash").incoming == {}
    assert "garden" not in repr(one.app("phone")) + repr(one.app("dash"))


@pytest.mark.parametrize("size_bytes", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1])
def test_every_size_arrives(size_bytes: int) -> None:
    """Also none at all, and exactly a chunk."""
    one = table()
    ticket = one.act("phone", share(size_bytes))
    one.later(5_000)

    assert one.said(ticket) == "done"
    assert len(one.app("dash").received[0].content) == size_bytes


def test_content_repeats_with_the_seed_and_differs_by_file() -> None:
    """Two files of one name are two files."""
    contents = []
    for _ in range(2):
        one = table()
        for _ in range(2):
            one.act("phone", share(100))
            one.later(3_000)
        contents.append([file.content for file in one.app("dash").received])

    assert contents[0] == contents[1]
    assert contents[0][0] != contents[0][1]


def test_receiver_asks_more_slowly_than_it_would_be_refused() -> None:
    """In no second more than a device takes of one sender, nor more at once than its burst."""
    one = table()
    one.act("phone", share(40 * CHUNK_BYTES))
    times = []
    while one.app("dash").incoming:
        before = len(one.seen)
        one.later(PACE_MS)
        times.append(sum(1 for sent in one.seen[before:] if sent.to == "phone" and sent.answer is None))
    assert max(times) * 1_000 // PACE_MS <= COMMANDS_PER_SECOND < COMMAND_BURST
    assert one.app("dash").received_count == 1


def test_answer_with_a_chunk_fits_a_message() -> None:
    """Spelt in base64 in its letter, and again in the envelope of the answer."""
    one = table()
    one.act("phone", share())
    key = next(iter(one.app("phone").outgoing))
    one.told["t1"] = []
    one.step("phone", Commanded(FetchChunk(file=key, chunk=0), "t1", "dash", "lin", one.now_ms + 1))

    letter = one.told["t1"][-1].data["letter"]
    assert len(dump_json(letter)) * 4 // 3 + 2_000 < MESSAGE_BYTES_MAX


def test_too_large_a_file_is_offered_and_never_read() -> None:
    """The rules are told its size before anything of it is sent; without rules the device refuses it."""
    one = table()
    one.forbidden = {"offer_file"}
    ticket = one.act("phone", share(SIZE_BYTES_MAX + 1))
    assert one.said(ticket) == "denied"
    assert one.fact("offer_file") == {"size_bytes": SIZE_BYTES_MAX + 1}
    assert report(one, "phone")["files_given_up"] == 1
    assert one.app("phone").outgoing == {}

    one.forbidden = set()
    assert "none so large" in one.why(one.act("phone", share(SIZE_BYTES_MAX + 1)))
    assert report(one, "dash")["files_coming"] == 0


def test_screen_serves_whoever_of_the_household_sits_there() -> None:
    """As every app, this one says whether it takes what is private."""
    one = table()
    one.sit("dash", "jun")
    assert not one.app("dash").company().takes_private
    one.sit("dash", "mei")
    assert one.app("dash").company().takes_private


def test_rules_are_told_sizes_that_the_device_knows() -> None:
    """Of a chunk, that of its file; of what is no file, that there is nothing to send."""
    one = table()
    one.act("phone", share())
    key = next(iter(one.app("phone").outgoing))
    for command, size in (
        (FetchChunk(file=key, chunk=0), SEVEN),
        (CloseFile(file=key, complete=True), SEVEN),
        (FetchChunk(file="other", chunk=0), 0),
        (OfferFile(size_bytes=7), 7),
    ):
        asked = Asked(command.action, command, "dash", "lin", Presence(), "t1")
        assert one.app("phone").told(one.moment("phone"), asked) == {"size_bytes": size}
    assert one.app("phone").told(one.moment("phone"), replace(asked, command=None)) == {}


@pytest.mark.parametrize(("driver", "guest"), [("jun", True), ("tao", True), ("mei", False), (None, None)])
def test_car_tells_the_rules_whether_a_guest_drives_who_would_have_the_file(
    driver: str | None,
    guest: bool | None,  # noqa: FBT001  # a parameter of the test
) -> None:
    """See nothing-private-while-a-guest-drives; a child is no better."""
    one = table()
    one.sit("dash", driver)
    one.act("phone", share())
    assert one.fact("offer_file") == {"guest_drives": guest, "size_bytes": SEVEN}


def test_own_rules_refuse_a_file_whoever_is_there() -> None:
    """By file-within-the-limit, before anything leaves the phone; a file that nobody has chosen is none."""
    one = table()
    one.cut("dash", online=False)
    one.forbidden = {"offer_file"}
    before = len(one.seen)
    ticket = one.act("phone", share(SIZE_BYTES_MAX + 1))
    assert one.said(ticket) == "denied"
    assert len(one.seen) == before
    assert one.app("phone").wanted == {}
    assert (
        take(one, OfferFile(size_bytes=1), "phone", "phone") == "failed: phone offers files to other devices"
    )


def test_files_at_once_are_limited() -> None:
    """Here and there."""
    one = table(lost=lambda sent: sent.to == "phone")
    for _ in range(FILES_MAX):
        one.act("phone", share())
    assert "under way already" in one.why(one.act("phone", share()))
    assert "4 files at once" in take(one, OfferFile(size_bytes=1))


def test_device_that_takes_no_letters_is_sent_no_file() -> None:
    """The person is told at once."""
    one = table()
    assert "sealed letters" in one.why(one.act("phone", share(to="heater")))
    assert one.app("phone").outgoing == {}


@pytest.mark.parametrize("cut", ["phone", "dash"])
def test_cut_off_file_goes_on_where_it_stopped(cut: str) -> None:
    """Only what is missing is fetched."""
    one = table()
    ticket = one.act("phone", share(20 * CHUNK_BYTES))
    one.later(1_000)
    there = set(one.app("dash").incoming[next(iter(one.app("dash").incoming))].chunks)
    assert 0 < len(there) < 20
    one.cut(cut, online=False)
    one.later(120_000)
    one.cut(cut, online=True)
    before = len([facts for name, facts in one.facts if name == "fetch_chunk"])
    one.later(30_000)

    assert one.said(ticket) == "done"
    after = len([facts for name, facts in one.facts if name == "fetch_chunk"])
    assert after - before <= 20 - len(there)


@pytest.mark.parametrize("restarted", ["phone", "dash"])
def test_restarted_device_goes_on_where_it_stopped(restarted: str) -> None:
    """Its flash has what had come, and what it had offered."""
    one = table()
    one.act("phone", share(20 * CHUNK_BYTES))
    one.later(1_000)
    there = len(one.app("dash").incoming[next(iter(one.app("dash").incoming))].chunks)
    one.restart(restarted)
    one.later(60_000)

    assert one.app("dash").received_count == 1
    assert report(one, "phone")["files_sent"] == 1
    assert len([facts for name, facts in one.facts if name == "fetch_chunk"]) <= 20 + 4
    assert there >= 4


def test_silent_sender_is_asked_again_after_a_pause() -> None:
    """Without anybody saying that it is back."""
    lost = False
    one = table(lost=lambda sent: lost and sent.to == "phone")
    ticket = one.act("phone", share(20 * CHUNK_BYTES))
    one.later(500)
    lost = True
    one.later(20_000)
    lost = False
    one.later(PAUSE_MS + 20_000)

    assert one.said(ticket) == "done"


def spoilt(one: Table, spoil: Callable[[Answer], Answer], times: int) -> None:
    """Let the first answers with chunks come to the car as something else."""
    send, left = one._send, times

    def other(message: Message) -> None:
        nonlocal left
        answer = message.answer
        if left and message.to == "dash" and answer is not None and "letter" in answer.data:
            left -= 1
            message = replace(message, answer=spoil(answer))
        send(message)

    one._send = other  # type: ignore[method-assign]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda answer: replace(answer, data={}),
        lambda answer: replace(answer, data={"letter": {**answer.data["letter"], "count": 999}}),
        lambda answer: replace(answer, data={"letter": {**answer.data["letter"], "sealed": "AAAA"}}),
    ],
)
def test_spoilt_chunk_is_asked_for_again(spoil: Callable[[Answer], Answer]) -> None:
    """What does not open is as if it had not come."""
    one = table()
    spoilt(one, spoil, 3)
    ticket = one.act("phone", share())
    one.later(10_000)

    assert one.said(ticket) == "done"
    assert len([facts for name, facts in one.facts if name == "fetch_chunk"]) == chunks_of(SEVEN) + 3


@pytest.mark.parametrize("damage", [b"", b"short", b"x" * (32 + CHUNK_BYTES)])
def test_chunk_that_is_not_what_its_digest_says_is_asked_for_again(damage: bytes) -> None:
    """The letter is right, and what the sender had put into it is not."""
    one = table()
    one.act("phone", share())
    dash = one.app("dash")
    ticket, (key, chunk) = next(iter(dash.fetching.items())) if dash.fetching else ("", ("", 0))
    if not ticket:
        one.later(PACE_MS - 1)
        effects = one.app("dash")._fetch(one.moment("dash"))[1]
        ticket, chunk = effects[0].ticket, effects[0].arguments["chunk"]
        key = effects[0].arguments["file"]
    letters, letter = one.app("phone").letters.seal("dash", ticket, damage)
    told = Answer("done", data={"letter": letter})
    before = one.app("dash")
    app, _ = replace(before, fetching={ticket: (key, chunk)}).step(
        one.moment("dash"), Answered(ticket, "phone", told)
    )
    assert app.incoming[key].chunks == before.incoming[key].chunks
    assert letters.nonces is not None


def test_file_whose_whole_is_not_what_was_offered_is_fetched_anew_and_given_up() -> None:
    """Three times; then the person is told."""
    one = table()
    ticket = one.act("phone", share(1_000))
    one = table()
    _, letter = one.app("phone").sealed("dash", "t1", {"name": "x", "sha256": "00" * 32})
    phone = one.app("phone")
    file = Outgoing("dash", "x", 1_000, 1, one.now_ms, "act")
    one.places["phone"].app = replace(phone, outgoing={"t1": file})
    one.told["act"] = []
    take(one, OfferFile(size_bytes=1_000, letter=letter))
    one.talk()
    one.later(20_000)

    assert ticket
    assert one.app("dash").received == ()
    assert report(one, "dash")["files_given_up"] == 1
    assert one.why("act") == "dash could not fetch the whole file"
    assert one.app("dash").incoming == {}


def test_sender_that_forgot_the_file_ends_it() -> None:
    """And so does one that must not give it any more."""
    one = table()
    one.act("phone", share(20 * CHUNK_BYTES))
    one.forbidden = {"fetch_chunk"}
    one.later(5_000)

    assert one.app("dash").incoming == {}
    assert report(one, "dash")["files_received"] == 0


def test_file_that_makes_no_progress_is_given_up_on_both_sides() -> None:
    """After an hour; what was promised to nobody's use is forgotten."""
    lost = False
    one = table(lost=lambda _: lost)
    ticket = one.act("phone", share(20 * CHUNK_BYTES))
    one.later(500)
    lost = True
    one.later(GIVE_UP_MS + 2 * PAUSE_MS)

    assert one.said(ticket) == "failed"
    assert "did not fetch" in one.why(ticket)
    assert one.app("phone").outgoing == {}
    assert report(one, "dash")["files_given_up"] == 1
    one.later(GIVE_UP_MS + 2 * PAUSE_MS)
    assert one.app("dash").incoming == {}
    assert not [key for key in one.timers if key[1] in {"files", "offers"}]


def test_offer_that_nobody_answers_is_over() -> None:
    """The person is told when it has expired; what may have arrived is waited for."""
    one = table(lost=lambda sent: sent.to == "dash")
    ticket = one.act("phone", share())
    one.later(60_000)
    assert one.said(ticket) == "expired"

    one = table(lost=lambda _: True)
    ticket = one.act("phone", share())
    key = next(iter(one.app("phone").outgoing))
    one._finish(key, Answer("failed", "who knows", data={"may_have_succeeded": True}))
    assert one.said(ticket) == "nothing"
    assert key in one.app("phone").outgoing


def test_restart_goes_on_waiting_for_what_it_has_offered() -> None:
    """The hour begins again; without an offer nothing is waited for."""
    one = table(lost=lambda sent: sent.to == "phone")
    one.act("phone", share())
    one.restart("phone")
    assert ("phone", "offers") in one.timers
    one.later(GIVE_UP_MS // 2)
    assert report(one, "phone")["files_going"] == 1
    one.later(GIVE_UP_MS)
    assert report(one, "phone")["files_going"] == 0


def test_nobody_fetches_what_was_offered_to_another() -> None:
    """Nor a chunk that is not in the file, nor closes it."""
    one = table(lost=lambda sent: sent.to == "phone")
    one.act("phone", share())
    key = next(iter(one.app("phone").outgoing))

    assert "no such file" in take(one, FetchChunk(file=key, chunk=0), "phone", "tablet", "a")
    assert "no such file" in take(one, FetchChunk(file=key, chunk=7), "phone", "dash", "b")
    assert "no such file" in take(one, FetchChunk(file="x", chunk=0), "phone", "dash", "c")
    closed = "done: it was closed already"
    assert take(one, CloseFile(file=key, complete=True), "phone", "tablet", "d") == closed
    assert key in one.app("phone").outgoing


def test_answer_to_what_is_over_changes_nothing() -> None:
    """A chunk of a file that is gone, an answer to another app's command, another timer."""
    one = table()
    one.act("phone", share())
    dash = one.app("dash")
    late = replace(dash, incoming={}, fetching={"t9": ("gone", 3)})
    app, effects = late.step(one.moment("dash"), Answered("t9", "phone", Answer("done")))
    assert (app.fetching, effects) == ({}, ())
    for stimulus in (Answered("else", "phone", Answer("done")), TimerFired("look")):
        assert dash.step(one.moment("dash"), stimulus) == (dash, ())


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"name": 5, "sha256": "00" * 32},
        {"name": "x", "sha256": "00" * 31},
        {"name": "x", "sha256": "  " + "00" * 31},
        {"name": "x", "sha256": 0},
    ],
)
def test_what_is_no_file_is_not_fetched(said: dict[str, Any]) -> None:
    """Whatever a letter says; and no letter says nothing."""
    one = table()
    _, letter = one.app("phone").sealed("dash", "t1", said)

    assert take(one, OfferFile(size_bytes=1, letter=letter)) == "failed: what the letter says is no file"
    assert "not believed" in take(one, OfferFile(size_bytes=1), ticket="t2")
    assert one.app("dash").incoming == {}


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("garden.jpg", "garden.jpg"),
        ("花园.jpg", "花园.jpg"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Windows\\system.ini", "system.ini"),
        ("..", "file"),
        ("a/", "file"),
        (".bashrc", "bashrc"),
        ("a\x1b[2Jb\n.txt", "a[2Jb.txt"),
        ("a\u202etxt.exe", "atxt.exe"),
        ("e\u0301.txt", "é.txt"),
        ('con<>:"|?*.txt', "con.txt"),
        ("", "file"),
        ("路" * 200, "路" * 85),
    ],
)
def test_name_becomes_one_that_a_file_can_have(name: str, safe: str) -> None:
    """No path, nothing that a terminal obeys or that reads backwards, in one spelling."""
    assert safe_name(name) == safe


@given(st.text(max_size=400))
def test_every_name_is_made_harmless(name: str) -> None:
    """And a harmless one stays."""
    safe = safe_name(name)

    assert safe
    assert len(safe.encode()) <= NAME_BYTES_MAX
    assert not set(safe) & set("/\\:")
    assert safe not in {".", ".."}
    assert not any(unicodedata.category(one)[0] == "C" for one in safe)
    assert safe_name(safe) == safe


@settings(max_examples=40, deadline=None)
@given(
    losses=st.lists(st.booleans(), max_size=40),
    events=st.lists(
        st.sampled_from(["cut dash", "cut phone", "restart dash", "restart phone", "wait"]), max_size=5
    ),
    size_bytes=st.integers(0, 9 * CHUNK_BYTES),
)
def test_file_arrives_whole_however_it_was_interrupted(
    losses: list[bool], events: list[str], size_bytes: int
) -> None:
    """Once it has been accepted: exactly one, and exactly as it was."""
    one = table()
    one.act("phone", share(size_bytes))
    fate = iter(losses)
    one.lost = lambda _: next(fate, False)
    for event in events:
        what, _, name = event.partition(" ")
        one.later(700)
        if what == "restart":
            one.restart(name)
        elif what == "cut":
            one.cut(name, online=False)
            one.later(40_000)
            one.cut(name, online=True)
    one.lost = lambda _: False
    one.later(300_000)

    (file,) = one.app("dash").received
    assert hashlib.sha256(file.content).digest() == one.app("phone")._sha256("garden.jpg", 1, size_bytes)
    assert one.app("phone").outgoing == {}
    assert one.app("dash").incoming == {}
