"""The retrieval benchmark counts what it says, and its questions are fit to be counted."""

import json
import math
import re
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.retrieval import (
    QUESTIONS,
    SEEDS,
    Anchor,
    Asked,
    Question,
    main,
    read_questions,
    relevance,
    scores,
    table,
)
from corpus import Passage, bundled_articles, read_documents, split
from index import Hit

OWN = QUESTIONS.parent / "own_questions.jsonl"


def passage(number: int, text: str, *, document: str = "guide.txt") -> Passage:
    return Passage(
        passage_id=f"{document}#{number}",
        doc_id=document,
        title="Guide",
        text=text,
        headings=(),
        start=0,
        end=len(text),
        page=None,
    )


def question(*anchors: tuple[str, int], kind: str = "vague") -> Question:
    places = tuple(Anchor(document="guide", words=words, grade=grade) for words, grade in anchors)
    return Question(question_id="q-1", text="What of it?", kind=kind, anchors=places)


def test_a_passage_is_relevant_where_it_holds_the_words_however_lines_and_case_fall() -> None:
    found = relevance(
        question(("Five to ten years", 2)), [passage(1, "It takes five\n  to ten years."), passage(2, "Ten.")]
    )
    assert found == {"guide.txt#1": 2}


def test_the_higher_grade_stands_where_a_passage_holds_two_anchors() -> None:
    asked = question(("a valid license", 1), ("at least five years", 2), ("a good mentor", 1))
    found = relevance(asked, [passage(1, "At least five years and a valid license."), passage(2, "And a good mentor.")])
    assert found == {"guide.txt#1": 2, "guide.txt#2": 1}


def test_the_same_words_in_another_document_do_not_count() -> None:
    both = [passage(1, "a valid license"), passage(1, "a valid license", document="other.txt")]
    assert relevance(question(("a valid license", 2)), both) == {"guide.txt#1": 2}


def test_words_that_no_passage_holds_are_told_with_their_question() -> None:
    with pytest.raises(ValueError, match=r"q-1: no passage of 'guide' holds 'a valid license'"):
        relevance(question(("a valid license", 2)), [passage(1, "a licence")])


def test_only_passages_that_answer_count_for_recall_and_reciprocal_rank() -> None:
    found = scores({"part": 1, "whole": 2}, ["part", "x", "whole"])
    assert (found["R@1"], found["R@5"], found["MRR@10"]) == (0, 1, pytest.approx(1 / 3))
    by_hand = (1 + 2 / math.log2(4)) / (2 + 1 / math.log2(3))
    assert found["nDCG@10"] == pytest.approx(by_hand)


def test_the_fifth_place_counts_and_the_sixth_does_not() -> None:
    filler = ["a", "b", "c", "d"]
    assert scores({"whole": 2}, [*filler, "whole"])["R@5"] == 1
    assert scores({"whole": 2}, [*filler, "e", "whole"])["R@5"] == 0


def test_what_stands_after_the_tenth_place_is_not_found() -> None:
    assert set(scores({"whole": 2}, [*"abcdefghij", "whole"]).values()) == {0.0}


def test_a_question_that_nothing_answers_is_no_question_of_this_set() -> None:
    with pytest.raises(ValueError, match="no passage answers"):
        scores({"part": 1}, ["part"])


def test_the_table_has_a_row_for_all_and_one_for_each_kind() -> None:
    hit = Hit(passage=passage(1, "text"), rank=1, score=1.0, origin="reranked")
    found = Asked(question=question(kind="vague"), relevant={"guide.txt#1": 2}, hits=(hit,))
    missed = Asked(question=question(kind="list"), relevant={"guide.txt#2": 2}, hits=(hit,))
    rows = [re.split(r" {2,}", line) for line in table([found, missed]).splitlines()]
    assert rows[0] == ["kind", "n", "R@1", "R@5", "MRR@10", "nDCG@10"]
    assert rows[1][:3] == ["all", "2", "0.500 [0.00, 1.00]"]
    assert [row[:3] for row in rows[2:]] == [["vague", "1", "1.000"], ["list", "1", "0.000"]]


def test_a_folder_that_is_not_there_is_named_with_the_next_step(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--seeds", str(tmp_path / "nowhere")]) == 2
    told = capsys.readouterr().err
    assert "nowhere" in told
    assert "--seeds" in told


def test_every_seed_question_is_answered_somewhere_by_three_to_six_words() -> None:
    asked = read_questions(QUESTIONS)
    assert len({one.question_id for one in asked}) == len(asked) == 60
    for one in asked:
        assert max(anchor.grade for anchor in one.anchors) == 2, one.question_id
        assert {anchor.grade for anchor in one.anchors} <= {1, 2}, one.question_id
        assert all(3 <= len(anchor.words.split()) <= 6 for anchor in one.anchors), one.question_id


@pytest.mark.shared
@pytest.mark.skipif(not SEEDS.exists(), reason="the source articles do not lie beside the checkout")
def test_every_anchor_stands_in_a_passage_of_its_article() -> None:
    documents, _ = read_documents(SEEDS)
    passages = [one for document in documents for one in split(document)]
    assert all(relevance(asked, passages) for asked in read_questions(QUESTIONS))


def rows() -> list[dict[str, object]]:
    return [json.loads(line) for line in OWN.read_text(encoding="utf-8").splitlines()]


def test_every_fact_of_the_own_questions_is_stated_in_an_article() -> None:
    articles = "\n".join(path.read_text(encoding="utf-8") for path in bundled_articles().rglob("*.md"))
    stated = {name for comment in re.findall(r"<!--(.*?)-->", articles) for name in comment.split()}
    for row in rows():
        facts = row["facts"]
        assert isinstance(facts, list)
        assert {fact["id"] for fact in facts} <= stated, row["id"]
        vital = sum(fact["importance"] == "vital" for fact in facts)
        assert vital <= 5, row["id"]
        assert (vital > 0) == (row["status"] == "answerable"), row["id"]


def test_the_halves_of_the_own_questions_are_balanced_type_by_type() -> None:
    counted = Counter((str(row["type"]), str(row["half"])) for row in rows())
    for kind in {kind for kind, _ in counted}:
        assert abs(counted[kind, "fit"] - counted[kind, "test"]) <= 1, kind
    assert Counter(row["status"] for row in rows()) == {"answerable": 120, "unanswerable": 60}


def test_every_follow_up_has_its_history_and_the_same_question_asked_alone() -> None:
    follow_ups = [row for row in rows() if row["type"] == "follow_up"]
    assert len(follow_ups) == 30
    for row in rows():
        assert ("standalone" in row) == bool(row["history"]) == (row["type"] == "follow_up"), row["id"]
