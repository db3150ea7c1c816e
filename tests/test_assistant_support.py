import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant import Assistant

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
