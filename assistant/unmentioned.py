"""Names in a question that nothing shown mentions: an answer at large must not pass for one on them."""

import re
from collections.abc import Iterable, Mapping, Sequence

from assistant.answers import Statement
from assistant.terms import STOPWORDS, terms

_WORD = re.compile(r"[^\W_]+(?:[.&/'’-][^\W_]+)*")
_ACRONYM = re.compile(r"[A-Z][A-Z&/]+s?")
_TOO_COMMON = ("CMO", "MD")  # what every passage is about, and a degree that it need not name
_ADDRESS = ("Dr", "Mr", "Mrs", "Ms", "Prof", "Rev")  # before a name, and no part of it
HEADLINE = 0.5  # of a question's words in capitals, from which they mark no names


def unmentioned(
    question: str, statements: Sequence[Statement], acronyms: Mapping[str, str], openings: Iterable[str] = ()
) -> tuple[str, ...]:
    """The names, as written, that neither the statements nor the passages cited mention.

    Args:
        question: as typed.
        statements: what the answer shows.
        acronyms: the long form of each acronym, in lower case; a name may stand in either form.
        openings: how the documents cited begin, which may tell whom all of a document is about; read where names are.

    """
    if not (named := names(question)):
        return ()
    shown = [c.passage for s in statements for c in s.citations]
    text = " ".join(
        [*openings, *(s.text for s in statements), *(f"{p.title} {' '.join(p.headings)} {p.text}" for p in shown)]
    )
    seen = {*terms(text), *terms(text.replace("-", " "))}
    return tuple(name for name in named if not any(_within(form, seen) for form in _forms(name, acronyms)))


def names(question: str) -> tuple[str, ...]:
    """The names in a question: each acronym, and runs of capitalised words that do not open a sentence."""
    found = list(_WORD.finditer(question))
    capital = [m for m in found if m[0][0].isupper()]
    telling = [m for m in capital if m.start() > 0 and m[0] not in _TOO_COMMON]
    if not found or len(telling) > HEADLINE * len(found):
        return ()
    runs: list[list[re.Match[str]]] = []
    for match in capital:
        before = question[: match.start()].rstrip()
        opens = not before or (before[-1] in ".?!:" and not before[:-1].endswith(_ADDRESS))
        if (opens and not _ACRONYM.fullmatch(match[0])) or not _names_something(match[0]):
            continue
        letters = _ACRONYM.fullmatch(match[0]) and runs and _ACRONYM.fullmatch(runs[-1][-1][0])  # "CNO CMIO" are two
        if runs and not letters and question[runs[-1][-1].end() : match.start()] == " ":
            runs[-1].append(match)
        else:
            runs.append([match])
    return tuple(dict.fromkeys(question[run[0].start() : run[-1].end()] for run in runs))


def _names_something(word: str) -> bool:
    bare = word.removesuffix("'s").removesuffix("’s")
    if bare.rstrip("s") in _TOO_COMMON or bare in _ADDRESS:
        return False
    return bare.lower() not in STOPWORDS or bool(_ACRONYM.fullmatch(bare))


def _forms(name: str, acronyms: Mapping[str, str]) -> list[str]:
    bare = name.removesuffix("'s").removesuffix("’s")
    singular = bare.removesuffix("s") if _ACRONYM.fullmatch(bare) else bare
    long_forms = [acronyms[form] for form in {bare, singular} if form in acronyms]
    return [bare, *long_forms, *(short for short, long in acronyms.items() if long == bare.lower())]


def _within(form: str, seen: set[str]) -> bool:
    return set(terms(form)) <= seen
