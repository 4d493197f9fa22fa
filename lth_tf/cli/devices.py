"""The devices that the flags ask for, and who leads where several processes train together."""

import functools
from typing import Any

from absl import flags

from lth_tf.errors import UserError
from lth_tf.experiments import study

FLAGS = flags.FLAGS
TPU_FLAGS = ("tpu", "tpu_zone", "gcp_project")


def check() -> None:
    """Raises UserError if flags do not go together, or a folder is none of a file system's."""
    given = [f"--{name}" for name in TPU_FLAGS if FLAGS[name].value is not None]
    if given and FLAGS.strategy != "tpu":
        raise UserError(f"{', '.join(given)} is for --strategy=tpu; this is {FLAGS.strategy}")
    for name in ("workdir", "store"):
        if "://" in (FLAGS[name].value or ""):
            raise UserError(
                f"--{name}={FLAGS[name].value}: it takes a folder of a file system, as leases and "
                "atomic renames need one; buckets are for --data_dir only"
            )


def follows() -> bool:
    """Returns whether this process follows another one, the chief."""
    if FLAGS.strategy != "multi_worker":
        return False
    from lth_tf.training import cluster

    return not cluster.is_chief()


def configure(threads: int) -> None:
    """Sets TensorFlow up for Hparams.threads; opens a strategy that must be there before it runs.

    Raises:
      UserError: TensorFlow runs already, with other threads, or the workers cannot meet.
    """
    from lth_tf.training import numerics

    numerics.configure(threads, for_tpu=FLAGS.strategy == "tpu")
    if FLAGS.strategy == "multi_worker" and not FLAGS.dry_run:
        _strategy()


@functools.cache
def open_engine(threads: int) -> Any:
    """Returns the Engine for Hparams.threads, which starts TensorFlow's devices; one a process."""
    return study.open_engine(
        threads, FLAGS.data_dir, _strategy, FLAGS.iterations_per_loop, configure
    )


def dismiss(threads: int) -> None:
    """Ends the processes that followed this one, even if there was nothing to train."""
    if FLAGS.strategy == "multi_worker":
        open_engine(threads).dismiss()


@functools.cache
def _strategy() -> Any:
    from lth_tf.training.strategies import open_strategy

    tpu = [FLAGS[name].value for name in TPU_FLAGS] if FLAGS.strategy == "tpu" else []
    return open_strategy(FLAGS.strategy, *tpu)
