"""What the page needs of an assistant; any object of this shape can be served."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from assistant.answers import Answer, Topic, Turn
from corpus.documents import Document
from index.hits import Hit


class Answering(Protocol):
    """What the page needs of an assistant."""

    @property
    def model(self) -> str:
        """The model's name."""

    @property
    def index_version(self) -> str:
        """The version of the index that answers come from."""

    def answer(self, question: str, *, history: Sequence[Turn] = (), setting: str | None = None) -> Answer:
        """The finished answer."""

    def stream(self, question: str, *, history: Sequence[Turn] = (), setting: str | None = None) -> Iterator[Answer]:
        """Snapshots of the answer, the last one finished."""

    def search(self, query: str, *, k: int = 10, setting: str | None = None) -> list[Hit]:
        """Passages, best first."""

    def document(self, doc_id: str) -> Document:
        """A document by its id."""

    def topics(self) -> tuple[Topic, ...]:
        """What the documents cover."""
