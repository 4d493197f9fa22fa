"""Counts the cost of the five papers' full studies: runs, steps, operations, bytes and hours.

  python benchmarks/studies.py
  python benchmarks/studies.py --format=json

Nothing is trained, and TensorFlow is not needed: runs are counted from the papers, operations from
the layers, and hours are operations over a rate that was measured or published for one network.
"""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from absl import app, flags
from networks_on_paper import Network
from rates_on_paper import ACCELERATORS, MEASURED, like, rate_here
from runs_on_paper import ASSUMED, Study
from studies_on_paper import studies

FLAGS = flags.FLAGS


def costs(study: Study) -> dict[str, Any]:
    """Returns the operations, runs, hours and bytes of a study."""
    network = study.network
    rates = {f"here {p}": rate_here(network, p) for p in MEASURED}
    rates |= {accelerator.name: accelerator.rate for accelerator in ACCELERATORS}
    operations = sum(p.runs * p.steps * p.batch for p in study.parts) * network.operations
    chain = max(study.parts, key=lambda part: part.chain * part.steps * part.batch)
    in_chain = chain.chain * chain.steps * chain.batch * network.operations
    return {
        "paper": study.paper,
        "setting": study.setting,
        "runs": sum(part.runs for part in study.parts),
        "counted": formula(study),
        "steps": sum(part.runs * part.steps for part in study.parts),
        "examples": sum(part.runs * part.steps * part.batch for part in study.parts),
        "operations": operations,
        "bytes": store_bytes(study),
        "hours": {name: operations / rate / 3600 for name, rate in rates.items()},
        "chain_steps": max(part.chain * part.steps for part in study.parts),
        "chain_hours": {name: in_chain / rate / 3600 for name, rate in rates.items()},
    }


def formula(study: Study) -> str:
    """Returns a study's runs as a sum of products; equal summands are of different batch sizes."""
    summands = Counter(part.formula for part in study.parts)
    return " + ".join(f"{n} × {what}" if n > 1 else what for what, n in summands.items())


def store_bytes(study: Study) -> int:
    """Returns the bytes of the states and masks that a study keeps."""
    states = sum(part.runs * part.states for part in study.parts)
    masks = sum(part.runs * part.masks for part in study.parts)
    return states * study.network.state_bytes(study.slots) + masks * study.network.prunable


def total(rows: list[dict[str, Any]], paper: str) -> dict[str, Any]:
    """Returns the sums over some studies, and the longest chain among them."""
    summed = {
        n: sum(r[n] for r in rows) for n in ("runs", "steps", "examples", "operations", "bytes")
    }
    hours = {name: sum(row["hours"][name] for row in rows) for name in rows[0]["hours"]}
    chain = {name: max(row["chain_hours"][name] for row in rows) for name in hours}
    steps = max(row["chain_steps"] for row in rows)
    own = {"paper": paper, "setting": "all", "counted": "", "hours": hours}
    return own | summed | {"chain_steps": steps, "chain_hours": chain}


def report() -> dict[str, Any]:
    """Returns everything that is printed."""
    rows = [costs(study) for study in studies()]
    papers = {row["paper"]: [r for r in rows if r["paper"] == row["paper"]] for row in rows}
    networks: dict[str, Network] = {}
    for study in studies():
        networks.setdefault(study.network.name, study.network)
    return {
        "networks": [asdict(n) | {"rate_here": like(n)} for n in networks.values()],
        "accelerators": [asdict(a) | {"operations_per_second": a.rate} for a in ACCELERATORS],
        "studies": rows,
        "totals": [total(rows, paper) for paper, rows in papers.items()]
        + [total(rows, "all five")],
        "assumed": ASSUMED,
    }


def short(number: float) -> str:
    """Returns a number with 3 digits and a unit prefix: 4.48 M."""
    prefix = next(i for i in range(8) if number < 999.5 * 1000**i)
    return f"{number / 1000**prefix:.3g} {' kMGTPEZ'[prefix]}".rstrip()


def hours(number: float) -> str:
    """Returns hours with 2 digits or more."""
    return f"{number:,.0f}" if number >= 10 else f"{number:.2g}"


Columns = dict[str, Callable[[dict[str, Any]], str]]
NETWORKS: Columns = {
    "network": lambda n: n["name"],
    "weights": lambda n: f"{n['trained']:,}",
    "multiply-adds an example": lambda n: f"{n['multiply_adds']:,}",
    "operations of an example's step": lambda n: short(n["operations"]),
    "from": lambda n: n["source"],
    "rate here of": lambda n: n["rate_here"],
}
COUNTS: Columns = {
    "paper": lambda r: r["paper"],
    "network": lambda r: r["setting"],
    "runs": lambda r: f"{r['runs']:,}",
    "counted as": lambda r: r["counted"],
}
COSTS: Columns = {
    "paper": lambda r: r["paper"],
    "network": lambda r: r["setting"],
    "runs": lambda r: f"{r['runs']:,}",
    "steps": lambda r: short(r["steps"]),
    "examples": lambda r: short(r["examples"]),
    "operations": lambda r: short(r["operations"]),
    "bytes of store": lambda r: short(r["bytes"]),
    "hours: 2 cores, float32": lambda r: hours(r["hours"]["here float32"]),
    "2 cores, bfloat16": lambda r: hours(r["hours"]["here bfloat16"]),
    "H100": lambda r: hours(r["hours"]["H100"]),
    "TPU v4": lambda r: hours(r["hours"]["TPU v4"]),
    "longest chain: steps": lambda r: short(r["chain_steps"]),
    "its hours: 2 cores, bfloat16": lambda r: hours(r["chain_hours"]["here bfloat16"]),
    "on an H100": lambda r: hours(r["chain_hours"]["H100"]),
    "machines of use": lambda r: f"{r['hours']['H100'] / r['chain_hours']['H100']:,.0f}",
}


def table(columns: Columns, rows: list[dict[str, Any]]) -> str:
    """Returns a Markdown table."""
    lines = [list(columns), ["---"] * len(columns)]
    lines += [[column(row) for column in columns.values()] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def markdown() -> str:
    """Returns the report as Markdown: networks, rates, counts, assumptions, costs."""
    got = report()
    rates = [
        f"- {a['name']}: {a['images_per_second']:,.0f} images/s, "
        f"{short(a['operations_per_second'])}FLOP/s. {a['source']}: <{a['link']}>."
        for a in got["accelerators"]
    ]
    parts = (
        table(NETWORKS, got["networks"]),
        "\n".join(rates),
        table(COUNTS, got["studies"]),
        "\n".join(f"- {paper}: {text}" for paper, text in got["assumed"].items()),
        table(COSTS, got["studies"] + got["totals"]),
    )
    return "\n\n".join(parts)


def define_flags() -> None:
    """Defines this binary's flags; they exist in its own process only."""
    flags.DEFINE_enum("format", "markdown", ["markdown", "json"], "How the report is printed.")


def main(argv: list[str]) -> None:
    """Prints the report."""
    del argv
    print(markdown() if FLAGS.format == "markdown" else json.dumps(report()))


def run() -> None:
    """Runs the program."""
    define_flags()
    app.run(main)


if __name__ == "__main__":
    run()
