"""Join two rankings into one: a convex sum of min-max scores, because it keeps how far apart the hits were."""

from collections.abc import Sequence

Scored = tuple[str, float]
"""A passage id and its score; higher is better."""


def min_max(ranking: Sequence[Scored]) -> dict[str, float]:
    """The scores moved to 0..1, best 1 and worst 0; all 1 where they are all equal.

    >>> min_max([("a", 6.0), ("b", 3.0), ("c", 2.0)])
    {'a': 1.0, 'b': 0.25, 'c': 0.0}
    """
    if not ranking:
        return {}
    scores = [score for _, score in ranking]
    low, high = min(scores), max(scores)
    return {key: (score - low) / (high - low) if high > low else 1.0 for key, score in ranking}


def fuse(dense: Sequence[Scored], lexical: Sequence[Scored], *, weight: float = 0.5) -> list[Scored]:
    """Fuse two rankings; a passage that one of them did not return counts 0 there.

    ``weight`` (0..1) is the share of the dense ranking. Returns the union of both, best first, ties by id.

    >>> fuse([("a", 0.9), ("b", 0.5)], [("b", 7.0), ("c", 1.0)])
    [('a', 0.5), ('b', 0.5), ('c', 0.0)]
    """
    by_meaning, by_word = min_max(dense), min_max(lexical)
    fused = {
        key: weight * by_meaning.get(key, 0.0) + (1.0 - weight) * by_word.get(key, 0.0)
        for key in {*by_meaning, *by_word}
    }
    return sorted(fused.items(), key=lambda item: (-item[1], item[0]))
