"""How often the judge of citations is right, so that no figure it gives stands without what the judge is worth.

The judge is asked about labelled statements just as it is asked about citations. They are statements about the bundled
articles: over other documents they tell what sort of judge it is, not how it does there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from eval.intervals import share_interval
from eval.labels import Labelled
from eval.tracing import Judge, is_supported


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """How many of ``n`` labelled statements a judge took for supported."""

    count: int
    n: int

    @property
    def share(self) -> float | None:
        """The share accepted: 0 to 1, undefined over none."""
        return self.count / self.n if self.n else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % interval of the share."""
        return share_interval(self.count, self.n)

    def to_dict(self) -> dict[str, object]:
        """The counts as JSON, with the share and its interval."""
        return {"count": self.count, "n": self.n, "share": self.share, "interval": self.interval}


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """What a judge makes of labelled statements; where it was asked about none, it is not measured.

    ``supported`` are those that their evidence says whole, of which a good judge accepts all, ``unsupported`` the
    others, of which it accepts none. On ``failed`` more it gave no verdict, first for the reason ``error``.
    """

    judge: str
    supported: Accepted
    unsupported: Accepted
    failed: int
    error: str

    @property
    def measured(self) -> bool:
        """Whether the judge was asked at all."""
        return bool(self.supported.n + self.unsupported.n + self.failed)

    @property
    def brief(self) -> str:
        """What it accepts, in a few words to stand beside a figure."""
        if not self.measured:
            return "not measured"
        right, wrong = self.supported, self.unsupported
        told = f"{right.count}/{right.n} supported, {wrong.count}/{wrong.n} unsupported"
        return f"{told}, {self.failed} failed" if self.failed else told

    def to_dict(self) -> dict[str, object]:
        """The accuracy as JSON; a judge that was not measured has its name only."""
        if not self.measured:
            return {"name": self.judge, "measured": False}
        return {
            "name": self.judge,
            "measured": True,
            "accepted": {"supported": self.supported.to_dict(), "unsupported": self.unsupported.to_dict()},
            "failed": self.failed,
            "error": self.error,
        }


def accuracy_of(
    judge: Judge, rows: Sequence[Labelled], *, name: str, progress: Callable[[int], object] = lambda _: None
) -> Accuracy:
    """The accuracy of a judge, called ``name``, on labelled statements; () leaves it unmeasured.

    A statement that the judge fails on is counted as failed, neither accepted nor not. ``progress`` gets 1 for each.
    """
    verdicts: dict[bool, list[bool]] = {True: [], False: []}
    errors: list[str] = []
    for row in rows:
        try:
            verdicts[row.label].append(is_supported(row.statement, row.evidence, judge))
        except Exception as error:  # as with a question: one failure is counted, and the others are still asked
            errors.append(f"{type(error).__name__}: {error}")
        progress(1)
    right, wrong = (Accepted(count=sum(verdicts[label]), n=len(verdicts[label])) for label in (True, False))
    return Accuracy(
        judge=name, supported=right, unsupported=wrong, failed=len(errors), error=errors[0] if errors else ""
    )
