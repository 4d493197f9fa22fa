"""The answers of a log in words: stable and matching, from which step k."""

from synthetic import (
    evaluation,
    instability,
    settings,
)

from lth_tf.analysis.answers import answers
from lth_tf.analysis.summary import summary
from lth_tf.experiments import Experiment


def test_the_answers_in_words():
    rows = [
        instability("dense", level=0, rewind_step=k, test_instability=height)
        for k, height in ((0, 0.55), (40, 0.129))
    ]
    rows += [instability(rewind_step=k, level=4, test_instability=0.01) for k in (0, 40)]
    rows += [evaluation("dense", level=0, test_error=0.2)]
    rows += [evaluation(rewind_step=k, level=4, test_error=0.199) for k in (0, 40)]
    assert answers(rows) == [
        "dense: stable from no k asked (55.0, 12.9)",
        "imp at 41%: stable from 0 (1.0, 1.0); matching from 0 (+0.1 points, 1 initialization)",
    ]
    assert summary(rows).endswith(answers(rows)[1])


def test_answers_of_two_densities_of_one_shot_pruning_are_apart():
    rows = [
        instability(level=1, density=density, test_instability=height)
        | {"settings": settings("imp", **{"MaskSearch.fraction": 1 - density})}
        for density, height in ((0.8, 0.01), (0.2, 0.5))
    ]
    assert answers(rows) == [
        "imp at 80%: stable from 0 (1.0)",
        "imp at 20%: stable from no k asked (50.0)",
    ]


def test_answers_of_two_settings_are_apart():
    rows = [
        instability("dense", level=0, test_instability=height, settings={"Constant.rate": rate})
        for height, rate in ((0.01, 0.1), (0.5, 0.3))
    ]
    assert answers(rows) == [
        "Constant.rate 0.1: dense: stable from 0 (1.0)",
        "Constant.rate 0.3: dense: stable from no k asked (50.0)",
    ]


def test_the_first_stable_step_of_a_bisection_is_each_initialization_s():
    def found(of, **heights):
        return [
            instability("dense", level=0, rewind_step=int(k[1:]), initialization=seed,
                        test_instability=height, experiment=of)
            for k, by_seed in heights.items() for seed, height in enumerate(by_seed) if height
        ]  # fmt: skip

    same = {"k0": (0.004, 0.03), "k40": (0.01, 0.01)}
    assert answers(found("instability", **same)) == ["dense: stable from 0 (1.7, 1.0)"]
    each = ["dense: stable from 0, 40 (initializations 0, 1)"]
    assert answers(found("onset", **same)) == each
    # A study of which one initialization lacks a step.
    assert answers(found("instability", k0=(0.005, 0.03), k40=(None, 0.01))) == each

    class Halving(Experiment):
        """An experiment of a user's own."""

        STEPS_BY_INITIALIZATION = True

    assert answers(found(Halving.__name__.lower(), **same)) == each
