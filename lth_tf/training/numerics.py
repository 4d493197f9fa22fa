"""What a process must be set to for its numbers to be those of the recipe."""

import tensorflow as tf

from lth_tf.errors import UserError


def configure(threads: int) -> None:
    """Fixes what rounding depends on. Call it before TensorFlow has run anything.

    Args:
      threads: Hparams.threads, the CPU threads that one kernel is split over.

    Raises:
      UserError: TensorFlow has already started with another number of threads.
    """
    try:
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(threads)
    except RuntimeError:
        check(threads)
    tf.config.experimental.enable_op_determinism()


def check(threads: int) -> None:
    """Raises UserError unless this process runs kernels on that many threads."""
    here = tf.config.threading.get_intra_op_parallelism_threads()
    if here != threads:
        raise UserError(
            f"Hparams.threads is {threads}, but this process runs on {here or 'all'}: call "
            "lth_tf.training.numerics.configure before TensorFlow does anything"
        )
