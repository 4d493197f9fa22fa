"""lth-report, from a clone."""

from lth_tf.cli.report import run

if __name__ == "__main__":
    run()
