"""What is odd about rules, and about what the broker grants beside them, for people and for machines."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from sim.analysis.properties.lint import Remark
from sim.analysis.properties.publishing import Grant, Standing
from sim.report.folding import counted, fold, visible
from sim.report.style import Style

_STANDINGS: dict[Standing, str] = {
    "needed": "some rule could allow it",
    "refused_aloud": "never allowed, and let through so that the device answers with its rule and reason",
    "stranger": "a stranger's device, let through to be refused by its signature",
    "for_others": "allowed to other kinds of devices only; the topic is needed, and names no command",
    "surplus": "NO RULE COULD EVER ALLOW IT",
    "unknown": "it is not known whether a rule could allow it",
}
_DOUBTFUL: tuple[Standing, ...] = ("surplus", "unknown")


def remark_lines(remark: Remark, style: Style) -> Iterator[str]:
    """Yield a remark: where, what, and what to do."""
    yield f"{style.doubt}note{style.end}: {visible(str(remark.place))}"
    yield from fold(visible(remark.sentence), "  ")
    yield from fold(visible(remark.help_text), "  = help: ")
    if remark.question is not None:
        yield from fold(visible(f"such as: {remark.question}"), "  = ", "    ")


def is_doubtful(grant: Grant) -> bool:
    """Say whether a grant is one that should not be, or of which nobody knows."""
    return grant.standing in _DOUBTFUL


def grant_record(grant: Grant) -> dict[str, Any]:
    """Return a grant as JSON values."""
    return {
        "kind": "grant",
        "sender": grant.sender,
        "target": grant.target,
        "action": grant.action,
        "standing": grant.standing,
    }


def grant_lines(household: str, found: Sequence[Grant], style: Style) -> Iterator[str]:
    """Yield what the broker lets through and no rule could allow, and how much it lets through in all."""
    others = [grant for grant in found if grant.standing != "needed"]
    order = tuple(_STANDINGS)
    for (standing, sender, target), group in groupby(
        sorted(others, key=lambda one: order.index(one.standing)),
        key=lambda one: (one.standing, one.sender, one.target),
    ):
        colour, mark = (style.bad, "✗") if standing in _DOUBTFUL else (style.faint, "·")
        actions = (
            ", ".join(f"`{grant.action}`" for grant in group if grant.action) or "nothing it can be asked"
        )
        sentence = f"{sender} → {target}: {actions}: {_STANDINGS[standing]}"
        yield from fold(visible(sentence), f"{colour}{mark}{style.end} ", "  ")
    bad = sum(map(is_doubtful, found))
    foreign = sum(grant.standing == "for_others" for grant in found)
    sign = f"{style.bad}✗{style.end}" if bad else f"{style.good}✓{style.end}"
    needed = len(found) - len(others)
    yield ""
    sentence = (
        f"{household}: {counted(len(found), 'command')} let through by the broker; "
        f"{needed:,} some rule could allow, {len(others) - foreign - bad:,} refused aloud on purpose, "
        f"{foreign:,} allowed to others only, {bad:,} surplus"
    )
    first, *more = fold(visible(sentence), "✓ ")
    yield from (f"{sign}{first[1:]}", *more)
