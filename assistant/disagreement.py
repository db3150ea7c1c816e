"""Find where the sources of an answer disagree: the same thing said with another number, or with another strength."""

import re
from collections.abc import Sequence
from itertools import combinations

from assistant.answers import Conflict, Statement
from assistant.claims import numbers, strength
from assistant.terms import stem, term_set

ALIKE = 0.34  # share of the shorter sentence's words that both have, from which they speak of the same thing
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_QUANTITY = re.compile(
    r"(\b(?:\d[\d,.]*|one|two|three|four|five|six|seven|eight|nine|ten|several)(?:\s*(?:-|–|to|or)\s*(?:\d[\d,.]*|ten|[a-z]+))?)"
    r"\s+(?:to\s+)?(?:more\s+)?(years?|months?|days?|hours?|percent|items|members|steps)\b"
    r"(?!\s+(?:more|less|fewer|higher|lower)\b)",  # how far two things are apart is no amount of either
    re.I,
)


def conflicts(topic: str, statements: Sequence[Statement]) -> tuple[Conflict, ...]:
    """The sentences of an answer that disagree, side by side; () where none do.

    Two sentences disagree where they come from different publications, speak of the same thing, and give different
    amounts of the same unit, or one says must where the other says typically or may.
    """
    sides: list[Statement] = []
    for one, other in combinations([s for s in statements if s.layout == "prose"], 2):
        if _apart(one, other) and disagree(one.text, other.text):
            sides += [s for s in (one, other) if s not in sides]
    return (Conflict(topic=topic, sides=tuple(sides)),) if len(sides) > 1 else ()


def _apart(one: Statement, other: Statement) -> bool:
    """Whether other publications are behind each: those that the documents name, or the documents themselves."""
    return not _publications(one) & _publications(other)


def _publications(statement: Statement) -> set[str]:
    named = {source.source_id for citation in statement.citations for source in citation.sources}
    return named or {citation.passage.doc_id for citation in statement.citations}


def disagree(one: str, other: str) -> bool:
    """Whether two sentences speak of the same thing and give it another amount or another strength."""
    return _alike(one, other) and _differ(one, other)


def _alike(one: str, other: str) -> bool:
    a, b = term_set(one), term_set(other)
    return bool(a and b) and len(a & b) / min(len(a), len(b)) >= ALIKE


def _differ(one: str, other: str) -> bool:
    a, b = _amounts(one), _amounts(other)
    shared = set(a) & set(b)
    years, others = set(_YEAR.findall(one)), set(_YEAR.findall(other))
    if not shared or (years and others and not years & others):
        return False  # nothing is counted by both, or each counts another year
    return any(a[unit] != b[unit] for unit in shared) or {strength(one), strength(other)} in ({4, 2}, {4, 1})


def _amounts(text: str) -> dict[str, frozenset[str]]:
    """What a sentence counts, unit by unit: "at least five to 10 years" gives years: 5 and 10."""
    found = _QUANTITY.findall(text.replace("%", " percent"))
    return {stem(unit): numbers(amount) or frozenset({amount.lower()}) for amount, unit in found}
