import numpy as np

from assistant.alignment import EncodedSentence, Matching, encoded_sentence, matching
from assistant.changes import read
from assistant.terms import words

DIRECTIONS = {
    "allocated": 0,
    "divided": 0,
    "increase": 1,
    "decrease": 1,
    "nurses": 2,
    "physicians": 2,
    "2019": 3,
    "2020": 3,
}
"""Which words of these tests are near to which; every other has a direction of its own."""


def sentence(text: str) -> EncodedSentence:
    spans, rows, start = [], [], 0
    for word in words(text):
        start = text.index(word, start)
        spans.append((start, start + len(word)))
        place = DIRECTIONS.get(word.lower(), 10 + sum(map(ord, word.lower())) % 900)
        rows.append(np.eye(1000, dtype=np.float32)[place])
        start += len(word)
    tokens = np.stack(rows)
    return encoded_sentence(text, tokens.mean(axis=0), tokens, np.array(spans, dtype=np.int32))


def matched(claim: str, evidence: str) -> Matching:
    return matching(sentence(claim), [sentence(evidence)], read(claim).known - read(evidence).known)


def test_a_word_stands_for_the_word_that_it_is_near_to() -> None:
    found = matched("resources are divided", "resources are allocated")
    assert found.meant == {"divid": "alloc"}
    assert found.least > 0.9


def test_a_synonym_needs_no_vector() -> None:
    found = matched("the board selects a chair", "the board chooses a chair")
    assert found.meant == {"select": "choos"}
    assert found.least == 1.0


def test_another_thing_in_the_place_of_a_word_is_matched_by_nothing() -> None:
    found = matched("the budget meeting", "the safety meeting")
    assert found.meant == {}
    assert found.least < 0.1


def test_opposites_posts_and_numbers_never_stand_for_each_other_however_near_they_are() -> None:
    assert matched("costs decrease", "costs increase").meant == {}
    assert matched("nurses decide", "physicians decide").meant == {}
    assert matched("in 2019", "in 2020").meant == {}


def test_a_word_that_the_claim_uses_itself_is_not_free_to_be_matched() -> None:
    assert matched("allocated resources are divided", "resources are allocated").meant == {}


def test_a_claim_whose_words_are_all_there_has_nothing_to_match() -> None:
    assert matched("resources", "resources are allocated") == Matching(meant={}, least=1.0)
