"""`carhome policy prove`: claims about all requests."""

import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sim.analysis.properties.claims import Claim, ClaimResult, ClaimsFile, judge_claims
from sim.analysis.sampling.enumeration import Trees
from sim.policy.cedar import ROLES
from sim.report.folding import visible
from sim.report.policy.claims import claim_lines, claim_record, junit, summary_line
from sim.report.style import style_for
from sim.shell.exits import Exit
from sim.shell.files import hinted
from sim.shell.policy.comparing import rules_at
from sim.shell.policy.output import print_json, print_lines
from sim.shell.policy.shelf import CLAIMS_SUFFIX, RuleShelf
from sim.shell.targets import Target, check_folders, check_targets, write_whole
from sim.shell.terminal import sees_colour


@dataclass(frozen=True, slots=True, kw_only=True)
class ProveOptions:
    """What the command line says.

    Attributes:
        paths: claims files and folders of them; all there are when empty.
        policies: folder of the user's, or None.
        only: part of a claim's name or row to select by, or None.
        strict: whether a claim that is only held, for want of a solver, is a failure.
        junit: file to write a JUnit report to, or None.
        as_json: whether one object per claim goes to standard output, and nothing else does.
    """

    paths: tuple[str, ...]
    policies: Path | None = None
    only: str | None = None
    strict: bool = False
    junit: Path | None = None
    as_json: bool = False


def claims_of(shelf: RuleShelf, paths: Sequence[str]) -> Iterator[ClaimsFile]:
    """Yield the claims files that paths name; without any, all there are.

    Raises:
        PolicyError, UsageError: when a claim cannot be, or a path is not there.
    """
    for name, text in shelf.texts(paths, CLAIMS_SUFFIX):
        with hinted("claims"):
            claims = ClaimsFile.read(name, text, shelf.vocabulary, partial(_rules_beside, shelf, name))
        yield claims


def _rules_beside(shelf: RuleShelf, file: str, given: str) -> Trees:
    """Return the rules at a path that a claims file names, from the folder in which it lies."""
    return rules_at(shelf, str(Path(file).parent / given))


def prove_claims(options: ProveOptions) -> Exit:
    """Judge every claim that is asked for; return how to exit."""
    started = time.monotonic()
    shelf = RuleShelf(options.policies)
    style = style_for(colour=sees_colour(sys.stdout))
    judged: list[tuple[str, list[ClaimResult]]] = []
    files = list(claims_of(shelf, options.paths))
    targets = [] if options.junit is None else [Target("the JUnit report", options.junit)]
    check_targets(targets, shelf.inputs)
    check_folders(targets)
    for file in files:
        results: list[ClaimResult] = []
        judged.append((file.file, results))
        wanted = tuple(claim for claim in file.claims if _is_meant(claim, options.only))
        if wanted and not options.as_json:
            print_lines([f"{style.faint}{visible(file.file)}{style.end}"])
        for result in judge_claims(
            file, shelf.rules, shelf.rules.built_in, shelf.prover, fixed=ROLES, only=wanted
        ):
            results.append(result)
            if options.as_json:
                print_json([claim_record(result)])
            else:
                print_lines(claim_lines(result, style))
                sys.stdout.flush()
    for one in targets:
        write_whole(one, junit(judged).encode())
    found = [result for _, results in judged for result in results]
    if not found:
        sys.stderr.write("nothing matched: there is no claim\n")
        return Exit.NOTHING
    if not options.as_json:
        print_lines([summary_line(found, time.monotonic() - started, style)])
    if options.strict:
        return Exit.HELD if all(result.status == "proved" for result in found) else Exit.FAILED
    return Exit.HELD if all(result.passed for result in found) else Exit.FAILED


def _is_meant(claim: Claim, only: str | None) -> bool:
    return only is None or only.casefold() in " ".join((claim.name, *claim.rows)).casefold()
