"""What predictions were made with, so that none is taken for another's and no run goes on as a different one."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assistant import Assistant

_ROOT = Path(__file__).parent.parent
_ANSWERING = (
    "assistant/**/*",
    "corpus/*.py",
    "index/**/*.py",
    "eval/citations.py",
    "eval/predict.py",
    "eval/predictions.py",
    "eval/tracing.py",
)
"""The files that decide what a prediction holds; what only draws a report is left out."""
_SUFFIXES = (".py", ".json", ".npz", ".onnx")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """Everything besides the questions that can change an answer or its verdicts; digests are the first 12 of SHA-256.

    ``index`` is of the documents, the splitting and the embedding model, not of the moment the index was built;
    ``prompt`` is "" where no chat model writes.
    """

    model: str
    prompt: str
    judge: str
    index: str
    documents: int
    embeddings: str
    passages: int  # that an answer may draw on
    code: str

    def to_dict(self) -> dict[str, object]:
        """The stamp as JSON."""
        return asdict(self)


def stamp_from(row: Mapping[str, object]) -> Stamp:
    """The stamp that ``to_dict`` wrote.

    Raises:
        TypeError: a field is missing or unknown.

    """
    return Stamp(**row)  # type: ignore[arg-type]


def differences(one: Stamp, other: Stamp) -> tuple[str, ...]:
    """In what two stamps differ, as ``name: one -> other``.

    >>> blank = Stamp(model="a", prompt="", judge="", index="", documents=1, embeddings="", passages=8, code="")
    >>> differences(blank, blank)
    ()
    """
    pairs = ((f.name, getattr(one, f.name), getattr(other, f.name)) for f in fields(Stamp))
    return tuple(f"{name}: {a} -> {b}" for name, a, b in pairs if a != b)


def stamp_of(assistant: "Assistant", *, judge: str) -> Stamp:
    """The stamp of what an assistant answers now; ``judge`` names what judges its citations."""
    from assistant.prompts import SYSTEM

    manifest = assistant.retriever.manifest
    documents = sorted((doc_id, record.sha256) for doc_id, record in manifest.files.items() if record.reason is None)
    return Stamp(
        model=assistant.model,
        prompt="" if assistant.chat is None else digest([SYSTEM]),
        judge=judge,
        index=digest([manifest.splitting, manifest.model.sha256, *(part for pair in documents for part in pair)]),
        documents=manifest.documents,
        embeddings=manifest.model.name,
        passages=assistant.passages,
        code=code_digest(),
    )


@cache
def code_digest() -> str:
    """The digest of the code and the weights that answers and verdicts come from."""
    paths = sorted({path for pattern in _ANSWERING for path in _ROOT.glob(pattern) if path.suffix in _SUFFIXES})
    return digest(part for path in paths for part in (path.relative_to(_ROOT).as_posix(), path.read_bytes()))


def digest(parts: Iterable[str | bytes]) -> str:
    """The first 12 hexadecimal digits of the SHA-256 of some parts, each set off from the next.

    >>> digest(["ab", "c"]) == digest(["a", "bc"])
    False
    """
    whole = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        whole.update(f"{len(data)}:".encode() + data)
    return whole.hexdigest()[:12]
