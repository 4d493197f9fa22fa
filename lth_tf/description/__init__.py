"""What gin files mean, for people: tables to hold beside a paper's, and what it all costs."""

from lth_tf.description.report import describe

__all__ = ["describe"]
