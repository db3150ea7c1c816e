import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.errors import UserError
from index import Retriever, build_index
from index.encodings import Encoded, quantised
from index.rerank import query_weights
from tests.fakes import KeywordEncoder, maxsim, word_vectors

TEXTS = {
    "hospital.md": "---\ntitle: Hospitals\nsettings: [hospital]\n---\n# Hospitals\n\n## Bylaws\n\n"
    "The medical staff elects a president. The governing body approves the bylaws under 42 CFR 482.22.\n",
    "center.md": "---\ntitle: Health centers\nsettings: [health_center]\n---\n# Health centers\n\n"
    "A health center buys drugs under the 340B program. The board of patients governs it.\n",
    "any.md": "---\ntitle: Pay\nsettings: [any]\n---\n# Pay\n\nA salary survey gives the median wage of physicians.\n",
}


class Forgetful(KeywordEncoder):
    """Takes twenty words of a text, as a model takes so many tokens."""

    def encode_passages(self, passages: list[tuple[str, str]]) -> Encoded:
        found = super().encode_passages(passages)
        cut = {name: tuple(rows[:20] for rows in getattr(found, name)) for name in ("tokens", "spans", "pieces")}
        return replace(found, **cut)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("docs")
    for name, text in TEXTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    place = tmp_path_factory.mktemp("index")
    build_index(folder, index=place, embeddings=KeywordEncoder())
    return place


@pytest.fixture(scope="module")
def retriever(index: Path) -> Iterator[Retriever]:
    with Retriever.open(index, embeddings=KeywordEncoder()) as opened:
        yield opened


def test_the_passage_that_shares_most_words_comes_first(retriever: Retriever) -> None:
    hits = retriever.search("drugs under the 340B program", k=3)
    assert hits[0].passage.doc_id == "center.md"
    assert [hit.rank for hit in hits] == [1, 2, 3]
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert all(0 <= hit.score <= 1 and hit.origin == "reranked" for hit in hits)


def test_a_verbatim_query_scores_one_and_a_foreign_one_little(retriever: Retriever) -> None:
    assert retriever.search("the medical staff elects a president")[0].score > 0.95
    assert retriever.search("zebra xylophone")[0].score < 0.5


def test_k_bounds_the_hits(retriever: Retriever) -> None:
    assert len(retriever.search("the board", k=1)) == 1
    assert len(retriever.search("the board", k=1_000)) == 3
    assert retriever.search("the board", k=0) == []


@pytest.mark.parametrize(
    ("setting", "found"),
    [("hospital", {"hospital.md", "any.md"}), ("health_center", {"center.md", "any.md"}), ("any", {"any.md"})],
)
def test_a_setting_keeps_its_documents_and_those_for_any(retriever: Retriever, setting: str, found: set[str]) -> None:
    hits = retriever.search("the medical staff of a health center wage 340B", setting=setting)
    assert {hit.passage.doc_id for hit in hits} == found


def test_an_unknown_setting_is_named_with_the_known_ones(retriever: Retriever) -> None:
    with pytest.raises(UserError, match="setting 'clinic' is unknown; one of hospital, health_center"):
        retriever.search("wage", setting="clinic")


@pytest.mark.parametrize("query", ["", "  \n\t ", "\u2003"])
def test_a_blank_query_finds_nothing(retriever: Retriever, query: str) -> None:
    assert retriever.search(query) == []


def test_a_very_long_query_is_cut_and_answered(retriever: Retriever) -> None:
    assert retriever.search("bylaws " * 50_000)[0].passage.doc_id == "hospital.md"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.text(st.characters(), max_size=60))
def test_any_unicode_is_a_safe_query(retriever: Retriever, query: str) -> None:
    for hit in retriever.search(query):
        assert 0 <= hit.score <= 1
        assert retriever.sentence_scores(retriever.analyse(query), [hit.passage.passage_id])


def test_lone_surrogates_are_a_safe_query(retriever: Retriever) -> None:
    assert retriever.search("bylaws \ud800\udfff\udc00")[0].passage.doc_id == "hospital.md"


def test_the_score_of_a_hit_is_the_maxsim_of_its_text(retriever: Retriever) -> None:
    query = retriever.analyse("who approves the bylaws of the medical staff")
    hit = retriever.search(query.text)[0]
    tokens, _, _ = word_vectors(hit.passage.text)
    weights = query_weights(query.pieces, retriever._live.weights)
    assert hit.score == pytest.approx(maxsim(query.tokens, weights, quantised(tokens)))


def test_sentences_are_scored_from_their_own_words(retriever: Retriever) -> None:
    query = retriever.analyse("the medical staff elects a president")
    passage = retriever.search(query.text)[0].passage
    scored = retriever.sentence_scores(query, [passage.passage_id, "nothing.md#1"])
    assert [s.row for s in scored] == retriever.sentences(passage.passage_id)
    best = max(scored, key=lambda s: s.maxsim)
    assert best.row.sentence.text == "The medical staff elects a president."
    assert best.maxsim == pytest.approx(1.0, abs=0.01)
    assert best.cosine == pytest.approx(1.0, abs=0.01)
    document = retriever.document(passage.doc_id)
    assert document is not None
    for row in scored:
        sentence = row.row.sentence
        assert document.text[sentence.start : sentence.end] == sentence.text
        tokens, _, _ = word_vectors(sentence.text)
        weights = query_weights(query.pieces, retriever._live.weights)
        assert row.maxsim == pytest.approx(maxsim(query.tokens, weights, quantised(tokens)), abs=1e-5)


def test_documents_and_passages_come_back_whole(retriever: Retriever) -> None:
    assert [entry.doc_id for entry in retriever.documents()] == ["any.md", "center.md", "hospital.md"]
    entry = retriever.documents()[2]
    assert (entry.title, entry.settings) == ("Hospitals", ("hospital",))
    document = retriever.document("hospital.md")
    assert document is not None
    passages = retriever.passages("hospital.md")
    assert entry.passages == len(passages)
    for passage in passages:
        assert document.text[passage.start : passage.end] == passage.text
        assert retriever.passage(passage.passage_id) == passage
    assert retriever.document("nothing.md") is None
    assert retriever.passage("nothing.md#1") is None
    assert retriever.passages("nothing.md") == []
    assert retriever.sentences("nothing.md#1") == []


def test_words_of_the_corpus_are_counted(retriever: Retriever) -> None:
    assert retriever.vocabulary["340b"] == 1
    assert retriever.idf("zebra") > retriever.idf("board") > retriever.idf("the") == 0


def test_a_query_is_encoded_once(index: Path) -> None:
    with Retriever.open(index, embeddings=KeywordEncoder()) as retriever:
        retriever.search("bylaws")
        assert retriever.analyse("bylaws") is retriever.analyse("bylaws")


def test_threads_get_the_answers_that_one_gets(index: Path) -> None:
    queries = ["bylaws", "340B drugs", "median wage", "board of patients"] * 5
    with Retriever.open(index, embeddings=KeywordEncoder()) as retriever:
        results: dict[int, list[str]] = {}

        def run(n: int) -> None:
            results[n] = [hit.passage.passage_id for hit in retriever.search(queries[n])]

        threads = [threading.Thread(target=run, args=(n,)) for n in range(len(queries))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert results == {n: [hit.passage.passage_id for hit in retriever.search(q)] for n, q in enumerate(queries)}


def test_closing_one_reader_leaves_another_of_the_same_index(index: Path) -> None:
    with Retriever.open(index, embeddings=KeywordEncoder()) as first:
        assert first.search("bylaws")
        with Retriever.open(index, embeddings=KeywordEncoder()) as second:
            assert second.search("bylaws")
        assert first.search("wage of physicians")


def test_an_open_reader_keeps_its_version_until_it_is_asked_to_reload(tmp_path: Path) -> None:
    folder, index = tmp_path / "docs", tmp_path / "index"
    folder.mkdir()
    (folder / "a.md").write_text("# A\n\nThe board hires.\n", encoding="utf-8")
    build_index(folder, index=index, embeddings=KeywordEncoder())
    with Retriever.open(index, embeddings=KeywordEncoder()) as retriever:
        assert retriever.search("board")
        old = retriever.version
        assert not retriever.reload_if_changed()
        (folder / "b.md").write_text("# B\n\nA telehealth program.\n", encoding="utf-8")
        report = build_index(folder, index=index, embeddings=KeywordEncoder())
        assert (retriever.version, len(retriever.search("telehealth"))) == (old, 1)
        assert retriever.reload_if_changed()
        assert retriever.version == report.version
        assert retriever.search("telehealth")[0].passage.doc_id == "b.md"
        assert not retriever.reload_if_changed()


def test_a_reader_that_goes_on_to_new_versions_keeps_no_deleted_file_open(tmp_path: Path) -> None:
    folder, index = tmp_path / "docs", tmp_path / "index"
    folder.mkdir()
    (folder / "a.md").write_text("# A\n\nThe board hires.\n", encoding="utf-8")
    build_index(folder, index=index, embeddings=KeywordEncoder())
    with Retriever.open(index, embeddings=KeywordEncoder()) as retriever:
        for number in range(5):
            (folder / "a.md").write_text(f"# A\n\nThe board hires {number}.\n", encoding="utf-8")
            build_index(folder, index=index, embeddings=KeywordEncoder())
            assert retriever.reload_if_changed()
            assert retriever.search("board")
        opened = [str(entry.readlink()) for entry in Path("/proc/self/fd").iterdir() if entry.is_symlink()]
        assert any(str(index) in name for name in opened)
        assert not [name for name in opened if str(index) in name and name.endswith("(deleted)")]


def test_langchain_gets_the_same_hits(retriever: Retriever) -> None:
    found = retriever.as_retriever(k=2).invoke("bylaws of the medical staff")
    hits = retriever.search("bylaws of the medical staff", k=2)
    assert [document.metadata["passage_id"] for document in found] == [hit.passage.passage_id for hit in hits]
    assert found[0].metadata["score"] == hits[0].score
    assert found[0].metadata["title"] == "Hospitals"
    assert found[0].page_content == hits[0].passage.text


def test_the_vectors_open_as_a_langchain_vector_store(retriever: Retriever) -> None:
    found = retriever.as_vectorstore().similarity_search_with_relevance_scores("median wage of physicians", k=3)
    assert found[0][0].metadata["doc_id"] == "any.md"
    assert 1 >= found[0][1] > found[1][1]


def test_cosines_of_the_search_are_those_of_the_stored_vectors(retriever: Retriever) -> None:
    live, query = retriever._live, retriever.analyse("board of patients")
    for passage_id, cosine in live.store.query(query.vector, k=3):
        row = live.catalog.passage(passage_id)
        assert row is not None
        assert cosine == pytest.approx(float(np.dot(live.vectors(row).vector, query.vector)), abs=1e-5)


def test_a_sentence_is_read_with_the_token_vectors_that_its_passage_was_given(retriever: Retriever) -> None:
    (passage,) = retriever.passages("hospital.md")
    for row in retriever.sentences(passage.passage_id):
        found = retriever.sentence_tokens(passage, row.sentence)
        tokens, spans, _ = word_vectors(row.sentence.text)
        assert found is not None
        assert np.array_equal(found.tokens, quantised(tokens))
        assert np.array_equal(found.spans, spans)


def test_no_vectors_are_given_for_what_the_index_does_not_hold(retriever: Retriever) -> None:
    (passage,) = retriever.passages("hospital.md")
    sentence = retriever.sentences(passage.passage_id)[-1].sentence
    before = replace(passage, text=passage.text.replace("approves", "rejects"))
    assert retriever.sentence_tokens(before, sentence) is None
    assert retriever.sentence_tokens(replace(passage, passage_id="nothing.md#1"), sentence) is None


def test_a_sentence_that_the_model_was_not_shown_to_its_end_has_no_vectors(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    long = "The first of these is short. The other goes on about " + "bylaws, budgets, " * 60 + "and beds."
    (tmp_path / "docs" / "long.txt").write_text(long, encoding="utf-8")
    build_index(tmp_path / "docs", index=tmp_path / "index", embeddings=Forgetful())
    with Retriever.open(tmp_path / "index", embeddings=Forgetful()) as opened:
        (passage,) = opened.passages("long.txt")
        short, other = (row.sentence for row in opened.sentences(passage.passage_id))
        assert opened.sentence_tokens(passage, short) is not None
        assert opened.sentence_tokens(passage, other) is None
