"""What happened last: a line for each record, whatever is in it."""

from typing import Any

import pytest

from sim.report.chronicle import chronicle_line, named
from sim.report.folding import COLUMNS_MAX, columns_of

DENIED = {
    "kind": "not_permitted",
    "rules": [],
    "clauses": [{"rule": "key", "clause": "a"}, {"rule": "key", "clause": "b"}],
    "code": None,
}
REFUSED = {"kind": "refused", "rules": [], "clauses": [], "code": "EXPIRED"}


def record(kind: str, **fields: Any) -> dict[str, Any]:
    """Return a record of a kind, made a minute and a half after the beginning."""
    return {"n": 1, "t": 90_000, "kind": kind, "cause": None, **fields}


@pytest.mark.parametrize(
    ("told", "line"),
    [
        (
            record(
                "message",
                device="su7",
                topic="carhome/wang/su7/state/motion",
                data={"boot": 1, "seq": 3, "values": {"gear": None, "speed_kmh": 50.0}},
            ),
            "su7 → su7/state/motion  gear unknown, speed_kmh 50.0",
        ),
        (
            record(
                "flow", datum="location", source="su7", device="phone", message="state location", sealed=False
            ),
            "phone receives location of su7: state location",
        ),
        (
            record(
                "message",
                device="watch",
                topic="carhome/wang/su7/cmd/watch/unlock",
                data={"p": "x", "sig": "y"},
                signed={
                    "id": "a",
                    "sender": "watch",
                    "name": "unlock",
                    "args": {},
                    "by": "lin",
                    "worn": True,
                },
            ),
            "watch → su7/cmd/watch/unlock  name unlock, by lin, worn true",
        ),
        (
            record(
                "message",
                device="su7",
                topic="carhome/wang/su7/online",
                data={"online": True, "boot": 1, "visit": 1},
            ),
            "su7 → su7/online  online true",
        ),
        (
            record("message", device="mallory", topic="carhome/wang/su7/cmd/mallory/x", raw="\x1b[2J"),
            "mallory → su7/cmd/mallory/x  \\x1b[2J",
        ),
        (record("command", command="a-1", status="sent", reason=""), "a-1 is sent"),
        (record("command", command="a-1", status="denied", reason="no"), "a-1 is denied: no"),
        (
            record("decision", device="su7", sender="watch", action="unlock", decision=DENIED),
            "su7 decides watch's unlock: not_permitted, key",
        ),
        (
            record("decision", device="su7", sender="watch", action="unlock", decision=REFUSED),
            "su7 decides watch's unlock: refused, EXPIRED",
        ),
        (record("change", device="su7", changes={"locked": False}), "su7 is now locked false"),
        (
            record("change", device="heater", changes={"heat_w": 3865.6199999999994, "n": 3}),
            "heater is now heat_w 3865.62, n 3",
        ),
        (
            record("fault", fault="sensor", device="su7", broken=True, field="gear"),
            "su7: fault sensor begins field gear",
        ),
        (record("fault", fault="crash", device="su7", broken=False), "su7: fault crash ends"),
        (record("lost", device="su7", topic="t"), "lost device su7, topic t"),
        (record("truth", device="su7", facts={"gear": "D"}), "su7 truly is gear D"),
        (
            record("belief", device="phone", source="su7", values={"gear": "P"}, age_ms=3_000),
            "phone believes of su7: gear P (3 s old)",
        ),
    ],
)
def test_record_is_told_in_a_line(told: dict[str, Any], line: str) -> None:
    """When, who and what, without what is for machines only."""
    assert chronicle_line(told) == f"1 m 30 s  {line}".rjust(len(line) + 11)


def test_long_record_is_cut_at_the_edge() -> None:
    """A line fits the terminal, in wide characters as well."""
    told = record("change", device="su7", changes={"note": "车" * 100})

    assert columns_of(chronicle_line(told, "    ")) in {COLUMNS_MAX - 1, COLUMNS_MAX}
    assert chronicle_line(told).endswith("车…")


def test_decision_is_named_by_its_rules_or_by_its_kind() -> None:
    """Rules that decided come first; without any the rules that would have permitted; else the kind."""
    doubt = {"kind": "not_evaluated", "rules": [], "clauses": [{"rule": None, "clause": "a"}], "code": None}
    assert named({**DENIED, "rules": ["a", "b"]}) == "a, b"
    assert named(DENIED) == "key"
    assert named(doubt) == "not_evaluated"


def test_decision_is_named_by_its_code_beside_its_rules_or_alone() -> None:
    """What an earlier check found stands behind the rules, or in their place where none was asked."""
    assert named({**DENIED, "rules": ["a"], "code": "TOO_FAR"}) == "a (TOO_FAR)"
    assert named({**DENIED, "code": "TOO_FAR"}) == "key (TOO_FAR)"
    assert named(REFUSED) == "EXPIRED"
    assert named({**REFUSED, "code": None}) == "refused"
