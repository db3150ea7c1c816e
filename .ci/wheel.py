"""Try an installed wheel from an empty folder: the three commands, and one answer from its articles."""

import subprocess
import sys


def run(*arguments: str) -> str:
    """Run a module's command and return what it prints."""
    done = subprocess.run([sys.executable, "-m", *arguments], check=True, capture_output=True, text=True)
    return done.stdout


assert "usage" in run("ui", "--help")
assert "usage" in run("eval", "--help")
answer = run("assistant", "ask", "What is the difference between a CMO and a medical director?")
print(answer)
assert "[1]" in answer, answer
import assistant
import corpus
import eval
import index
import ui

parents = {str(__import__("pathlib").Path(m.__file__).parent.parent) for m in (assistant, corpus, eval, index, ui)}
assert len(parents) == 1, parents
print("the wheel answers from its own articles")
