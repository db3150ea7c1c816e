"""Who is let in: a password that is asked for here, or a user whom a trusted proxy names. All else gets 401.

The guard stands before everything that is served, so that a route which is added later is guarded too. Only
``/healthz`` is open; it says nothing but that the page is up.
"""

import base64
import binascii
import hashlib
import hmac
import ipaddress
import secrets
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Final, Protocol

import anyio
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from corpus.errors import UserError
from ui.users import Users, read_users

HEALTH: Final = "/healthz"
_SAFE_METHODS: Final = ("GET", "HEAD", "OPTIONS")
_CHALLENGE: Final = MappingProxyType({"www-authenticate": 'Basic realm="CMO Assistant", charset="UTF-8"'})
_NO_CHALLENGE: Final = MappingProxyType[str, str]({})

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Door(Protocol):
    """A way to tell who may enter."""

    @property
    def challenge(self) -> Mapping[str, str]:
        """The headers of a 401 that tell a browser what to do."""

    @property
    def refusal(self) -> str:
        """The words of a 401."""

    async def admits(self, headers: Headers, caller: str | None) -> bool:
        """Whether a request with these headers from this address is let in."""


class PasswordDoor:
    """HTTP Basic against a file of users: browsers, curl, gradio_client and MCP clients all know it."""

    challenge: Final = _CHALLENGE
    refusal: Final = "Sign in with your name and password to use the CMO Assistant.\n"

    def __init__(self, users: Users) -> None:
        self._users = users
        self._key = secrets.token_bytes(32)
        self._seen: dict[str, bytes] = {}
        self._one_at_a_time: anyio.CapacityLimiter | None = None  # belongs to the loop that it is made in

    async def admits(self, headers: Headers, caller: str | None) -> bool:
        """Whether the request carries the name and password of a user."""
        given = _basic(headers.getlist("authorization"))
        if given is None:
            return False
        name, password = given
        # A page is many requests: the slow hash is computed for the first one, a keyed one recognises the others.
        quick = hmac.digest(self._key, f"{name}\0{password}".encode("utf-8", "surrogatepass"), hashlib.sha256)
        if name in self._seen and hmac.compare_digest(self._seen[name], quick):
            return True
        # One guess at a time: guessing never takes more than a core, and never slows those who are in.
        self._one_at_a_time = self._one_at_a_time or anyio.CapacityLimiter(1)
        fits = await anyio.to_thread.run_sync(self._users.check, name, password, limiter=self._one_at_a_time)
        if fits:
            self._seen[name] = quick
        return fits


class ProxyDoor:
    """A header in which a proxy names the user that it has signed in, heeded from the proxy's addresses only."""

    challenge: Final = _NO_CHALLENGE
    refusal: Final = "This page is reached through its proxy, by users who are signed in there.\n"

    def __init__(self, header: str, proxies: Sequence[Network]) -> None:
        self._header = header.lower()
        self._proxies = tuple(proxies)

    async def admits(self, headers: Headers, caller: str | None) -> bool:
        """Whether the request comes from a proxy and names exactly one user."""
        if caller is None or not self._trusted(caller):
            return False
        named = headers.getlist(self._header)
        return len(named) == 1 and bool(named[0].strip())

    def _trusted(self, caller: str) -> bool:
        try:
            address = ipaddress.ip_address(caller.partition("%")[0])
        except ValueError:
            return False
        address = getattr(address, "ipv4_mapped", None) or address
        return any(address in network for network in self._proxies)


class Guard:
    """ASGI middleware that lets in whom the door admits, and no request that a page of another site stands behind.

    A browser makes requests for any page that is open in it, with the password that it knows. It names the kind of
    page in a header. A page that pointed a host name of its own at this machine would look like ours; so ``names``
    are the host names that are answered to, all where there are none.
    """

    def __init__(self, app: ASGIApp, *, door: Door | None = None, names: Collection[str] = ()) -> None:
        self._app = app
        self._door = door
        self._names = frozenset(name.lower() for name in names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, or answer 401, 403 or 421."""
        refused = None
        if scope["type"] in ("http", "websocket") and scope["path"] != HEALTH:
            refused = await self._refused(scope, Headers(scope=scope))
        if refused is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})  # before it is accepted: the client sees a 403
        else:
            await refused(scope, receive, send)

    async def _refused(self, scope: Scope, headers: Headers) -> PlainTextResponse | None:
        name = _host_name(headers.get("host", ""))
        if self._names and name not in self._names:
            return PlainTextResponse(f"This page doesn't answer to that name. Start it with --host-name {name}\n", 421)
        caller = scope["client"][0] if scope.get("client") else None
        if self._door is not None and not await self._door.admits(headers, caller):
            return PlainTextResponse(self._door.refusal, 401, self._door.challenge)
        site = headers.get("sec-fetch-site", "none")
        if scope.get("method") not in _SAFE_METHODS and site not in ("same-origin", "none"):
            return PlainTextResponse("A page of another site has no say here.\n", 403)
        return None


def _host_name(host: str) -> str:
    """The name in a Host header, without its port and the brackets of an IPv6 address."""
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() else host
    return name.strip("[]").lower()


def _basic(values: Sequence[str]) -> tuple[str, str] | None:
    """Name and password of the one Authorization header; None for anything else."""
    scheme, _, token = values[0].partition(" ") if len(values) == 1 else ("", "", "")
    if scheme.lower() != "basic":
        return None
    try:
        name, colon, password = base64.b64decode(token.strip(), validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    return (name, password) if colon else None


def open_door(*, auth: Path | None, header: str | None, proxies: Sequence[str]) -> Door | None:
    """The door that the arguments of the command line ask for; None where they ask for none.

    Raises:
        UserError: both ways at once, a header without the addresses of its proxy, or an address that is none.

    """
    if auth is not None and header is not None:
        raise UserError("--auth and --auth-header are two ways to let people in. Give one of them.")
    if auth is not None:
        return PasswordDoor(read_users(auth))
    if header is None:
        if proxies:
            raise UserError("--auth-proxy says whose header is believed. Say which with --auth-header NAME.")
        return None
    if not proxies:
        raise UserError(
            f"--auth-header {header} would be believed of anyone. Say where your proxy calls from: --auth-proxy ADDRESS"
        )
    return ProxyDoor(header, [_network(text) for text in proxies])


def _network(text: str) -> Network:
    try:
        return ipaddress.ip_network(text)
    except ValueError as error:
        raise UserError(
            f"--auth-proxy {text}: {error}. Give an address or a network, such as 127.0.0.1 or 10.0.0.0/8."
        ) from None
