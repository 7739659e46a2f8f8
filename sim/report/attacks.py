"""What became of attackers sent into friendly stories: a table for people, records for machines."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sim.report.chronicle import chronicle_line
from sim.report.folding import counted, fold, visible
from sim.report.style import Style
from sim.scenario.assault import ATTACKERS, Judgement, Outcome

_LAYERS = ("broker", "rate", "signature", "freshness", "key", "policy")
"""Lines of defence, in the order in which an attack meets them."""
_JOINT = "\0"
"""A space at which no line is broken."""
_HEAD = f"{'attacker':<11}{'held':>6}{'noticed':>9}{'broke':>7}  refused by"


@dataclass(frozen=True, slots=True)
class Attack:
    """One story with one attacker in it.

    Attributes:
        attacker: his name.
        file: the scenario's file.
        case: its case; empty when there is only one.
        judgement: what became of it.
        again: the command that replays it.
    """

    attacker: str
    file: str
    case: str
    judgement: Judgement
    again: str

    @property
    def outcome(self) -> Outcome:
        """Held, noticed or broke."""
        return self.judgement.outcome

    def layers(self) -> Counter[str]:
        """Return how often each line of defence refused."""
        found: Counter[str] = Counter()
        for (layer, _), count in self.judgement.refusals.items():
            found[layer] += count
        return found


def attack_record(attack: Attack) -> dict[str, Any]:
    """Return an attack as JSON values."""
    judgement = attack.judgement
    refusals = [
        {"layer": layer, "code": code, "count": count}
        for (layer, code), count in sorted(
            judgement.refusals.items(), key=lambda item: (_LAYERS.index(item[0][0]), item[0][1] or "")
        )
    ]
    return {
        "kind": "attack",
        "attacker": attack.attacker,
        "file": attack.file,
        "case": attack.case,
        "outcome": attack.outcome,
        "why": judgement.why or None,
        "record": judgement.record,
        "refusals": refusals,
        "again": attack.again,
    }


def attack_table(attacks: Sequence[Attack], style: Style) -> str:
    """Return one line for each attacker: how often he was held, noticed, or broke through, and by whom."""
    lines = [f"{style.faint}{_HEAD}{style.end}"]
    for name in (name for name in ATTACKERS if any(one.attacker == name for one in attacks)):
        lines += _row(name, [one for one in attacks if one.attacker == name], style)
    return "\n".join(lines)


def _row(name: str, attacks: Sequence[Attack], style: Style) -> Iterator[str]:
    counts = Counter(one.outcome for one in attacks)
    layers: Counter[str] = Counter()
    for one in attacks:
        layers += one.layers()
    refused = ", ".join(f"{layer}{_JOINT}{layers[layer]:,}" for layer in _LAYERS if layers[layer]) or "-"
    begun = f"{name:<11}{counts['held']:>6}{counts['noticed']:>9}"
    broke = f"{counts['broke']:>7}"
    first, *others = (line.replace(_JOINT, " ") for line in fold(refused, f"{begun}{broke}  "))
    colour = style.bad if counts["broke"] else style.good
    yield f"{begun}{colour}{broke}{style.end}{first[len(begun + broke) :]}"
    yield from others


def breach_lines(attack: Attack, style: Style) -> str:
    """Return what an attacker achieved: where, what, the record that shows it, and how to see it again."""
    case = f", {attack.case}" if attack.case else ""
    head, *rest = fold(visible(f"{attack.attacker} in {attack.file}{case}"), "  ✗ broke  ")
    lines = [f"  {style.bad}✗ broke{style.end}  {head.removeprefix('  ✗ broke  ')}", *rest]
    lines += fold(visible(attack.judgement.why), " " * 4)
    if attack.judgement.record is not None:
        lines.append(chronicle_line(attack.judgement.record, " " * 4))
    lines.append(f"    {style.faint}again:{style.end} {visible(attack.again)}")
    return "\n".join(lines)


def attack_summary(attacks: Sequence[Attack], skipped: int, wall_s: float, style: Style) -> str:
    """Return the last line: how many attacks, how many broke, and what was left out."""
    broke = sum(1 for one in attacks if one.outcome == "broke")
    verdict = f"{style.bad}{broke} broke{style.end}" if broke else f"{style.good}nothing broke{style.end}"
    left_out = f", {counted(skipped, 'case')} left out" if skipped else ""
    return f"\n{verdict}: {counted(len(attacks), 'attack')} in {wall_s:.1f} s{left_out}"
