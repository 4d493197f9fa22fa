"""Answers of a log in words: the steps k from which networks are stable and matching."""

from collections.abc import Iterable, Iterator

from lth_tf.analysis.criteria import is_stable, meets_dense
from lth_tf.analysis.estimate import over_initializations, over_rows, percent
from lth_tf.analysis.points import once, split, where
from lth_tf.analysis.selections import at_the_end, dense_runs, levels
from lth_tf.analysis.variants import variants
from lth_tf.log.schema import Row

_FEW = 4  # numbers that are shown


def answers(rows: Iterable[Row]) -> list[str]:
    """Returns a line for each network: 'dense: stable from no k asked (55.0, 12.9)'.

    Stable is a mean instability below 2% on the test set; matching, a mean test error that is not
    above the dense network's by more than one standard deviation of that (lmc).

    Args:
      rows: of any models, datasets and settings; those that diverged are left out.
    """
    done = [row for row in once(rows) if row["status"] == "done"]
    networks = split(done, "model", "dataset")
    found = []
    for (model, dataset), group in networks.items():
        every = variants(group)
        for variant in every:
            about = [f"{model} on {dataset}"] * (len(networks) > 1) + [variant.title] * bool(
                every[1:]
            )
            head = f"{', '.join(about)}: " if about else ""
            found += [head + line for line in _of_variant(variant.rows)]
    return list(dict.fromkeys(found))


def _of_variant(rows: list[Row]) -> Iterator[str]:
    lines = at_the_end(where(rows, kind="instability"))
    for (network, level), group in split(lines, "network", "level").items():
        density = f" at {percent(group[0]['density'])}" if level else ""
        parts = [_stable(group)]
        if level:
            ends = at_the_end(where(rows, kind="evaluation", network=network, level=level))
            parts += _matching(ends, rows)
        yield f"{network}{density}: {'; '.join(parts)}"
    if not lines:
        yield from _only_matching(rows)


def _only_matching(rows: list[Row]) -> Iterator[str]:
    """Yields each kind of network's sparsest level that matches; of logs without instabilities."""
    ends = at_the_end(where(rows, kind="evaluation"))
    for (network,), group in split([row for row in ends if row["level"]], "network").items():
        if not dense_runs(rows):
            continue
        found = [
            density
            for (_, density), members in levels(group).items()
            for runs in [split(members, "rewind_step").values()]
            if any(meets_dense(over_initializations(each, "test_error"), rows) for each in runs)
        ]
        words = f"matching down to {found[-1]} of the weights" if found else "matching at no level"
        yield f"{network}: {words}"


def _stable(rows: list[Row]) -> str:
    seeds = split(rows, "initialization")
    steps = {frozenset(split(each, "rewind_step")) for each in seeds.values()}
    if len(seeds) > 1 and (len(steps) > 1 or any(row["experiment"] == "onset" for row in rows)):
        return _stable_by_seed(seeds)
    first, means = _first_stable(rows)
    shown = ", ".join(f"{100 * mean:.1f}" for mean in means[:_FEW])
    more = ", ..." if len(means) > _FEW else ""
    return f"stable from {first} ({shown}{more})"


def _stable_by_seed(seeds: dict[tuple, list[Row]]) -> str:
    """Returns the answer of each initialization, whose steps k a bisection chose for it alone."""
    firsts = [_first_stable(each)[0] for each in seeds.values()]
    more = ", ..." if len(seeds) > _FEW else ""
    of = ", ".join(str(seed) for (seed,) in [*seeds][:_FEW])
    return f"stable from {', '.join(firsts[:_FEW])}{more} (initializations {of}{more})"


def _first_stable(rows: list[Row]) -> tuple[str, list[float]]:
    """Returns the first stable k in words, and the mean instability at every k."""
    means = {k: over_rows(group, "test_instability").mean
             for (k,), group in split(rows, "rewind_step").items()}  # fmt: skip
    first = next((k for k, mean in means.items() if is_stable(mean)), None)
    return "no k asked" if first is None else str(first), [*means.values()]


def _matching(rows: list[Row], every: list[Row]) -> Iterator[str]:
    dense = over_initializations(dense_runs(every), "test_error")
    if not rows or not dense.n:
        return
    first, last = None, None
    for (k,), group in split(rows, "rewind_step").items():
        last = over_initializations(group, "test_error")
        if meets_dense(last, every):
            first = k
            break
    assert last is not None
    points = f"{100 * (dense.mean - last.mean):+.1f} points"
    seeds = f"{last.n} initialization{'' if last.n == 1 else 's'}"
    yield f"matching from {'no k asked' if first is None else first} ({points}, {seeds})"
