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
        "play (something|anything) [nice|relaxing] [<place>|on <media>]",
        "[want|need|have|get|give me] <music> [<place>|on <media>]",
        "<music> [<place>|on <media>]",
        "play <media>",
        "<media> play <music>",
        "(have|let) <media> play <music>",
        "use <media> to play <music>",
        "want to (hear|listen to) <music> [<place>|on <media>]",
        "(hear|listen to) <music> [<place>|on <media>]",
        "<music> on [<place>]",
    ),
    said(
        "(play|put on|put|start playing|listen to|hear|let me hear|want to hear|watch) [song|track|album|"
        "movie|film] {title} (on|through|over|from|with|using|via) <media>",
        "<media> play {title}",
        "play on <media> {title}",
        "(play|start playing|listen to|hear|let me hear|put on) [song|track|album] {title} <place>",
        "(play|start playing|listen to|hear|let me hear) [song|track|album] {title}",
        "put on (song|track|album) {title}",
    ),
)

PAUSE = (
    said(
        "(pause|stop|hold|halt|end|cut) [playing] (<music>|it|that) [<place>|on <media>]",
        "(pause|stop playing|stop playback)",
        "(pause|stop) <media> [playing|playback|music]",
        "no more music [<place>|on <media>]",
        "stop <music>",
        "<media> (pause|stop) [playing|playback|music]",
        "music (pause|stop)",
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
        "<set> <media> [<to>] <per_cent> <volume>",
        "<media> [<to>] <per_cent> <volume>",
        "<per_cent> <volume> [on <media>]",
        "(turn|put|crank|bring) <media> [<volume>] (up|down) (to|at) <pct>",
        "(turn|crank) (up|down) (<media>|music|<volume>) (to|at) <pct>",
        "want <volume> [<to>] <pct> [on <media>]",
        "want <pct> <volume> [on <media>]",
        "<volume> (on|of|for) <media> [<to>] <pct>",
        "(turn|bring|put) <volume> (of|on|for) <media> (up|down) (to|at) <pct>",
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
        "<media> <volume> [<much>] up [<by_pct>]",
        "<media> [<much>] (up|louder) [<by_pct>]",
        "(turn|crank|put|bring) <media> <volume> [<much>] up [<much>] [<by_pct>|{by} percent]",
        "(turn|crank) up <media> <volume> [<by_pct>]",
        "[<much>] louder [on <media>]",
        (
            "(turn|crank|put|bring) (up (<volume>|music|<media>|it)|(<volume>|music|<media>|it) [<much>] "
            "up) [<much>] [<by>|{by} percent] [on <media>|<place>]"
        ),
        "<raise> <volume> [of <media>|on <media>|<place>] [<much>] [<by>]",
        "<raise> <media> <volume> [<much>] [<by>]",
        "<volume> [<much>] up [<by>|{by} percent] [on <media>]",
        "[<set>] [it|music|<media>] [<much>] louder [<place>|on <media>] [<by>]",
        step="up",
    ),
    said(
        "(music|<media>|it|<volume>|sound on <media>) is [<so>] (quiet|low|soft)",
        "i can (not|barely|hardly) hear [it|music|<media>|anything]",
        "[<so>] quiet",
        step="up",
        felt=True,
    ),
    said(
        "(music|<media>|it|that|<volume>|sound on <media>) is [<so>] (loud|noisy)",
        "[<so>] (loud|noisy)",
        step="down",
        felt=True,
    ),
    said(
        "<media> <volume> [<much>] down [<by_pct>]",
        "<media> [<much>] (quieter|softer|less loud) [<by_pct>]",
        "<media> [<much>] down [<by_pct>]",
        "(turn|crank|put|bring) <media> <volume> [<much>] down [<much>] [<by_pct>|{by} percent]",
        "turn down <media> <volume> [<by_pct>]",
        "[<much>] (quieter|softer) [on <media>]",
        (
            "(turn|bring|put) (down (<volume>|music|<media>|it)|(<volume>|music|<media>|it) [<much>] "
            "down) [<much>] [<by>|{by} percent] [on <media>|<place>]"
        ),
        "<reduce> <volume> [of <media>|on <media>|<place>] [<much>] [<by>]",
        "<reduce> <media> <volume> [<much>] [<by>]",
        "<volume> [<much>] down [<by>|{by} percent] [on <media>]",
        "[<set>] [it|music|<media>] [<much>] (quieter|softer|less loud) [<place>|on <media>] [<by>]",
        "<set> (music|<media>|<volume>) [<much>] lower [<place>|on <media>] [<by>]",
        step="down",
    ),
)

MUTE = (
    said(
        "(mute|silence) [<media>|<volume>|it|music|everything|tv sound] [<place>]",
        "(turn|switch) (off <volume>|<volume> off) [of <media>|on <media>|<place>]",
        "<volume> off [on <media>]",
        "[put|set] <media> on mute",
        "mute on [<media>]",
        "no (sound|volume) [on <media>]",
        "<media> (mute|silent|<volume> off)",
        "<set> <media> (silent|mute|to mute|to silent)",
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
        (
            "(let me|want to|may i|can i) (look at|look into|look in|check|check on|see|watch|view) "
            "({room}|<camera>)"
        ),
        "(how is|how are) (things|everything|it) [going] (in|at) ({room}|{home})",
        "(look|peek) (at|into|in|inside) {room}",
        "(picture|view|image|video|feed) (of|from|in) {room} [camera]",
        "(show|show me) (picture|view|image|video|feed) (of|from|in) {room} [camera]",
        "<camera>",
        "(show|show me|see|let me see) what is (happening|going on) [in|inside|at] ({room}|{home})",
        "what does <camera> (see|show)",
        "what is (happening|going on) (in|inside|at) ({room}|{home})",
        "(show|show me|put) {room} on (screen|display|tv|tablet|passenger display|passenger screen)",
        "what is (on|happening on) <camera>",
        "(show me|see|check on|let me see|look at) ({home})",
        "(put|show) <camera> on [screen|display|passenger display|passenger screen]",
        "how does {room} look [like]",
        "what does {room} look like",
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
        "[it is] {scene} [time]",
        "(run|start|activate|turn on|set|launch|trigger|play) {scene} (scene|mode|routine) [<place>]",
        "(turn|switch|put) {scene} (scene|mode) on",
        "(want|watch|want to watch|have|let us watch|time for) {scene} [scene|mode]",
        "(put|set|switch|get) (home|house|it|everything) (in|into|to|for|on) {scene} [scene|mode]",
    ),
    said(
        "(leaving|away|out) (mode|scene)",
        "(run|start|activate|turn on|set|launch|trigger) (leaving|away|leaving home|leave home) [mode|scene]",
        scene="@leaving",
    ),
    said(
        "good night [everyone|all]",
        "(sleep tight|night night|nighty night|sleep well)",
        "(bedtime|sleep|night) (mode|scene|routine)",
        "(run|start|activate|turn on|set|trigger) (bedtime|sleep|night) [mode|scene|routine]",
        scene="@night",
    ),
    said(
        "(welcome home|honey i am home)",
        "(run|start|activate|turn on|set|trigger) (welcome home|coming home|arrive home|arrival) "
        "[mode|scene|routine]",
        "(arriving|arrival|welcome home|coming home) (mode|scene)",
        scene="@arriving",
    ),
    said(
        "[i am|we are|i will|we will|i|we|going] (leaving|leave|going out|heading out|heading off|"
        "going away|off|stepping out|out|leaving home|leaving house|away|go out)"
        " [home|house|for work|to work|to school|for day|for shopping|shopping]",
        "(goodbye|bye|bye bye|see you|see you later|see you tonight) [i am] [off|leaving|going]",
        "[i am|we are] (about to leave|on way out|off to work|off to school|going to work|leaving for work|"
        "leaving now|going shopping|going for walk|heading to work|leaving soon|gone)",
        "leaving home",
        scene="@leaving",
        felt=True,
    ),
    said(
        "[i am|we are|it is] [going|off|time|ready] [to|for] (bed|sleep|bedtime) [time]",
        "[i am|we are] (going to sleep|off to bed|heading to bed|turning in|calling it night|hitting hay)",
        "go to (sleep|bed)",
        scene="@night",
        felt=True,
    ),
    said(
        (
            "[i am|we are|i have] (home|back|back home|arrived|arrived home|here|coming home|almost home|"
            "nearly home|got home|got back|come home|returned|back from work|home from work)"
        ),
        "(i|we) (got|came|come|am|are) [back] (home|back)",
        scene="@arriving",
        felt=True,
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
