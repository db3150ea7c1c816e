"""In default use nothing leaves the machine: not from Python, and not from the libraries below it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
QUESTION = "Who does the chief medical officer of Northfield Hospital report to?"
# An audit hook sees every socket of the interpreter, whoever opens it, from the first import on.
WATCHED = """
import runpy, sys

def forbid(event, arguments):
    if event in {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "socket.bind"}:
        print("went out:", event, arguments[1:], file=sys.stderr)
        raise SystemExit(7)

sys.addaudithook(forbid)
sys.argv = ["assistant", *sys.argv[1:]]
runpy.run_module("assistant", run_name="__main__", alter_sys=True)
"""

# What a library sends by itself, such as ONNX Runtime's usage data, it sends some seconds after it was loaded.
LINGERING = """
import sys, time
from assistant import open_assistant
open_assistant(index=sys.argv[1]).answer(sys.argv[2])
time.sleep(15)
"""


def arguments_of(command: str, documents: Path, small_index: Path, tmp_path: Path) -> list[str]:
    return {
        "index": ["index", str(documents), "--index", str(tmp_path / "index")],
        "ask": ["ask", QUESTION, "--index", str(small_index)],
        "doctor": ["doctor", "--index", str(small_index)],
    }[command]


@pytest.mark.slow
@pytest.mark.parametrize("command", ["index", "ask", "doctor"])
def test_a_command_opens_no_connection(command: str, documents: Path, small_index: Path, tmp_path: Path) -> None:
    arguments = arguments_of(command, documents, small_index, tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, *arguments], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    assert "went out" not in done.stderr


@pytest.mark.slow
def test_the_watch_itself_sees_a_connection() -> None:
    hook, _, _ = WATCHED.partition("sys.argv = ")
    script = hook + "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9')"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 7
    assert "went out" in done.stderr


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("strace") is None, reason="needs Debian's strace")
def test_no_library_connects_below_python(small_index: Path, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    command = ["strace", "-f", "-e", "trace=connect,sendto,sendmsg", "-o", str(trace)]
    command += [sys.executable, "-c", LINGERING, str(small_index), QUESTION]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    if "ptrace" in done.stderr and "not permitted" in done.stderr:
        pytest.skip("this machine lets nothing be traced")
    assert done.returncode == 0, done.stderr
    outward = [line for line in trace.read_text(encoding="utf-8").splitlines() if "AF_INET" in line]
    assert outward == []
