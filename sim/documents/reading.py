"""Documents: YAML text as a tree of values that each know where they stand.

What is read is a small, plain YAML: the values of YAML 1.2's core schema (section 10.3.2 of
https://yaml.org/spec/1.2.2/), so that `on`, `off` and `12:30` stay text, and none of what makes a
file mean more than it shows: no anchors, aliases, merge keys, tags, directives or second documents.
Text from anywhere may be given: every input is either read or refused in one sentence with its place.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, NamedTuple, TypeAlias

import yaml

from sim.core.errors import Place, SimError
from sim.core.messages import INTEGER_MAX

DOCUMENT_BYTES_MAX = 1_048_576
"""Largest file, as UTF-8."""
NODES_MAX = 50_000
"""Most keys, values, lists and mappings in one file."""
NESTING_MAX = 50
"""Deepest nesting of lists and mappings."""
SHOWN_MAX = 60
"""Longest piece of a file that a sentence repeats, in characters."""

LOADER: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's parser where PyYAML was built with it, else the same in Python, several times slower."""

Scalar: TypeAlias = str | int | float | bool | None


class Mistake(StrEnum):
    """What can be wrong with a document: the number that follows the two letters of its error class."""

    TOO_LARGE = "001"
    CHARACTER = "002"
    TAB = "003"
    SYNTAX = "004"
    ANCHOR = "005"
    TAG = "006"
    NOT_ONE_DOCUMENT = "007"
    DUPLICATE_KEY = "008"
    KEY_NOT_TEXT = "009"
    NUMBER = "010"
    UNKNOWN_KEY = "101"
    MISSING_KEY = "102"
    WRONG_VALUE = "103"
    UNKNOWN_NAME = "201"
    NAME_TAKEN = "202"
    NOT_A_NAME = "203"
    WRONG_SECTION = "204"
    TOO_MANY = "205"

    def of(
        self, error: type[SimError], sentence: str, place: Place | None, help_text: str | None = None
    ) -> SimError:
        """Return the error to raise, with a code such as `SC101`."""
        return error(sentence, place=place, help_text=help_text, code=error.code[:2] + self.value)


class Entry(NamedTuple):
    """One line of a mapping: the key as it was written, and its value."""

    key: "Node"
    value: "Node"


@dataclass(frozen=True, slots=True)
class Node:
    """One value and where it stands.

    Attributes:
        value: a scalar, a mapping in file order, or a list.
        place: what to underline: a scalar whole, a `{…}` or `[…]` that fits its line whole, of a
            block its first key or dash, and of a value that was left empty its key.
    """

    value: Scalar | Mapping[str, Entry] | tuple["Node", ...]
    place: Place

    @property
    def written(self) -> str:
        """What `place` underlines, as the file has it: `0x1f`, where the value is 31."""
        start = self.place.column - 1
        return self.place.source_line[start : start + self.place.length]

    @property
    def entries(self) -> Mapping[str, Entry]:
        """The entries of a mapping; nothing for any other value."""
        return self.value if isinstance(self.value, Mapping) else {}

    @property
    def items(self) -> tuple["Node", ...]:
        """The items of a list; nothing for any other value."""
        return self.value if isinstance(self.value, tuple) else ()

    def plain(self) -> Any:
        """Return the value as plain dicts, lists and scalars, for validation."""
        if isinstance(self.value, Mapping):
            return {name: entry.value.plain() for name, entry in self.value.items()}
        if isinstance(self.value, tuple):
            return [item.plain() for item in self.value]
        return self.value

    def step(self, part: str | int) -> Entry | None:
        """Return what is one key or one list position further, or None if nothing is.

        An item of a list counts as its own key.
        """
        if isinstance(part, str):
            return self.entries.get(part)
        if 0 <= part < len(self.items):
            return Entry(self.items[part], self.items[part])
        return None

    def entry_at(self, path: Sequence[str | int]) -> Entry:
        """Return the deepest entry that `path` leads to; parts that are not in the document are skipped."""
        found = Entry(self, self)
        for part in path:
            found = found.value.step(part) or found
        return found

    def at(self, path: Sequence[str | int]) -> "Node":
        """Return the deepest value that `path` leads to; parts that are not in the document are skipped."""
        return self.entry_at(path).value

    def without(self, *names: str) -> "Node":
        """Return a mapping without some of its keys."""
        return replace(self, value={name: entry for name, entry in self.entries.items() if name not in names})


def short(text: str) -> str:
    """Return text as it fits into a sentence."""
    return text if len(text) <= SHOWN_MAX else text[: SHOWN_MAX - 1] + "…"


def read_document(file_name: str, text: str, error: type[SimError], *, loader: type = LOADER) -> Node:
    """Return the one document in `text`.

    Args:
        file_name: as places shall show it.
        text: the whole file.
        error: what to raise.
        loader: which of PyYAML's parsers reads it; both read the same.

    Raises:
        SimError: of the class `error`, with its place, when the text is not one plain document.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    source = _Source(file_name, text.split("\n"), error)
    _check_size(source, text)
    _check_characters(source, text)
    _check_directives(source)
    return _Reader(source, _events(source, text, loader)).document()


# --- the text, before it is parsed ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Source:
    """The lines of a file, and how to complain about one of them."""

    file: str
    lines: list[str]
    error: type[SimError]

    def place(self, line: int, column: int, length: int = 1) -> Place:
        """Return a place; `line` and `column` count from 0 and may lie behind the end."""
        line = min(line, len(self.lines) - 1)
        text = self.lines[line]
        column = min(column, len(text))
        return Place(self.file, line + 1, column + 1, max(1, min(length, len(text) - column)), text)

    def at_offset(self, text: str, offset: int) -> Place:
        """Return the place of one character."""
        before = text.rfind("\n", 0, offset)
        return self.place(text.count("\n", 0, offset), offset - before - 1)

    def word(self, event: yaml.Event) -> Place:
        """Return the place of the word with which an event begins."""
        place = self.place(*_spot(event.start_mark))
        match = _WORD.match(place.source_line, place.column - 1)
        return replace(place, length=len(match[0])) if match else place


_WORD = re.compile(r"[^\s,\[\]{}]+")


def _spot(mark: Any) -> tuple[int, int]:
    """Return line and column of a mark, both from 0."""
    return mark.line, mark.column


# Control characters, line breaks that only some editors know, lone surrogates, what is no character,
# and the marks that make text read in another order than a parser does.
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)


def _check_size(source: _Source, text: str) -> None:
    if len(text.encode("utf-8", "surrogatepass")) > DOCUMENT_BYTES_MAX:
        sentence = f"the file is larger than {DOCUMENT_BYTES_MAX:,} bytes"
        raise Mistake.TOO_LARGE.of(source.error, sentence, Place(source.file, 1, 1))


def plain_lines(file_name: str, text: str, error: type[SimError]) -> str:
    """Return text with the line ends of this machine, and nothing in it that no editor shows.

    Args:
        file_name: as places shall show it.
        text: the whole file.
        error: what to raise.

    Raises:
        SimError: of the class `error`, at the first character that is invisible or ends a line for some
            readers only.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    _check_visible(_Source(file_name, text.split("\n"), error), text)
    return text


def _check_visible(source: _Source, text: str) -> None:
    """Refuse what no editor shows."""
    if match := _FORBIDDEN.search(text):
        sentence = f"the invisible character U+{ord(match[0]):04X} may not stand in a file"
        place = source.at_offset(text, match.start())
        raise Mistake.CHARACTER.of(source.error, sentence, place, "delete it; your editor may not show it")


def _check_characters(source: _Source, text: str) -> None:
    """Refuse what no editor shows, and tabs, about which YAML's parsers disagree."""
    _check_visible(source, text)
    offset = text.find("\t")
    if offset >= 0:
        place = source.at_offset(text, offset)
        indents = not place.source_line[: place.column - 1].strip()
        sentence = "a tab indents this line" if indents else "a tab stands in this line"
        raise Mistake.TAB.of(source.error, sentence, place, "use spaces; YAML does not allow tabs there")


def _check_directives(source: _Source) -> None:
    """Refuse `%YAML` and the like, which one parser ignores and the other does not."""
    for number, line in enumerate(source.lines):
        if line.startswith("%"):
            sentence = "a line that begins with `%` is not read here"
            raise Mistake.SYNTAX.of(source.error, sentence, source.place(number, 0, len(line)), "delete it")
        if line.strip() and not line.lstrip().startswith("#"):
            return


# --- the parser's complaints, in our words ----------------------------------------------------------


class _Complaint(NamedTuple):
    """How to say what a parser says: a pattern of its words, our sentence, our help."""

    pattern: re.Pattern[str]
    sentence: str
    help_text: str | None
    where_it_began: bool = False


# Patterns meet libyaml's and PyYAML's words for the same thing; the first that is found counts.
_COMPLAINTS = tuple(
    _Complaint(re.compile(pattern), *rest)
    for pattern, *rest in (
        ("quoted scalar.*unexpected", "a quote is opened here and never closed", "close it", True),
        (
            "quoted.*(escape|hexadecimal|hexdecimal|Unicode)",
            "this `\\` begins no escape that YAML knows",
            "write `\\\\`, or use single quotes",
        ),
        (
            "flow (sequence|mapping)",
            "a bracket is opened here and not closed, or a comma is missing",
            "close it, and put commas between its entries",
            True,
        ),
        ("flow node", "a value is missing here, or a bracket is not closed", None),
        (
            "block scalar",
            "`>` and `|` begin a block of text on the lines below",
            "put the value in quotes",
            True,
        ),
        ("anchor|alias", "a value cannot begin with `&` or `*`", "put it in quotes", True),
        ("tag", "a value cannot begin with `!`", "put it in quotes", True),
        (
            "mapping values|unexpected ':'",
            "a `:` stands here where none can be",
            "put text with `:` in quotes, and begin keys that belong together in the same column",
        ),
        ("simple key", "this key has no `:` after it", "write `key: value`", True),
        ("cannot start any token", "a value cannot begin with this character", "put it in quotes"),
        (
            "block|not allowed|document start",
            "this does not belong to the lines before it",
            "begin what belongs together in the same column, every entry of a list with `- `",
        ),
    )
)


def _events(source: _Source, text: str, loader: type) -> Iterator[yaml.Event]:
    """Yield what the parser finds; libyaml's words and Python's become one sentence of ours."""
    try:
        yield from yaml.parse(text, loader)
    except yaml.MarkedYAMLError as refusal:
        raise _syntax_error(source, refusal) from None
    except (ValueError, OverflowError):
        # The parser in Python leaves the range of an escape such as `\UFFFFFFFF` to `chr`.
        sentence = "an escape such as `\\U0001F600` names no character"
        raise Mistake.SYNTAX.of(source.error, sentence, source.place(0, 0)) from None


def _syntax_error(source: _Source, refusal: yaml.MarkedYAMLError) -> SimError:
    words = f"{refusal.context} {refusal.problem}"
    for complaint in _COMPLAINTS:
        if complaint.pattern.search(words):
            mark = refusal.problem_mark
            if complaint.where_it_began:
                mark = refusal.context_mark or mark
            place = source.place(*_spot(mark))
            return Mistake.SYNTAX.of(source.error, complaint.sentence, place, complaint.help_text)
    # What is left are directives behind a first document.
    return Mistake.SYNTAX.of(
        source.error, "this cannot be read as YAML", source.place(*_spot(refusal.problem_mark))
    )


# --- from what the parser finds to nodes ------------------------------------------------------------

_NULL = re.compile(r"null|Null|NULL|~|")
_BOOL = re.compile(r"true|True|TRUE|false|False|FALSE")
_INT = re.compile(r"[-+]?[0-9]+")
_PREFIXED_INT = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_DIGITS_MAX = 20


class _Reader:
    """Builds nodes from events, one document and nothing that YAML adds to plain values."""

    def __init__(self, source: _Source, events: Iterator[yaml.Event]) -> None:
        self._source = source
        self._events = events
        self._nodes = 0

    def document(self) -> Node:
        """Return the root of the only document."""
        next(self._events)  # the start of the stream
        start = next(self._events)
        root = None if isinstance(start, yaml.StreamEndEvent) else self._node(next(self._events), 0)
        if root is None or root.value is None:
            place = Place(self._source.file, 1, 1, 1, self._source.lines[0])
            help_text = "write something into it, or delete it"
            raise self._refuse(Mistake.NOT_ONE_DOCUMENT, "the file is empty", place, help_text)
        next(self._events)  # the end of the document
        after = next(self._events)
        if isinstance(after, yaml.DocumentStartEvent):
            place = self._source.word(after)
            sentence = "a second document begins here"
            raise self._refuse(Mistake.NOT_ONE_DOCUMENT, sentence, place, "one file holds one document")
        return root

    def _refuse(
        self, mistake: Mistake, sentence: str, place: Place, help_text: str | None = None
    ) -> SimError:
        return mistake.of(self._source.error, sentence, place, help_text)

    def _node(self, event: yaml.Event, depth: int) -> Node:
        """Return the node that begins with `event`, with everything in it."""
        self._nodes += 1
        if self._nodes > NODES_MAX:
            sentence = f"the file holds more than {NODES_MAX:,} keys and values"
            raise self._refuse(Mistake.TOO_LARGE, sentence, self._source.word(event))
        if depth > NESTING_MAX:
            sentence = f"this is nested deeper than {NESTING_MAX} levels"
            raise self._refuse(Mistake.TOO_LARGE, sentence, self._source.word(event))
        match event:
            case yaml.ScalarEvent(anchor=None, tag=None):
                return self._scalar(event)
            case yaml.SequenceStartEvent(anchor=None, tag=None):
                return self._list(event, depth)
            case yaml.MappingStartEvent(anchor=None, tag=None):
                return self._mapping(event, depth)
            case _:
                raise self._more_than_it_shows(event)

    def _more_than_it_shows(self, event: yaml.Event) -> SimError:
        """Return the error for an anchor, an alias or a tag."""
        place = self._source.word(event)
        word = place.source_line[place.column - 1 : place.column - 1 + place.length]
        if word.startswith("!"):
            sentence = f"the tag `{short(word)}` is not read here"
            help_text = "delete it; put text that begins with `!` in quotes"
            return self._refuse(Mistake.TAG, sentence, place, help_text)
        sentence = f"the anchor or alias `{short(word)}` is not read here"
        help_text = "write the values out; put text that begins with `&` or `*` in quotes"
        return self._refuse(Mistake.ANCHOR, sentence, place, help_text)

    def _mapping(self, start: yaml.MappingStartEvent, depth: int) -> Node:
        entries: dict[str, Entry] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            name, key = self._key(event, depth + 1)
            if name in entries:
                help_text = f"the first one is on line {entries[name].key.place.line}"
                sentence = f"key `{short(name)}` is given twice"
                raise self._refuse(Mistake.DUPLICATE_KEY, sentence, key.place, help_text)
            event = next(self._events)
            value = self._node(event, depth + 1)
            if _is_empty(event):
                value = replace(value, place=key.place)  # there is nothing else to underline
            entries[name] = Entry(key, value)
        if start.flow_style:
            return Node(entries, self._bracketed(start, event))
        return Node(entries, next(iter(entries.values())).key.place)

    def _key(self, event: yaml.Event, depth: int) -> tuple[str, Node]:
        """Return a key, which is text and not the merge key."""
        if isinstance(event, yaml.CollectionStartEvent):
            sentence = "a key is text, not a list or a mapping"
            help_text = "put a value that begins with `{` or `[` in quotes"
            place = self._source.word(event)
            raise self._refuse(Mistake.KEY_NOT_TEXT, sentence, place, help_text)
        key = self._node(event, depth)
        if not isinstance(key.value, str):
            if _is_empty(event):
                raise self._refuse(Mistake.KEY_NOT_TEXT, "a key is missing before this", key.place)
            sentence = f"a key is text, and `{short(key.written)}` is not"
            raise self._refuse(Mistake.KEY_NOT_TEXT, sentence, key.place, "put it in quotes")
        if key.written == "<<":
            sentence = "the merge key `<<` is not read here"
            raise self._refuse(Mistake.ANCHOR, sentence, key.place, "write the keys out")
        return key.value, key

    def _list(self, start: yaml.SequenceStartEvent, depth: int) -> Node:
        items: list[Node] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._node(event, depth + 1))
        if start.flow_style:
            return Node(tuple(items), self._bracketed(start, event))
        return Node(tuple(items), self._source.place(*_spot(start.start_mark)))

    def _bracketed(self, start: yaml.Event, end: yaml.Event) -> Place:
        """Return the place of `{…}` or `[…]`: whole on one line, else its opening bracket."""
        line, column = _spot(start.start_mark)
        last_line, end_column = _spot(end.end_mark)
        return self._source.place(line, column, end_column - column if last_line == line else 1)

    def _scalar(self, event: yaml.ScalarEvent) -> Node:
        line, column = _spot(event.start_mark)
        last_line, end_column = _spot(event.end_mark)
        if event.style in {"|", ">"}:
            end_column = column + 1
        elif last_line != line:
            end_column = len(self._source.lines[line].rstrip())
        place = self._source.place(line, column, end_column - column)
        if match := _FORBIDDEN.search(event.value):
            sentence = f"an escape stands for the invisible character U+{ord(match[0]):04X}"
            raise self._refuse(Mistake.CHARACTER, sentence, place, "leave it out")
        return Node(self._resolve(event.value, place) if event.implicit[0] else event.value, place)

    def _resolve(self, text: str, place: Place) -> Scalar:
        """Return the value of a scalar without quotes, by the core schema of YAML 1.2."""
        if _NULL.fullmatch(text):
            return None
        if _BOOL.fullmatch(text):
            return text.lower() == "true"
        if _NOT_FINITE.fullmatch(text):
            sentence = f"`{text}` is not a number to calculate with"
            raise self._refuse(Mistake.NUMBER, sentence, place, "put it in quotes if it is text")
        number: float
        if _INT.fullmatch(text):
            number = int(text) if len(text) <= _DIGITS_MAX else math.inf
        elif _PREFIXED_INT.fullmatch(text):
            number = int(text, 0)
        elif _FLOAT.fullmatch(text):
            number = float(text)
        else:
            return text
        if not math.isfinite(number) or (isinstance(number, int) and abs(number) > INTEGER_MAX):
            sentence = f"`{short(text)}` is too large a number to be kept exactly"
            raise self._refuse(Mistake.NUMBER, sentence, place, "put it in quotes if it is text")
        return number


def _is_empty(event: yaml.Event) -> bool:
    """Say whether an event stands for a value that was not written at all."""
    return isinstance(event, yaml.ScalarEvent) and _spot(event.start_mark) == _spot(event.end_mark)
