"""Make unsupported claims out of supported ones: one change of a known kind to a sentence of the articles.

A change may leave a sentence that is still true by chance; the kinds are made so that this is rare: what is invented
or merged comes from a passage whose words the evidence lacks, and merged facts have different subjects.
"""

import random
import re
from collections.abc import Callable, Sequence

from assistant.claims import in_short
from assistant.terms import WORD, stem, terms, words
from assistant.wordnet import opposites_of, synonyms_of

ROLES = (
    "chief medical officer", "chief executive officer", "chief nursing officer", "chief financial officer",
    "chief operating officer", "chief information officer", "medical director", "chief of staff", "department chair",
)  # fmt: skip
ACRONYMS = ("CMO", "CEO", "CFO", "COO", "CNO", "CIO", "CMIO")
SETTINGS = ("hospital", "health center", "health plan", "drug company", "nursing home", "government agency", "start-up")
_NUMBER = re.compile(r"(?<![\w.])\d+(?:[.,]\d+)*(?![\w])")
_SPELLED = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "twelve")
_UNITS = (
    ("years", "months"), ("months", "weeks"), ("days", "hours"), ("hours", "minutes"), ("million", "billion"),
    ("percent", "percentage points"), ("year", "month"), ("month", "week"), ("day", "hour"), ("minutes", "hours"),
)  # fmt: skip
_BOUNDS = (
    ("at least", "at most"), ("more than", "fewer than"), ("up to", "at least"), ("over", "under"),
    ("less than", "more than"), ("fewer than", "more than"), ("within", "after"), ("at most", "at least"),
)  # fmt: skip
_HEDGES = (
    (r"\b(?:often|typically|usually|generally|commonly|sometimes|frequently)\b", "always"),
    (r"\bmay\b", "must"), (r"\bcan\b", "must"), (r"\bmight\b", "will"), (r"\bshould\b", "must"),
    (r"\b(?:often|typically|usually|generally|commonly|frequently) ", ""), (r"\bmay be\b", "is"), (r"\bcould\b", "will"),
    (r"\btends? to\b", "must"),
)  # fmt: skip
_QUANTIFIERS = (
    (r"\bmany\b", "all"), (r"\bMany\b", "All"), (r"\bsome\b", "all"), (r"\bSome\b", "All"), (r"\bmost\b", "all"),
    (r"\bMost\b", "All"), (r"\bseveral\b", "all"), (r"\bSeveral\b", "All"), (r"\ba few\b", "most"), (r"\bFew\b", "Most"),
    (r"\bfew\b", "most"), (r"\bsome\b", "no"), (r"\bmany\b", "few"), (r"\bMany\b", "Few"), (r"\bMost\b", "Few"),
    (r"\ball\b", "few"), (r"\bAll\b", "Few"), (r"\bevery\b", "hardly any"), (r"\bnot all\b", "all"),
    (r"\bincluding\b", "limited to"), (r"\bamong others\b", "and no others"), (r"\bboth\b", "neither"),
)  # fmt: skip
_VERBS = re.compile(
    r"\b(is|are|was|were|must|may|can|has|have|does|do|will|should|requires?|includes?|needs?|takes?|holds?|gives?|leads?|works?|"
    r"oversees?|manages?|reports?|found|helps?|sets?|allows?|covers?|lets?|names?)\b"
)
Change = Callable[[str, random.Random, Sequence[str]], str | None]


def change_number(text: str, rng: random.Random, _: Sequence[str]) -> str | None:
    """Another figure in the place of one, in figures or in words; years move by a few."""
    spelled = [m for word in _SPELLED for m in re.finditer(rf"\b{word}\b", text)]
    found = [*_NUMBER.finditer(text), *spelled]
    if not found:
        return None
    match = rng.choice(found)
    if match[0] in _SPELLED:
        new = rng.choice([word for word in _SPELLED if word != match[0]])
    elif 1900 <= (value := float(match[0].replace(",", ""))) <= 2100 and "." not in match[0]:
        new = str(int(value) + rng.choice([-9, -6, -4, -3, 3, 4, 6, 9]))
    elif "." in match[0]:
        new = f"{value * rng.choice([0.6, 0.8, 1.3, 1.7]):.{len(match[0].split('.')[-1])}f}"
    else:
        new = f"{max(1, round(value * rng.choice([0.4, 0.6, 1.5, 2.0, 3.0])) + (1 if value < 5 else 0)):,}"
    return text[: match.start()] + new + text[match.end() :] if new != match[0] else None


def change_measure(text: str, rng: random.Random, _: Sequence[str]) -> str | None:
    """Another unit behind a figure, or the other bound before it: "at least" for "at most"."""
    options = []
    for old, new in _UNITS:
        options += [(m.start(1), m.end(1), new) for m in re.finditer(rf"\d[\d.,]*[ -]({old})\b", text)]
        options += [(m.start(1), m.end(1), new) for m in re.finditer(rf"\b(?:{'|'.join(_SPELLED)})[ -]({old})\b", text)]
    for old, new in _BOUNDS:
        pattern = rf"\b({old}) (?=\$?\d|{'|'.join(_SPELLED)}\b)"
        options += [(m.start(1), m.end(1), new) for m in re.finditer(pattern, text)]
    if not options:
        return None
    start, end, new = rng.choice(options)
    return text[:start] + new + text[end:]


def _swapped(text: str, names: Sequence[str], rng: random.Random) -> str | None:
    found = [(m, name) for name in names for m in re.finditer(rf"\b{name}(?=s?\b)", text, re.I)]
    if not found:
        return None
    match, name = rng.choice(found)
    new = rng.choice([other for other in names if other != name])
    new = new.capitalize() if match[0][0].isupper() and name[0].islower() else new
    return text[: match.start()] + new + text[match.end() :]


def swap_role(text: str, rng: random.Random, _: Sequence[str]) -> str | None:
    """Another post in the place of one."""
    return _swapped(text, ACRONYMS, rng) or _swapped(text, ROLES, rng)


def swap_setting(text: str, rng: random.Random, _: Sequence[str]) -> str | None:
    """Another kind of employer in the place of one."""
    return _swapped(text, SETTINGS, rng)


def _replaced(text: str, options: Sequence[tuple[str, str]], rng: random.Random) -> str | None:
    fitting = [(p, r) for p, r in options if re.search(p, text)]
    if not fitting:
        return None
    pattern, replacement = rng.choice(fitting)
    return re.sub(pattern, replacement, text, count=1)


def strengthen(text: str, rng: random.Random, _: Sequence[str]) -> str | None:
    """A hedge made an absolute, or left out."""
    return _replaced(text, _HEDGES, rng)


def change_quantifier(text: str, rng: random.Random, _: Sequence[str]) -> str | None:
    """How many it holds for, made more or made few."""
    return _replaced(text, _QUANTIFIERS, rng)


def negate(text: str, _: random.Random, __: Sequence[str]) -> str | None:
    """The main verb negated, or a negation taken out."""
    if match := re.search(r"\b(not|never) ", text):
        return text[: match.start()] + text[match.end() :]
    found = [m for m in _VERBS.finditer(text) if m.start() > 3]
    if not found:
        return None
    match = found[0]
    word = match[0]
    if word in {"is", "are", "was", "were", "must", "may", "can", "has", "have", "does", "do", "will", "should"}:
        return text[: match.end()] + " not" + text[match.end() :]
    base = word if word in {"found"} or not word.endswith("s") else word[:-1]
    aux = "did not" if word == "found" else "does not" if word.endswith("s") else "do not"
    return text[: match.start()] + f"{aux} {'find' if word == 'found' else base}" + text[match.end() :]


def invent_detail(text: str, rng: random.Random, others: Sequence[str]) -> str | None:
    """A phrase of another sentence, hung on to this one."""
    tail = rng.choice(others)
    pieces = [p for p in re.split(r", | and | because | that ", tail.rstrip(".")) if 3 <= len(p.split()) <= 9]
    pieces = [p for p in pieces if len(terms(p)) > 1]
    if not pieces:
        return None
    return f"{text.rstrip('.')}, {rng.choice(['and', 'including', 'with', 'especially'])} {rng.choice(pieces)}."


def merge_facts(text: str, rng: random.Random, others: Sequence[str]) -> str | None:
    """The subject of this sentence with the predicate of another that has a different subject."""
    other = rng.choice(others)
    here, there = _VERBS.search(text, 8), _VERBS.search(other, 8)
    if not here or not there or here.start() > 90:
        return None
    subjects = set(terms(text[: here.start()])), set(terms(other[: there.start()]))
    if not all(subjects) or subjects[0] & subjects[1] or len(terms(other[there.start() :])) < 3:
        return None
    return text[: here.start()] + other[there.start() :]


def put_opposite(text: str, rng: random.Random, _: Sequence[str]) -> str | None:
    """A word's opposite in its place; the opposite is a stem of WordNet's, so only words that are their own stem fit."""
    found = [
        (m, o) for m in WORD.finditer(text) for o in sorted(opposites_of(m[0])) if stem(m[0]) == m[0] == m[0].lower()
    ]
    found = [(m, o) for m, o in found if stem(o) == o]
    if not found:
        return None
    match, new = rng.choice(found)
    return text[: match.start()] + new + text[match.end() :]


def change_word(text: str, rng: random.Random, others: Sequence[str]) -> str | None:
    """One content word of another sentence in the place of one, of the same ending."""
    own = [m for m in WORD.finditer(text) if m[0].islower() and len(m[0]) > 4 and terms(m[0])]
    known = set(terms(text))
    foreign = [w for w in words(" ".join(rng.sample(list(others), min(6, len(others))))) if w.islower() and len(w) > 4]
    pairs = [(m, w) for m in own for w in foreign if m[0][-2:] == w[-2:] and terms(w) and not known & set(terms(w))]
    pairs = [(m, w) for m, w in pairs if not synonyms_of(stem(m[0])) & set(terms(w))]
    if not pairs:
        return None
    match, new = rng.choice(pairs)
    return text[: match.start()] + new + text[match.end() :]


def swap_within(text: str, rng: random.Random, _: Sequence[str]) -> str | None:
    """Two posts, or two figures, of the sentence in each other's place."""
    posts = [m for name in (*ACRONYMS, *ROLES) for m in re.finditer(rf"\b{name}(?=s?\b)(?! \()", text)]
    figures = list(re.finditer(r"(?<=[ (])\d+(?:[.,]\d+)*(?=[ %),])", text))
    options = [
        (one, two)
        for found in (posts, figures)
        for one in found
        for two in found
        if one.end() < two.start()
        and in_short(one[0]) != in_short(two[0])
        and text[one.end() : one.end() + 1] == text[two.end() : two.end() + 1]
        and not re.search(r"\b(?:and|or|to|CFR)\b|[-–]", text[one.end() : two.start()])
    ]
    if not options:
        return None
    one, two = rng.choice(options)
    return text[: one.start()] + two[0] + text[one.end() : two.start()] + one[0] + text[two.end() :]


KINDS: dict[str, Change] = {
    "number": change_number,
    "measure": change_measure,
    "role": swap_role,
    "setting": swap_setting,
    "hedge": strengthen,
    "quantifier": change_quantifier,
    "negation": negate,
    "invented": invent_detail,
    "merged": merge_facts,
    "opposite": put_opposite,
    "word": change_word,
    "swapped": swap_within,
}
_LIKE = (
    ("chief medical officer (CMO)", "CMO"), ("CMOs", "chief medical officers"), ("often", "frequently"), ("typically", "usually"),
    ("many", "a number of"), ("must", "has to"), ("must", "is required to"), ("helps to", "assists to"), ("about", "approximately"), ("need", "require"),
    ("may", "might"), ("such as", "for example"), ("doctors", "physicians"), ("takes part in", "participates in"), ("is responsible for", "is in charge of"),
    ("at least", "no fewer than"), ("more than", "over"), ("physicians", "doctors"), (" percent", "%"), ("%", " percent"), ("chief executive officer", "CEO"),
    ("two", "2"), ("three", "3"), ("five", "5"), ("because", "since"), ("while", "whereas"), ("reports to", "answers to"), ("several", "a number of"),
    ("oversees", "supervises"), ("requires", "calls for"), ("such as", "including"), ("most physicians", "the majority of physicians"),
)  # fmt: skip


def soften(text: str, rng: random.Random) -> str:
    """A claim that is still supported: a leading clause or a trailing part left out, or a light rewording."""
    options = [text]
    if (cut := re.match(r"(.{40,}?), (?:and|while|which|so|because|with|but|including) .+", text)) and len(
        cut[1].split()
    ) > 7:
        options.append(cut[1] + ".")
    if (led := re.match(r"(?:In|For|At|After|Under|As of) [^,]{3,60}, (.)(.{40,})", text)) and not re.search(
        r"\d", text[: led.start(1)]
    ):
        options.append(led[1].upper() + led[2])
    reworded = text
    for old, new in _LIKE:
        pattern = rf"(?<![\w-]){re.escape(old)}(?![\w-])" if old[-1].isalpha() else re.escape(old)
        if re.search(pattern, reworded) and rng.random() < 0.6:
            reworded = re.sub(pattern, new, reworded, count=1)
    if reworded != text:
        options += [reworded, reworded]
    return rng.choice(options[1:] or options)


def joined(text: str, other: str) -> str:
    """Two sentences of one passage as one: what it claims stands in two places."""
    lower = other if re.match(r"(?:\W|\w*[A-Z]{2}|I\b)", other) else other[0].lower() + other[1:]
    return f"{text.rstrip('.')}, and {lower}"


def perturbed(passages: Sequence[tuple[str, Sequence[str]]], *, seed: int) -> list[tuple[str, str, str]]:
    """(evidence, claim, kind) rows of each sentence of the passages, the evidence being its whole passage.

    The claim is the sentence as it is ("same"), softened ("kept"), joined with its neighbour ("joined"): supported; or
    changed in each kind that fits.
    """
    rng = random.Random(seed)
    everything = [(sentence, text) for text, sentences in passages for sentence in sentences]
    rows: list[tuple[str, str, str]] = []
    for passage, sentences in passages:
        known = set(terms(passage))
        foreign = [s for s, text in everything if text != passage and len(set(terms(s)) & known) < 0.5 * len(terms(s))]
        for place, text in enumerate(sentences):
            softer = {soften(text, rng), soften(text, rng)} - {text}
            rows += [(passage, claim, "kept") for claim in sorted(softer)]
            if rng.random() < 0.5:
                rows.append((passage, text, "same"))
            if place + 1 < len(sentences) and rng.random() < 0.5:
                rows.append((passage, joined(text, sentences[place + 1]), "joined"))
            for kind, change in KINDS.items():
                near = [s for s in sentences if s != text] if kind == "merged" and rng.random() < 0.5 else []
                claim = change(text, rng, near or foreign or [s for s, _ in everything])
                if claim and claim != text and claim.lower() not in passage.lower():
                    rows.append((passage, claim, kind))
    return rows
