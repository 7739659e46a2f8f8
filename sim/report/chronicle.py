"""What happened, one line for each record: the end of the story that a failure shows."""

import json
from collections.abc import Mapping
from typing import Any

from sim.core.units import show_duration
from sim.report.folding import COLUMNS_MAX, cut, visible
from sim.world.trace import Record

_NOISE = frozenset({"id", "sender", "to", "boot", "visit", "seq", "issued_ms", "expires_ms", "denial"})
"""What a message carries for machines, or says elsewhere."""
_DIGITS = 6
"""How many digits of a number are told: 3865.62, not 3865.6199999999994."""


def chronicle_line(record: Record, indent: str = "") -> str:
    """Return a record in one line: when, who, what; as much of it as fits."""
    text = f"{indent}{show_duration(record['t']):>9}  {_told(record)}"
    return cut(visible(text), COLUMNS_MAX)


def named(decision: Mapping[str, Any]) -> str:
    """Return the rules that decided; where none permits, those of which a clause did not hold."""
    rules = decision["rules"] or [one["rule"] for one in decision["clauses"] if one["rule"]]
    names = ", ".join(dict.fromkeys(rules))
    code = decision["code"]
    return f"{names} ({code})" if names and code else names or str(code or decision["kind"])


def _told(record: Record) -> str:
    if record["kind"] in {"change", "truth", "belief", "spoken", "flow"}:
        return _seen_or_said(record)
    match record["kind"]:
        case "message":
            return _message(record)
        case "command":
            reason = f": {record['reason']}" if record["reason"] else ""
            return f"{record['command']} is {record['status']}{reason}"
        case "decision":
            decision = record["decision"]
            asked = f"{record['sender']}'s {record['action']}"
            return f"{record['device']} decides {asked}: {decision['kind']}, {named(decision)}"
        case "fault":
            happens = "begins" if record["broken"] else "ends"
            rest = {key: record[key] for key in record if key not in {*_HEAD, "fault", "device", "broken"}}
            return f"{record['device']}: fault {record['fault']} {happens} {_listed(rest)}".rstrip()
        case kind:
            return f"{kind} {_listed({key: record[key] for key in record if key not in _HEAD})}"


def _seen_or_said(record: Record) -> str:
    """Return what is true, believed or received, or what was said aloud."""
    device = record["device"]
    match record["kind"]:
        case "change":
            return f"{device} is now {_listed(record['changes'])}"
        case "truth":
            return f"{device} truly is {_listed(record['facts'])}"
        case "spoken":
            return f"{device} says: {record['text']}"
        case "flow":
            return f"{device} receives {record['datum']} of {record['source']}: {record['message']}"
        case _:
            age = show_duration(max(0, record["age_ms"]))
            return f"{device} believes of {record['source']}: {_listed(record['values'])} ({age} old)"


_HEAD = frozenset({"n", "t", "kind", "cause"})


def _message(record: Record) -> str:
    """Return a message as its topic below the household, and what it says."""
    content = record.get("signed", record.get("data", record.get("raw")))
    if isinstance(content, Mapping):
        said = {key: it for key, it in content.items() if key not in _NOISE and it not in (None, "", {})}
        content = _listed(said.get("values", said))
    topic = "/".join(record["topic"].split("/")[2:])
    return f"{record['device']} → {topic}  {content}".rstrip()


def _listed(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {_shown(value)}" for name, value in values.items())


def _shown(value: Any) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, float):
        value = float(f"{value:.{_DIGITS}g}")
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
