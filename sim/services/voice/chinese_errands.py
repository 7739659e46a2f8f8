"""What can be said in Chinese about tables and parcels, over simplified sentences: see `chinese_speech`.

The time of the day and the people of a table stand at the end already, in figures.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sim.services.voice.tongue import Said, said

_BOOK = "(预订|预定|预约|订|定|约)[了|个|下]"
_TABLE = "[一][张|个|桌](桌子|桌|位子|座位|座)"
_TAIL = "[{tomorrow}][{half_day}]{hour}点{minute}分[{people}人]"

LISTS: Mapping[str, Any] = {
    "people": {"range": {"from": 1, "to": 50, "words": False}},
    "hour": {"range": {"from": 0, "to": 24, "words": False}},
    "minute": {"range": {"from": 0, "to": 59, "words": False}},
    "half_day": {"values": [{"in": "上午", "out": "am"}, {"in": "下午", "out": "pm"}]},
    "tomorrow": {"values": [{"in": "明天", "out": True}]},
    "pieces": {"range": {"from": 1, "to": 20, "words": False}},
}

ERRANDS: Mapping[str, Sequence[Said]] = {
    "reserve_table": (
        said(
            f"{_BOOK}{_TABLE}{_TAIL}",
            f"[在]{{restaurant}}{_BOOK}{_TABLE}{_TAIL}",
            f"{_BOOK}[一][张|个]{{restaurant}}{_TABLE}{_TAIL}",
        ),
    ),
    "cancel_table": (
        said(
            "(取消|退掉|退了|不要)[了][{restaurant}](预订|预定|预约|订位|订桌|桌子|餐厅预订|座位|位子)[了]",
            "(预订|预定|预约|桌子|座位|位子)(取消|退掉|退|不要)[了|掉]",
        ),
    ),
    "order_delivery": (
        said(
            "(订购|订|买|点|下单)[{pieces}][份|瓶|袋|盒|箱|包]{goods}[(送|放|装)(到|进|在)[{car}](<boot>|{car})]",
            "(送|放)[{pieces}][份|瓶|袋|盒|箱|包]{goods}(到|进)[{car}](<boot>|{car})",
            "{goods}(送|放|装)(到|进)[{car}](<boot>|{car})",
        ),
    ),
}
"""Intent name to what can be said."""

ANSWERS: Sequence[Said] = (said("[在|去]{restaurant}", "{people}(个人|人|位)"),)
"""What can be said to an open question about them."""
