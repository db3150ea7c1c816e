"""A chat model behind the gate: what it writes, what the gate shows of it, and how often a reader agrees with the gate.

    python -m benchmarks.guest ask --model openai:NAME --base-url http://127.0.0.1:8080/v1 --out REPLIES
    python -m benchmarks.guest judge REPLIES --sheet SHEET      # puts the replies through the gate; no model is needed
    python -m benchmarks.guest judge REPLIES --labels SHEET     # the same, held against the labels that a reader wrote

``ask`` goes on where it was stopped, and stops by itself after --minutes. A sheet has a line for each statement that
was judged, with the sentences that it was held against; a reader sets its "label" to true where these say all of it.
"""

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.language_models import GenericFakeChatModel
from langchain_core.outputs import LLMResult

from assistant import Assistant, open_assistant
from assistant.answers import Dropped, Statement
from assistant.chat import ChatFailedError
from assistant.composing import DraftStatement, Quote
from assistant.journey import Step, Work
from assistant.terms import terms
from corpus import UserError
from eval.examples import GOLD, read_examples
from eval.intervals import share_interval
from eval.table import Table

SHOWN_BESIDE = 5  # evidence sentences on a sheet for each statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a model answered to one question over the passages that it was shown; ``failed`` is the error, or ""."""

    id: str
    question: str
    passages: tuple[str, ...]  # ids, in the order of the prompt
    text: str
    failed: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of one statement of a model: shown, or why it was dropped."""

    id: str  # of the question
    text: str
    cited: bool  # it named at least one passage that was shown
    as_cited: bool  # the passages that it named support it
    outcome: str  # "quoted", "supported", or the reason for which it was dropped
    support: float
    beside: tuple[str, ...]  # the quote that it was bound to, or the evidence nearest to it

    @property
    def shown(self) -> bool:
        """Whether a visitor sees it."""
        return self.outcome in {"quoted", "supported"}


class Listener(BaseCallbackHandler):
    """Keeps what the model wrote, as any tracing callback may."""

    def __init__(self) -> None:
        self.reply = ""

    def on_llm_end(self, response: LLMResult, **_: Any) -> None:  # noqa: ANN401 - as LangChain has it
        """Keep the text of the only generation."""
        self.reply = response.generations[0][0].text


def read_replies(path: Path) -> list[Reply]:
    """The replies that a file holds; [] where there is none yet."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    rows = [json.loads(line) for line in lines]
    return [Reply(**{**row, "passages": tuple(row["passages"])}) for row in rows]


def spread(count: int) -> list[tuple[str, str]]:
    """Ids and questions of the gold set that the corpus answers, asked alone, evenly over the file."""
    asked = [(e.id, e.question) for e in read_examples(GOLD) if e.answerable and not e.history]
    return [asked[n * len(asked) // count] for n in range(min(count, len(asked)))]


def asked(assistant: Assistant, example: str, question: str) -> Reply | None:
    """The model's reply to one question; None where the assistant refuses without asking it."""
    listener, begun = Listener(), time.monotonic()
    failed, shown = "", tuple(hit.passage.passage_id for hit in _worked(replace(assistant, chat=None), question).hits)
    try:
        answer = assistant.as_runnable().invoke(question, config={"callbacks": [listener]})
    except ChatFailedError as error:
        failed = str(error)
    else:
        if not listener.reply:
            return None
        shown = tuple(hit.passage.passage_id for hit in answer.hits)
    seconds = round(time.monotonic() - begun, 1)
    return Reply(id=example, question=question, passages=shown, text=listener.reply, failed=failed, seconds=seconds)


def verdicts(assistant: Assistant, reply: Reply) -> list[Verdict]:
    """What the gate makes of a reply: the same steps as ever, with the model's words read back to it.

    Raises:
        UserError: the search finds other passages by now, so that the reply's marks no longer mean what they meant.

    """
    guest = GenericFakeChatModel(messages=iter([reply.text]))
    work = _worked(replace(assistant, chat=guest), reply.question, until="draft")
    if tuple(hit.passage.passage_id for hit in work.hits) != reply.passages:
        raise UserError(f"{reply.id}: the search finds other passages than the model was shown. Ask the model anew.")
    evidence = [Quote(passage=e.passage, sentence=e.sentence) for e in work.evidence]
    checked = assistant.gate.check(work.draft, evidence)  # the draft as a whole: an item says what its lead-in says
    became: dict[str, Statement | Dropped] = {dropped.text: dropped for dropped in checked.dropped}
    became |= {statement.text: statement for statement in checked.statements}
    return [_verdict(assistant, reply.id, drafted, evidence, became.get(drafted.text)) for drafted in work.draft]


def _worked(assistant: Assistant, question: str, *, until: str = "") -> Work:
    """The work on a question, with the steps after ``until`` left out."""
    kept: list[Work] = []
    done = False

    def take(name: str, step: Step, work: Work) -> None:
        nonlocal done
        kept[:] = [work]
        if not done:
            step(work)
        done = done or name == until

    for _ in assistant.snapshots(lambda: (question, (), None), take):
        pass
    return kept[0]


def _verdict(
    assistant: Assistant,
    example: str,
    drafted: DraftStatement,
    evidence: Sequence[Quote],
    became: Statement | Dropped | None,
) -> Verdict:
    shown = became if isinstance(became, Statement) else None
    reason = became.reason if isinstance(became, Dropped) else "bare lead-in"
    bound = [citation.quote for citation in shown.citations] if shown else []
    return Verdict(
        id=example,
        text=drafted.text,
        cited=bool(drafted.quotes),
        as_cited=bool(shown and drafted.quotes) and bool(assistant.gate.check([drafted], []).statements),
        outcome=shown.verdict if shown else reason,
        support=round(became.support, 3) if became else 0.0,
        beside=tuple(dict.fromkeys([*bound, *_nearest(drafted.text, [*drafted.quotes, *evidence])])),
    )


def _nearest(text: str, evidence: Sequence[Quote]) -> list[str]:
    own = set(terms(text))
    texts = list(dict.fromkeys(quote.sentence.text for quote in evidence))
    return sorted(texts, key=lambda other: (-len(own & set(terms(other))), other))[:SHOWN_BESIDE]


def table(found: Sequence[Verdict], labels: dict[tuple[str, str], bool]) -> Table:
    """How many statements there are of each kind, and of those that a reader labelled, how many truly are supported."""
    parts = (
        ("written", list(found)),
        ("cited, with a passage that was shown", [v for v in found if v.cited]),
        ("supported as cited", [v for v in found if v.as_cited]),
        ("shown, after marks were moved", [v for v in found if v.shown]),
        ("... word for word", [v for v in found if v.outcome == "quoted"]),
        ("dropped", [v for v in found if not v.shown]),
        ("... as contradicted", [v for v in found if v.outcome == "contradicted"]),
    )
    rows = []
    for name, part in parts:
        read = [labels[v.id, v.text] for v in part if (v.id, v.text) in labels]
        rows.append((name, f"{len(part)}", f"{len(read)}", f"{sum(read)}"))
    return Table(title="A chat model behind the gate", header=("statements", "n", "read", "truly supported"), rows=rows)


def accuracy(found: Sequence[Verdict], labels: dict[tuple[str, str], bool]) -> Iterator[str]:
    """How many of the statements shown deserve it, of those that deserve it are shown, and of the others too; 95 %."""
    read = [
        (verdict.shown, labels[verdict.id, verdict.text]) for verdict in found if (verdict.id, verdict.text) in labels
    ]
    for name, part in (
        ("precision", [right for shown, right in read if shown]),
        ("recall", [shown for shown, right in read if right]),
        ("unsupported ones shown", [shown for shown, right in read if not right]),
    ):
        if bounds := share_interval(sum(part), len(part)):
            yield f"{name}: {sum(part)} of {len(part)}, {sum(part) / len(part):.2f} [{bounds[0]:.2f}, {bounds[1]:.2f}]"


def _distinct(found: Sequence[Verdict]) -> Iterator[Verdict]:
    seen: set[tuple[str, str]] = set()
    for verdict in found:
        if (verdict.id, verdict.text) not in seen:
            seen.add((verdict.id, verdict.text))
            yield verdict


def ask(arguments: argparse.Namespace) -> None:
    """Ask the model what was not asked yet, until all is asked or time is up."""
    assistant = open_assistant(
        model=arguments.model,
        base_url=arguments.base_url,
        passages=arguments.passages,
        timeout=arguments.timeout,
        fallback=False,
    )
    until = time.monotonic() + 60 * arguments.minutes
    known = {reply.id for reply in read_replies(arguments.out) if not reply.failed}
    with arguments.out.open("a", encoding="utf-8") as file:
        for example, question in spread(arguments.questions):
            if example in known or time.monotonic() > until:
                continue
            if reply := asked(assistant, example, question):
                file.write(json.dumps(_row(reply), ensure_ascii=False) + "\n")
                file.flush()
                print(f"{example}: {reply.seconds} s {reply.failed}", flush=True)


def _row(value: Reply | Verdict) -> dict[str, object]:
    return {name: getattr(value, name) for name in value.__slots__}


def judge(arguments: argparse.Namespace) -> None:
    """Put the replies through the gate; print the counts, and write a sheet for a reader where one is asked for."""
    replies = read_replies(arguments.replies)
    assistant = open_assistant(model="extractive", passages=arguments.passages)
    good = [reply for reply in replies if not reply.failed]
    found = list(_distinct([verdict for reply in good for verdict in verdicts(assistant, reply)]))
    labels = {}
    if arguments.labels:
        rows = [json.loads(line) for line in arguments.labels.read_text(encoding="utf-8").splitlines()]
        labels = {(row["id"], row["text"]): row["label"] for row in rows if row.get("label") is not None}
    print(f"{len(good)} replies, {len(replies) - len(good)} failed calls\n")
    print(table(found, labels).as_markdown())
    print("", *accuracy(found, labels), sep="\n")
    for verdict in found:
        if (told := labels.get((verdict.id, verdict.text))) is not None and told != verdict.shown:
            print(f"- {'dropped' if told else 'SHOWN'} wrongly ({verdict.outcome}, {verdict.support}): {verdict.text}")
    if arguments.sheet:
        lines = [json.dumps({**_row(verdict), "label": None}, ensure_ascii=False) for verdict in found]
        arguments.sheet.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    """Read the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--passages", type=int, default=5, help="shown to the model; the same for both commands")
    commands = parser.add_subparsers(required=True)
    asking = commands.add_parser("ask")
    asking.add_argument("--model", required=True)
    asking.add_argument("--base-url", required=True)
    asking.add_argument("--out", type=Path, required=True)
    asking.add_argument("--questions", type=int, default=30)
    asking.add_argument("--minutes", type=float, default=75)
    asking.add_argument("--timeout", type=float, default=600)
    asking.set_defaults(run=ask)
    judging = commands.add_parser("judge")
    judging.add_argument("replies", type=Path)
    judging.add_argument("--sheet", type=Path)
    judging.add_argument("--labels", type=Path)
    judging.set_defaults(run=judge)
    arguments = parser.parse_args()
    arguments.run(arguments)


if __name__ == "__main__":
    main()
