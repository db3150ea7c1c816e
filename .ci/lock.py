"""Write requirements.lock and docs/licences.md: what the project needs to run, as installed here, with hashes.

Run: make lock, after a change of the dependencies. The lock is for this machine's system and Python; pip is asked for
the hashes, and nothing but name, version and hash is kept. Install from it:
pip install --require-hashes --no-deps -r requirements.lock
"""

import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
LONGEST = 60  # characters of a licence's name; what is longer is its text


def needed() -> dict[str, Distribution]:
    """Every installed package that the project needs to run, directly or not, by normal name."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found: dict[str, Distribution] = {}
    waiting = [_named(Requirement(line)) for line in project["dependencies"]]
    seen = set()
    while waiting:
        name, extras = waiting.pop()
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        try:
            package = distribution(name)
        except PackageNotFoundError:
            sys.exit(f"{name} is needed and not installed. Run: make .venv/ready")
        found[name] = package
        for line in package.requires or []:
            requirement = Requirement(line)
            if requirement.marker is None or any(requirement.marker.evaluate({"extra": e}) for e in {"", *extras}):
                waiting.append(_named(requirement))
    return dict(sorted(found.items()))


def _named(requirement: Requirement) -> tuple[str, frozenset[str]]:
    return normal(requirement.name), frozenset(requirement.extras)


def normal(name: str) -> str:
    """A package's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def hashes(pins: dict[str, str]) -> dict[str, str]:
    """The SHA-256 of the file that pip would install for each pin."""
    with tempfile.TemporaryDirectory() as folder:
        wanted, report = Path(folder) / "pins.txt", Path(folder) / "report.json"
        wanted.write_text("\n".join(f"{name}=={version}" for name, version in pins.items()), encoding="utf-8")
        options = ["--dry-run", "--ignore-installed", "--no-deps", "--quiet", "--quiet"]
        command = [sys.executable, "-m", "pip", "install", *options, "-r", str(wanted), "--report", str(report)]
        subprocess.run(command, check=True, env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"})
        installs = json.loads(report.read_text(encoding="utf-8"))["install"]
    return {normal(each["metadata"]["name"]): _sha256(each["download_info"]) for each in installs}


def _sha256(download: dict[str, Any]) -> str:
    """The hash that the index gave; of a file on this machine, its own."""
    given: str | None = download["archive_info"].get("hashes", {}).get("sha256")
    if given or not download["url"].startswith("file://"):
        return given or sys.exit(f"{download['url']} has no SHA-256")
    with Path(url2pathname(urlsplit(download["url"]).path)).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def licence(package: Distribution) -> str:
    """What a package says of its licence: the SPDX expression, else the classifiers, else the field."""
    data = package.metadata
    if expression := data.get("License-Expression"):
        return expression
    classifiers = [c.split(" :: ")[-1] for c in data.get_all("Classifier") or [] if c.startswith("License ::")]
    stated = (data.get("License") or "").strip()
    named = "; ".join(c for c in classifiers if c != "OSI Approved")
    return named or (stated if stated and len(stated) <= LONGEST and "\n" not in stated else "see the package")


def main() -> None:
    """Write both files."""
    packages = needed()
    pins = {name: package.version for name, package in packages.items()}
    known = hashes(pins)
    lines = [f"{name}=={version} \\\n    --hash=sha256:{known[name]}" for name, version in pins.items()]
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    head = f"# Written by `make lock` with Python {python} on {sys.platform}.\n"
    (ROOT / "requirements.lock").write_text(head + "\n".join(lines) + "\n", encoding="utf-8")
    rows = [f"| {name} | {package.version} | {licence(package)} |" for name, package in packages.items()]
    text = "# Licences of what is installed\n\nWritten by `make lock`; as the packages state them.\n\n"
    text += "| package | version | licence |\n|---|---|---|\n" + "\n".join(rows) + "\n"
    (ROOT / "docs" / "licences.md").write_text(text, encoding="utf-8")
    print(f"{len(pins)} packages locked")


if __name__ == "__main__":
    main()
