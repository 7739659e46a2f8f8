"""Rules, suites, claims and words with mistakes: each is told once, with its place and what to do."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.shell.carhome import Command

RULE = '@id("mine")\n@reason("mine")\n@instead("ask")\n'
SUITE = """\
suite: mine
contexts: {usual: {authenticated: true, fresh: true, built_in: false, moving: false, expires_in_ms: 1}}
tests:
  - {name: one, principal: lin, action: set_climate, resource: Climate::climate, expect: allow}
"""
CLAIM = """\
claims:
  - name: one
    never: permit (principal, action in Action::"RemoteDriving", resource);
"""
WORDS = """\
kinds:
  toaster:
    toast: {groups: [Toast], facts: {minutes?: Long}}
"""


@dataclass(frozen=True, slots=True)
class Wrong:
    """A file with a mistake in it, and what is said of it.

    Attributes:
        what: the mistake, for the name of the test.
        file: the name of the file.
        content: what is in it.
        place: line and column of the mistake.
        sentence: how what is said begins.
    """

    what: str
    file: str
    content: str | bytes
    place: str
    sentence: str


def rule(what: str, body: str, place: str, sentence: str) -> Wrong:
    """Return a file of rules whose one rule is wrong."""
    return Wrong(what, "a.cedar", f"{RULE}{body}\n", place, sentence)


def suite(what: str, old: str, new: str, place: str, sentence: str) -> Wrong:
    """Return a sound suite with one thing changed."""
    assert SUITE.count(old) == 1
    return Wrong(what, "a_test.yaml", SUITE.replace(old, new), place, sentence)


def claim(what: str, old: str, new: str, place: str, sentence: str) -> Wrong:
    """Return sound claims with one thing changed."""
    assert CLAIM.count(old) == 1
    return Wrong(what, "a.claims.yaml", CLAIM.replace(old, new), place, sentence)


def words(what: str, old: str, new: str, place: str, sentence: str) -> Wrong:
    """Return a sound vocabulary with one thing changed."""
    assert WORDS.count(old) == 1
    return Wrong(what, "vocabulary.yaml", WORDS.replace(old, new), place, sentence)


SECOND = "  - {name: one, principal: lin, action: set_climate, resource: Climate::climate, expect: allow}\n"
ALTERNATIVES = " || ".join(f"context.expires_in_ms == {number}" for number in range(90))
WRONG = [
    rule(
        "role misspelt",
        'permit (principal in Role::"gest", action, resource);',
        "4:28",
        'there is no role `"gest"`',
    ),
    Wrong(
        "id with spaces",
        "a.cedar",
        f"{RULE.replace('mine', 'my rule')}permit (principal, action, resource);",
        "1:1",
        "an id is spelt with small letters",
    ),
    rule(
        "carriage return",
        "permit (principal, action, resource) // n\r; forbid (principal, action, resource)\n;",
        "4:42",
        "the invisible character U+000D",
    ),
    Wrong("old line ends", "a.cedar", '// ours\r@id("a")\r', "1:8", "the invisible character U+000D"),
    rule("no-break space", "permit (principal, action, resource);\n\u00a0", "5:1", "this is not one rule"),
    rule(
        "brackets",
        f"permit (principal, action, resource) when {{ {'(' * 900}true{')' * 900} }};",
        "4:75",
        "brackets stand in more than 30 others",
    ),
    rule(
        "many alternatives",
        f"permit (principal, action, resource) when {{ {ALTERNATIVES} }};",
        "1:1",
        "the rule has more parts within parts",
    ),
    rule(
        "endless",
        f"permit (principal, action, resource) when {{ {' && '.join(['context.moving'] * 900)} }};",
        "1:1",
        "the rule has more than 2,000 words and signs",
    ),
    rule(
        "syntax",
        "permit (principal, action, resource) when { context.moving = true };",
        "4:60",
        "the rule cannot be read: '=' is not a valid operator in Cedar",
    ),
    rule(
        "no semicolon",
        "permit (principal, action, resource)",
        "4:36",
        "the rule cannot be read: the rule goes on after this, or misses a `;`",
    ),
    rule(
        "unclosed",
        "permit (principal, action, resource) when { (context.moving };",
        "4:61",
        "the rule cannot be read: unexpected token `}`",
    ),
    rule(
        "word",
        "allow (principal, action, resource);",
        "4:1",
        "the rule cannot be read: invalid policy effect: allow",
    ),
    Wrong(
        "no id",
        "a.cedar",
        '@reason("x")\npermit (principal, action, resource);\n',
        "1:1",
        "a rule has no `@id`",
    ),
    Wrong(
        "no reason",
        "a.cedar",
        '@id("x")\npermit (principal, action, resource);\n',
        "1:1",
        "a rule has no `@reason`",
    ),
    Wrong(
        "empty reason",
        "a.cedar",
        '@id("x")\n@reason("")\npermit (principal, action, resource);\n',
        "2:1",
        "annotation `@reason` is empty",
    ),
    Wrong(
        "dup id",
        "a.cedar",
        f"{RULE}permit (principal, action, resource);\n" * 2,
        "5:1",
        "rule `mine` is there already, at mine/a.cedar:1:1",
    ),
    Wrong(
        "builtin id",
        "a.cedar",
        '@id("no-remote-driving")\n@reason("x")\npermit (principal, action, resource);\n',
        "1:1",
        "rule `no-remote-driving` is there already, at rules/remote_motion.cedar:7:1",
    ),
    Wrong(
        "annotation",
        "a.cedar",
        '@id("x")\n@reson("x")\npermit (principal, action, resource);\n',
        "2:1",
        "annotation `@reson` means nothing here",
    ),
    Wrong(
        "article",
        "a.cedar",
        '@id("x")\n@reason("x")\n@article("three")\npermit (principal, action, resource);\n',
        "3:1",
        "`three` is not the number of an article",
    ),
    rule(
        "template",
        "permit (principal == ?principal, action, resource);",
        "1:1",
        "a rule has `?principal` or `?resource`, which nothing fills in here",
    ),
    rule(
        "action",
        'permit (principal, action == Action::"unlok", resource);',
        "4:30",
        'the rule can never be right: unrecognized action `Action::"unlok"`',
    ),
    rule(
        "group",
        'permit (principal, action in Action::"NearAcess", resource);',
        "4:30",
        'the rule can never be right: unrecognized action `Action::"NearAcess"`',
    ),
    rule(
        "type",
        "permit (principal, action, resource is Carr);",
        "4:40",
        "the rule can never be right: unrecognized entity type `Carr`",
    ),
    rule(
        "attribute",
        'permit (principal, action == Action::"unlock", resource) when { context.distanec_cm < 3 };',
        "4:73",
        "the rule can never be right: attribute `distanec_cm` in context for Action:",
    ),
    rule(
        "unguarded",
        'permit (principal, action == Action::"unlock", resource) when { context.distance_cm < 3 };',
        "4:73",
        "the rule can never be right: unable to guarantee safety of access to option",
    ),
    rule(
        "compare",
        'permit (principal, action == Action::"unlock", resource) when { context.moving == 3 };',
        "4:65",
        "the rule can never be right: the types Bool and Long are not compatible",
    ),
    rule(
        "string order",
        'permit (principal, action == Action::"unlock", resource) '
        'when { context has code && context.code < "b" };',
        "4:85",
        "the rule can never be right: unexpected type: expected datetime, or duratio",
    ),
    rule(
        "misfit",
        'permit (principal, action == Action::"unlock", resource is Camera);',
        "4:48",
        "the rule can never be right: no action of any device fits its scope",
    ),
    rule(
        "role",
        'permit (principal in Rolle::"member", action, resource);',
        "4:22",
        "the rule can never be right: unrecognized entity type `Rolle`",
    ),
    Wrong(
        "not utf8", "a.cedar", b'@id("x")\n\xff', "2:1", "the file is not UTF-8 text: byte 0xff does not fit"
    ),
    Wrong("empty suite", "a_test.yaml", "", "1:1", "the file is empty"),
    suite("suite key", "suite:", "siute:", "1:1", "unknown key `siute`"),
    suite("suite tab", "  - {name", "\t- {name", "4:1", "a tab indents this line"),
    suite("suite action", "set_climate", "set_climat", "4:41", "there is no action `set_climat`"),
    suite("suite person", "principal: lin", "principal: lni", "4:28", "there is no entity `lni`"),
    suite("suite type", "Climate::climate", "Climat::climate", "4:64", "there is no entity type `Climat`"),
    suite(
        "suite expect",
        "expect: allow",
        "expect: allowed",
        "4:90",
        "`expect` is `allowed`, expected one of `allow`, `deny`, `error` or keys wit",
    ),
    suite(
        "suite rule",
        "expect: allow",
        "expect: allow, because: [household-run-the-home]",
        "4:107",
        "there is no rule `household-run-the-home`",
    ),
    suite("suite fact", "moving: false", "movin: false", "2:71", "no action here knows the fact `movin`"),
    suite("suite value", "moving: false", "moving: 3", "2:79", "`moving` is `3`, expected `true` or `false`"),
    suite("suite missing", "moving: false, ", "", "4:12", "`moving` is missing for `set_climate`"),
    suite(
        "suite unused",
        "contexts: {",
        "contexts: {rolling: {moving: true}, ",
        "2:12",
        "no test uses the context `rolling`",
    ),
    Wrong("suite dup", "a_test.yaml", SUITE + SECOND, "5:12", "there is already a test named `one`"),
    suite("suite skip", "expect: allow", "expect: allow, skip: ''", "4:97", "`skip` is empty"),
    claim("claims key", "never", "nevr", "3:5", "unknown key `nevr`"),
    claim(
        "claims area",
        "resource);",
        "resource)",
        "3:74",
        "the area cannot be read: the rule goes on after this, or misses a `;`",
    ),
    claim(
        "claims word",
        "RemoteDriving",
        "RemoteDrivng",
        "3:41",
        'the area can never be right: unrecognized action `Action::"RemoteDrivng"`',
    ),
    Wrong(
        "claims dup",
        "a.claims.yaml",
        CLAIM + CLAIM.partition("\n")[2],
        "4:11",
        "there is a claim `one` already",
    ),
    Wrong(
        "claims target",
        "a.claims.yaml",
        "claims:\n  - {name: one, same-as: bulit-in}\n",
        "2:26",
        "there are no rules called `bulit-in`",
    ),
    Wrong(
        "claims path",
        "a.claims.yaml",
        "claims:\n  - {name: one, same-as: other.cedar}\n",
        "2:26",
        "there is no file or folder `mine/other.cedar`",
    ),
    words(
        "vocab type",
        "Long",
        "Float",
        "3:48",
        "`minutes?` is `Float`, expected one of `Boolean`, `Long`, `String`",
    ),
    words("vocab group", "[Toast]", "[toast]", "3:22", "`toast` is not spelt like a group: `HomeControl`"),
    words(
        "vocab clash", "minutes?", "moving", "3:5", "fact `moving` has a name that every request uses already"
    ),
    Wrong(
        "vocab contra",
        "vocabulary.yaml",
        "kinds: {car: {lock: {groups: [Open], tier: anytime}}}\n",
        "1:15",
        "command `lock` is in `Secure`, but for kind `car` in `Open`",
    ),
]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.what)
def test_mistake_is_told_with_its_place_and_what_to_do(wrong: Wrong, home: Path, here: Command) -> None:
    """The exit code is 2; sentence, place and hint stand on standard error, and nothing else does."""
    folder = home / "mine"
    folder.mkdir()
    content = wrong.content if isinstance(wrong.content, bytes) else wrong.content.encode()
    (folder / wrong.file).write_bytes(content)

    ended = here("policy", "check", "--policies", "mine")

    assert (ended.code, ended.out) == (2, "")
    assert ended.err.count("error[") == 1
    said, place, *others = ended.err.splitlines()
    assert said.partition("]: ")[2].startswith(wrong.sentence)
    assert place.strip() == f"--> mine/{wrong.file}:{wrong.place}"
    assert any("= help: " in line for line in others)
    assert "Traceback" not in ended.err


def test_many_kinds_of_mistakes_are_told() -> None:
    """Each is another one."""
    assert len({wrong.what for wrong in WRONG}) == len(WRONG) >= 40
