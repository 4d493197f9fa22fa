"""lth-train, from a clone."""

from lth_tf.cli.train import run

if __name__ == "__main__":
    run()
