"""Files become documents in one normal form, or are named with the reason why not."""

import io
import os
import unicodedata
import zipfile
from pathlib import Path

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus import Document, UnreadableFile, UserError, bundled_articles, find_files, read_documents
from corpus.markdown import markdown_blocks
from corpus.normal_form import clean, compose
from corpus.plain_text import plain_text_blocks
from corpus.web_pages import web_page_content

SEEDS = Path(__file__).parent.parent.parent / "shared" / "seeds"


def read(folder: Path, name: str, content: str | bytes) -> Document:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    documents, skipped = read_documents(path)
    assert skipped == []
    return documents[0]


def reason(folder: Path, name: str, content: bytes) -> str:
    (folder / name).write_bytes(content)
    documents, skipped = read_documents(folder / name)
    assert documents == []
    assert skipped[0].path == name
    return skipped[0].reason


def pdf(*pages: list[str], sizes: dict[str, int] | None = None) -> bytes:
    """A PDF by hand: each page a list of lines, 12 points apart, in Helvetica of 10 points or as ``sizes`` says."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"", b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids = []
    for lines in pages:
        shown = []
        for at, line in enumerate(lines):
            size = (sizes or {}).get(line, 10)
            shown.append(f"BT /F1 {size} Tf 50 {740 - 14 * at} Td ({line}) Tj ET" if line else "")
        stream = "\n".join(shown).encode("latin-1")
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R >> >> >>" % len(objects)
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(kids), len(kids))
    out = io.BytesIO(b"%PDF-1.4\n")
    out.seek(0, 2)
    places = []
    for number, value in enumerate(objects, start=1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, value))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % place for place in places))
    out.write(b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start))
    return out.getvalue()


# --- which files ---------------------------------------------------------------------------------------------------


def test_files_are_found_in_order_without_hidden_ones(tmp_path: Path) -> None:
    for name in ("b.md", "a/z.txt", ".hidden.md", ".git/x.md", "a/b/c.pdf"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("text")
    assert [file.doc_id for file in find_files(tmp_path)] == ["a/b/c.pdf", "a/z.txt", "b.md"]


def test_a_link_is_read_once_and_never_followed_out_of_the_folder(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    for folder in (inside, outside):
        folder.mkdir()
        (folder / "real.md").write_text("text")
    (inside / "again.md").symlink_to(inside / "real.md")
    (inside / "loop").symlink_to(inside)
    (inside / "elsewhere").symlink_to(outside)
    (inside / "secret.md").symlink_to(outside / "real.md")
    (inside / "nothing.md").symlink_to(inside / "nowhere")
    (inside / "itself").symlink_to(inside / "itself")
    found = {file.doc_id: file.fault for file in find_files(inside)}
    assert list(found) == ["elsewhere", "itself", "nothing.md", "real.md", "secret.md"]
    assert found["real.md"] is None
    assert found["elsewhere"] == found["secret.md"] == "a link that leads out of the folder: not followed"
    assert found["nothing.md"] == "a link that leads nowhere: No such file or directory"
    assert "a link that leads nowhere" in (found["itself"] or "")


def test_a_file_that_only_links_lead_to_is_found_once(tmp_path: Path) -> None:
    (tmp_path / ".kept").mkdir()
    (tmp_path / ".kept" / "real.md").write_text("text")
    for name in ("one.md", "two.md"):
        (tmp_path / name).symlink_to(tmp_path / ".kept" / "real.md")
    assert [(file.doc_id, file.size, file.fault) for file in find_files(tmp_path)] == [("one.md", 4, None)]


def test_a_link_stands_for_a_file_whose_own_name_cannot_be_used(tmp_path: Path) -> None:
    odd = tmp_path / os.fsdecode(b"caf\xe9.md")
    odd.write_text("text")
    (tmp_path / "fair.md").symlink_to(odd)
    found = {file.doc_id: file.fault for file in find_files(tmp_path)}
    assert found == {"fair.md": None, odd.name: "its name is not valid Unicode"}


def test_a_missing_folder_is_the_users_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="does not exist"):
        find_files(tmp_path / "nowhere")


def test_every_file_is_a_document_or_a_skip_with_a_reason(tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text("A text that can be read.")
    (tmp_path / "empty.md").write_bytes(b" \n")
    (tmp_path / "odd.xyz").write_text("text")
    documents, skipped = read_documents(tmp_path)
    assert [d.doc_id for d in documents] == ["good.txt"]
    assert [(s.path, s.reason) for s in skipped] == [("empty.md", "empty file"), ("odd.xyz", "unsupported type: .xyz")]
    assert all(isinstance(s, UnreadableFile) for s in skipped)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.txt", b"\x00\x01\x02\x03" * 50, "binary"),
        ("a.md", b"\x89PNG\r\n\x1a\n" + b"x" * 50, "binary"),
        ("a.pdf", b"no pdf at all", "damaged: not a PDF"),
        ("a.pdf", b"%PDF-1.4\ngarbage", "damaged"),
        ("a.docx", b"PK\x03\x04 broken", "damaged: not a whole zip"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 50, "old .doc format"),
        ("a.pdf", pdf([""]), "no text: scanned"),
        ("a.html", b"<html><body><script>1</script></body></html>", "no text"),
    ],
)
def test_the_reason_says_what_is_wrong_with_the_file(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    assert words in reason(tmp_path, name, content)


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    packed = io.BytesIO()
    archive = zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
    with archive, archive.open("word/document.xml", "w") as entry:
        for _ in range(300):
            entry.write(b" " * 1024 * 1024)
    assert "too large: unpacks" in reason(tmp_path, "bomb.docx", packed.getvalue())


def test_a_file_larger_than_the_limit_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "large.txt").open("wb") as file:
        file.truncate(65 * 1024 * 1024)
    assert "too large" in read_documents(tmp_path)[1][0].reason


# --- encodings -----------------------------------------------------------------------------------------------------

GERMAN = "Die Ärztin prüft täglich, ob die Maßnahmen für größere Häuser genügen.\n" * 20


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252", "latin-1"])
def test_a_text_reads_the_same_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    assert read(tmp_path, "a.txt", GERMAN.encode(encoding)).text.startswith(
        "Die Ärztin prüft täglich, ob die Maßnahmen"
    )


def test_text_is_nfc_without_control_and_zero_width_characters(tmp_path: Path) -> None:
    assert read(tmp_path, "a.txt", "cafe\u0301\u200b \u00a0is\x07 open\r\nto\rall").text == "café is open to all"


# --- Markdown ------------------------------------------------------------------------------------------------------

ARTICLE = """---
title: Night cover
summary: Who covers the nights.
questions: ["Who covers the nights?"]
setting: health center
url: https://example.org/nights
as_of: 2026-01-05
sources:
  survey: {title: A survey, publisher: An office, url: null, date: "2020"}
  letter: {title: A letter, publisher: null, url: null, date: null}
facts:
  F1: {source: survey, confidence: high}
  F2: {source: letter, confidence: low}
  F3: {source: survey, confidence: medium}
---

# Night cover

Most clinics, e.g. Dr. Hall's, pay for nights. <!-- F1 F3 --> Some do not pay. <!-- F2 F1 -->
This article has a gap. <!-- note -->

- Nights are long. <!-- F3 -->
- Days are *short*. <!-- F9 -->
"""


def test_front_matter_says_what_a_document_is(tmp_path: Path) -> None:
    document = read(tmp_path, "x/nights.md", ARTICLE)
    assert (document.title, document.summary, document.date) == ("Night cover", "Who covers the nights.", "2026-01-05")
    assert (document.questions, document.settings) == (("Who covers the nights?",), ("health_center",))
    assert (document.url, document.publisher, document.source) == ("https://example.org/nights", None, "nights.md")


def test_comments_tie_their_sentence_to_facts_and_vanish(tmp_path: Path) -> None:
    document = read(tmp_path, "nights.md", ARTICLE)
    assert document.text == (
        "# Night cover\n\nMost clinics, e.g. Dr. Hall's, pay for nights. Some do not pay. This article has a gap.\n\n"
        "- Nights are long.\n- Days are short."
    )
    found = [
        (document.text[a.start : a.end], a.fact_ids, [s.source_id for s in a.sources], a.confidence)
        for a in document.attributions
    ]
    assert found == [
        ("Most clinics, e.g. Dr. Hall's, pay for nights.", ("F1", "F3"), ["survey"], "medium"),
        ("Some do not pay.", ("F2", "F1"), ["letter", "survey"], "low"),
        ("Nights are long.", ("F3",), ["survey"], "medium"),
    ]


def test_broken_front_matter_is_left_out_and_the_body_kept(tmp_path: Path) -> None:
    assert read(tmp_path, "a.md", "---\ntitle: [never closed\n---\n\nThe body stays.\n").text == "The body stays."


def test_prose_between_two_rules_is_no_front_matter(tmp_path: Path) -> None:
    assert "A line of prose" in read(tmp_path, "a.md", "---\n\nA line of prose.\n\n---\n\nMore.\n").text


def test_inline_markup_is_reduced_to_its_words(tmp_path: Path) -> None:
    text = (
        "Go **now** to [the *ward*](http://x.y) ![picture](p.png) with `code` <b>bold</b> &amp;\nmore<br>yet.<!-- c -->"
    )
    assert read(tmp_path, "a.md", text).text == "Go now to the ward with code bold & more yet."


def test_markdown_structure_takes_the_normal_form(tmp_path: Path) -> None:
    text = "Top\n===\n\n* one\n  two\n* three\n    1. four\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```\n# code\n```\n"
    assert read(tmp_path, "a.md", text).text == "# Top\n\n- one two\n- three\n  1. four\n\na: 1 | b: 2\n\n    # code"


def test_the_bundled_articles_are_all_readable_and_every_attribution_is_a_sentence() -> None:
    documents, skipped = read_documents(bundled_articles())
    assert skipped == []
    assert len(documents) == 40
    for document in documents:
        assert "<!--" not in document.text
        assert all(document.text[a.start : a.end].strip() for a in document.attributions)


@pytest.mark.parametrize(
    ("name", "content", "title"),
    [
        ("a.md", "Intro.\n\n## Second\n\n# First\n", "First"),
        ("a.html", "<title>From the head</title><p>" + "Long text. " * 30, "From the head"),
        ("a.txt", "a short line\n\n" + "Long text that goes on. " * 30, "a short line"),
        ("night_cover-2020.txt", "Long text that goes on and on. " * 30, "Night cover 2020"),
    ],
)
def test_a_document_always_has_a_title(tmp_path: Path, name: str, content: str, title: str) -> None:
    assert read(tmp_path, name, content).title == title


# --- plain text ----------------------------------------------------------------------------------------------------

BODY = (
    "The keeper of the lighthouse looks after the lamp, the lens and the logbook, and he answers for all three "
    "of them to the harbour board. He climbs the stairs twice a day, whatever the weather is like."
)


def headings(document: Document) -> list[str]:
    return [line for line in document.text.split("\n") if line.startswith("#")]


def test_bare_headings_of_a_web_article_are_found(tmp_path: Path) -> None:
    text = f"Keepers: Duties and Pay\n\nby Ann Lee 12 views\n\n{BODY}\n\n"
    text += f"What Does a Keeper Do?\n\n{BODY}\n\nThe Pay of Keepers\n\n{BODY}"
    document = read(tmp_path, "a.txt", text)
    assert headings(document) == ["# Keepers: Duties and Pay", "## What Does a Keeper Do?", "## The Pay of Keepers"]
    assert "views" not in document.text


def test_headings_are_found_without_blank_lines_and_lone_dashes_are_items(tmp_path: Path) -> None:
    text = (
        f"What is a Keeper? The Lamp Explained\n{BODY}\nWhat are the duties of a keeper?\nThey are many:\n"
        f"-\nLamp: {BODY}\n-\nLens: {BODY}\n•\tLogbook work\nHow is a keeper paid?\n{BODY}\nReferences:"
    )
    document = read(tmp_path, "a.txt", text)
    assert headings(document) == [
        "# What is a Keeper? The Lamp Explained",
        "## What are the duties of a keeper?",
        "## How is a keeper paid?",
    ]
    assert f"- Lamp: {BODY}\n- Lens: {BODY}\n- Logbook work\n" in document.text
    assert "References" not in document.text


def test_questions_under_a_list_of_questions_are_one_level_deeper(tmp_path: Path) -> None:
    text = (
        f"Keepers\n\n{BODY}\n\nFrequently Asked Questions\n\nWho is a keeper?\n\n{BODY}\n\nWho pays a keeper?\n\n{BODY}"
    )
    assert headings(read(tmp_path, "a.txt", text))[1:] == [
        "## Frequently Asked Questions",
        "### Who is a keeper?",
        "### Who pays a keeper?",
    ]


def test_a_caption_between_a_question_and_its_answer_is_no_heading(tmp_path: Path) -> None:
    text = f"Keepers at Work\n\n{BODY}\n\nWhat is a Keeper?\n\nLamp Oil Sales\n\nLamp Oil Sales | AB12\n\n{BODY}"
    assert headings(read(tmp_path, "a.txt", text)) == ["# Keepers at Work", "## What is a Keeper?"]


def test_a_title_that_stands_there_twice_is_kept_once(tmp_path: Path) -> None:
    assert read(tmp_path, "a.txt", f"Keepers at Work\n\nKeepers at Work\n\n{BODY}").text.count("Keepers at Work") == 1


def test_the_tail_of_a_comment_form_is_dropped(tmp_path: Path) -> None:
    tail = "Leave a Reply\n\nYour email address will not be published. Required fields are marked *"
    assert read(tmp_path, "a.txt", f"{BODY}\n\n{tail}").text == BODY


def test_explanations_of_terms_after_a_lead_in_are_a_list(tmp_path: Path) -> None:
    text = f"{BODY}\nThe board offers these services:\nLamp Care: it is cleaned.\nLens Care: it is turned.\n{BODY}"
    assert (
        "services:\n\n- Lamp Care: it is cleaned.\n- Lens Care: it is turned.\n\n" in read(tmp_path, "a.txt", text).text
    )


def test_numbered_headings_and_wrapped_lines(tmp_path: Path) -> None:
    text = (
        "HANDBOOK\n\n1. Aims\n\nThis handbook tells all of the keepers what the harbour board\nexpects of them. It is "
        "short.\n\n2. Lamp Duties\nEach keeper shall light the lamp at dusk and put it out at\ndawn, in all "
        "weathers.\n\n1) Bring oil.\n2) Bring\n   matches.\n"
    )
    assert read(tmp_path, "a.txt", text).text == (
        "# HANDBOOK\n\n## 1. Aims\n\nThis handbook tells all of the keepers what the harbour board expects of them. It "
        "is short.\n\n## 2. Lamp Duties\n\nEach keeper shall light the lamp at dusk and put it out at dawn, in all "
        "weathers.\n\n1. Bring oil.\n2. Bring matches."
    )


@pytest.mark.parametrize(
    "text",
    [
        "The lamp is lit,\nThe sea is deep,\nO Golden Light, O Silver Sound\nAnd all the keepers sleep.\n",
        '"Where were you?"\n\n"At sea."\n\nWhy now?\n\nBecause.\n\nAnna: How are you?\n\nBen: Fine.\n',
        "John Smith\n12 Main Street\nSpringfield, IL 62704\n\nJane Doe\n4 Harbour Road\nPortland, ME\n",
        "Year   Beds   Staff\n2019   120    300\n2020   130    310\n\nTotal Beds 250\n\nTotal Staff 610\n",
        "Set Up The Lamp\n\n    def main():\n        return 0;\n\nfor i in x: {\n  Foo(i);\n}\n",
    ],
)
def test_verse_talk_addresses_tables_and_code_have_no_headings(tmp_path: Path, text: str) -> None:
    assert headings(read(tmp_path, "a.txt", text)) == []


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the five web articles are not beside this checkout")
def test_the_five_web_articles_come_out_as_titled_sections() -> None:
    documents, skipped = read_documents(SEEDS)
    assert (len(documents), skipped) == (5, [])
    counts = [[sum(line.startswith(mark) for line in headings(d)) for mark in ("# ", "## ", "### ")] for d in documents]
    assert counts == [[1, 4, 0], [1, 4, 0], [1, 1, 0], [1, 7, 19], [1, 6, 0]]
    items = [sum(line.startswith("- ") for line in d.text.split("\n")) for d in documents]
    assert items == [0, 10, 10, 0, 0]


# --- HTML ----------------------------------------------------------------------------------------------------------


def test_a_web_page_keeps_its_content_and_drops_its_machinery(tmp_path: Path) -> None:
    html = f"""<!doctype html><html><head><title>Site</title><meta property="og:site_name" content="The Harbour">
    <link rel=canonical href="https://example.org/k"><style>p {{}}</style></head><body><nav><a>Home</a></nav>
    <header><ul><li>Menu</ul><h1>Keepers &amp; Lamps</h1></header><div><p>{BODY}<br>And <b>more</b>.</p>
    <h2>Duties</h2><ol><li>Light<ul><li>daily</ul><li><p>Clean</p></ol><table><tr><th>Year<th>Pay<tr><td>1900<td>2
    </table><pre>a
  b</pre><script>alert(1)</script></div><footer>Imprint</footer></body></html>"""
    document = read(tmp_path, "a.html", html)
    assert document.text == (
        f"# Keepers & Lamps\n\n{BODY} And more.\n\n## Duties\n\n1. Light\n  - daily\n2. Clean\n\n"
        "Year: 1900 | Pay: 2\n\n    a\n      b"
    )
    assert (document.title, document.publisher, document.url) == (
        "Keepers & Lamps",
        "The Harbour",
        "https://example.org/k",
    )


def test_a_declared_encoding_is_believed(tmp_path: Path) -> None:
    html = '<meta charset="windows-1251"><p>Маяк стоит на скале.</p>'
    assert read(tmp_path, "a.html", html.encode("cp1251")).text == "Маяк стоит на скале."


def test_a_page_under_a_wrong_name_is_read_for_what_it_is(tmp_path: Path) -> None:
    assert read(tmp_path, "a.txt", "<!DOCTYPE html><html><h1>Keepers</h1><p>They keep.</p>").text.startswith(
        "# Keepers"
    )


def test_a_deeply_nested_page_is_read(tmp_path: Path) -> None:
    assert "deep" in read(tmp_path, "a.html", "<div>" * 3000 + "deep").text


# --- PDF and Word --------------------------------------------------------------------------------------------------


def test_a_pdf_has_pages_paragraphs_headings_and_no_page_heads(tmp_path: Path) -> None:
    pages = [
        [
            "Harbour Board Report",
            "Keepers",
            "",
            "The keeper looks after the lamp and the lens, and he ans-",
            "wers to us.",
        ],
        ["Harbour Board Report", "The second page has a paragraph of its own which runs on", "2"],
        ["Harbour Board Report", "to the third page. It ends there. He answers for that too.", "3"],
    ]
    document = read(tmp_path, "a.pdf", pdf(*pages, sizes={"Keepers": 18}))
    assert document.text == (
        "# Keepers\n\nThe keeper looks after the lamp and the lens, and he answers to us.\n\f\n"
        "The second page has a paragraph of its own which runs on\fto the third page. It ends there. "
        "He answers for that too."
    )
    assert document.title == "Keepers"


def test_a_pdf_under_a_wrong_name_is_read(tmp_path: Path) -> None:
    assert "Light the lamp" in read(tmp_path, "a.txt", pdf(["Light the lamp at dusk."])).text


def word_file(folder: Path, name: str = "a.docx") -> bytes:
    document = docx.Document()
    document.core_properties.title = "Properties"
    document.add_heading("Keepers", level=0)
    document.add_heading("Duties", level=1)
    document.add_paragraph("The keeper looks after the lamp.")
    document.add_paragraph("Light", style="List Bullet")
    document.add_paragraph("Clean", style="List Bullet")
    document.add_paragraph("First", style="List Number")
    document.add_paragraph("Second", style="List Number")
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip([c for row in table.rows for c in row.cells], ["Year", "Pay", "1900", "2"], strict=True):
        cell.text = text
    document.save(str(folder / name))
    return (folder / name).read_bytes()


def test_a_word_document_keeps_its_structure(tmp_path: Path) -> None:
    word_file(tmp_path)
    (document,), _ = read_documents(tmp_path)
    assert document.text == (
        "# Keepers\n\n## Duties\n\nThe keeper looks after the lamp.\n\n- Light\n- Clean\n1. First\n2. Second\n\n"
        "Year | Pay\n1900 | 2"
    )
    assert document.title == "Keepers"


def test_a_word_document_under_a_wrong_name_is_read(tmp_path: Path) -> None:
    assert "## Duties" in read(tmp_path, "b.pdf", word_file(tmp_path)).text


def test_a_cut_word_document_is_damaged_not_fatal(tmp_path: Path) -> None:
    assert "damaged" in reason(tmp_path, "b.docx", word_file(tmp_path)[:-200])


# --- any text ------------------------------------------------------------------------------------------------------

ANY_TEXT = st.text(
    alphabet=st.one_of(st.characters(), st.sampled_from("\n\n\n #-*.:|<>!`[]()1234 abAB\t")), max_size=300
)


@settings(max_examples=150, deadline=None)
@given(ANY_TEXT)
def test_any_text_reads_without_error_in_every_text_format(text: str) -> None:
    for blocks in (
        markdown_blocks(clean(text)),
        plain_text_blocks(clean(text)),
        web_page_content(text).blocks,
    ):
        composed, starts = compose(blocks)
        assert all(composed[at : at + len(b.text)] == b.text for b, at in zip(blocks, starts, strict=True))
        assert all(0 <= at <= len(b.text) for b in blocks for at, _ in b.marks)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300))
def test_cleaning_is_settled_after_one_pass(text: str) -> None:
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    assert unicodedata.is_normalized("NFC", cleaned)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400), st.sampled_from(["a.txt", "a.md", "a.html", "a.pdf", "a.docx"]))
def test_any_bytes_become_a_document_or_a_reason(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, name: str
) -> None:
    path = tmp_path_factory.mktemp("any") / name
    path.write_bytes(data)
    documents, skipped = read_documents(path)
    assert len(documents) + len(skipped) == 1


def test_comments_that_never_end_take_no_time_and_lose_no_text(tmp_path: Path) -> None:
    assert read(tmp_path, "a.md", "Before.\n\n" + "<!--" * 20000 + " after.").text == "Before.\n\nafter."
