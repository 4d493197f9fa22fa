"""lth_tf: lottery tickets and linear mode connectivity, reproducibly, in TensorFlow."""

__version__ = "0.1.0"
