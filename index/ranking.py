"""Apply late interaction to what a version has stored: passages into hits, their sentences into scores."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise

import numpy as np

from index.catalog import PassageRow, SentenceRow
from index.encodings import Bytes8, Floats, QueryEncoding
from index.hits import Hit
from index.rerank import best_matches, query_weights, similarities, weighted_means
from index.versions import OpenVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredSentence:
    """A sentence beside a query.

    ``maxsim`` (0..1) is the IDF-weighted late interaction with its tokens, ``cosine`` (-1..1) that of the query's
    vector with the mean of its token vectors, ``matches`` (query tokens,) the cosine of each token of the query with
    the nearest of the sentence. All come from stored vectors that saw the whole passage: ``tokens``,
    (tokens, dimension) int8, 127 times their unit vectors.
    """

    row: SentenceRow
    maxsim: float
    cosine: float
    matches: Floats = field(compare=False, repr=False)
    tokens: Bytes8 = field(compare=False, repr=False)


def reranked(live: OpenVersion, query: QueryEncoding, passage_ids: Sequence[str], pieces: Floats) -> list[Hit]:
    """The passages by their late interaction with the query, best first, ties by id; ``pieces`` weighs word pieces."""
    rows = [row for row in map(live.catalog.passage, passage_ids) if row is not None]
    matches = best_matches(_beside(live, query, rows), _token_ranges(rows))
    scores = weighted_means(matches, query_weights(query.pieces, pieces))
    ordered = sorted(
        zip(scores.tolist(), rows, strict=True), key=lambda found: (-found[0], found[1].passage.passage_id)
    )
    return [
        Hit(passage=row.passage, rank=rank, score=score, origin="reranked")
        for rank, (score, row) in enumerate(ordered, start=1)
    ]


def scored_sentences(
    live: OpenVersion, query: QueryEncoding, passage_ids: Sequence[str], pieces: Floats
) -> list[ScoredSentence]:
    """Each sentence of the passages beside the query, in the order given; unknown ids are left out."""
    rows = [row for row in map(live.catalog.passage, passage_ids) if row is not None]
    sentences = [live.catalog.sentences(row.passage.passage_id) for row in rows]
    ranges = [
        (first + s.first, first + s.last)
        for (first, _), of_passage in zip(_token_ranges(rows), sentences, strict=True)
        for s in of_passage
    ]
    matches = best_matches(_beside(live, query, rows), ranges)
    scores = weighted_means(matches, query_weights(query.pieces, pieces)).tolist()
    found: list[ScoredSentence] = []
    for row, of_passage in zip(rows, sentences, strict=True):
        tokens, cosines = live.tokens(row), (live.sentence_vectors(row) @ query.vector).tolist()
        for s, cosine in zip(of_passage, cosines, strict=True):
            here = len(found)
            found.append(
                ScoredSentence(
                    row=s, maxsim=scores[here], cosine=cosine, matches=matches[here], tokens=tokens[s.first : s.last]
                )
            )
    return found


def _beside(live: OpenVersion, query: QueryEncoding, rows: Sequence[PassageRow]) -> Floats:
    """(query tokens, tokens of all passages) cosines: one product, for many small ones cost several times as much."""
    if not rows:
        return np.zeros((len(query.tokens), 0), dtype=np.float32)
    return similarities(query.tokens, np.concatenate([live.tokens(row) for row in rows], dtype=np.float32))


def _token_ranges(rows: Sequence[PassageRow]) -> list[tuple[int, int]]:
    """Where the tokens of each passage lie when those of all stand one after the other."""
    ends = list(accumulate((row.last - row.first for row in rows), initial=0))
    return list(pairwise(ends))
