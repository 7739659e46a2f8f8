"""A sentence of several parts: things asked for, and reasons for them, between commas and conjunctions.

A reason (`I'm done working, ...`) may be left out, since it asks for nothing. Whatever else is not understood
leaves the whole sentence not understood: a sentence is never half obeyed.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from sim.services.voice.recognizer import Recognizer
from sim.services.voice.tongue import Tongue
from sim.services.voice.tongues import FORBIDDEN
from sim.services.voice.wishes import Wish

PARTS_MAX = 8
"""How many things one sentence may ask for."""
REASON = "reason"
"""The intent of what asks for nothing."""
_PRONOUN = re.compile(r"\b(?:it|them|that)\b")


def wishes_of(text: str, spoken: Sequence[str], tongue: Tongue, recognizer: Recognizer) -> list[Wish] | None:
    """Return what the parts of a sentence ask for; None when one of them is neither a wish nor a reason.

    Args:
        text: the simplified sentence.
        spoken: its plain parts between commas, without the wake word.
        tongue: its language.
        recognizer: of that language.
    """
    if len(spoken) > PARTS_MAX:
        return None
    found: list[Wish] = []
    listed = _listed(text, recognizer)
    if listed is not None or len(spoken) == 1:
        known = listed or _wishes(text, None, tongue, recognizer)
        return None if known is None else _as_one(known)
    before: str | None = None
    for part in spoken:
        known = _wishes(tongue.simplified(part), before, tongue, recognizer)
        if known is None:
            if not tongue.is_reason(part) or FORBIDDEN.search(part):
                return None
            known = [Wish(REASON, room=recognizer.room_of(tongue.simplified(part)), felt=True)]
        before = part
        found.extend(known)
    return _as_one(found) if any(wish.intent != REASON for wish in found) else None


def _wishes(text: str, before: str | None, tongue: Tongue, recognizer: Recognizer) -> list[Wish] | None:
    """Return what one part between commas asks for, or None.

    Args:
        text: the simplified part.
        before: the plain part before it, which may name what this one is about.
        tongue: its language.
        recognizer: of that language.
    """
    about = None if before is None else recognizer.mentioned(tongue.simplified(before))
    if about is not None:
        joined = _PRONOUN.sub(about, text, count=1) if _PRONOUN.search(text) else f"{about} {text}".strip()
        whole = recognizer.recognize(joined)
        if whole is not None and not whole.free_text and not recognizer.mentioned(text):
            return [whole]
    core = tongue.without_reason(text)
    if core != text and not FORBIDDEN.search(text):
        text = core
    single = recognizer.recognize(text)
    if single is None and (listed := _listed(text, recognizer)) is not None:
        return listed
    pieces = tongue.split(text)
    if single is not None and (len(pieces) == 1 or not single.free_text):
        return _allowed([single])
    wishes = [recognizer.recognize(piece) for piece in pieces[:PARTS_MAX]]
    known = [wish for wish in wishes if wish is not None]
    if len(known) == len(pieces):
        return _allowed(known)
    return None if single is None else _allowed([single])


def _listed(text: str, recognizer: Recognizer) -> list[Wish] | None:
    """Return a wish for each of several things or rooms that a text lists; None when it lists none."""
    apart = [recognizer.recognize(one) for one in recognizer.apart(text)]
    each = [wish for wish in apart if wish is not None and not wish.free_text]
    return each if each and len(each) == len(apart) else None


def _allowed(wishes: list[Wish]) -> list[Wish] | None:
    return None if any(FORBIDDEN.search(wish.free_text) for wish in wishes) else wishes


def _as_one(wishes: list[Wish]) -> list[Wish]:
    """Return the wishes of one sentence, each with what the others say of it.

    `It is dark in the kitchen, turn on the light` asks for one thing: what is felt is the reason of the
    rest, and says where.
    """
    asked = [wish for wish in wishes if not wish.felt]
    if not asked:
        return [wish for wish in wishes if wish.intent != REASON]
    felt = [wish for wish in wishes if wish.felt]
    for reason in felt:
        asked = [
            wish
            if _placed(wish)
            else replace(wish, device=reason.device, car=reason.car, near=reason.room or wish.near)
            if wish.intent == reason.intent
            else replace(wish, near=reason.room or wish.near)
            for wish in asked
        ]
    heating_and_cooling = {wish.thing for wish in asked if wish.power == "off"} >= {"heat", "cool"}
    if heating_and_cooling:
        return [replace(wish, every=True) if wish.thing in {"heat", "cool"} else wish for wish in asked]
    return asked


def _placed(wish: Wish) -> bool:
    return bool(wish.room or wish.home or wish.device or wish.car is not None or wish.here)
