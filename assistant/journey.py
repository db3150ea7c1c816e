"""The way of one question: what is understood of it, what is found and how that is weighed, what is left open.

Each step fills in its part of the ``Work``; ``answering.py`` puts them in order, with the draft and the gate.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from statistics import fmean

from assistant.answers import Dropped, Statement, Turn
from assistant.asked import Asked
from assistant.called import as_called
from assistant.composing import DraftStatement
from assistant.conversation import Query, lacks_subject, standalone_query
from assistant.evidence import Evidence, says_so, spelled_out
from assistant.incontext import (
    BEST,
    asked_again,
    by_what_was_said,
    fresh_first,
    near_the_last,
    newer_than_said,
    quoted_before,
    topic_before,
)
from assistant.questions import Question, asked_parts, read_question, readable
from assistant.readings import (
    Reading,
    by_evidence,
    closest_reading,
    combined_evidence,
    combined_hits,
    searched,
    ways_to_read,
    weighed,
)
from assistant.refusing import (
    ASK_BACK,
    NOT_ANSWERED,
    NOTHING_NEWER,
    OTHER_SENSE,
    SAID_ALL,
    UNCERTAIN,
    UNSURE_BELOW,
    Limit,
    answerability,
    has_known,
    is_refusal,
    left_out_since,
    other_sense,
    own_limit,
    refuse_below,
)
from assistant.terms import terms
from assistant.unmentioned import unmentioned
from assistant.vocabulary import Vocabulary
from corpus import UserError
from index import Hit, Retriever

EMPLOYERS = {
    "hospital": "hospital",
    "health_center": "health center",
    "payer": "health insurer",
    "pharma": "drug company",
    "government": "government",
}
"""How a question names a kind of employer, a setting of ``corpus.SETTINGS``."""
_JOINING = re.compile(r"^(?:and|but|so|or)\b,?\s*", re.I)
DEEPER = 5  # passages more than are asked for, from which their best sentences choose
LONGEST_QUESTION = 4000  # characters; what comes after is not read, and the answer says so
LONGEST_HISTORY = 20  # turns; older ones are not read


@dataclass(slots=True, kw_only=True)
class Work:
    """What is known of a question so far; each step of the pipeline fills in its part."""

    question: str
    history: tuple[Turn, ...]
    setting: str | None
    version: str  # of the index
    known: Asked | None = None  # other known texts than those of the package, for fitting
    query: Query = field(default_factory=lambda: Query(text="", added="", request="answer"))
    form: Question | None = None
    asked: str = ""  # what of the question is to be answered, as typed
    readings: list[Reading] = field(default_factory=list)
    hits: list[Hit] = field(default_factory=list)
    evidence: list[Evidence] = field(default_factory=list)
    answerability: float = 0.0
    draft: list[DraftStatement] = field(default_factory=list)
    statements: tuple[Statement, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    notice: str = ""
    limit: Limit | None = None  # what a document found says that it leaves out, where the question asks for that
    left_open: tuple[str, ...] = ()  # the parts of the question that the documents do not answer, where they do others
    refusal: str = ""
    asked_back: bool = False  # the refusal is a question back: the asker has to name a subject
    seconds: dict[str, float] = field(default_factory=dict)


Given = tuple[str, Sequence[Turn], str | None]
"""A question, the turns before it, and the setting to keep to."""
Step = Callable[[Work], None]


def begin(question: str, history: Sequence[Turn], setting: str | None, *, version: str) -> Work:
    """The work on a question before its first step.

    Raises:
        UserError: the question is no text or blank, or the history no turns.

    """
    if not isinstance(question, str):
        raise UserError(f'the question is a text, not {question!r:.80}. Ask "What does a CMO do?"')
    if not _are_turns(history):
        raise UserError(
            f'the history is a list of turns, such as [Turn(role="user", text="…")], not {history!r:.80}. '
            "Turn comes from assistant."
        )
    text = readable(question)
    if not text:
        raise UserError('the question is blank. Ask something, such as "What does a chief medical officer do?"')
    work = Work(
        question=text[:LONGEST_QUESTION],
        asked=text[:LONGEST_QUESTION],
        history=tuple(
            replace(turn, text=readable(turn.text[:LONGEST_QUESTION])) for turn in history[-LONGEST_HISTORY:]
        ),
        setting=setting,
        version=version,
    )
    if len(text) > LONGEST_QUESTION:
        work.notice = f"Only the first {LONGEST_QUESTION:,} characters of the question were read."
    return work


def _are_turns(history: object) -> bool:
    return isinstance(history, Sequence) and all(isinstance(turn, Turn) for turn in history)


def understand(work: Work, *, vocabulary: Vocabulary) -> None:
    """Make the question stand alone, in the corpus's words; refuse one about another sense of CMO."""
    if asked_again(work.question, work.history):
        work.history = ()
    query = standalone_query(work.question, work.history)
    work.query = replace(query, text=vocabulary.in_its_words(_in_setting(query.text, work.setting)))
    work.form = read_question(work.query.text)
    sense = other_sense(work.query.text, vocabulary)
    if sense:
        work.refusal = f"{OTHER_SENSE} {sense}. This assistant covers the chief medical officer only."


def _in_setting(text: str, setting: str | None) -> str:
    """A question with the kind of employer that it is to be answered for, where it does not name that itself."""
    named = EMPLOYERS.get(setting or "", "")
    return text if not text or set(terms(named)) <= set(terms(text)) else f"{text.rstrip('?!. ')} ({named})?"


def find(work: Work, *, retriever: Retriever, vocabulary: Vocabulary, passages: int) -> None:
    """Search for each way to read the question; more passages are found than ``passages``."""
    in_talks = retriever.ties_facts
    topic = topic_before(work.history, retriever) if in_talks and work.query.together else ""

    def own_words(text: str) -> str:
        return vocabulary.in_its_words(_in_setting(text, work.setting))

    ways = ways_to_read(work.query, own_words, in_talks=in_talks, topic=topic)
    if not in_talks:
        called = ((part, as_called(form, retriever)) for part, form in ways)
        ways = list(dict.fromkeys([*ways, *called]))
    work.readings = [
        searched(form, retriever, vocabulary, part=part, k=passages + DEEPER, setting=work.setting, known=work.known)
        for part, form in ways
    ]
    work.hits = combined_hits(work.readings)


def weigh(work: Work, *, retriever: Retriever, vocabulary: Vocabulary, passages: int) -> None:
    """Rank the sentences found, and refuse or ask back where they do not answer the question."""
    asked = work.query.text
    work.readings = [weighed(reading, retriever, known=work.known, asked=asked) for reading in work.readings]
    work.evidence = combined_evidence(work.readings)
    work.form = closest_reading(work.readings, work.evidence)
    work.hits = by_evidence(work.hits, work.evidence, limit=passages)
    work.answerability = _answerability(work, retriever, vocabulary)
    work.limit = own_limit(work.form, work.hits, retriever)
    if work.refusal:
        return
    plain = _says_so(work, retriever)
    meets = work.limit is not None and work.limit.outweighs(work.evidence) and work.answerability < UNSURE_BELOW
    left_out = meets and len(asked_parts(work.query.text)) == 1  # it may meet one of several parts only
    if left_out or not terms(work.query.text) or not (plain or _enough(work)):
        work.asked_back = not left_out and lacks_subject(work.query.text)
        told = f" One of them says so: “{work.limit.text}”" if work.limit else ""
        work.refusal = ASK_BACK if work.asked_back else f"{NOT_ANSWERED}{told}"
        return
    if work.query.request == "newer":
        _keep_newer(work, retriever)
        return
    _leave_open(work, retriever, vocabulary)
    work.evidence = _in_context(work, retriever, vocabulary, k=passages)
    if work.query.request == "answer" and work.history and not plain and has_known(work.evidence):
        work.answerability = by_what_was_said(work.answerability, work.question, work.evidence, work.history)
        if not _enough(work):
            more = _was_told(work.history) and quoted_before(work.evidence[:1], work.history)
            work.refusal = SAID_ALL if more else NOT_ANSWERED


def _keep_newer(work: Work, retriever: Retriever) -> None:
    """Keep what is newer than the last answer; where nothing is, or the documents say so, refuse with their words."""
    told = left_out_since(work.evidence[:BEST], retriever)
    work.evidence = [] if told else newer_than_said(work.evidence, work.history)
    if not work.evidence:
        work.refusal = f"{NOTHING_NEWER} One of them says so: “{told}”" if told else NOTHING_NEWER


def _was_told(history: Sequence[Turn]) -> bool:
    """Whether the last turn was answered."""
    last = next((turn.text for turn in reversed(history) if turn.role == "assistant"), "")
    return bool(last) and not is_refusal(last)


def _leave_open(work: Work, retriever: Retriever, vocabulary: Vocabulary) -> None:
    """Tell the parts of a question that the documents do not answer from those that they do, and keep to these."""

    def silent(reading: Reading) -> bool:
        found, form = reading.evidence, reading.question
        judged = answerability(form, found, reading.hits, vocabulary, retriever)
        return judged < refuse_below(" ".join(form.in_talk), found)

    asked, typed = asked_parts(work.query.text), asked_parts(work.question)
    if len(asked) == 1:
        return
    asked = typed if len(typed) == len(asked) else asked
    own = work.readings[1:]  # not of the text as a whole
    answered = {reading.part for reading in own if not silent(reading)}
    if answered and len(answered) < len({reading.part for reading in own}):
        work.left_open = tuple(_JOINING.sub("", part) for n, part in enumerate(asked) if n not in answered)
        work.asked = " ".join(part for n, part in enumerate(asked) if n in answered)
        work.readings = [reading for reading in own if reading.part in answered]
        work.evidence = combined_evidence(work.readings)
        work.form = closest_reading(work.readings, work.evidence)


def _says_so(work: Work, retriever: Retriever) -> bool:
    """Whether the best sentence says in so many words what is asked."""
    assert work.form  # noqa: S101 - set with the query
    return spelled_out(work.form, work.evidence, retriever) or says_so(work.form, work.evidence)


def _enough(work: Work) -> bool:
    return bool(work.evidence) and work.answerability >= refuse_below(work.query.together, work.evidence)


def _answerability(work: Work, retriever: Retriever, vocabulary: Vocabulary) -> float:
    """The answerability of the part that has most, each part's as the mean of its readings.

    One reading alone that is like a known question may be the wrong one. So each is looked at beside all the evidence,
    and beside what it found itself.
    """
    assert work.form  # noqa: S101 - set with the query

    def judged(form: Question, evidence: Sequence[Evidence], hits: Sequence[Hit]) -> float:
        return answerability(form, evidence, hits, vocabulary, retriever)

    if not has_known(work.evidence) or len(work.readings) == 1:
        return judged(work.form, work.evidence, work.hits)
    by_part: dict[int, list[float]] = {}
    for r in work.readings:
        both = judged(r.question, work.evidence, work.hits), judged(r.question, r.evidence, r.hits)
        by_part.setdefault(r.part, []).append(fmean(both))
    return max(map(fmean, by_part.values()))


def _in_context(work: Work, retriever: Retriever, vocabulary: Vocabulary, *, k: int) -> list[Evidence]:
    """The evidence ranked anew by the conversation, which may choose the answer but not tell whether there is one.

    It has a say only where facts are tied to sentences: on others it moved good evidence down.
    """
    evidence = work.evidence
    if not has_known(evidence):
        return evidence
    if work.query.before:
        before = read_alone(work.query.before, retriever, vocabulary, k=k, setting=work.setting)
        evidence = near_the_last(evidence, before.evidence)
    return fresh_first(work.question, evidence, work.history) if work.query.request == "answer" else evidence


def read_alone(text: str, retriever: Retriever, vocabulary: Vocabulary, *, k: int, setting: str | None) -> Reading:
    """A text as the one question that it is, searched and weighed; some more passages are found than ``k``."""
    form = read_question(vocabulary.in_its_words(text))
    return weighed(searched(form, retriever, vocabulary, part=0, k=k + DEEPER, setting=setting), retriever)


def caveats(work: Work, *, retriever: Retriever, vocabulary: Vocabulary) -> Iterator[str]:
    """What an asker must know too: doubt, what is left open, names that nothing cited has, a document's own limit."""
    if work.statements and work.answerability < UNSURE_BELOW and not _says_so(work, retriever):
        yield UNCERTAIN
    if work.left_open:
        yield f"The documents do not answer {' or '.join(f'“{part}”' for part in work.left_open)}."
    cited = {citation.passage.doc_id for statement in work.statements for citation in statement.citations}
    openings = (retriever.passages(doc_id)[0].text for doc_id in sorted(cited))
    asked = " ".join(asked_parts(work.asked))  # whoever tells that he has no MBA asks for none
    if missing := unmentioned(asked, work.statements, vocabulary.acronyms, openings):
        yield f"The passages cited do not mention {' or '.join(missing)}."
    if work.limit and work.limit.doc_id in cited:
        yield f"A document cited says of its own limits: “{work.limit.text}”"
    elif work.limit and work.answerability < UNSURE_BELOW and not work.limit.points_elsewhere:
        yield f"Another document says of its own limits: “{work.limit.text}”"


def stage_after(name: str, work: Work) -> str:
    """What a page may show when a step is done, "" where the next follows at once."""
    stages = {
        "search": f"{len(work.hits)} passages found",
        "draft": f"checking {len(work.draft)} sentences",
        "check": f"{len(work.statements)} of {len(work.draft)} sentences passed",
    }
    return stages.get(name, "")
