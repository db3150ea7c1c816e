"""The assistant as a LangChain Runnable, so that callbacks, tracing, batch and async come with it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from langchain_core.runnables import Runnable, RunnableLambda

from assistant.answers import Answer, Turn
from corpus import UserError

if TYPE_CHECKING:
    from assistant.answering import Assistant


def answering_chain(assistant: "Assistant") -> Runnable[Any, Answer]:
    """A question, or a mapping with "question" and perhaps "history" and "setting", to an Answer.

    ``stream`` yields the same snapshots as ``Assistant.stream``.
    """

    def read(given: str | Mapping[str, Any]) -> dict[str, Any]:
        if isinstance(given, str):
            return {"question": given, "history": (), "setting": None}
        unknown = set(given) - {"question", "history", "setting"}
        if unknown or "question" not in given:
            raise UserError(f"the input needs 'question', and may have 'history' and 'setting'; it has {sorted(given)}")
        return {
            "question": given["question"],
            "history": tuple(_turn(turn) for turn in given.get("history", ())),
            "setting": given.get("setting"),
        }

    def answer(given: Mapping[str, Any]) -> Any:  # noqa: ANN401 - an iterator of Answers, which LangChain streams
        yield from assistant.stream(given["question"], history=given["history"], setting=given["setting"])

    def last(given: Mapping[str, Any]) -> Answer:
        return assistant.answer(given["question"], history=given["history"], setting=given["setting"])

    return RunnableLambda(read, name="read_input") | _Answering(last, answer)


class _Answering(Runnable[Mapping[str, Any], Answer]):
    """One answer, whole by ``invoke`` and in snapshots by ``stream``."""

    name = "cmo_assistant"

    def __init__(self, last: Any, snapshots: Any) -> None:  # noqa: ANN401
        self._invoke = RunnableLambda(last, name="answer")
        self._snapshots = snapshots

    def invoke(self, input: Mapping[str, Any], config: Any = None, **kwargs: Any) -> Answer:  # noqa: A002, ANN401
        """The whole answer."""
        result: Answer = self._invoke.invoke(input, config, **kwargs)
        return result

    def stream(self, input: Mapping[str, Any], config: Any = None, **kwargs: Any) -> Any:  # noqa: A002, ANN401
        """Snapshots on the way to the answer, the last one whole."""
        yield from self._snapshots(input)


def _turn(turn: Turn | Mapping[str, str]) -> Turn:
    if isinstance(turn, Turn):
        return turn
    role = turn.get("role")
    if role not in ("user", "assistant"):
        raise UserError(f"a turn's role is 'user' or 'assistant', not {role!r}")
    return Turn(role=role, text=turn.get("text", turn.get("content", "")))  # type: ignore[arg-type]
