"""Fit the pair ranker: a low-rank adapter on the shipped MiniLM that reads (question, sentence) pairs.

Data: ``benchmarks/data/questions.jsonl`` (our own, 1,530 questions) and half of ClapNQ dev (Apache-2.0). The gold set
is not trained on. Writes assistant/data/ranker.npz (float16). One epoch takes about 25 minutes on two busy cores.
Run: python benchmarks/train_ranker.py CLAPNQ.jsonl.gz [--epochs 1] [--layers 6]
"""

import argparse
import hashlib
import random
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - the name that everybody uses
from labelled import BESIDE_IT, TO_THE_POINT, Labelled, clapnq_questions, own_questions
from torch import nn
from transformers import AutoModel, AutoTokenizer

from assistant import open_assistant
from assistant.evidence import pair_text
from index.embeddings import default_folder
from index.pairs import LONGEST_PAIR, SCALE

RANK = 16
RATE = 1.5e-3
STEP = 4  # questions to one step of the optimiser
ROOT = Path(__file__).parent.parent


class Adapted(nn.Module):
    """A frozen linear layer with a low-rank update."""

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        self.linear = linear
        self.a = nn.Parameter(torch.randn(RANK, linear.in_features) * 0.02)
        self.b = nn.Parameter(torch.zeros(linear.out_features, RANK))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The layer's output plus the update's."""
        return self.linear(x) + SCALE * (x @ self.a.T) @ self.b.T


class Ranker(nn.Module):
    """MiniLM with adapters on every linear layer of its blocks, mean pooling and one output."""

    def __init__(self, layers: int) -> None:
        super().__init__()
        self.model = AutoModel.from_pretrained(str(default_folder()))
        self.model.encoder.layer = self.model.encoder.layer[:layers]
        for parameter in self.model.parameters():
            parameter.requires_grad = False
        for block in self.model.encoder.layer:
            heads = block.attention.self
            heads.query, heads.key, heads.value = Adapted(heads.query), Adapted(heads.key), Adapted(heads.value)
            block.attention.output.dense = Adapted(block.attention.output.dense)
            block.intermediate.dense = Adapted(block.intermediate.dense)
            block.output.dense = Adapted(block.output.dense)
        self.head = nn.Linear(self.model.config.hidden_size, 1)

    def forward(self, batch: dict[str, torch.Tensor]) -> torch.Tensor:
        """Log-odds, one for each pair."""
        hidden = self.model(**batch).last_hidden_state
        mask = batch["attention_mask"][..., None]
        return self.head((hidden * mask).sum(1) / mask.sum(1)).squeeze(-1)

    def save(self, path: Path) -> None:
        """Write adapter and head as float16 arrays, named by the layer that they belong to."""
        arrays = {
            f"{name}.{part}": getattr(module, part).detach().numpy().astype(np.float16)
            for name, module in self.model.named_modules()
            if isinstance(module, Adapted)
            for part in ("a", "b")
        }
        arrays["head.weight"] = self.head.weight.detach().numpy().astype(np.float16)
        arrays["head.bias"] = self.head.bias.detach().numpy().astype(np.float16)
        np.savez(path, **arrays)


def sampled(example: Labelled, rng: random.Random) -> tuple[list[str], list[int]]:
    """Two sentences to the point where there are any, three near misses from the top and two from further down."""
    right = [e for e, label in zip(example.evidence, example.labels, strict=True) if label == TO_THE_POINT]
    wrong = [e for e, label in zip(example.evidence, example.labels, strict=True) if label == BESIDE_IT]
    if example.answerable and not right:
        return [], []
    right = rng.sample(right[:6], min(2, len(right)))
    wrong = rng.sample(wrong[:12], min(3, len(wrong))) + rng.sample(wrong[12:], min(2, len(wrong[12:])))
    return [pair_text(e) for e in right + wrong], [1] * len(right) + [0] * len(wrong)


def loss_of(scores: torch.Tensor, labels: list[int]) -> torch.Tensor:
    """Cross-entropy of each pair, and of each right sentence among the wrong ones."""
    target = torch.tensor(labels, dtype=torch.float32)
    loss = F.binary_cross_entropy_with_logits(scores, target)
    right, wrong = scores[target == 1], scores[target == 0]
    if len(right) and len(wrong):
        among = torch.cat([wrong[None].expand(len(right), -1), right[:, None]], dim=1)
        loss = loss + 0.5 * (torch.logsumexp(among, dim=1) - right).mean()
    return loss


def main() -> None:
    """Train and save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clapnq", type=Path)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--layers", type=int, default=6)
    options = parser.parse_args()
    torch.manual_seed(0)
    rng = random.Random(0)
    data = list(own_questions(open_assistant()))
    data += [e for e in clapnq_questions(options.clapnq) if _half(e.group) == 0]
    tokenizer = AutoTokenizer.from_pretrained(str(default_folder()))
    ranker = Ranker(options.layers)
    fitted = [p for p in ranker.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(fitted, lr=RATE, weight_decay=0.01)
    total, step, begun, recent = options.epochs * len(data), 0, time.time(), []
    for _ in range(options.epochs):
        rng.shuffle(data)
        for example in data:
            step += 1
            for group in optimizer.param_groups:
                group["lr"] = RATE * min(1.0, step / 200) * (1 - step / total)
            texts, labels = sampled(example, rng)
            if not texts:
                continue
            batch = tokenizer(
                [example.question] * len(texts), texts, return_tensors="pt", padding=True, truncation=True,
                max_length=LONGEST_PAIR,
            )  # fmt: skip
            loss = loss_of(ranker(batch), labels)
            loss.backward()
            recent.append(loss.item())
            if step % STEP == 0:
                nn.utils.clip_grad_norm_(fitted, 1.0)
                optimizer.step()
                optimizer.zero_grad()
            if step % 100 == 0:
                print(f"{step} of {total}: loss {np.mean(recent[-100:]):.3f}, {time.time() - begun:.0f} s", flush=True)
    ranker.save(ROOT / "assistant" / "data" / "ranker.npz")


def _half(group: str) -> int:
    return int(hashlib.md5(group.encode()).hexdigest(), 16) % 2


if __name__ == "__main__":
    main()
