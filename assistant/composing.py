"""Compose an answer of verbatim sentences: the direct answer first, lists whole, both sides of a comparison."""

import re
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, replace

from assistant.answers import Layout
from assistant.antecedents import below_heading, leans_back, with_subject
from assistant.claims import negations, numbers, organizations
from assistant.disagreement import disagree
from assistant.evidence import Evidence, pooled
from assistant.features import parties
from assistant.questions import Question, QuestionType
from assistant.rows import CELLS
from assistant.terms import term_set, terms
from assistant.weights import moved
from corpus import Passage, Sentence
from corpus.documents import SentenceKind
from corpus.labels import is_field
from index import Retriever

WORDS: dict[QuestionType, int] = {
    "factoid": 55,
    "definition": 55,
    "yes_no": 55,
    "why": 70,
    "how": 70,
    "list": 100,
    "comparison": 100,
}
"""How many words an answer may take before no further sentence is begun; a list that has begun is finished."""

LISTS: tuple[QuestionType, ...] = ("list", "how")
"""Questions that ask for a whole list; any other asks for those of its lines that answer."""

ENOUGH = 0.35  # of the best sentence's score: what falls below is not to the point
ENOUGH_OF_OTHERS = 0.25  # the same in documents that tie no facts to sentences, where less tells them apart
LEAST = 0.1  # probability of being to the point below which only the best sentence of all is shown
LEAST_OF_OTHERS = 0.12  # the same in documents that tie no facts to sentences
COMMON = 0.5  # of the sentences found, from which a word tells the two sides of a comparison apart no more
ONE_SIDE = 0.3  # of that floor for the best sentence on one side of a comparison: half an answer misleads
RIVAL = 0.2  # of the best sentence's score, from which a sentence that contradicts it is shown beside it
LONG_LIST = 8  # lines; a longer list is shown whole only where SEVERAL of them are to the point
SEVERAL = 3
LONGEST_LIST = 14  # items; a longer list is shown as far as its best items
SAME = 0.75  # share of stems in common from which two sentences say the same
SAME_MEANING = 0.9  # cosine of their vectors from which two sentences with the same figures do
VOTED = 0.8  # power of the votes for a sentence besides the best, by which its odds are multiplied
UNASKED, USUAL = 0.05, 0.36  # what is added to the votes for any, and the votes for one of which nothing tells
ASIDE = 0.1  # of what is asked for most: a fact asked for less adds nothing to one that is told
LONGEST_SENTENCE = 90  # words; a longer one is a table or a list that was not read as one
_ASPECTS = term_set("job role work post position duties responsibilities tasks pay salary compensation power authority")
"""What is compared of two sides, though only one may name it: "the job of a biotech CMO and a hospital CMO's"."""
_EVERYWHERE = term_set("CMO chief medical officer physician doctor")  # of whom every sentence tells
_OWN_SUBJECT = re.compile(r"[A-Z][^:.]{1,60}: (?:an?|the|[A-Z]\w+s) \w+ \w+")
"""How a line of a list begins that names what it is about and then says something of a subject of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A verbatim span that a drafted statement rests on."""

    passage: Passage
    sentence: Sentence

    @property
    def key(self) -> tuple[str, int]:
        """Where it stands, as ``Evidence.key`` tells it."""
        return self.passage.doc_id, self.sentence.start


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftStatement:
    """One sentence of a draft, with the quotes that it claims to rest on; not yet checked."""

    text: str
    quotes: tuple[Quote, ...]
    layout: Layout
    connective: str = ""


def compose(
    question: Question,
    evidence: Sequence[Evidence],
    retriever: Retriever,
    *,
    heads: Sequence[Evidence] = (),
    length: float = 1.0,
) -> list[DraftStatement]:
    """The draft of an extractive answer: quotes in a readable order, without repeats.

    Args:
        question: its type decides how long the answer may be and how lists are treated.
        evidence: ranked, best first.
        retriever: gives the sentences around a quote.
        heads: the best sentence for each thing that the question asks, where it asks several.
        length: 1.0 is the usual length; .4 a short answer, 2.0 a long one.

    """
    if not evidence:
        return []
    evidence = _by_votes(evidence)
    chosen = _choose(question, evidence, heads, limit=int(WORDS[question.type] * length))
    floor = _least(evidence)
    said = frozenset[str]().union(*(e.facts for e in chosen if e.sentence.kind == "prose"))
    lists = question.type in LISTS
    worth = {e.key for e in evidence if e.score >= floor and (lists or not e.facts or not e.facts <= said)}
    asked = frozenset(question.terms)
    blocks = [_block(member, retriever, worth, asked=asked, lists=lists, whole=lists or not said) for member in chosen]
    statements: list[DraftStatement] = []
    shown: set[tuple[str, int]] = set()
    for block in _in_order(blocks):
        fresh = [quote for quote in block if quote.key not in shown]
        shown |= {quote.key for quote in fresh}
        statements += _drafted(fresh, retriever)
    return _joined(statements)


def _by_votes(evidence: Sequence[Evidence]) -> list[Evidence]:
    """The evidence behind the best, which opens the answer, less likely the less its facts are asked for.

    The votes choose the opening too, beside much else; which sentences a short answer needs besides they tell best.
    """
    unknown = USUAL if evidence[0].facts else 1.0

    def beside(e: Evidence) -> Evidence:
        voted = max(e.votes.values(), default=unknown)
        return replace(e, score=moved(e.score, ((voted + UNASKED) / (1.0 + UNASKED)) ** VOTED))

    return [evidence[0], *sorted(map(beside, evidence[1:]), key=lambda e: (-e.score, e.key))]


def _choose(
    question: Question, evidence: Sequence[Evidence], heads: Sequence[Evidence], *, limit: int
) -> list[Evidence]:
    """Sentences worth showing, best first, until the words run out; each side of a comparison or part gets a place."""
    floor = _least(evidence)
    chosen: list[Evidence] = []
    used = 0
    sides = [*heads, *_sides(question, evidence)]
    lists = question.type in LISTS  # elsewhere a lead-in answers only where none of its lines does
    first = (e for e in evidence if lists or (e.sentence.kind != "lead" and e.score >= floor))
    for candidate in [*sides, *first, *evidence]:
        narrower = [e for e in chosen if candidate.score >= floor and _tells_all_of(candidate, e, question)]
        if used >= limit and not narrower and candidate not in heads:
            continue
        sole = candidate in sides and candidate.sentence.kind == "prose"  # a list is too long to stand for one side
        if candidate.score < (floor * ONE_SIDE if sole else floor) and chosen:
            continue
        if any(e.key == candidate.key for e in chosen) or len(candidate.sentence.text.split()) > LONGEST_SENTENCE:
            continue
        if _says_nothing(candidate):
            continue
        if any(_restates(candidate.sentence.text, e.sentence.text) for e in chosen):
            chosen.append(candidate)  # takes no words: it becomes a further citation
        elif candidate in heads or not _adds_nothing(candidate, chosen, question):
            chosen.insert(chosen.index(narrower[0]) if narrower else len(chosen), candidate)
            chosen = [e for e in chosen if e not in narrower]
            used += len(candidate.sentence.text.split()) - sum(len(e.sentence.text.split()) for e in narrower)
    if not heads:  # one side of a comparison may be less to the point: it does not open the answer
        chosen.sort(key=lambda e: e.score < floor)
    return chosen + _rivals(chosen, evidence)


def _says_nothing(e: Evidence) -> bool:
    """Whether a sentence of prose has too few words to say anything.

    A field ("Owner: CMO") needs no more than two, the reply to a question one.
    """
    replies = bool(e.passage.headings) and e.passage.headings[-1].endswith("?")
    least = 1 if replies else 2 if is_field(e.sentence.text) else 3
    return e.sentence.kind == "prose" and len(terms(e.sentence.text)) < least


def _least(evidence: Sequence[Evidence]) -> float:
    """The score below which a sentence is shown only as the best of all."""
    return max(LEAST if evidence[0].facts else LEAST_OF_OTHERS, _floor(evidence))


def _floor(evidence: Sequence[Evidence]) -> float:
    """The score below which a sentence is not to the point, of ranked evidence."""
    return evidence[0].score * (ENOUGH if evidence[0].facts else ENOUGH_OF_OTHERS)


def _tells_all_of(wider: Evidence, narrower: Evidence, question: Question) -> bool:
    """Whether a sentence states each fact that another states, and more, in no fewer of the question's words.

    It stands in the other's place then. Where a question names a kind of organization, one that names still others does
    not. Where a list is asked for, none of its lines gives way, and no definition does.
    """
    kinds = () if question.type == "definition" else ("prose",) if question.type in LISTS else ("prose", "item")
    if wider.sentence.kind != "prose" or narrower.sentence.kind not in kinds or not narrower.facts < wider.facts:
        return False
    if not _asked_for(wider, wider.facts - narrower.facts):
        return False
    named = organizations(question.text)
    if named and organizations(wider.sentence.text) - organizations(narrower.sentence.text) - named:
        return False
    asked = term_set(question.text) - _EVERYWHERE
    return bool(narrower.facts) and asked & term_set(narrower.sentence.text) <= term_set(wider.sentence.text)


def _adds_nothing(candidate: Evidence, chosen: Sequence[Evidence], question: Question) -> bool:
    """Whether what a sentence says is said by those chosen: in other words, or fact by fact, but for what nobody asks.

    A fact may have several parts: who is asked about must not be missing from what tells it.
    """
    stated = frozenset().union(*(e.facts for e in chosen)) if chosen else frozenset()
    if candidate.facts & stated and not _asked_for(candidate, candidate.facts - stated):
        missing = parties(question.text).difference({"physician"}, *(parties(e.sentence.text) for e in chosen))
        return not missing & parties(candidate.sentence.text)
    if candidate.sentence.kind == "item" and question.type not in LISTS and candidate.facts & stated:
        return True  # a line of a list, which needs its lead-in too, for half a fact
    own, vector = _exact(candidate.sentence.text), pooled(candidate.tokens)
    return any(own == _exact(e.sentence.text) and float(vector @ pooled(e.tokens)) >= SAME_MEANING for e in chosen)


def _asked_for(candidate: Evidence, facts: Set[str]) -> bool:
    """Whether one of these facts, of a sentence that tells others too, is asked for; any is where nothing tells."""
    if candidate.sentence.kind != "prose" or not candidate.votes:
        return bool(facts)
    return any(candidate.votes[fact] >= ASIDE for fact in facts)


def _rivals(chosen: Sequence[Evidence], evidence: Sequence[Evidence]) -> list[Evidence]:
    """What other documents say otherwise than the best sentence: shown although it is less to the point."""
    if not chosen:
        return []
    best, seen = chosen[0], {e.passage.doc_id for e in chosen}
    rivals = [
        candidate
        for candidate in evidence[:20]
        if candidate.passage.doc_id not in seen
        and candidate.sentence.kind == "prose"
        and candidate.score >= best.score * RIVAL
        and disagree(best.sentence.text, candidate.sentence.text)
    ]
    return rivals[:2]


def _sides(question: Question, evidence: Sequence[Evidence]) -> list[Evidence]:
    """For a comparison the best sentence that names all sides, if it is to the point, then the best for each alone."""
    if not question.compared:
        return []
    sides = [term_set(side) - _ASPECTS for side in question.compared]
    near = [term_set(e.sentence.text) for e in evidence[:40]]
    common = {term for term in set[str]().union(*sides) if sum(term in own for own in near) > len(near) * COMMON}
    alone = [side.difference(common, *(other for other in sides if other is not side)) for side in sides]
    each = [(own, set[str]().union(*(other for other in alone if other is not own)), 0.0) for own in alone]
    found: list[Evidence] = []
    for need, avoid, least in ((set[str]().union(*alone), set[str](), _floor(evidence)), *each):
        for candidate in evidence[:40]:
            own = term_set(candidate.sentence.text)
            if need and need <= own and not own & avoid and candidate not in found and candidate.score >= least:
                found.append(candidate)
                break
    return found


def _block(
    member: Evidence,
    retriever: Retriever,
    worth: Set[tuple[str, int]],
    *,
    asked: Set[str],
    lists: bool,
    whole: bool,
) -> list[Quote]:
    """A sentence with what it needs beside it: a list's lead-in or heading with its items, an item with its own.

    Where no ``lists`` are asked for, the items that are ``worth`` showing; all only where that may be ``whole``. What
    stands below a heading is asked for as a list only where the heading has a word of those ``asked``.
    """
    around = [
        Quote(passage=row.passage, sentence=row.sentence)
        for passage in retriever.passages(member.passage.doc_id)
        for row in retriever.sentences(passage.passage_id)
    ]
    place = next(i for i, quote in enumerate(around) if quote.sentence.start == member.sentence.start)
    if member.sentence.kind == "prose":
        return [around[place]]
    begin = place
    while begin > 0 and around[begin].sentence.kind == "item" and _one_section(around[begin - 1], around[begin]):
        begin -= 1
    if not _leads(around[begin].sentence) or CELLS in around[begin + 1].sentence.text:
        return [around[place]]
    end = begin + 1
    while end < len(around) and around[end].sentence.kind == "item" and _one_section(around[end - 1], around[end]):
        end += 1
    told = [quote for quote in around[begin + 1 : end] if quote.key in worth]
    shown = [quote for quote in around[begin + 1 : end] if quote in told or quote == around[place]]
    if around[begin].sentence.kind == "heading" and not asked & term_set(around[begin].sentence.text):
        return [around[begin], *shown]
    few = end - begin <= LONG_LIST
    if not lists and (told or not whole):
        return _part_of_list(around[begin], told, of=end - begin - 1)
    if member.sentence.kind == "item" and (not lists or (not few and len(told) < SEVERAL)):
        return _part_of_list(around[begin], shown, of=end - begin - 1)
    return around[begin : min(end, begin + 1 + LONGEST_LIST)]


def _leads(sentence: Sentence) -> bool:
    """Whether a sentence leads to the list below it: a heading does ("Preferred"), but for one that is a question."""
    return sentence.kind == "lead" or (sentence.kind == "heading" and not sentence.text.endswith("?"))


def _part_of_list(lead_in: Quote, items: list[Quote], *, of: int) -> list[Quote]:
    """Some of a list's items, without the lead-in where each of them has a subject of its own."""
    alone = 0 < len(items) < of and all(_OWN_SUBJECT.match(item.sentence.text) for item in items)
    return items if alone else [lead_in, *items]


def _one_section(one: Quote, other: Quote) -> bool:
    """Whether no heading stands between two quotes: what stands below another heading belongs to another list."""
    return one.passage.headings == other.passage.headings


def _in_order(blocks: Sequence[list[Quote]]) -> Iterable[list[Quote]]:
    """Blocks by document in the order of their best member, within a document as they stand in the text.

    The best sentence of all opens the answer, behind the one before it where it leans on that.
    """
    documents: dict[str, list[list[Quote]]] = {}
    for block in blocks:
        documents.setdefault(block[0].passage.doc_id, []).append(block)
    for number, of_document in enumerate(documents.values()):
        first = [] if number else [of_document[0]]
        if first and leans_back(first[0][0].sentence.text):
            first = [*(block for block in of_document if _just_before(block[-1], first[0][0])), *first]
        yield from first
        yield from sorted((block for block in of_document if block not in first), key=lambda b: b[0].sentence.start)


def _just_before(one: Quote, other: Quote) -> bool:
    """Whether a sentence stands right before another of its paragraph."""
    return one.passage == other.passage and 0 <= other.sentence.start - one.sentence.end <= 1


def _drafted(block: Sequence[Quote], retriever: Retriever) -> list[DraftStatement]:
    """The statements of a block: a single item runs on from its lead-in, and a lead-in without items is left out.

    Items without their lead-in have subjects of their own ("Compliance: a CMO makes sure …"): one alone is a sentence.
    """
    kinds = [quote.sentence.kind for quote in block]
    if not {"lead", "heading"} & set(kinds):
        layout: SentenceKind = "item" if kinds.count("item") > 1 else "prose"
        return [_statement(quote, retriever, layout) for quote in block]
    if kinds == ["lead", "item"]:
        text = " ".join(quote.sentence.text for quote in block)
        return [DraftStatement(text=text, quotes=tuple(block), layout="prose")]
    if kinds in (["lead"], ["heading"]):
        return []
    return [_statement(quote, retriever, kind) for quote, kind in zip(block, kinds, strict=True)]


def _statement(quote: Quote, retriever: Retriever, kind: SentenceKind) -> DraftStatement:
    layout: Layout = "lead" if kind == "heading" else kind
    text = with_subject(quote.sentence, quote.passage.doc_id, retriever)
    if text == quote.sentence.text:
        text = below_heading(quote.sentence, quote.passage, retriever)
    return DraftStatement(text=text, quotes=(quote,), layout=layout)


def _restates(one: str, other: str) -> bool:
    """Whether two sentences say the same in nearly the same words, with the same figures and denials."""
    a, b = term_set(one), term_set(other)
    return bool(a and b) and len(a & b) / len(a | b) >= SAME and _exact(one) == _exact(other)


def _exact(text: str) -> tuple[frozenset[str], int]:
    """What two sentences must have in common to say the same: their figures, and whether they deny."""
    return numbers(text), negations(text) % 2


def _joined(statements: Sequence[DraftStatement]) -> list[DraftStatement]:
    """Sentences that say the same become one statement that cites each of them."""
    kept: list[DraftStatement] = []
    for statement in statements:
        twin = next(
            (
                i
                for i, other in enumerate(kept)
                if other.layout == statement.layout and _restates(other.text, statement.text)
            ),
            None,
        )
        if twin is None:
            kept.append(statement)
        else:
            kept[twin] = replace(kept[twin], quotes=kept[twin].quotes + statement.quotes)
    return kept
