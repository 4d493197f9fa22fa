"""Many experiments at once: a product of bindings, what they share trained once, on all cores.

lth-sweep --gin_file=papers/lmc/lenet.gin --workdir=runs/lenet
    --over='INITIALIZATIONS=[(0,), (1,), (2,)]' --dry_run
python scripts/sweep.py --gin_file=gin/demo/sweep.gin --workdir=runs/sweep

Each kind of experiment that the files give a model to (Imp.model, Instability.model, ...) is run at
every point of the product; docs/sweeps.md shows it on a laptop, on Ray, Slurm and Kubernetes.
"""

import functools
import signal
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from absl import flags

from lth_tf.cli import app
from lth_tf.errors import UserError

if TYPE_CHECKING:  # --help needs none of it.
    from lth_tf.lab import Lab
    from lth_tf.sweep.worker import WorkerSettings

FLAGS = flags.FLAGS
RAY_FLAGS = ("ray_address", "cpus_per_run", "gpus_per_run")


def _define_flags() -> None:
    app.define_experiment_flags()
    app.define_over()
    flags.DEFINE_enum(
        "engine", "local", ["local", "ray"], "Who works: processes of this machine, or Ray."
    )
    flags.DEFINE_integer(
        "workers",
        None,
        "Workers at a time; if unset, as many of Hparams.threads as the cores have room for.",
        lower_bound=1,
    )
    flags.DEFINE_integer("shard_index", 0, "Which part of the sweep to run, from 0.", lower_bound=0)
    flags.DEFINE_integer(
        "num_shards", 1, "In how many parts the sweep is run.", lower_bound=1, upper_bound=100_000
    )
    flags.DEFINE_string(
        "ray_address",
        None,
        "Ray: cluster to run on, such as 'auto' or '10.0.0.1:6379'; this machine alone if unset.",
    )
    flags.DEFINE_float(
        "cpus_per_run", None, "Ray: cores of a worker; Hparams.threads if unset.", lower_bound=0.0
    )
    flags.DEFINE_float("gpus_per_run", None, "Ray: GPUs of a worker, or a part.", lower_bound=0.0)


def main(argv: list[str]) -> None:
    """Runs the sweep that the flags describe; exit code 1 if some of it failed."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    open_workers, lab = _workers(), app.open_lab()
    studies = lab.sweep(*FLAGS.gin_file, bindings=FLAGS.gin_bindings, over=FLAGS.over)
    part = (FLAGS.shard_index, FLAGS.num_shards)
    plan = lab.plan(*studies, part=part)
    if FLAGS.dry_run:
        print(plan)
    else:
        settings = _settings(lab)
        print(plan.short(), end="\n\n", flush=True)
        failure = lab.make(*studies, part=part, open_pool=lambda _: open_workers(settings))
        app.finish(lab, studies, failure)


def _settings(lab: "Lab") -> "WorkerSettings":
    """Returns the flags' settings of workers; UserError if a worker cannot have those devices."""
    from lth_tf.sweep.worker import WorkerSettings

    if FLAGS.strategy in ("multi_worker", "tpu"):
        raise UserError(
            f"--strategy={FLAGS.strategy}: a sweep's worker has devices of one machine; allowed: "
            "default, one_device, mirrored"
        )
    return WorkerSettings(
        str(lab.layout.root.resolve()),
        str(lab.workdir.resolve()),
        FLAGS.data_dir,
        FLAGS.strategy,
        FLAGS.iterations_per_loop,
        FLAGS.checkpoint_seconds,
    )


def _workers() -> Callable[["WorkerSettings"], Any]:
    """Returns what opens the flags' pool; UserError without Ray, or with flags for nobody."""
    if FLAGS.engine == "local":
        from lth_tf.sweep.local_pool import LocalPool

        for name in RAY_FLAGS:
            if FLAGS[name].present:
                raise UserError(f"--{name}={FLAGS[name].value} is for --engine=ray only")
        return functools.partial(LocalPool, workers=FLAGS.workers)
    from lth_tf.sweep import ray_pool

    ray_pool.check_installed()
    resources = ray_pool.Resources(
        FLAGS.ray_address, FLAGS.cpus_per_run, FLAGS.gpus_per_run or 0.0, FLAGS.workers
    )
    return functools.partial(ray_pool.RayPool, resources=resources)


run = app.command(main, _define_flags)
