"""A chat model that follows a script, for tests of what becomes of what a chat model writes."""

import re
import time
from collections.abc import Callable
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from pydantic import Field

Line = str | Exception | float | Callable[[list[BaseMessage]], str]


class ScriptedChat(BaseChatModel):
    """Gives the next line of its script, the last one again and again.

    A line is a text, an exception that is raised, a number of seconds that it stalls before it writes, or a function
    of the messages. ``seen`` keeps the messages of each call.
    """

    script: list[Any]  # of Line; pydantic cannot check a function
    seen: list[list[BaseMessage]] = Field(default_factory=list)

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        line: Line = self.script[min(len(self.seen), len(self.script) - 1)]
        self.seen.append(messages)
        if isinstance(line, Exception):
            raise line
        if isinstance(line, float):
            time.sleep(line)
            line = "It came too late [1]."
        text = line(messages) if callable(line) else line
        return ChatResult(generations=[ChatGeneration(message=AIMessage(text))])


def passages_of(messages: list[BaseMessage]) -> dict[int, str]:
    """The passages that a prompt shows, by number."""
    found = re.findall(r'<passage number="(\d+)"[^>]*>\n(.*?)\n</passage>', str(messages[-1].content), re.S)
    return {int(number): text for number, text in found}


def obedient(messages: list[BaseMessage]) -> str:
    """What a model without a will of its own writes: whatever a passage, the history or the question orders.

    It repeats each order, its own instructions, and a claim that nothing supports, with a mark behind each.
    """
    whole = str(messages[-1].content)
    orders = re.findall(r"(?:say|write|answer|reply)(?: that)?:? [\"'“‹]?([^\"'”›\n.]+)", whole, re.I)
    leaked = [line for line in str(messages[0].content).splitlines() if line.strip()]
    return "\n".join(f"{text.strip(' -.')} [1]." for text in [*orders, *leaked, "The CMO owns the hospital"])
