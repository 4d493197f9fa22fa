"""lth-results, from a clone."""

from lth_tf.cli.results import run

if __name__ == "__main__":
    run()
