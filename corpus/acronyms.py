"""Learn acronyms from the texts that explain them."""

import re

SHORTEST_NAME = 3  # words of a name that may be called by its initials
_NAME = re.compile(r"[A-Z][a-z]+(?: (?:(?:of|and|for|the|in|on) ){0,2}[A-Z][a-z]+){2,5}(?![\w-])")
_SMALL = frozenset("a an and as at by for from in of on or the to with".split())
_OPENING = _SMALL | frozenset("when while under between this that these our your their its if dear".split())
_INITIALS = re.compile(r"[A-Z][A-Za-z]*[A-Z][A-Za-z]*|[A-Z]{2,}")
_LONG_BEFORE = re.compile(
    r"((?:[A-Za-z][\w'’-]*[ /,]+(?:of |and |the |for |in |on |to )*){1,9})\(([A-Z][A-Za-z&/]{1,9}?)s?[);,]"
)
# Where the pattern above can match: looking for it from every letter of a text took half a second a start.
_BEFORE_ACRONYM = re.compile(r"(?<![\w'’ /,-])[\w'’ /,-]++(?=\([A-Z][A-Za-z&/]{1,9}?s?[);,])")
_LONGEST_ACRONYM = len("(") + 10 + len("s)")
_LONG_AFTER = re.compile(r"\b([A-Z][A-Za-z&]{1,9}) \(([a-z][a-z' -]{6,80})\)")


def learn_acronyms(text: str) -> dict[str, str]:
    """The acronyms that a text explains: "long form (LF)" or "LF (long form)", where the initials agree."""
    found: dict[str, str] = {}
    for run in _BEFORE_ACRONYM.finditer(text):
        match = _LONG_BEFORE.search(text, run.start(), run.end() + _LONGEST_ACRONYM)
        if match and (long_form := _matching(match[1], match[2])):
            found.setdefault(match[2], long_form)
    for match in _LONG_AFTER.finditer(text):
        if _INITIALS.fullmatch(match[1]) and (long_form := _matching(match[2], match[1])):
            found.setdefault(match[1], long_form)
    return found


def initials_of_names(text: str) -> dict[str, str]:
    """What readers may call a name of three words and more: "MEC" for "Medical Executive Committee".

    Only where all the text's names with these letters are one.
    """
    found: dict[str, set[str]] = {}
    for match in _NAME.finditer(text):
        tokens = match[0].split()
        while tokens[0].lower() in _OPENING:
            del tokens[0]
        letters = "".join(token[0] for token in tokens if token[0].isupper())
        if len(letters) >= SHORTEST_NAME:
            found.setdefault(letters, set()).add(" ".join(tokens).lower())
    return {letters: next(iter(names)) for letters, names in found.items() if len(names) == 1}


def _matching(before: str, acronym: str) -> str:
    """The shortest run of last words whose initials give the acronym, small words optional; "" where none does."""
    letters = [c.lower() for c in acronym if c.isalpha() and c.isupper()]
    if len(letters) < 2:
        return ""
    tokens = re.findall(r"[A-Za-z][\w'’]*", before)
    for size in range(len(letters) - 1, min(len(tokens), len(letters) + 5) + 1):
        tail = tokens[-size:] if size else []
        if tail and _initials_fit(tail, letters):
            return " ".join(tail).lower()
    return ""


def _initials_fit(tokens: list[str], letters: list[str], before: str = "") -> bool:
    """Whether the words give the letters in order; small words and repeated initials may be skipped."""
    if not tokens or not letters:
        return not letters and all(token.lower() in _SMALL for token in tokens)
    head, rest = tokens[0].lower(), tokens[1:]
    if head[0] == letters[0]:
        if _initials_fit(rest, letters[1:], letters[0]):
            return True
        if len(letters) > 1 and letters[1] in head[1:] and _initials_fit(rest, letters[2:], letters[1]):
            return True  # "telehealth (TH)": a further letter from inside the word
    return (head in _SMALL or head[0] == before) and _initials_fit(rest, letters, before)
