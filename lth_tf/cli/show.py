"""Draws a task: its images, as a network is trained on them, and as it is tested.

  lth-show --gin_file=tasks/cifar10_rotation.gin --out=rotation.png
  python scripts/show.py --gin_file=gin/papers/early_phase/resnet20_blur_train.gin --out=blur.png

A gin file may be a task or an experiment. Pixels are shown from 0 to 1 instead of normalized.
"""

from pathlib import Path

from absl import flags

from lth_tf.cli import app
from lth_tf.description import images

FLAGS = flags.FLAGS


def _define_flags() -> None:
    app.define_gin_flags()
    flags.DEFINE_string("out", None, "The picture, a PNG file.", required=True)
    flags.DEFINE_integer("noise", 0, "Seed of the crops, flips and turns.", lower_bound=0)
    flags.DEFINE_integer("images", 10, "Images of each split.", lower_bound=1, upper_bound=50)


def main(argv: list[str]) -> None:
    """Draws the task that the flags describe."""
    source = (FLAGS.gin_file, FLAGS.gin_bindings, FLAGS.data_dir)
    lines = images.show(*source, FLAGS.noise, FLAGS.images, Path(FLAGS.out))
    print("\n".join([*lines, f"picture  {FLAGS.out}"]))


run = app.command(main, _define_flags)
