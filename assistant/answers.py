"""What an answer is: statements, each bound to quotes that were checked, or an honest refusal."""

from dataclasses import asdict, dataclass
from typing import Literal

from corpus.documents import Passage, Source
from index.hits import Hit

Status = Literal["working", "answered", "refused", "clarify"]
Verdict = Literal["quoted", "supported"]
SupportLabel = Literal["supported", "unsupported", "contradicted"]
Layout = Literal["prose", "lead", "item"]
DropReason = Literal["unsupported", "contradicted", "uncited", "repeated"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One message of the conversation so far."""

    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """How far evidence supports a claim: ``score`` 0 to 1, and the span of the evidence that decided.

    ``evidence`` is the 0-based place of the deciding text in the list that was given, None where there was none;
    ``quote`` is verbatim from it.
    """

    score: float
    label: SupportLabel
    evidence: int | None
    quote: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """A quote, where it stands, and who published it: ``document.text[start:end] == quote``."""

    marker: int  # the n of [n]
    passage: Passage
    quote: str
    start: int
    end: int
    publisher: str | None
    url: str | None
    date: str | None
    settings: tuple[str, ...]
    sources: tuple[Source, ...]  # the publications that the document itself names for this sentence

    @property
    def origin(self) -> str:
        """Where the sentence comes from: the publications that the document names for it, or else its own title."""
        named = (
            ", ".join(part for part in (f"“{source.title}”", source.publisher, source.date) if part)
            for source in self.sources
        )
        return "; ".join(named) or self.passage.title


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One sentence or list item of an answer, checked against the quotes that it cites.

    ``connective`` is the program's own lead-in ("By contrast,"), never a claim; ``support`` is 0 to 1.
    """

    text: str
    citations: tuple[Citation, ...]
    verdict: Verdict
    support: float
    layout: Layout
    connective: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """A sentence of a draft that was not shown, and why."""

    text: str
    reason: DropReason
    support: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Sources that disagree, each side a checked statement of this answer."""

    topic: str
    sides: tuple[Statement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer to one question; also, while ``status`` is "working", a snapshot on the way to it.

    ``text`` is the whole answer with ``[n]`` marks, lists as lines that begin with "- ". ``query`` is the question as
    it was searched, made stand-alone from the history. ``reason`` says why a refusal or a question back was given,
    and any notice that the reader should know (a chat model that failed, say); "" where there is nothing to say.
    """

    question: str
    query: str
    statements: tuple[Statement, ...]
    text: str
    citations: tuple[Citation, ...]  # by marker
    hits: tuple[Hit, ...]
    status: Status
    stage: str  # "searching", "8 passages found", "5 of 6 sentences checked", "done"
    reason: str
    covers: tuple[str, ...]  # near topics that the corpus does answer
    suggestions: tuple[str, ...]  # questions that the corpus can answer
    conflicts: tuple[Conflict, ...]
    dropped: tuple[Dropped, ...]
    answerability: float  # 0 to 1, calibrated: how likely the corpus holds the answer
    model: str
    index_version: str
    seconds: dict[str, float]

    def to_dict(self) -> dict[str, object]:
        """The one JSON form of an answer, used by the shell, the page's export, the evaluation and programs."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One folder of the corpus: how many documents and passages it holds, how new they are, what it answers.

    ``sources`` is how many publications its documents name for their facts; ``published`` the first and the last year
    of these, or of the documents themselves where they name none.
    """

    name: str
    documents: int
    passages: int
    sources: int
    published: tuple[str, str] | None
    titles: tuple[str, ...]
    questions: tuple[str, ...]
