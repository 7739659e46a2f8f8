"""What can be asked in English, and which slot `what` it fills."""

from sim.services.voice.tongue import Said, for_each, said

_THINGS = ("light", "climate", "purifier", "plug", "tv", "speaker")

QUESTIONS: tuple[Said, ...] = (
    said(
        "(what|how) is [current|room|indoor|inside|air] (temperature|temp) [like] [<place>]",
        "what (temperature|temp) is (it|<spot>) [<place>]",
        "what (temperature|temp) does {room} have",
        "how (warm|cold|hot|cool|chilly|many degrees) (is|are) (it|<spot>) [<place>]",
        "how many degrees does [it have] {room} [have]",
        "what is {room} (temperature|temp)",
        "{room} temperature",
        "{room} temperature (reading|value)",
        "how many degrees (is|are) there [<place>]",
        "how many degrees (it is|there are|is it|are there|does it have|<spot> has|<spot> is) [<place>]",
        "what (is|does) (thermometer|reading) [<place>] [say|show|read]",
        "(what is|tell) {room} at",
        "(what|which) temperature (do we have|have we got|is there|it is) [<place>]",
        "(is it|is <spot>) <so> (warm|cold|hot|cool) [<place>]",
        "(how is|what about) temperature [<place>]",
        "(is it|is <spot>) [<so>] (chilly|freezing|cosy|cozy|comfortable) [<place>]",
        "temperature <place>",
        "(is it|is <spot>) (warm|cold|hot|cool|warm enough) [<place>]",
        "[what is] temperature [<place>] [like]",
        "what (temperature|temp) [<place>] (is|it is) [<place>]",
        "how (warm|cold|hot|cool|chilly) (it|<spot>) is [<place>]",
        what="temperature",
    ),
    said(
        "what is (<climate>|{room}) set (to|at)",
        (
            "(what|which) (temperature|temp|target) (is|are) ({room}|<climate>) (set|supposed to be|"
            "aiming for) [to|at]"
        ),
        "what (temperature|target|degrees) is <climate> set (to|at)",
        "what is (target|set|target temperature|set temperature) [temperature] [<place>|of <climate>]",
        "(to|at) what temperature is <climate> set",
        "what is <climate> (target|set|setting|target temperature|set temperature|setpoint)",
        "how (high|warm) is <climate> [set]",
        what="target",
    ),
    said(
        *for_each(
            _THINGS,
            (
                "(is|are) <@> [still] (on|off|running|working|active|{power}|switched {power}|turned "
                "{power}|playing|heating|cooling|lit) [<place>]"
            ),
            (
                "(did|have) (i|we|anyone|anybody|somebody|someone) (leave|left|turn|switch|turned|"
                "switched|forget|forgotten) <@> (on|off|{power}) [<place>]"
            ),
            "(did|have) (i|we|anyone|anybody|somebody|someone) (turn|switch|turned|switched) {power} <@>",
            "what is (status|state) of <@>",
            "(was|were) <@> (left|turned|switched) {power}",
            "(is|are) [there] any <@> [still] (on|off|running|lit) [<place>]",
            "is there [still] [any|a] <@> (on|running|{power}) [<place>]",
            "does <@> (run|work|play) [now]",
            "is <@> [turned|switched] {power} or (on|off)",
            "(is|are) <@> (on or off|currently {power})",
            "status <@>",
            "<@> status",
            "<@> [still] {power} or (off|on|not)",
            "(has|have) <@> been (turned|switched|left) {power}",
            (
                "(has|have) (i|we|anyone|anybody|somebody|someone) (left|turned|switched) [{power}] <@> "
                "[{power}]"
            ),
            "(which|what) <@> (is|are) [still] {power} [<place>]",
            "status of <@>",
            "what is <@> doing",
            "how is <@>",
            "is there <@> on [<place>]",
            "what mode is <@> (in|on|set to)",
        ),
        "is <spot> (being|getting) (heated|cooled)",
        "(which|what) lights are [still] {power}",
        "is anything [still] on",
        what="power",
    ),
    said(
        "how bright is <light> [<place>]",
        "what is brightness [of <light>|<place>]",
        "how bright are <light>",
        thing="light",
        what="brightness",
    ),
    said(
        "how is air [quality] [like] [<place>]",
        "(what|how) is air [quality] [like] [<place>]",
        "(what|how) is [<place>] air quality",
        (
            "(what is|how much is|how high is) (pm2.5|particulate matter|fine dust|pm2.5 level|pm2.5 "
            "value) [<place>]"
        ),
        "is [<place>] air [quality] (good|clean|bad|ok|okay|fresh|polluted|dirty|fine|healthy) [<place>]",
        "is air <place> (good|clean|bad|ok|okay|fresh|polluted|dirty|fine|healthy)",
        "air quality [<place>]",
        "(is|how is) {room} air [quality]",
        "how (clean|good|bad|fresh|dirty|polluted) is {room} air",
        "how (clean|good|bad|fresh|dirty|dusty|polluted|healthy) is (air|<spot>|it) [<place>]",
        "how (much|many) (dust|fine dust|particles|pm2.5|particulate matter|pollution) (is|are|do we have) "
        "[there|it] [in|of] [{room}] [air] [<place>]",
        (
            "(what is|how is|how high is|how much is|how bad is) {room} (pm2.5|dust|dust level|air "
            "pollution|pollution)"
        ),
        "(what is|how high is|how bad is) (dust|dust level|dust concentration|air pollution|pollution|pm2.5 "
        "concentration|pm2.5 reading) [<place>]",
        "[{room}] (pm2.5|dust|pollution) [level|value|reading] [<place>]",
        "is there [much|lot of|too much|any] (dust|fine dust|pollution|pm2.5) [<place>|in air|in {room} air]",
        "is [{room}] air <so> (good|clean|bad|dusty|polluted|dirty) [<place>]",
        "is (<spot>|{room}|it) [<so>] (dusty|polluted) [<place>]",
        "what does <purifier> (say|measure|show|report)",
        "how is air (doing|looking) [<place>]",
        "(is|how is) air (alright|safe|breathable) [to breathe] [<place>]",
        thing="purifier",
        what="air",
    ),
    said(
        "is <of_car> [still] (locked|unlocked|secure|secured|locked up|open|closed|shut)",
        "are [<of_car>] doors [of <of_car>] [still] (locked|unlocked|open|closed|shut)",
        (
            "(did|have) (i|we|anybody|anyone) (lock|locked|forget to lock|forgotten to lock|leave|left) "
            "<of_car> [unlocked|open] [doors]"
        ),
        "is [<of_car>] locked",
        "(was|were) [<of_car>] [doors] [left] (locked|unlocked|open)",
        (
            "(is|are) [<of_car>] [doors] [all] [properly|really] (locked|secured|unlocked|shut) "
            "[properly|or not|up]"
        ),
        "is <of_car> locked or (unlocked|open|not)",
        "(did|have) (i|we|anybody|anyone) (lock|locked) [up] [<of_car>] [doors]",
        "has (anybody|anyone|someone) locked <of_car>",
        "does <of_car> (need locking|still need to be locked)",
        "<of_car> [still] (locked|unlocked)",
        "[<of_car>] lock (status|state)",
        "what is <of_car> lock (status|state)",
        "(has|have) [<of_car>] [doors] been (locked|locked up|secured)",
        "(i|we|anyone|anybody) locked <of_car>",
        what="locked",
    ),
    said(
        "is [<of_car>] <boot> [of <of_car>] [still|really|properly] (open|closed|shut)",
        "(did|have) (i|we|anyone|anybody|someone|somebody) (leave|left|close|closed|shut|forget to close|"
        "forgotten to close|open) [<of_car>] <boot> [of <of_car>] [open]",
        "(was|has) [<of_car>] <boot> [of <of_car>] [been] [left] (open|closed|shut)",
        "is [<of_car>] <boot> [of <of_car>] (open or closed|closed or open|open or shut)",
        "(what is status of|how is) [<of_car>] <boot> [of <of_car>]",
        what="boot",
    ),
    said(
        "(is|are) [all|any|any of|1 of] [<of_car>] <window> [of <of_car>] [all|still|really|properly] "
        "(open|closed|shut|up|down|rolled up|rolled down)",
        (
            "(is|are) [there] [all|any|any of|1 of] [<of_car>] <window> (open|closed|shut|down) [in|of|"
            "on] <of_car>"
        ),
        "(did|have) (i|we|anyone|anybody|someone|somebody) (leave|left|close|closed|shut|forget to close|"
        "forgotten to close|open|roll up) [all|any|any of|1 of] [<of_car>] <window> [of <of_car>] "
        "[open|down]",
        (
            "(was|were|has|have) [any|any of|1 of] [<of_car>] <window> [of <of_car>] [been] [left] (open|"
            "closed|shut|down)"
        ),
        "(is|are) [<of_car>] <window> [of <of_car>] (open or closed|closed or open|open or shut|up or down)",
        "(what is status of|how are) [<of_car>] <window> [of <of_car>]",
        what="windows",
    ),
    said(
        (
            "how much (battery|charge|power|energy|juice|electricity) (has|does|is|do) [<of_car>|we|i|"
            "there] [still] [left] [have|got|has] [left] [in|on] [<of_car>]"
        ),
        (
            "how much (battery|charge|power|energy|juice|electricity) [is] [still] (left|remaining) [in|"
            "on] [<of_car>]"
        ),
        "how much (battery|charge|power) is in <of_car> [battery]",
        "(does|has) <of_car> [still] (have|got) [enough|any|much] (battery|charge|power) [left]",
        "(is there|have i got|do i have|do we have) [still] [enough|any|much] (battery|charge|power) [left] "
        "[in|on] [<of_car>]",
        "(what|which) (battery|charge) level (is|does|has) <of_car> [at|have]",
        "(what percentage|how many percent) is <of_car> [battery] (at|charged) [to]",
        "(at what|to what) (percentage|percent|level) is [<of_car>] (battery|charge|charged|<of_car>)",
        "how charged is [<of_car>] [battery] [of <of_car>]",
        "how much (battery|charge|power|juice) (do|have) (i|we) [have|got] [left] [in|on] <of_car>",
        "(what is|how is) (battery|charge) (doing|looking|like) [in|of] [<of_car>]",
        "(does|do) <of_car> need (charging|to be charged|charge)",
        "[is] <of_car> (low on battery|running low|running out of battery|out of battery)",
        "how much (battery|charge|power|juice) (left|remaining) [in|on] [<of_car>]",
        "<of_car> (charge|charge level|state of charge|battery percentage|battery level)",
        "what is [<of_car>] (battery|charge|charge level|battery level|battery percentage|battery "
        "status|state of charge|battery state|power level)"
        " [level] [of <of_car>] [at]",
        "what is (battery|charge|state of charge|battery level|level of battery) (of|in) <of_car> [battery]",
        "how (full|high|low|empty|charged) is [<of_car>] [battery|charge] [of <of_car>]",
        "(battery|charge|car battery) (level|status|percentage|state) [of <of_car>]",
        "[<of_car>] battery [<of_car>]",
        "(is|how is) [<of_car>] battery [full|low|charged|empty|doing] [of <of_car>]",
        "(what|how many) (percentage|percent) (is|has|does) [<of_car>] [battery|have] [at|left|have]",
        "how much (battery|charge|power|energy|juice) <of_car> (has|have) [left|got]",
        what="battery",
    ),
    said(
        (
            "how (far|many kilometres) (can|could|will) (i|we|<of_car>|it) [still] (drive|go|get|travel|"
            "make) [with <of_car>|on this charge|on battery|in <of_car>]"
        ),
        "how (far|many kilometres) [of range] [are] [is] [still] [left|remain|remaining] [in|on] [<of_car>]",
        (
            "(what is|how much is|how big is) [<of_car>] [remaining|driving|current|left] range [left] "
            "[of <of_car>]"
        ),
        "(what|how much) range (do|does|has|have) (i|we|it|<of_car>) [still] [have|got] [left|remaining]",
        "how (far|much further|much farther|much longer|many more kilometres) (can|could|will|does|would) "
        "(i|we|it|<of_car>|battery) [still] (go|drive|get|run|travel|last|take me|take us) [with|on] "
        "[this charge|current charge|charge|battery|<of_car>|this battery|remaining charge|what is left|"
        "current battery]",
        "(what is|how much is|how is) (remaining range|range left|range) [in|on|of] [<of_car>] [left]",
        "how much (further|farther) (can|will) (i|we|it|<of_car>) (go|drive|get)",
        "how many [more] kilometres (can|could|will) (i|we|it|<of_car>) [still] (go|drive|get|make|"
        "do|travel) "
        "[with|on] [<of_car>|this charge]",
        "how many [more] kilometres (are|is) (left|remaining|there) [in|on] [<of_car>|battery]",
        "[<of_car>] range [left|remaining]",
        "will <of_car> make it (home|to work)",
        "how (far|much further|much farther|many kilometres|many more kilometres) (i|we|it|<of_car>) "
        "[still] (can|"
        "could|will) [still] (go|drive|get|make|travel) [with|on] [<of_car>|this charge|battery]",
        "how far does (battery|charge|<of_car>) (go|get me|last|take me)",
        "how much range (is|does|do|has) [<of_car>|i|we] [still] [have] [left|got]",
        "how far will (<of_car>|it|battery) (go|get me|take me|take us|last)",
        "how many kilometres (does|do|has) (<of_car>|i|we) [still] (have|got|left) [left]",
        "range [of <of_car>]",
        what="range",
    ),
    said(
        "is <of_car> [still] (charging|plugged in|connected|being charged|on charger)",
        "is <of_car> battery charging",
        "(is|has) <of_car> (finished|done|started|stopped) charging",
        "(is|does) <of_car> [currently] (charge|on charge|at charger|fully charged|full yet|taking charge)",
        "(is charging|has charging) (on|running|finished|done|started)",
        "did (i|we) plug [in] <of_car> [in]",
        "(how long|when) [until|till|will] (<of_car>|battery) [is|be] (full|charged|fully charged)",
        what="charging",
    ),
    said(
        "how (warm|cold|hot) is it in <of_car>",
        "what is [<of_car>] [interior|inside|cabin] temperature [in|inside|of] [<of_car>]",
        "how (warm|cold|hot|many degrees) is [it] [inside] [in] <of_car>",
        "(what|which) temperature (is it|is|is there) [in|inside] <of_car>",
        "how many degrees (are there|it is|are|is it) (in|inside) <of_car>",
        "is it [<so>] (warm|cold|hot|cool) [enough] (in|inside) <of_car>",
        "is <of_car> [<so>] (warm|cold|hot|cool) [enough] [inside] [already|yet]",
        "<of_car> temperature",
        what="cabin",
    ),
    said(
        "(how loud|what volume) is (music|it|<media>) [set to|at]",
        "what is [<media>] volume [at|set to|of <media>|on <media>]",
        "how high is volume [of <media>|on <media>]",
        "how (loud|quiet) is [volume of] (music|<media>|volume)",
        "(what volume|how loud) is <media> [set] [to|at|on]",
        "[what is] volume (of|on) <media> [set to|at]",
        "what is <media> volume [set] [to|at]",
        what="volume",
    ),
    said(
        "(what is|which song is|what song is|what music is) (playing|this|this song|on) [<place>|on <media>]",
        "is [there] (music|anything|something|<media>) playing [<place>|on <media>] [music]",
        "what is <media> playing",
        "what (song|music|track) is (this|that|it|playing) [<place>|on <media>]",
        "what (am i|are we) listening to",
        what="playing",
    ),
)
