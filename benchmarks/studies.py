"""Counts what the figures of the five papers cost, from the gin files that are shipped for them.

  python benchmarks/studies.py            prints the tables of docs/performance.md
  python benchmarks/studies.py --count    counts anew, and writes lth_tf/papers/costs.py

Nothing is trained. Each network is built, to count the operations of its layers; datasets need not
be there.
"""

import functools
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from absl import app, flags

from lth_tf import papers
from lth_tf.experiments.choices import expected_requests
from lth_tf.figures.figure import Figure
from lth_tf.papers.costs import COSTS
from lth_tf.recipes import Recipe, Train, dag
from lth_tf.report.commands import load
from lth_tf.report.costs import ACCELERATORS, Cost, hours, total
from lth_tf.report.paper import Paper, Table
from lth_tf.store.remaining import last_steps

FLAGS = flags.FLAGS
WRITTEN = Path(papers.__file__).with_name("costs.py")
# Image shape and classes of the datasets of the papers.
DATASETS: dict[str, tuple[tuple[int, ...], int]] = {
    "mnist": ((28, 28, 1), 10),
    "digits": ((8, 8, 1), 10),
    "cifar10": ((32, 32, 3), 10),
    "cifar100": ((32, 32, 3), 100),
    "tiny_imagenet": ((64, 64, 3), 200),
    "eurosat/rgb": ((64, 64, 3), 10),
    "imagenet2012": ((224, 224, 3), 1000),
}
HEAD = '''"""The cost of each network of the papers; written by benchmarks/studies.py --count."""

# ruff: noqa: E501
# fmt: off
from lth_tf.report.costs import Cost

# Runs, steps, examples, operations; the longest chain's steps and operations.
'''


def count(paper: Paper, file: str) -> Cost:
    """Returns the cost of all figures of a paper that its files have of a network."""
    recipes = dag(*_measurements(paper, file))
    runs = last_steps(recipes.values())
    depths = _depths(recipes, lambda _: 1), _depths(recipes, _operations_of_a_step)
    steps = {run: end - run.first_step for run, end in runs.items()}
    return Cost(
        len(runs),
        sum(steps.values()),
        sum(n * run.hparams.batch_size for run, n in steps.items()),
        sum(n * _operations_of_a_step(run) for run, n in steps.items()),
        *(max(depth.values()) for depth in depths),
    )


def _measurements(paper: Paper, file: str) -> Iterator[Recipe]:
    """Yields what the figures and tables of a network measure, at most where it is decided."""
    shown = (item for item in paper.items if isinstance(item, Figure | Table))
    named = (i.study for i in shown if any(paper.networks[key].file == file for key in i.networks))
    studies = [paper.studies[name] for name in dict.fromkeys(named)]
    for experiment, _ in load(studies, file):
        for chain in experiment.chains():
            seen = expected_requests(chain, lambda choice: None)
            yield from (each.measurement for each in (*seen.certain, *seen.uncertain))


def _depths(recipes: dict[str, Recipe], weigh: Callable[[Train], int]) -> dict[str, int]:
    """Returns for each recipe how much has to be trained one after the other before it is there."""
    depths: dict[str, int] = {}
    for key, recipe in recipes.items():  # children first
        depths[key] = max((depths[child.key] for child in recipe.children), default=0)
        if run := recipe.made_by:
            made: Any = recipe
            depths[key] += (made.step - run.first_step) * weigh(run)
    return depths


@functools.cache
def _operations_of_a_step(run: Train) -> int:
    from yardsticks import forward_operations, step_operations

    shape, classes = DATASETS[run.task.dataset]
    if run.task.image_size:
        shape = (run.task.image_size, run.task.image_size, shape[-1])
    built = _built(replace(run.model, image_shape=shape, classes=classes))
    count_of = step_operations if run.trained == "all" else forward_operations
    return int(run.hparams.batch_size) * count_of(built)


@functools.cache
def _built(model: Any) -> Any:
    return model.build()


def write() -> None:
    """Counts every network of every paper, and writes the counts as a module."""
    lines = [HEAD, "COSTS: dict[str, dict[str, Cost]] = {\n"]
    for name in papers.PAPERS:
        paper = papers.load(name)
        assert paper
        lines.append(f'    "{name}": {{\n')
        for file in dict.fromkeys(network.file for network in paper.networks.values()):
            numbers = ", ".join(f"{number:_}" for number in count(paper, file))
            lines.append(f'        "{file}": Cost({numbers}),\n')
            print(lines[-1].strip())
        lines.append("    },\n")
    WRITTEN.write_text("".join([*lines, "}\n"]))


def short(number: float) -> str:
    """Returns a number with 3 digits and a unit prefix: 4.48 M."""
    prefix = next(i for i in range(8) if number < 999.5 * 1000**i)
    return f"{number / 1000**prefix:.3g} {' kMGTPEZ'[prefix]}".rstrip()


def markdown() -> str:
    """Returns rates, and a row for each network, paper and all of them, as Markdown."""
    rates = [
        f"- {a.name}: {a.images_per_second:,.0f} images/s, {short(a.rate)}FLOP/s. {a.source}: "
        f"<{a.link}>."
        for a in ACCELERATORS
    ]
    head = ["paper", "network", "runs", "steps", "examples", "operations"]
    head += [f"hours: {ACCELERATORS[0].name}", ACCELERATORS[1].name]
    head += ["longest chain: steps", "its hours on an H100", "machines of use"]
    lines = [head, ["---"] * 2 + ["---:"] * (len(head) - 2)]
    for paper, costs in COSTS.items():
        lines += [_line(paper, file, cost) for file, cost in costs.items()]
    lines += [_line(paper, "all", total(costs.values())) for paper, costs in COSTS.items()]
    every = total(cost for costs in COSTS.values() for cost in costs.values())
    lines.append(_line("all five", "all", every))
    return "\n".join([*rates, "", *(f"| {' | '.join(line)} |" for line in lines)])


def _line(paper: str, network: str, cost: Cost) -> list[str]:
    first = ACCELERATORS[0]
    counts = [short(number) for number in (cost.steps, cost.examples, cost.operations)]
    times = [hours(each.hours(cost.operations)) for each in ACCELERATORS]
    chain = [short(cost.chain_steps), hours(first.hours(cost.chain_operations))]
    machines = f"{cost.operations / cost.chain_operations:,.0f}"
    return [paper, network, f"{cost.runs:,}", *counts, *times, *chain, machines]


def main(argv: list[str]) -> None:
    """Counts, or prints what was counted."""
    del argv
    if FLAGS.count:
        write()
    else:
        print(markdown())


if __name__ == "__main__":
    flags.DEFINE_bool("count", False, "Count anew, and write lth_tf/papers/costs.py.")
    app.run(main)
