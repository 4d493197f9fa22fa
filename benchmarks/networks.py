"""Benchmark: training of every network of the papers; the table of docs/models.md.

  python benchmarks/networks.py
  python benchmarks/networks.py --networks=resnet20 --networks=vgg16 --calls=5

Each network and precision is timed by train_step.py in a process of its own, on images of noise of
the network's own size, with random crops and flips. Everything takes about twenty minutes.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import settings
from absl import app, flags

FLAGS = flags.FLAGS
# Examples a step where not 128: what a CPU with 16 GB does in seconds.
BATCHES = {
    "lenet": 60,
    "resnet34_tiny_imagenet": 32,
    "resnet50": 16,
    "inception_v3": 16,
    "squeezenet": 32,
}


def define_flags() -> None:
    """Defines this binary's flags; they exist in its own process only."""
    flags.DEFINE_multi_enum("networks", None, list(settings.NETWORKS), "All of them if unset.")
    flags.DEFINE_integer("calls", 3, "Timed calls of each, of a second or a step.", lower_bound=1)


def measured(name: str, precision: str, calls: int) -> dict[str, Any]:
    """Returns the report of train_step.py about a network.

    Raises:
      CalledProcessError: it failed; it has said why.
    """
    command = [
        *(sys.executable, str(Path(__file__).with_name("train_step.py"))),
        *(f"--model={name}", f"--precision={precision}", f"--batch_size={BATCHES.get(name, 128)}"),
        *("--dataset=random", "--nofit", f"--calls={calls}", "--format=json"),
    ]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


def rounded(number: float) -> str:
    """Returns a number with 3 digits, or more before the point."""
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def row(name: str, calls: int) -> str:
    """Returns a network's row of the table."""
    full, half = (measured(name, precision, calls) for precision in settings.PRECISIONS)
    height, width, channels = settings.NETWORKS[name].image_shape  # type: ignore[attr-defined]
    cells = (
        settings.NETWORKS[name].title,
        f"{full['batch_size']} × {height}×{width}×{channels}",
        rounded(full["gflop_per_step"]),
        rounded(full["ms_per_step"]),
        rounded(half["ms_per_step"]),
        f"{100 * full['share_of_matmul']:.0f} %",
        f"{100 * half['share_of_matmul']:.0f} %",
        f"{full['peak_mb'] / 1e3:.1f}",
        f"{half['peak_mb'] / 1e3:.1f}",
    )
    return f"| {' | '.join(cells)} |"


HEAD = (
    "| network | batch | GFLOP a step | ms, float32 | ms, bfloat16 | of the float32 matrix rate "
    "| bfloat16, of the same | GB, float32 | GB, bfloat16 |\n" + "|---|---|" + "--:|" * 7
)


def main(argv: list[str]) -> None:
    """Prints the table, a row as soon as it is there."""
    del argv
    print(HEAD)
    for name in FLAGS.networks or settings.NETWORKS:
        print(row(name, FLAGS.calls), flush=True)


def run() -> None:
    """Runs the program."""
    define_flags()
    app.run(main)


if __name__ == "__main__":
    run()
