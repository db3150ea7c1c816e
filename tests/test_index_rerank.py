import math

import numpy as np
import pytest

from index.encodings import quantised, unit_rows
from index.rerank import (
    PieceFrequencies,
    best_matches,
    inverse_frequency,
    overlapping,
    piece_weights,
    pooled,
    query_weights,
    similarities,
    weighted_means,
)
from tests.fakes import maxsim, word_vectors

RANDOM = np.random.default_rng(7)


def random_rows(rows: int, dimension: int = 32) -> np.ndarray:
    return unit_rows(RANDOM.standard_normal((rows, dimension)).astype(np.float32))


def brute_force(query: np.ndarray, weights: np.ndarray, tokens: np.ndarray) -> float:
    total = 0.0
    for vector, weight in zip(query, weights, strict=True):
        total += weight * max(sum(a * b for a, b in zip(vector, token, strict=True)) for token in tokens)
    return total / sum(weights)


def test_maxsim_equals_the_sum_written_out() -> None:
    query, tokens = random_rows(5), random_rows(11)
    weights = np.array([0.5, 2.0, 1.0, 3.0, 0.1], dtype=np.float32)
    expected = brute_force(query.tolist(), weights.tolist(), (quantised(tokens) / 127.0).tolist())
    assert maxsim(query, weights, quantised(tokens)) == pytest.approx(expected, abs=1e-6)
    assert maxsim(query, weights, quantised(tokens)) == pytest.approx(brute_force(query, weights, tokens), abs=0.01)


def test_a_verbatim_passage_scores_one_and_an_empty_side_zero() -> None:
    query, _, _ = word_vectors("the medical staff elects its chief")
    tokens, _, _ = word_vectors("on mondays the medical staff elects its chief of staff")
    weights = np.ones(len(query), dtype=np.float32)
    assert maxsim(query, weights, quantised(tokens)) == pytest.approx(1.0, abs=0.01)
    assert maxsim(query, weights, quantised(tokens[:0])) == 0.0
    assert maxsim(query[:0], weights[:0], quantised(tokens)) == 0.0


def test_opposite_vectors_score_zero_and_never_less() -> None:
    query = random_rows(1)
    assert maxsim(query, np.ones(1, dtype=np.float32), quantised(-query)) == 0.0


def test_a_span_is_scored_as_if_it_stood_alone() -> None:
    query, tokens = random_rows(4), quantised(random_rows(20))
    weights = np.array([1.0, 2.0, 3.0, 4.0], dtype=np.float32)
    ranges = [(0, 7), (7, 8), (8, 8), (6, 9), (8, 20)]
    expected = [maxsim(query, weights, tokens[first:last]) for first, last in ranges]
    matches = best_matches(similarities(query, tokens.astype(np.float32)), ranges)
    assert weighted_means(matches, weights).tolist() == pytest.approx(expected, abs=1e-6)
    assert expected[2] == 0.0


def test_piece_frequencies_count_passages_and_not_occurrences() -> None:
    frequencies = PieceFrequencies()
    for pieces in ([1], [1, 1, 3], [], [3]):
        frequencies.add(np.array(pieces, dtype=np.int32))
    assert frequencies.counts.tolist() == [0, 2, 0, 2]


def test_the_weight_of_a_piece_is_its_bm25_idf_and_unseen_pieces_weigh_most() -> None:
    weights = piece_weights(np.array([0, 1, 3]), passages=3)
    assert weights[1] == pytest.approx(math.log(1 + (3 - 1 + 0.5) / 1.5))
    assert weights[2] == pytest.approx(inverse_frequency(3, 3))
    assert query_weights(np.array([2, 99], dtype=np.int32), weights) == pytest.approx([weights[2], weights[-1]])
    assert weights[-1] == max(weights)


def test_characters_are_mapped_to_the_token_rows_that_touch_them() -> None:
    spans = np.array([[0, 3], [4, 7], [8, 12], [12, 13]], dtype=np.int32)
    assert overlapping(spans, 0, 7) == (0, 2)
    assert overlapping(spans, 8, 13) == (2, 4)
    assert overlapping(spans, 3, 4) == (1, 1)
    assert overlapping(spans, 50, 60) == (4, 4)


def test_a_pooled_span_is_the_unit_mean_of_its_tokens() -> None:
    tokens = random_rows(6)
    mean = tokens.mean(axis=0)
    assert pooled(quantised(tokens)) == pytest.approx(mean / np.linalg.norm(mean), abs=0.01)
    assert not pooled(quantised(tokens[:0])).any()
