import doctest
import importlib
import random
from dataclasses import replace
from types import ModuleType

import ir_measures
import numpy as np
import pytest
from ir_measures import RR, R, nDCG
from sklearn.metrics import precision_recall_fscore_support

from assistant.answers import Citation, Statement
from eval.citations import citation_precision, citation_recall, faithfulness, quote_validity
from eval.examples import Example, Nugget
from eval.intervals import mean_interval, statistic_interval
from eval.measures import MEASURES, percentile, tally, words
from eval.nuggets import finding, nugget_recall, to_the_point
from eval.predict import Asked, predict
from eval.predictions import Prediction, Shown, failed
from eval.ranking import evidence_recall, ndcg, recall, reciprocal_rank
from eval.refusals import RefusalScores, held_back, rate, refusal_scores, risk_coverage
from eval.tracing import Ties, traced
from eval.traps import disagreement_flagged, disagreement_surfaced, premise_corrected
from tests.fakes_eval import SENTENCES, STAMP, ScriptedAssistant

MODULES = [
    f"eval.{name}"
    for name in (
        "citations",
        "differences",
        "drafts",
        "examples",
        "intervals",
        "measures",
        "nuggets",
        "ranking",
        "refusals",
        "outcomes",
        "report",
        "stamp",
        "summary",
        "traps",
    )
]


def nugget(*facts: str, any_of: tuple[str, ...] = ()) -> Nugget:
    return Nugget(text="n", importance="vital", facts=facts, any_of=any_of)


def shown(text: str = "", *facts: str) -> Shown:
    return Shown(text=text, facts=facts, cited=(), supported=True, faithful=True)


def example(**given: object) -> Example:
    fields: dict[str, object] = {
        "id": "q",
        "kind": "single",
        "type": "factoid",
        "topic": "",
        "audience": "any",
        "history": (),
        "standalone": None,
        "question": "Who?",
        "answerable": True,
        "nuggets": (nugget("E1"),),
        "evidence": {"E1": 2},
        "note": "",
    }
    return Example(**(fields | given))  # type: ignore[arg-type]


def prediction(*facts: str, script: dict[str, tuple[str, ...]] | None = None, **given: object) -> Prediction:
    subject = ScriptedAssistant(script or {"Who?": facts})
    return traced(
        subject.answer("Who?"),
        example_id="q",
        question="Who?",
        history=(),
        evidence={"E1": 2, "E3": 1},
        subject=subject,
        ties=Ties([subject.handbook]),
        judge=subject.check,
        seconds=0.25,
    )


@pytest.mark.parametrize("name", MODULES)
def test_the_worked_examples_of_every_measure_hold(name: str) -> None:
    module: ModuleType = importlib.import_module(name)
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


@pytest.mark.parametrize("seed", range(20))
def test_ranking_measures_agree_with_ir_measures(seed: int) -> None:
    rng = random.Random(seed)
    pool = [f"p{n}" for n in range(30)]
    qrels = {f"q{n}": {p: rng.choice((1, 2)) for p in rng.sample(pool, rng.randint(1, 12))} for n in range(5)}
    rankings = {q: rng.sample(pool, rng.randint(1, 25)) for q in qrels}
    run = {q: {p: 1.0 / rank for rank, p in enumerate(ranking, start=1)} for q, ranking in rankings.items()}
    theirs = {(m.query_id, str(m.measure)): m.value for m in ir_measures.iter_calc([R @ 5, nDCG @ 10, RR], qrels, run)}
    for q, ranking in rankings.items():
        assert recall(qrels[q], ranking, k=5) == pytest.approx(theirs[q, "R@5"])
        assert ndcg(qrels[q], ranking, k=10) == pytest.approx(theirs[q, "nDCG@10"])
        assert reciprocal_rank(qrels[q], ranking) == pytest.approx(theirs[q, "RR"])


def test_ranking_measures_are_undefined_without_anything_relevant() -> None:
    assert recall({}, ["a"], k=5) is ndcg({}, ["a"], k=5) is reciprocal_rank({}, ["a"]) is None
    assert evidence_recall([nugget(any_of=("x",))], [{"E1"}], k=5) is None


def test_evidence_recall_asks_for_each_nugget_once() -> None:
    nuggets = [nugget("E1", "E2"), nugget("E3")]
    assert evidence_recall(nuggets, [{"E2"}, {"E1"}, {"E3"}], k=2) == 0.5
    assert evidence_recall(nuggets, [{"E2"}, {"E1"}, {"E3"}], k=3) == 1.0


def test_a_nugget_is_confirmed_traced_worded_or_missing() -> None:
    wanted = nugget("E1", any_of=("limited time", "for a while"))
    assert finding(wanted, [shown("It is time-limited.", "E1")], attributed=True) == "confirmed"
    assert finding(wanted, [shown("Three uses:", "E1")], attributed=True) == "traced"
    assert finding(wanted, [shown("It is for limited times.", "E9")], attributed=True) == "worded"
    assert finding(wanted, [shown("No.", "E9")], attributed=True) == "missing"


def test_without_attributions_only_the_wording_counts() -> None:
    wanted = nugget("E1", any_of=("limited time",))
    assert finding(wanted, [shown("Time-limited.")], attributed=False) == "confirmed"
    assert finding(wanted, [shown("Three uses:", "E1")], attributed=False) == "missing"


def test_a_wording_must_stand_in_one_statement() -> None:
    wanted = nugget(any_of=("boards trust",))
    assert finding(wanted, [shown("Boards."), shown("Trust.")], attributed=False) == "missing"
    assert finding(wanted, [shown("The board trusts.")], attributed=False) == "confirmed"


def test_numbers_match_with_and_without_their_commas_and_signs() -> None:
    assert finding(nugget(any_of=("388,000",)), [shown("It was $388000.")], attributed=False) == "confirmed"
    assert finding(nugget(any_of=("79%",)), [shown("About 79 % of them.")], attributed=False) == "confirmed"
    assert finding(nugget(any_of=("45.2%",)), [shown("It was 45 or 2.")], attributed=False) == "missing"


def test_a_refusal_has_recall_zero_and_no_precision() -> None:
    assert nugget_recall([nugget("E1")], [], attributed=True) == 0.0
    assert to_the_point({"E1": 2}, [], attributed=True) is None
    assert citation_recall([]) is citation_precision([]) is faithfulness([]) is quote_validity([]) is None


def test_recall_and_precision_by_hand() -> None:
    nuggets = [nugget("E1"), nugget("E2"), nugget("E3", "E4"), nugget("E5", any_of=("trust",))]
    statements = [shown("a", "E1"), shown("trust", "E4", "E8"), shown("b", "E9")]
    assert nugget_recall(nuggets, statements, attributed=True) == 2 / 4
    assert nugget_recall(nuggets, statements, attributed=True, credit="partial") == 2.5 / 4
    assert to_the_point({"E1": 2, "E4": 1}, statements, attributed=True) == 2 / 3
    assert to_the_point({"E1": 2}, statements, attributed=False) is None


def test_refusals_by_hand() -> None:
    withheld = [True, True, True, False, False, False]
    answerable = [False, False, True, True, True, False]
    scores = refusal_scores(withheld, answerable)
    assert (scores.precision, scores.recall) == (2 / 3, 2 / 3)
    assert scores.f1 == pytest.approx(2 / 3)
    assert refusal_scores([True], [True]) == RefusalScores(precision=0.0, recall=None, f1=None)
    assert rate([]) is None


def test_a_silent_question_may_show_what_its_example_allows() -> None:
    asked = example(kind="other_sense", answerable=False, nuggets=(), evidence={"E4": 1})
    assert held_back(asked, prediction("E4"))
    assert held_back(asked, prediction())
    assert not held_back(asked, prediction("E4", "E1"))
    assert not held_back(example(answerable=False, nuggets=(), evidence={}), prediction("E4"))
    assert not held_back(example(evidence={"E4": 2}), prediction("E4"))


def test_risk_falls_with_coverage_and_ties_share_their_loss() -> None:
    assert risk_coverage([0.9, 0.8, 0.1], [0.0, 0.0, 1.0]).aurc == pytest.approx(1 / 9)
    assert risk_coverage([0.5, 0.5], [0.0, 1.0]).points == risk_coverage([0.5, 0.5], [1.0, 0.0]).points
    assert risk_coverage([], []).aurc is None


def test_an_answer_is_traced_to_the_facts_at_its_citations() -> None:
    made = prediction("E1", "E3")
    assert [s.facts for s in made.shown] == [("E1",), ("E3",)]
    assert made.facts == {"E1", "E3"}
    assert made.attributed
    assert quote_validity(made.shown) == citation_recall(made.shown) == citation_precision(made.shown) == 1.0
    assert set(made.relevant.values()) <= {1, 2}
    assert {f for p in made.found for f in p.facts} == set(SENTENCES)


def test_a_quote_that_is_not_at_its_offsets_is_invalid() -> None:
    subject = ScriptedAssistant({"Who?": ("E1",)})
    good = subject.citation("E1")
    shifted = {name: getattr(good, name) for name in good.__dataclass_fields__} | {"start": good.start + 1}
    made = judged(subject, SENTENCES["E1"], [Citation(**shifted)])
    assert quote_validity(made.shown) == 0.0


def judged(subject: ScriptedAssistant, text: str, citations: list[Citation]) -> Prediction:
    answer = subject.answer("Who?")
    fields = {name: getattr(answer, name) for name in answer.__dataclass_fields__}
    statement = Statement(
        text=text, citations=tuple(citations), verdict="supported", support=1.0, layout="prose", connective=""
    )
    return traced(
        type(answer)(**(fields | {"statements": (statement,)})),
        example_id="q",
        question="Who?",
        history=(),
        evidence={},
        subject=subject,
        ties=Ties([subject.handbook]),
        judge=subject.check,
        seconds=0.1,
    )


def test_a_citation_counts_when_it_supports_alone_or_is_needed() -> None:
    subject = ScriptedAssistant({"Who?": ("E1",)})
    first, second, idle = (subject.citation(fact_id) for fact_id in ("E1", "E3", "E4"))
    joint = judged(subject, "A medical director reports to the chief executive officer.", [first, second])
    assert [(c.supports, c.needed) for c in joint.shown[0].cited] == [(False, True), (False, True)]
    assert citation_precision(joint.shown) == 1.0
    padded = judged(subject, SENTENCES["E1"], [first, idle])
    assert citation_recall(padded.shown) == 1.0
    assert citation_precision(padded.shown) == 0.5
    invented = judged(subject, "Boards fire everyone.", [first])
    assert citation_recall(invented.shown) == citation_precision(invented.shown) == faithfulness(invented.shown) == 0.0


def test_a_statement_without_citations_is_not_supported() -> None:
    made = judged(ScriptedAssistant({"Who?": ()}), "Boards fire everyone.", [])
    assert citation_recall(made.shown) == 0.0
    assert citation_precision(made.shown) is None


def test_undefined_and_failed_are_counted_beside_the_mean() -> None:
    examples = [example(id="q"), example(id="lost"), example(id="broken"), example(id="quiet", nuggets=())]
    predictions = {"q": prediction("E1"), "broken": failed("broken", "Who?", "boom"), "quiet": prediction("E1")}
    counted = tally(MEASURES["vital_recall"], examples, predictions)
    assert (counted.mean, counted.undefined, counted.failed) == (1.0, 1, 2)


def test_lengths_and_percentiles_by_hand() -> None:
    assert words("- One two-fold [1], three. [2]\n- 4 –") == 4
    assert [percentile([3, 1, 2, 4, 5], share) for share in (0.5, 0.95, 1.0)] == [3, 5, 5]


def test_intervals_are_the_same_each_time_and_hold_the_mean() -> None:
    values = [0.0, 0.5, 1.0, 1.0, 0.25]
    low, high = mean_interval(values) or (1.0, 0.0)
    assert (low, high) == mean_interval(values)
    assert low <= sum(values) / 5 <= high
    assert mean_interval([1.0]) is None
    assert statistic_interval(list("abcde"), lambda _: None) is None


def test_every_measure_takes_every_prediction(tmp_path) -> None:  # noqa: ANN001
    subject = ScriptedAssistant({"Who?": ("E1",)}, attributed=False)
    asked = [Asked(id="q", question="Who?", history=(), example=example())]
    made = predict(
        subject,
        asked,
        ties=Ties([subject.handbook]),
        judge=subject.check,
        stamp=STAMP,
        out=tmp_path / "p.jsonl",
        resume=False,
    )
    for measure in MEASURES.values():
        for one in (made["q"], prediction("E1"), prediction()):
            assert measure(example(), one) is None or isinstance(measure(example(), one), float | int)


@pytest.mark.parametrize("seed", range(20))
def test_refusal_scores_agree_with_scikit_learn(seed: int) -> None:
    rng = random.Random(seed)
    withheld, answerable = ([rng.random() < 0.4 for _ in range(60)] for _ in range(2))
    silent = [not each for each in answerable]
    precision, recall_, f1, _ = precision_recall_fscore_support(silent, withheld, average="binary")
    ours = refusal_scores(withheld, answerable)
    assert (ours.precision, ours.recall, ours.f1) == pytest.approx((precision, recall_, f1))


@pytest.mark.parametrize("share", [0.05, 0.5, 0.95, 1.0])
def test_percentiles_agree_with_numpy(share: float) -> None:
    rng = random.Random(3)
    values = [rng.random() for _ in range(37)]
    assert percentile(values, share) == np.percentile(values, 100 * share, method="inverted_cdf")


def test_turns_of_one_conversation_are_drawn_together() -> None:
    values = [0.0, 1.0] * 20
    alone = mean_interval(values)
    talks = mean_interval([0.0] * 20 + [1.0] * 20, [f"talk-{n // 5}" for n in range(40)])
    assert alone is not None
    assert talks is not None
    assert talks[1] - talks[0] > 1.5 * (alone[1] - alone[0])


def test_a_false_premise_is_corrected_by_any_vital_nugget() -> None:
    trap = example(kind="false_premise", nuggets=(nugget("E1"), nugget("E3")))
    assert premise_corrected(trap, prediction("E1")) == 1.0
    assert premise_corrected(trap, prediction("E2")) == 0.0
    assert premise_corrected(trap, prediction()) == 0.0
    assert premise_corrected(example(), prediction("E1")) is None


def test_a_disagreement_is_surfaced_by_two_sides_and_flagged_by_a_mark() -> None:
    asked = example(kind="disagreement", nuggets=(nugget("E1"), nugget("E3")))
    both = prediction("E1", "E3")
    assert disagreement_surfaced(asked, both) == 1.0
    assert disagreement_surfaced(asked, prediction("E1")) == 0.0
    assert disagreement_flagged(asked, both) == 0.0
    assert disagreement_flagged(asked, replace(both, answer={"conflicts": [{"topic": "t"}]})) == 1.0
    assert disagreement_surfaced(example(kind="disagreement"), both) is None


def test_a_passage_may_be_evidence_by_its_own_id() -> None:
    subject = ScriptedAssistant({}, attributed=False)
    passage_id = subject.passage(0).passage_id
    ties = Ties([subject.handbook])
    assert ties.relevant({passage_id: 2, "elsewhere.md#1": 2}) == {passage_id: 2}
    assert not ties.attributed
