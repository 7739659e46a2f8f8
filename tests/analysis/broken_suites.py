"""Everything that can be wrong with the file of a suite."""

from typing import NamedTuple

from tests.analysis.small_suite import GOOD


class Broken(NamedTuple):
    """A way to break a suite.

    Attributes:
        old: text of the good suite.
        new: what stands there instead.
        spot: what is underlined, at its last place in the file.
        sentence: what is said about it.
        help_text: and what to do.
        code: what the mistake is called.
    """

    old: str
    new: str
    spot: str
    sentence: str
    help_text: str | None = None
    code: str = "PO103"


_NAME = "  - name: the family opens\n"
_EXPECT = 'expect: {family *: allow, "*": deny}'
_AFTER = f"{_EXPECT}\n"
_DELETE = "delete it, or name it"


def _also(*lines: str) -> str:
    """Return a second test, behind the good one."""
    return _AFTER + "".join(
        f"{'  - ' if number == 0 else '    '}{line}\n" for number, line in enumerate(lines)
    )


_ONE = ("name: one", "principal: lin", "action: unlock", "resource: Car::su7", "context: near")
_WITHOUT_FACTS = GOOD.replace("    context: near\n", "").replace(
    GOOD[GOOD.index("contexts:") : GOOD.index("groups:")], ""
)
_LOADING = (
    "name: one",
    "principal: lin",
    "action: load",
    "resource: Box::crate",
    "expect: allow",
)
_CRATE = ("groups:", "entities: {Box::crate: {weight: 1}}\ngroups:")


def _loading(context: str) -> tuple[str, str]:
    """Return a test with facts of every type, about a box that the suite brings."""
    text = GOOD.replace(*_CRATE).replace(_AFTER, _also(*_LOADING, f"context: {{{context}}}"))
    return GOOD, text


BROKEN = {
    # the form
    "unknown key": Broken("suite:", "site:", "site", "unknown key `site`", "did you mean `suite`?", "PO101"),
    "unknown key of a test": Broken(
        "resource:", "resorce:", "resorce", "unknown key `resorce`", "did you mean `resource`?", "PO101"
    ),
    "no title": Broken(
        "suite: the small home", "suite: ''", "suite", "`suite` is empty", help_text="say why"
    ),
    "no name": Broken(
        _NAME, "  -\n", "principals", "key `name` is missing in entry 1 of `tests`", code="PO102"
    ),
    "empty name": Broken("the family opens", "' '", "name", "`name` is empty", help_text="say why"),
    "no tests": Broken(
        GOOD[GOOD.index("tests:") :], "tests: []", "[]", "`tests` is a list of 0, expected at least 1"
    ),
    "name twice": Broken(
        _AFTER,
        _also("name: the family opens", *_ONE[1:], "expect: allow"),
        "the family opens",
        "there is already a test named `the family opens`",
        "the first one is on line 8",
        "PO202",
    ),
    "unknown key beside the others": Broken(
        "jun]", "jun]\n    expct: 1", "expct", "unknown key `expct`", "did you mean `expect`?", "PO101"
    ),
    "wrong answer": Broken(
        '"*": deny',
        '"*": denied',
        "denied",
        "`*` is `denied`, expected one of `allow`, `deny`, `error`",
        "did you mean `deny`?",
    ),
    "negative errors": Broken(
        _EXPECT, f"{_EXPECT}\n    errors: -1", "-1", "`errors` is `-1`, expected at least 0"
    ),
    # what is asked
    "no expect": Broken(
        f"    {_AFTER}", "", "the family opens", "a test has no `expect`", "say `expect: deny`", "PO102"
    ),
    "no principal": Broken(
        "    principals: [family, jun]\n",
        "",
        "the family opens",
        "a test has no `principal`",
        "say `principal: …`",
        "PO102",
    ),
    "one and several": Broken(
        "    actions:",
        "    action: heat\n    actions:",
        "actions",
        "`action` and `actions` do not go together",
        code="PO204",
    ),
    "empty matrix": Broken(
        "[unlock, start]", "[]", "actions", "`actions` is empty", code="PO102", help_text="name one"
    ),
    "empty value": Broken(
        "resource: Car::su7",
        "resource: ''",
        "resource",
        "`resource` is empty",
        help_text="fill it in, or delete it",
    ),
    "unknown action": Broken(
        "[unlock,",
        "[unlok,",
        "unlok",
        "there is no action `unlok`",
        "did you mean `unlock`?",
        "PO201",
    ),
    "unknown person": Broken(
        "family, jun", "family, jum", "jum", "there is no entity `jum`", "did you mean `jun`?", "PO201"
    ),
    "unknown entity": Broken(
        "Car::su7",
        "Car::su8",
        "Car::su8",
        "there is no entity `Car::su8`",
        "did you mean `Car::su7`?",
        "PO201",
    ),
    "unknown type": Broken(
        "Car::su7", "Cra::su7", "Cra::su7", "there is no entity type `Cra`", "did you mean `Car`?", "PO201"
    ),
    "no name at all": Broken(
        "Car::su7",
        "the car",
        "the car",
        "`the car` is not the name of an entity",
        "write a person as `lin`, others `Car::su7`",
        "PO203",
    ),
    "listed twice": Broken(
        "[family, jun]", "[family, jun, mei]", "mei", "`mei` stands here twice", code="PO008"
    ),
    "not asked of it": Broken(
        "Car::su7",
        "AirCooler::air_cooler",
        "AirCooler::air_cooler",
        "`unlock` is not asked of a `AirCooler`",
        "it is asked of: `Car`",
    ),
    "not asked by it": Broken(
        "principals: [family, jun]\n",
        "principals: [family, jun, Car::su7]\n",
        "[family, jun, Car::su7]",
        "`unlock` is not asked by a `Car`",
        "it is asked by: `Person`, `Stranger`",
    ),
    "group as one": Broken(
        _AFTER,
        _also(*_ONE, "expect: deny").replace("principal: lin", "principal: family"),
        "family",
        "`family` is a group, which only a list can have",
        "write `principals: [family]`",
    ),
    "action group as one": Broken(
        _AFTER,
        _also(*_ONE, "expect: deny").replace("action: unlock", "action: Access"),
        "Access",
        "`Access` is a group, which only a list can have",
        "write `actions: [Access]`",
    ),
    # groups, contexts and entities
    "group has the name of a person": Broken(
        "  family: [lin, mei]",
        "  family: [lin, mei]\n  lin: [jun]",
        "lin",
        "`lin` is a name already, so no group can have it",
        "choose another name",
        "PO202",
    ),
    "empty group": Broken(
        "[lin, mei]", "[]", "family", "group `family` is empty", code="PO102", help_text="name a member"
    ),
    "unused group": Broken(
        "  family: [lin, mei]",
        "  family: [lin, mei]\n  others: [tao]",
        "others",
        "no test uses the group `others`",
        _DELETE,
        "PO201",
    ),
    "unused context": Broken(
        "  near: {distance_cm: 200}",
        "  near: {distance_cm: 200}\n  far: {distance_cm: 201}",
        "far",
        "no test uses the context `far`",
        _DELETE,
        "PO201",
    ),
    "unused entity": Broken(
        "groups:",
        "entities: {Person::kim: {in: [guest]}}\ngroups:",
        "Person::kim",
        "no test uses the entity `Person::kim`",
        _DELETE,
        "PO201",
    ),
    "unknown context": Broken(
        "context: near", "context: [nea]", "nea", "there is no context `nea`", "did you mean `near`?", "PO201"
    ),
    "unknown fact of a layer": Broken(
        "{distance_cm: 200}",
        "{distanc_cm: 200}",
        "distanc_cm",
        "no action here knows the fact `distanc_cm`",
        "did you mean `distance_cm`?",
        "PO101",
    ),
    "fact that no action of the test knows": Broken(
        _AFTER,
        _also(
            "name: one",
            "principal: lin",
            "action: heat",
            "resource: Car::su7",
            "context: near",
            "expect: deny",
        ),
        "near",
        "no action here knows the fact `distance_cm` of `near`",
        "known here: `fresh`",
        "PO101",
    ),
    "fact written out that no action of the test knows": Broken(
        "context: near",
        "context: {distance: 1}",
        "distance",
        "no action here knows the fact `distance`",
        "did you mean `distance_cm`?",
        "PO101",
    ),
    "missing fact": Broken(
        "{fresh: true, seated: true}",
        "{fresh: true}",
        "context",
        "`seated` is missing for `start`",
        code="PO102",
        help_text="say `seated: …`, here or in a layer below",
    ),
    "missing fact without a context": Broken(
        GOOD,
        _WITHOUT_FACTS,
        "the family opens",
        "`fresh` is missing for `unlock`",
        code="PO102",
        help_text="say `fresh: …`, here or in a layer below",
    ),
    "wrong type in a layer": Broken(
        "fresh: true",
        "fresh: 1",
        "1",
        "`fresh` is `1`, expected `true` or `false`",
        help_text="write `true` or `false`",
    ),
    "text for a number": Broken(
        "{distance_cm: 200}",
        "{distance_cm: two}",
        "two",
        "`distance_cm` is `two`, expected a whole number",
        help_text="write a whole number",
    ),
    "fraction": Broken(
        "{distance_cm: 200}",
        "{distance_cm: 2.5}",
        "2.5",
        "`distance_cm` is `2.5`, expected a whole number",
        help_text="write a whole number",
    ),
    "truth for a number": Broken(
        "{distance_cm: 200}",
        "{distance_cm: true}",
        "true",
        "`distance_cm` is `true`, expected a whole number",
        help_text="write a whole number",
    ),
    "too large for YAML": Broken(
        "{distance_cm: 200}",
        "{distance_cm: 9223372036854775808}",
        "9223372036854775808",
        "`9223372036854775808` is too large a number to be kept exactly",
        "put it in quotes if it is text",
        "PO010",
    ),
    "too large for 64 bits": Broken(
        "{distance_cm: 200}",
        '{distance_cm: "9223372036854775808"}',
        '"9223372036854775808"',
        "`distance_cm` is `9223372036854775808`, which does not fit into 64 bits",
        "the largest is `9223372036854775807`",
        "PO010",
    ),
    "list for a number": Broken(
        "{distance_cm: 200}",
        "{distance_cm: [1]}",
        "[1]",
        "`distance_cm` is a list, expected a whole number",
        help_text="write a whole number",
    ),
    "number for text": Broken(
        *_loading("tags: [1]"), "1", "`an entry of tags` is `1`, expected text", 'put it in quotes: `"1"`'
    ),
    "one for several": Broken(
        *_loading("tags: a"), "a", "`tags` is `a`, expected a list", help_text="write a list"
    ),
    "unknown attribute of a record": Broken(
        *_loading("size: {width: 1, heigth: 2}"),
        "heigth",
        "`size` has no attribute `heigth`",
        "known here: `note`, `width`",
        "PO101",
    ),
    "missing attribute of a record": Broken(
        *_loading("size: {note: a}"),
        "{note: a}",
        "`width` is missing for `size`",
        code="PO102",
        help_text="say `width: …`, here or in a layer below",
    ),
    "keys for text": Broken(
        *_loading("size: {width: 1, note: {}}"),
        "{}",
        "`note` has keys with values, expected text",
        help_text="write text",
    ),
    "entity of another type": Broken(
        *_loading("sender: Car::su7"),
        "Car::su7",
        "`sender` is `Car::su7`, expected the name of a `Device`",
        help_text="write the name of a `Device`",
    ),
    "unknown attribute of an entity": Broken(
        "groups:",
        "entities: {Car::su7: {ownr: lin}}\ngroups:",
        "ownr",
        "a `Car` has no attribute `ownr`",
        "did you mean `owner`?",
        "PO101",
    ),
    "missing attribute of an entity": Broken(
        "groups:",
        "entities: {Device::ring: {kind: ring}}\ngroups:",
        "Device::ring",
        "`enrolled` is missing for `Device::ring`",
        code="PO102",
        help_text="say `enrolled: …`, here or in a layer below",
    ),
    "entity twice": Broken(
        "groups:",
        "entities: {Person::lin: {age: 40}, lin: {age: 41}}\ngroups:",
        "lin",
        "`lin` is the same entity as `Person::lin`",
        code="PO008",
        help_text="keep one of them",
    ),
    "entity in itself": Broken(
        "groups:",
        "entities: {Role::member: {in: [owner]}}\ngroups:",
        "Role::member",
        "`Role::member` is in itself",
    ),
    "in what holds nothing": Broken(
        "groups:", "entities: {lin: {in: [Car::su7]}}\ngroups:", "Car::su7", "a `Person` cannot be in a `Car`"
    ),
    "in anything": Broken(
        "groups:",
        "entities: {Car::su7: {in: [member]}}\ngroups:",
        "in",
        "a `Car` cannot be in anything",
        code="PO101",
    ),
    "in one": Broken(
        "groups:",
        "entities: {lin: {in: member}}\ngroups:",
        "member",
        "`in` is `member`, expected a list",
        help_text="write a list",
    ),
    # what is expected
    "outside the matrix": Broken(
        "{family *:",
        "{tao *: allow, family *:",
        "tao *",
        "`tao` is none of the principals of this test",
        "known here: `jun`, `lin`, `mei`",
        "PO201",
    ),
    "key of the wrong length": Broken(
        "{family *:",
        "{family: allow, family *:",
        "family",
        "key `family` names no case of this test",
        "write `principal action`, or `*`",
        "PO201",
    ),
    "key where nothing varies": Broken(
        _AFTER,
        _also(*_ONE, "expect: {lin unlock: allow}"),
        "lin unlock",
        "key `lin unlock` names no case of this test",
        "nothing varies in it",
        "PO201",
    ),
    "decided above": Broken(
        '"*": deny}',
        '"*": deny, lin start: allow}',
        "lin start",
        "`lin start` is about no case that is not decided above it",
        "delete it, or move it up",
        "PO201",
    ),
    "nothing said of a case": Broken(
        ', "*": deny}',
        "}",
        "expect",
        "`expect` says nothing of `jun unlock`",
        'add `"*": deny` as the last',
        "PO102",
    ),
    "empty map": Broken(
        _EXPECT,
        f"{_EXPECT}\n    because: {{}}",
        "{}",
        "a map from cases is empty",
        code="PO102",
        help_text='say `"*": deny`',
    ),
    "unknown rule": Broken(
        _EXPECT,
        f"{_EXPECT}\n    because: {{family *: [houshold]}}",
        "houshold",
        "there is no rule `houshold`",
        "did you mean `household`?",
        "PO201",
    ),
    "rule of the other effect": Broken(
        _EXPECT,
        f"{_EXPECT}\n    because: [household]",
        "household",
        "`household` is a permit, but `jun unlock` expects `deny`",
    ),
    "rule twice": Broken(
        _EXPECT,
        f"{_EXPECT}\n    because: {{family *: [household, household]}}",
        "household",
        "`household` stands here twice",
        code="PO008",
    ),
    "allowed by nothing": Broken(
        _EXPECT,
        f"{_EXPECT}\n    because: []",
        "[]",
        "`because` can never hold: some rule always determines an `allow`",
    ),
    "error because of a rule": Broken(
        _AFTER,
        _also(*_ONE, "expect: error", "because: [in-range]"),
        "[in-range]",
        "`because` can never hold: no rule determines an error",
    ),
    "error without errors": Broken(
        _AFTER,
        _also(*_ONE, "expect: error", "errors: 0"),
        "0",
        "`errors: 0` can never hold where `error` is expected",
    ),
    "allow with errors": Broken(
        _AFTER,
        _also(*_ONE, "expect: allow", "errors: 1"),
        "1",
        "`errors: 1` can never hold where `allow` is expected",
    ),
    "skipped for no reason": Broken(
        _EXPECT, f"{_EXPECT}\n    skip: ''", "skip", "`skip` is empty", help_text="fill it in, or delete it"
    ),
    "to do for no reason": Broken(
        _EXPECT, f"{_EXPECT}\n    todo: ' '", "todo", "`todo` is empty", help_text="fill it in, or delete it"
    ),
    "skipped and to do": Broken(
        _EXPECT,
        f"{_EXPECT}\n    skip: a\n    todo: b",
        "todo",
        "`skip` and `todo` do not go together",
        code="PO204",
        help_text="keep one",
    ),
    # listings
    "listing with an answer": Broken(
        _AFTER,
        _also("name: who", "who-can: {action: heat, resource: Car::su7, are: [lin]}", "expect: allow"),
        "expect",
        "`expect` does not go with `who-can`",
        code="PO204",
    ),
    "listing without names": Broken(
        _AFTER,
        _also("name: who", "who-can: {action: heat, resource: Car::su7}"),
        "who-can",
        "key `are` is missing in `who-can`",
        code="PO102",
    ),
    "listing of what is not tried": Broken(
        _AFTER,
        _also("name: what", "what-can: {principal: lin, resource: Car::su7, are: [load]}"),
        "[load]",
        "`load` is none of what is tried here",
        "known here: `heat`, `start`, `unlock`",
    ),
    "listing of nothing": Broken(
        _AFTER,
        _also("name: what", "what-can: {principal: lin, resource: Device::phone, are: []}"),
        "Device::phone",
        "no action is asked by a `Person` of a `Device`",
        code="PO201",
    ),
    "who by a listed name": Broken(
        _AFTER,
        _also("name: who", "who-can: {action: heat, resource: Car::su7, are: [lin, Stranger::mallory]}"),
        "[lin, Stranger::mallory]",
        "`Stranger::mallory` is none of what is tried here",
        "known here: `jun`, `lin`, `mei`, `tao`",
    ),
}
"""Every kind of mistake, by what it is."""
