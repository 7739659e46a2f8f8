"""Records for tests of the report, made by hand: a case of each sort, with everything that is drawn."""

from typing import Any

from sim.world.trace import Record

RUN = {
    "scenario": "Lin looks at her home",
    "file": "a.scenario.yaml",
    "case": "",
    "seed": 1,
    "household": "wang",
    "start_ms": 0,
    "people": {"lin": "owner"},
    "devices": {"camera": {"kind": "camera", "owner": None, "enrolled": True}},
}
PERMITTED = {
    "allowed": True,
    "kind": "permitted",
    "rules": ["household-views-camera"],
    "reason": "the household sees its own cameras",
    "article": "003",
    "quote": "Check Xiaomi security cameras",
    "instead": "nothing else",
    "clauses": [],
    "errors": [],
    "layer": None,
    "code": None,
    "because": "",
}
DENIED = {
    **PERMITTED,
    "allowed": False,
    "kind": "forbidden",
    "rules": ["no-remote-driving"],
    "reason": "moving the car from a distance is not offered",
    "article": "000",
    "quote": "full remote control might not be the safest approach",
    "instead": "get in and drive",
    "because": "it is far away",
    "clauses": [{"rule": "key", "clause": "near"}],
}


class Tape:
    """Records of a case, one after the other.

    Args:
        fields: of the run, where they are not the usual ones.
    """

    def __init__(self, **fields: Any) -> None:
        self.records: list[Record] = []
        self.add(0, "run", **{**RUN, **fields})

    def add(self, t: int, kind: str, **fields: Any) -> "Tape":
        """Add a record, `t` milliseconds after the beginning."""
        self.records.append({"n": len(self.records) + 1, "t": t, "kind": kind, "cause": None, **fields})
        return self

    def command(self, t: int, sender: str, target: str, action: str) -> "Tape":
        """Add a command on its way."""
        topic = f"carhome/wang/{target}/cmd/{sender}/{action}"
        return self.add(t, "message", device=sender, topic=topic, to=[target], id="c1", data={}, signed={})

    def answer(self, t: int, sender: str, target: str, status: str) -> "Tape":
        """Add an answer."""
        topic = f"carhome/wang/{sender}/reply/{target}/c1"
        signed = {"status": status}
        return self.add(
            t, "message", device=sender, topic=topic, to=[target], id="a1", data={}, signed=signed
        )

    def state(self, t: int, device: str) -> "Tape":
        """Add a report of a device about itself."""
        topic = f"carhome/wang/{device}/state/light"
        return self.add(t, "message", device=device, topic=topic, to=[], id="s1", data={"values": {}})

    def decision(self, t: int, decision: dict[str, Any], **fields: Any) -> "Tape":
        """Add a decision of the car about a wish of the phone."""
        asked = {"device": "su7", "action": "summon", "sender": "phone", "by": "lin", "command": "c1"}
        return self.add(t, "decision", **{**asked, **fields}, decision=decision, request={})

    def flow(self, t: int, datum: str, source: str, device: str, *, sealed: bool = False) -> "Tape":
        """Add a flow."""
        message = "state location"
        return self.add(t, "flow", datum=datum, source=source, device=device, message=message, sealed=sealed)

    def true(self, t: int, device: str, **facts: Any) -> "Tape":
        """Add what is true from now on."""
        return self.add(t, "truth", device=device, facts=facts)

    def believed(self, t: int, device: str, source: str, true: dict[str, Any], **values: Any) -> "Tape":
        """Add what a device has heard of another one, beside what is true."""
        return self.add(
            t, "belief", device=device, source=source, facet="battery", values=values, age_ms=0, true=true
        )

    def ended(self, t: int, verdict: str = "pass", text: str = "", **fields: Any) -> list[Record]:
        """End the case, and return its records."""
        return self.add(t, "verdict", verdict=verdict, asserted=2, text=text, **fields).records
