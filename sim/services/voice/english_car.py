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
            "(lock|secure|lock up) <of_car> up [properly|again]",
            "<of_car> (lock|lock up)",
            "(shut and lock|close and lock) <of_car>",
        ),
    ),
    "close_windows": (
        said(
            "(close|shut|roll up|raise|put up|wind up) [all] [<of_car>] windows [<of_car>] [up]",
            "(roll|wind|put|close|pull) [all|all of] [<of_car>] windows up [in|of|on] [<of_car>]",
            "(close|shut|roll up|raise|put up|wind up) [all|all of] [<of_car>] windows (in|of|on) <of_car>",
            "(close|shut|roll up) (every|any) window [in|of|on] [<of_car>]",
            "<of_car> windows (up|closed|shut)",
            "want [<of_car>] windows (up|shut) [in|of|on] [<of_car>]",
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
            "want <of_car> (ready|preheated|preheating) [<to> <deg>]",
            "(turn|switch) on (preheating|preconditioning|precooling) [of|in|for] [<of_car>] [<to> <deg>]",
            mode="pre",
        ),
        said(
            "(heat|warm) [up] <of_car> [up] [<to> <deg>]",
            "(cool|chill) [down|off] <of_car> [down|off] [<to> <deg>]",
            "(get|have|make|want) <of_car> [nice and|nicely|comfortably] (warm|toasty|cosy|cozy|cool|nice|"
            "comfortable|warmed up|heated up) [<to> <deg>]",
            "(start|begin) (heating|warming|cooling) [up|down] <of_car> [up|down] [<to> <deg>]",
            "<of_car> (heating|heater|climate|ac|air conditioning) (on|to <deg>|on <to> <deg>)",
            (
                "(turn|switch) on <of_car> (heating|heater|climate|ac|air conditioning|climate control) "
                "[<to> <deg>]"
            ),
            "(turn|switch) <of_car> (heating|heater|climate|climate control) on [<to> <deg>]",
            "(turn|switch) on (heating|heater|climate|ac|air conditioning|climate control) (in|of) <of_car> "
            "[<to> <deg>]",
            "<set> <of_car> (heating|heater|climate|ac|air conditioning|climate control) <to> <deg>",
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
            "stop (heating|warming|cooling) [up|down] <of_car> [up|down]",
            "<of_car> (preheating|preconditioning) off",
            "(do not|no need to) (preheat|prewarm|precool|heat|warm|warm up) <of_car> [any more|anymore|up]",
            "no need to (preheat|precool) any more",
            "stop <of_car> (preheating|preconditioning|precooling|warming up|heating|cooling)",
            "(cancel|stop|end|abort) (preheat|precool|preheating|preconditioning) (of|for|in) <of_car>",
            "(turn|switch) (preheating|preconditioning) off",
        ),
    ),
    "start_charging": (
        said(
            "(start|begin|resume|continue|restart) (charging|to charge) [<of_car>] [battery]",
            "(charge|charge up|recharge) <of_car> [up] [battery]",
            "(start|begin|resume|continue|initiate) [<of_car>] (charge|charging)",
            "(get|have|make) <of_car> (charging|charge)",
            "(turn|switch) (on charging|charging on) [for|of] [<of_car>]",
            "<of_car> (charge|needs charging|needs charge|needs to charge|on charge)",
            "(start|begin) charging (for|of) <of_car>",
            "(put|give) <of_car> (on charge|some charge|charge)",
            "(charge|recharge) [<of_car>] battery [of <of_car>]",
        ),
    ),
    "stop_charging": (
        said(
            "(stop|end|pause|cancel|quit|halt|interrupt|finish) (charging|charge) [<of_car>] [battery]",
            "(stop|end|pause|cancel) <of_car> (charging|charge|from charging)",
            "do not charge [<of_car>] [any more|anymore|any longer]",
            "(no more|enough) charging [for] [<of_car>]",
            (
                "(do not|no need to) (charge|keep charging|continue charging) <of_car> [any more|anymore|"
                "any longer]"
            ),
            "(turn|switch) (off charging|charging off) [for|of] [<of_car>]",
            "(stop|end|cancel|interrupt) charging (for|of) <of_car>",
            "(stop|end|cancel|interrupt) [<of_car>] charging (process|session)",
            "charging off",
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
            "only charge [<of_car>] [battery] [up] to {percent} [percent]",
            "<set> <of_car> to charge [up] to {percent} [percent]",
            "<set> [<of_car>] (charge|charging|battery) (limit|target|level|maximum|cap) (of|for|on) "
            "<of_car> <to> "
            "{percent} [percent]",
            "want [<of_car>] (charge|charging) (limit|limited) <to> {percent} [percent]",
            "(set|put) {percent} percent (charge|charging) limit [on|for] [<of_car>]",
            "(charge|fill) <of_car> (to|until it is|until) {amount:percent}",
            "charge <of_car> (fully|completely|all way|full)",
            "(do not|never) let <of_car> charge (above|over|past|beyond|more than) {percent} [percent]",
            "{percent} percent (charge|charging) limit [for <of_car>]",
            "{percent} percent is enough (for <of_car>|for battery|for charging)",
            "(charge|charging) [of <of_car>] (should stop|must stop|stops) at {percent} [percent]",
            "(charge|charge it|charge battery) [up] to {percent} [percent]",
            "[<set>] limit (for|of) charging <to> {percent} [percent]",
        ),
    ),
    "navigate": (
        said(
            "(take|bring|get|guide|navigate|route) (me|us) (home|back home)",
            "(navigate|go|head|let us go|want to go|drive us|get) [back] home",
            "(navigation|route|navigate) (to|back) (home|house|my place|apartment)",
            "(set|change|make) [navigation] destination [to|as] (home|house)",
            "(set|put in|enter) home as destination",
            "how do (i|we) get home",
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
            "(want to|need to|have to) (go|get|be|travel) (to|at) {place}",
            "get to {place}",
            "(set|plot|plan|find) (course|route|way|navigation) (for|to|towards) {place}",
            "(directions|navigation|route) (for|to|towards) {place}",
            "(show|find|tell) [me] (way|route|directions|fastest way|quickest way|shortest way|best way|"
            "fastest route|quickest route|best route) to {place}",
            "(what is|which is) (way|fastest way|quickest way|best way|fastest route|best route) to {place}",
            "(head|navigate|guide me|guide us|lead me|lead us|direct me|direct us|route me|route us) "
            "(towards|toward|to) {place}",
            "{place} is [new] destination",
            "make {place} [new] destination",
            "(put|enter|type) {place} (into|in) (navigation|navi|gps|sat nav|nav)",
            "next stop {place}",
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
            "(make|get|keep) <a_seat> [nice and] (warm|warmer|toasty|cosy|cozy)",
            "<a_seat> (warm|heating|heater|heat) [on]",
            "(turn|switch|put|use|start|activate|enable) <a_seat> <seat_heat>",
            "(turn|switch|put|start|activate|enable) [on] (heated seat|seat heater|seat heating) [on] "
            "[(for|on|of|in) {seat} [side|seat]]",
            "(turn|switch) on {seat} heated seat",
            "{seat} heated seat on",
            "heated seat on",
            "(heated seat|heated seats) please",
            power="on",
        ),
        said("<a_seat> (is|feels) [<so>] (cold|freezing|chilly)", power="on", felt=True),
        said("<a_seat> (is|feels) [<so>] (hot|warm)", power="off", felt=True),
        said(
            "(turn|switch|put|shut) off <a_seat> <seat_heat>",
            "(turn|switch|put|shut) <a_seat> <seat_heat> off",
            "(turn|switch) off [seat] <seat_heat> (of|for|on|in) <a_seat>",
            "stop (heating <a_seat>|<a_seat> <seat_heat>)",
            "<a_seat> <seat_heat> off",
            "(turn|switch|shut) off {seat} heated seat",
            "(turn|switch|shut) (off (heated seat|heated seats|seat heater|seat heaters)|(heated seat|heated "
            "seats|seat heater|seat heaters) off) [(for|on|of|in) {seat} [side|seat]]",
            "(stop|disable|deactivate|end|cancel|no more) <a_seat> <seat_heat>",
            "(stop|no more) (heating|warming) <a_seat>",
            power="off",
        ),
        said(
            "<set> <a_seat> <seat_heat> [level] [<to>] ([level] {level}|{strength:level})",
            "<a_seat> <seat_heat> [<to>] ([level] {level}|{strength:level})",
            (
                "<set> [seat] <seat_heat> (of|for|on) (<a_seat>|{seat} [side]) <to> ([level] {level}|"
                "{strength:level})"
            ),
            "<set> <a_seat> [<to>] (level {level}|{strength:level} [heat|heating|warmth])",
            "<a_seat> [<to>] level {level}",
            (
                "(turn|put|crank|bring) <a_seat> <seat_heat> (up|down) (to|at) ([level] {level}|"
                "{strength:level})"
            ),
            (
                "(turn|put|crank|bring) (up|down) <a_seat> <seat_heat> (to|at) ([level] {level}|"
                "{strength:level})"
            ),
            "(heat|warm|heat up|warm up) <a_seat> [up] [<to>|at|on] (level {level}|{level}|{strength:level})",
            "level {level} [seat] <seat_heat> (of|for|on) <a_seat>",
            "[<set>] <a_seat> <seat_heat> (on|at) ([level] {level}|{strength:level})",
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
    said("open [up] <of_car> [up]", "(leave|keep|want|have) <of_car> (open|unlocked)", action="unlock"),
    said("open [all] [<of_car>] doors [of <of_car>]", action="unlock"),
    said(
        "(open|pop|unlock|unlatch|release) [up] [<of_car>] (boot|trunk|tailgate|hatch) [of <of_car>]",
        action="open_boot",
    ),
    said("(open|pop) [<of_car>] (boot|trunk|tailgate|hatch) [of <of_car>] up", action="open_boot"),
    said(
        "(open|lower|roll down|wind down|put down) [all] [<of_car>] windows [of <of_car>]",
        "(roll|wind|put|let) [all] [<of_car>] (window|windows) down",
        "open [up] [all|1] [<of_car>] (window|windows) [of|in|on] [<of_car>]",
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
