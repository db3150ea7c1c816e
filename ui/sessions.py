"""How many pages and calls of programs the server remembers, and that those in use are never the ones to go.

To Gradio a call of a program is a session as a page is, and each leaves something behind: its state, a line of messages
that wait for it, and the ids of its events. Left alone, the ids are kept for ever, and of the lines of messages the one
that was begun first goes when there are two thousand, whoever reads from it: a soak showed pages whose answer broke off
because two thousand programs had asked since they were opened.
"""

from typing import Any, Final

from gradio.queueing import Queue
from gradio.utils import LRUCache

SESSIONS_KEPT: Final = 2_000
"""Pages and single calls of programs whose state stays in memory, some 90 KB each; the longest unused goes first.

Gradio keeps the state of ten thousand, which a soak showed as memory that never stops growing. A page that was left
behind by so many others begins a new conversation; a reload brings the old one back from the browser.
"""


class Waiting(LRUCache[str, Any]):
    """The messages that wait for each session; the session that has not looked for the longest time is dropped first.

    A page or a program looks every few seconds for as long as its answer is under way.
    """

    def __init__(self, ids: dict[str, set[str]]) -> None:
        """Keep room for SESSIONS_KEPT; ``ids`` are the events of each session, dropped along with its messages."""
        super().__init__(SESSIONS_KEPT)
        self._ids = ids

    def __getitem__(self, session: str) -> Any:  # noqa: ANN401 - Gradio's queue of messages
        found = super().__getitem__(session)
        self.move_to_end(session)
        return found

    def __setitem__(self, session: str, messages: Any) -> None:  # noqa: ANN401
        if session not in self and len(self) >= self.max_size:
            oldest = next(iter(self))
            del self[oldest]
            self._ids.pop(oldest, None)
        super().__setitem__(session, messages)


def keep_few(queue: Queue) -> None:
    """Bound what a page's queue keeps of sessions; called once, before anyone asks."""
    queue.pending_messages_per_session = Waiting(queue.pending_event_ids_session)
