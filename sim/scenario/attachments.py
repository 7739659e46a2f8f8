"""Files that a scenario or a household names, such as a phone's calendar: the name becomes the text.

Who reads files is the shell; here a name is looked up, and what stands in the file is held against what the
field takes, so that a mistake in it is said at its line before anything runs.
"""

from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar

from sim.core.declarations import Arguments, FileText, file_text_of
from sim.core.errors import SimError, did_you_mean
from sim.documents.reading import Mistake, Node, short

Attachments: TypeAlias = Callable[[str], tuple[str, str] | None]
"""Returns what places call a file, and its text; None when there is no such file."""

Model = TypeVar("Model", bound=Arguments)


def no_files(_: str) -> tuple[str, str] | None:
    """Return no file, for whoever has none."""
    return None


def attached(mark: FileText, node: Node, files: Attachments, error: type[SimError]) -> str:
    """Return the text of the file that a part of a document names.

    Args:
        mark: what sort of file it is.
        node: its name.
        files: where it is looked for.
        error: what to raise for a name without a file.

    Raises:
        SimError: of the class `error`; or what `mark.check` raises about the text.
    """
    name = str(node.value)
    if mark.folder:
        return _from_folder(mark, name, node, files, error)
    if not name.endswith(mark.suffix):
        sentence = f"`{short(name)}` is no `{mark.suffix}` file"
        raise Mistake.WRONG_VALUE.of(error, sentence, node.place, f"write the name of one, `…{mark.suffix}`")
    found = files(name)
    if found is None:
        sentence = f"there is no file `{short(name)}`"
        raise Mistake.UNKNOWN_NAME.of(error, sentence, node.place, "put it beside the file that names it")
    shown, text = found
    mark.check(shown, text)
    return text


def _from_folder(mark: FileText, name: str, node: Node, files: Attachments, error: type[SimError]) -> str:
    """Return the text of a file that is named without its suffix, or the name of what needs no file."""
    found = files(name + mark.suffix)
    if found is not None and name in mark.known():
        sentence = f"`{short(name)}` comes with the program, and `{found[0]}` is another of that name"
        help_text = "call your own otherwise: its file, its name in it, and here"
        raise Mistake.NAME_TAKEN.of(error, sentence, node.place, help_text)
    if found is not None:
        mark.check(*found)
        return found[1]
    if name in mark.known():
        return name
    sentence = f"there is no file `{short(name)}{mark.suffix}`"
    own = f"put it into `{mark.folder}/` beside the household"
    near = did_you_mean(name, mark.known())
    raise Mistake.UNKNOWN_NAME.of(error, sentence, node.place, f"{near}; or {own}" if near else own)


def with_files(instance: Model, node: Node, files: Attachments, error: type[SimError]) -> Model:
    """Return arguments with the text of every file that is named in them; raises as `attached` does."""
    texts: dict[str, Any] = {}
    for field, declared in type(instance).model_fields.items():
        mark = file_text_of(declared)
        written = node.step(field) or node.step(str(declared.alias))
        if mark is not None and written is not None and getattr(instance, field) is not None:
            texts[field] = attached(mark, written.value, files, error)
    return instance.model_copy(update=texts) if texts else instance
