"""Let an assistant read other documents beside its own, such as those that one visitor brought along."""

from dataclasses import replace

from assistant.answering import Assistant
from assistant.support import AlignmentJudge
from assistant.vocabulary import Vocabulary, vocabulary_of
from index import JointRetriever, Retriever


def reading_also(assistant: Assistant, other: Retriever) -> Assistant:
    """The same assistant over its own index and another one; neither index is copied or written to.

    A question costs one encoding and two searches. ``other`` stays the caller's to close.

    Raises:
        UserError: the two were built with different embedding models.

    """
    other.reload_if_changed()
    joint = JointRetriever([assistant.retriever, other])
    # Not read anew from all documents: that takes seconds.
    known = {**vocabulary_of(other).acronyms, **assistant.vocabulary.acronyms}
    return _over(assistant, joint, Vocabulary(words=joint.vocabulary, acronyms=known, version=joint.version))


def reading_only(assistant: Assistant, other: Retriever) -> Assistant:
    """The same assistant over another index alone."""
    other.reload_if_changed()
    return _over(assistant, other, vocabulary_of(other))


def _over(assistant: Assistant, retriever: Retriever, vocabulary: Vocabulary) -> Assistant:
    judge = assistant.gate.judge
    if isinstance(judge, AlignmentJudge):
        judge = replace(judge, idf=retriever.idf)
    gate = replace(assistant.gate, retriever=retriever, judge=judge)
    return replace(assistant, retriever=retriever, vocabulary=vocabulary, gate=gate)
