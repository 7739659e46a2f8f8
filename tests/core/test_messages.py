"""Messages: what is ours comes through unchanged, everything else is refused with a reason."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.core.messages import (
    COMMAND_BYTES_MAX,
    DEPTH_MAX,
    IDENTIFIER_CHARACTERS_MAX,
    INTEGER_MAX,
    MESSAGE_BYTES_MAX,
    CloudEvent,
    MalformedMessageError,
    dump_json,
    from_rfc3339,
    load_json_object,
    rfc3339,
)

EXAMPLES = [
    CloudEvent("su7-1-1", "carhome/home/su7", "carhome.online", 0, {"online": True, "boot": 1}),
    CloudEvent("phone-act-1", "carhome/home/phone", "carhome.command", 1, {"v": 1, "p": "e30"}, "step-1"),
    CloudEvent("su7-1-2", "carhome/home/su7", "carhome.reply", 999, {"p": "", "sig": ""}, "phone-act-1"),
    CloudEvent("h-1-3", "carhome/home/h", "carhome.state", 1_768_203_000_123, {"values": {"room_c": -0.5}}),
    CloudEvent("c-1-4", "carhome/home/c", "carhome.event", INTEGER_MAX // 10**6, {"x": "天气 ☀ \U0001f697"}),
    CloudEvent("c-1-5", "carhome/home/c", "carhome.decision", 86_400_000, {"x": None, "list": [[], {}]}),
]

numbers = st.integers(-INTEGER_MAX, INTEGER_MAX) | st.floats(allow_nan=False, allow_infinity=False)
words = st.text(st.characters(exclude_categories=["Cs"]))
values = st.recursive(
    st.none() | st.booleans() | numbers | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)
events = st.builds(
    CloudEvent,
    id=words.filter(bool).map(lambda text: text[:IDENTIFIER_CHARACTERS_MAX]),
    source=words.filter(bool),
    type=words.filter(bool),
    time_ms=st.integers(-(10**13), 10**14),
    data=st.dictionaries(words, values, max_size=4),
    cause=st.none() | words.filter(bool).map(lambda text: text[:IDENTIFIER_CHARACTERS_MAX]),
)


def text_of(**but: Any) -> bytes:
    """Return a message's JSON, except for `but`; an attribute that is `...` is left out."""
    usual = json.loads(EXAMPLES[1].to_json())
    return json.dumps({name: value for name, value in {**usual, **but}.items() if value is not ...}).encode()


def refusal(payload: bytes, bytes_max: int = MESSAGE_BYTES_MAX) -> str:
    """Return why bytes are refused."""
    with pytest.raises(MalformedMessageError) as caught:
        CloudEvent.from_json(payload, bytes_max=bytes_max)
    return str(caught.value)


# --- round trips ----------------------------------------------------------------------------------


@pytest.mark.parametrize("event", EXAMPLES, ids=lambda event: event.type)
def test_message_of_every_type_comes_back_as_it_was(event: CloudEvent) -> None:
    """What is written is what is read."""
    assert CloudEvent.from_json(event.to_json()) == event


@given(events)
def test_any_message_comes_back_as_it_was(event: CloudEvent) -> None:
    """What is written is what is read, and equal messages are equal bytes."""
    payload = event.to_json()

    assert CloudEvent.from_json(payload) == event
    assert CloudEvent.from_json(payload).to_json() == payload


def test_message_is_a_cloud_event() -> None:
    """Attribute names and their order are CloudEvents 1.0's, the time is RFC 3339, and no space is wasted."""
    event = CloudEvent("a-1", "carhome/home/a", "carhome.event", 1_500, {"x": 1}, "b-2")

    assert event.to_json() == (
        b'{"specversion":"1.0","id":"a-1","source":"carhome/home/a","type":"carhome.event",'
        b'"time":"1970-01-01T00:00:01.500Z","cause":"b-2","data":{"x":1}}'
    )


def test_message_without_cause_says_nothing_of_one() -> None:
    """What has no cause does not write `null`."""
    assert b"cause" not in EXAMPLES[0].to_json()


def test_value_that_is_no_number_of_json_is_a_bug_of_the_sender() -> None:
    """NaN never leaves a device."""
    with pytest.raises(ValueError, match="not JSON compliant"):
        dump_json({"x": float("nan")})


# --- any bytes ------------------------------------------------------------------------------------


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode(errors="surrogatepass")))
def test_any_bytes_are_a_message_or_refused(payload: bytes) -> None:
    """Nothing but a message or a refusal comes of any bytes."""
    try:
        CloudEvent.from_json(payload)
    except MalformedMessageError as error:
        str(error).encode()


@given(st.data())
def test_any_damage_to_a_message_is_survived(data: st.DataObject) -> None:
    """A message with any bytes replaced is a message or refused, in words that can be written down."""
    payload = bytearray(data.draw(st.sampled_from(EXAMPLES)).to_json())
    start = data.draw(st.integers(0, len(payload)))
    payload[start : start + data.draw(st.integers(0, 5))] = data.draw(st.binary(max_size=8))

    try:
        CloudEvent.from_json(bytes(payload))
    except MalformedMessageError as error:
        str(error).encode()


# --- strict JSON ----------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_json_with_a_constant_is_refused(word: str) -> None:
    """Python's reader takes NaN and Infinity; JSON does not have them."""
    assert refusal(f'{{"x": {word}}}'.encode()) == f"`{word}` is not a number of JSON"


@pytest.mark.parametrize("digits", ["1e400", "-1e400", "1" + "0" * 400 + ".0"])
def test_json_with_a_number_beyond_floats_is_refused(digits: str) -> None:
    """A number that would be read as infinite is refused."""
    assert refusal(f'{{"x": {digits}}}'.encode()) == "a number is not finite"


@pytest.mark.parametrize(
    "digits", ["9007199254740992", "-9007199254740992", "1" + "0" * 17, "-1" + "0" * 17, "9" * 5_000]
)
def test_json_with_an_integer_beyond_what_readers_agree_on_is_refused(digits: str) -> None:
    """From 2^53 on, JSON readers round; a huge string of digits is not even converted."""
    assert refusal(f'{{"x": {digits}}}'.encode()) == "an integer is beyond 2^53 - 1"


@pytest.mark.parametrize("whole", [INTEGER_MAX, -INTEGER_MAX, 0])
def test_json_with_the_largest_safe_integer_is_read(whole: int) -> None:
    """2^53 - 1 is still exact, with either sign."""
    assert load_json_object(b'{"x":%d}' % whole) == {"x": whole}


def test_json_with_a_key_twice_is_refused() -> None:
    """Readers disagree on which of the two counts, on any level."""
    assert refusal(b'{"a":{"b":1,"c":3,"b":2}}') == "key `b` is given twice"


def test_json_with_a_broken_key_twice_is_refused_in_words_that_can_be_written() -> None:
    """The refusal of a key with a lone surrogate can itself be written as UTF-8."""
    sentence = refusal(b'{"\\ud800":1,"\\ud800":2}')

    assert sentence.encode() == b"key `\\ud800` is given twice"


@pytest.mark.parametrize("text", ['{"x":"\\ud800"}', '{"\\udfff":1}', '{"x":["\\ud800\\ud800"]}'])
def test_json_with_a_lone_surrogate_is_refused(text: str) -> None:
    """JSON can spell half a character; UTF-8 cannot carry it."""
    assert refusal(text.encode()) == "a string has a lone surrogate"


def test_json_with_a_pair_of_surrogates_is_read() -> None:
    """Two halves are one character."""
    assert load_json_object(b'{"x":"\\ud83d\\ude97"}') == {"x": "\U0001f697"}


@pytest.mark.parametrize("nesting", [b"[", b'{"x":'])
def test_json_nested_too_deep_is_refused(nesting: bytes) -> None:
    """One level more than allowed is refused, however it is built."""
    closing = b"]" if nesting == b"[" else b"}"
    deepest = b'{"x":' + nesting * (DEPTH_MAX - 1) + b"1" + closing * (DEPTH_MAX - 1) + b"}"
    too_deep = b'{"x":' + nesting * DEPTH_MAX + b"1" + closing * DEPTH_MAX + b"}"

    assert load_json_object(deepest)
    assert refusal(too_deep) == f"nested deeper than {DEPTH_MAX}"


def test_json_nested_beyond_the_stack_is_refused() -> None:
    """Nesting that would overflow the parser's stack is a refusal like any other."""
    assert refusal(b"[" * MESSAGE_BYTES_MAX) == f"nested deeper than {DEPTH_MAX}"


def test_json_larger_than_allowed_is_refused_before_it_is_read() -> None:
    """The limit counts bytes, and is the caller's."""
    payload = dump_json({"x": "é" * 2_050})

    assert load_json_object(payload)
    assert refusal(payload, COMMAND_BYTES_MAX) == f"{len(payload)} bytes are more than the 4096 allowed"


@pytest.mark.parametrize("payload", [b"\xff", b'{"x":"\xed\xa0\x80"}', b'{"x":"\xc0\xaf"}'])
def test_bytes_that_are_not_utf_8_are_refused(payload: bytes) -> None:
    """No surrogate, overlong form or stray byte is UTF-8."""
    assert refusal(payload) == "the bytes are not UTF-8"


@pytest.mark.parametrize("payload", [b"[]", b"1", b'"x"', b"null", b"true"])
def test_json_that_is_no_object_is_refused(payload: bytes) -> None:
    """A message is an object."""
    assert refusal(payload) == "not a JSON object"


@pytest.mark.parametrize("payload", [b"", b"{", b"{'x':1}", b'{"x":01}', b"{}{}", b"\xef\xbb\xbf{}", b"\0"])
def test_bytes_that_are_not_json_are_refused(payload: bytes) -> None:
    """Half an object, other quotes, two objects and a byte order mark are not JSON."""
    assert refusal(payload).startswith("not JSON: ")


# --- attributes -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["specversion", "id", "source", "type", "time", "data"])
def test_message_without_an_attribute_is_refused(name: str) -> None:
    """Every attribute but `cause` must be there."""
    assert refusal(text_of(**{name: ...})) == f"attribute `{name}` is missing"


def test_message_with_an_unknown_attribute_is_refused() -> None:
    """What is not known is not skipped."""
    assert refusal(text_of(extra=1)) == "attribute `extra` is not known"


@pytest.mark.parametrize("name", ["specversion", "id", "source", "type", "time", "cause"])
@pytest.mark.parametrize("value", [1, None, "", [], True])
def test_message_with_an_attribute_that_is_no_word_is_refused(name: str, value: object) -> None:
    """Context attributes are strings with something in them; an absent cause is left out, not null."""
    assert refusal(text_of(**{name: value})) == f"attribute `{name}` is not a string with characters"


def test_message_of_another_version_is_refused() -> None:
    """Only CloudEvents 1.0 is spoken here."""
    assert refusal(text_of(specversion="0.3")) == "specversion is not 1.0"


@pytest.mark.parametrize("data", [1, None, "", [], "e30"])
def test_message_whose_content_is_no_object_is_refused(data: object) -> None:
    """The content is an object."""
    assert refusal(text_of(data=data)) == "attribute `data` is not an object"


# --- times ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("time_ms", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (1_768_210_800_007, "2026-01-12T09:40:00.007Z"),
        (-60_000_000_000_000, "0068-09-03T13:20:00.000Z"),
    ],
)
def test_time_is_written_with_milliseconds_and_four_digits_of_year(time_ms: int, text: str) -> None:
    """Times are RFC 3339 in UTC, also long ago."""
    assert rfc3339(time_ms) == text
    assert from_rfc3339(text) == time_ms


@pytest.mark.parametrize(
    ("text", "time_ms"),
    [
        ("1970-01-01T08:00:01+08:00", 1_000),
        ("1970-01-01T00:00:00.1239Z", 123),
        ("1969-12-31T23:00:00-01:00", 0),
    ],
)
def test_time_of_another_zone_or_precision_is_understood(text: str, time_ms: int) -> None:
    """A zone counts, and more digits than milliseconds are cut off."""
    assert from_rfc3339(text) == time_ms


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2026-01-12",
        "2026-01-12T09:40:00",
        "20260112T094000Z",
        "2026-W03-1T09:40:00Z",
        "2026-01-12 09:40:00Z",
        "2026-13-12T09:40:00Z",
        "2026-01-12T25:40:00Z",
        "2026-01-12T09:40:00+25:00",
        "2026-01-12T:::::::Z",
        "٢٠٢٦-01-12T09:40:00Z",
        "2026-01-12T09:40:00Z\n",
    ],
)
def test_time_that_is_not_rfc_3339_is_refused(text: str) -> None:
    """Other spellings of ISO 8601, impossible times and times without a zone are refused."""
    with pytest.raises(MalformedMessageError, match="not an RFC 3339 time with its zone"):
        from_rfc3339(text)


@pytest.mark.parametrize("name", ["id", "cause"])
def test_id_that_would_make_what_follows_grow_is_refused(name: str) -> None:
    """A message's id becomes the cause of the next: a long one would make an honest command too big."""
    event = CloudEvent("x", "carhome/wang/su7", "carhome.event", 0, {}, "y").to_json()
    fits = event.replace(b'"x"' if name == "id" else b'"y"', b'"' + b"a" * IDENTIFIER_CHARACTERS_MAX + b'"')

    assert CloudEvent.from_json(fits).type == "carhome.event"
    with pytest.raises(MalformedMessageError, match=f"`{name}` is longer than 128"):
        CloudEvent.from_json(fits.replace(b"aa", b"aaa", 1))
