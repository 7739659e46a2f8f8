"""A case as a sequence of messages between lanes, in SVG: who asked whom for what, and what became of it.

What devices report of themselves all the time is left out and counted. The heads of the lanes stay in sight
while one scrolls; what is drawn has a title with everything that the picture has no room for.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from sim.core.topics import parse_topic
from sim.core.units import show_duration
from sim.report.chronicle import chronicle_line, named
from sim.report.folding import COLUMNS_MAX, counted, cut, fold_repeats
from sim.report.html.chapters import Chapter
from sim.report.html.markup import Markup, element, joined
from sim.report.quantities import field_shown
from sim.world.trace import Record

ROWS_MAX: Final = 300
"""How many rows a sequence has; a case of ten days would have thousands."""
LANES_MAX: Final = 14
"""How many devices have a lane: those that are first to say something."""

_TIMES: Final = 84
_LANE: Final = 132
_ROW: Final = 26
_HEAD: Final = 30
_MARGIN: Final = 300
"""Room beside the last lane for what is written there."""
_LABEL_COLUMNS: Final = 19
"""How much text fits between two lanes."""
_DRAWN: Final = ("step", "message", "lost", "decision", "fault", "connection", "spoken", "change")
"""Records that a row can come from; what is true and believed is drawn as numbers."""
_REFUSALS: Final = {"forbidden": "✕", "not_permitted": "∅", "not_evaluated": "⚠", "refused": "✕"}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the picture.

    Attributes:
        t: milliseconds since the case began.
        kind: `message`, `lost`, `note`, `refusal` or `step`.
        label: the words in it.
        title: everything, for who points at it.
        at: the device it begins at; empty for a step of the story.
        to: the device it goes to; empty when it goes nowhere.
        facet: names of the numbers that changed, and nothing else did; empty otherwise.
        folded: how many rows it stands for beside itself.
    """

    t: int
    kind: str
    label: str
    title: str
    at: str = ""
    to: str = ""
    facet: str = ""
    folded: int = 0


def rows(chapter: Chapter) -> list[Row]:
    """Return what is drawn of a case, in order; what only goes on changing is told by its first and last."""
    found = (row for record in chapter.of(*_DRAWN) for row in _rows_of(record))
    return [_together(them) for them in fold_repeats(found, _repeated)]


def _repeated(row: Row) -> tuple[str, str] | None:
    return (row.at, row.facet) if row.facet else None


def _together(them: tuple[Row, ...]) -> Row:
    """Return the row for rows of one facet: how many, and in its title from what to what until when."""
    first, last = them[0], them[-1]
    if first is last:
        return first
    label = f"… {len(them)} more reports of {first.facet}"
    title = f"{len(them)} reports until {show_duration(last.t)}: from {first.label} to {last.label}"
    return replace(first, label=label, title=title, folded=len(them) - 1)


def _rows_of(record: Record) -> Iterator[Row]:
    if record["kind"] == "message":
        yield from _message(record)
        return
    t, title = record["t"], chronicle_line(record).strip()
    match record["kind"]:
        case "step":
            yield Row(t, "step", record["text"], f"line {record['line']}: {record['text']}")
        case "lost":
            yield Row(t, "lost", "lost", title, record["device"])
        case "decision" if not record["decision"]["allowed"]:
            glyph = _REFUSALS.get(record["decision"]["kind"], "✕")
            yield Row(t, "refusal", f"{glyph} {named(record['decision'])}", title, record["device"])
        case "fault":
            words = f"{record['fault']} {'breaks' if record['broken'] else 'is mended'}"
            yield Row(t, "note", words, title, record["device"])
        case "connection" if record["state"] == "lost":
            yield Row(t, "note", "is given up", title, record["device"])
        case "spoken":
            yield Row(t, "note", f"“{record['text']}”", title, record["device"])
        case "change":
            changes = record["changes"]
            words = ", ".join(field_shown(name, value) for name, value in changes.items())
            gradual = all(type(value) in {int, float} for value in changes.values())
            facet = ", ".join(changes) if gradual else ""
            yield Row(t, "note", words, title, record["device"], facet=facet)
        case _:
            pass


def _message(record: Record) -> Iterator[Row]:
    """Yield a command or an answer; everything else is news that many read."""
    topic = parse_topic(record["topic"])
    if topic is None or topic.channel not in {"cmd", "reply"}:
        return
    title = chronicle_line(record).strip()
    if topic.channel == "cmd":
        yield Row(record["t"], "message", topic.words[1], title, topic.words[0], topic.device)
    else:
        status = str(record.get("signed", {}).get("status", "answer"))
        yield Row(record["t"], "message", status, title, topic.device, topic.words[0])


def sequence(chapter: Chapter) -> Markup:
    """Return the picture of a case, with a note of what is left out."""
    found = rows(chapter)
    lanes = list(dict.fromkeys(name for row in found for name in (row.at, row.to) if name))
    shown = lanes[:LANES_MAX]
    told = [row for row in found if {row.at, row.to} - {""} <= set(shown)]
    drawn = told[:ROWS_MAX]
    width = _TIMES + _LANE * len(shown) + _MARGIN
    heads = element("svg", *_heads(shown), width=width, height=_HEAD, role="img", aria_label="devices")
    body = element(
        "svg",
        *(
            element("line", class_="lane", x1=x, x2=x, y1=0, y2=_ROW * len(drawn))
            for x in map(_x, range(len(shown)))
        ),
        *(_drawn(row, index, shown, width) for index, row in enumerate(drawn)),
        width=width,
        height=max(_ROW, _ROW * len(drawn)),
        role="img",
        aria_label="what happened, in order",
    )
    picture = element("div", element("div", heads, class_="heads"), body, class_="sequence", tabindex="0")
    return joined(picture, element("p", _left_out(chapter, found, drawn, lanes), class_="faint"))


def _left_out(chapter: Chapter, found: list[Row], drawn: list[Row], lanes: list[str]) -> str:
    messages = sum(1 for _ in chapter.of("message"))
    exchanged = sum(1 for row in found if row.kind == "message")
    words = [f"{counted(messages - exchanged, 'report')} of devices about themselves left out"]
    if len(lanes) > LANES_MAX:
        words.append(f"{counted(len(lanes) - LANES_MAX, 'device')} without a lane")
    if folded := sum(row.folded for row in drawn):
        words.append(f"{counted(folded, 'report')} folded into others of the same facet")
    if len(drawn) < len(found):
        words.append(f"{counted(len(found) - len(drawn), 'row')} not drawn of {len(found):,}")
    return ", ".join(words) + "."


def _x(lane: int) -> int:
    return _TIMES + _LANE // 2 + _LANE * lane


def _heads(lanes: list[str]) -> Iterator[Markup]:
    for lane, name in enumerate(lanes):
        x = _x(lane)
        yield element("rect", class_="head", x=x - 58, y=3, width=116, height=24, rx=6)
        yield element("text", cut(name, 16), x=x, y=20, text_anchor="middle")


def _drawn(row: Row, index: int, lanes: list[str], width: int) -> Markup:
    y = _ROW * index + _ROW // 2
    parts: list[Markup] = [element("title", row.title)]
    if row.kind == "step":
        parts.append(element("rect", class_="step", x=0, y=y - 12, width=width, height=24))
        parts.append(element("text", cut(row.label, (width - _TIMES) // 8), x=_TIMES, y=y + 4))
    elif row.to:
        parts += _arrow(row, y, _x(lanes.index(row.at)), _x(lanes.index(row.to)))
    else:
        x = _x(lanes.index(row.at))
        parts.append(element("circle", class_=row.kind, cx=x, cy=y, r=4))
        label = cut(row.label, COLUMNS_MAX // 2)
        parts.append(element("text", label, class_=row.kind, x=x + 9, y=y + 4))
    parts.append(element("text", show_duration(row.t), class_="time", x=4, y=y + 4))
    return element("g", *parts)


def _arrow(row: Row, y: int, begin: int, end: int) -> list[Markup]:
    forward = 1 if end > begin else -1
    tip = end - forward
    label = cut(row.label, _LABEL_COLUMNS)
    return [
        element("line", class_="message", x1=begin, x2=end, y1=y + 6, y2=y + 6),
        element(
            "polygon",
            class_="message",
            points=f"{tip},{y + 6} {tip - forward * 8},{y + 2} {tip - forward * 8},{y + 10}",
        ),
        element("text", label, x=begin + forward * 8, y=y + 2, text_anchor="start" if forward > 0 else "end"),
    ]
