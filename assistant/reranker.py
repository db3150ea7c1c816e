"""Read the likeliest sentences together with the question: for documents that nobody has prepared.

Words that are held against each other one by one tell of what a sentence speaks, not whether it answers. Here the
default embedding model, with changes fitted by ``benchmarks/train_reranker.py``, sees question and sentence in one
text (a cross-encoder, arXiv 1901.04085). That costs an encoding for each sentence, so only the likeliest few are read.
"""

from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from importlib.resources import as_file, files
from itertools import groupby

from assistant.weights import load_weights
from index import SentenceRow
from index.adapter import Adapter, read_adapter
from index.encodings import TextEncoder

MOST = 8  # sentences read for a question
LONGEST = 600  # characters of a question that are read: the model must see the sentence behind it too


def pair(question: str, sentence: str) -> str:
    """Question and sentence as the reranker reads them; "[SEP]" is the model's own mark between two texts."""
    return f"{question} [SEP] {sentence}"


def headed(title: str, heading: str = "") -> str:
    """What is read before a sentence: where it stands."""
    return f"{title}: {heading}. " if heading else f"{title}. "


def in_their_place(rows: Sequence[SentenceRow]) -> list[str]:
    """Each sentence behind the title and the heading that it stands below, an item behind its lead-in too.

    ``rows`` are the sentences of some passages, passage by passage.
    """
    return [text for _, group in groupby(rows, key=lambda row: row.passage.passage_id) for text in _placed(group)]


def _placed(rows: Iterator[SentenceRow]) -> Iterator[str]:
    lead = ""
    for row in rows:
        sentence, headings = row.sentence, row.passage.headings
        lead = {"lead": f"{sentence.text} ", "item": lead}.get(sentence.kind, "")
        above = headed(row.passage.title, headings[-1] if headings else "")
        yield f"{above}{lead if sentence.kind == 'item' else ''}{sentence.text}"


def read_likeliest(
    question: str, sentences: Sequence[str], worth: Sequence[float], encoder: TextEncoder
) -> list[float]:
    """What the reranker says of each sentence: log-odds, up to a constant, that it answers the question.

    The MOST that are worth most are read; all others count as the least of these.

    Args:
        question: complete in itself.
        sentences: as ``in_their_place`` gives them, at least one.
        worth: of each.
        encoder: one of the default model, or ValueError.

    """
    likeliest = sorted(range(len(worth)), key=lambda n: (-worth[n], n))[:MOST]
    told = read(question, [sentences[n] for n in likeliest], encoder)
    found = [min(told)] * len(worth)
    for n, log_odds in zip(likeliest, told, strict=True):
        found[n] = log_odds
    return found


def reworth(worth: Sequence[float], told: Sequence[float]) -> list[float]:
    """What each sentence is worth by its words and by what the reranker says of it."""
    weights = load_weights("ranking_read")
    return [weights.log_odds(both) for both in zip(worth, told, strict=True)]


def read(question: str, sentences: Sequence[str], encoder: TextEncoder) -> list[float]:
    """The log-odds of each sentence, in order; the arguments are as for ``read_likeliest``."""
    texts = [("", pair(question[:LONGEST], sentence)) for sentence in sentences]
    vectors = _reading(encoder).encode_passages(texts).vectors
    return [float(log_odds) for log_odds in vectors @ load_adapter().projection[:, 0]]


@cache
def load_adapter() -> Adapter:
    """What makes of the default embedding model the one that reads two texts together."""
    with as_file(files("assistant") / "data" / "reranker.npz") as path:
        return read_adapter(path)


@lru_cache(maxsize=4)
def _reading(encoder: TextEncoder) -> TextEncoder:
    return encoder.adapted(load_adapter())
