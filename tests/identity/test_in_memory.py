"""What every shipped scenario records: it holds, says why it refuses, and tells no secret and no time."""

import json
from base64 import urlsafe_b64encode

import pytest

from sim.report.folding import COLUMNS_MAX, columns_of
from sim.trust.derivation import digital_key, seed_for_scenario
from sim.trust.identity import Identity
from sim.world.trace import Record
from tests.recordings import FILES, PROJECT, Recordings

REMOTE_DRIVING = ("steer", "accelerate", "brake", "shift", "release_parking_brake", "summon", "park_remotely")


# Of module scope, so that all tests of one scenario follow each other and read its records once.
@pytest.fixture(scope="module", params=FILES)
def file(request: pytest.FixtureRequest) -> str:
    """One shipped scenario after the other."""
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def lines(recordings: Recordings, file: str) -> list[str]:
    """The scenario's records as a recording has them."""
    return recordings.lines(file)


@pytest.fixture(scope="module")
def records(lines: list[str]) -> list[Record]:
    """The scenario's records."""
    return [json.loads(line) for line in lines]


def test_scenario_passes(records: list[Record]) -> None:
    """Every shipped scenario holds, in all its cases."""
    verdicts = [one for one in records if one["kind"] == "verdict"]

    assert {(one["verdict"], one["text"]) for one in verdicts} == {("pass", "")}
    assert all(one["asserted"] > 0 for one in verdicts)


def test_every_denial_says_why(records: list[Record]) -> None:
    """A refusal names rules, failed clauses or a check's code; remote driving always quotes the article."""
    for record in records:
        if record["kind"] != "decision" or record["decision"]["allowed"]:
            continue
        decision = record["decision"]
        assert decision["reason"], record
        assert decision["layer"], record
        assert decision["kind"] in {"forbidden", "not_permitted", "refused"}, record
        assert decision["errors"] == [], record
        if decision["kind"] == "refused":
            assert decision["code"], record
            assert decision["layer"] in {"rate", "freshness"}, record
            continue  # No rule was asked: too many, or too late.
        assert decision["rules"] or decision["clauses"], record
        assert (decision["code"] is None) == (decision["layer"] == "policy"), record
        assert bool(decision["because"]) == (decision["layer"] != "policy"), record
        if record["action"] in REMOTE_DRIVING:
            assert "no-remote-driving" in decision["rules"], record
            assert decision["article"], record
            assert decision["quote"], record


def test_records_are_a_graph_of_causes(records: list[Record]) -> None:
    """Records count up, never go back in time, and no cause comes after what it caused."""
    for case in _cases(records):
        known = {None}
        assert [one["n"] for one in case] == list(range(1, len(case) + 1))
        assert [one["t"] for one in case] == sorted(one["t"] for one in case)
        for record in case:
            known |= {record.get("id"), record.get("command")}
            assert record["cause"] in known, record


def _cases(records: list[Record]) -> list[list[Record]]:
    cases: list[list[Record]] = []
    for record in records:
        if record["kind"] == "run":
            cases.append([])
        cases[-1].append(record)
    return cases


def test_no_secret_of_a_device_is_in_a_record(recordings: Recordings, file: str, lines: list[str]) -> None:
    """Whoever reads a recording can forge nothing: neither seeds nor private keys are in it."""
    household, seed = recordings.stories.household(file)
    secrets = [seed_for_scenario(seed, household.name, name) for name in household.devices]
    secrets += [
        key.private_bytes_raw()
        for name, one in zip(household.devices, tuple(secrets), strict=True)
        for key in (digital_key(name, one).key, Identity.for_scenario(seed, household.name, name).key)
    ]
    spelt = {
        text
        for secret in secrets
        for text in (secret.hex(), urlsafe_b64encode(secret).decode().rstrip("="), repr(secret))
    }
    text = "\n".join(lines)
    assert [one for one in spelt if one in text] == []


def test_no_wall_clock_and_no_broker_is_in_a_record(lines: list[str], records: list[Record]) -> None:
    """What the records say is virtual: no port, no file of this machine, no time but the scenario's."""
    text = "\n".join(lines)

    assert "127.0.0.1" not in text
    assert str(PROJECT) not in text
    assert all(one["t"] >= 0 for one in records)


def test_what_is_printed_fits_the_terminal(recordings: Recordings, file: str) -> None:
    """No line of a run is wider than 80 columns, unless it holds a path."""
    lines = recordings.shown(file)

    assert lines
    assert [line for line in lines if columns_of(line) > COLUMNS_MAX and "/" not in line] == []
