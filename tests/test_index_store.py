import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from benchmarks.chroma_server import HEADERS, ChromaServer, free_port, guarded, running
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


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChromaServer]:
    with running(tmp_path_factory.mktemp("served")) as started:
        yield started


@pytest.fixture(scope="module")
def door(server: ChromaServer) -> Iterator[str]:
    with guarded(server.port) as address:
        yield address


@pytest.fixture(params=["folder", pytest.param("server", marks=pytest.mark.slow)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[VectorStore]:
    """The contract below holds in a folder and on a real server that asks for a header alike."""
    place = tmp_path / "chroma" if request.param == "folder" else request.getfixturevalue("door")
    opened = VectorStore(place, f"passages-{uuid.uuid4().hex}", headers=HEADERS)
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


@pytest.mark.slow
def test_a_server_that_shuts_the_door_is_told_with_the_variable_to_set(door: str) -> None:
    for headers in (None, {"authorization": "Bearer a-wrong-token"}):
        with pytest.raises(UserError, match=r"refuses the request \(401\); set CMO_CHROMA_HEADERS") as told:
            VectorStore(door, "passages-1", headers=headers)
        assert "a-wrong-token" not in str(told.value)


@pytest.mark.slow
@pytest.mark.parametrize("kill", [False, True])
def test_a_server_may_go_away_and_come_back(tmp_path: Path, kill: bool) -> None:
    vectors = unit_rows(np.random.default_rng(3).standard_normal((50, 8)).astype(np.float32))
    with running(tmp_path) as chroma, guarded(chroma.port) as door:
        stores = [VectorStore(place, "passages-1", headers=HEADERS) for place in (chroma.address, door)]
        filled(stores[0], vectors, [("any",)] * 50)
        before = [store.query(vectors[7], k=5) for store in stores]
        chroma.stop(kill=kill)
        for store in stores:
            with pytest.raises(UserError, match=r"no Chroma server answers at \S+; start one: chroma run"):
                store.query(vectors[7], k=5)
        chroma.start()
        assert [store.query(vectors[7], k=5) for store in stores] == before
        for store in stores:
            store.close()


_CLIENT = """
import sys
import time
import numpy as np
from benchmarks.chroma_server import HEADERS
from index.store import VectorStore
address, first = sys.argv[1], int(sys.argv[2])
vectors = np.random.default_rng(5).standard_normal((128, 16)).astype(np.float32)[first : first + 64]
store = VectorStore(address, "passages-shared", headers=HEADERS)
for n in range(64):
    store.add([f"a.md#{first + n}"], vectors[n : n + 1], ["text"], [{"n": n}])
    for _ in range(50):  # while another process writes too, a row is found soon, not always at once
        if store.query(vectors[n], k=1)[0][0] == f"a.md#{first + n}":
            break
        time.sleep(0.1)
    else:
        raise AssertionError(f"a.md#{first + n} is not found")
store.close()
"""


@pytest.mark.slow
def test_two_processes_may_write_and_search_at_once(door: str) -> None:
    shared = VectorStore(door, "passages-shared", headers=HEADERS)
    shared.create()
    clients = [subprocess.Popen([sys.executable, "-c", _CLIENT, door, str(first)]) for first in (0, 64)]
    assert [client.wait(120) for client in clients] == [0, 0]
    assert shared.count() == 128
    vectors = np.random.default_rng(5).standard_normal((128, 16)).astype(np.float32)  # those of _CLIENT
    nearest = [shared.query(vector, k=1)[0] for vector in vectors]
    assert [key for key, _ in nearest] == [f"a.md#{n}" for n in range(128)]
    shared.close()


@pytest.mark.slow
def test_an_index_on_a_server_answers_like_one_in_a_folder(door: str, tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    made = []
    for n in range(3):
        (folder / f"{n}.md").write_text(f"# Number {n}\n\nThe board met {n} times on {n} days.\n", encoding="utf-8")
        options = {"embeddings": KeywordEncoder(), "headers": HEADERS}
        made.append(build_index(folder, index=tmp_path / "served-index", chroma=door, **options).version)
        build_index(folder, index=tmp_path / "index", embeddings=KeywordEncoder())
    answers = []
    for place in ("index", "served-index"):
        with Retriever.open(tmp_path / place, embeddings=KeywordEncoder(), headers=HEADERS) as retriever:
            answers.append(retriever.search("board 2 days"))
    assert answers[0] == answers[1]
    assert not (tmp_path / "served-index" / "versions" / made[-1] / "chroma").exists()
    stores = [VectorStore(door, f"passages-{version}", headers=HEADERS) for version in made]
    assert [s.name in {c.name for c in s._client.list_collections()} for s in stores] == [False, True, True]
    assert (stores[1].count(), stores[2].count()) == (2, 3)
    for opened in stores:
        opened.close()


def write_meetings(folder: Path, often: str) -> Path:
    folder.mkdir(exist_ok=True)
    for n in range(3):
        text = f"# Number {n}\n\nThe board met {often} on {n} days.\n"
        (folder / f"{n}.md").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("kill", [False, True])
def test_an_index_whose_server_went_away_answers_and_is_built_again_when_it_is_back(tmp_path: Path, kill: bool) -> None:
    folder, index = write_meetings(tmp_path / "docs", "once"), tmp_path / "index"
    with running(tmp_path / "served") as chroma, guarded(chroma.port) as door:
        options = {"embeddings": KeywordEncoder(), "headers": HEADERS}
        first = build_index(folder, index=index, chroma=door, **options)
        with Retriever.open(index, **options) as retriever:
            before = retriever.search("board 2 days")
            assert before[0].passage.doc_id == "2.md"
            write_meetings(folder, "twice")
            chroma.stop(kill=kill)
            with pytest.raises(UserError, match="no Chroma server answers"):
                retriever.search("board 2 days")
            with pytest.raises(UserError, match="no Chroma server answers"):
                build_index(folder, index=index, chroma=door, **options)
            chroma.start()
            assert retriever.search("board 2 days") == before
            second = build_index(folder, index=index, chroma=door, **options)
            assert second.updated == ("0.md", "1.md", "2.md")
            assert retriever.reload_if_changed()
            assert "met twice" in retriever.search("board 2 days")[0].passage.text
    assert sorted(path.name for path in (index / "versions").iterdir()) == sorted((first.version, second.version))


_READER = """
import sys
from pathlib import Path
from benchmarks.chroma_server import HEADERS
from index import Retriever
from tests.fakes import KeywordEncoder
index, stop, asked = Path(sys.argv[1]), Path(sys.argv[2]), 0
with Retriever.open(index, embeddings=KeywordEncoder(), headers=HEADERS) as retriever:
    while not stop.exists() or not asked:
        for n in range(3):
            hit = retriever.search(f"board {n} days")[0].passage
            assert hit.doc_id == f"{n}.md", hit
            assert retriever.document(hit.doc_id).text[hit.start : hit.end] == hit.text
        asked += 1
        retriever.reload_if_changed()
    print(retriever.search("board 2 days")[0].passage.text)
"""


@pytest.mark.slow
def test_processes_that_share_a_server_answer_throughout_while_their_index_is_built_anew(
    door: str, tmp_path: Path
) -> None:
    index, stop = tmp_path / "index", tmp_path / "stop"
    options = {"embeddings": KeywordEncoder(), "headers": HEADERS, "chroma": door}
    build_index(write_meetings(tmp_path / "docs", "once"), index=index, **options)
    command = [sys.executable, "-c", _READER, index, stop]
    readers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    build_index(write_meetings(tmp_path / "docs", "twice"), index=index, **options)
    stop.touch()
    told = [reader.communicate(timeout=120)[0] for reader in readers]
    assert [reader.returncode for reader in readers] == [0, 0, 0]
    assert all("met twice" in each for each in told)
