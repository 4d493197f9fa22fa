"""What a process must be set to for its numbers to be those of the recipe."""

import importlib.metadata
import os
import platform
from pathlib import Path

import tensorflow as tf

from lth_tf.errors import UserError

# XLA on a CPU makes loops for vectors of 256 bits even where there are wider ones.
VECTOR_FLAG = "--xla_cpu_prefer_vector_width"
VECTOR_BITS = 512


class StartedAlready(UserError):
    """TensorFlow runs in this process, with another number of threads."""


def configure(threads: int, for_tpu: bool = False) -> None:
    """Fixes what rounding depends on. Call it before TensorFlow has run anything.

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
    here = tf.config.threading.get_intra_op_parallelism_threads()
    if here != threads:
        raise StartedAlready(
            f"Hparams.threads is {threads}, but this process runs on {here or 'all'}: call "
            "lth_tf.training.numerics.configure before TensorFlow does anything"
        )


def software() -> dict[str, str]:
    """Versions of the packages that decide the numbers, by name."""
    names = ("lth_tf", "tensorflow", "keras", "numpy")
    return {name: importlib.metadata.version(name) for name in names}


def device() -> str:
    """The kind of device that computes, such as '2 x NVIDIA H100' or 'AMD EPYC, 2 cores'."""
    accelerators = [d for d in tf.config.list_logical_devices() if d.device_type in ("GPU", "TPU")]
    if not accelerators:
        return f"{_processor()}, {os.cpu_count()} cores"
    kinds = tf.config.list_physical_devices(accelerators[0].device_type)
    details = tf.config.experimental.get_device_details(kinds[0]) if kinds else {}
    name = details.get("device_name", accelerators[0].device_type)
    return f"{len(accelerators)} x {name}"


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()
