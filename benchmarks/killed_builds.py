"""Kill builds at random moments, beside a second builder and a reader: is the index ever wrong, half, or without a way on?

Run: PYTHONPATH=. python benchmarks/killed_builds.py [--moments 100] [--seed 1]. Each state of the folder is marked in its
documents' texts and shows in their number and names, so that a mixture of two states is seen. Builds add, update, remove
and take over; every fifth begins without an index. The encoder is that of the tests: what is tried is the writing. A
moment is drawn from the computing that a build takes, not from the clock: on a busy machine most of the clock is waiting.
"""

import argparse
import mmap
import os
import random
import re
import resource
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import chromadb  # noqa: F401 - what a build imports is imported before it forks: importing writes nothing
import filelock  # noqa: F401
import Stemmer  # noqa: F401

from corpus import UserError, read_document, split_sentences  # noqa: F401
from index import Retriever, build_index, load_manifest
from index.damage import damage
from tests.fakes import KeywordEncoder

DONE, BUSY, FAILED = 0, 3, 4
NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
           "fourteen", "fifteen", "sixteen", "seventeen", "eighteen")  # fmt: skip


def names_of(state: int) -> dict[str, str]:
    """The documents of a state with the word that only each of them holds."""
    first = state % 7
    return {f"document-{number}.md": NUMBERS[number] for number in range(first, first + 8 + state % 4)}


def write_state(folder: Path, state: int) -> None:
    """Make the folder hold this state; every third document is the same in all states."""
    wanted = names_of(state)
    for path in folder.iterdir():
        if path.name not in wanted:
            path.unlink()
    for number, (name, word) in enumerate(wanted.items()):
        mark = "" if number == 0 or NUMBERS.index(word) % 3 == 0 else f" This is state-{state} of it."
        text = f"# Document {word}\n\nThe document {word} speaks of {word} alone.{mark}\n"
        if not (folder / name).exists() or (folder / name).read_text(encoding="utf-8") != text:
            (folder / name).write_text(text, encoding="utf-8")


def state_of(retriever: Retriever) -> int:
    """The state that an index holds, looked at from every side. Raises AssertionError where it is a mixture."""
    texts = {entry.doc_id: retriever.document(entry.doc_id) for entry in retriever.documents()}
    marks = {int(mark) for document in texts.values() if document for mark in re.findall(r"state-(\d+)", document.text)}
    assert len(marks) == 1, f"documents of the states {sorted(marks)} side by side"
    state = marks.pop()
    assert set(texts) == set(names_of(state)), f"state {state} with the documents {sorted(texts)}"
    for doc_id, word in names_of(state).items():
        best = retriever.search(f"the document {word} speaks of {word} alone")[0].passage
        document = retriever.document(best.doc_id)
        assert best.doc_id == doc_id, f"{word} is found in {best.doc_id}, not in {doc_id}"
        assert document, f"{best.doc_id} is found and not there"
        assert document.text[best.start : best.end] == best.text, f"{best.passage_id} is not in its document"
    return state


def forked(work: Callable[[], int]) -> int:
    """Do some work in a process of its own, which can be killed; its number."""
    sys.stdout.flush()
    if child := os.fork():
        return child
    code = FAILED
    try:
        code = work()
    except BaseException as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
    os._exit(code)


def ended(child: int) -> int:
    """Wait for a process; its exit code, negative for a signal."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def has_ended(child: int) -> bool:
    """Whether a process is over, by itself or not; it is still there to be waited for."""
    return os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def computed(child: int) -> float:
    """Seconds of computing that a process has used, as Linux numbers the clocks of processes."""
    return time.clock_gettime((~child << 3) | 2)


class Trial:
    """A folder, its index, a reader that never stops asking, and what has gone wrong so far."""

    def __init__(self, place: Path) -> None:
        self.folder, self.index, self.stop = place / "documents", place / "index", place / "stop"
        self.folder.mkdir()
        self.stage = mmap.mmap(-1, 32)  # shared with the builder: where it was when it died
        self.held = mmap.mmap(-1, 8)  # shared with the checker: the state that the index was found in, 0 for none
        self.state = 0
        self.faults: list[str] = []

    def build(self) -> int:
        """One build, in this process."""

        def tell(stage: str, done: int, total: int) -> None:
            self.stage[:] = f"{stage}".encode().ljust(32)

        try:
            build_index(self.folder, index=self.index, embeddings=KeywordEncoder(), progress=tell)
        except UserError as error:
            if "another build is writing" not in str(error):
                raise
            return BUSY
        self.stage[:] = b"after the end".ljust(32)
        return DONE

    def check(self, possible: set[int]) -> int:
        """Whether the index is whole and holds one of the possible states (0: there is none yet), in this process."""
        try:
            manifest = load_manifest(self.index)
        except UserError as error:
            if 0 in possible and "Run: python -m assistant index" in str(error):
                return DONE
            raise
        fault = damage(self.index, manifest)
        assert not fault, fault
        with Retriever.open(self.index, embeddings=KeywordEncoder()) as retriever:
            state = state_of(retriever)
        assert state in possible, f"state {state}, not one of {possible}"
        self.held[:] = state.to_bytes(8, "big")
        return DONE

    def read(self) -> int:
        """Ask again and again until told to stop, taking up each new version."""
        asked, newest = 0, 0
        with Retriever.open(self.index, embeddings=KeywordEncoder()) as retriever:
            while not self.stop.exists():
                try:
                    state = state_of(retriever)
                except AssertionError:
                    raise
                except Exception:
                    # Its version may have been replaced twice while it was opened: then the next one answers.
                    if not retriever.reload_if_changed():
                        raise
                    continue
                assert state >= newest, f"state {state} after state {newest}"
                asked, newest = asked + 1, state
                retriever.reload_if_changed()
                time.sleep(0.02)  # the builders need the machine too
        print(f"the reader asked for all documents {asked} times", flush=True)
        return DONE

    def run(self, work: Callable[[], int], what: str) -> int:
        """Do work in a process of its own, to its end."""
        if (code := ended(forked(work))) not in (DONE, BUSY):
            self.faults.append(f"{what} (state {self.state}): code {code}")
        return code


def kill_once(trial: Trial, seconds: float, *, second_builder: bool) -> str:
    """Write the next state, kill its build after so many seconds of computing, check; the stage at which it died."""
    before = int.from_bytes(trial.held[:], "big")
    trial.state += 1
    write_state(trial.folder, trial.state)
    trial.stage[:] = b"before the documents".ljust(32)
    first = forked(trial.build)
    second = forked(trial.build) if second_builder else 0
    while not has_ended(first) and computed(first) < seconds:
        time.sleep(0.001)
    os.kill(first, signal.SIGKILL)
    ended(first)
    stage = trial.stage[:].decode().strip()
    if second and (code := ended(second)) not in (DONE, BUSY):
        trial.faults.append(f"the second builder (state {trial.state}): code {code}")
    trial.run(lambda: trial.check({before, trial.state}), f"killed {seconds:.2f} s in, at {stage!r}")
    return stage


def main() -> int:
    """Kill, check, and say what was found; 1 where anything was."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moments", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    stages: Counter[str] = Counter()
    faults: list[str] = []
    with tempfile.TemporaryDirectory() as place:
        trial = _begun(Path(place) / "updated")
        trial.run(trial.build, "the first build")
        usual = min(_seconds_of_a_build(trial) for _ in range(3))  # the shortest: moments after the end try nothing
        trial.run(lambda: trial.check({trial.state}), "after the first builds")
        reader = forked(trial.read)
        for moment in range(options.moments):
            if moment % 20 == 0:
                print(f"{moment} moments so far: {dict(stages)}, faults: {len(faults + trial.faults)}", file=sys.stderr)
            seconds = chance.uniform(0.0, usual)
            if moment % 5 == 4:
                fresh = _begun(Path(place) / f"fresh-{moment}")
                stages[kill_once(fresh, seconds, second_builder=False)] += 1
                fresh.run(fresh.build, "the build after a first one was killed")
                fresh.run(lambda fresh=fresh: fresh.check({fresh.state}), "after it")
                faults += fresh.faults
            else:
                stages[kill_once(trial, seconds, second_builder=moment % 4 == 1)] += 1
        trial.run(trial.build, "the last build")
        trial.run(lambda: trial.check({trial.state}), "after the last build")
        trial.stop.touch()
        if ended(reader):
            faults.append("the reader failed")
        left = [path.name for path in trial.index.iterdir() if path.name not in ("manifest.json", ".lock", "versions")]
        kept = len(list((trial.index / "versions").iterdir()))
        faults += trial.faults + [f"{name} is left over" for name in left]
    print(f"killed at {options.moments} moments of builds that compute for {usual:.2f} s: {dict(stages.most_common())}")
    print(f"versions kept at the end: {kept}; faults: {len(faults)}")
    print("\n".join(faults))
    return int(bool(faults) or kept > 2)


def _seconds_of_a_build(trial: Trial) -> float:
    trial.state += 1
    write_state(trial.folder, trial.state)
    before = _of_children()
    trial.run(trial.build, "a whole build")
    return _of_children() - before


def _of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _begun(place: Path) -> Trial:
    place.mkdir()
    trial = Trial(place)
    trial.state = 1
    write_state(trial.folder, 1)
    return trial


if __name__ == "__main__":
    sys.exit(main())
