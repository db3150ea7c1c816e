from hypothesis import given
from hypothesis import strategies as st

from index.fusion import Scored, fuse, min_max


def test_scores_are_moved_to_zero_and_one_as_by_hand() -> None:
    assert min_max([("a", 8.0), ("b", 5.0), ("c", 4.0)]) == {"a": 1.0, "b": 0.25, "c": 0.0}


def test_equal_scores_all_count_as_best() -> None:
    assert min_max([("a", 3.0), ("b", 3.0)]) == {"a": 1.0, "b": 1.0}
    assert min_max([("a", -2.0)]) == {"a": 1.0}
    assert min_max([]) == {}


def test_a_passage_in_both_rankings_gets_half_of_each_score() -> None:
    dense = [("a", 0.9), ("b", 0.7), ("c", 0.5)]  # 1, .5, 0
    lexical = [("b", 12.0), ("d", 6.0), ("a", 0.0)]  # 1, .5, 0
    assert fuse(dense, lexical) == [("b", 0.75), ("a", 0.5), ("d", 0.25), ("c", 0.0)]


def test_the_weight_is_the_share_of_the_dense_ranking() -> None:
    dense, lexical = [("a", 1.0), ("b", 0.0)], [("b", 1.0), ("a", 0.0)]
    assert fuse(dense, lexical, weight=0.75) == [("a", 0.75), ("b", 0.25)]
    assert fuse(dense, lexical, weight=0.0) == [("b", 1.0), ("a", 0.0)]


def test_ties_are_ordered_by_id_whatever_the_order_of_the_input() -> None:
    assert [key for key, _ in fuse([("z", 1.0), ("m", 1.0)], [("a", 1.0)])] == ["a", "m", "z"]
    assert fuse([("m", 1.0), ("z", 1.0)], []) == fuse([("z", 1.0), ("m", 1.0)], [])


def test_nothing_found_by_either_is_nothing() -> None:
    assert fuse([], []) == []


RANKINGS = st.dictionaries(st.sampled_from("abcdefgh"), st.floats(-1e6, 1e6), max_size=8).map(lambda d: list(d.items()))


@given(RANKINGS, RANKINGS, st.floats(0, 1))
def test_any_two_rankings_fuse_to_their_union_in_one_order(
    dense: list[Scored], lexical: list[Scored], w: float
) -> None:
    fused = fuse(dense, lexical, weight=w)
    assert {key for key, _ in fused} == {key for key, _ in (*dense, *lexical)}
    assert all(0 <= score <= 1 for _, score in fused)
    assert fused == sorted(fused, key=lambda item: (-item[1], item[0]))
    assert fused == fuse(dense[::-1], lexical[::-1], weight=w)


@given(RANKINGS, RANKINGS)
def test_a_passage_that_is_better_in_both_rankings_is_better_fused(dense: list[Scored], lexical: list[Scored]) -> None:
    place = {key: at for at, (key, _) in enumerate(fuse(dense, lexical))}
    meaning, word = dict(dense), dict(lexical)
    for better in meaning.keys() & word.keys():
        for worse in meaning.keys() & word.keys():
            if meaning[better] > meaning[worse] and word[better] > word[worse]:
                # Scores that lie nearer than a float can tell are ordered by id.
                assert place[better] < place[worse] or fused_alike(dense, lexical, better, worse)


def fused_alike(dense: list[Scored], lexical: list[Scored], one: str, other: str) -> bool:
    scores = dict(fuse(dense, lexical))
    return scores[one] == scores[other]
