"""Fit the reranker, which reads question and sentence together: assistant/data/reranker.npz.

Low-rank changes of the embedding model, which sees a question and a sentence in one text, and a weight for each dimension
of its mean: a cross-encoder (arXiv 1901.04085). Of a question's sentences those that answer come first (a softmax over
them), and each is told from those that do not. First one pass over some 35,000 questions on anything, an hour of two
cores in half precision; then over those of the made-up organisations and of the source articles, seven minutes.

The data lie beside the project and are no part of it, each in the form that its authors publish:

    python benchmarks/train_reranker.py --squad DIR --selqa DIR --qed FILE --covid FILE --clapnq FILE --sources DIR

squad   data/processed of "Learning to Ask" (its dev and test splits): questions of SQuAD 1.1 and the sentence that each
        was asked of, in the order of the articles; CC BY-SA 4.0
selqa   ass/ of SelQA (dev and test): sections of Wikipedia with the sentences that answer; Apache-2.0
qed     qed-dev.jsonlines: questions of Natural Questions with their paragraph; CC BY-SA 3.0
covid   200423_covidQA.json: questions of biomedical experts over papers; Apache-2.0
clapnq  the dev part of ClapNQ; Apache-2.0
sources the source articles

Besides 9,000 of the known questions over the bundled articles, none of those that weights are fitted on. What the reranker's
word counts is fitted where it has not seen the documents: with ``--again --leave-out SET …``, which goes on from what the
first pass gave and leaves sets out, then ``fit_reranked.py``, then ``--again`` alone.
"""

import argparse
import gzip
import json
import math
import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - the name that everybody uses
from fit_evidence import plain_rows
from labelled import (
    IGNORED,
    ROOT,
    SOURCES,
    TO_THE_POINT,
    Labelled,
    brought_questions,
    for_weights,
    known_questions,
    part,
    source_questions,
)
from low_rank import Changed, of_like_length
from own_documents import names, opened

from assistant import open_assistant
from assistant.evidence import cosines
from assistant.plain import place, worths
from assistant.questions import read_question
from assistant.reading import document_of
from assistant.reranker import headed, in_their_place, pair
from corpus import Document
from eval.tracing import facts_between
from index import Retriever, SentenceRow
from index.adapter import write_adapter

FIRST = ROOT / "var" / "reranker.pt"  # what the first pass gave
RANK, WARMING, BATCH = 32, 60, 20  # of the changes; steps; questions a step
RATE, RATE_AGAIN = 8e-4, 2.5e-4
LONGEST = 128  # tokens
AROUND, NEAR, HARD = 90, 4, 6  # sentences about one that are compared; that stand beside it; that are drawn from most
OF_KNOWN, OF_LABELLED = 9_000, 32  # questions; sentences of a question
SILENT, KEPT = 300, 1_000  # of the source articles' questions without an answer; of the first ones, beside the second
SHARPNESS = 20.0  # what the weights of the mean, which is of length 1, count
SEED = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A question, sentences that answer it, and others, the likeliest to be mistaken for one first."""

    source: str
    question: str
    right: tuple[str, ...]
    wrong: tuple[str, ...]


def untokenised(text: str) -> str:
    """Text as it was written, of the tokens that a treebank tokeniser makes."""
    for token, written in (("-lrb-", "("), ("-rrb-", ")"), ("-lsb-", "["), ("-rsb-", "]"), ("``", '"'), ("''", '"')):
        text = text.replace(token, written)
    text = re.sub(r" ([.,;:?!)\]%])", r"\1", text)
    text = re.sub(r" ('s|'t|n't|'re|'ve|'ll|'d)\b", r"\1", re.sub(r"([(\[$]) ", r"\1", text))
    return " ".join(text.split())


def words(text: str) -> frozenset[str]:
    """The words of a text from three letters on."""
    return frozenset(re.findall(r"[a-z0-9]{3,}", text.lower()))


class Likeness:
    """How many words a question shares with sentences, each by its rarity among these."""

    def __init__(self, sentences: Sequence[str]) -> None:
        self._words = [words(text) for text in sentences]
        self._held = Counter(word for held in self._words for word in held)

    def likest(self, question: str, places: Sequence[int], count: int) -> list[int]:
        """The places of the sentences that share most, for their length."""
        asked = words(question)

        def shared(n: int) -> float:
            both = asked & self._words[n]
            return sum(math.log(len(self._words) / self._held[w]) for w in both) / math.sqrt(10 + len(self._words[n]))

        return sorted(places, key=lambda n: -shared(n))[:count]


def of_squad(folder: Path) -> Iterator[Group]:
    """Beside each sentence stand those around it and those of its article that share most words with the question."""
    for half in ("dev", "test"):
        asked_of, asked = (
            [untokenised(line) for line in (folder / f"{kind}-{half}.txt").read_text(encoding="utf-8").splitlines()]
            for kind in ("src", "tgt")
        )
        sentences = list(dict.fromkeys(asked_of))
        place, like = {text: n for n, text in enumerate(sentences)}, Likeness(sentences)
        for text, question in zip(asked_of, asked, strict=True):
            at = place[text]
            around = [n for n in range(max(0, at - AROUND), min(len(sentences), at + AROUND + 1)) if n != at]
            beside = [n for n in around if abs(n - at) <= NEAR]
            wrong = dict.fromkeys([*like.likest(question, around, 8), *beside])
            yield Group(source="squad", question=question, right=(text,), wrong=tuple(sentences[n] for n in wrong))


def of_selqa(folder: Path, chance: random.Random) -> Iterator[Group]:
    """The sentences of a section, mostly with its article and heading before them."""
    for half in ("dev", "test"):
        for row in json.loads((folder / f"selqa-ass-{half}.json").read_text(encoding="utf-8")):
            above = headed(row["article"], row["section"]) if chance.random() < 0.7 else ""
            texts = [f"{above}{untokenised(text)}" for text in row["candidates"]]
            yield _group("selqa", row["question"], texts, set(row["answers"]))


def of_qed(path: Path, chance: random.Random) -> Iterator[Group]:
    """The sentences of a paragraph, mostly with the title of its article before them."""
    for row in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
        if row["annotation"].get("explanation_type") == "none":
            continue
        text, starts = row["paragraph_text"], [*row["sentence_starts"], len(row["paragraph_text"])]
        spans = [span for answer in row["original_nq_answers"] for span in answer]
        right = {n for n in range(len(starts) - 1) for s in spans if starts[n] <= s["start"] < starts[n + 1]}
        above = headed(row["title_text"]) if chance.random() < 0.7 else ""
        texts = [f"{above}{untokenised(text[start:end])}" for start, end in pairwise(starts)]
        yield _group("qed", row["question_text"] + chance.choice(("?", "")), texts, right)


def of_covid(path: Path, chance: random.Random) -> Iterator[Group]:
    """Sentences of a paper: those that the answer lies in, their neighbours, and those that share most words."""
    papers = json.loads(path.read_text(encoding="utf-8"))["data"]
    for paper in (paragraph for entry in papers for paragraph in entry["paragraphs"]):
        text = paper["context"]
        cuts = [0, *(m.end() for m in re.finditer(r"(?<=[a-z0-9)\]])[.?!] +(?=[A-Z])|\n+", text)), len(text)]
        spans = [(start, end) for start, end in pairwise(cuts) if end - start > 25]
        texts = [" ".join(text[start:end].split())[:400] for start, end in spans]
        title, like = texts[0] if len(texts[0]) < 160 else "", Likeness(texts)
        for row in (row for row in paper["qas"] if row["answers"]):
            first = row["answers"][0]["answer_start"]
            last = first + len(row["answers"][0]["text"])
            right = [n for n, (start, end) in enumerate(spans) if start < last and end > first]
            if not 1 <= len(right) <= 4:
                continue
            others = [n for n in range(len(texts)) if n not in right]
            beside = [n for n in (right[0] - 1, right[-1] + 1) if 0 <= n < len(texts)]
            chosen = [*right, *dict.fromkeys([*like.likest(row["question"], others, 8), *beside])]
            above = headed(title) if title and chance.random() < 0.5 else ""
            yield _group("covid", row["question"], [above + texts[n] for n in chosen], set(range(len(right))))


def of_clapnq(path: Path) -> Iterator[Group]:
    """The half of the questions that the weights around the reranker are not fitted on, each twice."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = [row for n, row in enumerate(map(json.loads, file)) if part(str(n), of=2) == 0]
    for row in (*rows, *rows):
        chosen = set(row["selected_sentences"]) if row["answerable"] else set()
        texts = [headed(row["title"]) + untokenised(text) for text in row["sentences"]]
        yield _group("clapnq", row["question"], texts, {n for n, s in enumerate(row["sentences"]) if s in chosen})


def of_known(chance: random.Random) -> Iterator[Group]:
    """Known questions with sentences of the bundled articles: those with a vital fact, and the nearest without one."""
    retriever = open_assistant().retriever
    told = [
        (row.sentence.text, facts_between(document, row.sentence.start, row.sentence.end), text)
        for document, row, text in in_place(retriever)
    ]
    asked = list(known_questions(lambda number, row: not for_weights(number, row)))
    for row in chance.sample(asked, OF_KNOWN):
        form = read_question(" ".join(row["question"].split()))
        nearness = cosines(form, [text for text, _, _ in told], retriever)
        near_first = sorted((n for n, near in enumerate(nearness) if near is not None), key=lambda n: -nearness[n])
        facts, vital = set(row["facts"]), set(row.get("vital") or row["facts"])
        fitting = facts | set(row.get("also", ())) if facts else set()
        right = [told[n][2] for n in near_first if vital.intersection(told[n][1])][:3]
        wrong = [told[n][2] for n in near_first[:40] if fitting.isdisjoint(told[n][1])][:14]
        if right or chance.random() < 0.5:
            yield Group(source="known", question=form.text, right=tuple(right), wrong=tuple(wrong))


def in_place(retriever: Retriever) -> Iterator[tuple[Document, SentenceRow, str]]:
    """Every sentence of an index but headings, with its document and as the reranker reads it."""
    for entry in retriever.documents():
        document = document_of(retriever, entry.doc_id)
        for passage in retriever.passages(entry.doc_id):
            rows = [row for row in retriever.sentences(passage.passage_id) if row.sentence.kind != "heading"]
            yield from ((document, row, text) for row, text in zip(rows, in_their_place(rows), strict=True))


def of_labelled(source: str, examples: Iterable[Labelled], retriever: Callable[[str], Retriever]) -> Iterator[Group]:
    """Questions with graded sentences: beside those that answer stand the likeliest by their words that do not."""
    texts: dict[Retriever, dict[tuple[str, int], str]] = {}
    for e in examples:
        index = retriever(e.group)
        if index not in texts:
            texts[index] = {place(row): text for _, row, text in in_place(index)}
        worth = worths(plain_rows(e))
        best = sorted(range(len(worth)), key=lambda n: -worth[n])[:OF_LABELLED]
        kept = [n for n in best if e.labels[n] != IGNORED]
        right = {at for at, n in enumerate(kept) if e.labels[n] == TO_THE_POINT}
        if right or not e.answerable:
            yield _group(source, e.question.text, [texts[index][e.evidence[n].key] for n in kept], right)


def _group(source: str, question: str, texts: Sequence[str], right: Set[int]) -> Group:
    return Group(
        source=source,
        question=question,
        right=tuple(text for n, text in enumerate(texts) if n in right),
        wrong=tuple(text for n, text in enumerate(texts) if n not in right),
    )


class Reranker(Changed):
    """The model with its changes, and what its mean says of an answer."""

    def __init__(self) -> None:
        super().__init__(RANK)
        self.weights = torch.nn.Parameter(torch.zeros(self.model.config.hidden_size))
        self.bias = torch.nn.Parameter(torch.tensor(-1.0))

    def forward(self, texts: Sequence[str]) -> torch.Tensor:
        """(texts,) log-odds."""
        with torch.autocast("cpu", dtype=torch.bfloat16):
            pooled = of_like_length(texts, 3, lambda some: self.pooled(some, LONGEST))
        return pooled @ self.weights * SHARPNESS + self.bias


def drawn(group: Group, others: Sequence[str], chance: random.Random) -> tuple[list[str], list[str]]:
    """Two at the most that are right, and four that are not, or three where none is right, one of them from ``others``."""
    right = chance.sample(group.right, min(2, len(group.right)))
    count = 4 if right else 3
    wrong = chance.sample(group.wrong[:HARD], min(count - 1, len(group.wrong), HARD))
    rest = group.wrong[HARD:] if len(group.wrong) > HARD and chance.random() >= 0.3 else others
    return right, [*wrong, chance.choice(rest)]


def loss_of(odds: torch.Tensor, right: torch.Tensor, asked: torch.Tensor) -> torch.Tensor:
    """Of each question's sentences the right ones first, and each told from the others.

    Args:
        odds: (sentences,) log-odds.
        right: (sentences,) 1.0 where it answers, else 0.0.
        asked: (sentences,) the number of its question.

    """
    among = torch.full((BATCH, len(odds)), -1e4)
    among[asked, torch.arange(len(odds))] = odds
    wanted = torch.zeros_like(among)
    wanted[asked, torch.arange(len(odds))] = right
    told = wanted.sum(1) > 0
    share = wanted[told] / wanted[told].sum(1, keepdim=True)
    first = -(share * F.log_softmax(among[told], -1)).sum(1).mean()
    return first + 0.5 * F.binary_cross_entropy_with_logits(odds, right)


def fit(reranker: Reranker, groups: Sequence[Group], rate: float, warming: int) -> None:
    """One pass over the questions, in any order, at a rate that rises for some steps and then falls."""
    chance = random.Random(SEED)
    order = chance.sample(groups, len(groups))
    others: dict[str, list[str]] = {}
    for group in groups:
        others.setdefault(group.source, []).extend(group.wrong[:2])
    steps = len(order) // BATCH
    own = {"params": [reranker.weights, reranker.bias], "weight_decay": 0.0}
    optimiser = torch.optim.AdamW([{"params": reranker.changes, "weight_decay": 0.01}, own], lr=rate)
    for step in range(steps):
        texts: list[str] = []
        right: list[float] = []
        asked: list[int] = []
        for n, group in enumerate(order[step * BATCH : (step + 1) * BATCH]):
            answering, not_so = drawn(group, others[group.source], chance)
            texts += [pair(group.question, text) for text in (*answering, *not_so)]
            right += [1.0] * len(answering) + [0.0] * len(not_so)
            asked += [n] * (len(answering) + len(not_so))
        slower = min(1.0, (step + 1) / warming) * max(0.02, 0.5 * (1.0 + math.cos(math.pi * step / steps)))
        for settings in optimiser.param_groups:
            settings["lr"] = rate * slower
        loss = loss_of(reranker(texts), torch.tensor(right), torch.tensor(asked))
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(reranker.changes, 1.0)
        optimiser.step()
        if step % 20 == 0:
            print(f"step {step} of {steps}: loss {loss.item():.3f}", flush=True)


def general(told: argparse.Namespace, chance: random.Random) -> list[Group]:
    """Questions on anything."""
    groups = [
        *of_squad(told.squad),
        *of_selqa(told.selqa, chance),
        *of_qed(told.qed, chance),
        *of_covid(told.covid, chance),
        *of_clapnq(told.clapnq),
        *of_known(chance),
    ]
    return [group for group in groups if group.wrong]


def of_files(told: argparse.Namespace, chance: random.Random) -> list[Group]:
    """Questions over files as people bring them, three times each, and over the source articles."""
    sets = {name: opened(name).retriever for name in names()}
    own = list(of_labelled("brought", brought_questions(but=told.leave_out), sets.__getitem__))
    asked = source_questions(told.sources, for_weights)
    sources = list(of_labelled("sources", asked, lambda _: open_assistant(index=SOURCES).retriever))
    silent = [group for group in sources if not group.right]
    answered = [group for group in sources if group.right]
    return [*own, *own, *own, *answered, *chance.sample(silent, min(SILENT, len(silent)))]


def main() -> None:
    """Read the data, fit, and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("squad", "selqa", "qed", "covid", "clapnq", "sources"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--again", action="store_true", help="go on from what the first pass gave the last time")
    parser.add_argument("--leave-out", nargs="*", default=(), metavar="SET", help="organisations not to learn from")
    told, chance = parser.parse_args(), random.Random(1)
    torch.manual_seed(SEED)
    reranker, groups = Reranker(), general(told, chance)
    print(Counter(group.source for group in groups))
    if told.again:
        reranker.load_state_dict(torch.load(FIRST), strict=False)
    else:
        fit(reranker, groups, RATE, WARMING)
        FIRST.parent.mkdir(parents=True, exist_ok=True)
        torch.save(reranker.state_dict(), FIRST)
    fit(reranker, [*of_files(told, chance), *chance.sample(groups, KEPT)], RATE_AGAIN, WARMING // 3)
    weights = SHARPNESS * np.asarray(reranker.weights.detach())
    write_adapter(ROOT / "assistant" / "data" / "reranker.npz", reranker.as_written(), weights[:, None])


if __name__ == "__main__":
    main()
