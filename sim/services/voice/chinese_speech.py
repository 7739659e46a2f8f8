"""Chinese made plain: courtesies and particles away, numbers in figures.

`不`, `别` and `如果` stay, so that a sentence with one of them matches no template that lacks it.
"""

import re

_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {
    "〇": 0,
    "两": 2,
    "俩": 2,
}
_PLACES = {"十": 10, "百": 100, "千": 1000}
_NUMBER = "[零〇一二两俩三四五六七八九十百千]+"
_UNIT = r"(?=\s*(?:个?(?:摄氏)?度|°|%|百分|开尔文|k\b|[档挡级格]|成))"

_SAME = (
    (
        re.compile("一点[点儿]?|一些|有点儿|点儿"),
        lambda found: "有点" if found[0].startswith("有") else "一点",
    ),
    (re.compile(r"[那这哪](?:一)?[盏个]灯(?![带光])"), lambda _: "盏灯"),
    (re.compile(r"[那这](?:一)?[台盏个辆](?=\S)"), lambda _: ""),
    (re.compile(r"^[那这]车"), lambda _: "车"),
    (re.compile(r"(?<!不)(?:可以|该)(?=打开|关|开|停|锁|充|启动|暂停|播放|调|睡|熄)"), lambda _: ""),
    (re.compile(r"(?<=多少度)了|(?<=多少)了$"), lambda _: ""),
    (re.compile(r"廿"), lambda _: "二十"),
    (re.compile(rf"百分之({_NUMBER}|\d+)"), lambda found: f"{_value(found[1])}%"),
    (
        re.compile("([一二两三四五六七八九])成([一二三四五六七八九])"),
        lambda found: f"{_value(found[1]) * 10 + _value(found[2])}%",
    ),
    (re.compile(rf"({_NUMBER}|\d+)成(?!员)"), lambda found: f"{_value(found[1]) * 10}%"),
    (
        re.compile(rf"({_NUMBER}|\d+)(?:摄氏)?度半|({_NUMBER}|\d+)个半度"),
        lambda found: f"{_value(found[1] or found[2])}.5度",
    ),
    (re.compile(rf"({_NUMBER})点({_NUMBER})"), lambda found: f"{_value(found[1])}.{_digits(found[2])}"),
    (re.compile(rf"({_NUMBER}){_UNIT}"), lambda found: str(_value(found[1]))),
    (re.compile(rf"(?<=[到为成至在])({_NUMBER})(?=$|[吧了谢])"), lambda found: str(_value(found[1]))),
    (re.compile(rf"(?<=亮度|音量|温度|上限|色温|声音)({_NUMBER})$"), lambda found: str(_value(found[1]))),
    (re.compile(rf"(?:第)?({_NUMBER}|\d+)([档挡级格])"), lambda found: f"{_value(found[1])}档"),
    (re.compile(rf"({_NUMBER})(?=[瓶份袋盒箱包])"), lambda found: str(_value(found[1]))),
    (re.compile(rf"({_NUMBER}|\d+)开(?:尔文)?$"), lambda found: f"{_value(found[1])}k"),
    (re.compile(r"一半|对半|半亮"), lambda _: "50%"),
    (re.compile(r"\s*(?:°c|℃|°|摄氏度|个度)"), lambda _: "度"),
    (re.compile(r"度度"), lambda _: "度"),
    (re.compile(r"(?<=\d)\s*k\b|开尔文"), lambda _: "k"),
    (re.compile(r"pm ?2 ?\.? ?5"), lambda _: "pm2.5"),
    (re.compile(r"公里|英里|千米"), lambda _: "km"),
    (
        re.compile(r"这里|这儿|这边|这屋子?里?|屋里|屋子里?|房间里(?=太|有|好|很)|这个?房间里?"),
        lambda _: "这儿",
    ),
)
_TABLE = re.compile("[订定约].*(?:桌|位子|座位)|(?:桌|位子|座位).*[订定约]")
_WHEN = re.compile(
    rf"(?P<part>早上|早晨|上午|中午|下午|傍晚|晚上)?(?P<hour>{_NUMBER}|\d+)点"
    rf"(?:(?P<half>半|一刻|三刻|钟|整)|(?P<minute>{_NUMBER}(?!个?[人位])|\d+(?!个?[人位]))分?)?"
)
_MINUTES = {"半": 30, "一刻": 15, "三刻": 45}
_PEOPLE = re.compile(rf"({_NUMBER}|\d+)(?:个人|人|位)")
_PARTICLES = re.compile(
    r"(?<!目)的|把|将|里面|里边|里头|内(?!容)|里(?!程)|能不能|可不可以|能否|一下子?|一会儿?|现在|目前|此刻|当前|立刻|立即|马上|赶紧|赶快|这个|那个|"
    r"请(?!问|求|客)|给我们?|帮我们?|替我|麻烦你?|一[起同](?=打开|开|关|调)|先(?=热|打开|开|关|调|停|暂停)|稍微|稍稍|略微|随便|一[盏个台只](?!人)|今晚|当中"
)
_COURTEOUS_BEFORE = re.compile(
    r"^(?:我?们?想知道|别忘(?:了|记)|记得|记住|请问|请你?您?|麻烦你?您?|帮我们?|帮忙|帮个忙|给我们?|替我|为我|劳驾|拜托|能不能|可不可以|能否|可否|你?您?(?:能|可以)(?!\w{0,4}多)|"
    r"我们?(?:想要?|要|希望|需要|想让)你?|想要|想让|想|希望|需要|那么?|嗯+|喂|好的|好吧|快点?(?!到)|顺便|先|就|然后|还有(?!多少|几|电|没|百分)|接着|再(?!见)|小爱(?:同学)?|"
    r"你好|你|您|咱们|"
    r"告诉我|帮|给|让|使|我想知道|查|看看(?=.*(?:多少|吗|怎么|如何|没有))|也)"
)
_COURTEOUS_AFTER = re.compile(
    r"(?:就行了?|就好了?|就可以了?|就够了|即可|来听|吧|啊|呀|哦|喔|啦|呢|嘛|哈|哟|谢谢你?您?了?|多谢|(?<!空气)(?<!质量)(?<!还)(?:好吗|好么|好不好)|可以吗|可以么|行吗|行不行|行么|拜托了?|辛苦了?|先|听听|你|您)$"
)
_ASKED_WHETHER = re.compile(r"^(?:请问)?(?:请|麻烦)?你?您?(?:能不能|可不可以|能|可以)")
_THEN = re.compile(r"(?:然后|并且|并|而且|接着|同时|还有|再把|并把|(?<=[了掉开上度档%])再|，|,|;)")
_AND = re.compile(r"[和跟与]|以及|还有")
_VERB = re.compile(r"^(打开|开启|开|关掉|关闭|关上|关|启动|停止)")
_VERB_AFTER = re.compile(r"((?:都|全都?|也)?(?:打开|开启|关掉|关闭|关上|关了|开了|关|开))$")


def simplified(text: str) -> str:
    """Return a plain sentence without what changes nothing that it asks for."""
    if _ASKED_WHETHER.match(text):
        text = text.removesuffix("吗").removesuffix("么")
    if _TABLE.search(text):
        text = _table_last(text)
    for pattern, instead in _SAME:
        text = pattern.sub(instead, text)
    before = ""
    while before != text:
        before = text
        text = _COURTEOUS_AFTER.sub("", _COURTEOUS_BEFORE.sub("", text.strip()))
        if before == text:
            text = _PARTICLES.sub("", text)
    return text.strip()


def _table_last(text: str) -> str:
    """Return a sentence about a table with its time and its people in figures at the end: `7点30分2人`."""
    when, people = _WHEN.search(text), _PEOPLE.search(text)
    tail = ""
    if when is not None:
        minute = _MINUTES.get(when["half"] or "", 0) if when["minute"] is None else _value(when["minute"])
        half = "上午" if when["part"] in {"早上", "上午", "早晨"} else "下午" if when["part"] else ""
        tail = f"{'明天' if '明' in text else ''}{half}{_value(when['hour'])}点{minute}分"
    if people is not None:
        tail += f"{_value(people[1])}人"
    rest = _PEOPLE.sub("", _WHEN.sub("", text))
    return re.sub("今天|今晚|明天|明晚|[,，]", "", rest) + tail


def split(text: str) -> list[str]:
    """Return the parts of a simplified sentence that asks for several things; a verb holds for all."""
    parts = [part for part in _THEN.split(text) if part]
    if len(parts) != 1:
        return [part.removeprefix("并").removeprefix("再") for part in parts]
    things = [part for part in _AND.split(text) if part]
    if len(things) == 1:
        return things
    verb, after = _VERB.match(things[0]), _VERB_AFTER.search(things[-1])
    if verb is not None:
        return [things[0], *(part if _VERB.match(part) else verb[1] + part for part in things[1:])]
    if after is not None:
        ending = after[1].lstrip("都全也") or after[1]
        bare = [*things[:-1], things[-1].removesuffix(after[1])]
        return [part + ending for part in bare]
    return things


def _value(number: str) -> int:
    """Return the number in figures or Chinese numerals; those without a place are read one by one."""
    if number.isdigit() and number.isascii():
        return int(number)
    if not any(character in _PLACES for character in number):
        return int(_digits(number))
    total, digit = 0, None
    for character in number:
        if character in _PLACES:
            total += (1 if digit is None else digit) * _PLACES[character]
            digit = None
        else:
            digit = _DIGITS[character] or None
    return total + (digit or 0)


def _digits(number: str) -> str:
    return "".join(
        str(_DIGITS[character]) if character in _DIGITS else str(_value(character)) for character in number
    )
