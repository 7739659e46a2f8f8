"""No secret of a run is in its records or in what people read: every byte is searched for each of them."""

import base64
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sim.core.messages import dump_json
from sim.report.chronicle import chronicle_line
from sim.report.console import case_lines
from sim.report.style import style_for
from sim.scenario.run import CaseResult, perform
from sim.shell.files import Shelf, find_scenarios
from sim.shell.playing import play_in_memory
from sim.trust.derivation import box_key, digital_key, seed_for_scenario
from sim.trust.digital_key import KeyReader, PairingCode
from sim.trust.digital_key.nonces import Nonces
from sim.trust.identity import Identity
from sim.world.stage import Cast

PROJECT = Path(__file__).parents[1]
STORIES = find_scenarios(
    [str(PROJECT / "scenarios" / name) for name in ("digital-key", "watch-key", "clipboard", "handoff")]
)
_RUN = re.compile(rb"[\w+/-]{16,}")


def spellings(secret: bytes) -> Iterator[bytes]:
    """Yield every way in which a secret could stand in a text."""
    yield secret.hex().encode()
    yield secret.hex().upper().encode()
    # Base64 of a secret inside a longer text begins at one of three places; its middle is in each.
    for shift in range(3):
        middle = base64.urlsafe_b64encode(b"\0" * shift + secret)[4:-4]
        yield middle
        yield middle.replace(b"-", b"+").replace(b"_", b"/")
    yield repr(secret).encode()
    yield json.dumps(repr(secret))[1:-1].encode()


def found_in(said: bytes, secrets: Mapping[str, bytes]) -> set[str]:
    """Return the names of the secrets that stand in what was said.

    Megabytes repeat a few names and numbers: for digits and letters each run of them is searched once, and
    for what Python writes of bytes only the lines that have an escaped byte.
    """
    sought = [text for secret in secrets.values() for text in spellings(secret)]
    assert all(_RUN.fullmatch(text) or b"\\x" in text for text in sought), "a spelling that is not looked for"
    runs = b"\n".join(set(_RUN.findall(said)))
    escaped = b"\n".join(line for line in said.split(b"\n") if b"\\x" in line)
    return {
        name
        for name, secret in secrets.items()
        for text in spellings(secret)
        if text in (escaped if b"\\x" in text else runs)
    }


@pytest.fixture(scope="module")
def secrets_and_results() -> tuple[dict[str, bytes], list[CaseResult]]:
    """Play the stories of keys, and keep every secret that was in use meanwhile."""
    secrets: dict[str, bytes] = {}
    opened, drawn = KeyReader.open_pairing, Nonces.draw

    def open_pairing(self: KeyReader, now_ms: int) -> tuple[KeyReader, PairingCode]:
        reader, code = opened(self, now_ms)
        secrets[f"pairing code {len(secrets)}"] = code.secret
        return reader, code

    def draw(self: Nonces, size: int, purpose: str) -> tuple[Nonces, bytes]:
        nonces, value = drawn(self, size, purpose)
        if purpose == "ephemeral" or purpose.startswith("letter "):
            secrets[f"ephemeral key {len(secrets)} for {purpose}"] = value
        return nonces, value

    patch = pytest.MonkeyPatch()
    patch.setattr(KeyReader, "open_pairing", open_pairing)
    patch.setattr(Nonces, "draw", draw)
    try:
        shelf = Shelf()
        results = [result for story in STORIES for result in _played(shelf, story, secrets)]
    finally:
        patch.undo()
    return secrets, results


def _played(shelf: Shelf, story: Path, secrets: dict[str, bytes]) -> Iterator[CaseResult]:
    scenario = shelf.scenario(story)
    cast = Cast(scenario.household, shelf.kinds, shelf.policy(scenario.household), scenario.seed)
    home = scenario.household.name
    for device in scenario.household.devices:
        seed = seed_for_scenario(scenario.seed, home, device)
        secrets[f"seed of {device} in {story.name}"] = seed
        identity = Identity.for_scenario(scenario.seed, home, device)
        secrets[f"key of {device} in {story.name}"] = identity.key.private_bytes_raw()
        secrets[f"car key of {device} in {story.name}"] = digital_key(device, seed).key.private_bytes_raw()
        secrets[f"key of letters to {device} in {story.name}"] = box_key(seed).private_bytes_raw()
    for case in scenario.cases:
        yield play_in_memory(perform(scenario, case, cast))


def texts(results: list[CaseResult]) -> Iterator[bytes]:
    """Yield everything that leaves a run: its records, and its lines for people, with a failure's as well."""
    for result in results:
        yield b"\n".join(dump_json(record) for record in result.records)
        yield case_lines(result, style_for(colour=False), brief=False).encode()
        yield "\n".join(chronicle_line(record) for record in result.records).encode()


def test_no_private_key_seed_or_code_is_in_what_a_run_says(
    secrets_and_results: tuple[dict[str, bytes], list[CaseResult]],
) -> None:
    """Pairing codes, ephemeral and long-term keys and seeds are nowhere, in no spelling."""
    secrets, results = secrets_and_results
    said = b"\n".join(texts(results))
    assert sum("pairing code" in name for name in secrets) >= 3
    assert sum("for ephemeral" in name for name in secrets) >= 20
    assert sum("for letter" in name for name in secrets) >= 10
    assert not found_in(said, secrets)


def test_search_finds_a_secret_that_is_there(
    secrets_and_results: tuple[dict[str, bytes], list[CaseResult]],
) -> None:
    """What is planted is found in hex, in base64 at any place, and in a Python text."""
    secrets, results = secrets_and_results
    secret = next(iter(secrets.values()))
    plants: list[Any] = [secret.hex(), repr(secret)]
    plants += [base64.urlsafe_b64encode(b"x" * lead + secret + b"tail").decode() for lead in range(5)]
    for plant in plants:
        leaky = replace(results[0], records=[*results[0].records, {"kind": "leak", "text": plant}])
        said = b"\n".join(dump_json(record) for record in leaky.records)
        assert found_in(said, {"planted": secret}) == {"planted"}, plant


def test_secrets_hide_in_reprs() -> None:
    """What a traceback or a debugger's line would print of keys, codes and nonces holds no secret."""
    seed = seed_for_scenario(7, "wang", "su7")
    identity = digital_key("su7", seed)
    nonces = Nonces(seed, 1)
    code = PairingCode("su7", b"\1" * 32, b"\2" * 16)
    said = repr((identity, nonces, code)).encode()
    for secret in (seed, identity.key.private_bytes_raw(), code.secret):
        assert not any(text in said for text in spellings(secret))
