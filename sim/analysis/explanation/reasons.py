"""Why a request was answered as it was, and what the nearest request is that would be allowed.

Of each rule that counted it tells the conditions with the values they looked at. What decided is Cedar's
answer; the view inside a rule comes from the same rules compiled.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Literal, NamedTuple

from cedarpy import pst

from sim.analysis.evaluation.closures import Truth
from sim.analysis.evaluation.compiled import AtomTrace, RuleTrace
from sim.analysis.explanation.nearest import Nearest, Prover, entity_label, nearest, request_record, roles_of
from sim.analysis.explanation.neighbourhood import PreparedBook
from sim.analysis.question import Question, ask
from sim.core.errors import Place, PolicyError, did_you_mean
from sim.policy.decision import Kind
from sim.policy.schema import UNKNOWN

_VARIABLES: Final = ("principal", "action", "resource")


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing a rule asks, as far as it counted.

    Attributes:
        text: as Cedar text.
        value: whether it is so; "error" when it could not be evaluated.
        facts: what it looked at, for people: "`context.distance_cm` is 350".
    """

    text: str
    value: Truth
    facts: tuple[str, ...]

    def __str__(self) -> str:
        """`context.distance_cm <= 200` is false: `context.distance_cm` is 350."""
        verdict = "errs" if self.value == "error" else f"is {str(self.value).lower()}"
        facts = f": {', '.join(self.facts)}" if self.facts else ""
        return f"`{self.text}` {verdict}{facts}"

    def to_record(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {"text": self.text, "value": self.value, "facts": list(self.facts)}


@dataclass(frozen=True, slots=True)
class RuleReading:
    """One rule, as it was read for one request.

    Attributes:
        id: its name.
        effect: whether it permits or forbids.
        place: where it begins.
        reason: one sentence for people.
        article: number of the article it comes from, or None.
        quote: the article's own words, or None.
        instead: what is allowed instead, or None.
        conditions: what made it apply; or of a rule that does not, the first thing that is not so; or of
            one that erred, what did.
    """

    id: str
    effect: Literal["permit", "forbid"]
    place: Place
    reason: str
    article: str | None
    quote: str | None
    instead: str | None
    conditions: tuple[Condition, ...]

    def to_record(self) -> dict[str, Any]:
        """Return it as JSON values."""
        conditions = [condition.to_record() for condition in self.conditions]
        return {**asdict(self), "place": str(self.place), "conditions": conditions}


@dataclass(frozen=True, slots=True)
class Check:
    """A check before the rules that did not hold: where, its code and what it found."""

    layer: str
    code: str | None
    because: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why one request was answered as it was.

    Attributes:
        kind: how it was answered; `refused` when an earlier check refused, so that no rule was asked.
        sentence: the same in words.
        question: the request; None when no rule was asked.
        check: the check before the rules that did not hold, as it was recorded, or None.
        rules: the rules that determined the answer, the weightiest first.
        permits: where no rule permits, those that are about the action, the nearest first; of each, what
            is not so.
        erring: the rules that could not be evaluated.
        errors: what the engine says of that.
        unknown_command: the command, where the device has no such command; else None.
        help_text: what may have been meant by it, or None.
        nearest: the nearest allowed request; None when it was allowed or cannot be asked at all.
        differs: how the rules answer otherwise than was recorded, one sentence; empty when they do not.
    """

    kind: Kind
    sentence: str
    question: Question | None
    check: Check | None = None
    rules: tuple[RuleReading, ...] = ()
    permits: tuple[RuleReading, ...] = ()
    erring: tuple[RuleReading, ...] = ()
    errors: tuple[str, ...] = ()
    unknown_command: str | None = None
    help_text: str | None = None
    nearest: Nearest | None = None
    differs: str = ""

    def to_record(self) -> dict[str, Any]:
        """Return everything as JSON values; keys always come in the same order."""
        return {
            "kind": self.kind,
            "sentence": self.sentence,
            "request": None if self.question is None else request_record(self.question),
            "check": None if self.check is None else asdict(self.check),
            "rules": [rule.to_record() for rule in self.rules],
            "permits": [rule.to_record() for rule in self.permits],
            "erring": [rule.to_record() for rule in self.erring],
            "errors": list(self.errors),
            "unknown_command": self.unknown_command,
            "help": self.help_text,
            "nearest": None if self.nearest is None else self.nearest.to_record(),
            "differs": self.differs,
        }


def explain(
    prepared: PreparedBook,
    question: Question | None,
    prover: Prover | None = None,
    *,
    recorded: Mapping[str, Any] | None = None,
    command: str | None = None,
) -> Explanation:
    """Return why a request is answered as it is.

    Args:
        prepared: the rules.
        question: the request; None when an earlier check refused, so that no rule was asked.
        prover: proves what is never allowed; without it that is only searched.
        recorded: the decision that was recorded, if there is one, as `Decision.to_record` writes it.
        command: what was asked for, as it was written; the question's action unless given.

    Raises:
        PolicyError: when there is neither a request nor a recorded decision, or entities do not conform
            to the schema.
    """
    check = None if recorded is None else _check(recorded)
    if recorded is not None and (question is None or recorded["kind"] == "refused"):
        again = None if question is None else _once_more(prepared, question, prover)
        return Explanation(recorded["kind"], recorded["reason"], question, check, nearest=again)
    if question is None:
        msg = "there is nothing to explain: neither a request nor a decision"
        raise PolicyError(msg)
    explained = _explained(prepared, question, prover, command or question.action)
    differs = "" if recorded is None else _difference(explained, recorded)
    return replace(explained, check=check, differs=differs)


def _once_more(prepared: PreparedBook, question: Question, prover: Prover | None) -> Nearest:
    """Return what the rules would allow had the check before them held."""
    near = nearest(prepared, question, prover)
    if near.outcome == "found" and not near.changes:
        return replace(near, note="the same, sent once more when the check holds: the rules allow it")
    return near


def _check(recorded: Mapping[str, Any]) -> Check | None:
    """Return the check before the rules that did not hold, according to a recorded decision."""
    if recorded["layer"] in (None, "policy"):
        return None
    return Check(recorded["layer"], recorded["code"], recorded["because"])


def _difference(explained: Explanation, recorded: Mapping[str, Any]) -> str:
    """Return how the rules answer otherwise than they did, or nothing."""
    now = explained.kind, [rule.id for rule in explained.rules]
    before = recorded["kind"], list(recorded["rules"])
    if (now[0], sorted(now[1])) == (before[0], sorted(before[1])):
        return ""
    return f"the rules now answer {_answer(*now)}; recorded was {_answer(*before)}"


def _answer(kind: str, rules: Sequence[str]) -> str:
    by = " and ".join(f"`{rule}`" for rule in rules)
    return f"`{kind}`" + (f" by {by}" if by else "")


def _explained(
    prepared: PreparedBook, question: Question, prover: Prover | None, command: str
) -> Explanation:
    """Return why the rules answer as they do."""
    book = prepared.book
    prepared.compiled.store(question.entities)  # says in a sentence what the engine would choke on
    verdict = ask(book.policies, book.schema, question)
    unknown = question.action == UNKNOWN or not prepared.knows(question)
    traces = _traces(prepared, question)
    kind: Kind = "not_permitted" if verdict.allowed and question.action == UNKNOWN else verdict.outcome
    decided = verdict.rules if kind == verdict.outcome else ()
    return Explanation(
        kind=kind,
        sentence=_sentence(kind, question, command, unknown=unknown),
        question=question,
        rules=tuple(_reading(prepared, question, rule, traces[rule]) for rule in traces if rule in decided),
        permits=tuple(_permits(prepared, question, traces)) if kind == "not_permitted" else (),
        erring=tuple(
            _reading(prepared, question, rule, trace) for rule, trace in traces.items() if trace.error
        ),
        errors=verdict.errors,
        unknown_command=command if unknown else None,
        help_text=did_you_mean(command, _commands(prepared, question)) if unknown else None,
        nearest=None
        if kind == "permitted" or not (traces or unknown)
        else nearest(prepared, question, prover),
    )


def _traces(prepared: PreparedBook, question: Question) -> Mapping[str, RuleTrace]:
    """Return what becomes of each rule, the weightiest first; of none when the request cannot be asked."""
    try:
        traces = prepared.compiled.trace(question)
    except PolicyError:
        return {}
    return {rule: traces[rule] for rule in prepared.trees}


def _sentence(kind: Kind, question: Question, command: str, *, unknown: bool) -> str:
    """Return the answer in words."""
    if unknown and kind != "forbidden":
        return f"`{question.resource}` is a `{question.resource.type}`, which has no command `{command}`"
    what = f"`{command}` of `{question.resource}`"
    who = entity_label(question.principal, question)
    match kind:
        case "permitted":
            return f"the rules permit {what} to {who}"
        case "forbidden":
            return f"the rules forbid {what} to {who}"
        case "not_permitted":
            return f"no rule permits {what} to {who}"
        case _:
            return f"the rules could not be evaluated for {what} to {who}, so the answer is no"


def _commands(prepared: PreparedBook, question: Question) -> Iterator[str]:
    """Yield the commands that the device has; what no message may cause is never what was meant."""
    for name, action in prepared.book.vocabulary.actions.items():
        if not action.never and prepared.knows(replace(question, action=name)):
            yield name


# --- reading rules ------------------------------------------------------------------------------------


def _permits(
    prepared: PreparedBook, question: Question, traces: Mapping[str, RuleTrace]
) -> Iterator[RuleReading]:
    """Yield the permits about an action: first those whose whole scope fits, then in the book's order."""
    about = [rule for rule, trace in traces.items() if trace.parts[1].fits]
    for rule in sorted(about, key=lambda rule: not traces[rule].scope):
        if prepared.trees[rule].effect == "permit":
            yield _reading(prepared, question, rule, traces[rule])


def _reading(prepared: PreparedBook, question: Question, rule: str, trace: RuleTrace) -> RuleReading:
    """Return a rule with the conditions that made it what it is for a request."""
    read = prepared.book.rules[rule]
    parts = list(_parts(prepared, question, rule, trace))
    counting = parts if trace.matches else [next(part for part in parts if part.holds is not True)]
    return RuleReading(
        id=rule,
        effect=read.effect,
        place=read.place,
        reason=read.reason,
        article=read.article,
        quote=read.quote,
        instead=read.instead,
        conditions=tuple(condition for part in counting for condition in part.conditions),
    )


class _Part(NamedTuple):
    """A part of a rule: whether the rule goes on after it, and the conditions that make it so."""

    holds: Truth
    conditions: tuple[Condition, ...]


def _parts(prepared: PreparedBook, question: Question, rule: str, trace: RuleTrace) -> Iterator[_Part]:
    """Yield the parts of a rule that were looked at: its scope, then its clauses."""
    for variable, scope in zip(_VARIABLES, trace.parts, strict=True):
        if scope.text != variable:
            facts = (_scope_fact(prepared, question, variable, scope.text),)
            yield _Part(scope.fits, (Condition(scope.text, scope.fits, facts),))
    for clause, seen in zip(prepared.trees[rule].clauses, trace.clauses, strict=True):
        _, atoms = _deciding(clause.expr, iter(seen.atoms))
        conditions = tuple(Condition(atom.text, atom.value, _facts(atom, question)) for atom in atoms)
        yield _Part(seen.holds, conditions or (Condition(seen.text, seen.holds, ()),))


def _scope_fact(prepared: PreparedBook, question: Question, variable: str, text: str) -> str:
    """Return what there is to say of who asks, the action or the device, where a rule says what it wants."""
    uids = {"principal": question.principal, "resource": question.resource}
    named = uids.get(variable, question.action)
    if " in " not in text:
        return f"{variable} is `{named}`"
    if variable == "action":
        above = [group for group in prepared.words.groups(question.action) if group != question.action]
    else:
        above = [role.id for role in roles_of(uids[variable], question)]
    return f"`{named}` is in {' and '.join(f'`{name}`' for name in above) or 'nothing'}"


def _facts(atom: AtomTrace, question: Question) -> tuple[str, ...]:
    """Return what an atomic condition looked at, unless it is nothing but a value itself."""
    uids = {"principal": question.principal, "resource": question.resource}
    return tuple(
        f"`{path}` is {entity_label(uids[path], question)}"
        if path in uids
        else f"`{path}` is {'absent' if reading.value is None else reading.value}"
        for reading in atom.readings
        if (path := reading.path) != atom.text
    )


def _deciding(expr: pst.Expr, atoms: Iterator[AtomTrace]) -> tuple[Truth, tuple[AtomTrace, ...]]:
    """Return the value of a condition and the atoms that give it that value.

    Args:
        expr: the condition.
        atoms: what became of its atoms, those that were not reached too; they are taken from it.
    """
    match expr:
        case pst.BoolLit():
            return expr.value, ()
        case pst.UnaryOp(op="not", arg=arg):
            truth, found = _deciding(arg, atoms)
            return (not truth if isinstance(truth, bool) else truth), found
        case pst.BinaryOp(op="and" | "or" as operator, left=left, right=right):
            first, of_first = _deciding(left, atoms)
            second, of_second = _deciding(right, atoms)
            if first != (operator == "and"):
                return first, of_first
            return second, of_second if second != first else (*of_first, *of_second)
        case pst.IfThenElse():
            test, of_test = _deciding(expr.cond, atoms)
            then, otherwise = _deciding(expr.then_expr, atoms), _deciding(expr.else_expr, atoms)
            truth, found = then if test is True else otherwise
            return (truth, (*of_test, *found)) if isinstance(test, bool) else (test, of_test)
        case _:
            atom = next(atoms)
            return atom.value, (atom,)
