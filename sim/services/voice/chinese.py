"""What can be said in Chinese, over simplified sentences: see `chinese_speech`.

Courtesies and the particles `的`, `把`, `里` are gone already, and numbers are in figures.
"""

from types import MappingProxyType

from sim.services.voice.chinese_answers import ANSWERS, REASONS
from sim.services.voice.chinese_car import CAR, DRIVING, OPENING
from sim.services.voice.chinese_questions import QUESTIONS
from sim.services.voice.chinese_speech import simplified, split
from sim.services.voice.tongue import Said, Tongue, for_each, said

SWITCHED = ("light", "climate", "purifier", "plug", "tv", "speaker")

_RULES = {
    "at": "[在]([{home}]{room}|{home}|{car}|{here})[上|中]",
    "everywhere": "(整个家|整屋|全屋|整个房子|每个房间|所有房间|各个房间|全家|到处)",
    "spot": "([{home}]{room}|{home}|{here}|房间|屋子)",
    "start": (
        "(打开|开个|开台|通电|开启|启动|开起来|开开|开上|开下|开着|点亮|点开|启用|运行|开"
        "|亮起来|亮起)[了]"
    ),
    "stop": "(关掉|断电|断开|关闭|关上|关下|关了|关停|关机|停掉|停止|停下|停用|熄灭|熄掉|熄|灭掉|关)[了]",
    "set": "((设置|设定|设|调整|调节|调|保持|维持|改|变|弄|开|打|控制|定)[到|为|成|至|在|是]"
    "|(调高|调低|升高|升温|升|降低|降温|降|上调|下调|提高|加|减)(到|为|成|至|在))",
    "deg": "{degrees}[度]",
    "pct": "({percent}[%]|{amount:percent}[亮度|音量]|{amount:percent})",
    "bit": "(一点|点|许多|很多|不少|多)",
    "by": "({by}(度|%)|<bit>)",
    "higher": "(调高|升高|提高|上调|调热|调暖|升温|升|加|开大|调大|增加|加大|高|弄暖|弄热|加热)[了]",
    "lower": "(调低|降低|下调|调冷|调凉|降温|降|减|开小|调小|减少|减小|低|弄凉|调下来)[了]",
    "so": (
        "(太|有点|好|很|非常|真|特别|有些|这么|越来越|挺|超"
        "|实在太|怎么这么|还是|有一点|蛮|可真|觉得|感觉|真是太)"
    ),
    "media": "(<speaker>|<tv>)",
    "music": "(音乐|歌|歌曲|首歌|一首歌|点歌|点音乐|一点音乐|曲子|电台|广播|歌单|播放)",
    "of_car": "(我车|我们车|{car})",
    "seat_heat": "(加热|制热|暖|供暖)",
    "a_seat": "[我][{seat}][位|侧|边](座椅|座位|座|椅)",
    "please_on": "[上|起来]",
}

_POWER: tuple[Said, ...] = (
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
        ),
        power="off",
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
_RULES["deg_to"] = "[并|然后|温度][<set>|到|加热到|升到|降到]<deg>"

_RULES["deg_at"] = "(到|至|[并](调|设|设置|设定)(到|至|为|成)|加热到|升到|降到)<deg>"

_SET_TEMPERATURE = (
    said("<spot>(加热|制热|升温|供暖|暖和|加温)(到|至)<deg>", "(加热|升温)<spot>(到|至)<deg>", thing="heat"),
    said("<spot>(制冷|降温)(到|至)<deg>", thing="cool", power="on"),
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
        thing="temperature",
    ),
)


def _changed(step: str, change: str, adjective: str, feeling: str) -> Said:
    """Return what asks for more or less warmth, the words for it in one direction."""
    return said(
        f"<climate>[温度][再]<{change}>[<by>]",
        f"<{change}>[一点](<climate>|[<at>]温度)[温度][<by>]",
        f"[<at>]温度[再]<{change}>[<by>]",
        f"[<at>]温度[再]{'高' if step == 'up' else '低'}<by>",
        f"[<spot>|{{car}}][再|变|弄|调|变得|搞]{adjective}[起来|下来][<by>]",
        f"[<spot>|{{car}}][再]<{change}>{{by}}度",
        f"[{{here}}|<spot>][里][我][们]{feeling}",
        f"[我][觉得|感觉]{feeling}",
        f"[我][觉得|感觉](<spot>|{{car}}|<climate>){feeling}",
        f"[<spot>|<climate>]温度太{'低' if step == 'up' else '高'}[了]",
        step=step,
        thing="temperature",
    )


_CHANGE_TEMPERATURE = (
    _changed("up", "higher", "(暖和|热|暖|温暖)", "[<so>][<so>](冷|凉|冻|冻人|寒冷)[死][我][了|死了|得很]"),
    _changed("down", "lower", "(凉快|凉|冷|凉爽)", "[<so>][<so>](热|闷热|烫)[死][我][了|死了|得很]"),
)

_SET_BRIGHTNESS = (
    said(
        "<light>[亮度][调亮|调暗|<set>|到|亮到]<pct>[亮度]",
        "(<set>|调亮|调暗)<light>[亮度][到|为|至|成]<pct>[亮度]",
        "[<at>]亮度[<set>|到]<pct>",
        "<set>[<at>]亮度[到|为|至|成]<pct>",
        "<start><light>[并][<set>|到|亮度]<pct>[亮度]",
        "<light><start>[并][<set>|到|亮度][到]<pct>[亮度]",
        "<light>[<set>]{amount:percent}",
        thing="lighting",
    ),
)

_CHANGE_BRIGHTNESS = (
    said(
        "<light>[亮度][再](调亮|调高|开亮|亮|弄亮|变亮|提高|加亮|调大|增加|升高|开大)[些|了][<by>]",
        "(调亮|提高|加亮|增加|调高)(<light>|[<at>]亮度|<spot>)[亮度][<by>]",
        "[<spot>][再|变|弄|调](亮)[起来][<by>]",
        "[<at>]亮度[再](调高|提高|增加|升高|加|调大|高)[<by>]",
        "[<spot>]<so>(暗|黑|昏暗)[了]",
        "<light><so>(暗|黑|昏暗)[了]",
        "(看不清|看不见)[了]",
        step="up",
        thing="lighting",
    ),
    said(
        "<light>[亮度][再](调暗|调低|暗|弄暗|变暗|降低|调小|减少|调柔和|柔和)[些|了][<by>]",
        "(调暗|降低|减少|调低)(<light>|[<at>]亮度|<spot>)[亮度][<by>]",
        "[<spot>][再|变|弄|调](暗)[下来][<by>]",
        "[<at>]亮度[再](调低|降低|减少|减|调小|低)[<by>]",
        "[<spot>]<so>(亮|刺眼)[了]",
        "<light><so>(亮|刺眼)[了]",
        step="down",
        thing="lighting",
    ),
)

_SET_TONE = (
    said(
        "<light>[色温|颜色][<set>|换|换成|用|切换到|切换成|切到]({tone:kelvin}|{kelvin}k)",
        "<set><light>[色温|颜色][到|为|成|至]({tone:kelvin}|{kelvin}k)",
        "[<at>](色温|颜色|灯光颜色)[<set>|换成]({tone:kelvin}|{kelvin}[k])",
        "<light>色温<set>{kelvin}[k]",
        "[<at>][用|换成|要|开|打开|切换到]{tone:kelvin}[灯]",
        "<start><light>[用]{tone:kelvin}",
        "<light>[调|变|弄|偏]{warmth:kelvin}[一点]",
        thing="light",
    ),
)

_LEVEL = "({level}档|{strength:level}[档|风|速|速度|模式|风速]|风速[到]{level}[档])"
_PURIFIER_MODE = (
    said(
        f"<purifier>[<set>|切换到|切换成|切换为|切到|换成|换到|用|进入|开启|打开]({{mode}}[模式|档]|{_LEVEL})",
        f"(<set>|切换|切)<purifier>[到|为|成|至|模式为]({{mode}}[模式|档]|{_LEVEL})",
        "<purifier>(风速|档位|档|模式|速度)[<set>|到]({mode}[模式]|{level}[档]|{strength:level}[档])",
        "<start><purifier>({mode})[模式]",
        "(打开|开启|启动|用)<purifier>{mode}模式",
        "<purifier>{mode}模式[<start>]",
        "<purifier>{mode}(运行|工作|净化)",
        thing="purifier",
    ),
)

_CLEAN_AIR = (
    said(
        "(净化|清洁|过滤|清新|改善)[<at>]空气",
        "<at>(净化|清洁|过滤)[空气]",
        "[<at>]空气(净化|清洁|过滤)",
        "[<spot>]空气<so>(差|脏|闷|不好|浑浊|污浊|糟)[了]",
        "[<spot>]空气不(好|新鲜|太好)",
        "[<spot>]<so>(闷|呛|有味道|臭)[了]",
        thing="purifier",
        power="on",
    ),
)

_PLAY = (
    said(
        "[<at>](播放|放|继续放|继续播放|继续|听|来|播|打开|开|接着放|恢复播放|恢复|开始播放)[点|首|一点|些]<music>[<at>]",
        "<media>(播放|放|继续放|继续播放|听|来|播|继续)[点|首|一点]<music>",
        "用<media>(播放|放|听|播)[点|首|一点]<music>",
        "<start><music>",
        "<music>(打开|继续|开起来|放起来)",
        "[<media>](继续播放|继续放|恢复播放|开始播放|播放)",
        "(播放|放)<media>[<music>]",
    ),
    said(
        "用<media>(播放|放|听|播)[一首|首|点]{title}",
        "<media>(播放|放|播)[一首|首|点]{title}",
        "<at>(播放|放|播)[一首|首|点]{title}",
        "(播放|放一首|放首|播一首|听一首|来一首|放点|来点|来首|听|播|放){title}",
    ),
)

_PAUSE = (
    said(
        "[<at>](暂停|停止|停下|停|关掉|关闭|关|别放|不要放|停掉|停止播放|暂停播放|别播|不听|别播放)[了]<music>[了]",
        "[<media>](暂停|停止播放|暂停播放|停播|别放|别唱|不要放|停)[了|歌了|<music>]",
        "<music>[<at>](暂停|停|停止|关掉|关了|停下|停掉|关)[了]",
        "<media><music>(暂停|停|停止|关掉|关)[了]",
        "(暂停|停止)<media>[播放]",
        "(别放了|别唱了|停止播放)",
    ),
)

_SET_VOLUME = (
    said(
        "[<media>]<vol>[<set>|到|开到]<pct>",
        "(<set>|开)[<media>]<vol>[到|为|成|至]<pct>",
        "<media>[<vol>](<set>|声音调到|开到)<pct>",
        "<at><vol>[<set>|到]<pct>",
    ),
)
_RULES["vol"] = "(音量|声音|声儿|音)"

_CHANGE_VOLUME = (
    said(
        "[<at>|<media>]<vol>[再](调大|调高|大|开大|加大|提高|增大|升高|加|响|放大|高|调响)[些|了][<by>]",
        "(调大|调高|加大|提高|增大|开大|增加)[<at>|<media>]<vol>[<by>]",
        "[<media>](大声|响|大点声|声音大)[<by>]",
        "[<media>](大点声|大声点|大点儿声|再大声点|大一点声)",
        "<media>[再](调大|开大|大)[声]<by>",
        "[<media>]<vol><so>(小|低|轻)[了]",
        "(听不见|听不清|听不到)[了]",
        step="up",
    ),
    said(
        "[<at>|<media>]<vol>[再](调小|调低|小|关小|减小|降低|轻|减|低|调轻)[些|了][<by>]",
        "(调小|调低|减小|降低|关小|减少)[<at>|<media>]<vol>[<by>]",
        "[<media>](小声|轻声|声音小)[<by>]",
        "[<media>](小点声|小声点|小点儿声|再小声点|轻点|安静点|小一点声)",
        "<media>[再](调小|关小|小)[声]<by>",
        "[<media>|<music>][<vol>]<so>(大|吵|响|大声)[了]",
        "太吵了",
        step="down",
    ),
)

_MUTE = (
    said(
        "[<at>|<media>](静音|静一静|静下来|消音|闭嘴|安静|别出声|调静音|设为静音|设置为静音)[了]",
        "(静音|设置静音|开启静音)<media>",
        "(关掉|关闭|关)[<media>]<vol>",
        "[<media>]<vol>(关掉|关闭|关了|关)",
        percent=0.0,
    ),
)

_LOOK = "(看|看看|看一看|显示|打开|开|查看|展示|调出|给看看|瞧瞧|播放|我看看|切到|观看|开启)"
_VIEW_CAMERA = (
    said(
        f"[我]{_LOOK}<camera>[画面|图像|影像|监控]",
        f"<camera>[画面]{_LOOK}[来|出来]",
        f"[我]{_LOOK}({{room}}|{{home}})[什么|怎么][情况|样子|画面|怎么样|有没有人|发生什么|在干什么|监控|什么样]",
        "<camera>(看到|拍到)[了]什么",
        "<camera>[画面]",
        "({room}|{home})(什么情况|怎么样了|怎么样|什么样)",
        f"{_LOOK}[{{home}}]监控",
        thing="camera",
    ),
)

_SCENES = (
    said(
        "(打开|开启|启动|运行|执行|切换到|切换成|进入|开始|切到|换成|来|设置为|设为|开)[场景]{scene}[场景|模式]",
        "(打开|开启|启动|运行|执行|切换到|进入)(场景|模式){scene}",
        "{scene}(场景|模式)[打开|启动|开启]",
        "场景{scene}",
    ),
    said(
        "[我们?|我|要|准备]".replace("?", "")
        + "[要](出门|出去|走|离开家|离家|离开|上班去|去上班|外出|出发|上班)[了|啦]",
        "(再见|拜拜|走了|我走了|我先走了|我出去了|我出门了|我上班去了)",
        "[打开|启动|开启|执行|进入|开始|切换到](离家|外出|出门|离开)(模式|场景)",
        scene="@leaving",
    ),
    said(
        "[我|我们](晚安|睡觉了|我睡了|睡觉|我睡觉了|休息了|上床睡觉|上床了|睡了|该睡觉了|要睡了|要睡觉了|我要睡了|准备睡觉了|我休息了|准备睡了|准备睡觉|去睡了|去睡觉了)",
        "[打开|启动|开启|执行|进入|开始|切换到](晚安|睡眠|睡觉|就寝)(模式|场景)",
        scene="@night",
    ),
    said(
        "[我们|我](回来|到家|回家|回到家|到)(了|啦)",
        "[我们|我](到家|回来|回到家)",
        "[打开|启动|开启|执行|进入|开始|切换到](回家|到家)(模式|场景)",
        scene="@arriving",
    ),
    said(
        "(早安|早上好|早|我起床了|起床了|我醒了|醒了|起床)",
        "[打开|启动|开启|执行|进入|开始|切换到](早安|起床|早晨)(模式|场景)",
        scene="@morning",
    ),
)

_ALL = "(东西|所有东西|所有设备|所有电器|全部设备|全部电器|全部|所有|一切|全部东西|电器|设备)"
_ALL_OFF = (
    said(
        f"(关掉|关闭|关上|关|停掉)[<at>|<everywhere>]{_ALL}",
        f"[<at>|<everywhere>]{_ALL}[都|全|全都|全部](关|关掉|关闭|关上|关了|停掉)[了]",
        "[<at>|<everywhere>](都|全|全都|全部)(关|关掉|关闭|关上|关了)[了]",
        f"(关掉|关闭|关)<at>{_ALL}",
        thing="everything",
        power="off",
    ),
)

_ANSWER = (
    said(
        "(算了|取消|没事|不用了|不要了|都不是|都不要|不|不是|没有|都不|不了|停|别管了|不用|没事了|不需要)",
        cancelled=True,
    ),
    said(
        "(都要|都|全部|全都要|两个都要|两个都|都开|都关|所有|全都|两个|都打开|都关掉|一起|两个都开|两个都关|全要|2个|2个都|2个都要)",
        every=True,
    ),
    said(
        "[在|是|要]([{home}]{room}|{home}|{car})[那个|那台|那]",
    ),
    said(*for_each((*SWITCHED, "camera"), "[用|是|要]<@>")),
    said("(制热|加热|热|暖|暖风|取暖|供暖|热风)[模式]", thing="heat"),
    said("(制冷|冷|凉|冷风|降温)[模式]", thing="cool"),
    said("[<set>|到]{degrees}[度]"),
    said("[<set>|到]{percent}%", "[到]{amount:percent}"),
    said("{seat}[座|位|座椅|侧|那边]"),
)

CHINESE = Tongue(
    code="zh",
    simplified=simplified,
    split=split,
    intents=MappingProxyType(
        {
            "all_off": _ALL_OFF,
            **CAR,
            "set_temperature": _SET_TEMPERATURE,
            "power": _POWER,
            "change_temperature": _CHANGE_TEMPERATURE,
            "set_brightness": _SET_BRIGHTNESS,
            "change_brightness": _CHANGE_BRIGHTNESS,
            "set_tone": _SET_TONE,
            "purifier_mode": _PURIFIER_MODE,
            "clean_air": _CLEAN_AIR,
            "set_volume": _SET_VOLUME,
            "change_volume": _CHANGE_VOLUME,
            "mute": _MUTE,
            "pause": _PAUSE,
            "view_camera": _VIEW_CAMERA,
            "scene": _SCENES,
            "play": _PLAY,
            "question": QUESTIONS,
            "opening": OPENING,
            "driving": DRIVING,
        }
    ),
    answer=_ANSWER,
    rules=_RULES,
    lists={
        "degrees": {
            "range": {"type": "temperature", "from": 0, "to": 150, "fractions": "halves", "words": False}
        },
        "by": {"range": {"from": 1, "to": 100, "words": False}},
        "percent": {"range": {"type": "percentage", "from": 0, "to": 500, "words": False}},
        "kelvin": {"range": {"from": 100, "to": 20000, "words": False}},
        "level": {"range": {"from": 0, "to": 20, "words": False}},
        "amount": {
            "values": [
                {"in": "(最亮|最高|最大|全亮|满|最响|最大声)", "out": 100.0},
                {"in": "(最暗|最低|最小|最小声)", "out": 1.0},
            ]
        },
        "tone": {
            "values": [
                {"in": "(暖光|暖白|暖白光|暖黄|暖黄光|暖色|黄光|暖色调|暖白色|暖色光|暖黄色)", "out": 2700.0},
                {"in": "(中性光|自然光|中性白|自然白|中性|自然色)", "out": 4000.0},
                {"in": "(冷光|冷白|冷白光|白光|冷色|冷色调|白色|冷白色|冷色光)", "out": 5000.0},
                {"in": "(日光|日光色|正白光|日光白)", "out": 6500.0},
            ]
        },
        "warmth": {"values": [{"in": "(暖|暖和)", "out": 2700.0}, {"in": "冷", "out": 5000.0}]},
        "mode": {
            "values": [
                {"in": "(自动|智能|auto)", "out": "auto"},
                {"in": "(睡眠|夜间|静音|睡觉|安静|夜晚)", "out": "sleep"},
                {"in": "手动", "out": "manual"},
            ]
        },
        "strength": {
            "values": [
                {"in": "(低|最低|弱|最小|最弱|小)", "out": 1.0},
                {"in": "(中|中等)", "out": 2.0},
                {"in": "(高|最高|强|强力|最大|最强|大)", "out": 3.0},
            ]
        },
        "seat": {
            "values": [
                {"in": "(主驾驶|主驾|驾驶|驾驶员|司机|左前)", "out": "driver"},
                {"in": "(副驾驶|副驾|乘客|右前|副驾驶员)", "out": "passenger"},
            ]
        },
        "every": {"values": [{"in": "(所有|全部|全|都|全都|每[个|盏|台]|一切|统统|两[个|盏])", "out": True}]},
        "here": {"values": [{"in": "这儿", "out": True}]},
        "title": {"wildcard": True},
        "place": {"wildcard": True},
    },
    words=MappingProxyType(
        {
            "light": (("(灯|电灯|灯光|主灯|照明|灯具|灯泡|照明灯|大灯|房灯)", "lights"),),
            "climate": (
                ("(暖气|加热器|取暖器|电暖器|暖风|暖风机|地暖|电暖气|供暖|暖炉|热风)", "heat"),
                ("(空调|冷气|空调机|冷风|冷空调)", "cool"),
                ("(温控|温控器|恒温器|温控面板)", "climate"),
            ),
            "purifier": (("(空气净化器|净化器|空气净化机|净化机|空净|空气净化)", "purifier"),),
            "plug": (("(插座|智能插座|插头|插排|电源插座|排插|墙插)", "plug"),),
            "tv": (("(电视|电视机|小米电视|智能电视|电视屏幕)", "tv"),),
            "speaker": (("(音箱|音响|小爱音箱|智能音箱|喇叭|扬声器|小音箱|音箱子)", "speaker"),),
            "camera": (
                ("(摄像头|摄像机|监控|监控摄像头|监控画面|摄像头画面|监控器|镜头|监控视频|摄像)", "camera"),
            ),
        }
    ),
    thing_rule="[{every}][<at>|<everywhere>][{every}]({@_name:device}|{@_word:thing})[{every}]",
    rooms=MappingProxyType(
        {
            "living_room": ("客厅", "起居室", "大厅"),
            "bedroom": ("卧室", "主卧", "睡房", "卧房", "主卧室", "房间"),
            "master_bedroom": ("主卧", "主卧室"),
            "guest_room": ("客房", "客卧", "次卧"),
            "second_bedroom": ("次卧", "次卧室"),
            "kitchen": ("厨房",),
            "study": ("书房", "办公室", "工作室"),
            "office": ("书房", "办公室", "工作室"),
            "kids_room": ("儿童房", "孩子房间", "孩子房", "宝宝房"),
            "children_room": ("儿童房", "孩子房间", "孩子房", "宝宝房"),
            "child_room": ("儿童房", "孩子房间", "孩子房", "宝宝房"),
            "nursery": ("儿童房", "婴儿房", "宝宝房"),
            "bathroom": ("浴室", "卫生间", "洗手间", "厕所", "洗澡间"),
            "dining_room": ("餐厅", "饭厅"),
            "hallway": ("走廊", "玄关", "门厅", "过道"),
            "hall": ("走廊", "玄关", "门厅", "过道"),
            "balcony": ("阳台",),
            "garage": ("车库",),
            "garden": ("花园", "院子"),
            "tea_room": ("茶室",),
        }
    ),
    devices=MappingProxyType(
        {
            "desk_lamp": ("台灯",),
            "table_lamp": ("台灯",),
            "reading_lamp": ("阅读灯", "台灯"),
            "floor_lamp": ("落地灯",),
            "bedside_lamp": ("床头灯",),
            "ceiling_light": ("吸顶灯", "顶灯", "吊灯"),
            "ceiling_lamp": ("吸顶灯", "顶灯", "吊灯"),
            "night_light": ("夜灯", "小夜灯"),
            "light_strip": ("灯带",),
            "fan": ("风扇", "电扇"),
            "kettle": ("热水壶", "水壶", "烧水壶"),
            "coffee_machine": ("咖啡机",),
            "coffee_maker": ("咖啡机",),
            "rice_cooker": ("电饭煲", "电饭锅"),
            "humidifier": ("加湿器",),
            "kitchen_plug": ("厨房插座",),
        }
    ),
    places=MappingProxyType(
        {
            "office": ("公司", "办公室", "单位"),
            "work": ("公司", "单位"),
            "school": ("学校",),
            "badaling": ("八达岭",),
            "zhangjiakou": ("张家口",),
            "hohhot": ("呼和浩特",),
            "xilinhot": ("锡林浩特",),
            "kinmen": ("金门",),
        }
    ),
    own_home=("家", "家中", "我家", "我们家", "房子"),
    own_car=("车", "汽车", "车子", "座驾", "车厢", "车内", "车辆", "爱车", "小车", "小米汽车"),
    scenes=MappingProxyType(
        {
            "movie": ("电影", "观影", "看电影", "影院"),
            "movie_night": ("电影", "观影", "看电影", "影院", "电影之夜"),
            "reading": ("阅读", "看书"),
            "party": ("派对", "聚会"),
            "dinner": ("晚餐", "用餐", "吃饭"),
            "away": ("离家", "外出"),
            "good_night": ("晚安",),
        }
    ),
    answers=ANSWERS,
    reasons=REASONS,
)
