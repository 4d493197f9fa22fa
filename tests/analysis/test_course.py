"""Statistics of the course of training and of the length of a pretraining."""

import pytest
from early_phase_rows import (
    SEEDS,
    end,
)
from synthetic import gradient, weights

from lth_tf.analysis.course import LowestStep, Rate, ShortestPretraining
from lth_tf.analysis.statistics import NEVER, RowFilter


def test_statistics_of_the_course():
    found = [weights(initialization=i, step=t) for i in SEEDS for t in (0, 10, 500)]
    rate = Rate(RowFilter("weight", "dense", 0, (), "all"), "signs_changed", 0, 10)
    assert rate.estimate(found, None).mean == pytest.approx(0.2 * 10 / 510 / 10)
    assert Rate(rate.rows, "signs_changed", 0, 400).estimate(found, None) is None
    sizes = [gradient(0, t, mean_gradient=g) for t, g in ((0, 1), (1, 9), (2, 2), (3, 3), (4, 9))]
    lowest = LowestStep(RowFilter("gradient", "dense", 0, (), "all"), "mean_gradient", 1, 3)
    assert lowest.estimate(sizes, None).mean == 1  # (1 + 9 + 2) / 3
    assert LowestStep(lowest.rows, "mean_gradient", 2, 3).estimate(sizes, None).mean == 2
    assert lowest.estimate(sizes[:2], None) is None


def test_the_shortest_pretraining_that_serves():
    rewound = [end("imp", i, 500, 6, 0.01) for i in SEEDS]
    shorter, longer = (
        [end(f"rotation_{n}_epochs", i, 0, 6, each) for i in SEEDS]
        for n, each in ((2, 0.03), (40, 0.011))
    )
    asked = ShortestPretraining(((1000, "rotation_2_epochs"), (16000, "rotation_40_epochs")), 500)
    assert (
        asked.estimate([*rewound, *shorter, *longer], 6).mean == 32
    )  # within one std of 0.14 points
    assert asked.estimate([*rewound, *shorter], 6).mean == NEVER
    assert asked.estimate(shorter, 6) is None and asked.estimate(rewound, 6) is None
