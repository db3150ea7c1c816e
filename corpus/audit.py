"""What a bundled article must keep: every sentence tied to facts, hedged as they are, in words of its own.

The body of an article is Markdown in which each sentence and list item ends in a comment with the facts that it
states, ``<!-- E001 S000-004 -->``, or ``<!-- note -->`` for a sentence about the article itself (its scope, a gap).
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator

from corpus.documents import SETTINGS

LONGEST_ARTICLE = 1200  # words of the body
LONGEST_SHARED_RUN = 8  # words in a row that an article may share with a fact or a source

FRONT_MATTER = {
    "type": "object",
    "additionalProperties": False,
    "required": ["title", "summary", "questions", "settings", "jurisdiction", "as_of", "sources", "facts"],
    "properties": {
        "title": {"type": "string", "minLength": 8},
        "summary": {"type": "string", "minLength": 40, "maxLength": 320},
        "questions": {"type": "array", "minItems": 3, "items": {"type": "string", "pattern": r"\?$"}},
        "settings": {"type": "array", "minItems": 1, "items": {"enum": list(SETTINGS)}},
        "jurisdiction": {"enum": ["US", "UK", "international", "any"]},
        "as_of": {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
        "sources": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "required": ["title", "publisher", "url", "date"],
                "additionalProperties": False,
                "properties": {
                    "title": {"type": "string"},
                    "publisher": {"type": ["string", "null"]},
                    "url": {"type": ["string", "null"]},
                    "date": {"type": ["string", "null"]},
                },
            },
        },
        "facts": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "required": ["source", "confidence"],
                "additionalProperties": False,
                "properties": {
                    "source": {"type": "string"},
                    "confidence": {"enum": ["high", "medium", "low"]},
                },
            },
        },
    },
}

_COMMENT = re.compile(r"<!--\s*(.*?)\s*-->", re.S)
_WORD = re.compile(r"[a-z0-9]+(?:[.,]\d+)*")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_OBLIGATION = re.compile(
    r"\b(must|shall|mandatory|requires?|required|requirement\w*|non-negotiable|obliged|ha(?:s|ve) to|needs?|"
    r"necessary)\b",
    re.I,
)
_OBLIGATION_IN_FACT = re.compile(
    r"\b(must|shall|mandat\w*|requir\w*|non-negotiable|oblig\w*|ha(?:s|ve) to|need\w*|essential|condition\w*|"
    r"conform\w*|responsible|necess\w*|crucial|expected|integral)\b",
    re.I,
)
_UNIVERSAL = re.compile(r"\b(always|never|every|all|only|none|exclusively|entirely)\b", re.I)
_UNIVERSAL_IN_FACT = re.compile(
    r"\b(always|never|each|every\w*|all|any|only|none|no|not|sole\w*|exclusive\w*|entire\w*|across|total|whole|alone)\b",
    re.I,
)
_WEAK = re.compile(
    r"\b(may|might|can|could|often|typical\w*|usual\w*|common\w*|general\w*|many|most|some|frequent\w*|tend\w*|"
    r"sometimes|several|arguabl\w*|likely|likel\w*|about|roughly|around|nearly|almost|approximately|increasing\w*|"
    r"varies|vary|potential\w*|possibl\w*|should|expected|prefer\w*|desirable|optional|eligible)\b",
    re.I,
)
_WEAK_HEDGE = re.compile(
    r"\b(may|might|can|could|often|typically|usually|commonly|generally|many|most|some|sometimes|arguably|likely)\b",
    re.I,
)
_ATTRIBUTED_HEDGE = re.compile(
    r"survey|opinion|stud(?:y|ies)|vendor|figurative|posting|according|claim|interview|blog|poll|bylaws|example", re.I
)
_ATTRIBUTION = re.compile(
    r"survey|stud(?:y|ies)|found|report|sa(?:ys|id|y)\b|according|article|posting|paper|guide|blog|author|recommend|"
    r"advis|describ|liken|\bcalls?\b|called|argu|estimat|writ|names?\b|lists?\b|listed|explainer|vendor|seller|firm|"
    r"opinion|interview|consultant|suggest|holds\b|view|compar|publish|claim|statement|column|review|poll|respond|"
    r"analysis|researchers|data|source|example|bylaws|\bcit(?:es|ed)\b|states?\b|puts?\b|present|counsel|one |"
    r"picture|warn|trade|profile|site|website|page|document|offers?|market|advert|brochure|question|insurer|quot",
    re.I,
)
_DANGLING = re.compile(
    r"^(they|it|this|these|those|he|she|their|its|his|her|such|here|there|that|both|also|however|moreover|in addition|"
    r"the former|the latter|another)\b",
    re.I,
)
_DANGLING_ALLOWED = re.compile(r"^(this (article|corpus)|there (is|are|was|were)|both (the|sources|articles))\b", re.I)

FIXED_TERMS = (
    "centers for medicare and medicaid services",
    "accreditation council for graduate medical education",
    "health resources and services administration",
    "agency for healthcare research and quality",
    "emergency medical treatment and labor act",
    "health insurance portability and accountability act",
    "medicare hospital conditions of participation",
    "doctor of medicine or doctor of osteopathic medicine",
    "doctor of medicine md or a doctor of osteopathic medicine do",
    "hospital consumer assessment of healthcare providers and systems",
    "office of the national coordinator for health information technology",
    "association of american medical colleges",
    "american association for physician leadership",
    "american college of healthcare executives",
    "certified physician executive",
    "chief medical officer",
    "chief medical information officer",
    "quality assessment and performance improvement",
    "ongoing professional practice evaluation",
    "focused professional practice evaluation",
    "national practitioner data bank",
    "department of health and human services",
    "ambulatory care sensitive condition",
)
"""Names that have no other wording; they don't count as shared runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One fact of the fact base, as worded by its compiler: data that articles are checked against, never shown."""

    fact_id: str
    text: str
    hedge: str
    confidence: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One sentence or list item of an article with the facts that it is tied to; () for a note."""

    text: str
    fact_ids: tuple[str, ...]
    line: int


def read_facts(path: Path) -> dict[str, Fact]:
    """The fact base by fact id."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return {
        row["id"]: Fact(
            fact_id=row["id"],
            text=row["fact"],
            hedge=row["hedge"],
            confidence=row["confidence"],
            source=row["source"],
        )
        for row in rows
    }


def front_matter_and_body(text: str) -> tuple[dict[str, object], str]:
    """The front matter as a mapping, and the body with its comments, line numbers kept by leading blank lines."""
    if not text.startswith("---\n") or "\n---\n" not in text[4:]:
        raise ValueError("an article begins with a front matter block between two lines of ---")
    head, _, body = text[4:].partition("\n---\n")
    meta = yaml.safe_load(head)
    meta["as_of"] = str(meta.get("as_of"))
    return meta, "\n" * (head.count("\n") + 3) + body


def claims(body: str) -> Iterator[Claim]:
    """Each sentence of the body with its facts, in order; text that no comment follows comes out with ("",)."""
    line = 1
    for block in re.split(r"(\n)", body):
        if block == "\n":
            line += 1
            continue
        if not block.strip() or block.lstrip().startswith("#"):
            continue
        start = 0
        for match in _COMMENT.finditer(block):
            text = re.sub(r"^\s*(?:[-*]|\d+\.)\s+", "", block[start : match.start()]).strip()
            ids = () if match[1] == "note" else tuple(match[1].split())
            yield Claim(text=text, fact_ids=ids, line=line)
            start = match.end()
        if block[start:].strip():
            yield Claim(text=block[start:].strip(), fact_ids=("",), line=line)


def audit_article(path: Path, facts: Mapping[str, Fact], *, also_differs_from: tuple[str, ...] = ()) -> list[str]:
    """Everything that is wrong with one article, a line each; [] when nothing is.

    ``also_differs_from`` are texts (the source articles, where they are at hand) that it must not copy from either.
    """
    meta, body = front_matter_and_body(path.read_text(encoding="utf-8"))
    problems = [f"front matter: {'/'.join(map(str, e.path))} {e.message}" for e in _validator().iter_errors(meta)]
    if problems:
        return problems
    problems += _front_matter_problems(meta, facts)
    stated: set[str] = set()
    listed = set(meta["facts"])  # type: ignore[call-overload]
    for claim in claims(body):
        stated |= set(claim.fact_ids)
        problems += [f"line {claim.line}: {p}: {claim.text!r}" for p in _claim_problems(claim, facts, listed)]
    problems += [f"fact {fact_id} is listed but no sentence states it" for fact_id in sorted(listed - stated)]
    plain = _COMMENT.sub("", body)
    words = len(re.findall(r"\S+", plain))
    if words > LONGEST_ARTICLE:
        problems.append(f"{words} words, more than {LONGEST_ARTICLE}")
    used = tuple(facts[i].text for i in sorted(stated) if i in facts)
    problems += [f"shares a run with a source: {run!r}" for run in shared_runs(plain, used + also_differs_from)]
    problems += [f"acronym {a} is not expanded at its first use" for a in _unexpanded_acronyms(plain)]
    return problems


def shared_runs(text: str, others: tuple[str, ...]) -> list[str]:
    """Runs of more than LONGEST_SHARED_RUN words that ``text`` has in common with one of ``others``."""
    size = LONGEST_SHARED_RUN + 1
    known = {run for other in others for run in _runs(other, size)}
    return [" ".join(run) for run in dict.fromkeys(_runs(text, size)) if run in known]


def _runs(text: str, size: int) -> Iterator[tuple[str, ...]]:
    words = " ".join(_WORD.findall(text.lower()))
    for term in FIXED_TERMS:
        words = words.replace(term, "\x00")
    for part in words.split("\x00"):
        run = part.split()
        yield from (tuple(run[i : i + size]) for i in range(len(run) - size + 1))


def _validator() -> Draft202012Validator:
    return Draft202012Validator(FRONT_MATTER)


def _front_matter_problems(meta: Mapping[str, object], facts: Mapping[str, Fact]) -> Iterator[str]:
    sources: Mapping[str, object] = meta["sources"]  # type: ignore[assignment]
    listed: Mapping[str, Mapping[str, str]] = meta["facts"]  # type: ignore[assignment]
    for fact_id, given in listed.items():
        if fact_id not in facts:
            yield f"fact {fact_id} is not in the fact base"
        elif given["source"] != facts[fact_id].source or given["confidence"] != facts[fact_id].confidence:
            yield f"fact {fact_id}: source or confidence differs from the fact base"
        if given["source"] not in sources:
            yield f"fact {fact_id}: its source {given['source']} is not among the article's sources"
    for unused in sorted(set(sources) - {given["source"] for given in listed.values()}):
        yield f"source {unused} stands behind no fact"


def _claim_problems(claim: Claim, facts: Mapping[str, Fact], listed: set[str]) -> Iterator[str]:  # noqa: PLR0912 - a rule a branch
    if claim.fact_ids == ("",):
        yield "no fact is tied to it"
        return
    if _DANGLING.match(claim.text) and not _DANGLING_ALLOWED.match(claim.text):
        yield "does not stand alone"
    if not claim.fact_ids:
        if not re.search(r"\b(this article|this corpus|not covered|legal advice)\b", claim.text, re.I):
            yield "a note speaks of this article or this corpus; this states something else"
        return
    for fact_id in claim.fact_ids:
        if fact_id not in listed:
            yield f"fact {fact_id} is not in the front matter"
    known = [facts[i] for i in claim.fact_ids if i in facts]
    wording = " ".join(f"{fact.text} {fact.hedge}" for fact in known)
    if (word := _OBLIGATION.search(claim.text)) and not _OBLIGATION_IN_FACT.search(wording):
        yield f"{word[0]!r} is stronger than its facts"
    if (word := _UNIVERSAL.search(claim.text)) and not _UNIVERSAL_IN_FACT.search(wording):
        yield f"{word[0]!r} is wider than its facts"
    for fact in known:
        if _WEAK_HEDGE.search(fact.hedge) and not (_WEAK.search(claim.text) or _ATTRIBUTION.search(claim.text)):
            yield f"the hedge {fact.hedge!r} of {fact.fact_id} is lost"
        if _ATTRIBUTED_HEDGE.search(fact.hedge) and not _ATTRIBUTION.search(claim.text):
            yield f"{fact.fact_id} is {fact.hedge!r}: say who says so"
        if fact.confidence == "low" and not (_ATTRIBUTION.search(claim.text) or _WEAK.search(claim.text)):
            yield f"{fact.fact_id} is of low confidence: say who says so"
    given = set(_NUMBER.findall(wording)) | {n for f in known for n in _NUMBER.findall(f.source)}
    for number in _NUMBER.findall(claim.text):
        if number not in given and number.replace(",", "") not in {g.replace(",", "") for g in given}:
            yield f"the number {number} is in none of its facts"


def _unexpanded_acronyms(plain: str) -> list[str]:
    """Acronyms of three letters and more that never stand in or before brackets; those of everyday use pass."""
    everyday = set("MBA MPH MHA CEO CFO COO CFR USA NHS COVID FAQ PHD USC III LLC".split())
    found = dict.fromkeys(re.findall(r"\b[A-Z]{3,6}\b", plain))
    explained = r"\([^)]*\b{0}s?\b[^)]*\)|\b{0}s? \([A-Za-z]"
    return [a for a in found if a not in everyday and not re.search(explained.format(a), plain)]
