"""The page: what came of all cases, and each case with its failure, sequence, decisions, data and numbers."""

import base64
from collections import Counter
from collections.abc import Iterable
from hashlib import sha256
from typing import Final

from sim.core.errors import RecordingError
from sim.core.units import show_duration
from sim.report.folding import counted
from sim.report.html.chapters import HELP, Chapter, chapters
from sim.report.html.charts import Scale, chart
from sim.report.html.comparison import Quantity, Told, scales, scenarios, section
from sim.report.html.findings import decisions, failure, flows
from sim.report.html.markup import Content, Markup, element, joined, table, verbatim
from sim.report.html.sequence import sequence
from sim.report.html.series import PLOTS_MAX, changing
from sim.report.html.style import SHEET
from sim.world.trace import Record

IN_FULL_MAX: Final = 60
"""How many cases are told in full: those that failed first. The others have their line in the table."""

OPENED_MAX: Final = 3
"""Of how many scenarios at most what their cases have in common is open."""

_GLYPHS: Final = {"pass": "✓", "fail": "✗", "unknown": "?", "skipped": "-", "error": "!", "unfinished": "…"}
_COLOURS: Final = {"pass": "good", "fail": "bad", "error": "bad"}
_BAD: Final = ("fail", "error", "unfinished")


def page(records: Iterable[Record]) -> str:
    """Return the report of some records as an HTML file.

    Args:
        records: of one or more cases, one after the other, as the trace has them or a recording.

    Raises:
        RecordingError: when they are no records of a run, or of another version.
    """
    told = chapters(records)
    try:
        body = _body(told)
    except (KeyError, TypeError, AttributeError, ValueError, ArithmeticError) as wrong:
        sentence = f"a record does not say what a report needs: {type(wrong).__name__}: {wrong}"
        raise RecordingError(sentence, help_text=HELP) from None
    return f"<!doctype html>\n{element('html', _head(told), body, lang='en')}\n"


def _head(told: list[Chapter]) -> Markup:
    digest = base64.b64encode(sha256(SHEET.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", f"carhome: {_summary(told)}"),
        element("style", verbatim(SHEET)),
    )


def _body(told: list[Chapter]) -> Markup:
    # Sorting keeps the order of the recording within both groups.
    ranked = sorted(range(len(told)), key=lambda index: told[index].word not in _BAD)
    in_full = set(ranked[:IN_FULL_MAX])
    refused = sum(1 for one in told for it in one.of("decision") if not it["decision"]["allowed"])
    messages = sum(1 for one in told for _ in one.of("message"))
    simulated = show_duration(sum(one.ended_ms for one in told))
    facts = f"{counted(refused, 'refusal')}, {counted(messages, 'message')}, {simulated} simulated."
    left = len(told) - len(in_full)
    note = f" {counted(left, 'case')} of {len(told)} told in the table only." if left else ""
    return element(
        "body",
        element(
            "main",
            element("h1", _summary(told)),
            element("p", facts + note, class_="faint"),
            _overview(told, in_full),
            *_in_full([(index, told[index]) for index in sorted(in_full)], alone=len(told) == 1),
        ),
    )


def _in_full(told: list[tuple[int, Chapter]], *, alone: bool) -> list[Content]:
    """Return cases in full, those of a scenario after what they have in common, on the same scales."""
    groups = scenarios(Told.of(chapter, index) for index, chapter in told)
    parts: list[Content] = []
    for cases in groups:
        parts.append(section(cases, opened=len(groups) <= OPENED_MAX))
        shared = scales(cases)
        parts += [_case(one, shared, alone=alone) for one in cases]
    return parts


def _summary(told: list[Chapter]) -> str:
    counts = Counter(one.word for one in told)
    words = {"pass": "passed", "fail": "failed", "error": "stopped by an error"}
    return ", ".join(f"{counts[word]} {words.get(word, word)}" for word in _GLYPHS if counts[word])


def _overview(told: list[Chapter], in_full: set[int]) -> Markup:
    cells: list[tuple[Content, ...]] = [
        (
            element("span", f"{_GLYPHS[one.word]} {one.word}", class_=_COLOURS.get(one.word, "doubt")),
            element("a", _title(one), href=f"#case-{index + 1}") if index in in_full else _title(one),
            one.run["file"],
            show_duration(one.ended_ms),
        )
        for index, one in enumerate(told)
    ]
    return table(("verdict", "case", "file", "lasted"), cells)


def _title(chapter: Chapter) -> str:
    case = f" ({chapter.run['case']})" if chapter.run["case"] else ""
    return f"{chapter.run['scenario']}{case}"


def _case(told: Told, shared: dict[Quantity, Scale], *, alone: bool) -> Markup:
    chapter = told.chapter
    word = chapter.word
    glyph = element("span", f"{_GLYPHS[word]} {word}", class_=_COLOURS.get(word, "doubt"))
    return element(
        "details",
        element("summary", element("h2", glyph, " ", _title(chapter))),
        element("div", *_parts(told, shared), class_="body"),
        id=f"case-{told.index + 1}",
        open="" if alone or word in _BAD else None,
    )


def _parts(told: Told, shared: dict[Quantity, Scale]) -> list[Content]:
    chapter = told.chapter
    run = chapter.run
    verdict = chapter.verdict
    asserted = 0 if verdict is None else verdict["asserted"]
    lasted = show_duration(chapter.ended_ms)
    facts = f"{run['file']}, household {run['household']}, seed {run['seed']}: {asserted} held in {lasted}."
    parts: list[Content] = [element("p", facts, class_="faint")]
    if verdict is not None and verdict["text"] and chapter.word not in {"fail", "error"}:
        parts.append(element("p", verdict["text"]))
    drawn = changing(told.numbers)
    charts = (chart(one, chapter.ended_ms, shared[told.quantity(one)]) for one in drawn[:PLOTS_MAX])
    numbers = element("div", *charts, class_="plots")
    more = element("p", f"{len(drawn) - PLOTS_MAX} more are not drawn.", class_="faint")
    for heading, part in (
        ("Why it failed", failure(chapter)),
        ("What happened", sequence(chapter)),
        ("What the rules decided", decisions(chapter)),
        ("Who received which data", flows(chapter)),
        ("Numbers, true and believed", numbers if drawn else None),
        (None, more if len(drawn) > PLOTS_MAX else None),
    ):
        if part is not None:
            parts.append(joined(None if heading is None else element("h3", heading), part))
    return parts
