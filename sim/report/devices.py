"""The kinds of devices for people and machines: what each reports, obeys, does, and may be told."""

from typing import Any, get_type_hints

from sim.core.device import Config, Device
from sim.policy.schema import Vocabulary
from sim.report.folding import fold
from sim.report.style import Style
from sim.scenario.facts import facet_fields, physical_fields
from sim.scenario.values import value_type


def describe_kind(kind: type[Device]) -> dict[str, Any]:
    """Return everything there is to know about a kind, as JSON values."""
    vocabulary = Vocabulary.of([kind])
    facts = {name: fact for action in vocabulary.actions.values() for name, fact in action.facts.items()}
    return {
        "kind": kind.kind,
        "what": (kind.__doc__ or "").strip().split("\n")[0],
        "config": _config(kind.Config),
        "given": sorted({*kind.settable(), *(name for name, _, _ in physical_fields(kind))}),
        "physical": {name: value_type(hint).name for name, _, hint in physical_fields(kind)},
        "reports": {name: value_type(hint).name for name, _, hint in facet_fields(kind)},
        "commands": [
            {
                "action": command.action,
                "what": (command.__doc__ or "").strip().split("\n")[0],
                "groups": list(vocabulary.actions[command.action].groups),
                "allowed": command.tier,
                "near": command.near,
                "arguments": [field.alias or name for name, field in command.model_fields.items()],
            }
            for command in kind.commands
        ],
        "tells_rules": {
            name: fact["type"] if fact["required"] else f"{fact['type']}, or absent"
            for name, fact in facts.items()
        },
        "acts": [
            {
                "verb": act.verb,
                "what": (act.__doc__ or "").strip().split("\n")[0],
                "with": [field.alias or name for name, field in act.model_fields.items()],
            }
            for act in kind.acts
        ],
        "reads": list(kind.reads),
        "asks": list(kind.asks),
    }


def kind_lines(described: dict[str, Any], style: Style) -> str:
    """Return a described kind for people."""
    lines = [f"{style.strong}{described['kind']}{style.end}  {described['what']}"]
    for title, key in (("physical", "physical"), ("reports", "reports")):
        for name, what in described[key].items():
            lines.append(f"  {style.faint}{title:<9}{style.end}{name}: {what}")
    for command in described["commands"]:
        when = {"parked": "only parked", "anytime": "any time", "never": "never"}[command["allowed"]]
        near = ", only near" if command["near"] else ""
        arguments = f"({', '.join(command['arguments'])})"
        lines.append(f"  {style.faint}command  {style.end}{command['action']}{arguments}: {when}{near}")
        lines += fold(f"in {', '.join(command['groups'])}", " " * 13) if command["groups"] else []
    for name, what in described["tells_rules"].items():
        lines.append(f"  {style.faint}tells    {style.end}rules {name}: {what}")
    lines += [
        f"  {style.faint}act      {style.end}{act['verb']}({', '.join(act['with'])})"
        for act in described["acts"]
    ]
    return "\n".join(lines)


def _config(config: type[Config]) -> dict[str, str]:
    hints = get_type_hints(config, include_extras=True)
    return {field.alias or name: value_type(hints[name]).name for name, field in config.model_fields.items()}
