"""lth-sweep, from a clone."""

from lth_tf.cli.sweep import run

if __name__ == "__main__":
    run()
