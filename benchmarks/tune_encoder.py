"""Fit the adapter by which the embedding model compares questions: assistant/data/question_encoder.npz.

Data, all our own: the known texts (see ``gather_asked.py``), but for the questions that the weights are fitted on. Low-rank
changes of the model's weights (LoRA, arXiv 2106.09685) and a map of its vectors are fitted together so that a text's
nearest are those with which it shares facts; a question without an answer those that come near the same facts. One
question in six is asked as in a talk: behind another on the same post, which it names by a pronoun only. Takes 40
minutes on two cores. Run before ``gather_asked.py``, where the known texts changed much:

    python benchmarks/tune_encoder.py
"""

import math
import re
from collections.abc import Mapping, Sequence

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - the name that everybody uses
from known import SEED, SHARPNESS, Known, encoded, fitted_space, questions, statements
from labelled import ROOT

from assistant import open_assistant
from index.adapter import write_adapter
from index.embeddings import DEFAULT_MODEL, load_sentence_transformer

RANK, SCALE = 16, 2.0  # of the changes
SPACE = 192  # dimensions
STEPS, WARMING, BATCH = 500, 40, 128
RATE, RATE_OF_MAP = 5e-4, 2.5e-4
LESS = 0.5  # weight of a fact that is not vital
SILENT = 24  # questions without an answer that are placed anew in each step
IN_TALKS = 0.18  # of the questions of a step
LONGEST = 96  # tokens
CHANGED = re.compile(r"attention\.self\.(?:query|key|value)$|\.dense$")
_THING = r"medical staff|peer review|health center|fqhc"
_NAMED = re.compile(
    r"\b(?:(?:an?|the|our|my|your|her|his)\s+)?((?:chief medical officer|cmo|medical director|chief nursing officer|cno|ceo|cmio|"
    rf"vpma|chief of staff|chief quality officer|{_THING}))(?:'s|s)?\b",
    re.I,
)
PEOPLE, THINGS = ("she", "he", "they", "the post", "that person"), ("it", "they", "that")
NAMED_ANYWAY = 0.25  # of the questions asked as in a talk


class LowRank(torch.nn.Module):
    """A linear layer that stays as it is, and a change of low rank beside it."""

    def __init__(self, base: torch.nn.Linear) -> None:
        super().__init__()
        self.base = base
        self.down = torch.nn.Parameter(torch.randn(RANK, base.in_features) / math.sqrt(base.in_features))
        self.up = torch.nn.Parameter(torch.zeros(base.out_features, RANK))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The layer's output, moved."""
        return self.base(x) + SCALE * (x @ self.down.T) @ self.up.T


class Tuned(torch.nn.Module):
    """The embedding model with changes of low rank, and the map behind it."""

    def __init__(self, projection: np.ndarray) -> None:
        super().__init__()
        loaded = load_sentence_transformer(DEFAULT_MODEL)
        self.tokenizer, self.model = loaded.tokenizer, loaded[0].auto_model
        self.model.requires_grad_(requires_grad=False)
        self.changed: dict[str, LowRank] = {}
        for name, layer in list(self.model.named_modules()):
            if name.startswith("encoder.") and CHANGED.search(name):
                self.changed[name] = LowRank(layer)
                above, _, last = name.rpartition(".")
                setattr(self.model.get_submodule(above), last, self.changed[name])
        self.map = torch.nn.Linear(*projection.shape, bias=False)
        self.map.weight.data = torch.tensor(projection.T.copy())

    def forward(self, texts: Sequence[str]) -> torch.Tensor:
        """(texts, SPACE) of unit length."""
        marks = self.tokenizer(list(texts), truncation=True, max_length=LONGEST, padding=True, return_tensors="pt")
        hidden = self.model(**marks).last_hidden_state
        weight = marks["attention_mask"][:, :, None].float()
        pooled = F.normalize((hidden * weight).sum(1) / weight.sum(1), dim=-1)
        return F.normalize(self.map(pooled), dim=-1)

    def of_like_length(self, texts: Sequence[str]) -> torch.Tensor:
        """(texts, SPACE), the shorter half and the longer half encoded apart."""
        order = sorted(range(len(texts)), key=lambda n: len(texts[n]))
        half = len(order) // 2
        found = torch.cat([self([texts[n] for n in part]) for part in (order[:half], order[half:])])
        return found[torch.tensor(order).argsort()]


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


def in_a_talk(n: int, asked: Sequence[Known], vectors: np.ndarray, chance: np.random.Generator) -> str:
    """The question behind another that names the same post, which it leaves to a pronoun; itself where there is none."""
    text = asked[n].text
    if not (named := _NAMED.search(text)):
        return text
    drawn = chance.integers(0, len(asked), 400)
    near = drawn[np.argsort(-(vectors[drawn] @ vectors[n]))][:60]
    before = [asked[m].text for m in near if asked[m].text != text and named[1].lower() in asked[m].text.lower()]
    if not before:
        return text
    pronouns = THINGS if re.search(_THING, named[0], re.I) else PEOPLE
    instead = named[0] if chance.random() < NAMED_ANYWAY else str(chance.choice(pronouns))
    first = before[int(chance.integers(0, min(6, len(before))))]
    return f"{first.rstrip('?')}: {text[: named.start()]}{instead}{text[named.end() :]}"


def fit(texts: Sequence[Known], asked: Sequence[Known], vectors: np.ndarray) -> Tuned:
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
    sizes, unseen = (held * held).sum(1), torch.tensor(~fitted)
    have = np.array([bool(known.facts) for known in texts])
    answered, silent = np.flatnonzero(fitted & have), np.flatnonzero(fitted & ~have)
    near_something = silent[(held[silent].sum(1) > 0).numpy()]
    changes = [p for layer in tuned.changed.values() for p in (layer.up, layer.down)]
    rates = (RATE, RATE_OF_MAP)
    groups = [{"params": changes, "weight_decay": 0.01}, {"params": tuned.map.parameters(), "weight_decay": 0.0}]
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
        said = {n: in_a_talk(n, asked, vectors, chance) for n in rows if n < len(asked) and chance.random() < IN_TALKS}
        own = tuned.train().of_like_length([said.get(n) or texts[n].text for n in rows])
        at = torch.tensor(rows)
        plain = torch.tensor([said.get(n, texts[n].text) == texts[n].text for n in rows])
        both = held[at] @ held.T
        shared = both / (sizes[at][:, None] + sizes[None] - both).clamp(min=1e-9)
        likeness = own @ memory.T
        likeness[:, at[plain]] = own @ own[plain].T
        likeness = likeness / SHARPNESS
        likeness[torch.arange(BATCH), at] = likeness[:, unseen] = -1e4
        shared[torch.arange(BATCH), at] = shared[:, unseen] = 0.0
        told = shared.sum(1) > 0
        target = shared[told] / shared[told].sum(1, keepdim=True)
        loss = -(target * F.log_softmax(likeness[told], -1)).sum(1).mean()
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(changes, 1.0)
        optimiser.step()
        with torch.no_grad():
            memory[at[plain]] = own.detach()[plain]
            again = torch.tensor(chance.choice(silent, SILENT, replace=False))
            memory[again] = tuned.eval().of_like_length([texts[int(n)].text for n in again])
        if step % 20 == 0:
            print(f"step {step} of {STEPS}: loss {loss.item():.3f}", flush=True)
    return tuned


def main() -> None:
    """Fit and write."""
    assistant = open_assistant()
    asked = questions()
    texts = [*asked, *statements(assistant)]
    write(fit(texts, asked, encoded(texts, assistant.retriever.encoder)))


def write(tuned: Tuned) -> None:
    """Write what was fitted, the scale of the changes in their one half."""
    changes: Mapping[str, tuple[np.ndarray, np.ndarray]] = {
        f"{name}.weight": (SCALE * layer.up.detach().numpy(), layer.down.detach().numpy())
        for name, layer in tuned.changed.items()
    }
    projection = tuned.map.weight.detach().numpy().T
    write_adapter(ROOT / "assistant" / "data" / "question_encoder.npz", changes, projection)


if __name__ == "__main__":
    main()
