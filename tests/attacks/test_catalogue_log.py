"""Row 44 of the catalogue: whoever changes a recording afterwards is seen."""

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.trust.envelope import EnvelopeError
from sim.trust.identity import Identity, Keyring
from sim.trust.log_seal import EVERY, Chain, chain_of, difference, sealed

SIGNER = Identity.of("auditor", b"the key of whoever seals logs...")
THIEF = Identity.of("auditor", b"the key of somebody else........")
KEYS = Keyring([SIGNER])
LOG = [f"record {number}\n".encode() for number in range(2 * EVERY + 20)]
SEAL = sealed(SIGNER, chain_of(LOG))


def told(log: list[bytes]) -> str:
    """Return how a log differs from the one that was sealed."""
    return difference(chain_of(log), SEAL, KEYS)


def test_row_44_a_log_as_it_was_is_said_to_be_so() -> None:
    """Also from a seal that was written to a file and read again."""
    assert told(LOG) == ""
    assert difference(chain_of(LOG), json.loads(json.dumps(SEAL)), KEYS) == ""


@given(at=st.integers(0, len(LOG) - 1), what=st.sampled_from(["bit", "gone", "twice", "swapped", "cut"]))
def test_row_44_every_change_of_a_log_is_seen_and_about_where(at: int, what: str) -> None:
    """One bit of one line, a line taken away, doubled or exchanged with its neighbour, an end cut off."""
    log = list(LOG)
    match what:
        case "bit":
            log[at] = bytes([log[at][0] ^ 1]) + log[at][1:]
        case "gone":
            del log[at]
        case "twice":
            log.insert(at, log[at])
        case "swapped":
            log[at], log[at - 1] = log[at - 1], log[at]
        case _:
            del log[at:]

    why = told(log)

    first = 0 if what == "swapped" and at == 0 else at - (what == "swapped") + (what == "twice")
    block = first // EVERY * EVERY
    assert why
    assert f"{block:,}" in why or f"{block + 1:,}" in why


@pytest.mark.parametrize(
    ("seal", "code"),
    [
        (sealed(THIEF, chain_of(LOG)), "UNKNOWN_KEY"),
        ({**sealed(THIEF, chain_of(LOG[:5])), "kid": SIGNER.kid}, "BAD_SIGNATURE"),
        ({**SEAL, "p": sealed(SIGNER, chain_of(LOG[:5]))["p"]}, "BAD_SIGNATURE"),
        ({**SEAL, "typ": "command"}, "WRONG_TYPE"),
        ({"heads": []}, "DECODING"),
    ],
)
def test_row_44_a_seal_of_somebody_else_is_none(seal: dict[str, object], code: str) -> None:
    """Neither with another key, nor with the right name on the wrong signature."""
    with pytest.raises(EnvelopeError) as refused:
        difference(chain_of(LOG), seal, KEYS)
    assert refused.value.code == code


def test_row_44_marks_on_the_way_prove_nothing() -> None:
    """Who exchanges them can mislead about where, and not about whether."""
    changed = [*LOG[:-1], b"another\n"]
    misled = {**SEAL, "heads": "none"}

    assert difference(chain_of(LOG), misled, KEYS) == ""
    assert difference(chain_of(changed), misled, KEYS) == f"something was changed in lines 1 to {len(LOG)}"


def unordered(log: list[bytes]) -> Chain:
    """Return a chain that is none: it depends on every line and not on their order."""
    return Chain(len(log), hashlib.sha256(b"".join(sorted(log))).digest(), ())


def test_row_44_a_chain_that_is_none_does_not_see_lines_change_places() -> None:
    """What the exchanged neighbours above are for."""
    seal = sealed(SIGNER, unordered(LOG))
    assert difference(unordered(LOG[::-1]), seal, KEYS) == ""
    assert difference(unordered(LOG[1:]), seal, KEYS)
