"""A sentence as it was transcribed, made plain: one width, one case, no punctuation, no wake word."""

import re
import unicodedata
from typing import Literal

Language = Literal["en", "zh"]
"""The languages the assistant speaks."""

SENTENCE_LENGTH_MAX = 200
"""Characters in one sentence; a longer one is nothing a person says in one breath."""

_HAN = "㐀-䶿一-鿿"
_DASH = re.compile(r"[‐‑‒–—−]")
# What separates words and says nothing. A point or comma inside a number and the sign before one stay,
# so that `-20` never becomes 20, and `2.1` never 21.
_SEPARATOR = re.compile(r"[!?;:~\"“”…、。()]|[.,](?!\d)|(?<!\d)[.,]|-(?!\d)|(?<=[a-z0-9])-")
_SPACE_BESIDE_HAN = re.compile(rf"(?<=[{_HAN}])\s+|\s+(?=[{_HAN}])")
_WAKE_WORD = re.compile(r"(?:hey ?xiao ?mi(?![a-z])|小爱同学)\s*")
_PAUSE = re.compile(r"[,;:。!?、](?!\d)|(?<!\d)[,;:]")
_CHINESE = re.compile(rf"[{_HAN}]")


def language_of(sentence: str) -> Language:
    """Return `zh` for a sentence with a Chinese character in it, `en` for any other."""
    return "zh" if _CHINESE.search(sentence) else "en"


def plain(sentence: str) -> str:
    """Return the sentence in NFKC (Unicode Annex 15) and one case, words parted by single spaces.

    Chinese needs no spaces, so none are left beside a Chinese character.
    """
    text = unicodedata.normalize("NFKC", sentence).casefold()
    text = "".join(character for character in text if unicodedata.category(character) != "Cf")
    text = _SEPARATOR.sub(" ", _DASH.sub("-", text.replace("’", "'")))
    return _SPACE_BESIDE_HAN.sub("", " ".join(text.split()))


def clauses(sentence: str) -> list[str]:
    """Return the plain parts of a sentence between its commas and stops, those with a word in them."""
    parts = (plain(part) for part in _PAUSE.split(unicodedata.normalize("NFKC", sentence)))
    return [part for part in parts if part]


def after_wake_word(text: str) -> str | None:
    """Return what a plain sentence says after the wake word, or None if it does not begin with it."""
    match = _WAKE_WORD.match(text)
    return None if match is None else text[match.end() :]
