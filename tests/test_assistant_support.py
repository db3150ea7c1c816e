import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant import Assistant
from assistant.support import statements

EVIDENCE = (
    "The medical director of each clinic must attend the weekly safety meeting. It lasts 45 minutes.",
    "Northfield Hospital appointed its first chief medical officer (CMO) in 1987.",
)


@pytest.mark.parametrize(
    "claim",
    [
        "The medical director of each clinic must attend the weekly safety meeting.",
        "Northfield Hospital appointed its first CMO in 1987.",
        "The medical director of each clinic has to attend the weekly safety meeting.",
    ],
)
def test_what_the_evidence_says_is_supported_by_a_verbatim_quote(assistant: Assistant, claim: str) -> None:
    support = assistant.check(claim, EVIDENCE)
    assert support.label == "supported"
    assert support.score > 0.5
    assert support.evidence is not None
    assert support.quote in EVIDENCE[support.evidence]


@pytest.mark.parametrize(
    "claim",
    [
        "The medical director of each clinic must not attend the safety meeting.",
        "The chief financial officer must attend the weekly safety meeting.",
        "Northfield Hospital appointed its first CMO in 1993.",
        "A chief medical officer sells insurance to children.",
        "Bananas are rich in potassium.",
    ],
)
def test_what_the_evidence_does_not_say_is_not_supported(assistant: Assistant, claim: str) -> None:
    assert assistant.check(claim, EVIDENCE).label != "supported"


def test_one_false_sentence_among_true_ones_spoils_the_claim(assistant: Assistant) -> None:
    true = "Northfield Hospital appointed its first CMO in 1987."
    support = assistant.check(f"{true} The CMO owns an airline.", EVIDENCE)
    assert support.label != "supported"
    assert support.score < assistant.check(true, EVIDENCE).score


@pytest.mark.parametrize("evidence", [[], [""], [" \n "]])
def test_without_evidence_nothing_is_supported(assistant: Assistant, evidence: list[str]) -> None:
    support = assistant.check("The CMO reports to the CEO.", evidence)
    assert (support.label, support.score, support.evidence, support.quote) == ("unsupported", 0.0, None, "")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60), st.lists(st.text(max_size=60), max_size=3))
def test_any_claim_and_any_evidence_give_a_score_from_0_to_1(
    assistant: Assistant, claim: str, evidence: list[str]
) -> None:
    support = assistant.check(claim, evidence)
    assert 0.0 <= support.score <= 1.0
    assert support.evidence is None or support.quote in evidence[support.evidence]


@pytest.mark.parametrize(
    "claim",
    [
        "The medical director of each hospital must attend the weekly safety meeting.",
        "The chief medical officer of each clinic must attend the weekly safety meeting.",
        "It lasts 45 hours.",
        "It lasts 54 minutes.",
        "The medical director of each clinic must attend the weekly safety meeting, including the review of all wages.",
        "Northfield Hospital lasts 45 minutes.",
    ],
)
def test_a_sentence_that_is_changed_in_one_detail_is_not_let_through(assistant: Assistant, claim: str) -> None:
    verdict = assistant.gate.judge.check_statement(claim, EVIDENCE)
    assert verdict.label != "supported", verdict


@pytest.mark.parametrize(
    ("said", "claimed"),
    [
        ("A CMO may delegate the review.", "A CMO must delegate the review."),
        ("Medical directors often sit on the board.", "Medical directors always sit on the board."),
        ("Most hospitals employ a CMO.", "All hospitals employ a CMO."),
        ("Many hospitals employ a CMO.", "Few hospitals employ a CMO."),
        ("The term is at least five years.", "The term is at most five years."),
        ("The term is five years.", "The term is five months."),
    ],
)
def test_to_claim_more_than_was_said_is_to_claim_something_else(assistant: Assistant, said: str, claimed: str) -> None:
    judge = assistant.gate.judge
    assert judge.check_statement(said, [said]).score == 1.0
    assert judge.check_statement(claimed, [said]).label != "supported"
    assert judge.check(claimed, [said]).score < judge.check(said, [said]).score


@pytest.mark.parametrize(
    ("said", "claimed"),
    [
        ("The chief medical officer (CMO) reports to the board.", "The CMO reports to the board."),
        ("The term is five years.", "The term is 5 years."),
        ("The CMO must attend the meeting.", "The CMO has to attend the meeting."),
    ],
)
def test_the_same_in_other_words_stays_supported(assistant: Assistant, said: str, claimed: str) -> None:
    assert assistant.gate.judge.check_statement(claimed, [said]).label == "supported"


def test_a_claim_may_rest_on_two_texts(assistant: Assistant) -> None:
    claim = "The medical director of each clinic must attend the weekly safety meeting, and it lasts 45 minutes."
    assert assistant.gate.judge.check_statement(claim, EVIDENCE[0].split(". ")).label == "supported"


def test_a_whole_response_is_judged_by_degrees(assistant: Assistant) -> None:
    true = "- The medical director of each clinic must attend the **weekly safety meeting**.\n- It lasts 45 minutes.\n"
    false = "- Its wages are paid by the insurers of the county.\n"
    scores = [assistant.check(text, EVIDENCE).score for text in (true, true + false, false)]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > 0.5 > scores[2]


def test_a_text_is_split_at_full_stops_and_line_breaks_without_its_list_marks() -> None:
    text = "# Steps\n1. Log in. Wait.\n  - **Click** it\n\n\t\n(2) Leave"
    assert [text[start:end] for start, end in statements(text)] == ["Steps", "Log in.", "Wait.", "Click** it", "Leave"]


@pytest.mark.parametrize(
    ("told", "let_through"),
    [
        ("The weekly budget meeting reviews falls in the wards.", False),
        ("The weekly safety meeting reviews infections in the wards.", False),
        ("The weekly safety meeting reviews falls in wards.", True),
    ],
)
def test_another_thing_in_the_place_of_a_word_is_not_supported_and_a_synonym_may_be(
    assistant: Assistant, told: str, let_through: bool
) -> None:
    found = assistant.check(told, ["The weekly safety meeting reviews falls in the wards."])
    assert (found.label == "supported") is let_through
