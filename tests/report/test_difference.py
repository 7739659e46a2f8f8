"""Two recordings side by side: the first difference, and where in the record it is."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.core.errors import RecordingError
from sim.report.difference import compare, explain, first_difference

RUN = '{"n":1,"t":0,"kind":"run","cause":null,"file":"a.yaml","case":"far=1 m"}'
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
records = st.dictionaries(st.text(max_size=3), json_values, max_size=4).map(
    lambda record: json.dumps(record, ensure_ascii=False)
)


def record(n: int, **fields: Any) -> str:
    """Return a record as a line."""
    return json.dumps({"n": n, "t": 40, "kind": "message", "cause": None, **fields})


def shown(left: list[str], right: list[str]) -> str:
    """Return the difference as people read it."""
    difference = first_difference(left, right)
    assert difference is not None
    return explain(difference, "left", "right")


def test_same_recordings_have_no_difference() -> None:
    """The same bytes are the same, also when there are none."""
    assert first_difference([RUN, record(2)], [RUN, record(2)]) is None
    assert first_difference([], []) is None


def test_difference_is_found_at_its_innermost_place() -> None:
    """A value deep inside is named by its path, with the case and time it belongs to."""
    one = record(2, data={"values": {"doors": [{"locked": True}, {"locked": True}]}})
    other = record(2, data={"values": {"doors": [{"locked": True}, {"locked": False}]}})

    assert shown([RUN, one], [RUN, other]) == (
        "line 2, a.yaml (far=1 m), message at 40 ms at `data.values.doors[1].locked`:\n"
        "  left: true\n  right: false"
    )


def test_what_one_side_lacks_is_called_nothing() -> None:
    """A key or an item on one side only is shown beside nothing."""
    assert shown([record(1, a=1)], [record(1)]).endswith("at `a`:\n  left: 1\n  right: nothing")
    assert shown([record(1)], [record(1, a=None)]).endswith("at `a`:\n  left: nothing\n  right: null")
    assert shown([record(1, a=[1])], [record(1, a=[1, 2])]).endswith(
        "at `a[1]`:\n  left: nothing\n  right: 2"
    )


def test_values_of_other_types_differ() -> None:
    """A list and a mapping, or true and 1 written differently, are a difference."""
    assert "left: []\n  right: {}" in shown([record(1, a=[])], [record(1, a={})])


def test_shorter_recording_ends_there() -> None:
    """When one recording ends before the other that is the difference, on either side."""
    assert shown([RUN], [RUN, record(2)]) == (
        "line 2, a.yaml (far=1 m), message at 40 ms: left ends here, right goes on"
    )
    assert shown([RUN, record(2)], [RUN]).endswith(": right ends here, left goes on")


def test_long_value_is_cut() -> None:
    """A picture does not fill the screen."""
    assert len(shown([record(1, a="x" * 5_000)], [record(1, a="y" * 5_000)])) < 800


def test_same_value_written_differently_is_a_difference() -> None:
    """Recordings are compared as bytes: another order of keys or another space counts."""
    assert "line 1" in shown(['{"a":1,"b":2}'], ['{"b":2,"a":1}'])


@pytest.mark.parametrize("line", ["", "no record", "[1]", "[" * 5_000, '"text"'])
def test_line_that_is_no_record_is_a_mistake(line: str) -> None:
    """What is no recording is refused, with the number of the line."""
    with pytest.raises(RecordingError, match="line 2 is not a record"):
        first_difference([RUN, line], [RUN, record(2)])
    with pytest.raises(RecordingError, match="line 2 is not a record"):
        first_difference([RUN], [RUN, line])


@given(st.lists(records, max_size=4), st.lists(records, max_size=4))
def test_difference_is_found_exactly_when_the_bytes_differ(left: list[str], right: list[str]) -> None:
    """Any two recordings are the same bytes, or differ in the first line in which they do."""
    difference = first_difference(left, right)

    assert (difference is None) is (left == right)
    if difference is not None:
        assert left[: difference.line - 1] == right[: difference.line - 1]
        assert left[difference.line - 1 : difference.line] != right[difference.line - 1 : difference.line]
        assert explain(difference, "left", "right").startswith(f"line {difference.line}")


SKIPPED = (
    '{"n":2,"t":0,"kind":"verdict","cause":null,"verdict":"skipped","asserted":0,"text":"no permissions"}'
)
OTHER_RUN = RUN.replace('"n":1', '"n":1,"other":true')


def test_case_that_one_recording_skipped_is_left_out_and_named() -> None:
    """What a link could not show is no difference, but it is said that it was not compared."""
    comparison = compare([RUN, record(2), RUN, record(3)], [RUN, SKIPPED, RUN, record(3)])

    assert comparison.difference is None
    assert len(comparison.left_out) == 1


def test_difference_behind_a_skipped_case_is_found() -> None:
    """A skipped case hides nothing that comes after it."""
    comparison = compare([RUN, SKIPPED, RUN, record(3)], [RUN, record(2), RUN, record(4)])

    assert comparison.difference is not None
    assert comparison.difference.line == 4


def test_skipped_case_of_another_scenario_is_a_difference() -> None:
    """Only the same case can be left out; anything else in its place is a difference."""
    assert compare([RUN, SKIPPED], [OTHER_RUN, record(2)]).difference is not None
    assert compare([RUN, SKIPPED], [RUN, SKIPPED]).left_out == ()
