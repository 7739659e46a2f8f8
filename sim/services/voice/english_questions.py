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
        "temperature <place>",
        "(is it|is <spot>) (warm|cold|hot|cool|warm enough) [<place>]",
        "[what is] temperature [<place>] [like]",
        "what (temperature|temp) [<place>] (is|it is) [<place>]",
        "how (warm|cold|hot|cool|chilly) (it|<spot>) is [<place>]",
        what="temperature",
    ),
    said(
        "what is <climate> set to",
        "what (temperature|target|degrees) is <climate> set (to|at)",
        "what is (target|set|target temperature|set temperature) [temperature] [<place>|of <climate>]",
        "(to|at) what temperature is <climate> set",
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
        "how (clean|good|bad|fresh|dirty) is air [<place>]",
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
        "(has|have) [<of_car>] [doors] been (locked|locked up|secured)",
        "(i|we|anyone|anybody) locked <of_car>",
        what="locked",
    ),
    said("is [<of_car>] (boot|trunk|tailgate) [of <of_car>] [still] (open|closed|shut)", what="boot"),
    said("are [<of_car>] windows [of <of_car>] [still] (open|closed|shut|up|down)", what="windows"),
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
        "how much range (is|does|do|has) [<of_car>|i|we] [still] [have] [left|got]",
        "how far will (<of_car>|it|battery) (go|get me|take me|take us|last)",
        "how many kilometres (does|do|has) (<of_car>|i|we) [still] (have|got|left) [left]",
        "range [of <of_car>]",
        what="range",
    ),
    said(
        "is <of_car> [still] (charging|plugged in|connected|being charged|on charger)",
        "is <of_car> battery charging",
        "(how long|when) [until|till|will] (<of_car>|battery) [is|be] (full|charged|fully charged)",
        what="charging",
    ),
    said(
        "how (warm|cold|hot) is it in <of_car>",
        "what is [<of_car>] [interior|inside|cabin] temperature [in|inside|of] [<of_car>]",
        "how (warm|cold|hot) is <of_car>",
        what="cabin",
    ),
    said(
        "(how loud|what volume) is (music|it|<media>) [set to|at]",
        "what is [<media>] volume [at|set to|of <media>|on <media>]",
        "how high is volume [of <media>|on <media>]",
        what="volume",
    ),
    said(
        "(what is|which song is|what song is|what music is) (playing|this|this song|on) [<place>|on <media>]",
        "is (music|anything) playing [<place>]",
        what="playing",
    ),
)
