"""A corpus as large as one likes, and an encoder for it that costs next to nothing: what the measurement of scale needs.

Documents are sentences of the bundled articles, shuffled with a seed, ten sections each. A passage's vector lies near
those of two bundled passages, and it has TOKENS token vectors, where a real passage of this length has about 130.
"""

import hashlib
import json
import os
import random
from functools import cached_property
from pathlib import Path

import numpy as np

from corpus import bundled_articles, read_documents, split, split_sentences
from index import Encoded, Encoder, ModelIdentity, QueryEncoding
from index.encodings import Floats, quantised, unit_rows

SEED, SECTIONS, SENTENCES, TOKENS, QUERIES = 7, 10, 5, 16, 200
QUESTIONS = Path(__file__).parent / "data" / "questions.jsonl"


class NearbyEncoder:
    """Vectors near real ones at no cost, the same for the same text; queries are encoded by the real model."""

    name = "nearby"

    def __init__(self, real: Floats) -> None:
        self._real = real

    def identity(self) -> ModelIdentity:
        """A model of its own."""
        return ModelIdentity(name=self.name, sha256="0" * 64, dimension=self._real.shape[1])

    def encode_passages(self, passages: list[tuple[str, str]]) -> Encoded:
        """Between two real passages, with noise as long as a third of that."""
        made = [self._one(body) for _, body in passages]
        return Encoded(
            vectors=np.stack([vector for vector, _ in made]),
            tokens=tuple(quantised(tokens) for _, tokens in made),
            spans=tuple(_spans(body) for _, body in passages),
            pieces=tuple(np.arange(TOKENS, dtype=np.int32) for _ in passages),
        )

    def _one(self, body: str) -> tuple[Floats, Floats]:
        seed = int.from_bytes(hashlib.blake2b(body.encode(), digest_size=8).digest(), "big")
        draw = np.random.default_rng(seed)
        a, b = self._real[draw.integers(len(self._real), size=2)]
        vector = unit_rows((a + draw.random() * b + _noise(draw, 1, len(a))).astype(np.float32))[0]
        return vector, unit_rows(vector + 2 * _noise(draw, TOKENS, len(a)))

    @cached_property
    def _encoder(self) -> Encoder:
        return Encoder(cache=_cache())

    def encode_query(self, text: str) -> QueryEncoding:
        """As the real model does."""
        return self._encoder.encode_query(text)


def _noise(draw: np.random.Generator, rows: int, dimension: int) -> Floats:
    return (draw.standard_normal((rows, dimension)) * (0.33 / dimension**0.5)).astype(np.float32)


def _spans(body: str) -> np.ndarray:
    edges = np.linspace(0, len(body), TOKENS + 1).astype(np.int32)
    return np.stack([edges[:-1], edges[1:]], axis=1)


def _cache() -> Path | None:
    given = os.environ.get("CMO_CACHE")
    return Path(given) if given else None


def write_documents(folder: Path, passages: int) -> None:
    """Markdown files that split into about that many passages."""
    draw = random.Random(SEED)
    documents, _ = read_documents(bundled_articles())
    sentences = [s.text for d in documents for p in split(d) for s in split_sentences(p) if s.kind == "prose"]
    words = sorted({word for sentence in sentences for word in sentence.split() if word.isalpha() and len(word) > 4})
    for number in range(passages // SECTIONS):
        lines = [f"# Document {number}: {draw.choice(words)} {draw.choice(words)}", ""]
        for section in range(SECTIONS):
            # A made-up word in each section: a real corpus never stops bringing new ones.
            unheard = "".join(draw.choice("bdfgklmnprstvz") + draw.choice("aeiou") for _ in range(4))
            chosen = " ".join(draw.sample(sentences, SENTENCES))
            lines += [f"## {draw.choice(words)} {section}", "", f"{chosen} It is called {unheard}.", ""]
        path = folder / f"{number // 1000:03}" / f"{number:06}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines), encoding="utf-8")


def real_vectors(work: Path) -> tuple[Floats, list[str]]:
    """The vectors of the bundled passages, made once, and some real questions."""
    path = work / "real.npy"
    if not path.exists():
        passages = [p for d in read_documents(bundled_articles())[0] for p in split(d)]
        np.save(path, Encoder(cache=_cache()).encode_passages([(p.title + "\n", p.text) for p in passages]).vectors)
    questions = [json.loads(line)["question"] for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
    return np.load(path), random.Random(SEED).sample(sorted(set(questions)), QUERIES)
