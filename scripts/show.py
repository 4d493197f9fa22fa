"""lth-show, from a clone."""

from lth_tf.cli.show import run

if __name__ == "__main__":
    run()
