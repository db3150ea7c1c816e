"""The bundled articles: every fact of the plan traceable, every hedge kept, every sentence our own."""

import json
from pathlib import Path

import pytest

from corpus.audit import audit_article, claims, front_matter_and_body, read_facts

CORPUS = Path(__file__).parent.parent / "corpus"
ARTICLES = sorted((CORPUS / "articles").rglob("*.md"))
FACTS = read_facts(CORPUS / "facts.jsonl")
SEEDS = Path(__file__).parent.parent.parent / "shared" / "seeds"


@pytest.mark.parametrize("path", ARTICLES, ids=lambda p: p.relative_to(CORPUS / "articles").as_posix())
def test_an_article_keeps_every_rule(path: Path) -> None:
    seeds = tuple(p.read_text(encoding="utf-8", errors="replace") for p in sorted(SEEDS.glob("*.txt")))
    assert audit_article(path, FACTS, also_differs_from=seeds) == []


def test_every_fact_of_the_fact_base_is_stated_by_some_article() -> None:
    stated = {
        fact_id
        for path in ARTICLES
        for claim in claims(front_matter_and_body(path.read_text(encoding="utf-8"))[1])
        for fact_id in claim.fact_ids
    }
    assert sorted(set(FACTS) - stated) == []


def test_the_bibliography_is_the_union_of_the_articles_sources() -> None:
    bibliography = json.loads((CORPUS / "sources.json").read_text(encoding="utf-8"))
    named: dict[str, object] = {}
    for path in ARTICLES:
        named |= front_matter_and_body(path.read_text(encoding="utf-8"))[0]["sources"]  # type: ignore[operator]
    assert named == bibliography


GOOD = """---
title: An article about the role
summary: A summary that is long enough to say what the article is about.
questions: ["What is it?", "Who is it?", "Why is it?"]
settings: [any]
jurisdiction: US
as_of: 2026-11-21
sources:
  s: {title: T, publisher: null, url: null, date: null}
facts:
  F1: {source: s, confidence: medium}
---

# An article

%s
"""
FACT = json.dumps(
    {
        "id": "F1",
        "fact": "Hospitals often ask for ten years of clinical practice.",
        "hedge": "often",
        "confidence": "medium",
        "source": "s",
    }
)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("Hospitals often want 10 years of work.", "no fact is tied to it"),
        ("Hospitals must see ten years of work. <!-- F1 -->", "'must' is stronger"),
        ("Hospitals see ten years of work. <!-- F1 -->", "the hedge 'often' of F1 is lost"),
        ("Hospitals often want 12 years of work. <!-- F1 -->", "the number 12 is in none"),
        ("They often want ten years of work. <!-- F1 -->", "does not stand alone"),
        ("Hospitals often want ten years. <!-- F2 -->", "fact F2 is not in the front matter"),
        ("Cats often like milk. <!-- note -->", "a note speaks of this article"),
        ("It is said hospitals often ask for ten years of clinical practice. <!-- F1 -->", "shares a run"),
    ],
)
def test_a_broken_rule_is_found(tmp_path: Path, body: str, problem: str) -> None:
    (tmp_path / "facts.jsonl").write_text(FACT)
    (tmp_path / "a.md").write_text(GOOD % body)
    problems = audit_article(tmp_path / "a.md", read_facts(tmp_path / "facts.jsonl"))
    assert any(problem in p for p in problems), problems


def test_invalid_front_matter_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(GOOD.replace("settings: [any]", "settings: [moon]") % "")
    assert "settings" in audit_article(tmp_path / "a.md", FACTS)[0]
