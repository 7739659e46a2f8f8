"""Files that cannot be: each is refused with one sentence at its place, and nothing of it is run."""

from dataclasses import replace
from typing import TypeAlias

import pytest

from sim.core.errors import HouseholdError, ScenarioError
from sim.scenario.cases import MASK
from sim.scenario.loading import load_scenario
from tests.scenario.stories import HEAD, KINDS, STEPS, WANG, House, load, refusal

Mistake: TypeAlias = tuple[str, str, int, int, str]
"""A part of a file, the code, line and column of its error, and the sentence."""

KEY = "  - do: watch.unlock\n    with: {car: su7}\n    as: key\n"
"""A step, on lines 4 to 6, that names a command."""

STEP_MISTAKES: list[Mistake] = [
    ("  - expcet: {su7.locked: true}\n", "SC101", 4, 5, "unknown verb `expcet`"),
    (
        "  - expect: {su7.locked: true}\n    do: lin.walk\n",
        "SC103",
        5,
        5,
        "a step has one verb, but here are `expect` and `do`",
    ),
    ("  - {}\n", "SC103", 4, 5, "a step is a mapping with one verb"),
    ("  - wait a bit\n", "SC103", 4, 5, "a step is a mapping with one verb"),
    ("  - expect: {su7.locked: true}\n    witin: 5s\n", "SC101", 5, 5, "unknown key `witin`"),
    ("  - do: wacth.unlock\n    with: {car: su7}\n", "SC201", 4, 9, "there is no `wacth` in household wang"),
    ("  - do: watch.unlok\n    with: {car: su7}\n", "SC201", 4, 9, "`watch` has no verb `unlok`"),
    ("  - do: su7.drive\n", "SC201", 4, 9, "`su7` has no verb `drive`"),
    ("  - do: unlock\n", "SC103", 4, 9, "`unlock` is not who and what, such as `watch.unlock`"),
    ("  - do: watch.unlock\n", "SC102", 4, 9, "key `car` is missing in `watch.unlock`"),
    ("  - do: watch.unlock\n    with: {}\n", "SC102", 5, 5, "key `car` is missing in `with`"),
    ("  - do: watch.unlock\n    with: {car: su7, dor: left}\n", "SC101", 5, 22, "unknown key `dor`"),
    ("  - do: watch.unlock\n    with: {car: su8}\n", "SC201", 5, 17, "`su8` is no car of household wang"),
    (
        "  - do: watch.unlock\n    with: {car: heater}\n",
        "SC201",
        5,
        17,
        "`heater` is no car of household wang",
    ),
    (
        "  - do: phone.set_consent\n    with: {camera: camera, person: nobody, granted: true}\n",
        "SC201",
        5,
        36,
        "`nobody` is no person of household wang",
    ),
    (
        "  - do: phone.set_consent\n    with: {camera: camera, person: none, granted: true}\n",
        "SC201",
        5,
        36,
        "`none` is no person of household wang",
    ),
    (
        "  - do: lin.goes_into\n    with: {room: bedroom, home: su7}\n",
        "SC201",
        5,
        33,
        "`su7` is no home of household wang",
    ),
    (
        "  - do: lin.goes_into\n    with: {room: attic}\n",
        "SC201",
        5,
        18,
        "`attic` is no room of household wang",
    ),
    (
        "  - do: lin.switches_lamp\n    with: {lamp: on, room: home}\n",
        "SC201",
        5,
        28,
        "`home` is no room of household wang",
    ),
    (
        "  - expect: {su7.locked: true}\n    within: 5s\n    unless: [denied]\n",
        "SC204",
        6,
        5,
        "`unless` is about a command, and none is expected here",
    ),
    (
        "  - never: {su7.locked: false}\n    for: 401 d\n",
        "SC103",
        5,
        10,
        "`401 d` is above the largest duration there can be, 400 d",
    ),
    (
        "  - do: mallory.publish\n    with: {topic: carhome/+/online}\n",
        "SC103",
        5,
        19,
        "`topic` is `carhome/+/online`, expected text of the form `^[^+#]+$`",
    ),
    ("  - do: lin.walk\n    with: {to: moon}\n", "SC201", 5, 16, "`moon` is no place of household wang"),
    (
        "  - do: lin.walk\n    with: {to: su7, until: 2}\n",
        "SC103",
        5,
        28,
        "`2` has no unit, write a distance as `20 m`",
    ),
    (
        "  - do: lin.walk\n    with: {to: su7, until: 2 °C}\n",
        "SC103",
        5,
        28,
        "`°C` is not a unit of distance; use one of `m`, `cm`, `mm`, `km`",
    ),
    (
        "  - do: phone.set_climate\n    with: {device: heater, target: 90 °C}\n",
        "SC103",
        5,
        36,
        "`target` is `90 °C`, expected at most 30",
    ),
    (
        "  - do: phone.set_climate\n    with: {device: heater, mode: hot}\n",
        "SC103",
        5,
        34,
        "`mode` is `hot`, expected one of `off`, `heat`, `cool`",
    ),
    (
        "  - do: dash.lock\n    with: {car: su7}\n    by: alice\n",
        "SC201",
        6,
        9,
        "`alice` is no person of household wang",
    ),
    (
        "  - do: dash.lock\n    with: {car: su7}\n    by: none\n",
        "SC201",
        6,
        9,
        "`none` is no person of household wang",
    ),
    (
        "  - do: lin.walk\n    with: {to: su7}\n    by: mei\n",
        "SC204",
        6,
        5,
        "`by` says who uses a device, and `lin` acts without one",
    ),
    (
        "  - do: watch.unlock\n    with: {car: su7}\n    as: Key 1\n",
        "SC103",
        6,
        9,
        "`Key 1` is not a name: 1 to 32 of a-z, 0-9 and _, beginning with a letter",
    ),
    (
        "  - do: phone.ask\n    with: {device: heater, action: set_climat}\n",
        "SC201",
        5,
        36,
        "`heater` has no action `set_climat`",
    ),
    (
        "  - do: phone.ask\n    with: {device: mallory, action: wind}\n",
        "SC201",
        5,
        37,
        "`mallory` has no action `wind`",
    ),
    (
        "  - do: phone.ask\n    with: {device: heater, action: set_climate, arguments: {mode: hot}}\n",
        "SC103",
        5,
        67,
        "`mode` is `hot`, expected one of `off`, `heat`, `cool`",
    ),
    (
        "  - do: phone.ask\n    with: {device: camera, action: set_consent}\n",
        "SC102",
        5,
        36,
        "key `person` is missing in `set_consent`",
    ),
    ("  - expect: {su7.lokced: true}\n", "SC201", 4, 14, "`su7` has no fact `lokced`"),
    (
        "  - expect: {su8.locked: true}\n",
        "SC201",
        4,
        14,
        "`su8` is neither in the household nor a command named by `as`",
    ),
    (
        "  - expect: {key: done}\n  - do: watch.unlock\n    with: {car: su7}\n    as: key\n",
        "SC201",
        4,
        14,
        "`key` is named only later, on line 7",
    ),
    (
        "  - do: watch.unlock\n    with: {car: su7}\n    as: phone\n",
        "SC202",
        6,
        9,
        "`phone` already means something else in a condition",
    ),
    (
        "  - do: watch.unlock\n    with: {car: su7}\n    as: rule\n",
        "SC202",
        6,
        9,
        "`rule` already means something else in a condition",
    ),
    (
        "  - expect: {rule: key-in-range}\n",
        "SC204",
        4,
        14,
        "`rule` is about a denied command, and here are 0 commands",
    ),
    ("  - expect: {su7: true}\n", "SC201", 4, 14, "`su7` is not a fact itself"),
    ("  - expect: {su7.believes: true}\n", "SC201", 4, 14, "`su7` has no fact `believes`"),
    ("  - expect: {heater.shows.su7.locked: true}\n", "SC201", 4, 14, "`heater` has no fact `su7`"),
    ("  - expect: {phone.shows.su7.lokced: true}\n", "SC201", 4, 14, "`phone` has no fact `lokced`"),
    ("  - expect: {phone.shows.su8.locked: true}\n", "SC201", 4, 14, "`phone` has no fact `su8`"),
    ("  - expect: {phone.believes.su7: true}\n", "SC201", 4, 14, "`phone.believes.su7` is not a fact itself"),
    ("  - expect: {phone.shows.su7.online.age: 5 s}\n", "SC201", 4, 14, "`phone` has no fact `online.age`"),
    (
        "  - expect: {home.kitchen.temperature: 20 °C}\n",
        "SC201",
        4,
        14,
        "`home` has no fact `kitchen.temperature`",
    ),
    ("  - expect: {weather.wind: 20 °C}\n", "SC201", 4, 14, "`weather` has no fact `wind`"),
    ("  - expect: {lin.mood: good}\n", "SC201", 4, 14, "`lin` has no fact `mood`"),
    (
        "  - expect: {su7.locked: }\n",
        "SC103",
        4,
        14,
        "`su7.locked`: no value stands here, expected `true` or `false`",
    ),
    (
        "  - expect: {su7.gear: []}\n",
        "SC103",
        4,
        24,
        "`su7.gear`: no value stands here, expected one of `P`, `R`, `N`, `D`",
    ),
    (
        "  - expect: {su7.gear: {is: P}}\n",
        "SC103",
        4,
        24,
        "`su7.gear`: no value stands here, expected one of `P`, `R`, `N`, `D`",
    ),
    ("  - expect: {su7.locked: 5}\n", "SC103", 4, 26, "`su7.locked`: `5` is not `true` or `false`"),
    ("  - expect: {su7.locked: yes}\n", "SC103", 4, 26, "`su7.locked`: `yes` is not `true` or `false`"),
    ("  - expect: {su7.gear: X}\n", "SC103", 4, 24, "`su7.gear`: `X` is not one of `P`, `R`, `N`, `D`"),
    ("  - expect: {su7.gear: true}\n", "SC103", 4, 24, "`su7.gear`: `true` is not one of `P`, `R`, `N`, `D`"),
    (
        "  - expect: {camera.pictures: true}\n",
        "SC103",
        4,
        31,
        "`camera.pictures`: `true` is not a number without a unit",
    ),
    (
        "  - expect: {camera.pictures: many}\n",
        "SC103",
        4,
        31,
        "`camera.pictures`: `many` is not a number without a unit",
    ),
    (
        "  - expect: {camera.pictures: '>= nan'}\n",
        "SC103",
        4,
        31,
        "`camera.pictures`: `nan` is not a number without a unit",
    ),
    (
        "  - expect: {camera.pictures: '> 5 m'}\n",
        "SC103",
        4,
        31,
        "`camera.pictures`: `5 m` is not a number without a unit",
    ),
    ("  - expect: {dash.driver_display: 5}\n", "SC103", 4, 35, "`dash.driver_display`: `5` is not text"),
    (
        "  - expect: {heater.room: 20}\n",
        "SC103",
        4,
        27,
        "`heater.room`: `20` has no unit, write a temperature as `20 °C`",
    ),
    (
        "  - expect: {heater.room: '>= 20'}\n",
        "SC103",
        4,
        27,
        "`heater.room`: `20` has no unit, write a temperature as `20 °C`",
    ),
    (
        "  - expect: {heater.room: '>= 20 m'}\n",
        "SC103",
        4,
        27,
        "`heater.room`: `m` is not a unit of temperature; use one of `°C`, `C`, `K`, `°F`",
    ),
    (
        "  - expect: {heater.room: -300 °C}\n",
        "SC103",
        4,
        27,
        "`heater.room`: `-300 °C` is below the least temperature there is, -273.15 °C",
    ),
    (
        "  - expect: {su7.gear: '> P'}\n",
        "SC103",
        4,
        24,
        "`su7.gear`: `>` compares quantities, but this is one of `P`, `R`, `N`, `D`",
    ),
    (
        "  - expect: {su7.position: home}\n",
        "SC103",
        4,
        28,
        "`su7.position`: `home` is not `changed`: a position is only compared with itself",
    ),
    (
        "  - expect: {heater.room: 22..20 °C}\n",
        "SC103",
        4,
        27,
        "`heater.room`: `22..20 °C` is empty: a range begins with its lower end",
    ),
    (
        "  - expect: {su7.driver: alice}\n",
        "SC103",
        4,
        26,
        "`su7.driver`: `alice` is not one of `lin`, `mei`, `tao`, `jun`, `none`",
    ),
    ("  - expect: {}\n", "SC103", 4, 13, "`expect` has 0 keys, expected at least 1"),
    (
        "  - expect: su7.locked\n",
        "SC103",
        4,
        13,
        "`expect` is `su7.locked`, expected keys with values, such as `key: value`",
    ),
    (
        "  - advance: -5 s\n",
        "SC103",
        4,
        14,
        "`-5 s` is below the least duration there is, 0 ms, or keys with values, such as `key: value`",
    ),
    (
        "  - advance: 5\n",
        "SC103",
        4,
        14,
        "`5` has no unit, write a duration as `20 ms`, or keys with values, such as `key: value`",
    ),
    (
        "  - advance: 5s\n    within: 6s\n",
        "SC204",
        5,
        5,
        "`within` belongs to `advance: {until: …}`; a plain advance lasts as long as it says",
    ),
    ("  - never: {su7.locked: false}\n    within: 6s\n", "SC101", 5, 5, "unknown key `within`"),
    ("  - advance: {until: {}}\n", "SC103", 4, 22, "`until` has 0 keys, expected at least 1"),
    ("  - advance: {unitl: {su7.locked: true}}\n", "SC101", 4, 15, "unknown key `unitl`"),
    (
        "  - fault: {link: phone, crash: su7, loss: 5 %}\n",
        "SC204",
        4,
        26,
        "one fault breaks one thing, but here are `link` and `crash`",
    ),
    ("  - fault: {for: 5s}\n", "SC102", 4, 5, "it is not said what breaks"),
    ("  - fault: {crash: su8}\n", "SC201", 4, 20, "`su8` is no device of household wang"),
    ("  - fault: {crash: su7.bodi}\n", "SC201", 4, 20, "`bodi` is no controller of su7"),
    ("  - fault: {crash: phone.body}\n", "SC201", 4, 20, "`body` is no controller of phone"),
    ("  - fault: {jam: su7.loked}\n", "SC201", 4, 18, "`loked` is no physical fact of su7"),
    ("  - fault: {sensor: phone}\n", "SC103", 4, 21, "it is not said which part of phone"),
    ("  - fault: {link: phone, for: 5s}\n", "SC102", 4, 13, "it is not said what is wrong with the link"),
    (
        "  - fault: {link: phone, partition: true, loss: 5 %}\n",
        "SC204",
        4,
        43,
        "a link that is cut has no `loss`",
    ),
    (
        "  - fault: {link: phone, partition: true, direction: out}\n",
        "SC204",
        4,
        43,
        "a link that is cut has no `direction`",
    ),
    (
        "  - fault: {crash: phone, loss: 5 %}\n",
        "SC204",
        4,
        27,
        "`loss` belongs to a fault of `link`, not of `crash`",
    ),
    (
        "  - fault: {link: phone, loss: 5 %, ahead: 5s}\n",
        "SC204",
        4,
        37,
        "`ahead` belongs to a fault of `clock`, not of `link`",
    ),
    ("  - fault: {clock: phone}\n", "SC204", 4, 13, "a clock is either `ahead` or `behind`"),
    (
        "  - fault: {clock: phone, ahead: 5s, behind: 5s}\n",
        "SC204",
        4,
        38,
        "a clock is either `ahead` or `behind`",
    ),
    ("  - fault: {link: phone, loss: 101 %}\n", "SC103", 4, 32, "`loss` is `101 %`, expected at most 100"),
    (
        "  - fault: {link: phone, loss: 10 %, direction: up}\n",
        "SC103",
        4,
        49,
        "`direction` is `up`, expected one of `both`, `out`, `in`",
    ),
    ("  - say: hello\n    by: lin\n    from: heater\n", "SC201", 6, 11, "`heater` is no device that listens"),
    (
        "  - say: hello\n    by: alice\n    from: dash\n",
        "SC201",
        5,
        9,
        "`alice` is no person of household wang",
    ),
    ("  - say: hello\n    from: dash\n", "SC102", 4, 5, "key `by` is missing in `say`"),
    (
        "  - say: hello\n    by: lin\n    from: dash\n    lang: fr\n",
        "SC103",
        7,
        11,
        "`lang` is `fr`, expected one of `en`, `zh`",
    ),
    ("  - advance: $x\n", "SC201", 4, 14, "`$x` has no value in `cases` or `matrix`"),
]

COMMAND_MISTAKES: list[Mistake] = [
    ("  - expect: {key: denied, rule: key-in-rnage}\n", "SC201", 7, 33, "there is no rule `key-in-rnage`"),
    ("  - expect: {key: denied, kind: forbiden}\n", "SC201", 7, 33, "there is no kind `forbiden`"),
    ("  - expect: {key: denied, layer: keys}\n", "SC201", 7, 34, "there is no layer `keys`"),
    ("  - expect: {key: denied, layer: rate}\n", "SC201", 7, 34, "there is no layer `rate`"),
    ("  - expect: {key: denied, code: 5}\n", "SC103", 7, 33, "`code` is text"),
    (
        "  - expect: {key: done, code: TOO_FAR}\n",
        "SC103",
        7,
        14,
        "`key` must be `denied` for a rule or reason to be expected",
    ),
    (
        "  - expect: {code: TOO_FAR}\n",
        "SC204",
        7,
        14,
        "`code` is about a denied command, and here are 0 commands",
    ),
    (
        "  - do: watch.unlock\n    with: {car: su7}\n    as: layer\n",
        "SC202",
        9,
        9,
        "`layer` already means something else in a condition",
    ),
    (
        "  - expect: {kye: done}\n",
        "SC201",
        7,
        14,
        "`kye` is neither in the household nor a command named by `as`",
    ),
    (
        "  - do: watch.unlock\n    with: {car: su7}\n    as: key\n",
        "SC202",
        9,
        9,
        "`key` was already named on line 6",
    ),
    ("  - expect: {key.status: done}\n", "SC201", 7, 14, "`key` is a command, and has no facts"),
    ("  - expect: {key: don}\n", "SC103", 7, 19, "`don` is nothing a command can be"),
    ("  - expect: {key: [done, no]}\n", "SC103", 7, 26, "`no` is nothing a command can be"),
    ("  - expect: {key: {a: 1}}\n", "SC103", 7, 19, "`{a: 1}` is nothing a command can be"),
    ("  - expect: {key: }\n", "SC103", 7, 14, "`key` is nothing a command can be"),
    (
        (
            "  - do: watch.unlock\n    with: {car: su7}\n    as: two\n "
            " - expect: {key: denied, two: denied, rule: key-in-range}\n"
        ),
        "SC204",
        10,
        40,
        "`rule` is about a denied command, and here are 2 commands",
    ),
    (
        "  - expect: {key: done, rule: key-in-range}\n",
        "SC103",
        7,
        14,
        "`key` must be `denied` for a rule or reason to be expected",
    ),
    ("  - expect: {key: denied, article: 000}\n", "SC103", 7, 36, "`article` is text"),
    (
        "  - expect: {key: done}\n    unless: [denyed]\n",
        "SC103",
        8,
        14,
        (
            "entry 1 of `unless` is `denyed`, expected one of `accepted`, "
            "`waking`, `forwarded`, `done`, `denied`, `expired`, `failed`"
        ),
    ),
]

HEAD_MISTAKES: list[Mistake] = [
    ("stesp: []\n", "SC101", 3, 1, "unknown key `stesp`"),
    (
        "start: 2026-01-12T07:30:00\n",
        "SC103",
        3,
        8,
        (
            "`start` is `2026-01-12T07:30:00`, expected a time "
            "with its zone, such as `2026-01-12T17:40:00+08:00`"
        ),
    ),
    (
        "start: 1768203000\n",
        "SC103",
        3,
        8,
        "`start` is `1768203000`, expected a time such as `2026-01-12T17:40:00+08:00`",
    ),
    (
        "start: 2026-01-12\n",
        "SC103",
        3,
        8,
        "`start` is `2026-01-12`, expected a time with its zone, such as `2026-01-12T17:40:00+08:00`",
    ),
    ("seed: many\n", "SC103", 3, 7, "`seed` is `many`, expected a whole number"),
    ("seed: true\n", "SC103", 3, 7, "`seed` is `true`, expected a whole number"),
    ("seed: -1\n", "SC103", 3, 7, "`seed` is `-1`, expected at least 0"),
    ("needs: [permission]\n", "SC103", 3, 9, "entry 1 of `needs` is `permission`, expected `permissions`"),
    ("given: {su8: {locked: true}}\n", "SC201", 3, 9, "there is no `su8` in household wang"),
    ("given: {su7: {loked: true}}\n", "SC201", 3, 15, "`su7` has no `loked` that can be given"),
    (
        "given: {su7: {driver: alice}}\n",
        "SC103",
        3,
        23,
        "`driver` is `alice`, expected one of `lin`, `mei`, `tao`, `jun`, `none`",
    ),
    ("given: {weather: {wind: 3}}\n", "SC201", 3, 19, "`weather` has no `wind` that can be given"),
    ("given: {weather: {outdoor: 99 °C}}\n", "SC103", 3, 28, "`outdoor` is `99 °C`, expected at most 60"),
    ("given: {home: {kitchen: {lamp: on}}}\n", "SC201", 3, 16, "`home` has no `kitchen` that can be given"),
    (
        "given: {home: {bedroom: 20 °C}}\n",
        "SC103",
        3,
        25,
        "`bedroom` is `20 °C`, expected keys with values, such as `key: value`",
    ),
    (
        "given: {home: {bedroom: {light: on}}}\n",
        "SC201",
        3,
        26,
        "`home.bedroom` has no `light` that can be given",
    ),
    (
        "given: {home: {bedroom: {lamp: dim}}}\n",
        "SC103",
        3,
        32,
        "`lamp` is `dim`, expected one of `on`, `off`",
    ),
    ("given: {lin: {mood: good}}\n", "SC201", 3, 15, "`lin` has no `mood` that can be given"),
    (
        "given: {lin: {at: moon}}\n",
        "SC103",
        3,
        19,
        (
            "`at` is `moon`, expected one of `home`, `office`, `badaling`"
            ", `zhangjiakou`, `hohhot`, `xilinhot`, `kinmen`"
        ),
    ),
    (
        "given: {lin: {from_su7: 80 m, from_home: 5 m}}\n",
        "SC202",
        3,
        31,
        "where `lin` is, is already said by `from_su7`",
    ),
    (
        "given: {phone: {from_su7: 80 m, from_home: 5 m}}\n",
        "SC202",
        3,
        33,
        "where `phone` is, is already said by `from_su7`",
    ),
    ("given: {heater: {from_su7: 80 m}}\n", "SC201", 3, 18, "`heater` has no `from_su7` that can be given"),
    ("given: {lin: {from_su7: 80}}\n", "SC103", 3, 25, "`80` has no unit, write a distance as `20 m`"),
    ("given: {su7: {gear: X}}\n", "SC103", 3, 21, "`gear` is `X`, expected one of `P`, `R`, `N`, `D`"),
    ("given: {heater: {target: 60 °C}}\n", "SC103", 3, 26, "`target` is `60 °C`, expected at most 30"),
    (
        "given: {su7: parked}\n",
        "SC103",
        3,
        14,
        "`su7` is `parked`, expected keys with values, such as `key: value`",
    ),
]

FILE_MISTAKES: list[Mistake] = [
    ("steps: []\n", "SC103", 3, 8, "`steps` is a list of 0, expected at least 1"),
    ("", "SC102", 1, 1, "key `steps` is missing in the document"),
    (
        "scenario: A\nhousehold: wnag\nsteps: [{advance: 1s}]\n",
        "SC201",
        2,
        12,
        "there is no household `wnag`",
    ),
    (
        "scenario: A\nhousehold: 5\nsteps: [{advance: 1s}]\n",
        "SC103",
        2,
        12,
        "`household` is `5`, expected text or keys with values, such as `key: value`",
    ),
    (
        "always: [{never: {key: done}}]\nsteps:\n  - do: watch.unlock\n    with: {car: su7}\n    as: key\n",
        "SC204",
        3,
        19,
        "`key` is a command; what always holds is about facts",
    ),
    (
        "always: [{do: lin.walk}]\nsteps:\n  - do: watch.unlock\n    with: {car: su7}\n    as: key\n",
        "SC101",
        3,
        11,
        "unknown verb `do`",
    ),
    (
        (
            "always: [{never: {su7.locked: true}, for: 5s}]\nsteps:\n"
            "  - do: watch.unlock\n    with: {car: su7}\n    as: key\n"
        ),
        "SC101",
        3,
        38,
        "unknown key `for`",
    ),
    (
        "cases: [{x: 1}]\nmatrix: {x: [1]}\nsteps: [{advance: $x s}]\n",
        "SC204",
        4,
        1,
        "a scenario has `cases` or a `matrix`, not both",
    ),
    ("cases: [{x: 1, y: 2}]\nsteps: [{advance: $x s}]\n", "SC201", 3, 16, "`y` is never used"),
    ("matrix: {x: [1], y: [2]}\nsteps: [{advance: $x s}]\n", "SC201", 3, 18, "`y` is never used"),
    ("cases: [{x: 1}, {x: 2, y: 2}]\nsteps: [{advance: $x s}]\n", "SC201", 3, 24, "`y` is never used"),
    (
        "cases: [{xx: 1}]\nsteps: [{advance: $x s}, {advance: $xx s}]\n",
        "SC201",
        4,
        19,
        "`$x` has no value in `cases` or `matrix`",
    ),
    (
        "matrix: {x: []}\nsteps: [{advance: $x s}]\n",
        "SC103",
        3,
        1,
        "the matrix has 0 cases; between 1 and 1,000 can be run",
    ),
    (
        "matrix: {x: [[1]]}\nsteps: [{advance: $x s}]\n",
        "SC103",
        3,
        14,
        "`$x` stands inside a text, where only text or a number can be",
    ),
    (
        "cases: [{x: ~}]\nsteps: [{advance: $x s}]\n",
        "SC103",
        3,
        13,
        "`$x` stands inside a text, where only text or a number can be",
    ),
    (
        "cases: [{x: {a: 1}}]\nsteps: [{expect: {$x: true}}]\n",
        "SC103",
        3,
        13,
        "`$x` stands inside a text, where only text or a number can be",
    ),
    (
        "cases: [{x: su7.locked}]\nsteps: [{expect: {$x: true, su7.locked: true}}]\n",
        "SC008",
        4,
        29,
        "key `su7.locked` comes twice once every `$name` is filled in",
    ),
    (
        "cases:\n  - {gear: P}\n  - {gear: X}\nsteps:\n  - expect: {su7.gear: $gear}\n",
        "SC103",
        5,
        12,
        "`su7.gear`: `X` is not one of `P`, `R`, `N`, `D`",
    ),
    (
        (
            "cases:\n  - {nr: 000}\nsteps:\n  - do: watch.unlock\n    with: "
            "{car: su7}\n    as: key\n  - expect: {key: denied, article: $nr}\n"
        ),
        "SC103",
        4,
        10,
        "`article` is text",
    ),
    (
        "scenario: A\nhousehold: {extends: wnag}\nsteps: [{advance: 1s}]\n",
        "SC201",
        2,
        22,
        "there is no household `wnag`",
    ),
]


def told(text: str) -> Mistake:
    """Return how a file is refused."""
    error = refusal(text)
    assert error.place is not None
    line = text.split("\n")[error.place.line - 1]
    row_is_masked = line.startswith(("cases:", "matrix:")) and MASK in error.place.source_line
    assert row_is_masked or error.place.source_line == line
    return text, error.code, error.place.line, error.place.column, error.sentence


def by_sentence(mistakes: list[Mistake]) -> list[str]:
    """Return a name for each test: the sentence that is expected."""
    return [mistake[-1] for mistake in mistakes]


@pytest.mark.parametrize("mistake", STEP_MISTAKES, ids=by_sentence(STEP_MISTAKES))
def test_step_that_cannot_be_is_refused(mistake: Mistake) -> None:
    """Every name, value, unit and key of a step is checked before anything runs."""
    text = STEPS + mistake[0]

    assert told(text) == (text, *mistake[1:])


@pytest.mark.parametrize("mistake", COMMAND_MISTAKES, ids=by_sentence(COMMAND_MISTAKES))
def test_expectation_of_a_command_that_cannot_be_is_refused(mistake: Mistake) -> None:
    """What is expected of a command is one of what a command can be, and of what a denial can say."""
    text = STEPS + KEY + mistake[0]

    assert told(text) == (text, *mistake[1:])


@pytest.mark.parametrize("mistake", HEAD_MISTAKES, ids=by_sentence(HEAD_MISTAKES))
def test_beginning_that_cannot_be_is_refused(mistake: Mistake) -> None:
    """When, how seeded and in which world it begins is checked like everything else."""
    text = HEAD + mistake[0] + "steps: [{advance: 1s}]\n"

    assert told(text) == (text, *mistake[1:])


@pytest.mark.parametrize("mistake", FILE_MISTAKES, ids=by_sentence(FILE_MISTAKES))
def test_file_that_cannot_be_is_refused(mistake: Mistake) -> None:
    """Sections that are missing, contradict each other or do not fill each other's gaps are refused."""
    text = mistake[0] if mistake[0].startswith("scenario") else HEAD + mistake[0]

    assert told(text) == (text, *mistake[1:])


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        (
            f"matrix: {{x: [{', '.join('1' * 101)}], y: [{', '.join('1' * 10)}]}}\n",
            "the matrix has 1,010 cases; between 1 and 1,000 can be run",
        ),
        (
            f"cases: [{', '.join(['{x: 1, y: 1}'] * 1001)}]\n",
            "`cases` is a list of 1001, expected at most 1000",
        ),
    ],
    ids=["matrix", "cases"],
)
def test_file_with_too_many_cases_is_refused(table: str, sentence: str) -> None:
    """A scenario has a thousand cases at most, however they are written."""
    error = refusal(HEAD + table + "steps: [{advance: $x s}, {advance: $y s}]\n")

    assert error.sentence == sentence
    assert error.place is not None
    assert error.place.line == 3


@pytest.mark.parametrize(
    ("step", "help_text"),
    [
        ("  - expcet: {su7.locked: true}\n", "did you mean `expect`?"),
        ("  - do: wacth.unlock\n", "did you mean `watch`?"),
        ("  - do: watch.unlok\n", "did you mean `unlock`?"),
        ("  - expect: {su7.lokced: true}\n", "did you mean `locked`?"),
        ("  - do: lin.goes_into\n    with: {room: bedrom}\n", "did you mean `bedroom`?"),
        ("  - expect: {su7.locked: true}\n    unless: [denied]\n", "name one, or delete it"),
        (KEY + "  - expect: {key: denied, rule: key-in-rnage}\n", "did you mean `key-in-range`?"),
        (KEY + "  - expect: {key: denied, article: 000}\n", 'put it in quotes: `"000"`'),
        (KEY + "  - expect: {key.status: done}\n", "write `key: done`"),
        ("  - fault: {sensor: phone}\n", "known here: `phone.carrier`"),
        ("  - do: phone.ask\n    with: {device: mallory, action: wind}\n", "it can be asked nothing"),
    ],
)
def test_refusal_says_what_to_do(step: str, help_text: str) -> None:
    """Where something near would have been right, the error names it."""
    assert refusal(STEPS + step).help_text == help_text


def test_household_that_is_nowhere_is_refused_with_what_to_do() -> None:
    """The error names the households there are, and says where one belongs when there are none."""
    text = "scenario: A\nhousehold: xyz\nsteps: [{advance: 1s}]\n"
    with pytest.raises(ScenarioError) as caught:
        load_scenario("a.scenario.yaml", text, replace(WANG.library(), household_names=()))

    assert refusal(text).help_text == "known here: `wang`"
    assert caught.value.help_text == "put one into households/"


BROKEN = House("broken", "household: broken\npeople: {}\ndevices: {x: {kind: toaster}}\n", KINDS)


def test_household_that_is_broken_is_its_own_error() -> None:
    """A mistake in the household's file is shown there, not in the scenario."""
    with pytest.raises(HouseholdError, match="there is no kind of device called `toaster`") as caught:
        load("scenario: A\nhousehold: broken\nsteps: [{advance: 1s}]\n", BROKEN)

    assert caught.value.place is not None
    assert caught.value.place.file == "households/broken.household.yaml"


def test_household_a_scenario_adds_to_has_both() -> None:
    """`extends` takes a household from a file and adds people, homes, devices and strangers to it."""
    scenario = load(
        "scenario: A\nhousehold:\n  extends: wang\n  people: {zoe: {role: guest}}\n"
        "  devices: {ring: {kind: watch, owner: zoe}}\nsteps: [{expect: {ring.on_wrist: true}}]\n"
    )

    assert {"lin", "zoe"} <= set(scenario.household.people)
    assert {"su7", "ring"} <= set(scenario.household.devices)
    assert "zoe" not in load(STEPS + "  - advance: 1s\n").household.people


def test_household_a_scenario_adds_to_keeps_its_names() -> None:
    """A name that the household already has is refused where the scenario writes it."""
    with pytest.raises(HouseholdError, match="the household already has `lin`") as caught:
        load(
            "scenario: A\nhousehold:\n  extends: wang\n  people: {lin: {role: guest}}\n"
            "steps: [{advance: 1s}]\n"
        )

    assert caught.value.place is not None
    assert (caught.value.place.line, caught.value.place.column) == (4, 12)


def test_refusal_of_one_case_refuses_the_whole_file() -> None:
    """A mistake that only the last case has is found before the first one runs."""
    with pytest.raises(ScenarioError, match="`X` is not one of"):
        load(HEAD + "cases: [{g: P}, {g: X}]\nsteps: [{expect: {su7.gear: $g}}]\n")


@pytest.mark.parametrize("start", ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00"])
def test_start_lies_in_our_time(start: str) -> None:
    """A year that no household has is refused before a clock overflows."""
    error = refusal(f"scenario: s\nhousehold: wang\nstart: {start}\nsteps: [{{advance: 1s}}]\n")

    assert "is no year of a household" in error.sentence


def test_personal_device_is_used_by_its_owner_only() -> None:
    """A phone signs for its owner: a scenario cannot say that somebody else asked."""
    steps = "steps:\n  - do: phone.refresh\n    with: {car: su7}\n    by: tao\n"

    error = refusal(f"scenario: s\nhousehold: wang\n{steps}")

    assert error.sentence == "`phone` acts as its owner, lin, and for nobody else"
    assert error.place is not None
    assert error.place.line == 6


def test_device_of_nobody_is_used_by_nobody() -> None:
    """What people do not share and nobody owns cannot speak for anybody."""
    household = "household: {extends: wang, devices: {spare: {kind: phone}}}"
    steps = "steps:\n  - do: spare.refresh\n    with: {car: su7}\n    by: lin\n"

    error = refusal(f"scenario: s\n{household}\n{steps}")

    assert error.sentence == "`spare` is nobody's, and acts for nobody"
