"""The shell: ``python -m assistant index|ask|chat|search|doctor``; data on stdout, talk on stderr."""

import argparse
import io
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.answers import Answer, Turn
from assistant.settings import Settings, chroma_headers, load_settings
from corpus import UserError
from corpus.documents import SETTINGS

if TYPE_CHECKING:
    from assistant.answering import Assistant

EXIT_OK, EXIT_USER_ERROR, EXIT_INTERRUPTED = 0, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 0, or 2 where the user has something to mend."""
    options = _parser().parse_args(arguments)
    _accept_any_text()
    try:
        code = options.run(options) or EXIT_OK
        sys.stdout.flush()  # a reader that went away is noticed here, not at the end of the program
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return EXIT_USER_ERROR
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is still held back goes nowhere
        return EXIT_OK
    return int(code)


def _accept_any_text() -> None:
    """Let no character that the terminal's encoding lacks, and no byte that is no text, end the program."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m assistant",
        description="Ask about the Chief Medical Officer role; every sentence of an answer is quoted and cited.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    index = commands.add_parser("index", help="index a folder of documents (Markdown, TXT, HTML, PDF, DOCX)")
    index.add_argument("folder", type=Path)
    index.set_defaults(run=_index)

    ask = commands.add_parser("ask", help="answer one question")
    ask.add_argument("question")
    ask.add_argument(
        "--after",
        action="append",
        default=[],
        metavar="TEXT",
        help="an earlier question of the conversation; may repeat",
    )
    ask.set_defaults(run=_ask)

    chat = commands.add_parser("chat", help="ask and follow up, until an empty line")
    chat.set_defaults(run=_chat)

    search = commands.add_parser("search", help="list the passages nearest to a query")
    search.add_argument("query")
    search.add_argument("-k", type=int, default=10, help="how many (10)")
    search.set_defaults(run=_search)

    doctor = commands.add_parser("doctor", help="say what is set, what is indexed, and what to mend")
    doctor.add_argument("--mend", action="store_true", help="remove leftovers, rebuild the bundled index if damaged")
    doctor.set_defaults(run=_doctor)

    for command in (index, ask, chat, search, doctor):
        command.add_argument("--index", metavar="DIR", help="the index folder (default: that of the bundled articles)")
        command.add_argument("--json", action="store_true", help="print JSON")
        command.add_argument("--embeddings", metavar="ID", help="minilm, or a sentence-transformers id or folder")
        command.add_argument("--chroma", metavar="URL", help="a Chroma server, http://host:port")
    for command in (ask, chat):
        command.add_argument("--model", metavar="M", help='"extractive" (default) or "provider:name"')
    for command in (ask, chat, search):
        command.add_argument(
            "--setting", choices=[s for s in SETTINGS if s != "any"], help="keep to one kind of employer"
        )
    return parser


def _settings(options: argparse.Namespace) -> Settings:
    return load_settings({"index": options.index, "embeddings": options.embeddings, "chroma": options.chroma})


def _opened(options: argparse.Namespace) -> "Assistant":
    from assistant.api import open_assistant

    return open_assistant(
        index=options.index,
        model=getattr(options, "model", None),
        embeddings=options.embeddings,
        chroma=options.chroma,
        progress=_progress,
    )


def _progress(stage: str, done: int, total: int) -> None:
    """One line on a terminal that counts up; nothing where stderr is a file."""
    if sys.stderr.isatty():
        end = "\n" if done >= total else ""
        print(f"\r{stage} {done} of {total}\033[K", end=end, file=sys.stderr, flush=True)


def _index(options: argparse.Namespace) -> None:
    from assistant.api import open_encoder
    from index import build_index
    from index.damage import forget_if_damaged

    settings = _settings(options)
    if not options.index and not settings.index:
        raise UserError(f"say where the index goes: python -m assistant index {options.folder} --index DIR")
    if options.folder.exists() and (
        fault := forget_if_damaged(settings.index_folder.absolute(), headers=chroma_headers())
    ):
        print(f"the old index is damaged ({fault}); every document is read anew", file=sys.stderr)
    report = build_index(
        options.folder,
        index=settings.index_folder,
        embeddings=open_encoder(settings),
        chroma=settings.chroma or None,
        headers=chroma_headers(),
        progress=_progress,
    )
    for doc_id, reason in report.skipped:
        print(f"skipped {doc_id}: {reason}", file=sys.stderr)
    if options.json:
        print(json.dumps(asdict(report), ensure_ascii=False, default=str))
    else:
        counts = ", ".join(
            f"{len(getattr(report, name))} {name}" for name in ("added", "updated", "unchanged", "removed", "skipped")
        )
        print(f"{counts}; {report.passages} passages in {report.seconds:.1f} s -> {settings.index_folder}")


def _ask(options: argparse.Namespace) -> None:
    assistant = _opened(options)
    history: list[Turn] = []
    for earlier in options.after:
        answer = assistant.answer(earlier, history=history, setting=options.setting)
        history += [Turn(role="user", text=earlier), Turn(role="assistant", text=answer.text)]
    answer = assistant.answer(options.question, history=history, setting=options.setting)
    _show(answer, as_json=options.json)


def _chat(options: argparse.Namespace) -> None:
    assistant = _opened(options)
    history: list[Turn] = []
    print("Ask about the Chief Medical Officer role; an empty line ends.", file=sys.stderr)
    while True:
        print("> ", end="", file=sys.stderr, flush=True)
        if not (question := sys.stdin.readline().strip()):
            return
        try:
            answer = assistant.answer(question, history=history, setting=options.setting)
        except UserError as error:  # the conversation goes on
            print(f"error: {error}", file=sys.stderr)
            continue
        _show(answer, as_json=options.json)
        history += [Turn(role="user", text=question), Turn(role="assistant", text=answer.text)]


def _search(options: argparse.Namespace) -> None:
    if options.k < 1:
        raise UserError(f"-k must be 1 or more, not {options.k}")
    hits = _opened(options).search(options.query, k=options.k, setting=options.setting)
    if options.json:
        print(json.dumps([asdict(hit) for hit in hits], ensure_ascii=False))
        return
    for hit in hits:
        heading = " > ".join((hit.passage.title, *hit.passage.headings))
        print(f"{hit.rank:>3}  {hit.score:.3f}  {hit.passage.passage_id}  {heading}")


def _doctor(options: argparse.Namespace) -> int:
    from assistant.doctor import as_text, examine
    from assistant.mending import mend

    settings = _settings(options)
    if options.mend:
        for line in mend(settings):
            print(line, file=sys.stderr)
    findings = examine(settings)
    print(json.dumps(findings, ensure_ascii=False) if options.json else as_text(findings))
    return EXIT_OK if findings["healthy"] else EXIT_USER_ERROR


def _show(answer: Answer, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(answer.to_dict(), ensure_ascii=False))
        return
    print(answer.text)
    if answer.status == "refused":
        if answer.covers:
            print("\nNear to it, the documents cover:")
            print("\n".join(f"- {topic}" for topic in answer.covers))
    else:
        print()
        for citation in answer.citations:
            place = " > ".join((citation.passage.title, *citation.passage.headings))
            origin = "; ".join(
                ", ".join(part for part in (s.publisher or s.title, s.date, s.url) if part) for s in citation.sources
            )
            print(f"[{citation.marker}] {place}" + (f" — {origin}" if origin else ""))
    if answer.suggestions:
        print("\nYou may ask next:")
        print("\n".join(f"- {question}" for question in answer.suggestions))
    if answer.reason and answer.status == "answered":
        print(answer.reason, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
