"""What can be said in English, over simplified sentences: see `english_speech`.

Articles, courtesies and apostrophes are gone already, and numbers are in figures.
"""

from types import MappingProxyType

from sim.services.voice import english_errands, english_home, english_media
from sim.services.voice.english_answers import ANSWERS
from sim.services.voice.english_car import CAR, DRIVING, OPENING
from sim.services.voice.english_clauses import JOINING, WAY_THERE, is_reason, without_reason
from sim.services.voice.english_home import SWITCHED
from sim.services.voice.english_questions import QUESTIONS
from sim.services.voice.english_speech import simplified, split
from sim.services.voice.tongue import Tongue, for_each, said

_RULES = {
    "place": (
        "(((in|inside|at|of|from|for|on|to) {room}|{room}) [(at|in|of) {home}]|(at|in|of|for|around|"
        "throughout) {home}"
        "|[in|inside|of|for] {car}|{here}|[all] over {home})"
    ),
    "everywhere": (
        "[in|at] (everywhere|every room|all rooms|whole house|whole home|entire house|whole flat|whole "
        "apartment)"
    ),
    "spot": "([in|inside] {room} [(at|in) {home}]|{home}|{here}|it {here}|room|(this place|place|it))",
    "switch": "(turn|switch|put|get|power|flip|shut|have|keep|leave|make|bring|flick|want)",
    "set": (
        "(set|change|turn|put|adjust|bring|take|make|keep|raise|lower|increase|decrease|reduce|drop|"
        "crank|hold|get|want"
        "|dial|push|move|switch|have|leave|maintain|program)"
    ),
    "to": "([up|down|back|over] (to|at|on|as|for)|[to] be [at|on])",
    "deg": "{degrees} [degrees|degree]",
    "pct": (
        "({percent} [percent]|[its|their] {amount:percent} [brightness|power|strength|level|volume|of "
        "brightness])"
    ),
    "per_cent": "({percent} percent|{amount:percent} [brightness|power|strength])",
    "by_deg": "[by] {by} (degrees|degree)",
    "by_pct": "by ({by} [percent]|slightly|lot)",
    "by": "by ({by} [degrees|degree|percent]|slightly|lot)",
    "much": "(slightly|much|lot|bit|little|way|far|even|more|quite|really)",
    "raise": (
        "(raise|increase|boost|bump up|crank up|turn up|put up|bring up|push up|dial up|move up|take up)"
    ),
    "reduce": "(lower|reduce|decrease|drop|cut|turn down|put down|bring down|dial down|move down|take down)",
    "brightness": "(brightness|light level|brightness level|lighting level|level)",
    "temp": "[{room}] (temperature|temp|heat|warmth|room temperature|indoor temperature)",
    "warmer": "[<much>] (warmer|hotter|toastier|cozier|cosier|more warm)",
    "cooler": "[<much>] (cooler|colder|chillier|fresher|less warm|less hot)",
    "brighter": "[<much>] (brighter|lighter|more bright)",
    "darker": "[<much>] (darker|dimmer|less bright|softer)",
    "so": (
        "(too|so|very|really|quite|pretty|slightly|bit|getting|far too|way too|much too|super|extremely|"
        "rather)"
    ),
    "boot": "(boot|trunk|tailgate|hatch)",
    "window": "(windows|window)",
    "of_car": "([of|in|on|for] {car}|{car})",
    "media": "(<speaker>|<tv>)",
    "music": "(music|song|songs|track|tracks|tunes|tune|playlist|radio|playback|playing|album|audio|media)",
    "volume": "(volume|sound|loudness|sound level|volume level|audio)",
    "seat_heat": "(heating|heater|warmer|warming|heat)",
    "a_seat": "[{seat} [side]] seat",
}

_ANSWER = (
    *english_errands.ANSWERS,
    said(
        (
            "(never mind|nevermind|cancel|cancel that|forget it|forget that|none|none of them|neither|no|"
            "nope|nothing|stop|leave it|do not bother|no thanks)"
        ),
        cancelled=True,
    ),
    said(
        (
            "(both|both of them|all|all of them|everything|each|each of them|every one|all 2|all 3|both "
            "rooms|them all)"
        ),
        every=True,
    ),
    said(
        "[in|at|on|use|mean|i mean|i meant] {room} [1|one|side] [(at|in) {home}]",
        "(at|in) {home}",
        "[in|at] {home} [1|one]",
        "{car} [1|one]",
    ),
    said(
        *for_each((*SWITCHED, "camera"), "[use|mean|i mean] <@> [1|one]", "[use|mean|i mean] <@> in {room}"),
    ),
    said("(heat|heating|heat it|warm|warm it up|warmth|it should heat|make it warm)", thing="heat"),
    said("(cool|cooling|cool it|it should cool|cold|make it cool)", thing="cool"),
    said("[<set>] [<to>] {degrees} (degrees|degree)", "[<to>] {degrees}"),
    said("[<to>] {percent} percent", "[<to>] {amount:percent}"),
    said("[on|for] {seat} [seat|side|1|one]", "mine", seat="driver"),
)

ENGLISH = Tongue(
    code="en",
    simplified=simplified,
    split=split,
    is_reason=is_reason,
    without_reason=without_reason,
    joining=JOINING,
    way_there=WAY_THERE,
    intents=MappingProxyType(
        {
            "all_off": english_media.ALL_OFF,
            **CAR,
            **english_errands.ERRANDS,
            "set_temperature": english_home.SET_TEMPERATURE,
            "power": english_home.POWER,
            "change_temperature": english_home.CHANGE_TEMPERATURE,
            "set_brightness": english_home.SET_BRIGHTNESS,
            "change_brightness": english_home.CHANGE_BRIGHTNESS,
            "set_tone": english_home.SET_TONE,
            "purifier_mode": english_home.PURIFIER_MODE,
            "clean_air": english_home.CLEAN_AIR,
            "set_volume": english_media.SET_VOLUME,
            "change_volume": english_media.CHANGE_VOLUME,
            "mute": english_media.MUTE,
            "pause": english_media.PAUSE,
            "view_camera": english_media.VIEW_CAMERA,
            "scene": english_media.SCENES,
            "play": english_media.PLAY,
            "question": QUESTIONS,
            "opening": OPENING,
            "driving": DRIVING,
        }
    ),
    answer=_ANSWER,
    rules=_RULES,
    lists={
        **english_errands.LISTS,
        "power": {"values": [{"in": "on", "out": "on"}, {"in": "(off|out)", "out": "off"}]},
        "degrees": {
            "range": {"type": "temperature", "from": 0, "to": 150, "fractions": "halves", "words": False}
        },
        "by": {"range": {"from": 1, "to": 100, "words": False}},
        "percent": {"range": {"type": "percentage", "from": 0, "to": 500, "words": False}},
        "kelvin": {"range": {"from": 100, "to": 20000, "words": False}},
        "level": {"range": {"from": 0, "to": 20, "words": False}},
        "amount": {
            "values": [
                {"in": "(half|half way|halfway|medium|half of it)", "out": 50.0},
                {
                    "in": (
                        "(full|maximum|max|full blast|highest|brightest|hundred|loudest|as bright as "
                        "possible|as loud as possible|all way up|fully)"
                    ),
                    "out": 100.0,
                },
                {"in": "(quarter|1 quarter)", "out": 25.0},
                {"in": "3 quarters", "out": 75.0},
                {"in": "(minimum|min|lowest|dimmest|as dim as possible|all way down)", "out": 1.0},
            ]
        },
        "tone": {
            "values": [
                {
                    "in": (
                        "[to|in] [cozy|cosy|nice|soft|gentle] (warm white|warm|warm light|yellow|warm "
                        "yellow|cosy|cozy)"
                    ),
                    "out": 2700.0,
                },
                {"in": "[to|in] (warmer|more warm|warmer white)", "out": 2700.0},
                {"in": "[to|in] soft white", "out": 3000.0},
                {"in": "[to|in] (neutral white|neutral|natural|natural white|natural light)", "out": 4000.0},
                {
                    "in": (
                        "[to|in] (cool white|cold white|cool|cold|white|cool light|bright white|bluish white)"
                    ),
                    "out": 5000.0,
                },
                {"in": "[to|in] (cooler|colder|cooler white)", "out": 5000.0},
                {"in": "[to|in] (daylight|day light|daylight white)", "out": 6500.0},
            ]
        },
        "mode": {
            "values": [
                {"in": "(auto|automatic|automatically)", "out": "auto"},
                {"in": "(sleep|night|silent|sleeping|quiet)", "out": "sleep"},
                {"in": "manual", "out": "manual"},
            ]
        },
        "strength": {
            "values": [
                {"in": "(low|lowest|minimum|min)", "out": 1.0},
                {"in": "(medium|middle|mid)", "out": 2.0},
                {"in": "(high|highest|maximum|max|full|turbo|strong|strongest|hottest)", "out": 3.0},
            ]
        },
        "seat": {
            "values": [
                {"in": "(driver|drivers|left|front left)", "out": "driver"},
                {"in": "(passenger|passengers|front passenger|co driver|right)", "out": "passenger"},
            ]
        },
        "every": {
            "values": [
                {
                    "in": (
                        "(all|all of|every|each|both|both of|whole|every single|all [of] these|all [of] "
                        "those)"
                    ),
                    "out": True,
                }
            ]
        },
        "here": {
            "values": [{"in": "([in|over|around|right] here|[in|of] this room|where i am)", "out": True}]
        },
        "title": {"wildcard": True},
        "place": {"wildcard": True},
    },
    words=MappingProxyType(
        {
            "light": (
                (
                    (
                        "(light|lamp|lightbulb|light bulb|bulb|room lamp|ceiling light|overhead "
                        "light|main light|"
                        "room light)"
                    ),
                    "light",
                ),
                ("(lights|lamps|lighting|light bulbs|bulbs)", "lights"),
            ),
            "climate": (
                ("(heater|heaters|heating|heat|radiator|radiators|heat pump|central heating)", "heat"),
                ("(air conditioner|air conditioning|ac|cooling|cooler|air cooler)", "cool"),
                ("(climate|climate control|climate unit|thermostat|hvac|temperature control)", "climate"),
            ),
            "purifier": (
                (
                    (
                        "(air purifier|purifier|air cleaner|air filter|air purifiers|air purification|air "
                        "cleaning|air filtration)"
                    ),
                    "purifier",
                ),
            ),
            "plug": (
                (
                    (
                        "(plug|smart plug|socket|power socket|outlet|power outlet|smart socket|power plug|"
                        "wall plug|wall socket|smart outlet|sockets|plugs)"
                    ),
                    "plug",
                ),
            ),
            "tv": (("(tv|tv screen|smart tv|big screen)", "tv"),),
            "speaker": (
                (
                    (
                        "(speaker|speakers|smart speaker|loudspeaker|loudspeakers|stereo|sound system|"
                        "sound box|music player)"
                    ),
                    "speaker",
                ),
            ),
            "camera": (
                (
                    (
                        "(camera|cameras|security camera|camera picture|camera feed|camera view|cam|"
                        "webcam|video feed|security cam|camera image|live feed|picture from camera|"
                        "surveillance camera)"
                    ),
                    "camera",
                ),
            ),
        }
    ),
    thing_rule=(
        "([{every}] [{room}] {@_name:device} [<place>]"
        "|[{every}] [{room}|{car}|{home}] {@_word:thing} [<everywhere>|<place>])"
    ),
    rooms=MappingProxyType(
        {
            "living_room": (
                "living room",
                "lounge",
                "sitting room",
                "front room",
                "family room",
                "parlour",
                "livingroom",
            ),
            "bedroom": ("bedroom", "bed room", "master bedroom", "main bedroom", "sleeping room"),
            "master_bedroom": ("master bedroom", "main bedroom"),
            "study": ("study", "office", "home office", "study room", "den"),
            "office": ("office", "study", "home office"),
            "kids_room": ("kids room", "childrens room", "child room", "nursery", "children room"),
            "children_room": ("kids room", "childrens room", "child room", "nursery", "children room"),
            "child_room": ("kids room", "childrens room", "child room", "nursery", "kid room"),
            "nursery": ("nursery", "kids room", "baby room", "childrens room"),
            "bathroom": ("bathroom", "bath room", "bath", "washroom", "restroom", "toilet"),
            "hallway": ("hallway", "hall", "corridor", "entrance", "entry"),
            "hall": ("hall", "hallway", "corridor", "entrance hall"),
            "dining_room": ("dining room", "dining area"),
            "guest_room": ("guest room", "spare room", "guest bedroom", "spare bedroom"),
            "kitchen": ("kitchen", "kitchenette"),
            "garage": ("garage", "carport"),
        }
    ),
    devices=MappingProxyType(
        {
            "coffee_machine": ("coffee machine", "coffee maker"),
            "kettle": ("kettle", "tea kettle"),
            "fan": ("fan", "ventilator"),
        }
    ),
    places=MappingProxyType(
        {"office": ("work", "office", "job"), "work": ("work", "office"), "school": ("school",)}
    ),
    own_home=("home", "house", "flat", "apartment", "place", "my place"),
    own_car=("car", "vehicle", "cabin", "automobile", "car cabin", "car interior"),
    scenes=MappingProxyType(
        {
            "movie": ("movie", "movie night", "film", "cinema"),
            "movie_night": ("movie", "movie night", "film night", "cinema"),
            "away": ("away",),
        }
    ),
    answers=ANSWERS,
    reasons=MappingProxyType({}),
)
