"""Files with mistakes: each is told once, with its place and its line, and nothing is run for it."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.shell.carhome import HELD, HOUSEHOLD, Command, carhome

FILE = "a.scenario.yaml"
HOUSEHOLD_FILE = "households/wang.household.yaml"


@dataclass(frozen=True, slots=True)
class Wrong:
    """A file with a mistake in it, and what is said of it.

    Attributes:
        what: the mistake, for the name of the test.
        content: of the scenario file.
        place: line and column of the mistake.
        carets: how much is underlined; 0 when there is no line to show.
        sentence: what is said.
    """

    what: str
    content: str | bytes
    place: str
    carets: int
    sentence: str

    @property
    def raw(self) -> bytes:
        """The content as it lies in the file."""
        return self.content if isinstance(self.content, bytes) else self.content.encode()


def but(old: str, new: str) -> str:
    """Return a sound scenario with one thing changed."""
    assert HELD.count(old) == 1
    return HELD.replace(old, new)


BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n"
LATER = HELD.replace("opened: done", "later: done") + (
    "  - do: watch.lock\n    with: {car: su7}\n    as: later\n"
)

WRONG = [
    Wrong("tab", but("    as: opened", "\tas: opened"), "11:1", 4, "a tab indents this line"),
    Wrong(
        "duplicate key", but("tags: [M03]", "tags: [M03]\ntags: []"), "3:1", 4, "key `tags` is given twice"
    ),
    Wrong("unknown key", but("tags:", "tgas:"), "2:1", 4, "unknown key `tgas`"),
    Wrong("missing key", but("household: wang\n", ""), "1:1", 8, "key `household` is missing"),
    Wrong("unknown verb", but("- expect:", "- expct:"), "12:5", 5, "unknown verb `expct`"),
    Wrong("two verbs", but("    as: opened", "    say: open"), "11:5", 3, "a step has one verb"),
    Wrong(
        "unknown device", but("do: watch", "do: wacht"), "9:9", 12, "there is no `wacht` in household wang"
    ),
    Wrong("unknown act", but("watch.unlock", "watch.unlok"), "9:9", 11, "`watch` has no verb `unlok`"),
    Wrong("unknown fact", but("su7.locked: false", "su7.lokced: false"), "12:28", 10, "`lokced`"),
    Wrong(
        "unknown rule", but("opened: done", "opened: denied, rule: key"), "12:36", 3, "there is no rule `key`"
    ),
    Wrong("unknown person", but("wearer: lin", "wearer: lina"), "7:35", 4, "lina"),
    Wrong("wrong type", but("locked: true", "locked: 12"), "5:17", 2, "expected `true` or `false`"),
    Wrong("wrong unit", but("within: 5s", "within: 5 kg"), "13:13", 4, "`kg` is not a unit of duration"),
    Wrong("no unit", but("within: 5s", "within: 5"), "13:13", 1, "5"),
    Wrong("negative time", but("within: 5s", "within: -5s"), "13:13", 3, "`-5s` is below"),
    Wrong("later command", LATER, "12:14", 5, "`later` is named only later, on line 16"),
    Wrong("never named", but("as: opened", "as: open"), "12:14", 6, "opened"),
    Wrong("alias bomb", BOMB, "1:4", 2, "the anchor or alias `&a` is not read here"),
    Wrong("tag", but("[M03]", "!!python/object:os.system x"), "2:7", 25, "is not read here"),
    Wrong("two documents", HELD + "---\n" + HELD, "14:1", 3, "document"),
    Wrong("empty", "", "1:1", 0, "the file is empty"),
    Wrong("a list", "- a\n- b\n", "1:1", 1, "the document is a list of 2"),
    Wrong("binary", b"\x7fELF\x02\x01\x01\x00\x00", "1:1", 4, "U+007F"),
    Wrong("not UTF-8", b"tags: []\nscenario: caf\xe9!\n", "2:14", 6, "byte 0xe9 does not fit"),
    Wrong("escape byte", but("The watch", "The \x1b[31mwatch"), "1:15", 4, "U+001B may not stand in a file"),
    Wrong("escape in quotes", but("The watch opens the car", '"\\e[31mred"'), "1:11", 11, "U+001B"),
    Wrong("reversing mark", but("The watch", "The \u202ewatch"), "1:15", 6, "U+202E"),
    Wrong("household missing", but("household: wang", "household: wong"), "3:12", 4, "no household `wong`"),
    Wrong("outside household", but("household: wang", "household: ../wang"), "3:12", 7, "../wang"),
    Wrong("unused column", HELD + "cases:\n  - {who: lin}\n", "15:6", 3, "`who` is never used"),
    Wrong("two megabytes", HELD + "#" * 2_000_000, "1:1", 0, "larger than 1,048,576 bytes"),
    Wrong("unclosed", but("{car: su7}", "{car: su7"), "10:11", 1, "closed"),
    Wrong("cut short", HELD[:-5], "13:5", 1, "this key has no `:` after it"),
]


def assert_one_snippet(text: str, place: str, carets: int, sentence: str) -> None:
    """Hold an error against what it has to show."""
    lines = text.splitlines()
    assert text.count("error[") == 1
    assert lines[0].startswith("error[")
    assert sentence in lines[0]
    assert lines[1].strip() == f"--> {place}"
    underlined = [line for line in lines if line.strip().strip("|").strip().strip("^") == "" and "^" in line]
    assert [line.count("^") for line in underlined] == ([carets] if carets else [])
    if carets:
        number, _, source = lines[3].partition(" | ")
        assert number.strip() == place.split(":")[1]
        assert lines[4].index("^") - (len(number) + 3) <= len(source)


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.what)
def test_mistake_is_told_once_and_nothing_is_run(wrong: Wrong, home: Path, here: Command) -> None:
    """A scenario that cannot be ends with 2 and one snippet: no broker is started and no verdict given."""
    (home / FILE).write_bytes(wrong.raw)

    ended = here("run", FILE, "--broker", "mosquitto", "--record", "records")

    assert (ended.code, ended.out) == (2, "")
    assert_one_snippet(ended.err, f"{FILE}:{wrong.place}", wrong.carets, wrong.sentence)
    assert "broker:" not in ended.err
    assert "\x1b" not in ended.err
    assert not (home / "records").exists()


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.what)
def test_check_says_the_same_as_run(wrong: Wrong, home: Path, here: Command) -> None:
    """`check` finds every mistake that `run` finds, with the same words."""
    (home / FILE).write_bytes(wrong.raw)

    checked = here("check", FILE)

    assert (checked.code, checked.out) == (2, "")
    assert_one_snippet(checked.err, f"{FILE}:{wrong.place}", wrong.carets, wrong.sentence)
    assert "\x1b" not in checked.err


WRONG_HOUSEHOLD = [
    Wrong("unknown kind", HOUSEHOLD.replace("kind: watch", "kind: wtach"), "12:17", 5, "no kind of device"),
    Wrong("unknown role", HOUSEHOLD.replace("role: owner", "role: boss"), "3:15", 4, "expected one of"),
    Wrong("other name", HOUSEHOLD.replace("household: wang", "household: wong"), "1:12", 4, "not `wang`"),
    Wrong(
        "unknown owner", HOUSEHOLD.replace("luxury, owner: lin", "luxury, owner: lni"), "11:46", 3, "`lni`"
    ),
    Wrong("empty", "", "1:1", 0, "the file is empty"),
    Wrong("not UTF-8", b"household: w\xffng\n", "1:13", 6, "byte 0xff does not fit"),
]


@pytest.mark.parametrize("what", ["run", "check"])
@pytest.mark.parametrize("wrong", WRONG_HOUSEHOLD, ids=lambda wrong: wrong.what)
def test_broken_household_is_told_once(home: Path, here: Command, what: str, wrong: Wrong) -> None:
    """A household that cannot be is told once, in its own file, however many scenarios name it."""
    (home / HOUSEHOLD_FILE).write_bytes(wrong.raw)
    for number in range(3):
        (home / f"{number}.scenario.yaml").write_text(HELD)

    ended = here(what, ".")

    assert (ended.code, ended.out) == (2, "")
    assert_one_snippet(ended.err, f"{HOUSEHOLD_FILE}:{wrong.place}", wrong.carets, wrong.sentence)


@pytest.mark.parametrize("what", ["run", "check"])
def test_sound_files_do_not_run_beside_a_broken_one(home: Path, here: Command, what: str) -> None:
    """One broken file stops everything, and every broken one is told."""
    (home / "a.scenario.yaml").write_text(HELD)
    (home / "b.scenario.yaml").write_text(HELD.replace("- expect", "- expct"))
    (home / "c.scenario.yaml").write_text("")

    ended = here(what, ".")

    assert (ended.code, ended.out) == (2, "")
    assert "--> b.scenario.yaml:12:5" in ended.err
    assert "--> c.scenario.yaml:1:1" in ended.err


@pytest.mark.parametrize("what", ["run", "check"])
@pytest.mark.parametrize("text", [HELD, "", HELD.replace("{car: su7}", "{car: sux}")])
def test_escape_sequence_in_a_file_name_stays_text(home: Path, here: Command, what: str, text: str) -> None:
    """A file's name cannot colour or clear the screen, whether the file is sound or not."""
    (home / "a\x1b[2J\u202e.scenario.yaml").write_text(text)

    ended = here(what, ".", *(["--broker", "memory"] if what == "run" else []))

    assert "\x1b" not in ended.out + ended.err
    assert "\u202e" not in ended.out + ended.err
    if what == "run" or text != HELD:
        assert "a\\x1b[2J\\u202e.scenario.yaml" in ended.out + ended.err


def test_escape_sequence_in_a_missing_name_stays_text(home: Path, here: Command) -> None:
    """A name on the command line is shown as what it is, also where click complains."""
    (home / FILE).write_text(HELD)

    for words in (
        ("run", "no\x1b[2J"),
        ("run", FILE, "--broker", "no\x1b[2J"),
        ("run", FILE, "--tag", "no\x1b[2J"),
        ("run", FILE, "--seed", "no\x1b[2J"),
        ("run", FILE, "--no\x1b[2J"),
        ("no\x1b[2J",),
        ("devices", "no\x1b[2J"),
        ("diff", FILE, "no\x1b[2J"),
    ):
        ended = here(*words)

        assert (ended.code, ended.out) == (2, "")
        assert "\x1b" not in ended.err, words
        assert "\\x1b[2J" in ended.err


def test_text_of_a_scenario_is_shown_as_it_is(home: Path) -> None:
    """Words of many scripts pass; what a terminal would obey cannot even stand in a file."""
    (home / FILE).write_text(HELD.replace("The watch opens the car", "手表打开汽车 😀 — né"))

    ended = carhome(home, "run", FILE, "--broker", "memory")

    assert ended.code == 0
    assert "手表打开汽车 😀 — né" in ended.lines


def test_link_to_nothing_is_told(home: Path, here: Command) -> None:
    """A link that leads nowhere is no file."""
    (home / "b.scenario.yaml").symlink_to("nowhere")

    ended = here("check", "b.scenario.yaml")

    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("error[US100]: there is no file or folder `b.scenario.yaml`")
