import time
from pathlib import Path

import numpy as np

from corpus.documents import Attribution, Document, Passage, Sentence, Source
from index.catalog import Catalog, PassageRow, SentenceRow
from index.catalog_writer import CatalogWriter
from index.rows import RowFile

SOURCE = Source(source_id="s", title="T", publisher=None, url="https://example.org", date="2024")


def document(doc_id: str, text: str = "One. Two \ud800.") -> Document:
    return Document(
        doc_id=doc_id,
        title="Ünïcode \ud800",
        text=text,
        source=doc_id,
        publisher=None,
        url=None,
        date="2024",
        settings=("hospital", "payer"),
        summary="",
        questions=("Why?",),
        attributions=(Attribution(start=0, end=4, fact_ids=("f1",), sources=(SOURCE,), confidence="high"),),
        sha256="0" * 64,
    )


def passage(doc_id: str, n: int) -> Passage:
    return Passage(
        passage_id=f"{doc_id}#{n}",
        doc_id=doc_id,
        title="T",
        text="One. Two \ud800.",
        headings=("A", "B"),
        start=0,
        end=11,
        page=3,
    )


def written(path: Path, doc_ids: list[str]) -> Catalog:
    writer = CatalogWriter(path)
    for number, doc_id in enumerate(doc_ids):
        writer.add_document(document(doc_id), passages=1)
        row = PassageRow(passage=passage(doc_id, 1), number=number, key=f"k{number}", first=number, last=number + 1)
        sentence = Sentence(text="One.", start=0, end=4, kind="prose")
        writer.add_passage(row, [SentenceRow(sentence=sentence, passage=row.passage, first=0, last=1)])
    writer.close()
    return Catalog(path)


def test_values_come_back_equal_even_with_lone_surrogates(tmp_path: Path) -> None:
    catalog = written(tmp_path / "with space ?#%.sqlite", ["a.md", "b.md"])
    assert catalog.document("b.md") == document("b.md")
    row = catalog.passage("b.md#1")
    assert row is not None
    assert row.passage == passage("b.md", 1)
    assert catalog.numbered(1) == row == catalog.keyed("k1")
    assert catalog.keyed("nothing") is None
    assert catalog.ids([1, 0]) == {0: "a.md#1", 1: "b.md#1"}
    assert catalog.ids([]) == {}
    assert catalog.sentences("a.md#1")[0].sentence == Sentence(text="One.", start=0, end=4, kind="prose")
    assert catalog.documents()[0].questions == ("Why?",)
    assert catalog.numbers_of("payer") == [0, 1]
    assert catalog.numbers_of("pharma") == []
    assert [row.passage.passage_id for row in catalog.stating(["f1", "f2"])] == ["a.md#1", "b.md#1"]
    assert catalog.stating(["f2"]) == catalog.stating([]) == []
    catalog.close()


def test_the_first_document_to_explain_an_acronym_has_the_word(tmp_path: Path) -> None:
    texts = ["a health center (HC) here", "a hospital committee (HC); a chief nurse (CN);"]
    writer = CatalogWriter(tmp_path / "catalog.sqlite")
    for number, text in enumerate(texts):
        writer.add_document(document(f"{number}.md", text), passages=0)
    writer.close()
    catalog = Catalog(tmp_path / "catalog.sqlite")
    assert catalog.acronyms() == {"HC": "health center", "CN": "chief nurse"}
    catalog.close()


def test_the_initials_of_a_name_stand_for_it_where_no_document_uses_them(tmp_path: Path) -> None:
    texts = ["The Medical Executive Committee meets. In Harlow State College of Medicine none do.", "Ask the HSCM."]
    writer = CatalogWriter(tmp_path / "catalog.sqlite")
    for number, text in enumerate([*texts, "Members of the Board and of the Beta Basin Bureau met Blue Bell Bank."]):
        writer.add_document(document(f"{number}.md", text), passages=0)
    writer.close()
    catalog = Catalog(tmp_path / "catalog.sqlite")
    assert catalog.acronyms() == {"MEC": "medical executive committee"}
    catalog.close()


def test_a_passage_is_read_in_well_under_a_millisecond(tmp_path: Path) -> None:
    catalog = written(tmp_path / "catalog.sqlite", [f"{n:04}.md" for n in range(500)])
    seconds = []
    for n in range(500):
        started = time.perf_counter()
        catalog.passage(f"{n:04}.md#1")
        seconds.append(time.perf_counter() - started)
    assert sorted(seconds)[250] < 0.001
    catalog.close()


def test_a_file_of_rows_grows_and_opens_as_an_array(tmp_path: Path) -> None:
    rows = RowFile(tmp_path / "rows.npy", np.int8, 3)
    for n in range(1_234):
        rows.append(np.full((1, 3), n % 100, dtype=np.int8))
    rows.append(np.zeros((0, 3), dtype=np.int8))
    rows.close()
    rows.close()
    found = np.load(tmp_path / "rows.npy", mmap_mode="r")
    assert found.shape == (1_234, 3)
    assert found[:, 0].tolist() == [n % 100 for n in range(1_234)]
