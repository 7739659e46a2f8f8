"""Tables of sentences: how they are read, and how what becomes of a sentence is written in one."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from sim.core.asking import Ask
from sim.services.voice.assistant import Assistant
from sim.services.voice.replies import AnyAct, Button, Heard, Understood
from sim.services.voice.speech import Language
from tests.services.talking_household import listening, talking_household

WAKE_WORDS: dict[Language, str] = {"en": "Hey Xiaomi, ", "zh": "小爱同学，"}
OUTCOMES = ("do", "ask", "code")


@dataclass(frozen=True, slots=True)
class Row:
    """One sentence of a table.

    Attributes:
        say: the words after the wake word.
        outcome: `do`, `ask` or `code`.
        expected: what it must be, as `outcome_of` writes it.
        microphone: the device that hears it.
    """

    say: str
    outcome: str
    expected: list[str]
    microphone: str


def rows(name: str) -> list[Row]:
    """Return the rows of a table beside this file; a row that is not as it must be is an error."""
    text = Path(__file__).with_name(name).read_text(encoding="utf-8")
    return [_row(row) for row in yaml.safe_load(text)]


def _row(row: dict[str, Any]) -> Row:
    (outcome,) = [key for key in row if key in OUTCOMES]
    assert set(row) <= {"say", "from", outcome}, f"{row} has a key that no row has"
    expected = row[outcome]
    return Row(
        row["say"], outcome, [expected] if isinstance(expected, str) else expected, row.get("from", "phone")
    )


def outcome_of(heard: Heard, microphone: str = "phone") -> tuple[str, list[str]]:
    """Return what became of a sentence as a table has it."""
    if not isinstance(heard, Understood):
        return "code", [heard.code]
    if heard.asked:
        return "ask", list(heard.asked)
    return "do", [_written(act, microphone) for act in heard.acts]


def _written(act: AnyAct, microphone: str) -> str:
    """Return an act as `device.command` and its arguments, sorted by their names."""
    if isinstance(act, Button):
        device, command, arguments = microphone, act.verb, act.arguments
    else:
        assert isinstance(act, Ask)
        device, command, arguments = act.target(), act.action(), act.arguments()
    values = (f"{name}={_value(arguments[name])}" for name in sorted(arguments))
    return " ".join((f"{device}.{command}", *values))


def _value(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def mistakes(assistant: Assistant, language: Language, table: list[Row]) -> Iterator[str]:
    """Yield a line for every sentence that does not become what its row says."""
    for row in table:
        heard = assistant.hear(
            WAKE_WORDS[language] + row.say, language=language, listening=listening(row.microphone)
        )
        got = outcome_of(heard, row.microphone)
        if got != (row.outcome, row.expected):
            yield f"{row.say}: expected {row.outcome} {row.expected}, got {got[0]} {got[1]}"


def count(table: list[Row]) -> Counter[str]:
    """Return how many sentences a table has: of all, and of those after which nothing happens."""
    return Counter({"all": len(table), "nothing": sum(row.outcome == "code" for row in table)})


def main() -> None:
    """Print how many sentences of each table become what their rows say."""
    assistant = Assistant(talking_household())
    for path in sorted(Path(__file__).parent.glob("voice_*.yaml")):
        language: Language = "zh" if path.stem.endswith("zh") else "en"
        table = rows(path.name)
        right = len(table) - len(list(mistakes(assistant, language, table)))
        print(f"{path.name:<24} {right:>4} of {len(table):>4}  {right / len(table):.1%}")  # noqa: T201


if __name__ == "__main__":
    main()
