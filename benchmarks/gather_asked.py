"""Gather the texts whose facts are known into assistant/data/asked.npz, in a space fitted on them.

Data, all our own: ``questions.jsonl`` and ``questions_of_strangers.jsonl`` in ``data``, the statements of
``corpus/facts.jsonl``, and the sentences of the bundled articles. The space is a linear map of the embedding model's
vectors in which texts with facts in common lie near each other; it is fitted on the statements and on the questions that
the weights are not fitted on, so that the rest can tell ``fit_evidence.py`` what it is worth on questions never seen. Run after those files, the articles or
the embedding model changed:

    python benchmarks/gather_asked.py
"""

import json
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - the name that everybody uses
from labelled import ROOT, for_weights, known_questions

from assistant import Assistant, open_assistant
from assistant.asked import STEPS
from assistant.claims import negations
from assistant.questions import QUESTION_WORDS, question_word
from assistant.reading import document_of
from eval.tracing import facts_between

SPACE = 256  # dimensions
EPOCHS = 12
RATE = 1e-3
STEP = 256  # texts to one step of the optimiser
SHARPNESS = 0.07
DROPPED = 0.3  # of a vector's values in each step
SEED = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A text with its facts, those that a short answer must state, and whether the space may be fitted on it."""

    text: str
    facts: frozenset[str]
    vital: frozenset[str]
    fitted: bool = True


def questions() -> list[Known]:
    """The known questions; one that names no vital facts counts all of them as vital."""
    return [
        Known(
            text=" ".join(row["question"].split()),
            facts=frozenset(row["facts"]),
            vital=frozenset(row.get("vital") or row["facts"]),
            fitted=not for_weights(row["number"], row),
        )
        for row in known_questions(lambda _, row: True)
    ]


def statements(assistant: Assistant) -> list[Known]:
    """The sentences of the articles with the facts that they state, and those facts in the words of the fact base."""
    retriever = assistant.retriever
    found = []
    for entry in retriever.documents():
        document = document_of(retriever, entry.doc_id)
        for passage in retriever.passages(entry.doc_id):
            for row in retriever.sentences(passage.passage_id):
                s = row.sentence
                facts = frozenset(facts_between(document, s.start, s.end))
                if facts and s.kind != "heading":
                    found.append(Known(text=s.text, facts=facts, vital=facts))
    stated = frozenset().union(*(known.facts for known in found))
    lines = (ROOT / "corpus" / "facts.jsonl").read_text(encoding="utf-8").splitlines()
    base = [json.loads(line) for line in lines]
    of_base = ((row["fact"], frozenset({row["id"]})) for row in base if row["id"] in stated)
    return found + [Known(text=text, facts=facts, vital=facts) for text, facts in of_base]


def fitted_space(vectors: np.ndarray, facts: list[frozenset[str]], fitted: np.ndarray) -> np.ndarray:
    """(dimension, SPACE): a map under which the texts that share facts with a text are its nearest."""
    torch.manual_seed(SEED)
    order = np.random.default_rng(SEED)
    names = {fact: n for n, fact in enumerate(sorted(frozenset().union(*facts)))}
    states = torch.zeros(len(facts), len(names))
    for row, stated in enumerate(facts):
        for fact in stated:
            states[row, names[fact]] = 1.0
    x, states = torch.tensor(vectors[fitted]), states[torch.tensor(fitted)]
    sizes, both = states.sum(1), states @ states.T
    shared = both / (sizes[:, None] + sizes[None] - both).clamp(min=1e-9)
    shared.fill_diagonal_(0.0)
    layer = torch.nn.Linear(x.shape[1], SPACE, bias=False)
    layer.weight.data = torch.linalg.svd(x, full_matrices=False).Vh[:SPACE].clone()
    optimiser = torch.optim.AdamW(layer.parameters(), lr=RATE, weight_decay=0.0)
    anchors = np.flatnonzero((shared.sum(1) > 0).numpy())
    for _ in range(EPOCHS):
        shuffled = order.permutation(anchors)
        for start in range(0, len(shuffled), STEP):
            rows = torch.tensor(shuffled[start : start + STEP])
            own = F.normalize(layer(F.dropout(x[rows], DROPPED)), dim=-1)
            likeness = (own @ F.normalize(layer(x), dim=-1).T) / SHARPNESS
            likeness[torch.arange(len(rows)), rows] = -1e4
            target = shared[rows] / shared[rows].sum(1, keepdim=True)
            loss = -(target * F.log_softmax(likeness, -1)).sum(1).mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    projection: np.ndarray = layer.weight.detach().numpy().T
    return projection


def main() -> None:
    """Encode, fit and write."""
    assistant = open_assistant()
    asked = questions()
    texts = [*asked, *statements(assistant)]
    vectors = np.array([assistant.retriever.analyse(known.text).vector for known in texts], dtype=np.float32)
    projection = fitted_space(vectors, [known.facts for known in texts], np.array([known.fitted for known in texts]))
    projection = projection.astype(np.float16).astype(np.float32)
    projected = vectors @ projection
    projected /= np.linalg.norm(projected, axis=1, keepdims=True)
    np.savez_compressed(
        ROOT / "assistant" / "data" / "asked.npz",
        projection=projection.astype(np.float16),
        vectors=np.rint(projected * STEPS).astype(np.int8),
        facts=np.array([fact for known in texts for fact in sorted(known.facts)]),
        ends=np.cumsum([len(known.facts) for known in texts]),
        vital=np.array([fact for known in texts for fact in sorted(known.vital)]),
        vital_ends=np.cumsum([len(known.vital) for known in texts]),
        questions=np.frombuffer("\n".join(known.text for known in asked).encode("utf-8"), dtype=np.uint8),
        words=np.array([QUESTION_WORDS.index(question_word(known.text)) for known in asked], dtype=np.int8),
        denying=np.array([negations(known.text) > 0 for known in asked]),
    )
    without = sum(not known.facts for known in asked)
    print(f"{len(asked)} questions, {without} of them without an answer, and {len(texts) - len(asked)} statements")


if __name__ == "__main__":
    main()
