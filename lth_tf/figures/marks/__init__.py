"""Marks that are drawn in a panel, a file each: see `Mark` in lth_tf/figures/chart.py."""
