"""The printing of benchmarks' reports; nothing here loads TensorFlow."""

import json
import resource
from typing import Any

from absl import flags

import lth_tf  # noqa: F401  # before TensorFlow, which then looks for oneDNN


def define_format() -> None:
    """Defines the flag --format, as `show` takes it."""
    flags.DEFINE_enum("format", "text", ["text", "json"], "How the report is printed.")


def peak_mb() -> float:
    """Returns the most memory that this process has had so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def show(report: dict[str, Any], form: str) -> None:
    """Prints a report as one JSON object on one line ('json'), or with a line per item ('text')."""
    if form == "json":
        print(json.dumps(report))
        return
    for name, value in report.items():
        print(f"{name:>22}  {f'{value:,.3f}' if isinstance(value, float) else value}")
