"""Feed the readers bytes that a coverage-guided fuzzer makes up: each input is a document or a reason, never an error.

Run: make fuzz [SECONDS=60], or PYTHONPATH=. python benchmarks/fuzz_readers.py FOLDER -max_total_time=60. What libFuzzer
finds worth keeping lies in FOLDER and is where the next run begins; an input that fails is written beside it. A first
run begins with parts of the bundled articles and a small page: from nothing it makes up no more than a line or two.

The first byte chooses the format. For text, Markdown and HTML any error at all is a find; PDF and DOCX are other
people's parsers, whose errors read_document turns into a reason, so there only crashes, stalls and memory count.
"""

import sys

import atheris

with atheris.instrument_imports(include=["corpus"]):
    from corpus.content import content_from_fields
    from corpus.documents import Document
    from corpus.errors import UnreadableFile
    from corpus.formats import read_content
    from corpus.normal_form import compose
    from corpus.splitting import split, split_sentences

import json
from pathlib import Path

from corpus import bundled_articles

NAMES = ("a.md", "a.txt", "a.html", "a.md", "a.txt", "a.html", "a.pdf", "a.docx")
STARTS = {"a.pdf": b"%PDF-1.7\n", "a.docx": b"PK\x03\x04"}


def try_one(data: bytes) -> None:
    """Read, put together and split one input, and hold the results to what they promise."""
    if not data:
        return
    name = NAMES[data[0] % len(NAMES)]
    try:
        content = read_content(STARTS.get(name, b"") + data[1:], name=name)
    except UnreadableFile:
        return
    except Exception:
        if name in STARTS:
            return
        raise
    assert content_from_fields(json.loads(content.to_json())) == content
    text, starts = compose(content.blocks)
    for block, start in zip(content.blocks, starts, strict=True):
        assert text[start : start + len(block.text)] == block.text
        assert all(0 <= at <= len(block.text) for at, _ in block.marks)
    check_split(text)


def check_split(text: str) -> None:
    """Every character that is no white space is in exactly one passage, and each sentence is where it says."""
    document = Document(
        doc_id="a", title="A", text=text, source="a", publisher=None, url=None, date=None, settings=("any",), summary="",
        questions=(), attributions=(), sha256="",
    )  # fmt: skip
    at = 0
    for passage in split(document):
        assert not text[at : passage.start].strip()
        assert text[passage.start : passage.end] == passage.text
        at = passage.end
        for sentence in split_sentences(passage):
            assert text[sentence.start : sentence.end] == sentence.text
    assert not text[at:].strip()


PAGE = """<html><head><title>T</title></head><body><nav>Menu</nav><h1>One</h1><p>A <b>bold</b> word &amp; more.</p>
<ul><li>item<ol><li>inner</li></ol></li></ul><table><tr><th>a</th></tr><tr><td>1</td></tr></table><!-- note --></body></html>"""


def sow(folder: Path) -> None:
    """Give an empty folder something to begin with, in each of the formats that are text."""
    if any(folder.iterdir()):
        return
    for number, path in enumerate(sorted(bundled_articles().glob("*/*.md"))[::4]):
        text = path.read_bytes()[:3000]
        for kind in (0, 1):
            (folder / f"article-{number}-{kind}").write_bytes(bytes([kind]) + text)
    (folder / "page").write_bytes(bytes([2]) + PAGE.encode())


if __name__ == "__main__":
    for given in sys.argv[1:]:
        if not given.startswith("-"):
            sow(Path(given))
    atheris.Setup(sys.argv, try_one)
    atheris.Fuzz()
