"""The process that parses files for another one, within limits of its own: see ``corpus.isolation``.

A request is a line of JSON (the file's name, the seconds it may take, how many bytes follow) and the bytes; an answer
is a line of JSON, either the content or the reason why there is none.
"""

import json
import os
import select
import signal
import sys
from contextlib import suppress

from corpus.errors import UnreadableFile
from corpus.formats import read_content

MEMORY = 2 * 1024**3  # bytes of address space
FILES_EACH = 500  # after which the process ends itself: libraries leak
IDLE = 60.0  # seconds without work after which it does so too


def serve() -> None:
    """Read files from standard input until it ends: what the process itself runs."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, whose end is seen by its pipe
    requests = sys.stdin.buffer
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    _limit_memory()
    for _ in range(FILES_EACH):
        ready, _, _ = select.select([requests], [], [], IDLE)
        header = requests.readline() if ready else b""
        if not header:
            return
        request = json.loads(header)
        _limit_cpu(request["cpu_seconds"])
        answers.write(_answer(requests.read(request["size"]), request["name"]) + b"\n")
        answers.flush()


def _answer(data: bytes, name: str) -> bytes:
    try:
        return read_content(data, name=name).to_json().encode()
    except UnreadableFile as error:
        reason = error.reason
    except MemoryError:
        reason = f"too complex: more than {MEMORY // 1024**3} GB of memory to read"
    except Exception as error:  # parsers meet damaged files with errors of every kind
        reason = f"damaged: {type(error).__name__}"
    return json.dumps({"reason": reason}).encode()


def _limit_memory() -> None:
    with suppress(ImportError, ValueError, OSError):  # not every system has such a limit, or lets it be set
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _limit_cpu(seconds: int) -> None:
    with suppress(ImportError, ValueError, OSError):
        import resource

        used = resource.getrusage(resource.RUSAGE_SELF)
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + 1 + seconds, hard))
