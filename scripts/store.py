"""lth-store, from a clone."""

from lth_tf.cli.store import run

if __name__ == "__main__":
    run()
