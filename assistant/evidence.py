"""Rank the sentences of the passages that were found by how well each answers the question.

Everything here is read from what indexing stored (token vectors, sentences, headings) and from the questions that are
known; nothing is encoded but the question, and of unprepared documents titles and headings (``plain.py``) and the
likeliest sentences (``reranker.py``). The weights, ``data/evidence.json``, ``ranking.json`` and ``ranking_asked.json``,
are fitted by ``benchmarks/fit_evidence.py``.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from assistant.asked import MIDDLING, Asked, Nearest, load_asked, placed, share_between
from assistant.features import FEATURES, Row, facts_of, sentence_features
from assistant.plain import chances, place, plain_features, worth_row, worths
from assistant.questions import Question
from assistant.ranker import load_ranker, read_once
from assistant.reading import document_of
from assistant.relations import Relation, agrees, asked_relation
from assistant.reranker import in_their_place, read_likeliest, reworth
from assistant.rows import by_row
from assistant.terms import STOPWORDS, stem, term_set
from assistant.weights import load_weights, moved
from corpus import Passage, Sentence
from corpus.acronyms import learn_acronyms
from corpus.labels import is_field, is_letter_head
from index import Hit, Retriever, ScoredSentence, SentenceRow
from index.embeddings import DEFAULT_WEIGHTS
from index.encodings import unit_rows

Floats = NDArray[np.float32]
# What odds are multiplied by where a sentence says the relation asked, its reverse, opens with what is defined, or says
# what the letters stand for that alone are asked about.
RIGHT_WAY, WRONG_WAY, OPENS, SPELLS_OUT = 4.0, 0.05, 3.0, 30.0
NAMES_IT = 16.0  # the same where a field has the name of the relation asked: "Reports to: …"
LETTER_HEAD = 0.05  # the same where it tells who sent a message and when, and a question asks for something else
OTHER_NUMBER = 0.1  # the same where it tells of Goal 6 and a question asks for Goal 3
OURS = (0.42, 0.57)  # mean likeness of the nearest known questions, from which and to which the ranker comes to count
OWN_WORDS = 0.3  # of where a follow-up lies behind the turn before: where it lies as typed, and made to stand alone
WEIGHED = ("quick", "pair", "akin", "alike", "share", "vital")
"""What ``ranking_asked.json`` weighs; ``ranking.json`` the first OF_ANY, which tell something of any documents."""
OF_ANY = 3
Said = tuple[float, float, float, float]
"""What the known texts say of a sentence: ``akin``, ``alike``, ``share`` and ``vital`` of ``Nearest``."""
_MEANING = frozenset(map(stem, "stand mean acronym abbreviation letters short".split()))
_ABOUT_MESSAGES = re.compile(
    r"\b(?:e-?mail|mail|message|letter|memo|sen[dt]|sender|wrote|write|written|copied|cc|address(?:ed|ee)|recipient|dated?)"
    r"s?\b",
    re.I,
)
_NUMBERED = re.compile(r"\b([A-Za-z]{3,}) (\d+(?:\.\d+)*)\b(?!%)")
_OPENING = FEATURES.index("opens_with_subject")


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A sentence that may answer the question; ``score`` is the probability, 0 to 1, that it is to the point."""

    sentence: Sentence
    passage: Passage
    score: float
    pair: float  # the ranker's log-odds
    features: tuple[float, ...]  # in the order of FEATURES
    akin: float  # to the question, as ``Nearest`` has it
    facts: frozenset[str]  # the facts that the document ties to the sentence; empty where it ties none
    tokens: NDArray[np.int8] = field(compare=False, repr=False)  # (tokens, dimension), as the index stores them
    votes: Mapping[str, float] = field(default_factory=dict, compare=False, repr=False)
    """How far the known texts ask for each of the facts, 0 to 1 for the fact that they ask for most; empty: unknown."""
    plain: tuple[float, ...] = ()  # in the order of PLAIN, in documents that tie no facts
    read: float | None = None  # what the reranker says of it there, with the default embedding model
    ours: float = 0.0  # how far the question is one of those that the ranker was fitted on, 0 to 1
    as_ours: float = 0.0  # the score by what was fitted on those alone, which tells best whether there is an answer

    @property
    def key(self) -> tuple[str, int]:
        """Where the sentence stands; also the order of reading within a document."""
        return self.passage.doc_id, self.sentence.start


def rank_evidence(
    question: Question, hits: Sequence[Hit], retriever: Retriever, *, known: Asked | None = None
) -> list[Evidence]:
    """The sentences, lead-ins and list items of the passages found, best first; ties by place in the corpus.

    ``known`` is as for ``nearest_asked``.
    """
    if not hits:
        return []
    encoded = retriever.analyse(question.search_text)
    beside = retriever.sentence_scores(encoded, [hit.passage.passage_id for hit in hits])
    found = sentence_features(question, beside, hits, retriever)
    read = _read(question, [sentence for sentence, _ in found], retriever)
    facts = [facts_of(sentence, retriever) for sentence, _ in found]
    asked = nearest_asked(question, facts, [sentence.tokens for sentence, _ in found], retriever, known=known)
    prepared = {h.passage.doc_id for h in hits if document_of(retriever, h.passage.doc_id).attributions}
    ours, said = share_between(*OURS, asked.likeness), by_sentence(asked)
    # Where others lie beside prepared documents, they are weighed with the sentences of these in view.
    others = {hit.passage.doc_id for hit in hits} - prepared
    plain = plain_features(question, beside if others else [], hits, retriever)
    rows = [plain.get(place(scored.row), ()) for scored, _ in found]
    times = _times(question, found, retriever, others)
    weighed = [
        worth_row(row, akin=own[0], pair=pair, ours=ours)
        for row, own, pair in zip(rows, said, read, strict=True)
        if row
    ]
    worth, reread = worths(weighed, times) if others else [], None
    if worth and _comparable(retriever):
        texts = in_their_place([scored.row for scored, _ in found])
        reread = read_likeliest(question.text, texts, worth, retriever.encoder)
        worth = reworth(worth, reread)
    likely = chances(worth)
    ranked = []
    for n, (scored, features) in enumerate(found):
        unprepared = scored.row.passage.doc_id in others
        as_ours = moved(whole_score(features, read[n], said[n], tied=bool(facts[n])), times[n])
        ranked.append(
            Evidence(
                sentence=scored.row.sentence,
                passage=scored.row.passage,
                score=likely[n] if unprepared else as_ours,
                as_ours=as_ours,
                pair=read[n],
                features=features,
                akin=said[n][0],
                facts=facts[n],
                tokens=scored.tokens,
                votes={fact: asked.votes.get(fact, 0.0) for fact in facts[n]} if asked.votes else {},
                plain=rows[n] if unprepared else (),
                read=reread[n] if reread and unprepared else None,
                ours=ours,
            )
        )
    return sorted(_parts_of_facts(ranked), key=lambda evidence: (-evidence.score, evidence.key))


def _times(
    question: Question, found: Sequence[tuple[ScoredSentence, Row]], retriever: Retriever, others: Set[str]
) -> list[float]:
    """What the odds of each sentence are multiplied by for what it says; ``others`` are the unprepared documents."""
    relation, letters = asked_relation(question.text), _asked_letters(question, retriever)
    of_table = by_row(question.text, [scored.row for scored, _ in found]) if others else [1.0] * len(found)

    def told(n: int, row: SentenceRow, features: Row) -> Iterator[float]:
        text = row.sentence.text
        yield _direction(relation, row)
        if question.type == "definition" and features[_OPENING]:
            yield OPENS
        if letters and letters in learn_acronyms(text):
            yield SPELLS_OUT
        if row.passage.doc_id in others:
            yield OTHER_NUMBER if _of_another_number(question.text, text) else 1.0
            yield LETTER_HEAD if is_letter_head(text) and not _ABOUT_MESSAGES.search(question.text) else 1.0
            yield of_table[n]

    return [math.prod(told(n, scored.row, features)) for n, (scored, features) in enumerate(found)]


def says_so(question: Question, evidence: Sequence[Evidence]) -> bool:
    """Whether the best sentence says the relation that a question asks for, and holds all its words."""
    relation = asked_relation(question.text)
    if relation is None or not relation.sought or not evidence:
        return False
    text, title = evidence[0].sentence.text, evidence[0].passage.title
    return set(question.terms) <= term_set(f"{title}. {text}") and agrees(relation, text, title) is True


def spelled_out(question: Question, evidence: Sequence[Evidence], retriever: Retriever) -> bool:
    """Whether a question is about some letters and nothing else, and the best sentence says what they stand for."""
    letters = _asked_letters(question, retriever)
    return bool(letters and evidence) and letters in learn_acronyms(evidence[0].sentence.text)


def _asked_letters(question: Question, retriever: Retriever) -> str:
    """The acronym that a question names and nothing else ("What is OPPE?"); "" for any other question."""
    named = [term for term in question.terms if term not in _MEANING]
    if len(named) != 1:
        return ""
    return next((acronym for acronym in retriever.acronyms if stem(acronym) == named[0]), "")


def _parts_of_facts(found: Sequence[Evidence]) -> Iterator[Evidence]:
    """The sentences, each moved down as far as another of its document tells the same facts in words more to the point.

    A document tells a fact of several parts in several sentences. The known texts can't tell which part is asked for,
    the words can.
    """
    alike: dict[tuple[str, frozenset[str]], list[Evidence]] = {}
    for e in found:
        alike.setdefault((e.passage.doc_id, e.facts), []).append(e)
    for (_, facts), group in alike.items():
        if not facts or len(group) == 1:
            yield from group
            continue
        by_words = [log_odds_by_words(e) for e in group]
        for e, own in zip(group, by_words, strict=True):
            behind = own - max(by_words)
            yield replace(e, score=moved(e.score, math.exp(behind))) if behind < 0.0 else e


def log_odds_by_words(evidence: Evidence) -> float:
    """What a sentence's words say, up to a constant: what the known texts say of sentences with its facts."""
    weights = load_weights("ranking")
    quick = load_weights("evidence").log_odds(evidence.features)
    told = {"quick": quick, "pair": evidence.pair, "akin": evidence.akin}
    return weights.log_odds([told.get(name, 0.0) for name in weights.names])


def by_sentence(known: Nearest) -> list[Said]:
    """What the known texts say of each sentence."""
    return list(zip(known.akin, known.alike, known.share, known.vital, strict=True))


def whole_score(features: Sequence[float], pair: float, known: Said, *, tied: bool) -> float:
    """The probability, 0 to 1, that a sentence is to the point.

    Args:
        features: in the order of FEATURES.
        pair: the ranker's log-odds.
        known: what the known texts say of it, as ``by_sentence`` gives it.
        tied: whether its document ties facts to it, so that they say it with certainty.

    """
    quick = load_weights("evidence").log_odds(features)
    weighed = dict(zip(WEIGHED, (quick, pair, *known), strict=True))
    weights = load_weights("ranking_asked" if tied else "ranking")
    return weights.probability([weighed[name] for name in weights.names])


def _direction(relation: Relation | None, row: SentenceRow) -> float:
    """What the odds of a sentence are multiplied by for saying the relation that the question asks, or its reverse."""
    text = row.sentence.text
    said = agrees(relation, text, row.passage.title) if relation else None
    if relation and said and is_field(text) and stem(text.split()[0]) == relation.verb:
        return NAMES_IT
    return 1.0 if said is None else RIGHT_WAY if said else WRONG_WAY


def _of_another_number(question: str, text: str) -> bool:
    """Whether a text tells of a thing by its number ("Goal 6") where the question names another of its kind."""
    asked, told = _by_number(question), _by_number(text)
    return any(name in told and not numbers & told[name] for name, numbers in asked.items())


def _by_number(text: str) -> dict[str, set[str]]:
    """What a text names by a word and a number behind it: the numbers by the stem of the word."""
    found: dict[str, set[str]] = {}
    for name, number in _NUMBERED.findall(text):
        if name.lower() not in STOPWORDS:
            found.setdefault(stem(name), set()).add(number)
    return found


def nearest_asked(
    question: Question,
    facts: Sequence[frozenset[str]],
    tokens: Sequence[NDArray[np.int8]],
    retriever: Retriever,
    *,
    known: Asked | None = None,
) -> Nearest:
    """What the known texts say of a question and of sentences with these facts and token vectors.

    Nothing where there are no sentences, or where another embedding model made the vectors. ``known`` are other known
    texts than those that come with the package; for fitting.
    """
    if not facts or not _comparable(retriever):
        nothing = (0.0,) * len(facts)
        return Nearest(alike=nothing, share=nothing, vital=nothing, akin=(MIDDLING,) * len(facts))
    vectors = np.array([pooled(rows) for rows in tokens])
    return (known or load_asked()).nearest(_place(question, retriever), facts, vectors, wording=question.text)


def voted_facts(question: Question, retriever: Retriever, *, known: Asked | None = None) -> list[str]:
    """The facts that the known texts nearest to a question have, likeliest first; none as for ``nearest_asked``."""
    if not _comparable(retriever):
        return []
    return (known or load_asked()).voted(_place(question, retriever), wording=question.text)


def sought(question: Question, retriever: Retriever) -> Floats | None:
    """The vector of what would lie nearest to a question among the known texts.

    None where the question is unlike all of them, or another embedding model made the vectors.
    """
    return load_asked().sought(_place(question, retriever)) if _comparable(retriever) else None


def cosines(question: Question, sentences: Sequence[str], retriever: Retriever) -> list[float | None]:
    """The cosine of a question with each sentence of the bundled articles; None for any other sentence."""
    if not _comparable(retriever):
        return [None] * len(sentences)
    return load_asked().cosines(_place(question, retriever), sentences)


def likeness(question: Question, text: str, retriever: Retriever) -> float | None:
    """The cosine of a question with a text of the same subject as the known ones; None as for ``nearest_asked``."""
    return float(_place(question, retriever) @ placed(text, retriever.encoder)) if _comparable(retriever) else None


def _place(question: Question, retriever: Retriever) -> Floats:
    """Where a question lies among the known texts; a follow-up behind the turn before, moved towards its own words."""
    behind, *own = *question.in_talk, question.text
    place = placed(behind, retriever.encoder)
    for text in own:
        place = place + OWN_WORDS * placed(text, retriever.encoder)
    return np.asarray(unit_rows(place[None])[0], dtype=np.float32)


def _comparable(retriever: Retriever) -> bool:
    """Whether a question's vector can be compared with those of the known texts."""
    return retriever.manifest.model.sha256 == DEFAULT_WEIGHTS


def pooled(tokens: NDArray[np.int8]) -> Floats:
    """The mean of a sentence's token vectors, of length 1; zeros for a sentence without tokens."""
    total = tokens.astype(np.float32).sum(axis=0)
    return np.asarray(total / max(float(np.linalg.norm(total)), 1e-9), dtype=np.float32)


def _read(question: Question, sentences: Sequence[ScoredSentence], retriever: Retriever) -> list[float]:
    """The ranker's log-odds; with another embedding model than it was fitted on, it has nothing to say."""
    tokens = retriever.analyse(question.search_text).tokens
    if not ranker_fits(retriever):
        return [0.0] * len(sentences)
    read = [read_once().read(sentence.row, sentence.tokens) for sentence in sentences]
    matches = np.array([s.matches for s in sentences], dtype=np.float32).reshape(len(sentences), len(tokens))
    return [float(score) for score in load_ranker().scores(tokens, read, matches)]


def ranker_fits(retriever: Retriever) -> bool:
    """Whether the index holds the token vectors that the ranker was fitted on."""
    model = retriever.manifest.model
    return model.sha256 == DEFAULT_WEIGHTS and model.dimension == load_ranker().dimension
