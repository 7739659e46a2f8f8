"""Cedar text: where each rule stands, which clauses it is made of, and where a sentence of the engine points.

The engine says what is wrong with a rule but not where, and not which condition of a rule failed. Both
are found here from the tokens, and only ever asked of text that the engine parses too.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import cedarpy
from cedarpy import pst

from sim.core.errors import Place, PolicyError
from sim.documents.reading import plain_lines

_TOKEN = re.compile(r'//[^\n]*|"(?:\\.|[^"\\])*"|[A-Za-z_]\w*|\d+|::|==|!=|<=|>=|&&|\|\||\S', re.ASCII)
_QUOTED = re.compile(r"`([^`]+)`|'([^']+)'")
_UNEXPECTED = re.compile(r"unexpected token `(.+)`")
_LAST_WORD = re.compile(r"(\w+)$")
_OPENING, _CLOSING = ("(", "[", "{"), (")", "]", "}")
_ENDLESS = "unexpected end of input"


@dataclass(frozen=True, slots=True)
class Token:
    """A word or sign: its text and where it stands in its file, in characters from 0."""

    text: str
    start: int

    @property
    def end(self) -> int:
        """Where the next character stands."""
        return self.start + len(self.text)


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of a file, normally one rule.

    Attributes:
        file: name of the file, for people.
        whole: the whole text of the file.
        tokens: its words and signs, without comments; never empty.
    """

    file: str
    whole: str
    tokens: tuple[Token, ...]

    @property
    def text(self) -> str:
        """The text from the first token to the last."""
        return self.whole[self.tokens[0].start : self.tokens[-1].end]

    @property
    def plain(self) -> str:
        """The text on one line and without comments."""
        pieces = [self.tokens[0].text]
        for before, token in zip(self.tokens, self.tokens[1:], strict=False):
            pieces.append(token.text if before.end == token.start else f" {token.text}")
        return "".join(pieces)

    @property
    def place(self) -> Place:
        """Where it stands; what goes on beyond its first line is not underlined."""
        start = self.tokens[0].start
        line_start = self.whole.rfind("\n", 0, start) + 1
        line = self.whole.count("\n", 0, start) + 1
        source_line = self.whole[line_start:].partition("\n")[0]
        length = len(self.text.partition("\n")[0])
        return Place(self.file, line, start - line_start + 1, length, source_line)

    def find(self, words: str) -> "Passage | None":
        """Return the first place where these words and signs stand, or None."""
        wanted = tuple(match[0] for match in _TOKEN.finditer(words))
        for position in range(len(self.tokens) - len(wanted) + 1):
            found = self.tokens[position : position + len(wanted)]
            if wanted and tuple(token.text for token in found) == wanted:
                return replace(self, tokens=found)
        return None

    def split(self, separator: str) -> "tuple[Passage, ...]":
        """Return the parts between separators that stand in no brackets."""
        parts: list[list[Token]] = [[]]
        for token, depth in with_depth(self.tokens):
            if depth == 0 and token.text == separator:
                parts.append([])
            else:
                parts[-1].append(token)
        return tuple(replace(self, tokens=tuple(part)) for part in parts if part)

    def has_outside_brackets(self, word: str) -> bool:
        """Say whether a word or sign stands in no brackets."""
        return any(depth == 0 and token.text == word for token, depth in with_depth(self.tokens))


def passages(file: str, text: str) -> tuple[Passage, ...]:
    """Return the rules of a file; what follows the last `;` is one more, unfinished.

    Raises:
        PolicyError: at a character that is invisible, or that ends a line for the engine and not for us.
    """
    text = plain_lines(file, text, PolicyError)
    tokens = tuple(Token(match[0], match.start()) for match in _TOKEN.finditer(text))
    words = tuple(token for token in tokens if not token.text.startswith("//"))
    found: list[Passage] = []
    begin = 0
    for position, (token, depth) in enumerate(with_depth(words), start=1):
        if (depth == 0 and token.text == ";") or position == len(words):
            found.append(Passage(file, text, words[begin:position]))
            begin = position
    return tuple(found)


def with_depth(tokens: Iterable[Token]) -> Iterator[tuple[Token, int]]:
    """Yield each token with the number of brackets around it; a bracket counts as outside itself."""
    depth = 0
    for token in tokens:
        depth -= token.text in _CLOSING
        yield token, depth
        depth += token.text in _OPENING


@dataclass(frozen=True, slots=True)
class Anatomy:
    """The parts of a rule.

    Attributes:
        scope: what it says of principal, action and resource, as Cedar text.
        conditions: clauses that must all be true for it to apply, as Cedar text; those of an `unless`
            stand negated.
    """

    scope: tuple[str, str, str]
    conditions: tuple[str, ...]


def anatomy(rule: Passage) -> Anatomy:
    """Return the parts of a rule that the engine has parsed."""
    scope: tuple[str, ...] = ()
    conditions: list[str] = []
    for word, block in _blocks(rule):
        match word:
            case "permit" | "forbid":
                scope = tuple(part.plain for part in block.split(","))
            case "when":
                conditions += _conjuncts(block)
            case "unless":
                conditions += [f"!({part})" for part in _disjuncts(block)]
            case _:  # the value of an annotation
                pass
    principal, action, resource = scope
    return Anatomy((principal, action, resource), tuple(conditions))


def _blocks(rule: Passage) -> Iterator[tuple[str, Passage]]:
    """Yield what stands in each pair of outer brackets, with the word before them."""
    opened = 0
    for position, (token, depth) in enumerate(with_depth(rule.tokens)):
        if depth == 0 and token.text in _OPENING:
            opened = position
        elif depth == 0 and token.text in _CLOSING:
            yield rule.tokens[opened - 1].text, replace(rule, tokens=rule.tokens[opened + 1 : position])


def _conjuncts(condition: Passage) -> list[str]:
    """Return the parts that must all be true: `&&` binds tighter than `||`, and `if` looser than both."""
    if condition.has_outside_brackets("||") or condition.has_outside_brackets("if"):
        return [condition.plain]
    return [part.plain for part in condition.split("&&")]


def _disjuncts(condition: Passage) -> list[str]:
    """Return the parts of which none may be true."""
    if condition.has_outside_brackets("if"):
        return [condition.plain]
    return [part.plain for part in condition.split("||")]


def syntax_error(passage: Passage) -> tuple[Place, str] | None:
    """Return where and why the engine cannot read a passage, or None when it can.

    The place is the token after which the engine no longer just waits for more, or the one just before
    it that its sentence names. What it refuses only once all is read has the place of the word that
    its sentence names; otherwise the beginning.
    """
    sentence = _refusal(passage.text)
    if sentence is None:
        return None
    if sentence == _ENDLESS:
        return replace(
            passage, tokens=passage.tokens[-1:]
        ).place, "the rule goes on after this, or misses a `;`"
    for count in range(1, len(passage.tokens) + 1):
        read = replace(passage, tokens=passage.tokens[:count])
        sentence = _refusal(read.text) or _ENDLESS
        if (unexpected := _UNEXPECTED.fullmatch(sentence)) is not None:
            tokens = [token for token in read.tokens if token.text == unexpected[1]]
            return replace(passage, tokens=tuple(tokens[-1:]) or read.tokens[-1:]).place, sentence
        if sentence != _ENDLESS and count < len(passage.tokens):
            return replace(passage, tokens=read.tokens[-1:]).place, sentence
    return place_named(passage, sentence), sentence


def _refusal(text: str) -> str | None:
    """Return why the engine cannot read `text`, or None when it can."""
    try:
        cedarpy.PolicySet.from_str(text)
    except ValueError as error:
        return str(error)
    return None


def place_named(passage: Passage, sentence: str) -> Place:
    """Return where the first thing stands that a sentence of the engine names; else the beginning."""
    quoted = [name for match in _QUOTED.finditer(sentence) for name in match.groups() if name]
    for name in (*quoted, *_LAST_WORD.findall(sentence)):
        found = passage.find(name)
        if found is not None:
            return found.place
    return passage.place


def policies_of(trees: Mapping[str, pst.Template]) -> cedarpy.PolicySet:
    """Return rules as the engine takes them, under ids of our own.

    Args:
        trees: id to rule.
    """
    named = {name: replace(tree, id=name) for name, tree in trees.items()}
    return cedarpy.PolicySet.from_pst(pst.PolicySet({}, named, ()))


def policy_set(texts: Mapping[str, str]) -> cedarpy.PolicySet:
    """Return rules as the engine takes them, under ids of our own.

    Args:
        texts: id to the text of one rule that the engine can read.
    """
    parsed = json.loads(cedarpy.policies_to_json_str("\n".join(texts.values())))["staticPolicies"]
    # INVARIANT: every text is one rule, or the rules behind it would be taken for each other.
    assert len(parsed) == len(texts), "a text holds more rules than one, or none"
    named = {name: parsed[f"policy{position}"] for position, name in enumerate(texts)}
    return cedarpy.PolicySet.from_json_str(
        json.dumps({"staticPolicies": named, "templates": {}, "templateLinks": []})
    )
