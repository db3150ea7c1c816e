"""What one statement costs at the gate: `python -m benchmarks.judge_cost`.

The 150 labelled statements (`eval/data/judge_labels.jsonl`), each held against its evidence, in a warm process: first with
sentences that were never encoded, then once more with the evidence remembered, as a draft's later statements find it.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np

from assistant import open_assistant
from assistant.support import AlignmentJudge
from benchmarks.judge_agreement import read_labels
from eval.table import Table


def spent(work: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds on the clock, and of CPU, that a piece of work takes."""
    clock, cpu = time.perf_counter(), time.process_time()
    work()
    return 1000 * (time.perf_counter() - clock), 1000 * (time.process_time() - cpu)


def main() -> None:
    """Print medians and the 95th percentile."""
    judge = open_assistant(model="extractive").gate.judge
    assert isinstance(judge, AlignmentJudge)
    labels = read_labels()
    judge.check_statement("The first call loads the model.", ["It is not counted."])
    first, again = [], []
    for row in labels:
        fresh = replace(judge, _known={})
        other = f"{row.statement.rstrip('.')}, too."
        first.append(spent(partial(fresh.check_statement, row.statement, row.evidence)))
        again.append(spent(partial(fresh.check_statement, other, row.evidence)))
    rows = [
        (name, *(f"{value:.1f}" for column in np.array(times).T for value in np.percentile(column, (50, 95))))
        for name, times in (("evidence new", first), ("evidence remembered", again))
    ]
    header = ("milliseconds a statement", "clock, median", "p95", "CPU, median", "p95")
    print(Table(title="The gate's cost", header=header, rows=tuple(rows)).as_markdown())


if __name__ == "__main__":
    main()
