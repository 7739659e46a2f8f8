"""Topics: built and parsed in one place, matched as MQTT does."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.core.topics import (
    Channel,
    Topic,
    broker_user,
    command_topic,
    decision_topic,
    event_topic,
    matches,
    online_topic,
    parse_topic,
    reply_topic,
    state_topic,
)

names = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,31}", fullmatch=True)


@given(names, names, names, names)
def test_every_topic_built_is_parsed_into_what_it_was_built_from(
    home: str, device: str, other: str, word: str
) -> None:
    """Building and parsing are each other's inverse, for all six channels."""
    built = {
        command_topic(home, device, other, word): Topic(home, device, "cmd", (other, word)),
        reply_topic(home, device, other, word): Topic(home, device, "reply", (other, word)),
        state_topic(home, device, word): Topic(home, device, "state", (word,)),
        event_topic(home, device, word): Topic(home, device, "event", (word,)),
        decision_topic(home, device): Topic(home, device, "decision"),
        online_topic(home, device): Topic(home, device, "online"),
    }

    assert {text: parse_topic(text) for text in built} == built
    assert [str(topic) for topic in built.values()] == list(built)
    assert [topic.channel for topic in built.values()] == list(get_args(Channel))


@given(st.text())
def test_any_text_is_a_topic_of_ours_or_nothing(text: str) -> None:
    """Parsing never raises, and what is parsed is spelt one way only."""
    topic = parse_topic(text)

    assert topic is None or str(topic) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "carhome",
        "carhome/home",
        "carhome/home/su7",
        "other/home/su7/online",
        "carhome/home/su7/online/more",
        "carhome/home/su7/state",
        "carhome/home/su7/state/a/b",
        "carhome/home/su7/cmd/phone",
        "carhome/home/su7/cmd/phone/unlock/now",
        "carhome/home/su7/shout/x",
        "carhome/home/su7/state/+",
        "carhome/home/su7/state/#",
        "carhome/home/SU7/online",
        "carhome//su7/online",
        "/carhome/home/su7/online",
        "carhome/home/su7/online/",
        "carhome/home/su7/online\n",
        "carhome/home/-su7/online",
        "carhome/home/su7/state/" + "x" * 65,
    ],
)
def test_text_that_is_no_topic_of_ours_is_nothing(text: str) -> None:
    """Another root, channel, depth, case or character is not ours."""
    assert parse_topic(text) is None


def test_broker_user_is_split_one_way_only() -> None:
    """No name has a dot."""
    assert broker_user("home", "su7") == "home.su7"


@pytest.mark.parametrize(
    ("topic_filter", "topic", "covered"),
    [
        # MQTT 5.0, section 4.7.1.2 (`#`), 4.7.1.3 (`+`) and 4.7.2 (`$`), with the standard's own examples.
        ("sport/tennis/player1/#", "sport/tennis/player1", True),
        ("sport/tennis/player1/#", "sport/tennis/player1/ranking", True),
        ("sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", True),
        ("sport/tennis/player1/#", "sport/tennis/player2", False),
        ("sport/#", "sport", True),
        ("#", "sport/tennis", True),
        ("sport/tennis/+", "sport/tennis/player1", True),
        ("sport/tennis/+", "sport/tennis/player1/ranking", False),
        ("sport/+", "sport", False),
        ("sport/+", "sport/", True),
        ("+/+", "/finance", True),
        ("/+", "/finance", True),
        ("+", "/finance", False),
        ("+", "finance", True),
        ("+/tennis/#", "sport/tennis/x", True),
        ("#", "$SYS/uptime", False),
        ("+/monitor/Clients", "$SYS/monitor/Clients", False),
        ("$SYS/#", "$SYS/", True),
        ("$SYS/monitor/+", "$SYS/monitor/Clients", True),
        ("sport", "Sport", False),
        ("sport", "sport/", False),
        ("sport/", "sport", False),
        ("a/+/c", "a/$b/c", True),
    ],
)
def test_filter_covers_what_mqtt_says_it_covers(topic_filter: str, topic: str, *, covered: bool) -> None:
    """Wildcards are those of MQTT, to the level."""
    assert matches(topic_filter, topic) is covered


levels = st.lists(st.sampled_from(["a", "b", "", "$x"]), min_size=1, max_size=4)


@given(levels, st.data())
def test_filter_made_from_a_topic_covers_it(topic: list[str], data: st.DataObject) -> None:
    """Any levels may be replaced by `+` and any tail by `#`, except for `$` at the front."""
    pattern = [data.draw(st.sampled_from([level, "+"])) for level in topic]
    keep = data.draw(st.integers(0, len(pattern)))
    hashed = [*pattern[:keep], "#"]
    shy = topic[0].startswith("$")

    assert matches("/".join(topic), "/".join(topic))
    assert matches("/".join(pattern), "/".join(topic)) is not (shy and pattern[0] == "+")
    assert matches("/".join(hashed), "/".join(topic)) is not (shy and hashed[0] in {"+", "#"})
