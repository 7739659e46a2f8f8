"""Results of policy tests as lines, records and JUnit XML."""

import json
from xml.etree import ElementTree as ET

from sim.analysis.suites.examination import Examiner, Result
from sim.analysis.suites.reading import Suite
from sim.report.folding import COLUMNS_MAX, columns_of
from sim.report.policy.tests import junit, result_record, suite_lines, summary_line
from sim.report.style import COLOURED, PLAIN
from tests.analysis.small_suite import GOOD, RULES, SCHEMA, policies, suite

MORE = """\
  - {name: far, principal: lin, action: unlock, resource: 'Car::car', context: {distance_cm: 350},
     expect: allow}
  - {name: later, principal: lin, action: heat, resource: 'Car::su7', expect: deny, skip: "no heater\\tyet"}
  - {name: soon, principals: [lin, mei], action: heat, resource: 'Car::su7', expect: allow, todo: two owners}
  - {name: done, principal: lin, action: heat, resource: 'Car::su7', expect: allow, todo: one owner}
"""
TOO_FAR = "forbid `in-range` applies: `context.distance_cm <= 200` is false, as `context.distance_cm` is 350"


def examined(text: str = GOOD + MORE) -> tuple[Suite, tuple[Result, ...]]:
    """Return a suite and what becomes of it."""
    read = suite(text)
    return read, Examiner(policies(), SCHEMA).examine(read)


def test_lines_tell_every_test_once() -> None:
    """Each test has a line with a glyph and a word; a failure has its place, request, fault and condition."""
    assert suite_lines(*examined(), PLAIN).split("\n") == [
        "",
        "a_test.yaml",
        "the small home",
        "  ✓ pass  the family opens (6 cases)",
        "  ✗ fail  far",
        "      a_test.yaml:14:12",
        "      lin: unlock Car::car",
        "      expected `allow`, got `deny` by `in-range`",
        "        forbid `in-range` applies: `context.distance_cm <= 200` is false, as",
        "        `context.distance_cm` is 350",
        "  - skipped  later: no heater\\tyet",
        "  ? todo  soon: two owners; 1 of 2 hold",
        "  ? todo  done: one owner; it holds now, so delete `todo`",
    ]


def test_failed_cases_of_a_matrix_are_counted() -> None:
    """A matrix says how many of its cases failed, and shows those only."""
    lines = suite_lines(*examined(GOOD.replace('"*": deny', "jun unlock: allow, '*': deny")), PLAIN)

    assert "✗ fail  the family opens (1 of 6 cases failed)" in lines
    assert lines.count("expected `") == 1


def test_colour_adds_nothing_to_the_words() -> None:
    """Without its escape sequences a coloured line is the plain one."""
    coloured = suite_lines(*examined(), COLOURED)
    for sequence in (
        COLOURED.good,
        COLOURED.bad,
        COLOURED.doubt,
        COLOURED.faint,
        COLOURED.strong,
        COLOURED.end,
    ):
        coloured = coloured.replace(sequence, "")

    assert coloured == suite_lines(*examined(), PLAIN)


def test_many_conditions_are_cut_short() -> None:
    """A terminal shows so many conditions and how many more there are; a record shows all."""
    rules = {
        f"no-{number}": "forbid (principal, action, resource) unless { context.fresh };"
        for number in range(9)
    }
    read = suite(GOOD.replace("{family *: allow, ", "{"))

    results = Examiner(policies({**RULES, **rules}), SCHEMA).examine(read)

    lines = suite_lines(read, results[:1], PLAIN)
    assert "        and 4 more rules that could count" in lines.split("\n")
    assert len(result_record(results[0])["conditions"]) == 12


def test_lines_fit_the_terminal() -> None:
    """No line is wider than 80 columns, however long a name is."""
    text = GOOD.replace("the family opens", "汽车 " * 60).replace('"*": deny', '"*": allow')

    assert all(columns_of(line) <= COLUMNS_MAX for line in suite_lines(*examined(text), PLAIN).split("\n"))


def test_summary_counts_what_there_is() -> None:
    """Every status that occurs is counted; what passed is always told."""
    _, results = examined()

    assert summary_line(results, 0.04, PLAIN) == "\n6 passed, 1 failed, 1 skipped, 3 todo; 1 suite in 0.0 s"
    assert summary_line([], 0.0, PLAIN) == "\n0 passed; 0 suites in 0.0 s"


def test_record_has_everything() -> None:
    """A record is JSON with the request, what was expected, what was got, and why."""
    _, results = examined()
    record = result_record(next(one for one in results if one.status == "failed"))

    assert json.loads(json.dumps(record)) == {
        "kind": "policy_test",
        "file": "a_test.yaml",
        "line": 14,
        "suite": "the small home",
        "test": "far",
        "case": "",
        "status": "failed",
        "reason": None,
        "request": {
            "principal": 'Person::"lin"',
            "action": "unlock",
            "resource": 'Car::"car"',
            "context": {"fresh": True, "distance_cm": 350},
        },
        "expected": {"answer": "allow", "because": None, "errors": 0},
        "got": {"answer": "deny", "outcome": "forbidden", "because": ["in-range"], "errors": []},
        "faults": ["expected `allow`, got `deny` by `in-range`"],
        "conditions": [TOO_FAR],
    }


def test_record_of_a_skipped_case_has_no_answer() -> None:
    """What was not asked got nothing, for a reason."""
    _, results = examined()
    record = result_record(next(one for one in results if one.status == "skipped"))

    assert (record["got"], record["reason"]) == (None, "no heater\tyet")


def test_record_names_expected_rules() -> None:
    """The rules that are expected are a list, and their absence is something else."""
    _, results = examined(f"{GOOD}    because: {{jun unlock: []}}\n")

    assert [result_record(one)["expected"]["because"] for one in results] == [
        None,
        None,
        None,
        None,
        [],
        None,
    ]


def test_junit_has_every_case_with_its_counts() -> None:
    """Suites and cases are counted, failures carry their text, and what does not count is skipped."""
    root = ET.fromstring(junit([examined(), examined(GOOD)]))  # noqa: S314  # our own text

    assert dict(root.attrib) == {
        "name": "carhome policy test",
        "tests": "17",
        "failures": "1",
        "errors": "0",
        "skipped": "4",
    }
    first, second = root.findall("testsuite")
    assert (first.get("name"), first.get("tests"), second.get("tests")) == ("the small home", "11", "6")
    cases = first.findall("testcase")
    assert (cases[0].get("name"), cases[0].get("classname")) == (
        "the family opens [lin unlock]",
        "the small home",
    )
    assert (cases[0].get("file"), cases[0].get("line")) == ("a_test.yaml", "8")
    failure = root.find(".//failure")
    assert failure is not None
    assert failure.get("message") == "expected `allow`, got `deny` by `in-range`"
    assert (failure.text or "").split("\n")[0] == "lin: unlock Car::car"
    assert [one.get("message") for one in root.iter("skipped")] == [
        "skip: no heater\\tyet",
        "todo: two owners",
        "todo: two owners",
        "todo: one owner",
    ]


def test_junit_of_hostile_names_is_xml() -> None:
    """Markup and invisible characters in names stay text."""
    text = GOOD.replace("the small home", '"</testsuites> & <b>"').replace(
        "the family opens", '"a\\tb <![CDATA["'
    )

    root = ET.fromstring(junit([examined(text)]))  # noqa: S314  # our own text

    element = root.find("testsuite")
    assert element is not None
    assert element.get("name") == "</testsuites> & <b>"
    assert element[0].get("name") == "a\\tb <![CDATA[ [lin unlock]"
