"""Make unsupported claims out of supported ones: one change of a known kind to a sentence of the articles.

A change may leave a sentence that is still true by chance; the kinds are chosen so that this is rare.
"""

import random
import re
from collections.abc import Callable, Sequence

ROLES = (
    "chief medical officer", "chief executive officer", "chief nursing officer", "chief financial officer",
    "chief operating officer", "chief information officer", "medical director", "chief of staff", "department chair",
)  # fmt: skip
ACRONYMS = ("CMO", "CEO", "CFO", "COO", "CNO", "CIO", "CMIO")
SETTINGS = ("hospital", "health center", "health plan", "drug company", "nursing home", "government agency", "start-up")
_NUMBER = re.compile(r"(?<![\w.])\d+(?:[.,]\d+)*(?![\w])")
_HEDGES = (
    (r"\b(?:often|typically|usually|generally|commonly)\b", "always"),
    (r"\bmany\b", "all"), (r"\bMany\b", "All"), (r"\bsome\b", "all"), (r"\bSome\b", "All"), (r"\bmay\b", "must"),
    (r"\bcan\b", "must"), (r"\bmost\b", "all"), (r"\bmight\b", "will"), (r"\bshould\b", "must"),
)  # fmt: skip
_VERBS = re.compile(
    r"\b(is|are|was|were|must|may|can|has|have|does|do|will|should|requires?|includes?|needs?|takes?|holds?|gives?|leads?|works?|"
    r"works?|oversees?|manages?|reports?|found|helps?|sets?|allows?|covers?|lets?|names?)\b"
)


def change_number(text: str, rng: random.Random) -> str | None:
    """Another figure of about the same size in the place of one; years move by a few."""
    found = list(_NUMBER.finditer(text))
    if not found:
        return None
    match = rng.choice(found)
    value = float(match[0].replace(",", ""))
    if 1900 <= value <= 2100 and "." not in match[0]:
        new = str(int(value) + rng.choice([-9, -6, -4, -3, 3, 4, 6, 9]))
    elif "." in match[0]:
        new = f"{value * rng.choice([0.6, 0.8, 1.3, 1.7]):.{len(match[0].split('.')[-1])}f}"
    else:
        new = f"{max(1, round(value * rng.choice([0.4, 0.6, 1.5, 2.0, 3.0])) + (1 if value < 5 else 0)):,}"
    return text[: match.start()] + new + text[match.end() :] if new != match[0] else None


def _swapped(text: str, names: Sequence[str], rng: random.Random) -> str | None:
    found = [(m, name) for name in names for m in re.finditer(rf"\b{name}(?=s?\b)", text, re.I)]
    if not found:
        return None
    match, name = rng.choice(found)
    new = rng.choice([other for other in names if other != name])
    new = new.capitalize() if match[0][0].isupper() and name[0].islower() else new
    return text[: match.start()] + new + text[match.end() :]


def swap_role(text: str, rng: random.Random) -> str | None:
    """Another post in the place of one."""
    return _swapped(text, ACRONYMS, rng) or _swapped(text, ROLES, rng)


def swap_setting(text: str, rng: random.Random) -> str | None:
    """Another kind of employer in the place of one."""
    return _swapped(text, SETTINGS, rng)


def strengthen(text: str, rng: random.Random) -> str | None:
    """A hedge made an absolute."""
    fitting = [(p, r) for p, r in _HEDGES if re.search(p, text)]
    if not fitting:
        return None
    pattern, replacement = rng.choice(fitting)
    return re.sub(pattern, replacement, text, count=1)


def negate(text: str, rng: random.Random) -> str | None:
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
    if not pieces:
        return None
    return f"{text.rstrip('.')}, {rng.choice(['and', 'including', 'with', 'especially'])} {rng.choice(pieces)}."


def merge_facts(text: str, rng: random.Random, others: Sequence[str]) -> str | None:
    """The subject of this sentence with the predicate of another."""
    other = rng.choice(others)
    here, there = _VERBS.search(text, 8), _VERBS.search(other, 8)
    if not here or not there or here.start() > 90:
        return None
    return text[: here.start()] + other[there.start() :]


KINDS: dict[str, Callable[..., str | None]] = {
    "number": change_number,
    "role": swap_role,
    "setting": swap_setting,
    "hedge": strengthen,
    "negation": negate,
    "invented": invent_detail,
    "merged": merge_facts,
}


def soften(text: str, rng: random.Random) -> str:
    """A claim that is still supported: a leading clause or a trailing part left out, or a light rewording."""
    options = [text]
    if (cut := re.match(r"(.{40,}?), (?:and|while|which|so|because|with|but|including) .+", text)) and len(
        cut[1].split()
    ) > 7:
        options.append(cut[1] + ".")
    reworded = text
    for old, new in (
        ("chief medical officer (CMO)", "CMO"), ("CMOs", "chief medical officers"), ("often", "frequently"), ("typically", "usually"),
        ("many ", "a number of "), ("must ", "has to "), ("must ", "is required to "), ("helps to ", "assists to "), ("about ", "approximately "), ("need ", "require "),
        ("may ", "might "), ("such as", "for example"), ("doctors", "physicians"), ("takes part in", "participates in"), ("is responsible for", "is in charge of"),
    ):  # fmt: skip
        if old in reworded and rng.random() < 0.6:
            reworded = reworded.replace(old, new, 1)
    if reworded != text:
        options.append(reworded)
    return rng.choice(options[1:] or options)


def perturbed(sentences: Sequence[str], *, seed: int) -> list[tuple[str, str, str]]:
    """(evidence, claim, kind) rows: each sentence as it is ("same"), softened ("kept"), and changed in each kind."""
    rng = random.Random(seed)
    rows: list[tuple[str, str, str]] = []
    for number, text in enumerate(sentences):
        rows += [(text, soften(text, rng), "kept"), (text, soften(text, rng), "kept")]
        if rng.random() < 0.3:
            rows.append((text, text, "same"))
        others = [s for n, s in enumerate(sentences) if n != number]
        for kind, change in KINDS.items():
            claim = change(text, rng, others) if kind in ("invented", "merged") else change(text, rng)
            if claim and claim != text and not (kind in ("invented", "merged") and rng.random() < 0.5):
                rows.append((text, claim, kind))
    return rows
