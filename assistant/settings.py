"""What can be set, and where a value comes from: argument, then environment, then file, then default."""

import hashlib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from corpus import UserError, bundled_articles

SETTINGS_FILE = "cmo.toml"
"""Read from the working folder, or from where CMO_SETTINGS says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that a user can set; ``CMO_<NAME>`` in the environment, ``name = …`` in the settings file.

    ``index`` "" means the bundled corpus, kept in the user's cache and brought up to date when it is opened.
    ``model`` is "extractive" or "provider:name" of a LangChain chat model; ``base_url`` points an OpenAI-compatible
    provider elsewhere. ``embeddings`` is "minilm" (the bundled weights) or a sentence-transformers id or folder.
    ``chroma`` is "" (on disk, in the index folder) or "http://host:port". ``passages`` is how many passages an answer
    may draw on; ``timeout`` is in seconds, for one call of a chat model. ``fallback`` lets the extractive answer take
    over, with a notice, when the chat model fails.
    """

    index: str = ""
    model: str = "extractive"
    base_url: str = ""
    embeddings: str = "minilm"
    chroma: str = ""
    passages: int = 10
    timeout: float = 60.0
    fallback: bool = True
    cache: str = ""

    @property
    def cache_folder(self) -> Path:
        """Where what can be rebuilt is kept: the exported query encoder and the index of the bundled corpus."""
        if self.cache:
            return Path(self.cache)
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "cmo-assistant"

    @property
    def index_folder(self) -> Path:
        """The folder of the index; for the bundled corpus one per installation, so that two never share one."""
        if self.index:
            return Path(self.index)
        place = hashlib.sha256(str(bundled_articles()).encode()).hexdigest()[:8]
        return self.cache_folder / f"bundled-{place}"


def load_settings(
    *,
    environment: Mapping[str, str] | None = None,
    file: Path | None = None,
    **arguments: str | int | float | bool | None,
) -> Settings:
    """The settings in force; an argument of None counts as not given.

    Raises:
        UserError: a name that is not a setting, or a value of the wrong kind, wherever it came from.

    """
    env = os.environ if environment is None else environment
    path = file or Path(env.get("CMO_SETTINGS", SETTINGS_FILE))
    known = {field.name: field.default for field in fields(Settings)}
    values: dict[str, object] = {}
    for name, value in _from_file(path, must_exist=file is not None or "CMO_SETTINGS" in env).items():
        values[name] = _checked(name, value, known, where=str(path))
    for name in known:
        if text := env.get(f"CMO_{name.upper()}"):
            values[name] = _checked(name, text, known, where=f"CMO_{name.upper()}")
    for name, value in arguments.items():
        if value is not None:
            values[name] = _checked(name, value, known, where="argument")
    return Settings(**values)  # type: ignore[arg-type]


def _from_file(path: Path, *, must_exist: bool) -> Mapping[str, object]:
    if not path.is_file():
        if must_exist:
            raise UserError(f"settings file {path} does not exist. Unset CMO_SETTINGS or create the file.")
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise UserError(f"settings file {path} cannot be read: {error}. Mend it, or remove it.") from error


def _checked(name: str, value: object, known: Mapping[str, object], *, where: str) -> object:
    if name not in known:
        raise UserError(f"{where}: {name!r} is not a setting. Settings are: {', '.join(sorted(known))}.")
    kind = type(known[name])
    try:
        if kind is bool and isinstance(value, str):
            return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}[value.lower()]
        if kind in (int, float) and isinstance(value, str):
            value = kind(value)
        if kind is float and isinstance(value, int):
            value = float(value)
    except (KeyError, ValueError):
        value = None
    if not isinstance(value, kind) or (kind in (int, float) and not isinstance(value, bool) and value <= 0):  # type: ignore[operator]
        raise UserError(
            f"{where}: {name} must be a positive {kind.__name__}, not {value!r}."
            if kind in (int, float)
            else f"{where}: {name} must be a {kind.__name__}, not {value!r}."
        )
    return value
