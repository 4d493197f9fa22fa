"""lth-imp, from a clone."""

from lth_tf.cli.imp import run

if __name__ == "__main__":
    run()
