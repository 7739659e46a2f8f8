"""Chinese reasons beside wishes: `我要看书，…`, `天黑了，…`, `出门前…`. They ask for nothing."""

import re

_DOING = (
    "看书|读书|看电影|看电视|看剧|看球|看|睡觉|睡|休息|做饭|烧饭|炒菜|出门|出去|走|上班|下班|上学|学习|写作业|写字|"
    "写东西|工作|办公|加班|开会|喝咖啡|喝茶|喝水|喝东西|吃饭|吃|洗澡|起床|午睡|运动|健身|锻炼|聊天|打电话|上楼|下楼|"
    "回家|出发|离开|早起|换衣服|化妆|打扫|打游戏|听"
)
_REASON = re.compile(
    r"^我?(?:刚才?)?忘(?:了|记).{1,6}$|^.{1,4}还没.{1,4}$|^我们?(?:正|就)?在.{1,6}$|"
    rf"^(?:因为|既然|那|等会儿?|待会儿?|一会儿?|今天|今晚|现在|晚上|早上|下午|中午|马上)?(?:我们?|咱们?|大家|孩子们?|宝宝|客人|他们?|她们?)?"
    rf"(?:现在|马上|今天|今晚|等下|正)?(?:都|也|快)?(?:要|想|想要|准备|打算|正在|在|得|该|去|正要)(?:去)?(?:{_DOING})"
    r"(?:了|啦|呢)?$"
    r"|^.{1,10}(?:了|啦|呢|着呢)$"
    r"|^.{0,6}(?:没人|没有人|没人在|没人用|没人看|没人听|睡不着|看不清楚?|看不见|听不见|听不清楚?|没必要|不舒服|在睡觉|不在家)$"
    r"|^(?:天|外面|外头|屋外|今天|今晚|晚上|时间|太阳|光线).{1,8}$"
    r"|^(?:请)?(?:帮我)?(?:开始)?导航(?:吧|一下)?$"
)
_ASKS_SOMETHING = re.compile(
    r"如果|要是|假如|万一|除非|等.+(?:再|时|后)|打开|关|开(?!始|会|心|车|着会)|调|设|播|放(?!学|假)|锁(?!着)|解|把|将|给|让|请(?!导航)|"
    r"别|订|买|叫|发(?!现|烧|冷)|讲|说|唱|点(?!了)|送|拿|倒|扫|洗(?!澡|完)|擦|翻译|提醒|定个|查|吗|什么|怎么|多少|几|谁|哪|是不是|(?<!暖)和|或"
)
_BEFORE = re.compile(
    r"^(?:趁|在)?(?:我们?|咱们?)?(?:出门|上班|下班|睡觉|睡|回家|到家|走|上楼|下楼|出发|吃饭|开会|离开|上车|上路|出去|做饭|洗澡|下车|出行)"
    r"(?:之前|以前|前)(?:先)?"
)
_LENGTH_MAX = 14
_FORGOTTEN = re.compile("^(?:我?(?:刚才?)?忘(?:了|记)|.{1,4}还没).+")
JOINING = "(?:和|跟|与|以及|还有|、)"
WAY_THERE = re.compile("[去到往进回].{0,3}$")


def is_reason(part: str) -> bool:
    """Say whether a plain part of a sentence only says why: a statement that asks for nothing."""
    return (
        len(part) <= _LENGTH_MAX
        and _REASON.match(part) is not None
        and not _ASKS_SOMETHING.search(_FORGOTTEN.sub("", part))
    ) or _BEFORE.fullmatch(part) is not None


def without_reason(text: str) -> str:
    """Return a simplified part without the reason that leads it, such as `before going out`."""
    return _BEFORE.sub("", text)
