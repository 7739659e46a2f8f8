r"""Claims about the rules: files named `*.claims.yaml`, read with places, and judged.

    claims:
      - name: remote driving is never allowed
        rows: [M34]                            # rows of the mission it belongs to
        robust: true                           # even if everything else were permitted
        never: 'permit (principal, action in Action::"RemoteDriving", resource);'
      - name: the household always locks its car
        always: 'permit (principal in Role::"member", action == Action::"lock", resource) when {…};'
      - {name: nothing has changed, same-as: ../before}
      - {name: nobody can permit what is forbidden, narrower-than: forbids}
      - {name: the claims above say all that is forbidden, covers: forbids}

`never` and `always` have an area: one or more rules, of which only what they match counts. `same-as` and
`narrower-than` name other rules: `built-in` is those that ship; `forbids` permits everything but what the
built-in rules forbid; anything else is the path of a rule file or of a folder. `covers: forbids` says
that no request which a built-in rule forbids lies outside all the areas of `never` claims of this file
that are `robust`. A claim is about the rules in force: the built-in ones and the user's.
"""

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, TypeAlias, get_args

import cedarpy
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from sim.analysis.question import Finding, Question, ask
from sim.analysis.sampling.enumeration import (
    Enumeration,
    Reasoner,
    Searched,
    Trees,
    forbids_of,
    matching,
    with_blanket,
)
from sim.core.errors import Place, PolicyError, SimError, nearest
from sim.documents.reading import Mistake, Node, read_document, short
from sim.documents.shape import editor_schema, validate
from sim.policy.engine import Verdict
from sim.policy.rules import RuleBook
from sim.policy.schema import Vocabulary
from sim.policy.source import Passage, passages, policies_of

ClaimKind = Literal["never", "always", "same-as", "narrower-than", "covers"]
Status = Literal["proved", "refuted", "unknown", "held"]
"""Proved for all requests; refuted by one; neither; or held for some requests, which proves nothing."""

BUILT_IN, FORBIDS = "built-in", "forbids"
"""Names of rules that a claim can compare with."""

RulesAt: TypeAlias = Callable[[str], Trees]
"""Gives the rules at a path that a claims file names."""

_KINDS: tuple[ClaimKind, ...] = get_args(ClaimKind)
_Row: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Z][0-9]{2}$")]


class _Claim(BaseModel):
    """One claim: its name, and one of `never`, `always`, `same-as`, `narrower-than` and `covers`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=200)
    rows: list[_Row] = Field(default=[], max_length=16)
    robust: bool = False
    never: str = ""
    always: str = ""
    same_as: str = Field(default="", alias="same-as")
    narrower_than: str = Field(default="", alias="narrower-than")
    covers: Literal["forbids"] = "forbids"


class _File(BaseModel):
    """Claims about the rules."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    claims: list[_Claim] = Field(min_length=1, max_length=1_000)


@dataclass(frozen=True)
class Claim:
    """One claim.

    Attributes:
        name: what it says, for people; unique in its file.
        kind: how it says it.
        place: where its name stands.
        rows: rows of the mission it belongs to.
        robust: whether it holds even if everything else were permitted.
        area: id to rule; what the claim is about, for `never` and `always`.
        target: what it compares with, as written, for the others.
        rules: the rules at the path that `target` is, or None.
    """

    name: str
    kind: ClaimKind
    place: Place
    rows: tuple[str, ...] = ()
    robust: bool = False
    area: Trees = field(default_factory=dict)
    target: str = ""
    rules: Trees | None = None


@dataclass(frozen=True)
class ClaimsFile:
    """The claims of one file.

    Attributes:
        file: its name.
        claims: its claims, in file order; fewer where some of them were selected.
        robust_areas: the areas of all its claims that say what is forbidden, together.
    """

    file: str
    claims: tuple[Claim, ...]
    robust_areas: Trees

    @classmethod
    def read(
        cls, file_name: str, text: str, vocabulary: Vocabulary, rules_at: RulesAt | None = None
    ) -> "ClaimsFile":
        """Return the claims of a file.

        Args:
            file_name: as places shall show it.
            text: the whole file.
            vocabulary: the words that areas may use.
            rules_at: gives the rules at a path; without it, no claim can name one.

        Raises:
            PolicyError: with its place, for the first thing that cannot be.
        """
        root = read_document(file_name, text, PolicyError)
        file = validate(root, _File, PolicyError)
        nodes = root.at(["claims"]).items
        written = [_Written(model, node) for model, node in zip(file.claims, nodes, strict=True)]
        _check_names(written)
        kinds = [one.kind() for one in written]
        areas = _Areas(text, vocabulary).of(
            {
                position: one.node.at([kind])
                for position, (one, kind) in enumerate(zip(written, kinds, strict=True))
                if kind in ("never", "always")
            }
        )
        claims = tuple(
            _claim(one, kind, areas.get(position, {}), rules_at)
            for position, (one, kind) in enumerate(zip(written, kinds, strict=True))
        )
        robust = {name: rule for claim in claims if claim.robust for name, rule in claim.area.items()}
        return cls(file_name, claims, robust)


# --- reading ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Written:
    """One claim as it is written."""

    model: _Claim
    node: Node

    @property
    def name(self) -> Node:
        """Where its name stands."""
        return self.node.at(["name"])

    def kind(self) -> ClaimKind:
        """Return how it says what it says."""
        kinds = [kind for kind in _KINDS if kind in self.node.entries]
        called = f"claim `{short(self.model.name)}`"
        if not kinds:
            sentence = f"{called} claims nothing"
            help_text = "say `never`, `always`, `same-as`, `narrower-than` or `covers`"
            raise Mistake.MISSING_KEY.of(PolicyError, sentence, self.name.place, help_text)
        if len(kinds) > 1:
            sentence = f"{called} has `{kinds[0]}` and `{kinds[1]}`"
            place = self.node.entries[kinds[1]].key.place
            raise Mistake.WRONG_VALUE.of(PolicyError, sentence, place, "make two claims of it")
        if self.model.robust and kinds != ["never"]:
            sentence = f"`{kinds[0]}` cannot be `robust`"
            place = self.node.entries["robust"].key.place
            help_text = "only `never` can hold even if everything else were permitted"
            raise Mistake.WRONG_VALUE.of(PolicyError, sentence, place, help_text)
        return kinds[0]


def _check_names(written: Sequence[_Written]) -> None:
    lines: dict[str, int] = {}
    for one in written:
        if one.model.name in lines:
            sentence = f"there is a claim `{short(one.model.name)}` already"
            help_text = f"the first one is on line {lines[one.model.name]}"
            raise Mistake.NAME_TAKEN.of(PolicyError, sentence, one.name.place, help_text)
        lines[one.model.name] = one.name.place.line


def _claim(one: _Written, kind: ClaimKind, area: Trees, rules_at: RulesAt | None) -> Claim:
    target, rules = "", None
    if kind not in ("never", "always"):
        target = str(one.node.at([kind]).value)
        rules = (
            None if target in (BUILT_IN, FORBIDS) else _rules_at(target, one.node.at([kind]).place, rules_at)
        )
    model = one.model
    return Claim(model.name, kind, one.name.place, tuple(model.rows), model.robust, area, target, rules)


def _rules_at(path: str, place: Place, rules_at: RulesAt | None) -> Trees:
    """Return the rules at a path."""
    near = nearest(path, (BUILT_IN, FORBIDS))
    if rules_at is None or near is not None:
        sentence = f"there are no rules called `{short(path)}`"
        help_text = f"did you mean `{near}`?" if near else f"say `{BUILT_IN}` or `{FORBIDS}`"
        raise Mistake.UNKNOWN_NAME.of(PolicyError, sentence, place, help_text)
    try:
        return rules_at(path)
    except SimError as error:
        if error.place is not None:  # in the rules themselves
            raise
        raise PolicyError(error.sentence, place=place, help_text=error.help_text) from None


class _Areas:
    """Reads areas: rules without annotations, inside a YAML file.

    Args:
        text: the whole file.
        vocabulary: the words of the rules.
    """

    def __init__(self, text: str, vocabulary: Vocabulary) -> None:
        self._lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
        self._vocabulary = vocabulary

    def of(self, written: Mapping[int, Node]) -> Mapping[int, Trees]:
        """Return the areas at some positions."""
        parts = {
            f"area-{position + 1}-{count}": (position, part)
            for position, node in written.items()
            for count, part in enumerate(self._passages(node), start=1)
        }
        # A rule of a book has an id and a reason; each is a file of its own, so that a place tells which.
        files = [(name, f'@id("{name}") @reason("area")\n{part.text}') for name, (_, part) in parts.items()]
        try:
            book = RuleBook.read(files, self._vocabulary)
        except PolicyError as error:
            raise self._moved(error, written, parts) from None
        rules = book.trees
        return {
            position: {name: rules[name] for name, (at, _) in parts.items() if at == position}
            for position in written
        }

    def _passages(self, node: Node) -> tuple[Passage, ...]:
        found = passages("", str(node.value))
        if not found:
            sentence = "an area is one rule or more, and here is none"
            raise Mistake.WRONG_VALUE.of(PolicyError, sentence, node.place, "write `permit (…);`")
        for part in found:
            first = part.tokens[0]
            if first.text == "@":
                place = self._place(node, first.start, 1)
                sentence = "an area has no annotations"
                raise Mistake.WRONG_VALUE.of(PolicyError, sentence, place, "begin it with `permit`")
        return found

    def _moved(
        self,
        error: PolicyError,
        written: Mapping[int, Node],
        parts: Mapping[str, tuple[int, Passage]],
    ) -> PolicyError:
        """Return what is wrong with a rule as what is wrong with an area, at its place in the file."""
        at = error.place
        assert at is not None, "rules are refused at a place"
        position, part = parts[at.file]
        # What is wrong with a rule as a whole is said of its first line, which is ours.
        line, column = (at.line - 2, at.column) if at.line > 1 else (0, 1)
        lines = part.text.split("\n")
        offset = part.tokens[0].start + sum(len(one) + 1 for one in lines[:line]) + column - 1
        place = self._place(written[position], offset, at.length if at.line > 1 else len(lines[0]))
        sentence = error.sentence.replace("the rule ", "the area ", 1)
        return PolicyError(sentence, place=place, help_text=error.help_text)

    def _place(self, node: Node, offset: int, length: int) -> Place:
        """Return where a character of a text stands, however YAML has the text written.

        The file has every visible character of the text in the same order, and between them at most
        what belongs to YAML.
        """
        signs = self._signs_from(node)
        found = node.place
        for wanted in str(node.value)[: offset + 1].split():
            for character in wanted:
                there = next((place for sign, place in signs if sign == character), None)
                if there is None:  # YAML writes a visible character as an escape
                    return node.place
                found = there
        rest = len(found.source_line) - found.column + 1
        return Place(found.file, found.line, found.column, max(1, min(length, rest)), found.source_line)

    def _signs_from(self, node: Node) -> Iterator[tuple[str, Place]]:
        """Yield each character of the file from where a text begins, with its place."""
        line, column = node.place.line, node.place.column
        if node.written in ("|", ">"):
            line, column = line + 1, 1
        for number, text in enumerate(self._lines[line - 1 :], start=line):
            begin = column if number == line else 1
            for at, sign in enumerate(text[begin - 1 :], start=begin):
                yield sign, Place(node.place.file, number, at, 1, text)


# --- judging ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ClaimResult:
    """What became of a claim.

    Attributes:
        claim: the claim.
        status: what can be said of it.
        question: the request that refutes it, or None.
        verdict: the engine's answer to that, by the rules in force; of a robust claim with everything
            else permitted.
        against: the engine's answer by the rules compared with, or None.
        note: one sentence; why nothing is known, or how far was looked.
        checked: how many sorts of requests a proof went through, or how many requests an enumeration.
    """

    claim: Claim
    status: Status
    question: Question | None = None
    verdict: Verdict | None = None
    against: Verdict | None = None
    note: str = ""
    checked: int = 0

    @property
    def passed(self) -> bool:
        """Whether nothing speaks against it: it is proved, or held wherever it was looked at."""
        return self.status in ("proved", "held")


class Bench:
    """Judges claims about some rules.

    Args:
        rules: the rules in force.
        built_in: those of them that ship.
        schema: Cedar's JSON schema, without namespaces.
        areas: what all robust claims together are about.
        reasoner: the prover, or whoever answers in its place.
    """

    def __init__(
        self,
        rules: Trees,
        built_in: Trees,
        schema: Mapping[str, Any],
        areas: Trees,
        reasoner: Reasoner,
    ) -> None:
        self._rules = rules
        self._built_in = built_in
        self._areas = areas
        self._reasoner = reasoner
        self._schema = cedarpy.Schema.from_json_str(json.dumps(schema))

    def judge(self, claim: Claim) -> ClaimResult:
        """Return what becomes of a claim; a counterexample is one only if the engine confirms it."""
        try:
            finding = self._finding(claim)
        except PolicyError as error:
            return ClaimResult(claim, "unknown", note=error.sentence)
        checked = finding.checked if isinstance(finding, Searched) else finding.environments
        if finding.question is not None:
            return self.refuted_by(claim, finding.question, checked)
        if finding.outcome == "refuted":
            return ClaimResult(claim, "unknown", note="a counterexample is said to be there, but not shown")
        held = isinstance(finding, Searched) and finding.held
        return ClaimResult(claim, "held" if held else finding.outcome, note=finding.note, checked=checked)

    def _finding(self, claim: Claim) -> Finding:
        match claim.kind:
            case "never":
                return self._reasoner.never(self._rules, claim.area, robust=claim.robust)
            case "always":
                return self._reasoner.always(self._rules, claim.area)
            case "same-as":
                return self._reasoner.same(self._rules, self._target(claim))
            case "narrower-than":
                return self._reasoner.narrower(self._rules, self._target(claim))
            case _:
                return self._reasoner.uncovered(forbids_of(self._built_in), self._areas)

    def _target(self, claim: Claim) -> Trees:
        """Return the rules that a claim compares with."""
        if claim.rules is not None:
            return claim.rules
        return self._built_in if claim.target == BUILT_IN else with_blanket(forbids_of(self._built_in))

    def refuted_by(self, claim: Claim, question: Question, checked: int = 0) -> ClaimResult:
        """Return a claim as refuted by a question, if it is to the engine; otherwise as unknown."""
        verdict = self._answer(with_blanket(self._rules) if claim.robust else self._rules, question)
        compares = claim.kind in ("same-as", "narrower-than")
        against = self._answer(self._target(claim), question) if compares else None
        if self._contradicts(claim, question, verdict, against):
            return ClaimResult(claim, "refuted", question, verdict, against, checked=checked)
        note = "the engine does not confirm the counterexample, so one of the two ways to answer is wrong"
        return ClaimResult(claim, "unknown", note=note, checked=checked)

    def _contradicts(
        self, claim: Claim, question: Question, verdict: Verdict, against: Verdict | None
    ) -> bool:
        match claim.kind:
            case "never":
                return verdict.allowed and self._matches(claim.area, question)
            case "always":
                return not verdict.allowed and self._matches(claim.area, question)
            case "same-as":
                return against is not None and verdict.allowed is not against.allowed
            case "narrower-than":
                return against is not None and verdict.allowed and not against.allowed
            case _:
                forbidden = self._matches(forbids_of(self._built_in), question)
                return forbidden and not self._matches(self._areas, question)

    def _answer(self, rules: Trees, question: Question) -> Verdict:
        return ask(policies_of(rules), self._schema, question)

    def _matches(self, rules: Trees, question: Question) -> bool:
        return self._answer(matching(rules), question).outcome == "forbidden"


def judge_claims(
    claims: ClaimsFile,
    book: RuleBook,
    built_in: RuleBook,
    reasoner: Reasoner | None = None,
    *,
    fixed: Sequence[Mapping[str, Any]] = (),
    only: Collection[Claim] | None = None,
) -> Iterator[ClaimResult]:
    """Yield what becomes of each claim, in file order.

    Args:
        claims: the claims.
        book: the rules in force: those that ship, and the user's.
        built_in: the rules that ship.
        reasoner: the prover; without one, claims are held against requests of boundary values.
        fixed: for those requests, entities that are exactly as given, as Cedar's entity JSON.
        only: those of the claims that are to be judged; None for all.
    """
    schema = book.vocabulary.to_json()
    someone = reasoner or Enumeration(schema, fixed=fixed)
    bench = Bench(book.trees, built_in.trees, schema, claims.robust_areas, someone)
    return (bench.judge(claim) for claim in claims.claims if only is None or claim in only)


def claims_schema() -> dict[str, Any]:
    """Return the JSON Schema of a claims file, for editors."""
    return editor_schema(_File, "Claims about rules for carhome")
