"""lth-figures, from a clone."""

from lth_tf.cli.figures import run

if __name__ == "__main__":
    run()
