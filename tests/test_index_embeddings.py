import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

from index import Encoder, Retriever, build_index
from index.embeddings import DEFAULT_MODEL, DEFAULT_WEIGHTS, default_folder, load_sentence_transformer
from index.encodings import passage_key, quantised, safe_text, unit_rows

ROOT = Path(__file__).parent.parent
TEXTS = [
    "How does a chief medical officer differ from a medical director?",
    "42 CFR 482.22",
    "x",
    "The governing body approves the bylaws of the medical staff. " * 30,
    "The governing body approves the bylaws of the medical staff. " * 100,  # beyond 512 tokens
    "naïve façade 東京 😀 \u0301",
]


def test_importing_the_package_loads_nothing_heavy() -> None:
    heavy = "torch sentence_transformers transformers onnxruntime tokenizers chromadb langchain_core bm25s"
    code = f"import sys, index; sys.exit(' '.join(m for m in {heavy.split()!r} if m in sys.modules) or 0)"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")


def test_the_default_model_is_known_without_loading_it() -> None:
    identity = Encoder().identity()
    assert (identity.name, identity.sha256, identity.dimension) == (DEFAULT_MODEL, DEFAULT_WEIGHTS, 384)


def test_lone_surrogates_are_replaced_one_for_one() -> None:
    assert safe_text("a\ud800b\udfff") == "a?b?"
    assert safe_text("東京 😀") == "東京 😀"


def test_unit_rows_keep_zero_and_int8_keeps_the_direction() -> None:
    rows = unit_rows(np.array([[3.0, 4.0], [0.0, 0.0]], dtype=np.float32))
    assert rows.tolist() == [[pytest.approx(0.6), pytest.approx(0.8)], [0.0, 0.0]]
    assert quantised(rows).tolist() == [[76, 102], [0, 0]]


def test_a_key_tells_prefix_from_body() -> None:
    assert passage_key("a", "bc") != passage_key("ab", "c")
    assert passage_key("a", "b") == passage_key("a", "b")


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder()


@pytest.mark.slow
def test_onnx_runtime_gives_the_vectors_of_sentence_transformers(encoder: Encoder) -> None:
    model = load_sentence_transformer(DEFAULT_MODEL)
    expected = model.encode(TEXTS, normalize_embeddings=True)
    found = encoder.encode_passages([("", text) for text in TEXTS])
    assert np.abs(found.vectors - expected).max() < 1e-4
    for text in TEXTS:
        (output,) = model.encode([text], output_value="token_embeddings")
        tokens = unit_rows(output.float().cpu().numpy())[1:-1]
        query = encoder.encode_query(text)
        assert query.tokens.shape == tokens.shape
        assert np.abs(query.tokens - tokens).max() < 1e-4
    assert model.max_seq_length == 512


@pytest.mark.slow
def test_token_vectors_leave_out_the_prefix_and_point_into_the_body(encoder: Encoder) -> None:
    body = "Dr. Núñez approves the bylaws."
    found = encoder.encode_passages([("Title > Heading\n", body), ("", body)])
    for n in (0, 1):
        words = [body[start:end] for start, end in found.spans[n]]
        assert words[-4:] == ["by", "law", "s", "."]
        assert words[0] == "Dr"
        assert len(found.tokens[n]) == len(words) == len(found.pieces[n])
        assert np.linalg.norm(found.tokens[n].astype(np.float32) / 127, axis=1) == pytest.approx(1, abs=0.02)
    assert found.pieces[0].tolist() == found.pieces[1].tolist()
    assert not np.allclose(found.vectors[0], found.vectors[1])


@pytest.mark.slow
def test_the_order_of_the_input_is_kept_whatever_the_batches(encoder: Encoder) -> None:
    texts = [f"{'word ' * (n * 7 % 40)}{n}" for n in range(40)]
    together = encoder.encode_passages([("", text) for text in texts]).vectors
    alone = np.array([encoder.encode_query(text).vector for text in texts])
    assert np.abs(together - alone).max() < 1e-4


@pytest.mark.slow
@pytest.mark.parametrize("text", ["", "\ud800", "\u200b", "\x00", "a " * 100_000])
def test_odd_queries_are_encoded(encoder: Encoder, text: str) -> None:
    query = encoder.encode_query(text)
    assert np.linalg.norm(query.vector) == pytest.approx(1, abs=1e-4)
    assert len(query.tokens) == len(query.pieces) == len(query.spans) <= 510


@pytest.mark.slow
def test_another_model_runs_through_sentence_transformers_and_fits(encoder: Encoder) -> None:
    other = Encoder(str(default_folder()))  # the same weights by their path: not the model that is exported
    passages = [("Title\n", text) for text in TEXTS[:3]]
    expected, found = encoder.encode_passages(passages), other.encode_passages(passages)
    assert np.abs(found.vectors - expected.vectors).max() < 1e-4
    for n in range(3):
        assert found.spans[n].tolist() == expected.spans[n].tolist()
        assert np.abs(found.tokens[n].astype(int) - expected.tokens[n]).max() <= 1
    assert other.identity().dimension == 384
    assert len(other.identity().sha256) == 64


@pytest.mark.slow
def test_a_cache_that_cannot_be_written_falls_back_with_a_warning(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    encoder = Encoder(cache=tmp_path / "file")
    with pytest.warns(UserWarning, match="cannot hold the model"):
        query = encoder.encode_query(TEXTS[0])
    assert np.abs(query.vector - Encoder().encode_query(TEXTS[0]).vector).max() < 1e-4


@pytest.mark.slow
def test_an_export_is_made_once_and_leaves_no_part_behind(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Encoder(cache=tmp_path).encode_query("bylaws")
    (exported,) = (path for path in tmp_path.rglob("*") if path.is_file())
    assert exported.relative_to(tmp_path).as_posix() == f"{DEFAULT_WEIGHTS}/model-1.onnx"
    before = exported.stat().st_mtime_ns
    Encoder(cache=tmp_path).encode_query("bylaws")
    assert exported.stat().st_mtime_ns == before


@pytest.mark.slow
def test_a_search_in_a_new_process_needs_neither_torch_nor_langchain(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").write_text("# Pay\n\nThe bonus of a chief medical officer.\n", encoding="utf-8")
    (tmp_path / "docs" / "b.md").write_text("# Law\n\nThe bylaws of the medical staff.\n", encoding="utf-8")
    build_index(tmp_path / "docs", index=tmp_path / "index")
    code = (
        "import sys\nfrom index import Retriever\n"
        "with Retriever.open(sys.argv[1]) as retriever:\n"
        "    print(retriever.search('How is a CMO paid?')[0].passage.doc_id)\n"
        "heavy = ('torch', 'sentence_transformers', 'transformers', 'langchain_core')\n"
        "sys.exit(' '.join(m for m in heavy if m in sys.modules) or 0)\n"
    )
    environment = {**os.environ, "HF_HUB_OFFLINE": "1"}
    result = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "index")],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.stdout, result.stderr, result.returncode) == ("a.md\n", "", 0)
    with Retriever.open(tmp_path / "index") as retriever:
        hits = retriever.search("rules for physicians at a hospital")
        assert hits[0].passage.doc_id == "b.md"


@pytest.mark.slow
def test_langchain_embeddings_give_the_vectors_of_the_encoder(encoder: Encoder) -> None:
    embeddings = encoder.as_langchain()
    assert np.abs(np.array(embeddings.embed_query("bylaws")) - encoder.encode_query("bylaws").vector).max() < 1e-6
    assert len(embeddings.embed_documents(["a", "b"])) == 2
    assert embeddings.embed_documents([]) == []
