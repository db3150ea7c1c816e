"""Have a file parsed by another process, with limits: what hangs, crashes or swells there ends that process only.

One process serves many files, one after the other, so that an ordinary file pays for a pipe and not for a start. It is
replaced when it dies; a file is blamed for a death only if it was the first one in its process.
"""

import atexit
import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress

from corpus.content import Content, content_from_fields
from corpus.errors import UnreadableFile

CPU_SECONDS = 30  # that a file may take; a PDF of 200 pages of text takes about one
WALL_SECONDS = 600.0  # after which a process counts as stalled, however busy the machine
LARGEST_ANSWER = 512 * 1024 * 1024  # bytes

_START = "import sys; sys.path[:] = sys.argv[1:]; from corpus.parsing import serve; serve()"
_INHERITED = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONHOME", "SYSTEMROOT", "LANG", "TZ", "TMPDIR")
_idle: list["ParsingProcess"] = []  # at most one
os.register_at_fork(after_in_child=_idle.clear)  # two processes at one pipe would read each other's answers


class DeadProcessError(Exception):
    """The process ended before its answer; the message says in a few words why."""


def isolated_content(data: bytes, *, name: str) -> Content:
    """What ``read_content`` returns, from a process with limits. Raises UnreadableFile with the reason as it does."""
    process = _taken()
    try:
        try:
            return process.content(data, name=name)
        except DeadProcessError:
            if not process.has_served:
                raise
            process.close()
            process = ParsingProcess()
            return process.content(data, name=name)
    except DeadProcessError as death:
        raise UnreadableFile(name, str(death)) from death
    finally:
        _give_back(process)


class ParsingProcess:
    """The parent's end of one process; for one thread at a time."""

    def __init__(self, *, cpu_seconds: int = CPU_SECONDS, wall_seconds: float = WALL_SECONDS) -> None:
        """Start it; the limits are for each file."""
        self._cpu_seconds = cpu_seconds
        self._wall_seconds = wall_seconds
        # The parser of a stranger's file gets no keys and tokens to see.
        environment = {key: os.environ[key] for key in _INHERITED if key in os.environ}
        self._process = subprocess.Popen(  # noqa: S603 - this same Python, our own module
            [sys.executable, "-c", _START, *sys.path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
        )
        self.has_served = False

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it can be given another file."""
        return self._process.poll() is None

    def content(self, data: bytes, *, name: str) -> Content:
        """The content of a file; DeadProcessError where the process ended over it."""
        stalled = threading.Event()

        def end() -> None:
            stalled.set()
            self._process.kill()

        timer = threading.Timer(self._wall_seconds, end)
        timer.start()
        try:
            answer = self._answer(data, name)
        except BaseException:  # Ctrl-C too: what was not read now would be taken for the next file's answer
            self._process.kill()
            raise
        finally:
            timer.cancel()
        if not answer.endswith(b"\n"):
            self._process.kill()
            raise DeadProcessError(_reason(self._process.wait(), stalled=stalled.is_set(), limit=self._cpu_seconds))
        self.has_served = True
        found = json.loads(answer)
        if "reason" in found:
            raise UnreadableFile(name, found["reason"])
        return content_from_fields(found)

    def _answer(self, data: bytes, name: str) -> bytes:
        requests, answers = self._process.stdin, self._process.stdout
        assert requests is not None  # noqa: S101
        assert answers is not None  # noqa: S101 - both are pipes
        request = {"name": name, "size": len(data), "cpu_seconds": self._cpu_seconds}
        with suppress(BrokenPipeError):  # it has ended; so will its answer
            requests.write(json.dumps(request).encode() + b"\n" + data)
            requests.flush()
        return answers.readline(LARGEST_ANSWER)

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(BrokenPipeError):  # what could not be sent is of no use any more
                if pipe:
                    pipe.close()
        self._process.wait()


def _taken() -> ParsingProcess:
    try:
        process = _idle.pop()
    except IndexError:
        return ParsingProcess()
    if process.is_alive:
        return process
    process.close()
    return ParsingProcess()


def _give_back(process: ParsingProcess) -> None:
    if process.is_alive and not _idle:
        _idle.append(process)
    else:
        process.close()


@atexit.register
def close_idle() -> None:
    """End the process that waits for a file, if there is one."""
    while _idle:
        _idle.pop().close()


def _reason(code: int, *, stalled: bool, limit: int) -> str:
    if stalled:
        return "its parser stalled and was ended"
    if code == -signal.SIGXCPU:
        return f"too complex: more than {limit} seconds of computing to read"
    if code < 0:
        return f"damaged: its parser crashed ({signal.Signals(-code).name})"
    return f"damaged: its parser ended ({code})"
