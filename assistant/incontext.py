"""What a conversation says of the evidence for a follow-up: what was quoted before, and what the turn before drew on.

It may choose the answer, and doubt it where it would only say again what was said; it makes no answer likelier.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import replace

from assistant.answers import Turn
from assistant.evidence import Evidence
from assistant.expected import asks_why, gives_reason
from assistant.followups import BARE, leans_on_history, request_of
from assistant.refusing import is_refusal
from assistant.terms import terms
from assistant.weights import moved
from index import Retriever

OF_THE_LAST = 3  # best sentences of the turn before that are looked at
SAME_DOCUMENT = 3.0  # what the odds of a sentence in their documents are multiplied by
SAID, SAID_ALONE = 0.05, 0.2  # the same for one that an answer before has quoted: beside a LIKELY fresh one, or not
LIKELY = 0.5  # probability
BEST = 3  # sentences that are taken for the answer
SAID_AGAIN = 0.2  # what the odds that there is an answer are multiplied by where these were all quoted before
NO_REASON = 0.4  # the same where a follow-up asks why and none of them tells a reason
NO_REASON_AT_ALL = 0.15  # the same where it asks nothing but why
ENOUGH = 0.5  # of the best sentence's score
_YEAR = re.compile(r"\b((?:19|20)\d\d)\b")
_MARK = re.compile(r"\s*\[\d+\]|\n")


def topic_before(history: Sequence[Turn], retriever: Retriever) -> str:
    """What the last answer that told something is about: title and heading of the passage nearest to how it begins.

    "" where no turn told anything.
    """
    told = (turn.text for turn in reversed(history) if turn.role == "assistant" and not is_refusal(turn.text))
    opening = _MARK.split(next(told, ""))[0].strip()
    hits = retriever.search(opening, k=1) if opening else []
    return ", ".join((hits[0].passage.title, *hits[0].passage.headings[-1:])) if hits else ""


def near_the_last(evidence: Sequence[Evidence], last: Sequence[Evidence]) -> list[Evidence]:
    """The evidence ranked anew after what answered the turn before: its documents likely answer this turn too."""
    held: dict[str, float] = {}
    for e in last[:OF_THE_LAST]:
        held[e.passage.doc_id] = max(held.get(e.passage.doc_id, 0.0), e.score)
    raised = (
        replace(e, score=moved(e.score, 1.0 + (SAME_DOCUMENT - 1.0) * held.get(e.passage.doc_id, 0.0)))
        for e in evidence
    )
    return sorted(raised, key=lambda e: (-e.score, e.key))


def fresh_first(question: str, evidence: Sequence[Evidence], history: Sequence[Turn]) -> list[Evidence]:
    """The evidence ranked anew, less likely where an answer of the conversation has told as much before.

    It yields the more where another sentence is likely to the point as well. A reason that is asked for may be told
    again.
    """
    quoted = quoted_before(evidence, history)
    told = frozenset[str]().union(*(e.facts for e in evidence if e.key in quoted))
    said = quoted | {e.key for e in evidence if e.facts and e.facts <= told}
    if asks_why(question):
        said -= {e.key for e in evidence if gives_reason(e.sentence.text)}
    likely = any(e.score >= LIKELY for e in evidence if e.key not in said)
    times = SAID if likely else SAID_ALONE
    again = (replace(e, score=moved(e.score, times)) if e.key in said else e for e in evidence)
    return sorted(again, key=lambda e: (-e.score, e.key))


def asked_again(question: str, history: Sequence[Turn]) -> bool:
    """Whether a question that leans on nothing was asked before: who asks it once more wants the same answer."""
    if leans_on_history(question) or request_of(question):
        return False
    return any(terms(turn.text) == terms(question) for turn in history if turn.role == "user")


def by_what_was_said(
    answerability: float, question: str, evidence: Sequence[Evidence], history: Sequence[Turn]
) -> float:
    """How likely there is an answer: less so as far as the best evidence was quoted before, or tells no reason."""
    best = evidence[:BEST]
    again = len(quoted_before(best, history)) / len(best) if best else 0.0
    unexplained = asks_why(question) and not any(gives_reason(e.sentence.text) for e in best)
    doubt = (NO_REASON_AT_ALL if BARE.match(question) else NO_REASON) if unexplained else 1.0
    return moved(answerability, math.pow(SAID_AGAIN, again) * doubt)


def newer_than_said(evidence: Sequence[Evidence], history: Sequence[Turn]) -> list[Evidence]:
    """What of the evidence, nearly as likely as the best, tells of a later year than the last answer named."""
    last = next((turn.text for turn in reversed(history) if turn.role == "assistant" and not is_refusal(turn.text)), "")
    said = max(_years(last), default=0)
    likely = [e for e in evidence if e.score >= ENOUGH * evidence[0].score]
    return [e for e in likely if max(_years(e.sentence.text), default=0) > said]


def _years(text: str) -> list[int]:
    return [int(year) for year in _YEAR.findall(text)]


def quoted_before(evidence: Sequence[Evidence], history: Sequence[Turn]) -> set[tuple[str, int]]:
    """The keys of the sentences that an answer of the conversation has quoted before."""
    answers = " ".join(turn.text for turn in history if turn.role == "assistant")
    return {e.key for e in evidence if e.sentence.text in answers}
