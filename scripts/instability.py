"""lth-instability, from a clone."""

from lth_tf.cli.instability import run

if __name__ == "__main__":
    run()
