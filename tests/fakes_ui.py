"""A scripted assistant for the page: real `Answer` values over a few invented documents, no index and no model.

Every quote is cut from its document, so offsets hold; which answer comes is decided by the question alone.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

from assistant.answers import Answer, Citation, Conflict, Dropped, Layout, Statement, Topic, Turn, Verdict
from corpus.documents import Document, Passage, Source
from corpus.errors import UserError
from index.hits import Hit

HOSTILE = '<img src=x onerror="document.title=1"> <script>document.title=2</script> ![p](http://evil.example/p.png)'

SURVEY = Source(
    source_id="acme-survey-2025",
    title="Survey of physician leaders",
    publisher="Acme Institute",
    url="https://acme.example/survey",
    date="2025-04-02",
)


def document(doc_id: str, title: str, text: str, *, publisher: str | None = "Example Press") -> Document:
    """A document as a reader would give it."""
    return Document(
        doc_id=doc_id,
        title=title,
        text=text,
        source=doc_id.rsplit("/", 1)[-1],
        publisher=publisher,
        url="https://press.example/" + doc_id,
        date="2026-03-01",
        settings=("hospital",),
        summary="",
        questions=(),
        attributions=(),
        sha256="0" * 64,
    )


DUTIES = document(
    "duties/core.md",
    "What a CMO does",
    "# What a CMO does\n\n## In short\n\n"
    "The chief medical officer is the senior physician executive of a hospital. "
    "The post carries these duties:\n\n"
    "- Oversee the quality of care.\n- Lead the medical staff.\n- Advise the board on clinical matters.\n\n"
    "## On call\n\nA CMO may keep a small clinical practice. Some organizations forbid it.\n",
)
PAY = document(
    "career/pay.md",
    "Pay of physician leaders",
    "# Pay of physician leaders\n\nMedian pay was 480,000 dollars in 2024. Pay rises with the size of the system.\n",
    publisher="Pay Observatory",
)
BAD = document(
    "notes/bad.md", "Bad <b>title</b>", f"# Bad notes\n\nThe CMO leads {HOSTILE} every day.\n", publisher=HOSTILE
)
RULES = document(
    "duties/rules.md",
    "Rules of Northfield Hospital",
    "# Rules of Northfield Hospital\n\n"
    + "".join(f"## Rule {n}\n\nThe CMO reads rule {n} twice. {'Nobody skips it. ' * 30}\n\n" for n in range(1, 61)),
)
DOCUMENTS = {d.doc_id: d for d in (DUTIES, PAY, BAD, RULES)}


def passage(source: Document, quote: str) -> Passage:
    """The blocks between the headings around a quote."""
    at = source.text.index(quote)
    start = source.text.rfind("\n\n", 0, source.text.rfind("\n#", 0, at) + 4) + 2
    after = source.text.find("\n#", at)
    end = len(source.text.rstrip()) if after < 0 else len(source.text[:after].rstrip())
    return Passage(
        passage_id=f"{source.doc_id}#{start}",
        doc_id=source.doc_id,
        title=source.title,
        text=source.text[start:end],
        headings=(source.title,),
        start=start,
        end=end,
        page=None,
    )


def cite(marker: int, source: Document, quote: str) -> Citation:
    """A citation of a quote that must stand in the document."""
    at = source.text.index(quote)
    return Citation(
        marker=marker,
        passage=passage(source, quote),
        quote=quote,
        start=at,
        end=at + len(quote),
        publisher=source.publisher,
        url=source.url,
        date=source.date,
        settings=source.settings,
        sources=(SURVEY,),
    )


def state(
    text: str, *citations: Citation, verdict: Verdict = "quoted", layout: Layout = "prose", connective: str = ""
) -> Statement:
    """A checked statement."""
    return Statement(text=text, citations=citations, verdict=verdict, support=0.9, layout=layout, connective=connective)


def hit(source: Document, quote: str, rank: int = 1) -> Hit:
    """A hit on the passage around a quote."""
    return Hit(passage=passage(source, quote), rank=rank, score=1.0 / rank, origin="reranked")


def answer(question: str, *statements: Statement, **changes: object) -> Answer:
    """An answer of these statements; ``changes`` replace fields."""
    citations = {c.marker: c for s in statements for c in s.citations}
    made = Answer(
        question=question,
        query=question,
        statements=statements,
        text="\n".join(s.text + "".join(f" [{c.marker}]" for c in s.citations) for s in statements),
        citations=tuple(citations[n] for n in sorted(citations)),
        hits=(hit(DUTIES, "Oversee the quality"), hit(PAY, "Median pay", 2)),
        status="answered",
        stage="done",
        reason="",
        covers=(),
        suggestions=(),
        conflicts=(),
        dropped=(),
        answerability=0.9,
        model="scripted",
        index_version="test",
        seconds={"search": 0.01},
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def duties_answer(question: str = "What does a CMO do?") -> Answer:
    """Prose, a lead-in with a list, two dropped sentences and suggestions."""
    lead = "The chief medical officer is the senior physician executive of a hospital."
    first, second = cite(1, DUTIES, lead), cite(2, DUTIES, "The post carries these duties:")
    three, four = cite(3, DUTIES, "Oversee the quality of care."), cite(4, DUTIES, "Lead the medical staff.")
    return answer(
        question,
        state(lead, first),
        state("The post carries these duties:", second, layout="lead"),
        state("Oversee the quality of care.", three, layout="item"),
        state("Lead the medical staff.", four, layout="item"),
        state(
            "Pay grows with the system.", cite(5, PAY, "Pay rises with the size of the system."), verdict="supported"
        ),
        dropped=(
            Dropped(text="A CMO flies planes.", reason="unsupported", support=0.1),
            Dropped(text="A CMO is a nurse.", reason="contradicted", support=0.0),
        ),
        suggestions=("What is a CMO paid?", "Do CMOs see patients?"),
    )


def conflict_answer(question: str = "Do CMOs see patients?") -> Answer:
    """Two sides that disagree."""
    yes = state(
        "A CMO may keep a small clinical practice.", cite(1, DUTIES, "A CMO may keep a small clinical practice.")
    )
    no = state("Some organizations forbid it.", cite(2, DUTIES, "Some organizations forbid it."), connective="But")
    return answer(question, yes, no, conflicts=(Conflict(topic="clinical practice", sides=(yes, no)),))


def three_sided_answer(question: str = "How many?") -> Answer:
    """Three sides that disagree, and a sentence beside them."""
    quotes = (
        (DUTIES, "A CMO may keep a small clinical practice."),
        (DUTIES, "Some organizations forbid it."),
        (PAY, "Pay rises with the size of the system."),
    )
    sides = tuple(state(quote, cite(marker, source, quote)) for marker, (source, quote) in enumerate(quotes, 1))
    lead = "The chief medical officer is the senior physician executive of a hospital."
    return answer(
        question,
        state(lead, cite(4, DUTIES, lead)),
        *sides,
        conflicts=(Conflict(topic="clinical practice", sides=sides),),
    )


def long_answer(question: str) -> Answer:
    """More than a screen of sentences."""
    lead = "The chief medical officer is the senior physician executive of a hospital."
    many = tuple(state(f"{lead} ({n})", cite(n, DUTIES, lead), verdict="supported") for n in range(1, 120))
    return answer(question, *many)


def rules_answer(question: str) -> Answer:
    """Quotes from the beginning, the middle and the end of a document of many screens."""
    quotes = [f"The CMO reads rule {n} twice." for n in (1, 30, 60)]
    return answer(question, *(state(quote, cite(n, RULES, quote)) for n, quote in enumerate(quotes, 1)))


def question_back(question: str) -> Answer:
    """A question back."""
    return answer(
        question,
        status="clarify",
        text="",
        reason="What is the question about? Name the post, the organization or the rule that you mean.",
        suggestions=("What does a CMO do?",),
    )


def refusal(question: str) -> Answer:
    """An honest refusal with what is covered."""
    return answer(
        question,
        status="refused",
        text="",
        reason="No passage speaks of this.",
        covers=("What a CMO does", "Pay of physician leaders"),
        suggestions=("What does a CMO do?", "What is a CMO paid?"),
        answerability=0.03,
    )


def hostile_answer(question: str) -> Answer:
    """Live markup wherever a text can carry it."""
    quote = f"The CMO leads {HOSTILE} every day."
    return answer(
        question,
        state(quote, cite(1, BAD, quote), connective=HOSTILE),
        hits=(hit(BAD, quote),),
        dropped=(Dropped(text=HOSTILE, reason="uncited", support=0.0),),
        suggestions=(HOSTILE,),
        reason=HOSTILE,
        model=HOSTILE,
    )


class ScriptedAssistant:
    """Answers by a word in the question; ``pause`` seconds lie between two snapshots."""

    index_version = "test"

    def __init__(self, pause: float = 0.0, model: str = "scripted") -> None:
        self.pause = pause
        self.model = model
        self.asked: list[tuple[str, tuple[Turn, ...], str | None]] = []

    def stream(self, question: str, *, history: Sequence[Turn] = (), setting: str | None = None) -> Iterator[Answer]:
        """Two stages, then the answer."""
        self.asked.append((question, tuple(history), setting))
        if "broken" in question:
            raise UserError("var/index is missing. Run: python -m assistant index docs/")
        if "slow" in question:
            self.pause = 0.5
        final = replace(self._final(question), model=self.model)
        for stage in ("searching", "2 passages found"):
            yield replace(final, statements=(), citations=(), text="", status="working", stage=stage)
            time.sleep(self.pause)
        yield final

    def answer(self, question: str, *, history: Sequence[Turn] = (), setting: str | None = None) -> Answer:
        """The last snapshot."""
        return list(self.stream(question, history=history, setting=setting))[-1]

    def _final(self, question: str) -> Answer:
        made = {
            "weather": refusal,
            "three": three_sided_answer,
            "long": long_answer,
            "rules": rules_answer,
            "it?": question_back,
            "patients": conflict_answer,
            "hostile": hostile_answer,
            "<": hostile_answer,
        }
        for word, build in made.items():
            if word in question:
                return build(question)
        return duties_answer(question)

    def search(self, query: str, *, k: int = 10, setting: str | None = None) -> list[Hit]:
        """The same two passages, and none for nothing."""
        return [hit(DUTIES, "Oversee the quality"), hit(PAY, "Median pay", 2)][:k] if "nothing" not in query else []

    def document(self, doc_id: str) -> Document:
        """A document by its id."""
        return DOCUMENTS[doc_id]

    def topics(self) -> tuple[Topic, ...]:
        """Two topics and one without questions."""
        return (
            Topic(
                name="duties",
                documents=1,
                passages=2,
                sources=3,
                published=("2009", "2025"),
                titles=(DUTIES.title,),
                questions=("What does a CMO do?", "Do CMOs see patients?"),
            ),
            Topic(
                name="career",
                documents=1,
                passages=1,
                sources=0,
                published=("2026", "2026"),
                titles=(PAY.title,),
                questions=("What is a CMO paid?",),
            ),
            Topic(name="notes", documents=1, passages=1, sources=0, published=None, titles=(BAD.title,), questions=()),
        )
