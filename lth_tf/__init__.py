"""lth_tf: lottery tickets and linear mode connectivity, reproducibly, in TensorFlow."""

import os

__version__ = "0.1.0"

# TensorFlow looks when it is loaded. Left to itself, it turns oneDNN on only where it sees
# AVX-512: without, convolutions take 1.6 to 1.8 times as long, and round otherwise.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
