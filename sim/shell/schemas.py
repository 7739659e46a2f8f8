"""`carhome schema`: the JSON Schemas of every sort of file that people write, as editors read them."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from sim.analysis.properties.claims import claims_schema
from sim.analysis.suites.reading import suite_schema
from sim.core.vehicle import VehicleModel
from sim.documents.shape import editor_schema
from sim.policy.foreseen import vocabulary_schema
from sim.scenario.grammar import json_schema
from sim.scenario.households import as_written, household_schema
from sim.world.kinds import kinds

SCHEMAS: Mapping[str, Callable[[], dict[str, Any]]] = {
    "scenario": json_schema,
    "household": lambda: household_schema(kinds()),
    "suite": suite_schema,
    "claims": claims_schema,
    "vocabulary": vocabulary_schema,
    "vehicle": lambda: dict(as_written(editor_schema(VehicleModel, "A model of a car for carhome"))),
}
"""What `carhome schema` takes, with what makes the schema."""


def schema_text(what: str) -> str:
    """Return the schema of a sort of files, one of `SCHEMAS`, as indented JSON."""
    return json.dumps(SCHEMAS[what](), indent=2, ensure_ascii=False) + "\n"
