"""Files: where scenarios, households and rules are found, and what they hold."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from importlib import resources
from pathlib import Path

from sim.core.device import Device
from sim.core.errors import HouseholdError, Place, PolicyError, UsageError, did_you_mean
from sim.core.household import Household
from sim.documents.reading import Node, read_document
from sim.documents.vehicles import VEHICLE_FILE
from sim.policy.cedar import CedarDecisionPoint
from sim.policy.foreseen import read_foreseen
from sim.policy.rules import RuleBook
from sim.policy.schema import Foreseen, Vocabulary
from sim.scenario.households import household_of
from sim.scenario.loading import Library, load_scenario
from sim.scenario.model import Scenario
from sim.world.kinds import kinds

SCENARIO_SUFFIX = ".scenario.yaml"
HOUSEHOLD_SUFFIX = ".household.yaml"
RULE_SUFFIX = ".cedar"
VOCABULARY_FILE = "vocabulary.yaml"
FILE_BYTES_MAX = 1_048_576
"""Largest scenario or household file that is opened."""


def find_scenarios(paths: Iterable[str]) -> list[Path]:
    """Return the scenario files that paths name: files themselves, and folders with all below them.

    Raises:
        UsageError: when a path is not there, or is a file of a household or a vehicle.
    """
    found: dict[Path, None] = {}
    for given in paths:
        path = Path(given)
        if path.is_dir():
            found.update(dict.fromkeys(sorted(path.rglob(f"*{SCENARIO_SUFFIX}"))))
        elif path.is_file():
            found[path] = None
            _refuse_part(given)
        else:
            raise nothing_at(given)
    return list(found)


def _refuse_part(given: str) -> None:
    """Refuse a file that is only ever part of a story."""
    for word in ("household", "vehicle"):
        if given.endswith(f".{word}.yaml"):
            sentence = f"`{given}` is a {word} file, and no scenario"
            raise UsageError(sentence, help_text="name a scenario that uses it, and it is checked too")


def nothing_at(given: str) -> UsageError:
    """Return the error to raise for a path that leads nowhere."""
    above = Path(given).parent
    near = [str(one) for one in above.glob("*")] if above.is_dir() else []
    help_text = did_you_mean(given, near) if near else None
    return UsageError(f"there is no file or folder `{given}`", help_text=help_text)


def read_text(path: Path) -> str:
    """Return the text of a file of the user's.

    Raises:
        UsageError: when it cannot be read, is too large, or is not UTF-8.
    """
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):
            sentence = f"`{shown(path)}` is no file that could be read to its end"
            raise UsageError(sentence, help_text="pipes and devices are not read")
        with path.open("rb") as file:
            raw = file.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        sentence = f"`{shown(path)}` cannot be read: {(error.strerror or 'unreadable').lower()}"
        raise UsageError(sentence) from None
    if len(raw) > FILE_BYTES_MAX:
        sentence = f"the file is larger than {FILE_BYTES_MAX:,} bytes"
        raise UsageError(sentence, place=Place(shown(path), 1, 1))
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
    seen = line.decode(errors="surrogateescape")
    return Place(shown(path), raw.count(b"\n", 0, offset) + 1, len(before) + 1, 1, seen)


@contextmanager
def hinted(what: str) -> Iterator[None]:
    """Let no mistake in a sort of file go without a hint; without a better one, where its form is told."""
    try:
        yield
    except PolicyError as error:
        if error.help_text is not None:
            raise
        help_text = f"`carhome schema {what}` has the form, and docs/policy.md explains it"
        raise PolicyError(error.sentence, place=error.place, help_text=help_text, code=error.code) from None


class Shelf:
    """Everything a run needs from files, each read once.

    Args:
        policies: folder with rules of the user's, beside those that come with the program; or None.
    """

    def __init__(self, policies: Path | None = None) -> None:
        self._policies = policies
        self._households: dict[Path, Household] = {}
        self._documents: dict[Path, Node] = {}
        self._points: dict[int, CedarDecisionPoint] = {}
        self._read: dict[Path, None] = {}

    @property
    def inputs(self) -> list[Path]:
        """Every file of the user's that was read so far, and all in the folder with rules."""
        own = [] if self._policies is None else [one for one in self._policies.rglob("*") if one.is_file()]
        return [*self._read, *own]

    def read(self, path: Path) -> str:
        """Return the text of a file of the user's, and keep in mind that it was read.

        Raises:
            UsageError: when it cannot be read, is too large, or is not UTF-8.
        """
        self._read[path] = None
        return read_text(path)

    @cached_property
    def kinds(self) -> dict[str, type[Device]]:
        """Every kind of device."""
        return kinds()

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The words of the rules: what devices bring along, and what the user foresees.

        Raises:
            PolicyError: when a word cannot be.
            UsageError: when the user's vocabulary cannot be read.
        """
        with hinted("vocabulary"):
            return Vocabulary.of(self.kinds.values(), foreseen_words(self._policies))

    @cached_property
    def rules(self) -> RuleBook:
        """The rules in force.

        Raises:
            PolicyError: when a rule cannot be, whoever wrote it.
            UsageError: when the user's folder is not there, or a file in it cannot be read.
        """
        return RuleBook.read(rule_files(), self.vocabulary, added_rule_files(self._policies))

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
            files=lambda name: self._attachment(name, with_vehicles([path.resolve().parent, *folders])),
        )
        return load_scenario(str(path), self.read(path), library)

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
            beside = with_vehicles([path.parent])
            self._households[path] = household_of(
                document, self.kinds, lambda name: self._attachment(name, beside)
            )
        return self._households[path]

    def _household_document(self, name: str, folders: list[Path]) -> Node | None:
        path = _household_path(name, folders)
        if path is None:
            return None
        if path not in self._documents:
            self._documents[path] = _household_in(path, self.read(path), name)
        return self._documents[path]

    def _attachment(self, name: str, folders: list[Path]) -> tuple[str, str] | None:
        """Return a file that another names, in the first folder that has it and never outside of one."""
        if Path(name).name != name:
            return None
        for folder in folders:
            path = (folder / name).resolve()
            if path.parent == folder.resolve() and path.is_file():
                return shown(path), self.read(path)
        return None


def _household_path(name: str, folders: list[Path]) -> Path | None:
    """Return the file of a household, in the first folder that has it and never outside of one."""
    if Path(name).name != name:
        return None
    for folder in folders:
        path = (folder / f"{name}{HOUSEHOLD_SUFFIX}").resolve()
        if path.parent == folder.resolve() and path.is_file():
            return path
    return None


def with_vehicles(folders: list[Path]) -> list[Path]:
    """Return folders, each with the one in it that holds models of cars."""
    return [one for folder in folders for one in (folder, folder / VEHICLE_FILE.folder)]


def _household_in(path: Path, text: str, name: str) -> Node:
    document = read_document(shown(path), text, HouseholdError)
    written = document.step("household")
    if written is not None and written.value.value != name:
        sentence = f"the household in this file is called `{written.value.value}`, not `{name}`"
        raise HouseholdError(sentence, place=written.value.place, help_text="name it as its file")
    return document


def rule_files() -> list[tuple[str, str]]:
    """Return the built-in rules, as (file name, text), sorted by name."""
    return built_in_files(RULE_SUFFIX)


def built_in_files(suffix: str) -> list[tuple[str, str]]:
    """Return what lies beside the built-in rules or in `tests` below them, as (file name, text), sorted."""
    folder = resources.files("sim.policy") / "rules"
    found = {f"rules/{one.name}": one for one in folder.iterdir()}
    found |= {f"rules/tests/{one.name}": one for one in (folder / "tests").iterdir()}
    chosen = sorted(name for name in found if name.endswith(suffix))
    return [(name, found[name].read_text(encoding="utf-8")) for name in chosen]


def added_rule_files(folder: Path | None, read: Callable[[Path], str] = read_text) -> list[tuple[str, str]]:
    """Return the rules in a folder of the user's and all below it, as (file name, text), sorted by name.

    Args:
        folder: the folder; None for no rules.
        read: reads a file.

    Raises:
        UsageError: when there is no such folder, or a file in it cannot be read.
    """
    if folder is None:
        return []
    if not folder.is_dir():
        raise nothing_at(str(folder))
    return [(shown(path), read(path)) for path in sorted(folder.rglob(f"*{RULE_SUFFIX}"))]


def foreseen_words(folder: Path | None) -> tuple[Foreseen, ...]:
    """Return the commands that the vocabulary in a folder of the user's foresees; none without one.

    Raises:
        PolicyError: when a word cannot be.
        UsageError: when the file cannot be read.
    """
    own = None if folder is None else folder / VOCABULARY_FILE
    return () if own is None or not own.is_file() else read_foreseen(shown(own), read_text(own))


def _household_folders(scenario: Path) -> Iterator[Path]:
    """Yield every `households` folder beside or above a scenario, then those above the current folder."""
    seen: set[Path] = set()
    for start in (scenario.resolve().parent, Path.cwd()):
        for above in (start, *start.parents):
            folder = above / "households"
            if folder.is_dir() and folder not in seen:
                seen.add(folder)
                yield folder


def shown(path: Path) -> str:
    """Return a path as short as it can be from here."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
