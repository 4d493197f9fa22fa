"""Copies that are one copy, and copies that diverge."""

import dataclasses

import pytest
from instability_example import EXPERIMENT, TASK
from listing import rows

from lth_tf.connectivity import ConnectivityError
from lth_tf.log.validation import validate
from lth_tf.measurements import Compare, Interpolate, Predict
from lth_tf.recipes import At
from lth_tf.training import Constant, Hparams, Momentum


def test_one_copy_under_two_names_is_refused(store):
    """The same weights behind two recipes: a run whose clock was set from outside, at step 0."""
    request, *_ = EXPERIMENT.requests()
    run = request.end.run
    other = dataclasses.replace(run, noise=9)
    pair = [Predict(At(r, 0), TASK) for r in (run, other)]  # no step has been taken
    with pytest.raises(ConnectivityError, match="same loss on every example: they are one copy"):
        store.measure(Compare(*pair))
    line = Interpolate(pair[0].weights, pair[1].weights, TASK, 3, "interpolate")
    with pytest.raises(ConnectivityError, match="exactly the same weights"):
        store.measure(line)


def test_what_diverges_has_no_distances_and_no_behavior(store):
    huge = dataclasses.replace(
        EXPERIMENT,
        hparams=Hparams(60, Momentum(), Constant(1e30), xla="off"),
        initializations=(0,),
        rewind_steps=(0,),
        functions=("behavior", "state"),
    )
    constants = {"experiment": "instability", "configuration": huge.key}
    for row in rows(huge, store, constants):
        validate(row)
        # Nothing has happened by step 0.
        started = row["step"] == 0 and row["network"] == "dense"
        assert row["status"] == ("done" if started else "diverged")
