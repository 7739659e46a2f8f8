"""What rules read of attributes, and which literals they compare them with."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from cedarpy import pst

from sim.analysis.evaluation.tree import children, nodes
from sim.analysis.evaluation.words import Words

Key: TypeAlias = tuple[str, ...]
"""An attribute: `context` or an entity type, then the attribute's name, then those inside a record."""

_COMPARING = frozenset(
    {"eq", "not_eq", "less", "less_eq", "greater", "greater_eq", "in"}
    | {"contains", "contains_all", "contains_any"}
)
_CALCULATING = frozenset({"add", "sub", "mul", "neg"})


@dataclass(frozen=True)
class Literals:
    """What is known of attributes from some rules.

    Attributes:
        read: every attribute a rule reads, or asks whether it is there.
        comparisons: for each comparison the attributes in it, and the literals in it.
        calculated: attributes that a rule calculates with.
    """

    read: frozenset[Key] = frozenset()
    comparisons: tuple[tuple[tuple[Key, ...], tuple[int | str, ...]], ...] = ()
    calculated: frozenset[Key] = frozenset()
    _known: dict[Key, tuple[int | str, ...]] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def joined(cls, several: Sequence["Literals"]) -> "Literals":
        """Return what several rules say together."""
        return cls(
            frozenset().union(*(one.read for one in several)),
            tuple(comparison for one in several for comparison in one.comparisons),
            frozenset().union(*(one.calculated for one in several)),
        )

    def reads(self, key: Key) -> bool:
        """Say whether a rule reads an attribute, or the record it is in."""
        return any(part in self.read for part in _parts(key))

    def calculates(self, key: Key) -> bool:
        """Say whether a rule calculates with an attribute."""
        return key in self.calculated

    def compares(self, key: Key) -> bool:
        """Say whether a rule compares an attribute with another one."""
        return any(key in keys and len(keys) > 1 for keys, _ in self.comparisons)

    def of(self, key: Key) -> tuple[int | str, ...]:
        """Return the literals an attribute is compared with, itself or by way of others; each once."""
        if key not in self._known:
            self._known[key] = self._reached(key)
        return self._known[key]

    def _reached(self, key: Key) -> tuple[int | str, ...]:
        linked = dict.fromkeys(_parts(key))
        found: dict[int | str, None] = {}
        count = 0
        while count != len(linked):
            count = len(linked)
            for keys, literals in self.comparisons:
                if any(one in linked for one in keys):
                    linked.update(dict.fromkeys(keys))
                    found.update(dict.fromkeys(literals))
        return tuple(found)


def _parts(key: Key) -> Iterator[Key]:
    """Yield an attribute and the records around it."""
    return (key[:count] for count in range(2, len(key) + 1))


def literals_of(rule: pst.Template, words: Words) -> Literals:
    """Return what one rule reads, and what it compares that with."""
    read: dict[Key, None] = {}
    comparisons = []
    calculated: dict[Key, None] = {}
    for expr in nodes(rule):
        match expr:
            case pst.GetAttr() | pst.HasAttr():
                read.update(dict.fromkeys(_keys(expr, words)))
            case pst.BinaryOp(op=op) if op in _COMPARING:
                keys = _keys_inside(expr, words)
                comparisons.append((keys, tuple(_literals_inside(expr))))
            case pst.Like(base=base, pattern=pattern):
                comparisons.append((_keys_inside(base, words), _examples(pattern)))
            case pst.BinaryOp(op=op) | pst.UnaryOp(op=op) if op in _CALCULATING:
                calculated.update(dict.fromkeys(_keys_inside(expr, words)))
            case _:
                pass
    return Literals(frozenset(read), tuple(comparisons), frozenset(calculated))


def _examples(pattern: tuple[pst.PatternElem, ...]) -> tuple[str, ...]:
    """Return texts that fit a pattern: with nothing, and with something, where anything may stand."""
    return tuple(
        "".join(one.value if isinstance(one, pst.Char) else filling for one in pattern)
        for filling in ("", "x")
    )


def _inside(expr: pst.Expr) -> Iterator[pst.Expr]:
    """Yield an expression and everything inside it."""
    yield expr
    for part in children(expr):
        yield from _inside(part)


def _keys_inside(expr: pst.Expr, words: Words) -> tuple[Key, ...]:
    """Return every attribute whose value counts inside an expression, each once.

    Of `context.sender.kind` that is the kind and not the sender.
    """
    return tuple(dict.fromkeys(_outer_keys(expr, words)))


def _outer_keys(expr: pst.Expr, words: Words) -> Iterator[Key]:
    if isinstance(expr, pst.GetAttr):
        yield from _keys(expr, words)
    else:
        for part in children(expr):
            yield from _outer_keys(part, words)


def _literals_inside(expr: pst.Expr) -> Iterator[int | str]:
    for part in _inside(expr):
        if isinstance(part, pst.LongLit | pst.StringLit):
            yield part.value


# --- which attribute an expression stands for -------------------------------------------------------

_Type: TypeAlias = Mapping[str, Any]


def _keys(expr: pst.GetAttr | pst.HasAttr, words: Words) -> Iterator[Key]:
    """Yield the attributes that an expression itself may read; for other types of principal, others."""
    base = expr.base
    for attr in (expr.attr,) if isinstance(expr, pst.GetAttr) else expr.attrs:
        yield from (key for key, _ in _attributes(base, attr, words))
        base = pst.GetAttr(base, attr)


def _attributes(base: pst.Expr, attr: str, words: Words) -> Iterator[tuple[Key, _Type]]:
    """Yield what `base.attr` may be, with its type."""
    if base == pst.Var("context"):
        yield from ((("context", attr), known) for known in words.contexts.get(attr, ()))
        return
    for key, known in _typed(base, words):
        match known:
            case {"type": "Entity", "name": name} if attr in words.attributes(name):
                yield (name, attr), words.attributes(name)[attr]
            case {"type": "Record", "attributes": attributes} if attr in attributes:
                yield (*key, attr), attributes[attr]
            case _:
                pass


def _typed(expr: pst.Expr, words: Words) -> Iterator[tuple[Key, _Type]]:
    """Yield what an expression that has attributes may be, with its type."""
    match expr:
        case pst.Var(name="principal"):
            yield from _entities(words.principals)
        case pst.Var(name="resource"):
            yield from _entities(words.resources)
        case pst.EntityLit(value=uid):
            yield from _entities((str(uid.type),))
        case pst.GetAttr(base=base, attr=attr):
            yield from _attributes(base, attr, words)
        case pst.IfThenElse(then_expr=one, else_expr=other):
            yield from _typed(one, words)
            yield from _typed(other, words)
        case _:
            pass


def _entities(types: tuple[str, ...]) -> Iterator[tuple[Key, _Type]]:
    return (((), {"type": "Entity", "name": name}) for name in types)
