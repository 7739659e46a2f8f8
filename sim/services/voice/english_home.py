"""What can be said of warmth, light and air in English, and of what is switched on and off."""

from sim.services.voice.tongue import Said, for_each, said

SWITCHED = ("light", "climate", "purifier", "plug", "tv", "speaker")
"""Sorts of things that are on or off."""

POWER: tuple[Said, ...] = (
    said(
        *for_each(
            SWITCHED,
            "[<place>] <switch> {power} <@> [<everywhere>]",
            "[<place>] <switch> <@> {power} [<everywhere>|<place>]",
            "<@> {power} [<everywhere>|<place>]",
            "<@> <switch> (it|them) {power}",
            "(there should be|let there be|want) {power} <@>",
            "{power} <@>",
            "<@> [should|must|to] be {power}",
        ),
    ),
    said(
        "<switch> {power} <climate> [and] [<set>] [it|them] <to> <deg>",
        "<switch> <climate> {power} [<place>] [and] [<set>] [it|them] <to> <deg>",
        "(start|activate|enable|run|launch|use) <climate> <to> <deg>",
    ),
    said(
        *for_each(
            SWITCHED,
            (
                "(start|activate|enable|run|fire up|launch|begin|power up|boot up|kick on|use|operate|"
                "engage|start running|start up) <@>"
            ),
        ),
        "(get|hit|flip) <light>",
        "(plug in|plug back in) <plug>",
        "(give power to|power) <plug>",
        "give <plug> power",
        "(watch|want to watch) <tv>",
        power="on",
    ),
    said(
        "(need|want|get|have|give me|get me|give us|let there be|there should be) (light|lights) [<place>]",
        "(light|lighten|illuminate) [up] <spot>",
        thing="lights",
        power="on",
    ),
    said("lights out [<place>]", "no more (light|lights) [<place>]", thing="lights", power="off"),
    said("no more (heat|heating) [<place>]", "stop (heating|warming) <spot> [up]", thing="heat", power="off"),
    said(
        "no more (cooling|ac) [<place>]", "stop (cooling|chilling) <spot> [down]", thing="cool", power="off"
    ),
    said(
        *for_each(
            SWITCHED,
            (
                "(stop|deactivate|disable|kill|cut|shut|quit|end|halt|shut down|power down|turn out|put "
                "out|switch out|no more|finish with) <@>"
            ),
            "[i|we] (do not need|do not want|no need for|need no|want no) <@>",
            "(shut|power|close) <@> down",
        ),
        "unplug <plug>",
        "(turn|switch|put) <light> out",
        "(cut|turn off|switch off) power (to|of|for|at) <plug>",
        power="off",
    ),
    said(
        "(heat|warm) [up] <spot> [up] [<to> <deg>]",
        "(heat|warm) <spot> up [<to> <deg>]",
        "(want|need|give me|get me) (heat|heating) [<place>]",
        thing="heat",
        power="on",
    ),
    said(
        "(cool|chill) [down|off] <spot> [down|off] [<to> <deg>]",
        "(want|need|give me|get me) (cooling|ac|air conditioning|cool air|cold air) [<place>]",
        thing="cool",
        power="on",
    ),
)

SET_TEMPERATURE = (
    said(
        "(heat|warm|heat up|warm up) {room} [up] <to> <deg>",
        "(heat|warm) {room} up <to> <deg>",
        thing="heat",
        power="on",
    ),
    said(
        "<set> <climate> <to> <deg> [<place>]",
        "<set> <climate> <deg> [<place>]",
        "<climate> [<to>] <deg> [<place>]",
        "[<place>] <set> <climate> <to> <deg>",
        "<climate> [should|must|to] be [<to>] <deg>",
    ),
    said(
        "<set> [<temp>] [(in|of|for|at)] ({room}|{car}|{home}|{room} at {home}) [<temp>] <to> <deg>",
        "<set> ({room}|{car}|{home}) [<temp>] [up|down] {degrees} (degrees|degree)",
        "<set> <temp> [<place>] [<to>] <deg> [<place>]",
        "[<set>] <temp> [<place>] [<to>] {degrees} (degrees|degree) [<place>]",
        "[<set>] [it|this] [to] [be] [<to>] {degrees} (degrees|degree) [<place>]",
        "(it|temperature|{room}|{car}) (should|must) be [<to>] <deg> [<place>]",
        "({room}|{car}) [<temp>] [<to>] {degrees} (degrees|degree)",
        "<set> <place> [<to>] {degrees} (degrees|degree)",
        "<set> it [to be] <deg> <place>",
        "<temp> [<place>] (to|at) <deg>",
        "<temp> [<place>] (should|must|to) be [<to>] <deg>",
        thing="temperature",
    ),
)


def _changed(step: str, change: str, more: str, feeling: str, want: str) -> tuple[Said, Said]:
    """Return what asks for more or less warmth and what only feels so, the words for one direction."""
    return said(
        f"[<set>] [<spot>|it|{{car}}] <{more}> [<place>] [<by>]",
        f"<{change}> <spot> <by_deg>",
        f"(warmth|heat|heating|temperature) {want} [<much>] [<by>] [<place>]",
        f"[it] (should|could) be <{more}> [<place>]",
        f"(need|want) it <{more}> [<place>]",
        f"<spot> <{change}> <by_deg>",
        f"<set> <spot> {want} <by_deg>",
        f"<spot> {{by}} (degrees|degree) <{more}>",
        f"<climate> {{by}} (degrees|degree) (<{more}>|{want}|{'higher' if step == 'up' else 'lower'})",
        f"<set> <climate> {{by}} (degrees|degree) (<{more}>|{want}|{'higher' if step == 'up' else 'lower'})",
        f"[<set>] [it|temperature] [<place>] {{by}} (degrees|degree) <{more}> [<place>]",
        f"<set> <spot> {{by}} (degrees|degree) <{more}>",
        f"<set> [<climate>|<temp>|heat] [<place>] [<much>] <{more}>",
        f"<{change}> (<climate>|<temp>) [<place>] [<much>] [<by>] [<place>]",
        (
            f"(turn|put|bring|dial|push|crank|bump|nudge|move|take) (<climate>|<temp>|heat) [<place>] "
            f"[<much>] {want} [<much>] [<by>|{{by}} (degrees|degree)] [<place>]"
        ),
        (
            f"{'(warm|heat)' if step == 'up' else '(cool|chill)'} [{want}|off] <spot> [{want}|off] "
            f"(<much>|<by>|{{by}} (degrees|degree))"
        ),
        f"(turn|put) {want} <climate> [<much>] [<by>]",
        f"<climate> [<much>] ({want}|{'higher' if step == 'up' else 'lower'}) [<by>]",
        f"<set> (<climate>|<temp>) [<place>] [<much>] {'higher' if step == 'up' else 'lower'} [<by>]",
        f"{'more' if step == 'up' else 'less'} (heat|heating|warmth) [<place>]",
        step=step,
        thing="temperature",
    ), said(
        (
            f"(it|it is|this|<spot>|{{room}} is|<spot> is|{{car}}|{{car}} is) [is|feels|feel|gets|"
            f"getting] [<so>] {feeling} [<place>] [for me]"
        ),
        f"(i|we) (am|are|feel|m) [<so>] {feeling} [<place>]",
        f"[<so>] {feeling} [<place>]",
        f"<climate> is [<so>] {feeling} [<place>]",
        step=step,
        thing="temperature",
        felt=True,
    )


CHANGE_TEMPERATURE = (
    *_changed("up", "raise", "warmer", "(cold|chilly|freezing|freezing cold|cool|frosty)", "up"),
    *_changed(
        "down",
        "reduce",
        "cooler",
        "(hot|warm|boiling|boiling hot|sweating|roasting|burning up|sweltering)",
        "down",
    ),
)

SET_BRIGHTNESS = (
    said(
        "[<place>] (<set>|dim|brighten|dim down|brighten up) <light> [down|up] [<to>] <pct> [<place>]",
        "<light> [<to>] <per_cent>",
        "<light> (to|at) {percent}",
        "(turn|switch|put) (on <light>|<light> on) (to|with) <pct>",
        "(turn|switch|put) (on <light>|<light> on) at <per_cent>",
        "[<set>] <brightness> [of <light>|<place>|for <light>] [<to>] <pct> [<place>]",
        "<set> <light> <brightness> [<to>] <pct>",
        "[<set>] {room} <brightness> [<to>] <pct>",
        "<light> <brightness> [<to>] <pct>",
        "<light> [should|must|to] be [<to>] <per_cent>",
        "(dim|brighten) [up|down] <spot> <to> <pct>",
        "<per_cent> [brightness|light] (on|for) <light>",
        "<per_cent> (brightness|light) [<place>]",
        "(want|need|give me) <per_cent> [brightness|light] (<place>|on <light>|for <light>)",
        "<light> [<to>] <per_cent> [of] (brightness|light|power)",
        "(turn|switch|put) (on <light>|<light> on) [and] [<set>|dim|brighten] (it|them) [<to>] <pct>",
        "<set> <light> {amount:percent} as bright",
        "<light> {amount:percent} as bright",
        "(dim|brighten|set) <light> (by half) [<place>]",
        "<light> <set> (it|them) <to> <pct>",
        "<light> (dim|brighten) (it|them) [<to>] <pct>",
        thing="lighting",
    ),
)

CHANGE_BRIGHTNESS = (
    said(
        "(brighten|brighten up|light up) (<light>|<spot>) [<much>] [up] [<by>]",
        "(brighten) (<light>|<spot>) up [<much>] [<by>]",
        "[<set>] (<light>|<spot>|it) <brighter> [<place>] [<by>]",
        "[<set>] (<light>) {by} percent <brighter>",
        "(turn|put|bring|crank) (up <light>|<light> [<much>] up) [<much>] [<by>|{by} percent]",
        "<raise> (<light>|<brightness>) [of <light>|<place>] [<much>] [<by>]",
        "<raise> <light> <brightness> [<much>] [<by>]",
        "<light> up [<much>] [<by>]",
        "[want|need|have|get|give me|could use|can use] [<much>] more light [<place>|(on|from) <light>]",
        "<set> <brighter> [<place>]",
        "<set> <light> <much> up",
        "(increase|raise) light [<place>]",
        step="up",
        thing="lighting",
    ),
    said(
        "(dim|dim down|darken|soften) (<light>|<spot>) [<much>] [down] [<by>]",
        "[<set>] (<light>|<spot>|it) <darker> [<place>] [<by>]",
        "[<set>] (<light>) {by} percent <darker>",
        "(turn|put|bring) (down <light>|<light> [<much>] down) [<much>] [<by>|{by} percent]",
        "<reduce> (<light>|<brightness>) [of <light>|<place>] [<much>] [<by>]",
        "<reduce> <light> <brightness> [<much>] [<by>]",
        "<light> down [<much>] [<by>]",
        "[want|need|give me] [<much>] less light [<place>|(on|from) <light>]",
        "<set> (<light>|lights) (dimmed|dim|low) [<place>]",
        "<set> <darker> [<place>]",
        step="down",
        thing="lighting",
    ),
    said(
        "(it is|it|<spot> is|<light> is|<light> are|here is|there is) [<so>] (dark|dim|gloomy) [<place>] "
        "[for me]",
        "i can (not|barely|hardly) see [anything|thing|much] [<place>]",
        step="up",
        thing="lighting",
        felt=True,
    ),
    said(
        "(it is|it|<spot> is|<light> is|<light> are|here is) [<so>] bright [<place>] [for me]",
        "<light> (hurts|is hurting) [eyes]",
        step="down",
        thing="lighting",
        felt=True,
    ),
)

SET_TONE = (
    said(
        "<set> <light> [<to>] {tone:kelvin} [<place>]",
        (
            "<set> (colour temperature|colour|tone) [of <light>|<place>|for <light>] [<to>] "
            "({tone:kelvin}|{kelvin} [kelvin]) [<place>]"
        ),
        "<set> <light> (colour temperature|colour|tone) [<to>] ({tone:kelvin}|{kelvin} [kelvin])",
        "<set> <light> [<to>] {kelvin} kelvin",
        "<light> [<to>] ({tone:kelvin}|{kelvin} kelvin)",
        "(want|give me|use|need) {tone:kelvin} [light|lights|lighting] [<place>|on <light>|for <light>]",
        "{tone:kelvin} [light|lights] (<place>|on <light>|for <light>)",
        "(turn|switch|put) (on <light>|<light> on) (in|to|with|at) ({tone:kelvin}|{kelvin} kelvin)",
        "(want|give me|use|need) {tone:kelvin} [light] (on|from|in|of|for) <light>",
        "{kelvin} kelvin (<place>|on <light>|for <light>)",
        "<set> {room} [light|lights] [<to>] ({tone:kelvin}|{kelvin} kelvin)",
        "<set> [<to>] {tone:kelvin} [light|lights|lighting] (<place>|on <light>|for <light>)",
        "<light> (colour temperature|colour|tone) [<to>] ({tone:kelvin}|{kelvin} [kelvin])",
        thing="light",
    ),
)

_LEVEL = "(level|speed|setting|fan speed|fan level|strength) {level}"
PURIFIER_MODE = (
    said(
        (
            f"<set> <purifier> [<to>|in|into] ({{mode}} [mode|setting]|{_LEVEL}|{{strength:level}} [speed|"
            f"power|level|setting|mode])"
        ),
        f"<purifier> [<to>|in|into] ({{mode}} [mode]|{_LEVEL}|{{strength:level}} [speed|power|mode])",
        "(turn|switch|set|put) on {mode} mode (of|on|for|in) <purifier>",
        "(turn|switch|put) (on <purifier>|<purifier> on) (in|on|to|with) {mode} [mode]",
        "{mode} mode (for|on) <purifier>",
        "<set> {mode} mode (for|on) <purifier>",
        "<set> <purifier> (level|speed|fan speed|setting) [<to>] ({level}|{strength:level})",
        f"run <purifier> (on|in|at) ({{mode}} [mode]|{_LEVEL}|{{strength:level}} [speed|power])",
        "<set> <purifier> mode <to> {mode}",
        "(let|have|start) <purifier> [run] [in|on|at] ({mode} [mode]|{strength:level} [speed|power])",
        f"(start|run|use) <purifier> [in|on|at] {_LEVEL}",
        (
            "(turn|switch|put|crank) <purifier> (up|down) [to] (level {level}|{strength:level} [speed|"
            "power|level])"
        ),
        f"(turn|switch|put) (on <purifier>|<purifier> on) (in|on|to|with|at) ({_LEVEL}|{{strength:level}} "
        f"[speed|power|level])",
        f"{_LEVEL} (for|on) <purifier>",
        "<set> <purifier> [<to>] {level}",
        "run <purifier> ({mode}|{strength:level})",
        "<set> <purifier> back to {mode} [mode]",
        thing="purifier",
    ),
)

CLEAN_AIR = (
    said(
        "[start] (clean|purify|filter|freshen|refresh|clear|cleaning|purifying|filtering) [up] [{room}] air "
        "[<place>]",
        "air (needs cleaning|needs purifying|needs to be cleaned) [<place>]",
        "[want|need|get me|give me|make] (fresh|clean|fresher|cleaner|better) air [<place>]",
        "(make|get) air (fresher|cleaner|better|clean|fresh) [<place>]",
        thing="purifier",
        power="on",
    ),
    said(
        (
            "(it|it is|<spot> is|air is|air) [is|smells|feels] [<so>] (stuffy|smelly|smoky|dusty|bad|"
            "musty|stale|dirty|polluted) [<place>]"
        ),
        "air <place> is [<so>] (stuffy|smelly|smoky|dusty|bad|musty|stale|dirty|polluted)",
        thing="purifier",
        power="on",
        felt=True,
    ),
)
