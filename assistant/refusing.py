"""Know when not to answer: how likely the corpus holds the answer, other senses of CMO, and what to offer instead.

The weights in ``data/answerability.json`` are fitted by ``benchmarks/fit_evidence.py``; the probability that they give
is calibrated, and REFUSE_BELOW is the point where a wrong answer would cost more than a refusal.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from statistics import fmean

from assistant.asked import Asked
from assistant.claims import names as named_in
from assistant.evidence import Evidence, likeness, nearest_asked, ranker_fits
from assistant.expected import expected, gives
from assistant.features import ABOUT_ITSELF
from assistant.features import FEATURES as FEATURE_NAMES
from assistant.questions import Question, asked_parts, read_question
from assistant.ranker import load_ranker
from assistant.reading import document_of
from assistant.subjects import GENERIC
from assistant.terms import term_set, terms, weighted_share, words
from assistant.vocabulary import Vocabulary
from assistant.weights import load_weights, moved
from corpus.acronyms import learn_acronyms
from corpus.sentences import sentence_spans
from index import Hit, Retriever

FEATURES = (
    "best",
    "mean",
    "maxsim",
    "cosine",
    "overlap",
    "covered",
    "passage",
    "unknown",
    "rare_missing",
    "numbers_missing",
    "read",
    "read_worst",
    "matched",
    "matched_worst",
    "value_missing",
    "name_missing",
    "size",
    "answered",
    "unanswered",
    "margin",
    "stated",
    "company",
)
OF_KNOWN_ONLY = ("answered", "unanswered", "margin", "stated", "company")
OF_OTHERS = tuple(name for name in FEATURES if name not in OF_KNOWN_ONLY)  # on documents without known questions
OF_KNOWN = tuple(name for name in FEATURES if name != "size")  # of the bundled articles, which have one size

NOT_ANSWERED = "The documents do not answer this question."
SAID_ALL = "Beyond what was said, the documents do not answer this question."
NOTHING_NEWER = "The documents have nothing newer on this."
ASK_BACK = "What is the question about? Name the post, the organization or the rule that you mean."
OTHER_SENSE = "This looks like a question about the"
NOT_DRAFTED = "The chat model found no answer in the passages."
NOT_SUPPORTED = "Nothing that could be said was supported by the documents."
UNCERTAIN = "These are the nearest passages; it is not certain that they answer the question."
_REFUSALS = (NOT_ANSWERED, SAID_ALL, NOTHING_NEWER, ASK_BACK, OTHER_SENSE, NOT_DRAFTED, NOT_SUPPORTED)
"""How each kind of refusal begins."""

REFUSE_BELOW = 0.5  # where known questions have a say
REFUSE_OTHERS_BELOW = 0.45  # on documents without known questions, where less tells an answer from a near miss
UNSURE_BELOW = 0.8  # from which nine answers in ten are to a question that has one, and below which every second is
LEAST = 0.1  # probability of being to the point below which even the best sentence is next to nothing
BEST_READ = 3  # sentences that the reranker likes best; one alone may be liked by chance
READ_SHARE = 0.25  # of their log-odds in those of the question
UNKNOWN_NAME = 0.4  # what is left of the probability where the question names somebody or some place unheard of

SIZES = (50, 600)  # passages: what chance gives in corpora smaller or larger than this was not measured
MERGED = 0.6  # of the first point for a question behind another: fewer known ones are asked so

OTHER_SENSES = {
    "marketing": "Chief Marketing Officer",
    "merchandising": "Chief Merchandising Officer",
    "mission": "Chief Mission Officer",
    "mortgage": "collateralized mortgage obligation",
    "collateralized": "collateralized mortgage obligation",
    "collateralised": "collateralized mortgage obligation",
    "tranche": "collateralized mortgage obligation",
    "manufacturing": "contract manufacturing organization",
    "manufacture": "contract manufacturing organization",
    "manufactures": "contract manufacturing organization",
    "comfort": "comfort measures only",
    "advertising": "Chief Marketing Officer",
}
"""Words that tell another sense of CMO, with its long form; read only beside CMO or a chief … officer."""

WHOLE_LIMIT, NEARLY = 0.7, 0.75  # of a question's words that a limit has, and of these that no evidence may have
LIMIT_SHARE = 0.5  # of a question's words by rarity, from which a document's word on its own limits is to the point
NEAR_LIMIT = 0.7  # cosine of the two among the known questions, from which it is so in whatever words
LEAST_NEAR = 0.55  # below which it is not so in the same words either
_LEFT_OUT = re.compile(r"\b(?:not(?! (?:as|legal)\b)|no|nor|never|without)\b", re.I)
_NEWER = re.compile(r"\b(?:later|newer) than\b|\bafter (?:19|20)\d\d\b", re.I)
_ELSEWHERE = re.compile(r"\banother (?:article|document|section|chapter|policy|report)\b", re.I)
_NO_CURRENT = re.compile(r"\bno (?:current|recent|newer|later)\b", re.I)
_CMO = re.compile(r"\bCMOs?\b|\bchief\s+(\w+)\s+officers?\b", re.I)
_IN_HEALTHCARE = re.compile(r"\b(?:hospital|clinic|patient|nurse|health)", re.I)
_ABOUT_MEANING = re.compile(
    r"\b(?:mean\w*|stands?|sense|abbreviat\w*|acronym|differ\w*|versus|vs|confus\w*|compar\w*|other)\b", re.I
)


def is_refusal(text: str) -> bool:
    """Whether an answer of this assistant told that there is none."""
    return text.startswith(_REFUSALS)


def refuse_below(together: str, evidence: Sequence[Evidence]) -> float:
    """The answerability below which a question is refused; ``together`` is as in ``Query``."""
    if not has_known(evidence):
        return REFUSE_OTHERS_BELOW
    return REFUSE_BELOW * MERGED if together else REFUSE_BELOW


def answerability(
    question: Question, evidence: Sequence[Evidence], hits: Sequence[Hit], vocabulary: Vocabulary, retriever: Retriever
) -> float:
    """The calibrated probability, 0 to 1, that the corpus answers the question; 0 where nothing was found."""
    if not evidence:
        return 0.0
    evidence = evidence if has_known(evidence) else by_what_was_fitted(evidence)
    features = answerability_features(question, evidence, hits, vocabulary, retriever)
    probability = with_reading(answerable(features, known=has_known(evidence)), evidence)
    probability *= min(1.0, evidence[0].score / LEAST)
    return probability * UNKNOWN_NAME if _unknown_names(question, vocabulary) else probability


def by_what_was_fitted(evidence: Sequence[Evidence]) -> list[Evidence]:
    """The evidence by what was fitted on questions about chief medical officers alone.

    It chooses worse among the sentences of any documents, and tells better whether one of them answers.
    """
    return sorted((replace(e, score=e.as_ours) for e in evidence), key=lambda e: (-e.score, e.key))


def has_known(evidence: Sequence[Evidence]) -> bool:
    """Whether known questions can tell of the best sentence: it stands in a document that ties facts to sentences."""
    return bool(evidence) and bool(evidence[0].facts)


def answerable(features: Sequence[float], *, known: bool) -> float:
    """The calibrated probability for one row of FEATURES; ``known`` where the known questions have a say."""
    weights = load_weights("answerability_asked" if known else "answerability")
    return weights.probability([features[FEATURES.index(name)] for name in weights.names])


def with_reading(probability: float, evidence: Sequence[Evidence]) -> float:
    """The probability of an answer with what the reranker says too; as told by words where it read nothing."""
    told = sorted((e.read for e in evidence if e.read is not None), reverse=True)[:BEST_READ]
    return moved(probability, math.exp(READ_SHARE * fmean(told))) if told else probability


def _unknown_names(question: Question, vocabulary: Vocabulary) -> list[str]:
    """Names in what a question asks that no document holds: what it asks about them can't be answered."""
    inside = {word for place, word in enumerate(words(question.text)) if place > 0 and word[0].isupper()}
    asked = " ".join(asked_parts(question.text))  # who says that she works in HR asks nothing about that
    return [word for word in vocabulary.unknown(asked) if word in inside]


def answerability_features(
    question: Question,
    evidence: Sequence[Evidence],
    hits: Sequence[Hit],
    vocabulary: Vocabulary,
    retriever: Retriever,
    *,
    known: Asked | None = None,
) -> tuple[float, ...]:
    """What tells a question that the corpus answers from one that it only comes near to, in the order of FEATURES.

    ``known`` is as for ``nearest_asked``.
    """
    if not evidence or not hits:
        return tuple(0.0 for _ in FEATURES)
    top = evidence[:3]
    weight = {term: retriever.idf(term) for term in question.terms}
    total = sum(weight.values()) or 1.0
    near = set(
        terms(" ".join(f"{e.passage.title} {' '.join(e.passage.headings)} {e.sentence.text}" for e in evidence[:6]))
    )
    missing = [weight[term] for term in question.terms if term not in near]
    unknown = {term for word in vocabulary.unknown(question.text) for term in terms(word)}
    figures = [term for term in terms(" ".join(asked_parts(question.text))) if term[:1].isdigit()]
    named = named_in(question.text) - {"cmo"}
    value = expected(question.text)
    asked = nearest_asked(question, [e.facts for e in top], [e.tokens for e in top], retriever, known=known)
    return (
        top[0].score,
        sum(e.score for e in top) / len(top),
        max(e.features[0] for e in evidence[:10]),
        max(e.features[1] for e in evidence[:10]),
        max(e.features[2] for e in evidence[:10]),
        max(e.features[3] for e in top),
        hits[0].score,
        sum(weight.get(term, 0.0) for term in unknown) / total,
        max(missing, default=0.0) / (max(weight.values(), default=1.0) or 1.0) if missing else 0.0,
        sum(figure not in near for figure in figures) / len(figures) if figures else 0.0,
        *_coverage(question, evidence, retriever),
        float(value is not None and not any(gives(value, e.sentence.text) for e in top)),
        sum(name not in near for name in named) / len(named) if named else 0.0,
        # The more passages there are, the better the best of them matches by chance.
        math.log10(min(max(retriever.manifest.passages, SIZES[0]), SIZES[1])),
        asked.answered,
        asked.unanswered,
        asked.answered - asked.unanswered,
        asked.stated,
        asked.company,
    )


def _coverage(question: Question, evidence: Sequence[Evidence], retriever: Retriever) -> tuple[float, ...]:
    """The ranker's match of the question's words with the three best sentences."""
    if not ranker_fits(retriever):
        return (0.0, 0.0, 0.0, 0.0)
    return load_ranker().coverage(retriever.analyse(question.search_text).tokens, [e.tokens for e in evidence[:3]])


def other_sense(question: str, vocabulary: Vocabulary) -> str:
    """The long form of the other sense of CMO that a question is about, "" where it is about none.

    Only a corpus that explains CMO as the chief medical officer takes CMO for its own subject.
    """
    if "medical" not in vocabulary.acronyms.get("CMO", "") or _ABOUT_MEANING.search(question):
        return ""
    told = learn_acronyms(question).get("CMO", "")
    if told and "medical officer" not in told:
        return told
    if not (match := _CMO.search(question)):
        return _spelled_sense(question)
    if re.search(r"\b(?:medical|physician|clinical|doctor)", question, re.I):
        return ""
    cues = [OTHER_SENSES[word] for word in re.findall(r"[a-z]+", question.lower()) if word in OTHER_SENSES]
    named = OTHER_SENSES.get((match[1] or "").lower(), "")
    if named or match[1]:
        return named
    # A hospital's CMO may be asked about marketing.
    return next((sense for sense in cues if not (sense.endswith("Officer") and _IN_HEALTHCARE.search(question))), "")


def _spelled_sense(question: str) -> str:
    """Another sense that a question spells out, "" where it asks what that is: the documents may tell so much."""
    american = question.lower().replace("ised", "ized")
    spelled = (sense for sense in OTHER_SENSES.values() if sense.lower() in american)
    return next(spelled, "") if read_question(question).type != "definition" else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """What a document says of itself that it leaves out.

    ``share`` of the question's words by rarity that it has, and how ``near`` it lies to the question; None where that
    can't be told.
    """

    text: str
    share: float
    near: float | None
    doc_id: str

    @property
    def fit(self) -> float:
        """How well it meets the question, from 1.0 on to the point."""
        near = LEAST_NEAR if self.near is None else self.near
        by_words = self.share / LIMIT_SHARE if near >= LEAST_NEAR else 0.0
        return max(by_words, near / NEAR_LIMIT)

    @property
    def points_elsewhere(self) -> bool:
        """Whether it says that another document has what this one leaves out."""
        return bool(_ELSEWHERE.search(self.text))

    def outweighs(self, evidence: Sequence[Evidence]) -> bool:
        """Whether it meets the question where no evidence does: the question asks for just what is left out.

        A document that leaves out what is newer than a year has what is older.
        """
        if _NEWER.search(self.text):
            return False
        best = max((e.features[FEATURE_NAMES.index("overlap")] for e in evidence[:5]), default=0.0)
        return self.share >= WHOLE_LIMIT and best < self.share * NEARLY


def own_limit(question: Question, hits: Sequence[Hit], retriever: Retriever) -> Limit | None:
    """What a document found says of itself that it leaves out and that the question asks for; None where none does.

    Who asks what something is does not ask for what is left out of it.
    """
    if question.type == "definition":
        return None
    weight = {term: retriever.idf(term) for term in question.terms if term not in GENERIC}
    found: dict[str, Limit] = {}
    for hit in hits:
        document = document_of(retriever, hit.passage.doc_id)
        prepared = bool(document.attributions)  # elsewhere much is "this section", and each costs an encoding
        for text in left_out(document.text if prepared else hit.passage.text):
            share = weighted_share(weight, term_set(text))
            if text not in found and (prepared or share >= LIMIT_SHARE):
                near = likeness(question, text, retriever)
                found[text] = Limit(text=text, share=share, near=near, doc_id=document.doc_id)
    told = (limit for limit in found.values() if limit.fit >= 1.0)
    return max(told, key=lambda limit: limit.fit, default=None)


def left_out_since(evidence: Sequence[Evidence], retriever: Retriever) -> str:
    """What the documents of some evidence, the likeliest first, say of the year up to which they go; "" for nothing."""
    for doc_id in dict.fromkeys(e.passage.doc_id for e in evidence):
        told = left_out(document_of(retriever, doc_id).text)
        if found := next((text for text in told if _NEWER.search(text) or _NO_CURRENT.search(text)), ""):
            return found
    return ""


@lru_cache(maxsize=512)
def left_out(text: str) -> tuple[str, ...]:
    """The sentences of a text that tell what its document leaves out."""
    lines = (match.span() for match in re.finditer(r"[^\n]+", text) if ABOUT_ITSELF.search(match[0]))
    sentences = (text[start:end] for line in lines for start, end in sentence_spans(text, *line))
    return tuple(s for s in sentences if ABOUT_ITSELF.search(s) and _LEFT_OUT.search(s))


def near_topics(hits: Sequence[Hit], *, limit: int = 4) -> tuple[str, ...]:
    """What the corpus does cover near the question: the titles of the passages found, with their headings."""
    topics = (" — ".join((hit.passage.title, *hit.passage.headings[-1:])) for hit in hits)
    return tuple(dict.fromkeys(topics))[:limit]


def suggestions(question: str, hits: Sequence[Hit], retriever: Retriever, *, limit: int = 3) -> tuple[str, ...]:
    """Questions that the documents found say they answer, nearest to the question first, itself left out."""
    own = set(terms(question))
    offered: dict[str, tuple[float, int]] = {}
    for place, doc_id in enumerate(dict.fromkeys(hit.passage.doc_id for hit in hits[:6])):
        for candidate in document_of(retriever, doc_id).questions:
            theirs = term_set(candidate)
            alike = len(own & theirs) / max(1, len(own | theirs))
            if alike < 0.75:
                offered.setdefault(candidate, (alike - 0.05 * place, place))
    ranked = sorted(offered, key=lambda c: (-offered[c][0], offered[c][1], c))
    return tuple(ranked[:limit])
