import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from corpus.documents import Passage
from corpus.errors import UserError
from index import Retriever, build_index
from index.encodings import unit_rows
from index.store import VectorStore, passage_metadata
from tests.fakes import KeywordEncoder


def passage(ordinal: int) -> Passage:
    return Passage(
        passage_id=f"a.md#{ordinal}",
        doc_id="a.md",
        title="A",
        text=f"text {ordinal}",
        headings=("One", "Two"),
        start=0,
        end=6,
        page=None,
    )


def filled(store: VectorStore, vectors: np.ndarray, settings: list[tuple[str, ...]]) -> None:
    passages = [passage(n) for n in range(len(vectors))]
    store.create()
    store.add(
        [p.passage_id for p in passages],
        vectors,
        [p.text for p in passages],
        [passage_metadata(p, s) for p, s in zip(passages, settings, strict=True)],
    )


@pytest.fixture
def store(tmp_path: Path) -> Iterator[VectorStore]:
    opened = VectorStore(tmp_path / "chroma", "passages-1")
    yield opened
    opened.close()


def test_scores_are_cosines_and_the_order_is_that_of_exact_search(store: VectorStore) -> None:
    vectors = unit_rows(np.random.default_rng(3).standard_normal((300, 16)).astype(np.float32))
    filled(store, vectors, [("any",)] * 300)
    exact = vectors @ vectors[17]
    order = sorted(range(300), key=lambda n: (-exact[n], f"a.md#{n}"))[:10]
    found = store.query(vectors[17], k=10)
    assert [key for key, _ in found] == [f"a.md#{n}" for n in order]
    assert [score for _, score in found] == pytest.approx([exact[n] for n in order], abs=1e-5)
    assert store.count() == 300


def test_a_setting_keeps_what_names_it_or_any(store: VectorStore) -> None:
    vectors = unit_rows(np.ones((4, 3), dtype=np.float32))
    filled(store, vectors, [("hospital",), ("payer", "pharma"), ("any",), ()])
    assert [key for key, _ in store.query(vectors[0], k=9, setting="hospital")] == ["a.md#0", "a.md#2"]
    assert [key for key, _ in store.query(vectors[0], k=9, setting="pharma")] == ["a.md#1", "a.md#2"]
    assert [key for key, _ in store.query(vectors[0], k=9, setting="any")] == ["a.md#2"]


def test_more_than_one_batch_of_chroma_is_added(store: VectorStore) -> None:
    vectors = unit_rows(np.random.default_rng(3).standard_normal((5_600, 4)).astype(np.float32))
    filled(store, vectors, [("any",)] * 5_600)
    assert store.count() == 5_600


def test_a_dropped_collection_can_be_dropped_again(store: VectorStore) -> None:
    filled(store, unit_rows(np.ones((1, 3), dtype=np.float32)), [("any",)])
    store.drop()
    store.drop()


def test_text_that_is_not_unicode_is_stored(store: VectorStore) -> None:
    store.create()
    store.add(["x"], np.ones((1, 3), dtype=np.float32), ["a \ud800"], [{"title": "t"}])
    assert store.count() == 1


@pytest.mark.parametrize("address", ["localhost:8000", "ftp://host", "http://"])
def test_an_odd_address_is_named(address: str) -> None:
    with pytest.raises(UserError, match="is no Chroma address"):
        VectorStore(address, "passages-1")


def test_a_server_that_is_away_is_named_with_the_next_step(tmp_path: Path) -> None:
    address = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(UserError, match=f"no Chroma server answers at {address}; start one: chroma run"):
        VectorStore(address, "passages-1")
    (tmp_path / "a.md").write_text("# A\n\nText.\n", encoding="utf-8")
    with pytest.raises(UserError, match="no Chroma server answers"):
        build_index(tmp_path, index=tmp_path / "index", embeddings=KeywordEncoder(), chroma=address)
    assert not (tmp_path / "index" / "versions").exists()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    port = free_port()
    program = Path(sys.executable).with_name("chroma")
    command = [program, "run", "--path", tmp_path / "served", "--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def wait_for(port: int) -> None:
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("the Chroma server did not start")


@pytest.mark.slow
def test_an_index_on_a_server_answers_like_one_in_a_folder(server: str, tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    made = []
    for n in range(3):
        (folder / f"{n}.md").write_text(f"# Number {n}\n\nThe board met {n} times on {n} days.\n", encoding="utf-8")
        options = {"embeddings": KeywordEncoder(), "headers": {"x-chroma-token": "unused"}}
        made.append(build_index(folder, index=tmp_path / "served-index", chroma=server, **options).version)
        build_index(folder, index=tmp_path / "index", embeddings=KeywordEncoder())
    answers = []
    for place in ("index", "served-index"):
        with Retriever.open(tmp_path / place, embeddings=KeywordEncoder()) as retriever:
            answers.append(retriever.search("board 2 days"))
    assert answers[0] == answers[1]
    assert not (tmp_path / "served-index" / "versions" / made[-1] / "chroma").exists()
    stores = [VectorStore(server, f"passages-{version}") for version in made]
    assert [s._client.count_collections() for s in stores] == [2, 2, 2]
    assert (stores[1].count(), stores[2].count()) == (2, 3)
    for opened in stores:
        opened.close()
