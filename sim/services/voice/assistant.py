"""The assistant: turns a sentence into the very acts that touches would have been, or says why not.

It knows the household's names and, of its state, what the listening device believes. What it returns is
judged by the rules like any other act; therefore it only ever announces that it will ask.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from sim.core.household import Household
from sim.services.voice.cars import IN_CARS, not_allowed
from sim.services.voice.errands import ERRANDS
from sim.services.voice.home import AT_HOME
from sim.services.voice.meaning import Listening, Meaning
from sim.services.voice.parts import wishes_of
from sim.services.voice.questions import answered
from sim.services.voice.recognizer import Recognizer
from sim.services.voice.replies import AnyAct, Heard, NotUnderstood, Reply, Understood
from sim.services.voice.speech import SENTENCE_LENGTH_MAX, Language, after_wake_word, clauses, plain
from sim.services.voice.tongue import Tongue
from sim.services.voice.tongues import FORBIDDEN, TONGUES
from sim.services.voice.wishes import Wish

QUESTION_OPEN_MS = 30_000
"""How long a question waits for its answer: what is said later is no answer any more (assumption)."""
_INTENTS: Mapping[str, Callable[[Meaning], Heard]] = {
    **AT_HOME,
    **IN_CARS,
    **ERRANDS,
    "question": answered,
}


@dataclass(frozen=True, slots=True)
class Question:
    """A question the assistant has asked, and to whom.

    Attributes:
        wish: what was understood before it.
        speaker: who is to answer; nobody else can.
        asked_ms: when, by the microphone's clock.
    """

    wish: Wish
    speaker: str | None
    asked_ms: int

    def open_to(self, listening: Listening) -> bool:
        """Say whether the one who speaks now may still answer."""
        age_ms = listening.now_ms - self.asked_ms
        return self.speaker == listening.speaker and 0 <= age_ms <= QUESTION_OPEN_MS


def question_of(heard: Heard, listening: Listening) -> Question | None:
    """Return the question that an answer of the assistant leaves open at that microphone, or None."""
    if isinstance(heard, Understood) or heard.wish is None:
        return None
    return Question(heard.wish, listening.speaker, listening.now_ms)


class Assistant:
    """Understands the sentences that can be said in one household, in English and in Chinese.

    Args:
        household: whose rooms, homes, devices and scenes can be named.

    Raises:
        MissingPartError: hassil is not installed.
    """

    def __init__(self, household: Household) -> None:
        self._household = household
        self._recognizers = {language: Recognizer(tongue, household) for language, tongue in TONGUES.items()}

    def hear(
        self,
        sentence: str,
        *,
        language: Language,
        listening: Listening | None = None,
        question: Question | None = None,
    ) -> Heard:
        """Return what a sentence asks for, or why nothing happens; the same sentence, the same answer.

        Args:
            sentence: as it was said, with the wake word in either language; an answer needs none.
            language: the language of what follows the wake word, and of the answer.
            listening: where it was heard, by whom and what is known there.
            question: what the assistant asked at this microphone and nobody has answered.
        """
        where = Listening() if listening is None else listening
        open_question = question if question is not None and question.open_to(where) else None
        reply = Reply(TONGUES[language])
        text = plain(sentence)
        wish = after_wake_word(text)
        if wish is None and open_question is None:
            return NotUnderstood("it does not begin with the wake word", spoken="", code="no_wake_word")
        said = text if wish is None else wish
        if len(said) > SENTENCE_LENGTH_MAX:
            reason = f"it is longer than {SENTENCE_LENGTH_MAX} characters"
            return reply.refusal(reason, "not_understood")
        if open_question is not None:
            completed = self._completed(said, language, open_question, where)
            if completed is not None:
                return completed
        if wish is None:
            return NotUnderstood(
                "it answers no question and lacks the wake word", spoken="", code="no_wake_word"
            )
        return self._asked(said, clauses(sentence), language, where)

    def _completed(
        self, said: str, language: Language, question: Question, listening: Listening
    ) -> Heard | None:
        """Return what an open question and its answer ask for together; None when it is no answer."""
        reply = Reply(TONGUES[language])
        answer = self._recognizers[language].recognize_answer(reply.tongue.simplified(said))
        if answer is None:
            return None
        if answer.cancelled:
            return reply.refusal("it was called off", "dropped")
        return self._meant(question.wish.completed_by(answer), reply, listening)

    def _asked(self, said: str, spoken: list[str], language: Language, listening: Listening) -> Heard:
        """Return what a sentence after the wake word asks for: one thing, or several.

        Args:
            said: the plain sentence.
            spoken: its plain parts between commas, with the wake word still in the first.
            language: its language.
            listening: where it was heard.
        """
        reply = Reply(TONGUES[language])
        text = reply.tongue.simplified(said)
        recognizer = self._recognizers[language]
        wish = recognizer.recognize(text)
        if wish is None or wish.free_text:
            first = after_wake_word(spoken[0]) or ""
            parts = [part for part in (first, *spoken[1:]) if part]
            wishes = wishes_of(text, parts, reply.tongue, recognizer)
            if wishes is not None:
                titled = [self._titled(one, said, reply.tongue) for one in wishes]
                return self._together(titled, reply, listening)
        if wish is None or FORBIDDEN.search(wish.free_text):
            if FORBIDDEN.search(said):
                return not_allowed(reply)
            return reply.refusal("the assistant knows no such sentence", "not_understood")
        return self._meant(self._titled(wish, said, reply.tongue), reply, listening)

    def _titled(self, wish: Wish, said: str, tongue: Tongue) -> Wish:
        """Return a wish with its title as it was said."""
        return wish if wish.title is None else replace(wish, title=_verbatim(said, wish.title, tongue))

    def _meant(self, wish: Wish, reply: Reply, listening: Listening) -> Heard:
        meaning = Meaning(self._household, reply, wish, listening)
        return _INTENTS[wish.intent](meaning)

    def _together(self, wishes: Sequence[Wish], reply: Reply, listening: Listening) -> Heard:
        """Return several wishes as one; when one of them cannot be, none is begun."""
        if len(wishes) == 1:
            return self._meant(wishes[0], reply, listening)
        heard = [self._meant(wish, reply, listening) for wish in wishes]
        unheard = [one for one in heard if isinstance(one, NotUnderstood)]
        if unheard:
            refused = next((one for one in unheard if one.code == "not_allowed_by_voice"), unheard[0])
            return replace(refused, wish=None, act=None)
        done = [one for one in heard if isinstance(one, Understood)]
        return Understood(
            _without_repetition([act for one in done for act in one.acts]),
            " ".join(dict.fromkeys(one.spoken for one in done)),
            tuple(fact for one in done for fact in one.asked),
        )


def _without_repetition(acts: Sequence[AnyAct]) -> tuple[AnyAct, ...]:
    """Return the acts, each once: `do not charge any more, stop charging` is one."""
    return tuple(act for index, act in enumerate(acts) if act not in acts[:index])


def _verbatim(said: str, simplified: str, tongue: Tongue) -> str:
    """Return the words of a sentence that were simplified to a text: a song keeps its articles."""
    units, between = (list(said), "") if tongue.code == "zh" else (said.split(), " ")
    for length in range(1, len(units) + 1):
        for start in range(len(units) - length + 1):
            span = between.join(units[start : start + length])
            if tongue.simplified(span) == simplified:
                article = (
                    units[start - 1] if start and units[start - 1] in {"the", "a", "an", "my", "our"} else ""
                )
                return f"{article} {span}".strip()
    return simplified
