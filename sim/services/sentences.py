"""What the assistant understands and answers, per language, as data: templates in hassil's notation.

In a template `(a|b)` is a choice, `[a]` may be left out, `<rule>` is another template and `{list}` one
of the values that a household has. A sentence must match a template from its first word to its last,
so an addition that nobody thought of ("... and unlock the car") is never quietly dropped.

Intents and their slots:

    switch_on   appliance (`heat`, `cool` or `climate`), place, degrees
    switch_off  place
    adjust      appliance, place, degrees
    lock_car    car

Every place is a `room`, a `home`, both or none.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sim.services.speech import Language


@dataclass(frozen=True, slots=True)
class Tongue:
    """One language.

    Attributes:
        templates: intents, rules and lists as `hassil.Intents.from_dict` takes them.
        rooms: how rooms are called whose name in the household is not how people call them.
        own_home: how a person calls the home without naming it.
        answers: what is said aloud, with the parts in braces filled in.
    """

    templates: Mapping[str, Any]
    rooms: Mapping[str, str]
    own_home: tuple[str, ...]
    answers: Mapping[str, str]


_DEGREES = {"range": {"type": "temperature", "from": 0, "to": 150, "fractions": "halves"}}
"""Far more than a unit can do, so that `45 degrees` gets an answer that says why not."""

_ENGLISH = Tongue(
    templates={
        "language": "en",
        "intents": {
            "switch_on": {
                "data": [
                    {
                        "sentences": [
                            "[<ask>] (turn|switch|put) on <the> {appliance} [<place>] [<degrees>] [<now>]",
                            "[<ask>] (turn|switch|put) <the> {appliance} on [<place>] [<degrees>] [<now>]",
                            "[<ask>] (turn|switch|put) <the> {appliance} <place> on [<degrees>] [<now>]",
                            "[<ask>] (turn|switch|put) on <the> {room} {appliance} [<degrees>] [<now>]",
                            "[<ask>] (turn|switch|put) <the> {room} {appliance} on [<degrees>] [<now>]",
                            "[<ask>] start <the> [{room}] {appliance} [<place>] [<degrees>] [<now>]",
                        ]
                    },
                    {
                        "sentences": [
                            "[<ask>] (warm|heat) up <the> <spot> [<degrees>] [<now>]",
                            "[<ask>] (warm|heat) <the> <spot> [up] [<degrees>] [<now>]",
                        ],
                        "slots": {"appliance": "heat"},
                    },
                    {
                        "sentences": [
                            "[<ask>] cool down <the> <spot> [<degrees>] [<now>]",
                            "[<ask>] cool <the> <spot> [down] [<degrees>] [<now>]",
                        ],
                        "slots": {"appliance": "cool"},
                    },
                ]
            },
            "switch_off": {
                "data": [
                    {
                        "sentences": [
                            "[<ask>] (turn|switch) off <the> {appliance} [<place>] [<now>]",
                            "[<ask>] (turn|switch) <the> {appliance} off [<place>] [<now>]",
                            "[<ask>] (turn|switch) <the> {appliance} <place> off [<now>]",
                            "[<ask>] (turn|switch) off <the> {room} {appliance} [<now>]",
                            "[<ask>] (turn|switch) <the> {room} {appliance} off [<now>]",
                            "[<ask>] stop <the> [{room}] {appliance} [<place>] [<now>]",
                        ]
                    }
                ]
            },
            "adjust": {
                "data": [
                    {
                        "sentences": [
                            "[<ask>] <set> <the> {appliance} [<place>] <degrees> [<now>]",
                            "[<ask>] <set> <the> {appliance} <degrees> <place> [<now>]",
                            "[<ask>] <set> <the> {room} {appliance} <degrees> [<now>]",
                        ]
                    },
                    {
                        "sentences": [
                            "[<ask>] <set> <the> temperature [<place>] <degrees> [<now>]",
                            "[<ask>] <set> <the> temperature <degrees> <place> [<now>]",
                            "[<ask>] <set> <the> {room} [temperature] <degrees> [<now>]",
                        ],
                        "slots": {"appliance": "climate"},
                    },
                ]
            },
            "lock_car": {
                "data": [
                    {
                        "sentences": [
                            "[<ask>] lock [up] <the> (car [{car}]|{car}) [doors] [<now>]",
                            "[<ask>] lock <the> doors of <the> (car|{car}) [<now>]",
                        ]
                    }
                ]
            },
        },
        "expansion_rules": {
            "ask": "([could|can|would|will] you [please]|please)",
            "now": "(now|please|now please)",
            "the": "[the|my|our]",
            "set": "(set|change|turn [up|down]|put)",
            "spot": "({room} [at <the> {home}]|{home})",
            "place": "((in|of) <the> {room} [(at|in) <the> {home}]|(at|in) <the> {home})",
            "degrees": "[up|down] (to|at) {degrees} [°[c]|degrees [c|celsius]|degree|celsius]",
        },
        "lists": {
            "appliance": {
                "values": [
                    {"in": "(heater|heating|heat)", "out": "heat"},
                    {"in": "(air conditioner|air conditioning|aircon|ac|cooling)", "out": "cool"},
                    {"in": "(climate [control|unit]|thermostat)", "out": "climate"},
                ]
            },
            "degrees": _DEGREES,
        },
    },
    rooms=MappingProxyType({}),
    own_home=("home", "house"),
    answers=MappingProxyType(
        {
            "heat": "I will ask the heater in the {room} to heat.",
            "heat_to": "I will ask the heater in the {room} to heat to {degrees} degrees.",
            "cool": "I will ask the air conditioner in the {room} to cool.",
            "cool_to": "I will ask the air conditioner in the {room} to cool to {degrees} degrees.",
            "off": "I will ask the climate unit in the {room} to switch off.",
            "target": "I will ask the climate unit in the {room} for {degrees} degrees.",
            "lock": "I will ask {car} to lock.",
            "heat_or_cool": "Should it heat or cool?",
            "which": "Which one: {names}?",
            "or": " or ",
            "room_of_home": "{room} at {home}",
            "no_telling_apart": "There is more than one unit there, please choose on a screen.",
            "no_climate": "There is no climate unit there.",
            "no_car": "There is no car that I could lock.",
            "beyond": "I can set 16 to 30 degrees, not {degrees}.",
            "not_allowed": "By voice I open or unlock nothing and move no car, please use a key or screen.",
            "not_understood": "Sorry, I can heat or cool a room and lock the car; which is it?",
        }
    ),
)

_CHINESE = Tongue(
    templates={
        "language": "zh",
        "settings": {"ignore_whitespace": True},
        "intents": {
            "switch_on": {
                "data": [
                    {
                        "sentences": [
                            "[<ask>]<start>[<place>]{appliance}[<degrees>][<now>]",
                            "[<ask>](把|将)[<place>]{appliance}<start>[<degrees>][<now>]",
                            "[<ask>][<place>]{appliance}<start>[<degrees>][<now>]",
                        ]
                    },
                    {
                        "sentences": [
                            "[<ask>](把|将|给|让)<spot>(加热|升温|暖和|供暖|制热)[一下|起来][<degrees>][<now>]",
                            "[<ask>](加热|暖一下|暖和一下)<spot>[<degrees>][<now>]",
                        ],
                        "slots": {"appliance": "heat"},
                    },
                    {
                        "sentences": [
                            "[<ask>](把|将|给|让)<spot>(降温|制冷|凉快)[一下|下来][<degrees>][<now>]"
                        ],
                        "slots": {"appliance": "cool"},
                    },
                ]
            },
            "switch_off": {
                "data": [
                    {
                        "sentences": [
                            "[<ask>]<stop>[<place>]{appliance}[<now>]",
                            "[<ask>](把|将)[<place>]{appliance}<stop>[<now>]",
                        ]
                    }
                ]
            },
            "adjust": {
                "data": [
                    {
                        "sentences": [
                            "[<ask>][把|将][<place>]{appliance}[的][温度][<set>]{degrees}[<unit>][<now>]",
                            "[<ask>]<set>[<place>]{appliance}[温度]到{degrees}[<unit>][<now>]",
                        ]
                    },
                    {
                        "sentences": ["[<ask>][把|将][<place>]温度<set>{degrees}[<unit>][<now>]"],
                        "slots": {"appliance": "climate"},
                    },
                ]
            },
            "lock_car": {
                "data": [
                    {
                        "sentences": [
                            "[<ask>](锁车|锁[上|好|住|一下]<car>)[<now>]",
                            "[<ask>](把|将)<car>锁(上|好|住|了|起来)[<now>]",
                        ]
                    }
                ]
            },
        },
        "expansion_rules": {
            "ask": "(请[你][帮我]|麻烦[你][帮我]|帮我|给我|帮忙)",
            "now": "(吧|一下|谢谢|好吗)",
            "start": "(打开|开启|启动|开)",
            "stop": "(关掉|关闭|关上|关了|关)",
            "set": "(设置|设定|设|调|调高|调低|调整|升|降)[到|为|成|至]",
            "spot": "([{home}[里][的]]{room}|{home})[里]",
            "place": "([{home}[里][的]]{room}[里]|{home}[里])[的]",
            "degrees": "[并][<set>|到|加热到|升到|降到]{degrees}[<unit>]",
            "unit": "(度|摄氏度|°c|°)",
            "car": "([我的|我们的](车|汽车|车子)|{car})[的][车门|门]",
        },
        "lists": {
            "appliance": {
                "values": [
                    {"in": "(暖气|加热器|取暖器|电暖器|暖风)", "out": "heat"},
                    {"in": "(空调|冷气)", "out": "cool"},
                    {"in": "(温控[器]|恒温器)", "out": "climate"},
                ]
            },
            "degrees": _DEGREES,
        },
    },
    rooms=MappingProxyType({"living_room": "客厅", "bedroom": "卧室", "kitchen": "厨房", "study": "书房"}),
    own_home=("家", "家里", "家中"),
    answers=MappingProxyType(
        {
            "heat": "我会请{room}的暖气开始制热。",
            "heat_to": "我会请{room}的暖气制热到{degrees}度。",
            "cool": "我会请{room}的空调开始制冷。",
            "cool_to": "我会请{room}的空调制冷到{degrees}度。",
            "off": "我会请{room}的空调关机。",
            "target": "我会请{room}的空调调到{degrees}度。",
            "lock": "我会请{car}锁车。",
            "heat_or_cool": "要制热还是制冷？",
            "which": "您要哪一个：{names}？",
            "or": "还是",
            "room_of_home": "{home}的{room}",
            "no_telling_apart": "那里不止一台，请在屏幕上选择。",
            "no_climate": "那里没有空调或暖气。",
            "no_car": "没有可以锁的车。",
            "beyond": "我只能设置16到30度，不能设置{degrees}度。",
            "not_allowed": "开锁、开门和移动车辆不能用语音，请使用钥匙或屏幕。",
            "not_understood": "抱歉，我能开关家里的暖气和空调，也能锁车；您要哪一样？",
        }
    ),
)

TONGUES: Mapping[Language, Tongue] = MappingProxyType({"en": _ENGLISH, "zh": _CHINESE})

_OPENED = (
    r"(?:doors?|boot|trunk|tailgate|hatch|bonnet|hood|frunk|windows?|sunroof|locks?|gates?|garage|"
    r"cars?|vehicle|everything|all|it|them|up)"
)
_OPENED_CHINESE = r"(?:门|锁|后备箱|后备厢|行李箱|前备箱|引擎盖|窗|一切)"

FORBIDDEN = re.compile(
    r"\bun ?(?:lock|latch|bolt)|\bdrive\b|\bpark\b|\breverse\b|\bsummon\b|\bsteer\b"
    rf"|\bopen(?:ing)?\b.*\b{_OPENED}\b|\bpop\b.*\b{_OPENED}\b"
    rf"|\b(?:get|want|keep|leave|have|make|swing|throw)\b.*\b{_OPENED}\b.*\bopen\b"
    r"|\b(?:start|move|bring|fetch|back up)\b.*\b(?:car|engine|motor|vehicle)\b"
    rf"|解锁|开锁|开.*{_OPENED_CHINESE}|{_OPENED_CHINESE}[都全给我]*(?:打开|敞开|开开|开一下|开着)"
    r"|打开(?:所有|全部)(?:的?(?:东西|设备))?$|(?:所有|全部)的?(?:东西|设备)?都?打开$"
    r"|(?<!打)开车|打开(?:汽车|车子?)$|停车(?!场)|泊车|倒车|挪车|移车|驾驶|发动|启动.*(?:车|引擎|发动机)"
)
"""What no voice may ask for, in both languages: it opens no lock, door or boot and moves no car.

It only chooses the answer: no template leads to such an act, with or without this pattern.
"""
