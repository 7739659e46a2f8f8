"""What is told of a case in words: why it failed, what the rules decided, and who received which data."""

from collections.abc import Mapping
from typing import Any, Final

from sim.core.units import show_duration
from sim.report.chronicle import chronicle_line, named
from sim.report.folding import counted
from sim.report.html.chapters import Chapter
from sim.report.html.markup import Content, Markup, element, joined, table
from sim.world.trace import Record

DECISIONS_MAX: Final = 200
"""How many decisions of a case are listed, refusals first."""
LAST_RECORDS: Final = 12
"""How many records before its end a failure shows."""
NOT_TELLING: Final = frozenset({"step", "run", "connection", "truth", "belief", "flow", "screen", "verdict"})
"""Records that follow from others."""
_WORDS: Final[Mapping[str, str]] = {
    "permitted": "✓ permitted",
    "forbidden": "✕ forbidden",
    "not_permitted": "∅ nothing permits it",
    "not_evaluated": "⚠ not evaluated",
    "refused": "✕ refused",
}


def failure(chapter: Chapter) -> Markup | None:
    """Return why a case failed: sentence, line, what was expected and what was so; None if it did not."""
    verdict = chapter.verdict
    if verdict is None or verdict["verdict"] not in {"fail", "error"}:
        return None
    failed = verdict.get("failed")
    parts: list[Content] = [element("p", verdict["text"], class_="sentence")]
    if failed is not None:
        parts.append(_source(chapter.run["file"], failed))
        conditions: list[tuple[Content, ...]] = [
            (one["name"], one["expected"], one["actual"], "holds" if one["holds"] else "does not hold")
            for one in failed["conditions"]
        ]
        if conditions:
            parts.append(table(("fact", "expected", "was", ""), conditions))
    last = [one for one in chapter.records if one["kind"] not in NOT_TELLING][-LAST_RECORDS:]
    lines = [element("span", chronicle_line(one), "\n") for one in last]
    parts.append(joined(element("p", "What happened last:"), element("pre", *lines, tabindex="0")))
    return element("div", *parts, class_="failure")


def _source(file: str, failed: Mapping[str, Any]) -> Markup:
    """Return the line of the scenario, with what is meant in it marked."""
    line, first = failed["source"], failed["column"] - 1
    end = first + failed["length"]
    marked = joined(line[:first], element("mark", line[first:end]), line[end:])
    where = f"{file}:{failed['line']}:{failed['column']}"
    return element("pre", element("span", where, class_="faint"), "\n", marked, tabindex="0")


def decisions(chapter: Chapter) -> Markup | None:
    """Return what the rules decided, refusals with their reason first; None when they were never asked."""
    made = list(chapter.of("decision"))
    if not made:
        return None
    in_order = sorted(made, key=lambda one: (one["decision"]["allowed"], one["n"]))
    cells: list[tuple[Content, ...]] = [_decision(one) for one in in_order[:DECISIONS_MAX]]
    refused = sum(1 for one in made if not one["decision"]["allowed"])
    more = len(made) - len(cells)
    note = f"{counted(len(made), 'decision')}, {refused} refused" + (f"; {more} not listed" if more else "")
    heads = ("when", "who asked whom", "for what", "decision", "rule", "why")
    return joined(table(heads, cells), element("p", f"{note}.", class_="faint"))


def _decision(record: Record) -> tuple[Content, ...]:
    decision = record["decision"]
    kind = element(
        "span",
        _WORDS.get(decision["kind"], decision["kind"]),
        class_="good" if decision["allowed"] else "bad",
    )
    by = f" ({record['by']})" if record["by"] else ""
    return (
        show_duration(record["t"]),
        f"{record['sender']}{by} → {record['device']}",
        record["action"],
        kind,
        named(decision),
        _why(decision),
    )


def _why(decision: Mapping[str, Any]) -> Markup:
    """Return the reason, and of a refusal what was missing, the article and what is allowed instead."""
    parts: list[Content] = [element("span", decision["reason"])]
    if decision["because"]:
        parts.append(element("span", f" because {decision['because']}"))
    parts += [element("div", f"missing: {one['clause']}") for one in decision["clauses"]]
    if decision["allowed"]:
        return joined(*parts)
    if decision["article"] and decision["quote"]:
        parts.append(element("div", f"article {decision['article']}: “{decision['quote']}”", class_="quote"))
    if decision["instead"]:
        parts.append(element("div", f"instead: {decision['instead']}"))
    return joined(*parts)


def flows(chapter: Chapter) -> Markup | None:
    """Return who received which data, by what and how often; None when none of them moved."""
    found: dict[tuple[str, str, str], list[Record]] = {}
    for record in chapter.of("flow"):
        found.setdefault((record["datum"], record["source"], record["device"]), []).append(record)
    if not found:
        return None
    cells: list[tuple[Content, ...]] = [
        (
            datum.replace("_", " "),
            source,
            reader,
            len(them),
            f"{show_duration(them[0]['t'])} – {show_duration(them[-1]['t'])}",
            ", ".join(dict.fromkeys(one["message"] for one in them)),
            "sealed" if all(one["sealed"] for one in them) else "open",
        )
        for (datum, source, reader), them in sorted(found.items())
    ]
    return table(("datum", "of", "received by", "times", "first and last", "in", "travelled"), cells)
