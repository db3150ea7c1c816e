import pytest

from assistant.vocabulary import MOST_WORDS, Vocabulary

WORDS = {
    "credentialing": 9,
    "physician": 20,
    "physicians": 30,
    "hospital": 40,
    "governance": 3,
    "medical": 50,
    "340b": 2,
    "cmo": 60,
}
ACRONYMS = {"CMO": "chief medical officer", "FQHC": "federally qualified health center"}


@pytest.fixture
def vocabulary() -> Vocabulary:
    return Vocabulary(words=WORDS, acronyms=ACRONYMS, version="test")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("what is credentialling", "what is credentialing"),
        ("how do phsyicians lead", "how do physicians lead"),
        ("a hosptial", "a hospital"),
    ],
)
def test_a_misspelt_word_becomes_the_word_of_the_corpus(vocabulary: Vocabulary, typed: str, meant: str) -> None:
    assert vocabulary.repaired(typed) == meant


def test_a_name_is_not_taken_for_another_one() -> None:
    words = Vocabulary(words={"southgate": 3, "permanent": 2}, acronyms={}, version="1")
    assert words.repaired("Who chairs it at Northgate, a Permanente clinic?").count("Northgate, a Permanente") == 1
    assert words.repaired("Who chairs it at Suothgate?") == "Who chairs it at southgate?"


@pytest.mark.parametrize("text", ["bread", "Physician", "340B", "ABCD", "hospitals", "zzyzx", "it's", "主任医师", ""])
def test_a_word_that_is_english_known_or_far_from_everything_stays(vocabulary: Vocabulary, text: str) -> None:
    assert vocabulary.repaired(text) == text


def test_an_acronym_in_lower_case_gets_its_capitals(vocabulary: Vocabulary) -> None:
    assert vocabulary.repaired("what do cmos do at an fqhc?") == "what do CMOs do at an FQHC?"


def test_a_text_is_given_the_other_name_of_its_acronyms_once(vocabulary: Vocabulary) -> None:
    assert vocabulary.expanded("What does a CMO do?").endswith("(chief medical officer)")
    assert vocabulary.expanded("the chief medical officer").endswith("(CMO)")
    assert vocabulary.expanded("the chief medical officer (CMO)") == "the chief medical officer (CMO)"
    assert vocabulary.expanded("nothing of that kind") == "nothing of that kind"


def test_the_initials_of_a_name_are_searched_as_the_name_and_never_added_to_it() -> None:
    words = Vocabulary(
        words={"medical": 3, "executive": 2, "committee": 4},
        acronyms={"MEC": "medical executive committee"},
        version="1",
    )
    assert words.translated("When does the MEC meet?") == "When does the medical executive committee meet?"
    assert words.expanded("the medical executive committee") == "the medical executive committee"


def test_words_that_the_corpus_lacks_in_every_inflection_are_unknown(vocabulary: Vocabulary) -> None:
    assert vocabulary.unknown("Does the hospital bake sourdough for physicians?") == ["bake", "sourdough"]


def test_a_letter_before_a_hyphen_makes_no_word_unknown(vocabulary: Vocabulary) -> None:
    assert vocabulary.unknown("Is it an A-hospital or an X-sourdough?") == ["X-sourdough"]


def test_a_pasted_book_is_not_checked_for_spelling_to_its_end(vocabulary: Vocabulary) -> None:
    text = "hosptial " * (MOST_WORDS + 50)
    assert vocabulary.repaired(text).split().count("hospital") == MOST_WORDS
