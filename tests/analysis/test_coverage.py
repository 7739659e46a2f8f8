"""What requests reach of the rules."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from sim.analysis.evaluation.compiled import CompiledRules
from sim.analysis.question import Question, Uid
from sim.analysis.suites.coverage import Count, Coverage
from sim.core.errors import PolicyError
from sim.policy.rules import Rule
from sim.policy.source import passages
from tests.analysis.random_requests import WIDE, RandomRequests, shipped, trees

TEXT = """permit (principal, action, resource is User)
when { context has b && context.b };
forbid (principal, action, resource) when { context.n < 3 && context.n > 1 };
permit (principal == User::"nobody", action, resource) when { context.m == 1 };
"""
USER = {"uid": {"type": "User", "id": "a"}, "attrs": {"flag": True, "teams": []}, "parents": []}


def asked(resource: str = "User", **context: Any) -> Question:
    """Return a request with the context given, and what every context needs."""
    usual = {"n": 5, "ns": [], "r": {"spot": {"n": 0}}}
    return Question(Uid("User", "a"), "see", Uid(resource, "a"), {**usual, **context}, [USER])


def written(text: str, file: str = "x.cedar") -> Mapping[str, Rule]:
    """Return the rules of a file as they were read."""
    return {
        f"policy{number}": Rule("", "permit", "", None, None, None, part.place, part.text, ("", "", ""), ())
        for number, part in enumerate(passages(file, text))
    }


def coverage(**but: Any) -> Coverage:
    """Return the coverage of the rules above, before anything is asked."""
    return Coverage(trees(TEXT), WIDE, written(TEXT), **but)


def test_nothing_asked_reaches_nothing() -> None:
    """Every number begins at none of all."""
    totals = coverage().totals()

    assert totals.rules == Count(0, 3)
    assert totals.conditions == Count(0, 5)
    assert totals.environments == Count(0, 2)
    assert totals.mutants is None


def test_numbers_are_counted_apart() -> None:
    """A rule that decides, a condition that was both, and a kind of request are three things."""
    reached = coverage()

    assert reached.add(asked(b=True)).outcome == "permitted"
    assert reached.add(asked(n=2)).outcome == "forbidden"

    totals = reached.totals(Count(3, 4))
    assert totals.rules == Count(2, 3)
    # `context has b` and `context.n < 3` were both; the others had one value, or none.
    assert totals.conditions == Count(2, 5)
    assert totals.environments == Count(1, 2)
    assert totals.mutants == Count(3, 4)


def test_conditions_say_which_value_is_missing_and_where() -> None:
    """A condition has its rule, text, place, and the values it was never seen to have."""
    reached = coverage()
    reached.add(asked(b=True))

    found = [(one.rule, one.text, str(one.place), one.missing) for one in reached.half_seen]

    assert found == [
        ("policy0", "context has b", "x.cedar:2:8", (False,)),
        ("policy0", "context.b", "x.cedar:2:25", (False,)),
        ("policy1", "context.n < 3", "x.cedar:3:45", (True,)),
        ("policy1", "context.n > 1", "x.cedar:3:62", (True, False)),
        ("policy2", "context.m == 1", "x.cedar:4:63", (True, False)),
    ]


def test_silent_rules_and_unasked_requests_are_named() -> None:
    """Whoever wants to write the next test sees what is missing."""
    reached = coverage()
    reached.add(asked(b=True))

    assert reached.determined == {"policy0": 1, "policy1": 0, "policy2": 0}
    assert reached.silent == ("policy1", "policy2")
    assert reached.unasked == (("User", "see", "Colour"),)


def test_condition_that_errs_was_neither_true_nor_false() -> None:
    """An error is looked at, and counts as none of the values."""
    rules = trees("permit (principal, action, resource) when { context.m == 1 };")
    reached = Coverage(rules, WIDE)

    reached.add(asked())

    (condition,) = reached.conditions
    assert (condition.errors, condition.looked_at, condition.missing) == (1, 1, (True, False))
    assert condition.place is None


def test_request_that_does_not_conform_reaches_nothing() -> None:
    """It was not evaluated, so it tests nothing."""
    reached = coverage()

    assert reached.add(asked(n="many")).outcome == "not_evaluated"
    assert reached.add(replace(asked(), action="fly")).outcome == "not_evaluated"
    assert reached.totals() == coverage().totals()


def test_entities_that_do_not_conform_are_refused() -> None:
    """A mistake in the entities is the user's to mend."""
    with pytest.raises(PolicyError):
        coverage().add(replace(asked(), entities=[USER, {**USER, "attrs": {}}]))


def test_actions_that_are_left_out_are_not_to_be_asked_for() -> None:
    """They are neither possible nor asked, but what they reach counts."""
    reached = coverage(left_out=("see",))

    reached.add(asked(b=True))

    assert reached.totals().environments == Count(0, 0)
    assert reached.totals().rules == Count(1, 3)


def test_share_of_nothing_is_all() -> None:
    """Where nothing can be reached, nothing is missing."""
    assert Count(0, 0).share == 1
    assert Count(1, 4).share == 0.25
    assert str(Count(1, 4)) == "1 of 4"


def test_coverage_of_shipped_rules_is_what_answers_say() -> None:
    """Rules that determined an answer are exactly those named in one, over our own rules."""
    book = shipped()
    rules = book.policies.to_pst().static_policies
    reached = Coverage(rules, book.vocabulary.to_json(), book.rules)
    compiled = CompiledRules(rules, book.vocabulary.to_json())
    draw = RandomRequests(4, book.vocabulary.to_json(), rules.values())
    things = draw.entities()
    store = compiled.store(things)
    named: set[str] = set()

    for _ in range(1500):
        one = draw.question(things)
        verdict = reached.add_in(store, one.principal, one.action, one.resource, one.context)
        assert verdict == compiled.answer_in(store, one.principal, one.action, one.resource, one.context)
        named.update(verdict.rules)

    assert set(rules) - set(reached.silent) == named
    assert all(condition.place is not None for condition in reached.conditions)
    assert 0 < reached.totals().conditions.reached <= len(reached.conditions)


# --- lcov ---------------------------------------------------------------------------------------------


def test_lcov_has_lines_and_branches_of_each_file() -> None:
    """Lines count answers and evaluations; each condition can go two ways."""
    reached = coverage()
    reached.add(asked(b=True))
    reached.add(asked(n=2))

    assert reached.lcov({"x.cedar": "rules/x.cedar"}) == (
        "TN:\n"
        "SF:rules/x.cedar\n"
        "BRDA:2,0,0,1\n"
        "BRDA:2,0,1,1\n"
        "BRDA:2,1,0,1\n"
        "BRDA:2,1,1,0\n"
        "BRDA:3,0,0,1\n"
        "BRDA:3,0,1,1\n"
        "BRDA:3,1,0,1\n"
        "BRDA:3,1,1,0\n"
        "BRDA:4,0,0,-\n"
        "BRDA:4,0,1,-\n"
        "BRF:10\n"
        "BRH:6\n"
        "DA:1,1\n"
        "DA:2,2\n"
        "DA:3,2\n"
        "DA:4,0\n"
        "LF:4\n"
        "LH:3\n"
        "end_of_record\n"
    )


def test_lcov_keeps_files_apart() -> None:
    """Each file has its own record, under its own name; rules without a file have none."""
    rules = trees(TEXT)
    first, second, third = (dict([item]) for item in written(TEXT).items())
    other = {name: replace(rule, place=replace(rule.place, file="a.cedar")) for name, rule in second.items()}
    gone = {"gone": next(iter(third.values()))}

    report = Coverage(rules, WIDE, {**first, **other, **gone}).lcov()

    assert [line for line in report.splitlines() if line.startswith("SF:")] == ["SF:a.cedar", "SF:x.cedar"]
    assert report.count("end_of_record\n") == 2
    assert "DA:4" not in report


def _lcov_faults(report: str) -> list[str]:
    """Return where the sums of a trace file are not those of its records."""
    faults = []
    for record in report.removesuffix("end_of_record\n").split("end_of_record\n"):
        fields = [line.split(":", 1) for line in record.splitlines()]
        counts = {name: int(value) for name, value in fields if name in ("LF", "LH", "BRF", "BRH")}
        lines = [value.split(",") for name, value in fields if name == "DA"]
        branches = [value.split(",") for name, value in fields if name == "BRDA"]
        sums = {
            "LF": len({line for line, _ in lines}),
            "LH": sum(hits != "0" for _, hits in lines),
            "BRF": len({tuple(branch[:3]) for branch in branches}),
            "BRH": sum(branch[3] not in ("0", "-") for branch in branches),
        }
        known = {line for line, _ in lines}
        faults += [name for name, total in sums.items() if counts[name] != total]
        faults += [f"branch on line {branch[0]}" for branch in branches if branch[0] not in known]
    return faults


def test_lcov_of_shipped_rules_adds_up() -> None:
    """Sums fit the records, every branch is on a line that is there, and a wrong sum would be noticed."""
    book = shipped()
    rules = book.policies.to_pst().static_policies
    reached = Coverage(rules, book.vocabulary.to_json(), book.rules)
    draw = RandomRequests(4, book.vocabulary.to_json(), rules.values())
    for _ in range(20):
        reached.add(draw.question(draw.entities()))

    report = reached.lcov()

    assert _lcov_faults(report) == []
    assert _lcov_faults(report.replace("BRH:", "BRH:1")) != []
