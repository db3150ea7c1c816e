"""What a page may offer beside one assistant: other models, a visitor's own documents, feedback."""

from dataclasses import dataclass

from assistant import Assistant
from ui.answering import Answering
from ui.feedback import Feedback
from ui.uploads import Collection, Collections
from ui.visitors import Attended


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What a visitor has chosen: a model by name, the ticket of their documents, and whether only those count."""

    model: str = ""
    ticket: str = ""
    only_own: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Extras:
    """The offers of one page; without any, it is one assistant over its own documents."""

    models: tuple[Answering, ...] = ()  # beside the assistant itself
    collections: Collections | None = None
    feedback: Feedback | None = None

    def collection(self, choices: Choices) -> Collection | None:
        """The visitor's own documents, None where there are none."""
        return self.collections.of(choices.ticket) if self.collections else None

    def reader(self, assistant: Answering, choices: Choices) -> Answering:
        """Who answers this visitor: the model they chose, over the documents that are theirs to read."""
        base = assistant.assistant if isinstance(assistant, Attended) else assistant
        reader = next((other for other in self.models if other.model == choices.model), base)
        own = self.collection(choices)
        if own is not None and isinstance(reader, Assistant):
            reader = own.reader(reader, only=choices.only_own)
        return assistant.instead(reader) if isinstance(assistant, Attended) else reader
