"""Files: where scenarios, households and rules are found, and what they hold."""

from collections.abc import Iterable, Iterator
from functools import cached_property
from importlib import resources
from pathlib import Path

from sim.core.device import Device
from sim.core.errors import HouseholdError, Place, UsageError, did_you_mean
from sim.core.household import Household
from sim.devices import kinds
from sim.documents.reading import Node, read_document
from sim.policy.cedar import CedarDecisionPoint
from sim.policy.rules import RuleBook
from sim.policy.schema import Vocabulary
from sim.scenario.households import household_of
from sim.scenario.loading import Library, load_scenario
from sim.scenario.model import Scenario

SCENARIO_SUFFIX = ".scenario.yaml"
HOUSEHOLD_SUFFIX = ".household.yaml"
FILE_BYTES_MAX = 1_048_576
"""Largest scenario or household file that is opened."""


def find_scenarios(paths: Iterable[str]) -> list[Path]:
    """Return the scenario files that paths name: files themselves, and folders with all below them.

    Raises:
        UsageError: when a path is not there.
    """
    found: dict[Path, None] = {}
    for given in paths:
        path = Path(given)
        if path.is_dir():
            found.update(dict.fromkeys(sorted(path.rglob(f"*{SCENARIO_SUFFIX}"))))
        elif path.is_file():
            found[path] = None
        else:
            sentence = f"there is no file or folder `{given}`"
            near = [str(one) for one in path.parent.glob("*")] if path.parent.is_dir() else []
            raise UsageError(sentence, help_text=did_you_mean(given, near) if near else None)
    return list(found)


def read_text(path: Path) -> str:
    """Return the text of a file of the user's.

    Raises:
        UsageError: when it cannot be read, is too large, or is not UTF-8.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        sentence = f"`{_shown(path)}` cannot be read: {(error.strerror or 'unreadable').lower()}"
        raise UsageError(sentence) from None
    if len(raw) > FILE_BYTES_MAX:
        sentence = f"the file is larger than {FILE_BYTES_MAX:,} bytes"
        raise UsageError(sentence, place=Place(_shown(path), 1, 1))
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        sentence = f"the file is not UTF-8 text: byte {raw[error.start]:#04x} does not fit"
        place = _place_of_byte(path, raw, error.start)
        raise UsageError(sentence, place=place, help_text="save it as UTF-8") from None


def _place_of_byte(path: Path, raw: bytes, offset: int) -> Place:
    """Return the place of a byte that is no text; the others of its line are shown as far as they are."""
    begin = raw.rfind(b"\n", 0, offset) + 1
    line = raw[begin:].split(b"\n", maxsplit=1)[0]
    # A byte of no character becomes a lone surrogate: one character, which a terminal is shown escaped.
    before = raw[begin:offset].decode(errors="surrogateescape")
    shown = line.decode(errors="surrogateescape")
    return Place(_shown(path), raw.count(b"\n", 0, offset) + 1, len(before) + 1, 1, shown)


class Shelf:
    """Everything a run needs from files, each read once."""

    def __init__(self) -> None:
        self._households: dict[Path, Household] = {}
        self._documents: dict[Path, Node] = {}
        self._points: dict[int, CedarDecisionPoint] = {}

    @cached_property
    def kinds(self) -> dict[str, type[Device]]:
        """Every kind of device."""
        return kinds()

    @cached_property
    def rules(self) -> RuleBook:
        """The rules in force."""
        return RuleBook.read(rule_files(), Vocabulary.of(self.kinds.values()))

    def scenario(self, path: Path) -> Scenario:
        """Return the scenario in a file.

        Raises:
            ScenarioError, HouseholdError, UsageError: when it, or the household it names, cannot be.
        """
        folders = list(_household_folders(path))
        library = Library(
            kinds=self.kinds,
            rules=tuple(self.rules.rules),
            household=lambda name: self._household(name, folders),
            household_document=lambda name: self._household_document(name, folders),
            household_names=tuple(
                file.name.removesuffix(HOUSEHOLD_SUFFIX)
                for folder in folders
                for file in sorted(folder.glob(f"*{HOUSEHOLD_SUFFIX}"))
            ),
        )
        return load_scenario(str(path), read_text(path), library)

    def policy(self, household: Household) -> CedarDecisionPoint:
        """Return the decision point of a household."""
        point = self._points.get(id(household))
        if point is None:
            point = self._points[id(household)] = CedarDecisionPoint(self.rules, household)
        return point

    def _household(self, name: str, folders: list[Path]) -> Household | None:
        path = _household_path(name, folders)
        document = self._household_document(name, folders)
        if path is None or document is None:
            return None
        if path not in self._households:
            self._households[path] = household_of(document, self.kinds)
        return self._households[path]

    def _household_document(self, name: str, folders: list[Path]) -> Node | None:
        path = _household_path(name, folders)
        if path is None:
            return None
        if path not in self._documents:
            self._documents[path] = _read_household(path, name)
        return self._documents[path]


def _household_path(name: str, folders: list[Path]) -> Path | None:
    """Return the file of a household, in the first folder that has it and never outside of one."""
    if Path(name).name != name:
        return None
    for folder in folders:
        path = (folder / f"{name}{HOUSEHOLD_SUFFIX}").resolve()
        if path.parent == folder.resolve() and path.is_file():
            return path
    return None


def _read_household(path: Path, name: str) -> Node:
    document = read_document(_shown(path), read_text(path), HouseholdError)
    written = document.step("household")
    if written is not None and written.value.value != name:
        sentence = f"the household in this file is called `{written.value.value}`, not `{name}`"
        raise HouseholdError(sentence, place=written.value.place, help_text="name it as its file")
    return document


def rule_files() -> list[tuple[str, str]]:
    """Return the built-in rules, as (file name, text), sorted by name."""
    folder = resources.files("sim.policy") / "rules"
    files = sorted((one for one in folder.iterdir() if one.name.endswith(".cedar")), key=lambda one: one.name)
    return [(f"rules/{one.name}", one.read_text(encoding="utf-8")) for one in files]


def _household_folders(scenario: Path) -> Iterator[Path]:
    """Yield every `households` folder beside or above a scenario, then those above the current folder."""
    seen: set[Path] = set()
    for start in (scenario.resolve().parent, Path.cwd()):
        for above in (start, *start.parents):
            folder = above / "households"
            if folder.is_dir() and folder not in seen:
                seen.add(folder)
                yield folder


def _shown(path: Path) -> str:
    """Return a path as short as it can be from here."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
