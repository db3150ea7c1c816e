"""The gate: nothing is shown that was not checked against a verbatim span of the corpus, whoever wrote it.

A drafted statement is held against the quotes that it claims to rest on and, failing that, against all the evidence:
marks are the gate's to assign, a model's numbers are only a hint. What fails is dropped, and the drop recorded.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.answers import Citation, Dropped, DropReason, Statement, Support
from assistant.antecedents import LOOK_BACK
from assistant.claims import negations, numbers
from assistant.composing import DraftStatement, Quote
from assistant.reading import document_of
from assistant.support import Judge
from assistant.terms import term_set, terms, words
from corpus import Document, Source
from index import Retriever, StoredTokens

CLOSEST = 12  # evidence sentences that a statement without a good citation is held against
LEAST_SENTENCE = 6  # words of a list item that may stand alone
_INSERTED = re.compile(r" \[([^\]]+)\]|\A\[([^\]]+)\] ")
_LINK = re.compile(r"(?:https?|ftp|mailto|javascript|data):\S+|\bwww\.\S+|\b[\w.+-]+@[\w-]+\.\w+", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What passed the gate, in the draft's order, and what did not."""

    statements: tuple[Statement, ...]
    dropped: tuple[Dropped, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """Checks drafts against the corpus that ``retriever`` reads."""

    retriever: Retriever
    judge: Judge

    def check(self, draft: Sequence[DraftStatement], evidence: Sequence[Quote]) -> Checked:
        """Check each drafted statement; marks are renumbered without gaps, one number for each quote.

        Args:
            draft: what was written, with the quotes that it claims.
            evidence: every sentence that was found for the question.

        """
        statements: list[Statement] = []
        dropped: list[Dropped] = []
        lead, borne_out = "", True
        for drafted in draft:
            if drafted.layout != "item":
                lead = drafted.text if drafted.layout == "lead" else ""
            said = _in_full(drafted, lead)
            outcome: Statement | Dropped
            if said != drafted.text and not borne_out:
                outcome = Dropped(text=drafted.text, reason="unsupported", support=0.0)
            else:
                outcome = self._checked(drafted, evidence, said=said)
            if drafted.layout == "lead":
                borne_out = isinstance(outcome, Statement)
            if isinstance(outcome, Dropped):
                dropped.append(outcome)
            elif any(other.text == outcome.text for other in statements):
                dropped.append(Dropped(text=drafted.text, reason="repeated", support=outcome.support))
            else:
                statements.append(outcome)
        return Checked(statements=tuple(_without_bare_leads(statements)), dropped=tuple(dropped))

    def _checked(self, drafted: DraftStatement, evidence: Sequence[Quote], *, said: str) -> Statement | Dropped:
        """What becomes of a drafted text that says ``said``: the text itself, or an item with its lead-in."""
        if quoted := self._quoted(drafted):
            return self._statement(drafted, quoted, support=1.0, verbatim=True)
        if not terms(drafted.text):
            return Dropped(text=drafted.text, reason="uncited", support=0.0)
        if _foreign_link(drafted, evidence):
            return Dropped(text=drafted.text, reason="unsupported", support=0.0)
        best: tuple[Support, Quote] | None = None
        for pool in (drafted.quotes, _closest(said, evidence)):
            if not pool:
                continue
            support = self._judged(said, pool)
            if support.evidence is not None and (best is None or support.score > best[0].score):
                best = (support, pool[support.evidence])
            if support.label == "supported":
                break
        if best is None:
            return Dropped(text=drafted.text, reason="uncited", support=0.0)
        supported = best[0].label == "supported"
        if not supported or _clashes(said, best[1], (*drafted.quotes, *evidence)):
            reason: DropReason = "contradicted" if supported or best[0].label == "contradicted" else "unsupported"
            return Dropped(text=drafted.text, reason=reason, support=best[0].score)
        return self._statement(drafted, (best[1],), support=best[0].score, verbatim=False)

    def _quoted(self, drafted: DraftStatement) -> tuple[Quote, ...]:
        """For a text that repeats a quote word for word, that quote and the others that support it; () elsewhere."""
        if len(drafted.quotes) > 1 and drafted.text == " ".join(quote.sentence.text for quote in drafted.quotes):
            return drafted.quotes  # a lead-in and its item
        repeated = [quote for quote in drafted.quotes if self._repeats(drafted.text, quote)]
        if not repeated:
            return ()
        return tuple(quote for quote in drafted.quotes if quote in repeated or self._supports(quote, drafted.text))

    def _supports(self, quote: Quote, text: str) -> bool:
        support = self._judged(text, [quote])
        return support.label == "supported" and not _clashes(text, quote, (quote,))

    def _judged(self, text: str, pool: Sequence[Quote]) -> Support:
        """The judge's verdict, which reads the quotes' token vectors from the index."""

        def stored(place: int) -> StoredTokens | None:
            return self.retriever.sentence_tokens(pool[place].passage, pool[place].sentence)

        return self.judge.check_statement(text, [quote.sentence.text for quote in pool], stored=stored)

    def _repeats(self, text: str, quote: Quote) -> bool:
        """Whether a text is its quote; what is added in brackets must be words from just before the quote."""
        if text == quote.sentence.text:
            return True
        if _INSERTED.sub("", text) != quote.sentence.text:
            return False
        document = document_of(self.retriever, quote.passage.doc_id)
        before = document.text[max(0, quote.sentence.start - LOOK_BACK) : quote.sentence.start]
        return all((match[1] or match[2]) in before for match in _INSERTED.finditer(text))

    def _statement(
        self, drafted: DraftStatement, quotes: Sequence[Quote], *, support: float, verbatim: bool
    ) -> Statement:
        return Statement(
            text=drafted.text,
            citations=tuple(self._citation(quote) for quote in quotes),
            verdict="quoted" if verbatim else "supported",
            support=support,
            layout=drafted.layout,
            connective=drafted.connective,
        )

    def _citation(self, quote: Quote) -> Citation:
        document = document_of(self.retriever, quote.passage.doc_id)
        start, end = quote.sentence.start, quote.sentence.end
        sources, date = _sources(document, start, end), document.date
        return Citation(
            marker=0,
            passage=quote.passage,
            quote=document.text[start:end],
            start=start,
            end=end,
            publisher=document.publisher,
            url=document.url,
            date=date,
            settings=document.settings,
            sources=sources,
        )


def _sources(document: Document, start: int, end: int) -> tuple[Source, ...]:
    """The publications that the document itself names for the span."""
    named = (source for attribution in document.attributed(start, end) for source in attribution.sources)
    return tuple(dict.fromkeys(named))


def _in_full(drafted: DraftStatement, lead: str) -> str:
    """What a text says: an item that is no sentence of its own says it only together with its lead-in."""
    whole = drafted.text.endswith((".", "!", "?")) and len(words(drafted.text)) >= LEAST_SENTENCE
    return drafted.text if whole or not lead or drafted.layout != "item" else f"{lead.rstrip(' :')}: {drafted.text}"


def _foreign_link(drafted: DraftStatement, evidence: Sequence[Quote]) -> bool:
    """Whether a text holds an address that no quote holds: a reader might follow it, so no score can make up for it."""
    known = " ".join(quote.sentence.text for quote in (*drafted.quotes, *evidence))
    return any(link.rstrip(".,;)") not in known for link in _LINK.findall(drafted.text))


def _clashes(text: str, quote: Quote, known: Sequence[Quote]) -> bool:
    """Whether a text gives a figure that no quote gives, or denies what its quote says: no score can make up for it."""
    figures = numbers(text) - {"1"}  # "one" is a pronoun more often than a figure
    given = frozenset().union(*(numbers(other.sentence.text) for other in known))
    return not figures <= given or negations(text) % 2 != negations(quote.sentence.text) % 2


def _closest(text: str, evidence: Sequence[Quote]) -> tuple[Quote, ...]:
    own = set(terms(text))
    ranked = sorted(range(len(evidence)), key=lambda n: (-len(own & term_set(evidence[n].sentence.text)), n))
    return tuple(evidence[n] for n in ranked[:CLOSEST])


def _without_bare_leads(statements: Sequence[Statement]) -> list[Statement]:
    """A lead-in whose items were all dropped leads to nothing, and goes too."""
    return [
        statement
        for place, statement in enumerate(statements)
        if statement.layout != "lead" or (place + 1 < len(statements) and statements[place + 1].layout == "item")
    ]


def numbered(statements: Sequence[Statement]) -> tuple[tuple[Statement, ...], tuple[Citation, ...]]:
    """The statements with their marks assigned in reading order from 1, and the citations by mark."""
    marks: dict[tuple[str, int, int], int] = {}
    citations: list[Citation] = []
    marked: list[Statement] = []
    for statement in statements:
        own: dict[int, Citation] = {}
        for citation in statement.citations:
            place = (citation.passage.doc_id, citation.start, citation.end)
            if place not in marks:
                marks[place] = len(marks) + 1
                citations.append(replace(citation, marker=marks[place]))
            own[marks[place]] = citations[marks[place] - 1]
        marked.append(replace(statement, citations=tuple(own[n] for n in sorted(own))))
    return tuple(marked), tuple(citations)


def as_text(statements: Sequence[Statement]) -> str:
    """The answer as plain text with ``[n]`` marks: paragraphs of sentences, and lists as lines that begin with "- "."""
    lines: list[str] = []
    for place, statement in enumerate(statements):
        marks = "".join(f"[{citation.marker}]" for citation in statement.citations)
        sentence = f"{statement.connective} {statement.text}".strip()
        if statement.layout == "item":
            lines.append(f"- {sentence} {marks}")
        elif place and statements[place - 1].layout == "prose" and statement.layout == "prose":
            lines[-1] += f" {sentence} {marks}"
        else:
            lines.append(f"{sentence} {marks}")
    return "\n".join(lines)
