"""Words that rules weigh before a device brings them.

They stand in `vocabulary.yaml` in a folder of the user's rules, the one of `--policies`:

    kinds:
      toaster:
        toast: {groups: [Kitchen], facts: {minutes: Long, empty?: Boolean}}
        eject: {groups: [Kitchen], tier: anytime}

Nothing that ships is foreseen: every word of the built-in rules is brought by a device. Whoever is going to
add a device writes, tests and proves its rules first.

A kind that does not exist yet becomes a type of its own; a kind that does is foreseen to have more
commands. `tier` is `parked` unless it says otherwise, as for a command of a device; a fact with `?` may
be absent. A device that comes to have such a command must be in the same groups and tell the same facts.
"""

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from sim.core.device import Tier
from sim.core.errors import PolicyError
from sim.documents.reading import Entry, Mistake, Node, read_document, short
from sim.documents.shape import editor_schema, validate
from sim.policy.schema import Foreseen, groups_of


def _spelt(pattern: str, what: str) -> AfterValidator:
    """Return a check of how a word is spelt; what does not fit is said in a sentence."""

    def check(word: str) -> str:
        if re.fullmatch(pattern, word) is None:
            sentence = f"`{short(word)}` is not spelt like {what}"
            raise ValueError(sentence)
        return word

    return AfterValidator(check)


_Word: TypeAlias = Annotated[str, _spelt(r"[a-z][a-z0-9_]{0,63}", "a kind or a command: `air_purifier`")]
_Fact: TypeAlias = Annotated[
    str, _spelt(r"[a-z][a-z0-9_]{0,63}\??", "a fact: `distance_cm`, or `distance_cm?` if it may be absent")
]
_Group: TypeAlias = Annotated[str, _spelt(r"[A-Z][A-Za-z0-9]{0,63}", "a group: `HomeControl`")]


class _Command(BaseModel):
    """One command that no device has yet."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    groups: list[_Group] = Field(min_length=1, max_length=8)
    tier: Tier = "parked"
    near: bool = False
    facts: dict[_Fact, Literal["Boolean", "Long", "String"]] = Field(default={}, max_length=32)


class _File(BaseModel):
    """Every word, by kind and command."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kinds: dict[_Word, dict[_Word, _Command]] = Field(min_length=1, max_length=64)


def read_foreseen(file_name: str, text: str) -> tuple[Foreseen, ...]:
    """Return the commands that a vocabulary file foresees, in file order.

    Args:
        file_name: as places shall show it.
        text: the whole file.

    Raises:
        PolicyError: with its place, for the first thing that cannot be.
    """
    root = read_document(file_name, text, PolicyError)
    file = validate(root, _File, PolicyError)
    return tuple(
        Foreseen(
            kind=kind,
            action=action,
            groups=groups_of(command.groups, command.tier, near=command.near),
            facts=dict(_facts(root, kind, action)),
            place=root.entry_at(["kinds", kind, action]).key.place,
        )
        for kind, commands in file.kinds.items()
        for action, command in commands.items()
    )


def _facts(root: Node, kind: str, action: str) -> Iterator[tuple[str, dict[str, str | bool]]]:
    """Yield the facts of one command as attributes of the schema."""
    seen: dict[str, Entry] = {}
    written = root.at(["kinds", kind, action]).step("facts")
    for name, entry in written.value.entries.items() if written else ():
        bare = name.removesuffix("?")
        if bare in seen:
            sentence = f"fact `{bare}` is there already, as `{seen[bare].key.value}`"
            raise Mistake.DUPLICATE_KEY.of(PolicyError, sentence, entry.key.place, "keep one of them")
        seen[bare] = entry
        yield bare, {"type": str(entry.value.value), "required": bare == name}


def vocabulary_schema() -> dict[str, Any]:
    """Return the JSON Schema of a vocabulary file, for editors."""
    return editor_schema(_File, "Foreseen words of rules for carhome")
