from pathlib import Path

import numpy as np
import pytest

from assistant import Assistant, open_assistant
from assistant.evidence import Evidence, rank_evidence
from assistant.expected import share_lacking
from assistant.plain import PLAIN, WORTH, chances, plain_features, worth_row, worths
from assistant.questions import Question, read_question
from assistant.weights import load_weights
from index import build_index

POSTING = (
    "# Posting\n\n## What we require\n\n- A licence of this state.\n\n## What we would like\n\n- Some Spanish.\n\n"
    "## Levels\n\nLevel 1 is a talk with a peer. Level 3 is a meeting and a written plan. It lasts ninety days.\n"
)


@pytest.fixture(scope="module")
def posting(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    folder: Path = tmp_path_factory.mktemp("posting")
    (folder / "posting.md").write_text(POSTING, encoding="utf-8")
    build_index(folder, index=folder / "index")
    return open_assistant(index=folder / "index")


def ranked(posting: Assistant, question: str) -> list[Evidence]:
    form = read_question(question)
    return rank_evidence(form, posting.retriever.search(form.search_text, k=5), posting.retriever)


def features(posting: Assistant, form: Question) -> dict[str, dict[str, float]]:
    """The features of each sentence, by its text."""
    retriever = posting.retriever
    hits = retriever.search(form.search_text, k=5)
    scored = retriever.sentence_scores(retriever.analyse(form.search_text), [hit.passage.passage_id for hit in hits])
    rows = plain_features(form, scored, hits, retriever)
    return {
        s.row.sentence.text: dict(zip(PLAIN, rows[s.row.passage.doc_id, s.row.sentence.start], strict=True))
        for s in scored
    }


def test_the_weights_are_those_of_the_features() -> None:
    assert load_weights("ranking_plain").names == WORTH
    assert load_weights("probability_plain").names == ("worth", "among")


def test_a_sentence_is_read_with_the_heading_above_it_and_the_sentence_before_it(posting: Assistant) -> None:
    found = features(posting, read_question("What do you require?"))
    required, liked = found["A licence of this state."], found["Some Spanish."]
    assert required["headings"] > liked["headings"]
    assert all(row["in_context"] >= row["maxsim"] - 1e-6 for row in found.values())
    plan = features(posting, read_question("How long is the written plan?"))
    assert plan["It lasts ninety days."]["before"] == pytest.approx(
        plan["Level 3 is a meeting and a written plan."]["maxsim"], abs=1e-5
    )
    assert plan["Level 1 is a talk with a peer."]["before"] == 0.0


def test_a_sentence_is_read_with_the_title_of_its_document_and_with_its_section(posting: Assistant) -> None:
    found = features(posting, read_question("What is on the posting, at level 3, for ninety days?"))
    in_levels = [row for text, row in found.items() if text.startswith(("Level ", "It lasts"))]
    assert all(row["anywhere"] > row["in_context"] for row in in_levels)  # the title has "posting"
    assert len({round(row["in_section"], 5) for row in in_levels}) == 1
    assert in_levels[0]["in_section"] > found["Some Spanish."]["in_section"]
    assert sorted(row["of_section"] for row in in_levels) == pytest.approx([1 / 3, 1 / 2, 1])


def test_the_more_sentences_are_as_good_the_less_likely_each_is_to_answer() -> None:
    assert chances([]) == []
    alone, two, many = (chances([5.0] * count)[0] for count in (1, 2, 40))
    assert alone > two > many > 0


def test_what_a_sentence_says_counts_beside_its_words() -> None:
    row = (0.5,) * len(WORTH)
    once, named = worths([row, row], [1.0, 16.0])
    assert named > once == worths([row])[0]


def test_the_ranker_has_no_say_on_what_is_unlike_all_known_questions() -> None:
    plain = (0.5,) * len(PLAIN)
    strange, known = (dict(zip(WORTH, worth_row(plain, akin=0.4, pair=2.0, ours=o), strict=True)) for o in (0.0, 1.0))
    assert (strange["pair_as_ours"], known["pair_as_ours"]) == (0.0, 2.0)
    assert strange["akin"] == known["akin"] == 0.4


def test_a_greeting_answers_nothing(tmp_path: Path) -> None:
    (tmp_path / "letter.md").write_text("# Letter\n\nDear Dr. Hale,\n\nYou start on June 3.\n", encoding="utf-8")
    build_index(tmp_path, index=tmp_path / "index")
    found = ranked(open_assistant(index=tmp_path / "index"), "When does Dr. Hale start?")
    assert [e.sentence.text for e in found] == ["You start on June 3."]


def test_what_leans_on_its_heading_is_found_by_it(posting: Assistant) -> None:
    assert ranked(posting, "What do you require?")[0].sentence.text == "A licence of this state."
    assert ranked(posting, "What would you like?")[0].sentence.text == "Some Spanish."


def test_a_thing_of_another_number_is_not_the_one_asked_for(posting: Assistant) -> None:
    assert ranked(posting, "What is level 3?")[0].sentence.text == "Level 3 is a meeting and a written plan."
    assert ranked(posting, "What is level 1?")[0].sentence.text == "Level 1 is a talk with a peer."


def test_a_field_with_the_name_of_the_relation_asked_comes_first(tmp_path: Path) -> None:
    fields = "**Title:** Chief Medical Officer (CMO)\n**Reports to:** the board of the clinic\n"
    text = (
        f"# Post\n\n{fields}\n## Summary\n\nThe CMO is the senior physician of the clinic and leads the staff.\n\n"
        "## Reports\n\nThe CMO decides whether a report goes to the committee.\n"
    )
    (tmp_path / "post.md").write_text(text, encoding="utf-8")
    build_index(tmp_path, index=tmp_path / "index")
    best = ranked(open_assistant(index=tmp_path / "index"), "Who does the CMO report to?")[0]
    assert best.sentence.text == "Reports to: the board of the clinic"


def test_sentences_of_documents_that_tie_facts_are_not_ranked_by_words_alone() -> None:
    bundled = open_assistant()
    form = read_question("What does a CMO earn?")
    assert all(not e.plain for e in rank_evidence(form, bundled.search("CMO pay"), bundled.retriever))


def test_from_no_sentence_there_is_nothing_to_read(posting: Assistant) -> None:
    assert plain_features(read_question("Why?"), [], [], posting.retriever) == {}
    assert rank_evidence(read_question("Why?"), [], posting.retriever) == []


def test_scores_are_probabilities_in_order(posting: Assistant) -> None:
    scores = np.array([e.score for e in ranked(posting, "Is Spanish required?")])
    assert ((scores > 0) & (scores < 1)).all()
    assert (np.diff(scores) <= 0).all()


@pytest.mark.parametrize(
    ("question", "text", "share"),
    [
        ("Who signs?", "Dr. Hale signs.", 0.0),
        ("Who signs?", "It is signed in June.", 1.0),
        ("When and where do they meet?", "They meet every June.", 0.5),
        ("How many left?", "Most left.", 1.0),
        ("How many left?", "In all 11 left.", 0.0),
        ("Why did they leave?", "They left because of the call burden.", 0.0),
        ("Is it signed?", "It is.", 0.0),
    ],
)
def test_a_text_may_lack_what_a_question_asks_for(question: str, text: str, share: float) -> None:
    assert share_lacking(question, text) == share


def test_a_word_that_most_passages_of_a_document_have_counts_less_among_its_sentences(tmp_path: Path) -> None:
    told = "The heparin of the {} is told of here."
    more = " ".join(f"It was a long night, the {n}th of many, for all who work there." for n in range(11, 29))
    parts = "".join(f"## {name.title()}\n\n{told.format(name)} {more}\n\n" for name in ("order", "pump", "bag", "harm"))
    (tmp_path / "a.md").write_text(f"# Review\n\n{parts}## Outcome\n\nThe nurse kept her post.\n", encoding="utf-8")
    (tmp_path / "b.md").write_text("# Stock\n\nThe nurse counts the heparin.\n", encoding="utf-8")
    build_index(tmp_path, index=tmp_path / "index")
    reader, form = (
        open_assistant(index=tmp_path / "index"),
        read_question("Did the nurse lose her post over the heparin?"),
    )
    hits = reader.retriever.search(form.search_text, k=9)
    scored = reader.retriever.sentence_scores(
        reader.retriever.analyse(form.search_text), [hit.passage.passage_id for hit in hits]
    )
    rows = plain_features(form, scored, hits, reader.retriever)
    gained = {
        s.row.sentence.text: rows[s.row.passage.doc_id, s.row.sentence.start][0] - s.maxsim
        for s in scored
        if s.row.sentence.kind != "heading"
    }
    assert gained["The nurse kept her post."] > 0.005
    assert all(gained[told.format(name)] < -0.005 for name in ("order", "pump", "bag", "harm"))
    assert gained["The nurse counts the heparin."] == pytest.approx(0.0, abs=1e-5)
