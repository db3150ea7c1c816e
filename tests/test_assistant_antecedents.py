from pathlib import Path

import pytest

from assistant.antecedents import below_heading, with_subject
from index import Retriever, build_index


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Dr. Hale is the CMO. Mr. Marsh gave the figures. He blamed the agency.", "He [Mr. Marsh] blamed the agency."),
        ("The CMO spoke to all of the board. She asked for a nurse.", "She [The CMO] asked for a nurse."),
        ("The CMO was told. A man of 58 came back. He is doing fine.", "He is doing fine."),
        ("The CMO was told.\n\nHe is doing fine.", "He [The CMO] is doing fine."),
        ("CMOs lead the staff. That is much work. They also teach.", "They [CMOs] also teach."),
        ("The pod has 12 beds. It opens on Friday.", "It [The pod] opens on Friday."),
    ],
)
def test_a_pronoun_is_told_only_where_it_is_plain_whom_it_means(tmp_path: Path, text: str, shown: str) -> None:
    (tmp_path / "a.md").write_text(f"# Minutes\n\n{text}\n", encoding="utf-8")
    build_index(tmp_path, index=tmp_path / "index")
    with Retriever.open(tmp_path / "index") as retriever:
        passage = retriever.passages("a.md")[-1]
        last = retriever.sentences(passage.passage_id)[-1].sentence
        assert with_subject(last, "a.md", retriever) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("## Courtesy staff\n\nThey see few patients. Annual dues are $200.", "[Courtesy staff] Annual dues are $200."),
        ("4.2 Courtesy Staff. Some see few. Annual dues are $200.", "[Courtesy Staff] Annual dues are $200."),
        ("4.2 Courtesy Staff. Some see few. Courtesy staff pay $200.", "Courtesy staff pay $200."),
        ("## Dues\n\nAnnual dues are $200.", "Annual dues are $200."),
        ("## What are the dues?\n\nThey are $200 a year.", "[What are the dues?] They are $200 a year."),
        ("## What are the dues?\n\nThey are set by the board each year.", "They are set by the board each year."),
        ("## What are the dues?\n\nAsk the office. They are $200.", "They are $200."),
        ("## Is there a fee?\n\nNo, and that will not change.", "[Is there a fee?] No, and that will not change."),
        ("Annual dues are $200.", "Annual dues are $200."),
        (
            "## Active staff\n\nIn every year of service, members must come to no less than one half of all meetings.",
            "In every year of service, members must come to no less than one half of all meetings.",
        ),
        ("## Active staff\n\n" + "It is so. " * 60 + "Dues are $200.", "Dues are $200."),
        ("## Active staff\n\nDues: $200", "Dues: $200"),
    ],
)
def test_a_short_sentence_is_shown_with_the_heading_that_tells_what_it_is_about(
    tmp_path: Path, text: str, shown: str
) -> None:
    assert last_below(tmp_path, f"# Bylaws\n\n{text}\n", "a.md") == shown


def test_a_sentence_of_a_message_is_shown_with_its_sender(tmp_path: Path) -> None:
    told = "I have decided to buy the new alarm for each one of the wards at once"
    letter = f"From: Ann Lee\nTo: Bo Ray\nSubject: Alarm\n\n{told}.\n"
    assert last_below(tmp_path, letter, "a.txt") == f"[From: Ann Lee] {told}."


def last_below(folder: Path, text: str, name: str) -> str:
    (folder / name).write_text(text, encoding="utf-8")
    build_index(folder, index=folder / "index")
    with Retriever.open(folder / "index") as retriever:
        passage = retriever.passages(name)[-1]
        last = retriever.sentences(passage.passage_id)[-1].sentence
        return below_heading(last, passage, retriever)
