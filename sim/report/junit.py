"""JUnit's XML, which continuous integration reads; whatever people wrote stands in it escaped."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple
from xml.etree import ElementTree as ET

from sim.core.errors import Place
from sim.report.folding import visible

End = Literal["passed", "failure", "error", "skipped"]
_COUNTS: dict[End, str] = {"failure": "failures", "error": "errors", "skipped": "skipped"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one test.

    Attributes:
        group: what it belongs to.
        name: its name.
        place: where it is written.
        end: how it ended.
        message: one sentence; empty for what passed.
        lines: what else there is to say.
    """

    group: str
    name: str
    place: Place
    end: End = "passed"
    message: str = ""
    lines: Sequence[str] = ()


class Group(NamedTuple):
    """The tests of one file."""

    name: str
    file: str
    outcomes: Sequence[Outcome]


def junit_text(program: str, groups: Sequence[Group]) -> str:
    """Return everything as a JUnit XML file.

    Args:
        program: what ran the tests.
        groups: the tests, file by file.
    """
    root = ET.Element("testsuites", name=program)
    for group in groups:
        element = ET.SubElement(root, "testsuite", name=visible(group.name), file=visible(group.file))
        _count(element, group.outcomes)
        for outcome in group.outcomes:
            _add(element, outcome)
    _count(root, [outcome for group in groups for outcome in group.outcomes])
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _count(element: ET.Element, outcomes: Sequence[Outcome]) -> None:
    element.set("tests", str(len(outcomes)))
    for end, key in _COUNTS.items():
        element.set(key, str(sum(outcome.end == end for outcome in outcomes)))


def _add(suite: ET.Element, outcome: Outcome) -> None:
    place = outcome.place
    element = ET.SubElement(
        suite,
        "testcase",
        classname=visible(outcome.group),
        name=visible(outcome.name),
        file=visible(place.file),
        line=str(place.line),
    )
    text = "\n".join(map(visible, outcome.lines))
    if outcome.end != "passed":
        ET.SubElement(element, outcome.end, message=visible(outcome.message)).text = text or None
    elif text:
        ET.SubElement(element, "system-out").text = text
