"""Jobs against counts by hand."""

import dataclasses
from collections import Counter

import pytest
from sweep_example import IMAGES, IMP, INSTABILITY, REQUESTS, jobs

from lth_tf.experiments import Training
from lth_tf.measurements import Compare, Evaluate, Forgetting, Interpolate, Measurement, Predict
from lth_tf.recipes import At, Mask, Prune, Recorded, dag
from lth_tf.store import artifacts
from lth_tf.store.layout import Layout
from lth_tf.store.plan import make_plan
from lth_tf.store.remaining import missing_recipes
from lth_tf.store.trainer import header
from lth_tf.sweep.worker import log_path

MEASUREMENTS = list(dict.fromkeys(request.measurement for request in REQUESTS))


@pytest.fixture
def layout(tmp_path):
    return Layout(tmp_path / "store")


def put(recipe, layout):
    """Writes an artifact of a recipe with nothing in it; only its header is looked at."""
    state = recipe.trained_state
    counts = {"step": state.step, "updates": state.step} if state else {}
    path = layout.artifact(recipe)
    path.parent.mkdir(parents=True, exist_ok=True)
    artifacts.write(path, header(state.run if state else recipe) | counts, {})


def test_every_run_and_every_line_is_one_job(layout):
    found = jobs(REQUESTS, layout)
    # Of each k: 3 levels of the search; 2 copies and a line of each of 4 networks. The trunk to
    # step 10 is the dense network of k = 0.
    assert len(found) == 2 * (3 + 4 * 3) == len({job.key for job in found})
    assert len([job for job in found if job.steps]) == 2 * (3 + 4 * 2)
    assert sum(job.steps for job in found) == 30 * 11 + 20 * 11
    assert sum(job.steps for job in found) == make_plan(MEASUREMENTS, layout).steps_left
    made = Counter(target for job in found for target in job.targets)
    assert set(made.values()) == {1}
    assert {m for m in made if isinstance(m, Measurement)} == set(MEASUREMENTS)


def test_a_job_comes_after_what_it_needs(layout):
    found, there = jobs(REQUESTS, layout), set()
    for job in found:
        assert job.needs <= there
        there |= {target.key for target in job.targets}


def test_what_levels_copies_and_lines_need(layout):
    found = {job.key: job for job in jobs(REQUESTS, layout)}
    ends = [request.end for request in IMP.requests()]
    dense, first, second = (found[end.run.key] for end in ends[:3])
    trunk = At(ends[0].run, 10)
    masks = [end.run.mask for end in ends]
    assert dense.targets[:2] == (trunk, ends[0])
    assert set(dense.targets[2:]) == {masks[1], Evaluate(ends[0], IMP.task)}
    assert isinstance(dense.targets[2], Prune) and dense.needs == frozenset()
    assert first.needs == {masks[1].key} and second.needs == {masks[2].key}
    assert found[ends[4].run.key].needs == {trunk.key, masks[4].key}
    for job in found.values():
        (line,) = [t for t in job.targets if isinstance(t, Interpolate)] or [None]
        if line:
            assert job.needs == {line.first.key, line.second.key} and job.steps == 0


def test_a_random_mask_is_made_with_the_mask_that_it_permutes(layout):
    found = jobs(REQUESTS, layout)
    (shuffled,) = {
        recipe
        for request in INSTABILITY.requests()
        if request.labels["network"] == "random_pruning" and request.labels["rewind_step"] == 0
        for recipe in dag(request.mask).values()
        if recipe == request.mask
    }
    (home,) = [job for job in found if shuffled in job.targets]
    assert shuffled.mask in home.targets and isinstance(shuffled, Mask)


def test_measuring_is_work_too(layout):
    found = jobs(REQUESTS, layout)
    lines = [job for job in found if not job.steps]
    # Five points, a third of a step for each batch of 60.
    assert {job.cost for job in lines} == {5 * IMAGES / 60 / 3 + 1}
    assert all(job.cost > job.steps for job in found)


def test_states_are_predicted_with_their_runs_and_compared_in_jobs_of_no_pass(layout):
    functions = ("behavior", "behavior_against_dense", "state")
    requests = list(dataclasses.replace(INSTABILITY, functions=functions).requests())
    found, there = jobs(requests, layout), set()
    for job in found:
        assert job.needs <= there
        there |= {target.key for target in job.targets}
    assert {r.measurement.key for r in requests} <= there
    predictions = [(t, job) for job in found for t in job.targets if isinstance(t, Predict)]
    assert len(predictions) == 2 * 4 * 2  # of each k, network and copy
    assert all(At(t.weights.run, t.weights.step) in job.targets for t, job in predictions)
    compared = [job for job in found if isinstance(job.targets[0], Compare)]
    assert len(compared) == 2 * (4 + 3) and {job.cost for job in compared} == {1}
    assert make_plan([r.measurement for r in requests], layout).steps_left == sum(
        job.steps for job in found
    )


def test_what_is_measured_as_a_run_passes_is_made_on_its_way(layout):
    setting = (IMP.model, IMP.task, IMP.hparams, IMP.steps, IMP.initializations)
    training = Training(*setting, functions=("convergence", "error"), epoch=10)
    requests = [*training.requests()]
    start, *tests = requests[0].measurement.errors
    run = tests[0].weights.run
    whole, first, last = jobs(requests, layout)
    assert (first.targets, last.targets) == ((start,), (requests[0].measurement,))
    end = At(run, 30)
    assert whole.targets[:3] == (tests[0], tests[1], end)
    assert {*whole.targets[3:]} == {tests[2], Evaluate(end, IMP.task)}
    assert (whole.steps, whole.needs) == (30, frozenset())
    for recipe in (start, *whole.targets[2:]):
        put(recipe, layout)
    (passed,) = jobs(requests, layout)
    assert (passed.targets[:2], passed.steps) == ((tests[0], tests[1]), 20)
    assert make_plan([requests[0].measurement], layout).steps_left == 20


def test_what_is_in_the_store_is_no_job(layout):
    for recipe in MEASUREMENTS:
        put(recipe, layout)
    assert jobs(REQUESTS, layout) == []
    end = REQUESTS[2].end
    layout.artifact(Evaluate(end, IMP.task)).unlink()
    put(end, layout)
    (job,) = jobs(REQUESTS, layout)
    assert (job.targets, job.needs, job.steps) == ((Evaluate(end, IMP.task),), frozenset(), 0)
    layout.artifact(end).unlink()
    put(end.run.mask, layout)
    (job,) = jobs(REQUESTS, layout)
    assert (job.targets[0], job.needs, job.steps) == (end, frozenset(), 30)


def test_a_measurement_without_a_row_needs_its_mask(layout):
    for recipe in MEASUREMENTS:
        put(recipe, layout)
    for request in REQUESTS[:3]:
        put(request.end, layout)
    jobs_of = [jobs(REQUESTS, layout, unlogged=[request]) for request in REQUESTS[:3]]
    assert [[job.targets for job in found] for found in jobs_of] == [
        [(request.mask,)] for request in REQUESTS[:2]
    ] + [[(REQUESTS[1].mask,), (REQUESTS[2].mask,)]]
    assert all(found[-1].steps == 0 for found in jobs_of)


def test_what_a_row_needs_besides_is_looked_at_with_its_measurement(layout):
    for job in jobs(REQUESTS, layout):
        requests = [r for r in REQUESTS if r.measurement in job.targets]
        assert {r.mask for r in requests} <= {*job.targets, *job.masks}
        assert set(job.masks).isdisjoint(job.targets)


def test_states_that_others_want_are_kept_on_the_way(layout):
    dense = REQUESTS[:1]
    (alone,) = jobs(dense, layout)
    (shared,) = jobs(dense, layout, everything=REQUESTS)
    trunk = At(REQUESTS[0].end.run, 10)
    assert trunk not in alone.targets and shared.targets[0] == trunk
    put(trunk, layout)
    assert jobs(dense, layout, everything=REQUESTS)[0].targets == alone.targets


def test_a_second_job_of_a_run_has_a_key_and_a_log_of_its_own(layout):
    dense = REQUESTS[:1]
    first = jobs(dense, layout)
    (second,) = jobs(dense, layout, under_way=[dataclasses.replace(*first, targets=())])
    assert second.key == f"{first[0].key}.2"
    folder, short = layout.root / "logs", first[0].key[:10]
    logs = [log_path(job, layout.root) for job in (*first, second)]
    assert logs == [folder / f"{short}.log", folder / f"{short}.2.log"]


def test_what_diverged_and_what_hangs_on_it_is_no_job(layout):
    first = REQUESTS[1].end.run
    header = {"key": first.key, "recipe": first.canonical, "step": 12}
    artifacts.write(layout.diverged(first), header, {})
    found = jobs(REQUESTS, layout)
    # Of k = 0: the first two levels and the six copies under its masks, and their three lines.
    assert len(jobs(REQUESTS, Layout(layout.root / "other"))) - len(found) == 2 + 3 * 3
    assert make_plan(MEASUREMENTS, layout).steps_left == sum(job.steps for job in found)
    # What it reached before is still to be had.
    assert At(first, 12) in missing_recipes([At(first, 12)], layout)
    assert At(first, 13) not in missing_recipes([At(first, 13)], layout)
    before, beyond = (Forgetting(Recorded(first, step)) for step in (12, 13))
    assert before in missing_recipes([before, beyond], layout)
    assert beyond not in missing_recipes([before, beyond], layout)
    assert first.describe() not in str(make_plan([beyond], layout))
