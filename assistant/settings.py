"""What can be set, and where a value comes from: argument, then environment, then file, then default."""

import hashlib
import math
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path

from corpus import UserError, bundled_articles
from index.store import HEADERS

PREFIX = "CMO_"
SETTINGS_FILE = "cmo.toml"
"""Read from the working folder, or from where CMO_SETTINGS says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that a user can set; ``CMO_<NAME>`` in the environment, ``name = …`` in the settings file.

    ``index`` "" means the bundled corpus, kept in the user's cache and brought up to date when it is opened.
    ``model`` is "extractive" or "provider:name" of a LangChain chat model; ``base_url`` points an OpenAI-compatible
    provider elsewhere. ``embeddings`` is "minilm" (the bundled weights) or a sentence-transformers id or folder.
    ``judge`` is "" (the
    shipped judge of support) or a sentence-transformers CrossEncoder, id or folder, that takes its place.
    ``chroma`` is "" (on disk, in the index folder) or "http://host:port". ``passages`` is how many passages an answer
    may draw on; ``timeout`` is in seconds, for one call of a chat model. ``fallback`` lets the extractive answer take
    over, with a notice, when the chat model fails. ``cache`` is the folder of what can be made again.

    The page besides: ``models`` are others that it offers, as "provider:name" with commas between; ``upload_files`` and
    ``upload_megabytes`` are how many documents a visitor may bring along and how large each may be; ``data`` is the
    folder of what is kept: feedback, and documents that are shared.
    """

    index: str = ""
    model: str = "extractive"
    base_url: str = ""
    embeddings: str = "minilm"
    judge: str = ""
    chroma: str = ""
    passages: int = 10
    timeout: float = 60.0
    fallback: bool = True
    cache: str = ""
    models: str = ""
    upload_files: int = 20
    upload_megabytes: int = 20
    data: str = "var"
    origins: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)  # where each value is from

    @property
    def cache_folder(self) -> Path:
        """Where what can be rebuilt is kept: the exported query encoder and the index of the bundled corpus."""
        if self.cache:
            return Path(self.cache).expanduser()
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "cmo-assistant"

    @property
    def data_folder(self) -> Path:
        """Where the page keeps what people gave it."""
        return Path(self.data).expanduser()

    @property
    def index_folder(self) -> Path:
        """The folder of the index; for the bundled corpus one per installation, so that two never share one."""
        if self.index:
            return Path(self.index).expanduser()
        place = hashlib.sha256(str(bundled_articles()).encode()).hexdigest()[:8]
        return self.cache_folder / f"bundled-{place}"


def load_settings(
    arguments: Mapping[str, object] | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    file: Path | None = None,
) -> Settings:
    """The settings in force; an argument of None counts as not given.

    Raises:
        UserError: a name that is not a setting, or a value of the wrong kind, wherever it came from.

    """
    env = os.environ if environment is None else environment
    path = file or Path(env.get("CMO_SETTINGS", SETTINGS_FILE))
    from_file = _from_file(path, must_exist=file is not None or "CMO_SETTINGS" in env)
    given = [(name, value, str(path)) for name, value in from_file.items()]
    given += [(name, env[v], v) for name in known_settings() if env.get(v := f"{PREFIX}{name.upper()}")]
    given += [(name, value, "argument") for name, value in (arguments or {}).items() if value is not None]
    values = {name: _checked(name, value, where=where) for name, value, where in given}  # the last one wins
    return Settings(**values, origins={name: where for name, _, where in given})  # type: ignore[arg-type]


def known_settings() -> Mapping[str, object]:
    """The name of each setting with its default."""
    return {each.name: each.default for each in fields(Settings) if each.name != "origins"}


def chroma_headers(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """What is sent to a Chroma server with each request: the lines "Name: value" of CMO_CHROMA_HEADERS.

    They are secrets, so they are no setting: no file holds them, and nothing that prints settings prints them.

    Raises:
        UserError: a line that is no header; the message does not repeat it.

    """
    env = os.environ if environment is None else environment
    headers = {}
    for number, line in enumerate(env.get(HEADERS, "").strip().splitlines(), 1):
        name, colon, value = (part.strip() for part in line.partition(":"))
        if not (name and colon and value and line.isascii() and line.isprintable()) or " " in name:
            raise UserError(f"{HEADERS}: line {number} is no header. Write it as: Authorization: Bearer TOKEN")
        headers[name.lower()] = value
    return headers


def unknown_variables(environment: Mapping[str, str] | None = None) -> list[str]:
    """The variables of the environment that look like settings and are none, by name: most likely misspelt."""
    names = {f"{PREFIX}{name.upper()}" for name in known_settings()} | {f"{PREFIX}SETTINGS", HEADERS}
    env = os.environ if environment is None else environment
    return sorted(name for name in env if name.startswith(PREFIX) and name not in names)


def _from_file(path: Path, *, must_exist: bool) -> Mapping[str, object]:
    if not path.is_file():
        if must_exist:
            raise UserError(f"settings file {path} does not exist. Unset CMO_SETTINGS or create the file.")
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise UserError(f"settings file {path} cannot be read: {error}. Mend it, or remove it.") from error


def _checked(name: str, value: object, *, where: str) -> object:
    known = known_settings()
    if name not in known:
        near = get_close_matches(name, known, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise UserError(f"{where}: {name!r} is not a setting.{hint} Settings are: {', '.join(sorted(known))}.")
    kind = type(known[name])
    read = _read(value, kind)
    if read is None:
        wanted = {bool: "true or false", int: "a whole number above 0", float: "a number above 0", str: "a text"}[kind]
        raise UserError(f"{where}: {name} must be {wanted}, not {value!r}.")
    return read


def _read(value: object, kind: type) -> object:
    """The value as that kind of setting, None where it is none."""
    if kind is str:
        return value if isinstance(value, str) and "\0" not in value else None
    if kind is bool:
        words = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
        return value if isinstance(value, bool) else words.get(value.lower()) if isinstance(value, str) else None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = kind(value) if isinstance(value, str) or kind is float else value
    except ValueError:
        return None
    return number if isinstance(number, int | float) and isinstance(number, kind) and 0 < number < math.inf else None
