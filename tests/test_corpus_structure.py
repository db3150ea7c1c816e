"""Forms, contracts, tables, questions with answers and e-mail: what stands line by line stays apart."""

import io
from pathlib import Path

import docx
import pytest
from docx.oxml import OxmlElement

from corpus.documents import Document
from corpus.labels import Line, Part, parts_of
from corpus.readers import read_documents
from corpus.splitting import split, split_sentences
from corpus.tables import table_blocks


def read(folder: Path, name: str, content: str | bytes) -> Document:
    data = content.encode() if isinstance(content, str) else content
    (folder / name).write_bytes(data)
    documents, skipped = read_documents(folder)
    assert skipped == []
    return documents[0]


def sentences(document: Document) -> list[str]:
    return [s.text for passage in split(document) for s in split_sentences(passage) if s.kind != "heading"]


FORM = "**Job title:** Chief Medical Officer\n**Reports to:** CEO\n**Site:** Alder,\nwith one day a week at Birch\n"


def test_fields_in_bold_are_paragraphs_and_a_further_line_stays_with_its_field(tmp_path: Path) -> None:
    document = read(tmp_path, "a.md", f"# Position\n\n{FORM}")
    assert sentences(document) == [
        "Job title: Chief Medical Officer",
        "Reports to: CEO",
        "Site: Alder, with one day a week at Birch",
    ]


def test_what_the_fields_of_a_form_are_about_is_part_of_the_title(tmp_path: Path) -> None:
    document = read(tmp_path, "a.md", f"# Alder Health\n\n## Position\n\n{FORM}")
    assert document.title == "Alder Health: Chief Medical Officer"
    assert [p.headings for p in split(document)] == [("Position",)]


def test_a_title_field_in_running_text_names_no_document(tmp_path: Path) -> None:
    assert read(tmp_path, "a.md", "# Alder\n\nA report of the year.\n\nTitle: none\n").title == "Alder"


@pytest.mark.parametrize("name", ["a.txt", "a.html", "a.docx"])
def test_fields_without_markup_are_paragraphs_in_every_format(tmp_path: Path, name: str) -> None:
    lines = ["Employer: Alder Health", "Grade: 9", "Start: 1 May"]
    content: str | bytes = "\n".join(lines)
    if name == "a.html":
        content = f"<h1>Offer</h1><p>{'<br>'.join(lines)}</p>"
    if name == "a.docx":
        word = docx.Document()
        run = word.add_paragraph().add_run(lines[0])
        for line in lines[1:]:
            run.add_break()
            run.add_text(line)
        buffer = io.BytesIO()
        word.save(buffer)
        content = buffer.getvalue()
    assert sentences(read(tmp_path, name, content)) == lines


def test_one_line_that_looks_like_a_field_breaks_no_paragraph(tmp_path: Path) -> None:
    text = "The committee decided on one thing that it calls the\nRule: nobody signs alone, and nobody votes twice.\n"
    assert len(sentences(read(tmp_path, "a.md", text))) == 1


def test_clauses_are_paragraphs_below_the_heading_that_their_number_makes(tmp_path: Path) -> None:
    text = (
        "# Deal\n\n**3. Pay.**\n  3.1 *Base salary.* $400,000 per year, paid monthly.\n  3.2 *Bonus.* Up to 20%.\n\n"
        "**4. Notice.** Either party gives ninety days.\n"
    )
    document = read(tmp_path, "a.md", text)
    assert document.text == (
        "# Deal\n\n## 3. Pay\n\n3.1 Base salary. $400,000 per year, paid monthly.\n\n3.2 Bonus. Up to 20%.\n\n"
        "## 4. Notice\n\nEither party gives ninety days."
    )
    assert sentences(document)[0] == "3.1 Base salary. $400,000 per year, paid monthly."


def test_a_line_in_bold_or_italics_heads_what_stands_below_it(tmp_path: Path) -> None:
    text = "# Job\n\n## Duties\n\n*Quality*\n\n- Chairs review.\n\n**Preferred**\n\nA degree.\n\n*Ann Lee, clerk*\n"
    assert read(tmp_path, "a.md", text).text == (
        "# Job\n\n## Duties\n\n### Quality\n\n- Chairs review.\n\n### Preferred\n\nA degree.\n\nAnn Lee, clerk"
    )


def test_a_sentence_in_bold_is_no_heading(tmp_path: Path) -> None:
    assert read(tmp_path, "a.md", "# A\n\n**Call the desk first.**\n\nThen wait.\n").text.count("#") == 1


@pytest.mark.parametrize("name", ["a.md", "a.txt"])
def test_questions_head_their_answers(tmp_path: Path, name: str) -> None:
    text = "# Answers\n\nQ: Who covers at night?\nA: The chief of staff.\n\nQ2. Is it paid?\n\nA2: Yes.\n"
    document = read(tmp_path, name, text)
    assert sentences(document) == ["The chief of staff.", "Yes."]
    assert "# Who covers at night?" in document.text
    assert "# Is it paid?" in document.text


def test_an_option_a_is_no_answer_where_nothing_is_asked() -> None:
    lines = [Line(text="A: stay"), Line(text="B: leave")]
    assert parts_of(lines) == [Part(text="A: stay"), Part(text="B: leave")]


@pytest.mark.parametrize(
    ("name", "content", "title"),
    [
        (
            "01_board_minutes_2025-05-20.md",
            "# Alder Health\n\nMinutes of the board.\n",
            "Alder Health: Board minutes 2025-05-20",
        ),
        ("board_minutes.md", "# Minutes of the board\n\nIt met.\n", "Minutes of the board"),
        (
            "travel_policy.txt",
            "ALDER HEALTH\nPOLICY 7: LEAVING TOWN\nOwner: Ann Hale\n\n1. PURPOSE\n1.1 The policy is on travel.\n\n"
            "2. SCOPE\n2.1 All staff.\n",
            "Travel policy",
        ),
        ("39e24393_db.md", "# Alder Health\n\nMinutes of the board.\n", "Alder Health"),
        ("scan of document.md", "# Alder Health\n\nA scan of a document.\n", "Alder Health"),
        ("summer_rota.md", "# Alder Health\n\nMinutes of the board.\n", "Alder Health"),
    ],
)
def test_a_heading_that_names_but_the_house_is_followed_by_the_name_of_the_file(
    tmp_path: Path, name: str, content: str, title: str
) -> None:
    assert read(tmp_path, name, content).title == title


def test_email_is_titled_by_its_subject_and_each_letter_by_its_sender(tmp_path: Path) -> None:
    thread = (
        "From: Ann Lee\nTo: Bo Ray\nDate: Mon, 9 Sep 2024\nSubject: Alert\n\nBo,\n\nThe alert goes live on Tuesday.\n\n"
        "Ann\n\n---\nFrom: Bo Ray\nTo: Ann Lee\nSubject: RE: Alert\n\nI can count the alarms every week.\n"
    )
    document = read(tmp_path, "a.txt", thread)
    assert document.title == "Alert"
    letters = document.text.split("\n## ")
    assert [letter.split("\n")[0] for letter in letters] == ["# Alert", "From: Ann Lee", "From: Bo Ray"]
    assert "goes live" in letters[1]
    assert "count the alarms" in letters[2]


def test_each_row_of_a_table_names_its_columns(tmp_path: Path) -> None:
    rows = "| 1 | Fewer falls | Ann | |\n| 2 | Less sepsis | Bo | new |\n"
    text = f"# Plan\n\n| # | Goal | Owner | Note |\n|---|---|---|---|\n{rows}"
    assert sentences(read(tmp_path, "a.md", text)) == [
        "1 | Goal: Fewer falls | Owner: Ann",
        "2 | Goal: Less sepsis | Owner: Bo | Note: new",
    ]


def test_years_name_the_columns_of_a_table(tmp_path: Path) -> None:
    text = "# Falls\n\n| Ward | 2022 | 2023/24 | 31 |\n|---|---|---|---|\n| East | 19 | 14 | 6 |\n"
    assert sentences(read(tmp_path, "a.md", text)) == ["Ward: East | 2022: 19 | 2023/24: 14 | 6"]


def test_a_table_of_names_and_values_is_one_of_fields(tmp_path: Path) -> None:
    text = "# Policy\n\n| | |\n|---|---|\n| **Owner** | CMO |\n| **Effective** | May 2023 |\n"
    assert sentences(read(tmp_path, "a.md", text)) == ["Owner: CMO", "Effective: May 2023"]


def test_rows_of_other_widths_and_tables_without_rows_lose_nothing() -> None:
    rows = table_blocks([["Year", "Pay"], ["1900", "2"], ["in all", "3", "4"], ["", ""]], header=True)
    assert [row.text for row in rows] == ["Year: 1900 | Pay: 2", "in all | 3 | 4"]
    assert [row.text for row in table_blocks([["Year", "Pay"]], header=True)] == ["Year | Pay"]
    assert table_blocks([], header=True) == []


@pytest.mark.parametrize("marked", [True, False])
def test_the_header_of_a_word_table_is_known_by_its_mark_or_by_its_names(tmp_path: Path, marked: bool) -> None:
    cells = [["Year", "Pay"], ["1900", "2"]] if marked else [["Site", "Lead", "Beds"], ["Alder", "Ann", "40"]]
    word = docx.Document()
    table = word.add_table(rows=2, cols=len(cells[0]))
    for row, texts in zip(table.rows, cells, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    if marked:
        table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    buffer = io.BytesIO()
    word.save(buffer)
    expected = "Year: 1900 | Pay: 2" if marked else "Site: Alder | Lead: Ann | Beds: 40"
    assert sentences(read(tmp_path, "a.docx", buffer.getvalue())) == [expected]


def test_merged_cells_are_told_in_each_row_and_column_that_they_run_over(tmp_path: Path) -> None:
    html = (
        "<table><tr><th rowspan=2>Service<th colspan=2>Fee</tr><tr><th>Adult<th>Child</tr><tr><td>Jab<td>18<td>9</tr>"
        "<tr><td rowspan=2>Test<td colspan=2>22</tr><tr><td>3<td>2</tr><tr><td colspan=3>Prices of May</tr></table>"
    )
    assert sentences(read(tmp_path, "a.html", html)) == [
        "Service: Jab | Fee Adult: 18 | Fee Child: 9",
        "Service: Test | Fee Adult: 22 | Fee Child: 22",
        "Service: Test | Fee Adult: 3 | Fee Child: 2",
        "Prices of May",
    ]


def test_cells_of_a_word_table_that_are_merged_downwards_are_told_in_each_row(tmp_path: Path) -> None:
    word = docx.Document()
    table = word.add_table(rows=3, cols=3)
    for row, texts in zip(
        table.rows, [["Site", "Floor", "Lead"], ["Alder", "one", "Ann"], ["", "two", "Bo"]], strict=True
    ):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    table.cell(1, 0).merge(table.cell(2, 0))
    buffer = io.BytesIO()
    word.save(buffer)
    assert sentences(read(tmp_path, "a.docx", buffer.getvalue())) == [
        "Site: Alder | Floor: one | Lead: Ann",
        "Site: Alder | Floor: two | Lead: Bo",
    ]


def test_a_wrapped_line_that_begins_with_a_figure_is_no_clause(tmp_path: Path) -> None:
    text = "Of all forms that came, about\n3.2 percent held an error, less than the\n4.7 percent of last year.\n"
    for name in ("a.md", "a.txt"):
        assert sentences(read(tmp_path, name, text)) == [" ".join(text.split())]


def test_what_a_letter_quotes_is_read_without_its_signs(tmp_path: Path) -> None:
    text = "Good.\n\n> The alarm rang because the door\n> seal was broken.\n>\n> Sam\n>> Do you know why?\n"
    assert sentences(read(tmp_path, "a.txt", text)) == [
        "Good.",
        "The alarm rang because the door seal was broken.",
        "Sam",
        "Do you know why?",
    ]


def test_each_line_of_a_form_stands_by_itself(tmp_path: Path) -> None:
    lines = ["Reported by: Ann Lee, nurse", "Patient harmed?: No", "Office use only", "Cost (£): 12", "Signature: Bo"]
    assert sentences(read(tmp_path, "a.txt", "\n".join(lines))) == lines


def test_the_parts_of_a_clause_are_a_list_with_their_letters(tmp_path: Path) -> None:
    text = (
        "3.2 Either party may end it:\n    (a) on three months' notice; or\n"
        "    (b) at once, if the other does not mend\n        a breach within 14 days.\n"
    )
    document = read(tmp_path, "a.txt", text)
    kinds = [(s.kind, s.text) for passage in split(document) for s in split_sentences(passage)]
    assert kinds == [
        ("lead", "3.2 Either party may end it:"),
        ("item", "(a) on three months' notice; or"),
        ("item", "(b) at once, if the other does not mend a breach within 14 days."),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "The officer may grant them for no more than 120 days, and only\n(a) for a need, or (b) to a new applicant.\n",
        "They may be granted by the officer (a) for 120 days, or for as long\n(b) as the need of a patient lasts.\n",
        "They may be granted for the sake of (i) a need that has come up, and\n(ii) a new applicant.\n",
    ],
)
def test_a_letter_that_a_line_was_broken_before_is_no_part_of_a_clause(tmp_path: Path, text: str) -> None:
    assert sentences(read(tmp_path, "a.txt", text)) == [" ".join(text.split())]


def test_a_first_line_in_bold_is_the_title(tmp_path: Path) -> None:
    document = read(tmp_path, "a.md", "**Drugs Policy**\n\n**Section 1. Purpose.** It is told here.\n")
    assert (document.title, sentences(document)) == ("Drugs Policy", ["It is told here."])


def test_the_titles_of_clauses_are_headings_and_the_first_line_in_capitals_the_title(tmp_path: Path) -> None:
    text = (
        "CLEANING AGREEMENT\n\nDated 1 September 2024\n\n1. SERVICES\n1.1 The firm cleans.\n\n2. FEES AND PAYMENT\n"
        "2.1 The fee is $400.\n2.2 It is due at once.\n"
    )
    document = read(tmp_path, "a.txt", text)
    assert document.title == "CLEANING AGREEMENT"
    assert "## 1. SERVICES\n\n1.1 The firm cleans.\n\n## 2. FEES AND PAYMENT\n\n2.1 The fee is $400." in document.text


def test_lines_with_the_letters_of_the_alphabet_are_a_list(tmp_path: Path) -> None:
    items = "  a. reports by staff;\n  b. complaints of patients\n     and families.\n"
    (tmp_path / "a.txt").write_text(f"Cases reach the committee from these sources:\n\n{items}", encoding="utf-8")
    (tmp_path / "b.txt").write_text("The paper of\na. smith was read.\n\nc. Call the chair.\n", encoding="utf-8")
    (listed, other), _ = read_documents(tmp_path)
    assert listed.text.endswith("sources:\n\n- reports by staff;\n- complaints of patients and families.")
    assert "- " not in other.text


def test_a_line_whose_number_goes_on_from_that_of_a_heading_is_one(tmp_path: Path) -> None:
    prose = "The committee meets on the first Monday of each month in the board room."
    scores = "  Score 0  Care appropriate\n  Score 1  A letter from the chair"
    steps = "1. Read the chart\n\n2. Call the chair\n\n3. Write a letter"
    text = f"1. COMMITTEE\n\n{prose}\n\n2. SCORING\n\n{scores}\n\n3. REVIEW\n\n{prose}\n\n{steps}\n"
    (tmp_path / "policy.txt").write_text(text, encoding="utf-8")
    ((document,), _) = read_documents(tmp_path)
    headings = [line.lstrip("# ") for line in document.text.splitlines() if line.startswith("#")]
    assert headings == ["1. COMMITTEE", "2. SCORING", "3. REVIEW"]


@pytest.mark.parametrize("name", ["a.docx", "a.html"])
def test_a_paragraph_in_bold_heads_what_stands_below_it_in_other_formats(tmp_path: Path, name: str) -> None:
    html = "<p><b>Handbook for Staff</b></p><p>Welcome.</p><h2>Pay</h2><p>Monthly.</p><p><strong>Expenses</strong></p>"
    content: str | bytes = f"{html}<p>Claim <b>them</b> by May.</p>"
    if name == "a.docx":
        word = docx.Document()
        word.add_paragraph().add_run("Handbook for Staff").bold = True
        word.add_paragraph("Welcome.")
        word.add_heading("Pay", level=2)
        word.add_paragraph("Monthly.")
        word.add_paragraph().add_run("Expenses").bold = True
        claim = word.add_paragraph("Claim ")
        claim.add_run("them").bold = True
        claim.add_run(" by May.")
        buffer = io.BytesIO()
        word.save(buffer)
        content = buffer.getvalue()
    assert read(tmp_path, name, content).text == (
        "# Handbook for Staff\n\nWelcome.\n\n## Pay\n\nMonthly.\n\n### Expenses\n\nClaim them by May."
    )


def test_a_term_of_a_web_page_leads_to_what_explains_it(tmp_path: Path) -> None:
    document = read(tmp_path, "a.html", "<h1>Words</h1><dl><dt>DNA<dd>You did not come.<dd>Three are too many.</dl>")
    kinds = [(s.kind, s.text) for passage in split(document) for s in split_sentences(passage)][1:]
    assert kinds == [("lead", "DNA:"), ("item", "You did not come."), ("item", "Three are too many.")]


def test_a_greeting_below_the_head_of_a_letter_is_no_heading(tmp_path: Path) -> None:
    body = "The gloves have run out in every room of the clinic today, and new ones come on Friday."
    document = read(tmp_path, "a.txt", f"From: Ann Lee\nTo: all\nSubject: Gloves\n\nAll\n\n{body}\n")
    assert sentences(document) == ["To: all", "All", body]


def test_a_short_labelled_item_is_one_sentence_and_an_item_of_sentences_is_not(tmp_path: Path) -> None:
    text = "# A\n\nLevels:\n\n- Level 3: a third event. A written plan.\n- Pay: The board sets it. The CEO signs it.\n"
    assert sentences(read(tmp_path, "a.md", text))[1:] == [
        "Level 3: a third event. A written plan.",
        "Pay: The board sets it.",
        "The CEO signs it.",
    ]
