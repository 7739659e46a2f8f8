"""English made plain: contractions, courtesies and articles away, numbers in figures.

What is taken away changes nothing that is asked for; `not`, `never` and `if` stay, so that a sentence with
one of them matches no template that lacks it.
"""

import re

from sim.services.voice.english_clauses import imperative

_CONTRACTED = (
    (re.compile(r"\b(can|do|does|did|is|are|wo|would|could|should|have|has)n't\b"), r"\1 not"),
    (re.compile(r"\bcannot\b"), "can not"),
    (re.compile(r"\bcan't\b"), "can not"),
    (re.compile(r"\bwhy (?:don't|do not|not)(?: (?:you|we))?\b"), ""),
    (re.compile(r"\b(i)'m\b"), r"\1 am"),
    (re.compile(r"(?<=[a-z])'ll\b"), " will"),
    (re.compile(r"(?<=[a-z])'ve\b"), " have"),
    (re.compile(r"(?<=[a-z])'re\b"), " are"),
    (re.compile(r"(?<=[a-z])'d\b"), " would"),
    (re.compile(r"\b(what|it|how|that|where|there|here|who|when|everything|everyone)'s\b"), r"\1 is"),
    (re.compile(r"\blet's\b"), "let us"),
    (re.compile(r"'s\b|'(?=\s|$)"), ""),
    (re.compile(r"\bwanna\b"), "want to"),
    (re.compile(r"\bgonna\b"), "going to"),
    (re.compile(r"\bgimme\b"), "give me"),
)
_ONES = {
    word: value
    for value, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
}
_TENS = {
    word: 10 * value
    for value, word in enumerate(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], 2
    )
}
_LARGE = {"hundred": 100, "thousand": 1000}
_MEASURED = {"degree", "degrees", "percent", "hundred", "thousand", "point", "kelvin", "and"}
_BEFORE_ONE = {"level", "to", "by", "minus", "speed", "setting", "at"}

_UNITS = (
    (
        re.compile(r"\s*(?:°\s*c\b|℃|°|\bdegrees? (?:celsius|centigrade|c)\b|\bcelsius\b|\bcentigrade\b)"),
        " degrees",
    ),
    (re.compile(r"\s*(?:%|\bper cent\b|\bpercents?\b)"), " percent"),
    (re.compile(r"(?<=\d)\s*k\b"), " kelvin"),
    (re.compile(r"\bdegrees degrees\b"), "degrees"),
    (re.compile(r"\bpm ?2 ?\.? ?5\b"), "pm2.5"),
)
_SAME = (
    (
        re.compile(
            r"\b(?:a (?:tiny |little )?(?:bit|touch|tad|notch)|a little(?: bit)?|slightly|somewhat|"
            r"some what)\b"
        ),
        "slightly",
    ),
    (re.compile(r"\b(?:a|one) couple (?:of )?(?=degrees)|\ba couple of (?=degrees)"), "2 "),
    (re.compile(r"\ba few (?=degrees)"), "2 "),
    (re.compile(r"\b(?:a|another|one|one more) degree\b"), "1 degree"),
    (re.compile(r"\b(\d+)(?: degrees)? and (?:a )?half\b"), r"\1.5"),
    (re.compile(r"\b(\d+) point (\d+)\b"), r"\1.\2"),
    (re.compile(r"\bliving ?room\b"), "living room"),
    (re.compile(r"\b(?:that|this) (?=lamp\b|light\b|plug\b|tv\b|speaker\b|heater\b|room light)"), ""),
    (re.compile(r"\b(play|put on) (?:me|us)\b"), r"\1"),
    (
        re.compile(
            r"\bair con(?:ditioner|ditioning|ditioners)?\b|\baircon\b|\ba ?\. ?c\b\.?|\bac unit\b|\ba c\b"
        ),
        "ac",
    ),
    (re.compile(r"\b(?:tv|telly|television|tele)(?: set)?\b"), "tv"),
    (re.compile(r"\bdown ?stairs\b|\bup ?stairs\b"), lambda found: found[0].replace(" ", "")),
    (re.compile(r"\bgood ?night\b"), "good night"),
    (re.compile(r"\bpre ?-?(heat|cool|condition|warm)(ing)?\b"), r"pre\1\2"),
    (re.compile(r"\bcolor"), "colour"),
    (re.compile(r"\bkilomet(?:er|re)s?\b|\bkms?\b|\bmiles?\b"), "kilometres"),
)
_ARTICLES = re.compile(r"\b(?:the|my|our|a|an|some|please|kindly|just|actually|maybe|perhaps)\b")

_COURTEOUS_BEFORE = re.compile(
    r"^(?:(?:br+|ugh|wow|phew|gosh|man|damn|and|so|well|um+|uh+|oh|hey|hi|hello|ok|okay|right|alright|"
    r"now|then|also|yes|sorry|excuse me|quick|"
    r"go ahead and|mind|(?:can|could|would|will|may|might) (?:you|we|i)(?: possibly| help me(?: to)?)?|"
    r"do me favou?r and|be so kind (?:as to|and)|be dear and|is it possible to|would it be possible "
    r"to|(?:how|what) about|try|any way to|any chance (?:you|i) could|"
    r"(?:i|we) (?:would like|want|need|wish|would love|would appreciate it if) (?:you (?:to|could)|to)|"
    r"i (?:was wondering|wonder) (?:if|whether) you could|it would be (?:nice|great|good) if you could|"
    r"(?:would|do) you mind|let us|time to|do not forget to|remember to|make sure to|be sure to|feel "
    r"free to|help me(?: to)?|you "
    r"should|you can|you may|you could|there is no need for you to)(?= |$)\s*)"
)
_COURTEOUS_AFTER = re.compile(
    r"(?:\s+(?:now|right now|right away|straight away|immediately|at once|quickly|asap|for me|for us|"
    r"thanks(?: lot)?|"
    r"thank you(?: very much)?|cheers|(?:would|will|could|can) you|if you (?:can|could|would|do not "
    r"mind|like)|"
    r"when you (?:can|get chance)|okay|ok|again|today|tonight|this (?:evening|morning)|at moment|currently|"
    r"there|then|any ?more|any longer|when you get chance|if possible|as well|too|buddy|mate|xiaomi|"
    r"for while|for now|will you))$"
)
_ASKED_BEFORE = re.compile(
    r"^(?:(?:can|could|will|would) you (?:tell me|say|check)|tell me|do you know|check|let me know|"
    r"know|i want to know|"
    r"i would like to know|any idea|remind me|give me|read me|find out|see)\s+"
    r"(?=(?:(?:\w+ ){0,4}(?:temperature|temp|air quality|charge level|battery level|range)(?: |$)|"
    r"what|how|is|are|did|does|which|where|whether|if|temperature|air quality|battery|range|"
    r"charge level|pm2\.5|state of)\b)"
)
_WHETHER = re.compile(r"^(?:if|whether) (.+?) (is|are|has|have) (.+)$")
_QUICK_VERB = re.compile(r"^(?:quickly|kindly|just|simply|also)\s+")
_GERUNDS = {
    "turning": "turn", "switching": "switch", "setting": "set", "dimming": "dim", "making": "make",
    "playing": "play", "putting": "put", "starting": "start", "stopping": "stop", "locking": "lock",
    "raising": "raise", "lowering": "lower", "showing": "show", "brightening": "brighten", "pausing": "pause",
    "unlocking": "unlock", "opening": "open", "closing": "close", "changing": "change", "warming": "warm",
}  # fmt: skip
_MINDED = re.compile(r"\b(mind|about|try) (\w+ing)\b")
_WANTED = re.compile(
    r"^(?:i|we) (?:would like|want|need|wish|would love|would prefer|like)\s+(?:to have\s+)?"
)
_TWO = re.compile(r"\s+(?:and then|and also|and|then|plus)\s+")
_SWITCHED = re.compile(r"^((?:turn|switch|put|shut) (?:on|off)) ")
_SWITCHED_AROUND = re.compile(r"^(turn|switch|put|shut) (?!on\b|off\b)(.+) (on|off)$")
_OWN_VERB = re.compile(
    r"(?:turn|switch|put|shut|set|dim|lock|play|pause|stop|start|make|brighten|open|unlock|close|heat|"
    r"cool|warm)\b"
)


def simplified(text: str) -> str:
    """Return a plain sentence without what changes nothing that it asks for."""
    for pattern, instead in _CONTRACTED:
        text = pattern.sub(instead, text)
    for pattern, instead in _UNITS:
        text = pattern.sub(instead, text)
    text = _figures(_MINDED.sub(lambda found: f"{found[1]} {_GERUNDS.get(found[2], found[2])}", text))
    for pattern, same in _SAME:
        text = pattern.sub(same, text)
    text = " ".join(_ARTICLES.sub(" ", text).split())
    before = ""
    while before != text:
        before = text
        text = _WHETHER.sub(r"\2 \1 \3", _ASKED_BEFORE.sub("", text))
        text = _QUICK_VERB.sub("", _COURTEOUS_AFTER.sub("", _COURTEOUS_BEFORE.sub("", text)))
    return imperative(_WANTED.sub("want ", text))


def split(text: str) -> list[str]:
    """Return the parts of a simplified sentence that asks for several things; `turn off` holds for all."""
    around = _SWITCHED_AROUND.match(text)
    if around is not None:
        return [f"{around[1]} {part} {around[3]}" for part in _TWO.split(around[2])]
    first, *others = _TWO.split(text)
    verb = _SWITCHED.match(first)
    return [
        first,
        *(part if verb is None or _OWN_VERB.match(part) else f"{verb[1]} {part}" for part in others),
    ]


def _figures(text: str) -> str:
    """Return the text with numbers in figures; `one` is one only before a unit or after words like `to`."""
    words = text.split(" ")
    found: list[str] = []
    index = 0
    while index < len(words):
        value, used = _number(words, index)
        after = words[index + used] if index + used < len(words) else ""
        lone = words[index] == "one" and used == 1
        before = found[-1] if found else ""
        if used and not (lone and after not in _MEASURED and before not in _BEFORE_ONE):
            found.append(str(value))
            index += used
        else:
            found.append(words[index])
            index += 1
    return " ".join(found)


def _number(words: list[str], start: int) -> tuple[int, int]:
    """Return the number in words that begins somewhere, and how many words it has; none has 0 words."""
    index, value, whole = start, 0, 0
    filled = 0
    while index < len(words):
        word = words[index]
        if word in _TENS and filled == 0:
            value, filled = value + _TENS[word], 2
        elif word in _ONES and (filled == 0 or (filled == 2 and 0 < _ONES[word] < 10)):
            value, filled = value + _ONES[word], 1
        elif word in _LARGE and (index > start or word == "hundred"):
            whole, value, filled = whole + max(value, 1) * _LARGE[word], 0, 0
        elif word == "and" and whole and index + 1 < len(words) and words[index + 1] in {**_ONES, **_TENS}:
            pass
        else:
            break
        index += 1
    return whole + value, index - start
