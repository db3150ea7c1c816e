"""``python -m ui``: open an assistant and serve its page."""

import argparse
import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path

from corpus.errors import UserError

EXIT_OK, EXIT_USER_ERROR = 0, 2
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until interrupted; the exit code is 0, or 2 where the user has something to mend."""
    options = _parser().parse_args(arguments)
    try:
        _serve(options)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return EXIT_USER_ERROR
    except KeyboardInterrupt:
        pass  # pressing Ctrl-C is how a server is ended
    return EXIT_OK


def _serve(options: argparse.Namespace) -> None:
    from ui.serving import build_app, claim_port, serve

    claimed = claim_port(options.host, options.port)
    with claimed:
        if options.host not in LOOPBACK:
            print(
                f"warning: {options.host} can be reached from other machines and the page asks for no password. "
                "Put a proxy that does in front of it.",
                file=sys.stderr,
            )
        from assistant import open_assistant

        print("Opening the documents …", file=sys.stderr)
        assistant = open_assistant(index=_index(options), model=options.model)
        app = build_app(assistant)
        host = f"[{options.host}]" if ":" in options.host else options.host
        print(f"Ready: http://{host}:{claimed.getsockname()[1]}  (Ctrl-C ends it)", file=sys.stderr)
        serve(app, claimed)


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
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: this machine only)")
    parser.add_argument("--port", type=int, default=7860, help="the port to listen on (default: 7860)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
