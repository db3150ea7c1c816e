"""Passages keep every character of their document; sentences end where a reader would say they do."""

import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus import Document, Passage, bundled_articles, read_documents, split, split_sentences
from corpus.sentences import sentence_spans

SEEDS = Path(__file__).parent.parent.parent / "shared" / "seeds"
SENTENCE = "The keeper of the lamp climbs the stairs at dusk and lights it. "  # 13 words


def document(text: str, *, title: str = "Keepers", source: str = "a.md") -> Document:
    return Document(
        doc_id="a/keepers.md",
        title=title,
        text=text,
        source=source,
        publisher=None,
        url=None,
        date=None,
        settings=("any",),
        summary="",
        questions=(),
        attributions=(),
        sha256="",
    )


def words(passage: Passage) -> int:
    return len(passage.text.split())


def prose(count: int) -> str:
    return (SENTENCE * count).strip()


def assert_whole(text: str, passages: tuple[Passage, ...]) -> None:
    at = 0
    for passage in passages:
        assert text[passage.start : passage.end] == passage.text
        assert not text[at : passage.start].strip()
        assert passage.text.strip()
        at = passage.end
    assert not text[at:].strip()


# --- passages ------------------------------------------------------------------------------------------------------


def test_a_passage_never_spans_two_sections() -> None:
    text = f"# Keepers\n\n{prose(4)}\n\n## Lamp\n\n{prose(5)}\n\n### Oil\n\n{prose(4)}"
    passages = split(document(text))
    assert [p.headings for p in passages] == [(), ("Lamp",), ("Lamp", "Oil")]
    assert [p.passage_id for p in passages] == ["a/keepers.md#1", "a/keepers.md#2", "a/keepers.md#3"]
    assert passages[1].text.startswith("## Lamp\n\nThe keeper")
    assert_whole(text, passages)


def test_a_first_heading_that_is_not_the_title_stays_in_the_path() -> None:
    assert split(document(f"# Lamps\n\n{prose(5)}"))[0].headings == ("Lamps",)


def test_a_heading_with_nothing_under_it_goes_with_what_follows() -> None:
    passages = split(document(f"# Keepers\n\n## Lamp\n\n### Oil\n\n{prose(5)}\n\n## Lens\n\n{prose(5)}"))
    assert [p.headings for p in passages] == [("Lamp", "Oil"), ("Lens",)]
    assert passages[0].text.startswith("# Keepers\n\n## Lamp\n\n### Oil")


def test_tiny_sections_under_one_heading_share_a_passage() -> None:
    text = f"# Keepers\n\n{prose(5)}\n\n## Lamp\n\n{prose(2)}\n\n## Lens\n\n{prose(1)}\n\n## Logbook\n\n{prose(6)}"
    passages = split(document(text))
    assert [p.headings for p in passages] == [(), (), ("Logbook",)]
    assert "## Lamp" in passages[1].text
    assert "## Lens" in passages[1].text


def test_long_sections_are_cut_evenly_between_sentences() -> None:
    passages = split(document(prose(40)))
    assert all(120 <= words(p) <= 180 and p.text.endswith(".") for p in passages)


def test_a_list_stays_with_its_lead_in() -> None:
    items = "\n".join(f"- Item {n} is one of the things that the keeper has to look after" for n in range(9))
    passages = split(document(f"{prose(6)}\n\nThe keeper has many duties:\n\n{items}\n\n{prose(6)}"))
    assert sum("many duties:" in p.text and "Item 0" in p.text and "Item 8" in p.text for p in passages) == 1


def test_a_long_list_is_cut_between_items() -> None:
    items = [f"- Item {n} is one of the things that the keeper has to look after" for n in range(40)]
    passages = split(document("Duties:\n\n" + "\n".join(items)))
    assert len(passages) > 2
    assert all(p.text.split("\n")[-1] in items for p in passages)
    assert all(p.text.startswith(("Duties:\n\n- Item 0", "- Item")) for p in passages)


@pytest.mark.parametrize("text", ["word " * 2000, "x" * 20000, "灯" * 9000, "a, b; " * 3000])
def test_a_sentence_without_end_is_cut_between_words_or_at_last_within(text: str) -> None:
    passages = split(document(text))
    assert_whole(text, passages)
    assert all(words(p) <= 185 and len(p.text) <= 2000 for p in passages)


def test_pages_are_counted_by_form_feeds() -> None:
    text = "\n\f\n".join(prose(10) for _ in range(3))
    assert [p.page for p in split(document(text, source="a.pdf"))] == [1, 2, 3]
    assert split(document(prose(3), source="a.pdf"))[0].page == 1
    assert split(document(prose(3)))[0].page is None


def test_an_empty_document_has_no_passages() -> None:
    assert split(document(" \n\n ")) == ()


# --- sentences -----------------------------------------------------------------------------------------------------

CASES = """Dr. Smith met Mr. Jones.| He left.
The rule (42 CFR 482.22) applies.| It is old.
See 42 CFR 482.22.| The board decides.
Many roles, e.g. Chief Nurse, i.e. CNO, exist.
He works in the U.S. Department of Health.| She lives in the U.S.| The law is new.
Acme Inc.| The company grew.
Acme Inc. hired J. B. Smith, M.D., in Jan. 2020.| It paid 4.5 million.
She holds a Ph.D.| He holds an M.D.| They met.
He asked, "Why?" and left.| "It works."| She agreed.
Really?!| Yes.| No.| No. 5 is best.
Wait... there is more.| And then...| The end.
(See the note. It is long.)| Next one.
He said “It is done.”| Then he left.
Smith et al. (2019) found this.| See Fig. 3 and Sec. 2.
St. Mary's vs. St. John's is a match.
Medicare Part B.| It pays.| He likes vitamin C.
The rate was 3.5% vs. 4.0%.| That is more.
Visit www.example.com.| Now.
1. First step.| 2. Second step.
The meeting ended at 5 p.m.| It began at 4 p.m. on Monday.
Doctors, nurses, etc.| The list goes on.| It ends.
Use the degrees (MBA, MHA, etc.) as needed.
The D.O. degree counts.| A. B. Jones, R.N., agreed.
Approx. 20 hospitals.| He moved to Washington, D.C.| The capital grew.
It is free.[1]| Next sentence.[2]
It costs $5.| 10 of them do.
Report to the CEO.| CMOs do so.| Who decides?| Boards.
See p. 5 and pp. 6-7.| Vol. 2, No. 3.
He is Sr. Vice President.| Martin Luther King Jr. spoke.
Is it so?| 「はい。」|そうです。"""


@pytest.mark.parametrize("case", CASES.split("\n"))
def test_abbreviations_brackets_and_quotes_do_not_end_a_sentence(case: str) -> None:
    text = case.replace("|", "")
    assert [text[start:end] for start, end in sentence_spans(text)] == [part.strip() for part in case.split("|")]


def test_sentences_know_what_they_are() -> None:
    text = (
        "# Keepers: Who? Why.\n\nIt is old. He has duties:\n\n- Light it. Daily.\n- Clean it\n  well.\n\n"
        "Year | Pay\n1900 | 2\n\nThis is over\nan end: yes."
    )
    found = [(s.text, s.kind) for p in split(document(text)) for s in split_sentences(p)]
    assert found == [
        ("Keepers: Who? Why.", "heading"),
        ("It is old.", "prose"),
        ("He has duties:", "lead"),
        ("Light it.", "item"),
        ("Daily.", "item"),
        ("Clean it\n  well.", "item"),
        ("Year | Pay", "item"),
        ("1900 | 2", "item"),
        ("This is over\nan end: yes.", "prose"),
    ]


def test_a_label_stays_with_the_sentence_that_it_stands_before() -> None:
    text = "**Pay.** The CMO is paid well.\n\nReports to. The chief executive of the hospital. Monthly.\n\n"
    text += "- Leave. There are 30 days of it.\n- It depends. The board decides on that.\n- Sign it. Now."
    found = [s.text for p in split(document(text)) for s in split_sentences(p)]
    assert found == [
        "**Pay.** The CMO is paid well.",
        "Reports to. The chief executive of the hospital.",
        "Monthly.",
        "Leave. There are 30 days of it.",
        "It depends.",
        "The board decides on that.",
        "Sign it.",
        "Now.",
    ]


def test_ten_thousand_sentences_are_split_in_well_below_seconds() -> None:
    text = "\n\n".join("The keeper, e.g. Dr. Hall (see No. 5), minds the lamp of 4.5 units. " * 10 for _ in range(1000))
    start = time.perf_counter()
    assert len(sentence_spans(text)) == 10_000
    assert time.perf_counter() - start < 5  # a slow machine's share; 0.3 seconds on a common one


def test_every_attribution_of_the_bundled_articles_is_one_sentence() -> None:
    for found in read_documents(bundled_articles())[0]:
        spans = {(s.start, s.end) for p in split(found) for s in split_sentences(p)}
        assert {(a.start, a.end) for a in found.attributions} <= spans


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the five web articles are not beside this checkout")
def test_the_five_web_articles_split_into_even_passages() -> None:
    passages = [(d, p) for d in read_documents(SEEDS)[0] for p in split(d)]
    assert all(40 <= words(p) <= 180 for _, p in passages)
    kinds = Counter(s.kind for _, p in passages for s in split_sentences(p))
    assert kinds["lead"] == 4
    assert kinds["heading"] == 46


# --- any text ------------------------------------------------------------------------------------------------------

MARKS = ("# A\n", "## B\n\n", "### C\n\n", "- item. Two.\n", "1. one\n", "a | b\n", "Lead:\n\n", "\f", "\n\n", "(", "“")
PARTS = st.sampled_from((*MARKS, "Dr. ", "e.g. ", SENTENCE, prose(14), "x" * 400, "灯。"))
ANY_TEXT = st.one_of(st.text(max_size=400), st.lists(st.one_of(PARTS, st.text(max_size=8)), max_size=30).map("".join))


@settings(max_examples=300, deadline=None)
@given(ANY_TEXT)
def test_every_character_lies_in_exactly_one_passage_and_sentence(text: str) -> None:
    whole = document(text)
    passages = split(whole)
    assert_whole(text, passages)
    for passage in passages:
        at = passage.start
        for sentence in split_sentences(passage):
            assert text[sentence.start : sentence.end] == sentence.text
            assert sentence.start >= at
            assert sentence.text.strip()
            assert not any(c.isalpha() for c in text[at : sentence.start])  # only markers lie between sentences
            at = sentence.end


@settings(max_examples=100, deadline=None)
@given(ANY_TEXT, st.integers(0, 400), st.integers(0, 400))
def test_sentence_spans_cover_any_stretch(text: str, start: int, end: int) -> None:
    start, end = sorted((min(start, len(text)), min(end, len(text))))
    spans = sentence_spans(text, start, end)
    covered = "".join("".join(text[a:b].split()) for a, b in spans)
    assert covered == "".join(text[start:end].split())
    assert spans == sorted(spans)


def test_splitting_is_the_same_each_time() -> None:
    whole = document(f"# A\n\n{prose(30)}")
    assert split(whole) == split(replace(whole))
