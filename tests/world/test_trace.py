"""The trace: numbered from one, timed from the start, and shown to whoever listens."""

from sim.world.trace import Record, Trace


def test_records_are_numbered_and_timed_from_the_beginning() -> None:
    """No wall clock is in a record."""
    trace = Trace(1_000)

    trace.add(1_000, "run", scenario="x")
    trace.add(1_250, "message", "a-1", topic="t")

    assert trace.records == [
        {"n": 1, "t": 0, "kind": "run", "cause": None, "scenario": "x"},
        {"n": 2, "t": 250, "kind": "message", "cause": "a-1", "topic": "t"},
    ]


def test_listener_sees_every_record_as_it_is_made() -> None:
    """The sink gets the very records."""
    seen: list[Record] = []
    trace = Trace(0, seen.append)

    trace.add(0, "run")

    assert seen == trace.records
