"""Runs any experiment that gin files describe, one of your own included.

lth-run --gin_file=apart.gin --workdir=runs/apart
python scripts/run.py --gin_file=gin/demo/sweep.gin --experiment=Imp --workdir=runs/try --dry_run

An experiment of your own is a class with @register above it, in a module that the gin file imports.
"""

from absl import flags

from lth_tf.cli import app

FLAGS = flags.FLAGS


def _define_flags() -> None:
    app.define_experiment_flags()
    flags.DEFINE_string(
        "experiment", None, "Which one, such as Imp, where the files describe several."
    )


def main(argv: list[str]) -> None:
    """Runs the experiment that the flags describe."""
    app.run_experiment(FLAGS.experiment)


run = app.command(main, _define_flags)
