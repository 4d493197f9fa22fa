"""Rows of a search of four replicates: levels, lines between them, planes; numbers made up."""

import statistics

from synthetic import connectivity, evaluation

SEEDS, K = (0, 1, 2, 3), 500
DENSE = (0.020, 0.022, 0.024, 0.026)  # mean 0.023, sample deviation 0.00258
EPSILON = statistics.stdev(DENSE)
# Error of levels 1 to 4 above the replicate's dense one: 1 and 2 match, 3 and 4 do not.
ABOVE = (0.0, 0.0, 0.01, 0.02)
HEIGHTS = (0.004, 0.001, 0.02, 0.05)  # of the barriers from levels 0 to 3


def errors(seed):
    dense = 0.023  # of every replicate, from step K
    return [dense, *(dense + above for above in ABOVE)]


def search(seed):
    """Rows of a search: levels 0 to 4, the lines between them, projections, two planes."""
    own = errors(seed)
    for level, error in enumerate(own):
        network = "imp" if level else "dense"
        yield evaluation(network, seed, 1, K, level, test_error=error)
    for level, height in enumerate(HEIGHTS):
        ends = (own[level], own[level + 1])
        yield connectivity(level, level + 1, seed, K, ends=ends, height=height)
        inside = level == 0
        yield connectivity(level, level + 1, seed, K, "projection", (own[level], own[level]),
                           height=0 if inside else 0.1)  # fmt: skip
    for i, j in ((0, 2), (0, 3), (0, 4), (1, 3), (1, 4), (2, 4)):
        yield connectivity(i, j, seed, K, ends=(own[i], own[j]), height=0.01 * (j - i))


ROWS = [
    *(evaluation("dense", seed, 1, 0, 0, test_error=error) for seed, error in enumerate(DENSE)),
    *(row for seed in SEEDS for row in search(seed)),
]


def adaptive(seed, levels):
    for number, (density, error) in enumerate(levels, start=1):
        yield evaluation("adaptive_imp", seed, 1, K, number, density=density, test_error=error)
