"""House rules that no linter knows; each rule is shown to notice a planted violation."""

import ast
import re
import subprocess
import sys
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from sim.analysis.evaluation.words import Words, fits
from sim.shell.files import Shelf
from sim.world.kinds import kinds

PROJECT = Path(__file__).parents[1]
GENERATED = {"__pycache__", "dist", "build", "out"}
TEXTS = {".py", ".yaml", ".yml", ".toml", ".md", ".cedar", ".json", ".cfg", ".conf", ".sh", ".txt", ""}

FUNCTION_LINES_MAX = 60
FILE_LINES_MAX = 600
MISSION_ROWS = {*(f"M{row:02}" for row in range(1, 38)), *(f"X{row:02}" for row in range(1, 14))}
NO_NOUNS = {"utils", "util", "helpers", "helper", "manager", "common", "misc", "base", "tools"}
MOTION = re.compile(r"(speed|gear|steering)(_|$)")
HANDS = {"sim/world/truth/people.py", "sim/world/truth/__init__.py", "sim/world/truth/vehicles.py"}
"""Where a car may be set in motion: by a person at its wheel, and by the path it then follows."""
SENSED = {"Motion"}
"""What a car reports of what its sensors say."""
# Written so that this file does not break the rule itself.
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:work|root|Users|tmp)/\w")
UNPLAYABLE = {
    "courier-boot-only": "the key's own rights refuse first, with RIGHTS",
    "payment-is-positive": "such an amount is no argument of the command",
}
"""Rules that no story can come to, and why; a suite shows them instead."""
HEAVY = {"pydantic", "aiomqtt", "paho", "rich", "yaml", "cedarpy", "asyncio", "cryptography"}


@dataclass(frozen=True, slots=True)
class File:
    """A file of the project: its path from the top, with slashes, and its text."""

    path: str
    text: str

    @property
    def tree(self) -> ast.Module:
        """The text as Python."""
        return ast.parse(self.text)


def _read(*folders: str, suffix: str = "") -> list[File]:
    """Return every text file below folders that belongs to the project, sorted."""
    found = []
    for folder in folders:
        for path in sorted((PROJECT / folder).rglob(f"*{suffix}")):
            parts = path.relative_to(PROJECT).parts
            hidden = any(part.startswith(".") or part in GENERATED for part in parts)
            if path.is_file() and not hidden and path.suffix in TEXTS:
                found.append(File("/".join(parts), path.read_text(encoding="utf-8")))
    assert found, f"nothing found below {folders}"
    return found


def source() -> list[File]:
    """Return every module of the program."""
    return _read("sim", suffix=".py")


def suite() -> list[File]:
    """Return every module of the tests."""
    return _read("tests", suffix=".py")


def scenarios() -> list[File]:
    """Return every shipped scenario."""
    return _read("scenarios", suffix=".scenario.yaml")


# --- rules: each yields a complaint for each violation ------------------------------------------------


def without_docstring(files: Iterable[File]) -> Iterator[str]:
    """Every module says what it is."""
    for file in files:
        if not ast.get_docstring(file.tree):
            yield f"{file.path} does not say what it is"


def long_functions(files: Iterable[File]) -> Iterator[str]:
    """A function fits a screen."""
    for file in files:
        for node in ast.walk(file.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > FUNCTION_LINES_MAX:
                    yield f"{file.path}:{node.lineno}: `{node.name}` has {lines} lines"


def long_files(files: Iterable[File]) -> Iterator[str]:
    """A module can be read in one sitting."""
    for file in files:
        lines = len(file.text.splitlines())
        if lines > FILE_LINES_MAX:
            yield f"{file.path} has {lines} lines"


def names_without_a_noun(files: Iterable[File]) -> Iterator[str]:
    """A module's name says what is inside."""
    for file in files:
        for part in file.path.removesuffix(".py").split("/"):
            if set(part.split("_")) & NO_NOUNS:
                yield f"{file.path}: `{part}` does not say what is inside"


def untested_kinds(modules: Iterable[str], paths: Iterable[str]) -> Iterator[str]:
    """Every kind of device has its own tests."""
    there = set(paths)
    for module in modules:
        _, room, name = module.split(".")[:3]
        if f"tests/{room}/test_{name}.py" not in there:
            yield f"{module} has no tests/{room}/test_{name}.py"


def unused_kinds(names: Iterable[str], files: Iterable[File]) -> Iterator[str]:
    """Every kind of device plays a part in a household or a scenario."""
    texts = [file.text for file in files]
    for name in names:
        if not any(re.search(rf"\bkind: {name}\b", text) for text in texts):
            yield f"no household and no scenario has a `{name}`"


def untested_rules(rules: Iterable[File], files: Iterable[File]) -> Iterator[str]:
    """Every rule is named by a test."""
    texts = [file.text for file in files]
    for file in rules:
        for rule in re.findall(r'@id\("([^"]+)"\)', file.text):
            if not any(f'"{rule}"' in text for text in texts):
                yield f"{file.path}: no test names `{rule}`"


def unplayed_rules(
    rules: Iterable[File], files: Iterable[File], unplayable: Collection[str] = ()
) -> Iterator[str]:
    """Every rule that forbids is shown by a scenario; or by a suite, where no story can come to it."""
    texts = [file.text for file in files]
    for file in rules:
        for rule in re.findall(r'@id\("([^"]+)"\)(?:\s*@[^\n]*)*\s*forbid', file.text):
            if rule in unplayable:
                shown = any(re.search(rf"\bbecause: .*\b{rule}\b", text) for text in texts)
            else:
                shown = any(re.search(rf"\brule: {rule}\b", text) for text in texts)
            if not shown:
                where = "suite" if rule in unplayable else "scenario"
                yield f"{file.path}: no {where} is refused by `{rule}`"


def _waiting() -> set[str]:
    """Return the rules that forbid only what no device can be asked for yet."""
    book = Shelf().rules
    words = Words(book.vocabulary.to_json())
    there = {name for name, action in book.vocabulary.actions.items() if action.kinds or action.never}
    return {
        name
        for name, rule in book.trees.items()
        if rule.effect == "forbid"
        and not any(one.action in there and fits(rule, one, words) for one in words.environments)
    }


def scenarios_without_origin(files: Iterable[File]) -> Iterator[str]:
    """Every scenario says which row of the mission it shows, and where the story comes from."""
    for file in files:
        document = yaml.safe_load(file.text)
        tags = document.get("tags") or []
        if not any(tag in MISSION_ROWS for tag in tags):
            yield f"{file.path} has no tag of the mission"
        for tag in tags:
            if re.fullmatch(r"[MX]\d+", tag) and tag not in MISSION_ROWS:
                yield f"{file.path}: `{tag}` is no row of the mission"
        if not document.get("source"):
            yield f"{file.path} does not say where it comes from"


def driven_from_afar(files: Iterable[File]) -> Iterator[str]:
    """Only a person at the wheel sets a car in motion: nothing else writes speed, gear or steering."""
    for file in files:
        if file.path in HANDS:
            continue
        for node in ast.walk(file.tree):
            for name in _written(node):
                if MOTION.match(name):
                    yield f"{file.path}:{getattr(node, 'lineno', 0)}: `{name}` is written"


def _written(node: ast.AST) -> Iterator[str]:
    """Yield the names that a piece of code gives a value: attributes, keywords and keys."""
    match node:
        case ast.Call(func=ast.Name(id=called)) if called in SENSED:
            return
        case ast.Call(func=ast.Name(id="setattr"), args=[_, ast.Constant(value=str(name)), *_]):
            yield name
        case ast.Call(func=function, keywords=keywords):
            called = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
            if called in {"replace", "change", "Change", "model_copy"} or called.endswith("Physical"):
                yield from (keyword.arg for keyword in keywords if keyword.arg)
        case ast.Dict(keys=keys):
            yield from (
                key.value for key in keys if isinstance(key, ast.Constant) and isinstance(key.value, str)
            )
        case ast.Assign(targets=targets):
            yield from (target.attr for target in targets if isinstance(target, ast.Attribute))
        case ast.AugAssign(target=ast.Attribute(attr=name)):
            yield name
        case _:
            return


def sleeps(files: Iterable[File]) -> Iterator[str]:
    """No test waits for a while instead of for something."""
    for file in files:
        for node in ast.walk(file.tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("sleep"):
                yield f"{file.path}:{node.lineno}: a test sleeps"


def machine_paths(files: Iterable[File]) -> Iterator[str]:
    """No file knows where it was written."""
    for file in files:
        for number, line in enumerate(file.text.splitlines(), start=1):
            found = MACHINE_PATH.search(line)
            if found:
                yield f"{file.path}:{number}: `{found[0]}…` is a path of one machine"


# --- the project keeps them --------------------------------------------------------------------------


def test_every_module_says_what_it_is() -> None:
    """Every module opens with a docstring."""
    assert list(without_docstring([*source(), *suite()])) == []


def test_every_function_fits_a_screen() -> None:
    """No function has more than 60 lines."""
    assert list(long_functions([*source(), *suite()])) == []


def test_every_module_is_of_a_size_to_read() -> None:
    """No module of the program is too long to be read at once."""
    assert list(long_files(source())) == []


def test_every_module_is_named_by_a_noun() -> None:
    """No module is called after what it is for instead of what it is."""
    assert list(names_without_a_noun([*source(), *suite()])) == []


def test_every_kind_of_device_is_tested_and_played() -> None:
    """A new kind of device needs its tests and a household or scenario that has one."""
    modules = [kind.__module__ for kind in kinds().values()]

    assert list(untested_kinds(modules, [file.path for file in suite()])) == []
    assert list(unused_kinds(kinds(), [*scenarios(), *_read("households")])) == []


def test_every_rule_is_tested_and_played() -> None:
    """A new rule needs a test, and if it forbids something a scenario that is refused by it."""
    rules = _read("sim/policy/rules", suffix=".cedar")

    assert list(untested_rules(rules, suite())) == []
    played = [*scenarios(), *_read("sim/policy/rules/tests")]
    assert list(unplayed_rules(rules, played, {*UNPLAYABLE, *_waiting()})) == []


def test_every_scenario_has_an_origin() -> None:
    """Every scenario has a tag of the mission, and a source."""
    assert list(scenarios_without_origin(scenarios())) == []


def test_no_message_drives_a_car() -> None:
    """No code but a person's hands at the wheel changes speed, gear or steering."""
    assert list(driven_from_afar(source())) == []


def test_no_test_sleeps() -> None:
    """Tests wait for conditions, never for time."""
    assert list(sleeps(suite())) == []


def test_no_file_names_a_path_of_one_machine() -> None:
    """What is shipped works wherever it lies."""
    assert list(machine_paths(_read("."))) == []


@pytest.mark.parametrize("words", [("--help",), ("run", "--help"), ("--version",)])
def test_help_does_not_wait_for_what_only_a_run_needs(words: tuple[str, ...]) -> None:
    """Asking for help imports none of the heavy libraries."""
    code = "from sim.shell.cli import main; main()"
    asked = subprocess.run(  # our own command
        [sys.executable, "-X", "importtime", "-c", code, *words],
        cwd=PROJECT,
        capture_output=True,
        check=True,
        text=True,
    )

    imported = {line.rpartition("|")[2].strip().split(".")[0] for line in asked.stderr.splitlines()}
    assert "click" in imported
    assert imported & HEAVY == set()


# --- the rules notice --------------------------------------------------------------------------------


def _planted(text: str, path: str = "sim/devices/planted.py") -> list[File]:
    return [File(path, text)]


LONG_FUNCTION = "def endless():\n" + "    pass\n" * FUNCTION_LINES_MAX
DRIVING = [
    "facts.speed_kmh = 5",
    "self.steering_angle_deg += 1",
    "setattr(facts, 'gear', message.gear)",
    "replace(facts, gear='D')",
    "yield Change(gear='D')",
    "yield Change({'speed_kmh': command.speed})",
    "truth.change('su7', {'gear': 'D'}, now_ms)",
    "facts.model_copy(update={'steering_deg': 3})",
]
WITHOUT_ORIGIN = [
    ("tags: [M01]\n", "does not say where it comes from"),
    ("source: x\n", "has no tag of the mission"),
    ("tags: [story]\nsource: x\n", "has no tag of the mission"),
    ("tags: [M01, M38]\nsource: x\n", "`M38` is no row of the mission"),
]


@pytest.mark.parametrize(
    ("complaints", "complaint"),
    [
        (without_docstring(_planted("x = 1")), "does not say what it is"),
        (long_functions(_planted(LONG_FUNCTION)), "`endless` has 61 lines"),
        (long_files(_planted("\n" * (FILE_LINES_MAX + 1))), f"has {FILE_LINES_MAX + 1} lines"),
        (names_without_a_noun(_planted("", "sim/devices/door_utils.py")), "`door_utils` does not say"),
        (names_without_a_noun(_planted("", "sim/common/doors.py")), "`common` does not say"),
        (untested_kinds(["sim.devices.kettle"], ["tests/devices/test_car.py"]), "test_kettle.py"),
        (unused_kinds(["kettle"], _planted("kind: kettledrum")), "no scenario has a `kettle`"),
        (untested_rules(_planted('@id("no-tea")'), _planted("no-tea")), "no test names `no-tea`"),
        (
            unplayed_rules(
                _planted('@id("no-tea")\n@reason("no (tea)")\nforbid ('), _planted("rule: no-teas")
            ),
            "no scenario is refused by `no-tea`",
        ),
        (
            unplayed_rules(
                _planted('@id("no-tea")\n@reason("no tea")\nforbid ('), _planted("rule: no-tea"), {"no-tea"}
            ),
            "no suite is refused by `no-tea`",
        ),
        (sleeps(_planted("time.sleep(1)")), "a test sleeps"),
        (sleeps(_planted("async def test():\n    await asyncio.sleep(0)")), "a test sleeps"),
        (machine_paths(_planted("see /" + "root/notes")), "is a path of one machine"),
        (machine_paths(_planted('"/' + 'tmp/x"')), "is a path of one machine"),
        *((driven_from_afar(_planted(text)), "is written") for text in DRIVING),
        *((scenarios_without_origin(_planted(text)), complaint) for text, complaint in WITHOUT_ORIGIN),
    ],
)
def test_rule_notices_a_violation(complaints: Iterator[str], complaint: str) -> None:
    """Each rule finds what was planted, and only that."""
    (found,) = complaints

    assert complaint in found


def test_driver_may_drive() -> None:
    """What a person does at the wheel, and what a sensor reports, is no violation."""
    hand = _planted("truth.change(car, {'gear': 'D'})", "sim/world/truth/people.py")
    assert list(driven_from_afar(hand)) == []
    assert list(driven_from_afar(_planted("Motion(gear=gear, speed_kmh=speed_kmh)"))) == []
