"""English clauses: wishes put as statements or questions made imperative, and the reasons beside wishes.

`Make sure the lamp is off`, `could the lamp be off` and `I want the lamp turned off` all say `turn lamp off`.
"""

import re

_NOT_A_THING = (
    r"(?!(?:how|what|when|where|who|why|which|is|are|was|were|did|do|does|has|have|i|we|you|he|she|they|"
    r"if|unless|never|not|nobody|anything|somebody|someone|anyone|any|there)\b)"
)
_ENSURED = re.compile(
    r"^(?:make sure|ensure|see to it|be sure|make certain)(?: that)? (.+?) "
    r"(?:is|are|gets?|stays?|remains?|goes|will be)(?: set)? (.+)$"
)
_SHOULD_BE = re.compile(
    rf"^{_NOT_A_THING}(.+?) (?:should|must|can|could|may|might|needs? to|has to|have to|ought to|will)"
    r" (?:now )?(?:be|go|come|get|stay) (.+)$"
)
_COULD_IT_BE = re.compile(
    rf"^(?:can|could|may|might|should|would|will) {_NOT_A_THING}(.+?) (?:be|go|get|come|stay) (.+)$"
)
_DOES = r"(stop|start|begin|charge|play|run|pause|resume|heat up|heat|cool down|warm up|clean)"
_SHOULD_DO = re.compile(
    rf"^{_NOT_A_THING}(.+?) (?:should|must|can|could|may|needs? to|has to|have to)(?: now)? {_DOES}\b(.*)$"
)
_MADE_DO = re.compile(
    rf"^(?:let|have|make|get|want|set|can|could|would) {_NOT_A_THING}(.+?)(?: to| now)? {_DOES}\b(.*)$"
)
_SWITCHED = re.compile(
    rf"^(?:want|have|get|need|make|leave|keep) {_NOT_A_THING}(.+?) (?:to be )?"
    r"(?:turned|switched|shut|powered|put) (on|off|down|up)\b(.*)$"
)
_DONE = {
    "locked": "lock", "unlocked": "unlock", "opened": "open", "closed": "close", "dimmed": "dim",
    "brightened": "brighten", "cooled": "cool", "heated": "heat", "warmed": "warm", "muted": "mute",
    "silenced": "mute", "paused": "pause", "stopped": "stop", "played": "play", "charged": "charge",
    "preheated": "preheat", "precooled": "precool", "preconditioned": "precondition", "prewarmed": "prewarm",
    "set": "set", "lowered": "lower", "raised": "raise", "started": "start", "cleaned": "clean",
    "purified": "purify", "filtered": "filter", "secured": "lock", "shut": "shut", "limited": "limit",
}  # fmt: skip
_WANTED_DONE = re.compile(
    rf"^(?:want|have|get|need|make|leave|keep) {_NOT_A_THING}(.+?) (?:to be )?({'|'.join(_DONE)})\b(.*)$"
)
_RUNNING = re.compile(rf"^(get|set) {_NOT_A_THING}(.+?) (?:going|running|working|started)$")

_WHO = (
    r"(?:i|we|he|she|they|it|this|that|there|nobody|no one|everyone|everybody|somebody|someone|"
    r"(?:my|our|the|a|an) (?:\w+ ){0,2}?\w+|\w+)"
)
_IS_SO = (
    r"(?:(?!wanted|needed|asked)\w{2,}ed|am|are|is|was|were|has|have|had|feels?|looks?|seems?|smells?|"
    r"gets?|got|can not|can hardly|"
    r"can barely|can see|do not|does not|did not|don't|forgot|forget|think|finished|left|just|already|will|"
    r"(?:want|need|would like) (?:some )?(?:coffee|tea|rest|light|quiet|peace|sleep|fresh air)\b(?! "
    r"(?:and|from|to))|"
    r"(?:want|need|would like|have) to (?:read|sleep|cook|work|study|watch|rest|relax|eat|leave|go|nap|"
    r"drink|listen|concentrate|focus|see|shower|wake|clean|think|write|hear)\b)"
)
_STATEMENT = re.compile(rf"^(?:(?:because|since|as|now that|well) )?{_WHO} {_IS_SO}\b")
_CLAUSE_OF_REASON = re.compile(
    r"^(?:before|while|because|since|as|now that|so that|so) (?:i|we|he|she|it|they|there|my|our|the) .+$|"
    r"^(?:before|for) (?:bed|bedtime|dinner|work|lunch|breakfast|leaving|reading|guests|going \w+|"
    r"heading \w+|the (?:movie|film|night|kids|baby|party|trip|drive))\b.{0,20}$"
)
_ASKS_SOMETHING = re.compile(
    r"\b(?:if|unless|when|whenever|until|till|once|after (?!all)|or|you|your|please|should|must|ought|"
    r"never|joking|"
    r"kidding|asking|telling|wish|supposed|tell|instead|otherwise|not (?:want|turn|switch|set|lock)|"
    r"(?:at|in|by) \d+|what|why|how|where|who|which|want (?:it|the|a|my|some))\b"
    r"|\b(?:so|and|then|but|also|plus|to) (?!\w+$)(?!(?:the|my|our|a) \w+$)"
    r"(?=(?:order|book|call|send|buy|open|start|stop|turn|switch|play|set|make|remind|ask|put|get|take|bring|"
    r"move|close|shut|run|show|change|keep|let|unlock)\b)"
)
_REASON_AFTER = re.compile(
    r" ((?:because|since|so that|so|before|while|as) (?:i|we|he|she|it|they|there|my|our|kids|baby|guests) "
    r".+|before (?:bed|bedtime|dinner|work|lunch|breakfast|leaving|going .{1,20}|heading .{1,20})|"
    r"for (?:dinner|breakfast|lunch|reading|movie|film|guests|night|kids|baby|party|trip|drive))$"
)
_SPELLED = (
    (re.compile(r"'m\b"), " am"),
    (re.compile(r"'re\b"), " are"),
    (re.compile(r"'ve\b"), " have"),
    (re.compile(r"'ll\b"), " will"),
    (re.compile(r"'d\b"), " would"),
    (re.compile(r"\bcan't\b|\bcannot\b"), "can not"),
    (re.compile(r"n't\b"), " not"),
    (re.compile(r"(?<=[a-z])'s\b"), " is"),
)
_REASON_WORDS_MAX = 14
JOINING = r"(?: and | plus | as well as )"
WAY_THERE = re.compile(r"\b(?:to|into|for|towards|enter|entering|reach)\b[\w ]{0,12}$")


def imperative(text: str) -> str:
    """Return a simplified wish that is put as a statement or question as the command that it is."""
    text = _ENSURED.sub(r"want \1 \2", text)
    text = _SHOULD_DO.sub(r"\2 \1\3", _SHOULD_BE.sub(r"want \1 \2", _COULD_IT_BE.sub(r"want \1 \2", text)))
    text = _MADE_DO.sub(r"\2 \1\3", text)
    text = _RUNNING.sub(r"start \2", _SWITCHED.sub(r"turn \1 \2\3", text))
    return _WANTED_DONE.sub(lambda found: f"{_DONE[found[2]]} {found[1]}{found[3]}", text)


def is_reason(part: str) -> bool:
    """Say whether a plain part of a sentence only says why: a statement that asks for nothing."""
    spelled = part
    for contracted, words in _SPELLED:
        spelled = contracted.sub(words, spelled)
    return (
        len(spelled.split()) <= _REASON_WORDS_MAX
        and (_STATEMENT.match(spelled) is not None or _CLAUSE_OF_REASON.match(spelled) is not None)
        and not _ASKS_SOMETHING.search(spelled)
    )


def without_reason(text: str) -> str:
    """Return a simplified part without the reason at its end: `so I can read`, `before we leave`."""
    match = _REASON_AFTER.search(text)
    if match is None or _ASKS_SOMETHING.search(match[1]) or len(match[1].split()) > _REASON_WORDS_MAX:
        return text
    return text[: match.start()]
