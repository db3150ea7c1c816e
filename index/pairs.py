"""Score how well a text answers a question: the default model, read as a cross-encoder through a small fitted adapter.

The adapter is a file of low-rank updates (LoRA, arXiv 2106.09685) to the shipped all-MiniLM-L6-v2 and of one output
row; ``benchmarks/train_ranker.py`` fits it. Base weights and adapter are merged once, exported to ONNX in the cache,
and run by ONNX Runtime from then on.
"""

import hashlib
import logging
import tempfile
import threading
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from index.embeddings import DEFAULT_MODEL, DEFAULT_WEIGHTS, default_folder, load_sentence_transformer
from index.encodings import Floats, safe_text

LONGEST_PAIR = 128  # tokens; a sentence with its heading and the question rarely takes half
SCALE = 2.0  # of the low-rank update, as in training
EXPORT_NAME = "pairs-1.onnx"  # raise the number when the export changes


class PairScorer:
    """Scores (question, text) pairs; loads, and on first use exports, its model when first asked."""

    def __init__(self, adapter: Path, *, cache: Path) -> None:
        self._adapter = adapter
        self._cache = cache
        self._lock = threading.Lock()
        self._session: Any = None
        self._tokenizer: Any = None

    def scores(self, question: str, texts: Sequence[str]) -> Floats:
        """Log-odds, in input order, that each text answers the question; shape (len(texts),)."""
        if not texts:
            return np.zeros(0, dtype=np.float32)
        with self._lock:
            if self._session is None:
                self._open()
        encodings = self._tokenizer.encode_batch([(safe_text(question), safe_text(text)) for text in texts])
        feed = {
            "input_ids": np.array([e.ids for e in encodings], dtype=np.int64),
            "attention_mask": np.array([e.attention_mask for e in encodings], dtype=np.int64),
            "token_type_ids": np.array([e.type_ids for e in encodings], dtype=np.int64),
        }
        return np.asarray(self._session.run(None, feed)[0], dtype=np.float32)

    def _open(self) -> None:
        from tokenizers import Tokenizer

        self._tokenizer = Tokenizer.from_file(str(default_folder() / "tokenizer.json"))
        self._tokenizer.enable_truncation(LONGEST_PAIR, strategy="longest_first")
        self._tokenizer.enable_padding()
        try:
            self._session = _opened(self._adapter, self._cache)
        except OSError as error:
            warnings.warn(f"{self._cache} cannot hold the ranker ({error}); each start makes it anew", stacklevel=2)
            with tempfile.TemporaryDirectory() as folder:
                self._session = _opened(self._adapter, Path(folder))


def _opened(adapter: Path, cache: Path) -> Any:  # noqa: ANN401 - onnxruntime has no types
    exported = export_pairs(adapter, cache)
    try:
        return _session(exported)
    except Exception:  # cut short by a crash or a full disk; ONNX Runtime's errors have no public parent
        exported.unlink()
        return _session(export_pairs(adapter, cache))


def _session(exported: Path) -> Any:  # noqa: ANN401
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(exported), options, providers=["CPUExecutionProvider"])


def export_pairs(adapter: Path, cache: Path) -> Path:
    """The merged model as ONNX with 8-bit weights, in the cache by the hash of weights and adapter; made once.

    Raises:
        OSError: the cache cannot be written.

    """
    digest = hashlib.sha256(adapter.read_bytes()).hexdigest()[:16]
    target = cache.expanduser() / DEFAULT_WEIGHTS / digest / EXPORT_NAME
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as work, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the tracer, about code paths that this model does not take
        whole, small = Path(work) / "whole.onnx", Path(work) / "small.onnx"
        _export(adapter, str(whole))
        _quantise(whole, small)
        small.replace(target)
    return target


def _quantise(source: Path, target: Path) -> None:
    from onnxruntime.quantization import QuantType, quantize_dynamic

    logging.disable(logging.WARNING)  # it recommends a step that does nothing for this graph
    try:
        quantize_dynamic(str(source), str(target), weight_type=QuantType.QInt8, per_channel=True)
    finally:
        logging.disable(logging.NOTSET)


def _export(adapter: Path, path: str) -> None:
    import torch

    model = load_sentence_transformer(DEFAULT_MODEL)[0].auto_model.eval()
    fitted = np.load(adapter)
    layers = sum(key.endswith(".attention.self.query.a") for key in fitted.files)
    model.encoder.layer = model.encoder.layer[:layers]
    modules = dict(model.named_modules())
    with torch.no_grad():
        for key in fitted.files:
            if key.endswith(".a"):
                name = key.removesuffix(".a")
                update = fitted[f"{name}.b"].astype(np.float32) @ fitted[key].astype(np.float32)
                modules[name].weight += SCALE * torch.from_numpy(update)
    row = torch.from_numpy(fitted["head.weight"].astype(np.float32)).reshape(-1)
    bias = float(fitted["head.bias"].reshape(-1)[0])

    class Scored(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: Any, attention_mask: Any, token_type_ids: Any) -> Any:  # noqa: ANN401
            hidden = self.model(
                input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
            ).last_hidden_state
            mask = attention_mask[:, :, None].to(hidden.dtype)
            return ((hidden * mask).sum(1) / mask.sum(1)) @ row + bias

    names = ["input_ids", "attention_mask", "token_type_ids"]
    ones = torch.ones((2, 8), dtype=torch.long)
    torch.onnx.export(
        Scored().eval(),
        (ones, ones, torch.zeros_like(ones)),
        path,
        dynamo=False,
        opset_version=17,
        input_names=names,
        output_names=["score"],
        dynamic_axes={**{name: {0: "pairs", 1: "tokens"} for name in names}, "score": {0: "pairs"}},
    )
