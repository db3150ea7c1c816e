"""Look at what is set, what is indexed and what is broken; name each fault with the step that mends it."""

import sqlite3
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from assistant.settings import Settings, chroma_headers, known_settings, unknown_variables
from corpus import UserError
from index import Manifest, load_manifest
from index.embeddings import DEFAULT_MODEL, DEFAULT_WEIGHTS, EXPORT_NAME, OnnxBackend, default_folder
from index.locking import only_writer
from index.manifest import NAME, rebuild
from index.store import VectorStore
from index.versions import OpenVersion, other_versions, remove_version

LIBRARIES = (
    "cmo-assistant",
    "chromadb",
    "langchain-core",
    "langchain-chroma",
    "sentence-transformers",
    "onnxruntime",
    "torch",
    "numpy",
    "gradio",
)
MEND = "python -m assistant doctor --mend"


def examine(settings: Settings, *, environment: Mapping[str, str] | None = None) -> dict[str, object]:
    """Look, and change nothing.

    Returns:
        "libraries", "settings", "index", "encoder", "chroma" and "leftovers" as found; "problems", each with the
        "step" that mends it; and "healthy", True where there are none.

    """
    libraries = _libraries()
    index, index_problems = _index(settings)
    encoder, encoder_problems = _encoder(settings)
    chroma, chroma_problems = _chroma(settings)
    left = [str(path) for path in leftovers(settings)]
    problems = [
        *(_problem(f"{name} is not installed", "pip install -e .") for name, found in libraries.items() if not found),
        *(_problem(f"{name} is no setting", f"unset {name}") for name in unknown_variables(environment)),
        *index_problems,
        *encoder_problems,
        *chroma_problems,
    ]
    if left:
        problems.append(_problem(f"{len(left)} leftovers of builds that did not end", MEND))
    defaults = known_settings()
    return {
        "python": sys.version.split()[0],
        "libraries": libraries,
        "settings": {
            name: {"value": getattr(settings, name), "from": settings.origins.get(name, "default")} for name in defaults
        },
        "index": index,
        "encoder": encoder,
        "chroma": chroma,
        "leftovers": left,
        "problems": problems,
        "healthy": not problems,
    }


def as_text(findings: dict[str, object]) -> str:
    """The findings as lines for a person, the problems last."""
    return "\n".join(_lines(findings))


def damage(index: Path, manifest: Manifest) -> str:
    """What is broken in the files of the live version, "" where all of them can be read.

    Raises:
        UserError: the version's vectors are on a Chroma server that does not answer.

    """
    live = OpenVersion(index, manifest.version, headers=chroma_headers())
    try:
        return _first_fault(live, manifest)
    except UserError:
        raise
    except Exception as error:  # SQLite, numpy and Chroma share no error of their own
        return f"{live.folder}: {type(error).__name__}: {(str(error).splitlines() or [''])[0]}"
    finally:
        live.close()


def forget_if_damaged(index: Path) -> str:
    """Where an index is damaged, take its manifest away, so that the next build makes it anew; say what was broken."""
    try:
        fault = damage(index, load_manifest(index))
    except UserError:  # no manifest that can be read: a build begins anew by itself
        return ""
    if fault:
        (index / NAME).unlink(missing_ok=True)
    return fault


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
    for exported in _exported(settings):
        if _unusable(exported):
            exported.unlink()
            yield f"removed {exported}; it is made again on first use"
    if not settings.index and (fault := forget_if_damaged(index)):
        yield f"rebuilding {index} ({fault})"
        ensure_bundled_index(settings)
    if found := leftovers(settings):
        with only_writer(index):
            for path in found:
                remove_version(path, headers=chroma_headers()) if path.is_dir() else path.unlink(missing_ok=True)
                yield f"removed {path}"


def _problem(problem: str, step: str) -> dict[str, str]:
    return {"problem": problem, "step": step}


def _libraries() -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = None
    return found


def _index(settings: Settings) -> tuple[dict[str, object], list[dict[str, str]]]:
    index = settings.index_folder.absolute()
    found: dict[str, object] = {"folder": str(index), "bundled": not settings.index, "exists": index.is_dir()}
    if not settings.index and not (index / NAME).exists():
        return found | {"state": "not built yet; the first question builds it"}, []
    try:
        manifest = load_manifest(index)
        fault = damage(index, manifest)
    except UserError as error:
        message, _, step = str(error).partition(" Run: ")
        return found | {"state": message}, [_problem(message, step if settings.index else MEND)]
    found |= {
        "version": manifest.version,
        "created": manifest.created,
        "model": asdict(manifest.model),
        "documents": manifest.documents,
        "passages": manifest.passages,
        "skipped": sum(record.reason is not None for record in manifest.files.values()),
        "corpus": manifest.corpus,
        "state": fault or "ready",
    }
    step = rebuild(index, manifest.corpus) if settings.index else MEND
    problems = [_problem(f"the index is damaged ({fault})", step)] if fault else []
    wanted = DEFAULT_MODEL if settings.embeddings == "minilm" else settings.embeddings
    if manifest.model.name != wanted:
        problems.append(
            _problem(f"the index was built with {manifest.model.name!r}, the settings ask for {wanted!r}", step)
        )
    if settings.chroma and manifest.chroma != settings.chroma:
        place = manifest.chroma or "its own folder"
        problems.append(_problem(f"the vectors are in {place}, the settings ask for {settings.chroma}", step))
    return found, problems


def _first_fault(live: OpenVersion, manifest: Manifest) -> str:
    catalog = live.folder / "catalog.sqlite"
    with closing(sqlite3.connect(f"{catalog.as_uri()}?mode=ro", uri=True)) as connection:
        state = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if state != "ok":
        return f"{catalog}: {state}"
    if (documents := len(live.catalog.documents())) != manifest.documents:
        return f"{catalog}: {documents} documents, not {manifest.documents}"
    row = live.catalog.numbered(manifest.passages - 1)
    vectors = live.vectors(row)
    live.lexical.idf("medical")
    if not len(live.weights):
        return f"{live.folder / 'weights.npy'} is empty"
    if not manifest.chroma and not (live.folder / "chroma").is_dir():
        return f"{live.folder / 'chroma'} is missing"
    if (held := live.store.count()) != manifest.passages:
        return f"Chroma holds {held} passages, not {manifest.passages}"
    live.store.query(vectors.vector, k=1)
    return ""


def _abandoned(path: Path) -> bool:
    """Whether what is written under a name for the time being has not been touched for an hour."""
    return time.time() - path.stat().st_mtime > 3600


def _exported(settings: Settings) -> list[Path]:
    """The models that were made for ONNX Runtime."""
    return sorted((settings.cache_folder / DEFAULT_WEIGHTS).rglob("*.onnx"))


def _encoder(settings: Settings) -> tuple[dict[str, object], list[dict[str, str]]]:
    exported = settings.cache_folder / DEFAULT_WEIGHTS / EXPORT_NAME
    faults = {path: fault for path in _exported(settings) if (fault := _unusable(path))}
    problems = [_problem(f"{path} cannot be loaded ({fault})", MEND) for path, fault in faults.items()]
    if settings.embeddings != "minilm":
        return {"model": settings.embeddings, "state": "loaded by sentence-transformers on first use"}, problems
    ready = faults.get(exported, "ready") if exported.exists() else "not exported yet; the first question exports it"
    found = {"model": DEFAULT_MODEL, "file": str(exported), "exported": exported.exists(), "state": ready}
    return found, problems


def _unusable(exported: Path) -> str:
    try:
        OnnxBackend(exported, default_folder())
    except Exception as error:  # ONNX Runtime's errors have no public parent
        return (str(error).splitlines() or [type(error).__name__])[0][:200]
    return ""


def _chroma(settings: Settings) -> tuple[dict[str, object], list[dict[str, str]]]:
    if not settings.chroma:
        return {"server": "", "state": "in the index folder"}, []
    try:
        VectorStore(settings.chroma, "doctor", headers=chroma_headers()).close()
    except UserError as error:
        message, _, step = str(error).partition("; ")
        return {"server": settings.chroma, "state": "does not answer"}, [_problem(message, step)]
    return {"server": settings.chroma, "state": "answers"}, []


def _lines(findings: Mapping[str, object]) -> Iterator[str]:
    for name, value in findings.items():
        if name in {"problems", "healthy"}:
            continue
        if isinstance(value, Mapping):
            yield f"{name}:"
            for key, of_key in value.items():
                text = f"{of_key['value']!r} ({of_key['from']})" if name == "settings" else of_key
                yield f"  {key}: {text}"
        elif isinstance(value, list):
            yield f"{name}: {', '.join(value) or 'none'}"
        else:
            yield f"{name}: {value}"
    problems = findings["problems"]
    assert isinstance(problems, list)  # noqa: S101
    yield f"problems: {len(problems) or 'none'}"
    for each in problems:
        yield f"- {each['problem']}"
        yield f"  mend it: {each['step']}"
