"""The shipped rules under their own tests: every suite holds, and notices what it should."""

import pytest

from sim.analysis.mutation.scoring import Fate, mutate, scores
from sim.analysis.suites.examination import Battery, Examiner
from sim.analysis.suites.reading import Suite
from sim.shell.policy.shelf import RuleShelf

SHELF = RuleShelf()
SUITES = list(SHELF.suites(()))
EVERY_ONE = ("rules/remote_motion.cedar", "rules/digital_key.cedar")
"""Of these files not a single change may go unnoticed."""
FLOOR = 0.95


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.file)
def test_every_case_of_every_suite_holds(suite: Suite) -> None:
    """Cedar and the compiled rules answer each as its author expects, and nothing is skipped."""
    results = Examiner(SHELF.rules.policies, SHELF.schema).examine(suite)

    assert [(one.case.name, one.faults) for one in results if one.status != "passed"] == []


def test_every_rule_file_has_its_suite() -> None:
    """A rule file and its suite have the same name."""
    files = {
        rule.place.file.removeprefix("rules/").removesuffix(".cedar") for rule in SHELF.rules.rules.values()
    }

    assert {suite.file.removeprefix("rules/tests/").removesuffix("_test.yaml") for suite in SUITES} == files


@pytest.fixture(scope="module")
def fates() -> list[Fate]:
    """What becomes of every mutant of every rule under the suites alone."""
    prover = SHELF.closed_prover
    assert prover is not None
    battery = Battery(SUITES, SHELF.rules.trees, SHELF.schema)
    return list(mutate(SHELF.rules, SHELF.rules.rules, [battery], prover))


def test_suites_notice_what_can_be_told_apart(fates: list[Fate]) -> None:
    """At least 95 % of every file, and all of it where the car moves or opens."""
    by_file = scores(fates)

    assert {file for file, score in by_file.items() if score.value < FLOOR} == set()
    assert {file: by_file[file].value for file in EVERY_ONE} == dict.fromkeys(EVERY_ONE, 1.0)
    assert sum(score.of("unknown") for score in by_file.values()) == 0
    assert sum(score.apart for score in by_file.values()) > 600


def test_emptier_suites_notice_less(fates: list[Fate]) -> None:
    """The score is no matter of course: without the suite about keys, much of their file goes unnoticed."""
    others = [suite for suite in SUITES if not suite.file.endswith("/digital_key_test.yaml")]
    battery = Battery(others, SHELF.rules.trees, SHELF.schema)
    keys = [fate for fate in fates if fate.file == "rules/digital_key.cedar" and fate.status == "killed"]
    prover = SHELF.closed_prover
    assert prover is not None

    again = list(mutate(SHELF.rules, {fate.mutant.rule for fate in keys}, [battery], prover))

    assert scores(again)["rules/digital_key.cedar"].value < FLOOR
