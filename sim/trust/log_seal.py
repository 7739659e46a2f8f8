"""Seals of recordings: who has changed, cut or lengthened one afterwards is seen, and about where.

The lines of a recording are chained, h(0) = SHA-256(domain) and h(i) = SHA-256(h(i-1) + SHA-256(line i)),
so the last value, the head, depends on every line and on their order; head and number of lines are signed.
The construction is that of Schneier and Kelsey, "Secure audit logs to support computer forensics", ACM TISSEC
2 (1999) 159, without their evolving keys: whoever seals is not the one whose log it is. Heads on the way are
kept beside the signature: they prove nothing, and say only between which lines to look.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sim.core.messages import dump_json, load_json_object
from sim.trust.envelope import seal, unseal
from sim.trust.identity import Identity, KeyFinder

TYPE: Final = "log-seal"
EVERY: Final = 100
"""After how many lines a head is kept, to say where something was changed."""
_BEGINNING: Final = hashlib.sha256(b"carhome/1 log\0").digest()


@dataclass(frozen=True, slots=True)
class Chain:
    """The chain over a recording.

    Attributes:
        lines: how many there are.
        head: the last value, 32 bytes.
        heads: the values after every `EVERY` lines.
    """

    lines: int
    head: bytes
    heads: tuple[bytes, ...]


def chain_of(lines: Iterable[bytes]) -> Chain:
    """Return the chain over lines, each with its end: that the last one lacks it is a change, too."""
    head, count = _BEGINNING, 0
    heads: list[bytes] = []
    for line in lines:
        head = hashlib.sha256(head + hashlib.sha256(line).digest()).digest()
        count += 1
        if count % EVERY == 0:
            heads.append(head)
    return Chain(count, head, tuple(heads))


def sealed(signer: Identity, chain: Chain) -> dict[str, Any]:
    """Return the seal of a chain, ready for JSON."""
    payload = dump_json({"lines": chain.lines, "head": chain.head.hex()})
    return {**seal(signer, TYPE, payload), "heads": [head.hex() for head in chain.heads]}


def difference(found: Chain, seal_file: Mapping[str, Any], keys: KeyFinder) -> str:
    """Return how a recording differs from what was sealed, as the end of a sentence; empty when it does not.

    Args:
        found: the chain over the recording as it is.
        seal_file: the seal, straight from the strict JSON reader.
        keys: finds the key of whoever is believed.

    Raises:
        EnvelopeError: when the seal is none, or is not signed by that key.
    """
    heads = seal_file.get("heads")
    envelope = {name: value for name, value in seal_file.items() if name != "heads"}
    signed = load_json_object(unseal(envelope, TYPE, keys).payload)
    lines, head = signed["lines"], signed["head"]
    if (found.lines, found.head.hex()) == (lines, head):
        return ""
    kept = [str(one) for one in heads] if isinstance(heads, list) else []
    same = 0
    for ours, theirs in zip(found.heads, kept, strict=False):
        if ours.hex() != theirs:
            return f"something was changed, added or removed in lines {same + 1:,} to {same + EVERY:,}"
        same += EVERY
    if found.lines != lines:
        return f"it has {found.lines:,} lines instead of {lines:,}, and differs after line {same:,}"
    return f"something was changed in lines {same + 1:,} to {lines:,}"
