from pathlib import Path

import pytest

from assistant import open_assistant
from assistant.crossencoder import CrossEncoderJudge, open_cross_encoder
from corpus import UserError

pytestmark = pytest.mark.slow
TWO = ("The CMO reports to the CEO.", "The board owns an airline.")
EVIDENCE = ("The CMO reports to the CEO.", "The board meets twice a year.")
VOCABULARY = "[PAD] [UNK] [CLS] [SEP] [MASK] the cmo reports to ceo board meets twice a year . owns an airline".split()


def made(folder: Path, labels: list[str]) -> str:
    """A tiny cross-encoder with random weights, saved as sentence-transformers saves one."""
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    folder.mkdir()
    (folder / "vocab.txt").write_text("\n".join(VOCABULARY), encoding="utf-8")
    config = BertConfig(
        vocab_size=len(VOCABULARY),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=64,
        id2label=dict(enumerate(labels)),
        label2id={label: n for n, label in enumerate(labels)},
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    BertTokenizerFast(vocab_file=str(folder / "vocab.txt"), model_max_length=64).save_pretrained(folder)
    return str(folder)


@pytest.mark.parametrize("labels", [["LABEL_0"], ["contradiction", "entailment", "neutral"]])
def test_a_cross_encoder_in_a_folder_gives_verdicts_of_the_same_form(tmp_path: Path, labels: list[str]) -> None:
    judge = open_cross_encoder(made(tmp_path / "model", labels))
    support = judge.check("The CMO reports to the CEO. The CMO owns an airline.", EVIDENCE)
    assert 0.0 < support.score < 1.0
    assert support.evidence is not None
    assert support.quote == EVIDENCE[support.evidence]
    assert (support.label == "supported") == (judge.check_statement("The CMO owns an airline.", EVIDENCE).score >= 0.5)


def test_the_output_that_stands_for_support_is_found_by_its_name(tmp_path: Path) -> None:
    judge = open_cross_encoder(made(tmp_path / "model", ["contradiction", "entailment", "neutral"]))
    assert (judge.supports, judge.contradicts) == (1, 0)


def test_the_least_supported_sentence_decides_and_no_evidence_supports_nothing(tmp_path: Path) -> None:
    judge = open_cross_encoder(made(tmp_path / "model", ["LABEL_0"]))
    parts = [
        judge.check(text, EVIDENCE).score for text in ("The CMO reports to the CEO.", "The board owns an airline.")
    ]
    both = " ".join(TWO)
    assert judge.check_statement(both, EVIDENCE).score == pytest.approx(min(parts), abs=1e-5)
    assert min(parts) <= judge.check(both, EVIDENCE).score <= max(parts)
    assert judge.check("The CMO reports to the CEO.", []).label == "unsupported"
    assert judge.check("The CMO reports to the CEO.", [" "]).evidence is None


def test_the_setting_puts_it_in_the_place_of_the_shipped_judge(tmp_path: Path, small_index: Path) -> None:
    name = made(tmp_path / "model", ["LABEL_0"])
    with_judge = open_assistant(index=small_index, judge=name)
    assert isinstance(with_judge.gate.judge, CrossEncoderJudge)
    assert name in with_judge.check("The CMO reports to the CEO.", EVIDENCE).reason
    answer = with_judge.answer("Who must attend the weekly safety meeting?")
    assert all(statement.verdict == "quoted" for statement in answer.statements)
    with_judge.retriever.close()


def test_what_cannot_be_loaded_is_told_with_the_next_step(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match=r"the judge '.*empty' cannot be loaded: .* Set CMO_JUDGE to the id or folder"):
        open_cross_encoder(str(tmp_path / "empty"))


def test_outputs_that_do_not_tell_support_are_refused(tmp_path: Path) -> None:
    name = made(tmp_path / "model", ["joy", "anger", "fear"])
    with pytest.raises(UserError, match=r"has the outputs joy, anger, fear, none of which stands for support"):
        open_cross_encoder(name)
