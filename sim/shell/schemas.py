"""`carhome schema`: the JSON Schemas of scenario and household files, as editors read them."""

import json
from typing import Any

from sim.devices import kinds
from sim.scenario.grammar import json_schema
from sim.scenario.households import household_schema


def schema_text(what: str) -> str:
    """Return the schema of `scenario` or `household` files as indented JSON."""
    schema: dict[str, Any] = json_schema() if what == "scenario" else household_schema(kinds())
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
