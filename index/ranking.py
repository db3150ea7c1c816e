"""Apply late interaction to what a version has stored: passages into hits, their sentences into scores."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from index.catalog import PassageRow, SentenceRow
from index.encodings import Bytes8, Floats, QueryEncoding
from index.hits import Hit
from index.rerank import maxsim, pooled, query_weights, similarities, span_maxsims
from index.versions import OpenVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredSentence:
    """A sentence beside a query.

    ``maxsim`` (0..1) is the IDF-weighted late interaction with its tokens, ``cosine`` (-1..1) that of the query's
    vector with the mean of its token vectors. Both come from stored vectors that saw the whole passage: ``tokens``,
    (tokens, dimension) int8, 127 times their unit vectors.
    """

    row: SentenceRow
    maxsim: float
    cosine: float
    tokens: Bytes8 = field(compare=False, repr=False)


def reranked(live: OpenVersion, query: QueryEncoding, passage_ids: Sequence[str], pieces: Floats) -> list[Hit]:
    """The passages by their late interaction with the query, best first, ties by id; ``pieces`` weighs word pieces."""
    weights = query_weights(query.pieces, pieces)
    rows = [row for row in map(live.catalog.passage, passage_ids) if row is not None]
    scores = {row.passage.passage_id: maxsim(query.tokens, weights, live.tokens(row)) for row in rows}
    rows.sort(key=lambda row: (-scores[row.passage.passage_id], row.passage.passage_id))
    return [
        Hit(passage=row.passage, rank=rank, score=scores[row.passage.passage_id], origin="reranked")
        for rank, row in enumerate(rows, start=1)
    ]


def scored_sentences(
    live: OpenVersion, query: QueryEncoding, passage_ids: Sequence[str], pieces: Floats
) -> list[ScoredSentence]:
    """Each sentence of the passages beside the query, in the order given; unknown ids are left out."""
    weights = query_weights(query.pieces, pieces)
    rows = [row for row in map(live.catalog.passage, passage_ids) if row is not None]
    return [scored for row in rows for scored in _scored(live, row, query, weights)]


def _scored(live: OpenVersion, row: PassageRow, query: QueryEncoding, weights: Floats) -> list[ScoredSentence]:
    tokens = live.tokens(row)
    sentences = live.catalog.sentences(row.passage.passage_id)
    whole = tokens.astype(np.float32)  # once, for all sentences
    found = span_maxsims(similarities(query.tokens, whole), weights, [(s.first, s.last) for s in sentences])
    return [
        ScoredSentence(
            row=s,
            maxsim=score,
            cosine=float(pooled(whole[s.first : s.last]) @ query.vector),
            tokens=tokens[s.first : s.last],
        )
        for s, score in zip(sentences, found, strict=True)
    ]
