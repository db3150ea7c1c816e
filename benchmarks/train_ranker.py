"""Fit the ranker: an interaction of question and sentence over the token vectors that the index stores.

Data: three quarters of the first part of ``benchmarks/data/questions.jsonl`` (our own), asked of the bundled articles and of the articles
that these draw on (which lie beside the checkout), and half of ClapNQ dev (Apache-2.0); the gold set is not trained on. The ranker learns what the quick features (assistant/data/evidence.json) leave over, so fit those first:

    for step in fit_evidence train_ranker fit_evidence; do
        python benchmarks/$step.py CLAPNQ.jsonl.gz SOURCES
    done

Writes assistant/data/ranker.npz (float16). Some minutes on two cores.
"""

import argparse
import random
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - the name that everybody uses
from labelled import (
    BESIDE_IT,
    ROOT,
    TO_THE_POINT,
    Labelled,
    clapnq_questions,
    for_ranker,
    own_questions,
    part,
    source_questions,
)
from torch import nn

from assistant import open_assistant
from assistant.weights import load_weights

SPACE = 128  # dimensions of the fitted space
RATE = 2e-3
EPOCHS = 5
STEP = 4  # questions to one step of the optimiser


class Interaction(nn.Module):
    """The same computation as ``assistant.ranker.Ranker``, with gradients, beside the quick log-odds."""

    def __init__(self, dimension: int) -> None:
        super().__init__()
        self.question, self.question_pool = (nn.Linear(dimension, SPACE, bias=False) for _ in range(2))
        self.sentence, self.sentence_pool = (nn.Linear(dimension, SPACE, bias=False) for _ in range(2))
        for one, other in ((self.question, self.sentence), (self.question_pool, self.sentence_pool)):
            nn.init.orthogonal_(one.weight)
            other.weight.data.copy_(one.weight.data)
        self.question_weight, self.sentence_weight = (nn.Linear(dimension, 1, bias=False) for _ in range(2))
        nn.init.zeros_(self.question_weight.weight)
        nn.init.zeros_(self.sentence_weight.weight)
        self.mix = nn.Linear(4, 1)
        self.mix.weight.data[:] = torch.tensor([[4.0, 2.0, 1.0, 0.0]])
        self.quick = nn.Parameter(torch.tensor(1.0))
        self.drop = nn.Dropout(0.1)

    def forward(
        self, question: torch.Tensor, rows: torch.Tensor, mask: torch.Tensor, quick: torch.Tensor
    ) -> torch.Tensor:
        """Log-odds of (sentences, tokens, dimension) rows beside (tokens, dimension) of the question."""
        near = torch.einsum(
            "mk,nlk->nml",
            F.normalize(self.question(self.drop(question)), dim=-1),
            F.normalize(self.sentence(self.drop(rows)), dim=-1),
        ).masked_fill(~mask[:, None, :], -1.0)
        importance = torch.softmax(self.question_weight(question).squeeze(-1), 0)
        plain = torch.einsum("md,nld->nml", question, rows).masked_fill(~mask[:, None, :], -1.0)
        weight = torch.softmax(self.sentence_weight(rows).squeeze(-1).masked_fill(~mask, -1e4), -1)
        pooled = (rows * weight[..., None]).sum(1)
        wanted = self.question_pool((question * importance[:, None]).sum(0))
        parts = (
            (near.max(-1).values * importance).sum(-1),
            (plain.max(-1).values * importance).sum(-1),
            F.cosine_similarity(wanted[None], self.sentence_pool(pooled), dim=-1),
            (near.max(1).values * weight).sum(-1),
        )
        return self.quick * quick + self.mix(torch.stack(parts, -1)).squeeze(-1)

    def save(self, path: Path) -> None:
        """Write what ``assistant.ranker`` reads."""
        arrays = {
            name: getattr(self, name).weight.detach().numpy().squeeze().astype(np.float16)
            for name in (
                "question",
                "sentence",
                "question_pool",
                "sentence_pool",
                "question_weight",
                "sentence_weight",
                "mix",
            )
        }
        np.savez(path, **arrays, bias=self.mix.bias.detach().numpy().astype(np.float16))


def sampled(example: Labelled, rng: random.Random) -> tuple[list[int], list[int]]:
    """Places of up to five sentences to the point, and of nine near misses from the top and four from further down."""
    right = [n for n, label in enumerate(example.labels) if label == TO_THE_POINT and len(example.evidence[n].tokens)]
    wrong = [n for n, label in enumerate(example.labels) if label == BESIDE_IT and len(example.evidence[n].tokens)]
    if (example.answerable and not right) or not len(example.question_tokens):
        return [], []
    top, rest = wrong[:14], wrong[14:]
    right = rng.sample(right, min(5, len(right)))
    wrong = rng.sample(top, min(9, len(top))) + rng.sample(rest, min(4, len(rest)))
    return right, wrong


def loss_of(scores: torch.Tensor, right: int) -> torch.Tensor:
    """Cross-entropy of each sentence, and of each right one among the wrong ones."""
    target = torch.zeros(len(scores))
    target[:right] = 1.0
    loss = F.binary_cross_entropy_with_logits(scores, target)
    if 0 < right < len(scores):
        among = torch.cat([scores[right:][None].expand(right, -1), scores[:right, None]], dim=1)
        loss = loss + 0.5 * (torch.logsumexp(among, dim=1) - scores[:right]).mean()
    return loss


def batch(example: Labelled, places: list[int]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Padded token rows, their mask, and the quick log-odds."""
    longest = max(len(example.evidence[n].tokens) for n in places)
    rows = np.zeros((len(places), longest, example.question_tokens.shape[1]), dtype=np.float32)
    mask = np.zeros((len(places), longest), dtype=bool)
    for place, n in enumerate(places):
        rows[place, : len(example.evidence[n].tokens)] = example.evidence[n].tokens.astype(np.float32) / 127.0
        mask[place, : len(example.evidence[n].tokens)] = True
    quick = [load_weights("evidence").log_odds(example.evidence[n].features) for n in places]
    return torch.from_numpy(rows), torch.from_numpy(mask), torch.tensor(quick, dtype=torch.float32)


def main() -> None:
    """Train and save."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clapnq", type=Path, help="the file of ClapNQ's dev part")
    parser.add_argument("sources", type=Path, help="the folder of source articles")
    options = parser.parse_args()
    torch.manual_seed(0)
    rng = random.Random(0)
    data = list(own_questions(open_assistant(), for_ranker))
    data += source_questions(options.sources, for_ranker)
    data += clapnq_questions(options.clapnq, lambda group: part(group, of=2) == 0)
    model = Interaction(data[0].question_tokens.shape[1])
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.05)
    total, step = EPOCHS * len(data), 0
    for epoch in range(EPOCHS):
        rng.shuffle(data)
        losses: list[float] = []
        for example in data:
            step += 1
            for group in optimizer.param_groups:
                group["lr"] = RATE * min(1.0, step / 200) * (1 - step / total)
            right, wrong = sampled(example, rng)
            if not right + wrong:
                continue
            rows, mask, quick = batch(example, right + wrong)
            loss = loss_of(model(torch.from_numpy(example.question_tokens), rows, mask, quick), len(right))
            loss.backward()
            losses.append(loss.item())
            if step % STEP == 0:
                optimizer.step()
                optimizer.zero_grad()
        print(f"epoch {epoch + 1}: loss {np.mean(losses):.3f}", flush=True)
    model.save(ROOT / "assistant" / "data" / "ranker.npz")


if __name__ == "__main__":
    main()
