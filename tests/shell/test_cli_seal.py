"""`carhome seal` and `carhome verify`: row 44 of the catalogue of attacks, from the command line."""

from pathlib import Path

import pytest

from tests.shell.carhome import HELD, Command

FILE = "a.scenario.yaml"


def public_key(printed: str) -> str:
    """Return the key that `carhome seal` prints."""
    return printed.rpartition("public key: ")[2].strip()


def test_row_44_a_recording_is_sealed_and_verified_from_the_command_line(home: Path, here: Command) -> None:
    """The key is made with mode 0600; a changed recording ends with 1 and says so, an unchanged with 0."""
    (home / FILE).write_text(HELD)
    here("run", FILE, "--broker", "memory", "--record", "a.ndjson")

    made = here("seal", "a.ndjson", "--key", "auditor.key")
    sound = here("verify", "a.ndjson", "--public", public_key(made.out))
    text = (home / "a.ndjson").read_text(encoding="utf-8")
    (home / "a.ndjson").write_text(text.replace('"allowed":true', '"allowed":false'), encoding="utf-8")
    changed = here("verify", "a.ndjson", "--public", public_key(made.out))

    assert (made.code, sound.code, changed.code) == (0, 0, 1)
    assert (home / "auditor.key").stat().st_mode & 0o777 == 0o600
    assert "a new key is in auditor.key" in made.err
    assert sound.out == f"a.ndjson is what was sealed: {len(text.splitlines())} lines\n"
    assert changed.out.startswith("a.ndjson is not what was sealed: something was changed in lines 1 to ")
    again = here("seal", "a.ndjson", "--key", "auditor.key")
    assert (again.err, public_key(again.out)) == ("", public_key(made.out))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("seal", "b.ndjson", "--key", "k"), "`b.ndjson`"),
        (("verify", "b.ndjson", "--public", "00" * 32), "`b.ndjson`"),
        (("verify", "a.ndjson", "--public", "key"), "the public key is not 64 hex digits"),
        (
            ("verify", "a.ndjson", "--public", "11" * 32),
            "the seal of `a.ndjson` does not hold for this key (UNKNOWN_KEY): it was made with another key\n",
        ),
        (("seal", "a.ndjson", "--key", "a.ndjson"), "the key `a.ndjson` would overwrite a file that"),
        (
            ("seal", "a.ndjson", "--key", "a.ndjson.seal"),
            "the seal and the key would both be written to `a.ndjson.seal`",
        ),
        (("verify", "c.ndjson", "--public", "11" * 32), "`c.ndjson` has no seal `c.ndjson.seal`"),
        (("verify", "d.ndjson", "--public", "11" * 32), "`d.ndjson.seal` is no seal: not JSON"),
        (("seal", "a.ndjson", "--key", "short.key"), "`short.key` holds no key of 64 hex digits"),
        (("seal", "a.ndjson", "--key", "open.key"), "others may read `open.key`, which holds secrets"),
    ],
)
def test_row_44_mistakes_are_told_in_a_sentence(
    home: Path, here: Command, arguments: tuple[str, ...], sentence: str
) -> None:
    """What is not there, is no key or no seal, or is open to others."""
    for name in ("a", "c", "d"):
        (home / f"{name}.ndjson").write_text("{}\n")
    (home / "d.ndjson.seal").write_text("no seal")
    for name, mode in (("short.key", 0o600), ("open.key", 0o644)):
        (home / name).write_text("aa")
        (home / name).chmod(mode)
    assert here("seal", "a.ndjson", "--key", "good.key").code == 0

    ended = here(*arguments)

    assert (ended.code, ended.out) == (2, "")
    assert sentence in ended.err
