"""Selections, groups and statistics of rows; no picture and no paper."""
