"""Changes that keep an input's form: a value, a name or a level of a topic becomes another one.

Flipped bits hardly ever put a whole date or `NaN` where one is read; these do.
"""

import random
import re
from typing import Final

from tests.fuzz.seeds import LITERALS, words

_TOKENS: Final = re.compile(rb'"(?:[^"\\]|\\.)*"|[^\s{}\[\]:,/"\0]+|.', re.DOTALL)
"""The strings, numbers and signs of JSON, and the levels of topics."""
_SIGNS: Final = frozenset({*(bytes([sign]) for sign in b'{}[]:,/" \0\n')})
_EDITS: Final = (1, 1, 1, 1, 2, 3)
"""How many tokens are changed: mostly one, for two mistakes at once hide each other."""
_ONE_IN: Final = 8
"""How often a whole object is replaced instead of one token."""
_LETTERS: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def reworded(data: bytes, chance: random.Random) -> bytes:
    """Return an input with one to three of its tokens replaced, doubled, dropped or spelt anew."""
    tokens: list[bytes] = _TOKENS.findall(data) or [b""]
    for _ in range(chance.choice(_EDITS)):
        said = [at for at, token in enumerate(tokens) if token not in _SIGNS]
        at = chance.choice(said) if said else chance.randrange(len(tokens))
        if chance.randrange(_ONE_IN) == 0:
            tokens = _flattened(tokens, chance)
            continue
        named = tokens[at + 1 : at + 2] == [b":"]
        tokens[at] = _named(tokens, at, chance) if named else _valued(tokens, at, chance)
    return b"".join(tokens)


def _flattened(tokens: list[bytes], chance: random.Random) -> list[bytes]:
    """Return the tokens with a whole object or list replaced by a value."""
    opening = [at for at, token in enumerate(tokens) if token in {b"{", b"["}]
    if not opening:
        return tokens
    began = chance.choice(opening)
    depth = 0
    for ended, token in enumerate(tokens[began:], start=began):
        depth += (token in {b"{", b"["}) - (token in {b"}", b"]"})
        if depth == 0:
            return [*tokens[:began], chance.choice(LITERALS), *tokens[ended + 1 :]]
    return tokens


def _named(tokens: list[bytes], at: int, chance: random.Random) -> bytes:
    """Return what the name of a field becomes."""
    name = tokens[at]
    match chance.randrange(4):
        case 0:
            return b'"more":' + chance.choice(LITERALS) + b"," + name
        case 1:
            return name + b":" + chance.choice(LITERALS) + b"," + name
        case 2:
            return b'"' + chance.choice(words()).strip(b'":') + b'"'
        case _:
            return _spelt(name, chance)


def _valued(tokens: list[bytes], at: int, chance: random.Random) -> bytes:
    """Return what a value, or a level of a topic, becomes."""
    value = tokens[at]
    match chance.randrange(8):
        case 0 | 1 | 2:
            return chance.choice(LITERALS)
        case 3:
            return chance.choice(words())
        case 4:
            return chance.choice([token for token in tokens if token not in _SIGNS] or [value])
        case 5:
            return b'"' + value + b'"' if value[:1] != b'"' else value[1:-1]
        case 6:
            return b""
        case _:
            return _spelt(value, chance)


def _spelt(token: bytes, chance: random.Random) -> bytes:
    """Return a token with one of its letters changed, mostly its last one, dropped or doubled."""
    quoted = len(token) > 2 and token[:1] == b'"'
    word = token[1:-1] if quoted else token
    at = chance.choice((len(word) - 1, chance.randrange(max(1, len(word)))))
    letter = bytes([chance.choice(_LETTERS)])
    word = word[: max(0, at)] + chance.choice((letter, letter, b"", letter + letter)) + word[at + 1 :]
    return b'"' + word + b'"' if quoted else word
