"""The plots of the report's page, each with a sentence on how to read it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from typing import get_args

from eval.examples import Example, Kind, QuestionType
from eval.measures import percentile
from eval.outcomes import Fate, fate, fates, outcome
from eval.plots import Dot, bars, curve, dots, histogram
from eval.predictions import Prediction
from eval.refusals import risk_coverage
from eval.report import shown_value
from eval.summary import Figure, losses, mean_figure

_FATES: Mapping[Fate, str] = {
    "confirmed": "said, in words the gold set knows",
    "traced": "said, by its citation",
    "worded": "said, but cited elsewhere",
    "not chosen": "found, and not chosen",
    "refused": "found, and refused",
    "not found": "not in the first ten passages",
}
Predictions = Mapping[str, Prediction]


def groups(examples: Sequence[Example], predictions: Predictions) -> str:
    """How each kind and type of question goes, with intervals."""
    answerable = [e for e in examples if e.answerable]
    silent = [e for e in examples if not e.answerable]
    plots = [
        figure(title, _recall_dots(answerable, predictions, names, key))
        for title, names, key in (
            ("By kind", get_args(Kind), lambda e: e.kind),
            ("By type", get_args(QuestionType), lambda e: e.type),
            ("By asker", sorted({e.audience for e in answerable}), lambda e: e.audience),
        )
    ]
    plots.append(figure("Answered though the corpus is silent (less is better)", _false_dots(silent, predictions)))
    return section(
        "Which questions go well",
        "A dot is the mean, its line the 95 % interval. Filled: the share of vital nuggets said. Hollow: only those "
        "that are also said in a wording the gold set knows. Small groups have long lines; read nothing into a gap "
        "that a line spans.",
        f'<div class="plots">{"".join(plots)}</div>',
    )


def _recall_dots(
    examples: Sequence[Example], predictions: Predictions, names: Iterable[str], key: Callable[[Example], str]
) -> str:
    rows = []
    for name in names:
        group = [e for e in examples if key(e) == name]
        said = mean_figure("vital_recall", group, predictions)
        if said.value is not None:
            sure = mean_figure("vital_recall_confirmed", group, predictions).value
            label = name.replace("_", " ")
            rows.append(Dot(label=label, value=said.value, interval=said.interval, n=said.n, hollow=sure))
    return dots(rows, title="vital recall by group") if rows else ""


def _false_dots(examples: Sequence[Example], predictions: Predictions) -> str:
    rows = []
    for kind in get_args(Kind):
        found = mean_figure("false_answer_rate", [e for e in examples if e.kind == kind], predictions)
        if found.value is not None:
            label = kind.replace("_", " ")
            rows.append(Dot(label=label, value=found.value, interval=found.interval, n=found.n, tone="bad"))
    return dots(rows, title="false answers by kind") if rows else ""


def silence(examples: Sequence[Example], predictions: Predictions, overall: Mapping[str, Figure]) -> str:
    """The risk-coverage curve, and how sure the assistant was of either sort of question."""
    answers = [(e, p) for e in examples if (p := predictions.get(e.id)) is not None and p.error is None]
    if not answers:
        return ""
    loss = losses(answers)
    risk = risk_coverage([p.answerability for _, p in answers], loss)
    answered = [place for place, (_, p) in enumerate(answers) if p.answered]
    share = len(answered) / len(answers)
    marks = (
        [(share, sum(loss[place] for place in answered) / len(answered), f"as run: {share:.0%} answered")]
        if answered
        else []
    )
    drawn = curve(risk.points, marks=marks, level=sum(loss) / len(loss), title="risk at every coverage")
    groups = [
        ("answerable", [p.answerability for e, p in answers if e.answerable]),
        ("silent", [p.answerability for e, p in answers if not e.answerable]),
    ]
    edges = [n / 20 for n in range(21)]
    spread = histogram(groups, edges=edges, unit="answerability", title="answerability of both sorts of question")
    told = " · ".join(
        f"{name.replace('_', ' ')} {shown_value(overall[name])}"
        for name in (
            "refusal_precision",
            "refusal_recall",
            "refusal_f1",
            "false_refusal_rate",
            "false_answer_rate",
            "aurc",
        )
    )
    legend = (
        '<p class="legend"><span><i class="cell bin answerable"></i>the corpus answers</span>'
        '<span><i class="cell bin silent"></i>the corpus is silent</span></p>'
    )
    return section(
        "Knowing when to be silent",
        "Left: if only the surest questions were answered, what would be lost on them (1 for a question that the "
        "corpus is silent on, else the vital nuggets missed). A curve that stays low and rises late knows what it "
        "knows. Right: how sure it was; the two colours should lie apart.",
        f'<p class="told">{told}</p><div class="plots two">{figure("Risk and coverage", drawn)}'
        f"{figure('How sure', spread + legend)}</div>",
    )


def nuggets(examples: Sequence[Example], predictions: Predictions) -> str:
    """Where vital nuggets are lost, and the heat map of all."""
    answerable = [e for e in examples if e.answerable and e.nuggets]
    if not answerable:
        return ""
    rows = [("all", fates(answerable, predictions))]
    rows += [
        (k.replace("_", " "), c)
        for k in get_args(Kind)
        if (c := fates([e for e in answerable if e.kind == k], predictions))
    ]
    legend = "".join(
        f'<span><i class="cell fate-{f.replace(" ", "-")}"></i>{f}: {says}</span>' for f, says in _FATES.items()
    )
    drawn = bars(rows, list(_FATES), title="fates of vital nuggets")
    maps = []
    for kind in get_args(Kind):
        columns = [
            _column(e, p)
            for e in _worst_first(answerable, predictions, kind)
            if (p := predictions.get(e.id)) is not None and p.error is None
        ]
        if columns:
            maps.append(
                f'<div class="map"><h4>{kind.replace("_", " ")}</h4><div class="columns">{"".join(columns)}</div></div>'
            )
    return section(
        "Where nuggets are lost",
        "Each vital nugget that a good answer would hold: said, or lost to the search, to a refusal, or to the choice "
        "of sentences. Below, a column is a question and a cell a nugget, vital ones in full; open one to see why.",
        f'<p class="legend">{legend}</p>{figure("Vital nuggets", drawn)}{"".join(maps)}',
    )


def _worst_first(examples: Sequence[Example], predictions: Predictions, kind: str) -> list[Example]:
    def lost(example: Example) -> float:
        prediction = predictions.get(example.id)
        if prediction is None or prediction.error is not None:
            return 1.0
        said = [fate(n, prediction) in ("confirmed", "traced") for n in example.vital]
        return 1 - sum(said) / len(said) if said else 0.0

    return sorted((e for e in examples if e.kind == kind), key=lambda e: (-lost(e), e.id))


def _column(example: Example, prediction: Prediction) -> str:
    cells = "".join(
        f'<i class="cell {n.importance} fate-{how.replace(" ", "-")}" title="{escape(f"{how}: {n.text}")}"></i>'
        for n in sorted(example.nuggets, key=lambda n: n.importance != "vital")
        for how in (fate(n, prediction),)
    )
    return f'<a href="#q-{escape(example.id)}" title="{escape(example.question)}">{cells}</a>'


def latency(examples: Sequence[Example], predictions: Predictions, overall: Mapping[str, Figure]) -> str:
    """How long answers take, and how often each outcome came."""
    seconds = [p.seconds for e in examples if (p := predictions.get(e.id)) is not None and p.error is None]
    most = percentile(seconds, 0.95)
    if not most:
        return ""
    edges = [1.25 * most * n / 30 for n in range(31)]
    lines = [
        (f.value, f"{name} {f.value:.3f} s")
        for name, f in (("p50", overall["seconds_p50"]), ("p95", overall["seconds_p95"]))
        if f.value is not None
    ]
    drawn = histogram(
        [("time", seconds)],
        edges=edges,
        unit="seconds to an answer; the last bar holds all above",
        lines=lines,
        title="latency",
    )
    counts: dict[str, int] = {}
    for example in examples:
        became = outcome(example, predictions.get(example.id))
        counts[became] = counts.get(became, 0) + 1
    rows = "".join(
        f'<tr><td><span class="chip {name.replace(" ", "-")}">{name}</span></td><td class="n">{counts[name]}</td></tr>'
        for name in sorted(counts, key=lambda n: -counts[n])
    )
    return section(
        "How long it takes, and what becomes of questions",
        "Times are of this machine while it was measured: compare them with runs on the same one.",
        f'<div class="plots two">{figure("Latency", drawn)}{figure("Outcomes", f"<table>{rows}</table>")}</div>',
    )


def section(title: str, reading: str, content: str) -> str:
    """A part of the page: its title, how to read it, and what it shows."""
    return f'<section><h2>{title}</h2><p class="reading">{reading}</p>{content}</section>'


def figure(title: str, drawn: str) -> str:
    """A plot under its title, "" where nothing was drawn."""
    return f"<figure><figcaption>{title}</figcaption>{drawn}</figure>" if drawn else ""
