"""The five packages come from one place, and the project says nothing of where it was made."""

import importlib
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGES = ("assistant", "corpus", "index", "ui", "eval")


def test_all_five_packages_come_from_one_parent() -> None:
    parents = {Path(str(importlib.import_module(name).__file__)).parent.parent for name in PACKAGES}
    assert parents == {ROOT}


def test_no_ignore_line_hides_a_package() -> None:
    lines = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert not {f"{name}/" for name in PACKAGES} & set(lines)


def test_no_tracked_file_names_a_path_of_one_machine_or_is_large() -> None:
    files = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    for name in files:
        path = ROOT / name
        if not path.is_file():
            continue
        assert path.stat().st_size < 5_000_000, name
        if path.suffix in {".md", ".py", ".toml", ".json", ".jsonl", ".js", ".css"}:
            home = re.compile(r"(?<![\w.])/(?:wo" + r"rk|ro" + r"ot|home)/")
            assert not home.search(path.read_text(encoding="utf-8", errors="replace")), name
