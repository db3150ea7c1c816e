"""The assistant as a LangChain Runnable, so that callbacks, tracing, batch and async come with it."""

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from langchain_core.runnables import Runnable, RunnableConfig, RunnableLambda
from langchain_core.runnables.config import run_in_executor

from assistant.answers import Answer, Turn
from corpus import UserError

if TYPE_CHECKING:
    from assistant.answering import Assistant
    from assistant.journey import Given, Step, Work


def answering_chain(assistant: "Assistant") -> Runnable[Any, Answer]:
    """A question, or a mapping with "question" and perhaps "history" and "setting", to an Answer.

    Callbacks see a run "cmo_assistant" with the runs read_input, understand, search, evidence, draft and check in it,
    and a chat model's run inside draft. ``stream`` and ``astream`` yield the snapshots of ``Assistant.stream``,
    ``invoke`` and ``batch`` the last of them.
    """

    def snapshots(given: str | Mapping[str, Any], config: RunnableConfig) -> Iterator[Answer]:
        def take(name: str, step: "Step", work: "Work") -> None:
            RunnableLambda(step, name=name).invoke(work, config)

        yield from assistant.snapshots(lambda: RunnableLambda(_read, name="read_input").invoke(given, config), take)

    async def in_threads(given: str | Mapping[str, Any], config: RunnableConfig) -> AsyncIterator[Answer]:
        following = snapshots(given, config)
        while (answer := await run_in_executor(config, next, following, None)) is not None:
            yield answer

    # LangChain adds up what a generator yields; an Answer cannot be added, so of several the last one stays.
    return RunnableLambda(snapshots, in_threads, name="cmo_assistant")  # type: ignore[arg-type] # its types know no generator


def _read(given: Any) -> "Given":  # noqa: ANN401 - whatever a chain hands on
    if isinstance(given, str):
        return given, (), None
    if not isinstance(given, Mapping) or "question" not in given or set(given) - {"question", "history", "setting"}:
        found = sorted(given) if isinstance(given, Mapping) else type(given).__name__
        raise UserError(f"the input is a question, or has 'question', perhaps 'history' and 'setting'; not {found}")
    return given["question"], tuple(_turn(turn) for turn in given.get("history") or ()), given.get("setting")


def _turn(turn: Turn | Mapping[str, str]) -> Turn:
    if isinstance(turn, Turn):
        return turn
    role = turn.get("role")
    if role not in ("user", "assistant"):
        raise UserError(f"a turn's role is 'user' or 'assistant', not {role!r}")
    return Turn(role=role, text=turn.get("text", turn.get("content", "")))  # type: ignore[arg-type]
