"""`carhome attack`: friendly scenarios once more, each with every attacker in it, in memory."""

import shlex
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import TextIOWrapper
from pathlib import Path

from sim.core.errors import UsageError, did_you_mean
from sim.core.household import Household
from sim.core.messages import dump_json
from sim.report.attacks import Attack, attack_record, attack_summary, attack_table, breach_lines
from sim.report.folding import counted
from sim.report.style import style_for
from sim.scenario.assault import (
    ATTACKERS,
    Attacker,
    Joined,
    judge,
    played_on,
    remembered,
    unfriendly,
    with_attacker,
)
from sim.scenario.model import Case, Scenario
from sim.scenario.run import CaseResult, perform
from sim.shell.exits import Exit
from sim.shell.files import Shelf
from sim.shell.playing import play_in_memory
from sim.shell.running import load_all
from sim.shell.terminal import sees_colour
from sim.world.stage import Cast


@dataclass(frozen=True, slots=True, kw_only=True)
class AttackOptions:
    """What the command line says.

    Attributes:
        paths: files and folders.
        attackers: names of those to send; all when empty.
        only: part of a file name, title or case to select by, or None.
        json: whether one object per attack goes to standard output, and nothing else does.
        policies: folder with rules of the user's, or None.
    """

    paths: tuple[str, ...]
    attackers: tuple[str, ...] = ()
    only: str | None = None
    json: bool = False
    policies: Path | None = None


def attack(options: AttackOptions) -> Exit:
    """Attack everything that is asked for; return how to exit.

    Raises:
        UsageError: for an attacker that does not exist, or a path.
    """
    for name in options.attackers:
        if name not in ATTACKERS:
            sentence = f"there is no attacker `{name}`"
            raise UsageError(sentence, help_text=did_you_mean(name, ATTACKERS))
    shelf = Shelf(options.policies)
    scenarios, broken = load_all(shelf, options.paths)
    if broken:
        return Exit.BAD_INPUT
    siege = _Siege(shelf, options)
    started = time.monotonic()
    for scenario in scenarios:
        siege.attack(scenario)
    if not siege.attacks:
        sys.stderr.write("nothing matched: no friendly case is left to attack\n")
        return Exit.NOTHING
    if not options.json:
        _print_report(siege, time.monotonic() - started)
    return Exit.FAILED if any(one.outcome == "broke" for one in siege.attacks) else Exit.HELD


def _print_report(siege: "_Siege", wall_s: float) -> None:
    style = style_for(colour=sees_colour(sys.stdout))
    parts = [attack_table(siege.attacks, style)]
    parts += [breach_lines(one, style) for one in siege.attacks if one.outcome == "broke"]
    parts.append(attack_summary(siege.attacks, siege.skipped, wall_s, style))
    sys.stdout.write("\n".join(parts) + "\n")


@dataclass(slots=True)
class _Siege:
    """Everything that is attacked with one command, and what became of it so far."""

    shelf: Shelf
    options: AttackOptions
    attacks: list[Attack] = field(default_factory=list)
    skipped: int = 0
    joined: dict[tuple[str, int], tuple[Household, Joined | None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.options.json and isinstance(sys.stdout, TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8")  # JSON is UTF-8 whatever the locale (RFC 8259)

    def attack(self, scenario: Scenario) -> None:
        """Attack every friendly case of a scenario that is asked for."""
        cases = [case for case in scenario.cases if self._wanted(scenario, case)]
        if not cases:
            return
        _say(f"attacking {scenario.file}")
        left_out: Counter[str] = Counter()
        for case in cases:
            if unfriendly(scenario, case):
                left_out["it is about an attacker already"] += 1
                continue
            plain = self._play(scenario, played_on(case))
            if plain.verdict != "pass":
                left_out[f"without an attacker it ends with {plain.verdict}"] += 1
                continue
            for attacker in self._attackers():
                self._send(attacker, scenario, case, plain)
        for reason, count in left_out.items():
            _say(f"  {counted(count, 'case')} left out: {reason}")
        self.skipped += left_out.total()

    def _send(self, attacker: Attacker, scenario: Scenario, case: Case, alone: CaseResult) -> None:
        joined = self._join(attacker, scenario.household)
        if joined is None:
            return
        if joined.before:
            alone = self._play(*remembered(joined, scenario, case))
            if alone.verdict != "pass":
                return  # His history does not fit into this story.
        judgement = judge(alone, self._play(*with_attacker(joined, scenario, case)), joined.actor)
        words = ["carhome", "attack", scenario.file, *(("-k", case.name) if case.name else ())]
        again = shlex.join([*words, "--attacker", attacker.name])
        done = Attack(attacker.name, scenario.file, case.name, judgement, again)
        self.attacks.append(done)
        if self.options.json:
            sys.stdout.write(dump_json(attack_record(done)).decode() + "\n")

    def _join(self, attacker: Attacker, household: Household) -> Joined | None:
        """Return a household with an attacker in it, the same one for all its stories: so is its policy."""
        key = (attacker.name, id(household))
        if key not in self.joined:
            # The household is kept beside it, so that its id belongs to nobody else.
            self.joined[key] = (household, attacker.join(household, self.shelf.kinds))
        return self.joined[key][1]

    def _attackers(self) -> Iterator[Attacker]:
        wanted = self.options.attackers or tuple(ATTACKERS)
        return (one for name, one in ATTACKERS.items() if name in wanted)

    def _wanted(self, scenario: Scenario, case: Case) -> bool:
        only = self.options.only
        return only is None or only.lower() in f"{scenario.file} {scenario.title} {case.name}".lower()

    def _play(self, scenario: Scenario, case: Case) -> CaseResult:
        household = scenario.household
        cast = Cast(household, self.shelf.kinds, self.shelf.policy(household), scenario.seed)
        return play_in_memory(perform(scenario, case, cast))


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
