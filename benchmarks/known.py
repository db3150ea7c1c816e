"""The known texts: questions with the facts that answer them, and statements of those facts; and maps fitted on them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - the name that everybody uses
from labelled import ROOT, for_weights, known_questions
from scipy.sparse import csr_matrix

from assistant import Assistant
from assistant.reading import document_of
from eval.tracing import facts_between
from index.encodings import TextEncoder

SPACE = 256  # dimensions
EPOCHS = 12
RATE = 1e-3
STEP = 256  # texts to one step of the optimiser
SHARPNESS = 0.07
DROPPED = 0.3  # of a vector's values in each step
SEED = 0
LESS = 0.5  # weight of a fact that is not vital
EPOCHS_OF_MAP, RATE_OF_MAP, SHARPNESS_OF_MAP, DROPPED_OF_MAP = 8, 5e-4, 0.05, 0.2
STEADY = 3.0  # of the ridge regression that the map begins with


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A text with its facts, those that a short answer must state, and whether the space may be fitted on it."""

    text: str
    facts: frozenset[str]
    vital: frozenset[str]
    near: frozenset[str] = frozenset()  # facts that come near a question without an answer
    fitted: bool = True


def questions() -> list[Known]:
    """The known questions; one that names no vital facts counts all of them as vital."""
    return [
        Known(
            text=" ".join(row["question"].split()),
            facts=frozenset(row["facts"]),
            vital=frozenset(row.get("vital") or row["facts"]),
            near=frozenset(() if row["facts"] else row.get("also", ())),
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


def encoded(texts: Sequence[Known], encoder: TextEncoder) -> np.ndarray:
    """(texts, dimension) of unit length."""
    return encoder.encode_passages([("", known.text) for known in texts]).vectors


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
    sizes, held_twice, few = states.sum(1), (states.sum(0) > 1).float(), csr_matrix(states.numpy())
    layer = torch.nn.Linear(x.shape[1], SPACE, bias=False)
    layer.weight.data = torch.linalg.svd(x, full_matrices=False).Vh[:SPACE].clone()
    optimiser = torch.optim.AdamW(layer.parameters(), lr=RATE, weight_decay=0.0)
    anchors = np.flatnonzero((states @ held_twice > 0).numpy())
    for _ in range(EPOCHS):
        shuffled = order.permutation(anchors)
        for start in range(0, len(shuffled), STEP):
            rows = torch.tensor(shuffled[start : start + STEP])
            both = torch.tensor((few[rows.numpy()] @ few.T).toarray())
            shared = both / (sizes[rows][:, None] + sizes[None] - both).clamp(min=1e-9)
            shared[torch.arange(len(rows)), rows] = 0.0
            own = F.normalize(layer(F.dropout(x[rows], DROPPED)), dim=-1)
            likeness = (own @ F.normalize(layer(x), dim=-1).T) / SHARPNESS
            likeness[torch.arange(len(rows)), rows] = -1e4
            target = shared / shared.sum(1, keepdim=True)
            loss = -(target * F.log_softmax(likeness, -1)).sum(1).mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    projection: np.ndarray = layer.weight.detach().numpy().T
    return projection


def shares(texts: Sequence[Known]) -> torch.Tensor:
    """(texts, facts), vital facts as 1 and others as LESS; a question without an answer has those it comes near."""
    names: dict[tuple[bool, str], int] = {}
    places = [
        [(names.setdefault((bool(k.facts), f), len(names)), 1.0 if f in k.vital or not k.facts else LESS)
         for f in sorted(k.facts or k.near)]
        for k in texts
    ]  # fmt: skip
    rows = torch.zeros(len(texts), len(names))
    for n, found in enumerate(places):
        for place, weight in found:
            rows[n, place] = weight
    return rows


def sentence_map(texts: Sequence[Known], places: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """(dimension, space): a map of sentences' vectors under which a question lies near the sentences that answer it.

    Args:
        texts: the known ones; the map is fitted on the questions among them that may be fitted on.
        places: (texts, space) where they lie, which stays as it is.
        vectors: (statements, dimension) of the last texts, which are no questions, by the model itself.

    """
    torch.manual_seed(SEED)
    order = np.random.default_rng(SEED)
    first = len(texts) - len(vectors)
    held, lie, x = shares(texts), torch.tensor(places), torch.tensor(vectors)
    shared = held[:first] @ (held[first:] > 0).float().T
    shared /= shared.sum(1, keepdim=True).clamp(min=1e-9)
    asked = np.flatnonzero((shared.sum(1) > 0).numpy() & np.array([known.fitted for known in texts[:first]]))
    layer = torch.nn.Linear(vectors.shape[1], places.shape[1], bias=False)
    # Begin where the statements lie themselves, by ridge regression.
    steady = torch.cat([x, STEADY * torch.eye(x.shape[1])])
    goal = torch.cat([lie[first:], torch.zeros(x.shape[1], lie.shape[1])])
    layer.weight.data = torch.linalg.lstsq(steady, goal).solution.T.contiguous()
    optimiser = torch.optim.AdamW(layer.parameters(), lr=RATE_OF_MAP, weight_decay=0.0)
    for _ in range(EPOCHS_OF_MAP):
        shuffled = order.permutation(asked)
        for start in range(0, len(shuffled), STEP):
            rows = torch.tensor(shuffled[start : start + STEP])
            own = F.normalize(layer(F.dropout(x, DROPPED_OF_MAP)), dim=-1)
            loss = -(shared[rows] * F.log_softmax(lie[rows] @ own.T / SHARPNESS_OF_MAP, -1)).sum(1).mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    fitted: np.ndarray = layer.weight.detach().numpy().T
    return fitted
