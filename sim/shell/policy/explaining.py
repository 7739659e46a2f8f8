"""`carhome policy explain`: why a decision is as it is, and the nearest thing that is allowed."""

import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from sim.analysis.explanation.neighbourhood import PreparedBook
from sim.analysis.explanation.reasons import Explanation, explain
from sim.analysis.question import Question
from sim.analysis.recorded import Recorded, recorded_decisions
from sim.analysis.suites.examination import selected
from sim.analysis.suites.fixtures import base_entities
from sim.analysis.suites.reading import SUITE_SUFFIX, read_suite
from sim.core.errors import PolicyError, UsageError, did_you_mean
from sim.report.folding import counted, visible
from sim.report.policy.explanations import explanation_lines
from sim.report.style import style_for
from sim.shell.exits import Exit
from sim.shell.policy.output import print_json, print_lines
from sim.shell.policy.shelf import RuleShelf, sorted_by_kind
from sim.shell.recordings import read_records
from sim.shell.terminal import sees_colour

ASK_FORM = '`--ask "lin unlock Car::su7 distance_cm=350"`'
_USUAL: Mapping[str, Any] = {"authenticated": True, "fresh": True, "expires_in_ms": 30_000}
"""What a request is like unless it says otherwise: one that could be carried out."""
_NOTHING: Mapping[str, Any] = {"Boolean": False, "Long": 0, "String": ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainOptions:
    """What the command line says.

    Attributes:
        paths: scenarios, recordings, suites and folders of them.
        policies: folder of the user's, or None.
        only: part of file, case, sender and action to select by, or None.
        ask: one request in words, or None.
        permitted_too: whether to explain what was permitted, too.
        as_json: whether one object per explanation goes to standard output, and nothing else does.
    """

    paths: tuple[str, ...]
    policies: Path | None = None
    only: str | None = None
    ask: str | None = None
    permitted_too: bool = False
    as_json: bool = False


@dataclass(frozen=True, slots=True)
class _Asked:
    """One request to explain: where it comes from, what was asked, and what was recorded of it."""

    title: str
    question: Question | None
    recorded: Mapping[str, Any] | None = None
    command: str | None = None


def explain_decisions(options: ExplainOptions) -> Exit:
    """Explain everything that is asked for; return how to exit.

    Raises:
        UsageError: when nothing is asked for, or a path is not there.
    """
    if not options.paths and options.ask is None:
        sentence = "there is nothing to explain: name a scenario, a recording or a suite, or use `--ask`"
        raise UsageError(sentence, help_text=f"such as {ASK_FORM}")
    shelf = RuleShelf(options.policies)
    style = style_for(colour=sees_colour(sys.stdout))
    explained = 0
    for asked, explanation in _explanations(shelf, options):
        explained += 1
        if options.as_json:
            print_json([{"title": asked.title, **explanation.to_record()}])
        else:
            title = f"{style.strong}{visible(asked.title)}{style.end}"
            print_lines([*([""] if explained > 1 else []), title, explanation_lines(explanation, style)])
    if not explained:
        sys.stderr.write("nothing matched: there is no denial\n")
        return Exit.NOTHING
    if not options.as_json:
        sys.stderr.write(f"{counted(explained, 'decision')} explained\n")
    return Exit.HELD


def _explanations(shelf: RuleShelf, options: ExplainOptions) -> Iterator[tuple[_Asked, Explanation]]:
    """Yield what is asked for with its explanation; what has been explained once is not searched again."""
    prepared = PreparedBook(shelf.rules)
    known: dict[str, Explanation] = {}
    for asked in _requests(shelf, options):
        key = json.dumps(
            [asked.question and asked.question.to_record(), asked.recorded, asked.command], sort_keys=True
        )
        if key not in known:
            known[key] = explain(
                prepared, asked.question, shelf.closed_prover, recorded=asked.recorded, command=asked.command
            )
        explanation = known[key]
        if options.permitted_too or options.ask is not None or explanation.kind != "permitted":
            yield asked, explanation


def _requests(shelf: RuleShelf, options: ExplainOptions) -> Iterator[_Asked]:
    """Yield every request that is asked for."""
    if options.ask is not None:
        yield _asked_in_words(shelf, options.ask)
    scenarios, others = sorted_by_kind(options.paths)
    for one in shelf.decisions(scenarios) if scenarios else ():
        yield from _recorded(one, options.only)
    for path in others:
        if Path(path).is_dir() or path.endswith(SUITE_SUFFIX):
            yield from _cases(shelf, path, options.only)
        else:
            for one in recorded_decisions(read_records(path), shelf.kinds, shelf.rules):
                yield from _recorded(one, options.only)


def _recorded(one: Recorded, only: str | None) -> Iterator[_Asked]:
    record = one.record
    where = " ".join(part for part in (one.file, one.case) if part)
    by = f" for {record['by']}" if record["by"] else ""
    title = f"{where}: {record['sender']}{by} → {record['device']} {record['action']} at {record['t']} ms"
    if only is None or only.casefold() in title.casefold():
        yield _Asked(title, one.question, record["decision"], record["action"])


def _cases(shelf: RuleShelf, path: str, only: str | None) -> Iterator[_Asked]:
    for suite in shelf.suites([path]):
        for case in suite.cases:
            if selected(case, () if only is None else (only,)):
                yield _Asked(f"{case.place.file}:{case.place.line} {case.name}", suite.question(case))


def _asked_in_words(shelf: RuleShelf, words: str) -> _Asked:
    """Return the request that `--ask` describes, as if a suite asked for it.

    Raises:
        UsageError: when it cannot be understood, or cannot be asked.
    """
    match words.split():
        case [principal, action, resource, *facts] if all("=" in fact for fact in facts):
            given = dict(fact.split("=", 1) for fact in facts)
            if len(given) < len(facts):
                sentence = f"a fact is given twice in `{words}`"
                raise UsageError(sentence, help_text="leave one of them out")
        case _:
            sentence = f"`{words}` is not a person, an action, a device, and facts such as `moving=true`"
            raise UsageError(sentence, help_text=f"such as {ASK_FORM}")
    actions = {name: one for name, one in shelf.schema[""]["actions"].items() if "appliesTo" in one}
    if action not in actions:
        sentence = f"no device has the command `{action}`"
        raise UsageError(sentence, help_text=did_you_mean(action, actions))
    facts_of = actions[action]["appliesTo"]["context"]["attributes"]
    usual = {
        name: _USUAL.get(name, _NOTHING.get(fact["type"]))
        for name, fact in facts_of.items()
        if fact["required"]
    }
    test = {
        "name": words,
        "principal": principal,
        "action": action,
        "resource": resource,
        "context": {**usual, **{name: _scalar(value) for name, value in given.items()}},
        "expect": "deny",
    }
    # A device that a rule names need not be one of those that every suite can count on.
    type_name = resource.partition("::")[0]
    named = resource not in {f"{type_name}::{one['uid']['id']}" for one in base_entities(shelf.schema)}
    known = type_name in shelf.schema[""]["entityTypes"]
    owned = known and "owner" in shelf.schema[""]["entityTypes"].get(type_name, {}).get("shape", {}).get(
        "attributes", {}
    )
    added = {"entities": {resource: {"owner": "lin"}}} if named and owned else {}
    text = yaml.safe_dump({"suite": "asked", **added, "tests": [test]}, sort_keys=False)
    try:
        suite = read_suite("--ask", text, shelf.schema, {})
    except PolicyError as error:
        raise UsageError(error.sentence, help_text=error.help_text) from None
    assumed = ", ".join(f"{name}={json.dumps(value)}" for name, value in usual.items() if name not in given)
    sys.stderr.write(f"taken as usual: {assumed}\n" if assumed else "")
    return _Asked(words, suite.question(suite.cases[0]))


def _scalar(text: str) -> Any:
    """Return a value of the command line: what looks like a number or a truth is one."""
    if text in {"true", "false"}:
        return text == "true"
    return int(text) if re.fullmatch(r"-?[0-9]{1,15}", text) else text
