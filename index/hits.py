"""What a search returns."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from corpus.documents import Passage

Origin = Literal["dense", "lexical", "fused", "reranked"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A passage that a ranker returned: ``rank`` 1 is best, a higher ``score`` is better."""

    passage: Passage
    rank: int
    score: float
    origin: Origin


def in_order(hits: Iterable[Hit]) -> list[Hit]:
    """The hits ranked anew, best first, ties by id; of several of one passage the first."""
    by_id: dict[str, Hit] = {}
    for hit in hits:
        by_id.setdefault(hit.passage.passage_id, hit)
    best = sorted(by_id.values(), key=lambda hit: (-hit.score, hit.passage.passage_id))
    return [replace(hit, rank=rank) for rank, hit in enumerate(best, start=1)]
