"""lth-onset, from a clone."""

from lth_tf.cli.onset import run

if __name__ == "__main__":
    run()
