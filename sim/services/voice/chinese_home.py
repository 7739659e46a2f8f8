"""What can be said of warmth, light and air in Chinese, and of what is switched on and off."""

from sim.services.voice.tongue import Said, for_each, said

SWITCHED = ("light", "climate", "purifier", "plug", "tv", "speaker")
"""Sorts of things that are on or off."""

POWER: tuple[Said, ...] = (
    said(
        *for_each(
            SWITCHED,
            "<start>[{every}]<@>[都][{every}][<deg_to>]",
            "[{every}]<@>[{every}]<start>[<deg_to>]",
            "[<at>]<start><@>[<deg_to>]",
            "<@>[{every}]亮",
        ),
        power="on",
    ),
    said(
        "<climate>(制热|加热)[模式]",
        "<climate>(调成|调到|调为|设为|设成|切换到|切换成|改成|切到|开|打开|用)(制热|加热|暖风|热风)[模式]",
        "<start><climate>(制热|加热)[模式]",
        mode="heat",
        power="on",
    ),
    said(
        "<climate>(制冷)[模式]",
        "<climate>(调成|调到|调为|设为|设成|切换到|切换成|改成|切到|开|打开|用)(制冷|冷风)[模式]",
        "<start><climate>(制冷)[模式]",
        mode="cool",
        power="on",
    ),
    said(
        "<start>{plug_name:device}(插座|插头|电源)", "{plug_name:device}(插座|插头|电源)<start>", power="on"
    ),
    said("<stop>{plug_name:device}(插座|插头|电源)", "{plug_name:device}(插座|插头|电源)<stop>", power="off"),
    said("看电视", thing="tv", power="on"),
    said("<spot>[需要|要]灯", "(照亮|点亮)<spot>", "开灯[<at>]", "<spot>开灯", thing="lights", power="on"),
    said("<spot>(关灯|熄灯)", "(关灯|熄灯)", thing="lights", power="off"),
    said(
        *for_each(
            SWITCHED,
            "<stop>[{every}]<@>[{every}]",
            "[{every}]<@>[{every}]<stop>",
            "[<at>]<stop><@>",
            "<@>[不要|别][再]开[着]了",
            "<@>(不用|不需要|用不着|没必要)[再][开|用][着]了[<stop>]",
            "[<at>](不用|不需要|用不着|没必要)[再][开|用][着]<@>了[<stop>]",
            "<@>[都]用完了<stop>",
        ),
        *for_each(("climate", "purifier", "plug"), "<@>[都]停[了]", "停[了]<@>"),
        "[不想|不]看<tv>了",
        power="off",
    ),
    said("关灯{every}灯", thing="lights", power="off"),
    said(
        *for_each(("light", "climate", "purifier", "plug", "tv"), "<@>[给]<start>[一直|着]"),
        "[想|要]看<tv>",
        power="on",
    ),
    said(
        "<spot>(加热|升温|暖和|供暖|制热|取暖|热|加温|暖)[起来|上][<deg_at>]",
        "(加热|暖|暖和|供暖|升温|加温)<spot>[<deg_at>]",
        "<spot>(开始|开启|打开)(加热|制热|供暖)[<deg_to>]",
        thing="heat",
        power="on",
    ),
    said(
        "<spot>(降温|制冷|凉快|降降温|冷却|凉)[下来|起来][<deg_at>]",
        "(降温|制冷|凉快)<spot>[<deg_at>]",
        "<spot>(开始|开启|打开)(制冷|降温)[<deg_to>]",
        thing="cool",
        power="on",
    ),
)
SET_TEMPERATURE = (
    said(
        "<spot>(加热|制热|升温|供暖|暖和|加温)(到|至)<deg>",
        "(加热|升温)<spot>(到|至)<deg>",
        thing="heat",
        power="on",
    ),
    said(
        "<spot>(制冷|降温)(到|至)<deg>",
        "<climate>(制冷|冷风)[模式][到|至|<set>]<deg>",
        "(制冷|降温)<spot>(到|至)<deg>",
        thing="cool",
        power="on",
        mode="cool",
    ),
    said("<climate>(制热|加热|暖风)[模式][到|至|<set>]<deg>", power="on", mode="heat"),
    said(
        "<climate>[温度][<set>|到]<deg>[<at>]",
        "<set><climate>[温度][到|为|至|成]<deg>",
        "[<at>]<set><climate>[温度][到|为|至|成]<deg>",
    ),
    said(
        "[<at>]温度<set><deg>",
        "<set>[<at>]温度[到|为|至|成|在]<deg>",
        "[<at>][温度][到]{degrees}度",
        "<at>[温度]<set><deg>",
        "<set>{degrees}度[<at>]",
        "<at>(开|要|想要|保持)[到|在]{degrees}度",
        "[<at>]温度[我](想要|要|希望)[是|到|在]<deg>",
        "[<at>]温度(升|降|升高|降低|提高)(到|至)<deg>",
        "<set>[<at>]<deg>",
        thing="temperature",
    ),
)


def _changed(step: str, change: str, adjective: str, feeling: str) -> tuple[Said, Said]:
    """Return what asks for more or less warmth and what only feels so, the words for one direction."""
    return said(
        f"<climate>[温度][再]{'(开大|调大|大|高|热)' if step == 'up' else '(开小|调小|小|低|凉)'}[<by>]",
        f"(<set>|弄|搞)[<spot>]{adjective}[<by>]",
        f"[<spot>][想要|要|希望][能]{adjective}[<by>]",
        f"<spot>[温度]{'(升|加|高)' if step == 'up' else '(降|减|低)'}{{by}}度",
        f"[<at>]温度[再](往)?{'上' if step == 'up' else '下'}调[<by>]".replace("(往)?", "[往]"),
        f"<climate>[温度][再]<{change}>[<by>]",
        f"<{change}>[一点](<climate>|[<at>]温度)[温度][<by>]",
        f"[<at>]温度[再]<{change}>[<by>]",
        f"[<at>]温度[再]{'高' if step == 'up' else '低'}<by>",
        f"[<spot>|{{car}}][再|变|弄|调|变得|搞]{adjective}[起来|下来][<by>]",
        f"[<spot>|{{car}}][再]<{change}>{{by}}度",
        step=step,
        thing="temperature",
    ), said(
        f"[{{here}}|<spot>][里][我][们]{feeling}",
        f"[我][们][在]<spot>[里]{feeling}",
        f"[我][觉得|感觉]{feeling}",
        f"[我][觉得|感觉](<spot>|{{car}}|<climate>){feeling}",
        f"[<spot>|<climate>]温度<so>{'低' if step == 'up' else '高'}[了]",
        step=step,
        thing="temperature",
        felt=True,
    )


CHANGE_TEMPERATURE = (
    *_changed("up", "higher", "(暖和|热|暖|温暖)", "[<so>][<so>](冷|凉|冻|冻人|寒冷)[死][我][了|死了|得很]"),
    *_changed("down", "lower", "(凉快|凉|冷|凉爽)", "[<so>][<so>](热|闷热|烫)[死][我][了|死了|得很]"),
)

SET_BRIGHTNESS = (
    said(
        "<light>[亮度][调亮|调暗|<set>|到|亮到]<pct>[亮度]",
        "(<set>|调亮|调暗)<light>[亮度][到|为|至|成]<pct>[亮度]",
        "[<at>]亮度[<set>|到]<pct>",
        "<set>[<at>]亮度[到|为|至|成]<pct>",
        "<start><light>[并][<set>|到|亮度]<pct>[亮度]",
        "<light><start>[并][<set>|到|亮度][到]<pct>[亮度]",
        "<light>[<set>|亮度]{amount:percent}[亮度|亮]",
        "<light>[亮度](<set>|调亮到|调暗到|亮到|暗到|降到|升到|调高到|调低到|开|亮)[到|至|成|为]<pct>[亮度|亮]",
        "(调亮|调暗|调高|调低|降低|提高)<light>[亮度](到|至)<pct>[亮度]",
        "(<set>|用)<pct>[亮度]<light>",
        "<light>[用|要|想要|只要|有]<pct>[亮度]",
        "(打开|开|开启)<light>[到|至]<pct>[亮度|亮]",
        thing="lighting",
    ),
)

CHANGE_BRIGHTNESS = (
    said(
        "<light>[亮度][再](调亮|调高|开亮|亮|弄亮|变亮|提高|加亮|调大|增加|升高|开大)[些|了][<by>]",
        "(调亮|提高|加亮|增加|调高)(<light>|[<at>]亮度|<spot>)[亮度][<by>]",
        "[<spot>][再|变|弄|调](亮)[起来][<by>]",
        "[<at>]亮度[再](调高|提高|增加|升高|加|调大|高)[<by>]",
        "[<at>](需要|要|想要|多|多来)[一点|更多]光[线]",
        step="up",
        thing="lighting",
    ),
    said(
        "[<spot>][光线]<so>(暗|黑|昏暗)[了]",
        "<light>[光线|亮度]<so>(暗|黑|昏暗|低)[了]",
        "[<spot>][我](看不清|看不见|看不清楚)[了]",
        "<light>不够亮",
        "[<spot>]不够亮",
        step="up",
        thing="lighting",
        felt=True,
    ),
    said(
        "[<spot>][光线]<so>(亮|刺眼)[了]",
        "<light>[光线|亮度]<so>(亮|刺眼|晃眼|高)[了]",
        step="down",
        thing="lighting",
        felt=True,
    ),
    said(
        "<light>[亮度][再](调暗|调低|暗|弄暗|变暗|降低|调小|减少|调柔和|柔和)[些|了][<by>]",
        "(调暗|降低|减少|调低)(<light>|[<at>]亮度|<spot>)[亮度][<by>]",
        "[<spot>][再|变|弄|调](暗)[下来][<by>]",
        "[<at>]亮度[再](调低|降低|减少|减|调小|低)[<by>]",
        step="down",
        thing="lighting",
    ),
)

SET_TONE = (
    said(
        "<light>[色温|颜色][<set>|换|换成|用|切换到|切换成|切到]({tone:kelvin}|{kelvin}k)",
        "<set><light>[色温|颜色][到|为|成|至]({tone:kelvin}|{kelvin}k)",
        "[<at>](色温|颜色|灯光颜色)[<set>|换成]({tone:kelvin}|{kelvin}[k])",
        "<light>色温<set>{kelvin}[k]",
        "[<at>][用|换成|要|开|打开|切换到]{tone:kelvin}[灯]",
        "<start><light>[用]{tone:kelvin}",
        "(<set>|换成|切换到|切换成|用)({tone:kelvin}|{kelvin}k)<light>",
        "<light>(变成|变为|变|改用|要|想要|用|换到|使用)({tone:kelvin}|{kelvin}k)",
        "<light>[色温]{kelvin}k",
        "<light>色温[是|要]{kelvin}",
        "<light>[变|调|弄](暖|冷)色",
        "<light>[调|变|弄|偏]{warmth:kelvin}[一点]",
        thing="light",
    ),
)

_LEVEL = "({level}档|{strength:level}[档|风|速|速度|模式|风速]|风速[到]{level}[档])"
PURIFIER_MODE = (
    said(
        f"<purifier>[<set>|切换到|切换成|切换为|切到|换成|换到|用|进入|开启|打开]({{mode}}[模式|档]|{_LEVEL})",
        f"(<set>|切换|切)<purifier>[到|为|成|至|模式为]({{mode}}[模式|档]|{_LEVEL})",
        "<purifier>(风速|档位|档|模式|速度)[<set>|到]({mode}[模式]|{level}[档]|{strength:level}[档])",
        "<start><purifier>({mode})[模式]",
        "(打开|开启|启动|用)<purifier>{mode}模式",
        "<purifier>{mode}模式[<start>]",
        "<purifier>{mode}(运行|工作|净化)",
        "<purifier>[开|用|风速|档位|风量|调]([第]{level}档|{strength:level}[档|风|速|风速|风量])",
        "(<set>|开)<purifier>[到|为|成|至](风速|档位|风量)[到|为|成|至]({level}[档]|{strength:level}[档])",
        "<purifier>(切回|调回|换回|恢复)[到]{mode}[模式|档]",
        "<purifier>(开到|调到|开|调成|设成|设为)({level}|{strength:level})[档]",
        "<purifier>(以|用)({mode}[模式]|{level}档|{strength:level}[档|风])[运行|工作|净化]",
        "<purifier>[开启|打开|启用|进入|切换到]{mode}[模式]",
        thing="purifier",
    ),
)

CLEAN_AIR = (
    said(
        "(净化|清洁|过滤|清新|改善)[<at>]空气",
        "<at>(净化|清洁|过滤)[空气]",
        "[<at>]空气(净化|清洁|过滤)",
        "<start>[<at>]空气净化",
        "让[<at>]空气(干净|清新|新鲜)一点",
        "[<at>]空气[变|弄](干净|清新|新鲜)一点",
        thing="purifier",
        power="on",
    ),
    said(
        "[<spot>]空气[质量]<so>(差|脏|闷|不好|浑浊|污浊|糟)[了]",
        "[<spot>]空气不(好|新鲜|太好)",
        "[<spot>]<so>(闷|呛|有味道|臭|味道大|灰大|灰尘多)[了]",
        "[<spot>](味道|灰尘|烟味|油烟)<so>(大|重|多)[了]",
        thing="purifier",
        power="on",
        felt=True,
    ),
)
