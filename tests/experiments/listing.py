"""All rows of an experiment, made in one store in the order of its requests."""

from lth_tf.experiments.rows import RowBuilder


def rows(experiment, store, constants):
    """Yields the row of every request."""
    made = RowBuilder(store)
    for request in experiment.requests():
        yield made.row(experiment, request, constants)
