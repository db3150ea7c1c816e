"""Look at what is set, what is indexed and what is broken; name each fault with the step that mends it."""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version

from assistant.mending import MEND, exported_models, leftovers, unusable
from assistant.secrets import without_secrets
from assistant.settings import Settings, chroma_headers, known_settings, unknown_variables
from corpus import UserError
from index import load_manifest
from index.damage import damage
from index.embeddings import DEFAULT_MODEL, DEFAULT_WEIGHTS, EXPORT_NAME
from index.manifest import NAME, rebuild
from index.store import VectorStore

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
            name: {"value": _shown(getattr(settings, name)), "from": settings.origins.get(name, "default")}
            for name in defaults
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


def _shown(value: object) -> object:
    return without_secrets(value) if isinstance(value, str) else value


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
        fault = damage(index, manifest, headers=chroma_headers())
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


def _encoder(settings: Settings) -> tuple[dict[str, object], list[dict[str, str]]]:
    exported = settings.cache_folder / DEFAULT_WEIGHTS / EXPORT_NAME
    faults = {path: fault for path in exported_models(settings) if (fault := unusable(path))}
    problems = [_problem(f"{path} cannot be loaded ({fault})", MEND) for path, fault in faults.items()]
    if settings.embeddings != "minilm":
        return {"model": settings.embeddings, "state": "loaded by sentence-transformers on first use"}, problems
    ready = faults.get(exported, "ready") if exported.exists() else "not exported yet; the first question exports it"
    found = {"model": DEFAULT_MODEL, "file": str(exported), "exported": exported.exists(), "state": ready}
    return found, problems


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
