"""A first set of questions over somebody's own documents, made by rule, for a person to mend.

Rules see form, not sense: what they make is a start that has every field, never a gold set. Each draft says so in its
note, and the report counts the drafts that nobody has edited.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path

from assistant.terms import STOPWORDS, terms, words
from corpus.documents import Document, Passage, Sentence
from corpus.errors import UserError
from corpus.readers import read_documents
from corpus.splitting import split, split_sentences

Draft = dict[str, object]
DRAFT = "draft"
"""What the note of an unedited draft begins with."""

_DEFINITION = re.compile(
    r"^(?:An?\s+|The\s+)?(?P<subject>[A-Za-z][\w’'()-]*(?:\s+[\w’'()-]+){0,6}?)\s+"
    r"(?P<verb>is|are|means|refers to|stands for)\s+(?:an?|the|any|one)\s+\w+",
)
_FIGURE = re.compile(r"(?<![\w.])(?!(?:1[89]|20)\d\d\b)(?:[$€£]?\d[\d,.]*\d\s*%?|\d\s*%|\d+(?=\s+[a-z]{3,}))")
"""A number that is no year: years date what is said more often than they are it."""
_PRONOUNS = frozenset("it this that these those they he she there which what who we you i".split())
_INTERROGATIVES = frozenset("who whom whose what which when where why how".split())
_ABSENT = ("dress code", "parking fee", "pension plan", "phone number", "holiday allowance", "uniform size")
"""Things that an organization has and few documents tell: near misses, where the corpus holds none of their words."""


def draft_examples(folder: Path, *, limit: int) -> list[Draft]:
    """At most ``limit`` drafts over a folder's documents, as rows of an examples file, the documents taking turns.

    Questions come from definitions, figures and headings, each with the sentence that answers it as its vital nugget
    and its passage as evidence; one in six is about something that the documents don't mention.

    Raises:
        UserError: the folder can't be read or holds no readable document.

    """
    documents, skipped = read_documents(folder)
    if not documents:
        why = f" The first: {skipped[0]}" if skipped else ""
        raise UserError(
            f"{folder} holds no document that can be read ({len(skipped)} files skipped).{why}"
            " Give a folder with text, Markdown, HTML, PDF or DOCX."
        )
    known = {term for document in documents for term in terms(document.text)}
    silent = _near_misses(known)[: limit // 6]
    told = [draft for turn in zip_longest(*map(_drafts_of, documents)) for draft in turn if draft is not None]
    return _numbered([*_distinct(told)[: limit - len(silent)], *silent])


def read_candidates(path: Path) -> list[Draft]:
    """Drafts from questions that users marked on the page: rows of an examples file, gold yet to be written.

    A follow-up without its stand-alone form is given its own words as that, for a person to mend.

    Raises:
        UserError: the file can't be read, or a line is no question.

    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"cannot read the candidates {path}: {error}. Export them from the page first.") from error
    drafts = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            drafts.append(_candidate(line, place=f"{path}:{number}"))
    return drafts


def write_drafts(path: Path, drafts: Sequence[Draft]) -> None:
    """Write drafts as a file of examples; an id that is taken gets a number behind it."""
    taken: set[str] = set()
    lines = []
    for draft in drafts:
        own, number = str(draft["id"]), 2
        while draft["id"] in taken:
            draft, number = {**draft, "id": f"{own}-{number}"}, number + 1  # noqa: PLW2901 - the same draft, renamed
        taken.add(str(draft["id"]))
        lines.append(json.dumps(draft, ensure_ascii=False) + "\n")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(lines), encoding="utf-8")


def _drafts_of(document: Document) -> Iterator[Draft]:
    """The drafts of one document: its definitions, then its figures, then its headings."""
    told = list(_told(document))
    for passage, _, sentence in told:
        if subject := _subject(sentence.text):
            yield _draft(f"What is {_article(sentence.text)}{subject}?", "definition", passage, sentence)
    for passage, topic, sentence in told:
        if figure := _FIGURE.search(sentence.text):
            question = _asked(topic, document.title) or f"Which figure is given for {topic}?"
            yield _draft(question, "factoid", passage, sentence, wording=figure[0].strip())
    seen: set[str] = set()
    for passage, topic, sentence in told:
        if topic not in seen:
            seen.add(topic)
            question = _asked(topic, document.title) or f"What should one know about {topic}?"
            yield _draft(question, "how", passage, sentence)


def _told(document: Document) -> Iterator[tuple[Passage, str, Sentence]]:
    """Every plain sentence that is neither short nor long, with its passage and the heading that it stands under."""
    topic = _in_sentence(document.title)
    for passage in split(document):
        for sentence in split_sentences(passage):
            if sentence.kind == "heading":
                topic = _in_sentence(sentence.text.strip().lstrip("#").strip())
            elif sentence.kind == "prose" and 4 <= len(words(sentence.text)) <= 45:
                yield passage, topic, sentence


def _asked(topic: str, title: str) -> str:
    """The question that a heading puts itself, under its document's title where it is cut short; "" where it's none.

    >>> _asked("who approves", "Leave of Leaders")
    'Leave of Leaders: who approves?'
    """
    if topic.endswith("?"):
        return topic
    if topic.partition(" ")[0].lower() not in _INTERROGATIVES:
        return ""
    return f"{topic}?" if topic == _in_sentence(title) else f"{title}: {topic}?"


def _draft(question: str, form: str, passage: Passage, sentence: Sentence, *, wording: str = "") -> Draft:
    text = " ".join(sentence.text.split())
    return {
        "id": "",
        "kind": "single",
        "type": form,
        "question": question,
        "nuggets": [{"text": text, "importance": "vital", "any_of": [wording or _telling(text, question)]}],
        "evidence": {passage.passage_id: 2},
        "note": f"{DRAFT} from {passage.doc_id}: mend the question as an asker would put it, and the wordings",
    }


def _near_misses(known: set[str]) -> list[Draft]:
    absent = [thing for thing in _ABSENT if not known & set(terms(thing))]
    return [
        {
            "id": "",
            "kind": "unanswerable",
            "type": "factoid",
            "question": f"What is the {thing}?",
            "note": f"{DRAFT}: the documents hold no word of “{thing}”; ask for something likelier that they lack",
        }
        for thing in absent
    ]


def _subject(text: str) -> str:
    """What a sentence defines, "" where it defines nothing that can be asked for."""
    match = _DEFINITION.match(text)
    if match is None:
        return ""
    own = match["subject"].split()
    if own[0].lower() in _PRONOUNS or own[-1].lower() in STOPWORDS or not terms(match["subject"]):
        return ""
    return _in_sentence(match["subject"])


def _article(text: str) -> str:
    first = text.split(maxsplit=1)[0].lower()
    return f"{first} " if first in {"a", "an", "the"} else ""


def _in_sentence(text: str) -> str:
    """A text as it stands inside a sentence: its first letter small, unless it's a question, a name or an acronym.

    >>> _in_sentence("Who approves"), _in_sentence("Quality Committee Charter")
    ('who approves', 'Quality Committee Charter')
    """
    named = text[1:2].isupper() or any(word[:1].isupper() for word in text.split()[1:])
    return text if named or text.endswith("?") else text[:1].lower() + text[1:]


def _telling(text: str, question: str) -> str:
    """The words of a sentence that tell most: its three longest that the question doesn't hold, in text order."""
    asked = set(terms(question))
    own = [w for w in dict.fromkeys(words(text)) if w.lower() not in STOPWORDS and not set(terms(w)) <= asked]
    longest = sorted(own, key=lambda w: (-len(w), own.index(w)))[:3]
    return " ".join(sorted(longest, key=own.index)) or text


def _distinct(drafts: Sequence[Draft]) -> list[Draft]:
    """Each question and each answering sentence once."""
    kept: list[Draft] = []
    seen: set[str] = set()
    for draft in drafts:
        keys = {str(draft["question"]).lower(), str(draft["nuggets"])}
        if not seen & keys:
            seen |= keys
            kept.append(draft)
    return kept


def _numbered(drafts: Sequence[Draft]) -> list[Draft]:
    return [
        {**draft, "id": f"draft-{number:03d}-{'-'.join(terms(str(draft['question']))[:4])}".replace(".", "-")}
        for number, draft in enumerate(drafts, start=1)
    ]


def _candidate(line: str, *, place: str) -> Draft:
    try:
        row: Mapping[str, object] = json.loads(line)
    except json.JSONDecodeError as error:
        raise UserError(f"{place}: not JSON ({error.msg}). Export the candidates anew.") from error
    if not isinstance(row, dict) or not all(
        isinstance(row.get(name), str) and row[name] for name in ("id", "question")
    ):
        raise UserError(f"{place}: a candidate has an 'id' and a 'question'. Export the candidates anew.")
    draft: Draft = dict(row)
    if draft.get("history") and not draft.get("standalone"):
        draft["standalone"] = draft["question"]
    note = str(draft.get("note") or "").strip()
    draft["note"] = note if note.startswith(DRAFT) else f"{DRAFT} from feedback: {note}".rstrip(": ")
    return draft
