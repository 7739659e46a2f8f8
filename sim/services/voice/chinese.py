"""What can be said in Chinese, over simplified sentences: see `chinese_speech`.

Courtesies and the particles `的`, `把`, `里` are gone already, and numbers are in figures.
"""

from types import MappingProxyType

from sim.services.voice import chinese_errands, chinese_home, chinese_media
from sim.services.voice.chinese_answers import ANSWERS, REASONS
from sim.services.voice.chinese_car import CAR, DRIVING, OPENING
from sim.services.voice.chinese_clauses import JOINING, WAY_THERE, is_reason, without_reason
from sim.services.voice.chinese_home import SWITCHED
from sim.services.voice.chinese_questions import QUESTIONS
from sim.services.voice.chinese_speech import simplified, split
from sim.services.voice.tongue import Tongue, for_each, said

_RULES = {
    "at": "[在]([{home}]{room}|{home}|{car}|{here})[上|中]",
    "everywhere": "{everywhere:every}",
    "spot": "([{home}]{room}|{home}|{here}|房间|屋子)",
    "start": ("(打开|开个|通电|开启|启动|开起来|开开|开上|开下|开着|点亮|点开|启用|运行|开|亮起来|亮起)[了]"),
    "stop": "(关掉|断电|断开|关闭|关上|关下|关了|关停|关机|停掉|停止|停下|停用|熄灭|熄掉|熄|灭掉|关)[了]",
    "set": "((设置|设定|设|调整|调节|调|保持|维持|改|变|弄|开|打|控制|定)[到|为|成|至|在|是]"
    "|(调高|调低|调大|调小|调亮|调暗|开大|开小|升高|升温|升|降低|降温|降|上调|下调|提高|加|减)(到|为|成|至|在))",
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
    "boot": "(后备箱|后备厢|后箱|尾箱|行李箱|尾门|后尾箱)[门]",
    "window": "(车窗|窗|窗户|窗子|车窗户)",
    "media": "(<speaker>|<tv>)",
    "music": "(音乐|歌|歌曲|首歌|一首歌|点歌|点音乐|一点音乐|曲子|电台|广播|歌单|播放)",
    "of_car": "(我车|我们车|{car})",
    "seat_heat": "(加热|制热|暖|供暖)",
    "a_seat": "[我][{seat}][位|侧|边](座椅|座位|座|椅)",
    "please_on": "[上|起来]",
    "deg_to": "[并|然后|温度][<set>|到|加热到|升到|降到]<deg>",
    "deg_at": "(到|至|[并](调|设|设置|设定)(到|至|为|成)|加热到|升到|降到)<deg>",
    "vol": "(音量|声音|声儿|音)",
}

_ANSWER = (
    *chinese_errands.ANSWERS,
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
    is_reason=is_reason,
    without_reason=without_reason,
    joining=JOINING,
    way_there=WAY_THERE,
    intents=MappingProxyType(
        {
            "all_off": chinese_media.ALL_OFF,
            **CAR,
            **chinese_errands.ERRANDS,
            "set_temperature": chinese_home.SET_TEMPERATURE,
            "power": chinese_home.POWER,
            "change_temperature": chinese_home.CHANGE_TEMPERATURE,
            "set_brightness": chinese_home.SET_BRIGHTNESS,
            "change_brightness": chinese_home.CHANGE_BRIGHTNESS,
            "set_tone": chinese_home.SET_TONE,
            "purifier_mode": chinese_home.PURIFIER_MODE,
            "clean_air": chinese_home.CLEAN_AIR,
            "set_volume": chinese_media.SET_VOLUME,
            "change_volume": chinese_media.CHANGE_VOLUME,
            "mute": chinese_media.MUTE,
            "pause": chinese_media.PAUSE,
            "view_camera": chinese_media.VIEW_CAMERA,
            "scene": chinese_media.SCENES,
            "play": chinese_media.PLAY,
            "question": QUESTIONS,
            "opening": OPENING,
            "driving": DRIVING,
        }
    ),
    answer=_ANSWER,
    rules=_RULES,
    lists={
        **chinese_errands.LISTS,
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
        "everywhere": {
            "values": [
                {"in": "(整个家|整屋|全屋|整个房子|每个房间|所有房间|各个房间|全家|到处)", "out": True}
            ]
        },
        "title": {"wildcard": True},
        "place": {"wildcard": True},
    },
    words=MappingProxyType(
        {
            "light": (
                ("盏灯", "light"),
                ("(灯|电灯|灯光|主灯|照明|灯具|灯泡|照明灯|大灯|房灯)", "lights"),
            ),
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
            "desk_lamp": ("台灯", "桌上台灯", "桌上灯", "书桌灯", "桌灯"),
            "table_lamp": ("台灯",),
            "reading_lamp": ("阅读灯", "台灯"),
            "floor_lamp": ("落地灯", "立灯", "落地台灯"),
            "bedside_lamp": ("床头灯", "床头柜灯", "床边灯"),
            "ceiling_light": ("吸顶灯", "顶灯", "吊灯", "天花板灯"),
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
            "office": ("公司", "办公室", "单位", "上班", "上班地方"),
            "work": ("公司", "单位", "上班", "上班地方"),
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
