from pathlib import Path

import pytest

from assistant.antecedents import with_subject
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
