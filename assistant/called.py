"""What a document calls a party that it names: "Lorraine Petrakis ("Executive")" is the Executive from then on.

Who asks by the name is read both ways, for all of such a document says "Executive", and little of it is asked about.
"""

import re
from dataclasses import replace

from assistant.questions import Question, read_question
from assistant.reading import document_of
from assistant.unmentioned import names
from index import Retriever

MENTIONING = 3  # passages found by a name that are looked at
OPENING = 3000  # characters of a document that it names its parties in
_BEFORE_IT = r"(?:the |(?:Dr|Mr|Mrs|Ms|Prof)\.? )?"
_WORD_FOR_IT = (
    r"\b[^()\n]{0,80}\((?:(?:each|here(?:in|after|inafter)|the|an?|referred to as|called|collectively)\b,?\s*)*"
    r"[\"“”']([A-Z][\w-]+(?: [A-Z][\w-]+)?),?[\"“”']\)"
)


def as_called(question: Question, retriever: Retriever) -> Question:
    """The question with each name for which a document that mentions it has a word of its own replaced by that word."""
    text = question.text
    for name in names(text):
        bare = name.removesuffix("'s").removesuffix("’s")
        if word := _word_for(bare, retriever):
            text = re.sub(rf"\b{_BEFORE_IT}{re.escape(bare)}\b", f"the {word}", text, flags=re.I)
    if text == question.text:
        return question
    return replace(read_question(text[:1].upper() + text[1:]), in_talk=question.in_talk)


def _word_for(name: str, retriever: Retriever) -> str:
    """The word that the first document found by a name, and having one, has for it; "" where none has.

    Letters that stand for it are no such word: acronyms are known otherwise.
    """
    pattern = re.compile(r"\b" + r"(?: [A-Z]\.)? ".join(map(re.escape, name.split())) + _WORD_FOR_IT)
    for hit in retriever.search(name, k=MENTIONING):
        match = pattern.search(document_of(retriever, hit.passage.doc_id).text[:OPENING])
        if match and not match[1].isupper():
            return match[1]
    return ""
