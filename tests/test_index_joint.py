"""Several indexes read as one: the same hits and scores as one index of all the documents would give."""

from pathlib import Path

import numpy as np
import pytest

from corpus.errors import UserError
from index import JointRetriever, Retriever, build_index
from index.rerank import frequencies_of, piece_weights
from tests.fakes import KeywordEncoder

LAW = "# Law\n\nThe governing body approves the bylaws. The medical staff elects a president.\n"
DRUGS = "# Drugs\n\nA health center (HC) buys drugs under the 340B program.\n"
PAY = "# Pay\n\nThe committee sets the pay of physicians once a year.\n"


def indexed(folder: Path, name: str, **texts: str) -> Retriever:
    docs = folder / name
    docs.mkdir()
    for stem, text in texts.items():
        (docs / f"{stem}.md").write_text(text, encoding="utf-8")
    build_index(docs, index=folder / f"{name}-index", embeddings=KeywordEncoder())
    return Retriever.open(folder / f"{name}-index", embeddings=KeywordEncoder())


@pytest.mark.parametrize("query", ["who approves the bylaws", "drugs under the 340B program", "pay of physicians"])
def test_two_indexes_rank_and_score_as_one_index_of_both_would(tmp_path: Path, query: str) -> None:
    with (
        indexed(tmp_path, "base", law=LAW, drugs=DRUGS) as base,
        indexed(tmp_path, "own", pay=PAY) as own,
        indexed(tmp_path, "whole", law=LAW, drugs=DRUGS, pay=PAY) as whole,
    ):
        joint = JointRetriever([base, own])
        expected = whole.search(query)
        found = joint.search(query)
        assert [hit.passage for hit in found] == [hit.passage for hit in expected]
        assert [hit.score for hit in found] == pytest.approx([hit.score for hit in expected], abs=1e-6)
        assert [joint.idf(word) for word in query.split()] == pytest.approx([whole.idf(w) for w in query.split()])
        assert joint.vocabulary == whole.vocabulary
        assert joint.acronyms == whole.acronyms == {"HC": "health center"}
        assert joint.documents() == whole.documents()
        ids = [hit.passage.passage_id for hit in found]
        mine, theirs = (r.sentence_scores(r.analyse(query), ids) for r in (joint, whole))
        assert [s.row for s in mine] == [s.row for s in theirs]
        assert [s.maxsim for s in mine] == pytest.approx([s.maxsim for s in theirs], abs=1e-6)
        for scored in mine:
            stored = joint.sentence_tokens(scored.row.passage, scored.row.sentence)
            assert stored is not None
            assert np.array_equal(stored.tokens, scored.tokens)


def test_passages_that_state_a_fact_come_from_every_part(tmp_path: Path) -> None:
    tied = f"---\ntitle: Law\nfacts:\n  F1: {{sources: []}}\n---\n\n{LAW.splitlines()[2]} <!-- F1 -->\n"
    with indexed(tmp_path, "base", drugs=DRUGS) as base, indexed(tmp_path, "own", law=tied) as own:
        joint = JointRetriever([base, own])
        query = joint.analyse("who approves the bylaws")
        [hit] = joint.stating(query, ["F1"])
        assert hit == joint.search("who approves the bylaws")[0]
        assert joint.stating(query, ["F2"]) == joint.stating(query, []) == []


def test_passages_near_a_vector_come_from_every_part(tmp_path: Path) -> None:
    with indexed(tmp_path, "base", law=LAW) as base, indexed(tmp_path, "own", drugs=DRUGS) as own:
        joint = JointRetriever([base, own])
        query = joint.analyse("who approves the bylaws")
        found = joint.near(query, query.vector, k=1)
        assert {hit.passage.doc_id for hit in found} == {"law.md", "drugs.md"}
        assert found[0] == joint.search("who approves the bylaws")[0]


def test_a_new_version_of_a_part_is_taken_up(tmp_path: Path) -> None:
    with indexed(tmp_path, "base", law=LAW) as base, indexed(tmp_path, "own", drugs=DRUGS) as own:
        joint = JointRetriever([base, own])
        before = joint.version, joint.idf("committee")
        assert not joint.reload_if_changed()
        (tmp_path / "own" / "pay.md").write_text(PAY, encoding="utf-8")
        build_index(tmp_path / "own", index=tmp_path / "own-index", embeddings=KeywordEncoder())
        assert joint.reload_if_changed()
        assert joint.version != before[0]
        assert joint.idf("committee") < before[1]
        assert joint.search("pay of physicians")[0].passage.doc_id == "pay.md"


def test_the_parts_stay_open_when_the_joint_one_is_closed(tmp_path: Path) -> None:
    with indexed(tmp_path, "base", law=LAW) as base, indexed(tmp_path, "own", pay=PAY) as own:
        with JointRetriever([base, own]) as joint:
            assert joint.document("pay.md") is not None
            assert joint.document("none.md") is None
        assert base.search("bylaws")[0].passage.doc_id == "law.md"


def test_indexes_of_different_models_are_refused_by_name(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "law.md").write_text(LAW, encoding="utf-8")
    opened = []
    for name in ("one-model", "other-model"):
        encoder = KeywordEncoder(name)
        build_index(docs, index=tmp_path / name, embeddings=encoder)
        opened.append(Retriever.open(tmp_path / name, embeddings=encoder))
    with opened[0], opened[1], pytest.raises(UserError, match="one-model, other-model"):
        JointRetriever(opened)


def test_frequencies_are_read_back_from_the_weights_exactly() -> None:
    counts = np.array([0, 1, 2, 7, 400, 511, 512])
    assert frequencies_of(piece_weights(counts, passages=512), passages=512).tolist() == counts.tolist()
