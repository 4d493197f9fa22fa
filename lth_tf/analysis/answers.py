"""Answers of a log in words: the steps k from which networks are stable and matching."""

from collections.abc import Iterable, Iterator

from lth_tf.analysis.criteria import is_stable, meets_dense
from lth_tf.analysis.densities import densities_as_levels
from lth_tf.analysis.estimate import Estimate, over_initializations, over_rows, percent
from lth_tf.analysis.points import once, split, where
from lth_tf.analysis.selections import at_the_end, dense_runs, final_evaluations, levels
from lth_tf.analysis.variants import variants
from lth_tf.log.schema import Row, has_steps_by_initialization

_FEW = 4  # numbers that are shown


def answers(rows: Iterable[Row]) -> list[str]:
    """Returns a line for each network: 'dense: stable from no k asked (55.0, 12.9)'.

    Stable is a mean instability below 2% on the test set; matching, a mean test error that is not
    above the dense network's by more than one standard deviation of that (lmc). Rows may be of any
    models, datasets and settings; those that diverged are left out.
    """
    networks = split(where(once(rows), status="done"), "model", "dataset")
    lines = []
    for (model, dataset), members in networks.items():
        by_setting = variants(members)
        for variant in by_setting:
            names = [f"{model} on {dataset}"] if len(networks) > 1 else []
            names += [variant.title] if len(by_setting) > 1 else []
            head = f"{', '.join(names)}: " if names else ""
            lines += [head + line for line in _of_variant(densities_as_levels(variant.rows))]
    return list(dict.fromkeys(lines))


def _of_variant(rows: list[Row]) -> Iterator[str]:
    lines = at_the_end(where(rows, kind="instability"))
    for (network, level), members in split(lines, "network", "level").items():
        density = f" at {percent(members[0]['density'])}" if level else ""
        parts = [_stable(members)]
        if level:
            ends = final_evaluations(rows, network=network, level=level)
            parts += _matching(ends, rows)
        yield f"{network}{density}: {'; '.join(parts)}"
    if not lines and dense_runs(rows):
        yield from _sparsest_matching(rows)


def _sparsest_matching(rows: list[Row]) -> Iterator[str]:
    """Yields each kind of network's sparsest level that matches; of logs without instabilities."""
    ends = final_evaluations(rows)
    for (network,), members in split([row for row in ends if row["level"]], "network").items():
        answer = "matching at no level"
        for (_, density), runs in levels(members).items():
            if _first_matching(runs, rows)[0] is not None:
                answer = f"matching down to {density} of the weights"
        yield f"{network}: {answer}"


def _stable(rows: list[Row]) -> str:
    seeds = split(rows, "initialization")
    steps = {frozenset(split(members, "rewind_step")) for members in seeds.values()}
    if len(seeds) > 1 and (len(steps) > 1 or any(map(has_steps_by_initialization, rows))):
        return _stable_by_seed(seeds)
    first, means = _first_stable(rows)
    more = ", ..." if len(means) > _FEW else ""
    return f"stable from {first} ({', '.join(f'{100 * m:.1f}' for m in means[:_FEW])}{more})"


def _stable_by_seed(seeds: dict[tuple, list[Row]]) -> str:
    """Returns the answer of each initialization, whose steps k a bisection chose for it alone."""
    firsts = [_first_stable(members)[0] for members in seeds.values()]
    more = ", ..." if len(seeds) > _FEW else ""
    names = ", ".join(str(seed) for (seed,) in [*seeds][:_FEW])
    return f"stable from {', '.join(firsts[:_FEW])}{more} (initializations {names}{more})"


def _first_stable(rows: list[Row]) -> tuple[str, list[float]]:
    """Returns the first stable k in words, and the mean instability at every k."""
    means = {str(k): over_rows(members, "test_instability").mean
             for (k,), members in split(rows, "rewind_step").items()}  # fmt: skip
    first = next((k for k, mean in means.items() if is_stable(mean)), "no k asked")
    return first, [*means.values()]


def _matching(rows: list[Row], all_rows: list[Row]) -> Iterator[str]:
    dense = over_initializations(dense_runs(all_rows), "test_error")
    if rows and dense.n:
        first, error = _first_matching(rows, all_rows)
        points = f"{100 * (dense.mean - error.mean):+.1f} points"
        seeds = f"{error.n} initialization{'' if error.n == 1 else 's'}"
        yield f"matching from {'no k asked' if first is None else first} ({points}, {seeds})"


def _first_matching(rows: list[Row], all_rows: list[Row]) -> tuple[int | None, Estimate]:
    """Returns the first k whose networks match (or None), and the error at it, or at the last k."""
    for (k,), members in split(rows, "rewind_step").items():
        error = over_initializations(members, "test_error")
        if meets_dense(error, all_rows):
            return k, error
    return None, error
