"""`carhome run`: scenarios from files, over a broker or in memory, with their records and verdicts."""

import asyncio
import contextlib
import os
import shlex
import signal
import sys
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import Self, TextIO, TypeAlias

from sim.core.books import Books
from sim.core.errors import MachineError, SimError, UsageError, did_you_mean
from sim.core.household import Household
from sim.core.messages import dump_json
from sim.report.console import case_lines, failure_lines, remark_line, scenario_heading, summary_line
from sim.report.diagnostic import render
from sim.report.style import style_for
from sim.scenario.model import Case, Scenario
from sim.scenario.run import CaseResult, Performance, perform, skip
from sim.shell.books import Ledgers
from sim.shell.brokers import open_broker
from sim.shell.brokers.external import ExternalOptions
from sim.shell.brokers.mqtt_link import MqttLink
from sim.shell.exits import Exit
from sim.shell.files import Shelf, find_scenarios
from sim.shell.playing import Pace, play, play_in_memory
from sim.shell.reporting import report_target, write_report
from sim.shell.targets import Target, check_folders, check_targets
from sim.shell.terminal import sees_colour
from sim.world.network.link import LinkPlan
from sim.world.network.permissions import grants
from sim.world.stage import Cast
from sim.world.trace import Record

MEMORY = "memory"
MEMORY_SENTENCE = "broker: none, in memory by the rules of MQTT"

Chosen: TypeAlias = tuple[Scenario, list[Case]]
"""A scenario and those of its cases that are to be played."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """What the command line says.

    Attributes:
        paths: files and folders.
        broker: `memory`, a choice of `brokers`, or a URL.
        external: what else is said of an external broker.
        seed: instead of each scenario's own, or None.
        json: whether records go to standard output, and nothing else does.
        record: file to write the records to, or None.
        report: HTML file to write what happened to, or None.
        only: part of a file name, title or case to select by, or None.
        tags: tags to select by; any of them.
        stop_at_first: whether to stop after the first case that does not pass.
        speed: virtual seconds per real second, or None for as fast as possible.
        policies: folder with rules of the user's, or None.
        ledger: new file for the books of the one case that is played, or None.
    """

    paths: tuple[str, ...]
    broker: str = "auto"
    external: ExternalOptions | None = None
    seed: int | None = None
    json: bool = False
    record: Path | None = None
    report: Path | None = None
    only: str | None = None
    tags: tuple[str, ...] = ()
    stop_at_first: bool = False
    speed: float | None = None
    policies: Path | None = None
    ledger: Path | None = None


def run(options: RunOptions) -> Exit:
    """Run everything that is asked for; return how to exit.

    Raises:
        UsageError: when it cannot be asked for.
    """
    if options.broker == MEMORY and options.external is not None:
        sentence = "a password file, a CA file and the like go with a broker's URL, not with `memory`"
        raise UsageError(sentence)
    shelf = Shelf(options.policies)
    scenarios, broken = load_all(shelf, options.paths)
    if broken:
        return Exit.BAD_INPUT
    chosen = _chosen(scenarios, options)
    if not chosen:
        sys.stderr.write("nothing matched: no case is left to run\n")
        return Exit.NOTHING
    check_targets(_targets(options), [*shelf.inputs, *_files_of_broker(options.external)])
    if options.report is not None:
        check_folders([report_target(options.report)])
    if options.ledger is not None:
        _check_ledger(options.ledger, sum(len(cases) for _, cases in chosen))
    with _Output(options) as output:
        session = _Session(shelf, options, output)
        started = time.monotonic()
        try:
            session.play_all(chosen)
            output.flush()
        except SimError as error:
            output.error(error)
            return Exit.of_error(error)
        finally:
            session.close()
        output.summary(session.results, time.monotonic() - started)
        if options.report is not None:
            write_report((record for one in session.results for record in one.records), options.report)
        return _verdict(session.results)


def _targets(options: RunOptions) -> list[Target]:
    """Return every file that a run shall write."""
    targets = [] if options.record is None else [Target("the recording", options.record)]
    targets += [] if options.report is None else [report_target(options.report)]
    return targets if options.ledger is None else [*targets, Target("the ledger", options.ledger)]


def _files_of_broker(external: ExternalOptions | None) -> list[Path]:
    """Return the files that say how to log in to an external broker."""
    if external is None:
        return []
    folder = external.certificates
    certificates = [] if folder is None else [one for one in folder.glob("*") if one.is_file()]
    named = (external.password_file, external.ca_file)
    return [*certificates, *(one for one in named if one is not None)]


def _check_ledger(ledger: Path, cases: int) -> None:
    """Check that a file can take the books of a run: every case begins with empty ones.

    Raises:
        UsageError: when there are several cases, or the file is there already.
    """
    if cases > 1:
        sentence = f"`--ledger` keeps the books of one case, and {cases} are selected"
        raise UsageError(sentence, help_text="select one with -k")
    if ledger.exists():
        sentence = f"the ledger `{ledger}` is there already, and every case begins with empty books"
        raise UsageError(sentence, help_text="name a new file")


def load_all(shelf: Shelf, paths: Sequence[str]) -> tuple[list[Scenario], bool]:
    """Return every scenario that paths name, and whether one of them is broken; errors are printed."""
    scenarios: list[Scenario] = []
    # A household that is broken is so for every scenario that names it, and is said once.
    errors: dict[str, None] = {}
    colour = sees_colour(sys.stderr)
    for path in find_scenarios(paths):
        try:
            scenarios.append(shelf.scenario(path))
        except SimError as error:
            errors[render(error, colour=colour) + "\n"] = None
    sys.stderr.writelines(errors)
    return scenarios, bool(errors)


def _chosen(scenarios: list[Scenario], options: RunOptions) -> list[Chosen]:
    known = {tag for scenario in scenarios for tag in scenario.tags}
    for tag in options.tags:
        if scenarios and tag not in known:
            sentence = f"no scenario has the tag `{tag}`"
            raise UsageError(sentence, help_text=did_you_mean(tag, known))
    chosen = []
    for scenario in scenarios:
        if options.tags and not set(options.tags) & set(scenario.tags):
            continue
        cases = [case for case in scenario.cases if _matches(options.only, scenario, case)]
        if cases:
            chosen.append((scenario, cases))
    return chosen


def _matches(only: str | None, scenario: Scenario, case: Case) -> bool:
    return only is None or only.lower() in f"{scenario.file} {scenario.title} {case.name}".lower()


def _verdict(results: Sequence[CaseResult]) -> Exit:
    verdicts = {one.verdict for one in results}
    if "error" in verdicts:
        return Exit.ENVIRONMENT
    if "fail" in verdicts:
        return Exit.FAILED
    if "unknown" in verdicts or "pass" not in verdicts:
        return Exit.NOTHING
    return Exit.HELD


class _Output:
    """Where everything goes: results to standard output, what happens meanwhile to standard error."""

    def __init__(self, options: RunOptions) -> None:
        self._json = options.json
        self._record_path = options.record
        self._file: TextIO | None = None
        self._said: list[str] = []
        self._style = style_for(colour=sees_colour(sys.stdout))
        self._options = options
        if options.json and isinstance(sys.stdout, TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8")  # JSON is UTF-8 whatever the locale (RFC 8259)

    def __enter__(self) -> Self:
        if self._record_path is not None:
            try:
                self._file = self._record_path.open("w", encoding="utf-8", newline="\n")
            except OSError as error:
                sentence = f"`{self._record_path}` cannot be written: {(error.strerror or '').lower()}"
                raise UsageError(sentence) from None
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def flush(self) -> None:
        """Make sure that everything is written.

        Raises:
            MachineError: when the recording cannot be, because its disk is full.
        """
        if self._file is not None:
            try:
                self._file.flush()
            except OSError as error:
                raise self._lost(error) from None

    def _lost(self, error: OSError) -> MachineError:
        """Give the recording up, once; what was written before is kept."""
        self._close()
        reason = (error.strerror or "it failed").lower()
        return MachineError(f"the recording `{self._record_path}` cannot be written: {reason}")

    def _close(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            with contextlib.suppress(OSError):  # What could not be written was said, or is not asked for.
                file.close()

    @property
    def sink(self) -> Callable[[Record], None] | None:
        """What takes the records, or None when nobody wants them."""
        return self._write if self._json or self._file is not None else None

    def _write(self, record: Record) -> None:
        line = dump_json(record).decode() + "\n"
        if self._json:
            sys.stdout.write(line)
        if self._file is not None:
            try:
                self._file.write(line)
            except OSError as error:
                raise self._lost(error) from None

    def say_once(self, line: str) -> None:
        """Say what happens meanwhile, unless it was said before."""
        if line not in self._said:
            self._said.append(line)
            self.say(line)

    def say(self, line: str) -> None:
        """Say what happens meanwhile."""
        sys.stderr.write(line + "\n")
        sys.stderr.flush()

    def heading(self, scenario: Scenario) -> None:
        """Begin a scenario."""
        self._print(scenario_heading(scenario, self._style))
        for remark in scenario.remarks:
            self._print(remark_line(remark, self._style))

    def case(self, result: CaseResult, *, brief: bool) -> None:
        """Say what became of a case."""
        self._print(case_lines(result, self._style, brief=brief))
        if result.failure is not None:
            self._print(failure_lines(result.failure, self._again(result), self._style))
        if result.verdict == "error" and self._json:
            self.error(MachineError(result.note))

    def error(self, error: SimError) -> None:
        """Say what stood in the way."""
        sys.stderr.write(render(error, colour=sees_colour(sys.stderr)) + "\n")

    def summary(self, results: Sequence[CaseResult], wall_s: float) -> None:
        """End the run."""
        self._print(summary_line(results, wall_s, self._style))

    def _print(self, text: str) -> None:
        if not self._json:
            sys.stdout.write(text + "\n")
            sys.stdout.flush()

    def _again(self, result: CaseResult) -> str:
        words = ["carhome", "run", result.scenario.file, "--broker", self._options.broker]
        if result.case:
            words += ["-k", result.case]
        if self._options.seed is not None:
            words += ["--seed", str(self._options.seed)]
        return shlex.join(words)


class _Session:
    """One run's links and results."""

    def __init__(self, shelf: Shelf, options: RunOptions, output: _Output) -> None:
        self.results: list[CaseResult] = []
        self._links: dict[int, tuple[MqttLink, contextlib.AsyncExitStack]] = {}
        """The link of each household, and what closes it with its broker."""
        self._shelf = shelf
        self._options = options
        self._output = output
        self._ledgers = Ledgers(options.ledger)

    def close(self) -> None:
        """Close the books."""
        self._ledgers.close()

    def play_all(self, chosen: Sequence[Chosen]) -> None:
        """Play every case; after the broker stood in the way, none is left to play.

        Raises:
            SimError: when the broker asked for cannot be had.
        """
        if self._options.broker == MEMORY and self._options.speed is None:
            self._output.say(MEMORY_SENTENCE)
            for scenario, cases in chosen:
                for case in self._playable(scenario, cases, permissions=True):
                    result = play_in_memory(self._performance(scenario, case, permissions=True))
                    self._finish(result, brief=len(cases) > 1)
        else:
            asyncio.run(_until_interrupted(self._play_over_links(chosen)))

    async def _play_over_links(self, chosen: Sequence[Chosen]) -> None:
        last = {id(scenario.household): number for number, (scenario, _) in enumerate(chosen)}
        async with contextlib.AsyncExitStack() as stack:
            for number, (scenario, cases) in enumerate(chosen):
                if self._stopped():
                    return
                link = await self._link(stack, scenario.household)
                permissions = link is None or link.permissions
                for case in self._playable(scenario, cases, permissions=permissions):
                    performance = self._performance(scenario, case, permissions=permissions)
                    pace = None if self._options.speed is None else Pace(self._options.speed)
                    result = await play(performance, link, pace, scenario.start_ms)
                    self._finish(result, brief=len(cases) > 1)
                    if result.verdict == "error":
                        return
                    if link is not None:
                        await link.clear()
                if last[id(scenario.household)] == number:
                    await self._part(scenario.household)

    async def _link(self, stack: contextlib.AsyncExitStack, household: Household) -> MqttLink | None:
        """Return the link of a household; its broker is started when it is first needed."""
        if self._options.broker == MEMORY:
            self._output.say_once(MEMORY_SENTENCE)
            return None
        if id(household) not in self._links:
            plan = LinkPlan(household.name, grants(household, self._shelf.kinds))
            broker = open_broker(self._options.broker, plan, os.environ, self._options.external)
            own = await stack.enter_async_context(contextlib.AsyncExitStack())
            endpoint = await own.enter_async_context(broker)
            self._output.say_once(endpoint.sentence)
            if endpoint.watch is not None and self._options.speed is not None:
                self._output.say(f"watch it: {endpoint.watch}")
            self._links[id(household)] = (await own.enter_async_context(MqttLink(endpoint)), own)
        return self._links[id(household)][0]

    async def _part(self, household: Household) -> None:
        """End the link and the broker of a household that no further scenario needs."""
        if id(household) in self._links:
            await self._links.pop(id(household))[1].aclose()

    def _playable(self, scenario: Scenario, cases: list[Case], *, permissions: bool) -> Iterator[Case]:
        """Yield the cases that can be played here, and say of the others why not."""
        if self._stopped():
            return
        self._output.heading(scenario)
        for case in cases:
            if "permissions" in scenario.needs and not permissions:
                note = "it needs a broker that enforces permissions"
                skipped = skip(scenario, case, self._seed(scenario), note, self._output.sink)
                self._finish(skipped, brief=True)
            else:
                yield case
            if self._stopped():
                return

    def _stopped(self) -> bool:
        verdicts = {one.verdict for one in self.results}
        return "error" in verdicts or (self._options.stop_at_first and not verdicts <= {"pass", "skipped"})

    def _finish(self, result: CaseResult, *, brief: bool) -> None:
        self._ledgers.close()
        self.results.append(result)
        self._output.case(result, brief=brief)

    def _seed(self, scenario: Scenario) -> int:
        return scenario.seed if self._options.seed is None else self._options.seed

    def _performance(self, scenario: Scenario, case: Case, *, permissions: bool) -> Performance:
        cast = Cast(
            household=scenario.household,
            kinds=self._shelf.kinds,
            policy=self._shelf.policy(scenario.household),
            seed=self._seed(scenario),
            permissions=permissions,
            storages={Books: self._ledgers.open},
        )
        return perform(scenario, case, cast, self._output.sink)


async def _until_interrupted(work: Coroutine[None, None, None]) -> None:
    """Do something until Ctrl-C or SIGTERM, which cancel it: brokers are stopped, files removed.

    Only the first signal counts. The clean-up is bounded, and to be cut off in the middle of it, as
    asyncio's own handler of Ctrl-C would at the second one, is what could leave something behind.
    """
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    received: list[signal.Signals] = []

    def end(sent: signal.Signals) -> None:
        if not received:
            task.cancel()
        received.append(sent)

    heeded = [
        one
        for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        if signal.getsignal(one) != signal.SIG_IGN
    ]
    for one in heeded:
        loop.add_signal_handler(one, end, one)
    try:
        await task
    except asyncio.CancelledError:
        if not received:
            raise
        if received[0] == signal.SIGINT:
            raise KeyboardInterrupt from None
        raise SystemExit(Exit.TERMINATED) from None
    finally:
        for one in heeded:
            loop.remove_signal_handler(one)
