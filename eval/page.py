"""The report as one page of HTML that asks nothing of any other machine: figures, plots, and every question to open."""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import get_args

from eval.accuracy import Accuracy
from eval.differences import Difference
from eval.drilldown import drilldown
from eval.examples import Example, Kind
from eval.measures import JUDGED, LOWER_IS_BETTER
from eval.outcomes import outcome
from eval.plots import track
from eval.predict import ALONE
from eval.report import Report, bounded, shown_value
from eval.sections import Predictions, groups, latency, nuggets, section, silence
from eval.stamp import Stamp
from eval.summary import Figure

_DATA = Path(__file__).parent / "data"
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
_CARDS = (
    ("vital_recall", "of what an asker needs is said"),
    ("citation_recall", "of statements are supported by their own quotes"),
    ("quote_validity", "of quotes stand verbatim in their document"),
    ("refusal_f1", "F1 of holding back where the corpus is silent"),
    ("ndcg@10", "nDCG of the first ten passages"),
    ("seconds_p50", "seconds to an answer, median"),
)


def page(
    made: Report, examples: Sequence[Example], predictions: Predictions, *, stamp: Stamp, changes: Sequence[Difference]
) -> str:
    """The whole page; ``changes`` are those since the baseline, where the run was held against one."""
    style = (_DATA / "report.css").read_text(encoding="utf-8")
    script = (_DATA / "report.js").read_text(encoding="utf-8")
    body = "".join(
        (
            _masthead(made, stamp),
            _cards(made.overall, made.accuracy),
            groups(examples, predictions),
            silence(examples, predictions, made.overall),
            nuggets(examples, predictions),
            latency(examples, predictions, made.overall),
            _figures(made.overall, made.accuracy, changes),
            _judge(made),
            _questions(examples, predictions),
        )
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(made.title)}</title><style>{style}</style></head>"
        f"<body><main>{body}</main><script>{script}</script></body></html>\n"
    )


def _masthead(made: Report, stamp: Stamp) -> str:
    told = "".join(
        f"<span><b>{escape(name)}</b> {escape(str(value))}</span>"
        for name, value in stamp.to_dict().items()
        if value != ""
    )
    notes = "".join(f'<p class="note">{escape(note)}</p>' for note in made.notes)
    title = f'<p class="kicker">Evaluation</p><h1>{escape(made.title)}</h1>'
    return f'<header>{title}<p class="stamp">{told}</p>{notes}</header>'


def _cards(overall: Mapping[str, Figure], accuracy: Accuracy) -> str:
    cards = []
    for name, says in _CARDS:
        figure = overall[name]
        value = "–" if figure.value is None else f"{figure.value:.2f}"
        low, high = figure.interval or (None, None)
        bounds = f"{low:.2f} to {high:.2f}" if low is not None and high is not None else "no interval"
        drawn = "" if figure.value is None or name.startswith("seconds") else track(figure.value, figure.interval)
        cards.append(
            f'<div class="card"><p class="value">{value}</p><p class="says">{says}</p>{drawn}'
            f'<p class="faint">{name} · {bounds} · n {figure.n}{_accepts(name, accuracy)}</p></div>'
        )
    return f'<section class="cards">{"".join(cards)}</section>'


def _accepts(name: str, accuracy: Accuracy) -> str:
    """What the judge of a figure accepts, to stand behind it; "" for a figure that has no judge."""
    return f"<br>its judge accepts: {escape(accuracy.brief)}" if name in JUDGED else ""


def _figures(overall: Mapping[str, Figure], accuracy: Accuracy, changes: Sequence[Difference]) -> str:
    since = {change.name: change for change in changes}
    rows = []
    for figure in overall.values():
        unit = figure.value is not None and 0 <= figure.value <= 1 and not figure.name.startswith("seconds")
        drawn = track(figure.value or 0.0, figure.interval) if unit else ""
        change = since.get(figure.name)
        told = (
            f'<td class="n {change.verdict}">{change.change:+.3f} {change.verdict}</td>'
            if change
            else "<td></td>"
            if changes
            else ""
        )
        less = ' <span class="faint">less is better</span>' if figure.name in LOWER_IS_BETTER else ""
        less += f'<span class="faint">{_accepts(figure.name, accuracy)}</span>' if figure.name in JUDGED else ""
        rows.append(
            f"<tr><td><code>{escape(figure.name)}</code>{less}</td><td>{drawn}</td>"
            f'<td class="n">{shown_value(figure)}</td>'
            f'{told}<td class="n">{figure.n}</td><td class="n">{figure.undefined}</td>'
            f'<td class="n">{figure.failed}</td></tr>'
        )
    head = (
        "<th>figure</th><th></th><th>value [95 %]</th>"
        + ("<th>since the baseline</th>" if changes else "")
        + "<th>n</th><th>undefined</th><th>failed</th>"
    )
    return section(
        "Every figure",
        "Undefined questions have nothing to measure, failed ones gave no answer; neither counts as zero. "
        "docs/evaluation.md says what each figure means and how to read it.",
        f'<div class="wide"><table class="figures"><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>",
    )


def _judge(made: Report) -> str:
    accuracy = made.accuracy
    rows = "".join(
        f"<tr><td>{says}</td><td>{track(accepted.share or 0.0, accepted.interval)}</td>"
        f'<td class="n">{bounded(accepted.share, accepted.interval)}</td>'
        f'<td class="n">{accepted.count} of {accepted.n}</td></tr>'
        for says, accepted in (
            ("supported by their evidence", accuracy.supported),
            ('not supported <span class="faint">less is better</span>', accuracy.unsupported),
        )
        if accepted.n
    )
    head = "<th>labelled statements</th><th></th><th>share accepted [95 %]</th><th>accepted</th>"
    table = f'<table class="figures"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
    drawn = f'<div class="wide">{table}</div>' if rows else ""
    return section("How far to trust the judge of citations", escape(made.judge_note), drawn)


def _questions(examples: Sequence[Example], predictions: Predictions) -> str:
    outcomes = sorted({outcome(e, predictions.get(e.id)) for e in examples})
    kinds = [k for k in get_args(Kind) if any(e.kind == k for e in examples)]
    choices = "".join(
        f'<label>{name} <select data-filter="{name}"><option value="">any</option>'
        f"{''.join(f'<option>{v}</option>' for v in values)}</select></label>"
        for name, values in (("kind", kinds), ("outcome", outcomes))
    )
    listed = "".join(drilldown(e, predictions.get(e.id), predictions.get(e.id + ALONE)) for e in examples)
    return section(
        "Every question",
        "Open one for its answer, the evidence, the verdicts and what is missing.",
        f'<form class="filters">{choices}<label>words <input type="search" data-filter="words"></label>'
        f'<output class="faint"></output></form>{listed}',
    )
