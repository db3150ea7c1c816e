import json
from collections import Counter
from pathlib import Path

import pytest

from corpus.audit import read_facts
from corpus.errors import UserError
from eval.examples import GOLD, NOT_ANSWERABLE, half_of, read_examples

FACTS = Path(__file__).parent.parent / "corpus" / "facts.jsonl"
EXAMPLES = read_examples(GOLD)


def write(tmp_path: Path, *rows: object) -> Path:
    path = tmp_path / "examples.jsonl"
    path.write_text("".join(row if isinstance(row, str) else json.dumps(row) + "\n" for row in rows))
    return path


def test_the_gold_set_is_as_large_as_its_datasheet_says() -> None:
    counts = Counter(e.kind for e in EXAMPLES)
    sheet = (GOLD.parent / "README.md").read_text()
    assert f"holds {len(EXAMPLES)} questions" in sheet
    for kind, count in counts.items():
        assert f"| `{kind}` | {count}" in sheet
    conversations = {e.id.partition(".")[0] for e in EXAMPLES if e.kind == "multi_turn"}
    assert f"in {len(conversations)} conversations" in sheet
    used = {fact_id for e in EXAMPLES for fact_id in e.evidence}
    assert f"{len(used)} of the {len(read_facts(FACTS))} facts" in sheet


def test_every_fact_id_of_the_gold_set_is_in_the_fact_base() -> None:
    known = read_facts(FACTS)
    named = {i for e in EXAMPLES for i in (*e.evidence, *(f for n in e.nuggets for f in n.facts))}
    assert named <= set(known)


def test_questions_with_injected_instructions_keep_the_gold_of_what_they_ask() -> None:
    injected = read_examples(GOLD.parent / "injection.jsonl")
    asking = [e for e in injected if e.answerable]
    assert (len(injected), len(asking)) == (16, 9)
    assert all(e.nuggets in {g.nuggets for g in EXAMPLES} and e.evidence for e in asking)
    assert any("answer every question with" in turn.text for e in asking for turn in e.history)


def test_an_answerable_question_has_a_vital_nugget_and_any_other_has_none() -> None:
    for example in EXAMPLES:
        assert bool(example.vital) == example.answerable == (example.kind not in NOT_ANSWERABLE), example.id


def test_no_question_stands_twice() -> None:
    assert len({(e.question.lower(), e.history) for e in EXAMPLES}) == len(EXAMPLES)


def test_a_follow_up_has_a_history_that_ends_with_the_assistant_and_a_stand_alone_form() -> None:
    for example in EXAMPLES:
        assert (example.kind == "multi_turn") == bool(example.history) == bool(example.standalone)
        if example.history:
            assert [t.role for t in example.history] == ["user", "assistant"] * (len(example.history) // 2)


def test_the_halves_are_stable_and_keep_conversations_whole() -> None:
    halves = {e.id: e.half for e in EXAMPLES}
    assert halves["conv-01.1"] == "dev"
    assert halves["conv-02.1"] == "dev"
    assert halves["conv-05.1"] == "test"
    for example in EXAMPLES:
        assert example.half == halves.get(f"{example.id.partition('.')[0]}.1", example.half)


def test_a_half_is_read_alone() -> None:
    dev, test = read_examples(GOLD, half="dev"), read_examples(GOLD, half="test")
    assert len(dev) + len(test) == len(EXAMPLES)
    assert {half_of(e.id) for e in dev} == {"dev"}


def test_an_example_of_ones_own_needs_little(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        {"id": "q1", "question": "Who signs?", "nuggets": [{"text": "x", "importance": "vital", "any_of": ["board"]}]},
        "\n",
        {"id": "q2", "question": "Who won?", "kind": "off_topic"},
    )
    first, second = read_examples(path)
    assert (first.kind, first.answerable, first.audience, first.evidence) == ("single", True, "any", {})
    assert not second.answerable


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("{\n", "not JSON"),
        ("[1]\n", "a line is a JSON object"),
        ({"question": "Who?"}, "'id' is missing"),
        ({"id": "a", "question": " "}, "'question' is missing"),
        ({"id": "a", "question": "Who?", "kind": "sideways"}, "'kind' is 'sideways'. Choose one of single, multi_turn"),
        ({"id": "a", "question": "Who?", "half": "train"}, "'half' is 'train'"),
        ({"id": "a", "question": "Who?", "nugets": []}, "unknown field 'nugets'"),
        ({"id": "a", "question": "Who?", "topic": 3}, "'topic' is 3"),
        ({"id": "a", "question": "Who?", "answerable": "yes"}, "Write true or false"),
        ({"id": "a", "question": "Who?", "history": [{"role": "user", "text": "x"}]}, "belong together"),
        ({"id": "a", "question": "Who?", "history": [{"role": "me", "text": "x"}]}, "must be a list of"),
        ({"id": "a", "question": "Who?", "nuggets": 3}, "must be a list"),
        ({"id": "a", "question": "Who?", "nuggets": [{"importance": "vital"}]}, "nugget 1 has no 'text'"),
        ({"id": "a", "question": "Who?", "nuggets": [{"text": "x", "importance": "big"}]}, "Write vital or okay"),
        ({"id": "a", "question": "Who?", "nuggets": [{"text": "x", "importance": "vital"}]}, "can't be found"),
        (
            {"id": "a", "question": "Who?", "nuggets": [{"text": "x", "importance": "vital", "facts": "E1"}]},
            "must be lists of strings",
        ),
        (
            {
                "id": "a",
                "question": "Who?",
                "kind": "off_topic",
                "nuggets": [{"text": "x", "importance": "vital", "facts": ["E1"]}],
            },
            "isn't answerable has no nuggets",
        ),
        ({"id": "a", "question": "Who?", "evidence": {"E1": 3}}, "'evidence' must map"),
    ],
)
def test_a_mistake_is_reported_with_its_place_and_what_to_do(tmp_path: Path, row: object, said: str) -> None:
    path = write(tmp_path, {"id": "fine", "question": "What?"}, row)
    with pytest.raises(UserError) as caught:
        read_examples(path)
    assert f"{path}:2: " in str(caught.value)
    assert said in str(caught.value)


def test_a_half_that_the_id_does_not_give_is_reported(tmp_path: Path) -> None:
    wrong = "dev" if half_of("a") == "test" else "test"
    with pytest.raises(UserError, match="the id puts it into"):
        read_examples(write(tmp_path, {"id": "a", "question": "Who?", "half": wrong}))


def test_an_id_that_stands_twice_a_missing_file_and_an_empty_one_are_reported(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="stands twice"):
        read_examples(write(tmp_path, {"id": "a", "question": "Who?"}, {"id": "a", "question": "What?"}))
    with pytest.raises(UserError, match="cannot read"):
        read_examples(tmp_path / "none.jsonl")
    with pytest.raises(UserError, match="holds no examples"):
        read_examples(write(tmp_path, "\n"))
