"""The CPU of this machine, as far as it decides numbers and speed; without TensorFlow."""

import functools
import logging
import os
import platform
from pathlib import Path

_INFORMATION = Path("/proc/cpuinfo")
# The widest first: flags of the Linux kernel, and what they are called together.
_VECTORS = (
    ({"avx512f", "amx_bf16"}, "avx512+amx"),
    ({"avx512f", "avx512_bf16"}, "avx512+bf16"),
    ({"avx512f", "avx512_vnni"}, "avx512+vnni"),
    ({"avx512f"}, "avx512"),
    ({"avx2", "fma"}, "avx2"),
    ({"avx"}, "avx"),
    ({"sve", "bf16"}, "sve+bf16"),
    ({"sve"}, "sve"),
    ({"asimd", "bf16"}, "neon+bf16"),
    ({"asimd"}, "neon"),
)
_ACCELERATORS = ("/dev/nvidiactl", "/dev/kfd")
log = logging.getLogger(__name__)


def vectors() -> str:
    """Returns the widest vector instructions of this CPU, such as 'avx2' or 'avx512+amx'.

    Kernels use them if they can, and round otherwise with others. 'unknown' if Linux does not say.
    """
    core = _information()
    flags = set((core.get("flags") or core.get("Features") or "").split())
    return next((name for needed, name in _VECTORS if needed <= flags), "unknown")


def name() -> str:
    """Returns the CPU's name and model, such as 'AMD EPYC, AuthenticAMD family 25 model 1'.

    One name is given to CPUs of several generations, above all by virtual machines.
    """
    core = _information()
    title = core.get("model name") or platform.processor() or platform.machine()
    if "cpu family" not in core:
        return title
    return f"{title}, {core.get('vendor_id')} family {core['cpu family']} model {core.get('model')}"


def has_bfloat16() -> bool:
    """Returns whether this CPU multiplies 16-bit numbers; True if nothing is known of it."""
    widest = vectors()
    return widest == "unknown" or "bf16" in widest or "amx" in widest


def warn_if_slow(precision: str) -> None:
    """Warns in one line if this machine has no instructions for Hparams.precision."""
    if precision == "mixed_bfloat16" and not has_bfloat16() and not _has_accelerator():
        log.warning(
            "Hparams.precision is 'mixed_bfloat16', for which this CPU (%s, %s) has no "
            "instructions: a step takes 12 to 30 times as long as in float32; "
            "--gin_bindings=\"Hparams.precision='float32'\" avoids that, for other numbers",
            *(name(), vectors()),
        )


def _has_accelerator() -> bool:
    """Returns whether there seems to be a GPU that this process may use."""
    hidden = os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1")
    return not hidden and any(Path(path).exists() for path in _ACCELERATORS)


@functools.cache
def _information() -> dict[str, str]:
    """Returns Linux's description of the first core: field -> value."""
    if not _INFORMATION.exists():
        return {}
    first = _INFORMATION.read_text().split("\n\n")[0]
    pairs = (line.partition(":") for line in first.splitlines())
    return {name.strip(): value.strip() for name, _, value in pairs}
