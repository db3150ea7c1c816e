"""``python -m ui``: open an assistant and serve its page, or its tools."""

import argparse
import getpass
import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.errors import UserError

if TYPE_CHECKING:
    from assistant import Assistant
    from ui.visitors import Limits

EXIT_OK, EXIT_USER_ERROR = 0, 2
AT_ONCE_ELSEWHERE = 4  # questions that a chat model answers: this machine only waits for them
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until interrupted; the exit code is 0, or 2 where the user has something to mend."""
    options = _parser().parse_args(arguments)
    try:
        if options.add_user is not None:
            _add_user(options)
        elif options.mcp == "stdio":
            _serve_stdio(options)
        elif options.export_feedback:
            _export_feedback()
        else:
            _serve(options)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return EXIT_USER_ERROR
    except KeyboardInterrupt:
        pass  # pressing Ctrl-C is how a server is ended
    return EXIT_OK


def _serve(options: argparse.Namespace) -> None:
    from assistant.settings import load_settings
    from ui.access import open_door
    from ui.offers import open_extras
    from ui.serving import build_app, claim_port, serve

    door = open_door(auth=options.auth, header=options.auth_header, proxies=options.auth_proxy)
    root_path = _root_path(options.root_path)
    at_home = options.host in LOOPBACK
    claimed = claim_port(options.host, options.port)
    with claimed:
        for line in _warnings(options, at_home=at_home):
            print(f"warning: {line}", file=sys.stderr)
        assistant = _opened(options)
        app = build_app(
            assistant,
            extras=open_extras(assistant, load_settings(), shared_uploads=options.shared_uploads),
            door=door,
            names=(*LOOPBACK, *options.host_name) if at_home and door is None else (),
            root_path=root_path,
            limits=_limits(options, assistant),
            mcp=options.mcp is not None,
        )
        host = f"[{options.host}]" if ":" in options.host else options.host
        address = f"http://{host}:{claimed.getsockname()[1]}"
        tools = f", MCP tools at {address}/mcp" if options.mcp else ""
        print(f"Ready: {address}{tools}  (Ctrl-C ends it)", file=sys.stderr)
        serve(app, claimed)


def _limits(options: argparse.Namespace, assistant: "Assistant") -> "Limits":
    from ui.visitors import Limits

    ours = Limits().at_once if assistant.chat is None else AT_ONCE_ELSEWHERE
    return Limits(at_once=options.at_once or ours, waiting=options.waiting)


def _serve_stdio(options: argparse.Namespace) -> None:
    from ui.tools import build_tools, over_stdio

    over_stdio(build_tools(_opened(options)))


def _opened(options: argparse.Namespace) -> "Assistant":
    from assistant import open_assistant

    print("Opening the documents …", file=sys.stderr)
    return open_assistant(index=_index(options), model=options.model)


def _warnings(options: argparse.Namespace, *, at_home: bool) -> list[str]:
    """What whoever opens the page to other machines should know."""
    if at_home or options.auth_header:
        return []
    if options.auth:
        return ["passwords travel as they are over http. Put a proxy that speaks https in front of the page."]
    return [
        f"{options.host} can be reached from other machines and the page asks for no password. "
        "Give it --auth FILE, or put a proxy that asks in front of it (docs/serving.md)."
    ]


def _add_user(options: argparse.Namespace) -> None:
    """Ask for a password, twice at a terminal, and write the user into the file."""
    from ui.users import add_user

    if options.auth is None:
        raise UserError("--add-user writes to a file of users. Say which with --auth FILE.")
    if sys.stdin.isatty():
        password = getpass.getpass(f"Password of {options.add_user}: ")
        if getpass.getpass("The same again: ") != password:
            raise UserError("the two passwords differ. Nothing was written.")
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    known = add_user(options.auth, options.add_user, password)
    print(
        f"{options.add_user} has a new password in {options.auth}."
        if known
        else f"{options.add_user} was added to {options.auth}.",
        file=sys.stderr,
    )


def _root_path(given: str) -> str:
    """The path with one slash in front and none behind; "" for the root."""
    path = given.strip("/")
    if "://" in given or any(ch in path for ch in "?# "):
        raise UserError(f"--root-path {given} is no path. Give what comes after the host name, such as /cmo.")
    return f"/{path}" if path else ""


def _export_feedback() -> None:
    from assistant.settings import load_settings
    from ui.offers import export_feedback

    settings = load_settings()
    print(f"{export_feedback(settings)} remarks from {settings.data_folder}", file=sys.stderr)


def _index(options: argparse.Namespace) -> Path | None:
    """The folder of the index to serve; with ``--docs``, one of that folder's own, brought up to date first."""
    if options.docs is None:
        return Path(options.index) if options.index else None
    from index import build_index

    folder = Path(options.docs)
    if not folder.is_dir():
        raise UserError(f"{folder} is no folder. Give --docs the folder that holds your documents.")
    place = Path(options.index) if options.index else _place_of(folder)
    print(f"Indexing {folder} into {place} …", file=sys.stderr)
    report = build_index(folder, index=place)
    for doc_id, reason in report.skipped:
        print(f"skipped {doc_id}: {reason}", file=sys.stderr)
    changes = f"{len(report.added)} added, {len(report.updated)} updated, {len(report.removed)} removed"
    print(f"{changes}, {len(report.unchanged)} unchanged, {len(report.skipped)} skipped", file=sys.stderr)
    return place


def _place_of(folder: Path) -> Path:
    """Where the index of a folder is kept: the same folder finds the same index again."""
    resolved = folder.resolve()
    return Path("var") / f"{resolved.name}-{hashlib.sha256(str(resolved).encode()).hexdigest()[:8]}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m ui",
        description="Serve the page of the CMO assistant on this machine.",
    )
    parser.add_argument("--index", metavar="DIR", help="an index that was built before (default: the bundled articles)")
    parser.add_argument("--docs", metavar="FOLDER", help="index this folder of documents first, then serve it")
    parser.add_argument("--model", help='"extractive" (default), or a chat model such as "openai:NAME"')
    parser.add_argument(
        "--mcp",
        nargs="?",
        const="http",
        choices=("http", "stdio"),
        help="offer ask and search as MCP tools: at /mcp beside the page, or over stdio in place of it",
    )
    _add_address(parser.add_argument_group("where the page is reached"))
    _add_access(parser.add_argument_group("who may enter"))
    _add_limits(parser.add_argument_group("how many at once"))
    parser.add_argument("--shared-uploads", action="store_true", help="documents added on the page are everyone's")
    parser.add_argument(
        "--export-feedback", action="store_true", help="print what readers thought as evaluation examples, and end"
    )
    return parser


def _add_address(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: this machine only)")
    group.add_argument("--port", type=int, default=7860, help="the port to listen on (default: 7860)")
    group.add_argument("--root-path", default="", metavar="PATH", help="where a proxy shows the page, such as /cmo")
    group.add_argument(
        "--host-name",
        action="append",
        default=[],
        metavar="NAME",
        help="a name that a proxy without sign-in calls this machine by; may repeat",
    )


def _add_access(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--auth", type=Path, metavar="FILE", help="let in the users of this file, by password")
    group.add_argument("--add-user", metavar="NAME", help="add a user to the file of --auth, or renew one, and end")
    group.add_argument("--auth-header", metavar="NAME", help="let in whom a proxy names in this header")
    group.add_argument(
        "--auth-proxy",
        action="append",
        default=[],
        metavar="ADDRESS",
        help="an address or network that the proxy of --auth-header calls from; may repeat",
    )


def _add_limits(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--at-once", type=_count, metavar="N", help="questions answered at once (default: 2, or 4 by a chat model)"
    )
    group.add_argument("--waiting", type=_count, default=32, metavar="N", help="questions that may wait (default: 32)")


def _count(text: str) -> int:
    """A whole number, 1 to 1,000."""
    number = int(text)
    if not 1 <= number <= 1000:
        raise argparse.ArgumentTypeError(f"{text} is not 1 to 1000")
    return number


if __name__ == "__main__":
    sys.exit(main())
