"""How well a ranking puts the passages that matter first.

A passage is relevant when it holds a sentence tied to a fact of the example's evidence; its grade is the highest of
those facts'. ``relevant`` maps passage ids to grades, ``ranking`` lists passage ids, best first, none twice.
"""

import math
from collections.abc import Collection, Mapping, Sequence

from eval.examples import Nugget


def recall(relevant: Mapping[str, int], ranking: Sequence[str], *, k: int) -> float | None:
    """Share of the relevant passages that stand in the first ``k``: 0 to 1, undefined where none is relevant.

    Manning, Raghavan, Schütze, Introduction to Information Retrieval (2008), 8.4.

    >>> recall({"a": 2, "b": 1}, ["x", "a", "b"], k=2)
    0.5
    >>> recall({}, ["x"], k=2) is None
    True
    """
    if not relevant:
        return None
    return len(set(relevant) & set(ranking[:k])) / len(relevant)


def ndcg(relevant: Mapping[str, int], ranking: Sequence[str], *, k: int) -> float | None:
    """Gain of the first ``k``, discounted by log2(rank + 1), over the best possible: 0 to 1, undefined without any.

    Gains are the grades themselves, as in trec_eval. Järvelin and Kekäläinen, TOIS 20(4), 2002.

    >>> ndcg({"a": 2, "b": 1}, ["a", "b"], k=10)
    1.0
    >>> round(ndcg({"a": 2, "b": 1}, ["b", "a"], k=10), 4)  # (1 + 2/1.585) / (2 + 1/1.585)
    0.8597
    """
    ideal = _gain(sorted(relevant.values(), reverse=True)[:k])
    if ideal == 0:
        return None
    return _gain([relevant.get(passage_id, 0) for passage_id in ranking[:k]]) / ideal


def reciprocal_rank(relevant: Mapping[str, int], ranking: Sequence[str]) -> float | None:
    """One over the rank of the first relevant passage, 0 where none is found: 0 to 1, undefined without any relevant.

    Its mean over questions is the MRR. Voorhees, TREC-8 question answering track, 1999.

    >>> reciprocal_rank({"a": 1}, ["x", "a"])
    0.5
    >>> reciprocal_rank({"a": 1}, ["x"])
    0.0
    """
    if not relevant:
        return None
    return next((1 / rank for rank, passage_id in enumerate(ranking, start=1) if passage_id in relevant), 0.0)


def evidence_recall(nuggets: Sequence[Nugget], found: Sequence[Collection[str]], *, k: int) -> float | None:
    """Share of ``nuggets`` with one of their facts in the first ``k`` passages: what an answer could say at best.

    ``found`` gives the facts of each passage, best first. 0 to 1, undefined where no nugget names facts. Unlike
    recall over passages it asks for each thing once, however many passages repeat it.

    >>> n = Nugget(text="", importance="vital", facts=("E1", "E2"), any_of=())
    >>> evidence_recall([n], [{"E9"}, {"E2"}], k=2)
    1.0
    """
    traceable = [n for n in nuggets if n.facts]
    if not traceable:
        return None
    seen = {fact_id for facts in found[:k] for fact_id in facts}
    return sum(not seen.isdisjoint(n.facts) for n in traceable) / len(traceable)


def _gain(grades: Sequence[int]) -> float:
    return sum(grade / math.log2(rank + 1) for rank, grade in enumerate(grades, start=1))
