"""Whether citations hold: support for each statement, no quote idle, every quote verbatim.

The judge is the assistant's own check of a claim against evidence, the one that guards its answers, run anew on the
quotes alone; a statement that stands word for word in a quote needs no judge. Refusals have no statements: undefined.
"""

from collections.abc import Sequence

from eval.predictions import Shown


def citation_recall(shown: Sequence[Shown]) -> float | None:
    """Share of statements that their own quotes, taken together, support; one without citations isn't supported.

    0 to 1, undefined without statements. ALCE, arXiv 2305.14627.

    >>> yes = Shown(text="", facts=(), cited=(), supported=True, faithful=True)
    >>> no = Shown(text="", facts=(), cited=(), supported=False, faithful=True)
    >>> citation_recall([yes, yes, no, no])
    0.5
    """
    return _share([s.supported for s in shown])


def citation_precision(shown: Sequence[Shown]) -> float | None:
    """Share of citations that count: their statement is supported, and they support it alone or are needed for it.

    0 to 1, undefined without citations. ALCE, arXiv 2305.14627.

    >>> from eval.predictions import Cited
    >>> good = Cited(passage_id="", quote="", verbatim=True, supports=True, needed=True)
    >>> idle = Cited(passage_id="", quote="", verbatim=True, supports=False, needed=False)
    >>> citation_precision([Shown(text="", facts=(), cited=(good, idle), supported=True, faithful=True)])
    0.5
    """
    return _share([s.supported and (c.supports or c.needed) for s in shown for c in s.cited])


def faithfulness(shown: Sequence[Shown]) -> float | None:
    """Share of statements that the passages cited anywhere in the answer support: 0 to 1, undefined without any.

    Ragas's faithfulness (arXiv 2309.15217), with passages where ``citation_recall`` takes quotes.

    >>> faithfulness([]) is None
    True
    """
    return _share([s.faithful for s in shown])


def quote_validity(shown: Sequence[Shown]) -> float | None:
    """Share of quotes that stand verbatim in their document at their offsets: 0 to 1, undefined without quotes.

    The product promises 1.0; anything less is a bug.

    >>> quote_validity([Shown(text="", facts=(), cited=(), supported=True, faithful=True)]) is None
    True
    """
    return _share([c.verbatim for s in shown for c in s.cited])


def word_for_word(claim: str, texts: Sequence[str]) -> bool:
    """Whether a claim stands in one of the texts as it is, but for white space and the mark at its end.

    >>> word_for_word("Trust  the board.", ["A CMO may say: Trust the board; it decides."])
    True
    """
    plain = _plain(claim)
    return any(plain in _plain(text) for text in texts)


def _plain(text: str) -> str:
    return " ".join(text.split()).rstrip(".:;")


def _share(flags: Sequence[bool]) -> float | None:
    return sum(flags) / len(flags) if flags else None
