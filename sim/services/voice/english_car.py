"""What can be said of a car in English, and what no voice may ask of it."""

from sim.services.voice.tongue import Said, said

CAR: dict[str, tuple[Said, ...]] = {
    "lock_car": (
        said(
            "(lock|lock up|secure) <of_car> [up] [doors]",
            "(lock|lock up) [all] [<of_car>] doors [<of_car>]",
            "lock [all] doors of [<of_car>]",
            "make sure <of_car> is locked",
            "<of_car> (should|must) be locked",
            "<of_car> is locked",
            "(get|have|keep|want) <of_car> locked [up]",
        ),
    ),
    "close_windows": (
        said(
            "(close|shut|roll up|raise|put up|wind up) [all] [<of_car>] windows [<of_car>] [up]",
            "(roll|wind|put) [all] [<of_car>] windows up [<of_car>]",
        ),
    ),
    "precondition": (
        said(
            "(preheat|prewarm|precondition|precool|start preheating|start preconditioning|start "
            "precooling|start prewarming|prepare|defrost|deice"
            "|de ice|start warming up|start heating|start cooling) <of_car> [up|down] [<to> <deg>]",
            "(preheating|preconditioning|precooling|prewarming|preheat) [of] [<of_car>] [on] [<to> <deg>]",
            "start (preheating|preconditioning|precooling) [<to> <deg>]",
            "(get|have|make) <of_car> (ready|preheated|preconditioned|precooled|prewarmed) [<to> <deg>]",
            "(turn|switch) on (preheating|preconditioning|precooling) [of|in|for] [<of_car>] [<to> <deg>]",
            mode="pre",
        ),
        said(
            "(heat|warm) [up] <of_car> [up] [<to> <deg>]",
            "(cool|chill) [down|off] <of_car> [down|off] [<to> <deg>]",
            "(get|have|make|want) <of_car> (warm|toasty|cosy|cozy|cool|nice) [<to> <deg>]",
        ),
    ),
    "stop_preconditioning": (
        said(
            "(stop|cancel|end|abort|quit|turn off|switch off|halt) (preheating|preconditioning|"
            "precooling|prewarming|warming [up]|heating|"
            "cooling) <of_car>",
            (
                "(stop|cancel|end|abort|quit|turn off|switch off|halt) [<of_car>] (preheating|"
                "preconditioning|precooling|prewarming|preheat)"
            ),
            "stop (heating|warming|cooling) <of_car> [up|down]",
            "(turn|switch) (preheating|preconditioning) off",
        ),
    ),
    "start_charging": (
        said(
            "(start|begin|resume|continue|restart) (charging|to charge) [<of_car>] [battery]",
            "(charge|charge up|recharge) <of_car> [up] [battery]",
            "(start|begin) [<of_car>] (charge|charging)",
            "(charge|recharge) [<of_car>] battery [of <of_car>]",
        ),
    ),
    "stop_charging": (
        said(
            "(stop|end|pause|cancel|quit|halt|interrupt|finish) (charging|charge) [<of_car>] [battery]",
            "(stop|end|pause|cancel) <of_car> (charging|charge|from charging)",
            "do not charge [<of_car>] [any more|anymore]",
        ),
    ),
    "set_charge_limit": (
        said(
            (
                "[<set>|limit|cap] [<of_car>] (charge|charging|battery) [limit|target|level|maximum] "
                "[<of_car>] [<to>|until] ({percent} [percent]|{amount:percent})"
            ),
            (
                "(charge|charge up|recharge|limit|cap) <of_car> [battery] [<to>|until|up to] ({percent} "
                "[percent]|{amount:percent})"
            ),
            "(limit|cap) (charging|charge) [of] [<of_car>] (to|at) {percent} [percent]",
            "stop charging [<of_car>] (at|when it reaches|once it reaches|when it is at) {percent} [percent]",
            "(do not|never) charge [<of_car>] (above|over|past|beyond|more than) {percent} [percent]",
            "only charge [<of_car>] [up] to {percent} [percent]",
            "(charge|charge it|charge battery) [up] to {percent} [percent]",
            "[<set>] limit (for|of) charging <to> {percent} [percent]",
        ),
    ),
    "navigate": (
        said(
            "(take|bring|get|guide|navigate|route) (me|us) (home|back home)",
            "(navigate|go|head) [back] home",
            "directions home",
            "[find|show me] (way|route|fastest way|quickest way) home",
            "[start] navigation home",
            place="home",
        ),
        said(
            "(navigate|navigate me|navigate us|directions|give me directions|get directions|guide me|"
            "route me|take me|take us|bring me|"
            "get me|go|head|find route|find way|plan route|set course|start navigation|start route|"
            "show me way|show route|"
            "(plot|set|find|plan|calculate|start|begin|get) (course|route|way|navigation|path)|"
            "calculate route|navigation) to {place}",
            "(set|change|make) [navigation] destination [to|as] {place}",
            "(set|put in|enter) {place} as destination",
            "how do (i|we) get to {place}",
            "want to go to {place}",
        ),
    ),
    "seat": (
        said(
            (
                "(turn|switch|put) on <a_seat> <seat_heat> [<to> ({level}|level {level}|"
                "{strength:level})] [in <of_car>]"
            ),
            (
                "(turn|switch|put) <a_seat> <seat_heat> on [<to> ({level}|level {level}|"
                "{strength:level})] [in <of_car>]"
            ),
            "(turn|switch|put) on [seat] <seat_heat> (of|for|on|in) (<a_seat>|{seat} [side])",
            "(heat|warm|heat up|warm up) <a_seat> [up] [<to> [level] {level}]",
            "<a_seat> <seat_heat> on [(for|on|of) {seat} [side|seat]]",
            "(turn|switch) on seat <seat_heat> (for|on|of) {seat} [side|seat]",
            "start <a_seat> <seat_heat>",
            "(heated seats|heated seat|seat heaters|seat heating) on",
            "(turn|switch) on heated (seat|seats)",
            "want <a_seat> <seat_heat>",
            "want <a_seat> (heated|warm)",
            "<a_seat> is <so> cold",
            power="on",
        ),
        said(
            "(turn|switch|put|shut) off <a_seat> <seat_heat>",
            "(turn|switch|put|shut) <a_seat> <seat_heat> off",
            "(turn|switch) off [seat] <seat_heat> (of|for|on|in) <a_seat>",
            "stop (heating <a_seat>|<a_seat> <seat_heat>)",
            "<a_seat> <seat_heat> off",
            "<a_seat> is <so> (hot|warm)",
            power="off",
        ),
        said(
            "<set> <a_seat> <seat_heat> [level] [<to>] ([level] {level}|{strength:level})",
            "<a_seat> <seat_heat> [<to>] ([level] {level}|{strength:level})",
            "<set> [seat] <seat_heat> (of|for|on) <a_seat> <to> ([level] {level}|{strength:level})",
            "<set> <a_seat> <to> level {level}",
        ),
    ),
}

OPENING = (
    said(
        "unlock <of_car> [doors]",
        "unlock [all] doors [of <of_car>]",
        "unlock [all] [<of_car>] doors",
        action="unlock",
    ),
    said("open <of_car>", "open [all] [<of_car>] doors [of <of_car>]", action="unlock"),
    said(
        "(open|pop|unlock|unlatch|release) [up] [<of_car>] (boot|trunk|tailgate|hatch) [of <of_car>]",
        action="open_boot",
    ),
    said("(open|pop) [<of_car>] (boot|trunk|tailgate|hatch) [of <of_car>] up", action="open_boot"),
    said(
        "(open|lower|roll down|wind down|put down) [all] [<of_car>] windows [of <of_car>]",
        "(roll|wind|put) [all] [<of_car>] windows down",
        action="open_windows",
    ),
    said(
        "start (<of_car>|[<of_car>] (engine|motor))",
        "start [<of_car>] (engine|motor) [of <of_car>]",
        "turn on (<of_car>|engine)",
        action="start",
    ),
)

DRIVING = (
    said(
        "(summon|fetch) <of_car>",
        "(bring|send) <of_car> (here|to me|over|home|over here|around|round)",
        (
            "(move|drive|get) <of_car> [here|to me|forward|forwards|back|backwards|home|over here|out of "
            "garage|over]"
        ),
        "have <of_car> come [here|to me]",
        "(come|come here) (and|to) (get me|pick me up)",
        "pick me up",
        action="summon",
    ),
    said(
        "park <of_car> [for me]",
        "park [yourself]",
        "have <of_car> park [itself]",
        "park <of_car> in garage",
        action="park_remotely",
    ),
    said("(accelerate|speed up|go faster|faster)", action="accelerate"),
    said("(brake|hit brakes|stop <of_car>|slow down|press brake)", action="brake"),
    said("steer [<of_car>] [to] [left|right]", "steer (left|right)", "turn (left|right)", action="steer"),
    said("release [<of_car>] (parking brake|handbrake|hand brake)", action="release_parking_brake"),
    said(
        "(shift|put <of_car>|put it|change) (in|into|to) (drive|reverse|neutral|gear|park)",
        "shift gears",
        action="shift",
    ),
)
