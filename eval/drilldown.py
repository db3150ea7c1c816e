"""One question on the report's page: what was asked, what was answered on which evidence, and what is missing."""

from collections.abc import Sequence
from html import escape
from typing import Any

from eval.examples import Example
from eval.measures import MEASURES
from eval.outcomes import fate, outcome
from eval.predictions import Cited, Prediction, Shown
from eval.summary import worth

_TOLD = (
    "vital_recall",
    "to_the_point",
    "citation_recall",
    "citation_precision",
    "faithfulness",
    "ndcg@10",
    "evidence@10",
)


def drilldown(example: Example, prediction: Prediction | None, alone: Prediction | None) -> str:
    """The question as a section to open; ``alone`` is the prediction for its stand-alone form, where it has one."""
    became = outcome(example, prediction)
    head = (
        f'<details class="q" id="q-{escape(example.id)}" data-kind="{example.kind}" data-type="{example.type}" '
        f'data-outcome="{became}"><summary><span class="chip {became.replace(" ", "-")}">{became}</span>'
        f'<span class="asked">{escape(example.question)}</span><span class="id">{escape(example.id)}</span></summary>'
    )
    if prediction is None or prediction.error is not None:
        error = "no prediction" if prediction is None else prediction.error or ""
        return f'{head}<div class="body"><p class="error">{escape(error)}</p>{_wanted(example, None)}</div></details>'
    left = f"{_history(example)}{_read_as(example, prediction)}{_answer(prediction)}{_dropped(prediction)}"
    right = _wanted(example, prediction) + _alone(example, prediction, alone)
    right += _found(prediction) + _scores(example, prediction)
    return f'{head}<div class="body"><div>{left}</div><aside>{right}</aside></div></details>'


def _history(example: Example) -> str:
    turns = "".join(f'<p class="turn {t.role}"><b>{t.role}</b> {escape(t.text)}</p>' for t in example.history)
    return f"<h4>Before</h4>{turns}" if turns else ""


def _read_as(example: Example, prediction: Prediction) -> str:
    if prediction.query == example.question:
        return ""
    return f'<h4>Read as</h4><p class="query">{escape(prediction.query)}</p>'


def _answer(prediction: Prediction) -> str:
    sure = f'<span class="faint">answerability {prediction.answerability:.2f}, {prediction.seconds:.3f} s</span>'
    if not prediction.shown:
        return f"<h4>{escape(prediction.status.capitalize())} {sure}</h4><p>{escape(prediction.text)}</p>"
    return f"<h4>Answer {sure}</h4>{''.join(map(_statement, prediction.shown))}"


def _statement(shown: Shown) -> str:
    verdict = (
        "supported by its quotes"
        if shown.supported
        else "supported by its passages only"
        if shown.faithful
        else "not supported"
    )
    css = "yes" if shown.supported else "half" if shown.faithful else "no"
    quotes = "".join(_quote(cited, shown.text) for cited in shown.cited)
    facts = f'<span class="facts">{escape(", ".join(shown.facts))}</span>' if shown.facts else ""
    told = f'<p>{escape(shown.text)}</p><p class="verdict">{verdict} {facts}</p>'
    return f'<div class="statement {css}">{told}{quotes}</div>'


def _quote(cited: Cited, text: str) -> str:
    flags = [] if cited.verbatim else ["not verbatim"]
    flags += [] if cited.supports else ["needed with the others" if cited.needed else "idle"]
    told = f' <em class="no">{", ".join(flags)}</em>' if flags else ""
    quote = "the same words" if cited.quote == text else f"“{escape(cited.quote)}”"
    return f"<blockquote>{quote} <cite>{escape(cited.passage_id)}</cite>{told}</blockquote>"


def _dropped(prediction: Prediction) -> str:
    dropped: Any = prediction.answer.get("dropped", ())
    rows = "".join(f"<li><em>{escape(str(d['reason']))}</em> {escape(str(d['text']))}</li>" for d in dropped)
    return f'<h4>Written, checked, not shown</h4><ul class="dropped">{rows}</ul>' if rows else ""


def _wanted(example: Example, prediction: Prediction | None) -> str:
    if not example.answerable:
        note = f" {escape(example.note)}" if example.note else ""
        return f"<h4>Wanted</h4><p>The corpus is silent: hold back.{note}</p>"
    rows = []
    for nugget in example.nuggets:
        how = fate(nugget, prediction) if prediction else "failed"
        rows.append(
            f'<li class="{nugget.importance}"><i class="cell fate-{how.replace(" ", "-")}"></i>{escape(nugget.text)} '
            f'<span class="faint">{how}{"" if nugget.importance == "vital" else ", good to have"}</span></li>'
        )
    return f'<h4>Wanted</h4><ul class="nuggets">{"".join(rows)}</ul>' if rows else ""


def _alone(example: Example, prediction: Prediction, alone: Prediction | None) -> str:
    if not example.standalone:
        return ""
    told = "failed"
    if alone is not None and alone.error is None:
        told = f"vital recall {worth(example, alone):.2f}, here {worth(example, prediction):.2f}"
    return f'<h4>Asked alone</h4><p>{escape(example.standalone)} <span class="faint">{told}</span></p>'


def _found(prediction: Prediction) -> str:
    rows = []
    for passage in prediction.found:
        grade = prediction.relevant.get(passage.passage_id, 0)
        told = {2: "decisive", 1: "useful"}.get(grade, "")
        rows.append(f'<li class="grade-{grade}">{escape(passage.passage_id)} <span class="faint">{told}</span></li>')
    missed = [i for i in prediction.relevant if i not in {p.passage_id for p in prediction.found}]
    rest = (
        f'<p class="faint">relevant, not found: {escape(", ".join(missed[:6]))}{" …" if len(missed) > 6 else ""}</p>'
        if missed
        else ""
    )
    return f'<h4>Passages found</h4><ol class="found">{"".join(rows)}</ol>{rest}' if rows else ""


def _scores(example: Example, prediction: Prediction) -> str:
    values: Sequence[tuple[str, float | None]] = [(n, MEASURES[n](example, prediction)) for n in _TOLD]
    told = ", ".join(f"{name} {value:.2f}" for name, value in values if value is not None)
    return f'<p class="scores faint">{told}</p>' if told else ""
