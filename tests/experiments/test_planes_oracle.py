"""The planes of IMP's levels against NumPy: errors, batch norm outside the hull, nearest points."""

import dataclasses
import itertools

import numpy as np
import pytest
from imp_example import HPARAMS, IMP, TASK

from lth_tf.connectivity import planes
from lth_tf.measurements import Evaluate, Plane
from lth_tf.models import Resnet
from lth_tf.recipes import At, Init, Magnitude, Ones, Project, Prune, RecipeError, train


def plane_of(model, hparams, steps, **grid):
    run = train(Init(model, 0), Ones(model), TASK, hparams, 0)
    end = At(run, steps)
    mask = Prune(end, run.mask, 0.4, Magnitude(), "global", ())
    return Plane(end, mask, At(train(run.start, mask, TASK, hparams, 0), steps), TASK, **grid)


def ends_of(plane):
    """P, B and A."""
    return Project(plane.weights, plane.mask), plane.solution, plane.weights


def test_the_errors_of_a_plane_are_those_of_its_networks(store, scores):
    plane = plane_of(IMP.model, HPARAMS, 100, points=10, margin=3, edge=3)
    numbers = store.measure(plane)
    p, b, a = ({n: w.astype(float) for n, w in store.state(e).weights.items()}
               for e in ends_of(plane))  # fmt: skip
    mask, at = store.mask(plane.mask), (np.arange(10) - 3) / 3
    lengths = planes.legs(a, b, mask)
    for i, j in itertools.product(range(10), repeat=2):
        x, y = at[j], at[i]
        (u,), (v,) = planes.nearest_in_triangle(np.array([x]), np.array([y]), lengths)
        q = {
            n: p[n] + x * (b[n] - p[n]) + y * (a[n] - p[n])
            if n in mask
            else p[n] + u * (b[n] - p[n]) + v * (a[n] - p[n])
            for n in p
        }
        error, loss = scores(q, "test")
        assert numbers["errors"][i, j] == pytest.approx(error, abs=1.1 / 359)
        assert numbers["losses"][i, j] == pytest.approx(loss, rel=1e-3)
    for (i, j), end in zip(((3, 3), (3, 6), (6, 3)), ends_of(plane), strict=True):
        assert numbers["errors"][i, j] == store.measure(Evaluate(end, TASK))["test_errors"][0]
    # The legs are at right angles, and as long as the row says.
    inner = sum(float(np.sum((a[n] - p[n]) * (b[n] - p[n]))) for n in mask)
    norms = [np.sqrt(sum(np.sum((w[n] - p[n]) ** 2) for n in mask)) for w in (b, a)]
    assert inner == 0.0
    row = plane.row(numbers, {})
    assert [row["axis_distance"], row["projection_distance"]] == pytest.approx(norms)


def test_a_plane_goes_on_from_the_rows_that_are_there(store):
    plane = plane_of(IMP.model, HPARAMS, 100, points=7, margin=2, edge=2)
    for row in plane.rows[:3]:
        store.measure(row)
    evaluated = []
    store.engine.combinations, real = (
        lambda *args: evaluated.append(1) or real(*args),
        store.engine.combinations,
    )
    try:
        numbers = store.measure(plane)
    finally:
        store.engine.combinations = real
    assert len(evaluated) == 4
    np.testing.assert_array_equal(numbers["errors"][1], store.measure(plane.rows[1])["errors"])


def test_outside_the_hull_batch_norm_is_that_of_the_nearest_point_of_it(store):
    model = Resnet(depth=8, width=4, image_shape=(8, 8, 1))
    plane = plane_of(model, HPARAMS, 30, points=6, margin=1, edge=3)
    states = [store.state(end) for end in ends_of(plane)]
    seen = []
    real = store.engine.combinations
    store.engine.combinations = lambda *args: seen.append(args[4:]) or real(*args)
    try:
        numbers = store.measure(plane)
    finally:
        store.engine.combinations = real
    for kernels, others in seen:
        np.testing.assert_allclose(kernels.sum(1), 1)
        assert (others > -1e-12).all() and np.allclose(others.sum(1), 1)
        for name in states[0].statistics:
            values = np.stack([state.statistics[name] for state in states])
            mixed = others @ values
            assert (mixed >= values.min(0) - 1e-6).all() and (mixed <= values.max(0) + 1e-6).all()
            assert "variance" not in name or (mixed > 0).all()
    for (i, j), end in zip(((1, 1), (1, 4), (4, 1)), ends_of(plane), strict=True):
        assert numbers["errors"][i, j] == store.measure(Evaluate(end, TASK))["test_errors"][0]
    assert np.isfinite(numbers["losses"]).all()


@pytest.mark.parametrize("lengths", [(1.0, 1.0), (5.0, 1.0), (0.3, 2.0)])
def test_the_nearest_point_of_the_triangle_is_found_by_brute_force_too(lengths):
    a, b = lengths
    side = np.linspace(0, 1, 301)
    u, v = (each.ravel() for each in np.meshgrid(side, side))
    u, v = u[u + v <= 1 + 1e-12], v[u + v <= 1 + 1e-12]
    at = planes.coordinates(51, 10, 30)
    assert (at[10], at[40]) == (0.0, 1.0)
    for x, y in itertools.product(at[::3], repeat=2):
        (p,), (q,) = planes.nearest_in_triangle(np.array([x]), np.array([y]), lengths)
        least = np.min((a * (u - x)) ** 2 + (b * (v - y)) ** 2)
        assert p >= 0 and q >= 0 and p + q <= 1 + 1e-12
        own = (a * (p - x)) ** 2 + (b * (q - y)) ** 2
        assert own <= least + 1e-12 and own == pytest.approx(least, abs=1e-2 * max(a, b) ** 2)


@pytest.mark.parametrize("points, margin, edge", [(6, 1, 3), (21, 4, 12), (51, 10, 30)])
def test_planes_of_any_number_of_points_show_the_same_part(points, margin, edge):
    asked = dataclasses.replace(IMP, functions=("planes",), plane_points=points)
    (plane, *_) = (request.measurement for request in asked.requests())
    assert (plane.points, plane.margin, plane.edge) == (points, margin, edge)
    at = planes.coordinates(points, margin, edge)
    assert [at[0], at[margin], at[margin + edge], at[-1]] == pytest.approx([-1 / 3, 0, 1, 4 / 3])


def test_functions_and_planes_are_held_to_what_there_is():
    with pytest.raises(RecipeError, match="Imp.functions .* 'levels' not beside 'level_pairs'"):
        dataclasses.replace(IMP, functions=("levels", "level_pairs"))
    with pytest.raises(
        RecipeError, match="Imp.plane_levels is .3,.; it must be levels from 0 to 2"
    ):
        dataclasses.replace(IMP, plane_levels=(3,))
    with pytest.raises(RecipeError, match="Imp.plane_points is 20; it must be 5 n . 1"):
        dataclasses.replace(IMP, plane_points=20)
    with pytest.raises(RecipeError, match="Plane.margin is 3; it must be from 0 to .* 2"):
        plane_of(IMP.model, HPARAMS, 100, points=5, margin=3, edge=2)
