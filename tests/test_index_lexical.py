from pathlib import Path

import bm25s
import numpy as np
import pytest

from corpus import bundled_articles
from index.lexical import Analyser, LexicalIndex, save_lexical, words
from index.postings import Postings, PostingsWriter

TEXTS = [
    "The medical staff bylaws under 42 CFR 482.22 name a chief of staff.",
    "Health centers buy drugs under the 340B program.",
    "COVID-19 changed staffing and the staff's wages.",
    "",
]


@pytest.fixture
def index(tmp_path: Path) -> LexicalIndex:
    save_lexical(TEXTS, tmp_path / "bm25")
    return LexicalIndex(tmp_path / "bm25")


@pytest.mark.parametrize(("query", "number"), [("482.22", 0), ("340b", 1), ("340B?", 1), ("covid-19", 2), ("COVID", 2)])
def test_identifiers_are_found_whole(index: LexicalIndex, query: str, number: int) -> None:
    assert [n for n, _ in index.query(query, k=5)] == [number]


def test_a_word_is_found_in_its_other_forms(index: LexicalIndex) -> None:
    assert [n for n, _ in index.query("wage", k=5)] == [2]
    assert {n for n, _ in index.query("bylaw", k=5)} == {0}


def test_stopwords_blanks_and_unknown_words_find_nothing(index: LexicalIndex) -> None:
    assert index.query("the of and", k=5) == []
    assert index.query("", k=5) == []
    assert index.query("zebra \ud800", k=5) == []


def test_scores_fall_and_equal_ones_are_ordered_by_number(tmp_path: Path) -> None:
    save_lexical(["chief nurse", "chief", "chief"], tmp_path / "bm25")
    found = LexicalIndex(tmp_path / "bm25").query("chief", k=3)
    assert [n for n, _ in found] == [1, 2, 0]
    assert found[0][1] == found[1][1] > found[2][1] > 0


def test_a_mask_leaves_passages_out(index: LexicalIndex) -> None:
    allowed = np.array([False, True, True, True])
    assert [n for n, _ in index.query("staff", k=5, allowed=allowed)] == [2]


def test_the_vocabulary_counts_passages_by_unstemmed_word(index: LexicalIndex) -> None:
    assert index.vocabulary["staff"] == 2
    assert index.vocabulary["482.22"] == 1
    assert "bylaws" in index.vocabulary


def test_rare_words_weigh_more_and_unseen_ones_most(index: LexicalIndex) -> None:
    assert index.idf("zebra") > index.idf("bylaws") > index.idf("staff") > 0
    assert index.idf("the") == 0


def test_a_corpus_without_a_word_can_be_saved_and_finds_nothing(tmp_path: Path) -> None:
    save_lexical(["the", "..."], tmp_path / "bm25")
    assert LexicalIndex(tmp_path / "bm25").query("chief", k=3) == []


def test_scores_are_those_of_bm25s_however_small_the_blocks(tmp_path: Path) -> None:
    analyser = Analyser()
    articles = [path.read_text(encoding="utf-8") for path in sorted(bundled_articles().rglob("*.md"))[:9]]
    passages = [analyser.terms(words(text[n : n + 700])) for text in articles for n in range(0, len(text), 700)]
    writer = PostingsWriter(tmp_path, block=1_000)
    for terms in passages:
        writer.add(terms)
    ours = Postings(tmp_path, writer.finish(), passages=len(passages))
    reference = bm25s.BM25()
    reference.index(passages, show_progress=False)
    for query in ("who reports to the chief medical officer", "quality quality of 340B care"):
        terms = [term for term in analyser.terms(words(query)) if term in reference.vocab_dict]
        assert ours.scores([*terms, "unheard"]).tolist() == reference.get_scores(terms).tolist()


def test_what_was_cut_short_is_not_read_as_whole(tmp_path: Path) -> None:
    save_lexical(TEXTS, tmp_path / "bm25")
    np.save(tmp_path / "bm25" / "scores.npy", np.zeros(3, dtype=np.float32))
    with pytest.raises(ValueError, match="3 postings, 25 counted"):
        LexicalIndex(tmp_path / "bm25")


def test_words_are_lower_case_in_order_with_compounds_in_parts() -> None:
    assert words("Fee-for-service, the CMO's §482.22") == ["fee", "for", "service", "the", "cmo", "482.22", "482", "22"]
