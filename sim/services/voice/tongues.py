"""The languages the assistant speaks, and what no voice may ask for in either.

In a template `(a|b)` is a choice, `[a]` may be left out, `<rule>` is another template and `{list}` one
of the values of a list; `{list:slot}` fills a slot of another name. A sentence must match a template
from its first word to its last, so an addition that nobody thought of ("... and unlock the car") is
never quietly dropped.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

from sim.services.voice.chinese import CHINESE
from sim.services.voice.english import ENGLISH
from sim.services.voice.speech import Language
from sim.services.voice.tongue import Tongue

TONGUES: Mapping[Language, Tongue] = MappingProxyType({"en": ENGLISH, "zh": CHINESE})

_OPENED = (
    r"(?:doors?|boot|trunk|tailgate|hatch|bonnet|hood|frunk|windows?|sun ?roof|locks?|gates?|garage|"
    r"cars?|vehicle|su ?7|yu ?7|everything|all|it|them|up)"
)
_OPENED_CHINESE = r"(?:门|锁|后备箱|后备厢|后箱|尾箱|行李箱|前备箱|引擎盖|机盖|窗|一切)"

FORBIDDEN = re.compile(
    r"\bun ?(?:lock|latch|bolt)|\bdrive\b|\bpark\b|\breverse\b|\bsummon\b|\bsteer\b|\baccelerate\b|"
    r"\bhandbrake\b"
    r"|\bparking brake\b|\b(?:hit|press|release|let go of)\b.*\b(?:brakes?|gas|accelerator|throttle)\b"
    r"|\b(?:speed|slow) (?:up|down)\b|\b(?:shift|put)\b.*\b(?:gear|neutral|drive)\b|\blet (?:me|us|"
    r"him|her|them)\b.* in\b"
    r"|\b(?:car|vehicle|su ?7)\b.*\bcome\b"
    r"|(?:^|\b(?:and|then|please|to|you|now) )open\b(?!.*\bcamera)|\bpick (?:me|us) up\b|\bback\b.*\bcar\b"
    r"|\b(?:turn|switch)\b.*\b(?:car|engine|motor|ignition)\b (?:on|off)\b"
    rf"|\b{_OPENED} (?:\w+ ){{0,2}}open(?:ed)?\b"
    rf"|\bopen(?:ing|ed)?\b.*\b{_OPENED}\b|\bpop\b.*\b{_OPENED}\b"
    r"|\b(?:roll|wind|lower|crack|put|let|bring)\b.*\b(?:windows?|sun ?roof)\b"
    rf"|\b(?:get|want|keep|leave|have|make|swing|throw)\b.*\b{_OPENED}\b.*\bopen\b"
    r"|\b(?:start|move|bring|fetch|send|back up|pull|turn on|switch on|(?:turn|switch|shut) off|"
    r"ignite)\b.*\b(?:car|engine|motor|ignition|vehicle)\b"
    rf"|解锁|开锁|开.*{_OPENED_CHINESE}|{_OPENED_CHINESE}[户子盖都全给我]*(?:打开|敞开|开开|开一下|开着)"
    rf"|(?:降|放|摇|落|升起)(?:下|低|一?点)?.*窗|窗.*(?:降|放|摇|落)|窗开|天窗"
    r"|让车|车自己|(?:弄|搞|掰|撬|解)开|(?:来|过来|去)接[我你他她]"
    r"|打开(?:所有|全部)(?:的?(?:东西|设备|电器))?$|(?:所有|全部)的?(?:东西|设备|电器)?[都全]*打开$|全都?打开$|^都打开$"
    r"|(?<!打)开车|把车开|车开(?:过来|出来|到)|打开(?:汽车|车子?)$|停车(?!场)|泊车|倒车|挪车|移车|召唤|驾驶"
    r"|发动|启动.*(?:车|引擎|发动机)|点火|打火|熄火|油门|刹车|手刹|方向盘|换挡|挂.?[档挡]|加速|减速|[往向朝][前后左右]|后退|让.*进[来去]"
)
"""What no voice may ask for, in both languages: it opens no lock, door or boot and moves no car.

It only chooses the answer: no template leads to such an act, with or without this pattern.
"""
