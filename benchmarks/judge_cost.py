"""What one statement costs at the gate: `python -m benchmarks.judge_cost`.

The 150 labelled statements (`eval/data/judge_labels.jsonl`), each held against its evidence, in a warm process: at the
gate, which reads the vectors of quotes from the index; as texts that were never encoded, as `check()` is given them; and as
texts again, with the evidence remembered.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np

from assistant import open_assistant
from assistant.composing import DraftStatement
from assistant.support import AlignmentJudge
from benchmarks.judge_agreement import quotes_of, read_labels
from eval.table import Table


def spent(work: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds on the clock, and of CPU, that a piece of work takes."""
    clock, cpu = time.perf_counter(), time.process_time()
    work()
    return 1000 * (time.perf_counter() - clock), 1000 * (time.process_time() - cpu)


def main() -> None:
    """Print medians and the 95th percentile."""
    assistant = open_assistant(model="extractive")
    judge = assistant.gate.judge
    assert isinstance(judge, AlignmentJudge)
    judge.check_statement("The first call loads the model.", ["It is not counted."])
    at_gate, first, again, encoding = [], [], [], []
    for row in read_labels():
        fresh = replace(judge, _known={})
        gate = replace(assistant.gate, judge=replace(judge, _known={}))
        draft = DraftStatement(text=row.statement, quotes=quotes_of(assistant, row), layout="prose")
        other = f"{row.statement.rstrip('.')}, too."
        at_gate.append(spent(partial(gate.check, [draft], [])))
        first.append(spent(partial(fresh.check_statement, row.statement, row.evidence)))
        again.append(spent(partial(fresh.check_statement, other, row.evidence)))
        encoding.append(spent(partial(judge.encoder.encode_passages, [("", row.statement)])))
    measured = {
        "at the gate": at_gate,
        "texts, new": first,
        "texts, remembered": again,
        "of it, encoding the statement": encoding,
    }
    rows = [
        (name, *(f"{value:.1f}" for column in np.array(times).T for value in np.percentile(column, (50, 95))))
        for name, times in measured.items()
    ]
    header = ("milliseconds a statement", "clock, median", "p95", "CPU, median", "p95")
    print(Table(title="The gate's cost", header=header, rows=tuple(rows)).as_markdown())


if __name__ == "__main__":
    main()
