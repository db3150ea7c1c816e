"""The same question gives the same answer, whatever order a process keeps its sets in."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
SCRIPT = """
import json, sys
from assistant import Turn, open_assistant
assistant = open_assistant(index=sys.argv[1])
asked = [
    ("What is a chief medical officer?", ()),
    ("How does a CMO differ from a medical director?", ()),
    ("which qualifcations does a cmo need", ()),
    ("What does the weekly safety meeting review?", ()),
    ("And how long does it last?", (Turn(role="user", text="What is the weekly safety meeting?"),)),
    ("What does a CMO earn in Ohio?", ()),
]
for question, history in asked:
    answer = assistant.answer(question, history=history).to_dict()
    answer.pop("seconds")
    print(json.dumps(answer))
"""


def answers(index: Path, seed: str) -> bytes:
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", SCRIPT, str(index)]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=True, timeout=300).stdout


def test_two_processes_with_other_hash_seeds_answer_byte_for_byte_alike(small_index: Path) -> None:
    first, second = answers(small_index, "1"), answers(small_index, "4242")
    assert first.count(b"\n") == 6
    assert b'"answered"' in first
    assert first == second
