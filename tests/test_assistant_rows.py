from pathlib import Path

import pytest

from assistant import Assistant, open_assistant
from assistant.rows import MOST, NAMED, NOT_MOST, NOT_NAMED, by_row
from index import SentenceRow, build_index

PAY = (
    "# Pay\n\n| Specialty | Base salary | Annual target | Rate above target |\n|---|---|---|---|\n"
    "| Cardiology | $486,000 | 8,100 | $54 |\n| Psychiatry | $271,000 | 4,000 | $61 |\n"
    "| Family medicine | $248,000 | 4,900 | $47 |\n\nThe target is prorated for psychiatry.\n"
)


@pytest.fixture(scope="module")
def pay(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    folder: Path = tmp_path_factory.mktemp("pay")
    (folder / "pay.md").write_text(PAY, encoding="utf-8")
    build_index(folder, index=folder / "index")
    return open_assistant(index=folder / "index")


@pytest.fixture(scope="module")
def rows(pay: Assistant) -> list[SentenceRow]:
    passages = [p for entry in pay.retriever.documents() for p in pay.retriever.passages(entry.doc_id)]
    return [row for p in passages for row in pay.retriever.sentences(p.passage_id) if row.sentence.kind != "heading"]


@pytest.mark.parametrize(
    ("question", "times"),
    [
        ("What is the base salary for psychiatry?", (NOT_NAMED, NAMED, NOT_NAMED, 1.0)),
        ("Base pay of a psychiatrist and a cardiologist?", (NAMED, NAMED, NOT_NAMED, 1.0)),
        ("Which specialty has the highest annual target?", (MOST, NOT_MOST, NOT_MOST, 1.0)),
        ("Who has the lowest base salary?", (NOT_MOST, NOT_MOST, MOST, 1.0)),
        ("Who has the largest office?", (1.0, 1.0, 1.0, 1.0)),
        ("How are targets set?", (1.0, 1.0, 1.0, 1.0)),
    ],
)
def test_of_a_table_the_rows_count_that_are_asked_for(
    rows: list[SentenceRow], question: str, times: tuple[float, ...]
) -> None:
    assert tuple(by_row(question, rows)) == times


def test_one_row_alone_and_text_without_rows_stay_as_they_are(rows: list[SentenceRow]) -> None:
    assert by_row("What is the base salary for psychiatry?", rows[:1]) == [1.0]
    assert by_row("Psychiatry?", rows[-1:]) == [1.0]
    assert by_row("Psychiatry?", []) == []


def test_an_answer_shows_the_row_asked_for_and_no_other(pay: Assistant) -> None:
    text = pay.answer("What is the guaranteed base salary for psychiatry?").text
    assert "$271,000" in text
    assert "$486,000" not in text
    assert "$248,000" not in text
