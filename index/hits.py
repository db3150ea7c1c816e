"""What a search returns."""

from dataclasses import dataclass
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
