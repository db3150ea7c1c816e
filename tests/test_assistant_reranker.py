"""What reads question and sentence together: on documents of no prepared kind, so on text that it was not fitted on."""

from pathlib import Path

import pytest

from assistant import Assistant, open_assistant
from assistant.evidence import Evidence, rank_evidence
from assistant.questions import read_question
from assistant.reranker import MOST, headed, in_their_place, load_adapter, pair, read, read_likeliest, reworth
from assistant.weights import load_weights
from index import build_index

LEAVE = (
    "# Leave\n\n## Parental leave\n\nNew parents get sixteen weeks.\n\nTell your manager two months ahead:\n\n"
    "- by letter\n- by mail\n\n## Sick leave\n\nCall the desk before eight. A note is asked for from day three on.\n"
)


@pytest.fixture(scope="module")
def leave(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    folder: Path = tmp_path_factory.mktemp("leave")
    (folder / "leave.md").write_text(LEAVE, encoding="utf-8")
    build_index(folder, index=folder / "index")
    return open_assistant(index=folder / "index")


def ranked(assistant: Assistant, question: str) -> list[Evidence]:
    form = read_question(question)
    return rank_evidence(form, assistant.retriever.search(form.search_text, k=5), assistant.retriever)


def test_what_answers_is_told_from_what_speaks_of_the_same(leave: Assistant) -> None:
    sentences = [
        "The library was built in 1932 by the architect Ruth Lang.",
        "The library holds 40,000 books and many of its architect's letters.",
        "Architects often visit the library.",
    ]
    who, what = (
        read(question, sentences, leave.retriever.encoder)
        for question in ("Who designed the library?", "How many books does the library have?")
    )
    assert max(who) == who[0]
    assert max(what) == what[1]
    assert read("Who designed the library?", sentences[1:], leave.retriever.encoder) == pytest.approx(who[1:], abs=1e-3)


def test_behind_a_question_of_pages_the_sentence_is_still_read(leave: Assistant) -> None:
    question = f"Who designed the library? {'I would like to know. ' * 180}"
    right, wrong = read(question, ["Ruth Lang designed the library.", "Lunch is at noon."], leave.retriever.encoder)
    assert right > wrong


def test_a_sentence_is_read_below_its_title_and_heading_and_an_item_behind_its_lead(leave: Assistant) -> None:
    retriever = leave.retriever
    rows = [
        row
        for entry in retriever.documents()
        for passage in retriever.passages(entry.doc_id)
        for row in retriever.sentences(passage.passage_id)
        if row.sentence.kind != "heading"
    ]
    texts = dict(zip((row.sentence.text for row in rows), in_their_place(rows), strict=True))
    assert all(text.startswith("Leave") for text in texts.values())
    assert texts["by letter"].endswith("Tell your manager two months ahead: by letter")
    assert texts["Call the desk before eight."].endswith(". Call the desk before eight.")
    assert (headed("Leave"), headed("Leave", "Sick")) == ("Leave. ", "Leave: Sick. ")
    assert pair("Who?", "Leave. We do.") == "Who? [SEP] Leave. We do."


def test_only_the_likeliest_are_read_and_the_others_count_as_the_least_of_them(leave: Assistant) -> None:
    sentences = [f"Rule {n} is about something." for n in range(MOST)] + ["The fee is nine dollars."]
    told = read_likeliest("What is the fee?", sentences, [1.0] * MOST + [0.0], leave.retriever.encoder)
    assert told[-1] == min(told)
    first = read_likeliest("What is the fee?", sentences, [1.0] * MOST + [2.0], leave.retriever.encoder)
    assert first[-1] == max(first) > told[-1]


def test_what_it_says_counts_beside_what_the_words_say() -> None:
    weights = load_weights("ranking_read")
    assert weights.names == ("worth", "read")
    assert all(coefficient > 0 for coefficient in weights.coefficients)
    likely, less, other = reworth([1.0, 1.0, 0.0], [3.0, -3.0, 3.0])
    assert likely > less
    assert likely > other


def test_sentences_of_unprepared_documents_are_read_and_no_others(leave: Assistant) -> None:
    assert all(e.read is not None for e in ranked(leave, "How long is parental leave?"))
    assert all(e.read is None for e in ranked(open_assistant(), "What does a CMO earn?"))


def test_it_is_a_change_of_the_default_model(leave: Assistant) -> None:
    assert load_adapter().projection.shape == (384, 1)
    assert leave.retriever.encoder.adapted(load_adapter()).identity().sha256.endswith(load_adapter().sha256)
