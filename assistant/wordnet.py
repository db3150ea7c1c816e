"""Which words are opposites, and which may stand for each other: WordNet's common ones, and a few of this field.

The data file is made by ``benchmarks/gather_wordnet.py``; it lists words, and they are compared by their stems.
"""

from functools import cache
from importlib.resources import files

from assistant.terms import stem

_OWN_OPPOSITES = (
    "increase/decrease rise/fall grow/shrink high/low higher/lower more/less more/fewer most/least "
    "major/minor large/small "
    "before/after first/last above/below minimum/maximum include/exclude allow/forbid allow/prohibit "
    "permit/prohibit "
    "accept/reject approve/reject approve/deny hire/dismiss hire/fire gain/lose succeed/fail "
    "success/failure improve/worsen "
    "internal/external inside/outside inpatient/outpatient public/private voluntary/mandatory optional/required "
    "optional/mandatory federal/state national/local newer/older new/old early/late earlier/later "
    "short/long shorter/longer "
    "direct/indirect positive/negative benefit/harm strength/weakness support/oppose agree/disagree same/different "
    "full-time/part-time permanent/temporary permanent/interim annual/monthly rarely/often never/always all/none "
    "clinical/administrative strategic/operational elected/appointed paid/unpaid likely/unlikely easy/difficult "
    "strong/weak better/worse best/worst raise/lower expand/reduce add/remove begin/end start/stop open/close "
    "buy/sell lead/follow employer/employee medical/nonmedical majority/minority rural/urban male/female men/women "
    "for/against with/without"
)


@cache
def opposites_of(word: str) -> frozenset[str]:
    """The stems of the opposites of a word that is given by its stem."""
    return _table("-").get(word, frozenset())


@cache
def synonyms_of(word: str) -> frozenset[str]:
    """The stems of the words that share one of the usual senses of a word that is given by its stem."""
    return _table("+").get(word, frozenset()) - opposites_of(word)


@cache
def _table(sign: str) -> dict[str, frozenset[str]]:
    text = (files("assistant") / "data" / "wordnet.txt").read_text(encoding="utf-8")
    pairs = [line.split()[1:] for line in text.splitlines() if line.startswith(sign)]
    if sign == "-":
        pairs += [pair.split("/") for pair in _OWN_OPPOSITES.split()]
    found: dict[str, set[str]] = {}
    for one, other in ((stem(a), stem(b)) for a, b in pairs):
        if one != other:
            found.setdefault(one, set()).add(other)
            found.setdefault(other, set()).add(one)
    return {word: frozenset(others) for word, others in found.items()}
