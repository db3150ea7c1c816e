"""Take the opposites and the near synonyms of common words from WordNet 3.0; writes assistant/data/wordnet.txt.

Princeton WordNet may be used and passed on freely if its notice goes along (the file begins with it). Debian ships it as
the package wordnet-base. Run: python benchmarks/gather_wordnet.py /usr/share/wordnet
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from spellchecker import SpellChecker

from assistant.terms import STOPWORDS

OUT = Path(__file__).parent.parent / "assistant" / "data" / "wordnet.txt"
PARTS = ("noun", "verb", "adj", "adv")
FREQUENT = 2000  # occurrences in the word list of pyspellchecker, below which a word is too rare to be worth its line
SENSES = 3  # of each word, the most frequent: in a rare sense nearly any two words mean the same
NOTICE = (
    "WordNet 3.0 Copyright 2006 by Princeton University. All rights reserved. THIS SOFTWARE AND DATABASE IS PROVIDED "
    '"AS IS" AND PRINCETON UNIVERSITY MAKES NO REPRESENTATIONS OR WARRANTIES, EXPRESS OR IMPLIED. Permission to use, '
    "copy, modify and distribute this database and its documentation for any purpose and without fee or royalty is "
    "granted, provided that this notice appears on all copies; see https://wordnet.princeton.edu/license-and-commercial-use"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Synset:
    """Words of one sense, and which of them has which opposite: (place, the opposite's synset, its place there)."""

    words: tuple[str, ...]
    opposites: tuple[tuple[int, str, int], ...]


def synsets(folder: Path, part: str) -> dict[str, Synset]:
    """The synsets of one part of speech by their offset; the format is that of WordNet's wndb(5)."""
    found = {}
    for line in (folder / f"data.{part}").read_text(encoding="utf-8").splitlines():
        if line.startswith("  "):
            continue
        head = line.partition(" | ")[0].split()
        count = int(head[3], 16)
        words = tuple(word.partition("(")[0].lower() for word in head[4 : 4 + 2 * count : 2])
        pointers = head[5 + 2 * count :]
        opposites = [
            (int(places[:2], 16), offset, int(places[2:], 16))
            for symbol, offset, _, places in zip(
                pointers[::4], pointers[1::4], pointers[2::4], pointers[3::4], strict=False
            )
            if symbol == "!"
        ]
        found[head[0]] = Synset(words=words, opposites=tuple(opposites))
    return found


def first_senses(folder: Path, part: str) -> dict[str, set[str]]:
    """The most frequent senses of each word, as offsets."""
    senses = {}
    for line in (folder / f"index.{part}").read_text(encoding="utf-8").splitlines():
        if not line.startswith("  "):
            fields = line.split()
            count = int(fields[2])
            senses[fields[0]] = set(fields[-count:][:SENSES])
    return senses


def pairs(folder: Path, part: str, known: set[str]) -> Iterator[tuple[str, str, str]]:
    """("-" for opposites or "+" for synonyms, one word, another) of common words, one word before the other."""
    every, senses = synsets(folder, part), first_senses(folder, part)
    for offset, synset in every.items():
        for place, other, there in synset.opposites:
            one, two = synset.words[place - 1], every[other].words[there - 1]
            if one < two and {one, two} <= known:
                yield "-", one, two
        usual = sorted({word for word in synset.words if word in known and offset in senses.get(word, ())})
        for n, one in enumerate(usual):
            yield from (("+", one, two) for two in usual[n + 1 :])


def main() -> None:
    """Write the file."""
    folder = Path(sys.argv[1])
    frequency = SpellChecker(distance=1).word_frequency.dictionary
    known = {word for word, count in frequency.items() if count >= FREQUENT and word.isalpha() and word.isascii()}
    known -= {word for word in STOPWORDS if word not in {"more", "most", "before", "after", "above", "below"}}
    lines = sorted({" ".join(pair) for part in PARTS for pair in pairs(folder, part, known)})
    OUT.write_text("\n".join([f"# {NOTICE}", *lines]) + "\n", encoding="utf-8")
    print(
        f"{len(known)} words; {sum(line[0] == '-' for line in lines)} opposites, {sum(line[0] == '+' for line in lines)} synonyms"
    )


if __name__ == "__main__":
    main()
