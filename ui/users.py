"""Who may enter, as a file: one ``name:salted-hash`` a line, written by ``python -m ui --auth FILE --add-user NAME``.

The hash is scrypt with its own parameters beside it, so that they can be raised later without losing anyone.
"""

import base64
import binascii
import hashlib
import hmac
import os
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from corpus.errors import UserError

_COST, _BLOCK, _LANES = 2**14, 8, 5  # what OWASP recommends: 16 MiB and about a quarter of a second for a guess
_MOST_MEMORY: Final = 256 * 1024 * 1024
SHORTEST_PASSWORD: Final = 8
ADD: Final = "python -m ui --auth {} --add-user NAME"


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """A password's scrypt hash, with what it takes to compute it again."""

    cost: int
    block: int
    lanes: int
    salt: bytes = field(repr=False)
    digest: bytes = field(repr=False)

    @classmethod
    def of(cls, password: str) -> "Secret":
        """A new salted hash of a password."""
        salt = secrets.token_bytes(16)
        digest = _scrypt(password, salt, _COST, _BLOCK, _LANES)
        return cls(cost=_COST, block=_BLOCK, lanes=_LANES, salt=salt, digest=digest)

    @classmethod
    def parse(cls, line: str) -> "Secret":
        """The hash that ``str()`` wrote; ValueError for anything else."""
        kind, cost, block, lanes, salt, digest = line.split("$")
        if kind != "scrypt":
            raise ValueError(kind)
        parsed = cls(
            cost=int(cost),
            block=int(block),
            lanes=int(lanes),
            salt=base64.b64decode(salt, validate=True),
            digest=base64.b64decode(digest, validate=True),
        )
        sound = parsed.cost > 1 and parsed.cost & (parsed.cost - 1) == 0 and 0 < parsed.lanes <= 64
        if not sound or parsed.block < 1 or 128 * parsed.cost * parsed.block > _MOST_MEMORY // 2:
            raise ValueError(line)
        return parsed

    def __str__(self) -> str:
        salt, digest = (base64.b64encode(value).decode() for value in (self.salt, self.digest))
        return f"scrypt${self.cost}${self.block}${self.lanes}${salt}${digest}"

    def fits(self, password: str) -> bool:
        """Whether this is the password; takes as long for a wrong one as for the right one."""
        return hmac.compare_digest(self.digest, _scrypt(password, self.salt, self.cost, self.block, self.lanes))


def _scrypt(password: str, salt: bytes, cost: int, block: int, lanes: int) -> bytes:
    # A browser may send what can't be text; it is hashed as it is, and fits nothing.
    given = password.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(given, salt=salt, n=cost, r=block, p=lanes, maxmem=_MOST_MEMORY, dklen=32)


@dataclass(frozen=True, slots=True)
class Users:
    """The users of a file, by name."""

    secrets: Mapping[str, Secret]
    _nobody: Secret = field(default_factory=lambda: Secret.of(secrets.token_hex()), repr=False)

    def check(self, name: str, password: str) -> bool:
        """Whether this is a user with this password; an unknown name takes as long as a known one."""
        known = self.secrets.get(name)
        fits = (known or self._nobody).fits(password)
        return fits and known is not None


def read_users(path: Path) -> Users:
    """The users of a file; blank lines and lines that begin with ``#`` are left out.

    Raises:
        UserError: the file can't be read, holds no user, names one twice, or has a line that is no user.

    """
    add = ADD.format(path)
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"the file of users {path} can't be read ({error}). Add the first user: {add}") from None
    found: dict[str, Secret] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, _, rest = line.strip().partition(":")
        try:
            secret = Secret.parse(rest)
        except (ValueError, binascii.Error):
            raise UserError(f"{path}, line {number} is no user with a salted hash. Write it anew: {add}") from None
        if name in found:
            raise UserError(f"{path}, line {number} names {name!r} a second time. Remove one of the two lines.")
        found[name] = secret
    if not found:
        raise UserError(f"{path} holds no user, so nobody could enter. Add one: {add}")
    return Users(found)


def add_user(path: Path, name: str, password: str) -> bool:
    """Write a user into a file that only its owner can read; returns whether the name was known before.

    Raises:
        UserError: the name or the password can't be used, or the file can't be read or written.

    """
    if not name or name != name.strip() or ":" in name or name.startswith("#") or not name.isprintable():
        raise UserError(f"{name!r} can't be a user's name: it takes printable characters, no colon, no # in front.")
    if len(password) < SHORTEST_PASSWORD:
        raise UserError(f"the password has {len(password)} characters; give it {SHORTEST_PASSWORD} or more.")
    try:
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        kept = [line for line in lines if line.strip().partition(":")[0] != name]
        _replace(path, "\n".join([*kept, f"{name}:{Secret.of(password)}"]) + "\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"the file of users {path} can't be written ({error}). Give --auth another place.") from None
    return len(kept) < len(lines)


def _replace(path: Path, text: str) -> None:
    """Write a file at once or not at all; a new file of ``tempfile`` is readable by its owner only."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
