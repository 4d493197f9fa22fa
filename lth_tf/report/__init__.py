"""A paper, as data, held against a log."""
