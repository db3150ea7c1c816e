"""Changes of low rank of the embedding model (LoRA, arXiv 2106.09685): a small file beside weights that anybody has."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

import numpy as np
import torch

from index.adapter import Floats
from index.embeddings import DEFAULT_MODEL, load_sentence_transformer

SCALE = 2.0
CHANGED = re.compile(r"attention\.self\.(?:query|key|value)$|\.dense$")


def of_like_length(texts: Sequence[str], parts: int, encode: Callable[[Sequence[str]], torch.Tensor]) -> torch.Tensor:
    """(texts, …) in input order, encoded in parts of texts of like length, so that little is padded."""
    order = sorted(range(len(texts)), key=lambda n: len(texts[n]))
    cuts = [n * len(order) // parts for n in range(parts + 1)]
    found = [encode([texts[n] for n in order[start:end]]) for start, end in pairwise(cuts) if start < end]
    return torch.cat(found)[torch.tensor(order).argsort()]


class LowRank(torch.nn.Module):
    """A linear layer that stays as it is, and a change of low rank beside it."""

    def __init__(self, base: torch.nn.Linear, rank: int) -> None:
        super().__init__()
        self.base = base
        self.down = torch.nn.Parameter(torch.randn(rank, base.in_features) / math.sqrt(base.in_features))
        self.up = torch.nn.Parameter(torch.zeros(base.out_features, rank))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The layer's output, moved."""
        return self.base(x) + SCALE * (x @ self.down.T) @ self.up.T


class Changed(torch.nn.Module):
    """The embedding model, its linear layers with changes of low rank, everything else as it is."""

    def __init__(self, rank: int) -> None:
        super().__init__()
        loaded = load_sentence_transformer(DEFAULT_MODEL)
        self.tokenizer, self.model = loaded.tokenizer, loaded[0].auto_model
        self.model.requires_grad_(requires_grad=False)
        self.changed: dict[str, LowRank] = {}
        for name, layer in list(self.model.named_modules()):
            if name.startswith("encoder.") and CHANGED.search(name):
                self.changed[name] = LowRank(layer, rank)
                above, _, last = name.rpartition(".")
                setattr(self.model.get_submodule(above), last, self.changed[name])

    @property
    def changes(self) -> list[torch.nn.Parameter]:
        """What is fitted."""
        return [p for layer in self.changed.values() for p in (layer.up, layer.down)]

    def pooled(self, texts: Sequence[str], longest: int) -> torch.Tensor:
        """(texts, dimension) of unit length: the mean over the tokens, of which ``longest`` are read."""
        marks = self.tokenizer(list(texts), truncation=True, max_length=longest, padding=True, return_tensors="pt")
        hidden = self.model(**marks).last_hidden_state.float()
        weight = marks["attention_mask"][:, :, None].float()
        return torch.nn.functional.normalize((hidden * weight).sum(1) / weight.sum(1), dim=-1)

    def as_written(self) -> Mapping[str, tuple[Floats, Floats]]:
        """The changes by the weight's name, as an ``Adapter`` has them, the scale in their one half."""
        return {
            f"{name}.weight": (SCALE * np.asarray(layer.up.detach()), np.asarray(layer.down.detach()))
            for name, layer in self.changed.items()
        }
