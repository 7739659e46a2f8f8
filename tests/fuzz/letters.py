"""What is fuzzed of sealed letters: what a stranger puts in the place of one."""

from dataclasses import replace
from typing import Final

from sim.core.device import Provision
from sim.core.messages import MalformedMessageError, dump_json, load_json_object
from sim.trust.derivation import box_key
from sim.trust.letters import LETTER_BYTES_MAX, REPLAYED, SEALED, LetterError, Letters
from tests.fuzz.readers import Target, same, sayable

_SECRETS: Final = {name: name.encode().ljust(32, b"\0") for name in ("button", "lamp", "phone")}
_BOXES: Final = {name: box_key(secret).public_key().public_bytes_raw() for name, secret in _SECRETS.items()}
_ID: Final = "button-act-1"
_TEXTS: Final = (b"", b"{}", b"a" * 100, "通知 \N{OLD KEY}".encode(), b"\xff\0", b'{"text":"over there"}')


def _letters(device: str, purpose: str = "clip", boot: int = 1, drawn: int = 0) -> Letters:
    """Return the letters of a device that has started and drawn so many times."""
    made = Letters.made(device, purpose, Provision(_SECRETS[device], boot, 0, boxes=_BOXES))
    assert made.nonces is not None
    return replace(made, nonces=replace(made.nonces, drawn=drawn))


def letters() -> list[bytes]:
    """Return letters of the button to the lamp, of two starts; and some that are not for it, or not its."""
    found = []
    for boot in (1, 2):
        sender = _letters("button", boot=boot)
        for text in _TEXTS:
            sender, letter = sender.seal("lamp", _ID, text)
            found.append(letter)
    others = [_letters("button").seal("phone", _ID, b"x"), _letters("phone").seal("lamp", _ID, b"x")]
    return [dump_json(letter) for letter in (*found, *(one for _, one in others))]


def check_letter(data: bytes) -> bool:
    """Letters: what is opened is, field by field, what only its sender can have sealed; and only once."""
    try:
        letter = load_json_object(data)
    except MalformedMessageError:
        return False
    lamp = _letters("lamp")
    try:
        successor, text = lamp.open("button", _ID, letter)
    except LetterError as error:
        sayable(error)
        return False
    assert len(text) <= LETTER_BYTES_MAX
    writer = _letters("button", boot=letter["boot"], drawn=letter["count"])
    same(sorted(writer.seal("lamp", _ID, text)[1].items()), sorted(letter.items()))
    _refused(successor, "button", _ID, letter, REPLAYED)
    kept = Letters.made("lamp", "clip", Provision(_SECRETS["lamp"], 2, 0, boxes=_BOXES), successor.kept())
    _refused(kept, "button", _ID, letter, REPLAYED)
    for reader, sender, letter_id in (
        (_letters("lamp", "notify"), "button", _ID),
        (_letters("phone"), "button", _ID),
        (lamp, "phone", _ID),
        (lamp, "button", "button-act-2"),
    ):
        _refused(reader, sender, letter_id, letter, SEALED)
    return True


def _refused(reader: Letters, sender: str, letter_id: str, letter: object, code: str) -> None:
    """Hold that a letter is opened neither again nor for anything else."""
    try:
        reader.open(sender, letter_id, letter)
    except LetterError as error:
        sayable(error, code)
        return
    msg = f"a letter was opened although it must be {code}"
    raise AssertionError(msg)


LETTERS: Final = {"letter": Target(check_letter, "letters")}
"""The target of sealed letters, by name."""
