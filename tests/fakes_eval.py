"""A scripted assistant over one small document: real answers, real spans, no search and no model."""

from collections.abc import Mapping, Sequence

from assistant.answers import Answer, Citation, Statement, Support, Turn
from corpus.documents import Attribution, Document, Passage, Source
from corpus.splitting import split
from eval.opening import Opened
from eval.stamp import Stamp
from index.hits import Hit

SENTENCES = {
    "E1": "A chief medical officer reports to the chief executive officer.",
    "E2": "A survey of 2016 put the pay of chief medical officers at $388,000.",
    "E3": "A medical director usually covers one department.",
    "E4": "Comfort measures only is another meaning of CMO.",
}
"""Each sentence of the document by the fact that it states."""

_SOURCE = Source(source_id="s", title="A source", publisher=None, url=None, date=None)


def handbook(*, attributed: bool = True) -> Document:
    """The document: one sentence a section, so that each has a passage of its own when the filler is counted in."""
    text, attributions = "# Handbook\n\n", []
    for fact_id, sentence in SENTENCES.items():
        text += f"## Section {fact_id}\n\n"
        start = len(text)
        text += sentence
        attributions.append(
            Attribution(start=start, end=len(text), fact_ids=(fact_id,), sources=(_SOURCE,), confidence="high")
        )
        text += " " + " ".join(f"{fact_id} word{n}." for n in range(60)) + "\n\n"
    return Document(
        doc_id="handbook.md",
        title="Handbook",
        text=text,
        source="handbook.md",
        publisher=None,
        url=None,
        date=None,
        settings=("any",),
        summary="",
        questions=(),
        attributions=tuple(attributions) if attributed else (),
        sha256="0",
    )


STAMP = Stamp(
    model="scripted", prompt="", judge="words", index="1", documents=1, embeddings="none", passages=10, code="1"
)


def opened_over(script: Mapping[str, Sequence[str]], *, attributed: bool = True, stamp: Stamp = STAMP) -> Opened:
    """A scripted assistant as the commands get it."""
    subject = ScriptedAssistant(script, attributed=attributed)
    return Opened(subject=subject, documents=[subject.handbook], judge=subject.check, stamp=stamp)


class ScriptedAssistant:
    """Answers each question with the sentences of the facts that its script names; () is a refusal.

    ``seen`` lists the questions put, with their histories. A question that the script doesn't know is a bug, and fails.
    """

    def __init__(self, script: Mapping[str, Sequence[str]], *, attributed: bool = True) -> None:
        self.script = script
        self.handbook = handbook(attributed=attributed)
        self.seen: list[tuple[str, int]] = []

    def answer(self, question: str, *, history: Sequence[Turn] = (), setting: str | None = None) -> Answer:
        self.seen.append((question, len(history)))
        statements = tuple(
            Statement(
                text=SENTENCES[fact_id],
                citations=(self.citation(fact_id, marker=marker),),
                verdict="quoted",
                support=1.0,
                layout="prose",
                connective="",
            )
            for marker, fact_id in enumerate(self.script[question], start=1)
        )
        return Answer(
            question=question,
            query=question,
            statements=statements,
            text=" ".join(f"{s.text} [{n}]" for n, s in enumerate(statements, start=1)) or "Not covered.",
            citations=tuple(s.citations[0] for s in statements),
            hits=(),
            status="answered" if statements else "refused",
            stage="done",
            reason="",
            covers=(),
            suggestions=(),
            conflicts=(),
            dropped=(),
            answerability=0.9 if statements else 0.1,
            model="scripted",
            index_version="1",
            seconds={},
        )

    def citation(self, fact_id: str, *, marker: int = 1) -> Citation:
        quote = SENTENCES[fact_id]
        start = self.handbook.text.index(quote)
        return Citation(
            marker=marker,
            passage=self.passage(start),
            quote=quote,
            start=start,
            end=start + len(quote),
            publisher=None,
            url=None,
            date=None,
            settings=("any",),
            sources=(),
        )

    def passage(self, start: int) -> Passage:
        return next(p for p in split(self.handbook) if p.start <= start < p.end)

    def search(self, query: str, *, k: int = 10) -> list[Hit]:
        return [
            Hit(passage=passage, rank=rank, score=1 / rank, origin="lexical")
            for rank, passage in enumerate(split(self.handbook)[:k], start=1)
        ]

    def check(self, claim: str, evidence: Sequence[str]) -> Support:
        """Supported where every word of the claim stands in the evidence."""
        known = set(" ".join(evidence).lower().split())
        supported = set(claim.lower().split()) <= known
        return Support(
            score=float(supported),
            label="supported" if supported else "unsupported",
            evidence=0 if supported else None,
            quote="",
            reason="",
        )

    def document(self, doc_id: str) -> Document:
        if doc_id != self.handbook.doc_id:
            raise KeyError(doc_id)
        return self.handbook
