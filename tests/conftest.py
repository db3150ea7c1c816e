"""A small corpus, indexed once for all tests with the real embedding model, and an assistant over it."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant import Assistant, open_assistant
from corpus import bundled_articles
from index import build_index

ARTICLES = (
    "role/what-is-a-chief-medical-officer.md",
    "role/other-meanings-of-cmo.md",
    "compare/cmo-vs-medical-director.md",
    "compare/cmo-vs-ceo-and-reporting.md",
    "qualify/degree-license-board-certification.md",
)
HANDBOOK = """---
title: Handbook of Northfield Hospital
---
# Handbook of Northfield Hospital

## The chief medical officer

Northfield Hospital appointed its first chief medical officer (CMO) in 1987. The chief medical officer of Northfield
Hospital reports to the chief executive officer. The chief medical officer may delegate the review of complaints to a
deputy.

## The weekly safety meeting

The medical director of each clinic must attend the weekly safety meeting. It lasts 45 minutes.

The meeting reviews:

- falls of patients in the wards
- wrong doses of medicines
- infections after surgery
"""


@pytest.fixture(scope="session", autouse=True)
def _no_settings_of_the_machine() -> None:
    for name in [name for name in os.environ if name.startswith("CMO_")]:
        del os.environ[name]


@pytest.fixture(scope="session")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some bundled articles and a made-up handbook."""
    folder = tmp_path_factory.mktemp("documents")
    for name in ARTICLES:
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy(bundled_articles() / name, folder / name)
    (folder / "handbook.md").write_text(HANDBOOK, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def small_index(documents: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The index of the small corpus; tests that change an index copy it."""
    place = tmp_path_factory.mktemp("small-index")
    build_index(documents, index=place)
    return place


@pytest.fixture(scope="session")
def assistant(small_index: Path) -> Iterator[Assistant]:
    """An extractive assistant over the small corpus."""
    opened = open_assistant(index=small_index)
    yield opened
    opened.retriever.close()
