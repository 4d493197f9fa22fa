"""lth-run, from a clone."""

from lth_tf.cli.run import run

if __name__ == "__main__":
    run()
