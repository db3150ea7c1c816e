import pytest

from assistant.changes import changes, read
from assistant.claims import opposites
from assistant.wordnet import opposites_of, synonyms_of


def test_a_hedge_that_became_a_duty_counts_as_stronger() -> None:
    assert changes(read("A CMO must delegate it."), read("A CMO may delegate it.")).stronger == 1
    assert changes(read("A CMO may delegate it."), read("A CMO must delegate it.")).stronger == 0


def test_clauses_in_another_order_are_no_change() -> None:
    quote = read("HRSA said in 2023 that health centers must credential trainers, even those who give no care.")
    claim = read("Health centers must credential trainers, even those who give no care, HRSA said in 2023.")
    found = changes(claim, quote)
    assert found.shared > 0.9
    assert (found.negated, found.exchanged, found.stronger, found.wider, found.swapped) == (0, 0, 0, 0, 0)


def test_what_stands_elsewhere_in_the_other_sentence_has_moved_and_is_not_new() -> None:
    quote = read("The board must meet monthly and the CMO may attend.")
    found = changes(read("The board may meet monthly and the CMO must attend."), quote)
    assert found.stronger == 0
    assert found.moved >= 1


def test_posts_that_change_places_are_swapped_and_another_post_is_exchanged() -> None:
    quote = read("The CMO reports to the CEO.")
    assert changes(read("The CEO reports to the CMO."), quote).swapped >= 1
    assert changes(read("The CFO reports to the CEO."), quote).exchanged == 1


@pytest.mark.parametrize(
    ("claim", "quote", "expected"),
    [
        ("They argue against investment.", "They argue for the investment.", 1),
        ("The post is unpaid.", "The post is paid.", 1),
        ("It can help to find mentors.", "It helps in finding mentors.", 0),
        ("The number increased.", "The number decreased.", 1),
        ("They agree and disagree.", "They disagree and agree.", 0),
    ],
)
def test_a_word_that_stands_against_its_opposite_is_counted(claim: str, quote: str, expected: int) -> None:
    assert opposites(claim, quote) == expected


def test_wordnet_knows_opposites_and_synonyms_by_stem_in_both_directions() -> None:
    assert "reject" in opposites_of("accept")
    assert "accept" in opposites_of("reject")
    assert "select" in synonyms_of("choos")
    assert not any(opposites_of(word) & synonyms_of(word) for word in ("begin", "high", "increas", "senior"))


def test_a_range_reads_as_its_two_ends() -> None:
    assert read("about 84-85% of them").words == ("about", "84", "to", "85", "percent", "of", "them")
    assert read("42 CFR 482.22 and COVID-19").words == ("42", "cfr", "482.22", "and", "covid-19")


def test_a_claim_is_read_in_the_words_of_its_evidence() -> None:
    own = read("The board picks a chair.").meaning({"pick": "choos"})
    assert own.stems == ("the", "board", "choos", "a", "chair")
    assert "choos" in own.known
    assert "pick" not in own.known
