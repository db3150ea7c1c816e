"""Fit the adapter by which the embedding model compares questions: assistant/data/question_encoder.npz.

Data, all our own: the known texts (see ``gather_asked.py``), but for the questions that the weights are fitted on. Low-rank
changes of the model's weights (LoRA, arXiv 2106.09685) and a map of its vectors are fitted together so that a text's
nearest are those with which it shares facts; a question without an answer those that come near the same facts. Of 3,595
questions there are follow-ups too that mean the same behind the turns before them (``follow_ups_of_known.jsonl``), and of
the talks (``talks.jsonl``) each follow-up behind the topic of the answer before it; they lie among the texts while fitting
only. Takes 40 minutes on two cores. Run before ``gather_asked.py``, where the known texts
changed much:

    python benchmarks/tune_encoder.py
"""

import json
import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - the name that everybody uses
from blind import of_talks, turns
from known import SEED, SHARPNESS, Known, encoded, fitted_space, questions, shares, statements
from labelled import ROOT
from low_rank import Changed, of_like_length
from scipy.sparse import csr_matrix

from assistant import Assistant, Turn, open_assistant
from assistant.conversation import behind_before, standalone_query
from assistant.incontext import topic_before
from assistant.readings import behind
from index.adapter import write_adapter

FOLLOW_UPS = ROOT / "benchmarks" / "data" / "follow_ups_of_known.jsonl"
RANK = 16  # of the changes
SPACE = 192  # dimensions
STEPS, WARMING, BATCH = 500, 40, 128
RATE, RATE_OF_MAP = 5e-4, 2.5e-4
SILENT = 24  # questions without an answer that are placed anew in each step
LONGEST = 96  # tokens


class Tuned(Changed):
    """The embedding model with changes of low rank, and the map behind it."""

    def __init__(self, projection: np.ndarray) -> None:
        super().__init__(RANK)
        self.map = torch.nn.Linear(*projection.shape, bias=False)
        self.map.weight.data = torch.tensor(projection.T.copy())

    def forward(self, texts: Sequence[str]) -> torch.Tensor:
        """(texts, SPACE) of unit length."""
        return F.normalize(self.map(self.pooled(texts, LONGEST)), dim=-1)


def follow_ups(assistant: Assistant, asked: Sequence[Known]) -> list[Known]:
    """The follow-ups that mean a known question, each behind the turn before it as an answer would read it.

    Each of FOLLOW_UPS comes behind the topic of the answer to that turn too, and each of the talks behind that of the
    answer that was given.
    """
    by_text = {known.text: known for known in asked}
    found = []
    for line in FOLLOW_UPS.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        before = [Turn(role="user", text=text) for text in row["turns"]]
        together, known = behind_before(row["follow"], before), by_text[row["question"]]
        found.append(replace(known, text=together or row["follow"]))
        query = standalone_query(row["follow"], before)
        answer = Turn(role="assistant", text=assistant.answer(query.before).text) if query.before else None
        found.append(replace(known, text=_behind(together, row["follow"], [answer] if answer else [], assistant)))
    for row in of_talks(half="known"):
        together, known = behind_before(row["question"], turns(row)), by_text[row["standalone"]]
        found.append(replace(known, text=_behind(together, row["question"], turns(row), assistant)))
    return found


def _behind(together: str, typed: str, history: Sequence[Turn], assistant: Assistant) -> str:
    return behind(topic_before(history, assistant.retriever), together) if together else typed


def fit(texts: Sequence[Known], vectors: np.ndarray) -> Tuned:
    """Fit on the texts that may be fitted on; the others are never seen.

    Each step places a batch anew and holds it against where all texts were placed last (cross-batch memory, arXiv
    1912.06798).
    """
    chance = np.random.default_rng(SEED)
    torch.manual_seed(SEED)
    fitted = np.array([known.fitted for known in texts])
    projection = fitted_space(vectors, [known.facts for known in texts], fitted)
    placed = vectors @ projection
    placed /= np.linalg.norm(placed, axis=1, keepdims=True)
    fewer = np.linalg.svd(placed, full_matrices=False)[2][:SPACE].T
    tuned = Tuned((projection @ fewer).astype(np.float32))
    memory, held = F.normalize(torch.tensor(placed @ fewer), dim=-1), shares(texts)
    sizes, unseen, few = (held * held).sum(1), torch.tensor(~fitted), csr_matrix(held.numpy())
    have = np.array([bool(known.facts) for known in texts])
    answered, silent = np.flatnonzero(fitted & have), np.flatnonzero(fitted & ~have)
    near_something = silent[(held[silent].sum(1) > 0).numpy()]
    rates = (RATE, RATE_OF_MAP)
    groups = [{"params": tuned.changes, "weight_decay": 0.01}, {"params": tuned.map.parameters(), "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups, lr=RATE)
    left: list[int] = []
    for step in range(STEPS):
        if len(left) < BATCH:
            some = chance.choice(near_something, len(near_something) // 2, replace=False)
            left = list(chance.permutation(np.concatenate([answered, some])))
        rows = [int(left.pop()) for _ in range(BATCH)]
        slower = min(1.0, (step + 1) / WARMING) * max(0.02, 0.5 * (1.0 + math.cos(math.pi * step / STEPS)))
        for group, rate in zip(optimiser.param_groups, rates, strict=True):
            group["lr"] = rate * slower
        own = of_like_length([texts[n].text for n in rows], 2, tuned.train())
        at = torch.tensor(rows)
        both = torch.tensor((few[rows] @ few.T).toarray())
        shared = both / (sizes[at][:, None] + sizes[None] - both).clamp(min=1e-9)
        likeness = own @ memory.T
        likeness[:, at] = own @ own.T
        likeness = likeness / SHARPNESS
        likeness[torch.arange(BATCH), at] = likeness[:, unseen] = -1e4
        shared[torch.arange(BATCH), at] = shared[:, unseen] = 0.0
        told = shared.sum(1) > 0
        target = shared[told] / shared[told].sum(1, keepdim=True)
        loss = -(target * F.log_softmax(likeness[told], -1)).sum(1).mean()
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(tuned.changes, 1.0)
        optimiser.step()
        with torch.no_grad():
            memory[at] = own.detach()
            anew = torch.tensor(chance.choice(silent, SILENT, replace=False))
            memory[anew] = of_like_length([texts[int(n)].text for n in anew], 2, tuned.eval())
        if step % 20 == 0:
            print(f"step {step} of {STEPS}: loss {loss.item():.3f}", flush=True)
    return tuned


def main() -> None:
    """Fit and write."""
    assistant = open_assistant()
    asked = questions()
    texts = [*asked, *statements(assistant), *follow_ups(assistant, asked)]
    write(fit(texts, encoded(texts, assistant.retriever.encoder)))


def write(tuned: Tuned) -> None:
    """Write what was fitted."""
    projection = tuned.map.weight.detach().numpy().T
    write_adapter(ROOT / "assistant" / "data" / "question_encoder.npz", tuned.as_written(), projection)


if __name__ == "__main__":
    main()
