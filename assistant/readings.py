"""Search and rank for each way to read a question, and combine what the readings find.

A question that stands alone has one reading. A follow-up has several, for its form rarely tells what it leans on: the
topic of the turn before, or what the whole conversation is about. A sentence that all readings rank high is the best.
In the bundled articles a follow-up is held against known ones behind the turn before it: nothing need be guessed.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, replace

from assistant.answers import Turn
from assistant.asked import Asked
from assistant.conversation import Query, standalone_query
from assistant.evidence import Evidence, rank_evidence, sought, voted_facts
from assistant.ordering import ordered
from assistant.questions import Question, asked_parts, led_up_to, read_question, told
from assistant.reading import document_of
from assistant.unmentioned import names
from assistant.vocabulary import Vocabulary
from assistant.weights import log_odds, moved
from corpus import Document
from index import Hit, Retriever
from index.hits import in_order

UNSEEN = 1e-3  # probability taken for a sentence that a reading does not find
SENTENCE_SHARE, AKIN_SHARE = 0.05, 0.7  # of a passage's best sentence in its score: of its log-odds and its nearness
NEAR_IT = 5  # passages that are found for lying near a question, beside those that its words find
BROUGHT = 3.0  # what the odds of a sentence are multiplied by in a document that the asker brought along
NOT_MEANT = 0.01  # the same in any other, where the question names what only such a document mentions
NOT_NAMED = 0.2  # the same in a document without the name that a question has and another document found mentions
AGAINST = 0.05  # the least probability that a reading gives a sentence, for it may be the wrong reading
OF_A_SIDE = 3  # hits of each side of a comparison that are looked at beside those of the whole question


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One way to read a question, with what was found for it; best first."""

    question: Question
    part: int  # of a question that asks several things: 0 for the first
    hits: tuple[Hit, ...]
    evidence: tuple[Evidence, ...] = ()


def ways_to_read(
    query: Query, own_words: Callable[[str], str], *, in_talks: bool = False, topic: str = ""
) -> list[tuple[int, Question]]:
    """The readings of a query, each with the part that it reads; the query itself comes first.

    A follow-up has further ones: with what it may lean on, or, where questions are known that were asked ``in_talks``,
    behind the turn before it and the ``topic`` of the last answer, which alone counts where its form leans on that. The
    parts of a question that asks several things follow on each other as turns of a conversation do; what the asker
    tells before asking, or asks again and again, is left out of a further reading.
    """
    parts = asked_parts(query.text)
    first = Turn(role="user", text=f"{told(query.text)} {parts[0]}".strip())

    def read(one: Query, topic: str = "") -> Question:
        form = read_question(own_words(one.text))
        in_talk = behind(topic, own_words(one.together)), own_words(one.typed)
        return replace(form, in_talk=in_talk) if in_talks and one.together else form

    ways = [(0, read(replace(query, together="")))]
    ways += [(0, read_question(own_words(other))) for other in query.others if not in_talks]
    repeated = len(query.text) > 2 * len(" ".join(parts))
    if told(query.text) or led_up_to(query.text) or repeated or len(parts) > 1:
        aside = 1 if len(parts) == 1 else 0  # the one question of a longer text is a thing of its own
        ways += [(n + aside, read(standalone_query(part, [first] if n else []))) for n, part in enumerate(parts)]
    itself, *more = dict.fromkeys(ways)
    if not in_talks or not query.together:
        return [itself, *more]
    first_of_all = (0, read(query, topic))
    return [first_of_all, *more] if query.leans else [first_of_all, itself, *more]


def behind(topic: str, together: str) -> str:
    """A follow-up and the turn before it, in one text, behind what the last answer was about, "" for nothing."""
    return f"{topic}: {together}" if topic else together


def searched(
    question: Question,
    retriever: Retriever,
    vocabulary: Vocabulary,
    *,
    part: int,
    k: int,
    setting: str | None,
    known: Asked | None = None,
) -> Reading:
    """The reading with its passages: those that its words find, that lie near it, and that state what is voted for.

    Both sides of a comparison are searched for as well. ``known``, whose vote counts, is as for ``nearest_asked``.
    """
    queries = [vocabulary.expanded(query) for query in (question.search_text, *question.compared)]
    found = [retriever.search(query, k=k, setting=setting) for query in queries]
    by_words = in_order([*found[0], *(hit for side in found[1:] for hit in side[:OF_A_SIDE])])
    kept = by_words[: k + (4 if found[1:] else 0)]
    encoded, vector = retriever.analyse(queries[0]), sought(question, retriever)
    near = [] if vector is None else retriever.near(encoded, vector, k=NEAR_IT, setting=setting)
    stating = retriever.stating(encoded, voted_facts(question, retriever, known=known), setting=setting)
    return Reading(question=question, part=part, hits=tuple(in_order([*kept, *near, *stating])))


def weighed(reading: Reading, retriever: Retriever, *, known: Asked | None = None, asked: str = "") -> Reading:
    """The reading with the sentences of its passages as evidence; who brings documents along asks about these first.

    ``asked`` is the question itself, where this is a further reading of it: names that only this has tell little.
    """
    brought = {hit.passage.doc_id for hit in reading.hits if retriever.is_brought(hit.passage.doc_id)}
    form, meant = _meant(reading, brought, retriever) if brought else (reading.question, set())
    about_it = [hit for hit in reading.hits if hit.passage.doc_id in meant]
    others = [hit for hit in reading.hits if hit.passage.doc_id not in meant]
    ranked = ordered(reading.question, rank_evidence(reading.question, others, retriever, known=known), retriever)
    if brought:
        times = {hit.passage.doc_id: NOT_MEANT if meant else 1.0 for hit in others}
        times |= dict.fromkeys(meant or brought, BROUGHT)
        both = [*rank_evidence(form, about_it, retriever, known=known), *ranked]
        raised = (replace(e, score=moved(e.score, times[e.passage.doc_id])) for e in both)
        ranked = sorted(raised, key=lambda e: (-e.score, e.key))
    elif not retriever.ties_facts:
        ranked = _of_who_is_named(reading, ranked, retriever, asked=asked or reading.question.text)
    return replace(reading, question=form, evidence=tuple(ranked))


def _of_who_is_named(
    reading: Reading, ranked: Sequence[Evidence], retriever: Retriever, *, asked: str
) -> list[Evidence]:
    """The evidence ranked anew, less likely where its document mentions none of the names that are asked about.

    A name that no document found mentions, or all do, tells nothing.
    """
    held = _documents(reading, retriever)
    holding = [_mentioning(name, held) for name in names(asked)]
    meant = set[str]().union(*(some for some in holding if len(some) < len(held)))
    if not meant:
        return list(ranked)
    less = (e if e.passage.doc_id in meant else replace(e, score=moved(e.score, NOT_NAMED)) for e in ranked)
    return sorted(less, key=lambda e: (-e.score, e.key))


def _meant(reading: Reading, brought: Set[str], retriever: Retriever) -> tuple[Question, set[str]]:
    """The question without the names that, of the documents found, only some brought along mention; and these.

    All of such a document is about what it names: its sentences need not say so again.
    """
    held = _documents(reading, retriever)
    meant: set[str] = set()
    text = reading.question.text
    for name in names(text):
        holding = _mentioning(name, held)
        if holding and holding <= brought:
            meant |= holding
            text = re.sub(rf"(?:\s+(?:at|in|of|for|by|with))?(?:\s+the)?\s+{re.escape(name)}(?:['’]s?)?", "", text)
    if not meant:
        return reading.question, meant
    return replace(read_question(text), in_talk=reading.question.in_talk), meant


def _documents(reading: Reading, retriever: Retriever) -> dict[str, Document]:
    return {hit.passage.doc_id: document_of(retriever, hit.passage.doc_id) for hit in reading.hits}


def _mentioning(name: str, documents: Mapping[str, Document]) -> set[str]:
    """Those of the documents that have each word of a name, in the singular or the plural."""
    bare = (word.removesuffix("'s").removesuffix("’s").rstrip("s") for word in name.split())
    patterns = [re.compile(rf"\b{re.escape(word)}(?:s|'s|’s)?\b", re.I) for word in bare]
    return {
        doc_id
        for doc_id, own in documents.items()
        if all(pattern.search(own.text) or pattern.search(own.title) for pattern in patterns)
    }


def combined_hits(readings: Sequence[Reading]) -> list[Hit]:
    """The passages of all readings by their mean score; a reading that lacks one counts its own last score."""
    if len(readings) == 1:
        return list(readings[0].hits)
    scores = [{hit.passage.passage_id: hit.score for hit in reading.hits} for reading in readings]
    last = [min(found.values(), default=0.0) for found in scores]
    hits = {hit.passage.passage_id: hit for reading in readings for hit in reading.hits}
    means = {
        passage_id: sum(found.get(passage_id, least) for found, least in zip(scores, last, strict=True)) / len(scores)
        for passage_id in hits
    }
    return in_order(replace(hit, score=means[passage_id]) for passage_id, hit in hits.items())


def by_evidence(hits: Sequence[Hit], evidence: Sequence[Evidence], *, limit: int) -> list[Hit]:
    """The passages ranked anew, by their own score and by what their best sentences say to the question."""
    best = {hit.passage.passage_id: log_odds(0.0, least=UNSEEN) for hit in hits}
    akin = dict.fromkeys(best, 0.0)
    for e in evidence:
        passage_id = e.passage.passage_id
        best[passage_id] = max(best.get(passage_id, -math.inf), log_odds(e.score, least=UNSEEN))
        akin[passage_id] = max(akin.get(passage_id, 0.0), e.akin)
    shares = {place: SENTENCE_SHARE * best[place] + AKIN_SHARE * akin[place] for place in best}
    return in_order(replace(hit, score=hit.score + shares[hit.passage.passage_id]) for hit in hits)[:limit]


def combined_evidence(readings: Sequence[Reading]) -> list[Evidence]:
    """The sentences of all readings, best first; those of several parts by the part that each answers best."""
    by_part: dict[tuple[str, int], Evidence] = {}
    for of_part in _by_part(readings):
        for evidence in _agreed(of_part):
            kept = by_part.get(evidence.key)
            by_part[evidence.key] = evidence if kept is None or evidence.score > kept.score else kept
    return sorted(by_part.values(), key=lambda e: (-e.score, e.key))


def heads(readings: Sequence[Reading]) -> list[Evidence]:
    """The best sentence for each part of a question that asks several things; none for a question that asks one."""
    parts = {reading.part for reading in readings}
    own = (
        readings[1:] if {reading.part for reading in readings[1:]} == parts else readings
    )  # not of the text as a whole
    agreed = [_agreed(of_part) for of_part in _by_part(own)]
    return [evidence[0] for evidence in agreed if evidence] if len(parts) > 1 else []


def _by_part(readings: Sequence[Reading]) -> list[list[Reading]]:
    return [[r for r in readings if r.part == part] for part in sorted({r.part for r in readings})]


def _agreed(readings: Sequence[Reading]) -> list[Evidence]:
    """The sentences of one part's readings by the geometric mean of their probabilities: those that all find likely.

    The best keeps its probability where it is best, and the others their share of it.
    """
    if len(readings) == 1:
        return list(readings[0].evidence)
    found = [{e.key: e for e in reading.evidence} for reading in readings]
    best: dict[tuple[str, int], Evidence] = {}
    for evidence in (e for by_key in found for e in by_key.values()):
        if evidence.key not in best or evidence.score > best[evidence.key].score:
            best[evidence.key] = evidence
    mean = {
        key: math.prod(max(by_key[key].score if key in by_key else 0.0, AGAINST) for by_key in found)
        ** (1.0 / len(found))
        for key in best
    }
    ordered = sorted(best, key=lambda key: (-mean[key], key))
    scale = best[ordered[0]].score / mean[ordered[0]] if ordered else 0.0
    return [replace(best[key], score=mean[key] * scale) for key in ordered]


def closest_reading(readings: Sequence[Reading], evidence: Sequence[Evidence]) -> Question:
    """The reading that finds the best evidence likeliest; the first where there is none."""
    if not evidence:
        return readings[0].question
    scores = [next((e.score for e in r.evidence if e.key == evidence[0].key), 0.0) for r in readings]
    return readings[scores.index(max(scores))].question
