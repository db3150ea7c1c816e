"""A cross-encoder in the judge's place: any that sentence-transformers opens and that tells support from its lack.

The pair is (evidence, claim), as entailment models have it. Each sentence of the claim is held against every evidence
text and against all of them together; the best counts.
"""

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from assistant.answers import Support
from assistant.support import Stored, nothing, statements
from assistant.terms import terms, words
from corpus import UserError

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

SUPPORTED = 0.5  # what such a model means by "rather yes than no"
_SUPPORTS = ("entail", "support", "consistent", "yes")
_CONTRADICTS = ("contradict", "refute")


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossEncoderJudge:
    """A judge that reads evidence and claim together.

    ``supports`` is the place of the output that stands for support, None where the model has a single output;
    ``contradicts`` that of contradiction, None where it has none.
    """

    name: str
    model: "CrossEncoder"
    supports: int | None
    contradicts: int | None

    def check(self, claim: str, evidence: Sequence[str]) -> Support:
        """The mean over the claim's sentences by length; label, quote and reason are of the least supported one."""
        verdicts = self._verdicts(claim, evidence)
        sizes = [max(1, len(words(sentence))) for sentence, _ in verdicts]
        worst = min((verdict for _, verdict in verdicts), key=lambda verdict: verdict.score)
        score = sum(verdict.score * n for (_, verdict), n in zip(verdicts, sizes, strict=True)) / sum(sizes)
        return replace(worst, score=score)

    def check_statement(self, claim: str, evidence: Sequence[str], *, stored: Stored | None = None) -> Support:
        """The verdict on the claim's least supported sentence."""
        return min((verdict for _, verdict in self._verdicts(claim, evidence)), key=lambda verdict: verdict.score)

    def _verdicts(self, claim: str, evidence: Sequence[str]) -> list[tuple[str, Support]]:
        given = [n for n, text in enumerate(evidence) if text.strip()]
        sentences = [claim[start:end] for start, end in statements(claim) if terms(claim[start:end])]
        if not given or not sentences:
            return [(claim, nothing(claim))]
        texts = [evidence[n] for n in given]
        together = texts if len(texts) == 1 else [*texts, "\n".join(texts)]
        pairs = [(text, sentence) for sentence in sentences for text in together]
        supported, contradicted = self._probabilities(pairs)
        verdicts = []
        for n, sentence in enumerate(sentences):
            rows = slice(n * len(together), (n + 1) * len(together))
            best = int(supported[rows][: len(texts)].argmax())
            score, against = float(supported[rows].max()), float(contradicted[rows].max())
            verdicts.append((sentence, self._verdict(score, against, given[best], evidence[given[best]])))
        return verdicts

    def _verdict(self, score: float, against: float, place: int, quote: str) -> Support:
        if score >= SUPPORTED:
            return Support(
                score=score, label="supported", evidence=place, quote=quote, reason=f"{self.name} finds it supported"
            )
        label, says = ("contradicted", "contradicted") if against > max(score, SUPPORTED) else ("unsupported", "not")
        reason = f"{self.name} finds it {says}" + (" supported" if says == "not" else "")
        return Support(score=score, label=label, evidence=place, quote=quote, reason=reason)  # type: ignore[arg-type]

    def _probabilities(self, pairs: Sequence[tuple[str, str]]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        from torch import nn

        one = self.supports is None
        found = self.model.predict(
            list(pairs), activation_fn=nn.Sigmoid() if one else nn.Softmax(dim=-1), show_progress_bar=False
        )
        rows = np.asarray(found, dtype=np.float64).reshape(len(pairs), -1)
        against = np.zeros(len(pairs)) if self.contradicts is None else rows[:, self.contradicts]
        return rows[:, self.supports or 0], against


def open_cross_encoder(name: str) -> CrossEncoderJudge:
    """Open a cross-encoder by its id on the hub or its folder.

    Raises:
        UserError: it cannot be loaded, or its outputs do not say which of them stands for support.

    """
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    from sentence_transformers import CrossEncoder

    try:
        model = CrossEncoder(name, device="cpu")
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        raise UserError(
            f"the judge {name!r} cannot be loaded: {reason}. Set CMO_JUDGE to the id or folder of a "
            "sentence-transformers CrossEncoder, or unset it for the shipped judge."
        ) from error
    logging.getLogger("sentence_transformers").setLevel(logging.WARNING)
    outputs = {int(n): str(label).lower() for n, label in (model.config.id2label or {}).items()}
    if len(outputs) == 1:
        return CrossEncoderJudge(name=name, model=model, supports=None, contradicts=None)
    supports = next((n for n, label in outputs.items() if label.startswith(_SUPPORTS)), None)
    if supports is None:
        raise UserError(
            f"the judge {name!r} has the outputs {', '.join(outputs.values())}, none of which stands for support. "
            "Set CMO_JUDGE to a model with one output, or with one named entailment, or unset it."
        )
    contradicts = next((n for n, label in outputs.items() if label.startswith(_CONTRADICTS)), None)
    return CrossEncoderJudge(name=name, model=model, supports=supports, contradicts=contradicts)
