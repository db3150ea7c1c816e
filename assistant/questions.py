"""What kind of answer a question asks for, read from its form alone."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.terms import stem, terms

QuestionType = Literal["factoid", "list", "comparison", "yes_no", "why", "how", "definition"]

_AUXILIARY = (
    r"(?:do|does|did|is|are|was|were|can|could|may|might|must|should|shall|will|would|has|have|had|"
    r"isn't|aren't|don't|doesn't|can't|won't|shouldn't)"
)
_THING = r"(?P<{}>[^?.;]+?)"
_COMPARISONS = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        rf"\bdifferences?\s+(?:is\s+|are\s+)?(?:there\s+)?between\s+{_THING.format('a')}\s+(?:and|vs\.?|versus|or)\s+"
        rf"{_THING.format('b')}(?=[?.;,]|$)",
        rf"\b(?:compare|contrast|distinguish)\s+{_THING.format('a')}\s+(?:and|with|to|from|against|vs\.?)\s+"
        rf"{_THING.format('b')}(?=[?.;,]|$)",
        rf"\b(?:is|are|do|does|would|can)\s+{_THING.format('a')}\s+(?:really\s+)?(?:differ|different|distinct|unlike)\s*"
        rf"(?:from|to|than)?\s+{_THING.format('b')}(?=[?.;,]|$)",
        rf"\bwhat\s+(?:sets|distinguishes|separates)\s+{_THING.format('a')}\s+(?:apart\s+)?from\s+{_THING.format('b')}"
        r"(?=[?.;,]|$)",
        rf"\b(?:is|are)\s+{_THING.format('a')}\s+(?:just\s+)?the\s+same\s+(?:\w+\s+)?as\s+{_THING.format('b')}(?=[?.;,]|$)",
        rf"^\s*(?:how\s+does\s+)?{_THING.format('a')}\s+(?:vs\.?|versus|compared?\s+(?:to|with))\s+{_THING.format('b')}"
        r"(?=[?.;,]|$)",
    )
)
_OF_LETTERS = re.compile(
    r"\s*(?i:what(?:['’]?s| is| are)?\s+)?(?i:the\s+)?(?i:differences?|compar(?:e|ison))(?i:\s+(?:between|of))?"
    r"((?:(?:,|,?\s+(?i:and|or|vs\.?))?\s+[A-Z]{2,6}){2,4})\W*"
)
"""Letters alone behind a word of comparing: "difference CMO CNO CMIO"."""
_FURTHER_SIDE = re.compile(r"\s*,\s*(?:(?:and|or)\s+)?|\s+(?:vs\.?|versus)\s+", re.I)
_POST = re.compile(r"\bchief(?: \w+){1,2} officers?\b|\b(?:medical|clinical) directors?\b|\b[A-Z]{2,4}s?\b")
_ONE, _THOSE_OF = re.compile(r"\bones?\b"), re.compile(r"^(?:those|that) of (?:an? |the )?")
LONGEST_SIDE = 4  # words of each of several sides
MOST_PARTS = 3  # questions in one; a longer list of them is read as a whole
_OF_SOURCES = frozenset(stem(w) for w in "source sources agree disagree conflict differ say article articles".split())
"""A part made only of these asks how the sources stand to the other part, which the answer to that part shows."""
_SENTENCE_END = re.compile(r"(?<=[?!])\s+|(?:(?<=[a-z0-9]{2}\.)|(?<=\b[A-Z]{2}\.)|(?<=\b[A-Z]{3}\.))\s+(?=[A-Z])")
_ASKING = re.compile(
    rf"(?:and\s+|but\s+|so\s+)?(?:what|who|whom|whose|how|why|when|where|which|whether|{_AUXILIARY})\b", re.I
)
_FRAME = re.compile(
    r"^(?:(?:please|hi|hello|also|and|but|so)\b[,\s]*)*"
    r"(?:(?:can|could|would|will)\s+you\s+(?:please\s+)?(?:tell|explain|say|show)(?:\s+to)?(?:\s+me|\s+us)?|tell\s+(?:me|us)|"
    r"(?:i|we)(?:['’]d|\s+would)?\s+(?:also\s+)?(?:like|want|need|wish|love)\s+to\s+(?:know|understand|learn|ask|find\s+out)|"
    r"(?:i|we)(?:['’]m|['’]re|\s+am|\s+are)?\s+(?:also\s+)?(?:wonder|wondering|curious|asking)|do\s+you\s+know|explain)"
    r"(?:\s+about)?[,:]?\s+(?=(?:what|who|whom|whose|how|why|when|where|which|whether)\b)",
    re.I,
)
"""What is said before a question that is asked in so many words: "I would like to know what a CMO earns"."""
_INTRODUCTION = re.compile(
    r"^(?:(?:hi|hello|hey|so|well|as)\b[,\s]*)*(?:I|we|my|our)\b[^?]*?(?:[,;:]|\s[-–—])\s+(?:(?:and|but|so)\s+)?"
    rf"(?=(?:(?:what|how|why|whether|{_AUXILIARY})\b|(?:who|whom|which|when|where)\b[^,]*\?$)(?!.*\.$))|"
    r"^[^?;]*?\b(?:my|our|the|an?)\s+[^?,;]{1,40}?\s+"
    r"(?:asks?|asked|(?:is|keeps?)\s+asking|wants?\s+to\s+know|wonders?)(?:\s+(?:me|us))?[,:]?\s+"
    r"(?=(?:what|who|whom|whose|how|why|when|where|which|whether|if)\b)",
    re.I,
)
"""What the asker tells in the same breath: "I work in HR, what …?", "Our CFO asked me who …".

"My CMO, who reports to the CEO, is …" goes on.
"""
_OF_SOMEBODY = rf"{_AUXILIARY}\s+(?:the|an?|they|he|she|it|most|I|we|you|either|any|there|CMOs?)"
_NEXT_QUESTION = re.compile(
    rf",?\s+(?:and|but|or)\s+(?=(?:what|who|whom|how|why|when|where|whether|{_OF_SOMEBODY})\b)|"
    rf"(?:,|\s[-–—])\s+(?=(?:what|how|why|whether|{_OF_SOMEBODY})\b)",  # "the CEO, who …" and "…, when …" go on
    re.I,
)
_LEADING = re.compile(
    r"^(?:the|a|an|what|whats|is|are|does|do|how|of|roles?\s+of(?:\s+the|\s+an?)?|duties\s+of(?:\s+an?|\s+the)?)\s+",
    re.I,
)
_PLURAL_NOUN = re.compile(
    r"^(?:what|which)\s+(?:(?:are|were)\b|(?:\w+\s+){0,3}?\w+(?<!s)s\b(?<!is)(?<!does)(?<!has)(?<!was)(?<!process))",
    re.I,
)
_LIST_REQUEST = re.compile(r"^(?:list|name|enumerate|give\s+(?:me\s+)?(?:a\s+list|examples|the\s+\w+s))\b", re.I)
_NO_PART = r"(?!the\s[\w -]+\sof\s)"  # "What is the tenure of a CMO?" asks for a part of it, and for no definition
_SOUGHT = (
    (
        # A post alone ("What does a CMO do?"); with more words around it the question says itself what it is about.
        re.compile(
            r"\bwhat\s+(?:do|does|did|should|would|must|is)\s+(?:an?\s+|the\s+)?(?:[\w'-]+\s+){1,3}(?:do|doing)\s*[?.!]*$",
            re.I,
        ),
        "duties responsibilities",
    ),
    (
        re.compile(r"\b(?:job|role|work|position|post)s?\b[^?]{0,30}\b(?:involve|entail|consist)", re.I),
        "duties responsibilities",
    ),
    (re.compile(r"\bearns?\b|\bpaid\b|\bhow much\b[^?]{0,40}\bmake\b", re.I), "pay salary"),
    (re.compile(r"\bhow\s+(?:do|does|can|could|would|to)\b[^?]{0,30}\bbecome\b", re.I), "path steps"),
    (
        re.compile(
            rf"\bwho\s+(?:is|are|was)\s+(?:an?|the)\b|\bwhat(?:'s|\s+is|\s+are)\s+{_NO_PART}(?:an?\s+)?"
            r"[\w -]{2,40}\??$",
            re.I,
        ),
        "definition",
    ),
)
"""Forms of question whose verb says what kind of thing is asked for."""


_WORD = re.compile(
    r"\b(who|whom|whose|why|how (?:much|many|often|long|soon)|how|when|where|which|what|can|may|must|should|is|are|do|"
    r"does|has|have)\b",
    re.I,
)
QUESTION_WORDS = (
    "",
    "who",
    "why",
    "how",
    "how much",
    "how many",
    "how often",
    "how long",
    "when",
    "where",
    "what",
    "may",
    "is",
)
"""What ``question_word`` may give; words that ask for the same kind of thing are one."""
_AKIN = {
    "whom": "who",
    "whose": "who",
    "how soon": "when",
    "which": "what",
    "can": "may",
    "must": "may",
    "should": "may",
    "are": "is",
    "do": "is",
    "does": "is",
    "has": "is",
    "have": "is",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A stand-alone question: its text, the form of answer it asks for, and the things that it compares, if any.

    ``in_talk`` is a follow-up as it was typed, behind the question of the turn before and by itself; empty for any
    other. The known questions are compared with these too, for some were asked in talks.
    """

    text: str
    type: QuestionType
    terms: tuple[str, ...]
    compared: tuple[str, ...]  # two or more, or none
    sought: str  # the noun that a verb of the form stands for: "What does X do?" asks for duties; "" elsewhere
    in_talk: tuple[str, ...] = ()

    @property
    def search_text(self) -> str:
        """The question with the noun that it seeks."""
        return f"{self.text} {self.sought}".strip()


def readable(text: str) -> str:
    """Text on one line without control characters, invisible marks and lone surrogates, which no search can use."""
    text = unicodedata.normalize("NFC", text.encode("utf-8", "replace").decode("utf-8"))
    kept = ("" if unicodedata.category(c) == "Cf" else c if c.isprintable() or c.isspace() else " " for c in text)
    return " ".join("".join(kept).split())


def read_question(text: str) -> Question:
    """Read a question's form; keywords without any form of a question count as a definition or factoid."""
    compared = _compared(text)
    return Question(
        text=text,
        type="comparison" if compared else _type(text.strip().lower()),
        terms=tuple(dict.fromkeys(terms(text))),
        compared=compared,
        sought=next((noun for pattern, noun in _SOUGHT if pattern.search(text)), ""),
    )


def question_word(text: str) -> str:
    """The word that tells what a text asks for first, one of QUESTION_WORDS; "" where it has none."""
    found = _WORD.search(asked_parts(text)[0])
    word = found[1].lower() if found else ""
    return _AKIN.get(word, word)


def asked_parts(text: str) -> tuple[str, ...]:
    """The questions that a text asks, each in its own words; the whole text where it asks one or none.

    "Who appoints the CMO, and who can dismiss one?" asks two. What is told before a question ("I am a hospitalist.
    What should I do next?") is no part, nor are the words that lead up to one ("Can you tell me …").
    """
    asking = [asked for sentence in _sentences(text) if (asked := _asked(sentence))]
    parts = [part.strip(" ,.") for sentence in asking for part in _split_up(sentence)]
    said = (part if part.endswith("?") else f"{part}?" for part in parts if set(terms(part)) - _OF_SOURCES)
    once = tuple(dict.fromkeys(said))
    return once if 0 < len(once) <= MOST_PARTS else (text,)


def led_up_to(text: str) -> bool:
    """Whether words lead up to a question that a text asks: "Can you tell me …", "I am a nurse, …"."""
    return any(_FRAME.match(sentence) or _INTRODUCTION.match(sentence) for sentence in _sentences(text))


def _sentences(text: str) -> list[str]:
    return [sentence for sentence in _SENTENCE_END.split(text.strip()) if sentence]


def _asked(sentence: str) -> str:
    """What a sentence asks, without the words that lead up to it; "" where it asks nothing."""
    framed = _FRAME.match(sentence)
    bare = _FRAME.sub("", sentence if framed else _INTRODUCTION.sub("", sentence))
    return bare if bare != sentence or sentence.endswith("?") or _ASKING.match(sentence) else ""


def _split_up(sentence: str) -> list[str]:
    """The questions of one sentence; a phrase before the question ("In 2009, …") belongs to it."""
    parts = _NEXT_QUESTION.split(sentence)
    return parts if all(_ASKING.match(part) for part in parts) else [sentence]


def told(text: str) -> str:
    """What a text tells of the asker before it asks: its sentences that are no questions; "" where it tells nothing."""
    sentences = _sentences(text)
    telling = [sentence for sentence in sentences if not _asked(sentence)]
    return " ".join(telling) if telling and len(telling) < len(sentences) else ""


def _type(text: str) -> QuestionType:  # noqa: PLR0911 - one line for each form is the clearest
    text = re.sub(r"^(?:and|but|so|ok|okay|well|hi|hello|hey|please|also)[\s,]+", "", text)
    text = re.sub(
        r"^(?:can|could|would) you (?:please )?(?:tell|explain|show|list|give|describe)(?: to)?(?: me| us)?\s*",
        "",
        text,
    )
    if re.match(
        r"why\b|how come\b|what(?:'s| is| are| was) the (?:reasons?|purpose|rationale|point)\b|for what reason", text
    ):
        return "why"
    if re.match(r"how\s+(?:many|much|often|long|old|large|big|far|high|common|likely|frequent\w*|new)\b", text):
        return "factoid"
    if re.match(r"how\b", text):
        return "how"
    one_word = r"(?:what|who)(?:'s| is| was) (?:(?:an?|the) )?[\w&/-]+\W*$"  # "What is HCAHPS?": no plural noun
    if re.match(rf"(?:define|definition of|meaning of|explain)\b|what does .+ (?:mean|stand for)\b|{one_word}", text):
        return "definition"
    if re.match(r"what(?:'s|s)?\s+(?:is|does)?\s*(?:a|an|the)?\s*[\w -]+\s+do\b", text):
        return "list"
    if _LIST_REQUEST.match(text) or _PLURAL_NOUN.match(text):
        return "list"
    if re.match(
        r"(?:who|what)(?:'s| is| was|s)\s+(?!the\s[\w -]+\sof\s)(?:(?:a|an|meant by)\s+)?[\w -]{2,40}\??$", text
    ):
        return "definition"
    if re.match(_AUXILIARY + r"\b", text):
        return "yes_no"
    return "factoid"


def _compared(text: str) -> tuple[str, ...]:
    text = re.sub(r"\b(vs)\.", r"\1", text, flags=re.I)
    if match := _OF_LETTERS.fullmatch(text):
        return tuple(dict.fromkeys(re.findall(r"[A-Z]{2,6}", match[1])))
    for pattern in _COMPARISONS:
        if match := pattern.search(text):
            sides = _named([side for name in ("a", "b") for side in _sides_in(match[name])])
            if all(sides) and len({side.lower() for side in sides}) == len(sides):
                return tuple(sides)
    return ()


def _named(sides: Sequence[str]) -> list[str]:
    """The sides with the post that another names in the place of "one": "a pharma CMO" and "a hospital one"."""
    post = next((match[0] for side in sides if (match := _POST.search(side))), "")
    bare = (_THOSE_OF.sub("", side) for side in sides)
    return [_ONE.sub(post, side) if post and not _POST.search(side) else side for side in bare]


def _sides_in(phrase: str) -> list[str]:
    """The one thing that a phrase names, or each of those that it lists ("the CMO, the CNO")."""
    several = [_subject(part) for part in _FURTHER_SIDE.split(phrase)]
    if len(several) > 1 and all(0 < len(side.split()) <= LONGEST_SIDE for side in several):
        return several
    return [_subject(phrase)]


def _subject(phrase: str) -> str:
    phrase = re.split(r"\s[-–—]\s", phrase)[0].strip(" ,\"'")
    while (shorter := _LEADING.sub("", phrase)) != phrase:
        phrase = shorter
    return phrase if terms(phrase) and len(phrase.split()) <= 12 else ""
