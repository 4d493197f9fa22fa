"""lth-describe, from a clone."""

from lth_tf.cli.describe import run

if __name__ == "__main__":
    run()
