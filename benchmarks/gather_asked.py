"""Gather the texts whose facts are known into assistant/data/asked.npz, in the space of the question encoder.

Data, all our own: ``questions.jsonl``, ``questions_in_talks.jsonl`` and ``questions_of_strangers.jsonl`` in ``data``, the
statements of ``corpus/facts.jsonl``, and the sentences of the bundled articles with the questions that head their sections. With them goes a map of the embedding
model's own vectors, by which a sentence of any document lies among them; it is fitted on the same texts as the question
encoder. Run after ``tune_encoder.py``, or after those files or the articles changed:

    python benchmarks/gather_asked.py
"""

import numpy as np
from known import Known, encoded, questions, sentence_map, statements
from labelled import ROOT
from section_questions import section_questions

from assistant import open_assistant
from assistant.asked import STEPS, digest, load_adapter
from assistant.claims import negations
from assistant.questions import QUESTION_WORDS, question_word


def main() -> None:
    """Encode, fit and write."""
    assistant = open_assistant()
    heading = [
        Known(text=q.text, facts=q.facts, vital=q.facts, fitted=False) for q in section_questions(assistant.retriever)
    ]
    asked = [*questions(), *heading]  # at the end: the others are told by their numbers
    texts = [*asked, *statements(assistant)]
    encoder, adapter = assistant.retriever.encoder, load_adapter()
    places = adapter.projected(encoded(texts, encoder.adapted(adapter)))
    of_sentences = sentence_map(texts, places, encoded(texts[len(asked) :], encoder))
    np.savez_compressed(
        ROOT / "assistant" / "data" / "asked.npz",
        vectors=np.rint(places * STEPS).astype(np.int8),
        sentence_map=of_sentences.astype(np.float16),
        facts=np.array([fact for known in texts for fact in sorted(known.facts)]),
        ends=np.cumsum([len(known.facts) for known in texts]),
        vital=np.array([fact for known in texts for fact in sorted(known.vital)]),
        vital_ends=np.cumsum([len(known.vital) for known in texts]),
        words=np.array([QUESTION_WORDS.index(question_word(known.text)) for known in asked], dtype=np.int8),
        stated=np.array([digest(known.text) for known in texts[len(asked) :]], dtype=np.uint64),
        denying=np.array([negations(known.text) > 0 for known in asked]),
    )
    without = sum(not known.facts for known in asked)
    print(f"{len(asked)} questions, {without} of them without an answer, and {len(texts) - len(asked)} statements")


if __name__ == "__main__":
    main()
