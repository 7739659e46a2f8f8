"""`carhome schema`: the JSON Schemas of every sort of file that people write, as editors read them."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from sim.analysis.properties.claims import claims_schema
from sim.analysis.suites.reading import suite_schema
from sim.policy.foreseen import vocabulary_schema
from sim.scenario.grammar import json_schema
from sim.scenario.households import household_schema
from sim.world.kinds import kinds

SCHEMAS: Mapping[str, Callable[[], dict[str, Any]]] = {
    "scenario": json_schema,
    "household": lambda: household_schema(kinds()),
    "suite": suite_schema,
    "claims": claims_schema,
    "vocabulary": vocabulary_schema,
}
"""What `carhome schema` takes, with what makes the schema."""


def schema_text(what: str) -> str:
    """Return the schema of a sort of files, one of `SCHEMAS`, as indented JSON."""
    return json.dumps(SCHEMAS[what](), indent=2, ensure_ascii=False) + "\n"
