"""What makes a witness easy to read: wished for, never demanded.

The solver may choose any request that answers a query, with strings such as `!0!` and people who hold
every role at once. So it is asked again for one that is plain, and wishes are dropped, the least first,
until it finds one.
"""

from collections.abc import Iterator, Sequence

import z3

from sim.analysis.symbolic.footprint import Footprint
from sim.analysis.symbolic.formulas import Formula, disjunction, equality, opposite, string_literal
from sim.analysis.symbolic.sorts import Sorts

LONG_WISHED_MAX = 1_000_000
EFFORT_MAX = 2_000_000
"""Of the solver's own units for one attempt: a second or so, but the same on every machine."""
WORD_MAX = 8


def wishes(sorts: Sorts, footprint: Footprint) -> list[Formula]:
    """Return what to wish for, the most important first."""
    return [
        *_existing(sorts, footprint),
        *_plain_strings(footprint),
        *(opposite(present) for present in footprint.options.values()),
        *_small_longs(footprint),
        *(array == z3.EmptySet(array.sort().domain()) for array in footprint.sets.values()),
        *_familiar_ancestors(sorts, footprint),
    ]


def _existing(sorts: Sorts, footprint: Footprint) -> Iterator[Formula]:
    """Everything is there."""
    for entity in footprint.entities.values():
        yield sorts.exists(entity)


def _plain_strings(footprint: Footprint) -> Iterator[Formula]:
    """Strings are words that rules use, or at least short and of small letters."""
    letters = z3.Loop(z3.Range("a", "z"), 0, WORD_MAX)
    words = [string_literal(word) for word in ("", *footprint.words)]
    plain = [(string, z3.InRe(string, letters)) for string in footprint.strings.values()]
    known = [disjunction(equality(string, word) for word in words) for string, _ in plain]
    for (_, spelled), said in zip(plain, known, strict=True):
        yield disjunction((said, spelled))
    yield from known


def _small_longs(footprint: Footprint) -> Iterator[Formula]:
    """Numbers are small, and not negative."""
    for number in footprint.longs.values():
        yield number >= 0
        yield number <= LONG_WISHED_MAX


def _familiar_ancestors(sorts: Sorts, footprint: Footprint) -> Iterator[Formula]:
    """Everybody is in as little as possible, and in nothing that no rule speaks of."""
    for entity in footprint.entities.values():
        for above in sorts.shapes.above[entity.type]:
            ancestors = sorts.ancestors(entity, above)
            known = sorts.nothing(above)
            for other in footprint.of_type(above):
                known = z3.SetAdd(known, other.formula)
            yield z3.IsSubset(ancestors, known)
            for other in footprint.of_type(above):
                yield opposite(z3.Select(ancestors, other.formula))


def fulfilled(solver: z3.Solver, wanted: Sequence[Formula]) -> z3.ModelRef | None:
    """Return a model that fulfils as many wishes as can be found out soon; None when there is none at all.

    Args:
        solver: with everything that must hold.
        wanted: the most important first.
    """
    flags = [z3.Bool(f"wish {number}", solver.ctx) for number in range(len(wanted))]
    for flag, wish in zip(flags, wanted, strict=True):
        solver.add(z3.Implies(flag, wish))
    numbers = {str(flag): number for number, flag in enumerate(flags)}
    held = list(range(len(flags)))
    solver.set(rlimit=EFFORT_MAX)
    while True:
        if not held:
            # What must be found is worth any effort.
            solver.set(rlimit=0)
        result = solver.check(*(flags[number] for number in held))
        if result == z3.sat:
            return solver.model()
        core = [numbers[str(flag)] for flag in solver.unsat_core()]
        if core:
            held.remove(max(core))
        elif held and result == z3.unknown:
            held = held[: len(held) // 2]
        else:
            return None
