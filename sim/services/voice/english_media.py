"""What can be said in English of sound and pictures, of scenes, and of everything at once."""

from sim.services.voice.tongue import said

PLAY = (
    said(
        (
            "(play|start|resume|continue|unpause|begin|put on|turn on|switch on) [playing] <music> "
            "[again] [<place>|on <media>|through <media>]"
        ),
        "(play|resume|continue|start playing|keep playing|unpause) [it|that] [on <media>]",
        "(turn|switch|put) <music> [back] on [<place>|on <media>]",
        "(resume|unpause|continue) <media>",
        "want to (hear|listen to) <music> [<place>|on <media>]",
        "(hear|listen to) <music> [<place>|on <media>]",
        "<music> on [<place>]",
    ),
    said(
        "(play|put on|start playing|listen to|hear) {title} (on|through|over|from) <media>",
        "(play|start playing|listen to|hear) {title} <place>",
        "(play|start playing|listen to|hear) {title}",
    ),
)

PAUSE = (
    said(
        "(pause|stop|hold|halt|end|cut) [playing] (<music>|it|that) [<place>|on <media>]",
        "(pause|stop playing|stop playback)",
        "(pause) <media>",
        "(turn|switch|shut) off <music> [<place>|on <media>]",
        "(turn|switch|shut) <music> off [<place>|on <media>]",
        "stop (singing|playing) [<place>|on <media>]",
        "<music> off [<place>]",
    ),
)

SET_VOLUME = (
    said(
        "[<set>] <volume> [of <media>|on <media>|<place>|for <media>] [<to>] <pct> [on <media>|<place>]",
        "<set> <media> [<volume>] [<to>] <pct>",
        "<media> <volume> [<to>] <pct>",
        "<media> [<to>] <per_cent>",
        "(turn|put|crank|set) (music|it|<volume>) (up|down) (to|at) <pct>",
        "(turn|put) (up|down) <volume> [of <media>|on <media>] to <pct>",
        "play at <pct> [<volume>]",
        "{amount:percent} <volume> [on <media>]",
        "unmute [<media>|<volume>]",
        "turn <volume> back on [on <media>]",
    ),
)

CHANGE_VOLUME = (
    said(
        (
            "(turn|crank|put|bring) (up (<volume>|music|<media>|it)|(<volume>|music|<media>|it) [<much>] "
            "up) [<much>] [<by>|{by} percent] [on <media>|<place>]"
        ),
        "<raise> <volume> [of <media>|on <media>|<place>] [<much>] [<by>]",
        "<raise> <media> <volume> [<much>] [<by>]",
        "<volume> [<much>] up [<by>|{by} percent] [on <media>]",
        "[<set>] [it|music|<media>] [<much>] louder [<place>|on <media>] [<by>]",
        "(music|<media>|it) is [<so>] (quiet|low|soft)",
        "i can not hear [it|music|<media>|anything]",
        step="up",
    ),
    said(
        (
            "(turn|bring|put) (down (<volume>|music|<media>|it)|(<volume>|music|<media>|it) [<much>] "
            "down) [<much>] [<by>|{by} percent] [on <media>|<place>]"
        ),
        "<reduce> <volume> [of <media>|on <media>|<place>] [<much>] [<by>]",
        "<reduce> <media> <volume> [<much>] [<by>]",
        "<volume> [<much>] down [<by>|{by} percent] [on <media>]",
        "[<set>] [it|music|<media>] [<much>] (quieter|softer|less loud|lower) [<place>|on <media>] [<by>]",
        "(music|<media>|it|that) is [<so>] loud",
        "[<so>] loud",
        step="down",
    ),
)

MUTE = (
    said(
        "(mute|silence) [<media>|<volume>|it|music|everything|tv sound] [<place>]",
        "(turn|switch) (off <volume>|<volume> off) [of <media>|on <media>|<place>]",
        "<volume> off [on <media>]",
        "(put|set) <media> on mute",
        "be quiet",
        "quiet",
        "silence",
        percent=0.0,
    ),
)

VIEW_CAMERA = (
    said(
        "(show|show me|view|see|watch|open|open up|check|display|look at|look through|pull up|bring "
        "up|put up|get|let me see|give me|"
        "turn on|switch on|put on|want to see|stream) <camera>",
        (
            "(show|show me|view|see|let me see|look at|look into|check) [what is (happening|going on)] "
            "[in|inside|at|on] {room} [on] [{camera_word:thing}]"
        ),
        "(show|show me|see|let me see) what is (happening|going on) [in|inside|at] ({room}|{home})",
        "what does <camera> (see|show)",
        "what is (happening|going on) (in|inside|at) ({room}|{home})",
        "(show|show me|put) {room} on (screen|display|tv|tablet|passenger display|passenger screen)",
        "what is (on|happening on) <camera>",
        "(show me|see|check on|let me see|look at) ({home})",
        "(put|show) <camera> on [screen|display|passenger display|passenger screen]",
        "how does {room} look",
        "want to see {room}",
        thing="camera",
    ),
)

SCENES = (
    said(
        (
            "(run|start|activate|turn on|switch on|play|set|launch|execute|trigger|begin|do|apply|enable|"
            "switch to|go to|want) [scene] {scene} [scene|mode|routine]"
        ),
        "(run|start|activate|turn on|set|launch|execute|trigger) scene [called|named] {scene}",
        "{scene} (scene|mode|routine|time)",
        "scene {scene}",
        "it is {scene} [time]",
    ),
    said(
        "[i am|we are|i will|we will|i|we|going] (leaving|leave|going out|heading out|heading off|"
        "going away|off|stepping out|out|leaving home|leaving house|away|go out)"
        " [home|house|for work|to work|to school|for day|for shopping|shopping]",
        "(goodbye|bye|bye bye|see you|see you later|see you tonight) [i am] [off|leaving|going]",
        "(leaving|away) (mode|scene|home)",
        scene="@leaving",
    ),
    said(
        "good night [everyone|all]",
        "[i am|we are|it is] [going|off|time|ready] [to|for] (bed|sleep|bedtime) [time]",
        "(sleep tight|night night|nighty night|sleep well)",
        "(bedtime|sleep|night) (mode|scene|routine)",
        scene="@night",
    ),
    said(
        (
            "[i am|we are|i have] (home|back|back home|arrived|arrived home|here|coming home|almost home|"
            "nearly home|got home)"
        ),
        "(welcome home|honey i am home)",
        scene="@arriving",
    ),
    said(
        "good morning [everyone|all]",
        "[i am|we are] (up|awake|getting up)",
        "(morning|wake up) (scene|mode|routine)",
        scene="@morning",
    ),
)

ALL_OFF = (
    said(
        (
            "(turn|switch|shut|power) off (everything|all devices|all appliances|all things|every device|"
            "all of it|all) [<place>|<everywhere>]"
        ),
        (
            "(turn|switch|shut|power) (everything|all devices|all appliances|all things|every device|all "
            "of it|all) (off|down) [<place>|<everywhere>]"
        ),
        "(everything|all) off [<place>|<everywhere>]",
        "(stop|kill|shut down|power down) everything [<place>|<everywhere>]",
        thing="everything",
        power="off",
    ),
)
