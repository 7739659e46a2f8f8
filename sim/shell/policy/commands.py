"""The commands below `carhome policy`. Only click is imported here, as in `sim.shell.cli`."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

EPILOG = """\b
Exit codes: 0 held, 1 a test or a claim failed, 2 a rule, suite, claim or the
command line is wrong, 3 internal error, 4 something is not installed, 5 nothing
matched, 130 interrupted."""

_FILE = click.Path(path_type=Path, dir_okay=False)
_FOLDER = click.Path(path_type=Path, file_okay=False)

Decorator = Callable[[Callable[..., None]], Callable[..., None]]

POLICIES: Decorator = click.option(
    "--policies",
    type=_FOLDER,
    metavar="FOLDER",
    help="Rules, suites and claims of your own, beside those that come with carhome.",
)
_JSON: Decorator = click.option(
    "--json", "as_json", is_flag=True, help="One object per line, and nothing else."
)
_JUNIT: Decorator = click.option("--junit", type=_FILE, metavar="FILE", help="Write a JUnit report, for CI.")
_ONLY: Decorator = click.option(
    "-k", "only", metavar="TEXT", help="Only what contains this, or fits it where it has `*`."
)


@click.group(epilog=EPILOG)
def policy() -> None:
    """Write, test, explain, prove and mutate the rules that decide."""


@policy.command(epilog=EPILOG, short_help="Validate the rules, and remark on what may not be meant.")
@POLICIES
@click.option(
    "--broker",
    type=_FILE,
    metavar="HOUSEHOLD",
    help="Hold the broker's permissions of this household against the rules.",
)
@click.option("--strict", is_flag=True, help="Exit with 1 when there is a remark.")
@_JSON
def check(policies: Path | None, broker: Path | None, *, strict: bool, as_json: bool) -> None:
    """Read and validate every rule, and find rules that err, are dead or change nothing."""
    from sim.shell.policy.checking import check_broker, check_rules

    if broker is None:
        _leave(check_rules(policies, strict=strict, as_json=as_json))
    else:
        _leave(check_broker(broker, policies, as_json=as_json))


@policy.command(epilog=EPILOG, short_help="Run suites of cases.")
@click.argument("paths", nargs=-1)
@POLICIES
@_ONLY
@_JUNIT
@_JSON
def test(**options: Any) -> None:
    """Run suites of cases: files `*_test.yaml`, folders of them, or all there are."""
    from sim.shell.policy.testing import TestOptions, run_suites

    _leave(run_suites(TestOptions(**options)))


@policy.command(epilog=EPILOG, short_help="Why requests are denied, and the nearest allowed thing.")
@click.argument("paths", nargs=-1)
@POLICIES
@_ONLY
@click.option(
    "--ask",
    metavar="REQUEST",
    help='Explain one request: "lin unlock Car::su7 distance_cm=350 key_role=owner".',
)
@click.option("--all", "permitted_too", is_flag=True, help="What was permitted, too, not only denials.")
@_JSON
def explain(**options: Any) -> None:
    """Say why requests are denied, and the nearest thing that is allowed.

    PATHS are scenarios, which are played in memory, recordings of `carhome run --record`, or suites.
    """
    from sim.shell.policy.explaining import ExplainOptions, explain_decisions

    _leave(explain_decisions(ExplainOptions(**options)))


@policy.command(epilog=EPILOG, short_help="Which rules, conditions and requests the suites reach.")
@click.argument("paths", nargs=-1)
@POLICIES
@click.option(
    "--mutants", is_flag=True, help="Count the planted mistakes that are noticed, too; takes longer."
)
@click.option("--lcov", type=_FILE, metavar="FILE", help="Write an LCOV trace file, for editors.")
@click.option(
    "--min-conditions",
    type=click.IntRange(0, 100),
    metavar="PERCENT",
    help="Exit with 1 when fewer conditions were seen both true and false.",
)
@_JSON
def coverage(**options: Any) -> None:
    """Say which rules, conditions and kinds of requests the suites reach, and scenarios in PATHS."""
    from sim.shell.policy.covering import CoverageOptions, cover

    _leave(cover(CoverageOptions(**options)))


@policy.command(epilog=EPILOG, short_help="Prove claims about all requests.")
@click.argument("paths", nargs=-1)
@POLICIES
@_ONLY
@click.option("--strict", is_flag=True, help="Exit with 1 unless every claim is proved, not only held.")
@_JUNIT
@_JSON
def prove(**options: Any) -> None:
    """Prove claims about all requests: files `*.claims.yaml`, or all there are."""
    from sim.shell.policy.proving import ProveOptions, prove_claims

    _leave(prove_claims(ProveOptions(**options)))


@policy.command(epilog=EPILOG, short_help="Who gains and who loses by other rules.")
@click.argument("before")
@click.argument("after")
@_JSON
def diff(before: str, after: str, *, as_json: bool) -> None:
    """Say who gains and who loses by other rules; exit 1 if anybody does.

    BEFORE and AFTER are each `built-in`, a file of rules, or a folder that is added to the built-in rules.
    """
    from sim.shell.policy.comparing import compare_rules

    _leave(compare_rules(before, after, as_json=as_json))


_RULE: Decorator = click.option(
    "--rule", "rules", multiple=True, metavar="ID", help="Only this rule; may be given again."
)


@policy.command(epilog=EPILOG, short_help="Plant mistakes in the rules that the suites must notice.")
@click.argument("paths", nargs=-1)
@POLICIES
@_RULE
@click.option(
    "--min-score", type=click.IntRange(0, 100), metavar="PERCENT", help="Exit with 1 when a file scores less."
)
@_JSON
def mutate(**options: Any) -> None:
    """Plant mistakes in the rules, and say which of them the suites notice; scenarios in PATHS count too."""
    from sim.shell.policy.mutating import MutateOptions, mutate_rules

    _leave(mutate_rules(MutateOptions(**options)))


@policy.command(epilog=EPILOG, short_help="Print tests that would notice what the suites do not.")
@click.argument("paths", nargs=-1)
@POLICIES
@_RULE
def suggest(**options: Any) -> None:
    """Print tests that would notice what the suites do not, for a person to accept."""
    from sim.shell.policy.mutating import MutateOptions, suggest_tests

    _leave(suggest_tests(MutateOptions(**options)))


def _leave(code: int) -> None:
    sys.stdout.flush()
    sys.exit(int(code))
