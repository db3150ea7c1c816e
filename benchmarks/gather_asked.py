"""Gather the known questions into assistant/data/asked.npz: their vectors, and the facts that answer each.

Data: ``benchmarks/data/questions.jsonl``, our own. Run after that file, the articles' facts or the embedding model changed:

    python benchmarks/gather_asked.py
"""

import json

import numpy as np
from labelled import ROOT

from assistant import open_assistant


def main() -> None:
    """Encode and write."""
    lines = (ROOT / "benchmarks" / "data" / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    retriever = open_assistant().retriever
    vectors = np.array([retriever.analyse(row["question"]).vector for row in rows])
    texts = "\n".join(" ".join(row["question"].split()) for row in rows)
    np.savez_compressed(
        ROOT / "assistant" / "data" / "asked.npz",
        vectors=np.rint(vectors * 127.0).astype(np.int8),
        facts=np.array([fact for row in rows for fact in row["facts"]]),
        ends=np.cumsum([len(row["facts"]) for row in rows]),
        texts=np.frombuffer(texts.encode("utf-8"), dtype=np.uint8),
    )
    print(f"{len(rows)} questions, {sum(not row['facts'] for row in rows)} of them without an answer")


if __name__ == "__main__":
    main()
