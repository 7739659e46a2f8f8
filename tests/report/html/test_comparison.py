"""Cases and devices beside each other: the same quantity on the same scale, and where each of them ended."""

import re
from typing import Any

import pytest

from sim.report.html import page
from sim.report.html.chapters import chapters
from sim.report.html.comparison import (
    BARS_MAX,
    LINES_MAX,
    Told,
    case_names,
    comparison,
    scales,
    scenarios,
    section,
)
from sim.world.trace import Record
from tests.report.html.records import Tape
from tests.report.html.test_markup import read

CARS = {name: {"kind": "car", "owner": None, "enrolled": True} for name in ("base", "luxury", "su7")}
SAID = "- expect: {base.battery: 80 %, luxury.battery: 80 %}"


def charged(case: str = "", *, text: str = SAID, ended: int = 60_000, **to: float) -> list[Record]:
    """Return a case in which cars begin with 10 % and 20 °C, and end as said."""
    tape = Tape(case=case, devices=CARS, file="charging.yaml").add(0, "step", line=1, text=text)
    for device, percent in to.items():
        tape.true(0, device, battery_percent=10.0, cabin_c=20.0)
        tape.true(ended, device, battery_percent=percent, cabin_c=20.0)
    return tape.ended(ended)


def told(*cases: list[Record]) -> list[Told]:
    """Return cases with their numbers."""
    records = [record for one in cases for record in one]
    return [Told.of(chapter, index) for index, chapter in enumerate(chapters(records))]


def pictures(*cases: list[Record]) -> list[str]:
    """Return the pictures of a comparison, each as its markup."""
    return re.findall("<figure.*?</figure>", comparison(told(*cases)) or "")


def captions(*cases: list[Record]) -> list[str]:
    """Return what is read in each picture before its drawing."""
    return [read(one.partition("<svg")[0]).text for one in pictures(*cases)]


def test_devices_of_one_kind_are_lines_of_one_plot() -> None:
    """Each with its name; one that the story does not name is left out, and so is what never moves."""
    drawn = pictures(charged(base=80.0, luxury=60.0, su7=30.0))

    assert captions(charged(base=80.0, luxury=60.0, su7=30.0)) == ["battery baseluxury"]
    assert re.findall('points="([^"]*)"', drawn[0]) == ["8.0,126.0 352.0,53.1", "8.0,126.0 352.0,24.0"]


def test_cases_are_lines_of_one_plot_each_as_long_as_its_case() -> None:
    """A case that took half the time ends in the middle; bars show where each of them ended."""
    one = charged("version=base", text="- expect: {base.battery: 80 %}", base=80.0)
    other = charged("version=luxury", text="- expect: {base.battery: 80 %}", ended=30_000, base=60.0)

    line, bars = pictures(one, other)

    assert read(line).text.startswith("battery version=baseversion=luxurybattery, from 10 % to 80 %")
    assert re.findall('points="([^"]*)"', line) == ["8.0,126.0 180.0,53.1", "8.0,126.0 352.0,24.0"]
    assert read(bars).text == "battery at the endbattery at the endversion=base80 %version=luxury60 %"
    widths = [float(one) for one in re.findall('rect class="b1"[^>]*width="([^"]*)"', bars)]
    assert widths == [344.0, 258.0]


def test_cases_of_no_time_are_bars_of_what_they_end_with() -> None:
    """By case and device, each device in its colour; those that the story asserts if there are any."""
    cases = [
        charged(f"outdoor={out}, base_range={least} .. 720 km", ended=0, base=base, luxury=luxury)
        for out, least, base, luxury in (("23 °C", 600, 90.0, 70.0), ("-20 °C", 205, 30.0, 40.0))
    ]
    (drawn,) = pictures(*cases)

    for words in ("base, outdoor=23 °C90 %", "luxury, outdoor=23 °C70 %", "luxury, outdoor=-20 °C40 %"):
        assert words in read(drawn).text
    assert re.findall('rect class="(b[0-9])"', drawn) == ["b1", "b2", "b1", "b2"]
    unsaid = [[*one[:1], {**one[1], "text": "- do: lin.looks (base, luxury)"}, *one[2:]] for one in cases]
    assert captions(*unsaid) == ["battery at the end"]


def test_bars_begin_at_zero_on_both_sides() -> None:
    """What is below zero goes to the left; naught is a line of its own."""
    cases = []
    for number, value in enumerate((-20.0, 0.0, 20.0)):
        tape = Tape(case=f"n={number}", file="a", devices=CARS).add(0, "step", line=1, text="base.cabin")
        cases.append(tape.true(0, "base", cabin_c=value).ended(0))
    (drawn,) = pictures(*cases)

    found = re.findall('<rect class="b1" x="([^"]*)" y="[0-9]*" width="([^"]*)"', drawn)
    assert found == [("8.0", "172.0"), ("180.0", "1.0"), ("180.0", "172.0")]


def test_what_is_not_the_same_or_not_named_is_not_compared() -> None:
    """One device, one case, other kinds, or a story that names nobody: there is nothing beside it."""
    assert comparison(told(charged(base=80.0))) is None
    assert comparison(told(charged(base=80.0, luxury=60.0, text="- advance: 1h"))) is None
    assert comparison(told(charged("a=1", base=80.0, ended=0), charged("a=2", base=80.0, ended=0))) is None
    for percent in (80.0, 80.0 + 1e-9):
        assert comparison(told(charged("a=1", base=80.0), charged("a=2", base=percent))) is None
    lone: list[dict[str, Any]] = [{}, {"devices": None}, {"devices": {"base": "car", "luxury": "car"}}]
    for fields in lone:
        tape = Tape(**fields).add(0, "step", line=1, text=SAID)
        for device in ("base", "luxury"):
            tape.true(0, device, battery_percent=10.0).true(9, device, battery_percent=20.0)
        assert comparison(told(tape.ended(9))) is None


def test_line_whose_truth_breaks_off_says_until_when() -> None:
    """Nobody looked at a car that sleeps: the line ends there, and is not drawn on."""
    tape = Tape(file="a", devices=CARS).add(0, "step", line=1, text=SAID)
    for device, ended in (("base", 60_000), ("luxury", 30_000)):
        tape.true(0, device, battery_percent=10.0).true(ended, device, battery_percent=80.0)

    assert captions(tape.ended(60_000)) == ["battery baseluxury (known until 30 s)"]


def test_many_versions_are_bounded() -> None:
    """As many lines as there are colours, and so many bars; the rest is counted."""
    cases = [charged(f"n={n}", text="base.battery", base=20.0 + n) for n in range(BARS_MAX + 1)]
    line, bars = pictures(*cases)

    assert line.count("<polyline") == LINES_MAX
    assert f"n=5and {BARS_MAX + 1 - LINES_MAX} morebattery, from" in read(line).text
    assert bars.count("<rect") == BARS_MAX
    assert f"battery ({BARS_MAX} of {BARS_MAX + 1} values) at the end" in read(bars).text


@pytest.mark.parametrize(
    ("cases", "names"),
    [
        (["out=23 °C, far=600 .. 720 km", "out=0 °C, far=1 .. 2 km"], ["out=23 °C", "out=0 °C"]),
        (["out=1, far=> 5", "out=1, far=> 6"], ["out=1, far=> 5", "out=1, far=> 6"]),
        (["far=< 5", "far=< 6"], ["far=< 5", "far=< 6"]),
        (["who=lin, mei and all the others of the house"], ["who=lin, mei and all the others of…"]),
    ],
)
def test_case_is_called_by_what_goes_into_it(cases: list[str], names: list[str]) -> None:
    """Bands are what is asserted of it; they stay when nothing else tells cases apart."""
    assert case_names(told(*(charged(one) for one in cases))) == names


def test_scale_of_a_quantity_is_one_for_all_cases_and_devices_of_a_kind() -> None:
    """80 % stands at the same height whatever the others reach."""
    cases = told(charged("a=1", base=80.0, luxury=12.0), charged("a=2", base=30.0))

    shared = scales(cases)

    assert list(shared) == [("car", "battery", "%")]
    assert (shared["car", "battery", "%"].least, shared["car", "battery", "%"].most) == (10.0, 80.0)


def test_scenarios_are_told_apart_by_their_file_and_open_when_they_are_few() -> None:
    """Each has its own section before its cases, in the order of the report."""
    first = charged("a=1", base=80.0) + charged("a=2", base=30.0)
    second = Tape(file="other").ended(1)
    assert [len(them) for them in scenarios(told(first, second))] == [2, 1]

    html = page([*first, *second])
    many = page([record for name in "abcd" for record in _renamed(first, name)])

    assert html.index("2 cases side by side: ") < html.index('id="case-1"')
    assert html.count("<details open") == 1
    assert many.count("<details>") == 4
    assert "devices of one kind side by side" in (
        section(told(charged(base=1.0, luxury=2.0)), opened=True) or ""
    )
    assert section(told(second), opened=True) is None


def _renamed(records: list[Record], file: str) -> list[Record]:
    return [{**one, "file": file} if one["kind"] == "run" else one for one in records]
