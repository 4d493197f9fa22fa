"""Descriptions of gin files for people: tables to hold beside a paper's, and the cost."""

from lth_tf.description.report import describe

__all__ = ["describe"]
