"""What adaptive pruning and bisection decide, over every sequence of answers."""

from dataclasses import replace

import numpy as np
import pytest
from choosing import IMP, ONSET, SETTING, answered, line, paths

from lth_tf.experiments import (
    Imp,
    MaskSearch,
)
from lth_tf.experiments.choices import (
    OpenChain,
)
from lth_tf.measurements import Evaluate
from lth_tf.recipes import RecipeError
from lth_tf.scores import Snip


def test_every_answer_of_adaptive_pruning_is_the_fraction_of_the_next_mask():
    for answers, requests in paths(IMP, 3, 4):
        masks = [r.mask for r in requests if isinstance(r.measurement, Evaluate)]
        fractions = [(0.2, 0.4, 0.6)[answer] for answer in answers]
        assert [mask.fraction for mask in masks[1:]] == fractions
        left = np.cumprod([1.0, *(1 - fraction for fraction in fractions)])
        assert left[-1] <= 0.45 and all(density > 0.45 for density in left[:-1])
        levels = [r.labels["level"] for r in requests if isinstance(r.measurement, Evaluate)]
        assert levels == list(range(len(fractions) + 1))
        # One measurement before each decision, and one of the dense network's losses.
        assert len(requests) == 2 * len(fractions) + 2


def test_adaptive_pruning_that_finds_no_ratio_is_imp():
    floor, _ = answered(IMP, ())
    fixed = Imp(*SETTING, MaskSearch(4), (0, 4))
    ends = [r.end for r in floor if isinstance(r.measurement, Evaluate)]
    assert ends == [r.end for r in fixed.requests() if r.labels["initialization"] == 0][:5]
    settings = [r.settings.get("MaskSearch.fraction") for r in floor[1:] if r.labels["level"]]
    assert set(settings) == {0.2}


def test_adaptive_pruning_ends_at_the_last_level_of_its_search():
    short = replace(IMP, search=MaskSearch(2))
    assert [r.labels["level"] for r in answered(short, ())[0]] == [0, 0, 0, 1, 1, 2]


@pytest.mark.parametrize(
    "fields, message",
    [
        ({"epoch": 0}, "AdaptiveImp.epoch is 0; it must be from 2 to 26, steps of an epoch"),
        ({"to_density": 1.0}, "AdaptiveImp.to_density is 1.0; it must be greater than 0 and less"),
        ({"search": MaskSearch(9, score=Snip())}, "AdaptiveImp.search is .*score of trained netw"),
        ({"ratios": (0.4, 0.2)}, "AdaptiveImp.ratios is .0.4, 0.2.; it must be rising"),
    ],
)
def test_what_adaptive_pruning_cannot_mean(fields, message):
    with pytest.raises(RecipeError, match=message):
        replace(IMP, **fields)


@pytest.mark.parametrize("first_stable", range(9))
def test_bisection_finds_the_first_stable_step(first_stable):
    asked: list[int] = []

    def decide(choice):
        (measured,) = {m.first.run.first_step for m in choice.measurements}
        asked.append(measured)
        return choice.option([line(measured >= 4 * first_stable)] * len(choice.measurements))

    chain = OpenChain(next(iter(ONSET.chains())))
    requests = chain.advance(decide)
    measured = {r.labels["rewind_step"] for r in requests}
    assert len(asked) <= 4 and len(set(asked)) == len(asked) and measured == set(asked)
    assert all(step < 30 for step in asked)
    found = min([s for s in asked if s >= 4 * first_stable], default=32)
    assert found == 4 * first_stable
    assert max([s for s in asked if s < found], default=found - 4) == found - 4


def test_200_epochs_take_8_measurements_whichever_is_the_first_stable_one():
    """Appendix C.3; two initializations that differ do not disturb each other."""
    onset = replace(ONSET, steps=200, unit=1)
    for first_stable in range(101):
        chains = [OpenChain(chain) for chain in onset.chains()]
        for chain, expected in zip(chains, (first_stable, 200 - first_stable), strict=True):
            asked: list[int] = []

            def decide(choice, expected=expected, asked=asked):
                (step,) = {m.first.run.first_step for m in choice.measurements}
                asked.append(step)
                return choice.option([line(step >= expected)] * len(choice.measurements))

            chain.advance(decide)
            assert len(asked) <= 8 and max(asked) < 200
            assert min([s for s in asked if s >= expected], default=200) == expected
            assert expected == 0 or expected - 1 in asked
