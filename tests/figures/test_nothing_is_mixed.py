"""No point of any figure, of any paper, is a mean over rows that differ in more than seeds.

All numbers of some rows are 0.2, those of the others 0.4: a point of both is neither.
"""

from collections.abc import Callable, Iterator

import pytest
from charted import FORMS
from synthetic import (
    comparison,
    connectivity,
    curvature,
    difference,
    distance,
    evaluation,
    gradient,
    instability,
    key,
    plane,
    stability,
    weights,
)

from lth_tf import papers
from lth_tf.analysis.selections import of_level
from lth_tf.figures.chart import Chart
from lth_tf.figures.standard import STANDARD, charts, figures_of
from lth_tf.log.schema import Row, kinds

PAPERS = {
    f"{paper.key} {figure.number}{'+' * number}": form
    for paper in map(papers.load, papers.PAPERS)
    if paper
    for figure in paper.figures
    for number, form in enumerate((figure.form, *figure.also))
}


def rows_of_all_kinds() -> Iterator[Row]:
    """Of two initializations: searches to level 3 from two steps k, and the way to the end."""
    for i in (0, 1):
        for k in (0, 500):
            yield from of_search(i, k)
            for level in range(4):
                for network in ("imp", "random_pruning") if level else ("dense",):
                    yield from of_network(network, i, k, level)
        for step in (0, 9, 99, 24000):
            yield from (weights(initialization=i, step=step), gradient(i, step))
            yield from (curvature(i, step), evaluation("dense", i, 0, 0, 0, step=step))


def of_search(i: int, k: int) -> Iterator[Row]:
    for level in range(3):
        yield from (connectivity(level, to, i, k) for to in range(level + 1, 4))
        yield plane(level, i, k)


def of_network(network: str, i: int, k: int, level: int) -> Iterator[Row]:
    of = (k, level)
    yield from (evaluation(network, i, noise, *of) for noise in (1, 2))
    yield from (instability(network, i, (1, 2), *of), comparison(network, i, (1, 2), *of))
    yield comparison(network, i, (1, 1), *of, against="dense")
    yield from (distance(b, network, i, (1,), *of) for b in ("initialization_to_k", "k_to_end"))
    yield from (difference(network, i, 0, *of, b) for b in ("k_to_perturbed", "k_to_later"))
    place = {"initialization": i, "rewind_step": k, "level": level, "density": 0.8**level}
    for to in ("data_order", "pruning"):
        yield stability(to, network) | place


def setting(name: str, value: object) -> Callable[[Row], Row]:
    return lambda row: row | {"settings": row["settings"] | {name: value}}


def label(name: str, value: object) -> Callable[[Row], Row]:
    return lambda row: row | ({name: value} if name in row else {})


def other_barrier(row: Row) -> Row:
    other = {"from_mean_of_ends": "from_line_between_ends"}
    return row | ({"barrier": other.get(row["barrier"], "from_mean_of_ends")} if "barrier" in row
                  else {})  # fmt: skip


def pruned_faster(row: Row) -> Row:
    faster = setting("MaskSearch.fraction", 0.5)(row) | {"density": 0.5 ** row["level"]}
    return faster if row["level"] else row


OTHERS: dict[str, Callable[[Row], Row]] = {
    "rate": setting("Constant.rate", 0.5),
    "momentum": setting("Momentum.momentum", 0.5),
    "length": lambda row: setting("Cosine.end", 48000)(row) | {"step": 2 * row["step"]},
    "clock": lambda row: row | {"schedule": "restarted"},
    "barrier": other_barrier,
    "statistics": label("statistics", "reestimate"),
    "number axis": lambda row: row | {"axes": {"sigma": 0.1}},
    "text axis": lambda row: row | {"axes": {"target": "mnist"}},
    "fraction": pruned_faster,
    "network": lambda row: row | ({"network": "wanda"} if row["level"] else {}),
    "k": lambda row: row | {"rewind_step": row["rewind_step"] + 100},
    "against": label("against", "wanda"),
}


def constant(row: Row, number: float) -> Row:
    """Returns a row all of whose measured numbers are the same."""

    def replaced(value):
        return [*map(replaced, value)] if isinstance(value, list) else number

    fields = {field.name for field in kinds()[row["kind"]].values} - {"alphas", "coordinates"}
    own = {name: replaced(row[name]) for name in fields if row.get(name) is not None}
    return row | own | {"key": key(number, repr(row))}


def drawn(rows: list[Row]) -> Iterator[Chart]:
    others = figures_of(rows)[len(STANDARD) :]
    for form in (*FORMS.values(), *(figure.form for figure in others)):
        yield from (chart for _, chart in charts(form, rows, "about"))
    for form in PAPERS.values():
        chosen = rows if form.every_level else of_level(form.select(rows), 3)
        yield from form.charts(chosen, "about")


@pytest.mark.parametrize("name", list(OTHERS))
def test_no_point_of_any_figure_is_of_rows_that_differ(name):
    rows = [setting("Momentum.momentum", 0.9)(row) for row in rows_of_all_kinds()]
    others = [OTHERS[name](row) for row in rows]
    both = [constant(row, 0.2) for row in rows]
    both += [constant(new, 0.4) for row, new in zip(rows, others, strict=True) if new != row]
    points = [point for chart in drawn(both) for point in chart.points() if point.samples > 1]
    assert len(points) > 100
    assert [point for point in points if point.high > point.low * (1 + 1e-9)] == []
