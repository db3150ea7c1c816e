"""Answer a question: the order of the steps, from the typed question to an answer that is checked throughout."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from assistant.answers import Answer, Support, Topic, Turn
from assistant.chat import ChatFailedError, draft_by_chat
from assistant.composing import DraftStatement, Quote, compose
from assistant.disagreement import conflicts
from assistant.grounding import Checked, Gate, as_text, numbered
from assistant.journey import Given, Step, Work, begin, caveats, find, read_alone, stage_after, understand, weigh
from assistant.premises import opening
from assistant.reading import document_of, topic_of
from assistant.readings import by_evidence, heads
from assistant.refusing import NOT_DRAFTED, NOT_SUPPORTED, near_topics, suggestions
from assistant.vocabulary import Vocabulary
from corpus import Document, UserError
from index import DocumentEntry, Hit, Retriever

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.runnables import Runnable

TO_THE_POINT = 0.3  # probability from which the best sentence can correct what a question takes for granted
ON_A_CLAIM = 10  # best sentences on what a question takes for granted that are looked at
NEAR = 0.05  # answerability below which what was found is not even near a question
LITTLE = 0.4  # of a chat model's statements: where fewer are supported, quotes make a better answer than what remains
_LENGTHS = {"shorter": 0.4, "longer": 2.0}


@dataclass(frozen=True, kw_only=True)
class Assistant:
    """Answers questions from one index; stateless, so one may serve many conversations at once.

    ``chat`` is the guest model, None for the extractive one; ``passages`` how many passages an answer may draw on.
    """

    retriever: Retriever
    vocabulary: Vocabulary
    gate: Gate
    model: str
    chat: "BaseChatModel | None"
    passages: int
    fallback: bool
    timeout: float = 60.0  # seconds for a draft by the guest

    @property
    def index_version(self) -> str:
        """The version of the index that answers come from."""
        return self.retriever.version

    def answer(self, question: str, *, history: Sequence[Turn] = (), setting: str | None = None) -> Answer:
        """Answer one question.

        Args:
            question: as typed; a follow-up is made stand-alone from the history.
            history: the turns so far, oldest first.
            setting: keep to documents that speak of this kind of employer (``corpus.SETTINGS``).

        Raises:
            UserError: the question is blank, or the chat model failed and no fallback is set.

        """
        *_, last = self.stream(question, history=history, setting=setting)
        return last

    def stream(self, question: str, *, history: Sequence[Turn] = (), setting: str | None = None) -> Iterator[Answer]:
        """Yield ever fuller snapshots, each with the stage it has reached; only the last holds text.

        Text is shown whole or not at all: a sentence that was not checked never leaves this method.
        """
        return self.snapshots(lambda: (question, history, setting), lambda _, step, work: step(work))

    def snapshots(self, given: Callable[[], Given], take: Callable[[str, Step, Work], object]) -> Iterator[Answer]:
        """What ``stream`` yields; ``given`` is asked for the question, and ``take`` runs each step, told its name.

        Where another process replaces the index meanwhile, the question is begun again: places in one version mean
        nothing in the next.
        """
        question, history, setting = given()
        while True:
            self._renew()
            work = begin(question, history, setting, version=self.index_version)
            yield self._snapshot(work, "searching")
            try:
                for name, step in self._steps(work):
                    begun = time.perf_counter()
                    take(name, step, work)
                    work.seconds[name] = round(time.perf_counter() - begun, 4)
                    if stage := stage_after(name, work):
                        yield self._snapshot(work, stage)
                answer = self._finished(work)
            except Exception:
                # An index that is replaced twice during one question takes the files away that were not opened yet.
                if work.version == self.index_version and not self._renew():
                    raise
            else:
                if work.version == self.index_version:
                    yield answer
                    return

    def _steps(self, work: Work) -> Iterator[tuple[str, Step]]:
        """The steps in order, each asked for when the one before is done: a question that is refused needs no draft."""
        retriever, vocabulary, passages = self.retriever, self.vocabulary, self.passages
        yield "understand", partial(understand, vocabulary=vocabulary)
        yield "search", partial(find, retriever=retriever, vocabulary=vocabulary, passages=passages)
        yield "evidence", partial(weigh, retriever=retriever, vocabulary=vocabulary, passages=passages)
        if not work.refusal:
            yield "draft", self._draft
            yield "check", self._check

    def search(self, query: str, *, k: int = 10, setting: str | None = None) -> list[Hit]:
        """The k passages nearest to a query, best first."""
        self._renew()
        if not query.strip() or k < 1:
            return []
        reading = read_alone(query, self.retriever, self.vocabulary, k=k, setting=setting)
        return by_evidence(reading.hits, reading.evidence, limit=k)

    def check(self, claim: str, evidence: Sequence[str]) -> Support:
        """How far some texts support a claim; see ``assistant.support.Judge``.

        Raises:
            UserError: the claim is no text, or the evidence no list of texts; a single text stands in a list, too.

        """
        if not isinstance(claim, str):
            raise UserError(f"the claim is a text, not {claim!r}.")
        if isinstance(evidence, str) or not all(isinstance(text, str) for text in evidence):
            raise UserError(f'the evidence is a list of texts, such as ["{claim[:40]} …"], not {evidence!r:.80}.')
        return self.gate.judge.check(claim, evidence)

    def document(self, doc_id: str) -> Document:
        """A whole document of the corpus; UserError for an id that it has not."""
        return document_of(self.retriever, doc_id)

    def topics(self) -> tuple[Topic, ...]:
        """What the corpus covers: one topic for each of its top folders, in order of name."""
        folders: dict[str, list[DocumentEntry]] = {}
        for entry in self.retriever.documents():
            folder = entry.doc_id.split("/")[0] if "/" in entry.doc_id else "documents"
            folders.setdefault(folder, []).append(entry)
        return tuple(topic_of(name, entries, self.retriever) for name, entries in sorted(folders.items()))

    def as_runnable(self) -> "Runnable[Any, Answer]":
        """The assistant as a LangChain Runnable: a question, or {"question", "history", "setting"}, to an Answer."""
        from assistant.chain import answering_chain

        return answering_chain(self)

    def _renew(self) -> bool:
        """Take up an index that was built since; True where there was one."""
        renewed = self.retriever.reload_if_changed()
        if self.vocabulary.version != self.retriever.version:  # another assistant may have made it reload
            self.vocabulary.renew(self.retriever)
        return renewed

    def _draft(self, work: Work) -> None:
        if self.chat is not None:
            try:
                drafted = draft_by_chat(
                    self.chat,
                    work.query.text,
                    work.hits,
                    work.history,
                    self.retriever,
                    name=self.model,
                    timeout=self.timeout,
                )
            except ChatFailedError as error:
                if not self.fallback:
                    raise
                work.notice = f"{work.notice} {error} The answer was composed of quotes instead.".strip()
            else:
                if drafted is None:
                    work.refusal = NOT_DRAFTED
                    return
                work.draft = drafted
                return
        work.draft = self._extracted(work)

    def _extracted(self, work: Work) -> list[DraftStatement]:
        assert work.form  # noqa: S101
        length = _LENGTHS.get(work.query.request, 1.0)
        draft = compose(work.form, work.evidence, self.retriever, heads=heads(work.readings), length=length)
        if not draft or work.query.request != "answer" or work.evidence[0].score < TO_THE_POINT:
            return draft
        shown = [drafted.text for drafted in draft]

        def supported(claim: str) -> float:
            found = read_alone(claim, self.retriever, self.vocabulary, k=self.passages, setting=work.setting).evidence
            texts = [*shown, *(e.sentence.text for e in found[:ON_A_CLAIM])]
            return self.gate.judge.check_statement(claim, texts).score

        return [replace(draft[0], connective=opening(work.asked, shown, supported)), *draft[1:]]

    def _check(self, work: Work) -> None:
        quotes = [Quote(passage=e.passage, sentence=e.sentence) for e in work.evidence]
        checked = self.gate.check(work.draft, quotes)
        little = len(checked.statements) < LITTLE * len(work.draft)
        if self.chat is not None and work.draft and little and not work.refusal:
            remained = "Little" if checked.statements else "Nothing"
            work.notice = (
                work.notice or f"{remained} that the chat model wrote was supported; the answer is composed of quotes."
            )
            dropped = checked.dropped
            work.draft = self._extracted(work)
            checked = self.gate.check(work.draft, quotes)
            checked = Checked(statements=checked.statements, dropped=dropped + checked.dropped)
        work.statements, work.dropped = checked.statements, checked.dropped
        if work.query.request == "sources":
            named = (replace(s, connective=f"{s.citations[0].origin}:") for s in work.statements)
            work.statements = tuple(s if s.layout == "lead" else replace(s, layout="item") for s in named)
        if work.query.request == "bullets":
            work.statements = tuple(s if s.layout == "lead" else replace(s, layout="item") for s in work.statements)
        if not work.statements and not work.refusal:
            work.refusal = NOT_SUPPORTED
        told = caveats(work, retriever=self.retriever, vocabulary=self.vocabulary)
        work.notice = " ".join(part for part in (work.notice, *told) if part)

    def _finished(self, work: Work) -> Answer:
        refused = bool(work.refusal)
        statements, citations = numbered(() if refused else work.statements)
        text = f"{work.refusal}" if refused else as_text(statements)
        return replace(
            self._snapshot(work, "done"),
            statements=statements,
            citations=citations,
            text=text,
            status="clarify" if work.asked_back else "refused" if refused else "answered",
            reason=" ".join(part for part in (work.refusal, work.notice) if part),
            covers=near_topics(work.hits) if refused and work.answerability >= NEAR else (),
            suggestions=suggestions(work.query.text, work.hits, self.retriever),
            conflicts=conflicts(work.query.text, statements),
            dropped=work.dropped,
        )

    def _snapshot(self, work: Work, stage: str) -> Answer:
        return Answer(
            question=work.question,
            query=work.query.text or work.question,
            statements=(),
            text="",
            citations=(),
            hits=tuple(work.hits),
            status="working",
            stage=stage,
            reason="",
            covers=(),
            suggestions=(),
            conflicts=(),
            dropped=(),
            answerability=work.answerability,
            model=self.model,
            index_version=self.index_version,
            seconds=dict(work.seconds),
        )
