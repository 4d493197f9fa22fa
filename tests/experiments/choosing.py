"""Chains that decide on the way, and answers to their choices, for several tests."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from lth_tf.data import Task
from lth_tf.experiments import (
    AdaptiveImp,
    Choice,
    Experiment,
    MaskSearch,
    Onset,
    Request,
)
from lth_tf.experiments.choices import (
    OpenChain,
)
from lth_tf.measurements import Evaluate
from lth_tf.models import Lenet
from lth_tf.recipes import At, Init, Magnitude, Ones, Prune, train
from lth_tf.store import artifacts
from lth_tf.training import Adam, Constant, Hparams

HPARAMS = Hparams(60, Adam(), Constant(0.01), threads=1)
SETTING = (Lenet(widths=(5,), image_shape=(8, 8, 1)), Task("digits"), HPARAMS, 30, (0, 1))
FRACTIONS = (0.2, 0.4, 0.6)
CURVES = ("train_errors", "test_errors", "train_losses", "test_losses")


@dataclass(frozen=True, eq=False, repr=False)
class Adaptive(Experiment):
    """A search that prunes by the fraction its last error decides, to less than half."""

    def chains(self) -> Iterable:
        return map(self._search, self.initializations)

    def _search(self, seed):
        mask, density, level = Ones(self.model), 1.0, 0
        while density > 0.45:
            run = train(Init(self.model, seed), mask, self.task, self.hparams, 0)
            end = At(run, self.steps)
            measured = Evaluate(end, self.task)
            labels = {"network": "imp", "initialization": seed, "rewind_step": 0, "noise": [0]}
            yield Request(measured, mask, end, labels | {"level": level})
            fraction = yield Choice(
                f"fraction after level {level}", (measured,), FRACTIONS, fraction_for, 0.2
            )
            mask = Prune(end, mask, fraction, Magnitude(), "global", ())
            density, level = density * (1 - fraction), level + 1


def fraction_for(numbers):
    return FRACTIONS[int(numbers[0]["test_errors"][0])]


ADAPTIVE, ONSET = Adaptive(*SETTING), Onset(*SETTING, unit=4, copies=(1, 2), alphas=3)
IMP = AdaptiveImp(
    *SETTING, MaskSearch(9), (0, 4), to_density=0.45, ratios=(0.1, 0.4, 0.6), epoch=23
)


def put(recipe, layout, numbers=None):
    """Writes an artifact; of a state, anything, as nobody looks at it."""
    header = {"key": recipe.key, "recipe": recipe.canonical}
    if numbers:  # These are looked at, so they are held to their kind's schema.
        zeros = {name: np.zeros(shape, dtype) for name, (dtype, shape) in recipe.schema.items()}
        numbers = zeros | numbers
    artifacts.write(layout.artifact(recipe), header, numbers or {})


def evaluation(answer):
    """Numbers of an evaluation for which `fraction_for` takes an option."""
    return {name: np.array([float(answer)]) for name in CURVES}


def line(is_stable):
    """Numbers of a line whose barrier is 0 or 50 points."""
    errors = np.array([0.1, 0.1 if is_stable else 0.6, 0.1])
    return {"alphas": np.linspace(0, 1, 3), **dict.fromkeys(CURVES, errors)}


def numbers_for(choice, answer):
    """Numbers of what a choice rests on for which it takes an option, given by its place."""
    return {
        "fraction": lambda: evaluation(answer),
        "stability": lambda: line(answer == 0),
        "pruning": lambda: {"largest_ratio": np.array((0.1, 0.4, 0.6)[answer])},
    }[choice.about.split()[0]]()


def answered(experiment, answers):
    """All requests of the first chain, if its choices are answered in this order; and how many."""
    left, used = list(answers), []

    def decide(choice):
        used.append(left.pop(0) if left else choice.options.index(choice.costliest))
        return choice.options[used[-1]]

    chain = OpenChain(next(iter(experiment.chains())))
    return chain.advance(decide), tuple(used)


def paths(experiment, options, most):
    """Every real path of the first chain: its answers and its requests."""
    every = itertools.product(range(options), repeat=most)
    found = {used: requests for requests, used in (answered(experiment, a) for a in every)}
    return found.items()
