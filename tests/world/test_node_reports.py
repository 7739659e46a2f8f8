"""What a node hears and says: reports, the causes of everything, and whatever comes on any topic."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.core.beliefs import UNKNOWN
from sim.core.messages import CloudEvent
from sim.core.topics import state_topic
from tests.stages import (
    KINDS,
    START_MS,
    Button,
    Lamp,
    Theatre,
    believed,
)

# --- reports --------------------------------------------------------------------------------------


def state(**but: Any) -> bytes:
    """Return a report of the lamp's light, except for `but`."""
    data = {"boot": 5, "seq": 5, "values": {"on": True, "did": []}, **but}
    data = {name: value for name, value in data.items() if value is not ...}
    return CloudEvent("lamp-5-5", "carhome/home/lamp", "carhome.state", START_MS, data).to_json()


def test_report_is_believed_and_an_older_one_is_not() -> None:
    """Boot and sequence decide, not the order of arrival."""
    theatre = Theatre()
    topic = state_topic("home", "lamp", "light")

    theatre.deliver("button", topic, state())
    assert believed(theatre) is True
    theatre.deliver("button", topic, state(seq=4, values={"on": False, "did": []}))
    theatre.deliver("button", topic, state(boot=4, seq=9, values={"on": False, "did": []}))
    assert believed(theatre) is True
    theatre.deliver("button", topic, state(boot=6, seq=1, values={"on": False, "did": []}))

    assert believed(theatre) is False


@pytest.mark.parametrize(
    ("facet", "payload"),
    [
        ("light", b""),
        ("light", b"\xff"),
        ("light", b"true"),
        ("light", state(values=...)),
        ("light", state(boot=...)),
        ("light", state(seq="6")),
        ("light", state(seq="x")),
        ("light", state(boot=True)),
        ("light", state(boot=5.5)),
        ("light", state(boot=None)),
        ("light", state(values=[])),
        ("light", state(values={"on": 1, "did": []})),
        ("light", state(values={"on": True, "did": [], "x": 1})),
        ("nerves", state()),
        ("bogus", state()),
    ],
)
def test_report_of_a_wrong_shape_is_ignored_with_a_warning(facet: str, payload: bytes) -> None:
    """Whatever comes on a state topic, the reader keeps what it knew."""
    theatre = Theatre()
    before = theatre.node("button").beliefs

    theatre.deliver("button", state_topic("home", "lamp", facet), payload)

    assert theatre.node("button").beliefs is before
    assert theatre.warnings() == [
        f"ignored a report on `carhome/home/lamp/state/{facet}` that does not fit its kind"
    ]


def tell_presence(theatre: Theatre, **data: Any) -> None:
    """Let the button hear whether the lamp is there."""
    event = CloudEvent("lamp-1-50", "carhome/home/lamp", "carhome.online", START_MS, data)
    theatre.deliver("button", "carhome/home/lamp/online", event.to_json())


@pytest.mark.parametrize("online", [False, 1])
def test_device_is_online_only_if_it_says_exactly_so(online: object) -> None:
    """Anything but `true` is not online, and what was believed is not shown any more."""
    theatre = Theatre()
    assert believed(theatre) is False

    tell_presence(theatre, online=online, boot=1, visit=1)

    assert believed(theatre) == UNKNOWN


def test_a_will_that_comes_late_and_twice_does_not_send_a_device_away() -> None:
    """What a line doubles may come after what followed it: boot and visit say which was the last."""
    theatre = Theatre()
    tell_presence(theatre, online=False, boot=1, visit=1)
    tell_presence(theatre, online=True, boot=1, visit=2)

    for stale in ({"online": False, "visit": 1}, {"online": True, "visit": 1}):
        tell_presence(theatre, boot=1, **stale)
        assert believed(theatre) is False

    tell_presence(theatre, online=False, boot=1, visit=2)
    assert believed(theatre) == UNKNOWN


@pytest.mark.parametrize("data", [{}, {"boot": 1}, {"boot": True, "visit": 1}, {"boot": 1, "visit": 1.0}])
def test_presence_without_a_count_is_ignored(data: dict[str, Any]) -> None:
    """Nobody knows whether it is news."""
    theatre = Theatre()

    tell_presence(theatre, online=False, **data)

    assert believed(theatre) is False
    assert theatre.warnings() == ["ignored a report on `carhome/home/lamp/online` that does not fit its kind"]


def test_report_without_change_is_not_published_again() -> None:
    """Only what changed travels; a reconnect repeats everything."""
    theatre = Theatre()
    count = len(theatre.published("/state/"))

    theatre.press("now")

    assert [record["topic"] for record in theatre.published("/state/")[count:]] == [
        "carhome/home/lamp/state/light"
    ]


def test_report_of_an_unchanged_state_is_computed_once() -> None:
    """The same state says the same."""
    theatre = Theatre()
    node = theatre.node("lamp")

    assert node.reports() is node.reports()


# --- causes ---------------------------------------------------------------------------------------


def test_every_message_and_decision_names_what_led_to_it() -> None:
    """A run is a graph: act, command, decision, answer."""
    theatre = Theatre()

    ticket = theatre.press("tell")

    command = theatre.published("/cmd/")[-1]
    assert (command["id"], command["cause"]) == (ticket, ticket)
    for part in ("/reply/", "/decision", "/event/told", "/state/light"):
        assert theatre.published(part)[-1]["cause"] == ticket
    done = theatre.records("command", command=ticket, status="done")[0]
    assert done["cause"] == theatre.published("/reply/")[-1]["id"]
    assert theatre.records("command", command=ticket, status="started")[0]["cause"] is None


def test_status_of_a_later_command_does_not_name_an_earlier_cause() -> None:
    """What happened before has nothing to do with a new act, or with the answers to it."""
    theatre = Theatre()
    theatre.press()

    ticket = theatre.press()

    accepted = theatre.records("command", command=ticket, status="accepted")[0]
    assert accepted["cause"] == theatre.published(f"/reply/button/{ticket}")[0]["id"]
    assert theatre.records("command", command=ticket, status="started")[0]["cause"] is None


# --- robustness -----------------------------------------------------------------------------------


@given(
    st.sampled_from(["cmd/button/do", "reply/button/x-1", "state/light", "online", "cmd/ghost/measure"]),
    st.sampled_from(["lamp", "button"]),
    st.binary(max_size=60)
    | st.builds(
        lambda data: state(**data),
        st.dictionaries(
            st.sampled_from(["boot", "seq", "values"]), st.none() | st.integers(0, 9) | st.text(max_size=3)
        ),
    ),
)
def test_node_survives_anything_on_any_topic(rest: str, receiver: str, payload: bytes) -> None:
    """No message a stranger can write, on a broker without permissions, stops a device."""
    theatre = Theatre(permissions=False)

    theatre.deliver(receiver, f"carhome/home/lamp/{rest}", payload)

    assert theatre.status(theatre.press()) == "done"


def test_kinds_of_these_stages_are_what_the_tests_think() -> None:
    """A lamp, and three who ask it."""
    assert list(KINDS) == ["lamp", "button", "panel", "stranger"]
    assert isinstance(Theatre().node("button").device, Button)
    assert isinstance(Theatre().lamp(), Lamp)


@pytest.mark.parametrize(
    "topic", ["carhome/home/lamp/decision", "carhome/home/lamp/event/told", "carhome/home/nobody/state/light"]
)
def test_message_nobody_subscribed_to_is_ignored_with_a_warning(topic: str) -> None:
    """A broker that delivers more than it should, or a stranger on its line, stops no device."""
    theatre = Theatre()

    theatre.deliver("button", topic, b"{}")

    assert theatre.warnings() == [f"ignored a message on `{topic}`, which button does not read"]
