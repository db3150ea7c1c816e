"""Texts whose facts are known, and what the nearest of them say of a new question.

The bundled articles come with questions that people ask of them, each tied to the facts that answer it, or to none
where the articles are silent; and with statements of those facts (``data/asked.npz``, made by
``benchmarks/gather_asked.py``). Both are compared with a new question in a space in which a question lies near its
answers and near the questions that share them: the embedding model with an adapter that was fitted on them
(``data/question_encoder.npz``, made by ``benchmarks/tune_encoder.py``). A sentence that states the facts of a text
much like the question at hand is likely to the point. Sentences lie in that space too, by a map of the vectors that the
index stores of them: in other documents, where no sentence is tied to a fact, a question lies near what answers it too.
"""

from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from hashlib import blake2b
from importlib.resources import as_file, files
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from assistant.claims import negations
from assistant.questions import QUESTION_WORDS, question_word
from index.adapter import Adapter, read_adapter
from index.encodings import TextEncoder, unit_rows

Floats = NDArray[np.float32]
Facts = frozenset[str]

STEPS = 63.5  # of a stored value, from 0 to 1: with twice as many the file is a fifth larger and tells the same
NEAREST = 32  # texts with facts that have a say
UNLIKE = 0.3  # cosine at which two texts have nothing in common
SHARPNESS = 0.04  # of the softmax over the nearest: a text .04 nearer weighs 2.7 times as much
SAME_WORD = 0.05  # what a question that asks with the same word (who, why, how much) counts as nearer
DENIED = 0.1  # what a question counts as farther where one of the two denies: their vectors hardly show it
VOTED, LEAST_VOTE = 10, 0.02  # facts that a question is answered from at most, and the weight that each has at least
NEIGHBOURS, THEIR_SHARPNESS = 16, 0.1  # questions whose being answered or not tells of the one at hand
STRANGE, FAMILIAR = 0.28, 0.48  # mean likeness of the nearest NEIGHBOURS texts, between which akin comes to count
MIDDLING = 0.3  # how akin any sentence is taken to be to a question of which the known texts can't tell


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearest:
    """What the known texts say of a new question, all from 0, nothing alike, to 1, the same.

    ``alike``, ``share``, ``vital`` and ``akin`` have one value for each sentence: the likeness of the nearest text that
    has a fact of the sentence; the share of the nearest texts that have one, each by its likeness and less the more
    facts it has; the share of those to whose short answer the sentence is vital; and the cosine of the question with
    the sentence itself, or MIDDLING where the question is unlike all known texts. ``answered`` and ``unanswered`` are
    the likeness of the nearest question of either kind, ``stated`` that of the nearest statement of a fact, ``company``
    the share of the nearest questions that have an answer, and ``likeness`` how alike these are in the mean. ``votes``
    has what these texts say for each fact, 1 for the one that they say most for.
    """

    alike: tuple[float, ...]
    share: tuple[float, ...]
    vital: tuple[float, ...]
    akin: tuple[float, ...]
    answered: float = 0.0
    unanswered: float = 0.0
    stated: float = 0.0
    company: float = 0.0
    likeness: float = 0.0
    votes: Mapping[str, float] = field(default_factory=dict)


class Asked:
    """The known texts; immutable, and safe to share between threads.

    Args:
        vectors: (texts, space) of unit length, by the adapted model.
        facts: of each text; a question without an answer has none.
        vital: those of them that a short answer must state.
        words: the question word of each of the first texts, which are questions; the others are statements.
        denying: whether each question holds a "not" or its like.
        sentence_map: (dimension, space), from the mean of a sentence's token vectors to where it lies among the texts.
        stated: the ``digest`` of each of the texts that are statements; may be left out.

    """

    def __init__(
        self,
        vectors: Floats,
        *,
        facts: Sequence[Facts],
        vital: Sequence[Facts],
        words: Sequence[str],
        denying: Sequence[bool],
        sentence_map: Floats,
        stated: Sequence[int] = (),
    ) -> None:
        self.vectors, self.sentence_map = vectors, sentence_map
        self.questions = len(words)  # how many of the texts are questions
        self.facts, self.vital = tuple(facts), tuple(vital)
        of_questions = [QUESTION_WORDS.index(word) for word in words]
        self._words = np.array([*of_questions, *(0,) * (len(facts) - len(words))], dtype=np.int8)
        self._denying = np.array(denying, dtype=bool)
        self._stated = tuple(stated)
        self._place_of = {number: len(words) + n for n, number in enumerate(self._stated)}
        self._have_facts = np.array([bool(f) for f in facts])
        self._is_question = np.arange(len(facts)) < len(words)
        self._likeness = lru_cache(maxsize=16)(self._compared)  # a question asks for its sentences and for itself

    def leaving_out(self, numbers: Container[int]) -> "Asked":
        """These texts without the questions of those numbers, from 0 on; for fitting on those very questions."""
        kept = [n for n in range(len(self.facts)) if n >= self.questions or n not in numbers]
        asked = [n for n in kept if n < self.questions]
        return Asked(
            self.vectors[kept],
            facts=[self.facts[n] for n in kept],
            vital=[self.vital[n] for n in kept],
            words=[QUESTION_WORDS[self._words[n]] for n in asked],
            denying=[self._denying[n] for n in asked],
            sentence_map=self.sentence_map,
            stated=self._stated,
        )

    def cosines(self, question: Floats, sentences: Sequence[str]) -> list[float | None]:
        """The cosine of a question (see ``nearest``) with each sentence; None for one that is no statement known."""
        rows = [self._place_of.get(digest(sentence)) for sentence in sentences]
        return [None if row is None else float(self.vectors[row] @ question) for row in rows]

    def nearest(
        self,
        question: Floats,
        stated: Sequence[Facts],
        sentences: Floats | None = None,
        *,
        wording: str = "",
    ) -> Nearest:
        """What the texts nearest to a new question say of it.

        Args:
            question: (space,) of unit length: where ``placed`` puts it.
            stated: for each sentence the facts that it is tied to.
            sentences: (len(stated), dimension) the means of their token vectors as the index stores them.
            wording: its text, for what its vector does not tell.

        """
        near = self._near(question, wording)
        best, weight = self._voters(near, wording)
        likeness = self._mean_likeness(question)
        match = _matches(stated, [self.facts[n] for n in best])
        sizes = np.array([max(1, len(self.facts[n])) for n in best], dtype=np.float32)
        asked = self._is_question & self._have_facts
        return Nearest(
            alike=tuple(float(v) for v in (match * near[best]).max(axis=1, initial=0.0)),
            share=tuple(float(v) for v in match @ (weight / sizes)),
            vital=tuple(float(v) for v in _matches(stated, [self.vital[n] for n in best]) @ weight),
            akin=tuple(float(v) for v in self._akin(question, sentences, count=len(stated), likeness=likeness)),
            answered=float(near[asked].max(initial=0.0)),
            unanswered=float(near[~self._have_facts].max(initial=0.0)),
            stated=float(near[~self._is_question].max(initial=0.0)),
            company=self._company(near),
            likeness=likeness,
            votes=_of_the_most(self._votes(near, wording)),
        )

    def voted(self, question: Floats, *, wording: str = "") -> list[str]:
        """The facts that the texts nearest to a new question have, likeliest first; the arguments are ``nearest``'s."""
        votes = self._votes(self._near(question, wording), wording)
        best = sorted(votes, key=lambda fact: (-votes[fact], fact))
        return [fact for fact in best[:VOTED] if votes[fact] >= LEAST_VOTE]

    def sought(self, question: Floats) -> Floats | None:
        """(dimension,) of unit length: the embedding model's vector of what would lie nearest to a question.

        None where the question is unlike all known texts, from which the map was learnt.
        """
        return unit_rows((self.sentence_map @ question)[None])[0] if self._mean_likeness(question) > STRANGE else None

    def _mean_likeness(self, question: Floats) -> float:
        """The mean likeness of the NEIGHBOURS texts nearest to a question."""
        near = self._likeness(np.asarray(question, dtype=np.float32).tobytes())
        return float(near[_first(near, NEIGHBOURS)].mean()) if len(near) else 0.0

    def _near(self, question: Floats, wording: str) -> Floats:
        """(texts,): how alike each text is to the question, 0 to 1, less where one of the two denies."""
        near = self._likeness(np.asarray(question, dtype=np.float32).tobytes()).copy()
        near[: self.questions] -= np.float32(DENIED) * (self._denying != (negations(wording) > 0))
        return np.maximum(near, np.float32(0.0))

    def _voters(self, near: Floats, wording: str) -> tuple[NDArray[np.intp], Floats]:
        """The nearest texts that have facts, by their likeness, and the weight of what each says."""
        same_word = (self._words == QUESTION_WORDS.index(question_word(wording))) & (self._words > 0)
        of_facts = np.where(self._have_facts, near + np.float32(SAME_WORD) * same_word, np.float32(-1.0))
        best = _first(of_facts, NEAREST)
        weight = np.exp((of_facts[best] - of_facts[best].max(initial=0.0)) * (1.0 - UNLIKE) / SHARPNESS)
        return best, np.asarray(weight * near[best] / max(float(weight.sum()), 1e-9), dtype=np.float32)

    def _votes(self, near: Floats, wording: str) -> dict[str, float]:
        """What the nearest texts that have facts say for each of these: more for one that a short answer must state."""
        votes: dict[str, float] = defaultdict(float)
        for text, weight in zip(*self._voters(near, wording), strict=True):
            facts, vital = self.facts[text], self.vital[text]
            for fact in facts:
                votes[fact] += float(weight) * ((fact in vital) + 1.0 / len(facts))
        return votes

    def _compared(self, question: bytes) -> Floats:
        """(texts,): how alike each text is to the question, the float32 values of its vector, 0 to 1."""
        vector = np.frombuffer(question, dtype=np.float32)
        near = np.clip((self.vectors @ vector - UNLIKE) / (1.0 - UNLIKE), 0.0, 1.0)
        return np.asarray(near, dtype=np.float32)

    def _akin(self, question: Floats, sentences: Floats | None, *, count: int, likeness: float) -> Floats:
        """(count,): the cosine of the question with each sentence, 0 at the least, as far as it is familiar."""
        familiar = share_between(STRANGE, FAMILIAR, likeness)
        if sentences is None or not count or not familiar:
            return np.full(count, MIDDLING, dtype=np.float32)
        cosines = np.maximum(unit_rows(sentences @ self.sentence_map) @ question, 0.0)
        return np.asarray(familiar * cosines + (1.0 - familiar) * MIDDLING, dtype=np.float32)

    def _company(self, near: Floats) -> float:
        """The share of the nearest questions that have an answer, each by its likeness."""
        asked = near[self._is_question]
        best = _first(asked, NEIGHBOURS)
        weight = np.exp(asked[best] * (1.0 - UNLIKE) / THEIR_SHARPNESS) * (asked[best] > 0.0)
        return float(weight @ self._have_facts[best] / max(float(weight.sum()), 1e-9))


def share_between(low: float, high: float, value: float) -> float:
    """How far a value lies on the way from ``low``, 0, to ``high``, 1."""
    return min(1.0, max(0.0, (value - low) / (high - low)))


@cache
def load_asked() -> Asked:
    """The texts that come with the package."""
    with (files("assistant") / "data" / "asked.npz").open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        return Asked(
            arrays["vectors"].astype(np.float32) / STEPS,
            facts=_facts(arrays["facts"], arrays["ends"]),
            vital=_facts(arrays["vital"], arrays["vital_ends"]),
            words=[QUESTION_WORDS[number] for number in arrays["words"]],
            denying=arrays["denying"],
            sentence_map=arrays["sentence_map"].astype(np.float32),
            stated=arrays["stated"].tolist(),
        )


def digest(text: str) -> int:
    """What a known statement is told by: 64 bits of its text."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")


@cache
def load_adapter() -> Adapter:
    """What makes of the default embedding model the one that questions are compared by."""
    with as_file(files("assistant") / "data" / "question_encoder.npz") as path:
        return read_adapter(path)


@lru_cache(maxsize=256)
def placed(text: str, encoder: TextEncoder) -> Floats:
    """(space,) of unit length: a question among the known texts; ``encoder`` is one of the default model."""
    vector = _adapted(encoder).encode_query(text).vector
    return np.asarray(load_adapter().projected(vector[None])[0], dtype=np.float32)


@lru_cache(maxsize=4)
def _adapted(encoder: TextEncoder) -> TextEncoder:
    return encoder.adapted(load_adapter())


def _matches(stated: Sequence[Facts], texts: Sequence[Facts]) -> Floats:
    """(sentences, texts): 1 where a sentence states a fact of a text, else 0."""
    match = np.array([[not facts.isdisjoint(other) for other in texts] for facts in stated], dtype=np.float32)
    return match.reshape(len(stated), len(texts))


def _of_the_most(votes: Mapping[str, float]) -> dict[str, float]:
    """Votes as shares of the highest of them."""
    most = max(votes.values(), default=0.0)
    return {fact: vote / most for fact, vote in votes.items()} if most else {}


def _first(values: Floats, count: int) -> NDArray[np.intp]:
    """The places of the ``count`` highest values, highest first; of equal ones the first."""
    if len(values) <= count:
        return np.argsort(-values, kind="stable")
    least = np.partition(values, len(values) - count)[len(values) - count]
    among = np.flatnonzero(values >= least)
    return among[np.argsort(-values[among], kind="stable")][:count]


def _facts(names: NDArray[np.str_], ends: NDArray[np.int_]) -> list[Facts]:
    """The facts of each text, from those of all texts in a row and where each text's end."""
    in_a_row = [str(name) for name in names]
    return [frozenset(in_a_row[start:end]) for start, end in pairwise([0, *(int(end) for end in ends)])]
