import asyncio
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from langchain_core.tracers import BaseTracer
from langchain_core.tracers.schemas import Run

from assistant import Answer, Assistant, Turn, UserError, journey, open_assistant
from assistant.journey import LONGEST_QUESTION, Work, caveats
from assistant.questions import readable
from assistant.refusing import NOTHING_NEWER, UNCERTAIN, UNSURE_BELOW, Limit, other_sense
from assistant.together import reading_only
from assistant.unmentioned import unmentioned
from index import Retriever, build_index
from tests.fakes_chat import ScriptedChat

QUESTION = "When did Northfield Hospital appoint its first chief medical officer?"
NAUGHTY = Path(__file__).parents[2] / "shared" / "bench" / "naughty_strings" / "data.jsonl"


def sound(assistant: Assistant, answer: Answer) -> None:
    """What holds for every answer: statements with exact quotes, or a refusal without any."""
    assert answer.stage == "done"
    assert answer.status in {"answered", "refused", "clarify"}
    assert bool(answer.statements) == (answer.status == "answered")
    assert answer.text.strip()
    for statement in answer.statements:
        assert statement.citations
    for number, citation in enumerate(answer.citations, 1):
        assert citation.marker == number
        document = assistant.document(citation.passage.doc_id)
        assert document.text[citation.start : citation.end] == citation.quote
    json.dumps(answer.to_dict()).encode("utf-8")


def test_a_question_is_answered_with_the_sentence_that_says_it(assistant: Assistant) -> None:
    answer = assistant.answer(QUESTION)
    sound(assistant, answer)
    assert answer.status == "answered"
    assert any("1987" in citation.quote for citation in answer.citations)
    assert set(answer.seconds) == {"understand", "search", "evidence", "draft", "check"}
    assert answer.index_version == assistant.index_version


def test_an_answer_says_when_it_may_be_none(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    question = "Who reviews complaints at Northfield Hospital?"
    sure = assistant.answer(question)
    assert sure.answerability >= UNSURE_BELOW
    assert UNCERTAIN not in sure.reason
    monkeypatch.setattr(journey, "UNSURE_BELOW", sure.answerability + 0.001)
    unsure = assistant.answer(question)
    assert unsure.statements == sure.statements
    assert unsure.reason.startswith(UNCERTAIN)
    assert UNCERTAIN not in assistant.answer("What is the capital of France?").reason


@pytest.mark.parametrize(
    "question", ["What is the capital of France?", "How do I bake sourdough bread?", "Who won the world cup in 1998?"]
)
def test_a_question_from_elsewhere_is_refused_and_no_topic_passes_for_near(assistant: Assistant, question: str) -> None:
    answer = assistant.answer(question)
    sound(assistant, answer)
    assert answer.status == "refused"
    assert answer.reason
    assert answer.covers == ()


def test_a_refusal_names_what_the_documents_cover_near_the_question() -> None:
    answer = open_assistant().answer("What questions should I ask a CMO candidate?")
    assert answer.status == "refused"
    assert answer.covers


def test_what_is_left_out_of_a_thing_is_no_reason_not_to_say_what_it_is() -> None:
    assert "One of them says so" not in open_assistant().answer("What is peer review?").reason
    assert "One of them says so" in open_assistant().answer("How large a budget does a CMO control?").reason


@pytest.mark.parametrize("told", ["I work in HR. How", "I am an ICU nurse, how", "My ZQX department asks how"])
def test_letters_that_an_asker_tells_of_himself_are_no_reason_to_refuse(told: str) -> None:
    assert open_assistant().answer(f"{told} much does a chief medical officer earn?").status == "answered"


def test_a_limit_that_points_to_another_document_is_told_only_with_its_own() -> None:
    text = "This article leaves out pay; another article deals with it."
    pointing = Limit(text=text, share=1.0, near=1.0, doc_id="a")
    assert pointing.points_elsewhere
    assert not replace(pointing, text="This article leaves out pay.").points_elsewhere
    work = Work(question="?", history=(), setting=None, version="", limit=pointing, answerability=UNSURE_BELOW - 0.1)
    assistant = open_assistant()
    told = list(caveats(work, retriever=assistant.retriever, vocabulary=assistant.vocabulary))
    assert told == []
    work.limit = replace(pointing, text="This article leaves out pay.")
    assert "leaves out pay" in next(caveats(work, retriever=assistant.retriever, vocabulary=assistant.vocabulary))


def test_who_asks_for_newer_figures_is_told_how_far_the_documents_go() -> None:
    assistant = open_assistant()
    first = assistant.answer("Who does the CMO report to?")
    talk = [Turn(role="user", text="Who does the CMO report to?"), Turn(role="assistant", text=first.text)]
    answer = assistant.answer("Those figures are old. Anything newer?", history=talk)
    assert answer.status == "refused"
    assert answer.reason.startswith(NOTHING_NEWER)
    assert "newer than 2009" in answer.reason


def test_another_sense_that_the_question_spells_out_is_taken_at_its_word(assistant: Assistant) -> None:
    assert "macular" in assistant.answer("How is cystoid macular oedema (CMO) treated?").reason
    assert assistant.answer("What does a chief medical officer (CMO) do?").status == "answered"


def test_another_sense_of_the_acronym_is_told_apart(assistant: Assistant) -> None:
    answer = assistant.answer("What does a chief marketing officer do for a brand?")
    assert answer.status == "refused"
    assert "Chief Marketing Officer" in answer.reason


@pytest.mark.parametrize(
    ("question", "sense"),
    [
        ("collateralised mortgage obligation risks", "collateralized mortgage obligation"),
        ("How do I pick a contract manufacturing organization?", "contract manufacturing organization"),
        ("What is a collateralized mortgage obligation?", ""),  # so much the documents may tell
        ("What should a CMO spend on marketing?", "Chief Marketing Officer"),
        ("Does the hospital's CMO take part in marketing?", ""),
        ("How does a CMO differ from a chief marketing officer?", ""),
    ],
)
def test_another_sense_is_known_by_its_words_but_not_where_a_hospital_is_asked_about(
    assistant: Assistant, question: str, sense: str
) -> None:
    assert other_sense(question, assistant.vocabulary) == sense


def test_what_is_no_question_or_no_history_is_told_with_its_value(assistant: Assistant) -> None:
    with pytest.raises(UserError, match="the question is a text, not 5"):
        assistant.answer(5)  # type: ignore[arg-type]
    for history in ("before", None, [{"role": "user", "content": "before"}]):
        with pytest.raises(UserError, match="list of turns"):
            assistant.answer(QUESTION, history=history)  # type: ignore[arg-type]


def test_a_question_asked_again_has_the_same_answer(assistant: Assistant) -> None:
    first = assistant.answer(QUESTION)
    talk = [Turn(role="user", text=QUESTION), Turn(role="assistant", text=first.text)]
    talk += [Turn(role="user", text="When did Northfield Hospital appoint its first CMO?")]
    assert assistant.answer(QUESTION, history=talk).statements == first.statements


def test_what_holds_a_hyphened_word_mentions_its_parts(assistant: Assistant) -> None:
    [statement, *_] = assistant.answer(QUESTION).statements
    said = replace(statement, text="The COVID-19 team met weekly.")
    assert unmentioned("What about COVID?", [said], {}) == ()


def test_a_follow_up_is_answered_with_the_subject_of_the_conversation(assistant: Assistant) -> None:
    history = [Turn(role="user", text="What is the weekly safety meeting?"), Turn(role="assistant", text="…")]
    answer = assistant.answer("Who must attend it?", history=history)
    assert "safety meeting" in answer.query
    assert "medical director of each clinic" in answer.text


def test_only_the_last_snapshot_holds_text(assistant: Assistant) -> None:
    *before, last = assistant.stream(QUESTION)
    assert [snapshot.status for snapshot in before] == ["working"] * len(before)
    assert all(not snapshot.text and not snapshot.statements for snapshot in before)
    assert before[0].stage == "searching"
    assert before[1].stage.endswith("passages found")
    assert replace(last, seconds={}) == replace(assistant.answer(QUESTION), seconds={})


@pytest.mark.parametrize("question", ["", " \n\t ", "\u200b\u2060", "\x00\x07", "\u2003"])
def test_a_blank_question_is_told_with_an_example(assistant: Assistant, question: str) -> None:
    with pytest.raises(UserError, match="the question is blank"):
        assistant.answer(question)


def test_of_a_very_long_question_the_beginning_is_read_and_the_answer_says_so(assistant: Assistant) -> None:
    answer = assistant.answer(f"{QUESTION} " + "really " * 15_000)
    sound(assistant, answer)
    assert len(answer.question) == LONGEST_QUESTION
    assert f"Only the first {LONGEST_QUESTION:,} characters" in answer.reason


def test_what_was_cut_is_told_beside_what_failed(assistant: Assistant) -> None:
    guest = replace(assistant, chat=ScriptedChat(script=[RuntimeError("quota exceeded")]))
    reason = guest.answer("What does a chief medical officer do? " * 150).reason
    assert "Only the first" in reason
    assert "quota exceeded" in reason


@pytest.mark.parametrize(
    "question",
    [
        "主任医师的职责是什么？",
        "Каковы обязанности главного врача?",
        "ما هي واجبات كبير المسؤولين الطبيين؟",
        "मुख्य चिकित्सा अधिकारी क्या करता है?",
        "what \ud800does\udfff a CMO do?",
        "\x1b[31mWhat does a CMO do?\x1b[0m",
        "👩‍⚕️",
        "?",
        "..." * 300,
        "CMO" * 2000,
        "SELECT * FROM documents; --",
        "../../etc/passwd",
        "{{7*7}} ${7*7} %s %n {0}",
        "it it it it it",
    ],
)
def test_any_text_is_answered_or_refused(assistant: Assistant, question: str) -> None:
    sound(assistant, assistant.answer(question))


def test_a_strange_history_does_no_harm(assistant: Assistant) -> None:
    history = [
        Turn(role="assistant", text="\ud800 \x00"),
        Turn(role="user", text=""),
        Turn(role="user", text="what about " * 50_000),
        Turn(role="user", text="\udfff?"),
    ] * 20
    sound(assistant, assistant.answer("And why is that?", history=history))


@pytest.mark.slow
@pytest.mark.shared
@pytest.mark.skipif(not NAUGHTY.exists(), reason="the public benchmarks do not lie beside the checkout")
def test_every_naughty_string_is_answered_or_refused(assistant: Assistant) -> None:
    lines = NAUGHTY.read_text(encoding="utf-8").rstrip("\n").split("\n")
    blank = 0
    for line in lines:
        text = json.loads(line)["text"]
        if readable(text):
            sound(assistant, assistant.answer(text))
            continue
        blank += 1
        with pytest.raises(UserError, match="the question is blank"):
            assistant.answer(text)
    assert 0 < blank < len(lines) / 10


def test_a_setting_that_is_none_is_told(assistant: Assistant) -> None:
    with pytest.raises(UserError, match="setting 'clinic' is unknown"):
        assistant.answer(QUESTION, setting="clinic")


def test_a_document_that_the_index_has_not_is_told(assistant: Assistant) -> None:
    with pytest.raises(UserError, match=r"no document 'none\.md'"):
        assistant.document("none.md")


def test_the_topics_count_every_document_once(assistant: Assistant) -> None:
    topics = assistant.topics()
    assert [topic.name for topic in topics] == sorted(topic.name for topic in topics)
    assert sum(topic.documents for topic in topics) == len(assistant.retriever.documents())


@pytest.fixture
def growing(documents: Path, small_index: Path, tmp_path: Path) -> Iterator[tuple[Path, Path, Assistant]]:
    """A folder of documents, its index, and an assistant over it; each may be changed."""
    folder, index = tmp_path / "documents", tmp_path / "index"
    shutil.copytree(documents, folder)
    shutil.copytree(small_index, index)
    opened = open_assistant(index=index)
    yield folder, index, opened
    opened.retriever.close()


def add_glyndwr(folder: Path, index: Path) -> None:
    text = "# Glyndwr Hospital\n\nGlyndwr Hospital appointed its first chief medical officer in 1911.\n"
    (folder / "glyndwr.md").write_text(text, encoding="utf-8")
    build_index(folder, index=index)


def test_an_index_that_was_rebuilt_is_taken_up_with_its_words(growing: tuple[Path, Path, Assistant]) -> None:
    folder, index, opened = growing
    assert "glyndwr" in opened.vocabulary.unknown("Glyndwr Hospital".lower())
    add_glyndwr(folder, index)
    answer = opened.answer("When did Glyndwr Hospital appoint its first chief medical officer?")
    assert "1911" in answer.text
    assert opened.vocabulary.unknown("glyndwr hospital") == []


def test_an_index_that_is_replaced_in_the_middle_of_a_question_begins_it_again(
    growing: tuple[Path, Path, Assistant],
) -> None:
    folder, index, opened = growing
    snapshots = opened.stream(QUESTION)
    next(snapshots)
    add_glyndwr(folder, index)
    opened.retriever.reload_if_changed()  # as another conversation does
    rest = list(snapshots)
    assert [snapshot.stage for snapshot in rest].count("done") == 1
    assert rest[-1].index_version == opened.index_version
    sound(opened, rest[-1])


class Traced(BaseTracer):
    """Keeps the names of the runs, each with those inside it."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[tuple[str, list[str]]] = []

    def _persist_run(self, run: Run) -> None:
        self.names.append((run.name, [f"{r.name}{[c.name for c in r.child_runs] or ''}" for r in run.child_runs]))


STEPS = ["read_input", "understand", "search", "evidence", "draft", "check"]


def test_callbacks_see_every_step_by_its_name(assistant: Assistant) -> None:
    traced = Traced()
    answer = assistant.as_runnable().invoke(QUESTION, {"callbacks": [traced]})
    assert replace(answer, seconds={}) == replace(assistant.answer(QUESTION), seconds={})
    assert traced.names == [("cmo_assistant", STEPS)]


def test_a_refused_question_has_no_draft_to_see(assistant: Assistant) -> None:
    traced = Traced()
    assistant.as_runnable().invoke("What is the capital of France?", {"callbacks": [traced]})
    assert traced.names == [("cmo_assistant", STEPS[:4])]


def test_a_chat_models_run_shows_inside_the_draft(assistant: Assistant) -> None:
    traced = Traced()
    guest = replace(assistant, chat=ScriptedChat(script=["It was in 1987 [1]."]))
    guest.as_runnable().invoke(QUESTION, {"callbacks": [traced]})
    assert "draft['ScriptedChat']" in traced.names[0][1]


def test_the_runnable_streams_the_same_snapshots(assistant: Assistant) -> None:
    stages = [snapshot.stage for snapshot in assistant.stream(QUESTION)]
    chain = assistant.as_runnable()
    assert [snapshot.stage for snapshot in chain.stream(QUESTION)] == stages

    async def streamed() -> list[str]:
        return [snapshot.stage async for snapshot in chain.astream(QUESTION)]

    assert asyncio.run(streamed()) == stages


def test_the_runnable_answers_in_batches_and_without_blocking(assistant: Assistant) -> None:
    chain = assistant.as_runnable()
    asked = [QUESTION, {"question": "How long is it?", "history": [{"role": "user", "content": QUESTION}]}]
    texts = [assistant.answer(QUESTION).text]
    assert chain.batch(asked)[0].text == texts[0]
    assert asyncio.run(chain.ainvoke(QUESTION)).text == texts[0]


@pytest.mark.parametrize(
    "given",
    [{"query": "x"}, {"question": "x", "histroy": []}, 7, {"question": "x", "history": [{"role": "system"}]}],
)
def test_an_input_that_is_none_is_told_with_what_it_should_be(assistant: Assistant, given: Any) -> None:
    with pytest.raises(UserError, match=r"the input is a question|a turn's role is"):
        assistant.as_runnable().invoke(given)


@pytest.mark.slow
def test_an_answer_needs_no_langchain(small_index: Path) -> None:
    code = (
        "import sys; from assistant import open_assistant\n"
        f"print(open_assistant(index={str(small_index)!r}).answer({QUESTION!r}).status)\n"
        "print([name for name in sys.modules if name.partition('.')[0] in ('langchain', 'langchain_core', 'torch')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["answered", "[]"]


def test_a_refusal_quotes_what_a_document_says_it_leaves_out(assistant: Assistant, tmp_path: Path) -> None:
    limit = "This guide does not say how many parking places the Eastgate clinic has for its visitors."
    (tmp_path / "guide.md").write_text(f"# Guide to Eastgate\n\nEastgate opens at nine.\n\n{limit}\n", encoding="utf-8")
    build_index(tmp_path, index=tmp_path / ".index")
    with Retriever.open(tmp_path / ".index") as opened:
        answer = reading_only(assistant, opened).answer("How many parking places does Eastgate have for visitors?")
    assert answer.status == "refused"
    assert limit in answer.text


def test_what_a_document_leaves_out_from_a_year_on_refuses_nothing(assistant: Assistant, tmp_path: Path) -> None:
    (tmp_path / "guide.md").write_text(
        "# Guide to Eastgate\n\nEastgate has 40 parking places.\n\n"
        "This guide has no number of parking places for visitors of Eastgate later than 2014.\n",
        encoding="utf-8",
    )
    build_index(tmp_path, index=tmp_path / ".index")
    with Retriever.open(tmp_path / ".index") as opened:
        answer = reading_only(assistant, opened).answer("How many parking places does Eastgate have for visitors?")
    assert answer.status == "answered"
    assert "40 parking places" in answer.text


def test_an_answer_tells_the_limit_that_its_document_tells_of_itself(assistant: Assistant, tmp_path: Path) -> None:
    limit = "This guide does not say how many beds the Eastgate clinic has in winter."
    told = "The Eastgate clinic has twelve beds on its ward."
    (tmp_path / "guide.md").write_text(f"# Beds of Eastgate\n\n{told}\n\n{limit}\n", encoding="utf-8")
    build_index(tmp_path, index=tmp_path / ".index")
    with Retriever.open(tmp_path / ".index") as opened:
        answer = reading_only(assistant, opened).answer("How many beds does the Eastgate clinic have?")
    assert (answer.status, told in answer.text, limit in answer.reason) == ("answered", True, True)


def test_a_limit_that_meets_one_part_of_a_question_leaves_the_other_answered() -> None:
    answer = open_assistant().answer("How should a CMO deal with physician burnout - how common is it?")
    assert (answer.status, "burnout" in answer.text) == ("answered", True)
    assert "do not answer “How should a CMO deal with physician burnout?”" in answer.reason
    assert "what a CMO personally does about burnout" in answer.reason


def test_who_asks_for_the_source_is_told_the_publication_or_else_the_document(assistant: Assistant) -> None:
    def sources(of: Assistant, question: str) -> str:
        told = of.answer(question)
        history = [Turn(role="user", text=question), Turn(role="assistant", text=told.text)]
        return of.answer("Which source says that?", history=history).text

    published = sources(open_assistant(), "What is a fractional CMO?")
    assert re.search(r"^- “[^”]+”, .+: .*fractional", published, re.M)
    assert "Handbook of Northfield Hospital: " in sources(assistant, QUESTION)


def test_a_limit_told_in_other_words_is_told_beside_an_answer() -> None:
    limit = "what a CMO personally does about burnout or disruptive behavior"
    for question in ("How does a CMO handle a disruptive physician?", "How can a CMO reduce burnout among physicians?"):
        assert limit in open_assistant().answer(question).reason, question
    assert "limits" not in open_assistant().answer("Who is on a medical executive committee?").reason


def test_a_name_that_nothing_cited_mentions_is_told_apart_from_one_that_stands_there(assistant: Assistant) -> None:
    answer = assistant.answer(QUESTION)
    assert "do not mention" not in answer.reason
    assert unmentioned("Was it so in Westmark and Northfield?", answer.statements, {}) == ("Westmark",)
