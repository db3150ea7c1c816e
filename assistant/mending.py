"""Mend what can be mended without asking: leftovers of builds, an unreadable query encoder, the bundled index."""

import time
from collections.abc import Iterator
from pathlib import Path

from assistant.settings import Settings, chroma_headers
from corpus import UserError
from index import load_manifest
from index.damage import forget_if_damaged
from index.embeddings import DEFAULT_WEIGHTS, OnnxBackend, default_folder
from index.locking import only_writer
from index.manifest import NAME
from index.versions import other_versions, remove_version

MEND = "python -m assistant doctor --mend"


def leftovers(settings: Settings) -> list[Path]:
    """What builds that did not end have left in the index and in the cache."""
    index = settings.index_folder.absolute()
    made = settings.cache_folder / DEFAULT_WEIGHTS
    found = sorted(path for pattern in ("*.part", "*/tmp*") for path in made.glob(pattern) if _abandoned(path))
    try:
        manifest = load_manifest(index)
    except UserError:
        return found  # no live version to tell from the rest; the next build removes what it does not need
    return [*found, *index.glob(f"{NAME}.part"), *other_versions(index, (manifest.version, manifest.previous))]


def mend(settings: Settings) -> Iterator[str]:
    """Remove leftovers and an unreadable query encoder, rebuild the index of the bundled articles where it is damaged.

    Yields what is done, a line each. An index of one's own documents is left alone: its folder may be gone by now.
    """
    from assistant.api import ensure_bundled_index

    index = settings.index_folder.absolute()
    for exported in exported_models(settings):
        if unusable(exported):
            exported.unlink()
            yield f"removed {exported}; it is made again on first use"
    if not settings.index and (fault := forget_if_damaged(index, headers=chroma_headers())):
        yield f"rebuilding {index} ({fault})"
        ensure_bundled_index(settings)
    if found := leftovers(settings):
        with only_writer(index):
            for path in found:
                remove_version(path, headers=chroma_headers()) if path.is_dir() else path.unlink(missing_ok=True)
                yield f"removed {path}"


def exported_models(settings: Settings) -> list[Path]:
    """The models that were made for ONNX Runtime."""
    return sorted((settings.cache_folder / DEFAULT_WEIGHTS).rglob("*.onnx"))


def unusable(exported: Path) -> str:
    """Why a model that was made for ONNX Runtime cannot be loaded, "" where it can."""
    try:
        OnnxBackend(exported, default_folder())
    except Exception as error:  # ONNX Runtime's errors have no public parent
        return (str(error).splitlines() or [type(error).__name__])[0][:200]
    return ""


def _abandoned(path: Path) -> bool:
    """Whether what is written under a name for the time being has not been touched for an hour."""
    return time.time() - path.stat().st_mtime > 3600
