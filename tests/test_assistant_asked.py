import json
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from assistant import open_assistant
from assistant.asked import MIDDLING, NEAREST, VOTED, Asked, digest, load_asked, placed
from benchmarks.blind import known_texts, of_talks
from benchmarks.section_questions import section_questions
from corpus import bundled_articles, read_documents
from index.embeddings import DEFAULT_WEIGHTS

DATA = Path(__file__).parent.parent / "benchmarks" / "data"
GATHERED = "questions.jsonl", "questions_in_talks.jsonl", "questions_of_strangers.jsonl"
EAST, NORTH = np.array([1.0, 0.0], dtype=np.float32), np.array([0.0, 1.0], dtype=np.float32)
F1, F2 = frozenset({"F1"}), frozenset({"F2"})
AS_THEY_ARE = np.eye(2, dtype=np.float32)


def known(
    *rows: tuple[np.ndarray, frozenset[str]],
    statements: int = 0,
    vital: Sequence[frozenset[str]] | None = None,
    words: Sequence[str] = (),
    denying: Sequence[bool] = (),
    sentence_map: np.ndarray = AS_THEY_ARE,
    stated: Sequence[int] = (),
) -> Asked:
    """Known texts in the space of the vectors themselves, the last of them statements."""
    facts = [facts for _, facts in rows]
    vectors = np.array([v for v, _ in rows])
    return Asked(
        vectors,
        facts=facts,
        vital=facts if vital is None else vital,
        words=words or [""] * (len(rows) - statements),
        denying=denying or [False] * (len(rows) - statements),
        sentence_map=sentence_map,
        stated=stated,
    )


def test_a_sentence_that_answers_the_same_question_is_wholly_alike() -> None:
    nearest = known((EAST, F1), (NORTH, F2)).nearest(EAST, [F1, F2, F1 | F2, frozenset()])
    assert nearest.alike == pytest.approx((1.0, 0.0, 1.0, 0.0))
    assert nearest.share[0] == nearest.share[2] > nearest.share[1] == nearest.share[3] == 0.0


def test_a_question_without_an_answer_speaks_for_no_sentence() -> None:
    nearest = known((EAST, frozenset()), (NORTH, F1)).nearest(EAST, [F1])
    assert (nearest.answered, nearest.unanswered) == pytest.approx((0.0, 1.0))
    assert nearest.alike == (0.0,)


def test_questions_can_be_left_out_but_no_statements() -> None:
    texts = known((EAST, F1), (NORTH, F2), (NORTH, F1), statements=1, words=["who", "why"])
    left = texts.leaving_out({0, 2})
    assert left.questions == 1
    assert left.facts == (F2, F1)
    nearest = left.nearest(EAST, [F1], wording="Who?")
    assert (nearest.answered, nearest.alike) == (0.0, (0.0,))
    assert left.voted(NORTH, wording="Why?") == ["F2", "F1"]  # asked with the same word


def test_a_question_that_denies_counts_as_farther_than_one_that_does_not() -> None:
    texts = known((EAST, F1), (EAST, F2), denying=[True, False])
    denying, plain = texts.nearest(EAST, [F1, F2], wording="What does a CMO do?").share
    assert plain > denying > 0.0
    denying, plain = texts.nearest(EAST, [F1, F2], wording="What doesn't a CMO do?").share
    assert denying > plain > 0.0
    denying, plain = texts.nearest(EAST, [F1, F2], wording="What does a CMO do?").alike
    assert 1.0 == plain > denying > 0.0


def test_the_facts_of_the_nearest_texts_are_voted_for_likeliest_first() -> None:
    near = np.array([0.9, np.sqrt(1.0 - 0.81)], dtype=np.float32)
    texts = known((near, F1 | F2), (EAST, F1), (NORTH, frozenset({"F3"})), vital=[F2, F1, frozenset({"F3"})])
    assert texts.voted(EAST) == ["F1", "F2"]
    assert texts.voted(-EAST) == []


def test_what_is_asked_for_is_told_as_a_share_of_what_is_asked_for_most() -> None:
    votes = known((EAST, F1 | F2), vital=[F2]).nearest(EAST, [F1]).votes
    assert votes == pytest.approx({"F2": 1.0, "F1": 1 / 3})  # a half each, and one for what is vital


def test_many_facts_of_one_text_are_not_all_voted_for() -> None:
    many = frozenset(f"F{n:02}" for n in range(2 * VOTED))
    assert known((EAST, many)).voted(EAST) == sorted(many)[:VOTED]


def test_a_sentence_is_akin_to_a_question_that_its_map_lays_it_near() -> None:
    between = np.array([0.8, 0.6], dtype=np.float32)
    nearest = known((EAST, F1)).nearest(EAST, [frozenset()] * 4, np.array([EAST, between, NORTH, -EAST]))
    assert nearest.akin == pytest.approx((1.0, 0.8, 0.0, 0.0))
    assert nearest.alike == (0.0,) * 4  # of what states no fact the questions tell nothing
    assert known((EAST, F1)).nearest(EAST, [F1]).akin == pytest.approx((MIDDLING,))  # nothing to compare


def test_what_is_sought_is_the_vector_that_the_map_lays_nearest_to_a_question() -> None:
    quarter = np.array([[0.0, 2.0], [-2.0, 0.0]], dtype=np.float32)  # turns, and stretches
    texts = known((EAST, F1), sentence_map=quarter)
    found = texts.sought(EAST)
    assert found == pytest.approx(np.array([0.0, -1.0]))
    assert texts.nearest(EAST, [frozenset()], np.array([found])).akin == pytest.approx((1.0,))


def test_the_cosine_is_told_of_statements_that_are_known_by_their_text() -> None:
    texts = known((EAST, F1), (EAST, F1), (NORTH, F2), statements=2, stated=[digest("East."), digest("North.")])
    assert texts.cosines(EAST, ["North.", "East.", "Elsewhere."]) == pytest.approx([0.0, 1.0, None])
    assert texts.leaving_out([0]).cosines(NORTH, ["North."]) == pytest.approx([1.0])


def test_to_a_question_unlike_all_that_are_known_any_sentence_is_as_akin_and_nothing_is_sought() -> None:
    texts = known((EAST, F1), (EAST, F2))
    assert texts.nearest(NORTH, [frozenset()] * 2, np.array([NORTH, EAST])).akin == pytest.approx((MIDDLING, MIDDLING))
    assert texts.sought(NORTH) is None


def test_the_company_is_that_of_questions_with_an_answer() -> None:
    texts = known((EAST, F1), (EAST, frozenset()), (EAST, F2), statements=1)
    assert texts.nearest(EAST, []).company == pytest.approx(0.5)
    assert (texts.nearest(EAST, []).stated, texts.nearest(NORTH, []).company) == pytest.approx((1.0, 0.0))


def test_of_no_sentences_nothing_is_said() -> None:
    assert known((EAST, F1)).nearest(EAST, []).alike == ()


def test_the_share_falls_with_the_likeness_of_the_questions_that_a_sentence_answers() -> None:
    angles = np.linspace(0.0, 1.0, NEAREST)
    rows = [(np.array([np.cos(a), np.sin(a)], dtype=np.float32), frozenset({f"F{n}"})) for n, a in enumerate(angles)]
    shares = known(*rows).nearest(EAST, [facts for _, facts in rows]).share
    assert all(nearer > farther for nearer, farther in pairwise(shares))


def test_a_text_with_fewer_facts_says_more_of_each() -> None:
    nearest = known((EAST, F1), (EAST, F2 | {"F3"})).nearest(EAST, [F1, F2])
    assert nearest.share == pytest.approx((0.5, 0.25))


def test_what_a_short_answer_must_state_is_told_apart_from_the_rest() -> None:
    nearest = known((EAST, F1 | F2), vital=[F2]).nearest(EAST, [F1, F2])
    assert nearest.vital == pytest.approx((0.0, 1.0))


def test_a_question_that_asks_with_the_same_word_counts_as_nearer() -> None:
    texts = known((EAST, F1), (EAST, F2), words=["who", "why"])
    assert texts.nearest(EAST, [F1, F2]).share == pytest.approx((0.5, 0.5))
    who, why = texts.nearest(EAST, [F1, F2], wording="Why?").share
    assert why > who > 0.0


def test_the_known_questions_name_facts_of_the_bundled_articles_only() -> None:
    documents, _ = read_documents(bundled_articles())
    tied = {fact for d in documents for a in d.attributions for fact in a.fact_ids}
    asked = load_asked()
    assert asked.questions > 5000
    assert {fact for facts in asked.facts for fact in facts} <= tied


def test_the_stored_vectors_are_those_of_the_question_encoder() -> None:
    encoder = open_assistant().retriever.encoder
    assert encoder.identity().sha256 == DEFAULT_WEIGHTS
    asked = load_asked()
    lines = [line for name in GATHERED for line in (DATA / name).read_text(encoding="utf-8").splitlines()]
    gathered = [" ".join(json.loads(line)["question"].split()) for line in lines]
    in_talks = [text for row in of_talks(half="known") for text in known_texts(row)]
    gathered += (" ".join(text.split()) for text in in_talks)
    gathered += (question.text for question in section_questions(open_assistant().retriever))
    assert asked.questions == len(gathered)
    for number in (0, 700, len(lines) - 1, len(gathered) - 1):
        place, stored = placed(gathered[number], encoder), asked.vectors[number]
        assert float(stored @ place) > 0.99 * float(np.linalg.norm(place) * np.linalg.norm(stored))
        assert float(np.linalg.norm(stored)) == pytest.approx(1.0, abs=0.02)


def test_a_follow_up_behind_its_question_lies_near_the_same_in_full_words() -> None:
    """By the embedding model itself it lies nearer to the question before it."""
    encoder = open_assistant().retriever.encoder
    before, alone = "Who does a chief medical officer report to?", "Does a chief medical officer see patients?"
    texts = before, alone, f"{before.rstrip('?')}: and does she still see patients?"
    first, meant, said = (placed(text, encoder) for text in texts)
    assert float(said @ meant) > float(said @ first)
    first, meant, said = (encoder.encode_query(text).vector for text in texts)
    assert float(said @ meant) < float(said @ first)
