"""Answer a question: the order of the steps, from the typed question to an answer that is checked throughout."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from assistant.answers import Answer, Dropped, Statement, Support, Topic, Turn
from assistant.chat import ChatFailedError, draft_by_chat
from assistant.composing import DraftStatement, Quote, compose
from assistant.conversation import Query, lacks_subject, standalone_query
from assistant.disagreement import conflicts
from assistant.evidence import Evidence
from assistant.grounding import Checked, Gate, as_text, numbered
from assistant.questions import Question, read_question, readable
from assistant.reading import document_of, topic_of
from assistant.readings import (
    Reading,
    by_evidence,
    closest_reading,
    combined_evidence,
    combined_hits,
    fresh_first,
    heads,
    near_the_last,
    searched,
    ways_to_read,
    weighed,
)
from assistant.refusing import (
    Limit,
    answerability,
    has_known,
    near_topics,
    other_sense,
    own_limit,
    refuse_below,
    suggestions,
)
from assistant.terms import terms
from assistant.unmentioned import unmentioned
from assistant.vocabulary import Vocabulary
from corpus import Document, UserError
from index import DocumentEntry, Hit, Retriever

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.runnables import Runnable

ASK_BACK = "What is the question about? Name the post, the organization or the rule that you mean."
FAR = 0.2  # probability of being to the point below which the best sentence does not speak of a part of a question
LITTLE = 0.4  # of a chat model's statements: where fewer are supported, quotes make a better answer than what remains
DEEPER = 5  # passages more than are asked for, from which their best sentences choose
SURE = 0.7  # answerability from which what a document says it leaves out refuses nothing
LONGEST_QUESTION = 4000  # characters; what comes after is not read, and the answer says so
LONGEST_HISTORY = 20  # turns; older ones are not read
_LENGTHS = {"shorter": 0.4, "longer": 2.0}


@dataclass(slots=True, kw_only=True)
class Work:
    """What is known of a question so far; each step of the pipeline fills in its part."""

    question: str
    history: tuple[Turn, ...]
    setting: str | None
    version: str  # of the index
    query: Query = field(default_factory=lambda: Query(text="", added="", request="answer"))
    form: Question | None = None
    readings: list[Reading] = field(default_factory=list)
    hits: list[Hit] = field(default_factory=list)
    evidence: list[Evidence] = field(default_factory=list)
    answerability: float = 0.0
    draft: list[DraftStatement] = field(default_factory=list)
    statements: tuple[Statement, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    notice: str = ""
    limit: Limit | None = (
        None  # what a document found says of itself that it leaves out, and that the question asks for
    )
    refusal: str = ""
    asked_back: bool = False  # the refusal is a question back: the asker has to name a subject
    seconds: dict[str, float] = field(default_factory=dict)


Given = tuple[str, Sequence[Turn], str | None]
"""A question, the turns before it, and the setting to keep to."""
Step = Callable[[Work], None]


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
            work = self._begun(question, history, setting)
            yield self._snapshot(work, "searching")
            try:
                for name, step in self._steps(work):
                    begun = time.perf_counter()
                    take(name, step, work)
                    work.seconds[name] = round(time.perf_counter() - begun, 4)
                    if stage := _stage_after(name, work):
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
        yield "understand", self._understand
        yield "search", self._search
        yield "evidence", self._weigh
        if not work.refusal:
            yield "draft", self._draft
            yield "check", self._check

    def search(self, query: str, *, k: int = 10, setting: str | None = None) -> list[Hit]:
        """The k passages nearest to a query, best first."""
        self._renew()
        if not query.strip() or k < 1:
            return []
        form = read_question(self._in_its_words(query))
        reading = searched(form, self.retriever, self.vocabulary, part=0, k=k + DEEPER, setting=setting)
        return by_evidence(reading.hits, weighed(reading, self.retriever).evidence, limit=k)

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

    def _begun(self, question: str, history: Sequence[Turn], setting: str | None) -> Work:
        text = readable(question)
        if not text:
            raise UserError('the question is blank. Ask something, such as "What does a chief medical officer do?"')
        self._renew()
        work = Work(
            question=text[:LONGEST_QUESTION],
            history=tuple(
                replace(turn, text=readable(turn.text[:LONGEST_QUESTION])) for turn in history[-LONGEST_HISTORY:]
            ),
            setting=setting,
            version=self.index_version,
        )
        if len(text) > LONGEST_QUESTION:
            work.notice = f"Only the first {LONGEST_QUESTION:,} characters of the question were read."
        return work

    def _understand(self, work: Work) -> None:
        query = standalone_query(work.question, work.history)
        work.query = replace(query, text=self._in_its_words(query.text))
        work.form = read_question(work.query.text)
        sense = other_sense(work.query.text, self.vocabulary)
        if sense:
            work.refusal = (
                f"This looks like a question about the {sense}. This assistant covers the chief medical officer only."
            )

    def _in_its_words(self, text: str) -> str:
        """A question spelt as the corpus spells, with the long form of an acronym that it never uses."""
        return self.vocabulary.translated(self.vocabulary.repaired(text))

    def _search(self, work: Work) -> None:
        work.readings = [
            searched(form, self.retriever, self.vocabulary, part=part, k=self.passages + DEEPER, setting=work.setting)
            for part, form in ways_to_read(work.query, self._in_its_words)
        ]
        work.hits = combined_hits(work.readings, limit=self.passages + DEEPER)

    def _weigh(self, work: Work) -> None:
        work.readings = [weighed(reading, self.retriever) for reading in work.readings]
        work.evidence = combined_evidence(work.readings)
        work.form = closest_reading(work.readings, work.evidence)
        work.hits = by_evidence(work.hits, work.evidence, limit=self.passages)
        # A follow-up with words taken from the history is like no known question; one of its readings may be.
        forms = [reading.question for reading in work.readings] if has_known(work.evidence) else [work.form]
        work.answerability = max(
            answerability(form, work.evidence, work.hits, self.vocabulary, self.retriever) for form in forms
        )
        enough = work.answerability >= refuse_below(work.query.added, work.evidence)
        limit = work.limit = own_limit(work.form, work.hits, self.retriever)
        left_out = limit is not None and limit.outweighs(work.evidence) and work.answerability < SURE
        if work.refusal:
            return
        if work.evidence and enough and not left_out and terms(work.query.text):
            work.evidence = self._in_context(work)
            return
        work.asked_back = not left_out and lacks_subject(work.query.text)
        told = f" One of them says so: “{limit.text}”" if limit else ""
        work.refusal = ASK_BACK if work.asked_back else f"The documents do not answer this question.{told}"

    def _in_context(self, work: Work) -> list[Evidence]:
        """The evidence ranked anew by the conversation, which may choose the answer but not tell whether there is one.

        The turn before has a say only where facts are tied to sentences: on others it moved good evidence down.
        """
        evidence = work.evidence
        if has_known(evidence):
            evidence = combined_evidence([*work.readings, *self._read_alone(work, work.query.together)])
            for before in self._read_alone(work, work.query.before):
                evidence = near_the_last(evidence, before.evidence)
        return fresh_first(evidence, work.history) if work.query.request == "answer" else evidence

    def _read_alone(self, work: Work, text: str) -> list[Reading]:
        """The one reading of a text; none where there is no text."""
        if not text:
            return []
        form, k = read_question(self._in_its_words(text)), self.passages + DEEPER
        reading = searched(form, self.retriever, self.vocabulary, part=0, k=k, setting=work.setting)
        return [weighed(reading, self.retriever)]

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
                    work.refusal = "The chat model found no answer in the passages."
                    return
                work.draft = drafted
                return
        work.draft = self._extracted(work)

    def _extracted(self, work: Work) -> list[DraftStatement]:
        assert work.form  # noqa: S101
        length = _LENGTHS.get(work.query.request, 1.0)
        return compose(work.form, work.evidence, self.retriever, heads=heads(work.readings), length=length)

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
            work.statements = tuple(replace(s, connective=f"{s.citations[0].passage.title}:") for s in work.statements)
        if work.query.request == "bullets":
            work.statements = tuple(s if s.layout == "lead" else replace(s, layout="item") for s in work.statements)
        if not work.statements and not work.refusal:
            work.refusal = "Nothing that could be said was supported by the documents."
        work.notice = " ".join(part for part in (work.notice, *self._caveats(work)) if part)

    def _caveats(self, work: Work) -> Iterator[str]:
        """What an asker must know too: what is left open, names that nothing cited mentions, a document's own limit."""
        if open_parts := self._left_open(work):
            yield f"The documents do not answer {' or '.join(f'“{part}”' for part in open_parts)}."
        if missing := unmentioned(work.question, work.statements, self.vocabulary.acronyms):
            yield f"The passages cited do not mention {' or '.join(missing)}."
        cited = {citation.passage.doc_id for statement in work.statements for citation in statement.citations}
        if work.limit and work.limit.doc_id in cited:
            yield f"A document cited says of its own limits: “{work.limit.text}”"

    def _left_open(self, work: Work) -> list[str]:
        """The parts of a question that asks several things which the documents plainly do not answer."""
        if work.refusal or not heads(work.readings):
            return []
        return [
            part.question.text
            for part in work.readings[1:]
            if (not part.evidence or part.evidence[0].score < FAR)
            and answerability(part.question, part.evidence, part.hits, self.vocabulary, self.retriever)
            < refuse_below("", part.evidence)
        ]

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
            covers=near_topics(work.hits) if refused else (),
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


def _stage_after(name: str, work: Work) -> str:
    """What a page may show when a step is done, "" where the next follows at once."""
    stages = {
        "search": f"{len(work.hits)} passages found",
        "draft": f"checking {len(work.draft)} sentences",
        "check": f"{len(work.statements)} of {len(work.draft)} sentences passed",
    }
    return stages.get(name, "")
