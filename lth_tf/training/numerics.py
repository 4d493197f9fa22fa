"""Settings of a process that decide its numbers: threads, vectors, determinism."""

import functools
import importlib.metadata
import os
from typing import Any

import tensorflow as tf

from lth_tf.errors import UserError
from lth_tf.training import processor

# XLA on a CPU makes loops for vectors of 256 bits even where there are wider ones.
VECTOR_FLAG = "--xla_cpu_prefer_vector_width"
VECTOR_BITS = 512
# Environment variables of the user's own for which kernels round otherwise: they choose
# instructions, a precision, or XLA where a recipe does not.
_HEEDED = (
    *("TF_XLA_FLAGS", "TF_SET_ONEDNN_FPMATH_MODE"),
    *("TF_DISABLE_MKL", "TF_ENABLE_MKL_NATIVE_FORMAT", "TF_USE_CUDNN_BATCHNORM_SPATIAL_PERSISTENT"),
    *("NVIDIA_TF32_OVERRIDE", "TF_CUDNN_USE_FRONTEND", "TF_CUDNN_DETERMINISTIC"),
)
_HEEDED_FAMILIES = ("ONEDNN_MAX_CPU", "ONEDNN_DEFAULT_", "DNNL_MAX_CPU", "DNNL_DEFAULT_")


class StartedAlready(UserError):
    """TensorFlow has started in this process with another number of threads."""


def configure(threads: int, for_tpu: bool = False) -> None:
    """Fixes the settings that rounding depends on. Call it before TensorFlow has run anything.

    Args:
      threads: Hparams.threads, the CPU threads that one kernel is split over.
      for_tpu: whether a TPU is to train. TensorFlow's determinism is then left off, as under it
        XLA refuses the gradient of max-pooling, for GPUs' sake but on every device.

    Raises:
      StartedAlready: TensorFlow has already started with another number of threads.
    """
    try:
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(threads)
    except RuntimeError:
        check(threads)
    if not for_tpu:
        tf.config.experimental.enable_op_determinism()
    prefer_wide_vectors()


def prefer_wide_vectors() -> None:
    """Tells XLA, which looks once, to use the CPU's widest vectors, unless XLA_FLAGS says which."""
    flags = os.environ.get("XLA_FLAGS", "")
    if VECTOR_FLAG not in flags:
        os.environ["XLA_FLAGS"] = f"{flags} {VECTOR_FLAG}={VECTOR_BITS}".strip()


def check(threads: int) -> None:
    """Raises StartedAlready unless this process runs kernels on that many threads."""
    present = tf.config.threading.get_intra_op_parallelism_threads()
    if present != threads:
        raise StartedAlready(
            f"Hparams.threads is {threads}, but this process runs on {present or 'all'}: call "
            "lth_tf.training.numerics.configure before TensorFlow does anything"
        )


def software() -> dict[str, str]:
    """Returns versions and settings of software that decide numbers beside the recipe."""
    versions = {name: _version(name) for name in ("lth_tf", "tensorflow", "keras", "numpy")}
    current = settings()
    texts = {name: current[name] for name in ("xla_flags", "environment") if current[name]}
    return versions | {"onednn": "on" if current["onednn"] else "off"} | texts


_version = functools.cache(importlib.metadata.version)  # which parses a file anew each time


def settings() -> dict[str, Any]:
    """Returns the settings of this process, beside the recipe's threads, that may change bytes.

    Returns:
      'onednn': whether TensorFlow uses oneDNN; 'vectors': the CPU's widest (processor.vectors);
      'xla_flags': XLA_FLAGS; 'environment': further variables that kernels heed, 'NAME=value'
      with spaces between, '' if none is set.
    """
    return {
        "onednn": _uses_onednn(),
        "vectors": processor.vectors(),
        "xla_flags": os.environ.get("XLA_FLAGS", ""),
        "environment": " ".join(
            f"{name}={value}"
            for name, value in sorted(os.environ.items())
            if name in _HEEDED or name.startswith(_HEEDED_FAMILIES)
        ),
    }


def _uses_onednn() -> bool:
    """Returns whether TensorFlow uses oneDNN; if it does not say so, whether it was asked to."""
    try:
        from tensorflow.python.util import _pywrap_util_port
    except ImportError:
        return os.environ.get("TF_ENABLE_ONEDNN_OPTS") != "0"
    return bool(_pywrap_util_port.IsMklEnabled())


def device() -> str:
    """Returns the kind of device that computes, as far as it decides the numbers.

    Examples: '2 x NVIDIA H100', 'AMD EPYC, AuthenticAMD family 25 model 1, avx2, 2 cores'.
    """
    accelerators = [d for d in tf.config.list_logical_devices() if d.device_type in ("GPU", "TPU")]
    if not accelerators:
        return f"{processor.name()}, {processor.vectors()}, {os.cpu_count()} cores"
    kinds = tf.config.list_physical_devices(accelerators[0].device_type)
    details = tf.config.experimental.get_device_details(kinds[0]) if kinds else {}
    name = details.get("device_name", accelerators[0].device_type)
    return f"{len(accelerators)} x {name}"
