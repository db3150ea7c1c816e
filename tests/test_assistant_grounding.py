from dataclasses import replace

import pytest

from assistant import Assistant
from assistant.composing import DraftStatement, Quote
from assistant.grounding import Checked, as_text, numbered
from assistant.support import AlignmentJudge
from index import Encoded, TextEncoder


@pytest.fixture
def quotes(assistant: Assistant) -> list[Quote]:
    """Every sentence of the handbook."""
    return [
        Quote(passage=row.passage, sentence=row.sentence)
        for passage in assistant.retriever.passages("handbook.md")
        for row in assistant.retriever.sentences(passage.passage_id)
        if row.sentence.kind != "heading"
    ]


class Noting:
    """The encoder that it is given, noting what is encoded."""

    def __init__(self, encoder: TextEncoder, seen: list[str]) -> None:
        self.name, self.seen, self._encoder = encoder.name, seen, encoder
        self.identity, self.encode_query = encoder.identity, encoder.encode_query

    def encode_passages(self, passages: list[tuple[str, str]]) -> Encoded:
        self.seen += [body for _, body in passages]
        return self._encoder.encode_passages(passages)


def quote_of(quotes: list[Quote], words: str) -> Quote:
    return next(quote for quote in quotes if words in quote.sentence.text)


def drafted(text: str, *cited: Quote, layout: str = "prose") -> DraftStatement:
    return DraftStatement(text=text, quotes=cited, layout=layout)  # type: ignore[arg-type]


def checked(assistant: Assistant, quotes: list[Quote], *draft: DraftStatement) -> Checked:
    return assistant.gate.check(draft, quotes)


def test_a_quotation_passes_with_the_span_that_it_stands_in(assistant: Assistant, quotes: list[Quote]) -> None:
    quote = quote_of(quotes, "1987")
    (statement,) = checked(assistant, quotes, drafted(quote.sentence.text, quote)).statements
    assert (statement.verdict, statement.support) == ("quoted", 1.0)
    (citation,) = statement.citations
    assert assistant.document(citation.passage.doc_id).text[citation.start : citation.end] == citation.quote
    assert citation.quote == quote.sentence.text


def test_a_sentence_with_a_wrong_mark_is_given_the_right_quote(assistant: Assistant, quotes: list[Quote]) -> None:
    wrong, right = quote_of(quotes, "complaints"), quote_of(quotes, "1987")
    (statement,) = checked(
        assistant, quotes, drafted("The hospital appointed its first CMO in 1987.", wrong)
    ).statements
    assert statement.verdict == "supported"
    assert statement.citations[0].quote == right.sentence.text


def test_a_sentence_without_a_mark_is_held_against_all_the_evidence(assistant: Assistant, quotes: list[Quote]) -> None:
    (statement,) = checked(assistant, quotes, drafted("Northfield appointed its first CMO in 1987.")).statements
    assert "1987" in statement.citations[0].quote


def test_of_a_statement_and_its_quotes_only_the_statement_is_encoded(assistant: Assistant, quotes: list[Quote]) -> None:
    judge = assistant.gate.judge
    assert isinstance(judge, AlignmentJudge)
    seen: list[str] = []
    gate = replace(assistant.gate, judge=replace(judge, encoder=Noting(judge.encoder, seen), _known={}))
    text = "Northfield appointed its first CMO in 1987."
    assert gate.check([drafted(text)], quotes).statements
    assert seen == [text]


@pytest.mark.parametrize(
    "text",
    [
        "Northfield Hospital appointed its first CMO in 2003.",
        "Northfield Hospital never appointed its first CMO in 1987.",
        "The medical director of each clinic must not attend the weekly safety meeting.",
        "The chief medical officer was paid two million dollars.",
        "The weekly safety meeting reviews the parking spaces of physicians.",
        "Elephants drink water.",
    ],
)
def test_what_no_quote_says_is_dropped_and_the_drop_recorded(
    assistant: Assistant, quotes: list[Quote], text: str
) -> None:
    found = checked(assistant, quotes, drafted(text, quote_of(quotes, "1987")))
    assert found.statements == ()
    assert [drop.text for drop in found.dropped] == [text]
    assert found.dropped[0].reason in {"unsupported", "contradicted"}


def test_without_any_evidence_nothing_passes(assistant: Assistant) -> None:
    found = checked(assistant, [], drafted("The CMO reports to the CEO."))
    assert found.statements == ()
    assert found.dropped[0].reason == "uncited"


def test_what_is_added_to_a_quote_in_brackets_must_stand_before_it(assistant: Assistant, quotes: list[Quote]) -> None:
    quote = quote_of(quotes, "45 minutes")
    fair = drafted("It [the weekly safety meeting] lasts 45 minutes.", quote)
    forged = drafted("It [the bribe that every physician pays] lasts 45 minutes.", quote)
    assert checked(assistant, quotes, fair).statements[0].verdict == "quoted"
    assert all(statement.verdict != "quoted" for statement in checked(assistant, quotes, forged).statements)


def test_an_address_that_no_quote_holds_is_never_shown(assistant: Assistant, quotes: list[Quote]) -> None:
    text = "Northfield Hospital appointed its first CMO in 1987, see http://example.com/login."
    assert checked(assistant, quotes, drafted(text, quote_of(quotes, "1987"))).statements == ()


def test_the_same_sentence_is_shown_once(assistant: Assistant, quotes: list[Quote]) -> None:
    quote = quote_of(quotes, "1987")
    found = checked(assistant, quotes, *[drafted(quote.sentence.text, quote)] * 3)
    assert len(found.statements) == 1
    assert [drop.reason for drop in found.dropped] == ["repeated", "repeated"]


def test_a_lead_in_whose_items_were_all_dropped_goes_too(assistant: Assistant, quotes: list[Quote]) -> None:
    lead, item = quote_of(quotes, "The meeting reviews"), quote_of(quotes, "falls of patients")
    kept = checked(
        assistant,
        quotes,
        drafted(lead.sentence.text, lead, layout="lead"),
        drafted(item.sentence.text, item, layout="item"),
    )
    assert [statement.layout for statement in kept.statements] == ["lead", "item"]
    bare = checked(assistant, quotes, drafted(lead.sentence.text, lead, layout="lead"), drafted("taxes", layout="item"))
    assert bare.statements == ()


def test_an_item_that_is_no_sentence_is_judged_with_its_lead_in(assistant: Assistant, quotes: list[Quote]) -> None:
    false = drafted("The board was fined for:", layout="lead")
    true = drafted("The meeting reviews:", layout="lead")
    item = drafted("wrong doses of medicines", layout="item")
    assert checked(assistant, quotes, false, item).statements == ()
    assert [s.text for s in checked(assistant, quotes, true, item).statements] == [true.text, item.text]


def test_marks_count_up_in_reading_order_and_one_quote_has_one_mark(assistant: Assistant, quotes: list[Quote]) -> None:
    one, two = quote_of(quotes, "1987"), quote_of(quotes, "45 minutes")
    found = checked(
        assistant,
        quotes,
        drafted(two.sentence.text, two),
        drafted(one.sentence.text, one),
        drafted("The first chief medical officer was appointed in 1987 by Northfield Hospital.", one),
    )
    statements, citations = numbered(found.statements)
    assert [citation.marker for citation in citations] == [1, 2]
    assert [s.citations[0].marker for s in statements] == [1, 2, 2][: len(statements)]
    assert as_text(statements).startswith(f"{two.sentence.text} [1] {one.sentence.text} [2]")


def test_items_become_lines_of_a_list(assistant: Assistant, quotes: list[Quote]) -> None:
    lead = quote_of(quotes, "The meeting reviews")
    items = [quote_of(quotes, words) for words in ("falls of patients", "wrong doses")]
    draft = [drafted(lead.sentence.text, lead, layout="lead")]
    draft += [drafted(item.sentence.text, item, layout="item") for item in items]
    text = as_text(numbered(checked(assistant, quotes, *draft).statements)[0])
    assert text.splitlines() == [
        "The meeting reviews: [1]",
        "- falls of patients in the wards [2]",
        "- wrong doses of medicines [3]",
    ]
