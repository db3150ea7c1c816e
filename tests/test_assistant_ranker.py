import numpy as np
import pytest

from assistant.ranker import UNREAD, Ranker, ReadOnce
from index.encodings import quantised, unit_rows
from index.rerank import best_matches, similarities

RANDOM = np.random.default_rng(11)
DIMENSION, SPACE = 12, 5
ARRAYS = {
    "question": RANDOM.standard_normal((SPACE, DIMENSION)).astype(np.float32),
    "sentence": RANDOM.standard_normal((SPACE, DIMENSION)).astype(np.float32),
    "question_pool": RANDOM.standard_normal((SPACE, DIMENSION)).astype(np.float32),
    "sentence_pool": RANDOM.standard_normal((SPACE, DIMENSION)).astype(np.float32),
    "question_weight": RANDOM.standard_normal(DIMENSION).astype(np.float32),
    "sentence_weight": RANDOM.standard_normal(DIMENSION).astype(np.float32),
    "mix": np.array([1.0, 2.0, 3.0, 4.0], dtype=np.float32),
    "bias": np.array([0.5], dtype=np.float32),
}
RANKER = Ranker(ARRAYS)


def rows(count: int) -> np.ndarray:
    return unit_rows(RANDOM.standard_normal((count, DIMENSION)).astype(np.float32))


def scored(question: np.ndarray, sentences: list[np.ndarray]) -> list[float]:
    matches = np.concatenate(
        [best_matches(similarities(question, s.astype(np.float32)), [(0, len(s))]) for s in sentences]
    )
    read = [RANKER.read(s) if len(s) else None for s in sentences]
    return [float(score) for score in RANKER.scores(question, read, matches)]


def unit(row: np.ndarray) -> np.ndarray:
    return np.asarray(row / np.linalg.norm(row))


def softmax(values: np.ndarray) -> np.ndarray:
    return np.asarray(np.exp(values) / np.exp(values).sum())


def by_hand(question: np.ndarray, sentence: np.ndarray) -> float:
    """The interaction as ``benchmarks/train_ranker.py`` fits it, word by word."""
    sentence = sentence / 127.0
    importance = softmax(question @ ARRAYS["question_weight"])
    weight = softmax(sentence @ ARRAYS["sentence_weight"])
    near = [[unit(ARRAYS["question"] @ q) @ unit(ARRAYS["sentence"] @ s) for s in sentence] for q in question]
    plain = [[q @ s for s in sentence] for q in question]
    wanted = unit(ARRAYS["question_pool"] @ sum(i * q for i, q in zip(importance, question, strict=True)))
    pooled = unit(ARRAYS["sentence_pool"] @ sum(w * s for w, s in zip(weight, sentence, strict=True)))
    parts = (
        sum(i * max(row) for i, row in zip(importance, near, strict=True)),
        sum(i * max(row) for i, row in zip(importance, plain, strict=True)),
        wanted @ pooled,
        sum(w * max(column) for w, column in zip(weight, zip(*near, strict=True), strict=True)),
    )
    return float(0.5 + 1.0 * parts[0] + 2.0 * parts[1] + 3.0 * parts[2] + 4.0 * parts[3])


def test_scores_equal_the_interaction_written_out() -> None:
    question, sentences = rows(4), [quantised(rows(n)) for n in (3, 1, 7)]
    assert scored(question, sentences) == pytest.approx([by_hand(question, s) for s in sentences], abs=1e-4)


def test_a_sentence_scores_the_same_alone_and_among_others() -> None:
    question, sentences = rows(4), [quantised(rows(n)) for n in (3, 6, 2)]
    assert scored(question, sentences)[1] == pytest.approx(scored(question, sentences[1:2])[0], abs=1e-6)


def test_a_sentence_without_tokens_stays_unread() -> None:
    question, sentence = rows(4), quantised(rows(3))
    assert scored(question, [sentence[:0], sentence]) == [UNREAD, scored(question, [sentence])[0]]


def test_a_sentence_is_read_once_and_forgotten_when_newer_ones_need_its_place() -> None:
    reader = ReadOnce(RANKER, most=2)
    tokens = quantised(rows(3))
    first = reader.read("first", tokens)
    assert reader.read("second", tokens) is not first
    assert reader.read("first", tokens) is first
    reader.read("third", tokens)
    assert reader.read("first", tokens) is not first


def test_a_sentence_without_tokens_takes_no_place() -> None:
    assert ReadOnce(RANKER).read("empty", quantised(rows(1))[:0]) is None
