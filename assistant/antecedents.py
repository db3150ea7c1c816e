"""Say what a sentence is about, since a quote is shown without what stands before it.

What a pronoun at its head stands for is read from the document, and only where it is plain: a wrong name is worse than
none. Of an unprepared document a short sentence may be about what its heading alone tells ("Annual dues are $200.").
"""

import re

from assistant.reading import document_of
from assistant.rows import CELLS
from assistant.terms import term_set
from corpus import Document, Passage, Sentence
from corpus.labels import is_field, is_letter_head
from corpus.sentences import sentence_spans
from index import Retriever

LOOK_BACK = 500  # characters before a sentence that what it is about is read from
SHORT, LONGEST_HEADING = 12, 8  # words
SHORTEST = 5  # words; a reply that has no more says what only with its question
_REPLY = re.compile(r"(?:Yes|No|Not|Never|Sometimes|Both|Neither|Only|About)\b")
_NUMBER = re.compile(r"(?:§\s*)?\d{1,2}(?:\.\d{1,2})*\.?\s+")
_RUN_IN = re.compile(r"((?:§\s*)?\d{1,2}(?:\.\d{1,2})*\.?\s+[A-Z][^.\n]{2,60})\.\s")  # "4.2 Courtesy Staff. They …"
_DANGLING = re.compile(
    r"^(?:(?P<connective>In addition|Also|Additionally|Moreover|Furthermore|However|As well),?\s+)?"
    r"(?P<pronoun>They|It|He|She|This|These|Those|Their|Its|Such)\b(?!\s+(?:is|are)\s+(?:a|an|the|no)\s+\w+\s+that\b)"
    r"|^[A-Z][^,;:]{3,80}, (?:they|he|she)\b(?=\s)"
)
_EXPLETIVE = re.compile(
    r"^(?:It|This|These|Those)(?:'s| is| was| has been| can be| may be| takes)? "
    r"(?:\w+ )?\w+\b[^.]{0,40}\b(?:that|to|for)\b"
    r"|^(?:This|These|Those|That|Such) (?!is\b|are\b|was\b|were\b|has\b|have\b|can\b|may\b|means\b|includes?\b|"
    r"involves?\b|requires?\b|helps?\b|allows?\b|ensures?\b)\w+"
)
_AFTERWARDS = re.compile(
    r"(?:After|Before|Since|Until|By|From) (?:that|this|then)\b|"
    r"(?:Then|Afterwards|Otherwise|Instead|Even so|(?:Today|Now) (?:it|they))\b"
)
_LINE = re.compile(r"[^\n]+")
_OF_THINGS = re.compile(r"(?:It|Its|This)$")
_OF_ONE = re.compile(r"(?:He|She)$")
_NAMED = re.compile(r"(?:Dr|Mr|Mrs|Ms|Prof|Rev)\. [A-Z][\w’'-]+(?: [A-Z][\w’'-]+)?")
_THING = re.compile(
    r"(?:The|An?|Each|Every|Our|Their)\s(?:[\w’'-]+\s){1,5}?(?=(?:is|are|was|were|has|have|had|must|may|can|will|shall|"
    r"should|does|do|meets|reports|covers|requires|includes|applies|sets|gives|says)\b)"
)
_NO_PART = r"(?!(?:do|does|did|is|are|was|were|has|have|can|may|must|will|who|what|how|why|when|if|that|as|and)\b)"
_ROLE = re.compile(
    rf"\b(?:the |a |an )?(?:(?:{_NO_PART}\w+ ){{0,2}}CMOs?|chief(?: \w+){{1,3}} officers?(?: \([A-Z]+s?\))?|"
    r"medical directors?|chiefs? of staff|CEOs?|COOs?|CFOs?|CNOs?)\b",
    re.I,
)


def with_subject(sentence: Sentence, doc_id: str, retriever: Retriever) -> str:
    """The sentence; where it opens with a pronoun, what that stands for follows in brackets."""
    text = sentence.text
    match = _DANGLING.match(text)
    if not match or sentence.kind == "item" or _EXPLETIVE.match(text):
        return text
    document, pronoun = document_of(retriever, doc_id), match["pronoun"] or ""
    subject = _antecedent(sentence, document, thing=bool(_OF_THINGS.match(pronoun)), one=bool(_OF_ONE.match(pronoun)))
    if not subject or subject.lower() in text[: match.end() + 60].lower():
        return text
    return f"{text[: match.end()]} [{subject}]{text[match.end() :]}"


def leans_back(text: str) -> bool:
    """Whether a sentence opens with what only the one before it explains: a pronoun, "After that", "Then"."""
    return bool(_DANGLING.match(text) or _AFTERWARDS.match(text))


def below_heading(sentence: Sentence, passage: Passage, retriever: Retriever) -> str:
    """The sentence; one that may be about what only its heading tells, behind that in brackets.

    That is a short one, or one that opens with a pronoun, without a word of the heading, any of a message, and the
    short reply to a question. Only where the heading stands just before it, and in documents that nobody has prepared:
    elsewhere each sentence says what it is about.
    """
    text, document = sentence.text, document_of(retriever, passage.doc_id)
    if sentence.kind != "prose" or is_field(text) or CELLS in text or document.attributions:
        return text
    before = document.text[max(0, sentence.start - LOOK_BACK) : sentence.start]
    run_in = _RUN_IN.match(before[before.rfind("\n") + 1 :])
    heading = run_in[1] if run_in else passage.headings[-1] if passage.headings else ""
    if heading in ("", document.title) or heading not in before:
        return text
    if heading.endswith("?"):
        needed = before.rstrip().endswith(heading) and (_REPLY.match(text) or len(text.split()) <= SHORTEST)
    else:
        leaning = len(text.split()) <= SHORT or _DANGLING.match(text)
        missing = leaning and not term_set(heading) & term_set(text)
        needed = len(heading.split()) <= LONGEST_HEADING and (missing or is_letter_head(heading))
    return f"[{_NUMBER.sub('', heading)}] {text}" if needed else text


def _antecedent(sentence: Sentence, document: Document, *, thing: bool, one: bool) -> str:
    """What a pronoun most likely stands for: the role last spoken of before it, or the thing spoken of just before.

    ``one`` is a "he" or "she": it stands for whom the sentence just before it begins with, by name or by role.
    """
    begin = max(0, sentence.start - LOOK_BACK)
    spans = [
        span for line in _lines(document.text, begin, sentence.start) for span in sentence_spans(document.text, *line)
    ]
    earlier = [document.text[start:end] for start, end in spans]
    if thing:
        match = _THING.match(earlier[-1]) if earlier else None
        return match[0].strip() if match else ""
    if one:
        match = (_NAMED.match(earlier[-1]) or _ROLE.match(earlier[-1])) if earlier else None
        return match[0].strip() if match else ""
    return next((match[0].strip() for text in reversed(earlier) if (match := _ROLE.search(text[:120]))), "")


def _lines(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Where the lines of ``text[start:end]`` begin and end."""
    return [(match.start(), match.end()) for match in _LINE.finditer(text, start, end)]
