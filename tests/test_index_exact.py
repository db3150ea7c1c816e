import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from index import Retriever, build_index
from index.encodings import unit_rows
from index.exact import check_files, nearest
from tests.fakes import KeywordEncoder

ROOT = Path(__file__).parent.parent
RANDOM = np.random.default_rng(5)
WORDS = "board bylaws staff salary survey health center drugs program patients physician chief officer medical".split()
QUERIES = ("salary of the chief", "drugs program", "medical staff bylaws", "zebra")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, place = tmp_path_factory.mktemp("docs"), tmp_path_factory.mktemp("index")
    for n in range(40):
        text = " ".join(RANDOM.choice(WORDS, size=12))
        (folder / f"{n:02}.md").write_text(f"# Paper {n}\n\n{text} number {n}.\n", encoding="utf-8")
    build_index(folder, index=place, embeddings=KeywordEncoder())
    return place


def test_comparing_all_finds_what_chroma_finds(index: Path) -> None:
    with Retriever.open(index, embeddings=KeywordEncoder()) as retriever:
        live = retriever._live
        assert live.compared is not None
        for query in QUERIES:
            vector = retriever.analyse(query).vector
            found = nearest(live.compared, vector, k=40, allowed=None)
            ids = live.catalog.ids([number for number, _ in found])
            theirs = dict(live.store.query(vector, k=40))
            assert {ids[number]: cosine for number, cosine in found} == pytest.approx(theirs, abs=1e-5)


def test_a_search_on_disk_does_not_import_chroma(index: Path) -> None:
    program = (
        "import sys; from index import Retriever; from tests.fakes import KeywordEncoder\n"
        f"found = Retriever.open({str(index)!r}, embeddings=KeywordEncoder()).search('salary survey')\n"
        "print(len(found), 'chromadb' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.split() == ["10", "False"]


def test_the_nearest_rows_come_first_and_equal_ones_by_number() -> None:
    vectors = unit_rows(RANDOM.standard_normal((30, 8)).astype(np.float32))
    vectors[17] = vectors[4]
    query = vectors[4]
    cosines = [sum(a * b for a, b in zip(row, query, strict=True)) for row in vectors.tolist()]
    expected = sorted(range(30), key=lambda n: (-round(cosines[n], 5), n))[:6]
    found = nearest(vectors, query, k=6, allowed=None)
    assert [n for n, _ in found] == expected
    assert expected[:2] == [4, 17]
    assert [cosine for _, cosine in found] == pytest.approx([cosines[n] for n in expected], abs=1e-6)


def test_what_is_not_allowed_is_not_found() -> None:
    vectors = unit_rows(RANDOM.standard_normal((10, 8)).astype(np.float32))
    allowed = np.array([n in (2, 3, 7) for n in range(10)])
    assert {n for n, _ in nearest(vectors, vectors[5], k=10, allowed=allowed)} == {2, 3, 7}


def test_a_database_of_chroma_that_is_gone_emptied_or_cut_is_noticed(index: Path, tmp_path: Path) -> None:
    (whole,) = (index / "versions").glob("*/chroma")
    check_files(whole)
    with pytest.raises(ValueError, match="missing"):
        check_files(tmp_path)
    copy = Path(shutil.copytree(whole, tmp_path / "chroma")) / "chroma.sqlite3"
    content = copy.read_bytes()
    copy.write_bytes(content[: len(content) // 2])
    with pytest.raises((ValueError, sqlite3.DatabaseError)):
        check_files(copy.parent)
    copy.write_bytes(b"")
    with pytest.raises(ValueError, match="empty"):
        check_files(copy.parent)
