"""Figures as data, and what draws them."""
